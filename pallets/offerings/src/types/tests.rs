use super::*;
use assay_primitives::{
	offering::Milestone,
	revenue::{Subject, UsageTotal},
	ModelId,
};
use proptest::prelude::*;
use sp_runtime::Permill;

fn spec(shares: Balance, target: Balance) -> OfferingSpec {
	let milestone =
		|jobs, by, percent| Milestone { jobs, paid: 0, by, part: Permill::from_percent(percent) };
	OfferingSpec {
		subject: Subject::Model(ModelId(1)),
		shares,
		price: 3,
		target,
		deadline: 10,
		upfront: Permill::from_percent(40),
		milestones: vec![milestone(5, 20, 25), milestone(9, 30, 35)].try_into().unwrap(),
		vesting: 100,
	}
}

/// So many jobs, which have paid nothing.
fn used(jobs: u64) -> UsageTotal {
	UsageTotal { jobs, paid: 0 }
}

/// An offering with a ticket for each of these.
fn offered(shares: Balance, wanted: &[Balance]) -> (Offering<u64>, Vec<Ticket<u64>>) {
	let mut offering = Offering::new(1, spec(shares, 0), 0);
	let tickets = wanted.iter().map(|n| offering.subscribe(2, *n, 0, 1).unwrap().0).collect();
	(offering, tickets)
}

#[test]
fn an_offering_is_closed_once_and_not_before_its_deadline() {
	let (mut offering, _) = offered(100, &[60]);
	assert_eq!(offering.close(used(0), 9), Err(Fault::DeadlineAhead));
	assert_eq!(offering.close(used(0), 10), Ok(72));
	assert_eq!(offering.status(), OfferingStatus::Running);
	assert_eq!((offering.unsold, offering.waiting()), (40, 108));
	assert_eq!(offering.close(used(0), 11), Err(Fault::AlreadyClosed));
	assert_eq!(offering.subscribe(2, 1, 0, 5), Err(Fault::DeadlinePassed));
}

#[test]
fn a_target_that_is_missed_by_one_unit_is_missed() {
	for (target, status) in [(180, OfferingStatus::Running), (181, OfferingStatus::Missed)] {
		let mut offering = Offering::new(1, spec(100, target), 0);
		offering.subscribe(2, 60, 0, 1).unwrap();
		offering.close(used(0), 10).unwrap();
		assert_eq!(offering.status(), status);
	}
	// Nothing that anybody wants is not sold, whatever the target is.
	let mut offering = Offering::<u64>::new(1, spec(100, 0), 0);
	assert_eq!((offering.close(used(0), 10), offering.status()), (Ok(0), OfferingStatus::Missed));
	assert_eq!(offering.unsold, 100);
}

#[test]
fn what_cannot_be_counted_cannot_be_subscribed_to() {
	let (mut offering, _) = offered(100, &[60]);
	let before = offering.clone();
	for shares in [u128::MAX, u128::MAX / 3, u128::MAX / 3 - 59] {
		assert_eq!(offering.subscribe(2, shares, 0, 1), Err(Fault::Overflow));
		assert_eq!(offering, before);
	}
	assert!(offering.subscribe(2, u128::MAX / 3 - 60, 0, 1).is_ok());
}

#[test]
fn shares_vest_one_by_one_from_the_close_on() {
	let (mut offering, tickets) = offered(7, &[7]);
	offering.close(used(0), 12).unwrap();
	let given = |offering: &Offering<u64>| {
		let at = |now| offering.due(&tickets[0], now).unwrap().shares;
		[0, 12, 26, 27, 62, 111, 112, 500].map(at)
	};
	// Of seven, two are paid for by what is released at once.
	assert_eq!(given(&offering), [0, 0, 0, 1, 2, 2, 2, 2]);
	offering.release(used(9), 20).unwrap();
	assert_eq!(given(&offering), [0, 0, 0, 1, 3, 6, 7, 7]);
}

#[test]
fn without_vesting_shares_are_the_buyers_as_soon_as_they_are_paid_for() {
	let (mut offering, tickets) = offered(7, &[7]);
	offering.spec.vesting = 0;
	offering.close(used(0), 12).unwrap();
	assert_eq!(offering.due(&tickets[0], 12).unwrap().shares, 2);
	offering.release(used(9), 20).unwrap();
	assert_eq!(offering.due(&tickets[0], 20).unwrap().shares, 7);
}

