use codec::{Decode, Encode};
use core::cmp::Ordering;
use proptest::prelude::*;

use super::{scale, Tolerance};
use crate::arith::F32;

const LEAST: F32 = F32::from_bits(1);

fn float(value: f32) -> F32 {
	F32::from_bits(value.to_bits())
}

fn tolerance(absolute: f32, relative: f32) -> Tolerance {
	Tolerance { absolute: float(absolute), relative: float(relative) }
}

/// Whether a value is admitted in a row that reaches as far as the canonical one.
fn admits(tolerance: Tolerance, given: f32, canonical: f32) -> bool {
	tolerance.admits(float(given), float(canonical), scale([float(canonical)]))
}

/// A natural number in digits of 32 bits, least first: the reference's own arithmetic.
#[derive(Clone, Default)]
struct Natural(Vec<u32>);

impl Natural {
	/// A number shifted up.
	fn new(number: u128, shift: usize) -> Self {
		let mut sum = Natural::default();
		sum.add(number, shift);
		sum
	}

	fn digit(&mut self, at: usize) -> &mut u32 {
		if self.0.len() <= at {
			self.0.resize(at + 1, 0);
		}
		&mut self.0[at]
	}

	/// Adds a number shifted up, bit by bit.
	fn add(&mut self, number: u128, shift: usize) {
		for bit in (0..128).filter(|bit| number >> bit & 1 == 1) {
			let mut at = shift + bit;
			// A carry runs through the ones.
			while *self.digit(at / 32) >> (at % 32) & 1 == 1 {
				*self.digit(at / 32) ^= 1 << (at % 32);
				at += 1;
			}
			*self.digit(at / 32) |= 1 << (at % 32);
		}
	}

	fn compare(&self, other: &Self) -> Ordering {
		let digits = self.0.len().max(other.0.len());
		let at = |number: &Self, at: usize| number.0.get(at).copied().unwrap_or(0);
		(0..digits)
			.rev()
			.map(|place| at(self, place).cmp(&at(other, place)))
			.find(|order| order.is_ne())
			.unwrap_or(Ordering::Equal)
	}
}

/// The magnitude of a finite value: an integer times two to the power of the second less 149.
fn parts(value: F32) -> (u128, usize) {
	let (field, low) = (value.to_bits() >> 23 & 0xff, value.to_bits() & 0x7f_ffff);
	match field {
		0 => (low.into(), 0),
		_ => ((low | 0x80_0000).into(), field as usize - 1),
	}
}

/// The definition, with all in units of 2⁻²⁹⁸: whether |y − c| is above `times` × (a + r·s).
fn is_above(bounds: Tolerance, given: F32, canonical: F32, scale: F32, times: u32) -> bool {
	let unit = 149;
	let [(y, y_shift), (c, c_shift)] = [parts(given), parts(canonical)];
	let ((a, a_shift), (r, r_shift), (s, s_shift)) =
		(parts(bounds.absolute), parts(bounds.relative), parts(scale));
	let times = u128::from(times);
	// Products of 32 and 48 bits fit.
	let mut reach = Natural::new(a * times, a_shift + unit);
	reach.add(r * s * times, r_shift + s_shift);
	let [mut y, mut c] = [Natural::new(y, y_shift + unit), Natural::new(c, c_shift + unit)];
	if given.is_negative() != canonical.is_negative() {
		let (canonical, shift) = parts(canonical);
		y.add(canonical, shift + unit);
		return y.compare(&reach).is_gt();
	}
	if y.compare(&c).is_lt() {
		core::mem::swap(&mut y, &mut c);
	}
	// y − c > reach, without a subtraction.
	for (at, digit) in reach.0.iter().enumerate() {
		c.add((*digit).into(), at * 32);
	}
	y.compare(&c).is_gt()
}

/// A finite value of any exponent, zeros and extremes often.
fn finite() -> impl Strategy<Value = F32> {
	prop_oneof![
		8 => (0_u32..255, 0_u32..1 << 23, any::<bool>()).prop_map(|(field, low, negative)| {
			F32::from_bits(field << 23 | low | u32::from(negative) << 31)
		}),
		1 => prop::sample::select(vec![
			F32::ZERO,
			F32::NEG_ZERO,
			F32::ONE,
			LEAST,
			LEAST.neg(),
			F32::from_bits(0x7f_ffff),
			F32::MAX,
			F32::MAX.neg(),
		]),
	]
}

