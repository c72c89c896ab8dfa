//! Disputes with real processes: wrong results are refuted and right ones stand, whoever crashes,
//! and every unit of money is where the rules say.

use anyhow::{anyhow, bail, ensure, Context, Result};
use assay_canon::{
	arbiter::{prove_submitted, RawTensor},
	commitment::{Blake2b256, CommittedGraph, GraphHeader, Hash},
};
use assay_client::{Call, Client, Wait};
use assay_dispute::{
	board::Entry,
	clock::Phase,
	dispute::{seal, Outcome, Stage},
	money::Slash,
};
use assay_primitives::{
	dispute::DisputeView,
	job::{JobState, RefundReason},
	model::VersionSpec,
	money::Role,
	provider::Statistics,
	tensor::{DType, Tensor},
	AccountId, Balance, DisputeId, JobId, VersionId, ASY,
};
use assay_tests::{
	chain::{account, key, Node, Worker},
	cli,
	ledger::{Flows, Ledger, Returned},
	magika::{Magika, Question},
	market, onnx, pictures,
};
use assay_worker::canonical::{CanonicalModel, Prover};
use codec::Encode;
use std::io::Cursor;

/// What a right answer is worth to a requester, which the provider stakes: more than a hundred
/// fees.
const VALUE: Balance = 100 * ASY;
/// What everybody who plays starts with.
const FUNDS: Balance = 10_000 * ASY;
/// The bond of every provider.
const BOND: Balance = 1_000 * ASY;

/// A file that is long enough for magika.
const PROGRAM: &[u8] = b"import sys\n\nfor line in sys.stdin:\n    print(line.strip().lower())\n";

/// All that an account has.
async fn total(client: &Client, name: &str) -> Result<i128> {
	let balance = client.balance(&account(name)).await?;
	Ok(i128::try_from(balance.free + balance.held)?)
}

/// Give accounts what they need.
async fn fund(client: &Client, names: &[&str]) -> Result<()> {
	for name in names {
		let call = Call::Transfer { to: account(name), amount: FUNDS };
		client.submit(&key("Alice"), call, Wait::InBlock).await?;
	}
	Ok(())
}

/// The first dispute of a job.
const fn first(job: JobId) -> DisputeId {
	DisputeId::new(job, 1)
}

/// The dispute once it is over and everything is paid.
async fn divided(client: &Client, id: DisputeId) -> Result<DisputeView<AccountId>> {
	market::disputed(client, id, |view| view.divided).await
}

/// A chain, a worker that challenges, and an honest provider, at whose gateway the models lie.
struct Bench {
	node: Node,
	client: Client,
	/// The declaration of magika, and a question to it.
	magika: (VersionSpec, Tensor),
	/// The same with a tolerance.
	tolerant: VersionSpec,
	/// The declaration of the convolutional model, and a picture.
	network: (VersionSpec, Tensor),
	/// Where the files of models lie.
	gateway: String,
	_challenger: Worker,
	_honest: Worker,
}

impl Bench {
	async fn set_up() -> Result<Self> {
		let node = Node::start()?;
		let client = node.client().await?;
		fund(&client, &["Challenger", "Honest"]).await?;
		let _challenger = Worker::challenging(&node, "Challenger")?;
		let _honest = Worker::serving(&node, "Honest", &["test/honest@1"])?;
		let gateway = market::gateway(&client, &account("Honest")).await?;
		let (magika, tolerant) = magika(&gateway).await?;
		let network = (pictures::spec(&gateway).await?, pictures::slope()?);
		Ok(Bench { node, client, magika, tolerant, network, gateway, _challenger, _honest })
	}

	/// Publish a version that only its own provider serves.
	async fn publish(&self, model: &str, spec: &VersionSpec) -> Result<VersionId> {
		let model = market::register(&self.client, &key("Alice"), model, "a test").await?;
		market::publish(&self.client, &key("Alice"), model, spec.clone()).await
	}

