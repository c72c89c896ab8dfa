//! Where the money goes.

use crate::mock::*;
use assay_primitives::{
	money::{split_with_cuts, Cut, Earners, Fee, FeeShare, Role},
	Balance,
};
use frame_support::{
	assert_ok,
	traits::{fungible::Mutate, tokens::Preservation},
};
use proptest::prelude::*;
use sp_runtime::Permill;

fn free(account: u64) -> Balance {
	Balances::free_balance(account)
}

/// Both of the auditors agree.
fn agreed() -> [u64; 2] {
	let pair = audited();
	for auditor in pair {
		assert_ok!(commit(auditor, TRUTH));
	}
	for auditor in pair {
		assert_ok!(reveal(auditor, TRUTH));
	}
	pair
}

#[test]
fn as_much_is_burned_as_is_paid() {
	build_and_execute(|| {
		let issued = Balances::total_issuance();
		let pair = agreed();
		assert_eq!(pair.map(free), [ENDOWMENT + PAY; 2]);
		assert_eq!(free(Audits::pot()), ED + POT - 4 * PAY);
		assert_eq!(Balances::total_issuance(), issued - 2 * PAY);
	});
}

/// A dear job does not empty the pot, and an empty pot pays nothing and stops nobody.
#[test]
fn the_pot_pays_no_more_than_it_has() {
	build_and_execute(|| {
		let set = |amount| Balances::set_balance(&Audits::pot(), ED + amount);
		set(4 * PAY - 1);
		let pair = agreed();
		let paid = (4 * PAY - 1) / 4;
		assert_eq!(pair.map(free), [ENDOWMENT + paid; 2]);
		assert_eq!(free(Audits::pot()), ED + 4 * PAY - 1 - 4 * paid);
		set(0);
		Jobs::set(Default::default());
		System::set_block_number(1);
		crate::AgendaCursor::<Test>::put(0);
		agreed();
		assert_eq!(free(Audits::pot()), ED);
	});
}

#[test]
fn one_that_reveals_alone_is_paid_its_own_part() {
	build_and_execute(|| {
		let issued = Balances::total_issuance();
		let [one, other] = audited();
		assert_ok!(commit(one, TRUTH));
		assert_ok!(commit(other, TRUTH));
		assert_ok!(reveal(one, TRUTH));
		run_to(4 + STEP);
		assert_eq!(free(one), ENDOWMENT + PAY);
		assert_eq!(free(Audits::pot()), ED + POT - 2 * PAY);
		assert_eq!(Balances::total_issuance(), issued - PAY - BOND);
	});
}

/// One operator is requester, provider, owner and both auditors, and draws only its own audits.
fn self_dealing(
	fees: &[(Balance, Balance, bool)],
	others: Balance,
	share: Permill,
) -> (i128, i128) {
	let percent = Permill::from_percent;
	let (mut spent, mut gained, mut pot) = (0i128, 0i128, others);
	for (work, royalty, drawn) in fees {
		let fee = Fee { work: *work, royalty: *royalty, data: 0 };
		let cuts = [
			Cut { payee: 8, role: Role::Treasury, part: percent(5) },
			Cut { payee: 9, role: Role::Audit, part: percent(2) },
		];
		let shares: Vec<FeeShare<u8>> = split_with_cuts(fee, &1, &Earners::only(1), cuts);
		let to =
			|role| shares.iter().filter(|one| one.role == role).map(|one| one.amount).sum::<u128>();
		spent += (to(Role::Treasury) + to(Role::Audit)) as i128;
		pot += to(Role::Audit);
		if *drawn {
			// As `pay_for`: each of two is paid, and as much is burned.
			let pay = share.mul_floor(fee.total()).min(pot / 4);
			gained += 2 * pay as i128;
			pot -= 4 * pay;
		}
	}
	(spent, gained)
}

proptest! {
	/// However lucky it is, and whatever the parameters: out of a pot that it has filled itself, an
	/// operator that audits its own jobs gets at most half of what it has put in.
	#[test]
	fn self_dealing_never_profits_from_its_own_fees(
		fees in proptest::collection::vec((0u128..1 << 60, 0u128..1 << 60, any::<bool>()), 1..60),
		share in 0u32..=1_000_000,
	) {
		let (spent, gained) = self_dealing(&fees, 0, Permill::from_parts(share));
		prop_assert!(2 * gained <= spent, "{gained} of {spent}");
	}

	/// Out of a pot that others have filled, at the highest rate and with every auditor its own: it
	/// is paid less on average than it pays. Luck is averaged over the draws: each of `period` jobs
	/// is drawn once.
	#[test]
	fn self_dealing_costs_more_than_audits_pay_on_average(
		fee in 1_000u128..1 << 60,
		pot in 0u128..1 << 80,
	) {
		// Eight of a hundred: four times the rate of two.
		let fees: Vec<_> = (0..100).map(|job| (fee, 0, job % 25 < 2)).collect();
		let (spent, gained) = self_dealing(&fees, pot, Permill::from_percent(20));
		prop_assert!(gained < spent, "{gained} of {spent}");
	}
}

/// What fees pay for audits reaches the pot at once, as the fee split pays it.
#[test]
fn the_pot_takes_shares_of_any_size() {
	build_and_execute(|| {
		let keep = Preservation::Preserve;
		assert_ok!(<Balances as Mutate<u64>>::transfer(&REQUESTER, &Audits::pot(), 1, keep));
		assert_eq!(free(Audits::pot()), ED + POT + 1);
	});
}
