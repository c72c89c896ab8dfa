//! D6 and D7: what shows that a submitted output is not the one that a run delivers, and that the
//! function is not stable there.

use super::replay::Player;
use crate::{
	calibration::rows,
	canonical::{Fault, Prover},
};
use assay_canon::{
	arbiter::{
		delivered, prove_count, prove_submitted, submitted, Agreement, Context, Delivered,
		ProveError, RawTensor, Rule, SubmissionProof, Submitted,
	},
	arith::F32,
	commitment::Blake2b256,
	graph::Slot,
	tensor::{DType, Element, Tensor as CanonicalTensor},
	tolerance::{self, Tolerance},
};
use assay_dispute::dispute::Finding;
use assay_primitives::{model::VersionSpec, tensor::Tensor, Root};
use codec::Encode;

/// What shows that a submitted output deviates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
	/// Row-major index of the element, where it plays a part.
	pub element: u64,
	/// An encoded [`assay_canon::arbiter::OutputProof`].
	pub delivered: Vec<u8>,
	/// An encoded [`assay_canon::arbiter::SubmissionProof`].
	pub submitted: Vec<u8>,
	/// How it deviates.
	pub finding: Finding,
}

/// What a probe moves beyond the tolerance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
	number: u32,
	element: u64,
	/// An encoded [`assay_canon::arbiter::OutputProof`] of the canonical run.
	canonical: Vec<u8>,
}

/// What somebody submitted: tensors, or where the run is said to have ended.
pub type Submission = Result<Vec<Tensor>, Fault>;

/// How many times the tolerance a deviation exceeds that is gross, as on chain.
const GROSS: u32 = 64;

/// How the outputs of a version are compared.
pub fn rule(spec: &VersionSpec) -> Rule {
	spec.tolerance.map_or(Rule::Bits, |tolerance| Rule::Near {
		tolerance: Tolerance {
			absolute: F32::from_bits(tolerance.absolute),
			relative: F32::from_bits(tolerance.relative),
		},
		axis: tolerance.row_axis,
		gross: GROSS,
	})
}

impl Deviation {
	/// What shows that whatever has this root is not what a run delivers, if the root shows it alone:
	/// where bits are to be equal, or the run ends early. `None` where the chain would not take it.
	pub fn by_root(
		player: &Player<'_>,
		root: &Root,
		rule: Rule,
	) -> Result<Option<Self>, ProveError> {
		let (prover, finding) = (player.prover(), Finding::Wrong);
		let (delivered, submitted) = (prover.outputs()?, SubmissionProof::Root.encode());
		let found = Deviation { element: 0, delivered, submitted, finding };
		Ok(found.judged(prover, root, rule))
	}

	/// What shows that outputs with this root are beyond the tolerance of a version from those of a run
	/// that came to the end; `None` where the chain would not take it.
	pub fn find(
		player: &Player<'_>,
		submitted: &Submission,
		root: &Root,
		rule: Rule,
	) -> Result<Option<Self>, ProveError> {
		let (prover, finding) = (player.prover(), Finding::Wrong);
		let found = match submitted {
			Ok(outputs) => {
				let given: Vec<RawTensor> = outputs.iter().map(raw).collect();
				Self::between(prover, &given, rule)?
			},
			Err(Fault { slot, element }) => {
				let (slot, element) = (*slot, *element);
				let submitted = SubmissionProof::Fault { slot, element }.encode();
				let delivered = prover.ending()?;
				Some(Deviation { element: 0, delivered, submitted, finding })
			},
		};
		Ok(found.and_then(|deviation| deviation.judged(prover, root, rule)))
	}

	/// The place of what a probe moves furthest beyond the tolerance, of the outputs of a run that came
	/// to its end. `None` if it moves nothing so far.
	pub fn moved(
		player: &Player<'_>,
		probed: &Submission,
		rule: Rule,
	) -> Result<Option<Moved>, ProveError> {
		let (prover, Rule::Near { tolerance, axis, .. }) = (player.prover(), rule) else {
			return Ok(None);
		};
		let Ok(probed) = probed else {
			let (number, element) = (0, 0);
			let canonical = prover.output(number, element, Some(axis))?;
			return Ok(Some(Moved { number, element, canonical }));
		};
		let (mut worst, mut place) = (0.0, None);
		for ((number, slot), probed) in (0..).zip(&prover.material().graph.outputs).zip(probed) {
			let own = tensor_of(prover, slot)?;
			if let Some((element, excess)) = worst_element(own, &raw(probed), tolerance, axis) {
				if excess > worst {
					(worst, place) = (excess, Some((number, element)));
				}
			}
		}
		let Some((number, element)) = place else { return Ok(None) };
		let canonical = prover.output(number, element, Some(axis))?;
		Ok(Some(Moved { number, element, canonical }))
	}

