//! What clients read.

use crate::mock::*;
use assay_primitives::{
	lease::{key_path, LeaseFilter, LeaseStatus, OrderSpec, BLOCKS_A_DAY},
	LeaseId,
};
use frame_support::assert_ok;

fn ids(filter: LeaseFilter<u64>) -> Vec<u64> {
	Leases::leases(filter, None, 10).items.iter().map(|view| view.id.0).collect()
}

#[test]
fn a_view_says_what_a_lease_costs_and_how_long_it_lasts() {
	build_and_execute(|| {
		let id = with_bids(open_with(order(), 1_000));
		let view = Leases::lease(id).unwrap();
		assert_eq!((view.cost_a_day, view.lasts), (MOST * u128::from(BLOCKS_A_DAY), 10));
		assert_eq!((view.bids.len(), view.ends, view.accrued), (3, None, 0));
		assert_ok!(Leases::accept(by(TENANT), id, PROVIDER));
		assert_ok!(deliver(PROVIDER, id));
		run_to(6);
		let view = Leases::lease(id).unwrap();
		assert_eq!(view.cost_a_day, 60 * u128::from(BLOCKS_A_DAY));
		assert_eq!((view.accrued, view.lasts, view.ends), (300, 11, Some(17)));
		assert_eq!((view.bids.len(), view.credential), (2, Some(credential())));
		run_to(17);
		let view = Leases::lease(id).unwrap();
		assert_eq!((view.paid, view.returned, view.lasts), (960, 40, 0));
		assert_eq!((view.credential, view.payers.len()), (None, 0));
		assert_eq!(Leases::lease(LeaseId(9)), None);
	});
}

#[test]
fn leases_are_listed_newest_first_by_pages() {
	build_and_execute(|| {
		assert_eq!(Leases::leases(LeaseFilter::default(), None, 10).items, []);
		for _ in 0..5 {
			opened();
		}
		let page = Leases::leases(LeaseFilter::default(), None, 2);
		assert_eq!(page.items.iter().map(|view| view.id.0).collect::<Vec<_>>(), [4, 3]);
		assert_eq!(page.next, Some(LeaseId(2)));
		let page = Leases::leases(LeaseFilter::default(), page.next, 10);
		assert_eq!((page.items.len(), page.next), (3, None));
	});
}

#[test]
fn leases_are_found_by_state_party_and_attribute() {
	build_and_execute(|| {
		opened();
		served(opened());
		let attributes = vec![key_path("region/eu").unwrap()].try_into().unwrap();
		open_with(OrderSpec { attributes, ..order() }, 3_000);
		let by_state = |state| ids(LeaseFilter { state: Some(state), ..Default::default() });
		assert_eq!(by_state(LeaseStatus::Open), [2, 0]);
		assert_eq!(by_state(LeaseStatus::Active), [1]);
		let by_provider = |of| ids(LeaseFilter { provider: Some(of), ..Default::default() });
		assert_eq!(by_provider(PROVIDER), [1]);
		assert_eq!(by_provider(RIVAL), [] as [u64; 0]);
		let by_tenant = |of| ids(LeaseFilter { tenant: Some(of), ..Default::default() });
		assert_eq!((by_tenant(TENANT).len(), by_tenant(HELPER).len()), (3, 0));
		let by_attribute = |path| {
			ids(LeaseFilter { attribute: Some(key_path(path).unwrap()), ..Default::default() })
		};
		assert_eq!(by_attribute("gpu"), [1, 0]);
		assert_eq!(by_attribute("region/eu"), [2]);
		assert_eq!(by_attribute("region/eu/de"), [] as [u64; 0]);
	});
}
