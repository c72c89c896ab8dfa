//! Identifiers. Each is a newtype, so that one cannot be passed for another.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{fmt, str::FromStr};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

macro_rules! number_id {
	($(#[$doc:meta])* $name:ident, $inner:ty) => {
		$(#[$doc])*
		#[derive(
			Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Encode, Decode,
			DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
		)]
		#[serde(transparent)]
		pub struct $name(pub $inner);

		impl fmt::Display for $name {
			fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
				self.0.fmt(f)
			}
		}

		impl FromStr for $name {
			type Err = core::num::ParseIntError;

			fn from_str(text: &str) -> Result<Self, Self::Err> {
				text.parse().map(Self)
			}
		}
	};
}

number_id!(
	/// A registered model: a name and an owner, under which versions are published.
	ModelId,
	u32
);
number_id!(
	/// A job: one request for one answer.
	JobId,
	u64
);
number_id!(
	/// A demand to show a part of a job's input or output. They are counted over all jobs, so that
	/// none has a number that another had before.
	DemandId,
	u64
);
number_id!(
	/// A subscription: a budget out of which jobs are requested again and again.
	SubscriptionId,
	u64
);
number_id!(
	/// A lease of dedicated capacity, and the order that it begins as.
	LeaseId,
	u64
);
number_id!(
	/// Something that data rights are about: a dataset, a stream, an algorithm, labels.
	AssetId,
	u32
);
number_id!(
	/// An offer of rights to an asset.
	RightsOfferId,
	u32
);
number_id!(
	/// A right to use an asset.
	GrantId,
	u64
);
number_id!(
	/// A pool of data that many contribute to.
	PoolId,
	u32
);
number_id!(
	/// A request for the key of an asset.
	KeyRequestId,
	u64
);
number_id!(
	/// An offering of shares in income.
	OfferingId,
	u32
);

/// A dispute: of a job, which one, and whether it is that about its probe. Written `JOB.NUMBER`, for
/// example `7.1`, and `7.1p` for the probe.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Hash,
	Debug,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct DisputeId {
	/// The job whose result is disputed.
	pub job: JobId,
	/// Which of the job's disputes it is, from one on.
	pub number: u8,
	/// Whether it is about the probe that decides the dispute of this number.
	pub probe: bool,
}

impl DisputeId {
	/// The dispute of a job with this number.
	pub const fn new(job: JobId, number: u8) -> Self {
		DisputeId { job, number, probe: false }
	}

	/// The dispute about the probe of this one.
	pub const fn of_probe(self) -> Self {
		DisputeId { probe: true, ..self }
	}

	/// The dispute that this one decides, if it is about a probe; otherwise the same.
	pub const fn main(self) -> Self {
		DisputeId { probe: false, ..self }
	}
}

impl fmt::Display for DisputeId {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}.{}{}", self.job, self.number, if self.probe { "p" } else { "" })
	}
}

impl FromStr for DisputeId {
	type Err = ParseDisputeIdError;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		let (text, probe) = text.strip_suffix('p').map_or((text, false), |rest| (rest, true));
		let (job, number) = text.split_once('.').ok_or(ParseDisputeIdError)?;
		let number = number.parse().map_err(|_| ParseDisputeIdError)?;
		Ok(DisputeId { job: job.parse().map_err(|_| ParseDisputeIdError)?, number, probe })
	}
}

impl Serialize for DisputeId {
	fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(self)
	}
}

impl<'de> Deserialize<'de> for DisputeId {
	fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let text = <alloc::string::String as Deserialize>::deserialize(deserializer)?;
		text.parse().map_err(serde::de::Error::custom)
	}
}

/// How people name a dispute: in full, or by its job alone for its latest.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged)]
pub enum DisputeKey {
	/// The latest dispute of a job.
	Latest(JobId),
	/// This one.
	Exactly(DisputeId),
}

impl DisputeKey {
	/// The job whose result is disputed.
	pub const fn job(self) -> JobId {
		match self {
			DisputeKey::Latest(job) | DisputeKey::Exactly(DisputeId { job, .. }) => job,
		}
	}

	/// The dispute, of a job whose results were disputed so often.
	pub const fn of(self, disputes: u8) -> DisputeId {
		match self {
			DisputeKey::Latest(job) => DisputeId::new(job, disputes),
			DisputeKey::Exactly(id) => id,
		}
	}
}

