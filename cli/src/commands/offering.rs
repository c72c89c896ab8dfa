//! `assay offering`.

mod spec;

pub use spec::{MilestoneDraft, When};

use crate::{
	amount::{asy, Amount},
	cli::{OfferingCommand, OfferingsArgs, OpenArgs},
	context::Context,
	failure::Failure,
	output::Report,
	shares::{Shares, Unit},
	views::{self, income as shown},
};
use assay_client::{keys, Call, OfferingCall, Receipt};
use assay_primitives::{
	api::MAX_PAGE,
	offering::{OfferingStatus, OfferingView, TicketView},
	revenue::Subject,
	AccountId, Balance, OfferingId,
};
use serde_json::{json, Value};
use spec::Draft;
use std::collections::{BTreeMap, BTreeSet};

type Offering = OfferingView<AccountId>;
type Ticket = TicketView<AccountId>;

/// Run a command on offerings.
pub async fn run(context: &Context, command: OfferingCommand) -> Result<Report, Failure> {
	use OfferingCommand as Command;
	let (call, done) = match command {
		Command::Open(arguments) => return open(context, *arguments).await,
		Command::Show { offering, account } => {
			return show(context, offering, account.as_deref()).await
		},
		Command::List(arguments) => return list(context, arguments).await,
		Command::Tickets { offering, account, limit } => {
			return tickets(context, offering, account.as_deref(), limit).await
		},
		Command::Subscribe { offering, shares } => {
			return subscribe(context, offering, &shares).await
		},
		Command::Collect { offering, tickets } => {
			return with_tickets(context, Act::Collect, offering, tickets).await
		},
		Command::VoteAbort { offering, tickets } => {
			return with_tickets(context, Act::Vote, offering, tickets).await
		},
		Command::Close { offering } => (OfferingCall::Close { offering }, "closed"),
		Command::Release { offering } => (OfferingCall::Release { offering }, "released"),
		Command::Fail { offering } => (OfferingCall::Fail { offering }, "aborted"),
		Command::Forward { offering } => (OfferingCall::Forward { offering }, "forwarded"),
		Command::Remove { offering } => (OfferingCall::Remove { offering }, "removed"),
	};
	super::submit(context, Call::Offering(call), done).await
}

async fn find(context: &Context, id: OfferingId) -> Result<Offering, Failure> {
	let unknown = || {
		Failure::new("unknown-offering", format!("the chain has no offering {id}"))
			.help("an offering is gone when nothing is left of its tickets and somebody removes it")
	};
	context.client().await?.offering(id).await?.ok_or_else(unknown)
}

/// What the shares in the income of a subject are counted in. When all are burned, nothing is left
/// that says it.
async fn unit(context: &Context, subject: Subject) -> Result<Unit, Failure> {
	let stream = context.client().await?.stream(subject).await?;
	Ok(stream.as_ref().map(Unit::from).unwrap_or_default())
}

/// Offer shares, and say before on what terms.
async fn open(context: &Context, arguments: OpenArgs) -> Result<Report, Failure> {
	let draft = Draft::of(arguments)?;
	let subject = draft.subject()?;
	let unit = Unit::from(&super::revenue::find(context, subject).await?);
	let now = context.client().await?.best().await?.number;
	let spec = draft.spec(&unit, now)?;
	let terms = shown::terms_text(&spec, &unit, now);
	context.output.note(&terms);

	let call = OfferingCall::Open { spec: Box::new(spec.clone()) };
	let receipt = context.submit(Call::Offering(call)).await?;
	let id = created(receipt.created.offering, "the offering")?;
	let text = format!("offering {id} opened in block {}\n{terms}", receipt.block);
	let json = json!({
		"offering": id,
		"spec": shown::spec(&spec, &unit),
		"receipt": views::receipt(&receipt),
	});
	Ok(Report::new(json, text))
}

fn created<T>(made: Option<T>, what: &str) -> Result<T, Failure> {
	made.ok_or_else(|| Failure::new("decode", format!("the block has no event of {what}")))
}

async fn show(context: &Context, id: OfferingId, account: Option<&str>) -> Result<Report, Failure> {
	let offering = find(context, id).await?;
	let unit = unit(context, offering.spec.subject).await?;
	let now = context.client().await?.best().await?.number;
	let whose = match account {
		Some(text) => Some(keys::parse_account(text)?),
		// Without a key there is nobody whose tickets are meant.
		None => context.account_or_own(None).ok(),
	};
	let tickets = match &whose {
		Some(account) => read_tickets(context, id, Some(account), MAX_PAGE).await?,
		None => Vec::new(),
	};
	let mut json = shown::offering(&offering, &unit);
	json["own"] = whose.map_or(Value::Null, |_| {
		tickets.iter().map(|ticket| shown::ticket(ticket, &unit)).collect()
	});
	Ok(Report::new(json, shown::offering_text(&offering, &tickets, &unit, now)))
}

