use crate::{
	graph::Invalid,
	op::Op,
	tensor::DType::{self, Bool, Float32, Int32, Int64, Int8, Uint8},
	testing::{eval, floats, integers, Outcome},
};

const NAN: f32 = f32::NAN;
const INF: f32 = f32::INFINITY;

fn unary(op: Op, values: &[f32]) -> Vec<u32> {
	let result = eval(op, &[floats(&[values.len() as u32], values)]).floats();
	result.iter().map(|value| value.to_bits()).collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
	values.iter().map(|v| if v.is_nan() { 0x7FC0_0000 } else { v.to_bits() }).collect()
}

fn on_integers(op: Op, dtype: DType, a: i64, b: i64) -> Outcome {
	eval(op, &[integers(dtype, &[], &[a]), integers(dtype, &[], &[b])])
}

#[test]
fn operands_broadcast() {
	let a = floats(&[2, 1], &[1.0, 2.0]);
	let b = floats(&[3], &[10.0, 20.0, 30.0]);
	let outcome = eval(Op::Add, &[a, b]);
	assert_eq!(outcome.extents(), [2, 3]);
	assert_eq!(outcome.floats(), [11.0, 21.0, 31.0, 12.0, 22.0, 32.0]);
}

#[test]
fn types_must_agree() {
	let operands = [floats(&[], &[1.0]), integers(Int32, &[], &[1])];
	assert_eq!(eval(Op::Add, &operands), Outcome::Invalid(Invalid::OperandType));
	let bools = [integers(Bool, &[], &[1]), integers(Bool, &[], &[1])];
	assert_eq!(eval(Op::Add, &bools), Outcome::Invalid(Invalid::OperandType));
}

#[test]
fn relu_gives_positive_zero_and_keeps_nan() {
	assert_eq!(unary(Op::Relu, &[-0.0, NAN, -1.0, 2.0]), bits(&[0.0, NAN, 0.0, 2.0]));
}

#[test]
fn leaky_slopes_apply_below_zero_only() {
	let alpha = 0.5_f32.to_bits();
	let expected = bits(&[-0.0, NAN, -1.0, 2.0]);
	assert_eq!(unary(Op::LeakyRelu { alpha }, &[-0.0, NAN, -2.0, 2.0]), expected);
	let operands = [integers(Int32, &[3], &[-2, 0, 3]), integers(Int32, &[1], &[4])];
	assert_eq!(eval(Op::PRelu, &operands).integers(), [-8, 0, 3]);
}

#[test]
fn extremes_propagate_nan_and_order_zeros() {
	let a = floats(&[3], &[0.0, NAN, 1.0]);
	let b = floats(&[3], &[-0.0, 1.0, 2.0]);
	let greatest = eval(Op::Max, &[a.clone(), b.clone()]).floats();
	assert_eq!(bits(&greatest), bits(&[0.0, NAN, 2.0]));
	let least = eval(Op::Min, &[a, b]).floats();
	assert_eq!(bits(&least), bits(&[-0.0, NAN, 1.0]));
}

#[test]
fn clip_takes_the_high_bound_when_bounds_cross() {
	let operands = [floats(&[3], &[0.0, 5.0, NAN]), floats(&[], &[4.0]), floats(&[], &[3.0])];
	assert_eq!(bits(&eval(Op::Clip, &operands).floats()), bits(&[3.0, 3.0, NAN]));
}

#[test]
fn rounding_is_half_to_even_and_keeps_the_sign_of_zero() {
	assert_eq!(unary(Op::Round, &[0.5, 1.5, -0.5, -INF]), bits(&[0.0, 2.0, -0.0, -INF]));
	assert_eq!(unary(Op::Floor, &[-0.5, 1.5]), bits(&[-1.0, 1.0]));
	assert_eq!(unary(Op::Ceil, &[-0.5, 1.5]), bits(&[-0.0, 2.0]));
	assert_eq!(unary(Op::Sign, &[-0.0, -3.0, NAN, INF]), bits(&[0.0, -1.0, NAN, 1.0]));
}

