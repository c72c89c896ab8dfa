//! What the blocks say of a dispute: when it began and ended, and what each transaction took.

use crate::ledger::Ledger;
use anyhow::{Context, Result};
use assay_primitives::DisputeId;
use codec::{Compact, Decode};
use serde::Serialize;
use std::{collections::BTreeMap, ops::RangeInclusive};
use subxt::{
	dynamic::{constant, At, Value},
	events::{Event, Phase},
	SubstrateConfig,
};

/// What a transaction takes of a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Weight {
	/// Picoseconds of the reference machine.
	pub ref_time: u64,
	/// Bytes of a proof of state.
	pub proof_size: u64,
}

/// A transaction of a dispute.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Entry {
	/// The block that it is in.
	pub block: u32,
	/// The name of its call.
	pub call: String,
	/// Its length.
	pub bytes: usize,
	/// What it took.
	pub weight: Weight,
	/// Whether it did what it should.
	pub succeeded: bool,
}

/// A dispute in the blocks of a chain.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Transcript {
	/// The milliseconds of the chain's clock at each block.
	pub times: BTreeMap<u32, u64>,
	/// The block in which the job's result was submitted.
	pub submitted: Option<u32>,
	/// The block in which the dispute was opened.
	pub opened: Option<u32>,
	/// The block of the verdict.
	pub ended: Option<u32>,
	/// The last block in which something of it was paid or burned.
	pub divided: Option<u32>,
	/// Its transactions.
	pub entries: Vec<Entry>,
	/// What a block has room for.
	pub room: Weight,
}

impl Transcript {
	/// Read what these blocks say of a dispute.
	pub async fn read(ledger: &Ledger, id: DisputeId, blocks: RangeInclusive<u32>) -> Result<Self> {
		let mut transcript = Transcript::default();
		for number in blocks {
			transcript.read_block(ledger, id, number).await?;
		}
		Ok(transcript)
	}

	async fn read_block(&mut self, ledger: &Ledger, id: DisputeId, number: u32) -> Result<()> {
		let at = ledger.online.at_block(number).await?;
		let limits: Value = at.constants().entry(constant("System", "BlockWeights"))?;
		self.room = weight(limits.at("max_block"))?;
		let mut weights = BTreeMap::new();
		for event in at.events().fetch().await?.iter() {
			let event = event?;
			match (event.phase(), event.pallet_name(), event.event_name()) {
				(
					Phase::ApplyExtrinsic(at),
					"System",
					name @ ("ExtrinsicSuccess" | "ExtrinsicFailed"),
				) => {
					let fields: Value = event.decode_fields_unchecked_as()?;
					let taken = weight(fields.at("dispatch_info").at("weight"))?;
					weights.insert(at, (taken, name == "ExtrinsicSuccess"));
				},
				_ => self.note(&event, id, number)?,
			}
		}
		for extrinsic in at.extrinsics().fetch().await?.iter() {
			let extrinsic = extrinsic?;
			let mut fields = extrinsic.call_data_field_bytes();
			match extrinsic.pallet_name() {
				"Timestamp" => {
					let Compact(time) = Compact::<u64>::decode(&mut fields)?;
					self.times.insert(number, time);
				},
				"Disputes" if DisputeId::decode(&mut fields)? == id => {
					let taken = weights.get(&u32::try_from(extrinsic.index())?);
					let (weight, succeeded) = *taken.context("a transaction without an end")?;
					let (call, bytes) = (extrinsic.call_name().into(), extrinsic.bytes().len());
					self.entries.push(Entry { block: number, call, bytes, weight, succeeded });
				},
				_ => {},
			}
		}
		Ok(())
	}

	fn note(&mut self, event: &Event<'_, SubstrateConfig>, id: DisputeId, now: u32) -> Result<()> {
		let mut fields = event.field_bytes();
		match (event.pallet_name(), event.event_name()) {
			("Inference", "OutputSubmitted") if Decode::decode(&mut fields) == Ok(id.job) => {
				self.submitted = Some(now);
			},
			("Disputes", name) if DisputeId::decode(&mut fields)? == id => match name {
				"DisputeOpened" => self.opened = Some(now),
				"DisputeEnded" => self.ended = Some(now),
				"StakeReturned" | "MovesRepaid" | "Burned" => self.divided = Some(now),
				_ => {},
			},
			_ => {},
		}
		Ok(())
	}

	/// The milliseconds between two blocks.
	pub fn between(&self, from: u32, to: u32) -> Option<u64> {
		self.times.get(&to)?.checked_sub(*self.times.get(&from)?)
	}
}

/// A weight as the chain's metadata describes it.
fn weight(value: Option<&Value>) -> Result<Weight> {
	let number = |name| value.at(name).and_then(Value::as_u128);
	let ref_time = number("ref_time").context("no weight")?;
	let proof_size = number("proof_size").context("no weight")?;
	Ok(Weight { ref_time: ref_time.try_into()?, proof_size: proof_size.try_into()? })
}
