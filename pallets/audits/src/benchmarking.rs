//! Benchmarks: each call and each step of the sweep at its worst case.

use crate::{
	types::Standing, Agenda, AgendaCursor, Audits, Call, Config, Pallet, Results, Standings,
};
use alloc::{boxed::Box, vec, vec::Vec};
use assay_canon::{
	commitment::{GraphHeader, Hash, List},
	graph::SPEC,
	symbol::Symbol,
};
use assay_dispute::dispute::seal;
use assay_primitives::{
	audit::subject,
	commitment::HostBlake2b256,
	traits::{AuditScene, Provisional, Stayable},
	BlockNumber, JobId, Root,
};
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_system::RawOrigin;
use sp_runtime::{Permill, SaturatedConversion};

type Scene<T> = <T as Config>::BenchmarkHelper;

/// A hash that stands for anything.
const ANY: Hash = [0; 32];
/// The draw of the last candidate, which passes every weight.
const LAST: [u8; 32] = [255; 32];

fn header() -> GraphHeader {
	let one = List { count: 1, root: ANY };
	let symbols = vec![Symbol { minimum: 0, maximum: u32::MAX }];
	GraphHeader { spec: SPEC, symbols, inputs: one, outputs: one, ..Default::default() }
}

/// A job with a result, of a version with so many providers.
fn answered<T: Config>(providers: u32) -> JobId {
	Scene::<T>::fund(&Pallet::<T>::pot());
	Scene::<T>::audited_job(Root(header().root::<HostBlake2b256>()), providers)
}

/// A job that is audited, and its auditors.
fn audited<T: Config>() -> (JobId, [T::AccountId; 2]) {
	let job = answered::<T>(3);
	Pallet::<T>::open_with(job, &LAST).unwrap();
	let auditors = Audits::<T>::get(job).unwrap().seats.map(|seat| seat.auditor);
	auditors.iter().for_each(Scene::<T>::fund);
	(job, auditors)
}

/// Both auditors have sealed a trace of their own, and the first has revealed its one.
fn half_revealed<T: Config>() -> (JobId, [T::AccountId; 2]) {
	let (job, auditors) = audited::<T>();
	let subject = subject(job, Audits::<T>::get(job).unwrap().attempt);
	for (history, auditor) in [[1; 32], [2; 32]].iter().zip(&auditors) {
		let seal = seal::<HostBlake2b256>(&subject, &auditor.encode(), history, &ANY);
		Pallet::<T>::do_commit(auditor.clone(), job, seal).unwrap();
	}
	let [first, _] = &auditors;
	Pallet::<T>::do_reveal(first.clone(), job, [1; 32], ANY, &header()).unwrap();
	(job, auditors)
}

fn go_to<T: Config>(block: BlockNumber) {
	frame_system::Pallet::<T>::set_block_number(block.saturated_into());
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn commit() {
		let (job, [auditor, other]) = audited::<T>();
		Pallet::<T>::do_commit(other, job, ANY).unwrap();

		#[extrinsic_call]
		_(RawOrigin::Signed(auditor), job, ANY);

		assert!(!Audits::<T>::get(job).unwrap().is_over(0));
	}

	/// Two who disagree: a dispute is opened.
	#[benchmark]
	fn reveal() {
		let (job, [_, second]) = half_revealed::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(second), job, [2; 32], ANY, Box::new(header()));

		assert!(!Audits::<T>::contains_key(job));
	}

	/// One auditor is paid, the other loses its bond.
	#[benchmark]
	fn advance() {
		let (job, [_, second]) = half_revealed::<T>();
		go_to::<T>(Audits::<T>::get(job).unwrap().until);

		#[extrinsic_call]
		_(RawOrigin::Signed(second.clone()), job);

		assert!(Standings::<T>::contains_key(second));
	}

	/// Results that are not drawn, which one hash each tells.
	#[benchmark]
	fn draw(n: Linear<0, 4_096>) {
		go_to::<T>(10);
		let jobs: Vec<JobId> = (0..u64::from(n)).map(|job| JobId(job | 1 << 40)).collect();
		Results::<T>::insert(Pallet::<T>::row(Pallet::<T>::now()), {
			sp_runtime::BoundedVec::truncate_from(jobs)
		});

		#[block]
		{
			Pallet::<T>::draw();
		}

		assert_eq!(Results::<T>::iter().count(), 0);
	}

	/// A result that is drawn, of a provider with a fault that is new.
	#[benchmark]
	fn look() {
		let job = answered::<T>(3);
		let Some(Provisional { provider, .. }) = T::Jobs::provisional(job) else { panic!() };
		Standings::<T>::insert(provider, Standing { faults: 1, since: None });

		#[block]
		{
			Pallet::<T>::look(job, 0, Permill::one());
		}

		assert!(Agenda::<T>::contains_key(Pallet::<T>::now(), job));
	}

	#[benchmark]
	fn sweep_block() {
		go_to::<T>(10);
		AgendaCursor::<T>::put(10);

		#[block]
		{
			Pallet::<T>::sweep();
		}

		assert_eq!(AgendaCursor::<T>::get(), 11);
	}

	#[benchmark]
	fn sweep_open(c: Linear<3, 64>) {
		let job = answered::<T>(c);

		#[block]
		{
			Pallet::<T>::open_with(job, &LAST).unwrap();
		}

		assert!(Audits::<T>::contains_key(job));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
