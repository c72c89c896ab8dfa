//! Who is handed the key of encrypted data: the provider of a job that uses it, and whoever has an
//! unlimited right to it.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

mod support;

use assay_primitives::{
	custody::{encrypted_size, key_commitment, Ask, SealedKey, SEALED_BYTES},
	job::{Choice, Input, JobState, Output, TensorHeader, Terms},
	model::Artifact,
	provider::{self, Profile},
	rights::{
		Algorithms, AssetKind, AssetSpec, Consent, DataRef, GrantTerms, Manifest, Purpose, Usage,
	},
	tensor::{encode_tensors, DType, Tensor},
	AssetId, Balance, GrantId, JobId, KeyRequestId, ModelId, Root, VersionId, ASY,
};
use assay_runtime::{Balances, Custody, DataRights, Inference, Models, Providers, Runtime, System};
use frame_support::{
	assert_noop, assert_ok,
	traits::fungible::{Inspect, InspectHold},
};
use sp_keyring::Sr25519Keyring::{
	self, Alice as REQUESTER, Bob as OWNER, Charlie as PROVIDER, Dave as CUSTODIAN, Eve as OTHER,
};
use support::{dev_chain, next_block, origin, spec};

const VERSION: VersionId = VersionId { model: ModelId(0), number: 1 };
const DATA: AssetId = AssetId(0);
const REQUEST: KeyRequestId = KeyRequestId(0);
const KEY: [u8; 32] = [7; 32];
/// What providers ask to have a key sealed to.
const RECIPIENT: [u8; 32] = [9; 32];
const BOND: Balance = 200 * ASY;
/// What the provider asks. Of it 7 % are the treasury's and the audits'.
const PRICE: Balance = ASY / 10;

fn tensor() -> Vec<u8> {
	encode_tensors(&[Tensor::new(DType::Float32, vec![2], vec![0; 8]).unwrap()])
}

fn total(who: Sr25519Keyring) -> Balance {
	Balances::total_balance(&who.to_account_id())
}

/// Anything of the right length: the chain cannot look into the box.
fn sealed() -> SealedKey {
	SealedKey([5; SEALED_BYTES])
}

fn give(uses: Option<u32>, purpose: Purpose) -> GrantId {
	give_at(0, uses, purpose)
}

fn give_at(price: Balance, uses: Option<u32>, purpose: Purpose) -> GrantId {
	let grant = pallet_data_rights::NextGrant::<Runtime>::get();
	let terms = GrantTerms {
		from: 0,
		until: None,
		uses,
		price,
		purpose,
		commercial: false,
		transferable: false,
		revocable: true,
	};
	assert_ok!(DataRights::give(origin(OWNER), DATA, REQUESTER.to_account_id(), Box::new(terms)));
	grant
}

/// An encrypted dataset whose key a custodian keeps, a version that may be run over it, and a
/// provider.
fn everybody(algorithms: Algorithms) {
	next_block();
	let name = b"model".to_vec().try_into().unwrap();
	assert_ok!(Models::register_model(origin(OWNER), name, Default::default()));
	assert_ok!(Models::publish_version(origin(OWNER), VERSION.model, Box::new(spec())));
	let manifest =
		Manifest { root: Root([3; 32]), files: 1, bytes: 99, locator: Default::default() };
	let spec = AssetSpec {
		kind: AssetKind::Dataset,
		manifest,
		schema: Default::default(),
		licence: Default::default(),
		consent: Consent { inference: true, ..Default::default() },
		algorithms,
		key: Some(key_commitment(&KEY)),
	};
	assert_ok!(DataRights::register_asset(origin(OWNER), Box::new(spec)));
	assert_ok!(Custody::register(origin(CUSTODIAN), Default::default(), BOND));
	assert_ok!(Custody::appoint(origin(OWNER), DATA, CUSTODIAN.to_account_id()));
	assert_ok!(Custody::accept(origin(CUSTODIAN), DATA, key_commitment(&KEY)));
	assert_ok!(Providers::register(origin(PROVIDER), Profile::default(), 1_000 * ASY));
	assert_ok!(Providers::set_online(origin(PROVIDER), true));
	let ask = provider::Ask { price: PRICE, capacity: 100, until: None };
	assert_ok!(Providers::set_ask(origin(PROVIDER), VERSION, ask));
}

