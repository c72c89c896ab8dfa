//! The block hook, and pruning.

use crate::{mock::*, Agenda, AgendaCursor, Error, Event, HoldReason, Leases as Records};
use assay_primitives::lease::{CloseReason, LeaseStatus, OrderSpec};
use frame_support::{assert_noop, assert_ok, traits::Hooks, weights::Weight};

#[test]
fn a_lease_goes_its_way_by_the_sweep_alone() {
	build_and_execute(|| {
		let id = with_bids(open_with(OrderSpec { automatic: true, ..order() }, 3_000));
		run_to(1 + BIDDING);
		assert_eq!(status(id), LeaseStatus::Open);
		run_to(2 + BIDDING);
		assert_eq!(status(id), LeaseStatus::Matched);
		assert_ok!(deliver(PROVIDER, id));
		run_to(2 + BIDDING + DURATION);
		assert_eq!(end(id).0, CloseReason::Completed);
		run_to(1 + BIDDING + DURATION + RETENTION);
		assert!(Records::<Test>::contains_key(id));
		run_to(2 + BIDDING + DURATION + RETENTION);
		assert!(!Records::<Test>::contains_key(id));
		assert_eq!(Agenda::<Test>::iter_keys().count(), 0);
		assert_eq!(held(HoldReason::Deposit, TENANT), 0);
		assert_eq!(events().last(), Some(&Event::Pruned { lease: id }));
	});
}

#[test]
fn anybody_prunes_what_ended_long_ago() {
	build_and_execute(|| {
		let id = opened();
		assert_ok!(Leases::close(by(TENANT), id));
		skip_to(RETENTION);
		assert_noop!(Leases::expire(by(HELPER), id), Error::<Test>::TooEarly);
		skip_to(1 + RETENTION);
		assert_ok!(Leases::expire(by(HELPER), id));
		assert_eq!(total(TENANT), ENDOWMENT);
		assert_eq!(held(HoldReason::Deposit, TENANT), 0);
	});
}

#[test]
fn the_sweep_stops_at_its_weight_and_goes_on_later() {
	build_and_execute(|| {
		for _ in 0..10 {
			opened();
		}
		skip_to(1 + BIDDING);
		AgendaCursor::<Test>::put(2 + BIDDING);
		// One for the block, three for orders.
		SweepLimit::set(Weight::from_parts(4, u64::MAX));
		for left in [7, 4, 1, 0] {
			let next = System::block_number() + 1;
			System::set_block_number(next);
			let used = Leases::on_initialize(next);
			assert!(used.all_lte(SweepLimit::get()), "{used:?}");
			let open =
				Records::<Test>::iter_values().filter(|of| of.state.status() == LeaseStatus::Open);
			assert_eq!(open.count(), left);
			Leases::do_try_state().unwrap();
		}
		run_to(30);
		assert_eq!(AgendaCursor::<Test>::get(), 31);
	});
}

/// An entry that was made before something changed leads to another look.
#[test]
fn an_order_whose_bids_were_withdrawn_is_found_without_them() {
	build_and_execute(|| {
		let id = opened();
		assert_ok!(bid(PROVIDER, id, 50));
		run_to(2 + BIDDING);
		assert_eq!(lease(id).wake, 2 + BIDDING + GRACE);
		assert_ok!(Leases::withdraw_bid(by(PROVIDER), id));
		assert_ok!(Leases::expire(by(HELPER), id));
		assert_eq!(end(id).0, CloseReason::NoBid);
	});
}
