//! Uses of grants: each refusal, their order, and what is counted.

use crate::{mock::*, Error, Event, Grants};
use assay_primitives::{
	rights::{Algorithms, AssetSpec, Consent, DataAccess, GrantTerms, Purpose, Tag, Usage},
	GrantId,
};
use frame_support::{assert_noop, assert_ok};

fn tag(text: &str) -> Tag {
	text.as_bytes().to_vec().try_into().unwrap()
}

fn usage_for(text: &str, commercial: bool) -> Usage {
	Usage { commercial, purpose: tag(text) }
}

#[test]
fn exercise_counts_and_tells_what_is_paid() {
	build_and_execute(|| {
		let asset = asset();
		let grant = given(asset, GrantTerms { price: 7, ..grant_terms() });
		let access = exercise(BUYER, grant, 1);
		assert_eq!(access, Ok(DataAccess { asset, payee: OWNER, price: 7 }));
		assert_eq!((view(grant).used, view(grant).left), (1, Some(1)));
		let event = Event::Used { grant, version: VERSION, uses: 1, left: Some(1) };
		assert_eq!(last_event(), Some(event));
	});
}

#[test]
fn a_grant_of_two_uses_serves_exactly_two() {
	build_and_execute(|| {
		let grant = grant();
		assert_ok!(exercise(BUYER, grant, 1));
		assert_noop!(exercise(BUYER, grant, 2), Error::<Test>::Exhausted);
		assert_ok!(exercise(BUYER, grant, 1));
		assert_noop!(exercise(BUYER, grant, 1), Error::<Test>::Exhausted);
		assert_eq!((view(grant).used, view(grant).usable), (2, false));
	});
}

/// Nobody opens the data for a job that counts nothing.
#[test]
fn no_uses_are_one() {
	build_and_execute(|| {
		let grant = grant();
		assert_ok!(exercise(BUYER, grant, 0));
		assert_eq!(view(grant).used, 1);
	});
}

#[test]
fn uses_that_cannot_be_counted_are_refused() {
	build_and_execute(|| {
		let grant = given(asset(), GrantTerms { uses: Some(u32::MAX), ..grant_terms() });
		assert_ok!(exercise(BUYER, grant, u32::MAX - 1));
		assert_noop!(exercise(BUYER, grant, u32::MAX), Error::<Test>::Exhausted);
		assert_noop!(exercise(BUYER, grant, 2), Error::<Test>::Exhausted);
		assert_ok!(exercise(BUYER, grant, 1));
	});
}

#[test]
fn a_grant_without_a_limit_is_used_for_ever() {
	build_and_execute(|| {
		let grant = given(asset(), GrantTerms { uses: None, until: None, ..grant_terms() });
		for _ in 0..3 {
			assert_ok!(exercise(BUYER, grant, u32::MAX));
		}
		let event = Event::Used { grant, version: VERSION, uses: u32::MAX, left: None };
		assert_eq!(last_event(), Some(event));
	});
}

#[test]
fn exercise_fails_when_the_grant_is_unknown_or_dropped() {
	build_and_execute(|| {
		assert_noop!(exercise(BUYER, GrantId(0), 1), Error::<Test>::UnknownGrant);
		let grant = grant();
		assert_ok!(DataRights::drop_grant(by(BUYER), grant));
		assert_noop!(exercise(BUYER, grant, 1), Error::<Test>::UnknownGrant);
	});
}

#[test]
fn exercise_fails_for_everybody_but_the_holder() {
	build_and_execute(|| {
		let grant = grant();
		for account in [OWNER, STRANGER] {
			assert_noop!(exercise(account, grant, 1), Error::<Test>::NotHolder);
		}
	});
}

