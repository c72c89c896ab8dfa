//! Data, licences and royalties with real processes: whoever contributed is paid and whoever forbade
//! is obeyed, on data that only the provider sees.

use anyhow::{bail, ensure, Context, Error, Result};
use assay_client::{
	content::ContentKey, keys, Call, Client, Created, CustodyCall, DataCall, LineageCall, Wait,
};
use assay_dispute::{dispute::Outcome, money::Slash};
use assay_primitives::{
	commitment::tensor_root,
	job::{Choice, Input, JobState, TensorHeader, Terms},
	licence::{Licence, Parent, Permill, Relation, Source},
	model::VersionSpec,
	money::{FeeShare, Role},
	rights::{
		manifest_root, Algorithms, AssetKind, AssetSpec, Consent, Currency, DataRef, FileEntry,
		Manifest, OfferKind, OfferTerms, Purpose, Usage,
	},
	tensor::{encode_tensors, Tensor},
	AccountId, AssetId, Balance, DisputeId, GrantId, JobId, VersionId, ASY,
};
use assay_tests::{
	chain::{account, key, Node, Worker},
	cli,
	ledger::Ledger,
	market, pictures,
};
use std::{
	collections::BTreeMap,
	fs,
	path::{Path, PathBuf},
};

/// What everybody starts with.
const FUNDS: Balance = 10_000 * ASY;
/// What a right answer is worth to the buyer, which the provider stakes.
const VALUE: Balance = 100 * ASY;
/// What each use of the data costs.
const USE: Balance = ASY / 50;
/// The bond of the custodian.
const BOND: Balance = 200 * ASY;
const EVERYBODY: [&str; 8] =
	["DataOwner", "BaseOwner", "Tuner", "Buyer", "Reader", "Custodian", "Honest", "Liar"];

/// A chain with a dataset whose content is encrypted, a model that was tuned on it from another one,
/// and everybody whose these are.
struct Story {
	node: Node,
	client: Client,
	/// The key of the data, which the custodian keeps.
	content: ContentKey,
	/// The picture that the dataset holds.
	picture: Tensor,
	/// The input of jobs: the encrypted picture at a gateway, and the commitments to the picture.
	input: Input,
	/// A model of the base model's owner, and one that was tuned from it on the data.
	base: VersionId,
	tuned: VersionId,
	/// The dataset.
	data: AssetId,
	/// The buyer's right to two uses.
	grant: GrantId,
	/// All that each account had at first.
	before: BTreeMap<&'static str, i128>,
	honest: Worker,
	custodian: Worker,
}

async fn submit(client: &Client, who: &str, call: Call) -> Result<Created> {
	let receipt = client.submit(&key(who), call, Wait::InBlock).await;
	Ok(receipt.with_context(|| format!("a transaction of {who}"))?.created)
}

async fn fund(client: &Client, names: &[&str]) -> Result<()> {
	for name in names {
		let call = Call::Transfer { to: account(name), amount: FUNDS };
		submit(client, "Alice", call).await?;
	}
	Ok(())
}

/// Publish a version of a new model with a licence.
async fn publish(
	client: &Client,
	owner: &str,
	model: &str,
	spec: &VersionSpec,
	permissions: Licence,
) -> Result<VersionId> {
	let model = market::register(client, &key(owner), model, "a test").await?;
	let spec = VersionSpec { permissions, ..spec.clone() };
	market::publish(client, &key(owner), model, spec).await
}

/// Encrypt the encoding of a picture, put it to a gateway, and give the input of jobs that run it.
async fn encrypted(gateway: &str, key: &ContentKey, picture: &Tensor) -> Result<Input> {
	let content = encode_tensors(std::slice::from_ref(picture));
	let mut ciphertext = Vec::new();
	key.encrypt(&content[..], &mut ciphertext)?;
	let artifact = market::upload(gateway, &ciphertext).await?;
	let root = tensor_root(picture.dtype, &picture.shape, &picture.data);
	let header = TensorHeader { shape: picture.shape.clone(), root };
	Ok(Input::Artifact {
		artifact,
		locator: market::locator(&market::address(gateway, artifact.hash))?,
		tensors: vec![header].try_into().ok().context("one tensor fits")?,
	})
}

