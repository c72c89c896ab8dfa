//! What clients read.

use crate::mock::*;
use assay_dispute::{play::Place, position::position};
use assay_primitives::{dispute::MAX_SPOTS, DisputeId, Root};
use frame_support::assert_ok;

#[test]
fn a_dispute_is_read_with_its_histories_and_stakes() {
	build_and_execute(|| {
		assert_eq!(Dispute::dispute(ID), None);
		let pair = seated();
		let view = Dispute::dispute(ID).unwrap();
		assert_eq!((view.id, view.provider, view.requester), (ID, PROVIDER, REQUESTER));
		assert_eq!((view.exposure, view.now, view.divided), (EXPOSURE, Dispute::now(), false));
		let mut roots: Vec<Root> = view.histories.iter().map(|(root, _)| *root).collect();
		roots.sort();
		let mut expected = pair.map(Root);
		expected.sort();
		assert_eq!(roots, expected);
		let mut accounts: Vec<u64> = view.stakes.iter().map(|stake| stake.account).collect();
		accounts.sort();
		assert_eq!(accounts, [CHALLENGER, LIAR]);
	});
}

/// Who follows a dispute from outside fetches what it misses, and then knows all.
#[test]
fn a_board_is_completed_by_what_it_misses() {
	build_and_execute(|| {
		let pair = seated();
		play_to_the_element(pair);
		let view = Dispute::dispute(ID).unwrap();
		let mut board = view.board();
		let read = |board: &_| position(board, &view.dispute.subject, [&pair[0], &pair[1]]);
		let found = loop {
			let found = read(&board);
			let missed: Vec<_> = board.take_missed().into_iter().collect();
			let shown = Dispute::shown(ID, missed.clone());
			let known = missed.into_iter().zip(shown);
			let mut fetched = false;
			for (spot, shown) in known {
				if let Some(shown) = shown {
					board.shown.insert(spot, shown);
					fetched = true;
				}
			}
			if !fetched {
				break found;
			}
		};
		assert_eq!(found, stands(pair));
	});
}

#[test]
fn a_page_of_spots_is_bounded() {
	build_and_execute(|| {
		let pair = seated();
		let spots = vec![(pair[0], Place::top(1)); MAX_SPOTS + 1];
		assert_eq!(Dispute::shown(ID, spots).len(), MAX_SPOTS);
	});
}

#[test]
fn disputes_are_listed_in_the_order_of_their_jobs() {
	build_and_execute(|| {
		assert!(Dispute::disputes(DisputeId::default(), 10).items.is_empty());
		assert_ok!(challenge(CHALLENGER, honest()));
		let page = Dispute::disputes(DisputeId::default(), 10);
		assert_eq!((page.items.len(), page.next), (1, None));
		assert_eq!(Dispute::disputes(ID, 1).items.len(), 1);
		assert!(Dispute::disputes(DisputeId::new(JOB, 2), 10).items.is_empty());
	});
}
