//! Values that are written as text: amounts, devices, versions to serve.

use super::ConfigError;
use assay_primitives::{lease::BLOCKS_A_DAY, Balance, ASY};
use serde::{Deserialize, Deserializer};
use std::{fmt, path::PathBuf, str::FromStr};

/// An amount of ASY, written with up to twelve decimals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Amount(pub Balance);

impl FromStr for Amount {
	type Err = ConfigError;

	fn from_str(text: &str) -> Result<Self, ConfigError> {
		let bad = || ConfigError::Value {
			text: text.into(),
			what: "amount of ASY",
			expected: "a decimal number with up to 12 decimals, for example 0.001",
		};
		let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
		let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
		if !digits(whole) || !digits(fraction) || fraction.len() > 12 {
			return Err(bad());
		}
		let whole: Balance = whole.parse().map_err(|_| bad())?;
		let fraction: Balance = format!("{fraction:0<12}").parse().map_err(|_| bad())?;
		whole
			.checked_mul(ASY)
			.and_then(|smallest| smallest.checked_add(fraction))
			.map(Amount)
			.ok_or_else(bad)
	}
}

impl fmt::Display for Amount {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let text = format!("{}.{:012}", self.0 / ASY, self.0 % ASY);
		f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
	}
}

/// Where models run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Device {
	/// The processor.
	#[default]
	Cpu,
	/// A CUDA device by its number.
	Cuda(u32),
}

impl fmt::Display for Device {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Device::Cpu => f.write_str("cpu"),
			Device::Cuda(number) => write!(f, "cuda:{number}"),
		}
	}
}

impl FromStr for Device {
	type Err = ConfigError;

	fn from_str(text: &str) -> Result<Self, ConfigError> {
		let number = || text.strip_prefix("cuda:")?.parse().ok();
		match (text, number()) {
			("cpu", _) => Ok(Device::Cpu),
			("cuda", _) => Ok(Device::Cuda(0)),
			(_, Some(number)) => Ok(Device::Cuda(number)),
			_ => Err(ConfigError::Value {
				text: text.into(),
				what: "device",
				expected: "cpu or cuda:NUMBER",
			}),
		}
	}
}

/// The capacity that is offered for leases.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lessor {
	/// What the machine is: key paths.
	pub attributes: Vec<String>,
	/// The price a block.
	pub price: Amount,
	/// The notice in blocks before the capacity is taken back; the least that the chain admits if
	/// not given.
	pub reclaim: Option<u32>,
	/// The leases that are bid for and served at once; 0 bids for nothing.
	#[serde(default = "one")]
	pub capacity: u32,
	/// The file with what tenants are given, which is sealed to each.
	pub credential_file: PathBuf,
	/// The offer that is kept posted; none if not given.
	pub offer: Option<StandingOffer>,
}

/// An offer of leases at the lessor's price and notice, which is renewed before it expires.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandingOffer {
	/// The class: key paths that the machine's attributes meet; its attributes if not given.
	pub attributes: Option<Vec<String>>,
	/// The leases out of it that are served at once, beside those that are bid for.
	#[serde(default = "one")]
	pub capacity: u32,
	/// The blocks for which it is posted each time; a day if not given.
	#[serde(default = "day")]
	pub blocks: u32,
}

fn one() -> u32 {
	1
}

fn day() -> u32 {
	BLOCKS_A_DAY
}

/// A version to serve, and the price of one unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Serve {
	/// The name of the model.
	pub model: String,
	/// The number of the version.
	pub number: u32,
	/// The price of a unit.
	pub price: Amount,
}

impl FromStr for Serve {
	type Err = ConfigError;

	fn from_str(text: &str) -> Result<Self, ConfigError> {
		let bad = || ConfigError::Value {
			text: text.into(),
			what: "version to serve",
			expected: "NAME@NUMBER=PRICE, for example magika@1=0.001",
		};
		let (version, price) = text.split_once('=').ok_or_else(bad)?;
		let (model, number) = version.trim().rsplit_once('@').ok_or_else(bad)?;
		if !assay_primitives::model::is_name(model.as_bytes()) {
			return Err(bad());
		}
		let number = number.parse().ok().filter(|number| *number > 0).ok_or_else(bad)?;
		Ok(Serve { model: model.into(), number, price: price.trim().parse()? })
	}
}

macro_rules! deserialize_from_text {
	($($name:ident),*) => {$(
		impl<'de> Deserialize<'de> for $name {
			fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
				String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
			}
		}
	)*};
}
deserialize_from_text!(Amount, Device, Serve);

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_amount_is_shown_as_it_is_read() {
		for text in ["0", "1", "0.001", "12.5", "0.000000000001"] {
			assert_eq!(text.parse::<Amount>().unwrap().to_string(), text);
		}
	}

	#[test]
	fn a_version_to_serve_has_a_name_a_number_and_a_price() {
		let serve: Serve = "org/model@2=1.5".parse().unwrap();
		assert_eq!((serve.model.as_str(), serve.number), ("org/model", 2));
		assert_eq!(serve.price, Amount(3 * ASY / 2));
		for text in ["magika=1", "magika@1", "magika@0=1", "Magika@1=1", "magika@1=-1"] {
			assert!(text.parse::<Serve>().is_err(), "{text}");
		}
	}

	#[test]
	fn spaces_around_the_parts_of_a_version_to_serve_are_allowed() {
		let spaced: Serve = "magika@1 = 0.01".parse().unwrap();
		assert_eq!(spaced, "magika@1=0.01".parse().unwrap());
	}

	#[test]
	fn amounts_have_at_most_twelve_decimals() {
		assert_eq!("0.000000000001".parse::<Amount>().unwrap(), Amount(1));
		for text in ["", ".", "1.", ".5", "0.0000000000001", "1e3", &"9".repeat(40)] {
			assert!(text.parse::<Amount>().is_err(), "{text}");
		}
	}
}
