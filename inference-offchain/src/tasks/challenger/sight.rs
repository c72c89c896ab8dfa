//! What is known to be shown of histories.
//!
//! What a history shows at a spot follows from the history and never changes; that it is shown may
//! be undone with the block that has the move. So only what was there in a finalized block is not
//! asked for again.

use assay_dispute::{memory::Spot, play::Shown};
use assay_primitives::BlockNumber;
use std::collections::BTreeMap;

/// What is shown at spots, and since when it was seen there.
#[derive(Default)]
pub(super) struct Sight {
	seen: BTreeMap<Spot, (BlockNumber, Shown)>,
}

impl Sight {
	/// What was shown in a block that is final.
	pub(super) fn settled(&self, finalized: BlockNumber) -> BTreeMap<Spot, Shown> {
		let settled = self.seen.iter().filter(|(_, (since, _))| *since <= finalized);
		settled.map(|(spot, (_, shown))| (*spot, shown.clone())).collect()
	}

	/// Note what a look at a spot in block `now` or the next has found.
	pub(super) fn note(&mut self, spot: Spot, shown: Option<&Shown>, now: BlockNumber) {
		match shown {
			Some(shown) => {
				let since = now.saturating_add(1);
				self.seen.entry(spot).or_insert_with(|| (since, shown.clone()));
			},
			None => drop(self.seen.remove(&spot)),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_dispute::play::Place;

	#[test]
	fn what_is_not_final_is_asked_for_again() {
		let (spot, shown) = (([1; 32], Place::Slot(3)), Shown::Fault(7));
		let mut sight = Sight::default();
		sight.note(spot, Some(&shown), 10);
		assert!(sight.settled(10).is_empty());
		assert_eq!(sight.settled(11).get(&spot), Some(&shown));
	}

	#[test]
	fn what_is_undone_is_forgotten() {
		let (spot, shown) = (([1; 32], Place::Slot(3)), Shown::Fault(7));
		let mut sight = Sight::default();
		sight.note(spot, Some(&shown), 10);
		sight.note(spot, None, 11);
		sight.note(spot, Some(&shown), 12);
		assert!(sight.settled(12).is_empty() && !sight.settled(13).is_empty());
	}
}
