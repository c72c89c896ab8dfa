//! Leases: dedicated capacity for a time, paid by the block.

mod offer;
mod path;

pub use offer::{Offer, OfferFilter, OfferKey, OfferView, TakeSpec, MAX_OFFERS};
pub use path::{
	check_path, key_path, meet_all, meets, KeyPath, PathError, MAX_KEY_PATH, MAX_SEGMENTS,
};

use crate::{ids::LeaseId, provider::Tier, Balance, BlockNumber};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{fmt, str::FromStr};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// The most attributes of a provider.
pub const MAX_ATTRIBUTES: u32 = 32;
/// The most attributes that an order requires.
pub const MAX_REQUIRED: u32 = 8;
/// The most bids for one order.
pub const MAX_BIDS: u32 = 32;
/// The most accounts that pay for one lease.
pub const MAX_PAYERS: u32 = 8;
/// The longest sealed credential in bytes.
pub const MAX_CREDENTIAL: u32 = 1024;
/// The blocks of a day, as `slotDuration` has it.
pub const BLOCKS_A_DAY: BlockNumber = 43_200;

/// What a provider's machine is.
pub type Attributes = BoundedVec<KeyPath, ConstU32<MAX_ATTRIBUTES>>;
/// What an order requires of a machine.
pub type Required = BoundedVec<KeyPath, ConstU32<MAX_REQUIRED>>;
/// A credential, sealed to the key of an order.
pub type Credential = BoundedVec<u8, ConstU32<MAX_CREDENTIAL>>;

/// What a tenant orders.
#[derive(
	Clone,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct OrderSpec {
	/// The attributes that a provider has to have.
	pub attributes: Required,
	/// The least tier of a provider.
	pub tier: Tier,
	/// The blocks of service.
	pub duration: BlockNumber,
	/// The most that a block may cost.
	pub max_price: Balance,
	/// The blocks in which bids are taken.
	pub bidding: BlockNumber,
	/// Whether the lowest bid wins when bidding is over, without the tenant's choice.
	pub automatic: bool,
	/// The tenant's X25519 public key, to which the credential is sealed.
	pub key: [u8; 32],
}

/// A provider's offer to serve an order.
#[derive(
	Clone,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct Bid<AccountId> {
	/// Who offers.
	pub provider: AccountId,
	/// Its price a block.
	pub price: Balance,
	/// The notice in blocks that it gives before it takes the capacity back.
	pub reclaim: BlockNumber,
	/// What is held of it.
	pub deposit: Balance,
	/// The block of the offer.
	pub at: BlockNumber,
}

/// What tenant and provider have agreed to by a match.
#[derive(
	Clone,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct Agreement<AccountId> {
	/// Who serves.
	pub provider: AccountId,
	/// The rent a block.
	pub price: Balance,
	/// The notice in blocks before the provider takes the capacity back.
	pub reclaim: BlockNumber,
	/// What is held of the provider; zero when the lease has ended or it was forfeited.
	pub guarantee: Balance,
	/// The blocks that were paid.
	pub blocks: BlockNumber,
}

/// One of those who pay for a lease.
#[derive(
	Clone,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct Payer<AccountId> {
	/// Who pays.
	pub account: AccountId,
	/// What is held of it.
	pub left: Balance,
}

/// Why a lease ended.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum CloseReason {
	/// The tenant cancelled before a match.
	Cancelled,
	/// Nobody bid who could serve.
	NoBid,
	/// The tenant accepted no bid in time.
	NotAccepted,
	/// It was served to its end.
	Completed,
	/// The tenant closed it.
	ByTenant,
	/// The provider closed it without notice, and has forfeited its guarantee.
	ByProvider,
	/// The provider took its capacity back after its notice.
	Reclaimed,
	/// The deposits did not cover another block.
	OutOfFunds,
	/// The provider did not serve, and there was no other.
	Breached,
}

