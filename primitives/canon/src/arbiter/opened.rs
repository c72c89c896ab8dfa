//! A proof once checked: a node, its operands' types, and the chunks that were opened.

use alloc::vec::Vec;
use codec::{Decode, DecodeAll};

use super::{
	proof::{NodeProof, Opening, OperandProof, Proof},
	Context, Malformed,
};
use crate::{
	commitment::{
		chunk_count, chunk_leaf, chunk_length, entry_leaf, fold_multiproof, slot_leaf, tag,
		tensor_root_of, trace_root_of, GraphHeader, Hash, Hasher, CHUNK,
	},
	graph::{
		check_node, check_references, Initializer, Invalid, Node, Source, MAX_NODE_BYTES, SPEC,
	},
	limits::MAX_OPENING,
	op::Op,
	ops::{Inputs, Stop, OWN_OUTPUT},
	probe::Reading,
	shape::Layout,
	symbol::SymbolicType,
	tensor::{DType, Element, TensorType, View},
};

/// Why there is nothing to compute with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
	/// The proof proves nothing.
	Malformed(Malformed),
	/// The proof shows that the node is invalid.
	Invalid(Invalid),
}

impl From<Malformed> for Refusal {
	fn from(reason: Malformed) -> Self {
		Self::Malformed(reason)
	}
}

impl From<Invalid> for Refusal {
	fn from(reason: Invalid) -> Self {
		Self::Invalid(reason)
	}
}

/// The chunks opened of one tensor.
#[derive(Clone, Debug)]
pub(super) struct OpenedTensor {
	view: View,
	/// By ascending number.
	chunks: Vec<(u64, Vec<u8>)>,
	/// Where the last chunk read is in the list.
	last: usize,
}

impl OpenedTensor {
	pub(super) fn new(kind: &TensorType, layout: &Layout, opening: Opening) -> Self {
		let chunks = opening.chunks.into_iter().map(|chunk| (chunk.index.into(), chunk.bytes));
		Self { view: View::new(kind, layout), chunks: chunks.collect(), last: 0 }
	}

	pub(super) const fn view(&self) -> &View {
		&self.view
	}

	pub(super) fn read(&mut self, offset: u64) -> Option<Element> {
		let size = self.view.kind.dtype.size();
		let start = offset.checked_mul(size as u64)?;
		// Sizes divide the length of a chunk, so that no element lies in two.
		let number = start.checked_div(CHUNK as u64)?;
		let from = usize::try_from(start.checked_rem(CHUNK as u64)?).ok()?;
		if self.chunks.get(self.last).is_none_or(|(index, _)| *index != number) {
			self.last = self.chunks.binary_search_by_key(&number, |(index, _)| *index).ok()?;
		}
		let (_, bytes) = self.chunks.get(self.last)?;
		Element::from_bytes(self.view.kind.dtype, bytes.get(from..from.checked_add(size)?)?)
	}
}

/// A valid node with what was opened for it.
pub(super) struct Opened {
	pub node: Node,
	pub output: TensorType,
	operands: Vec<OpenedTensor>,
	own: OpenedTensor,
}

impl Inputs for Opened {
	fn count(&self) -> usize {
		self.operands.len()
	}

	fn view(&self, operand: usize) -> Option<&View> {
		let tensor =
			if operand == OWN_OUTPUT { Some(&self.own) } else { self.operands.get(operand) };
		tensor.map(|tensor| &tensor.view)
	}

	fn read(&mut self, operand: usize, offset: u64) -> Result<Element, Stop> {
		let tensor = if operand == OWN_OUTPUT {
			Some(&mut self.own)
		} else {
			self.operands.get_mut(operand)
		};
		tensor.and_then(|tensor| tensor.read(offset)).ok_or(Stop::Missing)
	}
}

