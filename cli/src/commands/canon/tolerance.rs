//! The tolerance of a version, proposed or checked by runs of ONNX Runtime (PROTOCOL P2.3).

use super::{
	compare::{numbers, refusal_of_fault, scales, Measured},
	random::{random_inputs, Runs},
	source::{refusal, Source},
};
use crate::failure::Failure;
use assay_canon::{arith::F32, probe::Moves, tolerance::Tolerance as Bounds};
use assay_primitives::{model::Tolerance, tensor::Tensor};
use assay_worker::canonical::Options;
use std::collections::BTreeMap;

/// How much further than anything seen a proposed tolerance reaches.
const HEADROOM: f64 = 4.0;
/// The least terms of a proposal: a few runs do not show the worst input.
const LEAST_ABSOLUTE: f64 = 1.0 / 1_048_576.0;
const LEAST_RELATIVE: f64 = 1.0 / 131_072.0;

/// One element that ONNX Runtime and the canonical engine computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
	/// The number of the output.
	pub output: usize,
	/// How far it lies from the canonical value.
	pub difference: f64,
	/// The canonical maximum of its row.
	pub scale: f64,
}

/// The elements that no other outdoes: none lies as far from its canonical value in a row of no
/// greater scale. A tolerance that covers these covers all.
#[derive(Default)]
pub struct Frontier(BTreeMap<u64, Pair>);

impl Frontier {
	/// Add an element.
	pub fn insert(&mut self, pair: Pair) {
		// The bits of floats that are not negative are in the floats' order.
		let key = pair.scale.to_bits();
		let below = self.0.range(..=key).next_back();
		if below.is_some_and(|(_, other)| other.difference >= pair.difference) {
			return;
		}
		let outdone: Vec<u64> = self
			.0
			.range(key..)
			.take_while(|(_, other)| other.difference <= pair.difference)
			.map(|(key, _)| *key)
			.collect();
		for key in outdone {
			self.0.remove(&key);
		}
		self.0.insert(key, pair);
	}

	fn pairs(&self) -> impl Iterator<Item = &Pair> {
		self.0.values()
	}
}

/// A tolerance that reaches `HEADROOM` times further than anything seen: with the least absolute
/// term that any relative one allows, and then the least relative term. A row of values near zero
/// so costs no more than the absolute term that it needs.
pub fn propose(measured: &Measured) -> Result<Tolerance, Failure> {
	refuse_apart(measured)?;
	let most = f64::from(f32::from_bits(Tolerance::MOST_RELATIVE));
	let absolute_for = |relative: f64| {
		let pairs = measured.farthest.pairs();
		let rest = pairs.map(|pair| HEADROOM * pair.difference - relative * pair.scale);
		power_above(rest.fold(LEAST_ABSOLUTE, f64::max))
	};
	let absolute = absolute_for(most);
	let mut relative = LEAST_RELATIVE;
	while relative < most && absolute_for(relative) > absolute {
		relative *= 2.0;
	}
	Ok(Tolerance {
		absolute: (absolute as f32).to_bits(),
		relative: (relative as f32).to_bits(),
		row_axis: measured.row_axis,
	})
}

/// The least power of two that is not below a positive number.
fn power_above(value: f64) -> f64 {
	value.log2().ceil().exp2()
}

/// Whether every run kept within a tolerance.
pub fn check_tolerance(measured: &Measured, tolerance: &Tolerance) -> Result<(), Failure> {
	refuse_apart(measured)?;
	let absolute = f64::from(f32::from_bits(tolerance.absolute));
	let relative = f64::from(f32::from_bits(tolerance.relative));
	let beyond = |pair: &&Pair| pair.difference > absolute + relative * pair.scale;
	match measured.farthest.pairs().find(beyond) {
		None => Ok(()),
		Some(Pair { output, difference, scale }) => {
			let message = format!(
				"an honest run of ONNX Runtime lies {difference:e} from the canonical output \
				 {output}, whose row reaches {scale:e}: more than the tolerance {absolute:e} + \
				 {relative:e} · {scale:e}"
			);
			Err(Failure::new("tolerance", message)
				.help("`assay model calibrate` proposes a tolerance; class `canonical` needs none"))
		},
	}
}

