use crate::{
	graph::Invalid,
	op::{Op, PoolAxis, WindowAxis},
	symbol::Dim,
	tensor::DType::Int32,
	testing::{eval, floats, integers, Outcome},
};

const NAN: f32 = f32::NAN;

#[test]
fn extremes_are_the_first_in_one_total_order() {
	let greatest = |values: &[f32]| {
		let x = floats(&[values.len() as u32], values);
		eval(Op::ArgMax { axis: 0, keep: false }, &[x]).integers()[0]
	};
	assert_eq!(greatest(&[1.0, 3.0, 3.0]), 1);
	assert_eq!(greatest(&[-0.0, 0.0]), 1);
	assert_eq!(greatest(&[f32::INFINITY, NAN, NAN]), 1);
	let least = |values: &[f32]| {
		let x = floats(&[values.len() as u32], values);
		eval(Op::ArgMin { axis: 0, keep: true }, &[x]).integers()[0]
	};
	assert_eq!(least(&[0.0, -0.0]), 1);
	assert_eq!(least(&[f32::NEG_INFINITY, NAN]), 1);
}

#[test]
fn extremes_run_along_their_axis() {
	let x = integers(Int32, &[2, 3], &[1, 5, 2, 9, 0, 9]);
	let outcome = eval(Op::ArgMax { axis: 1, keep: true }, std::slice::from_ref(&x));
	assert_eq!(outcome.extents(), [2, 1]);
	assert_eq!(outcome.integers(), [1, 0]);
	let outcome = eval(Op::ArgMin { axis: 0, keep: false }, &[x]);
	assert_eq!(outcome.extents(), [3]);
	assert_eq!(outcome.integers(), [0, 1, 0]);
	let nothing = integers(Int32, &[0], &[]);
	let outcome = eval(Op::ArgMax { axis: 0, keep: false }, &[nothing]);
	assert_eq!(outcome, Outcome::Invalid(Invalid::OperandShape));
}

#[test]
fn top_elements_come_in_order() {
	let x = floats(&[2, 4], &[1.0, NAN, 3.0, 3.0, -1.0, -0.0, 0.0, -1.0]);
	let op = |count: u32, largest| Op::TopK { axis: 1, count: Dim::from(count), largest };
	assert_eq!(eval(op(3, true), std::slice::from_ref(&x)).integers(), [1, 2, 3, 2, 1, 0]);
	assert_eq!(eval(op(4, false), std::slice::from_ref(&x)).integers(), [1, 0, 2, 3, 0, 3, 1, 2]);
	assert_eq!(eval(op(5, true), &[x]), Outcome::Invalid(Invalid::OperandShape));
}

#[test]
fn pooled_indices_name_elements_of_the_whole_operand() {
	let x = floats(&[1, 2, 3], &[1.0, 3.0, 2.0, -1.0, -3.0, -2.0]);
	let window = WindowAxis { stride: 2, dilation: 1, before: 1, after: 0 };
	let op = Op::MaxPool { axes: vec![PoolAxis { kernel: 2, window }], ceil: false };
	assert_eq!(eval(op, std::slice::from_ref(&x)).integers(), [0, 1, 3, 5]);
	let far = WindowAxis { stride: 1, dilation: 1, before: 2, after: 0 };
	let op = Op::MaxPool { axes: vec![PoolAxis { kernel: 1, window: far }], ceil: false };
	assert_eq!(eval(op, &[x]), Outcome::Fault(0));
}
