//! Batches are checked item by item, and a wrong item is opened and disputed.

use super::*;
use crate::court::{BATCH, ITEM};
use assay_primitives::{
	model::{Class, Tolerance},
	tensor::Tensor,
};

/// A court with a batch of which the item that can be played is wrong.
fn wrong() -> Arc<Court> {
	let court = Court::new();
	court.submit_batch(&[(ITEM, court.wrong())]);
	court
}

/// The items that were opened by calls, whatever became of these.
fn opened(state: &State) -> Vec<u32> {
	let item = |(_, call): &(AccountId, Call)| match call {
		Call::OpenItem { job: BATCH, index, .. } => Some(*index),
		_ => None,
	};
	state.signed.iter().filter_map(item).collect()
}

fn demanded(state: &State) -> bool {
	state.made.iter().any(|(_, call)| matches!(call, Call::Demand { job: BATCH, .. }))
}

async fn until_batch_settled(court: &Court) {
	until(court, "settled", |state| {
		let batch = state.batch.as_ref().unwrap();
		matches!(batch.view.state, JobState::Settled { .. })
	})
	.await;
}

#[tokio::test]
async fn a_wrong_item_among_many_is_opened_and_refuted() {
	let court = wrong();
	let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	let running = worker.start().await;
	let outcome = until_over(&court).await;
	assert_eq!(outcome, Outcome::Refuted { survivor: court.history });
	assert_eq!(opened(&court.state()), [ITEM]);
	assert_eq!(worker.checked("wrong"), 2, "the batch and its item");
	assert_eq!(worker.metrics.moves.with_label_values(&["open-item"]).get(), 1);
	running.stop().await;
}

#[tokio::test]
async fn right_items_are_not_accused() {
	let court = Court::new();
	court.submit_batch(&[]);
	let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	let running = worker.start().await;
	until_batch_settled(&court).await;
	assert!(court.state().signed.is_empty());
	assert_eq!((worker.checked("right"), worker.checked("wrong")), (1, 0));
	assert_eq!(worker.metrics.items_checked.get(), 40);
	running.stop().await;
}

#[tokio::test]
async fn batches_of_others_are_not_checked_unless_told() {
	let court = wrong();
	let orders = Orders { everybody: false, ..EVERYBODY };
	let worker = Worker::new(&court, CHALLENGER, orders);
	let running = worker.start().await;
	until_batch_settled(&court).await;
	assert!(court.state().signed.is_empty());
	running.stop().await;
}

/// The chain has the input of the item by artifact, as whoever opened it said, and nobody has it.
#[tokio::test]
async fn the_input_of_an_item_is_cut_out_of_the_file_of_its_batch() {
	let court = wrong();
	court.state().batch.as_mut().unwrap().by_artifact = true;
	let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	let running = worker.start().await;
	let outcome = until_over(&court).await;
	assert_eq!(outcome, Outcome::Refuted { survivor: court.history });
	running.stop().await;
}

#[tokio::test]
async fn an_item_that_somebody_has_opened_is_disputed_all_the_same() {
	let court = wrong();
	court.open_item(ITEM, &court.wrong());
	let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	let running = worker.start().await;
	let outcome = until_over(&court).await;
	assert_eq!(outcome, Outcome::Refuted { survivor: court.history });
	assert_eq!(court.state().count("open_item"), 0);
	running.stop().await;
}

/// The block with the opening is retracted, and the transaction is lost.
#[tokio::test]
async fn an_opening_that_is_undone_is_made_again() {
	let court = wrong();
	let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	let running = worker.start().await;
	until(&court, "an opening", |state| state.count("open_item") == 1).await;
	let now = court.now();
	court.state().close_item(now);
	until(&court, "another", |state| state.count("open_item") == 2).await;
	assert_eq!(opened(&court.state()), [ITEM, ITEM]);
	running.stop().await;
}

/// Where equal bits are required, the roots that are shown on chain are enough to open an item.
#[tokio::test]
async fn a_wrong_batch_that_nobody_serves_is_refuted_by_its_roots() {
	let court = wrong();
	court.state().files.pop();
	let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	let running = worker.start().await;
	let outcome = until_over(&court).await;
	assert_eq!(outcome, Outcome::Refuted { survivor: court.history });
	assert!(demanded(&court.state()));
	assert_eq!(opened(&court.state()), [ITEM]);
	running.stop().await;
}

