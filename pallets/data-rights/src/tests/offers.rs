use crate::{mock::*, AssetOffers, Error, Event, NextOffer, Offers};
use assay_primitives::{
	rights::{Currency, OfferKind, OfferTerms},
	AssetId, RightsOfferId,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

fn post(account: AccountId, asset: AssetId, terms: OfferTerms) -> sp_runtime::DispatchResult {
	DataRights::post_offer(by(account), asset, Box::new(terms))
}

#[test]
fn post_offer_stores_the_terms_and_holds_the_deposit() {
	build_and_execute(|| {
		let asset = asset();
		let before = held(OWNER);
		assert_ok!(post(OWNER, asset, offer_terms()));

		let offer = RightsOfferId(0);
		let record = DataRights::rights_offer(offer).unwrap();
		assert_eq!((record.terms, record.asset, record.for_sale), (offer_terms(), asset, true));
		assert_eq!(held(OWNER), before + record.deposit);
		assert_eq!(last_event(), Some(Event::OfferPosted { offer, asset }));
	});
}

#[test]
fn post_offer_fails_for_everybody_but_the_owner() {
	build_and_execute(|| {
		let asset = asset();
		let unsigned =
			DataRights::post_offer(RuntimeOrigin::none(), asset, Box::new(offer_terms()));
		assert_noop!(unsigned, DispatchError::BadOrigin);
		assert_noop!(post(STRANGER, asset, offer_terms()), Error::<Test>::NotOwner);
		assert_noop!(post(OWNER, AssetId(9), offer_terms()), Error::<Test>::UnknownAsset);
	});
}

#[test]
fn post_offer_fails_when_the_terms_are_not_sound() {
	build_and_execute(|| {
		let asset = asset();
		let nothing = OfferTerms { uses: Some(0), ..offer_terms() };
		assert_noop!(post(OWNER, asset, nothing), Error::<Test>::InvalidTerms);
		let currency = Currency::Asset(COIN);
		let per_use = OfferTerms { kind: OfferKind::PerUse, currency, ..offer_terms() };
		assert_noop!(post(OWNER, asset, per_use), Error::<Test>::PerUseNotNative);
		let nowhere = OfferTerms { currency: Currency::Asset(1), ..offer_terms() };
		assert_noop!(post(OWNER, asset, nowhere), Error::<Test>::UnknownCurrency);
	});
}

#[test]
fn post_offer_fails_when_the_owner_cannot_pay_the_deposit() {
	build_and_execute(|| {
		let asset = asset();
		sell(asset, PAUPER);
		assert_noop!(post(PAUPER, asset, offer_terms()), Error::<Test>::InsufficientFunds);
	});
}

#[test]
fn post_offer_fails_when_no_number_is_left() {
	build_and_execute(|| {
		let asset = asset();
		NextOffer::<Test>::put(RightsOfferId(u32::MAX));
		assert_noop!(post(OWNER, asset, offer_terms()), Error::<Test>::Overflow);
	});
}

#[test]
fn reprice_is_for_those_who_buy_later() {
	build_and_execute(|| {
		let per_use = OfferTerms { kind: OfferKind::PerUse, ..offer_terms() };
		let offer = offered(asset(), per_use);
		assert_ok!(buy(BUYER, offer));
		assert_ok!(DataRights::reprice(by(OWNER), offer, 2 * PRICE));

		assert_eq!(last_event(), Some(Event::Repriced { offer, price: 2 * PRICE }));
		assert_eq!(DataRights::rights_offer(offer).unwrap().terms.price, 2 * PRICE);
		assert_eq!(exercise(BUYER, assay_primitives::GrantId(0), 1).unwrap().price, PRICE);
	});
}

#[test]
fn reprice_fails_for_everybody_but_the_owner() {
	build_and_execute(|| {
		let offer = offered(asset(), offer_terms());
		let reprice = |origin, offer| DataRights::reprice(origin, offer, 1);
		assert_noop!(reprice(RuntimeOrigin::none(), offer), DispatchError::BadOrigin);
		assert_noop!(reprice(by(STRANGER), offer), Error::<Test>::NotOwner);
		assert_noop!(reprice(by(OWNER), RightsOfferId(9)), Error::<Test>::UnknownOffer);
	});
}

#[test]
fn reprice_fails_when_the_price_is_fixed() {
	build_and_execute(|| {
		let free = OfferTerms { kind: OfferKind::Free, price: 0, ..offer_terms() };
		let offer = offered(asset(), free);
		assert_noop!(DataRights::reprice(by(OWNER), offer, 1), Error::<Test>::PriceFixed);
		let offer = tokenized(offer_terms(), 0);
		assert_noop!(DataRights::reprice(by(OWNER), offer, 1), Error::<Test>::PriceFixed);
		assert_ok!(DataRights::withdraw_offer(by(OWNER), offer));
		assert_noop!(DataRights::reprice(by(OWNER), offer, 1), Error::<Test>::OfferClosed);
	});
}

#[test]
fn withdraw_offer_gives_the_deposit_back() {
	build_and_execute(|| {
		let asset = asset();
		let before = held(OWNER);
		let offer = offered(asset, offer_terms());
		assert_ok!(DataRights::withdraw_offer(by(OWNER), offer));

		assert_eq!(last_event(), Some(Event::OfferWithdrawn { offer }));
		assert_eq!((held(OWNER), Offers::<Test>::get(offer)), (before, None));
		assert_eq!(AssetOffers::<Test>::iter_keys().count(), 0);
		assert_noop!(buy(BUYER, offer), Error::<Test>::UnknownOffer);
	});
}

#[test]
fn withdraw_offer_fails_for_everybody_but_the_owner() {
	build_and_execute(|| {
		let offer = offered(asset(), offer_terms());
		let withdraw = |origin, offer| DataRights::withdraw_offer(origin, offer);
		assert_noop!(withdraw(RuntimeOrigin::none(), offer), DispatchError::BadOrigin);
		assert_noop!(withdraw(by(STRANGER), offer), Error::<Test>::NotOwner);
		assert_noop!(withdraw(by(OWNER), RightsOfferId(9)), Error::<Test>::UnknownOffer);
		let offer = tokenized(offer_terms(), 0);
		assert_ok!(withdraw(by(OWNER), offer));
		assert_noop!(withdraw(by(OWNER), offer), Error::<Test>::OfferClosed);
	});
}
