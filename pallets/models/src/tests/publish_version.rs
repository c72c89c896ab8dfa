use crate::{mock::*, Error, Event, Models as Records, Versions};
use assay_primitives::{
	canonical::Constant,
	licence::Licence,
	model::{Class, SpecVersion, Tolerance, VersionSpec, VersionStatus},
	tensor::{DType, Dimension},
	traits::ModelInspect,
	ModelId, VersionId,
};
use codec::Encode;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, TokenError};

fn publish_spec(spec: VersionSpec) -> frame_support::dispatch::DispatchResult {
	Models::publish_version(signed(OWNER), ModelId(0), Box::new(spec))
}

#[test]
fn publish_version_stores_the_declaration_and_holds_its_deposit() {
	build_and_execute(|| {
		let model = registered_model();
		let before = held(OWNER);
		System::set_block_number(9);
		assert_ok!(publish_spec(spec()));

		let version = VersionId { model, number: 1 };
		let record = Versions::<Test>::get(version).unwrap();
		assert_eq!(record.spec, spec());
		assert_eq!((record.status, record.published), (VersionStatus::Active, 9));
		assert_eq!(record.deposit, 100 + 2 * spec().encoded_size() as u128);
		assert_eq!(held(OWNER), before + record.deposit);
		assert_eq!(Records::<Test>::get(model).unwrap().version_deposits, record.deposit);
		assert_eq!(last_event(), Some(Event::VersionPublished { version }));
	});
}

#[test]
fn publish_version_numbers_versions_from_one() {
	build_and_execute(|| {
		let model = registered_model();
		assert_eq!(publish(model), VersionId { model, number: 1 });
		assert_eq!(publish(model), VersionId { model, number: 2 });
		assert_eq!(Records::<Test>::get(model).unwrap().latest, 2);
	});
}

