//! Benchmarks: each call and each step of the sweep at its worst case.

use crate::{
	earners::MOST_SHARES, Agenda, AgendaCursor, Assignments, Call, Config, Inputs, Items, Jobs,
	NextJob, Pallet,
};
use alloc::{boxed::Box, vec, vec::Vec};
use assay_primitives::{
	availability::AnswerBytes,
	batch::{ItemOpening, ItemRoots},
	commitment::{faulted_root, result_seal, tensor_root, tensors_root},
	job::{Choice, Input, JobState, Output, Redundancy, TensorHeader, Terms, MAX_REPLICAS},
	licence::MAX_ANCESTORS,
	model::Artifact,
	money::DataFee,
	rights::DataRef,
	tensor::{encode_tensors, DType, Tensor},
	traits::BenchmarkScene,
	AssetId, Balance, JobId, Root, VersionId, ASY,
};
use codec::Decode;
use frame_benchmarking::v2::*;
use frame_support::traits::Get;
use frame_system::RawOrigin;
use sp_runtime::SaturatedConversion;

type Scene<T> = <T as Config>::BenchmarkHelper;

/// An input and an output by artifact: a tensor of one element each.
fn one_by_artifact() -> (Input, Output) {
	let tensor = Tensor::new(DType::Float32, vec![1], vec![0; 4]).unwrap();
	let tensors = [tensor.clone()];
	let size = encode_tensors(&tensors).len() as u64;
	let artifact = Artifact { hash: Default::default(), size };
	let root = tensor_root(tensor.dtype, &tensor.shape, &tensor.data);
	let header = TensorHeader { shape: tensor.shape, root };
	let headers = vec![header].try_into().unwrap();
	let input = Input::Artifact { artifact, locator: Default::default(), tensors: headers };
	(input, Output::Artifact { root: tensors_root(&tensors), artifact })
}

/// The encoding of one float32 tensor of zeros of about `bytes` bytes.
fn zeros(bytes: u32) -> Vec<u8> {
	let length = (bytes / 4).saturating_sub(4).max(1);
	let data = vec![0; length as usize * 4];
	encode_tensors(&[Tensor::new(DType::Float32, vec![length], data).unwrap()])
}

fn input(bytes: u32) -> Box<Input> {
	Box::new(Input::Inline(zeros(bytes).try_into().unwrap()))
}

fn output(bytes: u32) -> Box<Output> {
	Box::new(Output::Inline(zeros(bytes).try_into().unwrap()))
}

/// The items of the benchmarks' batches, as many as the mock's provider has stake for. Each doubling
/// adds a hash to what opens an item.
const BATCH: u32 = 512;

/// The most that a job of the benchmarks may cost: a thousand ASY.
const MAX_FEE: Balance = 1_000 * ASY;

fn terms<T: Config>() -> Terms<T::AccountId> {
	Terms {
		// Enough for a batch of the largest items at the least price that the chain admits.
		max_fee: MAX_FEE,
		value: 1,
		deliver_within: T::MaxDeliverWithin::get(),
		max_relative: None,
		reassign: false,
		choice: Choice::Any,
		usage: Default::default(),
		data: None,
	}
}

/// The terms of a job of a version that uses data, if there is any.
fn terms_with_data<T: Config>(version: VersionId) -> Terms<T::AccountId> {
	match Scene::<T>::right(&requester::<T>(), version) {
		Some((right, usage)) => Terms { data: Some(right), usage, ..terms::<T>() },
		None => terms::<T>(),
	}
}

fn requester<T: Config>() -> T::AccountId {
	let requester = account("requester", 0, 0);
	Scene::<T>::fund(&requester);
	requester
}

fn request<T: Config>(version: VersionId) -> JobId {
	request_with::<T>(version, input(64_000))
}

fn request_with<T: Config>(version: VersionId, input: Box<Input>) -> JobId {
	let job = NextJob::<T>::get();
	let origin = RawOrigin::Signed(requester::<T>()).into();
	Pallet::<T>::request(origin, version, input, terms::<T>()).unwrap();
	job
}

fn go_to<T: Config>(block: u32) {
	frame_system::Pallet::<T>::set_block_number(block.saturated_into());
}

/// A job that is assigned by a draw.
fn assigned<T: Config>(version: VersionId) -> (JobId, T::AccountId) {
	drawn::<T>(request::<T>(version))
}