impl CloseReason {
	/// The name by which people and JSON know the reason.
	pub const fn name(&self) -> &'static str {
		match self {
			CloseReason::Cancelled => "cancelled",
			CloseReason::NoBid => "no-bid",
			CloseReason::NotAccepted => "not-accepted",
			CloseReason::Completed => "completed",
			CloseReason::ByTenant => "by-tenant",
			CloseReason::ByProvider => "by-provider",
			CloseReason::Reclaimed => "reclaimed",
			CloseReason::OutOfFunds => "out-of-funds",
			CloseReason::Breached => "breached",
		}
	}
}

impl fmt::Display for CloseReason {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(self.name())
	}
}

/// Where an order or a lease stands.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum LeaseState {
	/// An order: bids are taken.
	Open {
		/// The last block in which bids are taken.
		until: BlockNumber,
		/// The last block in which the tenant may accept one.
		accept_until: BlockNumber,
	},
	/// A provider has to deliver the credential.
	Matched {
		/// The last block in which it may.
		due: BlockNumber,
	},
	/// It is served, and rent goes on.
	Active {
		/// The first block that is not settled.
		since: BlockNumber,
	},
	/// It is served, and the provider has given notice.
	Reclaiming {
		/// The first block that is not settled.
		since: BlockNumber,
		/// The first block that is not served any more.
		at: BlockNumber,
	},
	/// Nothing is held for it but the storage deposit.
	Ended {
		/// Why.
		reason: CloseReason,
		/// The block in which it ended.
		at: BlockNumber,
	},
}

impl LeaseState {
	/// The name of the state.
	pub const fn status(&self) -> LeaseStatus {
		match self {
			LeaseState::Open { .. } => LeaseStatus::Open,
			LeaseState::Matched { .. } => LeaseStatus::Matched,
			LeaseState::Active { .. } => LeaseStatus::Active,
			LeaseState::Reclaiming { .. } => LeaseStatus::Reclaiming,
			LeaseState::Ended { .. } => LeaseStatus::Ended,
		}
	}
}

/// The name of a state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LeaseStatus {
	/// An order that bids are taken for.
	Open,
	/// A provider has to deliver.
	Matched,
	/// It is served.
	Active,
	/// It is served until the notice of the provider runs out.
	Reclaiming,
	/// It has ended.
	Ended,
}

impl fmt::Display for LeaseStatus {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			LeaseStatus::Open => "open",
			LeaseStatus::Matched => "matched",
			LeaseStatus::Active => "active",
			LeaseStatus::Reclaiming => "reclaiming",
			LeaseStatus::Ended => "ended",
		})
	}
}

/// Text that names no state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParseStatusError;

impl fmt::Display for ParseStatusError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("expected open, matched, active, reclaiming or ended")
	}
}

impl core::error::Error for ParseStatusError {}

impl FromStr for LeaseStatus {
	type Err = ParseStatusError;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		match text {
			"open" => Ok(LeaseStatus::Open),
			"matched" => Ok(LeaseStatus::Matched),
			"active" => Ok(LeaseStatus::Active),
			"reclaiming" => Ok(LeaseStatus::Reclaiming),
			"ended" => Ok(LeaseStatus::Ended),
			_ => Err(ParseStatusError),
		}
	}
}

/// What a price a block comes to in a day. Saturates: nobody pays more than there is.
pub const fn cost_a_day(price: Balance) -> Balance {
	price.saturating_mul(BLOCKS_A_DAY as Balance)
}

/// The whole blocks that an amount pays; all there are for a price of nothing.
pub fn blocks_paid(amount: Balance, price: Balance) -> BlockNumber {
	let blocks = amount.checked_div(price).unwrap_or(Balance::MAX);
	BlockNumber::try_from(blocks).unwrap_or(BlockNumber::MAX)
}

