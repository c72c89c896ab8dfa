//! Where bits are to be equal, the roots of all outputs tell what was submitted from anything else.

use codec::{Decode, Encode};
use proptest::prelude::*;

use super::{
	faulty, flips, model, raw,
	submission::{root_of, NEAR},
	with_prover,
};
use crate::{
	arbiter::{
		output::{
			delivered, submitted, Agreement, Delivered, OutputProof, OutputRoot, Rule,
			SubmissionProof, Submitted,
		},
		tests::{random_graph, Known, TestProver},
		Chunk, Context, Malformed, NodeProof, Opening,
	},
	commitment::{
		chunk_tree, entry_leaf, faulted_root, slot_leaf, tag, tensor_root, trace_root_of,
		Blake2b256, GraphHeader, Hash, List,
	},
	exact::{run, Fault, Run},
	graph::{Builder, Graph, Slot},
	op::Op,
	symbol::{Bindings, Dim},
	tensor::{DType, Element, Tensor},
	testing::{floats, integers, reversed},
};

/// What nobody can open: it commits to nothing.
const NOTHING: Hash = [7; 32];

/// How what has this root compares with what a proof shows.
fn compared(
	rule: Rule,
	context: &Context,
	proof: &[u8],
	root: &Hash,
) -> Result<Agreement, Malformed> {
	let mut right = delivered::<Blake2b256>(context, proof)?;
	let given = submitted::<Blake2b256>(root, 1, &SubmissionProof::Root.encode())?;
	rule.compare::<Blake2b256>(&mut right, &given, 0)
}

fn listed(graph: &Graph, run: &Run) -> Hash {
	let output = |slot: &Slot| raw(&run.slots[slot.node as usize]);
	root_of(&graph.outputs.iter().map(output).collect::<Vec<_>>())
}

/// The proof of all outputs, taken apart.
fn taken_apart(prover: &TestProver) -> (GraphHeader, Hash, Vec<Hash>, Vec<OutputRoot>) {
	match OutputProof::decode(&mut &prover.outputs().unwrap()[..]).unwrap() {
		OutputProof::Tensors { header, last, trace_path, outputs } => {
			(header, last, trace_path, outputs)
		},
		other => panic!("no tensors but {other:?}"),
	}
}

#[test]
fn an_output_that_nobody_can_open_is_refuted_by_its_root_alone() {
	with_prover(model(), |prover, known, run| {
		let (context, proof) = (known.context(), prover.outputs().unwrap());
		let right = listed(prover.material().graph, run);
		let compared = |root: &Hash| compared(Rule::Bits, &context, &proof, root);
		assert_eq!(compared(&right), Ok(Agreement::Within));
		assert_eq!(compared(&NOTHING), Ok(Agreement::Outside));
		assert_eq!(compared(&faulted_root::<Blake2b256>(0, 0)), Ok(Agreement::Outside));
	});
}

#[test]
fn every_changed_byte_of_the_roots_is_refused() {
	with_prover(model(), |prover, known, _| {
		for changed in flips(&prover.outputs().unwrap()) {
			assert!(delivered::<Blake2b256>(&known.context(), &changed).is_err());
		}
	});
}

/// Whoever leaves out an output, or shows another, has another root.
#[test]
fn outputs_that_are_missing_swapped_or_added_are_refused() {
	with_prover(model(), |prover, known, _| {
		let (header, last, trace_path, outputs) = taken_apart(prover);
		let refused = |outputs: Vec<OutputRoot>| {
			let (header, trace_path) = (header.clone(), trace_path.clone());
			let proof = OutputProof::Tensors { header, last, trace_path, outputs };
			let found = delivered::<Blake2b256>(&known.context(), &proof.encode());
			assert_eq!(found.unwrap_err(), Malformed::WrongOutput);
		};
		refused(Vec::new());
		refused(outputs[..3].to_vec());
		refused([&outputs[..], &outputs[..1]].concat());
		let mut swapped = outputs.clone();
		swapped.swap(0, 1);
		refused(swapped);
		// The second slot is no output.
		let mut other = outputs.clone();
		other[1].number = 1;
		refused(other);
	});
}

