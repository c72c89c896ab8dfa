use crate::mock::*;
use assay_primitives::{
	audit::{Answer, Phase},
	JobId,
};
use frame_support::assert_ok;

#[test]
fn an_audit_is_read_while_it_goes_on() {
	build_and_execute(|| {
		assert_eq!(Audits::audit(JOB), None);
		let [one, other] = audited();
		assert_ok!(commit(one, TRUTH));
		let view = Audits::audit(JOB).unwrap();
		assert_eq!((view.job, view.attempt, view.provider, view.fee), (JOB, 1, PROVIDER, FEE));
		assert_eq!((view.bond, view.phase, view.until), (BOND, Phase::Commit, 4 + STEP));
		let answers: Vec<_> =
			view.seats.into_iter().map(|seat| (seat.auditor, seat.answer)).collect();
		assert_eq!(answers, [(one, Answer::Sealed(sealed(one, TRUTH))), (other, Answer::Nothing)]);
		run_to(4 + 2 * STEP);
		assert_eq!(Audits::audit(JOB), None);
	});
}

#[test]
fn audits_are_listed_in_order_and_by_auditor() {
	build_and_execute(|| {
		for job in 0..150 {
			submitted(JobId(job));
		}
		run_to(4);
		let page = Audits::audits(JobId(3), 4);
		let jobs: Vec<_> = page.items.iter().map(|view| view.job.0).collect();
		assert_eq!((jobs, page.next), (vec![3, 4, 5, 6], Some(JobId(7))));
		assert_eq!(Audits::audits(JobId(149), 1_000).next, None);
		let mine: Vec<JobId> = (0..150)
			.map(JobId)
			.filter(|job| {
				let seats = Audits::audit(*job).unwrap().seats;
				seats.iter().any(|seat| seat.auditor == RIVALS[0])
			})
			.collect();
		assert!(mine.len() > 20 && mine.len() < 100);
		assert_eq!(Audits::audits_of(RIVALS[0], JobId(0)), mine);
		assert_eq!(Audits::audits_of(RIVALS[0], mine[5]), mine[5..]);
		assert_eq!(Audits::audits_of(STRANGER, JobId(0)), []);
	});
}
