//! CORE-MATH's functions.

use assay_canon::arith::elementary::Function;

/// The bits of CORE-MATH's result; for a NaN those of some NaN.
pub fn evaluate(function: Function, bits: u32) -> u32 {
	let argument = f32::from_bits(bits);
	// SAFETY: these functions take and return a number and touch nothing but errno.
	let result = unsafe {
		match function {
			Function::Exp => core_math_sys::cr_expf(argument),
			Function::Log => core_math_sys::cr_logf(argument),
			Function::Erf => core_math_sys::cr_erff(argument),
			Function::Tanh => core_math_sys::cr_tanhf(argument),
			Function::Sin => core_math_sys::cr_sinf(argument),
			Function::Cos => core_math_sys::cr_cosf(argument),
		}
	};
	result.to_bits()
}
