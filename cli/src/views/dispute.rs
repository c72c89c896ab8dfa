//! How a dispute is shown: in a list, as a transcript, and as what happens while it is watched.

mod facts;

pub use facts::facts;

use super::amount;
use crate::{
	amount::{asy, Amount},
	output::{lines, table},
	tensors::json_float,
	transcript::{Account, Game, Money, Share, SlotKind, Transcript},
};
use assay_canon::{
	arbiter::Claim,
	commitment::Hash,
	tensor::{DType, Element},
};
use assay_client::keys::to_ss58;
use assay_dispute::{
	board::{Entry, History},
	dispute::{Outcome, MAX_ROUNDS},
	play::Place,
	position::{Claims, Position},
};
use assay_primitives::DisputeId;
use serde_json::{json, Value};

/// What there is to say of something.
pub struct Said {
	/// For scripts.
	pub json: Value,
	/// For people.
	pub text: String,
}

/// The first digits of a hash.
fn short(hash: &Hash) -> String {
	let digits = hex::encode(hash);
	format!("{}…", digits.get(..8).unwrap_or(&digits))
}

/// What is disputed: the result of a job, or the probe that this has led to.
fn name(id: DisputeId) -> String {
	let probe = if id.probe { " (probe)" } else { "" };
	format!("{}{probe}", id.main())
}

/// A dispute in a list.
pub fn entry(transcript: &Transcript) -> Value {
	let Transcript { view, dispute, .. } = transcript;
	json!({
		"id": view.id,
		"job": view.id.job,
		"probe": view.id.probe,
		"provider": to_ss58(&view.provider),
		"requester": to_ss58(&view.requester),
		"exposure": amount(view.exposure),
		"bond": amount(view.bond),
		"output": view.output,
		"round": dispute.round,
		"phase": transcript.phase(),
		"tick": view.now,
		"until": transcript.until(),
		"alive": dispute.alive.iter().map(hex::encode).collect::<Vec<_>>(),
		"outcome": dispute.outcome().map(outcome),
		"divided": view.divided,
	})
}

/// A dispute as people read it in a list.
pub fn row(transcript: &Transcript) -> [String; 6] {
	let Transcript { view, dispute, .. } = transcript;
	[
		name(view.id),
		to_ss58(&view.provider),
		dispute.round.to_string(),
		transcript.phase().into(),
		dispute.alive.len().to_string(),
		dispute.outcome().map_or("", verdict).into(),
	]
}

/// The transcript of a dispute.
pub fn dispute(transcript: &Transcript) -> Value {
	let mut value = entry(transcript);
	let histories = transcript.view.histories.iter();
	let games = transcript.games();
	value["version"] = json!(transcript.version);
	value["histories"] =
		histories.map(|(root, record)| history(transcript, &root.0, record)).collect();
	value["accounts"] = transcript.accounts().iter().map(account).collect();
	value["games"] = games.iter().map(|one| game(transcript, one)).collect();
	value["money"] = transcript.money().map_or(Value::Null, |one| money(transcript, &one));
	value
}

/// The name of a verdict.
const fn verdict(outcome: Outcome) -> &'static str {
	match outcome {
		Outcome::Accepted { .. } => "accepted",
		Outcome::Voided { .. } => "void",
		Outcome::Refuted { .. } => "refuted",
		Outcome::Exhausted => "exhausted",
		Outcome::InvalidGraph { .. } => "invalid-graph",
	}
}

fn outcome(outcome: Outcome) -> Value {
	let mut value = json!({ "verdict": verdict(outcome) });
	match outcome {
		Outcome::Accepted { survivor }
		| Outcome::Voided { survivor }
		| Outcome::Refuted { survivor } => {
			value["survivor"] = json!(hex::encode(survivor));
		},
		Outcome::InvalidGraph { reason } => value["reason"] = json!(format!("{reason:?}")),
		Outcome::Exhausted => {},
	}
	value
}

