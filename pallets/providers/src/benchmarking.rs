//! Benchmarks: each call at its worst case.

use crate::{Asks, Call, Config, Event, Pallet, Profiles, Providers};
use alloc::vec::Vec;
use assay_primitives::{
	provider::{Ask, Engagement, Maintenance, Profile, MAX_DEVICES, MAX_ENDPOINT, MAX_LABEL},
	traits::{BenchmarkScene, ProviderMarket},
	Balance, VersionId,
};
use core::iter::repeat_n;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Inspect, Unbalanced},
		tokens::Precision,
		Get,
	},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use sp_runtime::traits::Saturating;

/// A list that is known to be within its bound.
fn bounded<Item, Most: Get<u32>>(items: impl IntoIterator<Item = Item>) -> BoundedVec<Item, Most> {
	items.into_iter().collect::<Vec<_>>().try_into().ok().expect("within the bound; qed")
}

/// The longest profile.
fn worst_profile() -> Profile {
	let label = || bounded(repeat_n(b'x', MAX_LABEL as usize));
	let host = repeat_n(b'x', MAX_ENDPOINT as usize - 8);
	Profile {
		endpoint: bounded(b"https://".iter().copied().chain(host)),
		runtime: label(),
		devices: bounded((0..MAX_DEVICES).map(|_| label())),
	}
}

/// The bond of the benchmarks: twice the least, so that half of it can be taken out.
fn bond<T: Config>() -> Balance {
	Pallet::<T>::min_bond().saturating_mul(2)
}

fn fund<T: Config>(account: &T::AccountId, amount: Balance) {
	let amount = amount.saturating_add(T::Currency::minimum_balance());
	let added = T::Currency::increase_balance(account, amount, Precision::BestEffort)
		.expect("an account can be funded; qed");
	T::Currency::set_total_issuance(T::Currency::total_issuance().saturating_add(added));
}

fn signed<T: Config>(account: &T::AccountId) -> T::RuntimeOrigin {
	RawOrigin::Signed(account.clone()).into()
}

/// A provider that is offline, with the longest profile.
fn registered<T: Config>(index: u32, bond: Balance) -> T::AccountId {
	let provider = account("provider", index, 0);
	fund::<T>(&provider, bond.saturating_mul(2));
	Pallet::<T>::register(signed::<T>(&provider), worst_profile(), bond)
		.expect("the account is new and has the bond; qed");
	provider
}

fn assert_last_event<T: Config>(event: Event<T>) {
	let event = <T as frame_system::Config>::RuntimeEvent::from(event);
	frame_system::Pallet::<T>::assert_last_event(event);
}

impl<T: Config> Pallet<T> {
	/// Register `count` providers with this bond, bring them online and have them ask the least
	/// price for the version; the first is returned. The scene for benchmarks of other pallets.
	pub fn benchmark_serve(version: VersionId, count: u32, bond: Balance) -> T::AccountId {
		for index in 0..count {
			let provider = registered::<T>(index, bond);
			Self::set_online(signed::<T>(&provider), true).expect("it has the least bond; qed");
			let ask = Ask { price: T::LeastPrice::get().max(1), capacity: u32::MAX, until: None };
			Self::set_ask(signed::<T>(&provider), version, ask)
				.expect("the version is active; qed");
		}
		account("provider", 0, 0)
	}
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register() {
		let provider: T::AccountId = account("provider", 0, 0);
		let bond = bond::<T>();
		fund::<T>(&provider, bond);

		#[extrinsic_call]
		_(RawOrigin::Signed(provider.clone()), worst_profile(), bond);

		assert_last_event::<T>(Event::ProviderRegistered { provider, bond });
	}

	#[benchmark]
	fn update_profile() {
		let provider = registered::<T>(0, bond::<T>());
		let profile = Profile { runtime: Default::default(), ..worst_profile() };

		#[extrinsic_call]
		_(RawOrigin::Signed(provider.clone()), profile.clone());

		assert_eq!(Profiles::<T>::get(&provider), Some(profile));
	}

