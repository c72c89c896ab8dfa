//! Uses of items: each refusal, their order, and what is counted.

use crate::{mock::*, Error, Event};
use assay_primitives::{
	pool::PoolSpec,
	rights::{Consent, DataAccess, Purpose, Usage},
	AssetId,
};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

fn usage(text: &str, commercial: bool) -> Usage {
	Usage { commercial, purpose: tag(text) }
}

#[test]
fn exercise_counts_and_tells_what_is_paid_to_whom() {
	build_and_execute(|| {
		let pool = created(spec());
		let (asset, other) = (contributed(pool, ALICE), contributed(pool, BOB));
		let access = exercise_for(pool, asset, VERSION, Usage::default(), 3);
		let payee = Pools::pot(pool);
		assert_eq!(access, Ok(DataAccess { asset, payee, price: PRICE }));
		assert_eq!(last_event(), Event::Used { pool, asset, version: VERSION, uses: 3 });
		assert_ok!(exercise(pool, other));
		assert_eq!((item(asset).unwrap().uses, item(other).unwrap().uses), (3, 1));
		assert_eq!(view().uses, 4);
		// What was counted stays counted, when the item goes.
		assert_ok!(withdraw(ALICE, pool, asset));
		assert_eq!(view().uses, 4);
	});
}

/// Nobody opens the data for a job that counts nothing.
#[test]
fn no_uses_are_one() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		assert_ok!(exercise_for(pool, asset, VERSION, Usage::default(), 0));
		assert_eq!(view().uses, 1);
	});
}

#[test]
fn the_price_is_that_of_the_request() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		let before = exercise(pool, asset).unwrap();
		assert_ok!(Pools::set_price(by(CURATOR), pool, 0));
		assert_eq!(exercise(pool, asset).map(|access| access.price), Ok(0));
		assert_ok!(Pools::set_price(by(CURATOR), pool, u128::MAX));
		assert_eq!(exercise(pool, asset).map(|access| access.price), Ok(u128::MAX));
		settle(before);
		assert_eq!(claimable(ALICE), PRICE);
	});
}

#[test]
fn the_signature_is_consent_whatever_the_asset_lets_others_do() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		let spec = DataRights::asset(asset).unwrap().spec;
		assert_eq!(spec.consent, Consent::default());
		assert!(!spec.consent.inference);
		assert_ok!(exercise(pool, asset));
	});
}

/// A retired asset makes no new grants, and what was consented to before goes on.
#[test]
fn a_retired_asset_can_still_be_used() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		assert_ok!(DataRights::retire(by(ALICE), asset));
		assert_ok!(exercise(pool, asset));
	});
}

#[test]
fn exercise_fails_when_the_pool_or_the_item_is_unknown() {
	build_and_execute(|| {
		assert_noop!(exercise(POOL, AssetId(0)), Fault::UnknownPool);
		let (pool, other) = (created(spec()), created(spec()));
		let outside = asset(ALICE);
		assert_noop!(exercise(pool, outside), Fault::UnknownItem);
		// An item of one pool is none of another.
		let asset = contributed(pool, ALICE);
		assert_noop!(exercise(other, asset), Fault::UnknownItem);
	});
}

#[test]
fn exercise_fails_when_the_pool_is_closed() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		assert_ok!(close(CURATOR));
		assert_noop!(exercise(pool, asset), Fault::PoolClosed);
		assert!(!item(asset).unwrap().usable);
	});
}

#[test]
fn exercise_fails_when_the_asset_cannot_be_used() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		let refused = || {
			assert_noop!(exercise(pool, asset), Fault::AssetNotActive);
			assert!(!item(asset).unwrap().usable);
		};
		assert_ok!(DataRights::freeze(RuntimeOrigin::root(), asset));
		refused();
		assert_ok!(DataRights::thaw(RuntimeOrigin::root(), asset));
		assert_ok!(exercise(pool, asset));
		assert_ok!(DataRights::revoke_asset(by(ALICE), asset));
		refused();
		assert_ok!(DataRights::remove_asset(by(ALICE), asset));
		refused();
	});
}

#[test]
fn a_sold_asset_waits_for_its_new_owner_and_comes_back_with_the_old_one() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		sell(asset, BOB);
		assert_noop!(exercise(pool, asset), Fault::NotConsented);
		assert!(!item(asset).unwrap().usable);
		sell(asset, ALICE);
		assert_ok!(exercise(pool, asset));
		burn(asset);
		assert_noop!(exercise(pool, asset), Fault::NotConsented);
	});
}

#[test]
fn exercise_fails_for_another_purpose() {
	build_and_execute(|| {
		let tags = vec![tag("medicine"), tag("research")].try_into().unwrap();
		let pool = created(PoolSpec { purpose: Purpose::Tags(tags), ..spec() });
		let asset = contributed(pool, ALICE);
		for other in ["", "advertising", "Research"] {
			let used = exercise_for(pool, asset, VERSION, usage(other, false), 1);
			assert_noop!(used, Fault::PurposeForbidden);
		}
		assert_ok!(exercise_for(pool, asset, VERSION, usage("research", true), 1));
	});
}

#[test]
fn exercise_fails_when_somebody_earns_who_may_not() {
	build_and_execute(|| {
		let pool = created(PoolSpec { commercial: false, ..spec() });
		let asset = contributed(pool, ALICE);
		let used = exercise_for(pool, asset, VERSION, usage("", true), 1);
		assert_noop!(used, Fault::PurposeForbidden);
		assert_ok!(exercise(pool, asset));
	});
}

#[test]
fn exercise_fails_when_the_owner_does_not_list_the_version_now() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		let used = || exercise_for(pool, asset, RIVAL, Usage::default(), 1);
		assert_noop!(used(), Fault::AlgorithmForbidden);
		assert_ok!(DataRights::set_algorithms(by(ALICE), asset, only(&[RIVAL])));
		assert_ok!(used());
		assert_noop!(exercise(pool, asset), Fault::AlgorithmForbidden);
	});
}

/// An item that everything speaks against is refused for one thing after the other, in the order in
/// which they are mended here.
#[test]
fn refusals_have_one_order() {
	build_and_execute(|| {
		let pool = created(PoolSpec { commercial: false, ..spec() });
		let asset = asset(ALICE);
		assert_ok!(DataRights::set_algorithms(by(ALICE), asset, only(&[])));
		let use_it = || exercise_for(pool, asset, VERSION, usage("", true), 1);
		assert_noop!(use_it(), Fault::UnknownItem);
		assert_ok!(contribute(contribution(pool, asset)));
		sell(asset, BOB);
		assert_ok!(DataRights::freeze(RuntimeOrigin::root(), asset));
		assert_noop!(use_it(), Fault::AssetNotActive);
		assert_ok!(DataRights::thaw(RuntimeOrigin::root(), asset));
		assert_noop!(use_it(), Fault::NotConsented);
		sell(asset, ALICE);
		assert_noop!(use_it(), Fault::PurposeForbidden);
		crate::Pools::<Test>::mutate_extant(pool, |record| record.spec.commercial = true);
		assert_noop!(use_it(), Fault::AlgorithmForbidden);
		assert_ok!(DataRights::set_algorithms(by(ALICE), asset, only(&[VERSION])));
		assert_ok!(use_it());
	});
}
