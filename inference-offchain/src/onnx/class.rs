//! The class that a graph may have (PROTOCOL P2.1 and P2.2).

use assay_canon::{
	graph::{Graph, Source},
	op::Op,
	tensor::{DType, Tensor},
};

/// How outputs of a version are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
	/// By equality, which every engine reaches: no float is anywhere.
	Exact,
	/// By equality with the canonical output.
	Canonical,
	/// Within a tolerance of the canonical output.
	Tolerant,
}

/// How a value depends on the float tensors of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Taint {
	/// Not at all.
	#[default]
	None,
	/// Continuously.
	Continuous,
	/// Through an operator that jumps.
	Discontinuous,
}

/// How output number `output` of an operator depends on floats, given how its operands do.
pub(super) fn taint(operator: &str, output: usize, operands: Taint, dtype: DType) -> Taint {
	let float = dtype == DType::Float32;
	if matches!(operator, "Shape" | "Size" | "EyeLike") {
		return Taint::None;
	}
	if operands == Taint::None {
		return if float { Taint::Continuous } else { Taint::None };
	}
	// No value near a finite one is NaN, and the rule of tolerance demands equal NaNs anyway.
	if operator == "IsNaN" {
		return operands;
	}
	// Whatever leaves the floats has jumped.
	if !float || jumps(operator, output) {
		return Taint::Discontinuous;
	}
	operands
}

/// Whether an operator with a float32 output jumps where its operands move a little.
fn jumps(operator: &str, output: usize) -> bool {
	match operator {
		"Ceil" | "Floor" | "Round" | "Sign" | "Mod" | "Hardmax" | "ThresholdedRelu" | "Shrink"
		| "OneHot" | "QuantizeLinear" | "QLinearConv" | "QLinearMatMul" | "NonZero" | "Unique" => true,
		"DynamicQuantizeLinear" => output == 0,
		_ => false,
	}
}

/// The strictest class of a graph whose outputs have these types and depend on floats so.
pub(super) fn of(graph: &Graph, initializers: &[Tensor], outputs: &[(DType, Taint)]) -> Class {
	if is_exact(graph, initializers) {
		return Class::Exact;
	}
	let tolerant = |(dtype, taint): &(DType, Taint)| {
		*dtype == DType::Float32 && *taint != Taint::Discontinuous
	};
	if outputs.iter().all(tolerant) {
		Class::Tolerant
	} else {
		Class::Canonical
	}
}

fn is_exact(graph: &Graph, initializers: &[Tensor]) -> bool {
	let float = |dtype: DType| dtype == DType::Float32;
	let without_floats = !graph.inputs.iter().any(|input| float(input.dtype))
		&& !graph.initializers.iter().any(|initializer| float(initializer.kind.dtype))
		&& !graph.nodes.iter().any(|node| float(node.output.dtype));
	without_floats
		&& graph.nodes.iter().all(|node| match node.op {
			Op::MatMulInteger | Op::ConvInteger { .. } => {
				let dtype =
					|at: usize| node.inputs.get(at).and_then(|source| dtype_of(graph, source));
				let signed = dtype(0) == Some(DType::Int8) && dtype(1) == Some(DType::Int8);
				signed || node.inputs.get(1).is_some_and(|w| is_narrow(w, initializers))
			},
			_ => true,
		})
}

fn dtype_of(graph: &Graph, source: &Source) -> Option<DType> {
	match source {
		Source::Input(at) => graph.inputs.get(*at as usize).map(|input| input.dtype),
		Source::Initializer(at) => graph.initializers.get(*at as usize).map(|each| each.kind.dtype),
		Source::Slot(slot) => graph.nodes.get(slot.node as usize).map(|node| node.output.dtype),
	}
}

/// Whether weights have at most seven bits, so that no engine's 16-bit sums saturate.
fn is_narrow(source: &Source, initializers: &[Tensor]) -> bool {
	let Source::Initializer(at) = source else { return false };
	let Some(tensor) = initializers.get(*at as usize) else { return false };
	match tensor.dtype() {
		DType::Int8 => tensor.data().iter().all(|byte| (-64..64).contains(&byte.cast_signed())),
		DType::Uint8 => tensor.data().iter().all(|byte| *byte < 128),
		_ => false,
	}
}