fn drawn<T: Config>(job: JobId) -> (JobId, T::AccountId) {
	let record = Jobs::<T>::get(job).unwrap();
	Pallet::<T>::draw_with(job, record, Some(0));
	let provider = Jobs::<T>::get(job).unwrap().state.provider().cloned().unwrap();
	assert!(Assignments::<T>::contains_key(&provider, job));
	(job, provider)
}

/// Let a job use data whose key was handed to its provider, if it has one: it pays for that even if
/// it is refunded.
fn hand_data<T: Config>(job: JobId) {
	Jobs::<T>::mutate_extant(job, |record| {
		let payee = account("data", 0, 0);
		let provider = record.state.provider().cloned().unwrap_or(account("provider", 0, 0));
		record.earners.data = Some(DataFee { asset: AssetId(0), payee, amount: ASY, key: ASY });
		record.handed = Some(provider);
	});
}

/// The job, assigned by a draw and answered.
fn answered<T: Config>(job: JobId) -> JobId {
	let (job, provider) = drawn::<T>(job);
	let origin = RawOrigin::Signed(provider).into();
	Pallet::<T>::submit_result(origin, job, output(16_000)).unwrap();
	job
}

/// The largest group, each replica of it with a provider.
fn drawn_group<T: Config>(answers: u8) -> Vec<(JobId, T::AccountId)> {
	let version = Scene::<T>::publish_version();
	Scene::<T>::serve(version, MAX_REPLICAS.into());
	let first = NextJob::<T>::get();
	let origin = RawOrigin::Signed(requester::<T>()).into();
	let redundancy = Redundancy { replicas: MAX_REPLICAS, answers };
	let (input, terms) = (input(64_000), terms::<T>());
	Pallet::<T>::request_redundant(origin, version, input, terms, redundancy).unwrap();
	let replicas = (0..u64::from(MAX_REPLICAS)).map(|index| drawn::<T>(JobId(first.0 + index)));
	replicas.inspect(|(job, _)| hand_data::<T>(*job)).collect()
}

fn fault() -> Output {
	Output::Fault { slot: 0, element: 0 }
}

fn root(output: &Output) -> Root {
	match output {
		Output::Inline(bytes) => tensors_root(&Vec::<Tensor>::decode(&mut &bytes[..]).unwrap()),
		_ => faulted_root(0, 0),
	}
}

fn submitted<T: Config>() -> JobId {
	let version = Scene::<T>::publish_version();
	Scene::<T>::serve(version, 1);
	Pallet::<T>::benchmark_submitted(version)
}

/// A batch of the most items with inputs and outputs of so many bytes, which is answered, and what
/// shows its first item. All others are alike.
fn answered_batch<T: Config>(
	version: VersionId,
	inputs: u32,
	outputs: u32,
) -> (JobId, ItemOpening) {
	let (given, taken) = (zeros(inputs), zeros(outputs));
	let tensors = Vec::<Tensor>::decode(&mut &given[..]).unwrap();
	let shapes: Vec<_> = tensors.iter().map(|tensor| tensor.shape.clone()).collect();
	let items = BATCH;
	let roots_of = |bytes: &[u8]| {
		let root = tensors_root(&Vec::<Tensor>::decode(&mut &bytes[..]).unwrap());
		ItemRoots::new(&vec![root; items as usize]).unwrap()
	};
	let (roots, answers) = (roots_of(&given), roots_of(&taken));
	let size = given.len() as u64 * u64::from(items);
	let input = Input::Batch {
		artifact: Artifact { hash: Default::default(), size },
		locator: Default::default(),
		root: roots.root(),
		items,
		shapes: shapes.try_into().unwrap(),
	};
	let (job, provider) = drawn::<T>(request_with::<T>(version, Box::new(input)));
	let artifact = Artifact { hash: Default::default(), size: 1 };
	let output = Output::Artifact { root: answers.root(), artifact };
	let origin = RawOrigin::Signed(provider).into();
	Pallet::<T>::submit_result(origin, job, Box::new(output)).unwrap();
	let proof = |roots: ItemRoots| AnswerBytes::try_from(roots.open(0).unwrap()).unwrap();
	let opening = ItemOpening {
		input: Input::Inline(given.try_into().unwrap()),
		input_proof: proof(roots),
		output: Output::Inline(taken.try_into().unwrap()),
		output_proof: proof(answers),
	};
	(job, opening)
}

fn due<T: Config>(job: JobId) {
	go_to::<T>(Jobs::<T>::get(job).unwrap().wake);
}

impl<T: Config> Pallet<T> {
	/// Request a job with 64,000 bytes of inline input and have it answered by a provider of the
	/// version. The scene for benchmarks of other pallets.
	pub fn benchmark_submitted(version: VersionId) -> JobId {
		answered::<T>(request::<T>(version))
	}

