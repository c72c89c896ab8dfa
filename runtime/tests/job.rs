//! The pallets joined: one whole job, from the model's registration to everybody's pay.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

mod support;

use assay_canon::commitment::Hash;
use assay_dispute::dispute::seal;
use assay_primitives::{
	audit::subject,
	commitment::HostBlake2b256,
	job::{Choice, Input, JobState, Output, Terms},
	money::Role,
	provider::Ask,
	provider::Profile,
	tensor::{encode_tensors, DType, Tensor},
	DisputeId, JobId, ModelId, VersionId, ASY,
};
use assay_runtime::{
	configs::{
		audit_pot_account, dynamic_params::audits, treasury_account, BlockWeights,
		RuntimeParameters,
	},
	AccountId, Audits, Balances, Disputes, Inference, Models, Parameters, Providers, Runtime,
	RuntimeOrigin, System,
};
use codec::Encode;
use frame_support::{
	assert_ok,
	dispatch::DispatchClass,
	traits::{
		fungible::{Inspect, InspectHold},
		Get,
	},
};
use pallet_inference::WeightInfo;
use sp_keyring::Sr25519Keyring::{
	Alice as REQUESTER, Bob as OWNER, Charlie as PROVIDER, Dave, Eve, Ferdie,
};
use sp_runtime::Permill;
use support::{dev_chain, header, next_block, origin, spec};

fn tensor() -> Vec<u8> {
	encode_tensors(&[Tensor::new(DType::Float32, vec![2], vec![0; 8]).unwrap()])
}

const ASK: Ask = Ask { price: ASY / 10, capacity: 100, until: None };
const VERSION: VersionId = VersionId { model: ModelId(0), number: 1 };
const JOB: JobId = JobId(0);

fn total_of(account: AccountId) -> u128 {
	Balances::total_balance(&account)
}

#[test]
fn a_job_is_drawn_answered_settled_and_paid() {
	dev_chain().execute_with(|| {
		next_block();
		assert_ok!(Models::register_model(
			origin(OWNER),
			b"echo".to_vec().try_into().unwrap(),
			Default::default()
		));
		assert_ok!(Models::publish_version(origin(OWNER), ModelId(0), Box::new(spec())));
		assert_ok!(Providers::register(origin(PROVIDER), Profile::default(), 1_000 * ASY));
		assert_ok!(Providers::set_online(origin(PROVIDER), true));
		assert_ok!(Providers::set_ask(origin(PROVIDER), VERSION, ASK));
		let issuance = Balances::total_issuance();
		let before = [OWNER, PROVIDER, REQUESTER].map(|who| total_of(who.to_account_id()));

		let terms = Terms {
			max_fee: ASY,
			value: 0,
			deliver_within: 50,
			max_relative: None,
			reassign: false,
			choice: Choice::Any,
			usage: Default::default(),
			data: None,
		};
		let input = Input::Inline(tensor().try_into().unwrap());
		assert_ok!(Inference::request(origin(REQUESTER), VERSION, Box::new(input), terms));
		while !matches!(Inference::job(JOB).unwrap().state, JobState::Assigned { .. }) {
			assert!(System::block_number() < 10, "the job is drawn");
			next_block();
		}
		let output = Output::Inline(tensor().try_into().unwrap());
		assert_ok!(Inference::submit_result(origin(PROVIDER), JOB, Box::new(output.clone())));
		while !matches!(Inference::job(JOB).unwrap().state, JobState::Settled { .. }) {
			assert!(System::block_number() < 30, "the job settles");
			next_block();
		}

		// A fee of 0.11 ASY: of each part, 5 % for the treasury and 2 % for audits.
		let job = Inference::job(JOB).unwrap();
		assert_eq!(job.fee, ASY / 10 + ASY / 100);
		assert_eq!(Inference::job_output(JOB), Some(output));
		let share = |role| job.shares.iter().find(|share| share.role == role).unwrap().amount;
		assert_eq!(share(Role::Provider), 93 * ASY / 1_000);
		assert_eq!(share(Role::Owner), 93 * ASY / 10_000);
		assert_eq!(share(Role::Treasury), 55 * ASY / 10_000);
		assert_eq!(share(Role::Audit), 22 * ASY / 10_000);
		let after = [OWNER, PROVIDER, REQUESTER].map(|who| total_of(who.to_account_id()));
		assert_eq!(after[0] - before[0], share(Role::Owner));
		assert_eq!(after[1] - before[1], share(Role::Provider));
		assert_eq!(before[2] - after[2], job.fee);
		assert_eq!(total_of(treasury_account()), ASY + share(Role::Treasury));
		assert_eq!(total_of(audit_pot_account()), ASY / 1_000 + share(Role::Audit));
		assert_eq!(Balances::total_issuance(), issuance);
		let provider = Providers::provider(PROVIDER.to_account_id()).unwrap();
		assert_eq!((provider.statistics.delivered, provider.locked), (1, 0));
	});
}

