//! What clients see, field by field.

use super::*;
use assay_primitives::{
	canonical::{Commitments, Constant, Cost, InputAxis},
	job::{Choice, GroupView, JobKind, OutputRecord, RefundReason, Terms},
	model::{SpecVersion, VersionSpec},
	provider::Profile,
	ArtifactHash, VersionId,
};
use serde_json::{json, to_value};

const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
const VERSION: VersionId = VersionId { model: ModelId(0), number: 1 };

fn alice() -> AccountId {
	ALICE.parse().unwrap()
}

/// Bytes bounded as the context asks.
fn bytes<B: TryFrom<Vec<u8>>>(text: &str) -> B
where
	B::Error: std::fmt::Debug,
{
	text.as_bytes().to_vec().try_into().unwrap()
}

pub(crate) fn sample_job(state: JobState<AccountId>) -> JobView<AccountId> {
	JobView {
		id: JobId(7),
		requester: alice(),
		version: VERSION,
		group: None,
		kind: JobKind::Single,
		input_root: Root([0xab; 32]),
		terms: Terms {
			max_fee: u128::MAX,
			value: 5,
			deliver_within: 50,
			max_relative: Some(0.5f32.to_bits()),
			reassign: false,
			choice: Choice::Any,
			usage: Default::default(),
			data: None,
		},
		requested: 10,
		deadline: 60,
		attempts: 1,
		state,
		refuted: vec![Refuted { provider: alice(), root: Root([3; 32]), at: 30 }],
		disputes: 2,
		stays: 0,
		shares: vec![FeeShare { payee: alice(), role: Role::Provider, amount: 9 }],
		fee: 9,
	}
}

fn job_json(state: JobState<AccountId>) -> serde_json::Value {
	to_value(JobJson::from(sample_job(state))).unwrap()
}

#[test]
fn a_job_has_text_accounts_and_amounts_as_decimal_strings() {
	assert_eq!(
		job_json(JobState::Requested),
		json!({
			"id": 7,
			"requester": ALICE,
			"version": "0@1",
			"group": null,
			"kind": "single",
			"inputRoot": "ab".repeat(32),
			"terms": {
				"maxFee": "340282366920938463463374607431768211455",
				"value": "5",
				"deliverWithin": 50,
				"maxRelative": 0.5,
				"reassign": false,
				"choice": "any",
				"commercial": false,
				"purpose": "",
				"data": null,
			},
			"requested": 10,
			"deadline": 60,
			"attempts": 1,
			"state": { "status": "requested" },
			"refuted": [{ "provider": ALICE, "root": "03".repeat(32), "at": 30 }],
			"disputes": 2,
			"stays": 0,
			"fee": "9",
			"shares": [{ "payee": ALICE, "role": "provider", "amount": "9" }],
		})
	);
}

#[test]
fn every_state_of_a_job_has_its_fields() {
	let output = OutputRecord {
		root: Root([1; 32]),
		artifact: Some(Artifact { hash: ArtifactHash([2; 32]), size: 3 }),
	};
	let shown = json!({
		"root": "01".repeat(32),
		"artifact": { "hash": "02".repeat(32), "size": 3 },
	});
	let provider = alice();
	assert_eq!(
		job_json(JobState::Assigned { provider: provider.clone(), due: 9 })["state"],
		json!({ "status": "assigned", "provider": ALICE, "due": 9 })
	);
	let seal = Root([5; 32]);
	assert_eq!(
		job_json(JobState::Sealed { provider: provider.clone(), seal, until: 11 })["state"],
		json!({ "status": "sealed", "provider": ALICE, "seal": "05".repeat(32), "until": 11 })
	);
	assert_eq!(
		job_json(JobState::Submitted { provider: provider.clone(), output, at: 8, until: 12 })
			["state"],
		json!({ "status": "submitted", "provider": ALICE, "output": shown, "at": 8, "until": 12 })
	);
	assert_eq!(
		job_json(JobState::Challenged { provider: provider.clone(), output, at: 9 })["state"],
		json!({ "status": "challenged", "provider": ALICE, "output": shown, "at": 9 })
	);
	let history = Root([4; 32]);
	assert_eq!(
		job_json(JobState::Corrected { provider: provider.clone(), history, at: 50 })["state"],
		json!({ "status": "corrected", "provider": ALICE, "history": "04".repeat(32), "at": 50 })
	);
	assert_eq!(
		job_json(JobState::Slashed { provider: provider.clone(), output, at: 40 })["state"],
		json!({ "status": "slashed", "provider": ALICE, "output": shown, "at": 40 })
	);
	assert_eq!(
		job_json(JobState::Settled { provider, output, at: 12 })["state"],
		json!({ "status": "settled", "provider": ALICE, "output": shown, "at": 12 })
	);
	assert_eq!(
		job_json(JobState::Refunded { reason: RefundReason::InputMismatch, at: 9 })["state"],
		json!({ "status": "refunded", "reason": "input-mismatch", "at": 9 })
	);
}