#[tokio::test]
async fn a_right_batch_that_nobody_serves_is_right() {
	let court = Court::new();
	court.submit_batch(&[]);
	court.state().files.pop();
	let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	let running = worker.start().await;
	until_batch_settled(&court).await;
	assert!(court.state().signed.is_empty());
	assert_eq!((worker.checked("right"), worker.checked("wrong")), (1, 0));
	running.stop().await;
}

/// It loses the batch when the demands lapse.
#[tokio::test]
async fn a_provider_that_shows_no_roots_either_is_waited_for() {
	let court = wrong();
	court.state().files.pop();
	court.state().batch.as_mut().unwrap().shows = None;
	let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	let running = worker.start().await;
	until(&court, "a demand", demanded).await;
	until_batch_settled(&court).await;
	assert!(opened(&court.state()).is_empty());
	assert_eq!(worker.checked("right"), 0);
	running.stop().await;
}

#[tokio::test]
async fn a_file_that_is_not_what_was_committed_to_is_as_good_as_none() {
	let court = wrong();
	let other = encode_tensors(&court.right);
	court.swap_outputs(other);
	let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	let running = worker.start().await;
	let outcome = until_over(&court).await;
	assert_eq!(outcome, Outcome::Refuted { survivor: court.history });
	running.stop().await;
}

#[tokio::test]
async fn within_a_tolerance_a_file_that_is_not_served_accuses_nobody() {
	let (absent, other) = (tolerant(4.0), tolerant(4.0));
	absent.state().files.pop();
	let bytes = encode_tensors(&other.right);
	other.swap_outputs(bytes);
	for court in [absent, other] {
		let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
		let running = worker.start().await;
		until(&court, "a demand", demanded).await;
		until_batch_settled(&court).await;
		assert!(opened(&court.state()).is_empty());
		assert_eq!((worker.checked("right"), worker.checked("wrong")), (0, 0));
		running.stop().await;
	}
}

#[tokio::test]
async fn a_right_item_of_ones_own_is_defended() {
	let court = Court::new();
	court.submit_batch(&[]);
	court.state().batch.as_mut().unwrap().by_artifact = true;
	court.seat(2, 100, true);
	court.open_item(ITEM, &court.right);
	let orders = Orders { everybody: false, ..EVERYBODY };
	let worker = Worker::new(&court, PROVIDER, orders);
	let running = worker.start().await;
	court.open();
	let outcome = until_over(&court).await;
	assert_eq!(outcome, Outcome::Accepted { survivor: court.history });
	assert_eq!(court.state().count("post"), 1);
	running.stop().await;
}

/// The outputs of the item with something added to each element.
fn moved(court: &Court, by: f32) -> Vec<Tensor> {
	let mut moved = court.right.clone();
	for element in moved[0].data.as_chunks_mut::<4>().0 {
		*element = (f32::from_le_bytes(*element) + by).to_le_bytes();
	}
	moved
}

/// A court of a version with a tolerance, in whose batch an item is off by so much.
fn tolerant(by: f32) -> Arc<Court> {
	let mut court = Court::new();
	let tolerance = Tolerance { absolute: 0.5f32.to_bits(), relative: 0f32.to_bits(), row_axis: 0 };
	let spec = &mut Arc::get_mut(&mut court).unwrap().spec;
	(spec.class, spec.tolerance) = (Class::Tolerant, Some(tolerance));
	court.submit_batch(&[(ITEM, moved(&court, by))]);
	court
}

#[tokio::test]
async fn an_item_within_the_tolerance_is_right() {
	let court = tolerant(0.25);
	let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	let running = worker.start().await;
	until_batch_settled(&court).await;
	assert!(court.state().signed.is_empty());
	assert_eq!(worker.checked("right"), 1);
	running.stop().await;
}

#[tokio::test]
async fn an_item_outside_of_the_tolerance_is_opened() {
	let court = tolerant(4.0);
	let worker = Worker::new(&court, CHALLENGER, EVERYBODY);
	let running = worker.start().await;
	until(&court, "an opening", |state| state.count("open_item") == 1).await;
	assert_eq!(opened(&court.state()), [ITEM]);
	running.stop().await;
}
