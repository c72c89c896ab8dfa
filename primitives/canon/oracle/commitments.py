#!/usr/bin/env python3
"""Checks the golden vectors of commitments against the format: `python3 commitments.py`.

Written from docs/canonical.md with the standard library alone. Each line of
`../src/commitment/golden.txt` is computed again, but for that of a graph, whose entries would have
to be encoded here.
"""

from hashlib import blake2b
from pathlib import Path
from struct import pack
from sys import exit

GOLDEN = Path(__file__).resolve().parent.parent / "src" / "commitment" / "golden.txt"
GRAPH = None


def plain(data):
	return blake2b(data, digest_size=32).digest()


def digest(tag, *parts):
	data = bytes([len(tag)]) + tag
	for part in parts:
		data += pack("<I", len(part)) + part
	return plain(data)


def pair(left, right):
	return digest(b"pair", left, right)


EMPTY = [digest(b"empty")]
for _ in range(25):
	EMPTY.append(pair(EMPTY[-1], EMPTY[-1]))


def levels(leaves):
	"""A tree from the leaves to the root, without empty places."""
	found = [leaves]
	while len(found[-1]) > 1:
		below, beyond = found[-1], EMPTY[len(found) - 1]
		padded = below + [beyond] * (len(below) % 2)
		found.append([pair(*both) for both in zip(padded[::2], padded[1::2])])
	return found


def tree(leaves):
	return levels(leaves)[-1][0] if leaves else EMPTY[0]


def multiproof(leaves, known):
	proof = []
	for level in levels(leaves)[:-1]:
		siblings = [at ^ 1 for at in known if at ^ 1 not in known and at ^ 1 < len(level)]
		proof += [level[at] for at in siblings]
		known = sorted({at >> 1 for at in known})
	return proof


def deep(count, index):
	"""The root above one leaf of sevens, whose siblings are counted leaves or empty places."""
	node, taken = bytes([7] * 32), 0
	for level in range((count - 1).bit_length()):
		sibling = EMPTY[level]
		if index ^ 1 <= (count - 1) >> level:
			sibling, taken = counted(taken), taken + 1
		node = pair(sibling, node) if index & 1 else pair(node, sibling)
		index >>= 1
	return node


def chunks(data):
	return tree([digest(b"chunk", data[at : at + 1024]) for at in range(0, len(data), 1024)])


def tensor(dtype, extents, data):
	return digest(b"tensor", bytes([dtype]), pack(f"<{len(extents)}I", *extents), chunks(data))


def floats(extents, values):
	return tensor(0, extents, pack(f"<{len(values)}f", *values))


def slot(root):
	return digest(b"slot", root)


def fault(element):
	return digest(b"fault", pack("<Q", element))


def counted(at):
	return digest(b"chunk", pack("<I", at))


def leaves(count):
	return [counted(at) for at in range(count)]


def tensors(roots):
	return digest(b"tensors", pack("<I", len(roots)), tree(roots))


def trace(slots):
	return digest(b"trace", pack("<I", len(slots)), tree(slots))


def cycle(count):
	return (bytes(range(251)) * (count // 251 + 1))[:count]


NEGATED = slot(floats([400], [-float(at) for at in range(400)]))
# What is picked is −0 and −399, and both are 0 when they are rectified.
PICKED = [slot(floats([2], values)) for values in ([-0.0, -399.0], [0.0, 0.0])]

FOUND = [
	plain(b"abc"),
	EMPTY[0],
	EMPTY[3],
	digest(b"chunk", b"abc"),
	*(tree(leaves(count)) for count in (0, 1, 3, 300)),
	tensor(2, [50, 50], cycle(2500)),
	floats([], [1.0]),
	floats([0, 3], []),
	tensors([]),
	tensors([bytes([byte] * 32) for byte in (1, 2, 3)]),
	slot(bytes([7] * 32)),
	fault(9),
	digest(b"unreached"),
	trace(leaves(3)),
	GRAPH,
	*(chunks(cycle(count)) for count in (0, 1023, 1024, 1025, 5120, 5_000_000)),
	deep(1 << 25, 0),
	deep((1 << 24) + 1, 1 << 24),
	digest(b"multiproof", b"".join(multiproof(leaves(300), [3, 77, 298]))),
	digest(b"faulted", pack("<I", 1), pack("<Q", 1)),
	trace([NEGATED, *PICKED]),
	trace([NEGATED, fault(1), digest(b"unreached")]),
]

lines = GOLDEN.read_text().split()
wrong = [
	number
	for number, (line, found) in enumerate(zip(lines, FOUND, strict=True), 1)
	if found is not None and found.hex() != line
]
print(f"lines={len(lines)} checked={len(FOUND) - FOUND.count(GRAPH)} wrong={wrong}")
exit(bool(wrong))
