//! The market with real processes: one request that several providers run, each for itself; and many
//! requests that some of them run, one of which dies.

use anyhow::{bail, ensure, Context, Result};
use assay_client::{Call, Client, Wait};
use assay_primitives::{
	api::{JobFilter, MAX_PAGE},
	job::{JobState, JobView, Redundancy},
	model::VersionSpec,
	tensor::{DType, Tensor},
	AccountId, Balance, JobId, VersionId, ASY,
};
use assay_tests::{
	chain::{account, key, Node, Worker},
	ledger::Ledger,
	market, pictures,
};
use futures::future::try_join_all;
use std::{
	collections::{BTreeMap, BTreeSet},
	time::Duration,
};

/// What everybody starts with.
const FUNDS: Balance = 10_000 * ASY;
/// What a right answer is worth to the requester, which every provider stakes.
const VALUE: Balance = 100 * ASY;
/// The providers that answer as they should.
const HONEST: [&str; 3] = ["Honest//1", "Honest//2", "Honest//3"];
const LIAR: &str = "Liar";

async fn fund(client: &Client, names: &[&str]) -> Result<()> {
	for name in names {
		let call = Call::Transfer { to: account(name), amount: FUNDS };
		client.submit(&key("Alice"), call, Wait::InBlock).await?;
	}
	Ok(())
}

/// Publish a version of a model that so many providers serve.
async fn publish(client: &Client, name: &str, spec: VersionSpec, by: u32) -> Result<VersionId> {
	let model = market::register(client, &key("Alice"), name, "a test").await?;
	let version = market::publish(client, &key("Alice"), model, spec).await?;
	market::served_by(client, version, by).await?;
	Ok(version)
}

/// Request an answer of three providers, and give the replicas.
async fn request(
	client: &Client,
	from: &str,
	version: VersionId,
	input: &Tensor,
) -> Result<Vec<JobId>> {
	let call = market::request_call(client, version, std::slice::from_ref(input)).await?;
	let Call::Request { version, input, mut terms } = call else { bail!("no request") };
	terms.value = VALUE;
	let redundancy = Redundancy { replicas: 3, answers: 3 };
	let call = Call::RequestRedundant { version, input, terms, redundancy };
	let receipt = client.submit(&key(from), call, Wait::InBlock).await?;
	let job = receipt.created.job.context("jobs were requested")?;
	let group = client.group(job).await?.context("they are a group")?;
	ensure!(group.replicas.len() == 3 && group.answers == 3, "{group:?}");
	Ok(group.replicas)
}

/// The replicas once all results are there, each from another provider.
async fn answered(client: &Client, replicas: &[JobId]) -> Result<Vec<JobView<AccountId>>> {
	let mut views = Vec::new();
	for job in replicas {
		views.push(market::reached(client, *job, |state| state.output().is_some()).await?);
	}
	let providers: BTreeSet<_> = views.iter().filter_map(|view| view.state.provider()).collect();
	ensure!(providers.len() == replicas.len(), "{views:?}");
	Ok(views)
}

/// Nobody sees a result before all are sealed, and then all are the same and are paid.
async fn three_answers_agree(client: &Client, version: VersionId, input: &Tensor) -> Result<()> {
	let replicas = request(client, "Bob", version, input).await?;
	market::until(client, "a seal", || async {
		let group = client.group(replicas[0]).await?.context("a group")?;
		Ok((group.sealed > 0).then_some(()))
	})
	.await?;
	let views = answered(client, &replicas).await?;
	let roots: BTreeSet<_> =
		views.iter().filter_map(|view| view.state.output()).map(|output| output.root.0).collect();
	assert_eq!(roots.len(), 1, "{views:?}");
	for job in replicas {
		let view = market::settled(client, job).await?;
		assert_eq!(view.shares.iter().map(|share| share.amount).sum::<Balance>(), view.fee);
	}
	Ok(())
}

