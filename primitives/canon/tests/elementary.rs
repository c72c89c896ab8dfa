//! exp, log, erf, tanh, sin and cos: the hardest inputs, the special values, and independent
//! float64 arithmetic on a sample. `oracle/` compares all inputs with CORE-MATH.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::float_arithmetic,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

use assay_canon::arith::{
	elementary::{cos, erf, exp, log, sin, tanh, Enclosure, Function, Value},
	F32,
};

const NAN: u32 = 0x7fc0_0000;
const INFINITY: u32 = 0x7f80_0000;
const ONE: u32 = 0x3f80_0000;
const SIGN: u32 = 0x8000_0000;

/// Inputs and results for each of [`Function::ALL`].
///
/// The values of these inputs come nearest, of all inputs, to the midpoint of two float32, the
/// nearest first. The results are CORE-MATH's, and mpmath's at 600 bits.
#[rustfmt::skip]
const HARD_CASES: [&[(u32, u32)]; 6] = [
	// exp
	&[
		(0xc169_12cd, 0x34fd_331b), (0xbbf0_edf1, 0x3f7e_1fe9), (0xc2b2_e798, 0x000f_6dce),
		(0x377e_ff81, 0x3f80_0080), (0xbae0_e25c, 0x3f7f_8fa7), (0xb300_0000, 0x3f80_0000),
		(0x39c6_be5b, 0x3f80_0c6d), (0x38e6_9cc1, 0x3f80_039a), (0x383a_3ef1, 0x3f80_0175),
		(0x3d1a_274e, 0x3f84_e8ba), (0x4031_5b33, 0x417f_a47d), (0x4001_b249, 0x40f2_cd14),
		(0x39e5_bb1d, 0x3f80_0e5d), (0x36fd_ffc1, 0x3f80_0040), (0x4288_942b, 0x70b7_a4c5),
		(0x367b_ffe1, 0x3f80_0020), (0x35f7_fff1, 0x3f80_0010), (0x356f_fff9, 0x3f80_0008),
		(0x34df_fffd, 0x3f80_0004), (0x343f_ffff, 0x3f80_0002), (0x3380_0000, 0x3f80_0001),
		(0x337f_ffff, 0x3f80_0000), (0xbc2a_461a, 0x3f7d_5a6e), (0x3fe6_7199, 0x40c1_a7a6),
	],
	// log
	&[
		(0x65d8_90d3, 0x4254_d1f9), (0x4c5d_65a5, 0x418f_034b), (0x4d60_4ebe, 0x419a_352c),
		(0x4117_8feb, 0x400f_e5e7), (0x1f11_6ab8, 0xc233_b53e), (0x66a8_c860, 0x4259_5e46),
		(0x3c41_3d3a, 0xc08e_158f), (0x6f31_a8ec, 0x4284_5a89), (0x38dc_be38, 0xc112_8ba4),
		(0x4665_a9a6, 0x4119_8725), (0x5ee8_984e, 0x422e_4a21), (0x3bf8_6ef0, 0xc09c_399e),
		(0x79e7_ec37, 0x42a1_ffb7), (0x0dc8_bba4, 0xc289_bac4), (0x2c4c_24b7, 0xc1d4_8710),
		(0x111c_87f8, 0xc280_85df), (0x1a84_46cb, 0xc24d_0a45), (0x464d_5b2b, 0x4117_bcf1),
		(0x66ab_bd63, 0x4259_700e), (0x2e49_2984, 0xc1be_76ee), (0x4e85_f412, 0x41a6_b811),
		(0x29fd_22f8, 0xc1ee_8859), (0x28e3_fa26, 0xc1fa_75e0), (0x29e6_126b, 0xc1ef_4c02),
	],
	// erf
	&[
		(0x3940_ead6, 0x3959_af14), (0xb940_ead6, 0xb959_af14), (0x39c0_057d, 0x39d8_ac49),
		(0xb9c0_057d, 0xb9d8_ac49), (0x358e_9d2d, 0x35a0_ec32), (0xb58e_9d2d, 0xb5a0_ec32),
		(0x36ae_a466, 0x36c5_1007), (0xb6ae_a466, 0xb6c5_1007), (0x00aa_320c, 0x00c0_0b88),
		(0x012a_320c, 0x0140_0b88), (0x01aa_320c, 0x01c0_0b88), (0x022a_320c, 0x0240_0b88),
		(0x02aa_320c, 0x02c0_0b88), (0x032a_320c, 0x0340_0b88), (0x03aa_320c, 0x03c0_0b88),
		(0x042a_320c, 0x0440_0b88), (0x04aa_320c, 0x04c0_0b88), (0x052a_320c, 0x0540_0b88),
		(0x05aa_320c, 0x05c0_0b88), (0x062a_320c, 0x0640_0b88), (0x06aa_320c, 0x06c0_0b88),
		(0x072a_320c, 0x0740_0b88), (0x07aa_320c, 0x07c0_0b88), (0x082a_320c, 0x0840_0b88),
	],
	// tanh
	&[
		(0x3ac3_7de2, 0x3ac3_7dd9), (0xbac3_7de2, 0xbac3_7dd9), (0x3eee_0566, 0x3ede_3cbe),
		(0xbeee_0566, 0xbede_3cbe), (0x3cd4_1b91, 0x3cd4_0f70), (0xbcd4_1b91, 0xbcd4_0f70),
		(0x40ac_b4d0, 0x3f7f_fd50), (0xc0ac_b4d0, 0xbf7f_fd50), (0x40c5_e8ca, 0x3f7f_ff71),
		(0xc0c5_e8ca, 0xbf7f_ff71), (0x3d7c_3055, 0x3d7b_dee1), (0xbd7c_3055, 0xbd7b_dee1),
		(0x3c96_ae2e, 0x3c96_a9d5), (0xbc96_ae2e, 0xbc96_a9d5), (0x40a6_ef82, 0x3f7f_fc25),
		(0xc0a6_ef82, 0xbf7f_fc25), (0x3f20_b67f, 0x3f0e_786b), (0xbf20_b67f, 0xbf0e_786b),
		(0x3ff8_bc7e, 0x3f75_b4df), (0xbff8_bc7e, 0xbf75_b4df), (0x4013_cd84, 0x3f7a_ffb3),
		(0xc013_cd84, 0xbf7a_ffb3), (0x3bc8_b605, 0x3bc8_b561), (0xbbc8_b605, 0xbbc8_b561),
	],
	// sin
	&[
		(0x7324_3f06, 0x3e94_3a84), (0xf324_3f06, 0xbe94_3a84), (0x4619_9998, 0xbeb1_fa5d),
		(0xc619_9998, 0x3eb1_fa5d), (0x55ca_fb2a, 0xbf7e_7a17), (0xd5ca_fb2a, 0x3f7e_7a17),
		(0x67a9_242b, 0xbf7f_ab81), (0xe7a9_242b, 0x3f7f_ab81), (0x4371_ade3, 0x3e62_da56),
		(0xc371_ade3, 0xbe62_da56), (0x5f20_8d82, 0x3f2c_7688), (0xdf20_8d82, 0xbf2c_7688),
		(0x7a5a_acdb, 0x3eda_83bb), (0xfa5a_acdb, 0xbeda_83bb), (0x6446_cec0, 0xbf69_95bd),
		(0xe446_cec0, 0x3f69_95bd), (0x79d1_f6d3, 0xbf7a_88ee), (0xf9d1_f6d3, 0x3f7a_88ee),
		(0x61df_c847, 0xbf00_94df), (0xe1df_c847, 0x3f00_94df), (0x5dad_d689, 0xbf74_fc9e),
		(0xddad_d689, 0x3f74_fc9e), (0x4fb5_6937, 0xbf7f_fcb7), (0xcfb5_6937, 0x3f7f_fcb7),
	],
	// cos
	&[
		(0x6115_cb11, 0x3f78_142f), (0xe115_cb11, 0x3f78_142f), (0x5944_3c0a, 0x3f42_5f62),
		(0xd944_3c0a, 0x3f42_5f62), (0x5f18_b878, 0x3f7f_14bb), (0xdf18_b878, 0x3f7f_14bb),
		(0x7a4b_1a27, 0x3f7c_54da), (0xfa4b_1a27, 0x3f7c_54da), (0x5922_aa80, 0x3f08_aebf),
		(0xd922_aa80, 0x3f08_aebf), (0x7908_cd73, 0x3f79_8bb5), (0xf908_cd73, 0x3f79_8bb5),
		(0x6170_3976, 0x3eda_cc56), (0xe170_3976, 0x3eda_cc56), (0x3c10_7fe6, 0x3f7f_fd74),
		(0xbc10_7fe6, 0x3f7f_fd74), (0x55e5_235d, 0xbe83_c11a), (0xd5e5_235d, 0xbe83_c11a),
		(0x3980_0000, 0x3f80_0000), (0xb980_0000, 0x3f80_0000), (0x4247_90ce, 0x3f6e_4c01),
		(0xc247_90ce, 0x3f6e_4c01), (0x3a54_4395, 0x3f7f_fffb), (0xba54_4395, 0x3f7f_fffb),
	],
];

