//! Inputs that are encrypted by whoever has the data, and requested by somebody who has not.

use crate::{
	cli::SealArgs, commands::infer, context::Context, failure::Failure, file, gateway,
	manifest::bounded, output::Report, tensors::describe, views,
};
use assay_client::content::{commitment_of, ContentKey};
use assay_primitives::{
	commitment::tensor_root,
	job::{Input, TensorHeader, MAX_JOB_ARTIFACT},
	model::Artifact,
	tensor::{encode_tensors, Tensor, TensorSpec},
	Root, VersionId,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{fs::File, io::Write, path::Path};

/// The most bytes of a card.
const MOST_CARD: u64 = 64 * 1024;
/// The ending of the file with the card.
const CARD: &str = ".json";

/// The card of an encrypted input: all that a requester has to say of it. Nothing on it tells of the
/// content but its shape and what commits to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedInput {
	/// The version that the input is for.
	pub version: VersionId,
	/// The commitment to the key that it is encrypted with.
	pub key: Root,
	/// The encrypted file.
	pub artifact: Artifact,
	/// Where it may be fetched.
	#[serde(default)]
	pub locator: Option<String>,
	/// The tensors in it, in declared order.
	pub tensors: Vec<TensorHeader>,
}

impl SealedInput {
	/// Read a card.
	pub fn read(path: &Path) -> Result<Self, Failure> {
		let bytes = file::read(path, MOST_CARD).map_err(|reason| Failure::new("file", reason))?;
		serde_json::from_slice(&bytes)
			.map_err(|error| Failure::new("sealed-input", format!("{}: {error}", path.display())))
	}

	/// The shapes of the tensors, if they are as a version declares its inputs.
	pub fn shapes(
		&self,
		version: VersionId,
		specs: &[TensorSpec],
	) -> Result<Vec<Vec<u32>>, Failure> {
		let fail = |message: String| Failure::new("sealed-input", message);
		if self.version != version {
			let sealed = self.version;
			return Err(fail(format!("the input is sealed for version {sealed}, not {version}"))
				.help("name that version with --model, or have the input sealed for this one"));
		}
		if self.tensors.len() != specs.len() {
			let (has, declared) = (self.tensors.len(), specs.len());
			return Err(fail(format!(
				"the card has {has} inputs, the version declares {declared}"
			)));
		}
		for (spec, tensor) in specs.iter().zip(&self.tensors) {
			spec.check(spec.dtype, &tensor.shape).map_err(|error| {
				let name = views::text(&spec.name);
				fail(format!("input `{name}`: {error}"))
					.help(format!("`{name}` is declared as {}", describe(spec)))
			})?;
		}
		Ok(self.tensors.iter().map(|tensor| tensor.shape.to_vec()).collect())
	}

	/// Fail unless the input is encrypted with the key that has this commitment: whoever runs the
	/// job gets no other.
	pub fn ensure_key(&self, key: Option<Root>) -> Result<(), Failure> {
		match key {
			Some(key) if key == self.key => Ok(()),
			Some(key) => {
				let message = format!("the input is sealed with {}, the data with {key}", self.key);
				Err(Failure::new("sealed-input", message)
					.help("seal it with the key of the asset that the job names with --data"))
			},
			None => Err(Failure::new("sealed-input", "the data that the job names has no key")
				.help("nobody would hand the provider the key: give the input with --input")),
		}
	}

