//! The WASM blob that nodes run carries nothing of the features that only tests want.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

/// The blob, decompressed.
fn blob() -> Vec<u8> {
	let compressed = assay_runtime::WASM_BINARY.expect("the blob is built with the crate");
	sp_maybe_compressed_blob::decompress(compressed, 64 * 1024 * 1024).unwrap().into_owned()
}

fn contains(haystack: &[u8], needle: &str) -> bool {
	haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[test]
fn blob_has_no_benchmarking_and_no_try_runtime() {
	let blob = blob();
	assert!(contains(&blob, "AssayApi_job"), "the search finds what is exported");
	for unwanted in ["ext_benchmarking", "Benchmark_dispatch_benchmark", "TryRuntime_"] {
		assert!(!contains(&blob, unwanted), "{unwanted} reached the blob: see runtime/build.rs");
	}
}

#[test]
fn blob_is_small_enough_for_one_upgrade_transaction() {
	let blob = assay_runtime::WASM_BINARY.unwrap();
	assert!(blob.len() < 3 * 1024 * 1024, "{} bytes", blob.len());
}
