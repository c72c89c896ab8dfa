//! Adds primitives to a graph: folds what is known, and lays operands out as openings need.

use std::{
	collections::{BTreeMap, BTreeSet},
	rc::Rc,
};

use assay_canon::{
	arith::F32,
	graph::{BuildError, Builder, Graph, Invalid, Source},
	op::Op,
	ops,
	shape::{Layout, Shape},
	symbol::{Bindings, Dim, Symbol, SymbolicType},
	tensor::{DType, Element, Tensor, TensorType},
};

use super::{
	error::Refusal,
	fold::{self, Known, MAX_KNOWN},
};

/// A value during the import: a constant, sizes, an input, or a node's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value(usize);

/// What is known of a value.
enum Content {
	/// Everything: a row-major tensor.
	Constant(Rc<Tensor>),
	/// Each element as a size that may depend on symbols.
	Sizes(Known),
	/// Nothing but where it comes from.
	Computed,
}

struct Entry {
	kind: SymbolicType,
	content: Content,
	/// Where it already lies in the graph, row-major first unless it is a constant.
	places: Vec<(Layout, Source)>,
	/// The input that would have to be fixed for the value to be known.
	origin: Option<Rc<str>>,
}

/// The most terms that are folded in one import.
const FOLD_BUDGET: u64 = 1 << 27;

/// The most terms that are folded in one node.
const FOLD_LIMIT: u64 = 1 << 24;

/// A graph under construction.
pub(super) struct Emitter {
	builder: Builder,
	symbols: Vec<Symbol>,
	/// All symbols at their least and at their greatest.
	extremes: [Bindings; 2],
	values: Vec<Entry>,
	initializers: Vec<Tensor>,
	/// Small constants that were made before.
	interned: BTreeMap<(DType, Vec<u32>, Vec<u8>), Value>,
	budget: u64,
}

impl Emitter {
	/// An empty graph with these symbols.
	pub fn new(symbols: &[Symbol]) -> Result<Self, BuildError> {
		let least = Bindings(symbols.iter().map(|symbol| symbol.minimum).collect());
		let greatest = Bindings(symbols.iter().map(|symbol| symbol.maximum).collect());
		Ok(Self {
			builder: Builder::new(symbols)?,
			symbols: symbols.to_vec(),
			extremes: [least, greatest],
			values: Vec::new(),
			initializers: Vec::new(),
			interned: BTreeMap::new(),
			budget: FOLD_BUDGET,
		})
	}

	/// The finished graph with these outputs, and its initializers.
	pub fn finish(mut self, outputs: &[Value]) -> Result<(Graph, Vec<Tensor>), Refusal> {
		let mut sources = Vec::new();
		let mut taken = BTreeSet::new();
		for output in outputs {
			let mut source = self.place(*output, &Layout::row_major())?;
			// An output is a slot of its own, so that it can be opened as one.
			let own = matches!(source, Source::Slot(slot) if taken.insert(slot));
			if !own {
				source = self.build(Op::Identity, &[source], Layout::row_major())?;
			}
			sources.push(source);
		}
		let graph = self.builder.finish(&sources).map_err(|error| primitive("output", error))?;
		Ok((graph, self.initializers))
	}

	/// Number of nodes so far.
	pub fn nodes(&self) -> usize {
		self.builder.graph().nodes.len()
	}

	fn enter(&mut self, entry: Entry) -> Value {
		self.values.push(entry);
		Value(self.values.len().saturating_sub(1))
	}

	fn entry(&self, value: Value) -> Result<&Entry, Refusal> {
		self.values.get(value.0).ok_or(Refusal::Bad("value"))
	}

	/// Adds an input of the graph.
	pub fn input(&mut self, name: &str, dtype: DType, dims: &[Dim]) -> Value {
		let source = self.builder.input(dtype, dims);
		self.enter(Entry {
			kind: SymbolicType { dtype, dims: dims.to_vec() },
			content: Content::Computed,
			places: vec![(Layout::row_major(), source)],
			origin: Some(name.into()),
		})
	}