#[test]
fn records_are_pruned_and_every_hold_of_the_requester_is_released() {
	dev_chain().execute_with(|| {
		next_block();
		assert_ok!(Models::register_model(
			origin(OWNER),
			b"echo".to_vec().try_into().unwrap(),
			Default::default()
		));
		assert_ok!(Models::publish_version(origin(OWNER), ModelId(0), Box::new(spec())));
		let terms = Terms {
			max_fee: ASY,
			value: 0,
			deliver_within: 10,
			max_relative: None,
			reassign: false,
			choice: Choice::Any,
			usage: Default::default(),
			data: None,
		};
		let input = Input::Inline(tensor().try_into().unwrap());
		assert_ok!(Inference::request(origin(REQUESTER), VERSION, Box::new(input), terms));
		assert!(Balances::total_balance_on_hold(&REQUESTER.to_account_id()) > ASY);

		// Nobody serves the version: the job expires, and its records go after the retention.
		let mut blocks = 0;
		while Inference::job(JOB).is_some() {
			blocks += 1;
			assert!(blocks < 4_000, "the job is pruned");
			next_block();
		}
		assert_eq!(Balances::total_balance_on_hold(&REQUESTER.to_account_id()), 0);
	});
}

/// Three serve the version, every result is audited, and one of them has answered. The other two
/// audit it.
fn audited() -> [sp_keyring::Sr25519Keyring; 2] {
	next_block();
	let rate = audits::Parameters::Rate(audits::Rate, Some(Permill::one()));
	assert_ok!(Parameters::set_parameter(RuntimeOrigin::root(), RuntimeParameters::Audits(rate)));
	let name = b"echo".to_vec().try_into().unwrap();
	assert_ok!(Models::register_model(origin(OWNER), name, Default::default()));
	assert_ok!(Models::publish_version(origin(OWNER), ModelId(0), Box::new(spec())));
	let all = [Dave, Eve, Ferdie];
	for provider in all {
		assert_ok!(Providers::register(origin(provider), Profile::default(), 1_000 * ASY));
		assert_ok!(Providers::set_online(origin(provider), true));
		assert_ok!(Providers::set_ask(origin(provider), VERSION, ASK));
	}
	let (max_fee, value, deliver_within) = (ASY, 0, 50);
	let choice = Choice::Any;
	let terms = Terms {
		max_fee,
		value,
		deliver_within,
		max_relative: None,
		reassign: false,
		choice,
		usage: Default::default(),
		data: None,
	};
	let input = Box::new(Input::Inline(tensor().try_into().unwrap()));
	assert_ok!(Inference::request(origin(REQUESTER), VERSION, input, terms));
	let provider = loop {
		next_block();
		assert!(System::block_number() < 10, "the job is drawn");
		let state = Inference::job(JOB).unwrap().state;
		if let Some(provider) = state.provider() {
			break provider.clone();
		}
	};
	let output = Box::new(Output::Inline(tensor().try_into().unwrap()));
	assert_ok!(Inference::submit_result(RuntimeOrigin::signed(provider.clone()), JOB, output));
	(0..3).for_each(|_| next_block());
	let seats = Audits::audit(JOB).expect("the result is audited").seats;
	assert!(seats.iter().all(|seat| seat.auditor != provider));
	assert_eq!(Inference::job(JOB).unwrap().stays, 1);
	let keyring = |seat: &assay_primitives::audit::Seat<AccountId>| {
		all.into_iter().find(|one| one.to_account_id() == seat.auditor).unwrap()
	};
	[keyring(&seats[0]), keyring(&seats[1])]
}

