//! A subscription with real processes: jobs out of a budget, for inputs as they are fed.

use anyhow::{Context, Result};
use assay_client::{Call, Client, Wait};
use assay_primitives::{
	job::{Choice, Input, Terms},
	subscription::{Status, SubscriptionSpec, SubscriptionView, Target},
	tensor::{encode_tensors, DType, Dimension, Tensor},
	AccountId, Balance, JobId, SubscriptionId, VersionId, ASY,
};
use assay_tests::{
	chain::{account, key, Node},
	ledger::Ledger,
	market, onnx,
};

/// The blocks from one run to the next.
const PERIOD: u32 = 15;
/// What is set aside.
const BUDGET: Balance = 10 * ASY;

/// A row of two numbers.
fn row(numbers: [f32; 2]) -> Result<Tensor> {
	let bytes = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
	Ok(Tensor::new(DType::Float32, vec![2], bytes)?)
}

/// Publish a model that doubles rows, and wait until it is served.
async fn doubling(client: &Client) -> Result<VersionId> {
	let gateway = market::gateway(client, &account("Charlie")).await?;
	let artifact = market::upload(&gateway, &onnx::doubling()).await?;
	let spec = market::declaration(
		&onnx::doubling(),
		&market::address(&gateway, artifact.hash),
		onnx::float32("x", &[Dimension::UpTo(8)]),
		onnx::float32("y", &[Dimension::UpTo(8)]),
	)?;
	let model = market::register(client, &key("Alice"), "test/subscription", "a test").await?;
	let version = market::publish(client, &key("Alice"), model, spec).await?;
	market::served(client, version).await?;
	Ok(version)
}

async fn subscribe(client: &Client, version: VersionId) -> Result<SubscriptionId> {
	let estimate = client.estimate(version, &[vec![8]], &Choice::Any).await?;
	let numbers = client.numbers().await?;
	let spec = SubscriptionSpec {
		target: Target::Newest(version.model),
		terms: Terms {
			max_fee: estimate.highest.context("somebody serves it")?.total(),
			value: 0,
			deliver_within: numbers.assignment_delay + 3 * numbers.response_window,
			max_relative: None,
			reassign: false,
			choice: Choice::Any,
			usage: Default::default(),
			data: None,
		},
		period: PERIOD,
		runs: Some(3),
		feeder: Some(account("Dave")),
		repeat: false,
	};
	let call = Call::Subscribe { spec: Box::new(spec), budget: BUDGET };
	let receipt = client.submit(&key("Bob"), call, Wait::InBlock).await?;
	receipt.created.subscription.context("a subscription was made")
}

/// Feed a row, and give the subscription once it has made so many runs.
async fn run(
	client: &Client,
	id: SubscriptionId,
	numbers: [f32; 2],
	made: u32,
) -> Result<SubscriptionView<AccountId>> {
	let input = encode_tensors(&[row(numbers)?]).try_into().ok().context("it is small")?;
	let call = Call::Feed { subscription: id, input: Box::new(Input::Inline(input)) };
	client.submit(&key("Dave"), call, Wait::InBlock).await?;
	reached(client, id, |view| view.made == made).await
}

async fn reached(
	client: &Client,
	id: SubscriptionId,
	wanted: impl Fn(&SubscriptionView<AccountId>) -> bool,
) -> Result<SubscriptionView<AccountId>> {
	market::until(client, &format!("subscription {id}"), || async {
		Ok(client.subscription(id).await?.filter(|view| wanted(view)))
	})
	.await
}

/// The fee of a job that has settled with twice the row.
async fn fee(client: &Client, job: JobId, numbers: [f32; 2]) -> Result<Balance> {
	let view = market::settled(client, job).await?;
	assert_eq!(view.requester, account("Bob"));
	let doubled = numbers.map(|number| 2.0 * number);
	assert_eq!(market::output(client, job).await?, [row(doubled)?]);
	Ok(view.fee)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_fed_is_run_once_a_period_and_the_rest_comes_back() -> Result<()> {
	let node = Node::with_provider()?;
	let client = node.client().await?;
	let version = doubling(&client).await?;
	let before = [client.balance(&account("Bob")).await?, client.balance(&account("Dave")).await?];

	let id = subscribe(&client, version).await?;
	let (first, second) = ([1.0, 2.5], [-3.0, 0.25]);
	let once = run(&client, id, first, 1).await?.last.context("a run")?;
	let view = run(&client, id, second, 2).await?;
	let twice = view.last.context("a run")?;
	assert_eq!((twice.at - once.at, twice.cost), (PERIOD, once.cost));
	assert_eq!(view.budget, BUDGET - 2 * once.cost);
	let fees = fee(&client, once.job, first).await? + fee(&client, twice.job, second).await?;

	// The third period has no input: it is left out, and costs nothing.
	let rests = reached(&client, id, |view| view.status == Status::Waiting).await?;
	assert_eq!((rests.made, rests.budget, rests.spec.runs), (2, view.budget, Some(1)));
	let listed = client.subscriptions(Some(&account("Bob")), SubscriptionId(0), 10).await?;
	assert_eq!(listed.items, [rests]);
	let end = Call::EndSubscription { subscription: id };
	client.submit(&key("Bob"), end, Wait::InBlock).await?;
	assert_eq!(client.subscription(id).await?, None);

	// What is held still is the deposits of the two jobs, until they are pruned.
	let last = client.best().await?.number;
	let paid = Ledger::of(&node).await?.flows(1..=last).await?.fees;
	let paid = |name| paid.get(&account(name)).copied().unwrap_or_default();
	let bob = client.balance(&account("Bob")).await?;
	assert_eq!(bob.held, before[0].held + 2 * (once.cost - view.spec.terms.max_fee));
	assert_eq!(bob.free + bob.held, before[0].free + before[0].held - fees - paid("Bob"));
	let dave = client.balance(&account("Dave")).await?;
	assert_eq!((dave.held, dave.free), (before[1].held, before[1].free - paid("Dave")));
	Ok(())
}
