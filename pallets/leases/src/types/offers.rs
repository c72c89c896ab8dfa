//! Offers, and what is taken of them.

use super::Fault;
use assay_primitives::{
	lease::{meet_all, Offer, OrderSpec, TakeSpec},
	provider::Tier,
	Balance, BlockNumber,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// An offer as it is kept.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct OfferRecord {
	/// What is offered.
	pub offer: Offer,
	/// What is held of the provider for it.
	pub deposit: Balance,
	/// The leases out of it that have not ended.
	pub open: u32,
}

impl OfferRecord {
	/// Whether it takes one lease more.
	pub fn takes_leases(&self, now: BlockNumber) -> Result<(), Fault> {
		if self.offer.has_expired(now) {
			return Err(Fault::OfferExpired);
		}
		if self.open >= self.offer.capacity {
			return Err(Fault::OfferFull);
		}
		Ok(())
	}

	/// The order that is as good as taking it: bid for at its price, and accepted in the same block.
	pub fn order(&self, take: TakeSpec, now: BlockNumber) -> Result<OrderSpec, Fault> {
		self.takes_leases(now)?;
		let Offer { attributes, price, reclaim, .. } = &self.offer;
		if *price > take.max_price {
			return Err(Fault::PriceTooHigh);
		}
		if *reclaim < take.reclaim {
			return Err(Fault::InvalidReclaim);
		}
		if take.attributes.is_some_and(|required| !meet_all(attributes, &required)) {
			return Err(Fault::AttributesMissing);
		}
		Ok(OrderSpec {
			attributes: attributes.clone(),
			tier: Tier::New,
			duration: take.duration,
			max_price: take.max_price,
			bidding: 1,
			automatic: false,
			key: take.key,
		})
	}
}
