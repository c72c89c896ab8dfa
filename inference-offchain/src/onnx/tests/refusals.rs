//! Each refusal is named.

use prost::Message;

use super::build::*;
use crate::onnx::{
	import,
	proto::{
		AttributeProto, FunctionProto, GraphProto, Ignored, ModelProto, NodeProto,
		OperatorSetIdProto, TypeProto,
	},
	Declaration, ImportError, Refusal,
};

fn identity() -> GraphProto {
	graph(vec![value("x", FLOAT, &["2"])], vec![], vec![node("Identity", &["x"], &["y"])], &["y"])
}

fn refused(graph: GraphProto) -> ImportError {
	import_graph(graph).unwrap_err()
}

/// How a single node of these operands is refused.
fn refused_node(node: NodeProto) -> Refusal {
	let inputs =
		vec![value("x", FLOAT, &["2", "3"]), value("i", INT64, &["2"]), value("b", BOOL, &[])];
	match refused(graph(inputs, vec![], vec![node], &["y"])) {
		ImportError::Node { refusal, .. } => refusal,
		other => panic!("{other}"),
	}
}

#[test]
fn bytes_that_are_no_file_are_malformed() {
	for bytes in [&b"\xff\xff"[..], b"\x3a\x05ab", b"not a protobuf"] {
		let error = import(bytes, &Declaration::default()).unwrap_err();
		assert!(matches!(error, ImportError::Malformed(_)), "{error}");
	}
	let whole = model(identity(), 21).encode_to_vec();
	for length in 0..whole.len() {
		assert!(import(&whole[..length], &Declaration::default()).is_err());
	}
}

#[test]
fn a_file_of_many_empty_messages_is_refused_before_it_is_decoded() {
	let nodes = [0x0a_u8, 0].repeat(3 << 20);
	let mut bytes = vec![0x3a];
	prost::encoding::encode_varint(nodes.len() as u64, &mut bytes);
	bytes.extend(nodes);
	let error = import(&bytes, &Declaration::default()).unwrap_err();
	assert!(matches!(error, ImportError::TooMuch { what: "records", .. }), "{error}");
}

#[test]
fn graphs_deep_within_one_another_are_refused() {
	let mut inner = identity();
	for _ in 0..12 {
		let mut outer = identity();
		outer.node.push(with(node("If", &["b"], &["z"]), branch("then_branch", inner)));
		inner = outer;
	}
	let error = refused(inner);
	assert!(matches!(error, ImportError::TooMuch { what: "graphs within graphs", .. }), "{error}");
}

#[test]
fn operator_sets_outside_the_range_are_refused() {
	for version in [1, 6, 28] {
		let error = import_model(&model(identity(), version), &[]).unwrap_err();
		assert_eq!(error, ImportError::OperatorSet { domain: "ai.onnx".into(), version });
	}
	let mut without = model(identity(), 21);
	without.opset_import.clear();
	let error = import_model(&without, &[]).unwrap_err();
	assert_eq!(error, ImportError::OperatorSet { domain: "ai.onnx".into(), version: 0 });
}

#[test]
fn operators_of_other_domains_are_refused() {
	let mut graph = identity();
	graph.node[0].domain = "com.microsoft".into();
	let mut file = model(graph, 21);
	file.opset_import.push(OperatorSetIdProto { domain: "com.microsoft".into(), version: 1 });
	let error = import_model(&file, &[]).unwrap_err();
	assert_eq!(error, ImportError::OperatorSet { domain: "com.microsoft".into(), version: 0 });
}

#[test]
fn functions_and_training_are_refused() {
	let function = FunctionProto { name: "f".into(), domain: "d".into() };
	let with_function = ModelProto { functions: vec![function], ..model(identity(), 21) };
	let error = import_model(&with_function, &[]).unwrap_err();
	let what = "functions of the model's own";
	assert_eq!(error, ImportError::Unsupported { what, name: "f".into() });
	let trained = ModelProto { training_info: vec![Ignored {}], ..model(identity(), 21) };
	assert!(matches!(import_model(&trained, &[]), Err(ImportError::Unsupported { .. })));
}

