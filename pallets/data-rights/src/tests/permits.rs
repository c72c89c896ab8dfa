use crate::{mock::*, Error, Event, Permits};
use assay_primitives::{
	rights::{GrantTerms, Permit, Purpose},
	AssetId, GrantId,
};
use frame_support::{assert_noop, assert_ok};
use sp_core::{ecdsa, ed25519, Pair};
use sp_runtime::{traits::IdentifyAccount, DispatchError, MultiSignature, MultiSigner};

#[test]
fn the_owner_of_the_tests_is_who_signs() {
	assert_eq!(MultiSigner::from(key().public()).into_account(), OWNER);
}

#[test]
fn give_signed_makes_a_grant_at_the_cost_of_who_submits() {
	build_and_execute(|| {
		let asset = asset();
		let (before, permit) = (held(OWNER), permit(asset, 0));
		assert_ok!(submit(permit.clone(), signature(&permit)));

		let grant = GrantId(0);
		let record = view(grant);
		assert_eq!((record.holder, record.payer, record.terms), (BUYER, STRANGER, grant_terms()));
		assert_eq!((held(OWNER), held(BUYER), held(STRANGER)), (before, 0, record.deposit));
		assert_eq!(last_event(), Some(Event::Granted { grant, asset, holder: BUYER }));
		assert_eq!(DataRights::asset(asset).unwrap().next_permit, 1);
	});
}

#[test]
fn bytes_that_a_wallet_wraps_are_signed_as_well() {
	build_and_execute(|| {
		let permit = permit(asset(), 0);
		let bytes = permit.signed_bytes(System::block_hash(0).as_ref());
		let wrapped = [&b"<Bytes>"[..], &bytes, b"</Bytes>"].concat();
		assert_ok!(submit(permit, key().sign(&wrapped).into()));
	});
}

#[test]
fn every_scheme_of_the_chain_signs() {
	build_and_execute(|| {
		let asset = asset();
		let genesis = System::block_hash(0);
		let edwards = ed25519::Pair::from_seed(&[1; 32]);
		let owner = MultiSigner::from(edwards.public()).into_account();
		sell(asset, owner.clone());
		let mut permit = permit(asset, 0);
		let signature = edwards.sign(&permit.signed_bytes(genesis.as_ref()));
		let give = |permit: &Permit<AccountId>, owner: &AccountId, signature: MultiSignature| {
			let permit = Box::new(permit.clone());
			dispatched(|| DataRights::give_signed(by(STRANGER), permit, owner.clone(), signature))
		};
		assert_ok!(give(&permit, &owner, signature.into()));
		let koblitz = ecdsa::Pair::from_seed(&[1; 32]);
		let next = MultiSigner::from(koblitz.public()).into_account();
		assert_ok!(Nfts::transfer(by(owner), collection(), asset.0, next.clone()));
		permit.nonce = 1;
		let signature = koblitz.sign(&permit.signed_bytes(genesis.as_ref()));
		assert_ok!(give(&permit, &next, signature.into()));
	});
}

#[test]
fn a_signature_is_good_once() {
	build_and_execute(|| {
		let permit = permit(asset(), 0);
		let signature = signature(&permit);
		assert_ok!(submit(permit.clone(), signature.clone()));
		assert_noop!(submit(permit.clone(), signature.clone()), Error::<Test>::PermitUsed);
		// Nor after its grant is gone, nor in the other form.
		assert_ok!(DataRights::drop_grant(by(BUYER), GrantId(0)));
		assert_noop!(submit(permit.clone(), signature), Error::<Test>::PermitUsed);
		let bytes = permit.signed_bytes(System::block_hash(0).as_ref());
		let wrapped = [&b"<Bytes>"[..], &bytes, b"</Bytes>"].concat();
		assert_noop!(submit(permit, key().sign(&wrapped).into()), Error::<Test>::PermitUsed);
	});
}

#[test]
fn permits_are_submitted_in_any_order() {
	build_and_execute(|| {
		let asset = asset();
		for nonce in [3, 0, 2] {
			let permit = permit(asset, nonce);
			assert_ok!(submit(permit.clone(), signature(&permit)));
		}
		let late = permit(asset, 200);
		assert_ok!(submit(late.clone(), signature(&late)));
		// One that was left far behind is not good any more: nobody remembers whether it was used.
		let left = permit(asset, 1);
		assert_noop!(submit(left.clone(), signature(&left)), Error::<Test>::PermitUsed);
	});
}

#[test]
fn an_altered_permit_fails() {
	build_and_execute(|| {
		let (asset, other) = (asset(), registered(spec()));
		let signed = permit(asset, 0);
		let terms = |change: fn(&mut GrantTerms)| {
			let mut permit = signed.clone();
			change(&mut permit.terms);
			permit
		};
		let altered = [
			Permit { asset: other, ..signed.clone() },
			Permit { to: STRANGER, ..signed.clone() },
			Permit { nonce: 1, ..signed.clone() },
			Permit { expires: 51, ..signed.clone() },
			terms(|terms| terms.from = 0),
			terms(|terms| terms.until = Some(101)),
			terms(|terms| terms.until = None),
			terms(|terms| terms.uses = Some(3)),
			terms(|terms| terms.uses = None),
			terms(|terms| terms.price = 1),
			terms(|terms| terms.purpose = Purpose::Versions(vec![RIVAL].try_into().unwrap())),
			terms(|terms| terms.commercial = false),
			terms(|terms| terms.transferable = false),
			terms(|terms| terms.revocable = false),
		];
		for permit in altered {
			let submitted = submit(permit.clone(), signature(&signed));
			assert_noop!(submitted, Error::<Test>::WrongSignature);
		}
		assert_ok!(submit(signed.clone(), signature(&signed)));
	});
}

