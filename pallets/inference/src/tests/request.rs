use crate::{mock::*, Error, Event, HoldReason, Inputs, Jobs, NextJob};
use assay_primitives::{
	canonical::InputAxis,
	custody::encrypted_size,
	job::{Input, JobState, Terms},
	model::{PriceUnit, VersionStatus},
	tensor::{encode_tensors, DType, Shape, Tensor},
	JobId, ModelId, VersionId,
};
use codec::Encode;
use frame_support::{
	assert_noop, assert_ok,
	traits::fungible::{Inspect, InspectHold},
};
use sp_runtime::DispatchResult;

fn request(input: Input, terms: Terms<u64>) -> DispatchResult {
	Inference::request(RuntimeOrigin::signed(REQUESTER), VERSION, Box::new(input), terms)
}

fn inline(tensors: &[Tensor]) -> Input {
	Input::Inline(encode_tensors(tensors).try_into().unwrap())
}

fn tensor(dtype: DType, shape: &[u32], bytes: usize) -> Tensor {
	Tensor { dtype, shape: Shape::try_from(shape.to_vec()).unwrap(), data: vec![0; bytes] }
}

#[test]
fn request_holds_fee_and_deposit() {
	build_and_execute(|| {
		assert_ok!(Inference::request(RuntimeOrigin::signed(REQUESTER), VERSION, input(), terms()));
		let deposit = 1_000 + input().encoded_size() as u128;
		assert_eq!(Balances::balance_on_hold(&HoldReason::Fee.into(), &REQUESTER), 500);
		assert_eq!(Balances::balance_on_hold(&HoldReason::Deposit.into(), &REQUESTER), deposit);
		assert_eq!(Balances::balance(&REQUESTER), ENDOWMENT - 500 - deposit);
		let job = Jobs::<Test>::get(JOB).unwrap();
		assert_eq!((job.state, job.requested, job.deadline), (JobState::Requested, 1, 31));
		let requested =
			Event::JobRequested { job: JOB, requester: REQUESTER, version: VERSION, max_fee: 500 };
		assert_eq!(events(), vec![requested]);
	});
}

#[test]
fn request_takes_an_input_by_artifact() {
	build_and_execute(|| {
		assert_ok!(request(artifact_input(), terms()));
		assert_eq!(Inputs::<Test>::get(JOB), Some(artifact_input()));
	});
}

#[test]
fn equal_tensors_have_equal_roots_inline_and_by_artifact() {
	build_and_execute(|| {
		assert_ok!(request(*input(), terms()));
		let inline_root = Jobs::<Test>::get(JOB).unwrap().input_root;
		let tensor = tensor(DType::Float32, &[2], 8);
		let mut by_artifact = artifact_input();
		if let Input::Artifact { tensors, .. } = &mut by_artifact {
			tensors[0].root = assay_primitives::commitment::tensor_root(
				tensor.dtype,
				&tensor.shape,
				&tensor.data,
			);
		}
		assert_ok!(request(by_artifact, terms()));
		assert_eq!(Jobs::<Test>::get(JobId(1)).unwrap().input_root, inline_root);
	});
}

#[test]
fn one_requester_has_any_number_of_jobs_open() {
	build_and_execute(|| {
		for _ in 0..50 {
			requested_job();
		}
		assert_eq!(NextJob::<Test>::get(), JobId(50));
	});
}

#[test]
fn request_fails_when_version_is_unknown_or_deprecated() {
	build_and_execute(|| {
		let unknown = VersionId { model: ModelId(9), number: 1 };
		assert_noop!(
			Inference::request(RuntimeOrigin::signed(REQUESTER), unknown, input(), terms()),
			Error::<Test>::UnknownVersion
		);
		Status::set(VersionStatus::Deprecated);
		assert_noop!(request(*input(), terms()), Error::<Test>::VersionDeprecated);
	});
}

#[test]
fn request_fails_when_terms_cannot_be_met() {
	build_and_execute(|| {
		for deliver_within in [0, 4, 1_001, u32::MAX] {
			assert_noop!(
				request(*input(), Terms { deliver_within, ..terms() }),
				Error::<Test>::InvalidDeadline
			);
		}
		let strict = Terms { max_relative: Some(0x3600_0000), ..terms() };
		assert_noop!(request(*input(), strict), Error::<Test>::ToleranceTooLoose);
		let cheap = Terms { max_fee: PRICE - 1, ..terms() };
		assert_noop!(request(*input(), cheap), Error::<Test>::FeeTooLow);
	});
}

#[test]
fn request_fails_when_price_overflows() {
	build_and_execute(|| {
		Spec::mutate(|spec| {
			spec.unit = PriceUnit::Element;
			spec.price = u128::MAX;
		});
		assert_noop!(request(*input(), terms()), Error::<Test>::PriceOverflow);
	});
}