	async fn request(&self, from: &str, version: VersionId, input: &Tensor) -> Result<JobId> {
		let input = std::slice::from_ref(input);
		market::request_worth(&self.client, &key(from), version, input, VALUE).await
	}

	async fn statistics(&self, name: &str) -> Result<(Balance, Balance, Statistics)> {
		let view = self.client.provider(&account(name)).await?.context("a provider")?;
		Ok((view.bond, view.locked, view.statistics))
	}
}

/// The declaration of magika with its results compared bit by bit, and a question; then the
/// declaration with a tolerance.
async fn magika(gateway: &str) -> Result<((VersionSpec, Tensor), VersionSpec)> {
	let magika = Magika::load()?;
	let artifact = market::upload(gateway, &magika.onnx()?).await?;
	let locator = market::locator(&market::address(gateway, artifact.hash))?;
	let Question::Model(program) = magika.question(Cursor::new(PROGRAM))? else {
		bail!("the program is too short for the model");
	};
	let tolerant = magika.spec(artifact, vec![locator.clone()])?;
	Ok(((magika.canonical(artifact, vec![locator])?, program), tolerant))
}

/// A tensor with its elements, of four bytes each, from last to first.
fn reversed(tensor: &Tensor) -> Tensor {
	let data = tensor.data.chunks_exact(4).rev().flatten().copied().collect();
	Tensor { data, ..tensor.clone() }
}

/// A provider that lies is caught on a real classifier of files and on a convolutional network.
/// Gives the jobs.
async fn a_lie_is_refuted(bench: &Bench, manner: &str) -> Result<Vec<JobId>> {
	let (liar, requester) = (format!("Liar//{manner}"), format!("Requester//{manner}"));
	let name = format!("test/{manner}");
	let client = &bench.client;
	fund(client, &[&liar, &requester]).await?;
	let (magika, program) = &bench.magika;
	let (network, picture) = &bench.network;
	let magika = bench.publish(&name, magika).await?;
	let network = bench.publish(&name, network).await?;
	let served = [format!("{name}@1"), format!("{name}@2")];
	let served: Vec<&str> = served.iter().map(String::as_str).collect();
	let _worker = Worker::lying(&bench.node, &liar, &served, manner, manner == "shifted")?;
	market::served(client, magika).await?;
	market::served(client, network).await?;

	if manner == "copied" {
		// What is copied: right answers to somebody else, about other inputs.
		for (version, input) in [(magika, program), (network, picture)] {
			let job = bench.request("Bob", version, &reversed(input)).await?;
			market::reached(client, job, |state| state.output().is_some()).await?;
		}
	}
	let jobs = vec![
		bench.request(&requester, magika, program).await?,
		bench.request(&requester, network, picture).await?,
	];
	let before = total(client, &requester).await?;
	for job in &jobs {
		let view = market::reached(client, *job, |_| false).await?;
		let of_liar = |state: &JobState<AccountId>| {
			matches!(state, JobState::Slashed { .. }) && state.provider() == Some(&account(&liar))
		};
		ensure!(of_liar(&view.state), "{manner}: {view:?}");
		assert_eq!(view.refuted.len(), 1, "{manner}");
		let dispute = divided(client, first(*job)).await?;
		assert!(matches!(dispute.dispute.outcome(), Some(Outcome::Refuted { .. })), "{manner}");
		assert_eq!((dispute.exposure, dispute.provider), (VALUE, account(&liar)), "{manner}");
	}
	// The fees are back, and a fifth of what the liar has lost is on top.
	let slash = Slash::of(VALUE, 1);
	let after = total(client, &requester).await?;
	assert_eq!(after - before, 2 * i128::try_from(slash.requester)?, "{manner}");
	assert_eq!(slash.requester, 20 * ASY);
	let (bond, locked, statistics) = bench.statistics(&liar).await?;
	assert_eq!((bond, locked), (BOND - 2 * VALUE, 0), "{manner}");
	let delivered = if manner == "copied" { 2 } else { 0 };
	assert_eq!((statistics.refuted, statistics.delivered), (2, delivered), "{manner}");
	Ok(jobs)
}

