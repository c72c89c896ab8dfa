//! The chaos attack: a requester climbs towards inputs at which honest rounding is amplified.

use crate::{
	convolution, convolutional,
	judge::Ruling,
	network::normal,
	perceptron, softmax,
	subject::{tensor, Craft, Subject},
	sums, wanted, Tally,
};
use assay_worker::{
	engine::{ort::Optimization, Runnable},
	random::Random,
};

/// The steps of one climb.
const STEPS: usize = 60;

/// What is climbed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Goal {
	/// The deviation.
	Deviation,
	/// A deviation where the probe moves little: what would be slashed.
	Stable,
}

impl Goal {
	/// How near a result is to the goal.
	fn height(self, ruling: &Ruling) -> f64 {
		match self {
			Goal::Deviation => ruling.excess,
			Goal::Stable => ruling.excess / ruling.moved.max(1.0),
		}
	}
}

/// Climb from one crafted input, and tell what is found on the way.
fn climb(
	subject: &Subject,
	engine: &dyn Runnable,
	row: &[u32],
	goal: Goal,
	random: &mut Random,
) -> Tally {
	let shape = [&[1], row].concat();
	let count = row.iter().product::<u32>() as usize;
	let mut tally = Tally::default();
	let mut best: Option<(f64, Vec<f32>)> = None;
	for _ in 0..STEPS {
		let values = match &best {
			None => any(random).floats(random, count),
			Some((_, values)) => changed(values, random),
		};
		let inputs = [tensor(&shape, &values)];
		let ruling = subject.rule(&inputs, &engine.run(&inputs).unwrap());
		tally.add(&ruling);
		let height = goal.height(&ruling);
		if best.as_ref().is_none_or(|(before, _)| height >= *before) {
			best = Some((height, values));
		}
	}
	tally
}

fn any(random: &mut Random) -> Craft {
	Craft::EACH[random.word() as usize % Craft::EACH.len()]
}

/// A row with a stretch of it changed.
fn changed(row: &[f32], random: &mut Random) -> Vec<f32> {
	let mut row = row.to_vec();
	let [one, other] = [(); 2].map(|()| random.word() as usize % row.len());
	// The whole row as often as a part of it.
	let stretch = match random.word() & 1 {
		0 => 0..row.len(),
		_ => one.min(other)..one.max(other) + 1,
	};
	let power = 2f32.powi((random.word() % 32) as i32 - 24);
	let noise = normal(random, stretch.len());
	let crafted = any(random).floats(random, stretch.len());
	let kind = random.word() % 6;
	let first = noise[0];
	for (value, (noise, crafted)) in row[stretch].iter_mut().zip(noise.iter().zip(crafted)) {
		*value = match kind {
			0 => *value * power,
			1 => *value / power,
			2 => *value + first * power,
			3 => *value + noise * power,
			4 => *value * (1.0 + noise * power),
			_ => crafted,
		};
	}
	row
}

#[test]
fn inputs_that_amplify_honest_rounding_void_results_and_slash_nobody() {
	// What is left out is in [`crate::open`].
	let versions: [(&str, Subject, &[u32]); 5] = [
		("perceptron", perceptron(), &[64]),
		("convolutional", convolutional(), &[3, 16, 16]),
		("convolution", convolution(), &[32, 14, 14]),
		("softmax", softmax(), &[256]),
		("sums", sums(), &[1024]),
	];
	let climbs = 2 * (wanted() / 1_000_000).isqrt().max(1);
	let mut whole = Tally::default();
	for (name, subject, row) in versions {
		let mut random = Random(41);
		let mut tally = Tally::default();
		for level in [Optimization::Disabled, Optimization::All] {
			let engine = subject.engine(1, level);
			for goal in [Goal::Deviation, Goal::Stable] {
				for _ in 0..climbs {
					tally.join(&climb(&subject, &*engine, row, goal, &mut random));
				}
			}
		}
		println!("chaos {name}: {tally}");
		assert_eq!(tally.slashed, 0, "{name}: {tally}");
		whole.join(&tally);
	}
	assert!(whole.voided > 0, "the search has to find something: {whole}");
}