	/// A constant. It becomes an initializer only if a node needs it.
	pub fn constant(&mut self, tensor: Tensor) -> Value {
		let small = tensor.data().len() <= 64;
		let data = if small { tensor.data().to_vec() } else { Vec::new() };
		let key = (tensor.dtype(), tensor.shape().extents().to_vec(), data);
		if let Some(value) = self.interned.get(&key).filter(|_| small) {
			return *value;
		}
		let dims = tensor.shape().extents().iter().map(|extent| Dim::from(*extent)).collect();
		let value = self.enter(Entry {
			kind: SymbolicType { dtype: tensor.dtype(), dims },
			content: Content::Constant(Rc::new(tensor)),
			places: Vec::new(),
			origin: None,
		});
		if small {
			self.interned.insert(key, value);
		}
		value
	}

	/// A scalar.
	pub fn scalar(&mut self, element: Element) -> Result<Value, Refusal> {
		let tensor = Tensor::from_elements(element.dtype(), Shape::scalar(), &[element]);
		Ok(self.constant(tensor.ok_or(Refusal::Bad("scalar"))?))
	}

	/// A float32 scalar.
	pub fn float(&mut self, value: f32) -> Result<Value, Refusal> {
		self.scalar(Element::float(F32::from_bits(value.to_bits())))
	}

	/// A scalar of an integer that `dtype` holds, or nearly so.
	pub fn integer(&mut self, dtype: DType, value: i64) -> Result<Value, Refusal> {
		self.scalar(Element::integer(dtype, value))
	}

	/// A vector of int64.
	pub fn vector(&mut self, values: &[i64]) -> Result<Value, Refusal> {
		let elements: Vec<Element> = values.iter().map(|value| Element::int64(*value)).collect();
		self.elements(DType::Int64, &[values.len()], &elements)
	}

	/// A constant of these elements.
	pub fn elements(
		&mut self,
		dtype: DType,
		extents: &[usize],
		elements: &[Element],
	) -> Result<Value, Refusal> {
		let shape = Shape::from_extents(extents.iter().map(|extent| *extent as u64));
		let tensor = shape.and_then(|shape| Tensor::from_elements(dtype, shape, elements));
		Ok(self.constant(tensor.ok_or(Refusal::Bad("constant"))?))
	}

	/// A vector or scalar of sizes.
	pub fn sizes(&mut self, known: Known) -> Result<Value, Refusal> {
		if let Some(tensor) = known.tensor() {
			return Ok(self.constant(tensor));
		}
		let dims = known.shape.extents().iter().map(|extent| Dim::from(*extent)).collect();
		let kind = SymbolicType { dtype: known.dtype, dims };
		let content = Content::Sizes(known);
		Ok(self.enter(Entry { kind, content, places: Vec::new(), origin: None }))
	}

	/// Type of a value.
	pub fn kind(&self, value: Value) -> Result<&SymbolicType, Refusal> {
		Ok(&self.entry(value)?.kind)
	}

	/// Type of a value's elements.
	pub fn dtype(&self, value: Value) -> Result<DType, Refusal> {
		Ok(self.kind(value)?.dtype)
	}

	/// Extents of a value.
	pub fn dims(&self, value: Value) -> Result<Vec<Dim>, Refusal> {
		Ok(self.kind(value)?.dims.clone())
	}

	/// Number of axes of a value.
	pub fn rank(&self, value: Value) -> Result<usize, Refusal> {
		Ok(self.kind(value)?.dims.len())
	}

	/// Extent of an axis.
	pub fn dim(&self, value: Value, axis: usize) -> Result<Dim, Refusal> {
		self.kind(value)?.dims.get(axis).cloned().ok_or(Refusal::Bad("axis"))
	}

	/// Extent of an axis that no symbol changes.
	pub fn extent(&self, value: Value, axis: usize) -> Result<i64, Refusal> {
		let dim = self.dim(value, axis)?;
		if dim.is_constant() {
			Ok(dim.constant)
		} else {
			Err(Refusal::NotAffine("an extent that must be fixed"))
		}
	}

	/// The elements of a constant.
	pub fn tensor(&self, value: Value) -> Option<Rc<Tensor>> {
		match &self.entry(value).ok()?.content {
			Content::Constant(tensor) => Some(tensor.clone()),
			_ => None,
		}
	}

	/// Whether a value is the same for every input.
	pub fn is_known(&self, value: Value) -> bool {
		self.entry(value).is_ok_and(|entry| !matches!(entry.content, Content::Computed))
	}

	/// The elements of integers, if each is known.
	pub fn known(&self, value: Value) -> Option<Known> {
		match &self.entry(value).ok()?.content {
			Content::Constant(tensor) if tensor.shape().count() <= MAX_KNOWN => Known::of(tensor),
			Content::Sizes(known) => Some(known.clone()),
			_ => None,
		}
	}

