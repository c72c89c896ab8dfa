//! What is stored of custodians, appointments and requests, and how it changes. Nothing here knows
//! of `Config`.

use assay_primitives::{
	custody::{
		Ask, CustodianView, CustodyStatistics, Endpoint, Failure, KeyRequestView, PublicKey,
		SealedKey,
	},
	AssetId, Balance, BlockNumber, KeyRequestId, Root,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A custodian.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Custodian {
	/// Its bond, without what is unbonding.
	pub bond: Balance,
	/// The part of the bond that open requests have locked.
	pub locked: Balance,
	/// The number of its open requests.
	pub open: u32,
	/// The number of assets whose key it has agreed to keep.
	pub appointments: u32,
	/// What is unbonding, with the block from which it can be withdrawn.
	pub unbonding: Option<(Balance, BlockNumber)>,
	/// The URL at which it is reached; may be empty.
	pub endpoint: Endpoint,
	/// Whether it takes requests.
	pub taking: bool,
	/// What became of its requests.
	pub statistics: CustodyStatistics,
}

/// What a custodian has to have for a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Demands {
	/// The least bond.
	pub least: Balance,
	/// The part of the bond that a request locks.
	pub exposure: Balance,
	/// The most open requests.
	pub most: u32,
}

/// Why something cannot be done to a custodian.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BondFault {
	/// An amount of nothing.
	ZeroAmount,
	/// The bond is less than the least bond, or would be.
	BelowMinBond,
	/// Open requests or appointments need more than what would remain.
	BondInUse,
	/// Nothing is unbonding.
	NothingUnbonding,
	/// The unbonding period is not over.
	UnbondingNotOver,
	/// More than can be counted.
	Overflow,
}

impl Custodian {
	/// A custodian of nothing yet.
	pub fn new(bond: Balance, endpoint: Endpoint) -> Self {
		Custodian {
			bond,
			locked: 0,
			open: 0,
			appointments: 0,
			unbonding: None,
			endpoint,
			taking: true,
			statistics: CustodyStatistics::default(),
		}
	}

	/// The part of the bond that no request has locked. Saturates, but never has to: K-2.
	pub const fn free(&self) -> Balance {
		self.bond.saturating_sub(self.locked)
	}

	/// Whether nothing of it remains, so that its record can go.
	pub const fn is_gone(&self) -> bool {
		self.bond == 0 && self.unbonding.is_none() && self.open == 0 && self.appointments == 0
	}

	/// Whether one more request can be made to it.
	pub const fn is_able(&self, demands: &Demands) -> bool {
		self.taking
			&& self.bond >= demands.least
			&& self.free() >= demands.exposure
			&& self.open < demands.most
	}

	/// With `amount` more bonded, `least` or more in all.
	pub fn bond_more(self, amount: Balance, least: Balance) -> Result<Self, BondFault> {
		if amount == 0 {
			return Err(BondFault::ZeroAmount);
		}
		let bond = self.bond.checked_add(amount).ok_or(BondFault::Overflow)?;
		if bond < least {
			return Err(BondFault::BelowMinBond);
		}
		Ok(Custodian { bond, ..self })
	}

	/// With `amount` taken out of the bond, to be withdrawn from `until` on. What remains covers
	/// what open requests have locked, and one exposure for each appointment.
	pub fn unbond(
		self,
		amount: Balance,
		demands: &Demands,
		until: BlockNumber,
	) -> Result<Self, BondFault> {
		if amount == 0 {
			return Err(BondFault::ZeroAmount);
		}
		let bond = self.bond.checked_sub(amount).ok_or(BondFault::BondInUse)?;
		let idle = self.open == 0 && self.appointments == 0;
		if bond < self.locked || bond < self.needed(demands)? || (bond == 0 && !idle) {
			return Err(BondFault::BondInUse);
		}
		if bond > 0 && bond < demands.least {
			return Err(BondFault::BelowMinBond);
		}
		let before = self.unbonding.map_or(0, |(before, _)| before);
		let sum = before.checked_add(amount).ok_or(BondFault::Overflow)?;
		Ok(Custodian { bond, unbonding: Some((sum, until)), ..self })
	}

