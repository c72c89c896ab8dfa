//! Income: what earns it, whom it goes to, and how it is divided among many for ever without ever
//! counting them.

use crate::{
	ids::{AssetId, ModelId, PoolId, VersionId},
	Balance,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{fmt, str::FromStr};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::{traits::ConstU32, BoundedVec, DispatchError, Permill};

/// What earns. Written `model:NUMBER`, `asset:NUMBER` or `pool:NUMBER`.
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
pub enum Subject {
	/// A model, with all its versions.
	Model(ModelId),
	/// An asset of data.
	Asset(AssetId),
	/// A pool of data.
	Pool(PoolId),
}

impl fmt::Display for Subject {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Subject::Model(model) => write!(f, "model:{model}"),
			Subject::Asset(asset) => write!(f, "asset:{asset}"),
			Subject::Pool(pool) => write!(f, "pool:{pool}"),
		}
	}
}

/// Text that names nothing that earns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParseSubjectError;

impl fmt::Display for ParseSubjectError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("expected model:NUMBER, asset:NUMBER or pool:NUMBER")
	}
}

impl core::error::Error for ParseSubjectError {}

impl FromStr for Subject {
	type Err = ParseSubjectError;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		let (kind, number) = text.split_once(':').ok_or(ParseSubjectError)?;
		// A number is also parsed with a sign before it.
		if !number.bytes().all(|byte| byte.is_ascii_digit()) {
			return Err(ParseSubjectError);
		}
		let subject = match kind {
			"model" => number.parse().map(Subject::Model),
			"asset" => number.parse().map(Subject::Asset),
			"pool" => number.parse().map(Subject::Pool),
			_ => return Err(ParseSubjectError),
		};
		subject.map_err(|_| ParseSubjectError)
	}
}

/// Reads who owns what earns.
pub trait SubjectInspect<AccountId> {
	/// The present owner; `None` of what does not exist.
	fn owner(subject: Subject) -> Option<AccountId>;
}

/// Nothing is owned.
impl<AccountId> SubjectInspect<AccountId> for () {
	fn owner(_: Subject) -> Option<AccountId> {
		None
	}
}

/// Reads whom income goes to.
pub trait IncomeInspect<AccountId> {
	/// The account that keeps the income of the subject for those who have shares in it; `None`
	/// where there are no shares.
	fn pot(subject: Subject) -> Option<AccountId>;

	/// The account that is paid what the subject earns: its pot, or else the owner.
	fn payee(subject: Subject, owner: &AccountId) -> AccountId
	where
		AccountId: Clone,
	{
		Self::pot(subject).unwrap_or_else(|| owner.clone())
	}
}

impl<AccountId: Clone> IncomeInspect<AccountId> for () {
	fn pot(_: Subject) -> Option<AccountId> {
		None
	}
}

/// Pays what shares have earned.
pub trait IncomeClaim<AccountId> {
	/// Pay what the shares of `holder` have earned so far to `to`, and tell how much it was.
	fn claim(
		subject: Subject,
		holder: &AccountId,
		to: &AccountId,
	) -> Result<Balance, DispatchError>;
}

/// How much something was used.
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
)]
pub struct UsageTotal {
	/// The jobs that used it and have settled.
	pub jobs: u64,
	/// What they have paid for it: the part of their fees that is its owner's and its ancestors'.
	pub paid: Balance,
}

impl UsageTotal {
	/// With one more job. Saturates: nobody runs so many.
	pub const fn with(self, paid: Balance) -> Self {
		UsageTotal { jobs: self.jobs.saturating_add(1), paid: self.paid.saturating_add(paid) }
	}

	/// What came after an earlier total.
	pub const fn since(self, before: UsageTotal) -> Self {
		UsageTotal {
			jobs: self.jobs.saturating_sub(before.jobs),
			paid: self.paid.saturating_sub(before.paid),
		}
	}
}

/// Counts what is used.
pub trait UsageInspect {
	/// How much a subject was used since the chain began.
	fn used(subject: Subject) -> UsageTotal;
}

/// Hears of jobs that have settled.
pub trait UsageCount {
	/// One more job of a version has settled, and has paid so much for it.
	fn count(version: VersionId, paid: Balance);
}

impl UsageCount for () {
	fn count(_: VersionId, _: Balance) {}
}

/// The most bytes of the name of shares.
pub const MAX_SHARE_NAME: u32 = 48;
/// The most bytes of the symbol of shares.
pub const MAX_SHARE_SYMBOL: u32 = 12;
/// The most decimals that shares can be shown with: those of the largest balance.
pub const MAX_DECIMALS: u8 = 38;

/// The name of shares: UTF-8 without control characters.
pub type ShareName = BoundedVec<u8, ConstU32<MAX_SHARE_NAME>>;
/// The symbol of shares: letters, digits and marks of ASCII.
pub type ShareSymbol = BoundedVec<u8, ConstU32<MAX_SHARE_SYMBOL>>;

