//! Assets that change hands as items do.

use crate::{mock::*, Error};
use assay_primitives::{
	rights::{ConsentInspect, OfferKind, OfferTerms},
	AssetId,
};
use frame_support::{assert_noop, assert_ok};

#[test]
fn a_new_owner_has_the_rights_and_the_income() {
	build_and_execute(|| {
		let asset = asset();
		let offer = offered(asset, offer_terms());
		sell(asset, OTHER);

		assert_eq!(DataRights::owner_of(asset), Some(OTHER));
		assert_eq!(<DataRights as ConsentInspect<AccountId>>::owner(asset), Some(OTHER));
		assert_noop!(DataRights::reprice(by(OWNER), offer, 1), Error::<Test>::NotOwner);
		assert_noop!(DataRights::retire(by(OWNER), asset), Error::<Test>::NotOwner);
		let had = (free(OWNER), free(OTHER));
		assert_ok!(buy(BUYER, offer));
		assert_eq!((free(OWNER), free(OTHER)), (had.0, had.1 + PRICE));
		let before = free(OWNER);
		assert_ok!(DataRights::withdraw_offer(by(OTHER), offer));
		// The deposit is whose it was.
		assert!(free(OWNER) > before);
		assert_ok!(DataRights::retire(by(OTHER), asset));
	});
}

/// The owner sells the item in the block in which somebody buys and uses a grant.
#[test]
fn a_sale_in_the_same_block_counts_from_where_it_stands() {
	build_and_execute(|| {
		let asset = asset();
		let offer = offered(asset, OfferTerms { kind: OfferKind::PerUse, ..offer_terms() });
		assert_ok!(buy(BUYER, offer));
		let grant = assay_primitives::GrantId(0);
		assert_eq!(exercise(BUYER, grant, 1).unwrap().payee, OWNER);
		sell(asset, OTHER);
		assert_eq!(exercise(BUYER, grant, 1).unwrap().payee, OTHER);
		assert_noop!(DataRights::revoke_grant(by(OWNER), grant), Error::<Test>::NotOwner);
		assert_ok!(DataRights::revoke_grant(by(OTHER), grant));
	});
}

#[test]
fn who_has_bought_the_asset_does_not_buy_its_grants() {
	build_and_execute(|| {
		let asset = asset();
		let offer = offered(asset, offer_terms());
		sell(asset, BUYER);
		assert_noop!(buy(BUYER, offer), Error::<Test>::OwnAsset);
		assert_ok!(buy(OWNER, offer));
	});
}

/// The items' pallet sells and approves by itself, too.
#[test]
fn any_way_of_moving_the_item_moves_the_asset() {
	build_and_execute(|| {
		let (first, second) = (asset(), asset());
		assert_ok!(Nfts::set_price(by(OWNER), collection(), first.0, Some(500), None));
		assert_ok!(Nfts::buy_item(by(OTHER), collection(), first.0, 500));
		assert_eq!(DataRights::owner_of(first), Some(OTHER));
		assert_ok!(Nfts::approve_transfer(by(OWNER), collection(), second.0, BUYER, None));
		assert_ok!(Nfts::transfer(by(BUYER), collection(), second.0, BUYER));
		assert_eq!(DataRights::owner_of(second), Some(BUYER));
	});
}

#[test]
fn an_item_that_is_no_asset_has_no_owner_here() {
	build_and_execute(|| {
		asset();
		assert_eq!(DataRights::owner_of(AssetId(7)), None);
	});
}
