//! Blocks: the heads of the chain, and what is in a block.

use crate::{Client, Error};
use futures::{
	stream::{self, BoxStream},
	StreamExt,
};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};
use subxt::{config::substrate::SubstrateHeader, rpcs::client::RpcSubscription, utils::H256};

pub(crate) type Header = SubstrateHeader<H256>;

/// How long a lost subscription waits before it is asked for again.
const RESUBSCRIBE_AFTER: Duration = Duration::from_millis(500);

/// A block by its number and hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct BlockRef {
	/// The number.
	pub number: u32,
	/// The hash.
	#[serde(with = "hex_bytes")]
	pub hash: [u8; 32],
}

impl fmt::Display for BlockRef {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "#{} (0x{})", self.number, hex::encode(self.hash))
	}
}

/// Hashes in JSON: `0x` and hexadecimal digits.
pub(crate) mod hex_bytes {
	use serde::{de::Error, Deserialize, Deserializer, Serializer};

	pub fn serialize<S: Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
		serializer.serialize_str(&format!("0x{}", hex::encode(bytes)))
	}

	pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
		let text = String::deserialize(deserializer)?;
		let mut bytes = [0; 32];
		let digits = text.strip_prefix("0x").unwrap_or(&text);
		hex::decode_to_slice(digits, &mut bytes).map_err(D::Error::custom)?;
		Ok(bytes)
	}
}

/// Which heads to follow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Heads {
	/// Every new best block. Some may be retracted.
	Best,
	/// The newest finalized blocks. Several may be finalized at once; the last is reported.
	Finalized,
}

impl BlockRef {
	pub(crate) fn of(header: &Header) -> Result<Self, Error> {
		let number = u32::try_from(header.number).map_err(|error| Error::Decode {
			what: "block header".into(),
			reason: error.to_string(),
		})?;
		let hash = sp_io::hashing::blake2_256(&codec::Encode::encode(header));
		Ok(BlockRef { number, hash })
	}
}

impl Client {
	/// The best block.
	pub async fn best(&self) -> Result<BlockRef, Error> {
		self.header(None).await
	}

	/// The newest finalized block.
	pub async fn finalized(&self) -> Result<BlockRef, Error> {
		let what = "chain_getFinalizedHead";
		let hash = self.ask(what, || self.rpc().chain_get_finalized_head()).await?;
		self.header(Some(hash)).await
	}

	pub(crate) async fn header(&self, hash: Option<H256>) -> Result<BlockRef, Error> {
		let header = self.ask("chain_getHeader", || self.rpc().chain_get_header(hash)).await?;
		let block = || hash.map_or("best".into(), |hash| format!("{hash:?}"));
		BlockRef::of(&header.ok_or_else(|| Error::UnknownBlock { block: block() })?)
	}

	/// The block of a number in the best chain; `None` beyond the best block.
	pub async fn block(&self, number: u32) -> Result<Option<BlockRef>, Error> {
		let what = "chain_getBlockHash";
		let asked = || self.rpc().chain_get_block_hash(Some(number.into()));
		let hash = self.ask(what, asked).await?;
		Ok(hash.map(|hash| BlockRef { number, hash: hash.0 }))
	}

	/// Where in a block a transaction stands.
	pub(crate) async fn position(
		&self,
		block: &BlockRef,
		extrinsic: &[u8; 32],
	) -> Result<Option<u32>, Error> {
		let asked = || self.rpc().chain_get_block(Some(H256(block.hash)));
		let details = self.ask("chain_getBlock", asked).await?;
		let details = details.ok_or_else(|| Error::UnknownBlock { block: block.to_string() })?;
		let found = details
			.block
			.extrinsics
			.iter()
			.position(|bytes| sp_io::hashing::blake2_256(&bytes.0) == *extrinsic);
		Ok(found.and_then(|index| u32::try_from(index).ok()))
	}

	/// The heads of the chain, from the present one on.
	///
	/// After a lost connection the stream subscribes again and goes on with the present head;
	/// blocks in between are not reported one by one. It ends only when it is dropped: errors
	/// that last are reported once for each attempt.
	pub async fn blocks(
		&self,
		heads: Heads,
	) -> Result<BoxStream<'static, Result<BlockRef, Error>>, Error> {
		let subscription = self.heads(heads).await?;
		let state = (self.clone(), Some(subscription));
		Ok(stream::unfold(state, move |state| next_head(state, heads)).boxed())
	}

	async fn heads(&self, heads: Heads) -> Result<RpcSubscription<Header>, Error> {
		match heads {
			Heads::Best => {
				let what = "chain_subscribeNewHeads";
				self.ask(what, || self.rpc().chain_subscribe_new_heads()).await
			},
			Heads::Finalized => {
				let what = "chain_subscribeFinalizedHeads";
				self.ask(what, || self.rpc().chain_subscribe_finalized_heads()).await
			},
		}
	}
}

type HeadsState = (Client, Option<RpcSubscription<Header>>);

async fn next_head(
	(client, mut subscription): HeadsState,
	heads: Heads,
) -> Option<(Result<BlockRef, Error>, HeadsState)> {
	loop {
		let Some(current) = subscription.as_mut() else {
			match client.heads(heads).await {
				Ok(fresh) => subscription = Some(fresh),
				Err(error) => {
					tokio::time::sleep(RESUBSCRIBE_AFTER).await;
					return Some((Err(error), (client, None)));
				},
			}
			continue;
		};
		match current.next().await {
			Some(Ok(header)) => return Some((BlockRef::of(&header), (client, subscription))),
			lost => {
				let reason = lost.and_then(Result::err).map(|error| error.to_string());
				let reason = reason.unwrap_or_else(|| "the subscription ended".into());
				tracing::debug!(target: "client::blocks", %reason, "subscribing again");
				subscription = None;
				tokio::time::sleep(RESUBSCRIBE_AFTER).await;
			},
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn blocks_round_trip_through_json() {
		let block = BlockRef { number: 7, hash: [0xab; 32] };
		let text = serde_json::to_string(&block).unwrap();
		assert_eq!(text, format!("{{\"number\":7,\"hash\":\"0x{}\"}}", "ab".repeat(32)));
		assert_eq!(serde_json::from_str::<BlockRef>(&text).unwrap(), block);
	}
}
