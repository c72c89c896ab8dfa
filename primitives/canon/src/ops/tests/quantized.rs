use crate::{
	op::{Op, WindowAxis},
	tensor::DType::{Int32, Int8, Uint8},
	testing::{eval, floats, integers},
};

#[test]
fn integer_products_subtract_zero_points() {
	let operands = [
		integers(Uint8, &[2, 2], &[1, 2, 3, 255]),
		integers(Int8, &[2, 2], &[1, -1, 2, -128]),
		integers(Uint8, &[2], &[1, 3]),
		integers(Int8, &[], &[1]),
	];
	let expected = [1, -129, 252, 252 * -129];
	assert_eq!(eval(Op::MatMulInteger, &operands).integers(), expected);
}

#[test]
fn integer_convolutions_skip_padding() {
	let operands = [
		integers(Uint8, &[1, 1, 2], &[3, 4]),
		integers(Uint8, &[2, 1, 2], &[1, 2, 3, 4]),
		integers(Uint8, &[], &[1]),
		integers(Uint8, &[2], &[0, 1]),
	];
	let axes = vec![WindowAxis { before: 1, ..WindowAxis::default() }];
	let outcome = eval(Op::ConvInteger { group: 1, axes }, &operands);
	assert_eq!(outcome.integers(), [4, 8, 6, 13]);
}

#[test]
fn quantized_products_round_half_to_even_and_saturate() {
	let scalar = |value: f32| floats(&[], &[value]);
	let zero = |value| integers(Uint8, &[], &[value]);
	let product = |a: i64, b: i64, scale: f32| {
		let operands = [
			integers(Uint8, &[1, 1], &[a]),
			scalar(0.5),
			zero(0),
			integers(Uint8, &[1, 1], &[b]),
			scalar(1.0),
			zero(0),
			scalar(scale),
			zero(10),
		];
		eval(Op::QLinearMatMul, &operands).integers()[0]
	};
	assert_eq!(product(1, 1, 1.0), 10);
	assert_eq!(product(1, 3, 1.0), 12);
	assert_eq!(product(1, 5, 1.0), 12);
	assert_eq!(product(200, 200, 1.0), 255);
	assert_eq!(product(1, 1, 0.0), 255);
	assert_eq!(product(1, 1, f32::NAN), 10);
}

#[test]
fn quantized_convolutions_scale_each_channel() {
	let scalar = |value: f32| floats(&[], &[value]);
	let zero = |value| integers(Int8, &[], &[value]);
	let operands = [
		integers(Int8, &[1, 1, 1], &[10]),
		scalar(0.5),
		zero(0),
		integers(Int8, &[2, 1, 1], &[4, 4]),
		floats(&[2], &[1.0, 0.25]),
		integers(Int8, &[2], &[0, 0]),
		scalar(1.0),
		zero(-1),
		integers(Int32, &[2], &[2, -40]),
	];
	let op = Op::QLinearConv { group: 1, axes: vec![WindowAxis::default()] };
	assert_eq!(eval(op, &operands).integers(), [20, -1]);
}

#[test]
fn quantizing_divides_exactly() {
	let x = floats(&[5], &[0.5, 1.5, -1e9, f32::NAN, f32::INFINITY]);
	let operands = [x, floats(&[], &[1.0]), integers(Int8, &[], &[3])];
	assert_eq!(eval(Op::QuantizeLinear { axis: 0 }, &operands).integers(), [3, 5, -128, 3, 127]);
	let operands = [
		integers(Int32, &[1, 2], &[7, 7]),
		floats(&[2], &[2.0, 7.0]),
		integers(Uint8, &[2], &[0, 1]),
	];
	assert_eq!(eval(Op::QuantizeLinear { axis: 1 }, &operands).integers(), [4, 2]);
}

#[test]
fn dequantizing_rounds_once() {
	let operands = [
		integers(Uint8, &[2, 1], &[0, 255]),
		floats(&[2], &[0.1, 0.1]),
		integers(Uint8, &[2], &[128, 128]),
	];
	let outcome = eval(Op::DequantizeLinear { axis: 0 }, &operands).floats();
	assert_eq!(outcome, [-128.0 * 0.1_f32, 127.0 * 0.1_f32]);
	let operands = [
		integers(Int32, &[], &[i64::from(i32::MAX)]),
		floats(&[], &[3.0]),
		integers(Int32, &[], &[i64::from(i32::MIN)]),
	];
	let exact = (f64::from(i32::MAX) - f64::from(i32::MIN)) * 3.0;
	assert_eq!(eval(Op::DequantizeLinear { axis: 0 }, &operands).floats(), [exact as f32]);
}
