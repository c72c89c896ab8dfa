//! Random play: whatever anybody does, every audit ends and the money adds up.

use crate::{mock::*, Agenda, Audits as Open, Seats};
use assay_canon::commitment::Hash;
use assay_primitives::{
	traits::{OnSubmitted, Undisputable},
	JobId,
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Move {
	Submit(u64),
	/// Another replica says something else.
	Doubt(u64),
	Commit {
		who: usize,
		job: u64,
		lie: bool,
	},
	Reveal {
		who: usize,
		job: u64,
		lie: bool,
		forged: bool,
	},
	Advance(u64),
	/// The job is disputed, or ends.
	Leave(u64),
	/// It is drawn again and answered by another.
	Again(u64),
	Disputes(u8),
	Blocks(u32),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
	let (job, who) = (0u64..4, 0usize..4);
	let one = prop_oneof![
		2 => job.clone().prop_map(Move::Submit),
		1 => job.clone().prop_map(Move::Doubt),
		6 => (who.clone(), job.clone(), any::<bool>())
			.prop_map(|(who, job, lie)| Move::Commit { who, job, lie }),
		6 => (who, job.clone(), any::<bool>(), any::<bool>())
			.prop_map(|(who, job, lie, forged)| Move::Reveal { who, job, lie, forged }),
		1 => job.clone().prop_map(Move::Advance),
		1 => job.clone().prop_map(Move::Leave),
		1 => job.prop_map(Move::Again),
		1 => (0u8..3).prop_map(Move::Disputes),
		3 => (1u32..6).prop_map(Move::Blocks),
	];
	proptest::collection::vec(one, 1..120)
}

fn history(lie: bool) -> Hash {
	if lie {
		LIE
	} else {
		TRUTH
	}
}

fn sealed_for(job: JobId, who: u64, lie: bool) -> Hash {
	use assay_dispute::dispute::seal;
	use codec::Encode;
	let attempt = Jobs::get().get(&job).map_or(1, |job| job.attempt);
	let subject = assay_primitives::audit::subject(job, attempt);
	let history = history(lie);
	seal::<assay_primitives::commitment::HostBlake2b256>(&subject, &who.encode(), &history, &SALT)
}

fn play(step: Move) {
	// Moves that the pallet refuses are part of the play.
	let _ = match step {
		Move::Submit(job) if !Jobs::get().contains_key(&JobId(job)) => {
			submitted(JobId(job));
			Ok(())
		},
		Move::Submit(_) => Ok(()),
		Move::Doubt(job) => {
			Audits::doubted(JobId(job));
			Ok(())
		},
		Move::Commit { who, job, lie } => {
			let (who, job) = (RIVALS[who], JobId(job));
			Audits::commit(by(who), job, sealed_for(job, who, lie))
		},
		Move::Reveal { who, job, lie, forged } => {
			let mut header = assay_canon::commitment::GraphHeader::default();
			header.nodes.count += u32::from(forged);
			Audits::reveal(by(RIVALS[who]), JobId(job), history(lie), SALT, Box::new(header))
		},
		Move::Advance(job) => Audits::advance(by(STRANGER), JobId(job)),
		Move::Leave(job) => {
			change(JobId(job), |job| job.provisional = false);
			Ok(())
		},
		Move::Again(job) => {
			// Whatever was stayed before is forgotten with the attempt.
			change(JobId(job), |job| job.attempt = job.attempt.saturating_add(1));
			set_stays(JobId(job), 0);
			Ok(())
		},
		Move::Disputes(kind) => {
			Answer::set(match kind {
				0 => Err(Undisputable::Refused),
				_ => Ok(()),
			});
			Ok(())
		},
		Move::Blocks(count) => {
			run_to(System::block_number() + count);
			Ok(())
		},
	};
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(96))]

	#[test]
	fn random_play_conserves_money_and_leaves_nothing_behind(moves in moves()) {
		new_test_ext().execute_with(|| {
			Jobs::set(Default::default());
			Answer::set(Ok(()));
			let issued = Balances::total_issuance();
			for step in moves {
				play(step);
				Audits::do_try_state().unwrap();
			}
			run_to(System::block_number() + 3 * STEP);
			assert_eq!((Open::<Test>::iter().count(), Seats::<Test>::iter().count()), (0, 0));
			assert_eq!(Agenda::<Test>::iter().count(), 0);
			let (mut paid, mut burned) = (0, 0);
			for event in events() {
				match event {
					crate::Event::AuditorPaid { amount, .. } => paid += amount,
					crate::Event::AuditMissed { burned: lost, .. } => burned += lost,
					_ => {},
				}
			}
			assert_eq!(Balances::total_issuance(), issued - paid - burned);
			assert_eq!(Balances::free_balance(Audits::pot()), ED + POT - 2 * paid);
			assert!(RIVALS.iter().all(|rival| held(*rival) == 0));
			assert!(Jobs::get().into_keys().all(|job| stays(job) == 0));
		});
	}
}
