//! The traits by which pallets meet. Joined in `runtime/src/configs/`.

use crate::{
	ids::{JobId, ModelId, Root, VersionId},
	job::{Input, JobKind, OutputRecord, TensorHeader, Terms},
	licence::Licence,
	model::{Tolerance, VersionSpec, VersionStatus},
	money::Earners,
	provider::{Candidate, Engagement, Performance, Statistics},
	Balance, BlockNumber,
};
#[cfg(feature = "runtime-benchmarks")]
use crate::{
	licence::MAX_ANCESTORS,
	rights::{DataRef, Usage},
};
use alloc::vec::Vec;
use assay_canon::commitment::{GraphHeader, Hash};
use sp_runtime::{DispatchError, DispatchResult, Weight};

/// What others need to know of a published version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VersionInfo<AccountId> {
	/// Who owns the model and is paid the price.
	pub owner: AccountId,
	/// What the publisher declared, with the present price.
	pub spec: VersionSpec,
	/// Whether it takes new jobs.
	pub status: VersionStatus,
	/// What the owner lets others do with it.
	pub licence: Licence,
}

/// The most versions that [`ModelInspect::newest_active`] looks at.
pub const NEWEST_OF: u32 = 8;
/// What it reads at most: each of them, and its lineage.
pub const NEWEST_READS: u64 = 2 * NEWEST_OF as u64;

/// Reads the registry of models.
pub trait ModelInspect<AccountId> {
	/// The version, if it is published.
	fn version(version: VersionId) -> Option<VersionInfo<AccountId>>;

	/// Whether the version is published and takes new jobs.
	fn is_active(version: VersionId) -> bool {
		Self::version(version).is_some_and(|info| info.status == VersionStatus::Active)
	}

	/// Who earns by a version that is published: the owner and its ancestors. `None` while the
	/// consent of the owner of one of them is waited for.
	fn earners(_version: VersionId, info: &VersionInfo<AccountId>) -> Option<Earners<AccountId>>
	where
		AccountId: Clone,
	{
		Some(Earners::only(info.owner.clone()))
	}

	/// The newest version of a model that takes new jobs, among its last [`NEWEST_OF`].
	fn newest_active(_model: ModelId) -> Option<VersionId> {
		None
	}
}

/// Freezes versions.
pub trait ModelFreeze<AccountId> {
	/// Freeze a version whose graph was proven invalid: it takes no jobs any more, and its deposit
	/// goes to the prover.
	fn freeze(version: VersionId, prover: &AccountId);
}

/// Draws on the registry of providers.
///
/// Every `assign` is followed by exactly one `finish` or `slash` with the same engagement.
pub trait ProviderMarket<AccountId> {
	/// The number of asks for the version. Of them `candidates` reads at most
	/// [`crate::provider::MAX_CANDIDATES`].
	fn count(version: VersionId) -> u32;

	/// Providers that can be drawn now for a version: of its asks that may be no dearer than `most`
	/// a unit, at most [`crate::provider::MAX_CANDIDATES`] that the seed chooses.
	fn candidates(version: VersionId, most: Balance, seed: u128) -> Vec<Candidate<AccountId>>;

	/// Of the cheapest asks for a version, as many as `candidates` reads, those that can be drawn
	/// now.
	fn cheapest(version: VersionId) -> Vec<Candidate<AccountId>>;

	/// This provider, if it can be drawn now for a version.
	fn candidate(version: VersionId, provider: &AccountId) -> Option<Candidate<AccountId>>;

	/// Count a job as assigned, and lock its exposure.
	///
	/// Fails when the provider is gone, does not ask for the version, or its free stake is less than
	/// the exposure.
	fn assign(provider: &AccountId, engagement: Engagement) -> DispatchResult;

	/// A job of the version is not the provider's to answer any more: its ask has room for another.
	/// Follows each `assign` once, before what ends the job.
	fn answered(provider: &AccountId, version: VersionId);

	/// Unlock the exposure of a job and count what became of it.
	fn finish(provider: &AccountId, engagement: Engagement, performance: Performance);

	/// Take the exposure of a job out of the provider's bond, in place of `finish`: each share goes
	/// to its account, and the rest is burned.
	fn slash(provider: &AccountId, engagement: Engagement, shares: &[(AccountId, Balance)]);
}

/// Reads the record of providers.
pub trait ProviderInspect<AccountId> {
	/// What became of the jobs that a provider was assigned; of nobody, nothing.
	fn statistics(provider: &AccountId) -> Statistics;
}

/// Reads whether providers are alive.
pub trait ProviderLiveness<AccountId> {
	/// Whether the provider takes work now: it is online, and its last heartbeat has not expired.
	fn is_available(provider: &AccountId) -> bool;

	/// The block of the provider's last heartbeat; `None` if it is none.
	fn last_heartbeat(provider: &AccountId) -> Option<BlockNumber>;

