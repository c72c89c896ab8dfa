//! What clients read.

use crate::{mock::*, NextOffering};
use assay_primitives::{
	api::Page,
	offering::{OfferingStatus, OfferingView, TicketView},
	OfferingId,
};
use frame_support::assert_ok;

#[test]
fn an_offering_is_shown_with_where_it_stands() {
	build_and_execute(|| {
		closed(1_500, 500);
		use_it(10);
		assert_ok!(release());
		assert_ok!(vote(OTHER, 1));
		let expected = OfferingView {
			id: ID,
			issuer: ISSUER,
			spec: spec(),
			account: account(),
			deposit: DEPOSIT,
			status: OfferingStatus::Running,
			demand: 2_000,
			tickets: 2,
			left: 2,
			sold: SHARES,
			raised: 10_000,
			released: 6_500,
			closed: Some(DEADLINE),
			reached: 1,
			jobs: 10,
			paid: 10,
			votes: 250,
			aborted: None,
		};
		assert_eq!(view(), expected);
		assert_eq!(Offerings::offering(OfferingId(1)), None);
	});
}

#[test]
fn a_ticket_is_shown_with_what_it_would_be_given_now() {
	build_and_execute(|| {
		closed(1_500, 500);
		go_to(DEADLINE + 10);
		assert_ok!(collect(0));
		go_to(DEADLINE + 30);
		let expected = TicketView {
			offering: ID,
			number: 0,
			who: BUYER,
			shares: 1_500,
			allotted: Some(750),
			repaid: 7_500,
			taken: 75,
			money_due: 0,
			shares_due: 150,
			voted: false,
		};
		assert_eq!(ticket(0), Some(expected));
		assert_eq!(ticket(1).unwrap().money_due, 2_500);
		assert_eq!((ticket(2), Offerings::ticket(OfferingId(1), 0)), (None, None));
		assert_ok!(collect(0));
		assert_eq!(ticket(0).unwrap().shares_due, 0);
	});
}

#[test]
fn tickets_are_listed_by_account_and_in_pages() {
	build_and_execute(|| {
		opened();
		for who in [BUYER, OTHER, BUYER, BUYER] {
			assert_ok!(subscribe(who, 10));
		}
		let list = |who, start, limit| {
			let Page { items, next } = Offerings::tickets(ID, who, start, limit);
			(items.into_iter().map(|item| item.number).collect::<Vec<_>>(), next)
		};
		assert_eq!(list(None, 0, 9), (vec![0, 1, 2, 3], None));
		assert_eq!(list(None, 0, 3), (vec![0, 1, 2], Some(3)));
		assert_eq!(list(Some(BUYER), 0, 2), (vec![0, 2], Some(3)));
		assert_eq!(list(Some(BUYER), 3, 2), (vec![3], None));
		assert_eq!(list(Some(STRANGER), 0, 2), (vec![], None));
		assert_eq!(list(None, u32::MAX, 2), (vec![], None));
		// A limit of none gives one: a client that pages always comes on.
		assert_eq!(list(None, 0, 0), (vec![0], Some(1)));
		assert!(Offerings::tickets(OfferingId(5), None, 0, 9).items.is_empty());
	});
}

#[test]
fn offerings_are_listed_in_pages_that_pass_over_many_that_are_gone() {
	build_and_execute(|| {
		opened();
		opened();
		let ids = |start, limit| {
			let Page { items, next } = Offerings::offerings(OfferingId(start), limit);
			(items.into_iter().map(|item| item.id.0).collect::<Vec<_>>(), next.map(|id| id.0))
		};
		assert_eq!(ids(0, 9), (vec![0, 1], None));
		assert_eq!(ids(0, 1), (vec![0], Some(1)));
		NextOffering::<Test>::put(OfferingId(2_500));
		opened();
		assert_eq!(ids(2, 9), (vec![], Some(1_002)));
		assert_eq!(ids(1_002, 9), (vec![], Some(2_002)));
		assert_eq!(ids(2_002, 9), (vec![2_500], None));
	});
}
