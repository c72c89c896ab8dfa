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
	AccountId, DisputeId, DisputeKey,
};
use futures::StreamExt;
use serde_json::{json, Value};
use std::{collections::HashSet, iter::repeat};

/// Run a command on disputes.
pub async fn run(context: &Context, command: DisputeCommand) -> Result<Report, Failure> {
	match command {
		DisputeCommand::List { limit } => list(context, limit).await,
		DisputeCommand::Show { dispute, probe } => {
			let client = context.client().await?;
			let id = named(client, dispute, probe).await?;
			let view = client.dispute(id).await?.ok_or_else(|| unknown(id))?;
			Ok(shown(&read(client, view, None).await?))
		},
		DisputeCommand::Watch { dispute, probe } => {
			let client = context.client().await?;
			watch(context, client, named(client, dispute, probe).await?).await
		},
	}
}

/// The dispute that is meant.
async fn named(client: &Client, key: DisputeKey, probe: bool) -> Result<DisputeId, Failure> {
	let disputes = match key {
		DisputeKey::Latest(job) => client.job(job).await?.map_or(0, |job| job.disputes),
		DisputeKey::Exactly(_) => 0,
	};
	let id = key.of(disputes);
	Ok(if probe { id.of_probe() } else { id })
}

fn shown(transcript: &Transcript) -> Report {
	Report::new(views::dispute(transcript), views::dispute_text(transcript))
}

fn unknown(id: DisputeId) -> Failure {
	let (job, probe) = (id.job, if id.probe { "the probe of " } else { "" });
	let none = match id.number {
		0 => format!("the results of job {job} were never disputed"),
		_ => format!("the chain has no dispute {id} about {probe}job {job}"),
	};
	Failure::new("unknown-dispute", none).help(
		"`assay dispute list` shows all; the records of a dispute are pruned some time after it \
		 ends, and `assay job show` tells how the job ended",
	)
}

async fn list(context: &Context, limit: u32) -> Result<Report, Failure> {
	let client = context.client().await?;
	let (mut disputes, mut start) = (Vec::new(), Some(DisputeId::default()));
	while let Some(from) = start.filter(|_| disputes.len() < limit as usize) {
		let rest = limit - u32::try_from(disputes.len()).unwrap_or(limit);
		let page = client.disputes(from, rest).await?;
		disputes.extend(page.items.into_iter().map(|view| Transcript::new(view, None, None)));
		start = page.next;
	}
	let header = ["DISPUTE", "PROVIDER", "ROUND", "PHASE", "ALIVE", "OUTCOME"];
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
	let id = view.id;
	let version = client.job(id.job).await?.map(|job| job.version);
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
async fn watch(context: &Context, client: &Client, id: DisputeId) -> Result<Report, Failure> {
	let mut heads = client.blocks(Heads::Best).await?;
	let name = format!("dispute {id}");
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
	use assay_primitives::JobId;

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
		let id = DisputeId::new(JobId(4), 1);
		assert!(unknown(id).to_text().contains("pruned"));
		assert!(unknown(DisputeId { number: 0, ..id }).to_text().contains("never disputed"));
	}
}
