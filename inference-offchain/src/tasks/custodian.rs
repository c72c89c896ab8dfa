//! Keeps content keys for others, and hands them to whom the chain says.
//!
//! At each best block the open requests that are made to this account are listed, and each is answered
//! by a task of its own: many may come at once, and every one costs the custodian its exposure if it is
//! late. What was delivered is on the chain, so that nothing of it has to be kept.
//!
//! Appointments are accepted of their own accord where a file of the folder is named after the asset
//! ([`crate::keys`]). The bond is the operator's to put up.

use super::{asker, Context};
use crate::{keys::KeyFolder, Error};
use assay_client::CustodyCall;
use assay_primitives::{
	custody::{CustodianView, KeyRequestView, SealedKey},
	AccountId, AssetId, BlockNumber, KeyRequestId, Root,
};
use std::{
	collections::{HashMap, HashSet},
	sync::Arc,
};
use tokio::task::JoinSet;

/// The requests that are answered at once. A custodian has no more open ones.
const MOST_UNDER_WAY: usize = 64;
/// The blocks after which an answer that is not on the chain is tried again.
const AGAIN_AFTER: BlockNumber = 2;
/// The blocks after which an appointment that was refused is accepted again.
const ACCEPT_AGAIN_AFTER: BlockNumber = 32;

/// Refusals that say no more than that a request has moved on.
const MOVED_ON: [&str; 3] = ["AlreadyDelivered", "UnknownRequest", "DeadlinePassed"];
/// The refusal to end a request of which it is not true that the right to it is lost.
const STANDS: [&str; 1] = ["DeadlineNotPassed"];

type Request = KeyRequestView<AccountId>;

/// Keep keys until the worker stops.
pub async fn run(context: Arc<Context>, keys: Arc<KeyFolder>) -> Result<(), Error> {
	let mut custodian = Custodian {
		context: context.clone(),
		keys,
		tasks: JoinSet::new(),
		under_way: HashSet::new(),
		again: HashMap::new(),
		insisted: HashSet::new(),
		cursor: None,
		tried: HashMap::new(),
		told: Told::default(),
	};
	let mut best = context.best.clone();
	while context.next_block(&mut best).await {
		custodian.collect()?;
		let looked = tokio::select! {
			looked = custodian.look() => looked,
			() = context.stop.cancelled() => return Ok(()),
		};
		match looked {
			Ok(()) => {},
			Err(error) if error.is_fatal() => return Err(error),
			// The next block brings the next attempt.
			Err(error) => {
				tracing::warn!(target: "worker::custodian", %error, "cannot look for requests");
			},
		}
	}
	Ok(())
}

/// What the operator was told, so that it is told once.
#[derive(Default)]
struct Told {
	/// Whether the account is a custodian.
	registered: Option<bool>,
	/// The requests whose key is not there.
	requests: HashSet<KeyRequestId>,
	/// The appointments whose key is not there.
	appointments: HashSet<(AssetId, Root)>,
	/// Those of them that were seen since the list of appointments began anew.
	present: HashSet<(AssetId, Root)>,
}

/// What a custodian says to a request.
#[derive(Clone, Copy)]
enum Answer {
	/// The key, in a box.
	Key,
	/// That the right to it is lost.
	RightLost,
}

struct Custodian {
	context: Arc<Context>,
	keys: Arc<KeyFolder>,
	/// Each request is answered by a task of its own.
	tasks: JoinSet<(KeyRequestId, Answer, Result<bool, Error>)>,
	/// What a task is at.
	under_way: HashSet<KeyRequestId>,
	/// The requests that are not answered before a block.
	again: HashMap<KeyRequestId, BlockNumber>,
	/// The requests that did not end when the right to them was said to be lost. They are delivered
	/// whatever is said of them later: on the chain that ends them in any case, while silence costs
	/// the exposure if the right is back when they are due.
	insisted: HashSet<KeyRequestId>,
	/// Where the list of appointments goes on.
	cursor: Option<AssetId>,
	/// The appointments that were accepted or refused of late.
	tried: HashMap<AssetId, BlockNumber>,
	told: Told,
}

