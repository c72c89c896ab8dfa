//! Amounts of money as people write them: ASY with up to twelve decimals.

use crate::decimal::{self, Decimal, DecimalError};
use assay_primitives::Balance;
use std::{fmt, str::FromStr};

/// The decimals of one ASY.
const DECIMALS: u8 = 12;

/// An amount in the smallest unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Amount(pub Balance);

/// Text that is no amount.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AmountError {
	/// Not digits with at most one point among them.
	#[error("expected an amount of ASY, for example 1.5")]
	Malformed,
	/// Finer than the smallest unit.
	#[error("an ASY has 12 decimals, not more")]
	TooFine,
	/// More than can be counted.
	#[error("the amount is more than can be counted")]
	TooLarge,
}

impl From<DecimalError> for AmountError {
	fn from(error: DecimalError) -> Self {
		match error {
			DecimalError::Malformed => AmountError::Malformed,
			DecimalError::TooFine => AmountError::TooFine,
			DecimalError::TooLarge => AmountError::TooLarge,
		}
	}
}

impl fmt::Display for Amount {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&decimal::text(self.0, DECIMALS))
	}
}

impl FromStr for Amount {
	type Err = AmountError;

	fn from_str(text: &str) -> Result<Self, AmountError> {
		Ok(Amount(text.parse::<Decimal>()?.units(DECIMALS)?))
	}
}

/// An amount with its unit.
pub fn asy(amount: Balance) -> String {
	format!("{} ASY", Amount(amount))
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::ASY;

	#[test]
	fn amounts_are_parsed_to_the_smallest_unit() {
		assert_eq!("1.5".parse(), Ok(Amount(1_500_000_000_000)));
		assert_eq!("0.000000000001".parse(), Ok(Amount(1)));
		assert_eq!(".5".parse(), Ok(Amount(500_000_000_000)));
		assert_eq!("7".parse(), Ok(Amount(7 * ASY)));
	}

	#[test]
	fn text_that_is_no_amount_is_refused() {
		for text in ["", ".", "1.", "-1", "+1", "1e3", "1 ASY", "1.2.3", "٣"] {
			assert_eq!(text.parse::<Amount>(), Err(AmountError::Malformed), "{text:?}");
		}
		assert_eq!("0.0000000000001".parse::<Amount>(), Err(AmountError::TooFine));
		let most = u128::MAX.to_string();
		assert_eq!(most.parse::<Amount>(), Err(AmountError::TooLarge));
		assert_eq!(format!("{most}0").parse::<Amount>(), Err(AmountError::TooLarge));
	}

	#[test]
	fn amounts_are_written_without_needless_digits() {
		for text in ["0", "1.5", "0.000000000001", "340282366920938463463374607.431768211455"] {
			assert_eq!(text.parse::<Amount>().unwrap().to_string(), text);
		}
	}
}