fn outcome_text(transcript: &Transcript, outcome: Outcome) -> String {
	let probe = transcript.view.id.probe;
	match outcome {
		Outcome::Accepted { survivor } if probe => {
			format!(
				"accepted: {} moves no output beyond the tolerance, so rounding explains nothing",
				short(&survivor)
			)
		},
		Outcome::Accepted { survivor } => {
			format!("accepted: nobody showed that the result differs from {}", short(&survivor))
		},
		Outcome::Voided { survivor } => format!(
			"void: the result is outside of the tolerance, without guilt; what {} delivers is the \
			 result",
			short(&survivor)
		),
		Outcome::Refuted { survivor } if probe => {
			format!(
				"refuted: {} moves an output beyond the tolerance, so rounding may explain it",
				short(&survivor)
			)
		},
		Outcome::Refuted { survivor } => {
			format!("refuted: the result differs from {}, which survived", short(&survivor))
		},
		Outcome::Exhausted => "exhausted: no history survived, nobody knows the result".into(),
		Outcome::InvalidGraph { reason } => {
			format!("invalid graph: a node of the version is none ({reason:?})")
		},
	}
}

/// What became of a history.
fn fate(transcript: &Transcript, root: &Hash, history: &History) -> &'static str {
	if transcript.dispute.survivor() == Some(*root) {
		"survived"
	} else if history.alive {
		"alive"
	} else {
		"lost"
	}
}

fn history(transcript: &Transcript, root: &Hash, record: &History) -> Value {
	json!({
		"root": hex::encode(root),
		"state": fate(transcript, root, record),
		"round": record.since,
		"bonds": record.bonds,
		"challengers": record.challengers,
		"moves": record.moves,
	})
}

/// What an account has at stake for.
const fn role(entry: &Entry) -> &'static str {
	match entry {
		Entry::Sealed(_) => "sealed",
		Entry::Challenger(_) => "challenger",
		Entry::Poster(_) => "poster",
		Entry::KeptOut => "kept-out",
	}
}

fn account(one: &Account<'_>) -> Value {
	let mut value = json!({
		"account": to_ss58(one.account),
		"role": role(&one.stake.entry),
		"history": one.stake.entry.history().map(hex::encode),
		"round": one.stake.round,
		"bonds": one.stake.bonds(),
	});
	if let Some(Share { returned, lost, won, paid }) = one.share {
		value["returned"] = amount(returned);
		value["lost"] = amount(lost);
		value["won"] = amount(won);
		value["paid"] = json!(paid);
	}
	value
}

fn game(transcript: &Transcript, game: &Game) -> Value {
	let kind = game.kind.as_ref();
	let missing = match &game.position {
		Position::Due { missing, .. } => json!(missing),
		_ => Value::Null,
	};
	let (element, values) = match &game.position {
		Position::Open { question, .. } => {
			(Some(question.element), Some(values(&question.claims).map(|value| value.json)))
		},
		_ => (None, None),
	};
	json!({
		"histories": game.pair.map(hex::encode),
		"open": game.open,
		"position": match &game.position {
			Position::Due { .. } => "due",
			Position::Open { .. } => "element",
			Position::Lost(_) => "lost",
			Position::Same => "same",
		},
		"due": game.due(transcript),
		"missing": missing,
		"slot": game.slot,
		"operator": kind.map(|kind| kind.operator),
		"dtype": kind.map(|kind| dtype_name(kind.kind.dtype)),
		"shape": kind.map(|kind| kind.kind.shape.extents()),
		"layout": kind.map(|kind| kind.layout.order(kind.kind.shape.rank())),
		"chunk": game.chunk,
		"element": element,
		"values": values,
		"right": right(transcript, game),
	})
}

/// Which of the two histories the chain has found right: 0 or 1.
fn right(transcript: &Transcript, game: &Game) -> Option<usize> {
	let survivor = transcript.dispute.survivor()?;
	game.pair.iter().position(|root| *root == survivor)
}

