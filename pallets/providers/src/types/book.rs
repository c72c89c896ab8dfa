//! The order book of a version: where its asks are.

use assay_primitives::Balance;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::traits::ConstU32;
use scale_info::TypeInfo;
use sp_runtime::BoundedVec;

/// The bands that there are: one for each highest bit of a price, and one for nothing.
const BANDS: u32 = Balance::BITS + 1;

/// Where an ask is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Place {
	/// The bits of its price.
	pub band: u8,
	/// Its number among the asks of that band.
	pub index: u32,
}

/// How many asks there are in each band, in ascending order, empty bands left out. So a draw finds
/// those that may be cheap enough however many others there are.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Book(BoundedVec<(u8, u32), ConstU32<BANDS>>);

/// The bits of a price.
fn band(price: Balance) -> u8 {
	// At most 128.
	Balance::BITS.saturating_sub(price.leading_zeros()) as u8
}

impl Book {
	/// The number of asks whose price has no more bits than `most`.
	pub fn count(&self, most: Balance) -> u32 {
		let most = band(most);
		let sizes = self.0.iter().filter(|(band, _)| *band <= most).map(|(_, size)| *size);
		sizes.fold(0, |sum: u32, size| sum.saturating_add(size))
	}

	/// The place with this number, counted from the cheapest band on.
	pub fn place(&self, number: u32) -> Option<Place> {
		let mut index = number;
		for (band, size) in &self.0 {
			match index.checked_sub(*size) {
				Some(rest) => index = rest,
				None => return Some(Place { band: *band, index }),
			}
		}
		None
	}

	/// Whether an ask of this price is in this band.
	pub fn is_at(place: &Place, price: Balance) -> bool {
		place.band == band(price)
	}

	/// Make a place for an ask of this price; `None` where there are as many as can be counted.
	pub fn enter(&mut self, price: Balance) -> Option<Place> {
		let band = band(price);
		match self.0.binary_search_by_key(&band, |(band, _)| *band) {
			Ok(at) => {
				let (_, size) = self.0.get_mut(at)?;
				let index = *size;
				*size = size.checked_add(1)?;
				Some(Place { band, index })
			},
			Err(at) => {
				self.0.try_insert(at, (band, 1)).ok()?;
				Some(Place { band, index: 0 })
			},
		}
	}

	/// Take away the last place of this band and return it: whoever has it gets the one that became
	/// free.
	pub fn leave(&mut self, band: u8) -> Option<Place> {
		let at = self.0.binary_search_by_key(&band, |(band, _)| *band).ok()?;
		let (_, size) = self.0.get_mut(at)?;
		*size = size.checked_sub(1)?;
		let index = *size;
		if index == 0 {
			self.0.remove(at);
		}
		Some(Place { band, index })
	}

	/// Whether there is no ask.
	pub fn is_empty(&self) -> bool {
		self.0.is_empty()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use std::collections::BTreeMap;

	#[test]
	fn a_price_belongs_to_the_band_of_its_highest_bit() {
		assert_eq!([0, 1, 2, 3, 4, Balance::MAX].map(band), [0, 1, 2, 2, 3, 128]);
	}

	#[test]
	fn every_price_has_room() {
		let mut book = Book::default();
		for bit in 0..Balance::BITS {
			assert!(book.enter(1 << bit).is_some());
		}
		assert!(book.enter(0).is_some());
		assert_eq!(book.count(Balance::MAX), BANDS);
	}

	proptest! {
		/// Whatever enters and leaves: the numbers are exactly the places, the cheap before the dear.
		#[test]
		fn numbers_are_places(steps in proptest::collection::vec((any::<bool>(), 0u128..40), 0..200)) {
			let (mut book, mut sizes) = (Book::default(), BTreeMap::<u8, u32>::new());
			for (enters, price) in steps {
				let size = sizes.entry(band(price)).or_default();
				if enters {
					let place = Place { band: band(price), index: *size };
					prop_assert_eq!(book.enter(price), Some(place));
					*size += 1;
				} else {
					let last = size.checked_sub(1).map(|index| Place { band: band(price), index });
					prop_assert_eq!(book.leave(band(price)), last);
					*size = size.saturating_sub(1);
				}
			}
			let places = sizes.iter().flat_map(|(band, size)| {
				(0..*size).map(|index| Place { band: *band, index })
			});
			let places: Vec<Place> = places.collect();
			let found: Vec<Place> = (0..).map_while(|number| book.place(number)).collect();
			prop_assert_eq!(&found, &places);
			let cheap = places.iter().filter(|place| place.band <= band(9)).count();
			prop_assert_eq!(book.count(9) as usize, cheap);
			prop_assert_eq!(book.is_empty(), places.is_empty());
		}
	}
}
