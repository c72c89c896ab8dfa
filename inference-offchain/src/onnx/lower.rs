//! Walks the nodes of a file and lowers each; a file a family of operators.

use std::collections::{BTreeMap, BTreeSet};

use assay_canon::{
	symbol::{Dim, Symbol},
	tensor::DType,
};

use super::{
	attributes::Attributes,
	class::{self, Taint},
	emit::{Emitter, Value},
	error::Refusal,
	proto::{DimensionProto, GraphProto, Length, NodeProto, ValueInfoProto},
	read::File,
	tensor, Declaration, Dimension, FreeAxis, ImportError, Imported, Port,
};

mod activation;
mod attention;
mod einsum;
mod hyperbolic;
mod linear;
mod loss;
mod normalization;
mod pool;
mod quantized;
mod recurrent;
mod reduce;
mod resize;
mod scalar;
mod select;
mod shape;
mod slice;
mod softmax;

/// The most primitives that a file may become.
const MAX_NODES: usize = 1 << 20;

/// One node of a file, its operands found.
pub(super) struct Call<'a> {
	/// The operator.
	pub operator: &'a str,
	/// The version of the operator set.
	pub opset: i64,
	/// The operands; one that is left out is `None`.
	pub inputs: Vec<Option<Value>>,
	/// Whether each output is wanted.
	pub outputs: Vec<bool>,
	/// The attributes.
	pub attributes: Attributes<'a>,
}

impl Call<'_> {
	/// An operand that must be there.
	pub fn input(&self, at: usize) -> Result<Value, Refusal> {
		self.maybe(at).ok_or(Refusal::Bad("operand count"))
	}

	/// An operand that may be left out.
	pub fn maybe(&self, at: usize) -> Option<Value> {
		self.inputs.get(at).copied().flatten()
	}

	/// All operands, none of which is left out.
	pub fn all(&self) -> Result<Vec<Value>, Refusal> {
		let all: Option<Vec<Value>> = self.inputs.iter().copied().collect();
		all.filter(|all| !all.is_empty()).ok_or(Refusal::Bad("operand count"))
	}

	/// Whether output `at` is wanted.
	pub fn wants(&self, at: usize) -> bool {
		self.outputs.get(at).copied().unwrap_or(false)
	}

	/// The attribute `axis`, counted from the front.
	pub fn axis(&self, default: i64, rank: usize) -> Result<usize, Refusal> {
		axis_of(self.attributes.int("axis", default)?, rank)
	}
}

/// An axis counted from the front, given one that may be counted from the back.
pub(super) fn axis_of(axis: i64, rank: usize) -> Result<usize, Refusal> {
	let rank = rank as i64;
	let axis = if axis < 0 { axis.saturating_add(rank) } else { axis };
	usize::try_from(axis).ok().filter(|_| axis < rank).ok_or(Refusal::Bad("axis"))
}

/// Axes counted from the front, ascending and each once.
pub(super) fn axes_of(axes: &[i64], rank: usize) -> Result<Vec<usize>, Refusal> {
	let found: Result<Vec<usize>, Refusal> = axes.iter().map(|axis| axis_of(*axis, rank)).collect();
	let mut found = found?;
	found.sort_unstable();
	let distinct = found.iter().zip(found.iter().skip(1)).all(|(left, right)| left != right);
	if distinct {
		Ok(found)
	} else {
		Err(Refusal::Bad("axes"))
	}
}

/// Lowers the node to primitives. Each family answers for the operators that it knows.
fn lower(emitter: &mut Emitter, call: &Call) -> Result<Vec<Value>, Refusal> {
	let families = [
		scalar::lower,
		shape::lower,
		slice::lower,
		select::lower,
		activation::lower,
		softmax::lower,
		reduce::lower,
		linear::lower,
		normalization::lower,
		pool::lower,
		quantized::lower,
		einsum::lower,
		attention::lower,
		recurrent::lower,
		resize::lower,
		hyperbolic::lower,
		loss::lower,
	];
	for family in families {
		if let Some(outputs) = family(emitter, call)? {
			return Ok(outputs);
		}
	}
	match call.operator {
		"NonZero" | "Unique" | "NonMaxSuppression" | "Compress" => Err(Refusal::DataDependentShape),
		_ => Err(Refusal::UnknownOperator),
	}
}

