//! Pools, shares and offerings with real processes, by the command line: whoever has contributed is
//! paid by what the data and the model earn, to the last unit.

use anyhow::{ensure, Context, Result};
use assay_client::{Call, Client, Wait};
use assay_primitives::{
	job::{JobState, JobView},
	model::VersionSpec,
	money::Role,
	offering::OfferingStatus,
	revenue::Subject,
	AccountId, Balance, JobId, OfferingId, PoolId, VersionId, ASY,
};
use assay_tests::{
	chain::{account, key, Node, Worker},
	cli,
	ledger::Ledger,
	market,
};
use std::{collections::BTreeMap, fs};
use tempfile::TempDir;

/// What everybody starts with.
const FUNDS: Balance = 10_000 * ASY;
const MODEL: &str = "income/doubling";
/// What a use of the pool costs.
const USE: Balance = ASY / 2;
/// What the owner of the model asks for a run.
const PRICE: Balance = 1_000_000;

/// What keeps the account of a pool alive, which its curator pays.
const BASE: Balance = ASY / 1_000;

/// What is left of a part of a fee: 5 % are the treasury's, and 2 % the audits'.
const fn left(part: Balance) -> Balance {
	part / 100 * 93
}

fn signed(amount: Balance) -> Result<i128> {
	Ok(i128::try_from(amount)?)
}

/// A chain with a provider of a model, and people with money.
struct Bench {
	node: Node,
	client: Client,
	version: VersionId,
	/// Where everybody's files lie.
	folder: TempDir,
	names: &'static [&'static str],
	/// All that each account had at first.
	before: BTreeMap<&'static str, i128>,
	_honest: Worker,
}

impl Bench {
	async fn set_up(names: &'static [&'static str]) -> Result<Self> {
		let node = Node::start()?;
		let client = node.client().await?;
		for name in names.iter().chain(&["Honest", "Maker"]) {
			let call = Call::Transfer { to: account(name), amount: FUNDS };
			client.submit(&key("Alice"), call, Wait::InBlock).await?;
		}
		let _honest = Worker::serving(&node, "Honest", &[&format!("{MODEL}@1")])?;
		let gateway = market::gateway(&client, &account("Honest")).await?;
		let spec = VersionSpec { price: PRICE, ..market::doubling(&gateway).await? };
		let model = market::register(&client, &key("Maker"), MODEL, "a test").await?;
		let version = market::publish(&client, &key("Maker"), model, spec).await?;
		market::served(&client, version).await?;
		let (before, folder) = (BTreeMap::new(), tempfile::tempdir()?);
		let mut bench = Bench { node, client, version, folder, names, before, _honest };
		bench.before = bench.totals().await?;
		Ok(bench)
	}

	async fn totals(&self) -> Result<BTreeMap<&'static str, i128>> {
		let mut totals = BTreeMap::new();
		for name in self.names {
			let balance = self.client.balance(&account(name)).await?;
			totals.insert(*name, signed(balance.free + balance.held)?);
		}
		Ok(totals)
	}

	/// That each account has gained so much since the beginning, beside what its transactions cost.
	async fn have_gained(&self, gained: &[(&str, i128)]) -> Result<()> {
		let ledger = Ledger::of(&self.node).await?;
		let flows = ledger.flows(1..=self.client.best().await?.number).await?;
		let after = self.totals().await?;
		for (name, gained) in gained {
			let change = after[name] - self.before[name] - flows.change(&account(name));
			assert_eq!(change, *gained, "{name}");
		}
		Ok(())
	}

	/// Run a command whose arguments have no blanks in them. Gives the number under a name in what it
	/// prints.
	async fn made(&self, who: &str, command: &str, what: &str) -> Result<u32> {
		let printed = self.run(who, command).await?;
		let number = printed[what].as_u64().with_context(|| format!("{command}: {printed}"))?;
		Ok(u32::try_from(number)?)
	}

	async fn run(&self, who: &str, command: &str) -> Result<serde_json::Value> {
		let arguments: Vec<&str> = command.split_whitespace().collect();
		cli::assay(&self.client, who, &arguments).await
	}

	/// That a command fails for this reason.
	async fn refused(&self, who: &str, command: &str, reason: &str) -> Result<()> {
		let arguments: Vec<&str> = command.split_whitespace().collect();
		let said = cli::refusal(&self.client, who, &arguments).await?;
		ensure!(said.contains(reason), "{command}: {said}");
		Ok(())
	}

	/// The path of a file.
	fn path(&self, name: &str) -> String {
		self.folder.path().join(name).display().to_string()
	}

	/// Register a file as an asset of this account.
	async fn asset(&self, owner: &str) -> Result<u32> {
		fs::write(self.path(&format!("{owner}.csv")), format!("the data of {owner}\n"))?;
		let manifest = format!(
			"kind = \"dataset\"\nfiles = [\"{owner}.csv\"]\nalgorithms = [\"{MODEL}@1\"]\n\
			[consent]\ninference = true\n"
		);
		let path = self.path(&format!("{owner}.toml"));
		fs::write(&path, manifest)?;
		self.made(owner, &format!("data register {path}"), "asset").await
	}

	/// Run the model as the buyer, until its result is as final as is said.
	async fn infer(&self, more: &str, wait: &str) -> Result<JobId> {
		let command = format!("infer --model {MODEL} --input x=[1,2] --wait {wait} {more}");
		let printed = self.run("Buyer", &command).await?;
		let id = printed["job"]["id"].as_u64().with_context(|| printed.to_string())?;
		Ok(JobId(id))
	}

	async fn job(&self, id: JobId) -> Result<JobView<AccountId>> {
		self.client.job(id).await?.context("the job is kept")
	}
}