#[test]
fn a_group_names_its_replicas() {
	let view = GroupView {
		group: JobId(7),
		replicas: vec![JobId(7), JobId(8)],
		answers: 2,
		sealed: 1,
		revealing: false,
	};
	assert_eq!(
		to_value(view).unwrap(),
		json!({ "group": 7, "replicas": [7, 8], "answers": 2, "sealed": 1, "revealing": false })
	);
	let mut replica = sample_job(JobState::Requested);
	replica.group = Some(JobId(7));
	assert_eq!(to_value(JobJson::from(replica)).unwrap()["group"], 7);
}

#[test]
fn a_model_has_text_for_its_name_and_metadata() {
	let view = ModelView {
		id: ModelId(0),
		name: bytes("google/magika"),
		owner: alice(),
		metadata: bytes("what a file is — from its bytes"),
		latest: 1,
		deposit: 1_500_000_000_000,
	};
	let page = PageJson::<ModelJson, _>::of(Page { items: vec![view], next: Some(ModelId(1)) });
	assert_eq!(
		to_value(page).unwrap(),
		json!({
			"items": [{
				"id": 0,
				"name": "google/magika",
				"owner": ALICE,
				"metadata": "what a file is — from its bytes",
				"latest": 1,
				"deposit": "1500000000000",
			}],
			"next": 1,
		})
	);
}

#[test]
fn a_version_has_dimensions_and_tolerances_as_numbers() {
	let tensor = |name: &str, shape: Vec<Dimension>| TensorSpec {
		name: bytes(name),
		dtype: DType::Float32,
		shape: shape.try_into().unwrap(),
	};
	let spec = VersionSpec {
		artifact: Artifact { hash: ArtifactHash([2; 32]), size: 3 },
		locators: vec![bytes("http://127.0.0.1/model")].try_into().unwrap(),
		inputs: vec![tensor("x", vec![Dimension::UpTo(4), Dimension::Fixed(2)])]
			.try_into()
			.unwrap(),
		outputs: vec![tensor("y", vec![])].try_into().unwrap(),
		class: Class::Tolerant,
		tolerance: Some(Tolerance {
			absolute: 0.25f32.to_bits(),
			relative: 0.0f32.to_bits(),
			row_axis: 1,
		}),
		price: 10,
		unit: PriceUnit::Call,
		spec: SpecVersion(1),
		commitments: Commitments {
			graph: Root([3; 32]),
			lowering: 1,
			symbols: vec![vec![InputAxis { input: 0, axis: 0 }].try_into().unwrap()]
				.try_into()
				.unwrap(),
			cost: Cost { terms: 32, trace_bytes: 128 },
		},
		constants: vec![Constant {
			name: bytes("sr"),
			dtype: DType::Uint8,
			shape: Default::default(),
			data: vec![0xa0].try_into().unwrap(),
		}]
		.try_into()
		.unwrap(),
		licence: bytes("Apache-2.0"),
		permissions: Default::default(),
	};
	let view = VersionView { id: VERSION, spec, status: VersionStatus::Active, published: 4 };
	assert_eq!(
		to_value(VersionJson::from(view)).unwrap(),
		json!({
			"id": "0@1",
			"status": "active",
			"published": 4,
			"artifact": { "hash": "02".repeat(32), "size": 3 },
			"locators": ["http://127.0.0.1/model"],
			"inputs": [{
				"name": "x", "dtype": "float32", "shape": [{ "upTo": 4 }, { "fixed": 2 }],
			}],
			"outputs": [{ "name": "y", "dtype": "float32", "shape": [] }],
			"class": "tolerant",
			"tolerance": { "absolute": 0.25, "relative": 0.0, "rowAxis": 1 },
			"price": "10",
			"unit": "call",
			"spec": 1,
			"commitments": {
				"graph": "03".repeat(32),
				"lowering": 1,
				"symbols": [[{ "input": 0, "axis": 0 }]],
				"cost": { "terms": 32, "traceBytes": 128 },
			},
			"constants": [{ "name": "sr", "dtype": "uint8", "shape": [], "data": "a0" }],
			"licence": "Apache-2.0",
			"permissions": {
				"commercial": true,
				"derivatives": "free",
				"attribution": false,
				"royalty": 0,
				"leastPrice": "0",
				"purposes": [],
			},
		})
	);
}

