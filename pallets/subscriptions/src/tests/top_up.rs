//! Budgets grow, and terms change.

use crate::{mock::*, Error, Event};
use assay_primitives::{
	job::Terms, subscription::Status, subscription::SubscriptionSpec, Balance, SubscriptionId,
};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

fn top_up(account: u64, id: SubscriptionId, amount: Balance) -> sp_runtime::DispatchResult {
	Subscriptions::top_up(by(account), id, amount)
}

#[test]
fn a_top_up_adds_to_the_budget() {
	build_and_execute(|| {
		let id = subscribed();
		assert_ok!(top_up(SUBSCRIBER, id, 77));
		assert_eq!(last_event(), Event::ToppedUp { subscription: id, amount: 77 });
		assert_eq!((view(id).unwrap().budget, held(SUBSCRIBER).0), (BUDGET + 77, BUDGET + 77));
	});
}

#[test]
fn a_top_up_lets_a_subscription_without_means_go_on_at_its_own_times() {
	build_and_execute(|| {
		let id = fed_subscription(spec(), FEE);
		run_to(20);
		assert_eq!(view(id).unwrap().status, Status::Unfunded);
		assert_ok!(top_up(SUBSCRIBER, id, COST));
		assert_eq!(view(id).unwrap().due, Some(22));
		run_to(22);
		assert_eq!((jobs(), view(id).unwrap().budget), (1, FEE));
	});
}

#[test]
fn a_top_up_fails_for_others_and_without_funds() {
	build_and_execute(|| {
		let id = subscribed();
		assert_noop!(top_up(FEEDER, id, 1), Fault::NotSubscriber);
		assert_noop!(top_up(SUBSCRIBER, SubscriptionId(9), 1), Fault::UnknownSubscription);
		assert_noop!(top_up(SUBSCRIBER, id, ENDOWMENT), Fault::InsufficientFunds);
		assert_noop!(top_up(SUBSCRIBER, id, Balance::MAX), Fault::Overflow);
	});
}

#[test]
fn other_terms_are_those_of_the_next_run() {
	build_and_execute(|| {
		let id = fed_subscription(SubscriptionSpec { repeat: true, ..spec() }, BUDGET);
		run_to(2);
		let dearer = Terms { max_fee: FEE + 100, ..terms() };
		assert_ok!(Subscriptions::set_terms(by(SUBSCRIBER), id, dearer));
		assert_eq!(last_event(), Event::TermsSet { subscription: id });
		assert_eq!(view(id).unwrap().cost, Some(COST + 100));
		run_to(2 + PERIOD);
		assert_eq!(view(id).unwrap().budget, BUDGET - 2 * COST - 100);
	});
}

#[test]
fn cheaper_terms_let_a_subscription_without_means_go_on() {
	build_and_execute(|| {
		let id = fed_subscription(spec(), FEE);
		run_to(5);
		let cheaper = Terms { max_fee: FEE - JOB_DEPOSIT - 12, ..terms() };
		assert_ok!(Subscriptions::set_terms(by(SUBSCRIBER), id, cheaper));
		run_to(2 + PERIOD);
		assert_eq!((jobs(), view(id).unwrap().budget), (1, 0));
	});
}

#[test]
fn terms_are_the_subscribers_alone() {
	build_and_execute(|| {
		let id = subscribed();
		let refused = Subscriptions::set_terms(by(FEEDER), id, terms());
		assert_noop!(refused, Fault::NotSubscriber);
		let unknown = Subscriptions::set_terms(by(SUBSCRIBER), SubscriptionId(9), terms());
		assert_noop!(unknown, Fault::UnknownSubscription);
	});
}
