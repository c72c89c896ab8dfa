//! Whether the entries of a batch are computed apart, whatever they hold.
//!
//! A measurement shows that for a few inputs. Whoever publishes a version could have one entry change
//! the others by an input that only they know, and have a provider punished for its neighbors' results.
//! So the graph has to show it for all inputs: each value has one axis along which the entries follow
//! one another, or has nothing of the batch, and each primitive leaves it so. What is not known to do
//! so is taken to mix.

use assay_canon::{
	graph::{Graph, Node, Source},
	op::Op,
	symbol::Dim,
};

/// The symbol that is the first length of every input and every output, and no other length of theirs,
/// if there is one and the graph keeps its entries apart.
pub fn batch_of(graph: &Graph) -> Option<usize> {
	let first = graph.inputs.first()?.dims.first()?;
	let symbol = (0..graph.symbols.len()).find(|symbol| *first == Dim::symbol(*symbol))?;
	let batch = Batch { graph, symbol };
	let nodes = graph.outputs.iter().map(|slot| graph.nodes.get(slot.node as usize));
	let outputs: Vec<&Node> = nodes.collect::<Option<_>>()?;
	let inputs = graph.inputs.iter().map(|input| &input.dims);
	let delivered = outputs.iter().map(|node| &node.output.dims);
	let all = inputs
		.chain(delivered)
		.all(|dims| dims.first() == Some(first) && batch.axis(dims) == Some(Some(0)));
	let is_index = |node: &&Node| matches!(node.op, Op::MaxPool { .. });
	(all && !outputs.iter().any(is_index) && batch.is_kept_apart()).then_some(symbol)
}

/// The lengths of a value, and which axis is that of the batch.
struct Value {
	dims: Vec<Dim>,
	axis: Option<usize>,
}

impl Value {
	fn rank(&self) -> usize {
		self.dims.len()
	}

	/// Whether the entries are where those of `output` are once this is broadcast to it: what has no
	/// batch must be the same for all.
	fn broadcasts(&self, output: &[Dim], axis: usize) -> bool {
		let at = (self.rank() + axis).checked_sub(output.len());
		let length = at.and_then(|at| self.dims.get(at));
		match self.axis {
			Some(_) => self.axis == at && length == output.get(axis),
			None => length.is_none_or(|length| *length == Dim::constant(1)),
		}
	}

	/// The lengths before an axis, but for those of one element.
	fn before(&self, axis: usize) -> impl Iterator<Item = &Dim> {
		self.dims.iter().take(axis).filter(|dim| **dim != Dim::constant(1))
	}
}

/// A graph, and the symbol that is its batch.
struct Batch<'a> {
	graph: &'a Graph,
	symbol: usize,
}

