//! The tunable numbers of the protocol, in `pallet-parameters`.
//!
//! Root sets them; their defaults are the production values of docs/protocol.md.

use crate::{
	genesis_parameters::{self, ApplyNumbers, GenesisNumbers},
	Balance, BlockNumber, Runtime, RuntimeEvent, ASY, DAYS, HOURS, MINUTES,
};
use frame_support::{
	dynamic_params::{dynamic_pallet_params, dynamic_params},
	traits::AsEnsureOriginWithArg,
};
use frame_system::EnsureRoot;
use sp_runtime::Permill;

#[dynamic_params(RuntimeParameters, pallet_parameters::Parameters::<Runtime>)]
pub mod dynamic_params {
	use super::*;

	/// Jobs.
	#[dynamic_pallet_params]
	#[codec(index = 0)]
	pub mod inference {
		/// Blocks that an assigned provider has for its answer.
		#[codec(index = 0)]
		pub static ResponseWindow: BlockNumber = 5 * MINUTES;
		/// Blocks during which a result is provisional.
		#[codec(index = 1)]
		pub static ChallengeWindow: BlockNumber = 10 * MINUTES;
		/// Blocks for which the records of an ended job are kept.
		#[codec(index = 2)]
		pub static Retention: BlockNumber = 7 * DAYS;
		/// How many times the fee a provider's exposure is at least.
		#[codec(index = 3)]
		pub static ExposureFactor: u32 = 100;
		/// The treasury's part of every fee.
		#[codec(index = 4)]
		pub static TreasuryCut: Permill = Permill::from_percent(5);
		/// The most providers that are assigned to one job, one after another.
		#[codec(index = 5)]
		pub static MaxAttempts: u8 = 3;
		/// Canonical terms that a reference machine computes in the time of one block.
		#[codec(index = 6)]
		pub static ReferenceTerms: u64 = 2_000_000_000;
		/// Bytes of a trace that a reference machine commits to in the time of one block.
		#[codec(index = 7)]
		pub static ReferenceTrace: u64 = 512 * 1024 * 1024;
		/// The part of every fee that is burned.
		#[codec(index = 8)]
		pub static BurnCut: Permill = Permill::zero();
	}

	/// Providers.
	#[dynamic_pallet_params]
	#[codec(index = 1)]
	pub mod providers {
		/// Blocks after which a heartbeat expires.
		#[codec(index = 0)]
		pub static HeartbeatPeriod: BlockNumber = 10 * MINUTES;
		/// Blocks until an unbonded amount can be withdrawn: longer than any job runs.
		#[codec(index = 1)]
		pub static UnbondingPeriod: BlockNumber = 7 * DAYS;
		/// The least bond.
		#[codec(index = 2)]
		pub static MinBond: Balance = 100 * ASY;
	}

	/// Disputes.
	#[dynamic_pallet_params]
	#[codec(index = 2)]
	pub mod disputes {
		/// Ticks of each step: blocks in which moves found room (PROTOCOL P4.8).
		#[codec(index = 0)]
		pub static Step: BlockNumber = 10 * MINUTES;
		/// The least bond for a history. It covers what the moves of the other side cost.
		#[codec(index = 1)]
		pub static Bond: Balance = 10 * ASY;
		/// What is repaid at most for each move of the winning side.
		#[codec(index = 2)]
		pub static Repayment: Balance = ASY / 2;
		/// Ticks for which the records of a dispute are kept when all is divided.
		#[codec(index = 3)]
		pub static Retention: BlockNumber = 7 * DAYS;
	}

	/// Availability.
	#[dynamic_pallet_params]
	#[codec(index = 3)]
	pub mod availability {
		/// Blocks in which a demand can be answered.
		#[codec(index = 0)]
		pub static Step: BlockNumber = 10 * MINUTES;
		/// What a demand costs. Half of it covers the fee of an answer, which is a transaction of
		/// about 1.5 KiB.
		#[codec(index = 1)]
		pub static Price: Balance = ASY / 100;
	}

	/// Audits.
	#[dynamic_pallet_params]
	#[codec(index = 4)]
	pub mod audits {
		/// The part of results that is audited, of providers of whom little is known.
		#[codec(index = 0)]
		pub static Rate: Permill = Permill::from_percent(2);
		/// The part of every fee that audits are paid from.
		#[codec(index = 1)]
		pub static Cut: Permill = Permill::from_percent(2);
		/// The part of a job's fee that each of its auditors is paid at most.
		#[codec(index = 2)]
		pub static PayShare: Permill = Permill::from_percent(20);
		/// Blocks of each part of an audit.
		#[codec(index = 3)]
		pub static Step: BlockNumber = 10 * MINUTES;
	}

	/// Leases.
	#[dynamic_pallet_params]
	#[codec(index = 9)]
	pub mod leases {
		/// What is held for a bid, and as the guarantee of who serves.
		#[codec(index = 0)]
		pub static BidDeposit: Balance = 5 * ASY;
		/// The least notice of a provider.
		#[codec(index = 1)]
		pub static MinReclaim: BlockNumber = 10 * MINUTES;
		/// Blocks after a match in which the credential has to be delivered.
		#[codec(index = 2)]
		pub static DeliverWithin: BlockNumber = HOURS;
		/// Blocks after which an expired heartbeat is a breach.
		#[codec(index = 3)]
		pub static BreachGrace: BlockNumber = 5 * MINUTES;
	}

