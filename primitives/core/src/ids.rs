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

impl JobId {
	/// What tells the dispute of a probe from that of its job. The chain counts jobs, and does not
	/// come so far.
	const PROBE: u64 = 1 << 63;

	/// The number under which the probe of this job's dispute is played.
	pub const fn probe(self) -> Self {
		JobId(self.0 | Self::PROBE)
	}

	/// The job that is disputed, and whether this is the number of its probe.
	pub const fn disputed(self) -> (Self, bool) {
		(JobId(self.0 & !Self::PROBE), self.0 & Self::PROBE != 0)
	}
}

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
	fn text_that_is_no_hash_is_refused() {
		for text in ["", "0x", "zz", &"g".repeat(64), &"é".repeat(32), &"+1".repeat(32)] {
			assert_eq!(text.parse::<Root>(), Err(HexError), "{text:?}");
		}
	}
}