impl Batch<'_> {
	fn mentions(&self, dim: &Dim) -> bool {
		dim.coefficients.get(self.symbol).is_some_and(|factor| *factor != 0)
	}

	/// The axis whose length is a multiple of the batch, if there is one; `None` if lengths depend on
	/// the batch in another way.
	fn axis(&self, dims: &[Dim]) -> Option<Option<usize>> {
		let mut axes = (0..).zip(dims).filter(|(_, dim)| self.mentions(dim));
		let Some((axis, dim)) = axes.next() else { return Some(None) };
		let factor = *dim.coefficients.get(self.symbol)?;
		let multiple = Dim::symbol(self.symbol).checked_scale(factor)?;
		(axes.next().is_none() && factor > 0 && *dim == multiple).then_some(Some(axis))
	}

	fn node(&self, source: Source) -> Option<&Node> {
		match source {
			Source::Slot(slot) => self.graph.nodes.get(slot.node as usize),
			_ => None,
		}
	}

	fn value(&self, source: Source) -> Option<Value> {
		let dims = match source {
			Source::Input(at) => self.graph.inputs.get(at as usize)?.dims.clone(),
			Source::Initializer(at) => {
				let kind = &self.graph.initializers.get(at as usize)?.kind;
				kind.shape.extents().iter().map(|extent| Dim::from(*extent)).collect()
			},
			Source::Slot(_) => self.node(source)?.output.dims.clone(),
		};
		Some(Value { axis: self.axis(&dims)?, dims })
	}

	/// Whether every node keeps the entries apart that an output depends on.
	fn is_kept_apart(&self) -> bool {
		let mut pending: Vec<Source> =
			self.graph.outputs.iter().map(|s| Source::Slot(*s)).collect();
		let mut seen = vec![false; self.graph.nodes.len()];
		while let Some(source) = pending.pop() {
			let Source::Slot(slot) = source else { continue };
			let at = slot.node as usize;
			match (self.graph.nodes.get(at), seen.get_mut(at)) {
				(Some(node), Some(seen)) if !*seen => {
					*seen = true;
					if self.keeps(node) != Some(true) {
						return false;
					}
					pending.extend(&node.inputs);
				},
				(Some(_), Some(_)) => {},
				_ => return false,
			}
		}
		true
	}

	/// Whether a node keeps the entries of its operands apart.
	fn keeps(&self, node: &Node) -> Option<bool> {
		let is_index = |source: &Source| {
			self.node(*source).is_some_and(|node| matches!(node.op, Op::MaxPool { .. }))
		};
		if node.inputs.iter().any(is_index) {
			return Some(self.is_greatest_of_windows(node));
		}
		// The number of entries is no part of an entry.
		let tells = match &node.op {
			Op::Extents { dims } => dims.iter().any(|dim| self.mentions(dim)),
			Op::Slice { axes } => {
				axes.iter().any(|part| self.mentions(&part.start) || self.mentions(&part.count))
			},
			_ => false,
		};
		let operands = node.inputs.iter().map(|source| self.value(*source));
		let operands: Vec<Value> = operands.collect::<Option<_>>()?;
		let kept = match self.axis(&node.output.dims)? {
			Some(axis) => keeps(&node.op, &operands, &node.output.dims, axis)?,
			None => operands.iter().all(|value| value.axis.is_none()),
		};
		Some(kept && !tells)
	}

	/// Whether a node gathers, by the indices of a pooling, from all that was pooled: an entry's index
	/// is within the entry, and nothing else may read it.
	fn is_greatest_of_windows(&self, node: &Node) -> bool {
		let [flat, index] = node.inputs.as_slice() else { return false };
		let pooled = |source: &Source| Some(self.original(*self.node(*source)?.inputs.first()?));
		let is_flat = self.node(*flat).is_some_and(|node| {
			matches!(node.op, Op::Reshape { .. }) && node.output.dims.len() == 1
		});
		node.op == Op::Gather { axis: 0 } && is_flat && pooled(flat) == pooled(index)
	}

	/// What a value is a copy of.
	fn original(&self, mut source: Source) -> Source {
		while let Some(Node { op: Op::Identity | Op::LayoutCopy, inputs, .. }) = self.node(source) {
			match inputs.first() {
				Some(from) => source = *from,
				None => break,
			}
		}
		source
	}
}

