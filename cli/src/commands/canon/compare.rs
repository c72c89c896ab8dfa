//! `assay canon compare`: ONNX Runtime beside the canonical engine.

use super::{
	random::{random_inputs, Runs},
	source::{refusal, Source},
	tolerance::{Frontier, Pair},
};
use crate::{
	cli::CompareArgs,
	context::Context,
	failure::Failure,
	output::{table, Output, Report},
};
use assay_primitives::tensor::{DType, Tensor, TensorSpec};
use assay_worker::{
	canonical::{Fault, Options},
	config::Device,
	engine::{
		ort::{Optimization, OrtEngine},
		EngineError, Runnable,
	},
};
use serde_json::json;
use std::time::{Duration, Instant};

/// Thread counts of ONNX Runtime whose results are compared.
const THREADS: [usize; 2] = [1, 2];
/// How often each side is timed; the best counts.
const TIMED: usize = 5;

/// How far ONNX Runtime's results lie from the canonical ones, for one output.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distance {
	/// The largest |y − c|.
	pub absolute: f64,
	/// The largest |y − c| over the row's largest |c|.
	pub relative: f64,
	/// What is not within any tolerance: a NaN or an infinity on one side only.
	pub apart: u64,
}

/// What a comparison found.
pub struct Measured {
	/// For each output.
	pub distances: Vec<Distance>,
	/// For each output the axis along which its rows run.
	pub row_axis: u8,
	/// The farthest elements that ONNX Runtime computed differently.
	pub farthest: Frontier,
	/// The canonical engine's throughput over ONNX Runtime's, one thread each.
	pub ratio: f64,
	/// Times of one run.
	pub canonical: Duration,
	/// The same.
	pub reference: Duration,
	/// Elements that the fast engine computed, and those that it left to the definition.
	pub elements: u64,
	/// See `elements`.
	pub exact: u64,
}

/// Compare a model with ONNX Runtime.
pub fn run(context: &Context, arguments: &CompareArgs) -> Result<Report, Failure> {
	let source = Source::open(&arguments.model, &arguments.inputs)?;
	let given = match arguments.inputs.is_empty() {
		true => None,
		false => Some(source.inputs(&arguments.inputs)?),
	};
	let measured = measure(&source, given, &arguments.runs.runs(), &context.output)?;
	Ok(report(&source, &measured))
}

fn report(source: &Source, measured: &Measured) -> Report {
	let names: Vec<String> =
		source.model.imported().outputs.iter().map(|port| port.name.clone()).collect();
	let row = |(name, distance): (&String, &Distance)| {
		let Distance { absolute, relative, apart } = distance;
		[name.clone(), format!("{absolute:.3e}"), format!("{relative:.3e}"), apart.to_string()]
	};
	let rows = names.iter().zip(&measured.distances).map(row).collect();
	let (absolute, relative) = measured.largest();
	let exact = measured.exact as f64 / measured.elements.max(1) as f64;
	let text = format!(
		"{}\ncanonical {:.3} ms, ONNX Runtime {:.3} ms, one thread each; {} of {} elements by the \
		 definition\nmax_abs={absolute:e} max_rel={relative:e} ratio={:.3}",
		table(["OUTPUT", "MAX ABS", "MAX REL", "APART"], rows),
		measured.canonical.as_secs_f64() * 1e3,
		measured.reference.as_secs_f64() * 1e3,
		measured.exact,
		measured.elements,
		measured.ratio,
	);
	let outputs: Vec<_> = names
		.iter()
		.zip(&measured.distances)
		.map(|(name, distance)| {
			json!({
				"name": name,
				"max_abs": distance.absolute,
				"max_rel": distance.relative,
				"apart": distance.apart,
			})
		})
		.collect();
	let json = json!({
		"outputs": outputs,
		"max_abs": absolute,
		"max_rel": relative,
		"ratio": measured.ratio,
		"canonical_ms": measured.canonical.as_secs_f64() * 1e3,
		"onnxruntime_ms": measured.reference.as_secs_f64() * 1e3,
		"exact_share": exact,
	});
	Report::new(json, text)
}

impl Measured {
	/// The largest distances of all outputs.
	pub fn largest(&self) -> (f64, f64) {
		let most = |of: fn(&Distance) -> f64| self.distances.iter().map(of).fold(0.0, f64::max);
		(most(|distance| distance.absolute), most(|distance| distance.relative))
	}

