//! The SDK's conformance tests of the `fungible` traits, over the shares of one stream.
//!
//! They write balances and issuances that do not belong together, so the invariants are not checked
//! behind them. Those of `deactivate` do not fit: shares are never out of use.

use crate::mock::*;
use assay_primitives::revenue::Subject;
use frame_support::{
	assert_ok, parameter_types,
	traits::{
		fungible::{conformance_tests::regular, ItemOf, Mutate as _},
		tokens::Preservation,
	},
};

parameter_types! {
	pub const TheSubject: Subject = SUBJECT;
}

type Shares = ItemOf<Revenue, TheSubject, u128>;

/// Run one with a stream that nobody has shares of but an account that the tests do not know.
fn conform(test: impl FnOnce()) {
	const FIRST: u128 = 1_000;
	new_test_ext().execute_with(|| {
		for account in (0..300).chain([FIRST]) {
			Balances::set_balance(&account, 1 << 40);
		}
		set_owner(SUBJECT, FIRST);
		assert_ok!(tokenize(FIRST, spec()));
		assert_ok!(Balances::transfer(&FIRST, &pot(), 777, Preservation::Preserve));
		test();
	});
}

macro_rules! conforms {
	($($topic:ident: $($name:ident $(($argument:expr))?),* $(,)?;)*) => {
		$($(
			#[test]
			fn $name() {
				conform(|| regular::$topic::$name::<Shares, u128>($($argument)?));
			}
		)*)*
	};
}

conforms! {
	mutate:
		mint_into_success,
		mint_into_overflow,
		mint_into_below_minimum,
		burn_from_exact_success,
		burn_from_best_effort_success,
		burn_from_exact_insufficient_funds,
		restore_success,
		restore_overflow,
		restore_below_minimum,
		shelve_success,
		shelve_insufficient_funds,
		transfer_success,
		transfer_expendable_all,
		transfer_expendable_dust(None),
		transfer_protect_preserve,
		set_balance_mint_success,
		set_balance_burn_success,
		can_deposit_success,
		can_deposit_below_minimum,
		can_deposit_overflow,
		can_withdraw_success,
		can_withdraw_reduced_to_zero,
		can_withdraw_balance_low,
		reducible_balance_expendable,
		reducible_balance_protect_preserve;
	unbalanced:
		write_balance,
		decrease_balance_expendable,
		decrease_balance_preserve,
		increase_balance,
		set_total_issuance;
}
