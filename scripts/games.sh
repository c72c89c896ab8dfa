#!/usr/bin/env bash
# Play a million random games of the dispute protocol, and check what has to be true of each.
#
# CI plays two thousand. docs/benchmarks.md records the last run of a million.
#
# usage: scripts/games.sh [COUNT]
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
"$ROOT/scripts/setup.sh"
use_toolchain

COUNT=${1:-1000000}
cargo test --locked --release --package assay-dispute --lib --no-run
started=$SECONDS
ASSAY_GAMES=$COUNT cargo test --locked --release --package assay-dispute --lib games
say "games=$COUNT seconds=$((SECONDS - started))"
