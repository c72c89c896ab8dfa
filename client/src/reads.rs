//! Reads at the best block: the runtime API, and balances.

use crate::{Client, Error};
use assay_dispute::play::Shown;
use assay_primitives::{
	api::{
		rights::runtime_decl_for_rights_api, runtime_decl_for_assay_api, Estimate, EstimateError,
		JobFilter, Page, ProtocolNumbers,
	},
	audit::AuditView,
	availability::{DemandFilter, DemandView},
	batch::ItemView,
	dispute::{DisputeView, Spot},
	job::{Choice, GroupView, Input, JobView, Output},
	lease::{Attributes, LeaseFilter, LeaseView, OfferFilter, OfferKey, OfferView},
	model::{ModelView, Name, VersionView},
	provider::{OrderView, ProviderView},
	subscription::SubscriptionView,
	tensor::Shape,
	AccountId, Balance, DemandId, DisputeId, JobId, LeaseId, ModelId, Root, SubscriptionId,
	VersionId,
};
use codec::{Decode, DecodeAll, Encode};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

mod custody;
mod data;
mod income;
mod pool;

/// A runtime API that is read.
struct Api {
	name: &'static str,
	id: [u8; 8],
	/// The version that this client knows.
	version: u32,
}

/// Jobs and all around them.
const ASSAY: Api = Api {
	name: "AssayApi",
	id: runtime_decl_for_assay_api::ID,
	version: runtime_decl_for_assay_api::VERSION,
};
/// Data, licences and income.
const RIGHTS: Api = Api {
	name: "RightsApi",
	id: runtime_decl_for_rights_api::ID,
	version: runtime_decl_for_rights_api::VERSION,
};
/// How long a check of an API's version is relied upon: one block.
const CHECKED_FOR: Duration = Duration::from_secs(2);

/// What an account has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct AccountBalance {
	/// What it can spend, but for `frozen`.
	pub free: Balance,
	/// What is held for deposits, bonds and open jobs.
	pub held: Balance,
	/// The part of `free` and `held` together that must stay.
	pub frozen: Balance,
	/// The number of its next transaction, without pending ones.
	pub nonce: u32,
}

/// An account as the chain stores it. The counters are for the chain's own bookkeeping.
#[derive(Decode)]
struct AccountInfo {
	nonce: u32,
	_consumers: u32,
	_providers: u32,
	_sufficients: u32,
	free: u128,
	reserved: u128,
	frozen: u128,
	_flags: u128,
}

impl Client {
	/// A model by its id.
	pub async fn model(&self, id: ModelId) -> Result<Option<ModelView<AccountId>>, Error> {
		self.read("model", id).await
	}

	/// A model by its name. Text that can be no name is the name of no model.
	pub async fn model_by_name(&self, name: &str) -> Result<Option<ModelView<AccountId>>, Error> {
		match Name::try_from(name.as_bytes().to_vec()) {
			Ok(name) => self.read("model_by_name", name).await,
			Err(_) => Ok(None),
		}
	}

	/// Models in the order of registration, of one owner if given.
	pub async fn models(
		&self,
		owner: Option<&AccountId>,
		start: ModelId,
		limit: u32,
	) -> Result<Page<ModelView<AccountId>, ModelId>, Error> {
		self.read("models", (owner, start, limit)).await
	}

	/// A version of a model.
	pub async fn version(&self, id: VersionId) -> Result<Option<VersionView>, Error> {
		self.read("version", id).await
	}

	/// Versions of a model in the order of publication.
	pub async fn versions(
		&self,
		model: ModelId,
		start: u32,
		limit: u32,
	) -> Result<Page<VersionView, u32>, Error> {
		self.read("versions", (model, start, limit)).await
	}

	/// A provider by its account.
	pub async fn provider(
		&self,
		account: &AccountId,
	) -> Result<Option<ProviderView<AccountId>>, Error> {
		self.read("provider", account).await
	}

