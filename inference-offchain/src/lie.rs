//! Providers that lie, for tests and demonstrations of disputes.
//!
//! A worker lies only if the variable [`VARIABLE`] of its environment says how. There is no flag
//! and no setting for it, and it is logged when the worker starts. Whoever lies on a chain with
//! value loses the stake.

use crate::{
	canonical::CanonicalModel,
	config::ConfigError,
	engine::{admit, canonical::CanonicalEngine, Engine, EngineError, Runnable, VerifiedModel},
};
use assay_canon::{
	exact::Run,
	graph::Graph,
	tensor::{DType, Tensor as CanonicalTensor},
};
use assay_primitives::{job::JobKind, tensor::Tensor};
use std::{
	collections::BTreeSet,
	env,
	str::FromStr,
	sync::{Mutex, PoisonError},
};

/// The variable that says how the worker lies.
pub const VARIABLE: &str = "ASSAY_TEST_LIE";
/// The variable that, set to 1, has a worker defend what it shifted.
pub const DEFENDS: &str = "ASSAY_TEST_LIE_DEFENDS";
/// The number of the item of a batch, if nothing but that is shifted.
pub const ITEM: &str = "ASSAY_TEST_LIE_ITEM";

/// How a provider lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
	/// It adds one to every element of the outputs.
	Shifted,
	/// It multiplies every float by 1 + 2⁻⁹: more than any tolerance admits, and of most less than
	/// guilt asks for.
	Drifted,
	/// It runs another model of the same signature: the weights are in another order.
	Swapped,
	/// It runs the model with weights of 8 bits.
	Quantized,
	/// It answers with the result of the job before.
	Copied,
	/// It never answers.
	Silent,
}

impl FromStr for Manner {
	type Err = ConfigError;

	fn from_str(text: &str) -> Result<Self, ConfigError> {
		match text {
			"shifted" => Ok(Manner::Shifted),
			"drifted" => Ok(Manner::Drifted),
			"swapped" => Ok(Manner::Swapped),
			"quantised" => Ok(Manner::Quantized),
			"copied" => Ok(Manner::Copied),
			"silent" => Ok(Manner::Silent),
			_ => Err(ConfigError::Value {
				text: text.into(),
				what: "lie",
				expected: "shifted, drifted, swapped, quantised, copied or silent",
			}),
		}
	}
}

/// What a lying provider does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lie {
	/// How it lies.
	pub manner: Manner,
	/// Whether it posts a history that fits what it shifted, and plays it as long as it can.
	pub defends: bool,
	/// The item of a batch that alone it lies about, if it shifts.
	pub item: Option<u32>,
}

impl Lie {
	/// What the environment says, if anything.
	pub fn from_environment() -> Result<Option<Self>, ConfigError> {
		let Some(manner) = env::var_os(VARIABLE) else { return Ok(None) };
		let manner: Manner = manner.to_string_lossy().parse()?;
		let defends = manner == Manner::Shifted && env::var_os(DEFENDS).is_some_and(|on| on == "1");
		let item = match env::var_os(ITEM).filter(|_| manner == Manner::Shifted) {
			Some(item) => Some(number(&item.to_string_lossy())?),
			None => None,
		};
		Ok(Some(Lie { manner, defends, item }))
	}

	/// Whether it lies about a job of this kind.
	pub fn is_about(&self, kind: JobKind) -> bool {
		match (self.item, kind) {
			(Some(item), JobKind::Item { index, .. }) => item == index,
			(Some(_), JobKind::Single | JobKind::Batch { .. }) => false,
			(None, _) => true,
		}
	}
}

fn number(text: &str) -> Result<u32, ConfigError> {
	let (what, expected) = ("item", "the number of an item of a batch");
	text.parse().map_err(|_| ConfigError::Value { text: text.into(), what, expected })
}

/// An engine whose results are wrong.
pub struct Liar {
	engine: Box<dyn Engine>,
	lie: Lie,
}

impl Liar {
	/// A liar with the results of another engine.
	pub fn new(engine: impl Engine, lie: Lie) -> Self {
		Liar { engine: Box::new(engine), lie }
	}
}

impl Engine for Liar {
	fn name(&self) -> String {
		self.engine.name()
	}

