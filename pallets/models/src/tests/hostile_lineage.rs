//! Attacks on lineage, each named after what the attacker is after.

use crate::{mock::*, Descendants, Error, Lineages, NextModel};
use assay_primitives::{
	licence::{Derivatives, Licence, Parent, Permill, Relation, Source, MAX_ANCESTORS},
	model::{PriceUnit, VersionSpec},
	traits::{ModelFreeze, ModelInspect},
	ModelId, VersionId,
};
use frame_support::{assert_noop, assert_ok};
use proptest::prelude::*;
use sp_runtime::DispatchResult;

fn free(owner: u64) -> VersionId {
	version_of(owner, Licence::default())
}

/// The shares of a version's waterfall.
fn shares(version: VersionId) -> Vec<(Source, u32)> {
	let waterfall = Models::lineage(version).unwrap().waterfall;
	waterfall.iter().map(|royalty| (royalty.source, royalty.share.deconstruct())).collect()
}

#[test]
fn a_version_cannot_descend_from_itself_by_way_of_another() {
	build_and_execute(|| {
		let (first, second) = (free(OWNER), free(OWNER));
		assert_ok!(declare(OWNER, second, &[tuned(first, 1)]));
		assert_noop!(declare(OWNER, first, &[tuned(second, 1)]), Error::<Test>::HasDescendants);
	});
}

#[test]
fn a_version_cannot_descend_from_itself_by_way_of_two_others() {
	build_and_execute(|| {
		let (first, second, third) = (free(OWNER), free(OWNER), free(OWNER));
		assert_ok!(declare(OWNER, third, &[tuned(second, 1)]));
		assert_noop!(declare(OWNER, second, &[tuned(third, 1)]), Error::<Test>::HasDescendants);
		assert_ok!(declare(OWNER, first, &[tuned(third, 1)]));
		assert_noop!(declare(OWNER, second, &[tuned(first, 1)]), Error::<Test>::HasDescendants);
	});
}

#[test]
fn a_cycle_cannot_be_closed_while_one_of_its_lineages_waits() {
	build_and_execute(|| {
		let (first, second) = (version_of(AUTHOR, asking()), version_of(OWNER, asking()));
		assert_ok!(declare(OWNER, second, &[tuned(first, 1)]));
		assert_noop!(declare(AUTHOR, first, &[tuned(second, 1)]), Error::<Test>::HasDescendants);
	});
}

#[test]
fn a_cycle_cannot_be_closed_by_a_lineage_that_was_withdrawn() {
	build_and_execute(|| {
		let (first, second) = (version_of(AUTHOR, asking()), version_of(OWNER, asking()));
		assert_ok!(declare(OWNER, second, &[tuned(first, 1)]));
		assert_ok!(Models::withdraw_lineage(signed(OWNER), second));
		// The other way round now, which the first declaration must not be repeated after.
		assert_ok!(declare(AUTHOR, first, &[tuned(second, 1)]));
		assert_noop!(declare(OWNER, second, &[tuned(first, 1)]), Error::<Test>::HasDescendants);
		assert_ok!(Models::consent(signed(OWNER), first, tuned(second, 1)));
		assert_noop!(declare(OWNER, second, &[tuned(first, 1)]), Error::<Test>::HasDescendants);
	});
}

#[test]
fn ancestors_cannot_be_promised_more_than_everything() {
	build_and_execute(|| {
		let (grandparent, parent, version) = (free(AUTHOR), free(AUTHOR), free(OWNER));
		assert_ok!(declare(AUTHOR, parent, &[tuned(grandparent, 400_000)]));
		let parents = |data| [tuned(parent, 600_000), trained(OPEN, data)];
		assert_noop!(declare(OWNER, version, &parents(1)), Error::<Test>::StackTooHigh);
		assert_ok!(declare(OWNER, version, &parents(0)));
		let sum: u32 = shares(version).iter().map(|(_, share)| share).sum();
		assert_eq!(sum, 1_000_000);
		// Nothing is left for anybody who would make something from it and give it a share.
		let next = free(OWNER);
		assert_noop!(declare(OWNER, next, &[tuned(version, 1)]), Error::<Test>::StackTooHigh);
	});
}

