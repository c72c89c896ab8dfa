//! Demands are answered.

use crate::{mock::*, Demands, Error, Event};
use assay_primitives::{
	availability::{answer, MAX_ANSWER},
	commitment::tensors_root,
	DemandId,
};
use codec::Encode;
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo},
};

type Fault = Error<Test>;

#[test]
fn an_answer_shows_the_bytes_and_lets_the_clock_go_on() {
	build_and_execute(|| {
		let place = output_place(0, 1);
		let id = demand(DEMANDER, place).unwrap();
		System::reset_events();
		assert_ok!(serve(PROVIDER, id, place));
		assert_eq!((job().stays, held(DEMANDER)), (0, 0));
		assert_eq!(Demands::<Test>::iter().count(), 0);
		let bytes = outputs()[0].data[1_024..2_048].to_vec().try_into().unwrap();
		let (demander, server, paid) = (DEMANDER, PROVIDER, PRICE / 2);
		let served = Event::ChunkServed { job: JOB, demand: id, bytes };
		let burned = PRICE - paid;
		let paid = Event::AnswerPaid { demand: id, demander, server, paid, burned };
		assert_eq!(events(), [served, paid]);
	});
}

#[test]
fn every_chunk_of_input_and_output_can_be_answered() {
	build_and_execute(|| {
		let of = |place: fn(u32, u32) -> _| (0..3).map(move |chunk| place(0, chunk));
		for place in of(output_place).chain(of(input_place)).chain([input_place(1, 0)]) {
			let id = demand(DEMANDER, place).unwrap();
			assert_ok!(serve(HELPER, id, place));
		}
		assert_eq!(job().stays, 0);
	});
}

#[test]
fn half_of_the_price_goes_to_whoever_answers_and_the_rest_is_burned() {
	build_and_execute(|| {
		let (issuance, place) = (Balances::total_issuance(), output_place(0, 0));
		let id = demand(DEMANDER, place).unwrap();
		assert_ok!(serve(HELPER, id, place));
		assert_eq!(total(HELPER), ENDOWMENT + PRICE / 2);
		assert_eq!(total(DEMANDER), ENDOWMENT - PRICE);
		assert_eq!(Balances::total_issuance(), issuance - (PRICE - PRICE / 2));
	});
}

#[test]
fn who_answers_his_own_demand_pays_too() {
	build_and_execute(|| {
		let place = output_place(0, 0);
		let id = demand(PROVIDER, place).unwrap();
		assert_ok!(serve(PROVIDER, id, place));
		assert_eq!((total(PROVIDER), held(PROVIDER)), (ENDOWMENT - (PRICE - PRICE / 2), 0));
	});
}

/// What an account cannot take is burned: it has no funds, and the half is less than it needs.
#[test]
fn a_half_that_no_account_can_take_is_burned() {
	build_and_execute(|| {
		PriceOfDemand::set(2 * ED - 1);
		let (issuance, place) = (Balances::total_issuance(), output_place(0, 0));
		let id = demand(DEMANDER, place).unwrap();
		assert_ok!(serve(NOBODY, id, place));
		assert_eq!((total(NOBODY), held(DEMANDER)), (0, 0));
		assert_eq!(Balances::total_issuance(), issuance - (2 * ED - 1));
	});
}

#[test]
fn the_price_is_that_of_the_demand() {
	build_and_execute(|| {
		let place = output_place(0, 0);
		let id = demand(DEMANDER, place).unwrap();
		PriceOfDemand::set(PRICE * 100);
		assert_ok!(serve(HELPER, id, place));
		assert_eq!(total(DEMANDER), ENDOWMENT - PRICE);
	});
}