fn any_value() -> impl Strategy<Value = F32> {
	let special = prop::sample::select(vec![F32::INFINITY, F32::NEG_INFINITY, F32::NAN]);
	prop_oneof![3 => finite(), 1 => special]
}

fn any_tolerance() -> impl Strategy<Value = Tolerance> {
	(finite(), finite()).prop_map(|(absolute, relative)| Tolerance {
		absolute: absolute.abs(),
		relative: relative.abs(),
	})
}

#[test]
fn the_scale_of_a_row_is_its_greatest_finite_magnitude() {
	let row = |values: &[f32]| scale(values.iter().copied().map(float));
	assert_eq!(row(&[1.0, -3.0, 2.0]), float(3.0));
	assert_eq!(row(&[f32::INFINITY, -2.0, f32::NAN, f32::NEG_INFINITY]), float(2.0));
	assert_eq!(row(&[f32::NAN, f32::INFINITY]), F32::ZERO);
	assert_eq!(row(&[]), F32::ZERO);
	assert_eq!(row(&[-0.0]), F32::ZERO);
	assert_eq!(row(&[-f32::MAX]), F32::MAX);
}

#[test]
fn nan_and_infinities_admit_themselves_alone() {
	let wide = Tolerance { absolute: F32::MAX, relative: F32::MAX };
	let (nan, infinity) = (f32::NAN, f32::INFINITY);
	for value in [nan, infinity, -infinity] {
		assert!(admits(wide, value, value));
		for other in [nan, infinity, -infinity, 0.0, f32::MAX] {
			if value.to_bits() != other.to_bits() {
				assert!(!admits(wide, value, other), "{value} for {other}");
				assert!(!admits(wide, other, value), "{other} for {value}");
				let (value, other) = (float(value), float(other));
				assert!(wide.exceeds(value, other, F32::MAX, u32::MAX));
			}
		}
	}
	// Every NaN is the one NaN.
	let other = F32::from_bits(0xffc0_0001);
	assert!(wide.admits(other, F32::NAN, F32::ZERO));
}

#[test]
fn the_zeros_are_no_distance_apart() {
	let none = tolerance(0.0, 0.0);
	assert!(admits(none, 0.0, -0.0) && admits(none, -0.0, 0.0));
	for times in [0, 1, 64] {
		assert!(!none.exceeds(F32::ZERO, F32::NEG_ZERO, F32::ZERO, times));
		assert!(!none.exceeds(F32::NEG_ZERO, F32::ZERO, F32::ZERO, times));
	}
	assert!(!none.admits(LEAST, F32::ZERO, F32::ZERO));
	assert!(!none.admits(LEAST.neg(), F32::NEG_ZERO, F32::ZERO));
}

#[test]
fn the_bound_itself_is_admitted_and_nothing_beyond_it() {
	assert!(admits(tolerance(0.5, 0.0), 1.5, 1.0));
	assert!(!admits(tolerance(0.5, 0.0), 1.5_f32.next_up(), 1.0));
	assert!(admits(tolerance(0.0, 0.25), 3.0, 4.0));
	assert!(!admits(tolerance(0.0, 0.25), 3.0_f32.next_down(), 4.0));
	assert!(admits(tolerance(0.5, 0.25), -2.5, -4.0));
	assert!(!admits(tolerance(0.5, 0.25), (-2.5_f32).next_up(), -4.0));
	// A relative term of the least subnormal: the bound is 2⁻²⁹⁸, below every float32.
	let faint = Tolerance { absolute: F32::ZERO, relative: LEAST };
	assert!(!faint.admits(LEAST, F32::ZERO, LEAST));
	assert!(faint.admits(LEAST, F32::ZERO, F32::ONE));
}

#[test]
fn distances_and_bounds_beyond_float32_are_exact() {
	// The distance is 2·MAX, and so is the bound.
	let (most, least) = (F32::MAX, F32::MAX.neg());
	let just = Tolerance { absolute: F32::MAX, relative: F32::ONE };
	assert!(just.admits(least, most, F32::MAX) && just.admits(most, least, F32::MAX));
	assert!(!just.admits(least, most, float(f32::MAX.next_down())));
	let absolute = Tolerance { absolute: F32::MAX, relative: F32::ZERO };
	assert!(!absolute.admits(least, most, F32::MAX));
	assert!(!absolute.exceeds(least, most, F32::MAX, 2));
	// A difference that float32 rounds away.
	let near = tolerance(1.0, 0.0);
	assert!(near.admits(F32::ONE, F32::ZERO, F32::ZERO));
	assert!(!near.admits(F32::ONE, LEAST.neg(), F32::ZERO));
	assert!(near.admits(F32::ONE, LEAST, F32::ZERO));
}

