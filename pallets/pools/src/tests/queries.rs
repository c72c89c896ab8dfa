//! What clients read.

use crate::mock::*;
use assay_primitives::{
	api::Page,
	pool::{ContributorView, PoolItemView, PoolSpec, PoolView, ScoreRule},
	AssetId, PoolId,
};
use frame_support::assert_ok;
use sp_runtime::Permill;

/// All items of a list, with the number of its pages.
fn all<Item, Cursor: Clone>(
	first: Cursor,
	list: impl Fn(Cursor) -> Page<Item, Cursor>,
) -> (Vec<Item>, usize) {
	let (mut items, mut start, mut pages) = (Vec::new(), first, 0);
	loop {
		let page = list(start);
		items.extend(page.items);
		pages += 1;
		match page.next {
			Some(next) => start = next,
			None => return (items, pages),
		}
	}
}

#[test]
fn a_pool_is_shown_with_all_that_has_come_in() {
	build_and_execute(|| {
		let spec = PoolSpec { cut: Permill::from_percent(25), ..ruled(ScoreRule::Bytes) };
		let pool = created(spec.clone());
		let asset = contributed(pool, ALICE);
		contributed(pool, BOB);
		assert_ok!(exercise(pool, asset));
		earn(pool, 1_000);
		let expected = PoolView {
			id: pool,
			curator: CURATOR,
			spec,
			pot: Pools::pot(pool),
			closed: None,
			items: 2,
			contributors: 2,
			score: u128::from(2 * BYTES),
			uses: 1,
			claimable: 750,
			cut: 250,
			deposit: POOL_DEPOSIT,
		};
		assert_eq!(view(), expected);
		assert_eq!(Pools::pool(PoolId(1)), None);
	});
}

#[test]
fn an_item_and_a_contributor_are_shown() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		assert_ok!(exercise(pool, asset));
		earn(pool, 10);
		let expected = PoolItemView {
			asset,
			contributor: ALICE,
			nonce: 0,
			score: 1,
			uses: 1,
			usable: true,
			payer: SUBMITTER,
			deposit: ITEM_DEPOSIT,
		};
		assert_eq!(item(asset), Some(expected));
		assert_eq!((Pools::pool_item(PoolId(1), asset), item(AssetId(9))), (None, None));
		let expected = ContributorView { who: ALICE, items: 1, score: 1, claimable: 10 };
		assert_eq!(contributor(ALICE), Some(expected));
		assert_eq!((contributor(BOB), Pools::contributor(PoolId(1), ALICE)), (None, None));
	});
}

#[test]
fn pools_are_listed_in_order_each_once() {
	build_and_execute(|| {
		for _ in 0..4 {
			created(spec());
		}
		assert_ok!(Pools::close(by(CURATOR), PoolId(1)));
		run_to(1 + DELAY);
		assert_ok!(Pools::remove(by(CURATOR), PoolId(1)));
		let (items, pages) = all(PoolId(0), |start| Pools::pools(start, 2));
		let ids: Vec<_> = items.iter().map(|pool| pool.id.0).collect();
		assert_eq!((ids, pages), (vec![0, 2, 3], 2));
		// A limit of none gives one: a client that pages always comes on.
		assert_eq!(all(PoolId(0), |start| Pools::pools(start, 0)).1, 3);
		let beyond = Pools::pools(PoolId(u32::MAX), 9);
		assert_eq!((beyond.items.len(), beyond.next), (0, None));
	});
}

#[test]
fn items_are_listed_in_the_order_of_their_assets() {
	build_and_execute(|| {
		let (pool, other) = (created(spec()), created(spec()));
		let assets: Vec<_> = (0..300).map(|_| asset(ALICE)).collect();
		// Neither the order in which they come, nor how their numbers are written, matters.
		for asset in assets.iter().rev() {
			assert_ok!(contribute(contribution(pool, *asset)));
		}
		contributed(other, BOB);
		let listed = |start, limit| {
			let (items, pages) = all(start, |start| Pools::pool_items(pool, start, limit));
			(items.iter().map(|item| item.asset).collect::<Vec<_>>(), pages)
		};
		assert_eq!(listed(AssetId(0), 150), (assets.clone(), 3));
		assert_eq!(listed(AssetId(0), 99).1, 4);
		assert_eq!(listed(AssetId(255), 100).0, assets[255..]);
		assert_eq!(listed(AssetId(300), 100), (vec![], 1));
		let unknown = Pools::pool_items(PoolId(9), AssetId(0), 9);
		assert_eq!((unknown.items.len(), unknown.next), (0, None));
	});
}

#[test]
fn a_page_goes_on_where_an_item_was_that_is_gone() {
	build_and_execute(|| {
		let pool = created(spec());
		let assets = [(); 3].map(|_| contributed(pool, ALICE));
		let next = Pools::pool_items(pool, AssetId(0), 1).next.unwrap();
		assert_eq!(next, assets[1]);
		assert_ok!(withdraw(ALICE, pool, next));
		let page = Pools::pool_items(pool, next, 9);
		assert_eq!(page.items.iter().map(|item| item.asset).collect::<Vec<_>>(), [assets[2]]);
	});
}
