use crate::{mock::*, AssetGrants, Error, Event, Grants, HeldGrants, NextGrant};
use assay_primitives::{rights::GrantTerms, AssetId, GrantId};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn give_makes_a_grant_at_the_cost_of_the_owner() {
	build_and_execute(|| {
		let asset = asset();
		let before = held(OWNER);
		assert_ok!(DataRights::give(by(OWNER), asset, BUYER, Box::new(grant_terms())));

		let grant = GrantId(0);
		let record = view(grant);
		assert_eq!((record.holder, record.payer, record.terms), (BUYER, OWNER, grant_terms()));
		assert_eq!((held(OWNER), held(BUYER)), (before + record.deposit, 0));
		assert_eq!(free(BUYER), ENDOWMENT);
		assert_eq!(last_event(), Some(Event::Granted { grant, asset, holder: BUYER }));
	});
}

#[test]
fn give_fails_for_everybody_but_the_owner() {
	build_and_execute(|| {
		let asset = asset();
		let give = |origin, asset| DataRights::give(origin, asset, BUYER, Box::new(grant_terms()));
		assert_noop!(give(RuntimeOrigin::none(), asset), DispatchError::BadOrigin);
		assert_noop!(give(by(BUYER), asset), Error::<Test>::NotOwner);
		assert_noop!(give(by(OWNER), AssetId(9)), Error::<Test>::UnknownAsset);
	});
}

#[test]
fn give_fails_when_the_terms_allow_nothing_or_the_owner_cannot_pay() {
	build_and_execute(|| {
		let asset = asset();
		let give = |account, terms| DataRights::give(by(account), asset, BUYER, Box::new(terms));
		let over = GrantTerms { until: Some(1), from: 0, ..grant_terms() };
		assert_noop!(give(OWNER, over), Error::<Test>::InvalidTerms);
		sell(asset, PAUPER);
		assert_noop!(give(PAUPER, grant_terms()), Error::<Test>::InsufficientFunds);
	});
}

#[test]
fn give_fails_when_no_number_is_left() {
	build_and_execute(|| {
		let asset = asset();
		NextGrant::<Test>::put(GrantId(u64::MAX));
		let given = DataRights::give(by(OWNER), asset, BUYER, Box::new(grant_terms()));
		assert_noop!(given, Error::<Test>::Overflow);
	});
}

#[test]
fn extend_gives_blocks_and_uses() {
	build_and_execute(|| {
		let grant = grant();
		assert_ok!(exercise(BUYER, grant, 2));
		assert_ok!(DataRights::extend(by(OWNER), grant, Some(200), 3));
		assert_eq!(last_event(), Some(Event::GrantExtended { grant }));
		let record = view(grant);
		assert_eq!((record.terms.until, record.left), (Some(200), Some(3)));
		run_to(150);
		assert_ok!(exercise(BUYER, grant, 3));
	});
}

#[test]
fn extend_fails_when_it_leaves_or_takes_something() {
	build_and_execute(|| {
		let asset = asset();
		let grant = given(asset, grant_terms());
		let extend = |grant, until, more| DataRights::extend(by(OWNER), grant, until, more);
		assert_noop!(extend(grant, None, 0), Error::<Test>::NotExtended);
		assert_noop!(extend(grant, Some(100), 0), Error::<Test>::NotExtended);
		assert_noop!(extend(grant, Some(99), 1), Error::<Test>::NotExtended);
		assert_noop!(extend(grant, None, u32::MAX), Error::<Test>::Overflow);
		let limitless = given(asset, GrantTerms { until: None, uses: None, ..grant_terms() });
		assert_noop!(extend(limitless, Some(500), 0), Error::<Test>::NotExtended);
		assert_noop!(extend(limitless, None, 1), Error::<Test>::NotExtended);
		assert_ok!(DataRights::revoke_grant(by(OWNER), grant));
		assert_noop!(extend(grant, None, 1), Error::<Test>::Revoked);
	});
}

#[test]
fn extend_fails_for_everybody_but_the_owner() {
	build_and_execute(|| {
		let grant = grant();
		let extend = |origin, grant| DataRights::extend(origin, grant, None, 1);
		assert_noop!(extend(RuntimeOrigin::none(), grant), DispatchError::BadOrigin);
		assert_noop!(extend(by(BUYER), grant), Error::<Test>::NotOwner);
		assert_noop!(extend(by(OWNER), GrantId(9)), Error::<Test>::UnknownGrant);
	});
}

#[test]
fn revoke_grant_ends_the_use_and_keeps_the_record() {
	build_and_execute(|| {
		let grant = grant();
		assert_ok!(DataRights::revoke_grant(by(OWNER), grant));
		assert_eq!(last_event(), Some(Event::GrantRevoked { grant }));
		assert_eq!((view(grant).revoked, view(grant).usable), (true, false));
		assert_noop!(exercise(BUYER, grant, 1), Error::<Test>::Revoked);
		assert_noop!(DataRights::revoke_grant(by(OWNER), grant), Error::<Test>::Revoked);
	});
}

#[test]
fn revoke_grant_fails_when_the_terms_do_not_say_so() {
	build_and_execute(|| {
		let grant = given(asset(), GrantTerms { revocable: false, ..grant_terms() });
		assert_noop!(DataRights::revoke_grant(by(OWNER), grant), Error::<Test>::NotRevocable);
		assert_ok!(exercise(BUYER, grant, 1));
	});
}

