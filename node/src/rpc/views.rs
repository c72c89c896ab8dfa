//! What the `assay_*` methods give: the chain's views, written for people and JavaScript.
//!
//! Amounts are decimal strings of the smallest unit, because JSON numbers of JavaScript end at
//! 2⁵³. Texts are text, not bytes; accounts are SS58; hashes are hexadecimal without a prefix.

mod audit;
mod custody;
mod data;
mod demand;
mod dispute;
mod income;
mod lease;
mod lineage;
mod pool;
mod subscription;

pub use audit::AuditJson;
pub use custody::{AppointmentJson, CustodianJson, KeyRequestJson};
pub use data::{AssetJson, GrantJson, RightsOfferJson};
pub use demand::DemandJson;
pub use dispute::DisputeJson;
pub use income::{HoldingJson, OfferingJson, StreamJson, TicketJson};
pub use lease::{LeaseJson, LeaseNumbersJson, OfferJson};
pub use lineage::{LineageJson, PermissionsJson};
pub use pool::{ContributorJson, PoolItemJson, PoolJson};
pub use subscription::SubscriptionJson;

use super::params::VersionText;
use assay_primitives::{
	api::{Estimate, Page, ProtocolNumbers},
	canonical::{Commitments, Constant, Cost, InputAxis},
	job::{Choice, JobKind, JobState, JobView, Refuted, Terms},
	model::{Artifact, Class, ModelView, PriceUnit, Tolerance, VersionStatus, VersionView},
	money::{Fee, FeeShare, Role},
	provider::{Ask, AskView, Maintenance, OrderView, ProviderView, Statistics, Tier},
	tensor::{DType, Dimension, TensorSpec},
	AccountId, Balance, BlockNumber, JobId, ModelId, Root,
};
use serde::{Serialize, Serializer};

/// An amount of the smallest unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Amount(pub Balance);

impl Serialize for Amount {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(&self.0)
	}
}

/// Text that the chain keeps as bytes. The chain checks that they are UTF-8.
fn text(bytes: &[u8]) -> String {
	String::from_utf8_lossy(bytes).into_owned()
}

/// A page of a list.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PageJson<Item, Cursor> {
	items: Vec<Item>,
	next: Option<Cursor>,
}

impl<Item, Cursor> PageJson<Item, Cursor> {
	/// A page of the chain, its items converted.
	pub fn of<View: Into<Item>>(page: Page<View, Cursor>) -> Self {
		Self { items: page.items.into_iter().map(Into::into).collect(), next: page.next }
	}
}

/// A model.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelJson {
	id: ModelId,
	name: String,
	owner: AccountId,
	metadata: String,
	latest: u32,
	deposit: Amount,
}

impl From<ModelView<AccountId>> for ModelJson {
	fn from(view: ModelView<AccountId>) -> Self {
		Self {
			id: view.id,
			name: text(&view.name),
			owner: view.owner,
			metadata: text(&view.metadata),
			latest: view.latest,
			deposit: Amount(view.deposit),
		}
	}
}

/// One declared dimension.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum DimensionJson {
	/// Exactly this many.
	Fixed(u32),
	/// From one to this many.
	UpTo(u32),
}

/// A declared input or output.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TensorJson {
	name: String,
	dtype: DType,
	shape: Vec<DimensionJson>,
}

impl From<&TensorSpec> for TensorJson {
	fn from(spec: &TensorSpec) -> Self {
		let dimension = |dimension: &Dimension| match *dimension {
			Dimension::Fixed(length) => DimensionJson::Fixed(length),
			Dimension::UpTo(length) => DimensionJson::UpTo(length),
		};
		Self {
			name: text(&spec.name),
			dtype: spec.dtype,
			shape: spec.shape.iter().map(dimension).collect(),
		}
	}
}

/// The accepted distance of a `tolerant` version.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToleranceJson {
	absolute: f32,
	relative: f32,
	row_axis: u8,
}

impl From<Tolerance> for ToleranceJson {
	fn from(tolerance: Tolerance) -> Self {
		Self {
			absolute: f32::from_bits(tolerance.absolute),
			relative: f32::from_bits(tolerance.relative),
			row_axis: tolerance.row_axis,
		}
	}
}

/// What the canonical function of a version is committed to by.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommitmentsJson {
	graph: Root,
	lowering: u16,
	symbols: Vec<Vec<InputAxis>>,
	cost: CostJson,
}

/// What the largest job of a version takes. Both are far below 2⁵³.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CostJson {
	terms: u64,
	trace_bytes: u64,
}

impl From<Commitments> for CommitmentsJson {
	fn from(commitments: Commitments) -> Self {
		let Cost { terms, trace_bytes } = commitments.cost;
		Self {
			graph: commitments.graph,
			lowering: commitments.lowering,
			symbols: commitments.symbols.into_iter().map(|axes| axes.into_inner()).collect(),
			cost: CostJson { terms, trace_bytes },
		}
	}
}

