//! How licences, and what versions were made from, are shown.

use super::{amount, text};
use crate::{
	amount::asy,
	cli::relation_name,
	output::{lines, table},
	percent::Percent,
};
use assay_primitives::{
	licence::{Consent, Derivatives, Licence, Parent, Permill, Source},
	model::LineageView,
	ModelId, VersionId,
};
use serde_json::{json, Value};
use std::collections::BTreeMap;

/// The names of models.
pub type Names = BTreeMap<ModelId, String>;

fn share(share: Permill) -> String {
	Percent(share).to_string()
}

/// A version or data, as the commands take it; a model without a name by its number.
fn source_text(source: Source, names: &Names) -> String {
	match source {
		Source::Version(VersionId { model, number }) => {
			let name = names.get(&model).cloned().unwrap_or_else(|| model.to_string());
			format!("version:{name}@{number}")
		},
		Source::Asset(asset) => format!("asset:{asset}"),
	}
}

/// A parent as the commands take it.
pub fn parent_text(parent: &Parent, names: &Names) -> String {
	let (source, relation) = (source_text(parent.source, names), relation_name(parent.relation));
	format!("{source},relation={relation},share={}", share(parent.share))
}

/// What is shown of a version that declares no parents.
pub fn none(version: VersionId) -> Value {
	json!({ "version": version, "parents": [], "waterfall": [], "awaits": 0 })
}

/// What a version was made from, and who earns by it.
pub fn lineage(view: &LineageView, names: &Names) -> Value {
	let parents = view.parents.iter().map(|declared| {
		let Parent { source, relation, share } = declared.parent;
		json!({
			"source": source,
			"name": source_text(source, names),
			"relation": relation,
			"share": self::share(share),
			"consent": declared.consent,
		})
	});
	let waterfall = view.waterfall.iter().map(|royalty| {
		json!({
			"source": royalty.source,
			"name": source_text(royalty.source, names),
			"share": share(royalty.share),
		})
	});
	json!({
		"version": view.id,
		"parents": parents.collect::<Vec<_>>(),
		"waterfall": waterfall.collect::<Vec<_>>(),
		"awaits": view.awaits,
		"deposit": amount(view.deposit),
	})
}

/// What a version waits for.
pub fn awaits_text(awaits: u8) -> String {
	match awaits {
		0 => "every owner that is asked has consented".into(),
		count => format!("it takes no jobs until {count} owners of parents have consented"),
	}
}

/// The same as people read it.
pub fn lineage_text(view: &LineageView, names: &Names) -> String {
	let parents = view.parents.iter().map(|declared| {
		let consent = match declared.consent {
			Consent::NotNeeded => "not needed",
			Consent::Awaited => "awaited",
			Consent::Given => "given",
		};
		let parent = &declared.parent;
		[
			source_text(parent.source, names),
			relation_name(parent.relation).into(),
			share(parent.share),
			consent.into(),
		]
	});
	let ancestors = view
		.waterfall
		.iter()
		.map(|royalty| [source_text(royalty.source, names), share(royalty.share)]);
	let head = lines(&[("lineage", awaits_text(view.awaits)), ("deposit", asy(view.deposit))]);
	let parents = table(["PARENT", "RELATION", "SHARE", "CONSENT"], parents.collect());
	let ancestors = table(["EARNS BY IT", "SHARE OF THE INCOME"], ancestors.collect());
	format!("{head}\n\n{parents}\n\n{ancestors}")
}

/// What others may do with a version.
pub fn permissions(licence: &Licence) -> Value {
	json!({
		"commercial": licence.commercial,
		"derivatives": licence.derivatives,
		"attribution": licence.attribution,
		"royalty": share(licence.royalty),
		"least_price": amount(licence.least_price),
		"purposes": licence.purposes.iter().map(|purpose| text(purpose)).collect::<Vec<_>>(),
	})
}