/// Of a version with a tolerance, another model is told from rounding by the probe, and slashed.
/// Gives the job.
async fn another_model_does_not_hide_behind_a_tolerance(bench: &Bench) -> Result<JobId> {
	let client = &bench.client;
	fund(client, &["Liar//gross", "Requester//gross"]).await?;
	let version = bench.publish("test/gross", &bench.tolerant).await?;
	let served = ["test/gross@1"];
	let _worker = Worker::lying(&bench.node, "Liar//gross", &served, "swapped", false)?;
	market::served(client, version).await?;
	let job = bench.request("Requester//gross", version, &bench.magika.1).await?;
	let view = market::reached(client, job, |_| false).await?;
	assert!(matches!(view.state, JobState::Slashed { .. }), "{view:?}");
	let ended = async |id| Ok::<_, anyhow::Error>(divided(client, id).await?.dispute.outcome());
	let (outcome, of_probe) = (ended(first(job)).await?, ended(first(job).of_probe()).await?);
	assert!(matches!(outcome, Some(Outcome::Refuted { .. })), "{outcome:?}");
	assert!(matches!(of_probe, Some(Outcome::Accepted { .. })), "{of_probe:?}");
	let (bond, locked, statistics) = bench.statistics("Liar//gross").await?;
	assert_eq!((bond, locked, statistics.refuted, statistics.strikes), (BOND - VALUE, 0, 1, 0));
	let shown =
		cli::assay(client, "Bob", &["dispute", "show", "--probe", &job.to_string()]).await?;
	assert_eq!(shown["id"], format!("{job}.1p"), "{shown}");
	Ok(job)
}

/// What is outside of the tolerance and may be rounding is corrected, and nobody is slashed. The
/// challenger has the provider's part of the fee. Gives the job.
async fn what_may_be_rounding_is_corrected(bench: &Bench) -> Result<JobId> {
	let client = &bench.client;
	fund(client, &["Liar//void", "Requester//void"]).await?;
	let version = bench.publish("test/void", &bench.tolerant).await?;
	let served = ["test/void@1"];
	let _worker = Worker::lying(&bench.node, "Liar//void", &served, "drifted", false)?;
	market::served(client, version).await?;
	let job = bench.request("Requester//void", version, &bench.magika.1).await?;
	let view = market::reached(client, job, |_| false).await?;
	let dispute = divided(client, first(job)).await?;
	let Some(Outcome::Voided { survivor }) = dispute.dispute.outcome() else {
		bail!("void: {dispute:?}");
	};
	assert!(
		matches!(&view.state, JobState::Corrected { history, .. } if history.0 == survivor),
		"{view:?}"
	);
	assert!(view.refuted.is_empty());
	assert_eq!(client.dispute(first(job).of_probe()).await?, None);
	let (bond, locked, statistics) = bench.statistics("Liar//void").await?;
	assert_eq!((bond, locked, statistics.refuted, statistics.strikes), (BOND, 0, 0, 1));
	let paid = |role| view.shares.iter().find(|share| share.role == role).map(|share| share.amount);
	assert_eq!(paid(Role::Provider), Some(dispute.reward));
	Ok(job)
}

