//! Licences and lineage: what an owner lets others do with a version, what the version was made
//! from, and what those it was made from earn by it.

use crate::{
	ids::{AssetId, VersionId},
	revenue::Subject,
	rights::{Tag, Usage},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::ConstU32;
use sp_runtime::{BoundedVec, Permill};

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
			&& self.derivatives <= child.derivatives;
		if compatible {
			Ok(())
		} else {
			Err(Forbidden::Incompatible)
		}
	}
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
