//! Amounts of shares as people write them: with the decimals that the shares are shown with.

use crate::{
	amount::{asy, Amount},
	decimal::{self, Decimal, DecimalError},
	failure::Failure,
	views,
};
use assay_primitives::{revenue::StreamView, Balance};
use std::str::FromStr;

/// A number of shares, before it is known how many decimals they have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shares(Decimal);

/// Text that is no number of shares.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("expected a number of shares, for example 250 or 1.5")]
pub struct SharesError;

impl FromStr for Shares {
	type Err = SharesError;

	fn from_str(text: &str) -> Result<Self, SharesError> {
		text.parse().map(Shares).map_err(|_| SharesError)
	}
}

/// What shares are counted and written in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Unit {
	/// What they are called in short.
	pub symbol: String,
	/// The decimals that they are shown with.
	pub decimals: u8,
}

impl<AccountId> From<&StreamView<AccountId>> for Unit {
	fn from(stream: &StreamView<AccountId>) -> Self {
		Unit { symbol: views::text(&stream.symbol), decimals: stream.decimals }
	}
}

impl Unit {
	/// So many shares in the smallest unit.
	pub fn count(&self, shares: &Shares) -> Result<Balance, Failure> {
		shares.0.units(self.decimals).map_err(|error| {
			usage(match (error, self.decimals) {
				(DecimalError::TooLarge, _) => "the shares are more than can be counted".into(),
				(_, 0) => "these shares have no decimals".into(),
				(_, decimals) => format!("these shares have {decimals} decimals, not more"),
			})
		})
	}

	/// A number of shares, without their name.
	pub fn number(&self, shares: Balance) -> String {
		decimal::text(shares, self.decimals)
	}

	/// A number of shares with their name.
	pub fn text(&self, shares: Balance) -> String {
		let name = if self.symbol.is_empty() { "shares" } else { &self.symbol };
		format!("{} {name}", self.number(shares))
	}

	/// The price of the smallest unit, of a price of a whole share.
	pub fn price(&self, Amount(price): Amount) -> Result<Balance, Failure> {
		let whole = self.whole().filter(|whole| price.is_multiple_of(*whole));
		whole.map(|whole| price / whole).ok_or_else(|| {
			let finest = self.whole().map_or_else(|| "more than there is".into(), asy);
			usage(format!("{} a share cannot be divided by its decimals", asy(price)))
				.help(format!("a share of {} decimals costs a multiple of {finest}", self.decimals))
		})
	}

	/// The price of a whole share, of the price of the smallest unit; `None` of what is more than
	/// can be counted.
	pub fn price_of_one(&self, price: Balance) -> Option<Balance> {
		self.whole()?.checked_mul(price)
	}

	/// The smallest units of a share.
	fn whole(&self) -> Option<Balance> {
		Balance::checked_pow(10, self.decimals.into())
	}
}

fn usage(message: String) -> Failure {
	Failure::new("usage", message)
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::ASY;

	fn unit(decimals: u8) -> Unit {
		Unit { symbol: "MGK".into(), decimals }
	}

	#[test]
	fn shares_are_counted_with_their_decimals() {
		let count = |text: &str, decimals| unit(decimals).count(&text.parse::<Shares>().unwrap());
		assert_eq!(count("250", 0).unwrap(), 250);
		assert_eq!(count("1.5", 6).unwrap(), 1_500_000);
		assert!(count("1.5", 0).unwrap_err().to_text().contains("have no decimals"));
		assert!(count("0.001", 2).unwrap_err().to_text().contains("have 2 decimals, not more"));
		assert!(count("4", 38).unwrap_err().to_text().contains("than can be counted"));
		for text in ["", "all", "-1", "1e3", "10%"] {
			assert_eq!(text.parse::<Shares>(), Err(SharesError), "{text:?}");
		}
	}

	#[test]
	fn shares_are_written_with_their_name() {
		assert_eq!(unit(6).text(1_500_000), "1.5 MGK");
		assert_eq!(Unit::default().text(7), "7 shares");
	}

	#[test]
	fn a_price_is_that_of_a_whole_share_and_never_rounded() {
		assert_eq!(unit(0).price(Amount(ASY / 2)).unwrap(), ASY / 2);
		assert_eq!(unit(6).price(Amount(2 * ASY)).unwrap(), 2_000_000);
		assert_eq!(unit(6).price_of_one(2_000_000), Some(2 * ASY));
		let text = unit(6).price(Amount(ASY + 1)).unwrap_err().to_text();
		assert!(text.contains("a multiple of 0.000001 ASY"), "{text}");
		assert!(unit(18).price(Amount(ASY)).is_err());
		assert!(unit(255).price(Amount(ASY)).is_err());
		assert_eq!(unit(38).price_of_one(4), None);
		assert_eq!(unit(255).price_of_one(1), None);
	}
}
