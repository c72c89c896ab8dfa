#!/usr/bin/env bash
# Start a development chain with a provider, register the magika model, and ask it the type of
# each FILE through the chain. In a second act, another provider lies, and is found out.
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

BINARIES=$CARGO_TARGET_DIR/release
WORK=$(mktemp -d)
NODE=
LIAR=
# End a process, patiently at first.
end() {
	kill -TERM "$1" 2>/dev/null || return 0
	for _ in $(seq 100); do
		kill -0 "$1" 2>/dev/null || break
		sleep 0.2
	done
	kill -KILL "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}
# Whatever ends the script, Ctrl-C included, ends the node and the workers, and nothing is left
# behind.
finish() {
	local status=$?
	trap - EXIT INT TERM
	[ -z "$LIAR" ] || end "$LIAR"
	[ -z "$NODE" ] || end "$NODE"
	if [ "$status" != 0 ] && [ "$status" != 130 ]; then
		for log in node liar; do
			[ -f "$WORK/$log.log" ] || continue
			echo "the last lines of the $log:" >&2
			tail -n 30 "$WORK/$log.log" >&2
		done
	fi
	rm -rf "$WORK"
	exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say 'starting a development chain with a provider'
# The provider leaves the second version to the one that lies, and challenges what is wrong.
cat >"$WORK/provider.toml" <<-'END'
	serve = ["magika@1=0.001"]
	challenge = true
END
"$BINARIES/assay-node" --dev --base-path "$WORK/chain" --rpc-port 0 --port 0 --no-prometheus \
	--provider --provider-config "$WORK/provider.toml" >"$WORK/node.log" 2>&1 &
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

# A worker lies only where its environment says how.
ASSAY_TEST_LIE=shifted ASSAY_TEST_LIE_DEFENDS=1 "$BINARIES/assay-worker" --node "$URL" \
	--key-uri //Dave --base-path "$WORK/liar" --serve magika@2=0.001 --register 1000 \
	>"$WORK/liar.log" 2>&1 &
LIAR=$!

"$BINARIES/assay-demo" --url "$URL" --liar //Dave "${FILES[@]}"
