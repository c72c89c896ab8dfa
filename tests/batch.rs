//! Batches with real processes: a lie about one item of ten thousand costs the whole batch, honest
//! work on the same items settles once, and what fits no batch is refused or refunded.

use anyhow::{bail, ensure, Context, Result};
use assay_canon::commitment::{Blake2b256, CommittedGraph};
use assay_client::{
	batch::{opening, BatchInputs, BatchOutputs, Shapes},
	keys, Call, Client, Error, Wait,
};
use assay_dispute::{
	dispute::{seal, Outcome},
	money::Slash,
};
use assay_primitives::{
	api::MAX_PAGE,
	availability::AnswerBytes,
	batch::{ItemOpening, ItemOutput, ItemView, MAX_ITEMS},
	job::{Choice, Input, JobKind, JobState, JobView, Output, Redundancy, RefundReason},
	model::{Artifact, VersionSpec},
	provider::Statistics,
	tensor::{encode_tensors, DType, Shape, Tensor},
	AccountId, Balance, DisputeId, JobId, Root, VersionId, ASY,
};
use assay_tests::{
	chain::{account, key, Node, Worker},
	cli,
	ledger::{Ledger, Returned},
	market, npy, onnx,
};
use assay_worker::canonical::CanonicalModel;
use codec::Encode;
use futures::future::try_join_all;
use serde_json::{json, Value};
use std::{collections::BTreeMap, fs, path::Path, time::Duration};

/// The model, and what a provider asks for an item of it: ten thousand cost a tenth of an ASY.
const MODEL: &str = "test/batch";
const OFFER: &str = "test/batch@1=0.00001";
/// The items of the batch, and the one that is lied about.
const ITEMS: u32 = 10_000;
const WRONG: u32 = 7_321;
/// The items of small batches.
const FEW: u32 = 40;
/// What a right answer is worth, which the provider stakes: more than a hundred fees.
const VALUE: Balance = 100 * ASY;
/// What everybody starts with.
const FUNDS: Balance = 10_000 * ASY;
/// The bond of every provider.
const BOND: Balance = 1_000 * ASY;
/// How long a batch that is disputed is waited for.
const PATIENCE: Duration = Duration::from_secs(240);

/// Two numbers that no other item has. Their doubles are exact.
fn numbers(index: u32) -> [f32; 2] {
	[index as f32 * 0.25, 1.5 - index as f32]
}

fn row(values: [f32; 2]) -> Result<Vec<Tensor>> {
	let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
	Ok(vec![Tensor::new(DType::Float32, vec![2], data)?])
}

/// The inputs of so many items.
fn inputs(items: u32) -> Result<BatchInputs> {
	let items: Vec<_> = (0..items).map(|index| row(numbers(index))).collect::<Result<_>>()?;
	Ok(BatchInputs::new(items)?)
}

/// What the model says about so many items.
fn doubled(items: u32, spec: &VersionSpec) -> Result<BatchOutputs> {
	let output = |index| {
		let tensors = row(numbers(index).map(|value| value * 2.0))?;
		Ok(ItemOutput::Tensors(encode_tensors(&tensors)))
	};
	let outputs = (0..items).map(output).collect::<Result<_>>()?;
	Ok(BatchOutputs::new(outputs, &spec.outputs)?)
}

/// The first dispute of a job.
const fn first(job: JobId) -> DisputeId {
	DisputeId::new(job, 1)
}

/// A chain with a provider, at whose gateway the model and the batches lie.
struct Bench {
	node: Node,
	client: Client,
	ledger: Ledger,
	gateway: String,
	spec: VersionSpec,
	version: VersionId,
	_honest: Worker,
}

impl Bench {
	/// Start it, with the model published and so much money for everybody who is named.
	async fn set_up(names: &[&str]) -> Result<Self> {
		let node = Node::start()?;
		let (client, ledger) = (node.client().await?, Ledger::of(&node).await?);
		for name in names.iter().chain(&["Honest"]) {
			let call = Call::Transfer { to: account(name), amount: FUNDS };
			client.submit(&key("Alice"), call, Wait::InBlock).await?;
		}
		let _honest = Worker::offering(&node, "Honest", OFFER, "1000")?;
		let gateway = market::gateway(&client, &account("Honest")).await?;
		let spec = market::canonical(market::doubling(&gateway).await?);
		let model = market::register(&client, &key("Alice"), MODEL, "a test").await?;
		let version = market::publish(&client, &key("Alice"), model, spec.clone()).await?;
		market::served(&client, version).await?;
		Ok(Bench { node, client, ledger, gateway, spec, version, _honest })
	}

