//! The arguments of the command line.

mod canon;
mod custody;
mod data;
mod lease;
mod lineage;
mod offering;
mod pool;
mod revenue;
mod subscription;

pub use canon::{
	CalibrateArgs, CanonCommand, CompareArgs, ModelArgs, Named, RunArgs, RunsArgs, TraceArgs,
	VectorsArgs,
};
pub use custody::{AcceptArgs, CustodyCommand};
pub use data::{
	BuyArgs, CipherArgs, ConsentArgs, DataCommand, GiveArgs, GrantCommand, GrantTermsArgs,
	KeyCommand, KeyRequestArgs, ManifestArgs, OfferCommand, PermitCommand, PostArgs, PurposeArgs,
	SealArgs, SignArgs, SigningArgs, TokensCommand,
};
pub use lease::{BidArgs, LeaseCommand, ListArgs, OfferArgs, OffersArgs, OrderArgs, TakeArgs};
pub use lineage::{relation_name, NamedParent, NamedSource};
pub use offering::{OfferingCommand, OfferingsArgs, OpenArgs};
pub use pool::{ContributeArgs, CreatePoolArgs, PoolCommand, PoolsArgs, SignContributionArgs};
pub use revenue::{RevenueCommand, TokenizeArgs};
pub use subscription::{CreateArgs, NewTermsArgs, SubscriptionCommand};

use crate::{
	amount::Amount,
	commands::parse_dimension,
	manifest::{Declaration, Length},
};
use assay_primitives::{
	availability::Side, batch::MAX_ITEMS, provider::Tier, rights::DataRef, ArtifactHash, DemandId,
	DisputeKey, JobId,
};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Pay for AI inference on an Assay chain, and serve it.
///
/// Keys come from files that only their owner may read (--key); --dev-key is for development
/// chains only, whose keys everybody knows.
#[derive(Debug, Parser)]
#[command(name = "assay", version)]
pub struct Cli {
	/// What applies to every command.
	#[command(flatten)]
	pub global: Global,
	/// What to do.
	#[command(subcommand)]
	pub command: Command,
}

/// What applies to every command.
#[derive(Debug, Args)]
pub struct Global {
	/// The node to talk to.
	#[arg(long, global = true, env = "ASSAY_URL", default_value = assay_client::DEFAULT_URL)]
	pub url: String,
	/// Print one JSON document on stdout, errors too.
	#[arg(long, global = true)]
	pub json: bool,
	/// Show no progress.
	#[arg(long, short, global = true)]
	pub quiet: bool,
	/// The file with the secret phrase, seed or URI of the account that signs.
	#[arg(long, global = true, env = "ASSAY_KEY_FILE", value_name = "FILE")]
	pub key: Option<PathBuf>,
	/// A well-known development key, for example //Alice. For development chains only.
	#[arg(long, global = true, value_name = "URI", conflicts_with = "key")]
	pub dev_key: Option<String>,
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
	/// Keys, balances and transfers.
	#[command(subcommand)]
	Account(AccountCommand),
	/// Models and their versions.
	#[command(subcommand)]
	Model(ModelCommand),
	/// The market: who offers what.
	#[command(subcommand)]
	Market(MarketCommand),
	/// Providers, who run models.
	#[command(subcommand)]
	Provider(ProviderCommand),
	/// Model files and large inputs and outputs.
	#[command(subcommand)]
	Artifact(ArtifactCommand),
	/// Models in the canonical arithmetic: run, trace and compare them without a chain.
	#[command(subcommand)]
	Canon(CanonCommand),
	/// Run a model on an input and fetch the result.
	Infer(InferArgs),
	/// Jobs.
	#[command(subcommand)]
	Job(JobCommand),
	/// Jobs that recur, out of a budget that is set aside.
	#[command(subcommand)]
	Subscription(SubscriptionCommand),
	/// Disputes about results.
	#[command(subcommand)]
	Dispute(DisputeCommand),
	/// Audits of results by providers that are drawn.
	#[command(subcommand)]
	Audit(AuditCommand),
	/// Demands to show inputs and outputs that cannot be fetched.
	#[command(subcommand)]
	Demand(DemandCommand),
	/// Leases of dedicated capacity, paid by the block.
	#[command(subcommand)]
	Lease(LeaseCommand),
	/// Data, and the rights to have models run over it.
	#[command(subcommand)]
	Data(DataCommand),
	/// Pools of data, which many contribute to and share in the income of.
	#[command(subcommand)]
	Pool(PoolCommand),
	/// Custody of the keys that data is encrypted with.
	#[command(subcommand)]
	Custody(CustodyCommand),
	/// Shares in the income of models and data.
	#[command(subcommand)]
	Revenue(RevenueCommand),
	/// Offerings of such shares: who sells and buys them, and on what terms.
	#[command(subcommand)]
	Offering(OfferingCommand),
	/// What a job would cost.
	Estimate(EstimateArgs),
	/// Print completions for a shell.
	Completions {
		/// The shell.
		shell: clap_complete::Shell,
	},
}