const fn dtype_name(dtype: DType) -> &'static str {
	match dtype {
		DType::Float32 => "float32",
		DType::Int8 => "int8",
		DType::Uint8 => "uint8",
		DType::Int32 => "int32",
		DType::Int64 => "int64",
		DType::Bool => "bool",
	}
}

/// What two histories say of an element.
fn values(claims: &Claims) -> [Said; 2] {
	let said = |value: &str| Said { json: json!(value), text: value.into() };
	match claims {
		Claims::Both(both) => both.map(|claim| match claim {
			Claim::Value(element) => value(element),
			Claim::Fault => said("fault"),
		}),
		Claims::Ends(0) => [said("fault"), said("no fault")],
		Claims::Ends(_) => [said("no fault"), said("fault")],
	}
}

fn value(element: Element) -> Said {
	let bits = element.bits();
	let (json, text, width) = match element.dtype() {
		DType::Float32 => {
			// The low half holds all bits of a float32.
			let float = f32::from_bits(bits as u32);
			(json_float(float), format!("{float:?}"), 8)
		},
		DType::Bool => (json!(element.is_true()), element.is_true().to_string(), 2),
		dtype => {
			let integer = element.to_i64();
			(json!(integer), integer.to_string(), 2 * dtype.size())
		},
	};
	let bits = format!("{bits:0width$x}");
	Said { text: format!("{text} (0x{bits})"), json: json!({ "value": json, "bits": bits }) }
}

fn money(transcript: &Transcript, money: &Money) -> Value {
	let Money { slash, winners, pot, moves } = money;
	json!({
		"winners": winners,
		"reward": amount(transcript.view.reward),
		"slash": slash.map(|slash| json!({
			"exposure": amount(transcript.view.exposure),
			"each_challenger": amount(slash.each_challenger),
			"requester": amount(slash.requester),
			"burned": amount(slash.burned),
		})),
		"bonds": {
			"lost": transcript.dispute.lost,
			"moves": moves,
			"each_move": amount(pot.each_move),
			"provider": amount(pot.provider),
			"burned": amount(pot.burned),
		},
	})
}

/// The transcript of a dispute as people read it.
pub fn dispute_text(transcript: &Transcript) -> String {
	let mut parts = vec![head(transcript), histories_text(transcript)];
	parts.extend(transcript.games().iter().map(|game| game_text(transcript, game)));
	parts.extend(transcript.money().map(|money| money_text(transcript, &money)));
	parts.join("\n\n")
}

fn head(transcript: &Transcript) -> String {
	let Transcript { view, version, dispute, .. } = transcript;
	let version = version.map_or_else(String::new, |version| format!(" of version {version}"));
	let bond = asy(view.bond);
	let mut pairs = vec![
		("dispute", format!("{}{version}", name(view.id))),
		("provider", to_ss58(&view.provider)),
		("requester", to_ss58(&view.requester)),
		("submitted", view.output.to_string()),
		("at stake", format!("{} of the provider, {bond} for each history", asy(view.exposure))),
		("round", format!("{} of at most {MAX_ROUNDS}", dispute.round.saturating_add(1))),
		("phase", phase_text(transcript)),
	];
	pairs.extend(dispute.outcome().map(|outcome| ("verdict", outcome_text(transcript, outcome))));
	lines(&pairs)
}

fn phase_text(transcript: &Transcript) -> String {
	let (phase, now) = (transcript.phase(), transcript.view.now);
	match transcript.until() {
		Some(until) => {
			format!("{phase} at tick {now}, {} more until {until}", until.saturating_sub(now))
		},
		None if transcript.view.divided => format!("{phase}, and all is divided"),
		None => phase.into(),
	}
}