	/// The blocks after which a heartbeat expires.
	fn heartbeat_period() -> BlockNumber;
}

/// What a chain knows of its own finality.
pub trait Finality {
	/// Whether the finalized chain is further behind than the clocks of disputes can wait for.
	fn lags() -> bool;
}

/// Hears of results.
pub trait OnSubmitted {
	/// A result is provisional from this block on.
	fn submitted(job: JobId);

	/// A provisional result differs from that of another replica of its group, although both have to
	/// have the same bits: one of them is wrong.
	fn doubted(_job: JobId) {}
}

impl OnSubmitted for () {
	fn submitted(_: JobId) {}
}

/// Requests jobs in the name of accounts.
pub trait JobRequests<AccountId> {
	/// Request a job, and tell what is held of the requester for it: the most that it may cost, and
	/// the deposit. It is what [`JobRequests::cost`] says.
	fn request(
		requester: AccountId,
		version: VersionId,
		input: Input,
		terms: Terms<AccountId>,
	) -> Result<(JobId, Balance), DispatchError>;

	/// What is held for a job with this input and these terms, whatever its version is.
	fn cost(input: &Input, terms: &Terms<AccountId>) -> Result<Balance, DispatchError>;

	/// What a request takes at most.
	fn request_weight() -> Weight;
}

/// A job whose result is disputed: what the game is about, and what is at stake.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contest<AccountId> {
	/// Which of the job's disputes it is, from one on.
	pub number: u8,
	/// The commitment to the version's graph.
	pub graph: Root,
	/// The values of the job's symbols.
	pub symbols: Vec<u32>,
	/// The root of each input tensor.
	pub inputs: Vec<Root>,
	/// Who asked and pays.
	pub requester: AccountId,
	/// Whose result it is.
	pub provider: AccountId,
	/// The part of the provider's stake that the job locks.
	pub exposure: Balance,
	/// The root of the list of output tensors that was submitted.
	pub output: Root,
	/// The number of the version's outputs.
	pub outputs: u32,
	/// The blocks that each step of the game takes at least, for what the job costs to check.
	pub least_step: BlockNumber,
	/// How close to the canonical outputs those submitted have to be; `None` for equal bits.
	pub tolerance: Option<Tolerance>,
	/// What decides the probe of the job: nobody knew it when the input was chosen.
	pub seed: Root,
}

/// Draws on the market for jobs, to dispute their results.
///
/// Every `contest` is followed by exactly one `uphold`, `refute`, `correct` or `void`.
pub trait Contestable<AccountId> {
	/// Keep a provisional result from settling until the verdict.
	///
	/// Fails when the job has no result that can be disputed now.
	fn contest(job: JobId) -> Result<Contest<AccountId>, DispatchError>;

	/// The result stands: settle it.
	fn uphold(job: JobId);

	/// The result is wrong: refund the requester, and take the job's exposure from the provider's
	/// stake. Each share goes to its account, and the rest is burned. Or, if the version's graph
	/// was proven invalid meanwhile, refund the requester and return `false`.
	fn refute(job: JobId, shares: &[(AccountId, Balance)]) -> bool;

	/// The result is outside of the tolerance, without guilt: the result is what the history with
	/// this root delivers. The fee is paid, the provider's part of it to `payee`, which is returned.
	fn correct(job: JobId, history: Root, payee: &AccountId) -> Balance;

	/// The dispute ended without a verdict: refund the requester, at nobody's cost.
	fn void(job: JobId, reason: VoidReason<AccountId>);
}

/// Why a dispute ended without a verdict.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum VoidReason<AccountId> {
	/// Nobody showed which result is right.
	Undecided,
	/// The version's graph is invalid.
	InvalidVersion {
		/// Who has proven it.
		prover: AccountId,
	},
}

/// A job of which something has to be found out before it goes on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stayed<AccountId> {
	/// The attempt that is stayed: providers drawn for the job so far.
	pub attempt: u8,
	/// The version that is run.
	pub version: VersionId,
	/// Who asked and pays.
	pub requester: AccountId,
	/// Whom the job is with.
	pub provider: AccountId,
	/// The part of the provider's stake that the job locks.
	pub exposure: Balance,
	/// The whole fee.
	pub fee: Balance,
	/// Whether it is a batch, or an item of one.
	pub kind: JobKind,
	/// The root of the list of input tensors.
	pub input: Root,
	/// Whether the input is inline, so that the chain has it.
	pub input_inline: bool,
	/// Whether the input is somebody's data, which only its provider is given.
	pub private: bool,
	/// The shape and the root of each input tensor; empty if the input is inline.
	pub inputs: Vec<TensorHeader>,
	/// The result, if there is one.
	pub output: Option<OutputRecord>,
	/// The blocks that checking a job of the version takes at least.
	pub least_step: BlockNumber,
}

/// A result that is provisional.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Provisional<AccountId> {
	/// The attempt that it is the result of: providers drawn for the job so far.
	pub attempt: u8,
	/// The version that was run.
	pub version: VersionId,
	/// Whose result it is.
	pub provider: AccountId,
}

