//! Licences and lineage: what an owner lets others do with a version, what the version was made
//! from, and what those it was made from earn by it.

use crate::{
	ids::{AssetId, VersionId},
	revenue::Subject,
	rights::{Tag, Usage},
	Balance,
};
use alloc::{collections::BTreeMap, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::iter::once;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// A part in millionths.
pub use sp_runtime::Permill;

/// The most purposes that a licence names.
pub const MAX_PURPOSES: u32 = 8;
/// The most versions and assets that one version can be made from directly.
pub const MAX_PARENTS: u32 = 4;
/// The most versions and assets that earn by one version, besides itself.
pub const MAX_ANCESTORS: u32 = 8;

/// Whether others may make something from a version.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Derivatives {
	/// Anybody may.
	#[default]
	Free,
	/// Whom the owner of the version gives its consent.
	OnConsent,
	/// Nobody may.
	Forbidden,
}

/// What an owner lets others do with a version. It never changes, as the version does not.
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
pub struct Licence {
	/// Whether jobs are allowed that somebody earns by.
	pub commercial: bool,
	/// Whether something may be made from it.
	pub derivatives: Derivatives,
	/// Whether whoever publishes its results, or what is made from it, has to name it.
	pub attribution: bool,
	/// The least part of the income of whatever is made from it, at any remove.
	pub royalty: Permill,
	/// The least price a unit of it, and of whatever is made from it, which has the same unit: a part
	/// of nothing would be nothing.
	pub least_price: Balance,
	/// What it may be used for; empty for anything.
	pub purposes: BoundedVec<Tag, ConstU32<MAX_PURPOSES>>,
}

/// Everything is allowed, for nothing.
impl Default for Licence {
	fn default() -> Self {
		Licence {
			commercial: true,
			derivatives: Derivatives::Free,
			attribution: false,
			royalty: Permill::zero(),
			least_price: 0,
			purposes: BoundedVec::new(),
		}
	}
}

/// What of a licence is violated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Forbidden {
	/// Nobody may earn by it.
	Commercial,
	/// It may not be used for this purpose.
	Purpose,
	/// Nothing may be made from it.
	Derivative,
	/// What is made from it would allow more than it does.
	Incompatible,
}

impl Licence {
	/// Whether its purposes are words, each named once, and its royalty is at most everything.
	pub fn is_valid(&self) -> bool {
		let is_new = |index: usize, purpose: &Tag| {
			self.purposes.iter().take(index).all(|earlier| earlier != purpose)
		};
		// Nothing beyond everything can be decoded. What is read from text is not checked so.
		self.royalty <= Permill::one()
			&& self
				.purposes
				.iter()
				.enumerate()
				.all(|(index, purpose)| is_word(purpose) && is_new(index, purpose))
	}

	/// Check that a job may use the version so.
	pub fn admit(&self, usage: &Usage) -> Result<(), Forbidden> {
		if usage.commercial && !self.commercial {
			return Err(Forbidden::Commercial);
		}
		if !self.purposes.is_empty() && !self.purposes.contains(&usage.purpose) {
			return Err(Forbidden::Purpose);
		}
		Ok(())
	}

	/// Check that something with another licence may be made from the version: it may allow less,
	/// never more.
	pub fn admit_child(&self, child: &Licence) -> Result<(), Forbidden> {
		if self.derivatives == Derivatives::Forbidden {
			return Err(Forbidden::Derivative);
		}
		let purposes = self.purposes.is_empty()
			|| (!child.purposes.is_empty()
				&& child.purposes.iter().all(|purpose| self.purposes.contains(purpose)));
		let compatible = purposes
			&& (self.commercial || !child.commercial)
			&& (!self.attribution || child.attribution)
			&& self.least_price <= child.least_price
			&& self.derivatives <= child.derivatives;
		if compatible {
			Ok(())
		} else {
			Err(Forbidden::Incompatible)
		}
	}
}

/// Whether bytes are a word of UTF-8: not empty, without white space or control characters.
fn is_word(bytes: &[u8]) -> bool {
	let is_plain = |character: char| !character.is_whitespace() && !character.is_control();
	!bytes.is_empty() && core::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(is_plain))
}

/// How something was made from something else.
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
pub enum Relation {
	/// Trained further.
	FineTuned,
	/// With numbers of fewer bits.
	Quantised,
	/// Trained on its outputs.
	Distilled,
	/// Trained on data.
	TrainedOn,
}

/// What a version was made from.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
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
pub enum Source {
	/// Another version.
	Version(VersionId),
	/// Data.
	Asset(AssetId),
}

impl Source {
	/// What earns by it.
	pub const fn subject(self) -> Subject {
		match self {
			Source::Version(version) => Subject::Model(version.model),
			Source::Asset(asset) => Subject::Asset(asset),
		}
	}
}

/// A version or data that another version was made from.
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
pub struct Parent {
	/// Which.
	pub source: Source,
	/// How.
	pub relation: Relation,
	/// Its part of the income.
	pub share: Permill,
}

/// Whether the owner of a parent agrees that a version is made from it.
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
pub enum Consent {
	/// It is not asked: it owns both, or lets anybody.
	NotNeeded,
	/// It is asked and has not answered.
	Awaited,
	/// It does.
	Given,
}

/// A parent as a version declares it.
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
pub struct DeclaredParent {
	/// The parent.
	pub parent: Parent,
	/// Whether its owner agrees.
	pub consent: Consent,
}

/// What an ancestor of a version earns by it.
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
pub struct Royalty {
	/// The ancestor.
	pub source: Source,
	/// Its part of the income.
	pub share: Permill,
}

/// What all ancestors of a version earn by it: at most everything together.
pub type Waterfall = BoundedVec<Royalty, ConstU32<MAX_ANCESTORS>>;

/// Why parents have no waterfall.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaterfallError {
	/// The ancestors would earn more than everything together.
	StackTooHigh,
	/// There are more ancestors than earn.
	TooManyAncestors,
}

/// What all ancestors of a version earn by it, in their order: each of its parents, as declared,
/// and all that earn by a parent, as much as by that. Whoever is reached twice counts once, with
/// its greatest share.
pub fn waterfall<'a>(
	parents: impl IntoIterator<Item = (Royalty, &'a [Royalty])>,
) -> Result<Waterfall, WaterfallError> {
	let all =
		parents.into_iter().flat_map(|(parent, theirs)| once(parent).chain(theirs.iter().copied()));
	let mut shares = BTreeMap::<Source, Permill>::new();
	for Royalty { source, share } in all {
		let greatest = shares.entry(source).or_insert(share);
		*greatest = share.max(*greatest);
	}
	let royalties: Vec<_> =
		shares.into_iter().map(|(source, share)| Royalty { source, share }).collect();
	if !is_within_everything(&royalties) {
		return Err(WaterfallError::StackTooHigh);
	}
	royalties.try_into().map_err(|_| WaterfallError::TooManyAncestors)
}

/// Whether shares are at most everything together.
pub fn is_within_everything(royalties: &[Royalty]) -> bool {
	let parts = |royalty: &Royalty| u64::from(royalty.share.deconstruct());
	// Saturates above everything.
	let sum = royalties.iter().map(parts).fold(0u64, u64::saturating_add);
	sum <= u64::from(Permill::one().deconstruct())
}

#[cfg(test)]
mod tests;