	/// Whether something lies beyond every tolerance.
	pub fn apart(&self) -> u64 {
		self.distances.iter().map(|distance| distance.apart).sum()
	}
}

/// Run the model on the canonical engine and on ONNX Runtime in several configurations, on the
/// given inputs or on random ones.
pub fn measure(
	source: &Source,
	given: Option<Vec<Tensor>>,
	runs: &Runs,
	output: &Output,
) -> Result<Measured, Failure> {
	let spec = source.version()?;
	let engines = THREADS.iter().flat_map(|threads| {
		Optimization::EACH
			.map(|level| OrtEngine::new(Device::Cpu, *threads).with_optimization(level))
	});
	let engines = engines
		.map(|engine| engine.load_model(&source.bytes, &spec))
		.collect::<Result<Vec<Box<dyn Runnable>>, _>>()
		.map_err(|error| failed(&error))?;
	let outputs = source.model.outputs().map_err(|error| refusal(&error))?;
	let row_axis = row_axis(runs.row_axis, &outputs)?;
	let inputs = match given {
		Some(inputs) => vec![inputs],
		None => random_inputs(source, &spec.inputs, runs)?,
	};
	let mut measured = Measured {
		distances: vec![Distance::default(); outputs.len()],
		row_axis,
		farthest: Frontier::default(),
		ratio: 0.0,
		canonical: Duration::MAX,
		reference: Duration::MAX,
		elements: 0,
		exact: 0,
	};
	let bar = output.steps("comparing", (inputs.len() * engines.len()) as u64);
	for inputs in &inputs {
		let run = source.model.run(inputs, &Options::default()).map_err(|error| refusal(&error))?;
		measured.elements += run.statistics.elements;
		measured.exact += run.statistics.exact;
		let canonical = run.outputs.map_err(refusal_of_fault)?;
		for engine in &engines {
			let reference = engine.run(inputs).map_err(|error| failed(&error))?;
			for (number, (canonical, reference)) in canonical.iter().zip(&reference).enumerate() {
				measured.add(number, canonical, reference)?;
			}
			bar.inc(1);
		}
	}
	bar.finish_and_clear();
	let last = engines.get(Optimization::EACH.len() - 1).zip(inputs.last());
	let (engine, inputs) = last.ok_or_else(|| Failure::new("usage", "nothing was run"))?;
	let one = Options { threads: 1, ..Default::default() };
	for _ in 0..TIMED {
		let started = Instant::now();
		engine.run(inputs).map_err(|error| failed(&error))?;
		measured.reference = measured.reference.min(started.elapsed());
		let started = Instant::now();
		source.model.run(inputs, &one).map_err(|error| refusal(&error))?;
		measured.canonical = measured.canonical.min(started.elapsed());
	}
	measured.ratio = measured.reference.as_secs_f64() / measured.canonical.as_secs_f64();
	Ok(measured)
}

/// What to do about inputs for which the run ends early.
pub(super) fn refusal_of_fault(fault: Fault) -> Failure {
	let message = format!("the run ends in a fault in slot {}", fault.slot);
	Failure::new("fault", message).help("give inputs with --input, or a --range")
}

fn failed(error: &EngineError) -> Failure {
	Failure::new("engine", error.to_string())
}

/// The axis of rows, which every output of more than none has.
fn row_axis(wanted: Option<u8>, outputs: &[TensorSpec]) -> Result<u8, Failure> {
	let least = outputs.iter().map(|output| output.shape.len()).filter(|rank| *rank > 0).min();
	let last = u8::try_from(least.unwrap_or(1).saturating_sub(1)).unwrap_or(u8::MAX);
	match wanted {
		Some(axis) if axis > last => {
			Err(Failure::new("usage", format!("no output row runs along axis {axis}"))
				.help(format!("the outputs have axes 0 to {last} in common")))
		},
		Some(axis) => Ok(axis),
		None => Ok(last),
	}
}

