//! The worker's own calibration run: whether the engine of its jobs keeps to what a version
//! demands. It asks for no version before that is known (PROTOCOL P3.2).
//!
//! The inputs are the same for every worker, so that a refusal can be seen again elsewhere.

use crate::{
	canonical::{to_canonical, Bindings, CanonicalModel, Options},
	engine::EngineError,
	models::{Models, Session},
	random::{halved, Random},
	tasks::executor::check,
	Error,
};
use assay_canon::{
	arith::F32,
	tensor::{Element, Tensor as CanonicalTensor, TensorType},
	tolerance::{self, scale},
};
use assay_primitives::{
	job::MAX_JOB_ARTIFACT,
	model::{Tolerance, VersionSpec},
	tensor::{Tensor, TensorError},
};
use std::{ops::Range, sync::Arc};

/// The inputs that a version is calibrated with: one of zeros, the others random.
const TRIALS: u64 = 4;
/// The most terms of a run, as far as lengths decide: a fraction of a second.
pub(crate) const MOST_TERMS: u64 = 1 << 31;
/// Random integers: those of `assay model calibrate` where no others are named.
pub(crate) const RANGE: Range<i64> = 0..256;
/// Random integers where those have no canonical result: what every index and mask may be.
pub(crate) const NARROW: Range<i64> = 0..2;

/// How an engine fails its calibration.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrationError {
	/// An element lies outside of the version's tolerance.
	#[error(
		"element {element} of {output:?} is {given:e}, canonically {canonical:e}: further apart \
		 than {absolute:e} + {relative:e} * {scale:e}"
	)]
	Outside {
		/// The output.
		output: String,
		/// The element's row-major index.
		element: u64,
		/// What the engine of jobs computes.
		given: f32,
		/// What the canonical engine computes.
		canonical: f32,
		/// The tolerance's absolute term.
		absolute: f32,
		/// The tolerance's relative term.
		relative: f32,
		/// The canonical scale of the element's row.
		scale: f32,
	},
	/// An element has other bits where they have to be equal.
	#[error("element {element} of {output:?} has the bits {given:#x}, canonically {canonical:#x}")]
	Different {
		/// The output.
		output: String,
		/// The element's row-major index.
		element: u64,
		/// What the engine of jobs computes.
		given: u64,
		/// What the canonical engine computes.
		canonical: u64,
	},
	/// An output has another shape.
	#[error("{output:?} has the shape {given:?}, canonically {canonical:?}")]
	Shape {
		/// The output.
		output: String,
		/// What the engine of jobs gives.
		given: Vec<u32>,
		/// What the canonical engine gives.
		canonical: Vec<u32>,
	},
	/// The least inputs have more bytes than a job can carry.
	#[error("the least inputs have {bytes} bytes, more than a job can carry")]
	TooLarge {
		/// Their bytes.
		bytes: u64,
	},
}

/// Run a version on the engine of its jobs and on the canonical one, and compare the outputs.
///
/// Lengths that jobs choose are the least ones, or the greatest that run in a fraction of a
/// second. Where the least take longer, zeros alone are run. An input without a canonical result
/// shows nothing; that no input has one is an error.
pub async fn calibrate(models: &Models, spec: &VersionSpec) -> Result<(), Error> {
	check_all(&Calibration::of(models, spec).await?).await
}

/// See [`calibrate`].
pub(crate) async fn check_all(calibration: &Arc<Calibration>) -> Result<(), Error> {
	let (mut compared, mut fault) = (false, None);
	for trial in 0..calibration.trials() {
		let calibration = calibration.clone();
		// One blocking task a run, so that a worker that stops waits for no more than one.
		match tokio::task::spawn_blocking(move || calibration.run(trial)).await? {
			Ok(()) => compared = true,
			Err(Error::Engine(error @ EngineError::Fault { .. })) => fault = Some(error),
			Err(error) => return Err(error),
		}
	}
	match fault {
		Some(error) if !compared => Err(error.into()),
		_ => Ok(()),
	}
}

/// A version on both engines.
pub(crate) struct Calibration {
	pub(crate) spec: VersionSpec,
	pub(crate) session: Arc<Session>,
	pub(crate) model: CanonicalModel,
	pub(crate) options: Options<'static>,
}

