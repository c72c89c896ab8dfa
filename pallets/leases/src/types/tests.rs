//! The state machine by itself.

use super::*;
use assay_primitives::lease::{blocks_paid, key_path};
use proptest::prelude::*;

const LIMITS: Limits = Limits { duration: 1_000, bidding: 20, grace: 5, cover: 1 };
const ALIVE: Pulse = Pulse { last: Some(u32::MAX), patience: 0 };

fn spec(duration: u32) -> OrderSpec {
	OrderSpec {
		attributes: vec![key_path("gpu").unwrap()].try_into().unwrap(),
		tier: Default::default(),
		duration,
		max_price: 100,
		bidding: 4,
		automatic: false,
		key: [0; 32],
	}
}

fn offer(provider: u8, price: Balance) -> Bid<u8> {
	Bid { provider, price, reclaim: 5, deposit: 7, at: 1 }
}

/// A lease that is served from block 10 on.
fn served(duration: u32, price: Balance, deposit: Balance) -> Lease<u8> {
	let lease = Lease::open(1, spec(duration), deposit, 1, &LIMITS).unwrap();
	lease.matched(offer(2, price), 12).deliver(&2, 10).unwrap()
}

#[test]
fn the_first_end_counts_and_of_equal_ones_the_best() {
	assert_eq!(served(30, 10, 300).end(), Some((40, CloseReason::Completed)));
	assert_eq!(served(30, 10, 299).end(), Some((39, CloseReason::OutOfFunds)));
	let noticed = served(30, 10, 300).reclaim(&2, 20).unwrap();
	assert_eq!(noticed.end(), Some((25, CloseReason::Reclaimed)));
	let noticed = served(30, 10, 150).reclaim(&2, 20).unwrap();
	assert_eq!(noticed.end(), Some((25, CloseReason::Reclaimed)));
}

#[test]
fn what_is_settled_twice_is_paid_once() {
	let once = served(30, 10, 300).settle(25).unwrap();
	assert_eq!((once.rent, once.paid.paid, once.paid.served), (150, 150, 15));
	assert_eq!(once.paid.settle(25).unwrap().rent, 0);
	// Looking back settles nothing.
	assert_eq!(once.paid.settle(12).unwrap().rent, 0);
	assert_eq!(once.paid.settle(12).unwrap().paid, once.paid);
	// Nor does anything after the end.
	assert_eq!(once.paid.settle(1_000).unwrap().rent, 150);
	assert_eq!((once.unpaid.paid, once.unpaid.served, once.unpaid.left()), (0, 15, 300));
}

#[test]
fn a_silence_before_the_end_is_a_breach_and_one_after_it_is_none() {
	let lease = served(30, 10, 300);
	let pulse = |last| Pulse { last: Some(last), patience: 4 };
	let due = |now, last| lease.due(now, false, &pulse(last), 9);
	assert_eq!(due(20, 16), Due::Nothing);
	assert_eq!(due(21, 16), Due::Breach(16));
	// Before the service began there was nothing to pay.
	assert_eq!(due(21, 3), Due::Breach(10));
	assert_eq!(due(40, 35), Due::End(CloseReason::Completed, 40));
	assert_eq!(due(900, 35), Due::End(CloseReason::Completed, 40));
	assert_eq!(due(900, 34), Due::Breach(34));
	let gone = Pulse { last: None, patience: 4 };
	assert_eq!(lease.due(11, false, &gone, 9), Due::Breach(10));
}

#[test]
fn an_order_waits_for_bids_and_then_for_the_tenant() {
	let order = Lease::open(1, spec(30), 300, 1, &LIMITS).unwrap();
	assert_eq!(order.due(5, false, &ALIVE, 9), Due::Nothing);
	assert_eq!(order.due(6, false, &ALIVE, 9), Due::End(CloseReason::NoBid, 6));
	assert_eq!(order.due(10, true, &ALIVE, 9), Due::Nothing);
	assert_eq!(order.due(11, true, &ALIVE, 9), Due::End(CloseReason::NotAccepted, 11));
	assert_eq!((order.next_wake(1, true, 9), order.next_wake(6, true, 9)), (6, 11));
	let automatic = Lease { order: OrderSpec { automatic: true, ..spec(30) }, ..order };
	assert_eq!(automatic.due(6, true, &ALIVE, 9), Due::Match);
}

