//! Transcendental primitives: float64 with a generous interval, the definition where it does not
//! decide.

use super::{
	job::{Counters, Job},
	rounding::decide,
	scalar::unary,
};
use crate::{
	arith::{elementary, F32},
	op::Op,
};

/// The relative error that is allowed for: 2¹⁰ units in the last place of float64.
///
/// The mathematical libraries in use state at most a few units for these functions (glibc and musl
/// below 1 on most operands; `libm::erf` below 1), so that three decimal digits are in hand. It
/// leaves one result in 2¹⁸ or so to the definition.
const ERROR: f64 = f64::EPSILON * 1024.0;

/// Magnitudes above which sine and cosine are left to the definition, lest anything depend on how
/// well a library reduces large arguments.
const LARGEST_ANGLE: f32 = 1_048_576.0;

/// See [`super::node::run`].
pub(super) fn run(op: &Op, job: &Job) -> Option<Vec<u8>> {
	let angle = |x: f32| x.abs() <= LARGEST_ANGLE;
	match op {
		Op::Exp => map(job, |_| true, f64::exp, elementary::exp),
		Op::Log => map(job, |x| x > 0.0, f64::ln, elementary::log),
		Op::Erf => map(job, |_| true, libm::erf, elementary::erf),
		Op::Tanh => map(job, |_| true, f64::tanh, elementary::tanh),
		Op::Sin => map(job, angle, f64::sin, elementary::sin),
		Op::Cos => map(job, angle, f64::cos, elementary::cos),
		_ => None,
	}
}

/// Maps a function over an operand: `near` within the domain, `exact` elsewhere and in doubt.
fn map(
	job: &Job,
	domain: impl Fn(f32) -> bool + Sync,
	near: impl Fn(f64) -> f64 + Sync,
	exact: impl Fn(F32) -> F32 + Sync,
) -> Option<Vec<u8>> {
	unary(job, |x: f32| {
		let value = near(x.into());
		// A result of zero, infinity or NaN has no interval that decides.
		match decide(value, value.abs() * ERROR) {
			Some(result) if domain(x) => result,
			_ => {
				Counters::count(&job.counters.undecided);
				Counters::count(&job.counters.exact);
				f32::from_bits(exact(F32::from_bits(x.to_bits())).to_bits())
			},
		}
	})
}