#[test]
fn special_values_follow_ieee() {
	assert_eq!(unary(Op::Sqrt, &[-1.0, -0.0, INF]), bits(&[NAN, -0.0, INF]));
	assert_eq!(unary(Op::Reciprocal, &[0.0, -0.0, INF]), bits(&[INF, -INF, 0.0]));
	assert_eq!(unary(Op::Neg, &[0.0, NAN]), bits(&[-0.0, NAN]));
	assert_eq!(unary(Op::Abs, &[-0.0, -INF]), bits(&[0.0, INF]));
}

#[test]
fn integers_wrap() {
	assert_eq!(on_integers(Op::Add, Int8, 127, 1).integers(), [-128]);
	assert_eq!(on_integers(Op::Sub, Uint8, 0, 1).integers(), [255]);
	assert_eq!(on_integers(Op::Mul, Int64, i64::MAX, 2).integers(), [-2]);
	let least = integers(Int32, &[], &[i64::from(i32::MIN)]);
	assert_eq!(eval(Op::Neg, std::slice::from_ref(&least)).integers(), [i64::from(i32::MIN)]);
	assert_eq!(eval(Op::Abs, &[least]).integers(), [i64::from(i32::MIN)]);
}

#[test]
fn division_is_toward_zero_and_by_zero_a_fault() {
	assert_eq!(on_integers(Op::Div, Int32, -7, 2).integers(), [-3]);
	assert_eq!(on_integers(Op::Div, Int64, i64::MIN, -1).integers(), [i64::MIN]);
	assert_eq!(
		on_integers(Op::Div, Int32, i64::from(i32::MIN), -1).integers(),
		[i64::from(i32::MIN)]
	);
	assert_eq!(on_integers(Op::Div, Int32, 1, 0), Outcome::Fault(0));
	assert_eq!(on_integers(Op::Mod { truncated: false }, Int32, 1, 0), Outcome::Fault(0));
}

#[test]
fn remainders_take_the_sign_that_is_asked_for() {
	assert_eq!(on_integers(Op::Mod { truncated: false }, Int32, -7, 3).integers(), [2]);
	assert_eq!(on_integers(Op::Mod { truncated: false }, Int32, 7, -3).integers(), [-2]);
	assert_eq!(on_integers(Op::Mod { truncated: true }, Int32, -7, 3).integers(), [-1]);
	assert_eq!(on_integers(Op::Mod { truncated: true }, Int64, i64::MIN, -1).integers(), [0]);
	let operands = [floats(&[], &[-7.5]), floats(&[], &[2.0])];
	assert_eq!(eval(Op::Mod { truncated: true }, &operands).floats(), [-1.5]);
	let outcome = eval(Op::Mod { truncated: false }, &operands);
	assert_eq!(outcome, Outcome::Invalid(Invalid::OperandType));
}

#[test]
fn comparisons_with_nan_are_false() {
	let operands = [floats(&[2], &[NAN, 0.0]), floats(&[2], &[NAN, -0.0])];
	assert_eq!(eval(Op::Equal, &operands).integers(), [0, 1]);
	assert_eq!(eval(Op::LessOrEqual, &operands).integers(), [0, 1]);
	assert_eq!(eval(Op::GreaterOrEqual, &operands).integers(), [0, 1]);
	assert_eq!(eval(Op::Less, &operands).integers(), [0, 0]);
	assert_eq!(eval(Op::Greater, &operands).integers(), [0, 0]);
}

