//! The market as a requester and a model's owner use it: publish, ask, wait, read.

use crate::onnx;
use anyhow::{bail, ensure, Context, Result};
use assay_client::{batch::BatchInputs, keys::Keypair, Call, Client, Heads, Wait};
use assay_primitives::{
	api::{Estimate, MAX_PAGE},
	commitment::tensor_root,
	dispute::DisputeView,
	job::{Choice, InlineInput, Input, JobState, JobView, Output, TensorHeader, Terms},
	model::{Artifact, Class, Locator, PriceUnit, SpecVersion, Tolerance, VersionSpec},
	tensor::{decode_tensors, encode_tensors, Dimension, Tensor, TensorSpec},
	AccountId, ArtifactHash, Balance, DisputeId, JobId, ModelId, VersionId,
};
use assay_worker::canonical::CanonicalModel;
use futures::StreamExt;
use std::{
	future::Future,
	time::{Duration, Instant},
};

/// How long anything on the chain is waited for.
const PATIENCE: Duration = Duration::from_secs(180);

/// The name of a file by its content.
pub fn artifact(bytes: &[u8]) -> Artifact {
	Artifact { hash: ArtifactHash(*blake3::hash(bytes).as_bytes()), size: bytes.len() as u64 }
}

/// Where a gateway keeps an artifact.
pub fn address(gateway: &str, hash: ArtifactHash) -> String {
	format!("{}/v1/artifacts/{hash}", gateway.trim_end_matches('/'))
}

/// A URL as the chain keeps it.
pub fn locator(url: &str) -> Result<Locator> {
	Locator::try_from(url.as_bytes().to_vec()).ok().context("the URL is too long for the chain")
}

/// Upload a file to a gateway.
pub async fn upload(gateway: &str, bytes: &[u8]) -> Result<Artifact> {
	let artifact = artifact(bytes);
	let answer = reqwest::Client::new()
		.put(address(gateway, artifact.hash))
		.body(bytes.to_vec())
		.send()
		.await?;
	ensure!(answer.status().is_success(), "the gateway says {}", answer.status());
	Ok(artifact)
}

/// Look at every best block until `look` finds something.
pub async fn until<T, F, A>(client: &Client, what: &str, look: F) -> Result<T>
where
	F: FnMut() -> A,
	A: Future<Output = Result<Option<T>>>,
{
	within(client, PATIENCE, what, look).await
}

/// The same with another patience.
pub async fn within<T, F, A>(
	client: &Client,
	patience: Duration,
	what: &str,
	mut look: F,
) -> Result<T>
where
	F: FnMut() -> A,
	A: Future<Output = Result<Option<T>>>,
{
	let started = Instant::now();
	let mut blocks = client.blocks(Heads::Best).await?;
	loop {
		if let Some(found) = look().await? {
			return Ok(found);
		}
		let left = patience.saturating_sub(started.elapsed());
		match tokio::time::timeout(left, blocks.next()).await {
			// A lost connection is restored by the client; the next head tells.
			Ok(Some(_)) => {},
			Ok(None) => bail!("the stream of blocks ended"),
			Err(_) => bail!("{what}: not within {} s", patience.as_secs()),
		}
	}
}

