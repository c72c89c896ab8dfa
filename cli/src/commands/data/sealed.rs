//! Inputs that are encrypted by whoever has the data, and requested by somebody who has not.

use crate::{
	cli::SealArgs,
	commands::infer,
	context::Context,
	failure::Failure,
	file, gateway,
	manifest::bounded,
	output::{Output, Report},
	tensors::describe,
	views,
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
			self.ensure_file(path, &context.output)?;
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
	fn ensure_file(&self, path: &Path, output: &Output) -> Result<(), Failure> {
		let fail =
			|what: String| Failure::new("sealed-input", format!("{}: {what}", path.display()));
		if gateway::hash_file(path, output)? != self.artifact {
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
	let mut card = encrypt(&key, version.id, &tensors, out, &context.output)?;
	card.locator =
		gateway.as_deref().map(|gateway| gateway::artifact_url(gateway, &card.artifact.hash));
	write_card(&card, &card_file)?;
	if let Some(gateway) = gateway {
		gateway::put_file(gateway, &card.artifact, out, &context.output).await?;
	}
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
	output: &Output,
) -> Result<SealedInput, Failure> {
	let bytes = encode_tensors(tensors);
	file::create(path, false, |file| Ok(key.encrypt(&bytes[..], file)?))?;
	let artifact = gateway::hash_file(path, output)?;
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

#[cfg(test)]
mod tests {
	use super::*;
	use crate::cli::Cli;
	use assay_primitives::{
		tensor::{decode_tensors, DType, Dimension},
		ModelId,
	};
	use clap::Parser;
	use std::fs;

	const OUTPUT: Output = Output { json: false, quiet: true };
	/// What must be seen nowhere.
	const CONTENT: &[u8] = b"the diagnosis of a patient";

	fn version() -> VersionId {
		VersionId { model: ModelId(4), number: 2 }
	}

	fn specs() -> Vec<TensorSpec> {
		vec![TensorSpec {
			name: b"text".to_vec().try_into().unwrap(),
			dtype: DType::Uint8,
			shape: vec![Dimension::UpTo(64)].try_into().unwrap(),
		}]
	}

	fn tensors() -> Vec<Tensor> {
		vec![Tensor::new(DType::Uint8, vec![CONTENT.len() as u32], CONTENT.to_vec()).unwrap()]
	}

	struct Scene {
		folder: tempfile::TempDir,
		key: ContentKey,
		card: SealedInput,
	}

	impl Scene {
		fn new() -> Self {
			let (folder, key) = (tempfile::tempdir().unwrap(), ContentKey::generate());
			let path = folder.path().join("x.enc");
			let card = encrypt(&key, version(), &tensors(), &path, &OUTPUT).unwrap();
			write_card(&card, &folder.path().join("x.enc.json")).unwrap();
			Scene { folder, key, card }
		}

		fn path(&self, name: &str) -> std::path::PathBuf {
			self.folder.path().join(name)
		}
	}

	/// The commands of somebody who has no key and asks no node.
	fn context() -> Context {
		let cli = Cli::try_parse_from(["assay", "account", "show"]).unwrap();
		Context::new(cli.global, OUTPUT)
	}

	#[test]
	fn a_card_commits_to_tensors_that_the_key_alone_opens() {
		let scene = Scene::new();
		let card = SealedInput::read(&scene.path("x.enc.json")).unwrap();
		assert_eq!(card, scene.card);
		let mut content = Vec::new();
		let file = File::open(scene.path("x.enc")).unwrap();
		scene.key.decrypt(file, &mut content).unwrap();
		let opened = decode_tensors(&content, &specs()).unwrap();
		assert_eq!(opened, tensors());
		let root = tensor_root(DType::Uint8, &opened[0].shape, &opened[0].data);
		assert_eq!((card.tensors[0].root, card.key), (root, scene.key.commitment()));
	}

	#[test]
	fn neither_key_nor_content_is_in_the_file_or_on_the_card() {
		let scene = Scene::new();
		let digits: String = scene.key.expose().iter().map(|byte| format!("{byte:02x}")).collect();
		for name in ["x.enc", "x.enc.json"] {
			let bytes = fs::read(scene.path(name)).unwrap();
			for secret in [CONTENT, scene.key.expose(), digits.as_bytes()] {
				assert!(!bytes.windows(secret.len()).any(|part| part == secret), "{name}");
			}
		}
	}

	#[test]
	fn a_card_is_for_one_version_and_as_it_declares_its_inputs() {
		let card = Scene::new().card;
		let length = CONTENT.len() as u32;
		assert_eq!(card.shapes(version(), &specs()).unwrap(), [vec![length]]);
		let said =
			|card: &SealedInput, version| card.shapes(version, &specs()).unwrap_err().to_text();
		let other = VersionId { number: 3, ..version() };
		assert!(said(&card, other).contains("sealed for version 4@2, not 4@3"));
		let none = SealedInput { tensors: vec![], ..card.clone() };
		assert!(said(&none, version()).contains("has 0 inputs"));
		let mut wide = card;
		wide.tensors[0].shape = vec![65].try_into().unwrap();
		assert!(said(&wide, version()).contains("uint8 [<=64]"));
	}

	#[tokio::test]
	async fn a_sealed_input_lies_where_its_card_or_the_requester_says() {
		let scene = Scene::new();
		let url = |input: Input| match input {
			Input::Artifact { artifact, locator, tensors } => {
				assert_eq!(
					(artifact, tensors.to_vec()),
					(scene.card.artifact, scene.card.tensors.clone())
				);
				String::from_utf8(locator.to_vec()).unwrap()
			},
			_ => panic!("another input"),
		};
		let hash = scene.card.artifact.hash;
		let nowhere = scene.card.input(&context(), None, None).await.unwrap_err().to_text();
		assert!(nowhere.contains("does not say where"), "{nowhere}");
		let carded = SealedInput { locator: Some("https://x/1".into()), ..scene.card.clone() };
		assert_eq!(url(carded.input(&context(), None, None).await.unwrap()), "https://x/1");
		let named = carded.input(&context(), Some("https://y"), None).await.unwrap();
		assert_eq!(url(named), format!("https://y/v1/artifacts/{hash}"));
	}

	#[test]
	fn only_the_file_of_the_card_is_uploaded() {
		let scene = Scene::new();
		assert!(scene.card.ensure_file(&scene.path("x.enc"), &OUTPUT).is_ok());
		fs::write(scene.path("open"), encode_tensors(&tensors())).unwrap();
		let artifact = gateway::hash_file(&scene.path("open"), &OUTPUT).unwrap();
		let refused = |card: &SealedInput| {
			card.ensure_file(&scene.path("open"), &OUTPUT).unwrap_err().to_text()
		};
		assert!(refused(&scene.card).contains("is not the file of the card"));
		// A card that would have the requester upload the content openly.
		let open = SealedInput { artifact, ..scene.card.clone() };
		assert!(refused(&open).contains("no encrypted file"));
		let other = SealedInput { key: Root([1; 32]), ..scene.card.clone() };
		let text = other.ensure_file(&scene.path("x.enc"), &OUTPUT).unwrap_err().to_text();
		assert!(text.contains("for another key"), "{text}");
	}

	#[test]
	fn a_card_with_what_nobody_knows_is_refused() {
		let scene = Scene::new();
		for text in ["", "{}", "[]"] {
			fs::write(scene.path("card"), text).unwrap();
			assert!(SealedInput::read(&scene.path("card")).is_err());
		}
		let mut card = json!(scene.card);
		card["price"] = json!(1);
		fs::write(scene.path("card"), card.to_string()).unwrap();
		let text = SealedInput::read(&scene.path("card")).unwrap_err().to_text();
		assert!(text.contains("unknown field"), "{text}");
	}
}
