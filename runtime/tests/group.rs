//! The pallets joined: several providers run one request.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

mod support;

use assay_primitives::{
	commitment::{faulted_root, result_seal},
	job::{Choice, Input, JobState, Output, Redundancy, RefundReason, Terms},
	model::{Class, VersionSpec},
	provider::Ask,
	provider::Profile,
	tensor::{encode_tensors, DType, Tensor},
	JobId, ModelId, Root, VersionId, ASY,
};
use assay_runtime::{
	configs::{dynamic_params::audits, RuntimeParameters},
	AccountId, Audits, Balances, Inference, Models, Parameters, Providers, RuntimeOrigin, System,
};
use frame_support::{assert_ok, traits::fungible::Inspect};
use sp_keyring::Sr25519Keyring::{Alice as REQUESTER, Bob as OWNER, Charlie, Dave, Eve, Ferdie};
use sp_runtime::Permill;
use support::{dev_chain, next_block, origin, spec};

const ASK: Ask = Ask { price: ASY / 10, capacity: 100, until: None };
const VERSION: VersionId = VersionId { model: ModelId(0), number: 1 };
const SALT: Root = Root([7; 32]);

/// Four serve a version whose results need equal bits, and none of its results is audited by
/// chance. Each replica of a group of so many has a provider.
fn drawn(replicas: u8, answers: u8) -> Vec<(JobId, AccountId)> {
	next_block();
	let rate = audits::Parameters::Rate(audits::Rate, Some(Permill::zero()));
	assert_ok!(Parameters::set_parameter(RuntimeOrigin::root(), RuntimeParameters::Audits(rate)));
	let name = b"echo".to_vec().try_into().unwrap();
	assert_ok!(Models::register_model(origin(OWNER), name, Default::default()));
	let spec = VersionSpec { class: Class::Canonical, tolerance: None, ..spec() };
	assert_ok!(Models::publish_version(origin(OWNER), ModelId(0), Box::new(spec)));
	for provider in [Charlie, Dave, Eve, Ferdie] {
		assert_ok!(Providers::register(origin(provider), Profile::default(), 1_000 * ASY));
		assert_ok!(Providers::set_online(origin(provider), true));
		assert_ok!(Providers::set_ask(origin(provider), VERSION, ASK));
	}
	let (max_fee, value, deliver_within) = (ASY, 0, 50);
	let choice = Choice::Any;
	let terms = Terms {
		max_fee,
		value,
		deliver_within,
		max_relative: None,
		reassign: false,
		choice,
		usage: Default::default(),
		data: None,
	};
	let tensor = Tensor::new(DType::Float32, vec![2], vec![0; 8]).unwrap();
	let input = Box::new(Input::Inline(encode_tensors(&[tensor]).try_into().unwrap()));
	let redundancy = Redundancy { replicas, answers };
	assert_ok!(Inference::request_redundant(origin(REQUESTER), VERSION, input, terms, redundancy));
	(0..5).for_each(|_| next_block());
	let with = |job| (JobId(job), state(JobId(job)).provider().expect("it is drawn").clone());
	(0..u64::from(replicas)).map(with).collect()
}

fn state(job: JobId) -> JobState<AccountId> {
	Inference::job(job).unwrap().state
}

fn seal(job: JobId, who: &AccountId, slot: u32) {
	let seal = result_seal(job, who, &faulted_root(slot, 0), &SALT);
	assert_ok!(Inference::seal_result(RuntimeOrigin::signed(who.clone()), job, seal));
}

fn reveal(job: JobId, who: &AccountId, slot: u32) {
	let output = Box::new(Output::Fault { slot, element: 0 });
	assert_ok!(Inference::reveal_result(RuntimeOrigin::signed(who.clone()), job, output, SALT));
}

#[test]
fn two_of_three_answers_are_paid_and_the_third_costs_nobody_anything() {
	dev_chain().execute_with(|| {
		let replicas = drawn(3, 2);
		let before = Balances::total_balance(&REQUESTER.to_account_id());
		for (job, who) in replicas.iter().take(2) {
			seal(*job, who, 1);
		}
		let superseded = RefundReason::Superseded;
		let (third, excused) = &replicas[2];
		assert!(matches!(state(*third), JobState::Refunded { reason, .. } if reason == superseded));
		next_block();
		for (job, who) in replicas.iter().take(2) {
			reveal(*job, who, 1);
		}
		(0..20).for_each(|_| next_block());
		let settled =
			|(job, _): &(JobId, AccountId)| matches!(state(*job), JobState::Settled { .. });
		assert!(replicas.iter().take(2).all(settled));
		let paid = before - Balances::total_balance(&REQUESTER.to_account_id());
		assert_eq!(paid, 2 * (ASY / 10 + ASY / 100));
		let excused = Providers::provider(excused.clone()).unwrap();
		assert_eq!((excused.statistics.missed, excused.locked), (0, 0));
		assert!([0, 1].iter().all(|job| Audits::audit(JobId(*job)).is_none()));
	});
}

#[test]
fn results_that_differ_are_audited_although_none_is_by_chance() {
	dev_chain().execute_with(|| {
		let replicas = drawn(2, 2);
		for (slot, (job, who)) in (1..).zip(&replicas) {
			seal(*job, who, slot);
		}
		for (slot, (job, who)) in (1..).zip(&replicas) {
			reveal(*job, who, slot);
		}
		(0..3).for_each(|_| next_block());
		for (job, who) in &replicas {
			let seats = Audits::audit(*job).expect("it is audited").seats;
			assert!(seats.iter().all(|seat| seat.auditor != *who));
			assert_eq!(Inference::job(*job).unwrap().stays, 1);
		}
	});
}

#[test]
fn what_is_sealed_and_not_revealed_is_missed() {
	dev_chain().execute_with(|| {
		let replicas = drawn(2, 1);
		let (job, who) = &replicas[0];
		seal(*job, who, 1);
		let JobState::Sealed { until, .. } = state(*job) else { panic!("it is sealed") };
		assert_eq!(until, System::block_number() + 10);
		while System::block_number() <= until {
			next_block();
		}
		assert!(matches!(state(*job), JobState::Refunded { reason: RefundReason::Missed, .. }));
		assert_eq!(Providers::provider(who.clone()).unwrap().statistics.missed, 1);
	});
}
