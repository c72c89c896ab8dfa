//! ONNX Runtime under the pinned profile of DESIGN §3: sequential execution, a fixed number of
//! threads, one optimization level, deterministic kernels; on CUDA no TF32 and no search for
//! convolution algorithms.
//!
//! The library is loaded when the first model is prepared, so that a process which runs no model
//! starts without it.

use super::{admit, external, Engine, EngineError, Runnable, VerifiedModel};
use crate::config::Device;
use assay_primitives::{
	canonical::Constant,
	model::VersionSpec,
	tensor::{DType, Tensor, TensorSpec},
};
use half::f16;
use ort::{
	environment::Environment,
	ep,
	session::{
		builder::{GraphOptimizationLevel, SessionBuilder},
		Session, SessionInputValue,
	},
	value::{DynValue, TensorElementType, ValueType},
};
use std::{
	borrow::Cow,
	path::PathBuf,
	sync::{Mutex, OnceLock, PoisonError},
};

/// The version of ONNX Runtime that `scripts/setup.sh` fetches and that the profile names.
pub const RUNTIME_VERSION: &str = "1.31.1";
/// What a session takes beside its weights, by estimate.
const SESSION_OVERHEAD: u64 = 16 * 1024 * 1024;

/// The ONNX Runtime engine.
pub struct OrtEngine {
	device: Device,
	threads: usize,
	library: PathBuf,
	optimization: Optimization,
}

/// How far ONNX Runtime rewrites a graph.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Optimization {
	/// Not at all.
	Disabled,
	/// By rules that change no result.
	Basic,
	/// With fused operators.
	Extended,
	/// With layouts of the processor at hand, too: what providers run.
	#[default]
	All,
}

impl Optimization {
	/// Every level, from the least.
	pub const EACH: [Optimization; 4] =
		[Optimization::Disabled, Optimization::Basic, Optimization::Extended, Optimization::All];

	const fn level(self) -> GraphOptimizationLevel {
		match self {
			Optimization::Disabled => GraphOptimizationLevel::Disable,
			Optimization::Basic => GraphOptimizationLevel::Level1,
			Optimization::Extended => GraphOptimizationLevel::Level2,
			Optimization::All => GraphOptimizationLevel::Level3,
		}
	}
}

/// Where the library is looked for: `ORT_DYLIB_PATH`, or where `scripts/setup.sh` puts it.
pub fn library_path() -> PathBuf {
	if let Some(path) = std::env::var_os("ORT_DYLIB_PATH") {
		return path.into();
	}
	let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache"));
	let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
	cache.unwrap_or_default().join("assay/onnxruntime/libonnxruntime.so")
}

/// The process's environment: ONNX Runtime admits one.
fn environment(library: &PathBuf) -> Result<&'static Environment, EngineError> {
	static ENVIRONMENT: OnceLock<Environment> = OnceLock::new();
	static LOADING: Mutex<()> = Mutex::new(());
	let failed = |reason: String| EngineError::Library { path: library.clone(), reason };
	let _one_at_a_time = LOADING.lock().unwrap_or_else(PoisonError::into_inner);
	if let Some(environment) = ENVIRONMENT.get() {
		return Ok(environment);
	}
	let environment = ort::environment::init_from(library)
		.map_err(|error| failed(error.to_string()))?
		.with_name("assay")
		.with_telemetry(false)
		.build()
		.map_err(|error| failed(error.to_string()))?;
	Ok(ENVIRONMENT.get_or_init(|| environment))
}

impl OrtEngine {
	/// An engine on a device with this many threads a run; zero leaves them to the library.
	pub fn new(device: Device, threads: usize) -> Self {
		OrtEngine { device, threads, library: library_path(), optimization: Optimization::All }
	}

	/// The same with the library of a path.
	pub fn with_library(self, library: PathBuf) -> Self {
		OrtEngine { library, ..self }
	}

	/// The same at another level of optimization, to compare results.
	pub fn with_optimization(self, optimization: Optimization) -> Self {
		OrtEngine { optimization, ..self }
	}

	/// Load the library now, to find out early whether it is there.
	pub fn load(&self) -> Result<(), EngineError> {
		environment(&self.library).map(drop)
	}

