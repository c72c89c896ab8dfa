//! Reads of assets, of the rights to them, and of what versions were made from.

use crate::{Client, Error};
use assay_primitives::{
	api::Page,
	model::LineageView,
	rights::{AssetView, GrantView, RightsOfferView},
	AccountId, AssetId, GrantId, RightsOfferId, VersionId,
};

impl Client {
	/// What a version was made from, and what its ancestors earn by it; `None` of what declares no
	/// parents.
	pub async fn lineage(&self, id: VersionId) -> Result<Option<LineageView>, Error> {
		self.read_rights("lineage", id).await
	}

	/// An asset, until it is removed.
	pub async fn asset(&self, id: AssetId) -> Result<Option<AssetView<AccountId>>, Error> {
		self.read_rights("asset", id).await
	}

	/// Assets in the order of registration from `start` on, of one owner if given.
	pub async fn assets(
		&self,
		owner: Option<&AccountId>,
		start: AssetId,
		limit: u32,
	) -> Result<Page<AssetView<AccountId>, AssetId>, Error> {
		self.read_rights("assets", (owner, start, limit)).await
	}

	/// An offer of rights, until it is withdrawn; with a token, for good.
	pub async fn rights_offer(
		&self,
		id: RightsOfferId,
	) -> Result<Option<RightsOfferView<AccountId>>, Error> {
		self.read_rights("rights_offer", id).await
	}

	/// The offers of an asset in ascending order, from `start` on.
	pub async fn rights_offers(
		&self,
		asset: AssetId,
		start: RightsOfferId,
		limit: u32,
	) -> Result<Page<RightsOfferView<AccountId>, RightsOfferId>, Error> {
		self.read_rights("rights_offers", (asset, start, limit)).await
	}

	/// A grant, until it is dropped.
	pub async fn grant(&self, id: GrantId) -> Result<Option<GrantView<AccountId>>, Error> {
		self.read_rights("grant", id).await
	}

	/// The grants of an asset in ascending order, from `start` on.
	pub async fn grants_of(
		&self,
		asset: AssetId,
		start: GrantId,
		limit: u32,
	) -> Result<Page<GrantView<AccountId>, GrantId>, Error> {
		self.read_rights("grants_of", (asset, start, limit)).await
	}

	/// The grants that an account holds in ascending order, from `start` on.
	pub async fn grants_held(
		&self,
		holder: &AccountId,
		start: GrantId,
		limit: u32,
	) -> Result<Page<GrantView<AccountId>, GrantId>, Error> {
		self.read_rights("grants_held", (holder, start, limit)).await
	}
}
