//! Several providers run one request: seals, reveals, and what becomes of the group.

mod request;
mod reveal;
mod seal;
mod whole;

use crate::{mock::*, Groups, NextJob};
use assay_primitives::{
	commitment::{faulted_root, result_seal},
	job::{JobState, Output, Redundancy},
	model::Class,
	JobId, Root,
};
use frame_support::assert_ok;
use sp_runtime::DispatchResult;

/// What every provider of these tests puts into its seals.
const SALT: Root = Root([7; 32]);
/// The providers of a group.
const ALL: [u64; 4] = [PROVIDER, RIVAL, 7, 8];

/// An answer that tells apart what the tests compare.
fn answer(number: u32) -> Output {
	Output::Fault { slot: number, element: 0 }
}

fn seal_of(job: JobId, who: u64, number: u32) -> Root {
	result_seal(job, &who, &faulted_root(number, 0), &SALT)
}

fn seal(who: u64, job: JobId, number: u32) -> DispatchResult {
	let seal = seal_of(job, who, number);
	without_cost(Inference::seal_result(RuntimeOrigin::signed(who), job, seal))
}

fn reveal(who: u64, job: JobId, number: u32) -> DispatchResult {
	Inference::reveal_result(RuntimeOrigin::signed(who), job, Box::new(answer(number)), SALT)
}

fn state(job: JobId) -> JobState<u64> {
	Inference::job(job).unwrap().state
}

/// Have so many providers serve the version.
fn serve(count: usize) {
	let serving = ALL.get(..count).expect("there are so many");
	Providers::mutate(|all| {
		all.retain(|who, _| serving.contains(who));
		for who in serving {
			all.entry(*who).or_insert_with(|| provider(ASK));
		}
	});
}

fn request(replicas: u8, answers: u8) -> DispatchResult {
	let redundancy = Redundancy { replicas, answers };
	let origin = RuntimeOrigin::signed(REQUESTER);
	Inference::request_redundant(origin, VERSION, input(), terms(), redundancy)
}

/// A group each of whose replicas is assigned, in block 4 when it is the first.
fn drawn(replicas: u8, answers: u8) -> Vec<(JobId, u64)> {
	serve(replicas.into());
	let first = NextJob::<Test>::get().0;
	assert_ok!(request(replicas, answers));
	run_to(System::block_number() + 3);
	let with = |job| (job, *state(job).provider().expect("it is drawn"));
	(first..first + u64::from(replicas)).map(JobId).map(with).collect()
}

/// A group of two whose results are sealed: the first with this answer, the second with that.
fn sealed(one: u32, other: u32) -> [(JobId, u64); 2] {
	let replicas: [_; 2] = drawn(2, 2).try_into().unwrap();
	for ((job, who), number) in replicas.iter().zip([one, other]) {
		assert_ok!(seal(*who, *job, number));
	}
	replicas
}

/// Have the version require equal bits.
fn exact() {
	Spec::mutate(|spec| {
		spec.class = Class::Canonical;
		spec.tolerance = None;
	});
}

fn groups() -> usize {
	Groups::<Test>::iter().count()
}
