//! Random courses: no unit is lost, and no lease is stuck.

use crate::{mock::*, Agenda, HoldReason, Leases as Records, Offers};
use assay_primitives::{
	lease::{LeaseState, Offer, OrderSpec, TakeSpec},
	LeaseId,
};

/// A small generator: the courses are the same in every run.
struct Random(u64);

impl Random {
	fn below(&mut self, end: u32) -> u32 {
		self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
		((self.0 >> 33) % u64::from(end)) as u32
	}

	fn of<T: Copy>(&mut self, among: &[T]) -> T {
		among[self.below(among.len() as u32) as usize]
	}
}

const PROVIDERS: [u64; 3] = [PROVIDER, RIVAL, THIRD];
const EVERYBODY: [u64; 5] = [TENANT, PROVIDER, RIVAL, THIRD, HELPER];

/// The provider of a lease, or that of no one.
fn serving(id: LeaseId) -> u64 {
	let agreement = Records::<Test>::get(id).and_then(|lease| lease.agreement);
	agreement.map_or(HELPER, |agreement| agreement.provider)
}

fn step(random: &mut Random) {
	let id = LeaseId(random.below(4).into());
	let (provider, anybody) = (random.of(&PROVIDERS), random.of(&EVERYBODY));
	match random.below(19) {
		0 => {
			let order = OrderSpec {
				automatic: random.below(2) == 0,
				duration: 1 + random.below(30),
				..order()
			};
			let _ = Leases::open(by(TENANT), order, 1_000 + u128::from(random.below(600)));
		},
		1..=3 => {
			let price = 30 + u128::from(random.below(71));
			let _ = Leases::bid(by(provider), id, price, 2 + random.below(10));
		},
		4 => drop(Leases::withdraw_bid(by(provider), id)),
		5 => drop(Leases::accept(by(TENANT), id, provider)),
		6 => drop(deliver(provider, id)),
		7 => drop(deliver(serving(id), id)),
		8 => drop(Leases::top_up(by(anybody), id, u128::from(random.below(300)))),
		9 => drop(Leases::withdraw(by(anybody), id)),
		10 if random.below(8) == 0 => drop(Leases::close(by(TENANT), id)),
		10 if random.below(8) == 0 => drop(Leases::close(by(serving(id)), id)),
		11 => drop(Leases::reclaim(by(serving(id)), id)),
		12 => drop(Leases::expire(by(anybody), id)),
		13 => drop(Leases::report(by(anybody), id)),
		14 => match random.below(3) {
			0 => silence(provider),
			1 => register(provider),
			// A late sweep.
			_ => skip_to(System::block_number() + 1 + random.below(20)),
		},
		15 => {
			let end = System::block_number() + random.below(40);
			let until = random.of(&[None, Some(end)]);
			let (capacity, price) = (random.below(3), u128::from(random.below(100)));
			let offer = Offer { capacity, price, until, ..offer() };
			let _ = Leases::set_offer(by(provider), random.of(&[0, 15, 16]), offer);
		},
		16 => {
			let (index, deposit) = (random.of(&[0, 15]), 1_000 + u128::from(random.below(600)));
			let take = TakeSpec { max_price: MOST, ..wanted() };
			let _ = Leases::take(by(TENANT), provider, index, take, deposit);
		},
		17 => match random.below(3) {
			0 => drop(Leases::remove_offer(by(provider), random.of(&[0, 15]))),
			_ => drop(Leases::evict_offer(by(anybody), provider, random.of(&[0, 15]))),
		},
		_ => pass(1 + random.below(3)),
	}
}

#[test]
fn no_course_loses_a_unit_or_leaves_a_lease_behind() {
	let mut ends = std::collections::BTreeSet::new();
	let mut taken = 0;
	for seed in 0..60 {
		build_and_execute(|| {
			let mut random = Random(seed);
			for _ in 0..250 {
				step(&mut random);
				Leases::do_try_state().unwrap();
				ends.extend(Records::<Test>::iter_values().filter_map(|of| match of.state {
					LeaseState::Ended { reason, .. } => Some(reason.name()),
					_ => None,
				}));
			}
			taken += Records::<Test>::iter_values().filter(|of| of.offer.is_some()).count();
			// Nobody does anything any more, and time ends everything.
			run_to(System::block_number() + 400);
			assert_eq!(Records::<Test>::iter().count(), 0, "seed {seed}");
			assert_eq!(Agenda::<Test>::iter().count(), 0);
			assert!(Offers::<Test>::iter_values().all(|offer| offer.open == 0));
			for account in EVERYBODY {
				for reason in [HoldReason::Escrow, HoldReason::Deposit, HoldReason::Bid] {
					assert_eq!(held(reason, account), 0, "seed {seed}, account {account}");
				}
			}
			let all: u128 = EVERYBODY.into_iter().map(total).sum();
			assert_eq!(all, 5 * ENDOWMENT);
		});
	}
	// Every way out was taken, and offers were.
	assert_eq!(ends.len(), 9, "{ends:?}");
	assert!(taken > 20, "{taken}");
}
