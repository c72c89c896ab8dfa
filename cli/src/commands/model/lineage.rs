//! `assay model parents|declare|consent|withdraw-lineage`: what versions were made from.

use crate::{
	cli::{NamedParent, NamedSource},
	commands::submit,
	context::Context,
	failure::Failure,
	manifest::bounded,
	output::Report,
	views::lineage::{self as shown, Names},
};
use assay_client::{Call, LineageCall, Parents};
use assay_primitives::{
	licence::{Parent, Source},
	model::LineageView,
	VersionId,
};

/// Show what a version was made from, and what its ancestors earn by it.
pub async fn show(context: &Context, text: &str) -> Result<Report, Failure> {
	let id = context.version(text).await?.1.id;
	let Some(lineage) = context.client().await?.lineage(id).await? else {
		return Ok(Report::new(shown::none(id), format!("{text} declares no parents")));
	};
	let names = names(context, &lineage).await?;
	Ok(Report::new(shown::lineage(&lineage, &names), shown::lineage_text(&lineage, &names)))
}

/// The names of the models that a lineage is about.
async fn names(context: &Context, lineage: &LineageView) -> Result<Names, Failure> {
	let parents = lineage.parents.iter().map(|declared| declared.parent.source);
	let sources = parents.chain(lineage.waterfall.iter().map(|royalty| royalty.source));
	let (client, mut names) = (context.client().await?, Names::new());
	for source in sources {
		let Source::Version(VersionId { model, .. }) = source else { continue };
		if !names.contains_key(&model) {
			let view = client.model(model).await?;
			names.extend(view.map(|view| (model, crate::views::text(&view.name))));
		}
	}
	Ok(names)
}

/// Say what a version was made from.
pub async fn declare(
	context: &Context,
	text: &str,
	parents: &[NamedParent],
) -> Result<Report, Failure> {
	let version = context.version(text).await?.1.id;
	let parents = resolve(context, parents).await?;
	let call = Call::Lineage(LineageCall::Declare { version, parents });
	let mut report = submit(context, call, "lineage declared").await?;
	let lineage = context.client().await?.lineage(version).await?;
	if let Some(lineage) = lineage.filter(|lineage| lineage.awaits > 0) {
		report.json["awaits"] = lineage.awaits.into();
		report.text = format!("{}\n{}", report.text, shown::awaits_text(lineage.awaits));
	}
	Ok(report)
}

/// Agree that a version was made from something of one's own.
pub async fn consent(
	context: &Context,
	text: &str,
	parent: &NamedParent,
) -> Result<Report, Failure> {
	let version = context.version(text).await?.1.id;
	let parent = one(context, parent).await?;
	let lineage = context.client().await?.lineage(version).await?;
	let lineage = lineage.ok_or_else(|| {
		let message = format!("{text} declares no parents");
		Failure::new("no-lineage", message).help("there is nothing to consent to")
	})?;
	let names = names(context, &lineage).await?;
	ensure_declared(&lineage, &parent, &names)?;
	let call = Call::Lineage(LineageCall::Consent { version, parent });
	submit(context, call, "consented").await
}

/// Take back what was said of a version that still waits for consent.
pub async fn withdraw(context: &Context, text: &str) -> Result<Report, Failure> {
	let version = context.version(text).await?.1.id;
	let call = Call::Lineage(LineageCall::Withdraw { version });
	submit(context, call, "lineage withdrawn").await
}

/// Fail unless the parent is declared just so: nobody agrees to another share than it has seen.
fn ensure_declared(lineage: &LineageView, parent: &Parent, names: &Names) -> Result<(), Failure> {
	let of_source = lineage.parents.iter().find(|one| one.parent.source == parent.source);
	match of_source {
		Some(declared) if declared.parent == *parent => Ok(()),
		Some(declared) => {
			let declared = shown::parent_text(&declared.parent, names);
			Err(Failure::new(
				"not-declared",
				"the parent is declared with another relation or share",
			)
			.help(format!("it is declared as {declared}")))
		},
		None => Err(Failure::new("not-declared", "the version declares no such parent")
			.help("`assay model parents` shows those that it declares")),
	}
}

/// Parents whose versions were looked up.
pub async fn resolve(context: &Context, parents: &[NamedParent]) -> Result<Parents, Failure> {
	let mut resolved = Vec::with_capacity(parents.len());
	for parent in parents {
		resolved.push(one(context, parent).await?);
	}
	bounded(resolved, "the list of parents")
}

async fn one(context: &Context, parent: &NamedParent) -> Result<Parent, Failure> {
	let source = match &parent.source {
		NamedSource::Version(name) => Source::Version(context.version(name).await?.1.id),
		NamedSource::Asset(asset) => Source::Asset(*asset),
	};
	Ok(Parent { source, relation: parent.relation, share: parent.share })
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{
		licence::{Consent, DeclaredParent, Permill, Relation},
		AssetId, ModelId,
	};

	#[test]
	fn nobody_consents_to_another_share_than_is_declared() {
		let parent = Parent {
			source: Source::Asset(AssetId(7)),
			relation: Relation::TrainedOn,
			share: Permill::from_percent(10),
		};
		let lineage = LineageView {
			id: VersionId { model: ModelId(1), number: 1 },
			parents: vec![DeclaredParent { parent, consent: Consent::Awaited }].try_into().unwrap(),
			waterfall: Default::default(),
			awaits: 1,
			deposit: 0,
		};
		let check = |parent: &Parent| ensure_declared(&lineage, parent, &Names::new());
		assert!(check(&parent).is_ok());
		let more = Parent { share: Permill::from_percent(20), ..parent };
		let text = check(&more).unwrap_err().to_text();
		assert!(text.contains("asset:7,relation=trained-on,share=10%"), "{text}");
		let other = Parent { source: Source::Asset(AssetId(8)), ..parent };
		assert!(check(&other).unwrap_err().to_text().contains("no such parent"));
	}
}
