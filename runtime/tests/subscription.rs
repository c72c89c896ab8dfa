//! The pallets joined: jobs that recur, until the budget is used up.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

mod support;

use assay_primitives::{
	job::{Input, JobState, Terms},
	subscription::{EndReason, SkipReason, Status, SubscriptionSpec, Target},
	tensor::{encode_tensors, DType, Tensor},
	AccountId, JobId, ModelId, SubscriptionId, VersionId, ASY,
};
use assay_runtime::{Balances, Inference, Models, RuntimeEvent, Subscriptions, System};
use frame_support::{assert_ok, traits::fungible::Inspect};
use sp_keyring::Sr25519Keyring::{Alice as SUBSCRIBER, Bob as OWNER, Charlie as FEEDER};
use support::{dev_chain, next_block, origin, spec};

const ID: SubscriptionId = SubscriptionId(0);
const PERIOD: u32 = 10;

fn publish() -> ModelId {
	next_block();
	let name = b"echo".to_vec().try_into().unwrap();
	assert_ok!(Models::register_model(origin(OWNER), name, Default::default()));
	assert_ok!(Models::publish_version(origin(OWNER), ModelId(0), Box::new(spec())));
	ModelId(0)
}

fn subscription(model: ModelId) -> SubscriptionSpec<AccountId> {
	SubscriptionSpec {
		target: Target::Newest(model),
		terms: Terms {
			max_fee: ASY,
			value: 0,
			deliver_within: 20,
			max_relative: None,
			reassign: false,
			choice: Default::default(),
			usage: Default::default(),
			data: None,
		},
		period: PERIOD,
		runs: None,
		feeder: Some(FEEDER.to_account_id()),
		repeat: true,
	}
}

fn feed(elements: u32) {
	let data = vec![0; elements as usize * 4];
	let tensor = Tensor::new(DType::Float32, vec![elements], data).unwrap();
	let input = Input::Inline(encode_tensors(&[tensor]).try_into().unwrap());
	assert_ok!(Subscriptions::feed(origin(FEEDER), ID, Box::new(input)));
}

fn told(wanted: impl Fn(&pallet_subscriptions::Event<assay_runtime::Runtime>) -> bool) -> usize {
	let own = |record: &frame_system::EventRecord<RuntimeEvent, _>| match &record.event {
		RuntimeEvent::Subscriptions(event) => wanted(event),
		_ => false,
	};
	System::events().iter().filter(|record| own(record)).count()
}

#[test]
fn jobs_are_requested_of_the_newest_version_and_the_rest_is_given_back() {
	dev_chain().execute_with(|| {
		let model = publish();
		let accounts = [SUBSCRIBER, FEEDER].map(|who| who.to_account_id());
		let before = accounts.clone().map(|who| Balances::total_balance(&who));
		assert_ok!(Subscriptions::subscribe(origin(SUBSCRIBER), subscription(model), 3 * ASY));
		feed(2);
		next_block();
		let job = Inference::job(JobId(0)).unwrap();
		assert_eq!(job.requester, SUBSCRIBER.to_account_id());
		assert_eq!(job.version, VersionId { model, number: 1 });
		let view = Subscriptions::subscription(ID).unwrap();
		assert_eq!(view.last.map(|run| run.cost), view.cost);
		assert_eq!((view.budget, view.affords), (3 * ASY - view.cost.unwrap(), Some(1)));

		assert_ok!(Models::publish_version(origin(OWNER), model, Box::new(spec())));
		for _ in 0..PERIOD {
			next_block();
		}
		assert_eq!(Inference::job(JobId(1)).unwrap().version.number, 2);
		for _ in 0..PERIOD {
			next_block();
		}
		// What is left does not cover a third job, and nobody serves the model: all comes back.
		let view = Subscriptions::subscription(ID).unwrap();
		assert_eq!((view.status, view.made), (Status::Unfunded, 2));
		while Inference::job(JobId(1)).is_some_and(|job| job.state.is_open()) {
			next_block();
		}
		assert!(matches!(Inference::job(JobId(1)).unwrap().state, JobState::Expired { .. }));
		assert_ok!(Subscriptions::end(origin(SUBSCRIBER), ID));
		assert_eq!(accounts.map(|who| Balances::total_balance(&who)), before);
	});
}

#[test]
fn an_input_that_does_not_fit_is_refused_and_ends_the_subscription() {
	dev_chain().execute_with(|| {
		let model = publish();
		let who = SUBSCRIBER.to_account_id();
		let before = Balances::balance(&who);
		assert_ok!(Subscriptions::subscribe(origin(SUBSCRIBER), subscription(model), 30 * ASY));
		feed(5);
		let refused = pallet_inference::Error::<assay_runtime::Runtime>::WrongTensorShape.into();
		let mut skipped = 0;
		for _ in 0..=2 * PERIOD {
			next_block();
			skipped = told(|event| {
				*event
					== pallet_subscriptions::Event::Skipped {
						subscription: ID,
						reason: SkipReason::Refused(refused),
					}
			});
		}
		assert_eq!(skipped, 3);
		let reason = EndReason::Refused(refused);
		let ended = pallet_subscriptions::Event::Ended { subscription: ID, reason };
		assert_eq!(told(|event| *event == ended), 1);
		assert_eq!(Balances::balance(&who), before);
		assert_eq!(Inference::job(JobId(0)), None);
	});
}
