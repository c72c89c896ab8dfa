#!/usr/bin/env python3
"""Measures how near the enclosures' centers are to the functions, with 500 bits (mpmath 1.3).

`cargo run --release --bin enclosures | python3 accuracy.py` prints, for each function, the largest
relative distance, and fails if one is 2**-100 or more or a significand is below 2**120.
"""

import struct
import sys

import mpmath
from mpmath import mp, mpf

mp.prec = 500


def main():
	counts, worst = {}, {}
	for line in sys.stdin:
		name, bits, negative, significand, exponent = line.split()
		argument = mpf(struct.unpack("<f", struct.pack("<I", int(bits)))[0])
		exact = getattr(mpmath, name)(argument)
		center = mpf(int(significand)) * mpf(2) ** int(exponent) * (-1) ** int(negative)
		distance = abs(center / exact - 1)
		if int(significand) < 2**120 or distance >= mpf(2) ** -100:
			sys.exit(f"not within its enclosure: {line}")
		counts[name] = counts.get(name, 0) + 1
		worst[name] = max(worst.get(name, (mpf(0), 0)), (distance, int(bits)))
	for name, (distance, bits) in worst.items():
		power = mp.nstr(mpmath.log(distance, 2), 6)
		print(f"{name}: {counts[name]} arguments, 2^{power} at {bits:#010x}")


if __name__ == "__main__":
	main()
