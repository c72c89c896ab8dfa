//! Delivering the credential.

use crate::{mock::*, Credentials, Error, Event};
use assay_primitives::{lease::LeaseState, LeaseId};
use frame_support::{assert_noop, assert_ok};

#[test]
fn rent_begins_with_the_delivery() {
	build_and_execute(|| {
		let id = matched(opened());
		run_to(4);
		assert_ok!(deliver(PROVIDER, id));
		assert_eq!(lease(id).state, LeaseState::Active { since: 4 });
		assert_eq!(Credentials::<Test>::get(id), Some(credential()));
		let event = Event::CredentialDelivered { lease: id, provider: PROVIDER };
		assert_eq!(events().last(), Some(&event));
		pass(5);
		assert_eq!(lease(id).accrued(9), 5 * 60);
	});
}

#[test]
fn a_credential_is_replaced_without_a_new_beginning() {
	build_and_execute(|| {
		let id = served(opened());
		run_to(9);
		let other = vec![1; 1024].try_into().unwrap();
		assert_ok!(Leases::deliver(by(PROVIDER), id, other));
		assert_eq!(lease(id).state, LeaseState::Active { since: 1 });
		assert_eq!(Credentials::<Test>::get(id).unwrap().len(), 1024);
	});
}

#[test]
fn only_the_provider_of_a_lease_delivers_and_in_time() {
	build_and_execute(|| {
		let order = opened();
		assert_noop!(deliver(PROVIDER, order), Error::<Test>::NotLeased);
		assert_noop!(deliver(PROVIDER, LeaseId(9)), Error::<Test>::UnknownLease);
		let id = matched(order);
		assert_noop!(deliver(RIVAL, id), Error::<Test>::NotProvider);
		let nothing = Leases::deliver(by(PROVIDER), id, Default::default());
		assert_noop!(nothing, Error::<Test>::NoCredential);
		let late = matched(opened());
		skip_to(1 + DELIVER);
		assert_ok!(deliver(PROVIDER, id));
		skip_to(2 + DELIVER);
		assert_noop!(deliver(PROVIDER, late), Error::<Test>::Over);
		// One that is served can be delivered anew, until its end.
		assert_ok!(deliver(PROVIDER, id));
		skip_to(1 + DELIVER + DURATION);
		assert_noop!(deliver(PROVIDER, id), Error::<Test>::Over);
		assert_ok!(Leases::close(by(TENANT), id));
		assert_noop!(deliver(PROVIDER, id), Error::<Test>::NotLeased);
	});
}
