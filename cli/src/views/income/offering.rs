//! How offerings of shares are shown, and the tickets of those who subscribe.

use super::super::{amount, lease::time};
use crate::{
	amount::asy,
	output::{lines, table},
	percent::Percent,
	shares::Unit,
};
use assay_client::keys::to_ss58;
use assay_primitives::{
	offering::{Milestone, OfferingSpec, OfferingStatus, OfferingView, TicketView},
	AccountId, Balance, BlockNumber,
};
use serde_json::{json, Value};

type Offering = OfferingView<AccountId>;
type Ticket = TicketView<AccountId>;

/// A part of a whole, in percent.
fn part_text(part: Balance, whole: Balance) -> String {
	// Digits beyond those of a float are not shown.
	format!("{:.1}%", part as f64 * 100.0 / whole.max(1) as f64)
}

/// The price of a whole share.
fn price_text(price: Balance, unit: &Unit) -> String {
	match unit.price_of_one(price) {
		Some(price) => format!("{} each", asy(price)),
		None => format!("{} for the smallest part of one", asy(price)),
	}
}

/// A block with the time until it comes.
fn block_text(block: BlockNumber, now: BlockNumber) -> String {
	match block.checked_sub(now) {
		Some(ahead) if ahead > 0 => format!("block {block} (in {})", time(ahead)),
		_ => format!("block {block} (passed)"),
	}
}

/// What is offered.
pub fn spec(spec: &OfferingSpec, unit: &Unit) -> Value {
	let milestone = |milestone: &Milestone| {
		let part = Percent(milestone.part).to_string();
		let Milestone { jobs, paid, by, .. } = *milestone;
		json!({ "jobs": jobs, "paid": amount(paid), "by": by, "part": part })
	};
	json!({
		"subject": spec.subject.to_string(),
		"shares": unit.number(spec.shares),
		"symbol": unit.symbol,
		"price": unit.price_of_one(spec.price).map(amount),
		"target": amount(spec.target),
		"deadline": spec.deadline,
		"upfront": Percent(spec.upfront).to_string(),
		"milestones": spec.milestones.iter().map(milestone).collect::<Vec<_>>(),
		"vesting": spec.vesting,
	})
}

/// What is offered, as people read it before they sign.
pub fn terms_text(spec: &OfferingSpec, unit: &Unit, now: BlockNumber) -> String {
	// The chain and the command line have checked that this does not overflow.
	let most = asy(spec.shares.saturating_mul(spec.price));
	let mut said = vec![format!(
		"{} at {}: at most {most}, or nothing below {}, until {}",
		unit.text(spec.shares),
		price_text(spec.price, unit),
		asy(spec.target),
		block_text(spec.deadline, now)
	)];
	said.push(format!("{} of the money is released at the close", Percent(spec.upfront)));
	said.extend(spec.milestones.iter().map(|milestone| use_text(milestone, now)));
	said.push(vesting_text(spec.vesting));
	said.join("\n")
}

/// For what use a part of the money is released.
fn use_text(milestone: &Milestone, now: BlockNumber) -> String {
	let Milestone { jobs, paid, by, part } = *milestone;
	let (part, by) = (Percent(part), block_text(by, now));
	match paid {
		0 => format!("{part} for {jobs} jobs, whatever they pay, by {by}"),
		paid => format!("{part} for {jobs} jobs that pay {} for the model by {by}", asy(paid)),
	}
}

fn vesting_text(vesting: BlockNumber) -> String {
	match vesting {
		0 => "the shares are the buyers' at the close".into(),
		blocks => format!("the shares vest within {blocks} blocks ({}) of the close", time(blocks)),
	}
}

/// An offering.
pub fn offering(view: &Offering, unit: &Unit) -> Value {
	json!({
		"id": view.id,
		"issuer": to_ss58(&view.issuer),
		"spec": spec(&view.spec, unit),
		"account": to_ss58(&view.account),
		"deposit": amount(view.deposit),
		"status": view.status,
		"demand": unit.number(view.demand),
		"tickets": view.tickets,
		"left": view.left,
		"sold": unit.number(view.sold),
		"raised": amount(view.raised),
		"released": amount(view.released),
		"closed": view.closed,
		"reached": view.reached,
		"jobs": view.jobs,
		"paid": amount(view.paid),
		"votes": unit.number(view.votes),
		"aborted": view.aborted,
	})
}

