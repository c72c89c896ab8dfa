#!/usr/bin/env bash
# Start the four validators of chain-spec/local.json on this machine and watch them finalize.
# Ctrl-C stops all four.
#
# usage: scripts/local-network.sh [--free-ports] [--blocks N]
#   --free-ports   ports that the system chooses, instead of 9944 to 9947 and 30333 to 30336
#   --blocks N     end as soon as all four have finalized block N
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

FREE_PORTS= BLOCKS=
while [ $# -gt 0 ]; do
	case $1 in
		--free-ports) FREE_PORTS=yes ;;
		--blocks)
			BLOCKS=${2:?--blocks takes a number}
			shift
			;;
		*) fail "no option $1" ;;
	esac
	shift
done

NODE=$CARGO_TARGET_DIR/release/assay-node
if [ ! -x "$NODE" ]; then
	"$ROOT/scripts/setup.sh"
	use_toolchain
	(cd "$ROOT" && build_binaries)
fi

NAMES=(alice bob charlie dave)
WORK=$(mktemp -d)
PIDS=()
finish() {
	local status=$? pid
	trap - EXIT INT TERM
	for pid in "${PIDS[@]}"; do
		kill -TERM "$pid" 2>/dev/null || true
	done
	for pid in "${PIDS[@]}"; do
		wait "$pid" 2>/dev/null || true
	done
	if [ "$status" != 0 ] && [ "$status" != 130 ]; then
		tail -n 20 "$WORK"/*.log >&2 2>/dev/null || true
	fi
	rm -rf "$WORK"
	exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The RPC address that a validator's log tells; empty before it listens.
address() {
	sed -n 's/.*Running JSON-RPC server: addr=\(127\.0\.0\.1:[0-9]*\).*/\1/p' "$WORK/$1.log" 2>/dev/null | head -n 1
}

# The number of the block that a validator has finalized; empty before it answers.
finalized() {
	local hash
	hash=$(ask "$1" chain_getFinalizedHead '[]' | sed -n 's/.*"result":"\(0x[0-9a-f]*\)".*/\1/p')
	[ -n "$hash" ] || return 0
	hash=$(ask "$1" chain_getHeader "[\"$hash\"]" | sed -n 's/.*"number":"0x\([0-9a-f]*\)".*/\1/p')
	[ -z "$hash" ] || printf '%d' "0x$hash"
}

ask() {
	curl -s -m 5 -H 'Content-Type: application/json' "http://$1" \
		-d "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$2\",\"params\":$3}" || true
}

# The first validator's network key is fixed, so that the others can name it.
NODE_KEY=0000000000000000000000000000000000000000000000000000000000000001
PEER=$(printf '%s' "$NODE_KEY" | "$NODE" key inspect-node-key 2>/dev/null)
FIRST_PORT=30333
if [ -n "$FREE_PORTS" ]; then
	FIRST_PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
fi

for index in "${!NAMES[@]}"; do
	name=${NAMES[$index]}
	port=$((30333 + index)) rpc=$((9944 + index)) more=()
	[ -z "$FREE_PORTS" ] || port=0 rpc=0
	if [ "$index" = 0 ]; then
		port=$FIRST_PORT
		more=(--node-key "$NODE_KEY")
	else
		more=(--bootnodes "/ip4/127.0.0.1/tcp/$FIRST_PORT/p2p/$PEER" --unsafe-force-node-key-generation)
	fi
	"$NODE" --chain "$ROOT/chain-spec/local.json" "--$name" --base-path "$WORK/$name" \
		--port "$port" --rpc-port "$rpc" --no-prometheus \
		"${more[@]}" >"$WORK/$name.log" 2>&1 &
	PIDS+=($!)
done
say "started ${NAMES[*]}; logs are in $WORK while they run"

ADDRESSES=()
for index in "${!NAMES[@]}"; do
	address=
	for _ in $(seq 300); do
		kill -0 "${PIDS[$index]}" 2>/dev/null || fail "${NAMES[$index]} ended"
		address=$(address "${NAMES[$index]}")
		[ -n "$address" ] && break
		sleep 0.2
	done
	[ -n "$address" ] || fail "${NAMES[$index]} opened no RPC within a minute"
	ADDRESSES+=("$address")
	say "validator ${NAMES[$index]} ws://$address"
done

while :; do
	least=
	for index in "${!NAMES[@]}"; do
		kill -0 "${PIDS[$index]}" 2>/dev/null || fail "${NAMES[$index]} ended"
		number=$(finalized "${ADDRESSES[$index]}")
		if [ -z "$least" ] || [ "${number:-0}" -lt "$least" ]; then least=${number:-0}; fi
	done
	say "all four have finalized block $least"
	if [ -n "$BLOCKS" ] && [ "$least" -ge "$BLOCKS" ]; then
		break
	fi
	sleep 2
done
