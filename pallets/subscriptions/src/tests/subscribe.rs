//! Subscriptions are made, and refused.

use crate::{mock::*, Error, Event, NextSubscription, Owned};
use assay_primitives::{
	subscription::{Status, SubscriptionSpec, Target},
	Balance, ModelId, SubscriptionId, VersionId,
};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

#[test]
fn a_subscription_holds_its_budget_and_a_deposit() {
	build_and_execute(|| {
		assert_ok!(subscribe(spec(), BUDGET));
		assert_eq!(held(SUBSCRIBER), (BUDGET, BASE));
		let target = Target::Version(VERSION);
		let subscriber = SUBSCRIBER;
		let subscribed = Event::Subscribed { subscription: ID, subscriber, target, budget: BUDGET };
		assert_eq!(events(), [subscribed]);
		let view = view(ID).unwrap();
		assert_eq!(
			(view.status, view.due, view.lapses),
			(Status::Waiting, None, Some(1 + RETENTION))
		);
		assert_eq!(Owned::<Test>::get(SUBSCRIBER).into_inner(), [ID]);
		// Nothing is run without an input.
		run_to(40);
		assert_eq!((jobs(), events().len()), (0, 1));
	});
}

#[test]
fn a_subscription_fails_when_its_period_is_no_period() {
	build_and_execute(|| {
		for period in [0, MIN_PERIOD - 1, MAX_PERIOD + 1, u32::MAX] {
			let refused = subscribe(SubscriptionSpec { period, ..spec() }, BUDGET);
			assert_noop!(refused, Fault::InvalidPeriod);
		}
		for period in [MIN_PERIOD, MAX_PERIOD] {
			assert_ok!(subscribe(SubscriptionSpec { period, ..spec() }, BUDGET));
		}
	});
}

#[test]
fn a_subscription_fails_when_it_is_to_nothing() {
	build_and_execute(|| {
		let refused = subscribe(SubscriptionSpec { runs: Some(0), ..spec() }, BUDGET);
		assert_noop!(refused, Fault::NoRuns);
		let other = VersionId { number: 1, ..VERSION };
		let unknown = [Target::Version(other), Target::Newest(ModelId(8))];
		for target in unknown {
			let refused = subscribe(SubscriptionSpec { target, ..spec() }, BUDGET);
			assert_noop!(refused, Fault::NoActiveVersion);
		}
		Newest::set(None);
		let newest = Target::Newest(VERSION.model);
		for target in [newest, Target::Version(VERSION)] {
			let refused = subscribe(SubscriptionSpec { target, ..spec() }, BUDGET);
			assert_noop!(refused, Fault::NoActiveVersion);
		}
	});
}

#[test]
fn a_subscription_fails_when_its_budget_covers_no_fee_or_cannot_be_held() {
	build_and_execute(|| {
		assert_noop!(subscribe(spec(), FEE - 1), Fault::BudgetTooSmall);
		assert_noop!(subscribe(spec(), ENDOWMENT), Fault::InsufficientFunds);
		let all = ENDOWMENT - ED;
		assert_noop!(subscribe(spec(), all - BASE + 1), Fault::InsufficientFunds);
		assert_noop!(subscribe(spec(), Balance::MAX), Fault::InsufficientFunds);
		let refused = Subscriptions::subscribe(by(PAUPER), spec(), FEE);
		assert_noop!(refused, Fault::InsufficientFunds);
		assert_ok!(subscribe(spec(), all - BASE));
	});
}

#[test]
fn an_account_has_so_many_subscriptions_and_no_more() {
	build_and_execute(|| {
		for _ in 0..MOST {
			assert_ok!(subscribe(spec(), FEE));
		}
		assert_noop!(subscribe(spec(), FEE), Fault::TooManySubscriptions);
		// Those of others do not count, and one that ends makes room.
		assert_ok!(Subscriptions::subscribe(by(STRANGER), spec(), FEE));
		assert_ok!(Subscriptions::end(by(SUBSCRIBER), SubscriptionId(1)));
		assert_ok!(subscribe(spec(), FEE));
		let ids = Owned::<Test>::get(SUBSCRIBER).into_inner();
		assert_eq!(ids, [0, 2, 3, 5].map(SubscriptionId));
	});
}

#[test]
fn a_subscription_fails_when_no_number_is_left() {
	build_and_execute(|| {
		NextSubscription::<Test>::put(SubscriptionId(u64::MAX));
		assert_noop!(subscribe(spec(), FEE), Fault::Overflow);
	});
}
