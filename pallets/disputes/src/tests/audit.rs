//! Disputes that audits open.

use crate::{mock::*, Disputes, Error, Event, Stakes};
use assay_canon::commitment::{GraphHeader, Hash};
use assay_dispute::dispute::Outcome;
use assay_primitives::traits::{Disputable, Undisputable};
use frame_support::{assert_noop, assert_ok};

fn header() -> GraphHeader {
	with_world(|world| world.header.clone())
}

fn open(histories: [(u64, Hash); 2]) -> Result<(), Undisputable> {
	<Dispute as Disputable<u64>>::open(JOB, &header(), histories)
}

#[test]
fn auditors_who_disagree_play_with_their_bonds() {
	build_and_execute(|| {
		run_to(3 * STEP);
		let pair = [honest(), liar(0)];
		assert_ok!(open([(CHALLENGER, pair[0]), (LIAR, pair[1])]));
		assert_eq!((held(CHALLENGER), held(LIAR)), (BOND, BOND));
		assert_eq!(JobVerdict::get(), Verdict::Contested);
		let posted = |account, history| Event::HistoryPosted { id: ID, account, history };
		let opened = Event::DisputeOpened { id: ID, provider: PROVIDER };
		assert_eq!(events(), [opened, posted(CHALLENGER, pair[0]), posted(LIAR, pair[1])]);
		// Nobody seals what they have revealed; there is a step until D1.
		assert_noop!(challenge(HELPER, pair[0]), Error::<Test>::WrongPhase);
		assert_noop!(Dispute::post(by(HELPER), ID, liar(1)), Error::<Test>::WrongPhase);
		run_to(4 * STEP);
		assert_noop!(Dispute::post(by(HELPER), ID, pair[0]), Error::<Test>::AlreadyPosted);
		run_to(5 * STEP);
		play_to_the_element(pair);
		assert_ok!(Dispute::open(by(PAUPER), ID, pair[0], pair[1], false, proof(pair)));
		run_to_the_close();
		assert_eq!(outcome(), Some(Outcome::Accepted { survivor: pair[0] }));
		assert!(Balances::free_balance(CHALLENGER) >= ENDOWMENT, "it has challenged nothing");
		assert_eq!(Balances::free_balance(LIAR), ENDOWMENT - BOND);
	});
}

#[test]
fn what_cannot_be_opened_leaves_nothing_behind() {
	build_and_execute(|| {
		let right = [(CHALLENGER, honest()), (LIAR, liar(0))];
		let mut forged = header();
		forged.nodes.count += 1;
		let refused = <Dispute as Disputable<u64>>::open(JOB, &forged, right);
		assert_eq!(refused, Err(Undisputable::WrongHeader));
		// The mock keeps its verdict in a static, which a refusal does not turn back.
		assert_eq!(open(right), Err(Undisputable::Refused), "it is disputed already");
		JobVerdict::set(Verdict::Provisional);
		let poor = [(CHALLENGER, honest()), (PAUPER, liar(0))];
		assert_eq!(open(poor), Err(Undisputable::Refused));
		assert_eq!((held(CHALLENGER), held(PAUPER)), (0, 0));
		assert_eq!((Disputes::<Test>::iter().count(), Stakes::<Test>::iter().count()), (0, 0));
		assert_eq!(events(), []);
	});
}

#[test]
fn the_bond_of_an_auditor_is_that_of_a_history() {
	build_and_execute(|| {
		let bond = <Dispute as Disputable<u64>>::bond;
		assert_eq!((bond(0), bond(BOND * 1_024)), (BOND, BOND * 4));
	});
}