/// The result's bits.
fn evaluate(function: Function, bits: u32) -> u32 {
	function.value(F32::from_bits(bits)).round().to_bits()
}

/// Bit patterns spread evenly over all, with every exponent and both signs.
fn sample(count: u32) -> impl Iterator<Item = u32> {
	// An odd step visits each pattern at most once.
	(0..count).map(|index| index.wrapping_mul(0x9e37_79b1))
}

/// Patterns of numbers from 2⁻¹² to 2⁸, where none of the functions is trivial.
fn ordinary(count: u32) -> impl Iterator<Item = u32> {
	sample(count).map(|bits| bits & SIGN | (0x3980_0000 + (bits & 0x7fff_ffff) % 0x0a00_0000))
}

/// The function in float64, and a bound of its relative error.
fn native(function: Function, argument: f64) -> (f64, f64) {
	let library = 4.0 * f64::EPSILON;
	match function {
		Function::Exp => (argument.exp(), library),
		Function::Log => (argument.ln(), library),
		Function::Erf => (native_erf(argument), 512.0 * f64::EPSILON),
		Function::Tanh => (argument.tanh(), library),
		Function::Sin => (argument.sin(), library),
		Function::Cos => (argument.cos(), library),
	}
}

/// erf by a series of terms of one sign: 2/√π·exp(−x²)·Σ 2ⁿ·x²ⁿ⁺¹/(2n + 1)!!.
fn native_erf(argument: f64) -> f64 {
	if argument.abs() > 6.0 {
		return argument.signum();
	}
	let square = argument * argument;
	let (mut term, mut sum) = (argument, 0.0);
	for n in 1..200 {
		sum += term;
		term *= 2.0 * square / f64::from(2 * n + 1);
	}
	std::f64::consts::FRAC_2_SQRT_PI * (-square).exp() * sum
}

