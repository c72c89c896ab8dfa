//! Random inputs for a model.

use super::source::Source;
use crate::failure::Failure;
use assay_primitives::tensor::{Tensor, TensorSpec};
use assay_worker::random::{halved, Random};
use std::ops::Range;

/// The integers of random inputs for which no range is given.
const DEFAULT_RANGE: Range<i64> = 0..256;
/// The most terms of one random run: a second or two of one processor.
const MOST_TERMS: u64 = 1 << 33;

/// The inputs that a comparison runs.
pub struct Runs {
	/// Their number, where they are random.
	pub count: u32,
	/// What random numbers begin with.
	pub seed: u64,
	/// The integers that random inputs have; the last that applies to an input counts.
	pub ranges: Vec<InputRange>,
	/// The axis along which a row of outputs runs; the last by default.
	pub row_axis: Option<u8>,
}

/// The integers of random inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputRange {
	/// The input; all by default.
	pub input: Option<String>,
	/// The first, and one past the last.
	pub range: Range<i64>,
}

impl Runs {
	/// The integers that a random input has.
	fn range(&self, input: &str) -> Range<i64> {
		let of_it = self.ranges.iter().rev().find(|one| one.input.as_deref() == Some(input));
		let of_all = || self.ranges.iter().rev().find(|one| one.input.is_none());
		of_it.or_else(of_all).map_or(DEFAULT_RANGE, |one| one.range.clone())
	}
}

/// Random inputs: the first of the least lengths that a job may choose, the others of any.
pub fn random_inputs(
	source: &Source,
	specs: &[TensorSpec],
	runs: &Runs,
) -> Result<Vec<Vec<Tensor>>, Failure> {
	let mut random = Random(runs.seed);
	let imported = source.model.imported();
	let known = |name: &String| imported.inputs.iter().any(|port| port.name == *name);
	let mut named = runs.ranges.iter().filter_map(|range| range.input.as_ref());
	if let Some(unknown) = named.find(|name| !known(name)) {
		let message = format!("a range is given for `{unknown}`, which is no input");
		return Err(Failure::new("usage", message));
	}
	let mut all = Vec::new();
	for run in 0..runs.count.max(1) {
		let lengths: Vec<u32> = imported
			.graph
			.symbols
			.iter()
			.map(|symbol| match run {
				0 => symbol.minimum,
				_ => {
					symbol.minimum
						+ (random.word() % u64::from(symbol.maximum - symbol.minimum + 1)) as u32
				},
			})
			.collect();
		let bindings = halved(lengths, |bindings| {
			imported.graph.cost(bindings).is_ok_and(|cost| cost.terms <= MOST_TERMS)
		});
		let mut inputs = Vec::new();
		for (port, spec) in imported.inputs.iter().zip(specs) {
			let kind = port.kind.bind(&bindings);
			let kind = kind.ok_or_else(|| Failure::new("model", "an input has no shape"))?;
			let shape = kind.shape.extents().to_vec();
			let range = runs.range(&port.name);
			let tensor = random.tensor(spec.dtype, shape, &range);
			inputs.push(tensor.map_err(|error| Failure::new("input", error.to_string()))?);
		}
		all.push(inputs);
	}
	Ok(all)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_range_may_be_that_of_one_input() {
		let one =
			|input: Option<&str>, range| InputRange { input: input.map(str::to_owned), range };
		let runs = |ranges| Runs { count: 1, seed: 1, ranges, row_axis: None };
		assert_eq!(runs(vec![]).range("x"), 0..256);
		let given = runs(vec![one(Some("x"), 0..2), one(None, 5..6)]);
		assert_eq!((given.range("x"), given.range("y")), (0..2, 5..6));
	}
}
