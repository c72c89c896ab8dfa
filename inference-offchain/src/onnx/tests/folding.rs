//! Shapes are folded, with free dimensions too.

use assay_canon::{
	op::Op,
	shape::Shape,
	symbol::{Bindings, Dim},
	tensor::{DType, Element, Tensor},
};
use prost::Message;

use super::build::*;
use crate::onnx::{import, proto::GraphProto, Declaration, ImportError, Refusal};

fn batched(
	initializers: Vec<crate::onnx::proto::TensorProto>,
	nodes: Vec<crate::onnx::proto::NodeProto>,
) -> GraphProto {
	graph(vec![value("x", FLOAT, &["batch", "sequence", "12"])], initializers, nodes, &["y"])
}

#[test]
fn a_shape_computed_from_free_dimensions_is_folded() {
	let nodes = [
		node("Shape", &["x"], &["shape"]),
		node("Gather", &["shape", "first"], &["b"]),
		node("Gather", &["shape", "second"], &["s"]),
		node("Concat", &["b", "s", "heads"], &["target"]),
		node("Reshape", &["x", "target"], &["y"]),
	];
	let concat = with(nodes[3].clone(), int("axis", 0));
	let nodes = [&nodes[..3], &[concat], &nodes[4..]].concat();
	let constants =
		vec![integers("first", &[0]), integers("second", &[1]), integers("heads", &[3, 4])];
	let imported = import_graph(batched(constants, nodes)).unwrap();
	assert_eq!(imported.symbols, ["batch", "sequence"]);
	assert_eq!(imported.graph.nodes.len(), 1);
	let expected = [Dim::symbol(0), Dim::symbol(1), Dim::from(3), Dim::from(4)];
	assert_eq!(imported.outputs[0].kind.dims, expected);
	assert!(imported.graph.validate(&Bindings(vec![2, 5])).is_ok());
}

#[test]
fn what_is_left_over_cancels_free_dimensions() {
	let nodes = vec![node("Reshape", &["x", "target"], &["y"])];
	let imported = import_graph(batched(vec![integers("target", &[0, -1, 6])], nodes)).unwrap();
	let twice = Dim::affine(0, &[0, 2]);
	assert_eq!(imported.outputs[0].kind.dims, [Dim::symbol(0), twice, Dim::from(6)]);
}

#[test]
fn a_product_of_two_free_dimensions_is_refused() {
	let nodes = vec![node("Reshape", &["x", "target"], &["y"])];
	let error = import_graph(batched(vec![integers("target", &[-1, 12])], nodes)).unwrap_err();
	let ImportError::Node { refusal, .. } = error else { panic!() };
	assert_eq!(refusal, Refusal::NotAffine("the size left over"));
}

#[test]
fn a_slice_to_the_end_of_a_free_dimension_is_affine() {
	let nodes = vec![node("Slice", &["x", "from", "to", "axis"], &["y"])];
	let constants =
		vec![integers("from", &[0]), integers("to", &[i64::MAX]), integers("axis", &[1])];
	let whole = import_graph(batched(constants, nodes.clone())).unwrap();
	assert_eq!(whole.outputs[0].kind.dims[1], Dim::symbol(1));
	let constants = vec![integers("from", &[0]), integers("to", &[-1]), integers("axis", &[1])];
	let shorter = import_graph(batched(constants, nodes)).unwrap();
	assert_eq!(shorter.outputs[0].kind.dims[1], Dim::affine(-1, &[0, 1]));
}

#[test]
fn constants_are_folded_by_the_definition_itself() {
	let nodes = vec![
		node("Exp", &["w"], &["raised"]),
		node("Add", &["raised", "raised"], &["twice"]),
		node("Add", &["x", "twice"], &["y"]),
	];
	let x = value("x", FLOAT, &["1"]);
	let file = graph(vec![x], vec![floats("w", &[1], &[1.0])], nodes, &["y"]);
	let imported = import_graph(file).unwrap();
	assert!(matches!(imported.graph.nodes.as_slice(), [node] if node.op == Op::Add));
	assert_eq!(values(&imported.initializers[0]), [2.0 * 1.0_f32.exp()]);
}

#[test]
fn a_constant_that_would_be_huge_is_not_made_at_import() {
	let nodes = vec![node("Expand", &["w", "shape"], &["z"]), node("Add", &["x", "z"], &["y"])];
	let x = value("x", FLOAT, &["1"]);
	let constants = vec![floats("w", &[1], &[1.0]), integers("shape", &[1 << 30])];
	let imported = import_graph(graph(vec![x], constants, nodes, &["y"])).unwrap();
	assert_eq!(imported.initializers.len(), 1);
	assert_eq!(imported.graph.nodes.len(), 2);
}

