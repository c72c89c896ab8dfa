use codec::{Decode, Encode};

use super::*;
use crate::{
	op::{Op, WindowAxis},
	symbol::Dim,
	tensor::DType::{Float32, Int64},
	testing::{floats, reversed},
};

const SEQUENCE: Symbol = Symbol { minimum: 1, maximum: 512 };

fn extents(plan: &Plan, slot: usize) -> Vec<u32> {
	plan.slots[slot].0.shape.extents().to_vec()
}

/// Two symbols: a batch and a length.
fn attention_like() -> Graph {
	let mut builder = Builder::new(&[Symbol { minimum: 1, maximum: 9 }, SEQUENCE]).unwrap();
	let x = builder.input(Float32, &[Dim::symbol(0), Dim::symbol(1), Dim::from(8)]);
	let turned = builder.push(Op::Transpose { order: vec![0, 2, 1] }, &[x]).unwrap();
	let scores = builder.push(Op::MatMul, &[x, turned]).unwrap();
	let joined = builder.push(Op::Concat { axis: 2 }, &[scores, x, scores]).unwrap();
	builder.finish(&[joined]).unwrap()
}

#[test]
fn outputs_are_affine_in_the_symbols() {
	let graph = attention_like();
	let [_, _, joined] = graph.nodes.as_slice() else { panic!() };
	let expected = [Dim::symbol(0), Dim::symbol(1), Dim::affine(8, &[0, 2])];
	assert_eq!(joined.output.dims, expected);
	let plan = graph.validate(&Bindings(vec![2, 5])).unwrap();
	assert_eq!(extents(&plan, 2), [2, 5, 18]);
}

#[test]
fn graphs_decode_to_themselves() {
	let graph = attention_like();
	assert_eq!(Graph::decode(&mut &graph.encode()[..]), Ok(graph));
}

#[test]
fn cost_counts_terms_and_bytes() {
	let cost = attention_like().cost(&Bindings(vec![2, 5])).unwrap();
	let (turned, scores, joined) = (2 * 8 * 5, 2 * 5 * 5, 2 * 5 * 18);
	assert_eq!(cost.terms, turned + scores * 8 + joined);
	assert_eq!(cost.trace_bytes, 4 * (turned + scores + joined));
}

#[test]
fn an_extent_that_is_not_affine_is_refused() {
	let mut builder = Builder::new(&[SEQUENCE]).unwrap();
	let x = builder.input(Float32, &[Dim::from(1), Dim::from(1), Dim::symbol(0)]);
	let w = builder.initializer(&floats(&[1, 1, 1], &[1.0]));
	let halved = WindowAxis { stride: 2, ..WindowAxis::default() };
	let op = Op::Conv { group: 1, axes: vec![halved] };
	assert_eq!(builder.push(op, &[x, w]), Err(BuildError::NotAffine));
}

#[test]
fn a_node_that_is_invalid_for_some_symbols_is_refused() {
	let mut builder = Builder::new(&[SEQUENCE]).unwrap();
	let x = builder.input(Float32, &[Dim::symbol(0)]);
	let y = builder.input(Float32, &[Dim::from(512)]);
	let error = builder.push(Op::Add, &[x, y]);
	assert_eq!(error, Err(BuildError::Invalid(Invalid::OperandShape)));
}

#[test]
fn bindings_must_be_within_bounds() {
	let graph = attention_like();
	for values in [vec![], vec![2], vec![2, 513], vec![0, 5], vec![2, 5, 1]] {
		assert_eq!(graph.validate(&Bindings(values)), Err(InvalidGraph::BadBindings));
	}
}

#[test]
fn invalid_graphs_are_named() {
	let graph = attention_like();
	let bindings = Bindings(vec![2, 5]);
	let changed = |change: &dyn Fn(&mut Graph)| {
		let mut graph = graph.clone();
		change(&mut graph);
		graph.validate(&bindings).unwrap_err()
	};
	let node = |node, reason| InvalidGraph::Node { node, reason };
	assert_eq!(changed(&|graph| graph.spec = 2), InvalidGraph::UnknownSpec);
	assert_eq!(changed(&|graph| graph.symbols = vec![SEQUENCE; 5]), InvalidGraph::BadSymbol);
	assert_eq!(changed(&|graph| graph.outputs.clear()), InvalidGraph::BadEntryCount);
	assert_eq!(changed(&|graph| graph.outputs[0].node = 3), InvalidGraph::BadOutput(0));
	assert_eq!(changed(&|graph| graph.outputs[0].output = 1), InvalidGraph::BadOutput(0));
	assert_eq!(changed(&|graph| graph.nodes[2].layout = reversed(3)), InvalidGraph::BadOutput(0),);
	assert_eq!(
		changed(&|graph| graph.inputs[0].dims[0] = Dim::affine(-3, &[1])),
		InvalidGraph::BadInput(0),
	);
	assert_eq!(
		changed(&|graph| graph.nodes[0].inputs[0] = Source::node(0)),
		node(0, Invalid::ForwardReference),
	);
	assert_eq!(
		changed(&|graph| graph.nodes[0].inputs[0] = Source::Input(1)),
		node(0, Invalid::UnknownOperand),
	);
	assert_eq!(
		changed(&|graph| graph.nodes[1].output.dtype = Int64),
		node(1, Invalid::WrongOutput),
	);
	assert_eq!(
		changed(&|graph| graph.nodes[1].output.dims[0] = Dim { constant: 2, coefficients: vec![0] }),
		node(1, Invalid::WrongOutput),
	);
}

/// A product of a row and columns with this many terms, `b` column by column or row by row.
fn long_product(terms: u32, by_column: bool) -> Result<Source, BuildError> {
	let mut builder = Builder::new(&[]).unwrap();
	let a = builder.input(Float32, &[Dim::from(2), Dim::from(terms)]);
	let b = builder.input(Float32, &[Dim::from(terms), Dim::from(99)]);
	let layout = if by_column { reversed(2) } else { Layout::row_major() };
	let copied = builder.push_in(Op::LayoutCopy, &[b], layout)?;
	builder.push(Op::MatMul, &[a, copied])
}

#[test]
fn terms_are_limited() {
	assert!(long_product(32_768, true).is_ok());
	let error = BuildError::Invalid(Invalid::TooManyTerms);
	assert_eq!(long_product(32_769, true), Err(error));
}

#[test]
fn an_operand_that_lies_across_its_reduction_is_refused() {
	assert!(long_product(64, false).is_ok());
	let error = BuildError::Invalid(Invalid::OpeningTooLarge);
	assert_eq!(long_product(4096, false), Err(error));
}

#[test]
fn outputs_of_a_graph_are_row_major_slots() {
	let mut builder = Builder::new(&[]).unwrap();
	let x = builder.input(Float32, &[Dim::from(2), Dim::from(2)]);
	assert_eq!(builder.clone().finish(&[x]), Err(BuildError::BadOutput));
	let turned = builder.push_in(Op::Identity, &[x], reversed(2)).unwrap();
	assert_eq!(builder.finish(&[turned]), Err(BuildError::BadOutput));
}
