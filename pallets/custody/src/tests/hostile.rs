//! Attacks, each named after what the attacker is after.

use crate::{mock::*, Error, Event, HoldReason, Requests};
use assay_primitives::{
	custody::{Ask, PublicKey},
	KeyRequestId,
};
use codec::Encode;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::TokenError;

type Fault = Error<Test>;

/// All keys and values of the state.
fn everything_stored() -> Vec<u8> {
	let (mut all, mut key) = (Vec::new(), Vec::new());
	while let Some(next) = sp_io::storage::next_key(&key) {
		all.extend_from_slice(&next);
		all.extend(sp_io::storage::get(&next).unwrap_or_default());
		key = next;
	}
	all
}

/// Whether some bytes are anywhere in the state or in an event.
fn is_on_chain(bytes: &[u8]) -> bool {
	let is_in = |all: Vec<u8>| all.windows(bytes.len()).any(|window| window == bytes);
	is_in(everything_stored()) || System::events().iter().any(|event| is_in(event.encode()))
}

/// Somebody reads the key of an asset off the chain.
#[test]
fn the_key_is_nowhere_on_the_chain() {
	build_and_execute(|| {
		let nothing_is_there = || {
			for bytes in [KEY, secret(ASKER)] {
				assert!(!is_on_chain(&bytes));
				// Nor a part of it that helps.
				assert!(!is_on_chain(&bytes[..8]) && !is_on_chain(&bytes[24..]));
			}
		};
		let id = asked();
		nothing_is_there();
		let box_of_key = sealed(&KEY, ASKER);
		assert_ok!(deliver(id, box_of_key));
		nothing_is_there();
		// What is there is found.
		assert!(is_on_chain(&box_of_key.0) && is_on_chain(&public(ASKER)));
		run_to(1 + WINDOW);
		nothing_is_there();
		assert!(!is_on_chain(&box_of_key.0));
	});
}

/// Somebody learns the key of an asset from a complaint about a wrong delivery.
#[test]
fn a_complaint_about_a_wrong_key_reveals_nothing() {
	build_and_execute(|| {
		let id = delivered(&OTHER_KEY);
		let delivered = view(id).unwrap().sealed.unwrap();
		assert_ok!(complain(id));
		assert_ne!(crate::sealed::open(&secret(ASKER), &delivered), Some(KEY));
		assert!(!is_on_chain(&KEY));
	});
}

/// An asker makes a custodian fail by asking with a key that nothing can be sealed to.
#[test]
fn a_key_that_nothing_can_be_sealed_to_is_refused() {
	build_and_execute(|| {
		keeper();
		let ask = right(ASKER);
		let mut one: PublicKey = [0; 32];
		one[0] = 1;
		let mut one_beyond_the_prime: PublicKey = [0xff; 32];
		(one_beyond_the_prime[0], one_beyond_the_prime[31]) = (0xee, 0x7f);
		let mut zero_with_a_high_bit: PublicKey = [0; 32];
		zero_with_a_high_bit[31] = 0x80;
		for key in [[0; 32], one, one_beyond_the_prime, zero_with_a_high_bit] {
			let refused = Custody::request_key(by(ASKER), ask, key, None);
			assert_noop!(refused, Fault::InvalidRecipient);
		}
	});
}

/// Askers make a custodian fail by asking for more than it can answer.
#[test]
fn a_flood_of_requests_ends_at_what_the_custodian_has_agreed_to() {
	build_and_execute(|| {
		keeper_with(KEEPER, 10 * BOND);
		let mut asked = 0;
		for account in CROWD..CROWD + 50 {
			fund(account, 1_000);
			asked += u32::from(request(account, right(account), None).is_ok());
		}
		assert_eq!((asked, custodian(KEEPER).open), (MOST, MOST));
		// What can be lost is no more than what these lock, and each is paid for.
		assert_eq!(custodian(KEEPER).locked, EXPOSURE * u128::from(MOST));
		run_to(1 + DELIVER);
		assert_eq!(custodian(KEEPER).bond, 10 * BOND - EXPOSURE * u128::from(MOST));
	});
}

/// One asker occupies a custodian by one right.
#[test]
fn a_right_is_asked_by_once_at_a_time_whoever_holds_it() {
	build_and_execute(|| {
		let id = asked();
		let ask = right_of(id);
		assert_noop!(request(ASKER, ask, None), Fault::AlreadyAsked);
		assert_noop!(request(STRANGER, ask, None), NOT_HOLDER);
	});
}

