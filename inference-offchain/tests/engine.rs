//! What every engine must do, and the engines of the worker on real and on bad models.
//!
//! ONNX Runtime and the magika model are those that `scripts/setup.sh` fetches.

use assay_primitives::{
	model::{Class, PriceUnit, SpecVersion, Tolerance, VersionSpec},
	tensor::{DType, Dimension, Tensor, TensorSpec},
};
use assay_worker::{
	artifact::{artifact_of, VerifiedFile, VerifiedModel},
	canonical::{CanonicalError, CanonicalModel},
	config::Device,
	engine::{
		canonical::CanonicalEngine,
		ort::{library_path, OrtEngine},
		ByClass, Engine, EngineError, Runnable,
	},
	onnx::ImportError,
};
use std::path::Path;
use tempfile::TempDir;

#[path = "support/magika.rs"]
mod magika;
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

/// A version of a model, with its commitments where it can be imported.
fn spec(bytes: &[u8], inputs: Vec<TensorSpec>, outputs: Vec<TensorSpec>) -> VersionSpec {
	let spec = VersionSpec {
		artifact: artifact_of(bytes),
		locators: Default::default(),
		inputs: inputs.try_into().unwrap(),
		outputs: outputs.try_into().unwrap(),
		class: Class::Canonical,
		tolerance: None,
		price: 0,
		unit: PriceUnit::Call,
		spec: SpecVersion(1),
		commitments: Default::default(),
		constants: Default::default(),
		licence: Default::default(),
		permissions: Default::default(),
	};
	let model = CanonicalModel::declared(bytes, &spec);
	let commitments = model.and_then(|model| model.commitments()).unwrap_or_default();
	VersionSpec { commitments, ..spec }
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

/// ONNX Runtime and the canonical engine.
fn engines() -> [Box<dyn Engine>; 2] {
	[Box::new(ort()), Box::new(CanonicalEngine::new(1))]
}

fn prepare_on(
	engine: &dyn Engine,
	bytes: &[u8],
	spec: VersionSpec,
) -> Result<Box<dyn Runnable>, EngineError> {
	let folder = TempDir::new().unwrap();
	engine.prepare(&model(&folder, bytes, spec))
}

/// How every engine refuses a model.
fn refusal(bytes: &[u8], spec: VersionSpec) -> CanonicalError {
	let [first, second] = engines().map(|engine| {
		let error = match prepare_on(&*engine, bytes, spec.clone()) {
			Err(error) => error,
			Ok(_) => panic!("{} prepared the model", engine.name()),
		};
		assert!(!error.is_retryable(), "{error}");
		match error {
			EngineError::Canonical(error) => error,
			other => panic!("{other}"),
		}
	});
	assert_eq!(first, second);
	first
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

fn magika_spec(bytes: &[u8]) -> VersionSpec {
	let [input, output] = magika::declared(64);
	spec(bytes, vec![input], vec![output])
}

#[test]
fn a_mock_engine_conforms() {
	let bytes = b"any bytes";
	let input = Tensor::new(DType::Uint8, vec![2], vec![1, 2]).unwrap();
	conforms(&Echo, bytes, &identity_spec(bytes, DType::Uint8, &[Dimension::UpTo(4)]), &[input]);
}

#[test]
fn both_engines_conform_on_a_real_model() {
	let bytes = magika::file();
	for engine in engines() {
		conforms(&*engine, &bytes, &magika_spec(&bytes), &[magika::letters(b"a")]);
		conforms(&*engine, &bytes, &magika_spec(&bytes), &[magika::letters(b"a{0")]);
	}
}

#[test]
fn every_element_type_goes_in_and_comes_out_unchanged() {
	for dtype in DType::ALL {
		let bytes = onnx::identity(dtype, &[0, 2]);
		let spec = identity_spec(&bytes, dtype, &[Dimension::UpTo(9), Dimension::Fixed(2)]);
		if dtype.canonical().is_none() {
			let error = refusal(&bytes, spec);
			assert!(
				matches!(error, CanonicalError::Import(ImportError::ElementType { .. })),
				"{error}"
			);
			continue;
		}
		for engine in engines() {
			let prepared = prepare_on(&*engine, &bytes, spec.clone()).unwrap();
			for batch in [1, 3, 9] {
				let length = usize::try_from(u64::from(batch) * 2 * dtype.size()).unwrap();
				let data: Vec<u8> = match dtype {
					DType::Bool => (0..length).map(|index| (index % 3 == 0).into()).collect(),
					// All bits are used, and no float is a NaN.
					_ => (0..length).map(|index| 0x3b ^ (index * 29 % 64) as u8).collect(),
				};
				let input = Tensor::new(dtype, vec![batch, 2], data).unwrap();
				assert_eq!(prepared.run(std::slice::from_ref(&input)).unwrap(), [input], "{dtype}");
			}
		}
	}
}

#[test]
fn files_that_are_no_model_are_refused() {
	let whole = magika::file();
	let mut flipped = whole.clone();
	for byte in flipped.iter_mut().take(4096) {
		*byte ^= 0x5a;
	}
	let garbage = vec![0xa5; 4096];
	let half = &whole[..whole.len() / 2];
	for bytes in [&garbage[..], half, &flipped, &whole[..whole.len() - 1], &[0], &[]] {
		let error = refusal(bytes, magika_spec(bytes));
		assert!(matches!(error, CanonicalError::Import(_)), "{error}");
	}
}

#[test]
fn a_small_model_cut_anywhere_never_brings_the_process_down() {
	let whole = onnx::identity(DType::Int64, &[0]);
	for length in 0..whole.len() {
		let bytes = &whole[..length];
		let spec = identity_spec(bytes, DType::Int64, &[Dimension::UpTo(4)]);
		// A prefix can be a whole message: what matters is an answer of some kind.
		let _ = prepare_on(&ort(), bytes, spec);
		// What is handed to ONNX Runtime without a version is an operator's own.
		let _ = ort().session(bytes);
	}
}

#[test]
fn a_model_that_is_not_as_declared_is_refused_with_what_differs() {
	use CanonicalError::{Import, Inputs, Outputs};
	let bytes = onnx::identity(DType::Float32, &[0, 2]);
	let shape = [Dimension::UpTo(9), Dimension::Fixed(2)];
	let one = |name, dtype, shape: &[Dimension]| vec![tensor_spec(name, dtype, shape)];
	let good = |name| one(name, DType::Float32, &shape);
	let refused = |inputs, outputs| refusal(&bytes, spec(&bytes, inputs, outputs));

	let undeclared = |error| match error {
		Import(ImportError::UndeclaredDimension { input, .. }) => input == "x",
		_ => false,
	};
	assert!(undeclared(refused(good("z"), good("y"))));
	assert!(undeclared(refused(vec![], good("y"))));

	let wrong_length = [Dimension::UpTo(9), Dimension::Fixed(3)];
	let two = vec![good("x").remove(0), good("z").remove(0)];
	for inputs in [
		one("x", DType::Int32, &shape),
		one("x", DType::Float32, &shape[..1]),
		one("x", DType::Float32, &wrong_length),
		two,
	] {
		match refused(inputs.clone(), good("y")) {
			Inputs { computed, declared } => assert_eq!((computed, declared), (good("x"), inputs)),
			other => panic!("{other}"),
		}
	}
	match refused(good("x"), good("z")) {
		Outputs { computed, declared } => assert_eq!((computed, declared), (good("y"), good("z"))),
		other => panic!("{other}"),
	}
	let fixed = onnx::identity(DType::Float32, &[2]);
	let free = identity_spec(&fixed, DType::Float32, &[Dimension::UpTo(2)]);
	assert!(matches!(refusal(&fixed, free), Inputs { .. }));
}

#[test]
fn a_version_that_commits_to_something_else_is_refused_by_every_engine() {
	let bytes = onnx::identity(DType::Float32, &[0, 2]);
	let shape = [Dimension::UpTo(9), Dimension::Fixed(2)];
	let mut version = identity_spec(&bytes, DType::Float32, &shape);
	version.commitments.graph.0[7] ^= 1;
	assert!(matches!(refusal(&bytes, version), CanonicalError::Graph { .. }));
}

#[test]
fn an_input_that_is_not_as_declared_is_an_error_of_the_run() {
	let bytes = onnx::identity(DType::Float32, &[0, 2]);
	let shape = [Dimension::UpTo(9), Dimension::Fixed(2)];
	let spec = identity_spec(&bytes, DType::Float32, &shape);
	for engine in engines() {
		let prepared = prepare_on(&*engine, &bytes, spec.clone()).unwrap();
		let good = Tensor::new(DType::Float32, vec![1, 2], vec![0; 8]).unwrap();
		let wrong = [
			Tensor::new(DType::Int32, vec![1, 2], vec![0; 8]).unwrap(),
			Tensor::new(DType::Float32, vec![1, 3], vec![0; 12]).unwrap(),
			Tensor { data: vec![0; 7], ..good.clone() },
		];
		for input in wrong {
			let error = prepared.run(&[input]).unwrap_err();
			let expected = matches!(
				error,
				EngineError::Run(_) | EngineError::Canonical(CanonicalError::Input { .. })
			);
			assert!(expected && !error.is_retryable(), "{error}");
		}
		// And the model goes on working.
		assert_eq!(prepared.run(std::slice::from_ref(&good)).unwrap(), [good]);
	}
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
		let expected = ImportError::Unsupported { what: "external data", name: "w".into() };
		assert_eq!(error, CanonicalError::Import(expected));
		let bare = ort().session(&bytes).err();
		assert!(matches!(bare, Some(EngineError::Malformed(_))));
	}
}

#[test]
fn the_class_of_a_version_decides_which_engine_runs_it() {
	let engine = ByClass::new(Device::Cpu, 1).with_library("/nowhere/libonnxruntime.so".into());
	let bytes = onnx::identity(DType::Float32, &[2]);
	let canonical = identity_spec(&bytes, DType::Float32, &[Dimension::Fixed(2)]);
	let input = Tensor::new(DType::Float32, vec![2], vec![1; 8]).unwrap();
	let prepared = prepare_on(&engine, &bytes, canonical.clone()).unwrap();
	assert_eq!(prepared.run(std::slice::from_ref(&input)).unwrap(), [input]);

	let tolerance = Some(Tolerance { absolute: 0, relative: 0, row_axis: 0 });
	let tolerant = VersionSpec { class: Class::Tolerant, tolerance, ..canonical };
	// The library of another test may be loaded in this process: only a fresh one can tell.
	if let Err(error) = prepare_on(&engine, &bytes, tolerant) {
		assert!(matches!(error, EngineError::Library { .. }), "{error}");
	}
	assert!(engine.name().starts_with("ort-") && engine.name().ends_with("canonical-1"));
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