/// Where an offering stands.
fn state_text(view: &Offering, now: BlockNumber) -> String {
	let deadline = view.spec.deadline;
	match (view.status, view.aborted) {
		(OfferingStatus::Open, _) if now < deadline => {
			format!("open until {}", block_text(deadline, now))
		},
		(OfferingStatus::Open, _) => "waits to be closed: `assay offering close`".into(),
		(OfferingStatus::Missed, _) => "missed: too little was subscribed, all goes back".into(),
		(OfferingStatus::Running, _) => "sold: money waits for milestones".into(),
		(OfferingStatus::Completed, _) => "sold, and all the money is released".into(),
		(OfferingStatus::Aborted, Some(block)) => {
			format!("aborted in block {block}: what was not released goes back")
		},
		(OfferingStatus::Aborted, None) => "aborted: what was not released goes back".into(),
	}
}

/// What was subscribed to, beside the target.
fn demand_text(view: &Offering, unit: &Unit) -> String {
	// It was counted when they subscribed.
	let (offered, target) = (view.demand.saturating_mul(view.spec.price), view.spec.target);
	let progress = match offered >= target {
		true if view.demand == 0 => "nothing yet".into(),
		true => format!("the target of {} is reached", asy(target)),
		false => format!("{} of the target of {}", part_text(offered, target), asy(target)),
	};
	let for_sale = part_text(view.demand, view.spec.shares);
	format!(
		"{} ({for_sale} of what is for sale) for {}: {progress}",
		unit.text(view.demand),
		asy(offered)
	)
}

/// How far the milestone with this number is.
fn milestone_text(view: &Offering, number: usize, now: BlockNumber) -> Option<String> {
	let milestone = view.spec.milestones.get(number)?;
	let Milestone { jobs, paid, by, .. } = *milestone;
	let is_reached = u32::try_from(number).is_ok_and(|number| number < view.reached);
	let progress = match view.status {
		_ if is_reached => "reached".into(),
		OfferingStatus::Running if now > by => "was not shown in time: anybody can abort".into(),
		OfferingStatus::Running if view.jobs >= jobs && view.paid >= paid => {
			"earned: `assay offering release` shows it".into()
		},
		OfferingStatus::Running => {
			format!("{} jobs, which have paid {}, so far", view.jobs, asy(view.paid))
		},
		OfferingStatus::Aborted | OfferingStatus::Missed => "not reached".into(),
		OfferingStatus::Open | OfferingStatus::Completed => "counted from the close on".into(),
	};
	Some(format!("{}: {progress}", use_text(milestone, now)))
}

/// An offering as people read it, with tickets of somebody.
pub fn offering_text(view: &Offering, tickets: &[Ticket], unit: &Unit, now: BlockNumber) -> String {
	let spec = &view.spec;
	let price = price_text(spec.price, unit);
	let mut pairs = vec![
		("offering", view.id.to_string()),
		("subject", spec.subject.to_string()),
		("issuer", to_ss58(&view.issuer)),
		("state", state_text(view, now)),
		("for sale", format!("{} at {price}", unit.text(spec.shares))),
		("subscribed", demand_text(view, unit)),
		("tickets", format!("{}, of which {} are left", view.tickets, view.left)),
	];
	if let Some(closed) = view.closed {
		let (raised, released) = (asy(view.raised), asy(view.released));
		let sold = unit.text(view.sold);
		pairs.push(("sold", format!("{sold} for {raised}, closed in block {closed}")));
		pairs.push(("released", format!("{released} of {raised}")));
		let votes = part_text(view.votes, view.sold);
		pairs.push(("votes", format!("{votes} of what was sold; more than half aborts")));
	}
	pairs.push(("at the close", format!("{} of the money is released", Percent(spec.upfront))));
	let milestones = (0..spec.milestones.len()).filter_map(|of| milestone_text(view, of, now));
	pairs.extend(milestones.map(|text| ("milestone", text)));
	pairs.push(("vesting", vesting_text(spec.vesting)));
	let own = |ticket: &Ticket| format!("{}: {}", ticket.number, ticket_text(ticket, unit));
	pairs.extend(tickets.iter().map(|ticket| ("own ticket", own(ticket))));
	lines(&pairs)
}

/// Offerings as people read them, with what their shares are counted in.
pub fn offerings_text(offerings: &[(Offering, Unit)]) -> String {
	let row = |(view, unit): &(Offering, Unit)| {
		[
			view.id.to_string(),
			view.spec.subject.to_string(),
			view.status.to_string(),
			unit.text(view.spec.shares),
			price_text(view.spec.price, unit),
			unit.text(view.demand),
			asy(view.spec.target),
			view.spec.deadline.to_string(),
		]
	};
	let header =
		["ID", "SUBJECT", "STATE", "FOR SALE", "PRICE", "SUBSCRIBED", "TARGET", "DEADLINE"];
	table(header, offerings.iter().map(row).collect())
}

