use super::*;
use assay_client::keys;
use assay_primitives::{
	rights::{AssetKind, AssetSpec, AssetStatus, Consent, Manifest, Permit},
	AssetId, GrantId, ModelId, RightsOfferId, Root, ASY,
};

const OWNER: AccountId = AccountId::new([1; 32]);

fn asset_view() -> AssetView<AccountId> {
	AssetView {
		id: AssetId(7),
		owner: Some(OWNER),
		spec: AssetSpec {
			kind: AssetKind::Dataset,
			manifest: Manifest {
				root: Root([9; 32]),
				files: 2,
				bytes: 6,
				locator: b"https://x\x1b[2J".to_vec().try_into().unwrap(),
			},
			schema: Default::default(),
			licence: b"CC-BY-4.0".to_vec().try_into().unwrap(),
			consent: Consent { inference: true, ..Default::default() },
			algorithms: Algorithms::Only(vec![version()].try_into().unwrap()),
			key: Some(Root([8; 32])),
		},
		status: AssetStatus::Active,
		item: Some((3, 7)),
		payer: OWNER,
		deposit: 2 * ASY,
		next_permit: 4,
	}
}

fn version() -> VersionId {
	VersionId { model: ModelId(5), number: 2 }
}

#[test]
fn an_asset_is_shown_with_all_that_the_chain_knows() {
	let json = asset(&asset_view());
	assert_eq!(json["manifest"]["root"], json!(Root([9; 32])));
	assert_eq!((&json["status"], &json["kind"]), (&json!("active"), &json!("dataset")));
	assert_eq!(
		json["consent"],
		json!({ "training": false, "inference": true, "derivatives": false })
	);
	assert_eq!(json["algorithms"], json!({ "only": [{ "model": 5, "number": 2 }] }));
	assert_eq!(json["item"], json!({ "collection": 3, "item": 7 }));
	assert_eq!((&json["deposit"], &json["next_permit"]), (&json!("2"), &json!(4)));
	let text = asset_text(&asset_view());
	assert!(text.contains("to inference") && text.contains("5@2"), "{text}");
	assert!(!text.contains('\x1b'), "{text:?}");
}

#[test]
fn an_asset_that_allows_nothing_says_so() {
	let mut view = asset_view();
	view.spec.consent = Consent::default();
	view.spec.algorithms = Algorithms::Only(Default::default());
	view.spec.key = None;
	view.owner = None;
	let text = asset_text(&view);
	for said in ["to nothing", "none: not encrypted", "nobody"] {
		assert!(text.contains(said), "{text}");
	}
	assert_eq!(asset(&view)["owner"], Value::Null);
}

fn offer_view(kind: OfferKind, currency: Currency) -> RightsOfferView<AccountId> {
	RightsOfferView {
		id: RightsOfferId(3),
		asset: AssetId(7),
		terms: OfferTerms {
			kind,
			uses: None,
			price: 3 * ASY / 2,
			currency,
			purpose: Purpose::Tags(
				vec![b"research".to_vec().try_into().unwrap()].try_into().unwrap(),
			),
			transferable: false,
			revocable: true,
			commercial: false,
		},
		for_sale: true,
		token: None,
		withdrawn: false,
		payer: OWNER,
		deposit: ASY,
	}
}

#[test]
fn a_price_is_shown_in_what_it_is_paid_in() {
	let period = offer_view(OfferKind::Period { blocks: 9 }, Currency::Native);
	assert_eq!(price_text(&period.terms), "1.5 ASY for 9 blocks");
	let json = offer(&period);
	assert_eq!((&json["kind"], &json["blocks"]), (&json!("period"), &json!(9)));
	assert_eq!((&json["price"], &json["currency"]), (&json!("1.5"), &json!("asy")));
	assert_eq!(json["purpose"], json!({ "tags": ["research"] }));
	let tokens = offer_view(OfferKind::Once, Currency::Asset(4));
	assert_eq!(price_text(&tokens.terms), "1500000000000 units of token 4");
	let json = offer(&tokens);
	assert_eq!(
		(&json["price"], &json["currency"]),
		(&json!("1500000000000"), &json!({ "token": 4 }))
	);
	assert_eq!(price_text(&offer_view(OfferKind::PerUse, Currency::Native).terms), "1.5 ASY a use");
	assert!(offer_text(&period).contains("not commercial, not transferable, revocable"));
}

#[test]
fn an_offer_says_how_its_grants_are_had() {
	let view = offer_view(OfferKind::Once, Currency::Native);
	assert_eq!(sale_text(&view), "for sale");
	let traded = RightsOfferView { token: Some(4), for_sale: false, ..view };
	assert_eq!(sale_text(&traded), "not for sale; token 4");
	let withdrawn = RightsOfferView { withdrawn: true, ..traded };
	assert_eq!(sale_text(&withdrawn), "withdrawn; token 4 is redeemed");
}

fn grant_terms() -> GrantTerms {
	GrantTerms {
		from: 5,
		until: Some(9),
		uses: Some(3),
		price: ASY / 10,
		purpose: Purpose::Versions(vec![version()].try_into().unwrap()),
		commercial: true,
		transferable: false,
		revocable: false,
	}
}

#[test]
fn a_grant_is_shown_with_what_is_left_of_it() {
	let view = GrantView {
		id: GrantId(4),
		asset: AssetId(7),
		holder: OWNER,
		terms: grant_terms(),
		used: 1,
		left: Some(2),
		revoked: false,
		usable: true,
		payer: OWNER,
		deposit: ASY,
	};
	let json = grant(&view);
	assert_eq!((&json["left"], &json["used"]), (&json!(2), &json!(1)));
	assert_eq!((&json["terms"]["price"], &json["terms"]["until"]), (&json!("0.1"), &json!(9)));
	assert_eq!(json["terms"]["purpose"], json!({ "versions": [{ "model": 5, "number": 2 }] }));
	let text = grant_text(&view);
	for said in ["usable", "from block 5 to before 9", "1 so far, 2 left", "runs of 5@2"] {
		assert!(text.contains(said), "{text}");
	}
	assert_eq!(state_text(&GrantView { usable: false, ..view.clone() }), "not usable now");
	assert_eq!(state_text(&GrantView { revoked: true, ..view }), "taken back");
}

#[test]
fn a_permit_is_shown_out_of_the_bytes_that_are_signed() {
	let permit =
		Permit { asset: AssetId(7), to: OWNER, terms: grant_terms(), nonce: 4, expires: 50 };
	let signed = SignedPermit::sign(&keys::from_uri("//Alice").unwrap(), permit, [2; 32]);
	let json = self::permit(&signed);
	assert_eq!((&json["number"], &json["expires"]), (&json!(4), &json!(50)));
	assert_eq!((&json["genesis"], &json["to"]), (&json!("02".repeat(32)), &json!(to_ss58(&OWNER))));
	assert_eq!(json["terms"]["uses"], 3);
	assert!(permit_text(&signed).contains("4 of asset 7"));
}
