//! Random courses: whatever happens, no unit is lost, nobody is paid what another has earned, and
//! what was not consented to is not used.

use crate::{mock::*, Contributors, Items, Pools as Records};
use assay_primitives::{
	pool::{Contribution, PoolSpec, ScoreRule},
	rights::{AssetStatus, DataAccess},
	AssetId, Balance, PoolId,
};
use frame_support::{
	assert_ok,
	traits::{fungible::Mutate, tokens::Preservation},
};
use proptest::prelude::*;
use sp_runtime::{DispatchResult, Permill};
use std::collections::BTreeMap;

const POOLS: u32 = 3;
const ASSETS: u32 = 6;

/// What somebody does, or what happens.
#[derive(Clone, Debug)]
enum Act {
	Contribute { replayed: bool },
	Withdraw { by: AccountId },
	Score { score: u32 },
	Use,
	Settle,
	Earn { income: Balance },
	Claim { by: AccountId },
	Sell { to: AccountId },
	Burn,
	Freeze { frozen: bool },
	Retire,
	Revoke,
	RemoveAsset,
	Algorithms { listed: bool },
	Reprice { price: Balance },
	Close,
	Remove,
	Wait { blocks: u32 },
}

fn account() -> impl Strategy<Value = AccountId> {
	prop::sample::select(vec![ALICE, ALICE, BOB, BOB, CURATOR, STRANGER])
}

fn act() -> impl Strategy<Value = Act> {
	let income = prop_oneof![0u128..5, 0u128..5_000, 0..1u128 << 60];
	prop_oneof![
		8 => prop::bool::weighted(0.2).prop_map(|replayed| Act::Contribute { replayed }),
		3 => account().prop_map(|by| Act::Withdraw { by }),
		3 => prop_oneof![0u32..4, 0u32..1_100_000].prop_map(|score| Act::Score { score }),
		6 => Just(Act::Use),
		4 => Just(Act::Settle),
		4 => income.prop_map(|income| Act::Earn { income }),
		4 => account().prop_map(|by| Act::Claim { by }),
		3 => account().prop_map(|to| Act::Sell { to }),
		1 => Just(Act::Burn),
		2 => any::<bool>().prop_map(|frozen| Act::Freeze { frozen }),
		1 => Just(Act::Retire),
		1 => Just(Act::Revoke),
		1 => Just(Act::RemoveAsset),
		1 => any::<bool>().prop_map(|listed| Act::Algorithms { listed }),
		1 => (0u128..1_000).prop_map(|price| Act::Reprice { price }),
		1 => prop::bool::weighted(0.2).prop_map(|close| {
			if close { Act::Close } else { Act::Wait { blocks: 1 } }
		}),
		1 => Just(Act::Remove),
		1 => (1u32..30).prop_map(|blocks| Act::Wait { blocks }),
	]
}

/// What should be, told apart from what is stored.
#[derive(Default)]
struct Course {
	/// Who has consented to what.
	consents: BTreeMap<(PoolId, AssetId), AccountId>,
	/// The jobs that have not settled.
	jobs: Vec<(PoolId, DataAccess<AccountId>)>,
}

impl Course {
	fn is_open(pool: PoolId) -> bool {
		Pools::pool(pool).is_some_and(|pool| pool.closed.is_none())
	}

	fn owner(asset: AssetId) -> Option<AccountId> {
		DataRights::asset(asset)?.owner
	}

	fn status(asset: AssetId) -> Option<AssetStatus> {
		Some(DataRights::asset(asset)?.status)
	}

	/// Whether a use is to be admitted.
	fn may_use(&self, pool: PoolId, asset: AssetId) -> bool {
		let consented = self.consents.get(&(pool, asset));
		Self::is_open(pool)
			&& consented.is_some_and(|who| Self::owner(asset).as_ref() == Some(who))
			&& Self::status(asset).is_some_and(AssetStatus::is_usable)
			&& DataRights::asset(asset).is_some_and(|asset| asset.spec.algorithms.admit(VERSION))
	}