	fn prepare(&self, model: &VerifiedModel) -> Result<Box<dyn Runnable>, EngineError> {
		let Lie { manner, item, .. } = self.lie;
		let runnable = match manner {
			Manner::Swapped => on_other_weights(model, swap)?,
			Manner::Quantized => on_other_weights(model, quantize)?,
			Manner::Shifted | Manner::Drifted | Manner::Copied | Manner::Silent => {
				self.engine.prepare(model)?
			},
		};
		Ok(Box::new(Lying { runnable, manner, item, before: Mutex::default() }))
	}

	fn calibrates(&self) -> bool {
		false
	}
}

struct Lying {
	runnable: Box<dyn Runnable>,
	manner: Manner,
	/// The item that alone it lies about.
	item: Option<u32>,
	/// The right outputs of the job before.
	before: Mutex<Option<Vec<Tensor>>>,
}

impl Runnable for Lying {
	fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		match self.item {
			Some(_) => self.runnable.run(inputs),
			None => self.lie(inputs),
		}
	}

	fn run_item(&self, inputs: &[Tensor], index: u32) -> Result<Vec<Tensor>, EngineError> {
		match self.item {
			Some(item) if item != index => self.runnable.run(inputs),
			_ => self.lie(inputs),
		}
	}

	fn memory(&self) -> u64 {
		self.runnable.memory()
	}
}

impl Lying {
	fn lie(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		if self.manner == Manner::Silent {
			return Err(EngineError::Run("told to be silent".into()));
		}
		let mut outputs = self.runnable.run(inputs)?;
		match self.manner {
			Manner::Shifted => alter(&mut outputs, shift),
			Manner::Drifted => alter(&mut outputs, drift),
			Manner::Copied => {
				let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
				outputs = before.replace(outputs.clone()).unwrap_or(outputs);
			},
			Manner::Swapped | Manner::Quantized | Manner::Silent => {},
		}
		Ok(outputs)
	}
}

/// A model of the same graph with other weights, on the canonical engine.
fn on_other_weights(
	model: &VerifiedModel,
	alter: impl Fn(DType, &mut [u8]),
) -> Result<Box<dyn Runnable>, EngineError> {
	let (_, model) = admit(model)?;
	let mut imported = model.imported().clone();
	for tensor in &mut imported.initializers {
		change(tensor, &alter);
	}
	Ok(CanonicalEngine::new(0).prepared(CanonicalModel::from(imported)))
}

/// Change the bytes of a tensor, of which there are as many as before.
fn change(tensor: &mut CanonicalTensor, alter: impl Fn(DType, &mut [u8])) {
	let (kind, layout) = (tensor.kind().clone(), tensor.layout().clone());
	let mut data = tensor.data().to_vec();
	alter(kind.dtype, &mut data);
	if let Some(changed) = CanonicalTensor::with_layout(kind, layout, data) {
		*tensor = changed;
	}
}

/// Have a run deliver what [`Manner::Shifted`] answers: a history that is wrong in its last steps
/// alone.
pub fn falsify(graph: &Graph, run: &mut Run) {
	let outputs: BTreeSet<u32> = graph.outputs.iter().map(|slot| slot.node).collect();
	for node in outputs {
		if let Some(tensor) = run.slots.get_mut(node as usize) {
			change(tensor, shift);
		}
	}
}

/// Change the elements of outputs.
fn alter(outputs: &mut [Tensor], change: impl Fn(DType, &mut [u8])) {
	for output in outputs {
		if let Some(dtype) = output.dtype.canonical() {
			change(dtype, &mut output.data);
		}
	}
}

/// Multiply every float by 1 + 2⁻⁹.
fn drift(dtype: DType, data: &mut [u8]) {
	if dtype == DType::Float32 {
		for element in data.as_chunks_mut::<4>().0 {
			let right = f32::from_le_bytes(*element);
			*element = (right + right / 512.0).to_le_bytes();
		}
	}
}

/// Add one to every element.
fn shift(dtype: DType, data: &mut [u8]) {
	match dtype {
		DType::Float32 => {
			for element in data.as_chunks_mut::<4>().0 {
				*element = (f32::from_le_bytes(*element) + 1.0).to_le_bytes();
			}
		},
		DType::Bool => data.iter_mut().for_each(|element| *element ^= 1),
		_ => {
			for low in data.iter_mut().step_by(dtype.size()) {
				*low = low.wrapping_add(1);
			}
		},
	}
}

