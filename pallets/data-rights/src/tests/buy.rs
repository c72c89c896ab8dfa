use crate::{mock::*, Error, Event, Grants, NextGrant};
use assay_primitives::{
	rights::{Currency, OfferKind, OfferTerms},
	Balance, GrantId, RightsOfferId,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, DispatchResult, TokenError};

const PERIOD: OfferKind = OfferKind::Period { blocks: 10 };

fn period() -> OfferTerms {
	OfferTerms { kind: PERIOD, ..offer_terms() }
}

fn buy_times(offer: RightsOfferId, times: u32, most: Balance) -> DispatchResult {
	dispatched(|| DataRights::buy(by(BUYER), offer, times, most, None))
}

fn prolong(offer: RightsOfferId, times: u32, grant: GrantId) -> DispatchResult {
	dispatched(|| DataRights::buy(by(BUYER), offer, times, Balance::MAX, Some(grant)))
}

#[test]
fn buy_pays_the_owner_and_makes_a_grant() {
	build_and_execute(|| {
		let offer = offered(asset(), offer_terms());
		let had = free(OWNER);
		assert_ok!(buy(BUYER, offer));

		let grant = GrantId(0);
		let record = view(grant);
		assert_eq!((record.holder, record.payer), (BUYER, BUYER));
		assert_eq!((record.terms.from, record.terms.until, record.left), (1, None, Some(2)));
		assert_eq!((free(OWNER), held(BUYER)), (had + PRICE, record.deposit));
		assert_eq!(free(BUYER), ENDOWMENT - PRICE - record.deposit);
		let event = Event::Bought { offer, grant, buyer: BUYER, payee: OWNER, paid: PRICE };
		assert_eq!(last_event(), Some(event));
	});
}

#[test]
fn the_income_goes_to_who_keeps_it_for_the_holders_of_shares() {
	build_and_execute(|| {
		Shared::set(true);
		let offer = offered(asset(), offer_terms());
		let had = free(OWNER);
		assert_ok!(buy(BUYER, offer));
		assert_eq!((free(OWNER), free(VAULT)), (had, ED + PRICE));
		assert_eq!(exercise(BUYER, GrantId(0), 1).unwrap().payee, VAULT);
	});
}

/// The accounts that keep income keep the native token alone.
#[test]
fn other_tokens_go_to_the_owner_itself() {
	build_and_execute(|| {
		Shared::set(true);
		let terms = OfferTerms { currency: Currency::Asset(COIN), ..offer_terms() };
		let offer = offered(asset(), terms);
		assert_ok!(buy(BUYER, offer));
		assert_eq!((units(COIN, OWNER), units(COIN, VAULT)), (PRICE, 0));
		assert_eq!(units(COIN, BUYER), ENDOWMENT - PRICE);
		assert_eq!(free(BUYER), ENDOWMENT - held(BUYER));
	});
}

#[test]
fn a_period_is_bought_several_times_at_once() {
	build_and_execute(|| {
		let offer = offered(asset(), period());
		assert_ok!(buy_times(offer, 3, 3 * PRICE));
		let terms = view(GrantId(0)).terms;
		assert_eq!((terms.until, terms.uses), (Some(31), Some(6)));
		assert_eq!(free(BUYER), ENDOWMENT - 3 * PRICE - held(BUYER));
	});
}

#[test]
fn what_is_paid_by_use_costs_nothing_at_first() {
	build_and_execute(|| {
		let offer = offered(asset(), OfferTerms { kind: OfferKind::PerUse, ..offer_terms() });
		assert_ok!(buy(BUYER, offer));
		assert_eq!(free(BUYER), ENDOWMENT - held(BUYER));
		let access = exercise(BUYER, GrantId(0), 1).unwrap();
		assert_eq!((access.price, access.payee), (PRICE, OWNER));
	});
}

#[test]
fn what_is_free_costs_a_deposit() {
	build_and_execute(|| {
		let free_terms = OfferTerms { kind: OfferKind::Free, price: 0, ..offer_terms() };
		let offer = offered(asset(), free_terms);
		assert_ok!(dispatched(|| DataRights::buy(by(BUYER), offer, 1, 0, None)));
		assert_eq!(free(BUYER), ENDOWMENT - view(GrantId(0)).deposit);
		assert_eq!(exercise(BUYER, GrantId(0), 1).unwrap().price, 0);
	});
}

#[test]
fn a_grant_is_extended_by_the_offer_that_made_it() {
	build_and_execute(|| {
		let offer = offered(asset(), period());
		assert_ok!(buy(BUYER, offer));
		assert_ok!(exercise(BUYER, GrantId(0), 2));
		let (spent, deposit) = (free(BUYER), held(BUYER));
		assert_ok!(prolong(offer, 2, GrantId(0)));

		let record = view(GrantId(0));
		assert_eq!((record.terms.until, record.left, record.used), (Some(31), Some(4), 2));
		assert_eq!((free(BUYER), held(BUYER)), (spent - 2 * PRICE, deposit));
		assert_eq!(Grants::<Test>::iter_keys().count(), 1);
		let paid = 2 * PRICE;
		let (grant, payee) = (GrantId(0), OWNER);
		assert_eq!(last_event(), Some(Event::Bought { offer, grant, buyer: BUYER, payee, paid }));
	});
}

#[test]
fn an_expired_grant_goes_on_from_now() {
	build_and_execute(|| {
		let offer = offered(asset(), period());
		assert_ok!(buy(BUYER, offer));
		run_to(50);
		assert_noop!(exercise(BUYER, GrantId(0), 1), Error::<Test>::Expired);
		assert_ok!(prolong(offer, 1, GrantId(0)));
		assert_eq!(view(GrantId(0)).terms.until, Some(60));
		assert_ok!(exercise(BUYER, GrantId(0), 1));
	});
}

