//! The `assay_*` methods of data, licences and income (docs/rpc.md), each read from the state of one
//! block.

use super::{
	assay::block,
	error::Error,
	params::{self, GrantsOf, SubjectText, VersionText},
	views::{
		AppointmentJson, AssetJson, CustodianJson, GrantJson, HoldingJson, KeyRequestJson,
		LineageJson, OfferingJson, PageJson, PoolItemJson, PoolJson, RightsOfferJson, StreamJson,
		TicketJson,
	},
};
use crate::partial::BlockHash;
use assay_primitives::{
	api::{rights::RightsApi, Page},
	AccountId, AssetId, GrantId, KeyRequestId, OfferingId, PoolId, RightsOfferId,
};
use assay_runtime::opaque::Block;
use jsonrpsee::proc_macros::rpc;
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use std::sync::Arc;

/// Reads of lineages, data, its keys and pools, and what income is divided into. `at` is the hash of a block;
/// the best one without it.
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

impl<C: HeaderBackend<Block>> Rights<C> {
	/// Answer from `client`.
	pub fn new(client: Arc<C>) -> Self {
		Self { client }
	}

	/// The block to read.
	fn block(&self, at: Option<BlockHash>) -> Result<BlockHash, Error> {
		block(&*self.client, at)
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
		let lineage = self.client.runtime_api().lineage(self.block(at)?, version.0)?;
		Ok(lineage.map(Into::into))
	}

	fn asset(&self, id: AssetId, at: Option<BlockHash>) -> Result<Option<AssetJson>, Error> {
		let asset = self.client.runtime_api().asset(self.block(at)?, id)?;
		Ok(asset.map(Into::into))
	}

	fn assets(
		&self,
		owner: Option<AccountId>,
		start: Option<AssetId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<AssetJson, AssetId>, Error> {
		let (start, limit) = (start.unwrap_or_default(), params::page_size(limit)?);
		let page = self.client.runtime_api().assets(self.block(at)?, owner, start, limit)?;
		Ok(PageJson::of(page))
	}

	fn rights_offers(
		&self,
		asset: AssetId,
		start: Option<RightsOfferId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<RightsOfferJson, RightsOfferId>, Error> {
		let (start, limit) = (start.unwrap_or_default(), params::page_size(limit)?);
		let page = self.client.runtime_api().rights_offers(self.block(at)?, asset, start, limit)?;
		Ok(PageJson::of(page))
	}

	fn grant(&self, id: GrantId, at: Option<BlockHash>) -> Result<Option<GrantJson>, Error> {
		let grant = self.client.runtime_api().grant(self.block(at)?, id)?;
		Ok(grant.map(Into::into))
	}

	fn grants(
		&self,
		of: GrantsOf,
		start: Option<GrantId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<GrantJson, GrantId>, Error> {
		let (start, limit) = (start.unwrap_or_default(), params::page_size(limit)?);
		let (api, at) = (self.client.runtime_api(), self.block(at)?);
		let page = match of {
			GrantsOf::Asset(asset) => api.grants_of(at, asset, start, limit)?,
			GrantsOf::Holder(holder) => api.grants_held(at, holder, start, limit)?,
		};
		Ok(PageJson::of(page))
	}

	fn custodians(
		&self,
		start: Option<AccountId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<CustodianJson, AccountId>, Error> {
		let limit = params::page_size(limit)?;
		let page = self.client.runtime_api().custodians(self.block(at)?, start, limit)?;
		Ok(PageJson::of(page))
	}

	fn custodians_of(
		&self,
		asset: AssetId,
		at: Option<BlockHash>,
	) -> Result<Vec<AppointmentJson>, Error> {
		let appointed = self.client.runtime_api().custodians_of(self.block(at)?, asset)?;
		Ok(appointed.into_iter().map(Into::into).collect())
	}

	fn key_request(
		&self,
		id: KeyRequestId,
		at: Option<BlockHash>,
	) -> Result<Option<KeyRequestJson>, Error> {
		let request = self.client.runtime_api().key_request(self.block(at)?, id)?;
		Ok(request.map(Into::into))
	}

	fn pool(&self, id: PoolId, at: Option<BlockHash>) -> Result<Option<PoolJson>, Error> {
		let pool = self.client.runtime_api().pool(self.block(at)?, id)?;
		Ok(pool.map(Into::into))
	}

	fn pools(
		&self,
		start: Option<PoolId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<PoolJson, PoolId>, Error> {
		let (start, limit) = (start.unwrap_or_default(), params::page_size(limit)?);
		Ok(PageJson::of(self.client.runtime_api().pools(self.block(at)?, start, limit)?))
	}

	fn pool_items(
		&self,
		pool: PoolId,
		start: Option<AssetId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<PoolItemJson, AssetId>, Error> {
		let (start, limit) = (start.unwrap_or_default(), params::page_size(limit)?);
		let page = self.client.runtime_api().pool_items(self.block(at)?, pool, start, limit)?;
		Ok(PageJson::of(page))
	}

	fn stream(
		&self,
		subject: SubjectText,
		at: Option<BlockHash>,
	) -> Result<Option<StreamJson>, Error> {
		let stream = self.client.runtime_api().stream(self.block(at)?, subject.0)?;
		Ok(stream.map(Into::into))
	}

	fn streams(
		&self,
		start: Option<SubjectText>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<StreamJson, SubjectText>, Error> {
		let (start, limit) = (start.map(|start| start.0), params::page_size(limit)?);
		let Page { items, next } =
			self.client.runtime_api().streams(self.block(at)?, start, limit)?;
		Ok(PageJson::of(Page { items, next: next.map(SubjectText) }))
	}

	fn holding(
		&self,
		subject: SubjectText,
		account: AccountId,
		at: Option<BlockHash>,
	) -> Result<Option<HoldingJson>, Error> {
		let holding = self.client.runtime_api().holding(self.block(at)?, subject.0, account)?;
		Ok(holding.map(Into::into))
	}

	fn holders(
		&self,
		subject: SubjectText,
		start: Option<AccountId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<HoldingJson, AccountId>, Error> {
		let limit = params::page_size(limit)?;
		let page = self.client.runtime_api().holders(self.block(at)?, subject.0, start, limit)?;
		Ok(PageJson::of(page))
	}

	fn offering(
		&self,
		id: OfferingId,
		at: Option<BlockHash>,
	) -> Result<Option<OfferingJson>, Error> {
		let offering = self.client.runtime_api().offering(self.block(at)?, id)?;
		Ok(offering.map(Into::into))
	}

	fn offerings(
		&self,
		start: Option<OfferingId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<OfferingJson, OfferingId>, Error> {
		let (start, limit) = (start.unwrap_or_default(), params::page_size(limit)?);
		let page = self.client.runtime_api().offerings(self.block(at)?, start, limit)?;
		Ok(PageJson::of(page))
	}

	fn tickets(
		&self,
		offering: OfferingId,
		account: Option<AccountId>,
		start: Option<u32>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> Result<PageJson<TicketJson, u32>, Error> {
		let (start, limit) = (start.unwrap_or_default(), params::page_size(limit)?);
		let (api, at) = (self.client.runtime_api(), self.block(at)?);
		Ok(PageJson::of(api.tickets(at, offering, account, start, limit)?))
	}
}
