//! Random graphs: every element of every node proves and is judged as the engine has it; what is
//! changed is refused.

use codec::{Decode, Encode};
use proptest::prelude::*;

use super::*;
use crate::{
	commitment::{tensor_root, Blake2b256},
	exact::{run, run_probe, Run},
	graph::{Builder, Graph, Source},
	op::{DepthOrder, Op, PadMode, Padding, PoolAxis, Reduction, SliceAxis, WindowAxis},
	shape::{Layout, Shape},
	symbol::{Dim, Symbol},
	tensor::{DType, Tensor},
	testing::{floats, integers, reversed},
};

pub(crate) type TestProver<'a> = Prover<'a, Blake2b256>;

/// A generator for tests (SplitMix64).
struct Random(u64);

impl Random {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
		let mut word = self.0;
		word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
		word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
		word ^ (word >> 31)
	}

	fn below(&mut self, bound: usize) -> usize {
		(self.next() % bound as u64) as usize
	}
}

fn window(random: &mut Random) -> WindowAxis {
	WindowAxis {
		stride: 1 + random.below(2) as u32,
		dilation: 1 + random.below(2) as u32,
		before: random.below(2) as u32,
		after: random.below(2) as u32,
	}
}

/// A primitive with attributes that have a chance to fit, and its number of operands.
fn primitive(random: &mut Random) -> (Op, usize) {
	let axis = random.below(4) as u8;
	let coin = random.below(2) == 0;
	let dtypes = [DType::Float32, DType::Int8, DType::Int32, DType::Int64, DType::Bool];
	let pool = |random: &mut Random| {
		let axes = (0..2).map(|_| PoolAxis { kernel: 2, window: window(random) }).collect();
		Op::MaxPool { axes, ceil: coin }
	};
	match random.below(44) {
		0 => (Op::Reshape { dims: vec![Dim::from(24)] }, 1),
		1 => (Op::Transpose { order: vec![1, 0] }, 1),
		2 => (Op::Transpose { order: vec![2, 0, 1] }, 1),
		3 => (Op::Concat { axis }, 2),
		4 => {
			let (start, count) = (Dim::from(1), Dim::from(2));
			(Op::Slice { axes: vec![SliceAxis { axis, start, count, step: -1 }] }, 1)
		},
		5 => (Op::Gather { axis }, 2),
		6 => (Op::GatherElements { axis }, 2),
		7 => (Op::ScatterElements { axis, reduction: Reduction::Add }, 3),
		8 => (Op::ScatterND { reduction: Reduction::Replace }, 3),
		9 => {
			let pads = vec![Padding { before: 1, after: -1 }; 1 + random.below(3)];
			(Op::Pad { mode: PadMode::Reflect, pads }, 1)
		},
		10 => (Op::Where, 3),
		11 => (Op::DepthToSpace { block: 2, order: DepthOrder::BlockFirst }, 1),
		12 => (Op::Trilu { upper: coin, diagonal: 0 }, 1),
		13 => (Op::Add, 2),
		14 => (Op::Sub, 2),
		15 => (Op::Mul, 2),
		16 => (Op::Div, 2),
		17 => (Op::Relu, 1),
		18 => (Op::Max, 2),
		19 => (Op::Less, 2),
		20 => (Op::Not, 1),
		21 => (Op::Cast { to: dtypes[random.below(5)] }, 1),
		22..=24 => (Op::MatMul, 2),
		25 => (Op::Gemm { transpose_a: coin, transpose_b: !coin }, 2),
		26 => (Op::Conv { group: 1, axes: vec![window(random); 1 + random.below(2)] }, 2),
		27 => {
			let axes = vec![window(random); 1];
			(Op::ConvTranspose { group: 1, axes, output_padding: vec![0] }, 2)
		},
		28 => (Op::ReduceSum { axes: vec![axis], keep: coin }, 1),
		29 => (Op::ReduceMean { axes: vec![axis], keep: coin }, 1),
		30 => (Op::ReduceSumSquare { axes: vec![axis], keep: coin }, 1),
		31 => (Op::CumSum { axis, exclusive: coin, reverse: !coin }, 1),
		32 => {
			let axes = (0..2).map(|_| PoolAxis { kernel: 2, window: window(random) }).collect();
			(Op::AveragePool { axes, ceil: coin, include_pad: !coin }, 1)
		},
		33 => (Op::MatMulInteger, 4),
		34 => (Op::QuantizeLinear { axis: 0 }, 3),
		35 => (Op::DequantizeLinear { axis: 0 }, 3),
		36 => (Op::Exp, 1),
		37 | 38 => (Op::ArgMax { axis, keep: coin }, 1),
		39 => (Op::ArgMin { axis, keep: coin }, 1),
		40 | 41 => (Op::TopK { axis, count: Dim::from(2), largest: coin }, 1),
		42 => (pool(random), 1),
		_ => (Op::ReduceSumPartial { axes: vec![axis] }, 1),
	}
}

