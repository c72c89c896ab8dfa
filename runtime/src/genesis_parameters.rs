//! Sets tunable parameters at genesis.
//!
//! `pallet-parameters` has no genesis configuration, and a development chain needs short windows
//! from its first block. This pallet has no call and no storage: it writes the parameters that a
//! preset names into `pallet-parameters` once.

pub use pallet::*;

/// Writes one preset's numbers to where parameters are kept.
pub trait ApplyNumbers {
	/// Store every number that is given.
	fn apply(numbers: &GenesisNumbers);
}

use serde::{Deserialize, Serialize};

/// The parameters that a preset may set; those left out keep the defaults of the runtime.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GenesisNumbers {
	/// Blocks that an assigned provider has for its answer.
	pub response_window: Option<u32>,
	/// Blocks during which a result is provisional.
	pub challenge_window: Option<u32>,
	/// Canonical terms that a reference machine computes in the time of one block.
	pub reference_terms: Option<u64>,
	/// Bytes of a trace that a reference machine commits to in the time of one block.
	pub reference_trace: Option<u64>,
	/// Blocks for which the records of an ended job are kept.
	pub retention: Option<u32>,
	/// Blocks after which a heartbeat expires.
	pub heartbeat_period: Option<u32>,
	/// Blocks until an unbonded amount can be withdrawn.
	pub unbonding_period: Option<u32>,
	/// Ticks of each step of a dispute.
	pub dispute_step: Option<u32>,
	/// Ticks for which the records of a dispute are kept when all is divided.
	pub dispute_retention: Option<u32>,
	/// Blocks of each part of an audit.
	pub audit_step: Option<u32>,
	/// Blocks in which a demand can be answered.
	pub availability_step: Option<u32>,
	/// The least notice of a provider of leases.
	pub min_reclaim: Option<u32>,
	/// Blocks after a match in which the credential of a lease has to be delivered.
	pub deliver_within: Option<u32>,
	/// Blocks after which an expired heartbeat is the breach of a lease.
	pub breach_grace: Option<u32>,
	/// Blocks in which the delivery of a key can be complained about.
	pub complaint_window: Option<u32>,
}

// `expect` stands in what FRAME's macros expand to.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
mod pallet {
	use super::{ApplyNumbers, GenesisNumbers};
	use core::marker::PhantomData;
	use frame_support::pallet_prelude::*;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// Where the numbers go.
		type Apply: ApplyNumbers;
	}

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The numbers that differ from the runtime's defaults.
		pub numbers: GenesisNumbers,
		#[serde(skip)]
		pub marker: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			T::Apply::apply(&self.numbers);
		}
	}
}
