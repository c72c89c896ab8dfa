//! The inputs of jobs that name data. Where that is encrypted, the file of the input is the encrypted
//! one, and what binds are the roots of the tensors in it, as of every input.
//!
//! Keys and content are in memory only, for as long as they are needed. What is somebody's is not
//! demanded on chain, where everybody would see it: if its file does not come, the job is answered as
//! a batch is whose file does not.

use super::{
	asker::{self, KeyError},
	availability,
	executor::{self, verify},
	items, Assignment, Context,
};
use crate::{
	artifact::VerifiedFile,
	models::{read, texts},
	store::StoreError,
	Error,
};
use assay_client::content::{commitment_of, ContentError, ContentKey};
use assay_primitives::{
	job::Input,
	model::{Artifact, Locator, VersionSpec},
	rights::{AssetView, DataRef, PoolItem},
	tensor::{Tensor, TensorSpec},
	AccountId, JobId, Root,
};
use std::{fs::File, io::Read, sync::Arc};
use tokio::sync::SemaphorePermit;
use zeroize::Zeroizing;

/// The jobs that wait for their inputs and keys at once. None of them is in memory before there is a
/// place to run it.
pub const MOST_AT_ONCE: usize = 64;

type Asset = AssetView<AccountId>;
type Inputs = Option<Arc<[Tensor]>>;

/// The input of a job of this worker that names data, with a place to run it; none if it is not what
/// was committed to, or its file cannot be had.
pub(super) async fn own_input<'a>(
	context: &'a Arc<Context>,
	assignment: &Assignment,
	right: DataRef,
	spec: &VersionSpec,
) -> Result<(Option<SemaphorePermit<'a>>, Inputs), Error> {
	let Assignment { job, due, .. } = *assignment;
	let Input::Artifact { artifact, locator, .. } = items::input(context, job, due).await? else {
		let place = place(context, due).await?;
		return Ok((Some(place), executor::input(context, assignment, spec).await?));
	};
	let asset = context.retry("asset", due, || asset_of(context, right)).await?;
	let early = availability::early(context.now(), due);
	let urls = texts(&[locator]);
	let fetch =
		context.retry("input artifact", early, || context.models.fetch_file(artifact, &urls));
	let Some(file) = items::in_time(context, job, early, fetch).await? else {
		return Ok((None, None));
	};
	let key = match header(&file)?.filter(|_| is_closed(asset.as_ref())) {
		Some(found) => match own_key(context, job, asset, found, early).await? {
			Some(key) => Some(key),
			// It is for another key.
			None => return Ok((None, None)),
		},
		None => None,
	};
	let place = place(context, due).await?;
	let input = match key {
		Some(key) => decrypted(context, &file, key, assignment, spec).await?,
		None => plain(&file, assignment, spec).await?,
	};
	Ok((Some(place), input))
}

/// The input of a job that names data, for somebody who was not handed the key for it but may have
/// it. `None` if it is not what was committed to.
pub(super) async fn held_input(
	context: &Context,
	assignment: &Assignment,
	right: DataRef,
	spec: &VersionSpec,
	(artifact, locator): (Artifact, Locator),
) -> Result<Inputs, Error> {
	let Assignment { job, due, .. } = *assignment;
	let urls = texts(&[locator]);
	let fetch = || context.models.fetch_file(artifact, &urls);
	let file = context.retry("input artifact", due, fetch).await?;
	let asset = context.retry("asset", due, || asset_of(context, right)).await?;
	match header(&file)?.filter(|_| is_closed(asset.as_ref())) {
		Some(found) => {
			let key = held_key(context, job, asset.as_ref(), found)?;
			let key = key.ok_or(KeyError::NotHeld { job, commitment: found })?;
			decrypted(context, &file, key, assignment, spec).await
		},
		None => plain(&file, assignment, spec).await,
	}
}

/// The asset that a job uses by this right; `None` if it or the right is not there any more.
async fn asset_of(context: &Context, right: DataRef) -> Result<Option<Asset>, Error> {
	let chain = &context.data.chain;
	let asset = match right {
		DataRef::Grant(grant) => chain.grant(grant).await?.map(|grant| grant.asset),
		DataRef::Pool(PoolItem { asset, .. }) => Some(asset),
	};
	Ok(match asset {
		Some(asset) => chain.asset(asset).await?,
		None => None,
	})
}

