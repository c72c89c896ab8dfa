//! Attacks, each named after what the attacker is after.

use crate::{mock::*, Contributors, Error, Event};
use assay_primitives::{
	pool::{PoolSpec, ScoreRule, MAX_SCORE},
	AssetId,
};
use frame_support::{
	assert_noop, assert_ok,
	traits::{fungible::Mutate, tokens::Preservation},
};
use sp_runtime::Permill;

type Fault = Error<Test>;

/// The job goes on and pays the pool; who has left has nothing of it, and nobody can ask again.
#[test]
fn a_contributor_who_withdraws_mid_job_harms_neither_the_job_nor_the_others() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		contributed(pool, BOB);
		let job = exercise(pool, asset).unwrap();
		let agreed = job.clone();
		assert_ok!(withdraw(ALICE, pool, asset));
		assert_noop!(exercise(pool, asset), Fault::UnknownItem);
		assert_eq!(job, agreed);
		settle(job);
		assert_eq!((claimable(ALICE), claimable(BOB)), (0, PRICE));
		assert_noop!(claim(ALICE), Fault::NothingToClaim);
	});
}

#[test]
fn the_last_contributor_who_withdraws_mid_job_leaves_nothing_without_an_owner() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		let job = exercise(pool, asset).unwrap();
		assert_ok!(withdraw(ALICE, pool, asset));
		settle(job);
		assert_eq!((view().claimable, view().cut), (0, PRICE));
		// And who comes next does not find it.
		contributed(pool, BOB);
		assert_noop!(claim(BOB), Fault::NothingToClaim);
		assert_ok!(claim(CURATOR));
	});
}

#[test]
fn who_comes_after_an_income_has_nothing_of_it() {
	build_and_execute(|| {
		let pool = created(spec());
		contributed(pool, ALICE);
		earn(pool, 1_000);
		for _ in 0..5 {
			let asset = contributed(pool, BOB);
			assert_ok!(withdraw(BOB, pool, asset));
		}
		assert_eq!((claimable(ALICE), claimable(BOB)), (1_000, 0));
		assert_eq!(contributor(BOB), None);
	});
}

#[test]
fn income_is_not_claimed_again_by_taking_an_item_out_and_putting_it_in() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		contributed(pool, BOB);
		for _ in 0..10 {
			earn(pool, 100);
			assert_ok!(withdraw(ALICE, pool, asset));
			assert_ok!(contribute(contribution(pool, asset)));
		}
		assert_eq!((claimable(ALICE), claimable(BOB)), (500, 500));
	});
}

#[test]
fn a_curator_cannot_score_away_what_was_earned() {
	build_and_execute(|| {
		let pool = created(ruled(ScoreRule::Scored));
		let (asset, own) = (contributed(pool, ALICE), contributed(pool, BOB));
		assert_ok!(score(CURATOR, asset, 1));
		earn(pool, 1_000);
		assert_ok!(score(CURATOR, own, MAX_SCORE));
		assert_ok!(score(CURATOR, asset, 0));
		assert_ok!(close(CURATOR));
		assert_eq!((claimable(ALICE), claimable(BOB), view().cut), (1_000, 0, 0));
		assert_ok!(claim(ALICE));
	});
}

#[test]
fn junk_in_a_scored_pool_earns_nothing() {
	build_and_execute(|| {
		let pool = created(ruled(ScoreRule::Scored));
		let asset = contributed(pool, ALICE);
		assert_ok!(score(CURATOR, asset, 10));
		for _ in 0..20 {
			contributed(pool, BOB);
		}
		earn(pool, 1_000);
		assert_eq!((claimable(ALICE), claimable(BOB)), (1_000, 0));
		assert_noop!(claim(BOB), Fault::NothingToClaim);
	});
}

#[test]
fn who_has_sold_its_data_does_not_earn_by_the_others_for_good() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		contributed(pool, BOB);
		sell(asset, STRANGER);
		earn(pool, 100);
		assert_ok!(withdraw(BOB, pool, asset));
		earn(pool, 100);
		assert_eq!((claimable(ALICE), claimable(BOB)), (50, 150));
	});
}

#[test]
fn a_seller_cannot_consent_for_the_buyer() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = asset(ALICE);
		let kept = contribution(pool, asset);
		let signed = signature(&kept);
		sell(asset, BOB);
		assert_noop!(submit(kept.clone(), signed.clone()), Fault::NotOwner);
		assert_ok!(contribute(contribution(pool, asset)));
		// Nor take the place of the buyer with a number that was used by now.
		assert_noop!(submit(kept, signed), Fault::NotOwner);
		assert_eq!(item(asset).unwrap().contributor, BOB);
	});
}

