//! Permissions and lineages of versions as the `assay_*` methods give them.

use super::{text, Amount};
use crate::rpc::params::VersionText;
use assay_primitives::{
	licence::{Consent, DeclaredParent, Derivatives, Licence, Relation, Royalty, Source},
	model::LineageView,
	AssetId,
};
use serde::Serialize;

/// What of the licence of a version the chain holds jobs and descendants to.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PermissionsJson {
	commercial: bool,
	derivatives: Derivatives,
	attribution: bool,
	royalty: u32,
	least_price: Amount,
	purposes: Vec<String>,
}

impl From<Licence> for PermissionsJson {
	fn from(licence: Licence) -> Self {
		Self {
			commercial: licence.commercial,
			derivatives: licence.derivatives,
			attribution: licence.attribution,
			royalty: licence.royalty.deconstruct(),
			least_price: Amount(licence.least_price),
			purposes: licence.purposes.iter().map(|purpose| text(purpose)).collect(),
		}
	}
}

/// What a version was made from.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SourceJson {
	/// Another version.
	Version(VersionText),
	/// Data.
	Asset(AssetId),
}

impl From<Source> for SourceJson {
	fn from(source: Source) -> Self {
		match source {
			Source::Version(version) => Self::Version(VersionText(version)),
			Source::Asset(asset) => Self::Asset(asset),
		}
	}
}

/// A parent, and whether its owner agrees.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ParentJson {
	source: SourceJson,
	relation: Relation,
	share: u32,
	consent: Consent,
}

impl From<DeclaredParent> for ParentJson {
	fn from(DeclaredParent { parent, consent }: DeclaredParent) -> Self {
		Self {
			source: parent.source.into(),
			relation: parent.relation,
			share: parent.share.deconstruct(),
			consent,
		}
	}
}

/// What an ancestor earns.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct RoyaltyJson {
	source: SourceJson,
	share: u32,
}

impl From<Royalty> for RoyaltyJson {
	fn from(Royalty { source, share }: Royalty) -> Self {
		Self { source: source.into(), share: share.deconstruct() }
	}
}

/// What a version was made from, and what its ancestors earn by it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct LineageJson {
	id: VersionText,
	parents: Vec<ParentJson>,
	waterfall: Vec<RoyaltyJson>,
	awaits: u8,
	deposit: Amount,
}

impl From<LineageView> for LineageJson {
	fn from(view: LineageView) -> Self {
		Self {
			id: VersionText(view.id),
			parents: view.parents.into_iter().map(Into::into).collect(),
			waterfall: view.waterfall.into_iter().map(Into::into).collect(),
			awaits: view.awaits,
			deposit: Amount(view.deposit),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{
		licence::{Parent, Permill},
		ModelId, VersionId,
	};
	use serde_json::{json, to_value};

	#[test]
	fn permissions_are_those_of_the_licence() {
		let licence = Licence {
			commercial: false,
			derivatives: Derivatives::OnConsent,
			attribution: true,
			royalty: Permill::from_percent(5),
			least_price: u128::MAX,
			purposes: vec![b"research".to_vec().try_into().unwrap()].try_into().unwrap(),
		};
		let expected = json!({
			"commercial": false,
			"derivatives": "on-consent",
			"attribution": true,
			"royalty": 50_000,
			"leastPrice": u128::MAX.to_string(),
			"purposes": ["research"],
		});
		assert_eq!(to_value(PermissionsJson::from(licence)).unwrap(), expected);
	}

	#[test]
	fn a_lineage_names_its_parents_and_all_that_earn_in_millionths() {
		let version = |number| VersionId { model: ModelId(2), number };
		let parent = |source, share, consent| DeclaredParent {
			parent: Parent {
				source,
				relation: Relation::FineTuned,
				share: Permill::from_parts(share),
			},
			consent,
		};
		let of_version = Source::Version(version(1));
		let royalty = |source, share| Royalty { source, share: Permill::from_parts(share) };
		let view = LineageView {
			id: version(5),
			parents: vec![parent(of_version, 100_000, Consent::NotNeeded)].try_into().unwrap(),
			waterfall: vec![royalty(of_version, 100_000), royalty(Source::Asset(AssetId(7)), 1)]
				.try_into()
				.unwrap(),
			awaits: 1,
			deposit: u128::MAX,
		};
		let expected = json!({
			"id": "2@5",
			"parents": [{
				"source": { "version": "2@1" },
				"relation": "fine-tuned",
				"share": 100_000,
				"consent": "not-needed",
			}],
			"waterfall": [
				{ "source": { "version": "2@1" }, "share": 100_000 },
				{ "source": { "asset": 7 }, "share": 1 },
			],
			"awaits": 1,
			"deposit": u128::MAX.to_string(),
		});
		assert_eq!(to_value(LineageJson::from(view)).unwrap(), expected);
	}
}
