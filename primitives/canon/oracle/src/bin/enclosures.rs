//! Prints enclosures of every function for `accuracy.py` to compare with its own values.
//!
//! A line is: function, argument's bits, 1 if negative, significand, exponent. The arguments are
//! those of the digests in `tests/elementary.rs`.

use assay_canon::arith::{
	elementary::{Enclosure, Function, Value},
	F32,
};

/// Arguments of each function, before those whose value is known without an evaluation drop out.
const COUNT: u32 = 40_000;

fn main() {
	for function in Function::ALL {
		for bits in (0..COUNT).map(argument) {
			if let Value::Within(enclosure) = function.value(F32::from_bits(bits)) {
				let Enclosure { negative, significand, exponent } = enclosure;
				let sign = u8::from(negative);
				println!("{} {bits} {sign} {significand} {exponent}", function.name());
			}
		}
	}
}

/// By turns any bits, a number from 2⁻¹⁵ to 2⁸, and a number near one, where log is near zero.
fn argument(index: u32) -> u32 {
	let mixed = index.wrapping_mul(0x9e37_79b1);
	match index % 3 {
		0 => mixed,
		1 => (mixed & 0x8000_0000) | (0x3800_0000 + (mixed & 0x7fff_ffff) % 0x0b80_0000),
		_ => (0x3f80_0000 + (mixed >> (12 + index % 19))).wrapping_sub(index / 3 % 2 * 0x8000),
	}
}
