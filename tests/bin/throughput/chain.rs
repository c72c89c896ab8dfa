//! The chain under load: who loads it, and what its blocks say of it.

use anyhow::{ensure, Context, Result};
use assay_client::{Client, Heads};
use assay_tests::{
	chain::{key, Node},
	flood::{EncodedCall, Sender},
	ledger::Ledger,
};
use futures::{future::try_join_all, StreamExt};
use std::{
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::sync::Semaphore;

/// Who hands in transactions, each over a connection of its own.
pub const REQUESTERS: [&str; 4] = ["Alice", "Bob", "Dave", "Eve"];

/// A block, and when it was seen.
#[derive(Clone, Copy)]
pub struct Seen {
	pub block: u32,
	pub at: Instant,
}

/// An event: its name and its encoded fields.
pub type Said = (String, Vec<u8>);

/// What is waited for.
pub struct Goal {
	/// The pallet that tells of it.
	pub pallet: &'static str,
	/// What is counted, as a participle.
	pub what: &'static str,
	/// How many there will be.
	pub count: u64,
	/// How long none may come.
	pub patience: Duration,
}

/// The chain under load.
pub struct Chain {
	pub client: Client,
	pub ledger: Ledger,
	senders: Vec<Arc<Sender>>,
}

impl Chain {
	pub async fn of(node: &Node) -> Result<Self> {
		let url = node.url();
		let connect = |name| Sender::connect(&url, key(name));
		let senders = try_join_all(REQUESTERS.map(connect)).await?;
		let senders = senders.into_iter().map(Arc::new).collect();
		Ok(Chain { client: node.client().await?, ledger: Ledger::of(node).await?, senders })
	}

	/// Sign so many calls, a fair share of each requester: `call` is told whose it is, and its
	/// number among all.
	pub async fn sign(
		&self,
		count: u32,
		call: impl Fn(usize, u32) -> Result<EncodedCall>,
	) -> Result<Vec<Vec<Vec<u8>>>> {
		let block = self.client.best().await?.number;
		let mut signed = Vec::new();
		for (requester, sender) in self.senders.iter().enumerate() {
			let numbers = (requester as u32..count).step_by(self.senders.len());
			let calls: Result<Vec<_>> = numbers.map(|number| call(requester, number)).collect();
			signed.push(sender.sign(block, &calls?).await?);
		}
		Ok(signed)
	}

	/// Hand in transactions of each requester, all at once, as there are places. Gives when each
	/// one was handed in.
	pub async fn hand_in(
		&self,
		transactions: Vec<Vec<Vec<u8>>>,
		places: &Arc<Semaphore>,
	) -> Result<Vec<Vec<Instant>>> {
		let start = |(sender, own): (&Arc<Sender>, Vec<Vec<u8>>)| {
			let (sender, places) = (sender.clone(), places.clone());
			let task = tokio::spawn(async move { sender.hand_in(own, &places).await });
			async move { task.await? }
		};
		try_join_all(self.senders.iter().zip(transactions).map(start)).await
	}

	/// Read what a pallet says in each block from this one on, until `take` has counted as many as
	/// there will be.
	pub async fn follow(
		&self,
		first: u32,
		goal: &Goal,
		mut take: impl FnMut(Seen, Vec<Said>) -> Result<u64>,
	) -> Result<()> {
		let mut heads = self.client.blocks(Heads::Best).await?;
		let (mut next, mut counted, mut moved) = (first, 0, Instant::now());
		while counted < goal.count {
			let head = heads.next().await.context("the stream of blocks ended")??;
			let at = Instant::now();
			for block in next..=head.number {
				let before = counted;
				counted = take(Seen { block, at }, self.ledger.said(block, goal.pallet).await?)?;
				if counted > before {
					moved = at;
					eprintln!("block {block}: {counted} of {} {}", goal.count, goal.what);
				}
			}
			next = next.max(head.number + 1);
			let seconds = goal.patience.as_secs();
			ensure!(moved.elapsed() < goal.patience, "nothing was {} for {seconds} s", goal.what);
		}
		Ok(())
	}
}