#[test]
fn request_fails_when_tensors_are_not_as_declared() {
	build_and_execute(|| {
		let float = |shape: &[u32], bytes| tensor(DType::Float32, shape, bytes);
		let cases = [
			(Input::Inline(vec![4, 77].try_into().unwrap()), Error::<Test>::MalformedTensors),
			(inline(&[]), Error::WrongTensorCount),
			(inline(&[tensor(DType::Int32, &[2], 8)]), Error::WrongTensorType),
			(inline(&[float(&[5], 20)]), Error::WrongTensorShape),
			(inline(&[float(&[2, 1], 8)]), Error::WrongTensorShape),
			(inline(&[float(&[2], 7)]), Error::WrongTensorLength),
		];
		for (input, error) in cases {
			assert_noop!(request(input, terms()), error);
		}
		Spec::mutate(|spec| spec.inputs[0].dtype = DType::Bool);
		let two = Tensor { data: vec![2], ..tensor(DType::Bool, &[1], 1) };
		assert_noop!(request(inline(&[two]), terms()), Error::<Test>::InvalidBool);
	});
}

#[test]
fn the_artifact_of_an_input_may_be_encrypted() {
	build_and_execute(|| {
		let mut input = artifact_input();
		if let Input::Artifact { artifact, .. } = &mut input {
			artifact.size = encrypted_size(artifact.size).unwrap();
		}
		assert_ok!(request(input, terms()));
	});
}

#[test]
fn request_fails_when_artifact_is_not_as_declared() {
	build_and_execute(|| {
		let changed = |change: fn(&mut Input)| {
			let mut input = artifact_input();
			change(&mut input);
			input
		};
		let size = |delta: i64| {
			let mut input = artifact_input();
			if let Input::Artifact { artifact, .. } = &mut input {
				artifact.size = artifact.size.wrapping_add_signed(delta);
			}
			input
		};
		assert_noop!(request(size(1), terms()), Error::<Test>::InvalidArtifactSize);
		assert_noop!(request(size(-1), terms()), Error::<Test>::InvalidArtifactSize);
		// A byte less or more than what it has encrypted, under a header and one tag.
		assert_noop!(request(size(79), terms()), Error::<Test>::InvalidArtifactSize);
		assert_noop!(request(size(81), terms()), Error::<Test>::InvalidArtifactSize);
		let locator = changed(|input| {
			if let Input::Artifact { locator, .. } = input {
				*locator = vec![0xff].try_into().unwrap();
			}
		});
		assert_noop!(request(locator, terms()), Error::<Test>::InvalidLocator);
		let count = changed(|input| {
			if let Input::Artifact { tensors, .. } = input {
				tensors.clear();
			}
		});
		assert_noop!(request(count, terms()), Error::<Test>::WrongTensorCount);
		let shape = changed(|input| {
			if let Input::Artifact { tensors, .. } = input {
				tensors[0].shape = vec![9].try_into().unwrap();
			}
		});
		assert_noop!(request(shape, terms()), Error::<Test>::WrongTensorShape);
	});
}

#[test]
fn request_fails_when_inputs_disagree_about_a_symbol() {
	build_and_execute(|| {
		Spec::mutate(|spec| {
			spec.inputs = vec![tensor_spec("x", 4), tensor_spec("y", 4)].try_into().unwrap();
			let axes = [0, 1].map(|input| InputAxis { input, axis: 0 }).to_vec();
			spec.commitments.symbols = vec![axes.try_into().unwrap()].try_into().unwrap();
		});
		let tensors = |x, y| {
			inline(&[x, y].map(|length| tensor(DType::Float32, &[length], 4 * length as usize)))
		};
		assert_noop!(request(tensors(3, 2), terms()), Error::<Test>::UnequalAxes);
		assert_ok!(request(tensors(3, 3), terms()));
	});
}

#[test]
fn request_fails_when_requester_has_too_little() {
	build_and_execute(|| {
		assert_noop!(
			Inference::request(RuntimeOrigin::signed(PAUPER), VERSION, input(), terms()),
			Error::<Test>::InsufficientFunds
		);
		let all = Terms { max_fee: ENDOWMENT - 1, ..terms() };
		assert_noop!(request(*input(), all), Error::<Test>::InsufficientFunds);
		let overflow = Terms { max_fee: u128::MAX, ..terms() };
		assert_noop!(request(*input(), overflow), Error::<Test>::PriceOverflow);
	});
}

#[test]
fn request_fails_when_job_numbers_are_used_up() {
	build_and_execute(|| {
		NextJob::<Test>::put(JobId(u64::MAX));
		assert_noop!(request(*input(), terms()), Error::<Test>::TooManyJobs);
	});
}
