//! Arithmetic honesty in class `Tolerant`: whoever runs the model is not slashed for how its engine
//! rounds, whatever the input, and whoever runs something else is.
//!
//! Results are judged by the functions that the chain judges with. `ASSAY_CORPUS` is the number of
//! honest outputs, which are elements of tensors, each of one run; docs/benchmarks.md records the
//! last large run of `scripts/corpus.sh`. ONNX Runtime and the models are those that
//! `scripts/setup.sh --tests` fetches.

use assay_primitives::tensor::{DType, Dimension, Tensor};
use std::{env, fmt, path::PathBuf};

#[path = "corpus/chaos.rs"]
mod chaos;
#[path = "corpus/controls.rs"]
mod controls;
#[path = "corpus/drift.rs"]
mod drift;
#[path = "corpus/honest.rs"]
mod honest;
#[path = "corpus/judge.rs"]
mod judge;
#[path = "support/magika.rs"]
mod magika;
#[path = "corpus/network.rs"]
mod network;
#[path = "corpus/open.rs"]
mod open;
#[path = "corpus/subject.rs"]
mod subject;
#[path = "corpus/swap.rs"]
mod swap;
#[path = "support/versions.rs"]
mod versions;
#[path = "corpus/winograd.rs"]
mod winograd;

use judge::{Outcome, Ruling};
use network::Operands;
use subject::{Subject, ROWS};
use versions::tensor_spec;

/// The seed of all weights.
const WEIGHTS: u64 = 7;
/// The least tolerance that `assay model calibrate` proposes.
const LEAST: [i32; 2] = [-20, -17];

/// The honest outputs that are asked for.
fn wanted() -> u64 {
	env::var("ASSAY_CORPUS").map_or(1_000_000, |count| count.parse().unwrap())
}

/// What is found of many jobs.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
	jobs: u64,
	/// The elements of their outputs.
	elements: u64,
	accepted: u64,
	voided: u64,
	/// The jobs of which some element would have the provider slashed.
	slashed: u64,
	/// Those for which the element does that deviates most.
	slashed_by_worst: u64,
	/// The largest distance from a canonical value, in multiples of the tolerance.
	farthest: f64,
}

impl Tally {
	fn add(&mut self, ruling: &Ruling) {
		self.jobs += 1;
		self.elements += ruling.elements;
		*match ruling.outcome() {
			Outcome::Accepted => &mut self.accepted,
			Outcome::Voided => &mut self.voided,
			Outcome::Slashed => &mut self.slashed,
		} += 1;
		self.slashed_by_worst += u64::from(ruling.worst == Outcome::Slashed);
		self.farthest = self.farthest.max(ruling.excess);
	}

	fn join(&mut self, other: &Tally) {
		self.jobs += other.jobs;
		self.elements += other.elements;
		self.accepted += other.accepted;
		self.voided += other.voided;
		self.slashed += other.slashed;
		self.slashed_by_worst += other.slashed_by_worst;
		self.farthest = self.farthest.max(other.farthest);
	}
}

impl fmt::Display for Tally {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		let Tally { jobs, elements, accepted, voided, slashed, slashed_by_worst, farthest } = self;
		write!(
			f,
			"jobs={jobs} elements={elements} accepted={accepted} void={voided} slashed={slashed} \
			 by_worst={slashed_by_worst} farthest={farthest:.3}"
		)
	}
}

/// The values of a float32 tensor.
fn numbers(tensor: &Tensor) -> Vec<f32> {
	assert_eq!(tensor.dtype, DType::Float32);
	let (elements, _) = tensor.data.as_chunks();
	elements.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

/// A real model that the tests fetch.
fn fetched(name: &str) -> Vec<u8> {
	let home = || Some(PathBuf::from(env::var_os("HOME")?).join(".cache"));
	let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home).unwrap();
	let models = env::var_os("ASSAY_MODELS").map_or(cache.join("assay/models"), PathBuf::from);
	let path = models.join(name).join("model.onnx");
	std::fs::read(&path)
		.unwrap_or_else(|_| panic!("no {}: run scripts/setup.sh --tests", path.display()))
}

fn perceptron() -> Subject {
	Subject::of_network(network::perceptron(WEIGHTS, Operands::Whole), &[64], LEAST)
}

fn convolutional() -> Subject {
	Subject::of_network(network::convolutional(WEIGHTS, Operands::Whole), &[3, 16, 16], LEAST)
}

fn transformer() -> Subject {
	Subject::of_network(network::transformer(WEIGHTS, Operands::Whole), &[16, 32], LEAST)
}

fn convolution() -> Subject {
	Subject::of_network(network::convolution(WEIGHTS), &[32, 14, 14], LEAST)
}

fn normalization() -> Subject {
	Subject::of_network(network::normalization(256), &[256], LEAST)
}

fn softmax() -> Subject {
	Subject::of_network(network::softmax(), &[256], LEAST)
}

fn sums() -> Subject {
	Subject::of_network(network::sums(), &[1024], LEAST)
}

fn magika_version() -> Subject {
	let [input, _] = magika::declared(ROWS);
	Subject::new(magika::file(), vec![(input, 0..257)], LEAST)
}

fn minilm() -> Subject {
	let input = |(name, most): (&str, i64)| {
		(tensor_spec(name, DType::Int64, &[Dimension::UpTo(ROWS), Dimension::UpTo(128)]), 0..most)
	};
	let inputs = [("input_ids", 30_522), ("attention_mask", 2), ("token_type_ids", 2)];
	Subject::new(fetched("minilm"), inputs.map(input).to_vec(), LEAST)
}
