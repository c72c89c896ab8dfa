//! Random courses: whatever happens, no unit is lost and nothing is stuck.

use crate::{mock::*, NextSubscription, Subscriptions as Records};
use assay_primitives::{
	job::Terms,
	subscription::{SubscriptionSpec, Target},
	Balance, JobId, SubscriptionId,
};
use proptest::prelude::*;
use sp_runtime::DispatchError;

/// What somebody does, or what happens.
#[derive(Clone, Debug)]
enum Act {
	Subscribe { budget: Balance, period: u32, runs: Option<u32>, repeat: bool, newest: bool },
	Feed { by: u64, bytes: usize },
	TakeBack { by: u64 },
	TopUp { amount: Balance },
	SetTerms { max_fee: Balance },
	SetPaused { paused: bool },
	End,
	Expire,
	Refuse { reason: Option<DispatchError> },
	Surcharge { surcharge: Balance },
	Publish { newest: Option<u32> },
	EndJob { job: u64, paid: Balance },
	Pass { blocks: u32 },
	PassWithoutSweep { blocks: u32 },
}

fn account() -> impl Strategy<Value = u64> {
	prop::sample::select(vec![SUBSCRIBER, SUBSCRIBER, FEEDER, FEEDER, STRANGER])
}

fn act() -> impl Strategy<Value = Act> {
	let reasons = vec![None, None, Some(DispatchError::Unavailable)];
	let versions = vec![Some(2), Some(2), Some(3), None];
	prop_oneof![
		2 => (400u128..6_000, 1u32..40, prop::option::of(0u32..4), any::<bool>(), any::<bool>())
			.prop_map(|(budget, period, runs, repeat, newest)| {
				Act::Subscribe { budget, period, runs, repeat, newest }
			}),
		5 => (account(), 0usize..2_000).prop_map(|(by, bytes)| Act::Feed { by, bytes }),
		1 => account().prop_map(|by| Act::TakeBack { by }),
		2 => (0u128..3_000).prop_map(|amount| Act::TopUp { amount }),
		1 => (0u128..3_000).prop_map(|max_fee| Act::SetTerms { max_fee }),
		2 => any::<bool>().prop_map(|paused| Act::SetPaused { paused }),
		1 => Just(Act::End),
		1 => Just(Act::Expire),
		2 => prop::sample::select(reasons).prop_map(|reason| Act::Refuse { reason }),
		1 => prop::sample::select(vec![0, 0, 1]).prop_map(|surcharge| Act::Surcharge { surcharge }),
		1 => prop::sample::select(versions).prop_map(|newest| Act::Publish { newest }),
		2 => (0u64..12, 0u128..500).prop_map(|(job, paid)| Act::EndJob { job, paid }),
		5 => (1u32..15).prop_map(|blocks| Act::Pass { blocks }),
		1 => (1u32..60).prop_map(|blocks| Act::PassWithoutSweep { blocks }),
	]
}

fn perform(act: Act, id: SubscriptionId) {
	let subscriber = || by(SUBSCRIBER);
	// Refusals leave everything as it was, which the invariants tell.
	let _ = match act {
		Act::Subscribe { budget, period, runs, repeat, newest } => {
			let target =
				if newest { Target::Newest(VERSION.model) } else { Target::Version(VERSION) };
			let spec = SubscriptionSpec { period, runs, repeat, target, ..spec() };
			Subscriptions::subscribe(subscriber(), spec, budget)
		},
		Act::Feed { by: account, bytes } => {
			Subscriptions::feed(by(account), id, Box::new(input_of(7, bytes)))
		},
		Act::TakeBack { by: account } => Subscriptions::take_back(by(account), id),
		Act::TopUp { amount } => Subscriptions::top_up(subscriber(), id, amount),
		Act::SetTerms { max_fee } => {
			Subscriptions::set_terms(subscriber(), id, Terms { max_fee, ..terms() })
		},
		Act::SetPaused { paused } => Subscriptions::set_paused(subscriber(), id, paused),
		Act::End => Subscriptions::end(subscriber(), id),
		Act::Expire => Subscriptions::expire(by(STRANGER), id),
		Act::Refuse { reason } => {
			Refusal::set(reason);
			Ok(())
		},
		Act::Surcharge { surcharge } => {
			Surcharge::set(surcharge);
			Ok(())
		},
		Act::Publish { newest } => {
			Newest::set(newest);
			Ok(())
		},
		Act::EndJob { job, paid } => {
			if market::Jobs::<Test>::get(JobId(job)).is_some_and(|job| job.3 >= paid) {
				Market::end(JobId(job), STRANGER, paid);
			}
			Ok(())
		},
		Act::Pass { blocks } => {
			run_to(System::block_number() + blocks);
			Ok(())
		},
		Act::PassWithoutSweep { blocks } => {
			skip_to(System::block_number() + blocks);
			Ok(())
		},
	};
}

/// What the budgets of an account have left.
fn budgets() -> Balance {
	Records::<Test>::iter_values().map(|record| record.budget).sum()
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(200))]

	#[test]
	fn no_course_loses_a_unit_or_leaves_a_hold_behind(
		acts in prop::collection::vec((act(), 0u64..4), 1..120),
	) {
		build_and_execute(|| {
			for (act, back) in acts {
				// One of the last few subscriptions, whether it goes on or not.
				let last = NextSubscription::<Test>::get().0;
				let id = SubscriptionId(last.saturating_sub(1 + back));
				let passes = matches!(act, Act::Pass { .. });
				let (before, spendable) = (budgets(), free(SUBSCRIBER));
				perform(act, id);
				Subscriptions::do_try_state().unwrap();
				if passes {
					// A run is paid out of the budget, and from nothing else.
					assert!(budgets() <= before && free(SUBSCRIBER) >= spendable);
				}
			}
			// Whatever is left lapses or is used up by itself when nobody does anything any more.
			for job in market::Jobs::<Test>::iter_keys().collect::<Vec<_>>() {
				Market::end(job, STRANGER, 0);
			}
			Refusal::set(Some(DispatchError::Unavailable));
			Newest::set(None);
			run_to(System::block_number() + 500);
			assert_eq!(Records::<Test>::iter_keys().count(), 0);
			assert_eq!((held(SUBSCRIBER), held(FEEDER)), ((0, 0), (0, 0)));
			let accounts = [SUBSCRIBER, FEEDER, STRANGER];
			assert_eq!(accounts.map(free).iter().sum::<Balance>(), 3 * ENDOWMENT);
		});
	}
}
