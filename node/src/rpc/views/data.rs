//! Assets, offers of rights and grants as the `assay_*` methods give them.

use super::{text, Amount};
use crate::rpc::params::VersionText;
use assay_primitives::{
	rights::{
		Algorithms, AssetKind, AssetSpec, AssetStatus, AssetView, Consent, Currency, GrantTerms,
		GrantView, Manifest, OfferKind, OfferTerms, Purpose, RightsOfferView,
	},
	AccountId, AssetId, BlockNumber, GrantId, RightsOfferId, Root, VersionId,
};
use serde::Serialize;

/// Versions as text.
fn versions(versions: impl IntoIterator<Item = VersionId>) -> Vec<VersionText> {
	versions.into_iter().map(VersionText).collect()
}

/// The files of an asset.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ManifestJson {
	root: Root,
	files: u32,
	bytes: u64,
	locator: String,
}

impl From<Manifest> for ManifestJson {
	fn from(manifest: Manifest) -> Self {
		Self {
			root: manifest.root,
			files: manifest.files,
			bytes: manifest.bytes,
			locator: text(&manifest.locator),
		}
	}
}

/// Which models may be run over an asset.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AlgorithmsJson {
	/// Any that a grant admits.
	Any,
	/// These, and no others.
	Only(Vec<VersionText>),
}

impl From<Algorithms> for AlgorithmsJson {
	fn from(algorithms: Algorithms) -> Self {
		match algorithms {
			Algorithms::Any => Self::Any,
			Algorithms::Only(named) => Self::Only(versions(named)),
		}
	}
}

/// The item that an asset is owned as.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ItemJson {
	collection: u32,
	number: u32,
}

/// An asset.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AssetJson {
	id: AssetId,
	owner: Option<AccountId>,
	kind: AssetKind,
	status: AssetStatus,
	manifest: ManifestJson,
	schema: String,
	licence: String,
	consent: Consent,
	algorithms: AlgorithmsJson,
	key: Option<Root>,
	item: Option<ItemJson>,
	payer: AccountId,
	deposit: Amount,
	next_permit: u64,
}

impl From<AssetView<AccountId>> for AssetJson {
	fn from(view: AssetView<AccountId>) -> Self {
		let AssetSpec { kind, manifest, schema, licence, consent, algorithms, key } = view.spec;
		Self {
			id: view.id,
			owner: view.owner,
			kind,
			status: view.status,
			manifest: manifest.into(),
			schema: text(&schema),
			licence: text(&licence),
			consent,
			algorithms: algorithms.into(),
			key,
			item: view.item.map(|(collection, number)| ItemJson { collection, number }),
			payer: view.payer,
			deposit: Amount(view.deposit),
			next_permit: view.next_permit,
		}
	}
}

/// What a right is good for.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PurposeJson {
	/// Anything.
	Any,
	/// Runs of these versions.
	Versions(Vec<VersionText>),
	/// Jobs that say that they are for one of these.
	Tags(Vec<String>),
}

impl From<Purpose> for PurposeJson {
	fn from(purpose: Purpose) -> Self {
		match purpose {
			Purpose::Any => Self::Any,
			Purpose::Versions(named) => Self::Versions(versions(named)),
			Purpose::Tags(tags) => Self::Tags(tags.iter().map(|tag| text(tag)).collect()),
		}
	}
}

/// How an offer is paid for.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum OfferKindJson {
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

impl From<OfferKind> for OfferKindJson {
	fn from(kind: OfferKind) -> Self {
		match kind {
			OfferKind::Once => Self::Once,
			OfferKind::Period { blocks } => Self::Period { blocks },
			OfferKind::PerUse => Self::PerUse,
			OfferKind::Free => Self::Free,
		}
	}
}

/// What is offered.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct OfferTermsJson {
	kind: OfferKindJson,
	uses: Option<u32>,
	price: Amount,
	currency: Currency,
	purpose: PurposeJson,
	transferable: bool,
	revocable: bool,
	commercial: bool,
}

