use crate::{mock::*, Error, Event, Offers, Tokens as Classes};
use assay_primitives::{
	rights::{OfferKind, OfferTerms},
	GrantId, RightsOfferId,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, DispatchResult, TokenError};

fn tokenize(account: AccountId, offer: RightsOfferId, token: u32) -> DispatchResult {
	dispatched(|| DataRights::tokenize_offer(by(account), offer, token, false))
}

fn redeem(account: AccountId, offer: RightsOfferId) -> DispatchResult {
	dispatched(|| DataRights::redeem_access(by(account), offer))
}

#[test]
fn tokenize_offer_makes_a_class_that_the_pallet_alone_rules() {
	build_and_execute(|| {
		let offer = offered(asset(), offer_terms());
		let before = held(OWNER);
		assert_ok!(DataRights::tokenize_offer(by(OWNER), offer, ACCESS, true));

		assert_eq!(last_event(), Some(Event::OfferTokenized { offer, token: ACCESS }));
		let record = Offers::<Test>::get(offer).unwrap();
		assert_eq!((record.token, record.for_sale), (Some(ACCESS), true));
		// Its number takes four bytes.
		assert_eq!(held(OWNER), before + TOKEN_DEPOSIT + 4 * PER_BYTE);
		assert_eq!(Classes::<Test>::get(ACCESS), Some(offer));
		assert_noop!(
			Tokens::mint(by(OWNER), ACCESS, OWNER, 1),
			pallet_assets::Error::<Test>::NoPermission
		);
		assert_noop!(
			Tokens::start_destroy(by(OWNER), ACCESS),
			pallet_assets::Error::<Test>::NoPermission
		);
		// It is bought as before, besides.
		assert_ok!(buy(BUYER, offer));
	});
}

#[test]
fn who_tokenizes_pays_the_deposit_of_the_offer_from_then_on() {
	build_and_execute(|| {
		let asset = asset();
		let before = held(OWNER);
		let offer = offered(asset, offer_terms());
		sell(asset, OTHER);
		assert_ok!(tokenize(OTHER, offer, ACCESS));
		let deposit = Offers::<Test>::get(offer).unwrap().deposit;
		assert_eq!((held(OWNER), held(OTHER)), (before, deposit));
	});
}

#[test]
fn tokenize_offer_fails_for_everybody_but_the_owner() {
	build_and_execute(|| {
		let offer = offered(asset(), offer_terms());
		let unsigned = DataRights::tokenize_offer(RuntimeOrigin::none(), offer, ACCESS, true);
		assert_noop!(unsigned, DispatchError::BadOrigin);
		assert_noop!(tokenize(STRANGER, offer, ACCESS), Error::<Test>::NotOwner);
		assert_noop!(tokenize(OWNER, RightsOfferId(9), ACCESS), Error::<Test>::UnknownOffer);
	});
}

#[test]
fn tokenize_offer_fails_when_the_number_is_taken_or_the_offer_has_one() {
	build_and_execute(|| {
		let offer = offered(asset(), offer_terms());
		assert_noop!(tokenize(OWNER, offer, COIN), Error::<Test>::TokenTaken);
		assert_ok!(tokenize(OWNER, offer, ACCESS));
		assert_noop!(tokenize(OWNER, offer, ACCESS + 1), Error::<Test>::AlreadyTokenized);
		assert_ok!(DataRights::withdraw_offer(by(OWNER), offer));
		assert_noop!(tokenize(OWNER, offer, ACCESS + 1), Error::<Test>::OfferClosed);
	});
}

#[test]
fn tokenize_offer_fails_when_the_asset_is_retired_or_the_owner_cannot_pay() {
	build_and_execute(|| {
		let asset = asset();
		let offer = offered(asset, offer_terms());
		sell(asset, PAUPER);
		assert_noop!(tokenize(PAUPER, offer, ACCESS), Error::<Test>::InsufficientFunds);
		assert_ok!(DataRights::retire(by(PAUPER), asset));
		assert_noop!(tokenize(PAUPER, offer, ACCESS), Error::<Test>::AssetNotActive);
	});
}

#[test]
fn units_are_made_traded_and_redeemed() {
	build_and_execute(|| {
		let offer = tokenized(offer_terms(), 0);
		assert_ok!(DataRights::mint_access(by(OWNER), offer, BUYER, 3));
		assert_eq!(last_event(), Some(Event::AccessMinted { offer, to: BUYER, amount: 3 }));
		assert_ok!(Tokens::transfer(by(BUYER), ACCESS, OTHER, 1));
		assert_ok!(redeem(OTHER, offer));

		let (grant, had) = (GrantId(0), ENDOWMENT);
		assert_eq!(last_event(), Some(Event::AccessRedeemed { offer, grant, holder: OTHER }));
		assert_eq!((units(ACCESS, BUYER), units(ACCESS, OTHER)), (2, 0));
		let record = view(grant);
		assert_eq!((record.holder, record.payer, record.left), (OTHER, OTHER, Some(2)));
		// The price is not paid again.
		assert_eq!(free(OTHER), had - record.deposit);
		assert_ok!(exercise(OTHER, grant, 2));
	});
}

#[test]
fn a_unit_is_redeemed_once() {
	build_and_execute(|| {
		let offer = tokenized(offer_terms(), 1);
		assert_ok!(redeem(BUYER, offer));
		assert_noop!(redeem(BUYER, offer), Error::<Test>::NoUnit);
		// Nor is it passed on after it was redeemed.
		assert_noop!(
			Tokens::transfer(by(BUYER), ACCESS, OTHER, 1),
			pallet_assets::Error::<Test>::NoAccount
		);
	});
}

