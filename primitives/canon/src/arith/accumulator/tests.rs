use codec::{Decode, Encode};
use proptest::prelude::*;

use super::Accumulator;
use crate::arith::F32;

fn float(value: f32) -> F32 {
	F32::from_bits(value.to_bits())
}

fn sum(terms: &[(F32, F32)]) -> Accumulator {
	let mut sum = Accumulator::new();
	for (left, right) in terms {
		sum.add_product(*left, *right);
	}
	sum
}

/// The rounded sum of values.
fn total(terms: &[f32]) -> f32 {
	let mut sum = Accumulator::new();
	for term in terms {
		sum.add(float(*term));
	}
	f32::from_bits(sum.round().to_bits())
}

/// A value with the exponent field from 107 to 146, so that a product is a multiple of 2⁻⁸⁶ and
/// below 2⁴⁰: sums of such products are integers of at most 127 bits.
fn bounded() -> impl Strategy<Value = F32> {
	(107_u32..147, 0_u32..1 << 23, any::<bool>()).prop_map(|(field, low, negative)| {
		F32::from_bits(field << 23 | low | u32::from(negative) << 31)
	})
}

/// Any value, specials seldom.
fn any_value() -> impl Strategy<Value = F32> {
	let special = prop_oneof![
		Just(F32::ZERO),
		Just(F32::NEG_ZERO),
		Just(F32::MAX),
		Just(F32::MAX.neg()),
		Just(F32::from_bits(1)),
		Just(F32::INFINITY),
		Just(F32::NEG_INFINITY),
		Just(F32::NAN),
	];
	prop_oneof![
		20 => any::<u32>().prop_map(F32::from_bits),
		20 => bounded(),
		1 => special,
	]
}

fn finite() -> impl Strategy<Value = F32> {
	any_value().prop_map(|value| if value.is_finite() { value } else { F32::NEG_ZERO })
}

/// A product of bounded values in units of 2⁻⁸⁶.
fn units((left, right): (F32, F32)) -> i128 {
	let part = |value: F32| {
		let bits = value.to_bits();
		let significand = i128::from(bits & 0x7f_ffff | 0x80_0000);
		let signed = if value.is_negative() { -significand } else { significand };
		signed << ((bits >> 23 & 0xff) - 107)
	};
	part(left) * part(right)
}

#[test]
fn a_sum_without_terms_is_positive_zero() {
	assert_eq!(Accumulator::new().round(), F32::ZERO);
	assert_eq!(Accumulator::new().round_quotient(3), F32::ZERO);
}

#[test]
fn an_exact_zero_is_negative_only_if_every_term_is() {
	assert_eq!(total(&[-0.0]).to_bits(), (-0.0_f32).to_bits());
	assert_eq!(total(&[-0.0, -0.0]).to_bits(), (-0.0_f32).to_bits());
	assert_eq!(total(&[-0.0, 0.0]).to_bits(), 0);
	assert_eq!(total(&[-1.5, 1.5]).to_bits(), 0);
	assert_eq!(total(&[-0.0, -1.5, 1.5, -0.0]).to_bits(), 0);
	let zeros = sum(&[(float(-2.0), F32::ZERO), (F32::NEG_ZERO, F32::ONE)]);
	assert_eq!([zeros.round(), zeros.round_quotient(7)], [F32::NEG_ZERO; 2]);
}

#[test]
fn a_sum_that_underflows_keeps_its_sign() {
	let least = F32::from_bits(1);
	assert_eq!(sum(&[(least, least.neg())]).round(), F32::NEG_ZERO);
	assert_eq!(sum(&[(least, least)]).round(), F32::ZERO);
	// Half of the least subnormal goes to zero, and the least bit more to the least subnormal.
	let half = (least, float(0.5));
	assert_eq!(sum(&[half]).round(), F32::ZERO);
	assert_eq!(sum(&[half, (least, least)]).round(), least);
	assert_eq!(sum(&[half, (least, least.neg())]).round(), F32::ZERO);
	assert_eq!(sum(&[half, half, half]).round(), F32::from_bits(2));
}

#[test]
fn infinities_and_nan_decide_the_sum() {
	let (inf, nan, one) = (F32::INFINITY, F32::NAN, F32::ONE);
	assert_eq!(sum(&[(one, one), (inf, one), (F32::MAX, F32::MAX.neg())]).round(), inf);
	assert_eq!(sum(&[(inf, one.neg()), (inf.neg(), one)]).round(), inf.neg());
	assert_eq!(sum(&[(inf, one), (one, one), (inf, one.neg())]).round(), nan);
	assert_eq!(sum(&[(inf, F32::ZERO), (one, one)]).round(), nan);
	assert_eq!(sum(&[(inf, one), (one, nan), (one, one)]).round(), nan);
	assert_eq!(sum(&[(inf, one)]).round_quotient(0), inf);
}

