//! Reads of custodians, and of the requests for keys that are made to them.

use crate::{Client, Error};
use assay_primitives::{
	api::Page,
	custody::{AppointmentView, Ask, CustodianView, CustodyNumbers, KeyRequestView},
	AccountId, AssetId, KeyRequestId,
};

impl Client {
	/// A custodian by its account.
	pub async fn custodian(
		&self,
		account: &AccountId,
	) -> Result<Option<CustodianView<AccountId>>, Error> {
		self.read_rights("custodian", account).await
	}

	/// Custodians in the order of storage. `start` is the last account of the page before.
	pub async fn custodians(
		&self,
		start: Option<&AccountId>,
		limit: u32,
	) -> Result<Page<CustodianView<AccountId>, AccountId>, Error> {
		self.read_rights("custodians", (start, limit)).await
	}

	/// The custodians of an asset, in the order in which they were appointed.
	pub async fn custodians_of(
		&self,
		asset: AssetId,
	) -> Result<Vec<AppointmentView<AccountId>>, Error> {
		self.read_rights("custodians_of", asset).await
	}

	/// The assets whose keys an account was appointed to keep. `start` is the last asset that the
	/// page before looked at.
	pub async fn appointments(
		&self,
		custodian: &AccountId,
		start: Option<AssetId>,
		limit: u32,
	) -> Result<Page<AssetId, AssetId>, Error> {
		self.read_rights("appointments", (custodian, start, limit)).await
	}

	/// A request for a key, until it ends.
	pub async fn key_request(
		&self,
		id: KeyRequestId,
	) -> Result<Option<KeyRequestView<AccountId>>, Error> {
		self.read_rights("key_request", id).await
	}

	/// The open request of an account by a right.
	pub async fn key_request_by(
		&self,
		asker: &AccountId,
		ask: Ask,
	) -> Result<Option<KeyRequestView<AccountId>>, Error> {
		self.read_rights("key_request_by", (asker, ask)).await
	}

	/// The open requests of a custodian in ascending order, from `start` on.
	pub async fn key_requests(
		&self,
		custodian: &AccountId,
		start: KeyRequestId,
		limit: u32,
	) -> Result<Page<KeyRequestView<AccountId>, KeyRequestId>, Error> {
		self.read_rights("key_requests", (custodian, start, limit)).await
	}

	/// The numbers of custody.
	pub async fn custody_numbers(&self) -> Result<CustodyNumbers, Error> {
		self.read_rights("custody_numbers", ()).await
	}
}
