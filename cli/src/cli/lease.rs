//! The arguments of `assay lease`.

use crate::amount::Amount;
use assay_primitives::{
	lease::{key_path, KeyPath, LeaseStatus},
	provider::Tier,
	LeaseId,
};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Commands on leases. An order and the lease that it becomes have one number. Prices are in ASY a
/// block; a day has 43,200 blocks. Attributes are key paths like gpu/nvidia/h100.
#[derive(Debug, Subcommand)]
pub enum LeaseCommand {
	/// Order capacity, and say what it costs a day and how long the deposit lasts.
	#[command(visible_alias = "order")]
	Open(Box<OrderArgs>),
	/// Show a lease: where it stands, what it costs and how long it lasts.
	Show {
		/// The lease.
		lease: LeaseId,
	},
	/// List leases and orders, newest first.
	List(ListArgs),
	/// Show the bids for an order, lowest first.
	Bids {
		/// The order.
		lease: LeaseId,
	},
	/// Accept a bid; the lowest by default.
	Accept {
		/// The order.
		lease: LeaseId,
		/// Whose bid.
		provider: Option<String>,
	},
	/// List standing offers of leases, or of a class of machines.
	Offers(OffersArgs),
	/// Take an offer: a lease that is matched at once, at the offer's price.
	Take(Box<TakeArgs>),
	/// Offer leases of a class of machines, as a provider, or change what is offered.
	Offer(OfferArgs),
	/// Take an offer back. What is served out of it goes on.
	WithdrawOffer {
		/// The number of the offer.
		#[arg(default_value_t = 0)]
		number: u8,
	},
	/// Remove an offer that has expired, or whose provider has left. Anybody may.
	EvictOffer {
		/// Whose it is.
		provider: String,
		/// The number of the offer.
		#[arg(default_value_t = 0)]
		number: u8,
	},
	/// Bid for an order, as a provider.
	Bid(BidArgs),
	/// Take a bid back.
	WithdrawBid {
		/// The order or lease.
		lease: LeaseId,
	},
	/// Deliver the credential of a lease, as its provider: it is sealed to the tenant's key.
	Deliver {
		/// The lease.
		lease: LeaseId,
		/// The file with the credential, at most 976 bytes.
		#[arg(long, value_name = "FILE")]
		credential_file: PathBuf,
	},
	/// Print the credential of a lease, as its tenant.
	Credential {
		/// The lease.
		lease: LeaseId,
		/// The file of the tenant's lease key: beside the key file by default.
		#[arg(long, value_name = "FILE")]
		lease_key: Option<PathBuf>,
	},
	/// Add to what pays for a lease. Anybody may.
	TopUp {
		/// The lease.
		lease: LeaseId,
		/// How many ASY.
		amount: Amount,
	},
	/// Pay the provider the rent that has accrued. Anybody may.
	Withdraw {
		/// The lease.
		lease: LeaseId,
	},
	/// End a lease or cancel an order. A provider forfeits its guarantee.
	Close {
		/// The lease.
		lease: LeaseId,
	},
	/// Give notice to the tenant, as the provider: the lease ends when it has run out.
	Reclaim {
		/// The lease.
		lease: LeaseId,
	},
	/// Carry out what time has brought to a lease. Anybody may.
	Expire {
		/// The lease.
		lease: LeaseId,
	},
	/// Report that the provider of a lease does not serve. Anybody may.
	Report {
		/// The lease.
		lease: LeaseId,
	},
	/// Show the attributes of a provider, or set one's own.
	Attributes {
		/// The provider; the account of the key by default.
		#[arg(conflicts_with_all = ["set", "clear"])]
		account: Option<String>,
		/// An attribute of one's own machine. Repeat for each; they take the place of all others.
		#[arg(long, value_name = "PATH", value_parser = key_path)]
		set: Vec<KeyPath>,
		/// Take all of one's own attributes back.
		#[arg(long, conflicts_with = "set")]
		clear: bool,
	},
}

/// What is ordered.
#[derive(Debug, Args)]
pub struct OrderArgs {
	/// An attribute that the machine has to have, for example gpu/nvidia. Repeat for each.
	#[arg(long = "attribute", value_name = "PATH", value_parser = key_path)]
	pub attributes: Vec<KeyPath>,
	/// The least tier of the provider: new, proven or trusted.
	#[arg(long, default_value_t = Tier::New)]
	pub tier: Tier,
	/// The most that a block may cost in ASY.
	#[arg(long)]
	pub max_price: Amount,
	/// How long it is needed, in days, for example 0.5.
	#[arg(long, required_unless_present = "blocks", conflicts_with = "blocks")]
	pub days: Option<f64>,
	/// How long it is needed, in blocks.
	#[arg(long)]
	pub blocks: Option<u32>,
	/// What is deposited for rent, in ASY; enough for the whole time at the highest price by
	/// default.
	#[arg(long)]
	pub deposit: Option<Amount>,
	/// The blocks in which bids are taken.
	#[arg(long, default_value_t = 30, value_name = "BLOCKS")]
	pub bidding: u32,
	/// Choose among the bids with `assay lease accept`, instead of the lowest.
	#[arg(long)]
	pub choose: bool,
	/// The file of the tenant's lease key, made if there is none: beside the key file by default.
	#[arg(long, value_name = "FILE")]
	pub lease_key: Option<PathBuf>,
	/// Wait until the credential is delivered.
	#[arg(long)]
	pub wait: bool,
}

