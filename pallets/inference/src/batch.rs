//! Batches: many independent items under one root, settled as one (PROTOCOL P5.6).
//!
//! A batch has one provider, one exposure, one fee and one result, whose root covers those of its
//! items. It cannot be disputed as a whole. Whoever finds an item wrong opens it with
//! [`Pallet::open_item`]: the item becomes a job of its own, with a result that is provisional for a
//! window of its own, and is disputed as any job is. The batch waits for all items that are open,
//! which anybody may have opened, at the same time: no dispute shuts out another one.
//!
//! What becomes of an item becomes of its batch. If it is refuted, the provider loses the exposure of
//! the batch and the requester has its whole fee back; if its dispute ends without a verdict, the
//! batch does; if it is corrected, the item's part of the fee is paid as that of a corrected job is.
//! If it stands, the batch goes on. An item has no stake and no fee of its own, so that whatever ends
//! after its batch costs nobody anything.

use crate::{
	input::{check_input, check_output, headers},
	types::{Agreement, Item, Job},
	Config, Error, Event, HoldReason, Inputs, Items, Jobs, NextJob, Outputs, Pallet, RequesterJobs,
};
use alloc::vec::Vec;
use assay_primitives::{
	api::{Page, MAX_PAGE},
	batch::{self, ItemOpening, ItemView},
	job::{Input, JobKind, Output, OutputRecord, RefundReason},
	model::{VersionSpec, VersionStatus},
	money::Fee,
	traits::{ModelInspect, Stayable, Withheld},
	Balance, BlockNumber, JobId, Root,
};
use codec::Encode;
use frame_support::{
	defensive, ensure,
	traits::{fungible::MutateHold, Get},
};
use sp_runtime::{DispatchError, DispatchResult};

/// A provider, and what was agreed with it.
type Answered<AccountId> = (AccountId, Agreement);

/// An item whose opening was checked.
struct Opened {
	units: u64,
	input: Root,
	output: OutputRecord,
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_open_item(
		opener: T::AccountId,
		batch: JobId,
		index: u32,
		opening: ItemOpening,
	) -> DispatchResult {
		let record = Jobs::<T>::get(batch).ok_or(Error::<T>::UnknownJob)?;
		ensure!(!Items::<T>::contains_key(batch, index), Error::<T>::ItemOpened);
		let info = T::Models::version(record.version).ok_or(Error::<T>::UnknownVersion)?;
		ensure!(info.status != VersionStatus::Frozen, Error::<T>::NotDisputable);
		let opened = Self::check_item(batch, &record, &info.spec, index, &opening)?;
		let (provider, agreement) = Self::answered_batch(&record)?;
		let job = NextJob::<T>::get();
		let next = job.0.checked_add(1).map(JobId).ok_or(Error::<T>::TooManyJobs)?;
		let ItemOpening { input, output, .. } = opening;
		let size = input.encoded_size().saturating_add(output.encoded_size());
		let deposit = Self::deposit_for(size)?;
		// Whatever is refused above or here has changed nothing: a call is undone as a whole.
		let stayed = <Self as Stayable<T::AccountId>>::stay(batch, &opener)?;
		debug_assert!(stayed.output.is_some(), "the batch is provisional");
		T::Currency::hold(&HoldReason::Deposit.into(), &opener, deposit)
			.map_err(|_| Error::<T>::InsufficientFunds)?;

		NextJob::<T>::put(next);
		let item = Job::item(Item {
			opener: opener.clone(),
			kind: JobKind::Item { batch, index },
			version: record.version,
			units: opened.units,
			input: opened.input,
			inline: matches!(input, Input::Inline(_)),
			deposit,
			earners: record.earners,
			agreement: Agreement { fee: Fee::default(), ..agreement },
			provider: provider.clone(),
			output: opened.output,
			now: Self::now(),
			window: Self::challenge_window(&info.spec, JobKind::Single),
		});
		let (root, until) = (opened.output.root, item.wake);
		Items::<T>::insert(batch, index, job);
		RequesterJobs::<T>::insert(&opener, job, ());
		Inputs::<T>::insert(job, input);
		Outputs::<T>::insert(job, output);
		Self::insert(job, item);
		Self::deposit_event(Event::ItemOpened { batch, index, job });
		Self::deposit_event(Event::OutputSubmitted { job, provider, root, until });
		Ok(())
	}

	/// Check that what is shown is the item of the batch.
	fn check_item(
		batch: JobId,
		record: &Job<T::AccountId>,
		spec: &VersionSpec,
		index: u32,
		opening: &ItemOpening,
	) -> Result<Opened, DispatchError> {
		let JobKind::Batch { items } = record.kind else { return Err(Error::<T>::NotBatch.into()) };
		ensure!(index < items, Error::<T>::UnknownItem);
		let submitted = record.state.output().ok_or(Error::<T>::NotSubmitted)?;
		let Some(Input::Batch { root, shapes, .. }) = Inputs::<T>::get(batch) else {
			return Err(Error::<T>::JobEnded.into());
		};
		ensure!(!matches!(opening.input, Input::Batch { .. }), Error::<T>::WrongItem);
		let input = check_input::<T>(spec, &opening.input)?;
		let shown = headers::<T>(spec, &opening.input)?;
		let same = shown.iter().map(|header| &header.shape).eq(&shapes);
		let output = check_output::<T>(spec, &opening.output)?.ok_or(Error::<T>::WrongItem)?;
		let is = |whole: Root, proof: &[u8], part: Root| {
			batch::opened(whole, items, index, proof) == Ok(part)
		};
		ensure!(
			same && is(root, &opening.input_proof, input.root)
				&& is(submitted.root, &opening.output_proof, output.root),
			Error::<T>::WrongItem
		);
		Ok(Opened { units: input.units, input: input.root, output })
	}

