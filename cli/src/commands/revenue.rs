//! `assay revenue`.

use crate::{
	amount::{asy, Amount},
	cli::{RevenueCommand, TokenizeArgs},
	context::Context,
	failure::Failure,
	manifest::bounded,
	output::Report,
	percent::Percent,
	shares::{Shares, Unit},
	views::income as shown,
};
use assay_client::{keys, Call, RevenueCall};
use assay_primitives::{
	revenue::{HoldingView, ShareSpec, ShareSpecError, StreamView, Subject},
	AccountId, Balance,
};
use serde_json::json;

type Stream = StreamView<AccountId>;
type Holding = HoldingView<AccountId>;

/// Run a command on shares in income.
pub async fn run(context: &Context, command: RevenueCommand) -> Result<Report, Failure> {
	match command {
		RevenueCommand::Tokenize(arguments) => tokenize(context, &arguments).await,
		RevenueCommand::Show { subject } => {
			let stream = find(context, subject).await?;
			Ok(Report::new(shown::stream(&stream), shown::stream_text(&stream)))
		},
		RevenueCommand::List { limit } => list(context, limit).await,
		RevenueCommand::Holders { subject, limit } => holders(context, subject, limit).await,
		RevenueCommand::Holding { subject, account } => {
			holding(context, subject, account.as_deref()).await
		},
		RevenueCommand::Transfer { subject, to, shares } => {
			transfer(context, subject, &to, &shares).await
		},
		RevenueCommand::Claim { subject } => claim(context, subject).await,
		RevenueCommand::Redeem { subject, shares } => redeem(context, subject, &shares).await,
		RevenueCommand::Collect { subject } => {
			submit(context, RevenueCall::Collect { subject }, "collected").await
		},
	}
}

async fn submit(context: &Context, call: RevenueCall, done: &str) -> Result<Report, Failure> {
	super::submit(context, Call::Revenue(call), done).await
}

/// The shares in the income of a subject.
pub(super) async fn find(context: &Context, subject: Subject) -> Result<Stream, Failure> {
	let unknown = || {
		Failure::new("unknown-stream", format!("there are no shares in the income of {subject}"))
			.help("its owner makes them with `assay revenue tokenize`")
	};
	context.client().await?.stream(subject).await?.ok_or_else(unknown)
}

/// What an account has of a stream, or nothing.
async fn held(context: &Context, subject: Subject, account: AccountId) -> Result<Holding, Failure> {
	let holding = context.client().await?.holding(subject, &account).await?;
	let nothing = HoldingView { who: account, shares: 0, claimable: 0, redeemable: 0 };
	Ok(holding.unwrap_or(nothing))
}

async fn tokenize(context: &Context, arguments: &TokenizeArgs) -> Result<Report, Failure> {
	let (subject, spec) = (arguments.subject, spec(arguments)?);
	let unit = Unit { symbol: arguments.symbol.clone(), decimals: arguments.decimals };
	let done = format!("the income of {subject} is divided into {}", unit.text(spec.supply));
	submit(context, RevenueCall::Tokenize { subject, spec }, &done).await
}

/// What the shares are to be.
fn spec(arguments: &TokenizeArgs) -> Result<ShareSpec, Failure> {
	let TokenizeArgs { name, symbol, decimals, retained: Percent(retained), .. } = arguments;
	let unit = Unit { symbol: symbol.clone(), decimals: *decimals };
	let spec = ShareSpec {
		supply: unit.count(&arguments.supply)?,
		name: bounded(name.clone().into_bytes(), "the name")?,
		symbol: bounded(symbol.clone().into_bytes(), "the symbol")?,
		decimals: *decimals,
		retained: *retained,
	};
	spec.validate().map_err(explain).map(|()| spec)
}

fn explain(error: ShareSpecError) -> Failure {
	let message = match error {
		ShareSpecError::Supply => "there are no shares",
		ShareSpecError::Name => "the name is empty, or has control characters",
		ShareSpecError::Symbol => {
			"the symbol is empty, or has other than letters, digits and marks"
		},
		ShareSpecError::Decimals => "shares have at most 38 decimals",
	};
	Failure::new("usage", message)
}

async fn list(context: &Context, limit: u32) -> Result<Report, Failure> {
	let client = context.client().await?;
	let (mut streams, mut start) = (Vec::new(), None);
	while streams.len() < limit as usize {
		let rest = limit - u32::try_from(streams.len()).unwrap_or(limit);
		let page = client.streams(start, rest).await?;
		streams.extend(page.items);
		start = page.next;
		if start.is_none() {
			break;
		}
	}
	let text = shown::streams_text(&streams);
	let streams: Vec<_> = streams.iter().map(shown::stream).collect();
	Ok(Report::new(json!({ "streams": streams }), text))
}

async fn holders(context: &Context, subject: Subject, limit: u32) -> Result<Report, Failure> {
	let unit = Unit::from(&find(context, subject).await?);
	let client = context.client().await?;
	let (mut holders, mut start) = (Vec::new(), None);
	while holders.len() < limit as usize {
		let rest = limit - u32::try_from(holders.len()).unwrap_or(limit);
		let page = client.holders(subject, start.as_ref(), rest).await?;
		holders.extend(page.items);
		start = page.next;
		if start.is_none() {
			break;
		}
	}
	let text = shown::holders_text(&holders, &unit);
	let holders: Vec<_> = holders.iter().map(|holding| shown::holding(holding, &unit)).collect();
	Ok(Report::new(json!({ "subject": subject.to_string(), "holders": holders }), text))
}

