//! Makes the account a provider of the versions that it is told to serve.
//!
//! A version is asked for only after its model was fetched, verified, prepared, run once, and
//! compared with the canonical engine.

use super::{executor::check, Context};
use crate::{
	batch,
	calibration::{check_all, Calibration},
	config::{Amount, Config},
	Error,
};
use assay_client::{Call, Wait};
use assay_primitives::{
	api::MAX_PAGE,
	model::{VersionSpec, VersionStatus},
	provider::{Ask, Label, Profile, ProviderView},
	tensor::{Tensor, TensorSpec},
	AccountId, Balance, ModelId, VersionId,
};
use std::{
	collections::HashMap,
	sync::Arc,
	time::{Duration, Instant},
};

/// What a block takes.
const BLOCK: Duration = Duration::from_secs(2);
/// The most bytes of inputs that a version is tried with before it is asked for.
const MOST_TRIAL_BYTES: u64 = 64 * 1024 * 1024;

/// What the registrar is told.
#[derive(Clone, Debug)]
pub struct Orders {
	/// What the provider says of itself.
	pub profile: Profile,
	/// The bond to register with.
	pub register: Option<Amount>,
	/// The versions to serve: the model's name, the number, and the price of a unit.
	pub serve: Vec<crate::config::Serve>,
	/// The price at which every version is served.
	pub serve_all: Option<Amount>,
	/// The most jobs of one version at once.
	pub capacity: u32,
	/// The jobs that run at once.
	pub concurrency: usize,
}

impl Orders {
	/// The orders of a configuration, for a gateway and an engine.
	pub fn new(config: &Config, endpoint: &str, engine: &str) -> Result<Self, Error> {
		let too_long = |text: &str| Error::Profile { text: text.into() };
		let label =
			|text: &str| Label::try_from(text.as_bytes().to_vec()).map_err(|_| too_long(text));
		let devices: Vec<Label> =
			config.device_labels().iter().map(|text| label(text)).collect::<Result<_, _>>()?;
		let profile = Profile {
			endpoint: endpoint.as_bytes().to_vec().try_into().map_err(|_| too_long(endpoint))?,
			runtime: label(engine)?,
			devices: devices.try_into().map_err(|_| too_long("devices"))?,
		};
		Ok(Orders {
			profile,
			register: config.register,
			serve: config.serve.clone(),
			serve_all: config.serve_all,
			capacity: config.capacity,
			concurrency: config.concurrency,
		})
	}
}

/// Register, and post asks, until the worker drains or stops.
pub async fn run(context: Arc<Context>, orders: Orders) -> Result<(), Error> {
	let mut best = context.best.clone();
	let mut registrar = Registrar { context: context.clone(), orders, tried: HashMap::new() };
	while context.next_block(&mut best).await {
		let acted = tokio::select! {
			acted = registrar.act() => acted,
			() = context.drain.cancelled() => return Ok(()),
		};
		match acted {
			Ok(()) => {},
			Err(error) if error.is_fatal() => return Err(error),
			// The next block brings the next attempt.
			Err(error) => {
				tracing::warn!(target: "worker::registrar", %error, "cannot register or ask");
			},
		}
	}
	Ok(())
}

struct Registrar {
	context: Arc<Context>,
	orders: Orders,
	/// The versions that were tried, and how many jobs of them can be taken at once: none of those
	/// that cannot be served.
	tried: HashMap<VersionId, u32>,
}

impl Registrar {
	async fn act(&mut self) -> Result<(), Error> {
		let chain = &self.context.chain;
		let Some(provider) = chain.provider(chain.account()).await? else {
			return self.register().await;
		};
		if provider.profile != self.orders.profile {
			let profile = self.orders.profile.clone();
			self.submit(Call::UpdateProfile { profile }).await?;
		}
		let wanted = self.wanted().await?;
		let mut served = 0;
		for (version, price) in wanted {
			match self.serve(&provider, version, price).await {
				Ok(true) => served += 1,
				Ok(false) => {},
				Err(error) if error.is_fatal() => return Err(error),
				// One version that cannot be had now does not keep the others waiting.
				Err(error) => self.context.decline_for(None, Some(version), &error),
			}
		}
		self.context.metrics.served.set(served);
		Ok(())
	}

	async fn register(&self) -> Result<(), Error> {
		let Some(Amount(bond)) = self.orders.register else {
			if self.orders.serve.is_empty() && self.orders.serve_all.is_none() {
				// A worker that only checks the results of others is no provider.
				return Ok(());
			}
			tracing::warn!(
				target: "worker::registrar",
				account = %self.context.chain.account(),
				"the account is no provider: register it, or set `register`",
			);
			return Ok(());
		};
		let profile = self.orders.profile.clone();
		self.submit(Call::RegisterProvider { profile, bond }).await?;
		tracing::info!(target: "worker::registrar", bond, "registered");
		Ok(())
	}