/// What shares in the income of a subject are to be.
#[derive(
	Clone,
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
pub struct ShareSpec {
	/// How many there are.
	pub supply: Balance,
	/// What they are called.
	pub name: ShareName,
	/// The same in short.
	pub symbol: ShareSymbol,
	/// The decimals that they are shown with.
	pub decimals: u8,
	/// The part of the income that is kept for those who redeem shares.
	pub retained: Permill,
}

/// What is wrong with what shares are to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShareSpecError {
	/// There are none.
	Supply,
	/// The name is empty, or not plain text.
	Name,
	/// The symbol is empty, or not plain ASCII.
	Symbol,
	/// There are more decimals than can be.
	Decimals,
}

impl ShareSpec {
	/// Check what the chain asks of shares.
	pub fn validate(&self) -> Result<(), ShareSpecError> {
		let check = |holds: bool, error| holds.then_some(()).ok_or(error);
		check(self.supply > 0, ShareSpecError::Supply)?;
		check(is_text(&self.name), ShareSpecError::Name)?;
		let is_symbol = !self.symbol.is_empty() && self.symbol.iter().all(u8::is_ascii_graphic);
		check(is_symbol, ShareSpecError::Symbol)?;
		check(self.decimals <= MAX_DECIMALS, ShareSpecError::Decimals)
	}
}

/// Whether bytes are text that can be shown in a line.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
	let text = core::str::from_utf8(bytes);
	text.is_ok_and(|text| !text.trim().is_empty() && !text.chars().any(char::is_control))
}

/// The shares in the income of a subject, as clients read them.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct StreamView<AccountId> {
	/// What earns.
	pub subject: Subject,
	/// Its present owner, to whom what comes without any shares goes.
	pub owner: Option<AccountId>,
	/// The account that is paid what the subject earns, while there are shares.
	pub pot: AccountId,
	/// How many shares there are.
	pub supply: Balance,
	/// What they are called.
	pub name: ShareName,
	/// The same in short.
	pub symbol: ShareSymbol,
	/// The decimals that they are shown with.
	pub decimals: u8,
	/// The part of the income that is kept for those who redeem shares.
	pub retained: Permill,
	/// What all holders together can claim now, but for fractions of a unit.
	pub claimable: Balance,
	/// What is kept for those who redeem shares.
	pub pool: Balance,
	/// The accounts that have shares or something to claim.
	pub holders: u32,
	/// Who has paid the deposit.
	pub depositor: AccountId,
	/// The deposit.
	pub deposit: Balance,
}

/// What an account has of a stream, as clients read it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct HoldingView<AccountId> {
	/// Whose it is.
	pub who: AccountId,
	/// Its shares.
	pub shares: Balance,
	/// What it can claim now.
	pub claimable: Balance,
	/// What it would be paid out of the pool for all its shares now, if it redeemed them.
	pub redeemable: Balance,
}

#[cfg(test)]
mod tests {
	use super::*;

	fn spec() -> ShareSpec {
		ShareSpec {
			supply: 1,
			name: "Größte Modelle".as_bytes().to_vec().try_into().unwrap(),
			symbol: b"GM-1".to_vec().try_into().unwrap(),
			decimals: MAX_DECIMALS,
			retained: Permill::from_percent(100),
		}
	}

	#[test]
	fn subjects_round_trip_through_text() {
		let subjects = [
			Subject::Model(ModelId(3)),
			Subject::Asset(AssetId(0)),
			Subject::Pool(PoolId(u32::MAX)),
		];
		for subject in subjects {
			assert_eq!(subject.to_string().parse(), Ok(subject));
		}
		assert_eq!("model:3".parse(), Ok(Subject::Model(ModelId(3))));
		let wrong = [
			"",
			"3",
			"model",
			"model:",
			":3",
			"Model:3",
			"model:-1",
			"model:+1",
			"model:4294967296",
		];
		for text in wrong.into_iter().chain(["version:3", "model: 3", "model:3@1", "pool:1/0"]) {
			assert_eq!(text.parse::<Subject>(), Err(ParseSubjectError), "{text:?}");
		}
	}

	#[test]
	fn shares_have_a_name_and_a_symbol_that_can_be_shown() {
		assert_eq!(spec().validate(), Ok(()));
		for name in ["", "  ", "a\nb", "a\0"] {
			let name = name.as_bytes().to_vec().try_into().unwrap();
			assert_eq!(ShareSpec { name, ..spec() }.validate(), Err(ShareSpecError::Name));
		}
		let name = vec![0xff].try_into().unwrap();
		assert_eq!(ShareSpec { name, ..spec() }.validate(), Err(ShareSpecError::Name));
		for symbol in ["", "A B", "É", "A\n"] {
			let symbol = symbol.as_bytes().to_vec().try_into().unwrap();
			assert_eq!(ShareSpec { symbol, ..spec() }.validate(), Err(ShareSpecError::Symbol));
		}
	}

	#[test]
	fn there_are_shares_and_not_too_many_decimals() {
		let none = ShareSpec { supply: 0, ..spec() };
		assert_eq!(none.validate(), Err(ShareSpecError::Supply));
		let fine = ShareSpec { decimals: MAX_DECIMALS + 1, ..spec() };
		assert_eq!(fine.validate(), Err(ShareSpecError::Decimals));
	}
}