/// A royalty is a part of the price: at a price of nothing, with a dear provider of one's own, the
/// ancestors would have nothing.
#[test]
fn a_derivative_is_no_cheaper_than_the_licence_of_its_parent_says() {
	build_and_execute(|| {
		let at = |owner, price, least_price, unit| {
			let permissions = Licence { least_price, ..Licence::default() };
			let model = NextModel::<Test>::get();
			let name = name(&model.to_string());
			assert_ok!(Models::register_model(signed(owner), name, Default::default()));
			let spec = VersionSpec { price, unit, permissions, ..spec() };
			(model, Models::publish_version(signed(owner), model, Box::new(spec)))
		};
		let published = |(model, result): (ModelId, DispatchResult)| {
			assert_ok!(result);
			VersionId { model, number: 1 }
		};
		let call = PriceUnit::Call;
		assert_eq!(at(AUTHOR, 4, 5, call).1, Err(Error::<Test>::PriceTooLow.into()));
		let parent = published(at(AUTHOR, 9, 5, call));
		let parents = [tuned(parent, 100_000)];
		for cheaper in
			[at(OWNER, 9, 0, call), at(OWNER, 9, 4, call), at(OWNER, 9, 5, PriceUnit::Mac)]
		{
			let version = published(cheaper);
			assert_noop!(declare(OWNER, version, &parents), Error::<Test>::IncompatibleLicence);
		}
		let version = published(at(OWNER, 9, 5, call));
		assert_ok!(declare(OWNER, version, &parents));
		// Nor later on, and neither is the parent.
		for (owner, version) in [(OWNER, version), (AUTHOR, parent)] {
			let set_price = |price| Models::set_price(signed(owner), version, price);
			assert_noop!(set_price(4), Error::<Test>::PriceTooLow);
			assert_ok!(set_price(5));
		}
	});
}

#[test]
fn a_licence_cannot_allow_more_than_that_of_a_parent() {
	build_and_execute(|| {
		let theirs = Licence {
			commercial: false,
			derivatives: Derivatives::OnConsent,
			attribution: true,
			royalty: Permill::zero(),
			least_price: 0,
			purposes: vec![purpose("research"), purpose("medicine")].try_into().unwrap(),
		};
		let parent = version_of(AUTHOR, theirs.clone());
		let purposes = vec![purpose("research"), purpose("war")].try_into().unwrap();
		for more in [
			Licence { commercial: true, ..theirs.clone() },
			Licence { derivatives: Derivatives::Free, ..theirs.clone() },
			Licence { attribution: false, ..theirs.clone() },
			Licence { purposes: Default::default(), ..theirs.clone() },
			Licence { purposes, ..theirs.clone() },
		] {
			let version = version_of(OWNER, more);
			assert_noop!(
				declare(OWNER, version, &[tuned(parent, 1)]),
				Error::<Test>::IncompatibleLicence
			);
		}
		let purposes = vec![purpose("medicine")].try_into().unwrap();
		let derivatives = Derivatives::Forbidden;
		let version = version_of(OWNER, Licence { derivatives, purposes, ..theirs });
		assert_ok!(declare(OWNER, version, &[tuned(parent, 1)]));
	});
}

#[test]
fn a_royalty_cannot_be_avoided_by_a_version_in_between() {
	build_and_execute(|| {
		let royalty = Permill::from_percent(10);
		let grandparent = version_of(AUTHOR, Licence { royalty, ..Licence::default() });
		let (between, version) = (free(OWNER), free(OWNER));
		assert_ok!(declare(OWNER, between, &[tuned(grandparent, 100_000)]));
		assert_ok!(declare(OWNER, version, &[tuned(between, 0)]));
		assert_eq!(shares(version)[0], (Source::Version(grandparent), 100_000));
	});
}

#[test]
fn a_former_owner_cannot_consent() {
	build_and_execute(|| {
		let (parent, version) = (version_of(AUTHOR, asking()), version_of(OWNER, asking()));
		assert_ok!(declare(OWNER, version, &[tuned(parent, 1), trained(ASKED, 1)]));
		transfer(parent.model, AUTHOR, BUYER);
		Assets::set(vec![(ASKED, Asset { owner: BUYER, active: true, open: false })]);
		for parent in [tuned(parent, 1), trained(ASKED, 1)] {
			assert_noop!(Models::consent(signed(AUTHOR), version, parent), Error::<Test>::NotOwner);
			assert_ok!(Models::consent(signed(BUYER), version, parent));
		}
	});
}

#[test]
fn selling_the_version_does_not_spare_the_consent() {
	build_and_execute(|| {
		let (parent, version) = (version_of(AUTHOR, asking()), version_of(OWNER, asking()));
		assert_ok!(declare(OWNER, version, &[tuned(parent, 1)]));
		transfer(version.model, OWNER, BUYER);
		let info = <Models as ModelInspect<u64>>::version(version).unwrap();
		assert_eq!(Models::earners(version, &info), None);
		assert_noop!(
			Models::consent(signed(BUYER), version, tuned(parent, 1)),
			Error::<Test>::NotOwner
		);
	});
}

