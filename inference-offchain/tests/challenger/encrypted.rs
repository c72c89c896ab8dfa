//! Results over encrypted data are checked by those who may read it, and left alone by the others.

use super::*;
use assay_client::{content::ContentKey, Error as ChainError};
use assay_primitives::{
	api::Page,
	custody::{AppointmentView, Ask, CustodianView, CustodyNumbers, KeyRequestView},
	rights::{Algorithms, AssetKind, AssetSpec, AssetStatus, AssetView, GrantView, Manifest},
	AssetId, GrantId, KeyRequestId,
};
use assay_worker::{chain::data::DataChain, keys::KeyFolder};
use async_trait::async_trait;
use tempfile::TempDir;

const ASSET: AssetId = AssetId(7);

/// A chain with one asset, whose key has this commitment.
struct OneAsset(Root);

#[async_trait]
impl DataChain for OneAsset {
	async fn asset(&self, id: AssetId) -> Result<Option<AssetView<AccountId>>, ChainError> {
		let (owner, root) = (AccountId::new([5; 32]), Root::default());
		let view = AssetView {
			id,
			owner: Some(owner.clone()),
			spec: AssetSpec {
				kind: AssetKind::Dataset,
				manifest: Manifest { root, files: 1, bytes: 1, locator: Default::default() },
				schema: Default::default(),
				licence: Default::default(),
				consent: Default::default(),
				algorithms: Algorithms::Any,
				key: Some(self.0),
			},
			status: AssetStatus::Active,
			item: None,
			payer: owner,
			deposit: 0,
			next_permit: 0,
		};
		Ok((id == ASSET).then_some(view))
	}

	async fn grant(&self, id: GrantId) -> Result<Option<GrantView<AccountId>>, ChainError> {
		().grant(id).await
	}

	async fn custodian(&self) -> Result<Option<CustodianView<AccountId>>, ChainError> {
		().custodian().await
	}

	async fn custodians_of(
		&self,
		asset: AssetId,
	) -> Result<Vec<AppointmentView<AccountId>>, ChainError> {
		().custodians_of(asset).await
	}

	async fn appointments(
		&self,
		start: Option<AssetId>,
	) -> Result<Page<AssetId, AssetId>, ChainError> {
		().appointments(start).await
	}

	async fn key_request_by(
		&self,
		ask: Ask,
	) -> Result<Option<KeyRequestView<AccountId>>, ChainError> {
		().key_request_by(ask).await
	}

	async fn key_requests(
		&self,
		start: KeyRequestId,
	) -> Result<Page<KeyRequestView<AccountId>, KeyRequestId>, ChainError> {
		().key_requests(start).await
	}

	async fn custody_numbers(&self) -> Result<CustodyNumbers, ChainError> {
		().custody_numbers().await
	}
}

/// A chain whose job has an encrypted input, and the key.
fn encrypted() -> (Arc<Court>, ContentKey) {
	let (court, key) = (Court::new(), ContentKey::generate());
	court.encrypt_input(&key, ASSET);
	(court, key)
}

/// A worker with a folder of keys, in which is this key under this name.
fn worker_with(
	court: &Arc<Court>,
	account: AccountId,
	key: &ContentKey,
	name: &str,
) -> (Worker, TempDir) {
	let mut worker = Worker::new(court, account, EVERYBODY);
	let keys = tempfile::tempdir().unwrap();
	key.create_file(&keys.path().join(name)).unwrap();
	worker.data = Data {
		chain: Arc::new(OneAsset(key.commitment())),
		keys: Some(Arc::new(KeyFolder::open(keys.path()).unwrap())),
	};
	(worker, keys)
}

#[tokio::test]
async fn a_wrong_result_over_encrypted_data_is_challenged_by_who_keeps_the_key() {
	let (court, key) = encrypted();
	court.submit_wrong();
	let (worker, _keys) = worker_with(&court, CHALLENGER, &key, "7.key");
	let running = worker.start().await;
	let outcome = until_over(&court).await;
	assert_eq!(outcome, Outcome::Refuted { survivor: court.history });
	running.stop().await;
}

#[tokio::test]
async fn a_right_result_over_encrypted_data_is_found_right() {
	let (court, key) = encrypted();
	let (worker, _keys) = worker_with(&court, CHALLENGER, &key, "7.key");
	let running = worker.start().await;
	until_settled(&court).await;
	assert_eq!((worker.checked("right"), worker.unchecked("key")), (1, 0));
	running.stop().await;
}

/// Without the key, with that of another, and with the key for another asset: somebody may have
/// copied the commitment.
#[tokio::test]
async fn who_does_not_keep_the_key_leaves_the_result_alone() {
	for (right_key, name) in [(false, "7.key"), (true, "8.key"), (true, "a key")] {
		let (court, key) = encrypted();
		court.submit_wrong();
		let other = ContentKey::generate();
		let (mut worker, _keys) =
			worker_with(&court, CHALLENGER, if right_key { &key } else { &other }, name);
		worker.data.chain = Arc::new(OneAsset(key.commitment()));
		let running = worker.start().await;
		until_settled(&court).await;
		assert!(court.state().signed.is_empty());
		assert_eq!(worker.unchecked("key"), 1);
		assert_eq!(worker.metrics.declined.with_label_values(&["key"]).get(), 1);
		running.stop().await;
	}
}

/// The chain has forgotten what was delivered, and nobody hands out the key once more.
#[tokio::test]
async fn a_result_of_ones_own_is_defended_with_the_key_that_was_delivered() {
	let (court, key) = encrypted();
	court.seat(2, 100, true);
	let orders = Orders { everybody: false, ..EVERYBODY };
	let mut worker = Worker::new(&court, PROVIDER, orders);
	worker.data.chain = Arc::new(OneAsset(key.commitment()));
	{
		let journal = worker.journal().await;
		let recipient = journal.new_secret(JOB).unwrap().public();
		let sealed = key.seal_to(&recipient).unwrap();
		journal.keep_box(JOB, &recipient, sealed, key.commitment()).unwrap();
	}
	let running = worker.start().await;
	court.open();
	let outcome = until_over(&court).await;
	assert_eq!(outcome, Outcome::Accepted { survivor: court.history });
	assert_eq!(court.state().count("post"), 1);
	running.stop().await;
}
