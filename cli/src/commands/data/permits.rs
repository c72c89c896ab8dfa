//! `assay data permit`.

use super::{
	grants,
	scope::{purpose, usage},
};
use crate::{
	cli::{PermitCommand, SignArgs},
	context::Context,
	failure::Failure,
	file,
	output::Report,
	views::{self, data as shown},
};
use assay_client::{keys::parse_account, Call, DataCall, SignedPermit};
use assay_primitives::{lease::BLOCKS_A_DAY, rights::Permit, BlockNumber, Root};
use serde_json::json;
use std::{io::Write, path::Path};

/// The most bytes of a file with a permit.
const MOST_PERMIT: u64 = 64 * 1024;

/// Run a command on permits.
pub async fn run(context: &Context, command: PermitCommand) -> Result<Report, Failure> {
	match command {
		PermitCommand::Sign(arguments) => sign(context, &arguments).await,
		PermitCommand::Show { file } => Ok(report(&read(&file)?)),
		PermitCommand::Submit { file } => submit(context, &file).await,
		PermitCommand::Cancel { asset, below } => {
			let call = Call::Data(DataCall::CancelPermits { asset, below });
			crate::commands::submit(context, call, "cancelled").await
		},
	}
}

/// What a permit is signed with besides what it allows.
#[derive(Debug, PartialEq, Eq)]
struct Facts {
	genesis: [u8; 32],
	number: u64,
	expires: BlockNumber,
	/// The present block, where a node was asked.
	now: Option<BlockNumber>,
}

async fn sign(context: &Context, arguments: &SignArgs) -> Result<Report, Failure> {
	file::ensure_new(&arguments.output)?;
	let key = context.key()?;
	let to = parse_account(&arguments.grant.to)?;
	let facts = match offline(arguments)? {
		Some(facts) => facts,
		None => online(context, arguments).await?,
	};
	let scope = purpose(context, &arguments.grant.terms.scope).await?;
	let terms = grants::terms(&arguments.grant.terms, scope, facts.now)?;
	let Facts { genesis, number, expires, .. } = facts;
	let permit = Permit { asset: arguments.grant.asset, to, terms, nonce: number, expires };
	let signed = SignedPermit::sign(&key, permit, genesis);
	write(&signed, &arguments.output)?;
	let mut report = report(&signed);
	let path = arguments.output.display();
	report.text = format!(
		"{}\nwritten to {path}: whoever has it can have the grant made, until block {expires} or \
		 until `assay data permit cancel` with a number above {number}",
		report.text
	);
	Ok(report)
}

/// What is said by the arguments alone, if the chain is.
fn offline(arguments: &SignArgs) -> Result<Option<Facts>, Failure> {
	let Some(genesis) = &arguments.genesis else { return Ok(None) };
	let Root(genesis) = genesis
		.parse()
		.map_err(|error| usage(format!("`{genesis}` is no hash of a block: {error}")))?;
	let (Some(number), Some(expires)) = (arguments.number, arguments.expires) else {
		return Err(usage("without a node, a permit needs --number and --expires".into()));
	};
	Ok(Some(Facts { genesis, number, expires, now: None }))
}

/// What the node's chain says, for what is not said.
async fn online(context: &Context, arguments: &SignArgs) -> Result<Facts, Failure> {
	let client = context.client().await?;
	let now = client.best().await?.number;
	let number = match arguments.number {
		Some(number) => number,
		None => super::find(context, arguments.grant.asset).await?.next_permit,
	};
	let expires = arguments.expires.unwrap_or(now.saturating_add(BLOCKS_A_DAY));
	if expires <= now {
		return Err(usage(format!("block {expires} is over: it is block {now}")));
	}
	Ok(Facts { genesis: client.genesis(), number, expires, now: Some(now) })
}

fn write(signed: &SignedPermit, path: &Path) -> Result<(), Failure> {
	let fail = |error: std::io::Error| {
		Failure::new("file", format!("cannot write {}: {error}", path.display()))
	};
	let text = format!("{:#}\n", json!(signed));
	// Whoever reads it can use it, so that its owner decides who does.
	file::create(path, true, |mut file| file.write_all(text.as_bytes()).map_err(fail))
}

