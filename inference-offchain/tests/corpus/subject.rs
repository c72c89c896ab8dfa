//! A version of class `Tolerant`, as the requester, the provider and the judge of its jobs see it.

use crate::{
	judge::{Judge, Ruling},
	network::normal,
	numbers,
	versions::{tensor_spec, version},
};
use assay_canon::{arith::F32, commitment::Hash, probe::Moves, tolerance};
use assay_primitives::{
	model::{Class, Tolerance, VersionSpec},
	tensor::{DType, Dimension, Tensor, TensorSpec},
};
use assay_worker::{
	canonical::{CanonicalModel, Options},
	config::Device,
	engine::{
		ort::{library_path, Optimization, OrtEngine},
		Runnable,
	},
	random::Random,
};
use std::ops::Range;

/// What decides all probes here: nobody who searches for inputs knows it.
const SEED: Hash = [0x5a; 32];

/// The most rows of a job.
pub const ROWS: u32 = 64;

/// A version.
pub struct Subject {
	/// What the chain knows of it.
	pub spec: VersionSpec,
	/// What it means.
	pub model: CanonicalModel,
	/// Who rules on its jobs.
	pub judge: Judge,
	file: Vec<u8>,
	/// The integers that make sense for each input.
	ranges: Vec<Range<i64>>,
}

impl Subject {
	/// A version of a file with these inputs. The tolerance is a power of two, absolutely and of
	/// the greatest of a row.
	pub fn new(
		file: Vec<u8>,
		inputs: Vec<(TensorSpec, Range<i64>)>,
		[absolute, relative]: [i32; 2],
	) -> Self {
		let (inputs, ranges): (Vec<TensorSpec>, _) = inputs.into_iter().unzip();
		let spec = version(&file, inputs, vec![]);
		let row_axis = spec.outputs[0].shape.len() as u8 - 1;
		let [absolute, relative] = [absolute, relative].map(|power| 2f32.powi(power).to_bits());
		let tolerance = Some(Tolerance { absolute, relative, row_axis });
		let spec = VersionSpec { class: Class::Tolerant, tolerance, ..spec };
		let model = CanonicalModel::of_version(&file, &spec).unwrap();
		let [absolute, relative] = [absolute, relative].map(F32::from_bits);
		let judge = Judge(tolerance::Tolerance { absolute, relative });
		Subject { spec, model, judge, file, ranges }
	}

	/// A version of a network that is written here, whose rows have these lengths.
	pub fn of_network(file: Vec<u8>, row: &[u32], tolerance: [i32; 2]) -> Self {
		let row = row.iter().map(|length| Dimension::Fixed(*length));
		let shape: Vec<Dimension> = std::iter::once(Dimension::UpTo(ROWS)).chain(row).collect();
		Self::new(file, vec![(tensor_spec("x", DType::Float32, &shape), 0..1)], tolerance)
	}

	/// The ways in which a requester may make inputs: integers are random, or zeros.
	pub fn crafts(&self) -> &'static [Craft] {
		match self.spec.inputs.iter().any(|input| input.dtype == DType::Float32) {
			true => &Craft::EACH,
			false => &Craft::EACH[..2],
		}
	}

	/// ONNX Runtime with this version's file.
	pub fn engine(&self, threads: usize, level: Optimization) -> Box<dyn Runnable> {
		self.engine_of(&self.file, threads, level)
	}

	/// ONNX Runtime with another file that is passed off as this version's.
	pub fn engine_of(&self, file: &[u8], threads: usize, level: Optimization) -> Box<dyn Runnable> {
		let engine = OrtEngine::new(Device::Cpu, threads)
			.with_library(library_path())
			.with_optimization(level);
		engine.load_model(file, &self.spec).unwrap()
	}

	/// The canonical outputs.
	pub fn canonical(&self, inputs: &[Tensor]) -> Vec<Tensor> {
		self.model.run(inputs, &Options::default()).unwrap().outputs.unwrap()
	}

	/// How the probe moves what is read.
	pub fn moves(&self) -> Moves {
		Moves::of(SEED, &self.judge.0)
	}

	/// What the probe delivers.
	pub fn probe(&self, inputs: &[Tensor]) -> Vec<Tensor> {
		let moves = self.moves();
		let options = Options { probe: Some(&moves), ..Options::default() };
		self.model.run(inputs, &options).unwrap().outputs.unwrap()
	}

	/// Rule on what was submitted of a job.
	pub fn rule(&self, inputs: &[Tensor], given: &[Tensor]) -> Ruling {
		self.judge.judge(&self.canonical(inputs), given, || self.probe(inputs))
	}

	/// Inputs of so many rows. Lengths that are free beside that of a row are sixteen.
	pub fn inputs(&self, craft: Craft, random: &mut Random, rows: u32) -> Vec<Tensor> {
		let input = |(spec, range): (&TensorSpec, &Range<i64>)| {
			let length = |(axis, dimension): (usize, &Dimension)| match dimension {
				Dimension::Fixed(length) => *length,
				Dimension::UpTo(_) => [rows, 16][axis.min(1)],
			};
			let shape: Vec<u32> = spec.shape.iter().enumerate().map(length).collect();
			let count = shape.iter().product::<u32>() as usize;
			match (spec.dtype, craft) {
				(DType::Float32, _) => {
					let width = count / rows as usize;
					let row = |_| craft.floats(random, width);
					tensor(&shape, &(0..rows).flat_map(row).collect::<Vec<f32>>())
				},
				(dtype, Craft::Zeros) => {
					Tensor::new(dtype, shape, vec![0; count * dtype.size() as usize]).unwrap()
				},
				(dtype, _) => random.tensor(dtype, shape, range).unwrap(),
			}
		};
		self.spec.inputs.iter().zip(&self.ranges).map(input).collect()
	}
}

