//! The calls of the chain, and how they are encoded.
//!
//! Pallets and calls are found by name in the live metadata; arguments are the SCALE encoding of
//! the very types that the runtime uses, so that nothing is generated from metadata.

use crate::Error;
use assay_canon::commitment::{GraphHeader, Hash};
use assay_dispute::{dispute::Evidence, play::Move};
use assay_primitives::{
	availability::{AnswerBytes, Place},
	batch::ItemOpening,
	job::{Input, Output, Redundancy, Terms},
	lease::{Attributes, Credential, Offer, OrderSpec, TakeSpec},
	model::{Metadata, Name, VersionSpec},
	provider::{Ask, Maintenance, Profile},
	subscription::SubscriptionSpec,
	AccountId, Balance, BlockNumber, DemandId, DisputeId, JobId, LeaseId, ModelId, Root,
	SubscriptionId, VersionId,
};
use codec::{Compact, Encode};
use subxt::{
	ext::{
		scale_encode::{EncodeAsFields, Error as EncodeError, FieldIter},
		scale_type_resolver::TypeResolver,
	},
	transactions::Payload,
};

mod custody;
mod data;
mod income;
mod lineage;
mod pool;

pub use custody::{CustodyCall, ShownSecret};
pub use data::DataCall;
pub use income::{OfferingCall, RevenueCall};
pub use lineage::{LineageCall, Parents};
pub use pool::PoolCall;