/// Commands on accounts. An account is an SS58 address or 0x and 64 digits.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
	/// Make a new key and write its phrase to a file.
	New {
		/// The file; it must not exist.
		file: PathBuf,
	},
	/// Show the address of the key in use.
	Show,
	/// Show what an account has.
	Balance {
		/// The account; that of the key in use by default.
		account: Option<String>,
	},
	/// Pay another account.
	Transfer {
		/// Who is paid.
		to: String,
		/// How many ASY, for example 1.5.
		amount: Amount,
	},
}

/// Commands on models. A version is NAME@NUMBER; NAME alone is the newest.
#[derive(Debug, Subcommand)]
pub enum ModelCommand {
	/// Register a model if its name is new, and publish a version of it.
	Register(Box<RegisterArgs>),
	/// Propose the tolerance of a version, or check one, by running ONNX Runtime.
	Calibrate(Box<CalibrateArgs>),
	/// List models.
	List {
		/// Only models of this account.
		#[arg(long)]
		owner: Option<String>,
		/// The most models to list.
		#[arg(long, default_value_t = 100)]
		limit: u32,
	},
	/// Show a model and its versions.
	Show {
		/// NAME or NAME@NUMBER.
		model: String,
	},
	/// Retire a version: it takes no new jobs.
	Deprecate {
		/// NAME@NUMBER.
		version: String,
	},
	/// Set the owner's price a unit.
	SetPrice {
		/// NAME@NUMBER.
		version: String,
		/// The price in ASY.
		price: Amount,
	},
	/// Offer a model to another account, which has to accept it.
	Transfer {
		/// NAME.
		model: String,
		/// The new owner.
		to: String,
	},
	/// Accept a model that was offered.
	Accept {
		/// NAME.
		model: String,
	},
	/// Show what a version was made from, and what its ancestors earn by it.
	Parents {
		/// NAME or NAME@NUMBER.
		version: String,
	},
	/// Say what a version was made from, once and for all. If owners have to consent, it takes no
	/// jobs until they all do.
	Declare {
		/// NAME@NUMBER.
		version: String,
		/// A parent: version:NAME@NUMBER,relation=fine-tuned,share=10% (or quantised, distilled), or
		/// asset:NUMBER,share=10% for data that it was trained on. Repeat for each. The share of the
		/// income is at least what the parent's licence asks.
		#[arg(long = "parent", value_name = "PARENT", required = true)]
		parents: Vec<NamedParent>,
	},
	/// Agree that a version was made from something of one's own, with the relation and the share
	/// that are declared. There is no way back.
	Consent {
		/// NAME@NUMBER of what was made.
		version: String,
		/// The parent as it is declared: version:NAME@NUMBER,relation=fine-tuned,share=10% or
		/// asset:NUMBER,share=10%.
		#[arg(long)]
		parent: NamedParent,
	},
	/// Take back what was said of a version that still waits for consent.
	WithdrawLineage {
		/// NAME@NUMBER.
		version: String,
	},
}

