//! Short names for what lowerings add most.

use assay_canon::{
	op::{Op, SliceAxis},
	symbol::Dim,
	tensor::DType,
};

use super::{
	emit::{Emitter, Value},
	error::Refusal,
};

/// What adding a node gives.
pub(super) type Made = Result<Value, Refusal>;

/// An axis of a primitive, which has at most eight.
pub(super) fn small(axis: usize) -> Result<u8, Refusal> {
	u8::try_from(axis).map_err(|_| Refusal::Bad("axis"))
}

/// Axes of a primitive.
pub(super) fn small_axes(axes: &[usize]) -> Result<Vec<u8>, Refusal> {
	axes.iter().map(|axis| small(*axis)).collect()
}

macro_rules! unary {
	($($name:ident $op:ident $doc:literal;)*) => {$(
		#[doc = $doc]
		pub fn $name(&mut self, x: Value) -> Made {
			self.push(Op::$op, &[x])
		}
	)*};
}

macro_rules! binary {
	($($name:ident $op:ident $doc:literal;)*) => {$(
		#[doc = $doc]
		pub fn $name(&mut self, a: Value, b: Value) -> Made {
			self.push(Op::$op, &[a, b])
		}
	)*};
}

impl Emitter {
	unary! {
		neg Neg "The negative.";
		abs Abs "The magnitude.";
		sqrt Sqrt "The square root.";
		reciprocal Reciprocal "One divided by it.";
		relu Relu "The greater of it and 0.";
		sign Sign "−1, 0 or 1.";
		exp Exp "The exponential.";
		log Log "The natural logarithm.";
		erf Erf "The error function.";
		tanh Tanh "The hyperbolic tangent.";
		sin Sin "The sine.";
		cos Cos "The cosine.";
		round Round "The nearest integer.";
	}

	binary! {
		add Add "The sum.";
		sub Sub "The difference.";
		mul Mul "The product.";
		div Div "The quotient.";
		min Min "The lesser.";
		max Max "The greater.";
		less Less "Whether the first is less.";
		less_or_equal LessOrEqual "Whether the first is less or equal.";
		greater Greater "Whether the first is greater.";
		greater_or_equal GreaterOrEqual "Whether the first is greater or equal.";
		equal Equal "Whether they are equal.";
		mat_mul MatMul "The product of matrices, as the primitive has it.";
	}

	/// `x` where the condition holds, else `y`.
	pub fn choose(&mut self, condition: Value, x: Value, y: Value) -> Made {
		self.push(Op::Where, &[condition, x, y])
	}

	/// The value plus a number.
	pub fn add_float(&mut self, x: Value, number: f32) -> Made {
		let number = self.float(number)?;
		self.add(x, number)
	}

	/// The value times a number.
	pub fn mul_float(&mut self, x: Value, number: f32) -> Made {
		let number = self.float(number)?;
		self.mul(x, number)
	}

	/// The value as another type; itself if it has that type.
	pub fn cast(&mut self, x: Value, to: DType) -> Made {
		if self.dtype(x)? == to {
			Ok(x)
		} else {
			self.push(Op::Cast { to }, &[x])
		}
	}

	/// The value in another shape; itself if it has that shape.
	pub fn reshape(&mut self, x: Value, dims: &[Dim]) -> Made {
		if self.dims(x)? == dims {
			return Ok(x);
		}
		self.push(Op::Reshape { dims: dims.to_vec() }, &[x])
	}

	/// The value broadcast to a shape; itself if it has that shape.
	pub fn expand(&mut self, x: Value, dims: &[Dim]) -> Made {
		if self.dims(x)? == dims {
			return Ok(x);
		}
		self.push(Op::Expand { dims: dims.to_vec() }, &[x])
	}

	/// The value with its axes permuted; itself if the order is theirs.
	pub fn transpose(&mut self, x: Value, order: &[usize]) -> Made {
		if order.iter().enumerate().all(|(at, axis)| at == *axis) && order.len() == self.rank(x)? {
			return Ok(x);
		}
		self.push(Op::Transpose { order: small_axes(order)? }, &[x])
	}

	/// The value with its last two axes exchanged.
	pub fn transpose_last(&mut self, x: Value) -> Made {
		let rank = self.rank(x)?;
		let mut order: Vec<usize> = (0..rank).collect();
		let lead = rank.checked_sub(2).ok_or(Refusal::Bad("rank"))?;
		order.iter_mut().skip(lead).zip([rank - 1, lead]).for_each(|(to, axis)| *to = axis);
		self.transpose(x, &order)
	}

	/// Values one after the other along an axis, however many.
	pub fn concat(&mut self, values: &[Value], axis: usize) -> Made {
		let mut level = values.to_vec();
		while level.len() > 1 {
			let mut next = Vec::new();
			for group in level.chunks(assay_canon::graph::MAX_OPERANDS) {
				next.push(match group {
					[one] => *one,
					_ => self.push(Op::Concat { axis: small(axis)? }, group)?,
				});
			}
			level = next;
		}
		level.first().copied().ok_or(Refusal::Bad("operand count"))
	}

	/// `count` slices along an axis from `start`.
	pub fn slice(&mut self, x: Value, axis: usize, start: Dim, count: Dim) -> Made {
		if start == Dim::default() && self.dim(x, axis)? == count {
			return Ok(x);
		}
		let axes = vec![SliceAxis { axis: small(axis)?, start, count, step: 1 }];
		self.push(Op::Slice { axes }, &[x])
	}

	/// The slices along an axis from `start` to `end`, both fixed.
	pub fn slice_at(&mut self, x: Value, axis: usize, start: i64, end: i64) -> Made {
		self.slice(x, axis, Dim::constant(start), Dim::constant(end.saturating_sub(start)))
	}

	/// The value with an axis of extent 1 inserted before each of these axes of the result.
	pub fn unsqueeze(&mut self, x: Value, axes: &[usize]) -> Made {
		let mut old = self.dims(x)?.into_iter();
		let rank = old.len().saturating_add(axes.len());
		let mut dims = Vec::with_capacity(rank);
		for axis in 0..rank {
			let new = axes.contains(&axis);
			dims.push(if new {
				Dim::constant(1)
			} else {
				old.next().ok_or(Refusal::Bad("axes"))?
			});
		}
		self.reshape(x, &dims)
	}

	/// The value without these axes, whose extent is 1.
	pub fn squeeze(&mut self, x: Value, axes: &[usize]) -> Made {
		let dims = self.dims(x)?;
		let kept = dims.iter().enumerate().filter(|(axis, _)| !axes.contains(axis));
		let kept: Vec<Dim> = kept.map(|(_, dim)| dim.clone()).collect();
		self.reshape(x, &kept)
	}

	/// A vector along the channels (axis 1), shaped to broadcast to `x`.
	pub fn per_channel(&mut self, vector: Value, x: Value) -> Made {
		let rank = self.rank(x)?;
		let mut dims = vec![Dim::constant(1); rank.saturating_sub(1)];
		if let Some(first) = dims.first_mut() {
			*first = self.dim(vector, 0)?;
		}
		self.reshape(vector, &dims)
	}
}
