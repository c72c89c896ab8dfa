//! Numbers with decimals as people write them, counted in their smallest unit.

use assay_primitives::Balance;
use std::str::FromStr;

/// Digits with at most one point among them, before it is known how many decimals they may have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decimal {
	whole: String,
	fraction: String,
}

/// Text that is no such number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecimalError {
	/// Not digits with at most one point among them.
	Malformed,
	/// Finer than the smallest unit.
	TooFine,
	/// More than can be counted.
	TooLarge,
}

impl FromStr for Decimal {
	type Err = DecimalError;

	fn from_str(text: &str) -> Result<Self, DecimalError> {
		let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
		let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
		let has_digits = !(whole.is_empty() && fraction.is_empty());
		if !has_digits || text.ends_with('.') || !is_digits(whole) || !is_digits(fraction) {
			return Err(DecimalError::Malformed);
		}
		Ok(Decimal { whole: whole.into(), fraction: fraction.into() })
	}
}

impl Decimal {
	/// The number in units of which so many decimals count one.
	pub fn units(&self, decimals: u8) -> Result<Balance, DecimalError> {
		let Decimal { whole, fraction } = self;
		let decimals = usize::from(decimals);
		if fraction.len() > decimals {
			return Err(DecimalError::TooFine);
		}
		format!("{whole}{fraction:0<decimals$}").parse().map_err(|_| DecimalError::TooLarge)
	}
}

/// A number of units as people read it, without needless digits.
pub fn text(units: Balance, decimals: u8) -> String {
	let decimals = usize::from(decimals);
	// One digit more, so that there is one before the point.
	let digits = format!("{units:0>width$}", width = decimals + 1);
	let (whole, fraction) = digits.split_at(digits.len() - decimals);
	match fraction.trim_end_matches('0') {
		"" => whole.into(),
		fraction => format!("{whole}.{fraction}"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn units(text: &str, decimals: u8) -> Result<Balance, DecimalError> {
		text.parse::<Decimal>()?.units(decimals)
	}

	#[test]
	fn numbers_are_counted_in_their_smallest_unit() {
		assert_eq!((units("7", 0), units("007", 0)), (Ok(7), Ok(7)));
		assert_eq!((units("1.5", 2), units(".5", 1), units("0.0", 1)), (Ok(150), Ok(5), Ok(0)));
		assert_eq!(units("1", 38), Ok(10u128.pow(38)));
		assert_eq!(units("1.0", 0), Err(DecimalError::TooFine));
		assert_eq!(units("0.001", 2), Err(DecimalError::TooFine));
		assert_eq!(units(&u128::MAX.to_string(), 0), Ok(u128::MAX));
		assert_eq!(units(&u128::MAX.to_string(), 1), Err(DecimalError::TooLarge));
		assert_eq!(units("1", 255), Err(DecimalError::TooLarge));
		for text in ["", ".", "1.", "-1", "+1", "1e3", "1 A", "1.2.3", "1,5", "٣"] {
			assert_eq!(units(text, 12), Err(DecimalError::Malformed), "{text:?}");
		}
	}

	#[test]
	fn numbers_are_written_as_they_are_read() {
		for (number, decimals) in [("0", 0), ("7", 3), ("1.5", 2), ("0.000001", 6), ("12.34", 2)] {
			assert_eq!(text(units(number, decimals).unwrap(), decimals), number);
		}
		assert_eq!(text(u128::MAX, 38), "3.40282366920938463463374607431768211455");
		assert_eq!(text(1, 255).len(), 257);
	}
}
