//! How the chain rules on what a provider submits in class `Tolerant` (PROTOCOL P2.3 to P2.5).
//!
//! Every element is compared by the functions that the chain calls: [`Rule::elements`] for what was
//! submitted, [`Tolerance::admits`] for the probe, of which one element beyond the tolerance is enough. That nothing is lost without the proofs between
//! them has a test of its own.

use crate::numbers;
use assay_canon::{
	arbiter::{Agreement, Rule},
	arith::F32,
	tensor::Element,
	tolerance::{self, Tolerance},
};
use assay_primitives::tensor::Tensor;

/// How many times the tolerance a deviation exceeds that is gross, as on chain.
pub const GROSS: u32 = 64;

/// What becomes of a provider whose result is disputed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
	/// It is paid.
	Accepted,
	/// The canonical outputs are the result instead of its own.
	Voided,
	/// It loses its exposure.
	Slashed,
}

/// What is found of a job. Whoever disputes it chooses the element that is shown.
#[derive(Clone, Copy, Debug)]
pub struct Ruling {
	/// The elements compared.
	pub elements: u64,
	/// Those outside of the tolerance.
	pub outside: u64,
	/// Those for which the provider would be slashed.
	pub slashed: u64,
	/// What the element brings that deviates most, which is the one that workers show.
	pub worst: Outcome,
	/// How far that one lies from its canonical value, in multiples of the tolerance; 1 where one of
	/// the two is not finite.
	pub excess: f64,
	/// How far the probe moves what it moves furthest, in the same unit; 0 unless a deviation is gross.
	pub moved: f64,
}

impl Ruling {
	/// The worst that can be shown.
	pub fn outcome(&self) -> Outcome {
		match self {
			Ruling { slashed: 1.., .. } => Outcome::Slashed,
			Ruling { outside: 1.., .. } => Outcome::Voided,
			_ => Outcome::Accepted,
		}
	}
}

/// Rules on jobs of one version, whose rows run along the last axis of each output.
#[derive(Clone, Copy)]
pub struct Judge(pub Tolerance);

impl Judge {
	/// The rule that the chain has for the version.
	pub fn rule(&self, axis: u8) -> Rule {
		Rule::Near { tolerance: self.0, axis, gross: GROSS }
	}

	/// The tolerance of a row of this scale.
	pub fn most(&self, scale: F32) -> f64 {
		float(self.0.absolute) + float(self.0.relative) * float(scale)
	}

	/// Rule on outputs, given the canonical ones and, if they are asked for, those of the probe.
	pub fn judge(
		&self,
		canonical: &[Tensor],
		given: &[Tensor],
		probe: impl FnOnce() -> Vec<Tensor>,
	) -> Ruling {
		assert_eq!(canonical.len(), given.len());
		let mut ruling = Ruling {
			elements: 0,
			outside: 0,
			slashed: 0,
			worst: Outcome::Accepted,
			excess: 0.0,
			moved: 0.0,
		};
		self.compare(canonical, given, |right, given, scale| {
			self.element(&mut ruling, right, given, scale);
		});
		if ruling.slashed == 0 {
			return ruling;
		}
		let mut stable = true;
		self.compare(canonical, &probe(), |right, probed, scale| {
			stable &= self.0.admits(probed, right, scale);
			ruling.moved = ruling.moved.max(self.distance(right, probed, scale));
		});
		if !stable {
			ruling.slashed = 0;
			ruling.worst = ruling.worst.min(Outcome::Voided);
		}
		ruling
	}

	/// Calls with each canonical element, that of other outputs, and the scale of its row.
	fn compare(
		&self,
		canonical: &[Tensor],
		others: &[Tensor],
		mut element: impl FnMut(F32, F32, F32),
	) {
		for (right, other) in canonical.iter().zip(others) {
			assert_eq!((right.dtype, &right.shape), (other.dtype, &other.shape));
			let width = right.shape.last().map_or(1, |length| *length as usize);
			let (right, other) = (elements(right), elements(other));
			for (right, other) in right.chunks(width).zip(other.chunks(width)) {
				let scale = tolerance::scale(right.iter().copied());
				right.iter().zip(other).for_each(|(right, other)| element(*right, *other, scale));
			}
		}
	}

	/// How far a value lies from the canonical one, in multiples of the tolerance: what is not finite
	/// is worse than anything within it, and than nothing else.
	fn distance(&self, right: F32, value: F32, scale: F32) -> f64 {
		let distance = (float(value) - float(right)).abs() / self.most(scale);
		if distance.is_finite() {
			distance
		} else {
			f64::from(u8::from(value != right))
		}
	}

