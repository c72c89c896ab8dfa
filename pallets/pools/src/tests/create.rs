//! Curators create pools.

use crate::{mock::*, Error, Event, NextPool};
use assay_primitives::{
	pool::{PoolSpec, ScoreRule},
	rights::Purpose,
	PoolId,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

type Fault = Error<Test>;

#[test]
fn create_makes_an_open_pool_at_a_deposit_and_a_base() {
	build_and_execute(|| {
		assert_ok!(create(CURATOR, spec()));
		let created = Event::PoolCreated { pool: POOL, curator: CURATOR, rule: ScoreRule::Equal };
		assert_eq!(last_event(), created);
		assert_eq!((held(CURATOR), free(Pools::pot(POOL))), (POOL_DEPOSIT, ED));
		assert_eq!(free(CURATOR), ENDOWMENT - POOL_DEPOSIT - ED);
		assert_eq!((view().curator, view().spec, view().closed), (CURATOR, spec(), None));
		assert_eq!(Pools::curator(POOL), Some(CURATOR));
	});
}

#[test]
fn pools_have_numbers_and_pots_of_their_own() {
	build_and_execute(|| {
		let pools = [created(spec()), created(spec())];
		assert_eq!(pools, [PoolId(0), PoolId(1)]);
		assert_ne!(Pools::pot(pools[0]), Pools::pot(pools[1]));
		assert_eq!(held(CURATOR), 2 * POOL_DEPOSIT);
	});
}

#[test]
fn create_fails_when_the_pool_is_not_in_order() {
	build_and_execute(|| {
		let bad = || b"\xff".to_vec();
		let with = |change: fn(&mut PoolSpec, Vec<u8>)| {
			let mut spec = spec();
			change(&mut spec, bad());
			create(CURATOR, spec)
		};
		assert_noop!(with(|spec, bad| spec.name = bad.try_into().unwrap()), Fault::InvalidName);
		assert_noop!(with(|spec, _| spec.name = Default::default()), Fault::InvalidName);
		assert_noop!(with(|spec, bad| spec.schema = bad.try_into().unwrap()), Fault::InvalidSchema);
		let none = PoolSpec { purpose: Purpose::Tags(Default::default()), ..spec() };
		assert_noop!(create(CURATOR, none), Fault::InvalidPurpose);
	});
}

#[test]
fn create_fails_when_the_curator_cannot_pay() {
	build_and_execute(|| {
		assert_noop!(create(PAUPER, spec()), Fault::InsufficientFunds);
		assert_noop!(create(NOBODY, spec()), Fault::InsufficientFunds);
		// Who has the base, and not the deposit.
		fund(&PAUPER, ED);
		assert_noop!(create(PAUPER, spec()), Fault::InsufficientFunds);
		assert_noop!(
			Pools::create(RuntimeOrigin::none(), Box::new(spec())),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn create_fails_when_no_number_is_left() {
	build_and_execute(|| {
		NextPool::<Test>::put(PoolId(u32::MAX));
		assert_noop!(create(CURATOR, spec()), Fault::Overflow);
	});
}
