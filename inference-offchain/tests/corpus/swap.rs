//! The swap attack: a provider that runs cheaper or other weights of the same graph.

use crate::{
	convolutional, magika, magika_version,
	network::normal,
	perceptron,
	subject::{Craft, Subject},
	transformer, Tally,
};
use assay_canon::tensor::{DType, Tensor as CanonicalTensor};
use assay_worker::{
	canonical::{CanonicalModel, Options},
	random::Random,
};

/// Constants with fewer numbers are no weights.
const LEAST: usize = 64;

/// The jobs of each cheat.
const JOBS: usize = 40;

/// What is done to the weights of a layer.
type Alteration = fn(&mut [f32]);

/// Weights of eight bits, as floats again.
fn quantized(weights: &mut [f32]) {
	let largest = weights.iter().fold(0f32, |most, weight| most.max(weight.abs()));
	let step = largest / 127.0;
	weights.iter_mut().for_each(|weight| *weight = (*weight / step).round() * step);
}

/// The lesser half is left out.
fn pruned(weights: &mut [f32]) {
	let mut sizes: Vec<f32> = weights.iter().map(|weight| weight.abs()).collect();
	sizes.sort_by(f32::total_cmp);
	let median = sizes[sizes.len() / 2];
	weights.iter_mut().filter(|weight| weight.abs() < median).for_each(|weight| *weight = 0.0);
}

/// Random weights of the same size.
fn foreign(weights: &mut [f32]) {
	let squares: f32 = weights.iter().map(|weight| weight * weight).sum();
	let size = (squares / weights.len() as f32).sqrt();
	let noise = normal(&mut Random(weights.len() as u64), weights.len());
	weights.iter_mut().zip(noise).for_each(|(weight, noise)| *weight = noise * size);
}

/// The same graph with other weights.
fn swapped(subject: &Subject, alter: Alteration) -> CanonicalModel {
	let mut imported = subject.model.imported().clone();
	for tensor in &mut imported.initializers {
		let (kind, layout) = (tensor.kind().clone(), tensor.layout().clone());
		let (values, _) = tensor.data().as_chunks();
		if kind.dtype != DType::Float32 || values.len() < LEAST {
			continue;
		}
		let mut values: Vec<f32> = values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
		alter(&mut values);
		let data = values.into_iter().flat_map(f32::to_le_bytes).collect();
		*tensor = CanonicalTensor::with_layout(kind, layout, data).unwrap();
	}
	CanonicalModel::from(imported)
}

#[test]
fn quantized_pruned_and_foreign_weights_are_slashed() {
	let alterations: [(&str, Alteration); 3] =
		[("quantized", quantized), ("pruned", pruned), ("foreign", foreign)];
	let versions = [
		("perceptron", perceptron()),
		("convolutional", convolutional()),
		("transformer", transformer()),
		("magika", magika_version()),
	];
	for (name, subject) in versions {
		let mut random = Random(21);
		let inputs: Vec<_> = match name {
			"magika" => b"a{0%< ".iter().map(|letter| vec![magika::letters(&[*letter])]).collect(),
			_ => (0..JOBS).map(|_| subject.inputs(Craft::Normal, &mut random, 1)).collect(),
		};
		for (kind, alter) in alterations {
			let cheat = swapped(&subject, alter);
			let mut tally = Tally::default();
			for inputs in &inputs {
				let given = cheat.run(inputs, &Options::default()).unwrap().outputs.unwrap();
				tally.add(&subject.rule(inputs, &given));
			}
			println!("swap {name} {kind}: {tally}");
			if (name, kind) == ("magika", "quantized") {
				// Its probabilities hardly change: most are corrected, none is far enough.
				assert!(2 * tally.voided > tally.jobs, "{name} {kind}: {tally}");
				continue;
			}
			assert_eq!(tally.accepted, 0, "{name} {kind}: {tally}");
			assert!(2 * tally.slashed_by_worst > tally.jobs, "{name} {kind}: {tally}");
		}
	}
}
