//! Copies and order statistics.

use proptest::prelude::*;

use super::*;
use crate::op::{PadMode, Padding, SliceAxis};

fn any_type() -> impl Strategy<Value = DType> {
	prop::sample::select(vec![
		DType::Float32,
		DType::Int8,
		DType::Uint8,
		DType::Int32,
		DType::Int64,
		DType::Bool,
	])
}

fn dims(extents: &[i64]) -> Vec<Dim> {
	extents.iter().map(|extent| Dim::constant(*extent)).collect()
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(150))]

	#[test]
	fn copies_agree(
		(x, y) in any_type().prop_flat_map(|dtype| (bytes(dtype, &[3, 4, 2]), bytes(dtype, &[3, 1, 2]))),
		order in Just(vec![0_u8, 1, 2]).prop_shuffle(),
		reversed in prop::sample::subsequence(vec![0_u8, 1, 2], 0..=3),
		axis in 0_u8..3,
		condition in bytes(DType::Bool, &[4, 1]),
	) {
		for op in [
			Op::Identity,
			Op::LayoutCopy,
			Op::Transpose { order },
			Op::Reverse { axes: reversed },
			Op::Tile { repeats: dims(&[2, 1, 3]) },
			Op::Pad { mode: PadMode::Edge, pads: vec![Padding { before: 1, after: -1 }; 3] },
		] {
			agree(&op, std::slice::from_ref(&x));
		}
		agree(&Op::Reshape { dims: dims(&[6, 4]) }, std::slice::from_ref(&x));
		agree_in_kernel(&Op::Expand { dims: dims(&[2, 3, 4, 2]) }, std::slice::from_ref(&y));
		agree_in_kernel(&Op::Where, &[condition, x.clone(), y.clone()]);
		if axis == 1 {
			agree_in_kernel(&Op::Concat { axis }, &[x.clone(), y.clone(), x.clone()]);
		}
		agree_in_kernel(&Op::Concat { axis }, &[x.clone(), x]);
	}

	#[test]
	fn slices_agree(x in bytes(DType::Float32, &[5, 7]), start in 0_i64..7, step in -3_i32..4, count in 0_i64..4) {
		prop_assume!(step != 0);
		let last = start + (count - 1).max(0) * i64::from(step);
		prop_assume!((0..7).contains(&last));
		let slice = |axis, start, count, step| {
			SliceAxis { axis, start: Dim::constant(start), count: Dim::constant(count), step }
		};
		let axes = vec![slice(0, 4, 3, -2), slice(1, start, count, step)];
		agree_in_kernel(&Op::Slice { axes }, &[x]);
	}

	#[test]
	fn gathering_agrees(
		x in any_type().prop_flat_map(|dtype| bytes(dtype, &[3, 4, 2])),
		indices in prop::collection::vec(-5_i64..5, 6),
		axis in 0_u8..3,
	) {
		let data = indices.iter().flat_map(|index| index.to_le_bytes()).collect();
		let indices = raw(DType::Int64, &[2, 3], data);
		agree(&Op::Gather { axis }, &[x, indices]);
	}

	#[test]
	fn order_statistics_agree(
		x in prop_oneof![
			floats(&[3, 6, 2]),
			bytes(DType::Int8, &[3, 6, 2]),
			bytes(DType::Int64, &[3, 6, 2]),
			bytes(DType::Uint8, &[3, 6, 2]),
		],
		axis in 0_u8..3,
		keep in any::<bool>(),
		largest in any::<bool>(),
		count in 0_i64..3,
	) {
		agree_in_kernel(&Op::ArgMax { axis, keep }, std::slice::from_ref(&x));
		agree_in_kernel(&Op::ArgMin { axis, keep }, std::slice::from_ref(&x));
		agree_in_kernel(&Op::TopK { axis, count: Dim::constant(count), largest }, &[x]);
	}
}

#[test]
fn large_copies_agree() {
	let x = of(&[130, 151], &noise(130 * 151, 13));
	agree_in_kernel(&Op::Transpose { order: vec![1, 0] }, std::slice::from_ref(&x));
	agree_in_kernel(&Op::Concat { axis: 1 }, &[x.clone(), x.clone()]);
	agree_in_kernel(&Op::Add, &[x.clone(), x.clone()]);
	let data = (0..500_i64).flat_map(|index| (index * 37 % 130).to_le_bytes()).collect();
	agree_in_kernel(&Op::Gather { axis: 0 }, &[x, raw(DType::Int64, &[500], data)]);
}
