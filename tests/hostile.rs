//! Crashes, restarts, and everybody that means no good: each gives a clear end, loses nothing and
//! leaves every hold accounted for.

use anyhow::{Context, Result};
use assay_client::{keys, AccountBalance, Call, Client, Error, Wait};
use assay_primitives::{
	api::JobFilter,
	job::{Choice, Input, JobState, Output, RefundReason},
	provider::{Ask, Profile},
	tensor::{encode_tensors, DType, Dimension, Tensor, TensorSpec},
	JobId, VersionId, ASY,
};
use assay_tests::{
	chain::{account, key, Node, Worker},
	market, onnx,
	process::binary,
	server::{Conduct, Server},
};
use serde_json::Value;
use std::process::Command;
use subxt::rpcs::client::{rpc_params, RpcClient};

/// The factors of the slow model: several seconds on two cores.
const FACTORS: usize = 150;

fn row() -> TensorSpec {
	onnx::float32("x", &[Dimension::UpTo(1024)])
}

fn floats(values: &[f32]) -> Tensor {
	let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
	let length = u32::try_from(values.len()).expect("a short row");
	Tensor::new(DType::Float32, vec![length], data).expect("as many bytes as the shape asks for")
}

/// Publish a version of Alice's with the declaration and the commitments of the doubling model,
/// whatever the bytes are that its artifact names, to be fetched from `url`.
async fn publish_at(client: &Client, name: &str, bytes: &[u8], url: &str) -> Result<VersionId> {
	let output = onnx::float32("y", &[Dimension::UpTo(1024)]);
	let mut spec = market::declaration(&onnx::doubling(), url, row(), output)?;
	spec.artifact = market::artifact(bytes);
	let model = market::register(client, &key("Alice"), name, "a test").await?;
	market::publish(client, &key("Alice"), model, spec).await
}

/// Upload and publish the doubling model, and wait until it is served.
async fn doubling(client: &Client, provider: &str) -> Result<VersionId> {
	let gateway = market::gateway(client, &account(provider)).await?;
	let artifact = market::upload(&gateway, &onnx::doubling()).await?;
	let url = market::address(&gateway, artifact.hash);
	let version = publish_at(client, "test/doubling", &onnx::doubling(), &url).await?;
	market::served(client, version).await?;
	Ok(version)
}

/// Upload and publish the slow model, and wait until it is served.
async fn slow(client: &Client, provider: &str) -> Result<VersionId> {
	let gateway = market::gateway(client, &account(provider)).await?;
	let bytes = onnx::slow(FACTORS);
	let artifact = market::upload(&gateway, &bytes).await?;
	let (input, output) = (
		onnx::float32("x", &[Dimension::Fixed(1)]),
		onnx::float32("y", &[Dimension::Fixed(1), Dimension::Fixed(1)]),
	);
	let url = market::address(&gateway, artifact.hash);
	let spec = market::declaration(&bytes, &url, input, output)?;
	let model = market::register(client, &key("Alice"), "test/slow", "a test").await?;
	let version = market::publish(client, &key("Alice"), model, spec).await?;
	market::served(client, version).await?;
	Ok(version)
}

async fn double(client: &Client, version: VersionId) -> Result<()> {
	let job = market::request(client, &key("Bob"), version, &[floats(&[1.5, -2.0])]).await?;
	market::settled(client, job).await?;
	assert_eq!(market::output(client, job).await?, [floats(&[3.0, -4.0])]);
	Ok(())
}

fn is_assigned<A>(state: &JobState<A>) -> bool {
	matches!(state, JobState::Assigned { .. })
}

