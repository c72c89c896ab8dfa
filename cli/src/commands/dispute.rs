//! `assay dispute`.

use crate::{
	cli::DisputeCommand,
	context::Context,
	failure::Failure,
	output::{table, Report},
	transcript::Transcript,
	views::dispute as views,
};
use assay_client::{Client, Heads};
use assay_primitives::{
	dispute::{DisputeView, MAX_SPOTS},
	AccountId, JobId,
};
use futures::StreamExt;
use serde_json::{json, Value};
use std::{collections::HashSet, iter::repeat};

/// Run a command on disputes.
pub async fn run(context: &Context, command: DisputeCommand) -> Result<Report, Failure> {
	match command {
		DisputeCommand::List { limit } => list(context, limit).await,
		DisputeCommand::Show { job, probe } => {
			let view = find(context, number(job, probe)).await?;
			Ok(shown(&read(context.client().await?, view, None).await?))
		},
		DisputeCommand::Watch { job, probe } => watch(context, number(job, probe)).await,
	}
}

/// The number of a dispute.
fn number(job: JobId, probe: bool) -> JobId {
	if probe {
		job.probe()
	} else {
		job
	}
}

fn shown(transcript: &Transcript) -> Report {
	Report::new(views::dispute(transcript), views::dispute_text(transcript))
}

async fn find(context: &Context, id: JobId) -> Result<DisputeView<AccountId>, Failure> {
	context.client().await?.dispute(id).await?.ok_or_else(|| unknown(id))
}

fn unknown(id: JobId) -> Failure {
	let (job, probe) = id.disputed();
	let about = if probe { format!("the probe of job {job}") } else { format!("job {job}") };
	Failure::new("unknown-dispute", format!("the chain has no dispute about {about}")).help(
		"`assay dispute list` shows all; the records of a dispute are pruned some time after it \
		 ends, and `assay job show` tells how the job ended",
	)
}

async fn list(context: &Context, limit: u32) -> Result<Report, Failure> {
	let client = context.client().await?;
	let (mut disputes, mut start) = (Vec::new(), Some(JobId(0)));
	while let Some(from) = start.filter(|_| disputes.len() < limit as usize) {
		let rest = limit - u32::try_from(disputes.len()).unwrap_or(limit);
		let page = client.disputes(from, rest).await?;
		disputes.extend(page.items.into_iter().map(|view| Transcript::new(view, None, None)));
		start = page.next;
	}
	let header = ["JOB", "PROVIDER", "ROUND", "PHASE", "ALIVE", "OUTCOME"];
	let text = table(header, disputes.iter().map(views::row).collect());
	let disputes: Vec<Value> = disputes.iter().map(views::entry).collect();
	Ok(Report::new(json!({ "disputes": disputes }), text))
}

/// Read what the histories of a dispute show, as far as their games go.
async fn read(
	client: &Client,
	view: DisputeView<AccountId>,
	earlier: Option<Transcript>,
) -> Result<Transcript, Failure> {
	let id = view.job;
	let version = client.job(id.disputed().0).await?.map(|job| job.version);
	let mut transcript = Transcript::new(view, version, earlier);
	loop {
		let missed = transcript.missed();
		if missed.is_empty() {
			return Ok(transcript);
		}
		for spots in missed.chunks(MAX_SPOTS) {
			let found = client.shown(id, spots).await?.into_iter().chain(repeat(None));
			for (spot, shown) in spots.iter().zip(found) {
				transcript.learn(*spot, shown);
			}
		}
	}
}

/// What was seen of a dispute.
#[derive(Default)]
struct Seen {
	/// What was said, so that nothing is said twice.
	said: HashSet<String>,
	/// The same for scripts.
	facts: Vec<Value>,
}

impl Seen {
	/// The facts of a transcript that are new.
	fn news(&mut self, transcript: &Transcript, block: u32) -> Vec<String> {
		let mut news = Vec::new();
		for fact in views::facts(transcript) {
			if self.said.insert(fact.text.clone()) {
				news.push(format!("block {block}: {}", fact.text));
				self.facts.push(json!({ "block": block, "fact": fact.json }));
			}
		}
		news
	}

	/// The transcript as it was seen last, with all that was seen.
	fn report(self, transcript: &Transcript) -> Report {
		let mut report = shown(transcript);
		report.json["seen"] = Value::Array(self.facts);
		report
	}
}

/// Follow a dispute until all is divided, and say of each change once.
async fn watch(context: &Context, id: JobId) -> Result<Report, Failure> {
	let client = context.client().await?;
	let mut heads = client.blocks(Heads::Best).await?;
	let name = format!("the dispute about job {}", id.disputed().0);
	let spinner = context.output.spinner(&name);
	let (mut seen, mut last) = (Seen::default(), None::<Transcript>);
	let mut block = client.best().await?.number;
	loop {
		let Some(view) = client.dispute(id).await? else {
			spinner.finish_and_clear();
			// Records that are gone after the end are no failure.
			let ended = last.filter(|last| last.dispute.outcome().is_some());
			return ended.map(|last| seen.report(&last)).ok_or_else(|| unknown(id));
		};
		let transcript = read(client, view, last.take()).await?;
		for news in seen.news(&transcript, block) {
			spinner.suspend(|| context.output.note(&news));
		}
		if transcript.view.divided {
			spinner.finish_and_clear();
			return Ok(seen.report(&transcript));
		}
		last = Some(transcript);
		match heads.next().await {
			Some(Ok(head)) => block = head.number,
			// The stream subscribes again by itself.
			Some(Err(error)) => spinner.set_message(format!("{name}: {error}")),
			None => return Err(Failure::new("disconnected", "the stream of blocks ended")),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::transcript::tests::{refuted, transcript, view};

	#[test]
	fn each_change_is_said_once() {
		let mut seen = Seen::default();
		let first = seen.news(&transcript(view(118)), 7);
		assert!(first.iter().all(|line| line.starts_with("block 7: ")), "{first:?}");
		assert!(seen.news(&transcript(view(119)), 8).is_empty());
		let ended = seen.news(&transcript(refuted()), 9);
		assert!(ended.iter().any(|line| line.contains("has lost")), "{ended:?}");
		let told = first.len() + ended.len();
		let report = seen.report(&transcript(refuted()));
		assert_eq!(report.json["seen"].as_array().map(Vec::len), Some(told));
	}

	#[test]
	fn an_unknown_dispute_says_that_records_are_pruned() {
		assert!(unknown(JobId(4)).to_text().contains("pruned"));
	}
}
