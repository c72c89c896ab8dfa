//! The bodies of the calls: read and check everything, then write, then deposit the events.

use crate::{
	board::Records,
	types::{Closing, Record},
	Agenda, Clock, Config, Disputes, Error, Event, HoldReason, Pallet,
};
use alloc::vec::Vec;
use assay_canon::{
	arbiter::{self, Agreement, Rule},
	commitment::{GraphHeader, Hash},
	graph::SPEC,
	symbol::{Bindings, MAX_SYMBOLS},
};
use assay_dispute::{
	clock::Tick,
	dispute::{seal, Change, Evidence, Fault, Outcome},
	money::{winners, Slash},
	play::{Illegal, Move},
	subject::{Subject, MAX_INPUTS},
	Dispute,
};
use assay_primitives::{
	commitment::HostBlake2b256,
	traits::{Contest, Contestable},
	Balance, JobId,
};
use codec::Encode;
use frame_support::{
	defensive, ensure,
	traits::{
		fungible::{Inspect, MutateHold},
		Get,
	},
};
use sp_runtime::{traits::AccountIdConversion, DispatchError, DispatchResult};

/// A bond is at least this part of what is at stake: to keep the right history out of all rounds
/// takes several hundred.
const EXPOSURE_PER_BOND: Balance = 256;