	/// Request a job with input by artifact, by a right to data, and give it to a provider that has
	/// not answered yet.
	pub fn benchmark_private(
		requester: &T::AccountId,
		version: VersionId,
		right: DataRef,
		provider: T::AccountId,
	) -> JobId {
		let job = NextJob::<T>::get();
		let origin = RawOrigin::Signed(requester.clone()).into();
		let terms = Terms { data: Some(right), ..terms::<T>() };
		let (input, _) = one_by_artifact();
		Pallet::<T>::request(origin, version, Box::new(input), terms).unwrap();
		Jobs::<T>::mutate_extant(job, |record| {
			record.state = JobState::Assigned { provider, due: record.deadline };
		});
		job
	}

	/// The same of an item of a batch, which is opened: of all results the dearest to judge.
	pub fn benchmark_item(version: VersionId) -> JobId {
		let (batch, opening) = answered_batch::<T>(version, 64_000, 16_000);
		hand_data::<T>(batch);
		let job = NextJob::<T>::get();
		let origin = RawOrigin::Signed(requester::<T>()).into();
		Pallet::<T>::open_item(origin, batch, 0, Box::new(opening)).unwrap();
		job
	}

	/// The same of input and output that came by artifact: a tensor of one element each.
	pub fn benchmark_by_artifact(version: VersionId) -> JobId {
		let (input, output) = one_by_artifact();
		let (job, provider) = drawn::<T>(request_with::<T>(version, Box::new(input)));
		let origin = RawOrigin::Signed(provider).into();
		Pallet::<T>::submit_result(origin, job, Box::new(output)).unwrap();
		job
	}
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn request(i: Linear<100, 64_000>) {
		let version = Scene::<T>::publish_version();
		let (requester, terms) = (requester::<T>(), terms_with_data::<T>(version));

		#[extrinsic_call]
		_(RawOrigin::Signed(requester), version, input(i), terms);

		assert!(Inputs::<T>::contains_key(JobId(0)));
	}

	#[benchmark]
	fn submit_result(o: Linear<100, 16_000>) {
		let version = Scene::<T>::publish_version();
		Scene::<T>::serve(version, 1);
		let (job, provider) = assigned::<T>(version);

		#[extrinsic_call]
		_(RawOrigin::Signed(provider), job, output(o));

		assert!(matches!(Jobs::<T>::get(job).unwrap().state, JobState::Submitted { .. }));
	}

	#[benchmark]
	fn settle(s: Linear<0, MOST_SHARES>) {
		let version = Scene::<T>::publish_with(s.min(MAX_ANCESTORS));
		// The last share is that of data.
		let uses_data = s > MAX_ANCESTORS;
		let terms = if uses_data { terms_with_data::<T>(version) } else { terms::<T>() };
		let job = NextJob::<T>::get();
		let origin = RawOrigin::Signed(requester::<T>()).into();
		Pallet::<T>::request(origin, version, input(64_000), terms).unwrap();
		Scene::<T>::serve(version, 1);
		answered::<T>(job);
		due::<T>(job);
		let requester = requester::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(requester), job);

