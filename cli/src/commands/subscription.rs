//! `assay subscription`.

use super::{infer, job, market};
use crate::{
	amount::Amount,
	cli::{CreateArgs, NewTermsArgs, SubscriptionCommand, Until},
	context::{split_version, Context},
	failure::Failure,
	output::{table, Report},
	views::{self, subscription as shown},
};
use assay_client::{keys, Call, Heads};
use assay_primitives::{
	api::{JobFilter, MAX_PAGE},
	job::{JobView, Terms},
	model::{ModelView, VersionStatus, VersionView},
	subscription::{SubscriptionSpec, SubscriptionView, Target},
	traits::NEWEST_OF,
	AccountId, JobId, SubscriptionId, VersionId,
};
use futures::StreamExt;
use serde_json::{json, Value};
use std::path::PathBuf;

type Subscription = SubscriptionView<AccountId>;

/// Run a command on subscriptions.
pub async fn run(context: &Context, command: SubscriptionCommand) -> Result<Report, Failure> {
	use SubscriptionCommand as Command;
	let (call, done) = match command {
		Command::Create(arguments) => return create(context, arguments).await,
		Command::Feed { subscription, inputs, gateway } => {
			return feed(context, subscription, &inputs, gateway.as_deref()).await
		},
		Command::Show { subscription } => return Ok(report(&find(context, subscription).await?)),
		Command::List { subscriber, limit } => {
			let subscriber = subscriber.as_deref().map(keys::parse_account).transpose()?;
			return list(context, subscriber.as_ref(), limit).await;
		},
		Command::Watch { subscription, wait, output } => {
			return Watch::new(context, wait, output).run(subscription).await
		},
		Command::Terms(arguments) => (new_terms(context, arguments).await?, "terms set"),
		Command::TakeBack { subscription } => (Call::TakeBack { subscription }, "taken back"),
		Command::TopUp { subscription, amount } => {
			(Call::TopUpSubscription { subscription, amount: amount.0 }, "topped up")
		},
		Command::Pause { subscription } => {
			(Call::SetPaused { subscription, paused: true }, "paused")
		},
		Command::Resume { subscription } => {
			(Call::SetPaused { subscription, paused: false }, "resumed")
		},
		Command::End { subscription } => (Call::EndSubscription { subscription }, "ended"),
		Command::Expire { subscription } => (Call::ExpireSubscription { subscription }, "ended"),
	};
	super::submit(context, call, done).await
}

fn report(view: &Subscription) -> Report {
	Report::new(shown::subscription(view), shown::subscription_text(view))
}

async fn find(context: &Context, id: SubscriptionId) -> Result<Subscription, Failure> {
	let unknown = || {
		Failure::new("unknown-subscription", format!("the chain has no subscription {id}"))
			.help("one that has ended is gone; `assay job list --requester …` shows its jobs")
	};
	context.client().await?.subscription(id).await?.ok_or_else(unknown)
}

async fn create(context: &Context, arguments: CreateArgs) -> Result<Report, Failure> {
	let feeder = arguments.feeder.as_deref().map(keys::parse_account).transpose()?;
	let (target, version) = target(context, &arguments.model).await?;
	let client = context.client().await?;
	let largest = infer::parse_shapes(&version.spec.inputs, &[])?;
	let choice = market::choice(&arguments.terms.choice)?;
	let estimate = client.estimate(version.id, &largest, &choice).await?;
	let uses = infer::Uses::read(context, &arguments.terms, 1).await?;
	let terms = infer::terms(context, &arguments.terms, &estimate, choice, uses).await?;
	let budget = arguments.budget.0;
	context.require(budget, "the budget").await?;
	let spec = SubscriptionSpec {
		target,
		terms,
		period: arguments.period,
		runs: arguments.runs,
		feeder,
		repeat: arguments.repeat,
	};
	let receipt = context.submit(Call::Subscribe { spec: Box::new(spec), budget }).await?;
	let unseen = || Failure::new("decode", "the block has no event of the subscription");
	let id = receipt.created.subscription.ok_or_else(unseen)?;
	let text = format!(
		"subscription {id} made in block {}; `assay subscription feed {id}` starts it",
		receipt.block
	);
	let json = json!({ "subscription": { "id": id }, "receipt": views::receipt(&receipt) });
	Ok(Report::new(json, text))
}

