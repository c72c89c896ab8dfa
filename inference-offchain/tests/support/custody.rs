//! The custody of the fake chain: what it has of assets and custodians, and what it does with calls.

use super::rig::{FakeChain, State, PROVIDER, REQUESTER};
use assay_client::{Call, CustodyCall, Error as ChainError};
use assay_primitives::{
	api::Page,
	custody::{
		key_commitment, AppointmentView, Ask, CustodianView, CustodyNumbers, KeyRequestView,
		PublicKey, SealedKey, KEY_BYTES,
	},
	job::JobState,
	rights::{
		Algorithms, AssetKind, AssetSpec, AssetStatus, AssetView, DataRef, GrantTerms, GrantView,
		Manifest, Purpose,
	},
	AccountId, AssetId, GrantId, KeyRequestId, Root,
};
use assay_worker::chain::data::DataChain;
use async_trait::async_trait;
use codec::{Decode, Encode};
use std::collections::BTreeMap;

/// The blocks in which a key has to be delivered.
pub const DELIVER_WITHIN: u32 = 40;
/// The blocks in which a delivery can be complained about.
pub const COMPLAINT_WINDOW: u32 = 200;

/// A call about custody, as the bytes of a transaction have it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Custody {
	Accept(AssetId, Root),
	Ask(Ask, PublicKey, Option<AccountId>),
	Deliver(KeyRequestId, SealedKey),
	Expire(KeyRequestId),
	Complain(KeyRequestId, [u8; KEY_BYTES]),
}

impl Custody {
	pub fn of(call: &Call) -> Option<Self> {
		let Call::Custody(call) = call else { return None };
		Some(match call {
			CustodyCall::Accept { asset, commitment } => Custody::Accept(*asset, *commitment),
			CustodyCall::RequestKey { ask, recipient, custodian } => {
				Custody::Ask(*ask, *recipient, custodian.clone())
			},
			CustodyCall::Deliver { request, sealed, .. } => Custody::Deliver(*request, *sealed),
			CustodyCall::Expire { request } => Custody::Expire(*request),
			CustodyCall::Complain { request, secret } => {
				Custody::Complain(*request, *secret.expose())
			},
			other => panic!("the worker does not {other:?}"),
		})
	}
}

/// What the chain has of data.
#[derive(Default)]
pub struct Data {
	/// The keys of assets, by their commitments; `None` of one that is not encrypted.
	pub assets: BTreeMap<AssetId, Option<Root>>,
	pub grants: BTreeMap<GrantId, AssetId>,
	/// Who was appointed to keep the key of an asset, and what each has accepted.
	pub bench: BTreeMap<AssetId, Vec<(AccountId, Option<Root>)>>,
	/// Whether the account of the worker is a custodian.
	pub registered: bool,
	/// The open requests.
	pub requests: BTreeMap<KeyRequestId, KeyRequestView<AccountId>>,
	pub next: u64,
	/// Those that may have no key now, whatever they have asked for.
	pub without_right: Vec<AccountId>,
	/// The calls that succeeded, in their order.
	pub made: Vec<Custody>,
	/// Who was slashed.
	pub slashed: Vec<AccountId>,
}

impl Data {
	/// Have an account ask for the key of an asset.
	pub fn ask(
		&mut self,
		asker: AccountId,
		ask: Ask,
		asset: AssetId,
		(recipient, custodian): (PublicKey, AccountId),
		now: u32,
	) -> KeyRequestId {
		let id = KeyRequestId(self.next);
		self.next += 1;
		let request = KeyRequestView {
			id,
			asker,
			ask,
			stands: true,
			asset,
			custodian,
			commitment: self.assets[&asset].unwrap(),
			recipient,
			fee: 1,
			deposit: 1,
			exposure: 10,
			sealed: None,
			due: now + DELIVER_WITHIN,
		};
		self.requests.insert(id, request);
		id
	}

	/// Take the rights of an account away.
	pub fn lose_right(&mut self, asker: AccountId) {
		let mine = self.requests.values_mut().filter(|request| request.asker == asker);
		mine.for_each(|request| request.stands = false);
		self.without_right.push(asker);
	}

	/// Have a custodian deliver what it likes.
	pub fn deliver(&mut self, id: KeyRequestId, sealed: SealedKey, now: u32) {
		let request = self.requests.get_mut(&id).unwrap();
		assert_eq!(request.sealed, None);
		(request.sealed, request.due) = (Some(sealed), now + COMPLAINT_WINDOW);
	}