	/// Whether this account may take the asset out.
	fn may_withdraw(&self, pool: PoolId, asset: AssetId, by: &AccountId) -> bool {
		self.consents.get(&(pool, asset)).is_some_and(|who| {
			let gone = matches!(Self::status(asset), None | Some(AssetStatus::Revoked));
			who == by || gone || Self::owner(asset).as_ref() != Some(who)
		})
	}

	fn contribute(&mut self, pool: PoolId, asset: AssetId, replayed: bool) {
		let Some(owner) = Self::owner(asset) else { return };
		let mut signed = contribution(pool, asset);
		if replayed {
			signed.nonce = signed.nonce.saturating_sub(1);
		}
		let is_fresh = !replayed || signed.nonce == DataRights::asset(asset).unwrap().next_permit;
		let expected = Self::is_open(pool)
			&& [ALICE, BOB].contains(&owner)
			&& Self::status(asset) == Some(AssetStatus::Active)
			&& self.consents.get(&(pool, asset)) != Some(&owner)
			&& is_fresh;
		let done = contribute(signed);
		assert_eq!(done.is_ok(), expected, "{done:?}");
		if expected {
			self.consents.insert((pool, asset), owner);
		}
	}

	fn withdraw(&mut self, pool: PoolId, asset: AssetId, by: AccountId) {
		let expected = self.may_withdraw(pool, asset, &by);
		let done = withdraw(by, pool, asset);
		assert_eq!(done.is_ok(), expected, "{done:?}");
		if expected {
			self.consents.remove(&(pool, asset));
		}
	}

	fn request(&mut self, pool: PoolId, asset: AssetId) {
		let expected = self.may_use(pool, asset);
		let access = exercise(pool, asset);
		assert_eq!(access.is_ok(), expected, "{access:?}");
		self.jobs.extend(access.map(|access| (pool, access)));
	}

	/// The oldest job settles, unless its pool was removed: jobs take less time than that.
	fn settle_next(&mut self) {
		if self.jobs.is_empty() {
			return;
		}
		let (pool, access) = self.jobs.remove(0);
		if Pools::curator(pool).is_some() {
			settle(access);
		}
	}

	fn perform(&mut self, act: Act, pool: PoolId, asset: AssetId) {
		let origin = || by(Self::owner(asset).unwrap_or(STRANGER));
		// Refusals leave everything as it was, which the invariants tell.
		let _ = match act {
			Act::Contribute { replayed } => return self.contribute(pool, asset, replayed),
			Act::Withdraw { by } => return self.withdraw(pool, asset, by),
			Act::Use => return self.request(pool, asset),
			Act::Settle => return self.settle_next(),
			Act::Earn { income } => {
				let pot = Pools::pot(pool);
				let exists = Pools::curator(pool).is_some();
				let keep = Preservation::Preserve;
				let pay = || Balances::transfer(&REQUESTER, &pot, income, keep).map(|_| ());
				dispatched(|| if exists { pay() } else { Ok(()) })
			},
			Act::Score { score } => dispatched(|| Pools::score(by(CURATOR), pool, asset, score)),
			Act::Claim { by: who } => dispatched(|| Pools::claim(by(who), pool)),
			Act::Reprice { price } => dispatched(|| Pools::set_price(by(CURATOR), pool, price)),
			Act::Close => dispatched(|| Pools::close(by(CURATOR), pool)),
			Act::Remove => dispatched(|| Pools::remove(by(CURATOR), pool)),
			Act::Wait { blocks } => {
				run_to(System::block_number() + blocks);
				Ok(())
			},
			act => dispatched(|| Self::change(act, asset, origin())),
		};
	}

	/// Something happens to an asset.
	fn change(act: Act, asset: AssetId, origin: RuntimeOrigin) -> DispatchResult {
		let collection = pallet_data_rights::Collection::<Test>::get().unwrap();
		match act {
			Act::Sell { to } => Nfts::transfer(origin, collection, asset.0, to),
			Act::Burn => Nfts::burn(origin, collection, asset.0),
			Act::Freeze { frozen: true } => DataRights::freeze(RuntimeOrigin::root(), asset),
			Act::Freeze { frozen: false } => DataRights::thaw(RuntimeOrigin::root(), asset),
			Act::Retire => DataRights::retire(origin, asset),
			Act::Revoke => DataRights::revoke_asset(origin, asset),
			Act::RemoveAsset => DataRights::remove_asset(origin, asset),
			Act::Algorithms { listed } => {
				let versions = if listed { VERSION } else { RIVAL };
				DataRights::set_algorithms(origin, asset, only(&[versions]))
			},
			other => unreachable!("not of an asset: {other:?}"),
		}
	}

