//! How what the chain holds is shown, to scripts and to people.
//!
//! In JSON, amounts are text in ASY and accounts are SS58 addresses, so that no reader rounds.

pub mod audit;
pub mod custody;
pub mod data;
pub mod dispute;
pub mod income;
pub mod lease;
pub mod lineage;
pub mod pool;
pub mod subscription;

use crate::{amount::Amount, output::lines, tensors::describe};
use assay_client::{keys::to_ss58, Receipt};
use assay_primitives::{
	availability::DemandView,
	batch::ItemView,
	canonical::{Cost, InputAxis, SymbolAxes},
	job::{Choice, JobKind, JobState, JobView, Refuted, Terms},
	model::{Class, ModelView, PriceUnit, Tolerance, VersionSpec, VersionStatus, VersionView},
	money::FeeShare,
	provider::{AskView, Maintenance, OrderView, ProviderView},
	tensor::TensorSpec,
	AccountId, Balance, BlockNumber,
};
use serde_json::{json, Value};

/// Bytes that should be UTF-8. The chain checks some of them, so none are trusted to be.
pub fn text(bytes: &[u8]) -> String {
	// Control characters could rewrite a terminal's earlier lines.
	let text = String::from_utf8_lossy(bytes);
	text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Text of several lines whose control characters cannot rewrite a terminal's earlier ones.
pub fn printable(text: &str) -> String {
	let shown = |c: char| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c };
	text.chars().map(shown).collect()
}

fn amount(amount: Balance) -> Value {
	json!(Amount(amount).to_string())
}

/// A transaction's receipt.
pub fn receipt(receipt: &Receipt) -> Value {
	json!(receipt)
}

/// A demand.
pub fn demand(demand: &DemandView<AccountId>) -> Value {
	json!({
		"id": demand.id,
		"job": demand.job,
		"demander": to_ss58(&demand.demander),
		"respondent": to_ss58(&demand.respondent),
		"place": demand.place,
		"price": amount(demand.price),
		"due": demand.due,
	})
}

/// A model.
pub fn model(model: &ModelView<AccountId>) -> Value {
	json!({
		"id": model.id,
		"name": text(&model.name),
		"owner": to_ss58(&model.owner),
		"metadata": text(&model.metadata),
		"latest": model.latest,
		"deposit": amount(model.deposit),
	})
}

/// The name of a class.
pub const fn class_name(class: Class) -> &'static str {
	match class {
		Class::Exact => "exact",
		Class::Canonical => "canonical",
		Class::Tolerant => "tolerant",
	}
}

/// The name of a unit.
pub const fn unit_name(unit: PriceUnit) -> &'static str {
	match unit {
		PriceUnit::Call => "call",
		PriceUnit::Element => "element",
		PriceUnit::Token => "token",
		PriceUnit::Mac => "million multiply-accumulates",
	}
}

fn tensor_spec(spec: &TensorSpec) -> Value {
	json!({ "name": text(&spec.name), "dtype": spec.dtype, "shape": spec.shape })
}

/// A version.
pub fn version(version: &VersionView) -> Value {
	let spec = &version.spec;
	let specs = |specs: &[TensorSpec]| specs.iter().map(tensor_spec).collect::<Vec<_>>();
	let tolerance = spec.tolerance.map(|tolerance| {
		json!({
			"absolute": f32::from_bits(tolerance.absolute),
			"relative": f32::from_bits(tolerance.relative),
			"row_axis": tolerance.row_axis,
		})
	});
	json!({
		"id": version.id,
		"status": version.status,
		"published": version.published,
		"artifact": spec.artifact,
		"locators": spec.locators.iter().map(|locator| text(locator)).collect::<Vec<_>>(),
		"inputs": specs(&spec.inputs),
		"outputs": specs(&spec.outputs),
		"class": spec.class,
		"tolerance": tolerance,
		"price": amount(spec.price),
		"unit": spec.unit,
		"spec": spec.spec,
		"commitments": spec.commitments,
		"constants": spec.constants,
		"licence": text(&spec.licence),
		"permissions": lineage::permissions(&spec.permissions),
	})
}