/// What `NAME` or `NAME@NUMBER` stands for, and the version that it is now.
async fn target(context: &Context, text: &str) -> Result<(Target, VersionView), Failure> {
	if split_version(text)?.1.is_some() {
		let (_, version) = context.version(text).await?;
		infer::ensure_active(&version, text)?;
		return Ok((Target::Version(version.id), version));
	}
	let model = context.model(text).await?;
	Ok((Target::Newest(model.id), newest(context, &model).await?))
}

/// The version that a subscription to the newest one runs now.
async fn newest(context: &Context, model: &ModelView<AccountId>) -> Result<VersionView, Failure> {
	let client = context.client().await?;
	for number in (1..=model.latest).rev().take(NEWEST_OF as usize) {
		let id = VersionId { model: model.id, number };
		let version = client.version(id).await?;
		if let Some(version) = version.filter(|view| view.status == VersionStatus::Active) {
			return Ok(version);
		}
	}
	let name = views::text(&model.name);
	Err(Failure::new("unknown-version", format!("no recent version of `{name}` takes jobs")))
}

async fn feed(
	context: &Context,
	id: SubscriptionId,
	inputs: &[String],
	gateway: Option<&str>,
) -> Result<Report, Failure> {
	let view = find(context, id).await?;
	let client = context.client().await?;
	let gone = || Failure::new("unknown-version", "the chain does not have what is subscribed to");
	let version = match view.spec.target {
		Target::Version(version) => client.version(version).await?.ok_or_else(gone)?,
		Target::Newest(model) => {
			newest(context, &client.model(model).await?.ok_or_else(gone)?).await?
		},
	};
	let inputs = infer::parse_inputs(&version.spec.inputs, inputs)?;
	let input = Box::new(infer::input(context, &inputs, gateway).await?);
	super::submit(context, Call::Feed { subscription: id, input }, "fed").await
}

async fn new_terms(context: &Context, arguments: NewTermsArgs) -> Result<Call, Failure> {
	let subscription = arguments.subscription;
	let terms = find(context, subscription).await?.spec.terms;
	let amount = |given: Option<Amount>, before| given.map_or(before, |amount| amount.0);
	let terms = Terms {
		max_fee: amount(arguments.max_fee, terms.max_fee),
		value: amount(arguments.value, terms.value),
		deliver_within: arguments.deliver_within.unwrap_or(terms.deliver_within),
		reassign: arguments.reassign.unwrap_or(terms.reassign),
		..terms
	};
	Ok(Call::SetTerms { subscription, terms })
}

async fn list(
	context: &Context,
	subscriber: Option<&AccountId>,
	limit: u32,
) -> Result<Report, Failure> {
	let client = context.client().await?;
	let (mut views, mut start) = (Vec::new(), Some(SubscriptionId(0)));
	while let Some(from) = start.filter(|_| views.len() < limit as usize) {
		let rest = limit - u32::try_from(views.len()).unwrap_or(limit);
		let page = client.subscriptions(subscriber, from, rest).await?;
		views.extend(page.items);
		start = page.next;
	}
	let header = ["ID", "RUNS", "STATE", "DUE", "BUDGET", "MADE", "SUBSCRIBER"];
	let text = table(header, views.iter().map(shown::row).collect());
	let views: Vec<_> = views.iter().map(shown::subscription).collect();
	Ok(Report::new(json!({ "subscriptions": views }), text))
}

/// Follows a subscription and its jobs.
struct Watch<'a> {
	context: &'a Context,
	wait: Until,
	folder: Option<PathBuf>,
	/// The last job that was seen.
	last: Option<JobId>,
	/// Those without a result yet.
	open: Vec<JobId>,
	/// What came of the others.
	results: Vec<Value>,
}

impl<'a> Watch<'a> {
	fn new(context: &'a Context, wait: Until, folder: Option<PathBuf>) -> Self {
		let (last, open, results) = (None, Vec::new(), Vec::new());
		Watch { context, wait, folder, last, open, results }
	}

