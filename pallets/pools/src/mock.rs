//! A runtime of this pallet and what it stands on. Assets and their items are those of a real chain.

use crate::{self as pallet_pools, weights::SubstrateWeight, Event, HoldReason};
use assay_primitives::{
	pool::{Contribution, ContributorView, PoolItemView, PoolSpec, PoolView, ScoreRule},
	rights::{
		manifest_root, Algorithms, AssetKind, AssetSpec, Consent, DataAccess, DataRights as Draws,
		FileEntry, Manifest, PoolItem, Purpose, Tag, Usage,
	},
	ArtifactHash, AssetId, Balance, ModelId, PoolId, VersionId,
};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	storage::with_storage_layer,
	traits::{
		fungible::{InspectHold, Mutate},
		tokens::Preservation,
		AsEnsureOriginWithArg, ConstU128, ConstU32,
	},
	PalletId,
};
use frame_system::{EnsureRoot, EnsureSigned};
use pallet_nfts::{CollectionSettings, ItemConfig, ItemSettings, MintSettings, PalletFeatures};
use sp_core::{sr25519, Pair};
use sp_runtime::{
	traits::{IdentifyAccount, IdentityLookup, Verify},
	BuildStorage, DispatchError, DispatchResult, MultiSignature, Permill,
};

type Block = frame_system::mocking::MockBlockU32<Test>;
pub type AccountId = <<MultiSignature as Verify>::Signer as IdentifyAccount>::AccountId;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Nfts: pallet_nfts,
		Tokens: pallet_assets,
		DataRights: pallet_data_rights,
		Pools: pallet_pools,
	}
);

/// Owns assets, and signs with [`key`].
pub const ALICE: AccountId = AccountId::new([
	212, 53, 147, 199, 21, 253, 211, 28, 97, 20, 26, 189, 4, 169, 159, 214, 130, 44, 133, 88, 133,
	76, 205, 227, 154, 86, 132, 231, 165, 109, 162, 125,
]);
/// The same.
pub const BOB: AccountId = AccountId::new([
	142, 175, 4, 21, 22, 135, 115, 99, 38, 201, 254, 161, 126, 37, 252, 82, 135, 97, 54, 147, 201,
	18, 144, 156, 178, 38, 170, 71, 148, 242, 106, 72,
]);
/// Creates the pools.
pub const CURATOR: AccountId = AccountId::new([1; 32]);
/// Submits contributions, and pays for them.
pub const SUBMITTER: AccountId = AccountId::new([2; 32]);
/// Pays for jobs.
pub const REQUESTER: AccountId = AccountId::new([3; 32]);
/// Has no business here.
pub const STRANGER: AccountId = AccountId::new([4; 32]);
/// Has no funds but the existential deposit.
pub const PAUPER: AccountId = AccountId::new([6; 32]);
/// Does not exist.
pub const NOBODY: AccountId = AccountId::new([7; 32]);
/// What everybody else has at the start.
pub const ENDOWMENT: Balance = 1 << 100;
/// The existential deposit.
pub const ED: Balance = 100;
/// The deposit for a pool.
pub const POOL_DEPOSIT: Balance = 10_000;
/// The deposit for an item.
pub const ITEM_DEPOSIT: Balance = 3_000;
/// How long after its closing a pool can be removed.
pub const DELAY: u32 = 50;
/// What a use costs.
pub const PRICE: Balance = 700;
/// The bytes of the assets.
pub const BYTES: u64 = 1_000;
/// The pool of most tests.
pub const POOL: PoolId = PoolId(0);
/// The version that jobs run.
pub const VERSION: VersionId = VersionId { model: ModelId(7), number: 2 };
/// Another one.
pub const RIVAL: VersionId = VersionId { model: ModelId(8), number: 1 };
/// What the items' pallet asks for the collection, and for an item.
const NFT_DEPOSIT: Balance = 50;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<ED>;
}

