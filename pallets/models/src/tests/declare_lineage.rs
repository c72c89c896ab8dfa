use crate::{mock::*, Descendants, Error, Event, Lineages, Models as Records};
use assay_primitives::{
	licence::{
		Consent, DeclaredParent, Derivatives, Licence, Parent, Permill, Relation, Royalty, Source,
		MAX_ANCESTORS,
	},
	traits::ModelFreeze,
	AssetId, ModelId, VersionId,
};
use codec::Encode;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, TokenError};

fn royalty(version: VersionId, parts: u32) -> Royalty {
	Royalty { source: Source::Version(version), share: Permill::from_parts(parts) }
}

/// A version of the owner that is about to declare its lineage.
fn child() -> VersionId {
	version_of(OWNER, Licence::default())
}

#[test]
fn declare_lineage_stores_the_waterfall_and_holds_a_deposit() {
	build_and_execute(|| {
		let (grandparent, parent, version) = (
			version_of(AUTHOR, Licence::default()),
			version_of(AUTHOR, Licence::default()),
			child(),
		);
		assert_ok!(declare(AUTHOR, parent, &[tuned(grandparent, 50_000)]));
		let (before, record) = (held(OWNER), Records::<Test>::get(version.model).unwrap());
		assert_ok!(declare(OWNER, version, &[tuned(parent, 100_000), trained(OPEN, 7)]));

		let lineage = Lineages::<Test>::get(version).unwrap();
		let data = Royalty { source: Source::Asset(OPEN), share: Permill::from_parts(7) };
		assert_eq!(
			lineage.waterfall.to_vec(),
			[royalty(grandparent, 50_000), royalty(parent, 100_000), data]
		);
		let declared = |parent| DeclaredParent { parent, consent: Consent::NotNeeded };
		let parents = [tuned(parent, 100_000), trained(OPEN, 7)].map(declared);
		assert_eq!(lineage.parents.to_vec(), parents);
		let size = lineage.parents.encoded_size() + lineage.waterfall.encoded_size();
		assert_eq!(lineage.deposit, 100 + 2 * size as u128);
		assert_eq!(held(OWNER), before + lineage.deposit);
		assert_eq!(Balances::free_balance(OWNER), ENDOWMENT - held(OWNER));
		let deposits = Records::<Test>::get(version.model).unwrap().version_deposits;
		assert_eq!(deposits, record.version_deposits + lineage.deposit);
		let counts = [grandparent, parent, version].map(Descendants::<Test>::get);
		assert_eq!(counts, [1, 1, 0]);
		assert_eq!(last_event(), Some(Event::LineageDeclared { version, awaits: 0 }));
	});
}

#[test]
fn declare_lineage_asks_the_owners_who_want_to_be_asked() {
	build_and_execute(|| {
		let (asked, version) = (version_of(AUTHOR, asking()), version_of(OWNER, asking()));
		let free = version_of(AUTHOR, Licence::default());
		let parents = [tuned(asked, 1), tuned(free, 1), trained(ASKED, 1), trained(OPEN, 1)];
		assert_ok!(declare(OWNER, version, &parents));

		let lineage = Lineages::<Test>::get(version).unwrap();
		let consents: Vec<_> = lineage.parents.iter().map(|declared| declared.consent).collect();
		let (asked, free) = (Consent::Awaited, Consent::NotNeeded);
		assert_eq!(consents, [asked, free, asked, free]);
		assert_eq!(last_event(), Some(Event::LineageDeclared { version, awaits: 2 }));
	});
}

#[test]
fn declare_lineage_does_not_ask_the_owner_of_both() {
	build_and_execute(|| {
		let (parent, version) = (version_of(AUTHOR, asking()), version_of(AUTHOR, asking()));
		assert_ok!(declare(AUTHOR, version, &[tuned(parent, 1), trained(ASKED, 1)]));
		assert_eq!(last_event(), Some(Event::LineageDeclared { version, awaits: 0 }));
	});
}

