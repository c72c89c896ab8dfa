//! Where the rule of the probe (PROTOCOL P2.5) falls short: honest results that it has slashed.
//!
//! Each test says what ought to hold, and is expected to fail for as long as it does not. All that
//! whoever disputes needs is one element that deviates grossly and that the probe moves by less than
//! the tolerance.

use crate::{
	network, normalization,
	subject::{Craft, Subject},
	transformer, Tally, LEAST,
};
use assay_worker::{engine::ort::Optimization, random::Random};

/// Run so many jobs of a version honestly on inputs of one craft.
fn nobody_is_slashed(subject: &Subject, craft: Craft, jobs: u32) {
	let engine = subject.engine(1, Optimization::All);
	let mut random = Random(51);
	let mut tally = Tally::default();
	for _ in 0..jobs {
		let inputs = subject.inputs(craft, &mut random, 24);
		tally.add(&subject.rule(&inputs, &engine.run(&inputs).unwrap()));
	}
	println!("open {craft:?}: {tally}");
	assert_eq!(tally.slashed, 0, "honest, and slashed: {tally}");
}

/// The squares of float32 overflow in their sum although the exact mean of them does not, and what
/// comes of that is finite again: a layer normalization of nothing but its bias.
#[test]
#[should_panic(expected = "honest, and slashed")]
fn sums_that_overflow_on_their_way_to_a_finite_result_slash_nobody() {
	nobody_is_slashed(&normalization(), Craft::Large, 20);
}

/// Where rounding is amplified, the probe moves every element far, but for one in about a thousand
/// that it happens to leave where it was; and whoever disputes chooses among all elements.
#[test]
#[should_panic(expected = "honest, and slashed")]
fn an_element_that_the_probe_happens_not_to_move_slashes_nobody() {
	nobody_is_slashed(&transformer(), Craft::Offset, 100);
}

/// A version may cancel sums that are equal whatever the input, multiply what rounding leaves of
/// them, and show it only to inputs that no calibration has.
#[test]
#[should_panic(expected = "honest, and slashed")]
fn a_version_that_no_probe_moves_slashes_nobody() {
	let subject = Subject::of_network(network::trap(), &[64], LEAST);
	nobody_is_slashed(&subject, Craft::Spike, 20);
}

/// To the same version honest providers are calibrated: nothing is seen.
#[test]
fn a_version_that_no_probe_moves_passes_calibration() {
	nobody_is_slashed(&Subject::of_network(network::trap(), &[64], LEAST), Craft::Normal, 20);
}