	/// The sizes that a value holds.
	pub fn as_dims(&self, value: Value, what: &'static str) -> Result<Vec<Dim>, Refusal> {
		self.known(value).map(|known| known.elements).ok_or_else(|| self.not_fixed(value, what))
	}

	/// The integers that a value holds.
	pub fn as_ints(&self, value: Value, what: &'static str) -> Result<Vec<i64>, Refusal> {
		let dims = self.as_dims(value, what)?;
		let fixed = |dim: &Dim| dim.is_constant().then_some(dim.constant);
		dims.iter().map(fixed).collect::<Option<_>>().ok_or(Refusal::NotAffine(what))
	}

	/// The one integer that a value holds.
	pub fn as_int(&self, value: Value, what: &'static str) -> Result<i64, Refusal> {
		match self.as_ints(value, what)?.as_slice() {
			[one] => Ok(*one),
			_ => Err(Refusal::Bad(what)),
		}
	}

	/// The one float32 that a constant holds.
	pub fn as_float(&self, value: Value, what: &'static str) -> Result<F32, Refusal> {
		let tensor = self.tensor(value).ok_or_else(|| self.not_fixed(value, what))?;
		let single = tensor.dtype() == DType::Float32 && tensor.shape().count() == 1;
		let element = tensor.at(0).filter(|_| single);
		Ok(element.ok_or(Refusal::Bad(what))?.to_f32())
	}

	/// The refusal of a value that would have to be known.
	pub fn not_fixed(&self, value: Value, what: &'static str) -> Refusal {
		let origin = self.entry(value).ok().and_then(|entry| entry.origin.clone());
		Refusal::NotFixed { what, input: origin.map(|name| name.to_string()) }
	}

	/// What a size is at least and at most.
	pub fn range(&self, dim: &Dim) -> (i128, i128) {
		fold::range(dim, &self.symbols)
	}

	/// The concrete types of values, all symbols least or greatest.
	fn concrete(&self, values: &[Value], bindings: &Bindings) -> Option<Vec<TensorType>> {
		values.iter().map(|value| self.entry(*value).ok()?.kind.bind(bindings)).collect()
	}

	/// Adds a primitive, or folds it.
	pub fn push(&mut self, op: Op, operands: &[Value]) -> Result<Value, Refusal> {
		if let Some(folded) = self.fold(&op, operands) {
			return self.sizes_or_tensor(folded);
		}
		let origin = operands.iter().find_map(|value| self.entry(*value).ok()?.origin.clone());
		let source = self.emit(op, operands)?;
		let kind = self.builder.kind(source).ok_or(Refusal::Bad("node"))?;
		// Data is not what one would fix: integers and single numbers are.
		let origin = origin.filter(|_| kind.dtype != DType::Float32 || kind.dims.is_empty());
		let places = vec![(Layout::row_major(), source)];
		Ok(self.enter(Entry { kind, content: Content::Computed, places, origin }))
	}

	fn sizes_or_tensor(&mut self, folded: Folded) -> Result<Value, Refusal> {
		match folded {
			Folded::Tensor(tensor) => Ok(self.constant(tensor)),
			Folded::Sizes(known) => self.sizes(known),
		}
	}

	fn fold(&mut self, op: &Op, operands: &[Value]) -> Option<Folded> {
		if !fold::has_fixed_attributes(op) {
			return None;
		}
		let kinds = self.concrete(operands, &self.extremes[0])?;
		let constants: Option<Vec<Rc<Tensor>>> =
			operands.iter().map(|value| self.tensor(*value)).collect();
		if let Some(tensors) = constants {
			let output = ops::infer(op, &kinds, &self.extremes[0]).ok()?;
			let terms = ops::terms(op, &kinds, &output).count.max(1);
			let work = terms.saturating_mul(output.shape.count());
			if work > FOLD_LIMIT || work > self.budget {
				return None;
			}
			self.budget = self.budget.saturating_sub(work);
			let tensors: Vec<&Tensor> = tensors.iter().map(Rc::as_ref).collect();
			return fold::run(op, &tensors, &output, &self.extremes[0]).map(Folded::Tensor);
		}
		let known: Option<Vec<Known>> = operands.iter().map(|value| self.known(*value)).collect();
		let folded = fold::fold(op, &known?, &self.symbols, &self.extremes[0])?;
		Some(Folded::Sizes(folded))
	}

