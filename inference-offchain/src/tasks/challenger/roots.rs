//! Batches whose outputs nobody serves, where equal bits are required.
//!
//! The root of such a batch is that of a worker's own runs, or it is wrong, whatever lies under it.
//! To open an item takes its root as it was submitted, under that of the batch: the roots are
//! demanded on chain, some at a time, until one is shown that differs. A provider that does not
//! show them loses as by a wrong item.

use super::{
	check::{Checker, Claim},
	error::CheckError,
	items::{no_item, Item, Loaded, Opened, Request},
};
use crate::{canonical::Fault, Error};
use assay_canon::commitment::CHUNK;
use assay_client::{Call, Wait};
use assay_primitives::{
	availability::{AnswerBytes, Place, Side},
	batch::{self, ItemOpening, ItemRoots},
	commitment::faulted_root,
	job::Output,
	model::VersionSpec,
	BlockNumber, JobId, Root,
};
use futures::StreamExt;
use std::collections::BTreeSet;

/// The roots that a chunk holds.
const PER_CHUNK: u32 = CHUNK as u32 / 32;
/// The chunks that are demanded at once.
const MOST_DEMANDED: usize = 64;
/// How far back blocks are looked at again: others may have taken their places.
const DEPTH: BlockNumber = 4;

/// An item whose submitted root is not that of this worker's run.
struct Differing {
	index: u32,
	root: Root,
	/// What shows the root.
	opening: AnswerBytes,
}

impl Checker {
	/// Find the first wrong item from a number on by the roots that are shown on chain, and open it.
	/// `None` if the batch is right. Nothing is in memory while roots are waited for.
	pub(super) async fn open_unserved(
		&self,
		claim: &Claim,
		spec: &VersionSpec,
		(request, loaded): (&Request, Loaded<'_>),
		from: u32,
	) -> Result<Option<(u32, Opened)>, Error> {
		let job = claim.job;
		let own = self.own_roots(claim, spec, &loaded).await?;
		if own.root() == claim.output.root {
			return Ok(None);
		}
		let items = loaded.inputs.items();
		drop(loaded);
		tracing::warn!(target: "worker::challenger", %job, "the batch is wrong, and not served");
		let differing = self.differing(claim, &own, items, from).await?;
		let loaded = self.load(claim, spec, request).await?;
		let Differing { index, root, opening } = differing;
		let inputs = loaded.inputs.tensors_of(index, &spec.inputs).ok_or_else(|| no_item(job))?;
		// What was submitted is not needed where its root shows that it is wrong.
		let (claim_of_item, submitted) = (claim.of_item(root), Ok(Vec::new()));
		let item = Item { claim: claim_of_item, inputs: inputs.into(), submitted };
		if !self.is_wrong(item, spec).await? {
			return Err(CheckError::Unstable { job }.into());
		}
		self.accuse(claim, index);
		let (input, input_proof) = loaded.input(spec, index).ok_or_else(|| no_item(job))?;
		drop(loaded);
		// Nobody has a file of this output alone, so that any will do.
		let artifact = claim.output.artifact.ok_or_else(|| no_item(job))?;
		let output = Output::Artifact { root, artifact };
		let opening = ItemOpening { input, input_proof, output, output_proof: opening };
		Ok(Some((index, self.open(claim, index, opening).await?)))
	}

	/// The roots of what the items of a batch come to here.
	async fn own_roots(
		&self,
		claim: &Claim,
		spec: &VersionSpec,
		loaded: &Loaded<'_>,
	) -> Result<ItemRoots, Error> {
		let run = |index| async move {
			let inputs = loaded.inputs.tensors_of(index, &spec.inputs);
			let inputs = inputs.ok_or_else(|| no_item(claim.job))?;
			Ok::<_, Error>(match self.run(claim, spec, inputs.into()).await? {
				Ok(root) => root,
				Err(Fault { slot, element }) => faulted_root(slot, element),
			})
		};
		let at_once = self.orders.concurrency.max(1);
		let all = futures::stream::iter(0..loaded.inputs.items());
		let mut runs = std::pin::pin!(all.map(run).buffered(at_once));
		let mut roots = Vec::new();
		while let Some(root) = runs.next().await {
			roots.push(root?);
			self.context.metrics.items_checked.inc();
		}
		Ok(ItemRoots::new(&roots).ok_or_else(|| no_item(claim.job))?)
	}

	/// Demand roots until one is shown that is not this worker's.
	async fn differing(
		&self,
		claim: &Claim,
		own: &ItemRoots,
		items: u32,
		from: u32,
	) -> Result<Differing, Error> {
		let (context, job) = (&self.context, claim.job);
		let (mut best, mut looked) = (context.best.clone(), context.now());
		let mut wanted: BTreeSet<u32> =
			(from.checked_div(PER_CHUNK).unwrap_or_default()..items.div_ceil(PER_CHUNK)).collect();
		while !wanted.is_empty() {
			let wave: BTreeSet<u32> = wanted.iter().copied().take(MOST_DEMANDED).collect();
			self.demand_roots(job, &wave).await?;
			while !wave.is_disjoint(&wanted) {
				if !context.next_block(&mut best).await {
					return Err(Error::Stopping);
				}
				let now = context.now();
				let (openings, present) = match self.shown(claim, looked, now).await {
					Ok(found) => found,
					// The next block brings the next attempt.
					Err(error) if error.is_retryable() => continue,
					Err(error) => return Err(error),
				};
				looked = now;
				for opening in openings {
					let shown = Shown { root: claim.output.root, items, opening };
					wanted.retain(|chunk| !shown.has(*chunk));
					if let Some(differing) = shown.differing(own, from) {
						return Ok(differing);
					}
				}
				if !present {
					return Err(CheckError::Moved { job }.into());
				}
			}
		}
		let reason = "it is wrong, but none of its items is";
		Err(CheckError::Output { job, reason }.into())
	}

	/// What roots of a batch were shown since a block, and whether its result is provisional still.
	async fn shown(
		&self,
		claim: &Claim,
		since: BlockNumber,
		now: BlockNumber,
	) -> Result<(Vec<AnswerBytes>, bool), Error> {
		let mut openings = Vec::new();
		for block in since.saturating_sub(DEPTH)..=now {
			openings.extend(self.context.chain.roots_served(claim.job, block).await?);
		}
		Ok((openings, self.present(claim).await?.is_some()))
	}

	/// Demand chunks of the roots of a batch.
	async fn demand_roots(&self, job: JobId, chunks: &BTreeSet<u32>) -> Result<(), Error> {
		let context = &self.context;
		if !context.demand {
			let reason = "its file is not served, and nothing is to be demanded";
			return Err(CheckError::Output { job, reason }.into());
		}
		let demand = |chunk: &u32| {
			let place = Place { side: Side::Output, tensor: 0, chunk: *chunk };
			context.submit(Call::Demand { job, place }, Wait::InBlock, |_| Ok(()))
		};
		let demands: Vec<_> = chunks.iter().map(demand).collect();
		let mut sent = futures::stream::iter(demands).buffer_unordered(MOST_DEMANDED);
		while let Some(sent) = sent.next().await {
			sent?;
			let side = Side::Output.to_string();
			context.metrics.demanded.with_label_values(&[&side]).inc();
		}
		Ok(())
	}
}

/// Roots that somebody has shown on chain.
struct Shown {
	/// The root of the batch.
	root: Root,
	items: u32,
	opening: AnswerBytes,
}

impl Shown {
	fn get(&self, index: u32) -> Option<Root> {
		batch::opened(self.root, self.items, index, &self.opening).ok()
	}

