//! Versions of ONNX files, with what they commit to as it is computed.

use assay_primitives::{
	canonical::Constant,
	model::{Class, PriceUnit, SpecVersion, VersionSpec},
	tensor::{DType, Dimension, TensorSpec},
};
use assay_worker::{artifact::artifact_of, canonical::CanonicalModel};

/// A declared tensor.
pub fn tensor_spec(name: &str, dtype: DType, shape: &[Dimension]) -> TensorSpec {
	TensorSpec {
		name: name.as_bytes().to_vec().try_into().unwrap(),
		dtype,
		shape: shape.to_vec().try_into().unwrap(),
	}
}

/// A version of a file with these inputs and constants, and all the rest as it is computed.
pub fn version(bytes: &[u8], inputs: Vec<TensorSpec>, constants: Vec<Constant>) -> VersionSpec {
	let spec = VersionSpec {
		artifact: artifact_of(bytes),
		locators: Default::default(),
		inputs: inputs.try_into().unwrap(),
		outputs: Default::default(),
		class: Class::Canonical,
		tolerance: None,
		price: 0,
		unit: PriceUnit::Call,
		spec: SpecVersion(1),
		commitments: Default::default(),
		constants: constants.try_into().unwrap(),
		licence: Default::default(),
		permissions: Default::default(),
	};
	let model = CanonicalModel::declared(bytes, &spec).unwrap();
	let outputs = model.outputs().unwrap().try_into().unwrap();
	let spec = VersionSpec { outputs, commitments: model.commitments().unwrap(), ..spec };
	spec.validate().unwrap();
	spec
}
