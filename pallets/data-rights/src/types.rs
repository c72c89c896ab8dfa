//! What is kept of assets, offers and grants, and how they change. Nothing here knows of `Config`.

use assay_primitives::{
	rights::{
		AssetSpec, AssetStatus, GrantTerms, OfferKind, OfferTerms, RightsOfferView, PERMIT_WINDOW,
	},
	AssetId, Balance, BlockNumber, RightsOfferId,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Why something cannot be done to an asset, an offer or a grant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
	/// The asset is retired already, or revoked.
	AlreadyRetired,
	/// The asset is revoked already.
	AlreadyRevoked,
	/// The asset is frozen already.
	AlreadyFrozen,
	/// The asset is not frozen.
	NotFrozen,
	/// The offer was withdrawn.
	OfferClosed,
	/// The offer is free, or what was sold of it refers to its price.
	PriceFixed,
	/// The offer has a token already.
	AlreadyTokenized,
	/// No offer is taken so often.
	InvalidTimes,
	/// The grant is another one than the offer makes.
	TermsDiffer,
	/// The extension leaves the grant as it is, or takes something away.
	NotExtended,
	/// The grant is not the account's.
	NotHolder,
	/// The grant is not good yet.
	NotYetValid,
	/// The grant is not good any more.
	Expired,
	/// Fewer uses are left.
	Exhausted,
	/// The grant was taken back.
	Revoked,
	/// The grant cannot be passed on.
	NotTransferable,
	/// The grant cannot be taken back.
	NotRevocable,
	/// The number of the permit was used, cancelled, or left behind.
	PermitUsed,
	/// More than can be counted.
	Overflow,
}

/// An asset. Who owns it is what its item says.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct AssetRecord<AccountId> {
	/// What is said of it.
	pub spec: AssetSpec,
	/// Whether its owner has retired it.
	pub retired: bool,
	/// Whether its owner has revoked it.
	pub revoked: bool,
	/// Whether governance has frozen it.
	pub frozen: bool,
	/// Who paid the deposit.
	pub payer: AccountId,
	/// What is held for the record.
	pub deposit: Balance,
}

impl<AccountId> AssetRecord<AccountId> {
	/// An asset that can be offered, granted and used.
	pub const fn new(spec: AssetSpec, payer: AccountId, deposit: Balance) -> Self {
		AssetRecord { spec, retired: false, revoked: false, frozen: false, payer, deposit }
	}

	/// Where it stands: what is for good comes before what is for now.
	pub const fn status(&self) -> AssetStatus {
		match (self.revoked, self.frozen, self.retired) {
			(true, _, _) => AssetStatus::Revoked,
			(_, true, _) => AssetStatus::Frozen,
			(_, _, true) => AssetStatus::Retired,
			_ => AssetStatus::Active,
		}
	}

	/// Nothing new is made of it.
	pub fn retire(self) -> Result<Self, Fault> {
		let is_over = self.retired || self.revoked;
		(!is_over).then_some(Self { retired: true, ..self }).ok_or(Fault::AlreadyRetired)
	}

	/// Nobody uses it any more.
	pub fn revoke(self) -> Result<Self, Fault> {
		let revoked = self.revoked;
		(!revoked).then_some(Self { revoked: true, ..self }).ok_or(Fault::AlreadyRevoked)
	}

	/// Nobody uses it for now.
	pub fn freeze(self) -> Result<Self, Fault> {
		let frozen = self.frozen;
		(!frozen).then_some(Self { frozen: true, ..self }).ok_or(Fault::AlreadyFrozen)
	}

	/// It is what it was before it was frozen.
	pub fn thaw(self) -> Result<Self, Fault> {
		let frozen = self.frozen;
		frozen.then_some(Self { frozen: false, ..self }).ok_or(Fault::NotFrozen)
	}
}

