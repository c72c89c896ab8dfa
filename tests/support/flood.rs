//! Transactions as fast as a node takes them: signed beforehand, and handed in without a look at
//! what becomes of each. The chain's events tell that.

use anyhow::{Context, Result};
use assay_client::keys::Keypair;
use std::{sync::Arc, time::Instant};
use subxt::{
	backend::LegacyBackend,
	config::{DefaultExtrinsicParamsBuilder, RpcConfigFor},
	rpcs::{client::RpcClient, LegacyRpcMethods},
	utils::{AccountId32, MultiSignature},
	OnlineClient, SubstrateConfig,
};
use tokio::sync::Semaphore;

/// A call by its names, with encoded arguments.
#[derive(Clone, Debug)]
pub struct EncodedCall {
	/// The pallet.
	pub pallet: &'static str,
	/// The call.
	pub call: &'static str,
	/// The arguments, one behind another.
	pub arguments: Vec<u8>,
}

/// An account that hands in transactions over a connection of its own.
pub struct Sender {
	rpc: LegacyRpcMethods<RpcConfigFor<SubstrateConfig>>,
	online: OnlineClient<SubstrateConfig>,
	key: Keypair,
}

impl Sender {
	/// Connect to a node.
	pub async fn connect(url: &str, key: Keypair) -> Result<Self> {
		let rpc = RpcClient::from_url(url).await?;
		let backend = LegacyBackend::<SubstrateConfig>::builder().build(rpc.clone());
		let backend = Arc::new(backend);
		let online = OnlineClient::from_backend_with_config(SubstrateConfig::new(), backend);
		Ok(Sender { rpc: LegacyRpcMethods::new(rpc), online: online.await?, key })
	}

	/// Sign calls with the numbers that follow the account's last one in the state after a block.
	/// The transactions stay valid until their numbers are taken.
	pub async fn sign(&self, block: u32, calls: &[EncodedCall]) -> Result<Vec<Vec<u8>>> {
		let at = self.online.at_block(block).await?;
		let transactions = at.transactions();
		let account = AccountId32(self.key.public_key().0);
		let first = transactions.account_nonce(&account).await?;
		let sign = |(number, call): (u64, &EncodedCall)| {
			let pallet = at.metadata_ref().pallet_by_name(call.pallet);
			let pallet = pallet.with_context(|| format!("no pallet {}", call.pallet))?;
			let variant = pallet.call_variant_by_name(call.call);
			let variant = variant.with_context(|| format!("no call {}", call.call))?;
			let indices = [pallet.call_index(), variant.index];
			let bytes = [&indices[..], &call.arguments].concat();
			let payload = transactions.from_call_data_bytes(&bytes)?;
			let params = DefaultExtrinsicParamsBuilder::<SubstrateConfig>::new().nonce(number);
			let mut signable = transactions.create_signable_offline(&payload, params.build())?;
			let signature = self.key.sign(&signable.signer_payload()?);
			let signature = MultiSignature::Sr25519(signature.0);
			let signed = signable.sign_with_account_and_signature(&account, &signature)?;
			Ok(signed.into_encoded())
		};
		(first..).zip(calls).map(sign).collect()
	}

	/// Hand in transactions, each as soon as there is a place for it. The places are not given
	/// back. Gives when each one was handed in.
	pub async fn hand_in(
		&self,
		transactions: Vec<Vec<u8>>,
		places: &Semaphore,
	) -> Result<Vec<Instant>> {
		let mut handed_in = Vec::new();
		for transaction in transactions {
			places.acquire().await?.forget();
			handed_in.push(Instant::now());
			self.rpc.author_submit_extrinsic(&transaction).await?;
		}
		Ok(handed_in)
	}
}