#[test]
fn milestones_are_released_for_what_came_after_the_close_and_in_time() {
	let (mut offering, _) = offered(100, &[100]);
	assert_eq!(offering.release(used(1_000), 5), Err(Fault::NotRunning));
	assert_eq!(offering.close(used(1_000), 10), Ok(120));
	assert_eq!(offering.release(used(1_004), 11), Err(Fault::NothingToRelease));
	assert_eq!(offering.clone().release(used(1_009), 20), Ok(180));
	assert_eq!(offering.clone().release(used(1_009), 21), Err(Fault::NothingToRelease));
	assert_eq!(offering.release(used(1_005), 20), Ok(75));
	assert_eq!(offering.release(used(1_008), 20), Err(Fault::NothingToRelease));
	assert_eq!(offering.fail(30), Err(Fault::NotFailed));
	assert_eq!(offering.release(used(1_009), 30), Ok(105));
	assert_eq!(offering.status(), OfferingStatus::Completed);
	assert_eq!(offering.release(used(2_000), 31), Err(Fault::NotRunning));
	assert_eq!(offering.fail(31), Err(Fault::NotRunning));
}

#[test]
fn an_abort_divides_what_was_not_released_and_gives_what_was_paid_for() {
	let (mut offering, tickets) = offered(10, &[7, 3]);
	offering.close(used(0), 10).unwrap();
	assert_eq!(offering.fail(20), Err(Fault::NotFailed));
	offering.fail(60).unwrap();
	assert_eq!(offering.status(), OfferingStatus::Aborted);
	// Of 30, 12 were released.
	let due = |index: usize, now| offering.due(&tickets[index], now).unwrap();
	let first = Due { money: 12, shares: 2, returned: 5, is_all: true };
	assert_eq!((due(0, 60), due(0, 1_000)), (first, first));
	assert_eq!(due(1, 1_000), Due { money: 6, shares: 1, returned: 2, is_all: true });
	assert_eq!(offering.fail(61), Err(Fault::NotRunning));
}

#[test]
fn more_than_half_of_what_was_sold_decides() {
	let (mut offering, mut tickets) = offered(10, &[5, 4, 1]);
	assert_eq!(offering.vote(&mut tickets[0], 1), Err(Fault::NotRunning));
	offering.close(used(0), 10).unwrap();
	assert_eq!(offering.vote(&mut tickets[0], 11), Ok((5, false)));
	assert_eq!(offering.vote(&mut tickets[0], 11), Err(Fault::AlreadyVoted));
	assert_eq!(offering.vote(&mut tickets[2], 12), Ok((1, true)));
	assert_eq!(offering.vote(&mut tickets[1], 12), Err(Fault::NotRunning));
}

#[test]
fn one_share_too_many_costs_one_ticket_one_share() {
	let (mut offering, tickets) = offered(10, &[4, 4, 3]);
	offering.close(used(0), 10).unwrap();
	let allotted: Vec<_> = tickets.iter().map(|t| offering.allotment(t).unwrap()).collect();
	assert_eq!(allotted, [3, 4, 3]);
	assert_eq!(offering.due(&tickets[0], 10).unwrap().money, 3);
}

proptest! {
	#[test]
	fn allotments_add_up_to_what_was_sold_and_money_to_what_was_paid(
		shares in 1u128..1_000_000,
		wanted in prop::collection::vec(1u128..1 << 100, 1..30),
		small in any::<bool>(),
		blocks in 0u32..200,
	) {
		let wanted: Vec<_> = wanted.iter().map(|n| if small { n % 1_000 + 1 } else { *n }).collect();
		let (mut offering, tickets) = offered(shares, &wanted);
		let released = offering.close(used(0), 10).unwrap();
		let sold = shares.min(wanted.iter().sum());
		let allotted: Vec<_> = tickets.iter().map(|t| offering.allotment(t).unwrap()).collect();
		prop_assert_eq!(allotted.iter().sum::<Balance>(), sold);
		for (allotted, wanted) in allotted.iter().zip(&wanted) {
			prop_assert!(allotted <= wanted);
		}
		let paid: Balance = wanted.iter().map(|n| n * 3).sum();
		let due = |offering: &Offering<u64>, now| {
			let due: Vec<_> = tickets.iter().map(|t| offering.due(t, now).unwrap()).collect();
			let money: Balance = due.iter().map(|due| due.money).sum();
			(money, due.iter().map(|due| due.shares + due.returned).sum::<Balance>())
		};
		prop_assert_eq!(due(&offering, 10).0 + sold * 3, paid);
		offering.fail(21 + blocks).unwrap();
		prop_assert_eq!(due(&offering, 10), (paid - released, sold));
	}
}
