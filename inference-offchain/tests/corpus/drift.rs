//! The drift attack: a provider that moves every sum of a classifier as far as a rigorous bound of
//! that one operator allows, in the direction that changes the answer.
//!
//! A rule that judges operator by operator, each by what it was given, finds nothing wrong.

use crate::{
	judge::Outcome,
	network::{self, normal, Operands},
	perceptron,
	subject::{first, greatest, tensor},
	Tally, WEIGHTS,
};
use assay_canon::arith::F32;
use assay_worker::{
	onnx::proto::{ModelProto, TensorProto},
	random::Random,
};
use prost::Message;

/// The shares of each bound that are used. What is left of the first covers the last rounding; with
/// the last, the attack stays inside the tolerance.
const SHARES: [f64; 5] = [0.95, 0.1, 0.01, 0.003, 0.001];
/// How often the direction is taken anew, from where the last one led.
const STEPS: usize = 4;

/// A dense layer, with a rectifier unless it is the last.
struct Layer {
	/// For each number that comes in, what it weighs in each that goes out.
	weights: Vec<Vec<f64>>,
	bias: Vec<f64>,
}

/// A classifier of dense layers.
struct Classifier(Vec<Layer>);

/// The sums of each layer, as somebody says that they are.
type Sums = Vec<Vec<f32>>;

impl Classifier {
	/// Read a file whose constants are the weights and the bias of each layer.
	fn read(file: &[u8]) -> Self {
		let graph = ModelProto::decode(file).unwrap().graph.unwrap();
		let wide = |values: &[f32]| values.iter().copied().map(f64::from).collect();
		let layer = |pair: &[TensorProto]| Layer {
			weights: pair[0].float_data.chunks(pair[0].dims[1] as usize).map(wide).collect(),
			bias: wide(&pair[1].float_data),
		};
		Classifier(graph.initializer.chunks(2).map(layer).collect())
	}

	/// The sums, with nothing moved.
	fn still(&self, x: &[f32]) -> Sums {
		let still: Vec<_> = self.0.iter().map(|layer| vec![0.0; layer.bias.len()]).collect();
		self.run(x, &still)
	}

	/// Those of the classes.
	fn classes(&self, x: &[f32]) -> Vec<f32> {
		self.still(x).pop().unwrap()
	}

	/// The classes' sums after all sums are moved by this share of what is allowed, so that `class`
	/// loses.
	fn drifted(&self, x: &[f32], class: usize, share: f64) -> Vec<f32> {
		let mut sums = self.still(x);
		for _ in 0..STEPS {
			sums = self.run(x, &self.directions(&sums, class, share));
		}
		sums.pop().unwrap()
	}

	/// Run, and move each sum by so much of its bound.
	fn run(&self, x: &[f32], directions: &[Vec<f64>]) -> Sums {
		let mut sums: Sums = Vec::new();
		for (layer, directions) in self.0.iter().zip(directions) {
			let before = match sums.last() {
				None => x.to_vec(),
				Some(sums) => sums.iter().map(|sum| sum.max(0.0)).collect(),
			};
			sums.push(layer.run(&before, directions));
		}
		sums
	}

	/// How far each sum moves, of its bound, for `class` to lose against the next one: a share with
	/// the sign of the gradient.
	fn directions(&self, sums: &Sums, class: usize, share: f64) -> Vec<Vec<f64>> {
		let classes = sums.last().unwrap();
		let mut others = classes.clone();
		others[class] = f32::NEG_INFINITY;
		let mut gradient = vec![0f64; classes.len()];
		(gradient[class], gradient[greatest(&others).0]) = (-1.0, 1.0);
		let mut directions = Vec::new();
		for (number, layer) in self.0.iter().enumerate().rev() {
			directions.push(gradient.iter().map(|slope| slope.signum() * share).collect());
			let Some(before) = number.checked_sub(1).map(|before| &sums[before]) else { break };
			let slope = |(weights, sum): (&Vec<f64>, &f32)| match *sum > 0.0 {
				true => weights.iter().zip(&gradient).map(|(w, slope)| w * slope).sum(),
				false => 0.0,
			};
			gradient = layer.weights.iter().zip(before).map(slope).collect();
		}
		directions.reverse();
		directions
	}
}

