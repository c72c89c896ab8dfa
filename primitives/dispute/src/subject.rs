//! What a dispute is about.

use alloc::vec::Vec;
use assay_canon::{
	arbiter::Context,
	commitment::Hash,
	probe::Moves,
	symbol::{Bindings, MAX_SYMBOLS},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The most inputs of a job that can be disputed.
pub const MAX_INPUTS: usize = 16;

/// A run in which everything that is read is moved a little ([`assay_canon::probe`]), and what its
/// outputs are compared with: if none of them is beyond the tolerance, the canonical function is
/// stable there (PROTOCOL P2.5).
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
	/// What decides how each element moves.
	pub moves: Moves,
	/// The history of the job's run, the survivor of the dispute that the probe decides.
	pub canonical: Hash,
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
			probe: self.probe.map(|probe| probe.moves),
		}
	}

	/// Of a probe, the run that it is compared with.
	pub fn canonical(&self) -> Option<Context<'_>> {
		let probe = self.probe?;
		Some(Context { probe: None, ..self.context(probe.canonical) })
	}
}
