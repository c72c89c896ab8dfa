//! What ties a version to the canonical arithmetic: its graph, the symbols of the graph, and its
//! cost (PROTOCOL P1.1, P1.2 and P3.3).

use crate::{
	commitment::HostBlake2b256,
	ids::Root,
	model::{SpecError, VersionSpec},
	tensor::{byte_length, DType, Dimension, Shape, TensorError, TensorSpec, MAX_TENSOR_NAME},
	BlockNumber,
};
use alloc::vec::Vec;
use assay_canon::{
	arbiter::{arbitrate, Context, Verdict},
	commitment::Hash,
	symbol::Bindings,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// The most symbols of a graph.
pub const MAX_SYMBOLS: u32 = 4;
/// The most axes of declared inputs that are one symbol.
pub const MAX_SYMBOL_AXES: u32 = 16;
/// The most inputs that a version sets itself.
pub const MAX_CONSTANTS: u32 = 4;
/// The largest such input in bytes.
pub const MAX_CONSTANT_BYTES: u32 = 64;
/// The lowerings from ONNX to primitives that this runtime knows.
pub const SUPPORTED_LOWERINGS: [u16; 1] = [1];
/// The dearest job that a version may admit: 2⁴⁴ terms are hours of one processor, and 64 GiB of
/// trace are what a machine can hold on disk to prove any element of it.
pub const MAX_COST: Cost = Cost { terms: 1 << 44, trace_bytes: 1 << 36 };

/// How many times the reference machine's time for a job a challenger is given at least, and so
/// is each player for each step of a dispute (PROTOCOL P3.3).
const LEAST_MARGIN: u64 = 4;

/// An axis of a declared input.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct InputAxis {
	/// The number of the declared input.
	pub input: u8,
	/// The axis, counted from the outermost.
	pub axis: u8,
}

/// The axes whose common length is one symbol of the graph.
pub type SymbolAxes = BoundedVec<InputAxis, ConstU32<MAX_SYMBOL_AXES>>;

/// What running a graph takes (PROTOCOL P3.3).
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct Cost {
	/// Terms of all elements of all slots.
	pub terms: u64,
	/// Bytes of all slots.
	pub trace_bytes: u64,
}

impl Cost {
	/// The blocks that a challenger is given at least to check a job of this cost, and each player
	/// for each step of its dispute, where a reference machine computes and commits to `rate` in the
	/// time of one block.
	pub fn least_window(&self, rate: &Cost) -> BlockNumber {
		self.times(LEAST_MARGIN).time(rate)
	}

	/// The blocks that a reference machine takes, which computes and commits to `rate` in the time of
	/// one block.
	pub fn time(&self, rate: &Cost) -> BlockNumber {
		let blocks = |amount: u64, rate: u64| amount.div_ceil(rate.max(1));
		let terms = blocks(self.terms, rate.terms);
		let bytes = blocks(self.trace_bytes, rate.trace_bytes);
		BlockNumber::try_from(terms.max(bytes)).unwrap_or(BlockNumber::MAX)
	}

	/// The cost of so many runs.
	pub fn times(&self, runs: impl Into<u64>) -> Cost {
		let runs = runs.into();
		Cost {
			terms: self.terms.saturating_mul(runs),
			trace_bytes: self.trace_bytes.saturating_mul(runs),
		}
	}
}

/// What the canonical function of a version is committed to by. Everybody recomputes it from the
/// artifact and the declaration; providers do before they serve the version.
#[derive(
	Clone,
	PartialEq,
	Eq,
	Debug,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct Commitments {
	/// The root of the lowered graph, which alone defines what the version computes. It covers
	/// the roots of the initializers.
	pub graph: Root,
	/// The version of the lowering that made the graph from ONNX.
	pub lowering: u16,
	/// Where each symbol of the graph is read from a job's inputs.
	pub symbols: BoundedVec<SymbolAxes, ConstU32<MAX_SYMBOLS>>,
	/// The cost of the largest job that the declaration admits.
	pub cost: Cost,
}

/// An input of the ONNX graph that the version sets, the same for every job. Jobs do not pass it.
#[derive(
	Clone,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct Constant {
	/// The name in the ONNX graph, UTF-8.
	pub name: BoundedVec<u8, ConstU32<MAX_TENSOR_NAME>>,
	/// The type of the elements.
	pub dtype: DType,
	/// The lengths along each axis, outermost first.
	pub shape: Shape,
	/// The elements, little-endian, in row-major order.
	pub data: BoundedVec<u8, ConstU32<MAX_CONSTANT_BYTES>>,
}

