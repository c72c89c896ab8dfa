//! How many jobs the node settles, and how long each one takes under that load. The model doubles
//! two numbers, so that what is measured is the chain and the worker's path, not the engine.

use crate::{
	chain::{Chain, Goal, REQUESTERS},
	timeline::Timeline,
};
use anyhow::{bail, Result};
use assay_client::{Call, Client};
use assay_primitives::{
	job::{Choice, InlineInput, Input},
	tensor::{encode_tensors, DType, Tensor},
	VersionId,
};
use assay_tests::{
	chain::{account, key},
	flood::EncodedCall,
	market,
};
use codec::Encode;
use serde_json::{json, Value};
use std::{
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::sync::Semaphore;

/// The provider inside a development node.
const PROVIDER: &str = "Charlie";
/// How long no job may end before it is given up.
const PATIENCE: Duration = Duration::from_secs(120);
/// The seconds of a block.
const BLOCK: u64 = 2;

/// The jobs of a run.
pub struct Jobs {
	pub timeline: Timeline,
	started: Instant,
	/// When each requester handed in each of its requests.
	handed_in: Vec<Vec<Instant>>,
	/// The blocks from request to settlement where nothing waits for anything.
	least_blocks: u32,
}

/// Publish the model, and wait until the provider serves it.
pub async fn publish(client: &Client) -> Result<VersionId> {
	let gateway = market::gateway(client, &account(PROVIDER)).await?;
	let spec = market::doubling(&gateway).await?;
	let owner = key(REQUESTERS[0]);
	let model = market::register(client, &owner, "bench/doubling", "a benchmark").await?;
	let version = market::publish(client, &owner, model, spec).await?;
	market::served(client, version).await?;
	Ok(version)
}

/// The input of one job, which no other has.
fn tensor(number: u32) -> Result<Tensor> {
	let values = [number as f32, -2.0];
	let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
	Ok(Tensor::new(DType::Float32, vec![2], data)?)
}

/// Request so many jobs, of which no more than `open` are open at once, and wait until all have
/// ended.
pub async fn measure(chain: &Chain, version: VersionId, count: u32, open: u32) -> Result<Jobs> {
	let client = &chain.client;
	let estimate = client.estimate(version, &[vec![2]], &Choice::Any).await?;
	let template = market::request_call(client, version, &[tensor(0)?]).await?;
	let Call::Request { terms, .. } = template else { bail!("no request") };
	let call = |_, number| {
		let Ok(input) = InlineInput::try_from(encode_tensors(&[tensor(number)?])) else {
			bail!("the input is too large");
		};
		let arguments = (version, Input::Inline(input), &terms).encode();
		Ok(EncodedCall { pallet: "Inference", call: "request", arguments })
	};
	let signed = chain.sign(count, call).await?;
	let first = client.best().await?.number + 1;
	let places = Arc::new(Semaphore::new(usize::try_from(open)?));
	let (started, mut timeline) = (Instant::now(), Timeline::default());
	let goal = Goal { pallet: "Inference", what: "ended", count: count.into(), patience: PATIENCE };
	let followed = chain.follow(first, &goal, |seen, said| {
		let before = timeline.ended();
		timeline.take(seen, said)?;
		places.add_permits(usize::try_from(timeline.ended() - before)?);
		Ok(timeline.ended())
	});
	let (handed_in, ()) = tokio::try_join!(chain.hand_in(signed, &places), followed)?;
	Ok(Jobs { timeline, started, handed_in, least_blocks: estimate.blocks_to_settled })
}

impl Jobs {
	/// Wait until all are pruned, so many blocks after each has ended. Gives the block in which the
	/// last one was.
	pub async fn pruned(&self, chain: &Chain, retention: u32) -> Result<u32> {
		let goal = Goal {
			pallet: "Inference",
			what: "pruned",
			count: self.timeline.ended(),
			patience: PATIENCE + Duration::from_secs(BLOCK) * retention,
		};
		let (mut last, mut pruned) = (self.timeline.last()?.block, self.timeline.pruned());
		let followed = chain.follow(last + 1, &goal, |seen, said| {
			last = seen.block;
			pruned += said.iter().filter(|(name, _)| name == "JobPruned").count() as u64;
			Ok(pruned)
		});
		followed.await?;
		Ok(last)
	}

	/// What is sustained between the block before the first one settles and the last one.
	pub fn per_second(&self) -> Result<f64> {
		let (_, seconds) = self.timeline.settling()?;
		Ok(self.timeline.settled() as f64 / seconds)
	}

	pub fn figures(&self) -> Result<Value> {
		let since = |at: Instant| at.duration_since(self.started).as_secs_f64();
		let (blocks, seconds) = self.timeline.settling()?;
		let last_request = self.handed_in.iter().flatten().max();
		Ok(json!({
			"settled": self.timeline.settled(),
			"lost": self.timeline.lost(),
			"requests_handed_in_s": last_request.copied().map(since),
			"all_ended_s": since(self.timeline.last()?.at),
			"settling_blocks": blocks,
			"settling_s": seconds,
			"per_s": self.per_second()?,
			"most_in_a_block": self.timeline.most_in_a_block(),
			"least_blocks_to_settled": self.least_blocks,
			"delay": self.timeline.delays(&self.handed_in),
		}))
	}
}