/// What is registered and published. Flags take the place of what a manifest says.
#[derive(Debug, Args)]
pub struct RegisterArgs {
	/// The name: lower-case letters, digits and -_./
	#[arg(long)]
	pub name: Option<String>,
	/// A TOML manifest. Its table `[permissions]` says what others may do: commercial = true,
	/// derivatives = "free", "on-consent" or "forbidden", attribution = false, royalty = "2.5%",
	/// least_price = "0.001" and purposes = ["research"]; what is not said is allowed. The royalty is
	/// a part of the price of whatever is made from the version, which is at least the least price.
	#[arg(long, value_name = "FILE")]
	pub manifest: Option<PathBuf>,
	/// The ONNX file.
	#[arg(long, value_name = "FILE")]
	pub onnx: Option<PathBuf>,
	/// What to say about the model: a URI or a short text.
	#[arg(long)]
	pub metadata: Option<String>,
	/// A free dimension of the file: batch=4, or 'batch=<=64' where jobs choose it. Repeat for
	/// each.
	#[arg(long = "dim", value_name = "NAME=LENGTH", value_parser = parse_dimension)]
	pub dimensions: Vec<(String, Length)>,
	/// An input that is the same for every job, in JSON or as a file: sr=16000, sr=@rate.npy.
	#[arg(long = "set", value_name = "NAME=VALUE")]
	pub constants: Vec<Named>,
	/// What the file's input has to be, as NAME:DTYPE:DIMENSIONS, for example
	/// bytes:int32:1,<=2048; it bounds free dimensions, too. Repeat for each.
	#[arg(long = "input", value_name = "DECLARATION")]
	pub inputs: Vec<Declaration>,
	/// An output, like an input.
	#[arg(long = "output", value_name = "DECLARATION")]
	pub outputs: Vec<Declaration>,
	/// How results are judged; by default as strictly as the graph demands.
	#[arg(long)]
	pub class: Option<ClassName>,
	/// The absolute distance that a tolerant version accepts; calibrated if no distance is given.
	#[arg(long)]
	pub absolute: Option<f32>,
	/// The relative distance that a tolerant version accepts, at most 2^-10; calibrated if no
	/// distance is given.
	#[arg(long)]
	pub relative: Option<f32>,
	/// The runs that calibrate a tolerance, or check it.
	#[command(flatten)]
	pub runs: RunsArgs,
	/// The owner's price a unit in ASY.
	#[arg(long)]
	pub price: Option<Amount>,
	/// What prices are multiplied with.
	#[arg(long)]
	pub unit: Option<UnitName>,
	/// The licence, an SPDX expression.
	#[arg(long)]
	pub licence: Option<String>,
	/// What the version was made from, as for `assay model declare`; it is declared with the
	/// publication. Repeat for each. In a manifest: `[[parents]]` with source, relation and share.
	#[arg(long = "parent", value_name = "PARENT")]
	pub parents: Vec<NamedParent>,
	/// A URL from which workers may fetch the file. Repeat for more.
	#[arg(long = "locator", value_name = "URL")]
	pub locators: Vec<String>,
	/// Upload the file to this gateway, and let workers fetch it there.
	#[arg(long, value_name = "URL")]
	pub gateway: Option<String>,
}

/// How results are judged.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ClassName {
	/// No float anywhere; equal bits.
	Exact,
	/// Run by the canonical engine; equal bits.
	Canonical,
	/// Close to the canonical output.
	Tolerant,
}

/// What prices are multiplied with.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum UnitName {
	/// One job.
	Call,
	/// One element of the inputs.
	Element,
	/// One element of the first input: a token.
	Token,
	/// A million multiply-accumulates of the dearest job.
	Mac,
}

/// Commands on the market.
#[derive(Debug, Subcommand)]
pub enum MarketCommand {
	/// The order book of a version: what providers ask for it, the cheap before the dear.
	Book {
		/// NAME or NAME@NUMBER.
		model: String,
		/// Only those that could be drawn now.
		#[arg(long)]
		able: bool,
		/// The most asks to list.
		#[arg(long, default_value_t = 100)]
		limit: u32,
	},
	/// What a request would cost now, how long it would take, and how many could answer it.
	Quote(EstimateArgs),
}

/// Who may answer; anybody who serves the version by default.
#[derive(Clone, Debug, Default, Args)]
#[group(multiple = false)]
pub struct ChoiceArgs {
	/// Only this provider, or one of these if repeated. Such jobs do not count in its record.
	#[arg(long, value_name = "ACCOUNT")]
	pub only: Vec<String>,
	/// This provider, or one of these if repeated, if it can; otherwise anybody.
	#[arg(long, value_name = "ACCOUNT")]
	pub prefer: Vec<String>,
	/// Only providers that have proven themselves so: new, proven (50 jobs delivered, 95 of 100) or
	/// trusted (1,000 jobs, 99 of 100, none wrong).
	#[arg(long)]
	pub tier: Option<Tier>,
}

