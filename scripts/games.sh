#!/usr/bin/env bash
# Play a million random games of the dispute protocol and ten thousand against its pallet, and check
# what has to be true of each.
#
# CI plays two thousand and sixty. docs/benchmarks.md records the last run of all.
#
# usage: scripts/games.sh [COUNT [PALLET_COUNT]]
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
"$ROOT/scripts/setup.sh"
use_toolchain

COUNT=${1:-1000000} PALLET_COUNT=${2:-10000}
say 'building the games'
cargo test "${BUILD_LINE[@]}" --lib --no-run

# play CRATE FILTER: run the games of a crate.
play() {
	local started=$SECONDS
	ASSAY_GAMES=$COUNT ASSAY_PALLET_GAMES=$PALLET_COUNT \
		cargo nextest run "${BUILD_LINE[@]}" --no-fail-fast --profile games \
		--filterset "package($1) and test($2)"
	say "$1: seconds=$((SECONDS - started))"
}

play assay-dispute games
play pallet-disputes random
say "games=$COUNT pallet_games=$PALLET_COUNT: ok"
