use core::cmp::Ordering;

use codec::{Decode, Encode};
use proptest::prelude::*;

use super::{requantize, F32};

/// Fractions at which roundings turn.
const FRACTIONS: [u32; 9] = [0, 1, 2, 3, 0x3f_ffff, 0x40_0000, 0x40_0001, 0x7f_fffe, 0x7f_ffff];
/// Exponent fields at which ranges end: subnormals, the square root of the least and of the
/// greatest, one, the last integers with a fraction, int32, int64, and the special values.
const FIELDS: [u32; 30] = [
	0, 1, 2, 23, 24, 25, 52, 63, 64, 102, 103, 104, 125, 126, 127, 128, 129, 133, 148, 149, 150,
	151, 157, 158, 189, 190, 191, 253, 254, 255,
];

/// Every combination of the fractions and fields above, in both signs.
fn edges() -> Vec<F32> {
	let magnitudes =
		FIELDS.iter().flat_map(|field| FRACTIONS.iter().map(move |low| field << 23 | low));
	magnitudes.flat_map(|bits| [bits, bits | 1 << 31]).map(F32::from_bits).collect()
}

/// Any value, with the edges and small integers and their halves common.
fn value() -> impl Strategy<Value = F32> {
	let edge = (0..FIELDS.len(), 0..FRACTIONS.len(), any::<bool>()).prop_map(|(i, j, negative)| {
		F32::from_bits(FIELDS[i] << 23 | FRACTIONS[j] | u32::from(negative) << 31)
	});
	let near_one =
		(100_u32..160, 0_u32..1 << 23, any::<bool>()).prop_map(|(field, low, negative)| {
			F32::from_bits(field << 23 | low | u32::from(negative) << 31)
		});
	let halves = (-2000_i32..2000).prop_map(|twice| from_native(twice as f32 / 2.0));
	prop_oneof![any::<u32>().prop_map(F32::from_bits), edge, near_one, halves]
}

fn native(value: F32) -> f32 {
	f32::from_bits(value.to_bits())
}

fn from_native(value: f32) -> F32 {
	F32::from_bits(value.to_bits())
}

