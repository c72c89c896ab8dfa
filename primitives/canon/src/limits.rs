//! The limits of one element (PROTOCOL P1.4 and P1.9): how many terms it has, and that what it
//! reads fits an opening.

use crate::{
	commitment::{depth, CHUNK},
	graph::Invalid,
	op::Op,
	ops::{self, Reach},
	shape::Layout,
	tensor::{TensorType, View},
};

/// The most terms of an element whose terms have two operands.
pub const TWO_OPERAND_TERMS: u64 = 32_768;

/// The most terms of an element whose terms have one operand.
pub const ONE_OPERAND_TERMS: u64 = 65_536;

/// The most bytes of chunks and hashes that the operands of one element need.
pub const MAX_OPENING: u64 = 320 * 1024;

/// Bytes of a hash.
const HASH: u64 = 32;

/// Whether each element of a valid node keeps within the limits.
pub(crate) fn check(
	op: &Op,
	operands: &[(TensorType, Layout)],
	output: &TensorType,
) -> Result<(), Invalid> {
	let kinds: alloc::vec::Vec<TensorType> =
		operands.iter().map(|(kind, _)| kind.clone()).collect();
	let terms = ops::terms(op, &kinds, output);
	if terms.count > terms.limit {
		return Err(Invalid::TooManyTerms);
	}
	let mut bytes = 0_u64;
	for (number, (kind, layout)) in operands.iter().enumerate() {
		let reach = ops::reach(op, &kinds, number);
		bytes = bytes.saturating_add(opening_bytes(kind, layout, &reach));
	}
	ops::require(bytes <= MAX_OPENING, Invalid::OpeningTooLarge)
}

/// The most bytes of chunks and sibling hashes that open a box of elements.
pub(crate) fn opening_bytes(kind: &TensorType, layout: &Layout, reach: &Reach) -> u64 {
	let size = kind.dtype.size() as u64;
	let (run, runs, span) = runs(kind, layout, reach);
	if run == 0 || runs == 0 {
		return 0;
	}
	// An unaligned run of n bytes touches at most ⌈(n − 1) / chunk⌉ + 1 chunks.
	let touched = |bytes: u64| bytes.saturating_sub(1).div_ceil(CHUNK as u64).saturating_add(1);
	let total = kind.bytes().div_ceil(CHUNK as u64);
	let separately = touched(run.saturating_mul(size)).saturating_mul(runs);
	let chunks = separately.min(touched(span.saturating_mul(size))).min(total);
	// Each run of neighboring chunks has at most two siblings on each level.
	let siblings = runs.min(chunks).saturating_mul(2).saturating_mul(depth(total).into());
	let hashes = siblings.min(total).saturating_mul(HASH);
	chunks.saturating_mul(CHUNK as u64).saturating_add(hashes)
}

/// A box in memory: elements of one contiguous run, number of runs, elements from first to last.
fn runs(kind: &TensorType, layout: &Layout, reach: &Reach) -> (u64, u64, u64) {
	let view = View::new(kind, layout);
	let (mut run, mut runs, mut span) = (1_u64, 1_u64, 1_u64);
	let mut contiguous = true;
	for axis in layout.order(kind.shape.rank()).into_iter().rev() {
		let read = reach.get(axis).copied().unwrap_or(1);
		let apart = view.stride(axis).saturating_mul(read.saturating_sub(1));
		span = span.saturating_add(apart);
		if contiguous {
			run = run.saturating_mul(read);
		} else {
			runs = runs.saturating_mul(read);
		}
		contiguous &= read == kind.shape.extent(axis);
	}
	(run, runs, span)
}