/// Whether a result is the float32 of everything near the float64 one; none where that is more
/// than one float32.
fn agrees(function: Function, bits: u32) -> Option<bool> {
	let (near, error) = native(function, f64::from(f32::from_bits(bits)));
	let result = evaluate(function, bits);
	if near.is_nan() {
		return Some(result == NAN);
	}
	let below = (near * (1.0 - error)) as f32;
	let above = (near * (1.0 + error)) as f32;
	(below.to_bits() == above.to_bits()).then(|| result == below.to_bits())
}

#[test]
fn the_hardest_inputs_are_rounded_correctly() {
	for (function, cases) in Function::ALL.into_iter().zip(HARD_CASES) {
		for (bits, expected) in cases {
			let value = function.value(F32::from_bits(*bits));
			assert!(value.is_decided(), "{} of {bits:#010x}", function.name());
			assert_eq!(value.round().to_bits(), *expected, "{} of {bits:#010x}", function.name());
		}
	}
}

#[test]
fn results_agree_with_float64_wherever_it_decides() {
	for function in Function::ALL {
		let mut decided = 0;
		for bits in sample(50_000).chain(ordinary(50_000)) {
			let agrees = agrees(function, bits);
			assert_ne!(agrees, Some(false), "{} of {bits:#010x}", function.name());
			decided += u32::from(agrees.is_some());
		}
		assert!(decided > 99_900, "{} decided {decided}", function.name());
	}
}

