use super::*;
use assay_primitives::rights::{Currency, Purpose};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn offer(kind: OfferKind, uses: Option<u32>) -> OfferTerms {
	OfferTerms {
		kind,
		uses,
		price: 10,
		currency: Currency::Native,
		purpose: Purpose::Any,
		transferable: false,
		revocable: true,
		commercial: false,
	}
}

fn grant(offer: &OfferTerms) -> GrantRecord<u64> {
	let terms = granted(offer.clone(), 1, 100).unwrap();
	GrantRecord::new(AssetId(0), 1, terms, true, 1)
}

const PERIOD: OfferKind = OfferKind::Period { blocks: 10 };

#[test]
fn what_is_taken_several_times_costs_and_allows_as_much_more() {
	let terms = offer(PERIOD, Some(3));
	let taken = granted(terms.clone(), 4, 100).unwrap();
	assert_eq!((taken.from, taken.until, taken.uses), (100, Some(140), Some(12)));
	assert_eq!((taken.price, price_of(&terms, 4)), (0, Some(40)));

	let per_use = offer(OfferKind::PerUse, Some(3));
	let taken = granted(per_use.clone(), 2, 100).unwrap();
	assert_eq!((taken.until, taken.uses, taken.price), (None, Some(6), 10));
	assert_eq!(price_of(&per_use, 2), Some(0));
}

#[test]
fn what_there_is_no_more_of_is_taken_once() {
	let limitless = [offer(OfferKind::Once, None), offer(OfferKind::PerUse, None)];
	let free = OfferTerms { price: 0, ..offer(OfferKind::Free, Some(2)) };
	for terms in limitless.into_iter().chain([free]) {
		assert!(granted(terms.clone(), 1, 1).is_ok());
		for times in [0, 2, u32::MAX] {
			assert_eq!(granted(terms.clone(), times, 1), Err(Fault::InvalidTimes));
		}
	}
	assert_eq!(granted(offer(PERIOD, None), 0, 1), Err(Fault::InvalidTimes));
}

#[test]
fn sums_that_cannot_be_counted_are_refused() {
	for terms in [offer(PERIOD, None), offer(OfferKind::Once, Some(3))] {
		assert_eq!(granted(terms, u32::MAX, 1), Err(Fault::Overflow));
	}
	assert_eq!(granted(offer(PERIOD, None), 1, u32::MAX - 5), Err(Fault::Overflow));
	let dear = OfferTerms { price: Balance::MAX, ..offer(PERIOD, None) };
	assert_eq!(price_of(&dear, 2), None);
}

#[test]
fn an_extension_goes_on_from_the_end_or_from_now() {
	let terms = offer(PERIOD, Some(3));
	let record = grant(&terms);
	let early = record.clone().extend_by(&terms, 2, 105).unwrap();
	assert_eq!((early.terms.until, early.terms.uses), (Some(130), Some(9)));
	let late = record.clone().extend_by(&terms, 1, 500).unwrap();
	assert_eq!((late.terms.until, late.terms.uses), (Some(510), Some(6)));
	assert_eq!(record.extend_by(&terms, 1, u32::MAX - 3), Err(Fault::Overflow));
}

#[test]
fn only_grants_that_an_offer_could_have_made_are_extended_by_it() {
	let terms = offer(PERIOD, Some(3));
	let others = [
		OfferTerms { commercial: true, ..terms.clone() },
		OfferTerms { transferable: true, ..terms.clone() },
		OfferTerms { revocable: false, ..terms.clone() },
		OfferTerms { purpose: Purpose::Versions(Default::default()), ..terms.clone() },
		OfferTerms { uses: None, ..terms.clone() },
		OfferTerms { kind: OfferKind::Once, ..terms.clone() },
		OfferTerms { kind: OfferKind::PerUse, ..terms.clone() },
	];
	for other in others {
		assert_eq!(grant(&terms).extend_by(&other, 1, 100), Err(Fault::TermsDiffer), "{other:?}");
	}
	// The price of an offer that is paid at once is no part of a grant.
	let dearer = OfferTerms { price: 11, ..terms.clone() };
	assert!(grant(&terms).extend_by(&dearer, 1, 100).is_ok());
	let limitless = offer(OfferKind::Once, None);
	assert_eq!(grant(&limitless).extend_by(&limitless, 1, 100), Err(Fault::NotExtended));
	let free = OfferTerms { price: 0, ..offer(OfferKind::Free, Some(2)) };
	assert_eq!(grant(&free).extend_by(&free, 1, 100), Err(Fault::NotExtended));
	let revoked = grant(&terms).revoke().unwrap();
	assert_eq!(revoked.extend_by(&terms, 1, 100), Err(Fault::Revoked));
}

