//! Money as the chain's events tell of it, to the last unit.

use crate::chain::Node;
use anyhow::{Context, Result};
use assay_primitives::{AccountId, Balance, DisputeId, JobId};
use codec::{Decode, DecodeAll};
use serde_json::Value;
use std::{collections::BTreeMap, ops::RangeInclusive, sync::Arc};
use subxt::{
	backend::LegacyBackend,
	rpcs::client::{rpc_params, RpcClient},
	OnlineClient, SubstrateConfig,
};

/// The storage key of `Balances.TotalIssuance`.
const TOTAL_ISSUANCE: &str = "0xc2261276cc9d1f8598ea4b6a74b15c2f57c875e4cff74148e4628f264b974c80";

/// What an account has of a dispute that has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Decode)]
pub struct Returned {
	/// Bonds that it has back.
	pub returned: Balance,
	/// Bonds that it has lost.
	pub lost: Balance,
	/// Its part of what was slashed.
	pub won: Balance,
}

/// What the events of some blocks say of money.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Flows {
	/// What each account has paid for transactions.
	pub fees: BTreeMap<AccountId, Balance>,
	/// What each account has of each dispute.
	pub returned: BTreeMap<(DisputeId, AccountId), Returned>,
	/// What each account was repaid for the moves of each dispute.
	pub repaid: BTreeMap<(DisputeId, AccountId), Balance>,
	/// What was burned of the bonds of each dispute.
	pub burned: BTreeMap<DisputeId, Balance>,
}

impl Flows {
	/// By how much all that an account has changed: what it won and was repaid, less what it lost
	/// and paid for transactions.
	pub fn change(&self, account: &AccountId) -> i128 {
		let signed = |amount: Balance| i128::try_from(amount).expect("less than all there is");
		let of_disputes = self.returned.iter().filter(|((_, who), _)| who == account);
		let won: i128 = of_disputes.map(|(_, has)| signed(has.won) - signed(has.lost)).sum();
		let repaid = self.repaid.iter().filter(|((_, who), _)| who == account);
		let repaid: i128 = repaid.map(|(_, amount)| signed(*amount)).sum();
		won + repaid - signed(self.fees.get(account).copied().unwrap_or(0))
	}

	fn take(&mut self, pallet: &str, event: &str, fields: &mut &[u8]) -> Result<()> {
		match (pallet, event) {
			("TransactionPayment", "TransactionFeePaid") => {
				let (who, fee, _tip) = <(AccountId, Balance, Balance)>::decode_all(fields)?;
				*self.fees.entry(who).or_default() += fee;
			},
			("Disputes", "StakeReturned") => {
				let (id, who, has) = <(DisputeId, AccountId, Returned)>::decode_all(fields)?;
				self.returned.insert((id, who), has);
			},
			("Disputes", "MovesRepaid") => {
				let (id, who, amount) = <(DisputeId, AccountId, Balance)>::decode_all(fields)?;
				*self.repaid.entry((id, who)).or_default() += amount;
			},
			("Disputes", "Burned") => {
				let (id, amount) = <(DisputeId, Balance)>::decode_all(fields)?;
				*self.burned.entry(id).or_default() += amount;
			},
			_ => {},
		}
		Ok(())
	}
}

/// Reads what the chain says of money.
pub struct Ledger {
	pub(crate) rpc: RpcClient,
	pub(crate) online: OnlineClient<SubstrateConfig>,
}

impl Ledger {
	/// The ledger of a node's chain.
	pub async fn of(node: &Node) -> Result<Self> {
		let rpc = RpcClient::from_url(node.url()).await?;
		let backend = LegacyBackend::<SubstrateConfig>::builder().build(rpc.clone());
		let backend = Arc::new(backend);
		let online = OnlineClient::from_backend_with_config(SubstrateConfig::new(), backend);
		Ok(Ledger { rpc, online: online.await? })
	}

	/// All money there is, at the best block.
	pub async fn issuance(&self) -> Result<Balance> {
		issuance(&self.rpc).await
	}

	/// How often each job was settled in these blocks.
	pub async fn settlements(&self, blocks: RangeInclusive<u32>) -> Result<BTreeMap<JobId, u32>> {
		let mut settlements = BTreeMap::new();
		for number in blocks {
			let events = self.online.at_block(number).await?.events().fetch().await?;
			for event in events.iter() {
				let event = event?;
				if (event.pallet_name(), event.event_name()) == ("Inference", "JobSettled") {
					let job = JobId::decode(&mut event.field_bytes())?;
					*settlements.entry(job).or_default() += 1;
				}
			}
		}
		Ok(settlements)
	}

	/// What one pallet says in a block: the names of its events, with their encoded fields.
	pub async fn said(&self, block: u32, pallet: &str) -> Result<Vec<(String, Vec<u8>)>> {
		let events = self.online.at_block(block).await?.events().fetch().await?;
		let mut said = Vec::new();
		for event in events.iter() {
			let event = event?;
			if event.pallet_name() == pallet {
				said.push((event.event_name().into(), event.field_bytes().to_vec()));
			}
		}
		Ok(said)
	}

	/// What the events of these blocks say.
	pub async fn flows(&self, blocks: RangeInclusive<u32>) -> Result<Flows> {
		let mut flows = Flows::default();
		for number in blocks {
			let events = self.online.at_block(number).await?.events().fetch().await?;
			for event in events.iter() {
				let event = event?;
				let (pallet, name) = (event.pallet_name(), event.event_name());
				flows.take(pallet, name, &mut event.field_bytes())?;
			}
		}
		Ok(flows)
	}
}

/// All money there is, at the best block.
pub async fn issuance(rpc: &RpcClient) -> Result<Balance> {
	let stored: Value = rpc.request("state_getStorage", rpc_params![TOTAL_ISSUANCE]).await?;
	let digits = stored.as_str().and_then(|text| text.strip_prefix("0x"));
	// Little-endian, as all numbers of the chain are.
	let number = Balance::from_str_radix(digits.context("no total issuance")?, 16)?;
	Ok(number.swap_bytes())
}
