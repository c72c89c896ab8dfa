//! The bodies of the calls: read and check everything, then write, then deposit events.

use crate::{
	types::Demand, Agenda, Config, Demands, Error, Event, HoldReason, NextDemand, Pallet, Parties,
};
use assay_canon::commitment::CHUNK;
use assay_primitives::{
	availability::{chunks, AnswerBytes, AnswerError, ChunkBytes, Committed, Place, Shown, Side},
	batch,
	job::JobKind,
	model::VersionSpec,
	traits::{ModelInspect, Stayable, Stayed, Withheld},
	BlockNumber, DemandId, JobId, Root,
};
use frame_support::{
	defensive, ensure,
	storage::with_storage_layer,
	traits::{
		fungible::MutateHold,
		tokens::{Fortitude, Precision, Restriction},
		Get,
	},
};
use sp_runtime::{DispatchResult, SaturatedConversion};

impl<T: Config> From<AnswerError> for Error<T> {
	fn from(error: AnswerError) -> Self {
		match error {
			AnswerError::Malformed(_) => Error::MalformedAnswer,
			AnswerError::Elsewhere => Error::WrongPlace,
			AnswerError::WrongKind => Error::WrongKind,
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_demand(demander: T::AccountId, job: JobId, place: Place) -> DispatchResult {
		// Whatever is refused below undoes this.
		let stayed = T::Jobs::stay(job, &demander)?;
		let info = T::Models::version(stayed.version).ok_or(Error::<T>::UnknownVersion)?;
		let committed = committed::<T>(&stayed, &info.spec, &place)?;
		let price = T::Price::get();
		T::Currency::hold(&HoldReason::Price.into(), &demander, price)
			.map_err(|_| Error::<T>::InsufficientFunds)?;

		let id = NextDemand::<T>::get();
		// They are paid for: nobody comes near the end of the numbers.
		NextDemand::<T>::put(DemandId(id.0.saturating_add(1)));
		// Block numbers are far from their end.
		let due = Self::now().saturating_add(T::Step::get().max(1));
		let demand = Demand {
			demander: demander.clone(),
			provider: stayed.provider,
			requester: stayed.requester,
			attempt: stayed.attempt,
			place,
			of_batch: matches!(stayed.kind, JobKind::Batch { .. }),
			committed,
			exposure: stayed.exposure,
			price,
			due,
			wake: due.saturating_add(1),
		};
		let respondent = demand.respondent().clone();
		for party in demand.parties() {
			Parties::<T>::insert(party, id, job);
		}
		Self::store(job, id, demand);
		let event = Event::ChunkDemanded { job, demand: id, demander, respondent, place, due };
		Self::deposit_event(event);
		Ok(())
	}

	pub(crate) fn do_serve(
		server: T::AccountId,
		job: JobId,
		id: DemandId,
		answer: &[u8],
	) -> DispatchResult {
		let demand = Demands::<T>::get(job, id).ok_or(Error::<T>::UnknownDemand)?;
		ensure!(Self::now() <= demand.due, Error::<T>::TooLate);
		let shown = demand.committed.check(&demand.place, answer).map_err(Error::<T>::from)?;
		let event = match shown {
			// A chunk that was opened is no longer than chunks are.
			Shown::Chunk(_) if demand.of_batch => AnswerBytes::try_from(answer.to_vec())
				.map(|opening| Event::RootsServed { job, demand: id, opening })
				.map_err(|_| Error::<T>::MalformedAnswer)?,
			Shown::Chunk(bytes) => ChunkBytes::try_from(bytes)
				.map(|bytes| Event::ChunkServed { job, demand: id, bytes })
				.map_err(|_| Error::<T>::MalformedAnswer)?,
			Shown::Nothing => Event::NothingThere { job, demand: id },
		};

		Self::remove(job, id, &demand);
		T::Jobs::resume(job, demand.attempt);
		Self::deposit_event(event);
		Self::pay(id, demand, server);
		Ok(())
	}

	pub(crate) fn do_expire(job: JobId, id: DemandId) -> DispatchResult {
		let demand = Demands::<T>::get(job, id).ok_or(Error::<T>::UnknownDemand)?;
		ensure!(Self::now() > demand.due, Error::<T>::TooEarly);
		let withheld = Self::lapse(job, id, &demand);
		ensure!(withheld != Withheld::Disputed, Error::<T>::Disputed);
		Ok(())
	}

	/// Carry out what becomes of a demand whose due block is over. It stays while the result is
	/// disputed.
	pub(crate) fn lapse(job: JobId, id: DemandId, demand: &Demand<T::AccountId>) -> Withheld {
		let attempt = demand.attempt;
		let withheld = match demand.place.side {
			Side::Output => T::Jobs::withhold_output(job, attempt, &demand.shares()),
			Side::Input => T::Jobs::withhold_input(job, attempt),
		};
		let event = match withheld {
			Withheld::Disputed => return withheld,
			Withheld::Done => {
				let respondent = demand.respondent().clone();
				Event::DemandLapsed { job, demand: id, respondent }
			},
			Withheld::Over => {
				T::Jobs::resume(job, attempt);
				Event::DemandDropped { job, demand: id }
			},
		};
		Self::remove(job, id, demand);
		let reason = HoldReason::Price.into();
		let released =
			T::Currency::release(&reason, &demand.demander, demand.price, Precision::Exact);
		if released.is_err() {
			defensive!("a hold is smaller than the prices of an account's demands");
		}
		Self::deposit_event(event);
		withheld
	}

	/// Store a demand with its entry in the agenda.
	pub(crate) fn store(job: JobId, id: DemandId, demand: Demand<T::AccountId>) {
		Agenda::<T>::insert(demand.wake, (job, id), ());
		Demands::<T>::insert(job, id, demand);
	}

	fn remove(job: JobId, id: DemandId, demand: &Demand<T::AccountId>) {
		Agenda::<T>::remove(demand.wake, (job, id));
		Demands::<T>::remove(job, id);
		for party in demand.parties() {
			Parties::<T>::remove(party, id);
		}
	}

	/// Half of the price to whoever answered, the rest burned, with what an account cannot take.
	fn pay(id: DemandId, demand: Demand<T::AccountId>, server: T::AccountId) {
		let (reason, demander) = (HoldReason::Price.into(), demand.demander);
		let half = demand.price / 2;
		let moved = with_storage_layer(|| {
			T::Currency::transfer_on_hold(
				&reason,
				&demander,
				&server,
				half,
				Precision::Exact,
				Restriction::Free,
				Fortitude::Force,
			)
		});
		let paid = moved.map_or(0, |_| half);
		let burned = demand.price.saturating_sub(paid);
		let gone =
			T::Currency::burn_held(&reason, &demander, burned, Precision::Exact, Fortitude::Force);
		if gone.is_err() {
			defensive!("a hold is smaller than the prices of an account's demands");
		}
		Self::deposit_event(Event::AnswerPaid { demand: id, demander, server, paid, burned });
	}

	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}
}

/// What an answer about a place is checked against, if something was committed to there.
fn committed<T: Config>(
	job: &Stayed<T::AccountId>,
	spec: &VersionSpec,
	place: &Place,
) -> Result<Committed, Error<T>> {
	let tensor = usize::try_from(place.tensor).map_err(|_| Error::<T>::UnknownPlace)?;
	let (root, declared, kind, most) = match place.side {
		Side::Input => {
			// Who cannot get the inputs of a batch says so, at no cost.
			ensure!(job.kind == JobKind::Single, Error::<T>::OfBatch);
			ensure!(!job.input_inline, Error::<T>::OnChain);
			// What is shown here everybody sees, and the data is somebody's.
			ensure!(!job.private, Error::<T>::PrivateInput);
			let declared = spec.inputs.get(tensor).ok_or(Error::<T>::UnknownPlace)?;
			let header = job.inputs.get(tensor).ok_or(Error::<T>::UnknownPlace)?;
			let most = chunks(declared.dtype, &header.shape);
			(job.input, &spec.inputs, Some((declared.dtype, header.shape.clone())), most)
		},
		Side::Output => {
			let output = job.output.as_ref().ok_or(Error::<T>::NoResult)?;
			if let JobKind::Batch { items } = job.kind {
				return roots::<T>(output.root, items, place);
			}
			ensure!(output.artifact.is_some(), Error::<T>::OnChain);
			let declared = spec.outputs.get(tensor).ok_or(Error::<T>::UnknownPlace)?;
			let most = declared.most_bytes().map(|bytes| bytes.div_ceil(CHUNK as u64));
			(output.root, &spec.outputs, None, most)
		},
	};
	ensure!(most.is_some_and(|most| u64::from(place.chunk) < most), Error::<T>::UnknownPlace);
	let count = u32::try_from(declared.len()).map_err(|_| Error::<T>::UnknownPlace)?;
	Ok(Committed { root, count, kind })
}

/// The same of the roots of a batch's items, which its output is the tensor of.
fn roots<T: Config>(root: Root, items: u32, place: &Place) -> Result<Committed, Error<T>> {
	let committed = batch::committed(root, items);
	let most = committed.kind.as_ref().and_then(|(dtype, shape)| chunks(*dtype, shape));
	let there = place.tensor == 0 && most.is_some_and(|most| u64::from(place.chunk) < most);
	ensure!(there, Error::<T>::UnknownPlace);
	Ok(committed)
}
