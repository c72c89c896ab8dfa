//! The arguments of `assay revenue`.

use crate::{percent::Percent, shares::Shares};
use assay_primitives::revenue::Subject;
use clap::{Args, Subcommand};

/// Commands on shares in income. What earns is written model:NUMBER, asset:NUMBER or pool:NUMBER.
/// Numbers of shares are written with the decimals that the shares have, money in ASY.
#[derive(Debug, Subcommand)]
pub enum RevenueCommand {
	/// Divide the income of a model or an asset into shares, as its owner, who has all of them.
	Tokenize(Box<TokenizeArgs>),
	/// Show the shares in the income of a subject, and what they can claim.
	Show {
		/// What earns.
		subject: Subject,
	},
	/// List what has shares in its income.
	List {
		/// The most to list.
		#[arg(long, default_value_t = 100)]
		limit: u32,
	},
	/// List who has shares in the income of a subject, or something to claim.
	Holders {
		/// What earns.
		subject: Subject,
		/// The most holders to list.
		#[arg(long, default_value_t = 100)]
		limit: u32,
	},
	/// Show what an account has of a subject's shares, can claim, and would be paid for them.
	Holding {
		/// What earns.
		subject: Subject,
		/// The account; that of the key in use by default.
		account: Option<String>,
	},
	/// Give shares to another account, which has to exist. What they have earned stays.
	Transfer {
		/// What earns.
		subject: Subject,
		/// Who gets them.
		to: String,
		/// How many.
		shares: Shares,
	},
	/// Be paid what one's shares have earned.
	Claim {
		/// What earns.
		subject: Subject,
	},
	/// Burn shares for their part of what is retained. Says what that is before it signs.
	Redeem {
		/// What earns.
		subject: Subject,
		/// How many.
		shares: Shares,
	},
	/// Have what comes without any shares paid to the owner, and end what is used up. Anybody may.
	Collect {
		/// What earns.
		subject: Subject,
	},
}

/// What shares are to be.
#[derive(Debug, Args)]
pub struct TokenizeArgs {
	/// What earns: model:NUMBER, asset:NUMBER or pool:NUMBER.
	pub subject: Subject,
	/// How many shares there are. All are made at once.
	#[arg(long)]
	pub supply: Shares,
	/// What they are called, at most 48 bytes.
	#[arg(long)]
	pub name: String,
	/// The same in short: at most 12 letters, digits and marks.
	#[arg(long)]
	pub symbol: String,
	/// The decimals that they are shown with, at most 38.
	#[arg(long, default_value_t = 0)]
	pub decimals: u8,
	/// The part of the income that is kept for those who redeem shares, for example 5%.
	#[arg(long, value_name = "PERCENT", default_value = "0%")]
	pub retained: Percent,
}

#[cfg(test)]
mod tests {
	use crate::cli::Cli;
	use clap::Parser;

	fn parses(arguments: &[&str]) -> bool {
		Cli::try_parse_from([&["assay", "revenue"], arguments].concat()).is_ok()
	}

	#[test]
	fn subjects_shares_and_parts_are_checked_while_parsing() {
		let tokenize = ["tokenize", "model:3", "--name", "A", "--symbol", "A", "--supply"];
		let with = |more: &[&str]| parses(&[&tokenize, more].concat());
		assert!(with(&["1000"]) && with(&["0.5", "--decimals", "6", "--retained", "5%"]));
		for wrong in [&["much"][..], &["1", "--retained", "5"], &["1", "--decimals", "-1"]] {
			assert!(!with(wrong), "{wrong:?}");
		}
		assert!(!with(&["1", "--retained", "101%"]));
		assert!(parses(&["redeem", "asset:0", "1.5"]) && parses(&["claim", "pool:1"]));
		for subject in ["3", "model", "model:x", "grant:1"] {
			assert!(!parses(&["show", subject]), "{subject}");
		}
		assert!(!parses(&["transfer", "model:3", "5Gr"]) && !parses(&["redeem", "model:3"]));
	}
}
