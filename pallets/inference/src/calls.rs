//! The bodies of the calls: read and check everything, then write, then deposit the events.

use crate::{
	input::{check_input, check_output},
	types::{Job, JobFault, Lapse, Stays, MAX_SHARES},
	Agenda, Assignments, Config, Error, Event, HoldReason, Inputs, Jobs, NextJob, Outputs, Pallet,
	RequesterJobs,
};
use alloc::vec::Vec;
use assay_primitives::{
	custody::{Ask, KeyInspect},
	job::{ExpiryReason, Input, JobKind, JobState, Output, RefundReason, Terms},
	model::{VersionSpec, VersionStatus},
	money::{Fee, FeeShare, FeeSplit, Role},
	provider::{Engagement, Performance},
	revenue::UsageCount,
	traits::{ModelInspect, OnSubmitted, ProviderMarket},
	Balance, BlockNumber, JobId, Root, VersionId,
};
use codec::Encode;
use frame_support::{
	defensive, ensure,
	traits::{
		fungible::{InspectHold, MutateHold},
		tokens::{Fortitude, Precision, Restriction},
		ConstU32, Get,
	},
	BoundedVec,
};
use sp_runtime::{DispatchError, DispatchResult, SaturatedConversion};

impl<T: Config> From<JobFault> for Error<T> {
	fn from(fault: JobFault) -> Self {
		match fault {
			JobFault::NotAssigned => Error::NotAssigned,
			JobFault::AlreadySubmitted => Error::AlreadySubmitted,
			JobFault::Ended => Error::JobEnded,
			JobFault::DeadlinePassed => Error::DeadlinePassed,
			JobFault::NotRequester => Error::NotRequester,
			JobFault::TooLate => Error::TooLate,
			JobFault::NotSubmitted => Error::NotSubmitted,
			JobFault::TooEarly => Error::TooEarly,
			JobFault::Challenged => Error::Challenged,
			JobFault::NotChallenged => Error::NotChallenged,
			JobFault::WindowClosed => Error::WindowClosed,
			JobFault::NotExpired => Error::NotExpired,
			JobFault::StayedEnough => Error::StayedEnough,
			JobFault::NotStayable => Error::NotStayable,
			JobFault::TooManyDisputes => Error::TooManyDisputes,
			JobFault::NotRedundant => Error::NotRedundant,
			JobFault::AlreadySealed => Error::AlreadySealed,
			JobFault::NotSealed => Error::NotSealed,
			JobFault::TooLong => Error::InvalidDeadline,
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_request(
		requester: T::AccountId,
		version: VersionId,
		input: Input,
		terms: Terms<T::AccountId>,
	) -> DispatchResult {
		let record = Self::admit(&requester, version, &input, terms, 1)?;
		let job = NextJob::<T>::get();
		let next = job.0.checked_add(1).map(JobId).ok_or(Error::<T>::TooManyJobs)?;
		Self::ensure_can_hold(&record, 1)?;

		NextJob::<T>::put(next);
		Self::open(job, record, input)
	}

	/// Check a request, count its use of others' data, and return what is stored of each of its jobs.
	pub(crate) fn admit(
		requester: &T::AccountId,
		version: VersionId,
		input: &Input,
		terms: Terms<T::AccountId>,
		jobs: u8,
	) -> Result<Job<T::AccountId>, DispatchError> {
		let info = T::Models::version(version).ok_or(Error::<T>::UnknownVersion)?;
		ensure!(info.status == VersionStatus::Active, Error::<T>::VersionDeprecated);
		let checked = check_input::<T>(&info.spec, input)?;
		Self::check_terms(&info.spec, checked.kind, &terms)?;
		let inline = matches!(input, Input::Inline(_));
		let mut earners = Self::earners(requester, version, &info, checked.kind, &terms, jobs)?;
		if let Some(data) = &mut earners.data {
			let key = T::Keys::fee(data.asset);
			// Who is shown the input needs no key.
			data.key = if inline { 0 } else { key };
		}
		let price = info.spec.price;
		let least = Fee::of(checked.units, 0, price).and_then(|fee| earners.charge(fee));
		let least = least.ok_or(Error::<T>::PriceOverflow)?;
		ensure!(terms.max_fee >= least.total(), Error::<T>::FeeTooLow);
		let now = Self::now();
		let deadline = now.checked_add(terms.deliver_within).ok_or(Error::<T>::InvalidDeadline)?;
		let deposit = Self::deposit_for(input.encoded_size())?;
		Ok(Job {
			requester: requester.clone(),
			version,
			group: None,
			kind: checked.kind,
			corrected: 0,
			units: checked.units,
			price,
			input_root: checked.root,
			inline,
			terms,
			earners,
			handed: None,
			deposit,
			requested: now,
			deadline,
			disputes: 0,
			stays: Stays::default(),
			refuted: Default::default(),
			missed: Default::default(),
			agreement: None,
			paid: Default::default(),
			state: JobState::Requested,
			wake: Self::draw_block(now),
		})
	}

	/// Store a job that was requested, and hold what it may cost.
	pub(crate) fn open(job: JobId, record: Job<T::AccountId>, input: Input) -> DispatchResult {
		let Job { requester, version, terms, deposit, .. } = &record;
		T::Currency::hold(&HoldReason::Fee.into(), requester, terms.max_fee)
			.and_then(|()| T::Currency::hold(&HoldReason::Deposit.into(), requester, *deposit))
			.map_err(|_| Error::<T>::InsufficientFunds)?;
		let (requester, version, max_fee) = (requester.clone(), *version, terms.max_fee);
		Inputs::<T>::insert(job, input);
		RequesterJobs::<T>::insert(&requester, job, ());
		Self::insert(job, record);
		Self::deposit_event(Event::JobRequested { job, requester, version, max_fee });
		Ok(())
	}

	fn check_terms(
		spec: &VersionSpec,
		kind: JobKind,
		terms: &Terms<T::AccountId>,
	) -> DispatchResult {
		let least = Self::least_time(spec, kind);
		ensure!(
			Self::leaves_time(Self::draw_block(0), least, terms.deliver_within)
				&& terms.deliver_within <= T::MaxDeliverWithin::get(),
			Error::<T>::InvalidDeadline
		);
		if let (Some(most), Some(tolerance)) = (terms.max_relative, spec.tolerance) {
			ensure!(tolerance.relative <= most, Error::<T>::ToleranceTooLoose);
		}
		Ok(())
	}

	/// The deposit for a job with an input of this encoded size.
	pub(crate) fn deposit_for(input_size: usize) -> Result<Balance, DispatchError> {
		let bytes = Balance::try_from(input_size).map_err(|_| Error::<T>::PriceOverflow)?;
		let deposit = T::DepositPerByte::get()
			.checked_mul(bytes)
			.and_then(|variable| variable.checked_add(T::DepositBase::get()))
			.ok_or(Error::<T>::PriceOverflow)?;
		Ok(deposit)
	}

	/// Check that the fees and the deposits of so many such jobs can be held, all of them.
	pub(crate) fn ensure_can_hold(record: &Job<T::AccountId>, jobs: u8) -> DispatchResult {
		let whole = record
			.terms
			.max_fee
			.checked_add(record.deposit)
			.and_then(|each| each.checked_mul(jobs.into()))
			.ok_or(Error::<T>::PriceOverflow)?;
		T::Currency::ensure_can_hold(&HoldReason::Fee.into(), &record.requester, whole)
			.map_err(|_| Error::<T>::InsufficientFunds.into())
	}

	pub(crate) fn do_submit_result(
		provider: T::AccountId,
		job: JobId,
		output: Output,
	) -> DispatchResult {
		let record = Jobs::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
		let now = Self::now();
		record.ensure_may_submit(&provider, now).map_err(Error::<T>::from)?;
		let info = T::Models::version(record.version).ok_or(Error::<T>::UnknownVersion)?;
		if info.status == VersionStatus::Frozen {
			return Self::do_void(job, record, RefundReason::InvalidVersion);
		}
		let Some(result) = check_output::<T>(&info.spec, &output)? else {
			return Self::refuse_input(job, record, provider, now);
		};
		ensure!(record.group.is_none(), Error::<T>::NotSealed);
		Self::ensure_answers(record.kind, &output)?;
		let (before, window) = (record.wake, Self::challenge_window(&info.spec, record.kind));
		let submitted =
			record.submit(provider.clone(), result, now, window).map_err(Error::<T>::from)?;

		Self::answered(job, before, provider, submitted, output);
		Ok(())
	}

	/// Store a result that is provisional from now on.
	pub(crate) fn answered(
		job: JobId,
		before: BlockNumber,
		provider: T::AccountId,
		submitted: Job<T::AccountId>,
		output: Output,
	) {
		let root = submitted.state.output().map_or_else(Root::default, |output| output.root);
		let until = submitted.wake;
		// Nobody could audit what only the provider is given.
		let can_be_audited = submitted.kind == JobKind::Single && !submitted.is_private();
		Self::unassign(&provider, job, submitted.version);
		Outputs::<T>::insert(job, output);
		Self::update(job, before, submitted);
		if can_be_audited {
			T::OnSubmitted::submitted(job);
		}
		Self::deposit_event(Event::OutputSubmitted { job, provider, root, until });
	}

	fn refuse_input(
		job: JobId,
		record: Job<T::AccountId>,
		provider: T::AccountId,
		now: BlockNumber,
	) -> DispatchResult {
		ensure!(!record.inline, Error::<T>::InputWasInline);
		// The key may be on its way, for everybody to see: an end before it comes would be free.
		let awaited = record.is_private() && T::Keys::is_awaited(&provider, &Ask::Job(job));
		ensure!(!awaited, Error::<T>::KeyAwaited);
		let before = record.wake;
		let engagement = record.engagement();
		let refunded =
			record.refuse_input(&provider, now, T::Retention::get()).map_err(Error::<T>::from)?;

		Self::unassign(&provider, job, refunded.version);
		T::Providers::finish(&provider, engagement, Performance::Excused);
		Self::close(job, before, refunded, Some(&provider));
		Self::deposit_event(Event::JobRefunded { job, reason: RefundReason::InputMismatch });
		Ok(())
	}

	pub(crate) fn do_settle(job: JobId) -> DispatchResult {
		let record = Jobs::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
		let before = record.wake;
		let (settled, provider) =
			record.clone().settle(Self::now(), T::Retention::get()).map_err(Error::<T>::from)?;
		if Self::is_frozen(record.version) {
			return Self::do_void(job, record, RefundReason::InvalidVersion);
		}
		Self::finalize(job, before, settled, provider);
		Ok(())
	}

	/// Pay for a result that is final.
	pub(crate) fn finalize(
		job: JobId,
		before: BlockNumber,
		settled: Job<T::AccountId>,
		provider: T::AccountId,
	) {
		let fee = settled.agreement.as_ref().map_or_else(Fee::default, |agreement| agreement.fee);
		let performance = match settled.corrected {
			0 => Performance::Delivered,
			_ => Performance::Struck,
		};
		Self::remember(job, &settled);
		if settled.engages() {
			// A batch is one job: its items may cost next to nothing.
			T::Models::count(settled.version, fee.royalty);
		}
		Self::complete(job, before, settled, (&provider, performance), &provider);
		Self::deposit_event(Event::JobSettled { job, provider, fee: fee.total() });
	}

	/// Pay the fee of a job, the provider's part to `payee`, and free the provider. Returns what was
	/// paid.
	pub(crate) fn complete(
		job: JobId,
		before: BlockNumber,
		mut ended: Job<T::AccountId>,
		(provider, performance): (&T::AccountId, Performance),
		payee: &T::AccountId,
	) -> BoundedVec<FeeShare<T::AccountId>, ConstU32<MAX_SHARES>> {
		// An item whose batch has ended has no fee that anybody could pay.
		let payer = Self::payer(&ended).unwrap_or_else(|_| ended.requester.clone());
		match ended.agreement.as_ref() {
			Some(agreement) => {
				let shares = T::FeeSplit::split(agreement.fee, payee, &ended.earners);
				let held = ended.terms.max_fee;
				ended.paid = Self::pay(job, &payer, held, shares);
			},
			None => {
				defensive!("a submitted job without an agreement");
			},
		}
		if ended.engages() {
			T::Providers::finish(provider, ended.engagement(), performance);
		}
		let paid = ended.paid.clone();
		Self::close(job, before, ended, None);
		paid
	}

	/// End an open job at nobody's cost, but for data that was handed over.
	pub(crate) fn do_void(
		job: JobId,
		record: Job<T::AccountId>,
		reason: RefundReason,
	) -> DispatchResult {
		let before = record.wake;
		let (refunded, excused) =
			record.void(reason, Self::now(), T::Retention::get()).map_err(Error::<T>::from)?;

		if let Some((provider, engagement)) = &excused {
			Self::unassign(provider, job, refunded.version);
			if refunded.engages() {
				T::Providers::finish(provider, *engagement, Performance::Excused);
			}
		}
		Outputs::<T>::remove(job);
		Self::close(job, before, refunded, excused.as_ref().map(|(provider, _)| provider));
		Self::deposit_event(Event::JobRefunded { job, reason });
		Ok(())
	}

	/// Whether the version's graph was proven invalid: none of its jobs goes on.
	pub(crate) fn is_frozen(version: VersionId) -> bool {
		T::Models::version(version).is_some_and(|info| info.status == VersionStatus::Frozen)
	}

	/// Pay shares out of what is held of a requester for a job, and say which were paid. A payee whose account
	/// cannot take its share (one below the existential deposit, to an empty account) does not
	/// hold up the others: its share stays held and goes back to the requester with the rest.
	/// What is held is owed, so no freeze of the requester's balance withholds it.
	pub(crate) fn pay(
		job: JobId,
		requester: &T::AccountId,
		held: Balance,
		shares: Vec<FeeShare<T::AccountId>>,
	) -> BoundedVec<FeeShare<T::AccountId>, ConstU32<MAX_SHARES>> {
		// Never more than is held for this very job, whatever the split says.
		let mut left = held;
		let mut paid = BoundedVec::new();
		for share in shares {
			let rest = left
				.checked_sub(share.amount)
				.filter(|_| !paid.is_full() && Self::pay_share(requester, &share).is_ok());
			let FeeShare { payee, role, amount } = share.clone();
			match rest {
				Some(rest) if paid.try_push(share).is_ok() => {
					left = rest;
					Self::deposit_event(Event::FeePaid { job, payee, role, amount });
				},
				_ => Self::deposit_event(Event::FeeReturned { job, payee, role, amount }),
			}
		}
		Self::release(HoldReason::Fee, requester, left);
		paid
	}

	fn pay_share(requester: &T::AccountId, share: &FeeShare<T::AccountId>) -> DispatchResult {
		let (reason, exact, force) = (HoldReason::Fee.into(), Precision::Exact, Fortitude::Force);
		let FeeShare { payee, role, amount } = share;
		match role {
			Role::Burn => T::Currency::burn_held(&reason, requester, *amount, exact, force),
			_ => T::Currency::transfer_on_hold(
				&reason,
				requester,
				payee,
				*amount,
				exact,
				Restriction::Free,
				force,
			),
		}
		.map(|_| ())
	}

	pub(crate) fn do_cancel(requester: T::AccountId, job: JobId) -> DispatchResult {
		let record = Jobs::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
		let before = record.wake;
		let cancelled = record
			.cancel(&requester, Self::now(), T::Retention::get())
			.map_err(Error::<T>::from)?;

		Self::close(job, before, cancelled, None);
		Self::deposit_event(Event::JobRefunded { job, reason: RefundReason::Cancelled });
		Ok(())
	}

	pub(crate) fn do_top_up(
		requester: T::AccountId,
		job: JobId,
		amount: Balance,
	) -> DispatchResult {
		let record = Jobs::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
		let (before, redraw) = (record.wake, Self::draw_block(Self::now()));
		let record = record.top_up(&requester, amount, redraw).map_err(Error::<T>::from)?;
		T::Currency::hold(&HoldReason::Fee.into(), &requester, amount)
			.map_err(|_| Error::<T>::InsufficientFunds)?;

		let max_fee = record.terms.max_fee;
		Self::update(job, before, record);
		Self::deposit_event(Event::JobToppedUp { job, max_fee });
		Ok(())
	}

	pub(crate) fn do_extend(
		requester: T::AccountId,
		job: JobId,
		blocks: BlockNumber,
	) -> DispatchResult {
		let record = Jobs::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
		let (before, now) = (record.wake, Self::now());
		let (most, redraw) = (T::MaxDeliverWithin::get(), Self::draw_block(now));
		let record =
			record.extend(&requester, blocks, now, most, redraw).map_err(Error::<T>::from)?;

		let deadline = record.deadline;
		Self::update(job, before, record);
		Self::deposit_event(Event::JobExtended { job, deadline });
		Ok(())
	}

	pub(crate) fn do_expire(job: JobId) -> DispatchResult {
		let record = Jobs::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
		let (before, now) = (record.wake, Self::now());
		let (next, lapse) = record
			.clone()
			.lapse(now, T::MaxAttempts::get(), Self::draw_block(now), T::Retention::get())
			.map_err(Error::<T>::from)?;
		if Self::is_frozen(record.version) {
			return Self::do_void(job, record, RefundReason::InvalidVersion);
		}

		match lapse {
			Lapse::Expire => {
				Self::close(job, before, next, None);
				Self::deposit_event(Event::JobExpired { job, reason: ExpiryReason::NoProvider });
			},
			Lapse::Redraw { provider, engagement } => {
				Self::miss(job, provider, engagement);
				Self::update(job, before, next);
			},
			Lapse::Refund { provider, engagement } => {
				Self::miss(job, provider, engagement);
				Self::close(job, before, next, None);
				Self::deposit_event(Event::JobRefunded { job, reason: RefundReason::Missed });
			},
		}
		Ok(())
	}

	/// The job is not the provider's to answer any more, if it was.
	pub(crate) fn unassign(provider: &T::AccountId, job: JobId, version: VersionId) {
		if Assignments::<T>::take(provider, job).is_some() {
			T::Providers::answered(provider, version);
		}
	}

	fn miss(job: JobId, provider: T::AccountId, engagement: Engagement) {
		Self::unassign(&provider, job, engagement.version);
		T::Providers::finish(&provider, engagement, Performance::Missed);
		Self::deposit_event(Event::JobMissed { job, provider });
	}

	/// Remove what is kept of an ended job and release its deposit.
	pub(crate) fn prune(job: JobId, record: Job<T::AccountId>) {
		Self::forget(job, &record);
		Jobs::<T>::remove(job);
		Outputs::<T>::remove(job);
		RequesterJobs::<T>::remove(&record.requester, job);
		Agenda::<T>::remove(record.wake, job);
		if let Some(group) = record.group {
			Self::prune_group(group);
		}
		if let JobKind::Item { batch, index } = record.kind {
			Self::forget_item(job, batch, index);
		}
		Self::release(HoldReason::Deposit, &record.requester, record.deposit);
		Self::deposit_event(Event::JobPruned { job });
	}

	/// Store an ended job; what is held of the fee and was not paid goes back, but for data that was
	/// handed over to a provider, which may be excused. The group of the job, or its batch, may have
	/// waited for it.
	pub(crate) fn close(
		job: JobId,
		before: BlockNumber,
		mut record: Job<T::AccountId>,
		excused: Option<&T::AccountId>,
	) {
		Inputs::<T>::remove(job);
		let paid = matches!(
			record.state,
			JobState::Settled { .. } | JobState::Corrected { .. } | JobState::Withheld { .. }
		);
		if !paid {
			let (owed, requester) = (record.owed_for_data(excused), &record.requester);
			let shares = T::FeeSplit::split(owed, excused.unwrap_or(requester), &record.earners);
			record.paid = Self::pay(job, requester, record.terms.max_fee, shares);
		}
		let (group, kind) = (record.group, record.kind);
		Self::update(job, before, record);
		if let Some(group) = group {
			Self::look_after(group);
		}
		if let JobKind::Item { batch, .. } = kind {
			Self::leave_batch(batch);
		}
	}

	/// Store a new job with its entry in the agenda, which is never in a block that the sweep
	/// has left behind.
	pub(crate) fn insert(job: JobId, mut record: Job<T::AccountId>) {
		record.wake = record.wake.max(Self::now().saturating_add(1));
		Agenda::<T>::insert(record.wake, job, ());
		Jobs::<T>::insert(job, record);
	}

	/// Store a job that changed, and move its entry in the agenda from `before`.
	pub(crate) fn update(job: JobId, before: BlockNumber, record: Job<T::AccountId>) {
		Agenda::<T>::remove(before, job);
		Self::insert(job, record);
	}

	fn release(reason: HoldReason, requester: &T::AccountId, amount: Balance) {
		// What is released was held for this job: J-1 and J-2.
		if T::Currency::release(&reason.into(), requester, amount, Precision::Exact).is_err() {
			defensive!("a hold is smaller than what is owed from it");
		}
	}

	/// The blocks for which a result of a version is provisional (PROTOCOL P3.3): of a batch, for
	/// what all of its items cost.
	pub(crate) fn challenge_window(spec: &VersionSpec, kind: JobKind) -> BlockNumber {
		let cost = spec.commitments.cost.times(Self::items_of(kind));
		T::ChallengeWindow::get().max(cost.least_window(&T::ReferenceRate::get()))
	}

	/// The blocks that checking the dearest job of a version takes at least.
	pub(crate) fn least_window(spec: &VersionSpec) -> BlockNumber {
		spec.commitments.cost.least_window(&T::ReferenceRate::get())
	}

	/// The least blocks that a provider is given for an answer.
	pub(crate) fn least_time(spec: &VersionSpec, kind: JobKind) -> BlockNumber {
		T::LeastAnswerTime::get().max(Self::batch_time(spec, kind))
	}

	/// Whether a provider drawn at `at` has so many blocks for an answer before `deadline`.
	pub(crate) fn leaves_time(at: BlockNumber, least: BlockNumber, deadline: BlockNumber) -> bool {
		at.checked_add(least).is_some_and(|least| least <= deadline)
	}

	/// The block in which a job that waits from now on is drawn.
	pub(crate) fn draw_block(now: BlockNumber) -> BlockNumber {
		now.saturating_add(T::AssignmentDelay::get()).saturating_add(1)
	}

	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}
}
