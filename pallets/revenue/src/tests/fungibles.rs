//! Shares as other pallets see them.

use crate::{mock::*, Error, Event};
use assay_primitives::{revenue::Subject, Balance, ModelId};
use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungibles::{metadata, Inspect, Mutate, Unbalanced},
		tokens::{
			DepositConsequence, Fortitude::Polite, Precision, Preservation, Provenance,
			WithdrawConsequence,
		},
	},
};
use sp_runtime::{ArithmeticError, TokenError};

type Fault = Error<Test>;

fn give(from: u128, to: u128, shares: Balance, how: Preservation) -> sp_runtime::DispatchResult {
	<Revenue as Mutate<u128>>::transfer(SUBJECT, &from, &to, shares, how).map(|_| ())
}

#[test]
fn a_transfer_through_the_traits_settles_both() {
	build_and_execute(|| {
		shared(0);
		earn(1_000);
		assert_ok!(give(OWNER, STRANGER, 500, Preservation::Expendable));
		let (from, to) = (OWNER, STRANGER);
		assert_eq!(last_event(), Event::Transferred { subject: SUBJECT, from, to, shares: 500 });
		assert_eq!((claimable(OWNER), claimable(STRANGER)), (500, 0));
		earn(1_000);
		assert_eq!((claimable(OWNER), claimable(STRANGER)), (500, 500));
		// To oneself, or of nothing: nothing.
		let count = events().len();
		assert_ok!(give(BUYER, BUYER, 300, Preservation::Expendable));
		assert_ok!(give(BUYER, NOBODY, 0, Preservation::Preserve));
		assert_eq!(events().len(), count);
	});
}

#[test]
fn a_transfer_through_the_traits_fails_as_its_rules_say() {
	build_and_execute(|| {
		shared(0);
		let all = Preservation::Expendable;
		assert_noop!(give(BUYER, OWNER, 300, Preservation::Preserve), TokenError::NotExpendable);
		assert_noop!(give(BUYER, OWNER, 301, all), TokenError::FundsUnavailable);
		assert_noop!(give(BUYER, NOBODY, 1, all), TokenError::CannotCreate);
		assert_noop!(give(BUYER, pot(), 1, all), TokenError::CannotCreate);
		let unknown = <Revenue as Mutate<u128>>::transfer(OTHERS[0], &OWNER, &BUYER, 1, all);
		assert_noop!(unknown, TokenError::UnknownAsset);
	});
}

#[test]
fn shares_that_are_minted_earn_from_then_on() {
	build_and_execute(|| {
		shared(10);
		earn(1_000);
		assert_ok!(Revenue::mint_into(SUBJECT, &STRANGER, 1_000));
		assert_eq!(last_event(), Event::Minted { subject: SUBJECT, to: STRANGER, shares: 1_000 });
		assert_eq!((claimable(OWNER), claimable(STRANGER), view().supply), (450, 0, 2_000));
		earn(1_000);
		assert_eq!((claimable(OWNER), claimable(STRANGER), view().pool), (675, 450, 200));
		let too_many = Revenue::mint_into(SUBJECT, &STRANGER, Balance::MAX);
		assert_noop!(too_many, ArithmeticError::Overflow);
		assert_noop!(Revenue::mint_into(SUBJECT, &NOBODY, 1), Fault::CannotHold);
	});
}

#[test]
fn shares_that_are_burned_through_the_traits_keep_what_they_earned_and_leave_the_pool() {
	build_and_execute(|| {
		shared(10);
		earn(1_000);
		let burn = |who: u128, shares| {
			let (how, exact) = (Preservation::Expendable, Precision::Exact);
			Revenue::burn_from(SUBJECT, &who, shares, how, exact, Polite)
		};
		assert_noop!(burn(BUYER, 301), TokenError::FundsUnavailable);
		assert_ok!(burn(BUYER, 300));
		assert_eq!(last_event(), Event::Burned { subject: SUBJECT, from: BUYER, shares: 300 });
		assert_eq!((claimable(BUYER), view().supply, view().pool), (270, 700, 100));
		assert_ok!(burn(OWNER, 500));
		assert_ok!(burn(HOLDER, 200));
		// Without any shares, what was retained goes to the owner of the subject.
		assert_eq!((view().supply, view().pool), (0, 0));
		let before = free(OWNER);
		assert_ok!(collect());
		assert_eq!(free(OWNER), before + 100);
	});
}

#[test]
fn a_balance_that_is_written_is_settled_first() {
	build_and_execute(|| {
		shared(0);
		earn(1_000);
		assert_eq!(Revenue::write_balance(SUBJECT, &BUYER, 100), Ok(None));
		assert_eq!((shares(BUYER), claimable(BUYER)), (100, 300));
		// Together they are as before.
		assert_eq!(Revenue::write_balance(SUBJECT, &HOLDER, 400), Ok(None));
		earn(1_000);
		assert_eq!((claimable(BUYER), claimable(HOLDER)), (400, 600));
		assert_noop!(Revenue::write_balance(SUBJECT, &NOBODY, 1), Fault::CannotHold);
		assert_noop!(Revenue::write_balance(OTHERS[0], &BUYER, 1), Fault::UnknownStream);
	});
}

#[test]
fn what_can_be_deposited_and_withdrawn_is_told() {
	build_and_execute(|| {
		shared(0);
		let can = |who, shares| Revenue::can_deposit(SUBJECT, &who, shares, Provenance::Extant);
		assert_eq!(can(STRANGER, 1), DepositConsequence::Success);
		assert_eq!(can(NOBODY, 1), DepositConsequence::CannotCreate);
		assert_eq!(can(NOBODY, 0), DepositConsequence::Success);
		assert_eq!(can(OWNER, Balance::MAX), DepositConsequence::Overflow);
		let minted = Revenue::can_deposit(SUBJECT, &STRANGER, Balance::MAX, Provenance::Minted);
		assert_eq!(minted, DepositConsequence::Overflow);
		let unknown = Revenue::can_deposit(OTHERS[0], &OWNER, 1, Provenance::Extant);
		assert_eq!(unknown, DepositConsequence::UnknownAsset);
		let can = |who, shares| Revenue::can_withdraw(SUBJECT, &who, shares);
		assert_eq!(can(BUYER, 299), WithdrawConsequence::Success);
		assert_eq!(can(BUYER, 300), WithdrawConsequence::ReducedToZero(0));
		assert_eq!(can(BUYER, 301), WithdrawConsequence::BalanceLow);
		assert_eq!(can(NOBODY, 0), WithdrawConsequence::Success);
		let unknown = Revenue::can_withdraw(OTHERS[0], &OWNER, 1);
		assert_eq!(unknown, WithdrawConsequence::UnknownAsset);
	});
}

#[test]
fn shares_are_told_by_name() {
	build_and_execute(|| {
		shared(0);
		assert_eq!(<Revenue as metadata::Inspect<u128>>::name(SUBJECT), b"Shares of a model");
		assert_eq!(<Revenue as metadata::Inspect<u128>>::symbol(SUBJECT), b"SHARE");
		assert_eq!(<Revenue as metadata::Inspect<u128>>::decimals(SUBJECT), 2);
		let unknown = Subject::Model(ModelId(9));
		assert_eq!(<Revenue as metadata::Inspect<u128>>::name(unknown), b"");
		assert_eq!(
			(Revenue::total_issuance(SUBJECT), Revenue::total_issuance(unknown)),
			(1_000, 0)
		);
		assert!(Revenue::asset_exists(SUBJECT) && !Revenue::asset_exists(unknown));
		assert_eq!(Revenue::total_balance(SUBJECT, &BUYER), 300);
	});
}