/// A float32 tensor.
pub fn tensor(shape: &[u32], values: &[f32]) -> Tensor {
	let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
	Tensor::new(DType::Float32, shape.to_vec(), data).unwrap()
}

/// Some rows of a tensor.
pub fn rows(whole: &Tensor, rows: Range<u32>) -> Tensor {
	let size = whole.data.len() / whole.shape[0] as usize;
	let mut shape = whole.shape.to_vec();
	shape[0] = rows.end - rows.start;
	let bytes = rows.start as usize * size..rows.end as usize * size;
	Tensor::new(whole.dtype, shape, whole.data[bytes].to_vec()).unwrap()
}

/// How a requester makes a row of floats.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Craft {
	/// Normal numbers, of mean 0 and variance 1.
	Normal,
	/// Nothing but zeros, which no probe moves.
	Zeros,
	/// Numbers below the normal range.
	Subnormal,
	/// Numbers whose squares are near the greatest.
	Large,
	/// Numbers whose products overflow.
	Overflowing,
	/// A mean far above the deviation.
	Offset,
	/// Numbers that cancel, but for a little.
	Cancelling,
	/// One number far above the others.
	Spike,
	/// Where exp leaves the range.
	Edge,
	/// A NaN or an infinity among others.
	NotFinite,
}

impl Craft {
	/// Every one.
	pub const EACH: [Craft; 10] = [
		Craft::Normal,
		Craft::Zeros,
		Craft::Subnormal,
		Craft::Large,
		Craft::Overflowing,
		Craft::Offset,
		Craft::Cancelling,
		Craft::Spike,
		Craft::Edge,
		Craft::NotFinite,
	];

	/// A row.
	pub fn floats(self, random: &mut Random, count: usize) -> Vec<f32> {
		let mut row = normal(random, count);
		let power = |random: &mut Random, within: Range<i32>| {
			let span = within.len() as u64;
			2f32.powi(within.start + (random.word() % span) as i32)
		};
		let place = random.word() as usize % count;
		match self {
			Craft::Normal => {},
			Craft::Zeros => row.fill(0.0),
			Craft::Subnormal => row.iter_mut().for_each(|x| *x *= 2f32.powi(-130)),
			Craft::Large => row.iter_mut().for_each(|x| *x *= 2f32.powi(61)),
			Craft::Overflowing => row.iter_mut().for_each(|x| *x *= 2f32.powi(124)),
			Craft::Offset => {
				let (mean, deviation) = (power(random, -4..24), power(random, -12..4));
				row.iter_mut().for_each(|x| *x = mean + *x * deviation);
			},
			Craft::Cancelling => {
				let (size, rest) = (power(random, 0..40), power(random, -24..0));
				for pair in row.chunks_mut(2) {
					let first = pair[0] * size;
					if let [left, right] = pair {
						(*left, *right) = (first, *right * rest - first);
					}
				}
			},
			Craft::Spike => {
				row[if random.word() & 1 == 0 { 0 } else { place }] = power(random, 4..120)
			},
			Craft::Edge => {
				const EDGES: [f32; 4] = [88.72, 89.4, -87.33, -103.97];
				let edge = EDGES[random.word() as usize % EDGES.len()];
				row.iter_mut().for_each(|x| *x *= 0.01);
				row[place] += edge;
			},
			Craft::NotFinite => {
				const VALUES: [f32; 3] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
				row[place] = VALUES[random.word() as usize % VALUES.len()];
			},
		}
		row
	}
}

/// The greatest of a row, and its place.
pub fn greatest(row: &[f32]) -> (usize, f32) {
	let place = (0..row.len()).max_by(|one, other| row[*one].total_cmp(&row[*other])).unwrap();
	(place, row[place])
}

/// The values of the first output.
pub fn first(outputs: &[Tensor]) -> Vec<f32> {
	numbers(&outputs[0])
}
