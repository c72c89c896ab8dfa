#!/usr/bin/env bash
# Build the runtime with the next `spec_version`, for the test of upgrades.
#
# The blob of an ordinary build comes from a small project that the WASM builder writes. This is
# the same project with one feature more and another name, in the same target directory, so that
# only the pallets' and the runtime's last steps are compiled again.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
use_toolchain

BLOB=$CARGO_TARGET_DIR/release/wbuild/assay-runtime
NEXT=$CARGO_TARGET_DIR/next-runtime
[ -f "$BLOB/Cargo.toml" ] || fail 'build the workspace first: scripts/test.sh does'

mkdir -p "$NEXT/project/src"
cp "$BLOB/Cargo.lock" "$NEXT/project/"
sed -i 's/^name = "assay-runtime-blob"$/name = "assay-next-runtime"/' "$NEXT/project/Cargo.lock"
cp "$BLOB/src/lib.rs" "$NEXT/project/src/"
sed -e 's/^name = "assay-runtime-blob"$/name = "assay-next-runtime"/' \
	-e 's/^name = "assay_runtime"$/name = "assay_next_runtime"/' \
	-e '/^default-features = false$/,/^package = /{/^features = \[$/a\    "next-version",
}' "$BLOB/Cargo.toml" >"$NEXT/project/Cargo.toml"
grep -q next-version "$NEXT/project/Cargo.toml" || sed -i 's/^default-features = false$/&\nfeatures = ["next-version"]/' "$NEXT/project/Cargo.toml"

say 'building the next runtime'
RUSTFLAGS='-C link-arg=--export-table -C link-arg=--export=__heap_base -C link-arg=--import-memory --cfg substrate_runtime' \
	CARGO_TARGET_DIR=$BLOB/target SKIP_WASM_BUILD='' \
	cargo rustc --target="$WASM_TARGET" --manifest-path="$NEXT/project/Cargo.toml" --profile release
cp "$BLOB/target/$WASM_TARGET/release/assay_next_runtime.wasm" "$NEXT/"
say "built $NEXT/assay_next_runtime.wasm"
