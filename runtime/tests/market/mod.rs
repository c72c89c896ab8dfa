//! A version, those who serve it, and jobs of it.

use crate::support::{next_block, origin, spec};
use assay_primitives::{
	job::{Choice, Input, Terms},
	provider::{Ask, Profile},
	tensor::{encode_tensors, DType, Tensor},
	Balance, JobId, ModelId, VersionId, ASY,
};
use assay_runtime::{
	configs::{dynamic_params::audits, RuntimeParameters},
	AccountId, Balances, Inference, Models, Parameters, Providers, Runtime, RuntimeOrigin, System,
};
use codec::Encode;
use frame_support::{
	assert_ok,
	storage::storage_prefix,
	traits::{fungible::Mutate, Hooks},
};
use sp_keyring::Sr25519Keyring::{Alice as REQUESTER, Bob as OWNER};
use sp_runtime::Permill;

/// What is served.
pub const VERSION: VersionId = VersionId { model: ModelId(0), number: 1 };

/// Publish the version. None of its results is audited by chance: audits are no part of what is
/// looked at here.
pub fn publish() {
	next_block();
	let rate = audits::Parameters::Rate(audits::Rate, Some(Permill::zero()));
	assert_ok!(Parameters::set_parameter(RuntimeOrigin::root(), RuntimeParameters::Audits(rate)));
	let name = b"echo".to_vec().try_into().unwrap();
	assert_ok!(Models::register_model(origin(OWNER), name, Default::default()));
	assert_ok!(Models::publish_version(origin(OWNER), VERSION.model, Box::new(spec())));
}

/// The provider of this number, which is online and serves the version at this price.
pub fn serve(number: u32, bond: Balance, price: Balance) -> AccountId {
	let account = AccountId::new(sp_io::hashing::blake2_256(&number.encode()));
	assert_ok!(Balances::mint_into(&account, bond + ASY));
	let signed = || RuntimeOrigin::signed(account.clone());
	assert_ok!(Providers::register(signed(), Profile::default(), bond));
	assert_ok!(Providers::set_online(signed(), true));
	let ask = Ask { price, capacity: u32::MAX, until: None };
	assert_ok!(Providers::set_ask(signed(), VERSION, ask));
	account
}

/// Request a job that any of them may answer.
pub fn request() -> JobId {
	let terms = Terms {
		max_fee: ASY,
		value: 0,
		deliver_within: 60,
		max_relative: None,
		reassign: false,
		choice: Choice::Any,
		usage: Default::default(),
		data: None,
	};
	let job = pallet_inference::NextJob::<Runtime>::get();
	let tensor = Tensor::new(DType::Float32, vec![2], vec![0; 8]).unwrap();
	let input = Box::new(Input::Inline(encode_tensors(&[tensor]).try_into().unwrap()));
	assert_ok!(Inference::request(origin(REQUESTER), VERSION, input, terms));
	job
}

/// The part of the next block that looks after jobs: the author of the one before has left this
/// randomness behind. No invariant is checked, which takes longer than all the rest.
pub fn begin_block(random: [u8; 32]) {
	let number = System::block_number() + 1;
	System::set_block_number(number);
	// A block begins without the events of the one before.
	System::reset_events();
	sp_io::storage::set(&storage_prefix(b"Babe", b"AuthorVrfRandomness"), &Some(random).encode());
	Inference::on_initialize(number);
}
