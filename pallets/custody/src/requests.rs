//! The bodies of the calls about requests, and what becomes of the money when they end. The ends do
//! not fail: whoever cannot be paid keeps nobody else from its own.

use crate::{
	sealed,
	types::{Custodian, KeyRequest, RequestFault},
	Agenda, Appointments, Asked, Config, Custodians, Error, Event, HoldReason, NextRequest,
	OpenRequests, Pallet, Requests,
};
use assay_primitives::{
	custody::{key_commitment, Ask, Failure, KeyRights, PublicKey, SealedKey, KEY_BYTES},
	AssetId, Balance, BlockNumber, KeyRequestId, Root,
};
use codec::MaxEncodedLen;
use frame_support::{
	defensive, ensure,
	storage::with_storage_layer,
	traits::{
		fungible::MutateHold,
		tokens::{Fortitude, Precision, Restriction},
		Get,
	},
};
use sp_runtime::DispatchResult;

impl<T> From<RequestFault> for Error<T> {
	fn from(fault: RequestFault) -> Self {
		match fault {
			RequestFault::NotAsked => Error::NotAsked,
			RequestFault::NotAsker => Error::NotAsker,
			RequestFault::AlreadyDelivered => Error::AlreadyDelivered,
			RequestFault::NotDelivered => Error::NotDelivered,
			RequestFault::DeadlinePassed => Error::DeadlinePassed,
			RequestFault::DeadlineNotPassed => Error::DeadlineNotPassed,
			RequestFault::WindowOver => Error::WindowOver,
			RequestFault::WindowOpen => Error::WindowOpen,
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_request_key(
		asker: T::AccountId,
		ask: Ask,
		recipient: PublicKey,
		named: Option<T::AccountId>,
	) -> DispatchResult {
		ensure!(!Asked::<T>::contains_key(&asker, ask), Error::<T>::AlreadyAsked);
		let asset = T::Rights::may_have_key(&asker, &ask)?;
		let commitment = T::Rights::commitment(asset).ok_or(Error::<T>::NoKey)?;
		let (custodian, record) = Self::choose(asset, commitment, named)?;
		ensure!(!sealed::is_low_order(&recipient), Error::<T>::InvalidRecipient);
		let demands = Self::demands();
		let record = record.asked(&demands).ok_or(Error::<T>::CustodianBusy)?;
		let id = NextRequest::<T>::get();
		let next = id.0.checked_add(1).map(KeyRequestId).ok_or(Error::<T>::Overflow)?;

		let (fee, deposit, exposure) = (T::Fee::get(), Self::request_deposit(), demands.exposure);
		Self::hold(HoldReason::Fee, &asker, fee)?;
		Self::hold(HoldReason::Deposit, &asker, deposit)?;
		NextRequest::<T>::put(next);
		Custodians::<T>::insert(&custodian, record);
		OpenRequests::<T>::insert(&custodian, id, asset);
		Asked::<T>::insert(&asker, ask, id);
		let (due, sealed) = (Self::after(T::DeliverWithin::get()), None);
		let (from, to) = (asker.clone(), custodian.clone());
		let request = KeyRequest {
			asker,
			ask,
			asset,
			custodian,
			commitment,
			recipient,
			fee,
			deposit,
			exposure,
			sealed,
			due,
		};
		Self::schedule(id, request);
		let (request, asker, custodian) = (id, from, to);
		Self::deposit_event(Event::KeyRequested { request, asker, ask, asset, custodian, due });
		Ok(())
	}

	/// The custodian of an asset that keeps the key with this commitment and can take a request: the
	/// one that is named, or the one with the most free bond; of equals, the one that was appointed
	/// first.
	fn choose(
		asset: AssetId,
		commitment: Root,
		named: Option<T::AccountId>,
	) -> Result<(T::AccountId, Custodian), Error<T>> {
		let demands = Self::demands();
		let bench = Appointments::<T>::get(asset);
		let mut keepers = bench
			.into_iter()
			.filter(|appointment| appointment.accepted == Some(commitment))
			.map(|appointment| appointment.custodian);
		if let Some(named) = named {
			ensure!(keepers.any(|keeper| keeper == named), Error::<T>::NotCustodian);
			let record = Self::custodian_of(&named)?;
			ensure!(record.is_able(&demands), Error::<T>::CustodianBusy);
			return Ok((named, record));
		}
		keepers
			.filter_map(|keeper| Some((Custodians::<T>::get(&keeper)?, keeper)))
			.filter(|(record, _)| record.is_able(&demands))
			.reduce(|best, next| if next.0.free() > best.0.free() { next } else { best })
			.map(|(record, keeper)| (keeper, record))
			.ok_or(Error::<T>::NoCustodian)
	}

	pub(crate) fn do_deliver(
		custodian: T::AccountId,
		id: KeyRequestId,
		recipient: PublicKey,
		sealed: SealedKey,
	) -> DispatchResult {
		let request = Self::request_of(id)?;
		request.ensure_deliverable(&custodian, Self::now()).map_err(Error::<T>::from)?;
		ensure!(request.recipient == recipient, Error::<T>::WrongRecipient);
		if !Self::has_right(&request) {
			// It has answered. Otherwise a right that is away whenever it delivers, and back when it
			// is due, would have it slashed.
			Self::lapse(id, request);
			return Ok(());
		}

		T::Rights::handed(&request.asker, &request.ask);
		Agenda::<T>::remove(request.due, id);
		let due = Self::after(T::ComplaintWindow::get());
		Self::schedule(id, request.delivered(sealed, due));
		Self::deposit_event(Event::KeyDelivered { request: id, due });
		Ok(())
	}

	pub(crate) fn do_close(id: KeyRequestId) -> DispatchResult {
		let request = Self::request_of(id)?;
		request.ensure_closable(Self::now()).map_err(Error::<T>::from)?;
		Self::finish_served(id, request);
		Ok(())
	}

	pub(crate) fn do_expire(id: KeyRequestId) -> DispatchResult {
		let request = Self::request_of(id)?;
		match request.ensure_expired(Self::now()) {
			// Nobody has to wait for what must not be delivered.
			Err(RequestFault::DeadlineNotPassed) if !Self::has_right(&request) => {},
			expired => expired.map_err(Error::<T>::from)?,
		}
		Self::finish_unserved(id, request);
		Ok(())
	}

	pub(crate) fn do_complain(
		asker: T::AccountId,
		id: KeyRequestId,
		secret: [u8; KEY_BYTES],
	) -> DispatchResult {
		let request = Self::request_of(id)?;
		let delivered = request.disputable(&asker, Self::now()).map_err(Error::<T>::from)?;
		ensure!(sealed::public_of(&secret) == request.recipient, Error::<T>::WrongSecret);
		let found = sealed::open(&secret, delivered).map(|key| key_commitment(&key));
		ensure!(found != Some(request.commitment), Error::<T>::KeyIsRight);

		T::Rights::not_handed(&request.asker, &request.ask);
		Self::finish_failed(id, request, Failure::WrongKey);
		Ok(())
	}

	/// Nobody has shown that what was delivered is wrong.
	pub(crate) fn finish_served(id: KeyRequestId, request: KeyRequest<T::AccountId>) {
		Self::remove(id, &request);
		let KeyRequest { asker, custodian, fee, exposure, .. } = request;
		let paid = Self::pay(HoldReason::Fee, &asker, &custodian, fee);
		if paid < fee {
			Self::release(HoldReason::Fee, &asker, fee);
		}
		Self::change(&custodian, |record| record.served(exposure));
		Self::deposit_event(Event::RequestClosed { request: id, custodian, fee: paid });
	}

	/// Nothing was delivered in time.
	pub(crate) fn finish_unserved(id: KeyRequestId, request: KeyRequest<T::AccountId>) {
		if Self::has_right(&request) {
			Self::finish_failed(id, request, Failure::Silent);
		} else {
			Self::lapse(id, request);
		}
	}

	/// The asker has lost its right: everything goes back.
	fn lapse(id: KeyRequestId, request: KeyRequest<T::AccountId>) {
		Self::remove(id, &request);
		Self::release(HoldReason::Fee, &request.asker, request.fee);
		Self::change(&request.custodian, |record| record.lapsed(request.exposure));
		Self::deposit_event(Event::RequestLapsed { request: id });
	}

	/// The custodian has failed the asker: its exposure is taken.
	fn finish_failed(id: KeyRequestId, request: KeyRequest<T::AccountId>, failure: Failure) {
		Self::remove(id, &request);
		let KeyRequest { asker, custodian, fee, exposure, .. } = request;
		Self::release(HoldReason::Fee, &asker, fee);
		let share = T::AskersShare::get().mul_floor(exposure);
		let paid = Self::pay(HoldReason::Bond, &custodian, &asker, share);
		// A part of the exposure was paid.
		let burned = exposure.saturating_sub(paid);
		Self::burn(&custodian, burned);
		let (request, slashed) = (id, custodian.clone());
		Self::deposit_event(Event::CustodianSlashed { request, custodian, failure, paid, burned });
		Self::change(&slashed, |record| record.slashed(exposure, failure));
	}

	/// Whether the asker may still have the key.
	pub(crate) fn has_right(request: &KeyRequest<T::AccountId>) -> bool {
		T::Rights::may_have_key(&request.asker, &request.ask) == Ok(request.asset)
	}

	fn request_of(id: KeyRequestId) -> Result<KeyRequest<T::AccountId>, Error<T>> {
		Requests::<T>::get(id).ok_or(Error::<T>::UnknownRequest)
	}

	/// Store a request with its entry in the agenda, under a block that is to come.
	fn schedule(id: KeyRequestId, request: KeyRequest<T::AccountId>) {
		Agenda::<T>::insert(request.due, id, ());
		Requests::<T>::insert(id, request);
	}

	/// Remove all that is kept of a request, and give the deposit back.
	fn remove(id: KeyRequestId, request: &KeyRequest<T::AccountId>) {
		Agenda::<T>::remove(request.due, id);
		Requests::<T>::remove(id);
		OpenRequests::<T>::remove(&request.custodian, id);
		Asked::<T>::remove(&request.asker, request.ask);
		Self::release(HoldReason::Deposit, &request.asker, request.deposit);
	}

	/// Pay all of an amount out of what is held of an account, or nothing; what was paid.
	fn pay(reason: HoldReason, from: &T::AccountId, to: &T::AccountId, amount: Balance) -> Balance {
		let (exact, free, force) = (Precision::Exact, Restriction::Free, Fortitude::Force);
		let moved = with_storage_layer(|| {
			T::Currency::transfer_on_hold(&reason.into(), from, to, amount, exact, free, force)
		});
		moved.map_or(0, |_| amount)
	}

	fn burn(custodian: &T::AccountId, amount: Balance) {
		let (reason, exact, force) = (HoldReason::Bond.into(), Precision::Exact, Fortitude::Force);
		if T::Currency::burn_held(&reason, custodian, amount, exact, force).is_err() {
			defensive!("a bond is smaller than what requests have locked of it");
		}
	}

	/// The first block that is too late, so many blocks from now. Saturates: block numbers are far
	/// from their end.
	fn after(blocks: BlockNumber) -> BlockNumber {
		Self::now().saturating_add(blocks.max(1))
	}

	/// The deposit for a request.
	pub fn request_deposit() -> Balance {
		Self::deposit_for(KeyRequest::<T::AccountId>::max_encoded_len())
	}
}
