//! A job waits while something about it is being found out.

use crate::{types::Job, Config, Error, Event, Inputs, Jobs, Pallet};
use alloc::vec::Vec;
use assay_primitives::{
	job::{Input, JobState},
	provider::Performance,
	traits::{Contestable, ModelInspect, Provisional, Stayable, Stayed, VoidReason, Withheld},
	Balance, BlockNumber, JobId,
};
use frame_support::traits::Get;
use sp_runtime::DispatchError;

/// For how many challenge windows after its submission the clock of a result can be stopped.
const STAYED_WINDOWS: BlockNumber = 4;

impl<T: Config> Stayable<T::AccountId> for Pallet<T> {
	fn stay(job: JobId, by: &T::AccountId) -> Result<Stayed<T::AccountId>, DispatchError> {
		let record = Jobs::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
		let info = T::Models::version(record.version).ok_or(Error::<T>::UnknownVersion)?;
		let most = Self::challenge_window(&info.spec, record.kind).saturating_mul(STAYED_WINDOWS);
		let before = record.wake;
		let stayed = record.stay(by, Self::now(), most).map_err(Error::<T>::from)?;
		// Whatever has a clock has a provider, and with it an agreement: J-6.
		let provider = stayed.state.provider().cloned().ok_or(Error::<T>::NotStayable)?;
		let agreement = stayed.agreement.as_ref().ok_or(Error::<T>::NotStayable)?;
		let (exposure, fee) = (agreement.engagement.exposure, agreement.fee.total());
		let input = (!stayed.inline).then(|| Inputs::<T>::get(job)).flatten();
		let inputs = match input {
			Some(Input::Artifact { tensors, .. }) => tensors.into_inner(),
			_ => Vec::new(),
		};
		let answer = Stayed {
			attempt: stayed.attempts(),
			version: stayed.version,
			requester: Self::payer(&stayed)?,
			provider,
			exposure,
			fee,
			kind: stayed.kind,
			input: stayed.input_root,
			input_inline: stayed.inline,
			private: stayed.is_private(),
			inputs,
			output: stayed.state.output().copied(),
			least_step: Self::least_window(&info.spec),
		};
		let open = stayed.stays.open;
		Self::update(job, before, stayed);
		Self::deposit_event(Event::JobStayed { job, open });
		Ok(answer)
	}

	fn provisional(job: JobId) -> Option<Provisional<T::AccountId>> {
		let record = Jobs::<T>::get(job)?;
		let (attempt, version) = (record.attempts(), record.version);
		match record.state {
			JobState::Submitted { provider, .. } => {
				Some(Provisional { attempt, version, provider })
			},
			_ => None,
		}
	}

	fn resume(job: JobId, attempt: u8) {
		// A job that is gone, or went another way, waits for nothing.
		let Some(record) = Jobs::<T>::get(job) else { return };
		let (before, stopped) = (record.wake, record.stays.open > 0);
		let resumed = record.resume(attempt, Self::now());
		let goes_on = stopped && resumed.stays.open == 0;
		Self::update(job, before, resumed);
		if goes_on {
			Self::deposit_event(Event::JobResumed { job });
		}
	}

	fn withhold_output(job: JobId, attempt: u8, shares: &[(T::AccountId, Balance)]) -> Withheld {
		let Some(record) = Jobs::<T>::get(job) else { return Withheld::Over };
		if Self::is_disputed(&record, attempt) {
			return Withheld::Disputed;
		}
		let Some(challenged) = record.withhold_output(attempt, Self::now()) else {
			return Withheld::Over;
		};
		Jobs::<T>::insert(job, challenged);
		<Self as Contestable<T::AccountId>>::refute(job, shares);
		Withheld::Done
	}

	fn withhold_input(job: JobId, attempt: u8) -> Withheld {
		let Some(record) = Jobs::<T>::get(job) else { return Withheld::Over };
		if Self::is_disputed(&record, attempt) {
			return Withheld::Disputed;
		}
		// Nobody pays for a run of an invalid graph.
		if Self::is_frozen(record.version) {
			<Self as Contestable<T::AccountId>>::void(job, VoidReason::Undecided);
			return Withheld::Done;
		}
		let before = record.wake;
		let Some((withheld, provider)) =
			record.withhold_input(attempt, Self::now(), T::Retention::get())
		else {
			return Withheld::Over;
		};
		Self::unassign(&provider, job, withheld.version);
		crate::Outputs::<T>::remove(job);
		Self::complete(job, before, withheld, (&provider, Performance::Excused), &provider);
		Self::deposit_event(Event::InputWithheld { job, provider });
		Withheld::Done
	}
}

impl<T: Config> Pallet<T> {
	fn is_disputed(record: &Job<T::AccountId>, attempt: u8) -> bool {
		matches!(record.state, JobState::Challenged { .. }) && record.attempts() == attempt
	}
}
