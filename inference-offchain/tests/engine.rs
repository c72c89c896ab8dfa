//! What every engine must do, and ONNX Runtime on real and on bad models.
//!
//! ONNX Runtime and the magika model are those that `scripts/setup.sh` fetches.

use assay_primitives::{
	model::{Class, PriceUnit, SpecVersion, VersionSpec},
	tensor::{DType, Dimension, Tensor, TensorSpec},
};
use assay_worker::{
	artifact::{artifact_of, VerifiedFile, VerifiedModel},
	config::Device,
	engine::{
		ort::{library_path, OrtEngine},
		Engine, EngineError, Runnable,
	},
};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

#[path = "support/onnx.rs"]
mod onnx;

/// An engine whose every model is the identity.
struct Echo;

/// A model of [`Echo`].
struct Prepared(VersionSpec);

impl Engine for Echo {
	fn name(&self) -> String {
		"echo".into()
	}

	fn prepare(&self, model: &VerifiedModel) -> Result<Box<dyn Runnable>, EngineError> {
		if model.file.artifact() != model.spec.artifact {
			return Err(EngineError::WrongFile);
		}
		model.file.read_blocking()?;
		Ok(Box::new(Prepared(model.spec.clone())))
	}
}

impl Runnable for Prepared {
	fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		let (given, declared) = (inputs.len(), self.0.inputs.len());
		if given != declared {
			return Err(EngineError::InputCount { given, declared });
		}
		Ok(inputs.to_vec())
	}

	fn memory(&self) -> u64 {
		1
	}
}

fn ort() -> OrtEngine {
	let library = library_path();
	assert!(library.is_file(), "no {}: run scripts/setup.sh", library.display());
	OrtEngine::new(Device::Cpu, 1).with_library(library)
}

fn tensor_spec(name: &str, dtype: DType, shape: &[Dimension]) -> TensorSpec {
	TensorSpec {
		name: name.as_bytes().to_vec().try_into().unwrap(),
		dtype,
		shape: shape.to_vec().try_into().unwrap(),
	}
}

fn spec(bytes: &[u8], inputs: Vec<TensorSpec>, outputs: Vec<TensorSpec>) -> VersionSpec {
	VersionSpec {
		artifact: artifact_of(bytes),
		locators: Default::default(),
		inputs: inputs.try_into().unwrap(),
		outputs: outputs.try_into().unwrap(),
		class: Class::Canonical,
		tolerance: None,
		price: 0,
		unit: PriceUnit::Call,
		spec: SpecVersion(1),
		commitments: None,
		licence: Default::default(),
	}
}

/// The declaration of [`onnx::identity`].
fn identity_spec(bytes: &[u8], dtype: DType, shape: &[Dimension]) -> VersionSpec {
	let declared = |name| vec![tensor_spec(name, dtype, shape)];
	spec(bytes, declared("x"), declared("y"))
}

fn model(folder: &TempDir, bytes: &[u8], spec: VersionSpec) -> VerifiedModel {
	let path = folder.path().join("model");
	std::fs::write(&path, bytes).unwrap();
	let file = VerifiedFile::check(&path, artifact_of(bytes)).unwrap().unwrap();
	VerifiedModel { spec, file }
}

fn prepare(bytes: &[u8], spec: VersionSpec) -> Result<Box<dyn Runnable>, EngineError> {
	let folder = TempDir::new().unwrap();
	ort().prepare(&model(&folder, bytes, spec))
}

fn refusal(bytes: &[u8], spec: VersionSpec) -> EngineError {
	match prepare(bytes, spec) {
		Err(error) => error,
		Ok(_) => panic!("the model was prepared"),
	}
}

/// What every engine must do with a model that it can run.
fn conforms(engine: &dyn Engine, bytes: &[u8], spec: &VersionSpec, inputs: &[Tensor]) {
	assert!(!engine.name().is_empty());
	let folder = TempDir::new().unwrap();
	let model = model(&folder, bytes, spec.clone());
	let prepared = engine.prepare(&model).unwrap();
	assert!(prepared.memory() > 0);
	let outputs = prepared.run(inputs).unwrap();
	assert_eq!(outputs.len(), spec.outputs.len());
	for (output, declared) in outputs.iter().zip(&spec.outputs) {
		declared.check(output.dtype, &output.shape).unwrap();
		output.validate().unwrap();
	}
	assert_eq!(prepared.run(inputs).unwrap(), outputs, "a second run gives other bytes");
	let again = engine.prepare(&model).unwrap().run(inputs).unwrap();
	assert_eq!(again, outputs, "a second session gives other bytes");

	let few = prepared.run(inputs.get(1..).unwrap()).unwrap_err();
	assert!(matches!(few, EngineError::InputCount { .. }), "{few}");

	let mut other = model.clone();
	other.spec.artifact = artifact_of(b"another model");
	assert!(matches!(engine.prepare(&other).err(), Some(EngineError::WrongFile)));

	std::fs::write(model.file.path(), b"swapped after it was verified").unwrap();
	assert!(matches!(engine.prepare(&model).err(), Some(EngineError::Unreadable(_))));
}