/// A job that uses the data and is assigned to the provider.
fn assigned(grant: GrantId) -> JobId {
	let job = pallet_inference::NextJob::<Runtime>::get();
	let terms = Terms {
		max_fee: ASY,
		value: 0,
		deliver_within: 200,
		max_relative: None,
		reassign: false,
		choice: Choice::Any,
		usage: Usage::default(),
		data: Some(DataRef::Grant(grant)),
	};
	let tensor = TensorHeader { shape: vec![2].try_into().unwrap(), root: Root([4; 32]) };
	let size = encrypted_size(self::tensor().len() as u64).unwrap();
	let input = Box::new(Input::Artifact {
		artifact: Artifact { hash: Default::default(), size },
		locator: Default::default(),
		tensors: vec![tensor].try_into().unwrap(),
	});
	assert_ok!(Inference::request(origin(REQUESTER), VERSION, input, terms));
	run_until(|| matches!(Inference::job(job).unwrap().state, JobState::Assigned { .. }));
	job
}

fn run_until(holds: impl Fn() -> bool) {
	let last = System::block_number() + 300;
	while !holds() {
		assert!(System::block_number() < last, "it happens");
		next_block();
	}
}

#[test]
fn the_provider_of_a_job_is_handed_the_key_and_its_custodian_is_paid() {
	dev_chain().execute_with(|| {
		everybody(Algorithms::Only(vec![VERSION].try_into().unwrap()));
		let job = assigned(give(Some(2), Purpose::Any));
		let ask = Ask::Job(job);
		// The requester and a bystander have no right by the job of another.
		for who in [REQUESTER, OTHER] {
			assert_noop!(
				Custody::request_key(origin(who), ask, RECIPIENT, None),
				pallet_inference::Error::<Runtime>::NotAssigned
			);
		}
		let before = [PROVIDER, CUSTODIAN].map(total);
		assert_ok!(Custody::request_key(origin(PROVIDER), ask, RECIPIENT, None));
		assert_ok!(Custody::deliver(origin(CUSTODIAN), REQUEST, RECIPIENT, sealed()));
		let output = Box::new(Output::Inline(tensor().try_into().unwrap()));
		assert_ok!(Inference::submit_result(origin(PROVIDER), job, output));
		// The right is gone with the answer, and the custodian is paid for what it did before.
		run_until(|| Custody::key_request(REQUEST).is_none());
		run_until(|| matches!(Inference::job(job).unwrap().state, JobState::Settled { .. }));
		let fee = Custody::numbers().fee;
		// The requester pays for the key, less the cuts.
		assert_eq!(total(PROVIDER), before[0] - fee + (PRICE + fee) * 93 / 100);
		assert_eq!(total(CUSTODIAN), before[1] + fee);
		assert_eq!(Balances::total_balance_on_hold(&CUSTODIAN.to_account_id()), BOND);
	});
}

/// It would read the data, and have its fee back.
#[test]
fn a_requester_that_is_its_own_provider_pays_for_the_data_that_it_was_handed() {
	dev_chain().execute_with(|| {
		everybody(Algorithms::Any);
		let price = ASY / 4;
		let job = assigned(give_at(price, Some(1), Purpose::Any));
		let (before, fee) = ([REQUESTER, OWNER].map(total), Custody::numbers().fee);
		let mismatch =
			|| Inference::submit_result(origin(PROVIDER), job, Box::new(Output::InputMismatch));
		assert_ok!(Custody::request_key(origin(PROVIDER), Ask::Job(job), RECIPIENT, None));
		assert_noop!(mismatch(), pallet_inference::Error::<Runtime>::KeyAwaited);
		assert_ok!(Custody::deliver(origin(CUSTODIAN), REQUEST, RECIPIENT, sealed()));
		assert_ok!(mismatch());
		assert_eq!(total(REQUESTER), before[0] - price - fee);
		assert_eq!(total(OWNER), before[1] + price * 93 / 100);
	});
}

