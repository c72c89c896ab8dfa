//! Each transition, and every order of them.

use super::*;
use assay_primitives::{
	custody::{KEY_BYTES, SEALED_BYTES},
	GrantId,
};
use proptest::prelude::*;

const DEMANDS: Demands = Demands { least: 100, exposure: 40, most: 3 };

fn custodian(bond: Balance) -> Custodian {
	Custodian::new(bond, Endpoint::default())
}

fn request() -> KeyRequest<u64> {
	KeyRequest {
		asker: 1,
		ask: Ask::Grant(GrantId(7)),
		asset: AssetId(3),
		custodian: 2,
		commitment: Root([5; 32]),
		recipient: [6; KEY_BYTES],
		fee: 4,
		deposit: 9,
		exposure: 40,
		sealed: None,
		due: 50,
	}
}

#[test]
fn a_custodian_is_able_while_it_has_all_that_is_demanded() {
	assert!(custodian(100).is_able(&DEMANDS));
	assert!(!custodian(99).is_able(&DEMANDS));
	assert!(!Custodian { taking: false, ..custodian(100) }.is_able(&DEMANDS));
	assert!(!Custodian { open: 3, ..custodian(100) }.is_able(&DEMANDS));
	assert!(!Custodian { locked: 61, ..custodian(100) }.is_able(&DEMANDS));
	assert!(Custodian { locked: 60, ..custodian(100) }.is_able(&DEMANDS));
}

#[test]
fn a_request_locks_and_its_end_unlocks() {
	let asked = custodian(100).asked(&DEMANDS).unwrap();
	assert_eq!((asked.open, asked.locked, asked.free()), (1, 40, 60));
	let served = asked.clone().served(40).unwrap();
	assert_eq!((served.open, served.locked, served.bond), (0, 0, 100));
	assert_eq!(served.statistics, CustodyStatistics { served: 1, silent: 0, wrong: 0 });
	let lapsed = asked.clone().lapsed(40).unwrap();
	assert_eq!(lapsed, custodian(100));
	let silent = asked.clone().slashed(40, Failure::Silent).unwrap();
	assert_eq!((silent.open, silent.locked, silent.bond), (0, 0, 60));
	assert_eq!(silent.statistics, CustodyStatistics { served: 0, silent: 1, wrong: 0 });
	let wrong = asked.slashed(40, Failure::WrongKey).unwrap();
	assert_eq!(wrong.statistics, CustodyStatistics { served: 0, silent: 0, wrong: 1 });
	assert_eq!(custodian(100).served(0), None);
	assert_eq!(custodian(100).asked(&DEMANDS).unwrap().served(41), None);
}

#[test]
fn appointments_are_counted_and_covered() {
	let two = custodian(100).appointed(&DEMANDS).unwrap().appointed(&DEMANDS).unwrap();
	assert_eq!(two.appointments, 2);
	assert_eq!(two.clone().appointed(&DEMANDS), Err(BondFault::BondInUse));
	assert_eq!(custodian(99).appointed(&DEMANDS), Err(BondFault::BelowMinBond));
	assert_eq!(two.dismissed().unwrap().dismissed(), Some(custodian(100)));
	assert_eq!(custodian(100).dismissed(), None);
	let full = Custodian { appointments: u32::MAX, ..custodian(100) };
	assert_eq!(full.appointed(&DEMANDS), Err(BondFault::Overflow));
}

#[test]
fn a_request_waits_for_its_custodian_until_it_is_due() {
	let request = request();
	assert_eq!(request.ensure_deliverable(&2, 49), Ok(()));
	assert_eq!(request.ensure_deliverable(&1, 49), Err(RequestFault::NotAsked));
	assert_eq!(request.ensure_deliverable(&2, 50), Err(RequestFault::DeadlinePassed));
	assert_eq!(request.ensure_expired(49), Err(RequestFault::DeadlineNotPassed));
	assert_eq!(request.ensure_expired(50), Ok(()));
	assert_eq!(request.ensure_closable(50), Err(RequestFault::NotDelivered));
	assert_eq!(request.disputable(&1, 49), Err(RequestFault::NotDelivered));
}

#[test]
fn a_delivery_is_disputable_until_it_is_due() {
	let sealed = SealedKey([1; SEALED_BYTES]);
	let request = request().delivered(sealed, 60);
	assert_eq!(request.disputable(&1, 59), Ok(&sealed));
	assert_eq!(request.disputable(&2, 59), Err(RequestFault::NotAsker));
	assert_eq!(request.disputable(&1, 60), Err(RequestFault::WindowOver));
	assert_eq!(request.ensure_closable(59), Err(RequestFault::WindowOpen));
	assert_eq!(request.ensure_closable(60), Ok(()));
	assert_eq!(request.ensure_deliverable(&2, 49), Err(RequestFault::AlreadyDelivered));
	assert_eq!(request.ensure_expired(99), Err(RequestFault::AlreadyDelivered));
}

proptest! {
	/// Whatever happens, what is locked is within the bond, and nothing is locked by nobody.
	#[test]
	fn what_is_locked_is_always_there(
		moves in proptest::collection::vec((0u8..8, 0u128..120), 1..80),
	) {
		let mut custodian = custodian(200);
		let mut locks: Vec<Balance> = Vec::new();
		for (what, amount) in moves {
			let demands = Demands { exposure: amount, ..DEMANDS };
			let before = custodian.clone();
			let last = locks.last().copied();
			custodian = match (what, last) {
				(0 | 1, _) => match before.clone().asked(&demands) {
					Some(asked) => {
						locks.push(amount);
						asked
					},
					None => before,
				},
				(2, _) => before.clone().unbond(amount, &DEMANDS, 5).unwrap_or(before),
				(3, _) => before.clone().bond_more(amount, 100).unwrap_or(before),
				(4, _) => before.clone().appointed(&DEMANDS).unwrap_or(before),
				(5, Some(lock)) => {
					locks.pop();
					before.served(lock).unwrap()
				},
				(6, Some(lock)) => {
					locks.pop();
					before.slashed(lock, Failure::Silent).unwrap()
				},
				_ => before,
			};
			prop_assert_eq!(custodian.locked, locks.iter().sum::<Balance>());
			prop_assert!(custodian.locked <= custodian.bond && custodian.open <= 3);
			prop_assert_eq!(custodian.open as usize, locks.len());
		}
	}
}