parameter_types! {
	pub Features: PalletFeatures = PalletFeatures::all_enabled();
	pub const RightsPalletId: PalletId = PalletId(*b"as/right");
	pub const PoolsPalletId: PalletId = PalletId(*b"as/pools");
	pub CollectionConfig: pallet_nfts::CollectionConfigFor<Test> = pallet_nfts::CollectionConfig {
		settings: CollectionSettings::all_enabled(),
		max_supply: None,
		mint_settings: MintSettings::default(),
	};
	pub ItemsConfig: ItemConfig = ItemConfig { settings: ItemSettings::all_enabled() };
}

impl pallet_nfts::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type CollectionId = u32;
	type ItemId = u32;
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
	type ForceOrigin = EnsureRoot<AccountId>;
	type Locker = ();
	type CollectionDeposit = ConstU128<NFT_DEPOSIT>;
	type ItemDeposit = ConstU128<NFT_DEPOSIT>;
	type MetadataDepositBase = ConstU128<1>;
	type AttributeDepositBase = ConstU128<1>;
	type DepositPerByte = ConstU128<1>;
	type StringLimit = ConstU32<50>;
	type KeyLimit = ConstU32<50>;
	type ValueLimit = ConstU32<50>;
	type ApprovalsLimit = ConstU32<10>;
	type ItemAttributesApprovalsLimit = ConstU32<2>;
	type MaxTips = ConstU32<10>;
	type MaxDeadlineDuration = ConstU32<10_000>;
	type MaxAttributesPerCall = ConstU32<2>;
	type Features = Features;
	type OffchainSignature = MultiSignature;
	type OffchainPublic = <MultiSignature as Verify>::Signer;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type Helper = ();
	type BlockNumberProvider = System;
}

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Test {
	type Balance = Balance;
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
	type ForceOrigin = EnsureRoot<AccountId>;
}

impl pallet_data_rights::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Assets = Tokens;
	type Nfts = Nfts;
	type CollectionConfig = pallet_nfts::CollectionConfigFor<Test>;
	type ItemConfig = ItemConfig;
	type CollectionSettings = CollectionConfig;
	type ItemSettings = ItemsConfig;
	type Income = ();
	type OffchainSignature = MultiSignature;
	type OffchainPublic = <MultiSignature as Verify>::Signer;
	type FreezeOrigin = EnsureRoot<AccountId>;
	type PalletId = RightsPalletId;
	type DepositBase = ConstU128<10>;
	type DepositPerByte = ConstU128<1>;
	type TokenDeposit = ConstU128<10>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Scene;
}

impl pallet_pools::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Assets = DataRights;
	type Permits = DataRights;
	type OffchainSignature = MultiSignature;
	type OffchainPublic = <MultiSignature as Verify>::Signer;
	type PalletId = PoolsPalletId;
	type PoolDeposit = ConstU128<POOL_DEPOSIT>;
	type ItemDeposit = ConstU128<ITEM_DEPOSIT>;
	type RemovalDelay = ConstU32<DELAY>;
	type WeightInfo = SubstrateWeight<Test>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Scene;
}

/// The scene of the benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub struct Scene;

#[cfg(feature = "runtime-benchmarks")]
impl assay_primitives::rights::RightsScene<AccountId, MultiSignature> for Scene {
	fn fund(account: &AccountId) {
		Balances::set_balance(account, Balance::from(u64::MAX));
	}

	fn signer() -> AccountId {
		ALICE
	}

	fn sign(message: &[u8]) -> MultiSignature {
		key(&ALICE).sign(message).into()
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl assay_primitives::pool::PoolScene<AccountId, MultiSignature> for Scene {
	fn asset(version: VersionId) -> AssetId {
		DataRights::benchmark_asset(version)
	}
}

/// The state at the start of a test.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let rich = [ALICE, BOB, CURATOR, SUBMITTER, REQUESTER, STRANGER];
	let others = [(PAUPER, ED), (DataRights::account(), ED + NFT_DEPOSIT)];
	let balances = rich.map(|account| (account, ENDOWMENT)).into_iter().chain(others).collect();
	pallet_balances::GenesisConfig::<Test> { balances, ..Default::default() }
		.assimilate_storage(&mut storage)
		.unwrap();
	let mut ext = sp_io::TestExternalities::from(storage);
	// Events are recorded from the first block on.
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Run a test, then check every invariant, and that no unit was made or lost.
pub fn build_and_execute(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		let issued = Balances::total_issuance();
		test();
		Pools::do_try_state().unwrap();
		DataRights::do_try_state().unwrap();
		assert_eq!(Balances::total_issuance(), issued);
	});
}