/// An offer.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct OfferRecord<AccountId> {
	/// The asset.
	pub asset: AssetId,
	/// What is offered.
	pub terms: OfferTerms,
	/// The token whose units are redeemed for grants.
	pub token: Option<u32>,
	/// Whether it is bought, and not by its token alone.
	pub for_sale: bool,
	/// Whether it was withdrawn. Units of its token are redeemed all the same.
	pub withdrawn: bool,
	/// Who paid the deposit.
	pub payer: AccountId,
	/// What is held for the record.
	pub deposit: Balance,
}

impl<AccountId> OfferRecord<AccountId> {
	/// An offer that is for sale.
	pub const fn new(
		asset: AssetId,
		terms: OfferTerms,
		payer: AccountId,
		deposit: Balance,
	) -> Self {
		OfferRecord { asset, terms, token: None, for_sale: true, withdrawn: false, payer, deposit }
	}

	/// Fail if it was withdrawn.
	pub fn ensure_open(&self) -> Result<(), Fault> {
		(!self.withdrawn).then_some(()).ok_or(Fault::OfferClosed)
	}

	/// The offer at another price.
	pub fn at_price(mut self, price: Balance) -> Result<Self, Fault> {
		self.ensure_open()?;
		let fixed = self.terms.kind == OfferKind::Free || self.token.is_some();
		self.terms.price = price;
		(!fixed).then_some(self).ok_or(Fault::PriceFixed)
	}

	/// The offer with a token, at another deposit that somebody else may have paid.
	pub fn tokenize(
		self,
		token: u32,
		for_sale: bool,
		payer: AccountId,
		deposit: Balance,
	) -> Result<Self, Fault> {
		self.ensure_open()?;
		let without = self.token.is_none();
		let with = OfferRecord { token: Some(token), for_sale, payer, deposit, ..self };
		without.then_some(with).ok_or(Fault::AlreadyTokenized)
	}

	/// The offer, withdrawn: what stays of it for the units that are out; `None` if it has no
	/// token.
	pub fn withdraw(self) -> Result<Option<Self>, Fault> {
		self.ensure_open()?;
		let stays = self.token.is_some();
		Ok(stays.then_some(OfferRecord { for_sale: false, withdrawn: true, ..self }))
	}

	/// The offer as clients read it.
	pub fn into_view(self, id: RightsOfferId) -> RightsOfferView<AccountId> {
		let OfferRecord { asset, terms, token, for_sale, withdrawn, payer, deposit } = self;
		RightsOfferView { id, asset, terms, for_sale, token, withdrawn, payer, deposit }
	}
}

/// What is paid for an offer that is taken so often.
pub fn price_of(terms: &OfferTerms, times: u32) -> Option<Balance> {
	match terms.kind {
		OfferKind::Once | OfferKind::Period { .. } => terms.price.checked_mul(times.into()),
		OfferKind::PerUse | OfferKind::Free => Some(0),
	}
}

/// What a grant out of an offer that is taken so often allows.
pub fn granted(terms: OfferTerms, times: u32, now: BlockNumber) -> Result<GrantTerms, Fault> {
	ensure_times(&terms, times)?;
	let price = match terms.kind {
		OfferKind::PerUse => terms.price,
		_ => 0,
	};
	Ok(GrantTerms {
		from: now,
		until: added_blocks(&terms, Some(now), times)?,
		uses: times_uses(&terms, times)?,
		price,
		purpose: terms.purpose,
		commercial: terms.commercial,
		transferable: terms.transferable,
		revocable: terms.revocable,
	})
}

/// More than once only what there is more of the second time; what is free, once at a time.
fn ensure_times(terms: &OfferTerms, times: u32) -> Result<(), Fault> {
	let is_limited = terms.uses.is_some() || matches!(terms.kind, OfferKind::Period { .. });
	let most = if is_limited && terms.kind != OfferKind::Free { u32::MAX } else { 1 };
	(1..=most).contains(&times).then_some(()).ok_or(Fault::InvalidTimes)
}

