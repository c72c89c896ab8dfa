//! A runtime of this pallet and what it stands on.

use crate::{self as pallet_models, weights::SubstrateWeight};
use assay_primitives::{
	canonical::{Commitments, Cost, InputAxis},
	model::{Artifact, Class, Name, PriceUnit, SpecVersion, Tolerance, VersionSpec},
	tensor::{DType, Dimension, TensorSpec},
	ArtifactHash, Balance, ModelId, Root, VersionId,
};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{fungible::InspectHold, ConstU128, ConstU32},
};
use sp_runtime::BuildStorage;

type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Models: pallet_models,
	}
);

/// Owns the models of the tests.
pub const OWNER: u64 = 1;
/// Buys models.
pub const BUYER: u64 = 2;
/// Has no business here.
pub const STRANGER: u64 = 3;
/// Has no funds but the existential deposit.
pub const PAUPER: u64 = 4;
/// What each account but the pauper has at the start.
pub const ENDOWMENT: Balance = 1_000_000;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<1>;
}

parameter_types! {
	/// What a byte costs; tests raise it.
	pub static DepositPerByte: Balance = 2;
}

impl pallet_models::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type DepositBase = ConstU128<100>;
	type DepositPerByte = DepositPerByte;
	type MaxVersions = ConstU32<3>;
	type WeightInfo = SubstrateWeight<Test>;
}

/// The state at the start of a test.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let rich = [OWNER, BUYER, STRANGER].map(|account| (account, ENDOWMENT));
	pallet_balances::GenesisConfig::<Test> {
		balances: rich.into_iter().chain([(PAUPER, 1)]).collect(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	let mut ext = sp_io::TestExternalities::from(storage);
	// Events are recorded from the first block on.
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Run a test, then check every invariant.
pub fn build_and_execute(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		assert_ok!(Models::do_try_state());
	});
}

pub fn signed(account: u64) -> RuntimeOrigin {
	RuntimeOrigin::signed(account)
}

pub fn name(text: &str) -> Name {
	text.as_bytes().to_vec().try_into().unwrap()
}

/// A sound declaration of a tolerant version.
pub fn spec() -> VersionSpec {
	let tensor = |name: &str| TensorSpec {
		name: name.as_bytes().to_vec().try_into().unwrap(),
		dtype: DType::Float32,
		shape: vec![Dimension::UpTo(8), Dimension::Fixed(4)].try_into().unwrap(),
	};
	VersionSpec {
		artifact: Artifact { hash: ArtifactHash([7; 32]), size: 1_000 },
		locators: vec![b"https://models.example/a.onnx".to_vec().try_into().unwrap()]
			.try_into()
			.unwrap(),
		inputs: vec![tensor("x")].try_into().unwrap(),
		outputs: vec![tensor("y")].try_into().unwrap(),
		class: Class::Tolerant,
		tolerance: Some(Tolerance { absolute: 0, relative: 0, row_axis: 1 }),
		price: 5,
		unit: PriceUnit::Call,
		spec: SpecVersion(1),
		commitments: Commitments {
			graph: Root([9; 32]),
			lowering: 1,
			symbols: vec![vec![InputAxis { input: 0, axis: 0 }].try_into().unwrap()]
				.try_into()
				.unwrap(),
			cost: Cost { terms: 32, trace_bytes: 128 },
		},
		constants: Default::default(),
		licence: b"Apache-2.0".to_vec().try_into().unwrap(),
	}
}

/// A model of the owner, named `text`.
pub fn model_named(text: &str) -> ModelId {
	let model = crate::NextModel::<Test>::get();
	assert_ok!(Models::register_model(signed(OWNER), name(text), Default::default()));
	model
}

/// A model of the owner without versions.
pub fn registered_model() -> ModelId {
	model_named("model")
}

/// The next version of a model of the owner.
pub fn publish(model: ModelId) -> VersionId {
	assert_ok!(Models::publish_version(signed(OWNER), model, Box::new(spec())));
	VersionId { model, number: crate::Models::<Test>::get(model).unwrap().latest }
}

/// The only version of a model of the owner.
pub fn published_version() -> VersionId {
	publish(registered_model())
}

pub fn held(account: u64) -> Balance {
	Balances::balance_on_hold(&crate::HoldReason::Deposit.into(), &account)
}

/// The last event, if it is one of this pallet.
pub fn last_event() -> Option<crate::Event<Test>> {
	match System::events().pop()?.event {
		RuntimeEvent::Models(event) => Some(event),
		_ => None,
	}
}
