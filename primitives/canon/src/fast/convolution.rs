//! Conv and ConvTranspose as products of kernels and patches.

use super::{
	job::Job,
	panel::{Kernel, Patches, Steps, Track},
	product::{floats, Bias, Place, Product, Size},
};
use crate::{
	op::{Op, WindowAxis},
	tensor::View,
};

/// Channels from which on they are worth copying together where they are neighbors.
const LEAST_CHANNELS: usize = 4;

/// See [`super::node::run`].
pub(super) fn run(job: &Job) -> Option<Vec<u8>> {
	let windows = windows(&job.node.op, job, 0, 1)?;
	let (x, w) = (job.floats(0)?, job.floats(1)?);
	let bias = if job.operands.len() > 2 { Some(job.floats(2)?) } else { None };
	let product = |part: &Part| Product {
		left: windows.kernel(w, part),
		right: windows.patches(x, part),
		bias: bias.map(|data| Bias { data, start: part.first, row: 1, column: 0 }),
		place: part.place,
	};
	let products: Vec<_> = windows.parts.iter().map(product).collect();
	floats(job, windows.size, &products)
}

/// The products that make up a convolution.
pub(super) struct Windows {
	/// Size of each.
	pub(super) size: Size,
	/// Elements of the kernel between output channels, and between channels.
	kernel: [usize; 2],
	/// Elements of the operand between channels.
	channel: usize,
	/// Channels of a group.
	channels: usize,
	/// How channels and taps make up the terms.
	steps: Steps,
	/// Where each tap is in the kernel.
	taps: Vec<usize>,
	/// For each spatial axis the track of each tap.
	tracks: Vec<Vec<Track>>,
	/// One for each image and group.
	pub(super) parts: Vec<Part>,
}

/// One image and group.
pub(super) struct Part {
	/// Where the patches' first channel is.
	patches: usize,
	/// Where the kernel's first output channel is.
	kernel: usize,
	/// Number of the first output channel.
	pub(super) first: usize,
	/// Where the result belongs.
	pub(super) place: Place,
}

impl Windows {
	/// The kernels of a part, of any type of elements.
	pub(super) fn kernel<'a, T>(&'a self, data: &'a [T], part: &Part) -> Kernel<'a, T> {
		let [line, channel] = self.kernel;
		let (channels, steps) = (self.channels, self.steps);
		Kernel { data, start: part.kernel, line, channel, taps: &self.taps, channels, steps }
	}

	/// The patches of a part, of any type of elements.
	pub(super) fn patches<'a, T>(&'a self, data: &'a [T], part: &Part) -> Patches<'a, T> {
		let (channel, channels, steps) = (self.channel, self.channels, self.steps);
		Patches { data, start: part.patches, channel, tracks: &self.tracks, channels, steps }
	}
}

/// An extent or distance as an index.
fn at(value: u64) -> Option<usize> {
	usize::try_from(value).ok()
}

