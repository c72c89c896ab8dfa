//! Draws by weight.

use crate::Balance;

/// The number in the first 16 bytes of a hash.
pub fn seed(hash: &[u8]) -> Option<u128> {
	hash.first_chunk().copied().map(u128::from_le_bytes)
}

/// Which of these weights a random number falls upon. `None` when they are nothing together, or
/// more than can be counted.
///
/// The remainder favors low points by less than the whole in 2¹²⁸: stakes are far below.
pub fn weighted(weights: impl Iterator<Item = Balance> + Clone, seed: u128) -> Option<usize> {
	let whole = weights.clone().try_fold(0u128, |sum, weight| sum.checked_add(weight))?;
	let mut point = seed.checked_rem(whole)?;
	for (index, weight) in weights.enumerate() {
		match point.checked_sub(weight) {
			Some(rest) => point = rest,
			None => return Some(index),
		}
	}
	None
}

#[cfg(test)]
mod tests {
	use super::*;

	fn draw(weights: &[Balance], seed: u128) -> Option<usize> {
		weighted(weights.iter().copied(), seed)
	}

	#[test]
	fn each_is_drawn_as_often_as_it_weighs() {
		let weights = [3, 0, 1, 6];
		let mut drawn = [0; 4];
		for seed in 0..1_000 {
			drawn[draw(&weights, seed).unwrap()] += 1;
		}
		assert_eq!(drawn, [300, 0, 100, 600]);
	}

	#[test]
	fn nothing_is_drawn_of_nothing_or_of_too_much() {
		assert_eq!(draw(&[], 7), None);
		assert_eq!(draw(&[0, 0], 7), None);
		assert_eq!(draw(&[Balance::MAX, 1], 7), None);
		assert_eq!(draw(&[Balance::MAX], u128::MAX - 1), Some(0));
	}

	#[test]
	fn a_seed_is_the_first_sixteen_bytes() {
		assert_eq!(seed(&[0; 15]), None);
		let mut hash = [0; 32];
		(hash[0], hash[16]) = (5, 9);
		assert_eq!(seed(&hash), Some(5));
	}
}