#[test]
fn a_provider_has_its_profile_beside_its_money() {
	let view = ProviderView {
		account: alice(),
		profile: Profile {
			endpoint: bytes("http://127.0.0.1:9960"),
			runtime: bytes("ort-1.31.1/cpu"),
			devices: vec![bytes("CPU")].try_into().unwrap(),
		},
		bond: 100,
		locked: 40,
		unbonding: Some((7, 99)),
		online: true,
		available: false,
		heartbeat: 12,
		maintenance: Some(Maintenance { from: 20, until: 30 }),
		statistics: Statistics {
			assigned: 5,
			delivered: 2,
			missed: 1,
			refuted: 1,
			strikes: 2,
			merit: 0,
			demerit: 1_000_000_000,
		},
		tier: Tier::New,
		asks: vec![AskView {
			version: VERSION,
			ask: Ask { price: 6, capacity: 4, until: None },
			open: 1,
		}],
	};
	assert_eq!(
		to_value(ProviderJson::from(view)).unwrap(),
		json!({
			"account": ALICE,
			"endpoint": "http://127.0.0.1:9960",
			"runtime": "ort-1.31.1/cpu",
			"devices": ["CPU"],
			"bond": "100",
			"locked": "40",
			"unbonding": { "amount": "7", "until": 99 },
			"online": true,
			"available": false,
			"heartbeat": 12,
			"maintenance": { "from": 20, "until": 30 },
			"statistics": {
				"assigned": 5,
				"delivered": 2,
				"missed": 1,
				"refuted": 1,
				"strikes": 2,
				"merit": "0",
				"demerit": "1000000000",
				"quality": 333_333,
			},
			"tier": "new",
			"asks": [
				{ "version": "0@1", "price": "6", "capacity": 4, "until": null, "open": 1 }
			],
		})
	);
}

#[test]
fn an_estimate_has_the_fee_and_its_parts() {
	let estimate = Estimate {
		units: 2,
		lowest: Some(Fee { work: 3, royalty: 4, data: 0 }),
		highest: None,
		providers: 1,
		asks: 3,
		deposit: 8,
		blocks_to_provisional: 3,
		blocks_to_settled: 10,
	};
	assert_eq!(
		to_value(EstimateJson::from(estimate)).unwrap(),
		json!({
			"units": 2,
			"lowest": { "total": "7", "work": "3", "royalty": "4" },
			"highest": null,
			"providers": 1,
			"asks": 3,
			"deposit": "8",
			"blocksToProvisional": 3,
			"blocksToSettled": 10,
		})
	);
}