/// What the owner says of the data: it is encrypted, models may be trained on it, and one version may
/// be run over it.
fn asset(input: &Input, key: &ContentKey, listed: VersionId) -> Result<AssetSpec> {
	let Input::Artifact { artifact, locator, .. } = input else { bail!("no artifact") };
	let media_type = b"application/octet-stream".to_vec().try_into().ok().context("short")?;
	let file = FileEntry { hash: artifact.hash, size: artifact.size, media_type };
	Ok(AssetSpec {
		kind: AssetKind::Dataset,
		manifest: Manifest {
			root: manifest_root(&[file]),
			files: 1,
			bytes: artifact.size,
			locator: locator.clone(),
		},
		schema: Default::default(),
		licence: Default::default(),
		consent: Consent { training: true, inference: true, derivatives: true },
		algorithms: Algorithms::Only(vec![listed].try_into().ok().context("one fits")?),
		key: Some(key.commitment()),
	})
}

/// Two uses for the price of each, not for gain.
fn offer() -> OfferTerms {
	OfferTerms {
		kind: OfferKind::PerUse,
		uses: Some(2),
		price: USE,
		currency: Currency::Native,
		purpose: Purpose::Any,
		transferable: false,
		revocable: false,
		commercial: false,
	}
}

/// The tuned model was made from the base model, and trained on the data.
async fn declare(client: &Client, base: VersionId, tuned: VersionId, data: AssetId) -> Result<()> {
	let parent = |source, relation, percent| {
		let share = Permill::from_percent(percent);
		Parent { source, relation, share }
	};
	let parents = vec![
		parent(Source::Version(base), Relation::FineTuned, 20),
		parent(Source::Asset(data), Relation::TrainedOn, 10),
	];
	let parents = parents.try_into().ok().context("two parents fit")?;
	let call = LineageCall::Declare { version: tuned, parents };
	submit(client, "Tuner", Call::Lineage(call)).await?;
	let lineage = client.lineage(tuned).await?.context("a lineage")?;
	assert_eq!((lineage.awaits, lineage.waterfall.len()), (0, 2));
	Ok(())
}

/// A worker with the key of the data in its folder, which hands it out and watches over what is made
/// of the data.
async fn custodian(
	node: &Node,
	client: &Client,
	data: AssetId,
	content: &ContentKey,
) -> Result<Worker> {
	let register = CustodyCall::Register { endpoint: Default::default(), bond: BOND };
	submit(client, "Custodian", Call::Custody(register)).await?;
	let appoint = CustodyCall::Appoint { asset: data, custodian: account("Custodian") };
	submit(client, "DataOwner", Call::Custody(appoint)).await?;
	let worker = Worker::keeping(node, "Custodian", |folder| {
		Ok(content.create_file(&folder.join(format!("{data}.key")))?)
	})?;
	market::until(client, "a custodian that has accepted", || async {
		let custodians = client.custodians_of(data).await?;
		Ok(custodians.iter().any(|custodian| custodian.able).then_some(()))
	})
	.await?;
	Ok(worker)
}

