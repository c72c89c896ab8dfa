//! Each call, and each error that it can return.

use crate::{mock::*, Audits as Open, Error, Event, Seats};
use assay_canon::commitment::GraphHeader;
use assay_primitives::{audit::AuditOutcome, traits::Undisputable};
use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate};

type Fault = Error<Test>;

#[test]
fn two_who_agree_are_paid_and_the_job_goes_on() {
	build_and_execute(|| {
		let [one, other] = audited();
		assert_eq!(stays(JOB), 1);
		assert_ok!(commit(one, TRUTH));
		assert_eq!(held(one), BOND);
		assert_ok!(commit(other, TRUTH));
		assert_ok!(reveal(other, TRUTH));
		assert_eq!(stays(JOB), 1);
		assert_ok!(reveal(one, TRUTH));
		let paid = |auditor| Event::AuditorPaid { job: JOB, auditor, amount: PAY };
		let revealed = |auditor| Event::AuditRevealed { job: JOB, auditor, history: TRUTH };
		let committed = |auditor| Event::AuditCommitted { job: JOB, auditor };
		let expected = [
			Event::AuditOpened { job: JOB, auditors: [one, other], until: 4 + STEP },
			committed(one),
			committed(other),
			revealed(other),
			revealed(one),
			paid(one),
			paid(other),
			Event::AuditEnded { job: JOB, outcome: AuditOutcome::Agreed(TRUTH) },
		];
		assert_eq!(events(), expected);
		assert_eq!((held(one), held(other), stays(JOB)), (0, 0, 0));
		assert_eq!((Open::<Test>::iter().count(), Seats::<Test>::iter().count()), (0, 0));
	});
}

#[test]
fn two_who_disagree_play() {
	build_and_execute(|| {
		let [one, other] = audited();
		assert_ok!(commit(one, TRUTH));
		assert_ok!(commit(other, LIE));
		assert_ok!(reveal(one, TRUTH));
		assert_ok!(reveal(other, LIE));
		assert_eq!(Disputed::get(), Some((JOB, [(one, TRUTH), (other, LIE)])));
		assert_eq!(outcome(), Some(AuditOutcome::Disputed));
		assert_eq!((held(one), held(other)), (0, 0), "their bonds are those of the dispute");
		assert_eq!(Balances::free_balance(one), ENDOWMENT);
	});
}

#[test]
fn a_job_that_cannot_be_disputed_costs_those_who_disagree_nothing() {
	build_and_execute(|| {
		let [one, other] = audited();
		assert_ok!(commit(one, TRUTH));
		assert_ok!(commit(other, LIE));
		assert_ok!(reveal(one, TRUTH));
		Answer::set(Err(Undisputable::Refused));
		assert_ok!(reveal(other, LIE));
		assert_eq!(outcome(), Some(AuditOutcome::Undisputed));
		assert_eq!(Balances::free_balance(one), ENDOWMENT);
		assert_eq!(Balances::free_balance(other), ENDOWMENT);
		Answer::set(Ok(()));
	});
}

#[test]
fn a_commit_is_refused_of_others_twice_too_late_or_without_funds() {
	build_and_execute(|| {
		assert_noop!(commit(RIVALS[0], TRUTH), Fault::UnknownAudit);
		let [one, other] = audited();
		assert_noop!(commit(STRANGER, TRUTH), Fault::NotAuditor);
		spend_all(one);
		assert_noop!(commit(one, TRUTH), Fault::InsufficientFunds);
		unspend(one);
		assert_ok!(commit(one, TRUTH));
		assert_noop!(commit(one, LIE), Fault::AlreadyCommitted);
		System::set_block_number(4 + STEP);
		assert_noop!(commit(other, TRUTH), Fault::TooLate);
		change(JOB, |job| job.provisional = false);
		assert_noop!(commit(other, TRUTH), Fault::JobMoved);
	});
}