/// An element of a run that a dispute may be about, with all that the chain knows of the run.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Question {
	/// The commitment to the graph.
	pub graph: Root,
	/// The values of the job's symbols.
	pub symbols: Vec<u32>,
	/// The root of each input.
	pub inputs: Vec<Root>,
	/// The root of the history whose slots are opened.
	pub trace: Root,
	/// The row-major index of the element in the output of the node that the proof names.
	pub element: u64,
}

impl Question {
	/// The element, recomputed from `proof`, an encoded [`assay_canon::arbiter::Proof`]. Total over
	/// bytes.
	pub fn answer(&self, proof: &[u8]) -> Verdict {
		let inputs: Vec<Hash> = self.inputs.iter().map(|root| root.0).collect();
		let context = Context {
			graph_root: self.graph.0,
			bindings: &Bindings(self.symbols.clone()),
			inputs: &inputs,
			trace_root: self.trace.0,
			probe: None,
		};
		arbitrate::<HostBlake2b256>(&context, self.element, proof)
	}
}

impl Commitments {
	/// The value of each symbol for inputs of these shapes, in the order of the graph. Inputs whose
	/// axes differ where they are one symbol are [`TensorError::UnequalAxes`].
	pub fn bind(&self, shapes: &[Shape]) -> Result<Vec<u32>, TensorError> {
		self.symbols.iter().map(|axes| common_length(axes, shapes)).collect()
	}

	/// Check that each axis that jobs choose is exactly one symbol, with one bound, and that the
	/// numbers are within what this runtime admits.
	pub(crate) fn validate(&self, inputs: &[TensorSpec]) -> Result<(), SpecError> {
		let Cost { terms, trace_bytes } = self.cost;
		let affordable = (1..=MAX_COST.terms).contains(&terms)
			&& (1..=MAX_COST.trace_bytes).contains(&trace_bytes);
		if !affordable {
			return Err(SpecError::Cost);
		}
		if !SUPPORTED_LOWERINGS.contains(&self.lowering) {
			return Err(SpecError::UnknownSpec);
		}
		let bounded = |axes: &SymbolAxes| {
			let mut bounds = axes.iter().map(|axis| dimension(inputs, *axis));
			match bounds.next() {
				Some(Some(Dimension::UpTo(most))) => {
					bounds.all(|bound| bound == Some(Dimension::UpTo(most)))
				},
				_ => false,
			}
		};
		if self.symbols.iter().all(bounded) && self.names_each_once(inputs) {
			Ok(())
		} else {
			Err(SpecError::Symbols)
		}
	}

	/// Whether the symbols name as many axes as jobs choose, and none twice.
	fn names_each_once(&self, inputs: &[TensorSpec]) -> bool {
		let named: Vec<&InputAxis> = self.symbols.iter().flatten().collect();
		let free = inputs
			.iter()
			.flat_map(|input| &input.shape)
			.filter(|dimension| matches!(dimension, Dimension::UpTo(_)))
			.count();
		let twice = |(at, axis): (usize, &&InputAxis)| named.iter().take(at).any(|one| one == axis);
		named.len() == free && !named.iter().enumerate().any(twice)
	}
}

fn dimension(inputs: &[TensorSpec], at: InputAxis) -> Option<Dimension> {
	inputs.get(usize::from(at.input))?.shape.get(usize::from(at.axis)).copied()
}

fn common_length(axes: &SymbolAxes, shapes: &[Shape]) -> Result<u32, TensorError> {
	let length = |at: &InputAxis| -> Option<u32> {
		shapes.get(usize::from(at.input))?.get(usize::from(at.axis)).copied()
	};
	let mut lengths = axes.iter().map(length);
	let first = lengths.next().flatten().ok_or(TensorError::WrongShape)?;
	match lengths.all(|length| length == Some(first)) {
		true => Ok(first),
		false => Err(TensorError::UnequalAxes),
	}
}

