//! Draws by weight.

use crate::Balance;
use alloc::{collections::BTreeSet, vec::Vec};
use codec::Encode;

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

/// So many of the numbers below `count`, no number twice, in ascending order; all of them if there
/// are no more. Each set of numbers is as likely as any other.
///
/// Floyd's algorithm (Bentley, Floyd: Programming Pearls: a sample of brilliance, CACM 30 (1987)).
pub fn sample(count: u32, most: u32, seed: u128) -> Vec<u32> {
	let mut drawn = BTreeSet::new();
	for (step, last) in (count.saturating_sub(most)..count).enumerate() {
		let random = sp_io::hashing::blake2_128(&(b"assay/sample/1", seed, step as u64).encode());
		// The remainder favors low numbers by less than 2⁻⁹⁶.
		let below = u128::from(last).saturating_add(1);
		let number = u128::from_le_bytes(random).checked_rem(below);
		let number = number.and_then(|number| u32::try_from(number).ok()).unwrap_or(last);
		if most >= count || !drawn.insert(number) {
			drawn.insert(last);
		}
	}
	drawn.into_iter().collect()
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
	fn a_sample_of_no_more_than_there_are_is_all_of_them() {
		assert!(sample(0, 4, 7).is_empty());
		assert_eq!(sample(3, 4, 7), [0, 1, 2]);
		assert_eq!(sample(4, 4, 7), [0, 1, 2, 3]);
	}

	#[test]
	fn each_number_is_sampled_as_often_as_any_other() {
		let (mut drawn, samples) = ([0u32; 10], 10_000);
		for seed in 0..samples {
			let numbers = sample(10, 3, seed);
			assert_eq!(numbers.len(), 3);
			for number in numbers {
				drawn[number as usize] += 1;
			}
		}
		// 3,000 expected, with a standard deviation of 46.
		assert!(drawn.iter().all(|count| (2_800..3_200).contains(count)), "{drawn:?}");
	}

	#[test]
	fn a_seed_is_the_first_sixteen_bytes() {
		assert_eq!(seed(&[0; 15]), None);
		let mut hash = [0; 32];
		(hash[0], hash[16]) = (5, 9);
		assert_eq!(seed(&hash), Some(5));
	}
}
