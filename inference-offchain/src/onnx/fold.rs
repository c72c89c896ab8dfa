//! Computes what is known before any input is: constants, and sizes that depend on symbols.

use assay_canon::{
	fast,
	graph::Node,
	op::Op,
	ops,
	shape::{Coordinates, Layout, Shape},
	symbol::{Bindings, Dim, Symbol, SymbolicType},
	tensor::{DType, Element, Tensor, TensorType, View},
};

/// The most elements of integers that are looked into as sizes.
pub(super) const MAX_KNOWN: u64 = 4096;

/// A tensor of integers or bools whose elements are sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
	/// Type of the elements.
	pub dtype: DType,
	/// The shape, which no symbol changes.
	pub shape: Shape,
	/// The elements in row-major order.
	pub elements: Vec<Dim>,
}

impl Known {
	/// The elements of a constant; `None` if they are float32.
	pub fn of(tensor: &Tensor) -> Option<Self> {
		if tensor.dtype() == DType::Float32 {
			return None;
		}
		let element = |index| tensor.at(index).map(|element| Dim::constant(element.to_i64()));
		let elements: Option<Vec<Dim>> = (0..tensor.shape().count()).map(element).collect();
		Some(Self { dtype: tensor.dtype(), shape: tensor.shape().clone(), elements: elements? })
	}

	/// The constant, if no symbol changes any element.
	pub fn tensor(&self) -> Option<Tensor> {
		if !self.elements.iter().all(Dim::is_constant) {
			return None;
		}
		let element = |dim: &Dim| Element::integer(self.dtype, dim.constant);
		let elements: Vec<Element> = self.elements.iter().map(element).collect();
		Tensor::from_elements(self.dtype, self.shape.clone(), &elements)
	}
}

/// What a size is at least and at most.
pub(super) fn range(dim: &Dim, symbols: &[Symbol]) -> (i128, i128) {
	let start = (i128::from(dim.constant), i128::from(dim.constant));
	dim.coefficients.iter().zip(symbols).fold(start, |(low, high), (factor, symbol)| {
		// Products of 64 and 32 bits, five of them.
		let ends = [symbol.minimum, symbol.maximum]
			.map(|value| i128::from(*factor).saturating_mul(value.into()));
		let [first, last] = ends;
		(low.saturating_add(first.min(last)), high.saturating_add(first.max(last)))
	})
}

/// Whether no symbol changes an attribute of the primitive.
pub(super) fn has_fixed_attributes(op: &Op) -> bool {
	match op {
		Op::Reshape { dims } | Op::Expand { dims } | Op::Iota { dims, .. } => fixed(dims),
		Op::Extents { dims } => fixed(dims),
		Op::Tile { repeats } => fixed(repeats),
		Op::Slice { axes } => {
			axes.iter().all(|slice| slice.start.is_constant() && slice.count.is_constant())
		},
		Op::OneHot { depth, .. } => depth.is_constant(),
		Op::EyeLike { rows, columns, .. } => rows.is_constant() && columns.is_constant(),
		Op::TopK { count, .. } => count.is_constant(),
		_ => true,
	}
}

fn fixed(dims: &[Dim]) -> bool {
	dims.iter().all(Dim::is_constant)
}

/// The output of a primitive by its definition; `None` if it ends in a fault.
pub(super) fn run(
	op: &Op,
	operands: &[&Tensor],
	output: &TensorType,
	bindings: &Bindings,
) -> Option<Tensor> {
	let dims = output.shape.extents().iter().map(|extent| Dim::from(*extent)).collect();
	let node = Node {
		op: op.clone(),
		inputs: Vec::new(),
		layout: Layout::row_major(),
		output: SymbolicType { dtype: output.dtype, dims },
	};
	fast::run_node(&node, output, bindings, operands).ok()
}

/// The output of a primitive on sizes; `None` if it is not a tensor of sizes.
pub(super) fn fold(
	op: &Op,
	operands: &[Known],
	symbols: &[Symbol],
	bindings: &Bindings,
) -> Option<Known> {
	if let Some(data) = moved_operands(op, operands.len()) {
		return move_sizes(op, operands, &data, bindings);
	}
	let kinds: Vec<TensorType> =
		operands.iter().map(|known| TensorType::new(known.dtype, known.shape.clone())).collect();
	let output = ops::infer(op, &kinds, bindings).ok()?;
	if output.shape.count() > MAX_KNOWN {
		return None;
	}
	if let (Op::ReduceSum { axes, .. }, [x]) = (op, operands) {
		let whole = axes.len() == x.shape.rank();
		let sum = x.elements.iter().try_fold(Dim::default(), |sum, dim| sum.checked_add(dim));
		return whole.then_some(Known {
			dtype: output.dtype,
			shape: output.shape,
			elements: vec![sum?],
		});
	}
	let mut elements = Vec::new();
	for index in 0..output.shape.count() {
		let at = Coordinates::of(index, &output.shape);
		let operand = |(known, kind): (&Known, &TensorType)| {
			let offset = View::new(kind, &Layout::row_major()).broadcast_offset(&at);
			known.elements.get(usize::try_from(offset).ok()?).cloned()
		};
		let each: Option<Vec<Dim>> = operands.iter().zip(&kinds).map(operand).collect();
		elements.push(compute(op, &each?, symbols)?);
	}
	Some(Known { dtype: output.dtype, shape: output.shape, elements })
}