/// A publisher, a requester and a challenger conspire: the version shows nothing but what float32 has
/// rounded, and the provider, who runs it honestly, is accused. Its worker and all who watch show
/// that the probe moves the outputs too, and it keeps its stake.
async fn honest_rounding_is_no_lie(bench: &Bench) -> Result<()> {
	const SALT: Hash = [9; 32];
	let client = &bench.client;
	fund(client, &["Honest//amplified", "Requester//amplified", "Accuser//amplified"]).await?;
	let file = onnx::amplifying();
	let [input, output] = onnx::amplified();
	let artifact = market::upload(&bench.gateway, &file).await?;
	let url = market::address(&bench.gateway, artifact.hash);
	let mut spec = market::declaration(&file, &url, input, output)?;
	let tolerance = spec.tolerance.as_mut().context("the class is tolerant")?;
	tolerance.row_axis = 1;
	let model = CanonicalModel::of_version(&file, &spec)?;
	let version = bench.publish("test/amplified", &spec).await?;
	let _worker = Worker::serving(&bench.node, "Honest//amplified", &["test/amplified@1"])?;
	market::served(client, version).await?;
	let row = (0..64_u8).map(|index| if index == 0 { 1000.0 } else { f32::from(index) * 0.37 });
	let input = Tensor::new(DType::Float32, vec![1, 64], row.flat_map(f32::to_le_bytes).collect())?;
	let job = bench.request("Requester//amplified", version, &input).await?;
	let submitted = |state: &JobState<AccountId>| matches!(state, JobState::Submitted { .. });
	market::reached(client, job, submitted).await?;

	// What the accuser says is true: the history is the canonical one.
	let (id, accuser) = (first(job), account("Accuser//amplified"));
	let prover = model.prover(&[input], &Default::default())?;
	let history = prover.trace_root();
	let seal = seal::<Blake2b256>(&id.encode(), &accuser.encode(), &history, &SALT);
	let header = CommittedGraph::<Blake2b256>::new(&model.imported().graph).header().clone();
	let challenge = Call::Challenge { id, header: Box::new(header), seal };
	client.submit(&key("Accuser//amplified"), challenge, Wait::InBlock).await?;
	let reveals =
		|view: &DisputeView<AccountId>| view.dispute.clock.phase(view.now + 1) == Phase::Reveal;
	market::disputed(client, id, reveals).await?;
	let reveal = Call::RevealHistory { id, history, salt: SALT };
	client.submit(&key("Accuser//amplified"), reveal, Wait::InBlock).await?;
	let survived = |view: &DisputeView<AccountId>| {
		matches!(view.dispute.stage, Stage::Output { .. })
			|| view.now + 1 >= view.dispute.clock.play()
	};
	market::disputed(client, id, survived).await?;
	let given = market::output(client, job).await?;
	let raw: Vec<RawTensor> = given.iter().map(raw).collect();
	let element = farthest(&given[0], &prover)?;
	let delivered = prover.output(0, element, Some(1)).map_err(|error| anyhow!("{error:?}"))?;
	let submitted = prove_submitted::<Blake2b256>(&raw, 0, Some(element));
	let submitted = submitted.map_err(|error| anyhow!("{error:?}"))?;
	let call = Call::Deviate { id, element, delivered, submitted };
	// Whoever watches has seen the deviation as well, and may have shown it first.
	let _ = client.submit(&key("Accuser//amplified"), call, Wait::InBlock).await;
	market::disputed(client, id.of_probe(), |_| true).await?;

	let view = market::reached(client, job, |_| false).await?;
	assert!(
		matches!(&view.state, JobState::Corrected { history: right, .. } if right.0 == history),
		"{view:?}"
	);
	let of_probe = divided(client, id.of_probe()).await?.dispute.outcome();
	assert!(matches!(of_probe, Some(Outcome::Refuted { .. })), "{of_probe:?}");
	let (bond, locked, statistics) = bench.statistics("Honest//amplified").await?;
	assert_eq!((bond, locked, statistics.refuted, statistics.strikes), (BOND, 0, 0, 1));
	Ok(())
}

/// A tensor by its bytes.
fn raw(tensor: &Tensor) -> RawTensor<'_> {
	RawTensor { dtype: tensor.dtype as u8, extents: &tensor.shape, data: &tensor.data }
}

