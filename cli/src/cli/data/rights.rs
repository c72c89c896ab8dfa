//! The arguments about rights to data: offers, tokens, permits and grants.

use crate::amount::Amount;
use assay_primitives::{AssetId, Balance, GrantId, RightsOfferId};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What something may be used for.
#[derive(Debug, Args)]
pub struct PurposeArgs {
	/// Only jobs that say that they are for this, in a word. Repeat for each; any purpose by
	/// default.
	#[arg(long = "purpose", value_name = "WORD", conflicts_with = "models")]
	pub purposes: Vec<String>,
	/// Only runs of this version. Repeat for each; any model that the asset admits by default.
	#[arg(long = "model", value_name = "MODEL")]
	pub models: Vec<String>,
}

/// What a right is good for.
#[derive(Debug, Args)]
pub struct ScopeArgs {
	/// What it is for.
	#[command(flatten)]
	pub purpose: PurposeArgs,
	/// Somebody may earn by the use.
	#[arg(long)]
	pub commercial: bool,
	/// The holder can pass it on.
	#[arg(long)]
	pub transferable: bool,
	/// The owner of the asset can take it back.
	#[arg(long)]
	pub revocable: bool,
}

/// Commands on offers.
#[derive(Debug, Subcommand)]
pub enum OfferCommand {
	/// Offer grants of an asset, as its owner.
	Post(PostArgs),
	/// Set the price of an offer. Grants that were bought keep theirs.
	Reprice {
		/// The offer.
		offer: RightsOfferId,
		/// The price: in ASY, or in whole units of the token that the offer is paid in.
		price: String,
	},
	/// Withdraw an offer. What was bought goes on.
	Withdraw {
		/// The offer.
		offer: RightsOfferId,
	},
	/// Show an offer.
	Show {
		/// The offer.
		offer: RightsOfferId,
	},
	/// List the offers of an asset.
	List {
		/// The asset.
		asset: AssetId,
		/// The most offers to list.
		#[arg(long, default_value_t = 20)]
		limit: u32,
	},
}

/// What is offered.
#[derive(Debug, Args)]
pub struct PostArgs {
	/// The asset.
	pub asset: AssetId,
	/// The price of a grant, or of a use with --per-use: in ASY, or in whole units of --token.
	#[arg(long, required_unless_present = "free")]
	pub price: Option<String>,
	/// A grant lasts so many blocks; without an end by default.
	#[arg(long = "for", value_name = "BLOCKS", conflicts_with_all = ["per_use", "free"])]
	pub lasting: Option<u32>,
	/// The price is paid for each use, with the fee of the job.
	#[arg(long, conflicts_with = "free")]
	pub per_use: bool,
	/// Nothing is paid.
	#[arg(long, conflicts_with = "price")]
	pub free: bool,
	/// The uses of a grant; any number by default.
	#[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
	pub uses: Option<u32>,
	/// The number of the token that the price is paid in, rather than ASY.
	#[arg(long, conflicts_with_all = ["per_use", "free"])]
	pub token: Option<u32>,
	/// What a grant is good for.
	#[command(flatten)]
	pub scope: ScopeArgs,
}

/// What is bought.
#[derive(Debug, Args)]
pub struct BuyArgs {
	/// The offer.
	pub offer: RightsOfferId,
	/// How often it is taken at once: for so many times the price, the blocks and the uses.
	#[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
	pub times: u32,
	/// The most to pay altogether, or for a use if it is paid by use: in ASY, or in whole units of
	/// its token; what it costs now by default.
	#[arg(long)]
	pub most: Option<String>,
	/// Extend this grant, rather than have a new one.
	#[arg(long, value_name = "GRANT")]
	pub extend: Option<GrantId>,
}

/// Commands on tokens of offers. Units are traded like those of any token of the chain.
#[derive(Debug, Subcommand)]
pub enum TokensCommand {
	/// Give an offer a token, as the owner of the asset. There is no way back.
	Create {
		/// The offer.
		offer: RightsOfferId,
		/// The number of the token; it must not be taken.
		#[arg(long)]
		token: u32,
		/// Let the offer be bought as before, besides.
		#[arg(long)]
		for_sale: bool,
	},
	/// Make units of the token of an offer, as the owner of the asset.
	Mint {
		/// The offer.
		offer: RightsOfferId,
		/// Who has them.
		to: String,
		/// How many, a whole number.
		amount: Balance,
	},
	/// Turn a unit of the token of an offer into a grant.
	Redeem {
		/// The offer.
		offer: RightsOfferId,
	},
}

