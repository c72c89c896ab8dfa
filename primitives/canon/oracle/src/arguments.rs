//! The command line.

use assay_canon::arith::elementary::Function;

use crate::INPUTS;

/// How the program is called.
const USAGE: &str =
	"assay-canon-oracle FUNCTION|all [--first BITS] [--last BITS] [--stride N] [--threads N]

Compares a function's results with CORE-MATH's on the inputs whose bits are first, first + stride,
and so on up to last. Bits are decimal, or hexadecimal after 0x. Without options: all 2^32 inputs.";

/// What to check.
pub struct Arguments {
	/// The functions, in order.
	pub functions: Vec<Function>,
	/// The first input's bits.
	pub first: u64,
	/// The last input's bits, or an upper bound of it.
	pub last: u64,
	/// The distance from one input to the next.
	pub stride: u64,
	/// Threads that compute.
	pub threads: usize,
}

impl Arguments {
	/// Reads the arguments after the program's name; the error is what to tell the user.
	pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
		let name = words.next().ok_or(USAGE)?;
		let functions: Vec<_> = Function::ALL
			.into_iter()
			.filter(|function| name == "all" || name == function.name())
			.collect();
		if functions.is_empty() {
			return Err(format!("unknown function {name}\n\n{USAGE}"));
		}
		let threads = std::thread::available_parallelism().map_or(1, usize::from);
		let mut arguments = Self { functions, first: 0, last: INPUTS - 1, stride: 1, threads };
		while let Some(option) = words.next() {
			let value = number(&words.next().ok_or(USAGE)?)?;
			match option.as_str() {
				"--first" => arguments.first = value,
				"--last" => arguments.last = value,
				"--stride" => arguments.stride = value.max(1),
				"--threads" => arguments.threads = value.max(1) as usize,
				_ => return Err(format!("unknown option {option}\n\n{USAGE}")),
			}
		}
		if arguments.first > arguments.last || arguments.last >= INPUTS {
			return Err(format!("no inputs between first and last\n\n{USAGE}"));
		}
		Ok(arguments)
	}
}

/// A number below 2³² + 1, so that no later sum overflows.
fn number(word: &str) -> Result<u64, String> {
	let parsed = match word.strip_prefix("0x") {
		Some(digits) => u64::from_str_radix(digits, 16),
		None => word.parse(),
	};
	match parsed {
		Ok(value) if value <= INPUTS => Ok(value),
		_ => Err(format!("not a number up to 2^32: {word}")),
	}
}
