//! `assay market`.

use super::infer;
use crate::{
	amount::Amount,
	cli::{ChoiceArgs, MarketCommand},
	context::Context,
	failure::Failure,
	manifest::bounded,
	output::{table, Report},
	views,
};
use assay_client::keys;
use assay_primitives::{job::Choice, provider::OrderView, AccountId};
use serde_json::json;

/// Run a command on the market.
pub async fn run(context: &Context, command: MarketCommand) -> Result<Report, Failure> {
	match command {
		MarketCommand::Book { model, able, limit } => book(context, &model, able, limit).await,
		MarketCommand::Quote(arguments) => infer::estimate(context, arguments).await,
	}
}

/// Who may answer, as the flags say.
pub fn choice(arguments: &ChoiceArgs) -> Result<Choice<AccountId>, Failure> {
	let named = |names: &[String]| {
		let accounts = names.iter().map(|name| keys::parse_account(name));
		bounded(accounts.collect::<Result<Vec<_>, _>>()?, "the list of providers")
	};
	Ok(match arguments.tier {
		_ if !arguments.only.is_empty() => Choice::Only(named(&arguments.only)?),
		_ if !arguments.prefer.is_empty() => Choice::Prefer(named(&arguments.prefer)?),
		Some(tier) => Choice::Tier(tier),
		None => Choice::Any,
	})
}

async fn book(context: &Context, model: &str, able: bool, limit: u32) -> Result<Report, Failure> {
	let version = context.version(model).await?.1.id;
	let client = context.client().await?;
	let (mut orders, mut start) = (Vec::new(), Some(0));
	while let Some(at) = start.filter(|_| orders.len() < limit as usize) {
		let page = client.book(version, at, limit).await?;
		orders.extend(page.items.into_iter().filter(|order| order.able || !able));
		start = page.next;
	}
	orders.truncate(limit as usize);
	let row = |order: &OrderView<AccountId>| {
		[
			keys::to_ss58(&order.provider),
			Amount(order.ask.price).to_string(),
			format!("{} of {}", order.open, order.ask.capacity),
			if order.able { "able" } else { "not now" }.into(),
			Amount(order.free_stake).to_string(),
			format!("{:?}", order.quality),
			order.tier.to_string(),
			order.ask.until.map_or_else(|| "-".into(), |until| until.to_string()),
		]
	};
	let header = ["PROVIDER", "PRICE", "OPEN", "STATE", "FREE STAKE", "QUALITY", "TIER", "UNTIL"];
	let text = table(header, orders.iter().map(row).collect());
	let orders: Vec<_> = orders.iter().map(views::order).collect();
	Ok(Report::new(json!({ "version": version, "book": orders }), text))
}
