//! Owners contribute assets by their signatures.

use crate::{mock::*, Error, Event, Pools as Records};
use assay_primitives::{
	pool::{Contribution, ScoreRule},
	rights::wrapped,
	AssetId,
};
use frame_support::{assert_noop, assert_ok};
use pallet_data_rights::Error as RightsFault;
use sp_core::{ecdsa, ed25519, Pair};
use sp_runtime::{traits::IdentifyAccount, DispatchError, MultiSigner};

type Fault = Error<Test>;

#[test]
fn the_accounts_of_the_tests_are_who_signs() {
	for account in [ALICE, BOB] {
		assert_eq!(MultiSigner::from(key(&account).public()).into_account(), account);
	}
}

#[test]
fn contribute_puts_an_asset_into_a_pool_at_the_cost_of_who_submits() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		let event = Event::Contributed { pool, asset, contributor: ALICE, score: 1 };
		assert_eq!(last_event(), event);
		let item = item(asset).unwrap();
		assert_eq!((item.contributor, item.payer, item.deposit), (ALICE, SUBMITTER, ITEM_DEPOSIT));
		assert_eq!((item.nonce, item.score, item.uses, item.usable), (0, 1, 0, true));
		assert_eq!((held(SUBMITTER), held(ALICE)), (ITEM_DEPOSIT, 0));
		assert_eq!((view().items, view().contributors, view().score), (1, 1, 1));
		assert_eq!(DataRights::asset(asset).unwrap().next_permit, 1);
	});
}

#[test]
fn a_contributor_has_one_position_for_all_its_items() {
	build_and_execute(|| {
		let pool = created(ruled(ScoreRule::Bytes));
		for bytes in [7, 0, 5] {
			let asset = sized(ALICE, bytes);
			assert_ok!(contribute(contribution(pool, asset)));
		}
		contributed(pool, BOB);
		assert_eq!((view().items, view().contributors), (4, 2));
		let alice = contributor(ALICE).unwrap();
		assert_eq!((alice.items, alice.score), (3, 7 + 1 + 5));
		assert_eq!(contributor(BOB).unwrap().score, u128::from(BYTES));
	});
}

#[test]
fn an_asset_can_be_in_several_pools() {
	build_and_execute(|| {
		let (one, two) = (created(spec()), created(spec()));
		let asset = contributed(one, ALICE);
		assert_ok!(contribute(contribution(two, asset)));
		assert_ok!(exercise(one, asset));
		assert_ok!(exercise(two, asset));
		assert_ok!(withdraw(ALICE, one, asset));
		assert_noop!(exercise(one, asset), Fault::UnknownItem);
		assert_ok!(exercise(two, asset));
	});
}

#[test]
fn bytes_that_a_wallet_wraps_are_signed_as_well() {
	build_and_execute(|| {
		let pool = created(spec());
		let contribution = contribution(pool, asset(ALICE));
		let bytes = contribution.signed_bytes(System::block_hash(0).as_ref());
		assert_ok!(submit(contribution, key(&ALICE).sign(&wrapped(&bytes)).into()));
	});
}

#[test]
fn every_scheme_of_the_chain_signs() {
	build_and_execute(|| {
		let pool = created(spec());
		let genesis = System::block_hash(0);
		let edwards = ed25519::Pair::from_seed(&[1; 32]);
		let koblitz = ecdsa::Pair::from_seed(&[1; 32]);
		let (one, two) = (asset(ALICE), asset(ALICE));
		for (asset, owner) in [
			(one, MultiSigner::from(edwards.public()).into_account()),
			(two, MultiSigner::from(koblitz.public()).into_account()),
		] {
			fund(&owner, ED);
			sell(asset, owner);
		}
		let contribution = |asset| contribution(pool, asset);
		let bytes = |asset| contribution(asset).signed_bytes(genesis.as_ref());
		assert_ok!(submit(contribution(one), edwards.sign(&bytes(one)).into()));
		assert_ok!(submit(contribution(two), koblitz.sign(&bytes(two)).into()));
	});
}