fn histories_text(transcript: &Transcript) -> String {
	let accounts = transcript.accounts();
	let behind = |root: &Hash| {
		let behind = accounts.iter().filter(|one| one.stake.entry.history() == Some(root));
		let named =
			behind.map(|one| format!("{} ({})", to_ss58(one.account), role(&one.stake.entry)));
		named.collect::<Vec<_>>().join(", ")
	};
	let histories = transcript.view.histories.iter().map(|(root, record)| {
		[
			root.to_string(),
			fate(transcript, &root.0, record).into(),
			record.bonds.to_string(),
			record.moves.to_string(),
			behind(&root.0),
		]
	});
	// Whoever has sealed a history is behind none that is known.
	let sealed = accounts
		.iter()
		.filter(|one| one.stake.entry.history().is_none())
		.map(|one| ["", role(&one.stake.entry), "1", "0", &to_ss58(one.account)].map(String::from));
	let header = ["HISTORY", "STATE", "BONDS", "MOVES", "BEHIND IT"];
	table(header, histories.chain(sealed).collect())
}

fn kind_text(slot: u32, kind: Option<&SlotKind>) -> String {
	let Some(SlotKind { operator, kind, layout }) = kind else { return format!("slot {slot}") };
	let order = match layout.is_row_major() {
		true => "row-major".into(),
		false => format!("axes in the order {:?}", layout.order(kind.shape.rank())),
	};
	let (dtype, shape) = (dtype_name(kind.dtype), kind.shape.extents());
	format!("slot {slot}: {operator}, {dtype} {shape:?}, {order}")
}

fn game_text(transcript: &Transcript, game: &Game) -> String {
	let [first, second] = game.pair.map(|root| short(&root));
	let mut pairs = vec![("game", format!("{first} against {second}"))];
	if let Some(slot) = game.slot {
		pairs.push(("differ in", kind_text(slot, game.kind.as_ref())));
	}
	match &game.position {
		Position::Due { place, step, missing } => {
			let due = game.due(transcript).unwrap_or_default();
			let owing = owing(game, *missing);
			let what = place_text(place);
			pairs.push(if game.open {
				("due", format!("{what} of {owing}, in step {step}, before tick {due}"))
			} else {
				("ended", format!("without {what} of {owing}"))
			});
		},
		Position::Open { question, .. } => {
			let chunk = game.chunk.map_or_else(String::new, |chunk| format!("chunk {chunk}, "));
			pairs.push(("first at", format!("{chunk}element {}", question.element)));
			let right = right(transcript, game);
			let sides = game.pair.iter().zip(values(&question.claims)).enumerate();
			let said = sides.map(|(side, (root, value))| {
				let right = if right == Some(side) { ", which is right" } else { "" };
				("", format!("{} says {}{right}", short(root), value.text))
			});
			pairs.extend(said);
		},
		Position::Lost(side) => {
			let loser = game.pair.get(*side).map(short).unwrap_or_default();
			pairs.push(("ended", format!("{loser} says something after the end of the run")));
		},
		Position::Same => pairs.push(("ended", "they are one history".into())),
	}
	lines(&pairs)
}

/// The histories that owe a move.
fn owing(game: &Game, missing: [bool; 2]) -> String {
	let owing = game.pair.iter().zip(missing).filter(|(_, missing)| *missing);
	owing.map(|(root, _)| short(root)).collect::<Vec<_>>().join(" and ")
}

fn place_text(place: &Place) -> String {
	match place {
		Place::Trace { level, index } => format!("the trace below node {index} of level {level}"),
		Place::Slot(slot) => format!("slot {slot}"),
		Place::Tensor { slot, level, index } => {
			format!("the tensor of slot {slot} below node {index} of level {level}")
		},
		Place::Chunk { slot, index } => format!("chunk {index} of slot {slot}"),
	}
}