/// The key that an account signs with.
pub fn key(account: &AccountId) -> sr25519::Pair {
	let name = match account {
		account if *account == ALICE => "//Alice",
		account if *account == BOB => "//Bob",
		_ => "//Charlie",
	};
	sr25519::Pair::from_string(name, None).unwrap()
}

/// The origin of an account.
pub fn by(account: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(account)
}

/// A call as it is dispatched: a refusal leaves everything as it was.
pub fn dispatched(call: impl FnOnce() -> DispatchResult) -> DispatchResult {
	with_storage_layer(call)
}

pub fn tag(text: &str) -> Tag {
	text.as_bytes().to_vec().try_into().unwrap()
}

/// The pool of most tests: everybody may use its items, each of which counts alike, and the curator
/// has no part.
pub fn spec() -> PoolSpec {
	PoolSpec {
		name: b"Pictures of leaves".to_vec().try_into().unwrap(),
		schema: b"x:f32[3,64,64]".to_vec().try_into().unwrap(),
		rule: ScoreRule::Equal,
		price: PRICE,
		purpose: Purpose::Any,
		commercial: true,
		cut: Permill::zero(),
	}
}

/// The same by another rule.
pub fn ruled(rule: ScoreRule) -> PoolSpec {
	PoolSpec { rule, ..spec() }
}

pub fn create(curator: AccountId, spec: PoolSpec) -> DispatchResult {
	dispatched(|| Pools::create(by(curator), Box::new(spec)))
}

/// A pool of the curator.
pub fn created(spec: PoolSpec) -> PoolId {
	let pool = crate::NextPool::<Test>::get();
	assert_ok!(create(CURATOR, spec));
	pool
}

/// An asset of an account, with so many bytes.
pub fn sized(owner: AccountId, bytes: u64) -> AssetId {
	let asset = pallet_data_rights::NextAsset::<Test>::get();
	let file = FileEntry {
		hash: ArtifactHash([1; 32]),
		size: bytes,
		media_type: b"text/csv".to_vec().try_into().unwrap(),
	};
	let spec = AssetSpec {
		kind: AssetKind::Dataset,
		manifest: Manifest {
			root: manifest_root(&[file]),
			files: 1,
			bytes,
			locator: Default::default(),
		},
		schema: Default::default(),
		licence: Default::default(),
		// What is contributed is consented to by signature.
		consent: Consent::default(),
		algorithms: only(&[VERSION]),
		key: None,
	};
	assert_ok!(DataRights::register_asset(by(owner), Box::new(spec)));
	asset
}

/// An asset of an account.
pub fn asset(owner: AccountId) -> AssetId {
	sized(owner, BYTES)
}

/// These versions, and no others.
pub fn only(versions: &[VersionId]) -> Algorithms {
	Algorithms::Only(versions.to_vec().try_into().unwrap())
}

/// Move the item of an asset as anybody moves items.
pub fn sell(asset: AssetId, to: AccountId) {
	let owner = DataRights::owner_of(asset).unwrap();
	let collection = pallet_data_rights::Collection::<Test>::get().unwrap();
	assert_ok!(Nfts::transfer(by(owner), collection, asset.0, to));
}

pub fn burn(asset: AssetId) {
	let owner = DataRights::owner_of(asset).unwrap();
	let collection = pallet_data_rights::Collection::<Test>::get().unwrap();
	assert_ok!(Nfts::burn(by(owner), collection, asset.0));
}

/// What the present owner of an asset signs, with the next number.
pub fn contribution(pool: PoolId, asset: AssetId) -> Contribution<AccountId> {
	let contributor = DataRights::owner_of(asset).unwrap();
	let nonce = DataRights::asset(asset).unwrap().next_permit;
	Contribution { pool, asset, contributor, nonce, expires: 1_000 }
}

