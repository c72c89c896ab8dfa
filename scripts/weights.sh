#!/usr/bin/env bash
# Measure the weights of our pallets' calls on this machine and write pallets/*/src/weights.rs.
#
# The results are committed; CI does not run this. It builds a node with `benchmark` and a blob
# with benchmarks, beside what the tests build; the next ordinary build puts the ordinary ones in
# their place. That blob must never be shipped, because it skips the version checks of `set_code`.
#
# usage: scripts/weights.sh [PALLET…]   for example models; all of them without an argument
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
"$ROOT/scripts/setup.sh"
use_toolchain

PALLETS=("$@")
[ $# -gt 0 ] || PALLETS=(audits availability custody data-rights disputes finality inference leases
	models offerings pools providers revenue subscriptions)
STEPS=${STEPS:-50} REPEAT=${REPEAT:-20}

export ASSAY_WASM_BENCHMARKS=1
say 'building the node with benchmarks'
cargo build "${BUILD_LINE[@]}" --features assay-node/benchmark-cli --bins --examples
BLOB=$CARGO_TARGET_DIR/release/wbuild/assay-runtime/assay_runtime.compact.compressed.wasm

for pallet in "${PALLETS[@]}"; do
	say "measuring $pallet"
	"$CARGO_TARGET_DIR/release/assay-node" benchmark pallet --runtime "$BLOB" \
		--genesis-builder=runtime --genesis-builder-preset=development \
		--pallet "pallet_${pallet//-/_}" --extrinsic '*' --steps "$STEPS" --repeat "$REPEAT" \
		--wasm-execution=compiled --template "$ROOT/scripts/weights.hbs" \
		--output "$ROOT/pallets/$pallet/src/weights.rs"
	rustfmt --edition 2021 "pallets/$pallet/src/weights.rs"
done
say "wrote the weights of ${PALLETS[*]}"