/// Wait until a provider is registered and has a gateway, and give the gateway's URL.
pub async fn gateway(client: &Client, provider: &AccountId) -> Result<String> {
	until(client, "a provider with a gateway", || async {
		let view = client.provider(provider).await?;
		let endpoint = view.filter(|view| view.available).map(|view| view.profile.endpoint);
		let endpoint = endpoint.filter(|endpoint| !endpoint.is_empty());
		Ok(endpoint.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
	})
	.await
}

/// Wait until some provider has a gateway, and give the URL of the first one's.
pub async fn first_gateway(client: &Client) -> Result<String> {
	until(client, "a provider with a gateway", || async {
		let page = client.providers(None, None, MAX_PAGE).await?;
		let mut able = page.items.into_iter().filter(|view| view.available);
		let found = able.find(|view| !view.profile.endpoint.is_empty());
		Ok(found.map(|view| String::from_utf8_lossy(&view.profile.endpoint).into_owned()))
	})
	.await
}

/// Wait until somebody serves a version.
pub async fn served(client: &Client, version: VersionId) -> Result<()> {
	served_by(client, version, 1).await
}

/// Wait until so many providers serve a version.
pub async fn served_by(client: &Client, version: VersionId, providers: u32) -> Result<()> {
	let shapes = largest_shapes(client, version).await?;
	until(client, "providers that serve the version", || async {
		Ok((client.estimate(version, &shapes, &Choice::Any).await?.providers >= providers)
			.then_some(()))
	})
	.await
}

async fn largest_shapes(client: &Client, version: VersionId) -> Result<Vec<Vec<u32>>> {
	let view = client.version(version).await?.context("the version is not published")?;
	let shape = |spec: &TensorSpec| spec.shape.iter().map(|length| length.most()).collect();
	Ok(view.spec.inputs.iter().map(shape).collect())
}

/// Register a model, unless its name is taken already.
pub async fn register(client: &Client, owner: &Keypair, name: &str, said: &str) -> Result<ModelId> {
	if let Some(model) = client.model_by_name(name).await? {
		return Ok(model.id);
	}
	let call = Call::RegisterModel {
		name: name.as_bytes().to_vec().try_into().ok().context("the name is too long")?,
		metadata: said.as_bytes().to_vec().try_into().ok().context("the text is too long")?,
	};
	let receipt = client.submit(owner, call, Wait::InBlock).await?;
	receipt.created.model.context("no model was registered")
}

/// Publish a version of a model.
pub async fn publish(
	client: &Client,
	owner: &Keypair,
	model: ModelId,
	spec: VersionSpec,
) -> Result<VersionId> {
	let call = Call::PublishVersion { model, spec: Box::new(spec) };
	let receipt = client.submit(owner, call, Wait::InBlock).await?;
	receipt.created.version.context("no version was published")
}

/// The declaration of a model that doubles a row of up to 1,024 numbers, uploaded to a gateway.
pub async fn doubling(gateway: &str) -> Result<VersionSpec> {
	let bytes = onnx::doubling();
	let artifact = upload(gateway, &bytes).await?;
	let tensor = |name: &str| -> TensorSpec { onnx::float32(name, &[Dimension::UpTo(1024)]) };
	declaration(&bytes, &address(gateway, artifact.hash), tensor("x"), tensor("y"))
}

/// A plain declaration of an ONNX file: tolerant, priced by the call.
pub fn declaration(
	onnx: &[u8],
	url: &str,
	input: TensorSpec,
	output: TensorSpec,
) -> Result<VersionSpec> {
	let mut spec = uncommitted(artifact(onnx), url, vec![input])?;
	spec.outputs = vec![output].try_into().ok().context("one output fits")?;
	spec.commitments = CanonicalModel::declared(onnx, &spec)?.commitments()?;
	Ok(spec)
}

/// The declaration of an ONNX file with these inputs and whatever outputs it has, whose results are
/// compared bit by bit.
pub fn canonical_declaration(
	onnx: &[u8],
	url: &str,
	inputs: Vec<TensorSpec>,
) -> Result<VersionSpec> {
	let mut spec = canonical(uncommitted(artifact(onnx), url, inputs)?);
	let model = CanonicalModel::declared(onnx, &spec)?;
	spec.outputs = model.outputs()?.try_into().ok().context("too many outputs")?;
	spec.commitments = model.commitments()?;
	Ok(spec)
}

/// A declaration without outputs.
fn uncommitted(artifact: Artifact, url: &str, inputs: Vec<TensorSpec>) -> Result<VersionSpec> {
	let tolerance = Tolerance { absolute: 0, relative: Tolerance::MOST_RELATIVE, row_axis: 0 };
	Ok(VersionSpec {
		artifact,
		locators: vec![locator(url)?].try_into().ok().context("one locator fits")?,
		inputs: inputs.try_into().ok().context("too many inputs")?,
		outputs: Default::default(),
		class: Class::Tolerant,
		tolerance: Some(tolerance),
		price: 1_000_000,
		unit: PriceUnit::Call,
		spec: SpecVersion(1),
		commitments: Default::default(),
		constants: Default::default(),
		licence: Default::default(),
		permissions: Default::default(),
	})
}

/// A declaration with its results compared bit by bit.
pub fn canonical(spec: VersionSpec) -> VersionSpec {
	VersionSpec { class: Class::Canonical, tolerance: None, ..spec }
}

/// The call that requests a job with inline tensors, at a fee that every able provider accepts.
pub async fn request_call(client: &Client, version: VersionId, tensors: &[Tensor]) -> Result<Call> {
	let input = encode_tensors(tensors).try_into().ok().context("the input is too large")?;
	request_with(client, version, &shapes_of(tensors), Input::Inline(input)).await
}

/// The same for tensors of any size: those that are too large for the chain lie at a gateway.
pub async fn request_call_by(
	client: &Client,
	gateway: &str,
	version: VersionId,
	tensors: &[Tensor],
) -> Result<Call> {
	let input = match InlineInput::try_from(encode_tensors(tensors)) {
		Ok(bytes) => Input::Inline(bytes),
		Err(bytes) => {
			let artifact = upload(gateway, &bytes).await?;
			let header = |tensor: &Tensor| TensorHeader {
				shape: tensor.shape.clone(),
				root: tensor_root(tensor.dtype, &tensor.shape, &tensor.data),
			};
			let headers: Vec<TensorHeader> = tensors.iter().map(header).collect();
			Input::Artifact {
				artifact,
				locator: locator(&address(gateway, artifact.hash))?,
				tensors: headers.try_into().ok().context("too many tensors")?,
			}
		},
	};
	request_with(client, version, &shapes_of(tensors), input).await
}

fn shapes_of(tensors: &[Tensor]) -> Vec<Vec<u32>> {
	tensors.iter().map(|tensor| tensor.shape.to_vec()).collect()
}

async fn request_with(
	client: &Client,
	version: VersionId,
	shapes: &[Vec<u32>],
	input: Input,
) -> Result<Call> {
	let estimate = client.estimate(version, shapes, &Choice::Any).await?;
	requested(client, version, input, &estimate, Choice::Any).await
}

/// The call that requests a batch whose file is put to a gateway, at a fee that everybody accepts
/// whom the choice admits.
pub async fn batch_call(
	client: &Client,
	gateway: &str,
	version: VersionId,
	batch: &BatchInputs,
	choice: Choice<AccountId>,
) -> Result<Call> {
	let artifact = upload(gateway, batch.file()).await?;
	let input = batch.input(locator(&address(gateway, artifact.hash))?);
	let Input::Batch { items, shapes, .. } = &input else { bail!("no batch: {input:?}") };
	let shapes: Vec<Vec<u32>> = shapes.iter().map(|shape| shape.to_vec()).collect();
	let estimate = client.estimate_batch(version, &shapes, *items, &choice).await?;
	requested(client, version, input, &estimate, choice).await
}

async fn requested(
	client: &Client,
	version: VersionId,
	input: Input,
	estimate: &Estimate,
	choice: Choice<AccountId>,
) -> Result<Call> {
	let numbers = client.numbers().await?;
	Ok(Call::Request {
		version,
		input: Box::new(input),
		terms: Terms {
			max_fee: estimate.highest.map_or(0, |fee| fee.total()),
			value: 0,
			deliver_within: numbers.assignment_delay + 3 * numbers.response_window,
			max_relative: None,
			reassign: false,
			choice,
			usage: Default::default(),
			data: None,
		},
	})
}

/// Request a job with inline tensors.
pub async fn request(
	client: &Client,
	requester: &Keypair,
	version: VersionId,
	tensors: &[Tensor],
) -> Result<JobId> {
	let call = request_call(client, version, tensors).await?;
	let receipt = client.submit(requester, call, Wait::InBlock).await?;
	receipt.created.job.context("no job was requested")
}

/// Request a job whose right answer is worth `value`, which the provider stakes at least.
pub async fn request_worth(
	client: &Client,
	requester: &Keypair,
	version: VersionId,
	tensors: &[Tensor],
	value: Balance,
) -> Result<JobId> {
	let mut call = request_call(client, version, tensors).await?;
	if let Call::Request { terms, .. } = &mut call {
		terms.value = value;
	}
	let receipt = client.submit(requester, call, Wait::InBlock).await?;
	receipt.created.job.context("no job was requested")
}

/// Wait until a dispute is as `wanted`.
pub async fn disputed(
	client: &Client,
	id: DisputeId,
	wanted: impl Fn(&DisputeView<AccountId>) -> bool,
) -> Result<DisputeView<AccountId>> {
	until(client, &format!("dispute {id}"), || async {
		Ok(client.dispute(id).await?.filter(|view| wanted(view)))
	})
	.await
}

/// Wait until a job is as `wanted`, or has ended.
pub async fn reached(
	client: &Client,
	job: JobId,
	wanted: impl Fn(&JobState<AccountId>) -> bool,
) -> Result<JobView<AccountId>> {
	until(client, &format!("job {job}"), || async {
		let view = client.job(job).await?.with_context(|| format!("there is no job {job}"))?;
		Ok((wanted(&view.state) || !view.state.is_open()).then_some(view))
	})
	.await
}

/// Wait until a job has settled; any other end is an error.
pub async fn settled(client: &Client, job: JobId) -> Result<JobView<AccountId>> {
	let view = reached(client, job, |_| false).await?;
	match view.state {
		JobState::Settled { .. } => Ok(view),
		other => bail!("job {job} ended as {other:?}"),
	}
}

/// The inline output of a job.
pub async fn output(client: &Client, job: JobId) -> Result<Vec<Tensor>> {
	let view = client.job(job).await?.context("the job is gone")?;
	let version = client.version(view.version).await?.context("the version is gone")?;
	match client.job_output(job).await? {
		Some(Output::Inline(bytes)) => Ok(decode_tensors(&bytes, &version.spec.outputs)?),
		other => bail!("job {job} has no inline output: {other:?}"),
	}
}
