//! Transactions: signing, handing in, and finding out what became of them.

use crate::{keys::Keypair, timed, BlockRef, Call, Client, Error, TRANSACTION_VERSION};
use assay_primitives::{
	AssetId, DemandId, GrantId, JobId, KeyRequestId, LeaseId, ModelId, OfferingId, RightsOfferId,
	SubscriptionId, VersionId,
};
use codec::{Decode, Encode};
use futures::{stream, StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};
use subxt::{
	client::OnlineClientAtBlock,
	config::{substrate::MultiSignature, DefaultExtrinsicParamsBuilder},
	error::DispatchError,
	events::{Event, Phase},
	rpcs::{client::RpcSubscription, methods::legacy::TransactionStatus},
	transactions::Signer,
	utils::{AccountId32, H256},
	SubstrateConfig,
};

/// The blocks for which a transaction stays valid.
const MORTALITY: u32 = 128;
/// How long transactions are signed at the same blocks: so many of them cost two round trips each
/// less than if each asked anew.
const ANCHOR_FOR: Duration = Duration::from_secs(4);
/// How often a call is signed anew because another transaction of the account came first.
const MOST_SIGNATURES: u32 = 5;
/// How long a transaction is followed, restarts of the node included.
const FOLLOW_FOR: Duration = Duration::from_secs(15 * 60);
/// The pause between looks for a transaction that cannot be watched.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// How often a transaction that the pool found invalid is looked for.
const MOST_LOOKS_AT_INVALID: u32 = 4;
/// The requests that are under way at once while blocks are searched.
const CONCURRENT_LOOKS: usize = 8;

/// How far to wait for a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wait {
	/// Until it is in a best block, which may still be retracted.
	InBlock,
	/// Until its block is finalized.
	Finalized,
}

/// A signed transaction. Handing it in twice has the effect of handing it in once.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, Serialize, Deserialize)]
pub struct SignedCall {
	/// The hash of the transaction.
	#[serde(with = "crate::blocks::hex_bytes")]
	pub hash: [u8; 32],
	/// The transaction.
	pub bytes: Vec<u8>,
	/// The block after which it can be included.
	pub born: u32,
	/// The first block that it cannot be in.
	pub dies: u32,
}

/// What a transaction created, read from its events.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Created {
	/// The model that was registered.
	pub model: Option<ModelId>,
	/// The version that was published.
	pub version: Option<VersionId>,
	/// The job that was requested, or the first of several.
	pub job: Option<JobId>,
	/// The demand that was made.
	pub demand: Option<DemandId>,
	/// The subscription that was made.
	pub subscription: Option<SubscriptionId>,
	/// The order that was opened.
	pub lease: Option<LeaseId>,
	/// The key that was asked for.
	pub key_request: Option<KeyRequestId>,
	/// The offering of shares that was opened.
	pub offering: Option<OfferingId>,
	/// The ticket that shares were subscribed to by.
	pub ticket: Option<u32>,
	/// The asset that was registered.
	pub asset: Option<AssetId>,
	/// The offer of rights that was posted.
	pub rights_offer: Option<RightsOfferId>,
	/// The grant that was made, or extended.
	pub grant: Option<GrantId>,
}

/// A transaction that succeeded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receipt {
	/// The hash of the transaction.
	#[serde(with = "crate::blocks::hex_bytes")]
	pub extrinsic: [u8; 32],
	/// The block that it is in.
	pub block: BlockRef,
	/// What it created.
	pub created: Created,
}

type Progress = RpcSubscription<TransactionStatus<H256>>;
pub(crate) type AtBlock = OnlineClientAtBlock<SubstrateConfig>;

/// What a look at the chain says of a transaction.
enum Look {
	/// In a block, as far as was waited for.
	Included(BlockRef),
	/// In a block that is not final yet.
	Waiting,
	/// In no block yet.
	Absent,
	/// In no block, and too old for the next.
	Dead,
}

/// The blocks that transactions are signed at.
#[derive(Clone)]
pub(crate) struct Anchor {
	/// The finalized block from which a transaction counts its life.
	born: BlockRef,
	/// The best block, whose metadata and version it is written by.
	at: AtBlock,
	/// When they were read.
	read: Instant,
}

