//! Parts of a whole as people write them: percentages with up to four decimals.

use assay_primitives::licence::Permill;
use std::{fmt, str::FromStr};

/// The decimals of a percentage: as many as the chain counts.
const DECIMALS: usize = 4;
/// The millionths of one percent.
const ONE: u32 = 10_000;

/// A part of a whole: `2.5%`, `0.0001%` and at most `100%`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Percent(pub Permill);

/// Text that is no percentage that the chain can count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("write 2.5% or 0.0001%, and at most 100%")]
pub struct PercentError;

impl fmt::Display for Percent {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let parts = self.0.deconstruct();
		let fraction = format!("{:0width$}", parts % ONE, width = DECIMALS);
		match fraction.trim_end_matches('0') {
			"" => write!(f, "{}%", parts / ONE),
			digits => write!(f, "{}.{digits}%", parts / ONE),
		}
	}
}

impl FromStr for Percent {
	type Err = PercentError;

	fn from_str(text: &str) -> Result<Self, PercentError> {
		let parts = text.trim().strip_suffix('%').and_then(|number| millionths(number.trim()));
		let within = parts.filter(|parts| *parts <= Permill::one().deconstruct());
		within.map(|parts| Percent(Permill::from_parts(parts))).ok_or(PercentError)
	}
}

/// The millionths of a number of hundredths; `None` of what is no number, or is finer.
fn millionths(number: &str) -> Option<u32> {
	let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
	let is_number =
		|digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
	if !is_number(whole) || !is_number(fraction) || fraction.len() > DECIMALS {
		return None;
	}
	let fraction: u32 = format!("{fraction:0<DECIMALS$}").parse().ok()?;
	whole.parse::<u32>().ok()?.checked_mul(ONE)?.checked_add(fraction)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_percentage_is_one_that_the_chain_can_count() {
		for (text, parts) in [
			("0%", 0),
			("0.0001%", 1),
			("2.5 %", 25_000),
			("33.3333%", 333_333),
			("100%", 1_000_000),
			("100.0%", 1_000_000),
		] {
			assert_eq!(text.parse(), Ok(Percent(Permill::from_parts(parts))), "{text}");
		}
		for text in [
			"",
			"%",
			"2.5",
			"2.%",
			".5%",
			"-1%",
			"+1%",
			"1e1%",
			"0.00001%",
			"100.0001%",
			"9999999999%",
		] {
			assert_eq!(text.parse::<Percent>(), Err(PercentError), "{text}");
		}
	}

	#[test]
	fn percentages_are_written_without_needless_digits() {
		for text in ["0%", "0.0001%", "2.5%", "33.3333%", "100%"] {
			assert_eq!(text.parse::<Percent>().unwrap().to_string(), text);
		}
	}
}
