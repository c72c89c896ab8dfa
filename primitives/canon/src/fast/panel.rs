//! Panels of tensors: strided matrices, convolution kernels and patches of images.

use core::ops::Range;

use super::{
	block::{Order, Panel},
	job::Word,
};

/// The value of a float32 in memory.
#[inline]
pub(super) fn read(word: &Word) -> f32 {
	f32::from_le_bytes(*word)
}

/// What a panel is made of.
pub(super) trait Value: Sync {
	/// The value, exactly.
	fn value(&self) -> f64;
}

impl Value for Word {
	#[inline]
	fn value(&self) -> f64 {
		read(self).into()
	}
}

/// An integer less its zero point.
impl Value for i16 {
	#[inline]
	fn value(&self) -> f64 {
		(*self).into()
	}
}

/// A matrix somewhere in a tensor.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a, T> {
	/// The tensor.
	pub(super) data: &'a [T],
	/// Where the first element is.
	pub(super) start: usize,
	/// Elements between lines.
	pub(super) line: usize,
	/// Elements between steps along the inner axis.
	pub(super) step: usize,
}

impl<T: Value> Panel for Matrix<'_, T> {
	fn order(&self) -> Order {
		if self.line == 1 && self.step != 1 {
			Order::Steps
		} else {
			Order::Lines
		}
	}

	fn run(&self, outer: usize, range: Range<usize>, to: &mut [f64]) -> Option<()> {
		let (apart, step) = match self.order() {
			Order::Lines => (self.line, self.step),
			Order::Steps => (self.step, self.line),
		};
		let first = range.start.checked_mul(step)?.checked_add(outer.checked_mul(apart)?)?;
		let from = self.data.get(self.start.checked_add(first)?..)?;
		if step == 1 {
			let from = from.get(..to.len())?;
			to.iter_mut().zip(from).for_each(|(to, from)| *to = from.value());
		} else {
			let mut from = from.iter().step_by(step.max(1));
			for to in to {
				*to = from.next()?.value();
			}
		}
		Some(())
	}
}

/// The kernel of a convolution: a line is an output channel; a step is a channel and a tap.
pub(super) struct Kernel<'a, T> {
	/// The tensor.
	pub(super) data: &'a [T],
	/// Where the first element is.
	pub(super) start: usize,
	/// Elements between output channels.
	pub(super) line: usize,
	/// Elements between channels.
	pub(super) channel: usize,
	/// Where each tap is within a channel.
	pub(super) taps: &'a [usize],
	/// Number of channels.
	pub(super) channels: usize,
	/// How steps are numbered.
	pub(super) steps: Steps,
}

/// How channels and taps make up the steps of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Steps {
	/// Channel by channel: for images whose columns are neighbors in memory.
	Channels,
	/// Tap by tap: for images whose channels are.
	Taps,
}

impl Steps {
	/// Channel and tap of a step.
	fn split(self, step: usize, channels: usize, taps: usize) -> Option<(usize, usize)> {
		match self {
			Self::Channels => Some((step.checked_div(taps)?, step.checked_rem(taps)?)),
			Self::Taps => Some((step.checked_rem(channels)?, step.checked_div(channels)?)),
		}
	}
}

impl<T: Value> Panel for Kernel<'_, T> {
	fn order(&self) -> Order {
		Order::Lines
	}

	fn run(&self, outer: usize, range: Range<usize>, to: &mut [f64]) -> Option<()> {
		let line = self.start.checked_add(outer.checked_mul(self.line)?)?;
		for (step, to) in range.zip(to) {
			let (channel, tap) = self.steps.split(step, self.channels, self.taps.len())?;
			let place = line.checked_add(channel.checked_mul(self.channel)?)?;
			*to = self.data.get(place.checked_add(*self.taps.get(tap)?)?)?.value();
		}
		Some(())
	}
}

/// Which operand elements one tap of a window reads along one axis.
pub(super) struct Track {
	/// For each output index the operand's offset, if it lies inside.
	pub(super) offsets: Vec<Option<u32>>,
	/// The same as one evenly spaced run: first output index, number, first offset, distance.
	pub(super) even: Option<[usize; 4]>,
}

impl Track {
	/// The track of these offsets.
	pub(super) fn new(offsets: Vec<Option<u32>>) -> Self {
		let inside =
			|| offsets.iter().enumerate().filter_map(|(at, offset)| Some((at, (*offset)?)));
		let even = || {
			let Some((first, from)) = inside().next() else { return Some([0, 0, 0, 1]) };
			let count = inside().count();
			let distance = match inside().nth(1) {
				Some((_, next)) => next.checked_sub(from)?,
				None => 1,
			};
			let regular = inside().enumerate().all(|(number, (at, offset))| {
				let ahead = u64::from(distance).wrapping_mul(number as u64);
				at == first.wrapping_add(number)
					&& u64::from(offset) == ahead.wrapping_add(from.into())
			});
			regular.then_some([first, count, from as usize, distance as usize])
		};
		let even = even();
		Self { offsets, even }
	}
}

/// The patches of one image under a window: a line is an output position, a step is a channel and a
/// tap. What lies outside the image is zero.
pub(super) struct Patches<'a, T> {
	/// The tensor.
	pub(super) data: &'a [T],
	/// Where the image's first element is.
	pub(super) start: usize,
	/// Elements between channels: 1 if steps are tap by tap.
	pub(super) channel: usize,
	/// For each spatial axis, outermost first, the track of each tap.
	pub(super) tracks: &'a [Vec<Track>],
	/// Number of channels.
	pub(super) channels: usize,
	/// How steps are numbered.
	pub(super) steps: Steps,
}