#[test]
fn records_go_when_they_were_kept_long_enough() {
	let (ended, _) = served(30, 10, 300).ended(CloseReason::ByTenant, 20);
	assert_eq!(ended.due(28, false, &ALIVE, 9), Due::Nothing);
	assert_eq!(ended.due(29, false, &ALIVE, 9), Due::Prune);
	assert_eq!(ended.next_wake(20, false, 9), 29);
}

#[test]
fn bids_win_by_price_and_then_by_time() {
	let mut bids = Bids::default();
	for (provider, price) in [(1, 30), (2, 20), (3, 20), (4, 10)] {
		assert_eq!(bids.place(offer(provider, price)).unwrap().replaced, None);
	}
	let order: Vec<u8> = bids.iter().map(|bid| bid.provider).collect();
	assert_eq!(order, [4, 2, 3, 1]);
	let placed = bids.place(offer(4, 20)).unwrap();
	assert_eq!(placed.replaced, Some(offer(4, 10)));
	let order: Vec<u8> = bids.iter().map(|bid| bid.provider).collect();
	assert_eq!(order, [2, 3, 4, 1]);
	assert_eq!(bids.remove(&9), None);
}

proptest! {
	/// However a lease is settled, topped up and rolled over, each unit that was deposited was paid
	/// for a whole block or is left.
	#[test]
	fn rent_is_to_the_unit(
		deposit in 100_u128..20_000,
		duration in 1_u32..200,
		steps in prop::collection::vec((0_u8..4, 1_u32..30, 1_u128..500), 0..40),
	) {
		let mut lease = served(duration, 60, deposit);
		let (mut now, mut paid, mut price, mut put_in) = (10, 0, 60, deposit);
		for (step, blocks, amount) in steps {
			now += blocks;
			match step {
				0 => {
					let settled = lease.settle(now).unwrap();
					let drawn: Balance = settled.draws.iter().map(|draw| draw.left).sum();
					prop_assert_eq!(drawn, settled.rent);
					prop_assert_eq!(settled.rent % price, 0);
					paid += settled.rent;
					lease = settled.paid;
				},
				1 => {
					let payer = (amount % 12) as u8;
					if let Ok(more) = lease.clone().top_up(&payer, amount, now) {
						put_in += amount;
						lease = more;
					}
				},
				2 => lease = lease.clone().reclaim(&2, now).unwrap_or(lease),
				_ if !lease.is_over(now) => {
					let settled = lease.settle(now).unwrap();
					paid += settled.rent;
					price = 1 + amount % 100;
					let next = settled.paid.matched(offer(2, price), now + 3);
					lease = next.deliver(&2, now).unwrap();
				},
				_ => {},
			}
			prop_assert_eq!(lease.paid, paid);
			prop_assert_eq!(lease.paid + lease.left(), put_in);
			prop_assert!(lease.served <= duration);
			let (end, _) = lease.end().unwrap();
			prop_assert!(lease.next_wake(now, false, 9) >= end);
			// It does not end before its deposits force it to.
			if let (LeaseState::Active { since }, true) = (lease.state, lease.served < duration) {
				let covered = since + blocks_paid(lease.left(), price);
				prop_assert!(end == covered.min(since + duration - lease.served));
			}
		}
		let last = lease.settle(u32::MAX).unwrap();
		prop_assert_eq!(last.paid.left() + paid + last.rent, put_in);
		let (ended, back) = last.paid.ended(CloseReason::ByTenant, now);
		prop_assert_eq!(back.iter().map(|payer| payer.left).sum::<Balance>(), ended.returned);
		prop_assert_eq!(ended.paid + ended.returned, ended.deposited);
	}
}
