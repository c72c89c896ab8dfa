//! A runtime of this pallet and what it stands on. Assets and rights are kept in storage of the
//! mock.

use crate::{self as pallet_custody, Event, HoldReason, WeightInfo};
use assay_primitives::{
	custody::{
		key_commitment, Ask, CustodianView, KeyRequestView, KeyRights, PublicKey, SealedKey,
	},
	AssetId, Balance, GrantId, JobId, KeyRequestId, Root,
};
use crypto_box::aead::rand_core::{CryptoRng, Error as RandomError, RngCore};
use frame_support::{
	assert_ok, derive_impl, parameter_types, storage_alias,
	traits::{
		fungible::{Inspect, InspectHold, Mutate},
		tokens::Preservation,
		ConstU128, ConstU32, Hooks,
	},
	weights::Weight,
	Blake2_128Concat, Twox64Concat,
};
use sp_runtime::{BuildStorage, DispatchError, DispatchResult, Permill};

type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Custody: pallet_custody,
	}
);

/// Owns the assets.
pub const OWNER: u64 = 1;
/// Keeps keys.
pub const KEEPER: u64 = 2;
/// Keeps keys as well.
pub const SECOND: u64 = 3;
/// May have keys.
pub const ASKER: u64 = 4;
/// May not.
pub const STRANGER: u64 = 5;
/// Has no funds but the existential deposit.
pub const PAUPER: u64 = 6;
/// Has what others are given by [`fund`].
pub const BANK: u64 = 7;
/// The first of a crowd.
pub const CROWD: u64 = 100;
/// What everybody else has at the start.
pub const ENDOWMENT: Balance = 1_000_000;
/// The existential deposit.
pub const ED: Balance = 5;
/// The least bond.
pub const MIN_BOND: Balance = 1_000;
/// What a request locks: an odd number, so that halves are rounded.
pub const EXPOSURE: Balance = 401;
/// What the asker has of it.
pub const SHARE: Balance = 200;
/// What a request costs.
pub const FEE: Balance = 30;
/// The bond of the custodians of the tests.
pub const BOND: Balance = 2_000;
/// The blocks in which a key has to be delivered.
pub const DELIVER: u32 = 10;
/// The blocks in which a delivery can be complained about.
pub const WINDOW: u32 = 8;
/// The blocks for which what is unbonded stays held.
pub const UNBONDING: u32 = 30;
/// The most open requests of a custodian.
pub const MOST: u32 = 3;
/// The asset of the tests.
pub const ASSET: AssetId = AssetId(11);
/// Its key. No other bytes of the tests are like these.
pub const KEY: [u8; 32] = *b"the content key of asset eleven!";
/// A key that is not that of the asset.
pub const OTHER_KEY: [u8; 32] = *b"a key that opens nothing at all!";
/// The first request.
pub const ID: KeyRequestId = KeyRequestId(0);
/// What the registry of rights says of one that is not there.
pub const NO_RIGHT: DispatchError = DispatchError::Unavailable;
/// What it says of somebody else's.
pub const NOT_HOLDER: DispatchError = DispatchError::BadOrigin;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<ED>;
}

/// The assets, with their owners and the commitments to their keys.
#[storage_alias]
pub type Assets = StorageMap<MockRights, Twox64Concat, AssetId, (u64, Option<Root>)>;

/// The rights, with their holders.
#[storage_alias]
pub type Held = StorageMap<MockRights, Blake2_128Concat, Ask, (u64, AssetId)>;

/// The registry of assets and rights.
pub struct MockRights;

impl KeyRights<u64> for MockRights {
	fn owner(asset: AssetId) -> Option<u64> {
		Assets::get(asset).map(|(owner, _)| owner)
	}

	fn commitment(asset: AssetId) -> Option<Root> {
		Assets::get(asset).and_then(|(_, commitment)| commitment)
	}

	fn may_have_key(who: &u64, ask: &Ask) -> Result<AssetId, DispatchError> {
		let (holder, asset) = Held::get(ask).ok_or(NO_RIGHT)?;
		(holder == *who).then_some(asset).ok_or(NOT_HOLDER)
	}

	fn handed(who: &u64, ask: &Ask) {
		Handed::mutate(|handed| handed.push((*who, *ask)));
	}

	fn not_handed(who: &u64, ask: &Ask) {
		Handed::mutate(|handed| handed.retain(|held| held != &(*who, *ask)));
	}
}