/// The element of a first output that lies farthest from the canonical one.
fn farthest(given: &Tensor, prover: &Prover<'_>) -> Result<u64> {
	let material = prover.material();
	let slot = material.graph.outputs.first().context("an output")?;
	let canonical = material.run.slots[slot.node as usize].data();
	let numbers = |data: &[u8]| -> Vec<f32> {
		data.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
	};
	let pairs = numbers(&given.data).into_iter().zip(numbers(canonical));
	let distances = (0..).zip(pairs.map(|(given, right)| (given - right).abs()));
	let (element, distance) =
		distances.max_by(|one, other| one.1.total_cmp(&other.1)).context("an element")?;
	ensure!(distance > 1e3, "the engine has rounded nothing: {distance}");
	Ok(element)
}

/// A job that is drawn again has another result, and if that is a lie, another dispute. Gives the
/// job.
async fn the_lie_of_a_second_provider_is_refuted_as_well(bench: &Bench) -> Result<JobId> {
	let (client, liars) = (&bench.client, ["Liar//again//1", "Liar//again//2"]);
	fund(client, &[liars[0], liars[1], "Requester//again"]).await?;
	let (network, picture) = &bench.network;
	let version = bench.publish("test/again", network).await?;
	let served = ["test/again@1"];
	let _first = Worker::lying(&bench.node, liars[0], &served, "shifted", false)?;
	let _second = Worker::lying(&bench.node, liars[1], &served, "swapped", false)?;
	market::served_by(client, version, 2).await?;
	let picture = std::slice::from_ref(picture);
	let mut call = market::request_call(client, version, picture).await?;
	if let Call::Request { terms, .. } = &mut call {
		terms.value = VALUE;
		terms.reassign = true;
	}
	let receipt = client.submit(&key("Requester//again"), call, Wait::InBlock).await?;
	let job = receipt.created.job.context("a job was requested")?;
	let mut providers = Vec::new();
	for number in [1, 2] {
		let dispute = divided(client, DisputeId::new(job, number)).await?;
		assert!(matches!(dispute.dispute.outcome(), Some(Outcome::Refuted { .. })), "{dispute:?}");
		providers.push(dispute.provider);
	}
	let view = client.job(job).await?.context("the job is kept")?;
	let refuted: Vec<_> = view.refuted.iter().map(|refuted| refuted.provider.clone()).collect();
	assert_eq!((&refuted, view.disputes), (&providers, 2));
	assert_ne!(providers[0], providers[1]);
	for liar in liars {
		let (bond, _, statistics) = bench.statistics(liar).await?;
		assert_eq!((bond, statistics.refuted), (BOND - VALUE, 1), "{liar}");
	}
	Ok(job)
}

/// A provider that does not answer is no liar: the requester has its fee back, and it is counted.
async fn silence_is_refunded_and_counted(bench: &Bench) -> Result<()> {
	let client = &bench.client;
	fund(client, &["Liar//silent", "Requester//silent"]).await?;
	let (network, picture) = &bench.network;
	let version = bench.publish("test/silent", network).await?;
	let served = ["test/silent@1"];
	let _worker = Worker::lying(&bench.node, "Liar//silent", &served, "silent", false)?;
	market::served(client, version).await?;
	let mut call = market::request_call(client, version, std::slice::from_ref(picture)).await?;
	let numbers = client.numbers().await?;
	if let Call::Request { terms, .. } = &mut call {
		terms.deliver_within = numbers.assignment_delay + numbers.response_window;
	}
	let receipt = client.submit(&key("Requester//silent"), call, Wait::InBlock).await?;
	let job = receipt.created.job.context("a job was requested")?;
	let before = total(client, "Requester//silent").await?;
	let view = market::reached(client, job, |_| false).await?;
	let missed = RefundReason::Missed;
	assert!(
		matches!(view.state, JobState::Refunded { reason, .. } if reason == missed),
		"{view:?}"
	);
	assert_eq!(total(client, "Requester//silent").await?, before);
	let (bond, locked, statistics) = bench.statistics("Liar//silent").await?;
	assert_eq!((bond, locked, statistics.missed, statistics.refuted), (BOND, 0, 1, 0));
	assert_eq!(client.dispute(first(job)).await?, None);
	Ok(())
}