fn random_tensor(random: &mut Random, dtype: DType, extents: &[u32]) -> Tensor {
	let count: u32 = extents.iter().product();
	if dtype == DType::Float32 {
		let specials = [f32::NAN, f32::INFINITY, -0.0, 0.0, f32::MAX, 1e-40];
		let value = |random: &mut Random| match random.below(20) {
			at @ 0..6 => specials[at],
			_ => random.below(2001) as f32 / 8.0 - 125.0,
		};
		return floats(extents, &(0..count).map(|_| value(random)).collect::<Vec<_>>());
	}
	let values: Vec<i64> = (0..count).map(|_| random.below(5) as i64 - 2).collect();
	integers(dtype, extents, &values)
}

/// A graph of about `size` nodes over inputs and initializers of several types, and its tensors.
pub(crate) fn random_graph(seed: u64, size: usize) -> (Graph, Vec<Tensor>, Vec<Tensor>) {
	let mut random = Random(seed);
	let mut builder = Builder::new(&[]).unwrap();
	let mut sources = Vec::new();
	let (mut inputs, mut initializers) = (Vec::new(), Vec::new());
	let shapes: [(DType, &[u32]); 11] = [
		(DType::Float32, &[2, 3, 4]),
		(DType::Float32, &[1, 4, 3, 3]),
		(DType::Float32, &[4, 300]),
		(DType::Float32, &[300, 3]),
		(DType::Float32, &[]),
		(DType::Int64, &[3]),
		(DType::Int32, &[2, 2]),
		(DType::Uint8, &[3, 2]),
		(DType::Uint8, &[]),
		(DType::Bool, &[4]),
		(DType::Float32, &[2, 4, 2]),
	];
	for (dtype, extents) in shapes {
		let tensor = random_tensor(&mut random, dtype, extents);
		if random.below(2) == 0 {
			let dims: Vec<Dim> = extents.iter().map(|extent| Dim::from(*extent)).collect();
			sources.push(builder.input(dtype, &dims));
			inputs.push(tensor);
		} else {
			let tensor = tensor.relaid(&reversed(extents.len())).unwrap();
			sources.push(builder.initializer(&tensor));
			initializers.push(tensor);
		}
	}
	for _ in 0..size * 40 {
		let (op, count) = primitive(&mut random);
		let operands: Vec<Source> =
			(0..count).map(|_| sources[random.below(sources.len())]).collect();
		let layout = if random.below(3) == 0 { reversed(2) } else { Layout::row_major() };
		let small = |builder: &Builder, source| {
			let bound = builder.kind(source).unwrap().bind(&Bindings::default()).unwrap();
			bound.shape.count() <= 2000
		};
		let Ok(source) = builder.push_in(op, &operands, layout) else { continue };
		if small(&builder, source) {
			sources.push(source);
		}
		if builder.graph().nodes.len() >= size {
			break;
		}
	}
	let output = builder.push(Op::Identity, &[*sources.last().unwrap()]).unwrap();
	(builder.finish(&[output]).unwrap(), inputs, initializers)
}