/// The products of a convolution of operand `x` with operand `w`.
pub(super) fn windows(op: &Op, job: &Job, x: usize, w: usize) -> Option<Windows> {
	let (group, axes, transposed) = match op {
		Op::Conv { group, axes }
		| Op::ConvInteger { group, axes }
		| Op::QLinearConv { group, axes } => (at((*group).into())?, axes, false),
		Op::ConvTranspose { group, axes, .. } => (at((*group).into())?, axes, true),
		_ => return None,
	};
	let (x, w, target) = (job.view(x)?, job.view(w)?, job.target());
	let shape = &job.output.shape;
	// The positions of an output channel must follow one another evenly, the last axis first.
	let spatial: Vec<usize> = (2..shape.rank()).collect();
	let even = spatial.iter().zip(spatial.iter().skip(1)).all(|(outer, inner)| {
		target.stride(*outer) == target.stride(*inner).saturating_mul(shape.extent(*inner))
	});
	let column = at(target.stride(*spatial.last()?))?;
	let positions =
		spatial.iter().try_fold(1, |all: usize, axis| all.checked_mul(at(shape.extent(*axis))?))?;
	if !even {
		return None;
	}
	let channels = at(x.kind.shape.extent(1))?.checked_div(group)?;
	let rows = at(shape.extent(1))?.checked_div(group)?;
	let tracks: Option<Vec<Vec<Track>>> =
		(2..).zip(axes).map(|(number, axis)| tracks(number, axis, x, w, job, transposed)).collect();
	let taps = taps(w)?;
	let (of_output, of_channel) = if transposed { (1, 0) } else { (0, 1) };
	let kernel = [at(w.stride(of_output))?, at(w.stride(of_channel))?];
	let mut parts = Vec::new();
	for image in 0..shape.extent(0) {
		for number in 0..group {
			let first = number.checked_mul(rows)?;
			let channel = number.checked_mul(channels)?;
			let in_kernel = if transposed { channel } else { first };
			let (image_at, channel_at) = (image.checked_mul(x.stride(0))?, x.stride(1));
			let place = Place {
				index: image
					.checked_mul(shape.extent(1))?
					.checked_add(first as u64)?
					.checked_mul(positions as u64)?,
				start: at(image.checked_mul(target.stride(0))?)?
					.checked_add(first.checked_mul(at(target.stride(1))?)?)?,
				row: at(target.stride(1))?,
				column,
			};
			parts.push(Part {
				patches: at(image_at)?.checked_add(channel.checked_mul(at(channel_at)?)?)?,
				kernel: in_kernel.checked_mul(at(w.stride(0))?)?,
				first,
				place,
			});
		}
	}
	let inner = channels.checked_mul(taps.len())?;
	let size = Size { rows, columns: positions, inner, padded: true };
	let channel = at(x.stride(1))?;
	let last = channel == 1 && channels >= LEAST_CHANNELS;
	let steps = if last { Steps::Taps } else { Steps::Channels };
	Some(Windows { size, kernel, channel, channels, steps, taps, tracks: tracks?, parts })
}

/// Where each tap of a kernel is within a channel.
fn taps(w: &View) -> Option<Vec<usize>> {
	let mut taps = vec![0_usize];
	for axis in 2..w.kind.shape.rank() {
		let stride = at(w.stride(axis))?;
		let mut inner = Vec::new();
		for outer in &taps {
			for tap in 0..at(w.kind.shape.extent(axis))? {
				inner.push(outer.checked_add(tap.checked_mul(stride)?)?);
			}
		}
		taps = inner;
	}
	Some(taps)
}

/// The tracks of the taps along one axis.
fn tracks(
	number: usize,
	axis: &WindowAxis,
	x: &View,
	w: &View,
	job: &Job,
	transposed: bool,
) -> Option<Vec<Track>> {
	let extent = x.kind.shape.extent(number) as i64;
	let (stride, dilation) = (i64::from(axis.stride), i64::from(axis.dilation));
	let before = i64::from(axis.before);
	let outputs = i64::try_from(job.output.shape.extent(number)).ok()?;
	let track = |tap: i64| {
		let index = |output: i64| {
			let reach = tap.checked_mul(dilation)?;
			if transposed {
				let position = output.checked_add(before)?.checked_sub(reach)?;
				let index = position.checked_div(stride)?;
				(position >= 0 && position.checked_rem(stride)? == 0).then_some(index)
			} else {
				output.checked_mul(stride)?.checked_add(reach)?.checked_sub(before)
			}
		};
		let offset = |output: i64| {
			let index = index(output).filter(|index| (0..extent).contains(index))?;
			u32::try_from((index as u64).checked_mul(x.stride(number))?).ok()
		};
		Track::new((0..outputs).map(offset).collect())
	};
	Some((0..w.kind.shape.extent(number) as i64).map(track).collect())
}
