//! The bodies of the calls: read and check everything, then write, then deposit the events.

use crate::{
	board::Records,
	types::{Closing, Record},
	Agenda, Clock, Config, Disputes, Error, Event, HoldReason, Pallet,
};
use alloc::vec::Vec;
use assay_canon::{
	arbiter::{self, Agreement, Delivered, Rule, Submitted},
	commitment::{GraphHeader, Hash},
	graph::SPEC,
	probe::Moves,
	symbol::{Bindings, MAX_SYMBOLS},
};
use assay_dispute::{
	clock::Tick,
	dispute::{seal, Change, Evidence, Fault, Finding, Outcome},
	money::{winners, Slash},
	play::{Illegal, Move},
	subject::{Probe, Subject, MAX_INPUTS},
	Dispute,
};
use assay_primitives::{
	commitment::HostBlake2b256,
	traits::{Contest, Contestable, VoidReason},
	Balance, DisputeId, JobId, Root,
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

/// How what was submitted deviates.
enum Found {
	/// In a way that nothing excuses.
	Wrong,
	/// It is outside of the tolerance.
	Apart,
	/// It is far outside, which is to be probed.
	Gross,
}

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
			Fault::KnownDeviation => Error::KnownDeviation,
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_challenge(
		challenger: T::AccountId,
		id: DisputeId,
		header: &GraphHeader,
		seal: Hash,
	) -> DispatchResult {
		let mut record = match Disputes::<T>::get(id) {
			Some(record) => record,
			None => {
				ensure!(!id.probe, Error::<T>::UnknownDispute);
				let (next, record) = Self::contest(id.job, header)?;
				ensure!(next == id, Error::<T>::WrongNumber);
				record
			},
		};
		Self::hold(&challenger, record.bond)?;
		let mut board = Records::<T>::of(id);
		let changes = record
			.dispute
			.commit(&mut board, Self::now(), challenger.clone(), seal)
			.map_err(Error::<T>::from)?;
		Self::store(id, record, changes, None);
		Self::deposit_event(Event::HistorySealed { id, challenger });
		Ok(())
	}

	/// Open the next dispute of a job.
	pub(crate) fn contest(
		job: JobId,
		header: &GraphHeader,
	) -> Result<(DisputeId, Record<T::AccountId>), DispatchError> {
		let Contest {
			number,
			graph,
			symbols,
			inputs,
			requester,
			provider,
			exposure,
			output,
			outputs,
			least_step,
			tolerance,
			seed,
		} = T::Jobs::contest(job)?;
		let id = DisputeId::new(job, number);
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
			probe: None,
		};
		Self::deposit_event(Event::DisputeOpened { id, provider: provider.clone() });
		let record = Record {
			dispute: Dispute::new(subject, Self::now(), T::Step::get().max(least_step)),
			provider,
			requester,
			exposure,
			output: output.0,
			outputs,
			tolerance,
			seed: seed.0,
			bond: Self::bond_for(exposure),
			repayment: T::Repayment::get(),
			reward: 0,
			pot: 0,
			closing: Closing::Running,
			wake: 0,
		};
		Ok((id, record))
	}

	/// The bond for a history of a job that locks this exposure. A flood of bonds that ends a
	/// dispute without a verdict costs more than a verdict.
	pub(crate) fn bond_for(exposure: Balance) -> Balance {
		T::Bond::get().max(exposure / EXPOSURE_PER_BOND)
	}

	pub(crate) fn do_reveal(
		account: T::AccountId,
		id: DisputeId,
		history: Hash,
		salt: Hash,
	) -> DispatchResult {
		let sealed = seal::<HostBlake2b256>(&id.encode(), &account.encode(), &history, &salt);
		Self::with(id, None, |dispute, board, now| {
			dispute.reveal(board, now, account.clone(), history, sealed)
		})?;
		Self::deposit_event(Event::HistoryPosted { id, account, history });
		Ok(())
	}

	pub(crate) fn do_post(account: T::AccountId, id: DisputeId, history: Hash) -> DispatchResult {
		let bond = Disputes::<T>::get(id).ok_or(Error::<T>::UnknownDispute)?.bond;
		Self::hold(&account, bond)?;
		Self::with(id, None, |dispute, board, now| {
			dispute.post(board, now, account.clone(), history)
		})?;
		Self::deposit_event(Event::HistoryPosted { id, account, history });
		Ok(())
	}

	pub(crate) fn do_play(
		account: T::AccountId,
		id: DisputeId,
		pair: [Hash; 2],
		made: Move,
	) -> DispatchResult {
		let [history, _] = pair;
		Self::with(id, None, |dispute, board, now| {
			dispute.play::<HostBlake2b256, _>(board, now, &account, pair, made)
		})?;
		Self::deposit_event(Event::Played { id, account, history });
		Ok(())
	}

	pub(crate) fn do_open(
		account: T::AccountId,
		id: DisputeId,
		pair: [Hash; 2],
		of_second: bool,
		proof: &[u8],
	) -> DispatchResult {
		Self::with(id, Some(&account), |dispute, board, now| {
			dispute.open::<HostBlake2b256, _>(board, now, &account, pair, of_second, proof)
		})
	}

	pub(crate) fn do_forfeit(
		account: T::AccountId,
		id: DisputeId,
		pair: [Hash; 2],
	) -> DispatchResult {
		Self::with(id, None, |dispute, board, now| dispute.forfeit(board, now, &account, pair))
	}

	pub(crate) fn do_refute(
		account: T::AccountId,
		id: DisputeId,
		history: Hash,
		evidence: &Evidence,
	) -> DispatchResult {
		Self::with(id, Some(&account), |dispute, board, now| {
			dispute.refute::<HostBlake2b256, _>(board, now, &account, history, evidence)
		})
	}

	pub(crate) fn do_deviate(
		account: T::AccountId,
		id: DisputeId,
		element: u64,
		delivered: &[u8],
		submitted: &[u8],
	) -> DispatchResult {
		let mut record = Disputes::<T>::get(id).ok_or(Error::<T>::UnknownDispute)?;
		let (mut board, now) = (Records::<T>::of(id), Self::now());
		let mut changes = record.dispute.catch_up(&mut board, now);
		// A survivor may have been refuted meanwhile, or its window may be over.
		let found = match record.dispute.survivor() {
			Some(survivor) => Self::compare(&record, survivor, element, delivered, submitted)?,
			None => Found::Wrong,
		};
		let finding = match found {
			Found::Wrong => Finding::Wrong,
			Found::Apart => Finding::Apart,
			Found::Gross => Finding::Gross,
		};
		let ended = record.dispute.deviates(&mut board, now, &account, finding);
		changes.extend(ended.map_err(Error::<T>::from)?);
		if let (Found::Gross, Some(canonical)) = (found, record.dispute.survivor()) {
			Self::open_probe(id, &record, canonical);
		}
		Self::store(id, record, changes, None);
		Ok(())
	}

	/// How what was submitted deviates from what the survivor delivers. Of a probe, `submitted` shows
	/// what the canonical run delivers, and an element that is beyond its tolerance is wrong.
	fn compare(
		record: &Record<T::AccountId>,
		survivor: Hash,
		element: u64,
		delivered: &[u8],
		submitted: &[u8],
	) -> Result<Found, Error<T>> {
		let context = record.dispute.subject.context(survivor);
		let malformed = |_| Error::<T>::MalformedProof;
		let mut right =
			arbiter::delivered::<HostBlake2b256>(&context, delivered).map_err(malformed)?;
		let rule = record.rule();
		if let Some(canonical) = record.dispute.subject.canonical() {
			let mut canonical =
				arbiter::delivered::<HostBlake2b256>(&canonical, submitted).map_err(malformed)?;
			let moved = rule.is_moved(&mut right, &mut canonical, element).map_err(malformed)?;
			return moved.then_some(Found::Wrong).ok_or(Error::<T>::NoDeviation);
		}
		let given = arbiter::submitted::<HostBlake2b256>(&record.output, record.outputs, submitted)
			.map_err(malformed)?;
		let agreement =
			rule.compare::<HostBlake2b256>(&mut right, &given, element).map_err(malformed)?;
		match (agreement, rule, &right, &given) {
			(Agreement::Within, ..) => Err(Error::<T>::NoDeviation),
			(_, Rule::Bits, ..) => Ok(Found::Wrong),
			(Agreement::Outside, ..) => Ok(Found::Apart),
			(Agreement::Gross, _, Delivered::Tensor(tensor), Submitted::Tensor(other))
				if other.kind() == Some(tensor.kind()) =>
			{
				Ok(Found::Gross)
			},
			// No rounding makes tensors of another number, type or shape.
			(Agreement::Gross, ..) => Ok(Found::Wrong),
		}
	}

	/// Open the dispute of a probe, which decides that of its job, by what it moves in the outputs of
	/// the canonical run.
	fn open_probe(id: DisputeId, record: &Record<T::AccountId>, canonical: Hash) {
		let Rule::Near { tolerance, .. } = record.rule() else { return };
		let moves = Moves::of(record.seed, &tolerance);
		let probe = Some(Probe { moves, canonical });
		let subject = Subject { probe, ..record.dispute.subject.clone() };
		let step = record.dispute.clock.step;
		let of_probe = Record {
			dispute: Dispute::new(subject, Self::now(), step),
			reward: 0,
			pot: 0,
			closing: Closing::Running,
			wake: 0,
			..record.clone()
		};
		let probe = id.of_probe();
		Self::store(probe, of_probe, Vec::new(), None);
		let provider = record.provider.clone();
		Self::deposit_event(Event::DisputeOpened { id: probe, provider });
	}

	pub(crate) fn do_advance(id: DisputeId) -> DispatchResult {
		let record = Disputes::<T>::get(id).ok_or(Error::<T>::UnknownDispute)?;
		if record.closing != Closing::Running {
			let kept = matches!(record.closing, Closing::Records { until } if Self::now() < until);
			ensure!(!kept, Error::<T>::NothingToDo);
			Self::close(id, record);
			return Ok(());
		}
		let mut record = record;
		let changes = record.dispute.catch_up(&mut Records::<T>::of(id), Self::now());
		ensure!(!changes.is_empty(), Error::<T>::NothingToDo);
		Self::store(id, record, changes, None);
		Ok(())
	}

	/// Change a dispute. `prover` is who may have proven that the version's graph is invalid.
	fn with(
		id: DisputeId,
		prover: Option<&T::AccountId>,
		change: impl FnOnce(&mut Dispute, &mut Records<T>, Tick) -> Result<Vec<Change>, Fault>,
	) -> DispatchResult {
		let mut record = Disputes::<T>::get(id).ok_or(Error::<T>::UnknownDispute)?;
		let mut board = Records::<T>::of(id);
		let changes = change(&mut record.dispute, &mut board, Self::now());
		let changes = changes.map_err(Error::<T>::from)?;
		Self::store(id, record, changes, prover);
		Ok(())
	}

	/// Store a dispute that changed, with its entry in the agenda.
	pub(crate) fn store(
		id: DisputeId,
		mut record: Record<T::AccountId>,
		changes: Vec<Change>,
		prover: Option<&T::AccountId>,
	) {
		for change in changes {
			match change {
				Change::Ended(outcome) => Self::conclude(id, &mut record, outcome, prover),
				change => Self::deposit_event(Event::Changed { id, change }),
			}
		}
		Agenda::<T>::remove(record.wake, id);
		let next = Self::now().saturating_add(1);
		record.wake = match record.closing {
			// While two histories play, only moves or forfeits change anything.
			Closing::Running => record.dispute.wake().filter(|at| *at >= next).unwrap_or(Tick::MAX),
			Closing::Records { until } => until.max(next),
			_ => next,
		};
		Agenda::<T>::insert(record.wake, id, ());
		Disputes::<T>::insert(id, record);
	}

	/// Carry out a verdict. What was put into the dispute is divided later, step by step.
	fn conclude(
		id: DisputeId,
		record: &mut Record<T::AccountId>,
		outcome: Outcome,
		prover: Option<&T::AccountId>,
	) {
		record.closing = Closing::Stakes;
		let job = id.job;
		match outcome {
			outcome if id.probe => Self::conclude_probe(id.main(), outcome, prover),
			Outcome::Accepted { .. } => T::Jobs::uphold(job),
			Outcome::InvalidGraph { .. } => {
				let invalid =
					|prover: &T::AccountId| VoidReason::InvalidVersion { prover: prover.clone() };
				T::Jobs::void(job, prover.map_or(VoidReason::Undecided, invalid));
			},
			Outcome::Exhausted => T::Jobs::void(job, VoidReason::Undecided),
			Outcome::Voided { survivor } => {
				let part = T::Jobs::correct(job, Root(survivor), &Self::pot());
				let challengers = winners(&Records::<T>::of(id), &survivor);
				let each = part.checked_div(challengers.into()).unwrap_or(0);
				Self::reward(record, part, each);
			},
			Outcome::Refuted { survivor } => {
				let challengers = winners(&Records::<T>::of(id), &survivor);
				let slash = Slash::of(record.exposure, challengers);
				let reward = slash.each_challenger.saturating_mul(challengers.into());
				let shares = [(Self::pot(), reward), (record.requester.clone(), slash.requester)];
				if T::Jobs::refute(job, &shares) {
					Self::reward(record, reward, slash.each_challenger);
				}
			},
		}
		Self::deposit_event(Event::DisputeEnded { id, outcome });
	}

	/// Keep in the pot what was paid to it, of which each winner gets a part.
	fn reward(record: &mut Record<T::AccountId>, amount: Balance, each: Balance) {
		if T::Currency::hold(&HoldReason::Bond.into(), &Self::pot(), amount).is_ok() {
			record.reward = each;
			record.pot = record.pot.saturating_add(amount);
		} else {
			defensive!("a reward has not reached the pot");
		}
	}

	/// Carry out the verdict about the probe of a job.
	fn conclude_probe(id: DisputeId, outcome: Outcome, prover: Option<&T::AccountId>) {
		let Some(mut record) = Disputes::<T>::get(id) else {
			defensive!("a probe without its dispute");
			return;
		};
		let changes = record.dispute.probed(outcome);
		Self::store(id, record, changes, prover);
	}

	pub(crate) fn hold(account: &T::AccountId, bond: Balance) -> DispatchResult {
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
