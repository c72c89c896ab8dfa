//! Worlds for tests of whoever plays: a run with its right history, and many wrong ones.

use std::borrow::Cow;

use assay_canon::{
	arbiter::{Material, Prover},
	arith::F32,
	commitment::{Blake2b256, CommittedGraph, GraphHeader},
	exact::{run, Fault, Run},
	graph::{Builder, Graph},
	op::Op,
	shape::Shape,
	symbol::{Bindings, Dim},
	tensor::{DType, Element, Tensor},
};

use crate::{player::Player, subject::Subject};

/// A player of a world.
pub type TestPlayer = Player<'static, Blake2b256>;

/// A generator (SplitMix64).
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
	/// The next number.
	pub fn draw(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
		let mut word = self.0;
		word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
		word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
		word ^ (word >> 31)
	}

	/// A number below a bound.
	pub fn below(&mut self, bound: usize) -> usize {
		(self.draw() % bound as u64) as usize
	}

	/// Whether something happens that does so often.
	pub fn chance(&mut self, of_hundred: usize) -> bool {
		self.below(100) < of_hundred
	}
}

/// A run with its right history, and wrong ones.
pub struct World {
	/// What the players play about.
	pub subject: Subject,
	/// The header of its graph.
	pub header: GraphHeader,
	/// Plays the right history.
	pub honest: TestPlayer,
	/// Each plays a wrong one, no two the same.
	pub liars: Vec<TestPlayer>,
}

fn floats(extents: &[u32], value: impl FnMut(u32) -> f32) -> Tensor {
	let count: u32 = extents.iter().product();
	let element = |value: f32| Element::float(F32::from_bits(value.to_bits()));
	let elements: Vec<Element> = (0..count).map(value).map(element).collect();
	Tensor::from_elements(DType::Float32, Shape::new(extents).unwrap(), &elements).unwrap()
}

fn indices(values: &[i64]) -> Tensor {
	let elements: Vec<Element> = values.iter().copied().map(Element::int64).collect();
	let shape = Shape::new(&[values.len() as u32]).unwrap();
	Tensor::from_elements(DType::Int64, shape, &elements).unwrap()
}

/// The graph of the random worlds: sums, an order statistic and a gather that may fault, on
/// `length` floats, with `copies` copies in between.
fn graph(length: u32, copies: u32, weights: &Tensor) -> Graph {
	let mut builder = Builder::new(&[]).unwrap();
	let x = builder.input(DType::Float32, &[Dim::from(length)]);
	let at = builder.input(DType::Int64, &[Dim::from(2)]);
	let w = builder.initializer(weights);
	let mut last = builder.push(Op::Mul, &[x, w]).unwrap();
	for _ in 0..copies {
		last = builder.push(Op::Neg, &[last]).unwrap();
	}
	let sum = builder.push(Op::Add, &[last, x]).unwrap();
	let best = builder.push(Op::ArgMax { axis: 0, keep: true }, &[sum]).unwrap();
	let picked = builder.push(Op::Gather { axis: 0 }, &[sum, at]).unwrap();
	let whole = builder.push(Op::ReduceSum { axes: vec![0], keep: true }, &[sum]).unwrap();
	let out = builder.push(Op::Sub, &[picked, whole]).unwrap();
	let best = builder.push(Op::Identity, &[best]).unwrap();
	builder.finish(&[out, best]).unwrap()
}

impl World {
	/// A world: with `fault`, the right run ends early.
	pub fn new(random: &mut Random, length: u32, copies: u32, fault: bool, liars: usize) -> Self {
		let weights = floats(&[length], |_| random.below(64) as f32 / 4.0 - 8.0);
		let graph: &'static Graph = Box::leak(Box::new(graph(length, copies, &weights)));
		let x = floats(&[length], |_| random.below(64) as f32 / 4.0 - 8.0);
		let far = if fault { i64::from(length) } else { 0 };
		let inputs = vec![x, indices(&[random.below(length as usize) as i64, far])];
		let truth =
			run(graph, &Bindings::default(), &inputs, std::slice::from_ref(&weights)).unwrap();
		let player = |run: Run| player(graph, &inputs, &weights, run);
		let honest = player(truth.clone());
		let mut wrong = Vec::new();
		while wrong.len() < liars {
			let liar = player(lie(random, graph, &truth));
			let known = |other: &TestPlayer| other.history() == liar.history();
			if !known(&honest) && !wrong.iter().any(known) {
				wrong.push(liar);
			}
		}
		let committed = CommittedGraph::<Blake2b256>::new(graph);
		let subject = Subject {
			graph: committed.root(),
			slots: graph.nodes.len() as u32,
			bindings: Bindings::default(),
			inputs: honest.prover().input_roots(),
			probe: None,
		};
		Self { subject, header: committed.header().clone(), honest, liars: wrong }
	}
}

fn player(graph: &'static Graph, inputs: &[Tensor], weights: &Tensor, run: Run) -> TestPlayer {
	let material = Material {
		graph,
		bindings: Cow::Owned(Bindings::default()),
		inputs: inputs.to_vec().into(),
		initializers: vec![weights.clone()].into(),
		run: Cow::Owned(run),
	};
	Player::new(Prover::of(material, None).unwrap())
}

/// A run with something wrong: an element, all that follows from it, or where it ends.
fn lie(random: &mut Random, graph: &Graph, truth: &Run) -> Run {
	let mut run = truth.clone();
	let slot = random.below(run.slots.len());
	match random.below(4) {
		0 => {
			// It ends too early, or at an element that is none of the first.
			let count = run.slots[slot].shape().count();
			let element = random.draw() % count.max(1);
			run.fault = Some(Fault { slot: slot as u32, element });
			run.slots.truncate(slot);
		},
		1 if run.fault.is_some() => {
			// It goes on where it has to end.
			let fault = run.fault.take().unwrap();
			if random.chance(50) {
				let element = fault.element + 1;
				run.fault = Some(Fault { slot: fault.slot, element: element % 2 });
			} else {
				for node in graph.nodes.iter().skip(run.slots.len()) {
					let kind = node.output.bind(&Bindings::default()).unwrap();
					let bytes = vec![0; kind.bytes() as usize];
					let layout = node.layout.clone();
					run.slots.push(Tensor::with_layout(kind, layout, bytes).unwrap());
				}
			}
		},
		_ => {
			let tensor = run.slots[slot].clone();
			let (kind, layout) = (tensor.kind().clone(), tensor.layout().clone());
			let mut bytes = tensor.into_data();
			let at = random.below(bytes.len());
			bytes[at] ^= 1 << random.below(8);
			run.slots[slot] = Tensor::with_layout(kind, layout, bytes).unwrap();
		},
	}
	run
}