/// Commands on providers.
#[derive(Debug, Subcommand)]
pub enum ProviderCommand {
	/// Become a provider.
	Register {
		/// What the provider says of itself.
		#[command(flatten)]
		profile: ProfileArgs,
		/// The bond in ASY; the least that the chain admits by default.
		#[arg(long)]
		bond: Option<Amount>,
	},
	/// Change the profile. What is not given stays.
	Update {
		/// What changes.
		#[command(flatten)]
		profile: ProfileArgs,
	},
	/// List providers.
	List {
		/// Only those that serve a version: NAME or NAME@NUMBER.
		#[arg(long)]
		model: Option<String>,
		/// The most providers to list.
		#[arg(long, default_value_t = 100)]
		limit: u32,
	},
	/// Show a provider.
	Show {
		/// The account; that of the key in use by default.
		account: Option<String>,
	},
	/// Take jobs.
	Online,
	/// Take no new jobs.
	Offline,
	/// Serve a version at a price a unit, or change what is offered for it.
	Ask {
		/// NAME@NUMBER.
		version: String,
		/// The price in ASY.
		price: Amount,
		/// The most jobs of the version at once.
		#[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..))]
		capacity: u32,
		/// The blocks after which the ask expires; never by default.
		#[arg(long = "for", value_name = "BLOCKS")]
		lasting: Option<u32>,
	},
	/// Announce that no jobs are taken for some time: nobody is assigned one then, and none is
	/// missed.
	Maintenance {
		/// How many blocks from now it begins.
		#[arg(long = "in", value_name = "BLOCKS", default_value_t = 0)]
		begin: u32,
		/// How many blocks it lasts.
		#[arg(long = "for", value_name = "BLOCKS", required_unless_present = "none")]
		lasting: Option<u32>,
		/// There is none: take back what was announced.
		#[arg(long, conflicts_with_all = ["begin", "lasting"])]
		none: bool,
	},
	/// Remove the ask of another provider that has expired or lost its bond.
	Evict {
		/// The provider.
		account: String,
		/// NAME@NUMBER.
		version: String,
	},
	/// Serve a version no more.
	Unask {
		/// NAME@NUMBER.
		version: String,
	},
	/// Add to the bond.
	Bond {
		/// How many ASY.
		amount: Amount,
	},
	/// Begin to take out bond.
	Unbond {
		/// How many ASY.
		amount: Amount,
	},
	/// Take out what is unbonded.
	Withdraw,
}

/// What a provider says of itself.
#[derive(Debug, Args)]
pub struct ProfileArgs {
	/// The URL of its artifact gateway.
	#[arg(long)]
	pub endpoint: Option<String>,
	/// The engine and its configuration, for example ort-1.31.1/cpu.
	#[arg(long)]
	pub runtime: Option<String>,
	/// A device that it runs on. Repeat for each.
	#[arg(long = "device")]
	pub devices: Vec<String>,
}

/// Commands on artifacts.
#[derive(Debug, Subcommand)]
pub enum ArtifactCommand {
	/// Upload a file to a gateway.
	Put {
		/// The file.
		file: PathBuf,
		/// The URL of the gateway.
		#[arg(long)]
		gateway: String,
	},
	/// Fetch a file from a gateway and check its hash.
	Get {
		/// The BLAKE3 hash.
		hash: ArtifactHash,
		/// The URL of the gateway.
		#[arg(long)]
		gateway: String,
		/// Where to write it; named by its hash by default.
		#[arg(long, short)]
		output: Option<PathBuf>,
		/// The most bytes to take.
		#[arg(long, default_value_t = assay_primitives::model::MAX_ARTIFACT)]
		max_size: u64,
	},
}

/// How far to wait for a result.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Until {
	/// Only until the request is in a block.
	None,
	/// Until a provider has answered.
	Provisional,
	/// Until the result is settled and paid.
	Final,
}