#[test]
fn uses_of_what_is_redeemed_are_paid_where_uses_are() {
	build_and_execute(|| {
		let offer = tokenized(OfferTerms { kind: OfferKind::PerUse, ..offer_terms() }, 1);
		assert_ok!(redeem(BUYER, offer));
		assert_eq!(exercise(BUYER, GrantId(0), 1).unwrap().price, PRICE);
	});
}

#[test]
fn a_period_begins_when_the_unit_is_redeemed() {
	build_and_execute(|| {
		let kind = OfferKind::Period { blocks: 10 };
		let offer = tokenized(OfferTerms { kind, ..offer_terms() }, 1);
		run_to(1_000);
		assert_ok!(redeem(BUYER, offer));
		assert_eq!(view(GrantId(0)).terms.until, Some(1_010));
	});
}

#[test]
fn units_that_are_out_are_redeemed_after_the_offer_is_withdrawn() {
	build_and_execute(|| {
		let offer = tokenized(offer_terms(), 1);
		let before = held(OWNER);
		assert_ok!(DataRights::withdraw_offer(by(OWNER), offer));
		// The class stays, and so does the deposit.
		assert_eq!(held(OWNER), before);
		assert_ok!(DataRights::retire(by(OWNER), assay_primitives::AssetId(0)));
		assert_ok!(redeem(BUYER, offer));
	});
}

#[test]
fn mint_access_fails_for_everybody_but_the_owner() {
	build_and_execute(|| {
		let offer = tokenized(offer_terms(), 0);
		let mint = |origin, offer| DataRights::mint_access(origin, offer, BUYER, 1);
		assert_noop!(mint(RuntimeOrigin::none(), offer), DispatchError::BadOrigin);
		assert_noop!(mint(by(STRANGER), offer), Error::<Test>::NotOwner);
		assert_noop!(mint(by(OWNER), RightsOfferId(9)), Error::<Test>::UnknownOffer);
		sell(assay_primitives::AssetId(0), OTHER);
		assert_noop!(mint(by(OWNER), offer), Error::<Test>::NotOwner);
		assert_ok!(mint(by(OTHER), offer));
	});
}

#[test]
fn mint_access_fails_where_no_unit_can_be_sold() {
	build_and_execute(|| {
		let asset = asset();
		let plain = offered(asset, offer_terms());
		let mint = |offer| DataRights::mint_access(by(OWNER), offer, BUYER, 1);
		assert_noop!(mint(plain), Error::<Test>::NotTokenized);
		assert_ok!(tokenize(OWNER, plain, ACCESS));
		assert_noop!(
			DataRights::mint_access(by(OWNER), plain, AccountId::new([99; 32]), 1),
			TokenError::CannotCreate
		);
		assert_ok!(DataRights::freeze(RuntimeOrigin::root(), asset));
		assert_noop!(mint(plain), Error::<Test>::AssetNotActive);
		assert_ok!(DataRights::withdraw_offer(by(OWNER), plain));
		assert_noop!(mint(plain), Error::<Test>::OfferClosed);
	});
}

#[test]
fn redeem_access_fails_without_an_offer_a_token_or_a_unit() {
	build_and_execute(|| {
		let offer = offered(asset(), offer_terms());
		assert_noop!(
			DataRights::redeem_access(RuntimeOrigin::none(), offer),
			DispatchError::BadOrigin
		);
		assert_noop!(redeem(BUYER, RightsOfferId(9)), Error::<Test>::UnknownOffer);
		assert_noop!(redeem(BUYER, offer), Error::<Test>::NotTokenized);
		assert_ok!(tokenize(OWNER, offer, ACCESS));
		assert_noop!(redeem(BUYER, offer), Error::<Test>::NoUnit);
	});
}

#[test]
fn redeem_access_fails_while_the_asset_cannot_be_used_and_keeps_the_unit() {
	build_and_execute(|| {
		let (offer, asset) = (tokenized(offer_terms(), 1), assay_primitives::AssetId(0));
		assert_ok!(DataRights::freeze(RuntimeOrigin::root(), asset));
		assert_noop!(redeem(BUYER, offer), Error::<Test>::AssetNotActive);
		assert_ok!(DataRights::thaw(RuntimeOrigin::root(), asset));
		burn(asset);
		assert_noop!(redeem(BUYER, offer), Error::<Test>::AssetNotActive);
		assert_eq!(units(ACCESS, BUYER), 1);
	});
}

#[test]
fn redeem_access_fails_when_the_holder_cannot_pay_the_deposit() {
	build_and_execute(|| {
		let offer = tokenized(offer_terms(), 1);
		let rest = free(BUYER) - ED - BASE;
		assert_ok!(Balances::transfer_allow_death(by(BUYER), OTHER, rest));
		assert_noop!(redeem(BUYER, offer), Error::<Test>::InsufficientFunds);
	});
}

#[test]
fn redeem_access_fails_when_its_end_cannot_be_counted() {
	build_and_execute(|| {
		let kind = OfferKind::Period { blocks: 10 };
		let offer = tokenized(OfferTerms { kind, ..offer_terms() }, 1);
		run_to(u32::MAX - 5);
		assert_noop!(redeem(BUYER, offer), Error::<Test>::Overflow);
	});
}