/// Check that what a version sets is named apart from its inputs and has as many bytes as it says.
pub(crate) fn validate_constants(spec: &VersionSpec) -> Result<(), SpecError> {
	let names = || spec.constants.iter().map(|constant| &constant.name);
	let distinct = names().enumerate().all(|(at, name)| {
		!name.is_empty()
			&& core::str::from_utf8(name).is_ok()
			&& !names().take(at).any(|earlier| earlier == name)
			&& !spec.inputs.iter().any(|input| input.name == *name)
	});
	let whole = |constant: &Constant| {
		let length = u64::try_from(constant.data.len()).ok();
		constant.dtype.canonical().is_some()
			&& length.is_some()
			&& byte_length(constant.dtype, &constant.shape) == length
	};
	if distinct && spec.constants.iter().all(whole) {
		Ok(())
	} else {
		Err(SpecError::Constants)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::vec;

	fn input(name: &[u8], shape: &[Dimension]) -> TensorSpec {
		TensorSpec {
			name: name.to_vec().try_into().unwrap(),
			dtype: DType::Float32,
			shape: shape.to_vec().try_into().unwrap(),
		}
	}

	fn inputs() -> Vec<TensorSpec> {
		use Dimension::{Fixed, UpTo};
		vec![
			input(b"ids", &[UpTo(4), UpTo(512)]),
			input(b"mask", &[UpTo(4), UpTo(512)]),
			input(b"scale", &[Fixed(3)]),
		]
	}

	fn at(input: u8, axis: u8) -> InputAxis {
		InputAxis { input, axis }
	}

	fn commitments(symbols: &[&[InputAxis]]) -> Commitments {
		let axes = |axes: &&[InputAxis]| SymbolAxes::try_from(axes.to_vec()).unwrap();
		Commitments {
			lowering: 1,
			symbols: symbols.iter().map(axes).collect::<Vec<_>>().try_into().unwrap(),
			cost: Cost { terms: 1, trace_bytes: 1 },
			..Commitments::default()
		}
	}

	fn shapes(lengths: &[&[u32]]) -> Vec<Shape> {
		lengths.iter().map(|lengths| lengths.to_vec().try_into().unwrap()).collect()
	}

	#[test]
	fn symbols_are_read_from_the_shapes_of_a_job() {
		let commitments = commitments(&[&[at(0, 0), at(1, 0)], &[at(0, 1), at(1, 1)]]);
		assert_eq!(commitments.validate(&inputs()), Ok(()));
		let job = shapes(&[&[2, 77], &[2, 77], &[3]]);
		assert_eq!(commitments.bind(&job), Ok(vec![2, 77]));
	}

	#[test]
	fn inputs_whose_tied_axes_differ_are_refused() {
		let commitments = commitments(&[&[at(0, 0), at(1, 0)], &[at(0, 1), at(1, 1)]]);
		let job = shapes(&[&[2, 77], &[2, 78], &[3]]);
		assert_eq!(commitments.bind(&job), Err(TensorError::UnequalAxes));
		assert_eq!(commitments.bind(&[]), Err(TensorError::WrongShape));
	}

	#[test]
	fn every_free_axis_is_one_symbol_and_no_other() {
		let all: [&[&[InputAxis]]; 6] = [
			// An axis is missing.
			&[&[at(0, 0), at(1, 0)], &[at(0, 1)]],
			// One is there twice.
			&[&[at(0, 0), at(1, 0)], &[at(0, 1), at(0, 1)]],
			// One that jobs do not choose.
			&[&[at(0, 0), at(1, 0)], &[at(0, 1), at(1, 1)], &[at(2, 0)]],
			// None of the inputs.
			&[&[at(0, 0), at(1, 0)], &[at(0, 1), at(9, 9)]],
			// A symbol without axes.
			&[&[at(0, 0), at(1, 0)], &[at(0, 1), at(1, 1)], &[]],
			// Axes of different bounds in one.
			&[&[at(0, 0), at(0, 1)], &[at(1, 0), at(1, 1)]],
		];
		for symbols in all {
			assert_eq!(commitments(symbols).validate(&inputs()), Err(SpecError::Symbols));
		}
	}

	#[test]
	fn costs_and_lowerings_are_bounded() {
		let good = commitments(&[]);
		assert_eq!(good.validate(&[]), Ok(()));
		let cost = |terms, trace_bytes| Cost { terms, trace_bytes };
		for cost in [
			Cost::default(),
			cost(0, 1),
			cost(1, 0),
			cost(MAX_COST.terms + 1, 1),
			cost(1, MAX_COST.trace_bytes + 1),
		] {
			let bad = Commitments { cost, ..good.clone() };
			assert_eq!(bad.validate(&[]), Err(SpecError::Cost));
		}
		let bad = Commitments { lowering: 2, ..good };
		assert_eq!(bad.validate(&[]), Err(SpecError::UnknownSpec));
	}

	#[test]
	fn windows_grow_with_the_cost() {
		let rate = Cost { terms: 2_000_000_000, trace_bytes: 512 * 1024 * 1024 };
		let window = |terms, trace_bytes| Cost { terms, trace_bytes }.least_window(&rate);
		assert_eq!(window(1, 1), 1);
		assert_eq!(window(2_000_000_000, 1), 4);
		assert_eq!(window(1, 1024 * 1024 * 1024), 8);
		assert_eq!(window(u64::MAX, u64::MAX), BlockNumber::MAX);
		// The dearest version: some twenty hours of blocks.
		assert_eq!(MAX_COST.least_window(&rate), 35_185);
		assert_eq!(Cost { terms: 1, trace_bytes: 1 }.least_window(&Cost::default()), 4);
	}

	#[test]
	fn the_limits_are_those_of_the_canonical_arithmetic() {
		assert_eq!(MAX_SYMBOLS as usize, assay_canon::symbol::MAX_SYMBOLS);
	}
}
