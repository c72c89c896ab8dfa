//! What it costs to draw and assign a provider as the asks for a version grow in number:
//! `cargo bench -p assay-runtime --bench matching`.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used,
	missing_docs
)]

#[path = "../tests/book/mod.rs"]
mod book;
#[path = "../tests/market/mod.rs"]
mod market;
#[path = "../tests/support/mod.rs"]
mod support;

use book::Book;
use std::time::Instant;

/// The draws of which the median counts, each by another seed.
const DRAWS: u32 = 1_001;
const SIZES: [u32; 4] = [10, 100, 1_000, 10_000];

fn main() {
	let mut books = SIZES.map(Book::of);
	let times = medians(&mut books);
	println!(
		"{:>7} {:>10} {:>12} {:>10} {:>10} {:>6}",
		"asks", "asks read", "values read", "proof KiB", "median us", "ratio"
	);
	for ((asks, book), time) in SIZES.iter().zip(&mut books).zip(times) {
		assert!(book.is_assigned());
		let reads = book.reads(0);
		let (proof, ratio) = (reads.proof as f64 / 1024.0, time / times[0]);
		println!(
			"{asks:>7} {:>10} {:>12} {proof:>10.1} {time:>10.1} {ratio:>6.2}",
			reads.asks, reads.values
		);
	}
}

/// The median of the times that draws from each book take, in microseconds. They are in turns, so
/// that all see the same machine.
fn medians(books: &mut [Book; SIZES.len()]) -> [f64; SIZES.len()] {
	let mut times = SIZES.map(|_| Vec::new());
	for seed in 0..DRAWS {
		for (book, times) in books.iter_mut().zip(&mut times) {
			let started = Instant::now();
			book.draw(seed);
			times.push(started.elapsed().as_secs_f64() * 1e6);
		}
	}
	times.map(|mut times| {
		times.sort_unstable_by(f64::total_cmp);
		times[times.len() / 2]
	})
}