/// An input that the version sets.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConstantJson {
	name: String,
	dtype: DType,
	shape: Vec<u32>,
	data: String,
}

impl From<Constant> for ConstantJson {
	fn from(constant: Constant) -> Self {
		Self {
			name: text(&constant.name),
			dtype: constant.dtype,
			shape: constant.shape.into_inner(),
			data: hex::encode(&constant.data),
		}
	}
}

/// A version of a model.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionJson {
	id: VersionText,
	status: VersionStatus,
	published: BlockNumber,
	artifact: Artifact,
	locators: Vec<String>,
	inputs: Vec<TensorJson>,
	outputs: Vec<TensorJson>,
	class: Class,
	tolerance: Option<ToleranceJson>,
	price: Amount,
	unit: PriceUnit,
	spec: u16,
	commitments: CommitmentsJson,
	constants: Vec<ConstantJson>,
	licence: String,
	permissions: PermissionsJson,
}

impl From<VersionView> for VersionJson {
	fn from(view: VersionView) -> Self {
		let spec = view.spec;
		Self {
			id: VersionText(view.id),
			status: view.status,
			published: view.published,
			artifact: spec.artifact,
			locators: spec.locators.iter().map(|locator| text(locator)).collect(),
			inputs: spec.inputs.iter().map(Into::into).collect(),
			outputs: spec.outputs.iter().map(Into::into).collect(),
			class: spec.class,
			tolerance: spec.tolerance.map(Into::into),
			price: Amount(spec.price),
			unit: spec.unit,
			spec: spec.spec.0,
			commitments: spec.commitments.into(),
			constants: spec.constants.into_iter().map(Into::into).collect(),
			licence: text(&spec.licence),
			permissions: spec.permissions.into(),
		}
	}
}

/// What a provider asks for a version.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AskJson {
	version: VersionText,
	price: Amount,
	capacity: u32,
	until: Option<BlockNumber>,
	open: u32,
}

impl From<AskView> for AskJson {
	fn from(AskView { version, ask, open }: AskView) -> Self {
		let Ask { price, capacity, until } = ask;
		Self { version: VersionText(version), price: Amount(price), capacity, until, open }
	}
}

/// An ask in the order book of a version.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderJson {
	provider: AccountId,
	price: Amount,
	capacity: u32,
	until: Option<BlockNumber>,
	open: u32,
	able: bool,
	free_stake: Amount,
	quality: u32,
	tier: Tier,
}

impl From<OrderView<AccountId>> for OrderJson {
	fn from(view: OrderView<AccountId>) -> Self {
		let Ask { price, capacity, until } = view.ask;
		Self {
			provider: view.provider,
			price: Amount(price),
			capacity,
			until,
			open: view.open,
			able: view.able,
			free_stake: Amount(view.free_stake),
			quality: view.quality.deconstruct(),
			tier: view.tier,
		}
	}
}

/// What became of the jobs that a provider was assigned.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatisticsJson {
	assigned: u64,
	delivered: u64,
	missed: u64,
	refuted: u64,
	strikes: u64,
	merit: Amount,
	demerit: Amount,
	quality: u32,
}

impl From<Statistics> for StatisticsJson {
	fn from(statistics: Statistics) -> Self {
		let quality = statistics.quality().deconstruct();
		let Statistics { assigned, delivered, missed, refuted, strikes, merit, demerit } =
			statistics;
		let (merit, demerit) = (Amount(merit), Amount(demerit));
		Self { assigned, delivered, missed, refuted, strikes, merit, demerit, quality }
	}
}

/// An amount that is unbonding.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnbondingJson {
	amount: Amount,
	until: BlockNumber,
}

/// A provider.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderJson {
	account: AccountId,
	endpoint: String,
	runtime: String,
	devices: Vec<String>,
	bond: Amount,
	locked: Amount,
	unbonding: Option<UnbondingJson>,
	online: bool,
	available: bool,
	heartbeat: BlockNumber,
	maintenance: Option<Maintenance>,
	statistics: StatisticsJson,
	tier: Tier,
	asks: Vec<AskJson>,
}

impl From<ProviderView<AccountId>> for ProviderJson {
	fn from(view: ProviderView<AccountId>) -> Self {
		let unbonding = |(amount, until)| UnbondingJson { amount: Amount(amount), until };
		Self {
			account: view.account,
			endpoint: text(&view.profile.endpoint),
			runtime: text(&view.profile.runtime),
			devices: view.profile.devices.iter().map(|device| text(device)).collect(),
			bond: Amount(view.bond),
			locked: Amount(view.locked),
			unbonding: view.unbonding.map(unbonding),
			online: view.online,
			available: view.available,
			heartbeat: view.heartbeat,
			maintenance: view.maintenance,
			statistics: view.statistics.into(),
			tier: view.tier,
			asks: view.asks.into_iter().map(Into::into).collect(),
		}
	}
}