/// Both auditors seal and reveal these traces.
fn answer(auditors: [sp_keyring::Sr25519Keyring; 2], histories: [Hash; 2]) {
	for (auditor, history) in auditors.iter().zip(histories) {
		let account = auditor.to_account_id().encode();
		let seal = seal::<HostBlake2b256>(&subject(JOB, 1), &account, &history, &[7; 32]);
		assert_ok!(Audits::commit(origin(*auditor), JOB, seal));
	}
	for (auditor, history) in auditors.iter().zip(histories) {
		let header = Box::new(header());
		assert_ok!(Audits::reveal(origin(*auditor), JOB, history, [7; 32], header));
	}
	assert_eq!(Audits::audit(JOB), None);
}

#[test]
fn a_result_that_is_audited_waits_for_its_auditors_and_then_settles() {
	dev_chain().execute_with(|| {
		let auditors = audited();
		let before = auditors.map(|auditor| total_of(auditor.to_account_id()));
		let pot = total_of(audit_pot_account());
		// Fees of other jobs.
		assert_ok!(Balances::transfer_allow_death(origin(OWNER), audit_pot_account().into(), ASY));
		(0..9).for_each(|_| next_block());
		answer(auditors, [[1; 32]; 2]);
		let after = auditors.map(|auditor| total_of(auditor.to_account_id()));
		let pay = 11 * ASY / 100 / 5;
		assert_eq!([after[0] - before[0], after[1] - before[1]], [pay; 2]);
		assert_eq!(total_of(audit_pot_account()), pot + ASY - 4 * pay);
		assert_eq!(Inference::job(JOB).unwrap().stays, 0);
		(0..8).for_each(|_| next_block());
		assert!(matches!(Inference::job(JOB).unwrap().state, JobState::Settled { .. }));
	});
}

#[test]
fn auditors_who_disagree_open_a_dispute_with_their_bonds() {
	dev_chain().execute_with(|| {
		let auditors = audited();
		answer(auditors, [[1; 32], [2; 32]]);
		let job = Inference::job(JOB).unwrap();
		assert!(matches!(job.state, JobState::Challenged { .. }));
		assert_eq!((job.disputes, job.stays), (1, 0));
		let view = Disputes::dispute(DisputeId::new(JOB, 1)).unwrap();
		assert_eq!(view.dispute.alive.len(), 2);
		for auditor in auditors {
			let held = Balances::total_balance_on_hold(&auditor.to_account_id());
			assert_eq!(held, 1_000 * ASY + view.bond);
		}
		next_block();
	});
}

#[test]
fn a_result_without_two_auditors_settles_as_ever() {
	dev_chain().execute_with(|| {
		let auditors = audited();
		// Nobody answers: the job waits for one part of the audit.
		(0..10).for_each(|_| next_block());
		assert_eq!(Audits::audit(JOB), None);
		(0..8).for_each(|_| next_block());
		assert!(matches!(Inference::job(JOB).unwrap().state, JobState::Settled { .. }));
		for auditor in auditors {
			let held = Balances::total_balance_on_hold(&auditor.to_account_id());
			assert_eq!(held, 1_000 * ASY);
		}
	});
}

/// A block is full before its list of results is.
#[test]
fn no_block_has_room_for_more_results_than_can_be_drawn() {
	let room = BlockWeights::get().get(DispatchClass::Normal).max_total.unwrap();
	let least = pallet_inference::weights::SubstrateWeight::<Runtime>::submit_result(0);
	let most = room.ref_time() / least.ref_time();
	let listed: u32 = <Runtime as pallet_audits::Config>::MaxResults::get();
	assert!((500..u64::from(listed)).contains(&most), "{most}");
}

/// Whoever asks, answers and audits alone pays more than it is paid: at four times the rate, two
/// auditors have less of the fee than the treasury and the pot.
#[test]
fn self_dealing_does_not_pay_at_the_default_parameters() {
	dev_chain().execute_with(|| {
		let fee = 1_000_000 * ASY;
		let (rate, share) = (audits::Rate::get(), audits::PayShare::get());
		let paid = share.mul_ceil(rate.mul_ceil(fee * 4)) * 2;
		let cuts = audits::Cut::get().mul_floor(fee);
		let treasury = assay_runtime::configs::dynamic_params::inference::TreasuryCut::get();
		assert!(paid < cuts + treasury.mul_floor(fee));
	});
}

#[test]
fn the_runtime_knows_the_transaction_extensions_of_wallets() {
	let metadata = Runtime::metadata_at_version(15).unwrap();
	for extension in ["CheckMetadataHash", "ChargeTransactionPayment", "CheckNonce"] {
		assert!(
			metadata.windows(extension.len()).any(|window| window == extension.as_bytes()),
			"{extension}"
		);
	}
}
