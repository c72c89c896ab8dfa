//! The arguments of `assay pool`.

use super::data::{PurposeArgs, SigningArgs};
use crate::{amount::Amount, percent::Percent};
use assay_primitives::{
	pool::{ScoreRule, MAX_SCORE},
	AssetId, PoolId,
};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Commands on pools of data. Requesters use any item of a pool at its price, with
/// --data pool:NUMBER/ASSET; what comes in is divided among its contributors.
#[derive(Debug, Subcommand)]
pub enum PoolCommand {
	/// Create a pool, as its curator. Says on what terms before it signs: but for the price, they
	/// never change.
	Create(Box<CreatePoolArgs>),
	/// List pools, oldest first.
	List(PoolsArgs),
	/// Show a pool: its terms, its items, and what there is to claim.
	Show {
		/// The pool.
		pool: PoolId,
		/// Whose part is shown; that of the key in use by default.
		#[arg(long)]
		account: Option<String>,
	},
	/// List the items of a pool, in the order of their assets.
	Items {
		/// The pool.
		pool: PoolId,
		/// Only those of this account.
		#[arg(long)]
		contributor: Option<String>,
		/// The most items to list.
		#[arg(long, default_value_t = 100)]
		limit: u32,
	},
	/// Set what a use of an item costs, as the curator. Jobs that were requested before pay what it
	/// was then.
	Price {
		/// The pool.
		pool: PoolId,
		/// The price in ASY.
		price: Amount,
	},
	/// Take no new items and uses any more, for good, as the curator.
	Close {
		/// The pool.
		pool: PoolId,
	},
	/// Remove what is stored of a pool that was closed long enough ago, and of which nobody else has
	/// anything, as the curator.
	Remove {
		/// The pool.
		pool: PoolId,
	},
	/// Sign one's consent to have an asset put into a pool, and write it to a file that anybody can
	/// submit with `assay pool contribute`. Without a node if --genesis is given. What is signed is
	/// cancelled by `assay data permit cancel`, as permits are.
	Sign(SignContributionArgs),
	/// Put an asset into a pool, and pay the deposit: one's own, or by a file that its owner has
	/// signed. Say POOL and ASSET, or --signed.
	Contribute(ContributeArgs),
	/// Say what an item is worth, as the curator of a pool that is scored so.
	Score {
		/// The pool.
		pool: PoolId,
		/// The asset.
		asset: AssetId,
		/// The score.
		#[arg(value_parser = clap::value_parser!(u32).range(..=i64::from(MAX_SCORE)))]
		score: u32,
	},
	/// Take an asset out of a pool: no new job uses it by the pool. What it has earned can still be
	/// claimed. Anybody may, if its contributor does not own it any more, or it is revoked.
	Withdraw {
		/// The pool.
		pool: PoolId,
		/// The asset.
		asset: AssetId,
	},
	/// Be paid what one's items have earned, and the cut, as the curator.
	Claim {
		/// The pool.
		pool: PoolId,
	},
}

/// What a pool is to be.
#[derive(Debug, Args)]
pub struct CreatePoolArgs {
	/// What it is called, at most 64 bytes.
	#[arg(long)]
	pub name: String,
	/// How the data of its items is laid out.
	#[arg(long, default_value = "")]
	pub schema: String,
	/// By what its items are scored, and its income is divided: equal, each alike; bytes, by what
	/// their manifests declare, which nobody checks; or scored, by the curator.
	#[arg(long, default_value = "equal", value_parser = parse_rule)]
	pub rule: ScoreRule,
	/// What each use of an item costs in ASY.
	#[arg(long)]
	pub price: Amount,
	/// What its items may be used for.
	#[command(flatten)]
	pub purpose: PurposeArgs,
	/// Somebody may earn by the use.
	#[arg(long)]
	pub commercial: bool,
	/// The part of the income that is the curator's, for example 5%.
	#[arg(long, value_name = "PERCENT", default_value = "0%")]
	pub cut: Percent,
}

