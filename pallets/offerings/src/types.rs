//! What is kept of an offering, how it moves from one stage to the next, and what it owes each
//! ticket. Nothing here knows of `Config`.

use assay_primitives::{
	accrual::{portion, stretch},
	offering::{Milestone, OfferingSpec, OfferingStatus},
	revenue::UsageTotal,
	Balance, BlockNumber,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// An offering.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Offering<AccountId> {
	/// Who offers.
	pub issuer: AccountId,
	/// What is offered.
	pub spec: OfferingSpec,
	/// What is held of the issuer for the record.
	pub deposit: Balance,
	/// The shares that were subscribed to.
	pub demand: Balance,
	/// The tickets that were given.
	pub tickets: u32,
	/// The tickets that something is left of.
	pub left: u32,
	/// The shares that are to go back to the issuer.
	pub unsold: Balance,
	/// What became of it.
	pub stage: Stage,
}

/// What became of an offering.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Stage {
	/// It can be subscribed to, or waits for its close.
	Open,
	/// Too little was subscribed.
	Missed,
	/// Shares were sold.
	Sold(Sale),
}

/// What was sold.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Sale {
	/// The shares.
	pub sold: Balance,
	/// What they cost.
	pub raised: Balance,
	/// What of it was released to the issuer.
	pub released: Balance,
	/// The block of the close, from which on shares vest.
	pub closed: BlockNumber,
	/// How much the subject had been used by then.
	pub used: UsageTotal,
	/// The milestones that were reached.
	pub reached: u32,
	/// The shares whose buyers have voted to abort.
	pub votes: Balance,
	/// The block in which it was aborted.
	pub aborted: Option<BlockNumber>,
	/// The shares of the tickets that nothing is left of.
	pub done: Balance,
}

/// A subscription.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Ticket<AccountId> {
	/// Whose it is.
	pub who: AccountId,
	/// What is held of that account for it.
	pub deposit: Balance,
	/// The demand before it.
	pub start: Balance,
	/// The shares that were subscribed to.
	pub shares: Balance,
	/// What it was paid back.
	pub repaid: Balance,
	/// The shares that it was given.
	pub taken: Balance,
	/// The shares of its allotment that went back to the issuer.
	pub returned: Balance,
	/// Whether it has voted to abort.
	pub voted: bool,
}

/// What a ticket is owed altogether, with what it was given already.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Due {
	/// Money.
	pub money: Balance,
	/// Shares.
	pub shares: Balance,
	/// Shares of its allotment that go back to the issuer.
	pub returned: Balance,
	/// Whether it will never be owed more.
	pub is_all: bool,
}

/// Why something cannot be done to an offering.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
	/// Its deadline has passed, or it is closed.
	DeadlinePassed,
	/// It can still be subscribed to.
	DeadlineAhead,
	/// It is closed already.
	AlreadyClosed,
	/// It is not closed yet.
	NotClosed,
	/// No money waits for milestones.
	NotRunning,
	/// The next milestone is not reached, or not in time.
	NothingToRelease,
	/// The next milestone still has time.
	NotFailed,
	/// The ticket has voted already.
	AlreadyVoted,
	/// More than can be counted.
	Overflow,
}

impl<AccountId> Offering<AccountId> {
	/// An offering without tickets.
	pub const fn new(issuer: AccountId, spec: OfferingSpec, deposit: Balance) -> Self {
		Offering {
			issuer,
			spec,
			deposit,
			demand: 0,
			tickets: 0,
			left: 0,
			unsold: 0,
			stage: Stage::Open,
		}
	}

	/// Where it stands.
	pub fn status(&self) -> OfferingStatus {
		match &self.stage {
			Stage::Open => OfferingStatus::Open,
			Stage::Missed => OfferingStatus::Missed,
			Stage::Sold(sale) if sale.aborted.is_some() => OfferingStatus::Aborted,
			Stage::Sold(sale) if sale.is_paid() => OfferingStatus::Completed,
			Stage::Sold(_) => OfferingStatus::Running,
		}
	}

