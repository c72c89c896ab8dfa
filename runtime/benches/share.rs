//! The share of the work that a provider wins which misses three of ten jobs, beside nine equal
//! ones that miss none: `cargo bench -p assay-runtime --bench share`.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used,
	missing_docs
)]

#[path = "../tests/market/mod.rs"]
mod market;
#[path = "../tests/reliability/mod.rs"]
mod reliability;
#[path = "../tests/support/mod.rs"]
mod support;

use reliability::{simulate, Draw, Outcome, PROVIDERS, UNRELIABLE};

const JOBS: u32 = 5_000;
/// The draws of a line.
const PART: usize = 500;

fn main() {
	let Outcome { draws, delivered } = simulate(1, JOBS);
	println!("{:>12} {:>9} {:>9} {:>9}", "draws", "misses 30%", "by weight", "honest");
	for (number, part) in draws.chunks(PART).enumerate() {
		let first = number * PART;
		print(&format!("{}-{}", first + 1, first + part.len()), part);
	}
	print("all", &draws);
	let all: u64 = delivered.iter().sum();
	let own = percent(delivered[UNRELIABLE] as f64, all as f64);
	println!("delivered, and so paid: {own:.2} %; an honest one {:.2} %", honest(100.0 - own));
}

/// The share of the draws that the one that misses has won, what its weight promised it, and what
/// each of the others has won on average.
fn print(name: &str, draws: &[Draw]) {
	let count = draws.iter().filter(|draw| draw.provider == UNRELIABLE).count();
	let won = percent(count as f64, draws.len() as f64);
	let weight = percent(draws.iter().map(|draw| draw.chance).sum(), draws.len() as f64);
	println!("{name:>12} {won:>9.2}% {weight:>8.2}% {:>8.2}%", honest(100.0 - won));
}

fn percent(part: f64, whole: f64) -> f64 {
	100.0 * part / whole
}

/// What each of the others has on average of what they have together.
fn honest(together: f64) -> f64 {
	together / f64::from(PROVIDERS - 1)
}
