//! What clients read.

use crate::mock::*;
use assay_primitives::{
	api::Page,
	custody::{AppointmentView, CustodyNumbers, KeyRequestView},
	AssetId, KeyRequestId, Root,
};
use frame_support::assert_ok;

fn ids(page: Page<KeyRequestView<u64>, KeyRequestId>) -> (Vec<u64>, Option<u64>) {
	(page.items.into_iter().map(|view| view.id.0).collect(), page.next.map(|id| id.0))
}

#[test]
fn custodians_are_listed_in_pages() {
	build_and_execute(|| {
		for account in CROWD..CROWD + 5 {
			fund(account, BOND + ED);
			assert_ok!(register(account, BOND));
		}
		let (mut found, mut start) = (Vec::new(), None);
		loop {
			let page = Custody::custodians(start, 2);
			assert!(page.items.len() <= 2);
			found.extend(page.items.into_iter().map(|view| view.account));
			start = page.next;
			if start.is_none() {
				break;
			}
		}
		found.sort_unstable();
		assert_eq!(found, (CROWD..CROWD + 5).collect::<Vec<_>>());
		// A limit of none gives one: a client that pages always comes on.
		assert_eq!(Custody::custodians(None, 0).items.len(), 1);
		assert_eq!(Custody::custodian(STRANGER), None);
	});
}

#[test]
fn the_custodians_of_an_asset_are_listed_in_their_order() {
	build_and_execute(|| {
		keeper_with(SECOND, BOND);
		assert_ok!(register(KEEPER, BOND));
		assert_ok!(appoint(KEEPER));
		let of = |custodian, accepted: bool| AppointmentView {
			custodian,
			accepted: accepted.then(|| assay_primitives::custody::key_commitment(&KEY)),
			able: accepted,
			payer: OWNER,
			deposit: Custody::appointment_deposit(),
		};
		assert_eq!(Custody::custodians_of(ASSET), [of(SECOND, true), of(KEEPER, false)]);
		assert_eq!(Custody::custodians_of(AssetId(12)), []);
	});
}

#[test]
fn the_assets_of_a_custodian_are_listed_in_pages() {
	build_and_execute(|| {
		assert_ok!(register(KEEPER, BOND));
		assert_ok!(register(SECOND, BOND));
		let assets: Vec<_> = (20..25).map(AssetId).collect();
		for asset in &assets {
			Assets::insert(asset, (OWNER, None::<Root>));
			let keeper = if asset.0 == 22 { SECOND } else { KEEPER };
			assert_ok!(Custody::appoint(by(OWNER), *asset, keeper));
		}
		let (mut found, mut start) = (Vec::new(), None);
		loop {
			let page = Custody::appointments(KEEPER, start, 2);
			assert!(page.items.len() <= 2);
			found.extend(page.items);
			start = page.next;
			if start.is_none() {
				break;
			}
		}
		found.sort_unstable();
		assert_eq!(found, [20, 21, 23, 24].map(AssetId));
		assert_eq!(Custody::appointments(SECOND, None, 9).items, [AssetId(22)]);
		assert_eq!(Custody::appointments(STRANGER, None, 9).items, []);
	});
}

#[test]
fn the_requests_of_a_custodian_are_listed_in_pages() {
	build_and_execute(|| {
		keeper_with(KEEPER, BOND);
		keeper_with(SECOND, BOND);
		for custodian in [KEEPER, SECOND, KEEPER, KEEPER] {
			assert_ok!(request(ASKER, right(ASKER), Some(custodian)));
		}
		let list = |of, start, limit| ids(Custody::key_requests(of, KeyRequestId(start), limit));
		assert_eq!(list(KEEPER, 0, 100), (vec![0, 2, 3], None));
		assert_eq!(list(KEEPER, 0, 2), (vec![0, 2], Some(3)));
		assert_eq!(list(KEEPER, 3, 2), (vec![3], None));
		assert_eq!(list(KEEPER, 0, 0), (vec![0], Some(2)));
		assert_eq!(list(SECOND, 0, 9), (vec![1], None));
		assert_eq!(list(STRANGER, 0, 9), (vec![], None));
		let ask = right_of(KeyRequestId(2));
		assert_eq!(Custody::key_request_by(ASKER, ask), view(KeyRequestId(2)));
		assert_eq!(Custody::key_request_by(STRANGER, ask), None);
	});
}

#[test]
fn the_numbers_are_those_of_the_runtime() {
	build_and_execute(|| {
		let expected = CustodyNumbers {
			min_bond: MIN_BOND,
			exposure: EXPOSURE,
			fee: FEE,
			request_deposit: Custody::request_deposit(),
			appointment_deposit: Custody::appointment_deposit(),
			deliver_within: DELIVER,
			complaint_window: WINDOW,
			unbonding_period: UNBONDING,
			max_open: MOST,
		};
		assert_eq!(Custody::numbers(), expected);
	});
}
