//! What a job uses of others' data, and what that costs.

use crate::{
	amount::asy,
	commands::{
		data::{find, find_grant},
		pool,
	},
	context::Context,
	failure::Failure,
};
use assay_primitives::{
	rights::{DataRef, PoolItem},
	AssetId, Balance, Root,
};

/// What a job uses of an asset.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DataUse {
	/// The asset.
	pub asset: AssetId,
	/// The commitment to the key that it is encrypted with.
	pub key: Option<Root>,
	/// What a use costs.
	pub price: Balance,
	/// What the key costs the provider of a job, which has it back.
	pub key_fee: Balance,
}

impl DataUse {
	/// What a right is good for now.
	pub async fn read(context: &Context, right: Option<DataRef>) -> Result<Option<Self>, Failure> {
		let (asset, price) = match right {
			None => return Ok(None),
			Some(DataRef::Grant(grant)) => {
				let grant = find_grant(context, grant).await?;
				(grant.asset, grant.terms.price)
			},
			Some(DataRef::Pool(PoolItem { pool, asset })) => {
				(asset, pool::find(context, pool).await?.spec.price)
			},
		};
		let key = find(context, asset).await?.spec.key;
		let key_fee = match key {
			Some(_) => context.client().await?.custody_numbers().await?.fee,
			None => 0,
		};
		Ok(Some(DataUse { asset, key, price, key_fee }))
	}

	/// What the uses by so many items of a job cost.
	pub fn cost(&self, items: u32) -> Result<Balance, Failure> {
		let too_much =
			|| Failure::new("usage", "the price of the uses is more than can be counted");
		self.price.checked_mul(items.into()).ok_or_else(too_much)
	}

	/// What is said when an input is given openly although the data is encrypted.
	pub fn warning(&self) -> Option<String> {
		let asset = self.asset;
		self.key.map(|_| {
			format!(
				"asset {asset} is encrypted, and this input is not: everybody can read it; \
				 `assay data seal-input` encrypts one"
			)
		})
	}

	/// What is said of the price before anything is signed.
	pub fn note(&self, items: u32) -> Option<String> {
		let (asset, cost) = (self.asset, self.cost(items).ok()?);
		match (cost, self.key_fee) {
			(0, 0) => None,
			(cost, 0) => Some(format!("the use of asset {asset} costs {} of the fee", asy(cost))),
			(cost, key) => Some(format!(
				"of the fee the use of asset {asset} costs {}, and its key at most {}; both are owed \
				 once a provider was handed the key, even if there is no result",
				asy(cost),
				asy(key)
			)),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::ASY;

	fn used(price: Balance, key: Option<Root>) -> DataUse {
		DataUse { asset: AssetId(7), key, price, key_fee: key.map_or(0, |_| ASY / 50) }
	}

	#[test]
	fn each_item_is_a_use() {
		assert_eq!(used(3, None).cost(5).unwrap(), 15);
		let dear = used(Balance::MAX, None).cost(2).unwrap_err().to_text();
		assert!(dear.contains("more than can be counted"), "{dear}");
	}

	#[test]
	fn a_price_is_said_before_it_is_agreed_to() {
		let said = used(ASY, None).note(2).unwrap();
		assert_eq!(said, "the use of asset 7 costs 2 ASY of the fee");
		assert_eq!(used(0, None).note(2), None);
		let said = used(0, Some(Root([1; 32]))).note(1).unwrap();
		assert!(said.contains("costs 0 ASY, and its key at most 0.02 ASY"), "{said}");
	}

	#[test]
	fn whoever_gives_encrypted_data_openly_is_warned() {
		assert_eq!(used(0, None).warning(), None);
		let text = used(0, Some(Root([1; 32]))).warning().unwrap();
		assert!(text.contains("everybody can read it"), "{text}");
	}
}
