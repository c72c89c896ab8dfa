//! What clients read, through the runtime API.

use crate::{
	types::{Appointment, Demands},
	Appointments, Asked, Config, Custodians, OpenRequests, Pallet, Requests,
};
use alloc::{boxed::Box, vec::Vec};
use assay_primitives::{
	api::{Page, MAX_PAGE},
	custody::{
		AppointmentView, Ask, CustodianView, CustodyNumbers, KeyInspect, KeyRequestView, KeyRights,
	},
	AssetId, Balance, KeyRequestId, Root,
};
use frame_support::traits::Get;

/// The most assets that one page looks at.
const MAX_SCAN: usize = 1_000;

/// How many items a page holds: what is asked for, but at least one, and at most [`MAX_PAGE`].
fn page_length(limit: u32) -> usize {
	usize::try_from(limit.clamp(1, MAX_PAGE)).unwrap_or(usize::MAX)
}

impl<T: Config> KeyInspect<T::AccountId> for Pallet<T> {
	fn fee(asset: AssetId) -> Balance {
		T::Rights::commitment(asset).map_or(0, |_| T::Fee::get())
	}

	fn is_awaited(who: &T::AccountId, ask: &Ask) -> bool {
		let request = Asked::<T>::get(who, ask).and_then(Requests::<T>::get);
		request.is_some_and(|request| request.sealed.is_none())
	}
}

impl<T: Config> Pallet<T> {
	/// A custodian by its account.
	pub fn custodian(account: T::AccountId) -> Option<CustodianView<T::AccountId>> {
		let record = Custodians::<T>::get(&account)?;
		Some(record.into_view(account, &Self::demands()))
	}

	/// Custodians behind `start` in the order of storage. The cursor of the next page is the last
	/// account of this one.
	pub fn custodians(
		start: Option<T::AccountId>,
		limit: u32,
	) -> Page<CustodianView<T::AccountId>, T::AccountId> {
		let demands = Self::demands();
		let mut records: Box<dyn Iterator<Item = _>> = match start {
			Some(start) => {
				Box::new(Custodians::<T>::iter_from(Custodians::<T>::hashed_key_for(start)))
			},
			None => Box::new(Custodians::<T>::iter()),
		};
		let items: Vec<_> = records
			.by_ref()
			.take(page_length(limit))
			.map(|(account, record)| record.into_view(account, &demands))
			.collect();
		let last = items.last().map(|view| view.account.clone());
		Page { items, next: records.next().and(last) }
	}

	/// The custodians of an asset, in the order in which they were appointed.
	pub fn custodians_of(asset: AssetId) -> Vec<AppointmentView<T::AccountId>> {
		let (commitment, demands) = (T::Rights::commitment(asset), Self::demands());
		let bench = Appointments::<T>::get(asset);
		bench
			.into_iter()
			.map(|appointment| Self::appointment_view(appointment, commitment, &demands))
			.collect()
	}

	/// The assets whose keys an account was appointed to keep, in the order of storage, behind
	/// `start`. A page looks at a bounded number of assets; its cursor is the last of them.
	pub fn appointments(
		custodian: T::AccountId,
		start: Option<AssetId>,
		limit: u32,
	) -> Page<AssetId, AssetId> {
		let mut benches: Box<dyn Iterator<Item = _>> = match start {
			Some(start) => {
				Box::new(Appointments::<T>::iter_from(Appointments::<T>::hashed_key_for(start)))
			},
			None => Box::new(Appointments::<T>::iter()),
		};
		let (mut items, mut last) = (Vec::new(), None);
		for (asset, bench) in benches.by_ref().take(MAX_SCAN) {
			last = Some(asset);
			let is_theirs = bench.iter().any(|appointment| appointment.custodian == custodian);
			items.extend(is_theirs.then_some(asset));
			if items.len() == page_length(limit) {
				break;
			}
		}
		Page { items, next: benches.next().and(last) }
	}

	fn appointment_view(
		appointment: Appointment<T::AccountId>,
		commitment: Option<Root>,
		demands: &Demands,
	) -> AppointmentView<T::AccountId> {
		let Appointment { custodian, payer, deposit, accepted } = appointment;
		let keeps = accepted.is_some() && accepted == commitment;
		let able =
			keeps && Custodians::<T>::get(&custodian).is_some_and(|record| record.is_able(demands));
		AppointmentView { custodian, accepted, able, payer, deposit }
	}

	/// A request for a key, until it ends.
	pub fn key_request(id: KeyRequestId) -> Option<KeyRequestView<T::AccountId>> {
		let request = Requests::<T>::get(id)?;
		let stands = Self::has_right(&request);
		Some(request.into_view(id, stands))
	}

	/// The open request of an account by a right.
	pub fn key_request_by(asker: T::AccountId, ask: Ask) -> Option<KeyRequestView<T::AccountId>> {
		Asked::<T>::get(asker, ask).and_then(Self::key_request)
	}

	/// The open requests of a custodian in ascending order, from `start` on.
	pub fn key_requests(
		custodian: T::AccountId,
		start: KeyRequestId,
		limit: u32,
	) -> Page<KeyRequestView<T::AccountId>, KeyRequestId> {
		let length = page_length(limit);
		// At most `MaxOpen` of them.
		let mut ids: Vec<KeyRequestId> =
			OpenRequests::<T>::iter_key_prefix(custodian).filter(|id| *id >= start).collect();
		ids.sort_unstable();
		let next = ids.get(length).copied();
		ids.truncate(length);
		Page { items: ids.into_iter().filter_map(Self::key_request).collect(), next }
	}

	/// The numbers that clients act upon.
	pub fn numbers() -> CustodyNumbers {
		let demands = Self::demands();
		CustodyNumbers {
			min_bond: demands.least,
			exposure: demands.exposure,
			fee: T::Fee::get(),
			request_deposit: Self::request_deposit(),
			appointment_deposit: Self::appointment_deposit(),
			deliver_within: T::DeliverWithin::get(),
			complaint_window: T::ComplaintWindow::get(),
			unbonding_period: T::UnbondingPeriod::get(),
			max_open: demands.most,
		}
	}
}