	/// What the sweep does.
	pub fn sweep(&mut self, now: u32) {
		let due: Vec<_> =
			self.requests.values().filter(|request| now >= request.due).cloned().collect();
		for request in due {
			self.requests.remove(&request.id);
			if request.sealed.is_none() && !self.without_right.contains(&request.asker) {
				self.slashed.push(request.custodian);
			}
		}
	}

	/// The recipients of all requests that the worker has made.
	pub fn recipients(&self) -> Vec<PublicKey> {
		let recipient = |call: &Custody| match call {
			Custody::Ask(_, recipient, _) => Some(*recipient),
			_ => None,
		};
		self.made.iter().filter_map(recipient).collect()
	}
}

impl State {
	/// Execute a call of the worker's account, or say why not.
	pub fn execute(&mut self, call: Custody, now: u32) -> Result<(), &'static str> {
		match &call {
			Custody::Accept(asset, commitment) => {
				if self.data.assets.get(asset) != Some(&Some(*commitment)) {
					return Err("WrongCommitment");
				}
				let bench = self.data.bench.get_mut(asset).ok_or("NotAppointed")?;
				let own = bench.iter_mut().find(|(custodian, _)| *custodian == PROVIDER);
				own.ok_or("NotAppointed")?.1 = Some(*commitment);
			},
			Custody::Ask(ask, recipient, named) => {
				let Ask::Job(job) = *ask else { return Err("UnknownGrant") };
				let (view, _) = self.jobs.get(&job).ok_or("NotAssigned")?;
				if !matches!(&view.state, JobState::Assigned { provider, .. } if *provider == PROVIDER)
				{
					return Err("NotAssigned");
				}
				if self.data.requests.values().any(|request| request.ask == *ask) {
					return Err("AlreadyAsked");
				}
				let asset = match view.terms.data {
					Some(DataRef::Pool(item)) => item.asset,
					Some(DataRef::Grant(grant)) => self.data.grants[&grant],
					None => return Err("NotAssigned"),
				};
				let bench = self.data.bench.get(&asset).cloned().unwrap_or_default();
				let keeps = |(_, accepted): &&(AccountId, Option<Root>)| {
					accepted.is_some() && *accepted == self.data.assets[&asset]
				};
				let mut keepers =
					bench.iter().filter(keeps).map(|(custodian, _)| custodian.clone());
				let custodian = match named {
					Some(named) => keepers.find(|keeper| keeper == named).ok_or("NotCustodian")?,
					None => keepers.next().ok_or("NoCustodian")?,
				};
				self.data.ask(PROVIDER, *ask, asset, (*recipient, custodian), now);
			},
			Custody::Deliver(id, sealed) => {
				let request = self.data.requests.get(id).ok_or("UnknownRequest")?;
				if request.custodian != PROVIDER {
					return Err("NotAsked");
				}
				if request.sealed.is_some() {
					return Err("AlreadyDelivered");
				}
				if now >= request.due {
					return Err("DeadlinePassed");
				}
				if self.data.without_right.contains(&request.asker) {
					self.data.requests.remove(id);
				} else {
					self.data.deliver(*id, *sealed, now);
				}
			},
			Custody::Expire(id) => {
				let request = self.data.requests.get(id).ok_or("UnknownRequest")?;
				if self.data.without_right.contains(&request.asker) {
					self.data.requests.remove(id);
				} else if now < request.due {
					return Err("DeadlineNotPassed");
				}
				self.data.sweep(now);
			},
			Custody::Complain(id, secret) => {
				let request = self.data.requests.get(id).ok_or("UnknownRequest")?.clone();
				let sealed = request.sealed.ok_or("NotDelivered")?;
				let secret = crypto_box::SecretKey::from(*secret);
				if *secret.public_key().as_bytes() != request.recipient {
					return Err("WrongSecret");
				}
				let key = secret.unseal(&sealed.0).ok().and_then(|key| key.try_into().ok());
				if key.is_some_and(|key| key_commitment(&key) == request.commitment) {
					return Err("KeyIsRight");
				}
				self.data.requests.remove(id);
				self.data.slashed.push(request.custodian);
			},
		}
		self.data.made.push(call);
		Ok(())
	}
}