/// The same as people read it.
pub fn permissions_text(licence: &Licence) -> String {
	let mut all = vec![
		if licence.commercial { "commercial use" } else { "no commercial use" }.to_owned(),
		match licence.derivatives {
			Derivatives::Free => "derivatives",
			Derivatives::OnConsent => "derivatives on consent",
			Derivatives::Forbidden => "no derivatives",
		}
		.to_owned(),
	];
	if licence.attribution {
		all.push("attribution".into());
	}
	if !licence.royalty.is_zero() {
		all.push(format!("a royalty of {}", share(licence.royalty)));
	}
	if licence.least_price > 0 {
		all.push(format!("for {} a unit at least", asy(licence.least_price)));
	}
	if !licence.purposes.is_empty() {
		let purposes: Vec<_> = licence.purposes.iter().map(|purpose| text(purpose)).collect();
		all.push(format!("only for {}", purposes.join(", ")));
	}
	all.join("; ")
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{
		licence::{DeclaredParent, Relation, Royalty},
		AssetId, ASY,
	};

	fn view() -> LineageView {
		let base = Source::Version(VersionId { model: ModelId(4), number: 2 });
		let data = Source::Asset(AssetId(7));
		let parent = |source, relation, percent, consent| DeclaredParent {
			parent: Parent { source, relation, share: Permill::from_percent(percent) },
			consent,
		};
		let royalty = |source, parts| Royalty { source, share: Permill::from_parts(parts) };
		let parents = vec![
			parent(base, Relation::FineTuned, 10, Consent::Awaited),
			parent(data, Relation::TrainedOn, 5, Consent::NotNeeded),
		];
		LineageView {
			id: VersionId { model: ModelId(5), number: 1 },
			parents: parents.try_into().unwrap(),
			waterfall: vec![royalty(base, 100_000), royalty(data, 50_001)].try_into().unwrap(),
			awaits: 1,
			deposit: ASY,
		}
	}

	fn names() -> Names {
		Names::from([(ModelId(4), "base".to_owned())])
	}

	#[test]
	fn a_lineage_is_shown_with_names_shares_and_what_is_awaited() {
		let json = lineage(&view(), &names());
		assert_eq!(json["parents"][0]["name"], "version:base@2");
		assert_eq!(json["parents"][0]["relation"], "fine-tuned");
		assert_eq!(json["parents"][0]["share"], "10%");
		assert_eq!(json["parents"][0]["consent"], "awaited");
		assert_eq!(json["parents"][1]["source"], json!({ "asset": 7 }));
		assert_eq!(json["waterfall"][1]["share"], "5.0001%");
		assert_eq!((&json["awaits"], &json["deposit"]), (&json!(1), &json!("1")));
		let text = lineage_text(&view(), &names());
		for said in ["takes no jobs until 1", "version:base@2", "awaited", "5.0001%"] {
			assert!(text.contains(said), "{text}");
		}
	}

	#[test]
	fn a_parent_is_written_as_the_commands_take_it() {
		let parents = view().parents;
		let text = parent_text(&parents[0].parent, &names());
		assert_eq!(text, "version:base@2,relation=fine-tuned,share=10%");
		assert!(text.parse::<crate::cli::NamedParent>().is_ok());
	}

	#[test]
	fn permissions_are_shown_as_far_as_they_are_not_everything() {
		let all = Licence::default();
		assert_eq!(permissions_text(&all), "commercial use; derivatives");
		let little = Licence {
			commercial: false,
			derivatives: Derivatives::OnConsent,
			attribution: true,
			royalty: Permill::from_parts(25_000),
			least_price: ASY / 2,
			purposes: vec![b"research".to_vec().try_into().unwrap()].try_into().unwrap(),
		};
		let said = "no commercial use; derivatives on consent; attribution; a royalty of 2.5%; \
		            for 0.5 ASY a unit at least; only for research";
		assert_eq!(permissions_text(&little), said);
		let json = permissions(&little);
		assert_eq!(
			(&json["derivatives"], &json["royalty"]),
			(&json!("on-consent"), &json!("2.5%"))
		);
		assert_eq!(json["purposes"], json!(["research"]));
	}
}