async fn list(context: &Context, arguments: OfferingsArgs) -> Result<Report, Failure> {
	let OfferingsArgs { subject, open, limit } = arguments;
	let client = context.client().await?;
	let now = client.best().await?.number;
	let is_wanted = |offering: &Offering| {
		let takes = offering.status == OfferingStatus::Open && now < offering.spec.deadline;
		subject.is_none_or(|subject| offering.spec.subject == subject) && (takes || !open)
	};
	let (mut offerings, mut start) = (Vec::new(), Some(OfferingId(0)));
	while let Some(from) = start.filter(|_| offerings.len() < limit as usize) {
		let page = client.offerings(from, MAX_PAGE).await?;
		offerings.extend(page.items.into_iter().filter(is_wanted));
		start = page.next;
	}
	offerings.truncate(limit as usize);
	let units = units(context, &offerings).await?;
	let with_unit = |offering: Offering| {
		let unit = units.get(&offering.spec.subject).cloned().unwrap_or_default();
		(offering, unit)
	};
	let offerings: Vec<(Offering, Unit)> = offerings.into_iter().map(with_unit).collect();
	let text = shown::offerings_text(&offerings);
	let json: Vec<_> =
		offerings.iter().map(|(offering, unit)| shown::offering(offering, unit)).collect();
	Ok(Report::new(json!({ "offerings": json }), text))
}

/// What the shares of offerings are counted in, each read once.
async fn units(
	context: &Context,
	offerings: &[Offering],
) -> Result<BTreeMap<Subject, Unit>, Failure> {
	let subjects: BTreeSet<Subject> =
		offerings.iter().map(|offering| offering.spec.subject).collect();
	let mut units = BTreeMap::new();
	for subject in subjects {
		units.insert(subject, unit(context, subject).await?);
	}
	Ok(units)
}

async fn tickets(
	context: &Context,
	id: OfferingId,
	account: Option<&str>,
	limit: u32,
) -> Result<Report, Failure> {
	let account = account.map(keys::parse_account).transpose()?;
	let unit = unit(context, find(context, id).await?.spec.subject).await?;
	let tickets = read_tickets(context, id, account.as_ref(), limit).await?;
	let text = shown::tickets_text(&tickets, &unit);
	let tickets: Vec<_> = tickets.iter().map(|ticket| shown::ticket(ticket, &unit)).collect();
	Ok(Report::new(json!({ "offering": id, "tickets": tickets }), text))
}

/// Tickets of an offering, of one account if given.
async fn read_tickets(
	context: &Context,
	id: OfferingId,
	account: Option<&AccountId>,
	limit: u32,
) -> Result<Vec<Ticket>, Failure> {
	let client = context.client().await?;
	let (mut tickets, mut start) = (Vec::new(), Some(0));
	while let Some(from) = start.filter(|_| tickets.len() < limit as usize) {
		let rest = limit - u32::try_from(tickets.len()).unwrap_or(limit);
		let page = client.tickets(id, account, from, rest).await?;
		tickets.extend(page.items);
		start = page.next;
	}
	Ok(tickets)
}

/// Pay for shares, and say before what they cost.
async fn subscribe(context: &Context, id: OfferingId, shares: &Shares) -> Result<Report, Failure> {
	let offering = find(context, id).await?;
	let unit = unit(context, offering.spec.subject).await?;
	let shares = unit.count(shares)?;
	let cost = cost(&offering, shares)?;
	context.output.note(&format!("{} cost {}", unit.text(shares), asy(cost)));
	context.require(cost, "the subscription").await?;

	let call = OfferingCall::Subscribe { offering: id, shares };
	let receipt = context.submit(Call::Offering(call)).await?;
	let ticket = created(receipt.created.ticket, "the subscription")?;
	let text = format!(
		"ticket {ticket} of offering {id} for {} in block {}",
		unit.text(shares),
		receipt.block
	);
	let json = json!({
		"offering": id,
		"ticket": ticket,
		"shares": unit.number(shares),
		"cost": Amount(cost).to_string(),
		"receipt": views::receipt(&receipt),
	});
	Ok(Report::new(json, text))
}

fn cost(offering: &Offering, shares: Balance) -> Result<Balance, Failure> {
	let large = || Failure::new("usage", "the shares cost more than can be counted");
	shares.checked_mul(offering.spec.price).ok_or_else(large)
}

/// What is done with tickets, one after another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
	/// They are given what they are due.
	Collect,
	/// They vote to abort.
	Vote,
}

impl Act {
	fn call(self, offering: OfferingId, ticket: u32) -> OfferingCall {
		match self {
			Act::Collect => OfferingCall::Collect { offering, ticket },
			Act::Vote => OfferingCall::VoteAbort { offering, ticket },
		}
	}