#[test]
fn one_evaluation_decides_every_sampled_input() {
	for function in Function::ALL {
		for bits in sample(50_000).chain(ordinary(50_000)) {
			assert!(function.value(F32::from_bits(bits)).is_decided());
		}
	}
}

/// The arguments of `oracle/src/bin/enclosures.rs`.
fn measured(index: u32) -> u32 {
	let mixed = index.wrapping_mul(0x9e37_79b1);
	match index % 3 {
		0 => mixed,
		1 => (mixed & 0x8000_0000) | (0x3800_0000 + (mixed & 0x7fff_ffff) % 0x0b80_0000),
		_ => (0x3f80_0000 + (mixed >> (12 + index % 19))).wrapping_sub(index / 3 % 2 * 0x8000),
	}
}

/// A change of the evaluation changes these digests, and is a reason to run `oracle/accuracy.py`
/// again: an error in a late digit of a constant is too small to show in a sample of results.
#[test]
fn enclosures_are_those_whose_accuracy_was_measured() {
	let digests = Function::ALL.map(|function| {
		(0..40_000).map(measured).fold(0xcbf2_9ce4_8422_2325_u64, |digest, bits| {
			let Value::Within(enclosure) = function.value(F32::from_bits(bits)) else {
				return digest;
			};
			let Enclosure { negative, significand, exponent } = enclosure;
			let low = significand as u64;
			let high = (significand >> 64) as u64;
			// FNV-1a on words.
			[u64::from(negative), low, high, i64::from(exponent) as u64]
				.into_iter()
				.fold(digest, |digest, word| (digest ^ word).wrapping_mul(0x0100_0000_01b3))
		})
	});
	let expected = [
		0xe06f_fe19_8c1c_a42a,
		0x5dc1_5025_ae88_8652,
		0xa274_c93b_7ac4_f196,
		0x31c9_1f45_3037_0467,
		0xe28a_717d_4995_0c2f,
		0x46e3_5f19_9a43_0032,
	];
	assert_eq!(digests, expected);
}

#[test]
fn functions_by_name_are_the_functions() {
	let functions: [fn(F32) -> F32; 6] = [exp, log, erf, tanh, sin, cos];
	for (function, direct) in Function::ALL.into_iter().zip(functions) {
		for bits in ordinary(1_000) {
			assert_eq!(evaluate(function, bits), direct(F32::from_bits(bits)).to_bits());
		}
	}
}

#[test]
fn special_values_are_those_of_the_table() {
	let table = [
		// Function, NaN, +∞, −∞, +0, −0.
		(Function::Exp, [NAN, INFINITY, 0, ONE, ONE]),
		(Function::Log, [NAN, INFINITY, NAN, SIGN | INFINITY, SIGN | INFINITY]),
		(Function::Erf, [NAN, ONE, SIGN | ONE, 0, SIGN]),
		(Function::Tanh, [NAN, ONE, SIGN | ONE, 0, SIGN]),
		(Function::Sin, [NAN, NAN, NAN, 0, SIGN]),
		(Function::Cos, [NAN, NAN, NAN, ONE, ONE]),
	];
	for (function, expected) in table {
		let arguments = [NAN, INFINITY, SIGN | INFINITY, 0, SIGN];
		assert_eq!(arguments.map(|bits| evaluate(function, bits)), expected, "{}", function.name());
		assert_eq!(evaluate(function, 0xffff_ffff), NAN, "{}", function.name());
	}
}

#[test]
fn log_is_zero_at_one_and_nan_below_zero() {
	assert_eq!(evaluate(Function::Log, ONE), 0);
	for bits in [SIGN | 1, SIGN | ONE, 0xff7f_ffff] {
		assert_eq!(evaluate(Function::Log, bits), NAN);
	}
}