	/// Providers, of those with an ask for a version if given. `start` is the last account of
	/// the page before.
	pub async fn providers(
		&self,
		version: Option<VersionId>,
		start: Option<&AccountId>,
		limit: u32,
	) -> Result<Page<ProviderView<AccountId>, AccountId>, Error> {
		self.read("providers", (version, start, limit)).await
	}

	/// A job by its id, until it is pruned.
	pub async fn job(&self, id: JobId) -> Result<Option<JobView<AccountId>>, Error> {
		self.read("job", id).await
	}

	/// Jobs, newest first. `start` is the highest id to look at.
	pub async fn jobs(
		&self,
		filter: &JobFilter,
		start: Option<JobId>,
		limit: u32,
	) -> Result<Page<JobView<AccountId>, JobId>, Error> {
		self.read("jobs", (filter, start, limit)).await
	}

	/// The group that a job is a replica of, until its last replica is pruned.
	pub async fn group(&self, id: JobId) -> Result<Option<GroupView>, Error> {
		self.read("group", id).await
	}

	/// The jobs that a provider has to answer now, from `start` on.
	pub async fn assignments(
		&self,
		provider: &AccountId,
		start: JobId,
	) -> Result<Vec<JobId>, Error> {
		self.read("assignments", (provider, start)).await
	}

	/// The input of an open job.
	pub async fn job_input(&self, id: JobId) -> Result<Option<Input>, Error> {
		self.read("job_input", id).await
	}

	/// The output of a job, provisional or final.
	pub async fn job_output(&self, id: JobId) -> Result<Option<Output>, Error> {
		self.read("job_output", id).await
	}

	/// What a request with inputs of these shapes would cost with whom the choice admits.
	pub async fn estimate(
		&self,
		version: VersionId,
		shapes: &[Vec<u32>],
		choice: &Choice<AccountId>,
	) -> Result<Estimate, Error> {
		self.estimate_batch(version, shapes, 1, choice).await
	}

	/// The same of a batch of so many items, each with inputs of these shapes.
	pub async fn estimate_batch(
		&self,
		version: VersionId,
		shapes: &[Vec<u32>],
		items: u32,
		choice: &Choice<AccountId>,
	) -> Result<Estimate, Error> {
		let shapes: Vec<Shape> = shapes
			.iter()
			.map(|shape| Shape::try_from(shape.clone()))
			.collect::<Result<_, _>>()
			.map_err(|_| EstimateError::WrongShapes)?;
		let answer: Result<Estimate, EstimateError> =
			self.read("estimate", (version, shapes, items, choice)).await?;
		Ok(answer?)
	}

	/// The items of a batch that were opened and are kept, in ascending order, from the item
	/// `start` on.
	pub async fn items(
		&self,
		batch: JobId,
		start: u32,
		limit: u32,
	) -> Result<Page<ItemView, u32>, Error> {
		self.read("items", (batch, start, limit)).await
	}

	/// The job whose result for an input with this root is final, while it is kept.
	pub async fn answered_by(
		&self,
		version: VersionId,
		input: Root,
	) -> Result<Option<JobId>, Error> {
		self.read("answered_by", (version, input)).await
	}

	/// The asks for a version in the order of its book, from this place on.
	pub async fn book(
		&self,
		version: VersionId,
		start: u32,
		limit: u32,
	) -> Result<Page<OrderView<AccountId>, u32>, Error> {
		self.read("book", (version, start, limit)).await
	}

	/// Disputes in ascending order of their jobs, from `start` on.
	pub async fn disputes(
		&self,
		start: DisputeId,
		limit: u32,
	) -> Result<Page<DisputeView<AccountId>, DisputeId>, Error> {
		self.read("disputes", (start, limit)).await
	}

	/// A dispute, until its records are pruned.
	pub async fn dispute(&self, id: DisputeId) -> Result<Option<DisputeView<AccountId>>, Error> {
		self.read("dispute", id).await
	}