/// A call of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Call {
	/// Register a model.
	RegisterModel {
		/// Its name.
		name: Name,
		/// What is said about it.
		metadata: Metadata,
	},
	/// Publish a version of a model.
	PublishVersion {
		/// The model.
		model: ModelId,
		/// The declaration.
		spec: Box<VersionSpec>,
	},
	/// Retire a version.
	DeprecateVersion {
		/// The version.
		version: VersionId,
	},
	/// Offer a model to another account.
	OfferModel {
		/// The model.
		model: ModelId,
		/// Who may accept it.
		to: AccountId,
	},
	/// Accept a model that was offered.
	AcceptModel {
		/// The model.
		model: ModelId,
	},
	/// Set the owner's price a unit.
	SetPrice {
		/// The version.
		version: VersionId,
		/// The price.
		price: Balance,
	},
	/// Become a provider.
	RegisterProvider {
		/// What the provider says of itself.
		profile: Profile,
		/// The bond.
		bond: Balance,
	},
	/// Change a provider's profile.
	UpdateProfile {
		/// The new profile.
		profile: Profile,
	},
	/// Add to the bond.
	BondExtra {
		/// How much.
		amount: Balance,
	},
	/// Say whether jobs are taken.
	SetOnline {
		/// Whether they are.
		online: bool,
	},
	/// Say that the provider is alive.
	Heartbeat,
	/// Serve a version, or change what is offered for it.
	SetAsk {
		/// The version.
		version: VersionId,
		/// What is offered.
		ask: Ask,
	},
	/// Remove the ask of a provider that cannot be drawn by it any more.
	Evict {
		/// The provider.
		provider: AccountId,
		/// The version.
		version: VersionId,
	},
	/// Announce when the provider will be away, or that it will not be.
	SetMaintenance {
		/// When.
		maintenance: Option<Maintenance>,
	},
	/// Pay for a result that is final already.
	Reuse {
		/// The version.
		version: VersionId,
		/// The root of the input.
		input: Root,
		/// The most to pay.
		max_fee: Balance,
	},
	/// Pay more for a job that waits for a provider.
	TopUpJob {
		/// The job.
		job: JobId,
		/// How much more.
		amount: Balance,
	},
	/// Wait longer for a job that has no provider.
	ExtendJob {
		/// The job.
		job: JobId,
		/// So many blocks more.
		blocks: BlockNumber,
	},
	/// Serve a version no more.
	RemoveAsk {
		/// The version.
		version: VersionId,
	},
	/// Begin to take out bond.
	Unbond {
		/// How much.
		amount: Balance,
	},
	/// Take out what is unbonded.
	WithdrawUnbonded,
	/// Request a job.
	Request {
		/// The version to run.
		version: VersionId,
		/// The input.
		input: Box<Input>,
		/// What the requester agrees to.
		terms: Terms<AccountId>,
	},
	/// Answer a job.
	SubmitResult {
		/// The job.
		job: JobId,
		/// The answer.
		output: Box<Output>,
	},
	/// Request the replicas of a group.
	RequestRedundant {
		/// The version to run.
		version: VersionId,
		/// The input.
		input: Box<Input>,
		/// What the requester agrees to for each of them.
		terms: Terms<AccountId>,
		/// How many there are, and how many are waited for.
		redundancy: Redundancy,
	},
	/// Open an item of a batch that was answered, so that its result can be disputed.
	OpenItem {
		/// The batch.
		job: JobId,
		/// The number of the item.
		index: u32,
		/// What shows the item.
		opening: Box<ItemOpening>,
	},
	/// Seal the answer to a replica.
	SealResult {
		/// The job.
		job: JobId,
		/// [`assay_primitives::commitment::result_seal`] of the answer.
		seal: Root,
	},
	/// Reveal an answer that was sealed.
	RevealResult {
		/// The job.
		job: JobId,
		/// The answer.
		output: Box<Output>,
		/// What it was sealed with.
		salt: Root,
	},
	/// Settle a job whose window has passed.
	Settle {
		/// The job.
		job: JobId,
	},
	/// Take back a request that has no provider yet.
	Cancel {
		/// The job.
		job: JobId,
	},
	/// Close a job whose deadline has passed.
	Expire {
		/// The job.
		job: JobId,
	},
	/// Dispute a provisional result with a sealed history.
	Challenge {
		/// The dispute.
		id: DisputeId,
		/// The header of the version's graph.
		header: Box<GraphHeader>,
		/// [`assay_dispute::dispute::seal`] of the history.
		seal: Hash,
	},
	/// Reveal a history that was sealed.
	RevealHistory {
		/// The dispute.
		id: DisputeId,
		/// The root of the trace.
		history: Hash,
		/// What it was sealed with.
		salt: Hash,
	},
	/// Post a history.
	PostHistory {
		/// The dispute.
		id: DisputeId,
		/// The root of the trace.
		history: Hash,
	},
	/// Make a move of a history.
	PlayMove {
		/// The dispute.
		id: DisputeId,
		/// The history.
		history: Hash,
		/// The one that it plays against.
		against: Hash,
		/// The move.
		made: Box<Move>,
	},
	/// Have the element recomputed that two histories have come down to.
	OpenElement {
		/// The dispute.
		id: DisputeId,
		/// The two histories; the proof opens slots of the first.
		pair: [Hash; 2],
		/// An encoded [`assay_canon::arbiter::Proof`].
		proof: Vec<u8>,
	},
	/// Remove those of two histories that are late.
	Forfeit {
		/// The dispute.
		id: DisputeId,
		/// The histories.
		pair: [Hash; 2],
	},
	/// Show that a history contradicts itself.
	RefuteHistory {
		/// The dispute.
		id: DisputeId,
		/// The history.
		history: Hash,
		/// What shows it.
		evidence: Box<Evidence>,
	},
	/// Take the next step of a dispute that time has brought.
	AdvanceDispute {
		/// The dispute.
		id: DisputeId,
	},
	/// Show that what was submitted deviates from the history that survived.
	Deviate {
		/// The dispute.
		id: DisputeId,
		/// Row-major index of the element.
		element: u64,
		/// An encoded [`assay_canon::arbiter::OutputProof`].
		delivered: Vec<u8>,
		/// An encoded [`assay_canon::arbiter::SubmissionProof`].
		submitted: Vec<u8>,
	},
	/// Seal the trace of a job that the signer audits.
	CommitAudit {
		/// The job.
		job: JobId,
		/// [`assay_dispute::dispute::seal`] of the history.
		seal: Hash,
	},
	/// Open the seal of an audit.
	RevealAudit {
		/// The job.
		job: JobId,
		/// The root of the trace.
		history: Hash,
		/// What it was sealed with.
		salt: Hash,
		/// The header of the version's graph.
		header: Box<GraphHeader>,
	},
	/// Take the step of an audit that time has brought.
	AdvanceAudit {
		/// The job.
		job: JobId,
	},
	/// Demand a chunk of a job's input or output.
	Demand {
		/// The job.
		job: JobId,
		/// What is demanded.
		place: Place,
	},
	/// Answer a demand.
	Serve {
		/// The job.
		job: JobId,
		/// The demand.
		demand: DemandId,
		/// What [`assay_primitives::availability::answer`] makes.
		answer: AnswerBytes,
	},
	/// Carry out what becomes of a demand that nobody has answered in time.
	ExpireDemand {
		/// The job.
		job: JobId,
		/// The demand.
		demand: DemandId,
	},
	/// Set a budget aside for jobs that recur.
	Subscribe {
		/// What is subscribed to.
		spec: Box<SubscriptionSpec<AccountId>>,
		/// The budget.
		budget: Balance,
	},
	/// Leave an input for the next run of a subscription.
	Feed {
		/// The subscription.
		subscription: SubscriptionId,
		/// The input.
		input: Box<Input>,
	},
	/// Take the input of a subscription back.
	TakeBack {
		/// The subscription.
		subscription: SubscriptionId,
	},
	/// Add to the budget of a subscription.
	TopUpSubscription {
		/// The subscription.
		subscription: SubscriptionId,
		/// How much.
		amount: Balance,
	},
	/// Agree to other terms for the jobs of a subscription.
	SetTerms {
		/// The subscription.
		subscription: SubscriptionId,
		/// The terms.
		terms: Terms<AccountId>,
	},
	/// Pause a subscription, or let it go on.
	SetPaused {
		/// The subscription.
		subscription: SubscriptionId,
		/// Whether it is paused.
		paused: bool,
	},
	/// End a subscription.
	EndSubscription {
		/// The subscription.
		subscription: SubscriptionId,
	},
	/// End a subscription that has rested for too long.
	ExpireSubscription {
		/// The subscription.
		subscription: SubscriptionId,
	},
	/// Say what a provider's machine is.
	SetAttributes {
		/// All of its attributes.
		paths: Attributes,
	},
	/// Order capacity.
	OpenLease {
		/// What is ordered.
		order: Box<OrderSpec>,
		/// What is deposited for rent.
		deposit: Balance,
	},
	/// Offer to serve an order.
	Bid {
		/// The order.
		lease: LeaseId,
		/// The price a block.
		price: Balance,
		/// The notice before the capacity is taken back.
		reclaim: BlockNumber,
	},
	/// Take a bid back.
	WithdrawBid {
		/// The order or lease.
		lease: LeaseId,
	},
	/// Accept a bid.
	AcceptBid {
		/// The order.
		lease: LeaseId,
		/// Whose bid.
		provider: AccountId,
	},
	/// Let the lowest bid win.
	MatchLowest {
		/// The order.
		lease: LeaseId,
	},
	/// Deliver the credential of a lease, sealed to the tenant's key.
	DeliverLease {
		/// The lease.
		lease: LeaseId,
		/// What is sealed.
		credential: Credential,
	},
	/// Add to what pays for a lease.
	TopUpLease {
		/// The lease.
		lease: LeaseId,
		/// How much.
		amount: Balance,
	},
	/// Pay the rent that has accrued.
	WithdrawRent {
		/// The lease.
		lease: LeaseId,
	},
	/// End a lease or cancel an order.
	CloseLease {
		/// The lease.
		lease: LeaseId,
	},
	/// Give notice to the tenant.
	ReclaimLease {
		/// The lease.
		lease: LeaseId,
	},
	/// Carry out what time has brought to a lease.
	ExpireLease {
		/// The lease.
		lease: LeaseId,
	},
	/// Report that a provider does not serve.
	ReportLease {
		/// The lease.
		lease: LeaseId,
	},
	/// Offer leases of a class of devices.
	SetOffer {
		/// The number of the offer.
		index: u8,
		/// What is offered.
		offer: Offer,
	},
	/// Take an offer back.
	RemoveOffer {
		/// The number of the offer.
		index: u8,
	},
	/// Remove an offer that has expired.
	EvictOffer {
		/// Whose it is.
		provider: AccountId,
		/// The number of the offer.
		index: u8,
	},
	/// Take an offer: a lease that is matched at once.
	TakeOffer {
		/// Whose it is.
		provider: AccountId,
		/// The number of the offer.
		index: u8,
		/// What is taken.
		take: Box<TakeSpec>,
		/// What is deposited for rent.
		deposit: Balance,
	},
	/// A call about the custody of content keys.
	Custody(CustodyCall),
	/// A call about shares in income.
	Revenue(RevenueCall),
	/// A call about an offering of shares.
	Offering(OfferingCall),
	/// A call about data and the rights to it.
	Data(DataCall),
	/// A call about what versions were made from.
	Lineage(LineageCall),
	/// A call about pools of data.
	Pool(PoolCall),
	/// Calls that succeed together, or not at all.
	BatchAll(Vec<Call>),
	/// Pay another account, and keep one's own alive.
	Transfer {
		/// Who is paid.
		to: AccountId,
		/// How much.
		amount: Balance,
	},
	/// Make a call as root, where the chain has a sudo key.
	Sudo(Box<Call>),
	/// Replace the runtime; root only.
	SetCode {
		/// The new runtime.
		code: Vec<u8>,
	},
}