#[test]
fn a_tensor_of_another_history_is_refused() {
	with_prover(model(), |prover, known, _| {
		let (header, last, trace_path, outputs) = taken_apart(prover);
		let mut other = outputs.clone();
		(other[0].chunks, other[1].chunks) = (other[1].chunks, other[0].chunks);
		let proof = OutputProof::Tensors { header, last, trace_path, outputs: other };
		let found = delivered::<Blake2b256>(&known.context(), &proof.encode());
		assert_eq!(found.unwrap_err(), Malformed::WrongOpening);
	});
}

/// The end of a run is what it delivers: the outputs before it would refute an honest provider.
#[test]
fn outputs_before_the_end_of_a_run_that_ends_early_are_not_what_it_delivers() {
	let mut builder = Builder::new(&[]).unwrap();
	let x = builder.input(DType::Float32, &[Dim::from(4)]);
	let at = builder.input(DType::Int64, &[Dim::from(1)]);
	let y = builder.push(Op::Neg, &[x]).unwrap();
	builder.push(Op::Gather { axis: 0 }, &[x, at]).unwrap();
	let graph = builder.finish(&[y]).unwrap();
	let inputs = vec![floats(&[4], &[1.0, 2.0, 3.0, 4.0]), integers(DType::Int64, &[1], &[9])];
	with_prover((graph, inputs), |prover, known, run| {
		assert_eq!(run.fault, Some(Fault { slot: 1, element: 0 }));
		let (context, right) = (known.context(), faulted_root::<Blake2b256>(1, 0));
		let NodeProof { header, node, path, .. } = prover.node_proof(0).unwrap();
		let trace_path = prover.trace().multiproof(&[0]);
		let chunks = prover.slot(0).unwrap().root();
		let output = OutputRoot { number: 0, node, path, chunks, trace_path: trace_path.clone() };
		let last = tensor_root::<Blake2b256>(&run.slots[0]);
		let proof = OutputProof::Tensors { header, last, trace_path, outputs: vec![output] };
		let found = compared(Rule::Bits, &context, &proof.encode(), &right);
		assert_eq!(found, Err(Malformed::WrongOpening));

		let proof = prover.outputs().unwrap();
		assert_eq!(compared(Rule::Bits, &context, &proof, &right), Ok(Agreement::Within));
		let listed = listed(prover.material().graph, run);
		assert_eq!(compared(Rule::Bits, &context, &proof, &listed), Ok(Agreement::Outside));
	});
}

/// No tolerance admits anything but the fault.
#[test]
fn of_a_run_that_ends_early_the_root_alone_is_compared_whatever_the_rule() {
	with_prover(faulty(), |prover, known, _| {
		let (context, proof) = (known.context(), prover.outputs().unwrap());
		for rule in [Rule::Bits, NEAR] {
			let compared = |root: &Hash| compared(rule, &context, &proof, root);
			assert_eq!(compared(&faulted_root::<Blake2b256>(1, 1)), Ok(Agreement::Within));
			assert_eq!(compared(&faulted_root::<Blake2b256>(1, 0)), Ok(Agreement::Outside));
			assert_eq!(compared(&NOTHING), Ok(Agreement::Outside));
		}
	});
}

#[test]
fn roots_decide_nothing_where_a_tolerance_might_or_less_is_shown() {
	with_prover(model(), |prover, known, run| {
		let context = known.context();
		let right = listed(prover.material().graph, run);
		let proof = prover.outputs().unwrap();
		for root in [right, NOTHING] {
			assert_eq!(compared(NEAR, &context, &proof, &root), Err(Malformed::Incomparable));
			for proof in [prover.ending(), prover.output(0, 0, None), prover.output_kind(1)] {
				let found = compared(Rule::Bits, &context, &proof.unwrap(), &root);
				assert_eq!(found, Err(Malformed::Incomparable));
			}
		}
		let mut all = delivered::<Blake2b256>(&context, &proof).unwrap();
		for given in [Submitted::OtherCount, Submitted::Fault(Fault { slot: 0, element: 0 })] {
			let found = Rule::Bits.compare::<Blake2b256>(&mut all, &given, 0);
			assert_eq!(found, Err(Malformed::Incomparable));
		}
	});
}