/// A ticket.
pub fn ticket(view: &Ticket, unit: &Unit) -> Value {
	json!({
		"offering": view.offering,
		"number": view.number,
		"account": to_ss58(&view.who),
		"shares": unit.number(view.shares),
		"symbol": unit.symbol,
		"allotted": view.allotted.map(|shares| unit.number(shares)),
		"repaid": amount(view.repaid),
		"taken": unit.number(view.taken),
		"money_due": amount(view.money_due),
		"shares_due": unit.number(view.shares_due),
		"voted": view.voted,
	})
}

/// A ticket as its owner reads it.
fn ticket_text(view: &Ticket, unit: &Unit) -> String {
	let shares = unit.text(view.shares);
	let Some(allotted) = view.allotted else {
		return format!("{shares}, allotted at the close");
	};
	let (allotted, taken) = (unit.text(allotted), unit.text(view.taken));
	let voted = if view.voted { "; has voted to abort" } else { "" };
	format!(
		"{allotted} of {shares} allotted; due now {} and {}; had {taken} and {}{voted}",
		unit.text(view.shares_due),
		asy(view.money_due),
		asy(view.repaid)
	)
}

/// Tickets as people read them.
pub fn tickets_text(tickets: &[Ticket], unit: &Unit) -> String {
	let row = |view: &Ticket| {
		[
			view.number.to_string(),
			to_ss58(&view.who),
			unit.text(view.shares),
			view.allotted.map_or_else(|| "-".into(), |shares| unit.text(shares)),
			unit.text(view.shares_due),
			asy(view.money_due),
			if view.voted { "to abort" } else { "-" }.into(),
		]
	};
	let header =
		["TICKET", "ACCOUNT", "SUBSCRIBED", "ALLOTTED", "SHARES DUE", "MONEY DUE", "VOTED"];
	table(header, tickets.iter().map(row).collect())
}

#[cfg(test)]
mod tests {
	use super::{super::tests::account, *};
	use assay_primitives::{licence::Permill, revenue::Subject, ModelId, OfferingId, ASY};

	fn unit() -> Unit {
		Unit { symbol: "MGK".into(), decimals: 1 }
	}

	fn milestone(jobs: u64, by: BlockNumber) -> Milestone {
		Milestone { jobs, paid: 0, by, part: Permill::from_percent(30) }
	}

	fn view(status: OfferingStatus) -> Offering {
		let is_sold = !matches!(status, OfferingStatus::Open | OfferingStatus::Missed);
		OfferingView {
			id: OfferingId(3),
			issuer: account(1),
			spec: OfferingSpec {
				subject: Subject::Model(ModelId(7)),
				shares: 10_000,
				price: ASY / 20,
				target: 400 * ASY,
				deadline: 100,
				upfront: Permill::from_percent(40),
				milestones: vec![milestone(100, 200), milestone(200, 300)].try_into().unwrap(),
				vesting: 43_200,
			},
			account: account(2),
			deposit: ASY,
			status,
			demand: 6_000,
			tickets: 4,
			left: 3,
			sold: if is_sold { 6_000 } else { 0 },
			raised: if is_sold { 300 * ASY } else { 0 },
			released: if is_sold { 210 * ASY } else { 0 },
			closed: is_sold.then_some(110),
			reached: u32::from(is_sold),
			jobs: 150,
			paid: 3 * ASY,
			votes: 1_500,
			aborted: (status == OfferingStatus::Aborted).then_some(250),
		}
	}

	fn a_ticket(allotted: Option<Balance>) -> Ticket {
		TicketView {
			offering: OfferingId(3),
			number: 2,
			who: account(4),
			shares: 50,
			allotted,
			repaid: ASY,
			taken: 10,
			money_due: ASY / 2,
			shares_due: 5,
			voted: true,
		}
	}

	#[test]
	fn an_offering_is_json_with_decimals_of_shares_and_asy() {
		let expected = json!({
			"id": 3,
			"issuer": to_ss58(&account(1)),
			"spec": {
				"subject": "model:7",
				"shares": "1000",
				"symbol": "MGK",
				"price": "0.5",
				"target": "400",
				"deadline": 100,
				"upfront": "40%",
				"milestones": [
					{ "jobs": 100, "paid": "0", "by": 200, "part": "30%" },
					{ "jobs": 200, "paid": "0", "by": 300, "part": "30%" },
				],
				"vesting": 43_200,
			},
			"account": to_ss58(&account(2)),
			"deposit": "1",
			"status": "running",
			"demand": "600",
			"tickets": 4,
			"left": 3,
			"sold": "600",
			"raised": "300",
			"released": "210",
			"closed": 110,
			"reached": 1,
			"jobs": 150,
			"paid": "3",
			"votes": "150",
			"aborted": null,
		});
		assert_eq!(offering(&view(OfferingStatus::Running), &unit()), expected);
	}

