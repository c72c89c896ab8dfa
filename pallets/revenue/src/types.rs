//! What is kept of a stream, and how its income is divided. Nothing here knows of `Config`.

use assay_primitives::{
	accrual::{portion, Accumulator},
	revenue::{ShareName, ShareSpec, ShareSymbol},
	Balance,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::Permill;

/// The income of a subject, of which there are or were shares.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Stream<AccountId> {
	/// Who has paid the deposit and the base.
	pub depositor: AccountId,
	/// What is held of that account for the record.
	pub deposit: Balance,
	/// What keeps the pot alive. It is no income.
	pub base: Balance,
	/// What the shares are called.
	pub name: ShareName,
	/// The same in short.
	pub symbol: ShareSymbol,
	/// The decimals that they are shown with.
	pub decimals: u8,
	/// The part of the income that is kept for those who redeem shares.
	pub retained: Permill,
	/// How many shares there are.
	pub supply: Balance,
	/// What is kept for those who redeem shares.
	pub pool: Balance,
	/// What is divided among the shares.
	pub income: Accumulator,
	/// The holdings that there are.
	pub holders: u32,
}

impl<AccountId> Stream<AccountId> {
	/// A stream without shares.
	pub fn new(depositor: AccountId, (deposit, base): (Balance, Balance), spec: ShareSpec) -> Self {
		Stream {
			depositor,
			deposit,
			base,
			name: spec.name,
			symbol: spec.symbol,
			decimals: spec.decimals,
			retained: spec.retained,
			supply: 0,
			pool: 0,
			income: Accumulator::default(),
			holders: 0,
		}
	}

	/// A stream whose shares were all burned, with what its former holders have not claimed, under
	/// another declaration.
	pub fn renew(self, depositor: AccountId, deposit: Balance, spec: ShareSpec) -> Self {
		let Stream { base, income, holders, .. } = self;
		Stream { income, holders, ..Stream::new(depositor, (deposit, base), spec) }
	}

	/// What a pot with this balance has besides its base and the pool.
	const fn received(&self, balance: Balance) -> Balance {
		// The pot has at least both: R-2.
		balance.saturating_sub(self.base).saturating_sub(self.pool)
	}

	/// What came in since the last time, for a pot with this balance.
	pub const fn fresh(&self, balance: Balance) -> Balance {
		self.income.fresh(self.received(balance))
	}

	/// Divide what came in since the last time: a part is kept, the rest is the shares'. Without
	/// shares, it waits.
	pub fn sync(&mut self, balance: Balance) {
		if self.supply == 0 {
			return;
		}
		let received = self.received(balance);
		let kept = self.retained.mul_floor(self.income.fresh(received));
		// Both are parts of the balance.
		self.pool = self.pool.saturating_add(kept);
		self.income.sync(received.saturating_sub(kept), self.supply);
	}

	/// There are so many shares now. What is in the pool without any is income again.
	pub const fn set_supply(&mut self, supply: Balance) {
		self.supply = supply;
		if supply == 0 {
			self.pool = 0;
		}
	}

	/// What is paid out of the pool for so many shares.
	pub fn redeemable(&self, shares: Balance) -> Balance {
		portion(self.pool, shares.min(self.supply), self.supply).unwrap_or(0)
	}

	/// Burn shares for what is paid out of the pool for them.
	pub fn redeem(&mut self, shares: Balance) -> Balance {
		let paid = self.redeemable(shares);
		// It is a part of the pool.
		self.pool = self.pool.saturating_sub(paid);
		// What is burned was held: R-1.
		self.set_supply(self.supply.saturating_sub(shares));
		paid
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn stream(supply: Balance, retained: u32) -> Stream<u64> {
		let spec = ShareSpec {
			supply,
			name: Default::default(),
			symbol: Default::default(),
			decimals: 0,
			retained: Permill::from_percent(retained),
		};
		let mut stream = Stream::new(1, (10, 5), spec);
		stream.set_supply(supply);
		stream
	}

	#[test]
	fn a_part_of_the_income_is_kept_and_the_base_is_no_income() {
		let mut stream = stream(10, 30);
		stream.sync(5);
		assert_eq!((stream.pool, stream.income.accounted), (0, 0));
		stream.sync(105);
		assert_eq!((stream.pool, stream.income.accounted), (30, 70));
		// Nothing new, nothing more.
		stream.sync(105);
		assert_eq!((stream.pool, stream.income.accounted, stream.fresh(105)), (30, 70, 0));
	}

	#[test]
	fn redeemers_take_their_part_of_the_pool_and_the_last_one_takes_the_rest() {
		let mut stream = stream(3, 100);
		stream.sync(105);
		assert_eq!([1, 2, 3, 4].map(|shares| stream.redeemable(shares)), [33, 66, 100, 100]);
		assert_eq!((stream.redeem(1), stream.redeem(1), stream.redeem(1)), (33, 33, 34));
		assert_eq!((stream.supply, stream.pool, stream.redeemable(1)), (0, 0, 0));
	}

	#[test]
	fn a_pool_without_shares_is_income_again() {
		let mut stream = stream(3, 50);
		stream.sync(105);
		stream.set_supply(0);
		assert_eq!((stream.pool, stream.fresh(105)), (0, 50));
		stream.sync(105);
		assert_eq!(stream.fresh(105), 50);
	}

	#[test]
	fn a_stream_that_is_renewed_owes_its_former_holders_what_it_did() {
		let mut stream = stream(4, 0);
		stream.sync(105);
		stream.set_supply(0);
		let spec = ShareSpec {
			supply: 7,
			name: Default::default(),
			symbol: Default::default(),
			decimals: 3,
			retained: Permill::from_percent(9),
		};
		let renewed = stream.clone().renew(2, 20, spec);
		assert_eq!((renewed.income, renewed.base), (stream.income, 5));
		assert_eq!((renewed.depositor, renewed.deposit, renewed.decimals), (2, 20, 3));
	}
}
