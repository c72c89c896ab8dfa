//! Negative controls: arithmetic that is not that of a version is seen.

use crate::{
	convolution, convolutional,
	judge::Outcome,
	network::{self, Operands},
	normalization, numbers, perceptron,
	subject::{tensor, Craft, Subject},
	transformer,
	winograd::{convolve, Image},
	Tally, WEIGHTS,
};
use assay_canon::arith::F32;
use assay_worker::{engine::ort::Optimization, onnx::proto::ModelProto, random::Random};
use prost::Message;

/// The jobs of each control.
const JOBS: u64 = 24;

#[test]
fn products_rounded_as_tf32_are_never_accepted() {
	type File = fn(u64, Operands) -> Vec<u8>;
	let versions: [(&str, Subject, File); 3] = [
		("perceptron", perceptron(), network::perceptron),
		("convolutional", convolutional(), network::convolutional),
		("transformer", transformer(), network::transformer),
	];
	for (name, subject, file) in versions {
		let engines = [Operands::Whole, Operands::Short]
			.map(|operands| subject.engine_of(&file(WEIGHTS, operands), 1, Optimization::All));
		let mut random = Random(11);
		let mut tallies = [Tally::default(); 2];
		for _ in 0..JOBS {
			let inputs = subject.inputs(Craft::Normal, &mut random, 4);
			for (engine, tally) in engines.iter().zip(&mut tallies) {
				tally.add(&subject.rule(&inputs, &engine.run(&inputs).unwrap()));
			}
		}
		let [whole, short] = tallies;
		println!("control tf32 {name}: {short}");
		assert_eq!(whole.accepted, JOBS, "{name}: {whole}");
		assert_eq!(short.accepted, 0, "{name}: {short}");
	}
}

#[test]
fn a_convolution_with_the_errors_of_winograd_is_void_and_never_slashed() {
	let subject = convolution();
	let file = ModelProto::decode(&*network::convolution(WEIGHTS)).unwrap();
	let constants = file.graph.unwrap().initializer;
	let [weights, bias] = [0, 1].map(|number: usize| &constants[number].float_data);
	let mut random = Random(12);
	let mut tally = Tally::default();
	for _ in 0..JOBS {
		let inputs = subject.inputs(Craft::Normal, &mut random, 1);
		let image = Image { values: &numbers(&inputs[0]), side: 14 };
		let given = tensor(&[1, 32, 12, 12], &convolve(&image, weights, bias));
		tally.add(&subject.rule(&inputs, &[given]));
	}
	println!("control winograd: {tally}");
	assert_eq!((tally.voided, tally.slashed), (JOBS, 0), "{tally}");
}

#[test]
fn one_wrong_bit_is_accepted_void_or_slashed_as_its_weight_says() {
	let subject = normalization();
	let inputs = subject.inputs(Craft::Normal, &mut Random(13), 1);
	let canonical = subject.canonical(&inputs);
	let values = numbers(&canonical[0]);
	let scale = values.iter().fold(0f32, |most, value| most.max(value.abs()));
	let most = subject.judge.most(F32::from_bits(scale.to_bits()));
	let mut seen = [0; 3];
	for (element, value) in values.iter().enumerate() {
		for bit in 0..32 {
			let wrong = f32::from_bits(value.to_bits() ^ 1 << bit);
			let distance = (f64::from(wrong) - f64::from(*value)).abs() / most;
			let expected = match distance {
				..=1.0 => Outcome::Accepted,
				// What is not finite is never gross.
				..=64.0 | f64::INFINITY => Outcome::Voided,
				distance if distance.is_nan() => Outcome::Voided,
				_ => Outcome::Slashed,
			};
			let mut given = values.clone();
			given[element] = wrong;
			let given = [tensor(&canonical[0].shape, &given)];
			let probe = || subject.probe(&inputs);
			let ruling = subject.judge.judge(&canonical, &given, probe);
			assert_eq!(ruling.outcome(), expected, "bit {bit} of {value:e}: {wrong:e}");
			seen[expected as usize] += 1;
		}
	}
	println!("control bit: accepted={} void={} slashed={}", seen[0], seen[1], seen[2]);
	assert!(seen.iter().all(|count| *count > 256), "{seen:?}");
}