	/// What histories of a dispute show at spots, at most [`assay_primitives::dispute::MAX_SPOTS`].
	pub async fn shown(&self, id: DisputeId, spots: &[Spot]) -> Result<Vec<Option<Shown>>, Error> {
		self.read("shown", (id, spots)).await
	}

	/// Audits that go on, in ascending order of their jobs, from `start` on.
	pub async fn audits(
		&self,
		start: JobId,
		limit: u32,
	) -> Result<Page<AuditView<AccountId>, JobId>, Error> {
		self.read("audits", (start, limit)).await
	}

	/// The audit of a job, while it goes on.
	pub async fn audit(&self, id: JobId) -> Result<Option<AuditView<AccountId>>, Error> {
		self.read("audit", id).await
	}

	/// The jobs that an account audits, from `start` on.
	pub async fn audits_of(&self, auditor: &AccountId, start: JobId) -> Result<Vec<JobId>, Error> {
		self.read("audits_of", (auditor, start)).await
	}

	/// Open demands in ascending order, from `start` on.
	pub async fn demands(
		&self,
		filter: &DemandFilter<AccountId>,
		start: DemandId,
		limit: u32,
	) -> Result<Page<DemandView<AccountId>, DemandId>, Error> {
		self.read("demands", (filter, start, limit)).await
	}

	/// A subscription, until it ends.
	pub async fn subscription(
		&self,
		id: SubscriptionId,
	) -> Result<Option<SubscriptionView<AccountId>>, Error> {
		self.read("subscription", id).await
	}

	/// Subscriptions in ascending order, from `start` on, of one account if given.
	pub async fn subscriptions(
		&self,
		subscriber: Option<&AccountId>,
		start: SubscriptionId,
		limit: u32,
	) -> Result<Page<SubscriptionView<AccountId>, SubscriptionId>, Error> {
		self.read("subscriptions", (subscriber, start, limit)).await
	}

	/// A lease, or the order that it begins as, until it is pruned.
	pub async fn lease(&self, id: LeaseId) -> Result<Option<LeaseView<AccountId>>, Error> {
		self.read("lease", id).await
	}

	/// Leases and orders, newest first. `start` is the highest id to look at.
	pub async fn leases(
		&self,
		filter: &LeaseFilter<AccountId>,
		start: Option<LeaseId>,
		limit: u32,
	) -> Result<Page<LeaseView<AccountId>, LeaseId>, Error> {
		self.read("leases", (filter, start, limit)).await
	}

	/// What the machine of a provider is.
	pub async fn attributes(&self, provider: &AccountId) -> Result<Attributes, Error> {
		self.read("attributes", provider).await
	}

	/// Offers of leases. `start` is the last key of the page before.
	pub async fn offers(
		&self,
		filter: &OfferFilter<AccountId>,
		start: Option<&OfferKey<AccountId>>,
		limit: u32,
	) -> Result<Page<OfferView<AccountId>, OfferKey<AccountId>>, Error> {
		self.read("offers", (filter, start, limit)).await
	}

	/// The numbers of the protocol.
	pub async fn numbers(&self) -> Result<ProtocolNumbers, Error> {
		self.read("numbers", ()).await
	}

	/// What an account has; nothing for an account that does not exist.
	pub async fn balance(&self, account: &AccountId) -> Result<AccountBalance, Error> {
		let key = account_key(account);
		let what = "state_getStorage";
		let bytes = self.ask(what, || self.rpc().state_get_storage(&key, None)).await?;
		let Some(bytes) = bytes else { return Ok(AccountBalance::default()) };
		let info: AccountInfo = decode("System.Account", &bytes)?;
		Ok(AccountBalance {
			free: info.free,
			held: info.reserved,
			frozen: info.frozen,
			nonce: info.nonce,
		})
	}

	/// Call a function of the API of jobs at the best block.
	async fn read<T: Decode>(&self, function: &str, arguments: impl Encode) -> Result<T, Error> {
		self.read_of(&ASSAY, function, arguments).await
	}

	/// Call a function of the API of data, licences and income at the best block.
	async fn read_rights<T: Decode>(
		&self,
		function: &str,
		arguments: impl Encode,
	) -> Result<T, Error> {
		self.read_of(&RIGHTS, function, arguments).await
	}

