//! Random courses: whatever happens, every unit of money and every share is somebody's, and nothing is
//! stuck.

use crate::{mock::*, NextOffering, Offerings as Records, Tickets};
use assay_primitives::{
	offering::{OfferingSpec, OfferingStatus},
	Balance, OfferingId,
};
use frame_support::assert_ok;
use proptest::prelude::*;
use sp_runtime::Permill;

const PEOPLE: [u128; 5] = [ISSUER, BUYER, OTHER, STRANGER, PAUPER];

/// What somebody does, or what happens.
#[derive(Clone, Debug)]
enum Act {
	Open { by: u128, spec: OfferingSpec },
	Subscribe { by: u128, shares: Balance },
	Close,
	Collect { ticket: u32 },
	Release,
	Fail,
	Vote { ticket: u32 },
	Forward,
	Remove,
	Use { jobs: u64 },
	Earn { income: Balance },
	Sell { from: u128, to: u128, shares: Balance },
	Claim { by: u128 },
	Pass { blocks: u32 },
}

fn offer() -> impl Strategy<Value = OfferingSpec> {
	let milestones = prop::collection::vec((1u64..20, 1u32..60, 0u32..500_000), 0..4);
	let numbers = (1u128..1_500, 1u128..50, 0u128..20_000, 1u32..60, 0u32..120);
	(numbers, milestones).prop_map(|((shares, price, target, deadline, vesting), list)| {
		let (mut jobs, mut by, mut left) = (0, deadline, 1_000_000);
		let milestones: Vec<_> = list
			.into_iter()
			.map(|(more, later, part)| {
				let part = part.min(left);
				(jobs, by, left) = (jobs + more, by + later, left - part);
				let part = Permill::from_parts(part);
				assay_primitives::offering::Milestone { jobs, paid: Balance::from(jobs), by, part }
			})
			.collect();
		OfferingSpec {
			shares,
			price,
			target: target.min(shares * price),
			deadline,
			upfront: Permill::from_parts(left),
			milestones: milestones.try_into().unwrap(),
			vesting,
			..spec()
		}
	})
}

fn act() -> impl Strategy<Value = Act> {
	let who = || prop::sample::select(PEOPLE.to_vec());
	let shares = prop_oneof![0u128..2_000, 0u128..10, Just(10u128.pow(18))];
	prop_oneof![
		2 => (who(), offer()).prop_map(|(by, spec)| Act::Open { by, spec }),
		8 => (who(), shares).prop_map(|(by, shares)| Act::Subscribe { by, shares }),
		3 => Just(Act::Close),
		8 => (0u32..8).prop_map(|ticket| Act::Collect { ticket }),
		3 => Just(Act::Release),
		2 => Just(Act::Fail),
		2 => (0u32..8).prop_map(|ticket| Act::Vote { ticket }),
		2 => Just(Act::Forward),
		2 => Just(Act::Remove),
		3 => (0u64..30).prop_map(|jobs| Act::Use { jobs }),
		2 => (0u128..100_000).prop_map(|income| Act::Earn { income }),
		2 => (who(), who(), 0u128..500).prop_map(|(from, to, shares)| Act::Sell { from, to, shares }),
		1 => who().prop_map(|by| Act::Claim { by }),
		6 => (1u32..30).prop_map(|blocks| Act::Pass { blocks }),
	]
}