	/// Custodians of content keys.
	#[dynamic_pallet_params]
	#[codec(index = 10)]
	pub mod custody {
		/// The least bond.
		#[codec(index = 0)]
		pub static MinBond: Balance = 100 * ASY;
		/// What a request for a key locks of a bond, and each appointment needs.
		#[codec(index = 1)]
		pub static Exposure: Balance = 10 * ASY;
		/// What a request costs: more than the transaction that answers it.
		#[codec(index = 2)]
		pub static Fee: Balance = ASY / 50;
		/// Blocks in which a key has to be delivered.
		#[codec(index = 3)]
		pub static DeliverWithin: BlockNumber = MINUTES;
		/// Blocks in which a delivery can be complained about: longer than finality takes.
		#[codec(index = 4)]
		pub static ComplaintWindow: BlockNumber = 10 * MINUTES;
	}
}

/// The longest time that a requester may give for an answer.
pub const MAX_DELIVER_WITHIN: BlockNumber = 24 * HOURS;

impl pallet_parameters::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeParameters = RuntimeParameters;
	type AdminOrigin = AsEnsureOriginWithArg<EnsureRoot<crate::AccountId>>;
	type WeightInfo = ();
}

#[cfg(feature = "runtime-benchmarks")]
impl Default for RuntimeParameters {
	fn default() -> Self {
		RuntimeParameters::Inference(dynamic_params::inference::Parameters::ChallengeWindow(
			dynamic_params::inference::ChallengeWindow,
			Some(MINUTES),
		))
	}
}

/// Writes a preset's numbers into `pallet-parameters`.
pub struct ToParameters;

impl ApplyNumbers for ToParameters {
	fn apply(numbers: &GenesisNumbers) {
		use dynamic_params::{
			audits, availability, custody, disputes, inference, leases, providers,
		};
		use RuntimeParameters::{
			Audits, Availability, Custody, Disputes, Inference, Leases, Providers,
		};

		let chosen = [
			numbers.response_window.map(|blocks| {
				Inference(inference::Parameters::ResponseWindow(
					inference::ResponseWindow,
					Some(blocks),
				))
			}),
			numbers.challenge_window.map(|blocks| {
				Inference(inference::Parameters::ChallengeWindow(
					inference::ChallengeWindow,
					Some(blocks),
				))
			}),
			numbers.reference_terms.map(|terms| {
				Inference(inference::Parameters::ReferenceTerms(
					inference::ReferenceTerms,
					Some(terms),
				))
			}),
			numbers.reference_trace.map(|bytes| {
				Inference(inference::Parameters::ReferenceTrace(
					inference::ReferenceTrace,
					Some(bytes),
				))
			}),
			numbers.retention.map(|blocks| {
				Inference(inference::Parameters::Retention(inference::Retention, Some(blocks)))
			}),
			numbers.heartbeat_period.map(|blocks| {
				Providers(providers::Parameters::HeartbeatPeriod(
					providers::HeartbeatPeriod,
					Some(blocks),
				))
			}),
			numbers.unbonding_period.map(|blocks| {
				Providers(providers::Parameters::UnbondingPeriod(
					providers::UnbondingPeriod,
					Some(blocks),
				))
			}),
			numbers
				.dispute_step
				.map(|ticks| Disputes(disputes::Parameters::Step(disputes::Step, Some(ticks)))),
			numbers.dispute_retention.map(|ticks| {
				Disputes(disputes::Parameters::Retention(disputes::Retention, Some(ticks)))
			}),
			numbers
				.audit_step
				.map(|blocks| Audits(audits::Parameters::Step(audits::Step, Some(blocks)))),
			numbers.availability_step.map(|blocks| {
				Availability(availability::Parameters::Step(availability::Step, Some(blocks)))
			}),
			numbers.min_reclaim.map(|blocks| {
				Leases(leases::Parameters::MinReclaim(leases::MinReclaim, Some(blocks)))
			}),
			numbers.deliver_within.map(|blocks| {
				Leases(leases::Parameters::DeliverWithin(leases::DeliverWithin, Some(blocks)))
			}),
			numbers.breach_grace.map(|blocks| {
				Leases(leases::Parameters::BreachGrace(leases::BreachGrace, Some(blocks)))
			}),
			numbers.complaint_window.map(|blocks| {
				Custody(custody::Parameters::ComplaintWindow(
					custody::ComplaintWindow,
					Some(blocks),
				))
			}),
		];
		for parameter in chosen.into_iter().flatten() {
			store(parameter);
		}
	}
}

fn store(parameter: RuntimeParameters) {
	use frame_support::traits::dynamic_params::AggregatedKeyValue;
	let (key, value) = parameter.into_parts();
	if let Some(value) = value {
		pallet_parameters::Parameters::<Runtime>::insert(key, value);
	}
}

impl genesis_parameters::Config for Runtime {
	type Apply = ToParameters;
}
