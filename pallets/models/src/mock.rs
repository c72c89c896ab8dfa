//! A runtime of this pallet and what it stands on.

use crate::{self as pallet_models, weights::SubstrateWeight};
use assay_primitives::{
	canonical::{Commitments, Cost, InputAxis},
	licence::{Derivatives, Licence, Parent, Permill, Relation, Source},
	model::{Artifact, Class, Name, PriceUnit, SpecVersion, Tolerance, VersionSpec},
	revenue::{IncomeInspect, Subject, SubjectInspect},
	rights::{ConsentInspect, Tag},
	tensor::{DType, Dimension, TensorSpec},
	ArtifactHash, AssetId, Balance, ModelId, Root, VersionId,
};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{fungible::InspectHold, ConstU128, ConstU32},
};
use sp_runtime::{BuildStorage, DispatchResult};

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
/// Owns what versions are made from.
pub const AUTHOR: u64 = 5;
/// Data of the author, whose owner is asked.
pub const ASKED: AssetId = AssetId(0);
/// Data of the author that anybody may train on.
pub const OPEN: AssetId = AssetId(1);
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
	/// The data there is: tests take it away.
	pub static Assets: Vec<(AssetId, Asset)> = vec![
		(ASKED, Asset { owner: AUTHOR, active: true, open: false }),
		(OPEN, Asset { owner: AUTHOR, active: true, open: true }),
	];
	/// What earns for another account than its owner's.
	pub static Pots: Vec<(Subject, u64)> = Vec::new();
}

/// Data as the mock knows it.
#[derive(Clone, Copy)]
pub struct Asset {
	/// Its owner.
	pub owner: u64,
	/// Whether it can be used.
	pub active: bool,
	/// Whether anybody may train on it.
	pub open: bool,
}

/// The data of [`Assets`].
pub struct MockData;

impl MockData {
	fn asset(id: AssetId) -> Option<Asset> {
		Assets::get().into_iter().find(|(asset, _)| *asset == id).map(|(_, asset)| asset)
	}
}

impl ConsentInspect<u64> for MockData {
	fn owner(id: AssetId) -> Option<u64> {
		Self::asset(id).filter(|asset| asset.active).map(|asset| asset.owner)
	}

	fn may_train(id: AssetId) -> bool {
		Self::asset(id).is_some_and(|asset| asset.open)
	}
}

impl SubjectInspect<u64> for MockData {
	fn owner(subject: Subject) -> Option<u64> {
		match subject {
			Subject::Asset(id) => Self::asset(id).map(|asset| asset.owner),
			Subject::Model(_) | Subject::Pool(_) => None,
		}
	}
}

/// The pots of [`Pots`].
pub struct MockIncome;

impl IncomeInspect<u64> for MockIncome {
	fn pot(subject: Subject) -> Option<u64> {
		Pots::get().into_iter().find(|(earns, _)| *earns == subject).map(|(_, pot)| pot)
	}
}

impl pallet_models::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type DepositBase = ConstU128<100>;
	type DepositPerByte = DepositPerByte;
	type MaxVersions = ConstU32<3>;
	type Income = MockIncome;
	type Data = MockData;
	type WeightInfo = SubstrateWeight<Test>;
}

/// The state at the start of a test.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let rich = [OWNER, BUYER, STRANGER, AUTHOR].map(|account| (account, ENDOWMENT));
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
		permissions: Default::default(),
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

/// A licence that asks the owner.
pub fn asking() -> Licence {
	Licence { derivatives: Derivatives::OnConsent, ..Licence::default() }
}

pub fn purpose(text: &str) -> Tag {
	text.as_bytes().to_vec().try_into().unwrap()
}

/// The only version of a new model of an account, with this licence.
pub fn version_of(owner: u64, permissions: Licence) -> VersionId {
	let model = crate::NextModel::<Test>::get();
	assert_ok!(Models::register_model(signed(owner), name(&model.to_string()), Default::default()));
	let spec = VersionSpec { permissions, ..spec() };
	assert_ok!(Models::publish_version(signed(owner), model, Box::new(spec)));
	VersionId { model, number: 1 }
}

/// A version that was tuned, for so many millionths of the income.
pub fn tuned(version: VersionId, parts: u32) -> Parent {
	Parent {
		source: Source::Version(version),
		relation: Relation::FineTuned,
		share: Permill::from_parts(parts),
	}
}

/// Data that was trained on, for so many millionths of the income.
pub fn trained(asset: AssetId, parts: u32) -> Parent {
	Parent {
		source: Source::Asset(asset),
		relation: Relation::TrainedOn,
		share: Permill::from_parts(parts),
	}
}

/// Declare what a version of an account was made from.
pub fn declare(owner: u64, version: VersionId, parents: &[Parent]) -> DispatchResult {
	Models::declare_lineage(signed(owner), version, parents.to_vec().try_into().unwrap())
}

/// Give a model to another account.
pub fn transfer(model: ModelId, from: u64, to: u64) {
	assert_ok!(Models::offer_model(signed(from), model, to));
	assert_ok!(Models::accept_model(signed(to), model));
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
