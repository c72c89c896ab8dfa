//! The arbiter: recomputes one element of one node from what was opened.
//!
//! Everything is checked against `graph_root`, the job's symbols and input roots, and one trace
//! root; the prover supplies bytes, and no bytes make it panic or read more than
//! [`MAX_PROOF_BYTES`]. The element function is the one that the engines run ([`crate::ops`]).
//! [`delivered`] and [`submitted`] open what a job's outputs are and what was given for them.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
	commitment::{Hash, Hasher},
	graph::Invalid,
	ops::{self, Stop},
	probe::Moves,
	shape::Coordinates,
	symbol::Bindings,
	tensor::Element,
};

mod claim;
mod opened;
mod output;
mod proof;
mod prove;
#[cfg(test)]
pub(crate) mod tests;

pub use claim::{claimed, stated, ClaimProof, SlotProof};
pub use opened::Refusal;
pub use output::{
	delivered, row_fits, submitted, Agreement, Contents, Delivered, DeliveredTensor, OutputProof,
	OutputRoot, RawTensor, Rule, SubmissionProof, Submitted, SubmittedTensor,
};
pub use proof::{node_number, Chunk, NodeProof, Opening, OperandProof, Proof};
pub use prove::{prove_count, prove_submitted, Material, ProveError, Prover, SubmittedList};
#[cfg(feature = "fast")]
pub use prove::{Request, Shown};

/// The most bytes of a proof: an opening of at most 320 KiB, and the entries of a node and its
/// operands with their paths.
pub const MAX_PROOF_BYTES: usize = 576 * 1024;

/// What a dispute is about, all of it known to the chain.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
	/// The commitment to the graph.
	pub graph_root: Hash,
	/// The values of the job's symbols.
	pub bindings: &'a Bindings,
	/// The root of each input tensor.
	pub inputs: &'a [Hash],
	/// The history whose slots are opened.
	pub trace_root: Hash,
	/// How the probe moves what is read, if the history is that of one.
	pub probe: Option<Moves>,
}

/// What a history says of an element.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Claim {
	/// It has this value.
	Value(Element),
	/// The run ends in it.
	Fault,
}

/// What the arbiter finds.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Verdict {
	/// The element, exactly.
	Value(Element),
	/// The run ends in this element.
	Fault,
	/// The graph is invalid at this node.
	InvalidNode(Invalid),
	/// The proof proves nothing.
	Malformed(Malformed),
}

/// Which of two claims stands.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Ruling {
	/// The first one; the second is wrong.
	First,
	/// The second one; the first is wrong.
	Second,
	/// Neither: both are wrong.
	Neither,
	/// The graph is invalid at this node.
	InvalidNode(Invalid),
	/// The proof proves nothing.
	Malformed(Malformed),
}

/// Why a proof proves nothing.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Malformed {
	/// More bytes than a proof may have.
	TooLong,
	/// The bytes are no proof.
	Undecodable,
	/// The header is not the one of the graph.
	WrongHeader,
	/// The graph names another arithmetic.
	UnknownSpec,
	/// The symbols are not bound within their bounds.
	BadBindings,
	/// The node is not at that place of the graph.
	WrongNode,
	/// There is not one operand proof for each operand, of its kind.
	WrongOperandCount,
	/// An operand's entry is not at that place of the graph.
	WrongOperand,
	/// There are more bytes of chunks and siblings than an element may need.
	OpeningTooLong,
	/// A chunk has not as many bytes as its tensor says.
	WrongChunkLength,
	/// Chunks do not lead to the root of their tensor.
	WrongOpening,
	/// The element is not one of the output.
	NoSuchElement,
	/// A chunk that the element reads is not opened.
	MissingChunk,
	/// An order statistic is judged by two claims, not recomputed.
	NeedsClaims,
	/// The two claims are the same.
	SameClaims,
	/// The slot is not the output of that number, or the slots are not all outputs.
	WrongOutput,
	/// The tensor is not at that place of the submitted list.
	WrongTensor,
	/// What is shown of both sides does not decide whether they agree.
	Incomparable,
}

/// The element at a row-major index of a node's output, recomputed from `proof`, an encoded
/// [`Proof`].
pub fn arbitrate<H: Hasher>(context: &Context, element: u64, proof: &[u8]) -> Verdict {
	match open_bytes::<H>(context, proof) {
		Ok(mut opened) => recompute(context, &mut opened, element),
		Err(Refusal::Malformed(reason)) => Verdict::Malformed(reason),
		Err(Refusal::Invalid(reason)) => Verdict::InvalidNode(reason),
	}
}

