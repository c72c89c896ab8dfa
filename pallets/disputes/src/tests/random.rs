//! Random games against the pallet: whatever anybody does, the dispute ends and the money adds up.
//!
//! The number of games is `ASSAY_PALLET_GAMES` (60 without); `scripts/games.sh` plays ten thousand.

use crate::{mock::*, Disputes};
use assay_canon::commitment::Hash;
use assay_dispute::{
	clock::Phase,
	dispute::{Outcome, Stage},
	position::Position,
	testing::Random,
};

/// What each of a few accounts does next, for good or ill.
fn act(random: &mut Random, histories: &[Hash]) {
	let Some(record) = Disputes::<Test>::get(ID) else { return };
	let account = [LIAR, HELPER, 100, 101, 102, 103][random.below(6)];
	let mut pick = || histories[random.below(histories.len())];
	let (first, second) = (pick(), pick());
	let _ = match record.dispute.clock.phase(Dispute::now()) {
		Phase::Commit => challenge(account, first),
		Phase::Reveal => reveal(account, first),
		Phase::Post => Dispute::post(by(account), ID, first),
		Phase::Play if first == second => Dispute::advance(by(account), ID),
		Phase::Play => match stands([first, second]) {
			Position::Due { .. } if random.chance(30) => {
				Dispute::forfeit(by(account), ID, first, second)
			},
			Position::Due { missing: [true, _], .. } => {
				Dispute::play(by(account), ID, first, second, due([first, second]))
			},
			Position::Open { .. } if random.chance(30) => {
				Dispute::open(by(account), ID, first, second, false, proof([first, second]))
			},
			_ => Dispute::forfeit(by(account), ID, first, second),
		},
	};
}

/// What the challenger does, who has the right history.
fn defend(truth: Hash) {
	let Some(record) = Disputes::<Test>::get(ID) else { return };
	let _ = match record.dispute.clock.phase(Dispute::now()) {
		Phase::Commit => challenge(CHALLENGER, truth),
		Phase::Reveal => reveal(CHALLENGER, truth),
		Phase::Post => Ok(()),
		Phase::Play => {
			for other in record.dispute.alive.iter().filter(|other| **other != truth) {
				let pair = [truth, *other];
				let _ = match stands(pair) {
					Position::Due { missing: [true, _], .. } => {
						Dispute::play(by(CHALLENGER), ID, truth, *other, due(pair))
					},
					Position::Open { .. } => {
						Dispute::open(by(CHALLENGER), ID, truth, *other, false, proof(pair))
					},
					_ => Dispute::forfeit(by(CHALLENGER), ID, truth, *other),
				};
			}
			Ok(())
		},
	};
}

#[test]
fn the_honest_history_survives_against_anybody_and_no_unit_leaks() {
	let count = std::env::var("ASSAY_PALLET_GAMES").ok().and_then(|count| count.parse().ok());
	let mut random = Random(31);
	for _ in 0..count.unwrap_or(60) {
		build_and_execute(|| {
			let issued = Balances::total_issuance();
			let truth = honest();
			let liars = 1 + random.below(5);
			let mut histories: Vec<Hash> = (0..liars).map(|_| liar(random.below(40))).collect();
			histories.push(truth);
			challenge(CHALLENGER, truth).unwrap();
			for _ in 0..600 {
				for _ in 0..random.below(5) {
					act(&mut random, &histories);
				}
				defend(truth);
				if random.chance(5) {
					Dispute::do_try_state().unwrap();
				}
				let Some(record) = Disputes::<Test>::get(ID) else { break };
				if let Stage::Ended(outcome) = record.dispute.stage {
					assert_eq!(outcome, Outcome::Accepted { survivor: truth });
				}
				next_block();
			}
			assert!(!Disputes::<Test>::contains_key(ID), "every dispute is closed in time");
			let held: u128 = (0..300).map(held).sum();
			assert_eq!((held, Balances::free_balance(Dispute::pot())), (0, ED));
			let burned: u128 = events()
				.into_iter()
				.map(|event| match event {
					crate::Event::Burned { amount, .. } => amount,
					_ => 0,
				})
				.sum();
			assert_eq!(Balances::total_issuance(), issued - burned);
		});
	}
}