impl FromStr for DisputeKey {
	type Err = ParseDisputeIdError;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		match text.parse() {
			Ok(job) => Ok(DisputeKey::Latest(job)),
			Err(_) => text.parse().map(DisputeKey::Exactly),
		}
	}
}

/// Text that names no dispute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParseDisputeIdError;

impl fmt::Display for ParseDisputeIdError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("expected JOB.NUMBER, for example 7.1, or 7.1p for its probe")
	}
}

impl core::error::Error for ParseDisputeIdError {}

/// A published version of a model. Written `MODEL@NUMBER`, for example `0@1`.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Hash,
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
pub struct VersionId {
	/// The model.
	pub model: ModelId,
	/// Its number, counted from one in the order of publication.
	pub number: u32,
}

impl fmt::Display for VersionId {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}@{}", self.model, self.number)
	}
}

macro_rules! hash_id {
	($(#[$doc:meta])* $name:ident) => {
		$(#[$doc])*
		#[derive(
			Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode,
			DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
		)]
		pub struct $name(pub [u8; 32]);

		impl fmt::Display for $name {
			fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
				self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
			}
		}

		impl fmt::Debug for $name {
			fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
				fmt::Display::fmt(self, f)
			}
		}

		impl FromStr for $name {
			type Err = HexError;

			fn from_str(text: &str) -> Result<Self, Self::Err> {
				parse_hex(text).map(Self)
			}
		}

		impl Serialize for $name {
			fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
				serializer.collect_str(self)
			}
		}

		impl<'de> Deserialize<'de> for $name {
			fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
				let text = <alloc::string::String as Deserialize>::deserialize(deserializer)?;
				text.parse().map_err(serde::de::Error::custom)
			}
		}
	};
}

hash_id!(
	/// The BLAKE3 hash of an artifact: a model file, or the bytes of a large input or output.
	ArtifactHash
);
hash_id!(
	/// A commitment: the BLAKE2b-256 root of a tensor or of a list of tensors.
	Root
);

/// Text that is not 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HexError;

impl fmt::Display for HexError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("expected 64 hexadecimal digits")
	}
}

impl core::error::Error for HexError {}

fn parse_hex(text: &str) -> Result<[u8; 32], HexError> {
	let text = text.strip_prefix("0x").unwrap_or(text).as_bytes();
	if text.len() != 64 {
		return Err(HexError);
	}
	let mut bytes = [0; 32];
	for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
		let digits = core::str::from_utf8(pair).map_err(|_| HexError)?;
		if !pair.iter().all(u8::is_ascii_hexdigit) {
			return Err(HexError);
		}
		*byte = u8::from_str_radix(digits, 16).map_err(|_| HexError)?;
	}
	Ok(bytes)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn hashes_round_trip_through_text() {
		let hash = ArtifactHash([0xa5; 32]);
		assert_eq!(hash.to_string().parse(), Ok(hash));
		assert_eq!(format!("0x{hash}").parse(), Ok(hash));
	}

	#[test]
	fn disputes_round_trip_through_text() {
		let dispute = DisputeId::new(JobId(7), 1);
		for id in [dispute, dispute.of_probe()] {
			assert_eq!(id.to_string().parse(), Ok(id));
			assert_eq!(id.main(), dispute);
		}
		assert_eq!("7.1p".parse(), Ok(dispute.of_probe()));
		for text in ["", "7", "7.", ".1", "7.256", "7.1q", "p", "7.1pp", "-7.1"] {
			assert_eq!(text.parse::<DisputeId>(), Err(ParseDisputeIdError), "{text:?}");
		}
		assert_eq!("7".parse().map(|key: DisputeKey| key.of(3)), Ok(DisputeId::new(JobId(7), 3)));
		assert_eq!("7.1".parse().map(|key: DisputeKey| key.of(3)), Ok(dispute));
		assert_eq!("7.".parse::<DisputeKey>(), Err(ParseDisputeIdError));
	}

	#[test]
	fn text_that_is_no_hash_is_refused() {
		for text in ["", "0x", "zz", &"g".repeat(64), &"é".repeat(32), &"+1".repeat(32)] {
			assert_eq!(text.parse::<Root>(), Err(HexError), "{text:?}");
		}
	}
}
