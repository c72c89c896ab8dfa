//! Providers: who runs models, where, and how reliably.

use crate::{ids::VersionId, Balance, BlockNumber};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::ConstU32;
use sp_runtime::{BoundedVec, Permill};

/// The longest endpoint URL in bytes.
pub const MAX_ENDPOINT: u32 = 256;
/// The longest text of a runtime profile or a device in bytes.
pub const MAX_LABEL: u32 = 64;
/// The most providers with an ask for one version: what one draw reads.
pub const MAX_PROVIDERS_PER_VERSION: u32 = 128;
/// The most devices of a profile.
pub const MAX_DEVICES: u32 = 8;

/// A short UTF-8 text.
pub type Label = BoundedVec<u8, ConstU32<MAX_LABEL>>;

/// What a provider says of itself.
#[derive(
	Clone,
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
pub struct Profile {
	/// The URL of its artifact gateway, from which outputs by root are fetched; may be empty.
	pub endpoint: BoundedVec<u8, ConstU32<MAX_ENDPOINT>>,
	/// The engine and its pinned configuration, for example `ort-1.31.1/cpu`.
	pub runtime: Label,
	/// The devices it runs on, for example `NVIDIA H100`.
	pub devices: BoundedVec<Label, ConstU32<MAX_DEVICES>>,
}

impl Profile {
	/// Whether every text is UTF-8 and the endpoint is empty or an `http` or `https` URL.
	pub fn is_valid(&self) -> bool {
		let is_text = |bytes: &[u8]| core::str::from_utf8(bytes).is_ok();
		let is_url = self.endpoint.is_empty()
			|| core::str::from_utf8(&self.endpoint).is_ok_and(|url| {
				["http://", "https://"]
					.iter()
					.any(|scheme| url.len() > scheme.len() && url.starts_with(scheme))
			});
		is_url && is_text(&self.runtime) && self.devices.iter().all(|device| is_text(device))
	}
}

/// What became of the jobs that a provider was assigned.
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
pub struct Statistics {
	/// Jobs assigned to it.
	pub assigned: u64,
	/// Jobs it answered whose results settled.
	pub delivered: u64,
	/// Jobs it did not answer in time.
	pub missed: u64,
	/// Jobs whose results were proven wrong.
	pub refuted: u64,
	/// Jobs whose results were outside of the tolerance, without guilt. Honest engines have some
	/// too: to be compared with those of other providers of the same versions.
	pub strikes: u64,
}

impl Statistics {
	/// The share of finished jobs that were delivered and stood, with one miss and one delivery
	/// assumed before the first (Laplace's rule of succession), so that newcomers start at one
	/// half.
	pub fn quality(&self) -> Permill {
		let good = self.delivered.saturating_add(1);
		let bad = self.missed.saturating_add(self.refuted);
		let all = self.delivered.saturating_add(bad).saturating_add(2);
		Permill::from_rational(good, all)
	}
}

/// A provider that can be drawn for a job.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Candidate<AccountId> {
	/// The provider.
	pub provider: AccountId,
	/// Its price a unit of the version.
	pub ask: Balance,
	/// The part of its bond that no job has locked.
	pub free_stake: Balance,
	/// How reliably it delivered.
	pub quality: Permill,
}

impl<AccountId> Candidate<AccountId> {
	/// The weight of the candidate in a draw: its free stake, lowered by its quality.
	pub fn weight(&self) -> Balance {
		self.quality.mul_floor(self.free_stake)
	}
}

/// What became of one assigned job.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum Performance {
	/// The result settled.
	Delivered,
	/// No result came in time.
	Missed,
	/// The job ended through no merit or fault of the provider.
	Excused,
	/// The result was outside of the tolerance, without guilt.
	Struck,
}

/// An ask as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct AskView {
	/// The version it serves.
	pub version: VersionId,
	/// Its price a unit.
	pub price: Balance,
}

/// A provider as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct ProviderView<AccountId> {
	/// Its account.
	pub account: AccountId,
	/// What it says of itself.
	pub profile: Profile,
	/// Its bond, without what is unbonding.
	pub bond: Balance,
	/// The part of the bond that open jobs have locked.
	pub locked: Balance,
	/// What is unbonding, with the block from which it can be withdrawn.
	pub unbonding: Option<(Balance, BlockNumber)>,
	/// Whether it says that it takes jobs.
	pub online: bool,
	/// Whether it is drawn: online, and its last heartbeat has not expired.
	pub available: bool,
	/// The block of its last heartbeat.
	pub heartbeat: BlockNumber,
	/// What became of its jobs.
	pub statistics: Statistics,
	/// The versions it serves.
	pub asks: Vec<AskView>,
}