/// What this module computes of two values, and what the machine does.
fn binary(x: F32, y: F32) -> [(&'static str, F32, f32); 5] {
	let (a, b) = (native(x), native(y));
	[
		("add", x.add(y), a + b),
		("sub", x.sub(y), a - b),
		("mul", x.mul(y), a * b),
		("div", x.div(y), a / b),
		("rem", x.rem(y), a % b),
	]
}

/// The same for one value.
fn unary(x: F32) -> [(&'static str, F32, f32); 7] {
	let a = native(x);
	[
		("sqrt", x.sqrt(), a.sqrt()),
		("floor", x.floor(), a.floor()),
		("ceil", x.ceil(), a.ceil()),
		("trunc", x.trunc(), a.trunc()),
		("round", x.round_half_even(), a.round_ties_even()),
		("neg", x.neg(), -a),
		("abs", x.abs(), a.abs()),
	]
}

fn assert_same(cases: &[(&'static str, F32, f32)], x: F32, y: F32) {
	for (name, ours, theirs) in cases {
		assert_eq!(*ours, from_native(*theirs), "{name} of {x:?} and {y:?}");
	}
}

#[test]
fn operations_agree_with_the_machine_on_all_pairs_of_edges() {
	let edges = edges();
	for x in &edges {
		for y in &edges {
			assert_same(&binary(*x, *y), *x, *y);
			assert_eq!(x.compare(*y), native(*x).partial_cmp(&native(*y)), "{x:?} {y:?}");
		}
	}
}

#[test]
fn functions_agree_with_the_machine_on_a_stride_of_all_values() {
	for bits in (0..=u32::MAX).step_by(4_099) {
		let x = F32::from_bits(bits);
		assert_same(&unary(x), x, x);
	}
	for x in edges() {
		assert_same(&unary(x), x, x);
	}
}

#[test]
fn conversions_to_integers_truncate_and_saturate() {
	for x in edges().into_iter().chain((0..=u32::MAX).step_by(40_009).map(F32::from_bits)) {
		let a = native(x);
		assert_eq!(x.to_i64_saturating(), a as i64, "{x:?}");
		assert_eq!(x.to_i32_saturating(), a as i32, "{x:?}");
		assert_eq!(x.to_i8_saturating(), a as i8, "{x:?}");
		assert_eq!(x.to_u8_saturating(), a as u8, "{x:?}");
	}
}

#[test]
fn sums_halfway_between_two_values_go_to_the_even_one() {
	let ulp = 2.0_f32.powi(-23);
	for (x, y) in [
		(1.0, ulp / 2.0),
		(1.0 + ulp, ulp / 2.0),
		(-1.0, -ulp / 2.0),
		(1.0, ulp / 2.0 + ulp * ulp),
		(1.0, -ulp / 4.0),
		(1.0, -ulp / 4.0 - 1e-40),
		(f32::MAX, 2.0_f32.powi(103)),
		(f32::MAX, 2.0_f32.powi(103) * (1.0 - ulp / 2.0)),
		(f32::MIN_POSITIVE, -1e-45),
	] {
		assert_same(&binary(from_native(x), from_native(y)), from_native(x), from_native(y));
	}
}

#[test]
fn every_nan_becomes_the_one_nan() {
	for bits in [0x7f80_0001, 0x7fc0_0000, 0x7fff_ffff, 0xff80_0001, 0xffc0_0000, 0xffff_ffff] {
		let nan = F32::from_bits(bits);
		assert_eq!(nan.to_bits(), 0x7fc0_0000);
		assert!(nan.is_nan() && !nan.is_infinite() && !nan.is_finite() && !nan.is_zero());
		assert_eq!([nan.neg(), nan.abs(), nan.sign(), nan.sqrt()], [F32::NAN; 4]);
	}
	assert_eq!(F32::INFINITY.sub(F32::INFINITY), F32::NAN);
	assert_eq!(F32::ZERO.mul(F32::NEG_INFINITY), F32::NAN);
	assert_eq!(F32::ONE.neg().sqrt(), F32::NAN);
}

#[test]
fn minima_and_maxima_propagate_nan_and_put_positive_zero_above() {
	let (low, high) = (F32::NEG_ZERO, F32::ZERO);
	assert_eq!([low.min(high), high.min(low)], [low; 2]);
	assert_eq!([low.max(high), high.max(low)], [high; 2]);
	for x in edges() {
		assert_eq!([x.min(F32::NAN), F32::NAN.min(x)], [F32::NAN; 2]);
		assert_eq!([x.max(F32::NAN), F32::NAN.max(x)], [F32::NAN; 2]);
		if !x.is_nan() {
			assert_eq!(x.min(F32::INFINITY), x);
			assert_eq!(x.max(F32::NEG_INFINITY), x);
		}
	}
}

#[test]
fn both_orders_are_total_with_nan_first() {
	let mut upwards = edges();
	upwards.dedup();
	upwards.sort_by(|x, y| x.order(*y));
	assert_eq!(upwards[0], F32::NAN);
	assert_eq!(upwards.iter().find(|x| !x.is_nan()), Some(&F32::NEG_INFINITY));
	assert_eq!(upwards.last(), Some(&F32::INFINITY));

	let mut downwards = upwards.clone();
	downwards.sort_by(|x, y| x.order_descending(*y));
	assert_eq!(downwards[0], F32::NAN);
	let values = |list: &[F32]| list.iter().copied().filter(|x| !x.is_nan()).collect::<Vec<_>>();
	let reversed: Vec<_> = values(&upwards).into_iter().rev().collect();
	assert_eq!(values(&downwards), reversed);

	assert_eq!(F32::NEG_ZERO.order(F32::ZERO), Ordering::Less);
	assert_eq!(F32::NAN.order(F32::NAN), Ordering::Equal);
	assert_eq!(F32::NAN.order_descending(F32::INFINITY), Ordering::Less);
}

#[test]
fn the_sign_of_either_zero_is_positive_zero() {
	let signs = [-3.5, -0.0, 0.0, 1e-45, f32::NEG_INFINITY].map(|x| from_native(x).sign());
	let expected = [-1.0, 0.0, 0.0, 1.0, -1.0].map(from_native);
	assert_eq!(signs, expected);
}

#[test]
fn the_modulus_has_the_sign_of_the_divisor() {
	for (x, y, expected) in [
		(5.5, 2.0, 1.5),
		(-5.5, 2.0, 0.5),
		(5.5, -2.0, -0.5),
		(-5.5, -2.0, -1.5),
		(-4.0, 2.0, 0.0),
		(4.0, -2.0, -0.0),
		(-1.0, f32::INFINITY, f32::INFINITY),
		(1.0, f32::INFINITY, 1.0),
		(1.0, 0.0, f32::NAN),
	] {
		assert_eq!(from_native(x).modulo(from_native(y)), from_native(expected), "{x} {y}");
	}
}

#[test]
fn integers_round_to_nearest_even() {
	for base in [0, 1, 1 << 23, 1 << 24, 1 << 25, 1 << 40, 1 << 62, u64::MAX >> 1, u64::MAX] {
		for offset in -70_i64..=70 {
			let value = base.wrapping_add_signed(offset);
			assert_eq!(F32::from_u64(value), from_native(value as f32));
			let value = value.cast_signed();
			assert_eq!(F32::from_i64(value), from_native(value as f32));
		}
	}
}

#[test]
fn quantisation_breaks_ties_of_the_float32_quotient_to_even() {
	let quantize = |x: f32, scale: f32| from_native(x).quantize(from_native(scale));
	assert_eq!([0.5, 1.5, 2.5, -0.5, -1.5].map(|x| quantize(x, 1.0)), [0, 2, 2, 0, -2]);
	// The real quotient lies just above 2.5, the float32 one does not.
	let (x, scale) = (20_971_528.0, 8_388_611.0);
	assert_eq!((x / scale, quantize(x, scale)), (2.5, 2));
	assert_eq!(
		[quantize(0.0, 0.0), quantize(1.0, 0.0), quantize(-1.0, 0.0)],
		[0, i64::MAX, i64::MIN]
	);
	assert_eq!(quantize(1e30, 1e-30), i64::MAX);
	assert_eq!(quantize(-1e30, 1e-30), i64::MIN);
	assert_eq!(quantize(1e-45, f32::MAX), 0);
	assert_eq!(quantize(-9_223_372_036_854_775_808.0, 1.0), i64::MIN);
}

#[test]
fn scaling_by_special_values_saturates_or_gives_zero() {
	let [zero, inf, nan, one] = [F32::ZERO, F32::INFINITY, F32::NAN, F32::ONE];
	assert_eq!([nan.quantize(one), one.quantize(nan), zero.quantize(zero)], [0; 3]);
	assert_eq!([inf.quantize(inf), one.quantize(inf)], [0; 2]);
	assert_eq!([one.quantize(zero), one.quantize(F32::NEG_ZERO)], [i64::MAX, i64::MIN]);
	assert_eq!([inf.quantize(one), inf.neg().quantize(one)], [i64::MAX, i64::MIN]);
	assert_eq!([requantize(0, inf, one, one), requantize(5, zero, inf, one)], [0; 2]);
	assert_eq!([requantize(-5, inf, one, one), requantize(-5, one, one, zero)], [i64::MIN; 2]);
	assert_eq!(F32::dequantize(0, inf), nan);
	assert_eq!(F32::dequantize(-3, inf), inf.neg());
	assert_eq!(F32::dequantize(7, nan), nan);
}

#[test]
fn requantisation_reaches_the_ends_of_its_range() {
	let one = F32::ONE;
	assert_eq!(requantize(i64::MIN, one, one, one), i64::MIN);
	assert_eq!(requantize(i64::MAX, one, one, one), i64::MAX);
	assert_eq!(requantize(i64::MIN, one.neg(), one, one), i64::MAX);
	assert_eq!(requantize(1, F32::MAX, F32::MAX, F32::from_bits(1)), i64::MAX);
	assert_eq!(requantize(i64::MAX, F32::from_bits(1), F32::from_bits(1), F32::MAX), 0);
	// Half of one, and half of one and a little.
	let half = from_native(0.5);
	assert_eq!([1, 3, 5, -1, -3].map(|n| requantize(n, half, one, one)), [0, 2, 2, 0, -2]);
	assert_eq!(requantize(1, F32::from_bits(half.to_bits() + 1), one, one), 1);
}

#[test]
fn ratios_with_a_zero_divisor_follow_ieee() {
	assert_eq!(F32::from_ratio(0, 0), F32::NAN);
	assert_eq!(F32::from_ratio(-2, 0), F32::NEG_INFINITY);
	assert_eq!(F32::from_ratio(0, -2), F32::ZERO);
	assert_eq!(F32::from_ratio(i64::MIN, i64::MIN), F32::ONE);
	assert_eq!(F32::from_ratio(1, i64::MIN), from_native(-(2.0_f32.powi(-63))));
}

#[test]
fn decoding_refuses_every_nan_but_the_canonical_one() {
	for bits in [0x7fc0_0001_u32, 0xffc0_0000, 0x7f80_0001] {
		assert!(F32::decode(&mut &bits.encode()[..]).is_err());
	}
	for value in edges() {
		assert_eq!(F32::decode(&mut &value.encode()[..]), Ok(value));
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(20_000))]

	#[test]
	fn operations_agree_with_the_machine(x in value(), y in value()) {
		assert_same(&binary(x, y), x, y);
		assert_same(&unary(x), x, y);
		prop_assert_eq!(x.compare(y), native(x).partial_cmp(&native(y)));
	}

	#[test]
	fn sums_of_close_values_agree_with_the_machine(x in value(), ulps in -40_i32..40, flip: bool) {
		let y = F32::from_bits(x.to_bits().wrapping_add_signed(ulps) ^ u32::from(flip) << 31);
		assert_same(&binary(x, y), x, y);
	}

	#[test]
	fn integers_agree_with_the_machine(value: i64, shift in 0_u32..63) {
		let value = value >> shift;
		prop_assert_eq!(F32::from_i64(value), from_native(value as f32));
		prop_assert_eq!(F32::from_u64(value as u64), from_native(value as u64 as f32));
	}

	#[test]
	fn ratios_of_small_integers_agree_with_the_machine(
		x in -(1_i64 << 24)..1 << 24,
		y in 1_i64..1 << 24,
	) {
		prop_assert_eq!(F32::from_ratio(x, y), F32::from_i64(x).div(F32::from_i64(y)));
		prop_assert_eq!(F32::from_ratio(x, -y), F32::from_ratio(x, y).neg().add(F32::ZERO));
	}

	#[test]
	fn dequantisation_rounds_the_exact_product(value in -(1_i64 << 28)..1 << 28, scale in value()) {
		// A product of 29 and 24 bits is exact in float64.
		let exact = value as f64 * f64::from(native(scale));
		let expected = from_native(exact as f32);
		let expected = if expected.is_zero() && value == 0 && !expected.is_nan() {
			F32::zero(scale.is_negative())
		} else {
			expected
		};
		prop_assert_eq!(F32::dequantize(value, scale), expected);
	}

	#[test]
	fn requantisation_agrees_with_integer_division(
		value in -(1_i64 << 40)..1 << 40,
		left in 1_i64..1 << 24,
		right in 1_i64..1 << 16,
		output in 1_i64..1 << 24,
		shift in -20_i32..20,
	) {
		let scale = |significand: i64| F32::from_i64(significand);
		let power = from_native(2.0_f32.powi(shift));
		let ours = requantize(value, scale(left), scale(right).mul(power), scale(output));

		let mut numerator = i128::from(value) * i128::from(left) * i128::from(right);
		let mut divisor = i128::from(output);
		if shift >= 0 { numerator <<= shift } else { divisor <<= -shift }
		let quotient = numerator.div_euclid(divisor);
		let doubled = numerator.rem_euclid(divisor) * 2;
		let up = doubled > divisor || doubled == divisor && quotient % 2 != 0;
		let expected = (quotient + i128::from(up)).clamp(i64::MIN.into(), i64::MAX.into());
		prop_assert_eq!(i128::from(ours), expected);
	}

	#[test]
	fn quantisation_is_the_float32_quotient_rounded(x in value(), scale in value()) {
		let quotient = native(x) / native(scale);
		prop_assert_eq!(x.quantize(scale), quotient.round_ties_even() as i64);
	}

	#[test]
	fn a_requantisation_by_one_is_the_exact_quotient_rounded(x in value(), scale in value()) {
		let steps = requantize(1, x, F32::ONE, scale);
		prop_assert_eq!(steps, requantize(-1, x, F32::ONE.neg(), scale));
		// Where the float64 quotient is far from a tie it decides.
		let quotient = f64::from(native(x)) / f64::from(native(scale));
		if quotient.abs() < 1e9 && (quotient.fract().abs() - 0.5).abs() > 1e-6 {
			prop_assert_eq!(steps, quotient.round() as i64);
		}
	}
}
