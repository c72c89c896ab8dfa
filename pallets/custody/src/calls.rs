//! The bodies of the calls about custodians and appointments: read and check everything, then write,
//! then deposit one event.

use crate::{
	types::{Appointment, BondFault, Custodian, Demands},
	Appointments, Config, Custodians, Error, Event, HoldReason, OpenRequests, Pallet,
};
use assay_primitives::{
	custody::{Endpoint, KeyRights, MAX_CUSTODIANS},
	provider::Profile,
	AssetId, Balance, BlockNumber, Root,
};
use codec::MaxEncodedLen;
use frame_support::{
	defensive, ensure,
	traits::{fungible::MutateHold, tokens::Precision, ConstU32, Get},
	BoundedVec,
};
use sp_runtime::{DispatchResult, SaturatedConversion};

/// An appointment.
type Seat<T> = Appointment<<T as frame_system::Config>::AccountId>;
/// The appointments of an asset.
type Bench<T> = BoundedVec<Seat<T>, ConstU32<MAX_CUSTODIANS>>;

impl<T> From<BondFault> for Error<T> {
	fn from(fault: BondFault) -> Self {
		match fault {
			BondFault::ZeroAmount => Error::ZeroAmount,
			BondFault::BelowMinBond => Error::BelowMinBond,
			BondFault::BondInUse => Error::BondInUse,
			BondFault::NothingUnbonding => Error::NothingUnbonding,
			BondFault::UnbondingNotOver => Error::UnbondingNotOver,
			BondFault::Overflow => Error::Overflow,
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register(
		custodian: T::AccountId,
		endpoint: Endpoint,
		bond: Balance,
	) -> DispatchResult {
		ensure!(!Custodians::<T>::contains_key(&custodian), Error::<T>::AlreadyRegistered);
		Self::check_endpoint(&endpoint)?;
		ensure!(bond >= Self::demands().least, Error::<T>::BelowMinBond);

		Self::hold(HoldReason::Bond, &custodian, bond)?;
		Custodians::<T>::insert(&custodian, Custodian::new(bond, endpoint));
		Self::deposit_event(Event::CustodianRegistered { custodian, bond });
		Ok(())
	}

	pub(crate) fn do_update(
		custodian: T::AccountId,
		endpoint: Endpoint,
		taking: bool,
	) -> DispatchResult {
		let record = Self::custodian_of(&custodian)?;
		Self::check_endpoint(&endpoint)?;

		Custodians::<T>::insert(&custodian, Custodian { endpoint, taking, ..record });
		Self::deposit_event(Event::CustodianUpdated { custodian, taking });
		Ok(())
	}

	pub(crate) fn do_bond_more(custodian: T::AccountId, amount: Balance) -> DispatchResult {
		let record = Self::custodian_of(&custodian)?;
		let least = Self::demands().least;
		let record = record.bond_more(amount, least).map_err(Error::<T>::from)?;

		Self::hold(HoldReason::Bond, &custodian, amount)?;
		Custodians::<T>::insert(&custodian, record);
		Self::deposit_event(Event::BondIncreased { custodian, amount });
		Ok(())
	}

	pub(crate) fn do_unbond(custodian: T::AccountId, amount: Balance) -> DispatchResult {
		let record = Self::custodian_of(&custodian)?;
		// Saturates: a period past the last block never ends.
		let until = Self::now().saturating_add(T::UnbondingPeriod::get());
		let demands = Self::demands();
		let record = record.unbond(amount, &demands, until).map_err(Error::<T>::from)?;

		Custodians::<T>::insert(&custodian, record);
		Self::deposit_event(Event::Unbonding { custodian, amount, until });
		Ok(())
	}

	pub(crate) fn do_withdraw(custodian: T::AccountId) -> DispatchResult {
		let record = Self::custodian_of(&custodian)?;
		let (record, amount) = record.withdraw(Self::now()).map_err(Error::<T>::from)?;

		Self::release(HoldReason::Bond, &custodian, amount);
		Self::deposit_event(Event::Withdrawn { custodian: custodian.clone(), amount });
		Self::store(&custodian, record);
		Ok(())
	}

	pub(crate) fn do_appoint(
		owner: T::AccountId,
		asset: AssetId,
		custodian: T::AccountId,
	) -> DispatchResult {
		Self::check_owner(&owner, asset)?;
		ensure!(Custodians::<T>::contains_key(&custodian), Error::<T>::UnknownCustodian);
		let mut bench = Appointments::<T>::get(asset);
		let appointed = bench.iter().any(|appointment| appointment.custodian == custodian);
		ensure!(!appointed, Error::<T>::AlreadyAppointed);
		let deposit = Self::appointment_deposit();
		let (payer, keeper) = (owner.clone(), custodian.clone());
		let appointment = Appointment { custodian: keeper, payer, deposit, accepted: None };
		bench.try_push(appointment).map_err(|_| Error::<T>::TooManyCustodians)?;

		Self::hold(HoldReason::Deposit, &owner, deposit)?;
		Appointments::<T>::insert(asset, bench);
		Self::deposit_event(Event::CustodianAppointed { asset, custodian });
		Ok(())
	}

	pub(crate) fn do_accept(
		custodian: T::AccountId,
		asset: AssetId,
		commitment: Root,
	) -> DispatchResult {
		let record = Self::custodian_of(&custodian)?;
		let mut bench = Appointments::<T>::get(asset);
		let appointment = bench
			.iter_mut()
			.find(|appointment| appointment.custodian == custodian)
			.ok_or(Error::<T>::NotAppointed)?;
		ensure!(T::Rights::commitment(asset) == Some(commitment), Error::<T>::WrongCommitment);
		let before = appointment.accepted.replace(commitment);
		ensure!(before != Some(commitment), Error::<T>::AlreadyAccepted);
		let record = match before {
			Some(_) => record,
			None => record.appointed(&Self::demands()).map_err(Error::<T>::from)?,
		};

		Custodians::<T>::insert(&custodian, record);
		Appointments::<T>::insert(asset, bench);
		Self::deposit_event(Event::AppointmentAccepted { asset, custodian, commitment });
		Ok(())
	}

	pub(crate) fn do_dismiss(
		owner: T::AccountId,
		asset: AssetId,
		custodian: T::AccountId,
	) -> DispatchResult {
		// Of an asset that nobody owns any more, anybody may: the deposits of its owner go back.
		let is_owner = T::Rights::owner(asset).is_none_or(|present| present == owner);
		ensure!(is_owner, Error::<T>::NotOwner);
		let (bench, appointment) = Self::without(asset, &custodian)?;

		Self::end_appointment(asset, bench, appointment);
		Self::deposit_event(Event::CustodianDismissed { asset, custodian });
		Ok(())
	}

	pub(crate) fn do_resign(custodian: T::AccountId, asset: AssetId) -> DispatchResult {
		let (bench, appointment) = Self::without(asset, &custodian)?;
		// At most `MaxOpen` of them.
		let open = OpenRequests::<T>::iter_prefix_values(&custodian).any(|of| of == asset);
		ensure!(!open, Error::<T>::RequestsOpen);

		Self::deposit_event(Event::CustodianResigned { asset, custodian });
		Self::end_appointment(asset, bench, appointment);
		Ok(())
	}

	/// The appointments of an asset without that of a custodian, and that one.
	fn without(asset: AssetId, custodian: &T::AccountId) -> Result<(Bench<T>, Seat<T>), Error<T>> {
		let mut bench = Appointments::<T>::get(asset);
		let place = bench.iter().position(|appointment| appointment.custodian == *custodian);
		let appointment = bench.remove(place.ok_or(Error::<T>::NotAppointed)?);
		Ok((bench, appointment))
	}

	fn end_appointment(asset: AssetId, bench: Bench<T>, appointment: Seat<T>) {
		if bench.is_empty() {
			Appointments::<T>::remove(asset);
		} else {
			Appointments::<T>::insert(asset, bench);
		}
		Self::release(HoldReason::Deposit, &appointment.payer, appointment.deposit);
		if appointment.accepted.is_some() {
			Self::change(&appointment.custodian, Custodian::dismissed);
		}
	}

	/// Change a custodian in a way that its record admits: K-2 and K-7.
	pub(crate) fn change(
		custodian: &T::AccountId,
		change: impl FnOnce(Custodian) -> Option<Custodian>,
	) {
		match Custodians::<T>::get(custodian).and_then(change) {
			Some(record) => Self::store(custodian, record),
			None => {
				defensive!("a custodian is not what its requests and appointments say");
			},
		}
	}

	/// Store a custodian, or remove it if nothing of it remains.
	fn store(custodian: &T::AccountId, record: Custodian) {
		if record.is_gone() {
			Custodians::<T>::remove(custodian);
			Self::deposit_event(Event::CustodianRemoved { custodian: custodian.clone() });
		} else {
			Custodians::<T>::insert(custodian, record);
		}
	}

	fn check_owner(who: &T::AccountId, asset: AssetId) -> Result<(), Error<T>> {
		let owner = T::Rights::owner(asset).ok_or(Error::<T>::UnknownAsset)?;
		ensure!(owner == *who, Error::<T>::NotOwner);
		Ok(())
	}

	/// An endpoint is what it is of a provider: nothing, or a URL.
	fn check_endpoint(endpoint: &Endpoint) -> Result<(), Error<T>> {
		let profile = Profile { endpoint: endpoint.clone(), ..Default::default() };
		ensure!(profile.is_valid(), Error::<T>::InvalidEndpoint);
		Ok(())
	}

	pub(crate) fn custodian_of(account: &T::AccountId) -> Result<Custodian, Error<T>> {
		Custodians::<T>::get(account).ok_or(Error::<T>::UnknownCustodian)
	}

	/// What a custodian has to have. The least bond is something: one of nothing is that of a
	/// custodian that has left.
	pub(crate) fn demands() -> Demands {
		Demands {
			least: T::MinBond::get().max(1),
			exposure: T::Exposure::get(),
			most: T::MaxOpen::get(),
		}
	}

	/// The deposit for an appointment.
	pub fn appointment_deposit() -> Balance {
		Self::deposit_for(Appointment::<T::AccountId>::max_encoded_len())
	}

	/// The deposit for a record of so many bytes. Saturates: one that overflows is more than there
	/// is, and cannot be held.
	pub(crate) fn deposit_for(bytes: usize) -> Balance {
		let bytes: Balance = bytes.saturated_into();
		T::DepositBase::get().saturating_add(T::DepositPerByte::get().saturating_mul(bytes))
	}

	pub(crate) fn hold(
		reason: HoldReason,
		who: &T::AccountId,
		amount: Balance,
	) -> Result<(), Error<T>> {
		T::Currency::hold(&reason.into(), who, amount).map_err(|_| Error::InsufficientFunds)
	}

	pub(crate) fn release(reason: HoldReason, who: &T::AccountId, amount: Balance) {
		// What is released is held: K-1, K-3 and K-5.
		if T::Currency::release(&reason.into(), who, amount, Precision::Exact).is_err() {
			defensive!("a hold is smaller than what it is for");
		}
	}

	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}
}
