//! Permits: grants that an owner signs off chain, and anybody has made.

use crate::{Config, Error, Event, Pallet, Permits};
use assay_primitives::{
	rights::{is_signed, Permit},
	AssetId,
};
use frame_support::ensure;
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{traits::Zero, DispatchResult};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_give_signed(
		submitter: T::AccountId,
		permit: Permit<T::AccountId>,
		owner: T::AccountId,
		signature: T::OffchainSignature,
	) -> DispatchResult {
		let now = Self::now();
		ensure!(now < permit.expires, Error::<T>::PermitExpired);
		permit.terms.validate(now).map_err(Error::<T>::from)?;
		Self::active_asset(&owner, permit.asset)?;
		let window = Permits::<T>::get(permit.asset);
		let window = window.take(permit.nonce).map_err(Error::<T>::from)?;
		// What costs most comes last.
		ensure!(Self::is_signed(&permit, &owner, &signature), Error::<T>::WrongSignature);

		let Permit { asset, to, terms, .. } = permit;
		let grant = Self::store_grant(asset, to.clone(), terms, submitter)?;
		Permits::<T>::insert(asset, window);
		Self::deposit_event(Event::Granted { grant, asset, holder: to });
		Ok(())
	}

	/// Whether the account has signed the permit for this chain.
	fn is_signed(
		permit: &Permit<T::AccountId>,
		signer: &T::AccountId,
		signature: &T::OffchainSignature,
	) -> bool {
		let genesis = frame_system::BlockHash::<T>::get(BlockNumberFor::<T>::zero());
		is_signed(&permit.signed_bytes(genesis.as_ref()), signer, signature)
	}

	pub(crate) fn do_cancel_permits(
		owner: T::AccountId,
		asset: AssetId,
		below: u64,
	) -> DispatchResult {
		Self::owned_asset(&owner, asset)?;

		Permits::<T>::mutate(asset, |window| *window = window.cancel(below));
		Self::deposit_event(Event::PermitsCancelled { asset, below });
		Ok(())
	}
}
