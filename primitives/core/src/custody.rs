//! Custody of content keys: who keeps them, who asks for one, and what is handed out.
//!
//! A key crosses the chain only *sealed*: in a box that only the secret behind the asker's public
//! key opens, in the format of libsodium's `crypto_box_seal`. What is known of the key itself is a
//! commitment to it.

use crate::{
	ids::{AssetId, GrantId, JobId, KeyRequestId, Root},
	provider::MAX_ENDPOINT,
	Balance, BlockNumber,
};
use alloc::string::String;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{fmt, str::FromStr};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::ConstU32;
use sp_runtime::{BoundedVec, DispatchError};

/// The bytes of a content key, and of an X25519 key.
pub const KEY_BYTES: usize = 32;
/// The bytes of a sealed content key: a public key, a tag and the ciphertext.
pub const SEALED_BYTES: usize = 80;
/// The most custodians of an asset.
pub const MAX_CUSTODIANS: u32 = 4;

/// An X25519 public key.
pub type PublicKey = [u8; KEY_BYTES];
/// The URL at which a custodian is reached; may be empty.
pub type Endpoint = BoundedVec<u8, ConstU32<MAX_ENDPOINT>>;

/// The commitment to a content key: all that the chain knows of it.
pub fn key_commitment(key: &[u8; KEY_BYTES]) -> Root {
	Root(sp_io::hashing::blake2_256(&(b"assay/key/1", key).encode()))
}

/// The bytes of the file of so much content once it is encrypted, as the client does it: a header of
/// 64, and a tag of 16 for each chunk of 65,536; `None` of more than can be counted.
pub fn encrypted_size(content: u64) -> Option<u64> {
	// Nothing is one chunk as well.
	let chunks = content.div_ceil(65_536).max(1);
	content.checked_add(chunks.checked_mul(16)?)?.checked_add(64)
}

/// By what right a key is asked for. Written `grant:NUMBER` or `job:NUMBER`.
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
#[serde(rename_all = "lowercase")]
pub enum Ask {
	/// The asker holds this grant.
	Grant(GrantId),
	/// This job is assigned to the asker.
	Job(JobId),
}

impl fmt::Display for Ask {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Ask::Grant(grant) => write!(f, "grant:{grant}"),
			Ask::Job(job) => write!(f, "job:{job}"),
		}
	}
}

impl FromStr for Ask {
	type Err = ParseAskError;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		let (kind, number) = text.split_once(':').ok_or(ParseAskError)?;
		match kind {
			"grant" => number.parse().map(Ask::Grant).map_err(|_| ParseAskError),
			"job" => number.parse().map(Ask::Job).map_err(|_| ParseAskError),
			_ => Err(ParseAskError),
		}
	}
}

/// Text that names no right to a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParseAskError;

impl fmt::Display for ParseAskError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("expected grant:NUMBER or job:NUMBER")
	}
}

impl core::error::Error for ParseAskError {}

/// Reads who may have the keys of assets.
pub trait KeyRights<AccountId> {
	/// The present owner of an asset; `None` of what does not exist.
	fn owner(asset: AssetId) -> Option<AccountId>;

	/// The commitment to the key of an asset; `None` of one that is not encrypted.
	fn commitment(asset: AssetId) -> Option<Root>;

	/// The asset whose key an account may have now by this right: it holds the grant, which is
	/// valid, or it is the provider that the job is assigned to.
	fn may_have_key(who: &AccountId, ask: &Ask) -> Result<AssetId, DispatchError>;

	/// An account was handed the key by this right, which it has now.
	fn handed(who: &AccountId, ask: &Ask);

	/// What an account was handed by this right was not the key.
	fn not_handed(who: &AccountId, ask: &Ask);
}

/// Reads what the keys of assets cost, and whether one is on its way.
pub trait KeyInspect<AccountId> {
	/// What a request for the key of an asset costs; nothing where there is none.
	fn fee(asset: AssetId) -> Balance;

	/// Whether an account has asked for a key by this right and waits for it.
	fn is_awaited(who: &AccountId, ask: &Ask) -> bool;
}

