//! The class that a graph may have.

use super::build::*;
use crate::onnx::{proto::NodeProto, Class};

fn class_of(elem_type: i32, nodes: Vec<NodeProto>) -> Class {
	let x = value("x", elem_type, &["2", "3"]);
	import_graph(graph(vec![x], vec![], nodes, &["y"])).unwrap().class
}

#[test]
fn a_graph_without_floats_is_exact() {
	assert_eq!(class_of(INT64, vec![node("Neg", &["x"], &["y"])]), Class::Exact);
}

#[test]
fn a_continuous_graph_is_tolerant() {
	assert_eq!(class_of(FLOAT, vec![node("Sigmoid", &["x"], &["y"])]), Class::Tolerant);
	assert_eq!(class_of(FLOAT, vec![node("Softmax", &["x"], &["y"])]), Class::Tolerant);
	let reduced = with(node("ReduceMax", &["x"], &["y"]), int("keepdims", 1));
	assert_eq!(class_of(FLOAT, vec![reduced]), Class::Tolerant);
}

#[test]
fn a_jump_on_the_way_to_an_output_makes_a_graph_canonical() {
	for operator in ["Floor", "Round", "Sign", "ArgMax", "Hardmax"] {
		assert_eq!(class_of(FLOAT, vec![node(operator, &["x"], &["y"])]), Class::Canonical);
	}
	let nodes = vec![
		node("Greater", &["x", "x"], &["g"]),
		node("Where", &["g", "x", "x"], &["w"]),
		node("Relu", &["w"], &["y"]),
	];
	assert_eq!(class_of(FLOAT, nodes), Class::Canonical);
}

#[test]
fn a_jump_that_reaches_no_output_changes_nothing() {
	let nodes = vec![node("Floor", &["x"], &["z"]), node("Relu", &["x"], &["y"])];
	assert_eq!(class_of(FLOAT, nodes), Class::Tolerant);
}

#[test]
fn shapes_of_floats_and_guards_against_nan_are_no_jumps() {
	let nodes = vec![
		node("Shape", &["x"], &["shape"]),
		with(node("Cast", &["shape"], &["extents"]), int("to", FLOAT.into())),
		node("ReduceSum", &["extents"], &["total"]),
		node("IsNaN", &["x"], &["undefined"]),
		node("Where", &["undefined", "total", "x"], &["y"]),
	];
	assert_eq!(class_of(FLOAT, nodes), Class::Tolerant);
}

#[test]
fn an_integer_output_of_floats_is_canonical() {
	let cast = with(node("Cast", &["x"], &["y"]), int("to", INT64.into()));
	assert_eq!(class_of(FLOAT, vec![cast]), Class::Canonical);
}
