//! log, by a table of 128 factors that bring a significand near one.

use crate::arith::F32;

use super::{
	enclosure::{Enclosure, Value},
	fixed::{multiply_high, parts},
	tables::{FACTORS, FIRST_HALVED, LN_2, LOGARITHM, OFFSETS},
};

/// One in the units of 2⁻³² of the reduced argument.
const ONE: i64 = 1 << 32;

pub(super) fn log(value: F32) -> Value {
	if value.is_zero() {
		Value::Known(F32::NEG_INFINITY)
	} else if value.is_nan() || value.is_negative() {
		Value::Known(F32::NAN)
	} else if value == F32::INFINITY {
		Value::Known(value)
	} else if value == F32::ONE {
		Value::Known(F32::ZERO)
	} else {
		Value::Within(logarithm(value))
	}
}

/// The logarithm of a positive value other than one.
///
/// x = m·2ᵉ with m from 1 to 2; from about √2 on, m is halved and e one more. The factor c for m's
/// leading bits makes t = m·c − 1, an exact multiple of 2⁻³² of at most 2⁻⁷ in magnitude, and
/// log x = e·ln 2 − ln c + log(1 + t).
///
/// Where e and ln c are zero, x is within 2⁻⁷ of one and the logarithm is t·(1 − t/2 + …), known
/// as well as [`series`]. Otherwise it is at least 2⁻⁸ in magnitude. |e| is at most 149, so the
/// sum's error is below 2⁻¹¹³: half a unit of 2⁻¹²⁰ times |e|, 2⁻¹¹⁴ from the series, one unit each
/// from the rest. That is 2⁻¹⁰⁵ of the logarithm.
fn logarithm(value: F32) -> Enclosure {
	let argument = parts(value);
	// The 24 leading bits, from 2²³ up, and the seven after the first of them.
	let leading = (argument.significand >> 104) as i64;
	let index = (leading >> 16 & 0x7f) as usize;
	let factor = FACTORS.get(index).copied().unwrap_or_default();
	let offset = OFFSETS.get(index).copied().unwrap_or_default();
	// m has units of 2⁻²³, c of 2⁻⁹.
	let near = leading.wrapping_mul(factor.into()).wrapping_sub(ONE);
	let halved = i32::from(index >= FIRST_HALVED);
	let twos = argument.exponent.wrapping_sub(1).wrapping_add(halved);
	let series = series(near);
	if twos == 0 && offset == 0 {
		return product(near, series);
	}
	let whole = i128::from(twos).wrapping_mul(LN_2).wrapping_add(offset);
	// t in units of 2⁻¹³⁴ times the series has units of 2⁻²⁶⁰, and its high half those of 2⁻¹³².
	let part = multiply_high(u128::from(near.unsigned_abs()) << 102, series) >> 12;
	let part = part.cast_signed();
	// Below 128 in magnitude, and at least 2¹¹² in these units.
	let sum = whole.wrapping_add(if near < 0 { part.wrapping_neg() } else { part });
	let magnitude = sum.unsigned_abs();
	let zeros = magnitude.leading_zeros();
	let exponent = (-120_i32).wrapping_sub(zeros.cast_signed());
	Enclosure::positive(magnitude.wrapping_shl(zeros), exponent).with_sign(sum < 0)
}

/// log(1 + t)/t in units of 2⁻¹²⁶ for t in units of 2⁻³², with an error below 2⁻¹⁰⁶.
///
/// 1 − t/2 + t²/3 − …, fifteen terms, which leaves out less than 2⁻¹⁰⁸. At each step the sum so
/// far, at most 1.02, loses 26 bits so that its product with t, at most 2²⁵, fits: an error below
/// 2⁻¹⁰⁰·2⁻⁷, two units for the rest, and 2⁻⁷ times the error of the step before.
fn series(near: i64) -> u128 {
	let sum = LOGARITHM.iter().rev().fold(0_i128, |sum, coefficient| {
		coefficient.wrapping_sub((sum >> 26).wrapping_mul(near.into()) >> 6)
	});
	// Near one, so not below zero.
	sum.unsigned_abs()
}

/// t·`series` with a relative error below 2⁻¹⁰⁵.
fn product(near: i64, series: u128) -> Enclosure {
	let magnitude = u128::from(near.unsigned_abs());
	let zeros = magnitude.leading_zeros();
	let high = multiply_high(magnitude.wrapping_shl(zeros), series);
	// Units of 2⁻³² times 2⁻¹²⁶, less the 128 bits dropped and the zeros shifted in.
	let exponent = (-30_i32).wrapping_sub(zeros.cast_signed());
	Enclosure::positive(high, exponent).with_sign(near < 0)
}
