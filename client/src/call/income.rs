//! The calls of the pallets that divide income into shares, and that offer such shares.

use assay_primitives::{
	offering::OfferingSpec,
	revenue::{ShareSpec, Subject},
	AccountId, Balance, OfferingId,
};
use codec::Encode;

/// A call about shares in income.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevenueCall {
	/// Divide the income of a subject into shares.
	Tokenize {
		/// What earns.
		subject: Subject,
		/// What the shares are to be.
		spec: ShareSpec,
	},
	/// Give shares to another account.
	Transfer {
		/// What earns.
		subject: Subject,
		/// Who gets them.
		to: AccountId,
		/// How many.
		shares: Balance,
	},
	/// Be paid what one's shares have earned.
	Claim {
		/// What earns.
		subject: Subject,
	},
	/// Burn shares for their part of what is retained.
	Redeem {
		/// What earns.
		subject: Subject,
		/// How many.
		shares: Balance,
	},
	/// Have what comes without any shares paid to the owner of the subject.
	Collect {
		/// What earns.
		subject: Subject,
	},
}

impl RevenueCall {
	/// The name of the call.
	pub(super) const fn name(&self) -> &'static str {
		match self {
			RevenueCall::Tokenize { .. } => "tokenize",
			RevenueCall::Transfer { .. } => "transfer",
			RevenueCall::Claim { .. } => "claim",
			RevenueCall::Redeem { .. } => "redeem",
			RevenueCall::Collect { .. } => "collect",
		}
	}

	/// The SCALE encoding of the arguments.
	pub(super) fn arguments(&self) -> Vec<u8> {
		match self {
			RevenueCall::Tokenize { subject, spec } => (subject, spec).encode(),
			RevenueCall::Transfer { subject, to, shares } => (subject, to, shares).encode(),
			RevenueCall::Redeem { subject, shares } => (subject, shares).encode(),
			RevenueCall::Claim { subject } | RevenueCall::Collect { subject } => subject.encode(),
		}
	}
}

/// A call about an offering of shares.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OfferingCall {
	/// Offer shares.
	Open {
		/// What is offered.
		spec: Box<OfferingSpec>,
	},
	/// Pay for shares.
	Subscribe {
		/// The offering.
		offering: OfferingId,
		/// How many.
		shares: Balance,
	},
	/// Close an offering whose deadline has passed.
	Close {
		/// The offering.
		offering: OfferingId,
	},
	/// Give a ticket what it is owed by now.
	Collect {
		/// The offering.
		offering: OfferingId,
		/// The ticket.
		ticket: u32,
	},
	/// Release what milestones have earned.
	Release {
		/// The offering.
		offering: OfferingId,
	},
	/// Abort an offering whose next milestone was not shown in time.
	Fail {
		/// The offering.
		offering: OfferingId,
	},
	/// Vote to abort.
	VoteAbort {
		/// The offering.
		offering: OfferingId,
		/// The ticket that votes.
		ticket: u32,
	},
	/// Pay the issuer what the shares in the account of an offering have earned.
	Forward {
		/// The offering.
		offering: OfferingId,
	},
	/// Remove an offering of whose tickets nothing is left.
	Remove {
		/// The offering.
		offering: OfferingId,
	},
}

