//! What rights are good for, and what they cost, as the arguments say.

use super::versions;
use crate::{
	amount::Amount, cli::PurposeArgs, context::Context, failure::Failure, manifest::bounded,
};
use assay_primitives::{
	rights::{Currency, Purpose, Tag, TermsError, MAX_TAG},
	Balance,
};

/// What something may be used for.
pub async fn purpose(context: &Context, arguments: &PurposeArgs) -> Result<Purpose, Failure> {
	if !arguments.models.is_empty() {
		let versions = versions(context, &arguments.models).await?;
		return Ok(Purpose::Versions(bounded(versions, "the list of models")?));
	}
	words(&arguments.purposes)
}

fn words(words: &[String]) -> Result<Purpose, Failure> {
	if words.is_empty() {
		return Ok(Purpose::Any);
	}
	let tag = |word: &String| {
		let long = |_| usage(format!("a purpose has at most {MAX_TAG} bytes"));
		Tag::try_from(word.as_bytes().to_vec()).map_err(long)
	};
	let tags = words.iter().map(tag).collect::<Result<Vec<_>, _>>()?;
	Ok(Purpose::Tags(bounded(tags, "the list of purposes")?))
}

/// A price in what an offer is paid in.
pub fn price(text: &str, currency: Currency) -> Result<Balance, Failure> {
	match currency {
		Currency::Native => text
			.parse()
			.map(|Amount(price)| price)
			.map_err(|error| usage(format!("the price `{text}`: {error}"))),
		Currency::Asset(token) => text.parse().map_err(|_| {
			usage(format!("the price `{text}` is no whole number of units of token {token}"))
		}),
	}
}

/// Why the chain would refuse terms.
pub fn explain(error: TermsError) -> Failure {
	usage(match error {
		TermsError::PerUseNotNative => "what is paid by use is paid in ASY".into(),
		TermsError::Invalid => {
			"the terms allow nothing: they end before they begin, or are over already".into()
		},
	})
}

pub fn usage(message: String) -> Failure {
	Failure::new("usage", message)
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::ASY;

	#[test]
	fn purposes_are_words_that_the_chain_has_room_for() {
		let of = |texts: &[&str]| words(&texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>());
		assert_eq!(of(&[]).unwrap(), Purpose::Any);
		let tags = vec![b"research".to_vec().try_into().unwrap()].try_into().unwrap();
		assert_eq!(of(&["research"]).unwrap(), Purpose::Tags(tags));
		let long = of(&[&"x".repeat(33)]).unwrap_err().to_text();
		assert!(long.contains("at most 32 bytes"), "{long}");
		assert!(of(&["x"; 9]).unwrap_err().to_text().contains("the list of purposes"));
	}

	#[test]
	fn a_price_is_in_asy_or_in_whole_units_of_a_token() {
		assert_eq!(price("1.5", Currency::Native).unwrap(), 3 * ASY / 2);
		assert_eq!(price("15", Currency::Asset(7)).unwrap(), 15);
		for (text, currency) in [
			("much", Currency::Native),
			("", Currency::Native),
			("-1", Currency::Native),
			("1.5", Currency::Asset(7)),
			("-1", Currency::Asset(7)),
			("340282366920938463463374607431768211456", Currency::Asset(7)),
		] {
			let said = price(text, currency).unwrap_err().to_text();
			assert!(said.contains(&format!("the price `{text}`")), "{said}");
		}
	}
}