/// Where `scripts/setup.sh` puts the magika model.
fn magika() -> Vec<u8> {
	let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache"));
	let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home).unwrap();
	let usual = cache.join("assay/models/magika");
	let folder = std::env::var_os("ASSAY_MAGIKA").map_or(usual, PathBuf::from);
	let path = folder.join("model.onnx");
	std::fs::read(&path).unwrap_or_else(|_| panic!("no {}: run scripts/setup.sh", path.display()))
}

fn magika_spec(bytes: &[u8]) -> VersionSpec {
	let shape = |width| [Dimension::UpTo(64), Dimension::Fixed(width)];
	spec(
		bytes,
		vec![tensor_spec("bytes", DType::Int32, &shape(2048))],
		vec![tensor_spec("target_label", DType::Float32, &shape(214))],
	)
}

/// An input of magika: as many files of nothing but one letter.
fn letters(files: u32) -> Tensor {
	let data = (0..files * 2048).flat_map(|_| 97i32.to_le_bytes()).collect();
	Tensor::new(DType::Int32, vec![files, 2048], data).unwrap()
}

#[test]
fn a_mock_engine_conforms() {
	let bytes = b"any bytes";
	let input = Tensor::new(DType::Uint8, vec![2], vec![1, 2]).unwrap();
	conforms(&Echo, bytes, &identity_spec(bytes, DType::Uint8, &[Dimension::UpTo(4)]), &[input]);
}

#[test]
fn onnx_runtime_conforms_on_a_real_model() {
	let bytes = magika();
	conforms(&ort(), &bytes, &magika_spec(&bytes), &[letters(1)]);
	conforms(&ort(), &bytes, &magika_spec(&bytes), &[letters(3)]);
}

#[test]
fn every_element_type_goes_in_and_comes_out_unchanged() {
	for dtype in DType::ALL {
		let bytes = onnx::identity(dtype, &[0, 2]);
		let spec = identity_spec(&bytes, dtype, &[Dimension::UpTo(9), Dimension::Fixed(2)]);
		let prepared = prepare(&bytes, spec.clone()).unwrap_or_else(|error| panic!("{error}"));
		for batch in [1, 3, 9] {
			let length = usize::try_from(u64::from(batch) * 2 * dtype.size()).unwrap();
			let data: Vec<u8> = match dtype {
				DType::Bool => (0..length).map(|index| (index % 3 == 0).into()).collect(),
				// All bits are used, and no float is a signaling NaN.
				_ => (0..length).map(|index| 0x3b ^ (index * 29 % 64) as u8).collect(),
			};
			let input = Tensor::new(dtype, vec![batch, 2], data).unwrap();
			assert_eq!(prepared.run(std::slice::from_ref(&input)).unwrap(), [input], "{dtype}");
		}
	}
}

#[test]
fn files_that_are_no_model_are_refused() {
	let whole = magika();
	let mut flipped = whole.clone();
	for byte in flipped.iter_mut().take(4096) {
		*byte ^= 0x5a;
	}
	let garbage = vec![0xa5; 4096];
	let half = &whole[..whole.len() / 2];
	for bytes in [&garbage[..], half, &flipped, &whole[..whole.len() - 1], &[0], &[]] {
		let error = refusal(bytes, magika_spec(bytes));
		assert!(matches!(error, EngineError::Malformed(_)), "{error}");
		assert!(!error.is_retryable());
	}
}

#[test]
fn a_small_model_cut_anywhere_never_brings_the_process_down() {
	let whole = onnx::identity(DType::Int64, &[0]);
	for length in 0..whole.len() {
		let bytes = &whole[..length];
		// A prefix can be a whole message: what matters is an answer of some kind.
		let _ = prepare(bytes, identity_spec(bytes, DType::Int64, &[Dimension::UpTo(4)]));
	}
}

