//! The clock and the block hook: what time brings, and what is left to divide, within its weight.

use crate::{
	board::Records,
	types::{Closing, Record},
	Agenda, AgendaCursor, Clock, Config, Disputes, Event, Full, Histories, HoldReason, Moves,
	Pallet, Revealed, Stakes, WeightInfo,
};
use alloc::vec::Vec;
use assay_canon::{arbiter::MAX_PROOF_BYTES, commitment::Hash};
use assay_dispute::{
	board::Stake,
	clock::Tick,
	money::{Pot, Returns},
};
use assay_primitives::{traits::Finality, Balance, DisputeId};
use frame_support::{
	defensive,
	dispatch::DispatchClass,
	storage::with_storage_layer,
	traits::{
		fungible::MutateHold,
		tokens::{Fortitude, Precision, Restriction},
		Get,
	},
	weights::{Weight, WeightMeter},
};

/// The records of histories, and of what was revealed of them, that one step removes.
const REMOVED_AT_ONCE: u32 = 16;

impl<T: Config> Pallet<T> {
	/// Count a block, unless the share for disputes was full in the last one, or finality lags.
	pub(crate) fn tick() {
		let full = Full::<T>::take();
		if !full && !T::Finality::lags() {
			Clock::<T>::mutate(|tick| *tick = tick.saturating_add(1));
		}
	}

	/// Whether the dearest move would find no room in this block any more: neither in what is
	/// reserved for operational transactions, nor in what they share with all others.
	pub(crate) fn is_full() -> bool {
		let class = DispatchClass::Operational;
		let (limits, used) = (T::BlockWeights::get(), frame_system::Pallet::<T>::block_weight());
		let (own, moves) = (limits.get(class), *used.get(class));
		let reserved = own.reserved.unwrap_or_default().saturating_sub(moves);
		let of_class = own.max_total.unwrap_or(limits.max_block).saturating_sub(moves);
		let of_block = limits.max_block.saturating_sub(used.total());
		let room = reserved.max(of_class.min(of_block));
		let proof = MAX_PROOF_BYTES as u32;
		let length = *T::BlockLength::get().max.get(class);
		let left = length.saturating_sub(frame_system::Pallet::<T>::block_size());
		T::WeightInfo::open(proof).any_gt(room) || left < proof
	}

	/// Work through due entries of the agenda, oldest first, until none is left or the meter cannot
	/// take one more.
	pub(crate) fn sweep() -> Weight {
		let mut meter = WeightMeter::with_limit(T::SweepWeight::get());
		let (now, first) = (Self::now(), AgendaCursor::<T>::get());
		let mut cursor = first;
		while cursor <= now && meter.try_consume(T::WeightInfo::tick()).is_ok() {
			if !Self::sweep_tick(cursor, &mut meter) {
				break;
			}
			cursor = cursor.saturating_add(1);
		}
		if cursor != first {
			AgendaCursor::<T>::put(cursor);
		}
		meter.consumed()
	}

	/// Work through the entries of one tick; false when the meter stopped it.
	fn sweep_tick(tick: Tick, meter: &mut WeightMeter) -> bool {
		let ids: Vec<DisputeId> =
			Agenda::<T>::iter_key_prefix(tick).take(meter_items::<T>(meter)).collect();
		for id in ids {
			if meter.try_consume(T::WeightInfo::advance()).is_err() {
				return false;
			}
			if Self::do_advance(id).is_err() {
				// Nothing was due after all: the entry moves to where something is.
				Agenda::<T>::remove(tick, id);
				if let Some(record) = Disputes::<T>::get(id) {
					Self::store(id, record, Vec::new(), None);
				}
			}
		}
		Agenda::<T>::iter_key_prefix(tick).next().is_none()
	}

	/// Take one step of dividing what was put into a dispute.
	pub(crate) fn close(id: DisputeId, mut record: Record<T::AccountId>) {
		match record.closing {
			Closing::Running => {},
			Closing::Stakes => match Stakes::<T>::iter_prefix(id).next() {
				Some((account, stake)) => Self::return_stake(id, &mut record, account, stake),
				None => record.closing = Closing::Moves,
			},
			Closing::Moves => match Moves::<T>::iter_prefix(id).next() {
				Some((key, moves)) => Self::repay(id, &mut record, key, moves),
				None => {
					Self::divide_rest(id, &mut record);
					let until = Self::now().saturating_add(T::Retention::get());
					record.closing = Closing::Records { until };
				},
			},
			Closing::Records { .. } => {
				let shown = Revealed::<T>::clear_prefix(id, REMOVED_AT_ONCE, None);
				let histories = Histories::<T>::clear_prefix(id, REMOVED_AT_ONCE, None);
				if shown.maybe_cursor.is_none() && histories.maybe_cursor.is_none() {
					Agenda::<T>::remove(record.wake, id);
					Disputes::<T>::remove(id);
					Self::deposit_event(Event::DisputeClosed { id });
					return;
				}
			},
		}
		Self::store(id, record, Vec::new(), None);
	}