#[test]
fn attention_over_a_free_sequence_is_affine() {
	let shape = ["1", "sequence", "8"];
	let names = ["q", "k", "v"];
	let inputs = names.iter().map(|name| value(name, FLOAT, &shape)).collect();
	let node = with(node("Attention", &names, &["y"]), int("is_causal", 1));
	let node = with(with(node, int("q_num_heads", 2)), int("kv_num_heads", 2));
	let file = model(graph(inputs, vec![], vec![node], &["y"]), 23);
	let imported = import_model(&file, &["sequence"]).unwrap();
	let expected = [Dim::from(1), Dim::symbol(0), Dim::from(8)];
	assert_eq!(imported.outputs[0].kind.dims, expected);
	assert!(imported.graph.validate(&Bindings(vec![8])).is_ok());
}

#[test]
fn the_branch_of_a_fixed_condition_is_taken() {
	let pick = |operator: &str| GraphProto {
		node: vec![node(operator, &["x"], &["inner"])],
		output: vec![value("inner", FLOAT, &[])],
		..GraphProto::default()
	};
	let chosen = with(node("If", &["rate_is_high"], &["y"]), branch("then_branch", pick("Neg")));
	let chosen = with(chosen, branch("else_branch", pick("Abs")));
	let nodes = vec![node("Equal", &["rate", "high"], &["rate_is_high"]), chosen];
	let inputs = vec![value("x", FLOAT, &["2"]), value("rate", INT64, &["1"])];
	let file = graph(inputs, vec![integers("high", &[16_000])], nodes, &["y"]);
	let bytes = model(file, 21).encode_to_vec();
	for (rate, op) in [(16_000, Op::Neg), (8_000, Op::Abs)] {
		let mut declaration = Declaration::default();
		let shape = Shape::new(&[1]).unwrap();
		let fixed = Tensor::from_elements(DType::Int64, shape, &[Element::int64(rate)]).unwrap();
		declaration.fixed.insert("rate".into(), fixed);
		let imported = import(&bytes, &declaration).unwrap();
		assert_eq!(imported.inputs.len(), 1);
		assert_eq!(imported.graph.nodes.len(), 1);
		assert_eq!(imported.graph.nodes[0].op, op);
	}
}

#[test]
fn an_output_that_is_an_input_or_a_constant_is_copied() {
	let inputs = vec![value("x", FLOAT, &["2"])];
	let file = graph(inputs, vec![floats("w", &[1], &[3.0])], vec![], &["x", "w", "x"]);
	let imported = import_graph(file).unwrap();
	assert_eq!(imported.graph.nodes.len(), 3);
	assert!(imported.graph.nodes.iter().all(|node| node.op == Op::Identity));
}

#[test]
fn a_weight_is_laid_out_along_the_axis_that_is_summed() {
	let nodes = vec![node("MatMul", &["x", "w"], &["y"])];
	let x = value("x", FLOAT, &["1", "4"]);
	let file = graph(vec![x], vec![floats("w", &[4, 3], &[1.0; 12])], nodes, &["y"]);
	let imported = import_graph(file).unwrap();
	assert_eq!(imported.initializers[0].layout().order(2), [1, 0]);
}

#[test]
fn operands_that_are_read_across_are_copied_into_a_layout_that_fits_an_opening() {
	let nodes = vec![node("MatMul", &["x", "z"], &["y"])];
	let inputs = vec![value("x", FLOAT, &["1", "2000"]), value("z", FLOAT, &["2000", "300"])];
	let imported = import_graph(graph(inputs, vec![], nodes, &["y"])).unwrap();
	let ops: Vec<&Op> = imported.graph.nodes.iter().map(|node| &node.op).collect();
	assert_eq!(ops, [&Op::LayoutCopy, &Op::MatMul]);
}

#[test]
fn sums_beyond_the_limit_of_a_primitive_are_partial_sums() {
	let nodes = vec![node("MatMul", &["x", "z"], &["y"]), node("ReduceSum", &["x"], &["s"])];
	let inputs = vec![value("x", FLOAT, &["1", "70000"]), value("z", FLOAT, &["70000", "1"])];
	let imported = import_graph(graph(inputs, vec![], nodes, &["y", "s"])).unwrap();
	let mut large = vec![1.0_f32; 70_000];
	large[0] = 1e30;
	large[69_999] = -1e30;
	let ones = vec![1.0_f32; 70_000];
	let operands = [tensor(&[1, 70_000], &large), tensor(&[70_000, 1], &ones)];
	assert_eq!(values(&run(&imported, &operands)), [69_998.0]);
}

#[test]
fn equal_files_give_equal_graphs() {
	let make = || {
		let nodes = vec![
			node("Softmax", &["x"], &["a"]),
			with(node("Gelu", &["a"], &["b"]), text("approximate", "tanh")),
			with(node("Elu", &["b"], &["y"]), float("alpha", 0.5)),
		];
		import_graph(batched(vec![], nodes)).unwrap()
	};
	let (first, second) = (make(), make());
	assert_eq!(first.graph, second.graph);
	assert_eq!(first.initializers, second.initializers);
}