#[test]
fn publish_version_fails_when_unsigned() {
	build_and_execute(|| {
		let model = registered_model();
		assert_noop!(
			Models::publish_version(RuntimeOrigin::root(), model, Box::new(spec())),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn publish_version_fails_when_the_model_is_unknown() {
	build_and_execute(|| {
		assert_noop!(publish_spec(spec()), Error::<Test>::UnknownModel);
	});
}

#[test]
fn publish_version_fails_when_the_caller_is_not_the_owner() {
	build_and_execute(|| {
		let model = registered_model();
		assert_noop!(
			Models::publish_version(signed(STRANGER), model, Box::new(spec())),
			Error::<Test>::NotOwner
		);
	});
}

#[test]
fn publish_version_fails_when_the_model_has_its_most_versions() {
	build_and_execute(|| {
		let model = registered_model();
		for _ in 0..3 {
			publish(model);
		}
		assert_noop!(publish_spec(spec()), Error::<Test>::TooManyVersions);
	});
}

#[test]
fn publish_version_fails_when_the_owner_cannot_pay_the_deposit() {
	build_and_execute(|| {
		registered_model();
		DepositPerByte::set(ENDOWMENT);
		assert_noop!(publish_spec(spec()), TokenError::FundsUnavailable);
		// A deposit beyond counting is no smaller one.
		DepositPerByte::set(u128::MAX);
		assert_noop!(publish_spec(spec()), TokenError::FundsUnavailable);
	});
}

#[test]
fn publish_version_fails_when_the_artifact_has_no_size_or_too_much() {
	build_and_execute(|| {
		registered_model();
		for size in [0, u64::MAX] {
			let mut bad = spec();
			bad.artifact.size = size;
			assert_noop!(publish_spec(bad), Error::<Test>::InvalidArtifactSize);
		}
	});
}

#[test]
fn publish_version_fails_when_there_is_no_output() {
	build_and_execute(|| {
		registered_model();
		let bad = VersionSpec { outputs: Default::default(), ..spec() };
		assert_noop!(publish_spec(bad), Error::<Test>::InvalidTensors);
	});
}

#[test]
fn publish_version_fails_when_a_tolerant_version_has_no_tolerance() {
	build_and_execute(|| {
		registered_model();
		let bad = VersionSpec { tolerance: None, ..spec() };
		assert_noop!(publish_spec(bad), Error::<Test>::InvalidTolerance);
	});
}

/// Nobody could show the scale of such a row, so that no result could be judged.
#[test]
fn publish_version_fails_when_rows_cannot_be_read() {
	build_and_execute(|| {
		registered_model();
		let with = |row_axis, lengths: &[u32]| {
			let shape = lengths.iter().map(|length| Dimension::UpTo(*length)).collect::<Vec<_>>();
			let mut spec = spec();
			spec.tolerance = Some(Tolerance { absolute: 0, relative: 0, row_axis });
			for output in &mut spec.outputs {
				output.shape = shape.clone().try_into().unwrap();
			}
			publish_spec(spec)
		};
		assert_noop!(with(2, &[8, 4]), Error::<Test>::InvalidRows);
		assert_noop!(with(255, &[8, 4]), Error::<Test>::InvalidRows);
		assert_noop!(with(1, &[8, 90_000]), Error::<Test>::InvalidRows);
		assert_noop!(with(0, &[u32::MAX, u32::MAX]), Error::<Test>::InvalidRows);
		assert_ok!(with(0, &[8, 90_000]));
		assert_ok!(with(7, &[]));
	});
}

#[test]
fn publish_version_fails_when_an_exact_version_has_a_float() {
	build_and_execute(|| {
		registered_model();
		let bad = VersionSpec { class: Class::Exact, tolerance: None, ..spec() };
		assert_noop!(publish_spec(bad), Error::<Test>::InvalidClass);
	});
}

#[test]
fn publish_version_fails_when_the_arithmetic_is_unknown() {
	build_and_execute(|| {
		registered_model();
		let bad = VersionSpec { spec: SpecVersion(2), ..spec() };
		assert_noop!(publish_spec(bad), Error::<Test>::UnknownSpec);
	});
}

#[test]
fn publish_version_fails_when_a_locator_is_no_url() {
	build_and_execute(|| {
		registered_model();
		let locator = b"javascript:alert(1)".to_vec().try_into().unwrap();
		let bad = VersionSpec { locators: vec![locator].try_into().unwrap(), ..spec() };
		assert_noop!(publish_spec(bad), Error::<Test>::InvalidLocator);
	});
}

#[test]
fn publish_version_fails_when_a_type_has_no_canonical_arithmetic() {
	build_and_execute(|| {
		registered_model();
		let mut bad = spec();
		bad.inputs[0].dtype = DType::Float64;
		assert_noop!(publish_spec(bad), Error::<Test>::UnsupportedType);
	});
}

#[test]
fn publish_version_fails_when_the_lowering_is_unknown() {
	build_and_execute(|| {
		registered_model();
		let mut bad = spec();
		bad.commitments.lowering = 0;
		assert_noop!(publish_spec(bad), Error::<Test>::UnknownSpec);
	});
}

#[test]
fn publish_version_fails_when_an_axis_that_jobs_choose_is_no_symbol() {
	build_and_execute(|| {
		registered_model();
		let mut bad = spec();
		bad.commitments.symbols = Default::default();
		assert_noop!(publish_spec(bad), Error::<Test>::InvalidSymbols);
	});
}

#[test]
fn publish_version_fails_when_a_constant_is_cut_short_or_named_as_an_input() {
	build_and_execute(|| {
		registered_model();
		let constant = |name: &[u8], bytes: usize| Constant {
			name: name.to_vec().try_into().unwrap(),
			dtype: DType::Int64,
			shape: Default::default(),
			data: vec![0; bytes].try_into().unwrap(),
		};
		for constants in [
			vec![constant(b"sr", 7)],
			vec![constant(b"x", 8)],
			vec![constant(b"sr", 8), constant(b"sr", 8)],
			vec![constant(b"", 8)],
		] {
			let bad = VersionSpec { constants: constants.try_into().unwrap(), ..spec() };
			assert_noop!(publish_spec(bad), Error::<Test>::InvalidConstants);
		}
		let constants = vec![constant(b"sr", 8)].try_into().unwrap();
		assert_ok!(publish_spec(VersionSpec { constants, ..spec() }));
	});
}

#[test]
fn publish_version_fails_when_no_machine_could_prove_its_jobs() {
	build_and_execute(|| {
		registered_model();
		let mut bad = spec();
		bad.commitments.cost.trace_bytes = u64::MAX;
		assert_noop!(publish_spec(bad), Error::<Test>::InvalidCost);
	});
}

#[test]
fn publish_version_fails_when_a_purpose_is_no_word_or_repeated() {
	build_and_execute(|| {
		registered_model();
		for words in [&[""][..], &["a b"], &["research", "medicine", "research"]] {
			let purposes: Vec<_> = words.iter().copied().map(purpose).collect();
			let purposes = purposes.try_into().unwrap();
			let permissions = Licence { purposes, ..Licence::default() };
			let bad = VersionSpec { permissions, ..spec() };
			assert_noop!(publish_spec(bad), Error::<Test>::InvalidPermissions);
		}
		let purposes = vec![vec![0xff].try_into().unwrap()].try_into().unwrap();
		let permissions = Licence { purposes, ..Licence::default() };
		let bad = VersionSpec { permissions, ..spec() };
		assert_noop!(publish_spec(bad), Error::<Test>::InvalidPermissions);
	});
}

#[test]
fn publish_version_stores_what_others_may_do_with_it() {
	build_and_execute(|| {
		registered_model();
		let purposes = vec![purpose("research")].try_into().unwrap();
		let permissions = Licence { commercial: false, purposes, ..asking() };
		let before = held(OWNER);
		assert_ok!(publish_spec(VersionSpec { permissions: permissions.clone(), ..spec() }));

		let version = VersionId { model: ModelId(0), number: 1 };
		let info = <Models as ModelInspect<u64>>::version(version).unwrap();
		assert_eq!((&info.licence, &info.spec.permissions), (&permissions, &permissions));
		// Longer than the ordinary declaration by the purpose and its length.
		assert_eq!(held(OWNER) - before, 100 + 2 * (spec().encoded_size() + 9) as u128);
	});
}
