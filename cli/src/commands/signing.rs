//! What the owner of an asset signs without a transaction and passes on as a file, for somebody else
//! to submit: permits, and contributions to pools.

use super::data::find;
use crate::{cli::SigningArgs, context::Context, failure::Failure, file};
use assay_client::{keys::to_ss58, SignedContribution, SignedPermit};
use assay_primitives::{lease::BLOCKS_A_DAY, AccountId, AssetId, BlockNumber, Root};
use serde::{de::DeserializeOwned, Serialize};
use serde_json::json;
use std::{io::Write, path::Path};

/// The most bytes of a file.
const MOST_SIGNED: u64 = 64 * 1024;

/// Something that is signed.
pub trait Signed: Serialize + DeserializeOwned {
	/// What it is called, in messages and as the kind of a failure.
	const NAME: &'static str;

	/// Who has to have signed it.
	fn signer(&self) -> &AccountId;

	/// The first block of the chain that it is good on.
	fn genesis(&self) -> [u8; 32];

	/// Whether it is signed.
	fn is_signed(&self) -> bool;
}

impl Signed for SignedPermit {
	const NAME: &'static str = "permit";

	fn signer(&self) -> &AccountId {
		&self.owner
	}

	fn genesis(&self) -> [u8; 32] {
		self.genesis
	}

	fn is_signed(&self) -> bool {
		SignedPermit::is_signed(self)
	}
}

impl Signed for SignedContribution {
	const NAME: &'static str = "contribution";

	fn signer(&self) -> &AccountId {
		&self.contribution.contributor
	}

	fn genesis(&self) -> [u8; 32] {
		self.genesis
	}

	fn is_signed(&self) -> bool {
		SignedContribution::is_signed(self)
	}
}

/// What is signed besides what is allowed.
#[derive(Debug, PartialEq, Eq)]
pub struct Facts {
	/// The first block of the chain.
	pub genesis: [u8; 32],
	/// The number among the permits of the asset.
	pub number: u64,
	/// The first block in which it is not good any more.
	pub expires: BlockNumber,
	/// The present block, where a node was asked.
	pub now: Option<BlockNumber>,
}

impl Facts {
	/// What the arguments say, and what a node says for what they do not.
	pub async fn of(
		context: &Context,
		asset: AssetId,
		arguments: &SigningArgs,
	) -> Result<Self, Failure> {
		match offline(arguments)? {
			Some(facts) => Ok(facts),
			None => online(context, asset, arguments).await,
		}
	}
}

/// What is said by the arguments alone, if the chain is.
fn offline(arguments: &SigningArgs) -> Result<Option<Facts>, Failure> {
	let Some(genesis) = &arguments.genesis else { return Ok(None) };
	let Root(genesis) = genesis
		.parse()
		.map_err(|error| usage(format!("`{genesis}` is no hash of a block: {error}")))?;
	let (Some(number), Some(expires)) = (arguments.number, arguments.expires) else {
		return Err(usage("without a node, --number and --expires are needed".into()));
	};
	Ok(Some(Facts { genesis, number, expires, now: None }))
}

/// What the node's chain says, for what is not said.
async fn online(
	context: &Context,
	asset: AssetId,
	arguments: &SigningArgs,
) -> Result<Facts, Failure> {
	let client = context.client().await?;
	let now = client.best().await?.number;
	let number = match arguments.number {
		Some(number) => number,
		None => find(context, asset).await?.next_permit,
	};
	let expires = arguments.expires.unwrap_or(now.saturating_add(BLOCKS_A_DAY));
	if expires <= now {
		return Err(usage(format!("block {expires} is over: it is block {now}")));
	}
	Ok(Facts { genesis: client.genesis(), number, expires, now: Some(now) })
}

fn usage(message: String) -> Failure {
	Failure::new("usage", message)
}

/// Write what is signed to a new file.
pub fn write(signed: &impl Signed, path: &Path) -> Result<(), Failure> {
	let fail = |error: std::io::Error| {
		Failure::new("file", format!("cannot write {}: {error}", path.display()))
	};
	let text = format!("{:#}\n", json!(signed));
	// Whoever reads it can use it, so that its owner decides who does.
	file::create(path, true, |mut file| file.write_all(text.as_bytes()).map_err(fail))
}

/// Read what is signed from a file, and check the signature.
pub fn read<T: Signed>(path: &Path) -> Result<T, Failure> {
	let bytes = file::read(path, MOST_SIGNED).map_err(|reason| Failure::new("file", reason))?;
	let fail = |reason: String| Failure::new(T::NAME, format!("{}: {reason}", path.display()));
	let signed: T = serde_json::from_slice(&bytes).map_err(|error| fail(error.to_string()))?;
	if signed.is_signed() {
		return Ok(signed);
	}
	let signer = to_ss58(signed.signer());
	Err(fail(format!("{signer} has not signed it"))
		.help("it was altered, or signed by another key, or for another chain"))
}

