//! Draws the results that are audited, and who audits them.

use crate::{
	types::{is_drawn, Audit, MOST_QUARTERS},
	Agenda, Audits, Config, Event, Pallet, Results, Seats, Standings, WeightInfo,
};
use alloc::vec::Vec;
use assay_primitives::{
	audit::{Answer, Phase, Seat},
	draw::{seed, weighted},
	provider::Candidate,
	traits::{
		Disputable, OnSubmitted, ProviderInspect, ProviderMarket, Provisional, Stayable, Stayed,
	},
	Balance, BlockNumber, JobId,
};
use codec::Encode;
use frame_support::{
	storage::with_storage_layer,
	traits::{Get, Randomness},
	weights::Weight,
};
use sp_runtime::{
	traits::{BlakeTwo256, Hash},
	DispatchError, Permill,
};

/// The blocks after which a result is drawn: the randomness is that of the block before, the second
/// after the submission.
pub(crate) const DRAWN_AFTER: BlockNumber = 3;

impl<T: Config> OnSubmitted for Pallet<T> {
	fn submitted(job: JobId) {
		// A block has no room for as many; beyond that, results are not audited.
		let _ = Results::<T>::try_append(Self::row(Self::now()), job);
	}

	/// It is audited whatever its chance is, by auditors whom nobody can know yet.
	fn doubted(job: JobId) {
		let provisional = T::Jobs::provisional(job).is_some();
		if provisional && !Audits::<T>::contains_key(job) {
			Agenda::<T>::insert(Self::now().saturating_add(DRAWN_AFTER), job, ());
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Where the results of a block are listed, until its row is needed again.
	pub(crate) const fn row(block: BlockNumber) -> u32 {
		match block.checked_rem(DRAWN_AFTER) {
			Some(row) => row,
			None => 0,
		}
	}

	/// Draw of the results of the third block before. Without randomness none is audited.
	pub(crate) fn draw() -> Weight {
		let results = Results::<T>::take(Self::row(Self::now()));
		let count = u32::try_from(results.len()).unwrap_or(u32::MAX);
		let mut weight = T::WeightInfo::draw(count);
		if count == 0 {
			return weight;
		}
		let (Some(random), _) = T::Randomness::random(b"assay/audit/1") else { return weight };
		let rate = T::Rate::get();
		for job in results {
			let hash = BlakeTwo256::hash_of(&(random, job));
			let Some(number) = hash.0.first_chunk().copied().map(u64::from_le_bytes) else {
				continue;
			};
			// Of most it is plain without a look at their providers.
			if is_drawn(number, rate, MOST_QUARTERS) {
				Self::look(job, number, rate);
				weight = weight.saturating_add(T::WeightInfo::look());
			}
		}
		weight
	}

	/// Put a result on the agenda, if this number draws it at the rate of its provider.
	pub(crate) fn look(job: JobId, number: u64, rate: Permill) {
		let Some(Provisional { provider, .. }) = T::Jobs::provisional(job) else { return };
		if is_drawn(number, rate, Self::quarters(&provider)) && !Audits::<T>::contains_key(job) {
			Agenda::<T>::insert(Self::now(), job, ());
		}
	}

	/// The factor of the rate for a provider, in quarters.
	fn quarters(provider: &T::AccountId) -> u32 {
		let statistics = T::Providers::statistics(provider);
		let before = Standings::<T>::get(provider);
		let standing = before.updated(&statistics);
		if standing != before {
			Standings::<T>::insert(provider, standing);
		}
		standing.quarters(&statistics)
	}

	/// Begin the audit of a result that was drawn, if there is anybody to audit it. False where
	/// there is no randomness: it is to be tried again.
	pub(crate) fn open(job: JobId) -> bool {
		let (Some(random), _) = T::Randomness::random(&(b"assay/auditors/1", job).encode()) else {
			return false;
		};
		// Whatever has become of the job meanwhile, or without two auditors: it is not audited.
		let _ = with_storage_layer(|| Self::open_with(job, random.as_ref()));
		true
	}

	pub(crate) fn open_with(job: JobId, random: &[u8]) -> Result<(), DispatchError> {
		if T::Jobs::provisional(job).is_none() || Audits::<T>::contains_key(job) {
			return Err(DispatchError::Unavailable);
		}
		let stayed = T::Jobs::stay(job, &Self::pot())?;
		let bond = T::Disputes::bond(stayed.exposure);
		let auditors = Self::choose(&stayed, bond, random).ok_or(DispatchError::Unavailable)?;
		let step = T::Step::get().max(stayed.least_step).max(1);
		let until = Self::now().saturating_add(step);
		for auditor in &auditors {
			Seats::<T>::insert(auditor, job, ());
		}
		let seat = |auditor| Seat { auditor, answer: Answer::Nothing };
		let audit = Audit {
			attempt: stayed.attempt,
			provider: stayed.provider,
			fee: stayed.fee,
			bond,
			step,
			phase: Phase::Commit,
			until,
			seats: auditors.clone().map(seat),
		};
		Self::update(job, until, audit);
		Self::deposit_event(Event::AuditOpened { job, auditors, until });
		Ok(())
	}

	/// Two of the other providers of the version whose free stake is worth the bond, weighted as for
	/// jobs, without replacement.
	fn choose(
		stayed: &Stayed<T::AccountId>,
		bond: Balance,
		random: &[u8],
	) -> Option<[T::AccountId; 2]> {
		let concerned = [&stayed.provider, &stayed.requester];
		let sample = seed(random)?;
		let mut able: Vec<_> = T::Providers::candidates(stayed.version, Balance::MAX, sample)
			.into_iter()
			.filter(|one| !concerned.contains(&&one.provider) && one.free_stake >= bond)
			.collect();
		let mut draw = |seed| {
			let drawn = weighted(able.iter().map(Candidate::weight), seed)?;
			(drawn < able.len()).then(|| able.swap_remove(drawn).provider)
		};
		let (one, other) = random.split_at_checked(16)?;
		Some([draw(seed(one)?)?, draw(seed(other)?)?])
	}
}
