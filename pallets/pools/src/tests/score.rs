//! Curators score items.

use crate::{mock::*, Error, Event};
use assay_primitives::{
	pool::{ScoreRule, MAX_SCORE},
	AssetId,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

type Fault = Error<Test>;

#[test]
fn an_item_has_nothing_until_it_is_scored() {
	build_and_execute(|| {
		let pool = created(ruled(ScoreRule::Scored));
		let (one, two) = (contributed(pool, ALICE), contributed(pool, BOB));
		assert_eq!((item(one).unwrap().score, view().score), (0, 0));
		// It is a contributor all the same, with an account that is kept alive.
		assert_eq!(contributor(ALICE).map(|alice| (alice.items, alice.claimable)), Some((1, 0)));
		assert_eq!(System::consumers(&ALICE), 2);
		assert_ok!(score(CURATOR, one, 1));
		assert_eq!(last_event(), Event::Scored { pool, asset: one, score: 1 });
		assert_ok!(score(CURATOR, two, 3));
		earn(pool, 400);
		assert_eq!((claimable(ALICE), claimable(BOB), view().score), (100, 300, 4));
	});
}

#[test]
fn another_score_counts_from_now_on() {
	build_and_execute(|| {
		let pool = created(ruled(ScoreRule::Scored));
		let (one, two) = (contributed(pool, ALICE), contributed(pool, BOB));
		assert_ok!(score(CURATOR, one, 1));
		assert_ok!(score(CURATOR, two, 1));
		earn(pool, 100);
		assert_ok!(score(CURATOR, two, MAX_SCORE));
		assert_ok!(score(CURATOR, one, 0));
		earn(pool, 100);
		assert_eq!((claimable(ALICE), claimable(BOB)), (50, 150));
		assert_eq!(view().score, MAX_SCORE.into());
	});
}

#[test]
fn score_fails_for_everybody_but_the_curator() {
	build_and_execute(|| {
		let pool = created(ruled(ScoreRule::Scored));
		let asset = contributed(pool, ALICE);
		for who in [ALICE, SUBMITTER, STRANGER] {
			assert_noop!(score(who, asset, 1), Fault::NotCurator);
		}
		let origin = RuntimeOrigin::none();
		assert_noop!(Pools::score(origin, pool, asset, 1), DispatchError::BadOrigin);
	});
}

#[test]
fn score_fails_when_the_rule_is_another() {
	build_and_execute(|| {
		for rule in [ScoreRule::Equal, ScoreRule::Bytes] {
			let pool = created(ruled(rule));
			let asset = contributed(pool, ALICE);
			let scored = dispatched(|| Pools::score(by(CURATOR), pool, asset, 9));
			assert_noop!(scored, Fault::NotScored);
		}
	});
}

#[test]
fn score_fails_when_it_is_too_high_or_of_nothing() {
	build_and_execute(|| {
		assert_noop!(score(CURATOR, AssetId(0), 1), Fault::UnknownPool);
		let pool = created(ruled(ScoreRule::Scored));
		assert_noop!(score(CURATOR, AssetId(0), 1), Fault::UnknownItem);
		let asset = contributed(pool, ALICE);
		assert_noop!(score(CURATOR, asset, MAX_SCORE + 1), Fault::InvalidScore);
		assert_noop!(score(CURATOR, asset, u32::MAX), Fault::InvalidScore);
		assert_ok!(close(CURATOR));
		assert_noop!(score(CURATOR, asset, 1), Fault::PoolClosed);
	});
}
