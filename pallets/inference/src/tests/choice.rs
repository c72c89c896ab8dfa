//! Who is drawn.

use crate::{mock::*, Jobs};
use assay_primitives::{
	job::{Choice, JobState, Terms},
	provider::Tier,
	JobId,
};
use frame_support::assert_ok;
use sp_runtime::Permill;

fn named(names: &[u64]) -> sp_runtime::BoundedVec<u64, frame_support::traits::ConstU32<8>> {
	names.to_vec().try_into().unwrap()
}

/// Request a job with a choice, and say who has it after the first draw.
fn drawn(choice: Choice<u64>) -> Option<u64> {
	let (job, terms) = (crate::NextJob::<Test>::get(), Terms { choice, ..terms() });
	assert_ok!(Inference::request(RuntimeOrigin::signed(REQUESTER), VERSION, input(), terms));
	run_to(System::block_number() + 3);
	Jobs::<Test>::get(job).unwrap().state.provider().copied()
}

/// Two providers, of which the second has a thousand times the stake of the first.
fn unequal() {
	let rich = MockProvider { free: 1_000 * STAKE, ..provider(ASK) };
	Providers::set([(PROVIDER, provider(ASK)), (RIVAL, rich)].into());
}

#[test]
fn only_the_named_are_drawn() {
	build_and_execute(|| {
		unequal();
		for _ in 0..5 {
			assert_eq!(drawn(Choice::Only(named(&[PROVIDER, PAUPER]))), Some(PROVIDER));
		}
		// Nobody else is, however long it takes.
		assert_eq!(drawn(Choice::Only(named(&[PAUPER]))), None);
		assert_eq!(drawn(Choice::Only(named(&[]))), None);
		run_to(60);
		let state = Jobs::<Test>::get(JobId(6)).unwrap().state;
		assert!(matches!(state, JobState::Expired { .. }), "{state:?}");
	});
}

#[test]
fn the_preferred_are_drawn_if_they_can_be() {
	build_and_execute(|| {
		unequal();
		for _ in 0..5 {
			assert_eq!(drawn(Choice::Prefer(named(&[PROVIDER]))), Some(PROVIDER));
		}
		assert!(drawn(Choice::Prefer(named(&[PAUPER]))).is_some());
		Providers::mutate(|all| all.get_mut(&PROVIDER).unwrap().ask = 10_000);
		assert_eq!(drawn(Choice::Prefer(named(&[PROVIDER]))), Some(RIVAL));
	});
}

#[test]
fn nobody_below_the_tier_is_drawn() {
	build_and_execute(|| {
		unequal();
		assert_eq!(drawn(Choice::Tier(Tier::Proven)), None);
		Providers::mutate(|all| all.get_mut(&PROVIDER).unwrap().tier = Tier::Trusted);
		for tier in [Tier::Proven, Tier::Trusted] {
			assert_eq!(drawn(Choice::Tier(tier)), Some(PROVIDER));
		}
	});
}

#[test]
fn a_named_provider_earns_no_quality_and_a_drawn_one_what_others_were_paid() {
	build_and_execute(|| {
		let deliver = |choice| {
			let provider = drawn(choice).unwrap();
			let job = JobId(crate::NextJob::<Test>::get().0 - 1);
			assert_ok!(Inference::submit_result(RuntimeOrigin::signed(provider), job, output()));
			run_to(System::block_number() + CHALLENGE + 1);
			Weights::get().pop().unwrap()
		};
		assert_eq!(deliver(Choice::Only(named(&[PROVIDER]))), None);
		assert_eq!(deliver(Choice::Prefer(named(&[PROVIDER]))), None);
		assert_eq!(deliver(Choice::Any), Some(SHARE + PRICE));
		assert_eq!(deliver(Choice::Prefer(named(&[PAUPER]))), Some(SHARE + PRICE));
	});
}

#[test]
fn candidates_are_asked_for_at_what_the_requester_can_pay() {
	build_and_execute(|| {
		drawn(Choice::Any);
		assert_eq!(Limit::get(), terms().max_fee - PRICE);
	});
}

/// Equal work never goes equally to a machine that misses a third of it.
#[test]
fn who_misses_thirty_percent_wins_less_than_who_delivers() {
	build_and_execute(|| {
		let rich = |quality| MockProvider {
			free: 1_000_000 * STAKE,
			quality: Permill::from_percent(quality),
			..provider(ASK)
		};
		Providers::set([(PROVIDER, rich(99)), (RIVAL, rich(70))].into());
		let wins = |who| {
			Jobs::<Test>::iter_values().filter(|job| job.state.provider() == Some(&who)).count()
		};
		for _ in 0..600 {
			assert_ok!(Inference::request(
				RuntimeOrigin::signed(REQUESTER),
				VERSION,
				input(),
				terms()
			));
		}
		run_to(4);
		let (good, bad) = (wins(PROVIDER), wins(RIVAL));
		assert_eq!(good + bad, 600);
		// 351 and 249 expected, with a standard deviation of 12.
		assert!((315..=387).contains(&good), "{good} against {bad}");
	});
}
