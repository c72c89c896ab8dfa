//! What clients read, through the runtime API.

use crate::{
	input::TENSOR_OVERHEAD, types::Job, Assignments, Config, Inputs, Jobs, NextJob, Outputs,
	Pallet, RequesterJobs,
};
use alloc::vec::Vec;
use assay_primitives::{
	api::{Estimate, EstimateError, JobFilter, Page, MAX_PAGE},
	batch::is_batch,
	job::{Choice, Input, JobKind, JobState, JobView, Output},
	model::{Artifact, Locator, VersionSpec, VersionStatus},
	money::{Fee, FeeSplit},
	provider::Candidate,
	tensor::{byte_length, elements, Shape},
	traits::{ModelInspect, ProviderMarket},
	AccountId, AssetId, JobId, VersionId,
};
use codec::{Encode, MaxEncodedLen};
use frame_support::traits::Get;

/// The most jobs that one listing looks at.
const MAX_SCAN: usize = 1_000;
/// The kind, the root and the number of items in the encoding of the input of a batch.
const BATCH_OVERHEAD: usize = 1 + 32 + 4;

impl<T: Config> Pallet<T> {
	/// The asset of data that a job uses which a provider has to answer now, and whose input is not
	/// on the chain.
	pub fn data_to_run(id: JobId, provider: &T::AccountId) -> Option<AssetId> {
		let job = Jobs::<T>::get(id).filter(Job::is_private)?;
		let data = job.earners.data.filter(|_| match &job.state {
			JobState::Assigned { provider: assigned, .. } => assigned == provider,
			_ => false,
		});
		data.map(|data| data.asset)
	}

	/// A job by its id, until it is pruned.
	pub fn job(id: JobId) -> Option<JobView<T::AccountId>> {
		Jobs::<T>::get(id).map(|record| Self::view(id, record))
	}

	fn view(id: JobId, record: Job<T::AccountId>) -> JobView<T::AccountId> {
		let shares = match (&record.agreement, record.state.provider()) {
			_ if !record.state.is_open() => record.paid.to_vec(),
			(Some(agreement), Some(provider)) => {
				T::FeeSplit::split(agreement.fee, provider, &record.earners)
			},
			_ => Vec::new(),
		};
		record.view(id, shares)
	}

	/// The jobs that a provider has to answer, in ascending order, from `start` on.
	pub fn assignments(provider: T::AccountId, start: JobId) -> Vec<JobId> {
		// All of them are read: they lie in the order of hashes, and one that is left out here
		// would be missed. Each has stake of the provider locked, which bounds their number.
		let mut jobs: Vec<JobId> =
			Assignments::<T>::iter_key_prefix(provider).filter(|job| *job >= start).collect();
		jobs.sort_unstable();
		jobs.truncate(usize::try_from(MAX_PAGE).unwrap_or(usize::MAX));
		jobs
	}

	/// The input of an open job.
	pub fn job_input(id: JobId) -> Option<Input> {
		Inputs::<T>::get(id)
	}

	/// The output of a job, provisional or final.
	pub fn job_output(id: JobId) -> Option<Output> {
		Outputs::<T>::get(id)
	}

	/// What a request with inputs of these shapes would cost with whom the choice admits; `items` is
	/// their number in a batch, and one of a single job.
	pub fn estimate(
		version: VersionId,
		shapes: Vec<Shape>,
		items: u32,
		choice: Choice<T::AccountId>,
	) -> Result<Estimate, EstimateError> {
		let info = T::Models::version(version).ok_or(EstimateError::UnknownVersion)?;
		if info.status != VersionStatus::Active {
			return Err(EstimateError::Deprecated);
		}
		let kind = match items {
			1 => JobKind::Single,
			items if is_batch(items) => JobKind::Batch { items },
			_ => return Err(EstimateError::WrongItems),
		};
		let time = Self::batch_time(&info.spec, kind);
		if !Self::leaves_time(Self::draw_block(0), time, T::MaxDeliverWithin::get()) {
			return Err(EstimateError::WrongItems);
		}
		let units = units_of(&info.spec, &shapes)?;
		let units = units.checked_mul(items.into()).ok_or(EstimateError::Overflow)?;
		let mut fees = Vec::new();
		for candidate in Self::admitted(version, choice) {
			let fee =
				Fee::of(units, candidate.ask, info.spec.price).ok_or(EstimateError::Overflow)?;
			let exposure = Self::exposure(fee, 0).ok_or(EstimateError::Overflow)?;
			if exposure <= candidate.free_stake && candidate.weight() > 0 {
				fees.push(fee);
			}
		}
		let drawn = T::AssignmentDelay::get().saturating_add(1);
		// The provider sees its assignment in the block of the draw, and answers in the next; all items
		// of a batch take the time that they take on the reference machine.
		let provisional = drawn.saturating_add(1).saturating_add(time);
		let bytes = match kind {
			JobKind::Batch { .. } => Some(batch_size(&shapes)),
			_ => inline_size(&info.spec, &shapes),
		};
		let bytes = bytes.ok_or(EstimateError::Overflow)?;
		Ok(Estimate {
			units,
			lowest: fees.iter().min_by_key(|fee| fee.total()).copied(),
			highest: fees.iter().max_by_key(|fee| fee.total()).copied(),
			providers: u32::try_from(fees.len()).unwrap_or(u32::MAX),
			asks: T::Providers::count(version),
			deposit: Self::deposit_for(bytes).map_err(|_| EstimateError::Overflow)?,
			blocks_to_provisional: provisional,
			blocks_to_settled: provisional.saturating_add(Self::challenge_window(&info.spec, kind)),
		})
	}

