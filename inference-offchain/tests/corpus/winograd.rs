//! A convolution by Winograd's F(6 × 6, 3 × 3) in float32: fewer products, larger errors.

/// The outputs, and the inputs, of a tile along each axis.
const OUT: usize = 6;
const IN: usize = 8;

/// What turns eight inputs into the operands of eight products.
const INPUT: [[f32; IN]; IN] = [
	[1.0, 0.0, -5.25, 0.0, 5.25, 0.0, -1.0, 0.0],
	[0.0, 1.0, 1.0, -4.25, -4.25, 1.0, 1.0, 0.0],
	[0.0, -1.0, 1.0, 4.25, -4.25, -1.0, 1.0, 0.0],
	[0.0, 0.5, 0.25, -2.5, -1.25, 2.0, 1.0, 0.0],
	[0.0, -0.5, 0.25, 2.5, -1.25, -2.0, 1.0, 0.0],
	[0.0, 2.0, 4.0, -2.5, -5.0, 0.5, 1.0, 0.0],
	[0.0, -2.0, 4.0, 2.5, -5.0, -0.5, 1.0, 0.0],
	[0.0, -1.0, 0.0, 5.25, 0.0, -5.25, 0.0, 1.0],
];
/// The same for three weights.
const WEIGHTS: [[f32; 3]; IN] = [
	[1.0, 0.0, 0.0],
	[-2.0 / 9.0, -2.0 / 9.0, -2.0 / 9.0],
	[-2.0 / 9.0, 2.0 / 9.0, -2.0 / 9.0],
	[1.0 / 90.0, 1.0 / 45.0, 2.0 / 45.0],
	[1.0 / 90.0, -1.0 / 45.0, 2.0 / 45.0],
	[32.0 / 45.0, 16.0 / 45.0, 8.0 / 45.0],
	[32.0 / 45.0, -16.0 / 45.0, 8.0 / 45.0],
	[0.0, 0.0, 1.0],
];
/// What turns the eight products into six outputs.
const OUTPUT: [[f32; IN]; OUT] = [
	[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0],
	[0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 0.0],
	[0.0, 1.0, 1.0, 4.0, 4.0, 0.25, 0.25, 0.0],
	[0.0, 1.0, -1.0, 8.0, -8.0, 0.125, -0.125, 0.0],
	[0.0, 1.0, 1.0, 16.0, 16.0, 0.0625, 0.0625, 0.0],
	[0.0, 1.0, -1.0, 32.0, -32.0, 0.03125, -0.03125, 1.0],
];

/// `m · x · mᵀ` of a square of `N`.
fn both_ways<const N: usize, const M: usize>(
	m: &[[f32; N]; M],
	x: &[[f32; N]; N],
) -> [[f32; M]; M] {
	let dot = |a: &[f32; N], b: &[f32; N]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
	let rows: [[f32; M]; N] = std::array::from_fn(|row| m.map(|line| dot(&line, &x[row])));
	let column = |at: usize| std::array::from_fn(|row: usize| rows[row][at]);
	m.map(|line| std::array::from_fn(|at| dot(&line, &column(at))))
}

/// Channels of squares of this side, one after the other.
pub struct Image<'a> {
	/// Their numbers.
	pub values: &'a [f32],
	/// The side.
	pub side: usize,
}

impl Image<'_> {
	fn square<const N: usize>(&self, channel: usize, [row, column]: [usize; 2]) -> [[f32; N]; N] {
		let at = |down: usize| (channel * self.side + row + down) * self.side + column;
		std::array::from_fn(|down| self.values[at(down)..][..N].try_into().unwrap())
	}
}

/// The convolution of an image with weights `[to, from, 3, 3]`, without padding.
pub fn convolve(image: &Image, weights: &[f32], bias: &[f32]) -> Vec<f32> {
	let side = image.side - 2;
	let channels = weights.len() / bias.len() / 9;
	let weights = Image { values: weights, side: 3 };
	let mut output = vec![0.0; bias.len() * side * side];
	for (to, bias) in bias.iter().enumerate() {
		let weights: Vec<[[f32; IN]; IN]> = (0..channels)
			.map(|from| both_ways(&WEIGHTS, &weights.square(to * channels + from, [0, 0])))
			.collect();
		for row in (0..side).step_by(OUT) {
			for column in (0..side).step_by(OUT) {
				let mut sum = [[0.0; IN]; IN];
				for (from, weights) in weights.iter().enumerate() {
					let tile = both_ways(&INPUT, &image.square(from, [row, column]));
					let terms = tile.iter().flatten().zip(weights.iter().flatten());
					let sums = sum.iter_mut().flatten();
					sums.zip(terms).for_each(|(sum, (x, weight))| *sum += x * weight);
				}
				for (down, line) in both_ways(&OUTPUT, &sum).iter().enumerate() {
					let start = (to * side + row + down) * side + column;
					let place = output[start..].iter_mut();
					place.zip(line).for_each(|(place, value)| *place = value + bias);
				}
			}
		}
	}
	output
}