	/// What shows that a probe moves an element.
	pub fn of_probe(player: &Player<'_>, moved: &Moved) -> Result<Self, ProveError> {
		let Moved { number, element, canonical } = moved;
		Ok(Deviation {
			element: *element,
			delivered: player.prover().output(*number, *element, None)?,
			submitted: canonical.clone(),
			finding: Finding::Wrong,
		})
	}

	fn between(
		prover: &Prover<'_>,
		given: &[RawTensor],
		rule: Rule,
	) -> Result<Option<Self>, ProveError> {
		let Rule::Near { tolerance, axis, .. } = rule else { return Ok(None) };
		let finding = Finding::Wrong;
		let slots = &prover.material().graph.outputs;
		if given.len() != slots.len() {
			let (delivered, submitted) = (prover.ending()?, prove_count::<Blake2b256>(given));
			return Ok(Some(Deviation { element: 0, delivered, submitted, finding }));
		}
		// Another type excuses nothing; of elements, the worst is shown.
		let (mut worst, mut place) = (0.0, None);
		for ((number, slot), given_tensor) in (0..).zip(slots).zip(given) {
			let own = tensor_of(prover, slot)?;
			if given_tensor.kind().as_ref() != Some(own.kind()) {
				let delivered = prover.output_kind(number)?;
				let submitted = prove_submitted::<Blake2b256>(given, number, None)?;
				return Ok(Some(Deviation { element: 0, delivered, submitted, finding }));
			}
			if let Some((element, excess)) = worst_element(own, given_tensor, tolerance, axis) {
				if excess > worst {
					(worst, place) = (excess, Some((number, element)));
				}
			}
		}
		let Some((number, element)) = place else { return Ok(None) };
		let delivered = prover.output(number, element, Some(axis))?;
		let submitted = prove_submitted::<Blake2b256>(given, number, Some(element))?;
		Ok(Some(Deviation { element, delivered, submitted, finding }))
	}

	/// The same as the chain judges it, asked with the functions that it asks with; `None` where it
	/// finds no deviation.
	fn judged(self, prover: &Prover<'_>, root: &Root, rule: Rule) -> Option<Self> {
		let material = prover.material();
		let inputs = prover.input_roots();
		let context = Context {
			graph_root: prover.graph_root(),
			bindings: &material.bindings,
			inputs: &inputs,
			trace_root: prover.trace_root(),
			probe: None,
		};
		let count = material.graph.outputs.len() as u32;
		let right = delivered::<Blake2b256>(&context, &self.delivered);
		let given = submitted::<Blake2b256>(&root.0, count, &self.submitted);
		let (mut right, given) = (right.ok()?, given.ok()?);
		let agreement = rule.compare::<Blake2b256>(&mut right, &given, self.element).ok()?;
		let same_type = match (&right, &given) {
			(Delivered::Tensor(right), Submitted::Tensor(given)) => {
				given.kind() == Some(right.kind())
			},
			_ => false,
		};
		let finding = match (agreement, rule) {
			(Agreement::Within, _) => return None,
			(_, Rule::Bits) => Finding::Wrong,
			(Agreement::Outside, _) => Finding::Apart,
			(Agreement::Gross, _) if same_type => Finding::Gross,
			(Agreement::Gross, _) => Finding::Wrong,
		};
		Some(Deviation { finding, ..self })
	}
}

fn raw(tensor: &Tensor) -> RawTensor<'_> {
	RawTensor { dtype: tensor.dtype as u8, extents: &tensor.shape, data: &tensor.data }
}

fn tensor_of<'a>(prover: &'a Prover<'_>, slot: &Slot) -> Result<&'a CanonicalTensor, ProveError> {
	prover.material().run.slots.get(slot.node as usize).ok_or(ProveError::NoSuchNode)
}