	/// The input as it is requested, with its file at the place that is named or on the card. A file
	/// that is given is uploaded there.
	pub async fn input(
		&self,
		context: &Context,
		gateway: Option<&str>,
		path: Option<&Path>,
	) -> Result<Input, Failure> {
		if let Some(path) = path {
			self.ensure_file(path, context)?;
		}
		let url = match (gateway, &self.locator) {
			(Some(gateway), _) => gateway::artifact_url(gateway, &self.artifact.hash),
			(None, Some(locator)) => locator.clone(),
			(None, None) => {
				return Err(Failure::new(
					"sealed-input",
					"the card does not say where the file lies",
				)
				.help("name an artifact gateway that has it with --gateway URL"));
			},
		};
		if let (Some(gateway), Some(path)) = (gateway, path) {
			gateway::put_file(gateway, &self.artifact, path, &context.output).await?;
		}
		Ok(Input::Artifact {
			artifact: self.artifact,
			locator: bounded(url.into_bytes(), "the URL of the input")?,
			tensors: bounded(self.tensors.clone(), "the list of inputs")?,
		})
	}

	/// Fail unless a file is the one of the card.
	fn ensure_file(&self, path: &Path, context: &Context) -> Result<(), Failure> {
		let fail =
			|what: String| Failure::new("sealed-input", format!("{}: {what}", path.display()));
		if gateway::hash_file(path, &context.output)? != self.artifact {
			return Err(fail("it is not the file of the card".into()));
		}
		let file = File::open(path).map_err(|error| fail(error.to_string()))?;
		match commitment_of(file) {
			Ok(key) if key == self.key => Ok(()),
			Ok(_) => Err(fail("it is for another key than the card says".into())),
			Err(error) => Err(fail(error.to_string())),
		}
	}
}

/// Encrypt an input, and write the card for its requester.
pub async fn seal(context: &Context, arguments: &SealArgs) -> Result<Report, Failure> {
	let SealArgs { key_file, model, inputs, out, gateway } = arguments;
	let key = ContentKey::from_file(key_file)?;
	let card_file = file::beside(out, CARD);
	file::ensure_new(out)?;
	file::ensure_new(&card_file)?;
	let (_, version) = context.version(model).await?;
	let tensors = infer::parse_inputs(&version.spec.inputs, inputs)?;
	let mut card = encrypt(&key, version.id, &tensors, out, context)?;
	if let Some(gateway) = gateway {
		card.locator = Some(gateway::artifact_url(gateway, &card.artifact.hash));
		gateway::put_file(gateway, &card.artifact, out, &context.output).await?;
	}
	write_card(&card, &card_file)?;
	let text = format!(
		"{} written, and its card {}\n`assay infer --model {model} --sealed-input {} --data RIGHT` \
		 requests a job with it",
		out.display(),
		card_file.display(),
		card_file.display()
	);
	let json = json!({
		"file": out.display().to_string(),
		"card": card_file.display().to_string(),
		"sealed_input": card,
	});
	Ok(Report::new(json, text))
}

/// Write the tensors of an input to an encrypted file. They are in no other.
fn encrypt(
	key: &ContentKey,
	version: VersionId,
	tensors: &[Tensor],
	path: &Path,
	context: &Context,
) -> Result<SealedInput, Failure> {
	let bytes = encode_tensors(tensors);
	file::create(path, false, |file| Ok(key.encrypt(&bytes[..], file)?))?;
	let artifact = gateway::hash_file(path, &context.output)?;
	if artifact.size > MAX_JOB_ARTIFACT {
		let (has, most) = (artifact.size, MAX_JOB_ARTIFACT);
		let _ = std::fs::remove_file(path);
		let message = format!("the input has {has} bytes, more than the {most} of any");
		return Err(Failure::new("input", message));
	}
	let header = |tensor: &Tensor| TensorHeader {
		shape: tensor.shape.clone(),
		root: tensor_root(tensor.dtype, &tensor.shape, &tensor.data),
	};
	let tensors = tensors.iter().map(header).collect();
	Ok(SealedInput { version, key: key.commitment(), artifact, locator: None, tensors })
}

fn write_card(card: &SealedInput, path: &Path) -> Result<(), Failure> {
	file::create(path, false, |mut file| {
		let text = format!("{:#}\n", json!(card));
		file.write_all(text.as_bytes())
			.map_err(|error| Failure::new("file", format!("{}: {error}", path.display())))
	})
}