#[test]
fn only_a_grant_like_those_of_the_offer_is_extended() {
	build_and_execute(|| {
		let asset = asset();
		let offer = offered(asset, period());
		assert_ok!(buy(BUYER, offer));
		let mine = GrantId(0);
		// Another asset, other terms, nobody's, somebody else's, one that was taken back.
		let elsewhere = offered(registered(spec()), period());
		assert_noop!(prolong(elsewhere, 1, mine), Error::<Test>::TermsDiffer);
		let strict = offered(asset, OfferTerms { commercial: false, ..period() });
		assert_noop!(prolong(strict, 1, mine), Error::<Test>::TermsDiffer);
		assert_noop!(prolong(offer, 1, GrantId(9)), Error::<Test>::UnknownGrant);
		assert_ok!(buy(OTHER, offer));
		assert_noop!(prolong(offer, 1, GrantId(1)), Error::<Test>::NotHolder);
		let limitless = offered(asset, OfferTerms { uses: None, ..offer_terms() });
		assert_ok!(buy(BUYER, limitless));
		assert_noop!(prolong(limitless, 1, GrantId(2)), Error::<Test>::NotExtended);
		assert_ok!(DataRights::revoke_grant(by(OWNER), mine));
		assert_noop!(prolong(offer, 1, mine), Error::<Test>::Revoked);
	});
}

#[test]
fn buy_fails_when_unsigned_or_unknown() {
	build_and_execute(|| {
		let offer = offered(asset(), offer_terms());
		let unsigned = DataRights::buy(RuntimeOrigin::none(), offer, 1, PRICE, None);
		assert_noop!(unsigned, DispatchError::BadOrigin);
		assert_noop!(buy(BUYER, RightsOfferId(9)), Error::<Test>::UnknownOffer);
	});
}

#[test]
fn buy_fails_when_the_price_was_raised_in_between() {
	build_and_execute(|| {
		let offer = offered(asset(), period());
		assert_ok!(DataRights::reprice(by(OWNER), offer, PRICE + 1));
		assert_noop!(buy(BUYER, offer), Error::<Test>::PriceExceeded);
		assert_noop!(buy_times(offer, 2, 2 * PRICE + 1), Error::<Test>::PriceExceeded);
		let per_use = offered(asset(), OfferTerms { kind: OfferKind::PerUse, ..offer_terms() });
		assert_ok!(DataRights::reprice(by(OWNER), per_use, PRICE + 1));
		assert_noop!(buy(BUYER, per_use), Error::<Test>::PriceExceeded);
	});
}

#[test]
fn buy_fails_when_the_offer_is_one_s_own() {
	build_and_execute(|| {
		let offer = offered(asset(), offer_terms());
		assert_noop!(buy(OWNER, offer), Error::<Test>::OwnAsset);
	});
}

#[test]
fn buy_fails_when_nothing_or_too_much_is_taken() {
	build_and_execute(|| {
		let (most, offer) = (Balance::MAX, offered(asset(), period()));
		assert_noop!(buy_times(offer, 0, most), Error::<Test>::InvalidTimes);
		let cheap = offered(asset(), OfferTerms { price: 0, ..period() });
		assert_noop!(buy_times(cheap, u32::MAX, most), Error::<Test>::Overflow);
		let dear = offered(asset(), OfferTerms { price: Balance::MAX, ..period() });
		assert_noop!(buy_times(dear, 2, most), Error::<Test>::Overflow);
		let limitless = offered(asset(), OfferTerms { uses: None, ..offer_terms() });
		assert_noop!(buy_times(limitless, 2, most), Error::<Test>::InvalidTimes);
	});
}

#[test]
fn buy_fails_when_the_offer_is_withdrawn_or_not_for_sale() {
	build_and_execute(|| {
		let offer = tokenized(offer_terms(), 1);
		assert_noop!(buy(BUYER, offer), Error::<Test>::NotForSale);
		assert_ok!(DataRights::withdraw_offer(by(OWNER), offer));
		assert_noop!(buy(BUYER, offer), Error::<Test>::OfferClosed);
	});
}

#[test]
fn buy_fails_when_the_holder_cannot_pay_the_deposit() {
	build_and_execute(|| {
		let free_terms = OfferTerms { kind: OfferKind::Free, price: 0, ..offer_terms() };
		let offer = offered(asset(), free_terms);
		assert_noop!(buy(PAUPER, offer), Error::<Test>::InsufficientFunds);
	});
}

#[test]
fn buy_fails_when_the_buyer_cannot_pay_the_price() {
	build_and_execute(|| {
		let terms = OfferTerms { price: ENDOWMENT, ..offer_terms() };
		let offer = offered(asset(), terms);
		let bought = dispatched(|| DataRights::buy(by(BUYER), offer, 1, ENDOWMENT, None));
		assert_noop!(bought, TokenError::FundsUnavailable);
	});
}

#[test]
fn buy_fails_when_the_token_is_not_there() {
	build_and_execute(|| {
		let terms = OfferTerms { currency: Currency::Asset(COIN), ..offer_terms() };
		let offer = offered(asset(), terms);
		assert_noop!(buy(OTHER, offer), TokenError::FundsUnavailable);
	});
}

#[test]
fn buy_fails_when_no_number_is_left() {
	build_and_execute(|| {
		let offer = offered(asset(), offer_terms());
		NextGrant::<Test>::put(GrantId(u64::MAX));
		assert_noop!(buy(BUYER, offer), Error::<Test>::Overflow);
	});
}
