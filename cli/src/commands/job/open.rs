//! `assay job open-item`: one item of a batch is shown to the chain, so that it can be disputed.

use super::find;
use crate::{
	commands::infer::batch::{outputs, unfit},
	context::Context,
	failure::Failure,
	file, gateway,
	output::Report,
	views,
};
use assay_client::{
	batch::{opening, BatchInputs, BatchOutputs},
	Call, Client,
};
use assay_primitives::{
	batch::ItemView,
	job::{Input, JobKind, JobState, JobView, MAX_JOB_ARTIFACT},
	model::{Artifact, Locator, VersionView},
	AccountId, JobId,
};
use serde_json::json;
use std::path::{Path, PathBuf};

/// The two files of a batch, where they are at hand.
pub struct Files {
	/// That of the inputs.
	pub inputs: Option<PathBuf>,
	/// That of the outputs.
	pub outputs: Option<PathBuf>,
}

/// Open an item.
pub async fn run(
	context: &Context,
	id: JobId,
	index: u32,
	files: &Files,
) -> Result<Report, Failure> {
	let job = find(context, id).await?;
	let items = ensure_open(&job, index)?;
	let client = context.client().await?;
	if let Some(ItemView { job, .. }) = opened(client, id, index).await? {
		let message = format!("item {index} of batch {id} was opened already, as job {job}");
		return Err(Failure::new("item-opened", message)
			.help(format!("`assay job show {job}` tells what came of it")));
	}
	let missing =
		|| Failure::new("unknown-version", format!("there is no version {}", job.version));
	let version = client.version(job.version).await?.ok_or_else(missing)?;
	let inputs = inputs(context, &job, &version, files.inputs.as_deref()).await?;
	let outputs = match files.outputs.as_deref() {
		Some(path) => read_outputs(path, &version, &job, items)?,
		None => outputs(context, &version, &job, items).await?,
	};
	let opening = opening(&inputs, &outputs, index)
		.map_err(|error| Failure::new("input", format!("batch {id}: {error}")))?;
	let call = Call::OpenItem { job: id, index, opening: Box::new(opening) };
	let receipt = context.submit(call).await?;
	let unseen = || Failure::new("decode", "the chain does not show the item that was opened");
	let item = opened(client, id, index).await?.ok_or_else(unseen)?.job;
	let text = format!(
		"item {index} of batch {id} opened in block {} as job {item}; its result can be disputed now",
		receipt.block
	);
	let json = json!({
		"batch": id,
		"index": index,
		"job": { "id": item },
		"receipt": views::receipt(&receipt),
	});
	Ok(Report::new(json, text))
}

/// How many items the batch has, if this one can be opened now.
fn ensure_open(job: &JobView<AccountId>, index: u32) -> Result<u32, Failure> {
	let id = job.id;
	let JobKind::Batch { items } = job.kind else {
		return Err(Failure::new("no-batch", format!("job {id} is no batch"))
			.help("`assay job list` shows which jobs are"));
	};
	if index >= items {
		let message = format!("batch {id} has no item {index}");
		return Err(Failure::new("no-item", message)
			.help(format!("its items are 0 to {}", items.saturating_sub(1))));
	}
	if !matches!(job.state, JobState::Submitted { .. }) {
		let message = format!("batch {id}: {}", views::state_text(&job.state));
		return Err(Failure::new("not-provisional", message)
			.help("an item is opened while the result of its batch is provisional"));
	}
	Ok(items)
}

/// The item, if it was opened.
async fn opened(client: &Client, batch: JobId, index: u32) -> Result<Option<ItemView>, Failure> {
	let page = client.items(batch, index, 1).await?;
	Ok(page.items.into_iter().find(|item| item.index == index))
}

/// The inputs of a batch, checked against the request.
async fn inputs(
	context: &Context,
	job: &JobView<AccountId>,
	version: &VersionView,
	path: Option<&Path>,
) -> Result<BatchInputs, Failure> {
	let none = || Failure::new("no-input", format!("the chain has no input of job {}", job.id));
	let input = context.client().await?.job_input(job.id).await?.ok_or_else(none)?;
	let Input::Batch { artifact, locator, root, items, shapes } = input else { return Err(none()) };
	let file = match path {
		Some(path) => read(path)?,
		None => fetch(context, &artifact, &locator).await?,
	};
	BatchInputs::check(file, &version.spec.inputs, root, items, &shapes).map_err(|error| {
		Failure::new("input", format!("the inputs of job {}: {error}", job.id)).help(
			"the provider is right if it answers that they do not match: nothing can be opened",
		)
	})
}

async fn fetch(
	context: &Context,
	artifact: &Artifact,
	locator: &Locator,
) -> Result<Vec<u8>, Failure> {
	let url = views::text(locator);
	if !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) {
		let message = format!("the inputs cannot be fetched from `{url}`, where the request says");
		return Err(Failure::new("no-locator", message).help("name their file with --inputs"));
	}
	gateway::get_bytes_at(&url, artifact, &context.output).await
}

fn read_outputs(
	path: &Path,
	version: &VersionView,
	job: &JobView<AccountId>,
	items: u32,
) -> Result<BatchOutputs, Failure> {
	let none = || Failure::new("no-output", format!("job {} has no output", job.id));
	let root = job.state.output().ok_or_else(none)?.root;
	BatchOutputs::check(&read(path)?, &version.spec.outputs, root, items)
		.map_err(|error| unfit(job, &error))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
	file::read(path, MAX_JOB_ARTIFACT).map_err(|reason| Failure::new("file", reason))
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{
		job::{Choice, OutputRecord, RefundReason, Terms},
		ModelId, Root, VersionId,
	};

	fn job(kind: JobKind, state: JobState<AccountId>) -> JobView<AccountId> {
		JobView {
			id: JobId(7),
			requester: AccountId::new([3; 32]),
			version: VersionId { model: ModelId(0), number: 1 },
			group: None,
			kind,
			input_root: Root([4; 32]),
			terms: Terms {
				max_fee: 1,
				value: 0,
				deliver_within: 9,
				max_relative: None,
				reassign: false,
				choice: Choice::Any,
				usage: Default::default(),
				data: None,
			},
			requested: 1,
			deadline: 10,
			attempts: 1,
			state,
			refuted: vec![],
			disputes: 0,
			stays: 0,
			shares: vec![],
			fee: 1,
		}
	}

	#[test]
	fn only_an_item_of_a_provisional_batch_is_opened() {
		let output = OutputRecord { root: Root([2; 32]), artifact: None };
		let provider = AccountId::new([1; 32]);
		let submitted = JobState::Submitted { provider, output, at: 3, until: 9 };
		let batch = JobKind::Batch { items: 4 };
		assert_eq!(ensure_open(&job(batch, submitted.clone()), 3).unwrap(), 4);
		let refused = |kind, state, index| {
			let failure = ensure_open(&job(kind, state), index).unwrap_err();
			failure.to_json()["error"]["kind"].as_str().unwrap().to_owned()
		};
		assert_eq!(refused(batch, submitted.clone(), 4), "no-item");
		assert_eq!(refused(JobKind::Single, submitted.clone(), 0), "no-batch");
		let item = JobKind::Item { batch: JobId(1), index: 0 };
		assert_eq!(refused(item, submitted, 0), "no-batch");
		let over = JobState::Refunded { reason: RefundReason::Missed, at: 5 };
		assert_eq!(refused(batch, over, 0), "not-provisional");
		assert_eq!(refused(batch, JobState::Requested, 0), "not-provisional");
	}
}
