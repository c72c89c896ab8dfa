//! The pallets joined: what becomes of a job whose input or output is demanded on chain.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

mod support;

use assay_primitives::{
	availability::{answer, Place, Side},
	commitment::{tensor_root, tensors_root},
	job::{Choice, Input, JobState, Output, TensorHeader, Terms},
	model::Artifact,
	provider::Ask,
	provider::Profile,
	tensor::{encode_tensors, DType, Tensor},
	traits::Contestable,
	DemandId, JobId, ModelId, VersionId, ASY,
};
use assay_runtime::{
	configs::dynamic_params, Availability, Balances, Inference, Models, Providers, Runtime, System,
};
use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungible::{Inspect, InspectHold},
		Get,
	},
};
use sp_keyring::Sr25519Keyring::{
	self, Alice as REQUESTER, Bob as OWNER, Charlie as PROVIDER, Dave as DEMANDER,
};
use support::{dev_chain, next_block, origin, spec};

const ASK: Ask = Ask { price: ASY / 10, capacity: 100, until: None };
const VERSION: VersionId = VersionId { model: ModelId(0), number: 1 };
const JOB: JobId = JobId(0);
/// The only chunk of the output, and of the input.
const OUTPUT: Place = Place { side: Side::Output, tensor: 0, chunk: 0 };
const INPUT: Place = Place { side: Side::Input, tensor: 0, chunk: 0 };

fn tensors() -> Vec<Tensor> {
	vec![Tensor::new(DType::Float32, vec![2], vec![7; 8]).unwrap()]
}

fn artifact() -> Artifact {
	let size = encode_tensors(&tensors()).len() as u64;
	Artifact { hash: Default::default(), size }
}

fn until(done: impl Fn(JobState<assay_runtime::AccountId>) -> bool) {
	for _ in 0..200 {
		if done(state()) {
			return;
		}
		next_block();
	}
	panic!("it does not come to that: {:?}", state());
}

fn state() -> JobState<assay_runtime::AccountId> {
	Inference::job(JOB).unwrap().state
}

/// A job whose input came by artifact, with its provider.
fn assigned() {
	next_block();
	let name = b"echo".to_vec().try_into().unwrap();
	assert_ok!(Models::register_model(origin(OWNER), name, Default::default()));
	assert_ok!(Models::publish_version(origin(OWNER), ModelId(0), Box::new(spec())));
	assert_ok!(Providers::register(origin(PROVIDER), Profile::default(), 1_000 * ASY));
	assert_ok!(Providers::set_online(origin(PROVIDER), true));
	assert_ok!(Providers::set_ask(origin(PROVIDER), VERSION, ASK));
	let header = |tensor: &Tensor| TensorHeader {
		shape: tensor.shape.clone(),
		root: tensor_root(tensor.dtype, &tensor.shape, &tensor.data),
	};
	let headers: Vec<TensorHeader> = tensors().iter().map(header).collect();
	let tensors = headers.try_into().unwrap();
	let input = Input::Artifact { artifact: artifact(), locator: Default::default(), tensors };
	let terms = Terms {
		max_fee: ASY,
		value: 0,
		deliver_within: 50,
		max_relative: None,
		reassign: false,
		choice: Choice::Any,
		usage: Default::default(),
		data: None,
	};
	assert_ok!(Inference::request(origin(REQUESTER), VERSION, Box::new(input), terms));
	until(|state| matches!(state, JobState::Assigned { .. }));
}

/// The same, answered by artifact.
fn answered() {
	assigned();
	let output = Output::Artifact { root: tensors_root(&tensors()), artifact: artifact() };
	assert_ok!(Inference::submit_result(origin(PROVIDER), JOB, Box::new(output)));
}

fn demand(who: Sr25519Keyring, place: Place) -> DemandId {
	let before = all_demands();
	assert_ok!(Availability::demand(origin(who), JOB, place));
	*all_demands().iter().find(|id| !before.contains(id)).unwrap()
}

fn all_demands() -> Vec<DemandId> {
	let page = Availability::demands(Default::default(), DemandId(0), 100);
	page.items.into_iter().map(|view| view.id).collect()
}

fn serve(who: Sr25519Keyring, id: DemandId, place: Place) -> sp_runtime::DispatchResult {
	let proof = answer(&tensors(), 1, &place).unwrap().try_into().unwrap();
	Availability::serve(origin(who), JOB, id, proof)
}

fn total(who: Sr25519Keyring) -> u128 {
	Balances::total_balance(&who.to_account_id())
}

fn held(who: Sr25519Keyring) -> u128 {
	Balances::total_balance_on_hold(&who.to_account_id())
}

fn step() -> u32 {
	dynamic_params::availability::Step::get()
}

