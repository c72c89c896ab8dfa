//! What clients read.

use crate::mock::*;
use assay_primitives::{
	api::Page,
	subscription::{FedView, Run, Status, SubscriptionSpec, SubscriptionView},
	JobId, SubscriptionId,
};
use frame_support::assert_ok;

fn ids(page: Page<SubscriptionView<u64>, SubscriptionId>) -> (Vec<u64>, Option<u64>) {
	(page.items.into_iter().map(|view| view.id.0).collect(), page.next.map(|id| id.0))
}

#[test]
fn a_view_says_what_a_run_costs_and_how_long_the_budget_lasts() {
	build_and_execute(|| {
		let budget = 3 * COST + 1;
		let id = fed_subscription(spec(), budget);
		let expected = SubscriptionView {
			id,
			subscriber: SUBSCRIBER,
			spec: spec(),
			budget,
			deposit: BASE,
			status: Status::Scheduled,
			due: Some(2),
			lapses: None,
			input: Some(FedView { by: FEEDER, deposit: INPUT_DEPOSIT, bytes: 12 }),
			cost: Some(COST),
			affords: Some(3),
			made: 0,
			failures: 0,
			last: None,
		};
		assert_eq!(view(id), Some(expected));
		// Without an input, the last run says what one costs.
		run_to(2);
		let view = view(id).unwrap();
		assert_eq!((view.input, view.cost, view.affords), (None, Some(COST), Some(2)));
		assert_eq!(view.last, Some(Run { job: JobId(0), at: 2, cost: COST }));
	});
}

#[test]
fn before_the_first_input_nobody_knows_what_a_run_costs() {
	build_and_execute(|| {
		let id = subscribed();
		let view = view(id).unwrap();
		assert_eq!((view.cost, view.affords, view.lapses), (None, None, Some(1 + RETENTION)));
	});
}

#[test]
fn no_more_runs_are_afforded_than_are_left() {
	build_and_execute(|| {
		let id = fed_subscription(SubscriptionSpec { runs: Some(2), ..spec() }, BUDGET);
		assert_eq!(view(id).unwrap().affords, Some(2));
	});
}

#[test]
fn subscriptions_are_listed_by_account_and_in_pages() {
	build_and_execute(|| {
		for account in [SUBSCRIBER, STRANGER, SUBSCRIBER, SUBSCRIBER] {
			assert_ok!(Subscriptions::subscribe(by(account), spec(), BUDGET));
		}
		assert_ok!(Subscriptions::end(by(SUBSCRIBER), SubscriptionId(2)));
		let list =
			|of, start, limit| ids(Subscriptions::subscriptions(of, SubscriptionId(start), limit));
		assert_eq!(list(None, 0, 100), (vec![0, 1, 3], None));
		assert_eq!(list(None, 0, 2), (vec![0, 1], Some(2)));
		assert_eq!(list(None, 2, 2), (vec![3], None));
		assert_eq!(list(Some(SUBSCRIBER), 0, 1), (vec![0], Some(3)));
		assert_eq!(list(Some(SUBSCRIBER), 3, 1), (vec![3], None));
		assert_eq!(list(Some(FEEDER), 0, 1), (vec![], None));
		// A limit of none gives one: a client that pages always comes on.
		assert_eq!(list(None, 0, 0), (vec![0], Some(1)));
		assert_eq!(list(None, u64::MAX, 9), (vec![], None));
	});
}

#[test]
fn a_page_passes_over_many_that_have_ended() {
	build_and_execute(|| {
		crate::NextSubscription::<Test>::put(SubscriptionId(2_500));
		let id = subscribed();
		let (mut start, mut pages) = (SubscriptionId(0), 0);
		loop {
			let page = Subscriptions::subscriptions(None, start, 10);
			pages += 1;
			match page.next {
				Some(next) => start = next,
				None => {
					assert_eq!(page.items[0].id, id);
					break;
				},
			}
		}
		assert_eq!(pages, 3);
	});
}