/// The values that names stand for.
#[derive(Default)]
struct Scope {
	values: BTreeMap<String, (Value, Taint)>,
	/// The names in the order in which they were defined.
	order: Vec<String>,
}

impl Scope {
	fn get(&self, name: &str) -> Option<(Value, Taint)> {
		self.values.get(name).copied()
	}

	fn define(&mut self, name: &str, value: (Value, Taint)) -> Result<(), ImportError> {
		if self.values.insert(name.into(), value).is_some() {
			return Err(ImportError::DuplicateName(name.into()));
		}
		self.order.push(name.into());
		Ok(())
	}

	/// Forgets all but the first `count` names: those of a subgraph that ends.
	fn truncate(&mut self, count: usize) {
		for name in self.order.split_off(count.min(self.order.len())) {
			self.values.remove(&name);
		}
	}
}

/// An import under way.
pub(super) struct Import<'a> {
	emitter: Emitter,
	declaration: &'a Declaration,
	opset: i64,
	scope: Scope,
	symbols: Vec<String>,
	inputs: Vec<Port>,
}

impl<'a> Import<'a> {
	/// Declares the inputs and constants of a file.
	pub fn new(file: &File, declaration: &'a Declaration) -> Result<Self, ImportError> {
		let graph = &file.graph;
		let supplied: Vec<&ValueInfoProto> = without_default(graph)
			.filter(|input| !declaration.fixed.contains_key(&input.name))
			.collect();
		let mut names: Vec<String> = Vec::new();
		let mut symbols: Vec<Symbol> = Vec::new();
		let mut inputs = Vec::new();
		for input in &supplied {
			let (dtype, dims) = type_of(input)?;
			let mut sizes = Vec::new();
			for (axis, dim) in dims.iter().enumerate() {
				sizes.push(size_of(input, axis, dim, declaration, &mut names, &mut symbols)?);
			}
			inputs.push((input.name.clone(), dtype, sizes));
		}
		if names.len() > assay_canon::symbol::MAX_SYMBOLS {
			return Err(ImportError::TooMuch {
				what: "free dimensions",
				count: names.len(),
				limit: assay_canon::symbol::MAX_SYMBOLS,
			});
		}
		let emitter = Emitter::new(&symbols)
			.map_err(|_| ImportError::BadDeclaration(names.first().cloned().unwrap_or_default()))?;
		let mut import = Self {
			emitter,
			declaration,
			opset: file.opset,
			scope: Scope::default(),
			symbols: names,
			inputs: Vec::new(),
		};
		for (name, dtype, dims) in inputs {
			let value = import.emitter.input(&name, dtype, &dims);
			let taint = if dtype == DType::Float32 { Taint::Continuous } else { Taint::None };
			import.scope.define(&name, (value, taint))?;
			let kind = assay_canon::symbol::SymbolicType { dtype, dims };
			import.inputs.push(Port { name, kind });
		}
		import.fix(graph)?;
		Ok(import)
	}

	/// The inputs that the declaration fixes.
	fn fix(&mut self, graph: &GraphProto) -> Result<(), ImportError> {
		for (name, tensor) in &self.declaration.fixed {
			let bad = || ImportError::BadDeclaration(name.clone());
			let input = graph.input.iter().find(|input| input.name == *name).ok_or_else(bad)?;
			let (dtype, dims) = type_of(input)?;
			let fits = |(dim, extent): (&DimensionProto, u64)| match dim.value {
				Some(Length::Fixed(length)) => u64::try_from(length) == Ok(extent),
				_ => true,
			};
			let shape = tensor.shape();
			let fits = dtype == tensor.dtype()
				&& dims.len() == shape.rank()
				&& tensor.layout().is_row_major()
				&& dims.iter().zip(shape.iter()).all(fits);
			if !fits {
				return Err(bad());
			}
			let value = self.emitter.constant(tensor.clone());
			self.scope.define(name, (value, Taint::None))?;
		}
		Ok(())
	}

	/// Lowers the nodes of the file's graph.
	pub fn lower(&mut self, graph: &GraphProto) -> Result<(), ImportError> {
		let mut scope = std::mem::take(&mut self.scope);
		let result = self.lower_graph(graph, &mut scope);
		self.scope = scope;
		result
	}

