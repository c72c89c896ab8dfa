//! `assay data offer|buy|tokens`.

use super::{
	find_offer, rest,
	scope::{explain, price, purpose, usage},
	Offer,
};
use crate::{
	cli::{BuyArgs, OfferCommand, PostArgs, TokensCommand},
	commands::submit,
	context::Context,
	failure::Failure,
	output::{table, Report},
	views::{self, data as shown},
};
use assay_client::{keys::parse_account, Call, DataCall};
use assay_primitives::{
	rights::{Currency, OfferKind, OfferTerms, Purpose},
	AssetId, Balance, RightsOfferId,
};
use serde_json::json;

/// Run a command on offers.
pub async fn run(context: &Context, command: OfferCommand) -> Result<Report, Failure> {
	let (call, done) = match command {
		OfferCommand::Post(arguments) => return post(context, &arguments).await,
		OfferCommand::Show { offer } => {
			let offer = find_offer(context, offer).await?;
			return Ok(Report::new(shown::offer(&offer), shown::offer_text(&offer)));
		},
		OfferCommand::List { asset, limit } => return list(context, asset, limit).await,
		OfferCommand::Reprice { offer, price: text } => {
			let currency = find_offer(context, offer).await?.terms.currency;
			(DataCall::Reprice { offer, price: price(&text, currency)? }, "repriced")
		},
		OfferCommand::Withdraw { offer } => (DataCall::WithdrawOffer { offer }, "withdrawn"),
	};
	submit(context, Call::Data(call), done).await
}

async fn post(context: &Context, arguments: &PostArgs) -> Result<Report, Failure> {
	let terms = terms(arguments, purpose(context, &arguments.scope.purpose).await?)?;
	let text = shown::price_text(&terms);
	let call = DataCall::PostOffer { asset: arguments.asset, terms: Box::new(terms) };
	let receipt = context.submit(Call::Data(call)).await?;
	let unseen = || Failure::new("decode", "the block has no event of the offer");
	let id = receipt.created.rights_offer.ok_or_else(unseen)?;
	let json = json!({ "offer": id, "receipt": views::receipt(&receipt) });
	Ok(Report::new(json, format!("offer {id} posted in block {}: {text}", receipt.block)))
}

/// What is offered.
fn terms(arguments: &PostArgs, purpose: Purpose) -> Result<OfferTerms, Failure> {
	let PostArgs { lasting, per_use, free, uses, token, scope, .. } = arguments;
	let kind = match lasting {
		Some(blocks) => OfferKind::Period { blocks: *blocks },
		None if *per_use => OfferKind::PerUse,
		None if *free => OfferKind::Free,
		None => OfferKind::Once,
	};
	let currency = token.map_or(Currency::Native, Currency::Asset);
	let price = arguments.price.as_deref().map_or(Ok(0), |text| price(text, currency))?;
	let terms = OfferTerms {
		kind,
		uses: *uses,
		price,
		currency,
		purpose,
		transferable: scope.transferable,
		revocable: scope.revocable,
		commercial: scope.commercial,
	};
	terms.validate().map_err(explain).map(|()| terms)
}

async fn list(context: &Context, asset: AssetId, limit: u32) -> Result<Report, Failure> {
	let client = context.client().await?;
	let (mut offers, mut start) = (Vec::new(), Some(RightsOfferId(0)));
	while let Some(from) = start.filter(|_| offers.len() < limit as usize) {
		let page = client.rights_offers(asset, from, rest(limit, offers.len())).await?;
		offers.extend(page.items);
		start = page.next;
	}
	let row = |offer: &Offer| {
		[
			offer.id.to_string(),
			shown::price_text(&offer.terms),
			shown::count_text(offer.terms.uses),
			shown::purpose_text(&offer.terms.purpose),
			shown::sale_text(offer),
		]
	};
	let header = ["ID", "PRICE", "USES", "GOOD FOR", "STATE"];
	let text = table(header, offers.iter().map(row).collect());
	let offers: Vec<_> = offers.iter().map(shown::offer).collect();
	Ok(Report::new(json!({ "offers": offers }), text))
}

/// Buy a grant, or extend one.
pub async fn buy(context: &Context, arguments: &BuyArgs) -> Result<Report, Failure> {
	let BuyArgs { offer: id, times, most, extend } = arguments;
	let offer = find_offer(context, *id).await?;
	ensure_for_sale(&offer)?;
	let terms = &offer.terms;
	let paid = paid(terms, *times)?;
	let asked = if terms.kind == OfferKind::PerUse { terms.price } else { paid };
	let most = most.as_deref().map_or(Ok(asked), |text| price(text, terms.currency))?;
	if asked > most {
		let message = format!("offer {id} costs {}", shown::price_text(terms));
		return Err(Failure::new("price", message).help("raise --most, or take it less often"));
	}
	if terms.currency == Currency::Native {
		context.require(paid, "the grant").await?;
	}
	context.output.note(&format!("offer {id}: {}", shown::price_text(terms)));

	let call = DataCall::Buy { offer: *id, times: *times, most, extend: *extend };
	let receipt = context.submit(Call::Data(call)).await?;
	let unseen = || Failure::new("decode", "the block has no event of the purchase");
	let grant = receipt.created.grant.ok_or_else(unseen)?;
	let cost = shown::money(paid, terms.currency);
	let what = if extend.is_some() { "extended" } else { "bought" };
	let text = format!("grant {grant} {what} in block {}, for {cost}", receipt.block);
	let json = json!({
		"grant": grant,
		"paid": shown::money_json(paid, terms.currency),
		"receipt": views::receipt(&receipt),
	});
	Ok(Report::new(json, text))
}

