//! What is always true, numbered as in `docs/protocol.md`.

use crate::{
	draw::DRAWN_AFTER, Agenda, AgendaCursor, Audits, Config, HoldReason, Pallet, Results, Seats,
};
use alloc::collections::BTreeMap;
use assay_primitives::{
	audit::{Answer, Phase},
	Balance,
};
use frame_support::{ensure, traits::fungible::InspectHold};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Check every invariant of this pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::holds_match_seals()?;
		Self::agenda_has_each_audit_once()?;
		Self::seats_match_audits()?;
		Self::answers_match_phases()?;
		Self::results_are_recent()
	}

	/// what is held from each account equals the bonds of the audits in which it has sealed a
	/// trace.
	fn holds_match_seals() -> Result<(), TryRuntimeError> {
		let mut owed = BTreeMap::<T::AccountId, Balance>::new();
		for audit in Audits::<T>::iter_values() {
			for seat in audit.seats {
				if seat.answer != Answer::Nothing {
					let held = owed.entry(seat.auditor).or_default();
					*held = held.checked_add(audit.bond).ok_or("A-1: the bonds overflow")?;
				}
			}
		}
		for account in frame_system::Account::<T>::iter_keys() {
			let held = T::Currency::balance_on_hold(&HoldReason::Bond.into(), &account);
			ensure!(held == owed.remove(&account).unwrap_or(0), "A-1: the hold differs");
		}
		ensure!(owed.values().all(|amount| *amount == 0), "A-1: an account without a hold");
		Ok(())
	}

	/// each audit has an entry in the agenda, under the block in which its part is over, which
	/// the sweep has not left behind. Whatever else is in the agenda is a result that is due for
	/// auditors, now or within as many blocks as a draw takes.
	fn agenda_has_each_audit_once() -> Result<(), TryRuntimeError> {
		let (cursor, now) = (AgendaCursor::<T>::get(), Self::now());
		for (job, audit) in Audits::<T>::iter() {
			ensure!(Agenda::<T>::contains_key(audit.until, job), "A-2: an audit without an entry");
		}
		for (block, job) in Agenda::<T>::iter_keys() {
			ensure!(block >= cursor, "A-2: an entry that the sweep has left behind");
			let own = Audits::<T>::get(job).is_some_and(|audit| audit.until == block);
			let soon = now.saturating_add(DRAWN_AFTER);
			ensure!(own || block <= soon, "A-2: an entry without an audit");
		}
		Ok(())
	}

	/// the index by auditor lists exactly the seats of the audits, which are two accounts each,
	/// and not that of the provider.
	fn seats_match_audits() -> Result<(), TryRuntimeError> {
		let mut seats = 0usize;
		for (job, audit) in Audits::<T>::iter() {
			let [one, other] = audit.seats.map(|seat| seat.auditor);
			ensure!(one != other, "A-3: one auditor twice");
			for auditor in [one, other] {
				ensure!(auditor != audit.provider, "A-3: a provider that audits itself");
				ensure!(Seats::<T>::contains_key(&auditor, job), "A-3: a seat that is not listed");
				seats = seats.saturating_add(1);
			}
		}
		ensure!(Seats::<T>::iter_keys().count() == seats, "A-3: a seat too many");
		Ok(())
	}

	/// nothing is revealed while traces are sealed, and an audit of which nothing more can be
	/// said is over.
	fn answers_match_phases() -> Result<(), TryRuntimeError> {
		for audit in Audits::<T>::iter_values() {
			let of = |wanted: fn(&Answer) -> bool| {
				audit.seats.iter().filter(|seat| wanted(&seat.answer)).count()
			};
			let sealed = of(|answer| matches!(answer, Answer::Sealed(_)));
			let right = match audit.phase {
				Phase::Commit => sealed < 2 && of(|answer| answer.history().is_some()) == 0,
				Phase::Reveal => sealed > 0,
			};
			ensure!(right, "A-4: an answer that does not fit the phase");
		}
		Ok(())
	}

	/// no more rows of results are kept than there are blocks until a draw.
	fn results_are_recent() -> Result<(), TryRuntimeError> {
		let rows = Results::<T>::iter_keys();
		ensure!(rows.into_iter().all(|row| row < DRAWN_AFTER), "A-5: a row that is never drawn");
		Ok(())
	}
}