/// The rule of a name.
fn parse_rule(text: &str) -> Result<ScoreRule, String> {
	let rules = [ScoreRule::Equal, ScoreRule::Bytes, ScoreRule::Scored];
	let named = rules.into_iter().find(|rule| rule.name() == text);
	named.ok_or_else(|| "expected equal, bytes or scored".into())
}

/// Which pools to list.
#[derive(Debug, Args)]
pub struct PoolsArgs {
	/// Only those of this curator.
	#[arg(long)]
	pub curator: Option<String>,
	/// Only those that take items and uses.
	#[arg(long)]
	pub open: bool,
	/// The most pools to list.
	#[arg(long, default_value_t = 100)]
	pub limit: u32,
}

/// A contribution to sign.
#[derive(Debug, Args)]
pub struct SignContributionArgs {
	/// The pool.
	pub pool: PoolId,
	/// The asset.
	pub asset: AssetId,
	/// How it is signed.
	#[command(flatten)]
	pub signing: SigningArgs,
}

/// What is contributed.
#[derive(Debug, Args)]
pub struct ContributeArgs {
	/// The pool.
	#[arg(required_unless_present = "signed")]
	pub pool: Option<PoolId>,
	/// The asset, as its owner.
	#[arg(required_unless_present = "signed")]
	pub asset: Option<AssetId>,
	/// A file that `assay pool sign` has written.
	#[arg(long, value_name = "FILE", conflicts_with_all = ["pool", "asset"])]
	pub signed: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
	use crate::cli::Cli;
	use clap::Parser;

	fn parses(arguments: &str) -> bool {
		let line = format!("assay pool {arguments}");
		Cli::try_parse_from(line.split_whitespace()).is_ok()
	}

	#[test]
	fn terms_are_checked_while_parsing() {
		let create = |more: &str| parses(&format!("create --name Images --price 0.1 {more}"));
		assert!(create("") && create("--rule bytes --cut 5% --commercial --schema a:f32"));
		assert!(create("--purpose research --purpose medicine") && create("--model m@1"));
		for wrong in [
			"--rule fair",
			"--rule Equal",
			"--cut 5",
			"--cut 101%",
			"--price 1",
			"--purpose research --model m@1",
			"--transferable",
		] {
			assert!(!create(wrong), "{wrong}");
		}
		assert!(!parses("create --name Images") && !parses("create --price 1"));
		assert!(!parses("create --name Images --price -1"));
	}

	#[test]
	fn a_contribution_is_ones_own_or_in_a_file() {
		assert!(parses("contribute 1 7") && parses("contribute --signed c.json"));
		for wrong in ["", "1", "1 7 --signed c.json", "1 --signed c.json", "pool:1 7"] {
			assert!(!parses(&format!("contribute {wrong}")), "{wrong}");
		}
	}

	#[test]
	fn without_a_node_a_contribution_is_signed_with_all_that_it_says() {
		let sign = |more: &str| parses(&format!("sign 1 7 --output c.json {more}"));
		let genesis = "01".repeat(32);
		assert!(sign("") && sign("--number 3") && sign("--expires 90"));
		assert!(sign(&format!("--genesis {genesis} --number 3 --expires 90")));
		assert!(!sign(&format!("--genesis {genesis} --number 3")));
		assert!(!parses("sign 1 7") && !parses("sign 1 --output c.json"));
	}

	#[test]
	fn a_score_is_one_that_a_curator_can_give() {
		assert!(parses("score 1 7 0") && parses("score 1 7 1000000"));
		for wrong in ["1000001", "-1", "1.5", "", "4294967296"] {
			assert!(!parses(&format!("score 1 7 {wrong}")), "{wrong}");
		}
		assert!(parses("price 1 0.5") && !parses("price 1 much") && !parses("price 1"));
		assert!(parses("withdraw 1 7") && !parses("withdraw 1") && parses("claim 1"));
	}
}
