//! `assay data permit`.

use super::{grants, scope::purpose};
use crate::{
	cli::{PermitCommand, SignArgs},
	commands::signing::{self, Facts},
	context::Context,
	failure::Failure,
	file,
	output::Report,
	views::{self, data as shown},
};
use assay_client::{keys::parse_account, Call, DataCall, SignedPermit};
use assay_primitives::rights::Permit;
use serde_json::json;
use std::path::Path;

/// Run a command on permits.
pub async fn run(context: &Context, command: PermitCommand) -> Result<Report, Failure> {
	match command {
		PermitCommand::Sign(arguments) => sign(context, &arguments).await,
		PermitCommand::Show { file } => Ok(report(&signing::read(&file)?)),
		PermitCommand::Submit { file } => submit(context, &file).await,
		PermitCommand::Cancel { asset, below } => {
			let call = Call::Data(DataCall::CancelPermits { asset, below });
			crate::commands::submit(context, call, "cancelled").await
		},
	}
}

async fn sign(context: &Context, arguments: &SignArgs) -> Result<Report, Failure> {
	let SignArgs { grant, signing: how } = arguments;
	file::ensure_new(&how.output)?;
	let key = context.key()?;
	let to = parse_account(&grant.to)?;
	let facts = Facts::of(context, grant.asset, how).await?;
	let scope = purpose(context, &grant.terms.scope.purpose).await?;
	let terms = grants::terms(&grant.terms, scope, facts.now)?;
	let Facts { genesis, number, expires, .. } = facts;
	let permit = Permit { asset: grant.asset, to, terms, nonce: number, expires };
	let signed = SignedPermit::sign(&key, permit, genesis);
	signing::write(&signed, &how.output)?;
	let mut report = report(&signed);
	let path = how.output.display();
	report.text = format!(
		"{}\nwritten to {path}: whoever has it can have the grant made, until block {expires} or \
		 until `assay data permit cancel` with a number above {number}",
		report.text
	);
	Ok(report)
}

fn report(signed: &SignedPermit) -> Report {
	Report::new(shown::permit(signed), shown::permit_text(signed))
}

async fn submit(context: &Context, path: &Path) -> Result<Report, Failure> {
	let signed: SignedPermit = signing::read(path)?;
	signing::ensure_chain(&signed, context.client().await?.genesis())?;
	let call = Call::Data(DataCall::GiveSigned { signed: Box::new(signed) });
	let receipt = context.submit(call).await?;
	let unseen = || Failure::new("decode", "the block has no event of the grant");
	let grant = receipt.created.grant.ok_or_else(unseen)?;
	let json = json!({ "grant": grant, "receipt": views::receipt(&receipt) });
	Ok(Report::new(json, format!("grant {grant} made in block {}", receipt.block)))
}
