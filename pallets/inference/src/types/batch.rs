//! The steps of a job that only batches and their items take.

use super::{Agreement, Job, Stays};
use assay_primitives::{
	job::{Choice, JobKind, JobState, OutputRecord, Terms},
	money::{Earners, Fee},
	rights::Usage,
	Balance, BlockNumber, Root, VersionId,
};

/// An item of a batch that is opened.
pub struct Item<AccountId> {
	/// Who has opened it, and pays for its storage.
	pub opener: AccountId,
	/// Which item it is.
	pub kind: JobKind,
	/// The version that was run.
	pub version: VersionId,
	/// The units of the item alone.
	pub units: u64,
	/// The root of the list of its input tensors.
	pub input: Root,
	/// Whether the input is inline.
	pub inline: bool,
	/// What is held for storage.
	pub deposit: Balance,
	/// Who earns by the batch, and so by its items.
	pub earners: Earners<AccountId>,
	/// What the batch was agreed on, without a fee.
	pub agreement: Agreement,
	/// Who has answered.
	pub provider: AccountId,
	/// What was submitted of the item.
	pub output: OutputRecord,
	/// The block in which it is opened.
	pub now: BlockNumber,
	/// The blocks in which it can be disputed.
	pub window: BlockNumber,
}

impl<AccountId: Clone + PartialEq> Job<AccountId> {
	/// The job that an item is looked at as: its result is provisional from now on.
	pub fn item(item: Item<AccountId>) -> Self {
		let terms = Terms {
			max_fee: 0,
			value: 0,
			deliver_within: 0,
			max_relative: None,
			reassign: false,
			choice: Choice::Any,
			usage: Usage::default(),
			data: None,
		};
		let job = Job {
			requester: item.opener,
			version: item.version,
			group: None,
			kind: item.kind,
			corrected: 0,
			units: item.units,
			price: 0,
			input_root: item.input,
			inline: item.inline,
			terms,
			earners: item.earners,
			handed: None,
			deposit: item.deposit,
			requested: item.now,
			deadline: item.now,
			disputes: 0,
			stays: Stays::default(),
			refuted: Default::default(),
			missed: Default::default(),
			agreement: Some(item.agreement),
			paid: Default::default(),
			state: JobState::Requested,
			wake: item.now,
		};
		job.provisional(item.provider, item.output, item.now, item.window)
	}

	/// Take the part of the fee that is an item's out of what a batch has agreed to and has held. The
	/// parts of all items are equal; what does not divide stays with the batch.
	pub fn part_of_fee(mut self) -> Option<(Self, Fee)> {
		let JobKind::Batch { items } = self.kind else { return None };
		let left = items.checked_sub(self.corrected).filter(|left| *left > 0)?;
		let agreement = self.agreement.as_mut()?;
		let (part, rest) = agreement.fee.part(left)?;
		self.terms.max_fee = self.terms.max_fee.checked_sub(part.total())?;
		agreement.fee = rest;
		if let Some(data) = &mut self.earners.data {
			data.amount = rest.data;
		}
		self.corrected = self.corrected.checked_add(1)?;
		Some((self, part))
	}
}