/// The axes of inputs that have one length: `ids:0 = mask:0`.
fn symbol_text(spec: &VersionSpec, axes: &SymbolAxes) -> String {
	let one = |at: &InputAxis| {
		let input = spec.inputs.get(usize::from(at.input));
		format!("{}:{}", input.map_or_else(String::new, |input| text(&input.name)), at.axis)
	};
	axes.iter().map(one).collect::<Vec<_>>().join(" = ")
}

/// The class with what it accepts: `tolerant: within 1e-6 + 1e-5 of the greatest along axis 1`.
fn class_text(spec: &VersionSpec) -> String {
	let class = class_name(spec.class);
	let Some(Tolerance { absolute, relative, row_axis }) = spec.tolerance else {
		return class.into();
	};
	let (absolute, relative) = (f32::from_bits(absolute), f32::from_bits(relative));
	format!("{class}: within {absolute:e} + {relative:e} of the greatest along axis {row_axis}")
}

/// A version as people read it.
pub fn version_text(version: &VersionView) -> String {
	let spec = &version.spec;
	let status = match version.status {
		VersionStatus::Active => "active",
		VersionStatus::Deprecated => "deprecated",
		VersionStatus::Frozen => "frozen",
	};
	let Cost { terms, trace_bytes } = spec.commitments.cost;
	let mut pairs = vec![
		("version", format!("{} ({status}, block {})", version.id.number, version.published)),
		("artifact", format!("{} ({} bytes)", spec.artifact.hash, spec.artifact.size)),
		("class", class_text(spec)),
		("graph", spec.commitments.graph.to_string()),
		("cost", format!("at most {} terms, {} bytes of trace", terms, trace_bytes)),
		("price", format!("{} ASY a {}", Amount(spec.price), unit_name(spec.unit))),
		("licence", text(&spec.licence)),
		("allows", lineage::permissions_text(&spec.permissions)),
	];
	pairs.extend(spec.locators.iter().map(|locator| ("locator", text(locator))));
	pairs.extend(spec.commitments.symbols.iter().map(|axes| ("symbol", symbol_text(spec, axes))));
	pairs.extend(spec.constants.iter().map(|constant| {
		let shape: &[u32] = &constant.shape;
		let bytes = hex::encode(&constant.data);
		("constant", format!("{} {} {shape:?} 0x{bytes}", text(&constant.name), constant.dtype))
	}));
	let tensor = |spec: &TensorSpec| format!("{} {}", text(&spec.name), describe(spec));
	pairs.extend(spec.inputs.iter().map(|spec| ("input", tensor(spec))));
	pairs.extend(spec.outputs.iter().map(|spec| ("output", tensor(spec))));
	lines(&pairs)
}

/// A provider.
pub fn provider(provider: &ProviderView<AccountId>) -> Value {
	let profile = &provider.profile;
	json!({
		"account": to_ss58(&provider.account),
		"endpoint": text(&profile.endpoint),
		"runtime": text(&profile.runtime),
		"devices": profile.devices.iter().map(|device| text(device)).collect::<Vec<_>>(),
		"bond": amount(provider.bond),
		"locked": amount(provider.locked),
		"unbonding": provider.unbonding.map(|(unbonding, until)| {
			json!({ "amount": amount(unbonding), "until": until })
		}),
		"online": provider.online,
		"available": provider.available,
		"heartbeat": provider.heartbeat,
		"maintenance": provider.maintenance,
		"statistics": {
			"assigned": provider.statistics.assigned,
			"delivered": provider.statistics.delivered,
			"missed": provider.statistics.missed,
			"refuted": provider.statistics.refuted,
			"strikes": provider.statistics.strikes,
		},
		"quality": provider.statistics.quality().deconstruct(),
		"tier": provider.tier,
		"asks": provider.asks.iter().map(|ask| {
			json!({
				"version": ask.version,
				"price": amount(ask.ask.price),
				"capacity": ask.ask.capacity,
				"until": ask.ask.until,
				"open": ask.open,
			})
		}).collect::<Vec<_>>(),
	})
}

