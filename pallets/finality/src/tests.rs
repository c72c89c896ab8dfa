//! What is noted, and when finality lags.

use crate::{mock::*, Call, Error, Noted, INHERENT_IDENTIFIER, NOTES};
use assay_primitives::traits::Finality as _;
use frame_support::{assert_noop, assert_ok, inherent::ProvideInherent};
use frame_system::RawOrigin;
use sp_inherents::InherentData;
use sp_runtime::DispatchError;

fn note(at: u32, finalized: u32) {
	System::set_block_number(at);
	assert_ok!(Finality::note(RawOrigin::None.into(), finalized));
}

#[test]
fn a_chain_whose_finality_follows_does_not_lag() {
	new_test_ext().execute_with(|| {
		assert!(!Finality::lags(), "nothing is noted yet");
		for block in 1..200_u32 {
			note(block, block.saturating_sub(3));
			assert!(!Finality::lags());
		}
		assert_eq!(Noted::<Test>::get().finalized.len() as u32, NOTES);
	});
}

#[test]
fn finality_that_stands_still_lags_and_stops_to_when_it_goes_on() {
	new_test_ext().execute_with(|| {
		(1..=100).for_each(|block| note(block, block - 1));
		for block in 101..=200 {
			note(block, 99);
			assert_eq!(Finality::lags(), block - 99 > MAX_LAG, "{block}");
		}
		// The median follows when more than half of the notes do.
		for block in 201..=220 {
			note(block, block - 1);
			assert_eq!(Finality::lags(), block < 200 + NOTES.div_ceil(2), "{block}");
		}
	});
}

/// Authors that want to stop the clock, or to keep it running.
#[test]
fn fewer_than_half_of_the_authors_move_nothing() {
	new_test_ext().execute_with(|| {
		for block in 1..200_u32 {
			let lies = block % 11 < 5;
			note(block, if lies { 0 } else { block - 1 });
			assert!(!Finality::lags());
		}
		for block in 200..300_u32 {
			let lies = block % 11 < 5;
			note(block, if lies { block - 1 } else { 199 });
		}
		assert!(Finality::lags());
	});
}

#[test]
fn authors_that_note_nothing_let_finality_lag() {
	new_test_ext().execute_with(|| {
		(1..=20).for_each(|block| note(block, block - 1));
		System::set_block_number(60);
		assert!(Finality::lags());
	});
}

#[test]
fn what_cannot_be_final_yet_counts_as_the_parent() {
	new_test_ext().execute_with(|| {
		note(7, u32::MAX);
		assert_eq!(Noted::<Test>::get().finalized[..], [6]);
	});
}

#[test]
fn nobody_but_an_author_notes_anything_and_only_once_a_block() {
	new_test_ext().execute_with(|| {
		note(1, 0);
		let again = Finality::note(RawOrigin::None.into(), 0);
		assert_noop!(again, Error::<Test>::AlreadyNoted);
		for origin in [RawOrigin::Signed(1), RawOrigin::Root] {
			assert_noop!(Finality::note(origin.into(), 0), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn the_inherent_has_what_the_node_provides() {
	let mut data = InherentData::new();
	assert!(Finality::create_inherent(&data).is_none());
	data.put_data(INHERENT_IDENTIFIER, &17_u32).unwrap();
	let call = Finality::create_inherent(&data).unwrap();
	assert!(matches!(call, Call::note { finalized: 17 }));
	assert!(Finality::is_inherent(&call));
	data.replace_data(INHERENT_IDENTIFIER, &7_u8);
	assert!(Finality::create_inherent(&data).is_none());
}