#[test]
fn a_reveal_is_refused_too_early_too_late_twice_or_if_it_is_not_what_was_sealed() {
	build_and_execute(|| {
		assert_noop!(reveal(RIVALS[0], TRUTH), Fault::UnknownAudit);
		let [one, other] = audited();
		assert_ok!(commit(one, TRUTH));
		assert_noop!(reveal(STRANGER, TRUTH), Fault::NotAuditor);
		assert_noop!(reveal(one, TRUTH), Fault::TooEarly);
		assert_noop!(reveal(other, TRUTH), Fault::NotCommitted);
		assert_ok!(commit(other, TRUTH));
		assert_noop!(reveal(one, LIE), Fault::WrongSeal);
		assert_ok!(reveal(one, TRUTH));
		assert_noop!(reveal(one, TRUTH), Fault::AlreadyRevealed);
		System::set_block_number(4 + STEP);
		assert_noop!(reveal(other, TRUTH), Fault::TooLate);
		change(JOB, |job| job.attempt = 2);
		assert_noop!(reveal(other, TRUTH), Fault::JobMoved);
		change(JOB, |job| job.attempt = 1);
	});
}

#[test]
fn advance_takes_the_step_that_is_due_and_no_other() {
	build_and_execute(|| {
		assert_noop!(Audits::advance(by(STRANGER), JOB), Fault::UnknownAudit);
		let [one, _] = audited();
		assert_noop!(Audits::advance(by(STRANGER), JOB), Fault::NothingToDo);
		assert_ok!(commit(one, TRUTH));
		System::set_block_number(4 + STEP);
		assert_ok!(Audits::advance(by(STRANGER), JOB));
		assert_noop!(Audits::advance(by(STRANGER), JOB), Fault::NothingToDo);
		assert_eq!(Open::<Test>::get(JOB).unwrap().until, 4 + 2 * STEP);
		System::set_block_number(4 + 2 * STEP);
		assert_ok!(Audits::advance(by(STRANGER), JOB));
		assert_eq!(outcome(), Some(AuditOutcome::Incomplete));
	});
}

#[test]
fn an_audit_that_nobody_waits_for_gives_every_bond_back() {
	build_and_execute(|| {
		let [one, other] = audited();
		assert_ok!(commit(one, TRUTH));
		assert_ok!(commit(other, LIE));
		assert_ok!(reveal(one, TRUTH));
		// Somebody has disputed the result.
		change(JOB, |job| job.provisional = false);
		assert_ok!(Audits::advance(by(STRANGER), JOB));
		assert_eq!(outcome(), Some(AuditOutcome::Dropped));
		assert_eq!(Balances::free_balance(one), ENDOWMENT);
		assert_eq!(Balances::free_balance(other), ENDOWMENT);
	});
}

/// By the sweep alone, and although the job is gone.
#[test]
fn an_audit_of_a_job_that_is_gone_ends_by_itself() {
	build_and_execute(|| {
		let [one, _] = audited();
		assert_ok!(commit(one, TRUTH));
		Jobs::set(Default::default());
		run_to(4 + STEP);
		assert_eq!(outcome(), Some(AuditOutcome::Dropped));
		assert_eq!(Balances::free_balance(one), ENDOWMENT);
	});
}

#[test]
fn whoever_brings_the_wrong_header_has_not_revealed() {
	build_and_execute(|| {
		let [one, other] = audited();
		assert_ok!(commit(one, TRUTH));
		assert_ok!(commit(other, LIE));
		assert_ok!(reveal(one, TRUTH));
		let mut forged = GraphHeader::default();
		forged.nodes.count += 1;
		let refused = Audits::reveal(by(other), JOB, LIE, SALT, Box::new(forged));
		assert_noop!(refused, Fault::WrongHeader);
		assert_eq!(held(other), BOND);
		run_to(4 + STEP);
		assert_eq!(outcome(), Some(AuditOutcome::Incomplete));
		assert_eq!(Balances::free_balance(other), ENDOWMENT - BOND);
	});
}

/// What an auditor has besides its bond is no concern of the audit.
#[test]
fn an_auditor_without_anything_else_is_paid() {
	build_and_execute(|| {
		let [one, other] = audited();
		Balances::set_balance(&one, BOND + ED);
		assert_ok!(commit(one, TRUTH));
		assert_ok!(commit(other, TRUTH));
		assert_ok!(reveal(one, TRUTH));
		assert_ok!(reveal(other, TRUTH));
		assert_eq!(Balances::free_balance(one), BOND + ED + PAY);
	});
}