/// An ask in the order book of a version, in JSON.
pub fn order(order: &OrderView<AccountId>) -> Value {
	json!({
		"provider": to_ss58(&order.provider),
		"price": amount(order.ask.price),
		"capacity": order.ask.capacity,
		"until": order.ask.until,
		"open": order.open,
		"able": order.able,
		"free_stake": amount(order.free_stake),
		"quality": order.quality.deconstruct(),
		"tier": order.tier,
	})
}

/// A provider as people read it.
pub fn provider_text(provider: &ProviderView<AccountId>) -> String {
	let profile = &provider.profile;
	let statistics = &provider.statistics;
	let state = match (provider.online, provider.available) {
		(true, true) => "online",
		(true, false) => "online, but its heartbeat has expired",
		(false, _) => "offline",
	};
	let quality = provider.statistics.quality();
	let mut pairs = vec![
		("account", to_ss58(&provider.account)),
		("state", state.into()),
		("record", format!("{}, quality {quality:?}", provider.tier)),
		("endpoint", text(&profile.endpoint)),
		("runtime", text(&profile.runtime)),
		("bond", format!("{} ASY, {} locked", Amount(provider.bond), Amount(provider.locked))),
		(
			"jobs",
			format!(
				"{} assigned, {} delivered, {} missed, {} refuted, {} outside of the tolerance",
				statistics.assigned,
				statistics.delivered,
				statistics.missed,
				statistics.refuted,
				statistics.strikes
			),
		),
	];
	if let Some(Maintenance { from, until }) = provider.maintenance {
		pairs.push(("away", format!("from block {from} to before block {until}")));
	}
	if let Some((unbonding, until)) = provider.unbonding {
		pairs.push(("unbonding", format!("{} ASY at block {until}", Amount(unbonding))));
	}
	pairs.extend(profile.devices.iter().map(|device| ("device", text(device))));
	pairs.extend(provider.asks.iter().map(|ask| ("serves", ask_text(ask))));
	lines(&pairs)
}

fn ask_text(AskView { version, ask, open }: &AskView) -> String {
	let until = ask.until.map(|until| format!(", until block {until}")).unwrap_or_default();
	let (price, capacity) = (Amount(ask.price), ask.capacity);
	format!("{version} at {price} ASY, {open} of {capacity} jobs at once{until}")
}

fn share(share: &FeeShare<AccountId>) -> Value {
	json!({
		"payee": to_ss58(&share.payee),
		"role": share.role,
		"amount": amount(share.amount),
	})
}

fn refuted(refuted: &Refuted<AccountId>) -> Value {
	json!({ "provider": to_ss58(&refuted.provider), "root": refuted.root, "at": refuted.at })
}

/// Who may answer a job.
fn choice(choice: &Choice<AccountId>) -> Value {
	let named = |names: &[AccountId]| names.iter().map(to_ss58).collect::<Vec<_>>();
	match choice {
		Choice::Any => json!("any"),
		Choice::Tier(tier) => json!({ "tier": tier }),
		Choice::Only(names) => json!({ "only": named(names) }),
		Choice::Prefer(names) => json!({ "prefer": named(names) }),
	}
}

/// What a requester agrees to.
fn terms(terms: &Terms<AccountId>) -> Value {
	json!({
		"max_fee": amount(terms.max_fee),
		"value": amount(terms.value),
		"deliver_within": terms.deliver_within,
		"max_relative": terms.max_relative.map(f32::from_bits),
		"reassign": terms.reassign,
		"choice": choice(&terms.choice),
		"commercial": terms.usage.commercial,
		"purpose": text(&terms.usage.purpose),
		"data": terms.data.map(|right| right.to_string()),
	})
}