/// How far a probe moves the outputs for random inputs, in multiples of a tolerance (PROTOCOL P2.5):
/// lies about jobs like these are slashed if it is at most one, and void otherwise.
pub fn probe_reach(source: &Source, runs: &Runs, tolerance: &Tolerance) -> Result<f64, Failure> {
	let bounds = Bounds {
		absolute: F32::from_bits(tolerance.absolute),
		relative: F32::from_bits(tolerance.relative),
	};
	let moves = Moves::of([0; 32], &bounds);
	let probe = Options { probe: Some(&moves), ..Options::default() };
	let mut most = 0.0;
	let spec = source.version()?;
	for inputs in random_inputs(source, &spec.inputs, runs)? {
		let run = |options| source.model.run(&inputs, options).map_err(|error| refusal(&error));
		let plain = Options::default();
		let canonical = run(&plain)?.outputs.map_err(refusal_of_fault)?;
		let Ok(moved) = run(&probe)?.outputs else { return Ok(f64::INFINITY) };
		for (canonical, moved) in canonical.iter().zip(&moved) {
			most = reach(canonical, moved, tolerance).max(most);
		}
	}
	Ok(most)
}

/// The distance between two tensors in multiples of a tolerance.
fn reach(canonical: &Tensor, moved: &Tensor, tolerance: &Tolerance) -> f64 {
	let [absolute, relative] =
		[tolerance.absolute, tolerance.relative].map(|bits| f64::from(f32::from_bits(bits)));
	let (exact, moved) = (numbers(canonical), numbers(moved));
	let scales = scales(&exact, &canonical.shape, tolerance.row_axis.into());
	let far = |((c, y), scale): ((f64, f64), f64)| {
		if c == y || (c.is_nan() && y.is_nan()) {
			return 0.0;
		}
		let distance = (y - c).abs() / (absolute + relative * scale);
		if distance.is_nan() {
			f64::INFINITY
		} else {
			distance
		}
	};
	exact.into_iter().zip(moved).zip(scales).map(far).fold(0.0, f64::max)
}

fn refuse_apart(measured: &Measured) -> Result<(), Failure> {
	match measured.apart() {
		0 => Ok(()),
		count => Err(Failure::new(
			"tolerance",
			format!("{count} elements are NaN or infinite on one side only"),
		)
		.help("no tolerance covers that; register the version with --class canonical")),
	}
}

#[cfg(test)]
mod tests {
	use super::{super::compare::tests::compared, *};

	#[test]
	fn a_proposal_covers_what_was_seen_and_the_check_says_so() {
		let measured = compared(&[1.0, 8.0, 0.0, 0.0], &[1.0001, 8.0, 0.0, 1e-5]);
		let proposed = propose(&measured).unwrap();
		assert!(proposed.is_valid());
		check_tolerance(&measured, &proposed).unwrap();
		let tight = Tolerance { absolute: 0, ..proposed };
		let failure = check_tolerance(&measured, &tight).unwrap_err();
		assert!(failure.to_text().contains("an honest run"), "{}", failure.to_text());
	}

	#[test]
	fn a_row_near_zero_does_not_loosen_the_rows_that_are_not() {
		let measured = compared(&[1e-9, 0.0, 1.0, 0.0], &[-1e-9, 0.0, 1.00001, 0.0]);
		let Tolerance { absolute, relative, .. } = propose(&measured).unwrap();
		let (absolute, relative) = (f32::from_bits(absolute), f32::from_bits(relative));
		assert_eq!((absolute, relative), (2f32.powi(-20), 2f32.powi(-14)));
	}

	#[test]
	fn the_farthest_elements_are_those_that_no_other_outdoes() {
		let pair = |scale, difference| Pair { output: 0, difference, scale };
		let all = [(2.0, 3.0), (1.0, 1.0), (4.0, 3.0), (3.0, 2.0), (1.0, 0.5), (0.0, 0.25)]
			.map(|(scale, difference)| pair(scale, difference));
		let mut frontier = Frontier::default();
		all.iter().for_each(|one| frontier.insert(*one));
		let kept: Vec<Pair> = frontier.pairs().copied().collect();
		assert_eq!(kept, [pair(0.0, 0.25), pair(1.0, 1.0), pair(2.0, 3.0)]);
	}
}
