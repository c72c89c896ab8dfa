//! The `assay_*` methods of a node over WebSocket, as docs/rpc.md says.

use anyhow::{Context, Result};
use assay_primitives::tensor::{DType, Dimension, Tensor};
use assay_tests::{
	chain::{account, key, Node},
	market, onnx,
};
use serde_json::{json, value::RawValue, Value};
use std::time::Duration;
use subxt::rpcs::{
	client::{rpc_params, RpcClient},
	Error,
};

/// How long a change of a job is waited for.
const PATIENCE: Duration = Duration::from_secs(120);

/// Call a method with a list of parameters.
async fn call(rpc: &RpcClient, method: &str, params: Value) -> Result<Value, Error> {
	let params = RawValue::from_string(params.to_string()).expect("JSON is JSON");
	let answer = rpc.request_raw(method, Some(params)).await?;
	Ok(serde_json::from_str(answer.get()).expect("a node answers in JSON"))
}

/// The code of the error that a method answers with.
async fn code(rpc: &RpcClient, method: &str, params: Value) -> i32 {
	match call(rpc, method, params.clone()).await {
		Err(Error::User(error)) => error.code,
		other => panic!("{method} {params}: {other:?}"),
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_followed_from_its_request_to_its_end() -> Result<()> {
	let node = Node::with_provider()?;
	let (client, rpc) = (node.client().await?, RpcClient::from_url(node.url()).await?);
	let gateway = market::gateway(&client, &account("Charlie")).await?;
	let artifact = market::upload(&gateway, &onnx::doubling()).await?;
	let spec = market::declaration(
		&onnx::doubling(),
		&market::address(&gateway, artifact.hash),
		onnx::float32("x", &[Dimension::UpTo(8)]),
		onnx::float32("y", &[Dimension::UpTo(8)]),
	)?;
	let model = market::register(&client, &key("Alice"), "test/rpc", "a test").await?;
	let version = market::publish(&client, &key("Alice"), model, spec).await?;
	market::served(&client, version).await?;

	let found = call(&rpc, "assay_model", json!(["test/rpc"])).await?;
	assert_eq!((&found["id"], &found["latest"]), (&json!(0), &json!(1)));
	let found = call(&rpc, "assay_version", json!(["0@1"])).await?;
	assert_eq!(found["artifact"]["hash"], artifact.hash.to_string());
	let found = call(&rpc, "assay_providers", json!(["0@1"])).await?;
	assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
	assert_eq!(found["items"][0]["available"], true);
	let found = call(&rpc, "assay_estimate", json!(["0@1", [[2]]])).await?;
	assert_eq!(found["providers"], 1);
	assert!(found["highest"]["total"].is_string(), "amounts are text: {found}");
	assert_eq!(code(&rpc, "assay_estimate", json!(["0@1", [[9]]])).await, 12012);

	let data = [1f32, 2.0].iter().flat_map(|value| value.to_le_bytes()).collect();
	let tensor = Tensor::new(DType::Float32, vec![2], data)?;
	let job = market::request(&client, &key("Bob"), version, &[tensor]).await?;
	let mut changes = rpc
		.subscribe::<Value>("assay_subscribeJob", rpc_params![job.0], "assay_unsubscribeJob")
		.await?;
	let mut statuses = Vec::new();
	while statuses.last().is_none_or(|last| last != "settled") {
		let change = tokio::time::timeout(PATIENCE, changes.next()).await?;
		let change = change.context("the subscription ended early")??;
		let status = change["state"]["status"].as_str().context("a status")?.to_owned();
		statuses.push(status);
	}
	assert!(statuses.contains(&"submitted".into()), "{statuses:?}");
	let listed = call(&rpc, "assay_jobs", json!([{"version": "0@1"}, null, 10])).await?;
	assert_eq!(listed["items"][0]["id"], job.0);
	let open = call(&rpc, "assay_jobs", json!([{"open": true}])).await?;
	assert_eq!(open["items"], json!([]));
	Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_exist_is_null_and_what_is_malformed_is_refused() -> Result<()> {
	let node = Node::start()?;
	let (client, rpc) = (node.client().await?, RpcClient::from_url(node.url()).await?);
	for (method, params) in [
		("assay_model", json!([7])),
		("assay_model", json!(["no/such"])),
		("assay_version", json!(["7@1"])),
		("assay_job", json!([7])),
		("assay_dispute", json!([7])),
		("assay_audit", json!([7])),
		("assay_subscription", json!([7])),
		("assay_provider", json!(["5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"])),
		("assay_lineage", json!(["7@1"])),
		("assay_asset", json!([7])),
		("assay_rightsOffer", json!([7])),
		("assay_grant", json!([7])),
		("assay_custodian", json!(["5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"])),
		("assay_keyRequest", json!([7])),
		("assay_pool", json!([7])),
		("assay_contributor", json!([7, "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"])),
		("assay_stream", json!(["model:7"])),
		("assay_offering", json!([7])),
	] {
		assert_eq!(call(&rpc, method, params).await?, Value::Null, "{method}");
	}
	for (method, params) in [
		("assay_version", json!(["seven"])),
		("assay_job", json!(["x"])),
		("assay_provider", json!(["nobody"])),
		("assay_jobs", json!([{"colour": "red"}])),
		("assay_demands", json!([{"colour": "red"}])),
		("assay_subscriptions", json!(["nobody"])),
		("assay_grants", json!([{}])),
		("assay_pool", json!(["pool:7"])),
		("assay_poolItems", json!([7, null, 0])),
		("assay_stream", json!(["model"])),
		("assay_streams", json!([null, 0])),
		("assay_custodians", json!(["nobody"])),
		("assay_contributor", json!([7, "nobody"])),
	] {
		assert_eq!(code(&rpc, method, params).await, -32602, "{method}");
	}
	assert_eq!(code(&rpc, "assay_estimate", json!(["7@1", []])).await, 12010);
	let unknown = format!("0x{}", "ab".repeat(32));
	assert_eq!(code(&rpc, "assay_models", json!([null, null, null, unknown])).await, 12001);
	let disputes = call(&rpc, "assay_disputes", json!(["0.1", 5])).await?;
	assert_eq!(disputes, json!({ "items": [], "next": null }));
	let audits = call(&rpc, "assay_audits", json!([0, 5])).await?;
	assert_eq!(audits, json!({ "items": [], "next": null }));
	let demands = call(&rpc, "assay_demands", json!([{"job": 7}])).await?;
	assert_eq!(demands, json!({ "items": [], "next": null }));
	for (method, params) in [
		("assay_assets", json!([])),
		("assay_rightsOffers", json!([7])),
		("assay_grants", json!([{"asset": 7}])),
		("assay_custodians", json!([])),
		("assay_keyRequests", json!(["5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"])),
		("assay_pools", json!([])),
		("assay_poolItems", json!([7])),
		("assay_streams", json!([])),
		("assay_holders", json!(["asset:7"])),
		("assay_offerings", json!([])),
		("assay_tickets", json!([7])),
	] {
		let empty = json!({ "items": [], "next": null });
		assert_eq!(call(&rpc, method, params).await?, empty, "{method}");
	}
	assert_eq!(call(&rpc, "assay_custodiansOf", json!([7])).await?, json!([]));
	let listed = call(&rpc, "rpc_methods", json!([])).await?;
	for method in [
		"assay_subscribeJob",
		"chainHead_v1_follow",
		"chainSpec_v1_genesisHash",
		"transaction_v1_broadcast",
		"system_health",
		"author_rotateKeysWithOwner",
	] {
		let methods = listed["methods"].as_array().context("a list of methods")?;
		assert!(methods.iter().any(|listed| listed == method), "{method} is not listed");
	}
	let numbers = call(&rpc, "assay_numbers", json!([])).await?;
	let expected = client.numbers().await?;
	assert_eq!(numbers["challengeWindow"], expected.challenge_window);
	assert_eq!(numbers["disputeStep"], expected.dispute_step);
	assert_eq!(numbers["availabilityStep"], expected.availability_step);
	Ok(())
}
