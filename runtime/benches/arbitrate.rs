//! What judging one element of a product costs, natively and in the runtime's blob, and how large
//! its proof is: `cargo bench -p assay-runtime --bench arbitrate`.

#![allow(clippy::expect_used, clippy::arithmetic_side_effects, missing_docs)]

#[path = "../tests/wasm/mod.rs"]
mod wasm;

use assay_canon::{
	arbiter::Verdict,
	graph::Builder,
	op::Op,
	shape::{Layout, Shape},
	symbol::{Bindings, Dim},
	tensor::{DType, Tensor},
};
use std::time::Instant;
use wasm::{Blob, Scene};

const RUNS: usize = 20;

fn main() {
	let blob = Blob::new();
	println!("{:>7} {:>12} {:>12} {:>7} {:>12}", "K", "native ms", "blob ms", "ratio", "proof KiB");
	for terms in [64, 512, 4096, 25_088] {
		let scene = product(terms);
		let bindings = Bindings::default();
		let prover = scene.prover(&bindings);
		let proof = prover.prove(0, 5, &[]).expect("a proof");
		let question = scene.question(&prover, 5);
		let check = |verdict| assert!(matches!(verdict, Verdict::Value(_)), "{verdict:?}");
		let native = best(|| check(question.answer(&proof)));
		let inside = best(|| check(blob.arbitrate(&question, &proof)));
		let size = proof.len() as f64 / 1024.0;
		println!("{terms:>7} {native:>12.3} {inside:>12.3} {:>7.2} {size:>12.1}", inside / native);
	}
}

/// The least of several times in milliseconds.
fn best(mut run: impl FnMut()) -> f64 {
	let time = |_| {
		let started = Instant::now();
		run();
		started.elapsed().as_secs_f64() * 1e3
	};
	(0..RUNS).map(time).fold(f64::INFINITY, f64::min)
}

/// A product of 4 × K by K × 4, the second operand laid out by columns as lowerings write it.
fn product(terms: u32) -> Scene {
	let values = |extents: &[u32], seed: u32| {
		let shape = Shape::new(extents).expect("a shape");
		let bits = |at: u64| (at as u32).wrapping_mul(0x9e37_79b9).wrapping_add(seed);
		let value = |at| (bits(at) >> 8) as f32 / 16_777_216.0 - 0.5;
		let data = (0..shape.count()).flat_map(|at| value(at).to_le_bytes()).collect();
		Tensor::new(DType::Float32, shape, data).expect("a tensor")
	};
	let input = values(&[4, terms], 1);
	let columns = Layout::new(&[1, 0]).expect("a layout");
	let weights = values(&[terms, 4], 2).relaid(&columns).expect("a tensor");
	let mut builder = Builder::new(&[]).expect("a graph");
	let x = builder.input(DType::Float32, &[Dim::from(4), Dim::from(terms)]);
	let w = builder.initializer(&weights);
	let y = builder.push(Op::MatMul, &[x, w]).expect("a node");
	Scene::new(builder.finish(&[y]).expect("a graph"), vec![input], vec![weights])
}