/// What a job is, beside others.
pub fn kind_text(kind: JobKind) -> String {
	match kind {
		JobKind::Single => "single".into(),
		JobKind::Batch { items } => format!("batch of {items}"),
		JobKind::Item { batch, index } => format!("item {index} of batch {batch}"),
	}
}

/// A job.
pub fn job(job: &JobView<AccountId>) -> Value {
	json!({
		"id": job.id,
		"requester": to_ss58(&job.requester),
		"version": job.version,
		"group": job.group,
		"kind": job.kind,
		"input_root": job.input_root,
		"terms": terms(&job.terms),
		"requested": job.requested,
		"deadline": job.deadline,
		"attempts": job.attempts,
		"state": state(&job.state),
		"refuted": job.refuted.iter().map(refuted).collect::<Vec<_>>(),
		"disputes": job.disputes,
		"stays": job.stays,
		"fee": amount(job.fee),
		"shares": job.shares.iter().map(share).collect::<Vec<_>>(),
	})
}

/// Where a job stands.
pub fn state(state: &JobState<AccountId>) -> Value {
	let mut value = json!({
		"status": state.name(),
		"provider": state.provider().map(to_ss58),
		"output": state.output(),
	});
	let details = match state {
		JobState::Requested => vec![],
		JobState::Assigned { due, .. } => vec![("due", json!(due))],
		JobState::Sealed { seal, until, .. } => {
			vec![("seal", json!(seal)), ("until", json!(until))]
		},
		JobState::Submitted { at, until, .. } => vec![("at", json!(at)), ("until", json!(until))],
		JobState::Challenged { at, .. }
		| JobState::Settled { at, .. }
		| JobState::Slashed { at, .. }
		| JobState::Withheld { at, .. } => vec![("at", json!(at))],
		JobState::Corrected { history, at, .. } => {
			vec![("history", json!(history)), ("at", json!(at))]
		},
		JobState::Refunded { reason, at } => vec![("reason", json!(reason)), ("at", json!(at))],
		JobState::Expired { reason, at } => vec![("reason", json!(reason)), ("at", json!(at))],
	};
	for (name, detail) in details {
		value[name] = detail;
	}
	value
}

/// Where a job stands, as people read it.
pub fn state_text(state: &JobState<AccountId>) -> String {
	match state {
		JobState::Requested => "requested: waiting for a provider".into(),
		JobState::Assigned { provider, due: BlockNumber::MAX } => {
			format!("assigned to {}, which waits for the input", to_ss58(provider))
		},
		JobState::Assigned { provider, due } => {
			format!("assigned to {}, due in block {due}", to_ss58(provider))
		},
		JobState::Sealed { provider, until: BlockNumber::MAX, .. } => {
			format!("sealed by {}, which waits for the other providers", to_ss58(provider))
		},
		JobState::Sealed { provider, until, .. } => {
			format!("sealed by {}, to be revealed by block {until}", to_ss58(provider))
		},
		JobState::Submitted { provider, at, until: BlockNumber::MAX, .. } => format!(
			"submitted by {} in block {at}, provisional until what was asked about it is answered",
			to_ss58(provider)
		),
		JobState::Submitted { provider, at, until, .. } => format!(
			"submitted by {} in block {at}, provisional until block {until}",
			to_ss58(provider)
		),
		JobState::Challenged { provider, at, .. } => {
			format!("the result of {} is disputed since block {at}", to_ss58(provider))
		},
		JobState::Settled { provider, at, .. } => {
			format!("settled in block {at}, by {}", to_ss58(provider))
		},
		JobState::Corrected { provider, history, at } => {
			let provider = to_ss58(provider);
			format!(
				"the result of {provider} was outside of the tolerance: since block {at}, the \
				 result is what the canonical run {history} delivers"
			)
		},
		JobState::Slashed { provider, at, .. } => {
			let provider = to_ss58(provider);
			format!("the result of {provider} was proven wrong in block {at}: refunded")
		},
		JobState::Withheld { at, .. } => format!(
			"the input was not shown when it was asked for: paid in block {at}, without a result"
		),
		JobState::Refunded { reason, at } => {
			format!("refunded in block {at}: {}", json!(reason).as_str().unwrap_or_default())
		},
		JobState::Expired { reason, at } => {
			format!("expired in block {at}: {}", json!(reason).as_str().unwrap_or_default())
		},
	}
}

