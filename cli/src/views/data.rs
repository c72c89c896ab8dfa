//! How assets, and the rights to them, are shown.

use super::{amount, text};
use crate::{
	amount::{asy, Amount},
	output::lines,
};
use assay_client::{keys::to_ss58, SignedPermit};
use assay_primitives::{
	rights::{
		Algorithms, AssetView, Currency, GrantTerms, GrantView, OfferKind, OfferTerms, Purpose,
		RightsOfferView,
	},
	AccountId, Balance, VersionId,
};
use serde_json::{json, Value};

/// An asset.
pub fn asset(view: &AssetView<AccountId>) -> Value {
	let spec = &view.spec;
	json!({
		"id": view.id,
		"owner": view.owner.as_ref().map(to_ss58),
		"kind": spec.kind,
		"status": view.status,
		"manifest": {
			"root": spec.manifest.root,
			"files": spec.manifest.files,
			"bytes": spec.manifest.bytes,
			"locator": text(&spec.manifest.locator),
		},
		"schema": text(&spec.schema),
		"licence": text(&spec.licence),
		"consent": spec.consent,
		"algorithms": spec.algorithms,
		"key": spec.key,
		"item": view.item.map(|(collection, item)| {
			json!({ "collection": collection, "item": item })
		}),
		"payer": to_ss58(&view.payer),
		"deposit": amount(view.deposit),
		"next_permit": view.next_permit,
	})
}

/// An asset as people read it.
pub fn asset_text(view: &AssetView<AccountId>) -> String {
	let spec = &view.spec;
	let manifest = &spec.manifest;
	let consent = [
		(spec.consent.training, "training"),
		(spec.consent.inference, "inference"),
		(spec.consent.derivatives, "derivatives"),
	];
	let consent: Vec<_> = consent.into_iter().filter_map(|(is, to)| is.then_some(to)).collect();
	let consent = if consent.is_empty() { "nothing".into() } else { consent.join(", ") };
	let algorithms = match &spec.algorithms {
		Algorithms::Any => "any".into(),
		Algorithms::Only(versions) => versions_text(versions),
	};
	let mut pairs = vec![
		("asset", format!("{} ({}, {})", view.id, spec.kind, view.status)),
		("owner", view.owner.as_ref().map_or_else(|| "nobody".into(), to_ss58)),
		("files", format!("{}, {} bytes", manifest.files, manifest.bytes)),
		("root", manifest.root.to_string()),
		("key", spec.key.map_or_else(|| "none: not encrypted".into(), |key| key.to_string())),
		("licence", text(&spec.licence)),
		("consent", format!("to {consent}")),
		("models", algorithms),
		("deposit", asy(view.deposit)),
	];
	let others = [("schema", text(&spec.schema)), ("locator", text(&manifest.locator))];
	pairs.extend(others.into_iter().filter(|(_, text)| !text.is_empty()));
	lines(&pairs)
}

fn versions_text(versions: &[VersionId]) -> String {
	let versions: Vec<_> = versions.iter().map(VersionId::to_string).collect();
	if versions.is_empty() {
		"none".into()
	} else {
		versions.join(", ")
	}
}

/// An amount of ASY, or of units of a token, in JSON.
pub fn money_json(sum: Balance, currency: Currency) -> Value {
	match currency {
		Currency::Native => amount(sum),
		Currency::Asset(_) => json!(sum.to_string()),
	}
}

/// An amount with what it is in.
pub fn money(sum: Balance, currency: Currency) -> String {
	match currency {
		Currency::Native => asy(sum),
		Currency::Asset(token) => format!("{sum} units of token {token}"),
	}
}

/// What a right is good for.
pub fn purpose(purpose: &Purpose) -> Value {
	match purpose {
		Purpose::Any => json!("any"),
		Purpose::Versions(versions) => json!({ "versions": versions }),
		Purpose::Tags(tags) => {
			json!({ "tags": tags.iter().map(|tag| text(tag)).collect::<Vec<_>>() })
		},
	}
}

/// What a right is good for, as people read it.
pub fn purpose_text(purpose: &Purpose) -> String {
	match purpose {
		Purpose::Any => "anything".into(),
		Purpose::Versions(versions) => format!("runs of {}", versions_text(versions)),
		Purpose::Tags(tags) => tags.iter().map(|tag| text(tag)).collect::<Vec<_>>().join(", "),
	}
}

/// A number of uses, as people read it.
pub fn count_text(count: Option<u32>) -> String {
	count.map_or_else(|| "any number".into(), |count| count.to_string())
}

/// What an offer costs, as people read it.
pub fn price_text(terms: &OfferTerms) -> String {
	let price = money(terms.price, terms.currency);
	match terms.kind {
		OfferKind::Once => price,
		OfferKind::Period { blocks } => format!("{price} for {blocks} blocks"),
		OfferKind::PerUse => format!("{price} a use"),
		OfferKind::Free => "free".into(),
	}
}