impl Story {
	async fn begin() -> Result<Self> {
		let node = Node::start()?;
		let client = node.client().await?;
		fund(&client, &EVERYBODY).await?;
		let before = totals(&client).await?;
		let honest = Worker::serving(&node, "Honest", &["rights/tuned@1"])?;
		let gateway = market::gateway(&client, &account("Honest")).await?;

		let spec = pictures::spec(&gateway).await?;
		let royalty = Licence { royalty: Permill::from_percent(20), ..Default::default() };
		let base = publish(&client, "BaseOwner", "rights/base", &spec, royalty).await?;
		let tuned = publish(&client, "Tuner", "rights/tuned", &spec, Licence::default()).await?;
		let (content, picture) = (ContentKey::generate(), pictures::slope()?);
		let input = encrypted(&gateway, &content, &picture).await?;
		let register = DataCall::RegisterAsset { spec: Box::new(asset(&input, &content, tuned)?) };
		let data = submit(&client, "DataOwner", Call::Data(register)).await?;
		let data = data.asset.context("no asset was registered")?;
		declare(&client, base, tuned, data).await?;
		let custodian = custodian(&node, &client, data, &content).await?;

		let post = DataCall::PostOffer { asset: data, terms: Box::new(offer()) };
		let offer = submit(&client, "DataOwner", Call::Data(post)).await?.rights_offer;
		let offer = offer.context("nothing was offered")?;
		let buy = DataCall::Buy { offer, times: 1, most: USE, extend: None };
		let grant = submit(&client, "Buyer", Call::Data(buy)).await?.grant;
		let grant = grant.context("nothing was bought")?;
		Ok(Story {
			node,
			client,
			content,
			picture,
			input,
			base,
			tuned,
			data,
			grant,
			before,
			honest,
			custodian,
		})
	}

	/// Request a run of a version over the data by one provider.
	async fn request(&self, version: VersionId, provider: &str, usage: Usage) -> Result<JobId> {
		let shapes = vec![self.picture.shape.to_vec()];
		let only = vec![account(provider)].try_into().ok().context("one provider fits")?;
		let choice = Choice::Only(only);
		let estimate = self.client.estimate(version, &shapes, &choice).await?;
		let numbers = self.client.numbers().await?;
		let key_fee = self.client.custody_numbers().await?.fee;
		let terms = Terms {
			max_fee: estimate.highest.map_or(ASY, |fee| fee.total()) + USE + key_fee,
			value: VALUE,
			deliver_within: numbers.assignment_delay + 3 * numbers.response_window,
			max_relative: None,
			reassign: false,
			choice,
			usage,
			data: Some(DataRef::Grant(self.grant)),
		};
		let call = Call::Request { version, input: Box::new(self.input.clone()), terms };
		submit(&self.client, "Buyer", call).await?.job.context("no job was requested")
	}

	/// That a request is refused for this reason, before anything is held.
	async fn refused(&self, version: VersionId, usage: Usage, reason: &str) -> Result<()> {
		let held = async || Ok::<_, Error>(self.client.balance(&account("Buyer")).await?.held);
		let before = held().await?;
		let Err(error) = self.request(version, "Honest", usage).await else {
			bail!("{reason}: it was requested");
		};
		ensure!(format!("{error:?}").contains(reason), "{reason}: {error:?}");
		assert_eq!(held().await?, before, "{reason}");
		Ok(())
	}

	/// Whoever has a grant without limits, on data without a list of models, is given the key by the
	/// custodian. The buyer's grant is a right to have jobs done.
	async fn a_reader_is_given_the_key(&self) -> Result<()> {
		let (client, folder) = (&self.client, tempfile::tempdir()?);
		let ask = async |who, grant: &str| {
			let file = folder.path().join(who).display().to_string();
			let arguments = ["data", "key", "request", "--grant", grant, "--out", &file];
			let (success, printed) = cli::attempt(client, who, &arguments).await?;
			anyhow::Ok((success, printed.to_string(), file))
		};
		let (success, said, _) = ask("Buyer", &self.grant.to_string()).await?;
		ensure!(!success && said.contains("ComputeOnly"), "{said}");

		let (asset, reader) = (self.data.to_string(), keys::to_ss58(&account("Reader")));
		cli::assay(client, "DataOwner", &["data", "algorithms", &asset, "--any"]).await?;
		let give = ["data", "grant", "give", &asset, &reader];
		let given = cli::assay(client, "DataOwner", &give).await?;
		let (success, said, file) = ask("Reader", &given["grant"].to_string()).await?;
		ensure!(success, "{said}");
		ensure!(!said.contains(&hex::encode(self.content.expose())), "the key was printed");
		let key = ContentKey::from_file(Path::new(&file))?;
		assert_eq!(key.commitment(), self.content.commitment());
		self.paid_for_keys().await
	}