/// What the contributor signs, for this chain.
pub fn signature(contribution: &Contribution<AccountId>) -> MultiSignature {
	let bytes = contribution.signed_bytes(System::block_hash(0).as_ref());
	key(&contribution.contributor).sign(&bytes).into()
}

/// Submit a contribution with a signature.
pub fn submit(contribution: Contribution<AccountId>, signature: MultiSignature) -> DispatchResult {
	dispatched(|| Pools::contribute(by(SUBMITTER), contribution, signature))
}

/// Sign and submit a contribution.
pub fn contribute(contribution: Contribution<AccountId>) -> DispatchResult {
	let signature = signature(&contribution);
	submit(contribution, signature)
}

/// A new asset of an account, in a pool.
pub fn contributed(pool: PoolId, owner: AccountId) -> AssetId {
	let asset = asset(owner);
	assert_ok!(contribute(contribution(pool, asset)));
	asset
}

pub fn withdraw(who: AccountId, pool: PoolId, asset: AssetId) -> DispatchResult {
	dispatched(|| Pools::withdraw(by(who), pool, asset))
}

pub fn score(who: AccountId, asset: AssetId, score: u32) -> DispatchResult {
	dispatched(|| Pools::score(by(who), POOL, asset, score))
}

pub fn claim(who: AccountId) -> DispatchResult {
	dispatched(|| Pools::claim(by(who), POOL))
}

pub fn close(who: AccountId) -> DispatchResult {
	dispatched(|| Pools::close(by(who), POOL))
}

pub fn remove(who: AccountId) -> DispatchResult {
	dispatched(|| Pools::remove(by(who), POOL))
}

/// Use an item of a pool once.
pub fn exercise(pool: PoolId, asset: AssetId) -> Result<DataAccess<AccountId>, DispatchError> {
	exercise_for(pool, asset, VERSION, Usage::default(), 1)
}

pub fn exercise_for(
	pool: PoolId,
	asset: AssetId,
	version: VersionId,
	usage: Usage,
	uses: u32,
) -> Result<DataAccess<AccountId>, DispatchError> {
	let item = PoolItem { pool, asset };
	<Pools as Draws<AccountId, PoolItem>>::exercise(&REQUESTER, &item, version, &usage, uses)
}

/// Give an account so much of what the requester has.
pub fn fund(account: &AccountId, amount: Balance) {
	assert_ok!(Balances::transfer(&REQUESTER, account, amount, Preservation::Preserve));
}

/// A job that was requested before is settled: what was agreed on is paid.
pub fn settle(access: DataAccess<AccountId>) {
	fund(&access.payee, access.price);
}

/// A pool earns.
pub fn earn(pool: PoolId, income: Balance) {
	settle(DataAccess { asset: AssetId(0), payee: Pools::pot(pool), price: income });
}

pub fn view() -> PoolView<AccountId> {
	Pools::pool(POOL).unwrap()
}

pub fn item(asset: AssetId) -> Option<PoolItemView<AccountId>> {
	Pools::pool_item(POOL, asset)
}

pub fn contributor(who: AccountId) -> Option<ContributorView<AccountId>> {
	Pools::contributor(POOL, who)
}

pub fn claimable(who: AccountId) -> Balance {
	contributor(who).map_or(0, |contributor| contributor.claimable)
}

/// What is held of an account for deposits of this pallet.
pub fn held(account: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::Deposit.into(), &account)
}

/// What an account has besides what is held.
pub fn free(account: AccountId) -> Balance {
	Balances::free_balance(account)
}

/// Go to a block.
pub fn run_to(block: u32) {
	System::set_block_number(block);
}

/// The events of this pallet so far.
pub fn events() -> Vec<Event<Test>> {
	let own = |record: frame_system::EventRecord<RuntimeEvent, _>| match record.event {
		RuntimeEvent::Pools(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(own).collect()
}

pub fn last_event() -> Event<Test> {
	events().pop().unwrap()
}
