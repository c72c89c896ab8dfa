//! Random tensors that everybody can make again.

use assay_canon::symbol::Bindings;
use assay_primitives::tensor::{DType, Tensor, TensorError};
use std::ops::Range;

/// Lengths that jobs choose, halved until they fit or all are one.
pub fn halved(lengths: Vec<u32>, fits: impl Fn(&Bindings) -> bool) -> Bindings {
	let mut bindings = Bindings(lengths);
	while !fits(&bindings) && bindings.0.iter().any(|length| *length > 1) {
		bindings.0.iter_mut().for_each(|length| *length = length.div_ceil(2));
	}
	bindings
}

/// Numbers that begin with a seed (SplitMix64).
pub struct Random(pub u64);

impl Random {
	/// A number of 64 bits.
	pub fn word(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut word = self.0;
		word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		word ^ (word >> 31)
	}

	/// Between 0 and 1.
	fn unit(&mut self) -> f64 {
		(self.word() >> 11) as f64 / (1u64 << 53) as f64
	}

	/// About normal, of mean 0 and variance 1.
	fn normal(&mut self) -> f32 {
		((0..12).map(|_| self.unit()).sum::<f64>() - 6.0) as f32
	}

	fn within(&mut self, range: &Range<i64>) -> i64 {
		let span = range.end.saturating_sub(range.start).max(1).unsigned_abs();
		range.start.saturating_add_unsigned(self.word() % span)
	}

	/// A tensor: normal floats, and integers of a range, clipped to their type.
	pub fn tensor(
		&mut self,
		dtype: DType,
		shape: Vec<u32>,
		range: &Range<i64>,
	) -> Result<Tensor, TensorError> {
		let count: u64 = shape.iter().map(|length| u64::from(*length)).product();
		let mut data = Vec::new();
		for _ in 0..count {
			match dtype {
				DType::Float32 => data.extend(self.normal().to_le_bytes()),
				DType::Bool => data.push((self.word() & 1) as u8),
				_ => {
					let size = usize::try_from(dtype.size()).unwrap_or(1);
					let (least, most) = match dtype {
						DType::Int8 => (i8::MIN.into(), i8::MAX.into()),
						DType::Uint8 => (0, u8::MAX.into()),
						DType::Int32 => (i32::MIN.into(), i32::MAX.into()),
						_ => (i64::MIN, i64::MAX),
					};
					let value = self.within(range).clamp(least, most);
					data.extend(value.to_le_bytes().iter().take(size));
				},
			}
		}
		Tensor::new(dtype, shape, data)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn integers(seed: u64, dtype: DType, range: Range<i64>) -> Vec<i64> {
		let tensor = Random(seed).tensor(dtype, vec![64], &range).unwrap();
		let size = dtype.size() as usize;
		let wide = |bytes: &[u8]| {
			let sign = if bytes[size - 1] > 127 && dtype != DType::Uint8 { 0xff } else { 0 };
			let mut wide = [sign; 8];
			wide[..size].copy_from_slice(bytes);
			i64::from_le_bytes(wide)
		};
		tensor.data.chunks(size).map(wide).collect()
	}

	#[test]
	fn random_integers_are_clipped_to_their_type() {
		let within = |dtype, range: Range<i64>| {
			integers(7, dtype, -300..300).iter().all(|value| range.contains(value))
		};
		assert!(within(DType::Int8, -128..128) && within(DType::Uint8, 0..256));
		assert!(integers(7, DType::Uint8, -300..300).contains(&0));
		assert!(within(DType::Int32, -300..300) && within(DType::Int64, -300..300));
		assert!(within(DType::Bool, 0..2));
	}

	#[test]
	fn lengths_are_halved_no_further_than_one() {
		let sum = |bindings: &Bindings| bindings.0.iter().sum::<u32>();
		assert_eq!(halved(vec![9, 4], |bindings| sum(bindings) < 9).0, [5, 2]);
		assert_eq!(halved(vec![9, 4], |_| true).0, [9, 4]);
		assert_eq!(halved(vec![9, 4], |_| false).0, [1, 1]);
		assert!(halved(vec![], |_| false).0.is_empty());
	}

	#[test]
	fn random_tensors_are_the_same_for_the_same_seed() {
		let tensor = |seed| integers(seed, DType::Int8, 0..1000);
		assert_eq!(tensor(1), tensor(1));
		assert_ne!(tensor(1), tensor(2));
		assert!(tensor(1).iter().all(|value| (0..128).contains(value)));
	}
}
