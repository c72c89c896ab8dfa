//! How much state the chain keeps.

use crate::ledger::Ledger;
use anyhow::Result;
use std::collections::BTreeMap;
use subxt::dynamic::Value;

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