/// Gives calls their indices on the chain.
pub(crate) trait CallIndices {
	/// The indices of the pallet and of its call.
	fn indices(&self, pallet: &str, call: &str) -> Option<[u8; 2]>;
}

impl CallIndices for subxt::Metadata {
	fn indices(&self, pallet: &str, call: &str) -> Option<[u8; 2]> {
		let pallet = self.pallet_by_name(pallet)?;
		Some([pallet.call_index(), pallet.call_variant_by_name(call)?.index])
	}
}

impl Call {
	/// The names of the pallet and of its call.
	pub const fn names(&self) -> (&'static str, &'static str) {
		match self {
			Call::RegisterModel { .. } => ("Models", "register_model"),
			Call::PublishVersion { .. } => ("Models", "publish_version"),
			Call::DeprecateVersion { .. } => ("Models", "deprecate_version"),
			Call::OfferModel { .. } => ("Models", "offer_model"),
			Call::AcceptModel { .. } => ("Models", "accept_model"),
			Call::SetPrice { .. } => ("Models", "set_price"),
			Call::RegisterProvider { .. } => ("Providers", "register"),
			Call::UpdateProfile { .. } => ("Providers", "update_profile"),
			Call::BondExtra { .. } => ("Providers", "bond_extra"),
			Call::SetOnline { .. } => ("Providers", "set_online"),
			Call::Heartbeat => ("Providers", "heartbeat"),
			Call::SetAsk { .. } => ("Providers", "set_ask"),
			Call::RemoveAsk { .. } => ("Providers", "remove_ask"),
			Call::Evict { .. } => ("Providers", "evict"),
			Call::SetMaintenance { .. } => ("Providers", "set_maintenance"),
			Call::Reuse { .. } => ("Inference", "reuse"),
			Call::OpenItem { .. } => ("Inference", "open_item"),
			Call::TopUpJob { .. } => ("Inference", "top_up"),
			Call::ExtendJob { .. } => ("Inference", "extend"),
			Call::Unbond { .. } => ("Providers", "unbond"),
			Call::WithdrawUnbonded => ("Providers", "withdraw_unbonded"),
			Call::Request { .. } => ("Inference", "request"),
			Call::SubmitResult { .. } => ("Inference", "submit_result"),
			Call::RequestRedundant { .. } => ("Inference", "request_redundant"),
			Call::SealResult { .. } => ("Inference", "seal_result"),
			Call::RevealResult { .. } => ("Inference", "reveal_result"),
			Call::Settle { .. } => ("Inference", "settle"),
			Call::Cancel { .. } => ("Inference", "cancel"),
			Call::Expire { .. } => ("Inference", "expire"),
			Call::Challenge { .. } => ("Disputes", "challenge"),
			Call::RevealHistory { .. } => ("Disputes", "reveal"),
			Call::PostHistory { .. } => ("Disputes", "post"),
			Call::PlayMove { .. } => ("Disputes", "play"),
			Call::OpenElement { .. } => ("Disputes", "open"),
			Call::Forfeit { .. } => ("Disputes", "forfeit"),
			Call::RefuteHistory { .. } => ("Disputes", "refute"),
			Call::AdvanceDispute { .. } => ("Disputes", "advance"),
			Call::Deviate { .. } => ("Disputes", "deviate"),
			Call::CommitAudit { .. } => ("Audits", "commit"),
			Call::RevealAudit { .. } => ("Audits", "reveal"),
			Call::AdvanceAudit { .. } => ("Audits", "advance"),
			Call::Demand { .. } => ("Availability", "demand"),
			Call::Serve { .. } => ("Availability", "serve"),
			Call::ExpireDemand { .. } => ("Availability", "expire"),
			Call::Subscribe { .. } => ("Subscriptions", "subscribe"),
			Call::Feed { .. } => ("Subscriptions", "feed"),
			Call::TakeBack { .. } => ("Subscriptions", "take_back"),
			Call::TopUpSubscription { .. } => ("Subscriptions", "top_up"),
			Call::SetTerms { .. } => ("Subscriptions", "set_terms"),
			Call::SetPaused { .. } => ("Subscriptions", "set_paused"),
			Call::EndSubscription { .. } => ("Subscriptions", "end"),
			Call::ExpireSubscription { .. } => ("Subscriptions", "expire"),
			Call::SetAttributes { .. } => ("Leases", "set_attributes"),
			Call::OpenLease { .. } => ("Leases", "open"),
			Call::Bid { .. } => ("Leases", "bid"),
			Call::WithdrawBid { .. } => ("Leases", "withdraw_bid"),
			Call::AcceptBid { .. } => ("Leases", "accept"),
			Call::MatchLowest { .. } => ("Leases", "match_lowest"),
			Call::DeliverLease { .. } => ("Leases", "deliver"),
			Call::TopUpLease { .. } => ("Leases", "top_up"),
			Call::WithdrawRent { .. } => ("Leases", "withdraw"),
			Call::CloseLease { .. } => ("Leases", "close"),
			Call::ReclaimLease { .. } => ("Leases", "reclaim"),
			Call::ExpireLease { .. } => ("Leases", "expire"),
			Call::ReportLease { .. } => ("Leases", "report"),
			Call::SetOffer { .. } => ("Leases", "set_offer"),
			Call::RemoveOffer { .. } => ("Leases", "remove_offer"),
			Call::EvictOffer { .. } => ("Leases", "evict_offer"),
			Call::TakeOffer { .. } => ("Leases", "take"),
			Call::Custody(call) => ("Custody", call.name()),
			Call::Revenue(call) => ("Revenue", call.name()),
			Call::Offering(call) => ("Offerings", call.name()),
			Call::Data(call) => call.names(),
			Call::Lineage(call) => ("Models", call.name()),
			Call::Pool(call) => ("Pools", call.name()),
			Call::BatchAll(_) => ("Utility", "batch_all"),
			Call::Transfer { .. } => ("Balances", "transfer_keep_alive"),
			Call::Sudo(_) => ("Sudo", "sudo"),
			Call::SetCode { .. } => ("System", "set_code"),
		}
	}

