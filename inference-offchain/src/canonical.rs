//! Models in the canonical arithmetic: what a version commits to, and what its jobs compute.
//!
//! A file and a declaration make one graph, and the graph makes the commitments: whoever has the
//! file recomputes all that the chain stores of a version (PROTOCOL P3.2).

mod declaration;
mod error;
mod tensor;

pub use assay_canon::{
	arbiter::{Request, Shown},
	exact::Fault,
	fast::{Options, Progress, Statistics},
	symbol::Bindings,
};
pub use error::CanonicalError;
pub use tensor::{from_canonical, to_canonical};

use crate::onnx::{self, Class as Strictest, Declaration, File, Imported};
use assay_canon::{
	arbiter::{self, Material},
	commitment::{Blake2b256, CommittedGraph},
	fast::{self, Outcome},
	graph::SPEC,
	tensor::Tensor as CanonicalTensor,
};
use assay_primitives::{
	canonical::{Commitments, Cost, InputAxis, SymbolAxes},
	model::{Class, SpecVersion, VersionSpec},
	tensor::{Tensor, TensorError, TensorSpec},
	Root,
};
use std::borrow::Cow;

/// The lowering from ONNX to primitives that [`onnx`] is.
pub const LOWERING: u16 = 1;

/// Opens any element of a run.
pub type Prover<'a> = arbiter::Prover<'a, Blake2b256>;

/// A model in the canonical arithmetic: imported, with its graph's commitment.
#[derive(Clone, Debug)]
pub struct CanonicalModel {
	imported: Imported,
	root: Root,
}

/// What a run delivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
	/// The outputs in the order of the graph, or where the run ended early.
	pub outputs: Result<Vec<Tensor>, Fault>,
	/// How the elements were computed.
	pub statistics: Statistics,
}

/// A run with the commitment to each of its slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
	/// The root of the trace.
	pub root: Root,
	/// The root of each slot's tensor, as far as the run came.
	pub slots: Vec<Root>,
	/// What the run delivers.
	pub run: Run,
}

impl From<Imported> for CanonicalModel {
	fn from(imported: Imported) -> Self {
		let root = Root(CommittedGraph::<Blake2b256>::new(&imported.graph).root());
		CanonicalModel { imported, root }
	}
}

impl CanonicalModel {
	/// Import a file.
	pub fn import(bytes: &[u8], declaration: &Declaration) -> Result<Self, CanonicalError> {
		Ok(onnx::import(bytes, declaration)?.into())
	}

	/// Import a file under a version's declaration of inputs and constants, whatever else the
	/// version says.
	pub fn declared(bytes: &[u8], spec: &VersionSpec) -> Result<Self, CanonicalError> {
		let file = File::decode(bytes)?;
		let declaration = declaration::of(&file, spec)?;
		Ok(file.import(&declaration)?.into())
	}

	/// The model of a version, once everything that the version says of it is found true.
	pub fn of_version(bytes: &[u8], spec: &VersionSpec) -> Result<Self, CanonicalError> {
		let model = Self::declared(bytes, spec)?;
		model.check(spec)?;
		Ok(model)
	}

	/// Check everything that a version says of the model.
	pub fn check(&self, spec: &VersionSpec) -> Result<(), CanonicalError> {
		use CanonicalError as Error;
		let arithmetic = SpecVersion(SPEC as u16);
		same(arithmetic, spec.spec, |computed, declared| Error::Spec { computed, declared })?;
		same(self.inputs()?, spec.inputs.to_vec(), |computed, declared| Error::Inputs {
			computed,
			declared,
		})?;
		same(self.outputs()?, spec.outputs.to_vec(), |computed, declared| Error::Outputs {
			computed,
			declared,
		})?;
		if !self.admits(spec.class) {
			return Err(Error::Class { strictest: self.strictest(), declared: spec.class });
		}
		let Commitments { graph, lowering, symbols, cost } = self.commitments()?;
		let said = &spec.commitments;
		same(lowering, said.lowering, |computed, declared| Error::Lowering { computed, declared })?;
		same(graph, said.graph, |computed, declared| Error::Graph { computed, declared })?;
		same(symbols.to_vec(), said.symbols.to_vec(), |computed, declared| Error::Symbols {
			computed,
			declared,
		})?;
		same(cost, said.cost, |computed, declared| Error::Cost { computed, declared })
	}