#[test]
fn a_grant_is_good_from_its_first_block_to_the_one_before_its_end() {
	build_and_execute(|| {
		let terms = GrantTerms { from: 10, until: Some(20), uses: None, ..grant_terms() };
		let grant = given(asset(), terms);
		for (block, error) in [
			(9, Some(Error::<Test>::NotYetValid)),
			(10, None),
			(19, None),
			(20, Some(Error::<Test>::Expired)),
			(u32::MAX, Some(Error::<Test>::Expired)),
		] {
			run_to(block);
			assert_eq!(view(grant).usable, error.is_none(), "{block}");
			match error {
				Some(error) => {
					assert_noop!(exercise(BUYER, grant, 1), error);
				},
				None => assert!(exercise(BUYER, grant, 1).is_ok()),
			}
		}
	});
}

#[test]
fn exercise_fails_without_consent_to_inference() {
	build_and_execute(|| {
		let consent = Consent { training: true, inference: false, derivatives: true };
		let grant = given(registered(AssetSpec { consent, ..spec() }), grant_terms());
		assert_noop!(exercise(BUYER, grant, 1), Error::<Test>::NotConsented);
		assert!(!view(grant).usable);
	});
}

#[test]
fn exercise_fails_for_another_purpose() {
	build_and_execute(|| {
		let asset = asset();
		let tags = vec![tag("medicine"), tag("research")].try_into().unwrap();
		let terms = GrantTerms { purpose: Purpose::Tags(tags), uses: None, ..grant_terms() };
		let grant = given(asset, terms);
		for other in ["", "advertising", "Research"] {
			let used = exercise_for(BUYER, grant, VERSION, usage_for(other, false), 1);
			assert_noop!(used, Error::<Test>::PurposeForbidden);
		}
		assert_ok!(exercise_for(BUYER, grant, VERSION, usage_for("research", false), 1));
	});
}

#[test]
fn exercise_fails_for_another_version_than_the_grant_names() {
	build_and_execute(|| {
		let both = AssetSpec { algorithms: only(&[VERSION, RIVAL]), ..spec() };
		let purpose = Purpose::Versions(vec![RIVAL].try_into().unwrap());
		let grant = given(registered(both), GrantTerms { purpose, ..grant_terms() });
		assert_noop!(exercise(BUYER, grant, 1), Error::<Test>::PurposeForbidden);
		assert_ok!(exercise_for(BUYER, grant, RIVAL, usage(), 1));
	});
}

#[test]
fn exercise_fails_when_somebody_earns_who_may_not() {
	build_and_execute(|| {
		let grant = given(asset(), GrantTerms { commercial: false, ..grant_terms() });
		let used = exercise_for(BUYER, grant, VERSION, usage_for("", true), 1);
		assert_noop!(used, Error::<Test>::PurposeForbidden);
		assert_ok!(exercise(BUYER, grant, 1));
	});
}

#[test]
fn exercise_fails_when_the_owner_does_not_list_the_version() {
	build_and_execute(|| {
		let grant = grant();
		let used = exercise_for(BUYER, grant, RIVAL, usage(), 1);
		assert_noop!(used, Error::<Test>::AlgorithmForbidden);
		let none = AssetSpec { algorithms: only(&[]), ..spec() };
		let grant = given(registered(none), grant_terms());
		assert_noop!(exercise(BUYER, grant, 1), Error::<Test>::AlgorithmForbidden);
	});
}

