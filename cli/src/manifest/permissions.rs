//! What a manifest lets others do with a version: its table `[permissions]`.

use super::{bounded, invalid};
use crate::{amount::Amount, failure::Failure, percent::Percent};
use assay_primitives::{
	licence::{Derivatives, Licence, Permill},
	Balance,
};
use serde::Deserialize;

/// What others may do with a version. What is not said is allowed, and costs nothing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Permissions {
	/// Whether jobs are allowed that somebody earns by.
	pub commercial: bool,
	/// Whether something may be made from it: `"free"`, `"on-consent"` or `"forbidden"`.
	pub derivatives: Derivatives,
	/// Whether whoever publishes its results, or what is made from it, has to name it.
	pub attribution: bool,
	/// The least part of the income of whatever is made from it, for example `"2.5%"`.
	pub royalty: Option<String>,
	/// The least price a unit of it and of whatever is made from it, in ASY.
	pub least_price: Option<String>,
	/// What it may be used for; empty for anything.
	pub purposes: Vec<String>,
}

impl Default for Permissions {
	fn default() -> Self {
		let Licence { commercial, derivatives, attribution, .. } = Licence::default();
		Permissions {
			commercial,
			derivatives,
			attribution,
			royalty: None,
			least_price: None,
			purposes: Vec::new(),
		}
	}
}

impl Permissions {
	/// The same as the chain has it.
	pub fn licence(&self) -> Result<Licence, Failure> {
		let royalty = self.royalty.as_deref().map_or(Ok(Permill::zero()), percentage)?;
		let least_price = self.least_price.as_deref().map_or(Ok(0), price)?;
		let purposes = self
			.purposes
			.iter()
			.map(|purpose| bounded(purpose.as_bytes().to_vec(), "a purpose"))
			.collect::<Result<Vec<_>, _>>()?;
		Ok(Licence {
			commercial: self.commercial,
			derivatives: self.derivatives,
			attribution: self.attribution,
			royalty,
			least_price,
			purposes: bounded(purposes, "the list of purposes")?,
		})
	}
}

/// A royalty as people write it.
fn percentage(text: &str) -> Result<Permill, Failure> {
	let part = text.parse::<Percent>().map(|Percent(part)| part);
	part.map_err(|error| invalid(format!("`{text}` is no royalty: {error}")))
}

/// A price as people write it.
fn price(text: &str) -> Result<Balance, Failure> {
	let price = text.parse::<Amount>().map(|Amount(price)| price);
	price.map_err(|error| invalid(format!("the least price: {error}")))
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::ASY;

	fn permissions(text: &str) -> Permissions {
		toml::from_str(text).unwrap()
	}

	#[test]
	fn what_is_not_said_is_allowed() {
		assert_eq!(permissions("").licence().unwrap(), Licence::default());
	}

	#[test]
	fn a_table_becomes_a_licence() {
		let text = r#"
			commercial = false
			derivatives = "on-consent"
			attribution = true
			royalty = "2.5%"
			least_price = "0.5"
			purposes = ["research", "medicine"]
		"#;
		let licence = permissions(text).licence().unwrap();
		assert_eq!((licence.commercial, licence.attribution), (false, true));
		assert_eq!(licence.derivatives, Derivatives::OnConsent);
		assert_eq!(licence.royalty, Permill::from_parts(25_000));
		assert_eq!(licence.least_price, ASY / 2);
		let purposes: Vec<_> = licence.purposes.iter().map(|purpose| purpose.to_vec()).collect();
		assert_eq!(purposes, [b"research".to_vec(), b"medicine".to_vec()]);
	}

	#[test]
	fn a_royalty_is_a_percentage() {
		for text in ["", "2.5", "-1%", "0.00001%", "100.0001%"] {
			assert!(percentage(text).unwrap_err().to_text().contains("royalty"), "{text}");
		}
	}

	#[test]
	fn a_least_price_is_an_amount() {
		for text in ["", "-1", "1e5", "cheap"] {
			assert!(price(text).unwrap_err().to_text().contains("least price"), "{text}");
		}
	}

	#[test]
	fn what_the_chain_does_not_know_is_refused() {
		assert!(toml::from_str::<Permissions>("comercial = false").is_err());
		assert!(toml::from_str::<Permissions>("derivatives = \"perhaps\"").is_err());
		let long = Permissions { purposes: vec!["x".repeat(33)], ..Permissions::default() };
		assert!(long.licence().unwrap_err().to_text().contains("a purpose"));
		let many = Permissions { purposes: vec!["x".into(); 9], ..Permissions::default() };
		assert!(many.licence().unwrap_err().to_text().contains("the list of purposes"));
	}
}
