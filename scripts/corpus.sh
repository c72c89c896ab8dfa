#!/usr/bin/env bash
# Judge a hundred million honest outputs of ONNX Runtime, and what attacks make of them.
#
# CI judges a million. docs/benchmarks.md records the last large run, as the row that this prints.
#
# usage: [ASSAY_CORPUS=COUNT] scripts/corpus.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
"$ROOT/scripts/setup.sh" --tests
use_toolchain

export ASSAY_CORPUS=${ASSAY_CORPUS:-100000000}
say 'building the corpus'
cargo test "${BUILD_LINE[@]}" --test corpus --no-run

found=$(mktemp)
trap 'rm -f "$found"' EXIT
began=$SECONDS
cargo nextest run "${BUILD_LINE[@]}" --test corpus --no-fail-fast --profile corpus 2>&1 | tee "$found"

# The sums of what the honest tests say.
awk -v seconds=$((SECONDS - began)) -v day="$(date +%F)" '
	$1 == "corpus" {
		for (field = 4; field <= NF; field++) {
			split($field, pair, "=")
			sum[pair[1]] += pair[2]
		}
	}
	END {
		printf "| %s | %d | %d | %d | %d | %d | %d |\n", day, sum["elements"], sum["jobs"],
			sum["accepted"], sum["void"], sum["slashed"], seconds
	}' "$found"
