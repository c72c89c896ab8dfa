//! Each transition of a group, and every order of them.

use super::*;
use crate::types::{Agreement, Lapse, Stays};
use assay_primitives::{
	job::{Choice, JobKind, RefundReason, Terms},
	money::{Earners, Fee},
	provider::Engagement,
	JobId, VersionId,
};
use proptest::prelude::*;

const SEAL: Root = Root([5; 32]);

fn group(replicas: u8, answers: u8) -> Group {
	Group::new(Redundancy { replicas, answers })
}

fn replica() -> Job<u64> {
	let terms = Terms {
		max_fee: 10,
		value: 0,
		deliver_within: 20,
		max_relative: None,
		reassign: true,
		choice: Choice::Any,
		usage: Default::default(),
		data: None,
	};
	let job = Job {
		requester: 1,
		version: VersionId::default(),
		group: Some(JobId(0)),
		kind: JobKind::Single,
		corrected: 0,
		units: 1,
		price: 10,
		input_root: Root::default(),
		inline: true,
		terms,
		earners: Earners::only(9),
		handed: None,
		deposit: 1,
		requested: 100,
		deadline: 120,
		disputes: 0,
		stays: Stays::default(),
		refuted: Default::default(),
		missed: Default::default(),
		agreement: None,
		paid: Default::default(),
		state: JobState::Requested,
		wake: 103,
	};
	let fee = Fee { work: 5, royalty: 2, data: 0 };
	job.assign(2, Agreement { fee, engagement: engagement(), seed: 7 }, 103, 10).unwrap()
}

fn engagement() -> Engagement {
	Engagement { version: VersionId::default(), exposure: 700, weight: None }
}

fn sealed() -> Job<u64> {
	replica().seal(2, SEAL, 105).unwrap()
}

fn output() -> OutputRecord {
	OutputRecord { root: Root([1; 32]), artifact: None }
}

#[test]
fn a_group_reveals_when_enough_is_sealed_or_nobody_is_left_to_seal() {
	let (waits, turn) = group(3, 2).advance(2, 1);
	assert_eq!((turn, waits.phase, waits.sealed), (Turn::Wait, Phase::Sealing, 1));
	for (waiting, sealed) in [(1, 2), (0, 1), (0, 3)] {
		let (reveals, turn) = group(3, 2).advance(waiting, sealed);
		assert_eq!((turn, reveals.phase), (Turn::Reveal, Phase::Revealing));
		assert_eq!(reveals.sealed, sealed);
	}
	let (over, turn) = group(3, 2).advance(0, 0);
	assert_eq!((turn, over.phase), (Turn::Wait, Phase::Over), "there is nothing to reveal");
}

#[test]
fn a_group_is_compared_once_when_nothing_is_sealed_any_more() {
	let (reveals, _) = group(2, 2).advance(0, 2);
	let (reveals, turn) = reveals.advance(0, 1);
	assert_eq!((turn, reveals.sealed), (Turn::Wait, 2), "it counts what was sealed");
	let (over, turn) = reveals.advance(0, 0);
	assert_eq!((turn, over.phase), (Turn::Compare, Phase::Over));
	assert_eq!(over.advance(0, 0), (over, Turn::Wait));
}

#[test]
fn states_are_counted_by_what_can_become_of_them() {
	let ended = JobState::Refunded { reason: RefundReason::Missed, at: 1 };
	let states = [JobState::Requested, replica().state, sealed().state, ended];
	assert_eq!(tally(&states), (2, 1));
}

#[test]
fn the_whole_way_of_a_good_replica() {
	let sealed = sealed();
	assert_eq!(sealed.wake, STOPPED);
	let opened = sealed.open_seal(110, 4);
	assert_eq!(opened.wake, 115);
	assert_eq!(opened.ensure_may_reveal(&2, 114), Ok(SEAL));
	let revealed = opened.reveal(2, output(), 114, 5).unwrap();
	assert_eq!((revealed.wake, revealed.attempts()), (119, 1));
}

#[test]
fn a_seal_of_somebody_else_twice_too_late_or_of_a_lone_job_is_refused() {
	assert_eq!(replica().seal(3, SEAL, 105), Err(JobFault::NotAssigned));
	assert_eq!(replica().seal(2, SEAL, 114), Err(JobFault::DeadlinePassed));
	assert_eq!(sealed().seal(2, SEAL, 106), Err(JobFault::AlreadySealed));
	assert_eq!(sealed().seal(3, SEAL, 106), Err(JobFault::NotAssigned));
	let lone = Job { group: None, ..replica() };
	assert_eq!(lone.clone().seal(2, SEAL, 105), Err(JobFault::NotRedundant));
	assert_eq!(lone.ensure_may_reveal(&2, 105), Err(JobFault::NotRedundant));
}

