//! Requests that other pallets make in the name of accounts.

use crate::{Config, Error, NextJob, Pallet, WeightInfo};
use assay_primitives::{
	job::{Input, Terms},
	traits::JobRequests,
	Balance, JobId, VersionId,
};
use codec::{Encode, MaxEncodedLen};
use frame_support::weights::Weight;
use sp_runtime::DispatchError;

impl<T: Config> JobRequests<T::AccountId> for Pallet<T> {
	fn request(
		requester: T::AccountId,
		version: VersionId,
		input: Input,
		terms: Terms<T::AccountId>,
	) -> Result<(JobId, Balance), DispatchError> {
		let (job, cost) = (NextJob::<T>::get(), Self::cost(&input, &terms)?);
		Self::do_request(requester, version, input, terms)?;
		Ok((job, cost))
	}

	fn cost(input: &Input, terms: &Terms<T::AccountId>) -> Result<Balance, DispatchError> {
		let deposit = Self::deposit_for(input.encoded_size())?;
		terms.max_fee.checked_add(deposit).ok_or_else(|| Error::<T>::PriceOverflow.into())
	}

	fn request_weight() -> Weight {
		let most = u32::try_from(Input::max_encoded_len()).unwrap_or(u32::MAX);
		T::WeightInfo::request(most)
	}
}
