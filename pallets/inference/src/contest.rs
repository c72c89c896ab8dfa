//! What disputes draw on: a result waits for its verdict, which is carried out here.

use crate::{
	input::headers,
	types::{Refutation, Upheld},
	Config, Error, Event, Inputs, Jobs, Outputs, Pallet,
};
use assay_primitives::{
	job::{JobKind, RefundReason},
	model::VersionStatus,
	money::{FeeShare, Role},
	provider::Performance,
	traits::{Contest, Contestable, ModelFreeze, ModelInspect, ProviderMarket, VoidReason},
	Balance, JobId, Root,
};
use frame_support::{defensive, ensure, traits::Get};
use sp_runtime::{
	traits::{BlakeTwo256, Hash},
	DispatchError,
};

impl<T: Config> Contestable<T::AccountId> for Pallet<T> {
	fn contest(job: JobId) -> Result<Contest<T::AccountId>, DispatchError> {
		let record = Jobs::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
		let info = T::Models::version(record.version).ok_or(Error::<T>::UnknownVersion)?;
		ensure!(info.status != VersionStatus::Frozen, Error::<T>::NotDisputable);
		ensure!(!matches!(record.kind, JobKind::Batch { .. }), Error::<T>::IsBatch);
		let (before, requester) = (record.wake, Self::payer(&record)?);
		let challenged = record.challenge(Self::now()).map_err(Error::<T>::from)?;
		// Open jobs have their inputs, and those with a result an agreement: J-4 and J-6.
		let input = Inputs::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
		let headers = headers::<T>(&info.spec, &input)?;
		let inputs = headers.iter().map(|header| header.root).collect();
		let shapes: alloc::vec::Vec<_> = headers.into_iter().map(|header| header.shape).collect();
		let symbols = info.spec.commitments.bind(&shapes).map_err(Error::<T>::from)?;
		let provider = challenged.state.provider().cloned().ok_or(Error::<T>::NotSubmitted)?;
		let output = challenged.state.output().map_or(Root::default(), |output| output.root);
		let (exposure, seed) = match &challenged.agreement {
			Some(agreement) => (agreement.engagement.exposure, agreement.seed),
			None => (0, 0),
		};
		let contest = Contest {
			number: challenged.disputes,
			graph: info.spec.commitments.graph,
			symbols,
			inputs,
			requester,
			provider: provider.clone(),
			exposure,
			output,
			outputs: u32::try_from(info.spec.outputs.len()).unwrap_or(u32::MAX),
			least_step: Self::least_window(&info.spec),
			tolerance: info.spec.tolerance,
			seed: Root(BlakeTwo256::hash_of(&(b"assay/probe/1", job, seed)).0),
		};

		Self::update(job, before, challenged);
		Self::deposit_event(Event::JobChallenged { job, provider });
		Ok(contest)
	}

	fn uphold(job: JobId) {
		let Some(record) = Jobs::<T>::get(job) else {
			defensive!("a verdict about a job that is gone");
			return;
		};
		if Self::is_frozen(record.version) {
			return <Self as Contestable<T::AccountId>>::void(job, VoidReason::Undecided);
		}
		let before = record.wake;
		let window = T::Models::version(record.version)
			.map_or_else(T::ChallengeWindow::get, |info| {
				Self::challenge_window(&info.spec, record.kind)
			});
		match record.uphold(Self::now(), window, T::Retention::get()) {
			Ok((settled, Upheld::Settled(provider))) => {
				Self::finalize(job, before, settled, provider);
			},
			Ok((provisional, Upheld::Provisional)) => Self::update(job, before, provisional),
			Err(_) => {
				defensive!("a verdict about a result that is not disputed");
			},
		}
	}

	fn refute(job: JobId, shares: &[(T::AccountId, Balance)]) -> bool {
		let Some(record) = Jobs::<T>::get(job) else {
			defensive!("a verdict about a job that is gone");
			return false;
		};
		// What an invalid graph computes is nobody's fault.
		if Self::is_frozen(record.version) {
			<Self as Contestable<T::AccountId>>::void(job, VoidReason::Undecided);
			return false;
		}
		let (before, now) = (record.wake, Self::now());
		let engagement = record.engagement();
		let (attempts, redraw) = (T::MaxAttempts::get(), Self::draw_block(now));
		let Ok((next, refutation)) = record.refute(now, attempts, redraw, T::Retention::get())
		else {
			defensive!("a verdict about a result that is not disputed");
			return false;
		};
		let (refuted, reassigned) = match refutation {
			Refutation::Redraw(refuted) => (refuted, true),
			Refutation::End(refuted) => (refuted, false),
		};
		// An item that is refuted after its batch has ended takes nothing: the stake is that of the
		// batch.
		let slashed = match next.kind {
			JobKind::Item { batch, .. } => Self::refute_batch(batch, shares),
			JobKind::Single | JobKind::Batch { .. } => {
				T::Providers::slash(&refuted.provider, engagement, shares);
				true
			},
		};
		if reassigned {
			Outputs::<T>::remove(job);
			Self::update(job, before, next);
		} else {
			Self::close(job, before, next, None);
		}
		let (provider, root) = (refuted.provider, refuted.root);
		Self::deposit_event(Event::JobRefuted { job, provider, root, reassigned });
		slashed
	}

	fn correct(job: JobId, history: Root, payee: &T::AccountId) -> Balance {
		let Some(record) = Jobs::<T>::get(job) else {
			defensive!("a verdict about a job that is gone");
			return 0;
		};
		if Self::is_frozen(record.version) {
			<Self as Contestable<T::AccountId>>::void(job, VoidReason::Undecided);
			return 0;
		}
		let before = record.wake;
		let Ok((mut corrected, provider)) =
			record.correct(history, Self::now(), T::Retention::get())
		else {
			defensive!("a verdict about a result that is not disputed");
			return 0;
		};
		if let JobKind::Item { batch, .. } = corrected.kind {
			Self::take_part(batch, &mut corrected);
		}
		let shares =
			Self::complete(job, before, corrected, (&provider, Performance::Struck), payee);
		Outputs::<T>::remove(job);
		Self::deposit_event(Event::JobCorrected { job, provider, history });
		let own =
			|share: &&FeeShare<T::AccountId>| share.role == Role::Provider && share.payee == *payee;
		shares.iter().filter(own).fold(0, |sum, share| sum.saturating_add(share.amount))
	}

	fn void(job: JobId, reason: VoidReason<T::AccountId>) {
		let Some(record) = Jobs::<T>::get(job) else {
			defensive!("a verdict about a job that is gone");
			return;
		};
		let (version, kind) = (record.version, record.kind);
		let refund = match reason {
			VoidReason::InvalidVersion { prover } => {
				T::Models::freeze(version, &prover);
				RefundReason::InvalidVersion
			},
			VoidReason::Undecided if Self::is_frozen(version) => RefundReason::InvalidVersion,
			VoidReason::Undecided => RefundReason::Undecided,
		};
		if Self::do_void(job, record, refund).is_err() {
			defensive!("a verdict about a job that has ended");
		}
		if let JobKind::Item { batch, .. } = kind {
			Self::void_batch(batch, refund);
		}
	}
}