impl Calibration {
	/// Prepare a version on both engines.
	pub(crate) async fn of(models: &Models, spec: &VersionSpec) -> Result<Arc<Self>, Error> {
		let session = models.session(spec).await?;
		let model = models.canonical(spec).await?;
		Ok(Arc::new(Calibration { spec: spec.clone(), session, model, options: models.options() }))
	}

	/// How many inputs are run.
	fn trials(&self) -> u64 {
		if self.terms(&self.least()) > MOST_TERMS {
			1
		} else {
			TRIALS
		}
	}

	fn run(&self, trial: u64) -> Result<(), Error> {
		let (inputs, canonical) = match self.canonical(trial, &RANGE) {
			Err(Error::Engine(EngineError::Fault { .. })) => self.canonical(trial, &NARROW)?,
			computed => computed?,
		};
		let given = self.session.run(&inputs)?;
		check(&self.spec, &given)?;
		compare(&self.spec, &given, &canonical)
	}

	/// Inputs, and the canonical outputs for them.
	fn canonical(
		&self,
		trial: u64,
		range: &Range<i64>,
	) -> Result<(Vec<Tensor>, Vec<Tensor>), Error> {
		let inputs = self.inputs(trial, range)?;
		let run = self.model.run(&inputs, &self.options).map_err(EngineError::from)?;
		Ok((inputs, run.outputs.map_err(EngineError::from)?))
	}

	fn inputs(&self, trial: u64, range: &Range<i64>) -> Result<Vec<Tensor>, Error> {
		// Engines have kernels of their own for the least lengths.
		let bindings = match trial {
			1 => self.least(),
			_ => self.affordable(),
		};
		self.inputs_of(trial, range, &bindings)
	}

	/// Inputs of these lengths: zeros for the first trial, random ones for the others.
	pub(crate) fn inputs_of(
		&self,
		trial: u64,
		range: &Range<i64>,
		bindings: &Bindings,
	) -> Result<Vec<Tensor>, Error> {
		let kinds = self.kinds(bindings);
		let bytes = total(&kinds);
		if bytes > MAX_JOB_ARTIFACT {
			return Err(CalibrationError::TooLarge { bytes }.into());
		}
		let mut random = Random(trial);
		let input = |kind: TensorType| {
			let (dtype, shape) = (kind.dtype.into(), kind.shape.extents().to_vec());
			match trial {
				0 => Tensor::new(dtype, shape, vec![0; kind.bytes() as usize]),
				_ => random.tensor(dtype, shape, range),
			}
		};
		let inputs = kinds.into_iter().map(input).collect::<Result<_, TensorError>>();
		Ok(inputs.map_err(|error| EngineError::Run(error.to_string()))?)
	}

	/// The least lengths that a job may choose.
	pub(crate) fn least(&self) -> Bindings {
		let symbols = &self.model.imported().graph.symbols;
		Bindings(symbols.iter().map(|symbol| symbol.minimum).collect())
	}

	/// The greatest lengths that are run in little time, or the least.
	fn affordable(&self) -> Bindings {
		let symbols = &self.model.imported().graph.symbols;
		halved(symbols.iter().map(|symbol| symbol.maximum).collect(), |bindings| {
			let bytes = total(&self.kinds(bindings));
			self.terms(bindings) <= MOST_TERMS && bytes <= MAX_JOB_ARTIFACT
		})
	}

	pub(crate) fn terms(&self, bindings: &Bindings) -> u64 {
		self.model.imported().graph.cost(bindings).map_or(u64::MAX, |cost| cost.terms)
	}

	/// What the inputs are for these lengths, which the graph was checked with.
	fn kinds(&self, bindings: &Bindings) -> Vec<TensorType> {
		let ports = self.model.imported().inputs.iter();
		ports.filter_map(|port| port.kind.bind(bindings)).collect()
	}
}

fn total(kinds: &[TensorType]) -> u64 {
	kinds.iter().map(TensorType::bytes).fold(0, u64::saturating_add)
}