/// Everything that the chain knows of a run.
pub(crate) struct Known {
	bindings: Bindings,
	graph_root: Hash,
	trace_root: Hash,
	inputs: Vec<Hash>,
	pub(crate) probe: Option<Moves>,
}

impl Known {
	pub(crate) fn of(prover: &TestProver, inputs: &[Tensor]) -> Self {
		Self {
			bindings: Bindings::default(),
			graph_root: prover.graph_root(),
			trace_root: prover.trace_root(),
			inputs: inputs.iter().map(tensor_root::<Blake2b256>).collect(),
			probe: None,
		}
	}

	pub(crate) fn context(&self) -> Context<'_> {
		Context {
			graph_root: self.graph_root,
			bindings: &self.bindings,
			inputs: &self.inputs,
			trace_root: self.trace_root,
			probe: self.probe,
		}
	}
}

/// Every claim, flipped in one bit, that another history could make of an element.
fn flipped(value: Element, bit: usize) -> Element {
	let width = value.dtype().size() * 8;
	let width = if value.dtype() == DType::Bool { 1 } else { width };
	let other = Element::from_bits(value.dtype(), value.bits() ^ (1 << (bit % width)));
	// The payload of NaN does not count.
	if other == value {
		Element::from_bits(value.dtype(), 0)
	} else {
		other
	}
}

fn check_element(
	random: &mut Random,
	prover: &TestProver,
	known: &Known,
	graph: &Graph,
	run: &Run,
	number: u32,
	element: u64,
) {
	let context = known.context();
	let value = run.slots[number as usize].at(element).unwrap();
	let truth = Claim::Value(value);
	let lie = Claim::Value(flipped(value, random.below(64)));
	let op = &graph.nodes[number as usize].op;
	let claims = [truth, lie];
	let proof = prover.prove(number, element, &claims).unwrap();
	if op.is_order_statistic() {
		let verdict = arbitrate::<Blake2b256>(&context, element, &proof);
		assert_eq!(verdict, Verdict::Malformed(Malformed::NeedsClaims));
	} else {
		let verdict = arbitrate::<Blake2b256>(&context, element, &proof);
		assert_eq!(verdict, Verdict::Value(value), "{op:?}");
	}
	assert_eq!(judge::<Blake2b256>(&context, element, truth, lie, &proof), Ruling::First, "{op:?}");
	assert_eq!(
		judge::<Blake2b256>(&context, element, lie, truth, &proof),
		Ruling::Second,
		"{op:?}"
	);

	let mut changed = proof.clone();
	let at = random.below(changed.len());
	changed[at] ^= 1 << random.below(8);
	// A node may have a twin beside it: their numbers alone, which the game checks, tell them apart.
	let is_twin = |bytes: &[u8]| {
		let other = node_number(bytes).filter(|other| *other != number);
		let other = other.and_then(|other| graph.nodes.get(other as usize));
		other == graph.nodes.get(number as usize)
	};
	let verdict = judge::<Blake2b256>(&context, element, truth, lie, &changed);
	let refused = matches!(verdict, Ruling::Malformed(_));
	assert!(refused || is_twin(&changed), "{op:?} {at} {verdict:?}");

	let claim = prover.claim(number, element).unwrap();
	assert_eq!(claimed::<Blake2b256>(&context, element, &claim), Ok(Some(truth)));
	let mut changed = claim;
	let at = random.below(changed.len());
	changed[at] ^= 1 << random.below(8);
	let refused = claimed::<Blake2b256>(&context, element, &changed).is_err();
	assert!(refused || is_twin(&changed), "{op:?} {at}");
}