/// A custodian takes its bond out before it is slashed.
#[test]
fn a_bond_cannot_be_taken_out_in_front_of_a_slash() {
	build_and_execute(|| {
		let id = delivered(&OTHER_KEY);
		Stake::set(0);
		assert_noop!(Custody::unbond(by(KEEPER), BOND), Fault::BondInUse);
		assert_noop!(Custody::unbond(by(KEEPER), BOND - EXPOSURE + 1), Fault::BondInUse);
		// The rest may go, and is held for longer than the complaint can come.
		assert_ok!(Custody::unbond(by(KEEPER), BOND - MIN_BOND));
		assert_noop!(Custody::unbond(by(KEEPER), MIN_BOND), Fault::BondInUse);
		skip_to(WINDOW);
		assert_noop!(Custody::withdraw(by(KEEPER)), Fault::UnbondingNotOver);
		assert_ok!(complain(id));
		assert_eq!(custodian(KEEPER).bond, MIN_BOND - EXPOSURE);
		assert_eq!(held(HoldReason::Bond, KEEPER), BOND - EXPOSURE);
	});
}

/// An owner dismisses a custodian so that it is not paid, or that it is not liable.
#[test]
fn a_dismissal_changes_nothing_for_open_requests() {
	build_and_execute(|| {
		let id = asked();
		let silent = KeyRequestId(1);
		assert_ok!(request(ASKER, right(ASKER), None));
		assert_ok!(Custody::dismiss(by(OWNER), ASSET, KEEPER));
		let ask = right(ASKER);
		assert_noop!(request(ASKER, ask, None), Fault::NoCustodian);
		assert_noop!(Custody::unbond(by(KEEPER), BOND), Fault::BondInUse);
		assert_ok!(deliver(id, sealed(&KEY, ASKER)));
		run_to(1 + WINDOW);
		assert_eq!(total(KEEPER), ENDOWMENT + FEE);
		run_to(1 + DELIVER);
		assert_eq!(view(silent), None);
		assert_eq!(total(KEEPER), ENDOWMENT + FEE - EXPOSURE);
		assert_eq!(custodian(KEEPER).open, 0);
	});
}

/// An owner appoints a custodian again while requests of its first appointment are open.
#[test]
fn a_second_appointment_counts_the_requests_of_the_first() {
	build_and_execute(|| {
		let id = asked();
		assert_ok!(Custody::dismiss(by(OWNER), ASSET, KEEPER));
		assert_ok!(appoint(KEEPER));
		assert_ok!(accept(KEEPER));
		assert_noop!(Custody::resign(by(KEEPER), ASSET), Fault::RequestsOpen);
		assert_ok!(deliver(id, sealed(&KEY, ASKER)));
		run_to(1 + WINDOW);
		assert_ok!(Custody::resign(by(KEEPER), ASSET));
	});
}

/// Askers keep a custodian from ever leaving by asking again and again.
#[test]
fn a_custodian_that_wants_to_leave_can() {
	build_and_execute(|| {
		let id = asked();
		assert_ok!(Custody::update(by(KEEPER), Default::default(), false));
		let ask = right(ASKER);
		assert_noop!(request(ASKER, ask, None), Fault::NoCustodian);
		assert_ok!(deliver(id, sealed(&KEY, ASKER)));
		run_to(1 + WINDOW);
		assert_ok!(Custody::resign(by(KEEPER), ASSET));
		assert_ok!(Custody::unbond(by(KEEPER), BOND));
		run_to(1 + WINDOW + UNBONDING);
		assert_ok!(Custody::withdraw(by(KEEPER)));
		assert_eq!(free(KEEPER), ENDOWMENT + FEE);
	});
}

/// A custodian delivers in somebody's place, or somebody in its.
#[test]
fn nobody_answers_for_another() {
	build_and_execute(|| {
		keeper_with(KEEPER, BOND);
		keeper_with(SECOND, BOND);
		assert_ok!(request(ASKER, right(ASKER), Some(SECOND)));
		assert_noop!(deliver(ID, sealed(&KEY, ASKER)), Fault::NotAsked);
		run_to(1 + DELIVER);
		assert_eq!(custodian(KEEPER).statistics.silent, 0);
		assert_eq!(custodian(SECOND).statistics.silent, 1);
	});
}

/// Somebody whose grant is revoked, or whose job is with another by now, is quick with a request.
#[test]
fn a_request_does_not_outlive_its_right() {
	build_and_execute(|| {
		keeper();
		for (ask, now) in [(right(ASKER), None), (right(ASKER), Some((STRANGER, ASSET)))] {
			let id = crate::NextRequest::<Test>::get();
			assert_ok!(request(ASKER, ask, None));
			assert!(matches!((ask, id), (Ask::Grant(_), ID) | (Ask::Job(_), KeyRequestId(1))));
			Held::set(ask, now);
			assert_ok!(deliver(id, sealed(&KEY, ASKER)));
			assert_eq!(last_event(), Event::RequestLapsed { request: id });
		}
		assert_eq!((total(KEEPER), total(ASKER)), (ENDOWMENT, ENDOWMENT));
	});
}