#[test]
fn declare_lineage_admits_an_earlier_version_of_the_model() {
	build_and_execute(|| {
		let model = registered_model();
		let (first, second) = (publish(model), publish(model));
		let quantised = Parent { relation: Relation::Quantised, ..tuned(first, 0) };
		assert_ok!(declare(OWNER, second, &[quantised]));
		assert_eq!(Models::lineage(second).unwrap().waterfall.to_vec(), [royalty(first, 0)]);
	});
}

#[test]
fn declare_lineage_admits_a_parent_that_takes_no_jobs_any_more() {
	build_and_execute(|| {
		let (parent, version) = (version_of(AUTHOR, Licence::default()), child());
		assert_ok!(Models::deprecate_version(signed(AUTHOR), parent));
		assert_ok!(declare(OWNER, version, &[tuned(parent, 1)]));
	});
}

#[test]
fn declare_lineage_fails_when_unsigned() {
	build_and_execute(|| {
		let (version, parents) = (child(), vec![trained(OPEN, 1)].try_into().unwrap());
		assert_noop!(
			Models::declare_lineage(RuntimeOrigin::root(), version, parents),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn declare_lineage_fails_when_the_model_or_the_version_is_unknown() {
	build_and_execute(|| {
		let version = child();
		let second = VersionId { number: 2, ..version };
		assert_noop!(declare(OWNER, second, &[trained(OPEN, 1)]), Error::<Test>::UnknownVersion);
		let other = VersionId { model: ModelId(9), number: 1 };
		assert_noop!(declare(OWNER, other, &[trained(OPEN, 1)]), Error::<Test>::UnknownModel);
	});
}

#[test]
fn declare_lineage_fails_when_the_caller_is_not_the_owner() {
	build_and_execute(|| {
		let version = child();
		assert_noop!(declare(STRANGER, version, &[trained(OPEN, 1)]), Error::<Test>::NotOwner);
	});
}

#[test]
fn declare_lineage_fails_a_second_time_whether_it_holds_or_not() {
	build_and_execute(|| {
		for asset in [OPEN, ASKED] {
			let version = child();
			assert_ok!(declare(OWNER, version, &[trained(asset, 1)]));
			assert_noop!(
				declare(OWNER, version, &[trained(OPEN, 1)]),
				Error::<Test>::LineageDeclared
			);
		}
	});
}

#[test]
fn declare_lineage_fails_when_something_was_made_from_the_version() {
	build_and_execute(|| {
		for licence in [Licence::default(), asking()] {
			let (version, descendant) = (version_of(OWNER, licence), version_of(AUTHOR, asking()));
			assert_ok!(declare(AUTHOR, descendant, &[tuned(version, 1)]));
			assert_noop!(
				declare(OWNER, version, &[trained(OPEN, 1)]),
				Error::<Test>::HasDescendants
			);
		}
	});
}

#[test]
fn declare_lineage_fails_without_parents() {
	build_and_execute(|| {
		let version = child();
		assert_noop!(declare(OWNER, version, &[]), Error::<Test>::NoParents);
	});
}

#[test]
fn declare_lineage_fails_when_a_parent_is_repeated() {
	build_and_execute(|| {
		let (parent, version) = (version_of(AUTHOR, Licence::default()), child());
		let distilled = Parent { relation: Relation::Distilled, ..tuned(parent, 2) };
		for parents in [
			[tuned(parent, 1), trained(OPEN, 1), distilled],
			[trained(OPEN, 1), tuned(parent, 1), trained(OPEN, 1)],
		] {
			assert_noop!(declare(OWNER, version, &parents), Error::<Test>::RepeatedParent);
		}
	});
}

#[test]
fn declare_lineage_fails_when_a_parent_is_not_published_or_frozen() {
	build_and_execute(|| {
		let (parent, version) = (version_of(AUTHOR, Licence::default()), child());
		Models::freeze(parent, &BUYER);
		let second = VersionId { number: 2, ..parent };
		let unknown = VersionId { model: ModelId(99), number: 1 };
		for parent in [parent, second, unknown] {
			assert_noop!(
				declare(OWNER, version, &[tuned(parent, 1)]),
				Error::<Test>::UnknownParent
			);
		}
	});
}

#[test]
fn declare_lineage_fails_when_data_is_unknown_or_not_active() {
	build_and_execute(|| {
		let version = child();
		Assets::set(vec![(OPEN, Asset { owner: AUTHOR, active: false, open: true })]);
		for asset in [OPEN, AssetId(9)] {
			assert_noop!(
				declare(OWNER, version, &[trained(asset, 1)]),
				Error::<Test>::UnknownParent
			);
		}
	});
}

#[test]
fn declare_lineage_fails_when_the_version_is_its_own_parent() {
	build_and_execute(|| {
		let version = child();
		assert_noop!(
			declare(OWNER, version, &[trained(OPEN, 1), tuned(version, 1)]),
			Error::<Test>::CyclicLineage
		);
	});
}

#[test]
fn declare_lineage_fails_when_data_is_tuned_or_a_version_is_trained_on() {
	build_and_execute(|| {
		let (parent, version) = (version_of(AUTHOR, Licence::default()), child());
		let trained_on = Parent { relation: Relation::TrainedOn, ..tuned(parent, 1) };
		assert_noop!(declare(OWNER, version, &[trained_on]), Error::<Test>::WrongRelation);
		for relation in [Relation::FineTuned, Relation::Quantised, Relation::Distilled] {
			let data = Parent { relation, ..trained(OPEN, 1) };
			assert_noop!(declare(OWNER, version, &[data]), Error::<Test>::WrongRelation);
		}
	});
}

#[test]
fn declare_lineage_fails_when_the_share_is_below_the_royalty() {
	build_and_execute(|| {
		let royalty = Permill::from_parts(25_000);
		let parent = version_of(AUTHOR, Licence { royalty, ..Licence::default() });
		let version = child();
		assert_noop!(declare(OWNER, version, &[tuned(parent, 24_999)]), Error::<Test>::ShareTooLow);
		assert_ok!(declare(OWNER, version, &[tuned(parent, 25_000)]));
	});
}

#[test]
fn declare_lineage_fails_when_nothing_may_be_made_from_a_parent() {
	build_and_execute(|| {
		let derivatives = Derivatives::Forbidden;
		let licence = Licence { derivatives, ..Licence::default() };
		let parent = version_of(AUTHOR, licence.clone());
		// Not even its owner may: licences never change.
		for owner in [OWNER, AUTHOR] {
			let version = version_of(owner, licence.clone());
			assert_noop!(
				declare(owner, version, &[tuned(parent, 1_000_000)]),
				Error::<Test>::DerivativesForbidden
			);
		}
	});
}

#[test]
fn declare_lineage_fails_when_a_parent_waits_for_consent() {
	build_and_execute(|| {
		let (parent, version) = (version_of(STRANGER, Licence::default()), child());
		assert_ok!(declare(STRANGER, parent, &[trained(ASKED, 1)]));
		assert_noop!(declare(OWNER, version, &[tuned(parent, 1)]), Error::<Test>::ParentPending);
		assert_ok!(Models::consent(signed(AUTHOR), parent, trained(ASKED, 1)));
		assert_ok!(declare(OWNER, version, &[tuned(parent, 1)]));
	});
}

#[test]
fn declare_lineage_fails_when_there_are_too_many_ancestors() {
	build_and_execute(|| {
		let mut last = version_of(AUTHOR, Licence::default());
		for _ in 1..MAX_ANCESTORS {
			let next = version_of(AUTHOR, Licence::default());
			assert_ok!(declare(AUTHOR, next, &[tuned(last, 1)]));
			last = next;
		}
		let version = child();
		assert_noop!(
			declare(OWNER, version, &[tuned(last, 1), trained(OPEN, 1)]),
			Error::<Test>::TooManyAncestors
		);
		assert_ok!(declare(OWNER, version, &[tuned(last, 1)]));
	});
}

#[test]
fn declare_lineage_fails_when_the_owner_cannot_pay_the_deposit() {
	build_and_execute(|| {
		let version = child();
		for per_byte in [ENDOWMENT, u128::MAX] {
			DepositPerByte::set(per_byte);
			assert_noop!(
				declare(OWNER, version, &[trained(OPEN, 1)]),
				TokenError::FundsUnavailable
			);
		}
	});
}
