//! What clients read.

use crate::mock::*;
use assay_primitives::{
	availability::{DemandFilter, DemandView},
	DemandId, JobId,
};
use frame_support::assert_ok;

fn filter(job: Option<JobId>, party: Option<u64>) -> DemandFilter<u64> {
	DemandFilter { job, party }
}

fn ids(filter: DemandFilter<u64>) -> Vec<u64> {
	let page = Availability::demands(filter, DemandId(0), 100);
	page.items.into_iter().map(|view| view.id.0).collect()
}

#[test]
fn demands_are_listed_by_job_and_by_who_is_to_have_an_answer() {
	build_and_execute(|| {
		assert_ok!(demand(DEMANDER, output_place(0, 0)));
		assert_ok!(Availability::demand(by(HELPER), OTHER, input_place(0, 1)));
		assert_ok!(demand(HELPER, input_place(0, 0)));
		assert_eq!(ids(DemandFilter::default()), [0, 1, 2]);
		assert_eq!(ids(filter(Some(JOB), None)), [0, 2]);
		assert_eq!(ids(filter(None, Some(PROVIDER))), [0, 1, 2]);
		assert_eq!(ids(filter(None, Some(REQUESTER))), [1, 2]);
		assert_eq!(ids(filter(Some(OTHER), Some(REQUESTER))), [1]);
		assert!(ids(filter(None, Some(DEMANDER))).is_empty());
	});
}

#[test]
fn a_page_ends_where_the_next_begins() {
	build_and_execute(|| {
		for _ in 0..5 {
			assert_ok!(demand(DEMANDER, output_place(0, 0)));
		}
		let page = Availability::demands(filter(Some(JOB), None), DemandId(1), 2);
		assert_eq!((page.items.len(), page.next), (2, Some(DemandId(3))));
		let page = Availability::demands(filter(Some(JOB), None), DemandId(3), 2);
		assert_eq!((page.items.len(), page.next), (2, None));
		let expected = DemandView {
			id: DemandId(3),
			job: JOB,
			demander: DEMANDER,
			respondent: PROVIDER,
			place: output_place(0, 0),
			price: PRICE,
			due: 1 + STEP,
		};
		assert_eq!(page.items[0], expected);
		// A limit of none gives one: a client that pages always comes on.
		assert_eq!(Availability::demands(filter(None, None), DemandId(0), 0).items.len(), 1);
	});
}
