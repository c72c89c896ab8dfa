//! Models in the canonical arithmetic: commitments that all recompute alike, results that are the
//! same bits however they are computed, and proofs of every element.
//!
//! ONNX Runtime and the magika model are those that `scripts/setup.sh` fetches.

use assay_canon::{
	arbiter::{self, arbitrate, claimed, judge, Claim, Context, Malformed, Ruling, Verdict},
	commitment::Blake2b256,
	exact,
	tensor::{DType as Canonical, Element},
};
use assay_primitives::{
	canonical::{Constant, InputAxis},
	model::{Class, SpecVersion, Tolerance, VersionSpec},
	tensor::{DType, Dimension, Tensor, TensorError},
	Root,
};
use assay_worker::{
	artifact::{VerifiedFile, VerifiedModel},
	canonical::{
		to_canonical, CanonicalError, CanonicalModel, Fault, Options, Progress, Request, LOWERING,
	},
	config::Device,
	engine::{
		canonical::CanonicalEngine,
		ort::{library_path, OrtEngine},
		Engine, EngineError, Runnable,
	},
	onnx::{
		proto::{
			AttributeProto, DimensionProto, GraphProto, Length, ModelProto, NodeProto,
			OperatorSetIdProto, TensorProto, TensorShapeProto, TensorTypeProto, TypeProto,
			ValueInfoProto,
		},
		Declaration, ImportError,
	},
};
use prost::Message;
use std::sync::atomic::{AtomicU64, Ordering};
use Dimension::{Fixed, UpTo};

#[path = "support/magika.rs"]
mod magika;
#[path = "support/versions.rs"]
mod versions;

use versions::{tensor_spec, version};

const FLOAT: i32 = 1;
const INT64: i32 = 7;

/// A declared value; a dimension that is no number is open.
fn value(name: &str, elem_type: i32, dims: &[&str]) -> ValueInfoProto {
	let dim = |text: &&str| DimensionProto {
		value: Some(match text.parse() {
			Ok(length) => Length::Fixed(length),
			Err(_) => Length::Symbol((*text).into()),
		}),
	};
	let shape = Some(TensorShapeProto { dim: dims.iter().map(dim).collect() });
	let tensor_type = Some(TensorTypeProto { elem_type, shape });
	ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type }) }
}

fn node(operator: &str, inputs: &[&str], output: &str) -> NodeProto {
	NodeProto {
		input: inputs.iter().map(|name| (*name).into()).collect(),
		output: vec![output.into()],
		op_type: operator.into(),
		..NodeProto::default()
	}
}

fn weights(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
	TensorProto {
		name: name.into(),
		dims: dims.to_vec(),
		data_type: FLOAT,
		float_data: values.to_vec(),
		..TensorProto::default()
	}
}

fn file(
	inputs: Vec<ValueInfoProto>,
	initializer: Vec<TensorProto>,
	node: Vec<NodeProto>,
	output: ValueInfoProto,
) -> Vec<u8> {
	let graph = GraphProto {
		node,
		initializer,
		input: inputs,
		output: vec![output],
		..GraphProto::default()
	};
	ModelProto {
		ir_version: 8,
		graph: Some(graph),
		opset_import: vec![OperatorSetIdProto { domain: String::new(), version: 17 }],
		..ModelProto::default()
	}
	.encode_to_vec()
}

/// `y = softmax(relu(x · w + b))` of rows of three.
fn dense() -> Vec<u8> {
	file(
		vec![value("x", FLOAT, &["n", "3"])],
		vec![
			weights(
				"w",
				&[3, 4],
				&[0.5, -1.25, 2.0, 0.1, 3.0, 0.3, -0.7, 1.0, 0.0, 1.5, 2.5, -2.0],
			),
			weights("b", &[4], &[0.1, -0.2, 0.3, 0.4]),
		],
		vec![
			node("MatMul", &["x", "w"], "xw"),
			node("Add", &["xw", "b"], "z"),
			node("Relu", &["z"], "r"),
			node("Softmax", &["r"], "y"),
		],
		value("y", FLOAT, &["n", "4"]),
	)
}