	/// What the appointments need of the bond.
	fn needed(&self, demands: &Demands) -> Result<Balance, BondFault> {
		demands.exposure.checked_mul(self.appointments.into()).ok_or(BondFault::Overflow)
	}

	/// With nothing unbonding, and the amount to be released.
	pub fn withdraw(self, now: BlockNumber) -> Result<(Self, Balance), BondFault> {
		let (amount, until) = self.unbonding.ok_or(BondFault::NothingUnbonding)?;
		if now < until {
			return Err(BondFault::UnbondingNotOver);
		}
		Ok((Custodian { unbonding: None, ..self }, amount))
	}

	/// With one appointment more, which the bond has to cover.
	pub fn appointed(self, demands: &Demands) -> Result<Self, BondFault> {
		let appointments = self.appointments.checked_add(1).ok_or(BondFault::Overflow)?;
		let appointed = Custodian { appointments, ..self };
		if appointed.bond < demands.least {
			return Err(BondFault::BelowMinBond);
		}
		if appointed.bond < appointed.needed(demands)? {
			return Err(BondFault::BondInUse);
		}
		Ok(appointed)
	}

	/// With one appointment less; `None` where there is none.
	pub fn dismissed(self) -> Option<Self> {
		let appointments = self.appointments.checked_sub(1)?;
		Some(Custodian { appointments, ..self })
	}

	/// With one request more; `None` where none can be made to it.
	pub fn asked(self, demands: &Demands) -> Option<Self> {
		if !self.is_able(demands) {
			return None;
		}
		let open = self.open.checked_add(1)?;
		let locked = self.locked.checked_add(demands.exposure)?;
		Some(Custodian { open, locked, ..self })
	}

	/// With one request less that locked this exposure; `None` where there is none.
	fn unlocked(self, exposure: Balance) -> Option<Self> {
		let open = self.open.checked_sub(1)?;
		let locked = self.locked.checked_sub(exposure)?;
		Some(Custodian { open, locked, ..self })
	}

	/// With one request less, which it has served.
	pub fn served(self, exposure: Balance) -> Option<Self> {
		let mut custodian = self.unlocked(exposure)?;
		let served = &mut custodian.statistics.served;
		// Saturates: beyond that, nobody counts.
		*served = served.saturating_add(1);
		Some(custodian)
	}

	/// With one request less, which came to nothing at nobody's fault.
	pub fn lapsed(self, exposure: Balance) -> Option<Self> {
		self.unlocked(exposure)
	}

	/// With one request less, whose exposure is taken out of the bond.
	pub fn slashed(self, exposure: Balance, failure: Failure) -> Option<Self> {
		let mut custodian = self.unlocked(exposure)?;
		custodian.bond = custodian.bond.checked_sub(exposure)?;
		let count = match failure {
			Failure::Silent => &mut custodian.statistics.silent,
			Failure::WrongKey => &mut custodian.statistics.wrong,
		};
		// Saturates: beyond that, nobody counts.
		*count = count.saturating_add(1);
		Some(custodian)
	}

	/// The custodian as clients read it.
	pub fn into_view<AccountId>(
		self,
		account: AccountId,
		demands: &Demands,
	) -> CustodianView<AccountId> {
		CustodianView {
			account,
			able: self.is_able(demands),
			endpoint: self.endpoint,
			taking: self.taking,
			bond: self.bond,
			locked: self.locked,
			unbonding: self.unbonding,
			open: self.open,
			appointments: self.appointments,
			statistics: self.statistics,
		}
	}
}

/// A custodian of an asset, or an account that its owner wants to be one.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Appointment<AccountId> {
	/// The custodian.
	pub custodian: AccountId,
	/// Who pays for the record: the owner that has appointed it.
	pub payer: AccountId,
	/// What is held of the payer.
	pub deposit: Balance,
	/// The commitment to the key that it keeps; `None` before it has accepted.
	pub accepted: Option<Root>,
}