/// What a requester agrees to for a job.
#[derive(Debug, Args)]
pub struct TermsArgs {
	/// The most that the job may cost in ASY; enough for every able provider by default.
	#[arg(long)]
	pub max_fee: Option<Amount>,
	/// What a right answer is worth in ASY: the provider stakes at least this.
	#[arg(long, default_value = "0")]
	pub value: Amount,
	/// The blocks within which a result must come; enough for three providers by default.
	#[arg(long, value_name = "BLOCKS")]
	pub deliver_within: Option<u32>,
	/// If the result is proven wrong, have another provider answer, rather than the fee back.
	#[arg(long)]
	pub reassign: bool,
	/// Who may answer.
	#[command(flatten)]
	pub choice: ChoiceArgs,
	/// Somebody earns by the result. Licences and rights to data can forbid it.
	#[arg(long)]
	pub commercial: bool,
	/// What the result is for, in a word that the licence or the right to data names.
	#[arg(long, value_name = "WORD")]
	pub purpose: Option<String>,
	/// The right to data by which the job uses it: `grant:NUMBER`, or `pool:NUMBER/ASSET`. What a
	/// grant costs a use is in the largest fee by default.
	#[arg(long, value_name = "RIGHT")]
	pub data: Option<DataRef>,
}

/// What a batch cannot be: a result that is there already, one of several providers, or one that is
/// drawn again.
const NOT_OF_BATCHES: [&str; 4] = ["reuse", "providers", "answers", "reassign"];

/// A job to request.
#[derive(Debug, Args)]
pub struct InferArgs {
	/// NAME or NAME@NUMBER.
	#[arg(long)]
	pub model: String,
	/// An input as NAME=VALUE; VALUE is @file.npy, @file.json or JSON. Repeat for each.
	#[arg(long = "input", value_name = "NAME=VALUE")]
	pub inputs: Vec<String>,
	/// Run many inputs as one job, a batch: each --input has one axis more than its declaration,
	/// the first, which counts the items. One without it is the same for every item.
	#[arg(long, requires = "gateway", conflicts_with_all = NOT_OF_BATCHES)]
	pub batch: bool,
	/// A batch of the files in a folder, in the order of their names, each the input of an item;
	/// for a version with one input.
	#[arg(
		long,
		value_name = "FOLDER",
		requires = "gateway",
		conflicts_with = "inputs",
		conflicts_with_all = NOT_OF_BATCHES
	)]
	pub batch_dir: Option<PathBuf>,
	/// An input that somebody has encrypted with `assay data seal-input`: its card. The job names the
	/// right to the data with --data.
	#[arg(
		long,
		value_name = "CARD",
		requires = "data",
		conflicts_with_all = ["inputs", "batch", "batch_dir", "reuse"]
	)]
	pub sealed_input: Option<PathBuf>,
	/// The encrypted file of the card, to upload to --gateway; otherwise it lies where the card or
	/// --gateway says.
	#[arg(long, value_name = "FILE", requires_all = ["sealed_input", "gateway"])]
	pub sealed_file: Option<PathBuf>,
	/// If the chain keeps a final result for the very same input, take that at once, for the
	/// model's own price.
	#[arg(long, conflicts_with_all = ["providers", "only", "prefer", "tier"])]
	pub reuse: bool,
	/// What is agreed to.
	#[command(flatten)]
	pub terms: TermsArgs,
	/// How many providers run the request, each for itself and for its own fee.
	#[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u8).range(2..=8))]
	pub providers: Option<u8>,
	/// The answers after which no other provider is waited for; all of them by default.
	#[arg(
		long,
		value_name = "COUNT",
		requires = "providers",
		value_parser = clap::value_parser!(u8).range(1..=8)
	)]
	pub answers: Option<u8>,
	/// How far to wait.
	#[arg(long, value_enum, default_value_t = Until::Final)]
	pub wait: Until,
	/// Write the outputs to this folder as .npy files; those of several providers each to a folder
	/// of its own in it, named by the job. Those of a batch have the items as their first axis.
	#[arg(long, visible_alias = "out", value_name = "FOLDER")]
	pub output: Option<PathBuf>,
	/// The gateway for inputs beyond 64 KiB, and for those of batches.
	#[arg(long, value_name = "URL")]
	pub gateway: Option<String>,
}

