//! What clients read.

use crate::mock::*;
use assay_primitives::{
	lease::{
		key_path, LeaseFilter, LeaseStatus, Offer, OfferFilter, OfferKey, OrderSpec, BLOCKS_A_DAY,
		MAX_OFFERS,
	},
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

/// The keys of offers, page by page.
fn offers(filter: OfferFilter<u64>, limit: u32) -> Vec<(u64, u8)> {
	let (mut keys, mut start) = (Vec::new(), None);
	loop {
		let page = Leases::offers(filter.clone(), start, limit);
		assert!(page.items.len() <= limit as usize);
		keys.extend(page.items.into_iter().map(|view| (view.key.provider, view.key.index)));
		start = page.next;
		if start.is_none() {
			return keys;
		}
	}
}

#[test]
fn offers_are_found_by_provider_and_attribute() {
	build_and_execute(|| {
		assert_eq!(Leases::offers(OfferFilter::default(), None, 10).items, []);
		let of = |path| Offer {
			attributes: vec![key_path(path).unwrap()].try_into().unwrap(),
			..offer()
		};
		for index in 0..MAX_OFFERS {
			assert_ok!(Leases::set_offer(by(PROVIDER), index, of("gpu/nvidia/h100")));
		}
		assert_ok!(Leases::set_offer(by(RIVAL), 3, of("region/eu")));
		for limit in [1, 2, 5, 16, 17, 100] {
			let filter = OfferFilter { provider: Some(PROVIDER), ..Default::default() };
			let own: Vec<_> = (0..MAX_OFFERS).map(|index| (PROVIDER, index)).collect();
			assert_eq!(offers(filter, limit), own);
			assert_eq!(offers(OfferFilter::default(), limit).len(), 17);
			let attribute = key_path("region").ok();
			let filter = OfferFilter { attribute, ..Default::default() };
			assert_eq!(offers(filter, limit), [(RIVAL, 3)]);
			let attribute = key_path("region/eu/de").ok();
			let filter = OfferFilter { attribute, provider: Some(RIVAL) };
			assert!(offers(filter, limit).is_empty());
		}
	});
}

#[test]
fn a_view_of_an_offer_says_what_it_costs_and_whether_it_can_be_taken() {
	build_and_execute(|| {
		assert_ok!(offered(Offer { capacity: 1, ..offer() }));
		let view = || {
			let filter = OfferFilter { provider: Some(PROVIDER), ..Default::default() };
			Leases::offers(filter, None, 1).items.remove(0)
		};
		assert_eq!(view().key, OfferKey { provider: PROVIDER, index: 0 });
		assert_eq!(view().cost_a_day, PRICE * u128::from(BLOCKS_A_DAY));
		assert_eq!((view().open, view().able), (0, true));
		assert_eq!(view().deposit, Leases::offer_deposit());
		let id = taken();
		assert_eq!((view().open, view().able), (1, false));
		assert_eq!(Leases::lease(id).unwrap().offer, Some(0));
		assert_ok!(Leases::close(by(TENANT), id));
		assert!(view().able);
		silence(PROVIDER);
		assert!(!view().able);
		register(PROVIDER);
		assert_ok!(set_attributes(PROVIDER, &[]));
		assert!(!view().able);
	});
}
