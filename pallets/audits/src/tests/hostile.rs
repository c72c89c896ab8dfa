//! Attacks.

use crate::{mock::*, types::MOST_QUARTERS, Audits as Open, Error, Event, Standings};
use assay_canon::commitment::Hash;
use assay_dispute::dispute::seal;
use assay_primitives::{
	audit::{subject, AuditOutcome},
	commitment::HostBlake2b256,
	provider::Statistics,
};
use codec::Encode;
use frame_support::{assert_noop, assert_ok};

/// A lazy auditor commits to what the other has sealed, and cannot open it.
#[test]
fn a_copied_commit_is_never_opened() {
	build_and_execute(|| {
		let [one, lazy] = audited();
		let copied = sealed(one, TRUTH);
		assert_ok!(commit(one, TRUTH));
		assert_ok!(Audits::commit(by(lazy), JOB, copied));
		assert_ok!(reveal(one, TRUTH));
		// The trace and the salt are public now.
		assert_noop!(reveal(lazy, TRUTH), Error::<Test>::WrongSeal);
		run_to(4 + STEP);
		assert_eq!(outcome(), Some(AuditOutcome::Incomplete));
		assert_eq!(Balances::free_balance(lazy), ENDOWMENT - BOND);
		assert_eq!(Balances::free_balance(one), ENDOWMENT + PAY);
	});
}

/// A seal of another job, another attempt or a dispute opens nothing here.
#[test]
fn a_seal_is_bound_to_its_job_and_attempt() {
	build_and_execute(|| {
		let [one, _] = audited();
		let seal_of =
			|subject: &[u8]| seal::<HostBlake2b256>(subject, &one.encode(), &TRUTH, &SALT);
		let others = [subject(JOB, 2), subject(STRANGE, 1), JOB.encode()];
		let seals: Vec<Hash> = others.iter().map(|subject| seal_of(subject)).collect();
		assert!(seals.iter().all(|seal| *seal != sealed(one, TRUTH)));
		assert_ok!(Audits::commit(by(one), JOB, seals[1]));
		System::set_block_number(4 + STEP);
		assert_noop!(reveal(one, TRUTH), Error::<Test>::WrongSeal);
	});
}

const STRANGE: assay_primitives::JobId = assay_primitives::JobId(8);

/// Whoever waits for the other's trace has to have sealed its own before.
#[test]
fn a_reveal_without_a_commit_is_nothing() {
	build_and_execute(|| {
		let [one, other] = audited();
		assert_ok!(commit(one, TRUTH));
		run_to(4 + STEP);
		assert_ok!(reveal(one, TRUTH));
		assert_eq!(outcome(), Some(AuditOutcome::Incomplete));
		assert_noop!(reveal(other, TRUTH), Error::<Test>::UnknownAudit);
		assert_noop!(commit(other, TRUTH), Error::<Test>::UnknownAudit);
		let missed = Event::AuditMissed { job: JOB, auditor: other, burned: 0 };
		assert!(events().contains(&missed));
		assert_eq!(Balances::free_balance(other), ENDOWMENT);
	});
}

#[test]
fn a_late_reveal_loses_the_bond() {
	build_and_execute(|| {
		let issued = Balances::total_issuance();
		let [one, other] = audited();
		assert_ok!(commit(one, TRUTH));
		assert_ok!(commit(other, TRUTH));
		assert_ok!(reveal(one, TRUTH));
		System::set_block_number(4 + STEP);
		assert_noop!(reveal(other, TRUTH), Error::<Test>::TooLate);
		assert_ok!(Audits::advance(by(STRANGER), JOB));
		assert_eq!(Balances::free_balance(one), ENDOWMENT + PAY);
		assert_eq!(Balances::free_balance(other), ENDOWMENT - BOND);
		assert_eq!(Balances::total_issuance(), issued - BOND - PAY);
	});
}

/// A late sweep does not prolong anything.
#[test]
fn a_reveal_that_comes_before_a_late_sweep_is_late() {
	build_and_execute(|| {
		let [one, _] = audited();
		assert_ok!(commit(one, TRUTH));
		System::set_block_number(4 + 2 * STEP);
		assert_noop!(reveal(one, TRUTH), Error::<Test>::TooLate);
		run_to(5 + 2 * STEP);
		assert_eq!(held(one), 0);
		assert_eq!(Balances::free_balance(one), ENDOWMENT - BOND);
	});
}

/// The clock of the job goes on, nobody is paid, and both are audited more often themselves.
#[test]
fn auditors_that_never_answer_hold_nobody_up() {
	build_and_execute(|| {
		let issued = Balances::total_issuance();
		let clean = Statistics { delivered: 5_000, ..Statistics::default() };
		Records::set(RIVALS.map(|rival| (rival, clean)).into());
		let silent = audited();
		run_to(4 + STEP);
		assert_eq!(outcome(), Some(AuditOutcome::Incomplete));
		assert_eq!(stays(JOB), 0);
		assert_eq!(Balances::total_issuance(), issued);
		for auditor in silent {
			let standing = Standings::<Test>::get(auditor);
			assert_eq!(standing.quarters(&clean), MOST_QUARTERS);
			assert_eq!(Balances::free_balance(auditor), ENDOWMENT);
		}
		Records::set(Default::default());
	});
}

/// Two who agree upon nonsense are paid, since nobody looks. But nothing follows from what they
/// say: the result stays provisional, and whoever runs the model disputes it as ever.
#[test]
fn a_colluding_pair_is_paid_and_decides_nothing() {
	build_and_execute(|| {
		let pair = audited();
		for auditor in pair {
			assert_ok!(commit(auditor, LIE));
		}
		for auditor in pair {
			assert_ok!(reveal(auditor, LIE));
		}
		assert_eq!(outcome(), Some(AuditOutcome::Agreed(LIE)));
		assert_eq!((Disputed::get(), Jobs::get()[&JOB].provisional), (None, true));
		let paid: u128 =
			pair.map(|auditor| Balances::free_balance(auditor) - ENDOWMENT).iter().sum();
		assert_eq!(paid, 2 * PAY);
	});
}

/// Whoever pulls out when the other's trace is known loses the bond.
#[test]
fn a_liar_that_sees_the_truth_cannot_withdraw() {
	build_and_execute(|| {
		let [one, liar] = audited();
		assert_ok!(commit(one, TRUTH));
		assert_ok!(commit(liar, LIE));
		assert_ok!(reveal(one, TRUTH));
		assert_noop!(reveal(liar, TRUTH), Error::<Test>::WrongSeal);
		run_to(4 + STEP);
		assert_eq!(Balances::free_balance(liar), ENDOWMENT - BOND);
	});
}

/// An account with a hundred audits has a bond in each.
#[test]
fn every_audit_has_bonds_of_its_own() {
	build_and_execute(|| {
		Free::set([PROVIDER, RIVALS[0], RIVALS[1]].map(|account| (account, STAKE)).into());
		for job in 0..20 {
			submitted(assay_primitives::JobId(job));
		}
		run_to(4);
		assert_eq!(Open::<Test>::iter().count(), 20);
		for job in 0..20 {
			let job = assay_primitives::JobId(job);
			assert_ok!(Audits::commit(by(RIVALS[0]), job, [job.0 as u8; 32]));
		}
		assert_eq!(held(RIVALS[0]), 20 * BOND);
		run_to(4 + 2 * STEP);
		assert_eq!(Balances::free_balance(RIVALS[0]), ENDOWMENT - 20 * BOND);
		Free::take();
	});
}
