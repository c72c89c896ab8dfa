//! The pallets joined: one whole job, from the model's registration to everybody's pay.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

mod support;

use assay_primitives::{
	job::{Input, JobState, Output, Terms},
	money::Role,
	provider::Profile,
	tensor::{encode_tensors, DType, Tensor},
	JobId, ModelId, VersionId, ASY,
};
use assay_runtime::{
	configs::treasury_account, AccountId, Balances, Inference, Models, Providers, Runtime, System,
};
use frame_support::{
	assert_ok,
	traits::fungible::{Inspect, InspectHold},
};
use sp_keyring::Sr25519Keyring::{Alice as REQUESTER, Bob as OWNER, Charlie as PROVIDER};
use support::{dev_chain, next_block, origin, spec};

fn tensor() -> Vec<u8> {
	encode_tensors(&[Tensor::new(DType::Float32, vec![2], vec![0; 8]).unwrap()])
}

const VERSION: VersionId = VersionId { model: ModelId(0), number: 1 };
const JOB: JobId = JobId(0);

fn total_of(account: AccountId) -> u128 {
	Balances::total_balance(&account)
}

#[test]
fn a_job_is_drawn_answered_settled_and_paid() {
	dev_chain().execute_with(|| {
		next_block();
		assert_ok!(Models::register_model(
			origin(OWNER),
			b"echo".to_vec().try_into().unwrap(),
			Default::default()
		));
		assert_ok!(Models::publish_version(origin(OWNER), ModelId(0), Box::new(spec())));
		assert_ok!(Providers::register(origin(PROVIDER), Profile::default(), 1_000 * ASY));
		assert_ok!(Providers::set_online(origin(PROVIDER), true));
		assert_ok!(Providers::set_ask(origin(PROVIDER), VERSION, ASY / 10));
		let issuance = Balances::total_issuance();
		let before = [OWNER, PROVIDER, REQUESTER].map(|who| total_of(who.to_account_id()));

		let terms = Terms {
			max_fee: ASY,
			value: 0,
			deliver_within: 50,
			max_relative: None,
			reassign: false,
		};
		let input = Input::Inline(tensor().try_into().unwrap());
		assert_ok!(Inference::request(origin(REQUESTER), VERSION, Box::new(input), terms));
		while !matches!(Inference::job(JOB).unwrap().state, JobState::Assigned { .. }) {
			assert!(System::block_number() < 10, "the job is drawn");
			next_block();
		}
		let output = Output::Inline(tensor().try_into().unwrap());
		assert_ok!(Inference::submit_result(origin(PROVIDER), JOB, Box::new(output.clone())));
		while !matches!(Inference::job(JOB).unwrap().state, JobState::Settled { .. }) {
			assert!(System::block_number() < 30, "the job settles");
			next_block();
		}

		// A fee of 0.11 ASY, 5 % of each part for the treasury.
		let job = Inference::job(JOB).unwrap();
		assert_eq!(job.fee, ASY / 10 + ASY / 100);
		assert_eq!(Inference::job_output(JOB), Some(output));
		let share = |role| job.shares.iter().find(|share| share.role == role).unwrap().amount;
		assert_eq!(share(Role::Provider), 95 * ASY / 1_000);
		assert_eq!(share(Role::Owner), 95 * ASY / 10_000);
		assert_eq!(share(Role::Treasury), 55 * ASY / 10_000);
		let after = [OWNER, PROVIDER, REQUESTER].map(|who| total_of(who.to_account_id()));
		assert_eq!(after[0] - before[0], share(Role::Owner));
		assert_eq!(after[1] - before[1], share(Role::Provider));
		assert_eq!(before[2] - after[2], job.fee);
		assert_eq!(total_of(treasury_account()), ASY + share(Role::Treasury));
		assert_eq!(Balances::total_issuance(), issuance);
		let provider = Providers::provider(PROVIDER.to_account_id()).unwrap();
		assert_eq!((provider.statistics.delivered, provider.locked), (1, 0));
	});
}

#[test]
fn records_are_pruned_and_every_hold_of_the_requester_is_released() {
	dev_chain().execute_with(|| {
		next_block();
		assert_ok!(Models::register_model(
			origin(OWNER),
			b"echo".to_vec().try_into().unwrap(),
			Default::default()
		));
		assert_ok!(Models::publish_version(origin(OWNER), ModelId(0), Box::new(spec())));
		let terms = Terms {
			max_fee: ASY,
			value: 0,
			deliver_within: 10,
			max_relative: None,
			reassign: false,
		};
		let input = Input::Inline(tensor().try_into().unwrap());
		assert_ok!(Inference::request(origin(REQUESTER), VERSION, Box::new(input), terms));
		assert!(Balances::total_balance_on_hold(&REQUESTER.to_account_id()) > ASY);

		// Nobody serves the version: the job expires, and its records go after the retention.
		let mut blocks = 0;
		while Inference::job(JOB).is_some() {
			blocks += 1;
			assert!(blocks < 4_000, "the job is pruned");
			next_block();
		}
		assert_eq!(Balances::total_balance_on_hold(&REQUESTER.to_account_id()), 0);
	});
}

#[test]
fn the_runtime_knows_the_transaction_extensions_of_wallets() {
	let metadata = Runtime::metadata_at_version(15).unwrap();
	for extension in ["CheckMetadataHash", "ChargeTransactionPayment", "CheckNonce"] {
		assert!(
			metadata.windows(extension.len()).any(|window| window == extension.as_bytes()),
			"{extension}"
		);
	}
}
