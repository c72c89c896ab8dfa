//! A runtime of this pallet and what it stands on. Items and tokens are those of a real chain.

use crate::{self as pallet_data_rights, weights::SubstrateWeight, Event, HoldReason};
use assay_primitives::{
	revenue::{IncomeInspect, Subject},
	rights::{
		manifest_root, Algorithms, AssetKind, AssetSpec, Consent, Currency, DataAccess,
		DataRights as Draws, FileEntry, GrantTerms, GrantView, Manifest, OfferKind, OfferTerms,
		Permit, Purpose, Usage,
	},
	ArtifactHash, AssetId, Balance, GrantId, ModelId, RightsOfferId, Root, VersionId,
};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	storage::with_storage_layer,
	traits::{fungible::InspectHold, AsEnsureOriginWithArg, ConstU128, ConstU32},
	PalletId,
};
use frame_system::{EnsureRoot, EnsureSigned};
use pallet_nfts::{CollectionSettings, ItemConfig, ItemSettings, MintSettings, PalletFeatures};
use sp_core::{sr25519, Pair};
use sp_runtime::{
	traits::{IdentifyAccount, IdentityLookup, Verify},
	BuildStorage, DispatchError, DispatchResult, MultiSignature,
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
	}
);

/// Owns the assets of the tests: the account of [`key`], which signs permits.
pub const OWNER: AccountId = AccountId::new([
	212, 53, 147, 199, 21, 253, 211, 28, 97, 20, 26, 189, 4, 169, 159, 214, 130, 44, 133, 88, 133,
	76, 205, 227, 154, 86, 132, 231, 165, 109, 162, 125,
]);
/// Buys grants.
pub const BUYER: AccountId = AccountId::new([2; 32]);
/// Becomes the owner of assets, or the holder of grants.
pub const OTHER: AccountId = AccountId::new([3; 32]);
/// Has no business here.
pub const STRANGER: AccountId = AccountId::new([4; 32]);
/// Keeps the income of assets that have shares.
pub const VAULT: AccountId = AccountId::new([5; 32]);
/// Has no funds but the existential deposit.
pub const PAUPER: AccountId = AccountId::new([6; 32]);
/// What everybody else has at the start.
pub const ENDOWMENT: Balance = 10_000_000;
/// The existential deposit.
pub const ED: Balance = 5;
/// The deposit for any record.
pub const BASE: Balance = 1_000;
/// The deposit for a byte of a record.
pub const PER_BYTE: Balance = 3;
/// The deposit for a token.
pub const TOKEN_DEPOSIT: Balance = 20_000;
/// What the items' pallet asks for the collection, and for an item.
pub const ITEM_DEPOSIT: Balance = 50;
/// The price of the offers.
pub const PRICE: Balance = 10_000;
/// The token of the tests that offers are paid in.
pub const COIN: u32 = 900;
/// The token of the offers.
pub const ACCESS: u32 = 7;
/// The version that jobs run.
pub const VERSION: VersionId = VersionId { model: ModelId(7), number: 2 };
/// Another one.
pub const RIVAL: VersionId = VersionId { model: ModelId(8), number: 1 };

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
	pub RightsPalletId: PalletId = PalletId(*b"as/right");
	pub CollectionConfig: pallet_nfts::CollectionConfigFor<Test> = pallet_nfts::CollectionConfig {
		settings: CollectionSettings::all_enabled(),
		max_supply: None,
		mint_settings: MintSettings::default(),
	};
	pub ItemsConfig: ItemConfig = ItemConfig { settings: ItemSettings::all_enabled() };
	/// Whether there are shares in the income of assets.
	pub static Shared: bool = false;
	/// Whether the test burns items.
	pub static Burning: bool = false;
}

impl pallet_nfts::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type CollectionId = u32;
	type ItemId = u32;
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
	type ForceOrigin = EnsureRoot<AccountId>;
	type Locker = ();
	type CollectionDeposit = ConstU128<ITEM_DEPOSIT>;
	type ItemDeposit = ConstU128<ITEM_DEPOSIT>;
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

/// Pays owners, or the vault.
pub struct MockIncome;

