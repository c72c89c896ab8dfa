//! The pallets joined: one whole job, from the model's registration to everybody's pay.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

use assay_primitives::{
	canonical::{Commitments, Cost, InputAxis},
	job::{Input, JobState, Output, Terms},
	model::{Artifact, Class, PriceUnit, SpecVersion, Tolerance, VersionSpec},
	money::Role,
	provider::Profile,
	tensor::{encode_tensors, DType, Dimension, Tensor, TensorSpec},
	ArtifactHash, JobId, ModelId, VersionId, ASY,
};
use assay_runtime::{
	configs::treasury_account, genesis_presets, AccountId, AllPalletsWithSystem, Balances,
	Inference, Models, Providers, Runtime, RuntimeGenesisConfig, RuntimeOrigin, System,
};
use codec::Encode;
use frame_support::{
	assert_ok,
	traits::{
		fungible::{Inspect, InspectHold},
		Hooks, TryState, TryStateSelect,
	},
};
use sp_keyring::Sr25519Keyring::{Alice as REQUESTER, Bob as OWNER, Charlie as PROVIDER};
use sp_runtime::BuildStorage;

/// Lay a JSON patch over a value, as genesis patches are applied.
fn merge(base: &mut serde_json::Value, patch: serde_json::Value) {
	match (base, patch) {
		(serde_json::Value::Object(base), serde_json::Value::Object(patch)) => {
			for (key, value) in patch {
				merge(base.entry(key).or_insert(serde_json::Value::Null), value);
			}
		},
		(base, patch) => *base = patch,
	}
}

fn dev_chain() -> sp_io::TestExternalities {
	let preset = genesis_presets::get_preset(&genesis_presets::DEV.into()).unwrap();
	let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).unwrap();
	merge(&mut config, serde_json::from_slice(&preset).unwrap());
	let config: RuntimeGenesisConfig = serde_json::from_value(config).unwrap();
	config.build_storage().unwrap().into()
}

/// Go to the next block: the author of the one before left its VRF output behind.
fn next_block() {
	let number = System::block_number() + 1;
	System::set_block_number(number);
	let key = [sp_io::hashing::twox_128(b"Babe"), sp_io::hashing::twox_128(b"AuthorVrfRandomness")];
	sp_io::storage::set(&key.concat(), &Some([number as u8; 32]).encode());
	Inference::on_initialize(number);
	AllPalletsWithSystem::try_state(number, TryStateSelect::All).unwrap();
}

fn origin(who: sp_keyring::Sr25519Keyring) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.to_account_id())
}

fn spec() -> VersionSpec {
	let tensor = |name: &str| TensorSpec {
		name: name.as_bytes().to_vec().try_into().unwrap(),
		dtype: DType::Float32,
		shape: vec![Dimension::UpTo(4)].try_into().unwrap(),
	};
	VersionSpec {
		artifact: Artifact { hash: ArtifactHash([7; 32]), size: 100 },
		locators: Default::default(),
		inputs: vec![tensor("x")].try_into().unwrap(),
		outputs: vec![tensor("y")].try_into().unwrap(),
		class: Class::Tolerant,
		tolerance: Some(Tolerance { absolute: 0, relative: 0, row_axis: 0 }),
		price: ASY / 100,
		unit: PriceUnit::Call,
		spec: SpecVersion(1),
		commitments: Commitments {
			lowering: 1,
			symbols: vec![vec![InputAxis { input: 0, axis: 0 }].try_into().unwrap()]
				.try_into()
				.unwrap(),
			cost: Cost { terms: 4, trace_bytes: 16 },
			..Default::default()
		},
		constants: Default::default(),
		licence: b"Apache-2.0".to_vec().try_into().unwrap(),
	}
}

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
