use crate::mock::*;
use assay_primitives::{
	licence::{Consent, DeclaredParent, Licence, Permill, Royalty},
	model::{LineageView, ModelView, VersionStatus},
	traits::{ModelInspect, VersionInfo},
	ModelId, VersionId,
};
use frame_support::assert_ok;

fn ids(items: &[ModelView<u64>]) -> Vec<u32> {
	items.iter().map(|item| item.id.0).collect()
}

#[test]
fn a_model_is_found_by_id_and_by_name() {
	build_and_execute(|| {
		let version = published_version();
		let view = Models::model(version.model).unwrap();
		assert_eq!((view.owner, view.latest), (OWNER, 1));
		assert_eq!(view.deposit, held(OWNER));
		assert_eq!(Models::model_by_name(name("model")), Some(view));
		assert_eq!(Models::model_by_name(name("other")), None);
		assert_eq!(Models::model(ModelId(1)), None);
	});
}

#[test]
fn models_are_paged_in_the_order_of_registration() {
	build_and_execute(|| {
		for index in 0..5 {
			model_named(&format!("model-{index}"));
		}
		let page = Models::models(None, ModelId(0), 2);
		assert_eq!((ids(&page.items), page.next), (vec![0, 1], Some(ModelId(2))));
		let page = Models::models(None, ModelId(3), 2);
		assert_eq!((ids(&page.items), page.next), (vec![3, 4], None));
		let page = Models::models(None, ModelId(5), 2);
		assert_eq!((ids(&page.items), page.next), (vec![], None));
	});
}

#[test]
fn the_models_of_an_owner_are_paged_in_order_whatever_their_bytes_hash_to() {
	build_and_execute(|| {
		// More than 256, so that a little-endian key would sort wrongly.
		DepositPerByte::set(0);
		for index in 0..300 {
			model_named(&format!("model-{index}"));
		}
		for model in [ModelId(255), ModelId(1)] {
			assert_ok!(Models::offer_model(signed(OWNER), model, BUYER));
			assert_ok!(Models::accept_model(signed(BUYER), model));
		}
		let page = Models::models(Some(BUYER), ModelId(0), 9);
		assert_eq!((ids(&page.items), page.next), (vec![1, 255], None));
		let page = Models::models(Some(OWNER), ModelId(254), 2);
		assert_eq!((ids(&page.items), page.next), (vec![254, 256], Some(ModelId(257))));
		assert!(Models::models(Some(STRANGER), ModelId(0), 9).items.is_empty());
	});
}

#[test]
fn a_page_has_at_least_one_item_and_at_most_a_hundred() {
	build_and_execute(|| {
		DepositPerByte::set(0);
		for index in 0..101 {
			model_named(&format!("model-{index}"));
		}
		for owner in [None, Some(OWNER)] {
			let page = Models::models(owner, ModelId(0), u32::MAX);
			assert_eq!((page.items.len(), page.next), (100, Some(ModelId(100))));
			let page = Models::models(owner, ModelId(0), 0);
			assert_eq!((page.items.len(), page.next), (1, Some(ModelId(1))));
		}
	});
}

#[test]
fn versions_are_paged_in_the_order_of_publication() {
	build_and_execute(|| {
		let model = registered_model();
		for _ in 0..3 {
			publish(model);
		}
		let page = Models::versions(model, 0, 2);
		assert_eq!(page.items.iter().map(|item| item.id.number).collect::<Vec<_>>(), [1, 2]);
		assert_eq!(page.next, Some(3));
		let page = Models::versions(model, 3, 2);
		assert_eq!(page.items.iter().map(|item| item.id.number).collect::<Vec<_>>(), [3]);
		assert_eq!(page.next, None);
		for start in [4, u32::MAX] {
			assert!(Models::versions(model, start, 2).items.is_empty());
		}
		assert!(Models::versions(ModelId(9), 0, 2).items.is_empty());
	});
}

#[test]
fn other_pallets_see_the_owner_the_price_and_the_status() {
	build_and_execute(|| {
		let version = published_version();
		let inspect = <Models as ModelInspect<u64>>::version;
		let info = VersionInfo {
			owner: OWNER,
			licence: spec().permissions,
			spec: spec(),
			status: VersionStatus::Active,
		};
		assert_eq!(inspect(version), Some(info));
		assert_eq!(inspect(VersionId { number: 2, ..version }), None);
		assert!(!<Models as ModelInspect<u64>>::is_active(VersionId { number: 2, ..version }));
	});
}

#[test]
fn the_lineage_of_a_version_tells_who_has_still_to_agree() {
	build_and_execute(|| {
		let version = version_of(OWNER, Licence::default());
		assert_eq!(Models::lineage(version), None);
		let parents = [trained(ASKED, 7), trained(OPEN, 9)];
		assert_ok!(declare(OWNER, version, &parents));
		let view = Models::lineage(version).unwrap();
		let waterfall =
			parents.map(|parent| Royalty { source: parent.source, share: parent.share });
		let declared = |consent| {
			let first = DeclaredParent { parent: parents[0], consent };
			let second = DeclaredParent { parent: parents[1], consent: Consent::NotNeeded };
			vec![first, second].try_into().unwrap()
		};
		let expected = LineageView {
			id: version,
			parents: declared(Consent::Awaited),
			waterfall: waterfall.to_vec().try_into().unwrap(),
			awaits: 1,
			deposit: crate::Lineages::<Test>::get(version).unwrap().deposit,
		};
		assert_eq!(view, expected);
		assert_ok!(Models::consent(signed(AUTHOR), version, parents[0]));
		let given = LineageView { parents: declared(Consent::Given), awaits: 0, ..expected };
		assert_eq!(Models::lineage(version), Some(given));
		assert_eq!(view.waterfall[0].share, Permill::from_parts(7));
	});
}
