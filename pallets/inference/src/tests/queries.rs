use crate::mock::*;
use assay_primitives::{
	api::EstimateError, batch::MAX_ITEMS, job::Choice, money::Fee, provider::Tier, tensor::Shape,
	JobId, ModelId, VersionId,
};

fn shape(lengths: &[u32]) -> Shape {
	lengths.to_vec().try_into().unwrap()
}

#[test]
fn assignments_come_in_ascending_order_from_the_start_given() {
	build_and_execute(|| {
		for _ in 0..5 {
			requested_job();
		}
		run_to(4);
		let ids = |start| Inference::assignments(PROVIDER, JobId(start));
		assert_eq!(ids(0), (0..5).map(JobId).collect::<Vec<_>>());
		assert_eq!(ids(3), vec![JobId(3), JobId(4)]);
		assert_eq!(Inference::assignments(RIVAL, JobId(0)), vec![]);
	});
}

#[test]
fn an_estimate_quotes_the_cheapest_and_the_dearest_able_provider() {
	build_and_execute(|| {
		let poor = MockProvider { free: 1, ..provider(1) };
		Providers::set([(PROVIDER, provider(100)), (RIVAL, provider(300)), (9, poor)].into());
		let estimate = Inference::estimate(VERSION, vec![shape(&[2])], 1, Choice::Any).unwrap();
		assert_eq!(estimate.lowest, Some(Fee { work: 100, royalty: PRICE, data: 0 }));
		assert_eq!(estimate.highest, Some(Fee { work: 300, royalty: PRICE, data: 0 }));
		assert_eq!((estimate.providers, estimate.units), (2, 1));
		assert_eq!(estimate.blocks_to_settled, 4 + CHALLENGE);
		assert!(estimate.deposit >= 1_000);
	});
}

#[test]
fn an_estimate_counts_whom_the_requester_admits() {
	build_and_execute(|| {
		let proven = MockProvider { tier: Tier::Proven, ..provider(300) };
		Providers::set([(PROVIDER, provider(100)), (RIVAL, proven)].into());
		let quote = |choice| {
			let estimate = Inference::estimate(VERSION, vec![shape(&[2])], 1, choice).unwrap();
			assert_eq!(estimate.asks, 2);
			(estimate.providers, estimate.lowest.map(|fee| fee.work))
		};
		let named = |names: &[u64]| names.to_vec().try_into().unwrap();
		assert_eq!(quote(Choice::Tier(Tier::New)), (2, Some(100)));
		assert_eq!(quote(Choice::Tier(Tier::Proven)), (1, Some(300)));
		assert_eq!(quote(Choice::Tier(Tier::Trusted)), (0, None));
		assert_eq!(quote(Choice::Only(named(&[RIVAL, PAUPER]))), (1, Some(300)));
		assert_eq!(quote(Choice::Only(named(&[PAUPER]))), (0, None));
		assert_eq!(quote(Choice::Prefer(named(&[PAUPER]))), (2, Some(100)));
		assert_eq!(quote(Choice::Prefer(named(&[RIVAL]))), (1, Some(300)));
	});
}

#[test]
fn an_estimate_that_cannot_be_given_says_why() {
	build_and_execute(|| {
		let unknown = VersionId { model: ModelId(1), number: 1 };
		let error =
			|version, shapes| Inference::estimate(version, shapes, 1, Choice::Any).unwrap_err();
		assert_eq!(error(unknown, vec![]), EstimateError::UnknownVersion);
		assert_eq!(error(VERSION, vec![]), EstimateError::WrongShapes);
		assert_eq!(error(VERSION, vec![shape(&[5])]), EstimateError::WrongShapes);
		for items in [0, MAX_ITEMS + 1] {
			let estimate = Inference::estimate(VERSION, vec![shape(&[1])], items, Choice::Any);
			assert_eq!(estimate, Err(EstimateError::WrongItems));
		}
		Spec::mutate(|spec| spec.price = u128::MAX);
		assert_eq!(error(VERSION, vec![shape(&[1])]), EstimateError::Overflow);
	});
}