/// An offer.
pub fn offer(view: &RightsOfferView<AccountId>) -> Value {
	let terms = &view.terms;
	let (kind, blocks) = match terms.kind {
		OfferKind::Once => ("once", None),
		OfferKind::Period { blocks } => ("period", Some(blocks)),
		OfferKind::PerUse => ("per-use", None),
		OfferKind::Free => ("free", None),
	};
	json!({
		"id": view.id,
		"asset": view.asset,
		"kind": kind,
		"blocks": blocks,
		"uses": terms.uses,
		"price": money_json(terms.price, terms.currency),
		"currency": match terms.currency {
			Currency::Native => json!("asy"),
			Currency::Asset(token) => json!({ "token": token }),
		},
		"purpose": purpose(&terms.purpose),
		"commercial": terms.commercial,
		"transferable": terms.transferable,
		"revocable": terms.revocable,
		"for_sale": view.for_sale,
		"token": view.token,
		"withdrawn": view.withdrawn,
		"payer": to_ss58(&view.payer),
		"deposit": amount(view.deposit),
	})
}

/// How grants of an offer are had, as people read it.
pub fn sale_text(view: &RightsOfferView<AccountId>) -> String {
	let sold = if view.for_sale { "for sale" } else { "not for sale" };
	match view.token {
		None => sold.into(),
		Some(token) if view.withdrawn => format!("withdrawn; token {token} is redeemed"),
		Some(token) => format!("{sold}; token {token}"),
	}
}

/// What goes with a right, as people read it.
fn allows(commercial: bool, transferable: bool, revocable: bool) -> String {
	let all = [
		if commercial { "commercial" } else { "not commercial" },
		if transferable { "transferable" } else { "not transferable" },
		if revocable { "revocable" } else { "not revocable" },
	];
	all.join(", ")
}

/// An offer as people read it.
pub fn offer_text(view: &RightsOfferView<AccountId>) -> String {
	let terms = &view.terms;
	lines(&[
		("offer", format!("{} of asset {}", view.id, view.asset)),
		("state", sale_text(view)),
		("price", price_text(terms)),
		("uses", count_text(terms.uses)),
		("good for", purpose_text(&terms.purpose)),
		("grants", allows(terms.commercial, terms.transferable, terms.revocable)),
		("deposit", asy(view.deposit)),
	])
}

/// What the holder of a grant may do.
fn terms(terms: &GrantTerms) -> Value {
	json!({
		"from": terms.from,
		"until": terms.until,
		"uses": terms.uses,
		"price": amount(terms.price),
		"purpose": purpose(&terms.purpose),
		"commercial": terms.commercial,
		"transferable": terms.transferable,
		"revocable": terms.revocable,
	})
}

/// The same as people read it.
fn terms_lines(terms: &GrantTerms) -> Vec<(&'static str, String)> {
	let until =
		terms.until.map_or_else(|| "without an end".into(), |end| format!("to before {end}"));
	vec![
		("good", format!("from block {} {until}", terms.from)),
		("price", format!("{} ASY a use", Amount(terms.price))),
		("good for", purpose_text(&terms.purpose)),
		("terms", allows(terms.commercial, terms.transferable, terms.revocable)),
	]
}

/// A grant.
pub fn grant(view: &GrantView<AccountId>) -> Value {
	json!({
		"id": view.id,
		"asset": view.asset,
		"holder": to_ss58(&view.holder),
		"terms": terms(&view.terms),
		"used": view.used,
		"left": view.left,
		"revoked": view.revoked,
		"usable": view.usable,
		"payer": to_ss58(&view.payer),
		"deposit": amount(view.deposit),
	})
}

/// Where a grant stands, as people read it.
pub fn state_text(view: &GrantView<AccountId>) -> String {
	match (view.revoked, view.usable) {
		(true, _) => "taken back",
		(false, true) => "usable",
		(false, false) => "not usable now",
	}
	.into()
}

/// A grant as people read it.
pub fn grant_text(view: &GrantView<AccountId>) -> String {
	let mut pairs = vec![
		("grant", format!("{} of asset {}", view.id, view.asset)),
		("state", state_text(view)),
		("holder", to_ss58(&view.holder)),
		("uses", format!("{} so far, {} left", view.used, count_text(view.left))),
	];
	pairs.extend(terms_lines(&view.terms));
	pairs.push(("deposit", asy(view.deposit)));
	lines(&pairs)
}

/// A permit that is signed.
pub fn permit(signed: &SignedPermit) -> Value {
	let permit = &signed.permit;
	json!({
		"asset": permit.asset,
		"to": to_ss58(&permit.to),
		"terms": terms(&permit.terms),
		"number": permit.nonce,
		"expires": permit.expires,
		"owner": to_ss58(&signed.owner),
		"genesis": hex::encode(signed.genesis),
	})
}

/// A permit that is signed, as people read it.
pub fn permit_text(signed: &SignedPermit) -> String {
	let permit = &signed.permit;
	let mut pairs = vec![
		("permit", format!("{} of asset {}", permit.nonce, permit.asset)),
		("to", to_ss58(&permit.to)),
		("signed by", to_ss58(&signed.owner)),
		("chain", format!("0x{}", hex::encode(signed.genesis))),
		("expires", format!("in block {}", permit.expires)),
		("uses", count_text(permit.terms.uses)),
	];
	pairs.extend(terms_lines(&permit.terms));
	lines(&pairs)
}

#[cfg(test)]
mod tests;