/// Whether an asset is encrypted. Of one that is not there any more nobody knows.
fn is_closed(asset: Option<&Asset>) -> bool {
	asset.is_none_or(|asset| asset.spec.key.is_some())
}

/// The key to a file of a job of this worker; `None` if the file is for another key than its asset
/// has.
async fn own_key(
	context: &Arc<Context>,
	job: JobId,
	asset: Option<Asset>,
	found: Root,
	until: u32,
) -> Result<Option<ContentKey>, Error> {
	if let Some(key) = held_key(context, job, asset.as_ref(), found)? {
		return Ok(Some(key));
	}
	let asset = asset.ok_or(KeyError::NoAsset { job })?;
	if asset.spec.key != Some(found) {
		return Ok(None);
	}
	asker::key(context, job, asset.id, found, until).await.map(Some)
}

/// The key with this commitment, if it was delivered for this job, or the folder of keys has it for
/// this asset. What a file says of itself does not suffice: anybody can name the data of another.
fn held_key(
	context: &Context,
	job: JobId,
	asset: Option<&Asset>,
	commitment: Root,
) -> Result<Option<ContentKey>, Error> {
	if let Some(key) = context.journal.content_key(job, commitment)? {
		return Ok(Some(key));
	}
	let asset = asset.filter(|asset| asset.spec.key == Some(commitment));
	let keys = context.data.keys.as_ref();
	Ok(keys.zip(asset).and_then(|(keys, asset)| keys.key_of(asset.id, commitment)))
}

/// A place to run a job in.
async fn place(context: &Context, due: u32) -> Result<SemaphorePermit<'_>, Error> {
	let place = context.items.acquire().await.map_err(|_| Error::Stopping)?;
	match context.now() {
		now if now >= due => Err(Error::Late { due, now }),
		_ => Ok(place),
	}
}

/// The commitment to the key that a file is for; `None` if it is no file that can be decrypted.
fn header(file: &VerifiedFile) -> Result<Option<Root>, Error> {
	match commitment_of(File::open(file.path()).map_err(disk)?) {
		Ok(commitment) => Ok(Some(commitment)),
		Err(ContentError::Read(error)) => Err(disk(error)),
		Err(_) => Ok(None),
	}
}

fn disk(error: std::io::Error) -> Error {
	Error::Store(StoreError::Io(error))
}

/// The tensors in a file as it is.
async fn plain(
	file: &VerifiedFile,
	assignment: &Assignment,
	spec: &VersionSpec,
) -> Result<Inputs, Error> {
	let (bytes, specs, root) = (read(file).await?, spec.inputs.clone(), assignment.input_root);
	Ok(tokio::task::spawn_blocking(move || verify(&bytes, &specs, root).ok()).await?)
}

/// The tensors in an encrypted file; `None` if it cannot be decrypted with its key, or holds something
/// else than was committed to.
async fn decrypted(
	context: &Context,
	file: &VerifiedFile,
	key: ContentKey,
	assignment: &Assignment,
	spec: &VersionSpec,
) -> Result<Inputs, Error> {
	let (file, specs, root) = (file.clone(), spec.inputs.to_vec(), assignment.input_root);
	let decrypt = move || decrypt(&file, &key, &specs, root);
	let decrypted = match tokio::task::spawn_blocking(decrypt).await? {
		Err(ContentError::Read(error)) => return Err(disk(error)),
		decrypted => decrypted,
	};
	context.metrics.keys.with_label_values(&["used"]).inc();
	let job = assignment.job;
	Ok(decrypted
		.inspect_err(|error| tracing::warn!(target: "worker::keys", %job, %error, "not decrypted"))
		.ok()
		.flatten())
}

/// Decrypt a file in memory, and look at what is in it. Blocks.
fn decrypt(
	file: &VerifiedFile,
	key: &ContentKey,
	specs: &[TensorSpec],
	root: Root,
) -> Result<Inputs, ContentError> {
	let size = file.artifact().size;
	// Content is shorter than its file, of which no more is read than was verified. With room for all
	// of it from the start, no copy is left behind.
	let mut content = Zeroizing::new(Vec::with_capacity(usize::try_from(size).unwrap_or(0)));
	let encrypted = File::open(file.path()).map_err(ContentError::Read)?.take(size);
	key.decrypt(encrypted, &mut *content)?;
	Ok(verify(&content, specs, root).ok())
}