/// Whether a primitive keeps the entries of its operands apart whose output has them along `axis`.
fn keeps(op: &Op, operands: &[Value], output: &[Dim], axis: usize) -> Option<bool> {
	// The first operand alone has the batch, at this axis.
	let first_at = |at: usize| match operands {
		[first, others @ ..] => {
			first.axis == Some(at) && others.iter().all(|value| value.axis.is_none())
		},
		[] => false,
	};
	let all_along = || {
		let along =
			|value: &Value| value.axis == Some(axis) && value.dims.get(axis) == output.get(axis);
		operands.iter().all(along)
	};
	let is_other = |named: &u8| usize::from(*named) != axis;
	Some(match op {
		Op::Reshape { .. } => {
			let [value] = operands else { return None };
			let now = Value { dims: output.to_vec(), axis: Some(axis) };
			// The entries follow one another in equal blocks.
			value.axis.is_some_and(|at| value.before(at).eq(now.before(axis)))
		},
		Op::Transpose { order } => first_at(usize::from(*order.get(axis)?)),
		Op::Concat { axis: along } => is_other(along) && all_along(),
		Op::Slice { axes } => first_at(axis) && axes.iter().all(|part| is_other(&part.axis)),
		Op::Gather { axis: along } => {
			let [value, indices] = operands else { return None };
			let along = usize::from(*along);
			match (value.axis, indices.axis) {
				(None, Some(at)) => axis == along + at,
				(Some(at), None) if at < along => axis == at,
				(Some(at), None) if at > along => axis + 1 == at + indices.rank(),
				_ => false,
			}
		},
		Op::GatherElements { axis: along } => is_other(along) && all_along(),
		Op::Pad { pads, .. } => {
			let pad = pads.get(axis)?;
			first_at(axis) && pad.before == 0 && pad.after == 0
		},
		Op::Tile { repeats } => first_at(axis) && *repeats.get(axis)? == Dim::constant(1),
		Op::Trilu { .. } => first_at(axis) && axis + 2 < output.len(),
		Op::OneHot { axis: new, .. } => {
			is_other(new) && first_at(axis - usize::from(axis > usize::from(*new)))
		},
		Op::Iota { axis: counted, .. } => is_other(counted),
		Op::Reverse { axes } => first_at(axis) && axes.iter().all(is_other),
		Op::DepthToSpace { .. }
		| Op::SpaceToDepth { .. }
		| Op::Conv { .. }
		| Op::ConvTranspose { .. }
		| Op::AveragePool { .. }
		| Op::MaxPool { .. } => axis == 0 && first_at(0),
		Op::CumSum { axis: along, .. } | Op::TopK { axis: along, .. } => {
			is_other(along) && first_at(axis)
		},
		Op::RoundSums { .. } => all_along(),
		Op::ReduceSum { axes, keep }
		| Op::ReduceMean { axes, keep }
		| Op::ReduceSumSquare { axes, keep } => first_at(unreduced(axes, *keep, axis)),
		Op::ReduceSumPartial { axes } => first_at(unreduced(axes, false, axis)),
		Op::ArgMax { axis: along, keep } | Op::ArgMin { axis: along, keep } => {
			first_at(unreduced(&[*along], *keep, axis))
		},
		Op::MatMul => is_product_of_apart(operands, output, axis)?,
		Op::MatMulPartial => {
			let (_, product) = output.split_last()?;
			is_product_of_apart(operands, product, axis)?
		},
		Op::Gemm { transpose_a, transpose_b } => {
			let [a, b, bias @ ..] = operands else { return None };
			let sides = match axis {
				0 => (Some(usize::from(*transpose_a)), None),
				_ => (None, Some(usize::from(!*transpose_b))),
			};
			(a.axis, b.axis) == sides && bias.iter().all(|value| value.broadcasts(output, axis))
		},
		op if is_elementwise(op) => operands.iter().all(|value| value.broadcasts(output, axis)),
		_ => false,
	})
}

/// The axis of an operand that is `axis` of what remains of it after a reduction.
fn unreduced(axes: &[u8], keep: bool, axis: usize) -> usize {
	if keep {
		return axis;
	}
	// Ascending, so that each that is passed moves the axis on by one.
	axes.iter().fold(axis, |axis, gone| axis + usize::from(usize::from(*gone) <= axis))
}

/// Whether the products of matrices keep entries apart: those of rows, of columns, or of whole matrices.
fn is_product_of_apart(operands: &[Value], product: &[Dim], axis: usize) -> Option<bool> {
	let [a, b] = operands else { return None };
	let (of_a, of_b) = (a.broadcasts(product, axis), b.broadcasts(product, axis));
	Some(match product.len().checked_sub(axis)? {
		2 => of_a && a.axis.is_some() && b.axis.is_none(),
		1 => of_b && b.axis.is_some() && a.axis.is_none(),
		_ => of_a && of_b,
	})
}

/// Whether each element is made of the elements at its place, by broadcasting.
fn is_elementwise(op: &Op) -> bool {
	matches!(
		op,
		Op::Identity
			| Op::LayoutCopy
			| Op::Expand { .. }
			| Op::Where
			| Op::Add | Op::Sub
			| Op::Mul | Op::Div
			| Op::Mod { .. }
			| Op::Neg | Op::Abs
			| Op::Sqrt
			| Op::Reciprocal
			| Op::Relu
			| Op::LeakyRelu { .. }
			| Op::PRelu
			| Op::Clip
			| Op::Min | Op::Max
			| Op::Floor
			| Op::Ceil
			| Op::Round
			| Op::Sign
			| Op::Equal
			| Op::Less
			| Op::LessOrEqual
			| Op::Greater
			| Op::GreaterOrEqual
			| Op::And | Op::Or
			| Op::Xor | Op::Not
			| Op::BitAnd
			| Op::BitOr
			| Op::BitXor
			| Op::BitNot
			| Op::ShiftLeft
			| Op::ShiftRight
			| Op::Cast { .. }
			| Op::IsNaN
			| Op::IsInf { .. }
			| Op::Exp | Op::Log
			| Op::Erf | Op::Tanh
			| Op::Sin | Op::Cos
	)
}
