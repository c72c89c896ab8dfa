//! Scalar primitives, on every pair of troublesome values and on any bits.

use proptest::prelude::*;

use super::*;

const TROUBLE: [u32; 26] = [
	0,
	0x8000_0000,
	1,
	0x8000_0001,
	0x007f_ffff,
	0x0080_0000,
	0x3f80_0000,
	0xbf80_0000,
	0x3f80_0001,
	0x3f00_0000,
	0xbf00_0000,
	0x4020_0000,
	0x4b00_0001,
	0x4b80_0000,
	0xcb80_0000,
	0x7f7f_ffff,
	0xff7f_ffff,
	0x7f80_0000,
	0xff80_0000,
	0x7fc0_0000,
	0xffc0_0000,
	0x7f80_0001,
	0x5f00_0000,
	0xdf00_0000,
	0x4f00_0000,
	0xcf00_0000,
];

fn float_pairs() -> Vec<Op> {
	vec![
		Op::Add,
		Op::Sub,
		Op::Mul,
		Op::Div,
		Op::Mod { truncated: true },
		Op::Min,
		Op::Max,
		Op::Equal,
		Op::Less,
		Op::LessOrEqual,
		Op::Greater,
		Op::GreaterOrEqual,
	]
}

fn float_functions() -> Vec<Op> {
	let mut ops = vec![
		Op::Neg,
		Op::Abs,
		Op::Sqrt,
		Op::Reciprocal,
		Op::Relu,
		Op::Floor,
		Op::Ceil,
		Op::Round,
		Op::Sign,
		Op::IsNaN,
		Op::IsInf { negative: true, positive: false },
		Op::IsInf { negative: false, positive: true },
		Op::LeakyRelu { alpha: 0x3c23_d70a },
		Op::LeakyRelu { alpha: 0x7fc0_0001 },
	];
	ops.extend(
		[DType::Float32, DType::Int8, DType::Uint8, DType::Int32, DType::Int64, DType::Bool]
			.map(|to| Op::Cast { to }),
	);
	ops
}

fn transcendental() -> Vec<Op> {
	vec![Op::Exp, Op::Log, Op::Erf, Op::Tanh, Op::Sin, Op::Cos]
}

#[test]
fn pairs_of_troublesome_values_agree() {
	let count = TROUBLE.len() as u32;
	let (a, b) = (of_bits(&[count, 1], &TROUBLE), of_bits(&[count], &TROUBLE));
	for op in float_pairs() {
		agree_in_kernel(&op, &[a.clone(), b.clone()]);
	}
	let square = agreeing_square(&a, count);
	agree_in_kernel(&Op::PRelu, &[square, b.clone()]);
	for low in TROUBLE {
		for high in [0x3f80_0000, 0x7f80_0000, 0x7fc0_0000, 0x8000_0000] {
			agree_in_kernel(&Op::Clip, &[b.clone(), of_bits(&[], &[low]), of_bits(&[], &[high])]);
		}
	}
}

fn agreeing_square(column: &Tensor, count: u32) -> Tensor {
	let rows = column.data().chunks(4).flat_map(|value| value.repeat(count as usize));
	raw(DType::Float32, &[count, count], rows.collect())
}

#[test]
fn functions_of_troublesome_values_agree() {
	let x = of_bits(&[TROUBLE.len() as u32], &TROUBLE);
	for op in float_functions().into_iter().chain(transcendental()) {
		agree_in_kernel(&op, std::slice::from_ref(&x));
	}
}

#[test]
fn transcendental_functions_agree_and_hardly_need_the_definition() {
	let values: Vec<f32> = noise(20_000, 12).iter().map(|value| value * 20.0).collect();
	let x = of(&[20_000], &values);
	for op in transcendental() {
		let (undecided, exact) = agree_in_kernel(&op, std::slice::from_ref(&x));
		assert_eq!(undecided, exact);
		// The logarithm of what is below zero is the definition's.
		assert!(exact < 10 || op == Op::Log, "{op:?}: {exact}");
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(100))]

	#[test]
	fn functions_of_any_bits_agree(x in prop::collection::vec(any::<u32>(), 100)) {
		let x = of_bits(&[100], &x);
		for op in float_functions().into_iter().chain(transcendental()) {
			agree_in_kernel(&op, std::slice::from_ref(&x));
		}
	}

	#[test]
	fn pairs_that_broadcast_agree(
		a in floats(&[3, 1, 4]),
		b in floats(&[2, 1]),
		c in floats(&[3, 2, 4]),
		d in floats(&[]),
	) {
		for op in float_pairs() {
			agree_in_kernel(&op, &[a.clone(), b.clone()]);
			agree_in_kernel(&op, &[c.clone(), b.clone()]);
			agree_in_kernel(&op, &[d.clone(), c.clone()]);
			agree_in_kernel(&op, &[c.clone(), d.clone()]);
		}
	}

	#[test]
	fn integers_agree(
		dtype in prop::sample::select(vec![DType::Int8, DType::Uint8, DType::Int32, DType::Int64]),
		(a, b) in (bytes(DType::Int64, &[4, 3]), bytes(DType::Int64, &[3])),
	) {
		let typed = |tensor: &Tensor| {
			let data = tensor.data()[..tensor.shape().count() as usize * dtype.size()].to_vec();
			raw(dtype, tensor.shape().extents(), data)
		};
		let (a, b) = (typed(&a), typed(&b));
		for op in [
			Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Mod { truncated: false }, Op::Min, Op::Max, Op::Equal,
			Op::Less, Op::LessOrEqual, Op::Greater, Op::GreaterOrEqual, Op::BitAnd, Op::ShiftLeft,
		] {
			agree(&op, &[a.clone(), b.clone()]);
		}
		for op in [Op::Relu, Op::Neg, Op::Abs, Op::Sign, Op::BitNot] {
			agree(&op, std::slice::from_ref(&a));
		}
		for to in [DType::Float32, DType::Int8, DType::Uint8, DType::Int32, DType::Int64, DType::Bool] {
			agree_in_kernel(&Op::Cast { to }, std::slice::from_ref(&a));
		}
	}

	#[test]
	fn bools_agree_whatever_their_bytes(
		(a, b) in (bytes(DType::Bool, &[9]), bytes(DType::Bool, &[9])),
	) {
		for op in [Op::And, Op::Or, Op::Xor, Op::Equal] {
			agree_in_kernel(&op, &[a.clone(), b.clone()]);
		}
		agree_in_kernel(&Op::Not, std::slice::from_ref(&a));
		agree(&Op::Cast { to: DType::Float32 }, &[a]);
	}
}

#[test]
fn the_first_fault_in_row_major_order_is_found_on_any_number_of_threads() {
	let count = 40_000;
	let mut divisors = vec![1_i32; count];
	for zero in [39_999, 20_001, 17_003] {
		divisors[zero] = 0;
	}
	let data: Vec<u8> = divisors.iter().flat_map(|value| value.to_le_bytes()).collect();
	let divisors = raw(DType::Int32, &[2, count as u32 / 2], data);
	agree(&Op::Div, &[divisors.clone(), divisors]);
}
