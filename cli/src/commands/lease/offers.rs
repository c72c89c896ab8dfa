//! `assay lease offers|take|offer`: standing offers of leases.

use super::open::{deposit, duration, submit, Terms};
use crate::{
	amount::Amount,
	cli::{OfferArgs, OffersArgs, TakeArgs},
	context::Context,
	failure::Failure,
	manifest::bounded,
	output::Report,
	views,
};
use assay_client::{keys, Call};
use assay_primitives::{
	lease::{LeaseNumbers, Offer, OfferFilter, OfferView, TakeSpec, MAX_OFFERS},
	AccountId, Balance,
};
use assay_worker::sealed::TenantKey;
use serde_json::json;

/// The offers that can be taken, or all.
pub async fn list(context: &Context, arguments: OffersArgs) -> Result<Report, Failure> {
	let OffersArgs { provider, attribute, able, limit } = arguments;
	let provider = provider.as_deref().map(keys::parse_account).transpose()?;
	let filter = OfferFilter { provider, attribute };
	let client = context.client().await?;
	let (mut offers, mut start) = (Vec::new(), None);
	while offers.len() < limit as usize {
		let page = client.offers(&filter, start.as_ref(), limit).await?;
		offers.extend(page.items.into_iter().filter(|offer| offer.able || !able));
		start = page.next;
		if start.is_none() {
			break;
		}
	}
	offers.truncate(limit as usize);
	let text = views::lease::offers_text(&offers);
	let offers: Vec<_> = offers.iter().map(views::lease::offer).collect();
	Ok(Report::new(json!({ "offers": offers }), text))
}

/// Take an offer, and say before what it comes to.
pub async fn take(context: &Context, arguments: &TakeArgs) -> Result<Report, Failure> {
	let client = context.client().await?;
	let numbers = client.numbers().await?.leases;
	let provider = keys::parse_account(&arguments.provider)?;
	let offer = find(context, &provider, arguments.number).await?;
	let key = TenantKey::load_or_create(&context.lease_key_file(arguments.lease_key.clone())?)?;
	let (take, deposit) = wanted(arguments, &offer, key.public(), &numbers)?;
	let terms = Terms { price: offer.offer.price, duration: take.duration, deposit };
	let (index, take) = (arguments.number, Box::new(take));
	let call = Call::TakeOffer { provider, index, take, deposit };
	let made = submit(context, call, &terms, "lease", &numbers).await?;
	made.follow(context, arguments.wait).await
}

/// An offer that can be taken.
async fn find(
	context: &Context,
	provider: &AccountId,
	index: u8,
) -> Result<OfferView<AccountId>, Failure> {
	let filter = OfferFilter { provider: Some(provider.clone()), attribute: None };
	let client = context.client().await?;
	let offers = client.offers(&filter, None, MAX_OFFERS.into()).await?.items;
	let named = || format!("offer {index} of {}", keys::to_ss58(provider));
	let unknown = || Failure::new("unknown-offer", format!("there is no {}", named()));
	let found = offers.into_iter().find(|offer| offer.key.index == index).ok_or_else(unknown)?;
	if found.able {
		return Ok(found);
	}
	Err(Failure::new("unable", format!("{} cannot be taken now", named()))
		.help("it has expired or is taken, or its provider is away: `assay lease offers --able`"))
}

/// What is taken of an offer as it was read, and what is deposited for it.
fn wanted(
	arguments: &TakeArgs,
	view: &OfferView<AccountId>,
	key: [u8; 32],
	numbers: &LeaseNumbers,
) -> Result<(TakeSpec, Balance), Failure> {
	let offer = &view.offer;
	let duration = duration(arguments.blocks, arguments.days, numbers)?;
	let max_price = arguments.max_price.map_or(offer.price, |Amount(price)| price);
	let attributes = match arguments.attributes.as_slice() {
		[] => offer.attributes.clone(),
		given => bounded(given.to_vec(), "the list of attributes")?,
	};
	let prices = [offer.price, max_price];
	let deposit = deposit(arguments.deposit, prices, duration, numbers)?;
	let reclaim = arguments.reclaim.unwrap_or(offer.reclaim);
	Ok((TakeSpec { attributes: Some(attributes), duration, max_price, reclaim, key }, deposit))
}

/// The call that offers leases.
pub async fn offer(context: &Context, arguments: OfferArgs) -> Result<Call, Failure> {
	let client = context.client().await?;
	let numbers = client.numbers().await?.leases;
	context.require(numbers.offer_deposit, "the deposit of an offer").await?;
	let until = match arguments.lasting {
		Some(blocks) => Some(client.best().await?.number.saturating_add(blocks)),
		None => None,
	};
	let Amount(price) = arguments.price;
	let offer = Offer {
		attributes: bounded(arguments.attributes, "the list of attributes")?,
		price,
		capacity: arguments.capacity,
		reclaim: arguments.reclaim.unwrap_or(numbers.min_reclaim),
		until,
	};
	Ok(Call::SetOffer { index: arguments.number, offer })
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{
		lease::{key_path, OfferKey},
		ASY,
	};

	fn numbers() -> LeaseNumbers {
		LeaseNumbers { minimum_cover: 10, max_duration: 100_000, ..Default::default() }
	}

	fn view() -> OfferView<AccountId> {
		OfferView {
			key: OfferKey { provider: AccountId::new([1; 32]), index: 0 },
			offer: Offer {
				attributes: vec![key_path("gpu/nvidia/h100").unwrap()].try_into().unwrap(),
				price: ASY / 100,
				capacity: 1,
				reclaim: 300,
				until: None,
			},
			open: 0,
			able: true,
			cost_a_day: 0,
			deposit: 0,
		}
	}

	fn arguments() -> TakeArgs {
		TakeArgs {
			provider: String::new(),
			number: 0,
			attributes: Vec::new(),
			max_price: None,
			reclaim: None,
			days: None,
			blocks: Some(1_000),
			deposit: None,
			lease_key: None,
			wait: false,
		}
	}

	#[test]
	fn what_is_taken_is_what_was_read_unless_something_else_is_said() {
		let (take, deposit) = wanted(&arguments(), &view(), [7; 32], &numbers()).unwrap();
		assert_eq!((take.max_price, take.reclaim, take.duration), (ASY / 100, 300, 1_000));
		assert_eq!(take.attributes, Some(view().offer.attributes));
		assert_eq!(deposit, 10 * ASY);
		let arguments = TakeArgs {
			attributes: vec![key_path("gpu").unwrap()],
			max_price: Some(Amount(2 * ASY)),
			reclaim: Some(0),
			..arguments()
		};
		let (take, deposit) = wanted(&arguments, &view(), [7; 32], &numbers()).unwrap();
		assert_eq!((take.max_price, take.reclaim), (2 * ASY, 0));
		assert_eq!(take.attributes.unwrap().to_vec(), [key_path("gpu").unwrap()]);
		// Ten blocks at the highest price.
		assert_eq!(deposit, 20 * ASY);
	}

	#[test]
	fn a_deposit_that_covers_too_little_is_refused_before_it_is_signed() {
		let of = |deposit| TakeArgs { deposit: Some(Amount(deposit)), ..arguments() };
		assert!(wanted(&of(ASY / 10), &view(), [7; 32], &numbers()).is_ok());
		assert!(wanted(&of(ASY / 10 - 1), &view(), [7; 32], &numbers()).is_err());
		let long = TakeArgs { blocks: Some(100_001), ..arguments() };
		assert!(wanted(&long, &view(), [7; 32], &numbers()).is_err());
	}
}
