# Sourced by every script: paths, the one build line, the tool chain, and how progress is told.
# shellcheck shell=bash
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${ASSAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/assay}
# Outside the clone, so that a fresh clone finds the dependencies compiled.
export CARGO_TARGET_DIR=${ASSAY_TARGET_DIR:-$CACHE/target}
# Features decide what is compiled again. Everything is built, tested, linted and documented with
# these, so that the SDK is compiled once; runtime/build.rs keeps them out of the WASM blob.
FEATURES=runtime-benchmarks,try-runtime
BUILD_LINE=(--workspace --release --locked --features "$FEATURES")
export ORT_DYLIB_PATH=${ORT_DYLIB_PATH:-$CACHE/onnxruntime/libonnxruntime.so}
export ASSAY_MAGIKA=${ASSAY_MAGIKA:-$CACHE/models/magika}
# What tests need besides: `silero-vad`, `minilm`, and `onnx` with the test vectors.
export ASSAY_MODELS=${ASSAY_MODELS:-$CACHE/models}
export ASSAY_PYTHON=${ASSAY_PYTHON:-$CACHE/venv/bin/python}
# The system's OpenSSL instead of two minutes of compiling one.
export OPENSSL_NO_VENDOR=1
# Fetched tools go last: what the machine has is preferred.
export PATH=$PATH:$CACHE/bin

RUST_VERSION=1.96.0
RUST_LEAST=1.95
WASM_TARGET=wasm32v1-none

STARTED=$SECONDS

# What is going on, with the time since the script began.
say() {
	local elapsed=$((SECONDS - STARTED))
	printf '[%d:%02d] %s\n' $((elapsed / 60)) $((elapsed % 60)) "$*"
}

# Say what is wrong and give up.
fail() {
	printf 'error: %s\n' "$*" >&2
	exit 1
}

# Whether version $1 is at least version $2.
at_least() {
	[ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# The version of Debian's rustc-web that is installed, or else offered; empty without one.
debian_rustc() {
	command -v dpkg-query >/dev/null || return 0
	local version
	version=$(dpkg-query -W -f '${db:Status-Abbrev}${Version}' rustc-web 2>/dev/null | sed -n 's/^ii *//p')
	if [ -z "$version" ]; then
		version=$(apt-cache policy rustc-web 2>/dev/null | sed -n 's/^ *Candidate: //p')
	fi
	[ "$version" = '(none)' ] || printf '%s' "$version"
}

# Which tool chain is used, `debian` or `rustup`: ASSAY_TOOLCHAIN, or Debian's where it is recent.
toolchain() {
	case ${ASSAY_TOOLCHAIN:-auto} in
		debian | rustup) printf '%s' "$ASSAY_TOOLCHAIN" ;;
		auto)
			local version
			version=$(debian_rustc)
			if [ -n "$version" ] && at_least "$version" "$RUST_LEAST"; then
				printf debian
			else
				printf rustup
			fi
			;;
		*) fail "ASSAY_TOOLCHAIN is auto, debian or rustup, not $ASSAY_TOOLCHAIN" ;;
	esac
}

# Link with LLVM's linker, as rustup's tool chain does by itself: GNU's takes several times as long.
# GCC looks for `ld` in PATH. A flag, or COMPILER_PATH, would have Cargo compile everything again.
put_lld_first() {
	local linker
	linker=$(command -v ld.lld-22) || return 0
	mkdir -p "$CACHE/linker"
	[ "$(readlink "$CACHE/linker/ld")" = "$linker" ] || ln -sf "$linker" "$CACHE/linker/ld"
	PATH=$CACHE/linker:$PATH
}

# Put the tool chain first. The WASM builder looks for cargo in PATH and ignores RUSTC.
use_toolchain() {
	if [ "$(toolchain)" = debian ]; then
		export CARGO=/usr/bin/cargo RUSTC=/usr/bin/rustc PATH=/usr/bin:$PATH
		put_lld_first
	else
		export RUSTUP_TOOLCHAIN=$RUST_VERSION PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
		unset CARGO RUSTC
	fi
}

# Compile the binaries. `--examples` has cargo resolve features as for tests, so that building
# binaries and building tests share one compilation.
build_binaries() {
	say "building the binaries in $CARGO_TARGET_DIR (the first time takes about 20 minutes)"
	cargo build "${BUILD_LINE[@]}" --bins --examples
	say 'binaries built'
}