/// A content key in a sealed box. Written as 160 hexadecimal digits.
#[derive(
	Clone, Copy, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SealedKey(pub [u8; SEALED_BYTES]);

impl fmt::Display for SealedKey {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
	}
}

impl fmt::Debug for SealedKey {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		fmt::Display::fmt(self, f)
	}
}

/// Text that is no sealed key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParseSealedKeyError;

impl fmt::Display for ParseSealedKeyError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("expected 160 hexadecimal digits")
	}
}

impl core::error::Error for ParseSealedKeyError {}

impl FromStr for SealedKey {
	type Err = ParseSealedKeyError;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		let text = text.strip_prefix("0x").unwrap_or(text).as_bytes();
		let mut bytes = [0; SEALED_BYTES];
		if text.len() != SEALED_BYTES.saturating_mul(2) || !text.iter().all(u8::is_ascii_hexdigit) {
			return Err(ParseSealedKeyError);
		}
		for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
			let digits = core::str::from_utf8(pair).map_err(|_| ParseSealedKeyError)?;
			*byte = u8::from_str_radix(digits, 16).map_err(|_| ParseSealedKeyError)?;
		}
		Ok(SealedKey(bytes))
	}
}

impl Serialize for SealedKey {
	fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(self)
	}
}

impl<'de> Deserialize<'de> for SealedKey {
	fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let text = <String as Deserialize>::deserialize(deserializer)?;
		text.parse().map_err(serde::de::Error::custom)
	}
}

/// How a custodian failed an asker.
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
#[serde(rename_all = "lowercase")]
pub enum Failure {
	/// It delivered nothing in time.
	Silent,
	/// What it delivered is not the key.
	WrongKey,
}

/// What became of the requests of a custodian.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
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
pub struct CustodyStatistics {
	/// It delivered, and nobody has shown that it was the wrong key.
	pub served: u32,
	/// It was silent.
	pub silent: u32,
	/// It delivered a wrong key.
	pub wrong: u32,
}

/// A custodian as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct CustodianView<AccountId> {
	/// The custodian.
	pub account: AccountId,
	/// The URL at which it is reached; may be empty.
	pub endpoint: Endpoint,
	/// Whether it takes requests.
	pub taking: bool,
	/// Its bond, without what is unbonding.
	pub bond: Balance,
	/// The part of the bond that open requests have locked.
	pub locked: Balance,
	/// What is unbonding, with the block from which it can be withdrawn.
	pub unbonding: Option<(Balance, BlockNumber)>,
	/// The number of its open requests.
	pub open: u32,
	/// The number of assets whose key it has agreed to keep.
	pub appointments: u32,
	/// Whether one more request can be made to it now.
	pub able: bool,
	/// What became of its requests.
	pub statistics: CustodyStatistics,
}

/// A custodian of an asset as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct AppointmentView<AccountId> {
	/// The custodian.
	pub custodian: AccountId,
	/// The commitment to the key that it keeps; `None` before it has accepted.
	pub accepted: Option<Root>,
	/// Whether the key can be asked of it now: it keeps the present one, and can take a request.
	pub able: bool,
	/// Who pays the deposit for the record.
	pub payer: AccountId,
	/// The deposit.
	pub deposit: Balance,
}

/// A request for a key as clients read it, until it ends.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct KeyRequestView<AccountId> {
	/// The request.
	pub id: KeyRequestId,
	/// Who asks.
	pub asker: AccountId,
	/// By what right.
	pub ask: Ask,
	/// Whether it may still have the key.
	pub stands: bool,
	/// The asset whose key is asked for.
	pub asset: AssetId,
	/// Who has to deliver it.
	pub custodian: AccountId,
	/// The commitment to the key.
	pub commitment: Root,
	/// The public key that it has to be sealed to.
	pub recipient: PublicKey,
	/// What the custodian is paid.
	pub fee: Balance,
	/// The deposit of the asker for the record.
	pub deposit: Balance,
	/// The part of the custodian's bond that is at stake.
	pub exposure: Balance,
	/// What was delivered.
	pub sealed: Option<SealedKey>,
	/// Before the delivery, the first block in which it is too late for it; afterwards, the first
	/// in which it is too late for a complaint.
	pub due: BlockNumber,
}