/// What a job has paid in a role, to whom.
fn paid(view: &JobView<AccountId>, role: Role, to: &AccountId) -> Balance {
	let shares = view.shares.iter().filter(|share| share.role == role && share.payee == *to);
	shares.map(|share| share.amount).sum()
}

/// A pool whose items are worth one and three, the latter put into it by a signature that somebody
/// else submits. Gives it, and the two assets.
async fn pool_of_two(bench: &Bench) -> Result<(u32, u32, u32)> {
	let create = "pool create --name Numbers --rule scored --price 0.5 --cut 10%";
	let pool = bench.made("Curator", create, "pool").await?;
	let (ann, ben) = (bench.asset("Ann").await?, bench.asset("Ben").await?);
	bench.run("Ann", &format!("pool contribute {pool} {ann}")).await?;

	let file = bench.path("contribution.json");
	bench.run("Ben", &format!("pool sign {pool} {ben} --output {file}")).await?;
	let submit = format!("pool contribute --signed {file}");
	bench.run("Carol", &submit).await?;
	// A copy of a signature is worth nothing, before the item was withdrawn and after.
	bench.refused("Carol", &submit, "AlreadyContributed").await?;
	bench.run("Ben", &format!("pool withdraw {pool} {ben}")).await?;
	bench.refused("Carol", &submit, "PermitUsed").await?;
	bench.run("Ben", &format!("pool contribute {pool} {ben}")).await?;

	bench.refused("Ann", &format!("pool score {pool} {ann} 9"), "NotCurator").await?;
	bench.run("Curator", &format!("pool score {pool} {ann} 1")).await?;
	bench.run("Curator", &format!("pool score {pool} {ben} 3")).await?;
	Ok((pool, ann, ben))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_pays_by_score_and_nobody_uses_what_was_withdrawn() -> Result<()> {
	let bench = Bench::set_up(&["Curator", "Ann", "Ben", "Carol", "Buyer"]).await?;
	let (pool, ann, ben) = pool_of_two(&bench).await?;
	let view = bench.client.pool(PoolId(pool)).await?.context("a pool")?;
	assert_eq!((view.items, view.contributors, view.score), (2, 2, 4));

	let first = bench.infer(&format!("--data pool:{pool}/{ann}"), "final").await?;
	let first = bench.job(first).await?;
	assert_eq!(paid(&first, Role::Data, &view.pot), left(USE));

	// She withdraws while a job that uses her item is under way: it ends as it was agreed, but the
	// next one is refused, and what is paid from then on is not for her.
	let use_of_ann = format!("--data pool:{pool}/{ann}");
	let second = bench.infer(&use_of_ann, "provisional").await?;
	assert!(matches!(bench.job(second).await?.state, JobState::Submitted { .. }));
	bench.run("Ann", &format!("pool withdraw {pool} {ann}")).await?;
	let again = format!("infer --model {MODEL} --input x=[1,2] {use_of_ann}");
	bench.refused("Buyer", &again, "UnknownItem").await?;
	let second = market::settled(&bench.client, second).await?;
	assert_eq!(paid(&second, Role::Data, &view.pot), left(USE));
	assert_eq!(bench.run("Ben", &format!("pool show {pool}")).await?["uses"], 2);

	for name in ["Ann", "Ben", "Curator"] {
		bench.run(name, &format!("pool claim {pool}")).await?;
		bench.refused(name, &format!("pool claim {pool}"), "nothing-to-claim").await?;
	}
	let (cut, rest) = (left(USE) / 10, left(USE) / 10 * 9);
	let spent = first.fee + second.fee;
	bench
		.have_gained(&[
			("Ann", signed(rest / 4)?),
			("Ben", signed(rest / 4 * 3 + rest)?),
			("Curator", signed(2 * cut)? - signed(BASE)?),
			("Carol", 0),
			("Buyer", -signed(spent)?),
		])
		.await?;

	// Nothing is left of a pool that everybody has left.
	bench.run("Ben", &format!("pool withdraw {pool} {ben}")).await?;
	bench.run("Curator", &format!("pool close {pool}")).await?;
	bench.refused("Ben", &format!("pool contribute {pool} {ben}"), "is closed").await?;
	Ok(())
}

/// Have what one's tickets are due, and all of it. Gives the shares that the account has then.
async fn collected(
	bench: &Bench,
	id: OfferingId,
	subject: Subject,
	who: &str,
) -> Result<Option<Balance>> {
	bench.run(who, &format!("offering collect {id}")).await?;
	bench.refused(who, &format!("offering collect {id}"), "no-ticket").await?;
	Ok(bench.client.holding(subject, &account(who)).await?.map(|has| has.shares))
}

/// Half of the shares in the model's income are offered, and wanted more often than there are any. At
/// the close the buyers have what is paid for by then: 40 % of a half each.
async fn sold(bench: &Bench, subject: Subject) -> Result<OfferingId> {
	let tokenize = "--supply 1000 --name Doubles --symbol DBL --retained 10%";
	bench.run("Maker", &format!("revenue tokenize {subject} {tokenize}")).await?;
	let open = "--shares 500 --price 0.5 --target 100 --deadline +20 --upfront 40% \
		--milestone jobs=1,by=+400,part=60%";
	let open = format!("offering open {subject} {open}");
	let offering = bench.made("Maker", &open, "offering").await?;
	for name in ["Ann", "Ben"] {
		bench.run(name, &format!("offering subscribe {offering} 300")).await?;
	}
	let id = OfferingId(offering);
	closed(bench, id).await?;
	for name in ["Ann", "Ben"] {
		assert_eq!(collected(bench, id, subject, name).await?, Some(100));
	}
	Ok(id)
}

/// Close an offering as soon as anybody may.
async fn closed(bench: &Bench, id: OfferingId) -> Result<()> {
	let view = bench.client.offering(id).await?.context("an offering")?;
	bench.refused("Ann", &format!("offering close {id}"), "DeadlineAhead").await?;
	market::until(&bench.client, "the deadline", || async {
		Ok((bench.client.best().await?.number >= view.spec.deadline).then_some(()))
	})
	.await?;
	bench.run("Ann", &format!("offering close {id}")).await?;
	Ok(())
}

/// Buyers who have lost patience have the shares that are paid for, and the rest of their money back.
async fn aborted(bench: &Bench, subject: Subject) -> Result<()> {
	let open = "--shares 100 --price 1 --deadline +10 --upfront 25% --vesting 100000 \
		--milestone jobs=1000,by=+100000,part=75%";
	let open = format!("offering open {subject} {open}");
	let offering = bench.made("Maker", &open, "offering").await?;
	bench.run("Ann", &format!("offering subscribe {offering} 100")).await?;
	closed(bench, OfferingId(offering)).await?;
	bench.refused("Ben", &format!("offering vote-abort {offering}"), "no-ticket").await?;
	bench.run("Ann", &format!("offering vote-abort {offering}")).await?;
	let view = bench.client.offering(OfferingId(offering)).await?.context("an offering")?;
	assert_eq!((view.status, view.votes), (OfferingStatus::Aborted, 100));
	bench.run("Ann", &format!("offering collect {offering}")).await?;
	let has = bench.client.holding(subject, &account("Ann")).await?;
	assert_eq!(has.map(|has| has.shares), Some(275));
	Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn shares_are_sold_and_earn_from_then_on_and_milestones_release_the_money() -> Result<()> {
	let bench = Bench::set_up(&["Ann", "Ben", "Buyer"]).await?;
	let subject = Subject::Model(bench.version.model);
	let id = sold(&bench, subject).await?;
	let released = async || {
		let view = bench.client.offering(id).await?.context("an offering")?;
		anyhow::Ok((view.released, view.status))
	};
	assert_eq!(released().await?, (100 * ASY, OfferingStatus::Running));
	bench.refused("Maker", &format!("offering release {id}"), "NothingToRelease").await?;

	let job = bench.infer("", "final").await?;
	let job = bench.job(job).await?;
	let stream = bench.client.stream(subject).await?.context("a stream")?;
	assert_eq!(paid(&job, Role::Owner, &stream.pot), left(PRICE));
	bench.run("Maker", &format!("offering release {id}")).await?;
	assert_eq!(released().await?, (250 * ASY, OfferingStatus::Completed));
	for name in ["Ann", "Ben"] {
		assert_eq!(collected(&bench, id, subject, name).await?, Some(250));
	}

	// Of what came, a tenth is kept for those who burn shares. The rest was earned by what they had
	// when it came. She is paid, and he burns his.
	let (kept, shared) = (left(PRICE) / 10, left(PRICE) / 10 * 9);
	bench.run("Ann", &format!("revenue claim {subject}")).await?;
	bench.run("Ben", &format!("revenue redeem {subject} 250")).await?;
	let stream = bench.client.stream(subject).await?.context("a stream")?;
	assert_eq!((stream.supply, stream.pool), (750, kept / 4 * 3));
	let cost = signed(125 * ASY)?;
	bench
		.have_gained(&[
			("Ann", signed(shared / 10)? - cost),
			("Ben", signed(shared / 10 + kept / 4)? - cost),
			("Buyer", -signed(job.fee)?),
		])
		.await?;

	aborted(&bench, subject).await?;
	let ann = signed(shared / 10)? - cost - signed(25 * ASY)?;
	bench.have_gained(&[("Ann", ann)]).await
}
