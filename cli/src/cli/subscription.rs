//! The arguments of `assay subscription`.

use super::{TermsArgs, Until};
use crate::amount::Amount;
use assay_primitives::SubscriptionId;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Commands on subscriptions. One that has ended is gone; its events and jobs stay.
#[derive(Debug, Subcommand)]
pub enum SubscriptionCommand {
	/// Set a budget aside for jobs that recur. The first is requested when an input is fed.
	Create(CreateArgs),
	/// Leave an input for the next run, in place of one that is there.
	Feed {
		/// The subscription.
		subscription: SubscriptionId,
		/// An input as NAME=VALUE; VALUE is @file.npy, @file.json or JSON. Repeat for each.
		#[arg(long = "input", value_name = "NAME=VALUE")]
		inputs: Vec<String>,
		/// The gateway for inputs beyond 64 KiB. It has to serve them until the job has ended.
		#[arg(long, value_name = "URL")]
		gateway: Option<String>,
	},
	/// Take back an input that waits for its run, or is run again.
	TakeBack {
		/// The subscription.
		subscription: SubscriptionId,
	},
	/// Show a subscription.
	Show {
		/// The subscription.
		subscription: SubscriptionId,
	},
	/// List subscriptions, oldest first.
	List {
		/// Only those of this account.
		#[arg(long)]
		subscriber: Option<String>,
		/// The most subscriptions to list.
		#[arg(long, default_value_t = 100)]
		limit: u32,
	},
	/// Add to the budget.
	TopUp {
		/// The subscription.
		subscription: SubscriptionId,
		/// How many ASY.
		amount: Amount,
	},
	/// Agree to other terms for the jobs to come. What is not given stays.
	Terms(NewTermsArgs),
	/// Request no jobs until it is resumed.
	Pause {
		/// The subscription.
		subscription: SubscriptionId,
	},
	/// Let a subscription go on after a pause.
	Resume {
		/// The subscription.
		subscription: SubscriptionId,
	},
	/// End a subscription and get back what is left of its budget. Its jobs go on.
	End {
		/// The subscription.
		subscription: SubscriptionId,
	},
	/// End a subscription that could not run for long. Anybody may.
	Expire {
		/// The subscription.
		subscription: SubscriptionId,
	},
	/// Follow a subscription until it ends, and fetch the result of each of its jobs.
	Watch {
		/// The subscription.
		subscription: SubscriptionId,
		/// How far to wait for each result.
		#[arg(long, value_enum, default_value_t = Until::Final)]
		wait: Until,
		/// Write the outputs to this folder as .npy files, those of each job to a folder of its own
		/// in it.
		#[arg(long, value_name = "FOLDER")]
		output: Option<PathBuf>,
	},
}

/// What is subscribed to.
#[derive(Debug, Args)]
pub struct CreateArgs {
	/// NAME@NUMBER, or NAME for the newest version at the time of each run.
	#[arg(long)]
	pub model: String,
	/// What is set aside in ASY. Each run takes its largest fee and its deposit out of it; what a
	/// job gives back is free.
	#[arg(long)]
	pub budget: Amount,
	/// The blocks from one run to the next.
	#[arg(long, value_name = "BLOCKS")]
	pub period: u32,
	/// The most runs; as many as the budget lasts by default.
	#[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
	pub runs: Option<u32>,
	/// Who may feed inputs besides the subscriber.
	#[arg(long, value_name = "ACCOUNT")]
	pub feeder: Option<String>,
	/// Run the last input again when no newer one was fed, rather than leave the period out.
	#[arg(long)]
	pub repeat: bool,
	/// What is agreed to for each job; a fee that is enough for the largest input by default.
	#[command(flatten)]
	pub terms: TermsArgs,
}

/// What changes.
#[derive(Debug, Args)]
pub struct NewTermsArgs {
	/// The subscription.
	pub subscription: SubscriptionId,
	/// The most that a job may cost in ASY.
	#[arg(long)]
	pub max_fee: Option<Amount>,
	/// What a right answer is worth in ASY.
	#[arg(long)]
	pub value: Option<Amount>,
	/// The blocks within which a result must come.
	#[arg(long, value_name = "BLOCKS")]
	pub deliver_within: Option<u32>,
	/// Whether another provider answers if a result is proven wrong, rather than the fee back.
	#[arg(long, value_name = "BOOL")]
	pub reassign: Option<bool>,
}