/// Signs for subxt. The two crates are joined here, without the feature of one for the other.
struct SignsWith<'a>(&'a Keypair);

impl Signer<SubstrateConfig> for SignsWith<'_> {
	fn account_id(&self) -> AccountId32 {
		AccountId32(self.0.public_key().0)
	}

	fn sign(&self, payload: &[u8]) -> MultiSignature {
		MultiSignature::Sr25519(self.0.sign(payload).0)
	}
}

impl Client {
	/// Sign a call, hand it in and wait until it is in a block.
	///
	/// Concurrent submissions through clones of one client do not disturb each other. A call that
	/// fails on chain is [`Error::Dispatch`].
	pub async fn submit(&self, signer: &Keypair, call: Call, wait: Wait) -> Result<Receipt, Error> {
		let mut signatures = 1;
		loop {
			let turn = self.inner.signing.lock().await;
			let signed = self.sign(signer, call.clone()).await?;
			let entered = self.enter(&signed).await;
			drop(turn);
			match entered {
				Ok(progress) => return self.follow(&signed, wait, Some(progress), || ()).await,
				// The pool took another transaction for this number, so this one is void.
				Err(Error::NonceTaken { .. }) if signatures < MOST_SIGNATURES => signatures += 1,
				// The runtime may have been upgraded since the blocks were read that it is signed at.
				Err(Error::Invalid { .. }) if signatures == 1 => signatures += 1,
				// The pool may or may not have the transaction.
				Err(error) if error.is_retryable() => {
					return self.follow(&signed, wait, None, || ()).await
				},
				Err(error) => return Err(error),
			}
		}
	}

	/// Sign a call with the account's next number, pending transactions counted.
	///
	/// Nothing is handed in. Sign the next call of the account after this one is handed in, or it
	/// gets the same number.
	pub async fn sign(&self, signer: &Keypair, call: Call) -> Result<SignedCall, Error> {
		let Anchor { born, at, .. } = self.anchor().await?;
		let signer = SignsWith(signer);
		let account = signer.account_id();
		let what = "system_accountNextIndex";
		let nonce = self.ask(what, || self.rpc().system_account_next_index(&account)).await?;
		let params = DefaultExtrinsicParamsBuilder::<SubstrateConfig>::new()
			.mortal_from_unchecked(MORTALITY.into(), born.number.into(), H256(born.hash))
			.nonce(nonce)
			.build();
		let payload = call.payload(at.metadata_ref())?;
		let transactions = at.transactions();
		let bytes = transactions
			.create_signable_offline(&payload, params)
			.and_then(|mut signable| signable.sign(&signer))
			.map_err(|error| Error::subxt("sign", error))?
			.into_encoded();
		let hash = sp_io::hashing::blake2_256(&bytes);
		Ok(SignedCall {
			hash,
			bytes,
			born: born.number,
			dies: born.number.saturating_add(MORTALITY),
		})
	}

	/// The blocks to sign at: those of the last signature, if it was made a moment ago and nothing
	/// was refused since.
	async fn anchor(&self) -> Result<Anchor, Error> {
		let kept = self.inner.anchor.lock().ok().and_then(|kept| kept.clone());
		if let Some(anchor) = kept.filter(|anchor| anchor.read.elapsed() < ANCHOR_FOR) {
			return Ok(anchor);
		}
		let read = Instant::now();
		let born = self.finalized().await?;
		let at = self.at(&self.best().await?).await?;
		check_transaction_version(at.transaction_version())?;
		let anchor = Anchor { born, at, read };
		self.keep_anchor(Some(anchor.clone()));
		Ok(anchor)
	}

	fn keep_anchor(&self, anchor: Option<Anchor>) {
		// A poisoned lock only costs the round trips that it saves.
		if let Ok(mut kept) = self.inner.anchor.lock() {
			*kept = anchor;
		}
	}

