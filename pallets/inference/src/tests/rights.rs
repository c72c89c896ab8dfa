//! What licences and rights to data forbid, and whom they pay.

use crate::{mock::*, Error, Event};
use assay_primitives::{
	job::{Input, Redundancy, Terms},
	licence::Licence,
	money::{Beneficiary, FeeShare, Role},
	rights::{DataRef, Tag, Usage},
	Balance, GrantId, JobId,
};
use frame_support::{assert_noop, assert_ok, traits::fungible::Inspect};
use sp_runtime::{DispatchError, DispatchResult, Permill};

fn request(input: Input, terms: Terms<u64>) -> DispatchResult {
	let requester = RuntimeOrigin::signed(REQUESTER);
	Inference::request(requester, VERSION, Box::new(input), terms)
}

/// A job with these terms whose result is final.
fn settled(terms: Terms<u64>) -> JobId {
	let job = crate::NextJob::<Test>::get();
	assert_ok!(request(*input(), terms));
	run_to(System::block_number() + 3);
	assert_ok!(Inference::submit_result(RuntimeOrigin::signed(PROVIDER), job, output()));
	run_to(System::block_number() + CHALLENGE);
	job
}

fn tag(word: &str) -> Tag {
	word.as_bytes().to_vec().try_into().unwrap()
}

fn with_data() -> Terms<u64> {
	Terms { data: Some(GRANT), ..terms() }
}

fn ancestor(percent: u32) -> Beneficiary<u64> {
	Beneficiary { payee: ANCESTOR, share: Permill::from_percent(percent) }
}

#[test]
fn a_licence_forbids_what_the_request_does() {
	build_and_execute(|| {
		let purposes = vec![tag("research"), tag("medicine")].try_into().unwrap();
		Licensed::set(Licence { commercial: false, purposes, ..Default::default() });
		let request_for = |commercial, purpose| {
			let usage = Usage { commercial, purpose: tag(purpose) };
			request(*input(), Terms { usage, ..terms() })
		};
		assert_noop!(request_for(true, "research"), Error::<Test>::CommercialUse);
		assert_noop!(request_for(false, "war"), Error::<Test>::PurposeForbidden);
		assert_noop!(request_for(false, ""), Error::<Test>::PurposeForbidden);
		assert_ok!(request_for(false, "medicine"));
	});
}

#[test]
fn a_version_that_waits_for_consent_takes_no_jobs() {
	build_and_execute(|| {
		Ancestors::set(None);
		assert_noop!(request(*input(), terms()), Error::<Test>::LineagePending);
		Ancestors::set(Some(Vec::new()));
		assert_ok!(request(*input(), terms()));
	});
}

#[test]
fn ancestors_have_their_part_and_what_rounding_leaves_is_counted() {
	build_and_execute(|| {
		Ancestors::set(Some(vec![ancestor(25), ancestor(8)]));
		let job = settled(terms());
		let paid = Inference::job(job).unwrap().shares;
		let of = |role| -> Balance {
			paid.iter().filter(|share| share.role == role).map(|share| share.amount).sum()
		};
		// Of 10: 2 and 0, and 6 for the owner; what is left is the owner's, as there is no treasury.
		assert_eq!((of(Role::Ancestor), of(Role::Owner)), (2, PRICE - 2));
		assert_eq!(paid.iter().map(|share| share.amount).sum::<Balance>(), ASK + PRICE);
		assert_eq!(Balances::balance(&ANCESTOR), ED + 2);
	});
}

#[test]
fn a_new_owner_and_later_ancestors_earn_nothing_by_jobs_that_were_requested_before() {
	build_and_execute(|| {
		let job = submitted_job();
		ModelOwner::set(RIVAL);
		Ancestors::set(Some(vec![ancestor(100)]));
		run_to(System::block_number() + CHALLENGE);
		let paid = Inference::job(job).unwrap().shares;
		let owner = FeeShare { payee: OWNER, role: Role::Owner, amount: PRICE };
		assert!(paid.contains(&owner), "{paid:?}");
		assert!(paid.iter().all(|share| share.payee != RIVAL && share.payee != ANCESTOR));
	});
}

/// An auditor could not run what only the provider is given.
#[test]
fn what_uses_private_data_is_not_audited() {
	build_and_execute(|| {
		let results = [
			(artifact_input(), with_data(), false),
			(artifact_input(), terms(), true),
			(*input(), with_data(), true),
		];
		for (input, terms, audited) in results {
			Told::set(Vec::new());
			let job = crate::NextJob::<Test>::get();
			assert_ok!(request(input, terms));
			run_to(System::block_number() + 3);
			assert_ok!(Inference::submit_result(RuntimeOrigin::signed(PROVIDER), job, output()));
			assert_eq!(Told::get() == [job], audited);
		}
	});
}

#[test]
fn a_grant_of_two_uses_serves_two_jobs_and_the_third_is_refused_before_anything_is_held() {
	build_and_execute(|| {
		assert_ok!(request(*input(), with_data()));
		assert_ok!(request(*input(), with_data()));
		let none = DispatchError::Other("no such use");
		assert_noop!(request(*input(), with_data()), none);
		let foreign = Terms { data: Some(DataRef::Grant(GrantId::default())), ..terms() };
		assert_noop!(request(*input(), foreign), none);
	});
}

