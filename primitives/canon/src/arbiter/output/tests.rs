//! What is delivered is read as it is; what is changed is refused.

use codec::{Decode, Encode};
use proptest::prelude::*;

use super::*;
use crate::{
	arbiter::{
		tests::{random_graph, Known, TestProver},
		Chunk, ClaimProof, SlotProof, MAX_PROOF_BYTES,
	},
	commitment::{tensor_root, Blake2b256, List, CHUNK},
	exact::{run, Run},
	graph::{Builder, Graph, Source},
	op::Op,
	shape::Shape,
	symbol::{Bindings, Dim},
	tensor::{DType, Tensor},
	testing::{floats, integers, reversed},
};

mod roots;
mod submission;

use submission::raw;

/// Outputs of two shapes and types, the first declared twice.
fn model() -> (Graph, Vec<Tensor>) {
	let mut builder = Builder::new(&[]).unwrap();
	let x = builder.input(DType::Float32, &[Dim::from(3), Dim::from(700)]);
	let y = builder.push(Op::Neg, &[x]).unwrap();
	let turned = builder.push_in(Op::Neg, &[x], reversed(2)).unwrap();
	let z = builder.push(Op::Transpose { order: vec![1, 0] }, &[turned]).unwrap();
	let best = builder.push(Op::ArgMax { axis: 1, keep: false }, &[x]).unwrap();
	let mut values: Vec<f32> = (0..2100).map(|value| (value * 37 % 2100) as f32).collect();
	(values[3], values[701]) = (f32::NAN, f32::NEG_INFINITY);
	(builder.finish(&[y, z, best, y]).unwrap(), vec![floats(&[3, 700], &values)])
}

/// Three outputs, of which the second lacks an element.
fn faulty() -> (Graph, Vec<Tensor>) {
	let mut builder = Builder::new(&[]).unwrap();
	let x = builder.input(DType::Float32, &[Dim::from(4)]);
	let at = builder.input(DType::Int64, &[Dim::from(2)]);
	let y = builder.push(Op::Neg, &[x]).unwrap();
	let gathered = builder.push(Op::Gather { axis: 0 }, &[x, at]).unwrap();
	let z = builder.push(Op::Relu, &[gathered]).unwrap();
	let inputs = vec![floats(&[4], &[1.0, 2.0, 3.0, 4.0]), integers(DType::Int64, &[2], &[1, 9])];
	(builder.finish(&[y, gathered, z]).unwrap(), inputs)
}

fn with_prover<T>(
	model: (Graph, Vec<Tensor>),
	test: impl FnOnce(&TestProver, &Known, &Run) -> T,
) -> T {
	let (graph, inputs) = model;
	let bindings = Bindings::default();
	let run = run(&graph, &bindings, &inputs, &[]).unwrap();
	let prover = TestProver::new(&graph, &bindings, &inputs, &[], &run).unwrap();
	test(&prover, &Known::of(&prover, &inputs), &run)
}

fn tensor(known: &Known, proof: &[u8]) -> DeliveredTensor {
	match delivered::<Blake2b256>(&known.context(), proof) {
		Ok(Delivered::Tensor(tensor)) => tensor,
		other => panic!("no tensor but {other:?}"),
	}
}

fn flips(proof: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
	(0..proof.len()).map(|at| {
		let mut changed = proof.to_vec();
		changed[at] ^= 1 << (at % 8);
		changed
	})
}

/// The scale of a row by the definition, from the whole tensor.
fn scale_of(tensor: &Tensor, element: u64, axis: usize) -> F32 {
	let shape = tensor.shape();
	let at = Coordinates::of(element, shape);
	let in_row = |other: &u64| {
		let other = Coordinates::of(*other, shape);
		(0..shape.rank())
			.all(|other_axis| other_axis == axis || other.get(other_axis) == at.get(other_axis))
	};
	tolerance::scale(
		(0..shape.count()).filter(in_row).map(|index| tensor.at(index).unwrap().to_f32()),
	)
}

#[test]
fn every_output_is_delivered_with_its_type_elements_and_rows() {
	with_prover(model(), |prover, known, run| {
		for (number, slot) in [(0, 0), (1, 2), (2, 3), (3, 0)] {
			let whole: &Tensor = &run.slots[slot];
			let rank = whole.shape().rank() as u8;
			for element in (0..whole.shape().count()).step_by(97) {
				for axis in 0..=rank {
					let proof = prover.output(number, element, Some(axis)).unwrap();
					let mut found = tensor(known, &proof);
					assert_eq!((found.number(), found.kind()), (number, whole.kind()));
					assert_eq!(found.element(element), Ok(whole.at(element).unwrap()));
					let scale = scale_of(whole, element, axis.into());
					assert_eq!(found.scale(element, axis), Ok(scale));
				}
			}
		}
	});
}

