//! The pallets joined: a lease from its order to its end, with real providers and heartbeats.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

// A lease needs no model.
#[allow(dead_code)]
mod support;

use assay_primitives::{
	lease::{
		key_path, CloseReason, LeaseState, LeaseStatus, LeaseView, Offer, OfferFilter, OfferView,
		OrderSpec, TakeSpec,
	},
	provider::{Ask, Engagement, Performance, Profile, Tier},
	traits::{ProviderLiveness, ProviderMarket},
	AccountId, LeaseId, ModelId, VersionId, ASY,
};
use assay_runtime::{Balances, Leases, Models, Providers, Runtime, System};
use frame_support::{
	assert_noop, assert_ok,
	traits::{fungible::Inspect, Get},
};
use sp_keyring::Sr25519Keyring::{
	self, Alice as TENANT, Bob as PROVIDER, Charlie as RIVAL, Dave as ANYBODY,
};
use support::{dev_chain, next_block, origin};

const LEASE: LeaseId = LeaseId(0);
const PRICE: u128 = ASY / 100;

fn order(tier: Tier) -> OrderSpec {
	OrderSpec {
		attributes: vec![key_path("gpu/nvidia").unwrap()].try_into().unwrap(),
		tier,
		duration: 1_000,
		max_price: 2 * PRICE,
		bidding: 5,
		automatic: true,
		key: [7; 32],
	}
}

fn view() -> LeaseView<AccountId> {
	Leases::lease(LEASE).unwrap()
}

fn total(account: Sr25519Keyring) -> u128 {
	Balances::total_balance(&account.to_account_id())
}

/// Go some blocks on, with heartbeats of those who are alive.
fn pass(blocks: u32, alive: &[Sr25519Keyring]) {
	for _ in 0..blocks {
		next_block();
		for provider in alive {
			assert_ok!(Providers::heartbeat(origin(*provider)));
		}
	}
}

fn online(provider: Sr25519Keyring) {
	assert_ok!(Providers::register(origin(provider), Profile::default(), 1_000 * ASY));
	assert_ok!(Providers::set_online(origin(provider), true));
	let paths = vec![key_path("gpu/nvidia/h100").unwrap()].try_into().unwrap();
	assert_ok!(Leases::set_attributes(origin(provider), paths));
}

fn bid(provider: Sr25519Keyring, price: u128) {
	let notice = <Runtime as pallet_leases::Config>::MinReclaim::get();
	assert_ok!(Leases::bid(origin(provider), LEASE, price, notice));
}

/// A lease that the cheaper of two providers serves.
fn served() {
	next_block();
	online(PROVIDER);
	online(RIVAL);
	assert_ok!(Leases::open(origin(TENANT), order(Tier::New), 100 * PRICE));
	bid(RIVAL, 2 * PRICE);
	bid(PROVIDER, PRICE);
	pass(6, &[PROVIDER, RIVAL]);
	assert_eq!(view().state.status(), LeaseStatus::Matched);
	let credential = vec![1; 80].try_into().unwrap();
	assert_ok!(Leases::deliver(origin(PROVIDER), LEASE, credential));
}

#[test]
fn a_lease_is_served_until_its_deposit_has_run_out() {
	dev_chain().execute_with(|| {
		served();
		let before = (total(TENANT), total(PROVIDER));
		pass(40, &[PROVIDER]);
		assert_ok!(Leases::withdraw(origin(ANYBODY), LEASE));
		assert_eq!(
			(total(TENANT), total(PROVIDER)),
			(before.0 - 40 * PRICE, before.1 + 40 * PRICE)
		);
		assert_ok!(Leases::top_up(origin(ANYBODY), LEASE, PRICE / 2));
		pass(60, &[PROVIDER]);
		let ended =
			LeaseState::Ended { reason: CloseReason::OutOfFunds, at: System::block_number() };
		assert_eq!(view().state, ended);
		assert_eq!(view().returned, PRICE / 2);
		assert_eq!(total(PROVIDER), before.1 + 100 * PRICE);
	});
}