/// Read a permit from a file, and check its signature.
fn read(path: &Path) -> Result<SignedPermit, Failure> {
	let bytes = file::read(path, MOST_PERMIT).map_err(|reason| Failure::new("file", reason))?;
	let fail = |reason: String| Failure::new("permit", format!("{}: {reason}", path.display()));
	let signed: SignedPermit =
		serde_json::from_slice(&bytes).map_err(|error| fail(error.to_string()))?;
	if signed.is_signed() {
		return Ok(signed);
	}
	let owner = assay_client::keys::to_ss58(&signed.owner);
	Err(fail(format!("{owner} has not signed it"))
		.help("it was altered, or signed by another key, or for another chain"))
}

fn report(signed: &SignedPermit) -> Report {
	Report::new(shown::permit(signed), shown::permit_text(signed))
}

async fn submit(context: &Context, path: &Path) -> Result<Report, Failure> {
	let signed = read(path)?;
	ensure_chain(&signed, context.client().await?.genesis())?;
	let call = Call::Data(DataCall::GiveSigned { signed: Box::new(signed) });
	let receipt = context.submit(call).await?;
	let unseen = || Failure::new("decode", "the block has no event of the grant");
	let grant = receipt.created.grant.ok_or_else(unseen)?;
	let json = json!({ "grant": grant, "receipt": views::receipt(&receipt) });
	Ok(Report::new(json, format!("grant {grant} made in block {}", receipt.block)))
}

fn ensure_chain(signed: &SignedPermit, genesis: [u8; 32]) -> Result<(), Failure> {
	if signed.genesis == genesis {
		return Ok(());
	}
	let (its, ours) = (Root(signed.genesis), Root(genesis));
	let message = format!("the permit is for the chain 0x{its}, this is 0x{ours}");
	Err(Failure::new("permit", message).help("--url names a node of another chain"))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::cli::{Cli, Command, DataCommand};
	use assay_client::keys;
	use assay_primitives::{
		rights::{GrantTerms, Purpose},
		AccountId, AssetId,
	};
	use clap::Parser;

	fn signed() -> SignedPermit {
		let terms = GrantTerms {
			from: 0,
			until: None,
			uses: Some(2),
			price: 0,
			purpose: Purpose::Any,
			commercial: false,
			transferable: false,
			revocable: false,
		};
		let to = AccountId::new([7; 32]);
		let permit = Permit { asset: AssetId(3), to, terms, nonce: 5, expires: 50 };
		SignedPermit::sign(&keys::from_uri("//Alice").unwrap(), permit, [1; 32])
	}

	#[test]
	fn a_permit_is_read_as_it_was_written_and_only_by_its_owner() {
		let folder = tempfile::tempdir().unwrap();
		let (path, signed) = (folder.path().join("permit.json"), signed());
		write(&signed, &path).unwrap();
		assert_eq!(read(&path).unwrap(), signed);
		assert!(write(&signed, &path).unwrap_err().to_text().contains("exists already"));
		#[cfg(unix)]
		{
			use std::os::unix::fs::PermissionsExt;
			let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
			assert_eq!(mode, 0o600);
		}
	}

	#[test]
	fn a_permit_that_was_altered_is_refused_before_it_is_paid_for() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("permit.json");
		let mut altered = signed();
		altered.permit.terms.uses = None;
		write(&altered, &path).unwrap();
		let text = read(&path).unwrap_err().to_text();
		assert!(text.contains("has not signed it"), "{text}");
		std::fs::write(&path, "{}").unwrap();
		assert!(read(&path).unwrap_err().to_text().contains("missing field"));
	}

	#[test]
	fn a_permit_for_another_chain_is_refused() {
		assert!(ensure_chain(&signed(), [1; 32]).is_ok());
		assert!(ensure_chain(&signed(), [2; 32]).is_err());
	}

	#[test]
	fn a_permit_is_signed_without_a_node_if_all_is_said() {
		let parsed = |arguments: &str| {
			let line = format!("assay data permit sign 3 5Grw --output p {arguments}");
			let cli = Cli::try_parse_from(line.split_whitespace()).ok()?;
			match cli.command {
				Command::Data(DataCommand::Permit(PermitCommand::Sign(arguments))) => {
					Some(offline(&arguments).map_err(drop))
				},
				_ => None,
			}
		};
		let genesis = "01".repeat(32);
		let facts = Facts { genesis: [1; 32], number: 5, expires: 50, now: None };
		let all = format!("--genesis 0x{genesis} --number 5 --expires 50");
		assert_eq!(parsed(&all), Some(Ok(Some(facts))));
		assert_eq!(parsed("--number 5"), Some(Ok(None)));
		assert_eq!(parsed("--genesis 0x12 --number 5 --expires 50"), Some(Err(())));
		assert_eq!(parsed(&format!("--genesis {genesis} --number 5")), None);
	}
}