	/// The SCALE encoding of the arguments.
	fn arguments(&self, indices: &impl CallIndices) -> Result<Vec<u8>, Error> {
		Ok(match self {
			Call::RegisterModel { name, metadata } => (name, metadata).encode(),
			Call::PublishVersion { model, spec } => (model, spec).encode(),
			Call::DeprecateVersion { version } | Call::RemoveAsk { version } => version.encode(),
			Call::OfferModel { model, to } => (model, to).encode(),
			Call::AcceptModel { model } => model.encode(),
			Call::SetPrice { version, price } => (version, price).encode(),
			Call::SetAsk { version, ask } => (version, ask).encode(),
			Call::Evict { provider, version } => (provider, version).encode(),
			Call::SetMaintenance { maintenance } => maintenance.encode(),
			Call::Reuse { version, input, max_fee } => (version, input, max_fee).encode(),
			Call::OpenItem { job, index, opening } => (job, index, opening).encode(),
			Call::TopUpJob { job, amount } => (job, amount).encode(),
			Call::ExtendJob { job, blocks } => (job, blocks).encode(),
			Call::RegisterProvider { profile, bond } => (profile, bond).encode(),
			Call::UpdateProfile { profile } => profile.encode(),
			Call::BondExtra { amount } | Call::Unbond { amount } => amount.encode(),
			Call::SetOnline { online } => online.encode(),
			Call::Heartbeat | Call::WithdrawUnbonded => Vec::new(),
			Call::Request { version, input, terms } => (version, input, terms).encode(),
			Call::SubmitResult { job, output } => (job, output).encode(),
			Call::RequestRedundant { version, input, terms, redundancy } => {
				(version, input, terms, redundancy).encode()
			},
			Call::SealResult { job, seal } => (job, seal).encode(),
			Call::RevealResult { job, output, salt } => (job, output, salt).encode(),
			Call::Settle { job }
			| Call::Cancel { job }
			| Call::Expire { job }
			| Call::AdvanceAudit { job } => job.encode(),
			Call::CommitAudit { job, seal } => (job, seal).encode(),
			Call::RevealAudit { job, history, salt, header } => {
				(job, history, salt, header).encode()
			},
			Call::Challenge { id, header, seal } => (id, header, seal).encode(),
			Call::RevealHistory { id, history, salt } => (id, history, salt).encode(),
			Call::PostHistory { id, history } => (id, history).encode(),
			Call::PlayMove { id, history, against, made } => (id, history, against, made).encode(),
			Call::OpenElement { id, pair, proof } => (id, pair, false, proof).encode(),
			Call::Forfeit { id, pair } => (id, pair).encode(),
			Call::RefuteHistory { id, history, evidence } => (id, history, evidence).encode(),
			Call::AdvanceDispute { id } => id.encode(),
			Call::Deviate { id, element, delivered, submitted } => {
				(id, element, delivered, submitted).encode()
			},
			Call::Demand { job, place } => (job, place).encode(),
			Call::Serve { job, demand, answer } => (job, demand, answer).encode(),
			Call::ExpireDemand { job, demand } => (job, demand).encode(),
			Call::Subscribe { spec, budget } => (spec, budget).encode(),
			Call::Feed { subscription, input } => (subscription, input).encode(),
			Call::TakeBack { subscription }
			| Call::EndSubscription { subscription }
			| Call::ExpireSubscription { subscription } => subscription.encode(),
			Call::TopUpSubscription { subscription, amount } => (subscription, amount).encode(),
			Call::SetTerms { subscription, terms } => (subscription, terms).encode(),
			Call::SetPaused { subscription, paused } => (subscription, paused).encode(),
			Call::SetAttributes { paths } => paths.encode(),
			Call::OpenLease { order, deposit } => (order, deposit).encode(),
			Call::Bid { lease, price, reclaim } => (lease, price, reclaim).encode(),
			Call::AcceptBid { lease, provider } => (lease, provider).encode(),
			Call::DeliverLease { lease, credential } => (lease, credential).encode(),
			Call::TopUpLease { lease, amount } => (lease, amount).encode(),
			Call::WithdrawBid { lease }
			| Call::MatchLowest { lease }
			| Call::WithdrawRent { lease }
			| Call::CloseLease { lease }
			| Call::ReclaimLease { lease }
			| Call::ExpireLease { lease }
			| Call::ReportLease { lease } => lease.encode(),
			Call::SetOffer { index, offer } => (index, offer).encode(),
			Call::RemoveOffer { index } => index.encode(),
			Call::EvictOffer { provider, index } => (provider, index).encode(),
			Call::TakeOffer { provider, index, take, deposit } => {
				(provider, index, take, deposit).encode()
			},
			Call::Custody(call) => call.arguments(),
			Call::Revenue(call) => call.arguments(),
			Call::Offering(call) => call.arguments(),
			Call::Data(call) => call.arguments(),
			Call::Lineage(call) => call.arguments(),
			Call::Pool(call) => call.arguments(),
			Call::BatchAll(calls) => {
				let mut bytes = Compact(u32::try_from(calls.len()).unwrap_or(u32::MAX)).encode();
				for call in calls {
					bytes.extend(call.encode(indices)?);
				}
				bytes
			},
			// The address is a `MultiAddress`, whose variant 0 is an account.
			Call::Transfer { to, amount } => (0u8, to, Compact(*amount)).encode(),
			Call::Sudo(call) => call.encode(indices)?,
			Call::SetCode { code } => code.encode(),
		})
	}