/// Checks a proof against everything that the chain knows.
pub(super) fn open<H: Hasher>(context: &Context, proof: Proof) -> Result<Opened, Refusal> {
	let NodeProof { header, number, node: encoded, .. } = &proof.node;
	check_place::<H>(context, &proof.node)?;
	let node: Node = entry(encoded)?;
	let (inputs, initializers) = (header.inputs.count, header.initializers.count);
	check_references(&node, *number, inputs as usize, initializers as usize)?;
	if proof.operands.len() != node.inputs.len() {
		return Err(Malformed::WrongOperandCount.into());
	}
	let mut kinds = Vec::with_capacity(proof.operands.len());
	let mut origins = Vec::with_capacity(proof.operands.len());
	for (source, operand) in node.inputs.iter().zip(&proof.operands) {
		let (kind, origin) = operand_of::<H>(context, header, source, operand)?;
		kinds.push(kind);
		origins.push(origin);
	}
	let output = check_node(&node, &kinds, context.bindings)?;
	let openings = proof.operands.iter().map(|operand| &operand.opening);
	check_size(openings.chain([&proof.own]))?;

	let (number, slots) = (*number, header.nodes.count);
	let history = History { context, slots };
	let mut operands = Vec::with_capacity(kinds.len());
	let opened = node.inputs.iter().zip(&kinds).zip(origins).zip(proof.operands);
	for (((source, (kind, layout)), Origin { place, maker }), operand) in opened {
		let mut opening = operand.opening;
		history.check::<H>(kind, place, &opening)?;
		if let (Some(moves), DType::Float32) = (&context.probe, kind.dtype) {
			let reading = Reading { moves, source, maker: maker.as_ref(), reader: &node.op };
			for chunk in &mut opening.chunks {
				chunk.bytes = reading.chunk::<H>(&chunk.bytes, chunk.index);
			}
		}
		operands.push(OpenedTensor::new(kind, layout, opening));
	}
	history.check::<H>(&output, Place::Slot(number), &proof.own)?;
	let own = OpenedTensor::new(&output, &node.layout, proof.own);
	Ok(Opened { node, output, operands, own })
}

/// The entry that bytes of the graph encode, all of them.
fn entry<T: Decode>(bytes: &[u8]) -> Result<T, Invalid> {
	if bytes.len() > MAX_NODE_BYTES {
		return Err(Invalid::TooLarge);
	}
	let mut bytes = bytes;
	T::decode_all(&mut bytes).map_err(|_| Invalid::Undecodable)
}

/// Whether a node is at its place of the graph, and the symbols are bound as the graph demands.
pub(super) fn check_place<H: Hasher>(
	context: &Context,
	proof: &NodeProof,
) -> Result<(), Malformed> {
	let NodeProof { header, number, node, path } = proof;
	check_header::<H>(context, header)?;
	let holds = header.nodes.holds::<H>(*number, entry_leaf::<H>(tag::NODE, node), path);
	holds.then_some(()).ok_or(Malformed::WrongNode)
}

/// Whether a header is that of the graph, and the symbols are bound as it demands.
pub(super) fn check_header<H: Hasher>(
	context: &Context,
	header: &GraphHeader,
) -> Result<(), Malformed> {
	if header.root::<H>() != context.graph_root {
		return Err(Malformed::WrongHeader);
	}
	if header.spec != SPEC {
		return Err(Malformed::UnknownSpec);
	}
	context.bindings.fit(&header.symbols).then_some(()).ok_or(Malformed::BadBindings)
}

/// Where an operand comes from.
struct Origin {
	place: Place,
	/// The operator that has made it, if one has.
	maker: Option<Op>,
}