/// An asset as the chain shows it.
pub fn asset_view(id: AssetId, key: Option<Root>) -> AssetView<AccountId> {
	let manifest =
		Manifest { root: Root::default(), files: 1, bytes: 1, locator: Default::default() };
	AssetView {
		id,
		owner: Some(AccountId::new([5; 32])),
		spec: AssetSpec {
			kind: AssetKind::Dataset,
			manifest,
			schema: Default::default(),
			licence: Default::default(),
			consent: Default::default(),
			algorithms: Algorithms::Any,
			key,
		},
		status: AssetStatus::Active,
		item: None,
		payer: AccountId::new([5; 32]),
		deposit: 0,
		next_permit: 0,
	}
}

/// A grant as the chain shows it.
fn grant_view(id: GrantId, asset: AssetId) -> GrantView<AccountId> {
	let terms = GrantTerms {
		from: 0,
		until: None,
		uses: None,
		price: 0,
		purpose: Purpose::Any,
		commercial: true,
		transferable: false,
		revocable: false,
	};
	GrantView {
		id,
		asset,
		holder: REQUESTER,
		terms,
		used: 0,
		left: None,
		revoked: false,
		usable: true,
		payer: REQUESTER,
		deposit: 0,
	}
}

#[async_trait]
impl DataChain for FakeChain {
	async fn asset(&self, id: AssetId) -> Result<Option<AssetView<AccountId>>, ChainError> {
		Ok(self.state().data.assets.get(&id).map(|key| asset_view(id, *key)))
	}

	async fn grant(&self, id: GrantId) -> Result<Option<GrantView<AccountId>>, ChainError> {
		Ok(self.state().data.grants.get(&id).map(|asset| grant_view(id, *asset)))
	}

	async fn custodian(&self) -> Result<Option<CustodianView<AccountId>>, ChainError> {
		Ok(self.state().data.registered.then(|| CustodianView {
			account: PROVIDER,
			endpoint: Default::default(),
			taking: true,
			bond: 100,
			locked: 0,
			unbonding: None,
			open: 0,
			appointments: 0,
			able: true,
			statistics: Default::default(),
		}))
	}

	async fn custodians_of(
		&self,
		asset: AssetId,
	) -> Result<Vec<AppointmentView<AccountId>>, ChainError> {
		let state = self.state();
		let key = state.data.assets.get(&asset).copied().flatten();
		let bench = state.data.bench.get(&asset).cloned().unwrap_or_default();
		let view = |(custodian, accepted): (AccountId, Option<Root>)| AppointmentView {
			able: accepted.is_some() && accepted == key,
			custodian,
			accepted,
			payer: AccountId::new([5; 32]),
			deposit: 0,
		};
		Ok(bench.into_iter().map(view).collect())
	}

	async fn appointments(
		&self,
		start: Option<AssetId>,
	) -> Result<Page<AssetId, AssetId>, ChainError> {
		// One a page.
		let state = self.state();
		let mut ids = state.data.bench.keys().filter(|id| start.is_none_or(|start| **id > start));
		let (first, next) = (ids.next().copied(), ids.next());
		let mine = |id: &AssetId| state.data.bench[id].iter().any(|(who, _)| *who == PROVIDER);
		Ok(Page { items: first.filter(mine).into_iter().collect(), next: next.and(first) })
	}

	async fn key_request_by(
		&self,
		ask: Ask,
	) -> Result<Option<KeyRequestView<AccountId>>, ChainError> {
		let state = self.state();
		let mut requests = state.data.requests.values();
		Ok(requests.find(|request| request.asker == PROVIDER && request.ask == ask).cloned())
	}

	async fn key_requests(
		&self,
		start: KeyRequestId,
	) -> Result<Page<KeyRequestView<AccountId>, KeyRequestId>, ChainError> {
		// One a page.
		let state = self.state();
		let mut own =
			state.data.requests.range(start..).filter(|(_, request)| request.custodian == PROVIDER);
		let items = own.next().map(|(_, request)| request.clone()).into_iter().collect();
		Ok(Page { items, next: own.next().map(|(id, _)| *id) })
	}

	async fn custody_numbers(&self) -> Result<CustodyNumbers, ChainError> {
		Ok(CustodyNumbers {
			deliver_within: DELIVER_WITHIN,
			complaint_window: COMPLAINT_WINDOW,
			..CustodyNumbers::default()
		})
	}
}
