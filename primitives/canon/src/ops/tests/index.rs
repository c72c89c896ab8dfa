use crate::{
	graph::Invalid,
	op::{DepthOrder, Op, PadMode, Padding, Reduction, SliceAxis},
	symbol::Dim,
	tensor::DType::{Bool, Float32, Int32, Int64, Uint8},
	testing::{eval, floats, integers, Outcome},
};

fn dims(extents: &[u32]) -> Vec<Dim> {
	extents.iter().map(|extent| Dim::from(*extent)).collect()
}

fn iota(extents: &[u32]) -> crate::tensor::Tensor {
	let count: u32 = extents.iter().product();
	integers(Int32, extents, &(0..i64::from(count)).collect::<Vec<_>>())
}

#[test]
fn copies_keep_negative_zero_and_make_every_nan_the_one_nan() {
	let bits = [0x8000_0000_u32, 0xFFC0_0001, 0x7F80_0001];
	let data = bits.iter().flat_map(|bits| bits.to_le_bytes()).collect();
	let shape = crate::shape::Shape::new(&[3]).unwrap();
	let tensor = crate::tensor::Tensor::new(Float32, shape, data).unwrap();
	let copied = eval(Op::Identity, &[tensor]).floats();
	let bits: Vec<u32> = copied.iter().map(|value| value.to_bits()).collect();
	assert_eq!(bits, [0x8000_0000, 0x7FC0_0000, 0x7FC0_0000]);
}

#[test]
fn copies_make_every_bool_zero_or_one() {
	let shape = crate::shape::Shape::new(&[3]).unwrap();
	let tensor = crate::tensor::Tensor::new(Bool, shape, vec![0, 2, 255]).unwrap();
	assert_eq!(eval(Op::LayoutCopy, &[tensor]).integers(), [0, 1, 1]);
}

#[test]
fn reshape_keeps_row_major_order() {
	let outcome = eval(Op::Reshape { dims: dims(&[3, 2]) }, &[iota(&[2, 3])]);
	assert_eq!(outcome.extents(), [3, 2]);
	assert_eq!(outcome.integers(), [0, 1, 2, 3, 4, 5]);
	let wrong = eval(Op::Reshape { dims: dims(&[4]) }, &[iota(&[2, 3])]);
	assert_eq!(wrong, Outcome::Invalid(Invalid::OperandShape));
}

#[test]
fn transpose_permutes_axes() {
	let outcome = eval(Op::Transpose { order: vec![2, 0, 1] }, &[iota(&[2, 1, 3])]);
	assert_eq!(outcome.extents(), [3, 2, 1]);
	assert_eq!(outcome.integers(), [0, 3, 1, 4, 2, 5]);
	let wrong = eval(Op::Transpose { order: vec![0, 0, 1] }, &[iota(&[2, 1, 3])]);
	assert_eq!(wrong, Outcome::Invalid(Invalid::BadAttribute));
}

#[test]
fn concat_joins_along_an_axis() {
	let outcome = eval(Op::Concat { axis: 1 }, &[iota(&[2, 1]), iota(&[2, 2])]);
	assert_eq!(outcome.integers(), [0, 0, 1, 1, 2, 3]);
}

#[test]
fn slice_walks_backwards_too() {
	let axis = SliceAxis { axis: 0, start: Dim::from(4), count: Dim::from(2), step: -3 };
	assert_eq!(eval(Op::Slice { axes: vec![axis.clone()] }, &[iota(&[6])]).integers(), [4, 1]);
	let beyond = SliceAxis { count: Dim::from(3), ..axis };
	let outcome = eval(Op::Slice { axes: vec![beyond] }, &[iota(&[6])]);
	assert_eq!(outcome, Outcome::Invalid(Invalid::OperandShape));
}

