//! Whole graphs: runs, traces, faults, and what is kept.

use core::sync::atomic::{AtomicU32, Ordering};

use super::{
	super::{run, slots, trace, Options, Progress},
	*,
};
use crate::{
	arbiter::tests::random_graph,
	commitment::{digest, tensor_root, trace_leaf_of, trace_root_of, Blake2b256, Tree},
	exact::{Fault, RunError},
	graph::{Builder, Graph},
};

/// A layer with a softmax: its input may also index a table, out of range perhaps.
fn layer() -> (Graph, Vec<Tensor>) {
	let weights = of(&[40, 16], &noise(640, 14));
	let table = of(&[5, 16], &noise(80, 15));
	let mut builder = Builder::new(&[]).unwrap();
	let x = builder.input(DType::Float32, &[Dim::constant(6), Dim::constant(40)]);
	let index = builder.input(DType::Int64, &[Dim::constant(6)]);
	let (w, t) = (builder.initializer(&weights), builder.initializer(&table));
	let product = builder.push(Op::MatMul, &[x, w]).unwrap();
	let rows = builder.push(Op::Gather { axis: 0 }, &[t, index]).unwrap();
	let sum = builder.push(Op::Add, &[product, rows]).unwrap();
	let powers = builder.push(Op::Exp, &[sum]).unwrap();
	let totals = builder.push(Op::ReduceSum { axes: vec![1], keep: true }, &[powers]).unwrap();
	let shares = builder.push(Op::Div, &[powers, totals]).unwrap();
	(builder.finish(&[shares, product, shares]).unwrap(), vec![weights, table])
}

fn inputs(index: i64) -> Vec<Tensor> {
	let indices = [0, 1, index, -1, 4, 2].into_iter().flat_map(i64::to_le_bytes).collect();
	vec![of(&[6, 40], &noise(240, 16)), raw(DType::Int64, &[6], indices)]
}

#[test]
fn runs_and_traces_agree_on_any_number_of_threads() {
	let (graph, initializers) = layer();
	let bindings = Bindings::default();
	for index in [3, -5] {
		let inputs = inputs(index);
		let expected = exact::run(&graph, &bindings, &inputs, &initializers).unwrap();
		let roots: Vec<_> = expected.slots.iter().map(tensor_root::<Blake2b256>).collect();
		let leaves = (0..6).map(|number| trace_leaf_of::<Blake2b256>(&roots, None, number));
		let root =
			trace_root_of::<Blake2b256>(6, &Tree::<Blake2b256>::new(leaves.collect()).root());
		for threads in [0, 1, 2, 8] {
			let options = Options { threads, ..Default::default() };
			let (kept, statistics) =
				slots(&graph, &bindings, &inputs, &initializers, &options).unwrap();
			assert_eq!(kept, expected);
			assert_eq!(statistics.elements, 6 * 16 * 5 + 6);
			let outcome = run(&graph, &bindings, &inputs, &initializers, &options).unwrap();
			let outputs: Vec<Tensor> =
				[5, 0, 5].map(|slot: usize| expected.slots[slot].clone()).to_vec();
			assert_eq!(outcome.result, Ok(outputs));
			let traced =
				trace::<Blake2b256>(&graph, &bindings, &inputs, &initializers, &options).unwrap();
			assert_eq!((traced.roots, traced.root, traced.outcome), (roots.clone(), root, outcome));
		}
	}
}

#[test]
fn a_fault_ends_the_run_and_is_part_of_the_trace() {
	let (graph, initializers) = layer();
	let bindings = Bindings::default();
	let inputs = inputs(5);
	let options = Options::default();
	let expected = exact::run(&graph, &bindings, &inputs, &initializers).unwrap();
	assert_eq!(expected.fault, Some(Fault { slot: 1, element: 32 }));
	assert_eq!(slots(&graph, &bindings, &inputs, &initializers, &options).unwrap().0, expected);
	let traced = trace::<Blake2b256>(&graph, &bindings, &inputs, &initializers, &options).unwrap();
	assert_eq!(traced.outcome.result, Err(Fault { slot: 1, element: 32 }));
	let roots: Vec<_> = expected.slots.iter().map(tensor_root::<Blake2b256>).collect();
	let leaves = (0..6).map(|number| trace_leaf_of::<Blake2b256>(&roots, Some(32), number));
	let root = trace_root_of::<Blake2b256>(6, &Tree::<Blake2b256>::new(leaves.collect()).root());
	assert_eq!(traced.root, root);
}

#[test]
fn wrong_operands_are_refused() {
	let (graph, initializers) = layer();
	let bindings = Bindings::default();
	let attempt = |inputs: &[Tensor], initializers: &[Tensor]| {
		run(&graph, &bindings, inputs, initializers, &Options::default()).unwrap_err()
	};
	let good = inputs(0);
	assert_eq!(attempt(&good[..1], &initializers), RunError::WrongInput(1));
	let swapped = [good[1].clone(), good[0].clone()];
	assert_eq!(attempt(&swapped, &initializers), RunError::WrongInput(0));
	assert_eq!(attempt(&good, &initializers[..1]), RunError::WrongInitializer(1));
}

#[test]
fn progress_counts_nodes() {
	let (graph, initializers) = layer();
	let calls = AtomicU32::new(0);
	let progress = |progress: Progress| {
		assert_eq!(progress.nodes, 6);
		assert_eq!(calls.fetch_add(1, Ordering::Relaxed) + 1, progress.done);
	};
	let options = Options { threads: 2, progress: Some(&progress), ..Default::default() };
	run(&graph, &Bindings::default(), &inputs(0), &initializers, &options).unwrap();
	assert_eq!(calls.into_inner(), 6);
}

#[test]
fn a_probe_is_that_of_the_exact_engine() {
	for seed in 0..40 {
		let (graph, inputs, initializers) = random_graph(seed, 8);
		let (bindings, amplitude) = (Bindings::default(), 16 + (seed % 5) as u8);
		let probe = crate::probe::Moves { seed: [seed as u8; 32], amplitude };
		let options = Options { probe: Some(&probe), ..Default::default() };
		let (run, _) = slots(&graph, &bindings, &inputs, &initializers, &options).unwrap();
		let exact = exact::run_probe(&graph, &bindings, &inputs, &initializers, &probe);
		assert_eq!(run, exact.unwrap());
	}
}

/// What every build has to come to, with optimizations or without. docs/benchmarks.md has the
/// command for a build without.
#[test]
fn traces_of_random_graphs_are_the_recorded_ones() {
	let mut roots = Vec::new();
	for seed in 0..200 {
		let (graph, inputs, initializers) = random_graph(seed, 6);
		let (bindings, options) = (Bindings::default(), Options::default());
		let traced =
			trace::<Blake2b256>(&graph, &bindings, &inputs, &initializers, &options).unwrap();
		roots.extend(traced.root);
	}
	let all = digest::<Blake2b256>(b"traces", &[&roots]);
	let hex: String = all.iter().map(|byte| format!("{byte:02x}")).collect();
	assert_eq!(hex, "c5035031557f93ed02a03f892b796477f2ee897df1863d9e7ec3cb3534e8ee62");
}
