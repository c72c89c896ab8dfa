//! What a job is given: tensors that the requester has, or an input that somebody has sealed.

use super::{by_artifact, parse_inputs, DataUse};
use crate::{
	cli::InferArgs, commands::data::SealedInput, context::Context, failure::Failure, output::Output,
};
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

	/// Fail if the provider could not read it, since nobody would hand it the key; and warn if
	/// everybody can read what is encrypted elsewhere.
	pub fn ensure_readable(&self, used: Option<&DataUse>, output: &Output) -> Result<(), Failure> {
		match self {
			Supplied::Sealed(card) => card.ensure_key(used.and_then(|used| used.key)),
			Supplied::Open(_) => {
				if let Some(warning) = used.and_then(DataUse::warning) {
					output.note(&warning);
				}
				Ok(())
			},
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

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{
		job::MAX_INLINE_INPUT, model::Artifact, tensor::DType, ArtifactHash, AssetId, Root,
		VersionId,
	};

	const OUTPUT: Output = Output { json: false, quiet: true };

	fn sealed(key: Root) -> Supplied {
		Supplied::Sealed(SealedInput {
			version: VersionId::default(),
			key,
			artifact: Artifact { hash: ArtifactHash([2; 32]), size: 80 },
			locator: None,
			tensors: vec![],
		})
	}

	fn open(bytes: u32) -> Supplied {
		let data = vec![0; bytes as usize];
		Supplied::Open(vec![Tensor::new(DType::Uint8, vec![bytes], data).unwrap()])
	}

	#[test]
	fn a_sealed_input_is_for_data_with_the_very_key() {
		let key = Root([1; 32]);
		let used = |key| DataUse { asset: AssetId(7), key, price: 0, key_fee: 0 };
		let check = |used: Option<DataUse>| sealed(key).ensure_readable(used.as_ref(), &OUTPUT);
		assert!(check(Some(used(Some(key)))).is_ok());
		for used in [Some(used(Some(Root([2; 32])))), Some(used(None)), None] {
			assert_eq!(check(used).unwrap_err().kind(), "sealed-input");
		}
		assert!(open(1).ensure_readable(Some(&used(Some(key))), &OUTPUT).is_ok());
	}

	#[test]
	fn only_what_the_requester_has_in_a_file_is_shown_on_demand() {
		assert!(open(1).to_show().is_none(), "it is on chain");
		assert!(open(MAX_INLINE_INPUT).to_show().is_some());
		assert!(sealed(Root([1; 32])).to_show().is_none(), "the requester does not know it");
	}
}
