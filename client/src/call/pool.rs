//! The calls about pools of data.

use crate::SignedContribution;
use assay_primitives::{pool::PoolSpec, AssetId, Balance, PoolId};
use codec::Encode;

/// A call about pools of data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PoolCall {
	/// Create a pool.
	Create {
		/// What it is.
		spec: Box<PoolSpec>,
	},
	/// Set what a use of an item costs.
	SetPrice {
		/// The pool.
		pool: PoolId,
		/// The price.
		price: Balance,
	},
	/// Take no new items and uses any more.
	Close {
		/// The pool.
		pool: PoolId,
	},
	/// Remove what is stored of a pool.
	Remove {
		/// The pool.
		pool: PoolId,
	},
	/// Have an asset put into a pool, to which its owner has signed its consent.
	Contribute {
		/// The contribution.
		signed: Box<SignedContribution>,
	},
	/// Take an asset out of a pool.
	Withdraw {
		/// The pool.
		pool: PoolId,
		/// The asset.
		asset: AssetId,
	},
	/// Say what an item is worth.
	Score {
		/// The pool.
		pool: PoolId,
		/// The asset.
		asset: AssetId,
		/// The score.
		score: u32,
	},
	/// Be paid what one's items have earned, and the cut, as the curator.
	Claim {
		/// The pool.
		pool: PoolId,
	},
}

impl PoolCall {
	/// The name of the call.
	pub(super) const fn name(&self) -> &'static str {
		match self {
			PoolCall::Create { .. } => "create",
			PoolCall::SetPrice { .. } => "set_price",
			PoolCall::Close { .. } => "close",
			PoolCall::Remove { .. } => "remove",
			PoolCall::Contribute { .. } => "contribute",
			PoolCall::Withdraw { .. } => "withdraw",
			PoolCall::Score { .. } => "score",
			PoolCall::Claim { .. } => "claim",
		}
	}

	/// The SCALE encoding of the arguments.
	pub(super) fn arguments(&self) -> Vec<u8> {
		match self {
			PoolCall::Create { spec } => spec.encode(),
			PoolCall::SetPrice { pool, price } => (pool, price).encode(),
			PoolCall::Contribute { signed } => signed.arguments(),
			PoolCall::Withdraw { pool, asset } => (pool, asset).encode(),
			PoolCall::Score { pool, asset, score } => (pool, asset, score).encode(),
			PoolCall::Close { pool } | PoolCall::Remove { pool } | PoolCall::Claim { pool } => {
				pool.encode()
			},
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::call::{Call, CallIndices};
	use assay_primitives::{
		licence::Permill,
		pool::{Contribution, ScoreRule},
		rights::Purpose,
		AccountId,
	};
	use subxt::config::substrate::MultiSignature;

	/// A chain whose pools have the number 46, and the calls their order in the pallet.
	struct Fixed;

	impl CallIndices for Fixed {
		fn indices(&self, pallet: &str, call: &str) -> Option<[u8; 2]> {
			const CALLS: [&str; 8] = [
				"create",
				"set_price",
				"close",
				"remove",
				"contribute",
				"withdraw",
				"score",
				"claim",
			];
			let index = CALLS.iter().position(|name| *name == call)?;
			(pallet == "Pools").then_some([46, index as u8])
		}
	}

	fn hex_of(call: PoolCall) -> String {
		hex::encode(Call::Pool(call).encode(&Fixed).unwrap())
	}

	const POOL: PoolId = PoolId(258);
	const NUMBER: &str = "02010000";
	const ASSET: AssetId = AssetId(3);
	const THREE: &str = "03000000";

	#[test]
	fn a_pool_is_created_field_by_field() {
		let spec = PoolSpec {
			name: b"ab".to_vec().try_into().unwrap(),
			schema: b"C".to_vec().try_into().unwrap(),
			rule: ScoreRule::Scored,
			price: 5,
			purpose: Purpose::Tags(vec![b"x".to_vec().try_into().unwrap()].try_into().unwrap()),
			commercial: true,
			cut: Permill::from_parts(258),
		};
		let price = "05000000000000000000000000000000";
		let expected = ["2e00", "086162", "0443", "02", price, "02040478", "01", "02010000"];
		assert_eq!(hex_of(PoolCall::Create { spec: Box::new(spec) }), expected.concat());
	}

	#[test]
	fn a_contribution_is_submitted_without_the_chain_that_it_is_for() {
		let contribution = Contribution {
			pool: POOL,
			asset: ASSET,
			contributor: AccountId::new([7; 32]),
			nonce: 5,
			expires: 9,
		};
		let signed = SignedContribution {
			genesis: [1; 32],
			contribution,
			signature: MultiSignature::Sr25519([4; 64]),
		};
		let (account, signature) = ("07".repeat(32), format!("01{}", "04".repeat(64)));
		let expected =
			["2e04", NUMBER, THREE, &account, "0500000000000000", "09000000", &signature];
		let call = PoolCall::Contribute { signed: Box::new(signed) };
		assert_eq!(hex_of(call), expected.concat());
	}

	#[test]
	fn what_is_done_with_a_pool_is_encoded_field_by_field() {
		let price = "05000000000000000000000000000000";
		let set_price = PoolCall::SetPrice { pool: POOL, price: 5 };
		assert_eq!(hex_of(set_price), format!("2e01{NUMBER}{price}"));
		let withdraw = PoolCall::Withdraw { pool: POOL, asset: ASSET };
		assert_eq!(hex_of(withdraw), format!("2e05{NUMBER}{THREE}"));
		let score = PoolCall::Score { pool: POOL, asset: ASSET, score: 4 };
		assert_eq!(hex_of(score), format!("2e06{NUMBER}{THREE}04000000"));
		let plain = [
			("02", PoolCall::Close { pool: POOL }),
			("03", PoolCall::Remove { pool: POOL }),
			("07", PoolCall::Claim { pool: POOL }),
		];
		for (index, call) in plain {
			assert_eq!(hex_of(call), format!("2e{index}{NUMBER}"));
		}
	}
}