	/// Somebody subscribes to so many shares. What they cost is returned with the ticket.
	pub fn subscribe(
		&mut self,
		who: AccountId,
		shares: Balance,
		deposit: Balance,
		now: BlockNumber,
	) -> Result<(Ticket<AccountId>, Balance), Fault> {
		let is_open = self.stage == Stage::Open && now < self.spec.deadline;
		is_open.then_some(()).ok_or(Fault::DeadlinePassed)?;
		let start = self.demand;
		let demand = start.checked_add(shares).ok_or(Fault::Overflow)?;
		// Whatever of it is paid later is less than all of it.
		demand.checked_mul(self.spec.price).ok_or(Fault::Overflow)?;
		let cost = shares.checked_mul(self.spec.price).ok_or(Fault::Overflow)?;
		self.tickets = self.tickets.checked_add(1).ok_or(Fault::Overflow)?;
		// There are at most as many as were given.
		self.left = self.left.saturating_add(1);
		self.demand = demand;
		let ticket =
			Ticket { who, deposit, start, shares, repaid: 0, taken: 0, returned: 0, voted: false };
		Ok((ticket, cost))
	}

	/// Sell what was subscribed to, if it is enough. What is released at once is returned.
	pub fn close(&mut self, used: UsageTotal, now: BlockNumber) -> Result<Balance, Fault> {
		(self.stage == Stage::Open).then_some(()).ok_or(Fault::AlreadyClosed)?;
		(now >= self.spec.deadline).then_some(()).ok_or(Fault::DeadlineAhead)?;
		let OfferingSpec { shares, price, target, .. } = self.spec;
		// It was counted when they subscribed.
		let offered = self.demand.saturating_mul(price);
		if self.demand == 0 || offered < target {
			self.stage = Stage::Missed;
			self.unsold = shares;
			return Ok(0);
		}
		let sold = self.demand.min(shares);
		// Not more than was counted, or than is offered.
		let raised = sold.saturating_mul(price);
		self.unsold = shares.saturating_sub(sold);
		let released = part_of(raised, self.spec.parts(0));
		self.stage = Stage::Sold(Sale {
			sold,
			raised,
			released,
			closed: now,
			used,
			reached: 0,
			votes: 0,
			aborted: None,
			done: 0,
		});
		Ok(released)
	}

	/// Release what milestones have earned, of a subject that was used so much. What they have earned
	/// is returned.
	pub fn release(&mut self, used: UsageTotal, now: BlockNumber) -> Result<Balance, Fault> {
		let Offering { spec, stage, .. } = self;
		let sale = stage.running()?;
		let UsageTotal { jobs, paid } = used.since(sale.used);
		let met = |milestone: &&Milestone| {
			milestone.jobs <= jobs && milestone.paid <= paid && now <= milestone.by
		};
		let more = spec.milestones.iter().skip(sale.reached()).take_while(met).count();
		let more = u32::try_from(more).ok().filter(|more| *more > 0);
		// There are at most a handful.
		sale.reached = sale.reached.saturating_add(more.ok_or(Fault::NothingToRelease)?);
		let released = part_of(sale.raised, spec.parts(sale.reached()));
		// Parts only add up.
		let amount = released.saturating_sub(sale.released);
		sale.released = released;
		Ok(amount)
	}

	/// Abort it because the next milestone was not reached in time.
	pub fn fail(&mut self, now: BlockNumber) -> Result<(), Fault> {
		let Offering { spec, stage, .. } = self;
		let sale = stage.running()?;
		let is_late = spec.milestones.get(sale.reached()).is_some_and(|next| now > next.by);
		is_late.then_some(()).ok_or(Fault::NotFailed)?;
		sale.aborted = Some(now);
		Ok(())
	}

	/// Vote with a ticket to abort it. Whether that decides is returned, with the weight.
	pub fn vote(
		&mut self,
		ticket: &mut Ticket<AccountId>,
		now: BlockNumber,
	) -> Result<(Balance, bool), Fault> {
		let demand = self.demand;
		let sale = self.stage.running()?;
		(!ticket.voted).then_some(()).ok_or(Fault::AlreadyVoted)?;
		let (_, weight) = sale.allotted(ticket, demand);
		ticket.voted = true;
		// Each ticket votes once, and together they were allotted what was sold.
		sale.votes = sale.votes.saturating_add(weight);
		let decides = sale.votes > sale.sold.saturating_sub(sale.votes);
		if decides {
			sale.aborted = Some(now);
		}
		Ok((weight, decides))
	}

	/// The shares that a ticket was allotted; `None` before the close.
	pub fn allotment(&self, ticket: &Ticket<AccountId>) -> Option<Balance> {
		match &self.stage {
			Stage::Open => None,
			Stage::Missed => Some(0),
			Stage::Sold(sale) => Some(sale.allotted(ticket, self.demand).1),
		}
	}