	/// Whether they are those of a chunk.
	fn has(&self, chunk: u32) -> bool {
		self.get(chunk.saturating_mul(PER_CHUNK)).is_some()
	}

	/// The first item from a number on whose root is another one.
	fn differing(&self, own: &ItemRoots, from: u32) -> Option<Differing> {
		let differs = |index: u32| {
			let root = self.get(index).filter(|root| own.get(index) != Some(*root))?;
			Some(Differing { index, root, opening: self.opening.clone() })
		};
		(from..self.items).find_map(differs)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn roots(count: u32) -> Vec<Root> {
		(0..count).map(|at| Root([at as u8; 32])).collect()
	}

	#[test]
	fn the_first_root_that_differs_is_found_in_what_is_shown() {
		let own = ItemRoots::new(&roots(100)).unwrap();
		let mut wrong = roots(100);
		(wrong[40], wrong[50]) = (Root([7; 32]), Root([8; 32]));
		let wrong = ItemRoots::new(&wrong).unwrap();
		let shown = |index| {
			let opening = AnswerBytes::try_from(wrong.open(index).unwrap()).unwrap();
			Shown { root: wrong.root(), items: 100, opening }
		};
		assert!(shown(31).differing(&own, 0).is_none());
		let differing = shown(33).differing(&own, 0).unwrap();
		assert_eq!((differing.index, differing.root), (40, Root([7; 32])));
		assert_eq!(shown(33).differing(&own, 41).unwrap().index, 50);
		assert!(shown(33).differing(&own, 51).is_none());
		for chunk in 0..4 {
			assert_eq!(shown(99).has(chunk), chunk == 3);
		}
	}
}