#[test]
fn an_element_alone_has_no_row_and_a_type_alone_no_element() {
	with_prover(model(), |prover, known, run| {
		let mut found = tensor(known, &prover.output(1, 2099, None).unwrap());
		assert_eq!(found.element(2099), Ok(run.slots[2].at(2099).unwrap()));
		assert_eq!(found.scale(2099, 0), Err(Malformed::MissingChunk));
		assert_eq!(found.element(0), Err(Malformed::MissingChunk));
		assert_eq!(found.element(2100), Err(Malformed::NoSuchElement));
		assert_eq!(found.scale(2100, 0), Err(Malformed::NoSuchElement));

		let mut found = tensor(known, &prover.output_kind(1).unwrap());
		assert_eq!(found.kind(), run.slots[2].kind());
		assert_eq!(found.element(0), Err(Malformed::MissingChunk));
	});
}

#[test]
fn rows_are_read_in_any_layout() {
	let values: Vec<f32> = (0..2400).map(|value| 1200.5 - (value * 7 % 2400) as f32).collect();
	let plain = floats(&[3, 20, 40], &values);
	for axes in [[2, 1, 0], [1, 0, 2], [0, 2, 1]] {
		let layout = Layout::new(&axes).unwrap();
		let relaid = plain.relaid(&layout).unwrap();
		let chunks = (0..).zip(relaid.data().chunks(CHUNK));
		let chunks = chunks.map(|(index, bytes)| Chunk { index, bytes: bytes.to_vec() }).collect();
		let opening = Opening { chunks, ..Opening::default() };
		let opened = OpenedTensor::new(plain.kind(), &layout, opening);
		let mut found = DeliveredTensor { number: 0, opened };
		for element in (0..2400).step_by(53) {
			assert_eq!(found.element(element), Ok(plain.at(element).unwrap()));
			for axis in 0..4 {
				let scale = scale_of(&plain, element, axis.into());
				assert_eq!(found.scale(element, axis), Ok(scale));
			}
		}
	}
}

#[test]
fn rows_that_no_opening_holds_are_known_by_their_type() {
	let fits = |extents: &[u32], axis| {
		row_fits(&TensorType::new(DType::Float32, Shape::new(extents).unwrap()), axis)
	};
	assert!(fits(&[512, 80_000], 1));
	assert!(!fits(&[512, 90_000], 1));
	assert!(fits(&[100, 90_000], 0));
	assert!(!fits(&[120, 90_000], 0));
	assert!(fits(&[120, 90_000], 2));
	assert!(fits(&[], 0));
}

#[test]
fn every_changed_byte_of_what_is_delivered_is_refused() {
	with_prover(model(), |prover, known, _| {
		let proofs = [
			prover.output(1, 1050, None),
			prover.output(0, 5, Some(1)),
			prover.output(2, 1, None),
			prover.output_kind(3),
			prover.ending(),
		];
		for proof in proofs.map(Result::unwrap) {
			assert!(delivered::<Blake2b256>(&known.context(), &proof).is_ok());
			for changed in flips(&proof) {
				assert!(delivered::<Blake2b256>(&known.context(), &changed).is_err());
			}
		}
	});
}

#[test]
fn a_slot_that_is_no_output_or_another_one_is_refused() {
	with_prover(model(), |prover, known, _| {
		let proof = prover.output_kind(0).unwrap();
		let Ok(OutputProof::Tensor { path, .. }) = OutputProof::decode(&mut &proof[..]) else {
			panic!("no tensor");
		};
		for (slot, number) in [(1, 0), (2, 0), (0, 1), (0, 9)] {
			let node = prover.node_proof(slot).unwrap();
			let opening = Opening::default();
			let proof = OutputProof::Tensor { node, number, path: path.clone(), opening };
			let found = delivered::<Blake2b256>(&known.context(), &proof.encode());
			assert_eq!(found.unwrap_err(), Malformed::WrongOutput);
		}
	});
}

#[test]
fn more_is_not_opened_than_an_element_may_need() {
	with_prover(model(), |prover, known, _| {
		let mut proof = OutputProof::decode(&mut &prover.output(0, 0, None).unwrap()[..]).unwrap();
		let OutputProof::Tensor { opening, .. } = &mut proof else { panic!("no tensor") };
		opening.siblings = vec![[0; 32]; 10 * 1024];
		let found = delivered::<Blake2b256>(&known.context(), &proof.encode());
		assert_eq!(found.unwrap_err(), Malformed::OpeningTooLong);
		let found = delivered::<Blake2b256>(&known.context(), &[0; MAX_PROOF_BYTES + 1]);
		assert_eq!(found.unwrap_err(), Malformed::TooLong);
	});
}

#[test]
fn a_run_that_ended_early_delivers_where() {
	with_prover(faulty(), |prover, known, run| {
		let fault = Fault { slot: 1, element: 1 };
		assert_eq!(run.fault, Some(fault));
		for proof in (0..3).map(|number| prover.output(number, 0, Some(0)).unwrap()) {
			let found = delivered::<Blake2b256>(&known.context(), &proof);
			assert!(matches!(found, Ok(Delivered::Fault(found)) if found == fault));
			for changed in flips(&proof) {
				assert!(delivered::<Blake2b256>(&known.context(), &changed).is_err());
			}
		}
		assert_eq!(tensor(known, &prover.output_kind(2).unwrap()).kind().dtype, DType::Float32);
	});
}

