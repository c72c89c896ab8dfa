//! `assay pool`.

mod contribute;

use super::data;
use crate::{
	amount::{asy, Amount},
	cli::{CreatePoolArgs, PoolCommand, PoolsArgs},
	context::Context,
	failure::Failure,
	manifest::bounded,
	output::Report,
	percent::Percent,
	views::{self, pool as shown},
};
use assay_client::{
	keys::{parse_account, to_ss58},
	Call, PoolCall,
};
use assay_primitives::{
	api::MAX_PAGE,
	pool::{ContributorView, PoolItemView, PoolSpec, PoolSpecError, PoolView},
	rights::Purpose,
	AccountId, AssetId, Balance, PoolId,
};
use serde_json::json;

type Pool = PoolView<AccountId>;
type Item = PoolItemView<AccountId>;
type Contributor = ContributorView<AccountId>;

/// Run a command on pools.
pub async fn run(context: &Context, command: PoolCommand) -> Result<Report, Failure> {
	use PoolCommand as Command;
	let (call, done) = match command {
		Command::Create(arguments) => return create(context, &arguments).await,
		Command::List(arguments) => return list(context, arguments).await,
		Command::Show { pool, account } => return show(context, pool, account.as_deref()).await,
		Command::Items { pool, contributor, limit } => {
			return items(context, pool, contributor.as_deref(), limit).await
		},
		Command::Sign(arguments) => return contribute::sign(context, &arguments).await,
		Command::Contribute(arguments) => return contribute::run(context, arguments).await,
		Command::Claim { pool } => return claim(context, pool).await,
		Command::Price { pool, price: Amount(price) } => {
			(PoolCall::SetPrice { pool, price }, "price set")
		},
		Command::Close { pool } => (PoolCall::Close { pool }, "closed"),
		Command::Remove { pool } => (PoolCall::Remove { pool }, "removed"),
		Command::Score { pool, asset, score } => (PoolCall::Score { pool, asset, score }, "scored"),
		Command::Withdraw { pool, asset } => (PoolCall::Withdraw { pool, asset }, "withdrawn"),
	};
	super::submit(context, Call::Pool(call), done).await
}

/// A pool.
pub async fn find(context: &Context, id: PoolId) -> Result<Pool, Failure> {
	let unknown = || {
		Failure::new("unknown-pool", format!("the chain has no pool {id}"))
			.help("`assay pool list` shows those that there are")
	};
	context.client().await?.pool(id).await?.ok_or_else(unknown)
}

/// Create a pool, and say before on what terms.
async fn create(context: &Context, arguments: &CreatePoolArgs) -> Result<Report, Failure> {
	let spec = spec(arguments, data::purpose(context, &arguments.purpose).await?)?;
	let terms = shown::terms_text(&spec);
	context.output.note(&terms);

	let call = PoolCall::Create { spec: Box::new(spec.clone()) };
	let receipt = context.submit(Call::Pool(call)).await?;
	let unseen = || Failure::new("decode", "the block has no event of the pool");
	let pool = receipt.created.pool.ok_or_else(unseen)?;
	let text = format!("pool {pool} created in block {}\n{terms}", receipt.block);
	let json = json!({
		"pool": pool,
		"spec": shown::spec(&spec),
		"receipt": views::receipt(&receipt),
	});
	Ok(Report::new(json, text))
}

/// What a pool is to be.
fn spec(arguments: &CreatePoolArgs, purpose: Purpose) -> Result<PoolSpec, Failure> {
	let CreatePoolArgs { name, schema, rule, commercial, .. } = arguments;
	let (Amount(price), Percent(cut)) = (arguments.price, arguments.cut);
	let spec = PoolSpec {
		name: bounded(name.clone().into_bytes(), "the name")?,
		schema: bounded(schema.clone().into_bytes(), "the schema")?,
		rule: *rule,
		price,
		purpose,
		commercial: *commercial,
		cut,
	};
	spec.validate().map_err(explain).map(|()| spec)
}

fn explain(error: PoolSpecError) -> Failure {
	let message = match error {
		PoolSpecError::Name => "the name is empty, or has control characters",
		PoolSpecError::Schema => "the schema is no text",
		PoolSpecError::Purpose => "there is nothing that the items may be used for",
	};
	Failure::new("usage", message)
}

async fn list(context: &Context, arguments: PoolsArgs) -> Result<Report, Failure> {
	let PoolsArgs { curator, open, limit } = arguments;
	let curator = curator.as_deref().map(parse_account).transpose()?;
	let is_wanted = |pool: &Pool| {
		curator.as_ref().is_none_or(|curator| pool.curator == *curator)
			&& (pool.closed.is_none() || !open)
	};
	let client = context.client().await?;
	let (mut pools, mut start) = (Vec::new(), Some(PoolId(0)));
	while let Some(from) = start.filter(|_| pools.len() < limit as usize) {
		let page = client.pools(from, MAX_PAGE).await?;
		pools.extend(page.items.into_iter().filter(is_wanted));
		start = page.next;
	}
	pools.truncate(limit as usize);
	let text = shown::pools_text(&pools);
	let pools: Vec<_> = pools.iter().map(shown::pool).collect();
	Ok(Report::new(json!({ "pools": pools }), text))
}

