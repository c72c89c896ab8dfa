//! What happens in a dispute, one thing after the other.

use super::{
	account, entry, kind_text, name, outcome_text, owing, place_text, role, share_text, short,
	values, Said,
};
use crate::{
	amount::asy,
	transcript::{Account, Game, Transcript},
};
use assay_canon::commitment::Hash;
use assay_client::keys::to_ss58;
use assay_dispute::{
	board::{Entry, History},
	dispute::Outcome,
	position::Position,
};
use serde_json::json;

/// All that has happened in a dispute, as far as it is still seen, in the order of the game.
pub fn facts(transcript: &Transcript) -> Vec<Said> {
	let mut facts = vec![opened(transcript), phase(transcript)];
	facts.extend(transcript.accounts().iter().map(staked));
	facts.extend(transcript.games().iter().filter(|game| game.open).map(|game| {
		let json = json!({ "event": "game", "game": super::game(transcript, game) });
		Said { json, text: game_line(game) }
	}));
	let histories = transcript.view.histories.iter().filter(|(_, history)| !history.alive);
	facts.extend(histories.map(|(root, history)| lost(&root.0, history)));
	facts.extend(transcript.dispute.survivor().map(|root| survived(&root)));
	facts.extend(transcript.dispute.outcome().map(|one| ended(transcript, one)));
	facts.extend(transcript.accounts().iter().filter_map(paid));
	facts.extend(
		transcript
			.view
			.divided
			.then(|| Said { json: json!({ "event": "divided" }), text: "all is divided".into() }),
	);
	facts
}

fn opened(transcript: &Transcript) -> Said {
	let view = &transcript.view;
	let (dispute, provider, exposure) =
		(name(view.id), to_ss58(&view.provider), asy(view.exposure));
	Said {
		json: json!({ "event": "opened", "dispute": entry(transcript) }),
		text: format!(
			"dispute {dispute}: the result of {provider} is disputed, at stake {exposure}"
		),
	}
}

fn phase(transcript: &Transcript) -> Said {
	let (round, phase) = (transcript.dispute.round, transcript.phase());
	let what = match phase {
		"commit" => "challengers seal histories",
		"reveal" => "challengers reveal their histories",
		"post" => "anybody may post another history",
		"play" => "histories play",
		"output" => "one history is left: the result is compared with it",
		"probe" => "the result is far off: a second dispute decides if rounding explains that",
		_ => "the dispute has ended",
	};
	Said {
		json: json!({ "event": "phase", "round": round, "phase": phase }),
		text: format!("round {}, {phase}: {what}", round.saturating_add(1)),
	}
}

fn staked(one: &Account<'_>) -> Said {
	let who = to_ss58(one.account);
	let text = match &one.stake.entry {
		Entry::Sealed(_) => format!("{who} has sealed a history"),
		Entry::Challenger(root) => format!("{who} challenges with {}", short(root)),
		Entry::Poster(root) => format!("{who} posts {}", short(root)),
		Entry::KeptOut => format!("{who} found no room for its history"),
	};
	let json = json!({
		"event": role(&one.stake.entry),
		"account": who,
		"round": one.stake.round,
		"history": one.stake.entry.history().map(hex::encode),
	});
	let round = one.stake.round.saturating_add(1);
	Said { json, text: format!("{text} (round {round})") }
}

fn game_line(game: &Game) -> String {
	let [first, second] = game.pair.map(|root| short(&root));
	let slot = game.slot.map(|slot| kind_text(slot, game.kind.as_ref()));
	let differ = slot.map_or_else(String::new, |slot| format!(" differ in {slot}"));
	let next = match &game.position {
		Position::Due { place, missing, .. } => {
			format!("{} is due of {}", place_text(place), owing(game, *missing))
		},
		Position::Open { question, .. } => {
			let [one, other] = values(&question.claims);
			format!("element {} is {} or {}", question.element, one.text, other.text)
		},
		Position::Lost(_) => "one goes on after the end of the run".into(),
		Position::Same => "they are one history".into(),
	};
	format!("{first} and {second}{differ}: {next}")
}

fn lost(root: &Hash, history: &History) -> Said {
	Said {
		json: json!({ "event": "lost", "history": hex::encode(root), "round": history.since }),
		text: format!("{} has lost", short(root)),
	}
}

fn survived(root: &Hash) -> Said {
	Said {
		json: json!({ "event": "survived", "history": hex::encode(root) }),
		text: format!("{} is left", short(root)),
	}
}

fn ended(transcript: &Transcript, outcome: Outcome) -> Said {
	let dispute = name(transcript.view.id);
	Said {
		json: json!({ "event": "ended", "outcome": super::outcome(outcome) }),
		text: format!("dispute {dispute}: {}", outcome_text(transcript, outcome)),
	}
}

fn paid(one: &Account<'_>) -> Option<Said> {
	let share = one.share.filter(|share| share.paid)?;
	let who = to_ss58(one.account);
	let text = format!("{who} {}", share_text(&share));
	Some(Said { json: json!({ "event": "paid", "account": account(one) }), text })
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::transcript::tests::{refuted, transcript, view};

	#[test]
	fn each_fact_is_one_that_stays_until_the_game_goes_on() {
		let texts = |view| facts(&transcript(view)).into_iter().map(|fact| fact.text).collect();
		let playing: Vec<String> = texts(view(118));
		assert_eq!(playing, texts(view(119)));
		assert!(playing.iter().any(|text| text.contains("element 5 is 0.25")), "{playing:?}");
		let ended: Vec<String> = texts(refuted());
		assert!(ended.contains(&"bbbbbbbb… has lost".into()), "{ended:?}");
		assert!(ended.iter().any(|text| text.contains("refuted")), "{ended:?}");
	}
}
