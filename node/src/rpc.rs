//! The node's JSON-RPC: the standard sets and `assay_*`. The system, chain, state, author,
//! `chainHead_v1` and `transaction_v1` sets are added by the service.

mod assay;
mod error;
mod params;
mod rights;
mod views;

use crate::partial::{BlockHash, FullBackend, FullClient, Pool, SelectChain};
use assay_runtime::opaque::Block;
use jsonrpsee::RpcModule;
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_babe_rpc::{Babe, BabeApiServer};
use sc_consensus_grandpa::{
	FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_rpc::SubscriptionTaskExecutor;
use sp_keystore::KeystorePtr;
use std::{error::Error, sync::Arc};
use substrate_frame_rpc_system::{System, SystemApiServer};

use assay::{Assay, AssayRpcServer};
use rights::{Rights, RightsRpcServer};

/// What the RPC reads from. Cloned, because the service builds the RPC once for the network and
/// once for calls from inside.
#[derive(Clone)]
pub struct Deps {
	/// The client.
	pub client: Arc<FullClient>,
	/// The transaction pool.
	pub pool: Arc<Pool>,
	/// The rule by which the best chain is chosen.
	pub select_chain: SelectChain,
	/// The keys of this node.
	pub keystore: KeystorePtr,
	/// Answers questions on BABE's epochs.
	pub babe_worker: BabeWorkerHandle<Block>,
	/// The state of the GRANDPA voter.
	pub voter_state: SharedVoterState,
	/// The voters.
	pub authority_set: SharedAuthoritySet<BlockHash, assay_primitives::BlockNumber>,
	/// New justifications.
	pub justifications: GrandpaJustificationStream<Block>,
	/// Proofs of finality.
	pub finality_proofs: Arc<FinalityProofProvider<FullBackend, Block>>,
}

/// Build the sets of methods that the service does not add by itself.
pub fn build(
	deps: Deps,
	executor: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, Box<dyn Error + Send + Sync>> {
	let mut module = RpcModule::new(());
	module.merge(System::new(deps.client.clone(), deps.pool).into_rpc())?;
	module.merge(TransactionPayment::new(deps.client.clone()).into_rpc())?;
	let babe = Babe::new(deps.client.clone(), deps.babe_worker, deps.keystore, deps.select_chain);
	module.merge(babe.into_rpc())?;
	let grandpa = Grandpa::new(
		executor.clone(),
		deps.authority_set,
		deps.voter_state,
		deps.justifications,
		deps.finality_proofs,
	);
	module.merge(grandpa.into_rpc())?;
	module.merge(Rights::new(deps.client.clone()).into_rpc())?;
	module.merge(Assay::new(deps.client, executor).into_rpc())?;
	Ok(module)
}