#[test]
fn a_run_that_came_to_the_end_has_no_fault() {
	with_prover(model(), |prover, known, _| {
		let found = delivered::<Blake2b256>(&known.context(), &prover.ending().unwrap());
		assert!(matches!(found, Ok(Delivered::Complete)));
	});
	with_prover(faulty(), |prover, known, _| {
		let header = prover.node_proof(0).unwrap().header;
		// The first slot has a tensor, but it is not the last one.
		let proof = prover.claim(0, 0).unwrap();
		let claim = ClaimProof::decode(&mut &proof[..]).unwrap();
		let SlotProof::Value(opening) = claim.slot else { panic!("no value") };
		let tensor = tensor_root::<Blake2b256>(&prover.material().run.slots[0]);
		let proof = OutputProof::Complete { header, tensor, trace_path: opening.trace_path };
		let found = delivered::<Blake2b256>(&known.context(), &proof.encode());
		assert_eq!(found.unwrap_err(), Malformed::WrongOpening);
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(24))]

	#[test]
	fn every_output_of_a_random_graph_is_delivered(seed: u64, axis in 0_u8..4) {
		let (graph, inputs, initializers) = random_graph(seed, 6);
		let bindings = Bindings::default();
		let run = run(&graph, &bindings, &inputs, &initializers).unwrap();
		let prover = TestProver::new(&graph, &bindings, &inputs, &initializers, &run).unwrap();
		let known = Known::of(&prover, &inputs);
		let Some(whole) = run.slots.last().filter(|_| run.fault.is_none()) else {
			let found = delivered::<Blake2b256>(&known.context(), &prover.ending().unwrap());
			prop_assert!(matches!(found, Ok(Delivered::Fault(found)) if Some(found) == run.fault));
			return Ok(());
		};
		for element in 0..whole.shape().count().min(40) {
			let proof = prover.output(0, element, Some(axis)).unwrap();
			let mut right = delivered::<Blake2b256>(&known.context(), &proof).unwrap();
			let given = Submitted::Tensor(SubmittedTensor::new(0, &raw(whole)));
			let found = Rule::Bits.compare::<Blake2b256>(&mut right, &given, element);
			prop_assert_eq!(found, Ok(Agreement::Within));
			let Delivered::Tensor(tensor) = &mut right else { panic!("no tensor") };
			let scale = scale_of(whole, element, axis.into());
			prop_assert_eq!(tensor.scale(element, axis), Ok(scale));
		}
	}
}

proptest! {
	#[test]
	fn no_bytes_make_either_side_panic(
		bytes in proptest::collection::vec(any::<u8>(), 0..400),
		kind in 0_u8..4,
		count: u32,
	) {
		let (bindings, inputs) = (Bindings::default(), []);
		let context = Context {
			graph_root: [0; 32],
			bindings: &bindings,
			inputs: &inputs,
			trace_root: [0; 32],
			probe: None,
		};
		let bytes = [&[kind], &bytes[..]].concat();
		prop_assert!(delivered::<Blake2b256>(&context, &bytes).is_err());
		let given = submitted::<Blake2b256>(&[0; 32], count, &bytes);
		prop_assert!(given.is_err() || bytes == SubmissionProof::Root.encode());
	}

	#[test]
	fn no_committed_output_makes_reading_panic(
		at: usize,
		mask in 1_u8..,
		element: u64,
		axis: u8,
	) {
		// The graph root commits to a changed node, as a dishonest registrant's would.
		let mut builder = Builder::new(&[]).unwrap();
		let x = builder.input(DType::Float32, &[Dim::from(3), Dim::from(700)]);
		let y = builder.push_in(Op::Neg, &[x], reversed(2)).unwrap();
		let graph = builder.graph();
		let Source::Slot(slot) = y else { panic!("no slot") };
		let mut node = graph.nodes[0].encode();
		let at = at % node.len();
		node[at] ^= mask;
		let leaf = entry_leaf::<Blake2b256>(tag::NODE, &node);
		let output = entry_leaf::<Blake2b256>(tag::OUTPUT, &slot.encode());
		let header = GraphHeader {
			spec: 1,
			nodes: List { count: 1, root: leaf },
			outputs: List { count: 1, root: output },
			..GraphHeader::default()
		};
		let graph_root = header.root::<Blake2b256>();
		let node = NodeProof { header, number: 0, node, path: Vec::new() };
		let opening = Opening::default();
		let proof = OutputProof::Tensor { node, number: 0, path: Vec::new(), opening };
		let bindings = Bindings::default();
		let context =
			Context { graph_root, bindings: &bindings, inputs: &[], trace_root: [0; 32], probe: None };
		let found = delivered::<Blake2b256>(&context, &proof.encode());
		if let Ok(Delivered::Tensor(mut tensor)) = found {
			prop_assert!(tensor.element(element % 3000).is_err());
			prop_assert!(tensor.scale(element % 3000, axis % 10).is_err());
		}
	}
}