/// The block that an offer taken so often leads to from a block; `None` without an end.
fn added_blocks(
	terms: &OfferTerms,
	from: Option<BlockNumber>,
	times: u32,
) -> Result<Option<BlockNumber>, Fault> {
	let (OfferKind::Period { blocks }, Some(from)) = (terms.kind, from) else {
		return Ok(None);
	};
	let until = blocks.checked_mul(times).and_then(|blocks| from.checked_add(blocks));
	until.map(Some).ok_or(Fault::Overflow)
}

fn times_uses(terms: &OfferTerms, times: u32) -> Result<Option<u32>, Fault> {
	let Some(uses) = terms.uses else { return Ok(None) };
	uses.checked_mul(times).map(Some).ok_or(Fault::Overflow)
}

/// A grant.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct GrantRecord<AccountId> {
	/// The asset.
	pub asset: AssetId,
	/// Whose right it is.
	pub holder: AccountId,
	/// What the holder may do.
	pub terms: GrantTerms,
	/// The uses so far.
	pub used: u32,
	/// Whether the owner of the asset has taken it back.
	pub revoked: bool,
	/// Whether the owner of the asset consented to inference when it was made or extended: what is
	/// consented to later or not any more is for the grants to come.
	pub inference: bool,
	/// Who paid the deposit.
	pub payer: AccountId,
	/// What is held for the record.
	pub deposit: Balance,
}

impl<AccountId: PartialEq> GrantRecord<AccountId> {
	/// A grant that was not used, and that nothing is held for yet.
	pub fn new(
		asset: AssetId,
		holder: AccountId,
		terms: GrantTerms,
		inference: bool,
		payer: AccountId,
	) -> Self {
		let (used, revoked, deposit) = (0, false, 0);
		GrantRecord { asset, holder, terms, used, revoked, inference, payer, deposit }
	}

	/// The uses that are left; `None` for any number.
	pub fn left(&self) -> Option<u32> {
		// Never saturates: G-2.
		self.terms.uses.map(|uses| uses.saturating_sub(self.used))
	}

	/// Fail unless the account holds it.
	pub fn ensure_holder(&self, who: &AccountId) -> Result<(), Fault> {
		(self.holder == *who).then_some(()).ok_or(Fault::NotHolder)
	}

	/// Fail if it was taken back.
	pub fn ensure_not_revoked(&self) -> Result<(), Fault> {
		(!self.revoked).then_some(()).ok_or(Fault::Revoked)
	}

	/// Whether it cannot be used any more as it is.
	pub fn is_over(&self, now: BlockNumber) -> bool {
		self.revoked || self.is_expired(now) || self.left() == Some(0)
	}

	fn is_expired(&self, now: BlockNumber) -> bool {
		self.terms.until.is_some_and(|until| now >= until)
	}

	/// The grant after so many uses more by an account, as far as the grant itself decides.
	pub fn used_by(mut self, who: &AccountId, uses: u32, now: BlockNumber) -> Result<Self, Fault> {
		self.ensure_holder(who)?;
		if now < self.terms.from {
			return Err(Fault::NotYetValid);
		}
		if self.is_expired(now) {
			return Err(Fault::Expired);
		}
		self.used = match self.terms.uses {
			Some(most) => {
				let used = self.used.checked_add(uses).filter(|used| *used <= most);
				used.ok_or(Fault::Exhausted)?
			},
			// Nothing depends on how often a grant without a limit was used.
			None => self.used.saturating_add(uses),
		};
		self.ensure_not_revoked()?;
		Ok(self)
	}

	/// The grant, longer and with more uses, as its asset's owner gives them.
	pub fn extend(mut self, until: Option<BlockNumber>, more: u32) -> Result<Self, Fault> {
		self.ensure_not_revoked()?;
		if until.is_none() && more == 0 {
			return Err(Fault::NotExtended);
		}
		if let Some(until) = until {
			// A grant without an end has nothing to be extended to.
			let before = self.terms.until.filter(|before| until > *before);
			before.ok_or(Fault::NotExtended)?;
			self.terms.until = Some(until);
		}
		if more > 0 {
			let uses = self.terms.uses.ok_or(Fault::NotExtended)?;
			self.terms.uses = Some(uses.checked_add(more).ok_or(Fault::Overflow)?);
		}
		Ok(self)
	}

