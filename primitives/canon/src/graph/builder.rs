//! Building a graph: output types are derived, the symbols' effect found by sampling.

use alloc::vec::Vec;
use codec::Encode;

use super::{
	check, Graph, Initializer, Invalid, Node, Slot, Source, MAX_NODE_BYTES, MAX_OPERANDS, SPEC,
};
use crate::{
	commitment::{tensor_root, Blake2b256},
	op::Op,
	shape::Layout,
	symbol::{Bindings, Dim, Symbol, SymbolicType},
	tensor::{DType, Tensor, TensorType},
};

/// Why a node or output cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildError {
	/// The node is invalid for some binding of the symbols.
	Invalid(Invalid),
	/// An extent of the output is not affine in the symbols.
	NotAffine,
	/// A symbol's bounds hold nothing, or there are too many.
	BadSymbol,
	/// An operand or output does not exist.
	UnknownSource,
	/// A graph output is not the row-major output of a node.
	BadOutput,
}

impl From<Invalid> for BuildError {
	fn from(reason: Invalid) -> Self {
		Self::Invalid(reason)
	}
}

/// A graph under construction.
#[derive(Clone, Debug)]
pub struct Builder {
	graph: Graph,
	samples: Vec<Bindings>,
}

impl Builder {
	/// An empty graph with these symbols.
	pub fn new(symbols: &[Symbol]) -> Result<Self, BuildError> {
		if !check::symbols_are_valid(symbols) {
			return Err(BuildError::BadSymbol);
		}
		let graph = Graph { spec: SPEC, symbols: symbols.to_vec(), ..Graph::default() };
		Ok(Self { samples: samples(symbols), graph })
	}

	/// Adds an input of the graph.
	pub fn input(&mut self, dtype: DType, dims: &[Dim]) -> Source {
		self.graph.inputs.push(SymbolicType { dtype, dims: dims.to_vec() });
		Source::Input(last(self.graph.inputs.len()))
	}

	/// Adds a constant.
	pub fn initializer(&mut self, tensor: &Tensor) -> Source {
		self.graph.initializers.push(Initializer {
			kind: tensor.kind().clone(),
			layout: tensor.layout().clone(),
			root: tensor_root::<Blake2b256>(tensor),
		});
		Source::Initializer(last(self.graph.initializers.len()))
	}

	/// Adds a node whose output is row-major.
	pub fn push(&mut self, op: Op, inputs: &[Source]) -> Result<Source, BuildError> {
		self.push_in(op, inputs, Layout::row_major())
	}

	/// Adds a node whose output lies in `layout`.
	pub fn push_in(
		&mut self,
		op: Op,
		inputs: &[Source],
		layout: Layout,
	) -> Result<Source, BuildError> {
		let output = self.derive(&op, inputs, &layout)?;
		let node = Node { op, inputs: inputs.to_vec(), layout, output };
		if node.encoded_size() > MAX_NODE_BYTES {
			return Err(Invalid::TooLarge.into());
		}
		self.graph.nodes.push(node);
		Ok(Source::node(last(self.graph.nodes.len())))
	}

	/// The type of an operand before symbols are bound.
	pub fn kind(&self, source: Source) -> Option<SymbolicType> {
		match source {
			Source::Input(at) => self.graph.inputs.get(at as usize).cloned(),
			Source::Initializer(at) => {
				let kind = &self.graph.initializers.get(at as usize)?.kind;
				let dims = kind.shape.extents().iter().map(|extent| Dim::from(*extent)).collect();
				Some(SymbolicType { dtype: kind.dtype, dims })
			},
			Source::Slot(slot) => Some(self.graph.nodes.get(slot.node as usize)?.output.clone()),
		}
	}

	/// The physical order of an operand.
	pub fn layout(&self, source: Source) -> Option<&Layout> {
		check::layout_of(&self.graph, source)
	}

	/// The graph so far.
	pub const fn graph(&self) -> &Graph {
		&self.graph
	}

	/// The finished graph with these outputs, each the row-major output of a node.
	pub fn finish(mut self, outputs: &[Source]) -> Result<Graph, BuildError> {
		for output in outputs {
			let Source::Slot(slot) = *output else { return Err(BuildError::BadOutput) };
			let row_major = self.layout(*output).is_some_and(Layout::is_row_major);
			if !row_major || slot.output != 0 {
				return Err(BuildError::BadOutput);
			}
			self.graph.outputs.push(slot);
		}
		Ok(self.graph)
	}

