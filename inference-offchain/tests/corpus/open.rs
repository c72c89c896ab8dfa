//! Attacks on honest providers that the probe as PROTOCOL P2.5 has it, a run on inputs moved by a
//! millionth, lets through: for each, it had honest results slashed.

use crate::{
	network, normalization, numbers,
	subject::{tensor, Craft, Subject},
	transformer, Tally, LEAST,
};
use assay_worker::{engine::ort::Optimization, random::Random};

/// Run so many jobs of a version honestly on inputs of one craft. Many are void: rounding is what the
/// attack amplifies.
fn nobody_is_slashed(subject: &Subject, craft: Craft, jobs: u32) -> Tally {
	let engine = subject.engine(1, Optimization::All);
	let mut random = Random(51);
	let mut tally = Tally::default();
	for _ in 0..jobs {
		let inputs = subject.inputs(craft, &mut random, 24);
		tally.add(&subject.rule(&inputs, &engine.run(&inputs).unwrap()));
	}
	println!("open {craft:?}: {tally}");
	assert_eq!(tally.slashed, 0, "honest, and slashed: {tally}");
	tally
}

/// The squares of float32 overflow in their sum although the exact mean of them does not, and what
/// comes of that is finite again: a layer normalization of nothing but its bias.
#[test]
fn sums_that_overflow_on_their_way_to_a_finite_result_slash_nobody() {
	assert!(nobody_is_slashed(&normalization(), Craft::Large, 20).voided > 0);
}

/// Where rounding is amplified, the probe moves nearly every element far, but for a few that it
/// happens to leave where they were; and whoever disputes chooses among all elements.
#[test]
fn an_element_that_the_probe_happens_not_to_move_slashes_nobody() {
	assert!(nobody_is_slashed(&transformer(), Craft::Offset, 100).voided > 0);
}

/// A version may cancel sums that are equal whatever the input, multiply what rounding leaves of
/// them, and show it only to inputs that no calibration has.
#[test]
fn a_version_that_cancels_exactly_slashes_nobody() {
	let subject = Subject::of_network(network::trap(), &[64], LEAST);
	assert!(nobody_is_slashed(&subject, Craft::Spike, 20).voided > 0);
	// To honest providers it shows nothing when they are calibrated.
	assert_eq!(nobody_is_slashed(&subject, Craft::Normal, 20).voided, 0);
}

/// Engines cut the sigmoid off where it is far below the precision of 1, and a version may multiply
/// what is left.
#[test]
fn the_tail_of_a_function_slashes_nobody() {
	let subject = Subject::of_network(network::tail(), &[64], LEAST);
	assert!(nobody_is_slashed(&subject, Craft::Normal, 20).voided > 0);
}

/// Products underflow in float32 although their exact sum does not.
#[test]
fn sums_of_what_underflows_slash_nobody() {
	let subject = Subject::of_network(network::underflow(), &[1024], LEAST);
	assert!(nobody_is_slashed(&subject, Craft::Normal, 20).voided > 0);
}

/// Engines may compute a variance as the mean of squares less the square of the mean, which is off by
/// the square of what a move of the input brings: under a loose tolerance the probe moves more.
#[test]
fn cancellation_of_the_second_order_under_a_loose_tolerance_slashes_nobody() {
	const WIDTH: usize = 1024;
	let subject = Subject::of_network(network::plain_normalization(1024), &[1024], [-20, -10]);
	let (mut random, mut tally) = (Random(52), Tally::default());
	for _ in 0..400 {
		let inputs = subject.inputs(Craft::Offset, &mut random, 1);
		let row = numbers(&inputs[0]);
		let mean = |of: fn(f32) -> f32| row.iter().map(|x| of(*x)).sum::<f32>() / WIDTH as f32;
		let (first, second) = (mean(|x| x), mean(|x| x * x));
		let deviation = (second - first * first + 1e-5).sqrt();
		let given: Vec<f32> = row.iter().map(|x| (x - first) / deviation).collect();
		tally.add(&subject.rule(&inputs, &[tensor(&[1, WIDTH as u32], &given)]));
	}
	println!("open variance: {tally}");
	assert_eq!(tally.slashed, 0, "{tally}");
	assert!(tally.voided > 0 && tally.accepted > 0, "{tally}");
}