	/// Follow the subscription until it has ended, and its jobs as far as is waited for.
	async fn run(mut self, id: SubscriptionId) -> Result<Report, Failure> {
		let client = self.context.client().await?;
		let mut heads = client.blocks(Heads::Best).await?;
		let mut view = find(self.context, id).await?;
		let mut has_ended = false;
		self.begin(&view).await?;
		loop {
			if !has_ended {
				match client.subscription(id).await? {
					Some(now) => {
						self.tell_change(&view, &now);
						view = now;
						self.see(view.last.map(|run| run.job));
					},
					None => {
						has_ended = true;
						let last = self.final_job(&view).await?;
						self.see(last);
						self.context.output.note(&format!("subscription {id} has ended"));
					},
				}
			}
			self.look().await?;
			if has_ended && self.open.is_empty() {
				let count = self.results.len();
				let text = format!("subscription {id} has ended; {count} jobs were followed");
				let mut report = Report::new(shown::subscription(&view), text);
				report.json["jobs"] = Value::Array(self.results);
				return Ok(report);
			}
			match heads.next().await {
				Some(Ok(_)) => {},
				// The stream subscribes again by itself.
				Some(Err(error)) => self.context.output.note(&error.to_string()),
				None => return Err(Failure::new("disconnected", "the stream of blocks ended")),
			}
		}
	}

	/// Begin with the last job, unless its result is there already.
	async fn begin(&mut self, view: &Subscription) -> Result<(), Failure> {
		self.context.output.note(&shown::status_text(view));
		self.last = view.last.map(|run| run.job);
		if let Some(id) = self.last {
			let job = self.context.client().await?.job(id).await?;
			let is_open = |job: &JobView<AccountId>| !job::is_reached(&job.state, self.wait);
			self.open.extend(job.filter(is_open).map(|job| job.id));
		}
		Ok(())
	}

	fn tell_change(&self, before: &Subscription, now: &Subscription) {
		if (before.status, before.failures) != (now.status, now.failures) {
			let refused = match now.failures {
				0 => String::new(),
				count => format!(" ({count} requests in a row were refused)"),
			};
			self.context.output.note(&format!("{}{refused}", shown::status_text(now)));
		}
	}

	/// Follow a job that was not seen before.
	fn see(&mut self, job: Option<JobId>) {
		if let Some(job) = job.filter(|job| self.last.is_none_or(|last| *job > last)) {
			self.last = Some(job);
			self.open.push(job);
			self.context.output.note(&format!("job {job} requested"));
		}
	}

	/// The job with which a subscription has ended, if it has made all of its runs: nothing is kept
	/// that names it.
	async fn final_job(&self, view: &Subscription) -> Result<Option<JobId>, Failure> {
		if view.spec.runs != Some(1) {
			return Ok(None);
		}
		let requester = Some(view.subscriber.clone());
		let filter = JobFilter { requester, ..JobFilter::default() };
		let page = self.context.client().await?.jobs(&filter, None, MAX_PAGE).await?;
		let is_last = |job: &JobView<AccountId>| {
			let is_target = match view.spec.target {
				Target::Version(version) => job.version == version,
				Target::Newest(model) => job.version.model == model,
			};
			is_target
				&& job.terms == view.spec.terms
				&& view.due.is_some_and(|due| job.requested >= due)
		};
		Ok(page.items.iter().rfind(|job| is_last(job)).map(|job| job.id))
	}

	/// Look at the jobs that have no result yet, and show those that do.
	async fn look(&mut self) -> Result<(), Failure> {
		let client = self.context.client().await?;
		for id in std::mem::take(&mut self.open) {
			match client.job(id).await? {
				Some(job) if job::is_reached(&job.state, self.wait) => {
					let result = self.result(&job).await;
					self.results.push(result);
				},
				// A block that has the request may be retracted for one that does not have it yet.
				_ => self.open.push(id),
			}
		}
		Ok(())
	}

	/// The result of a job, or why it has none.
	async fn result(&self, job: &JobView<AccountId>) -> Value {
		match self.answer(job).await {
			Ok(report) => {
				self.context.output.note(&report.text);
				report.json
			},
			Err(failure) => {
				self.context.output.note(&failure.to_text());
				let mut value = failure.to_json();
				value["job"] = views::job(job);
				value
			},
		}
	}

	async fn answer(&self, job: &JobView<AccountId>) -> Result<Report, Failure> {
		let client = self.context.client().await?;
		let gone = || Failure::new("unknown-version", "the chain does not have the job's version");
		let model = client.model(job.version.model).await?.ok_or_else(gone)?;
		let version = client.version(job.version).await?.ok_or_else(gone)?;
		let folder = self.folder.as_ref().map(|folder| folder.join(job.id.to_string()));
		let answered = infer::Answered { context: self.context, model: &model, version: &version };
		answered.report(job, folder.as_deref()).await
	}
}