	/// The call as it stands in a transaction: its indices and its arguments.
	pub(crate) fn encode(&self, indices: &impl CallIndices) -> Result<Vec<u8>, Error> {
		let (pallet, call) = self.names();
		let prefix = indices.indices(pallet, call).ok_or_else(|| Error::Build {
			reason: format!("the chain has no call {pallet}.{call}"),
		})?;
		let mut bytes = prefix.to_vec();
		bytes.extend(self.arguments(indices)?);
		Ok(bytes)
	}

	/// The call as subxt signs it.
	pub(crate) fn payload(&self, indices: &impl CallIndices) -> Result<CallPayload, Error> {
		let (pallet, call) = self.names();
		Ok(CallPayload { pallet, call, arguments: Arguments(self.arguments(indices)?) })
	}
}

/// A call with encoded arguments. subxt puts the indices before them.
pub(crate) struct CallPayload {
	pallet: &'static str,
	call: &'static str,
	arguments: Arguments,
}

/// Arguments that are encoded already.
pub(crate) struct Arguments(Vec<u8>);

impl EncodeAsFields for Arguments {
	fn encode_as_fields_to<R: TypeResolver>(
		&self,
		_fields: &mut dyn FieldIter<'_, R::TypeId>,
		_types: &R,
		out: &mut Vec<u8>,
	) -> Result<(), EncodeError> {
		out.extend_from_slice(&self.0);
		Ok(())
	}
}