		assert!(matches!(Jobs::<T>::get(job).unwrap().state, JobState::Settled { .. }));
	}

	/// After a provider that missed it was handed the key of its data.
	#[benchmark]
	fn cancel() {
		let job = super::request::<T>(Scene::<T>::publish_version());
		hand_data::<T>(job);
		let requester = requester::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(requester), job);

		assert!(!Jobs::<T>::get(job).unwrap().state.is_open());
	}

	#[benchmark]
	fn expire() {
		let version = Scene::<T>::publish_version();
		Scene::<T>::serve(version, 1);
		let (job, provider) = assigned::<T>(version);
		hand_data::<T>(job);
		// Past the deadline the job ends: dearer than another draw.
		go_to::<T>(Jobs::<T>::get(job).unwrap().deadline.saturating_add(1));
		let requester = requester::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(requester), job);

		assert!(!Assignments::<T>::contains_key(provider, job));
	}

	#[benchmark]
	fn reuse() {
		let job = submitted::<T>();
		due::<T>(job);
		Pallet::<T>::do_settle(job).unwrap();
		let record = Jobs::<T>::get(job).unwrap();
		let requester = requester::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(requester), record.version, record.input_root, Balance::MAX);

		assert_eq!(Pallet::<T>::answered_by(record.version, record.input_root), Some(job));
	}

	#[benchmark]
	fn top_up() {
		let job = super::request::<T>(Scene::<T>::publish_version());
		let requester = requester::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(requester), job, 1);

		assert_eq!(Jobs::<T>::get(job).unwrap().terms.max_fee, MAX_FEE + 1);
	}

	#[benchmark]
	fn extend() {
		let job = super::request::<T>(Scene::<T>::publish_version());
		let deadline = Jobs::<T>::get(job).unwrap().deadline;
		go_to::<T>(3);
		let requester = requester::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(requester), job, 1);

		assert_eq!(Jobs::<T>::get(job).unwrap().deadline, deadline + 1);
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
	fn sweep_draw(c: Linear<1, 64>) {
		let version = Scene::<T>::publish_version();
		Scene::<T>::serve(version, c);
		let job = super::request::<T>(version);
		let record = Jobs::<T>::get(job).unwrap();

		#[block]
		{
			// The point of the last candidate: every weight is passed.
			Pallet::<T>::draw_with(job, record, Some(u128::MAX));
		}

		assert!(matches!(Jobs::<T>::get(job).unwrap().state, JobState::Assigned { .. }));
	}

	#[benchmark]
	fn sweep_prune() {
		let job = submitted::<T>();
		due::<T>(job);
		Pallet::<T>::do_settle(job).unwrap();
		let record = Jobs::<T>::get(job).unwrap();
		let wake = record.wake;

		#[block]
		{
			Pallet::<T>::prune(job, record);
		}

		assert!(!Agenda::<T>::contains_key(wake, job));
	}

	#[benchmark]
	fn request_redundant(i: Linear<100, 64_000>, m: Linear<2, 8>) {
		let version = Scene::<T>::publish_version();
		let (requester, terms) = (requester::<T>(), terms_with_data::<T>(version));
		let redundancy = Redundancy { replicas: m as u8, answers: 1 };

		#[extrinsic_call]
		_(RawOrigin::Signed(requester), version, input(i), terms, redundancy);

		assert!(Inputs::<T>::contains_key(JobId(u64::from(m) - 1)));
	}

	#[benchmark]
	fn open_item(i: Linear<100, 64_000>, o: Linear<100, 16_000>) {
		let version = Scene::<T>::publish_version();
		Scene::<T>::serve(version, 1);
		let (batch, opening) = answered_batch::<T>(version, i, o);
		let requester = requester::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(requester), batch, 0, Box::new(opening));

		assert!(Items::<T>::contains_key(batch, 0));
	}

	#[benchmark]
	fn seal_result() {
		let replicas = drawn_group::<T>(MAX_REPLICAS);
		let (job, provider) = replicas[0].clone();

		#[extrinsic_call]
		_(RawOrigin::Signed(provider), job, Root::default());

		assert!(matches!(Jobs::<T>::get(job).unwrap().state, JobState::Sealed { .. }));
	}

	#[benchmark]
	fn reveal_result(o: Linear<100, 16_000>) {
		let replicas = drawn_group::<T>(MAX_REPLICAS);
		let salt = Root::default();
		let mut last = None;
		// The others have revealed something else: all of them are compared, and doubted if the
		// version requires equal bits.
		for (index, (job, provider)) in replicas.iter().enumerate() {
			let output = if index == 0 { output(o) } else { Box::new(fault()) };
			let root = root(&output);
			let seal = result_seal(*job, provider, &root, &salt);
			let origin = RawOrigin::Signed(provider.clone()).into();
			Pallet::<T>::seal_result(origin, *job, seal).unwrap();
			last = last.or(Some((*job, provider.clone(), output)));
		}
		for (job, provider) in replicas.iter().skip(1) {
			let origin = RawOrigin::Signed(provider.clone()).into();
			Pallet::<T>::reveal_result(origin, *job, Box::new(fault()), salt).unwrap();
		}
		let (job, provider, output) = last.unwrap();

		#[extrinsic_call]
		_(RawOrigin::Signed(provider), job, output, salt);

		assert!(matches!(Jobs::<T>::get(job).unwrap().state, JobState::Submitted { .. }));
	}

	#[benchmark]
	fn group() {
		let replicas = drawn_group::<T>(1);
		let (job, provider) = replicas[0].clone();

		// With the seal that is measured by itself.
		#[block]
		{
			Pallet::<T>::do_seal_result(provider, job, Root::default()).unwrap();
		}

		let ended =
			replicas.iter().skip(1).all(|(job, _)| !Jobs::<T>::get(*job).unwrap().state.is_open());
		assert!(ended);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
