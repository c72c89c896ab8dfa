//! Random courses: whatever happens, nobody's hold is stuck.

use crate::{mock::*, Demands};
use assay_primitives::DemandId;

/// A small generator: the courses are the same in every run.
struct Random(u64);

impl Random {
	fn below(&mut self, end: u32) -> u32 {
		self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
		((self.0 >> 33) % u64::from(end)) as u32
	}
}

/// What the market does by itself.
fn turn(random: &mut Random) {
	change(|job| {
		job.status = match (job.status, random.below(6)) {
			(Status::Assigned, 0) => Status::Provisional,
			(Status::Provisional, 0) => Status::Disputed,
			(Status::Disputed, 0 | 1) => Status::Provisional,
			(Status::Disputed, 2) => {
				// Refuted and drawn again.
				(job.attempt, job.stays) = (job.attempt.saturating_add(1), 0);
				Status::Assigned
			},
			(Status::Provisional, 1) if job.stays == 0 => Status::Over,
			(status, _) => status,
		};
		job.output = by_artifact(job.status).output;
	});
}

#[test]
fn no_course_leaves_a_hold_behind() {
	for seed in 0..200 {
		build_and_execute(|| {
			let mut random = Random(seed);
			change(|job| *job = by_artifact(Status::Assigned));
			for _ in 0..60 {
				let account = [PROVIDER, DEMANDER, HELPER][random.below(3) as usize];
				let (tensor, chunk) = (random.below(2), random.below(4));
				let place = if random.below(2) == 0 { input_place } else { output_place };
				match random.below(5) {
					0 | 1 => drop(demand(account, place(tensor, chunk))),
					2 => {
						let open: Vec<DemandId> = Demands::<Test>::iter_key_prefix(JOB).collect();
						if !open.is_empty() {
							let id = open[random.below(open.len() as u32) as usize];
							let place = Demands::<Test>::get(JOB, id).unwrap().place;
							let _ = serve(account, id, place);
						}
					},
					3 => turn(&mut random),
					_ => run_to(System::block_number() + 1),
				}
				Availability::do_try_state().unwrap();
			}
			// The market ends what is disputed, and then all demands go.
			change(|job| {
				if job.status == Status::Disputed {
					job.status = Status::Provisional;
				}
			});
			run_to(System::block_number() + 200);
			assert_eq!(Demands::<Test>::iter().count(), 0);
			for account in [PROVIDER, DEMANDER, HELPER] {
				assert_eq!(held(account), 0, "seed {seed}");
			}
		});
	}
}