	fn return_stake(
		id: DisputeId,
		record: &mut Record<T::AccountId>,
		account: T::AccountId,
		stake: Stake,
	) {
		Stakes::<T>::remove(id, &account);
		let Some(returns) = Returns::of(&record.dispute, &Records::<T>::of(id), &stake) else {
			defensive!("a dispute is closed that goes on");
			return;
		};
		let amount = |bonds: u32| record.bond.saturating_mul(bonds.into());
		let (lost, returned) = (amount(returns.lost), amount(returns.returned));
		let won = if returns.wins { record.reward } else { 0 };
		let reason = HoldReason::Bond.into();
		let moved = with_storage_layer(|| {
			T::Currency::transfer_on_hold(
				&reason,
				&account,
				&Self::pot(),
				lost,
				Precision::Exact,
				Restriction::OnHold,
				Fortitude::Force,
			)
		});
		match moved {
			Ok(_) => record.pot = record.pot.saturating_add(lost),
			Err(_) if lost == 0 => {},
			Err(_) => {
				defensive!("a hold is smaller than what is lost of it");
			},
		}
		if T::Currency::release(&reason, &account, returned, Precision::Exact).is_err() {
			defensive!("a hold is smaller than what is returned of it");
		}
		let won = Self::pay(record, &account, won);
		Self::deposit_event(Event::StakeReturned { id, account, returned, lost, won });
	}

	fn repay(
		id: DisputeId,
		record: &mut Record<T::AccountId>,
		key: (T::AccountId, Option<Hash>),
		moves: u32,
	) {
		Moves::<T>::remove(id, &key);
		let (account, history) = key;
		if history.is_some() && history != record.dispute.survivor() {
			return;
		}
		let each = Self::division(id, record).each_move;
		let amount = Self::pay(record, &account, each.saturating_mul(moves.into()));
		Self::deposit_event(Event::MovesRepaid { id, account, amount });
	}

	/// Pay the provider's part, and burn what is left.
	fn divide_rest(id: DisputeId, record: &mut Record<T::AccountId>) {
		let provider = record.provider.clone();
		let part = Self::division(id, record).provider;
		Self::pay(record, &provider, part);
		let amount = record.pot;
		let (reason, pot) = (HoldReason::Bond.into(), Self::pot());
		let burned =
			T::Currency::burn_held(&reason, &pot, amount, Precision::Exact, Fortitude::Force);
		if burned.is_err() {
			defensive!("the pot is smaller than what is burned of it");
		}
		record.pot = 0;
		Self::deposit_event(Event::Burned { id, amount });
	}

	fn division(id: DisputeId, record: &Record<T::AccountId>) -> Pot {
		let survivor = record.dispute.survivor();
		let survivor = survivor.and_then(|root| Histories::<T>::get(id, root));
		Pot::of(&record.dispute, survivor.as_ref(), record.bond, record.repayment)
	}

	/// Pay out of the pot; what was paid. What an account cannot take stays and is burned.
	fn pay(record: &mut Record<T::AccountId>, account: &T::AccountId, amount: Balance) -> Balance {
		let amount = amount.min(record.pot);
		let paid = with_storage_layer(|| {
			T::Currency::transfer_on_hold(
				&HoldReason::Bond.into(),
				&Self::pot(),
				account,
				amount,
				Precision::Exact,
				Restriction::Free,
				Fortitude::Force,
			)
		});
		let paid = if paid.is_ok() { amount } else { 0 };
		record.pot = record.pot.saturating_sub(paid);
		paid
	}
}

/// The entries that the meter can take, so that no more are read.
fn meter_items<T: Config>(meter: &WeightMeter) -> usize {
	let each = T::WeightInfo::advance();
	meter.remaining().checked_div_per_component(&each).map_or(0, |count| count as usize)
}
