//! A worker that keeps the keys of others: what it accepts, and whom it hands keys to.

use crate::support::{custody::*, rig::*};
use assay_client::content::{ContentKey, RequestSecret};
use assay_primitives::{custody::Ask, AssetId, GrantId, KeyRequestId};
use std::path::PathBuf;
use tempfile::TempDir;

const ASSET: AssetId = AssetId(7);

/// A custodian, and the key of an asset that it was appointed to keep.
struct Keeper {
	rig: Rig,
	keys: TempDir,
	key: ContentKey,
}

impl Keeper {
	/// Without the key.
	async fn new() -> Self {
		let (mut rig, keys) = (Rig::new().await, tempfile::tempdir().unwrap());
		rig.keys = Some(keys.path().into());
		let key = ContentKey::generate();
		{
			let mut state = rig.chain.state();
			state.data.registered = true;
			state.data.assets.insert(ASSET, Some(key.commitment()));
			state.data.bench.insert(ASSET, vec![(PROVIDER, None)]);
		}
		Keeper { rig, keys, key }
	}

	/// With the key, in a file that is named after the asset.
	async fn with_key() -> Self {
		let keeper = Self::new().await;
		keeper.put("7.key");
		keeper
	}

	fn put(&self, name: &str) -> PathBuf {
		let path = self.keys.path().join(name);
		self.key.create_file(&path).unwrap();
		path
	}

	/// As if the operator had accepted by hand.
	fn accepted(self) -> Self {
		let accepted = vec![(PROVIDER, Some(self.key.commitment()))];
		self.rig.chain.state().data.bench.insert(ASSET, accepted);
		self
	}

	/// Have somebody with a grant ask for the key.
	fn ask(&self, grant: u64) -> (KeyRequestId, RequestSecret) {
		let (secret, now) = (RequestSecret::generate(), self.rig.chain.now());
		let mut state = self.rig.chain.state();
		let to = (secret.public(), PROVIDER);
		let id = state.data.ask(REQUESTER, Ask::Grant(GrantId(grant)), ASSET, to, now);
		(id, secret)
	}

	async fn until_delivered(&self, id: KeyRequestId) {
		let delivered = |state: &State| state.data.requests[&id].sealed.is_some();
		self.rig.until("a delivery", delivered).await;
	}

	/// Whether what was delivered holds the key, for whoever has the secret.
	fn opens(&self, id: KeyRequestId, secret: &RequestSecret) -> bool {
		let sealed = self.rig.chain.state().data.requests[&id].sealed.unwrap();
		let opened = secret.open(&sealed, self.key.commitment());
		opened.is_ok_and(|key| key.expose() == self.key.expose())
	}

	fn made(&self) -> Vec<Custody> {
		self.rig.chain.state().data.made.clone()
	}

	fn deliveries(&self) -> usize {
		self.made().iter().filter(|call| matches!(call, Custody::Deliver(..))).count()
	}
}

#[tokio::test]
async fn a_key_is_handed_to_who_asks_for_it_and_to_nobody_else_once() {
	let keeper = Keeper::with_key().await;
	let running = keeper.rig.start().await;
	let accept = Custody::Accept(ASSET, keeper.key.commitment());
	keeper.rig.until("acceptance", |state| state.data.made == [accept.clone()]).await;
	let (id, secret) = keeper.ask(1);
	keeper.until_delivered(id).await;
	assert!(keeper.opens(id, &secret));
	assert!(!keeper.opens(id, &RequestSecret::generate()));
	keeper.rig.some_blocks(8).await;
	crash(running).await;

	let running = keeper.rig.start().await;
	keeper.rig.some_blocks(10).await;
	assert_eq!(keeper.made().len(), 2, "{:?}", keeper.made());
	assert!(keeper.opens(id, &secret));
	crash(running).await;
}

/// Each acceptance waits for a block: whoever is appointed for many assets would be slashed for
/// silence meanwhile.
#[tokio::test]
async fn a_request_is_served_before_all_appointments_are_accepted() {
	const MOST: u32 = 8;
	let keeper = Keeper::with_key().await;
	{
		let mut state = keeper.rig.chain.state();
		for asset in (0..MOST).map(|index| AssetId(ASSET.0 + index)) {
			state.data.assets.insert(asset, Some(keeper.key.commitment()));
			state.data.bench.insert(asset, vec![(PROVIDER, None)]);
		}
	}
	(1..MOST).for_each(|index| drop(keeper.put(&format!("{}.key", ASSET.0 + index))));
	let running = keeper.rig.start().await;
	keeper.rig.until("an acceptance", |state| !state.data.made.is_empty()).await;
	let (id, _) = keeper.ask(1);
	keeper.until_delivered(id).await;
	assert!(keeper.made().len() < MOST as usize, "{:?}", keeper.made());
	let all = |state: &State| state.data.made.len() == MOST as usize + 1;
	keeper.rig.until("all acceptances", all).await;
	crash(running).await;
}

#[tokio::test]
async fn a_crash_after_a_delivery_leads_to_no_second_one() {
	let keeper = Keeper::with_key().await.accepted();
	keeper.rig.chain.state().fates.push_back(Fate::IncludedUnanswered);
	let running = keeper.rig.start().await;
	let (id, secret) = keeper.ask(1);
	keeper.until_delivered(id).await;
	crash(running).await;

	let running = keeper.rig.start().await;
	keeper.rig.some_blocks(10).await;
	assert_eq!(keeper.deliveries(), 1);
	assert!(keeper.opens(id, &secret));
	crash(running).await;
}

