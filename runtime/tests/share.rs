//! The pallets joined: how much work a provider wins that does not do all that it is given.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

mod market;
mod reliability;
mod support;

use reliability::{simulate, Draw, Outcome, PROVIDERS, UNRELIABLE};

/// The jobs of a simulation.
const JOBS: u32 = 5_000;
/// The standard deviations within which chance is believed: one run in 370 has more.
const DEVIATIONS: f64 = 3.0;

/// How often each provider was drawn.
fn counts(draws: &[Draw]) -> Vec<f64> {
	let count = |provider| draws.iter().filter(|draw| draw.provider == provider).count() as f64;
	(0..PROVIDERS as usize).map(count).collect()
}

/// How often something happens that has these chances, and the standard deviation of that.
fn expected(chances: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
	let variance: f64 = chances.clone().map(|chance| chance * (1.0 - chance)).sum();
	(chances.sum(), variance.sqrt())
}

#[test]
fn equal_work_never_goes_equally_to_a_machine_that_misses_a_third_of_it() {
	let Outcome { draws, .. } = simulate(1, JOBS);
	assert_eq!(draws.len(), JOBS as usize);
	let drawn = counts(&draws);
	let (equal, deviation) = expected(draws.iter().map(|_| 1.0 / f64::from(PROVIDERS)));
	assert!(drawn[UNRELIABLE] < equal - DEVIATIONS * deviation, "{drawn:?}");
	let honest = drawn[UNRELIABLE + 1..].iter();
	assert!(honest.clone().all(|honest| drawn[UNRELIABLE] < *honest), "{drawn:?}");

	// It is drawn as often as its weight says.
	let (weighed, deviation) = expected(draws.iter().map(|draw| draw.chance));
	assert!((drawn[UNRELIABLE] - weighed).abs() < DEVIATIONS * deviation, "{drawn:?}");
	// That begins as everybody's and ends at seven tenths of it, as the rule of quality says of
	// seven answers in ten.
	let (first, last) = (draws[0].chance, draws[draws.len() - 1].chance);
	assert!((first - 1.0 / f64::from(PROVIDERS)).abs() < 0.001, "{first}");
	assert!((last - 0.7 / (f64::from(PROVIDERS - 1) + 0.7)).abs() < 0.005, "{last}");
}

#[test]
fn every_job_that_one_provider_misses_is_delivered_by_another() {
	let Outcome { draws, delivered } = simulate(3, 500);
	assert_eq!(delivered.iter().sum::<u64>(), 500);
	let drawn = counts(&draws);
	// Three of ten are missed, counted from the first on.
	let missed = drawn[UNRELIABLE] - delivered[UNRELIABLE] as f64;
	assert!((missed - 0.3 * drawn[UNRELIABLE]).abs() < 1.0, "{drawn:?}, {delivered:?}");
	for honest in UNRELIABLE + 1..PROVIDERS as usize {
		assert!(delivered[honest] as f64 >= drawn[honest]);
	}
}