/// Has the arbiter judge every element of a random graph, run as a probe if there are moves.
pub(crate) fn check_graph(seed: u64, size: usize, probe: Option<Moves>) {
	let mut random = Random(seed ^ 1);
	let (graph, inputs, initializers) = random_graph(seed, size);
	let bindings = Bindings::default();
	let run = match &probe {
		Some(moves) => run_probe(&graph, &bindings, &inputs, &initializers, moves).unwrap(),
		None => run(&graph, &bindings, &inputs, &initializers).unwrap(),
	};
	let mut prover = TestProver::new(&graph, &bindings, &inputs, &initializers, &run).unwrap();
	if let Some(moves) = probe {
		prover = prover.probing(moves);
	}
	let known = Known { probe, ..Known::of(&prover, &inputs) };
	for (number, tensor) in (0_u32..).zip(&run.slots) {
		for element in 0..tensor.shape().count() {
			check_element(&mut random, &prover, &known, &graph, &run, number, element);
		}
	}
	check_fault(&prover, &known, &graph, &run);
}

fn check_fault(prover: &TestProver, known: &Known, graph: &Graph, run: &Run) {
	let Some(fault) = run.fault else { return };
	let proof = prover.prove(fault.slot, fault.element, &[]).unwrap();
	let op = &graph.nodes[fault.slot as usize].op;
	if !op.is_order_statistic() {
		let verdict = arbitrate::<Blake2b256>(&known.context(), fault.element, &proof);
		assert_eq!(verdict, Verdict::Fault, "{op:?}");
	}
	let claim = prover.claim(fault.slot, fault.element).unwrap();
	let found = claimed::<Blake2b256>(&known.context(), fault.element, &claim);
	assert_eq!(found, Ok(Some(Claim::Fault)));
}

/// Has the arbiter judge elements of one primitive, up to eight of them.
pub(crate) fn check_primitive(op: &Op, operands: &[Tensor], layout: Layout) {
	let mut builder = Builder::new(&[]).unwrap();
	let sources: Vec<Source> =
		operands.iter().map(|operand| builder.initializer(operand)).collect();
	let source = builder.push_in(op.clone(), &sources, layout).unwrap();
	let output = builder.push(Op::Identity, &[source]).unwrap();
	let (graph, bindings) = (builder.finish(&[output]).unwrap(), Bindings::default());
	let run = run(&graph, &bindings, &[], operands).unwrap();
	let prover = TestProver::new(&graph, &bindings, &[], operands, &run).unwrap();
	let known = Known::of(&prover, &[]);
	let count = run.slots.first().map_or(0, |tensor| tensor.shape().count());
	let mut random = Random(count);
	for element in (0..count).step_by((count / 8 + 1) as usize) {
		check_element(&mut random, &prover, &known, &graph, &run, 0, element);
	}
	check_fault(&prover, &known, &graph, &run);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(24))]

	#[test]
	fn every_element_is_judged_as_the_engine_has_it_and_changes_are_refused(seed: u64) {
		check_graph(seed, 6, None);
	}
}

