use crate::mock::*;
use assay_primitives::{
	api::{Page, MAX_PAGE},
	rights::GrantTerms,
	AssetId, GrantId, RightsOfferId,
};
use frame_support::assert_ok;

#[test]
fn what_is_unknown_is_nothing() {
	build_and_execute(|| {
		assert_eq!(DataRights::asset(AssetId(0)), None);
		assert_eq!(DataRights::rights_offer(RightsOfferId(0)), None);
		assert_eq!(DataRights::grant(GrantId(0)), None);
		let empty = Page { items: vec![], next: None };
		assert_eq!(DataRights::assets(None, AssetId(0), 9), empty);
		let empty = Page { items: vec![], next: None };
		assert_eq!(DataRights::grants_held(BUYER, GrantId(0), 9), empty);
	});
}

#[test]
fn assets_are_listed_in_pages_of_one_owner() {
	build_and_execute(|| {
		let assets = [(); 5].map(|()| asset());
		sell(assets[1], OTHER);
		sell(assets[4], OTHER);
		let ids = |owner, start, limit| {
			let page = DataRights::assets(owner, AssetId(start), limit);
			(page.items.iter().map(|view| view.id.0).collect::<Vec<_>>(), page.next.map(|id| id.0))
		};
		assert_eq!(ids(None, 0, 2), (vec![0, 1], Some(2)));
		assert_eq!(ids(None, 4, 2), (vec![4], None));
		assert_eq!(ids(Some(OTHER), 0, 1), (vec![1], Some(2)));
		assert_eq!(ids(Some(OTHER), 2, 9), (vec![4], None));
		assert_eq!(ids(Some(STRANGER), 0, 9), (vec![], None));
		assert_eq!(ids(None, 0, 0).0.len(), 1);
		assert_eq!(ids(None, 9, 9), (vec![], None));
	});
}

#[test]
fn offers_of_an_asset_are_listed_in_pages() {
	build_and_execute(|| {
		let (one, two) = (asset(), asset());
		for asset in [one, two, one, one] {
			offered(asset, offer_terms());
		}
		let ids = |asset, start, limit| {
			let page = DataRights::rights_offers(asset, RightsOfferId(start), limit);
			(page.items.iter().map(|view| view.id.0).collect::<Vec<_>>(), page.next.map(|id| id.0))
		};
		assert_eq!(ids(one, 0, 2), (vec![0, 2], Some(3)));
		assert_eq!(ids(one, 3, 2), (vec![3], None));
		assert_eq!(ids(two, 0, 9), (vec![1], None));
		assert_eq!(ids(two, 2, 9), (vec![], None));
		assert_eq!(ids(AssetId(9), 0, 9), (vec![], None));
	});
}

/// Numbers are listed as numbers, not as their bytes are stored elsewhere.
#[test]
fn grants_are_listed_in_ascending_order_of_asset_and_holder() {
	build_and_execute(|| {
		let (one, two) = (asset(), asset());
		for _ in 0..300 {
			given(one, grant_terms());
		}
		given(two, grant_terms());
		assert_ok!(DataRights::transfer_grant(by(BUYER), GrantId(256), OTHER));
		let ids = |page: Page<assay_primitives::rights::GrantView<AccountId>, GrantId>| {
			(page.items.iter().map(|view| view.id.0).collect::<Vec<_>>(), page.next.map(|id| id.0))
		};
		let held =
			|account, start, limit| ids(DataRights::grants_held(account, GrantId(start), limit));
		let of = |asset, start, limit| ids(DataRights::grants_of(asset, GrantId(start), limit));
		assert_eq!(held(BUYER, 0, 3), (vec![0, 1, 2], Some(3)));
		assert_eq!(held(BUYER, 255, 3), (vec![255, 257, 258], Some(259)));
		assert_eq!(held(OTHER, 0, 3), (vec![256], None));
		assert_eq!(of(one, 255, 2), (vec![255, 256], Some(257)));
		assert_eq!(of(two, 0, 9), (vec![300], None));
		assert_eq!(of(one, 0, u32::MAX).0.len(), MAX_PAGE as usize);
	});
}

#[test]
fn a_grant_tells_whether_it_can_be_used() {
	build_and_execute(|| {
		let asset = asset();
		let grant = given(asset, GrantTerms { from: 5, ..grant_terms() });
		assert!(!view(grant).usable);
		run_to(5);
		assert!(view(grant).usable);
		assert_ok!(DataRights::freeze(RuntimeOrigin::root(), asset));
		assert!(!view(grant).usable);
	});
}