	/// Wait until the custodian is paid for all keys that it has handed out.
	async fn paid_for_keys(&self) -> Result<()> {
		market::until(&self.client, "a custodian that is paid", || async {
			let view = self.client.custodian(&account("Custodian")).await?;
			Ok(view.filter(|view| view.open == 0).map(|_| ()))
		})
		.await
	}

	/// The job of the honest provider settles, and its fee is divided as licences and grants say.
	/// Gives what everybody is paid.
	async fn everybody_is_paid(&self) -> Result<Vec<FeeShare<AccountId>>> {
		let job = self.request(self.tuned, "Honest", Usage::default()).await?;
		let view = market::settled(&self.client, job).await?;
		let price = pictures_price(&self.client, self.tuned).await?;
		let part = |of: Balance, millionths: Balance| of * millionths / 1_000_000;
		// 5 % of each part are the treasury's and 2 % the audits'. Of what is left of the price of the
		// model, 20 % are the base model's and 10 % the data's.
		let left = part(price, 930_000);
		let paid = |who: &str, role| -> Balance {
			let of =
				|share: &&FeeShare<AccountId>| share.payee == account(who) && share.role == role;
			view.shares.iter().filter(of).map(|share| share.amount).sum()
		};
		assert_eq!(paid("DataOwner", Role::Data), part(USE, 930_000), "{view:?}");
		assert_eq!(paid("DataOwner", Role::Ancestor), part(left, 100_000), "{view:?}");
		assert_eq!(paid("BaseOwner", Role::Ancestor), part(left, 200_000), "{view:?}");
		assert_eq!(paid("Tuner", Role::Owner), part(left, 700_000), "{view:?}");
		assert_eq!(view.shares.iter().map(|share| share.amount).sum::<Balance>(), view.fee);
		// The key is paid by whoever asks for the job.
		let (asked, key_fee) = (view.fee - price - USE, self.client.custody_numbers().await?.fee);
		assert_eq!(paid("Honest", Role::Provider), part(asked, 930_000), "{view:?}");
		assert!(asked > key_fee, "{view:?}");
		Ok(view.shares)
	}

	/// A provider that lies about the data is refuted by its custodian, who alone could run it again,
	/// and nobody is paid for the lie: of the fee the data alone is, whose key was handed over, and the
	/// rest goes back. Gives what everybody is paid.
	async fn a_lie_claws_back(&self) -> Result<Vec<FeeShare<AccountId>>> {
		let served = ["rights/tuned@1"];
		let _liar = Worker::lying(&self.node, "Liar", &served, "shifted", false)?;
		market::served_by(&self.client, self.tuned, 2).await?;
		let job = self.request(self.tuned, "Liar", Usage::default()).await?;
		let view = market::reached(&self.client, job, |_| false).await?;
		assert!(matches!(view.state, JobState::Slashed { .. }), "{view:?}");
		let paid: Vec<_> = view.shares.iter().map(|share| (share.role, share.amount)).collect();
		let cuts = [(Role::Treasury, USE / 20), (Role::Audit, USE / 50)];
		assert_eq!(paid, [&[(Role::Data, USE * 93 / 100)], &cuts[..]].concat());
		let id = DisputeId::new(job, 1);
		let dispute = market::disputed(&self.client, id, |view| view.divided).await?;
		assert!(matches!(dispute.dispute.outcome(), Some(Outcome::Refuted { .. })), "{dispute:?}");
		self.paid_for_keys().await?;
		Ok(view.shares)
	}

