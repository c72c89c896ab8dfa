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
use sp_io::TestExternalities;
use sp_keyring::Sr25519Keyring::{Alice as REQUESTER, Bob as OWNER, Charlie as PROVIDER};
use sp_runtime::Permill;
use std::time::Instant;
use support::{dev_chain, next_block, origin, spec};

/// The runs of which the median counts.
const RUNS: u32 = 51;
const HOLDERS: [u32; 4] = [1, 100, 10_000, 100_000];

fn main() {
	let parts = (0..=MAX_ANCESTORS).map(|count| (count, false)).chain([(MAX_ANCESTORS, true)]);
	let mut jobs: Vec<Jobs> = parts.map(|(ancestors, data)| Jobs::of(ancestors, data)).collect();
	let mut claims: Vec<Claims> = HOLDERS.map(Claims::of).into_iter().collect();
	let mut transfers = Vec::new();
	// In turns, so that all see the same machine.
	for _ in 0..RUNS {
		jobs.iter_mut().for_each(Jobs::run);
		claims.iter_mut().for_each(Claims::run);
		jobs[0].chain.execute_with(|| transfer(&mut transfers));
	}
	let transfer = median(transfers);
	println!("a transfer: {transfer:.1} us");
	println!(
		"{:>9} {:>6} {:>11} {:>9} {:>10} {:>9}",
		"ancestors", "data", "request us", "transfers", "settle us", "transfers"
	);
	for Jobs { ancestors, right, requests, settlements, .. } in jobs {
		let (request, settle) = (median(requests), median(settlements));
		let (data, one, other) = (right.is_some(), request / transfer, settle / transfer);
		println!("{ancestors:>9} {data:>6} {request:>11.1} {one:>9.1} {settle:>10.1} {other:>9.1}");
	}
	println!("{:>9} {:>11} {:>9}", "holders", "claim us", "transfers");
	// A larger state is slower whatever is done: each claim is beside transfers on its own chain.
	for Claims { holders, times, transfers, .. } in claims {
		let (claim, transfer) = (median(times), median(transfers));
		println!("{holders:>9} {claim:>11.1} {:>9.2}", claim / transfer);
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

fn transfer(times: &mut Vec<f64>) {
	let to = OWNER.to_account_id().into();
	timed(times, || Balances::transfer_keep_alive(origin(REQUESTER), to, ASY)).unwrap();
}

/// A chain with a version that has so many ancestors, and what its jobs take.
struct Jobs {
	chain: TestExternalities,
	ancestors: u32,
	version: VersionId,
	right: Option<DataRef>,
	requests: Vec<f64>,
	settlements: Vec<f64>,
}

impl Jobs {
	fn of(ancestors: u32, data: bool) -> Self {
		let mut chain = dev_chain();
		let (version, right) = chain.execute_with(|| {
			next_block();
			let version = published(ancestors);
			Providers::register(origin(PROVIDER), Profile::default(), 10_000 * ASY).unwrap();
			Providers::set_online(origin(PROVIDER), true).unwrap();
			let ask = Ask { price: ASY / 10, capacity: 100, until: None };
			Providers::set_ask(origin(PROVIDER), version, ask).unwrap();
			(version, data.then(|| DataRef::Grant(granted())))
		});
		chain.commit_all().unwrap();
		let (requests, settlements) = (Vec::new(), Vec::new());
		Jobs { chain, ancestors, version, right, requests, settlements }
	}

	fn run(&mut self) {
		let Jobs { chain, ancestors, version, right, requests, settlements } = self;
		chain.execute_with(|| {
			Providers::heartbeat(origin(PROVIDER)).unwrap();
			let job = timed(requests, || request(*version, *right));
			answered(job);
			timed(settlements, || Inference::settle(origin(REQUESTER), job)).unwrap();
			let shares = Inference::job(job).unwrap().shares.len() as u32;
			// Besides, the provider's, the owner's, the treasury's and the audits'.
			assert_eq!(shares, 4 + *ancestors + u32::from(right.is_some()));
		});
		chain.commit_all().unwrap();
	}
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
	let account = holder(index);
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

/// A chain where so many accounts hold shares, and what the claim of one of them takes.
struct Claims {
	chain: TestExternalities,
	holders: u32,
	subject: Subject,
	times: Vec<f64>,
	transfers: Vec<f64>,
}

impl Claims {
	fn of(holders: u32) -> Self {
		let mut chain = dev_chain();
		let subject = chain.execute_with(|| {
			next_block();
			let version = version_of(OWNER.to_account_id(), Vec::new());
			let subject = Subject::Model(version.model);
			for index in 0..holders {
				let holder = holder(index);
				Balances::set_balance(&holder, ASY);
				Revenue::transfer(origin(OWNER), subject, holder, 1).unwrap();
			}
			subject
		});
		chain.commit_all().unwrap();
		Claims { chain, holders, subject, times: Vec::new(), transfers: Vec::new() }
	}

	fn run(&mut self) {
		let Claims { chain, subject, times, transfers, .. } = self;
		chain.execute_with(|| {
			let pot = Revenue::payee(*subject, &OWNER.to_account_id());
			Balances::mint_into(&pot, 100 * ASY).unwrap();
			let origin = RuntimeOrigin::signed(holder(0));
			timed(times, || Revenue::claim(origin, *subject)).unwrap();
			transfer(transfers);
		});
		chain.commit_all().unwrap();
	}
}

fn holder(index: u32) -> AccountId {
	AccountId::new(sp_io::hashing::blake2_256(&index.to_le_bytes()))
}
