//! The honest corpus: ONNX Runtime in every configuration that a provider may choose.

use crate::{
	convolution, convolutional, magika_version, minilm, normalization, perceptron, softmax,
	subject::{rows, Craft, Subject},
	sums, transformer, wanted, Tally,
};
use assay_primitives::tensor::Tensor;
use assay_worker::{engine::ort::Optimization, random::Random};
use std::time::Instant;

/// The numbers of threads of a run.
const THREADS: [usize; 2] = [1, 2];

/// Run a version honestly in every configuration, on inputs of every craft, in jobs of so many rows
/// and of fewer, for so many thousandths of the corpus. Nothing is slashed, and of plain inputs all accepted.
///
/// The crafts of `open` are left out: [`crate::open`] says why.
fn honest(name: &str, subject: &Subject, rows_of_a_job: u32, share: u64, open: &[Craft]) {
	let started = Instant::now();
	let engines: Vec<_> = THREADS
		.iter()
		.flat_map(|threads| Optimization::EACH.map(|level| subject.engine(*threads, level)))
		.collect();
	let mut batches = vec![1, rows_of_a_job.div_ceil(3), rows_of_a_job];
	batches.dedup();
	let mut crafts = subject.crafts().to_vec();
	crafts.retain(|craft| !open.contains(craft));
	let mut random = Random(share);
	let (mut plain, mut crafted) = (Tally::default(), Tally::default());
	for round in 0.. {
		let enough = plain.elements + crafted.elements >= wanted() * share / 1000;
		if enough && round >= crafts.len() {
			break;
		}
		let craft = crafts[round % crafts.len()];
		let tally = if craft == Craft::Normal { &mut plain } else { &mut crafted };
		let inputs = subject.inputs(craft, &mut random, rows_of_a_job);
		// The canonical outputs of a row are those that it has in any other job.
		let canonical = subject.canonical(&inputs);
		for (engine, batch) in engines.iter().flat_map(|one| batches.iter().map(move |n| (one, *n)))
		{
			for start in (0..rows_of_a_job).step_by(batch as usize) {
				let some = start..(start + batch).min(rows_of_a_job);
				let part = |whole: &Tensor| rows(whole, some.clone());
				let inputs: Vec<Tensor> = inputs.iter().map(part).collect();
				let canonical: Vec<Tensor> = canonical.iter().map(part).collect();
				let given = engine.run(&inputs).unwrap();
				tally.add(&subject.judge.judge(&canonical, &given, || subject.probe(&inputs)));
			}
		}
	}
	println!("corpus {name} plain: {plain}");
	println!("corpus {name} crafted: {crafted}");
	println!("{name}: {} s", started.elapsed().as_secs());
	assert_eq!((plain.slashed, crafted.slashed), (0, 0), "{plain} {crafted}");
	assert_eq!(plain.accepted, plain.jobs, "{plain}");
}

#[test]
fn honest_outputs_of_a_perceptron_are_never_slashed() {
	honest("perceptron", &perceptron(), 24, 30, &[]);
}

#[test]
fn honest_outputs_of_a_convolutional_network_are_never_slashed() {
	honest("convolutional", &convolutional(), 24, 15, &[]);
}

#[test]
fn honest_outputs_of_a_transformer_are_never_slashed() {
	honest("transformer", &transformer(), 12, 400, &[Craft::Large, Craft::Offset]);
}

#[test]
fn honest_outputs_of_a_convolution_are_never_slashed() {
	honest("convolution", &convolution(), 3, 100, &[]);
}

#[test]
fn honest_outputs_of_a_normalization_are_never_slashed() {
	honest("normalization", &normalization(), 24, 200, &[Craft::Large]);
}

#[test]
fn honest_outputs_of_a_softmax_are_never_slashed() {
	honest("softmax", &softmax(), 24, 200, &[]);
}

#[test]
fn honest_outputs_of_long_sums_are_never_slashed() {
	honest("sums", &sums(), 24, 20, &[]);
}

#[test]
fn honest_outputs_of_magika_are_never_slashed() {
	honest("magika", &magika_version(), 2, 5, &[]);
}

#[test]
fn honest_outputs_of_minilm_are_never_slashed() {
	honest("minilm", &minilm(), 2, 30, &[]);
}