	/// That bytes lie in no file of the chain or of a worker, and in no log.
	fn is_nowhere(&self, what: &str, bytes: &[u8]) -> Result<()> {
		let keys = self.custodian.folder().join("keys");
		let folders = [self.node.folder(), self.honest.folder(), self.custodian.folder()];
		for folder in folders {
			for file in files(folder)? {
				// Where the custodian was told to keep them.
				let content = if file.starts_with(&keys) { continue } else { fs::read(&file)? };
				ensure!(!holds(&content, bytes), "{what} lies in {}", file.display());
			}
		}
		let digits = hex::encode(bytes);
		for worker in [&self.honest, &self.custodian] {
			let log = worker.process()?.log();
			ensure!(!log.contains(&digits), "{what} is in a log");
		}
		Ok(())
	}
}

/// The price that the owner of a version asks for a picture.
async fn pictures_price(client: &Client, version: VersionId) -> Result<Balance> {
	Ok(client.version(version).await?.context("a version")?.spec.price)
}

/// All files below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
	let mut found = Vec::new();
	for entry in fs::read_dir(folder)? {
		let entry = entry?;
		match entry.file_type()?.is_dir() {
			true => found.extend(files(&entry.path())?),
			false => found.push(entry.path()),
		}
	}
	Ok(found)
}

fn holds(content: &[u8], bytes: &[u8]) -> bool {
	content.windows(bytes.len()).any(|window| window == bytes)
}

/// All that everybody has.
async fn totals(client: &Client) -> Result<BTreeMap<&'static str, i128>> {
	let mut totals = BTreeMap::new();
	for name in EVERYBODY {
		let balance = client.balance(&account(name)).await?;
		totals.insert(name, i128::try_from(balance.free + balance.held)?);
	}
	Ok(totals)
}

/// What an account has gained by the jobs, the keys and the dispute, beside what the dispute paid to
/// those who played and what transactions cost.
fn gained(name: &str, shares: &[FeeShare<AccountId>], key_fee: Balance) -> Result<i128> {
	let mine = |share: &&FeeShare<AccountId>| share.payee == account(name);
	let signed = |amount: Balance| i128::try_from(amount);
	let earned = signed(shares.iter().filter(mine).map(|share| share.amount).sum())?;
	let paid = signed(shares.iter().map(|share| share.amount).sum())?;
	let key_fee = signed(key_fee)?;
	Ok(match name {
		"Buyer" => signed(Slash::of(VALUE, 1).requester)? - paid,
		"Honest" => earned - key_fee,
		"Liar" => -signed(VALUE)? - key_fee,
		"Reader" => -key_fee,
		"Custodian" => 3 * key_fee,
		_ => earned,
	})
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_contributed_is_paid_and_whoever_lies_about_data_nobody_else_sees_is_refuted(
) -> Result<()> {
	let mut story = Story::begin().await?;
	let client = story.client.clone();
	let ledger = Ledger::of(&story.node).await?;
	let none = Usage::default();
	// The base model is not on the owner's list, and the offer is not for gain.
	story.refused(story.base, none.clone(), "AlgorithmForbidden").await?;
	let gain = Usage { commercial: true, ..none.clone() };
	story.refused(story.tuned, gain, "PurposeForbidden").await?;

	let mut shares = story.everybody_is_paid().await?;
	// What only the provider was given: a part of the picture, and the key.
	let part = story.picture.data.get(64..128).context("the picture is larger")?;
	story.is_nowhere("the picture", part)?;
	shares.extend(story.a_lie_claws_back().await?);
	story.a_reader_is_given_the_key().await?;
	story.is_nowhere("the key", story.content.expose())?;
	story.refused(story.tuned, none, "Exhausted").await?;

	story.honest.stop()?;
	story.custodian.stop()?;
	let flows = ledger.flows(1..=client.best().await?.number).await?;
	let (after, key_fee) = (totals(&client).await?, client.custody_numbers().await?.fee);
	for name in EVERYBODY {
		let gained = gained(name, &shares, key_fee)? + flows.change(&account(name));
		assert_eq!(after[name] - story.before[name], gained, "{name}");
	}
	Ok(())
}