#[test]
fn element_types_are_refused_by_name() {
	let named = [(10, "float16"), (11, "float64"), (16, "bfloat16"), (8, "string"), (4, "uint16")];
	for (number, dtype) in named {
		let mut graph = identity();
		graph.input = vec![value("x", number, &["2"])];
		assert_eq!(refused(graph), ImportError::ElementType { value: "x".into(), dtype });
	}
	let cast = with(node("Cast", &["x"], &["y"]), int("to", 11));
	assert_eq!(refused_node(cast), Refusal::ElementType("float64"));
}

#[test]
fn sparse_and_external_tensors_and_sequences_are_refused() {
	let sparse = GraphProto { sparse_initializer: vec![Ignored {}], ..identity() };
	assert!(matches!(
		refused(sparse),
		ImportError::Unsupported { what: "sparse initializers", .. }
	));

	let mut external = identity();
	external.initializer.push(floats("w", &[2], &[]));
	external.initializer[0].data_location = 1;
	external.initializer[0].external_data.push(Ignored {});
	let error = ImportError::Unsupported { what: "external data", name: "w".into() };
	assert_eq!(refused(external), error);

	let mut sequence = identity();
	sequence.input[0].r#type = Some(TypeProto { tensor_type: None });
	let error =
		ImportError::Unsupported { what: "an input that is not a tensor", name: "x".into() };
	assert_eq!(refused(sequence), error);
}

#[test]
fn a_tensor_with_the_wrong_number_of_elements_is_malformed() {
	let mut graph = identity();
	graph.initializer.push(floats("w", &[3], &[1.0, 2.0]));
	assert!(matches!(refused(graph), ImportError::Malformed(_)));
}

#[test]
fn duplicate_names_are_refused() {
	let mut twice = identity();
	twice.node.push(node("Neg", &["x"], &["y"]));
	assert_eq!(refused(twice), ImportError::DuplicateName("y".into()));
	let mut shadow = identity();
	shadow.node.push(node("Neg", &["x"], &["x"]));
	assert_eq!(refused(shadow), ImportError::DuplicateName("x".into()));
}

#[test]
fn forward_references_and_cycles_are_refused() {
	let mut later = identity();
	later.node = vec![node("Neg", &["z"], &["y"]), node("Abs", &["x"], &["z"])];
	let undefined = |node: &str, value: &str| ImportError::UndefinedValue {
		node: node.into(),
		value: value.into(),
	};
	assert_eq!(refused(later), undefined("#0", "z"));
	let mut cycle = identity();
	cycle.node = vec![node("Add", &["x", "y"], &["y"])];
	assert_eq!(refused(cycle), undefined("#0", "y"));
	let mut missing = identity();
	missing.output = vec![value("nothing", FLOAT, &[])];
	assert_eq!(refused(missing), undefined("output", "nothing"));
}

#[test]
fn unknown_operators_are_refused_with_the_name_of_the_node() {
	for operator in ["Loop", "Scan", "Bernoulli", "Frobnicate"] {
		let mut graph = identity();
		graph.node[0] = NodeProto { name: "here".into(), ..node(operator, &["x"], &["y"]) };
		assert_eq!(
			refused(graph),
			ImportError::Node {
				node: "here".into(),
				operator: operator.into(),
				refusal: Refusal::UnknownOperator,
			}
		);
	}
}

#[test]
fn shapes_that_depend_on_data_are_refused() {
	for operator in ["NonZero", "Unique", "NonMaxSuppression", "Compress"] {
		assert_eq!(refused_node(node(operator, &["x"], &["y"])), Refusal::DataDependentShape);
	}
	let computed = refused_node(node("Reshape", &["x", "i"], &["y"]));
	let expected = Refusal::NotFixed { what: "the shape", input: Some("i".into()) };
	assert_eq!(computed, expected);
}

