//! exp, log, erf, tanh, sin and cos, correctly rounded for every float32, in integers only.
//!
//! Each function is evaluated once, in fixed point of about 127 bits: a reduction of the argument,
//! a table, a polynomial. The children prove that what they return is within 2⁻¹⁰⁰ of the function
//! in relative terms; [`Enclosure`] is that interval, and the result is known when both ends of it
//! round to one float32.
//!
//! There is no second evaluation for the case that they do not. To remain undecided a value would
//! have to agree with the midpoint of two float32 in some 76 bits after the last of the result.
//! A function of one float32 has only 2³² arguments, so that by chance its longest such agreement
//! is about 32 bits. `oracle/README.md` records for which arguments this was counted, the longest
//! agreement found, and how many were undecided: none. Where a value is itself a float32, as
//! exp(0) is, it is returned without an evaluation; by the theorem of Lindemann exp, log, tanh,
//! sin and cos of any other float32 are irrational, so none of them is a midpoint.
//!
//! The tables are written by `oracle/constants.py`.

use super::F32;

mod enclosure;
mod error_function;
mod exponential;
mod fixed;
mod hyperbolic;
mod logarithm;
mod tables;
mod trigonometric;

pub use enclosure::{Enclosure, Value};

/// e to the power of a value.
pub fn exp(value: F32) -> F32 {
	exponential::exp(value).round()
}

/// The natural logarithm: NaN below zero, −∞ for either zero.
pub fn log(value: F32) -> F32 {
	logarithm::log(value).round()
}

/// The error function 2/√π·∫₀ˣ exp(−t²) dt.
pub fn erf(value: F32) -> F32 {
	error_function::erf(value).round()
}

/// The hyperbolic tangent.
pub fn tanh(value: F32) -> F32 {
	hyperbolic::tanh(value).round()
}

/// The sine of a value in radians: NaN for the infinities.
pub fn sin(value: F32) -> F32 {
	trigonometric::sin(value).round()
}

/// The cosine of a value in radians: NaN for the infinities.
pub fn cos(value: F32) -> F32 {
	trigonometric::cos(value).round()
}

/// The functions of this module by name, for what treats them alike: tests and the oracle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
	/// [`exp`].
	Exp,
	/// [`log`].
	Log,
	/// [`erf`].
	Erf,
	/// [`tanh`].
	Tanh,
	/// [`sin`].
	Sin,
	/// [`cos`].
	Cos,
}

impl Function {
	/// All of them.
	pub const ALL: [Self; 6] = [Self::Exp, Self::Log, Self::Erf, Self::Tanh, Self::Sin, Self::Cos];

	/// The name in lower case.
	pub const fn name(self) -> &'static str {
		match self {
			Self::Exp => "exp",
			Self::Log => "log",
			Self::Erf => "erf",
			Self::Tanh => "tanh",
			Self::Sin => "sin",
			Self::Cos => "cos",
		}
	}

	/// The value before it is rounded, at any argument.
	pub fn value(self, argument: F32) -> Value {
		match self {
			Self::Exp => exponential::exp(argument),
			Self::Log => logarithm::log(argument),
			Self::Erf => error_function::erf(argument),
			Self::Tanh => hyperbolic::tanh(argument),
			Self::Sin => trigonometric::sin(argument),
			Self::Cos => trigonometric::cos(argument),
		}
	}
}
