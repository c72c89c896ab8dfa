use crate::{mock::*, AssetGrants, Assets, Error, Event, Permits};
use assay_primitives::{
	revenue::{Subject, SubjectInspect},
	rights::{AssetStatus, ConsentInspect},
	AssetId, ModelId,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

fn status(asset: AssetId) -> AssetStatus {
	DataRights::asset(asset).unwrap().status
}

fn active_owner(asset: AssetId) -> Option<AccountId> {
	<DataRights as ConsentInspect<AccountId>>::owner(asset)
}

fn may_train(asset: AssetId) -> bool {
	<DataRights as ConsentInspect<AccountId>>::may_train(asset)
}

#[test]
fn a_retired_asset_makes_nothing_new_and_its_grants_go_on() {
	build_and_execute(|| {
		let asset = asset();
		let (offer, grant) = (offered(asset, offer_terms()), given(asset, grant_terms()));
		assert_ok!(DataRights::retire(by(OWNER), asset));

		assert_eq!(last_event(), Some(Event::AssetRetired { asset }));
		assert_eq!(status(asset), AssetStatus::Retired);
		assert_noop!(buy(BUYER, offer), Error::<Test>::AssetNotActive);
		assert_noop!(
			DataRights::post_offer(by(OWNER), asset, Box::new(offer_terms())),
			Error::<Test>::AssetNotActive
		);
		assert_noop!(
			DataRights::give(by(OWNER), asset, BUYER, Box::new(grant_terms())),
			Error::<Test>::AssetNotActive
		);
		assert_eq!((active_owner(asset), may_train(asset)), (None, false));
		assert_ok!(exercise(BUYER, grant, 1));
		assert_ok!(DataRights::extend(by(OWNER), grant, None, 1));
	});
}

#[test]
fn retire_fails_for_everybody_but_the_owner_and_a_second_time() {
	build_and_execute(|| {
		let asset = asset();
		assert_noop!(DataRights::retire(RuntimeOrigin::none(), asset), DispatchError::BadOrigin);
		assert_noop!(DataRights::retire(by(STRANGER), asset), Error::<Test>::NotOwner);
		assert_noop!(DataRights::retire(by(OWNER), AssetId(9)), Error::<Test>::UnknownAsset);
		assert_ok!(DataRights::retire(by(OWNER), asset));
		assert_noop!(DataRights::retire(by(OWNER), asset), Error::<Test>::AlreadyRetired);
	});
}

#[test]
fn a_revoked_asset_is_of_no_use_any_more() {
	build_and_execute(|| {
		let (asset, paid) = (asset(), free(BUYER));
		let grant = given(asset, grant_terms());
		assert_ok!(DataRights::revoke_asset(by(OWNER), asset));

		assert_eq!(last_event(), Some(Event::AssetRevoked { asset }));
		assert_eq!(status(asset), AssetStatus::Revoked);
		assert_noop!(exercise(BUYER, grant, 1), Error::<Test>::AssetNotActive);
		assert_noop!(DataRights::extend(by(OWNER), grant, None, 1), Error::<Test>::AssetNotActive);
		assert_eq!((active_owner(asset), may_train(asset)), (None, false));
		assert_eq!(DataRights::owner_of(asset), Some(OWNER));
		assert_eq!(free(BUYER), paid);
	});
}

#[test]
fn revoke_asset_fails_for_everybody_but_the_owner_and_a_second_time() {
	build_and_execute(|| {
		let asset = asset();
		let revoke = |origin, asset| DataRights::revoke_asset(origin, asset);
		assert_noop!(revoke(RuntimeOrigin::none(), asset), DispatchError::BadOrigin);
		assert_noop!(revoke(by(STRANGER), asset), Error::<Test>::NotOwner);
		assert_noop!(revoke(by(OWNER), AssetId(9)), Error::<Test>::UnknownAsset);
		assert_ok!(revoke(by(OWNER), asset));
		assert_noop!(revoke(by(OWNER), asset), Error::<Test>::AlreadyRevoked);
	});
}

#[test]
fn a_frozen_asset_rests_until_it_is_thawed() {
	build_and_execute(|| {
		let asset = asset();
		let (offer, grant) = (offered(asset, offer_terms()), given(asset, grant_terms()));
		assert_ok!(DataRights::freeze(RuntimeOrigin::root(), asset));

		assert_eq!(last_event(), Some(Event::AssetFrozen { asset }));
		assert_eq!((status(asset), active_owner(asset)), (AssetStatus::Frozen, None));
		assert_noop!(exercise(BUYER, grant, 1), Error::<Test>::AssetNotActive);
		assert_noop!(buy(BUYER, offer), Error::<Test>::AssetNotActive);
		// It is no ground for others to clear away what was bought.
		assert_noop!(DataRights::drop_grant(by(STRANGER), grant), Error::<Test>::NotOver);

		assert_ok!(DataRights::thaw(RuntimeOrigin::root(), asset));
		assert_eq!(last_event(), Some(Event::AssetThawed { asset }));
		assert_eq!((status(asset), active_owner(asset)), (AssetStatus::Active, Some(OWNER)));
		assert_ok!(exercise(BUYER, grant, 1));
	});
}

#[test]
fn freeze_and_thaw_fail_by_a_signed_origin() {
	build_and_execute(|| {
		let asset = asset();
		for account in [OWNER, STRANGER] {
			assert_noop!(DataRights::freeze(by(account), asset), DispatchError::BadOrigin);
		}
		assert_ok!(DataRights::freeze(RuntimeOrigin::root(), asset));
		for account in [OWNER, STRANGER] {
			assert_noop!(DataRights::thaw(by(account), asset), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn freeze_and_thaw_fail_when_there_is_nothing_to_do() {
	build_and_execute(|| {
		let (asset, root) = (asset(), RuntimeOrigin::root);
		assert_noop!(DataRights::freeze(root(), AssetId(9)), Error::<Test>::UnknownAsset);
		assert_noop!(DataRights::thaw(root(), AssetId(9)), Error::<Test>::UnknownAsset);
		assert_noop!(DataRights::thaw(root(), asset), Error::<Test>::NotFrozen);
		assert_ok!(DataRights::freeze(root(), asset));
		assert_noop!(DataRights::freeze(root(), asset), Error::<Test>::AlreadyFrozen);
	});
}

#[test]
fn an_owner_cannot_thaw_by_retiring() {
	build_and_execute(|| {
		let asset = asset();
		let grant = given(asset, grant_terms());
		assert_ok!(DataRights::freeze(RuntimeOrigin::root(), asset));
		assert_ok!(DataRights::retire(by(OWNER), asset));
		assert_noop!(exercise(BUYER, grant, 1), Error::<Test>::AssetNotActive);
	});
}

#[test]
fn remove_asset_gives_everything_back_that_is_held() {
	build_and_execute(|| {
		let asset = asset();
		assert_ok!(DataRights::cancel_permits(by(OWNER), asset, 5));
		assert_ok!(DataRights::revoke_asset(by(OWNER), asset));
		assert_ok!(DataRights::remove_asset(by(OWNER), asset));

		assert_eq!(last_event(), Some(Event::AssetRemoved { asset }));
		assert_eq!((held(OWNER), free(OWNER)), (0, ENDOWMENT));
		assert!(Assets::<Test>::get(asset).is_none() && !Permits::<Test>::contains_key(asset));
		assert_eq!(Nfts::owner(collection(), asset.0), None);
		// Its number is not given again.
		assert_eq!(registered(spec()), AssetId(1));
	});
}

#[test]
fn remove_asset_fails_while_something_is_stored_of_it() {
	build_and_execute(|| {
		let asset = asset();
		let (offer, grant) = (offered(asset, offer_terms()), given(asset, grant_terms()));
		let remove = |account| DataRights::remove_asset(by(account), asset);
		assert_noop!(remove(OWNER), Error::<Test>::NotRevoked);
		assert_ok!(DataRights::revoke_asset(by(OWNER), asset));
		assert_noop!(remove(STRANGER), Error::<Test>::NotOwner);
		assert_noop!(remove(OWNER), Error::<Test>::InUse);
		assert_ok!(DataRights::withdraw_offer(by(STRANGER), offer));
		assert_noop!(remove(OWNER), Error::<Test>::InUse);
		assert_ok!(DataRights::drop_grant(by(STRANGER), grant));
		assert_ok!(remove(OWNER));
		assert_noop!(remove(OWNER), Error::<Test>::UnknownAsset);
		assert_noop!(
			DataRights::remove_asset(RuntimeOrigin::none(), asset),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn an_asset_whose_item_is_burned_is_nobody_s_and_can_be_cleared_away() {
	build_and_execute(|| {
		let asset = asset();
		let (offer, grant) = (offered(asset, offer_terms()), given(asset, grant_terms()));
		burn(asset);

		assert_noop!(exercise(BUYER, grant, 1), Error::<Test>::AssetNotActive);
		assert_noop!(buy(BUYER, offer), Error::<Test>::AssetNotActive);
		assert_noop!(DataRights::retire(by(OWNER), asset), Error::<Test>::NotOwner);
		assert_eq!((active_owner(asset), may_train(asset)), (None, false));
		assert!(!view(grant).usable);
		assert_eq!(DataRights::asset(asset).unwrap().item, None);
		assert_ok!(DataRights::withdraw_offer(by(STRANGER), offer));
		assert_ok!(DataRights::drop_grant(by(STRANGER), grant));
		assert_eq!(AssetGrants::<Test>::iter_keys().count(), 0);
		assert_ok!(DataRights::remove_asset(by(STRANGER), asset));
		assert_eq!((held(OWNER), free(OWNER)), (0, ENDOWMENT));
	});
}

#[test]
fn the_owner_of_a_subject_is_told_of_assets_alone() {
	build_and_execute(|| {
		let asset = asset();
		let owner = |subject| <DataRights as SubjectInspect<AccountId>>::owner(subject);
		assert_eq!(owner(Subject::Asset(asset)), Some(OWNER));
		assert_eq!(owner(Subject::Asset(AssetId(1))), None);
		assert_eq!(owner(Subject::Model(ModelId(0))), None);
	});
}