impl Layer {
	fn run(&self, before: &[f32], directions: &[f64]) -> Vec<f32> {
		let sum = |(at, (bias, direction)): (usize, (&f64, &f64))| {
			let products = self.weights.iter().zip(before).map(|(w, x)| w[at] * f64::from(*x));
			let (sum, size) = products
				.fold((*bias, bias.abs()), |(sum, size), term| (sum + term, size + term.abs()));
			let bound = gamma(self.weights.len() + 1) * size;
			let moved = (sum + direction * bound) as f32;
			assert!((f64::from(moved) - sum).abs() <= bound, "the operator's own rule admits it");
			moved
		};
		self.bias.iter().zip(directions).enumerate().map(sum).collect()
	}
}

/// n·u / (1 − n·u): the relative error of a float32 sum of n products, in any order.
fn gamma(terms: usize) -> f64 {
	let roundings = terms as f64 * 2f64.powi(-24);
	roundings / (1.0 - roundings)
}

/// The greatest but for one.
fn second(row: &[f32], first: usize) -> f32 {
	let others = row.iter().enumerate().filter(|(at, _)| *at != first);
	others.map(|(_, value)| *value).fold(f32::NEG_INFINITY, f32::max)
}

#[test]
fn drift_inside_the_bounds_of_every_operator_flips_no_answer_beyond_the_tolerance() {
	/// The pairs of inputs between which answers change.
	const PAIRS: usize = 20;
	/// How much of what the attack can move the right class leads by.
	const LEADS: [f64; 6] = [0.001, 0.01, 0.1, 0.3, 0.6, 0.9];
	let subject = perceptron();
	let classifier = Classifier::read(&network::perceptron(WEIGHTS, Operands::Whole));
	let mut random = Random(31);
	let (mut flips, mut beyond, mut excused) = (0, 0, 0);
	let mut tally = Tally::default();
	for _ in 0..PAIRS {
		let ends = [(); 2].map(|()| normal(&mut random, 64));
		let (class, _) = greatest(&classifier.classes(&ends[0]));
		let between = |share: f64| -> Vec<f32> {
			let mix = |(from, to): (&f32, &f32)| from + (to - from) * share as f32;
			ends[0].iter().zip(&ends[1]).map(mix).collect()
		};
		let lead = |classes: &[f32]| f64::from(classes[class] - second(classes, class));
		// Where the class leads by this much, on the way to where another one does.
		let leading_by = |wanted: f64| {
			let (mut near, mut far) = (0.0, 1.0);
			for _ in 0..40 {
				let middle = (near + far) / 2.0;
				match lead(&classifier.classes(&between(middle))) > wanted {
					true => near = middle,
					false => far = middle,
				}
			}
			between(near)
		};
		let edge = leading_by(0.0);
		for (share, part) in SHARES.iter().flat_map(|share| LEADS.map(|part| (*share, part))) {
			let reach = -lead(&classifier.drifted(&edge, class, share));
			let x = leading_by(part * reach);
			let inputs = [tensor(&[1, 64], &x)];
			let given = classifier.drifted(&x, class, share);
			let canonical = first(&subject.canonical(&inputs));
			let ruling = subject.rule(&inputs, &[tensor(&[1, 10], &given)]);
			tally.add(&ruling);
			let [right, answer] = [&canonical, &given].map(|classes| greatest(classes).0);
			if right == answer {
				continue;
			}
			flips += 1;
			let scale = canonical.iter().fold(0f32, |most, value| most.max(value.abs()));
			let most = subject.judge.most(F32::from_bits(scale.to_bits()));
			// Both classes may lie a tolerance away.
			if f64::from(canonical[right] - canonical[answer]) > 2.0 * most {
				beyond += 1;
				assert_ne!(ruling.outcome(), Outcome::Accepted, "{ruling:?}");
			} else if ruling.outcome() == Outcome::Accepted {
				excused += 1;
			}
		}
	}
	println!("drift: flips={flips} beyond={beyond} accepted_within={excused} {tally}");
	assert!(beyond > PAIRS, "the attack has to be one: {beyond} of {flips}");
	assert!(tally.accepted > 0, "a little drift is accepted: {tally}");
}