/// An asker passes its grant on before each delivery and has it back when the request is due, so that
/// the custodian is slashed for a silence that it was made to keep, and the asker has a part of it.
#[test]
fn a_right_that_dodges_the_delivery_slashes_nobody() {
	build_and_execute(|| {
		let id = asked();
		let ask = right_of(id);
		Held::set(ask, Some((STRANGER, ASSET)));
		assert_ok!(deliver(id, sealed(&KEY, ASKER)));
		Held::set(ask, Some((ASKER, ASSET)));
		run_to(1 + DELIVER);
		assert_eq!((total(KEEPER), total(ASKER)), (ENDOWMENT, ENDOWMENT));
		assert_eq!(custodian(KEEPER).statistics.silent, 0);
		assert_noop!(Custody::expire(by(ASKER), id), Fault::UnknownRequest);
	});
}

/// An asker spends what is held for the fee.
#[test]
fn a_fee_cannot_be_spent_elsewhere() {
	build_and_execute(|| {
		let id = delivered(&KEY);
		let spent = Balances::transfer_allow_death(by(ASKER), STRANGER, ENDOWMENT - FEE);
		assert_noop!(spent, TokenError::FundsUnavailable);
		let rest = free(ASKER) - ED;
		assert_ok!(Balances::transfer_allow_death(by(ASKER), STRANGER, rest));
		run_to(1 + WINDOW);
		assert_eq!((view(id), total(KEEPER)), (None, ENDOWMENT + FEE));
	});
}

/// A custodian asks itself and fails itself, to have its own bond back.
#[test]
fn who_fails_itself_burns_its_own() {
	build_and_execute(|| {
		keeper();
		assert_ok!(request(KEEPER, right(KEEPER), None));
		run_to(1 + DELIVER);
		assert_eq!(total(KEEPER), ENDOWMENT - (EXPOSURE - SHARE));
		assert_ok!(request(KEEPER, right(KEEPER), None));
		assert_ok!(deliver(KeyRequestId(1), sealed(&KEY, KEEPER)));
		run_to(1 + DELIVER + WINDOW);
		assert_eq!(total(KEEPER), ENDOWMENT - (EXPOSURE - SHARE));
	});
}

/// An asker repeats a complaint, or closes and complains, to be paid twice.
#[test]
fn a_request_ends_once() {
	build_and_execute(|| {
		let id = delivered(&OTHER_KEY);
		assert_ok!(complain(id));
		for again in [
			complain(id),
			Custody::expire(by(ASKER), id),
			Custody::close(by(KEEPER), id),
			deliver(id, sealed(&KEY, ASKER)),
		] {
			assert_eq!(again, Err(Fault::UnknownRequest.into()));
		}
		run_to(100);
		assert_eq!(Requests::<Test>::iter_keys().count(), 0);
		let slashes =
			events().into_iter().filter(|event| matches!(event, Event::CustodianSlashed { .. }));
		assert_eq!(slashes.count(), 1);
		assert_eq!(total(KEEPER), ENDOWMENT - EXPOSURE);
	});
}

/// A custodian seals with a key that makes the box everybody's, and says that it has delivered.
#[test]
fn a_box_that_everybody_can_open_is_no_delivery() {
	build_and_execute(|| {
		let id = asked();
		let mut sealed = sealed(&KEY, ASKER);
		sealed.0[..32].fill(0);
		assert_ok!(deliver(id, sealed));
		assert_ok!(complain(id));
	});
}

/// In another history the number is that of another request: a box for one opens nothing for the
/// other, whose asker would complain.
#[test]
fn a_box_for_another_request_under_the_same_number_slashes_nobody() {
	build_and_execute(|| {
		let id = asked();
		let other = public(STRANGER);
		let late = Custody::deliver(by(KEEPER), id, other, sealed(&KEY, STRANGER));
		assert_noop!(late, Fault::WrongRecipient);
		assert_ok!(deliver(id, sealed(&KEY, ASKER)));
	});
}

/// Somebody fills blocks until keys are due: deliveries have a share of their own.
#[test]
fn full_blocks_keep_no_custodian_from_delivering() {
	use frame_support::dispatch::{DispatchClass, GetDispatchInfo};

	let (request, recipient, sealed) = (ID, public(ASKER), sealed(&KEY, ASKER));
	let deliver = crate::Call::<Test>::deliver { request, recipient, sealed };
	let complain = crate::Call::<Test>::complain { request, secret: secret(ASKER) };
	for call in [deliver, complain] {
		assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational);
	}
}