	/// Those that could be drawn now: of the named ones, or of the cheapest.
	fn admitted(version: VersionId, choice: Choice<T::AccountId>) -> Vec<Candidate<T::AccountId>> {
		let named = |names: &[T::AccountId]| -> Vec<_> {
			names.iter().filter_map(|name| T::Providers::candidate(version, name)).collect()
		};
		match choice {
			Choice::Any => T::Providers::cheapest(version),
			Choice::Tier(least) => {
				let mut candidates = T::Providers::cheapest(version);
				candidates.retain(|candidate| candidate.tier >= least);
				candidates
			},
			Choice::Only(names) => named(&names),
			Choice::Prefer(names) => match named(&names) {
				none if none.is_empty() => T::Providers::cheapest(version),
				some => some,
			},
		}
	}
}

fn units_of(spec: &VersionSpec, shapes: &[Shape]) -> Result<u64, EstimateError> {
	if spec.inputs.len() != shapes.len() {
		return Err(EstimateError::WrongShapes);
	}
	for (input, shape) in spec.inputs.iter().zip(shapes) {
		input.check(input.dtype, shape).map_err(|_| EstimateError::WrongShapes)?;
	}
	spec.commitments.bind(shapes).map_err(|_| EstimateError::WrongShapes)?;
	let counts: Option<Vec<u64>> = shapes.iter().map(|shape| elements(shape)).collect();
	spec.units(counts.ok_or(EstimateError::Overflow)?).ok_or(EstimateError::Overflow)
}

/// The most bytes that the encoding of the input of a batch with items of these shapes can have.
fn batch_size(shapes: &[Shape]) -> usize {
	Artifact::max_encoded_len()
		.saturating_add(Locator::max_encoded_len())
		.saturating_add(shapes.encoded_size())
		.saturating_add(BATCH_OVERHEAD)
}

/// The most that the inputs' encoding can have, if they were inline.
fn inline_size(spec: &VersionSpec, shapes: &[Shape]) -> Option<usize> {
	let size =
		spec.inputs.iter().zip(shapes).try_fold(TENSOR_OVERHEAD, |sum, (input, shape)| {
			sum.checked_add(byte_length(input.dtype, shape)?)?.checked_add(TENSOR_OVERHEAD)
		})?;
	// A larger input goes by artifact, and only its header is stored.
	usize::try_from(size.min(u64::from(assay_primitives::job::MAX_INLINE_INPUT))).ok()
}

impl<T: Config<AccountId = AccountId>> Pallet<T> {
	/// Jobs, newest first, from `start` down. A page looks at a bounded number of jobs.
	pub fn jobs(
		filter: JobFilter,
		start: Option<JobId>,
		limit: u32,
	) -> Page<JobView<AccountId>, JobId> {
		let limit = usize::try_from(limit.clamp(1, MAX_PAGE)).unwrap_or(usize::MAX);
		let newest = NextJob::<T>::get().0.checked_sub(1).map(JobId);
		let Some(newest) = newest.map(|newest| start.unwrap_or(newest).min(newest)) else {
			return Page { items: Vec::new(), next: None };
		};
		// One more than is looked at: the first of the next page.
		let ids = match &filter.requester {
			Some(requester) => Self::requested_by(requester, newest),
			None => Self::ids_down_from(newest),
		};
		let mut ids = ids.into_iter().enumerate().peekable();
		let mut items = Vec::new();
		while items.len() < limit {
			let Some((_, id)) = ids.next_if(|(index, _)| *index < MAX_SCAN) else { break };
			if let Some(view) = Self::job(id).filter(|view| matches(&filter, view)) {
				items.push(view);
			}
		}
		Page { items, next: ids.peek().map(|(_, id)| *id) }
	}

	fn ids_down_from(newest: JobId) -> Vec<JobId> {
		(0..=newest.0).rev().take(MAX_SCAN.saturating_add(1)).map(JobId).collect()
	}

	fn requested_by(requester: &AccountId, newest: JobId) -> Vec<JobId> {
		let mut ids: Vec<JobId> =
			RequesterJobs::<T>::iter_key_prefix(requester).filter(|id| *id <= newest).collect();
		ids.sort_unstable_by(|left, right| right.cmp(left));
		ids.truncate(MAX_SCAN.saturating_add(1));
		ids
	}
}

fn matches(filter: &JobFilter, view: &JobView<AccountId>) -> bool {
	let provider = filter.provider.as_ref();
	provider.is_none_or(|provider| view.state.provider() == Some(provider))
		&& filter.version.is_none_or(|version| view.version == version)
		&& (!filter.open || view.state.is_open())
}
