//! The arguments of `assay offering`.

use crate::{
	amount::Amount,
	commands::{MilestoneDraft, When},
	percent::Percent,
	shares::Shares,
};
use assay_primitives::{revenue::Subject, OfferingId};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Commands on offerings of shares in income. Money waits in the account of an offering until it is
/// released to the issuer by milestones, or goes back.
#[derive(Debug, Subcommand)]
pub enum OfferingCommand {
	/// Offer shares that one has, and say on what terms before it signs.
	Open(Box<OpenArgs>),
	/// Show an offering: how much is subscribed, its milestones and votes, and what one's own
	/// tickets are due.
	Show {
		/// The offering.
		offering: OfferingId,
		/// Whose tickets are shown; those of the key in use by default.
		#[arg(long)]
		account: Option<String>,
	},
	/// List offerings, oldest first.
	List(OfferingsArgs),
	/// List the tickets of an offering: who has subscribed, and what each is due.
	Tickets {
		/// The offering.
		offering: OfferingId,
		/// Only those of this account.
		#[arg(long)]
		account: Option<String>,
		/// The most tickets to list.
		#[arg(long, default_value_t = 100)]
		limit: u32,
	},
	/// Pay for shares. There is no way back before the deadline.
	Subscribe {
		/// The offering.
		offering: OfferingId,
		/// How many shares.
		shares: Shares,
	},
	/// Close an offering whose deadline has passed. Anybody may.
	Close {
		/// The offering.
		offering: OfferingId,
	},
	/// Give tickets what they are due: money that goes back, and shares that have vested. Anybody
	/// may.
	Collect {
		/// The offering.
		offering: OfferingId,
		/// The tickets; all of one's own that are due something by default.
		tickets: Vec<u32>,
	},
	/// Release what milestones have earned to the issuer. Anybody may.
	Release {
		/// The offering.
		offering: OfferingId,
	},
	/// Abort an offering whose next milestone was not shown in time. Anybody may.
	Fail {
		/// The offering.
		offering: OfferingId,
	},
	/// Vote to abort, as a buyer. More than half of what was sold decides.
	VoteAbort {
		/// The offering.
		offering: OfferingId,
		/// The tickets; all of one's own that have not voted by default.
		tickets: Vec<u32>,
	},
	/// Pay the issuer what the shares that wait in the offering have earned. Anybody may.
	Forward {
		/// The offering.
		offering: OfferingId,
	},
	/// Remove an offering of whose tickets nothing is left. Anybody may.
	Remove {
		/// The offering.
		offering: OfferingId,
	},
}

/// What is offered. Flags take the place of what a file says.
#[derive(Debug, Default, Args)]
pub struct OpenArgs {
	/// In whose income the shares are: model:NUMBER, asset:NUMBER or pool:NUMBER.
	pub subject: Option<Subject>,
	/// A TOML file with what the flags say: subject = "model:3", shares = "1000", price = "0.5",
	/// target = "400", deadline = "+43200", upfront = "40%", vesting = 1296000, and for each
	/// milestone a table `[[milestones]]` with jobs = 100, paid = "5", by = "+86400" and part = "60%".
	#[arg(long, value_name = "FILE")]
	pub spec: Option<PathBuf>,
	/// How many shares are for sale.
	#[arg(long)]
	pub shares: Option<Shares>,
	/// What a whole share costs in ASY.
	#[arg(long)]
	pub price: Option<Amount>,
	/// The least money in ASY for which any are sold; whatever comes by default.
	#[arg(long)]
	pub target: Option<Amount>,
	/// The first block in which nobody can subscribe any more, or +BLOCKS from now.
	#[arg(long, value_name = "BLOCK")]
	pub deadline: Option<When>,
	/// The part of the money that is released at the close; what milestones leave by default.
	#[arg(long, value_name = "PERCENT")]
	pub upfront: Option<Percent>,
	/// For what another part is released, as jobs=100,paid=5,by=+86400,part=60%: so many jobs since
	/// the close, which have paid so much ASY for the model, shown in a block or within +BLOCKS from
	/// now. Repeat for each, in their order. Jobs that pay nothing show nothing: say what they pay.
	#[arg(long = "milestone", value_name = "MILESTONE")]
	pub milestones: Vec<MilestoneDraft>,
	/// The blocks from the close until all shares are the buyers', who get them one by one, and no
	/// more than the released money has paid for; at once by default.
	#[arg(long, value_name = "BLOCKS")]
	pub vesting: Option<u32>,
}

/// Which offerings to list.
#[derive(Debug, Args)]
pub struct OfferingsArgs {
	/// Only those of shares in the income of this subject.
	#[arg(long)]
	pub subject: Option<Subject>,
	/// Only those that can be subscribed to now.
	#[arg(long)]
	pub open: bool,
	/// The most offerings to list.
	#[arg(long, default_value_t = 100)]
	pub limit: u32,
}

#[cfg(test)]
mod tests {
	use crate::cli::Cli;
	use clap::Parser;

	fn parses(arguments: &[&str]) -> bool {
		Cli::try_parse_from([&["assay", "offering"], arguments].concat()).is_ok()
	}

	#[test]
	fn terms_are_checked_while_parsing() {
		let open = |more: &[&str]| parses(&[&["open", "model:3"], more].concat());
		let milestone = "jobs=100,by=+5000,part=20%";
		assert!(open(&["--shares", "10", "--price", "0.5", "--deadline", "+43200"]));
		assert!(open(&["--milestone", milestone, "--milestone", milestone, "--upfront", "40%"]));
		assert!(parses(&["open", "--spec", "offering.toml"]));
		for wrong in [
			["--deadline", "tomorrow"],
			["--deadline", "-5"],
			["--milestone", "jobs=100"],
			["--upfront", "40"],
			["--vesting", "1d"],
			["--target", "1 ASY"],
		] {
			assert!(!open(&wrong), "{wrong:?}");
		}
	}

	#[test]
	fn tickets_are_numbers_and_all_ones_own_without_any() {
		for command in ["collect", "vote-abort"] {
			assert!(parses(&[command, "3"]) && parses(&[command, "3", "0", "7"]));
			assert!(!parses(&[command]) && !parses(&[command, "3", "all"]));
		}
		assert!(parses(&["subscribe", "3", "1.5"]) && !parses(&["subscribe", "3"]));
	}
}
