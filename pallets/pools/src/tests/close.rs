//! Curators set prices, and end their pools.

use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

type Fault = Error<Test>;

#[test]
fn set_price_changes_the_price_alone() {
	build_and_execute(|| {
		let pool = created(spec());
		assert_ok!(Pools::set_price(by(CURATOR), pool, 9));
		assert_eq!(last_event(), Event::Repriced { pool, price: 9 });
		let mut expected = spec();
		expected.price = 9;
		assert_eq!(view().spec, expected);
	});
}

#[test]
fn set_price_fails_for_others_and_of_what_is_closed() {
	build_and_execute(|| {
		let set = |who| dispatched(|| Pools::set_price(by(who), POOL, 9));
		assert_noop!(set(CURATOR), Fault::UnknownPool);
		let pool = created(spec());
		contributed(pool, ALICE);
		assert_noop!(set(ALICE), Fault::NotCurator);
		let origin = RuntimeOrigin::none();
		assert_noop!(Pools::set_price(origin, pool, 9), DispatchError::BadOrigin);
		assert_ok!(close(CURATOR));
		assert_noop!(set(CURATOR), Fault::PoolClosed);
	});
}

#[test]
fn a_closed_pool_pays_and_gives_back_as_before() {
	build_and_execute(|| {
		let pool = created(spec());
		let (asset, other) = (contributed(pool, ALICE), contributed(pool, BOB));
		let access = exercise(pool, asset).unwrap();
		run_to(7);
		assert_ok!(close(CURATOR));
		assert_eq!(last_event(), Event::PoolClosed { pool });
		assert_eq!(view().closed, Some(7));
		// A job that was requested before pays as it would have.
		settle(access);
		assert_eq!((claimable(ALICE), claimable(BOB)), (PRICE / 2, PRICE / 2));
		assert_ok!(withdraw(BOB, pool, other));
		assert_ok!(claim(BOB));
		assert_ok!(claim(ALICE));
		assert_eq!(free(Pools::pot(pool)), ED);
	});
}

#[test]
fn close_fails_for_others_and_twice() {
	build_and_execute(|| {
		assert_noop!(close(CURATOR), Fault::UnknownPool);
		let pool = created(spec());
		contributed(pool, ALICE);
		assert_noop!(close(ALICE), Fault::NotCurator);
		assert_noop!(Pools::close(RuntimeOrigin::none(), pool), DispatchError::BadOrigin);
		assert_ok!(close(CURATOR));
		assert_noop!(close(CURATOR), Fault::PoolClosed);
	});
}

#[test]
fn remove_gives_back_the_deposit_and_all_that_the_pot_has() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		assert_ok!(close(CURATOR));
		assert_ok!(withdraw(ALICE, pool, asset));
		// What comes when nobody is there any more.
		earn(pool, 333);
		run_to(1 + DELAY);
		assert_ok!(remove(CURATOR));
		assert_eq!(last_event(), Event::PoolRemoved { pool, cut: 333 });
		assert_eq!((held(CURATOR), free(CURATOR)), (0, ENDOWMENT + 333));
		assert_eq!((free(Pools::pot(pool)), Pools::pool(pool)), (0, None));
		assert_eq!(Pools::curator(pool), None);
		// Its number is not given again.
		assert_ne!(created(spec()), pool);
	});
}

/// Somebody sends shares in something else to the pot, which keep its base there for good.
#[test]
fn a_pot_that_somebody_has_made_refer_to_something_is_no_obstacle() {
	build_and_execute(|| {
		let pool = created(spec());
		assert_ok!(close(CURATOR));
		earn(pool, 333);
		assert_ok!(System::inc_consumers(&Pools::pot(pool)));
		run_to(1 + DELAY);
		assert_ok!(remove(CURATOR));
		assert_eq!((held(CURATOR), free(CURATOR)), (0, ENDOWMENT - ED + 333));
		assert_eq!(free(Pools::pot(pool)), ED);
	});
}

#[test]
fn remove_fails_for_others_and_of_nothing() {
	build_and_execute(|| {
		assert_noop!(remove(CURATOR), Fault::UnknownPool);
		let pool = created(spec());
		assert_ok!(close(CURATOR));
		run_to(1 + DELAY);
		assert_noop!(remove(STRANGER), Fault::NotCurator);
		assert_noop!(Pools::remove(RuntimeOrigin::none(), pool), DispatchError::BadOrigin);
	});
}

/// A job that was requested before the pool closed pays into a pot that somebody has.
#[test]
fn remove_fails_before_jobs_have_ended() {
	build_and_execute(|| {
		created(spec());
		assert_noop!(remove(CURATOR), Fault::NotClosed);
		run_to(10);
		assert_ok!(close(CURATOR));
		run_to(9 + DELAY);
		assert_noop!(remove(CURATOR), Fault::NotClosed);
		run_to(10 + DELAY);
		assert_ok!(remove(CURATOR));
	});
}

#[test]
fn remove_fails_while_anything_is_somebodys() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		earn(pool, 100);
		assert_ok!(close(CURATOR));
		run_to(1 + DELAY);
		assert_noop!(remove(CURATOR), Fault::NotEmpty);
		assert_ok!(withdraw(ALICE, pool, asset));
		assert_noop!(remove(CURATOR), Fault::NotEmpty);
		assert_ok!(claim(ALICE));
		assert_ok!(remove(CURATOR));
	});
}