#[test]
fn logic_and_bits_work_bit_by_bit() {
	let bools = [integers(Bool, &[4], &[0, 0, 1, 1]), integers(Bool, &[4], &[0, 1, 0, 1])];
	assert_eq!(eval(Op::And, &bools).integers(), [0, 0, 0, 1]);
	assert_eq!(eval(Op::Or, &bools).integers(), [0, 1, 1, 1]);
	assert_eq!(eval(Op::Xor, &bools).integers(), [0, 1, 1, 0]);
	assert_eq!(eval(Op::Not, &bools[..1]).integers(), [1, 1, 0, 0]);
	assert_eq!(on_integers(Op::BitAnd, Int8, -1, 5).integers(), [5]);
	assert_eq!(on_integers(Op::BitOr, Uint8, 240, 5).integers(), [245]);
	assert_eq!(on_integers(Op::BitXor, Int32, -1, 0).integers(), [-1]);
	assert_eq!(eval(Op::BitNot, &[integers(Uint8, &[], &[1])]).integers(), [254]);
}

#[test]
fn shifts_beyond_the_width_give_zero() {
	assert_eq!(on_integers(Op::ShiftLeft, Uint8, 255, 4).integers(), [240]);
	assert_eq!(on_integers(Op::ShiftRight, Int8, -1, 4).integers(), [15]);
	assert_eq!(on_integers(Op::ShiftLeft, Uint8, 1, 8).integers(), [0]);
	assert_eq!(on_integers(Op::ShiftRight, Int32, 1, -1).integers(), [0]);
	assert_eq!(on_integers(Op::ShiftLeft, Int64, 1, 63).integers(), [i64::MIN]);
}

#[test]
fn casts_of_floats_saturate_toward_zero() {
	let x = floats(&[5], &[-1.9, 300.0, NAN, -INF, 1e20]);
	let cast = |to| eval(Op::Cast { to }, std::slice::from_ref(&x)).integers();
	assert_eq!(cast(Int8), [-1, 127, 0, -128, 127]);
	assert_eq!(cast(Uint8), [0, 255, 0, 0, 255]);
	assert_eq!(cast(Int64), [-1, 300, 0, i64::MIN, i64::MAX]);
	assert_eq!(cast(Bool), [1, 1, 1, 1, 1]);
	assert_eq!(eval(Op::Cast { to: Bool }, &[floats(&[1], &[-0.0])]).integers(), [0]);
}

#[test]
fn casts_of_integers_keep_the_low_bits_or_round() {
	let x = integers(Int32, &[3], &[-1, 300, 16_777_217]);
	assert_eq!(eval(Op::Cast { to: Uint8 }, std::slice::from_ref(&x)).integers(), [255, 44, 1]);
	assert_eq!(eval(Op::Cast { to: Bool }, std::slice::from_ref(&x)).integers(), [1, 1, 1]);
	assert_eq!(eval(Op::Cast { to: Float32 }, &[x]).floats(), [-1.0, 300.0, 16_777_216.0]);
}

#[test]
fn nan_and_infinities_are_told_apart() {
	let x = floats(&[4], &[NAN, INF, -INF, 1.0]);
	assert_eq!(eval(Op::IsNaN, std::slice::from_ref(&x)).integers(), [1, 0, 0, 0]);
	let infinite = |negative, positive| Op::IsInf { negative, positive };
	assert_eq!(eval(infinite(true, true), std::slice::from_ref(&x)).integers(), [0, 1, 1, 0]);
	assert_eq!(eval(infinite(true, false), std::slice::from_ref(&x)).integers(), [0, 0, 1, 0]);
	assert_eq!(eval(infinite(false, true), &[x]).integers(), [0, 1, 0, 0]);
}

#[test]
fn transcendental_primitives_are_those_of_the_arithmetic() {
	use crate::arith::{elementary, F32};
	type Function = fn(F32) -> F32;

	let x = F32::from_bits(0.75_f32.to_bits());
	let all: [(Op, Function); 6] = [
		(Op::Exp, elementary::exp),
		(Op::Log, elementary::log),
		(Op::Erf, elementary::erf),
		(Op::Tanh, elementary::tanh),
		(Op::Sin, elementary::sin),
		(Op::Cos, elementary::cos),
	];
	for (op, function) in all {
		assert_eq!(unary(op, &[0.75]), [function(x).to_bits()]);
	}
}