/// What the holder of a grant may do.
#[derive(Debug, Args)]
pub struct GrantTermsArgs {
	/// The first block in which it is good; at once by default.
	#[arg(long, value_name = "BLOCK")]
	pub from: Option<u32>,
	/// It is good for so many blocks; without an end by default.
	#[arg(long = "for", value_name = "BLOCKS", conflicts_with = "until")]
	pub lasting: Option<u32>,
	/// The first block in which it is not good any more.
	#[arg(long, value_name = "BLOCK")]
	pub until: Option<u32>,
	/// The uses; any number by default.
	#[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
	pub uses: Option<u32>,
	/// What each use costs in ASY.
	#[arg(long, default_value = "0")]
	pub price: Amount,
	/// What it is good for.
	#[command(flatten)]
	pub scope: ScopeArgs,
}

/// A grant to give.
#[derive(Debug, Args)]
pub struct GiveArgs {
	/// The asset.
	pub asset: AssetId,
	/// Who gets the grant.
	pub to: String,
	/// What the holder may do.
	#[command(flatten)]
	pub terms: GrantTermsArgs,
}

/// Commands on permits. A permit is good for one chain, once, and until it expires.
#[derive(Debug, Subcommand)]
pub enum PermitCommand {
	/// Sign a permit with the key of the owner of the asset, and write it to a file. Whoever has the
	/// file can have the grant made. Without a node if --genesis is given.
	Sign(Box<SignArgs>),
	/// Show what a file permits, and whether it is signed. It needs no node.
	Show {
		/// The file.
		file: PathBuf,
	},
	/// Have the grant made that a permit allows, and pay the deposit. Anybody may.
	Submit {
		/// The file.
		file: PathBuf,
	},
	/// Cancel the permits of an asset that were not used, as its owner.
	Cancel {
		/// The asset.
		asset: AssetId,
		/// Those with lower numbers.
		#[arg(long, value_name = "NUMBER")]
		below: u64,
	},
}

/// A permit to sign.
#[derive(Debug, Args)]
pub struct SignArgs {
	/// What is permitted.
	#[command(flatten)]
	pub grant: GiveArgs,
	/// How it is signed.
	#[command(flatten)]
	pub signing: SigningArgs,
}

/// How something is signed that somebody else submits.
#[derive(Debug, Args)]
pub struct SigningArgs {
	/// The file to write; it must not exist.
	#[arg(long, short, value_name = "FILE")]
	pub output: PathBuf,
	/// The first block in which it is not good any more; a day from now by default.
	#[arg(long, value_name = "BLOCK")]
	pub expires: Option<u32>,
	/// Its number among the permits of the asset, each of which is used once; the next by default.
	#[arg(long)]
	pub number: Option<u64>,
	/// The hash of the chain's first block; that of the node's chain by default.
	#[arg(long, value_name = "HASH", requires_all = ["expires", "number"])]
	pub genesis: Option<String>,
}

/// Commands on grants.
#[derive(Debug, Subcommand)]
pub enum GrantCommand {
	/// Give a grant, as the owner of the asset, who pays the deposit.
	Give(Box<GiveArgs>),
	/// Let a grant last longer or have more uses, as the owner of the asset.
	Extend {
		/// The grant.
		grant: GrantId,
		/// The first block in which it is not good any more.
		#[arg(long, value_name = "BLOCK", required_unless_present = "more")]
		until: Option<u32>,
		/// How many uses more.
		#[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
		more: Option<u32>,
	},
	/// Take a grant back that can be, as the owner of the asset. Nothing that was paid is paid back.
	Revoke {
		/// The grant.
		grant: GrantId,
	},
	/// Pass a grant on that can be, as its holder.
	Transfer {
		/// The grant.
		grant: GrantId,
		/// Who gets it.
		to: String,
	},
	/// Remove what is stored of a grant, as its holder, or of one that is over, as anybody.
	Drop {
		/// The grant.
		grant: GrantId,
	},
	/// Show a grant.
	Show {
		/// The grant.
		grant: GrantId,
	},
	/// List grants: those that the account of the key holds by default.
	List {
		/// Those of this asset.
		#[arg(long, conflicts_with = "holder")]
		asset: Option<AssetId>,
		/// Those that this account holds.
		#[arg(long)]
		holder: Option<String>,
		/// The most grants to list.
		#[arg(long, default_value_t = 20)]
		limit: u32,
	},
}
