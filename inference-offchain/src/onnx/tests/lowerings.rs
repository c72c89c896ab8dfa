//! Lowerings against float64 on extreme inputs.

use super::build::*;
use crate::onnx::proto::{NodeProto, TensorProto};

/// Values near zero, about one, large, and beyond where exponentials overflow.
const EXTREMES: [f32; 21] = [
	0.0, -0.0, 1e-40, -1e-40, 1e-12, -1e-12, 1e-4, -1e-4, 0.3, -0.3, 1.0, -1.0, 5.5, -5.5, 30.0,
	-30.0, 89.0, -89.0, 200.0, -200.0, 30_000.0,
];

/// Whether `got` is within `relative` of a value, or within `absolute` of it.
fn assert_close(got: f32, expected: f64, relative: f64, absolute: f64, at: f32) {
	let error = (f64::from(got) - expected).abs();
	let allowed = absolute + relative * expected.abs();
	let equal = f64::from(got) == expected || got.is_nan() && expected.is_nan();
	let overflows = got.is_infinite() && expected.abs() > f64::from(f32::MAX);
	assert!(equal || overflows || error <= allowed, "at {at}: {got} for {expected}");
}

fn check(node: NodeProto, function: fn(f64) -> f64, relative: f64, absolute: f64) {
	let got = apply(node, &EXTREMES, vec![]);
	for (at, got) in EXTREMES.iter().zip(got) {
		assert_close(got, function(f64::from(*at)), relative, absolute, *at);
	}
}

fn unary(operator: &str) -> NodeProto {
	node(operator, &["x"], &["y"])
}

#[test]
fn sigmoid_neither_overflows_nor_loses_small_results() {
	check(unary("Sigmoid"), |x| 1.0 / (1.0 + (-x).exp()), 4e-7, 1e-44);
}

#[test]
fn softplus_is_the_identity_where_the_exponential_overflows() {
	check(unary("Softplus"), |x| x.max(0.0) + (-x.abs()).exp().ln_1p(), 2e-7, 6e-8);
}

#[test]
fn elu_and_its_kin_do_not_cancel_near_zero() {
	let elu = |x: f64| if x < 0.0 { x.exp_m1() } else { x };
	check(unary("Elu"), elu, 4e-7, 1e-44);
	check(unary("Celu"), elu, 4e-7, 1e-44);
	let selu = |x: f64| 1.050_701 * if x < 0.0 { 1.673_263_2 * x.exp_m1() } else { x };
	check(unary("Selu"), selu, 6e-7, 3e-45);
}

#[test]
fn swish_mish_and_softsign_agree_with_float64() {
	check(unary("Swish"), |x| x / (1.0 + (-x).exp()), 5e-7, 1e-42);
	check(unary("HardSwish"), |x| x * (x / 6.0 + 0.5).clamp(0.0, 1.0), 5e-7, 1e-44);
	check(unary("Softsign"), |x| x / (1.0 + x.abs()), 3e-7, 1e-44);
	let mish = |x: f64| x * (x.max(0.0) + (-x.abs()).exp().ln_1p()).tanh();
	check(unary("Mish"), mish, 5e-7, 2e-6);
}

#[test]
fn hyperbolic_functions_agree_with_float64() {
	check(unary("Sinh"), f64::sinh, 5e-6, 1e-44);
	check(unary("Cosh"), f64::cosh, 5e-6, 0.0);
	check(unary("Asinh"), f64::asinh, 4e-7, 1e-44);
	check(unary("Atan"), f64::atan, 5e-7, 1e-44);
	let within: Vec<f32> = EXTREMES.iter().copied().filter(|x| x.abs() < 1.0).collect();
	for (at, got) in within.iter().zip(apply(unary("Atanh"), &within, vec![])) {
		assert_close(got, f64::from(*at).atanh(), 6e-7, 1e-44, *at);
	}
	for (at, got) in within.iter().zip(apply(unary("Asin"), &within, vec![])) {
		assert_close(got, f64::from(*at).asin(), 8e-7, 1e-44, *at);
	}
	for (at, got) in within.iter().zip(apply(unary("Acos"), &within, vec![])) {
		assert_close(got, f64::from(*at).acos(), 8e-7, 0.0, *at);
	}
	let above = [1.0, 1.000_001, 1.5, 100.0, 1e10, 1e30];
	for (at, got) in above.iter().zip(apply(unary("Acosh"), &above, vec![])) {
		assert_close(got, f64::from(*at).acosh(), 6e-7, 1e-7, *at);
	}
}