/// Whether outputs are as near to the canonical ones as the version demands.
pub fn compare(spec: &VersionSpec, given: &[Tensor], canonical: &[Tensor]) -> Result<(), Error> {
	for (index, (given, canonical)) in given.iter().zip(canonical).enumerate() {
		let name = spec.outputs.get(index).map(|output| String::from_utf8_lossy(&output.name));
		let output = name.unwrap_or_default().into_owned();
		if given.shape != canonical.shape {
			let (given, canonical) = (given.shape.to_vec(), canonical.shape.to_vec());
			return Err(CalibrationError::Shape { output, given, canonical }.into());
		}
		let read = |tensor| to_canonical(tensor).map_err(|reason| Error::Output { index, reason });
		let (given, canonical) = (read(given)?, read(canonical)?);
		match &spec.tolerance {
			Some(tolerance) => within(output, tolerance, &given, &canonical)?,
			None => equal(output, &given, &canonical)?,
		}
	}
	Ok(())
}

/// Whether all bits are equal.
fn equal(
	output: String,
	given: &CanonicalTensor,
	canonical: &CanonicalTensor,
) -> Result<(), CalibrationError> {
	for element in 0..canonical.shape().count() {
		let (given, canonical) = (given.at_offset(element), canonical.at_offset(element));
		if given != canonical {
			let [given, canonical] =
				[given, canonical].map(|element| element.map_or(0, Element::bits));
			return Err(CalibrationError::Different { output, element, given, canonical });
		}
	}
	Ok(())
}

/// Whether all elements are within tolerance. A scalar is a row of its own.
fn within(
	output: String,
	tolerance: &Tolerance,
	given: &CanonicalTensor,
	canonical: &CanonicalTensor,
) -> Result<(), CalibrationError> {
	let bounds = tolerance::Tolerance {
		absolute: F32::from_bits(tolerance.absolute),
		relative: F32::from_bits(tolerance.relative),
	};
	let value = |tensor: &CanonicalTensor, element| {
		tensor.at_offset(element).map_or(F32::NAN, Element::to_f32)
	};
	for row in rows(canonical.shape().extents(), tolerance.row_axis.into()) {
		let scale = scale(row.clone().map(|element| value(canonical, element)));
		for element in row {
			let (given, canonical) = (value(given, element), value(canonical, element));
			if bounds.admits(given, canonical, scale) {
				continue;
			}
			let float = |value: F32| f32::from_bits(value.to_bits());
			return Err(CalibrationError::Outside {
				output,
				element,
				given: float(given),
				canonical: float(canonical),
				absolute: float(bounds.absolute),
				relative: float(bounds.relative),
				scale: float(scale),
			});
		}
	}
	Ok(())
}

/// The row-major indices of each row along an axis; an axis that is not there has one element.
pub(crate) fn rows(
	extents: &[u32],
	axis: usize,
) -> impl Iterator<Item = impl Iterator<Item = u64> + Clone> {
	let product = |extents: &[u32]| extents.iter().map(|extent| u64::from(*extent)).product();
	let (outer, rest) = extents.split_at(axis.min(extents.len()));
	let (length, inner) = rest.split_first().map_or((1, 1), |(length, inner)| {
		let inner: u64 = product(inner);
		(u64::from(*length), inner)
	});
	let outer: u64 = product(outer);
	(0..outer).flat_map(move |outer| {
		(0..inner).map(move |within| {
			let first = outer * length * inner + within;
			(0..length).map(move |place| first + place * inner)
		})
	})
}

#[cfg(test)]
mod tests {
	use super::*;

	fn listed(extents: &[u32], axis: usize) -> Vec<Vec<u64>> {
		rows(extents, axis).map(Iterator::collect).collect()
	}

	#[test]
	fn rows_run_along_any_axis() {
		assert_eq!(listed(&[2, 3], 0), [[0, 3], [1, 4], [2, 5]]);
		assert_eq!(listed(&[2, 3], 1), [[0, 1, 2], [3, 4, 5]]);
		assert_eq!(listed(&[2, 2, 2], 1), [[0, 2], [1, 3], [4, 6], [5, 7]]);
		assert_eq!(listed(&[], 0), [[0]]);
		assert_eq!(listed(&[2, 0], 1), [[0; 0]; 2]);
	}
}
