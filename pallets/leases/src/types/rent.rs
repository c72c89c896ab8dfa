//! The rent of a lease: what is due, who pays it, and how long it is covered.

use super::Lease;
use alloc::vec::Vec;
use assay_primitives::{
	lease::{blocks_paid, Agreement, CloseReason, LeaseState, Payer},
	Balance, BlockNumber,
};

/// A lease that is settled up to a block, and what that takes of whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settled<AccountId> {
	/// The lease, if the rent is paid.
	pub paid: Lease<AccountId>,
	/// The lease, if the provider cannot take the rent: it stays with the payers.
	pub unpaid: Lease<AccountId>,
	/// What is taken of whom.
	pub draws: Vec<Payer<AccountId>>,
	/// All of it.
	pub rent: Balance,
}

impl<AccountId: Clone + PartialEq> Lease<AccountId> {
	/// What is left of the deposits.
	pub fn left(&self) -> Balance {
		// Saturates, but never has to: these amounts are held.
		self.payers.iter().fold(0, |sum: Balance, payer| sum.saturating_add(payer.left))
	}

	/// The first block that is not served any more, if nothing happens before, and why; `None`
	/// while nothing is served. Of reasons for one block, the best comes first.
	pub fn end(&self) -> Option<(BlockNumber, CloseReason)> {
		let (since, notice) = match self.state {
			LeaseState::Active { since } => (since, None),
			LeaseState::Reclaiming { since, at } => (since, Some(at)),
			_ => return None,
		};
		let price = self.agreement.as_ref()?.price;
		// Saturates: what lasts past the last block never ends.
		let completed = since.saturating_add(self.order.duration.saturating_sub(self.served));
		let covered = since.saturating_add(blocks_paid(self.left(), price));
		let mut end = (completed, CloseReason::Completed);
		let notice = notice.map(|at| (at, CloseReason::Reclaimed));
		for other in notice.into_iter().chain([(covered, CloseReason::OutOfFunds)]) {
			if other.0 < end.0 {
				end = other;
			}
		}
		Some(end)
	}

	/// Whether its time is over at a block.
	pub fn is_over(&self, now: BlockNumber) -> bool {
		match self.state {
			LeaseState::Open { accept_until, .. } => now > accept_until,
			LeaseState::Matched { due } => now > due,
			_ => self.end().is_some_and(|(end, _)| now >= end),
		}
	}

	/// The rent of the blocks before `until` that is not paid yet.
	pub fn accrued(&self, until: BlockNumber) -> Balance {
		self.settle(until).map_or(0, |settled| settled.rent)
	}

	/// Settle the blocks before `until`, as far as it is served; `None` while nothing is.
	pub fn settle(&self, until: BlockNumber) -> Option<Settled<AccountId>> {
		let (end, _) = self.end()?;
		let agreement = self.agreement.clone()?;
		let until = until.min(end);
		let (since, state) = match self.state {
			LeaseState::Active { since } => (since, LeaseState::Active { since: until.max(since) }),
			LeaseState::Reclaiming { since, at } => {
				(since, LeaseState::Reclaiming { since: until.max(since), at })
			},
			_ => return None,
		};
		let blocks = until.saturating_sub(since);
		// Saturates, but never has to: no block after `end` is counted, and those before are covered.
		let rent = agreement.price.saturating_mul(blocks.into());
		let mut unpaid = self.clone();
		unpaid.state = state;
		unpaid.served = self.served.saturating_add(blocks);
		let mut paid = unpaid.clone();
		let draws = paid.draw(rent);
		paid.paid = paid.paid.saturating_add(rent);
		let blocks = agreement.blocks.saturating_add(blocks);
		paid.agreement = Some(Agreement { blocks, ..agreement });
		Some(Settled { paid, unpaid, draws, rent })
	}

	/// Take an amount of the deposits, of the first payer first.
	fn draw(&mut self, amount: Balance) -> Vec<Payer<AccountId>> {
		let mut rest = amount;
		let mut draws = Vec::new();
		for payer in self.payers.iter_mut() {
			let part = rest.min(payer.left);
			if part > 0 {
				payer.left = payer.left.saturating_sub(part);
				rest = rest.saturating_sub(part);
				draws.push(Payer { account: payer.account.clone(), left: part });
			}
		}
		draws
	}
}
