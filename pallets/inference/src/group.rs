//! Groups: one request that several providers run, each for itself.
//!
//! Every replica is a job like any other, with a provider, an exposure, a fee and disputes of its
//! own. Its group only says when results are revealed: a provider seals its result while others
//! still run, so that nobody can copy one, and reveals it when enough are sealed.

use crate::{
	input::check_output,
	types::{tally, Group, Job, Phase, Turn},
	Config, Error, Event, Groups, Jobs, NextJob, Pallet,
};
use alloc::vec::Vec;
use assay_primitives::{
	commitment::result_seal,
	job::{GroupView, Input, JobKind, JobState, Output, Redundancy, RefundReason, Terms},
	traits::{ModelInspect, OnSubmitted},
	JobId, Root, VersionId,
};
use frame_support::{defensive, ensure, traits::Get, weights::Weight};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_request_redundant(
		requester: T::AccountId,
		version: VersionId,
		input: Input,
		terms: Terms<T::AccountId>,
		redundancy: Redundancy,
	) -> DispatchResult {
		ensure!(redundancy.is_valid(), Error::<T>::InvalidRedundancy);
		let Redundancy { replicas, answers } = redundancy;
		let record = Self::admit(&requester, version, &input, terms, replicas)?;
		ensure!(record.kind == JobKind::Single, Error::<T>::IsBatch);
		let group = NextJob::<T>::get();
		let next = group.0.checked_add(replicas.into()).map(JobId);
		let next = next.ok_or(Error::<T>::TooManyJobs)?;
		Self::ensure_can_hold(&record, replicas)?;

		NextJob::<T>::put(next);
		Groups::<T>::insert(group, Group::new(redundancy));
		let record = Job { group: Some(group), ..record };
		for job in Self::replicas_of(group, replicas) {
			Self::open(job, record.clone(), input.clone())?;
		}
		Self::deposit_event(Event::GroupRequested { group, requester, replicas, answers });
		Ok(())
	}

	/// Take a seal. True if it is the one with which the group reveals.
	pub(crate) fn do_seal_result(
		provider: T::AccountId,
		job: JobId,
		seal: Root,
	) -> Result<bool, DispatchError> {
		let record = Jobs::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
		let (before, version) = (record.wake, record.version);
		let group = record.group.ok_or(Error::<T>::NotRedundant)?;
		let sealed =
			record.clone().seal(provider.clone(), seal, Self::now()).map_err(Error::<T>::from)?;
		if Self::is_frozen(version) {
			Self::do_void(job, record, RefundReason::InvalidVersion)?;
			return Ok(true);
		}

		Self::update(job, before, sealed);
		Self::deposit_event(Event::ResultSealed { job, provider });
		Ok(Self::look_after(group))
	}

	pub(crate) fn do_reveal_result(
		provider: T::AccountId,
		job: JobId,
		output: Output,
		salt: Root,
	) -> DispatchResult {
		let record = Jobs::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
		let now = Self::now();
		let seal = record.ensure_may_reveal(&provider, now).map_err(Error::<T>::from)?;
		let info = T::Models::version(record.version).ok_or(Error::<T>::UnknownVersion)?;
		if Self::is_frozen(record.version) {
			return Self::do_void(job, record, RefundReason::InvalidVersion);
		}
		// That the input does not match is said at once, and never sealed.
		let result = check_output::<T>(&info.spec, &output)?.ok_or(Error::<T>::WrongSeal)?;
		let expected = result_seal(job, &provider, &result.root, &salt);
		ensure!(seal == expected, Error::<T>::WrongSeal);
		let (before, group) = (record.wake, record.group);
		let window = Self::challenge_window(&info.spec, record.kind);
		let revealed =
			record.reveal(provider.clone(), result, now, window).map_err(Error::<T>::from)?;

		Self::answered(job, before, provider, revealed, output);
		if let Some(group) = group {
			Self::look_after(group);
		}
		Ok(())
	}

	/// Do what has become due for a group since one of its replicas was sealed, revealed or ended.
	/// True if it reveals from now on.
	pub(crate) fn look_after(group: JobId) -> bool {
		let Some(record) = Groups::<T>::get(group) else {
			defensive!("a replica without its group");
			return false;
		};
		if record.phase == Phase::Over {
			return false;
		}
		let replicas = Self::replicas(group, record.replicas);
		let (waiting, sealed) = tally(replicas.iter().map(|(_, job)| &job.state));
		let (next, turn) = record.advance(waiting, sealed);
		if next != record {
			Groups::<T>::insert(group, next);
		}
		match turn {
			Turn::Wait => {},
			Turn::Reveal => Self::open_seals(group, replicas),
			Turn::Compare => Self::compare(group, &replicas),
		}
		turn == Turn::Reveal
	}

	/// Let sealed results be revealed, and end the replicas that have none at nobody's cost.
	fn open_seals(group: JobId, replicas: Vec<(JobId, Job<T::AccountId>)>) {
		let now = Self::now();
		for (job, record) in replicas {
			match record.state {
				JobState::Sealed { .. } => {
					let before = record.wake;
					Self::update(job, before, record.open_seal(now, T::RevealWindow::get()));
				},
				JobState::Requested | JobState::Assigned { .. } => {
					// It is open, so it can be ended.
					let _ = Self::do_void(job, record, RefundReason::Superseded);
				},
				_ => {},
			}
		}
		Self::deposit_event(Event::GroupRevealing { group });
	}

	/// Say whether the results of a group agree. Where equal bits are required, those that do not
	/// are doubted; within a tolerance, roots that differ prove nothing.
	fn compare(group: JobId, replicas: &[(JobId, Job<T::AccountId>)]) {
		let standing = replicas.iter().filter_map(|(job, record)| match &record.state {
			JobState::Submitted { output, .. }
			| JobState::Challenged { output, .. }
			| JobState::Settled { output, .. } => Some((*job, record.version, output.root)),
			_ => None,
		});
		let results: Vec<_> = standing.collect();
		let is_private = replicas.iter().any(|(_, record)| record.is_private());
		let [(_, version, root), others @ ..] = results.as_slice() else { return };
		if others.is_empty() {
			return;
		}
		if others.iter().all(|(_, _, other)| other == root) {
			return Self::deposit_event(Event::GroupAgreed { group, root: *root });
		}
		Self::deposit_event(Event::GroupDiffers { group });
		let exact = T::Models::version(*version).is_some_and(|info| info.spec.tolerance.is_none());
		if exact && !is_private {
			// How many say the same shows nothing: each of them may be the wrong one.
			for (job, ..) in &results {
				T::OnSubmitted::doubted(*job);
			}
		}
	}

	/// The providers that have or had one of the other replicas of a job's group.
	pub(crate) fn partners(job: JobId, record: &Job<T::AccountId>) -> Vec<T::AccountId> {
		let group = record.group.and_then(|group| Some((group, Groups::<T>::get(group)?)));
		let Some((group, Group { replicas, .. })) = group else { return Vec::new() };
		let others = Self::replicas(group, replicas).into_iter().filter(|(id, _)| *id != job);
		others
			.flat_map(|(_, other)| other.missed.into_iter().chain(other.state.provider().cloned()))
			.collect()
	}

	/// Whether a job is a replica whose group goes on, which is kept until it is over.
	pub(crate) fn is_needed(record: &Job<T::AccountId>) -> bool {
		let group = record.group.and_then(Groups::<T>::get);
		group.is_some_and(|group| group.phase != Phase::Over)
	}

	/// What a call that has ended a job has cost: without a group, less than was asked for.
	pub(crate) fn cost_of(job: JobId, alone: Weight) -> Option<Weight> {
		let replica = Jobs::<T>::get(job).is_some_and(|record| record.group.is_some());
		(!replica).then_some(alone)
	}

	/// Remove a group whose last replica is gone.
	pub(crate) fn prune_group(group: JobId) {
		let Some(Group { replicas, .. }) = Groups::<T>::get(group) else {
			defensive!("a replica without its group");
			return;
		};
		if !Self::replicas_of(group, replicas).any(Jobs::<T>::contains_key) {
			Groups::<T>::remove(group);
		}
	}

	/// The group that a job is a replica of, until its last replica is pruned.
	pub fn group(id: JobId) -> Option<GroupView> {
		let group = Jobs::<T>::get(id).and_then(|record| record.group).unwrap_or(id);
		let Group { replicas, answers, sealed, phase } = Groups::<T>::get(group)?;
		Some(GroupView {
			group,
			replicas: Self::replicas_of(group, replicas).collect(),
			answers,
			sealed,
			revealing: phase == Phase::Revealing,
		})
	}

	/// The replicas of a group that are kept.
	fn replicas(group: JobId, replicas: u8) -> Vec<(JobId, Job<T::AccountId>)> {
		Self::replicas_of(group, replicas)
			.filter_map(|job| Some((job, Jobs::<T>::get(job)?)))
			.collect()
	}

	/// The numbers of the replicas of a group.
	pub(crate) fn replicas_of(group: JobId, replicas: u8) -> impl Iterator<Item = JobId> {
		(0..u64::from(replicas)).filter_map(move |index| group.0.checked_add(index).map(JobId))
	}
}