proptest! {
	#[test]
	fn no_bytes_make_the_arbiter_panic(
		bytes in proptest::collection::vec(any::<u8>(), 0..400),
		element: u64,
	) {
		let (bindings, inputs) = (Bindings::default(), []);
		let context = Context {
			graph_root: [0; 32],
			bindings: &bindings,
			inputs: &inputs,
			trace_root: [0; 32],
			probe: None,
		};
		let verdict = arbitrate::<Blake2b256>(&context, element, &bytes);
		prop_assert!(matches!(verdict, Verdict::Malformed(_)));
		prop_assert!(claimed::<Blake2b256>(&context, element, &bytes).is_err());
	}

	#[test]
	fn no_committed_node_makes_the_arbiter_panic(
		seed: u64,
		at: usize,
		mask in 1_u8..,
		element in 0_u64..40,
	) {
		// The graph root commits to a changed node, as a dishonest registrant's would.
		let (graph, inputs, initializers) = random_graph(seed, 2);
		let bindings = Bindings::default();
		let run = run(&graph, &bindings, &inputs, &initializers).unwrap();
		let prover = TestProver::new(&graph, &bindings, &inputs, &initializers, &run).unwrap();
		let mut known = Known::of(&prover, &inputs);
		let claims = [Claim::Value(Element::int64(0)), Claim::Value(Element::int64(1))];
		let Ok(proof) = prover.prove(0, 0, &claims) else { return Ok(()) };
		let mut proof = Proof::decode(&mut &proof[..]).unwrap();
		let at = at % proof.node.node.len();
		proof.node.node[at] ^= mask;
		let leaf = crate::commitment::digest::<Blake2b256>(b"node", &[&proof.node.node]);
		proof.node.header.nodes = crate::commitment::List { count: 1, root: leaf };
		proof.node.path.clear();
		known.graph_root = proof.node.header.root::<Blake2b256>();
		let proof = proof.encode();
		let verdict = arbitrate::<Blake2b256>(&known.context(), element, &proof);
		let ruling = judge::<Blake2b256>(&known.context(), element, claims[0], claims[1], &proof);
		prop_assert_eq!(
			matches!(verdict, Verdict::InvalidNode(_)),
			matches!(ruling, Ruling::InvalidNode(_)),
		);
	}
}

/// One product of a row and a column of 2,000 elements, the column contiguous.
fn product() -> (Graph, Vec<Tensor>, Vec<Tensor>) {
	let mut builder = Builder::new(&[Symbol { minimum: 1, maximum: 4 }]).unwrap();
	let mut random = Random(5);
	let a = random_tensor(&mut random, DType::Int32, &[2, 2000]);
	let a = floats(
		&[2, 2000],
		&(0..4000).map(|i| a.at(i).unwrap().to_i64() as f32).collect::<Vec<_>>(),
	);
	let b = floats(&[2000, 3], &(0..6000).map(|value| value as f32).collect::<Vec<_>>());
	let b = b.relaid(&reversed(2)).unwrap();
	let x = builder.input(DType::Float32, &[Dim::symbol(0), Dim::from(2000)]);
	let w = builder.initializer(&b);
	let y = builder.push(Op::MatMul, &[x, w]).unwrap();
	let z = builder.push(Op::Relu, &[y]).unwrap();
	(builder.finish(&[z]).unwrap(), vec![a], vec![b])
}

/// Runs a test on the proof of one element of the product, with the context that it is for.
fn with_product(test: impl Fn(&Known, Proof, Element)) {
	let (graph, inputs, initializers) = product();
	let bindings = Bindings(vec![2]);
	let run = run(&graph, &bindings, &inputs, &initializers).unwrap();
	let prover = TestProver::new(&graph, &bindings, &inputs, &initializers, &run).unwrap();
	let mut known = Known::of(&prover, &inputs);
	known.bindings = bindings.clone();
	let proof = prover.prove(0, 4, &[]).unwrap();
	test(&known, Proof::decode(&mut &proof[..]).unwrap(), run.slots[0].at(4).unwrap());
}

fn verdict(known: &Known, proof: &Proof) -> Verdict {
	arbitrate::<Blake2b256>(&known.context(), 4, &proof.encode())
}

#[test]
fn an_honest_proof_of_a_long_product_is_accepted() {
	with_product(|known, proof, value| {
		assert_eq!(verdict(known, &proof), Verdict::Value(value));
		assert!(proof.encoded_size() < 20_000);
	});
}