async fn holding(
	context: &Context,
	subject: Subject,
	account: Option<&str>,
) -> Result<Report, Failure> {
	let account = context.account_or_own(account)?;
	let unit = Unit::from(&find(context, subject).await?);
	let holding = held(context, subject, account).await?;
	Ok(Report::new(shown::holding(&holding, &unit), shown::holding_text(&holding, &unit)))
}

async fn transfer(
	context: &Context,
	subject: Subject,
	to: &str,
	shares: &Shares,
) -> Result<Report, Failure> {
	let to = keys::parse_account(to)?;
	let unit = Unit::from(&find(context, subject).await?);
	let shares = unit.count(shares)?;
	let done = format!("{} given to {}", unit.text(shares), keys::to_ss58(&to));
	submit(context, RevenueCall::Transfer { subject, to, shares }, &done).await
}

async fn claim(context: &Context, subject: Subject) -> Result<Report, Failure> {
	find(context, subject).await?;
	let claimable = held(context, subject, context.account_or_own(None)?).await?.claimable;
	if claimable == 0 {
		let message = format!("the account has nothing to claim of {subject}");
		return Err(Failure::new("nothing-to-claim", message));
	}
	// Income may have come since it was read.
	let done = format!("at least {} paid", asy(claimable));
	submit(context, RevenueCall::Claim { subject }, &done).await
}

/// Burn shares, and say before what that pays.
async fn redeem(context: &Context, subject: Subject, shares: &Shares) -> Result<Report, Failure> {
	let unit = Unit::from(&find(context, subject).await?);
	let shares = unit.count(shares)?;
	let holding = held(context, subject, context.account_or_own(None)?).await?;
	ensure_has(&holding, shares, &unit)?;
	let pool = context.client().await?.redeemable(subject, shares).await?.unwrap_or(0);
	let terms = shown::redeem_text(&unit.text(shares), pool, holding.claimable);
	context.output.note(&terms);

	let mut report = submit(context, RevenueCall::Redeem { subject, shares }, "redeemed").await?;
	report.json = json!({
		"subject": subject.to_string(),
		"shares": unit.number(shares),
		"redeemable": Amount(pool).to_string(),
		"claimable": Amount(holding.claimable).to_string(),
		"receipt": report.json,
	});
	report.text = format!("{}\n{terms}", report.text);
	Ok(report)
}

/// Fail if an account has fewer shares.
fn ensure_has(holding: &Holding, shares: Balance, unit: &Unit) -> Result<(), Failure> {
	if shares <= holding.shares {
		return Ok(());
	}
	let (has, needs) = (unit.text(holding.shares), unit.text(shares));
	Err(Failure::new("shares", format!("the account has {has}, not {needs}")))
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{licence::Permill, ModelId};

	fn arguments() -> TokenizeArgs {
		TokenizeArgs {
			subject: Subject::Model(ModelId(3)),
			supply: "1000.5".parse().unwrap(),
			name: "Magika's income".into(),
			symbol: "MGK".into(),
			decimals: 6,
			retained: "5%".parse().unwrap(),
		}
	}

	#[test]
	fn arguments_become_shares() {
		let made = spec(&arguments()).unwrap();
		assert_eq!((made.supply, made.decimals), (1_000_500_000, 6));
		assert_eq!(
			(made.name.as_slice(), made.symbol.as_slice()),
			(&b"Magika's income"[..], &b"MGK"[..])
		);
		assert_eq!(made.retained, Permill::from_percent(5));
	}

	#[test]
	fn shares_that_the_chain_would_refuse_are_refused_before_they_are_signed() {
		let refusal = |arguments: TokenizeArgs| spec(&arguments).unwrap_err().to_text();
		let supply = |text: &str| TokenizeArgs { supply: text.parse().unwrap(), ..arguments() };
		assert!(refusal(supply("0")).contains("no shares"));
		assert!(refusal(supply("0.0000001")).contains("6 decimals"));
		let name = |name: &str| TokenizeArgs { name: name.into(), ..arguments() };
		assert!(refusal(name(" ")).contains("the name is empty"));
		assert!(refusal(name("a\x1b[2J")).contains("control characters"));
		assert!(refusal(name(&"a".repeat(49))).contains("the name is longer"));
		let symbol = |symbol: &str| TokenizeArgs { symbol: symbol.into(), ..arguments() };
		assert!(refusal(symbol("M K")).contains("the symbol is empty, or"));
		assert!(refusal(symbol(&"M".repeat(13))).contains("the symbol is longer"));
		let fine = TokenizeArgs { decimals: 39, supply: "1".parse().unwrap(), ..arguments() };
		assert!(refusal(fine).contains("more than can be counted"));
		let fine = TokenizeArgs { decimals: 39, supply: "0.1".parse().unwrap(), ..arguments() };
		assert!(refusal(fine).contains("38 decimals"));
	}

	#[test]
	fn nobody_signs_to_burn_shares_that_it_does_not_have() {
		let unit = Unit { symbol: "MGK".into(), decimals: 1 };
		let who = AccountId::new([1; 32]);
		let holding = HoldingView { who, shares: 25, claimable: 0, redeemable: 0 };
		assert!(ensure_has(&holding, 25, &unit).is_ok());
		let text = ensure_has(&holding, 26, &unit).unwrap_err().to_text();
		assert!(text.contains("has 2.5 MGK, not 2.6 MGK"), "{text}");
	}
}
