//! Rent, to the unit.

use crate::{mock::*, Error, Event, HoldReason};
use assay_primitives::{
	lease::{CloseReason, LeaseState},
	LeaseId,
};
use frame_support::{assert_noop, assert_ok};

#[test]
fn rent_is_the_price_times_the_blocks_since_the_last_time() {
	build_and_execute(|| {
		let id = served(opened());
		run_to(8);
		assert_ok!(Leases::withdraw(by(HELPER), id));
		assert_eq!(total(PROVIDER), ENDOWMENT + 7 * 60);
		let event = Event::RentPaid { lease: id, provider: PROVIDER, amount: 420 };
		assert_eq!(events().last(), Some(&event));
		assert_eq!(lease(id).state, LeaseState::Active { since: 8 });
		// Nothing more in the same block.
		assert_ok!(Leases::withdraw(by(PROVIDER), id));
		assert_eq!(total(PROVIDER), ENDOWMENT + 7 * 60);
		run_to(11);
		assert_ok!(Leases::withdraw(by(PROVIDER), id));
		assert_eq!(total(PROVIDER), ENDOWMENT + 10 * 60);
		assert_eq!((lease(id).paid, lease(id).served), (600, 10));
	});
}

/// "A deposit that runs out mid-block": the blocks that are covered are paid, and what does not pay
/// for a whole one goes back.
#[test]
fn a_deposit_that_runs_out_mid_block_pays_whole_blocks_and_the_rest_goes_back() {
	for late in [0, 1, 30] {
		build_and_execute(|| {
			let id = served(open_with(order(), 1_000));
			// 16 blocks at 60 are 960.
			if late > 0 {
				skip_to(17 + late);
				for provider in [PROVIDER, RIVAL, THIRD] {
					register(provider);
				}
				assert_ok!(Leases::withdraw(by(HELPER), id));
			} else {
				run_to(17);
			}
			assert_eq!(end(id), (CloseReason::OutOfFunds, 17 + late));
			assert_eq!(total(PROVIDER), ENDOWMENT + 960);
			assert_eq!(total(TENANT), ENDOWMENT - 960);
			assert_eq!(held(HoldReason::Escrow, TENANT), 0);
			assert_eq!(lease(id).returned, 40);
			assert_eq!(held(HoldReason::Bid, PROVIDER), 0);
		});
	}
}

#[test]
fn a_lease_is_served_to_its_end() {
	build_and_execute(|| {
		let id = served(opened());
		run_to(DURATION);
		assert_noop!(Leases::expire(by(HELPER), id), Error::<Test>::TooEarly);
		run_to(1 + DURATION);
		assert_eq!(end(id), (CloseReason::Completed, 1 + DURATION));
		let rent = 60 * u128::from(DURATION);
		assert_eq!((total(PROVIDER), total(TENANT)), (ENDOWMENT + rent, ENDOWMENT - rent));
		let event =
			Event::Closed { lease: id, reason: CloseReason::Completed, returned: 3_000 - rent };
		assert_eq!(events().last(), Some(&event));
	});
}

#[test]
fn nothing_accrues_where_nothing_is_served() {
	build_and_execute(|| {
		let withdraw = |id| Leases::withdraw(by(HELPER), id);
		assert_noop!(withdraw(LeaseId(9)), Error::<Test>::UnknownLease);
		let id = opened();
		assert_noop!(withdraw(id), Error::<Test>::NotActive);
		matched(id);
		assert_noop!(withdraw(id), Error::<Test>::NotActive);
		assert_ok!(Leases::close(by(TENANT), id));
		assert_noop!(withdraw(id), Error::<Test>::NotActive);
	});
}