impl Custodian {
	async fn look(&mut self) -> Result<(), Error> {
		if let Err(error) = self.keys.refresh() {
			tracing::error!(target: "worker::custodian", %error, "cannot read the folder of keys");
		}
		let view = self.context.data.chain.custodian().await?;
		self.tell_whether_registered(view.as_ref());
		if view.is_some() {
			self.serve().await?;
			self.accept_page().await?;
		}
		Ok(())
	}

	fn tell_whether_registered(&mut self, view: Option<&CustodianView<AccountId>>) {
		if self.told.registered.replace(view.is_some()) == Some(view.is_some()) {
			return;
		}
		match view {
			Some(view) => {
				let (bond, open, taking) = (view.bond, view.open, view.taking);
				tracing::info!(target: "worker::custodian", bond, open, taking, "keeping keys");
			},
			None => tracing::warn!(
				target: "worker::custodian",
				"this account is no custodian: run `assay custody register` to keep keys for others",
			),
		}
	}

	/// Find the requests that are open, and begin to answer them.
	async fn serve(&mut self) -> Result<(), Error> {
		let context = self.context.clone();
		let (mut next, mut listed) = (Some(KeyRequestId(0)), HashSet::new());
		while let Some(start) = next {
			let page = context.data.chain.key_requests(start).await?;
			for view in page.items {
				listed.insert(view.id);
				self.begin(view);
			}
			next = page.next;
		}
		self.again.retain(|id, _| listed.contains(id));
		self.insisted.retain(|id| listed.contains(id));
		self.told.requests.retain(|id| listed.contains(id));
		Ok(())
	}

	/// Begin to answer a request, unless that is done or being done.
	fn begin(&mut self, view: Request) {
		let (id, now) = (view.id, self.context.now());
		// A delivery is in the next block at the earliest.
		let late = now.saturating_add(1) >= view.due;
		let waits = self.again.get(&id).is_some_and(|block| now < *block);
		let full = self.tasks.len() >= MOST_UNDER_WAY;
		if view.sealed.is_some() || late || waits || full || self.under_way.contains(&id) {
			return;
		}
		// Whoever reads a block can open what lies in it, even if it was delivered in vain.
		let (answer, call) = if view.stands || self.insisted.contains(&id) {
			let Some(sealed) = self.sealed(&view) else { return };
			let recipient = view.recipient;
			(Answer::Key, CustodyCall::Deliver { request: id, recipient, sealed })
		} else {
			(Answer::RightLost, CustodyCall::Expire { request: id })
		};
		self.under_way.insert(id);
		let context = self.context.clone();
		self.tasks.spawn(async move {
			let sent = asker::send(&context, call).await;
			(id, answer, sent.map(|receipt| receipt.is_some()))
		});
	}

	/// The key of a request in a box for its asker, or nothing if it is not there.
	fn sealed(&mut self, view: &Request) -> Option<SealedKey> {
		let Some(key) = self.keys.key(view.commitment) else {
			self.miss(view);
			return None;
		};
		// The chain takes no recipient that nothing can be sealed to.
		let failed = |error| {
			tracing::error!(target: "worker::custodian", request = %view.id, %error, "not sealed");
		};
		key.seal_to(&view.recipient).map_err(failed).ok()
	}

	/// Tell that the key of a request is not there.
	fn miss(&mut self, view: &Request) {
		if !self.told.requests.insert(view.id) {
			return;
		}
		let KeyRequestView { id, asset, commitment, due, exposure, .. } = view;
		tracing::error!(
			target: "worker::custodian",
			request = %id,
			%asset,
			%commitment,
			due,
			exposure,
			"A KEY IS NOT IN THE FOLDER: put it there before the request is due, or lose the exposure",
		);
		self.count("missing");
	}

