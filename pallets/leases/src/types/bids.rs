//! The bids for one order: the lowest first, and of equal ones the earliest.

use assay_primitives::lease::{Bid, MAX_BIDS};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::{traits::ConstU32, BoundedVec};

/// The bids for one order, in the order in which they win.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Bids<AccountId>(BoundedVec<Bid<AccountId>, ConstU32<MAX_BIDS>>);

/// Why a bid is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BidsFault {
	/// There are as many as may be, and none is higher.
	TooMany,
}

/// A bid was taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placed<AccountId> {
	/// The bid of the same provider that it replaces.
	pub replaced: Option<Bid<AccountId>>,
	/// The highest bid, that it pushed out.
	pub pushed_out: Option<Bid<AccountId>>,
}

impl<AccountId> Default for Bids<AccountId> {
	fn default() -> Self {
		Bids(BoundedVec::new())
	}
}

impl<AccountId: Clone + PartialEq> Bids<AccountId> {
	/// The bids, in the order in which they win.
	pub fn iter(&self) -> impl Iterator<Item = &Bid<AccountId>> {
		self.0.iter()
	}

	/// Whether there are none.
	pub fn is_empty(&self) -> bool {
		self.0.is_empty()
	}

	/// The bid of a provider.
	pub fn of(&self, provider: &AccountId) -> Option<&Bid<AccountId>> {
		self.0.iter().find(|bid| bid.provider == *provider)
	}

	/// Take the bid of a provider out.
	pub fn remove(&mut self, provider: &AccountId) -> Option<Bid<AccountId>> {
		let at = self.0.iter().position(|bid| bid.provider == *provider)?;
		Some(self.0.remove(at))
	}

	/// Add a bid behind those that are as low. It replaces an earlier one of its provider, and
	/// pushes the last one out if there is no room.
	pub fn place(&mut self, bid: Bid<AccountId>) -> Result<Placed<AccountId>, BidsFault> {
		let replaced = self.remove(&bid.provider);
		let at = self.0.partition_point(|other| other.price <= bid.price);
		let mut pushed_out = None;
		if self.0.is_full() {
			if at >= self.0.len() {
				return Err(BidsFault::TooMany);
			}
			pushed_out = self.0.pop();
		}
		self.0.try_insert(at, bid).map_err(|_| BidsFault::TooMany)?;
		Ok(Placed { replaced, pushed_out })
	}
}