	/// Whether there is a point in it.
	fn suits(self, status: OfferingStatus, ticket: &Ticket) -> bool {
		match self {
			Act::Collect => is_collectable(status, ticket),
			Act::Vote => !ticket.voted && ticket.allotted.is_some_and(|weight| weight > 0),
		}
	}

	fn done(self, ticket: u32, receipt: &Receipt) -> String {
		let block = receipt.block;
		match self {
			Act::Collect => format!("ticket {ticket} collected in block {block}"),
			Act::Vote => format!("ticket {ticket} has voted to abort in block {block}"),
		}
	}

	/// There is no ticket of the account that it suits.
	fn nothing(self, id: OfferingId) -> Failure {
		let message = match self {
			Act::Collect => format!("no ticket of the account is due anything of offering {id}"),
			Act::Vote => format!("no ticket of the account can vote in offering {id}"),
		};
		Failure::new("no-ticket", message)
			.help(format!("`assay offering show {id}` shows the account's tickets"))
	}
}

/// Whether a ticket is due something, or nothing more can come, so that it ends and its deposit
/// goes back.
fn is_collectable(status: OfferingStatus, ticket: &Ticket) -> bool {
	let is_over = match status {
		OfferingStatus::Open | OfferingStatus::Running => false,
		OfferingStatus::Completed => ticket.allotted == Some(ticket.taken),
		OfferingStatus::Missed | OfferingStatus::Aborted => true,
	};
	is_over || ticket.money_due > 0 || ticket.shares_due > 0
}

/// Do something with these tickets, or with those of the account of the key that it suits.
async fn with_tickets(
	context: &Context,
	act: Act,
	id: OfferingId,
	named: Vec<u32>,
) -> Result<Report, Failure> {
	let numbers = if named.is_empty() { own_tickets(context, act, id).await? } else { named };
	let (mut lines, mut done) = (Vec::new(), Vec::new());
	for ticket in numbers {
		let receipt = match context.submit(Call::Offering(act.call(id, ticket))).await {
			Ok(receipt) => receipt,
			// What is done stays so, whatever becomes of the next one.
			Err(failure) if !lines.is_empty() => {
				return Err(failure.help(format!("done before: {}", lines.join("; "))))
			},
			Err(failure) => return Err(failure),
		};
		lines.push(act.done(ticket, &receipt));
		done.push(json!({ "ticket": ticket, "receipt": views::receipt(&receipt) }));
	}
	Ok(Report::new(json!({ "offering": id, "tickets": done }), lines.join("\n")))
}

async fn own_tickets(context: &Context, act: Act, id: OfferingId) -> Result<Vec<u32>, Failure> {
	let (offering, account) = (find(context, id).await?, context.account_or_own(None)?);
	let tickets = read_tickets(context, id, Some(&account), u32::MAX).await?;
	let suited = tickets.iter().filter(|ticket| act.suits(offering.status, ticket));
	let numbers: Vec<u32> = suited.map(|ticket| ticket.number).collect();
	if numbers.is_empty() {
		return Err(act.nothing(id));
	}
	Ok(numbers)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn ticket(allotted: Option<Balance>, taken: Balance, due: (Balance, Balance)) -> Ticket {
		TicketView {
			offering: OfferingId(1),
			number: 0,
			who: AccountId::new([1; 32]),
			shares: 10,
			allotted,
			repaid: 0,
			taken,
			money_due: due.0,
			shares_due: due.1,
			voted: false,
		}
	}

	#[test]
	fn a_ticket_is_collected_that_is_due_something_or_can_end() {
		use OfferingStatus::{Aborted, Completed, Missed, Open, Running};
		let nothing = (0, 0);
		let cases = [
			(Open, ticket(None, 0, nothing), false),
			(Running, ticket(Some(5), 2, nothing), false),
			(Running, ticket(Some(5), 5, nothing), false),
			(Running, ticket(Some(5), 2, (0, 1)), true),
			(Running, ticket(Some(5), 2, (1, 0)), true),
			(Completed, ticket(Some(5), 2, nothing), false),
			// Only its deposit is left of it.
			(Completed, ticket(Some(5), 5, nothing), true),
			(Missed, ticket(Some(0), 0, (10, 0)), true),
			(Aborted, ticket(Some(5), 2, nothing), true),
		];
		for (status, ticket, expected) in cases {
			assert_eq!(Act::Collect.suits(status, &ticket), expected, "{status} {ticket:?}");
		}
	}

	#[test]
	fn a_ticket_votes_once_and_with_the_shares_that_it_was_allotted() {
		let suits = |ticket: &Ticket| Act::Vote.suits(OfferingStatus::Running, ticket);
		assert!(suits(&ticket(Some(5), 0, (0, 0))));
		assert!(!suits(&ticket(Some(0), 0, (0, 0))) && !suits(&ticket(None, 0, (0, 0))));
		assert!(!suits(&TicketView { voted: true, ..ticket(Some(5), 0, (0, 0)) }));
	}
}