/// What became of a job whose input or output was not shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Withheld {
	/// It ended, or was drawn again, at the cost of whom it was withheld by.
	Done,
	/// Its result is disputed: the verdict comes first.
	Disputed,
	/// It went another way meanwhile.
	Over,
}

/// Draws on the market for jobs, to find something out before a result is final.
///
/// Every `stay` is followed by exactly one `resume`, or by one `withhold_input` or
/// `withhold_output` that is [`Withheld::Done`], with the same attempt.
pub trait Stayable<AccountId> {
	/// Stop the clock of a job: that of its challenge window, or, asked for by the provider that it
	/// is assigned to, that of its answer. Stays are counted; while there is one, no clock runs.
	///
	/// Fails when the job is in no such state, or when its clock has been stopped for as long as it
	/// may be.
	fn stay(job: JobId, by: &AccountId) -> Result<Stayed<AccountId>, DispatchError>;

	/// A result that is provisional and not disputed.
	fn provisional(job: JobId) -> Option<Provisional<AccountId>>;

	/// One stay less. With the last one the clock goes on with what was left of it.
	fn resume(job: JobId, attempt: u8);

	/// The provider has not shown its output: take the job's exposure from its stake, each share to
	/// its account and the rest burned, as if the result had been refuted.
	fn withhold_output(job: JobId, attempt: u8, shares: &[(AccountId, Balance)]) -> Withheld;

	/// The requester has not shown its input: it pays the fee, and nobody knows a result.
	fn withhold_input(job: JobId, attempt: u8) -> Withheld;
}

/// Why two histories of a job cannot be disputed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Undisputable {
	/// The header is not that of the version's graph: with the right one they could be.
	WrongHeader,
	/// Nothing can be found out about the job.
	Refused,
}

/// Opens disputes in which histories were revealed before.
pub trait Disputable<AccountId> {
	/// The bond for a history of a job that locks this exposure.
	fn bond(exposure: Balance) -> Balance;

	/// Let two histories of a job that differ play, with a bond of each account behind its own.
	/// Nothing has changed where this fails.
	fn open(
		job: JobId,
		header: &GraphHeader,
		histories: [(AccountId, Hash); 2],
	) -> Result<(), Undisputable>;
}

/// Sets the scene for benchmarks of a pallet that draws on other pallets.
#[cfg(feature = "runtime-benchmarks")]
pub trait BenchmarkScene<AccountId> {
	/// Publish an active version with one float32 input of up to 16,000 elements and one float32
	/// output of up to 4,000, of the largest declaration otherwise, priced by the call, and made from
	/// so many ancestors that earn by it.
	fn publish_with(ancestors: u32) -> VersionId;

	/// The same with as many ancestors as a version can have.
	fn publish_version() -> VersionId {
		Self::publish_with(MAX_ANCESTORS)
	}

	/// A right of an account to data that takes longest to check for a job of a version, and what the
	/// job is to be for; `None` if there is no data.
	fn right(_to: &AccountId, _version: VersionId) -> Option<(DataRef, Usage)> {
		None
	}

	/// Register and bring online `count` providers with an ask for the version; the first is
	/// returned.
	fn serve(version: VersionId, count: u32) -> AccountId;

	/// The most providers that a version can have.
	fn most_providers() -> u32;

	/// Give an account enough of the native token for anything.
	fn fund(account: &AccountId);
}

/// Sets the scene for benchmarks of disputes.
#[cfg(feature = "runtime-benchmarks")]
pub trait DisputeScene {
	/// Have a batch answered and an item of it opened whose inline input has 64,000 bytes, so that its
	/// result can be disputed: a verdict about it is the dearest. Its version has this graph, of one symbol, one input and one output.
	fn submitted_job(graph: Root) -> JobId;
}

/// Sets the scene for benchmarks of audits.
#[cfg(feature = "runtime-benchmarks")]
pub trait AuditScene<AccountId> {
	/// Have a job answered whose inline input has 64,000 bytes. Its version has this graph, of one
	/// symbol, one input and one output, and so many providers.
	fn audited_job(graph: Root, providers: u32) -> JobId;

	/// Give an account enough of the native token for anything.
	fn fund(account: &AccountId);
}

/// Sets the scene for benchmarks of demands.
#[cfg(feature = "runtime-benchmarks")]
pub trait AvailabilityScene {
	/// Have a job answered whose input and output are one float32 tensor each, with at least one
	/// element, and came by artifact.
	fn answered_by_artifact() -> JobId;
}

/// Sets the scene for benchmarks of leases.
#[cfg(feature = "runtime-benchmarks")]
pub trait LeaseScene<AccountId> {
	/// Register a provider and bring it online.
	fn available(index: u32) -> AccountId;

	/// Give an account enough of the native token for anything.
	fn fund(account: &AccountId);
}