/// The operands that a primitive moves without computing with them; `None` if it computes.
fn moved_operands(op: &Op, count: usize) -> Option<Vec<usize>> {
	match op {
		Op::Identity
		| Op::Reshape { .. }
		| Op::Transpose { .. }
		| Op::Slice { .. }
		| Op::Gather { .. }
		| Op::GatherElements { .. }
		| Op::GatherND { .. }
		| Op::Expand { .. }
		| Op::Tile { .. }
		| Op::Reverse { .. } => Some(vec![0]),
		Op::Concat { .. } => Some((0..count).collect()),
		Op::Where => Some(vec![1, 2]),
		_ => None,
	}
}

/// Runs the primitive on the numbers of the sizes instead of on the sizes.
fn move_sizes(op: &Op, operands: &[Known], data: &[usize], bindings: &Bindings) -> Option<Known> {
	let mut table: Vec<Dim> = Vec::new();
	let mut tensors = Vec::new();
	let mut dtype = DType::Int64;
	for (number, known) in operands.iter().enumerate() {
		if !data.contains(&number) {
			tensors.push(known.tensor()?);
			continue;
		}
		dtype = known.dtype;
		let start = table.len() as i64;
		table.extend(known.elements.iter().cloned());
		let numbers: Vec<Element> =
			(start..).take(known.elements.len()).map(Element::int64).collect();
		tensors.push(Tensor::from_elements(DType::Int64, known.shape.clone(), &numbers)?);
	}
	let kinds: Vec<TensorType> = tensors.iter().map(|tensor| tensor.kind().clone()).collect();
	let output = ops::infer(op, &kinds, bindings).ok()?;
	if output.shape.count() > MAX_KNOWN {
		return None;
	}
	let numbers = run(op, &tensors.iter().collect::<Vec<_>>(), &output, bindings)?;
	let find = |index| {
		let number = usize::try_from(numbers.at(index)?.to_i64()).ok()?;
		table.get(number).cloned()
	};
	let elements: Option<Vec<Dim>> = (0..output.shape.count()).map(find).collect();
	Some(Known { dtype, shape: output.shape, elements: elements? })
}

/// One element of a scalar primitive.
fn compute(op: &Op, operands: &[Dim], symbols: &[Symbol]) -> Option<Dim> {
	let truth = |value: bool| Dim::constant(value.into());
	match (op, operands) {
		(Op::Cast { to }, [x]) => cast(x, *to, symbols),
		(Op::Neg, [x]) => x.checked_scale(-1),
		(Op::Not, [x]) => x.is_constant().then(|| truth(x.constant == 0)),
		(Op::Add, [a, b]) => a.checked_add(b),
		(Op::Sub, [a, b]) => a.checked_sub(b),
		(Op::Mul, [a, b]) => a.checked_mul(b),
		(Op::Div, [a, b]) => divide(a, b, symbols),
		(Op::Mod { .. }, [a, b]) => {
			let positive = range(a, symbols).0 >= 0 && b.is_constant() && b.constant > 0;
			let whole =
				a.coefficients.iter().all(|factor| factor.checked_rem(b.constant) == Some(0));
			let rest = a.constant.checked_rem_euclid(b.constant);
			rest.filter(|_| positive && whole).map(Dim::constant)
		},
		(Op::Min, [a, b]) => compare(a, b, symbols).map(|order| lesser(order, a, b)),
		(Op::Max, [a, b]) => compare(a, b, symbols).map(|order| lesser(order, b, a)),
		(Op::Equal, [a, b]) => {
			let (low, high) = range(&a.checked_sub(b)?, symbols);
			match (low, high) {
				(0, 0) => Some(truth(true)),
				_ if low > 0 || high < 0 => Some(truth(false)),
				_ => None,
			}
		},
		(Op::Less, [a, b]) => below(a, b, 0, symbols).map(truth),
		(Op::LessOrEqual, [a, b]) => below(a, b, 1, symbols).map(truth),
		(Op::Greater, [a, b]) => below(b, a, 0, symbols).map(truth),
		(Op::GreaterOrEqual, [a, b]) => below(b, a, 1, symbols).map(truth),
		_ => None,
	}
}