#[test]
fn an_opening_is_refused_if_a_chunk_is_truncated_missing_doubled_or_moved() {
	let wrong = Verdict::Malformed(Malformed::WrongOpening);
	with_product(|known, proof, _| {
		let mut short = proof.clone();
		short.operands[0].opening.chunks[1].bytes.pop();
		assert_eq!(verdict(known, &short), Verdict::Malformed(Malformed::WrongChunkLength));

		let mut missing = proof.clone();
		missing.operands[0].opening.chunks.remove(1);
		assert_eq!(verdict(known, &missing), wrong);

		let mut doubled = proof.clone();
		let chunk = doubled.operands[0].opening.chunks[1].clone();
		doubled.operands[0].opening.chunks.insert(1, chunk);
		assert_eq!(verdict(known, &doubled), wrong);

		let mut moved = proof.clone();
		let chunks = &mut moved.operands[0].opening.chunks;
		let bytes = chunks[0].bytes.clone();
		chunks[0].bytes = core::mem::replace(&mut chunks[1].bytes, bytes);
		assert_eq!(verdict(known, &moved), wrong);

		// Any number of empty chunks fits a proof, and each would be hashed.
		let mut empty = proof.clone();
		let beyond = 1_000_000..1_100_000;
		let chunks = beyond.map(|index| Chunk { index, bytes: Vec::new() });
		empty.operands[0].opening.chunks.extend(chunks);
		let refused = arbitrate::<Blake2b256>(&known.context(), 4, &empty.encode());
		assert_eq!(refused, Verdict::Malformed(Malformed::WrongChunkLength));

		let mut none = proof;
		none.operands[0].opening = Opening::default();
		assert_eq!(verdict(known, &none), Verdict::Malformed(Malformed::MissingChunk));
	});
}

#[test]
fn an_opening_of_another_tensor_or_history_is_refused() {
	with_product(|known, proof, _| {
		let mut swapped = proof.clone();
		let opening = core::mem::take(&mut swapped.operands[0].opening);
		swapped.operands[0].opening = core::mem::replace(&mut swapped.operands[1].opening, opening);
		assert!(matches!(verdict(known, &swapped), Verdict::Malformed(_)));

		let mut entries = proof.clone();
		let entry = entries.operands[0].entry.clone();
		entries.operands[1].entry = entry;
		assert_eq!(verdict(known, &entries), Verdict::Malformed(Malformed::WrongOperand));

		let mut fewer = proof;
		fewer.operands.pop();
		assert_eq!(verdict(known, &fewer), Verdict::Malformed(Malformed::WrongOperandCount));
	});
}

#[test]
fn symbols_of_another_job_are_refused() {
	with_product(|known, proof, _| {
		let bindings = Bindings(vec![4]);
		let other = Context { bindings: &bindings, ..known.context() };
		let found = arbitrate::<Blake2b256>(&other, 4, &proof.encode());
		// The input has another shape there, so that its chunks lead to another root.
		assert!(matches!(found, Verdict::Malformed(_)));
		let bindings = Bindings(vec![5]);
		let other = Context { bindings: &bindings, ..known.context() };
		let found = arbitrate::<Blake2b256>(&other, 4, &proof.encode());
		assert_eq!(found, Verdict::Malformed(Malformed::BadBindings));
		let found = arbitrate::<Blake2b256>(&known.context(), 6, &proof.encode());
		assert_eq!(found, Verdict::Malformed(Malformed::NoSuchElement));
	});
}

/// What the arbiter finds of the last node of a graph that did not come from the builder.
fn committed_verdict(graph: &Graph) -> Verdict {
	let committed = crate::commitment::CommittedGraph::<Blake2b256>::new(graph);
	let number = graph.nodes.len() as u32 - 1;
	let node = graph.nodes.last().unwrap();
	let operand = |source: &Source| {
		let (entry, entry_path) = match source {
			Source::Input(at) => (graph.inputs[*at as usize].encode(), committed.input_path(*at)),
			Source::Initializer(at) => {
				(graph.initializers[*at as usize].encode(), committed.initializer_path(*at))
			},
			Source::Slot(slot) => {
				(graph.nodes[slot.node as usize].encode(), committed.node_path(slot.node))
			},
		};
		OperandProof { entry, entry_path, opening: Opening::default() }
	};
	let exists = |source: &&Source| !matches!(source, Source::Slot(slot) if slot.node > number);
	let place = NodeProof {
		header: committed.header().clone(),
		number,
		node: node.encode(),
		path: committed.node_path(number),
	};
	let proof = Proof {
		node: place,
		operands: node.inputs.iter().filter(exists).map(operand).collect(),
		own: Opening::default(),
	};
	let bindings = Bindings(graph.symbols.iter().map(|symbol| symbol.minimum).collect());
	let context = Context {
		graph_root: committed.root(),
		bindings: &bindings,
		inputs: &[],
		trace_root: [0; 32],
		probe: None,
	};
	arbitrate::<Blake2b256>(&context, 0, &proof.encode())
}

