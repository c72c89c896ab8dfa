//! What rights there are to an asset: as they are offered, and as they are granted.

use super::{Tag, Usage};
use crate::{
	ids::{AssetId, GrantId, RightsOfferId, VersionId},
	Balance, BlockNumber,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// The most versions or names of purposes that a right is limited to.
pub const MAX_PURPOSES: u32 = 8;

/// How many numbers back from the highest used permits of an asset are still good.
pub const PERMIT_WINDOW: u32 = 128;

/// What a right is good for.
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
#[serde(rename_all = "lowercase")]
pub enum Purpose {
	/// Anything.
	Any,
	/// Runs of these versions.
	Versions(BoundedVec<VersionId, ConstU32<MAX_PURPOSES>>),
	/// Jobs that say that they are for one of these.
	Tags(BoundedVec<Tag, ConstU32<MAX_PURPOSES>>),
}

impl Purpose {
	/// Whether a job that runs `version` for `usage` is within it.
	pub fn admits(&self, version: VersionId, usage: &Usage) -> bool {
		match self {
			Purpose::Any => true,
			Purpose::Versions(versions) => versions.contains(&version),
			Purpose::Tags(tags) => tags.contains(&usage.purpose),
		}
	}

	/// Whether there is anything that it admits.
	pub(crate) fn is_some(&self) -> bool {
		match self {
			Purpose::Any => true,
			Purpose::Versions(versions) => !versions.is_empty(),
			Purpose::Tags(tags) => !tags.is_empty(),
		}
	}
}

/// How an offer is paid for.
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
#[serde(rename_all = "lowercase")]
pub enum OfferKind {
	/// Once, for a right without an end.
	Once,
	/// Once for so many blocks.
	Period {
		/// The blocks.
		blocks: BlockNumber,
	},
	/// With the fee of each job.
	PerUse,
	/// Not at all.
	Free,
}

/// What an offer is paid in.
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
#[serde(rename_all = "lowercase")]
pub enum Currency {
	/// ASY.
	Native,
	/// A token.
	Asset(u32),
}

/// What is offered, and for how much.
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
pub struct OfferTerms {
	/// How it is paid for.
	pub kind: OfferKind,
	/// The most uses of a grant; `None` for any number.
	pub uses: Option<u32>,
	/// The price: of a grant, or, if it is paid by use, of a use.
	pub price: Balance,
	/// What the price is in.
	pub currency: Currency,
	/// What a grant is good for.
	pub purpose: Purpose,
	/// Whether a grant can be passed on.
	pub transferable: bool,
	/// Whether the owner of the asset can take a grant back.
	pub revocable: bool,
	/// Whether somebody may earn by the use.
	pub commercial: bool,
}

impl OfferTerms {
	/// Fail unless they are in order by themselves.
	pub fn validate(&self) -> Result<(), TermsError> {
		match self.kind {
			OfferKind::PerUse if self.currency != Currency::Native => {
				return Err(TermsError::PerUseNotNative);
			},
			OfferKind::Free if self.price != 0 => return Err(TermsError::Invalid),
			OfferKind::Period { blocks: 0 } => return Err(TermsError::Invalid),
			_ => (),
		}
		let sound = self.uses != Some(0) && self.purpose.is_some();
		sound.then_some(()).ok_or(TermsError::Invalid)
	}
}

/// What the holder of a grant may do.
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
pub struct GrantTerms {
	/// The first block in which it is good.
	pub from: BlockNumber,
	/// The first block in which it is not good any more; `None` for a right without an end.
	pub until: Option<BlockNumber>,
	/// The most uses; `None` for any number.
	pub uses: Option<u32>,
	/// What each use costs in ASY.
	pub price: Balance,
	/// What it is good for.
	pub purpose: Purpose,
	/// Whether somebody may earn by the use.
	pub commercial: bool,
	/// Whether the holder can pass it on.
	pub transferable: bool,
	/// Whether the owner of the asset can take it back.
	pub revocable: bool,
}

impl GrantTerms {
	/// Fail unless there is something that they allow, now or later.
	pub fn validate(&self, now: BlockNumber) -> Result<(), TermsError> {
		let ends_after = self.until.is_none_or(|until| until > self.from && until > now);
		let sound = ends_after && self.uses != Some(0) && self.purpose.is_some();
		sound.then_some(()).ok_or(TermsError::Invalid)
	}
}

/// What is wrong with terms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TermsError {
	/// A price by use that is not in ASY: it is charged with the fee of each job.
	PerUseNotNative,
	/// They allow nothing, or are free and have a price.
	Invalid,
}

/// What an owner signs so that somebody else can have a grant made.
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
pub struct Permit<AccountId> {
	/// The asset.
	pub asset: AssetId,
	/// Who gets the grant.
	pub to: AccountId,
	/// What the holder may do.
	pub terms: GrantTerms,
	/// Its number among the permits of the asset, and the [contributions] of it to pools. Each is
	/// good once, and only until one is used whose number is [`PERMIT_WINDOW`] higher.
	///
	/// [contributions]: crate::pool::Contribution
	pub nonce: u64,
	/// The first block in which it is not good any more.
	pub expires: BlockNumber,
}

impl<AccountId: Encode> Permit<AccountId> {
	/// The bytes that are signed for the chain with this genesis. A wallet may wrap them in
	/// `<Bytes>` and `</Bytes>`.
	pub fn signed_bytes(&self, genesis: &[u8]) -> Vec<u8> {
		(b"assay/permit/1", genesis, self).encode()
	}
}

