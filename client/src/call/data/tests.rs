use super::*;
use crate::call::{Call, CallIndices};
use assay_primitives::{
	rights::{AssetKind, Currency, Manifest, OfferKind, Permit, Purpose},
	ModelId, Root, VersionId,
};
use subxt::config::substrate::MultiSignature;

/// A chain whose data rights have the number 42, and the calls their order in the pallet.
struct Fixed;

impl CallIndices for Fixed {
	fn indices(&self, pallet: &str, call: &str) -> Option<[u8; 2]> {
		const CALLS: [&str; 22] = [
			"register_asset",
			"set_terms",
			"set_algorithms",
			"retire",
			"revoke_asset",
			"freeze",
			"thaw",
			"remove_asset",
			"post_offer",
			"reprice",
			"withdraw_offer",
			"buy",
			"tokenize_offer",
			"mint_access",
			"redeem_access",
			"give",
			"give_signed",
			"cancel_permits",
			"extend",
			"revoke_grant",
			"transfer_grant",
			"drop_grant",
		];
		match pallet {
			"DataRights" => {
				let index = CALLS.iter().position(|name| *name == call)?;
				Some([42, index as u8])
			},
			"Nfts" => (call == "transfer").then_some([41, 6]),
			_ => None,
		}
	}
}

fn hex_of(call: DataCall) -> String {
	hex::encode(Call::Data(call).encode(&Fixed).unwrap())
}

const ASSET: AssetId = AssetId(258);
const OFFER: RightsOfferId = RightsOfferId(258);
/// Either of them.
const SHORT: &str = "02010000";
const GRANT: GrantId = GrantId(258);
const LONG: &str = "0201000000000000";
const FIVE: &str = "05000000000000000000000000000000";

fn account() -> (AccountId, String) {
	(AccountId::new([7; 32]), "07".repeat(32))
}

fn version() -> VersionId {
	VersionId { model: ModelId(1), number: 2 }
}

#[test]
fn an_asset_is_registered_field_by_field() {
	let spec = AssetSpec {
		kind: AssetKind::Labels,
		manifest: Manifest {
			root: Root([9; 32]),
			files: 3,
			bytes: 4,
			locator: b"u".to_vec().try_into().unwrap(),
		},
		schema: b"s".to_vec().try_into().unwrap(),
		licence: b"MIT".to_vec().try_into().unwrap(),
		consent: Consent { training: true, inference: false, derivatives: true },
		algorithms: Algorithms::Only(vec![version()].try_into().unwrap()),
		key: Some(Root([8; 32])),
	};
	let expected = [
		"2a00",
		"03",
		&"09".repeat(32),
		"03000000",
		"0400000000000000",
		"0475",
		"0473",
		"0c4d4954",
		"010001",
		"01040100000002000000",
		&format!("01{}", "08".repeat(32)),
	];
	assert_eq!(hex_of(DataCall::RegisterAsset { spec: Box::new(spec) }), expected.concat());
}

#[test]
fn what_an_owner_changes_of_an_asset_is_encoded_field_by_field() {
	let consent = Consent { training: false, inference: true, derivatives: false };
	let licence = b"MIT".to_vec().try_into().unwrap();
	let set = hex_of(DataCall::SetTerms { asset: ASSET, consent, licence });
	assert_eq!(set, format!("2a01{SHORT}0001000c4d4954"));
	let any = DataCall::SetAlgorithms { asset: ASSET, algorithms: Algorithms::Any };
	assert_eq!(hex_of(any), format!("2a02{SHORT}00"));
	let numbered = [
		(DataCall::Retire { asset: ASSET }, "03"),
		(DataCall::RevokeAsset { asset: ASSET }, "04"),
		(DataCall::Freeze { asset: ASSET }, "05"),
		(DataCall::Thaw { asset: ASSET }, "06"),
		(DataCall::RemoveAsset { asset: ASSET }, "07"),
	];
	for (call, index) in numbered {
		assert_eq!(hex_of(call), format!("2a{index}{SHORT}"));
	}
	let (to, digits) = account();
	let given = hex_of(DataCall::TransferItem { item: (1, 258), to });
	assert_eq!(given, format!("290601000000{SHORT}00{digits}"));
}