/// A grant that everything speaks against is refused for one thing after the other, in the order in
/// which they are mended here.
#[test]
fn refusals_have_one_order() {
	build_and_execute(|| {
		let consent = Consent { inference: false, ..spec().consent };
		let asset = registered(AssetSpec { consent, algorithms: only(&[]), ..spec() });
		let terms = GrantTerms {
			from: 10,
			until: Some(20),
			uses: Some(1),
			commercial: false,
			..grant_terms()
		};
		let grant = given(asset, terms);
		let change = |change: fn(&mut crate::types::GrantRecord<AccountId>)| {
			Grants::<Test>::mutate(grant, |record| change(record.as_mut().unwrap()))
		};
		change(|record| {
			record.used = 1;
			record.revoked = true;
		});
		assert_ok!(DataRights::freeze(RuntimeOrigin::root(), asset));
		let earn = |who| exercise_for(who, grant, VERSION, usage_for("", true), 1);

		assert_noop!(earn(STRANGER), Error::<Test>::NotHolder);
		assert_noop!(earn(BUYER), Error::<Test>::NotYetValid);
		run_to(30);
		assert_noop!(earn(BUYER), Error::<Test>::Expired);
		run_to(15);
		assert_noop!(earn(BUYER), Error::<Test>::Exhausted);
		change(|record| record.used = 0);
		assert_noop!(earn(BUYER), Error::<Test>::Revoked);
		change(|record| record.revoked = false);
		assert_noop!(earn(BUYER), Error::<Test>::AssetNotActive);
		assert_ok!(DataRights::thaw(RuntimeOrigin::root(), asset));
		assert_noop!(earn(BUYER), Error::<Test>::NotConsented);
		assert_ok!(DataRights::set_terms(by(OWNER), asset, spec().consent, spec().licence));
		assert_noop!(earn(BUYER), Error::<Test>::PurposeForbidden);
		change(|record| record.terms.commercial = true);
		assert_noop!(earn(BUYER), Error::<Test>::AlgorithmForbidden);
		assert_ok!(DataRights::set_algorithms(by(OWNER), asset, spec().algorithms));
		assert_ok!(earn(BUYER));
	});
}

/// Whoever has the content uses it as it likes, and nothing counts that.
#[test]
fn only_an_unlimited_right_gives_the_content() {
	build_and_execute(|| {
		let open = registered(AssetSpec { algorithms: Algorithms::Any, ..spec() });
		let unlimited = || GrantTerms { uses: None, ..grant_terms() };
		let grant = given(open, unlimited());
		assert_eq!(DataRights::readable_by(&BUYER, grant), Ok(open));
		assert_eq!(view(grant).used, 0);
		let versions = Purpose::Versions(vec![VERSION].try_into().unwrap());
		let tags = Purpose::Tags(vec![tag("research")].try_into().unwrap());
		let limited = [
			given(open, grant_terms()),
			given(open, GrantTerms { purpose: versions, ..unlimited() }),
			given(open, GrantTerms { purpose: tags, ..unlimited() }),
			// Whoever is paid for each use would be paid for none.
			given(open, GrantTerms { price: 1, ..unlimited() }),
			given(asset(), unlimited()),
		];
		for grant in limited {
			assert_noop!(DataRights::readable_by(&BUYER, grant), Error::<Test>::ComputeOnly);
		}
	});
}

#[test]
fn the_content_is_given_only_to_whom_the_grant_is_good_for_now() {
	build_and_execute(|| {
		let open = registered(AssetSpec { algorithms: Algorithms::Any, ..spec() });
		let terms = GrantTerms { from: 5, until: Some(10), uses: None, ..grant_terms() };
		let grant = given(open, terms);
		let read = |who| DataRights::readable_by(&who, grant);
		assert_noop!(read(BUYER), Error::<Test>::NotYetValid);
		run_to(5);
		assert_noop!(read(STRANGER), Error::<Test>::NotHolder);
		assert_noop!(DataRights::readable_by(&BUYER, GrantId(9)), Error::<Test>::UnknownGrant);
		assert_ok!(read(BUYER));
		assert_ok!(DataRights::freeze(RuntimeOrigin::root(), open));
		assert_noop!(read(BUYER), Error::<Test>::AssetNotActive);
		assert_ok!(DataRights::thaw(RuntimeOrigin::root(), open));
		assert_ok!(DataRights::revoke_grant(by(OWNER), grant));
		assert_noop!(read(BUYER), Error::<Test>::Revoked);
		run_to(10);
		assert_noop!(read(BUYER), Error::<Test>::Expired);
	});
}
