//! The `assay_*` methods of data, licences and income (docs/rpc.md), each read from the state of one
//! block.

use super::{
	assay::block,
	error::Error,
	params::{self, GrantsOf, SubjectText, VersionText},
	views::{
		AppointmentJson, AssetJson, ContributorJson, CustodianJson, GrantJson, HoldingJson,
		KeyRequestJson, LineageJson, OfferingJson, PageJson, PoolItemJson, PoolJson,
		RightsOfferJson, StreamJson, TicketJson,
	},
};
use crate::partial::BlockHash;
use assay_primitives::{
	api::{rights::RightsApi, Page},
	AccountId, AssetId, GrantId, KeyRequestId, OfferingId, PoolId, RightsOfferId,
};
use assay_runtime::opaque::Block;
use jsonrpsee::proc_macros::rpc;
use sp_api::{ApiError, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use std::sync::Arc;

/// Reads of lineages, data, its keys and pools, and what income is divided into. `at` is the hash of
/// a block; the best one without it.
#[rpc(server)]
pub trait RightsRpc {
	/// What a version was made from, and what its ancestors earn by it.
	#[method(name = "assay_lineage", blocking)]
	fn lineage(
		&self,
		version: VersionText,
		at: Option<BlockHash>,
	) -> Result<Option<LineageJson>, Error>;

	/// An asset, until it is removed.
	#[method(name = "assay_asset", blocking)]
	fn asset(&self, id: AssetId, at: Option<BlockHash>) -> Result<Option<AssetJson>, Error>;

	/// Assets in the order of registration, of one owner if given.
	#[method(name = "assay_assets", blocking)]
	fn assets(
		&self,
		owner: Option<AccountId>,
		start: Option<AssetId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<AssetJson, AssetId>, Error>;

	/// An offer of rights to an asset, until it is removed.
	#[method(name = "assay_rightsOffer", blocking)]
	fn rights_offer(
		&self,
		id: RightsOfferId,
		at: Option<BlockHash>,
	) -> Result<Option<RightsOfferJson>, Error>;

	/// The offers of an asset in ascending order.
	#[method(name = "assay_rightsOffers", blocking)]
	fn rights_offers(
		&self,
		asset: AssetId,
		start: Option<RightsOfferId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<RightsOfferJson, RightsOfferId>, Error>;

	/// A grant, until it is dropped.
	#[method(name = "assay_grant", blocking)]
	fn grant(&self, id: GrantId, at: Option<BlockHash>) -> Result<Option<GrantJson>, Error>;

	/// The grants of an asset, or those that an account holds, in ascending order.
	#[method(name = "assay_grants", blocking)]
	fn grants(
		&self,
		of: GrantsOf,
		start: Option<GrantId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<GrantJson, GrantId>, Error>;

	/// A custodian, until it has withdrawn.
	#[method(name = "assay_custodian", blocking)]
	fn custodian(
		&self,
		account: AccountId,
		at: Option<BlockHash>,
	) -> Result<Option<CustodianJson>, Error>;

	/// Custodians in the order of storage. `start` is the last account of the page before.
	#[method(name = "assay_custodians", blocking)]
	fn custodians(
		&self,
		start: Option<AccountId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<CustodianJson, AccountId>, Error>;

	/// The custodians of an asset, in the order in which they were appointed.
	#[method(name = "assay_custodiansOf", blocking)]
	fn custodians_of(
		&self,
		asset: AssetId,
		at: Option<BlockHash>,
	) -> Result<Vec<AppointmentJson>, Error>;

	/// A request for a key, until it ends.
	#[method(name = "assay_keyRequest", blocking)]
	fn key_request(
		&self,
		id: KeyRequestId,
		at: Option<BlockHash>,
	) -> Result<Option<KeyRequestJson>, Error>;

	/// The open requests to a custodian, in ascending order.
	#[method(name = "assay_keyRequests", blocking)]
	fn key_requests(
		&self,
		custodian: AccountId,
		start: Option<KeyRequestId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<KeyRequestJson, KeyRequestId>, Error>;

	/// A pool, until it is removed.
	#[method(name = "assay_pool", blocking)]
	fn pool(&self, id: PoolId, at: Option<BlockHash>) -> Result<Option<PoolJson>, Error>;

	/// Pools in the order of their creation.
	#[method(name = "assay_pools", blocking)]
	fn pools(
		&self,
		start: Option<PoolId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<PoolJson, PoolId>, Error>;

	/// The items of a pool in the order of their assets.
	#[method(name = "assay_poolItems", blocking)]
	fn pool_items(
		&self,
		pool: PoolId,
		start: Option<AssetId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<PoolItemJson, AssetId>, Error>;

	/// What an account has of a pool.
	#[method(name = "assay_contributor", blocking)]
	fn contributor(
		&self,
		pool: PoolId,
		account: AccountId,
		at: Option<BlockHash>,
	) -> Result<Option<ContributorJson>, Error>;

	/// The shares in the income of a subject.
	#[method(name = "assay_stream", blocking)]
	fn stream(
		&self,
		subject: SubjectText,
		at: Option<BlockHash>,
	) -> Result<Option<StreamJson>, Error>;

	/// What has shares in its income, in the order of storage.
	#[method(name = "assay_streams", blocking)]
	fn streams(
		&self,
		start: Option<SubjectText>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<StreamJson, SubjectText>, Error>;

	/// What an account has of a stream.
	#[method(name = "assay_holding", blocking)]
	fn holding(
		&self,
		subject: SubjectText,
		account: AccountId,
		at: Option<BlockHash>,
	) -> Result<Option<HoldingJson>, Error>;

	/// Who has something of a stream, in the order of storage.
	#[method(name = "assay_holders", blocking)]
	fn holders(
		&self,
		subject: SubjectText,
		start: Option<AccountId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<HoldingJson, AccountId>, Error>;

	/// An offering of shares, until it is removed.
	#[method(name = "assay_offering", blocking)]
	fn offering(
		&self,
		id: OfferingId,
		at: Option<BlockHash>,
	) -> Result<Option<OfferingJson>, Error>;

	/// Offerings in ascending order.
	#[method(name = "assay_offerings", blocking)]
	fn offerings(
		&self,
		start: Option<OfferingId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<OfferingJson, OfferingId>, Error>;

	/// The tickets of an offering in ascending order, of one account if given.
	#[method(name = "assay_tickets", blocking)]
	fn tickets(
		&self,
		offering: OfferingId,
		account: Option<AccountId>,
		start: Option<u32>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<TicketJson, u32>, Error>;
}

/// Answers the methods of data, licences and income from the client's state.
pub struct Rights<C> {
	client: Arc<C>,
}

impl<C> Rights<C>
where
	C: ProvideRuntimeApi<Block> + HeaderBackend<Block>,
{
	/// Answer from `client`.
	pub fn new(client: Arc<C>) -> Self {
		Self { client }
	}

	/// What `read` finds in the state of a block.
	fn read<T>(
		&self,
		at: Option<BlockHash>,
		read: impl FnOnce(&C::Api, BlockHash) -> Result<T, ApiError>,
	) -> Result<T, Error> {
		Ok(read(&self.client.runtime_api(), block(&*self.client, at)?)?)
	}

	/// One thing.
	fn one<View, Json: From<View>>(
		&self,
		at: Option<BlockHash>,
		read: impl FnOnce(&C::Api, BlockHash) -> Result<Option<View>, ApiError>,
	) -> Result<Option<Json>, Error> {
		Ok(self.read(at, read)?.map(Into::into))
	}

	/// A page of at most `limit`, which `read` is told.
	fn page<View: Into<Json>, Json, Cursor>(
		&self,
		at: Option<BlockHash>,
		limit: Option<u32>,
		read: impl FnOnce(&C::Api, BlockHash, u32) -> Result<Page<View, Cursor>, ApiError>,
	) -> Result<PageJson<Json, Cursor>, Error> {
		let limit = params::page_size(limit)?;
		Ok(PageJson::of(self.read(at, |api, at| read(api, at, limit))?))
	}
}

impl<C> RightsRpcServer for Rights<C>
where
	C: ProvideRuntimeApi<Block> + HeaderBackend<Block> + 'static,
	C::Api: RightsApi<Block>,
{
	fn lineage(
		&self,
		version: VersionText,
		at: Option<BlockHash>,
	) -> Result<Option<LineageJson>, Error> {
		self.one(at, |api, at| api.lineage(at, version.0))
	}

	fn asset(&self, id: AssetId, at: Option<BlockHash>) -> Result<Option<AssetJson>, Error> {
		self.one(at, |api, at| api.asset(at, id))
	}

	fn assets(
		&self,
		owner: Option<AccountId>,
		start: Option<AssetId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<AssetJson, AssetId>, Error> {
		self.page(at, limit, |api, at, limit| {
			api.assets(at, owner, start.unwrap_or_default(), limit)
		})
	}

	fn rights_offer(
		&self,
		id: RightsOfferId,
		at: Option<BlockHash>,
	) -> Result<Option<RightsOfferJson>, Error> {
		self.one(at, |api, at| api.rights_offer(at, id))
	}

	fn rights_offers(
		&self,
		asset: AssetId,
		start: Option<RightsOfferId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<RightsOfferJson, RightsOfferId>, Error> {
		self.page(at, limit, |api, at, limit| {
			api.rights_offers(at, asset, start.unwrap_or_default(), limit)
		})
	}

	fn grant(&self, id: GrantId, at: Option<BlockHash>) -> Result<Option<GrantJson>, Error> {
		self.one(at, |api, at| api.grant(at, id))
	}

	fn grants(
		&self,
		of: GrantsOf,
		start: Option<GrantId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<GrantJson, GrantId>, Error> {
		let start = start.unwrap_or_default();
		self.page(at, limit, |api, at, limit| match of {
			GrantsOf::Asset(asset) => api.grants_of(at, asset, start, limit),
			GrantsOf::Holder(holder) => api.grants_held(at, holder, start, limit),
		})
	}

	fn custodian(
		&self,
		account: AccountId,
		at: Option<BlockHash>,
	) -> Result<Option<CustodianJson>, Error> {
		self.one(at, |api, at| api.custodian(at, account))
	}

	fn custodians(
		&self,
		start: Option<AccountId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<CustodianJson, AccountId>, Error> {
		self.page(at, limit, |api, at, limit| api.custodians(at, start, limit))
	}

	fn custodians_of(
		&self,
		asset: AssetId,
		at: Option<BlockHash>,
	) -> Result<Vec<AppointmentJson>, Error> {
		let appointed = self.read(at, |api, at| api.custodians_of(at, asset))?;
		Ok(appointed.into_iter().map(Into::into).collect())
	}

	fn key_request(
		&self,
		id: KeyRequestId,
		at: Option<BlockHash>,
	) -> Result<Option<KeyRequestJson>, Error> {
		self.one(at, |api, at| api.key_request(at, id))
	}

	fn key_requests(
		&self,
		custodian: AccountId,
		start: Option<KeyRequestId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<KeyRequestJson, KeyRequestId>, Error> {
		self.page(at, limit, |api, at, limit| {
			api.key_requests(at, custodian, start.unwrap_or_default(), limit)
		})
	}

	fn pool(&self, id: PoolId, at: Option<BlockHash>) -> Result<Option<PoolJson>, Error> {
		self.one(at, |api, at| api.pool(at, id))
	}

	fn pools(
		&self,
		start: Option<PoolId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<PoolJson, PoolId>, Error> {
		self.page(at, limit, |api, at, limit| api.pools(at, start.unwrap_or_default(), limit))
	}

	fn pool_items(
		&self,
		pool: PoolId,
		start: Option<AssetId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<PoolItemJson, AssetId>, Error> {
		self.page(at, limit, |api, at, limit| {
			api.pool_items(at, pool, start.unwrap_or_default(), limit)
		})
	}

	fn contributor(
		&self,
		pool: PoolId,
		account: AccountId,
		at: Option<BlockHash>,
	) -> Result<Option<ContributorJson>, Error> {
		self.one(at, |api, at| api.contributor(at, pool, account))
	}

	fn stream(
		&self,
		subject: SubjectText,
		at: Option<BlockHash>,
	) -> Result<Option<StreamJson>, Error> {
		self.one(at, |api, at| api.stream(at, subject.0))
	}

	fn streams(
		&self,
		start: Option<SubjectText>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<StreamJson, SubjectText>, Error> {
		let start = start.map(|start| start.0);
		self.page(at, limit, |api, at, limit| {
			let Page { items, next } = api.streams(at, start, limit)?;
			Ok(Page { items, next: next.map(SubjectText) })
		})
	}

	fn holding(
		&self,
		subject: SubjectText,
		account: AccountId,
		at: Option<BlockHash>,
	) -> Result<Option<HoldingJson>, Error> {
		self.one(at, |api, at| api.holding(at, subject.0, account))
	}

	fn holders(
		&self,
		subject: SubjectText,
		start: Option<AccountId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<HoldingJson, AccountId>, Error> {
		self.page(at, limit, |api, at, limit| api.holders(at, subject.0, start, limit))
	}

	fn offering(
		&self,
		id: OfferingId,
		at: Option<BlockHash>,
	) -> Result<Option<OfferingJson>, Error> {
		self.one(at, |api, at| api.offering(at, id))
	}

	fn offerings(
		&self,
		start: Option<OfferingId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<OfferingJson, OfferingId>, Error> {
		self.page(at, limit, |api, at, limit| api.offerings(at, start.unwrap_or_default(), limit))
	}

	fn tickets(
		&self,
		offering: OfferingId,
		account: Option<AccountId>,
		start: Option<u32>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<TicketJson, u32>, Error> {
		self.page(at, limit, |api, at, limit| {
			api.tickets(at, offering, account, start.unwrap_or_default(), limit)
		})
	}
}