impl IncomeInspect<AccountId> for MockIncome {
	fn pot(_: Subject) -> Option<AccountId> {
		Shared::get().then_some(VAULT)
	}
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
	type Income = MockIncome;
	type OffchainSignature = MultiSignature;
	type OffchainPublic = <MultiSignature as Verify>::Signer;
	type FreezeOrigin = EnsureRoot<AccountId>;
	type PalletId = RightsPalletId;
	type DepositBase = ConstU128<BASE>;
	type DepositPerByte = ConstU128<PER_BYTE>;
	type TokenDeposit = ConstU128<TOKEN_DEPOSIT>;
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
		use frame_support::traits::fungible::Mutate;
		Balances::set_balance(account, Balance::from(u64::MAX));
	}

	fn signer() -> AccountId {
		OWNER
	}

	fn sign(message: &[u8]) -> MultiSignature {
		key().sign(message).into()
	}
}

/// The state at the start of a test.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let rich = [OWNER, BUYER, OTHER, STRANGER].map(|account| (account, ENDOWMENT));
	// Of what the pallet's account has, the deposit for the collection may not be more.
	let others = [(VAULT, ED), (PAUPER, ED), (DataRights::account(), ED + ITEM_DEPOSIT)];
	pallet_balances::GenesisConfig::<Test> {
		balances: rich.into_iter().chain(others).collect(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	pallet_assets::GenesisConfig::<Test> {
		assets: vec![(COIN, STRANGER, false, 1)],
		accounts: vec![(COIN, BUYER, ENDOWMENT)],
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	let mut ext = sp_io::TestExternalities::from(storage);
	// Events are recorded from the first block on.
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Run a test, then check every invariant, that no unit was made or lost, and that each asset has
/// its item.
pub fn build_and_execute(test: impl FnOnce()) {
	Shared::set(false);
	Burning::set(false);
	new_test_ext().execute_with(|| {
		let issued = Balances::total_issuance();
		test();
		DataRights::do_try_state().unwrap();
		assert_eq!(Balances::total_issuance(), issued);
		for asset in crate::Assets::<Test>::iter_keys() {
			assert!(Burning::get() || DataRights::owner_of(asset).is_some());
		}
	});
}

/// The key that the owner of the tests signs with.
pub fn key() -> sr25519::Pair {
	sr25519::Pair::from_string("//Alice", None).unwrap()
}

/// The origin of an account.
pub fn by(account: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(account)
}

/// A call as it is dispatched: a refusal leaves everything as it was.
pub fn dispatched(call: impl FnOnce() -> DispatchResult) -> DispatchResult {
	with_storage_layer(call)
}

/// What is said of the assets of the tests.
pub fn spec() -> AssetSpec {
	let file = FileEntry {
		hash: ArtifactHash([1; 32]),
		size: 1_000,
		media_type: b"text/csv".to_vec().try_into().unwrap(),
	};
	AssetSpec {
		kind: AssetKind::Dataset,
		manifest: Manifest {
			root: manifest_root(&[file]),
			files: 1,
			bytes: 1_000,
			locator: b"https://data.example/list".to_vec().try_into().unwrap(),
		},
		schema: b"a:f32,b:f32".to_vec().try_into().unwrap(),
		licence: b"CC-BY-4.0".to_vec().try_into().unwrap(),
		consent: Consent { training: true, inference: true, derivatives: false },
		algorithms: only(&[VERSION]),
		key: Some(Root([9; 32])),
	}
}

/// These versions, and no others.
pub fn only(versions: &[VersionId]) -> Algorithms {
	Algorithms::Only(versions.to_vec().try_into().unwrap())
}

/// An asset of an account.
pub fn registered(spec: AssetSpec) -> AssetId {
	let asset = crate::NextAsset::<Test>::get();
	assert_ok!(DataRights::register_asset(by(OWNER), Box::new(spec)));
	asset
}

/// The asset of most tests.
pub fn asset() -> AssetId {
	registered(spec())
}

/// Move the item of an asset as anybody moves items.
pub fn sell(asset: AssetId, to: AccountId) {
	let owner = DataRights::owner_of(asset).unwrap();
	assert_ok!(Nfts::transfer(by(owner), collection(), asset.0, to));
}

pub fn burn(asset: AssetId) {
	Burning::set(true);
	let owner = DataRights::owner_of(asset).unwrap();
	assert_ok!(Nfts::burn(by(owner), collection(), asset.0));
}

pub fn collection() -> u32 {
	crate::Collection::<Test>::get().unwrap()
}

/// An offer of grants of two uses, paid once.
pub fn offer_terms() -> OfferTerms {
	OfferTerms {
		kind: OfferKind::Once,
		uses: Some(2),
		price: PRICE,
		currency: Currency::Native,
		purpose: Purpose::Any,
		transferable: true,
		revocable: true,
		commercial: true,
	}
}

/// An offer of an asset by its owner.
pub fn offered(asset: AssetId, terms: OfferTerms) -> RightsOfferId {
	let offer = crate::NextOffer::<Test>::get();
	let owner = DataRights::owner_of(asset).unwrap();
	assert_ok!(DataRights::post_offer(by(owner), asset, Box::new(terms)));
	offer
}

/// Buy once, at the price of the tests at most.
pub fn buy(buyer: AccountId, offer: RightsOfferId) -> DispatchResult {
	dispatched(|| DataRights::buy(by(buyer), offer, 1, PRICE, None))
}

/// A grant that the buyer has bought by such an offer of a new asset.
pub fn bought(terms: OfferTerms) -> GrantId {
	let grant = crate::NextGrant::<Test>::get();
	assert_ok!(buy(BUYER, offered(asset(), terms)));
	grant
}

/// An offer with a token, of which the buyer has so many units.
pub fn tokenized(terms: OfferTerms, units: Balance) -> RightsOfferId {
	let offer = offered(asset(), terms);
	assert_ok!(DataRights::tokenize_offer(by(OWNER), offer, ACCESS, false));
	if units > 0 {
		assert_ok!(DataRights::mint_access(by(OWNER), offer, BUYER, units));
	}
	offer
}

/// The units that an account has of a token.
pub fn units(token: u32, account: AccountId) -> Balance {
	Tokens::balance(token, &account)
}

/// A right to two uses before block 100.
pub fn grant_terms() -> GrantTerms {
	GrantTerms {
		from: 1,
		until: Some(100),
		uses: Some(2),
		price: 0,
		purpose: Purpose::Any,
		commercial: true,
		transferable: true,
		revocable: true,
	}
}

/// A grant that the owner has given to the buyer.
pub fn given(asset: AssetId, terms: GrantTerms) -> GrantId {
	let grant = crate::NextGrant::<Test>::get();
	let owner = DataRights::owner_of(asset).unwrap();
	assert_ok!(DataRights::give(by(owner), asset, BUYER, Box::new(terms)));
	grant
}

/// The grant of most tests.
pub fn grant() -> GrantId {
	given(asset(), grant_terms())
}

/// A permit for a grant to the buyer.
pub fn permit(asset: AssetId, nonce: u64) -> Permit<AccountId> {
	Permit { asset, to: BUYER, terms: grant_terms(), nonce, expires: 50 }
}

/// What the owner signs, for this chain.
pub fn signature(permit: &Permit<AccountId>) -> MultiSignature {
	key().sign(&permit.signed_bytes(System::block_hash(0).as_ref())).into()
}

/// Submit a permit with the signature of the owner.
pub fn submit(permit: Permit<AccountId>, signature: MultiSignature) -> DispatchResult {
	dispatched(|| DataRights::give_signed(by(STRANGER), Box::new(permit), OWNER, signature))
}

pub fn usage() -> Usage {
	Usage::default()
}

/// Use a grant so often for the version of the tests.
pub fn exercise(
	who: AccountId,
	grant: GrantId,
	uses: u32,
) -> Result<DataAccess<AccountId>, DispatchError> {
	exercise_for(who, grant, VERSION, usage(), uses)
}

pub fn exercise_for(
	who: AccountId,
	grant: GrantId,
	version: VersionId,
	usage: Usage,
	uses: u32,
) -> Result<DataAccess<AccountId>, DispatchError> {
	<DataRights as Draws<AccountId, GrantId>>::exercise(&who, &grant, version, &usage, uses)
}

pub fn view(grant: GrantId) -> GrantView<AccountId> {
	DataRights::grant(grant).unwrap()
}

/// What is held of an account for deposits.
pub fn held(account: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::Deposit.into(), &account)
}

/// What an account has besides.
pub fn free(account: AccountId) -> Balance {
	Balances::free_balance(account)
}

/// Go to a block.
pub fn run_to(block: u32) {
	System::set_block_number(block);
}

/// The last event, if it is one of this pallet.
pub fn last_event() -> Option<Event<Test>> {
	match System::events().pop()?.event {
		RuntimeEvent::DataRights(event) => Some(event),
		_ => None,
	}
}