#[test]
fn revoke_grant_fails_for_everybody_but_the_owner() {
	build_and_execute(|| {
		let grant = grant();
		let revoke = |origin, grant| DataRights::revoke_grant(origin, grant);
		assert_noop!(revoke(RuntimeOrigin::none(), grant), DispatchError::BadOrigin);
		assert_noop!(revoke(by(STRANGER), grant), Error::<Test>::NotOwner);
		assert_noop!(revoke(by(OWNER), GrantId(9)), Error::<Test>::UnknownGrant);
	});
}

#[test]
fn transfer_grant_passes_on_what_is_left() {
	build_and_execute(|| {
		let grant = grant();
		let before = held(OWNER);
		assert_ok!(exercise(BUYER, grant, 1));
		assert_ok!(DataRights::transfer_grant(by(BUYER), grant, OTHER));

		let event = Event::GrantTransferred { grant, from: BUYER, to: OTHER };
		assert_eq!(last_event(), Some(event));
		assert_noop!(exercise(BUYER, grant, 1), Error::<Test>::NotHolder);
		assert_ok!(exercise(OTHER, grant, 1));
		assert_noop!(exercise(OTHER, grant, 1), Error::<Test>::Exhausted);
		// The deposit is whose it was.
		assert_eq!((held(OWNER), held(OTHER)), (before, 0));
		assert!(!HeldGrants::<Test>::contains_key(BUYER, grant.0.to_be_bytes()));
		assert!(HeldGrants::<Test>::contains_key(OTHER, grant.0.to_be_bytes()));
	});
}

#[test]
fn a_grant_passed_on_to_oneself_is_held_once() {
	build_and_execute(|| {
		let grant = grant();
		assert_ok!(DataRights::transfer_grant(by(BUYER), grant, BUYER));
		assert_ok!(exercise(BUYER, grant, 2));
	});
}

#[test]
fn transfer_grant_fails_for_everybody_but_the_holder() {
	build_and_execute(|| {
		let grant = grant();
		let transfer = |origin, grant| DataRights::transfer_grant(origin, grant, OTHER);
		assert_noop!(transfer(RuntimeOrigin::none(), grant), DispatchError::BadOrigin);
		for account in [OWNER, STRANGER] {
			assert_noop!(transfer(by(account), grant), Error::<Test>::NotHolder);
		}
		assert_noop!(transfer(by(BUYER), GrantId(9)), Error::<Test>::UnknownGrant);
	});
}

#[test]
fn transfer_grant_fails_when_it_cannot_be_passed_on() {
	build_and_execute(|| {
		let asset = asset();
		let bound = given(asset, GrantTerms { transferable: false, ..grant_terms() });
		let transfer = |grant| DataRights::transfer_grant(by(BUYER), grant, OTHER);
		assert_noop!(transfer(bound), Error::<Test>::NotTransferable);
		let revoked = given(asset, grant_terms());
		assert_ok!(DataRights::revoke_grant(by(OWNER), revoked));
		assert_noop!(transfer(revoked), Error::<Test>::Revoked);
	});
}

#[test]
fn drop_grant_gives_the_deposit_to_who_paid_it() {
	build_and_execute(|| {
		let grant = bought(offer_terms());
		let spent = free(BUYER);
		let deposit = held(BUYER);
		assert_ok!(DataRights::transfer_grant(by(BUYER), grant, OTHER));
		assert_ok!(DataRights::drop_grant(by(OTHER), grant));

		assert_eq!(last_event(), Some(Event::GrantDropped { grant }));
		assert_eq!((held(BUYER), free(BUYER)), (0, spent + deposit));
		assert_eq!((held(OTHER), free(OTHER)), (0, ENDOWMENT));
		assert_eq!(Grants::<Test>::get(grant), None);
		assert_eq!(AssetGrants::<Test>::iter_keys().count(), 0);
		assert_eq!(HeldGrants::<Test>::iter_keys().count(), 0);
	});
}

#[test]
fn anybody_drops_a_grant_that_is_over() {
	build_and_execute(|| {
		let asset = asset();
		let drop = |grant| DataRights::drop_grant(by(STRANGER), grant);
		let [expired, used, revoked, dead] = [(); 4].map(|()| given(asset, grant_terms()));
		for grant in [expired, used, revoked, dead] {
			assert_noop!(drop(grant), Error::<Test>::NotOver);
		}
		assert_ok!(exercise(BUYER, used, 2));
		assert_ok!(drop(used));
		assert_ok!(DataRights::revoke_grant(by(OWNER), revoked));
		assert_ok!(drop(revoked));
		run_to(99);
		assert_noop!(drop(expired), Error::<Test>::NotOver);
		run_to(100);
		assert_ok!(drop(expired));
		let lasting = given(asset, GrantTerms { until: None, ..grant_terms() });
		assert_noop!(drop(lasting), Error::<Test>::NotOver);
		assert_ok!(DataRights::revoke_asset(by(OWNER), asset));
		assert_ok!(drop(lasting));
		assert_ok!(drop(dead));
	});
}

#[test]
fn drop_grant_fails_when_unsigned_or_unknown() {
	build_and_execute(|| {
		let grant = grant();
		assert_noop!(
			DataRights::drop_grant(RuntimeOrigin::none(), grant),
			DispatchError::BadOrigin
		);
		assert_noop!(DataRights::drop_grant(by(BUYER), GrantId(9)), Error::<Test>::UnknownGrant);
	});
}
