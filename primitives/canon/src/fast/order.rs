//! Order statistics along a line: the total order as integer keys.

use rayon::prelude::*;

use super::{
	job::Job,
	pool,
	scalar::{elements, Number},
};
use crate::{
	op::Op,
	shape::{Coordinates, Shape},
	tensor::DType,
};

/// A value as a key of the total order (PROTOCOL P1.6).
pub(super) trait Key {
	/// The key whose greatest is first when the greatest value is sought.
	fn greatest(self) -> i64;
	/// The key whose least is first when the least value is sought.
	fn least(self) -> i64;
}

impl Key for f32 {
	fn greatest(self) -> i64 {
		if self.is_nan() {
			i64::MAX
		} else {
			rank(self)
		}
	}

	fn least(self) -> i64 {
		if self.is_nan() {
			i64::MIN
		} else {
			rank(self)
		}
	}
}

/// An integer that grows with the value, and from −0 to +0.
fn rank(value: f32) -> i64 {
	let bits = value.to_bits() as i32;
	i64::from(if bits < 0 { bits ^ i32::MAX } else { bits })
}

macro_rules! key {
	($($native:ty),*) => {
		$(impl Key for $native {
			fn greatest(self) -> i64 {
				self.into()
			}

			fn least(self) -> i64 {
				self.into()
			}
		})*
	};
}

key!(i8, u8, i32, i64);

/// See [`super::node::run`].
pub(super) fn run(job: &Job) -> Option<Vec<u8>> {
	if let Op::MaxPool { axes, .. } = &job.node.op {
		return pool::greatest(job, axes);
	}
	match job.operands.first()?.dtype() {
		DType::Float32 => lines::<f32>(job),
		DType::Int8 => lines::<i8>(job),
		DType::Uint8 => lines::<u8>(job),
		DType::Int32 => lines::<i32>(job),
		DType::Int64 => lines::<i64>(job),
		DType::Bool => None,
	}
}

fn lines<T: Number + Key>(job: &Job) -> Option<Vec<u8>> {
	let (axis, largest, keep) = match &job.node.op {
		Op::ArgMax { axis, keep } => (axis, true, *keep),
		Op::ArgMin { axis, keep } => (axis, false, *keep),
		Op::TopK { axis, largest, .. } => (axis, *largest, true),
		_ => return None,
	};
	let (x, data) = (job.view(0)?, elements::<T>(job.operands.first()?)?);
	let (axis, target) = (usize::from(*axis), job.target());
	let others =
		x.kind.shape.iter().enumerate().map(|(at, extent)| if at == axis { 1 } else { extent });
	let others = Shape::from_extents(others)?;
	let count =
		if matches!(job.node.op, Op::TopK { .. }) { job.output.shape.extent(axis) } else { 1 };
	let (extent, step) = (x.kind.shape.extent(axis), x.stride(axis));
	let key = |value: T| if largest { value.greatest() } else { !value.least() };
	let line = |number: u64| {
		let at = Coordinates::of(number, &others);
		let mut keys = Vec::new();
		for index in 0..extent {
			let offset = x.offset(&at).checked_add(index.checked_mul(step)?)?;
			keys.push((key(T::read(data.get(usize::try_from(offset).ok()?)?)), index));
		}
		Some((at, first(keys, usize::try_from(count).ok()?)))
	};
	let found = (0..others.count()).into_par_iter().map(line).collect::<Option<Vec<_>>>()?;
	let mut words = vec![[0; 8]; usize::try_from(job.output.shape.count()).ok()?];
	for (at, indices) in found {
		let mut place = Coordinates::empty();
		let kept = at.iter().enumerate().filter(|(number, _)| keep || *number != axis);
		kept.for_each(|(_, value)| place.push(value));
		for (number, index) in (0..).zip(indices) {
			if keep {
				place.set(axis, number);
			}
			*words.get_mut(usize::try_from(target.offset(&place)).ok()?)? = index.to_le_bytes();
		}
	}
	Some(words.into_flattened())
}

/// The indices of the `count` greatest keys, of equal ones the lower index first.
fn first(mut keys: Vec<(i64, u64)>, count: usize) -> Vec<u64> {
	let order =
		|left: &(i64, u64), right: &(i64, u64)| right.0.cmp(&left.0).then(left.1.cmp(&right.1));
	if count == 1 {
		return keys
			.iter()
			.min_by(|left, right| order(left, right))
			.map(|(_, index)| *index)
			.into_iter()
			.collect();
	}
	keys.sort_unstable_by(order);
	keys.into_iter().take(count).map(|(_, index)| index).collect()
}
