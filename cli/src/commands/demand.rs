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
use assay_client::{batch::BatchOutputs, keys, Call, Heads};
use assay_primitives::{
	availability::{answer, AnswerBytes, DemandFilter, DemandView, Place, Side},
	batch::{decode_outputs, ItemOutput},
	job::{JobKind, JobView, MAX_JOB_ARTIFACT},
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
	let (kind, specs) = declared(context, job, demand.place.side).await?;
	let failed = |reason| Failure::new("file", reason);
	let bytes = file::read(path, MAX_JOB_ARTIFACT).map_err(failed)?;
	let answer = answered(&bytes, kind, &specs, &demand.place)
		.map_err(|reason| failed(format!("{}: {reason}", path.display())))?;
	let call = Call::Serve { job: demand.job, demand: demand.id, answer };
	let receipt = context.submit(call).await?;
	let text = format!("answered in block {}", receipt.block);
	Ok(Report::new(views::receipt(&receipt), text))
}

/// What kind of job it is, and what its version declares.
async fn declared(
	context: &Context,
	job: JobId,
	side: Side,
) -> Result<(JobKind, Vec<TensorSpec>), Failure> {
	let client = context.client().await?;
	let unknown = || Failure::new("unknown-job", format!("the chain has no job {job}"));
	let JobView { version, kind, .. } = client.job(job).await?.ok_or_else(unknown)?;
	let missing = || Failure::new("unknown-version", format!("the chain has no version {version}"));
	let spec = client.version(version).await?.ok_or_else(missing)?.spec;
	let specs = match side {
		Side::Input => spec.inputs.into_inner(),
		Side::Output => spec.outputs.into_inner(),
	};
	Ok((kind, specs))
}

/// The answer out of the file of a job's tensors; of a batch and its items, out of the file of the
/// batch's outputs.
fn answered(
	bytes: &[u8],
	kind: JobKind,
	specs: &[TensorSpec],
	place: &Place,
) -> Result<AnswerBytes, String> {
	let outputs = || decode_outputs(bytes).ok_or("no outputs of a batch");
	let answer = match (kind, decode_tensors(bytes, specs)) {
		(JobKind::Batch { .. }, _) => {
			let batch = BatchOutputs::new(outputs()?, specs).map_err(|error| error.to_string())?;
			batch.about(place)
		},
		(_, Ok(tensors)) => shown(&tensors, place),
		(JobKind::Item { index, .. }, Err(_)) => {
			let item = outputs()?.into_iter().nth(index as usize);
			let Some(ItemOutput::Tensors(bytes)) = item else {
				return Err(format!("no outputs of item {index}"));
			};
			let tensors = decode_tensors(&bytes, specs).map_err(|error| error.to_string())?;
			shown(&tensors, place)
		},
		(JobKind::Single, Err(error)) => return Err(error.to_string()),
	};
	let answer = answer.and_then(|bytes| bytes.try_into().ok());
	answer.ok_or_else(|| "these tensors do not answer the demand".into())
}

/// The answer of whoever has as many tensors as the version declares.
fn shown(tensors: &[Tensor], place: &Place) -> Option<Vec<u8>> {
	answer(tensors, tensors.len() as u32, place)
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
				let answer = shown(inputs, &demand.place).and_then(|bytes| bytes.try_into().ok());
				let none = || Failure::new("file", "the input does not answer the demand");
				let (job, answer) = (demand.job, answer.ok_or_else(none)?);
				context.submit(Call::Serve { job, demand: id, answer }).await?;
				context.output.note(&format!("demand {id} about the input answered"));
			}
		}
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{
		availability::{Committed, Shown},
		commitment::tensors_root,
		tensor::{encode_tensors, DType, Dimension},
	};

	fn specs() -> Vec<TensorSpec> {
		vec![TensorSpec {
			name: b"y".to_vec().try_into().unwrap(),
			dtype: DType::Uint8,
			shape: vec![Dimension::Fixed(3)].try_into().unwrap(),
		}]
	}

	fn tensors(index: u8) -> Vec<Tensor> {
		vec![Tensor::new(DType::Uint8, vec![3], vec![index; 3]).unwrap()]
	}

	const PLACE: Place = Place { side: Side::Output, tensor: 0, chunk: 0 };

	#[test]
	fn a_batch_shows_its_roots_and_an_item_its_tensors_out_of_one_file() {
		let outputs = (0..40).map(|index| ItemOutput::Tensors(encode_tensors(&tensors(index))));
		let batch = BatchOutputs::new(outputs.collect(), &specs()).unwrap();
		let file = batch.file();
		let answer = answered(&file, JobKind::Batch { items: 40 }, &specs(), &PLACE).unwrap();
		assert_eq!(Some(answer.into_inner()), batch.about(&PLACE));

		let item = |index| JobKind::Item { batch: JobId(0), index };
		let committed = Committed { root: tensors_root(&tensors(7)), count: 1, kind: None };
		for bytes in [file.clone(), encode_tensors(&tensors(7))] {
			let answer = answered(&bytes, item(7), &specs(), &PLACE).unwrap();
			assert_eq!(committed.check(&PLACE, &answer), Ok(Shown::Chunk(vec![7; 3])));
		}
		assert!(answered(&file, item(40), &specs(), &PLACE).is_err());
		assert!(answered(&file, JobKind::Single, &specs(), &PLACE).is_err());
		assert!(answered(&file[1..], item(7), &specs(), &PLACE).is_err());
	}
}
