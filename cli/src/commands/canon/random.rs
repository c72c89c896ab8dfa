//! Random inputs for a model.

use super::source::Source;
use crate::failure::Failure;
use assay_canon::symbol::Bindings;
use assay_primitives::tensor::{DType, Tensor, TensorSpec};
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

/// Numbers that begin with a seed (SplitMix64).
struct Random(u64);

impl Random {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut word = self.0;
		word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		word ^ (word >> 31)
	}

	/// Between 0 and 1.
	fn unit(&mut self) -> f64 {
		(self.next() >> 11) as f64 / (1u64 << 53) as f64
	}

	/// About normal, of mean 0 and variance 1.
	fn normal(&mut self) -> f32 {
		((0..12).map(|_| self.unit()).sum::<f64>() - 6.0) as f32
	}

	fn within(&mut self, range: &Range<i64>) -> i64 {
		let span = range.end.saturating_sub(range.start).max(1).unsigned_abs();
		range.start.saturating_add_unsigned(self.next() % span)
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
		let mut lengths: Vec<u32> = imported
			.graph
			.symbols
			.iter()
			.map(|symbol| match run {
				0 => symbol.minimum,
				_ => {
					symbol.minimum
						+ (random.next() % u64::from(symbol.maximum - symbol.minimum + 1)) as u32
				},
			})
			.collect();
		let terms = |lengths: &[u32]| {
			imported.graph.cost(&Bindings(lengths.to_vec())).map_or(u64::MAX, |cost| cost.terms)
		};
		while terms(&lengths) > MOST_TERMS && lengths.iter().any(|length| *length > 1) {
			lengths.iter_mut().for_each(|length| *length = length.div_ceil(2));
		}
		let bindings = Bindings(lengths);
		let mut inputs = Vec::new();
		for (port, spec) in imported.inputs.iter().zip(specs) {
			let kind = port.kind.bind(&bindings);
			let kind = kind.ok_or_else(|| Failure::new("model", "an input has no shape"))?;
			let shape = kind.shape.extents().to_vec();
			let range = runs.range(&port.name);
			inputs.push(random_tensor(&mut random, spec.dtype, shape, &range)?);
		}
		all.push(inputs);
	}
	Ok(all)
}

fn random_tensor(
	random: &mut Random,
	dtype: DType,
	shape: Vec<u32>,
	range: &Range<i64>,
) -> Result<Tensor, Failure> {
	let count: u64 = shape.iter().map(|length| u64::from(*length)).product();
	let mut data = Vec::new();
	for _ in 0..count {
		match dtype {
			DType::Float32 => data.extend(random.normal().to_le_bytes()),
			DType::Bool => data.push((random.next() & 1) as u8),
			_ => {
				let size = usize::try_from(dtype.size()).unwrap_or(1);
				let (least, most) = match dtype {
					DType::Int8 => (i8::MIN.into(), i8::MAX.into()),
					DType::Uint8 => (0, u8::MAX.into()),
					DType::Int32 => (i32::MIN.into(), i32::MAX.into()),
					_ => (i64::MIN, i64::MAX),
				};
				let value = random.within(range).clamp(least, most);
				data.extend(value.to_le_bytes().iter().take(size));
			},
		}
	}
	Tensor::new(dtype, shape, data).map_err(|error| Failure::new("input", error.to_string()))
}

#[cfg(test)]
mod tests {
	use super::{super::compare::numbers, *};

	#[test]
	fn a_range_may_be_that_of_one_input() {
		let one =
			|input: Option<&str>, range| InputRange { input: input.map(str::to_owned), range };
		let runs = |ranges| Runs { count: 1, seed: 1, ranges, row_axis: None };
		assert_eq!(runs(vec![]).range("x"), 0..256);
		let given = runs(vec![one(Some("x"), 0..2), one(None, 5..6)]);
		assert_eq!((given.range("x"), given.range("y")), (0..2, 5..6));
	}

	#[test]
	fn random_integers_are_clipped_to_their_type() {
		let tensor = |dtype| random_tensor(&mut Random(7), dtype, vec![64], &(-300..300)).unwrap();
		let within = |dtype, low: f64, high: f64| {
			numbers(&tensor(dtype)).iter().all(|value| (low..=high).contains(value))
		};
		assert!(within(DType::Int8, -128.0, 127.0) && within(DType::Uint8, 0.0, 255.0));
		assert!(numbers(&tensor(DType::Uint8)).contains(&0.0));
		assert!(within(DType::Int32, -300.0, 299.0) && within(DType::Bool, 0.0, 1.0));
	}

	#[test]
	fn random_inputs_are_the_same_for_the_same_seed() {
		let tensor =
			|seed| random_tensor(&mut Random(seed), DType::Int8, vec![64], &(0..1000)).unwrap();
		assert_eq!(tensor(1), tensor(1));
		assert_ne!(tensor(1), tensor(2));
		assert!(numbers(&tensor(1)).iter().all(|value| (0.0..=127.0).contains(value)));
	}
}