/// Fail unless it is for the chain with this genesis.
pub fn ensure_chain<T: Signed>(signed: &T, genesis: [u8; 32]) -> Result<(), Failure> {
	if signed.genesis() == genesis {
		return Ok(());
	}
	let (its, ours) = (Root(signed.genesis()), Root(genesis));
	let message = format!("the {} is for the chain 0x{its}, this is 0x{ours}", T::NAME);
	Err(Failure::new(T::NAME, message).help("--url names a node of another chain"))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::cli::{Cli, Command, DataCommand, PermitCommand, PoolCommand};
	use assay_client::keys;
	use assay_primitives::{
		pool::Contribution,
		rights::{GrantTerms, Permit, Purpose},
		PoolId,
	};
	use clap::Parser;
	use std::fs;

	fn permit() -> SignedPermit {
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

	fn contribution() -> SignedContribution {
		let key = keys::from_uri("//Alice").unwrap();
		let contribution = Contribution {
			pool: PoolId(2),
			asset: AssetId(3),
			contributor: keys::account(&key),
			nonce: 5,
			expires: 50,
		};
		SignedContribution::sign(&key, contribution, [1; 32])
	}

	#[test]
	fn what_is_signed_is_read_as_it_was_written_and_only_by_its_owner() {
		let folder = tempfile::tempdir().unwrap();
		let (path, signed) = (folder.path().join("permit.json"), permit());
		write(&signed, &path).unwrap();
		assert_eq!(read::<SignedPermit>(&path).unwrap(), signed);
		assert!(write(&signed, &path).unwrap_err().to_text().contains("exists already"));
		#[cfg(unix)]
		{
			use std::os::unix::fs::PermissionsExt;
			let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
			assert_eq!(mode, 0o600);
		}
		let (path, signed) = (folder.path().join("contribution.json"), contribution());
		write(&signed, &path).unwrap();
		assert_eq!(read::<SignedContribution>(&path).unwrap(), signed);
	}

	#[test]
	fn what_was_altered_is_refused_before_it_is_paid_for() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("permit.json");
		let mut altered = permit();
		altered.permit.terms.uses = None;
		write(&altered, &path).unwrap();
		let text = read::<SignedPermit>(&path).unwrap_err().to_text();
		assert!(text.contains("has not signed it"), "{text}");
		let path = folder.path().join("contribution.json");
		let mut altered = contribution();
		altered.contribution.pool = PoolId(1);
		write(&altered, &path).unwrap();
		let text = read::<SignedContribution>(&path).unwrap_err().to_text();
		assert!(text.contains("has not signed it"), "{text}");
	}

	#[test]
	fn a_file_of_something_else_is_refused() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("permit.json");
		write(&permit(), &path).unwrap();
		assert!(read::<SignedContribution>(&path).is_err());
		fs::write(&path, "{}").unwrap();
		let text = read::<SignedPermit>(&path).unwrap_err().to_text();
		assert!(text.contains("missing field"), "{text}");
	}

	#[test]
	fn what_is_for_another_chain_is_refused() {
		assert!(ensure_chain(&permit(), [1; 32]).is_ok());
		assert!(ensure_chain(&contribution(), [1; 32]).is_ok());
		let text = ensure_chain(&permit(), [2; 32]).unwrap_err().to_text();
		assert!(text.contains("the permit is for the chain 0x01"), "{text}");
		let text = ensure_chain(&contribution(), [2; 32]).unwrap_err().to_text();
		assert!(text.contains("the contribution is for the chain 0x01"), "{text}");
	}

	#[test]
	fn without_a_node_all_is_said() {
		let parsed = |command: &str, arguments: &str| {
			let line = format!("assay {command} --output p {arguments}");
			let cli = Cli::try_parse_from(line.split_whitespace()).ok()?;
			let facts = match cli.command {
				Command::Data(DataCommand::Permit(PermitCommand::Sign(arguments))) => {
					offline(&arguments.signing)
				},
				Command::Pool(PoolCommand::Sign(arguments)) => offline(&arguments.signing),
				_ => return None,
			};
			Some(facts.map_err(drop))
		};
		let genesis = "01".repeat(32);
		let all = format!("--genesis 0x{genesis} --number 5 --expires 50");
		for command in ["data permit sign 3 5Grw", "pool sign 2 3"] {
			let facts = Facts { genesis: [1; 32], number: 5, expires: 50, now: None };
			assert_eq!(parsed(command, &all), Some(Ok(Some(facts))));
			assert_eq!(parsed(command, "--number 5"), Some(Ok(None)));
			let short = "--genesis 0x12 --number 5 --expires 50";
			assert_eq!(parsed(command, short), Some(Err(())));
			assert_eq!(parsed(command, &format!("--genesis {genesis} --number 5")), None);
		}
	}
}