	/// The output's type, from what the primitive makes of its operands at each sample.
	fn derive(
		&self,
		op: &Op,
		inputs: &[Source],
		layout: &Layout,
	) -> Result<SymbolicType, BuildError> {
		if inputs.len() > MAX_OPERANDS {
			return Err(Invalid::OperandCount.into());
		}
		let mut outputs = Vec::new();
		for bindings in &self.samples {
			outputs.push(self.derive_at(op, inputs, layout, bindings)?);
		}
		let derived = self.interpolate(&outputs).ok_or(BuildError::NotAffine)?;
		let agrees = |(bindings, output): (&Bindings, &TensorType)| {
			derived.bind(bindings).as_ref() == Some(output)
		};
		let affine = self.samples.iter().zip(&outputs).all(agrees);
		affine.then_some(derived).ok_or(BuildError::NotAffine)
	}

	fn derive_at(
		&self,
		op: &Op,
		inputs: &[Source],
		layout: &Layout,
		bindings: &Bindings,
	) -> Result<TensorType, BuildError> {
		let mut operands = Vec::with_capacity(inputs.len());
		for source in inputs {
			let kind = self.kind(*source).ok_or(BuildError::UnknownSource)?;
			let layout = self.layout(*source).ok_or(BuildError::UnknownSource)?;
			operands.push((kind.bind(bindings).ok_or(Invalid::TooLarge)?, layout.clone()));
		}
		Ok(check::derive(op, &operands, layout, bindings)?)
	}

	/// The affine type through the first sample and the one of each symbol.
	fn interpolate(&self, outputs: &[TensorType]) -> Option<SymbolicType> {
		let base = outputs.first()?;
		let mut dims = Vec::new();
		for (axis, start) in base.shape.iter().enumerate() {
			let mut dim = Dim::constant(i64::try_from(start).ok()?);
			for (at, symbol) in self.graph.symbols.iter().enumerate() {
				let sample = outputs.get(at.checked_add(1)?)?;
				let rise = i64::try_from(sample.shape.get(axis)?)
					.ok()?
					.checked_sub(i64::try_from(start).ok()?)?;
				let run = i64::from(symbol.maximum.checked_sub(symbol.minimum)?);
				let slope = if run == 0 { 0 } else { rise.checked_div(run)? };
				let step = Dim::symbol(at).checked_sub(&Dim::from(symbol.minimum))?;
				dim = dim.checked_add(&step.checked_scale(slope)?)?;
			}
			dims.push(dim);
		}
		Some(SymbolicType { dtype: base.dtype, dims })
	}
}

/// The last number of a list of this length. Lists beyond `u32` do not validate.
fn last(length: usize) -> u32 {
	u32::try_from(length).unwrap_or(u32::MAX).saturating_sub(1)
}

/// The points that an affine output is fitted to and then checked at: all symbols least; each in
/// turn greatest; each in turn one above least; all greatest.
fn samples(symbols: &[Symbol]) -> Vec<Bindings> {
	let least: Vec<u32> = symbols.iter().map(|symbol| symbol.minimum).collect();
	let with = |at: usize, value: u32| {
		let mut values = least.clone();
		values.iter_mut().skip(at).take(1).for_each(|to| *to = value);
		Bindings(values)
	};
	let mut samples = alloc::vec![Bindings(least.clone())];
	samples.extend(symbols.iter().enumerate().map(|(at, symbol)| with(at, symbol.maximum)));
	samples.extend(
		symbols
			.iter()
			.enumerate()
			.map(|(at, symbol)| with(at, symbol.minimum.saturating_add(1).min(symbol.maximum))),
	);
	samples.push(Bindings(symbols.iter().map(|symbol| symbol.maximum).collect()));
	samples
}

/// The slot that an operand is, for a caller that needs its number in the trace.
impl TryFrom<Source> for Slot {
	type Error = Source;

	fn try_from(source: Source) -> Result<Self, Source> {
		match source {
			Source::Slot(slot) => Ok(slot),
			other => Err(other),
		}
	}
}