parameter_types! {
	pub static SweepLimit: Weight = Weight::from_parts(1_000_000, u64::MAX);
	/// The exposure of requests to come.
	pub static Stake: Balance = EXPOSURE;
	/// The fee of requests to come.
	pub static Price: Balance = FEE;
	pub AskersShare: Permill = Permill::from_percent(50);
	/// Who was handed a key, by which right.
	pub static Handed: Vec<(u64, Ask)> = Vec::new();
}

/// One unit for everything.
pub struct OneEach;

macro_rules! one_each {
	($($name:ident),* $(,)?) => {
		impl WeightInfo for OneEach {
			$(fn $name() -> Weight {
				Weight::from_parts(1, 0)
			})*
		}
	};
}

one_each!(
	register,
	update,
	bond_more,
	unbond,
	withdraw,
	appoint,
	accept,
	dismiss,
	resign,
	request_key,
	deliver,
	close,
	expire,
	complain,
	sweep_block,
);

impl pallet_custody::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Rights = MockRights;
	type MinBond = ConstU128<MIN_BOND>;
	type Exposure = Stake;
	type Fee = Price;
	type AskersShare = AskersShare;
	type DeliverWithin = ConstU32<DELIVER>;
	type ComplaintWindow = ConstU32<WINDOW>;
	type UnbondingPeriod = ConstU32<UNBONDING>;
	type MaxOpen = ConstU32<MOST>;
	type DepositBase = ConstU128<20>;
	type DepositPerByte = ConstU128<1>;
	type SweepWeight = SweepLimit;
	type WeightInfo = OneEach;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Scene;
}

/// The scene of the benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub struct Scene;

#[cfg(feature = "runtime-benchmarks")]
impl assay_primitives::custody::CustodyScene<u64> for Scene {
	fn asset(owner: &u64, commitment: Root) -> AssetId {
		let asset = AssetId(Assets::iter_keys().count() as u32);
		Assets::insert(asset, (owner, Some(commitment)));
		asset
	}

	fn right(asset: AssetId, to: &u64) -> Ask {
		new_right(*to, asset)
	}

	fn right_to_run(asset: AssetId, by: &u64) -> Ask {
		new_right(*by, asset)
	}

	fn fund(account: &u64) {
		Balances::set_balance(account, Balance::from(u64::MAX));
	}
}

/// The state at the start of a test.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let rich = [OWNER, KEEPER, SECOND, ASKER, STRANGER, BANK];
	let balances =
		rich.map(|account| (account, ENDOWMENT)).into_iter().chain([(PAUPER, ED)]).collect();
	pallet_balances::GenesisConfig::<Test> { balances, ..Default::default() }
		.assimilate_storage(&mut storage)
		.unwrap();
	let mut ext = sp_io::TestExternalities::from(storage);
	// Events are recorded from the first block on.
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Run a test, then check every invariant, and that no unit was lost but what events say was burned.
pub fn build_and_execute(test: impl FnOnce()) {
	SweepLimit::set(Weight::from_parts(1_000_000, u64::MAX));
	Stake::set(EXPOSURE);
	Price::set(FEE);
	Handed::set(Vec::new());
	new_test_ext().execute_with(|| {
		Assets::insert(ASSET, (OWNER, Some(key_commitment(&KEY))));
		let issued = Balances::total_issuance();
		test();
		Custody::do_try_state().unwrap();
		let burned = events().into_iter().map(|event| match event {
			Event::CustodianSlashed { burned, .. } => burned,
			_ => 0,
		});
		assert_eq!(Balances::total_issuance(), issued - burned.sum::<Balance>());
	});
}

/// Go to a block.
pub fn run_to(block: u32) {
	while System::block_number() < block {
		let next = System::block_number() + 1;
		System::set_block_number(next);
		Custody::on_initialize(next);
	}
}

/// Go to a block without the sweep.
pub fn skip_to(block: u32) {
	System::set_block_number(block);
}

/// The origin of an account.
pub fn by(account: u64) -> RuntimeOrigin {
	RuntimeOrigin::signed(account)
}

/// Give an account something to spend.
pub fn fund(account: u64, amount: Balance) {
	assert_ok!(<Balances as Mutate<u64>>::transfer(
		&BANK,
		&account,
		amount,
		Preservation::Expendable
	));
}

pub fn register(account: u64, bond: Balance) -> DispatchResult {
	Custody::register(by(account), Default::default(), bond)
}

pub fn appoint(account: u64) -> DispatchResult {
	Custody::appoint(by(OWNER), ASSET, account)
}

