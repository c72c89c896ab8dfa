//! Attacks, each named.

use crate::{mock::*, Error};
use assay_primitives::{
	job::MAX_INLINE_INPUT,
	subscription::{Status, SubscriptionSpec},
};
use frame_support::{assert_noop, assert_ok, traits::Hooks};
use sp_runtime::TokenError;

/// Subscriptions that never have an input, or never the means, to keep the sweep busy for nothing.
#[test]
fn what_cannot_run_costs_the_sweep_nothing() {
	build_and_execute(|| {
		let shortest = SubscriptionSpec { period: MIN_PERIOD, ..spec() };
		for _ in 0..MOST - 1 {
			assert_ok!(subscribe(shortest.clone(), BUDGET));
		}
		let starved = fed_subscription(shortest, FEE);
		run_to(2);
		assert_eq!(view(starved).unwrap().status, Status::Unfunded);
		let before = events().len();
		for block in 3..RETENTION {
			System::set_block_number(block);
			let used = Subscriptions::on_initialize(block);
			// One look at the agenda of the block, and no step.
			assert_eq!(used.ref_time(), 1);
		}
		assert_eq!(events().len(), before);
	});
}

/// A feeder feeds again and again to have more runs than periods.
#[test]
fn feeding_often_makes_no_more_runs() {
	build_and_execute(|| {
		let id = fed_subscription(spec(), BUDGET);
		for block in 2..=1 + 5 * PERIOD {
			assert_ok!(feed(FEEDER, id));
			run_to(block);
		}
		assert_eq!(jobs(), 5);
	});
}

/// Pausing and going on again and again, for the same.
#[test]
fn pausing_often_makes_no_more_runs() {
	build_and_execute(|| {
		let id = fed_subscription(SubscriptionSpec { repeat: true, ..spec() }, BUDGET);
		for block in 2..=1 + 4 * PERIOD {
			assert_ok!(Subscriptions::set_paused(by(SUBSCRIBER), id, true));
			assert_ok!(Subscriptions::set_paused(by(SUBSCRIBER), id, false));
			run_to(block);
		}
		assert_eq!(jobs(), 4);
	});
}

/// A subscriber spends what is set aside.
#[test]
fn a_budget_cannot_be_spent_on_anything_else() {
	build_and_execute(|| {
		let id = fed_subscription(spec(), ENDOWMENT - 2 * BASE);
		let spent = Balances::transfer_allow_death(by(SUBSCRIBER), STRANGER, 2 * BASE);
		assert_noop!(spent, TokenError::FundsUnavailable);
		// All of the rest may go, and the run is made all the same.
		let rest = free(SUBSCRIBER) - ED;
		assert_ok!(Balances::transfer_allow_death(by(SUBSCRIBER), STRANGER, rest));
		run_to(2);
		assert_eq!((jobs(), free(SUBSCRIBER)), (1, ED));
		assert_eq!(view(id).unwrap().budget, ENDOWMENT - 2 * BASE - COST);
	});
}

/// A feeder fills the chain at the cost of the subscriber.
#[test]
fn who_feeds_pays_for_the_bytes() {
	build_and_execute(|| {
		let id = subscribed();
		let largest = input_of(0, MAX_INLINE_INPUT as usize);
		assert_ok!(Subscriptions::feed(by(FEEDER), id, Box::new(largest)));
		assert!(held(FEEDER).1 > PER_BYTE * u128::from(MAX_INLINE_INPUT));
		assert_eq!(held(SUBSCRIBER), (BUDGET, BASE));
		// It costs more than is left, and so the subscription rests, with its means.
		run_to(3);
		assert_eq!((jobs(), view(id).unwrap().status), (0, Status::Unfunded));
		assert_eq!(held(SUBSCRIBER), (BUDGET, BASE));
		// A smaller one is run again.
		assert_ok!(feed(FEEDER, id));
		run_to(2 + PERIOD);
		assert_eq!(jobs(), 1);
	});
}

/// A feeder whose deposit is kept by a subscription that is paused or never runs.
#[test]
fn a_feeder_is_never_kept_from_its_deposit() {
	build_and_execute(|| {
		let id = fed_subscription(spec(), BUDGET);
		assert_ok!(Subscriptions::set_paused(by(SUBSCRIBER), id, true));
		assert_ok!(Subscriptions::take_back(by(FEEDER), id));
		assert_eq!(free(FEEDER), ENDOWMENT);
		assert_ok!(Subscriptions::set_paused(by(SUBSCRIBER), id, false));
	});
}

/// Somebody ends the subscriptions of others.
#[test]
fn strangers_do_nothing_to_a_subscription_that_runs() {
	build_and_execute(|| {
		let id = fed_subscription(spec(), BUDGET);
		let stranger = || by(STRANGER);
		let fault = Error::<Test>::NotSubscriber;
		assert_noop!(Subscriptions::end(stranger(), id), fault);
		assert_noop!(Subscriptions::top_up(stranger(), id, 1), Error::<Test>::NotSubscriber);
		assert_noop!(Subscriptions::expire(stranger(), id), Error::<Test>::NotLapsed);
		assert_noop!(
			Subscriptions::feed(stranger(), id, Box::new(input_of(0, 1))),
			Error::<Test>::NotFeeder
		);
	});
}