#[test]
fn a_lineage_cannot_be_shed_by_freezing_the_version() {
	build_and_execute(|| {
		let (parent, version) = (free(AUTHOR), free(OWNER));
		assert_ok!(declare(OWNER, version, &[tuned(parent, 1)]));
		Models::freeze(version, &BUYER);
		assert_noop!(Models::withdraw_lineage(signed(OWNER), version), Error::<Test>::LineageHolds);
		assert_eq!(Descendants::<Test>::get(parent), 1);
	});
}

#[test]
fn a_deposit_for_a_lineage_goes_with_the_model() {
	build_and_execute(|| {
		let (parent, version) = (free(AUTHOR), free(OWNER));
		assert_ok!(declare(OWNER, version, &[tuned(parent, 1)]));
		let deposit = held(OWNER);
		assert_ok!(Models::offer_model(signed(OWNER), version.model, PAUPER));
		assert!(Models::accept_model(signed(PAUPER), version.model).is_err());
		transfer(version.model, OWNER, BUYER);
		assert_eq!((held(OWNER), held(BUYER)), (0, deposit));
	});
}

#[test]
fn an_ancestor_in_a_diamond_earns_once_its_greatest_share() {
	build_and_execute(|| {
		let (top, left, right, bottom) = (free(AUTHOR), free(AUTHOR), free(AUTHOR), free(OWNER));
		assert_ok!(declare(AUTHOR, left, &[tuned(top, 100_000)]));
		assert_ok!(declare(AUTHOR, right, &[tuned(top, 300_000)]));
		let parents = [tuned(left, 50_000), tuned(right, 60_000), tuned(top, 200_000)];
		assert_ok!(declare(OWNER, bottom, &parents));
		let source = Source::Version;
		assert_eq!(
			shares(bottom),
			[(source(top), 300_000), (source(left), 50_000), (source(right), 60_000)]
		);
	});
}

#[test]
fn the_longest_line_pays_everyone_what_they_declared() {
	build_and_execute(|| {
		let mut line = vec![free(AUTHOR)];
		for step in 1..=MAX_ANCESTORS {
			let (last, next) = (*line.last().unwrap(), free(OWNER));
			assert_ok!(declare(OWNER, next, &[tuned(last, 1_000 * step)]));
			line.push(next);
		}
		let last = line.pop().unwrap();
		let expected: Vec<_> = line
			.iter()
			.zip(1..)
			.map(|(version, step)| (Source::Version(*version), 1_000 * step))
			.collect();
		assert_eq!(shares(last), expected);
		let further = free(OWNER);
		assert_noop!(declare(OWNER, further, &[tuned(last, 1)]), Error::<Test>::TooManyAncestors);
	});
}

/// One of few parents, some of which are not there.
fn a_parent() -> impl Strategy<Value = Parent> {
	(0u32..6, 0u32..=600_000, any::<bool>()).prop_map(|(index, parts, data)| match (index, data) {
		(0, true) => trained(ASKED, parts),
		(_, true) => trained(OPEN, parts),
		(index, false) => Parent {
			relation: Relation::Distilled,
			..tuned(VersionId { model: ModelId(index), number: 1 }, parts)
		},
	})
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(128))]

	#[test]
	fn no_order_of_declarations_breaks_an_invariant(
		calls in proptest::collection::vec(
			(0u8..10, 0u32..6, proptest::collection::vec(a_parent(), 0..=4), 0usize..4),
			0..40,
		),
	) {
		build_and_execute(|| {
			for index in 0..5 {
				let licence = if index % 2 == 0 { Licence::default() } else { asking() };
				version_of([OWNER, AUTHOR][index % 2], licence);
			}
			for (call, model, parents, which) in calls {
				let version = VersionId { model: ModelId(model), number: 1 };
				let owner = Models::model(version.model).map_or(STRANGER, |model| model.owner);
				let _ = match call {
					0..=3 => declare(owner, version, &parents),
					4..=6 => Lineages::<Test>::get(version)
						.and_then(|lineage| lineage.parents.get(which).copied())
						.map_or(Ok(()), |declared| {
							Models::consent(signed(AUTHOR), version, declared.parent)
						}),
					7 => Models::withdraw_lineage(signed(owner), version),
					8 => Models::offer_model(signed(owner), version.model, AUTHOR)
						.and_then(|()| Models::accept_model(signed(AUTHOR), version.model)),
					_ => {
						Models::freeze(version, &BUYER);
						Ok(())
					},
				};
			}
		});
	}
}
