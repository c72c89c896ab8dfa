//! What is always true, numbered as in `docs/protocol.md`.

use crate::{
	types::{tally, Job, Phase},
	Agenda, AgendaCursor, Answers, Assignments, Config, Groups, HoldReason, Inputs, Items, Jobs,
	NextJob, Outputs, Pallet, RequesterJobs,
};
use alloc::{collections::BTreeMap, vec::Vec};
use assay_primitives::{
	job::{JobKind, JobState, Output},
	Balance, BlockNumber, JobId,
};
use frame_support::{ensure, traits::fungible::InspectHold};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Check every invariant of this pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::holds_match_jobs()?;
		Self::agenda_has_each_job_once()?;
		Self::inputs_and_outputs_match_states()?;
		Self::indexes_match_jobs()?;
		Self::assigned_jobs_have_agreements()?;
		Self::clocks_stand_while_jobs_are_stayed()?;
		Self::groups_match_replicas()?;
		Self::answers_are_settled()?;
		Self::items_match_batches()
	}

	/// J-10: the items that are opened are exactly the kept jobs of this kind; an item has no fee
	/// while it is open, and its batch waits at least for those that are.
	fn items_match_batches() -> Result<(), TryRuntimeError> {
		let mut open = BTreeMap::<JobId, u32>::new();
		let mut kept = 0usize;
		for (id, job) in Jobs::<T>::iter() {
			let JobKind::Item { batch, index } = job.kind else { continue };
			kept = kept.saturating_add(1);
			ensure!(Items::<T>::get(batch, index) == Some(id), "J-10: an item that is not listed");
			if job.state.is_open() {
				ensure!(job.terms.max_fee == 0, "J-10: an item with a fee");
				let count = open.entry(batch).or_default();
				*count = count.saturating_add(1);
			}
		}
		ensure!(Items::<T>::iter_keys().count() == kept, "J-10: a listed item that is no job");
		for (batch, items) in open {
			let waits = Jobs::<T>::get(batch)
				.is_none_or(|batch| !batch.state.is_open() || batch.stays.open >= items);
			ensure!(waits, "J-10: a batch that does not wait for an item");
		}
		Ok(())
	}

	/// J-9: each answer that is remembered is that of a settled job with this version and input.
	fn answers_are_settled() -> Result<(), TryRuntimeError> {
		let is_settled = |job: &Job<T::AccountId>| matches!(job.state, JobState::Settled { .. });
		for (version, input, job) in Answers::<T>::iter() {
			let job = Jobs::<T>::get(job).ok_or("J-9: an answer of a job that is gone")?;
			ensure!(is_settled(&job), "J-9: an answer that is not final");
			let same = (job.version, job.input_root) == (version, input);
			ensure!(same, "J-9: an answer to another input");
		}
		Ok(())
	}

	/// J-1 and J-2: what is held from each account equals the most that its open jobs may cost,
	/// and the deposits of all its jobs.
	fn holds_match_jobs() -> Result<(), TryRuntimeError> {
		let mut owed = BTreeMap::<T::AccountId, (Balance, Balance)>::new();
		for job in Jobs::<T>::iter_values() {
			let fee = if job.state.is_open() { job.terms.max_fee } else { 0 };
			let (fees, deposits) = owed.entry(job.requester).or_default();
			*fees = fees.checked_add(fee).ok_or("J-1: the fees overflow")?;
			*deposits = deposits.checked_add(job.deposit).ok_or("J-2: the deposits overflow")?;
		}
		for account in frame_system::Account::<T>::iter_keys() {
			let (fees, deposits) = owed.remove(&account).unwrap_or_default();
			let held = |reason: HoldReason| T::Currency::balance_on_hold(&reason.into(), &account);
			ensure!(held(HoldReason::Fee) == fees, "J-1: the hold differs from the open jobs");
			ensure!(
				held(HoldReason::Deposit) == deposits,
				"J-2: the hold differs from the deposits"
			);
		}
		ensure!(owed.is_empty(), "J-1: a job of an account that does not exist");
		Ok(())
	}

	/// J-3: each job has exactly one entry in the agenda, under its wake block, which the sweep
	/// has not left behind.
	fn agenda_has_each_job_once() -> Result<(), TryRuntimeError> {
		let cursor = AgendaCursor::<T>::get();
		for (id, job) in Jobs::<T>::iter() {
			ensure!(Agenda::<T>::contains_key(job.wake, id), "J-3: a job without an entry");
			ensure!(job.wake >= cursor, "J-3: an entry that the sweep has left behind");
			ensure!(id < NextJob::<T>::get(), "J-3: a job beyond the next number");
		}
		ensure!(
			Agenda::<T>::iter_keys().count() == Jobs::<T>::iter_keys().count(),
			"J-3: an entry without a job"
		);
		Ok(())
	}

	/// J-4: inputs are kept exactly of open jobs, outputs exactly of answered ones.
	fn inputs_and_outputs_match_states() -> Result<(), TryRuntimeError> {
		for (id, job) in Jobs::<T>::iter() {
			ensure!(Inputs::<T>::contains_key(id) == job.state.is_open(), "J-4: input");
			let output = Outputs::<T>::get(id);
			ensure!(output.is_some() == job.state.output().is_some(), "J-4: output");
			let by_artifact = matches!(output, Some(Output::Artifact { .. }));
			let recorded = job.state.output().is_some_and(|output| output.artifact.is_some());
			ensure!(by_artifact == recorded, "J-4: the kind of output");
		}
		let jobs = Jobs::<T>::iter_keys().count();
		ensure!(Inputs::<T>::iter_keys().count() <= jobs, "J-4: an input without a job");
		ensure!(
			Outputs::<T>::iter_keys().all(Jobs::<T>::contains_key),
			"J-4: an output without a job"
		);
		Ok(())
	}

	/// J-5: the indexes by requester and by provider list exactly the jobs that they should.
	fn indexes_match_jobs() -> Result<(), TryRuntimeError> {
		let mut assigned = 0usize;
		for (id, job) in Jobs::<T>::iter() {
			ensure!(RequesterJobs::<T>::contains_key(&job.requester, id), "J-5: requester");
			if let JobState::Assigned { provider, .. } | JobState::Sealed { provider, .. } =
				&job.state
			{
				ensure!(Assignments::<T>::contains_key(provider, id), "J-5: provider");
				assigned = assigned.saturating_add(1);
			}
		}
		ensure!(Assignments::<T>::iter_keys().count() == assigned, "J-5: an assignment too many");
		ensure!(
			RequesterJobs::<T>::iter_keys().count() == Jobs::<T>::iter_keys().count(),
			"J-5: a requester's job too many"
		);
		Ok(())
	}

	/// J-6: a job has an agreement exactly when it has a provider, its fee is within what is held
	/// for it, and what was paid is within the fee, or within what is owed for data.
	fn assigned_jobs_have_agreements() -> Result<(), TryRuntimeError> {
		for job in Jobs::<T>::iter_values() {
			let fee = job.agreement.as_ref().map_or(0, |agreement| agreement.fee.total());
			ensure!(fee <= job.terms.max_fee, "J-6: a fee beyond what is held");
			let paid =
				job.paid.iter().fold(0, |sum: Balance, share| sum.saturating_add(share.amount));
			let owed = job.owed_for_data(job.handed.as_ref()).total();
			ensure!(paid <= fee.max(owed), "J-6: more was paid than agreed");
			let handed = job.handed.is_some();
			ensure!(!handed || job.is_private(), "J-6: a key for what is on the chain");
			if job.state.provider().is_some() {
				ensure!(job.agreement.is_some(), "J-6: a provider without an agreement");
			}
		}
		Ok(())
	}

	/// J-7: the clock of a job is stopped exactly while there is a reason to, which only a job with
	/// a provider has.
	fn clocks_stand_while_jobs_are_stayed() -> Result<(), TryRuntimeError> {
		for job in Jobs::<T>::iter_values() {
			let stayed = job.stays.open > 0;
			let right = match job.state {
				JobState::Assigned { due, .. } => (due == BlockNumber::MAX) == stayed,
				JobState::Submitted { until, .. } => (until == BlockNumber::MAX) == stayed,
				JobState::Challenged { .. } | JobState::Sealed { .. } => true,
				_ => !stayed,
			};
			ensure!(right, "J-7: a clock that runs, or stands for nothing");
		}
		Ok(())
	}

	/// J-8: a group exactly has replicas, and what it counts is what they are; only a replica is
	/// sealed, its seal is opened exactly while its group reveals, and no provider has two of them.
	fn groups_match_replicas() -> Result<(), TryRuntimeError> {
		for job in Jobs::<T>::iter_values() {
			let sealed = matches!(job.state, JobState::Sealed { .. });
			ensure!(!sealed || job.group.is_some(), "J-8: a sealed job that is no replica");
			ensure!(
				job.group.is_none_or(Groups::<T>::contains_key),
				"J-8: a replica without a group"
			);
		}
		for (id, group) in Groups::<T>::iter() {
			let all: Vec<_> = Self::replicas_of(id, group.replicas).collect();
			let kept: Vec<_> = all.iter().filter_map(Jobs::<T>::get).collect();
			ensure!(!kept.is_empty(), "J-8: a group without replicas");
			ensure!(kept.iter().all(|job| job.group == Some(id)), "J-8: a job of another group");
			let (waiting, sealed) = tally(kept.iter().map(|job| &job.state));
			let complete = kept.len() == all.len();
			let right = match group.phase {
				Phase::Sealing => {
					let short = sealed < group.answers && waiting > 0;
					complete && short && sealed == group.sealed
				},
				Phase::Revealing => {
					complete && waiting == 0 && sealed > 0 && sealed <= group.sealed
				},
				Phase::Over => waiting == 0 && sealed == 0,
			};
			ensure!(right, "J-8: a count that differs from the replicas");
			for (index, job) in kept.iter().enumerate() {
				if let JobState::Sealed { until, .. } = job.state {
					let opened = until != BlockNumber::MAX;
					ensure!(
						opened == (group.phase == Phase::Revealing),
						"J-8: a seal that is opened before the others, or not with them"
					);
				}
				let mut others = kept.iter().enumerate().filter(|(other, _)| *other != index);
				let shared = job.state.provider().is_some_and(|provider| {
					others.any(|(_, other)| {
						other.state.provider() == Some(provider) || other.missed.contains(provider)
					})
				});
				ensure!(!shared, "J-8: a provider with two replicas");
			}
		}
		Ok(())
	}
}
