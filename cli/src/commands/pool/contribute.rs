//! `assay pool sign|contribute`.

use super::{data, find, shown, Pool};
use crate::{
	cli::{ContributeArgs, SignContributionArgs},
	commands::signing::{self, Facts},
	context::Context,
	failure::Failure,
	file,
	output::Report,
	views,
};
use assay_client::{
	keys::{self, to_ss58},
	Call, PoolCall, SignedContribution,
};
use assay_primitives::{
	pool::Contribution,
	rights::{AssetStatus, AssetView},
	AccountId, AssetId, BlockNumber, PoolId,
};
use serde_json::json;

/// How many blocks what is submitted at once is good for: as many as its transaction can wait, and
/// some more. Until then others could submit it, if it fails.
const AT_ONCE: BlockNumber = 150;

/// Sign a contribution, and say before to what one consents.
pub async fn sign(context: &Context, arguments: &SignContributionArgs) -> Result<Report, Failure> {
	let SignContributionArgs { pool, asset, signing: how } = arguments;
	file::ensure_new(&how.output)?;
	let key = context.key()?;
	let facts = Facts::of(context, *asset, how).await?;
	let Facts { genesis, number, expires, now } = facts;
	let contribution = Contribution {
		pool: *pool,
		asset: *asset,
		contributor: keys::account(&key),
		nonce: number,
		expires,
	};
	if let Some(now) = now {
		check(context, &contribution, now).await?;
	}
	let signed = SignedContribution::sign(&key, contribution, genesis);
	signing::write(&signed, &how.output)?;
	let text = format!(
		"{}\nwritten to {}: whoever has it can contribute the asset, until block {expires} or until \
		 `assay data permit cancel` with a number above {number}",
		shown::contribution_text(&signed),
		how.output.display()
	);
	Ok(Report::new(shown::contribution(&signed), text))
}

/// Submit a contribution: that of a file, or one's own, which is signed at once.
pub async fn run(context: &Context, arguments: ContributeArgs) -> Result<Report, Failure> {
	let signed = match arguments {
		ContributeArgs { signed: Some(path), .. } => {
			let signed: SignedContribution = signing::read(&path)?;
			let client = context.client().await?;
			signing::ensure_chain(&signed, client.genesis())?;
			check(context, &signed.contribution, client.best().await?.number).await?;
			signed
		},
		ContributeArgs { pool: Some(pool), asset: Some(asset), .. } => {
			own(context, pool, asset).await?
		},
		_ => return Err(Failure::new("usage", "say POOL and ASSET, or --signed FILE")),
	};
	let Contribution { pool, asset, contributor, .. } = signed.contribution.clone();
	let call = PoolCall::Contribute { signed: Box::new(signed) };
	let receipt = context.submit(Call::Pool(call)).await?;
	let whose = to_ss58(&contributor);
	let text =
		format!("asset {asset} of {whose} contributed to pool {pool} in block {}", receipt.block);
	let json = json!({
		"pool": pool,
		"asset": asset,
		"contributor": whose,
		"receipt": views::receipt(&receipt),
	});
	Ok(Report::new(json, text))
}

/// Sign a contribution of one's own that is submitted at once.
async fn own(
	context: &Context,
	pool: PoolId,
	asset: AssetId,
) -> Result<SignedContribution, Failure> {
	let (key, client) = (context.key()?, context.client().await?);
	let now = client.best().await?.number;
	let contribution = Contribution {
		pool,
		asset,
		contributor: keys::account(&key),
		nonce: data::find(context, asset).await?.next_permit,
		expires: now.saturating_add(AT_ONCE),
	};
	check(context, &contribution, now).await?;
	Ok(SignedContribution::sign(&key, contribution, client.genesis()))
}

/// Fail if the chain would refuse a contribution now; otherwise say on what terms it is.
async fn check(
	context: &Context,
	contribution: &Contribution<AccountId>,
	now: BlockNumber,
) -> Result<(), Failure> {
	let pool = find(context, contribution.pool).await?;
	let asset = data::find(context, contribution.asset).await?;
	ensure_fits(&pool, &asset, contribution, now)?;
	context.output.note(&shown::terms_text(&pool.spec));
	Ok(())
}

fn ensure_fits(
	pool: &Pool,
	asset: &AssetView<AccountId>,
	contribution: &Contribution<AccountId>,
	now: BlockNumber,
) -> Result<(), Failure> {
	let Contribution { contributor, expires, .. } = contribution;
	let refuse = |message: String| Failure::new("contribution", message);
	if pool.closed.is_some() {
		return Err(refuse(format!("pool {} is closed", pool.id)));
	}
	if asset.owner.as_ref() != Some(contributor) {
		let message = format!("{} does not own asset {}", to_ss58(contributor), asset.id);
		return Err(refuse(message).help("its owner signs with `assay pool sign`"));
	}
	if asset.status != AssetStatus::Active {
		return Err(refuse(format!("asset {} is {}", asset.id, asset.status)));
	}
	if *expires <= now {
		return Err(refuse(format!("it was good before block {expires}: it is block {now}")));
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::{
		super::tests::{account, pool},
		*,
	};
	use assay_primitives::{
		rights::{Algorithms, AssetKind, AssetSpec, Consent, Manifest},
		Root,
	};

	fn asset() -> AssetView<AccountId> {
		let root = Root([1; 32]);
		AssetView {
			id: AssetId(7),
			owner: Some(account(4)),
			spec: AssetSpec {
				kind: AssetKind::Dataset,
				manifest: Manifest { root, files: 1, bytes: 1, locator: Default::default() },
				schema: Default::default(),
				licence: Default::default(),
				consent: Consent::default(),
				algorithms: Algorithms::Any,
				key: None,
			},
			status: AssetStatus::Active,
			item: Some((0, 7)),
			payer: account(4),
			deposit: 0,
			next_permit: 0,
		}
	}

	fn contribution() -> Contribution<AccountId> {
		Contribution {
			pool: PoolId(2),
			asset: AssetId(7),
			contributor: account(4),
			nonce: 0,
			expires: 51,
		}
	}

	#[test]
	fn a_contribution_fits_an_open_pool_until_it_expires() {
		assert!(ensure_fits(&pool(), &asset(), &contribution(), 50).is_ok());
		let late = ensure_fits(&pool(), &asset(), &contribution(), 51).unwrap_err().to_text();
		assert!(late.contains("good before block 51"), "{late}");
		let closed = Pool { closed: Some(9), ..pool() };
		let closed = ensure_fits(&closed, &asset(), &contribution(), 50).unwrap_err().to_text();
		assert!(closed.contains("pool 2 is closed"), "{closed}");
	}

	#[test]
	fn an_asset_that_was_sold_since_or_is_not_active_is_refused_before_anything_is_paid() {
		let refusal = |asset: AssetView<AccountId>| {
			ensure_fits(&pool(), &asset, &contribution(), 50).unwrap_err().to_text()
		};
		for owner in [Some(account(5)), None] {
			let text = refusal(AssetView { owner, ..asset() });
			assert!(text.contains("does not own asset 7"), "{text}");
		}
		for status in [AssetStatus::Retired, AssetStatus::Revoked, AssetStatus::Frozen] {
			let text = refusal(AssetView { status, ..asset() });
			assert!(text.contains(&format!("asset 7 is {status}")), "{text}");
		}
	}
}
