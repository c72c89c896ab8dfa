//! What a dispute is about.

use alloc::vec::Vec;
use assay_canon::{
	arbiter::Context,
	commitment::Hash,
	symbol::{Bindings, MAX_SYMBOLS},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The most inputs of a job that can be disputed.
pub const MAX_INPUTS: usize = 16;

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
	/// The root of each input tensor, at most [`MAX_INPUTS`].
	pub inputs: Vec<Hash>,
}

impl MaxEncodedLen for Subject {
	fn max_encoded_len() -> usize {
		// Two roots' worth of fixed fields and lengths is more than they take.
		let symbols = MAX_SYMBOLS.saturating_mul(size_of::<u32>());
		let inputs = MAX_INPUTS.saturating_mul(size_of::<Hash>());
		symbols.saturating_add(inputs).saturating_add(size_of::<[Hash; 2]>())
	}
}

impl Subject {
	/// The run as one history has it.
	pub fn context(&self, history: Hash) -> Context<'_> {
		Context {
			graph_root: self.graph,
			bindings: &self.bindings,
			inputs: &self.inputs,
			trace_root: history,
			probe: None,
		}
	}
}
