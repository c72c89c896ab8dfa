//! What is always true, numbered as in `docs/protocol.md`.

use crate::{
	board::Records,
	types::{Closing, Record},
	Agenda, AgendaCursor, Config, Disputes, Histories, HoldReason, Moves, Pallet, Revealed, Stakes,
};
use alloc::collections::BTreeMap;
use assay_dispute::{board::Board, dispute::Stage, money::Returns};
use assay_primitives::Balance;
use frame_support::{ensure, traits::fungible::InspectHold};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Check every invariant of this pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::holds_match_stakes()?;
		Self::losses_are_counted()?;
		Self::agenda_has_each_dispute_once()?;
		Self::records_are_of_disputes()?;
		Self::probes_have_their_disputes()
	}

	/// D-1: what is held from each account equals the bonds of its stakes, and what is held from
	/// the pot equals what the disputes have in it.
	fn holds_match_stakes() -> Result<(), TryRuntimeError> {
		let mut owed = BTreeMap::<T::AccountId, Balance>::new();
		for (id, account, stake) in Stakes::<T>::iter() {
			let record = Disputes::<T>::get(id).ok_or("D-1: a stake without a dispute")?;
			let held = owed.entry(account).or_default();
			*held = held.saturating_add(record.bond.saturating_mul(stake.bonds().into()));
		}
		let pot = Disputes::<T>::iter_values().map(|record| record.pot);
		owed.insert(Self::pot(), pot.fold(0, Balance::saturating_add));
		for account in frame_system::Account::<T>::iter_keys() {
			let held = T::Currency::balance_on_hold(&HoldReason::Bond.into(), &account);
			ensure!(held == owed.remove(&account).unwrap_or(0), "D-1: the hold differs");
		}
		ensure!(owed.values().all(|amount| *amount == 0), "D-1: an account without a hold");
		Ok(())
	}

	/// D-2: the bonds that a dispute counts as lost when it ends are those that its stakes lose.
	fn losses_are_counted() -> Result<(), TryRuntimeError> {
		for (id, record) in Disputes::<T>::iter() {
			let alive = record.dispute.alive.iter().all(|root| {
				Records::<T>::of(id).history(root).is_some_and(|history| history.alive)
			});
			ensure!(alive, "D-2: a history plays that has lost");
			if record.closing != Closing::Stakes {
				continue;
			}
			let lost = Stakes::<T>::iter_prefix_values(id)
				.filter_map(|stake| Returns::of(&record.dispute, &Records::<T>::of(id), &stake))
				.fold(0, |sum: u32, returns| sum.saturating_add(returns.lost));
			ensure!(lost <= record.dispute.lost, "D-2: more is lost than counted");
		}
		Ok(())
	}

	/// D-3: each dispute has exactly one entry in the agenda, under its wake tick, which the sweep
	/// has not left behind.
	fn agenda_has_each_dispute_once() -> Result<(), TryRuntimeError> {
		let cursor = AgendaCursor::<T>::get();
		for (id, record) in Disputes::<T>::iter() {
			ensure!(Agenda::<T>::contains_key(record.wake, id), "D-3: no entry");
			ensure!(record.wake >= cursor, "D-3: an entry that the sweep has left behind");
		}
		let entries = Agenda::<T>::iter_keys().count();
		ensure!(entries == Disputes::<T>::iter_keys().count(), "D-3: an entry too many");
		Ok(())
	}

	/// D-5: a dispute waits for a probe exactly while the dispute of that probe goes on.
	fn probes_have_their_disputes() -> Result<(), TryRuntimeError> {
		let runs = |record: &Record<T::AccountId>| record.closing == Closing::Running;
		for (id, record) in Disputes::<T>::iter() {
			let waits = matches!(record.dispute.stage, Stage::Probe { .. });
			ensure!(record.dispute.subject.probe.is_some() == id.probe, "D-5: the kind of dispute");
			ensure!(!(id.probe && waits), "D-5: a probe that is probed");
			if waits {
				let going_on = Disputes::<T>::get(id.of_probe()).is_some_and(|one| runs(&one));
				ensure!(going_on, "D-5: a dispute that waits for nothing");
			}
			if id.probe && runs(&record) {
				let waited_for = Disputes::<T>::get(id.main())
					.is_some_and(|one| matches!(one.dispute.stage, Stage::Probe { .. }));
				ensure!(waited_for, "D-5: a probe that nothing waits for");
			}
		}
		Ok(())
	}

	/// D-4: no record outlives its dispute.
	fn records_are_of_disputes() -> Result<(), TryRuntimeError> {
		let all = Histories::<T>::iter_keys()
			.map(|(id, _)| id)
			.chain(Revealed::<T>::iter_keys().map(|(id, _)| id))
			.chain(Moves::<T>::iter_keys().map(|(id, _)| id));
		for id in all {
			ensure!(Disputes::<T>::contains_key(id), "D-4: a record without a dispute");
		}
		Ok(())
	}
}
