//! What a job is given: tensors that the requester has, or an input that somebody has sealed.

use super::{by_artifact, parse_inputs, DataUse};
use crate::{cli::InferArgs, commands::data::SealedInput, context::Context, failure::Failure};
use assay_primitives::{job::Input, model::VersionView, tensor::Tensor};

/// The input of a job.
pub enum Supplied {
	/// Tensors that the requester has.
	Open(Vec<Tensor>),
	/// The card of an encrypted input, whose content the requester does not know.
	Sealed(SealedInput),
}

impl Supplied {
	/// What the arguments say.
	pub fn parse(version: &VersionView, arguments: &InferArgs) -> Result<Self, Failure> {
		match &arguments.sealed_input {
			Some(card) => SealedInput::read(card).map(Supplied::Sealed),
			None => parse_inputs(&version.spec.inputs, &arguments.inputs).map(Supplied::Open),
		}
	}

	/// The shapes of the inputs, which are as the version declares them.
	pub fn shapes(&self, version: &VersionView) -> Result<Vec<Vec<u32>>, Failure> {
		match self {
			Supplied::Open(inputs) => {
				Ok(inputs.iter().map(|tensor| tensor.shape.to_vec()).collect())
			},
			Supplied::Sealed(card) => card.shapes(version.id, &version.spec.inputs),
		}
	}

	/// Fail if the provider could not read it: a file is read with the key of the data that the job
	/// uses, if that has one, and as it is if not.
	pub fn ensure_readable(&self, used: Option<&DataUse>) -> Result<(), Failure> {
		match (self, used) {
			(Supplied::Sealed(card), used) => card.ensure_key(used.and_then(|used| used.key)),
			(Supplied::Open(inputs), Some(used)) if by_artifact(inputs) => used.ensure_open(),
			(Supplied::Open(_), _) => Ok(()),
		}
	}

	/// The input as it travels.
	pub async fn input(&self, context: &Context, arguments: &InferArgs) -> Result<Input, Failure> {
		let gateway = arguments.gateway.as_deref();
		match self {
			Supplied::Open(inputs) => super::input(context, inputs, gateway).await,
			Supplied::Sealed(card) => {
				card.input(context, gateway, arguments.sealed_file.as_deref()).await
			},
		}
	}

	/// The tensors, if the requester has them and they lie in a file.
	pub fn to_show(&self) -> Option<&[Tensor]> {
		match self {
			Supplied::Open(inputs) if by_artifact(inputs) => Some(inputs),
			_ => None,
		}
	}
}