/// Commands on jobs.
#[derive(Debug, Subcommand)]
pub enum JobCommand {
	/// Show a job.
	Show {
		/// The job.
		job: JobId,
	},
	/// Pay more for a job that waits for a provider.
	TopUp {
		/// The job.
		job: JobId,
		/// How many ASY more.
		amount: Amount,
	},
	/// Wait longer for a job that has no provider.
	Extend {
		/// The job.
		job: JobId,
		/// How many blocks more.
		blocks: u32,
	},
	/// Follow a job until it ends.
	Watch {
		/// The job.
		job: JobId,
	},
	/// List jobs, newest first.
	List {
		/// Only jobs of this requester.
		#[arg(long)]
		requester: Option<String>,
		/// Only jobs of this provider.
		#[arg(long)]
		provider: Option<String>,
		/// Only jobs of a version: NAME or NAME@NUMBER.
		#[arg(long)]
		model: Option<String>,
		/// Only jobs that can still change.
		#[arg(long)]
		open: bool,
		/// The most jobs to list.
		#[arg(long, default_value_t = 20)]
		limit: u32,
	},
	/// Open an item of a batch that is provisional: the two files of the batch are fetched and
	/// checked, and the item becomes a job whose result can be disputed. Anybody may.
	OpenItem {
		/// The batch.
		job: JobId,
		/// The number of the item, from 0.
		index: u32,
		/// The file of the batch's inputs; fetched from where the request says by default.
		#[arg(long, value_name = "FILE")]
		inputs: Option<PathBuf>,
		/// The file of the batch's outputs; fetched from the provider by default.
		#[arg(long, value_name = "FILE")]
		outputs: Option<PathBuf>,
	},
	/// Take back a request that has no provider yet.
	Cancel {
		/// The job.
		job: JobId,
	},
	/// Settle a job whose window has passed. Anybody may.
	Settle {
		/// The job.
		job: JobId,
	},
	/// Close a job whose deadline has passed. Anybody may.
	Expire {
		/// The job.
		job: JobId,
	},
}

/// Commands on disputes. The records of a dispute are pruned some time after it ends.
#[derive(Debug, Subcommand)]
pub enum DisputeCommand {
	/// List disputes, oldest job first.
	List {
		/// The most disputes to list.
		#[arg(long, default_value_t = 20)]
		limit: u32,
	},
	/// Show the transcript of a dispute: its histories, what they differ in, and the money.
	Show {
		/// JOB for the latest dispute of its result, or JOB.NUMBER.
		#[arg(value_name = "DISPUTE")]
		dispute: DisputeKey,
		/// The dispute of the probe, which decides about a gross deviation from a tolerance.
		#[arg(long)]
		probe: bool,
	},
	/// Follow a dispute until it has ended and all is divided.
	Watch {
		/// JOB for the latest dispute of its result, or JOB.NUMBER.
		#[arg(value_name = "DISPUTE")]
		dispute: DisputeKey,
		/// The dispute of the probe, which decides about a gross deviation from a tolerance.
		#[arg(long)]
		probe: bool,
	},
}

/// Commands on audits. An audit is gone when it ends; its events stay.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
	/// List the audits that go on, oldest job first.
	List {
		/// The most audits to list.
		#[arg(long, default_value_t = 20)]
		limit: u32,
	},
	/// Show the audit of a job.
	Show {
		/// The job.
		job: JobId,
	},
}

/// Commands on demands. A chunk has 1,024 bytes of a tensor.
#[derive(Debug, Subcommand)]
pub enum DemandCommand {
	/// List the demands that are open.
	List {
		/// Only those about this job.
		job: Option<JobId>,
		/// Only those that this account is to have an answer for.
		#[arg(long)]
		party: Option<String>,
		/// The most demands to list.
		#[arg(long, default_value_t = 100)]
		limit: u32,
	},
	/// Demand a chunk of a job's input or output, at a price.
	Make {
		/// The job.
		job: JobId,
		/// Of the input, that the requester committed to, or of the output of the provider.
		side: Side,
		/// The number of the tensor, from 0.
		#[arg(long, default_value_t = 0)]
		tensor: u32,
		/// The number of the chunk, from 0.
		#[arg(long, default_value_t = 0)]
		chunk: u32,
	},
	/// Answer a demand.
	Serve {
		/// The job.
		job: JobId,
		/// The demand.
		demand: DemandId,
		/// The artifact of the input or output, as a gateway serves it; of a batch and of its items,
		/// that of the batch's outputs.
		file: PathBuf,
	},
	/// Carry out what becomes of a demand that nobody has answered in time.
	Expire {
		/// The job.
		job: JobId,
		/// The demand.
		demand: DemandId,
	},
}

