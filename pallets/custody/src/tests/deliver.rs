//! Keys are delivered, and paid for.

use crate::{mock::*, Agenda, Error, Event, HoldReason, Requests};
use assay_primitives::{custody::CustodyStatistics, KeyRequestId};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

#[test]
fn a_delivery_opens_the_complaint_window() {
	build_and_execute(|| {
		let id = asked();
		run_to(4);
		let key = sealed(&KEY, ASKER);
		assert_ok!(deliver(id, key));
		let due = 4 + WINDOW;
		assert_eq!(last_event(), Event::KeyDelivered { request: id, due });
		let view = view(id).unwrap();
		assert_eq!((view.sealed, view.due), (Some(key), due));
		// What is at stake stays at stake, and nobody is paid yet.
		assert_eq!(custodian(KEEPER).locked, EXPOSURE);
		assert_eq!((held(HoldReason::Fee, ASKER), total(KEEPER)), (FEE, ENDOWMENT));
		assert!(!Agenda::<Test>::contains_key(1 + DELIVER, id));
		// Whoever keeps the rights knows.
		assert_eq!(Handed::get(), [(ASKER, right_of(id))]);
		// The asker opens it.
		assert_eq!(crate::sealed::open(&secret(ASKER), &key), Some(KEY));
	});
}

#[test]
fn a_delivery_fails_when_it_is_not_the_custodians() {
	build_and_execute(|| {
		let id = asked();
		let key = sealed(&KEY, ASKER);
		keeper_with(SECOND, BOND);
		for other in [SECOND, ASKER, OWNER] {
			assert_noop!(deliver_as(other, id, key), Fault::NotAsked);
		}
		assert_noop!(deliver(KeyRequestId(7), key), Fault::UnknownRequest);
	});
}

#[test]
fn a_delivery_fails_when_it_is_the_second_or_late() {
	build_and_execute(|| {
		let id = asked();
		skip_to(1 + DELIVER);
		assert_noop!(deliver(id, sealed(&KEY, ASKER)), Fault::DeadlinePassed);
		skip_to(DELIVER);
		assert_ok!(deliver(id, sealed(&OTHER_KEY, ASKER)));
		assert_noop!(deliver(id, sealed(&KEY, ASKER)), Fault::AlreadyDelivered);
	});
}

#[test]
fn the_fee_is_paid_when_the_window_is_over() {
	build_and_execute(|| {
		let id = delivered(&KEY);
		skip_to(WINDOW);
		assert_noop!(Custody::close(by(STRANGER), id), Fault::WindowOpen);
		skip_to(1 + WINDOW);
		assert_ok!(Custody::close(by(STRANGER), id));
		assert_eq!(last_event(), Event::RequestClosed { request: id, custodian: KEEPER, fee: FEE });
		assert_eq!((total(KEEPER), free(ASKER)), (ENDOWMENT + FEE, ENDOWMENT - FEE));
		let record = custodian(KEEPER);
		assert_eq!((record.open, record.locked, record.bond), (0, 0, BOND));
		assert_eq!(record.statistics, CustodyStatistics { served: 1, silent: 0, wrong: 0 });
		assert_eq!(Requests::<Test>::iter_keys().count(), 0);
		assert_noop!(Custody::close(by(STRANGER), id), Fault::UnknownRequest);
	});
}

#[test]
fn nothing_is_closed_before_it_was_delivered() {
	build_and_execute(|| {
		let id = asked();
		assert_noop!(Custody::close(by(KEEPER), id), Fault::NotDelivered);
		skip_to(100);
		assert_noop!(Custody::close(by(KEEPER), id), Fault::NotDelivered);
	});
}

#[test]
fn a_request_keeps_the_fee_and_the_exposure_of_its_time() {
	build_and_execute(|| {
		let id = delivered(&KEY);
		Price::set(FEE * 2);
		Stake::set(EXPOSURE * 2);
		run_to(1 + WINDOW);
		assert_eq!(view(id), None);
		assert_eq!((total(KEEPER), custodian(KEEPER).locked), (ENDOWMENT + FEE, 0));
	});
}

#[test]
fn who_has_lost_its_right_is_delivered_nothing() {
	build_and_execute(|| {
		keeper();
		for change in [None, Some((STRANGER, ASSET))] {
			let id = crate::NextRequest::<Test>::get();
			let ask = right(ASKER);
			assert_ok!(request(ASKER, ask, None));
			assert!(view(id).unwrap().stands);
			Held::set(ask, change);
			assert!(!view(id).unwrap().stands);
			assert_ok!(deliver(id, sealed(&KEY, ASKER)));
			assert_eq!(last_event(), Event::RequestLapsed { request: id });
			assert_eq!(view(id), None);
			assert_eq!((total(KEEPER), free(ASKER)), (ENDOWMENT, ENDOWMENT));
		}
		assert_eq!(custodian(KEEPER).statistics, CustodyStatistics::default());
	});
}