/// What a requester agreed to.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TermsJson {
	max_fee: Amount,
	value: Amount,
	deliver_within: BlockNumber,
	max_relative: Option<f32>,
	reassign: bool,
	choice: Choice<AccountId>,
	commercial: bool,
	purpose: String,
	data: Option<String>,
}

impl From<Terms<AccountId>> for TermsJson {
	fn from(terms: Terms<AccountId>) -> Self {
		Self {
			max_fee: Amount(terms.max_fee),
			value: Amount(terms.value),
			deliver_within: terms.deliver_within,
			max_relative: terms.max_relative.map(f32::from_bits),
			reassign: terms.reassign,
			choice: terms.choice,
			commercial: terms.usage.commercial,
			purpose: text(&terms.usage.purpose),
			data: terms.data.map(|right| right.to_string()),
		}
	}
}

/// One part of a fee.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShareJson {
	payee: AccountId,
	role: Role,
	amount: Amount,
}

impl From<FeeShare<AccountId>> for ShareJson {
	fn from(share: FeeShare<AccountId>) -> Self {
		Self { payee: share.payee, role: share.role, amount: Amount(share.amount) }
	}
}

/// A job.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobJson {
	id: JobId,
	requester: AccountId,
	version: VersionText,
	group: Option<JobId>,
	kind: JobKind,
	input_root: Root,
	terms: TermsJson,
	requested: BlockNumber,
	deadline: BlockNumber,
	attempts: u8,
	state: JobState<AccountId>,
	refuted: Vec<Refuted<AccountId>>,
	disputes: u8,
	stays: u32,
	fee: Amount,
	shares: Vec<ShareJson>,
}

impl From<JobView<AccountId>> for JobJson {
	fn from(view: JobView<AccountId>) -> Self {
		Self {
			id: view.id,
			requester: view.requester,
			version: VersionText(view.version),
			group: view.group,
			kind: view.kind,
			input_root: view.input_root,
			terms: view.terms.into(),
			requested: view.requested,
			deadline: view.deadline,
			attempts: view.attempts,
			state: view.state,
			refuted: view.refuted,
			disputes: view.disputes,
			stays: view.stays,
			fee: Amount(view.fee),
			shares: view.shares.into_iter().map(Into::into).collect(),
		}
	}
}

/// A fee and its parts.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FeeJson {
	total: Amount,
	work: Amount,
	royalty: Amount,
}

impl From<Fee> for FeeJson {
	fn from(fee: Fee) -> Self {
		Self { total: Amount(fee.total()), work: Amount(fee.work), royalty: Amount(fee.royalty) }
	}
}

/// What a request would cost.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EstimateJson {
	units: u64,
	lowest: Option<FeeJson>,
	highest: Option<FeeJson>,
	providers: u32,
	asks: u32,
	deposit: Amount,
	blocks_to_provisional: BlockNumber,
	blocks_to_settled: BlockNumber,
}

impl From<Estimate> for EstimateJson {
	fn from(estimate: Estimate) -> Self {
		Self {
			units: estimate.units,
			lowest: estimate.lowest.map(Into::into),
			highest: estimate.highest.map(Into::into),
			providers: estimate.providers,
			asks: estimate.asks,
			deposit: Amount(estimate.deposit),
			blocks_to_provisional: estimate.blocks_to_provisional,
			blocks_to_settled: estimate.blocks_to_settled,
		}
	}
}

/// The numbers of the protocol.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NumbersJson {
	assignment_delay: BlockNumber,
	response_window: BlockNumber,
	challenge_window: BlockNumber,
	dispute_step: BlockNumber,
	dispute_bond: Amount,
	availability_step: BlockNumber,
	availability_price: Amount,
	retention: BlockNumber,
	heartbeat_period: BlockNumber,
	min_bond: Amount,
	unbonding_period: BlockNumber,
	leases: LeaseNumbersJson,
}

impl From<ProtocolNumbers> for NumbersJson {
	fn from(numbers: ProtocolNumbers) -> Self {
		Self {
			assignment_delay: numbers.assignment_delay,
			response_window: numbers.response_window,
			challenge_window: numbers.challenge_window,
			dispute_step: numbers.dispute_step,
			dispute_bond: Amount(numbers.dispute_bond),
			availability_step: numbers.availability_step,
			availability_price: Amount(numbers.availability_price),
			retention: numbers.retention,
			heartbeat_period: numbers.heartbeat_period,
			min_bond: Amount(numbers.min_bond),
			unbonding_period: numbers.unbonding_period,
			leases: numbers.leases.into(),
		}
	}
}

#[cfg(test)]
pub(crate) mod tests;
