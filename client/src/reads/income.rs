//! Reads of shares in income, and of offerings of such shares.

use crate::{Client, Error};
use assay_primitives::{
	api::Page,
	offering::{OfferingView, TicketView},
	revenue::{HoldingView, StreamView, Subject},
	AccountId, Balance, OfferingId,
};

impl Client {
	/// The shares in the income of a subject.
	pub async fn stream(&self, subject: Subject) -> Result<Option<StreamView<AccountId>>, Error> {
		self.read_rights("stream", subject).await
	}

	/// The streams, in the order of their keys, from `start` on.
	pub async fn streams(
		&self,
		start: Option<Subject>,
		limit: u32,
	) -> Result<Page<StreamView<AccountId>, Subject>, Error> {
		self.read_rights("streams", (start, limit)).await
	}

	/// What an account has of a stream; `None` if that is nothing.
	pub async fn holding(
		&self,
		subject: Subject,
		who: &AccountId,
	) -> Result<Option<HoldingView<AccountId>>, Error> {
		self.read_rights("holding", (subject, who)).await
	}

	/// Who has something of a stream, in the order of storage, from `start` on.
	pub async fn holders(
		&self,
		subject: Subject,
		start: Option<&AccountId>,
		limit: u32,
	) -> Result<Page<HoldingView<AccountId>, AccountId>, Error> {
		self.read_rights("holders", (subject, start, limit)).await
	}

	/// What is paid out of the pool of a stream for so many shares now.
	pub async fn redeemable(
		&self,
		subject: Subject,
		shares: Balance,
	) -> Result<Option<Balance>, Error> {
		self.read_rights("redeemable", (subject, shares)).await
	}

	/// An offering of shares, until it is removed.
	pub async fn offering(&self, id: OfferingId) -> Result<Option<OfferingView<AccountId>>, Error> {
		self.read_rights("offering", id).await
	}

	/// Offerings in ascending order, from `start` on.
	pub async fn offerings(
		&self,
		start: OfferingId,
		limit: u32,
	) -> Result<Page<OfferingView<AccountId>, OfferingId>, Error> {
		self.read_rights("offerings", (start, limit)).await
	}

	/// A ticket, until nothing is left of it.
	pub async fn ticket(
		&self,
		id: OfferingId,
		number: u32,
	) -> Result<Option<TicketView<AccountId>>, Error> {
		self.read_rights("ticket", (id, number)).await
	}

	/// The tickets of an offering in ascending order, from `start` on, of one account if given.
	pub async fn tickets(
		&self,
		id: OfferingId,
		who: Option<&AccountId>,
		start: u32,
		limit: u32,
	) -> Result<Page<TicketView<AccountId>, u32>, Error> {
		self.read_rights("tickets", (id, who, start, limit)).await
	}
}