	/// Adds a node. Constants are laid out as it reads them; other operands are copied into such a
	/// layout only where an opening would be too large otherwise.
	fn emit(&mut self, op: Op, operands: &[Value]) -> Result<Source, Refusal> {
		let wanted = self.wanted(&op, operands);
		let mut sources = Vec::new();
		for (value, layout) in operands.iter().zip(&wanted) {
			let constant = self.tensor(*value).is_some();
			let layout = if constant { layout.clone() } else { Layout::row_major() };
			sources.push(self.place(*value, &layout)?);
		}
		let mut result = self.builder.push(op.clone(), &sources);
		for (at, (value, layout)) in operands.iter().zip(&wanted).enumerate() {
			if result != Err(BuildError::Invalid(Invalid::OpeningTooLarge)) {
				break;
			}
			if layout.is_row_major() || self.tensor(*value).is_some() {
				continue;
			}
			let copy = self.place(*value, layout)?;
			sources.iter_mut().skip(at).take(1).for_each(|source| *source = copy);
			result = self.builder.push(op.clone(), &sources);
		}
		result.map_err(|error| primitive(fold::name(&op), error))
	}

	/// The layout of each operand in which what one element reads lies together.
	fn wanted(&self, op: &Op, operands: &[Value]) -> Vec<Layout> {
		let Some(kinds) = self.concrete(operands, &self.extremes[1]) else {
			return vec![Layout::row_major(); operands.len()];
		};
		let layout = |(number, kind): (usize, &TensorType)| {
			let reach = ops::reach(op, &kinds, number);
			let class = |axis: &u8| {
				let read = reach.get(usize::from(*axis)).copied().unwrap_or(1);
				match read {
					_ if kind.shape.extent(usize::from(*axis)) <= 1 => 0,
					1 => 0,
					_ if read < kind.shape.extent(usize::from(*axis)) => 1,
					_ => 2,
				}
			};
			let mut order: Vec<u8> = (0_u8..).take(kind.shape.rank()).collect();
			order.sort_by_key(class);
			Layout::new(&order).unwrap_or_default()
		};
		kinds.iter().enumerate().map(layout).collect()
	}

	/// Where a value lies in this layout, put there if need be.
	fn place(&mut self, value: Value, layout: &Layout) -> Result<Source, Refusal> {
		let entry = self.entry(value)?;
		if let Some((_, source)) = entry.places.iter().find(|(place, _)| place == layout) {
			return Ok(*source);
		}
		let source = match &entry.content {
			Content::Constant(tensor) => {
				let tensor = tensor.relaid(layout).ok_or(Refusal::Bad("layout"))?;
				let source = self.builder.initializer(&tensor);
				self.initializers.push(tensor);
				source
			},
			Content::Sizes(known) => {
				let known = known.clone();
				self.build_sizes(&known)?
			},
			Content::Computed => {
				let first = entry.places.first().map(|(_, source)| *source);
				let first = first.ok_or(Refusal::Bad("value"))?;
				self.build(Op::LayoutCopy, &[first], layout.clone())?
			},
		};
		if let Some(entry) = self.values.get_mut(value.0) {
			entry.places.push((layout.clone(), source));
		}
		Ok(source)
	}

	fn build_sizes(&mut self, known: &Known) -> Result<Source, Refusal> {
		let row_major = Layout::row_major;
		let dims = known.elements.clone();
		let mut source = self.build(Op::Extents { dims }, &[], row_major())?;
		if known.shape.rank() != 1 {
			let dims = known.shape.extents().iter().map(|extent| Dim::from(*extent)).collect();
			source = self.build(Op::Reshape { dims }, &[source], row_major())?;
		}
		if known.dtype != DType::Int64 {
			source = self.build(Op::Cast { to: known.dtype }, &[source], row_major())?;
		}
		Ok(source)
	}

	fn build(&mut self, op: Op, inputs: &[Source], layout: Layout) -> Result<Source, Refusal> {
		let name = fold::name(&op);
		self.builder.push_in(op, inputs, layout).map_err(|error| primitive(name, error))
	}
}

/// What a folded node makes.
enum Folded {
	Tensor(Tensor),
	Sizes(Known),
}

fn primitive(op: &'static str, error: BuildError) -> Refusal {
	match error {
		BuildError::NotAffine => Refusal::NotAffine("an extent of the output"),
		error => Refusal::Primitive { op, error },
	}
}
