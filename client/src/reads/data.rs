//! Reads of assets, and of the rights to them.

use crate::{Client, Error};
use assay_primitives::{
	rights::{AssetView, GrantView},
	AccountId, AssetId, GrantId,
};

impl Client {
	/// An asset, until it is removed.
	pub async fn asset(&self, id: AssetId) -> Result<Option<AssetView<AccountId>>, Error> {
		self.read_rights("asset", id).await
	}

	/// A grant, until it is dropped.
	pub async fn grant(&self, id: GrantId) -> Result<Option<GrantView<AccountId>>, Error> {
		self.read_rights("grant", id).await
	}
}
