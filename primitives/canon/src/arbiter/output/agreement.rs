//! Whether what was submitted is what the canonical function delivers.

use super::{Delivered, DeliveredTensor, Submitted, SubmittedTensor};
use crate::{
	arbiter::Malformed,
	arith::F32,
	commitment::{faulted_root, Hasher},
	exact::Fault,
	tensor::{DType, Element},
	tolerance::Tolerance,
};

/// How close to the canonical outputs those submitted have to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
	/// They have the same bits.
	Bits,
	/// They are within a tolerance (PROTOCOL P2.3).
	Near {
		/// The tolerance.
		tolerance: Tolerance,
		/// The axis along which rows run.
		axis: u8,
		/// How many times the tolerance a deviation exceeds that is gross.
		gross: u32,
	},
}

/// How what was submitted compares with what is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
	/// It is accepted.
	Within,
	/// It deviates.
	Outside,
	/// It deviates further than a tolerance many times over, or in its very type.
	Gross,
}

impl Rule {
	/// How the submitted element at a row-major index compares with the delivered one. Where types
	/// differ, a run ended early or roots are compared, the index plays no part.
	///
	/// What was submitted need not be known: where bits are to be equal, or the run ends early, one
	/// root alone agrees with what is delivered.
	///
	/// That tensors are submitted of a run that ends early, or the end of one that does not, is
	/// never gross: engines differ in what they do about an index out of range.
	pub fn compare<H: Hasher>(
		&self,
		delivered: &mut Delivered,
		submitted: &Submitted,
		element: u64,
	) -> Result<Agreement, Malformed> {
		let within = |same: bool| if same { Agreement::Within } else { Agreement::Outside };
		match (delivered, submitted) {
			(Delivered::Fault(Fault { slot, element }), Submitted::Root(given)) => {
				Ok(within(faulted_root::<H>(*slot, *element) == *given))
			},
			(Delivered::Tensors(right), Submitted::Root(given)) if *self == Self::Bits => {
				Ok(within(right == given))
			},
			(Delivered::Fault(right), Submitted::Fault(given)) => Ok(within(right == given)),
			(Delivered::Fault(_), _) | (Delivered::Complete, Submitted::Fault(_)) => {
				Ok(Agreement::Outside)
			},
			(Delivered::Complete | Delivered::Tensor(_), Submitted::OtherCount) => {
				Ok(self.of_types())
			},
			(Delivered::Tensor(right), Submitted::Tensor(given)) => {
				self.tensors(right, given, element)
			},
			// The run may have ended in a slot that is no output, or too little is opened.
			(Delivered::Tensor(_), Submitted::Fault(_))
			| (Delivered::Complete, Submitted::Tensor(_))
			| (Delivered::Tensors(_), _)
			| (_, Submitted::Root(_)) => Err(Malformed::Incomparable),
		}
	}

	/// Whether an element of what a probe delivers is beyond the tolerance of the canonical one, which
	/// shows that the canonical function is not stable there. A probe that ends early is far from
	/// any run that does not.
	pub fn is_moved(
		&self,
		probed: &mut Delivered,
		canonical: &mut Delivered,
		element: u64,
	) -> Result<bool, Malformed> {
		match (self, probed, canonical) {
			(_, Delivered::Fault(_), Delivered::Tensor(_)) => Ok(true),
			(
				Self::Near { tolerance, axis, .. },
				Delivered::Tensor(probed),
				Delivered::Tensor(canonical),
			) if probed.number() == canonical.number() => {
				let (moved, right) = (probed.element(element)?, canonical.element(element)?);
				if right.dtype() != DType::Float32 {
					return Ok(moved != right);
				}
				let scale = canonical.scale(element, *axis)?;
				Ok(!tolerance.admits(moved.to_f32(), right.to_f32(), scale))
			},
			_ => Err(Malformed::Incomparable),
		}
	}

	/// How the bits of a submitted element compare with a canonical element of the same type, in a
	/// row of this scale. Elements that are not float32 are compared by their bits.
	///
	/// Where one of the two is not finite, the deviation is never gross: a sum of float32 can
	/// overflow on its way although its exact value is in range (PROTOCOL P2.3).
	pub fn elements(&self, canonical: Element, submitted: u64, scale: F32) -> Agreement {
		match self {
			Self::Near { tolerance, gross, .. } if canonical.dtype() == DType::Float32 => {
				let given = Element::from_bits(DType::Float32, submitted).to_f32();
				let canonical = canonical.to_f32();
				// Engines overflow in sums whose exact value is finite.
				let finite = given.is_finite() && canonical.is_finite();
				if tolerance.admits(given, canonical, scale) {
					Agreement::Within
				} else if finite && tolerance.exceeds(given, canonical, scale, *gross) {
					Agreement::Gross
				} else {
					Agreement::Outside
				}
			},
			_ if canonical.bits() == submitted => Agreement::Within,
			_ => Agreement::Outside,
		}
	}

	fn tensors(
		&self,
		delivered: &mut DeliveredTensor,
		submitted: &SubmittedTensor,
		element: u64,
	) -> Result<Agreement, Malformed> {
		if delivered.number() != submitted.number() {
			return Err(Malformed::Incomparable);
		}
		if submitted.kind() != Some(delivered.kind()) {
			return Ok(self.of_types());
		}
		let canonical = delivered.element(element)?;
		let scale = match self {
			Self::Near { axis, .. } if canonical.dtype() == DType::Float32 => {
				delivered.scale(element, *axis)?
			},
			_ => F32::ZERO,
		};
		Ok(self.elements(canonical, submitted.bits(element)?, scale))
	}

	/// No rounding makes tensors of another number, type or shape.
	const fn of_types(&self) -> Agreement {
		match self {
			Self::Bits => Agreement::Outside,
			Self::Near { .. } => Agreement::Gross,
		}
	}
}