fn ensure_for_sale(offer: &Offer) -> Result<(), Failure> {
	if offer.for_sale {
		return Ok(());
	}
	let id = offer.id;
	let failure = Failure::new("not-for-sale", format!("nobody buys a grant by offer {id} now"));
	Err(match offer.token {
		Some(token) => failure.help(format!(
			"its grants are for units of token {token}: `assay data tokens redeem {id}`"
		)),
		None => failure.help("`assay data offer list ASSET` shows the others"),
	})
}

/// What is paid at once for an offer that is taken so often.
fn paid(terms: &OfferTerms, times: u32) -> Result<Balance, Failure> {
	let too_much = || usage("the price is more than can be counted".into());
	match terms.kind {
		OfferKind::Once | OfferKind::Period { .. } => {
			terms.price.checked_mul(times.into()).ok_or_else(too_much)
		},
		OfferKind::PerUse | OfferKind::Free => Ok(0),
	}
}

/// Run a command on tokens of offers.
pub async fn tokens(context: &Context, command: TokensCommand) -> Result<Report, Failure> {
	let (call, done) = match command {
		TokensCommand::Create { offer, token, for_sale } => {
			(DataCall::TokenizeOffer { offer, token, for_sale }, "token made")
		},
		TokensCommand::Mint { offer, to, amount } => {
			(DataCall::MintAccess { offer, to: parse_account(&to)?, amount }, "units made")
		},
		TokensCommand::Redeem { offer } => return redeem(context, offer).await,
	};
	submit(context, Call::Data(call), done).await
}

async fn redeem(context: &Context, offer: RightsOfferId) -> Result<Report, Failure> {
	let receipt = context.submit(Call::Data(DataCall::RedeemAccess { offer })).await?;
	let unseen = || Failure::new("decode", "the block has no event of the grant");
	let grant = receipt.created.grant.ok_or_else(unseen)?;
	let json = json!({ "grant": grant, "receipt": views::receipt(&receipt) });
	Ok(Report::new(json, format!("grant {grant} made in block {}", receipt.block)))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::cli::{Cli, Command, DataCommand};
	use assay_primitives::{AccountId, ASY};
	use clap::Parser;

	/// The terms of `assay data offer post 7` with these arguments.
	fn posted(arguments: &str) -> Result<OfferTerms, String> {
		let line = format!("assay data offer post 7 {arguments}");
		let cli =
			Cli::try_parse_from(line.split_whitespace()).map_err(|error| error.to_string())?;
		let Command::Data(DataCommand::Offer(OfferCommand::Post(arguments))) = cli.command else {
			panic!("another command")
		};
		terms(&arguments, Purpose::Any).map_err(|failure| failure.to_text())
	}

	#[test]
	fn an_offer_is_paid_once_by_time_by_use_or_not_at_all() {
		let of = |arguments| posted(arguments).map(|terms| (terms.kind, terms.price, terms.uses));
		assert_eq!(of("--price 1.5"), Ok((OfferKind::Once, 3 * ASY / 2, None)));
		let period = OfferKind::Period { blocks: 100 };
		assert_eq!(of("--price 2 --for 100 --uses 5"), Ok((period, 2 * ASY, Some(5))));
		assert_eq!(of("--price 0.1 --per-use"), Ok((OfferKind::PerUse, ASY / 10, None)));
		assert_eq!(of("--free"), Ok((OfferKind::Free, 0, None)));
		let token = posted("--price 15 --token 9").unwrap();
		assert_eq!((token.currency, token.price), (Currency::Asset(9), 15));
	}

	#[test]
	fn rights_are_as_narrow_as_nothing_else_is_said() {
		let terms = posted("--price 1").unwrap();
		assert!(!terms.commercial && !terms.transferable && !terms.revocable);
		let terms = posted("--price 1 --commercial --transferable --revocable").unwrap();
		assert!(terms.commercial && terms.transferable && terms.revocable);
	}

	#[test]
	fn offers_that_contradict_themselves_are_refused() {
		for arguments in [
			"",
			"--price 1 --free",
			"--free --per-use",
			"--price 1 --per-use --for 5",
			"--price 1 --per-use --token 9",
			"--price 1 --for 0",
			"--price 1 --uses 0",
			"--price 1.5 --token 9",
			"--price 1 --purpose a --model b",
		] {
			assert!(posted(arguments).is_err(), "{arguments}");
		}
	}

	#[test]
	fn what_is_paid_at_once_is_known_before_it_is_signed() {
		let of = |arguments, times| paid(&posted(arguments).unwrap(), times);
		assert_eq!(of("--price 2 --for 10", 3).unwrap(), 6 * ASY);
		assert_eq!(of("--price 2 --per-use", 1).unwrap(), 0);
		assert_eq!(of("--free", 1).unwrap(), 0);
		let dear = format!("--token 1 --price {} --uses 1", u128::MAX);
		assert!(of(&dear, 2).unwrap_err().to_text().contains("more than can be counted"));
	}

	#[test]
	fn an_offer_that_is_not_for_sale_says_how_its_grants_are_had() {
		let offer = |for_sale, token| Offer {
			id: RightsOfferId(3),
			asset: AssetId(7),
			terms: posted("--price 1").unwrap(),
			for_sale,
			token,
			withdrawn: false,
			payer: AccountId::new([1; 32]),
			deposit: 1,
		};
		assert!(ensure_for_sale(&offer(true, None)).is_ok());
		let text = ensure_for_sale(&offer(false, Some(9))).unwrap_err().to_text();
		assert!(text.contains("token 9: `assay data tokens redeem 3`"), "{text}");
		assert!(ensure_for_sale(&offer(false, None)).is_err());
	}
}
