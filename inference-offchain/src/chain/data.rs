//! What the worker asks of the chain about data and the keys to it.

use super::RpcChain;
use assay_client::Error;
use assay_primitives::{
	api::{Page, MAX_PAGE},
	custody::{AppointmentView, Ask, CustodianView, CustodyNumbers, KeyRequestView},
	rights::{AssetView, GrantView},
	AccountId, AssetId, GrantId, KeyRequestId,
};
use async_trait::async_trait;

/// A chain as far as it is about data, seen with the eyes of one account.
#[async_trait]
pub trait DataChain: Send + Sync + 'static {
	/// An asset.
	async fn asset(&self, id: AssetId) -> Result<Option<AssetView<AccountId>>, Error>;
	/// A grant.
	async fn grant(&self, id: GrantId) -> Result<Option<GrantView<AccountId>>, Error>;
	/// The account as a custodian.
	async fn custodian(&self) -> Result<Option<CustodianView<AccountId>>, Error>;
	/// The custodians of an asset.
	async fn custodians_of(&self, asset: AssetId)
		-> Result<Vec<AppointmentView<AccountId>>, Error>;
	/// The assets whose keys the account was appointed to keep, a page from behind `start` on.
	async fn appointments(&self, start: Option<AssetId>) -> Result<Page<AssetId, AssetId>, Error>;
	/// The open request of the account by a right.
	async fn key_request_by(&self, ask: Ask) -> Result<Option<KeyRequestView<AccountId>>, Error>;
	/// The open requests that are made to the account, a page from `start` on.
	async fn key_requests(
		&self,
		start: KeyRequestId,
	) -> Result<Page<KeyRequestView<AccountId>, KeyRequestId>, Error>;
	/// The numbers of custody.
	async fn custody_numbers(&self) -> Result<CustodyNumbers, Error>;
}

#[async_trait]
impl DataChain for RpcChain {
	async fn asset(&self, id: AssetId) -> Result<Option<AssetView<AccountId>>, Error> {
		self.client.asset(id).await
	}

	async fn grant(&self, id: GrantId) -> Result<Option<GrantView<AccountId>>, Error> {
		self.client.grant(id).await
	}

	async fn custodian(&self) -> Result<Option<CustodianView<AccountId>>, Error> {
		self.client.custodian(&self.account).await
	}

	async fn custodians_of(
		&self,
		asset: AssetId,
	) -> Result<Vec<AppointmentView<AccountId>>, Error> {
		self.client.custodians_of(asset).await
	}

	async fn appointments(&self, start: Option<AssetId>) -> Result<Page<AssetId, AssetId>, Error> {
		self.client.appointments(&self.account, start, MAX_PAGE).await
	}

	async fn key_request_by(&self, ask: Ask) -> Result<Option<KeyRequestView<AccountId>>, Error> {
		self.client.key_request_by(&self.account, ask).await
	}

	async fn key_requests(
		&self,
		start: KeyRequestId,
	) -> Result<Page<KeyRequestView<AccountId>, KeyRequestId>, Error> {
		self.client.key_requests(&self.account, start, MAX_PAGE).await
	}

	async fn custody_numbers(&self) -> Result<CustodyNumbers, Error> {
		self.client.custody_numbers().await
	}
}

/// There is no data.
#[async_trait]
impl DataChain for () {
	async fn asset(&self, _: AssetId) -> Result<Option<AssetView<AccountId>>, Error> {
		Ok(None)
	}

	async fn grant(&self, _: GrantId) -> Result<Option<GrantView<AccountId>>, Error> {
		Ok(None)
	}

	async fn custodian(&self) -> Result<Option<CustodianView<AccountId>>, Error> {
		Ok(None)
	}

	async fn custodians_of(&self, _: AssetId) -> Result<Vec<AppointmentView<AccountId>>, Error> {
		Ok(Vec::new())
	}

	async fn appointments(&self, _: Option<AssetId>) -> Result<Page<AssetId, AssetId>, Error> {
		Ok(Page { items: Vec::new(), next: None })
	}

	async fn key_request_by(&self, _: Ask) -> Result<Option<KeyRequestView<AccountId>>, Error> {
		Ok(None)
	}

	async fn key_requests(
		&self,
		_: KeyRequestId,
	) -> Result<Page<KeyRequestView<AccountId>, KeyRequestId>, Error> {
		Ok(Page { items: Vec::new(), next: None })
	}

	async fn custody_numbers(&self) -> Result<CustodyNumbers, Error> {
		Ok(CustodyNumbers::default())
	}
}
