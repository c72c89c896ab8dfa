//! Calibration: an engine of jobs beside the canonical one, before a version is asked for.
//!
//! ONNX Runtime and the magika model are those that `scripts/setup.sh` fetches.

use assay_primitives::{
	model::{Class, Tolerance, VersionSpec},
	tensor::{DType, Dimension, Tensor},
};
use assay_worker::{
	calibration::{calibrate, compare, CalibrationError},
	canonical::{CanonicalModel, Options},
	config::Device,
	engine::{
		ort::{library_path, OrtEngine},
		ByClass, Engine, EngineError,
	},
	models::Models,
	onnx::proto::{
		DimensionProto, GraphProto, Length, ModelProto, NodeProto, OperatorSetIdProto,
		TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
	},
	store::FileStore,
	Error,
};
use prost::Message;
use std::sync::Arc;
use tempfile::TempDir;

#[path = "support/magika.rs"]
mod magika;
#[path = "support/versions.rs"]
mod versions;

use versions::{tensor_spec, version};

/// Models in a folder, with a file that they have already.
async fn models(engine: impl Engine, bytes: &[u8]) -> (Models, TempDir) {
	let folder = TempDir::new().unwrap();
	let store = FileStore::open(folder.path().join("artifacts"), 1 << 30, false).unwrap();
	let models = Models::new(Arc::new(engine), Arc::new(store), 1 << 30);
	models.publish(bytes.to_vec()).await.unwrap();
	(models, folder)
}

fn by_class() -> ByClass {
	ByClass::new(Device::Cpu, 1).with_library(library_path())
}

fn ort() -> OrtEngine {
	OrtEngine::new(Device::Cpu, 1).with_library(library_path())
}

fn magika_version(bytes: &[u8]) -> VersionSpec {
	let [input, output] = magika::declared(64);
	let spec = version(bytes, vec![input], vec![]);
	assert_eq!(spec.outputs.to_vec(), [output]);
	spec
}

/// Magika with this tolerance, whose rows are files.
fn tolerant(bytes: &[u8], absolute: f32, relative: f32) -> VersionSpec {
	let (absolute, relative) = (absolute.to_bits(), relative.to_bits());
	let tolerance = Some(Tolerance { absolute, relative, row_axis: 1 });
	VersionSpec { class: Class::Tolerant, tolerance, ..magika_version(bytes) }
}

/// `y = x / x` of integers of one length; for `always`, `y = x / (x − x)`.
fn quotient(always: bool) -> Vec<u8> {
	let value = |name: &str| {
		let shape = TensorShapeProto {
			dim: vec![DimensionProto { value: Some(Length::Symbol("n".into())) }],
		};
		let tensor_type = Some(TensorTypeProto { elem_type: 7, shape: Some(shape) });
		ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type }) }
	};
	let node = |operator: &str, inputs: [&str; 2], output: &str| NodeProto {
		input: inputs.map(str::to_owned).to_vec(),
		output: vec![output.into()],
		op_type: operator.into(),
		..NodeProto::default()
	};
	let divisor = if always { "zero" } else { "x" };
	let graph = GraphProto {
		node: vec![node("Sub", ["x", "x"], "zero"), node("Div", ["x", divisor], "y")],
		input: vec![value("x")],
		output: vec![value("y")],
		..GraphProto::default()
	};
	ModelProto {
		ir_version: 8,
		graph: Some(graph),
		opset_import: vec![OperatorSetIdProto { domain: String::new(), version: 17 }],
		..ModelProto::default()
	}
	.encode_to_vec()
}

#[tokio::test]
async fn an_engine_within_the_tolerance_of_a_version_passes() {
	let bytes = magika::file();
	let (models, _folder) = models(by_class(), &bytes).await;
	calibrate(&models, &tolerant(&bytes, 1e-5, 1e-4)).await.unwrap();
	calibrate(&models, &magika_version(&bytes)).await.unwrap();
}