	#[benchmark]
	fn bond_extra() {
		let provider = registered::<T>(0, bond::<T>());
		let amount = bond::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(provider.clone()), amount);

		assert_last_event::<T>(Event::BondIncreased { provider, amount });
	}

	#[benchmark]
	fn set_online() {
		let provider = registered::<T>(0, bond::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(provider.clone()), true);

		assert_last_event::<T>(Event::OnlineSet { provider, online: true });
	}

	#[benchmark]
	fn heartbeat() -> Result<(), BenchmarkError> {
		let provider = registered::<T>(0, bond::<T>());
		Pallet::<T>::set_online(signed::<T>(&provider), true)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(provider.clone()));

		assert_last_event::<T>(Event::HeartbeatReceived { provider });
		Ok(())
	}

	/// The ask changes its band, and another gets its place.
	#[benchmark]
	fn set_ask() {
		let version = T::BenchmarkHelper::publish_version();
		let provider = Pallet::<T>::benchmark_serve(version, 2, bond::<T>());
		let ask = Ask { price: Balance::MAX, capacity: 1, until: Some(u32::MAX) };

		#[extrinsic_call]
		_(RawOrigin::Signed(provider.clone()), version, ask);

		assert_eq!(Asks::<T>::get(version, &provider).map(|asked| asked.ask), Some(ask));
	}

	/// Another ask gets its place.
	#[benchmark]
	fn remove_ask() {
		let version = T::BenchmarkHelper::publish_version();
		let provider = Pallet::<T>::benchmark_serve(version, 2, bond::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(provider.clone()), version);

		assert_last_event::<T>(Event::AskRemoved { provider, version });
	}

	#[benchmark]
	fn evict() -> Result<(), BenchmarkError> {
		let version = T::BenchmarkHelper::publish_version();
		let provider = Pallet::<T>::benchmark_serve(version, 2, bond::<T>());
		let engagement = Engagement { version, exposure: bond::<T>(), weight: None };
		Pallet::<T>::assign(&provider, engagement)?;
		Pallet::<T>::answered(&provider, version);
		Pallet::<T>::slash(&provider, engagement, &[]);
		let caller: T::AccountId = account("caller", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), provider.clone(), version);

		assert_last_event::<T>(Event::ProviderRemoved { provider });
		Ok(())
	}

	#[benchmark]
	fn set_maintenance() {
		let provider = registered::<T>(0, bond::<T>());
		let maintenance = Some(Maintenance { from: 1, until: T::MaxMaintenance::get() });

		#[extrinsic_call]
		_(RawOrigin::Signed(provider.clone()), maintenance);

		assert_last_event::<T>(Event::MaintenanceSet { provider, maintenance });
	}

	#[benchmark]
	fn unbond() -> Result<(), BenchmarkError> {
		let provider = registered::<T>(0, bond::<T>());
		Pallet::<T>::unbond(signed::<T>(&provider), 1)?;
		let rest = bond::<T>().saturating_sub(1);

		#[extrinsic_call]
		_(RawOrigin::Signed(provider.clone()), rest);

		assert_eq!(Providers::<T>::get(&provider).map(|record| record.bond), Some(0));
		Ok(())
	}

	#[benchmark]
	fn withdraw_unbonded() -> Result<(), BenchmarkError> {
		let provider = registered::<T>(0, bond::<T>());
		Pallet::<T>::unbond(signed::<T>(&provider), bond::<T>())?;
		let now: BlockNumberFor<T> = frame_system::Pallet::<T>::block_number();
		frame_system::Pallet::<T>::set_block_number(now.saturating_add(T::UnbondingPeriod::get()));

		#[extrinsic_call]
		_(RawOrigin::Signed(provider.clone()));

		assert_last_event::<T>(Event::ProviderRemoved { provider });
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