/// What to estimate.
#[derive(Debug, Args)]
pub struct EstimateArgs {
	/// NAME or NAME@NUMBER.
	#[arg(long)]
	pub model: String,
	/// The shape of an input as NAME=LENGTHS, for example bytes=1,2048; its largest by default.
	#[arg(long = "input-shape", value_name = "NAME=LENGTHS")]
	pub shapes: Vec<String>,
	/// The items of a batch, each with inputs of these shapes.
	#[arg(
		long,
		value_name = "COUNT",
		default_value_t = 1,
		value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_ITEMS))
	)]
	pub items: u32,
	/// Who may answer.
	#[command(flatten)]
	pub choice: ChoiceArgs,
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::CommandFactory;

	#[test]
	fn the_arguments_are_consistent() {
		Cli::command().debug_assert();
	}

	#[test]
	fn a_key_file_and_a_development_key_exclude_each_other() {
		let line = ["assay", "account", "show", "--key", "f", "--dev-key", "//Alice"];
		assert!(Cli::try_parse_from(line).is_err());
	}

	#[test]
	fn a_batch_needs_a_gateway_and_is_one_job_of_one_provider() {
		let parsed = |arguments: &[&str]| {
			let line = [&["assay", "infer", "--model", "a"], arguments].concat();
			Cli::try_parse_from(line).is_ok()
		};
		let gateway = ["--gateway", "http://x"];
		for batch in [&["--batch"][..], &["--batch-dir", "f"]] {
			assert!(parsed(&[batch, &gateway].concat()) && !parsed(batch));
			for other in [&["--providers", "2"][..], &["--reuse"], &["--reassign"]] {
				assert!(!parsed(&[batch, &gateway, other].concat()), "{other:?}");
			}
		}
		assert!(!parsed(&[&["--batch-dir", "f", "--input", "x=1"][..], &gateway].concat()));
	}

	#[test]
	fn a_sealed_input_names_a_right_and_is_the_only_input() {
		let parsed = |arguments: &str| {
			let line = format!("assay infer --model a --sealed-input c.json {arguments}");
			Cli::try_parse_from(line.split_whitespace()).is_ok()
		};
		assert!(parsed("--data grant:7") && parsed("--data pool:1/7 --providers 2"));
		assert!(parsed("--data grant:7 --sealed-file x.enc --gateway http://x"));
		for arguments in [
			"",
			"--data 7",
			"--data grant:7 --input x=1",
			"--data grant:7 --reuse",
			"--data grant:7 --batch-dir f --gateway http://x",
			"--data grant:7 --sealed-file x.enc",
		] {
			assert!(!parsed(arguments), "{arguments}");
		}
	}

	#[test]
	fn parents_are_checked_while_parsing() {
		let parsed = |arguments: &str| {
			let line = format!("assay model {arguments}");
			Cli::try_parse_from(line.split_whitespace()).is_ok()
		};
		let parent = "--parent version:base@1,relation=distilled,share=10%";
		assert!(parsed(&format!("declare mine@1 {parent} --parent asset:7,share=1%")));
		assert!(parsed(&format!("consent mine@1 {parent}")));
		assert!(parsed(&format!("register --name mine --onnx m.onnx {parent}")));
		assert!(!parsed("declare mine@1") && !parsed("consent mine@1"));
		assert!(!parsed("declare mine@1 --parent base"));
	}

	#[test]
	fn amounts_are_checked_while_parsing() {
		assert!(Cli::try_parse_from(["assay", "provider", "bond", "1.5"]).is_ok());
		assert!(Cli::try_parse_from(["assay", "provider", "bond", "much"]).is_err());
	}
}
