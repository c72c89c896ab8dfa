//! Askers complain, with and without a reason.

use crate::{mock::*, Error, Event, HoldReason, Requests};
use assay_primitives::{
	custody::{CustodyStatistics, Failure, SealedKey, SEALED_BYTES},
	KeyRequestId,
};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

/// Deliver this in block 1, and complain about it: it has to cost the exposure.
fn costs_the_exposure(sealed: impl FnOnce() -> SealedKey) {
	build_and_execute(|| {
		let id = asked();
		assert_ok!(deliver(id, sealed()));
		assert_eq!(Handed::get(), [(ASKER, right_of(id))]);
		skip_to(WINDOW);
		assert_ok!(complain(id));
		assert_eq!(Handed::get(), [], "it has no key");
		let (paid, burned) = (SHARE, EXPOSURE - SHARE);
		let failure = Failure::WrongKey;
		assert_eq!(
			last_event(),
			Event::CustodianSlashed { request: id, custodian: KEEPER, failure, paid, burned }
		);
		assert_eq!((free(ASKER), held(HoldReason::Fee, ASKER)), (ENDOWMENT + SHARE, 0));
		assert_eq!(total(KEEPER), ENDOWMENT - EXPOSURE);
		let statistics = CustodyStatistics { served: 0, silent: 0, wrong: 1 };
		assert_eq!(custodian(KEEPER).statistics, statistics);
		assert_noop!(complain(id), Fault::UnknownRequest);
	});
}

#[test]
fn a_wrong_key_costs_the_exposure() {
	costs_the_exposure(|| sealed(&OTHER_KEY, ASKER));
}

#[test]
fn random_bytes_cost_the_exposure() {
	costs_the_exposure(|| SealedKey([0xa5; SEALED_BYTES]));
}

#[test]
fn nothing_but_zeros_costs_the_exposure() {
	costs_the_exposure(|| SealedKey([0; SEALED_BYTES]));
}

#[test]
fn the_right_key_sealed_to_another_costs_the_exposure() {
	costs_the_exposure(|| sealed(&KEY, STRANGER));
}

#[test]
fn the_right_key_with_one_bit_changed_on_its_way_costs_the_exposure() {
	costs_the_exposure(|| {
		let mut sealed = sealed(&KEY, ASKER);
		sealed.0[79] ^= 1;
		sealed
	});
}

#[test]
fn a_complaint_about_the_right_key_is_refused_and_changes_nothing() {
	build_and_execute(|| {
		let id = delivered(&KEY);
		for block in [1, WINDOW] {
			skip_to(block);
			assert_noop!(complain(id), Fault::KeyIsRight);
		}
		run_to(1 + WINDOW);
		assert_eq!((total(KEEPER), custodian(KEEPER).statistics.served), (ENDOWMENT + FEE, 1));
	});
}

#[test]
fn a_complaint_needs_the_secret_of_this_request() {
	build_and_execute(|| {
		let id = delivered(&OTHER_KEY);
		for wrong in [secret(STRANGER), [0; 32], [0xff; 32], KEY] {
			assert_noop!(Custody::complain(by(ASKER), id, wrong), Fault::WrongSecret);
		}
		assert_noop!(Custody::complain(by(STRANGER), id, secret(ASKER)), Fault::NotAsker);
		assert_noop!(Custody::complain(by(KEEPER), id, secret(ASKER)), Fault::NotAsker);
		assert_noop!(complain(KeyRequestId(5)), Fault::UnknownRequest);
	});
}

#[test]
fn a_complaint_comes_after_the_delivery_and_within_the_window() {
	build_and_execute(|| {
		let id = asked();
		assert_noop!(complain(id), Fault::NotDelivered);
		assert_ok!(deliver(id, sealed(&OTHER_KEY, ASKER)));
		skip_to(1 + WINDOW);
		assert_noop!(complain(id), Fault::WindowOver);
		assert!(Requests::<Test>::contains_key(id));
		assert_ok!(Custody::close(by(KEEPER), id));
	});
}

#[test]
fn a_key_that_was_changed_since_is_judged_by_the_commitment_of_the_request() {
	build_and_execute(|| {
		let id = delivered(&KEY);
		let commitment = assay_primitives::custody::key_commitment(&OTHER_KEY);
		Assets::insert(ASSET, (OWNER, Some(commitment)));
		assert_noop!(complain(id), Fault::KeyIsRight);
	});
}

#[test]
fn a_wrong_key_is_one_whether_the_right_was_lost_since_or_not() {
	build_and_execute(|| {
		let id = delivered(&OTHER_KEY);
		Held::remove(right_of(id));
		assert_ok!(complain(id));
		assert_eq!(custodian(KEEPER).statistics.wrong, 1);
	});
}