impl Payload for CallPayload {
	type CallData = Arguments;

	fn pallet_name(&self) -> &str {
		self.pallet
	}

	fn call_name(&self) -> &str {
		self.call
	}

	fn call_data(&self) -> &Arguments {
		&self.arguments
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{
		canonical::{Commitments, Cost, InputAxis},
		job::Choice,
		lease::Required,
		model::{Artifact, Class, PriceUnit, SpecVersion},
		provider::Tier,
		rights::{DataRef, Usage},
		subscription::Target,
		ArtifactHash, GrantId,
	};

	/// A chain whose pallets and calls have the indices that they had when this was written.
	struct Fixed;

	impl CallIndices for Fixed {
		fn indices(&self, pallet: &str, call: &str) -> Option<[u8; 2]> {
			match (pallet, call) {
				("Models", "register_model") => Some([20, 0]),
				("Models", "publish_version") => Some([20, 1]),
				("Providers", "heartbeat") => Some([21, 4]),
				("Providers", "set_ask") => Some([21, 5]),
				("Inference", "request") => Some([22, 0]),
				("Inference", "settle") => Some([22, 2]),
				("Inference", "request_redundant") => Some([22, 5]),
				("Inference", "seal_result") => Some([22, 6]),
				("Inference", "reveal_result") => Some([22, 7]),
				("Subscriptions", "subscribe") => Some([36, 0]),
				("Subscriptions", "feed") => Some([36, 1]),
				("Leases", "open") => Some([9, 1]),
				("Leases", "bid") => Some([9, 2]),
				("Leases", "set_offer") => Some([9, 13]),
				("Leases", "take") => Some([9, 16]),
				("Balances", "transfer_keep_alive") => Some([4, 3]),
				("Sudo", "sudo") => Some([17, 0]),
				("Utility", "batch_all") => Some([10, 2]),
				("System", "set_code") => Some([0, 2]),
				_ => None,
			}
		}
	}

	fn hex_of(call: Call) -> String {
		hex::encode(call.encode(&Fixed).unwrap())
	}

	#[test]
	fn texts_are_preceded_by_their_length() {
		let call = Call::RegisterModel {
			name: b"magika".to_vec().try_into().unwrap(),
			metadata: b"hi".to_vec().try_into().unwrap(),
		};
		assert_eq!(hex_of(call), "1400186d6167696b61086869");
	}

	#[test]
	fn numbers_are_fixed_width_and_little_endian() {
		let version = VersionId { model: ModelId(1), number: 2 };
		let expected =
			format!("1505{}{}{}", "01000000", "02000000", "05000000000000000000000000000000");
		let ask = Ask { price: 5, capacity: 3, until: Some(9) };
		let asked = format!("{expected}030000000109000000");
		assert_eq!(hex_of(Call::SetAsk { version, ask }), asked);
		assert_eq!(hex_of(Call::Settle { job: JobId(258) }), "16020201000000000000");
		assert_eq!(hex_of(Call::Heartbeat), "1504");
	}

	#[test]
	fn a_request_is_encoded_field_by_field() {
		let call = Call::Request {
			version: VersionId { model: ModelId(0), number: 1 },
			input: Box::new(Input::Inline(vec![9, 8].try_into().unwrap())),
			terms: Terms {
				max_fee: 3,
				value: 2,
				deliver_within: 7,
				max_relative: None,
				reassign: true,
				choice: Choice::Tier(Tier::Trusted),
				usage: Usage { commercial: true, purpose: b"ab".to_vec().try_into().unwrap() },
				data: Some(DataRef::Grant(GrantId(7))),
			},
		};
		let expected = [
			"1600",
			"0000000001000000",
			"00080908",
			"03000000000000000000000000000000",
			"02000000000000000000000000000000",
			"07000000",
			"00",
			"01",
			"0102",
			"01086162",
			"01000700000000000000",
		];
		assert_eq!(hex_of(call), expected.concat());
	}

	#[test]
	fn a_group_is_requested_sealed_and_revealed_field_by_field() {
		let call = Call::RequestRedundant {
			version: VersionId { model: ModelId(0), number: 1 },
			input: Box::new(Input::Inline(vec![9].try_into().unwrap())),
			terms: Terms {
				max_fee: 3,
				value: 2,
				deliver_within: 7,
				max_relative: None,
				reassign: false,
				choice: Choice::Only(vec![AccountId::new([7; 32])].try_into().unwrap()),
				usage: Default::default(),
				data: None,
			},
			redundancy: Redundancy { replicas: 5, answers: 3 },
		};
		let expected = [
			"1605",
			"0000000001000000",
			"000409",
			"03000000000000000000000000000000",
			"02000000000000000000000000000000",
			"07000000",
			"00",
			"00",
			"0204",
			&"07".repeat(32),
			"000000",
			"0503",
		];
		assert_eq!(hex_of(call), expected.concat());
		let (job, seal) = (JobId(258), Root([7; 32]));
		let sealed = hex_of(Call::SealResult { job, seal });
		assert_eq!(sealed, format!("16060201000000000000{}", "07".repeat(32)));
		let output = Box::new(Output::Fault { slot: 1, element: 2 });
		let revealed = hex_of(Call::RevealResult { job, output, salt: seal });
		let fault = "03010000000200000000000000";
		assert_eq!(revealed, format!("16070201000000000000{fault}{}", "07".repeat(32)));
	}

	#[test]
	fn a_declaration_is_encoded_field_by_field() {
		let spec = VersionSpec {
			artifact: Artifact { hash: ArtifactHash([7; 32]), size: 1 },
			locators: Default::default(),
			inputs: Default::default(),
			outputs: Default::default(),
			class: Class::Canonical,
			tolerance: None,
			price: 4,
			unit: PriceUnit::Element,
			spec: SpecVersion(1),
			commitments: Commitments {
				graph: Root([9; 32]),
				lowering: 1,
				symbols: vec![vec![InputAxis { input: 3, axis: 5 }].try_into().unwrap()]
					.try_into()
					.unwrap(),
				cost: Cost { terms: 6, trace_bytes: 7 },
			},
			constants: Default::default(),
			licence: b"MIT".to_vec().try_into().unwrap(),
			permissions: Default::default(),
		};
		let expected = [
			"1401",
			"02000000",
			&"07".repeat(32),
			"0100000000000000",
			"00",
			"00",
			"00",
			"01",
			"00",
			"04000000000000000000000000000000",
			"01",
			"0100",
			// The commitments: graph, lowering, symbols, terms and bytes of the trace.
			&"09".repeat(32),
			"0100",
			"04040305",
			"0600000000000000",
			"0700000000000000",
			"00",
			"0c4d4954",
			// The permissions: everything, for nothing, at any price.
			"01000000000000",
			&"00".repeat(16),
			"00",
		];
		let call = Call::PublishVersion { model: ModelId(2), spec: Box::new(spec) };
		assert_eq!(hex_of(call), expected.concat());
	}

	#[test]
	fn a_subscription_is_made_and_fed_field_by_field() {
		let spec = SubscriptionSpec {
			target: Target::Newest(ModelId(5)),
			terms: Terms {
				max_fee: 3,
				value: 2,
				deliver_within: 7,
				max_relative: None,
				reassign: false,
				choice: Choice::Any,
				usage: Default::default(),
				data: None,
			},
			period: 9,
			runs: Some(4),
			feeder: Some(AccountId::new([1; 32])),
			repeat: true,
		};
		let expected = [
			"2400",
			"0105000000",
			"03000000000000000000000000000000",
			"02000000000000000000000000000000",
			"07000000",
			"00",
			"00",
			"00",
			"000000",
			"09000000",
			"0104000000",
			&format!("01{}", "01".repeat(32)),
			"01",
			"06000000000000000000000000000000",
		];
		let call = Call::Subscribe { spec: Box::new(spec), budget: 6 };
		assert_eq!(hex_of(call), expected.concat());
		let input = Box::new(Input::Inline(vec![9].try_into().unwrap()));
		let fed = hex_of(Call::Feed { subscription: SubscriptionId(258), input });
		assert_eq!(fed, "24010201000000000000000409");
	}

	#[test]
	fn an_order_and_a_bid_are_encoded_field_by_field() {
		let order = OrderSpec {
			attributes: vec![b"gpu".to_vec().try_into().unwrap()].try_into().unwrap(),
			tier: Tier::Proven,
			duration: 6,
			max_price: 5,
			bidding: 4,
			automatic: true,
			key: [7; 32],
		};
		let expected = [
			"0901",
			"040c677075",
			"01",
			"06000000",
			"05000000000000000000000000000000",
			"04000000",
			"01",
			&"07".repeat(32),
			"03000000000000000000000000000000",
		];
		assert_eq!(
			hex_of(Call::OpenLease { order: Box::new(order), deposit: 3 }),
			expected.concat()
		);
		let bid = Call::Bid { lease: LeaseId(258), price: 5, reclaim: 6 };
		let expected = format!(
			"0902{}{}{}",
			"0201000000000000", "05000000000000000000000000000000", "06000000"
		);
		assert_eq!(hex_of(bid), expected);
	}

	#[test]
	fn an_offer_and_what_is_taken_of_it_are_encoded_field_by_field() {
		let price = "05000000000000000000000000000000";
		let attributes: Required = vec![b"gpu".to_vec().try_into().unwrap()].try_into().unwrap();
		let offer = Offer {
			attributes: attributes.clone(),
			price: 5,
			capacity: 4,
			reclaim: 6,
			until: Some(7),
		};
		let expected = ["090d", "02", "040c677075", price, "04000000", "06000000", "0107000000"];
		assert_eq!(hex_of(Call::SetOffer { index: 2, offer }), expected.concat());
		let take = TakeSpec {
			attributes: Some(attributes),
			duration: 6,
			max_price: 5,
			reclaim: 4,
			key: [7; 32],
		};
		let (provider, key) = (AccountId::new([1; 32]), "07".repeat(32));
		let account = "01".repeat(32);
		let take = Call::TakeOffer { provider, index: 2, take: Box::new(take), deposit: 5 };
		let expected =
			["0910", &account, "02", "01040c677075", "06000000", price, "04000000", &key, price];
		assert_eq!(hex_of(take), expected.concat());
	}

	#[test]
	fn a_transfer_has_an_address_and_a_compact_amount() {
		let call = Call::Transfer { to: AccountId::new([1; 32]), amount: 64 };
		assert_eq!(hex_of(call), format!("040300{}0101", "01".repeat(32)));
	}

	#[test]
	fn sudo_carries_the_whole_inner_call() {
		let call = Call::Sudo(Box::new(Call::SetCode { code: vec![1, 2] }));
		assert_eq!(hex_of(call), "11000002080102");
	}

	#[test]
	fn a_batch_carries_its_calls_whole_and_in_order() {
		let calls = vec![Call::Heartbeat, Call::Settle { job: JobId(258) }];
		assert_eq!(hex_of(Call::BatchAll(calls)), "0a0208150416020201000000000000");
		let lacking = Call::BatchAll(vec![Call::Heartbeat, Call::WithdrawUnbonded]);
		assert!(lacking.encode(&Fixed).is_err());
	}

	#[test]
	fn a_call_that_the_chain_lacks_is_an_error() {
		let error = Call::WithdrawUnbonded.encode(&Fixed).unwrap_err();
		assert!(error.to_string().contains("Providers.withdraw_unbonded"), "{error}");
	}
}