impl From<OfferTerms> for OfferTermsJson {
	fn from(terms: OfferTerms) -> Self {
		Self {
			kind: terms.kind.into(),
			uses: terms.uses,
			price: Amount(terms.price),
			currency: terms.currency,
			purpose: terms.purpose.into(),
			transferable: terms.transferable,
			revocable: terms.revocable,
			commercial: terms.commercial,
		}
	}
}

/// An offer of rights.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RightsOfferJson {
	id: RightsOfferId,
	asset: AssetId,
	terms: OfferTermsJson,
	for_sale: bool,
	token: Option<u32>,
	withdrawn: bool,
	payer: AccountId,
	deposit: Amount,
}

impl From<RightsOfferView<AccountId>> for RightsOfferJson {
	fn from(view: RightsOfferView<AccountId>) -> Self {
		Self {
			id: view.id,
			asset: view.asset,
			terms: view.terms.into(),
			for_sale: view.for_sale,
			token: view.token,
			withdrawn: view.withdrawn,
			payer: view.payer,
			deposit: Amount(view.deposit),
		}
	}
}

/// What the holder of a grant may do.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct GrantTermsJson {
	from: BlockNumber,
	until: Option<BlockNumber>,
	uses: Option<u32>,
	price: Amount,
	purpose: PurposeJson,
	commercial: bool,
	transferable: bool,
	revocable: bool,
}

impl From<GrantTerms> for GrantTermsJson {
	fn from(terms: GrantTerms) -> Self {
		Self {
			from: terms.from,
			until: terms.until,
			uses: terms.uses,
			price: Amount(terms.price),
			purpose: terms.purpose.into(),
			commercial: terms.commercial,
			transferable: terms.transferable,
			revocable: terms.revocable,
		}
	}
}

/// A grant.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct GrantJson {
	id: GrantId,
	asset: AssetId,
	holder: AccountId,
	terms: GrantTermsJson,
	used: u32,
	left: Option<u32>,
	revoked: bool,
	usable: bool,
	payer: AccountId,
	deposit: Amount,
}

