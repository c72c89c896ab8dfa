#!/usr/bin/env bash
# Run the tests; without an argument all of them.
#
# usage: scripts/test.sh [fmt|lint|unit|docs|e2e [NAME]]
#   e2e NAME   one end-to-end file, tests/NAME.rs
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

# The tests that start processes, as nextest selects them.
E2E='package(assay-tests) and kind(test) and not binary(architecture)'

fmt() {
	cargo fmt --all --check
}

lint() {
	# The WASM blob is built with the binaries, from the same sources.
	SKIP_WASM_BUILD=1 cargo clippy "${BUILD_LINE[@]}" --all-targets -- -D warnings
	# The primitives serve programs without an operating system.
	cargo build --locked --package assay-primitives --package assay-canon \
		--package assay-dispute --no-default-features --release --target "$WASM_TARGET" \
		--target-dir "$CARGO_TARGET_DIR/no-std"
}

build_all() {
	say "building everything in $CARGO_TARGET_DIR (the first time takes about 20 minutes)"
	cargo build "${BUILD_LINE[@]}" --all-targets
}

unit() {
	build_all
	cargo nextest run "${BUILD_LINE[@]}" --filterset "not ($E2E)"
}

docs() {
	# `--examples` has cargo resolve features as for tests, which compiles nothing again. The
	# programs are named one by one, because the worker's would overwrite its library's pages.
	RUSTDOCFLAGS=-Dwarnings cargo doc "${BUILD_LINE[@]}" --no-deps --lib --examples \
		--bin assay --bin assay-demo --bin assay-node
}

e2e() {
	local name=${1:-} selected=$E2E
	if [ -n "$name" ]; then
		[ -f "tests/$name.rs" ] || fail "no end-to-end test tests/$name.rs"
		selected="package(assay-tests) and binary($name)"
	fi
	build_all
	if [ -z "$name" ] || [ "$name" = upgrade ]; then
		"$ROOT/scripts/next-runtime.sh"
	fi
	cargo nextest run "${BUILD_LINE[@]}" --profile e2e --filterset "$selected"
}

# Run a suite, say how it went and how long it took.
CURRENT=
trap '[ -z "$CURRENT" ] || say "FAILED: suite $CURRENT"' EXIT
suite() {
	local began=$SECONDS
	CURRENT=$*
	say "suite $CURRENT"
	"$@"
	say "passed: suite $CURRENT in $((SECONDS - began)) s"
	CURRENT=
}

"$ROOT/scripts/setup.sh" --tests
use_toolchain

case ${1:-all} in
	all)
		for each in fmt lint unit docs e2e; do
			suite "$each"
		done
		say 'all suites passed: fmt lint unit docs e2e'
		;;
	fmt | lint | unit | docs) suite "$1" ;;
	e2e) suite "$@" ;;
	*) fail "no suite $1: fmt, lint, unit, docs or e2e [NAME]" ;;
esac