#[test]
fn an_output_that_is_shown_settles_when_its_window_has_run() {
	dev_chain().execute_with(|| {
		answered();
		let JobState::Submitted { until: end, .. } = state() else { panic!("{:?}", state()) };
		next_block();
		let id = demand(DEMANDER, OUTPUT);
		for _ in 0..step() {
			next_block();
		}
		assert_eq!(Inference::job(JOB).unwrap().stays, 1);
		assert_ok!(serve(PROVIDER, id, OUTPUT));
		let resumed = end + step();
		assert!(matches!(state(), JobState::Submitted { until, .. } if until == resumed));
		until(|state| matches!(state, JobState::Settled { .. }));
		assert_eq!(System::block_number(), resumed);
		let price = <dynamic_params::availability::Price as Get<u128>>::get();
		assert_eq!(1_000_000 * ASY - total(DEMANDER), price);
	});
}

#[test]
fn an_output_that_is_not_shown_costs_the_exposure() {
	dev_chain().execute_with(|| {
		answered();
		let exposure = Providers::provider(PROVIDER.to_account_id()).unwrap().locked;
		let before = [REQUESTER, PROVIDER, DEMANDER].map(total);
		demand(DEMANDER, OUTPUT);
		until(|state| matches!(state, JobState::Slashed { .. }));
		let after = [REQUESTER, PROVIDER, DEMANDER].map(total);
		assert_eq!(after[0] - before[0], exposure / 5);
		assert_eq!(before[1] - after[1], exposure);
		assert_eq!(after[2] - before[2], exposure * 2 / 5);
		assert_eq!((held(DEMANDER), all_demands().len()), (0, 0));
		let provider = Providers::provider(PROVIDER.to_account_id()).unwrap();
		assert_eq!((provider.locked, provider.statistics.delivered), (0, 0));
	});
}

#[test]
fn for_an_input_that_is_not_shown_the_provider_has_the_fee() {
	dev_chain().execute_with(|| {
		assigned();
		let refused = Availability::demand(origin(DEMANDER), JOB, INPUT);
		assert_noop!(refused, pallet_inference::Error::<Runtime>::NotStayable);
		let before = [REQUESTER, PROVIDER].map(total);
		demand(PROVIDER, INPUT);
		until(|state| matches!(state, JobState::Withheld { .. }));
		let job = Inference::job(JOB).unwrap();
		let paid: u128 = job.shares.iter().map(|share| share.amount).sum();
		assert_eq!((paid, before[0] - total(REQUESTER)), (job.fee, job.fee));
		assert!(total(PROVIDER) > before[1]);
		assert_eq!(Providers::provider(PROVIDER.to_account_id()).unwrap().locked, 0);
	});
}

#[test]
fn an_input_that_is_shown_is_run_in_the_time_that_was_left() {
	dev_chain().execute_with(|| {
		assigned();
		let JobState::Assigned { due, .. } = state() else { panic!("{:?}", state()) };
		let id = demand(PROVIDER, INPUT);
		next_block();
		next_block();
		assert_ok!(serve(REQUESTER, id, INPUT));
		assert!(matches!(state(), JobState::Assigned { due: later, .. } if later == due + 2));
		// Once is all that an answer is waited for.
		let again = Availability::demand(origin(PROVIDER), JOB, INPUT);
		assert_noop!(again, pallet_inference::Error::<Runtime>::StayedEnough);
	});
}

#[test]
fn a_demand_waits_for_the_verdict_and_then_lapses() {
	dev_chain().execute_with(|| {
		answered();
		demand(DEMANDER, OUTPUT);
		let contest = <Inference as Contestable<_>>::contest(JOB).unwrap();
		assert_eq!(contest.provider, PROVIDER.to_account_id());
		for _ in 0..4 * step() {
			next_block();
		}
		assert!(matches!(state(), JobState::Challenged { .. }));
		<Inference as Contestable<_>>::uphold(JOB);
		assert!(matches!(state(), JobState::Submitted { .. }));
		until(|state| matches!(state, JobState::Slashed { .. }));
		assert_eq!(all_demands(), []);
	});
}

/// Somebody keeps a result from settling by demand after demand, each answered: at its price, and
/// for no longer than four windows.
#[test]
fn a_result_is_not_kept_from_settling_for_ever() {
	dev_chain().execute_with(|| {
		answered();
		let began = System::block_number();
		let mut turns = 0_u32;
		while Availability::demand(origin(DEMANDER), JOB, OUTPUT).is_ok() {
			turns += 1;
			for _ in 0..step() {
				next_block();
			}
			assert_ok!(serve(PROVIDER, all_demands()[0], OUTPUT));
		}
		let window = dynamic_params::inference::ChallengeWindow::get();
		assert!(turns <= 4 * window / step() + 1, "{turns}");
		until(|state| matches!(state, JobState::Settled { .. }));
		assert!(System::block_number() <= began + 5 * window + step());
	});
}