/// A lease, or the order that it begins as, as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct LeaseView<AccountId> {
	/// The lease.
	pub id: LeaseId,
	/// Who ordered it.
	pub tenant: AccountId,
	/// What was ordered.
	pub order: OrderSpec,
	/// The block of the order.
	pub opened: BlockNumber,
	/// Where it stands.
	pub state: LeaseState,
	/// Who serves or served it, and for what.
	pub agreement: Option<Agreement<AccountId>>,
	/// How many providers it was matched with, one after another.
	pub matches: u8,
	/// The bids, lowest first; of a lease, those that stand by.
	pub bids: Vec<Bid<AccountId>>,
	/// Who pays, in the order in which their deposits are drawn on.
	pub payers: Vec<Payer<AccountId>>,
	/// All that was deposited for rent.
	pub deposited: Balance,
	/// The rent that was paid.
	pub paid: Balance,
	/// The rent that is due and not paid yet.
	pub accrued: Balance,
	/// What went back to payers.
	pub returned: Balance,
	/// The blocks that were served and settled.
	pub served: BlockNumber,
	/// What a day costs: before a match, at most.
	pub cost_a_day: Balance,
	/// The blocks that the deposits last from now on: before a match, at least.
	pub lasts: BlockNumber,
	/// The block in which it ends if nothing happens before.
	pub ends: Option<BlockNumber>,
	/// The credential, sealed to the order's key, once it is delivered.
	pub credential: Option<Credential>,
	/// The storage deposit of the tenant.
	pub deposit: Balance,
	/// The number of the provider's offer, if it was taken from one.
	pub offer: Option<u8>,
}

/// Which leases to list, newest first.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(default)]
pub struct LeaseFilter<AccountId> {
	/// Only those in this state.
	pub state: Option<LeaseStatus>,
	/// Only those of this tenant.
	pub tenant: Option<AccountId>,
	/// Only those that are or were last with this provider.
	pub provider: Option<AccountId>,
	/// Only those that require this attribute, or one that continues it.
	pub attribute: Option<KeyPath>,
}

impl<AccountId> Default for LeaseFilter<AccountId> {
	fn default() -> Self {
		Self { state: None, tenant: None, provider: None, attribute: None }
	}
}

/// The numbers of leases that clients and workers act upon.
#[derive(
	Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, TypeInfo, Serialize, Deserialize,
)]
pub struct LeaseNumbers {
	/// The deposit of a tenant for the records of a lease, given back when they are pruned.
	pub storage_deposit: Balance,
	/// What is held for a bid, and as the guarantee of who serves.
	pub bid_deposit: Balance,
	/// The blocks at the highest price that the deposit of an order covers at least.
	pub minimum_cover: BlockNumber,
	/// The most blocks of a lease.
	pub max_duration: BlockNumber,
	/// The most blocks in which bids are taken.
	pub max_bidding: BlockNumber,
	/// The blocks after bidding in which the tenant may still accept.
	pub grace: BlockNumber,
	/// The least notice of a provider.
	pub min_reclaim: BlockNumber,
	/// The longest notice of a provider.
	pub max_reclaim: BlockNumber,
	/// The blocks in which a credential has to be delivered.
	pub deliver_within: BlockNumber,
	/// The blocks after which an expired heartbeat is a breach.
	pub breach_grace: BlockNumber,
	/// The deposit of a provider for an offer, given back when it is removed.
	pub offer_deposit: Balance,
	/// The least price a block of an offer.
	pub least_price: Balance,
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn states_round_trip_through_text() {
		for status in [
			LeaseStatus::Open,
			LeaseStatus::Matched,
			LeaseStatus::Active,
			LeaseStatus::Reclaiming,
			LeaseStatus::Ended,
		] {
			assert_eq!(status.to_string().parse(), Ok(status));
		}
		assert_eq!("closed".parse::<LeaseStatus>(), Err(ParseStatusError));
	}

	#[test]
	fn only_whole_blocks_are_paid() {
		assert_eq!(blocks_paid(29, 10), 2);
		assert_eq!(blocks_paid(9, 10), 0);
		assert_eq!(blocks_paid(9, 0), BlockNumber::MAX);
		assert_eq!(blocks_paid(u128::MAX, 1), BlockNumber::MAX);
		assert_eq!(cost_a_day(2), 86_400);
	}
}
