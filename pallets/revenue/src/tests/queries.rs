//! What clients read.

use crate::mock::*;
use assay_primitives::{
	api::Page,
	revenue::{HoldingView, StreamView, Subject},
	ModelId,
};
use frame_support::assert_ok;
use sp_runtime::Permill;
use std::collections::BTreeSet;

#[test]
fn a_stream_is_shown_with_all_that_has_come_in() {
	build_and_execute(|| {
		shared(25);
		earn(1_000);
		let spec = retaining(25);
		let expected = StreamView {
			subject: SUBJECT,
			owner: Some(OWNER),
			pot: pot(),
			supply: SUPPLY,
			name: spec.name,
			symbol: spec.symbol,
			decimals: 2,
			retained: Permill::from_percent(25),
			claimable: 750,
			pool: 250,
			holders: 3,
			depositor: OWNER,
			deposit: DEPOSIT,
		};
		assert_eq!(view(), expected);
		assert_eq!(Revenue::stream(OTHERS[0]), None);
	});
}

#[test]
fn a_holding_is_shown_with_what_it_can_claim_and_redeem() {
	build_and_execute(|| {
		shared(25);
		earn(1_000);
		let expected = HoldingView { who: BUYER, shares: 300, claimable: 225, redeemable: 75 };
		assert_eq!(holding(BUYER), Some(expected));
		assert_eq!(holding(STRANGER), None);
		assert_eq!(Revenue::holding(OTHERS[0], OWNER), None);
		assert_eq!(Revenue::redeemable(SUBJECT, 1_000), Some(250));
		// Nobody can redeem more than there is.
		assert_eq!(Revenue::redeemable(SUBJECT, u128::MAX), Some(250));
		assert_eq!(Revenue::redeemable(OTHERS[0], 1), None);
		assert_ok!(redeem(BUYER, 300));
		assert_eq!(free(BUYER), ENDOWMENT + 225 + 75);
	});
}

/// All items of a list, with the number of its pages.
fn all<Item, Cursor: Clone>(
	list: impl Fn(Option<Cursor>) -> Page<Item, Cursor>,
) -> (Vec<Item>, usize) {
	let (mut items, mut start, mut pages) = (Vec::new(), None, 0);
	loop {
		let page = list(start);
		items.extend(page.items);
		pages += 1;
		match page.next {
			Some(next) => start = Some(next),
			None => return (items, pages),
		}
	}
}

#[test]
fn holders_are_listed_in_pages_each_once() {
	build_and_execute(|| {
		shared(0);
		earn(1_000);
		let (items, pages) = all(|start| Revenue::holders(SUBJECT, start, 2));
		assert_eq!((items.len(), pages), (3, 2));
		let who: BTreeSet<_> = items.iter().map(|item| item.who).collect();
		assert_eq!(who, BTreeSet::from([OWNER, BUYER, HOLDER]));
		assert_eq!(items.iter().map(|item| item.claimable).sum::<u128>(), 1_000);
		assert!(Revenue::holders(OTHERS[0], None, 2).items.is_empty());
		// A limit of none gives one: a client that pages always comes on.
		assert_eq!(all(|start| Revenue::holders(SUBJECT, start, 0)).1, 3);
	});
}

#[test]
fn a_page_goes_on_where_one_was_that_is_gone() {
	build_and_execute(|| {
		shared(0);
		let next = Revenue::holders(SUBJECT, None, 1).next.unwrap();
		let last = Revenue::holders(SUBJECT, Some(next), 1).next.unwrap();
		let to = [OWNER, BUYER, HOLDER].into_iter().find(|who| *who != next).unwrap();
		assert_ok!(transfer(next, to, shares(next)));
		let page = Revenue::holders(SUBJECT, Some(next), 9);
		assert_eq!(page.items.iter().map(|item| item.who).collect::<Vec<_>>(), [last]);
	});
}

#[test]
fn streams_are_listed_in_pages_each_once() {
	build_and_execute(|| {
		for subject in OTHERS {
			assert_ok!(Revenue::tokenize(by(OWNER), subject, spec()));
		}
		let (items, pages) = all(|start| Revenue::streams(start, 1));
		let subjects: BTreeSet<_> = items.iter().map(|item| item.subject).collect();
		assert_eq!((subjects, pages), (BTreeSet::from(OTHERS), 3));
		let unknown = Some(Subject::Model(ModelId(1)));
		assert!(Revenue::streams(unknown, 9).items.len() <= 3);
	});
}