#[test]
fn exp_overflows_and_underflows_where_rounding_says() {
	// The last finite result, and the first argument that rounds to infinity.
	assert_eq!(evaluate(Function::Exp, 0x42b1_7217), 0x7f7f_ff84);
	assert_eq!(evaluate(Function::Exp, 0x42b1_7218), INFINITY);
	// The last normal result and the first subnormal one.
	assert_eq!(evaluate(Function::Exp, 0xc2ae_ac4f), 0x0080_0026);
	assert_eq!(evaluate(Function::Exp, 0xc2ae_ac50), 0x007f_ffe6);
	// The last that is above half of the least subnormal, and the first below it.
	assert_eq!(evaluate(Function::Exp, 0xc2cf_f1b4), 1);
	assert_eq!(evaluate(Function::Exp, 0xc2cf_f1b5), 0);
	// Both sides of the shortcut.
	for bits in [0xc2cf_ffff, 0xc2d0_0000, 0xff7f_ffff] {
		assert_eq!(evaluate(Function::Exp, bits), 0);
	}
	for bits in [0x42cf_ffff, 0x42d0_0000, 0x7f7f_ffff] {
		assert_eq!(evaluate(Function::Exp, bits), INFINITY);
	}
}

#[test]
fn tiny_arguments_keep_their_first_term() {
	for bits in (0..0x2f80_0000_u32).step_by(0x0012_3457).chain([1, 2, 3, 0x007f_ffff]) {
		for signed in [bits, bits | SIGN] {
			assert_eq!(evaluate(Function::Sin, signed), signed);
			assert_eq!(evaluate(Function::Tanh, signed), signed);
			assert_eq!(evaluate(Function::Cos, signed), ONE);
			assert_eq!(evaluate(Function::Exp, signed), ONE);
		}
	}
	// 2/√π times 1, 2, 3 and 4 units is 1.13, 2.26, 3.39 and 4.51.
	let least = [1, 2, 3, 4].map(|bits| evaluate(Function::Erf, bits));
	assert_eq!(least, [1, 2, 3, 5]);
}

#[test]
fn erf_and_tanh_reach_one_where_rounding_says() {
	let below_one = ONE - 1;
	for (function, last, shortcut) in
		[(Function::Erf, 0x407a_d444, 0x4080_0000), (Function::Tanh, 0x4110_2cb3, 0x4120_0000)]
	{
		assert_eq!(evaluate(function, last), below_one);
		for bits in [last + 1, shortcut - 1, shortcut, 0x7f7f_ffff] {
			assert_eq!(evaluate(function, bits), ONE);
			assert_eq!(evaluate(function, bits | SIGN), ONE | SIGN);
		}
	}
}

#[test]
fn odd_and_even_functions_are_so_to_the_last_bit() {
	for bits in sample(5_000).chain(ordinary(5_000)) {
		if F32::from_bits(bits).is_nan() {
			continue;
		}
		for function in [Function::Erf, Function::Tanh, Function::Sin] {
			let (one, other) = (evaluate(function, bits), evaluate(function, bits ^ SIGN));
			assert!(one == other ^ SIGN || one == NAN && other == NAN);
		}
		assert_eq!(evaluate(Function::Cos, bits), evaluate(Function::Cos, bits ^ SIGN));
	}
}

#[test]
fn monotonic_functions_never_step_back() {
	// Runs of neighbors around every border between two pieces of an evaluation: multiples of
	// 1/128 and thus of 1/16 and 1/8, and an even spread.
	let borders = (1..=1_280).map(|index| (index as f32 / 128.0).to_bits());
	let starts = borders.chain((0..2_000).map(|index| index * 0x000f_edcb));
	for start in starts.filter(|bits| (8..0x7f7f_fff0).contains(bits)) {
		for function in [Function::Exp, Function::Log, Function::Erf, Function::Tanh] {
			let results = (start - 8..start + 8).map(|bits| {
				let result = function.value(F32::from_bits(bits)).round();
				f32::from_bits(result.to_bits())
			});
			assert!(results.is_sorted(), "{} near {start:#010x}", function.name());
		}
	}
}