#[tokio::test]
async fn an_engine_outside_of_the_tolerance_is_told_what_differs() {
	let bytes = magika::file();
	let (models, _folder) = models(by_class(), &bytes).await;
	let error = calibrate(&models, &tolerant(&bytes, 0.0, 1e-12)).await.unwrap_err();
	assert!(!error.is_retryable() && !error.is_fatal());
	assert_eq!(error.kind(), "calibration");
	let text = error.to_string();
	let Error::Calibration(CalibrationError::Outside {
		output,
		element,
		given,
		canonical,
		absolute,
		relative,
		scale,
	}) = error
	else {
		panic!("{text}")
	};
	assert_eq!((output.as_str(), absolute, relative), ("target_label", 0.0, 1e-12));
	assert!(element < 64 * 214 && given != canonical && canonical.abs() <= scale);
	assert!((given - canonical).abs() < 1e-5, "{given} {canonical}");
	for part in ["target_label", "1e-12", &element.to_string(), &format!("{given:e}")] {
		assert!(text.contains(part), "{part} in {text}");
	}
}

#[tokio::test]
async fn where_bits_decide_no_other_bits_pass() {
	let bytes = magika::file();
	let (models, _folder) = models(ort(), &bytes).await;
	let error = calibrate(&models, &magika_version(&bytes)).await.unwrap_err();
	match error {
		Error::Calibration(CalibrationError::Different { output, given, canonical, .. }) => {
			assert_eq!(output, "target_label");
			assert_ne!(given, canonical);
		},
		other => panic!("{other}"),
	}
}

#[tokio::test]
async fn outputs_are_compared_element_by_element_and_shape_by_shape() {
	let bytes = magika::file();
	let spec = tolerant(&bytes, 1e-5, 1e-4);
	let (models, _folder) = models(by_class(), &bytes).await;
	let model = CanonicalModel::of_version(&bytes, &spec).unwrap();
	let run = |letters: &[u8]| {
		let run = model.run(&[magika::letters(letters)], &Options::default()).unwrap();
		run.outputs.unwrap()
	};
	let canonical = run(b"a{");
	let given = models.run(&spec, [magika::letters(b"a{")].into()).await.unwrap();
	compare(&spec, &given, &canonical).unwrap();

	let mut wrong = given.clone();
	wrong[0].data[4 * 214 + 8..][..4].copy_from_slice(&f32::NAN.to_le_bytes());
	match compare(&spec, &wrong, &canonical).unwrap_err() {
		Error::Calibration(CalibrationError::Outside { element, given, .. }) => {
			assert_eq!((element, given.is_nan()), (216, true));
		},
		other => panic!("{other}"),
	}
	match compare(&spec, &given, &run(b"a")).unwrap_err() {
		Error::Calibration(CalibrationError::Shape { given, canonical, .. }) => {
			assert_eq!((given, canonical), (vec![2, 214], vec![1, 214]));
		},
		other => panic!("{other}"),
	}
}

#[tokio::test]
async fn inputs_without_a_canonical_result_show_nothing_unless_all_are() {
	let versioned = |bytes: &[u8], most| {
		version(bytes, vec![tensor_spec("x", DType::Int64, &[Dimension::UpTo(most)])], vec![])
	};
	// Of zeros there is no quotient, and of some random rows.
	let bytes = quotient(false);
	let (some, _folder) = models(by_class(), &bytes).await;
	calibrate(&some, &versioned(&bytes, 1)).await.unwrap();

	let bytes = quotient(true);
	let (none, _folder) = models(by_class(), &bytes).await;
	let error = calibrate(&none, &versioned(&bytes, 1)).await.unwrap_err();
	assert!(matches!(error, Error::Engine(EngineError::Fault { slot: 1, element: 0 })), "{error}");
}

#[tokio::test]
async fn inputs_that_no_job_can_carry_are_refused() {
	let bytes = quotient(false);
	let length = Dimension::Fixed(1 << 28);
	let spec = version(&bytes, vec![tensor_spec("x", DType::Int64, &[length])], vec![]);
	let (models, _folder) = models(by_class(), &bytes).await;
	let error = calibrate(&models, &spec).await.unwrap_err();
	let large = Error::Calibration(CalibrationError::TooLarge { bytes: 1 << 31 });
	assert_eq!(error.to_string(), large.to_string());
}

#[test]
fn tensors_that_are_not_canonical_are_named() {
	let bytes = magika::file();
	let double = [Tensor::new(DType::Float64, vec![1], vec![0; 8]).unwrap()];
	let error = compare(&magika_version(&bytes), &double, &double).unwrap_err();
	assert!(matches!(error, Error::Output { index: 0, .. }), "{error}");
}
