#!/usr/bin/env bash
# Start a development chain with a provider, register the magika model, and ask it the type of
# each FILE through the chain.
#
# usage: scripts/demo.sh [FILE…]
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

FILES=("$@")
[ $# -gt 0 ] || FILES=("$ROOT"/examples-data/hello.py "$ROOT"/examples-data/square.png "$ROOT"/examples-data/page.pdf)
for file in "${FILES[@]}"; do
	[ -r "$file" ] || fail "cannot read $file"
done

"$ROOT/scripts/setup.sh"
use_toolchain
(cd "$ROOT" && build_binaries)

WORK=$(mktemp -d)
NODE=
# Whatever ends the script, Ctrl-C included, ends the node, and nothing is left behind.
finish() {
	local status=$?
	trap - EXIT INT TERM
	if [ -n "$NODE" ] && kill -0 "$NODE" 2>/dev/null; then
		kill -TERM "$NODE" 2>/dev/null || true
		for _ in $(seq 100); do
			kill -0 "$NODE" 2>/dev/null || break
			sleep 0.2
		done
		kill -KILL "$NODE" 2>/dev/null || true
		wait "$NODE" 2>/dev/null || true
	fi
	if [ "$status" != 0 ] && [ "$status" != 130 ] && [ -f "$WORK/node.log" ]; then
		echo 'the last lines of the node:' >&2
		tail -n 30 "$WORK/node.log" >&2
	fi
	rm -rf "$WORK"
	exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say 'starting a development chain with a provider'
"$CARGO_TARGET_DIR/release/assay-node" --dev --base-path "$WORK/chain" --rpc-port 0 --port 0 \
	--no-prometheus --provider >"$WORK/node.log" 2>&1 &
NODE=$!

# The node tells in its log which port the system gave it.
URL=
for _ in $(seq 300); do
	kill -0 "$NODE" 2>/dev/null || fail 'the node ended'
	URL=$(sed -n 's/.*Running JSON-RPC server: addr=\(127\.0\.0\.1:[0-9]*\).*/ws:\/\/\1/p' "$WORK/node.log" | head -n 1)
	[ -n "$URL" ] && break
	sleep 0.2
done
[ -n "$URL" ] || fail 'the node opened no RPC within a minute'
say "the node listens on $URL"

"$CARGO_TARGET_DIR/release/assay-demo" --url "$URL" "${FILES[@]}"