	/// The call that requests a batch of a provider.
	async fn call(&self, batch: &BatchInputs, of: &str) -> Result<Call> {
		let choice = Choice::Only(vec![account(of)].try_into().ok().context("one provider fits")?);
		let (client, gateway) = (&self.client, &self.gateway);
		let mut call = market::batch_call(client, gateway, self.version, batch, choice).await?;
		if let Call::Request { terms, .. } = &mut call {
			terms.value = VALUE;
		}
		Ok(call)
	}

	async fn request(&self, from: &str, call: Call) -> Result<JobId> {
		let receipt = self.client.submit(&key(from), call, Wait::InBlock).await?;
		receipt.created.job.context("a batch was requested")
	}

	/// Wait until a job is as wanted, or has ended.
	async fn reached(
		&self,
		job: JobId,
		wanted: impl Fn(&JobView<AccountId>) -> bool,
	) -> Result<JobView<AccountId>> {
		market::within(&self.client, PATIENCE, &format!("job {job}"), || async {
			let view = self.client.job(job).await?.context("the job is kept")?;
			Ok((wanted(&view) || !view.state.is_open()).then_some(view))
		})
		.await
	}

	/// The items of a batch that were opened.
	async fn opened(&self, batch: JobId) -> Result<Vec<ItemView>> {
		Ok(self.client.items(batch, 0, MAX_PAGE).await?.items)
	}

	/// All that an account has, and what of it is held.
	async fn funds(&self, name: &str) -> Result<(i128, Balance)> {
		let balance = self.client.balance(&account(name)).await?;
		Ok((i128::try_from(balance.free + balance.held)?, balance.held))
	}

	async fn statistics(&self, name: &str) -> Result<(Balance, Balance, Statistics)> {
		let view = self.client.provider(&account(name)).await?.context("a provider")?;
		Ok((view.bond, view.locked, view.statistics))
	}
}

/// A provider that lies about one item of ten thousand loses what the whole batch was worth, and the
/// requester has its whole fee back. Gives the job that the item was opened as.
async fn a_lie_about_one_item_costs_the_whole_batch(bench: &Bench) -> Result<JobId> {
	let client = &bench.client;
	let _liar = Worker::lying_about(&bench.node, "Liar", OFFER, "1000", WRONG)?;
	market::served_by(client, bench.version, 2).await?;
	let call = bench.call(&inputs(ITEMS)?, "Liar").await?;
	let batch = bench.request("Requester//lied", call).await?;
	let (before, held) = bench.funds("Requester//lied").await?;
	let view = bench.reached(batch, |_| false).await?;
	assert_eq!(view.kind, JobKind::Batch { items: ITEMS });
	let of_liar = matches!(view.state, JobState::Slashed { .. })
		&& view.state.provider() == Some(&account("Liar"));
	ensure!(of_liar, "{view:?}");

	// Of all items the wrong one alone was opened.
	let opened = bench.opened(batch).await?;
	let [ItemView { index: WRONG, job: item }] = opened[..] else { bail!("one item: {opened:?}") };
	let shown = client.job(item).await?.context("the item is kept")?;
	assert_eq!(shown.kind, JobKind::Item { batch, index: WRONG });
	assert_eq!(shown.fee, 0);
	ensure!(matches!(shown.state, JobState::Slashed { .. }), "{shown:?}");
	let dispute = market::disputed(client, first(item), |view| view.divided).await?;
	assert!(matches!(dispute.dispute.outcome(), Some(Outcome::Refuted { .. })), "{dispute:?}");
	assert_eq!((dispute.exposure, dispute.provider), (VALUE, account("Liar")));

	// The fee is back, and a fifth of what the liar has lost is on top. Nothing but the deposit for
	// the records is held any more.
	let (after, left) = bench.funds("Requester//lied").await?;
	assert_eq!(after - before, i128::try_from(Slash::of(VALUE, 1).requester)?);
	assert_eq!(held - left, view.terms.max_fee);
	let (bond, locked, statistics) = bench.statistics("Liar").await?;
	assert_eq!((bond, locked, statistics.refuted), (BOND - VALUE, 0, 1));
	assert_eq!(bench.funds("Liar").await?.1, bond);
	Ok(item)
}