impl<T> From<Fault> for Error<T> {
	fn from(fault: Fault) -> Self {
		match fault {
			Fault::Ended => Error::Ended,
			Fault::WrongPhase => Error::WrongPhase,
			Fault::AlreadyBonded => Error::AlreadyBonded,
			Fault::NothingSealed => Error::NothingSealed,
			Fault::WrongSeal => Error::WrongSeal,
			Fault::TooManyHistories => Error::TooManyHistories,
			Fault::AlreadyPosted => Error::AlreadyPosted,
			Fault::UnknownHistory => Error::UnknownHistory,
			Fault::SameHistory => Error::SameHistory,
			Fault::NotDue => Error::NotDue,
			Fault::Illegal(Illegal::WrongKind) => Error::WrongKind,
			Fault::Illegal(Illegal::TooDeep) => Error::TooDeep,
			Fault::Illegal(Illegal::WrongCount) => Error::WrongCount,
			Fault::Illegal(Illegal::WrongHash) => Error::WrongHash,
			Fault::Illegal(Illegal::WrongNode) => Error::WrongNode,
			Fault::TooLate => Error::TooLate,
			Fault::TooEarly => Error::TooEarly,
			Fault::NotOpen => Error::NotOpen,
			Fault::Malformed(_) => Error::MalformedProof,
			Fault::NotRefuted => Error::NotRefuted,
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_challenge(
		challenger: T::AccountId,
		job: JobId,
		header: &GraphHeader,
		seal: Hash,
	) -> DispatchResult {
		let mut record = match Disputes::<T>::get(job) {
			Some(record) => record,
			None => Self::contest(job, header)?,
		};
		Self::hold(&challenger, record.bond)?;
		let mut board = Records::<T>::of(job);
		let changes = record
			.dispute
			.commit(&mut board, Self::now(), challenger.clone(), seal)
			.map_err(Error::<T>::from)?;
		Self::store(job, record, changes);
		Self::deposit_event(Event::HistorySealed { job, challenger });
		Ok(())
	}

	/// Open the dispute of a job.
	fn contest(job: JobId, header: &GraphHeader) -> Result<Record<T::AccountId>, DispatchError> {
		let Contest { graph, symbols, inputs, requester, provider, exposure, output, outputs } =
			T::Jobs::contest(job)?;
		// The length first, since hashing is paid for by the call.
		let bounded = header.symbols.len() <= MAX_SYMBOLS;
		let is_graph = bounded && header.root::<HostBlake2b256>() == graph.0;
		ensure!(is_graph, Error::<T>::WrongHeader);
		let bindings = Bindings(symbols);
		let counted = inputs.len() <= MAX_INPUTS
			&& inputs.len() as u64 == u64::from(header.inputs.count)
			&& outputs == header.outputs.count;
		// Nobody could show anything of such a job, and all bonds would be lost.
		let decidable = counted && header.spec == SPEC && bindings.fit(&header.symbols);
		ensure!(decidable, Error::<T>::Undecidable);
		let pot = T::Currency::balance(&Self::pot());
		ensure!(pot >= T::Currency::minimum_balance(), Error::<T>::NoPot);
		let subject = Subject {
			graph: graph.0,
			slots: header.nodes.count,
			bindings,
			inputs: inputs.into_iter().map(|root| root.0).collect(),
		};
		Self::deposit_event(Event::DisputeOpened { job, provider: provider.clone() });
		Ok(Record {
			dispute: Dispute::new(subject, Self::now(), T::Step::get()),
			provider,
			requester,
			exposure,
			output: output.0,
			outputs,
			// A flood of bonds that ends a dispute without a verdict costs more than a verdict.
			bond: T::Bond::get().max(exposure / EXPOSURE_PER_BOND),
			repayment: T::Repayment::get(),
			reward: 0,
			pot: 0,
			closing: Closing::Running,
			wake: 0,
		})
	}

	pub(crate) fn do_reveal(
		account: T::AccountId,
		job: JobId,
		history: Hash,
		salt: Hash,
	) -> DispatchResult {
		let sealed = seal::<HostBlake2b256>(&job.encode(), &account.encode(), &history, &salt);
		Self::with(job, |dispute, board, now| {
			dispute.reveal(board, now, account.clone(), history, sealed)
		})?;
		Self::deposit_event(Event::HistoryPosted { job, account, history });
		Ok(())
	}

	pub(crate) fn do_post(account: T::AccountId, job: JobId, history: Hash) -> DispatchResult {
		let bond = Disputes::<T>::get(job).ok_or(Error::<T>::UnknownDispute)?.bond;
		Self::hold(&account, bond)?;
		Self::with(job, |dispute, board, now| dispute.post(board, now, account.clone(), history))?;
		Self::deposit_event(Event::HistoryPosted { job, account, history });
		Ok(())
	}

	pub(crate) fn do_play(
		account: T::AccountId,
		job: JobId,
		pair: [Hash; 2],
		made: Move,
	) -> DispatchResult {
		let [history, _] = pair;
		Self::with(job, |dispute, board, now| {
			dispute.play::<HostBlake2b256, _>(board, now, &account, pair, made)
		})?;
		Self::deposit_event(Event::Played { job, account, history });
		Ok(())
	}

	pub(crate) fn do_open(
		account: T::AccountId,
		job: JobId,
		pair: [Hash; 2],
		of_second: bool,
		proof: &[u8],
	) -> DispatchResult {
		Self::with(job, |dispute, board, now| {
			dispute.open::<HostBlake2b256, _>(board, now, &account, pair, of_second, proof)
		})
	}

	pub(crate) fn do_forfeit(account: T::AccountId, job: JobId, pair: [Hash; 2]) -> DispatchResult {
		Self::with(job, |dispute, board, now| dispute.forfeit(board, now, &account, pair))
	}

	pub(crate) fn do_refute(
		account: T::AccountId,
		job: JobId,
		history: Hash,
		evidence: &Evidence,
	) -> DispatchResult {
		Self::with(job, |dispute, board, now| {
			dispute.refute::<HostBlake2b256, _>(board, now, &account, history, evidence)
		})
	}

	pub(crate) fn do_deviate(
		account: T::AccountId,
		job: JobId,
		element: u64,
		delivered: &[u8],
		submitted: &[u8],
	) -> DispatchResult {
		let mut record = Disputes::<T>::get(job).ok_or(Error::<T>::UnknownDispute)?;
		let (mut board, now) = (Records::<T>::of(job), Self::now());
		let mut changes = record.dispute.catch_up(&mut board, now);
		// A survivor may have been refuted meanwhile, or its window may be over.
		if let Some(survivor) = record.dispute.survivor() {
			let context = record.dispute.subject.context(survivor);
			let malformed = |_| Error::<T>::MalformedProof;
			let mut right =
				arbiter::delivered::<HostBlake2b256>(&context, delivered).map_err(malformed)?;
			let given =
				arbiter::submitted::<HostBlake2b256>(&record.output, record.outputs, submitted)
					.map_err(malformed)?;
			let agreement = Rule::Bits.compare(&mut right, &given, element).map_err(malformed)?;
			ensure!(agreement != Agreement::Within, Error::<T>::NoDeviation);
		}
		let ended = record.dispute.deviates(&mut board, now, &account);
		changes.extend(ended.map_err(Error::<T>::from)?);
		Self::store(job, record, changes);
		Ok(())
	}

	pub(crate) fn do_advance(job: JobId) -> DispatchResult {
		let record = Disputes::<T>::get(job).ok_or(Error::<T>::UnknownDispute)?;
		if record.closing != Closing::Running {
			Self::close(job, record);
			return Ok(());
		}
		let mut record = record;
		let changes = record.dispute.catch_up(&mut Records::<T>::of(job), Self::now());
		ensure!(!changes.is_empty(), Error::<T>::NothingToDo);
		Self::store(job, record, changes);
		Ok(())
	}

	/// Change a dispute.
	fn with(
		job: JobId,
		change: impl FnOnce(&mut Dispute, &mut Records<T>, Tick) -> Result<Vec<Change>, Fault>,
	) -> DispatchResult {
		let mut record = Disputes::<T>::get(job).ok_or(Error::<T>::UnknownDispute)?;
		let mut board = Records::<T>::of(job);
		let changes = change(&mut record.dispute, &mut board, Self::now());
		let changes = changes.map_err(Error::<T>::from)?;
		Self::store(job, record, changes);
		Ok(())
	}

	/// Store a dispute that changed, with its entry in the agenda.
	pub(crate) fn store(job: JobId, mut record: Record<T::AccountId>, changes: Vec<Change>) {
		for change in changes {
			match change {
				Change::Ended(outcome) => Self::conclude(job, &mut record, outcome),
				change => Self::deposit_event(Event::Changed { job, change }),
			}
		}
		Agenda::<T>::remove(record.wake, job);
		let next = Self::now().saturating_add(1);
		record.wake = match record.closing {
			// While two histories play, only moves or forfeits change anything.
			Closing::Running => record.dispute.wake().filter(|at| *at >= next).unwrap_or(Tick::MAX),
			_ => next,
		};
		Agenda::<T>::insert(record.wake, job, ());
		Disputes::<T>::insert(job, record);
	}

	/// Carry out a verdict. What was put into the dispute is divided later, step by step.
	fn conclude(job: JobId, record: &mut Record<T::AccountId>, outcome: Outcome) {
		record.closing = Closing::Stakes;
		match outcome {
			Outcome::Accepted { .. } => T::Jobs::uphold(job),
			Outcome::Exhausted | Outcome::InvalidGraph { .. } => T::Jobs::void(job),
			Outcome::Refuted { survivor } => {
				let challengers = winners(&Records::<T>::of(job), &survivor);
				let slash = Slash::of(record.exposure, challengers);
				let reward = slash.each_challenger.saturating_mul(challengers.into());
				let shares = [(Self::pot(), reward), (record.requester.clone(), slash.requester)];
				T::Jobs::refute(job, &shares);
				if T::Currency::hold(&HoldReason::Bond.into(), &Self::pot(), reward).is_ok() {
					record.reward = slash.each_challenger;
					record.pot = record.pot.saturating_add(reward);
				} else {
					defensive!("the slashed stake has not reached the pot");
				}
			},
		}
		Self::deposit_event(Event::DisputeEnded { job, outcome });
	}

	fn hold(account: &T::AccountId, bond: Balance) -> DispatchResult {
		T::Currency::hold(&HoldReason::Bond.into(), account, bond)
			.map_err(|_| Error::<T>::InsufficientFunds.into())
	}

	/// The account of the pot.
	pub fn pot() -> T::AccountId {
		T::Pot::get().into_account_truncating()
	}

	/// The present tick of the step clock.
	pub fn now() -> Tick {
		Clock::<T>::get()
	}
}