	/// The pinned profile.
	fn profile(&self, environment: &Environment) -> ort::Result<SessionBuilder> {
		let builder = Session::builder(environment)?
			.with_optimization_level(self.optimization.level())?
			.with_parallel_execution(false)?
			.with_deterministic_compute(true)?
			// Not ONNX Runtime's own format, whose bytes are not looked through for other files.
			.with_config_entry("session.load_model_format", "ONNX")?
			.with_intra_threads(self.threads)?;
		Ok(match self.device {
			Device::Cpu => builder.with_execution_providers([ep::CPU::default().build()])?,
			Device::Cuda(device) => builder.with_execution_providers([ep::CUDA::default()
				.with_device_id(i32::try_from(device).unwrap_or(i32::MAX))
				.with_tf32(false)
				.with_conv_algorithm_search(ep::cuda::ConvAlgorithmSearch::Default)
				.build()
				.error_on_failure()])?,
		})
	}

	/// A session of a model under the pinned profile.
	pub fn session(&self, model: &[u8]) -> Result<Session, EngineError> {
		external::refuse(model).map_err(|refusal| EngineError::Malformed(refusal.to_string()))?;
		let environment = environment(&self.library)?;
		let malformed = |error: ort::Error| EngineError::Malformed(error.to_string());
		let mut builder = self.profile(environment).map_err(malformed)?;
		builder.commit_from_memory(model).map_err(malformed)
	}

	/// Load a model whose declaration is known to be true of it.
	pub fn load_model(
		&self,
		bytes: &[u8],
		spec: &VersionSpec,
	) -> Result<Box<dyn Runnable>, EngineError> {
		Ok(Box::new(Prepared {
			session: Mutex::new(self.session(bytes)?),
			spec: spec.clone(),
			memory: (bytes.len() as u64).saturating_mul(2).saturating_add(SESSION_OVERHEAD),
		}))
	}
}

impl Engine for OrtEngine {
	fn name(&self) -> String {
		format!("ort-{RUNTIME_VERSION}/{}", self.device)
	}

	fn prepare(&self, model: &VerifiedModel) -> Result<Box<dyn Runnable>, EngineError> {
		let (bytes, _) = admit(model)?;
		self.load_model(&bytes, &model.spec)
	}
}

fn name_of(name: &[u8]) -> Cow<'_, str> {
	String::from_utf8_lossy(name)
}

/// An input that the version sets, as ONNX Runtime takes it.
fn constant(constant: &Constant) -> Result<DynValue, EngineError> {
	let Constant { dtype, shape, data, .. } = constant;
	to_value(&Tensor { dtype: *dtype, shape: shape.clone(), data: data.to_vec() })
}

fn dtype_of(element: TensorElementType) -> Option<DType> {
	Some(match element {
		TensorElementType::Float32 => DType::Float32,
		TensorElementType::Float64 => DType::Float64,
		TensorElementType::Float16 => DType::Float16,
		TensorElementType::Int8 => DType::Int8,
		TensorElementType::Int16 => DType::Int16,
		TensorElementType::Int32 => DType::Int32,
		TensorElementType::Int64 => DType::Int64,
		TensorElementType::Uint8 => DType::Uint8,
		TensorElementType::Uint16 => DType::Uint16,
		TensorElementType::Uint32 => DType::Uint32,
		TensorElementType::Uint64 => DType::Uint64,
		TensorElementType::Bool => DType::Bool,
		_ => return None,
	})
}

struct Prepared {
	/// ONNX Runtime's `run` is exclusive here: one run at a time keeps the memory bounded.
	session: Mutex<Session>,
	spec: VersionSpec,
	memory: u64,
}

impl Runnable for Prepared {
	fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		if inputs.len() != self.spec.inputs.len() {
			let (given, declared) = (inputs.len(), self.spec.inputs.len());
			return Err(EngineError::InputCount { given, declared });
		}
		let given = self.spec.inputs.iter().zip(inputs);
		let given = given.map(|(spec, tensor)| Ok((name_of(&spec.name), to_value(tensor)?.into())));
		let set = self.spec.constants.iter();
		let set = set.map(|value| Ok((name_of(&value.name), constant(value)?.into())));
		let values = given
			.chain(set)
			.collect::<Result<Vec<(Cow<'_, str>, SessionInputValue<'_>)>, EngineError>>()?;
		let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
		let outputs = session.run(values).map_err(|error| EngineError::Run(error.to_string()))?;
		let output = |spec: &TensorSpec| {
			let name = name_of(&spec.name);
			let value = outputs
				.get(name.as_ref())
				.ok_or_else(|| EngineError::Run(format!("no output `{name}`")))?;
			from_value(value)
		};
		self.spec.outputs.iter().map(output).collect()
	}

	fn memory(&self) -> u64 {
		self.memory
	}
}

