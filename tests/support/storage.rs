//! How much state the chain keeps.

use crate::ledger::Ledger;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use subxt::{
	config::RpcConfigFor, dynamic::Value, rpcs::LegacyRpcMethods, utils::H256, SubstrateConfig,
};

/// The keys that are asked for at once.
const PAGE: u32 = 256;
/// The bytes of a key that name the pallet.
const PALLET: usize = 16;

/// The bytes of keys and values in each map of some pallets after a block, by `Pallet.Map`.
pub async fn stored(
	ledger: &Ledger,
	pallets: &[&str],
	block: u32,
) -> Result<BTreeMap<String, usize>> {
	let at = ledger.online.at_block(block).await?;
	let mut stored = BTreeMap::new();
	for entry in at.storage().entries() {
		let map = entry.entry()?;
		if !pallets.contains(&entry.pallet_name()) || map.is_plain() {
			continue;
		}
		let mut rows = map.iter(Vec::<Value>::new()).await?;
		let mut bytes = 0;
		while let Some(row) = rows.next().await {
			let row = row?;
			bytes += row.key_bytes().len() + row.value().bytes().len();
		}
		stored.insert(format!("{}.{}", entry.pallet_name(), entry.entry_name()), bytes);
	}
	Ok(stored)
}

/// The bytes of all keys and values of some pallets after a block. Their keys are not decoded, so
/// that this is quick for many.
pub async fn sizes(
	ledger: &Ledger,
	pallets: &[&str],
	block: u32,
) -> Result<BTreeMap<String, usize>> {
	let at = ledger.online.at_block(block).await?;
	let mut prefixes = BTreeSet::new();
	for entry in at.storage().entries() {
		if pallets.contains(&entry.pallet_name()) {
			let prefix = entry.entry()?.key_prefix()[..PALLET].to_vec();
			prefixes.insert((entry.pallet_name().to_owned(), prefix));
		}
	}
	let mut sizes = BTreeMap::new();
	for (name, prefix) in prefixes {
		sizes.insert(name, size(ledger, &prefix, at.block_hash()).await?);
	}
	Ok(sizes)
}

/// The bytes of all keys and values below a prefix.
async fn size(ledger: &Ledger, prefix: &[u8], at: H256) -> Result<usize> {
	let rpc = LegacyRpcMethods::<RpcConfigFor<SubstrateConfig>>::new(ledger.rpc.clone());
	let (mut bytes, mut last): (usize, Option<Vec<u8>>) = (0, None);
	loop {
		let start = last.as_deref();
		let keys = rpc.state_get_keys_paged(prefix, PAGE, start, Some(at)).await?;
		let Some(end) = keys.last() else { return Ok(bytes) };
		last = Some(end.clone());
		for set in rpc.state_query_storage_at(keys.iter().map(Vec::as_slice), Some(at)).await? {
			for (key, value) in set.changes {
				bytes += key.len() + value.map_or(0, |value| value.len());
			}
		}
	}
}
