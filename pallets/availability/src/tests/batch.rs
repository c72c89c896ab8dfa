//! Demands about batches and their items.

use crate::{mock::*, Error, Event};
use assay_primitives::{
	batch::{opened, ItemRoots},
	job::JobKind,
	JobId, Root,
};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

/// The roots fill three chunks.
const ITEMS: u32 = 70;

fn roots() -> ItemRoots {
	ItemRoots::new(&(0..ITEMS).map(|index| Root([index as u8; 32])).collect::<Vec<_>>()).unwrap()
}

fn batch() {
	change(|job| {
		job.kind = JobKind::Batch { items: ITEMS };
		job.output.as_mut().unwrap().root = roots().root();
	});
}

#[test]
fn the_roots_of_a_batch_are_shown_as_what_opens_its_items() {
	build_and_execute(|| {
		batch();
		for chunk in 0..3 {
			let place = output_place(0, chunk);
			let id = demand(DEMANDER, place).unwrap();
			System::reset_events();
			let answer = roots().about(&place).unwrap();
			assert_ok!(serve_with(PROVIDER, id, answer));
			let Some(Event::RootsServed { opening, .. }) = events().first().cloned() else {
				panic!("no roots")
			};
			let item = chunk * 32 + 5;
			let found = opened(roots().root(), ITEMS, item, &opening);
			assert_eq!(found, Ok(Root([item as u8; 32])));
		}
		assert_eq!(job().stays, 0);
	});
}

#[test]
fn a_batch_has_roots_only_where_it_has_items() {
	build_and_execute(|| {
		batch();
		for place in [output_place(0, 3), output_place(1, 0), output_place(0, u32::MAX)] {
			assert_noop!(demand(DEMANDER, place), Fault::UnknownPlace);
		}
	});
}

/// A provider has committed to something that is no tensor of roots, and says that there are none.
#[test]
fn nothing_else_than_roots_answers_for_a_batch() {
	build_and_execute(|| {
		batch();
		let place = output_place(0, 0);
		change(|job| {
			let other = ItemRoots::new(&[Root::default(); 3]).unwrap();
			job.output.as_mut().unwrap().root = other.root();
		});
		let id = demand(DEMANDER, place).unwrap();
		let answer = ItemRoots::new(&[Root::default(); 3]).unwrap().about(&place).unwrap();
		assert_noop!(serve_with(PROVIDER, id, answer), Fault::WrongKind);
	});
}

#[test]
fn inputs_of_batches_and_items_are_not_demanded() {
	build_and_execute(|| {
		for kind in [JobKind::Batch { items: ITEMS }, JobKind::Item { batch: JobId(7), index: 3 }] {
			change(|job| job.kind = kind);
			assert_noop!(demand(DEMANDER, input_place(0, 0)), Fault::OfBatch);
		}
	});
}

#[test]
fn the_output_of_an_item_is_demanded_as_that_of_any_job() {
	build_and_execute(|| {
		change(|job| job.kind = JobKind::Item { batch: JobId(7), index: 3 });
		let id = demand(DEMANDER, output_place(0, 1)).unwrap();
		System::reset_events();
		assert_ok!(serve(PROVIDER, id, output_place(0, 1)));
		assert!(matches!(events().first(), Some(Event::ChunkServed { .. })));
	});
}