	fn lower_graph(&mut self, graph: &GraphProto, scope: &mut Scope) -> Result<(), ImportError> {
		for initializer in &graph.initializer {
			// An input that the declaration fixes overrides its default.
			if scope.get(&initializer.name).is_some()
				&& self.declaration.fixed.contains_key(&initializer.name)
			{
				continue;
			}
			let tensor = tensor::read(initializer, &initializer.name)?;
			let value = self.emitter.constant(tensor);
			scope.define(&initializer.name, (value, Taint::None))?;
		}
		for (number, node) in graph.node.iter().enumerate() {
			self.lower_node(number, node, scope)?;
			if self.emitter.nodes() > MAX_NODES {
				return Err(ImportError::TooMuch {
					what: "primitives",
					count: self.emitter.nodes(),
					limit: MAX_NODES,
				});
			}
		}
		Ok(())
	}

	fn lower_node(
		&mut self,
		number: usize,
		node: &NodeProto,
		scope: &mut Scope,
	) -> Result<(), ImportError> {
		let name = if node.name.is_empty() { format!("#{number}") } else { node.name.clone() };
		let refuse = |refusal| ImportError::Node {
			node: name.clone(),
			operator: node.op_type.clone(),
			refusal,
		};
		if !node.domain.is_empty() && node.domain != "ai.onnx" {
			return Err(ImportError::OperatorSet { domain: node.domain.clone(), version: 0 });
		}
		let mut inputs = Vec::new();
		let mut worst = Taint::None;
		for input in &node.input {
			if input.is_empty() {
				inputs.push(None);
				continue;
			}
			let (value, taint) = scope.get(input).ok_or_else(|| ImportError::UndefinedValue {
				node: name.clone(),
				value: input.clone(),
			})?;
			worst = worst.max(taint);
			inputs.push(Some(value));
		}
		let attributes = Attributes::new(node).map_err(refuse)?;
		let outputs = node.output.iter().map(|name| !name.is_empty()).collect();
		let call = Call { operator: &node.op_type, opset: self.opset, inputs, outputs, attributes };
		let made = if node.op_type == "If" {
			self.lower_if(&call, scope, &refuse)?
		} else {
			let made = lower(&mut self.emitter, &call).map_err(refuse)?;
			let taints = made.iter().enumerate().map(|(at, value)| {
				let dtype = self.emitter.dtype(*value)?;
				let known = self.emitter.is_known(*value);
				let taint = class::taint(&node.op_type, at, worst, dtype);
				Ok((*value, if known { Taint::None } else { taint }))
			});
			taints.collect::<Result<_, Refusal>>().map_err(refuse)?
		};
		call.attributes.finish().map_err(refuse)?;
		for (at, output) in node.output.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
			let made = made.get(at).ok_or(Refusal::Unsupported("an output")).map_err(refuse)?;
			scope.define(output, *made)?;
		}
		Ok(())
	}

	/// The branch that the condition chooses, which must be fixed.
	fn lower_if(
		&mut self,
		call: &Call,
		scope: &mut Scope,
		refuse: &dyn Fn(Refusal) -> ImportError,
	) -> Result<Vec<(Value, Taint)>, ImportError> {
		let condition = call.input(0).map_err(refuse)?;
		let condition = self.emitter.as_int(condition, "the condition").map_err(refuse)?;
		let [yes, no] = [
			call.attributes.graph("then_branch").map_err(refuse)?,
			call.attributes.graph("else_branch").map_err(refuse)?,
		];
		let branch = if condition != 0 { yes } else { no };
		let branch = branch.ok_or(Refusal::Bad("branch")).map_err(refuse)?;
		let before = scope.order.len();
		self.lower_graph(branch, scope)?;
		let find = |output: &ValueInfoProto| {
			scope.get(&output.name).ok_or_else(|| ImportError::UndefinedValue {
				node: "output".into(),
				value: output.name.clone(),
			})
		};
		let outputs = branch.output.iter().map(find).collect::<Result<_, _>>();
		scope.truncate(before);
		outputs
	}

	/// The finished graph.
	pub fn finish(self, graph: &GraphProto) -> Result<Imported, ImportError> {
		let mut values = Vec::new();
		let mut outputs = Vec::new();
		let mut judged = Vec::new();
		for output in &graph.output {
			let (value, taint) = self.scope.get(&output.name).ok_or_else(|| {
				ImportError::UndefinedValue { node: "output".into(), value: output.name.clone() }
			})?;
			let refuse = |refusal| ImportError::Node {
				node: output.name.clone(),
				operator: "output".into(),
				refusal,
			};
			let kind = self.emitter.kind(value).map_err(refuse)?.clone();
			judged.push((kind.dtype, taint));
			outputs.push(Port { name: output.name.clone(), kind });
			values.push(value);
		}
		if outputs.is_empty() {
			return Err(ImportError::Malformed("there is no output".into()));
		}
		let (graph, initializers) = self.emitter.finish(&values).map_err(|refusal| {
			ImportError::Node { node: "output".into(), operator: "output".into(), refusal }
		})?;
		let class = class::of(&graph, &initializers, &judged);
		Ok(Imported {
			graph,
			initializers,
			symbols: self.symbols,
			inputs: self.inputs,
			outputs,
			class,
		})
	}
}

