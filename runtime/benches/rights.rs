//! What others' parts of a job cost: a request with a grant and as many ancestors as there can be
//! against one without any, the settlement as the ancestors grow in number, and a claim as the
//! holders of shares do: `cargo bench -p assay-runtime --bench rights`.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used,
	missing_docs
)]

#[path = "../tests/support/mod.rs"]
mod support;

use assay_primitives::{
	job::{Choice, Input, JobState, Output, Terms},
	licence::{Parent, Relation, Source, MAX_ANCESTORS, MAX_PARENTS},
	provider::{Ask, Profile},
	revenue::{IncomeInspect, ShareSpec, Subject},
	rights::{
		Algorithms, AssetKind, AssetSpec, Consent, DataRef, GrantTerms, Manifest, Purpose, Usage,
	},
	tensor::{encode_tensors, DType, Tensor},
	AccountId, AssetId, Balance, GrantId, JobId, ModelId, Root, VersionId, ASY,
};
use assay_runtime::{
	Balances, DataRights, Inference, Models, Providers, Revenue, RuntimeOrigin, System,
};
use frame_support::traits::fungible::Mutate;
use sp_keyring::Sr25519Keyring::{Alice as REQUESTER, Bob as OWNER, Charlie as PROVIDER};
use sp_runtime::Permill;
use std::time::Instant;
use support::{dev_chain, next_block, origin, spec};

/// The runs of which the median counts.
const RUNS: u32 = 51;
const HOLDERS: [u32; 4] = [1, 100, 10_000, 100_000];

fn main() {
	println!("{:>24} {:>11} {:>6} {:>11} {:>6}", "", "request us", "ratio", "settle us", "ratio");
	let mut first = None;
	for (ancestors, data) in
		(0..=MAX_ANCESTORS).map(|count| (count, false)).chain([(0, true), (MAX_ANCESTORS, true)])
	{
		let (request, settle) = dev_chain().execute_with(|| job(ancestors, data));
		let (least, alone) = *first.get_or_insert((request, settle));
		let name = format!("{ancestors} ancestors{}", if data { ", a grant" } else { "" });
		let ratios = (request / least, settle / alone);
		println!("{name:>24} {request:>11.1} {:>6.2} {settle:>11.1} {:>6.2}", ratios.0, ratios.1);
	}
	let transfer = dev_chain().execute_with(transfer);
	println!("{:>24} {transfer:>11.1}", "a transfer");
	println!("\n{:>24} {:>11} {:>6}", "holders of shares", "claim us", "ratio");
	let mut first = None;
	for holders in HOLDERS {
		let claim = dev_chain().execute_with(|| claim(holders));
		let ratio = claim / *first.get_or_insert(claim);
		println!("{holders:>24} {claim:>11.1} {ratio:>6.2}");
	}
}

/// The median of what these take, in microseconds.
fn median(mut times: Vec<f64>) -> f64 {
	times.sort_unstable_by(f64::total_cmp);
	times[times.len() / 2]
}

fn timed<R>(times: &mut Vec<f64>, run: impl FnOnce() -> R) -> R {
	let started = Instant::now();
	let result = run();
	times.push(started.elapsed().as_secs_f64() * 1e6);
	result
}

fn transfer() -> f64 {
	let mut times = Vec::new();
	for _ in 0..RUNS {
		let to = OWNER.to_account_id().into();
		timed(&mut times, || Balances::transfer_keep_alive(origin(REQUESTER), to, ASY)).unwrap();
	}
	median(times)
}

/// What the request and the settlement of a job of a version with so many ancestors take.
fn job(ancestors: u32, data: bool) -> (f64, f64) {
	next_block();
	let version = published(ancestors);
	Providers::register(origin(PROVIDER), Profile::default(), 10_000 * ASY).unwrap();
	Providers::set_online(origin(PROVIDER), true).unwrap();
	let ask = Ask { price: ASY / 10, capacity: 100, until: None };
	Providers::set_ask(origin(PROVIDER), version, ask).unwrap();
	let right = data.then(|| DataRef::Grant(granted()));
	let (mut requests, mut settlements) = (Vec::new(), Vec::new());
	for _ in 0..RUNS {
		Providers::heartbeat(origin(PROVIDER)).unwrap();
		let job = timed(&mut requests, || request(version, right));
		answered(job);
		timed(&mut settlements, || Inference::settle(origin(REQUESTER), job)).unwrap();
		let JobState::Settled { .. } = Inference::job(job).unwrap().state else {
			panic!("it settles");
		};
		assert_eq!(
			Inference::job(job).unwrap().shares.len() as u32,
			// The provider's, the owner's, the treasury's and the audits'.
			4 + ancestors + u32::from(data)
		);
	}
	(median(requests), median(settlements))
}

/// Answer a job and wait until it can be settled, but for the sweep that does so.
fn answered(job: JobId) {
	while !matches!(Inference::job(job).unwrap().state, JobState::Assigned { .. }) {
		next_block();
	}
	let output = Box::new(Output::Inline(tensor().try_into().unwrap()));
	Inference::submit_result(origin(PROVIDER), job, output).unwrap();
	let JobState::Submitted { until, .. } = Inference::job(job).unwrap().state else {
		panic!("it is answered");
	};
	System::set_block_number(until);
}

