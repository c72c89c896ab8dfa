//! The state machine of a provider.

use super::*;
use proptest::prelude::*;

const LEAST: Balance = 100;

/// A job that locks so much and weighs nothing.
fn job(exposure: Balance) -> Engagement {
	let version = VersionId { model: assay_primitives::ModelId(0), number: 0 };
	Engagement { version, exposure, weight: Some(0) }
}

fn provider(bond: Balance) -> ProviderRecord {
	ProviderRecord::new(bond, 10)
}

#[test]
fn a_heartbeat_lasts_for_the_period_and_no_longer() {
	let online = ProviderRecord { online: true, ..provider(LEAST) };
	assert!(online.is_available(15, 5));
	assert!(!online.is_available(16, 5));
	assert!(online.is_available(u32::MAX, u32::MAX));
	assert!(!provider(LEAST).is_available(10, 5));
}

#[test]
fn a_second_unbonding_joins_the_first_and_restarts_it() {
	let record = provider(300).unbond(50, LEAST, 20).unwrap();
	let record = record.unbond(30, LEAST, 25).unwrap();
	assert_eq!((record.bond, record.unbonding), (220, Some((80, 25))));
	assert_eq!(record.clone().withdraw(24), Err(BondFault::UnbondingNotOver));
	assert_eq!(record.withdraw(25).unwrap().1, 80);
}

#[test]
fn a_job_that_was_not_assigned_cannot_finish() {
	assert_eq!(provider(300).finish(job(0), Performance::Delivered), None);
	let assigned = provider(300).assign(10).unwrap();
	assert_eq!(assigned.finish(job(11), Performance::Delivered), None);
}

#[test]
fn a_slash_is_exactly_the_exposure_and_takes_a_poor_provider_offline() {
	let online = ProviderRecord { online: true, ..provider(300) };
	let assigned = online.assign(150).unwrap().assign(60).unwrap();
	assert_eq!(assigned.clone().slash(job(211), LEAST), None);
	let once = assigned.slash(job(150), LEAST).unwrap();
	assert_eq!((once.bond, once.locked, once.open, once.online), (150, 60, 1, true));
	let twice = once.slash(job(60), LEAST).unwrap();
	assert_eq!((twice.bond, twice.locked, twice.open, twice.online), (90, 0, 0, false));
	assert_eq!(twice.statistics.refuted, 2);
	assert_eq!(twice.slash(job(0), LEAST), None);
}

#[test]
fn a_provider_that_is_leaving_is_assigned_nothing() {
	let leaving = provider(LEAST).unbond(LEAST, LEAST, 20).unwrap();
	assert_eq!(leaving.assign(0), None);
}

#[test]
fn only_what_became_of_a_job_is_counted() {
	let finish = |performance| {
		provider(300).assign(10).unwrap().finish(job(10), performance).unwrap().statistics
	};
	let counts = |statistics: Statistics| (statistics.delivered, statistics.missed);
	assert_eq!(counts(finish(Performance::Delivered)), (1, 0));
	assert_eq!(counts(finish(Performance::Missed)), (0, 1));
	assert_eq!(counts(finish(Performance::Excused)), (0, 0));
	assert_eq!(counts(finish(Performance::Struck)), (0, 0));
	assert_eq!(finish(Performance::Struck).strikes, 1);
}

proptest! {
	#[test]
	fn stake_is_neither_made_nor_lost(
		steps in proptest::collection::vec((0u8..5, 0u128..200), 0..60),
	) {
		let (mut record, mut put_in, mut taken_out) = (provider(500), 500, 0);
		let mut jobs = Vec::new();
		for (now, (step, amount)) in steps.into_iter().enumerate() {
			let now = u32::try_from(now).unwrap();
			let next = match step {
				0 => record.clone().bond_extra(amount, LEAST).ok().inspect(|_| put_in += amount),
				1 => record.clone().unbond(amount, LEAST, now + 3).ok(),
				2 => record.clone().assign(amount).inspect(|_| jobs.push(amount)),
				3 => jobs.pop().map(|exposure| {
					taken_out += exposure;
					record.clone().slash(job(exposure), LEAST).unwrap()
				}),
				_ if amount % 2 == 0 => jobs.pop().map(|exposure| {
					record.clone().finish(job(exposure), Performance::Delivered).unwrap()
				}),
				_ => record.clone().withdraw(now).ok().map(|(next, amount)| {
					taken_out += amount;
					next
				}),
			};
			record = next.unwrap_or(record);
			let unbonding = record.unbonding.map_or(0, |(amount, _)| amount);
			prop_assert_eq!(record.bond + unbonding + taken_out, put_in);
			prop_assert_eq!(record.locked, jobs.iter().sum::<u128>());
			prop_assert!(record.locked <= record.bond);
			let slashed = record.statistics.refuted > 0;
			prop_assert!(record.bond == 0 || record.bond >= LEAST || slashed);
		}
	}
}