	/// What the file means.
	pub fn imported(&self) -> &Imported {
		&self.imported
	}

	/// The root of the graph, which alone defines what is computed.
	pub fn graph_root(&self) -> Root {
		self.root
	}

	/// The bytes of the weights.
	pub fn weight_bytes(&self) -> u64 {
		self.imported.initializers.iter().map(|tensor| tensor.data().len() as u64).sum()
	}

	/// What a run on these inputs takes.
	pub fn cost(&self, inputs: &[Tensor]) -> Result<Cost, CanonicalError> {
		let cost = self.imported.graph.cost(&self.bindings(inputs)?)?;
		Ok(Cost { terms: cost.terms, trace_bytes: cost.trace_bytes })
	}

	/// The strictest class that a version with this graph may have.
	pub fn strictest(&self) -> Class {
		match self.imported.class {
			Strictest::Exact => Class::Exact,
			Strictest::Canonical => Class::Canonical,
			Strictest::Tolerant => Class::Tolerant,
		}
	}

	/// Whether a version with this graph may have a class. Every graph may be `Canonical`: its
	/// results are then compared bit by bit.
	pub fn admits(&self, class: Class) -> bool {
		class == Class::Canonical || class == self.strictest()
	}

	/// What the chain stores of the model: the graph's root, the lowering, where each symbol is
	/// read, and the cost of the largest job.
	pub fn commitments(&self) -> Result<Commitments, CanonicalError> {
		// An input that the chain cannot declare has no commitments either.
		self.inputs()?;
		let symbols: Vec<SymbolAxes> = (0..self.imported.graph.symbols.len())
			.map(|symbol| self.axes_of(symbol))
			.collect::<Result<_, _>>()?;
		let maxima = self.imported.graph.symbols.iter().map(|symbol| symbol.maximum).collect();
		let cost = self.imported.graph.cost(&Bindings(maxima))?;
		Ok(Commitments {
			graph: self.root,
			lowering: LOWERING,
			symbols: symbols.try_into().map_err(|_| CanonicalError::TooMany("free dimensions"))?,
			cost: Cost { terms: cost.terms, trace_bytes: cost.trace_bytes },
		})
	}

	/// The axes of inputs that are a symbol.
	fn axes_of(&self, symbol: usize) -> Result<SymbolAxes, CanonicalError> {
		let mut axes = Vec::new();
		for (input, port) in self.imported.inputs.iter().enumerate() {
			for (axis, dim) in port.kind.dims.iter().enumerate() {
				if declaration::symbol_of(dim) == Some(symbol) {
					let input =
						u8::try_from(input).map_err(|_| CanonicalError::TooMany("inputs"))?;
					axes.push(InputAxis { input, axis: axis as u8 });
				}
			}
		}
		axes.try_into().map_err(|_| CanonicalError::TooMany("axes of one free dimension"))
	}

	/// The inputs as the chain declares them.
	pub fn inputs(&self) -> Result<Vec<TensorSpec>, CanonicalError> {
		let symbols = &self.imported.graph.symbols;
		self.imported.inputs.iter().map(|port| declaration::input(port, symbols)).collect()
	}

	/// The outputs as the chain declares them: a length that symbols change is up to its greatest.
	pub fn outputs(&self) -> Result<Vec<TensorSpec>, CanonicalError> {
		let symbols = &self.imported.graph.symbols;
		self.imported.outputs.iter().map(|port| declaration::output(port, symbols)).collect()
	}