/// The very same batch, asked by the command line of a provider that does not lie. Gives the job.
async fn honest_work_settles_once_and_is_what_the_model_says(bench: &Bench) -> Result<JobId> {
	let folder = tempfile::tempdir()?;
	let (input, results) = (folder.path().join("x.npy"), folder.path().join("results"));
	let values: Vec<f32> = (0..ITEMS).flat_map(numbers).collect();
	fs::write(&input, npy::write(&[ITEMS as usize, 2], &values))?;
	let (input, results) = (format!("x=@{}", input.display()), results.display().to_string());
	let honest = keys::to_ss58(&account("Honest"));
	let arguments = ["infer", "--model", MODEL, "--batch", "--input", &input, "--only", &honest];
	let more = ["--gateway", &bench.gateway, "--value", "100", "--out", &results];
	let (success, report) =
		cli::attempt(&bench.client, "Requester//served", &[&arguments[..], &more].concat()).await?;
	ensure!(success, "{report}");
	assert_eq!(report["items"], ITEMS);
	assert_eq!(report["faults"], json!([]));
	assert_eq!(report["job"]["kind"]["batch"]["items"], ITEMS);
	let file = report["outputs"][0]["file"].as_str().context("a file")?;
	let (shape, outputs) = npy::read(&fs::read(file)?)?;
	assert_eq!(shape, [ITEMS as usize, 2]);
	let right: Vec<f32> = values.iter().map(|value| value * 2.0).collect();
	assert!(outputs == right, "all {ITEMS} results are those of the model");

	let batch = JobId(report["job"]["id"].as_u64().context("a job")?);
	let view = market::settled(&bench.client, batch).await?;
	assert_eq!(view.state.provider(), Some(&account("Honest")));
	assert_eq!(view.shares.iter().map(|share| share.amount).sum::<Balance>(), view.fee);
	assert!(bench.opened(batch).await?.is_empty());
	let (bond, locked, statistics) = bench.statistics("Honest").await?;
	assert_eq!((bond, locked, statistics.missed, statistics.refuted), (BOND, 0, 0, 0));
	Ok(batch)
}

