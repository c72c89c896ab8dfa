//! How near a value comes to where rounding turns, and the inputs that come nearest.

use assay_canon::arith::elementary::Enclosure;

/// Inputs remembered.
const KEPT: usize = 24;

/// The inputs whose values lie nearest to the midpoint of two float32.
#[derive(Default)]
pub struct Hardest {
	/// Distances to a midpoint in units of 2⁻⁶⁴ of the result's last bit, and the inputs' bits.
	entries: Vec<(u64, u32)>,
}

impl Hardest {
	/// Remembers an input if it is among the hardest.
	pub fn offer(&mut self, enclosure: Enclosure, bits: u32) {
		let distance = distance(enclosure);
		let full = self.entries.len() == KEPT;
		if full && self.entries.last().is_some_and(|last| last.0 <= distance) {
			return;
		}
		self.insert((distance, bits));
	}

	/// Adds another list.
	pub fn merge(&mut self, other: Self) {
		other.entries.into_iter().for_each(|entry| self.insert(entry));
	}

	/// The inputs' bits, the hardest first, with −log₂ of the distance in last bits.
	pub fn entries(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
		self.entries.iter().map(|(distance, bits)| (*bits, 64.0 - (*distance as f64).log2()))
	}

	fn insert(&mut self, entry: (u64, u32)) {
		let at = self.entries.partition_point(|other| other <= &entry);
		self.entries.insert(at, entry);
		self.entries.truncate(KEPT);
	}
}

/// The distance to the nearest midpoint in units of 2⁻⁶⁴ of the result's last bit.
fn distance(enclosure: Enclosure) -> u64 {
	let Enclosure { significand, exponent, .. } = enclosure;
	let zeros = significand.leading_zeros();
	let normal = significand << zeros;
	// Of a normal result 24 bits are kept; of one below 2^−126 fewer, down to none.
	let width = exponent + 128 - zeros as i32;
	let kept = (width + 149).min(24);
	let after = match kept {
		1.. => normal << kept,
		0 => normal,
		// Farther below the least midpoint than there is need to tell.
		_ => return 1 << 63,
	};
	let fraction = (after >> 64) as u64;
	fraction.abs_diff(1 << 63)
}
