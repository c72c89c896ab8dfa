//! Builds the runtime's WASM blob.
//!
//! The native crate is compiled with `runtime-benchmarks` and `try-runtime` so that tests and
//! binaries share one compilation of the SDK. Neither may reach the blob: a runtime with
//! `runtime-benchmarks` skips the version checks of `set_code`. The WASM builder passes on the
//! features that it finds in these variables, so they are removed first, unless
//! `ASSAY_WASM_BENCHMARKS` asks for a blob to measure weights with. `tests/blob.rs` checks that
//! the blob of an ordinary build is clean.

fn main() {
	#[cfg(feature = "std")]
	build_wasm();
}

#[cfg(feature = "std")]
fn build_wasm() {
	println!("cargo:rerun-if-env-changed=ASSAY_WASM_BENCHMARKS");
	if std::env::var_os("ASSAY_WASM_BENCHMARKS").is_none() {
		std::env::remove_var("CARGO_FEATURE_RUNTIME_BENCHMARKS");
	}
	std::env::remove_var("CARGO_FEATURE_TRY_RUNTIME");

	// The target directory lies outside the workspace, where the builder finds no Cargo.lock. The
	// path is read when this runs: clones share the target directory, and so this compiled script.
	let package = std::env::var_os("CARGO_MANIFEST_DIR").map(std::path::PathBuf::from);
	if let Some(workspace) = package.as_deref().and_then(std::path::Path::parent) {
		std::env::set_var("WASM_BUILD_WORKSPACE_HINT", workspace);
	}

	let builder = substrate_wasm_builder::WasmBuilder::init_with_defaults();
	#[cfg(feature = "metadata-hash")]
	let builder = builder.enable_metadata_hash("ASY", 12);
	builder.build();
}