/// Where one of three says something else, all are audited, and the lie is found although nobody
/// watches for it.
async fn the_one_that_differs_is_found(
	client: &Client,
	version: VersionId,
	input: &Tensor,
) -> Result<()> {
	let replicas = request(client, "Charlie", version, input).await?;
	let views = answered(client, &replicas).await?;
	let lied = views.iter().find(|view| view.state.provider() == Some(&account(LIAR)));
	let lied = lied.context("the liar has one of three replicas")?.id;
	let view = market::reached(client, lied, |_| false).await?;
	assert!(matches!(view.state, JobState::Slashed { .. }), "{view:?}");
	let provider = client.provider(&account(LIAR)).await?.context("a provider")?;
	assert_eq!((provider.statistics.refuted, provider.locked), (1, 0));
	for job in replicas.into_iter().filter(|job| *job != lied) {
		let view = client.job(job).await?.context("the job is kept")?;
		assert!(view.refuted.is_empty() && view.state.output().is_some(), "{view:?}");
	}
	Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn several_providers_answer_under_seal_and_differences_are_audited() -> Result<()> {
	let node = Node::start()?;
	let client = node.client().await?;
	fund(&client, &HONEST).await?;
	fund(&client, &[LIAR]).await?;
	let (all, two) = (["test/agree@1", "test/differ@1"], ["test/agree@1"]);
	let _honest = [
		Worker::serving(&node, HONEST[0], &all)?,
		Worker::serving(&node, HONEST[1], &all)?,
		Worker::serving(&node, HONEST[2], &two)?,
	];
	let _liar = Worker::lying(&node, LIAR, &["test/differ@1"], "shifted", false)?;
	let gateway = market::gateway(&client, &account(HONEST[0])).await?;
	let (spec, picture) = (pictures::spec(&gateway).await?, pictures::slope()?);
	let agree = publish(&client, "test/agree", spec.clone(), 3).await?;
	let differ = publish(&client, "test/differ", spec, 3).await?;
	tokio::try_join!(
		three_answers_agree(&client, agree, &picture),
		the_one_that_differs_is_found(&client, differ, &picture),
	)?;
	Ok(())
}

/// The name of the model that many requests are for.
const DOUBLE: &str = "test/double";
/// Who requests, and how often each.
const REQUESTERS: [&str; 4] = ["Bob", "Charlie", "Dave", "Eve"];
const REQUESTS: u32 = 50;
/// How long all of the requests together are waited for.
const PATIENCE: Duration = Duration::from_secs(300);

/// What accounts have, free and held.
async fn totals(client: &Client, names: &[&str]) -> Result<Vec<i128>> {
	let total = |name: &str| {
		let account = account(name);
		async move {
			let balance = client.balance(&account).await?;
			Ok(i128::try_from(balance.free + balance.held)?)
		}
	};
	try_join_all(names.iter().map(|name| total(name))).await
}

/// All jobs of a version.
async fn jobs(client: &Client, version: VersionId) -> Result<Vec<JobView<AccountId>>> {
	let filter = JobFilter { version: Some(version), ..JobFilter::default() };
	let (mut jobs, mut start) = (Vec::new(), None);
	loop {
		let page = client.jobs(&filter, start, MAX_PAGE).await?;
		jobs.extend(page.items);
		start = page.next;
		if start.is_none() {
			return Ok(jobs);
		}
	}
}

/// Request a job as often as everybody does.
async fn request_many(client: &Client, version: VersionId) -> Result<()> {
	let data = [1.5f32, -2.0].iter().flat_map(|value| value.to_le_bytes()).collect();
	let tensor = Tensor::new(DType::Float32, vec![2], data)?;
	let call = market::request_call(client, version, &[tensor]).await?;
	let request = |name: &'static str| {
		let (signer, call) = (key(name), call.clone());
		async move { client.submit(&signer, call, Wait::InBlock).await }
	};
	let all = REQUESTERS.iter().flat_map(|name| (0..REQUESTS).map(|_| request(name)));
	try_join_all(all).await?;
	Ok(())
}

/// Kill a worker once it has much to answer.
async fn kill_when_busy(client: &Client, name: &str, worker: &mut Worker) -> Result<()> {
	market::until(client, "a busy worker", || async {
		let open = client.assignments(&account(name), JobId(0)).await?;
		Ok((open.len() >= 8).then_some(()))
	})
	.await?;
	worker.kill()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_job_settles_once_or_is_refunded_while_a_third_of_the_workers_dies() -> Result<()> {
	let node = Node::start()?;
	let (client, ledger) = (node.client().await?, Ledger::of(&node).await?);
	fund(&client, &HONEST).await?;
	let offer =
		|name, price, bond| Worker::offering(&node, name, &format!("{DOUBLE}@1={price}"), bond);
	let [steady, dying, slow] = HONEST;
	let _steady = offer(steady, "0.002", "2000")?;
	let mut worker = offer(dying, "0.001", "3000")?;
	let _slow = offer(slow, "0.003", "1000")?;
	let gateway = market::gateway(&client, &account(steady)).await?;
	let version = publish(&client, DOUBLE, market::doubling(&gateway).await?, 3).await?;

	let first = client.best().await?.number + 1;
	let before = totals(&client, &REQUESTERS).await?;
	tokio::try_join!(request_many(&client, version), kill_when_busy(&client, dying, &mut worker))?;
	market::within(&client, PATIENCE, "the end of every job", || async {
		let all = jobs(&client, version).await?;
		let open = all.iter().filter(|job| job.state.is_open()).count();
		Ok((all.len() == REQUESTERS.len() * REQUESTS as usize && open == 0).then_some(()))
	})
	.await?;

	let all = jobs(&client, version).await?;
	let last = client.best().await?.number;
	let settled = |job: &&JobView<AccountId>| matches!(job.state, JobState::Settled { .. });
	// Each is paid once and in full, or not at all and its fee is back.
	let expected: BTreeMap<JobId, u32> =
		all.iter().filter(settled).map(|job| (job.id, 1)).collect();
	assert_eq!(ledger.settlements(first..=last).await?, expected);
	for job in &all {
		let paid: Balance = job.shares.iter().map(|share| share.amount).sum();
		let owed = if settled(&job) { job.fee } else { 0 };
		assert_eq!(paid, owed, "{job:?}");
		let refunded = matches!(job.state, JobState::Refunded { .. } | JobState::Expired { .. });
		assert!(settled(&job) || refunded, "{job:?}");
	}
	// Nothing is stuck: what requesters have less they have paid, and no stake is locked.
	let (after, flows) = (totals(&client, &REQUESTERS).await?, ledger.flows(first..=last).await?);
	for ((name, before), after) in REQUESTERS.iter().zip(before).zip(after) {
		let own = all.iter().filter(|job| job.requester == account(name));
		let fees: Balance = own.filter(settled).map(|job| job.fee).sum();
		let fees = i128::try_from(fees)?;
		assert_eq!(after - before, flows.change(&account(name)) - fees, "{name}");
	}
	let mut missed = 0;
	for name in HONEST {
		let view = client.provider(&account(name)).await?.context("a provider")?;
		assert_eq!(view.locked, 0, "{name}");
		missed += view.statistics.missed;
	}
	let died = client.provider(&account(dying)).await?.context("a provider")?.statistics;
	let lives = client.provider(&account(steady)).await?.context("a provider")?.statistics;
	assert!(died.missed > 0 && missed == died.missed, "{died:?}");
	assert!(died.quality() < lives.quality(), "{died:?} {lives:?}");
	Ok(())
}