	async fn read_of<T: Decode>(
		&self,
		api: &'static Api,
		function: &str,
		arguments: impl Encode,
	) -> Result<T, Error> {
		self.check_api(api).await?;
		let function = format!("{}_{function}", api.name);
		let arguments = arguments.encode();
		let bytes = self
			.ask(&function, || self.rpc().state_call(&function, Some(&arguments), None))
			.await?;
		decode(&function, &bytes)
	}

	/// Check the version of a runtime API, at most once a block.
	async fn check_api(&self, api: &'static Api) -> Result<(), Error> {
		let fresh = |at: &Instant| at.elapsed() < CHECKED_FOR;
		if lock(&self.inner.checked).get(api.name).is_some_and(fresh) {
			return Ok(());
		}
		let what = "state_getRuntimeVersion";
		let version = self.ask(what, || self.rpc().state_get_runtime_version(None)).await?;
		let found = api_version(version.other.get("apis"), api);
		if found != api.version {
			return Err(Error::UnsupportedRuntime { what: api.name, known: api.version, found });
		}
		lock(&self.inner.checked).insert(api.name, Instant::now());
		Ok(())
	}
}

/// What is guarded is only ever changed by one insertion, so a poisoned lock is as good as any.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn decode<T: Decode>(what: &str, bytes: &[u8]) -> Result<T, Error> {
	T::decode_all(&mut &*bytes)
		.map_err(|error| Error::Decode { what: what.into(), reason: error.to_string() })
}

/// The version of an API in a list of `[id, version]` pairs; zero when it is not there.
fn api_version(apis: Option<&serde_json::Value>, api: &Api) -> u32 {
	let id = format!("0x{}", hex::encode(api.id));
	apis.and_then(|apis| apis.as_array())
		.into_iter()
		.flatten()
		.filter(|api| api.get(0).and_then(|name| name.as_str()) == Some(&id))
		.find_map(|api| api.get(1)?.as_u64()?.try_into().ok())
		.unwrap_or(0)
}

/// The storage key of `System.Account`, a map with BLAKE2b-128 and the key itself.
fn account_key(account: &AccountId) -> Vec<u8> {
	let mut key = sp_io::hashing::twox_128(b"System").to_vec();
	key.extend(sp_io::hashing::twox_128(b"Account"));
	let account: &[u8] = account.as_ref();
	key.extend(sp_io::hashing::blake2_128(account));
	key.extend(account);
	key
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_account_key_is_the_known_one() {
		let alice = crate::keys::account(&crate::keys::from_uri("//Alice").unwrap());
		assert_eq!(
			hex::encode(account_key(&alice)),
			"26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9\
			 de1e86a9a8c739864cf3cc5ec2bea59fd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"
		);
	}

	#[test]
	fn the_version_of_an_api_is_found_by_its_id() {
		let [assay, rights] = [&ASSAY, &RIGHTS].map(|api| format!("0x{}", hex::encode(api.id)));
		let apis = serde_json::json!([["0xdf6acb689907609b", 5], [assay, 3], [rights, 4]]);
		assert_eq!(api_version(Some(&apis), &ASSAY), 3);
		assert_eq!(api_version(Some(&apis), &RIGHTS), 4);
		let others = serde_json::json!([["0xdf6acb689907609b", 5], [assay, 3]]);
		assert_eq!(api_version(Some(&others), &RIGHTS), 0);
		assert_eq!(api_version(None, &ASSAY), 0);
	}

	#[test]
	fn answers_with_bytes_left_over_are_refused() {
		assert_eq!(decode::<u32>("x", &[1, 0, 0, 0]).unwrap(), 1);
		assert!(matches!(decode::<u32>("x", &[1, 0, 0, 0, 0]), Err(Error::Decode { .. })));
		assert!(matches!(decode::<u32>("x", &[1]), Err(Error::Decode { .. })));
	}
}