/// Type, layout and origin of an operand, from its entry in the graph. A node that uses an entry
/// which makes no tensor is invalid, whoever stated the entry.
fn operand_of<H: Hasher>(
	context: &Context,
	header: &GraphHeader,
	source: &Source,
	operand: &OperandProof,
) -> Result<((TensorType, Layout), Origin), Refusal> {
	let (list, index, tag) = match source {
		Source::Input(at) => (&header.inputs, *at, tag::INPUT),
		Source::Initializer(at) => (&header.initializers, *at, tag::INITIALIZER),
		Source::Slot(slot) => (&header.nodes, slot.node, tag::NODE),
	};
	if !list.holds::<H>(index, entry_leaf::<H>(tag, &operand.entry), &operand.entry_path) {
		return Err(Malformed::WrongOperand.into());
	}
	let bindings = context.bindings;
	let mut maker = None;
	let (kind, layout, place) = match source {
		Source::Input(_) => {
			let kind: SymbolicType = entry(&operand.entry)?;
			let root = context.inputs.get(index as usize).copied();
			(kind.bind(bindings), Layout::row_major(), Place::Root(root))
		},
		Source::Initializer(_) => {
			let initializer: Initializer = entry(&operand.entry)?;
			(Some(initializer.kind), initializer.layout, Place::Root(Some(initializer.root)))
		},
		Source::Slot(slot) => {
			let node: Node = entry(&operand.entry)?;
			maker = Some(node.op);
			(node.output.bind(bindings), node.layout, Place::Slot(slot.node))
		},
	};
	let kind = kind.ok_or(Invalid::TooLarge)?;
	if !layout.fits(kind.shape.rank()) {
		return Err(Invalid::BadLayout.into());
	}
	Ok(((kind, layout), Origin { place, maker }))
}

/// Whether the chunks and siblings of openings are no more than an element may need.
pub(super) fn check_size<'a>(
	openings: impl IntoIterator<Item = &'a Opening>,
) -> Result<(), Malformed> {
	let bytes = openings.into_iter().fold(0_u64, |sum, opening| {
		let chunks = opening.chunks.iter().map(|chunk| chunk.bytes.len() as u64);
		let hashes = (opening.siblings.len() as u64).saturating_mul(32);
		chunks.fold(sum.saturating_add(hashes), u64::saturating_add)
	});
	(bytes <= MAX_OPENING).then_some(()).ok_or(Malformed::OpeningTooLong)
}

/// Where a tensor's root is known from.
pub(super) enum Place {
	/// This is the root, if it is known at all.
	Root(Option<Hash>),
	/// It is a slot of the history.
	Slot(u32),
}

/// The history whose slots are opened.
pub(super) struct History<'a> {
	/// What the chain knows.
	pub context: &'a Context<'a>,
	/// Number of its slots.
	pub slots: u32,
}

impl History<'_> {
	/// Whether chunks belong to the tensor at a place.
	pub(super) fn check<H: Hasher>(
		&self,
		kind: &TensorType,
		place: Place,
		opening: &Opening,
	) -> Result<(), Malformed> {
		if opening.chunks.is_empty() {
			let nothing = opening.siblings.is_empty() && opening.trace_path.is_empty();
			return nothing.then_some(()).ok_or(Malformed::WrongOpening);
		}
		let mut leaves = Vec::with_capacity(opening.chunks.len());
		for chunk in &opening.chunks {
			// Beyond the last chunk are empty ones, of which a proof could have any number.
			let exists = u64::from(chunk.index) < chunk_count(kind);
			if !exists || chunk.bytes.len() as u64 != chunk_length(kind, chunk.index.into()) {
				return Err(Malformed::WrongChunkLength);
			}
			leaves.push((chunk.index.into(), chunk_leaf::<H>(&chunk.bytes)));
		}
		let chunks = fold_multiproof::<H>(chunk_count(kind), &leaves, &opening.siblings)
			.ok_or(Malformed::WrongOpening)?;
		let tensor = tensor_root_of::<H>(kind, &chunks);
		let holds = match place {
			Place::Root(root) => opening.trace_path.is_empty() && root == Some(tensor),
			Place::Slot(slot) => {
				self.holds::<H>(slot, slot_leaf::<H>(&tensor), &opening.trace_path)
			},
		};
		holds.then_some(()).ok_or(Malformed::WrongOpening)
	}

	/// Whether a leaf is at a slot of the trace.
	pub(super) fn holds<H: Hasher>(&self, slot: u32, leaf: Hash, path: &[Hash]) -> bool {
		fold_multiproof::<H>(self.slots.into(), &[(slot.into(), leaf)], path).is_some_and(
			|leaves| trace_root_of::<H>(self.slots, &leaves) == self.context.trace_root,
		)
	}
}