/// Weights from last to first. What may be an index stays, so that the model still runs.
fn swap(dtype: DType, data: &mut [u8]) {
	match dtype {
		DType::Float32 => data.as_chunks_mut::<4>().0.reverse(),
		DType::Int8 | DType::Uint8 => data.reverse(),
		_ => {},
	}
}

/// Weights rounded to multiples of a 127th of the largest.
fn quantize(dtype: DType, data: &mut [u8]) {
	if dtype != DType::Float32 {
		return;
	}
	let weights = data.as_chunks_mut::<4>().0;
	let largest =
		weights.iter().map(|weight| f32::from_le_bytes(*weight).abs()).fold(0.0, f32::max);
	let step = largest / 127.0;
	if step > 0.0 && step.is_finite() {
		for weight in weights {
			let rounded = (f32::from_le_bytes(*weight) / step).round() * step;
			*weight = rounded.to_le_bytes();
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{tensor::DType as Type, JobId};

	fn bytes(values: &[f32]) -> Vec<u8> {
		values.iter().flat_map(|value| value.to_le_bytes()).collect()
	}

	#[test]
	fn a_shift_changes_every_element_of_every_type() {
		let mut floats = bytes(&[0.0, -1.5]);
		shift(DType::Float32, &mut floats);
		assert_eq!(floats, bytes(&[1.0, -0.5]));
		let mut longs = [255, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0];
		shift(DType::Int64, &mut longs);
		assert_eq!((longs[0], longs[8]), (0, 8));
		let mut bools = [0, 1];
		shift(DType::Bool, &mut bools);
		assert_eq!(bools, [1, 0]);
	}

	#[test]
	fn a_drift_changes_floats_by_little() {
		let mut floats = bytes(&[0.0, 512.0]);
		drift(DType::Float32, &mut floats);
		assert_eq!(floats, bytes(&[0.0, 513.0]));
		let mut long = [1; 8];
		drift(DType::Int64, &mut long);
		assert_eq!(long, [1; 8]);
	}

	#[test]
	fn quantized_weights_are_near_and_few() {
		let mut weights = bytes(&[1.27, 0.004, -0.5]);
		quantize(DType::Float32, &mut weights);
		let (read, _) = weights.as_chunks::<4>();
		let read: Vec<f32> = read.iter().map(|weight| f32::from_le_bytes(*weight)).collect();
		assert_eq!(read[1], 0.0);
		assert!((read[0] - 1.27).abs() < 1e-6 && (read[2] + 0.5).abs() < 1e-6);
	}

	#[test]
	fn what_is_no_lie_is_refused() {
		assert_eq!("swapped".parse::<Manner>().unwrap(), Manner::Swapped);
		assert!("honest".parse::<Manner>().is_err());
		assert_eq!(number("33").unwrap(), 33);
		assert!(number("-1").is_err() && number("all").is_err());
	}

	struct Echo;

	impl Runnable for Echo {
		fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
			Ok(inputs.to_vec())
		}

		fn memory(&self) -> u64 {
			0
		}
	}

	#[test]
	fn a_lie_about_one_item_is_about_nothing_else() {
		let inputs = [Tensor::new(Type::Int8, vec![1], vec![1]).unwrap()];
		let lying = |item| {
			let (runnable, before) = (Box::new(Echo), Mutex::default());
			Lying { runnable, manner: Manner::Shifted, item, before }
		};
		let (one, all) = (lying(Some(3)), lying(None));
		for index in [0, 3, 4] {
			let told = one.run_item(&inputs, index).unwrap();
			assert_eq!(told != inputs, index == 3);
			assert_ne!(all.run_item(&inputs, index).unwrap(), inputs);
		}
		assert_eq!(one.run(&inputs).unwrap(), inputs);
		assert_ne!(all.run(&inputs).unwrap(), inputs);
		let lie = Lie { manner: Manner::Shifted, defends: true, item: Some(3) };
		let item = |index| JobKind::Item { batch: JobId(1), index };
		assert!(lie.is_about(item(3)) && !lie.is_about(item(2)) && !lie.is_about(JobKind::Single));
	}
}