#[test]
fn offers_are_encoded_field_by_field() {
	let terms = OfferTerms {
		kind: OfferKind::Period { blocks: 6 },
		uses: Some(3),
		price: 5,
		currency: Currency::Asset(4),
		purpose: Purpose::Versions(vec![version()].try_into().unwrap()),
		transferable: true,
		revocable: false,
		commercial: true,
	};
	let expected = [
		"2a08",
		SHORT,
		"0106000000",
		"0103000000",
		FIVE,
		"0104000000",
		"01040100000002000000",
		"010001",
	];
	let post = DataCall::PostOffer { asset: ASSET, terms: Box::new(terms) };
	assert_eq!(hex_of(post), expected.concat());
	let repriced = hex_of(DataCall::Reprice { offer: OFFER, price: 5 });
	assert_eq!(repriced, format!("2a09{SHORT}{FIVE}"));
	assert_eq!(hex_of(DataCall::WithdrawOffer { offer: OFFER }), format!("2a0a{SHORT}"));
	let buy = |extend| hex_of(DataCall::Buy { offer: OFFER, times: 2, most: 5, extend });
	assert_eq!(buy(None), format!("2a0b{SHORT}02000000{FIVE}00"));
	assert_eq!(buy(Some(GRANT)), format!("2a0b{SHORT}02000000{FIVE}01{LONG}"));
}

#[test]
fn tokens_are_encoded_field_by_field() {
	let tokenize = DataCall::TokenizeOffer { offer: OFFER, token: 9, for_sale: true };
	assert_eq!(hex_of(tokenize), format!("2a0c{SHORT}0900000001"));
	let (to, digits) = account();
	let mint = hex_of(DataCall::MintAccess { offer: OFFER, to, amount: 5 });
	assert_eq!(mint, format!("2a0d{SHORT}{digits}{FIVE}"));
	assert_eq!(hex_of(DataCall::RedeemAccess { offer: OFFER }), format!("2a0e{SHORT}"));
}

fn terms() -> GrantTerms {
	GrantTerms {
		from: 1,
		until: Some(2),
		uses: None,
		price: 5,
		purpose: Purpose::Tags(vec![b"ab".to_vec().try_into().unwrap()].try_into().unwrap()),
		commercial: false,
		transferable: true,
		revocable: false,
	}
}

/// The same, encoded.
fn terms_hex() -> String {
	["01000000", "0102000000", "00", FIVE, "0204086162", "000100"].concat()
}

#[test]
fn a_grant_is_given_field_by_field() {
	let (to, digits) = account();
	let given = hex_of(DataCall::Give { asset: ASSET, to, terms: Box::new(terms()) });
	assert_eq!(given, format!("2a0f{SHORT}{digits}{}", terms_hex()));
}

#[test]
fn a_permit_is_submitted_with_who_signed_it_and_how() {
	let (to, digits) = account();
	let signed = SignedPermit {
		genesis: [1; 32],
		owner: AccountId::new([6; 32]),
		permit: Permit { asset: ASSET, to, terms: terms(), nonce: 258, expires: 3 },
		signature: MultiSignature::Sr25519([4; 64]),
	};
	let expected = [
		"2a10",
		SHORT,
		&digits,
		&terms_hex(),
		LONG,
		"03000000",
		&"06".repeat(32),
		&format!("01{}", "04".repeat(64)),
	];
	assert_eq!(hex_of(DataCall::GiveSigned { signed: Box::new(signed) }), expected.concat());
	let cancelled = hex_of(DataCall::CancelPermits { asset: ASSET, below: 258 });
	assert_eq!(cancelled, format!("2a11{SHORT}{LONG}"));
}

#[test]
fn what_becomes_of_a_grant_is_encoded_field_by_field() {
	let extended = hex_of(DataCall::Extend { grant: GRANT, until: Some(3), more: 4 });
	assert_eq!(extended, format!("2a12{LONG}010300000004000000"));
	assert_eq!(hex_of(DataCall::RevokeGrant { grant: GRANT }), format!("2a13{LONG}"));
	let (to, digits) = account();
	let passed = hex_of(DataCall::TransferGrant { grant: GRANT, to });
	assert_eq!(passed, format!("2a14{LONG}{digits}"));
	assert_eq!(hex_of(DataCall::DropGrant { grant: GRANT }), format!("2a15{LONG}"));
}
