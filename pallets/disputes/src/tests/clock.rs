//! The step clock and the sweep.

use crate::{mock::*, Clock, Disputes, Full};
use assay_dispute::dispute::{Outcome, Stage};
use frame_support::{
	assert_ok,
	dispatch::DispatchClass,
	traits::{Get, Hooks},
	weights::Weight,
};
use frame_system::limits::{BlockLength, BlockWeights};

#[test]
fn the_clock_counts_blocks() {
	build_and_execute(|| {
		next_block();
		next_block();
		assert_eq!(Clock::<Test>::get(), 2);
	});
}

/// Whoever follows the fork that is given up must not have lost there by time.
#[test]
fn the_clock_stands_while_finality_lags() {
	build_and_execute(|| {
		let tick = Clock::<Test>::get();
		Lags::set(true);
		(0..100).for_each(|_| next_block());
		assert_eq!(Clock::<Test>::get(), tick);
		Lags::set(false);
		next_block();
		assert_eq!(Clock::<Test>::get(), tick + 1);
	});
}

/// Censorship by full blocks: time that nobody could move in does not count.
#[test]
fn the_clock_stands_after_a_block_without_room_for_moves() {
	build_and_execute(|| {
		let limits: BlockWeights = <Test as frame_system::Config>::BlockWeights::get();
		let most = |class| limits.get(class).max_total.unwrap_or(limits.max_block);
		// Ordinary transactions, however many, do not stop it: moves have their own share.
		let ordinary = most(DispatchClass::Normal);
		System::register_extra_weight_unchecked(ordinary, DispatchClass::Normal);
		next_block();
		assert_eq!(Clock::<Test>::get(), 1);
		// With that share used up too, it stands.
		let reserved = limits.get(DispatchClass::Operational).reserved.unwrap();
		System::register_extra_weight_unchecked(reserved, DispatchClass::Operational);
		next_block();
		assert_eq!(Clock::<Test>::get(), 1);
		assert!(!Full::<Test>::get());
		frame_system::BlockWeight::<Test>::kill();
		next_block();
		assert_eq!(Clock::<Test>::get(), 2);
		// Moves alone, without ordinary transactions.
		let moves = most(DispatchClass::Operational);
		System::register_extra_weight_unchecked(moves, DispatchClass::Operational);
		next_block();
		assert_eq!(Clock::<Test>::get(), 2);
		frame_system::BlockWeight::<Test>::kill();
		// Bytes count like weight.
		let length: BlockLength = <Test as frame_system::Config>::BlockLength::get();
		frame_system::BlockSize::<Test>::put(length.max.get(DispatchClass::Operational) - 1);
		next_block();
		assert_eq!(Clock::<Test>::get(), 2);
		frame_system::BlockSize::<Test>::kill();
		next_block();
		assert_eq!(Clock::<Test>::get(), 3);
	});
}

#[test]
fn the_sweep_alone_ends_a_dispute_that_everybody_left() {
	build_and_execute(|| {
		assert_ok!(challenge(CHALLENGER, honest()));
		run_to_the_close();
		assert_eq!(outcome(), Some(Outcome::Exhausted));
		assert_eq!(JobVerdict::get(), Verdict::Voided);
		assert_eq!(held(CHALLENGER), 0);
	});
}

/// A sweep that has no room in many blocks: nothing is lost, and nothing is done twice.
#[test]
fn a_late_sweep_changes_nothing_about_who_may_move() {
	build_and_execute(|| {
		SweepLimit::set(Weight::zero());
		assert_ok!(challenge(CHALLENGER, honest()));
		run_to(began() + STEP);
		assert_ok!(reveal(CHALLENGER, honest()));
		let end = began() + 4 * STEP;
		run_to(end + 10);
		assert_eq!(stage(), Stage::Contest);
		SweepLimit::set(Weight::from_parts(1_000_000, u64::MAX));
		next_block();
		assert_eq!(outcome(), Some(Outcome::Accepted { survivor: honest() }));
		run_to_the_close();
	});
}

#[test]
fn the_sweep_stays_within_its_weight() {
	build_and_execute(|| {
		SweepLimit::set(Weight::from_parts(3, u64::MAX));
		assert_ok!(challenge(CHALLENGER, honest()));
		for _ in 0..200 {
			let next = System::block_number() + 1;
			System::set_block_number(next);
			let used = Dispute::on_initialize(next);
			// The clock, and what the sweep may take.
			assert!(used.ref_time() <= 4, "{used:?}");
		}
		SweepLimit::set(Weight::from_parts(1_000_000, u64::MAX));
		assert!(!Disputes::<Test>::contains_key(ID), "and it gets done");
	});
}

/// A model that takes long to run leaves its players more time for each step.
#[test]
fn the_step_of_a_dear_job_is_longer() {
	build_and_execute(|| {
		LeastStep::set(2 * STEP);
		assert_ok!(challenge(CHALLENGER, honest()));
		assert_eq!(Disputes::<Test>::get(ID).unwrap().dispute.clock.step, 2 * STEP);
		run_to_the_close();
		LeastStep::set(0);
	});
}