#[test]
fn a_provider_without_heartbeats_is_replaced() {
	dev_chain().execute_with(|| {
		served();
		let before = (total(TENANT), total(PROVIDER));
		let patience = <Providers as ProviderLiveness<AccountId>>::heartbeat_period()
			+ <Runtime as pallet_leases::Config>::BreachGrace::get();
		assert_ok!(Leases::top_up(origin(TENANT), LEASE, 900 * PRICE));
		pass(10, &[PROVIDER, RIVAL]);
		pass(patience, &[RIVAL]);
		assert!(Leases::report(origin(ANYBODY), LEASE).is_err());
		pass(1, &[RIVAL]);
		assert_ok!(Leases::report(origin(ANYBODY), LEASE));
		assert_eq!(view().agreement.unwrap().provider, RIVAL.to_account_id());
		// Rent to the last heartbeat, and the guarantee.
		let guarantee = <Runtime as pallet_leases::Config>::BidDeposit::get();
		let moved = 10 * PRICE;
		assert_eq!(total(PROVIDER), before.1 + moved - guarantee);
		assert_eq!(total(TENANT), before.0 - moved + guarantee);
		assert_ok!(Leases::close(origin(TENANT), LEASE));
		let reason = CloseReason::ByTenant;
		let at = System::block_number();
		assert_eq!(view().state, LeaseState::Ended { reason, at });
	});
}

#[test]
fn a_tier_is_earned_by_jobs() {
	dev_chain().execute_with(|| {
		next_block();
		online(PROVIDER);
		assert_ok!(Leases::open(origin(TENANT), order(Tier::Proven), 100 * PRICE));
		let notice = <Runtime as pallet_leases::Config>::MinReclaim::get();
		let bid = || Leases::bid(origin(PROVIDER), LEASE, PRICE, notice);
		assert_noop!(bid(), pallet_leases::Error::<Runtime>::TierTooLow);
		let provider = PROVIDER.to_account_id();
		assert_ok!(Models::register_model(
			origin(TENANT),
			b"m".to_vec().try_into().unwrap(),
			Default::default()
		));
		assert_ok!(Models::publish_version(origin(TENANT), ModelId(0), Box::new(support::spec())));
		let version = VersionId { model: ModelId(0), number: 1 };
		let ask = Ask { price: ASY, capacity: 1, until: None };
		assert_ok!(Providers::set_ask(origin(PROVIDER), version, ask));
		let job = Engagement { version, exposure: ASY, weight: Some(ASY / 100) };
		for _ in 0..50 {
			assert_ok!(Providers::assign(&provider, job));
			Providers::answered(&provider, version);
			Providers::finish(&provider, job, Performance::Delivered);
		}
		assert_ok!(bid());
	});
}

fn offer() -> OfferView<AccountId> {
	Leases::offers(OfferFilter::default(), None, 1).items.remove(0)
}

#[test]
fn an_offer_is_taken_served_and_free_again() {
	dev_chain().execute_with(|| {
		next_block();
		online(PROVIDER);
		let least = <Runtime as pallet_leases::Config>::LeastPrice::get();
		let attributes = order(Tier::New).attributes;
		let offered = |price| {
			let reclaim = <Runtime as pallet_leases::Config>::MinReclaim::get();
			let attributes = attributes.clone();
			let offer = Offer { attributes, price, capacity: 1, reclaim, until: Some(1_000) };
			Leases::set_offer(origin(PROVIDER), 0, offer)
		};
		let below = pallet_leases::Error::<Runtime>::BelowStorageCost;
		assert_noop!(offered(least - 1), below);
		assert_ok!(offered(PRICE));
		let take = TakeSpec {
			attributes: Some(attributes.clone()),
			duration: 40,
			max_price: PRICE,
			reclaim: 0,
			key: [7; 32],
		};
		let taken = || {
			let provider = PROVIDER.to_account_id();
			Leases::take(origin(TENANT), provider, 0, take.clone(), 40 * PRICE)
		};
		assert_ok!(taken());
		assert_eq!((offer().open, offer().able), (1, false));
		assert_noop!(taken(), pallet_leases::Error::<Runtime>::OfferFull);
		let credential = vec![1; 80].try_into().unwrap();
		assert_ok!(Leases::deliver(origin(PROVIDER), LEASE, credential));
		let before = (total(TENANT), total(PROVIDER));
		pass(40, &[PROVIDER]);
		let ended =
			LeaseState::Ended { reason: CloseReason::Completed, at: System::block_number() };
		assert_eq!(view().state, ended);
		let rent = 40 * PRICE;
		assert_eq!((total(TENANT), total(PROVIDER)), (before.0 - rent, before.1 + rent));
		assert_eq!((offer().open, offer().able), (0, true));
	});
}