/// `y = x · c`, element by element, both of one length.
fn scaled() -> Vec<u8> {
	file(
		vec![value("x", FLOAT, &["n"]), value("c", FLOAT, &["n"])],
		vec![],
		vec![node("Mul", &["x", "c"], "y")],
		value("y", FLOAT, &["n"]),
	)
}

/// `y = a / b` of integers.
fn quotient() -> Vec<u8> {
	file(
		vec![value("a", INT64, &["n"]), value("b", INT64, &["n"])],
		vec![],
		vec![node("Div", &["a", "b"], "y")],
		value("y", INT64, &["n"]),
	)
}

fn floats(shape: &[u32], values: &[f32]) -> Tensor {
	let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
	Tensor::new(DType::Float32, shape.to_vec(), data).unwrap()
}

fn integers(values: &[i64]) -> Tensor {
	let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
	Tensor::new(DType::Int64, vec![values.len() as u32], data).unwrap()
}

fn values(tensor: &Tensor) -> Vec<f32> {
	let (elements, _) = tensor.data.as_chunks();
	elements.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

fn dense_version(bytes: &[u8]) -> VersionSpec {
	version(bytes, vec![tensor_spec("x", DType::Float32, &[UpTo(8), Fixed(3)])], vec![])
}

fn magika_version(bytes: &[u8]) -> VersionSpec {
	let [input, output] = magika::declared(64);
	let spec = version(bytes, vec![input], vec![]);
	assert_eq!(spec.outputs.to_vec(), [output]);
	spec
}

fn prepare(
	engine: &dyn Engine,
	bytes: &[u8],
	spec: &VersionSpec,
) -> Result<Box<dyn Runnable>, EngineError> {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("model");
	std::fs::write(&path, bytes).unwrap();
	let file = VerifiedFile::check(&path, spec.artifact).unwrap().unwrap();
	engine.prepare(&VerifiedModel { spec: spec.clone(), file })
}

fn ort() -> OrtEngine {
	let library = library_path();
	assert!(library.is_file(), "no {}: run scripts/setup.sh", library.display());
	OrtEngine::new(Device::Cpu, 1).with_library(library)
}

/// Some rows for [`dense`].
fn rows(count: u32) -> Tensor {
	let values: Vec<f32> = (0..count * 3).map(|at| (at as f32 * 0.37).sin() * 3.0).collect();
	floats(&[count, 3], &values)
}

#[test]
fn equal_files_and_declarations_give_equal_commitments() {
	for (bytes, spec) in
		[(dense(), dense_version(&dense())), (magika::file(), magika_version(&magika::file()))]
	{
		let first = CanonicalModel::of_version(&bytes, &spec).unwrap();
		let second = CanonicalModel::of_version(&bytes, &spec).unwrap();
		let commitments = first.commitments().unwrap();
		assert_eq!(commitments, second.commitments().unwrap());
		assert_eq!(commitments.graph, first.graph_root());
		assert_eq!(commitments.lowering, LOWERING);
		let symbols: Vec<Vec<InputAxis>> =
			commitments.symbols.iter().map(|axes| axes.to_vec()).collect();
		assert_eq!(symbols, [[InputAxis { input: 0, axis: 0 }]]);
		assert!(commitments.cost.terms > commitments.cost.trace_bytes / 8);
	}
}

#[test]
fn the_declaration_is_part_of_what_is_committed_to() {
	let bytes = dense();
	let of = |shape| {
		version(&bytes, vec![tensor_spec("x", DType::Float32, shape)], vec![]).commitments.graph
	};
	let roots = [of(&[UpTo(8), Fixed(3)]), of(&[UpTo(9), Fixed(3)]), of(&[Fixed(8), Fixed(3)])];
	assert!(roots[0] != roots[1] && roots[1] != roots[2] && roots[0] != roots[2]);
}

#[test]
fn every_field_of_a_version_that_is_not_as_computed_has_its_refusal() {
	use CanonicalError as Error;
	type Tamper = fn(&mut VersionSpec);
	type Expect = fn(&CanonicalError) -> bool;
	let bytes = dense();
	let good = dense_version(&bytes);
	CanonicalModel::of_version(&bytes, &good).unwrap();
	let cases: [(Tamper, Expect); 13] = [
		(|spec| spec.commitments.graph.0[31] ^= 1, |error| matches!(error, Error::Graph { .. })),
		(
			|spec| spec.commitments.lowering = 2,
			|error| matches!(error, Error::Lowering { computed: 1, declared: 2 }),
		),
		(
			|spec| spec.commitments.symbols = Default::default(),
			|error| matches!(error, Error::Symbols { .. }),
		),
		(
			|spec| spec.commitments.symbols[0][0].axis = 1,
			|error| matches!(error, Error::Symbols { .. }),
		),
		(|spec| spec.commitments.cost.terms += 1, |error| matches!(error, Error::Cost { .. })),
		(
			|spec| spec.commitments.cost.trace_bytes -= 1,
			|error| matches!(error, Error::Cost { .. }),
		),
		(
			|spec| spec.class = Class::Exact,
			|error| {
				let (strictest, declared) = (Class::Tolerant, Class::Exact);
				*error == Error::Class { strictest, declared }
			},
		),
		(|spec| spec.spec = SpecVersion(2), |error| matches!(error, Error::Spec { .. })),
		(|spec| spec.inputs[0].dtype = DType::Int32, |error| matches!(error, Error::Inputs { .. })),
		(|spec| spec.inputs[0].shape[1] = UpTo(3), |error| matches!(error, Error::Inputs { .. })),
		(|spec| spec.outputs[0].shape[0] = UpTo(9), |error| matches!(error, Error::Outputs { .. })),
		(
			|spec| spec.outputs[0].name = b"z".to_vec().try_into().unwrap(),
			|error| matches!(error, Error::Outputs { .. }),
		),
		(
			|spec| {
				let constant = Constant {
					name: b"q".to_vec().try_into().unwrap(),
					dtype: DType::Float32,
					shape: Default::default(),
					data: vec![0; 4].try_into().unwrap(),
				};
				spec.constants = vec![constant].try_into().unwrap();
			},
			|error| *error == Error::Import(ImportError::BadDeclaration("q".into())),
		),
	];
	for (at, (tamper, expected)) in cases.into_iter().enumerate() {
		let mut spec = good.clone();
		tamper(&mut spec);
		let error = CanonicalModel::of_version(&bytes, &spec).unwrap_err();
		assert!(expected(&error), "case {at}: {error}");
	}
}

#[test]
fn a_class_that_the_graph_may_not_have_is_refused() {
	let bytes = quotient();
	let declared = |name| tensor_spec(name, DType::Int64, &[UpTo(4)]);
	let canonical = version(&bytes, vec![declared("a"), declared("b")], vec![]);
	let with = |class| {
		CanonicalModel::of_version(&bytes, &VersionSpec { class, ..canonical.clone() }).map(drop)
	};
	assert_eq!(with(Class::Canonical), Ok(()));
	assert_eq!(with(Class::Exact), Ok(()));
	let (strictest, declared) = (Class::Exact, Class::Tolerant);
	assert_eq!(with(Class::Tolerant), Err(CanonicalError::Class { strictest, declared }));
}

#[test]
fn one_dimension_of_the_file_is_one_symbol() {
	let bytes = scaled();
	let declared = |name, most| tensor_spec(name, DType::Float32, &[UpTo(most)]);
	let spec = version(&bytes, vec![declared("x", 5), declared("c", 5)], vec![]);
	let axes: Vec<InputAxis> = spec.commitments.symbols[0].to_vec();
	assert_eq!(axes, [InputAxis { input: 0, axis: 0 }, InputAxis { input: 1, axis: 0 }]);
	assert_eq!(spec.commitments.symbols.len(), 1);

	let inputs = vec![declared("x", 5), declared("c", 6)].try_into().unwrap();
	let error = CanonicalModel::declared(&bytes, &VersionSpec { inputs, ..spec.clone() });
	let expected = CanonicalError::OneDimension { dimension: "n".into() };
	assert_eq!(error.map(drop), Err(expected));

	let model = CanonicalModel::of_version(&bytes, &spec).unwrap();
	let refused = |inputs: &[Tensor]| model.bindings(inputs).unwrap_err();
	let input = |name: &str, reason| CanonicalError::Input { name: name.into(), reason };
	let of = |length: u32| floats(&[length], &vec![1.0; length as usize]);
	assert_eq!(model.bindings(&[of(3), of(3)]).unwrap().0, [3]);
	assert_eq!(refused(&[of(3), of(4)]), input("c", TensorError::UnequalAxes));
	assert_eq!(refused(&[of(6), of(6)]), input("x", TensorError::WrongShape));
	assert_eq!(refused(&[of(0), of(0)]), input("x", TensorError::WrongShape));
	assert_eq!(refused(&[of(3), integers(&[1, 2, 3])]), input("c", TensorError::WrongType));
	let short = Tensor { data: vec![0; 11], ..of(3) };
	assert_eq!(refused(&[short, of(3)]), input("x", TensorError::WrongLength));
	assert_eq!(refused(&[of(3)]), CanonicalError::InputCount { given: 1, declared: 2 });
}

#[test]
fn lengths_of_outputs_are_declared_by_their_greatest_value() {
	let axis = AttributeProto { name: "axis".into(), r#type: 2, ..AttributeProto::default() };
	let concat = NodeProto { attribute: vec![axis], ..node("Concat", &["x", "w", "x"], "y") };
	let bytes = file(
		vec![value("x", FLOAT, &["n"])],
		vec![weights("w", &[3], &[1.0, 2.0, 3.0])],
		vec![concat],
		value("y", FLOAT, &["m"]),
	);
	let spec = version(&bytes, vec![tensor_spec("x", DType::Float32, &[UpTo(5)])], vec![]);
	assert_eq!(spec.outputs.to_vec(), [tensor_spec("y", DType::Float32, &[UpTo(13)])]);
}

#[test]
fn inputs_that_the_version_sets_are_those_of_every_run() {
	let bytes = scaled();
	let constant = Constant {
		name: b"c".to_vec().try_into().unwrap(),
		dtype: DType::Float32,
		shape: vec![3].try_into().unwrap(),
		data: floats(&[3], &[2.0, 0.5, -1.0]).data.try_into().unwrap(),
	};
	let declared = vec![tensor_spec("x", DType::Float32, &[Fixed(3)])];
	let spec = version(&bytes, declared, vec![constant]);
	let engines: [Box<dyn Engine>; 2] = [Box::new(ort()), Box::new(CanonicalEngine::new(0))];
	for engine in engines {
		let prepared = prepare(&*engine, &bytes, &spec).unwrap();
		let outputs = prepared.run(&[floats(&[3], &[1.5, 3.0, 4.0])]).unwrap();
		assert_eq!(outputs, [floats(&[3], &[3.0, 1.5, -4.0])], "{}", engine.name());
	}
	let mut other = spec.clone();
	other.constants[0].data[0] ^= 1;
	let error = CanonicalModel::of_version(&bytes, &other).unwrap_err();
	assert!(matches!(error, CanonicalError::Graph { .. }), "{error}");
}

#[test]
fn a_run_without_a_value_ends_in_a_fault_that_names_slot_and_element() {
	let bytes = quotient();
	let declared = |name| tensor_spec(name, DType::Int64, &[UpTo(4)]);
	let spec = version(&bytes, vec![declared("a"), declared("b")], vec![]);
	let inputs = [integers(&[7, 8, 9]), integers(&[2, 0, 0])];
	let model = CanonicalModel::of_version(&bytes, &spec).unwrap();
	let fault = Fault { slot: 0, element: 1 };
	assert_eq!(model.run(&inputs, &Options::default()).unwrap().outputs, Err(fault));

	let prepared = prepare(&CanonicalEngine::new(1), &bytes, &spec).unwrap();
	let error = prepared.run(&inputs).unwrap_err();
	assert!(matches!(error, EngineError::Fault { slot: 0, element: 1 }), "{error}");
	assert!(!error.is_retryable());

	// The history of the run says so too.
	let prover = model.prover(&inputs, &Options::default()).unwrap();
	let trace = model.trace(&inputs, &Options::default()).unwrap();
	assert_eq!(Root(prover.trace_root()), trace.root);
	assert!(trace.slots.is_empty());
	let roots = prover.input_roots();
	let context = Context {
		graph_root: model.graph_root().0,
		bindings: &prover.material().bindings,
		inputs: &roots,
		trace_root: prover.trace_root(),
		probe: None,
	};
	let proof = prover.prove(0, 1, &[]).unwrap();
	assert_eq!(arbitrate::<Blake2b256>(&context, 1, &proof), Verdict::Fault);
	let claim = prover.claim(0, 1).unwrap();
	assert_eq!(claimed::<Blake2b256>(&context, 1, &claim), Ok(Some(Claim::Fault)));
}

#[test]
fn outputs_of_a_real_model_agree_with_onnx_runtime() {
	let bytes = magika::file();
	let spec = magika_version(&bytes);
	let tolerance = Some(Tolerance { absolute: 0, relative: 0, row_axis: 1 });
	let tolerant = VersionSpec { class: Class::Tolerant, tolerance, ..spec.clone() };
	let canonical = prepare(&CanonicalEngine::new(0), &bytes, &spec).unwrap();
	let runtime = prepare(&ort(), &bytes, &tolerant).unwrap();
	let input = [magika::letters(b"a{\0")];
	let exact = canonical.run(&input).unwrap();
	let near = runtime.run(&input).unwrap();
	for (exact, near) in exact.iter().zip(&near) {
		assert_eq!(exact.shape, near.shape);
		for (exact, near) in values(exact).into_iter().zip(values(near)) {
			assert!((exact - near).abs() <= 1e-5, "{exact} {near}");
		}
	}
}

#[test]
fn threads_and_batches_change_no_bit() {
	let bytes = magika::file();
	let model = CanonicalModel::of_version(&bytes, &magika_version(&bytes)).unwrap();
	let run = |input: Tensor, threads| {
		let options = Options { threads, ..Default::default() };
		let outputs = model.run(&[input], &options).unwrap().outputs.unwrap();
		outputs.into_iter().next().unwrap()
	};
	let together = run(magika::letters(b"a{0"), 1);
	for threads in [2, 8] {
		assert_eq!(run(magika::letters(b"a{0"), threads), together, "{threads} threads");
	}
	let rows = together.data.chunks(together.data.len() / 3);
	for (letter, row) in b"a{0".iter().zip(rows) {
		assert_eq!(run(magika::letters(&[*letter]), 2).data, row);
	}
}

#[test]
fn the_fast_engine_has_the_trace_of_the_exact_one() {
	let bytes = dense();
	let model = CanonicalModel::of_version(&bytes, &dense_version(&bytes)).unwrap();
	let input = rows(5);
	let bindings = model.bindings(std::slice::from_ref(&input)).unwrap();
	let inputs = [to_canonical(&input).unwrap()];
	let (graph, initializers) = (&model.imported().graph, &model.imported().initializers);
	let run = exact::run(graph, &bindings, &inputs, initializers).unwrap();
	let exact =
		arbiter::Prover::<Blake2b256>::new(graph, &bindings, &inputs, initializers, &run).unwrap();

	let trace = model.trace(std::slice::from_ref(&input), &Options::default()).unwrap();
	assert_eq!(trace.root, Root(exact.trace_root()));
	assert_eq!(trace.slots.len(), run.slots.len());
	let prover = model.prover(&[input], &Options::default()).unwrap();
	assert_eq!(prover.trace_root(), exact.trace_root());
	assert_eq!(prover.graph_root(), model.graph_root().0);
	assert_eq!(*prover.material().run, run);
}

/// Another value of the same type.
fn lie(value: Element) -> Element {
	let other = Element::from_bits(value.dtype(), value.bits() ^ 1);
	// The payload of NaN does not count.
	if other == value {
		Element::zero(value.dtype())
	} else {
		other
	}
}

#[test]
fn every_element_is_proven_and_no_flipped_bit_is() {
	let bytes = dense();
	let model = CanonicalModel::of_version(&bytes, &dense_version(&bytes)).unwrap();
	let slots = AtomicU64::new(0);
	let count = |_: Progress| {
		slots.fetch_add(1, Ordering::Relaxed);
	};
	let options = Options { threads: 2, progress: Some(&count), ..Default::default() };
	let prover = model.prover(&[rows(2)], &options).unwrap();
	let run = &prover.material().run;
	assert_eq!(slots.into_inner(), 2 * run.slots.len() as u64);

	let mut requests = Vec::new();
	for (number, tensor) in (0..).zip(&run.slots) {
		for element in 0..tensor.shape().count() {
			let value = tensor.at(element).unwrap();
			let claims = vec![Claim::Value(value), Claim::Value(lie(value))];
			requests.push(Request { number, element, claims });
		}
	}
	let done = AtomicU64::new(0);
	let count = |_| {
		done.fetch_add(1, Ordering::Relaxed);
	};
	let shown = prover.show(&requests, Some(&count)).unwrap();
	assert_eq!(done.into_inner(), requests.len() as u64);

	let roots = prover.input_roots();
	let context = Context {
		graph_root: model.graph_root().0,
		bindings: &prover.material().bindings,
		inputs: &roots,
		trace_root: prover.trace_root(),
		probe: None,
	};
	let mut witnesses = 0;
	for (at, (request, shown)) in requests.iter().zip(&shown).enumerate() {
		let Request { number, element, claims } = request;
		let (truth, lie) = (claims[0], claims[1]);
		let rule = |proof: &[u8]| judge::<Blake2b256>(&context, *element, truth, lie, proof);
		assert_eq!(rule(&shown.proof), Ruling::First, "{number} {element}");
		let said = claimed::<Blake2b256>(&context, *element, &shown.claim);
		assert_eq!(said, Ok(Some(truth)));
		match arbitrate::<Blake2b256>(&context, *element, &shown.proof) {
			Verdict::Malformed(Malformed::NeedsClaims) => witnesses += 1,
			verdict => assert_eq!(Claim::Value(value_of(verdict)), truth),
		}
		let flip = |bytes: &[u8]| {
			let mut bytes = bytes.to_vec();
			let place = at * 7919 % bytes.len();
			bytes[place] ^= 1 << (at % 8);
			bytes
		};
		assert!(matches!(rule(&flip(&shown.proof)), Ruling::Malformed(_)), "{number} {element}");
		assert!(claimed::<Blake2b256>(&context, *element, &flip(&shown.claim)).is_err());
	}
	// The greatest element of a row is found by its index.
	assert_eq!(witnesses, 2);
	let beyond = prover.show(&[Request { number: 0, element: 99, claims: vec![] }], None);
	assert_eq!(beyond, Err(arbiter::ProveError::NoSuchElement));
}

fn value_of(verdict: Verdict) -> Element {
	match verdict {
		Verdict::Value(value) => value,
		other => panic!("{other:?}"),
	}
}

#[test]
fn tensors_convert_there_and_back() {
	let tensor = floats(&[2, 1, 2], &[1.0, -0.0, f32::INFINITY, 1e-40]);
	let canonical = to_canonical(&tensor).unwrap();
	assert_eq!(canonical.dtype(), Canonical::Float32);
	assert_eq!(assay_worker::canonical::from_canonical(canonical), Ok(tensor));
	let double = Tensor::new(DType::Float64, vec![1], vec![0; 8]).unwrap();
	assert_eq!(to_canonical(&double).map(drop), Err(TensorError::WrongType));
	let bool = Tensor { dtype: DType::Bool, shape: Default::default(), data: vec![2] };
	assert_eq!(to_canonical(&bool).map(drop), Err(TensorError::NotABool));
}

#[test]
fn a_dimension_that_nobody_declares_is_named() {
	let error = CanonicalModel::import(&dense(), &Declaration::default()).unwrap_err();
	let (input, dimension) = ("x".into(), "n".into());
	let expected = ImportError::UndeclaredDimension { input, dimension };
	assert_eq!(error, CanonicalError::Import(expected));
}
