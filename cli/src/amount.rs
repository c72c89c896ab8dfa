//! Amounts of money as people write them: ASY with up to twelve decimals.

use assay_primitives::{Balance, ASY};
use std::{fmt, str::FromStr};

/// The decimals of one ASY.
const DECIMALS: usize = 12;

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

impl fmt::Display for Amount {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let fraction = format!("{:0width$}", self.0 % ASY, width = DECIMALS);
		match fraction.trim_end_matches('0') {
			"" => write!(f, "{}", self.0 / ASY),
			digits => write!(f, "{}.{digits}", self.0 / ASY),
		}
	}
}

impl FromStr for Amount {
	type Err = AmountError;

	fn from_str(text: &str) -> Result<Self, AmountError> {
		let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
		let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
		let has_digits = !(whole.is_empty() && fraction.is_empty());
		if !has_digits || text.ends_with('.') || !is_digits(whole) || !is_digits(fraction) {
			return Err(AmountError::Malformed);
		}
		if fraction.len() > DECIMALS {
			return Err(AmountError::TooFine);
		}
		let number = |digits: &str| match digits {
			"" => Ok(0),
			digits => digits.parse::<Balance>().map_err(|_| AmountError::TooLarge),
		};
		let whole = number(whole)?.checked_mul(ASY).ok_or(AmountError::TooLarge)?;
		let fraction = number(&format!("{fraction:0<DECIMALS$}"))?;
		whole.checked_add(fraction).map(Amount).ok_or(AmountError::TooLarge)
	}
}

/// An amount with its unit.
pub fn asy(amount: Balance) -> String {
	format!("{} ASY", Amount(amount))
}

#[cfg(test)]
mod tests {
	use super::*;

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