impl<T: Value> Patches<'_, T> {
	/// The track along each axis of a tap of the window.
	fn tap(&self, mut tap: usize) -> Option<[Option<&Track>; 3]> {
		let mut chosen = [None; 3];
		for (place, tracks) in chosen.iter_mut().rev().zip(self.tracks.iter().rev()) {
			*place = tracks.get(tap.checked_rem(tracks.len())?);
			tap = tap.checked_div(tracks.len())?;
		}
		Some(chosen)
	}
}

impl<T: Value> Panel for Patches<'_, T> {
	fn order(&self) -> Order {
		match self.steps {
			Steps::Channels => Order::Steps,
			Steps::Taps => Order::Lines,
		}
	}

	fn run(&self, outer: usize, range: Range<usize>, to: &mut [f64]) -> Option<()> {
		match self.steps {
			Steps::Channels => self.positions(outer, range, to),
			Steps::Taps => self.channels(outer, range, to),
		}
	}
}

impl<T: Value> Patches<'_, T> {
	/// Writes what one channel and tap is at positions in order.
	fn positions(&self, outer: usize, range: Range<usize>, to: &mut [f64]) -> Option<()> {
		let taps =
			self.tracks.iter().try_fold(1, |all: usize, axis| all.checked_mul(axis.len()))?;
		let channel = outer.checked_div(taps)?.checked_mul(self.channel)?;
		let [plane, row, column] = self.tap(outer.checked_rem(taps)?)?;
		let column = column?;
		let width = column.offsets.len();
		let height = row.map_or(1, |row| row.offsets.len());
		let start = self.start.checked_add(channel)?;
		let mut position = range.start;
		let mut to = to;
		while !to.is_empty() {
			let (line, first) = (position.checked_div(width)?, position.checked_rem(width)?);
			let length = width.checked_sub(first)?.min(to.len());
			let (here, rest) = to.split_at_mut_checked(length)?;
			// An axis that is not there has one element.
			let inside = |track: Option<&Track>, at: usize| match track {
				Some(track) => track.offsets.get(at).copied().flatten(),
				None => Some(0),
			};
			let on_plane = inside(plane, line.checked_div(height)?);
			let on_row = inside(row, line.checked_rem(height)?);
			match on_plane.zip(on_row) {
				Some((plane, row)) => {
					let base = start.checked_add(plane as usize)?.checked_add(row as usize)?;
					self.line(base, column, first, here)?;
				},
				None => here.fill(0.0),
			}
			position = position.checked_add(length)?;
			to = rest;
		}
		Some(())
	}
}

impl<T: Value> Patches<'_, T> {
	/// Writes what the taps at one position are, each with its channels in order.
	fn channels(&self, position: usize, range: Range<usize>, to: &mut [f64]) -> Option<()> {
		let (mut step, mut to) = (range.start, to);
		while !to.is_empty() {
			let (tap, first) = (step.checked_div(self.channels)?, step.checked_rem(self.channels)?);
			let length = self.channels.checked_sub(first)?.min(to.len());
			let (here, rest) = to.split_at_mut_checked(length)?;
			match self.offset(tap, position)? {
				Some(offset) => {
					let from = self.start.checked_add(offset)?.checked_add(first)?;
					let from = self.data.get(from..from.checked_add(length)?)?;
					here.iter_mut().zip(from).for_each(|(to, from)| *to = from.value());
				},
				None => here.fill(0.0),
			}
			step = step.checked_add(length)?;
			to = rest;
		}
		Some(())
	}

	/// Where a tap at an output position reads, if inside the image.
	fn offset(&self, tap: usize, position: usize) -> Option<Option<usize>> {
		let (mut rest, mut sum) = (position, Some(0_usize));
		for track in self.tap(tap)?.into_iter().rev().flatten() {
			let extent = track.offsets.len();
			let offset = *track.offsets.get(rest.checked_rem(extent)?)?;
			sum = sum.zip(offset).and_then(|(sum, offset)| sum.checked_add(offset as usize));
			rest = rest.checked_div(extent)?;
		}
		Some(sum)
	}

	/// Writes part of one line of output positions.
	fn line(&self, base: usize, track: &Track, first: usize, to: &mut [f64]) -> Option<()> {
		let Some([begin, count, offset, distance]) = track.even else {
			let offsets = track.offsets.get(first..)?;
			for (to, offset) in to.iter_mut().zip(offsets) {
				*to = match offset {
					Some(offset) => self.data.get(base.checked_add(*offset as usize)?)?.value(),
					None => 0.0,
				};
			}
			return Some(());
		};
		let skipped = begin.saturating_sub(first).min(to.len());
		let end = begin.checked_add(count)?.saturating_sub(first).min(to.len()).max(skipped);
		let (before, rest) = to.split_at_mut_checked(skipped)?;
		let (inside, after) = rest.split_at_mut_checked(end.checked_sub(skipped)?)?;
		before.fill(0.0);
		after.fill(0.0);
		if inside.is_empty() {
			return Some(());
		}
		let ahead = first.saturating_sub(begin).checked_mul(distance)?;
		let from = self.data.get(base.checked_add(offset)?.checked_add(ahead)?..)?;
		if distance == 1 {
			let from = from.get(..inside.len())?;
			inside.iter_mut().zip(from).for_each(|(to, from)| *to = from.value());
		} else {
			let mut from = from.iter().step_by(distance.max(1));
			for to in inside {
				*to = from.next()?.value();
			}
		}
		Some(())
	}
}
