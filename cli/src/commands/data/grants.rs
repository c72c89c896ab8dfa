//! `assay data grant`.

use super::{
	find_grant, rest,
	scope::{explain, purpose, usage},
	Grant,
};
use crate::{
	amount::Amount,
	cli::{GiveArgs, GrantCommand, GrantTermsArgs},
	commands::submit,
	context::Context,
	failure::Failure,
	output::{table, Report},
	views::{self, data as shown},
};
use assay_client::{
	keys::{parse_account, to_ss58},
	Call, DataCall,
};
use assay_primitives::{
	rights::{GrantTerms, Purpose},
	AssetId, BlockNumber, GrantId,
};
use serde_json::json;

/// Run a command on grants.
pub async fn run(context: &Context, command: GrantCommand) -> Result<Report, Failure> {
	let (call, done) = match command {
		GrantCommand::Give(arguments) => return give(context, &arguments).await,
		GrantCommand::Show { grant } => {
			let grant = find_grant(context, grant).await?;
			return Ok(Report::new(shown::grant(&grant), shown::grant_text(&grant)));
		},
		GrantCommand::List { asset, holder, limit } => {
			return list(context, asset, holder.as_deref(), limit).await
		},
		GrantCommand::Extend { grant, until, more } => {
			(DataCall::Extend { grant, until, more: more.unwrap_or(0) }, "extended")
		},
		GrantCommand::Revoke { grant } => (DataCall::RevokeGrant { grant }, "taken back"),
		GrantCommand::Transfer { grant, to } => {
			(DataCall::TransferGrant { grant, to: parse_account(&to)? }, "passed on")
		},
		GrantCommand::Drop { grant } => (DataCall::DropGrant { grant }, "dropped"),
	};
	submit(context, Call::Data(call), done).await
}

async fn give(context: &Context, arguments: &GiveArgs) -> Result<Report, Failure> {
	let to = parse_account(&arguments.to)?;
	let now = context.client().await?.best().await?.number;
	let scope = purpose(context, &arguments.terms.scope.purpose).await?;
	let terms = Box::new(terms(&arguments.terms, scope, Some(now))?);
	let call = DataCall::Give { asset: arguments.asset, to, terms };
	let receipt = context.submit(Call::Data(call)).await?;
	let unseen = || Failure::new("decode", "the block has no event of the grant");
	let grant = receipt.created.grant.ok_or_else(unseen)?;
	let json = json!({ "grant": grant, "receipt": views::receipt(&receipt) });
	Ok(Report::new(json, format!("grant {grant} given in block {}", receipt.block)))
}

/// What the holder of a grant may do. Without a block that it is now, nothing is counted from now.
pub fn terms(
	arguments: &GrantTermsArgs,
	purpose: Purpose,
	now: Option<BlockNumber>,
) -> Result<GrantTerms, Failure> {
	let GrantTermsArgs { from, lasting, until, uses, price: Amount(price), scope } = arguments;
	let from = from.or(now);
	let until = match lasting {
		Some(blocks) => {
			let from = from.ok_or_else(|| usage("without a node, --for needs --from".into()))?;
			let end = from.checked_add(*blocks);
			Some(end.ok_or_else(|| usage("the blocks are more than can be counted".into()))?)
		},
		None => *until,
	};
	let terms = GrantTerms {
		from: from.unwrap_or(0),
		until,
		uses: *uses,
		price: *price,
		purpose,
		commercial: scope.commercial,
		transferable: scope.transferable,
		revocable: scope.revocable,
	};
	terms.validate(now.unwrap_or(0)).map_err(explain).map(|()| terms)
}

async fn list(
	context: &Context,
	asset: Option<AssetId>,
	holder: Option<&str>,
	limit: u32,
) -> Result<Report, Failure> {
	let holder = match asset {
		Some(_) => None,
		None => Some(context.account_or_own(holder)?),
	};
	let client = context.client().await?;
	let (mut grants, mut start) = (Vec::new(), Some(GrantId(0)));
	while let Some(from) = start.filter(|_| grants.len() < limit as usize) {
		let most = rest(limit, grants.len());
		let page = match (asset, &holder) {
			(Some(asset), _) => client.grants_of(asset, from, most).await?,
			(None, Some(holder)) => client.grants_held(holder, from, most).await?,
			(None, None) => break,
		};
		grants.extend(page.items);
		start = page.next;
	}
	let row = |grant: &Grant| {
		[
			grant.id.to_string(),
			grant.asset.to_string(),
			shown::state_text(grant),
			shown::count_text(grant.left),
			grant.terms.until.map_or_else(|| "-".into(), |until| until.to_string()),
			shown::purpose_text(&grant.terms.purpose),
			to_ss58(&grant.holder),
		]
	};
	let header = ["ID", "ASSET", "STATE", "USES LEFT", "UNTIL", "GOOD FOR", "HOLDER"];
	let text = table(header, grants.iter().map(row).collect());
	let grants: Vec<_> = grants.iter().map(shown::grant).collect();
	Ok(Report::new(json!({ "grants": grants }), text))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::cli::{Cli, Command, DataCommand};
	use assay_primitives::ASY;
	use clap::Parser;

	/// The terms of a grant that is given with these arguments, in block 50 or without a node.
	fn given(arguments: &str, now: Option<BlockNumber>) -> Result<GrantTerms, String> {
		let line = format!("assay data grant give 7 5Grw {arguments}");
		let cli =
			Cli::try_parse_from(line.split_whitespace()).map_err(|error| error.to_string())?;
		let Command::Data(DataCommand::Grant(GrantCommand::Give(arguments))) = cli.command else {
			panic!("another command")
		};
		terms(&arguments.terms, Purpose::Any, now).map_err(|failure| failure.to_text())
	}

	#[test]
	fn a_grant_is_good_from_now_on_and_counts_from_its_beginning() {
		let of = |arguments, now| given(arguments, now).map(|terms| (terms.from, terms.until));
		assert_eq!(of("", Some(50)), Ok((50, None)));
		assert_eq!(of("--for 10", Some(50)), Ok((50, Some(60))));
		assert_eq!(of("--from 70 --for 10", Some(50)), Ok((70, Some(80))));
		assert_eq!(of("--until 60", Some(50)), Ok((50, Some(60))));
		assert_eq!(of("", None), Ok((0, None)));
		assert_eq!(of("--from 70 --for 10", None), Ok((70, Some(80))));
		let terms = given("--uses 3 --price 0.5 --revocable", Some(50)).unwrap();
		assert_eq!((terms.uses, terms.price, terms.revocable), (Some(3), ASY / 2, true));
	}

	#[test]
	fn grants_that_allow_nothing_are_refused_before_they_are_signed() {
		for arguments in [
			"--until 50",
			"--until 40",
			"--for 0",
			"--from 70 --until 60",
			"--for 1 --until 60",
			"--uses 0",
			"--from 4294967295 --for 1",
			"--price much",
		] {
			assert!(given(arguments, Some(50)).is_err(), "{arguments}");
		}
		assert!(given("--for 10", None).unwrap_err().contains("--for needs --from"));
	}

	#[test]
	fn an_extension_extends() {
		let line = |arguments: &str| {
			let line = format!("assay data grant extend 7 {arguments}");
			Cli::try_parse_from(line.split_whitespace()).is_ok()
		};
		assert!(line("--until 9") && line("--more 1") && line("--until 9 --more 1"));
		assert!(!line("") && !line("--more 0"));
	}
}
