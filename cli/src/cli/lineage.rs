//! What a version was made from, as people write it.

use crate::percent::Percent;
use assay_primitives::{
	licence::{Permill, Relation},
	AssetId,
};
use serde::Deserialize;
use std::{fmt, str::FromStr};

/// The relations by the names that people write.
const RELATIONS: [(&str, Relation); 4] = [
	("fine-tuned", Relation::FineTuned),
	("quantised", Relation::Quantised),
	("distilled", Relation::Distilled),
	("trained-on", Relation::TrainedOn),
];

/// The name of a relation.
pub fn relation_name(relation: Relation) -> &'static str {
	let known = RELATIONS.iter().find(|(_, known)| *known == relation);
	known.map_or("unknown", |(name, _)| name)
}

/// A parent whose version is named: `version:NAME@NUMBER,relation=fine-tuned,share=10%`, or
/// `asset:NUMBER,share=10%`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "ParentTable")]
pub struct NamedParent {
	/// Which.
	pub source: NamedSource,
	/// How.
	pub relation: Relation,
	/// Its part of the income.
	pub share: Permill,
}

/// Something that a version was made from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NamedSource {
	/// A version: `NAME@NUMBER`.
	Version(String),
	/// Data.
	Asset(AssetId),
}

/// A parent in a manifest.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ParentTable {
	source: String,
	relation: Option<String>,
	share: String,
}

impl fmt::Display for NamedSource {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			NamedSource::Version(name) => write!(f, "version:{name}"),
			NamedSource::Asset(asset) => write!(f, "asset:{asset}"),
		}
	}
}

impl fmt::Display for NamedParent {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let (source, relation) = (&self.source, relation_name(self.relation));
		write!(f, "{source},relation={relation},share={}", Percent(self.share))
	}
}

impl FromStr for NamedSource {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		let fail = || format!("`{text}` is neither version:NAME@NUMBER nor asset:NUMBER");
		match text.split_once(':') {
			// The newest version is another tomorrow, and what is declared is not.
			Some(("version", name)) if name.split_once('@').is_some_and(is_exact) => {
				Ok(NamedSource::Version(name.into()))
			},
			Some(("asset", number)) => number.parse().map(NamedSource::Asset).map_err(|_| fail()),
			_ => Err(fail()),
		}
	}
}

fn is_exact((name, number): (&str, &str)) -> bool {
	!name.is_empty() && number.parse::<u32>().is_ok()
}

impl FromStr for NamedParent {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		let mut parts = text.split(',').map(str::trim);
		let source = parts.next().unwrap_or_default().parse()?;
		let (mut relation, mut share) = (None, None);
		for part in parts {
			let (slot, value) = match part.split_once('=') {
				Some(("relation", value)) => (&mut relation, value),
				Some(("share", value)) => (&mut share, value),
				_ => return Err(format!("`{part}` is neither relation=… nor share=…")),
			};
			if slot.replace(value).is_some() {
				return Err(format!("`{part}` is said twice"));
			}
		}
		let share = share.ok_or("a parent has a share, for example share=10%")?;
		NamedParent::new(source, relation, share)
	}
}

impl TryFrom<ParentTable> for NamedParent {
	type Error = String;

	fn try_from(table: ParentTable) -> Result<Self, String> {
		NamedParent::new(table.source.parse()?, table.relation.as_deref(), &table.share)
	}
}

impl NamedParent {
	fn new(source: NamedSource, relation: Option<&str>, share: &str) -> Result<Self, String> {
		let relation = match (&source, relation) {
			(_, Some(name)) => {
				let known = RELATIONS.iter().find(|(known, _)| *known == name);
				let (_, relation) = known.ok_or_else(|| no_relation(name))?;
				*relation
			},
			// There is no other.
			(NamedSource::Asset(_), None) => Relation::TrainedOn,
			(NamedSource::Version(_), None) => {
				return Err(format!("how it was made from {source} is not said: relation=…"))
			},
		};
		if matches!(source, NamedSource::Asset(_)) != (relation == Relation::TrainedOn) {
			let relation = relation_name(relation);
			return Err(format!(
				"nothing is {relation} {source}: models are trained on assets alone"
			));
		}
		let Percent(share) = share.parse().map_err(|error| format!("share `{share}`: {error}"))?;
		Ok(NamedParent { source, relation, share })
	}
}

fn no_relation(name: &str) -> String {
	let known: Vec<_> = RELATIONS.iter().map(|(name, _)| *name).collect();
	format!("`{name}` is no relation: write {}", known.join(", "))
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	fn parsed(text: &str) -> Result<NamedParent, String> {
		text.parse()
	}

	#[test]
	fn a_parent_is_a_version_or_data_with_its_share() {
		let version = NamedParent {
			source: NamedSource::Version("org/base-2@3".into()),
			relation: Relation::FineTuned,
			share: Permill::from_percent(10),
		};
		let text = "version:org/base-2@3,relation=fine-tuned,share=10%";
		assert_eq!(parsed(text), Ok(version.clone()));
		assert_eq!(version.to_string(), text);
		assert_eq!(parsed("version:org/base-2@3, share=10%, relation=fine-tuned"), Ok(version));
		let data = NamedParent {
			source: NamedSource::Asset(AssetId(7)),
			relation: Relation::TrainedOn,
			share: Permill::from_parts(25_000),
		};
		assert_eq!(parsed("asset:7,share=2.5%"), Ok(data.clone()));
		assert_eq!(parsed("asset:7,relation=trained-on,share=2.5%"), Ok(data.clone()));
		assert_eq!(parsed(&data.to_string()), Ok(data));
	}

	#[test]
	fn parents_that_leave_something_open_are_refused() {
		for (text, said) in [
			("", "neither version:NAME@NUMBER"),
			("version:base,relation=distilled,share=1%", "neither version:NAME@NUMBER"),
			("version:@1,relation=distilled,share=1%", "neither version:NAME@NUMBER"),
			("version:base@x,relation=distilled,share=1%", "neither version:NAME@NUMBER"),
			("base@1,relation=distilled,share=1%", "neither version:NAME@NUMBER"),
			("asset:x,share=1%", "neither version:NAME@NUMBER"),
			("asset:7", "has a share"),
			("asset:7,share=1", "share `1`"),
			("asset:7,share=101%", "share `101%`"),
			("asset:7,share=1%,share=2%", "said twice"),
			("asset:7,share=1%,price=2", "neither relation="),
			("version:base@1,share=1%", "is not said"),
			("version:base@1,relation=copied,share=1%", "is no relation"),
			("version:base@1,relation=trained-on,share=1%", "trained on assets alone"),
			("asset:7,relation=distilled,share=1%", "trained on assets alone"),
		] {
			let error = parsed(text).unwrap_err();
			assert!(error.contains(said), "{text}: {error}");
		}
	}

	#[test]
	fn a_manifest_names_parents_alike() {
		let table = json!({ "source": "asset:7", "share": "2.5%" });
		let parent: NamedParent = serde_json::from_value(table).unwrap();
		assert_eq!(parsed("asset:7,share=2.5%"), Ok(parent));
		for table in [
			json!({ "source": "asset:7" }),
			json!({ "source": "base@1", "share": "1%" }),
			json!({ "source": "asset:7", "share": "1%", "price": "1" }),
		] {
			assert!(serde_json::from_value::<NamedParent>(table).is_err());
		}
	}
}