#[tokio::test]
async fn a_delivery_that_gets_lost_is_made_again_in_time() {
	let keeper = Keeper::with_key().await.accepted();
	keeper.rig.chain.state().fates.extend([Fate::Lost, Fate::Unanswered, Fate::Refused]);
	let running = keeper.rig.start().await;
	let (id, secret) = keeper.ask(1);
	keeper.until_delivered(id).await;
	assert!(keeper.opens(id, &secret));
	assert!(keeper.rig.chain.state().data.slashed.is_empty());
	crash(running).await;
}

#[tokio::test]
async fn a_key_that_comes_late_is_delivered_without_a_restart() {
	let keeper = Keeper::new().await.accepted();
	let running = keeper.rig.start().await;
	let (id, secret) = keeper.ask(1);
	keeper.rig.some_blocks(8).await;
	assert!(keeper.made().is_empty());
	// The name says nothing; the operator has accepted.
	keeper.put("from-the-owner");
	keeper.until_delivered(id).await;
	assert!(keeper.opens(id, &secret));
	crash(running).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_key_file_that_others_may_read_is_not_handed_out() {
	use std::{fs, os::unix::fs::PermissionsExt};

	let keeper = Keeper::new().await.accepted();
	let path = keeper.put("7.key");
	let set = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
	set(0o644);
	let running = keeper.rig.start().await;
	let (id, secret) = keeper.ask(1);
	keeper.rig.some_blocks(8).await;
	assert!(keeper.made().is_empty());
	set(0o600);
	keeper.until_delivered(id).await;
	assert!(keeper.opens(id, &secret));
	crash(running).await;
}

/// Somebody registers an asset under the commitment of another's, and appoints its custodian: the
/// key would be handed to whomever that somebody likes.
#[tokio::test]
async fn an_appointment_under_a_copied_commitment_is_not_accepted() {
	let keeper = Keeper::with_key().await;
	let (copy, commitment) = (AssetId(3), keeper.key.commitment());
	{
		let mut state = keeper.rig.chain.state();
		state.data.assets.insert(copy, Some(commitment));
		state.data.bench.insert(copy, vec![(PROVIDER, None)]);
	}
	let running = keeper.rig.start().await;
	keeper.rig.until("acceptance", |state| !state.data.made.is_empty()).await;
	keeper.rig.some_blocks(10).await;
	assert_eq!(keeper.made(), [Custody::Accept(ASSET, commitment)]);
	crash(running).await;
}

#[tokio::test]
async fn an_appointment_is_accepted_again_when_the_key_has_changed() {
	let keeper = Keeper::with_key().await.accepted();
	let running = keeper.rig.start().await;
	keeper.rig.some_blocks(8).await;
	assert!(keeper.made().is_empty(), "it is accepted already");
	let next = ContentKey::generate();
	keeper.rig.chain.state().data.assets.insert(ASSET, Some(next.commitment()));
	keeper.rig.some_blocks(8).await;
	assert!(keeper.made().is_empty(), "the key is not there");
	next.create_file(&keeper.keys.path().join("7-next.key")).unwrap();
	let accept = Custody::Accept(ASSET, next.commitment());
	keeper.rig.until("acceptance", |state| state.data.made == [accept.clone()]).await;
	crash(running).await;
}

/// Somebody whose right was revoked is not handed the key, not even in a transaction that fails: the
/// box would lie in the block.
#[tokio::test]
async fn who_has_lost_its_right_is_handed_nothing() {
	let keeper = Keeper::with_key().await.accepted();
	let (id, _) = keeper.ask(1);
	keeper.rig.chain.state().data.lose_right(REQUESTER);
	let running = keeper.rig.start().await;
	let ended = |state: &State| state.data.requests.is_empty();
	keeper.rig.until("the end of the request", ended).await;
	assert_eq!(keeper.made(), [Custody::Expire(id)]);
	assert!(keeper.rig.chain.state().data.slashed.is_empty());
	crash(running).await;
}

/// Who asks passes its right on, and has it back whenever the custodian says so, so that it keeps
/// silent and is slashed.
#[tokio::test]
async fn a_right_that_is_back_whenever_it_is_said_to_be_lost_is_served_in_time() {
	let keeper = Keeper::with_key().await.accepted();
	let (id, secret) = keeper.ask(1);
	// It is away in every state that the custodian sees, but not when its transactions are run.
	keeper.rig.chain.state().data.requests.get_mut(&id).unwrap().stands = false;
	let running = keeper.rig.start().await;
	keeper.until_delivered(id).await;
	assert!(keeper.opens(id, &secret));
	assert!(keeper.rig.chain.state().data.slashed.is_empty());
	crash(running).await;
}

/// As many as a custodian can have: none waits for the transaction of another.
#[tokio::test]
async fn as_many_requests_as_may_be_open_are_all_answered() {
	let keeper = Keeper::with_key().await.accepted();
	let asked: Vec<_> = (0..64).map(|grant| keeper.ask(grant)).collect();
	let running = keeper.rig.start().await;
	let all = |state: &State| state.data.requests.values().all(|request| request.sealed.is_some());
	keeper.rig.until("64 deliveries", all).await;
	assert!(keeper.rig.chain.state().data.slashed.is_empty());
	assert!(asked.iter().all(|(id, secret)| keeper.opens(*id, secret)));
	keeper.rig.some_blocks(6).await;
	assert_eq!(keeper.deliveries(), 64);
	crash(running).await;
}

#[tokio::test]
async fn who_is_no_custodian_waits_until_it_is_one() {
	let keeper = Keeper::with_key().await;
	keeper.rig.chain.state().data.registered = false;
	let running = keeper.rig.start().await;
	keeper.rig.some_blocks(8).await;
	assert!(keeper.made().is_empty());
	keeper.rig.chain.state().data.registered = true;
	keeper.rig.until("acceptance", |state| !state.data.made.is_empty()).await;
	crash(running).await;
}