	/// Hand in a signed transaction and wait until it is in a block.
	///
	/// `entered` is called when the pool has taken it, and so counts it in the account's next
	/// number; it is dropped where the pool does not.
	///
	/// After a lost connection the chain is searched for the transaction before it is handed in
	/// again, so that it is never reported lost when it was included.
	pub async fn send(
		&self,
		signed: &SignedCall,
		wait: Wait,
		entered: impl FnOnce() + Send,
	) -> Result<Receipt, Error> {
		self.follow(signed, wait, None, entered).await
	}

	/// The block of the best chain that a transaction is in.
	pub async fn find(&self, signed: &SignedCall) -> Result<Option<BlockRef>, Error> {
		let last = self.best().await?.number.min(signed.dies);
		let looks = stream::iter(signed.born.saturating_add(1)..=last)
			.map(|number| self.find_in(number, &signed.hash))
			.buffered(CONCURRENT_LOOKS)
			.try_filter_map(|found| async move { Ok(found) });
		futures::pin_mut!(looks);
		looks.try_next().await
	}

	async fn find_in(&self, number: u32, hash: &[u8; 32]) -> Result<Option<BlockRef>, Error> {
		let Some(block) = self.block(number).await? else { return Ok(None) };
		Ok(self.position(&block, hash).await?.map(|_| block))
	}

	/// What became of a transaction in a block that has it.
	pub async fn receipt(&self, signed: &SignedCall, block: &BlockRef) -> Result<Receipt, Error> {
		let position = self.position(block, &signed.hash).await?.ok_or_else(|| {
			Error::UnknownBlock { block: format!("{block} with 0x{}", hex::encode(signed.hash)) }
		})?;
		let at = self.at(block).await?;
		let events = timed("events", at.events().fetch())
			.await?
			.map_err(|error| Error::subxt("events", error))?;
		let mut created = Created::default();
		for event in events.iter() {
			let event = event.map_err(|error| Error::subxt("events", error))?;
			if event.phase() == Phase::ApplyExtrinsic(position) {
				read_event(&event, &at, &mut created)?;
			}
		}
		Ok(Receipt { extrinsic: signed.hash, block: *block, created })
	}

	/// Hand in a transaction. The stream tells its progress in the pool.
	async fn enter(&self, signed: &SignedCall) -> Result<Progress, Error> {
		let what = "author_submitAndWatchExtrinsic";
		let entered = timed(what, self.rpc().author_submit_and_watch_extrinsic(&signed.bytes))
			.await
			.and_then(|entered| entered.map_err(|error| Error::rpc(what, error)));
		if entered.is_err() {
			// The runtime may have been upgraded, or the node may be another one.
			self.keep_anchor(None);
		}
		entered
	}

	async fn follow(
		&self,
		signed: &SignedCall,
		wait: Wait,
		mut progress: Option<Progress>,
		entered: impl FnOnce() + Send,
	) -> Result<Receipt, Error> {
		let started = Instant::now();
		let mut entered = Some(entered);
		let mut looks_at_invalid = 0;
		loop {
			let watched = match progress.take() {
				Some(progress) => self.watch(wait, progress).await,
				None => match self.enter(signed).await {
					Ok(progress) => {
						if let Some(entered) = entered.take() {
							entered();
						}
						self.watch(wait, progress).await
					},
					Err(error) => Err(error),
				},
			};
			let error = match watched {
				Ok(block) => return self.receipt(signed, &block).await,
				Err(error) => error,
			};
			drop(entered.take());
			let hash = hex::encode(signed.hash);
			tracing::debug!(target: "client::submit", %hash, %error, "looking for the transaction");
			match self.look(signed, wait).await {
				Ok(Look::Included(block)) => return self.receipt(signed, &block).await,
				Ok(Look::Dead) => {
					return Err(Error::Mortal { extrinsic: signed.hash, dies: signed.dies })
				},
				// The best block has another transaction of this number, so this one is void.
				Ok(Look::Absent) if matches!(error, Error::NonceTaken { .. }) => return Err(error),
				// The pool may find a transaction invalid because it is in a block that is about
				// to be the best.
				Ok(Look::Absent)
					if matches!(error, Error::Invalid { .. })
						&& looks_at_invalid < MOST_LOOKS_AT_INVALID =>
				{
					looks_at_invalid += 1;
					tokio::time::sleep(LOOK_AGAIN_AFTER).await;
				},
				Ok(Look::Absent) if !error.is_retryable() => return Err(error),
				Err(lost) if !lost.is_retryable() => return Err(lost),
				_ if started.elapsed() > FOLLOW_FOR => return Err(error),
				_ => tokio::time::sleep(LOOK_AGAIN_AFTER).await,
			}
		}
	}

