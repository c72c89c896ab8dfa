#!/usr/bin/env python3
"""Writes the tables of `assay-canon`'s elementary functions: `python3 constants.py` (mpmath 1.3).

Every number is computed with 400 bits and rounded to nearest once. The files written are
`../src/arith/elementary/tables.rs` and `../src/arith/elementary/tables/erf.rs`, to be laid out by
`rustfmt`.
"""

from pathlib import Path

from mpmath import erf, exp, factorial, floor, hermite, log, mp, mpf, nint, pi, sqrt, tanh, taylor
from mpmath import zeta

mp.prec = 400
HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "src" / "arith" / "elementary"


def fixed(value, places):
	"""The value as an integer in units of 2**-places."""
	return int(nint(value * mpf(2) ** places))


def literal(value):
	"""A Rust literal in groups of sixteen hexadecimal digits."""
	digits = f"{abs(value):x}"
	groups = []
	while digits:
		groups.insert(0, digits[-16:])
		digits = digits[:-16]
	return ("-" if value < 0 else "") + "0x" + "_".join(groups)


def array(doc, name, kind, values):
	lines = [f"/// {line}" for line in doc]
	lines.append(f"pub(super) static {name}: [{kind}; {len(values)}] = [")
	lines += [f"\t{literal(value)}," for value in values]
	return "\n".join(lines + ["];", ""])


def scalar(doc, name, kind, value):
	lines = [f"/// {line}" for line in doc]
	return "\n".join(lines + [f"pub(super) const {name}: {kind} = {literal(value)};", ""])


def logarithm():
	"""Divisors in units of 2**-9 and the logarithms that belong to them."""
	divisors, offsets = [], []
	for index in range(128):
		low, high = 1 + mpf(index) / 128, 1 + mpf(index + 1) / 128
		divisor = 512 if index == 0 else int(nint(512 * 2 / (low + high)))
		if index == 127:
			divisor = 256
		farthest = max(abs(low * divisor / 512 - 1), abs(high * divisor / 512 - 1))
		assert farthest <= mpf(2) ** -7, (index, farthest)
		offset = -log(mpf(divisor) / 512)
		if high > sqrt(mpf(2)):
			offset -= log(mpf(2))
		divisors.append(divisor)
		offsets.append(fixed(offset, 120))
	first = next(i for i in range(128) if 1 + mpf(i + 1) / 128 > sqrt(mpf(2)))
	assert offsets[0] == 0 and offsets[127] == 0
	return divisors, offsets, first


def error_function(center, count):
	"""Taylor coefficients of erf: erf and the derivatives by Hermite polynomials."""
	values = [erf(center)]
	for n in range(1, count):
		derivative = 2 / sqrt(pi) * (-1) ** (n - 1) * hermite(n - 1, center) * exp(-center**2)
		values.append(derivative / factorial(n))
	return values


def main():
	divisors, offsets, first = logarithm()
	odd_tanh = [abs(c) for c in taylor(tanh, 0, 25)[1::2]]
	# Numerical differentiation is not trusted: the same numbers from sums over the poles.
	poles = [
		2 * (mpf(4) ** (n + 1) - 1) * zeta(2 * n + 2) / pi ** (2 * n + 2) for n in range(13)
	]
	assert all(abs(a - b) < mpf(2) ** -150 for a, b in zip(odd_tanh, poles))
	reduction = int(floor(2 / pi * mpf(2) ** 320))
	words = [0] + [reduction >> (64 * (4 - i)) & (2**64 - 1) for i in range(5)]
	parts = [
		"//! Constants in fixed point, each rounded to nearest once: written by `oracle/constants.py`.\n",
		"pub(super) mod erf;\n",
		scalar(["64/ln 2 in units of 2⁻⁴⁸."], "STEPS", "i128", fixed(64 / log(mpf(2)), 48)),
		scalar(["ln 2/64 in units of 2⁻¹²⁸."], "STEP", "u128", fixed(log(mpf(2)) / 64, 128)),
		array(["2^(i/64) in units of 2⁻¹²⁷."], "POWERS", "u128",
			[fixed(mpf(2) ** (mpf(i) / 64), 127) for i in range(64)]),
		array(["1/n! in units of 2⁻¹²⁷."], "EXPONENTIAL", "u128",
			[fixed(1 / factorial(n), 127) for n in range(14)]),
		array(["1/(2n + 1)! in units of 2⁻¹²⁷."], "SINE", "u128",
			[fixed(1 / factorial(2 * n + 1), 127) for n in range(14)]),
		array(["1/(2n)! in units of 2⁻¹²⁷."], "COSINE", "u128",
			[fixed(1 / factorial(2 * n), 127) for n in range(15)]),
		scalar(["π/4 in units of 2⁻¹²⁸."], "QUARTER_PI", "u128", fixed(pi / 4, 128)),
		array(["64 zeros, then the first 320 bits of 2/π after the point, not rounded."],
			"TWO_OVER_PI", "u64", words),
		array(["The series of tanh: |coefficient| of x²ⁿ⁺¹ in units of 2⁻¹²⁷."],
			"TANGENT", "u128", [fixed(value, 127) for value in poles]),
		array(["2/√π · 1/(n!·(2n + 1)) in units of 2⁻¹²⁷."], "ERROR_FUNCTION", "u128",
			[fixed(2 / sqrt(pi) / (factorial(n) * (2 * n + 1)), 127) for n in range(21)]),
		scalar(["ln 2 in units of 2⁻¹²⁰."], "LN_2", "i128", fixed(log(mpf(2)), 120)),
		scalar(["The first index below for which the significand is halved: those above √2."],
			"FIRST_HALVED", "usize", first),
		array(["Factors in units of 2⁻⁹ that bring [1 + i/128, 1 + (i + 1)/128) to within 2⁻⁷ of one."],
			"FACTORS", "u16", divisors),
		array(["−ln of the factors, less ln 2 from `FIRST_HALVED` on, in units of 2⁻¹²⁰."],
			"OFFSETS", "i128", offsets),
		array(["1/(n + 1) in units of 2⁻¹²⁶."], "LOGARITHM", "i128",
			[fixed(1 / mpf(n + 1), 126) for n in range(15)]),
	]
	(TARGET / "tables").mkdir(exist_ok=True)
	(TARGET / "tables.rs").write_text("\n".join(parts))
	rows = []
	for index in range(4, 32):
		center = mpf(2 * index + 1) / 16
		values = [fixed(value, 126) for value in error_function(center, 22)]
		rows.append("\t[\n" + "".join(f"\t\t{literal(v)},\n" for v in values) + "\t],\n")
	(TARGET / "tables" / "erf.rs").write_text(
		"//! Taylor coefficients of erf: written by `oracle/constants.py`.\n\n"
		"/// The coefficients of tⁿ in erf((2i + 9)/16 + t) in units of 2⁻¹²⁶, for each i.\n"
		"pub(in super::super) static TAYLOR: [[i128; 22]; 28] = [\n" + "".join(rows) + "];\n"
	)


if __name__ == "__main__":
	main()