#[test]
fn an_output_without_the_chunk_is_shown_to_have_none() {
	build_and_execute(|| {
		let place = output_place(0, 3);
		let id = demand(DEMANDER, place).unwrap();
		assert_ok!(serve(PROVIDER, id, place));
		assert!(events().contains(&Event::NothingThere { job: JOB, demand: id }));
		assert_eq!((job().stays, total(PROVIDER)), (0, ENDOWMENT + PRICE / 2));

		// It has another number of tensors than the version declares.
		let one = &outputs()[..1];
		change(|job| job.output.as_mut().unwrap().root = tensors_root(one));
		let place = output_place(0, 0);
		let id = demand(DEMANDER, place).unwrap();
		let count = answer(one, 2, &place).unwrap().try_into().unwrap();
		assert_ok!(Availability::serve(by(PROVIDER), JOB, id, count));
		assert!(events().contains(&Event::NothingThere { job: JOB, demand: id }));
	});
}

#[test]
fn demands_of_one_job_wait_at_the_same_time() {
	build_and_execute(|| {
		let places = [output_place(0, 0), output_place(0, 1), input_place(0, 0)];
		let ids: Vec<DemandId> =
			places.iter().map(|place| demand(HELPER, *place).unwrap()).collect();
		let due = |id: &DemandId| Demands::<Test>::get(JOB, id).unwrap().due;
		assert!(ids.iter().all(|id| due(id) == 1 + STEP));
		for (stays, (id, place)) in (0..3).rev().zip(ids.into_iter().zip(places)) {
			assert_ok!(serve(PROVIDER, id, place));
			assert_eq!(job().stays, stays);
		}
	});
}

#[test]
fn an_answer_is_refused_when_it_is_not_demanded() {
	build_and_execute(|| {
		let place = output_place(0, 0);
		assert_noop!(serve(PROVIDER, DemandId(0), place), Fault::UnknownDemand);
		let id = demand(DEMANDER, place).unwrap();
		let elsewhere = Availability::serve(by(PROVIDER), OTHER, id, answer_for(&place));
		assert_noop!(elsewhere, Fault::UnknownDemand);
		assert_ok!(serve(PROVIDER, id, place));
		assert_noop!(serve(PROVIDER, id, place), Fault::UnknownDemand);
	});
}

#[test]
fn an_answer_is_refused_after_the_due_block_whatever_the_sweep_does() {
	build_and_execute(|| {
		let place = output_place(0, 0);
		let id = demand(DEMANDER, place).unwrap();
		skip_to(1 + STEP);
		let other = demand(HELPER, place).unwrap();
		assert_ok!(serve(PROVIDER, id, place));
		skip_to(1 + 2 * STEP + 1);
		assert_noop!(serve(PROVIDER, other, place), Fault::TooLate);
	});
}

#[test]
fn an_answer_is_refused_that_shows_something_else() {
	build_and_execute(|| {
		let place = output_place(0, 0);
		let id = demand(DEMANDER, place).unwrap();
		assert_noop!(serve(PROVIDER, id, output_place(0, 1)), Fault::WrongPlace);
		assert_noop!(serve(PROVIDER, id, output_place(1, 0)), Fault::WrongPlace);
		assert_noop!(serve(PROVIDER, id, input_place(0, 0)), Fault::MalformedAnswer);
		let empty = Availability::serve(by(PROVIDER), JOB, id, Default::default());
		assert_noop!(empty, Fault::MalformedAnswer);

		// Of an input nothing but the chunk answers.
		change(|job| job.inputs[0].shape = vec![2_999].try_into().unwrap());
		let id = demand(DEMANDER, input_place(0, 0)).unwrap();
		assert_noop!(serve(REQUESTER, id, input_place(0, 0)), Fault::WrongKind);
	});
}

#[test]
fn answers_have_a_share_of_the_block_that_demands_do_not_reach() {
	let answer = vec![0; MAX_ANSWER as usize].try_into().unwrap();
	let serve = crate::Call::<Test>::serve { job: JOB, demand: DemandId(0), answer };
	assert_eq!(serve.get_dispatch_info().class, DispatchClass::Operational);
	assert!(serve.encoded_size() > MAX_ANSWER as usize);
	let demand = crate::Call::<Test>::demand { job: JOB, place: output_place(0, 0) };
	assert_eq!(demand.get_dispatch_info().class, DispatchClass::Normal);
}
