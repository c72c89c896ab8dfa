//! Attacks, each named.

use crate::{mock::*, Error, Grants};
use assay_primitives::{
	rights::{GrantTerms, OfferKind, OfferTerms},
	Balance, GrantId,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::TokenError;

/// A grant is used, sold on, and used again by both.
#[test]
fn a_grant_that_was_passed_on_is_not_used_by_two() {
	build_and_execute(|| {
		let grant = grant();
		assert_ok!(exercise(BUYER, grant, 1));
		assert_ok!(DataRights::transfer_grant(by(BUYER), grant, OTHER));
		assert_noop!(exercise(BUYER, grant, 1), Error::<Test>::NotHolder);
		assert_ok!(exercise(OTHER, grant, 1));
		assert_ok!(DataRights::transfer_grant(by(OTHER), grant, BUYER));
		assert_noop!(exercise(BUYER, grant, 1), Error::<Test>::Exhausted);
	});
}

/// Grants of others are dropped, so that they cannot be used.
#[test]
fn strangers_do_nothing_to_a_grant_that_is_good() {
	build_and_execute(|| {
		let grant = grant();
		for account in [STRANGER, OWNER] {
			assert_noop!(DataRights::drop_grant(by(account), grant), Error::<Test>::NotOver);
		}
		assert_noop!(DataRights::extend(by(BUYER), grant, None, 9), Error::<Test>::NotOwner);
		assert_noop!(DataRights::revoke_grant(by(BUYER), grant), Error::<Test>::NotOwner);
		assert_ok!(exercise(BUYER, grant, 2));
	});
}

/// An owner fills the account of somebody else with deposits.
#[test]
fn a_deposit_cannot_be_forced_upon_another_account() {
	build_and_execute(|| {
		let asset = asset();
		for _ in 0..3 {
			given(asset, GrantTerms { until: None, uses: None, ..grant_terms() });
		}
		let permit = permit(asset, 0);
		assert_ok!(submit(permit.clone(), signature(&permit)));
		assert_eq!((held(BUYER), free(BUYER)), (0, ENDOWMENT));
	});
}

/// Grants that cost nothing are taken until the chain is full.
#[test]
fn spam_is_paid_for_grant_by_grant_until_the_spammer_is_broke() {
	build_and_execute(|| {
		let terms = OfferTerms { kind: OfferKind::Free, price: 0, uses: None, ..offer_terms() };
		let offer = offered(asset(), terms);
		let rest = free(BUYER) - ED - 10_000;
		assert_ok!(Balances::transfer_allow_death(by(BUYER), OTHER, rest));
		let mut taken: Balance = 0;
		while dispatched(|| DataRights::buy(by(BUYER), offer, 1, 0, None)).is_ok() {
			taken += 1;
		}
		let deposit = view(GrantId(0)).deposit;
		assert!(deposit > BASE);
		assert_eq!((taken, held(BUYER)), (10_000 / deposit, 10_000 / deposit * deposit));
		// And each has its money back who clears up.
		for grant in Grants::<Test>::iter_keys().collect::<Vec<_>>() {
			assert_ok!(DataRights::drop_grant(by(BUYER), grant));
		}
		assert_eq!((held(BUYER), free(BUYER)), (0, 10_000 + ED));
	});
}

/// What is held is spent on something else.
#[test]
fn a_deposit_cannot_be_spent() {
	build_and_execute(|| {
		let grant = bought(offer_terms());
		let spent = Balances::transfer_allow_death(by(BUYER), OTHER, free(BUYER) + 1);
		assert_noop!(spent, TokenError::FundsUnavailable);
		assert_ok!(Balances::transfer_allow_death(by(BUYER), OTHER, free(BUYER) - ED));
		assert_ok!(DataRights::drop_grant(by(BUYER), grant));
	});
}

/// An old owner sells units of an asset that is not theirs any more.
#[test]
fn an_old_owner_sells_nothing_of_a_sold_asset() {
	build_and_execute(|| {
		let offer = tokenized(offer_terms(), 0);
		let asset = assay_primitives::AssetId(0);
		sell(asset, OTHER);
		let minted = DataRights::mint_access(by(OWNER), offer, OWNER, 1_000);
		assert_noop!(minted, Error::<Test>::NotOwner);
		let posted = DataRights::post_offer(by(OWNER), asset, Box::new(offer_terms()));
		assert_noop!(posted, Error::<Test>::NotOwner);
		let given = DataRights::give(by(OWNER), asset, OWNER, Box::new(grant_terms()));
		assert_noop!(given, Error::<Test>::NotOwner);
	});
}

/// A refusal that comes late, after the uses were counted.
#[test]
fn a_refusal_counts_nothing() {
	build_and_execute(|| {
		let grant = grant();
		for _ in 0..5 {
			assert_noop!(
				exercise_for(BUYER, grant, RIVAL, usage(), 1),
				Error::<Test>::AlgorithmForbidden
			);
		}
		assert_eq!(view(grant).used, 0);
	});
}

/// A free offer of few uses is extended for nothing, again and again.
#[test]
fn what_is_free_is_taken_once_at_a_time_and_not_extended() {
	build_and_execute(|| {
		let terms = OfferTerms { kind: OfferKind::Free, price: 0, ..offer_terms() };
		let offer = offered(asset(), terms);
		let take =
			|times, extend| dispatched(|| DataRights::buy(by(BUYER), offer, times, 0, extend));
		assert_noop!(take(1_000, None), Error::<Test>::InvalidTimes);
		assert_ok!(take(1, None));
		assert_noop!(take(1, Some(GrantId(0))), Error::<Test>::NotExtended);
	});
}