impl From<GrantView<AccountId>> for GrantJson {
	fn from(view: GrantView<AccountId>) -> Self {
		Self {
			id: view.id,
			asset: view.asset,
			holder: view.holder,
			terms: view.terms.into(),
			used: view.used,
			left: view.left,
			revoked: view.revoked,
			usable: view.usable,
			payer: view.payer,
			deposit: Amount(view.deposit),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::ModelId;
	use serde_json::{json, to_value};

	const VERSION: VersionId = VersionId { model: ModelId(2), number: 5 };

	fn account(byte: u8) -> AccountId {
		AccountId::new([byte; 32])
	}

	/// Bytes bounded as the context asks.
	fn bytes<B: TryFrom<Vec<u8>>>(text: &str) -> B
	where
		B::Error: std::fmt::Debug,
	{
		text.as_bytes().to_vec().try_into().unwrap()
	}

	fn asset(algorithms: Algorithms, item: Option<(u32, u32)>) -> AssetView<AccountId> {
		let root = Root([0xab; 32]);
		AssetView {
			id: AssetId(3),
			owner: item.map(|_| account(1)),
			spec: AssetSpec {
				kind: AssetKind::Dataset,
				manifest: Manifest { root, files: 2, bytes: 9, locator: bytes("https://a/b") },
				schema: bytes("csv: größe"),
				licence: bytes("CC-BY-4.0"),
				consent: Consent { training: false, inference: true, derivatives: false },
				algorithms,
				key: Some(Root([0xcd; 32])),
			},
			status: AssetStatus::Active,
			item,
			payer: account(1),
			deposit: u128::MAX,
			next_permit: 4,
		}
	}

	#[test]
	fn an_asset_has_texts_and_its_manifest() {
		let only = Algorithms::Only(vec![VERSION].try_into().unwrap());
		let expected = json!({
			"id": 3,
			"owner": account(1),
			"kind": "dataset",
			"status": "active",
			"manifest": {
				"root": "ab".repeat(32),
				"files": 2,
				"bytes": 9,
				"locator": "https://a/b",
			},
			"schema": "csv: größe",
			"licence": "CC-BY-4.0",
			"consent": { "training": false, "inference": true, "derivatives": false },
			"algorithms": { "only": ["2@5"] },
			"key": "cd".repeat(32),
			"item": { "collection": 0, "number": 7 },
			"payer": account(1),
			"deposit": u128::MAX.to_string(),
			"nextPermit": 4,
		});
		let view = asset(only, Some((0, 7)));
		assert_eq!(to_value(AssetJson::from(view)).unwrap(), expected);
		let burned = to_value(AssetJson::from(asset(Algorithms::Any, None))).unwrap();
		assert_eq!((&burned["owner"], &burned["item"]), (&json!(null), &json!(null)));
		assert_eq!(burned["algorithms"], "any");
	}

	#[test]
	fn an_offer_says_how_it_is_paid_for() {
		let offer = |kind, currency, purpose| {
			let terms = OfferTerms {
				kind,
				uses: None,
				price: 5,
				currency,
				purpose,
				transferable: true,
				revocable: false,
				commercial: true,
			};
			let view = RightsOfferView {
				id: RightsOfferId(6),
				asset: AssetId(3),
				terms,
				for_sale: true,
				token: Some(9),
				withdrawn: false,
				payer: account(1),
				deposit: 7,
			};
			to_value(RightsOfferJson::from(view)).unwrap()
		};
		let tags = Purpose::Tags(vec![bytes("research")].try_into().unwrap());
		let expected = json!({
			"id": 6,
			"asset": 3,
			"terms": {
				"kind": "perUse",
				"uses": null,
				"price": "5",
				"currency": "native",
				"purpose": { "tags": ["research"] },
				"transferable": true,
				"revocable": false,
				"commercial": true,
			},
			"forSale": true,
			"token": 9,
			"withdrawn": false,
			"payer": account(1),
			"deposit": "7",
		});
		assert_eq!(offer(OfferKind::PerUse, Currency::Native, tags), expected);
		let period = OfferKind::Period { blocks: 8 };
		let terms = &offer(period, Currency::Asset(4), Purpose::Any)["terms"];
		assert_eq!(terms["kind"], json!({ "period": { "blocks": 8 } }));
		assert_eq!(
			(&terms["currency"], &terms["purpose"]),
			(&json!({ "asset": 4 }), &json!("any"))
		);
	}

	#[test]
	fn a_grant_says_what_is_left_of_it() {
		let view = GrantView {
			id: GrantId(1),
			asset: AssetId(3),
			holder: account(2),
			terms: GrantTerms {
				from: 10,
				until: Some(20),
				uses: Some(5),
				price: u128::MAX,
				purpose: Purpose::Versions(vec![VERSION].try_into().unwrap()),
				commercial: false,
				transferable: true,
				revocable: true,
			},
			used: 2,
			left: Some(3),
			revoked: false,
			usable: true,
			payer: account(1),
			deposit: 7,
		};
		let expected = json!({
			"id": 1,
			"asset": 3,
			"holder": account(2),
			"terms": {
				"from": 10,
				"until": 20,
				"uses": 5,
				"price": u128::MAX.to_string(),
				"purpose": { "versions": ["2@5"] },
				"commercial": false,
				"transferable": true,
				"revocable": true,
			},
			"used": 2,
			"left": 3,
			"revoked": false,
			"usable": true,
			"payer": account(1),
			"deposit": "7",
		});
		assert_eq!(to_value(GrantJson::from(view)).unwrap(), expected);
	}
}