#[test]
fn a_signature_is_good_once_and_not_again_after_a_withdrawal() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = asset(ALICE);
		let signed = contribution(pool, asset);
		let bare = signature(&signed);
		assert_ok!(submit(signed.clone(), bare.clone()));
		assert_noop!(submit(signed.clone(), bare.clone()), Fault::AlreadyContributed);
		assert_ok!(withdraw(ALICE, pool, asset));
		assert_noop!(submit(signed.clone(), bare), RightsFault::<Test>::PermitUsed);
		// Nor in the other form.
		let bytes = signed.signed_bytes(System::block_hash(0).as_ref());
		let again = key(&ALICE).sign(&wrapped(&bytes)).into();
		assert_noop!(submit(signed, again), RightsFault::<Test>::PermitUsed);
		assert_ok!(contribute(contribution(pool, asset)));
	});
}

#[test]
fn a_cancelled_signature_fails() {
	build_and_execute(|| {
		let pool = created(spec());
		let contribution = contribution(pool, asset(ALICE));
		assert_ok!(DataRights::cancel_permits(by(ALICE), contribution.asset, 1));
		assert_noop!(contribute(contribution), RightsFault::<Test>::PermitUsed);
	});
}

#[test]
fn an_altered_contribution_fails() {
	build_and_execute(|| {
		let (pool, other) = (created(spec()), created(spec()));
		let (signed, second) = (contribution(pool, asset(ALICE)), asset(ALICE));
		let altered = [
			Contribution { pool: other, ..signed.clone() },
			Contribution { asset: second, ..signed.clone() },
			Contribution { nonce: 1, ..signed.clone() },
			Contribution { expires: 1_001, ..signed.clone() },
		];
		for contribution in altered {
			assert_noop!(submit(contribution, signature(&signed)), Fault::WrongSignature);
		}
		// The contributor is the owner, or it is refused for that.
		let stolen = Contribution { contributor: BOB, ..signed.clone() };
		assert_noop!(submit(stolen, signature(&signed)), Fault::NotOwner);
		assert_ok!(contribute(signed));
	});
}

#[test]
fn a_signature_for_another_chain_fails() {
	build_and_execute(|| {
		let contribution = contribution(created(spec()), asset(ALICE));
		let elsewhere = key(&ALICE).sign(&contribution.signed_bytes(&[1; 32]));
		assert_noop!(submit(contribution, elsewhere.into()), Fault::WrongSignature);
	});
}

#[test]
fn a_signature_of_somebody_else_fails() {
	build_and_execute(|| {
		let contribution = contribution(created(spec()), asset(ALICE));
		let bytes = contribution.signed_bytes(System::block_hash(0).as_ref());
		let foreign = key(&BOB).sign(&bytes).into();
		assert_noop!(submit(contribution.clone(), foreign), Fault::WrongSignature);
		// And who has signed it does not own the asset.
		let theirs = Contribution { contributor: BOB, ..contribution };
		assert_noop!(contribute(theirs), Fault::NotOwner);
	});
}

/// What is signed for a grant of an asset is no consent to a pool.
#[test]
fn a_permit_of_the_same_bytes_but_its_purpose_is_no_contribution() {
	build_and_execute(|| {
		let contribution = contribution(created(spec()), asset(ALICE));
		let genesis = System::block_hash(0);
		let bytes = codec::Encode::encode(&(b"assay/permit/1", genesis.as_ref(), &contribution));
		let signed = key(&ALICE).sign(&bytes).into();
		assert_noop!(submit(contribution, signed), Fault::WrongSignature);
	});
}

#[test]
fn an_expired_contribution_fails() {
	build_and_execute(|| {
		let contribution = contribution(created(spec()), asset(ALICE));
		run_to(1_000);
		assert_noop!(contribute(contribution.clone()), Fault::ContributionExpired);
		run_to(999);
		assert_ok!(contribute(contribution));
	});
}

#[test]
fn contribute_fails_when_the_pool_or_the_asset_is_unknown() {
	build_and_execute(|| {
		let asset = asset(ALICE);
		assert_noop!(contribute(contribution(POOL, asset)), Fault::UnknownPool);
		let known = contribution(created(spec()), asset);
		let unknown = Contribution { asset: AssetId(9), ..known.clone() };
		assert_noop!(contribute(unknown), Fault::UnknownAsset);
		let (none, signature) = (RuntimeOrigin::none(), signature(&known));
		let submitted = dispatched(|| Pools::contribute(none, known, signature));
		assert_noop!(submitted, DispatchError::BadOrigin);
	});
}

