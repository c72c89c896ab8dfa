//! The runtime API of data, licences and income.

use super::Page;
use crate::{
	custody::{AppointmentView, Ask, CustodianView, CustodyNumbers, KeyRequestView},
	ids::{AssetId, GrantId, KeyRequestId, OfferingId, PoolId, RightsOfferId, VersionId},
	model::LineageView,
	offering::{OfferingView, TicketView},
	pool::{ContributorView, PoolItemView, PoolView},
	revenue::{HoldingView, StreamView, Subject},
	rights::{AssetView, GrantView, PoolItem, RightsOfferView},
	AccountId, Balance,
};
use alloc::vec::Vec;

sp_api::decl_runtime_apis! {
	/// Reads of lineages and of the pallets data-rights, pools, custody, revenue and offerings.
	pub trait RightsApi {
		/// What a version was made from, and what its ancestors earn by it; `None` of what declares
		/// no parents.
		fn lineage(id: VersionId) -> Option<LineageView>;
		/// An asset, until it is removed.
		fn asset(id: AssetId) -> Option<AssetView<AccountId>>;
		/// Assets in the order of registration from `start` on, of one owner if given. A page may
		/// hold fewer items than `limit` and still have a next one: the number of assets looked at
		/// is bounded.
		fn assets(owner: Option<AccountId>, start: AssetId, limit: u32) -> Page<AssetView<AccountId>, AssetId>;
		/// An offer of rights, until it is withdrawn; with a token, for good.
		fn rights_offer(id: RightsOfferId) -> Option<RightsOfferView<AccountId>>;
		/// The offers of an asset in ascending order, from `start` on.
		fn rights_offers(asset: AssetId, start: RightsOfferId, limit: u32) -> Page<RightsOfferView<AccountId>, RightsOfferId>;
		/// A grant, until it is dropped.
		fn grant(id: GrantId) -> Option<GrantView<AccountId>>;
		/// The grants of an asset in ascending order, from `start` on.
		fn grants_of(asset: AssetId, start: GrantId, limit: u32) -> Page<GrantView<AccountId>, GrantId>;
		/// The grants that an account holds in ascending order, from `start` on.
		fn grants_held(holder: AccountId, start: GrantId, limit: u32) -> Page<GrantView<AccountId>, GrantId>;
		/// A custodian by its account.
		fn custodian(account: AccountId) -> Option<CustodianView<AccountId>>;
		/// Custodians in the order of storage. `start` is the last account of the page before.
		fn custodians(start: Option<AccountId>, limit: u32) -> Page<CustodianView<AccountId>, AccountId>;
		/// The custodians of an asset, in the order in which they were appointed.
		fn custodians_of(asset: AssetId) -> Vec<AppointmentView<AccountId>>;
		/// The assets whose keys an account was appointed to keep, in the order of storage. `start`
		/// is the last asset that the page before looked at. A page may hold fewer items than
		/// `limit` and still have a next one.
		fn appointments(custodian: AccountId, start: Option<AssetId>, limit: u32) -> Page<AssetId, AssetId>;
		/// A request for a key, until it ends.
		fn key_request(id: KeyRequestId) -> Option<KeyRequestView<AccountId>>;
		/// The open request of an account by a right.
		fn key_request_by(asker: AccountId, ask: Ask) -> Option<KeyRequestView<AccountId>>;
		/// The open requests of a custodian in ascending order, from `start` on.
		fn key_requests(custodian: AccountId, start: KeyRequestId, limit: u32) -> Page<KeyRequestView<AccountId>, KeyRequestId>;
		/// The numbers of custody.
		fn custody_numbers() -> CustodyNumbers;
		/// The shares in the income of a subject.
		fn stream(subject: Subject) -> Option<StreamView<AccountId>>;
		/// The streams, in the order of their keys, from `start` on.
		fn streams(start: Option<Subject>, limit: u32) -> Page<StreamView<AccountId>, Subject>;
		/// What an account has of a stream; `None` if that is nothing.
		fn holding(subject: Subject, who: AccountId) -> Option<HoldingView<AccountId>>;
		/// Who has something of a stream, in the order of storage, from `start` on.
		fn holders(subject: Subject, start: Option<AccountId>, limit: u32) -> Page<HoldingView<AccountId>, AccountId>;
		/// What is paid out of the pool of a stream for so many shares now.
		fn redeemable(subject: Subject, shares: Balance) -> Option<Balance>;
		/// A pool, until it is removed.
		fn pool(id: PoolId) -> Option<PoolView<AccountId>>;
		/// Pools in ascending order, from `start` on. A page may hold fewer items than `limit` and
		/// still have a next one.
		fn pools(start: PoolId, limit: u32) -> Page<PoolView<AccountId>, PoolId>;
		/// An item of a pool.
		fn pool_item(item: PoolItem) -> Option<PoolItemView<AccountId>>;
		/// The items of a pool in the order of their assets, from `start` on.
		fn pool_items(pool: PoolId, start: AssetId, limit: u32) -> Page<PoolItemView<AccountId>, AssetId>;
		/// What an account has of a pool; `None` if that is nothing.
		fn contributor(pool: PoolId, who: AccountId) -> Option<ContributorView<AccountId>>;
		/// An offering of shares, until it is removed.
		fn offering(id: OfferingId) -> Option<OfferingView<AccountId>>;
		/// Offerings in ascending order, from `start` on. A page may hold fewer items than `limit`
		/// and still have a next one.
		fn offerings(start: OfferingId, limit: u32) -> Page<OfferingView<AccountId>, OfferingId>;
		/// A ticket, until nothing is left of it.
		fn ticket(id: OfferingId, number: u32) -> Option<TicketView<AccountId>>;
		/// The tickets of an offering in ascending order, from `start` on, of one account if given.
		/// A page may hold fewer items than `limit` and still have a next one.
		fn tickets(id: OfferingId, who: Option<AccountId>, start: u32, limit: u32) -> Page<TicketView<AccountId>, u32>;
	}
}