	/// What a ticket is owed by now.
	pub fn due(&self, ticket: &Ticket<AccountId>, now: BlockNumber) -> Result<Due, Fault> {
		// All of it was counted when it was subscribed to.
		let cost = |shares: Balance| shares.saturating_mul(self.spec.price);
		let sale = match &self.stage {
			Stage::Open => return Err(Fault::NotClosed),
			Stage::Missed => {
				return Ok(Due { money: cost(ticket.shares), is_all: true, ..Due::default() })
			},
			Stage::Sold(sale) => sale,
		};
		let (start, allotted) = sale.allotted(ticket, self.demand);
		let excess = cost(ticket.shares.saturating_sub(allotted));
		let paid = sale.paid_for(allotted);
		if sale.aborted.is_none() {
			let shares = sale.vested(allotted, self.spec.vesting, now).min(paid);
			let is_all = allotted == 0 || sale.is_paid() && shares == allotted;
			return Ok(Due { money: excess, shares, returned: 0, is_all });
		}
		// Nothing was released twice, and each unit of the rest falls to one ticket.
		let rest = sale.raised.saturating_sub(sale.released);
		let refund = stretch(rest, (start, allotted), sale.sold).unwrap_or(0);
		let returned = allotted.saturating_sub(paid);
		Ok(Due { money: excess.saturating_add(refund), shares: paid, returned, is_all: true })
	}

	/// Nothing is left of a ticket.
	pub fn finish(&mut self, ticket: &Ticket<AccountId>) {
		let demand = self.demand;
		self.left = self.left.saturating_sub(1);
		if let Stage::Sold(sale) = &mut self.stage {
			// Together they were allotted what was sold.
			sale.done = sale.done.saturating_add(sale.allotted(ticket, demand).1);
		}
	}

	/// The milestones that were reached.
	pub const fn reached(&self) -> u32 {
		match &self.stage {
			Stage::Sold(sale) => sale.reached,
			_ => 0,
		}
	}

	/// The money that waits for milestones.
	pub const fn waiting(&self) -> Balance {
		match &self.stage {
			Stage::Sold(sale) if sale.aborted.is_none() => {
				sale.raised.saturating_sub(sale.released)
			},
			_ => 0,
		}
	}
}

impl Stage {
	/// The sale, if money still waits for milestones.
	fn running(&mut self) -> Result<&mut Sale, Fault> {
		match self {
			Stage::Sold(sale) if sale.aborted.is_none() && !sale.is_paid() => Ok(sale),
			_ => Err(Fault::NotRunning),
		}
	}
}

impl Sale {
	/// Whether all the money is released.
	const fn is_paid(&self) -> bool {
		self.released == self.raised
	}

	fn reached(&self) -> usize {
		usize::try_from(self.reached).unwrap_or(usize::MAX)
	}

	/// Where the allotment of a ticket begins on the line of what was sold, and how long it is: the
	/// allotments of all tickets are the line.
	pub fn allotted<AccountId>(
		&self,
		ticket: &Ticket<AccountId>,
		demand: Balance,
	) -> (Balance, Balance) {
		// There is a demand, which the ticket is a part of.
		let start = portion(self.sold, ticket.start, demand).unwrap_or(0);
		(start, stretch(self.sold, (ticket.start, ticket.shares), demand).unwrap_or(0))
	}

	/// What of an allotment is paid for by the money that was released. No more of it is handed out,
	/// and at an abort all of that: whoever aborts, the issuer keeps no money for which it gives no
	/// shares, and the buyers no shares for which their money goes back.
	fn paid_for(&self, allotted: Balance) -> Balance {
		portion(allotted, self.released, self.raised).unwrap_or(allotted)
	}

	/// What of an allotment is vested.
	fn vested(&self, allotted: Balance, vesting: BlockNumber, now: BlockNumber) -> Balance {
		let passed = now.saturating_sub(self.closed);
		if passed >= vesting {
			return allotted;
		}
		portion(allotted, passed.into(), vesting.into()).unwrap_or(0)
	}
}

impl<AccountId> Ticket<AccountId> {
	/// Whether it was given all that it is owed.
	pub fn has(&self, due: Due) -> bool {
		(self.repaid, self.taken, self.returned) == (due.money, due.shares, due.returned)
	}
}

/// So many millionths of an amount, rounded down.
fn part_of(amount: Balance, millionths: u32) -> Balance {
	portion(amount, millionths.into(), 1_000_000).unwrap_or(0)
}

#[cfg(test)]
mod tests;