/// Whether `a < b + slack` for every binding, or for none.
fn below(a: &Dim, b: &Dim, slack: i128, symbols: &[Symbol]) -> Option<bool> {
	let (low, high) = range(&a.checked_sub(b)?, symbols);
	match (low < slack, high < slack) {
		(_, true) => Some(true),
		(false, _) => Some(false),
		_ => None,
	}
}

/// Whether `a` is at most `b` for every binding, or at least.
fn compare(a: &Dim, b: &Dim, symbols: &[Symbol]) -> Option<bool> {
	let (low, high) = range(&a.checked_sub(b)?, symbols);
	match (low, high) {
		(_, high) if high <= 0 => Some(true),
		(low, _) if low >= 0 => Some(false),
		_ => None,
	}
}

fn lesser(first: bool, a: &Dim, b: &Dim) -> Dim {
	if first {
		a.clone()
	} else {
		b.clone()
	}
}

fn divide(a: &Dim, b: &Dim, symbols: &[Symbol]) -> Option<Dim> {
	if a == b && range(a, symbols).0 > 0 {
		return Some(Dim::constant(1));
	}
	if !b.is_constant() || b.constant == 0 {
		return None;
	}
	if let Some(exact) = a.checked_divide(b.constant) {
		return Some(exact);
	}
	let (low, high) = range(a, symbols);
	let divisor = i128::from(b.constant);
	let (low, high) = (low.checked_div(divisor)?, high.checked_div(divisor)?);
	(low == high).then(|| i64::try_from(low).ok().map(Dim::constant))?
}

fn cast(x: &Dim, to: DType, symbols: &[Symbol]) -> Option<Dim> {
	let (low, high) = range(x, symbols);
	let within = |least: i128, most: i128| (least <= low && high <= most).then(|| x.clone());
	match to {
		DType::Int64 => Some(x.clone()),
		DType::Int32 => within(i32::MIN.into(), i32::MAX.into()),
		DType::Bool if low > 0 || high < 0 => Some(Dim::constant(1)),
		DType::Bool if low == 0 && high == 0 => Some(Dim::constant(0)),
		_ => None,
	}
}

/// The name of a primitive, for messages.
pub(super) fn name(op: &Op) -> &'static str {
	match op {
		Op::Identity => "Identity",
		Op::LayoutCopy => "LayoutCopy",
		Op::Reshape { .. } => "Reshape",
		Op::Transpose { .. } => "Transpose",
		Op::Concat { .. } => "Concat",
		Op::Slice { .. } => "Slice",
		Op::Gather { .. } => "Gather",
		Op::GatherElements { .. } => "GatherElements",
		Op::GatherND { .. } => "GatherND",
		Op::ScatterElements { .. } => "ScatterElements",
		Op::ScatterND { .. } => "ScatterND",
		Op::Pad { .. } => "Pad",
		Op::Expand { .. } => "Expand",
		Op::Tile { .. } => "Tile",
		Op::Where => "Where",
		Op::MatMul => "MatMul",
		Op::Gemm { .. } => "Gemm",
		Op::Conv { .. } => "Conv",
		Op::ConvTranspose { .. } => "ConvTranspose",
		Op::ReduceSum { .. } => "ReduceSum",
		Op::ReduceMean { .. } => "ReduceMean",
		Op::AveragePool { .. } => "AveragePool",
		Op::MaxPool { .. } => "MaxPool",
		Op::TopK { .. } => "TopK",
		Op::ArgMax { .. } => "ArgMax",
		Op::ArgMin { .. } => "ArgMin",
		Op::QLinearConv { .. } => "QLinearConv",
		Op::QLinearMatMul => "QLinearMatMul",
		Op::ConvInteger { .. } => "ConvInteger",
		Op::MatMulInteger => "MatMulInteger",
		Op::QuantizeLinear { .. } => "QuantizeLinear",
		Op::DequantizeLinear { .. } => "DequantizeLinear",
		Op::OneHot { .. } => "OneHot",
		Op::Clip => "Clip",
		Op::PRelu => "PRelu",
		Op::Cast { .. } => "Cast",
		Op::Exp | Op::Log | Op::Erf | Op::Tanh | Op::Sin | Op::Cos => "transcendental",
		_ => "scalar or index primitive",
	}
}