#[test]
fn gelu_is_exact_to_a_rounding_of_its_operand() {
	let tanh = with(unary("Gelu"), text("approximate", "tanh"));
	let cubic = |x: f64| 0.797_884_560_802_865_4 * (x + 0.044_715 * x * x * x);
	for (at, got) in EXTREMES.iter().zip(apply(tanh, &EXTREMES, vec![])) {
		let x = f64::from(*at);
		assert_close(got, 0.5 * x * (1.0 + cubic(x).tanh()), 5e-7, 6e-8 * x.abs(), *at);
	}
	let got = apply(unary("Gelu"), &[-1e4, -3.0, 0.0, 1e-30, 3.0, 1e30], vec![]);
	assert_eq!(got[0], 0.0);
	assert_close(got[1], -0.004_049_694_094_8, 1e-4, 0.0, -3.0);
	assert_eq!(got[3], 5e-31);
	assert_eq!(got[5], 1e30);
}

fn row(values: &[f32]) -> Vec<f64> {
	values.iter().map(|value| f64::from(*value)).collect()
}

#[test]
fn softmax_and_its_logarithm_are_finite_for_large_scores() {
	let scores = [1e30, 1e30, -1e30, 88.0, 0.0];
	assert_eq!(apply(unary("Softmax"), &scores, vec![]), [0.5, 0.5, 0.0, 0.0, 0.0]);
	let scores = [30_000.0, 29_999.0, 29_900.0];
	let raised: Vec<f64> = row(&scores).iter().map(|x| (x - 30_000.0).exp()).collect();
	let total: f64 = raised.iter().sum();
	for (at, got) in apply(unary("Softmax"), &scores, vec![]).iter().enumerate() {
		assert_close(*got, raised[at] / total, 3e-7, 1e-44, scores[at]);
	}
	for (at, got) in apply(unary("LogSoftmax"), &scores, vec![]).iter().enumerate() {
		let expected = row(&scores)[at] - 30_000.0 - total.ln();
		assert_close(*got, expected, 3e-7, 6e-8, scores[at]);
	}
}

#[test]
fn the_logarithm_of_a_sum_of_exponentials_survives_infinities() {
	let got = apply(unary("ReduceLogSumExp"), &[1000.0, 1000.0], vec![]);
	assert_close(got[0], 1000.0 + 2.0_f64.ln(), 1e-7, 0.0, 1000.0);
	let got = apply(unary("ReduceLogSumExp"), &[f32::NEG_INFINITY; 2], vec![]);
	assert_eq!(got, [f32::NEG_INFINITY]);
	let got = apply(unary("ReduceLogSumExp"), &[f32::INFINITY, 1.0], vec![]);
	assert_eq!(got, [f32::INFINITY]);
}

fn ones(name: &str, length: usize) -> TensorProto {
	floats(name, &[length as i64], &vec![1.0; length])
}

#[test]
fn layer_normalization_keeps_its_digits_at_a_large_mean() {
	let x = [30_000.0, 30_000.5, 30_001.0, 29_998.25];
	let node = node("LayerNormalization", &["x", "scale"], &["y"]);
	let got = apply(node, &x, vec![ones("scale", 4)]);
	let mean = row(&x).iter().sum::<f64>() / 4.0;
	let variance = row(&x).iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 4.0;
	for (at, got) in x.iter().zip(got) {
		let expected = (f64::from(*at) - mean) / (variance + 1e-5).sqrt();
		assert_close(got, expected, 2e-3, 0.0, *at);
	}
}

#[test]
fn sums_do_not_lose_what_is_small_beside_what_cancels() {
	let got = apply(unary("ReduceSum"), &[1e30, 1.0, -1e30, 1e-3], vec![]);
	assert_eq!(got, [1.001]);
	let got = apply(unary("ReduceMean"), &[3e38, 3e38, 3e38], vec![]);
	assert_eq!(got, [3e38]);
}

#[test]
fn the_greatest_of_elements_is_nan_if_any_is() {
	assert!(apply(unary("ReduceMax"), &[1.0, f32::NAN, 3.0], vec![])[0].is_nan());
	assert_eq!(apply(unary("ReduceMin"), &[1.0, -7.0, 3.0], vec![]), [-7.0]);
	assert_eq!(apply(unary("ReduceProd"), &[2.0, -7.0, 3.0, 0.5, 1.0], vec![]), [-21.0]);
}

#[test]
fn powers_are_chains_of_products() {
	type Function = fn(f64) -> f64;
	let exponents: [(f32, Function); 5] = [
		(3.0, |x| x.powi(3)),
		(-2.0, |x| x.powi(-2)),
		(0.5, f64::sqrt),
		(-0.5, |x| 1.0 / x.sqrt()),
		(0.0, |_| 1.0),
	];
	for (exponent, function) in exponents {
		let node = node("Pow", &["x", "e"], &["y"]);
		let x = [0.5, 1.0, 3.0, 1e10, 1e-10];
		let got = apply(node, &x, vec![floats("e", &[], &[exponent])]);
		for (at, got) in x.iter().zip(got) {
			assert_close(got, function(f64::from(*at)), 4e-7, 1e-44, *at);
		}
	}
}