#[test]
fn partial_sums_may_cancel_stagnate_or_overflow() {
	assert_eq!(total(&[1e30, 1.0, -1e30]), 1.0);
	assert_eq!(total(&[f32::MAX, f32::MAX, 1.0, -f32::MAX, -f32::MAX]), 1.0);
	assert_eq!(total(&[f32::MAX, f32::MAX]), f32::INFINITY);
	let small = 2.0_f32.powi(-25);
	let mut terms = vec![1.0];
	terms.extend([small; 4]);
	assert_eq!(total(&terms[..3]), 1.0);
	assert_eq!(total(&terms[..4]), 1.0 + 4.0 * small);
	terms.extend([small; 1020]);
	assert_eq!(total(&terms), 1.0 + 1024.0 * small);
	let huge = (F32::MAX, F32::MAX);
	assert_eq!(sum(&[huge, huge, (F32::MAX.neg(), F32::MAX)]).round(), F32::INFINITY);
	assert_eq!(sum(&[huge, (F32::MAX.neg(), F32::MAX), (F32::ONE, F32::ONE)]).round(), F32::ONE);
}

#[test]
fn sums_overflow_from_half_a_unit_above_the_greatest_value() {
	let half = 2.0_f32.powi(103);
	assert_eq!(total(&[f32::MAX, half]), f32::INFINITY);
	assert_eq!(total(&[f32::MAX, half, -1e-45]), f32::MAX);
	assert_eq!(total(&[-f32::MAX, -half]), f32::NEG_INFINITY);
	assert_eq!(total(&[-f32::MAX, -half, 1e-45]), -f32::MAX);
}

#[test]
fn a_mean_is_rounded_once() {
	// The sum rounded on its own is 2²⁵, whose third rounds otherwise.
	let mut sum = Accumulator::new();
	sum.add(float(33_554_432.0));
	sum.add(F32::ONE.neg());
	assert_eq!(sum.round(), float(33_554_432.0));
	assert_eq!(sum.round_quotient(3), float(11_184_810.0));
	assert_eq!(sum.round().div(float(3.0)), float(11_184_811.0));
	assert_eq!(sum.round_quotient(0), F32::INFINITY);
	sum.add(float(-33_554_430.0));
	sum.add(F32::NEG_ZERO);
	sum.add(F32::ONE.neg());
	assert_eq!(sum.round_quotient(u32::MAX), F32::ZERO);
	assert_eq!(sum.round_quotient(0), F32::NAN);
}

#[test]
fn a_mean_below_the_last_bit_keeps_the_sign_of_its_sum() {
	let least = F32::from_bits(1);
	assert_eq!(sum(&[(least, least.neg())]).round_quotient(u32::MAX), F32::NEG_ZERO);
	// A half of the least subnormal, and a half with a rest.
	let mut sum = Accumulator::new();
	sum.add(least);
	assert_eq!(sum.round_quotient(2), F32::ZERO);
	sum.add_product(least, least);
	assert_eq!(sum.round_quotient(2), least);
}

#[test]
fn more_of_the_greatest_products_fit_than_a_sum_may_have() {
	let mut some = Accumulator::new();
	for _ in 0..1 << 10 {
		some.add_product(F32::MAX, F32::MAX);
	}
	let mut all = Accumulator::new();
	for _ in 0..1 << 10 {
		all.add_accumulator(&some);
	}
	// 2²² times as many, by doubling: 2⁴² in all.
	for _ in 0..22 {
		let copy = all.clone();
		all.add_accumulator(&copy);
	}
	assert_eq!(all.round(), F32::INFINITY);
	let mut negated = Accumulator::new();
	negated.add_product(F32::MAX, F32::MAX.neg());
	for _ in 0..42 {
		let copy = negated.clone();
		negated.add_accumulator(&copy);
	}
	assert_eq!(negated.round(), F32::NEG_INFINITY);
	negated.add(F32::ONE);
	all.add_accumulator(&negated);
	assert_eq!(all.round(), F32::ONE);
}