/// The header of the convolutional model's graph.
fn header(spec: &VersionSpec) -> Result<GraphHeader> {
	let model = CanonicalModel::declared(&onnx::convolutional(), spec)?;
	Ok(CommittedGraph::<Blake2b256>::new(&model.imported().graph).header().clone())
}

/// A challenge with a made-up history costs its bond, and the right result settles. Gives the job.
async fn a_wrong_challenge_fails(bench: &Bench) -> Result<JobId> {
	const HISTORY: Hash = [0x5a; 32];
	const SALT: Hash = [7; 32];
	let client = &bench.client;
	fund(client, &["Accuser", "Requester//honest"]).await?;
	let (network, picture) = &bench.network;
	let header = Box::new(header(network)?);
	let version = bench.publish("test/honest", network).await?;
	market::served(client, version).await?;
	let job = bench.request("Requester//honest", version, picture).await?;
	let submitted = |state: &JobState<AccountId>| matches!(state, JobState::Submitted { .. });
	market::reached(client, job, submitted).await?;

	let accuser: AccountId = account("Accuser");
	let id = first(job);
	let seal = seal::<Blake2b256>(&id.encode(), &accuser.encode(), &HISTORY, &SALT);
	let challenge = Call::Challenge { id, header, seal };
	client.submit(&key("Accuser"), challenge, Wait::InBlock).await?;
	let state = client.job(job).await?.context("the job is kept")?.state;
	assert!(matches!(state, JobState::Challenged { .. }), "{state:?}");
	// Calls are made in the next block.
	let reveals =
		|view: &DisputeView<AccountId>| view.dispute.clock.phase(view.now + 1) == Phase::Reveal;
	market::disputed(client, first(job), reveals).await?;
	let reveal = Call::RevealHistory { id, history: HISTORY, salt: SALT };
	client.submit(&key("Accuser"), reveal, Wait::InBlock).await?;

	let view = market::settled(client, job).await?;
	assert_eq!(view.state.provider(), Some(&account("Honest")));
	assert!(view.refuted.is_empty());
	let dispute = divided(client, first(job)).await?;
	let survivor = dispute.dispute.survivor().context("a history survived")?;
	assert!(matches!(dispute.dispute.outcome(), Some(Outcome::Accepted { .. })), "{dispute:?}");
	assert_ne!(survivor, HISTORY);
	let (bond, locked, statistics) = bench.statistics("Honest").await?;
	assert_eq!((bond, locked, statistics.delivered, statistics.refuted), (BOND, 0, 1, 0));
	Ok(job)
}