	/// Watch a transaction in the pool.
	async fn watch(&self, wait: Wait, mut progress: Progress) -> Result<BlockRef, Error> {
		let ended = || Error::Disconnected { reason: "the subscription ended".into() };
		loop {
			let status = timed("transaction status", progress.next()).await?.ok_or_else(ended)?;
			let status = status.map_err(|error| Error::rpc("transaction status", error))?;
			if let Some(hash) = reached(status, wait)? {
				return self.header(Some(hash)).await;
			}
		}
	}

	async fn look(&self, signed: &SignedCall, wait: Wait) -> Result<Look, Error> {
		let best = self.best().await?;
		Ok(match (self.find(signed).await?, wait) {
			(Some(block), Wait::InBlock) => Look::Included(block),
			(Some(block), Wait::Finalized) => {
				if self.finalized().await?.number >= block.number {
					Look::Included(block)
				} else {
					Look::Waiting
				}
			},
			(None, _) if best.number >= signed.dies => Look::Dead,
			(None, _) => Look::Absent,
		})
	}

	pub(crate) async fn at(&self, block: &BlockRef) -> Result<AtBlock, Error> {
		let online = &self.inner.online;
		timed("metadata", online.at_block_hash_and_number(H256(block.hash), block.number.into()))
			.await?
			.map_err(|error| Error::subxt("metadata", error))
	}
}

fn check_transaction_version(found: u32) -> Result<(), Error> {
	if found == TRANSACTION_VERSION {
		return Ok(());
	}
	let what = "transaction";
	Err(Error::UnsupportedRuntime { what, known: TRANSACTION_VERSION, found })
}

/// The block that a status says the transaction has reached, as far as is waited for.
fn reached(status: TransactionStatus<H256>, wait: Wait) -> Result<Option<H256>, Error> {
	match status {
		TransactionStatus::Finalized(hash) => Ok(Some(hash)),
		TransactionStatus::InBlock(hash) if wait == Wait::InBlock => Ok(Some(hash)),
		TransactionStatus::Usurped(by) => {
			Err(Error::NonceTaken { reason: format!("replaced by {by:?}") })
		},
		TransactionStatus::Invalid => {
			Err(Error::Invalid { reason: "it became invalid in the pool".into() })
		},
		TransactionStatus::Dropped => {
			Err(Error::Pending { reason: "the pool was full and dropped it".into() })
		},
		TransactionStatus::FinalityTimeout(_) => {
			Err(Error::Pending { reason: "its block is not finalized yet".into() })
		},
		TransactionStatus::Future
		| TransactionStatus::Ready
		| TransactionStatus::Broadcast(_)
		| TransactionStatus::InBlock(_)
		| TransactionStatus::Retracted(_) => Ok(None),
	}
}