/// A request for a key.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct KeyRequest<AccountId> {
	/// Who asks.
	pub asker: AccountId,
	/// By what right.
	pub ask: Ask,
	/// The asset whose key is asked for.
	pub asset: AssetId,
	/// Who has to deliver it.
	pub custodian: AccountId,
	/// The commitment to the key.
	pub commitment: Root,
	/// The public key that it has to be sealed to.
	pub recipient: PublicKey,
	/// What the custodian is paid, held of the asker.
	pub fee: Balance,
	/// What is held of the asker for the record.
	pub deposit: Balance,
	/// The part of the custodian's bond that is locked.
	pub exposure: Balance,
	/// What was delivered.
	pub sealed: Option<SealedKey>,
	/// The first block in which it is too late: for the delivery, and then for a complaint. The
	/// request is in the agenda under it.
	pub due: BlockNumber,
}

/// Why something cannot be done to a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestFault {
	/// The account is not the custodian that was asked.
	NotAsked,
	/// The account is not the asker.
	NotAsker,
	/// Something was delivered already.
	AlreadyDelivered,
	/// Nothing was delivered yet.
	NotDelivered,
	/// It is too late for the delivery.
	DeadlinePassed,
	/// The custodian still has time.
	DeadlineNotPassed,
	/// It is too late for a complaint.
	WindowOver,
	/// There may still be a complaint.
	WindowOpen,
}

impl<AccountId: PartialEq> KeyRequest<AccountId> {
	/// Fail unless an account may deliver now.
	pub fn ensure_deliverable(
		&self,
		who: &AccountId,
		now: BlockNumber,
	) -> Result<(), RequestFault> {
		if self.custodian != *who {
			Err(RequestFault::NotAsked)
		} else if self.sealed.is_some() {
			Err(RequestFault::AlreadyDelivered)
		} else if now >= self.due {
			Err(RequestFault::DeadlinePassed)
		} else {
			Ok(())
		}
	}

	/// The request with what was delivered, which can be complained about before `due`.
	pub fn delivered(self, sealed: SealedKey, due: BlockNumber) -> Self {
		KeyRequest { sealed: Some(sealed), due, ..self }
	}

	/// Fail unless nothing was delivered in time.
	pub fn ensure_expired(&self, now: BlockNumber) -> Result<(), RequestFault> {
		if self.sealed.is_some() {
			Err(RequestFault::AlreadyDelivered)
		} else if now < self.due {
			Err(RequestFault::DeadlineNotPassed)
		} else {
			Ok(())
		}
	}

	/// Fail unless what was delivered stands.
	pub fn ensure_closable(&self, now: BlockNumber) -> Result<(), RequestFault> {
		if self.sealed.is_none() {
			Err(RequestFault::NotDelivered)
		} else if now < self.due {
			Err(RequestFault::WindowOpen)
		} else {
			Ok(())
		}
	}

	/// What was delivered, if an account may complain about it now.
	pub fn disputable(
		&self,
		who: &AccountId,
		now: BlockNumber,
	) -> Result<&SealedKey, RequestFault> {
		if self.asker != *who {
			return Err(RequestFault::NotAsker);
		}
		let sealed = self.sealed.as_ref().ok_or(RequestFault::NotDelivered)?;
		if now >= self.due {
			return Err(RequestFault::WindowOver);
		}
		Ok(sealed)
	}

	/// The request as clients read it; `stands` says whether the asker may still have the key.
	pub fn into_view(self, id: KeyRequestId, stands: bool) -> KeyRequestView<AccountId> {
		KeyRequestView {
			id,
			asker: self.asker,
			ask: self.ask,
			stands,
			asset: self.asset,
			custodian: self.custodian,
			commitment: self.commitment,
			recipient: self.recipient,
			fee: self.fee,
			deposit: self.deposit,
			exposure: self.exposure,
			sealed: self.sealed,
			due: self.due,
		}
	}
}

#[cfg(test)]
mod tests;