/// The scenarios share a chain and run at once; each has accounts and a model of its own, and one
/// worker challenges all.
#[tokio::test(flavor = "multi_thread")]
async fn lies_are_refuted_silence_is_counted_and_truth_settles_to_the_last_unit() -> Result<()> {
	let bench = Bench::set_up().await?;
	let client = &bench.client;
	let ledger = Ledger::of(&bench.node).await?;
	let (began, issued) = (client.best().await?.number, ledger.issuance().await?);
	let before = total(client, "Challenger").await?;

	let (shifted, swapped, quantised, copied, (), disputed) = tokio::try_join!(
		a_lie_is_refuted(&bench, "shifted"),
		a_lie_is_refuted(&bench, "swapped"),
		a_lie_is_refuted(&bench, "quantised"),
		a_lie_is_refuted(&bench, "copied"),
		silence_is_refunded_and_counted(&bench),
		a_wrong_challenge_fails(&bench),
	)?;
	let refuted = [shifted, swapped, quantised, copied].concat();

	let flows = ledger.flows(began + 1..=client.best().await?.number).await?;
	let bond = client.numbers().await?.dispute_bond;
	let slash = Slash::of(VALUE, 1);
	for job in &refuted {
		let won = Returned { returned: bond, lost: 0, won: 40 * ASY };
		assert_eq!(
			flows.returned.get(&(first(*job), account("Challenger"))),
			Some(&won),
			"job {job}"
		);
	}
	the_false_history_of_the_liar_is_lost(&flows, &refuted, bond);
	let failed = flows.returned.get(&(first(disputed), account("Accuser")));
	assert_eq!(failed, Some(&Returned { returned: 0, lost: bond, won: 0 }));
	let defended = flows.returned.get(&(first(disputed), account("Honest")));
	assert_eq!(defended, Some(&Returned { returned: bond, lost: 0, won: 0 }));

	// Whatever the challenger has more is told by events, and nothing is held from it any more.
	assert_eq!(total(client, "Challenger").await? - before, flows.change(&account("Challenger")));
	assert_eq!(client.balance(&account("Challenger")).await?.held, 0);
	// Money is only burned: two fifths of what was slashed, and what is left of the lost bonds.
	let burned: Balance = flows.burned.values().sum();
	let slashed = slash.burned * Balance::try_from(refuted.len())?;
	assert_eq!(issued - ledger.issuance().await?, slashed + burned);

	let listed = cli::assay(client, "Bob", &["dispute", "list"]).await?;
	let listed = listed["disputes"].as_array().context("a list")?;
	assert_eq!(listed.len(), refuted.len() + 1);
	let (_, missing) = cli::attempt(client, "Bob", &["dispute", "show", "4000"]).await?;
	assert_eq!(missing["error"]["kind"], "unknown-dispute");
	Ok(())
}

/// As above: a tolerance hides no other model, honest rounding costs nobody its stake, and no second
/// provider lies unpunished.
#[tokio::test(flavor = "multi_thread")]
async fn rounding_is_told_from_lies_and_second_results_are_judged_as_first_ones() -> Result<()> {
	let bench = Bench::set_up().await?;
	let client = &bench.client;
	let ledger = Ledger::of(&bench.node).await?;
	let (began, issued) = (client.best().await?.number, ledger.issuance().await?);
	let before = total(client, "Challenger").await?;
	let (gross, (), void, again) = tokio::try_join!(
		another_model_does_not_hide_behind_a_tolerance(&bench),
		honest_rounding_is_no_lie(&bench),
		what_may_be_rounding_is_corrected(&bench),
		the_lie_of_a_second_provider_is_refuted_as_well(&bench),
	)?;
	let flows = ledger.flows(began + 1..=client.best().await?.number).await?;
	let challenger = account("Challenger");
	let won = |id| flows.returned.get(&(id, challenger.clone())).map(|returned| returned.won);
	let slashed = [first(gross), first(again), DisputeId::new(again, 2)];
	assert_eq!(slashed.map(won), [Some(40 * ASY); 3]);
	assert_eq!(won(first(gross).of_probe()), Some(0));
	let part = client.dispute(first(void)).await?.context("the records are kept")?.reward;
	assert_eq!(won(first(void)), Some(part));
	assert_eq!(total(client, "Challenger").await? - before, flows.change(&challenger));
	assert_eq!(client.balance(&challenger).await?.held, 0);
	let burned: Balance = flows.burned.values().sum();
	assert_eq!(issued - ledger.issuance().await?, 3 * Slash::of(VALUE, 1).burned + burned);
	Ok(())
}

/// Only the liar that shifts its results posts a history, for which it bears a bond.
fn the_false_history_of_the_liar_is_lost(flows: &Flows, refuted: &[JobId], bond: Balance) {
	let liar = account("Liar//shifted");
	let lost = refuted.iter().filter_map(|job| flows.returned.get(&(first(*job), liar.clone())));
	let lost: Vec<&Returned> = lost.collect();
	assert_eq!(lost, [&Returned { returned: 0, lost: bond, won: 0 }; 2]);
	let burned =
		refuted.iter().filter(|job| flows.burned.get(&first(**job)).is_some_and(|it| *it > 0));
	assert_eq!(burned.count(), 2, "only where a bond was lost is some of it left");
}

