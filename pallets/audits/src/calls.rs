//! The bodies of the calls: read and check everything, then write, then deposit the events.

use crate::{
	types::{Audit, AuditFault},
	Agenda, Audits, Config, Error, Event, HoldReason, Pallet, Seats, Standings,
};
use assay_canon::commitment::{GraphHeader, Hash};
use assay_dispute::dispute::seal;
use assay_primitives::{
	audit::{subject, Answer, AuditOutcome},
	commitment::HostBlake2b256,
	traits::{Disputable, ProviderInspect, Stayable, Undisputable},
	Balance, BlockNumber, JobId,
};
use codec::Encode;
use frame_support::{
	defensive, ensure,
	storage::with_storage_layer,
	traits::{
		fungible::{Inspect, Mutate, MutateHold},
		tokens::{Fortitude, Precision, Preservation},
		Get,
	},
};
use sp_runtime::{traits::AccountIdConversion, DispatchResult, SaturatedConversion};

impl<T: Config> From<AuditFault> for Error<T> {
	fn from(fault: AuditFault) -> Self {
		match fault {
			AuditFault::NotAuditor => Error::NotAuditor,
			AuditFault::AlreadyCommitted => Error::AlreadyCommitted,
			AuditFault::TooLate => Error::TooLate,
			AuditFault::TooEarly => Error::TooEarly,
			AuditFault::NotCommitted => Error::NotCommitted,
			AuditFault::AlreadyRevealed => Error::AlreadyRevealed,
			AuditFault::WrongSeal => Error::WrongSeal,
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_commit(auditor: T::AccountId, job: JobId, seal: Hash) -> DispatchResult {
		let (before, audit) = Self::running(job)?;
		let bond = audit.bond;
		let sealed = audit.commit(&auditor, seal, Self::now()).map_err(Error::<T>::from)?;

		T::Currency::hold(&HoldReason::Bond.into(), &auditor, bond)
			.map_err(|_| Error::<T>::InsufficientFunds)?;
		Self::update(job, before, sealed);
		Self::deposit_event(Event::AuditCommitted { job, auditor });
		Ok(())
	}

	pub(crate) fn do_reveal(
		auditor: T::AccountId,
		job: JobId,
		history: Hash,
		salt: Hash,
		header: &GraphHeader,
	) -> DispatchResult {
		let (before, audit) = Self::running(job)?;
		let subject = subject(job, audit.attempt);
		let sealed = seal::<HostBlake2b256>(&subject, &auditor.encode(), &history, &salt);
		let now = Self::now();
		let revealed = audit.reveal(&auditor, history, sealed, now).map_err(Error::<T>::from)?;

		Self::deposit_event(Event::AuditRevealed { job, auditor, history });
		if !revealed.is_over(now) {
			Self::update(job, before, revealed);
			return Ok(());
		}
		let outcome = match revealed.seats.each_ref().map(|seat| seat.answer.history()) {
			[Some(one), Some(other)] if one != other => {
				Self::dispute(job, &revealed, [one, other], header)?
			},
			_ => Self::settle(job, &revealed),
		};
		Self::end(job, before, revealed, outcome);
		Ok(())
	}

	pub(crate) fn do_advance(job: JobId) -> DispatchResult {
		let audit = Audits::<T>::get(job).ok_or(Error::<T>::UnknownAudit)?;
		let (before, now) = (audit.until, Self::now());
		if !Self::is_waited_for(job, &audit) {
			Self::release(&audit);
			Self::end(job, before, audit, AuditOutcome::Dropped);
			return Ok(());
		}
		let later = audit.caught_up(now);
		if later.is_over(now) {
			let outcome = Self::settle(job, &later);
			Self::end(job, before, later, outcome);
			return Ok(());
		}
		ensure!(later.until != before, Error::<T>::NothingToDo);
		Self::update(job, before, later);
		Ok(())
	}

	/// An audit in which somebody may move, with the block that its entry of the agenda is under.
	fn running(job: JobId) -> Result<(BlockNumber, Audit<T::AccountId>), Error<T>> {
		let audit = Audits::<T>::get(job).ok_or(Error::<T>::UnknownAudit)?;
		ensure!(Self::is_waited_for(job, &audit), Error::<T>::JobMoved);
		Ok((audit.until, audit.caught_up(Self::now())))
	}

	/// Whether the result that is audited is still provisional.
	fn is_waited_for(job: JobId, audit: &Audit<T::AccountId>) -> bool {
		T::Jobs::provisional(job).is_some_and(|now| now.attempt == audit.attempt)
	}

	/// Have the histories of two auditors play who disagree. Each was bound to its own by a seal,
	/// and whoever brings the wrong header has not revealed anything.
	fn dispute(
		job: JobId,
		audit: &Audit<T::AccountId>,
		[one, other]: [Hash; 2],
		header: &GraphHeader,
	) -> Result<AuditOutcome, Error<T>> {
		Self::release(audit);
		let [first, second] = audit.seats.each_ref().map(|seat| seat.auditor.clone());
		match T::Disputes::open(job, header, [(first, one), (second, other)]) {
			Ok(()) => Ok(AuditOutcome::Disputed),
			Err(Undisputable::WrongHeader) => Err(Error::<T>::WrongHeader),
			Err(Undisputable::Refused) => Ok(AuditOutcome::Undisputed),
		}
	}

	/// Pay whoever has revealed; burn the bond of whoever has sealed and not revealed.
	fn settle(job: JobId, audit: &Audit<T::AccountId>) -> AuditOutcome {
		let pay = Self::pay_for(audit.fee);
		let (reason, mut outcome) = (HoldReason::Bond.into(), AuditOutcome::Incomplete);
		for seat in &audit.seats {
			let auditor = &seat.auditor;
			match seat.answer {
				Answer::Nothing => Self::miss(job, auditor, 0),
				Answer::Sealed(_) => {
					let (precision, force) = (Precision::Exact, Fortitude::Force);
					if T::Currency::burn_held(&reason, auditor, audit.bond, precision, force)
						.is_err()
					{
						defensive!("a bond is not held");
					}
					Self::miss(job, auditor, audit.bond);
				},
				Answer::Revealed(_) => {
					Self::release_bond(auditor, audit.bond);
					Self::pay(job, auditor, pay);
				},
			}
		}
		if let [Some(history), Some(_)] = audit.seats.each_ref().map(|seat| seat.answer.history()) {
			outcome = AuditOutcome::Agreed(history);
		}
		outcome
	}

	/// What an auditor is paid: twice of it is paid and twice burned, all of which the pot has.
	fn pay_for(fee: Balance) -> Balance {
		let (keep, polite) = (Preservation::Preserve, Fortitude::Polite);
		let free = T::Currency::reducible_balance(&Self::pot(), keep, polite);
		T::PayShare::get().mul_floor(fee).min(free / 4)
	}

	fn pay(job: JobId, auditor: &T::AccountId, amount: Balance) {
		let (pot, keep) = (Self::pot(), Preservation::Preserve);
		let paid = with_storage_layer(|| {
			T::Currency::transfer(&pot, auditor, amount, keep)?;
			let (precision, polite) = (Precision::Exact, Fortitude::Polite);
			T::Currency::burn_from(&pot, amount, keep, precision, polite)
		});
		if paid.is_err() {
			defensive!("the pot has less than it pays");
			return;
		}
		Self::deposit_event(Event::AuditorPaid { job, auditor: auditor.clone(), amount });
	}

	fn miss(job: JobId, auditor: &T::AccountId, burned: Balance) {
		let statistics = T::Providers::statistics(auditor);
		Standings::<T>::mutate(auditor, |standing| *standing = standing.failed(&statistics));
		Self::deposit_event(Event::AuditMissed { job, auditor: auditor.clone(), burned });
	}

	/// Give every bond of an audit back.
	fn release(audit: &Audit<T::AccountId>) {
		for seat in &audit.seats {
			if seat.answer != Answer::Nothing {
				Self::release_bond(&seat.auditor, audit.bond);
			}
		}
	}

	fn release_bond(auditor: &T::AccountId, bond: Balance) {
		let reason = HoldReason::Bond.into();
		if T::Currency::release(&reason, auditor, bond, Precision::Exact).is_err() {
			defensive!("a bond is not held");
		}
	}

	/// Remove an audit. The job goes on.
	fn end(job: JobId, before: BlockNumber, audit: Audit<T::AccountId>, outcome: AuditOutcome) {
		Agenda::<T>::remove(before, job);
		Audits::<T>::remove(job);
		for seat in &audit.seats {
			Seats::<T>::remove(&seat.auditor, job);
		}
		T::Jobs::resume(job, audit.attempt);
		Self::deposit_event(Event::AuditEnded { job, outcome });
	}

	/// Store an audit, and move its entry in the agenda from `before`.
	pub(crate) fn update(job: JobId, before: BlockNumber, audit: Audit<T::AccountId>) {
		Agenda::<T>::remove(before, job);
		// Nothing is entered under a block that the sweep has left behind.
		Agenda::<T>::insert(audit.until, job, ());
		Audits::<T>::insert(job, audit);
	}

	/// The account of the pot.
	pub fn pot() -> T::AccountId {
		T::Pot::get().into_account_truncating()
	}

	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}
}