fn perform(act: Act, id: OfferingId) {
	let anybody = || by(STRANGER);
	// Refusals leave everything as it was, which the invariants tell.
	let _ = dispatched(|| match act {
		Act::Open { by: who, mut spec } => {
			// What is later than now.
			let now = System::block_number();
			spec.deadline += now;
			spec.milestones.iter_mut().for_each(|milestone| milestone.by += now);
			Offerings::open(by(who), spec)
		},
		Act::Subscribe { by: who, shares } => Offerings::subscribe(by(who), id, shares),
		Act::Close => Offerings::close(anybody(), id),
		Act::Collect { ticket } => Offerings::collect(anybody(), id, ticket),
		Act::Release => Offerings::release(anybody(), id),
		Act::Fail => Offerings::fail(anybody(), id),
		Act::Vote { ticket } => {
			let who = Tickets::<Test>::get(id, ticket).map_or(STRANGER, |ticket| ticket.who);
			Offerings::vote_abort(by(who), id, ticket)
		},
		Act::Forward => Offerings::forward(anybody(), id),
		Act::Remove => Offerings::remove(anybody(), id),
		Act::Use { jobs } => {
			use_it(jobs);
			Ok(())
		},
		Act::Earn { income } => {
			earn(income);
			Ok(())
		},
		Act::Sell { from, to, shares } => Revenue::transfer(by(from), SUBJECT, to, shares),
		Act::Claim { by: who } => Revenue::claim(by(who), SUBJECT),
		Act::Pass { blocks } => {
			go_to(System::block_number() + blocks);
			Ok(())
		},
	});
}

/// Nobody does anything any more but what anybody may.
fn wind_up(id: OfferingId) {
	let Some(record) = Records::<Test>::get(id) else { return };
	if status_of(id) == OfferingStatus::Running {
		assert_ok!(Offerings::fail(by(STRANGER), id));
	}
	for ticket in 0..record.tickets {
		if Tickets::<Test>::contains_key(id, ticket) {
			assert_ok!(Offerings::collect(by(STRANGER), id, ticket));
		}
	}
	assert_ok!(Offerings::remove(by(STRANGER), id));
}

fn status_of(id: OfferingId) -> OfferingStatus {
	Offerings::offering(id).unwrap().status
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(300))]

	#[test]
	fn no_course_loses_a_unit_or_a_share_or_leaves_anything_behind(
		first in offer(),
		acts in prop::collection::vec((act(), 0u32..6), 1..120),
	) {
		build_and_execute(|| {
			assert_ok!(Revenue::transfer(by(ISSUER), SUBJECT, STRANGER, 2_000));
			assert_ok!(open(OfferingSpec { deadline: first.deadline + 60, ..all_upfront() }));
			perform(Act::Open { by: ISSUER, spec: first }, ID);
			let mut money = PEOPLE.map(free).iter().sum::<Balance>() + free(PAYER);
			money += Records::<Test>::iter_values().map(|r| r.deposit + ED).sum::<Balance>();
			money += free(Revenue::pot(SUBJECT));
			for (act, back) in acts {
				// One of the last few offerings, whether it goes on or not.
				let last = NextOffering::<Test>::get().0;
				perform(act, OfferingId(last.saturating_sub(1 + back.saturating_sub(3))));
				Offerings::do_try_state().unwrap();
				Revenue::do_try_state().unwrap();
			}
			// Whatever was not closed is, and then all that takes time has had it.
			let ids = 0..NextOffering::<Test>::get().0;
			go_to(System::block_number() + 1_000);
			for id in ids.clone().map(OfferingId) {
				let _ = Offerings::close(by(STRANGER), id);
			}
			go_to(System::block_number() + 1_000);
			let accounts: Vec<_> = ids
				.clone()
				.filter_map(|id| Offerings::offering(OfferingId(id)))
				.map(|view| view.account)
				.collect();
			ids.map(OfferingId).for_each(wind_up);
			assert_eq!(Records::<Test>::iter().count() + Tickets::<Test>::iter().count(), 0);
			assert!(accounts.iter().all(|account| !System::account_exists(account)));
			assert_eq!(PEOPLE.map(held), [0; 5]);
			assert_eq!(PEOPLE.map(shares).iter().sum::<Balance>(), SUPPLY);
			let left = PEOPLE.map(free).iter().sum::<Balance>() + free(PAYER);
			assert_eq!(left + free(Revenue::pot(SUBJECT)), money);
		});
	}
}