/// Which of two different claims about one element stands.
///
/// For an order statistic the claims are witnesses: the two elements that they name are compared,
/// and a claim that names no candidate loses. To refute a single history with a witness, let its
/// claim be the first and the witness the second.
pub fn judge<H: Hasher>(
	context: &Context,
	element: u64,
	first: Claim,
	second: Claim,
	proof: &[u8],
) -> Ruling {
	if first == second {
		return Ruling::Malformed(Malformed::SameClaims);
	}
	let mut opened = match open_bytes::<H>(context, proof) {
		Ok(opened) => opened,
		Err(Refusal::Malformed(reason)) => return Ruling::Malformed(reason),
		Err(Refusal::Invalid(reason)) => return Ruling::InvalidNode(reason),
	};
	if opened.node.op.is_order_statistic() {
		return compare(context, &mut opened, element, [first, second])
			.unwrap_or_else(Ruling::Malformed);
	}
	let found = match recompute(context, &mut opened, element) {
		Verdict::Value(value) => Claim::Value(value),
		Verdict::Fault => Claim::Fault,
		Verdict::InvalidNode(reason) => return Ruling::InvalidNode(reason),
		Verdict::Malformed(reason) => return Ruling::Malformed(reason),
	};
	match (found == first, found == second) {
		(true, _) => Ruling::First,
		(_, true) => Ruling::Second,
		_ => Ruling::Neither,
	}
}

/// Whether the run ends in an element once all before it have values. Unlike [`arbitrate`], this
/// needs no claims about order statistics.
pub fn faults<H: Hasher>(context: &Context, element: u64, proof: &[u8]) -> Result<bool, Refusal> {
	let mut opened = open_bytes::<H>(context, proof)?;
	if opened.node.op.is_order_statistic() {
		let (node, output) = (opened.node.clone(), opened.output.clone());
		if element >= output.shape.count() {
			return Err(Malformed::NoSuchElement.into());
		}
		let task = ops::Task { op: &node.op, bindings: context.bindings, output: &output };
		let at = Coordinates::of(element, &output.shape);
		return Ok(!ops::order::has_candidates(&task, &at, &opened));
	}
	match recompute(context, &mut opened, element) {
		Verdict::Value(_) => Ok(false),
		Verdict::Fault => Ok(true),
		Verdict::InvalidNode(reason) => Err(reason.into()),
		Verdict::Malformed(reason) => Err(reason.into()),
	}
}

fn open_bytes<H: Hasher>(context: &Context, proof: &[u8]) -> Result<opened::Opened, Refusal> {
	opened::open::<H>(context, proof::decode(proof)?)
}

fn recompute(context: &Context, opened: &mut opened::Opened, element: u64) -> Verdict {
	if opened.node.op.is_order_statistic() {
		return Verdict::Malformed(Malformed::NeedsClaims);
	}
	let (node, output) = (opened.node.clone(), opened.output.clone());
	if element >= output.shape.count() {
		return Verdict::Malformed(Malformed::NoSuchElement);
	}
	let task = ops::Task { op: &node.op, bindings: context.bindings, output: &output };
	match ops::element(&task, element, opened) {
		Ok(value) => Verdict::Value(value),
		Err(Stop::Fault) => Verdict::Fault,
		// The node is valid, so that the element function never finds it malformed.
		Err(Stop::Missing | Stop::Malformed) => Verdict::Malformed(Malformed::MissingChunk),
	}
}

/// Compares the candidates that two claims about an order statistic name (PROTOCOL P1.6).
fn compare(
	context: &Context,
	opened: &mut opened::Opened,
	element: u64,
	claims: [Claim; 2],
) -> Result<Ruling, Malformed> {
	let (node, output) = (opened.node.clone(), opened.output.clone());
	if element >= output.shape.count() {
		return Err(Malformed::NoSuchElement);
	}
	let task = ops::Task { op: &node.op, bindings: context.bindings, output: &output };
	let at = Coordinates::of(element, &output.shape);
	if !ops::order::has_candidates(&task, &at, opened) {
		return Ok(match claims {
			[Claim::Fault, _] => Ruling::First,
			[_, Claim::Fault] => Ruling::Second,
			_ => Ruling::Neither,
		});
	}
	let mut found = Vec::new();
	for claim in claims {
		found.push(match claim {
			Claim::Value(value) if value.dtype() == output.dtype => {
				ops::order::candidate(&task, &at, value.to_i64(), opened)
					.map_err(|_| Malformed::MissingChunk)?
			},
			_ => None,
		});
	}
	Ok(match found.as_slice() {
		[Some(first), Some(second)] if first.order(second, &node.op).is_lt() => Ruling::First,
		[_, Some(_)] => Ruling::Second,
		[Some(_), None] => Ruling::First,
		_ => Ruling::Neither,
	})
}