#[test]
fn multiples_reach_as_far_as_they_say() {
	let one = tolerance(1.0, 0.5);
	let exceeds = |given: f32, times| one.exceeds(float(given), F32::ZERO, float(2.0), times);
	assert!(!exceeds(128.0, 64) && exceeds(128.0_f32.next_up(), 64));
	assert!(exceeds(-129.0, 64) && !exceeds(-129.0, 65));
	assert!(exceeds(1e-45, 0) && !exceeds(0.0, 0));
	// The bound is 2³³ − 2.
	let above = 8_589_934_592.0_f32;
	assert!(!exceeds(above.next_down(), u32::MAX) && exceeds(above, u32::MAX));
}

#[test]
fn constants_that_make_no_tolerance_admit_equal_bits_alone() {
	let bad = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -1.0, -0.0, -1e-45];
	for bounds in bad.iter().flat_map(|bad| [tolerance(*bad, 1.0), tolerance(1.0, *bad)]) {
		assert!(admits(bounds, 1.0, 1.0) && admits(bounds, f32::NAN, f32::NAN), "{bounds:?}");
		assert!(!admits(bounds, 1.0_f32.next_up(), 1.0), "{bounds:?}");
		assert!(!admits(bounds, 0.0, -0.0), "{bounds:?}");
	}
	for bad in bad.map(float) {
		assert!(!tolerance(1.0, 1.0).admits(F32::ONE, F32::ZERO, bad), "{bad:?}");
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(4_000))]

	#[test]
	fn finite_values_are_judged_by_the_definition(
		bounds in any_tolerance(),
		given in finite(),
		canonical in finite(),
		scale in finite(),
		times in prop_oneof![Just(0), Just(1), Just(64), any::<u32>()],
	) {
		let scale = scale.abs();
		let above = |times| is_above(bounds, given, canonical, scale, times);
		prop_assert_eq!(bounds.exceeds(given, canonical, scale, times), above(times));
		prop_assert_eq!(bounds.admits(given, canonical, scale), !above(1));
	}

	#[test]
	fn values_at_the_bound_are_judged_by_the_definition(
		bounds in any_tolerance(),
		canonical in finite(),
		scale in finite(),
		times in prop_oneof![Just(1), Just(64), any::<u32>()],
		below in any::<bool>(),
		steps in -2_i32..=2,
	) {
		let scale = scale.abs();
		// Near the bound by float64, which decides nothing here.
		let value = |value: F32| f64::from(f32::from_bits(value.to_bits()));
		let reach =
			f64::from(times) * (value(bounds.absolute) + value(bounds.relative) * value(scale));
		let near = if below { value(canonical) - reach } else { value(canonical) + reach } as f32;
		let near = (0..steps.abs()).fold(near, |near, _| {
			if steps < 0 { near.next_down() } else { near.next_up() }
		});
		prop_assume!(near.is_finite());
		let given = float(near);
		prop_assert_eq!(
			bounds.exceeds(given, canonical, scale, times),
			is_above(bounds, given, canonical, scale, times)
		);
	}

	#[test]
	fn small_numbers_are_judged_as_by_integers(
		[given, canonical] in prop::array::uniform2(-1_000_i64..1_000),
		[absolute, relative, scale] in prop::array::uniform3(0_i64..40),
		times in 0_u32..70,
	) {
		let value = |value: i64| F32::from_i64(value);
		let bounds = Tolerance { absolute: value(absolute), relative: value(relative) };
		let reach = i64::from(times) * (absolute + relative * scale);
		prop_assert_eq!(
			bounds.exceeds(value(given), value(canonical), value(scale), times),
			(given - canonical).abs() > reach
		);
	}

	#[test]
	fn greater_multiples_and_equal_bits_exceed_no_more(
		bounds in (any_value(), any_value()),
		given in any_value(),
		canonical in any_value(),
		scale in any_value(),
		times in 1_u32..,
	) {
		let bounds = Tolerance { absolute: bounds.0, relative: bounds.1 };
		let exceeds = |times| bounds.exceeds(given, canonical, scale, times);
		prop_assert!(exceeds(times - 1) || !exceeds(times));
		prop_assert_eq!(bounds.admits(given, canonical, scale), !exceeds(1));
		prop_assert!(bounds.admits(canonical, canonical, scale));
		prop_assert_eq!(Tolerance::decode(&mut &bounds.encode()[..]), Ok(bounds));
	}
}