#[test]
fn a_result_that_is_not_sealed_or_not_opened_is_not_revealed() {
	assert_eq!(replica().ensure_may_reveal(&2, 105), Err(JobFault::NotSealed));
	assert_eq!(replica().ensure_may_reveal(&3, 105), Err(JobFault::NotAssigned));
	assert_eq!(sealed().ensure_may_reveal(&2, 105), Err(JobFault::TooEarly));
	let opened = sealed().open_seal(110, 4);
	assert_eq!(opened.ensure_may_reveal(&3, 114), Err(JobFault::NotAssigned));
	assert_eq!(opened.ensure_may_reveal(&2, 115), Err(JobFault::DeadlinePassed));
	let revealed = opened.reveal(2, output(), 114, 5).unwrap();
	assert_eq!(revealed.ensure_may_reveal(&2, 114), Err(JobFault::AlreadySubmitted));
	let (settled, _) = revealed.settle(119, 50).unwrap();
	assert_eq!(settled.ensure_may_reveal(&2, 120), Err(JobFault::Ended));
}

#[test]
fn a_seal_that_is_not_opened_in_time_is_a_miss_and_never_drawn_again() {
	assert_eq!(sealed().lapse(500, 3, 503, 50), Err(JobFault::NotExpired));
	let opened = sealed().open_seal(105, 4);
	assert_eq!(opened.clone().lapse(109, 3, 113, 50), Err(JobFault::NotExpired));
	// There is time and there are attempts: the job ends all the same.
	let (job, lapse) = opened.lapse(110, 3, 113, 50).unwrap();
	assert_eq!(lapse, Lapse::Refund { provider: 2, engagement: engagement() });
	assert_eq!(job.state, JobState::Refunded { reason: RefundReason::Missed, at: 110 });
	assert_eq!((job.missed.to_vec(), job.agreement), (vec![2], None));
}

#[test]
fn a_sealed_job_is_neither_stayed_disputed_settled_nor_cancelled() {
	let opened = sealed().open_seal(110, 4);
	for job in [sealed(), opened] {
		assert_eq!(job.clone().stay(&2, 111, 20), Err(JobFault::NotStayable));
		assert_eq!(job.clone().challenge(111), Err(JobFault::NotSubmitted));
		assert_eq!(job.clone().settle(111, 5), Err(JobFault::NotSubmitted));
		assert_eq!(job.clone().cancel(&1, 111, 5), Err(JobFault::TooLate));
		assert_eq!(job.clone().submit(2, output(), 111, 5), Err(JobFault::AlreadySealed));
		assert_eq!(job.clone().withhold_output(1, 111), None);
		assert_eq!(job.withhold_input(1, 111, 5), None);
	}
}

/// A provider asks for the input, finds it elsewhere and seals. When the result is revealed, its
/// window waits for the same question.
#[test]
fn a_stay_from_before_the_seal_is_kept_for_the_window() {
	let stayed = replica().stay(&2, 104, 20).unwrap().seal(2, SEAL, 105).unwrap();
	assert_eq!(stayed.wake, STOPPED);
	let opened = stayed.open_seal(110, 4);
	let revealed = opened.clone().reveal(2, output(), 112, 5).unwrap();
	assert_eq!((revealed.wake, revealed.stays.left), (STOPPED, 5));
	assert_eq!(revealed.resume(1, 120).wake, 125);
	let resumed = opened.resume(1, 111);
	assert_eq!((resumed.wake, resumed.stays.open), (115, 0));
	assert_eq!(resumed.reveal(2, output(), 112, 5).unwrap().wake, 117);
}

/// Whoever was drawn next could copy what the others have revealed.
#[test]
fn a_refuted_replica_is_not_drawn_again() {
	let revealed = sealed().open_seal(110, 4).reveal(2, output(), 112, 5).unwrap();
	let (slashed, _) = revealed.challenge(113).unwrap().refute(114, 8, 117, 50).unwrap();
	assert!(slashed.terms.reassign);
	assert!(matches!(slashed.state, JobState::Slashed { .. }));
}

proptest! {
	/// However its replicas go on, a group takes its turns in order and each at most once, and is
	/// over when they are.
	#[test]
	fn every_group_comes_to_its_end(
		replicas in 2u8..=8,
		answers in 1u8..=8,
		moves in proptest::collection::vec(any::<bool>(), 16),
	) {
		let mut group = group(replicas, answers.min(replicas));
		let (mut waiting, mut sealed, mut turns) = (replicas, 0u8, Vec::new());
		for seals in moves {
			match group.phase {
				Phase::Sealing => {
					waiting -= 1;
					sealed += u8::from(seals);
				},
				Phase::Revealing => sealed -= 1,
				Phase::Over => {},
			}
			let (next, turn) = group.advance(waiting, sealed);
			if turn == Turn::Reveal {
				prop_assert!(sealed == group.answers || waiting == 0);
				waiting = 0;
			}
			if turn != Turn::Wait {
				turns.push(turn);
			}
			group = next;
		}
		prop_assert_eq!(group.phase, Phase::Over);
		let expected = if group.sealed > 0 { vec![Turn::Reveal, Turn::Compare] } else { vec![] };
		prop_assert_eq!(turns, expected);
	}
}
