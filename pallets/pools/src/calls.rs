//! The bodies of the calls: read and check everything, then write, then deposit one event.

use crate::{
	types::{Fault, Item, Pool},
	Config, Error, Event, Items, NextPool, Pallet, Pools,
};
use assay_primitives::{
	pool::{
		Contribution, ItemInfo, ItemInspect, PermitNumbers, PoolSpec, PoolSpecError, ScoreRule,
		MAX_SCORE,
	},
	rights::{is_signed, AssetStatus},
	AssetId, Balance, PoolId,
};
use frame_support::{
	ensure,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{Fortitude, Preservation},
		Get,
	},
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{traits::Zero, DispatchResult};

impl<T: Config> From<Fault> for Error<T> {
	fn from(fault: Fault) -> Self {
		match fault {
			Fault::Closed => Error::PoolClosed,
			Fault::NotClosed => Error::NotClosed,
			Fault::NotEmpty => Error::NotEmpty,
			Fault::Overflow => Error::Overflow,
		}
	}
}

impl<T: Config> From<PoolSpecError> for Error<T> {
	fn from(error: PoolSpecError) -> Self {
		match error {
			PoolSpecError::Name => Error::InvalidName,
			PoolSpecError::Schema => Error::InvalidSchema,
			PoolSpecError::Purpose => Error::InvalidPurpose,
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_create(curator: T::AccountId, spec: PoolSpec) -> DispatchResult {
		spec.validate().map_err(Error::<T>::from)?;
		let pool = NextPool::<T>::get();
		let next = pool.0.checked_add(1).map(PoolId).ok_or(Error::<T>::Overflow)?;
		let (deposit, base) = (T::PoolDeposit::get(), T::Currency::minimum_balance());
		let rule = spec.rule;

		T::Currency::transfer(&curator, &Self::pot(pool), base, Preservation::Preserve)
			.map_err(|_| Error::<T>::InsufficientFunds)?;
		Self::hold(&curator, deposit)?;
		NextPool::<T>::put(next);
		Pools::<T>::insert(pool, Pool::new(curator.clone(), (deposit, base), spec));
		Self::deposit_event(Event::PoolCreated { pool, curator, rule });
		Ok(())
	}

	pub(crate) fn do_set_price(who: T::AccountId, pool: PoolId, price: Balance) -> DispatchResult {
		let record = Self::curated(&who, pool)?.at_price(price).map_err(Error::<T>::from)?;

		Pools::<T>::insert(pool, record);
		Self::deposit_event(Event::Repriced { pool, price });
		Ok(())
	}

	pub(crate) fn do_close(who: T::AccountId, pool: PoolId) -> DispatchResult {
		let record = Self::curated(&who, pool)?.close(Self::now()).map_err(Error::<T>::from)?;

		Pools::<T>::insert(pool, record);
		Self::deposit_event(Event::PoolClosed { pool });
		Ok(())
	}

	pub(crate) fn do_remove(who: T::AccountId, pool: PoolId) -> DispatchResult {
		let record = Self::curated(&who, pool)?;
		let delay = T::RemovalDelay::get();
		record.ensure_over(Self::now(), delay).map_err(Error::<T>::from)?;

		// Nobody else has anything to claim, so that all of it is the base and the curator's.
		let Pool { curator, deposit, base, .. } = record;
		let pot = Self::pot(pool);
		let (left, all) = (T::Currency::balance(&pot), Preservation::Expendable);
		// What somebody sent to the pot may keep it alive, and then its base stays.
		let rest = T::Currency::reducible_balance(&pot, all, Fortitude::Polite);
		T::Currency::transfer(&pot, &curator, rest, all)?;
		Self::release(&curator, deposit);
		Pools::<T>::remove(pool);
		// The pot has at least its base: C-3.
		let cut = left.saturating_sub(base);
		Self::deposit_event(Event::PoolRemoved { pool, cut });
		Ok(())
	}

	pub(crate) fn do_contribute(
		submitter: T::AccountId,
		contribution: Contribution<T::AccountId>,
		signature: T::OffchainSignature,
	) -> DispatchResult {
		ensure!(Self::now() < contribution.expires, Error::<T>::ContributionExpired);
		let Contribution { pool, asset, ref contributor, nonce, .. } = contribution;
		let mut record = Self::synced(pool)?;
		record.ensure_open().map_err(Error::<T>::from)?;
		let ItemInfo { owner, bytes, status } =
			T::Assets::item(asset).ok_or(Error::<T>::UnknownAsset)?;
		ensure!(owner.as_ref() == Some(contributor), Error::<T>::NotOwner);
		ensure!(status == AssetStatus::Active, Error::<T>::AssetNotActive);
		let former = Items::<T>::get(pool, Self::key(asset));
		let is_new = former.as_ref().is_none_or(|former| former.contributor != *contributor);
		ensure!(is_new, Error::<T>::AlreadyContributed);
		ensure!(Self::can_hold(pool, contributor), Error::<T>::CannotHold);
		// What costs most comes last.
		ensure!(Self::has_signed(&contribution, &signature), Error::<T>::WrongSignature);

		T::Permits::take(asset, nonce)?;
		if let Some(former) = former {
			Self::take_out(&mut record, pool, asset, former)?;
		}
		let (score, deposit) = (record.spec.rule.initial(bytes), T::ItemDeposit::get());
		let (contributor, payer) = (contribution.contributor, submitter);
		let item = Item { contributor, nonce, score, uses: 0, payer, deposit };
		Self::put_in(&mut record, pool, asset, item)?;
		Pools::<T>::insert(pool, record);
		Ok(())
	}

	/// Whether the contributor has signed it for this chain.
	fn has_signed(
		contribution: &Contribution<T::AccountId>,
		signature: &T::OffchainSignature,
	) -> bool {
		let genesis = frame_system::BlockHash::<T>::get(BlockNumberFor::<T>::zero());
		let bytes = contribution.signed_bytes(genesis.as_ref());
		is_signed(&bytes, &contribution.contributor, signature)
	}

	pub(crate) fn do_withdraw(who: T::AccountId, pool: PoolId, asset: AssetId) -> DispatchResult {
		let mut record = Self::synced(pool)?;
		let item = Self::item_record(pool, asset)?;
		let may = who == item.contributor || Self::is_void(asset, &item);
		ensure!(may, Error::<T>::NotContributor);

		Self::take_out(&mut record, pool, asset, item)?;
		Pools::<T>::insert(pool, record);
		Ok(())
	}

	/// Whether an item is of no use any more unless its asset changes hands.
	fn is_void(asset: AssetId, item: &Item<T::AccountId>) -> bool {
		T::Assets::item(asset).is_none_or(|info| {
			info.status == AssetStatus::Revoked || info.owner.as_ref() != Some(&item.contributor)
		})
	}

	pub(crate) fn do_score(
		who: T::AccountId,
		pool: PoolId,
		asset: AssetId,
		score: u32,
	) -> DispatchResult {
		let mut record = Self::curated(&who, pool)?;
		record.ensure_open().map_err(Error::<T>::from)?;
		ensure!(record.spec.rule == ScoreRule::Scored, Error::<T>::NotScored);
		ensure!(score <= MAX_SCORE, Error::<T>::InvalidScore);
		let mut item = Self::item_record(pool, asset)?;
		let mut contributor = Self::contributor_record(pool, &item.contributor);
		record.rescore(&mut contributor, item.score, score.into()).map_err(Error::<T>::from)?;

		item.score = score.into();
		Self::keep(&mut record, pool, &item.contributor, contributor);
		Items::<T>::insert(pool, Self::key(asset), item);
		Pools::<T>::insert(pool, record);
		Self::deposit_event(Event::Scored { pool, asset, score });
		Ok(())
	}

	pub(crate) fn do_claim(who: T::AccountId, pool: PoolId) -> DispatchResult {
		let mut record = Self::synced(pool)?;
		let mut contributor = Self::contributor_record(pool, &who);
		record.income.settle(&mut contributor.position);
		let earned = record.income.pay(&mut contributor.position);
		let cut = if who == record.curator { core::mem::take(&mut record.cut) } else { 0 };
		// Both are parts of what the pot has.
		let amount = earned.saturating_add(cut);
		ensure!(amount > 0, Error::<T>::NothingToClaim);

		T::Currency::transfer(&Self::pot(pool), &who, amount, Preservation::Preserve)?;
		Self::keep(&mut record, pool, &who, contributor);
		Pools::<T>::insert(pool, record);
		Self::deposit_event(Event::Claimed { pool, who, earned, cut });
		Ok(())
	}
}
