//! Who owns and earns, as other pallets read it.

use crate::mock::*;
use assay_primitives::{
	licence::{Licence, Permill},
	money::{split_with_cuts, Beneficiary, Earners, Fee},
	revenue::{Subject, SubjectInspect, UsageCount, UsageInspect, UsageTotal},
	traits::ModelInspect,
	AssetId, ModelId, PoolId, VersionId,
};
use frame_support::assert_ok;

/// Two accounts that keep income for the holders of shares.
const POT: u64 = 20;
const OTHER_POT: u64 = 21;

fn earners(version: VersionId) -> Option<Earners<u64>> {
	let info = <Models as ModelInspect<u64>>::version(version).unwrap();
	Models::earners(version, &info)
}

/// The payees and parts of the ancestors.
fn ancestors(version: VersionId) -> Vec<(u64, u32)> {
	let part =
		|beneficiary: &Beneficiary<u64>| (beneficiary.payee, beneficiary.share.deconstruct());
	earners(version).unwrap().ancestors.iter().map(part).collect()
}

#[test]
fn a_version_without_lineage_earns_for_its_owner_alone() {
	build_and_execute(|| {
		let version = published_version();
		assert_eq!(earners(version), Some(Earners::only(OWNER)));
		transfer(version.model, OWNER, BUYER);
		assert_eq!(earners(version), Some(Earners::only(BUYER)));
	});
}

#[test]
fn nobody_earns_while_consent_is_awaited() {
	build_and_execute(|| {
		let version = version_of(OWNER, Licence::default());
		assert_ok!(declare(OWNER, version, &[trained(ASKED, 250_000), trained(OPEN, 1)]));
		assert_eq!(earners(version), None);
		assert_ok!(Models::consent(signed(AUTHOR), version, trained(ASKED, 250_000)));
		assert_eq!(ancestors(version), [(AUTHOR, 250_000), (AUTHOR, 1)]);
	});
}

#[test]
fn ancestors_earn_for_their_present_owners() {
	build_and_execute(|| {
		let grandparent = version_of(AUTHOR, Licence::default());
		let parent = version_of(STRANGER, Licence::default());
		let version = version_of(OWNER, Licence::default());
		assert_ok!(declare(STRANGER, parent, &[tuned(grandparent, 50_000)]));
		assert_ok!(declare(OWNER, version, &[tuned(parent, 100_000)]));
		assert_eq!(ancestors(version), [(AUTHOR, 50_000), (STRANGER, 100_000)]);
		transfer(grandparent.model, AUTHOR, BUYER);
		assert_eq!(ancestors(version), [(BUYER, 50_000), (STRANGER, 100_000)]);
	});
}

#[test]
fn income_goes_to_the_pot_of_whatever_has_one() {
	build_and_execute(|| {
		let version = version_of(OWNER, Licence::default());
		assert_ok!(declare(OWNER, version, &[trained(OPEN, 5)]));
		Pots::set(vec![(Subject::Model(version.model), POT), (Subject::Asset(OPEN), OTHER_POT)]);
		let found = earners(version).unwrap();
		let data = Beneficiary { payee: OTHER_POT, share: Permill::from_parts(5) };
		assert_eq!((found.owner, found.ancestors.to_vec()), (POT, vec![data]));
		assert_eq!(found.data, None);
	});
}

#[test]
fn an_asset_revoked_after_the_consent_goes_on_earning() {
	build_and_execute(|| {
		let version = version_of(OWNER, Licence::default());
		assert_ok!(declare(OWNER, version, &[trained(ASKED, 5)]));
		assert_ok!(Models::consent(signed(AUTHOR), version, trained(ASKED, 5)));
		Assets::set(vec![(ASKED, Asset { owner: AUTHOR, active: false, open: false })]);
		assert_eq!(ancestors(version), [(AUTHOR, 5)]);
	});
}

/// Somebody buys an asset whose income is sold, for next to nothing, and burns it, to be rid of the
/// royalty.
#[test]
fn shares_in_the_income_of_what_nobody_owns_earn_all_the_same() {
	build_and_execute(|| {
		let version = version_of(OWNER, Licence::default());
		assert_ok!(declare(OWNER, version, &[trained(OPEN, 100_000)]));
		Pots::set(vec![(Subject::Asset(OPEN), OTHER_POT)]);
		Assets::set(Default::default());
		assert_eq!(ancestors(version), [(OTHER_POT, 100_000)]);
	});
}

#[test]
fn the_share_of_an_asset_whose_owner_is_not_found_stays_with_the_versions_owner() {
	build_and_execute(|| {
		let version = version_of(OWNER, Licence::default());
		assert_ok!(declare(OWNER, version, &[trained(ASKED, 400_000), trained(OPEN, 100_000)]));
		assert_ok!(Models::consent(signed(AUTHOR), version, trained(ASKED, 400_000)));
		Assets::set(vec![(OPEN, Asset { owner: AUTHOR, active: true, open: true })]);
		assert_eq!(ancestors(version), [(AUTHOR, 100_000)]);
		let fee = Fee { work: 0, royalty: 1_000, data: 0 };
		let shares = split_with_cuts(fee, &BUYER, &earners(version).unwrap(), []);
		let paid: Vec<_> = shares.iter().map(|share| (share.payee, share.amount)).collect();
		assert_eq!(paid, [(OWNER, 900), (AUTHOR, 100)]);
	});
}

#[test]
fn models_have_their_present_owner_and_nothing_else_has_one_here() {
	build_and_execute(|| {
		let model = published_version().model;
		let owner = <Models as SubjectInspect<u64>>::owner;
		assert_eq!(owner(Subject::Model(model)), Some(OWNER));
		transfer(model, OWNER, BUYER);
		assert_eq!(owner(Subject::Model(model)), Some(BUYER));
		for subject in
			[Subject::Model(ModelId(9)), Subject::Asset(AssetId(0)), Subject::Pool(PoolId(0))]
		{
			assert_eq!(owner(subject), None);
		}
	});
}

#[test]
fn jobs_that_settle_are_counted_by_model_with_what_they_have_paid_for_it() {
	build_and_execute(|| {
		let (first, other) = (published_version(), version_of(OWNER, Licence::default()));
		let second = publish(first.model);
		Models::count(first, 2);
		Models::count(second, 3);
		Models::count(other, 0);
		let used = |model| Models::used(Subject::Model(model));
		assert_eq!(used(first.model), UsageTotal { jobs: 2, paid: 5 });
		assert_eq!(used(other.model), UsageTotal { jobs: 1, paid: 0 });
		Models::count(first, u128::MAX);
		assert_eq!(used(first.model), UsageTotal { jobs: 3, paid: u128::MAX });
		let subjects =
			[Subject::Model(ModelId(9)), Subject::Asset(AssetId(0)), Subject::Pool(PoolId(0))];
		assert!(subjects.iter().all(|subject| Models::used(*subject) == UsageTotal::default()));
	});
}
