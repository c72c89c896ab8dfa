//! Random courses: whatever happens, no unit is lost and no grant is used too often.

use crate::{mock::*, Grants};
use assay_primitives::{
	rights::{Algorithms, Consent, Currency, GrantTerms, OfferKind, OfferTerms, Permit},
	AssetId, Balance, GrantId, RightsOfferId,
};
use proptest::prelude::*;

/// What somebody does.
#[derive(Clone, Debug)]
enum Act {
	Register,
	SetTerms { inference: bool },
	SetAlgorithms { any: bool },
	Retire,
	Revoke,
	Freeze { frozen: bool },
	Remove,
	Sell { to: AccountId },
	Burn,
	Post { kind: OfferKind, uses: Option<u32>, price: Balance, coin: bool },
	Reprice { price: Balance },
	Withdraw,
	Buy { times: u32, extend: bool },
	Tokenize { token: u32 },
	Mint { amount: Balance },
	Redeem,
	Give { uses: Option<u32>, until: Option<u32> },
	GiveSigned { nonce: u64 },
	Cancel { below: u64 },
	Extend { until: Option<u32>, more: u32 },
	RevokeGrant,
	Pass { to: AccountId },
	Drop,
	Use { uses: u32 },
	Wait { blocks: u32 },
}

fn account() -> impl Strategy<Value = AccountId> {
	prop::sample::select(vec![OWNER, OWNER, BUYER, BUYER, OTHER, PAUPER])
}

fn kind() -> impl Strategy<Value = OfferKind> {
	prop_oneof![
		Just(OfferKind::Once),
		(0u32..20).prop_map(|blocks| OfferKind::Period { blocks }),
		Just(OfferKind::PerUse),
		Just(OfferKind::Free),
	]
}

fn act() -> impl Strategy<Value = Act> {
	let uses = || prop::option::of(0u32..4);
	prop_oneof![
		2 => Just(Act::Register),
		1 => any::<bool>().prop_map(|inference| Act::SetTerms { inference }),
		1 => any::<bool>().prop_map(|any| Act::SetAlgorithms { any }),
		1 => Just(Act::Retire),
		1 => Just(Act::Revoke),
		2 => any::<bool>().prop_map(|frozen| Act::Freeze { frozen }),
		1 => Just(Act::Remove),
		2 => account().prop_map(|to| Act::Sell { to }),
		1 => Just(Act::Burn),
		4 => (kind(), uses(), prop::sample::select(vec![0, 1_000]), any::<bool>())
			.prop_map(|(kind, uses, price, coin)| Act::Post { kind, uses, price, coin }),
		1 => (0u128..2_000).prop_map(|price| Act::Reprice { price }),
		1 => Just(Act::Withdraw),
		6 => (0u32..4, any::<bool>()).prop_map(|(times, extend)| Act::Buy { times, extend }),
		2 => (0u32..4).prop_map(|token| Act::Tokenize { token }),
		2 => (0u128..4).prop_map(|amount| Act::Mint { amount }),
		3 => Just(Act::Redeem),
		3 => (uses(), prop::option::of(0u32..60)).prop_map(|(uses, until)| Act::Give { uses, until }),
		2 => (0u64..9).prop_map(|nonce| Act::GiveSigned { nonce }),
		1 => (0u64..9).prop_map(|below| Act::Cancel { below }),
		2 => (prop::option::of(0u32..60), 0u32..3)
			.prop_map(|(until, more)| Act::Extend { until, more }),
		1 => Just(Act::RevokeGrant),
		2 => account().prop_map(|to| Act::Pass { to }),
		2 => Just(Act::Drop),
		6 => (0u32..3).prop_map(|uses| Act::Use { uses }),
		2 => (1u32..8).prop_map(|blocks| Act::Wait { blocks }),
	]
}