impl OfferingCall {
	/// The name of the call.
	pub(super) const fn name(&self) -> &'static str {
		match self {
			OfferingCall::Open { .. } => "open",
			OfferingCall::Subscribe { .. } => "subscribe",
			OfferingCall::Close { .. } => "close",
			OfferingCall::Collect { .. } => "collect",
			OfferingCall::Release { .. } => "release",
			OfferingCall::Fail { .. } => "fail",
			OfferingCall::VoteAbort { .. } => "vote_abort",
			OfferingCall::Forward { .. } => "forward",
			OfferingCall::Remove { .. } => "remove",
		}
	}

	/// The SCALE encoding of the arguments.
	pub(super) fn arguments(&self) -> Vec<u8> {
		match self {
			OfferingCall::Open { spec } => spec.encode(),
			OfferingCall::Subscribe { offering, shares } => (offering, shares).encode(),
			OfferingCall::Collect { offering, ticket }
			| OfferingCall::VoteAbort { offering, ticket } => (offering, ticket).encode(),
			OfferingCall::Close { offering }
			| OfferingCall::Release { offering }
			| OfferingCall::Fail { offering }
			| OfferingCall::Forward { offering }
			| OfferingCall::Remove { offering } => offering.encode(),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::call::{Call, CallIndices};
	use assay_primitives::{licence::Permill, offering::Milestone, AssetId, ModelId, PoolId};

	/// A chain whose pallets have the numbers 43 and 44, and the calls their order there.
	struct Fixed;

	impl CallIndices for Fixed {
		fn indices(&self, pallet: &str, call: &str) -> Option<[u8; 2]> {
			let (number, calls): (u8, &[&str]) = match pallet {
				"Revenue" => (43, &["tokenize", "transfer", "claim", "redeem", "collect"]),
				"Offerings" => (
					44,
					&[
						"open",
						"subscribe",
						"close",
						"collect",
						"release",
						"fail",
						"vote_abort",
						"forward",
						"remove",
					],
				),
				_ => return None,
			};
			let index = calls.iter().position(|name| *name == call)?;
			Some([number, index as u8])
		}
	}

	const FIVE: &str = "05000000000000000000000000000000";
	const MODEL: Subject = Subject::Model(ModelId(258));

	fn revenue(call: RevenueCall) -> String {
		hex::encode(Call::Revenue(call).encode(&Fixed).unwrap())
	}

	fn offering(call: OfferingCall) -> String {
		hex::encode(Call::Offering(call).encode(&Fixed).unwrap())
	}

	#[test]
	fn shares_are_declared_field_by_field() {
		let spec = ShareSpec {
			supply: 5,
			name: b"ab".to_vec().try_into().unwrap(),
			symbol: b"C".to_vec().try_into().unwrap(),
			decimals: 6,
			retained: Permill::from_parts(258),
		};
		let expected = ["2b00", "0002010000", FIVE, "086162", "0443", "06", "02010000"];
		assert_eq!(revenue(RevenueCall::Tokenize { subject: MODEL, spec }), expected.concat());
	}

	#[test]
	fn what_is_done_with_shares_is_encoded_field_by_field() {
		let to = AccountId::new([7; 32]);
		let transfer = RevenueCall::Transfer { subject: MODEL, to, shares: 5 };
		let account = "07".repeat(32);
		assert_eq!(revenue(transfer), format!("2b010002010000{account}{FIVE}"));
		let asset = Subject::Asset(AssetId(1));
		assert_eq!(revenue(RevenueCall::Claim { subject: asset }), "2b020101000000");
		let redeem = RevenueCall::Redeem { subject: MODEL, shares: 5 };
		assert_eq!(revenue(redeem), format!("2b030002010000{FIVE}"));
		let pool = Subject::Pool(PoolId(1));
		assert_eq!(revenue(RevenueCall::Collect { subject: pool }), "2b040201000000");
	}

	#[test]
	fn an_offering_is_opened_field_by_field() {
		let part = Permill::from_parts(600_000);
		let spec = OfferingSpec {
			subject: MODEL,
			shares: 5,
			price: 6,
			target: 7,
			deadline: 8,
			upfront: Permill::from_parts(400_000),
			milestones: vec![Milestone { jobs: 9, paid: 8, by: 10, part }].try_into().unwrap(),
			vesting: 11,
		};
		let expected = [
			"2c00",
			"0002010000",
			FIVE,
			"06000000000000000000000000000000",
			"07000000000000000000000000000000",
			"08000000",
			"801a0600",
			"04",
			"0900000000000000",
			"08000000000000000000000000000000",
			"0a000000",
			"c0270900",
			"0b000000",
		];
		assert_eq!(offering(OfferingCall::Open { spec: Box::new(spec) }), expected.concat());
	}

	#[test]
	fn what_is_done_with_an_offering_is_encoded_field_by_field() {
		let id = OfferingId(258);
		let number = "02010000";
		let subscribe = OfferingCall::Subscribe { offering: id, shares: 5 };
		assert_eq!(offering(subscribe), format!("2c01{number}{FIVE}"));
		let collect = OfferingCall::Collect { offering: id, ticket: 3 };
		assert_eq!(offering(collect), format!("2c03{number}03000000"));
		let vote = OfferingCall::VoteAbort { offering: id, ticket: 3 };
		assert_eq!(offering(vote), format!("2c06{number}03000000"));
		let plain = [
			("02", OfferingCall::Close { offering: id }),
			("04", OfferingCall::Release { offering: id }),
			("05", OfferingCall::Fail { offering: id }),
			("07", OfferingCall::Forward { offering: id }),
			("08", OfferingCall::Remove { offering: id }),
		];
		for (index, call) in plain {
			assert_eq!(offering(call), format!("2c{index}{number}"));
		}
	}
}
