//! The arguments of `assay data`.

mod rights;

pub use rights::{
	BuyArgs, GiveArgs, GrantCommand, GrantTermsArgs, OfferCommand, PermitCommand, PostArgs,
	PurposeArgs, SignArgs, SigningArgs, TokensCommand,
};

use super::Named;
use assay_primitives::{AssetId, GrantId, KeyRequestId};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Commands on data. The chain knows commitments to data and never a byte of it: files are hashed
/// and encrypted here, and passed on by their owner. A model is NAME or NAME@NUMBER.
#[derive(Debug, Subcommand)]
pub enum DataCommand {
	/// Keys that content is encrypted with.
	#[command(subcommand)]
	Key(KeyCommand),
	/// Encrypt a file.
	Encrypt(CipherArgs),
	/// Decrypt a file.
	Decrypt(CipherArgs),
	/// Make the list of the files of an asset, with the root that the chain is told; encrypt them
	/// first, if a key is given.
	Manifest(ManifestArgs),
	/// Check a list of files against what the chain knows of an asset, and files against the list.
	Verify {
		/// The asset.
		asset: AssetId,
		/// The list, as `assay data manifest` makes it.
		list: PathBuf,
		/// The folder with the files of the list.
		#[arg(long, value_name = "FOLDER")]
		folder: Option<PathBuf>,
	},
	/// Register an asset out of a TOML manifest: kind = "dataset", "stream", "algorithm" or
	/// "labels"; files = `["a.csv"]` or list = "files.json"; algorithms = "any" or `["NAME@NUMBER"]`,
	/// the versions that may be run over it; licence = "CC-BY-4.0"; schema and locator; key_file =
	/// "content.key" or key = "COMMITMENT" if the files are encrypted; and a table `[consent]` with
	/// training, inference and derivatives, each false unless it says otherwise.
	Register {
		/// The manifest. Paths in it are taken from its own folder.
		manifest: PathBuf,
	},
	/// Show an asset: who owns it, what it allows, and its files.
	Show {
		/// The asset.
		asset: AssetId,
	},
	/// List assets in the order of registration.
	List {
		/// Only those of this account.
		#[arg(long)]
		owner: Option<String>,
		/// The most assets to list.
		#[arg(long, default_value_t = 20)]
		limit: u32,
	},
	/// Allow something else from now on, as the owner. What is not given stays; so do grants that
	/// there are.
	Terms(ConsentArgs),
	/// Name the models that may be run over an asset, as its owner. Every use is checked against the
	/// list as it is then.
	Algorithms {
		/// The asset.
		asset: AssetId,
		/// A version that may be run. Repeat for each; they take the place of all others.
		#[arg(long = "model", value_name = "MODEL", required_unless_present = "any")]
		models: Vec<String>,
		/// Any model that a grant admits.
		#[arg(long, conflicts_with = "models")]
		any: bool,
	},
	/// Make no new grants of an asset, for good. Those that there are go on.
	Retire {
		/// The asset.
		asset: AssetId,
	},
	/// Let nobody use an asset any more, for good. Nothing that was paid is paid back.
	Revoke {
		/// The asset.
		asset: AssetId,
	},
	/// Remove what is stored of an asset that is revoked and has no offers and grants.
	Remove {
		/// The asset.
		asset: AssetId,
	},
	/// Give an asset away: the item that it is owned as goes to another account, and with it the
	/// rights of the owner and the income.
	Transfer {
		/// The asset.
		asset: AssetId,
		/// The new owner.
		to: String,
	},
	/// Offers, by which grants are bought.
	#[command(subcommand)]
	Offer(OfferCommand),
	/// Buy a grant by an offer, or extend one.
	Buy(BuyArgs),
	/// Tokens of offers, each of whose units is good for a grant.
	#[command(subcommand)]
	Tokens(TokensCommand),
	/// Permits, which an owner signs and somebody else submits.
	#[command(subcommand)]
	Permit(PermitCommand),
	/// Grants, the rights to have models run over an asset.
	#[command(subcommand)]
	Grant(GrantCommand),
	/// Encrypt an input of a job, as whoever has the data: `assay infer --sealed-input` requests a
	/// job with the card that is written beside it, without the data.
	SealInput(SealArgs),
}