	/// The versions that are to be served, with their prices.
	async fn wanted(&self) -> Result<Vec<(VersionId, Balance)>, Error> {
		let chain = &self.context.chain;
		let mut wanted = HashMap::new();
		if let Some(Amount(price)) = self.orders.serve_all {
			let mut next = Some(ModelId(0));
			while let Some(start) = next {
				let page = chain.models(start, MAX_PAGE).await?;
				for model in page.items {
					for number in 1..=model.latest {
						wanted.insert(VersionId { model: model.id, number }, price);
					}
				}
				next = page.next;
			}
		}
		for serve in &self.orders.serve {
			match chain.model_by_name(&serve.model).await? {
				Some(model) if serve.number <= model.latest => {
					let version = VersionId { model: model.id, number: serve.number };
					wanted.insert(version, serve.price.0);
				},
				_ => tracing::debug!(
					target: "worker::registrar",
					model = serve.model,
					number = serve.number,
					"not published yet",
				),
			}
		}
		let mut wanted: Vec<_> = wanted.into_iter().collect();
		wanted.sort_unstable();
		Ok(wanted)
	}

	/// Ask for a version at a price, if that can be done. Returns whether it is served.
	async fn serve(
		&mut self,
		provider: &ProviderView<AccountId>,
		version: VersionId,
		price: Balance,
	) -> Result<bool, Error> {
		let asked = provider.asks.iter().find(|ask| ask.version == version).map(|ask| ask.ask);
		let capacity = match self.tried.get(&version) {
			Some(capacity) => *capacity,
			None => {
				let capacity = self.try_out(version).await?;
				self.tried.insert(version, capacity);
				if capacity == 0 && asked.is_some() {
					self.submit(Call::RemoveAsk { version }).await?;
				}
				capacity
			},
		};
		if capacity == 0 {
			return Ok(false);
		}
		let ask = Ask { price, capacity, until: None };
		if asked != Some(ask) {
			self.submit(Call::SetAsk { version, ask }).await?;
			tracing::info!(target: "worker::registrar", %version, price, capacity, "serving");
		}
		Ok(true)
	}

	/// How many jobs of a version can be taken at once; none if it cannot be served. Only what may
	/// pass is an error.
	async fn try_out(&self, version: VersionId) -> Result<u32, Error> {
		let view = self.context.chain.version(version).await?;
		let view = view.ok_or(Error::UnknownVersion { version })?;
		if view.status != VersionStatus::Active {
			return Ok(0);
		}
		match self.run_once(version, &view.spec).await {
			Ok(Some(taken)) => {
				let window = BLOCK * self.context.chain.numbers().await?.response_window;
				let able = capacity(window, taken, self.orders.concurrency);
				if able < self.orders.capacity {
					let (ms, capacity) = (taken.as_millis(), able);
					tracing::info!(target: "worker::registrar", %version, ms, capacity, "slow");
				}
				Ok(able.min(self.orders.capacity))
			},
			Ok(None) => Ok(self.orders.capacity),
			Err(error) if error.is_retryable() || error.is_fatal() => Err(error),
			Err(error) => {
				self.context.decline_for(None, Some(version), &error);
				Ok(0)
			},
		}
	}

	/// Fetch, verify and prepare a version, run its largest job on zeros, calibrate it, and find out
	/// whether its jobs may share engine calls. What the job takes, if it was run.
	async fn run_once(
		&self,
		version: VersionId,
		spec: &VersionSpec,
	) -> Result<Option<Duration>, Error> {
		let models = &self.context.models;
		models.prepare(spec).await?;
		if !models.calibrates() {
			return Ok(None);
		}
		let taken = match zeros(spec) {
			Some(inputs) => {
				let started = Instant::now();
				let outputs = models.run(spec, inputs.into()).await?;
				let taken = started.elapsed();
				check(spec, &outputs)?;
				Some(taken)
			},
			None => None,
		};
		let calibration = Calibration::of(models, spec).await?;
		check_all(&calibration).await?;
		let batches = &self.context.batches;
		let measured = batch::measure(calibration, batches.most(), models.memory_budget()).await;
		if let Some(joint) = measured {
			tracing::info!(target: "worker::registrar", %version, ?joint, "jobs share engine calls");
			batches.share(version, joint);
		}
		Ok(taken)
	}

	async fn submit(&self, call: Call) -> Result<(), Error> {
		self.context.submit(call, Wait::InBlock, |_| Ok(())).await.map(drop)
	}
}

/// How many jobs that take so long can be answered within half of `window`, at least one.
fn capacity(window: Duration, taken: Duration, concurrency: usize) -> u32 {
	let each = taken.as_micros().max(1);
	let jobs = (window / 2).as_micros().saturating_mul(concurrency as u128) / each;
	u32::try_from(jobs).unwrap_or(u32::MAX).max(1)
}

/// The largest inputs that a version admits, all zero; `None` when they are too large to try.
fn zeros(spec: &VersionSpec) -> Option<Vec<Tensor>> {
	let sizes: Option<Vec<u64>> = spec.inputs.iter().map(TensorSpec::most_bytes).collect();
	let total = sizes?.into_iter().try_fold(0u64, u64::checked_add)?;
	if total > MOST_TRIAL_BYTES {
		return None;
	}
	spec.inputs
		.iter()
		.map(|input| {
			let shape = input.shape.iter().map(|dimension| dimension.most()).collect();
			let length = usize::try_from(input.most_bytes()?).ok()?;
			Tensor::new(input.dtype, shape, vec![0; length]).ok()
		})
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn no_more_jobs_are_taken_than_can_be_answered_in_time() {
		let (window, second) = (Duration::from_secs(30), Duration::from_secs(1));
		assert_eq!(capacity(window, second, 1), 15);
		assert_eq!(capacity(window, second, 4), 60);
		assert_eq!(capacity(window, 60 * second, 1), 1);
		assert_eq!(capacity(window, Duration::ZERO, 1), 15_000_000);
	}
}