#[test]
fn a_status_for_good_comes_before_one_for_now() {
	let spec = AssetSpec {
		kind: assay_primitives::rights::AssetKind::Stream,
		manifest: assay_primitives::rights::Manifest {
			root: Default::default(),
			files: 1,
			bytes: 0,
			locator: Default::default(),
		},
		schema: Default::default(),
		licence: Default::default(),
		consent: Default::default(),
		algorithms: assay_primitives::rights::Algorithms::Any,
		key: None,
	};
	let active = AssetRecord::new(spec, 1u64, 0);
	assert_eq!(active.status(), AssetStatus::Active);
	let retired = active.clone().retire().unwrap();
	assert_eq!(retired.status(), AssetStatus::Retired);
	let frozen = retired.clone().freeze().unwrap();
	assert_eq!(frozen.status(), AssetStatus::Frozen);
	assert_eq!(frozen.clone().thaw().unwrap(), retired);
	let revoked = frozen.revoke().unwrap();
	assert_eq!(revoked.status(), AssetStatus::Revoked);
	assert_eq!(revoked.clone().thaw().unwrap().status(), AssetStatus::Revoked);
	assert_eq!(revoked.clone().retire(), Err(Fault::AlreadyRetired));
	assert_eq!(revoked.revoke(), Err(Fault::AlreadyRevoked));
}

#[test]
fn numbers_of_permits_are_good_once_in_any_order() {
	let mut window = PermitWindow::default();
	for number in [0, 5, 3, 127, 1, 126] {
		window = window.take(number).unwrap();
		assert_eq!(window.take(number), Err(Fault::PermitUsed), "{number}");
	}
	assert_eq!(window.next, 128);
	// With the next one the first falls out, and the second is the last that is known.
	let window = window.take(128).unwrap();
	assert_eq!(window.take(0), Err(Fault::PermitUsed));
	assert_eq!(window.take(1), Err(Fault::PermitUsed));
	assert!(window.take(2).is_ok());
	let far = window.take(1_000_000).unwrap();
	assert_eq!(far.take(1_000_000 - 128), Err(Fault::PermitUsed));
	assert!(far.take(1_000_000 - 127).is_ok());
	assert_eq!(far.take(u64::MAX), Err(Fault::Overflow));
}

#[test]
fn cancelled_numbers_are_not_good_and_later_ones_are() {
	let used = PermitWindow::default().take(10).unwrap();
	let inside = used.cancel(5);
	assert_eq!(inside.take(4), Err(Fault::PermitUsed));
	assert_eq!(inside.take(10), Err(Fault::PermitUsed));
	assert!(inside.take(5).is_ok());
	assert!(inside.take(11).is_ok());
	let beyond = used.cancel(500);
	assert_eq!(beyond.take(499), Err(Fault::PermitUsed));
	assert!(beyond.take(500).is_ok());
	assert!(used.cancel(0).take(0).is_ok());
	assert_eq!(used.cancel(11).take(9), Err(Fault::PermitUsed));
}

proptest! {
	/// The window against a list of all numbers.
	#[test]
	fn no_number_is_good_twice(
		numbers in proptest::collection::vec((any::<bool>(), 0u64..400), 1..200),
	) {
		let (mut window, mut taken) = (PermitWindow::default(), BTreeSet::new());
		let (mut highest, mut floor) = (None::<u64>, 0u64);
		for (cancels, number) in numbers {
			if cancels && number % 7 == 0 {
				window = window.cancel(number);
				floor = floor.max(number);
				highest = number.checked_sub(1).max(highest);
				continue;
			}
			let known = highest.is_none_or(|highest| number + 128 > highest);
			let good = known && number >= floor && !taken.contains(&number);
			prop_assert_eq!(window.take(number).is_ok(), good);
			if good {
				window = window.take(number).unwrap();
				taken.insert(number);
				highest = highest.max(Some(number));
			}
		}
	}

	#[test]
	fn uses_never_exceed_the_limit(
		limit in proptest::option::of(1u32..),
		uses in proptest::collection::vec(any::<u32>(), 0..20),
	) {
		let mut record = grant(&offer(OfferKind::Once, limit));
		let mut sum = 0u64;
		for uses in uses {
			let fits = limit.is_none_or(|limit| sum + u64::from(uses) <= limit.into());
			let used = record.clone().used_by(&1, uses, 100);
			prop_assert_eq!(used.is_ok(), fits);
			if let Ok(used) = used {
				sum += u64::from(uses);
				record = used;
			}
			prop_assert!(limit.is_none_or(|limit| record.used <= limit));
		}
	}
}
