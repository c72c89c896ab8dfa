//! What clients read, through the runtime API.

use crate::{
	types::{Offering, Stage, Ticket},
	Config, NextOffering, Offerings, Pallet, Tickets,
};
use alloc::vec::Vec;
use assay_primitives::{
	api::{Page, MAX_PAGE},
	offering::{OfferingView, TicketView},
	revenue::{UsageInspect, UsageTotal},
	OfferingId,
};

/// The most numbers that one listing looks at.
const MAX_SCAN: usize = 1_000;

/// A page of what is found under numbers. It looks at a bounded number of them.
fn scan<Item>(
	numbers: core::ops::Range<u32>,
	limit: u32,
	find: impl Fn(u32) -> Option<Item>,
) -> Page<Item, u32> {
	let limit = usize::try_from(limit.clamp(1, MAX_PAGE)).unwrap_or(usize::MAX);
	let mut numbers = numbers.enumerate().peekable();
	let mut items = Vec::new();
	while items.len() < limit {
		let Some((_, number)) = numbers.next_if(|(index, _)| *index < MAX_SCAN) else { break };
		items.extend(find(number));
	}
	Page { items, next: numbers.peek().map(|(_, number)| *number) }
}

impl<T: Config> Pallet<T> {
	/// An offering, until it is removed.
	pub fn offering(id: OfferingId) -> Option<OfferingView<T::AccountId>> {
		Offerings::<T>::get(id).map(|record| Self::view(id, record))
	}

	/// Offerings in ascending order, from `start` on. A page looks at a bounded number of them.
	pub fn offerings(
		start: OfferingId,
		limit: u32,
	) -> Page<OfferingView<T::AccountId>, OfferingId> {
		let numbers = start.0..NextOffering::<T>::get().0;
		let Page { items, next } = scan(numbers, limit, |id| Self::offering(OfferingId(id)));
		Page { items, next: next.map(OfferingId) }
	}

	/// A ticket, until nothing is left of it.
	pub fn ticket(id: OfferingId, number: u32) -> Option<TicketView<T::AccountId>> {
		let (record, ticket) = (Offerings::<T>::get(id)?, Tickets::<T>::get(id, number)?);
		Some(Self::ticket_view(id, number, &record, ticket))
	}

	/// The tickets of an offering in ascending order, from `start` on, of one account if given. A
	/// page looks at a bounded number of them.
	pub fn tickets(
		id: OfferingId,
		who: Option<T::AccountId>,
		start: u32,
		limit: u32,
	) -> Page<TicketView<T::AccountId>, u32> {
		let Some(record) = Offerings::<T>::get(id) else {
			return Page { items: Vec::new(), next: None };
		};
		scan(start..record.tickets, limit, |number| {
			Tickets::<T>::get(id, number)
				.filter(|ticket| who.as_ref().is_none_or(|who| ticket.who == *who))
				.map(|ticket| Self::ticket_view(id, number, &record, ticket))
		})
	}

	fn view(id: OfferingId, record: Offering<T::AccountId>) -> OfferingView<T::AccountId> {
		let (account, status) = (Self::account(id, &record.issuer), record.status());
		let Offering { issuer, spec, deposit, demand, tickets, left, stage, .. } = record;
		let sale = match stage {
			Stage::Sold(sale) => Some(sale),
			_ => None,
		};
		let used = sale.as_ref().map(|sale| T::Usage::used(spec.subject).since(sale.used));
		let UsageTotal { jobs, paid } = used.unwrap_or_default();
		OfferingView {
			id,
			issuer,
			spec,
			account,
			deposit,
			status,
			demand,
			tickets,
			left,
			sold: sale.as_ref().map_or(0, |sale| sale.sold),
			raised: sale.as_ref().map_or(0, |sale| sale.raised),
			released: sale.as_ref().map_or(0, |sale| sale.released),
			closed: sale.as_ref().map(|sale| sale.closed),
			reached: sale.as_ref().map_or(0, |sale| sale.reached),
			jobs,
			paid,
			votes: sale.as_ref().map_or(0, |sale| sale.votes),
			aborted: sale.and_then(|sale| sale.aborted),
		}
	}

	fn ticket_view(
		id: OfferingId,
		number: u32,
		record: &Offering<T::AccountId>,
		ticket: Ticket<T::AccountId>,
	) -> TicketView<T::AccountId> {
		let due = record.due(&ticket, Self::now()).unwrap_or_default();
		TicketView {
			offering: id,
			number,
			shares: ticket.shares,
			allotted: record.allotment(&ticket),
			repaid: ticket.repaid,
			taken: ticket.taken,
			money_due: due.money.saturating_sub(ticket.repaid),
			shares_due: due.shares.saturating_sub(ticket.taken),
			voted: ticket.voted,
			who: ticket.who,
		}
	}
}