#[test]
fn bytes_have_one_form_for_each_partial_sum() {
	assert_eq!(Accumulator::new().to_bytes()[76], 1);
	let one = sum(&[(F32::ONE, F32::ONE)]);
	let mut expected = [0; 80];
	expected[298 / 8] = 1 << (298 % 8);
	assert_eq!(one.to_bytes(), expected);
	let minus = sum(&[(F32::from_bits(1), F32::from_bits(1).neg())]);
	assert_eq!(minus.to_bytes()[..76], [0xff; 76]);
	// What led to a special value leaves no trace.
	let nan = sum(&[(F32::NAN, F32::ONE)]);
	let also =
		sum(&[(F32::INFINITY, F32::ONE), (F32::NEG_INFINITY, F32::ONE), (F32::ONE, F32::ONE)]);
	assert_eq!(nan, also);
	assert_ne!(sum(&[(F32::ZERO, F32::ONE)]), Accumulator::new());
}

#[test]
fn bytes_that_no_partial_sum_has_are_refused() {
	let good = sum(&[(F32::INFINITY, F32::ONE)]).to_bytes();
	for (place, byte) in [(0, 1), (75, 0x80), (76, 6), (76, 255), (77, 1), (79, 1)] {
		let mut bad = good;
		bad[place] = byte;
		assert_eq!(Accumulator::from_bytes(&bad), None, "{place}");
	}
	assert!(Accumulator::decode(&mut &good[..79]).is_err());
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(2_000))]

	#[test]
	fn a_product_alone_is_rounded_as_a_multiplication(left in any_value(), right in any_value()) {
		prop_assert_eq!(sum(&[(left, right)]).round(), left.mul(right));
		let mut both = Accumulator::new();
		both.add(left);
		both.add(right);
		prop_assert_eq!(both.round(), left.add(right));
	}

	#[test]
	fn sums_of_bounded_products_equal_those_of_integers(
		mut terms in prop::collection::vec((bounded(), bounded()), 1..40),
		cancel in any::<bool>(),
		divisor in 1_u32..,
	) {
		if cancel {
			let opposite: Vec<_> = terms.iter().skip(1).map(|(x, y)| (x.neg(), *y)).collect();
			terms.extend(opposite);
		}
		let exact: i128 = terms.iter().copied().map(units).sum();
		let sum = sum(&terms);
		let negative = exact < 0;
		prop_assert_eq!(
			sum.round(),
			F32::round_wide(negative, exact.unsigned_abs(), -86, false)
		);
		let (quotient, rest) = (
			exact.unsigned_abs() / u128::from(divisor),
			exact.unsigned_abs() % u128::from(divisor),
		);
		// A quotient of fewer bits cannot stand for what its rest hides.
		if quotient >> 25 != 0 {
			prop_assert_eq!(
				sum.round_quotient(divisor),
				F32::round_wide(negative, quotient, -86, rest != 0)
			);
		}
		let native = exact as f32 * 2.0_f32.powi(-86);
		prop_assert_eq!(sum.round(), float(native));
	}

	#[test]
	fn order_and_grouping_of_terms_never_matter(
		terms in prop::collection::vec((any_value(), any_value()), 0..20).prop_shuffle(),
		split in 0_usize..20,
		seed: u64,
	) {
		let whole = sum(&terms);
		let mut shuffled = terms.clone();
		shuffled.sort_by_key(|(x, y)| {
			(u64::from(x.to_bits()) << 32 | u64::from(y.to_bits())).wrapping_mul(seed | 1)
		});
		prop_assert_eq!(sum(&shuffled).to_bytes(), whole.to_bytes());
		let (front, back) = terms.split_at(split.min(terms.len()));
		let mut joined = sum(back);
		joined.add_accumulator(&sum(front));
		prop_assert_eq!(joined.to_bytes(), whole.to_bytes());
		prop_assert_eq!(joined.round(), whole.round());
	}

	#[test]
	fn a_sum_survives_encoding(
		terms in prop::collection::vec((finite(), finite()), 0..20),
		more in (any_value(), any_value()),
	) {
		let sum = sum(&terms);
		let mut read = Accumulator::decode(&mut &sum.encode()[..]).unwrap();
		prop_assert_eq!(read.to_bytes(), sum.to_bytes());
		prop_assert_eq!(read.round(), sum.round());
		let mut grown = sum.clone();
		grown.add_product(more.0, more.1);
		read.add_product(more.0, more.1);
		prop_assert_eq!(&read, &grown);
	}

	#[test]
	fn any_bytes_are_refused_or_read_as_they_are(
		mut bytes in prop::array::uniform32(any::<u8>()),
		kind in 0_u8..7,
	) {
		let mut encoded = [0; 80];
		bytes[0] |= 1;
		encoded[..32].copy_from_slice(&bytes);
		encoded[44..76].copy_from_slice(&bytes);
		encoded[76] = kind;
		match Accumulator::from_bytes(&encoded) {
			Some(sum) => prop_assert_eq!(sum.to_bytes(), encoded),
			None => prop_assert!(kind != 0),
		}
	}
}