	#[test]
	fn a_price_beyond_what_is_counted_is_null_and_no_panic() {
		let mut view = view(OfferingStatus::Open);
		let unit = Unit { symbol: String::new(), decimals: 38 };
		view.spec.price = ASY;
		assert_eq!(offering(&view, &unit)["spec"]["price"], Value::Null);
		assert!(offering_text(&view, &[], &unit, 0).contains("for the smallest part of one"));
	}

	#[test]
	fn an_open_offering_says_how_far_its_target_is() {
		let text = |demand: Balance, now| {
			let view = Offering { demand, ..view(OfferingStatus::Open) };
			offering_text(&view, &[], &unit(), now)
		};
		assert!(text(6_000, 50).contains("600 MGK (60.0% of what is for sale) for 300 ASY"));
		assert!(text(6_000, 50).contains("75.0% of the target of 400 ASY"));
		assert!(text(8_000, 50).contains("the target of 400 ASY is reached"));
		assert!(text(6_000, 50).contains("open until block 100 (in"));
		assert!(text(6_000, 100).contains("waits to be closed"));
		assert!(!text(6_000, 50).contains("votes"));
	}

	#[test]
	fn milestones_say_how_far_they_are() {
		let text = |jobs: u64, now| {
			let view = Offering { jobs, ..view(OfferingStatus::Running) };
			offering_text(&view, &[], &unit(), now)
		};
		let reached = "30% for 100 jobs, whatever they pay, by block 200 (passed): reached";
		assert!(text(150, 250).contains(reached));
		let waits = "by block 300 (in 2 minutes): 150 jobs, which have paid 3 ASY, so far";
		assert!(text(150, 250).contains(waits));
		assert!(text(200, 300).contains("earned: `assay offering release`"));
		assert!(text(200, 301).contains("was not shown in time"));
		assert!(text(150, 250).contains("25.0% of what was sold; more than half aborts"));
		let mut paid = Offering { jobs: 200, ..view(OfferingStatus::Running) };
		paid.spec.milestones[1].paid = 4 * ASY;
		let shown = offering_text(&paid, &[], &unit(), 250);
		assert!(shown.contains("200 jobs that pay 4 ASY for the model by block 300"), "{shown}");
		assert!(shown.contains("paid 3 ASY, so far"), "{shown}");
		let aborted = offering_text(&view(OfferingStatus::Aborted), &[], &unit(), 260);
		assert!(aborted.contains("aborted in block 250") && aborted.contains("not reached"));
	}

	#[test]
	fn a_ticket_says_what_it_is_due() {
		let expected = json!({
			"offering": 3,
			"number": 2,
			"account": to_ss58(&account(4)),
			"shares": "5",
			"symbol": "MGK",
			"allotted": "4",
			"repaid": "1",
			"taken": "1",
			"money_due": "0.5",
			"shares_due": "0.5",
			"voted": true,
		});
		assert_eq!(ticket(&a_ticket(Some(40)), &unit()), expected);
		assert_eq!(ticket(&a_ticket(None), &unit())["allotted"], Value::Null);
		let view = view(OfferingStatus::Running);
		let text = offering_text(&view, &[a_ticket(Some(40))], &unit(), 250);
		assert!(text.contains("2: 4 MGK of 5 MGK allotted; due now 0.5 MGK and 0.5 ASY"), "{text}");
		let text = offering_text(&view, &[a_ticket(None)], &unit(), 250);
		assert!(text.contains("2: 5 MGK, allotted at the close"), "{text}");
		assert!(tickets_text(&[a_ticket(Some(40))], &unit()).contains("to abort"));
	}

	#[test]
	fn the_terms_are_told_before_they_are_signed() {
		let text = terms_text(&view(OfferingStatus::Open).spec, &unit(), 50);
		let expected =
			"1000 MGK at 0.5 ASY each: at most 500 ASY, or nothing below 400 ASY, until \
			block 100 (in 2 minutes)\n\
			40% of the money is released at the close\n\
			30% for 100 jobs, whatever they pay, by block 200 (in 5 minutes)\n\
			30% for 200 jobs, whatever they pay, by block 300 (in 8 minutes)\n\
			the shares vest within 43200 blocks (24.0 hours) of the close";
		assert_eq!(text, expected);
	}
}
