//! The calls about data: assets, offers, grants and permits.

use crate::permit::SignedPermit;
use assay_primitives::{
	rights::{Algorithms, AssetSpec, Consent, GrantTerms, Licence, OfferTerms},
	AccountId, AssetId, Balance, BlockNumber, GrantId, RightsOfferId,
};
use codec::Encode;

/// A call about data and the rights to it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataCall {
	/// Register an asset.
	RegisterAsset {
		/// What is said of it.
		spec: Box<AssetSpec>,
	},
	/// Allow something else with an asset from now on.
	SetTerms {
		/// The asset.
		asset: AssetId,
		/// What others may do with it.
		consent: Consent,
		/// Under which licence.
		licence: Licence,
	},
	/// Name the models that may be run over an asset.
	SetAlgorithms {
		/// The asset.
		asset: AssetId,
		/// The models.
		algorithms: Algorithms,
	},
	/// Make no new grants of an asset.
	Retire {
		/// The asset.
		asset: AssetId,
	},
	/// Let nobody use an asset any more.
	RevokeAsset {
		/// The asset.
		asset: AssetId,
	},
	/// Let nobody use an asset for now; governance only.
	Freeze {
		/// The asset.
		asset: AssetId,
	},
	/// Let an asset be what it was before it was frozen; governance only.
	Thaw {
		/// The asset.
		asset: AssetId,
	},
	/// Remove what is stored of an asset.
	RemoveAsset {
		/// The asset.
		asset: AssetId,
	},
	/// Give the item away that an asset is owned as, and the asset with it.
	TransferItem {
		/// The collection, and the number of the item in it.
		item: (u32, u32),
		/// The new owner.
		to: AccountId,
	},
	/// Offer grants of an asset.
	PostOffer {
		/// The asset.
		asset: AssetId,
		/// What is offered.
		terms: Box<OfferTerms>,
	},
	/// Set the price of an offer.
	Reprice {
		/// The offer.
		offer: RightsOfferId,
		/// The price.
		price: Balance,
	},
	/// Withdraw an offer.
	WithdrawOffer {
		/// The offer.
		offer: RightsOfferId,
	},
	/// Buy a grant, or extend one.
	Buy {
		/// The offer.
		offer: RightsOfferId,
		/// How often it is taken at once.
		times: u32,
		/// The most that is paid altogether, or for a use if it is paid by use.
		most: Balance,
		/// The grant that is extended.
		extend: Option<GrantId>,
	},
	/// Give an offer a token, each of whose units is good for one grant.
	TokenizeOffer {
		/// The offer.
		offer: RightsOfferId,
		/// The number of the token.
		token: u32,
		/// Whether the offer is bought as before, besides.
		for_sale: bool,
	},
	/// Make units of the token of an offer.
	MintAccess {
		/// The offer.
		offer: RightsOfferId,
		/// Who has them.
		to: AccountId,
		/// How many.
		amount: Balance,
	},
	/// Turn a unit of the token of an offer into a grant.
	RedeemAccess {
		/// The offer.
		offer: RightsOfferId,
	},
	/// Give a grant.
	Give {
		/// The asset.
		asset: AssetId,
		/// Who gets it.
		to: AccountId,
		/// What the holder may do.
		terms: Box<GrantTerms>,
	},
	/// Have a grant made that the owner of the asset has signed a permit for.
	GiveSigned {
		/// The permit.
		signed: Box<SignedPermit>,
	},
	/// Cancel the permits of an asset that were not used.
	CancelPermits {
		/// The asset.
		asset: AssetId,
		/// Those with lower numbers.
		below: u64,
	},
	/// Let a grant last until a later block, or have more uses.
	Extend {
		/// The grant.
		grant: GrantId,
		/// The block.
		until: Option<BlockNumber>,
		/// How many uses more.
		more: u32,
	},
	/// Take a grant back.
	RevokeGrant {
		/// The grant.
		grant: GrantId,
	},
	/// Pass a grant on.
	TransferGrant {
		/// The grant.
		grant: GrantId,
		/// Who gets it.
		to: AccountId,
	},
	/// Remove what is stored of a grant.
	DropGrant {
		/// The grant.
		grant: GrantId,
	},
}

impl DataCall {
	/// The names of the pallet and of its call.
	pub(super) const fn names(&self) -> (&'static str, &'static str) {
		let name = match self {
			DataCall::RegisterAsset { .. } => "register_asset",
			DataCall::SetTerms { .. } => "set_terms",
			DataCall::SetAlgorithms { .. } => "set_algorithms",
			DataCall::Retire { .. } => "retire",
			DataCall::RevokeAsset { .. } => "revoke_asset",
			DataCall::Freeze { .. } => "freeze",
			DataCall::Thaw { .. } => "thaw",
			DataCall::RemoveAsset { .. } => "remove_asset",
			DataCall::TransferItem { .. } => return ("Nfts", "transfer"),
			DataCall::PostOffer { .. } => "post_offer",
			DataCall::Reprice { .. } => "reprice",
			DataCall::WithdrawOffer { .. } => "withdraw_offer",
			DataCall::Buy { .. } => "buy",
			DataCall::TokenizeOffer { .. } => "tokenize_offer",
			DataCall::MintAccess { .. } => "mint_access",
			DataCall::RedeemAccess { .. } => "redeem_access",
			DataCall::Give { .. } => "give",
			DataCall::GiveSigned { .. } => "give_signed",
			DataCall::CancelPermits { .. } => "cancel_permits",
			DataCall::Extend { .. } => "extend",
			DataCall::RevokeGrant { .. } => "revoke_grant",
			DataCall::TransferGrant { .. } => "transfer_grant",
			DataCall::DropGrant { .. } => "drop_grant",
		};
		("DataRights", name)
	}

	/// The SCALE encoding of the arguments.
	pub(super) fn arguments(&self) -> Vec<u8> {
		match self {
			DataCall::RegisterAsset { spec } => spec.encode(),
			DataCall::SetTerms { asset, consent, licence } => (asset, consent, licence).encode(),
			DataCall::SetAlgorithms { asset, algorithms } => (asset, algorithms).encode(),
			DataCall::Retire { asset }
			| DataCall::RevokeAsset { asset }
			| DataCall::Freeze { asset }
			| DataCall::Thaw { asset }
			| DataCall::RemoveAsset { asset } => asset.encode(),
			// The address is a `MultiAddress`, whose variant 0 is an account.
			DataCall::TransferItem { item, to } => (item, 0u8, to).encode(),
			DataCall::PostOffer { asset, terms } => (asset, terms).encode(),
			DataCall::Reprice { offer, price } => (offer, price).encode(),
			DataCall::WithdrawOffer { offer } | DataCall::RedeemAccess { offer } => offer.encode(),
			DataCall::Buy { offer, times, most, extend } => (offer, times, most, extend).encode(),
			DataCall::TokenizeOffer { offer, token, for_sale } => (offer, token, for_sale).encode(),
			DataCall::MintAccess { offer, to, amount } => (offer, to, amount).encode(),
			DataCall::Give { asset, to, terms } => (asset, to, terms).encode(),
			DataCall::GiveSigned { signed } => signed.arguments(),
			DataCall::CancelPermits { asset, below } => (asset, below).encode(),
			DataCall::Extend { grant, until, more } => (grant, until, more).encode(),
			DataCall::RevokeGrant { grant } | DataCall::DropGrant { grant } => grant.encode(),
			DataCall::TransferGrant { grant, to } => (grant, to).encode(),
		}
	}
}

#[cfg(test)]
mod tests;