	/// What is stored is what should be.
	fn check(&self) {
		assert_ok!(Pools::do_try_state());
		let stored: BTreeMap<_, _> = Items::<Test>::iter()
			.map(|(pool, key, item)| ((pool, AssetId(u32::from_be_bytes(key))), item.contributor))
			.collect();
		assert_eq!(stored, self.consents);
	}

	/// Everybody takes what there is, and nothing is left.
	fn finish(mut self) {
		while !self.jobs.is_empty() {
			self.settle_next();
		}
		for ((pool, asset), who) in core::mem::take(&mut self.consents) {
			assert_ok!(withdraw(who, pool, asset));
		}
		run_to(System::block_number() + DELAY);
		for pool in (0..POOLS).map(PoolId) {
			let _ = dispatched(|| Pools::close(by(CURATOR), pool));
		}
		run_to(System::block_number() + DELAY);
		for pool in (0..POOLS).map(PoolId).filter(|pool| Pools::curator(*pool).is_some()) {
			for who in [ALICE, BOB] {
				let _ = dispatched(|| Pools::claim(by(who), pool));
			}
			assert_ok!(Pools::remove(by(CURATOR), pool));
		}
		assert_eq!((Records::<Test>::iter().count(), Contributors::<Test>::iter().count()), (0, 0));
		assert!([CURATOR, SUBMITTER].into_iter().all(|who| held(who) == 0));
		assert!((0..POOLS).all(|pool| free(Pools::pot(PoolId(pool))) == 0));
	}
}

/// What everybody can claim of every pool.
fn claims() -> BTreeMap<(PoolId, AccountId), Balance> {
	let contributors = Contributors::<Test>::iter_keys();
	contributors
		.map(|(pool, who)| {
			let claimable = Pools::contributor(pool, who.clone()).unwrap().claimable;
			((pool, who), claimable)
		})
		.collect()
}

/// A pool of each rule, each with another cut.
fn scene() {
	for (rule, percent) in [(ScoreRule::Equal, 7), (ScoreRule::Bytes, 0), (ScoreRule::Scored, 33)] {
		created(PoolSpec { cut: Permill::from_percent(percent), ..ruled(rule) });
	}
	for number in 0..ASSETS {
		let owner = if number % 2 == 0 { ALICE } else { BOB };
		sized(owner, [0, 1, 1_000, 1 << 40, u64::MAX][number as usize % 5]);
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(150))]

	#[test]
	fn no_course_loses_a_unit_or_uses_what_was_not_consented_to(
		acts in prop::collection::vec((act(), 0..POOLS, 0..ASSETS), 1..100),
	) {
		build_and_execute(|| {
			scene();
			let mut course = Course::default();
			for (act, pool, asset) in acts {
				let before = claims();
				let claimant = match &act {
					Act::Claim { by } => Some((PoolId(pool), by.clone())),
					_ => None,
				};
				course.perform(act, PoolId(pool), AssetId(asset));
				course.check();
				let after = claims();
				for (whose, amount) in before {
					// Less than a unit goes each time that one is settled.
					let left = after.get(&whose).copied().unwrap_or_default();
					assert!(Some(whose) == claimant || left + 1 >= amount);
				}
			}
			course.finish();
		});
	}
}

/// The numbers of an asset are those of its contributions to every pool.
#[test]
fn a_replay_is_told_apart_from_a_first_use() {
	build_and_execute(|| {
		scene();
		let signed = contribution(PoolId(0), AssetId(0));
		assert_ok!(contribute(signed.clone()));
		let elsewhere = Contribution { pool: PoolId(1), ..signed };
		assert!(contribute(elsewhere).is_err());
	});
}