	/// Note how answers have ended. Only what stops the whole worker is an error.
	fn collect(&mut self) -> Result<(), Error> {
		while let Some(ended) = self.tasks.try_join_next() {
			let (id, answer, sent) = ended?;
			self.under_way.remove(&id);
			// Even if it is in a block, that may be retracted.
			self.again.insert(id, self.context.now().saturating_add(AGAIN_AFTER));
			match (sent, answer) {
				(Ok(true), Answer::Key) => {
					tracing::info!(target: "worker::custodian", request = %id, "delivered");
					self.count("delivered");
				},
				(Ok(true), Answer::RightLost) => {
					tracing::info!(target: "worker::custodian", request = %id, "the right to it is lost");
					self.count("lapsed");
				},
				(Ok(false) | Err(Error::Stopping), _) => {},
				(Err(error), _) if error.is_fatal() => return Err(error),
				(Err(error), Answer::RightLost)
					if asker::is_refused(&error, "Custody", &STANDS) =>
				{
					self.insisted.insert(id);
				},
				(Err(error), _) if asker::is_refused(&error, "Custody", &MOVED_ON) => {
					tracing::info!(target: "worker::custodian", request = %id, %error, "not answered");
				},
				(Err(error), _) => {
					tracing::error!(target: "worker::custodian", request = %id, %error, "not answered yet");
					self.count("failed");
				},
			}
		}
		Ok(())
	}

	/// Look at a page of appointments, and accept one whose key is there. Requests are served before
	/// the next one: each waits for a block, and a request is due in some thirty.
	async fn accept_page(&mut self) -> Result<(), Error> {
		let (context, now) = (self.context.clone(), self.context.now());
		self.tried.retain(|_, at| now < at.saturating_add(ACCEPT_AGAIN_AFTER));
		let page = context.data.chain.appointments(self.cursor).await?;
		for asset in page.items {
			if !self.tried.contains_key(&asset) && self.consider(asset, now).await? {
				return Ok(());
			}
		}
		self.cursor = page.next;
		if self.cursor.is_none() {
			self.told.appointments = std::mem::take(&mut self.told.present);
		}
		Ok(())
	}

	/// Accept an appointment that is not accepted, if the key is there for this asset. Whether that
	/// was tried.
	async fn consider(&mut self, asset: AssetId, now: BlockNumber) -> Result<bool, Error> {
		let chain = &self.context.data.chain;
		let view = chain.asset(asset).await?;
		let Some(commitment) = view.and_then(|view| view.spec.key) else { return Ok(false) };
		let account = self.context.chain.account();
		let bench = chain.custodians_of(asset).await?;
		let own = bench.iter().find(|appointment| appointment.custodian == *account);
		if own.is_none_or(|own| own.accepted == Some(commitment)) {
			return Ok(false);
		}
		if self.keys.key_of(asset, commitment).is_none() {
			self.tell_unaccepted(asset, commitment);
			return Ok(false);
		}
		self.tried.insert(asset, now);
		match asker::send(&self.context, CustodyCall::Accept { asset, commitment }).await {
			Ok(Some(_)) => {
				tracing::info!(target: "worker::custodian", %asset, %commitment, "accepted to keep the key");
				self.count("accepted");
				Ok(true)
			},
			Ok(None) => Ok(true),
			Err(error) if error.is_fatal() || error.is_retryable() => Err(error),
			Err(Error::Stopping) => Err(Error::Stopping),
			Err(error) => {
				tracing::warn!(target: "worker::custodian", %asset, %error, "not accepted");
				Ok(true)
			},
		}
	}

	fn tell_unaccepted(&mut self, asset: AssetId, commitment: Root) {
		let appointment = (asset, commitment);
		self.told.present.insert(appointment);
		if self.told.appointments.insert(appointment) {
			tracing::warn!(
				target: "worker::custodian",
				%asset,
				%commitment,
				"appointed, but no file of the folder is the key and named after the asset",
			);
			self.count("unaccepted");
		}
	}

	fn count(&self, what: &str) {
		self.context.metrics.custody.with_label_values(&[what]).inc();
	}
}