/// Refusals leave everything as it was, which the invariants tell.
fn perform(act: Act, who: AccountId, number: u32) {
	let (asset, offer) = (AssetId(number), RightsOfferId(number));
	let (grant, origin) = (GrantId(number.into()), by(who.clone()));
	let _ = dispatched(|| match act {
		Act::Register => DataRights::register_asset(origin, Box::new(spec())),
		Act::SetTerms { inference } => {
			let consent = Consent { inference, ..spec().consent };
			DataRights::set_terms(origin, asset, consent, spec().licence)
		},
		Act::SetAlgorithms { any } => {
			let algorithms = if any { Algorithms::Any } else { only(&[RIVAL]) };
			DataRights::set_algorithms(origin, asset, algorithms)
		},
		Act::Retire => DataRights::retire(origin, asset),
		Act::Revoke => DataRights::revoke_asset(origin, asset),
		Act::Freeze { frozen: true } => DataRights::freeze(RuntimeOrigin::root(), asset),
		Act::Freeze { frozen: false } => DataRights::thaw(RuntimeOrigin::root(), asset),
		Act::Remove => DataRights::remove_asset(origin, asset),
		Act::Sell { to } => match crate::Collection::<Test>::get() {
			Some(collection) => Nfts::transfer(origin, collection, asset.0, to),
			None => Ok(()),
		},
		Act::Burn => match crate::Collection::<Test>::get() {
			Some(collection) => Nfts::burn(origin, collection, asset.0),
			None => Ok(()),
		},
		Act::Post { kind, uses, price, coin } => {
			let currency = if coin { Currency::Asset(COIN) } else { Currency::Native };
			let terms = OfferTerms { kind, uses, price, currency, ..offer_terms() };
			DataRights::post_offer(origin, asset, Box::new(terms))
		},
		Act::Reprice { price } => DataRights::reprice(origin, offer, price),
		Act::Withdraw => DataRights::withdraw_offer(origin, offer),
		Act::Buy { times, extend } => {
			DataRights::buy(origin, offer, times, 4_000, extend.then_some(grant))
		},
		Act::Tokenize { token } => DataRights::tokenize_offer(origin, offer, token, true),
		Act::Mint { amount } => DataRights::mint_access(origin, offer, BUYER, amount),
		Act::Redeem => DataRights::redeem_access(origin, offer),
		Act::Give { uses, until } => {
			let terms = GrantTerms { uses, until, ..grant_terms() };
			DataRights::give(origin, asset, BUYER, Box::new(terms))
		},
		Act::GiveSigned { nonce } => {
			let permit = Permit { expires: u32::MAX, ..permit(asset, nonce) };
			let signature = signature(&permit);
			DataRights::give_signed(origin, Box::new(permit), OWNER, signature)
		},
		Act::Cancel { below } => DataRights::cancel_permits(origin, asset, below),
		Act::Extend { until, more } => DataRights::extend(origin, grant, until, more),
		Act::RevokeGrant => DataRights::revoke_grant(origin, grant),
		Act::Pass { to } => DataRights::transfer_grant(origin, grant, to),
		Act::Drop => DataRights::drop_grant(origin, grant),
		Act::Use { uses } => exercise(who, grant, uses).map(|_| ()),
		Act::Wait { blocks } => {
			run_to(System::block_number() + blocks);
			Ok(())
		},
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(200))]

	#[test]
	fn no_course_loses_a_unit_or_leaves_a_hold_behind(
		acts in prop::collection::vec((act(), account(), 0u32..3), 1..120),
	) {
		build_and_execute(|| {
			Burning::set(true);
			// Something to begin with.
			let asset = asset();
			offered(asset, offer_terms());
			given(asset, grant_terms());
			for (act, who, number) in acts {
				perform(act, who, number);
				DataRights::do_try_state().unwrap();
			}
			// Whatever is left is cleared away when nobody wants it any more.
			for grant in Grants::<Test>::iter_keys().collect::<Vec<_>>() {
				let holder = view(grant).holder;
				DataRights::drop_grant(by(holder), grant).unwrap();
			}
			assert_eq!(Grants::<Test>::iter_keys().count(), 0);
		});
	}
}
