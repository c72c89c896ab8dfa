//! What pools of data draw on.

use crate::{mock::*, Error, Permits};
use assay_primitives::{
	pool::{ItemInfo, ItemInspect, PermitNumbers},
	rights::AssetStatus,
	AssetId,
};
use frame_support::{assert_noop, assert_ok};

type Fault = Error<Test>;

fn item(asset: AssetId) -> Option<ItemInfo<AccountId>> {
	<DataRights as ItemInspect<AccountId>>::item(asset)
}

fn status(asset: AssetId) -> AssetStatus {
	item(asset).unwrap().status
}

fn take(asset: AssetId, number: u64) -> sp_runtime::DispatchResult {
	<DataRights as PermitNumbers>::take(asset, number)
}

fn next(asset: AssetId) -> u64 {
	<DataRights as PermitNumbers>::next(asset)
}

#[test]
fn an_asset_is_told_with_its_owner_its_bytes_and_its_status() {
	build_and_execute(|| {
		assert_eq!(item(AssetId(0)), None);
		let asset = asset();
		let info = ItemInfo { owner: Some(OWNER), bytes: 1_000, status: AssetStatus::Active };
		assert_eq!(item(asset), Some(info));
		assert_ok!(DataRights::freeze(RuntimeOrigin::root(), asset));
		assert_eq!(status(asset), AssetStatus::Frozen);
		assert_ok!(DataRights::thaw(RuntimeOrigin::root(), asset));
		assert_ok!(DataRights::retire(by(OWNER), asset));
		assert_eq!(status(asset), AssetStatus::Retired);
		sell(asset, OTHER);
		assert_eq!(item(asset).unwrap().owner, Some(OTHER));
		assert_ok!(DataRights::revoke_asset(by(OTHER), asset));
		assert_eq!(status(asset), AssetStatus::Revoked);
		burn(asset);
		assert_eq!(item(asset).unwrap().owner, None);
		assert_ok!(DataRights::remove_asset(by(STRANGER), asset));
		assert_eq!(item(asset), None);
	});
}

#[test]
fn an_asset_admits_the_versions_that_its_owner_lists_now() {
	build_and_execute(|| {
		let asset = asset();
		let admits = <DataRights as ItemInspect<AccountId>>::admits;
		assert!(admits(asset, VERSION) && !admits(asset, RIVAL));
		assert_ok!(DataRights::set_algorithms(by(OWNER), asset, only(&[RIVAL])));
		assert!(!admits(asset, VERSION) && admits(asset, RIVAL));
		assert!(!admits(AssetId(9), VERSION));
	});
}

#[test]
fn a_number_is_taken_once_by_a_permit_or_by_a_contribution() {
	build_and_execute(|| {
		let asset = asset();
		assert_ok!(take(asset, 0));
		assert_noop!(take(asset, 0), Fault::PermitUsed);
		let (used, good) = (permit(asset, 0), permit(asset, 1));
		assert_noop!(submit(used.clone(), signature(&used)), Fault::PermitUsed);
		assert_ok!(submit(good.clone(), signature(&good)));
		assert_noop!(take(asset, 1), Fault::PermitUsed);
		assert_eq!(next(asset), 2);
		assert_ok!(DataRights::cancel_permits(by(OWNER), asset, 9));
		assert_noop!(take(asset, 8), Fault::PermitUsed);
		assert_ok!(take(asset, 9));
		assert_noop!(take(asset, u64::MAX), Fault::Overflow);
		assert_eq!(next(asset), 10);
	});
}

/// Or what is kept of it would stay for good, and nobody has paid a deposit for it.
#[test]
fn no_number_is_taken_of_an_asset_that_does_not_exist() {
	build_and_execute(|| {
		assert_noop!(take(AssetId(0), 0), Fault::UnknownAsset);
		let asset = asset();
		assert_ok!(take(asset, 0));
		assert_ok!(DataRights::revoke_asset(by(OWNER), asset));
		assert_ok!(DataRights::remove_asset(by(OWNER), asset));
		assert_noop!(take(asset, 1), Fault::UnknownAsset);
		assert_eq!(Permits::<Test>::iter().count(), 0);
	});
}
