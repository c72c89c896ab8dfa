//! What a dispute is about.

use alloc::vec::Vec;
use assay_canon::{arbiter::Context, commitment::Hash, symbol::Bindings};
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// The run whose histories compete. All of it is known to the chain before the first move, and
/// frozen: a later upgrade changes nothing about it (PROTOCOL P4.9).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Subject {
	/// The commitment to the graph.
	pub graph: Hash,
	/// The number of the graph's nodes, which is that of a history's slots.
	pub slots: u32,
	/// The values of the job's symbols.
	pub bindings: Bindings,
	/// The root of each input tensor.
	pub inputs: Vec<Hash>,
}

impl Subject {
	/// The run as one history has it.
	pub fn context(&self, history: Hash) -> Context<'_> {
		Context {
			graph_root: self.graph,
			bindings: &self.bindings,
			inputs: &self.inputs,
			trace_root: history,
		}
	}
}