	/// The value of each symbol for these inputs, which are checked.
	pub fn bindings(&self, inputs: &[Tensor]) -> Result<Bindings, CanonicalError> {
		let ports = &self.imported.inputs;
		if inputs.len() != ports.len() {
			let (given, declared) = (inputs.len(), ports.len());
			return Err(CanonicalError::InputCount { given, declared });
		}
		let symbols = &self.imported.graph.symbols;
		let mut bound = vec![None; symbols.len()];
		for (port, tensor) in ports.iter().zip(inputs) {
			declaration::bind(port, tensor, symbols, &mut bound)
				.map_err(|reason| CanonicalError::Input { name: port.name.clone(), reason })?;
		}
		let values: Option<Vec<u32>> = bound.into_iter().collect();
		let bindings = Bindings(values.ok_or(CanonicalError::UnboundSymbol)?);
		for (port, tensor) in ports.iter().zip(inputs) {
			let kind = port.kind.bind(&bindings);
			if kind.is_none_or(|kind| kind.shape.extents() != &tensor.shape[..]) {
				let (name, reason) = (port.name.clone(), TensorError::WrongShape);
				return Err(CanonicalError::Input { name, reason });
			}
		}
		Ok(bindings)
	}

	/// Check the inputs and take them over.
	fn take(&self, inputs: &[Tensor]) -> Result<(Bindings, Vec<CanonicalTensor>), CanonicalError> {
		let bindings = self.bindings(inputs)?;
		let convert = |(port, tensor): (&onnx::Port, &Tensor)| {
			to_canonical(tensor)
				.map_err(|reason| CanonicalError::Input { name: port.name.clone(), reason })
		};
		let inputs = self.imported.inputs.iter().zip(inputs).map(convert);
		Ok((bindings, inputs.collect::<Result<_, _>>()?))
	}

	/// Run the model.
	pub fn run(&self, inputs: &[Tensor], options: &Options) -> Result<Run, CanonicalError> {
		let (bindings, inputs) = self.take(inputs)?;
		let Imported { graph, initializers, .. } = &self.imported;
		run_of(fast::run(graph, &bindings, &inputs, initializers, options)?)
	}

	/// Run the model and commit to every slot.
	pub fn trace(&self, inputs: &[Tensor], options: &Options) -> Result<Trace, CanonicalError> {
		let (bindings, inputs) = self.take(inputs)?;
		let Imported { graph, initializers, .. } = &self.imported;
		let trace = fast::trace::<Blake2b256>(graph, &bindings, &inputs, initializers, options)?;
		Ok(Trace {
			root: Root(trace.root),
			slots: trace.roots.into_iter().map(Root).collect(),
			run: run_of(trace.outcome)?,
		})
	}

	/// Run the model, keep every slot, and be able to open any element. Progress counts the slots
	/// twice: as they are computed, then as they are committed to.
	pub fn prover(
		&self,
		inputs: &[Tensor],
		options: &Options,
	) -> Result<Prover<'_>, CanonicalError> {
		let (bindings, inputs) = self.take(inputs)?;
		let Imported { graph, initializers, .. } = &self.imported;
		let (run, _) = fast::slots(graph, &bindings, &inputs, initializers, options)?;
		let nodes = graph.nodes.len() as u32;
		let hashed = |done| {
			if let Some(progress) = options.progress {
				progress(Progress { done, nodes });
			}
		};
		let material = Material {
			graph,
			bindings: Cow::Owned(bindings),
			inputs: Cow::Owned(inputs),
			initializers: Cow::Borrowed(initializers),
			run: Cow::Owned(run),
		};
		let prover = Prover::of(material, Some(&hashed))?;
		Ok(match options.probe {
			Some(moves) => prover.probing(*moves),
			None => prover,
		})
	}
}

fn run_of(outcome: Outcome) -> Result<Run, CanonicalError> {
	let Outcome { result, statistics } = outcome;
	let outputs = match result {
		Ok(outputs) => Ok(outputs
			.into_iter()
			.map(from_canonical)
			.collect::<Result<_, _>>()
			.map_err(CanonicalError::Output)?),
		Err(fault) => Err(fault),
	};
	Ok(Run { outputs, statistics })
}

fn same<T: PartialEq>(
	computed: T,
	declared: T,
	refuse: impl FnOnce(T, T) -> CanonicalError,
) -> Result<(), CanonicalError> {
	if computed == declared {
		Ok(())
	} else {
		Err(refuse(computed, declared))
	}
}
