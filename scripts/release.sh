#!/usr/bin/env bash
# Build what is shipped: the binaries without test features, and the runtime with its metadata
# hash, by which hardware wallets check what they sign. The runtime is compiled twice for that.
#
# usage: scripts/release.sh [FOLDER]   where the results go; release in the cache without an argument
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
OUT=$(realpath -m "${1:-$CACHE/release}")
"$ROOT/scripts/setup.sh"
use_toolchain

# Other features than the tests', so a target directory of its own.
export CARGO_TARGET_DIR=$CARGO_TARGET_DIR/shipped
# The tests' build saves the compiler's time on these; what is shipped is optimized.
OPTIMIZE=()
for package in assay-cli assay-node assay-runtime assay-worker; do
	OPTIMIZE+=(--config "profile.release.package.$package.opt-level=3")
done
say 'building the release'
cargo build --workspace --exclude assay-tests --release --locked --bins \
	--features assay-runtime/metadata-hash "${OPTIMIZE[@]}"

mkdir -p "$OUT"
for binary in assay assay-node assay-worker; do
	install -m 755 "$CARGO_TARGET_DIR/release/$binary" "$OUT/"
done
cp "$CARGO_TARGET_DIR/release/wbuild/assay-runtime/assay_runtime.compact.compressed.wasm" "$OUT/assay_runtime.wasm"
cp LICENSE CHANGELOG.md "$OUT/"
(cd "$OUT" && sha256sum assay assay-node assay-worker assay_runtime.wasm >SHA256SUMS && cat SHA256SUMS)
say "the release is in $OUT"
