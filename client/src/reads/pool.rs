//! Reads of pools of data.

use crate::{Client, Error};
use assay_primitives::{
	api::Page,
	pool::{ContributorView, PoolItemView, PoolView},
	rights::PoolItem,
	AccountId, AssetId, PoolId,
};

impl Client {
	/// A pool with all that has come in by now, until it is removed.
	pub async fn pool(&self, id: PoolId) -> Result<Option<PoolView<AccountId>>, Error> {
		self.read_rights("pool", id).await
	}

	/// Pools in the order of their creation, from `start` on.
	pub async fn pools(
		&self,
		start: PoolId,
		limit: u32,
	) -> Result<Page<PoolView<AccountId>, PoolId>, Error> {
		self.read_rights("pools", (start, limit)).await
	}

	/// An item of a pool, until it is withdrawn.
	pub async fn pool_item(
		&self,
		item: PoolItem,
	) -> Result<Option<PoolItemView<AccountId>>, Error> {
		self.read_rights("pool_item", item).await
	}

	/// The items of a pool in the order of their assets, from `start` on.
	pub async fn pool_items(
		&self,
		pool: PoolId,
		start: AssetId,
		limit: u32,
	) -> Result<Page<PoolItemView<AccountId>, AssetId>, Error> {
		self.read_rights("pool_items", (pool, start, limit)).await
	}

	/// What an account has of a pool: `None` if it has neither items nor anything to claim.
	pub async fn contributor(
		&self,
		pool: PoolId,
		who: &AccountId,
	) -> Result<Option<ContributorView<AccountId>>, Error> {
		self.read_rights("contributor", (pool, who)).await
	}
}