/// What people see of a batch: its price before, its kind, and the items that were opened.
async fn the_command_line_tells_of_batches(bench: &Bench, batch: JobId, item: JobId) -> Result<()> {
	let shapes = ["--input-shape", "x=2"];
	let arguments = ["estimate", "--model", MODEL, "--items", "10000"];
	let (_, many) = cli::attempt(&bench.client, "Bob", &[&arguments[..], &shapes].concat()).await?;
	let (_, one) = cli::attempt(&bench.client, "Bob", &[&arguments[..3], &shapes].concat()).await?;
	let units = |estimate: &Value| estimate["units"].as_u64().context("units");
	assert_eq!(units(&many)?, u64::from(ITEMS) * units(&one)?);

	let (_, shown) =
		cli::attempt(&bench.client, "Bob", &["job", "show", &item.to_string()]).await?;
	assert_eq!(shown["kind"]["item"]["index"], WRONG, "{shown}");
	let lied = shown["kind"]["item"]["batch"].to_string();
	let (_, shown) = cli::attempt(&bench.client, "Bob", &["job", "show", &lied]).await?;
	assert_eq!(shown["opened"][0]["index"], WRONG, "{shown}");
	assert_eq!(shown["opened"][0]["job"], item.0, "{shown}");
	let (success, late) =
		cli::attempt(&bench.client, "Bob", &["job", "open-item", &batch.to_string(), "0"]).await?;
	assert!(!success && late["error"]["kind"] == "not-provisional", "{late}");
	Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lie_about_one_item_of_ten_thousand_is_refuted_and_honest_work_settles() -> Result<()> {
	let names = ["Challenger", "Liar", "Requester//lied", "Requester//served"];
	let bench = Bench::set_up(&names).await?;
	let (client, ledger) = (&bench.client, &bench.ledger);
	let _challenger = Worker::challenging(&bench.node, "Challenger")?;
	let (began, issued) = (client.best().await?.number, ledger.issuance().await?);
	let before = bench.funds("Challenger").await?.0;
	let (item, served) = tokio::try_join!(
		a_lie_about_one_item_costs_the_whole_batch(&bench),
		honest_work_settles_once_and_is_what_the_model_says(&bench),
	)?;
	the_command_line_tells_of_batches(&bench, served, item).await?;

	let last = client.best().await?.number;
	let settled = ledger.settlements(began + 1..=last).await?;
	assert_eq!(settled, BTreeMap::from([(served, 1)]), "neither the lie nor its item is paid");
	let flows = ledger.flows(began + 1..=last).await?;
	let (challenger, bond) = (account("Challenger"), client.numbers().await?.dispute_bond);
	let won = Returned { returned: bond, lost: 0, won: 40 * ASY };
	assert_eq!(flows.returned.get(&(first(item), challenger.clone())), Some(&won));
	// Whatever the challenger has more is told by events; what is held of it is the deposit for the
	// records of the item that it opened.
	let (after, held) = bench.funds("Challenger").await?;
	assert_eq!(after - before, flows.change(&challenger));
	assert!(0 < held && held < ASY, "{held}");
	// Money is only burned: two fifths of what was slashed, and what is left of lost bonds.
	let burned: Balance = flows.burned.values().sum();
	assert_eq!(issued - ledger.issuance().await?, Slash::of(VALUE, 1).burned + burned);
	Ok(())
}

/// Check that the pallet of jobs refuses a call with this error.
async fn refused_as(client: &Client, name: &str, call: Call, expected: &str) -> Result<()> {
	match client.submit(&key(name), call.clone(), Wait::InBlock).await {
		Err(Error::Dispatch { pallet, error, .. })
			if (pallet.as_str(), error.as_str()) == ("Inference", expected) =>
		{
			Ok(())
		},
		other => bail!("{call:?} is not refused as {expected}: {other:?}"),
	}
}

fn shapes_of(lengths: &[&[u32]]) -> Result<Shapes> {
	let shape = |lengths: &&[u32]| Shape::try_from(lengths.to_vec()).ok().context("few axes");
	let shapes: Vec<Shape> = lengths.iter().map(shape).collect::<Result<_>>()?;
	Shapes::try_from(shapes).ok().context("few tensors")
}

/// The items, shapes and size that a request states have to fit each other and the version.
async fn requests_that_fit_no_batch_are_refused(bench: &Bench) -> Result<()> {
	let good = bench.call(&inputs(FEW)?, "Honest").await?;
	let Call::Request { version, input, terms } = good else { bail!("a request") };
	let Input::Batch { artifact, locator, root, items, shapes } = *input else { bail!("a batch") };
	let before = bench.funds("Requester//bad").await?.1;
	let larger = Artifact { size: artifact.size + 1, ..artifact };
	let empty = Artifact { size: 0, ..artifact };
	let stated = [
		(larger, items, shapes.clone(), "InvalidArtifactSize"),
		(empty, items, shapes.clone(), "InvalidArtifactSize"),
		(artifact, items + 1, shapes.clone(), "InvalidArtifactSize"),
		(artifact, items / 2, shapes.clone(), "InvalidArtifactSize"),
		(artifact, 0, shapes.clone(), "WrongItems"),
		(artifact, MAX_ITEMS + 1, shapes.clone(), "WrongItems"),
		(artifact, items, shapes_of(&[&[3]])?, "InvalidArtifactSize"),
		(artifact, items, shapes_of(&[&[1_025]])?, "WrongTensorShape"),
		(artifact, items, shapes_of(&[&[2], &[2]])?, "WrongTensorCount"),
		(artifact, items, shapes_of(&[])?, "WrongTensorCount"),
	];
	let batch = |artifact, items, shapes| {
		Box::new(Input::Batch { artifact, locator: locator.clone(), root, items, shapes })
	};
	let refused = stated.into_iter().map(|(artifact, items, shapes, expected)| {
		let input = batch(artifact, items, shapes);
		let call = Call::Request { version, input, terms: terms.clone() };
		refused_as(&bench.client, "Requester//bad", call, expected)
	});
	try_join_all(refused).await?;
	let (input, redundancy) =
		(batch(artifact, items, shapes), Redundancy { replicas: 2, answers: 2 });
	let call = Call::RequestRedundant { version, input, terms, redundancy };
	refused_as(&bench.client, "Requester//bad", call, "IsBatch").await?;
	assert_eq!(bench.funds("Requester//bad").await?.1, before, "nothing is held");
	Ok(())
}

/// A requester states other roots than those of its file, or a file that holds no tensors: the
/// provider says so, the fee is back, and nobody is at fault.
async fn a_file_that_does_not_match_is_answered_and_refunded(bench: &Bench) -> Result<()> {
	let batch = inputs(FEW)?;
	let mut foreign = bench.call(&batch, "Honest").await?;
	let mut garbage = foreign.clone();
	if let Call::Request { input, .. } = &mut foreign {
		if let Input::Batch { root, .. } = input.as_mut() {
			*root = Root([7; 32]);
		}
	}
	let bytes = vec![0xa5; batch.file().len()];
	let file = market::upload(&bench.gateway, &bytes).await?;
	if let Call::Request { input, .. } = &mut garbage {
		if let Input::Batch { artifact, locator, .. } = input.as_mut() {
			*locator = market::locator(&market::address(&bench.gateway, file.hash))?;
			*artifact = file;
		}
	}
	for call in [foreign, garbage] {
		let job = bench.request("Requester//other", call).await?;
		let held = bench.funds("Requester//other").await?.1;
		let view = bench.reached(job, |_| false).await?;
		let mismatch = RefundReason::InputMismatch;
		assert!(
			matches!(view.state, JobState::Refunded { reason, .. } if reason == mismatch),
			"{view:?}"
		);
		let left = bench.funds("Requester//other").await?.1;
		assert_eq!(held - left, view.terms.max_fee, "the fee is free again");
	}
	Ok(())
}

/// Openings of a batch that show something else than its items.
fn forged(inputs: &BatchInputs, outputs: &BatchOutputs) -> Result<Vec<(u32, ItemOpening)>> {
	let flipped = |proof: &AnswerBytes| {
		let mut bytes = proof.to_vec();
		bytes.iter_mut().rev().take(1).for_each(|byte| *byte ^= 1);
		AnswerBytes::try_from(bytes).unwrap_or_default()
	};
	let good = opening(inputs, outputs, 5)?;
	let input = encode_tensors(&row([0.0, 1.0])?).try_into().ok().context("a small input")?;
	let output = encode_tensors(&row([0.0, 1.0])?).try_into().ok().context("a small output")?;
	Ok(vec![
		// An item under the number of another.
		(6, good.clone()),
		(5, ItemOpening { input_proof: flipped(&good.input_proof), ..good.clone() }),
		(5, ItemOpening { output_proof: flipped(&good.output_proof), ..good.clone() }),
		(5, ItemOpening { output_proof: Default::default(), ..good.clone() }),
		// Neither what was asked nor what was answered.
		(5, ItemOpening { input: Input::Inline(input), ..good.clone() }),
		(5, ItemOpening { output: Output::Inline(output), ..good.clone() }),
		(5, ItemOpening { output: Output::Fault { slot: 0, element: 0 }, ..good.clone() }),
		(5, ItemOpening { output: Output::InputMismatch, ..good }),
	])
}

/// The challenge of a result, with a made-up history.
fn challenge(spec: &VersionSpec, id: DisputeId, by: &str) -> Result<Call> {
	let model = CanonicalModel::declared(&onnx::doubling(), spec)?;
	let header = CommittedGraph::<Blake2b256>::new(&model.imported().graph).header().clone();
	let by: AccountId = account(by);
	let seal = seal::<Blake2b256>(&id.encode(), &by.encode(), &[0x5a; 32], &[7; 32]);
	Ok(Call::Challenge { id, header: Box::new(header), seal })
}

/// Of a right batch, an item is opened by hand, once; it stands, and so does the batch, which waits
/// for it.
async fn an_item_is_opened_once_and_as_it_is(bench: &Bench) -> Result<()> {
	let client = &bench.client;
	let (inputs, outputs) = (inputs(FEW)?, doubled(FEW, &bench.spec)?);
	let call = bench.call(&inputs, "Honest").await?;
	let batch = bench.request("Requester//right", call).await?;
	let submitted = |view: &JobView<_>| matches!(view.state, JobState::Submitted { .. });
	let view = bench.reached(batch, submitted).await?;
	let Output::Artifact { root, .. } = outputs.output() else { bail!("an artifact") };
	assert_eq!(view.state.output().map(|output| output.root), Some(root));

	let arguments = ["job", "open-item", &batch.to_string(), "3"];
	let (success, report) = cli::attempt(&bench.client, "Opener", &arguments).await?;
	ensure!(success, "{report}");
	let item = JobId(report["job"]["id"].as_u64().context("a job")?);
	assert_eq!(bench.opened(batch).await?, [ItemView { index: 3, job: item }]);
	let view = client.job(item).await?.context("the item is kept")?;
	assert_eq!((view.kind, view.fee), (JobKind::Item { batch, index: 3 }, 0));
	assert_eq!(market::output(client, item).await?, row(numbers(3).map(|value| value * 2.0))?);

	let mut refused = Vec::new();
	let mut refuse = |call, expected| refused.push(refused_as(client, "Opener", call, expected));
	let open = |index, opening| Call::OpenItem { job: batch, index, opening: Box::new(opening) };
	for (index, opening) in forged(&inputs, &outputs)? {
		refuse(open(index, opening), "WrongItem");
	}
	let last = opening(&inputs, &outputs, FEW - 1)?;
	refuse(open(FEW, last.clone()), "UnknownItem");
	refuse(open(u32::MAX, last), "UnknownItem");
	refuse(open(3, opening(&inputs, &outputs, 3)?), "ItemOpened");
	refuse(challenge(&bench.spec, first(batch), "Opener")?, "IsBatch");
	try_join_all(refused).await?;
	let (success, report) = cli::attempt(&bench.client, "Opener", &arguments).await?;
	assert!(!success && report["error"]["kind"] == "item-opened", "{report}");

	let view = bench.reached(item, |_| false).await?;
	assert!(matches!(view.state, JobState::Settled { .. }), "{view:?}");
	let view = market::settled(client, batch).await?;
	assert_eq!(view.shares.iter().map(|share| share.amount).sum::<Balance>(), view.fee);
	let settled = bench.ledger.settlements(view.requested..=client.best().await?.number).await?;
	assert_eq!(settled.get(&batch), Some(&1));
	assert_eq!(bench.opened(batch).await?, [ItemView { index: 3, job: item }]);
	Ok(())
}

/// Write the inputs of the first items as files of a folder.
fn write_files(folder: &Path, items: u32) -> Result<()> {
	for index in 0..items {
		let path = folder.join(format!("{index:05}.npy"));
		fs::write(path, npy::write(&[2], &numbers(index)))?;
	}
	Ok(())
}

/// A folder of files is a batch as well; without a folder for results they are printed.
async fn a_folder_of_files_is_a_batch(bench: &Bench) -> Result<()> {
	let folder = tempfile::tempdir()?;
	write_files(folder.path(), 3)?;
	let path = folder.path().display().to_string();
	let arguments = ["infer", "--model", MODEL, "--batch-dir", &path];
	let more = ["--gateway", &bench.gateway, "--wait", "provisional"];
	let arguments = [&arguments[..], &more].concat();
	let (success, report) = cli::attempt(&bench.client, "Requester//folder", &arguments).await?;
	ensure!(success, "{report}");
	assert_eq!(report["files"], json!(["00000.npy", "00001.npy", "00002.npy"]));
	let values = report["outputs"][0]["values"].as_array().context("values")?;
	let values: Vec<f32> = values.iter().filter_map(|value| Some(value.as_f64()? as f32)).collect();
	let right: Vec<f32> = (0..3).flat_map(numbers).map(|value| value * 2.0).collect();
	assert_eq!(values, right);

	fs::write(folder.path().join("00002.npy"), npy::write(&[3], &[1.0, 2.0, 3.0]))?;
	let (success, report) = cli::attempt(&bench.client, "Requester//folder", &arguments).await?;
	let message = report["error"]["message"].as_str().unwrap_or_default();
	assert!(!success && message.contains("00002.npy has the shape [3]"), "{report}");
	Ok(())
}

/// The scenarios share a chain and run at once; each has accounts of its own.
#[tokio::test(flavor = "multi_thread")]
async fn what_fits_no_batch_is_refused_or_refunded_and_nobody_loses() -> Result<()> {
	let names =
		["Opener", "Requester//bad", "Requester//other", "Requester//right", "Requester//folder"];
	let bench = Bench::set_up(&names).await?;
	tokio::try_join!(
		requests_that_fit_no_batch_are_refused(&bench),
		a_file_that_does_not_match_is_answered_and_refunded(&bench),
		an_item_is_opened_once_and_as_it_is(&bench),
		a_folder_of_files_is_a_batch(&bench),
	)?;
	let provider = market::until(&bench.client, "the end of every job", || async {
		let view = bench.statistics("Honest").await?;
		Ok((view.1 == 0).then_some(view))
	});
	let (bond, _, Statistics { assigned, delivered, missed, refuted, .. }) = provider.await?;
	// Jobs that name their provider are none that it was drawn for.
	assert_eq!((bond, assigned, delivered, missed, refuted), (BOND, 4, 1, 0, 0));
	Ok(())
}
