//! The canonical cost of a graph (PROTOCOL P3.3).

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use super::{Graph, InvalidGraph};
use crate::{ops, symbol::Bindings, tensor::TensorType};

/// What running a graph takes: a function of the graph and the symbols.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Cost {
	/// Terms of all elements of all slots, an element having at least one.
	pub terms: u64,
	/// Bytes of all slots.
	pub trace_bytes: u64,
}

/// See [`Graph::cost`]. Saturates, which only a graph above every cap reaches.
pub(super) fn of(graph: &Graph, bindings: &Bindings) -> Result<Cost, InvalidGraph> {
	let plan = graph.validate(bindings)?;
	let mut cost = Cost::default();
	for (node, (output, _)) in graph.nodes.iter().zip(&plan.slots) {
		let operand = |source| plan.operand(graph, source).map(|(kind, _)| kind);
		let operands: Vec<TensorType> =
			node.inputs.iter().filter_map(|source| operand(*source)).collect();
		let terms = ops::terms(&node.op, &operands, output).count.max(1);
		cost.terms = cost.terms.saturating_add(terms.saturating_mul(output.shape.count()));
		cost.trace_bytes = cost.trace_bytes.saturating_add(output.bytes());
	}
	Ok(cost)
}
