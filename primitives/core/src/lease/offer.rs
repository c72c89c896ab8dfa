//! Offers: what a provider asks for leases of a class of devices.

use super::{KeyPath, Required};
use crate::{Balance, BlockNumber};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The most offers of one provider. They are numbered from zero on.
pub const MAX_OFFERS: u8 = 16;

/// A standing offer of leases of a class of devices.
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
pub struct Offer {
	/// The class: the attributes that the machine of such a lease has.
	pub attributes: Required,
	/// The price a block.
	pub price: Balance,
	/// The most leases that are served out of it at once.
	pub capacity: u32,
	/// The notice in blocks before the capacity is taken back.
	pub reclaim: BlockNumber,
	/// The block from which on it is not taken any more, if there is one.
	pub until: Option<BlockNumber>,
}

impl Offer {
	/// Whether it is not taken any more.
	pub fn has_expired(&self, now: BlockNumber) -> bool {
		self.until.is_some_and(|until| now >= until)
	}
}

/// What a tenant takes of an offer.
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
pub struct TakeSpec {
	/// What the offer has to be of, if the tenant says so: it may have changed since it was read.
	pub attributes: Option<Required>,
	/// The blocks of service.
	pub duration: BlockNumber,
	/// The most that a block may cost.
	pub max_price: Balance,
	/// The least notice in blocks.
	pub reclaim: BlockNumber,
	/// The tenant's X25519 public key, to which the credential is sealed.
	pub key: [u8; 32],
}

/// Which offer of which provider.
#[derive(
	Clone,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct OfferKey<AccountId> {
	/// The provider.
	pub provider: AccountId,
	/// The number of its offer.
	pub index: u8,
}

/// An offer as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct OfferView<AccountId> {
	/// Whose it is, and its number.
	pub key: OfferKey<AccountId>,
	/// What is offered.
	pub offer: Offer,
	/// The leases out of it that have not ended.
	pub open: u32,
	/// Whether it can be taken now.
	pub able: bool,
	/// What a day costs.
	pub cost_a_day: Balance,
	/// What is held of the provider for it.
	pub deposit: Balance,
}

/// Which offers to list.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(default)]
pub struct OfferFilter<AccountId> {
	/// Only those of this provider.
	pub provider: Option<AccountId>,
	/// Only those with this attribute, or one that continues it.
	pub attribute: Option<KeyPath>,
}

impl<AccountId> Default for OfferFilter<AccountId> {
	fn default() -> Self {
		Self { provider: None, attribute: None }
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_offer_has_expired_from_its_last_block_on() {
		let offer = |until| Offer {
			attributes: Default::default(),
			price: 1,
			capacity: 1,
			reclaim: 1,
			until,
		};
		assert!(!offer(Some(5)).has_expired(4) && offer(Some(5)).has_expired(5));
		assert!(!offer(None).has_expired(BlockNumber::MAX));
	}
}
