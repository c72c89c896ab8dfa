//! Draws a provider for a job.

use crate::{
	types::{Agreement, Job},
	Assignments, Config, Event, Pallet,
};
use alloc::vec::Vec;
use assay_primitives::{
	draw::{seed, weighted},
	job::{Choice, JobState},
	money::{Earners, Fee, FeeSplit},
	provider::{Candidate, Engagement, Tier},
	traits::{ModelInspect, ProviderMarket, VersionInfo},
	Balance, BlockNumber, JobId,
};
use codec::Encode;
use frame_support::{
	defensive,
	traits::{Get, Randomness},
};

/// A provider that may be drawn, with what would be agreed with it.
struct Able<AccountId> {
	provider: AccountId,
	weight: Balance,
	fee: Fee,
	exposure: Balance,
	tier: Tier,
}

/// Who was drawn, and for what.
struct Drawn<AccountId> {
	provider: AccountId,
	agreement: Agreement,
}

impl<T: Config> Pallet<T> {
	/// Draw a provider for a waiting job by the parent block's randomness, or put the job off.
	pub(crate) fn draw(job: JobId, record: Job<T::AccountId>) {
		let subject = (b"assay/draw/1", job, record.attempts()).encode();
		let (random, _) = T::Randomness::random(&subject);
		Self::draw_with(job, record, random.and_then(|random| seed(random.as_ref())));
	}

	/// Draw a provider for a waiting job by a seed, or put the job off.
	pub(crate) fn draw_with(job: JobId, record: Job<T::AccountId>, seed: Option<u128>) {
		let now = Self::now();
		match seed.and_then(|seed| Self::choose(job, &record, seed)) {
			Some(drawn) => Self::assign(job, record, drawn, now),
			None => {
				// The longer a job has waited, the longer it waits again: a flood of jobs that
				// nobody can take is soon looked at rarely, and does not hold up the sweep.
				let waited = now.saturating_sub(record.requested);
				let delay = T::RetryDelay::get().max(waited.checked_div(4).unwrap_or(waited));
				let before = record.wake;
				Self::update(job, before, record.retry(now.saturating_add(delay)));
			},
		}
	}

	/// One of the able providers that the requester admits, weighted by free stake and quality. No
	/// provider has two replicas of a group.
	fn choose(job: JobId, record: &Job<T::AccountId>, seed: u128) -> Option<Drawn<T::AccountId>> {
		let partners = Self::partners(job, record);
		let able = |candidates: Vec<Candidate<T::AccountId>>| -> Vec<_> {
			candidates
				.into_iter()
				.filter(|candidate| !record.missed.contains(&candidate.provider))
				.filter(|candidate| !partners.contains(&candidate.provider))
				.filter_map(|candidate| Self::able(record, candidate))
				.collect()
		};
		let named = |names: &[T::AccountId]| {
			let candidate = |name| T::Providers::candidate(record.version, name);
			able(names.iter().filter_map(candidate).collect())
		};
		let anybody = || {
			// What is left for the provider's ask when the owners of model and data have their prices,
			// and the key of the data is paid.
			let data = record.earners.charge(Fee::default()).map_or(0, |fee| fee.total());
			let most = record.terms.max_fee.saturating_sub(data);
			let most = most.checked_div(record.units.into());
			let most = most.unwrap_or_default().saturating_sub(record.price);
			able(T::Providers::candidates(record.version, most, seed))
		};
		let (mut able, is_named) = match &record.terms.choice {
			Choice::Any => (anybody(), false),
			Choice::Tier(least) => {
				let mut able = anybody();
				able.retain(|able| able.tier >= *least);
				(able, false)
			},
			Choice::Only(names) => (named(names), true),
			Choice::Prefer(names) => match named(names) {
				none if none.is_empty() => (anybody(), false),
				some => (some, true),
			},
		};
		let drawn = weighted(able.iter().map(|able| able.weight), seed)?;
		let chosen = (drawn < able.len()).then(|| able.swap_remove(drawn))?;
		let Able { provider, fee, exposure, .. } = chosen;
		let weight = (!is_named).then(|| Self::paid_to_others(fee, &provider, &record.earners));
		let engagement = Engagement { version: record.version, exposure, weight };
		Some(Drawn { provider, agreement: Agreement { fee, engagement, seed } })
	}

	/// What of a fee goes to others than the provider: what its job weighs (PROTOCOL P5.4).
	fn paid_to_others(
		fee: Fee,
		provider: &T::AccountId,
		earners: &Earners<T::AccountId>,
	) -> Balance {
		let shares = T::FeeSplit::split(fee, provider, earners).into_iter();
		let others = shares.filter(|share| share.payee != *provider);
		others.fold(0, |sum, share| sum.saturating_add(share.amount))
	}

	/// What would be agreed with a candidate; `None` when it is too dear or has too little free
	/// stake.
	fn able(
		record: &Job<T::AccountId>,
		candidate: Candidate<T::AccountId>,
	) -> Option<Able<T::AccountId>> {
		let fee = Fee::of(record.units, candidate.ask, record.price)?;
		let fee = record.earners.charge(fee)?;
		let exposure = Self::exposure(fee, record.terms.value)?;
		let (weight, tier) = (candidate.weight(), candidate.tier);
		let fits =
			fee.total() <= record.terms.max_fee && exposure <= candidate.free_stake && weight > 0;
		fits.then_some(Able { provider: candidate.provider, weight, fee, exposure, tier })
	}

	/// The stake that a job of this fee and value locks (PROTOCOL P5.1).
	pub(crate) fn exposure(fee: Fee, value: Balance) -> Option<Balance> {
		let factor = Balance::from(T::ExposureFactor::get());
		fee.total().checked_mul(factor).map(|exposure| exposure.max(value))
	}

	fn assign(job: JobId, record: Job<T::AccountId>, drawn: Drawn<T::AccountId>, now: BlockNumber) {
		let Drawn { provider, agreement } = drawn;
		let (before, fee, engagement) = (record.wake, agreement.fee, agreement.engagement);
		let batch = |info: VersionInfo<_>| Self::batch_time(&info.spec, record.kind);
		let time = T::Models::version(record.version).map_or(0, batch);
		let window = T::ResponseWindow::get().max(time);
		// Candidates are read and assigned in one step, and only waiting jobs are drawn.
		if T::Providers::assign(&provider, engagement).is_err() {
			defensive!("a candidate cannot be assigned");
			return Self::update(job, before, record.retry(now.saturating_add(1)));
		}
		let Ok(assigned) = record.assign(provider.clone(), agreement, now, window) else {
			defensive!("a job was drawn that does not wait");
			return;
		};
		let due = match assigned.state {
			JobState::Assigned { due, .. } => due,
			_ => now,
		};
		Assignments::<T>::insert(&provider, job, ());
		Self::update(job, before, assigned);
		Self::deposit_event(Event::JobAssigned { job, provider, due, fee: fee.total() });
	}
}
