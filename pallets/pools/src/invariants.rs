//! What is always true, numbered as in `docs/protocol.md`.

use crate::{types::Contributor, Config, Contributors, HoldReason, Items, NextPool, Pallet, Pools};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use assay_primitives::{
	accrual::Position,
	pool::{ItemInspect, PermitNumbers, ScoreRule, MAX_SCORE},
	AssetId, Balance,
};
use frame_support::{
	ensure,
	traits::fungible::{Inspect, InspectHold},
};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Check every invariant of this pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::deposits_are_held()?;
		Self::scores_add_up()?;
		Self::pots_have_what_they_owe()?;
		Self::records_are_of_pools()?;
		Self::contributors_exist()?;
		Self::income_is_divided_exactly()?;
		Self::consents_are_good_once()
	}

	/// C-1: what is held of each account equals the deposits of the pools that it has created and
	/// of the items that it has paid for.
	fn deposits_are_held() -> Result<(), TryRuntimeError> {
		let pools = Pools::<T>::iter_values().map(|record| (record.curator, record.deposit));
		let items = Items::<T>::iter_values().map(|item| (item.payer, item.deposit));
		let mut sums: BTreeMap<T::AccountId, Balance> = BTreeMap::new();
		for (payer, deposit) in pools.chain(items) {
			let sum = sums.entry(payer).or_default();
			*sum = sum.checked_add(deposit).ok_or("C-1: deposits overflow")?;
		}
		let reason = HoldReason::Deposit.into();
		for account in frame_system::Account::<T>::iter_keys() {
			let held = T::Currency::balance_on_hold(&reason, &account);
			let owed = sums.remove(&account).unwrap_or_default();
			ensure!(held == owed, "C-1: a hold differs from the deposits");
		}
		ensure!(sums.into_values().all(|sum| sum == 0), "C-1: a payer without an account");
		Ok(())
	}

	/// C-2: what a contributor counts is its items and the sum of their scores, and what a pool
	/// counts is those of all its contributors. No item was used more often than its pool.
	fn scores_add_up() -> Result<(), TryRuntimeError> {
		for (pool, record) in Pools::<T>::iter() {
			let mut sums: BTreeMap<T::AccountId, (u32, Balance)> = BTreeMap::new();
			let (mut total, mut uses) = ((0u32, Balance::default()), 0u64);
			for item in Items::<T>::iter_prefix_values(pool) {
				for (items, score) in [sums.entry(item.contributor).or_default(), &mut total] {
					*items = items.saturating_add(1);
					*score = score.saturating_add(item.score.into());
				}
				uses = uses.saturating_add(item.uses);
			}
			ensure!(total == (record.items, record.score), "C-2: a pool miscounts its items");
			ensure!(uses <= record.uses, "C-2: a pool miscounts its uses");
			for (who, Contributor { items, position }) in Contributors::<T>::iter_prefix(pool) {
				let sum = sums.remove(&who).unwrap_or_default();
				ensure!(sum == (items, position.weight), "C-2: a contributor is miscounted");
			}
			ensure!(sums.is_empty(), "C-2: an item of nobody");
		}
		Ok(())
	}

	/// C-3: a pot has at least its base, what all contributors can claim, and the curator's cut.
	fn pots_have_what_they_owe() -> Result<(), TryRuntimeError> {
		for pool in Pools::<T>::iter_keys() {
			let mut record = Self::synced(pool).map_err(|_| "C-3: a pool that is none")?;
			let claimable = Contributors::<T>::iter_prefix_values(pool)
				.map(|mut contributor| {
					record.income.settle(&mut contributor.position);
					contributor.position.owed
				})
				.try_fold(record.base, Balance::checked_add);
			let owed = claimable.and_then(|owed| owed.checked_add(record.cut));
			let owed = owed.ok_or("C-3: more is owed than can be counted")?;
			let balance = T::Currency::balance(&Self::pot(pool));
			ensure!(balance >= owed, "C-3: a pot owes more than it has");
		}
		Ok(())
	}

	/// C-4: items and contributors are of pools that there are, contributors are counted and not
	/// empty, scores are as the rule gives them, and every number was given.
	fn records_are_of_pools() -> Result<(), TryRuntimeError> {
		for (pool, _, item) in Items::<T>::iter() {
			let record = Pools::<T>::get(pool).ok_or("C-4: an item of no pool")?;
			let follows = match record.spec.rule {
				ScoreRule::Equal => item.score == 1,
				ScoreRule::Bytes => item.score >= 1,
				ScoreRule::Scored => item.score <= u64::from(MAX_SCORE),
			};
			ensure!(follows, "C-4: a score that the rule does not give");
		}
		for (pool, _, contributor) in Contributors::<T>::iter() {
			ensure!(Pools::<T>::contains_key(pool), "C-4: a contributor to no pool");
			ensure!(!contributor.is_empty(), "C-4: a contributor with nothing");
		}
		for (pool, record) in Pools::<T>::iter() {
			ensure!(pool < NextPool::<T>::get(), "C-4: a number that was not given");
			let count = Contributors::<T>::iter_key_prefix(pool).count();
			let counted = u32::try_from(count) == Ok(record.contributors);
			ensure!(counted, "C-4: contributors are miscounted");
		}
		Ok(())
	}

	/// C-5: an account refers to all that it has of pools, so that it cannot be removed before.
	fn contributors_exist() -> Result<(), TryRuntimeError> {
		let mut counts = BTreeMap::<T::AccountId, u32>::new();
		for (_, who) in Contributors::<T>::iter_keys() {
			let count = counts.entry(who).or_default();
			*count = count.saturating_add(1);
		}
		for (who, count) in counts {
			let account = frame_system::Account::<T>::get(&who);
			ensure!(account.consumers >= count, "C-5: an account does not refer to its items");
			ensure!(account.providers > 0, "C-5: a contributor that does not exist");
		}
		Ok(())
	}

	/// C-6: what is accounted for is what is owed and what was left over, to the last fraction.
	fn income_is_divided_exactly() -> Result<(), TryRuntimeError> {
		for (pool, record) in Pools::<T>::iter() {
			let positions = Contributors::<T>::iter_prefix_values(pool);
			let positions: Vec<Position> = positions.map(|one| one.position).collect();
			ensure!(record.income.is_exact(positions), "C-6: income was lost, or made");
		}
		Ok(())
	}

	/// C-7: the number of the signature behind each item is used up, for as long as there is the
	/// asset; and no two items of an asset have the same.
	fn consents_are_good_once() -> Result<(), TryRuntimeError> {
		let mut used = BTreeSet::new();
		for (_, key, item) in Items::<T>::iter() {
			let asset = AssetId(u32::from_be_bytes(key));
			let exists = T::Assets::item(asset).is_some();
			let is_used = T::Permits::next(asset) > item.nonce;
			ensure!(is_used || !exists, "C-7: a signature that is good again");
			ensure!(used.insert((key, item.nonce)), "C-7: a signature that was good twice");
		}
		Ok(())
	}
}