/// The numbers of custody that clients act upon.
#[derive(
	Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, TypeInfo, Serialize, Deserialize,
)]
pub struct CustodyNumbers {
	/// The least bond of a custodian.
	pub min_bond: Balance,
	/// The part of a bond that a request locks, and that each appointment needs.
	pub exposure: Balance,
	/// What a request costs.
	pub fee: Balance,
	/// The deposit for the record of a request, given back when it ends.
	pub request_deposit: Balance,
	/// The deposit for an appointment, given back when it ends.
	pub appointment_deposit: Balance,
	/// The blocks in which a key has to be delivered.
	pub deliver_within: BlockNumber,
	/// The blocks in which a delivery can be complained about.
	pub complaint_window: BlockNumber,
	/// The blocks until an unbonded amount can be withdrawn.
	pub unbonding_period: BlockNumber,
	/// The most open requests of one custodian.
	pub max_open: u32,
}

/// Sets the scene for benchmarks of custody.
#[cfg(feature = "runtime-benchmarks")]
pub trait CustodyScene<AccountId> {
	/// Have `owner` register an asset whose key has this commitment.
	fn asset(owner: &AccountId, commitment: Root) -> AssetId;

	/// Give an account a right to the key of an asset that is as dear to check as any.
	fn right(asset: AssetId, to: &AccountId) -> Ask;

	/// A right to the key of an asset, by a job that uses it and is assigned to this account.
	fn right_to_run(asset: AssetId, by: &AccountId) -> Ask;

	/// Give an account enough of the native token for anything.
	fn fund(account: &AccountId);
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_commitment_is_the_hash_of_its_domain_and_the_key() {
		// BLAKE2b-256 of `assay/key/1` and the bytes 64 to 95, computed with Python's hashlib.
		let key = core::array::from_fn(|index| index as u8 + 64);
		let expected = "da7934001390a04c3e72946f25af83ec577cb55e9651d9cd78587686a67e9a6a";
		assert_eq!(key_commitment(&key).to_string(), expected);
		assert_ne!(key_commitment(&[0; 32]), key_commitment(&[1; 32]));
	}

	#[test]
	fn a_size_that_cannot_be_counted_is_none() {
		let cases = [(0, 80), (1, 81), (65_536, 65_616), (65_537, 65_633)];
		for (content, size) in cases {
			assert_eq!(encrypted_size(content), Some(size));
		}
		assert_eq!(encrypted_size(u64::MAX), None);
		assert_eq!(encrypted_size(u64::MAX - 79), None);
	}

	#[test]
	fn asks_round_trip_through_text() {
		for ask in [Ask::Grant(GrantId(7)), Ask::Job(JobId(0))] {
			assert_eq!(ask.to_string().parse(), Ok(ask));
		}
		for text in ["", "7", "grant", "grant:", "grant:-1", "lease:7", "grant:7:8"] {
			assert_eq!(text.parse::<Ask>(), Err(ParseAskError), "{text:?}");
		}
	}

	#[test]
	fn sealed_keys_round_trip_through_text() {
		let sealed = SealedKey(core::array::from_fn(|index| index as u8));
		assert_eq!(sealed.to_string().parse(), Ok(sealed));
		assert_eq!(format!("0x{sealed}").parse(), Ok(sealed));
		for text in ["", "0x", &"0".repeat(158), &"g".repeat(160), &"+1".repeat(80)] {
			assert_eq!(text.parse::<SealedKey>(), Err(ParseSealedKeyError), "{text:?}");
		}
	}

	#[test]
	fn a_sealed_key_has_no_length_on_the_wire() {
		assert_eq!(SealedKey([1; SEALED_BYTES]).encode(), [1; SEALED_BYTES]);
	}
}
