//! What is always true, numbered as in `docs/protocol.md`.

use crate::{
	Agenda, AgendaCursor, Appointments, Asked, Config, Custodians, HoldReason, NextRequest,
	OpenRequests, Pallet, Requests,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use assay_primitives::Balance;
use frame_support::{
	ensure,
	traits::{fungible::InspectHold, Get},
};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Check every invariant of this pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::bonds_are_held()?;
		Self::locks_are_those_of_open_requests()?;
		Self::fees_are_held()?;
		Self::requests_are_indexed()?;
		Self::deposits_are_held()?;
		Self::agenda_has_each_request_once()?;
		Self::appointments_are_counted()
	}

	/// K-1: what is held of each account for bonds equals its bond and what is unbonding.
	fn bonds_are_held() -> Result<(), TryRuntimeError> {
		let records = Custodians::<T>::iter();
		let bonds = records.flat_map(|(account, record)| {
			let unbonding = record.unbonding.map_or(0, |(amount, _)| amount);
			[(account.clone(), record.bond), (account, unbonding)]
		});
		Self::held_is(HoldReason::Bond, bonds.collect(), "K-1: a hold differs from the bond")
	}

	/// K-2: what a custodian has locked is the sum of the exposures of its open requests, which are
	/// as many as it counts and at most `MaxOpen`, and no more than its bond.
	fn locks_are_those_of_open_requests() -> Result<(), TryRuntimeError> {
		let mut sums: BTreeMap<T::AccountId, (u32, Balance)> = BTreeMap::new();
		for request in Requests::<T>::iter_values() {
			let (open, locked) = sums.entry(request.custodian).or_default();
			*open = open.checked_add(1).ok_or("K-2: requests overflow")?;
			*locked = locked.checked_add(request.exposure).ok_or("K-2: exposures overflow")?;
		}
		for (account, record) in Custodians::<T>::iter() {
			let (open, locked) = sums.remove(&account).unwrap_or_default();
			ensure!((record.open, record.locked) == (open, locked), "K-2: other locks");
			ensure!(locked <= record.bond, "K-2: more is locked than bonded");
			ensure!(open <= T::MaxOpen::get(), "K-2: too many open requests");
			ensure!(!record.is_gone(), "K-2: the record of nobody");
		}
		ensure!(sums.is_empty(), "K-2: a request of no custodian");
		Ok(())
	}

	/// K-3: what is held of each account for fees equals those of its open requests.
	fn fees_are_held() -> Result<(), TryRuntimeError> {
		let requests = Requests::<T>::iter_values();
		let fees = requests.map(|request| (request.asker, request.fee)).collect();
		Self::held_is(HoldReason::Fee, fees, "K-3: a hold differs from the fees")
	}

	/// K-4: each request is listed once for its custodian and once for its asker and right, and its
	/// number was given.
	fn requests_are_indexed() -> Result<(), TryRuntimeError> {
		let next = NextRequest::<T>::get();
		for (id, request) in Requests::<T>::iter() {
			ensure!(id < next, "K-4: a number that was not given");
			let asset = OpenRequests::<T>::get(&request.custodian, id);
			ensure!(asset == Some(request.asset), "K-4: the list of its custodian differs");
			let asked = Asked::<T>::get(&request.asker, request.ask);
			ensure!(asked == Some(id), "K-4: the list of its asker differs");
		}
		let count = Requests::<T>::iter_keys().count();
		ensure!(OpenRequests::<T>::iter_keys().count() == count, "K-4: one is listed too much");
		ensure!(Asked::<T>::iter_keys().count() == count, "K-4: one is listed too much");
		Ok(())
	}

	/// K-5: what is held of each account for deposits equals those of its open requests and of the
	/// appointments that it has made.
	fn deposits_are_held() -> Result<(), TryRuntimeError> {
		let requests = Requests::<T>::iter_values();
		let mut deposits: Vec<_> =
			requests.map(|request| (request.asker, request.deposit)).collect();
		let appointments = Appointments::<T>::iter_values().flatten();
		deposits.extend(appointments.map(|appointment| (appointment.payer, appointment.deposit)));
		Self::held_is(HoldReason::Deposit, deposits, "K-5: a hold differs from the deposits")
	}

	/// K-6: each request has exactly one entry in the agenda, under the block in which it is due,
	/// which the sweep has not left behind.
	fn agenda_has_each_request_once() -> Result<(), TryRuntimeError> {
		let cursor = AgendaCursor::<T>::get();
		for (id, request) in Requests::<T>::iter() {
			ensure!(Agenda::<T>::contains_key(request.due, id), "K-6: no entry");
			ensure!(request.due >= cursor, "K-6: an entry that the sweep has left behind");
		}
		let entries = Agenda::<T>::iter_keys().count();
		ensure!(entries == Requests::<T>::iter_keys().count(), "K-6: an entry too many");
		Ok(())
	}

	/// K-7: an asset with appointments has one of each custodian at most, and a custodian counts
	/// those that it has accepted.
	fn appointments_are_counted() -> Result<(), TryRuntimeError> {
		let mut counts: BTreeMap<T::AccountId, u32> = BTreeMap::new();
		for bench in Appointments::<T>::iter_values() {
			let appointed: BTreeSet<_> = bench.iter().map(|of| of.custodian.clone()).collect();
			ensure!(!bench.is_empty() && appointed.len() == bench.len(), "K-7: one is there twice");
			for appointment in bench.into_iter().filter(|of| of.accepted.is_some()) {
				let count = counts.entry(appointment.custodian).or_default();
				*count = count.checked_add(1).ok_or("K-7: appointments overflow")?;
			}
		}
		for (account, record) in Custodians::<T>::iter() {
			let count = counts.remove(&account).unwrap_or_default();
			ensure!(record.appointments == count, "K-7: a custodian counts others");
		}
		ensure!(counts.is_empty(), "K-7: no custodian has accepted");
		Ok(())
	}

	fn held_is(
		reason: HoldReason,
		owed: Vec<(T::AccountId, Balance)>,
		fault: &'static str,
	) -> Result<(), TryRuntimeError> {
		let mut sums: BTreeMap<T::AccountId, Balance> = BTreeMap::new();
		for (account, amount) in owed {
			let sum = sums.entry(account).or_default();
			*sum = sum.checked_add(amount).ok_or(fault)?;
		}
		let reason = reason.into();
		for account in frame_system::Account::<T>::iter_keys() {
			let held = T::Currency::balance_on_hold(&reason, &account);
			ensure!(held == sums.remove(&account).unwrap_or(0), fault);
		}
		ensure!(sums.values().all(|sum| *sum == 0), fault);
		Ok(())
	}
}