	/// Who has answered a batch, and what was agreed with it.
	fn answered_batch(record: &Job<T::AccountId>) -> Result<Answered<T::AccountId>, Error<T>> {
		let provider = record.state.provider().cloned().ok_or(Error::<T>::NotSubmitted)?;
		// Whatever has a provider has an agreement: J-6.
		let agreement = record.agreement.clone().ok_or(Error::<T>::NotSubmitted)?;
		Ok((provider, agreement))
	}

	/// Who pays for a job: for an item, whoever has requested its batch, which has not ended.
	pub(crate) fn payer(record: &Job<T::AccountId>) -> Result<T::AccountId, Error<T>> {
		let JobKind::Item { batch, .. } = record.kind else { return Ok(record.requester.clone()) };
		let batch = Jobs::<T>::get(batch).filter(|batch| batch.state.is_open());
		batch.map(|batch| batch.requester).ok_or(Error::<T>::JobEnded)
	}

	/// An item is over: its batch waits for one less.
	pub(crate) fn leave_batch(batch: JobId) {
		let attempt = Jobs::<T>::get(batch).map(|record| record.attempts());
		if let Some(attempt) = attempt {
			<Self as Stayable<T::AccountId>>::resume(batch, attempt);
		}
	}

	/// An item was refuted: so is its batch, unless that has ended meanwhile. True if it is.
	pub(crate) fn refute_batch(batch: JobId, shares: &[(T::AccountId, Balance)]) -> bool {
		let attempt = Jobs::<T>::get(batch).map(|record| record.attempts());
		attempt.is_some_and(|attempt| {
			<Self as Stayable<T::AccountId>>::withhold_output(batch, attempt, shares)
				== Withheld::Done
		})
	}

	/// The dispute about an item ended without a verdict: so does its batch, unless it has ended.
	pub(crate) fn void_batch(batch: JobId, reason: RefundReason) {
		if let Some(record) = Jobs::<T>::get(batch).filter(|record| record.state.is_open()) {
			// It is open, so it can be ended.
			let _ = Self::do_void(batch, record, reason);
		}
	}

	/// Move an item's part of the fee out of what is agreed and held for its batch to the item, which
	/// ends and is paid for. Of a batch that has ended it is nothing.
	pub(crate) fn take_part(batch: JobId, item: &mut Job<T::AccountId>) {
		let open = Jobs::<T>::get(batch).filter(|record| record.state.is_open());
		let Some((record, part)) = open.and_then(Job::part_of_fee) else { return };
		Jobs::<T>::insert(batch, record);
		item.terms.max_fee = part.total();
		if let Some(agreement) = &mut item.agreement {
			agreement.fee = part;
		}
	}

	/// How many items a job is made of.
	pub(crate) const fn items_of(kind: JobKind) -> u32 {
		match kind {
			JobKind::Batch { items } => items,
			JobKind::Single | JobKind::Item { .. } => 1,
		}
	}

	/// The blocks in which the reference machine computes a batch: a provider is given as many. The
	/// answer to any other job takes what [`Config::ResponseWindow`] says.
	pub(crate) fn batch_time(spec: &VersionSpec, kind: JobKind) -> BlockNumber {
		match kind {
			JobKind::Batch { items } => {
				spec.commitments.cost.times(items).time(&T::ReferenceRate::get())
			},
			JobKind::Single | JobKind::Item { .. } => 0,
		}
	}

	/// The items of a batch that were opened and are kept, in ascending order.
	pub fn items(batch: JobId, start: u32, limit: u32) -> Page<ItemView, u32> {
		// Each was paid for. They lie in the order of hashes, so that all are read.
		let mut items: Vec<ItemView> = Items::<T>::iter_prefix(batch)
			.filter(|(index, _)| *index >= start)
			.map(|(index, job)| ItemView { index, job })
			.collect();
		items.sort_unstable_by_key(|item| item.index);
		let limit = usize::try_from(limit.clamp(1, MAX_PAGE)).unwrap_or(usize::MAX);
		let next = items.get(limit).map(|item| item.index);
		items.truncate(limit);
		Page { items, next }
	}

	/// Forget that an item was opened which is pruned.
	pub(crate) fn forget_item(job: JobId, batch: JobId, index: u32) {
		if Items::<T>::get(batch, index) == Some(job) {
			Items::<T>::remove(batch, index);
		} else {
			defensive!("an item that its batch does not know");
		}
	}

	/// Check what is submitted of a batch: its root, and the file that has the outputs.
	pub(crate) fn ensure_answers(kind: JobKind, output: &Output) -> Result<(), Error<T>> {
		let by_artifact = matches!(output, Output::Artifact { .. } | Output::InputMismatch);
		ensure!(by_artifact || !matches!(kind, JobKind::Batch { .. }), Error::<T>::IsBatch);
		Ok(())
	}
}

impl<AccountId> Job<AccountId> {
	/// Whether the job has a stake and a performance of its own: an item has not.
	pub(crate) const fn engages(&self) -> bool {
		!matches!(self.kind, JobKind::Item { .. })
	}
}