#[test]
fn a_condition_that_is_not_fixed_is_refused() {
	let empty = || GraphProto { output: vec![value("x", FLOAT, &[])], ..GraphProto::default() };
	let node = with(node("If", &["b"], &["y"]), branch("then_branch", empty()));
	let node = with(node, branch("else_branch", empty()));
	let expected = Refusal::NotFixed { what: "the condition", input: Some("b".into()) };
	assert_eq!(refused_node(node), expected);
}

#[test]
fn attributes_that_are_not_heeded_are_refused() {
	let node = with(node("Relu", &["x"], &["y"]), int("novelty", 1));
	assert_eq!(refused_node(node), Refusal::UnknownAttribute("novelty".into()));
}

#[test]
fn powers_of_computed_or_broken_exponents_are_refused() {
	let computed = refused_node(node("Pow", &["x", "x"], &["y"]));
	assert!(matches!(computed, Refusal::NotFixed { what: "the exponent", .. }));
	let mut graph = identity();
	graph.initializer = vec![floats("e", &[], &[0.3])];
	graph.node = vec![node("Pow", &["x", "e"], &["y"])];
	let ImportError::Node { refusal, .. } = refused(graph) else { panic!() };
	assert_eq!(refusal, Refusal::Unsupported("the exponent"));
}

#[test]
fn operands_of_the_wrong_shape_are_refused() {
	let mut graph = identity();
	graph.input.push(value("z", FLOAT, &["3"]));
	graph.node = vec![node("Add", &["x", "z"], &["y"])];
	let ImportError::Node { refusal, .. } = refused(graph) else { panic!() };
	assert!(matches!(refusal, Refusal::Primitive { .. }));
}

#[test]
fn a_slice_of_step_zero_is_refused() {
	let mut graph = identity();
	let names = ["from", "to", "axis", "step"];
	graph.initializer = names.iter().map(|name| integers(name, &[0])).collect();
	graph.node = vec![node("Slice", &["x", "from", "to", "axis", "step"], &["y"])];
	let ImportError::Node { refusal, .. } = refused(graph) else { panic!() };
	assert_eq!(refusal, Refusal::Bad("steps"));
}

#[test]
fn windows_of_absurd_numbers_are_refused() {
	let mut graph = identity();
	graph.input = vec![value("x", FLOAT, &["1", "1", "8"])];
	let ints = |name: &str, ints: &[i64]| AttributeProto {
		name: name.into(),
		ints: ints.to_vec(),
		r#type: 7,
		..AttributeProto::default()
	};
	let pool = with(node("MaxPool", &["x"], &["y"]), ints("kernel_shape", &[i64::MAX]));
	graph.node = vec![with(pool, ints("dilations", &[i64::MAX]))];
	let ImportError::Node { refusal, .. } = refused(graph) else { panic!() };
	assert_eq!(refusal, Refusal::Bad("window"));
}

#[test]
fn free_dimensions_must_be_declared_and_at_most_four() {
	let mut open = identity();
	open.input = vec![value("x", FLOAT, &["time"])];
	let error = ImportError::UndeclaredDimension { input: "x".into(), dimension: "time".into() };
	assert_eq!(refused(open), error);
	let names = ["a", "b", "c", "d", "e"];
	let mut many = identity();
	many.input = vec![value("x", FLOAT, &names)];
	let error = import_model(&model(many, 21), &names).unwrap_err();
	assert_eq!(error, ImportError::TooMuch { what: "free dimensions", count: 5, limit: 4 });
}

#[test]
fn a_declaration_of_what_is_no_input_is_refused() {
	let mut declaration = Declaration::default();
	declaration.fixed.insert("z".into(), tensor(&[2], &[0.0, 0.0]));
	let bytes = model(identity(), 21).encode_to_vec();
	let error = import(&bytes, &declaration).unwrap_err();
	assert_eq!(error, ImportError::BadDeclaration("z".into()));
}
