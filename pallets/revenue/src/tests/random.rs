//! Random courses: whatever happens, no unit is lost and nobody is paid what another has earned.

use crate::{mock::*, Holdings, Streams};
use assay_primitives::{
	revenue::{IncomeClaim, ShareSpec},
	Balance,
};
use frame_support::{
	assert_ok,
	traits::{
		fungible::Mutate as _,
		fungibles::Mutate as _,
		tokens::{Fortitude, Precision, Preservation},
	},
};
use proptest::prelude::*;

const PEOPLE: [u128; 5] = [OWNER, BUYER, HOLDER, STRANGER, PAUPER];

/// What somebody does, or what happens.
#[derive(Clone, Debug)]
enum Act {
	Tokenize { by: u128, supply: Balance, percent: u32 },
	Earn { income: Balance },
	Transfer { from: u128, to: u128, part: Balance },
	Claim { by: u128 },
	ClaimFor { holder: u128, to: u128 },
	Redeem { by: u128, part: Balance },
	Collect,
	Sell { to: u128 },
	Mint { to: u128, shares: Balance },
	Burn { from: u128, part: Balance },
}

fn act() -> impl Strategy<Value = Act> {
	let who = || prop::sample::select(PEOPLE.to_vec());
	let to = || prop::sample::select([&PEOPLE[..], &[NOBODY]].concat());
	// Hundredths of what there is.
	let part = || prop_oneof![0u128..130, Just(100)];
	let supply = prop_oneof![0u128..5, 0u128..2_000, Just(10u128.pow(24))];
	let income = || prop_oneof![0u128..5, 0u128..5_000, 0..1u128 << 60];
	prop_oneof![
		2 => (who(), supply, 0u32..=100)
			.prop_map(|(by, supply, percent)| Act::Tokenize { by, supply, percent }),
		6 => income().prop_map(|income| Act::Earn { income }),
		6 => (who(), to(), part()).prop_map(|(from, to, part)| Act::Transfer { from, to, part }),
		4 => who().prop_map(|by| Act::Claim { by }),
		2 => (who(), to()).prop_map(|(holder, to)| Act::ClaimFor { holder, to }),
		4 => (who(), part()).prop_map(|(by, part)| Act::Redeem { by, part }),
		2 => Just(Act::Collect),
		1 => who().prop_map(|to| Act::Sell { to }),
		1 => (to(), 0u128..1_000).prop_map(|(to, shares)| Act::Mint { to, shares }),
		1 => (who(), part()).prop_map(|(from, part)| Act::Burn { from, part }),
	]
}

fn perform(act: Act) {
	let some = |who, part| match part {
		100 => shares(who),
		part => shares(who) / 100 * part,
	};
	// Refusals leave everything as it was, which the invariants tell.
	let _ = match act {
		Act::Tokenize { by, supply, percent } => {
			tokenize(by, ShareSpec { supply, ..retaining(percent) })
		},
		Act::Earn { income } => {
			let _ = Balances::transfer(&PAYER, &pot(), income, Preservation::Preserve);
			Ok(())
		},
		Act::Transfer { from, to, part } => transfer(from, to, some(from, part)),
		Act::Claim { by } => claim(by),
		Act::ClaimFor { holder, to } => {
			dispatched(|| <Revenue as IncomeClaim<u128>>::claim(SUBJECT, &holder, &to).map(|_| ()))
		},
		Act::Redeem { by, part } => redeem(by, some(by, part)),
		Act::Collect => collect(),
		Act::Sell { to } => {
			set_owner(SUBJECT, to);
			Ok(())
		},
		Act::Mint { to, shares } => {
			dispatched(|| Revenue::mint_into(SUBJECT, &to, shares).map(|_| ()))
		},
		Act::Burn { from, part } => dispatched(|| {
			let (how, exact, polite) =
				(Preservation::Expendable, Precision::Exact, Fortitude::Polite);
			Revenue::burn_from(SUBJECT, &from, some(from, part), how, exact, polite).map(|_| ())
		}),
	};
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(300))]

	#[test]
	fn no_course_loses_a_unit_or_leaves_anything_behind(
		acts in prop::collection::vec(act(), 1..100),
	) {
		build_and_execute(|| {
			tokenized();
			for act in acts {
				// What the others can claim is theirs, whatever somebody does.
				let others: Vec<_> = PEOPLE.map(|who| (who, claimable(who))).to_vec();
				let actor = match &act {
					Act::Claim { by } | Act::Redeem { by, .. } => Some(*by),
					Act::ClaimFor { holder, .. } => Some(*holder),
					_ => None,
				};
				perform(act);
				Revenue::do_try_state().unwrap();
				for (who, before) in others {
					// Less than a unit goes each time that one is settled.
					assert!(Some(who) == actor || claimable(who) + 1 >= before);
				}
			}
			// Everybody takes what there is, and nothing is left.
			for who in PEOPLE.into_iter().chain([NOBODY]) {
				let _ = redeem(who, shares(who));
				let _ = claim(who);
			}
			set_owner(SUBJECT, BUYER);
			if Streams::<Test>::contains_key(SUBJECT) {
				assert_ok!(collect());
			}
			assert_eq!((Holdings::<Test>::iter().count(), view_is_gone()), (0, true));
			assert!(PEOPLE.iter().all(|who| held(*who) == 0));
			assert!(PEOPLE.iter().all(|who| System::consumers(who) == 0));
			let _ = collect();
			let all = PEOPLE.into_iter().chain([PAYER, NOBODY]).map(free).sum::<Balance>();
			assert_eq!((all, free(pot())), (5 * ENDOWMENT + ED, 0));
		});
	}
}

fn view_is_gone() -> bool {
	Revenue::stream(SUBJECT).is_none()
}