/// A job as people read it.
pub fn job_text(job: &JobView<AccountId>) -> String {
	batch_text(job, &[])
}

/// A batch, with the items that were opened, as people read it.
pub fn batch_text(job: &JobView<AccountId>, opened: &[ItemView]) -> String {
	/// The most items that are listed.
	const MOST: usize = 16;

	let mut pairs = vec![
		("job", job.id.to_string()),
		("version", job.version.to_string()),
		("kind", kind_text(job.kind)),
		("requester", to_ss58(&job.requester)),
		("state", state_text(&job.state)),
		("requested", format!("block {}, deadline block {}", job.requested, job.deadline)),
		("attempts", job.attempts.to_string()),
		("fee", format!("{} ASY of at most {}", Amount(job.fee), Amount(job.terms.max_fee))),
	];
	pairs.extend(job.group.map(|group| ("group", group.to_string())));
	pairs.extend(job.refuted.iter().map(|refuted| {
		let provider = to_ss58(&refuted.provider);
		("refuted", format!("the result of {provider} in block {}: {}", refuted.at, refuted.root))
	}));
	pairs.extend(job.shares.iter().map(|share| {
		let to = to_ss58(&share.payee);
		("share", format!("{} ASY to the {} {to}", Amount(share.amount), share.role.name()))
	}));
	pairs.extend(
		opened
			.iter()
			.take(MOST)
			.map(|item| ("opened", format!("item {} as job {}", item.index, item.job))),
	);
	if opened.len() > MOST {
		pairs.push(("opened", format!("and {} more: --json lists all", opened.len() - MOST)));
	}
	lines(&pairs)
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{
		job::{OutputRecord, RefundReason},
		JobId, Root,
	};

	#[test]
	fn states_are_shown_with_their_reasons() {
		let refunded = JobState::Refunded { reason: RefundReason::InputMismatch, at: 7 };
		assert_eq!(state_text(&refunded), "refunded in block 7: input-mismatch");
		assert_eq!(state(&refunded)["reason"], "input-mismatch");
	}

	#[test]
	fn a_result_that_was_proven_wrong_is_said_to_be_so() {
		let output = OutputRecord { root: Root([7; 32]), artifact: None };
		let provider = AccountId::new([1; 32]);
		let slashed = JobState::Slashed { provider: provider.clone(), output, at: 9 };
		let name = to_ss58(&provider);
		let said = format!("the result of {name} was proven wrong in block 9: refunded");
		assert_eq!(state_text(&slashed), said);
		assert_eq!(
			(&state(&slashed)["status"], &state(&slashed)["at"]),
			(&json!("slashed"), &json!(9))
		);
		let disputed = JobState::Challenged { provider, output, at: 5 };
		assert_eq!(
			state_text(&disputed),
			format!("the result of {name} is disputed since block 5")
		);
		assert_eq!(state(&disputed)["status"], "challenged");
	}

	#[test]
	fn batches_and_their_items_are_told_from_other_jobs() {
		let batch = JobKind::Batch { items: 100 };
		let item = JobKind::Item { batch: JobId(7), index: 3 };
		assert_eq!(kind_text(JobKind::Single), "single");
		assert_eq!(kind_text(batch), "batch of 100");
		assert_eq!(json!(batch), json!({ "batch": { "items": 100 } }));
		assert_eq!(kind_text(item), "item 3 of batch 7");
		assert_eq!(json!(item), json!({ "item": { "batch": 7, "index": 3 } }));
	}

	#[test]
	fn control_characters_of_others_do_not_reach_the_terminal() {
		assert_eq!(text(b"a\x1b[2Jb"), "a\u{fffd}[2Jb");
	}
}
