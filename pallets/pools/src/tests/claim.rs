//! Contributors and curators are paid.

use crate::{mock::*, Error, Event};
use assay_primitives::{
	pool::{PoolSpec, ScoreRule},
	PoolId,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, Permill};

type Fault = Error<Test>;

/// The rule of the pool, with a cut in percent.
fn cutting(percent: u32) -> PoolSpec {
	PoolSpec { cut: Permill::from_percent(percent), ..spec() }
}

#[test]
fn contributors_are_paid_by_their_scores() {
	build_and_execute(|| {
		let pool = created(ruled(ScoreRule::Bytes));
		for (owner, bytes) in [(ALICE, 100), (ALICE, 200), (BOB, 700)] {
			let asset = sized(owner, bytes);
			assert_ok!(contribute(contribution(pool, asset)));
		}
		earn(pool, 1_000);
		let before = free(ALICE);
		assert_ok!(claim(ALICE));
		assert_eq!(last_event(), Event::Claimed { pool, who: ALICE, earned: 300, cut: 0 });
		assert_eq!((free(ALICE), free(Pools::pot(pool))), (before + 300, ED + 700));
		assert_eq!((claimable(ALICE), claimable(BOB)), (0, 700));
		// Income between two claims.
		earn(pool, 10);
		assert_eq!((claimable(ALICE), claimable(BOB)), (3, 707));
	});
}

#[test]
fn the_curator_has_its_cut_before_it_is_divided() {
	build_and_execute(|| {
		let pool = created(cutting(10));
		contributed(pool, ALICE);
		contributed(pool, BOB);
		earn(pool, 1_000);
		assert_eq!((view().cut, view().claimable), (100, 900));
		assert_ok!(claim(CURATOR));
		assert_eq!(last_event(), Event::Claimed { pool, who: CURATOR, earned: 0, cut: 100 });
		assert_eq!((claimable(ALICE), claimable(BOB), view().cut), (450, 450, 0));
		assert_noop!(claim(CURATOR), Fault::NothingToClaim);
	});
}

#[test]
fn a_curator_who_contributes_is_paid_both() {
	build_and_execute(|| {
		assert_ok!(create(ALICE, cutting(50)));
		contributed(POOL, ALICE);
		contributed(POOL, BOB);
		earn(POOL, 1_000);
		assert_ok!(claim(ALICE));
		assert_eq!(last_event(), Event::Claimed { pool: POOL, who: ALICE, earned: 250, cut: 500 });
		assert_eq!(claimable(BOB), 250);
	});
}

#[test]
fn all_of_the_income_can_be_the_curators() {
	build_and_execute(|| {
		let pool = created(cutting(100));
		contributed(pool, ALICE);
		earn(pool, 1_000);
		assert_noop!(claim(ALICE), Fault::NothingToClaim);
		assert_eq!(view().cut, 1_000);
	});
}

#[test]
fn income_that_nobody_has_a_score_for_is_the_curators() {
	build_and_execute(|| {
		let pool = created(ruled(ScoreRule::Scored));
		contributed(pool, ALICE);
		earn(pool, 1_000);
		assert_eq!((claimable(ALICE), view().cut), (0, 1_000));
		assert_ok!(claim(CURATOR));
		assert_eq!(free(Pools::pot(pool)), ED);
	});
}

#[test]
fn nothing_is_paid_twice_or_to_others() {
	build_and_execute(|| {
		let pool = created(spec());
		contributed(pool, ALICE);
		assert_noop!(claim(ALICE), Fault::NothingToClaim);
		earn(pool, 1_000);
		assert_ok!(claim(ALICE));
		for who in [ALICE, BOB, CURATOR, SUBMITTER, STRANGER] {
			assert_noop!(claim(who), Fault::NothingToClaim);
		}
	});
}

#[test]
fn claim_fails_when_there_is_no_pool() {
	build_and_execute(|| {
		assert_noop!(claim(ALICE), Fault::UnknownPool);
		created(spec());
		let elsewhere = dispatched(|| Pools::claim(by(ALICE), PoolId(1)));
		assert_noop!(elsewhere, Fault::UnknownPool);
		assert_noop!(Pools::claim(RuntimeOrigin::none(), POOL), DispatchError::BadOrigin);
	});
}

#[test]
fn pools_do_not_share_in_each_others_income() {
	build_and_execute(|| {
		let (one, two) = (created(spec()), created(spec()));
		contributed(one, ALICE);
		contributed(two, BOB);
		earn(one, 70);
		earn(two, 30);
		assert_eq!((claimable(ALICE), claimable(BOB)), (70, 0));
		assert_eq!(Pools::contributor(two, BOB).unwrap().claimable, 30);
	});
}