async fn show(context: &Context, id: PoolId, account: Option<&str>) -> Result<Report, Failure> {
	let pool = find(context, id).await?;
	let whose = match account {
		Some(text) => Some(parse_account(text)?),
		// Without a key there is nobody whose part is meant.
		None => context.account_or_own(None).ok(),
	};
	let own = match &whose {
		Some(account) => Some(part(context, id, account).await?),
		None => None,
	};
	let mut json = shown::pool(&pool);
	json["own"] = own.as_ref().map(shown::contributor).into();
	Ok(Report::new(json, shown::pool_text(&pool, own.as_ref())))
}

/// What an account has of a pool, or nothing.
async fn part(context: &Context, id: PoolId, account: &AccountId) -> Result<Contributor, Failure> {
	let part = context.client().await?.contributor(id, account).await?;
	let nothing = ContributorView { who: account.clone(), items: 0, score: 0, claimable: 0 };
	Ok(part.unwrap_or(nothing))
}

async fn items(
	context: &Context,
	id: PoolId,
	contributor: Option<&str>,
	limit: u32,
) -> Result<Report, Failure> {
	let contributor = contributor.map(parse_account).transpose()?;
	let is_wanted = |item: &Item| {
		contributor.as_ref().is_none_or(|contributor| item.contributor == *contributor)
	};
	// A pool that does not exist has no items, either.
	find(context, id).await?;
	let client = context.client().await?;
	let (mut items, mut start) = (Vec::new(), Some(AssetId(0)));
	while let Some(from) = start.filter(|_| items.len() < limit as usize) {
		let page = client.pool_items(id, from, MAX_PAGE).await?;
		items.extend(page.items.into_iter().filter(is_wanted));
		start = page.next;
	}
	items.truncate(limit as usize);
	let text = shown::items_text(&items);
	let items: Vec<_> = items.iter().map(shown::item).collect();
	Ok(Report::new(json!({ "pool": id, "items": items }), text))
}

async fn claim(context: &Context, id: PoolId) -> Result<Report, Failure> {
	let (pool, own) = (find(context, id).await?, context.account_or_own(None)?);
	let due = due(&pool, &part(context, id, &own).await?);
	if due == 0 {
		let message = format!("{} has nothing to claim of pool {id}", to_ss58(&own));
		return Err(Failure::new("nothing-to-claim", message));
	}
	// Income may have come since it was read.
	let done = format!("at least {} paid", asy(due));
	super::submit(context, Call::Pool(PoolCall::Claim { pool: id }), &done).await
}

/// What an account would be paid now: what its items have earned, and the cut, if it is the curator.
fn due(pool: &Pool, part: &Contributor) -> Balance {
	let cut = if part.who == pool.curator { pool.cut } else { 0 };
	// Both are parts of what the pot has.
	part.claimable.saturating_add(cut)
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{licence::Permill, pool::ScoreRule, ASY};

	pub(super) fn account(byte: u8) -> AccountId {
		AccountId::new([byte; 32])
	}

	fn arguments() -> CreatePoolArgs {
		CreatePoolArgs {
			name: "Größter Topf".into(),
			schema: "a:f32".into(),
			rule: ScoreRule::Bytes,
			price: Amount(ASY / 2),
			purpose: crate::cli::PurposeArgs { purposes: Vec::new(), models: Vec::new() },
			commercial: true,
			cut: "5%".parse().unwrap(),
		}
	}

	pub(super) fn pool() -> Pool {
		PoolView {
			id: PoolId(2),
			curator: account(1),
			spec: spec(&arguments(), Purpose::Any).unwrap(),
			pot: account(2),
			closed: None,
			items: 1,
			contributors: 1,
			score: 1,
			uses: 0,
			claimable: 5,
			cut: 3,
			deposit: 0,
		}
	}

	#[test]
	fn arguments_become_a_pool() {
		let made = spec(&arguments(), Purpose::Any).unwrap();
		assert_eq!(
			(made.name.as_slice(), made.schema.as_slice()),
			("Größter Topf".as_bytes(), &b"a:f32"[..])
		);
		assert_eq!((made.rule, made.price, made.commercial), (ScoreRule::Bytes, ASY / 2, true));
		assert_eq!((made.purpose, made.cut), (Purpose::Any, Permill::from_percent(5)));
	}

	#[test]
	fn a_pool_that_the_chain_would_refuse_is_refused_before_it_is_signed() {
		let refusal = |arguments: CreatePoolArgs, purpose: Purpose| {
			spec(&arguments, purpose).unwrap_err().to_text()
		};
		let name = |name: &str| CreatePoolArgs { name: name.into(), ..arguments() };
		assert!(refusal(name(" "), Purpose::Any).contains("the name is empty"));
		assert!(refusal(name("a\x1b[2J"), Purpose::Any).contains("control characters"));
		assert!(refusal(name(&"a".repeat(65)), Purpose::Any).contains("the name is longer"));
		let schema = CreatePoolArgs { schema: "a".repeat(10_000), ..arguments() };
		assert!(refusal(schema, Purpose::Any).contains("the schema is longer"));
		let none = Purpose::Tags(Default::default());
		assert!(refusal(arguments(), none).contains("nothing that the items may be used for"));
	}

	#[test]
	fn the_cut_is_due_to_the_curator_alone() {
		let part = |byte, claimable| {
			let who = account(byte);
			ContributorView { who, items: 0, score: 0, claimable }
		};
		assert_eq!(due(&pool(), &part(1, 0)), 3);
		assert_eq!(due(&pool(), &part(1, 4)), 7);
		assert_eq!(due(&pool(), &part(4, 4)), 4);
		assert_eq!(due(&pool(), &part(4, 0)), 0);
	}
}