/// The entry of the challenger, if it has one.
fn entry(view: &DisputeView<AccountId>) -> Option<Entry> {
	let own = view.stakes.iter().find(|stake| stake.account == account("Challenger"));
	own.map(|own| own.stake.entry)
}

/// The moves that were made for the challenger's history.
fn moves(view: &DisputeView<AccountId>) -> u32 {
	let Some(Entry::Challenger(own)) = entry(view) else { return 0 };
	let own = view.histories.iter().find(|(root, _)| root.0 == own);
	own.map_or(0, |(_, history)| history.moves)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenger_that_is_killed_at_every_step_still_wins() -> Result<()> {
	let node = Node::start()?;
	let client = node.client().await?;
	fund(&client, &["Challenger", "Liar"]).await?;
	let mut challenger = Worker::challenging(&node, "Challenger")?;
	let _liar = Worker::lying(&node, "Liar", &["test/killed@1"], "shifted", true)?;
	let gateway = market::gateway(&client, &account("Liar")).await?;
	let model = market::register(&client, &key("Alice"), "test/killed", "a test").await?;
	let spec = pictures::spec(&gateway).await?;
	let version = market::publish(&client, &key("Alice"), model, spec).await?;
	market::served(&client, version).await?;
	let job =
		market::request_worth(&client, &key("Bob"), version, &[pictures::slope()?], VALUE).await?;

	let sealed = |view: &DisputeView<_>| matches!(entry(view), Some(Entry::Sealed(_)));
	market::disputed(&client, first(job), sealed).await?;
	challenger.kill()?;
	challenger.resume()?;
	let revealed = |view: &DisputeView<_>| matches!(entry(view), Some(Entry::Challenger(_)));
	market::disputed(&client, first(job), revealed).await?;
	challenger.kill()?;
	challenger.resume()?;
	market::disputed(&client, first(job), |view| moves(view) > 0).await?;
	challenger.kill()?;
	challenger.resume()?;
	// Its last move may be in the same block as the verdict.
	let compared = |view: &DisputeView<_>| view.dispute.stage != Stage::Contest;
	market::disputed(&client, first(job), compared).await?;
	challenger.kill()?;
	challenger.resume()?;

	let view = market::reached(&client, job, |_| false).await?;
	assert!(matches!(view.state, JobState::Slashed { .. }), "{view:?}");
	let dispute = divided(&client, first(job)).await?;
	assert_eq!(dispute.reward, 40 * ASY);
	the_transcript_leads_to_one_element(&client, job).await
}

/// The command line shows where the two histories differ, and which is right.
async fn the_transcript_leads_to_one_element(client: &Client, job: JobId) -> Result<()> {
	let shown = cli::assay(client, "Bob", &["dispute", "show", &job.to_string()]).await?;
	assert_eq!(shown["outcome"]["verdict"], "refuted", "{shown}");
	let games = shown["games"].as_array().context("a list")?;
	let [game] = &games[..] else { bail!("one game: {shown}") };
	assert_eq!(game["position"], "element", "{shown}");
	assert_eq!(game["right"], 0, "{shown}");
	assert_eq!(game["dtype"], "float32", "{shown}");
	let values = game["values"].as_array().context("two values")?;
	let values: Vec<f64> = values.iter().filter_map(|value| value["value"].as_f64()).collect();
	let [right, wrong] = values[..] else { bail!("two numbers: {shown}") };
	assert!((wrong - right - 1.0).abs() < 1e-5, "shifted by one: {shown}");
	assert_eq!(shown["money"]["slash"]["each_challenger"], "40");
	Ok(())
}