	/// Rule on an element, where every gross deviation is slashed.
	fn element(&self, ruling: &mut Ruling, right: F32, given: F32, scale: F32) {
		ruling.elements += 1;
		if given == right {
			return;
		}
		let bits = given.to_bits().into();
		let outcome = match self.rule(0).elements(Element::float(right), bits, scale) {
			Agreement::Within => Outcome::Accepted,
			Agreement::Outside => Outcome::Voided,
			Agreement::Gross => Outcome::Slashed,
		};
		ruling.outside += u64::from(outcome != Outcome::Accepted);
		ruling.slashed += u64::from(outcome == Outcome::Slashed);
		let excess = self.distance(right, given, scale);
		if excess > ruling.excess {
			(ruling.worst, ruling.excess) = (outcome, excess);
		}
	}
}

fn elements(tensor: &Tensor) -> Vec<F32> {
	numbers(tensor).into_iter().map(|value| F32::from_bits(value.to_bits())).collect()
}

fn float(value: F32) -> f64 {
	f32::from_bits(value.to_bits()).into()
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		network::normal,
		normalization,
		subject::{tensor, Subject},
	};
	use assay_canon::{
		arbiter::{delivered, prove_submitted, submitted, Context, Delivered, RawTensor},
		commitment::Blake2b256,
		probe::Moves,
	};
	use assay_primitives::commitment::tensors_root;
	use assay_worker::{
		canonical::{Options, Prover},
		random::Random,
	};

	/// The elements of the outputs here.
	const ELEMENTS: u64 = 2 * 256;

	/// How a dispute about an element ends, by the proofs that the chain is shown.
	fn by_proofs(subject: &Subject, inputs: &[Tensor], given: &[Tensor], element: u64) -> Outcome {
		let axis = subject.spec.tolerance.unwrap().row_axis;
		let options = Options::default();
		let history = subject.model.prover(inputs, &options).unwrap();
		let mut right = shown(&history, None, element, axis);
		let raw: Vec<RawTensor> = given
			.iter()
			.map(|tensor| RawTensor {
				dtype: tensor.dtype as u8,
				extents: &tensor.shape,
				data: &tensor.data,
			})
			.collect();
		let proof = prove_submitted::<Blake2b256>(&raw, 0, Some(element)).unwrap();
		let given = submitted::<Blake2b256>(&tensors_root(given).0, 1, &proof).unwrap();
		match subject.judge.rule(axis).compare::<Blake2b256>(&mut right, &given, element).unwrap() {
			Agreement::Within => return Outcome::Accepted,
			Agreement::Outside => return Outcome::Voided,
			Agreement::Gross => {},
		}
		let moves = subject.moves();
		let options = Options { probe: Some(&moves), ..options };
		let probe = subject.model.prover(inputs, &options).unwrap();
		let rule = subject.judge.rule(axis);
		let moves = |element: u64| {
			let mut canonical = shown(&history, None, element, axis);
			let mut moved = shown(&probe, Some(moves), element, axis);
			rule.is_moved(&mut moved, &mut canonical, element).unwrap()
		};
		match (0..ELEMENTS).any(moves) {
			true => Outcome::Voided,
			false => Outcome::Slashed,
		}
	}

	/// What a history delivers, as the chain reads it.
	fn shown(history: &Prover, probe: Option<Moves>, element: u64, axis: u8) -> Delivered {
		let inputs = history.input_roots();
		let context = Context {
			graph_root: history.graph_root(),
			bindings: &history.material().bindings,
			inputs: &inputs,
			trace_root: history.trace_root(),
			probe,
		};
		let proof = history.output(0, element, Some(axis)).unwrap();
		delivered::<Blake2b256>(&context, &proof).unwrap()
	}

	#[test]
	fn the_judge_rules_as_the_chain_does_on_proofs() {
		let subject = normalization();
		// With a mean so far above the deviation, the probe moves everything.
		for (mean, gross) in [(0.0, Outcome::Slashed), (4096.0, Outcome::Voided)] {
			let values = normal(&mut Random(5), 512).into_iter().map(|value| mean + value);
			let inputs = [tensor(&[2, 256], &values.collect::<Vec<f32>>())];
			let canonical = subject.canonical(&inputs);
			for (element, times) in [(3, 0.5), (300, 2.0), (301, 63.0), (511, 65.0), (0, 1e4)] {
				let mut given = canonical.clone();
				let mut values = numbers(&given[0]);
				let row = &values[element / 256 * 256..][..256];
				let scale = row.iter().fold(0f32, |most, value| most.max(value.abs()));
				let most = subject.judge.most(F32::from_bits(scale.to_bits()));
				values[element] += (times * most) as f32;
				given[0] = tensor(&given[0].shape, &values);
				let judged = subject.rule(&inputs, &given).outcome();
				assert_eq!(judged, by_proofs(&subject, &inputs, &given, element as u64));
				let expected = match times {
					..1.0 => Outcome::Accepted,
					..64.0 => Outcome::Voided,
					_ => gross,
				};
				assert_eq!(judged, expected, "{mean} {times}");
			}
		}
	}
}
