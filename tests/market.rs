//! The market with real processes: one request that several providers run, each for itself.

use anyhow::{bail, ensure, Context, Result};
use assay_client::{Call, Client, Wait};
use assay_primitives::{
	job::{JobState, JobView, Redundancy},
	model::VersionSpec,
	tensor::Tensor,
	AccountId, Balance, JobId, VersionId, ASY,
};
use assay_tests::{
	chain::{account, key, Node, Worker},
	market, pictures,
};
use std::collections::BTreeSet;

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
