//! `assay job`, and waiting for jobs.

mod open;

use crate::{
	amount::{asy, Amount},
	cli::{JobCommand, Until},
	context::Context,
	failure::Failure,
	output::{table, Report},
	views,
};
use assay_client::{keys, Call, Heads};
use assay_primitives::{
	api::{JobFilter, MAX_PAGE},
	batch::ItemView,
	job::{JobKind, JobState, JobView},
	AccountId, JobId,
};
use futures::StreamExt;
use serde_json::{json, Value};

/// Run a command on jobs.
pub async fn run(context: &Context, command: JobCommand) -> Result<Report, Failure> {
	match command {
		JobCommand::Show { job } => show(context, job).await,
		JobCommand::Watch { job } => watch(context, job).await,
		JobCommand::List { requester, provider, model, open, limit } => {
			let account =
				|text: Option<String>| text.as_deref().map(keys::parse_account).transpose();
			let version = match model {
				Some(model) => Some(context.version(&model).await?.1.id),
				None => None,
			};
			let (requester, provider) = (account(requester)?, account(provider)?);
			list(context, &JobFilter { requester, provider, version, open }, limit).await
		},
		JobCommand::OpenItem { job, index, inputs, outputs } => {
			open::run(context, job, index, &open::Files { inputs, outputs }).await
		},
		JobCommand::Cancel { job } => {
			super::submit(context, Call::Cancel { job }, "cancelled").await
		},
		JobCommand::TopUp { job, amount: Amount(amount) } => {
			context.require(amount, "the rise of the fee").await?;
			super::submit(context, Call::TopUpJob { job, amount }, "topped up").await
		},
		JobCommand::Extend { job, blocks } => {
			super::submit(context, Call::ExtendJob { job, blocks }, "extended").await
		},
		JobCommand::Settle { job } => super::submit(context, Call::Settle { job }, "settled").await,
		JobCommand::Expire { job } => super::submit(context, Call::Expire { job }, "closed").await,
	}
}

/// A job, and of a batch the items that were opened.
async fn show(context: &Context, id: JobId) -> Result<Report, Failure> {
	let job = find(context, id).await?;
	if !matches!(job.kind, JobKind::Batch { .. }) {
		return Ok(shown(&job));
	}
	let opened = opened(context, id).await?;
	let mut report = Report::new(views::job(&job), views::batch_text(&job, &opened));
	report.json["opened"] = json!(opened);
	Ok(report)
}

/// The items of a batch that were opened.
pub(super) async fn opened(context: &Context, batch: JobId) -> Result<Vec<ItemView>, Failure> {
	let client = context.client().await?;
	let (mut items, mut start) = (Vec::new(), Some(0));
	while let Some(from) = start {
		let page = client.items(batch, from, MAX_PAGE).await?;
		items.extend(page.items);
		start = page.next;
	}
	Ok(items)
}

fn shown(job: &JobView<AccountId>) -> Report {
	Report::new(views::job(job), views::job_text(job))
}

async fn find(context: &Context, id: JobId) -> Result<JobView<AccountId>, Failure> {
	let unknown = || {
		Failure::new("unknown-job", format!("the chain has no job {id}"))
			.help("the records of a job are pruned some time after it ends")
	};
	context.client().await?.job(id).await?.ok_or_else(unknown)
}

async fn list(context: &Context, filter: &JobFilter, limit: u32) -> Result<Report, Failure> {
	let client = context.client().await?;
	let (mut jobs, mut start) = (Vec::new(), None);
	while jobs.len() < limit as usize {
		let rest = limit - u32::try_from(jobs.len()).unwrap_or(limit);
		let page = client.jobs(filter, start, rest).await?;
		jobs.extend(page.items);
		start = page.next;
		if start.is_none() {
			break;
		}
	}
	let row = |job: &JobView<AccountId>| {
		let provider = job.state.provider().map(keys::to_ss58).unwrap_or_default();
		let (id, version) = (job.id.to_string(), job.version.to_string());
		let kind = views::kind_text(job.kind);
		[id, version, kind, job.state.to_string(), asy(job.fee), provider]
	};
	let header = ["ID", "VERSION", "KIND", "STATE", "FEE", "PROVIDER"];
	let text = table(header, jobs.iter().map(row).collect());
	let jobs: Vec<_> = jobs.iter().map(views::job).collect();
	Ok(Report::new(json!({ "jobs": jobs }), text))
}

async fn watch(context: &Context, id: JobId) -> Result<Report, Failure> {
	let mut states: Vec<Value> = Vec::new();
	let job = follow(context, id, Until::Final, |job, block| {
		context.output.note(&format!("block {block}: {}", views::state_text(&job.state)));
		states.push(json!({ "block": block, "state": views::state(&job.state) }));
	})
	.await?;
	let mut report = shown(&job);
	report.json["seen"] = Value::Array(states);
	Ok(report)
}

/// Follow a job until it has a result, as far as is waited for, or ends without one.
///
/// `see` is told of every state that the job is seen in, with the block in which it was.
pub async fn follow(
	context: &Context,
	id: JobId,
	until: Until,
	mut see: impl FnMut(&JobView<AccountId>, u32),
) -> Result<JobView<AccountId>, Failure> {
	let client = context.client().await?;
	let mut heads = client.blocks(Heads::Best).await?;
	let spinner = context.output.spinner(&format!("job {id}"));
	let mut last = None;
	let mut block = client.best().await?.number;
	loop {
		// A block that has the request may be retracted for one that does not have it yet.
		if let Some(job) = client.job(id).await? {
			if last.as_ref() != Some(&job.state) {
				spinner.suspend(|| see(&job, block));
				spinner.set_message(format!("job {id}: {}", views::state_text(&job.state)));
				last = Some(job.state.clone());
			}
			if is_reached(&job.state, until) {
				spinner.finish_and_clear();
				return Ok(job);
			}
		} else if last.is_some() {
			spinner.finish_and_clear();
			return find(context, id).await;
		}
		match heads.next().await {
			Some(Ok(head)) => block = head.number,
			// The stream subscribes again by itself.
			Some(Err(error)) => spinner.set_message(format!("job {id}: {error}")),
			None => return Err(Failure::new("disconnected", "the stream of blocks ended")),
		}
	}
}

/// Whether a state is as far as is waited for.
pub fn is_reached(state: &JobState<AccountId>, until: Until) -> bool {
	match until {
		Until::None => true,
		Until::Provisional => !state.is_open() || state.output().is_some(),
		Until::Final => !state.is_open(),
	}
}