/// An offer of rights as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct RightsOfferView<AccountId> {
	/// The offer.
	pub id: RightsOfferId,
	/// The asset.
	pub asset: AssetId,
	/// What is offered.
	pub terms: OfferTerms,
	/// Whether anybody can buy it now.
	pub for_sale: bool,
	/// The token whose units are redeemed for grants.
	pub token: Option<u32>,
	/// Whether it was withdrawn while units of its token may be out.
	pub withdrawn: bool,
	/// Who paid the deposit.
	pub payer: AccountId,
	/// What is held for its record.
	pub deposit: Balance,
}

/// A grant as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct GrantView<AccountId> {
	/// The grant.
	pub id: GrantId,
	/// The asset.
	pub asset: AssetId,
	/// Whose right it is.
	pub holder: AccountId,
	/// What the holder may do.
	pub terms: GrantTerms,
	/// The uses so far.
	pub used: u32,
	/// The uses that are left; `None` for any number.
	pub left: Option<u32>,
	/// Whether the owner of the asset has taken it back.
	pub revoked: bool,
	/// Whether a use would be admitted now, for a purpose and a version that are.
	pub usable: bool,
	/// Who paid the deposit.
	pub payer: AccountId,
	/// What is held for its record.
	pub deposit: Balance,
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::collections::BTreeSet;

	fn offer() -> OfferTerms {
		OfferTerms {
			kind: OfferKind::Once,
			uses: None,
			price: 1,
			currency: Currency::Native,
			purpose: Purpose::Any,
			transferable: false,
			revocable: false,
			commercial: false,
		}
	}

	fn grant() -> GrantTerms {
		GrantTerms {
			from: 5,
			until: Some(10),
			uses: Some(1),
			price: 0,
			purpose: Purpose::Any,
			commercial: false,
			transferable: false,
			revocable: false,
		}
	}

	fn tag(text: &str) -> Tag {
		text.as_bytes().to_vec().try_into().unwrap()
	}

	#[test]
	fn offers_that_allow_nothing_are_refused() {
		assert_eq!(offer().validate(), Ok(()));
		let invalid = [
			OfferTerms { uses: Some(0), ..offer() },
			OfferTerms { kind: OfferKind::Period { blocks: 0 }, ..offer() },
			OfferTerms { kind: OfferKind::Free, ..offer() },
			OfferTerms { purpose: Purpose::Versions(Default::default()), ..offer() },
			OfferTerms { purpose: Purpose::Tags(Default::default()), ..offer() },
		];
		for terms in invalid {
			assert_eq!(terms.validate(), Err(TermsError::Invalid), "{terms:?}");
		}
		assert_eq!(OfferTerms { kind: OfferKind::Free, price: 0, ..offer() }.validate(), Ok(()));
	}

	#[test]
	fn uses_are_charged_in_asy_alone() {
		let per_use = |currency| OfferTerms { kind: OfferKind::PerUse, currency, ..offer() };
		assert_eq!(per_use(Currency::Native).validate(), Ok(()));
		assert_eq!(per_use(Currency::Asset(1)).validate(), Err(TermsError::PerUseNotNative));
		assert_eq!(OfferTerms { currency: Currency::Asset(1), ..offer() }.validate(), Ok(()));
	}

	#[test]
	fn grants_that_allow_nothing_are_refused() {
		assert_eq!(grant().validate(9), Ok(()));
		assert_eq!(GrantTerms { until: None, uses: None, ..grant() }.validate(99), Ok(()));
		let invalid = [
			GrantTerms { until: Some(5), ..grant() },
			GrantTerms { uses: Some(0), ..grant() },
			GrantTerms { purpose: Purpose::Tags(Default::default()), ..grant() },
		];
		for terms in invalid {
			assert_eq!(terms.validate(1), Err(TermsError::Invalid), "{terms:?}");
		}
		assert_eq!(grant().validate(10), Err(TermsError::Invalid));
	}

	#[test]
	fn a_purpose_admits_what_it_names() {
		let version = VersionId { number: 3, ..VersionId::default() };
		let usage = |text| Usage { commercial: false, purpose: tag(text) };
		let versions = Purpose::Versions(vec![version].try_into().unwrap());
		let tags = Purpose::Tags(vec![tag("research")].try_into().unwrap());
		assert!(Purpose::Any.admits(version, &usage("")));
		assert!(versions.admits(version, &usage("")));
		assert!(!versions.admits(VersionId::default(), &usage("")));
		assert!(tags.admits(version, &usage("research")));
		for other in ["", "Research", "researc"] {
			assert!(!tags.admits(version, &usage(other)));
		}
	}

	#[test]
	fn every_field_of_a_permit_is_signed() {
		let permit = Permit { asset: AssetId(1), to: 7u64, terms: grant(), nonce: 3, expires: 9 };
		let permits = [
			permit.clone(),
			Permit { asset: AssetId(2), ..permit.clone() },
			Permit { to: 8, ..permit.clone() },
			Permit { terms: GrantTerms { uses: None, ..grant() }, ..permit.clone() },
			Permit { nonce: 4, ..permit.clone() },
			Permit { expires: 10, ..permit.clone() },
		];
		let mut signed: BTreeSet<_> =
			permits.iter().map(|permit| permit.signed_bytes(&[1; 32])).collect();
		signed.insert(permit.signed_bytes(&[2; 32]));
		assert_eq!(signed.len(), permits.len() + 1);
	}
}