impl Measured {
	/// Compare an output of ONNX Runtime with the canonical one.
	fn add(&mut self, number: usize, canonical: &Tensor, other: &Tensor) -> Result<(), Failure> {
		if canonical.dtype != other.dtype || canonical.shape != other.shape {
			let (mine, theirs): (&[u32], &[u32]) = (&canonical.shape, &other.shape);
			let message = format!("output {number} has shape {mine:?}, ONNX Runtime's {theirs:?}");
			return Err(Failure::new("engine", message));
		}
		let (exact, found) = (numbers(canonical), numbers(other));
		let scales = scales(&exact, &canonical.shape, self.row_axis.into());
		let Some(distance) = self.distances.get_mut(number) else { return Ok(()) };
		for ((c, y), scale) in exact.into_iter().zip(found).zip(scales) {
			if c == y || (c.is_nan() && y.is_nan()) {
				continue;
			}
			if !c.is_finite() || !y.is_finite() {
				distance.apart += 1;
				continue;
			}
			let difference = (y - c).abs();
			distance.absolute = distance.absolute.max(difference);
			if scale > 0.0 {
				distance.relative = distance.relative.max(difference / scale);
			}
			self.farthest.insert(Pair { output: number, difference, scale });
		}
		Ok(())
	}
}

/// The elements as float64, which holds each exactly but the largest of int64.
pub(super) fn numbers(tensor: &Tensor) -> Vec<f64> {
	let size = usize::try_from(tensor.dtype.size()).unwrap_or(1);
	let number = |bytes: &[u8]| -> f64 {
		let mut wide = [0; 8];
		wide.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
		match tensor.dtype {
			DType::Float32 => f32::from_bits(u64::from_le_bytes(wide) as u32).into(),
			DType::Int8 => f64::from(wide[0] as i8),
			DType::Int32 => f64::from(u64::from_le_bytes(wide) as u32 as i32),
			DType::Int64 => i64::from_le_bytes(wide) as f64,
			_ => f64::from(wide[0]),
		}
	};
	tensor.data.chunks_exact(size).map(number).collect()
}

/// For each element the largest finite |c| of its row.
pub(super) fn scales(values: &[f64], shape: &[u32], axis: usize) -> Vec<f64> {
	let inner: usize = shape.iter().skip(axis + 1).map(|length| *length as usize).product();
	let length = shape.get(axis).map_or(1, |length| *length as usize);
	let row = |index: usize| (index / (inner * length).max(1)) * inner + index % inner.max(1);
	let rows = values.len() / length.max(1) + 1;
	let mut most = vec![0f64; rows];
	for (index, value) in values.iter().enumerate() {
		if let Some(most) = most.get_mut(row(index)).filter(|_| value.is_finite()) {
			*most = most.max(value.abs());
		}
	}
	(0..values.len()).map(|index| most.get(row(index)).copied().unwrap_or(0.0)).collect()
}

#[cfg(test)]
pub mod tests {
	use super::*;
	use crate::commands::propose;

	fn floats(shape: &[u32], values: &[f32]) -> Tensor {
		let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
		Tensor::new(DType::Float32, shape.to_vec(), data).unwrap()
	}

	pub fn compared(canonical: &[f32], other: &[f32]) -> Measured {
		let mut measured = Measured {
			distances: vec![Distance::default()],
			row_axis: 1,
			farthest: Frontier::default(),
			ratio: 1.0,
			canonical: Duration::ZERO,
			reference: Duration::ZERO,
			elements: 0,
			exact: 0,
		};
		let shape = [2, canonical.len() as u32 / 2];
		measured.add(0, &floats(&shape, canonical), &floats(&shape, other)).unwrap();
		measured
	}

	#[test]
	fn a_distance_is_relative_to_the_largest_of_its_row() {
		let measured = compared(&[1.0, 8.0, 100.0, 0.0], &[1.5, 8.0, 100.0, 1.0]);
		assert_eq!(measured.largest(), (1.0, 0.0625));
	}

	#[test]
	fn rows_run_along_any_axis() {
		let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
		assert_eq!(scales(&values, &[2, 3], 0), [4.0, 5.0, 6.0, 4.0, 5.0, 6.0]);
		assert_eq!(scales(&values, &[2, 3], 1), [3.0, 3.0, 3.0, 6.0, 6.0, 6.0]);
		assert_eq!(scales(&[7.0], &[], 0), [7.0]);
	}

	#[test]
	fn nan_and_infinities_have_to_be_equal() {
		let (nan, infinity) = (f32::NAN, f32::INFINITY);
		assert_eq!(compared(&[nan, infinity, 0.0, 0.0], &[nan, infinity, 0.0, -0.0]).apart(), 0);
		for (c, y) in [(nan, 1.0), (1.0, nan), (infinity, -infinity), (f32::MAX, infinity)] {
			let measured = compared(&[c, 0.0], &[y, 0.0]);
			assert_eq!(measured.apart(), 1);
			assert!(propose(&measured).is_err());
		}
	}
}