#[test]
fn somebody_who_pays_for_an_item_has_no_say_in_it() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		earn(pool, 100);
		assert_noop!(withdraw(SUBMITTER, pool, asset), Fault::NotContributor);
		assert_noop!(claim(SUBMITTER), Fault::NothingToClaim);
		// It has the deposit back all the same.
		assert_ok!(withdraw(ALICE, pool, asset));
		assert_eq!((held(SUBMITTER), free(SUBMITTER)), (0, ENDOWMENT));
	});
}

#[test]
fn money_in_a_pot_before_its_pool_exists_harms_nobody() {
	build_and_execute(|| {
		earn(POOL, 5 * ED);
		let pool = created(spec());
		contributed(pool, ALICE);
		assert_eq!((claimable(ALICE), view().cut), (0, 5 * ED));
		assert_ok!(claim(CURATOR));
		assert_eq!(free(Pools::pot(pool)), ED);
	});
}

#[test]
fn the_smallest_income_reaches_the_pot_and_is_not_lost() {
	build_and_execute(|| {
		let pool = created(ruled(ScoreRule::Bytes));
		for (owner, bytes) in [(ALICE, 1), (BOB, 999_999)] {
			let asset = sized(owner, bytes);
			assert_ok!(contribute(contribution(pool, asset)));
		}
		earn(pool, 1);
		assert_noop!(claim(ALICE), Fault::NothingToClaim);
		assert_noop!(claim(BOB), Fault::NothingToClaim);
		earn(pool, 999_999);
		assert_eq!((claimable(ALICE), claimable(BOB)), (1, 999_999));
		// Dust is paid to whoever lives by something else.
		assert_ok!(claim(ALICE));
		assert_eq!(last_event(), Event::Claimed { pool, who: ALICE, earned: 1, cut: 0 });
	});
}

#[test]
fn a_cut_of_dust_is_not_rounded_up() {
	build_and_execute(|| {
		let pool = created(PoolSpec { cut: Permill::from_parts(999_999), ..spec() });
		contributed(pool, ALICE);
		for _ in 0..10 {
			earn(pool, 1);
			// Each is divided by itself.
			let _ = withdraw(STRANGER, pool, AssetId(9));
			assert_ok!(Pools::set_price(by(CURATOR), pool, PRICE));
		}
		assert_eq!((view().cut, claimable(ALICE)), (0, 10));
	});
}

#[test]
fn assets_that_claim_to_be_the_largest_overflow_nothing() {
	build_and_execute(|| {
		let pool = created(ruled(ScoreRule::Bytes));
		for owner in [ALICE, ALICE, ALICE, BOB] {
			let asset = sized(owner, u64::MAX);
			assert_ok!(contribute(contribution(pool, asset)));
		}
		let most = ENDOWMENT / 2;
		earn(pool, most);
		assert_eq!((claimable(ALICE), claimable(BOB)), (most / 4 * 3, most / 4));
		assert_eq!(view().score, 4 * u128::from(u64::MAX));
		assert_ok!(claim(ALICE));
		assert_ok!(claim(BOB));
		assert_eq!(free(Pools::pot(pool)), ED);
	});
}

#[test]
fn an_account_that_is_owed_something_cannot_be_emptied() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		let empty = || Balances::transfer_all(by(BOB), STRANGER, false);
		assert_ok!(empty());
		assert!(!System::account_exists(&BOB));
		earn(pool, 10);
		assert_ok!(withdraw(ALICE, pool, asset));
		let rest = free(ALICE);
		let all = Balances::transfer(&ALICE, &STRANGER, rest, Preservation::Expendable);
		assert!(all.is_err());
		assert_ok!(claim(ALICE));
		assert!(!Contributors::<Test>::contains_key(pool, ALICE));
	});
}

#[test]
fn the_pot_cannot_be_emptied_below_its_base() {
	build_and_execute(|| {
		let pool = created(PoolSpec { cut: Permill::from_percent(50), ..spec() });
		contributed(pool, ALICE);
		for income in [1, 10, 999] {
			earn(pool, income);
			let _ = claim(ALICE);
			let _ = claim(CURATOR);
			assert!(free(Pools::pot(pool)) >= ED);
		}
		assert_noop!(claim(ALICE), Fault::NothingToClaim);
		assert_noop!(claim(CURATOR), Fault::NothingToClaim);
		assert_eq!(free(Pools::pot(pool)), ED);
	});
}

#[test]
fn a_curator_who_removes_the_pool_takes_nobodys_money() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		let job = exercise(pool, asset).unwrap();
		assert_ok!(close(CURATOR));
		assert_noop!(remove(CURATOR), Fault::NotClosed);
		settle(job);
		run_to(1 + DELAY);
		assert_noop!(remove(CURATOR), Fault::NotEmpty);
		assert_noop!(withdraw(CURATOR, pool, asset), Fault::NotContributor);
		assert_eq!(claimable(ALICE), PRICE);
	});
}
