//! What is kept of pools, their items and their contributors. Nothing here knows of `Config`.

use assay_primitives::{
	accrual::{Accumulator, Position},
	pool::PoolSpec,
	Balance, BlockNumber,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Why something cannot be done to a pool.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
	/// It is closed.
	Closed,
	/// It is not closed, or not for long enough.
	NotClosed,
	/// It has items, or somebody has something to claim.
	NotEmpty,
	/// More than can be counted.
	Overflow,
}

/// A pool, with all that its pot is divided by.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Pool<AccountId> {
	/// Who has created it, and has paid the deposit and the base.
	pub curator: AccountId,
	/// What it is.
	pub spec: PoolSpec,
	/// What is held of the curator for the record.
	pub deposit: Balance,
	/// What keeps the pot alive. It is no income.
	pub base: Balance,
	/// The block in which it was closed.
	pub closed: Option<BlockNumber>,
	/// How many items it has.
	pub items: u32,
	/// The accounts that have items in it, or something to claim.
	pub contributors: u32,
	/// The scores of all its items together.
	pub score: Balance,
	/// How often its items were used.
	pub uses: u64,
	/// What is the curator's.
	pub cut: Balance,
	/// What is the contributors'.
	pub income: Accumulator,
}

impl<AccountId> Pool<AccountId> {
	/// A pool without items.
	pub fn new(curator: AccountId, (deposit, base): (Balance, Balance), spec: PoolSpec) -> Self {
		Pool {
			curator,
			spec,
			deposit,
			base,
			closed: None,
			items: 0,
			contributors: 0,
			score: 0,
			uses: 0,
			cut: 0,
			income: Accumulator::default(),
		}
	}

	/// Fail if it is closed.
	pub fn ensure_open(&self) -> Result<(), Fault> {
		self.closed.is_none().then_some(()).ok_or(Fault::Closed)
	}

	/// The pool at another price.
	pub fn at_price(mut self, price: Balance) -> Result<Self, Fault> {
		self.ensure_open()?;
		self.spec.price = price;
		Ok(self)
	}

	/// The pool without new items and uses.
	pub fn close(self, now: BlockNumber) -> Result<Self, Fault> {
		self.ensure_open()?;
		Ok(Pool { closed: Some(now), ..self })
	}

	/// Fail unless it was closed so many blocks ago, and nothing of it is anybody's but the
	/// curator's.
	pub fn ensure_over(&self, now: BlockNumber, delay: BlockNumber) -> Result<(), Fault> {
		let past = self.closed.and_then(|closed| now.checked_sub(closed));
		past.filter(|past| *past >= delay).ok_or(Fault::NotClosed)?;
		(self.items == 0 && self.contributors == 0).then_some(()).ok_or(Fault::NotEmpty)
	}

	/// Divide what came in since the last time, for a pot with this balance: a part is the
	/// curator's, the rest the contributors' by their scores. Without any scores, all is the
	/// curator's, so that nobody can wait for it with an item that nothing was earned by.
	pub fn sync(&mut self, balance: Balance) {
		// The pot has at least both: C-3.
		let received = balance.saturating_sub(self.base).saturating_sub(self.cut);
		let fresh = self.income.fresh(received);
		let cut = if self.score == 0 { fresh } else { self.spec.cut.mul_floor(fresh) };
		// Both are parts of the balance.
		self.cut = self.cut.saturating_add(cut);
		self.income.sync(received.saturating_sub(cut), self.score);
	}

	/// Have a contributor's score changed, with what it has earned by now credited before.
	pub fn rescore(
		&mut self,
		contributor: &mut Contributor,
		before: u64,
		after: u64,
	) -> Result<(), Fault> {
		let changed = |score: Balance| {
			let others = score.checked_sub(before.into());
			others.and_then(|others| others.checked_add(after.into())).ok_or(Fault::Overflow)
		};
		self.income.settle(&mut contributor.position);
		contributor.position.weight = changed(contributor.position.weight)?;
		self.score = changed(self.score)?;
		Ok(())
	}

	/// Count an item more.
	pub fn add_item(&mut self, contributor: &mut Contributor) -> Result<(), Fault> {
		self.items = self.items.checked_add(1).ok_or(Fault::Overflow)?;
		// There are at most as many as of the pool.
		contributor.items = contributor.items.saturating_add(1);
		Ok(())
	}

	/// Count an item less.
	pub const fn remove_item(&mut self, contributor: &mut Contributor) {
		// What is taken out was counted: C-2.
		self.items = self.items.saturating_sub(1);
		contributor.items = contributor.items.saturating_sub(1);
	}
}

/// An asset in a pool.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Item<AccountId> {
	/// Who has contributed it.
	pub contributor: AccountId,
	/// The number of the signature by which that account has consented.
	pub nonce: u64,
	/// Its score.
	pub score: u64,
	/// How often it was used.
	pub uses: u64,
	/// Who paid the deposit.
	pub payer: AccountId,
	/// What is held for the record, and for that of the contributor.
	pub deposit: Balance,
}

/// What an account has of a pool.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Contributor {
	/// How many items it has.
	pub items: u32,
	/// Its part in the income. The weight is the scores of its items together.
	pub position: Position,
}

impl Contributor {
	/// Whether nothing is lost with it.
	pub const fn is_empty(&self) -> bool {
		self.items == 0 && self.position.is_empty()
	}
}

#[cfg(test)]
mod tests;