#[test]
fn gather_counts_from_the_end_and_faults_outside() {
	let x = iota(&[3, 2]);
	let indices = integers(Int64, &[2], &[-1, 0]);
	assert_eq!(eval(Op::Gather { axis: 0 }, &[x.clone(), indices]).integers(), [4, 5, 0, 1]);
	let indices = integers(Int32, &[2, 1], &[1, 0]);
	let outcome = eval(Op::Gather { axis: 1 }, &[x.clone(), indices]);
	assert_eq!(outcome.extents(), [3, 2, 1]);
	assert_eq!(outcome.integers(), [1, 0, 3, 2, 5, 4]);
	let outside = integers(Int64, &[2], &[0, 3]);
	assert_eq!(eval(Op::Gather { axis: 0 }, &[x, outside]), Outcome::Fault(2));
}

#[test]
fn gather_elements_and_tuples_read_where_they_are_told() {
	let x = iota(&[2, 3]);
	let indices = integers(Int64, &[2, 2], &[2, 0, -1, 1]);
	let outcome = eval(Op::GatherElements { axis: 1 }, &[x.clone(), indices]);
	assert_eq!(outcome.integers(), [2, 0, 5, 4]);
	let tuples = integers(Int64, &[2, 2], &[0, 1, 1, -1]);
	assert_eq!(eval(Op::GatherND { batch: 0 }, &[x.clone(), tuples]).integers(), [1, 5]);
	let batched = integers(Int64, &[2, 1], &[2, 0]);
	assert_eq!(eval(Op::GatherND { batch: 1 }, &[x, batched]).integers(), [2, 3]);
}

#[test]
fn scatter_elements_replaces_with_the_last_update() {
	let operands = [
		integers(Int32, &[1, 4], &[9, 9, 9, 9]),
		integers(Int64, &[1, 3], &[1, -1, 1]),
		integers(Int32, &[1, 3], &[5, 6, 7]),
	];
	let op = |reduction| Op::ScatterElements { axis: 1, reduction };
	assert_eq!(eval(op(Reduction::Replace), &operands).integers(), [9, 7, 9, 6]);
	assert_eq!(eval(op(Reduction::Add), &operands).integers(), [9, 21, 9, 15]);
	assert_eq!(eval(op(Reduction::Mul), &operands).integers(), [9, 315, 9, 54]);
	assert_eq!(eval(op(Reduction::Min), &operands).integers(), [9, 5, 9, 6]);
	let outside = [operands[0].clone(), integers(Int64, &[1, 3], &[0, 4, 0]), operands[2].clone()];
	assert_eq!(eval(op(Reduction::Max), &outside), Outcome::Fault(0));
}

#[test]
fn scatter_nd_adds_floats_exactly() {
	let operands = [
		floats(&[2, 1], &[1.0, 1e8]),
		integers(Int64, &[3, 1], &[1, 1, -1]),
		floats(&[3, 1], &[3.0, 3.0, 3.0]),
	];
	let outcome = eval(Op::ScatterND { reduction: Reduction::Add }, &operands);
	assert_eq!(outcome.floats(), [1.0, 100_000_008.0]);
	let outcome = eval(Op::ScatterND { reduction: Reduction::Replace }, &operands);
	assert_eq!(outcome.floats(), [1.0, 3.0]);
}

#[test]
fn pad_fills_by_each_mode() {
	let x = iota(&[3]);
	let pads = vec![Padding { before: 2, after: 3 }];
	let pad = |mode| Op::Pad { mode, pads: pads.clone() };
	let value = integers(Int32, &[], &[7]);
	let constant = eval(pad(PadMode::Constant), &[x.clone(), value]);
	assert_eq!(constant.integers(), [7, 7, 0, 1, 2, 7, 7, 7]);
	assert_eq!(
		eval(pad(PadMode::Edge), std::slice::from_ref(&x)).integers(),
		[0, 0, 0, 1, 2, 2, 2, 2]
	);
	assert_eq!(
		eval(pad(PadMode::Reflect), std::slice::from_ref(&x)).integers(),
		[2, 1, 0, 1, 2, 1, 0, 1]
	);
	assert_eq!(
		eval(pad(PadMode::Wrap), std::slice::from_ref(&x)).integers(),
		[1, 2, 0, 1, 2, 0, 1, 2]
	);
	let cut = Op::Pad { mode: PadMode::Constant, pads: vec![Padding { before: -1, after: -1 }] };
	assert_eq!(eval(cut, &[x]).integers(), [1]);
}