/// A custodian that fails leaves the data as it was: nobody has it, and nobody pays for it.
#[test]
fn data_whose_key_was_wrong_is_not_paid() {
	dev_chain().execute_with(|| {
		everybody(Algorithms::Any);
		let secret = [8; 32];
		let recipient = pallet_custody::sealed::public_of(&secret);
		let job = assigned(give_at(ASY / 4, Some(1), Purpose::Any));
		let before = [REQUESTER, OWNER].map(total);
		assert_ok!(Custody::request_key(origin(PROVIDER), Ask::Job(job), recipient, None));
		assert_ok!(Custody::deliver(origin(CUSTODIAN), REQUEST, recipient, sealed()));
		assert_ok!(Custody::complain(origin(PROVIDER), REQUEST, secret));
		let mismatch = Box::new(Output::InputMismatch);
		assert_ok!(Inference::submit_result(origin(PROVIDER), job, mismatch));
		assert_eq!([REQUESTER, OWNER].map(total), before);
	});
}

#[test]
fn a_custodian_that_is_silent_is_slashed_while_the_provider_can_still_answer() {
	dev_chain().execute_with(|| {
		everybody(Algorithms::Any);
		let job = assigned(give(None, Purpose::Any));
		let before = [PROVIDER, CUSTODIAN].map(total);
		assert_ok!(Custody::request_key(origin(PROVIDER), Ask::Job(job), RECIPIENT, None));
		let due = Custody::key_request(REQUEST).unwrap().due;
		let JobState::Assigned { due: answer, .. } = Inference::job(job).unwrap().state else {
			panic!("it is assigned");
		};
		assert!(due < answer, "a custodian cannot wait until the job has gone to another");
		run_until(|| Custody::key_request(REQUEST).is_none());
		let exposure = Custody::numbers().exposure;
		assert_eq!(total(PROVIDER), before[0] + exposure / 2);
		assert_eq!(total(CUSTODIAN), before[1] - exposure);
	});
}

#[test]
fn rights_to_have_jobs_done_give_no_key() {
	dev_chain().execute_with(|| {
		everybody(Algorithms::Any);
		let versions = Purpose::Versions(vec![VERSION].try_into().unwrap());
		for (uses, purpose) in [(Some(1_000), Purpose::Any), (None, versions)] {
			let ask = Ask::Grant(give(uses, purpose));
			assert_noop!(
				Custody::request_key(origin(REQUESTER), ask, RECIPIENT, None),
				pallet_data_rights::Error::<Runtime>::ComputeOnly
			);
		}
		let grant = give(None, Purpose::Any);
		let ask = Ask::Grant(grant);
		assert_noop!(
			Custody::request_key(origin(OTHER), ask, RECIPIENT, None),
			pallet_data_rights::Error::<Runtime>::NotHolder
		);
		assert_ok!(Custody::request_key(origin(REQUESTER), ask, RECIPIENT, None));
		// A right that is taken back before the delivery gives nothing, and costs nobody anything.
		let before = [REQUESTER, CUSTODIAN].map(total);
		assert_ok!(DataRights::revoke_grant(origin(OWNER), grant));
		assert!(!Custody::key_request(REQUEST).unwrap().stands);
		assert_ok!(Custody::deliver(origin(CUSTODIAN), REQUEST, RECIPIENT, sealed()));
		assert_eq!(Custody::key_request(REQUEST), None);
		assert_eq!([REQUESTER, CUSTODIAN].map(total), before);
	});
}

#[test]
fn where_models_are_listed_no_grant_gives_the_key() {
	dev_chain().execute_with(|| {
		everybody(Algorithms::Only(vec![VERSION].try_into().unwrap()));
		let ask = Ask::Grant(give(None, Purpose::Any));
		assert_noop!(
			Custody::request_key(origin(REQUESTER), ask, RECIPIENT, None),
			pallet_data_rights::Error::<Runtime>::ComputeOnly
		);
	});
}
