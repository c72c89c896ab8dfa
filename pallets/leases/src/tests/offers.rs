//! Offering leases of a class of devices, and taking offers back.

use crate::{mock::*, types::OfferRecord, Error, Event, HoldReason, Offers};
use assay_primitives::lease::{key_path, KeyPath, Offer, MAX_OFFERS};
use frame_support::{assert_noop, assert_ok};

fn record(index: u8) -> Option<OfferRecord> {
	Offers::<Test>::get(PROVIDER, index)
}

#[test]
fn an_offer_is_stored_with_a_deposit_and_replaced_in_place() {
	build_and_execute(|| {
		let deposit = Leases::offer_deposit();
		assert_ok!(offered(offer()));
		assert_eq!(record(0), Some(OfferRecord { offer: offer(), deposit, open: 0 }));
		let event = Event::OfferSet { provider: PROVIDER, index: 0, offer: offer() };
		assert_eq!(events().last(), Some(&event));
		assert_ok!(Leases::set_offer(by(PROVIDER), MAX_OFFERS - 1, offer()));
		assert_eq!(held(HoldReason::Offer, PROVIDER), 2 * deposit);
		// Changing one costs nothing more.
		let dearer = Offer { price: PRICE + 1, until: None, ..offer() };
		assert_ok!(offered(dearer.clone()));
		assert_eq!(record(0).unwrap().offer, dearer);
		assert_eq!(held(HoldReason::Offer, PROVIDER), 2 * deposit);
	});
}

#[test]
fn an_offer_that_nobody_can_keep_is_refused() {
	build_and_execute(|| {
		let refused = |wrong, error: Error<Test>| {
			assert_noop!(offered(wrong), error);
		};
		refused(Offer { capacity: 0, ..offer() }, Error::ZeroCapacity);
		for reclaim in [1, 101] {
			refused(Offer { reclaim, ..offer() }, Error::InvalidReclaim);
		}
		refused(Offer { until: Some(1), ..offer() }, Error::OfferExpired);
		let path = KeyPath::try_from(b"gpu/".to_vec()).unwrap();
		let attributes = vec![path].try_into().unwrap();
		refused(Offer { attributes, ..offer() }, Error::InvalidPath);
		let attributes = vec![key_path("gpu/amd").unwrap()].try_into().unwrap();
		refused(Offer { attributes, ..offer() }, Error::AttributesMissing);
		let beyond = Leases::set_offer(by(PROVIDER), MAX_OFFERS, offer());
		assert_noop!(beyond, Error::<Test>::TooManyOffers);
		assert_noop!(Leases::set_offer(by(HELPER), 0, offer()), Error::<Test>::UnknownProvider);
		register(PAUPER);
		let anything = Offer { attributes: Default::default(), ..offer() };
		let poor = Leases::set_offer(by(PAUPER), 0, anything);
		assert_noop!(poor, Error::<Test>::InsufficientFunds);
	});
}

/// "An offer below the cost of storage", or for nothing.
#[test]
fn an_offer_below_the_cost_of_storage_is_refused() {
	build_and_execute(|| {
		for price in [0, LEAST_PRICE - 1] {
			let refused = offered(Offer { price, ..offer() });
			assert_noop!(refused, Error::<Test>::BelowStorageCost);
		}
		assert_ok!(offered(Offer { price: LEAST_PRICE, ..offer() }));
	});
}

#[test]
fn an_offer_that_nobody_has_taken_is_removed_at_once() {
	build_and_execute(|| {
		assert_ok!(offered(offer()));
		assert_noop!(Leases::remove_offer(by(RIVAL), 0), Error::<Test>::UnknownOffer);
		assert_noop!(Leases::remove_offer(by(PROVIDER), 1), Error::<Test>::UnknownOffer);
		assert_ok!(Leases::remove_offer(by(PROVIDER), 0));
		assert_eq!((record(0), held(HoldReason::Offer, PROVIDER)), (None, 0));
		let event = Event::OfferRemoved { provider: PROVIDER, index: 0 };
		assert_eq!(events().last(), Some(&event));
	});
}

#[test]
fn an_offer_that_is_taken_is_closed_and_goes_with_the_last_lease() {
	build_and_execute(|| {
		assert_ok!(offered(offer()));
		let (first, second) = (taken(), taken());
		assert_ok!(Leases::remove_offer(by(PROVIDER), 0));
		let event = Event::OfferClosed { provider: PROVIDER, index: 0 };
		assert_eq!(events().last(), Some(&event));
		let refused = take_with(wanted(), PRICE * 10);
		assert_noop!(refused, Error::<Test>::OfferExpired);
		assert_ok!(Leases::close(by(TENANT), first));
		assert_eq!(record(0).unwrap().open, 1);
		assert_eq!(held(HoldReason::Offer, PROVIDER), Leases::offer_deposit());
		assert_ok!(Leases::close(by(TENANT), second));
		assert_eq!((record(0), held(HoldReason::Offer, PROVIDER)), (None, 0));
		assert!(events().contains(&Event::OfferRemoved { provider: PROVIDER, index: 0 }));
	});
}

#[test]
fn anybody_evicts_an_offer_that_has_expired_and_its_provider_has_the_deposit() {
	build_and_execute(|| {
		let evict = || Leases::evict_offer(by(HELPER), PROVIDER, 0);
		assert_noop!(evict(), Error::<Test>::UnknownOffer);
		assert_ok!(offered(Offer { until: Some(5), ..offer() }));
		let id = taken();
		skip_to(4);
		assert_noop!(evict(), Error::<Test>::OfferStands);
		skip_to(5);
		assert_noop!(evict(), Error::<Test>::OfferInUse);
		// It is renewed, and expires while nothing is served out of it.
		assert_ok!(offered(Offer { until: Some(9), ..offer() }));
		assert_ok!(Leases::close(by(TENANT), id));
		assert_eq!(record(0).unwrap().open, 0);
		skip_to(9);
		assert_ok!(evict());
		assert_eq!((record(0), total(PROVIDER)), (None, ENDOWMENT));
		assert_eq!(held(HoldReason::Offer, PROVIDER), 0);
		let event = Event::OfferRemoved { provider: PROVIDER, index: 0 };
		assert_eq!(events().last(), Some(&event));
	});
}

#[test]
fn anybody_evicts_an_offer_whose_provider_is_gone() {
	build_and_execute(|| {
		assert_ok!(offered(Offer { until: None, ..offer() }));
		silence(PROVIDER);
		assert_noop!(Leases::evict_offer(by(HELPER), PROVIDER, 0), Error::<Test>::OfferStands);
		Registry::remove(PROVIDER);
		assert_ok!(Leases::evict_offer(by(HELPER), PROVIDER, 0));
		assert_eq!(held(HoldReason::Offer, PROVIDER), 0);
	});
}