#[test]
fn a_model_that_is_not_as_declared_is_refused_with_what_differs() {
	let bytes = onnx::identity(DType::Float32, &[0, 2]);
	let shape = [Dimension::UpTo(9), Dimension::Fixed(2)];
	let good = |name| vec![tensor_spec(name, DType::Float32, &shape)];
	let wrong_type = vec![tensor_spec("x", DType::Int32, &shape)];
	let wrong_rank = vec![tensor_spec("x", DType::Float32, &shape[..1])];
	let wrong_length =
		vec![tensor_spec("x", DType::Float32, &[Dimension::UpTo(9), Dimension::Fixed(3)])];
	let fixed = onnx::identity(DType::Float32, &[2]);
	let free = identity_spec(&fixed, DType::Float32, &[Dimension::UpTo(2)]);
	assert!(matches!(refusal(&fixed, free), EngineError::Undeclared { .. }));
	let two = vec![good("x").remove(0), good("z").remove(0)];
	let cases = [
		(good("z"), good("y"), "input", "z"),
		(wrong_type, good("y"), "input", "x"),
		(wrong_rank, good("y"), "input", "x"),
		(wrong_length, good("y"), "input", "x"),
		(two, good("y"), "input", "z"),
		(vec![], good("y"), "input", "x"),
		(good("x"), good("z"), "output", "z"),
	];
	for (inputs, outputs, which, tensor) in cases {
		match refusal(&bytes, spec(&bytes, inputs, outputs)) {
			EngineError::Undeclared { what, name, reason } => {
				assert_eq!((what, name.as_str()), (which, tensor), "{reason}");
			},
			other => panic!("{other}"),
		}
	}
}

#[test]
fn an_input_that_is_not_as_declared_is_an_error_of_the_run() {
	let bytes = onnx::identity(DType::Float32, &[0, 2]);
	let shape = [Dimension::UpTo(9), Dimension::Fixed(2)];
	let prepared = prepare(&bytes, identity_spec(&bytes, DType::Float32, &shape)).unwrap();
	let wrong = [
		Tensor::new(DType::Int32, vec![1, 2], vec![0; 8]).unwrap(),
		Tensor::new(DType::Float32, vec![1, 3], vec![0; 12]).unwrap(),
		Tensor { data: vec![0; 7], ..Tensor::new(DType::Float32, vec![1, 2], vec![0; 8]).unwrap() },
	];
	for input in wrong {
		let error = prepared.run(&[input]).unwrap_err();
		assert!(matches!(error, EngineError::Run(_)), "{error}");
	}
	// And the model goes on working.
	let good = Tensor::new(DType::Float32, vec![1, 2], vec![0; 8]).unwrap();
	assert_eq!(prepared.run(std::slice::from_ref(&good)).unwrap(), [good]);
}

#[test]
fn a_model_cannot_name_other_files_of_the_machine() {
	let folder = TempDir::new().unwrap();
	let secret = folder.path().join("secret");
	std::fs::write(&secret, [0x41; 4096]).unwrap();
	// Tests run in the package's folder: a neighbor, by a relative path, and an absolute path.
	let beside = TempDir::new_in(".").unwrap();
	let neighbor = Path::new(beside.path().file_name().unwrap()).join("secret");
	std::fs::write(&neighbor, [0x41; 4096]).unwrap();
	for location in [secret.as_path(), &neighbor] {
		let bytes = onnx::with_external_data(location.to_str().unwrap());
		let index = tensor_spec("x", DType::Int64, &[Dimension::Fixed(4)]);
		let picked = tensor_spec("y", DType::Float32, &[Dimension::Fixed(4)]);
		let error = refusal(&bytes, spec(&bytes, vec![index], vec![picked]));
		assert!(matches!(error, EngineError::Malformed(_)), "{error}");
	}
}

#[test]
fn without_the_library_the_error_says_what_to_do() {
	let engine = OrtEngine::new(Device::Cpu, 1).with_library("/nowhere/libonnxruntime.so".into());
	assert!(engine.name().starts_with("ort-"));
	// The library of another test may be loaded in this process: only a fresh one can tell.
	if let Err(error) = engine.load() {
		let text = error.to_string();
		assert!(text.contains("scripts/setup.sh") && text.contains("ORT_DYLIB_PATH"), "{text}");
		assert!(!error.is_retryable());
	}
}