#[test]
fn a_signature_for_another_chain_fails() {
	build_and_execute(|| {
		let permit = permit(asset(), 0);
		let elsewhere = key().sign(&permit.signed_bytes(&[1; 32]));
		assert_noop!(submit(permit, elsewhere.into()), Error::<Test>::WrongSignature);
	});
}

#[test]
fn a_signature_of_somebody_else_fails() {
	build_and_execute(|| {
		let permit = permit(asset(), 0);
		let bytes = permit.signed_bytes(System::block_hash(0).as_ref());
		let stranger = sp_core::sr25519::Pair::from_string("//Bob", None).unwrap();
		assert_noop!(
			submit(permit.clone(), stranger.sign(&bytes).into()),
			Error::<Test>::WrongSignature
		);
		// And who has signed it does not own the asset.
		let bob = MultiSigner::from(stranger.public()).into_account();
		let (signature, permit) = (stranger.sign(&bytes).into(), Box::new(permit));
		let given = || DataRights::give_signed(by(STRANGER), permit, bob, signature);
		assert_noop!(dispatched(given), Error::<Test>::NotOwner);
	});
}

#[test]
fn a_signature_of_who_is_not_the_owner_any_more_fails() {
	build_and_execute(|| {
		let asset = asset();
		let permit = permit(asset, 0);
		sell(asset, OTHER);
		assert_noop!(submit(permit.clone(), signature(&permit)), Error::<Test>::NotOwner);
		let (signature, permit) = (signature(&permit), Box::new(permit));
		let given = || DataRights::give_signed(by(STRANGER), permit, OTHER, signature);
		assert_noop!(dispatched(given), Error::<Test>::WrongSignature);
	});
}

/// An owner who sells an asset and has it back does not have the permits back that were used.
#[test]
fn a_used_permit_stays_used_when_the_asset_comes_back() {
	build_and_execute(|| {
		let asset = asset();
		let permit = permit(asset, 0);
		assert_ok!(submit(permit.clone(), signature(&permit)));
		sell(asset, OTHER);
		sell(asset, OWNER);
		assert_noop!(submit(permit.clone(), signature(&permit)), Error::<Test>::PermitUsed);
	});
}

#[test]
fn an_expired_permit_fails() {
	build_and_execute(|| {
		let permit = permit(asset(), 0);
		run_to(50);
		assert_noop!(submit(permit.clone(), signature(&permit)), Error::<Test>::PermitExpired);
		run_to(49);
		assert_ok!(submit(permit.clone(), signature(&permit)));
	});
}

#[test]
fn give_signed_fails_when_no_grant_can_be_made() {
	build_and_execute(|| {
		let asset = asset();
		let unsigned = permit(asset, 0);
		let boxed = Box::new(unsigned.clone());
		let (none, by_owner) = (RuntimeOrigin::none(), signature(&unsigned));
		assert_noop!(
			DataRights::give_signed(none, boxed, OWNER, by_owner),
			DispatchError::BadOrigin
		);
		let unknown = permit(AssetId(9), 0);
		assert_noop!(submit(unknown.clone(), signature(&unknown)), Error::<Test>::UnknownAsset);
		let mut empty = permit(asset, 0);
		empty.terms.uses = Some(0);
		assert_noop!(submit(empty.clone(), signature(&empty)), Error::<Test>::InvalidTerms);
		let last = permit(asset, u64::MAX);
		assert_noop!(submit(last.clone(), signature(&last)), Error::<Test>::Overflow);
		assert_ok!(DataRights::retire(by(OWNER), asset));
		let retired = permit(asset, 0);
		assert_noop!(submit(retired.clone(), signature(&retired)), Error::<Test>::AssetNotActive);
	});
}

/// A permit that cannot be paid for is not used up.
#[test]
fn give_signed_fails_when_the_submitter_cannot_pay_the_deposit() {
	build_and_execute(|| {
		let permit = permit(asset(), 0);
		let (boxed, by_owner) = (Box::new(permit.clone()), signature(&permit));
		let given = || DataRights::give_signed(by(PAUPER), boxed, OWNER, by_owner);
		assert_noop!(dispatched(given), Error::<Test>::InsufficientFunds);
		assert_ok!(submit(permit.clone(), signature(&permit)));
	});
}

#[test]
fn cancel_permits_ends_those_with_lower_numbers() {
	build_and_execute(|| {
		let asset = asset();
		assert_ok!(DataRights::cancel_permits(by(OWNER), asset, 5));
		assert_eq!(last_event(), Some(Event::PermitsCancelled { asset, below: 5 }));
		assert_eq!(Permits::<Test>::get(asset).next, 5);
		let (cancelled, good) = (permit(asset, 4), permit(asset, 5));
		assert_noop!(submit(cancelled.clone(), signature(&cancelled)), Error::<Test>::PermitUsed);
		assert_ok!(submit(good.clone(), signature(&good)));
	});
}

#[test]
fn cancel_permits_fails_for_everybody_but_the_owner() {
	build_and_execute(|| {
		let asset = asset();
		let cancel = |origin, asset| DataRights::cancel_permits(origin, asset, 5);
		assert_noop!(cancel(RuntimeOrigin::none(), asset), DispatchError::BadOrigin);
		assert_noop!(cancel(by(STRANGER), asset), Error::<Test>::NotOwner);
		assert_noop!(cancel(by(OWNER), AssetId(9)), Error::<Test>::UnknownAsset);
	});
}