#[test]
fn expand_tile_and_where_repeat_elements() {
	let column = integers(Int32, &[2, 1], &[1, 2]);
	let outcome = eval(Op::Expand { dims: dims(&[2, 2, 2]) }, std::slice::from_ref(&column));
	assert_eq!(outcome.integers(), [1, 1, 2, 2, 1, 1, 2, 2]);
	let outcome = eval(Op::Tile { repeats: dims(&[1, 3]) }, std::slice::from_ref(&column));
	assert_eq!(outcome.integers(), [1, 1, 1, 2, 2, 2]);
	let condition = integers(Bool, &[2], &[1, 0]);
	let outcome = eval(Op::Where, &[condition, column, integers(Int32, &[], &[9])]);
	assert_eq!(outcome.integers(), [1, 9, 2, 9]);
}

#[test]
fn depth_and_space_change_places() {
	let x = iota(&[1, 8, 1, 1]);
	let by_block = Op::DepthToSpace { block: 2, order: DepthOrder::BlockFirst };
	let outcome = eval(by_block, std::slice::from_ref(&x));
	assert_eq!(outcome.extents(), [1, 2, 2, 2]);
	assert_eq!(outcome.clone().integers(), [0, 2, 4, 6, 1, 3, 5, 7]);
	let Outcome::Tensor(space) = outcome else { panic!() };
	assert_eq!(
		eval(Op::SpaceToDepth { block: 2 }, &[space]).integers(),
		(0..8).collect::<Vec<_>>()
	);
	let by_channel = Op::DepthToSpace { block: 2, order: DepthOrder::ChannelFirst };
	assert_eq!(eval(by_channel, &[x]).integers(), (0..8).collect::<Vec<_>>());
}

#[test]
fn trilu_keeps_one_side_of_a_diagonal() {
	let x = iota(&[3, 3]);
	let upper = eval(Op::Trilu { upper: true, diagonal: 1 }, std::slice::from_ref(&x));
	assert_eq!(upper.integers(), [0, 1, 2, 0, 0, 5, 0, 0, 0]);
	let lower = eval(Op::Trilu { upper: false, diagonal: 0 }, &[x]);
	assert_eq!(lower.integers(), [0, 0, 0, 3, 4, 0, 6, 7, 8]);
}

#[test]
fn one_hot_is_nowhere_hot_outside_the_axis() {
	let operands = [integers(Int64, &[3], &[1, -1, 5]), integers(Uint8, &[2], &[0, 1])];
	let outcome = eval(Op::OneHot { axis: 1, depth: Dim::from(2) }, &operands);
	assert_eq!(outcome.integers(), [0, 1, 0, 1, 0, 0]);
}

#[test]
fn primitives_without_operands_follow_their_attributes() {
	let (rows, columns) = (Dim::from(2), Dim::from(3));
	let eye = Op::EyeLike { dtype: Float32, rows, columns, diagonal: 1 };
	assert_eq!(eval(eye, &[]).floats(), [0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
	assert_eq!(eval(Op::Iota { dims: dims(&[2, 2]), axis: 1 }, &[]).integers(), [0, 1, 0, 1]);
	assert_eq!(eval(Op::Extents { dims: dims(&[7, 5]) }, &[]).integers(), [7, 5]);
}

#[test]
fn reversing_respects_lengths() {
	assert_eq!(eval(Op::Reverse { axes: vec![1] }, &[iota(&[2, 2])]).integers(), [1, 0, 3, 2]);
	let lengths = integers(Int64, &[2], &[1, 3]);
	let op = Op::ReverseSequence { time: 1, batch: 0 };
	let outcome = eval(op.clone(), &[iota(&[2, 3]), lengths]);
	assert_eq!(outcome.integers(), [0, 1, 2, 5, 4, 3]);
	let outside = integers(Int64, &[2], &[1, 4]);
	assert_eq!(eval(op, &[iota(&[2, 3]), outside]), Outcome::Fault(3));
}
