//! The arguments of `assay custody`.

use crate::amount::Amount;
use assay_primitives::{AssetId, KeyRequestId, Root};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Commands on custody. A custodian keeps the content keys of assets, hands them to whom the chain
/// says, and stakes a bond on it. `assay-worker --keys` does that by itself.
#[derive(Debug, Subcommand)]
pub enum CustodyCommand {
	/// Become a custodian.
	Register {
		/// The URL at which it is reached, for owners who hand keys over.
		#[arg(long, default_value = "")]
		endpoint: String,
		/// The bond in ASY; the least that the chain admits by default.
		#[arg(long)]
		bond: Option<Amount>,
	},
	/// Change what a custodian says of itself. What is not given stays.
	Update {
		/// The URL at which it is reached.
		#[arg(long)]
		endpoint: Option<String>,
		/// Whether it takes requests.
		#[arg(long, value_name = "BOOL")]
		taking: Option<bool>,
	},
	/// Add to the bond.
	Bond {
		/// How many ASY.
		amount: Amount,
	},
	/// Begin to take out bond.
	Unbond {
		/// How many ASY.
		amount: Amount,
	},
	/// Take out what is unbonded.
	Withdraw,
	/// Show a custodian, and the assets that it was appointed for.
	Show {
		/// The custodian; the account of the key by default.
		account: Option<String>,
	},
	/// List custodians, or those of an asset.
	List {
		/// Those of this asset.
		#[arg(long)]
		asset: Option<AssetId>,
		/// The most custodians to list.
		#[arg(long, default_value_t = 100)]
		limit: u32,
	},
	/// Ask a custodian to keep the key of an asset, as its owner. Hand the key over yourself.
	Appoint {
		/// The asset.
		asset: AssetId,
		/// The custodian.
		custodian: String,
	},
	/// Agree to keep the key of an asset, as a custodian who has it.
	Accept(AcceptArgs),
	/// End an appointment, as the owner of the asset.
	Dismiss {
		/// The asset.
		asset: AssetId,
		/// The custodian.
		custodian: String,
	},
	/// End an appointment, or decline it, as the custodian.
	Resign {
		/// The asset.
		asset: AssetId,
	},
	/// List the open requests to a custodian.
	Requests {
		/// The custodian; the account of the key by default.
		account: Option<String>,
		/// The most requests to list.
		#[arg(long, default_value_t = 100)]
		limit: u32,
	},
	/// Deliver the key of a request by hand, as its custodian.
	Deliver {
		/// The request.
		request: KeyRequestId,
		/// The file with the content key.
		#[arg(long, value_name = "FILE")]
		key_file: PathBuf,
	},
	/// End a request that was served: the custodian is paid. Anybody may.
	Close {
		/// The request.
		request: KeyRequestId,
	},
	/// End a request that was not served in time. Anybody may.
	Expire {
		/// The request.
		request: KeyRequestId,
	},
}

/// An appointment to accept.
#[derive(Debug, Args)]
pub struct AcceptArgs {
	/// The asset.
	pub asset: AssetId,
	/// The file with the content key, which is checked to be that of the asset.
	#[arg(long, value_name = "FILE", required_unless_present = "commitment")]
	pub key_file: Option<PathBuf>,
	/// The commitment to the key that is kept, if the key itself is elsewhere.
	#[arg(long, conflicts_with = "key_file")]
	pub commitment: Option<Root>,
}
