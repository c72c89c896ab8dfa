//! Contributors withdraw their consent.

use crate::{mock::*, Error, Event};
use assay_primitives::{AssetId, PoolId};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

type Fault = Error<Test>;

#[test]
fn no_new_job_can_use_what_was_withdrawn() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		assert_ok!(exercise(pool, asset));
		assert_ok!(withdraw(ALICE, pool, asset));
		assert_eq!(last_event(), Event::Withdrawn { pool, asset, contributor: ALICE });
		assert_noop!(exercise(pool, asset), Fault::UnknownItem);
		assert_eq!((item(asset), view().items, view().score), (None, 0, 0));
		assert_eq!((held(SUBMITTER), free(SUBMITTER)), (0, ENDOWMENT));
		assert_eq!(contributor(ALICE), None);
	});
}

#[test]
fn what_was_earned_before_is_kept_and_nothing_of_what_settles_later() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		contributed(pool, BOB);
		earn(pool, 1_000);
		assert_ok!(withdraw(ALICE, pool, asset));
		earn(pool, 300);
		assert_eq!((claimable(ALICE), claimable(BOB)), (500, 800));
		let alice = contributor(ALICE).unwrap();
		assert_eq!((alice.items, alice.score), (0, 0));
		assert_ok!(claim(ALICE));
		assert_eq!((contributor(ALICE), view().contributors), (None, 1));
	});
}

#[test]
fn one_of_several_items_is_withdrawn_alone() {
	build_and_execute(|| {
		let pool = created(spec());
		let (one, two) = (contributed(pool, ALICE), contributed(pool, ALICE));
		contributed(pool, BOB);
		earn(pool, 300);
		assert_ok!(withdraw(ALICE, pool, one));
		earn(pool, 300);
		assert_eq!((claimable(ALICE), claimable(BOB)), (200 + 150, 100 + 150));
		assert_ok!(exercise(pool, two));
		assert_eq!(held(SUBMITTER), 2 * ITEM_DEPOSIT);
	});
}

#[test]
fn withdraw_fails_for_everybody_but_the_contributor() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		for who in [BOB, CURATOR, SUBMITTER, STRANGER] {
			assert_noop!(withdraw(who, pool, asset), Fault::NotContributor);
		}
		// What governance freezes for now is still the contributor's.
		assert_ok!(DataRights::freeze(RuntimeOrigin::root(), asset));
		assert_noop!(withdraw(STRANGER, pool, asset), Fault::NotContributor);
		let origin = RuntimeOrigin::none();
		assert_noop!(Pools::withdraw(origin, pool, asset), DispatchError::BadOrigin);
	});
}

#[test]
fn withdraw_fails_when_there_is_nothing_to_withdraw() {
	build_and_execute(|| {
		assert_noop!(withdraw(ALICE, POOL, AssetId(0)), Fault::UnknownPool);
		let pool = created(spec());
		let asset = asset(ALICE);
		assert_noop!(withdraw(ALICE, pool, asset), Fault::UnknownItem);
		assert_ok!(contribute(contribution(pool, asset)));
		assert_ok!(withdraw(ALICE, pool, asset));
		assert_noop!(withdraw(ALICE, pool, asset), Fault::UnknownItem);
		assert_noop!(withdraw(ALICE, PoolId(1), asset), Fault::UnknownPool);
	});
}

#[test]
fn the_present_owner_withdraws_what_it_has_bought() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		earn(pool, 100);
		sell(asset, BOB);
		assert_ok!(withdraw(BOB, pool, asset));
		assert_eq!(last_event(), Event::Withdrawn { pool, asset, contributor: ALICE });
		assert_eq!((claimable(ALICE), claimable(BOB)), (100, 0));
	});
}

#[test]
fn who_has_sold_an_asset_can_still_take_it_out() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		sell(asset, BOB);
		assert_ok!(withdraw(ALICE, pool, asset));
		assert_eq!(item(asset), None);
	});
}

/// Or who has sold or revoked what a pool lives by would earn by the others for good.
#[test]
fn anybody_takes_out_what_is_sold_revoked_or_gone() {
	build_and_execute(|| {
		let pool = created(spec());
		let [sold, revoked, burned, removed] = [(); 4].map(|_| contributed(pool, ALICE));
		sell(sold, BOB);
		assert_ok!(DataRights::revoke_asset(by(ALICE), revoked));
		burn(burned);
		assert_ok!(DataRights::revoke_asset(by(ALICE), removed));
		assert_ok!(DataRights::remove_asset(by(ALICE), removed));
		for asset in [sold, revoked, burned, removed] {
			assert_ok!(withdraw(STRANGER, pool, asset));
		}
		assert_eq!((view().items, held(SUBMITTER)), (0, 0));
	});
}