pub fn accept(account: u64) -> DispatchResult {
	Custody::accept(by(account), ASSET, key_commitment(&KEY))
}

/// A custodian of the asset with this bond.
pub fn keeper_with(account: u64, bond: Balance) {
	assert_ok!(register(account, bond));
	assert_ok!(appoint(account));
	assert_ok!(accept(account));
}

/// The custodian of the asset.
pub fn keeper() -> u64 {
	keeper_with(KEEPER, BOND);
	KEEPER
}

/// A right that nobody had before, to the key of an asset.
pub fn new_right(holder: u64, asset: AssetId) -> Ask {
	let number = Held::iter_keys().count() as u64;
	let ask = match number % 2 {
		0 => Ask::Grant(GrantId(number)),
		_ => Ask::Job(JobId(number)),
	};
	Held::insert(ask, (holder, asset));
	ask
}

/// A right to the key of the asset.
pub fn right(holder: u64) -> Ask {
	new_right(holder, ASSET)
}

/// The secret of an account for requests.
pub fn secret(account: u64) -> [u8; 32] {
	sp_io::hashing::blake2_256(&account.to_le_bytes())
}

pub fn public(account: u64) -> PublicKey {
	crate::sealed::public_of(&secret(account))
}

/// Ask for a key with the account's public key.
pub fn request(account: u64, ask: Ask, custodian: Option<u64>) -> DispatchResult {
	Custody::request_key(by(account), ask, public(account), custodian)
}

/// A request of the asker to the only custodian, in block 1.
pub fn asked() -> KeyRequestId {
	keeper();
	let id = crate::NextRequest::<Test>::get();
	assert_ok!(request(ASKER, right(ASKER), None));
	id
}

/// The right of a request.
pub fn right_of(id: KeyRequestId) -> Ask {
	crate::Requests::<Test>::get(id).unwrap().ask
}

/// As random as a test needs it, and never twice the same.
pub struct Dice(pub u64);

impl RngCore for Dice {
	fn next_u32(&mut self) -> u32 {
		self.next_u64() as u32
	}

	fn next_u64(&mut self) -> u64 {
		self.0 += 1;
		self.0
	}

	fn fill_bytes(&mut self, bytes: &mut [u8]) {
		for part in bytes.chunks_mut(32) {
			let random = sp_io::hashing::blake2_256(&self.next_u64().to_be_bytes());
			part.copy_from_slice(&random[..part.len()]);
		}
	}

	fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
		self.fill_bytes(bytes);
		Ok(())
	}
}

impl CryptoRng for Dice {}

/// A key, sealed to an account.
pub fn sealed(key: &[u8; 32], to: u64) -> SealedKey {
	let recipient = crypto_box::PublicKey::from(public(to));
	SealedKey(recipient.seal(&mut Dice(to), key).unwrap().try_into().unwrap())
}

/// Deliver a box to whom the request names.
pub fn deliver_as(who: u64, id: KeyRequestId, sealed: SealedKey) -> DispatchResult {
	let recipient = view(id).map_or([0; 32], |view| view.recipient);
	Custody::deliver(by(who), id, recipient, sealed)
}

pub fn deliver(id: KeyRequestId, sealed: SealedKey) -> DispatchResult {
	deliver_as(KEEPER, id, sealed)
}

/// A request that was served with this key, in block 1.
pub fn delivered(key: &[u8; 32]) -> KeyRequestId {
	let id = asked();
	assert_ok!(deliver(id, sealed(key, ASKER)));
	id
}

pub fn complain(id: KeyRequestId) -> DispatchResult {
	Custody::complain(by(ASKER), id, secret(ASKER))
}

pub fn view(id: KeyRequestId) -> Option<KeyRequestView<u64>> {
	Custody::key_request(id)
}

pub fn custodian(account: u64) -> CustodianView<u64> {
	Custody::custodian(account).unwrap()
}

/// What is held of an account.
pub fn held(reason: HoldReason, account: u64) -> Balance {
	Balances::balance_on_hold(&reason.into(), &account)
}

/// What an account can spend.
pub fn free(account: u64) -> Balance {
	Balances::balance(&account)
}

/// What an account has, held or not.
pub fn total(account: u64) -> Balance {
	Balances::total_balance(&account)
}

/// The events of this pallet so far.
pub fn events() -> Vec<Event<Test>> {
	let own = |record: frame_system::EventRecord<RuntimeEvent, _>| match record.event {
		RuntimeEvent::Custody(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(own).collect()
}

pub fn last_event() -> Event<Test> {
	events().pop().unwrap()
}