/// Which leases to list.
#[derive(Debug, Args)]
pub struct ListArgs {
	/// Only those that are open, matched, active, reclaiming or ended.
	#[arg(long)]
	pub state: Option<LeaseStatus>,
	/// Only those of this tenant.
	#[arg(long)]
	pub tenant: Option<String>,
	/// Only those of this provider.
	#[arg(long)]
	pub provider: Option<String>,
	/// Only those that require this attribute, or one that continues it.
	#[arg(long, value_name = "PATH", value_parser = key_path)]
	pub attribute: Option<KeyPath>,
	/// The most leases to list.
	#[arg(long, default_value_t = 20)]
	pub limit: u32,
}

/// A bid.
#[derive(Debug, Args)]
pub struct BidArgs {
	/// The order.
	pub lease: LeaseId,
	/// The price a block in ASY.
	#[arg(long)]
	pub price: Amount,
	/// The notice in blocks before the capacity is taken back; the least that the chain admits by
	/// default.
	#[arg(long, value_name = "BLOCKS")]
	pub reclaim: Option<u32>,
}

/// Which offers to list.
#[derive(Debug, Args)]
pub struct OffersArgs {
	/// Only those of this provider.
	#[arg(long)]
	pub provider: Option<String>,
	/// Only those with this attribute, or one that continues it.
	#[arg(long, value_name = "PATH", value_parser = key_path)]
	pub attribute: Option<KeyPath>,
	/// Only those that can be taken now.
	#[arg(long)]
	pub able: bool,
	/// The most offers to list.
	#[arg(long, default_value_t = 20)]
	pub limit: u32,
}

/// What is taken of an offer.
#[derive(Debug, Args)]
pub struct TakeArgs {
	/// Whose offer.
	pub provider: String,
	/// The number of the offer.
	#[arg(default_value_t = 0)]
	pub number: u8,
	/// An attribute that the offer has to have, for example gpu/nvidia. Repeat for each; what it has
	/// now by default.
	#[arg(long = "attribute", value_name = "PATH", value_parser = key_path)]
	pub attributes: Vec<KeyPath>,
	/// The most that a block may cost in ASY; what the offer costs now by default.
	#[arg(long)]
	pub max_price: Option<Amount>,
	/// The least notice in blocks; what the offer has now by default.
	#[arg(long, value_name = "BLOCKS")]
	pub reclaim: Option<u32>,
	/// How long it is needed, in days, for example 0.5.
	#[arg(long, required_unless_present = "blocks", conflicts_with = "blocks")]
	pub days: Option<f64>,
	/// How long it is needed, in blocks.
	#[arg(long)]
	pub blocks: Option<u32>,
	/// What is deposited for rent, in ASY; enough for the whole time by default.
	#[arg(long)]
	pub deposit: Option<Amount>,
	/// The file of the tenant's lease key, made if there is none: beside the key file by default.
	#[arg(long, value_name = "FILE")]
	pub lease_key: Option<PathBuf>,
	/// Wait until the credential is delivered.
	#[arg(long)]
	pub wait: bool,
}

/// What is offered.
#[derive(Debug, Args)]
pub struct OfferArgs {
	/// The number of the offer, below 16. A worker keeps number 0, if it is told to.
	#[arg(default_value_t = 0)]
	pub number: u8,
	/// An attribute that the machine has, for example gpu/nvidia/h100. Repeat for each.
	#[arg(long = "attribute", value_name = "PATH", value_parser = key_path, required = true)]
	pub attributes: Vec<KeyPath>,
	/// The price a block in ASY.
	#[arg(long)]
	pub price: Amount,
	/// The most leases at once.
	#[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
	pub capacity: u32,
	/// The notice in blocks before the capacity is taken back; the least that the chain admits by
	/// default.
	#[arg(long, value_name = "BLOCKS")]
	pub reclaim: Option<u32>,
	/// The blocks after which the offer expires; never by default.
	#[arg(long = "for", value_name = "BLOCKS")]
	pub lasting: Option<u32>,
}
