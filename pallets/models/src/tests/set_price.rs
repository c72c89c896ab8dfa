use crate::{mock::*, Error, Event, Versions};
use assay_primitives::{model::VersionSpec, VersionId};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn set_price_changes_the_price_and_nothing_else() {
	build_and_execute(|| {
		let version = published_version();
		let (before, deposit) = (Versions::<Test>::get(version).unwrap(), held(OWNER));
		assert_ok!(Models::set_price(signed(OWNER), version, 77));

		let after = Versions::<Test>::get(version).unwrap();
		assert_eq!(after.spec, VersionSpec { price: 77, ..spec() });
		assert_eq!((after.status, after.published), (before.status, before.published));
		assert_eq!((after.deposit, held(OWNER)), (before.deposit, deposit));
		assert_eq!(last_event(), Some(Event::PriceSet { version, price: 77 }));
	});
}

#[test]
fn set_price_admits_every_price() {
	build_and_execute(|| {
		let version = published_version();
		for price in [0, u128::MAX] {
			assert_ok!(Models::set_price(signed(OWNER), version, price));
			assert_eq!(Models::version(version).unwrap().spec.price, price);
		}
	});
}

#[test]
fn set_price_fails_when_unsigned() {
	build_and_execute(|| {
		let version = published_version();
		assert_noop!(
			Models::set_price(RuntimeOrigin::root(), version, 1),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn set_price_fails_when_the_model_is_unknown() {
	build_and_execute(|| {
		assert_noop!(
			Models::set_price(signed(OWNER), VersionId::default(), 1),
			Error::<Test>::UnknownModel
		);
	});
}

#[test]
fn set_price_fails_when_the_version_is_unknown() {
	build_and_execute(|| {
		let version = published_version();
		for number in [0, version.number + 1] {
			assert_noop!(
				Models::set_price(signed(OWNER), VersionId { number, ..version }, 1),
				Error::<Test>::UnknownVersion
			);
		}
	});
}

#[test]
fn set_price_fails_when_the_caller_is_not_the_owner() {
	build_and_execute(|| {
		let version = published_version();
		assert_noop!(Models::set_price(signed(STRANGER), version, 1), Error::<Test>::NotOwner);
	});
}