/// Note what an event says was created; fail if it says that the call failed.
fn read_event(
	event: &Event<'_, SubstrateConfig>,
	at: &AtBlock,
	created: &mut Created,
) -> Result<(), Error> {
	let mut fields = event.field_bytes();
	match (event.pallet_name(), event.event_name()) {
		("System", "ExtrinsicFailed") => return Err(dispatch_error(fields, at)),
		// The result of the call that was made as root: `Ok` is 0, `Err` is 1.
		("Sudo", "Sudid") => {
			if let [1, error @ ..] = fields {
				return Err(dispatch_error(error, at));
			}
		},
		("Models", "ModelRegistered") => created.model = Some(first_fields(event, &mut fields)?),
		("Models", "VersionPublished") => created.version = Some(first_fields(event, &mut fields)?),
		("Inference", "JobRequested") => {
			let job = first_fields(event, &mut fields)?;
			created.job.get_or_insert(job);
		},
		("Availability", "ChunkDemanded") => {
			let (_, demand): (JobId, DemandId) = first_fields(event, &mut fields)?;
			created.demand = Some(demand);
		},
		("Subscriptions", "Subscribed") => {
			created.subscription = Some(first_fields(event, &mut fields)?);
		},
		("Custody", "KeyRequested") => {
			created.key_request = Some(first_fields(event, &mut fields)?)
		},
		("Offerings", "Opened") => created.offering = Some(first_fields(event, &mut fields)?),
		("Offerings", "Subscribed") => {
			let (_, ticket): (OfferingId, u32) = first_fields(event, &mut fields)?;
			created.ticket = Some(ticket);
		},
		("DataRights", "AssetRegistered") => {
			created.asset = Some(first_fields(event, &mut fields)?)
		},
		("DataRights", "OfferPosted") => {
			created.rights_offer = Some(first_fields(event, &mut fields)?)
		},
		("DataRights", "Granted") => created.grant = Some(first_fields(event, &mut fields)?),
		("DataRights", "Bought" | "AccessRedeemed") => {
			let (_, grant): (RightsOfferId, GrantId) = first_fields(event, &mut fields)?;
			created.grant = Some(grant);
		},
		("Leases", "OrderOpened") => created.lease = Some(first_fields(event, &mut fields)?),
		_ => {},
	}
	Ok(())
}

/// The first fields of an event, which name what the event is about.
pub(crate) fn first_fields<T: Decode>(
	event: &Event<'_, SubstrateConfig>,
	fields: &mut &[u8],
) -> Result<T, Error> {
	T::decode(fields).map_err(|error| Error::Decode {
		what: format!("{}.{}", event.pallet_name(), event.event_name()),
		reason: error.to_string(),
	})
}

fn dispatch_error(bytes: &[u8], at: &AtBlock) -> Error {
	match DispatchError::decode_from(bytes, at.metadata()) {
		Ok(error) => Error::dispatch(error),
		Err(error) => Error::Decode { what: "dispatch error".into(), reason: error.to_string() },
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Compiles only while the client's futures can be spawned.
	#[test]
	fn the_futures_of_a_client_can_be_spawned() {
		fn spawnable(_: impl Send) {}
		let _ = |client: Client, key: Keypair, signed: SignedCall| {
			spawnable(client.submit(&key, Call::Heartbeat, Wait::InBlock));
			spawnable(client.send(&signed, Wait::Finalized, || ()));
			spawnable(client.find(&signed));
			spawnable(client.numbers());
		};
	}

	#[test]
	fn a_status_is_enough_only_as_far_as_is_waited_for() {
		let hash = H256([1; 32]);
		let status = || TransactionStatus::InBlock(hash);
		assert_eq!(reached(status(), Wait::InBlock).unwrap(), Some(hash));
		assert_eq!(reached(status(), Wait::Finalized).unwrap(), None);
		assert_eq!(
			reached(TransactionStatus::Finalized(hash), Wait::Finalized).unwrap(),
			Some(hash)
		);
	}

	#[test]
	fn statuses_that_end_in_no_block_are_told_apart() {
		let fate = |status| reached(status, Wait::InBlock).unwrap_err();
		assert!(!fate(TransactionStatus::Invalid).is_retryable());
		assert!(matches!(fate(TransactionStatus::Dropped), Error::Pending { .. }));
		let usurped = fate(TransactionStatus::Usurped(H256([2; 32])));
		assert!(matches!(usurped, Error::NonceTaken { .. }));
	}

	#[test]
	fn a_chain_with_other_call_encodings_is_refused() {
		assert!(check_transaction_version(1).is_ok());
		let error = check_transaction_version(2).unwrap_err();
		assert!(matches!(error, Error::UnsupportedRuntime { found: 2, .. }));
	}

	#[test]
	fn a_signed_call_round_trips_through_both_encodings() {
		let signed = SignedCall { hash: [3; 32], bytes: vec![1, 2], born: 5, dies: 133 };
		assert_eq!(SignedCall::decode(&mut &signed.encode()[..]).unwrap(), signed);
		let json = serde_json::to_string(&signed).unwrap();
		assert_eq!(serde_json::from_str::<SignedCall>(&json).unwrap(), signed);
	}
}