fn money_text(transcript: &Transcript, money: &Money) -> String {
	let view = &transcript.view;
	let Money { slash, winners, pot, moves } = money;
	let reward = format!("{winners} × {} to whoever was right", asy(view.reward));
	let mut pairs = Vec::new();
	if let Some(slash) = slash {
		pairs.push(("slashed", format!("{} of the provider", asy(view.exposure))));
		pairs.push(("", reward));
		pairs.push(("", format!("{} to the requester", asy(slash.requester))));
		pairs.push(("", format!("{} burned", asy(slash.burned))));
	} else if *winners > 0 {
		pairs.push(("fee", reward));
	}
	let moved = pot.each_move.saturating_mul((*moves).into());
	let each = asy(pot.each_move);
	pairs.push(("bonds", format!("{} × {} lost", transcript.dispute.lost, asy(view.bond))));
	pairs.push(("", format!("{} for {moves} moves, {each} each", asy(moved))));
	if pot.provider > 0 {
		pairs.push(("", format!("{} to the provider", asy(pot.provider))));
	}
	pairs.push(("", format!("{} burned", asy(pot.burned))));
	let accounts = transcript.accounts();
	let shares = accounts.iter().filter_map(|one| Some((one.account, one.share?)));
	pairs.extend(shares.map(|(account, share)| {
		let account = to_ss58(account);
		(if share.paid { "paid" } else { "to pay" }, format!("{account} {}", share_text(&share)))
	}));
	lines(&pairs)
}