#[test]
fn an_invalid_node_is_shown_to_be_one() {
	let (graph, ..) = product();
	let mut forward = graph.clone();
	forward.nodes[1].inputs = vec![Source::node(1)];
	assert_eq!(committed_verdict(&forward), Verdict::InvalidNode(Invalid::ForwardReference));
	let mut beyond = graph.clone();
	beyond.nodes[1].inputs = vec![Source::node(7)];
	assert_eq!(committed_verdict(&beyond), Verdict::InvalidNode(Invalid::ForwardReference));
	let mut stated = graph.clone();
	stated.nodes[1].output.dims[0] = Dim::from(3);
	assert_eq!(committed_verdict(&stated), Verdict::InvalidNode(Invalid::WrongOutput));
	let mut axis = graph.clone();
	axis.nodes[1].op = Op::ReduceSum { axes: vec![2], keep: true };
	assert_eq!(committed_verdict(&axis), Verdict::InvalidNode(Invalid::BadAttribute));
	let mut layout = graph;
	layout.nodes[1].layout = reversed(3);
	assert_eq!(committed_verdict(&layout), Verdict::InvalidNode(Invalid::BadLayout));
}

#[test]
fn a_window_over_padding_alone_is_a_fault_that_no_witness_refutes() {
	let mut builder = Builder::new(&[]).unwrap();
	let x = builder.input(DType::Float32, &[Dim::from(1), Dim::from(1), Dim::from(2)]);
	let far = WindowAxis { stride: 1, dilation: 1, before: 1, after: 0 };
	let op = Op::MaxPool { axes: vec![PoolAxis { kernel: 1, window: far }], ceil: false };
	let y = builder.push(op, &[x]).unwrap();
	let graph = builder.finish(&[y]).unwrap();
	let (bindings, inputs) = (Bindings::default(), [floats(&[1, 1, 2], &[1.0, 2.0])]);
	let run = run(&graph, &bindings, &inputs, &[]).unwrap();
	let prover = TestProver::new(&graph, &bindings, &inputs, &[], &run).unwrap();
	let known = Known::of(&prover, &inputs);
	let witness = Claim::Value(Element::int64(0));
	let proof = prover.prove(0, 0, &[Claim::Fault, witness]).unwrap();
	let ruling = judge::<Blake2b256>(&known.context(), 0, witness, Claim::Fault, &proof);
	assert_eq!(ruling, Ruling::Second);
	let proof = prover.prove(0, 1, &[Claim::Fault, witness]).unwrap();
	let ruling = judge::<Blake2b256>(&known.context(), 1, witness, Claim::Fault, &proof);
	assert_eq!(ruling, Ruling::First);
}

#[test]
fn a_tensor_of_another_shape_has_another_root() {
	let wide = Tensor::new(DType::Uint8, Shape::new(&[2, 3]).unwrap(), vec![0; 6]).unwrap();
	let tall = Tensor::new(DType::Uint8, Shape::new(&[3, 2]).unwrap(), vec![0; 6]).unwrap();
	let other = Tensor::new(DType::Int8, Shape::new(&[2, 3]).unwrap(), vec![0; 6]).unwrap();
	assert_ne!(tensor_root::<Blake2b256>(&wide), tensor_root::<Blake2b256>(&tall));
	assert_ne!(tensor_root::<Blake2b256>(&wide), tensor_root::<Blake2b256>(&other));
}
