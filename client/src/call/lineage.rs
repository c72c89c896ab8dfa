//! The calls about what versions were made from.

use assay_primitives::{
	licence::{Parent, MAX_PARENTS},
	VersionId,
};
use codec::Encode;
use sp_core::{bounded::BoundedVec, ConstU32};

/// The parents of a version.
pub type Parents = BoundedVec<Parent, ConstU32<MAX_PARENTS>>;

/// A call about what a version was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineageCall {
	/// Say what a version was made from.
	Declare {
		/// The version.
		version: VersionId,
		/// What it was made from.
		parents: Parents,
	},
	/// Agree that a version was made from something of the signer's.
	Consent {
		/// The version.
		version: VersionId,
		/// The parent as it is declared.
		parent: Parent,
	},
	/// Take back what was said of a version that still waits for consent.
	Withdraw {
		/// The version.
		version: VersionId,
	},
}

impl LineageCall {
	/// The name of the call.
	pub(super) const fn name(&self) -> &'static str {
		match self {
			LineageCall::Declare { .. } => "declare_lineage",
			LineageCall::Consent { .. } => "consent",
			LineageCall::Withdraw { .. } => "withdraw_lineage",
		}
	}

	/// The SCALE encoding of the arguments.
	pub(super) fn arguments(&self) -> Vec<u8> {
		match self {
			LineageCall::Declare { version, parents } => (version, parents).encode(),
			LineageCall::Consent { version, parent } => (version, parent).encode(),
			LineageCall::Withdraw { version } => version.encode(),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::call::{Call, CallIndices};
	use assay_primitives::{
		licence::{Permill, Relation, Source},
		AssetId, ModelId,
	};

	/// A chain whose models have the number 30, and the calls their order in the pallet.
	struct Fixed;

	impl CallIndices for Fixed {
		fn indices(&self, pallet: &str, call: &str) -> Option<[u8; 2]> {
			let index = match call {
				"declare_lineage" => 6,
				"consent" => 7,
				"withdraw_lineage" => 8,
				_ => return None,
			};
			(pallet == "Models").then_some([30, index])
		}
	}

	fn hex_of(call: LineageCall) -> String {
		hex::encode(Call::Lineage(call).encode(&Fixed).unwrap())
	}

	#[test]
	fn a_lineage_is_declared_consented_to_and_withdrawn_field_by_field() {
		let version = VersionId { model: ModelId(258), number: 3 };
		let id = "0201000003000000";
		let base = Parent {
			source: Source::Version(VersionId { model: ModelId(1), number: 2 }),
			relation: Relation::Distilled,
			share: Permill::from_percent(10),
		};
		let data = Parent {
			source: Source::Asset(AssetId(7)),
			relation: Relation::TrainedOn,
			share: Permill::from_parts(1),
		};
		let (base_bytes, data_bytes) = ("00010000000200000002a0860100", "01070000000301000000");
		let parents = vec![base, data].try_into().unwrap();
		let declared = hex_of(LineageCall::Declare { version, parents });
		assert_eq!(declared, format!("1e06{id}08{base_bytes}{data_bytes}"));
		let consented = hex_of(LineageCall::Consent { version, parent: data });
		assert_eq!(consented, format!("1e07{id}{data_bytes}"));
		assert_eq!(hex_of(LineageCall::Withdraw { version }), format!("1e08{id}"));
	}
}