/// Commands on keys. A key file holds 64 hexadecimal digits and is its owner's alone.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
	/// Make a content key, write it to a file, and print the commitment that the chain is told.
	New {
		/// The file; it must not exist.
		file: PathBuf,
	},
	/// Print the commitment to the key of a file.
	Show {
		/// The file.
		file: PathBuf,
	},
	/// Ask a custodian for the key of an asset, by a grant that one holds, and wait for it.
	Request(KeyRequestArgs),
	/// Show the chain that what a custodian has delivered is not the key. It waits until the
	/// delivery is final; the secret of the request is public from then on.
	Complain {
		/// The request.
		request: KeyRequestId,
		/// The file with the secret of the request, as `assay data key request` has left it.
		#[arg(long, value_name = "FILE")]
		secret: PathBuf,
	},
}

/// A key to ask for.
#[derive(Debug, Args)]
pub struct KeyRequestArgs {
	/// The grant.
	#[arg(long)]
	pub grant: GrantId,
	/// Who is asked; the custodian with the most free bond by default.
	#[arg(long, value_name = "ACCOUNT")]
	pub custodian: Option<String>,
	/// Where the key is written; the file must not exist. While the request is open, its secret lies
	/// beside it, in FILE.request: the same command goes on with it after an interruption.
	#[arg(long, value_name = "FILE")]
	pub out: PathBuf,
}

/// A file to encrypt or to decrypt.
#[derive(Debug, Args)]
pub struct CipherArgs {
	/// The file with the content key.
	#[arg(long, value_name = "FILE")]
	pub key_file: PathBuf,
	/// The file to read.
	#[arg(value_name = "IN")]
	pub input: PathBuf,
	/// The file to write; it must not exist.
	#[arg(value_name = "OUT")]
	pub output: PathBuf,
}

/// Files to list.
#[derive(Debug, Args)]
pub struct ManifestArgs {
	/// The files, in the order in which they are listed.
	#[arg(required = true)]
	pub files: Vec<PathBuf>,
	/// Where the list is written; it is printed in any case.
	#[arg(long, short, value_name = "FILE")]
	pub output: Option<PathBuf>,
	/// What files with an ending are, as csv=text/csv; most are known. Repeat for each.
	#[arg(long = "media-type", value_name = "ENDING=TYPE")]
	pub media_types: Vec<Named>,
	/// Encrypt the files with the key of this file, and list what comes of it.
	#[arg(long, value_name = "FILE", requires = "into")]
	pub key_file: Option<PathBuf>,
	/// The folder for the encrypted files, each named as before and .enc.
	#[arg(long, value_name = "FOLDER", requires = "key_file")]
	pub into: Option<PathBuf>,
}

/// What others may do with an asset.
#[derive(Debug, Args)]
pub struct ConsentArgs {
	/// The asset.
	pub asset: AssetId,
	/// Whether models may be trained on it.
	#[arg(long, value_name = "BOOL")]
	pub training: Option<bool>,
	/// Whether models may be run over it.
	#[arg(long, value_name = "BOOL")]
	pub inference: Option<bool>,
	/// Whether what is made of it may be passed on.
	#[arg(long, value_name = "BOOL")]
	pub derivatives: Option<bool>,
	/// The licence, an SPDX expression.
	#[arg(long)]
	pub licence: Option<String>,
}

/// An input to seal.
#[derive(Debug, Args)]
pub struct SealArgs {
	/// The file with the content key of the asset.
	#[arg(long, value_name = "FILE")]
	pub key_file: PathBuf,
	/// NAME or NAME@NUMBER.
	#[arg(long)]
	pub model: String,
	/// An input as NAME=VALUE; VALUE is @file.npy, @file.json or JSON. Repeat for each.
	#[arg(long = "input", value_name = "NAME=VALUE")]
	pub inputs: Vec<String>,
	/// Where the encrypted input is written; the file must not exist. The card for the requester is
	/// FILE.json.
	#[arg(long, value_name = "FILE")]
	pub out: PathBuf,
	/// Upload the encrypted input to this gateway, and say so on the card.
	#[arg(long, value_name = "URL")]
	pub gateway: Option<String>,
}