	/// The grant after its holder has taken an offer so often that makes grants like it. One that
	/// has expired goes on from now.
	pub fn extend_by(
		mut self,
		offer: &OfferTerms,
		times: u32,
		now: BlockNumber,
	) -> Result<Self, Fault> {
		self.ensure_not_revoked()?;
		let like = granted(offer.clone(), times, now)?;
		let (until, uses) = (self.terms.until, self.terms.uses);
		let same = GrantTerms { from: self.terms.from, until, uses, ..like.clone() } == self.terms;
		let limits =
			(until.is_some(), uses.is_some()) == (like.until.is_some(), like.uses.is_some());
		if !same || !limits {
			return Err(Fault::TermsDiffer);
		}
		if offer.kind == OfferKind::Free || (like.until, like.uses) == (None, None) {
			return Err(Fault::NotExtended);
		}
		self.terms.until = added_blocks(offer, until.map(|until| until.max(now)), times)?;
		if let (Some(uses), Some(more)) = (uses, like.uses) {
			self.terms.uses = Some(uses.checked_add(more).ok_or(Fault::Overflow)?);
		}
		Ok(self)
	}

	/// The grant, taken back.
	pub fn revoke(self) -> Result<Self, Fault> {
		self.ensure_not_revoked()?;
		let revocable = self.terms.revocable;
		revocable.then_some(Self { revoked: true, ..self }).ok_or(Fault::NotRevocable)
	}

	/// The grant, passed on by its holder.
	pub fn transfer(self, from: &AccountId, to: AccountId) -> Result<Self, Fault> {
		self.ensure_holder(from)?;
		self.ensure_not_revoked()?;
		let transferable = self.terms.transferable;
		transferable.then_some(Self { holder: to, ..self }).ok_or(Fault::NotTransferable)
	}
}

/// Which permits of an asset were used, of the last [`PERMIT_WINDOW`] numbers. Numbers below those
/// are refused whether they were used or not, so that what is kept stays small.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct PermitWindow {
	/// One more than the highest number that was used or cancelled.
	pub next: u64,
	/// The numbers that were, the highest in the lowest bit.
	used: u128,
}

impl PermitWindow {
	/// The window after a number was used.
	pub fn take(self, number: u64) -> Result<Self, Fault> {
		match self.next.checked_sub(number).and_then(|distance| distance.checked_sub(1)) {
			// Below the next one: `back` numbers from the highest.
			Some(back) => {
				let bit = bit(back).ok_or(Fault::PermitUsed)?;
				let is_new = self.used & bit == 0;
				let used = self.used | bit;
				is_new.then_some(PermitWindow { used, ..self }).ok_or(Fault::PermitUsed)
			},
			None => {
				let next = number.checked_add(1).ok_or(Fault::Overflow)?;
				Ok(PermitWindow { next, used: self.moved_to(next) | 1 })
			},
		}
	}

	/// The window after every number below `below` was cancelled.
	pub fn cancel(self, below: u64) -> Self {
		match self.next.checked_sub(below) {
			Some(kept) => {
				// The bits of the numbers from `below` on are the lowest ones.
				let keep = bit(kept).map_or(u128::MAX, |bit| bit.saturating_sub(1));
				PermitWindow { used: self.used | !keep, ..self }
			},
			None => PermitWindow { next: below, used: u128::MAX },
		}
	}

	/// The bits when the next number is a higher one.
	fn moved_to(self, next: u64) -> u128 {
		let by = u32::try_from(next.saturating_sub(self.next)).unwrap_or(u32::MAX);
		self.used.checked_shl(by).unwrap_or(0)
	}
}

/// The bit of the number that is so far below the highest; `None` if it has none.
fn bit(back: u64) -> Option<u128> {
	u32::try_from(back)
		.ok()
		.filter(|back| *back < PERMIT_WINDOW)
		.and_then(|back| 1u128.checked_shl(back))
}

#[cfg(test)]
mod tests;