fn share_text(share: &Share) -> String {
	let Share { returned, lost, won, .. } = share;
	let (returned, lost, won) = (Amount(*returned), Amount(*lost), Amount(*won));
	format!("has {returned} ASY back, has lost {lost} and won {won}")
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::transcript::tests::{refuted, transcript, view, CHALLENGER, PROVIDER, RIGHT, WRONG};
	use assay_dispute::dispute::Stage;

	#[test]
	fn a_transcript_leads_to_the_element_and_to_both_values() {
		let text = dispute_text(&transcript(view(118)));
		for said in [
			"9.1 of version 0@1",
			"100 ASY of the provider, 1 ASY for each history",
			"1 of at most 4",
			"play at tick 118, 24 more until 142",
			"slot 1: Mul, float32 [300, 2], axes in the order [1, 0]",
			"chunk 1, element 5",
			"aaaaaaaa… says 0.25 (0x3e800000)",
			"bbbbbbbb… says 0.5 (0x3f000000)",
		] {
			assert!(text.contains(said), "{said}: {text}");
		}
		assert!(!text.contains("which is right") && !text.contains("slashed"), "{text}");
		assert!(text.contains(&format!("{} (challenger)", to_ss58(&CHALLENGER))), "{text}");
	}

	#[test]
	fn a_verdict_says_who_was_right_and_who_has_what() {
		let text = dispute_text(&transcript(refuted()));
		for said in [
			"refuted: the result differs from aaaaaaaa…",
			"aaaaaaaa… says 0.25 (0x3e800000), which is right",
			"1 × 40 ASY to whoever was right",
			"20 ASY to the requester",
			"40 ASY burned",
			"1 × 1 ASY lost",
			"0.05 ASY for 5 moves, 0.01 ASY each",
			"0.95 ASY burned",
			"has 1 ASY back, has lost 0 and won 40",
			"has 0 ASY back, has lost 1 and won 0",
		] {
			assert!(text.contains(said), "{said}: {text}");
		}
	}

	#[test]
	fn scripts_are_told_the_same() {
		let running = dispute(&transcript(view(118)));
		assert_eq!(running["phase"], "play");
		assert_eq!((&running["tick"], &running["until"]), (&json!(118), &json!(142)));
		assert_eq!((&running["outcome"], &running["money"]), (&Value::Null, &Value::Null));
		let game = &running["games"][0];
		assert_eq!((&game["operator"], &game["slot"]), (&json!("Mul"), &json!(1)));
		assert_eq!((&game["chunk"], &game["element"]), (&json!(1), &json!(5)));
		let values = json!([
			{ "value": 0.25, "bits": "3e800000" },
			{ "value": 0.5, "bits": "3f000000" },
		]);
		assert_eq!((&game["values"], &game["right"]), (&values, &Value::Null));

		let ended = dispute(&transcript(refuted()));
		assert_eq!(ended["outcome"]["verdict"], "refuted");
		assert_eq!(ended["outcome"]["survivor"], hex::encode(RIGHT));
		assert_eq!(ended["histories"][1]["state"], "lost");
		assert_eq!(ended["games"][0]["right"], 0);
		assert_eq!(ended["money"]["slash"]["each_challenger"], "40");
		assert_eq!(ended["accounts"][0]["account"], to_ss58(&PROVIDER));
		assert_eq!(ended["accounts"][0]["lost"], "1");
		assert_eq!(ended["accounts"][1]["won"], "40");
	}

	#[test]
	fn whoever_has_sealed_a_history_is_listed_without_it() {
		let mut view = view(100);
		view.dispute.alive.clear();
		view.histories.clear();
		view.stakes[1].stake.entry = Entry::Sealed([8; 32]);
		view.stakes.remove(0);
		let text = dispute_text(&transcript(view.clone()));
		assert!(text.contains("sealed") && !text.contains("0808"), "{text}");
		let row = row(&transcript(view));
		assert_eq!((row[3].as_str(), row[4].as_str(), row[5].as_str()), ("commit", "0", ""));
	}

	#[test]
	fn a_game_that_ends_by_silence_says_who_owed_what() {
		let mut view = view(130);
		view.dispute.stage = Stage::Output { survivor: RIGHT, since: 124, apart: false };
		view.dispute.alive = vec![RIGHT];
		view.histories[1].1.alive = false;
		let mut silent = transcript(view.clone());
		silent.board.shown.retain(|(root, _), _| *root != WRONG);
		let text = dispute_text(&silent);
		assert!(text.contains("without the trace below node 0 of level 1 of bbbbbbbb…"), "{text}");
	}

	#[test]
	fn a_void_result_pays_its_fee_to_whoever_was_right() {
		let mut view = refuted();
		view.dispute.stage = Stage::Ended(Outcome::Voided { survivor: RIGHT });
		view.reward = 7;
		let void = transcript(view);
		let text = dispute_text(&void);
		assert!(text.contains("void: the result is outside of the tolerance"), "{text}");
		assert!(text.contains("1 × 0.000000000007 ASY to whoever was right"), "{text}");
		assert!(!text.contains("slashed"), "{text}");
		let shown = dispute(&void);
		assert_eq!(shown["outcome"]["verdict"], "void");
		assert_eq!(
			(&shown["money"]["winners"], &shown["money"]["slash"]),
			(&json!(1), &Value::Null)
		);
	}

	#[test]
	fn a_probe_is_shown_under_the_number_of_its_job() {
		let mut view = view(118);
		view.id = view.id.of_probe();
		let probe = transcript(view);
		assert!(dispute_text(&probe).contains("9.1 (probe)"));
		assert_eq!((&dispute(&probe)["job"], &dispute(&probe)["probe"]), (&json!(9), &json!(true)));
	}

	#[test]
	fn elements_are_shown_as_numbers_and_as_bits() {
		let shown = |dtype, bits| value(Element::from_bits(dtype, bits));
		assert_eq!(shown(DType::Int8, 0xff).text, "-1 (0xff)");
		assert_eq!(shown(DType::Bool, 1).text, "true (0x01)");
		let nan = shown(DType::Float32, 0x7fc0_0000);
		assert_eq!((nan.text.as_str(), &nan.json["value"]), ("NaN (0x7fc00000)", &json!("NaN")));
		assert_eq!(shown(DType::Float32, 1).text, "1e-45 (0x00000001)");
	}
}