/// The row-major index of the element that deviates most, and by how much, in multiples of the
/// tolerance. Outputs of graphs are row-major.
fn worst_element(
	own: &CanonicalTensor,
	given: &RawTensor,
	tolerance: Tolerance,
	axis: u8,
) -> Option<(u64, f64)> {
	let size = own.dtype().size();
	if own.dtype() != DType::Float32 {
		let mut pairs = own.data().chunks(size).zip(given.data.chunks(size));
		let differs = pairs.position(|(own, given)| own != given);
		return differs.map(|element| (element as u64, f64::INFINITY));
	}
	let float = |value: F32| f64::from(f32::from_bits(value.to_bits()));
	let mut worst: Option<(u64, f64)> = None;
	for row in rows(own.shape().extents(), axis.into()) {
		let values = row.clone().filter_map(|element| own.at_offset(element));
		let scale = tolerance::scale(values.map(Element::to_f32));
		let most = float(tolerance.absolute) + float(tolerance.relative) * float(scale);
		for element in row {
			let right = own.at_offset(element).map_or(F32::NAN, Element::to_f32);
			let bytes =
				given.data.get(element as usize * size..).and_then(|rest| rest.first_chunk());
			let submitted = F32::from_bits(u32::from_le_bytes(*bytes?));
			if tolerance.admits(submitted, right, scale) {
				continue;
			}
			// What is not finite is worse than anything within the tolerance, and than nothing else:
			// it is never gross.
			let excess = (float(submitted) - float(right)).abs() / most;
			let excess = if excess.is_finite() { excess.max(1.0) } else { 1.0 };
			if worst.is_none_or(|(_, before)| excess > before) {
				worst = Some((element, excess));
			}
		}
	}
	worst
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_dispute::testing::{Random, World};
	use assay_primitives::{
		commitment::{faulted_root, tensors_root},
		tensor::DType,
	};

	use crate::canonical::from_canonical;
	use assay_canon::{arbiter::Material, exact::run_probe, probe::Moves};
	use std::borrow::Cow;

	fn world(fault: bool) -> World {
		World::new(&mut Random(3), 300, 0, fault, 0)
	}

	fn outputs(player: &Player<'_>) -> Vec<Tensor> {
		let slots = &player.prover().material().graph.outputs;
		let own = |slot| tensor_of(player.prover(), slot).unwrap().clone();
		slots.iter().map(own).map(|tensor| from_canonical(tensor).unwrap()).collect()
	}

	fn by_root(player: &Player<'_>, root: Root) -> Option<Deviation> {
		Deviation::by_root(player, &root, Rule::Bits).unwrap()
	}

	#[test]
	fn right_outputs_do_not_deviate() {
		let World { honest, .. } = world(false);
		assert_eq!(by_root(&honest, tensors_root(&outputs(&honest))), None);
	}

	#[test]
	fn an_element_type_shape_or_number_that_differs_deviates() {
		let World { honest, .. } = world(false);
		let right = outputs(&honest);
		let mut wrong = right.clone();
		wrong[0].data[4] ^= 1;
		let mut retyped = right.clone();
		retyped[1].dtype = DType::Uint64;
		let mut reshaped = right.clone();
		reshaped[0].shape = vec![1, 2].try_into().unwrap();
		for wrong in [&wrong[..], &retyped, &reshaped, &right[..1], &[]] {
			assert!(by_root(&honest, tensors_root(wrong)).is_some(), "{wrong:?}");
		}
	}

	#[test]
	fn a_root_that_commits_to_nothing_deviates() {
		for fault in [false, true] {
			let World { honest, .. } = world(fault);
			assert_eq!(by_root(&honest, Root([7; 32])).unwrap().finding, Finding::Wrong);
		}
	}

	#[test]
	fn any_output_of_a_run_that_ends_early_deviates() {
		let (World { honest, .. }, World { honest: whole, .. }) = (world(true), world(false));
		assert!(by_root(&honest, tensors_root(&outputs(&whole))).is_some());
		let apart = Deviation::by_root(&honest, &tensors_root(&outputs(&whole)), HALF).unwrap();
		assert_eq!(apart.unwrap().finding, Finding::Apart);
	}

	#[test]
	fn a_fault_that_is_none_or_another_deviates() {
		let (World { honest, .. }, World { honest: whole, .. }) = (world(true), world(false));
		let right = honest.prover().material().run.fault.unwrap();
		let other = Fault { element: right.element + 1, ..right };
		let root = |fault: Fault| faulted_root(fault.slot, fault.element);
		assert_eq!(by_root(&honest, root(right)), None);
		assert!(by_root(&honest, root(other)).is_some());
		assert!(by_root(&whole, root(right)).is_some());
		let apart = Deviation::find(&whole, &Err(right), &root(right), HALF).unwrap();
		assert_eq!(apart.unwrap().finding, Finding::Apart);
	}

	#[test]
	fn what_is_not_under_the_submitted_root_shows_nothing() {
		let World { honest, .. } = world(false);
		let outputs = shifted(&honest, 0, 9.0);
		let found = Deviation::find(&honest, &Ok(outputs), &Root([7; 32]), HALF).unwrap();
		assert_eq!(found, None);
		assert_eq!(Deviation::by_root(&honest, &Root([7; 32]), HALF).unwrap(), None);
	}

	const MOVES: Moves = Moves { seed: [3; 32], amplitude: 16 };

	/// So much, whatever the row.
	const fn near(absolute: f32) -> Rule {
		let absolute = F32::from_bits(absolute.to_bits());
		let tolerance = Tolerance { absolute, relative: F32::ZERO };
		Rule::Near { tolerance, axis: 0, gross: GROSS }
	}

	/// Half a unit.
	const HALF: Rule = near(0.5);

	/// Outputs of which one element lies so far from the right one.
	fn shifted(player: &Player<'_>, element: usize, by: f32) -> Vec<Tensor> {
		let mut outputs = outputs(player);
		let bytes = outputs[0].data[element * 4..].first_chunk_mut().unwrap();
		*bytes = (f32::from_le_bytes(*bytes) + by).to_le_bytes();
		outputs
	}

	fn find_near(player: &Player<'_>, outputs: &[Tensor]) -> Option<Deviation> {
		Deviation::find(player, &Ok(outputs.to_vec()), &tensors_root(outputs), HALF).unwrap()
	}

	#[test]
	fn what_is_within_the_tolerance_does_not_deviate() {
		let World { honest, .. } = world(false);
		assert_eq!(find_near(&honest, &shifted(&honest, 1, 0.5)), None);
		let apart = find_near(&honest, &shifted(&honest, 1, 0.75)).unwrap();
		assert_eq!((apart.element, apart.finding), (1, Finding::Apart));
		let gross = find_near(&honest, &shifted(&honest, 0, 100.0)).unwrap();
		assert_eq!((gross.element, gross.finding), (0, Finding::Gross));
		let lost = find_near(&honest, &shifted(&honest, 0, f32::NAN)).unwrap();
		assert_eq!(lost.finding, Finding::Apart, "a sum may overflow on its way");
	}

	#[test]
	fn the_worst_element_is_shown() {
		let World { honest, .. } = world(false);
		let mut outputs = shifted(&honest, 0, 1.0);
		let bytes = outputs[0].data[4..].first_chunk_mut().unwrap();
		*bytes = (f32::from_le_bytes(*bytes) + 40.0).to_le_bytes();
		let found = find_near(&honest, &outputs).unwrap();
		assert_eq!((found.element, found.finding), (1, Finding::Gross));
	}

	#[test]
	fn no_tolerance_excuses_another_type_shape_or_number() {
		let World { honest, .. } = world(false);
		let right = outputs(&honest);
		let mut retyped = right.clone();
		retyped[1].dtype = DType::Uint64;
		let mut reshaped = right.clone();
		reshaped[0].shape = vec![1, 2].try_into().unwrap();
		for wrong in [&retyped[..], &reshaped, &right[..1], &[]] {
			assert_eq!(find_near(&honest, wrong).unwrap().finding, Finding::Wrong, "{wrong:?}");
		}
	}

	/// The player of the probe of a run.
	fn probe<'a>(honest: &Player<'a>) -> Player<'a> {
		let right = honest.prover().material();
		let run =
			run_probe(right.graph, &right.bindings, &right.inputs, &right.initializers, &MOVES);
		let run = run.unwrap();
		let material = Material { run: Cow::Owned(run), ..right.clone() };
		Player::new(Prover::of(material, None).unwrap().probing(MOVES))
	}

	#[test]
	fn what_a_probe_moves_beyond_the_tolerance_is_shown_as_the_chain_reads_it() {
		let World { honest, .. } = world(false);
		let (probe, rule) = (probe(&honest), near(2f32.powi(-20)));
		let moved = Deviation::moved(&honest, &Ok(outputs(&probe)), rule).unwrap().unwrap();
		let shown = Deviation::of_probe(&probe, &moved).unwrap();
		let inputs = honest.prover().input_roots();
		let context = |player: &Player<'_>, probe| {
			let material = honest.prover().material();
			let (graph_root, trace_root) = (honest.prover().graph_root(), player.history());
			let bindings = &material.bindings;
			let context = Context { graph_root, bindings, inputs: &inputs, trace_root, probe };
			let proof = if probe.is_some() { &shown.delivered } else { &shown.submitted };
			delivered::<Blake2b256>(&context, proof).unwrap()
		};
		let (mut moved, mut right) = (context(&probe, Some(MOVES)), context(&honest, None));
		assert_eq!(rule.is_moved(&mut moved, &mut right, shown.element), Ok(true));
		assert_eq!(HALF.is_moved(&mut moved, &mut right, shown.element), Ok(false));
	}

	#[test]
	fn what_a_probe_leaves_within_the_tolerance_is_not_shown() {
		let World { honest, .. } = world(false);
		let probed = Ok(outputs(&probe(&honest)));
		assert_eq!(Deviation::moved(&honest, &probed, HALF).unwrap(), None);
		assert_eq!(Deviation::moved(&honest, &probed, Rule::Bits).unwrap(), None);
		let ends = Err(Fault { slot: 0, element: 0 });
		assert!(Deviation::moved(&honest, &ends, HALF).unwrap().is_some(), "the probe ends early");
	}
}
