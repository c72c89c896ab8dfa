//! `assay demand`, and answering demands about one's own input.

use crate::{
	amount::asy,
	cli::DemandCommand,
	context::Context,
	failure::Failure,
	file,
	output::{table, Report},
	views,
};
use assay_client::{keys, Call, Heads};
use assay_primitives::{
	availability::{answer, AnswerBytes, DemandFilter, DemandView, Place, Side},
	job::MAX_JOB_ARTIFACT,
	tensor::{decode_tensors, Tensor, TensorSpec},
	AccountId, DemandId, JobId,
};
use futures::StreamExt;
use serde_json::json;
use std::{collections::HashSet, convert::Infallible, path::Path};

type Demand = DemandView<AccountId>;

/// Run a command on demands.
pub async fn run(context: &Context, command: DemandCommand) -> Result<Report, Failure> {
	match command {
		DemandCommand::List { job, party, limit } => {
			let party = party.as_deref().map(keys::parse_account).transpose()?;
			list(context, DemandFilter { job, party }, limit).await
		},
		DemandCommand::Make { job, side, tensor, chunk } => {
			make(context, job, Place { side, tensor, chunk }).await
		},
		DemandCommand::Serve { job, demand, file } => serve(context, job, demand, &file).await,
		DemandCommand::Expire { job, demand } => {
			super::submit(context, Call::ExpireDemand { job, demand }, "closed").await
		},
	}
}

async fn list(
	context: &Context,
	filter: DemandFilter<AccountId>,
	limit: u32,
) -> Result<Report, Failure> {
	let demands = read(context, &filter, limit).await?;
	let row = |demand: &Demand| {
		let Place { side, tensor, chunk } = demand.place;
		[
			demand.id.to_string(),
			demand.job.to_string(),
			format!("{side} {tensor}, chunk {chunk}"),
			demand.due.to_string(),
			asy(demand.price),
			keys::to_ss58(&demand.respondent),
		]
	};
	let header = ["ID", "JOB", "WHAT", "DUE", "PRICE", "RESPONDENT"];
	let text = table(header, demands.iter().map(row).collect());
	let demands: Vec<_> = demands.iter().map(views::demand).collect();
	Ok(Report::new(json!({ "demands": demands }), text))
}

/// The open demands, at most `limit` of them.
async fn read(
	context: &Context,
	filter: &DemandFilter<AccountId>,
	limit: u32,
) -> Result<Vec<Demand>, Failure> {
	let client = context.client().await?;
	let (mut demands, mut start) = (Vec::new(), Some(DemandId(0)));
	while let Some(from) = start.filter(|_| demands.len() < limit as usize) {
		let rest = limit - u32::try_from(demands.len()).unwrap_or(limit);
		let page = client.demands(filter, from, rest).await?;
		demands.extend(page.items);
		start = page.next;
	}
	Ok(demands)
}

async fn make(context: &Context, job: JobId, place: Place) -> Result<Report, Failure> {
	let receipt = context.submit(Call::Demand { job, place }).await?;
	let unseen = || Failure::new("decode", "the block has no event of the demand");
	let id = receipt.created.demand.ok_or_else(unseen)?;
	let text = format!("demand {id} made in block {}", receipt.block);
	let json = json!({ "demand": { "id": id, "job": job }, "receipt": views::receipt(&receipt) });
	Ok(Report::new(json, text))
}

async fn serve(
	context: &Context,
	job: JobId,
	id: DemandId,
	path: &Path,
) -> Result<Report, Failure> {
	let filter = DemandFilter { job: Some(job), party: None };
	let demands = read(context, &filter, u32::MAX).await?;
	let unknown = || {
		Failure::new("unknown-demand", format!("no demand {id} about job {job} is open"))
			.help("`assay demand list` shows those that are")
	};
	let demand = demands.into_iter().find(|demand| demand.id == id).ok_or_else(unknown)?;
	let specs = declared(context, job, demand.place.side).await?;
	let failed = |reason| Failure::new("file", reason);
	let bytes = file::read(path, MAX_JOB_ARTIFACT).map_err(failed)?;
	let tensors = decode_tensors(&bytes, &specs)
		.map_err(|error| failed(format!("{}: {error}", path.display())))?;
	let receipt = context.submit(served(&tensors, &demand)?).await?;
	let text = format!("answered in block {}", receipt.block);
	Ok(Report::new(views::receipt(&receipt), text))
}

/// What the version of a job declares.
async fn declared(context: &Context, job: JobId, side: Side) -> Result<Vec<TensorSpec>, Failure> {
	let client = context.client().await?;
	let unknown = || Failure::new("unknown-job", format!("the chain has no job {job}"));
	let version = client.job(job).await?.ok_or_else(unknown)?.version;
	let missing = || Failure::new("unknown-version", format!("the chain has no version {version}"));
	let spec = client.version(version).await?.ok_or_else(missing)?.spec;
	Ok(match side {
		Side::Input => spec.inputs.into_inner(),
		Side::Output => spec.outputs.into_inner(),
	})
}

/// The answer of whoever has as many tensors as the version declares.
fn served(tensors: &[Tensor], demand: &Demand) -> Result<Call, Failure> {
	let answer = answer(tensors, tensors.len() as u32, &demand.place)
		.and_then(|bytes| AnswerBytes::try_from(bytes).ok())
		.ok_or_else(|| Failure::new("file", "these tensors do not answer the demand"))?;
	Ok(Call::Serve { job: demand.job, demand: demand.id, answer })
}

/// Answer the demands about the input of a job of one's own for as long as this is waited for.
pub async fn keep_showing(context: &Context, jobs: &[JobId], inputs: &[Tensor]) -> Infallible {
	let mut answered = HashSet::new();
	loop {
		if let Err(failure) = show(context, jobs, inputs, &mut answered).await {
			context.output.note(&format!("cannot answer demands about the input: {failure}"));
		}
		tokio::time::sleep(std::time::Duration::from_secs(2)).await;
	}
}

/// Answer them at each block, until something fails.
async fn show(
	context: &Context,
	jobs: &[JobId],
	inputs: &[Tensor],
	answered: &mut HashSet<DemandId>,
) -> Result<(), Failure> {
	let party = keys::account(&context.key()?);
	let filter = DemandFilter { job: None, party: Some(party) };
	let mut heads = context.client().await?.blocks(Heads::Best).await?;
	while heads.next().await.is_some() {
		for demand in read(context, &filter, u32::MAX).await? {
			let own = demand.place.side == Side::Input && jobs.contains(&demand.job);
			if own && answered.insert(demand.id) {
				let id = demand.id;
				context.submit(served(inputs, &demand)?).await?;
				context.output.note(&format!("demand {id} about the input answered"));
			}
		}
	}
	Ok(())
}