fn tensor() -> Vec<u8> {
	encode_tensors(&[Tensor::new(DType::Float32, vec![2], vec![0; 8]).unwrap()])
}

fn request(version: VersionId, data: Option<DataRef>) -> JobId {
	let job = pallet_inference::NextJob::<assay_runtime::Runtime>::get();
	let terms = Terms {
		max_fee: ASY,
		value: 0,
		deliver_within: 50,
		max_relative: None,
		reassign: false,
		choice: Choice::Any,
		usage: Usage::default(),
		data,
	};
	let input = Box::new(Input::Inline(tensor().try_into().unwrap()));
	Inference::request(origin(REQUESTER), version, input, terms).unwrap();
	job
}

fn account(index: u32) -> AccountId {
	let account = AccountId::new(sp_io::hashing::blake2_256(&index.to_le_bytes()));
	Balances::set_balance(&account, 1_000 * ASY);
	account
}

/// A version of a new model of an account, whose income has shares.
fn version_of(owner: AccountId, parents: Vec<VersionId>) -> VersionId {
	let signed = || RuntimeOrigin::signed(owner.clone());
	let model = pallet_models::NextModel::<assay_runtime::Runtime>::get();
	let name = format!("model-{model}").into_bytes().try_into().unwrap();
	Models::register_model(signed(), name, Default::default()).unwrap();
	Models::publish_version(signed(), model, Box::new(spec())).unwrap();
	let version = VersionId { model, number: 1 };
	let share = Permill::from_percent(5);
	let parent =
		|parent| Parent { source: Source::Version(parent), relation: Relation::FineTuned, share };
	let parents: Vec<_> = parents.into_iter().map(parent).collect();
	if !parents.is_empty() {
		Models::declare_lineage(signed(), version, parents.try_into().unwrap()).unwrap();
	}
	tokenized(&owner, model, 1_000_000);
	version
}

fn tokenized(owner: &AccountId, model: ModelId, supply: Balance) {
	let shares = ShareSpec {
		supply,
		name: b"shares".to_vec().try_into().unwrap(),
		symbol: b"S".to_vec().try_into().unwrap(),
		decimals: 0,
		retained: Permill::from_percent(10),
	};
	let signed = RuntimeOrigin::signed(owner.clone());
	Revenue::tokenize(signed, Subject::Model(model), shares).unwrap();
}

/// A version with so many ancestors, each of another owner.
fn published(ancestors: u32) -> VersionId {
	let direct = ancestors.min(MAX_PARENTS);
	let mut parents: Vec<_> =
		(1..direct).map(|index| version_of(account(index), Vec::new())).collect();
	if direct > 0 {
		let theirs = (direct..ancestors).map(|index| version_of(account(index), Vec::new()));
		let theirs = theirs.collect();
		parents.push(version_of(account(0), theirs));
	}
	version_of(OWNER.to_account_id(), parents)
}

/// A grant of the requester, for a price a use.
fn granted() -> GrantId {
	let manifest =
		Manifest { root: Root([3; 32]), files: 1, bytes: 9, locator: Default::default() };
	let spec = AssetSpec {
		kind: AssetKind::Dataset,
		manifest,
		schema: Default::default(),
		licence: Default::default(),
		consent: Consent { inference: true, ..Default::default() },
		algorithms: Algorithms::Any,
		key: None,
	};
	let owner = RuntimeOrigin::signed(account(99));
	DataRights::register_asset(owner.clone(), Box::new(spec)).unwrap();
	let terms = GrantTerms {
		from: 0,
		until: None,
		uses: Some(1_000),
		price: ASY / 50,
		purpose: Purpose::Any,
		commercial: false,
		transferable: false,
		revocable: false,
	};
	let to = REQUESTER.to_account_id();
	DataRights::give(owner, AssetId(0), to, Box::new(terms)).unwrap();
	GrantId(0)
}

/// What a claim takes where so many accounts hold shares.
fn claim(holders: u32) -> f64 {
	next_block();
	let version = version_of(OWNER.to_account_id(), Vec::new());
	let subject = Subject::Model(version.model);
	for index in 0..holders {
		let holder = AccountId::new(sp_io::hashing::blake2_256(&index.to_le_bytes()));
		Balances::set_balance(&holder, ASY);
		Revenue::transfer(origin(OWNER), subject, holder, 1).unwrap();
	}
	let holder = RuntimeOrigin::signed(AccountId::new(sp_io::hashing::blake2_256(&[0; 4])));
	let pot = Revenue::payee(subject, &OWNER.to_account_id());
	let mut times = Vec::new();
	for _ in 0..RUNS {
		Balances::mint_into(&pot, 100 * ASY).unwrap();
		timed(&mut times, || Revenue::claim(holder.clone(), subject)).unwrap();
	}
	median(times)
}