/// What a graph that is not valid commits to: an output whose slot has its bytes in another order
/// than what is submitted. Its root says nothing, and its elements can be opened all the same.
#[test]
fn an_output_in_another_layout_is_compared_by_its_elements_alone() {
	let plain = floats(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
	let relaid = plain.relaid(&reversed(2)).unwrap();
	let mut builder = Builder::new(&[]).unwrap();
	let x = builder.input(DType::Float32, &[Dim::from(2), Dim::from(3)]);
	builder.push_in(Op::Identity, &[x], reversed(2)).unwrap();
	let node = builder.graph().nodes[0].encode();
	let list = |tag, entry: &[u8]| List { count: 1, root: entry_leaf::<Blake2b256>(tag, entry) };
	let entry = Slot { node: 0, output: 0 }.encode();
	let (nodes, outputs) = (list(tag::NODE, &node), list(tag::OUTPUT, &entry));
	let header = GraphHeader { spec: 1, nodes, outputs, ..GraphHeader::default() };
	let (bindings, last) = (Bindings::default(), tensor_root::<Blake2b256>(&relaid));
	let context = Context {
		graph_root: header.root::<Blake2b256>(),
		bindings: &bindings,
		inputs: &[],
		trace_root: trace_root_of::<Blake2b256>(1, &slot_leaf::<Blake2b256>(&last)),
		probe: None,
	};
	let chunks = chunk_tree::<Blake2b256>(&relaid).root();
	let (number, path, trace_path) = (0, Vec::new(), Vec::new());
	let outputs = vec![OutputRoot {
		number,
		node: node.clone(),
		path: path.clone(),
		chunks,
		trace_path: trace_path.clone(),
	}];
	let proof = OutputProof::Tensors { header: header.clone(), last, trace_path, outputs };
	let found = compared(Rule::Bits, &context, &proof.encode(), &root_of(&[raw(&plain)]));
	assert_eq!(found, Err(Malformed::Incomparable));

	let chunks = vec![Chunk { index: 0, bytes: relaid.data().to_vec() }];
	let opening = Opening { chunks, ..Opening::default() };
	let node = NodeProof { header, number, node, path: path.clone() };
	let proof = OutputProof::Tensor { node, number: 0, path, opening };
	let found = delivered::<Blake2b256>(&context, &proof.encode());
	let Ok(Delivered::Tensor(mut tensor)) = found else { panic!("no tensor") };
	let elements: Vec<Element> = (0..6).map(|at| tensor.element(at).unwrap()).collect();
	assert_eq!(elements, (0..6).map(|at| plain.at(at).unwrap()).collect::<Vec<_>>());
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(24))]

	#[test]
	fn the_root_of_every_random_run_is_what_it_delivers(seed: u64) {
		let (graph, inputs, initializers): (Graph, Vec<Tensor>, Vec<Tensor>) = random_graph(seed, 6);
		let bindings = Bindings::default();
		let run = run(&graph, &bindings, &inputs, &initializers).unwrap();
		let prover = TestProver::new(&graph, &bindings, &inputs, &initializers, &run).unwrap();
		let known = Known::of(&prover, &inputs);
		let right = match run.fault {
			Some(Fault { slot, element }) => faulted_root::<Blake2b256>(slot, element),
			None => listed(&graph, &run),
		};
		let (context, proof) = (known.context(), prover.outputs().unwrap());
		let found = compared(Rule::Bits, &context, &proof, &right);
		prop_assert_eq!(found, Ok(Agreement::Within));
		let found = compared(Rule::Bits, &context, &proof, &NOTHING);
		prop_assert_eq!(found, Ok(Agreement::Outside));
	}
}