/// The inputs that have no default.
fn without_default(graph: &GraphProto) -> impl Iterator<Item = &ValueInfoProto> {
	let defaults: BTreeSet<&str> =
		graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
	graph.input.iter().filter(move |input| !defaults.contains(input.name.as_str()))
}

/// See [`File::inputs`].
pub(super) fn inputs(graph: &GraphProto) -> Result<Vec<(String, DType)>, ImportError> {
	without_default(graph).map(|input| Ok((input.name.clone(), type_of(input)?.0))).collect()
}

/// See [`File::free_axes`].
pub(super) fn free_axes(graph: &GraphProto) -> Result<Vec<FreeAxis>, ImportError> {
	let mut free = Vec::new();
	for input in without_default(graph) {
		let (_, dims) = type_of(input)?;
		let open =
			|(_, dim): &(usize, &DimensionProto)| !matches!(dim.value, Some(Length::Fixed(_)));
		free.extend(dims.iter().enumerate().filter(open).map(|(axis, dim)| FreeAxis {
			input: input.name.clone(),
			axis,
			dimension: name_of(input, axis, dim),
		}));
	}
	Ok(free)
}

/// The name of a free dimension.
fn name_of(input: &ValueInfoProto, axis: usize, dim: &DimensionProto) -> String {
	match &dim.value {
		Some(Length::Symbol(name)) if !name.is_empty() => name.clone(),
		_ => format!("{}:{axis}", input.name),
	}
}

/// The declared type of an input.
fn type_of(input: &ValueInfoProto) -> Result<(DType, Vec<DimensionProto>), ImportError> {
	let unsupported = |what| ImportError::Unsupported { what, name: input.name.clone() };
	let tensor = input.r#type.as_ref().and_then(|kind| kind.tensor_type.as_ref());
	let tensor = tensor.ok_or_else(|| unsupported("an input that is not a tensor"))?;
	let dtype = tensor::dtype_of(tensor.elem_type)
		.map_err(|dtype| ImportError::ElementType { value: input.name.clone(), dtype })?;
	let shape = tensor.shape.as_ref().ok_or_else(|| unsupported("an input of open rank"))?;
	Ok((dtype, shape.dim.clone()))
}

/// The size of an input's axis: fixed, or a symbol, added if it is new.
fn size_of(
	input: &ValueInfoProto,
	axis: usize,
	dim: &DimensionProto,
	declaration: &Declaration,
	names: &mut Vec<String>,
	symbols: &mut Vec<Symbol>,
) -> Result<Dim, ImportError> {
	if let Some(Length::Fixed(length)) = &dim.value {
		let extent = u32::try_from(*length).map_err(|_| {
			ImportError::Malformed(format!("input {:?} has extent {length}", input.name))
		})?;
		return Ok(extent.into());
	}
	let name = name_of(input, axis, dim);
	match declaration.dimensions.get(&name) {
		None => {
			Err(ImportError::UndeclaredDimension { input: input.name.clone(), dimension: name })
		},
		Some(Dimension::Fixed(extent)) => Ok((*extent).into()),
		Some(Dimension::Free(symbol)) => {
			let known = names.iter().position(|known| *known == name);
			Ok(Dim::symbol(known.unwrap_or_else(|| {
				names.push(name);
				symbols.push(*symbol);
				names.len().saturating_sub(1)
			})))
		},
	}
}
