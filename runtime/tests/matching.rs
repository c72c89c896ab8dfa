//! The pallets joined: what it takes to draw a provider for a job, however many there are.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

mod book;
mod market;
mod support;

use assay_primitives::provider::MAX_CANDIDATES;
use book::{Book, Reads};

/// The bytes of a node of the trie with sixteen children.
const NODE: usize = 16 * 33 + 8;

/// What some draws from a book of so many asks read, the most of each.
fn reads(asks: u32) -> Reads {
	let mut book = Book::of(asks);
	let mut most = Reads { asks: 0, values: 0, proof: 0 };
	for seed in 0..10 {
		let reads = book.reads(seed);
		assert!(book.is_assigned());
		most.asks = most.asks.max(reads.asks);
		most.values = most.values.max(reads.values);
		most.proof = most.proof.max(reads.proof);
	}
	most
}

#[test]
fn ten_thousand_asks_on_one_version_cost_a_draw_no_more_than_sixty_four() {
	let [few, full, many] = [10, 100, 10_000].map(reads);
	assert_eq!(few.asks, 10);
	assert_eq!(full.asks, MAX_CANDIDATES as usize);
	assert_eq!((many.asks, many.values), (full.asks, full.values));
	// A hundred times as many asks put less than two more nodes of the trie before each value.
	assert!(many.proof < full.proof + 2 * many.values * NODE, "{many:?}, {full:?}");
}

#[test]
fn a_draw_by_the_same_seed_reads_the_same() {
	let mut book = Book::of(100);
	let before = book.reads(7);
	book.draw(8);
	assert!(book.is_assigned());
	assert_eq!(book.reads(7), before);
}