#[test]
fn contribute_fails_when_the_asset_is_not_active() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = asset(ALICE);
		let contribution = contribution(pool, asset);
		assert_ok!(DataRights::freeze(RuntimeOrigin::root(), asset));
		assert_noop!(contribute(contribution.clone()), Fault::AssetNotActive);
		assert_ok!(DataRights::thaw(RuntimeOrigin::root(), asset));
		assert_ok!(DataRights::retire(by(ALICE), asset));
		assert_noop!(contribute(contribution.clone()), Fault::AssetNotActive);
		assert_ok!(DataRights::revoke_asset(by(ALICE), asset));
		assert_noop!(contribute(contribution.clone()), Fault::AssetNotActive);
		burn(asset);
		assert_noop!(contribute(contribution), Fault::NotOwner);
	});
}

#[test]
fn contribute_fails_when_the_asset_is_in_the_pool_already() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		assert_noop!(contribute(contribution(pool, asset)), Fault::AlreadyContributed);
	});
}

#[test]
fn contribute_fails_when_the_pool_is_closed() {
	build_and_execute(|| {
		let contribution = contribution(created(spec()), asset(ALICE));
		assert_ok!(close(CURATOR));
		assert_noop!(contribute(contribution), Fault::PoolClosed);
	});
}

/// A contribution that cannot be paid for is not used up.
#[test]
fn contribute_fails_when_the_submitter_cannot_pay_the_deposit() {
	build_and_execute(|| {
		let contribution = contribution(created(spec()), asset(ALICE));
		let signature = signature(&contribution);
		let submitted = contribution.clone();
		let poor = || Pools::contribute(by(PAUPER), submitted, signature);
		assert_noop!(dispatched(poor), Fault::InsufficientFunds);
		assert_ok!(contribute(contribution));
	});
}

/// Nobody could be paid what the item of an account that does not exist earns.
#[test]
fn contribute_fails_when_the_account_of_the_contributor_does_not_exist() {
	build_and_execute(|| {
		let (pool, asset) = (created(spec()), asset(ALICE));
		let ghost = ed25519::Pair::from_seed(&[9; 32]);
		let owner = MultiSigner::from(ghost.public()).into_account();
		sell(asset, owner);
		let contribution = contribution(pool, asset);
		let bytes = contribution.signed_bytes(System::block_hash(0).as_ref());
		let signed = ghost.sign(&bytes);
		assert_noop!(submit(contribution, signed.into()), Fault::CannotHold);
	});
}

#[test]
fn the_last_reference_of_an_account_is_left_to_others() {
	build_and_execute(|| {
		let most = (0..).find(|_| {
			let pool = created(spec());
			contribute(contribution(pool, asset(ALICE))) == Err(Fault::CannotHold.into())
		});
		assert!(most.is_some_and(|most| most > 3));
		assert!(System::can_accrue_consumers(&ALICE, 1));
		// Where it has something already, it needs no other one.
		contributed(POOL, ALICE);
	});
}

#[test]
fn items_that_cannot_be_counted_are_refused() {
	build_and_execute(|| {
		let contribution = contribution(created(spec()), asset(ALICE));
		let counted = |items| Records::<Test>::mutate_extant(POOL, |record| record.items = items);
		counted(u32::MAX);
		assert_noop!(contribute(contribution), Fault::Overflow);
		counted(0);
	});
}

#[test]
fn a_new_owner_takes_the_place_of_the_one_before() {
	build_and_execute(|| {
		let pool = created(spec());
		let asset = contributed(pool, ALICE);
		earn(pool, 500);
		sell(asset, BOB);
		assert_eq!(item(asset).map(|item| item.usable), Some(false));
		assert_ok!(contribute(contribution(pool, asset)));
		let [.., withdrawn, contributed] = &events()[..] else { panic!("two events") };
		assert_eq!(*withdrawn, Event::Withdrawn { pool, asset, contributor: ALICE });
		let event = Event::Contributed { pool, asset, contributor: BOB, score: 1 };
		assert_eq!(*contributed, event);
		assert_eq!((view().items, view().contributors), (1, 2));
		assert_eq!(held(SUBMITTER), ITEM_DEPOSIT);
		// Each has what was earned while the item was its own.
		earn(pool, 70);
		assert_eq!((claimable(ALICE), claimable(BOB)), (500, 70));
		assert_ok!(exercise(pool, asset));
	});
}