/// How many transactions of the chain carry the output of a settled job.
async fn times_submitted(node: &Node, client: &Client, job: JobId) -> Result<usize> {
	let rpc = RpcClient::from_url(node.url()).await?;
	let output = encode_tensors(&market::output(client, job).await?);
	let needle: String = output.iter().map(|byte| format!("{byte:02x}")).collect();
	let requested = client.job(job).await?.context("the job is kept")?.requested;
	let mut found = 0;
	for number in requested..=client.best().await?.number {
		let hash: Value = rpc.request("chain_getBlockHash", rpc_params![number]).await?;
		let block: Value = rpc.request("chain_getBlock", rpc_params![hash]).await?;
		let extrinsics = block["block"]["extrinsics"].as_array().context("a block")?;
		let carries = |call: &&Value| call.as_str().is_some_and(|call| call.contains(&needle));
		found += extrinsics.iter().filter(carries).count();
	}
	Ok(found)
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_outlive_crashes_of_their_worker_and_restarts_of_the_node() -> Result<()> {
	let mut node = Node::start()?;
	let client = node.client().await?;
	let mut worker = Worker::start(&node, "Dave")?;
	let version = slow(&client, "Dave").await?;

	let job = market::request(&client, &key("Bob"), version, &[floats(&[0.0])]).await?;
	market::reached(&client, job, is_assigned).await?;
	worker.kill()?;
	worker.resume()?;
	let submitted = |state: &JobState<_>| matches!(state, JobState::Submitted { .. });
	market::reached(&client, job, submitted).await?;
	// Again, when the result is on chain but not yet known to be final.
	worker.kill()?;
	worker.resume()?;
	market::settled(&client, job).await?;
	assert_eq!(times_submitted(&node, &client, job).await?, 1);

	let job = market::request(&client, &key("Bob"), version, &[floats(&[1e-6])]).await?;
	market::reached(&client, job, is_assigned).await?;
	node.stop()?;
	node.resume()?;
	// The very clients that were connected before go on.
	market::settled(&client, job).await?;
	assert_eq!(times_submitted(&node, &client, job).await?, 1);

	let provider = client.provider(&account("Dave")).await?.context("Dave is a provider")?;
	let counted = provider.statistics;
	assert_eq!((counted.assigned, counted.delivered, counted.missed), (2, 2, 0));
	assert_eq!(provider.locked, 0);
	assert!(worker.stop()?, "a worker that is asked to end ends well");
	Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_told_to_stop_answers_what_it_has_and_a_second_signal_ends_it(
) -> Result<()> {
	let node = Node::start()?;
	let client = node.client().await?;
	let mut worker = Worker::start(&node, "Dave")?;
	let version = slow(&client, "Dave").await?;
	let provider = || async { client.provider(&account("Dave")).await?.context("a provider") };

	let mut jobs = Vec::new();
	for input in [0.0, 1e-6, 2e-6] {
		let input = [floats(&[input])];
		jobs.push(market::request(&client, &key("Bob"), version, &input).await?);
	}
	for job in &jobs {
		market::reached(&client, *job, is_assigned).await?;
	}
	worker.process()?.signal("TERM")?;
	assert!(worker.ended()?, "a worker that has drained ends well");
	for job in &jobs {
		let view = client.job(*job).await?.context("the job is kept")?;
		assert!(view.state.output().is_some(), "{view:?}");
	}
	// It ends when the node has the transaction: the next block has it.
	market::until(&client, "a provider that is away", || async {
		Ok((!provider().await?.available).then_some(()))
	})
	.await?;

	worker.resume()?;
	market::served(&client, version).await?;
	let job = market::request(&client, &key("Bob"), version, &[floats(&[3e-6])]).await?;
	market::reached(&client, job, is_assigned).await?;
	let process = worker.process()?;
	process.signal("TERM")?;
	process.line("draining")?;
	process.signal("TERM")?;
	worker.ended()?;
	let left = client.job(job).await?.context("the job is kept")?;
	assert!(is_assigned(&left.state), "it ended before it had answered: {left:?}");
	worker.resume()?;
	market::settled(&client, job).await?;
	assert_eq!(times_submitted(&node, &client, job).await?, 1);
	assert_eq!(
		(provider().await?.statistics.assigned, provider().await?.statistics.missed),
		(4, 0)
	);

	// With nothing to do it ends at once, and well.
	assert!(worker.stop()?);
	Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_model_files_and_bad_servers_stop_nobody_else() -> Result<()> {
	let node = Node::start()?;
	let client = node.client().await?;
	let mut worker = Worker::start(&node, "Dave")?;
	let first = doubling(&client, "Dave").await?;
	let gateway = market::gateway(&client, &account("Dave")).await?;
	let good = onnx::doubling();
	let half = good[..good.len() / 2].to_vec();
	// What the bad servers are asked for: a file that the worker does not have yet.
	let mut wanted = good.clone();
	wanted[20] ^= 1;

	let mut bad = Vec::new();
	for (name, bytes) in [
		("test/garbage", vec![0xa5; 4096]),
		("test/truncated", half),
		("test/another-graph", onnx::squaring()),
	] {
		let artifact = market::upload(&gateway, &bytes).await?;
		let url = market::address(&gateway, artifact.hash);
		bad.push(publish_at(&client, name, &bytes, &url).await?);
	}
	let mut servers = Vec::new();
	for (name, conduct) in [
		("test/lies", Conduct::Lies(good.clone())),
		("test/endless", Conduct::NeverEnds),
		("test/stops", Conduct::Stops(wanted[..good.len() / 2].to_vec())),
	] {
		let server = Server::start(conduct).await?;
		bad.push(publish_at(&client, name, &wanted, server.url()).await?);
		servers.push(server);
	}
	// The worker tries versions in their order: once it serves the last, it has tried the others.
	let url = market::address(&gateway, market::artifact(&good).hash);
	let last = publish_at(&client, "test/last", &good, &url).await?;
	market::served(&client, last).await?;

	let hanging = Server::start(Conduct::Hangs).await?;
	bad.push(publish_at(&client, "test/hangs", &wanted, hanging.url()).await?);
	double(&client, first).await?;
	everything_declined_is_told(&gateway, &bad).await?;
	for version in bad {
		let estimate = client.estimate(version, &[vec![1]], &Choice::Any).await?;
		assert_eq!(estimate.providers, 0, "nobody can serve {version}");
	}
	gateway_takes_only_what_matches_its_name(&gateway).await?;
	assert!(worker.stop()?, "a worker that is asked to end ends well");
	Ok(())
}

/// The worker says of each version that it leaves why, without the cause: that names servers.
async fn everything_declined_is_told(gateway: &str, versions: &[VersionId]) -> Result<()> {
	let url = format!("{gateway}/v1/declined");
	let text = reqwest::get(&url).await?.error_for_status()?.text().await?;
	let declined: Vec<Value> = serde_json::from_str(&text)?;
	// The server that hangs is still waited for.
	for version in versions.iter().rev().skip(1) {
		let name = version.to_string();
		let of = |entry: &&Value| entry["version"] == name.as_str();
		let entry = declined.iter().find(of).with_context(|| format!("{name} in {text}"))?;
		let reason = entry["reason"].as_str().context("a reason")?;
		assert!(["artifact", "not_prepared", "commitments_differ"].contains(&reason), "{entry}");
		assert_eq!(entry["job"], Value::Null);
	}
	assert!(!text.contains("127.0.0.1"), "{text}");
	Ok(())
}

async fn gateway_takes_only_what_matches_its_name(gateway: &str) -> Result<()> {
	let artifact = market::artifact(b"what was promised");
	let url = market::address(gateway, artifact.hash);
	let http = reqwest::Client::new();

	let lie = http.put(&url).body("something else").send().await?;
	assert!(lie.status().is_client_error(), "{}", lie.status());
	let absent = http.get(&url).send().await?;
	assert_eq!(absent.status(), reqwest::StatusCode::NOT_FOUND);

	market::upload(gateway, b"what was promised").await?;
	let part = http.get(&url).header("Range", "bytes=5-7").send().await?;
	assert_eq!(part.status(), reqwest::StatusCode::PARTIAL_CONTENT);
	assert_eq!(&part.bytes().await?[..], b"was");
	Ok(())
}

/// Make a development account a provider of a version that no worker runs for.
async fn provider_without_worker(client: &Client, name: &str, version: VersionId) -> Result<()> {
	let numbers = client.numbers().await?;
	for call in [
		Call::RegisterProvider { profile: Profile::default(), bond: 10 * numbers.min_bond },
		Call::SetAsk { version, ask: Ask { price: ASY / 1000, capacity: 16, until: None } },
		Call::SetOnline { online: true },
	] {
		client.submit(&key(name), call, Wait::InBlock).await?;
	}
	client.submit(&key(name), Call::Heartbeat, Wait::InBlock).await?;
	Ok(())
}

/// The error that an answer meets on chain.
async fn refusal(client: &Client, name: &str, job: JobId, output: &[Tensor]) -> Result<String> {
	let bytes = encode_tensors(output).try_into().ok().context("a small output")?;
	let call = Call::SubmitResult { job, output: Box::new(Output::Inline(bytes)) };
	match client.submit(&key(name), call, Wait::InBlock).await {
		Err(Error::Dispatch { error, .. }) => Ok(error),
		other => anyhow::bail!("not refused on chain: {other:?}"),
	}
}

/// The scenarios share a chain and run at once; each has accounts and a model of its own.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_gains_by_breaking_a_rule() -> Result<()> {
	let node = Node::start()?;
	let client = node.client().await?;
	tokio::try_join!(
		only_the_assigned_provider_answers_and_only_once(&client),
		a_provider_that_never_answers_costs_the_requester_nothing(&client),
		a_requester_without_funds_is_told_so_and_nothing_is_held(&client),
		inputs_that_do_not_fit_are_refused_on_chain(&client),
		the_command_line_explains_a_bad_input(&client),
	)?;
	Ok(())
}

async fn only_the_assigned_provider_answers_and_only_once(client: &Client) -> Result<()> {
	let version =
		publish_at(client, "test/manual", &onnx::doubling(), "http://127.0.0.1:1/m").await?;
	provider_without_worker(client, "Dave", version).await?;
	market::served(client, version).await?;
	let job = market::request(client, &key("Bob"), version, &[floats(&[1.0])]).await?;
	let held = client.balance(&account("Bob")).await?.held;
	market::reached(client, job, is_assigned).await?;
	let right = [floats(&[2.0])];

	assert_eq!(refusal(client, "Eve", job, &right).await?, "NotAssigned");
	let integers = Tensor::new(DType::Int32, vec![1], vec![2, 0, 0, 0])?;
	assert_eq!(refusal(client, "Dave", job, &[integers]).await?, "WrongTensorType");
	assert_eq!(refusal(client, "Dave", job, &[]).await?, "WrongTensorCount");

	let bytes = encode_tensors(&right).try_into().ok().context("a small output")?;
	let call = Call::SubmitResult { job, output: Box::new(Output::Inline(bytes)) };
	client.submit(&key("Dave"), call, Wait::InBlock).await?;
	assert_eq!(refusal(client, "Dave", job, &right).await?, "AlreadySubmitted");
	let view = market::settled(client, job).await?;
	let released = held - client.balance(&account("Bob")).await?.held;
	assert_eq!(released, view.terms.max_fee, "only the deposit is held");
	assert_eq!(refusal(client, "Dave", job, &right).await?, "JobEnded");
	Ok(())
}

async fn a_provider_that_never_answers_costs_the_requester_nothing(client: &Client) -> Result<()> {
	let version =
		publish_at(client, "test/silent", &onnx::doubling(), "http://127.0.0.1:1/m").await?;
	provider_without_worker(client, "Ferdie", version).await?;
	market::served(client, version).await?;
	let numbers = client.numbers().await?;
	let mut call = market::request_call(client, version, &[floats(&[1.0])]).await?;
	if let Call::Request { terms, .. } = &mut call {
		terms.deliver_within = numbers.assignment_delay + numbers.response_window;
	}
	let before = client.balance(&account("Eve")).await?.held;
	let receipt = client.submit(&key("Eve"), call, Wait::InBlock).await?;
	let job = receipt.created.job.context("a job was requested")?;
	let during = client.balance(&account("Eve")).await?.held;
	let view = market::reached(client, job, |_| false).await?;

	let missed = RefundReason::Missed;
	assert!(
		matches!(view.state, JobState::Refunded { reason, .. } if reason == missed),
		"{view:?}"
	);
	let after = client.balance(&account("Eve")).await?.held;
	assert_eq!(during - after, view.terms.max_fee, "the fee is free again");
	assert!(after > before, "the deposit is held as long as the records are kept");
	let provider = client.provider(&account("Ferdie")).await?.context("Ferdie is a provider")?;
	assert_eq!((provider.statistics.missed, provider.locked), (1, 0));
	Ok(())
}

async fn a_requester_without_funds_is_told_so_and_nothing_is_held(client: &Client) -> Result<()> {
	let version =
		publish_at(client, "test/funds", &onnx::doubling(), "http://127.0.0.1:1/m").await?;
	let call = market::request_call(client, version, &[floats(&[1.0])]).await?;

	let pauper = keys::from_uri("//Alice//pauper")?;
	let refused = client.submit(&pauper, call.clone(), Wait::InBlock).await.unwrap_err();
	assert!(matches!(refused, Error::Invalid { .. }), "{refused}");
	assert_eq!(client.balance(&keys::account(&pauper)).await?, AccountBalance::default());

	let to = keys::account(&pauper);
	client
		.submit(&key("Bob"), Call::Transfer { to: to.clone(), amount: ASY }, Wait::InBlock)
		.await?;
	let Call::Request { version, input, mut terms } = call else { unreachable!("a request") };
	terms.max_fee = 1000 * ASY;
	let dear = Call::Request { version, input, terms };
	let refused = client.submit(&pauper, dear, Wait::InBlock).await.unwrap_err();
	let expected = "InsufficientFunds";
	assert!(matches!(&refused, Error::Dispatch { error, .. } if error == expected), "{refused}");
	assert_eq!(client.balance(&to).await?.held, 0);
	Ok(())
}

async fn inputs_that_do_not_fit_are_refused_on_chain(client: &Client) -> Result<()> {
	let version =
		publish_at(client, "test/inputs", &onnx::doubling(), "http://127.0.0.1:1/m").await?;
	let good = market::request_call(client, version, &[floats(&[1.0])]).await?;
	let Call::Request { mut terms, .. } = good else { unreachable!("a request") };
	terms.max_fee = ASY;
	let integers = Tensor::new(DType::Int32, vec![1], vec![1, 0, 0, 0])?;
	for (tensors, expected) in [
		(vec![integers], "WrongTensorType"),
		(vec![floats(&[0.0; 1025])], "WrongTensorShape"),
		(vec![floats(&[0.0]); 2], "WrongTensorCount"),
	] {
		let bytes = encode_tensors(&tensors).try_into().ok().context("a small input")?;
		let input = Box::new(Input::Inline(bytes));
		let call = Call::Request { version, input, terms: terms.clone() };
		let refused = client.submit(&key("Bob"), call, Wait::InBlock).await.unwrap_err();
		assert!(
			matches!(&refused, Error::Dispatch { error, .. } if error == expected),
			"{refused}"
		);
	}
	Ok(())
}

async fn the_command_line_explains_a_bad_input(client: &Client) -> Result<()> {
	let version = publish_at(client, "test/cli", &onnx::doubling(), "http://127.0.0.1:1/m").await?;
	for (input, said) in [
		("x=[[1.0],[2.0]]", "shape"),
		("x=[\"one\"]", "x"),
		("z=[1.0]", "z"),
		("x=@/no/such/file.npy", "cannot read"),
	] {
		let done = Command::new(binary("assay")?)
			.args(["--url", client.url(), "--json", "--dev-key", "//Bob"])
			.args(["infer", "--model", "test/cli", "--input", input])
			.output()?;
		assert!(!done.status.success(), "{input}");
		let answer: Value = serde_json::from_slice(&done.stdout).context("one JSON document")?;
		let message = answer["error"]["message"].as_str().unwrap_or_default();
		assert!(message.contains(said), "{input}: {answer}");
	}
	let filter = JobFilter { version: Some(version), ..Default::default() };
	let jobs = client.jobs(&filter, None, 1).await?;
	assert!(jobs.items.is_empty(), "nothing was requested");
	Ok(())
}
