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

/// A run on inputs moved by a millionth, and the element in which it has to show that the canonical
/// function is stable (PROTOCOL P2.5).
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Hash,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Probe {
	/// What decides which way each input moves.
	pub seed: Hash,
	/// Number of the declared output that deviates.
	pub output: u32,
	/// Row-major index of the element.
	pub element: u64,
	/// The bits of its canonical value.
	pub canonical: u32,
	/// The bits of its row's scale.
	pub scale: u32,
}

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
	/// If the run is a probe of the job's.
	pub probe: Option<Probe>,
}

impl MaxEncodedLen for Subject {
	fn max_encoded_len() -> usize {
		// Two roots' worth of fixed fields and lengths is more than they take.
		let symbols = MAX_SYMBOLS.saturating_mul(size_of::<u32>());
		let inputs = MAX_INPUTS.saturating_mul(size_of::<Hash>());
		let probe = Option::<Probe>::max_encoded_len();
		symbols.saturating_add(inputs).saturating_add(probe).saturating_add(size_of::<[Hash; 2]>())
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
			probe: self.probe.map(|probe| probe.seed),
		}
	}
}
