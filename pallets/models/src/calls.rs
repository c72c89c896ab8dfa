//! The bodies of the calls: read and check everything, then write, then deposit one event.

use crate::{
	types::{ModelRecord, SortedId, VersionRecord},
	Config, Error, Event, HoldReason, Models, Names, NextModel, Offers, OwnedModels, Pallet,
	Versions,
};
use assay_primitives::{
	model::{is_name, Metadata, Name, SpecError, VersionSpec},
	Balance, BlockNumber, ModelId, VersionId,
};
use codec::Encode;
use frame_support::{
	defensive, ensure,
	storage::with_storage_layer,
	traits::{
		fungible::MutateHold,
		tokens::{Fortitude, Precision, Restriction},
		Get,
	},
};
use sp_runtime::{DispatchResult, SaturatedConversion};

impl<T: Config> From<SpecError> for Error<T> {
	fn from(error: SpecError) -> Self {
		match error {
			SpecError::ArtifactSize => Error::InvalidArtifactSize,
			SpecError::Tensors => Error::InvalidTensors,
			SpecError::Tolerance => Error::InvalidTolerance,
			SpecError::Rows => Error::InvalidRows,
			SpecError::Class => Error::InvalidClass,
			SpecError::UnsupportedType => Error::UnsupportedType,
			SpecError::UnknownSpec => Error::UnknownSpec,
			SpecError::Symbols => Error::InvalidSymbols,
			SpecError::Constants => Error::InvalidConstants,
			SpecError::Cost => Error::InvalidCost,
			SpecError::Locator => Error::InvalidLocator,
			SpecError::Permissions => Error::InvalidPermissions,
			SpecError::Price => Error::PriceTooLow,
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register_model(
		owner: T::AccountId,
		name: Name,
		metadata: Metadata,
	) -> DispatchResult {
		ensure!(is_name(&name), Error::<T>::InvalidName);
		ensure!(core::str::from_utf8(&metadata).is_ok(), Error::<T>::InvalidMetadata);
		ensure!(!Names::<T>::contains_key(&name), Error::<T>::NameTaken);
		let model = NextModel::<T>::get();
		let next = model.0.checked_add(1).map(ModelId).ok_or(Error::<T>::TooManyModels)?;

		let deposit = Self::deposit_for(&(&name, &metadata));
		Self::hold(&owner, deposit)?;
		NextModel::<T>::put(next);
		Names::<T>::insert(&name, model);
		OwnedModels::<T>::insert(&owner, SortedId::from(model), ());
		let record = ModelRecord::new(owner.clone(), name.clone(), metadata, deposit);
		Models::<T>::insert(model, record);
		Self::deposit_event(Event::ModelRegistered { model, owner, name });
		Ok(())
	}

	pub(crate) fn do_publish_version(
		caller: T::AccountId,
		model: ModelId,
		spec: VersionSpec,
	) -> DispatchResult {
		let record = Self::owned_model(&caller, model)?;
		spec.validate().map_err(Error::<T>::from)?;
		let deposit = Self::deposit_for(&spec);
		let record = record
			.add_version(deposit, T::MaxVersions::get())
			.ok_or(Error::<T>::TooManyVersions)?;
		let version = VersionId { model, number: record.latest };

		Self::hold(&caller, deposit)?;
		Versions::<T>::insert(version, VersionRecord::new(spec, Self::now(), deposit));
		Models::<T>::insert(model, record);
		Self::deposit_event(Event::VersionPublished { version });
		Ok(())
	}

	pub(crate) fn do_deprecate_version(caller: T::AccountId, version: VersionId) -> DispatchResult {
		let record = Self::owned_version(&caller, version)?;
		let record = record.deprecate().ok_or(Error::<T>::AlreadyDeprecated)?;

		Versions::<T>::insert(version, record);
		Self::deposit_event(Event::VersionDeprecated { version });
		Ok(())
	}

	pub(crate) fn do_offer_model(
		caller: T::AccountId,
		model: ModelId,
		to: T::AccountId,
	) -> DispatchResult {
		Self::owned_model(&caller, model)?;
		if to == caller {
			return Self::withdraw_offer(model);
		}

		Offers::<T>::insert(model, &to);
		Self::deposit_event(Event::ModelOffered { model, to });
		Ok(())
	}

	fn withdraw_offer(model: ModelId) -> DispatchResult {
		ensure!(Offers::<T>::contains_key(model), Error::<T>::NotOffered);

		Offers::<T>::remove(model);
		Self::deposit_event(Event::OfferWithdrawn { model });
		Ok(())
	}

	pub(crate) fn do_accept_model(to: T::AccountId, model: ModelId) -> DispatchResult {
		let record = Models::<T>::get(model).ok_or(Error::<T>::UnknownModel)?;
		ensure!(Offers::<T>::get(model).as_ref() == Some(&to), Error::<T>::NotOffered);

		let from = record.owner.clone();
		Self::hold(&to, record.total_deposit())?;
		Self::release(&from, record.total_deposit())?;
		Offers::<T>::remove(model);
		OwnedModels::<T>::remove(&from, SortedId::from(model));
		OwnedModels::<T>::insert(&to, SortedId::from(model), ());
		Models::<T>::insert(model, record.transfer(to.clone()));
		Self::deposit_event(Event::ModelTransferred { model, from, to });
		Ok(())
	}

	pub(crate) fn do_set_price(
		caller: T::AccountId,
		version: VersionId,
		price: Balance,
	) -> DispatchResult {
		let record = Self::owned_version(&caller, version)?;
		ensure!(price >= record.spec.permissions.least_price, Error::<T>::PriceTooLow);

		Versions::<T>::insert(version, record.at_price(price));
		Self::deposit_event(Event::PriceSet { version, price });
		Ok(())
	}

	/// Freeze a version whose graph is invalid. Its deposit goes to the prover, or is burned where
	/// the prover's account cannot take it. That of its lineage stays its owner's: the version is no
	/// less made from its parents.
	pub(crate) fn do_freeze(version: VersionId, prover: &T::AccountId) {
		let frozen = Versions::<T>::get(version).and_then(VersionRecord::freeze);
		let (Some((record, deposit)), Some(model)) = (frozen, Models::<T>::get(version.model))
		else {
			return;
		};
		let reason = HoldReason::Deposit.into();
		let paid = with_storage_layer(|| {
			T::Currency::transfer_on_hold(
				&reason,
				&model.owner,
				prover,
				deposit,
				Precision::Exact,
				Restriction::Free,
				Fortitude::Force,
			)
		});
		if paid.is_err()
			&& T::Currency::burn_held(
				&reason,
				&model.owner,
				deposit,
				Precision::Exact,
				Fortitude::Force,
			)
			.is_err()
		{
			defensive!("a deposit is not held");
		}
		Versions::<T>::insert(version, record);
		Models::<T>::insert(version.model, model.remove_deposit(deposit));
		let prover = prover.clone();
		Self::deposit_event(Event::VersionFrozen { version, prover, deposit });
	}

	/// The model, if the caller owns it.
	pub(crate) fn owned_model(
		caller: &T::AccountId,
		model: ModelId,
	) -> Result<ModelRecord<T::AccountId>, Error<T>> {
		let record = Models::<T>::get(model).ok_or(Error::<T>::UnknownModel)?;
		ensure!(record.owner == *caller, Error::<T>::NotOwner);
		Ok(record)
	}

	/// The version, if the caller owns its model.
	pub(crate) fn owned_version(
		caller: &T::AccountId,
		version: VersionId,
	) -> Result<VersionRecord, Error<T>> {
		Self::owned_model(caller, version.model)?;
		Versions::<T>::get(version).ok_or(Error::<T>::UnknownVersion)
	}

	/// The deposit for what is stored at an owner's word.
	///
	/// Saturates: a deposit that cannot be counted cannot be paid either.
	pub(crate) fn deposit_for(stored: &impl Encode) -> Balance {
		let bytes: Balance = stored.encoded_size().saturated_into();
		T::DepositBase::get().saturating_add(T::DepositPerByte::get().saturating_mul(bytes))
	}

	pub(crate) fn hold(owner: &T::AccountId, deposit: Balance) -> DispatchResult {
		T::Currency::hold(&HoldReason::Deposit.into(), owner, deposit)
	}

	pub(crate) fn release(owner: &T::AccountId, deposit: Balance) -> DispatchResult {
		T::Currency::release(&HoldReason::Deposit.into(), owner, deposit, Precision::Exact)
			.map(|_| ())
	}

	fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}
}