#[test]
fn einstein_sums_are_products_of_matrices() {
	let cases: [(&str, Vec<f32>); 4] = [
		("ij,jk->ik", vec![58.0, 64.0, 139.0, 154.0]),
		("ij,jk->ki", vec![58.0, 139.0, 64.0, 154.0]),
		("ij,jk->", vec![415.0]),
		("ij,kl->il", vec![162.0, 180.0, 405.0, 450.0]),
	];
	for (equation, expected) in cases {
		let node = with(node("Einsum", &["x", "z"], &["y"]), text("equation", equation));
		let inputs = vec![value("x", FLOAT, &["2", "3"]), value("z", FLOAT, &["3", "2"])];
		let imported = import_graph(graph(inputs, vec![], vec![node], &["y"])).unwrap();
		let operands = [
			tensor(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
			tensor(&[3, 2], &[7.0, 8.0, 9.0, 10.0, 11.0, 12.0]),
		];
		assert_eq!(values(&run(&imported, &operands)), expected, "{equation}");
	}
}

#[test]
fn a_bidirectional_network_joins_both_directions() {
	let x = value("x", FLOAT, &["3", "1", "1"]);
	let w = floats("w", &[2, 1, 1], &[1.0, 1.0]);
	let r = floats("r", &[2, 1, 1], &[0.5, 0.5]);
	let node = with(node("RNN", &["x", "w", "r"], &["y"]), text("direction", "bidirectional"));
	let imported = import_graph(graph(vec![x], vec![w, r], vec![node], &["y"])).unwrap();
	let got = values(&run(&imported, &[tensor(&[3, 1, 1], &[0.1, 0.2, 0.3])]));
	let step = |h: f64, x: f64| (x + 0.5 * h).tanh();
	let forward = [step(0.0, 0.1), step(step(0.0, 0.1), 0.2)];
	let forward = [forward[0], forward[1], step(forward[1], 0.3)];
	let last = step(0.0, 0.3);
	let backward = [step(step(last, 0.2), 0.1), step(last, 0.2), last];
	for at in 0..3 {
		assert_close(got[2 * at], forward[at], 3e-7, 0.0, at as f32);
		assert_close(got[2 * at + 1], backward[at], 3e-7, 0.0, at as f32);
	}
}

#[test]
fn group_normalization_has_a_scale_a_channel() {
	let x = value("x", FLOAT, &["1", "4", "2"]);
	let node = node("GroupNormalization", &["x", "scale", "bias"], &["y"]);
	let constants =
		vec![floats("scale", &[4], &[1.0, 2.0, 1.0, 2.0]), floats("bias", &[4], &[0.0; 4])];
	let node = with(node, int("num_groups", 2));
	let imported = import_graph(graph(vec![x], constants, vec![node], &["y"])).unwrap();
	let operand = [30_000.0, 30_001.0, 30_002.0, 30_003.0, 1e-3, 2e-3, 3e-3, 4e-3];
	let got = values(&run(&imported, &[tensor(&[1, 4, 2], &operand)]));
	for (group, base) in operand.chunks(4).enumerate() {
		let mean = row(base).iter().sum::<f64>() / 4.0;
		let variance = row(base).iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 4.0;
		for (at, x) in base.iter().enumerate() {
			let scale = if at < 2 { 1.0 } else { 2.0 };
			let expected = scale * (f64::from(*x) - mean) / (variance + 1e-5).sqrt();
			assert_close(got[group * 4 + at], expected, 1e-5, 0.0, *x);
		}
	}
}

#[test]
fn a_long_short_term_memory_saturates_without_overflow() {
	let x = value("x", FLOAT, &["2", "1", "1"]);
	let w = floats("w", &[1, 4, 1], &[1.0, 1.0, 1.0, 1.0]);
	let r = floats("r", &[1, 4, 1], &[0.0; 4]);
	let node = node("LSTM", &["x", "w", "r"], &["y"]);
	let imported = import_graph(graph(vec![x], vec![w, r], vec![node], &["y"])).unwrap();
	let got = values(&run(&imported, &[tensor(&[2, 1, 1], &[1e30, -1e30])]));
	assert_close(got[0], 1.0_f64.tanh(), 1e-7, 0.0, 1e30);
	assert_eq!(got[1], 0.0);
}