/// For each element type: the Rust type whose little-endian bytes its elements are.
macro_rules! by_dtype {
	($dtype:expr, $action:ident ( $($argument:expr),* )) => {
		match $dtype {
			DType::Float32 => $action::<f32, 4>($($argument),*, f32::from_le_bytes),
			DType::Float64 => $action::<f64, 8>($($argument),*, f64::from_le_bytes),
			DType::Float16 => $action::<f16, 2>($($argument),*, f16::from_le_bytes),
			DType::Int8 => $action::<i8, 1>($($argument),*, i8::from_le_bytes),
			DType::Int16 => $action::<i16, 2>($($argument),*, i16::from_le_bytes),
			DType::Int32 => $action::<i32, 4>($($argument),*, i32::from_le_bytes),
			DType::Int64 => $action::<i64, 8>($($argument),*, i64::from_le_bytes),
			DType::Uint8 => $action::<u8, 1>($($argument),*, u8::from_le_bytes),
			DType::Uint16 => $action::<u16, 2>($($argument),*, u16::from_le_bytes),
			DType::Uint32 => $action::<u32, 4>($($argument),*, u32::from_le_bytes),
			DType::Uint64 => $action::<u64, 8>($($argument),*, u64::from_le_bytes),
			DType::Bool => $action::<bool, 1>($($argument),*, |[byte]| byte != 0),
		}
	};
}

fn value_of<T, const SIZE: usize>(
	tensor: &Tensor,
	read: impl Fn([u8; SIZE]) -> T,
) -> Result<DynValue, EngineError>
where
	T: ort::value::PrimitiveTensorElementType + std::fmt::Debug + Clone + 'static,
{
	let (elements, _) = tensor.data.as_chunks::<SIZE>();
	let elements: Vec<T> = elements.iter().map(|bytes| read(*bytes)).collect();
	let shape: Vec<i64> = tensor.shape.iter().map(|length| i64::from(*length)).collect();
	ort::value::Tensor::from_array((shape, elements))
		.map(|tensor| tensor.into_dyn())
		.map_err(|error| EngineError::Run(error.to_string()))
}

/// A tensor as ONNX Runtime takes it.
pub fn to_value(tensor: &Tensor) -> Result<DynValue, EngineError> {
	by_dtype!(tensor.dtype, value_of(tensor))
}

/// What ONNX Runtime gave as a tensor.
pub fn from_value(value: &DynValue) -> Result<Tensor, EngineError> {
	macro_rules! extract {
		($kind:ty, $bytes:expr) => {{
			let (_, elements) = value
				.try_extract_tensor::<$kind>()
				.map_err(|error| EngineError::Run(error.to_string()))?;
			elements.iter().flat_map($bytes).collect::<Vec<u8>>()
		}};
	}
	let ValueType::Tensor { ty, shape, .. } = value.dtype() else {
		return Err(EngineError::Run(format!("an output is {:?}", value.dtype())));
	};
	let dtype = dtype_of(*ty).ok_or_else(|| EngineError::Run(format!("an output is of {ty}")))?;
	let data = match dtype {
		DType::Float32 => extract!(f32, |element| element.to_le_bytes()),
		DType::Float64 => extract!(f64, |element| element.to_le_bytes()),
		DType::Float16 => extract!(f16, |element| element.to_le_bytes()),
		DType::Int8 => extract!(i8, |element| element.to_le_bytes()),
		DType::Int16 => extract!(i16, |element| element.to_le_bytes()),
		DType::Int32 => extract!(i32, |element| element.to_le_bytes()),
		DType::Int64 => extract!(i64, |element| element.to_le_bytes()),
		DType::Uint8 => extract!(u8, |element| element.to_le_bytes()),
		DType::Uint16 => extract!(u16, |element| element.to_le_bytes()),
		DType::Uint32 => extract!(u32, |element| element.to_le_bytes()),
		DType::Uint64 => extract!(u64, |element| element.to_le_bytes()),
		DType::Bool => extract!(bool, |element| [u8::from(*element)]),
	};
	let shape = shape
		.iter()
		.map(|length| u32::try_from(*length))
		.collect::<Result<Vec<u32>, _>>()
		.map_err(|_| EngineError::Run("an output has a negative dimension".into()))?;
	Tensor::new(dtype, shape, data).map_err(|error| EngineError::Run(error.to_string()))
}