#[test]
fn each_replica_and_each_item_is_a_use() {
	build_and_execute(|| {
		let two = Redundancy { replicas: 2, answers: 2 };
		let three = Redundancy { replicas: 3, answers: 2 };
		let ask = |redundancy| {
			Inference::request_redundant(
				RuntimeOrigin::signed(REQUESTER),
				VERSION,
				input(),
				with_data(),
				redundancy,
			)
		};
		assert!(ask(three).is_err());
		assert_ok!(ask(two));
		assert_eq!(Uses::get(), 0);
		Uses::set(20);
		let batch = Terms { data: Some(GRANT), ..batch_terms(20) };
		assert_ok!(request(batch_input(20), batch));
		assert_eq!(Uses::get(), 0);
	});
}

#[test]
fn the_owner_of_the_data_is_paid_when_the_job_settles() {
	build_and_execute(|| {
		let job = settled(with_data());
		let paid = Inference::job(job).unwrap().shares;
		let data = FeeShare { payee: DATA_OWNER, role: Role::Data, amount: DATA_PRICE };
		assert!(paid.contains(&data), "{paid:?}");
		assert_eq!(Balances::balance(&DATA_OWNER), ED + DATA_PRICE);
		System::assert_has_event(
			Event::JobSettled { job, provider: PROVIDER, fee: ASK + PRICE + DATA_PRICE }.into(),
		);
	});
}

#[test]
fn what_data_costs_has_to_be_within_the_most_that_the_job_may_cost() {
	build_and_execute(|| {
		let short = Terms { max_fee: PRICE + DATA_PRICE - 1, ..with_data() };
		assert!(request(*input(), short).is_err());
		// Nobody asks so little that it fits.
		let exact = Terms { max_fee: PRICE + DATA_PRICE + ASK - 1, ..with_data() };
		assert_ok!(request(*input(), exact));
		run_to(4);
		assert_eq!(Limit::get(), ASK - 1);
		assert!(Providers::get()[&PROVIDER].locked == 0);
	});
}

#[test]
fn what_was_made_of_data_is_not_read_again_by_those_without_a_right() {
	build_and_execute(|| {
		let job = settled(with_data());
		let root = crate::Jobs::<Test>::get(job).unwrap().input_root;
		assert_noop!(
			Inference::reuse(RuntimeOrigin::signed(REQUESTER), VERSION, root, 1_000),
			Error::<Test>::NotAnswered
		);
	});
}

/// What was opened out of a batch has no terms of its own, but what it was made of.
#[test]
fn an_item_of_a_batch_over_data_is_not_read_again_without_a_right() {
	build_and_execute(|| {
		use frame_support::traits::fungible::Mutate;
		Balances::set_balance(&RIVAL, 1_000_000);
		for (data, is_read) in [(None, true), (Some(GRANT), false)] {
			Uses::set(20);
			let batch = crate::NextJob::<Test>::get();
			assert_ok!(request(batch_input(20), Terms { data, ..batch_terms(20) }));
			run_to(System::block_number() + 3);
			let provider = RuntimeOrigin::signed(PROVIDER);
			assert_ok!(Inference::submit_result(provider, batch, Box::new(batch_output(20))));
			// Another item each time: what is remembered of the first is its own.
			let item = opened_item(batch, 20, if is_read { 3 } else { 4 });
			run_to(System::block_number() + CHALLENGE);
			let record = crate::Jobs::<Test>::get(item).unwrap();
			assert!(!record.state.is_open());
			let found = Inference::answered_by(VERSION, record.input_root);
			assert_eq!(found, is_read.then_some(item));
		}
	});
}

/// Whoever forbids commerce, or all but some purposes, is not asked when a result is read again.
#[test]
fn what_is_licensed_for_some_purposes_is_not_read_again_without_one() {
	build_and_execute(|| {
		let job = settled(terms());
		let root = crate::Jobs::<Test>::get(job).unwrap().input_root;
		let reuse = || Inference::reuse(RuntimeOrigin::signed(REQUESTER), VERSION, root, 1_000);
		let purposes = vec![tag("research")].try_into().unwrap();
		Licensed::set(Licence { purposes, ..Default::default() });
		assert_noop!(reuse(), Error::<Test>::PurposeForbidden);
		Licensed::set(Licence::default());
		assert_ok!(reuse());
	});
}

#[test]
fn what_is_burned_is_nobodys() {
	build_and_execute(|| {
		Burn::set(9);
		let before = Balances::total_issuance();
		let job = settled(terms());
		let paid = Inference::job(job).unwrap().shares;
		assert!(paid.iter().any(|share| share.role == Role::Burn && share.amount == 9));
		assert_eq!(Balances::total_issuance(), before - 9);
		assert_eq!(paid.iter().map(|share| share.amount).sum::<Balance>(), ASK + PRICE);
	});
}

#[test]
fn what_settles_counts_as_a_use_of_the_model_and_a_batch_as_one() {
	build_and_execute(|| {
		settled(terms());
		assert_eq!(Counted::get(), [PRICE]);
		let batch = answered_batch(20);
		opened_item(batch, 20, 3);
		assert_eq!(Counted::get(), [PRICE]);
		run_to(System::block_number() + 4 * CHALLENGE);
		assert_eq!(Counted::get(), [PRICE, 20 * PRICE]);
	});
}
