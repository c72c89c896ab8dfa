//! Random courses: whatever happens, no unit is lost and nothing is stuck.

use crate::{mock::*, Agenda, NextRequest, Requests};
use assay_primitives::{
	custody::{Ask, SealedKey, SEALED_BYTES},
	Balance, KeyRequestId,
};
use proptest::prelude::*;

/// What somebody does, or what happens.
#[derive(Clone, Debug)]
enum Act {
	Register { who: u64, bond: Balance },
	Update { who: u64, taking: bool },
	BondMore { who: u64, amount: Balance },
	Unbond { who: u64, amount: Balance },
	Withdraw { who: u64 },
	Appoint { who: u64 },
	Accept { who: u64 },
	Dismiss { who: u64 },
	Resign { who: u64 },
	Request { who: u64, right: usize, named: Option<u64> },
	Deliver { who: u64, what: u8 },
	Complain { who: u64 },
	Close,
	Expire,
	Lose { right: usize },
	SetExposure { exposure: Balance },
	SetFee { fee: Balance },
	Pass { blocks: u32 },
	PassWithoutSweep { blocks: u32 },
}

fn keeper_or_second() -> impl Strategy<Value = u64> {
	prop::sample::select(vec![KEEPER, SECOND])
}

fn anybody() -> impl Strategy<Value = u64> {
	prop::sample::select(vec![ASKER, ASKER, ASKER, STRANGER, KEEPER])
}

fn act() -> impl Strategy<Value = Act> {
	let who = keeper_or_second;
	prop_oneof![
		2 => (who(), 900u128..4_000).prop_map(|(who, bond)| Act::Register { who, bond }),
		1 => (who(), any::<bool>()).prop_map(|(who, taking)| Act::Update { who, taking }),
		1 => (who(), 0u128..900).prop_map(|(who, amount)| Act::BondMore { who, amount }),
		2 => (who(), 0u128..3_000).prop_map(|(who, amount)| Act::Unbond { who, amount }),
		1 => who().prop_map(|who| Act::Withdraw { who }),
		2 => who().prop_map(|who| Act::Appoint { who }),
		3 => who().prop_map(|who| Act::Accept { who }),
		1 => who().prop_map(|who| Act::Dismiss { who }),
		1 => who().prop_map(|who| Act::Resign { who }),
		8 => (anybody(), 0usize..6, prop::option::of(who()))
			.prop_map(|(who, right, named)| Act::Request { who, right, named }),
		6 => (who(), 0u8..4).prop_map(|(who, what)| Act::Deliver { who, what }),
		3 => anybody().prop_map(|who| Act::Complain { who }),
		1 => Just(Act::Close),
		1 => Just(Act::Expire),
		1 => (0usize..6).prop_map(|right| Act::Lose { right }),
		1 => (0u128..1_200).prop_map(|exposure| Act::SetExposure { exposure }),
		1 => (0u128..60).prop_map(|fee| Act::SetFee { fee }),
		4 => (1u32..9).prop_map(|blocks| Act::Pass { blocks }),
		1 => (1u32..20).prop_map(|blocks| Act::PassWithoutSweep { blocks }),
	]
}

fn delivery(what: u8, to: u64) -> SealedKey {
	match what {
		0 | 1 => sealed(&KEY, to),
		2 => sealed(&OTHER_KEY, to),
		_ => SealedKey([what; SEALED_BYTES]),
	}
}

fn perform(act: Act, id: KeyRequestId, rights: &[Ask]) {
	let asker = Requests::<Test>::get(id).map_or(ASKER, |request| request.asker);
	// Refusals leave everything as it was, which the invariants tell.
	let _ = match act {
		Act::Register { who, bond } => register(who, bond),
		Act::Update { who, taking } => Custody::update(by(who), Default::default(), taking),
		Act::BondMore { who, amount } => Custody::bond_more(by(who), amount),
		Act::Unbond { who, amount } => Custody::unbond(by(who), amount),
		Act::Withdraw { who } => Custody::withdraw(by(who)),
		Act::Appoint { who } => appoint(who),
		Act::Accept { who } => accept(who),
		Act::Dismiss { who } => Custody::dismiss(by(OWNER), ASSET, who),
		Act::Resign { who } => Custody::resign(by(who), ASSET),
		Act::Request { who, right, named } => request(who, rights[right], named),
		Act::Deliver { who, what } => deliver_as(who, id, delivery(what, asker)),
		Act::Complain { who } => Custody::complain(by(who), id, secret(who)),
		Act::Close => Custody::close(by(STRANGER), id),
		Act::Expire => Custody::expire(by(STRANGER), id),
		Act::Lose { right } => {
			Held::remove(rights[right]);
			Ok(())
		},
		Act::SetExposure { exposure } => {
			Stake::set(exposure);
			Ok(())
		},
		Act::SetFee { fee } => {
			Price::set(fee);
			Ok(())
		},
		Act::Pass { blocks } => {
			run_to(System::block_number() + blocks);
			Ok(())
		},
		Act::PassWithoutSweep { blocks } => {
			skip_to(System::block_number() + blocks);
			Ok(())
		},
	};
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(200))]

	#[test]
	fn no_course_loses_a_unit_or_leaves_a_hold_behind(
		acts in prop::collection::vec((act(), 0u64..4), 1..120),
	) {
		build_and_execute(|| {
			keeper();
			let holders = [ASKER, ASKER, ASKER, STRANGER, KEEPER, ASKER];
			let rights = holders.map(right);
			for (act, back) in acts {
				// One of the last few requests, whether it goes on or not.
				let last = NextRequest::<Test>::get().0;
				let id = KeyRequestId(last.saturating_sub(1 + back));
				perform(act, id, &rights);
				Custody::do_try_state().unwrap();
			}
			// Whatever is left ends by itself when nobody does anything any more.
			run_to(System::block_number() + DELIVER + WINDOW);
			assert_eq!(Requests::<Test>::iter_keys().count(), 0);
			assert_eq!(Agenda::<Test>::iter_keys().count(), 0);
			for who in [KEEPER, SECOND] {
				let _ = Custody::resign(by(who), ASSET);
				if let Some(view) = Custody::custodian(who) {
					let _ = Custody::unbond(by(who), view.bond);
				}
			}
			run_to(System::block_number() + UNBONDING);
			for who in [KEEPER, SECOND] {
				let _ = Custody::withdraw(by(who));
				assert_eq!(Custody::custodian(who), None);
			}
			for who in [OWNER, KEEPER, SECOND, ASKER, STRANGER] {
				assert_eq!(free(who), total(who));
			}
		});
	}
}
