use crate::{mock::*, Assets, Collection, Error, Event, NextAsset};
use assay_primitives::{
	rights::{AssetSpec, AssetStatus, Manifest},
	AssetId,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn register_asset_mints_the_item_and_holds_the_deposit() {
	build_and_execute(|| {
		assert_ok!(DataRights::register_asset(by(OWNER), Box::new(spec())));

		let asset = AssetId(0);
		let view = DataRights::asset(asset).unwrap();
		assert_eq!(
			(view.owner, view.status, view.spec),
			(Some(OWNER), AssetStatus::Active, spec())
		);
		assert_eq!(view.item, Some((collection(), 0)));
		assert_eq!(Nfts::owner(collection(), 0), Some(OWNER));
		let record = Assets::<Test>::get(asset).unwrap();
		assert_eq!(held(OWNER), record.deposit);
		assert_eq!(free(OWNER), ENDOWMENT - record.deposit - ITEM_DEPOSIT);
		let (kind, root) = (spec().kind, spec().manifest.root);
		let event = Event::AssetRegistered { asset, owner: OWNER, kind, root };
		assert_eq!(last_event(), Some(event));
	});
}

#[test]
fn the_deposit_grows_with_the_record() {
	build_and_execute(|| {
		asset();
		let before = held(OWNER);
		let longer = AssetSpec { schema: vec![b'x'; 111].try_into().unwrap(), ..spec() };
		registered(longer);
		assert_eq!(held(OWNER) - before, before + 100 * PER_BYTE + PER_BYTE);
	});
}

#[test]
fn one_collection_of_the_pallet_has_all_items() {
	build_and_execute(|| {
		assert_eq!(Collection::<Test>::get(), None);
		let (first, second) = (asset(), asset());
		assert_eq!((first, second), (AssetId(0), AssetId(1)));
		assert_eq!(Nfts::collection_owner(collection()), Some(DataRights::account()));
		assert_eq!(Nfts::owner(collection(), 1), Some(OWNER));
	});
}

/// The pallet knows its collection by what it was told, whatever else was made before.
#[test]
fn a_collection_of_somebody_else_is_not_taken_for_the_pallet_s() {
	build_and_execute(|| {
		assert_ok!(Nfts::create(by(STRANGER), STRANGER, CollectionConfig::get()));
		let asset = asset();
		assert_eq!(collection(), 1);
		assert_ok!(Nfts::mint(by(STRANGER), 0, asset.0, STRANGER, None));
		assert_eq!(DataRights::owner_of(asset), Some(OWNER));
	});
}

#[test]
fn nobody_mints_an_item_of_an_asset_that_is_not_registered() {
	build_and_execute(|| {
		asset();
		let minted = Nfts::mint(by(STRANGER), collection(), 1, STRANGER, None);
		assert_noop!(minted, pallet_nfts::Error::<Test>::NoPermission);
		assert_eq!(DataRights::owner_of(AssetId(1)), None);
	});
}

#[test]
fn register_asset_fails_when_unsigned() {
	build_and_execute(|| {
		let registered = DataRights::register_asset(RuntimeOrigin::none(), Box::new(spec()));
		assert_noop!(registered, DispatchError::BadOrigin);
	});
}

#[test]
fn register_asset_fails_without_files() {
	build_and_execute(|| {
		let manifest = Manifest { files: 0, ..spec().manifest };
		let spec = AssetSpec { manifest, ..spec() };
		assert_noop!(
			DataRights::register_asset(by(OWNER), Box::new(spec)),
			Error::<Test>::InvalidManifest
		);
	});
}

#[test]
fn register_asset_fails_when_its_text_is_none() {
	build_and_execute(|| {
		let spec = AssetSpec { licence: vec![0xff].try_into().unwrap(), ..spec() };
		assert_noop!(
			DataRights::register_asset(by(OWNER), Box::new(spec)),
			Error::<Test>::InvalidText
		);
	});
}

#[test]
fn register_asset_fails_when_the_caller_cannot_pay() {
	build_and_execute(|| {
		let poor = || DataRights::register_asset(by(PAUPER), Box::new(spec()));
		assert_noop!(dispatched(poor), Error::<Test>::InsufficientFunds);
	});
}

#[test]
fn register_asset_fails_when_no_number_is_left() {
	build_and_execute(|| {
		NextAsset::<Test>::put(AssetId(u32::MAX));
		let registered = DataRights::register_asset(by(OWNER), Box::new(spec()));
		assert_noop!(registered, Error::<Test>::Overflow);
		NextAsset::<Test>::put(AssetId(0));
	});
}
