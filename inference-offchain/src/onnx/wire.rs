//! Bounds what decoding a file may take, before it is decoded.
//!
//! A message of two bytes on the wire takes hundreds in memory, so messages are counted first.

use super::ImportError;

/// The most bytes of a file.
const MAX_BYTES: usize = 1 << 31;

/// The most messages, names and byte strings of a file.
const MAX_RECORDS: usize = 1 << 21;

/// How deep graphs lie in one another at most.
const MAX_DEPTH: usize = 8;

/// The messages in which messages lie.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
	Model,
	Graph,
	Node,
	Attribute,
	Tensor,
	Value,
	Leaf,
}

/// What lies in a field.
fn kind_of(parent: Kind, field: u64) -> Kind {
	match (parent, field) {
		(Kind::Model, 7) | (Kind::Attribute, 6 | 11) => Kind::Graph,
		(Kind::Graph, 1) => Kind::Node,
		(Kind::Graph, 5) | (Kind::Attribute, 5 | 10) => Kind::Tensor,
		(Kind::Graph, 11..=13) | (Kind::Value, _) => Kind::Value,
		(Kind::Node, 5) => Kind::Attribute,
		_ => Kind::Leaf,
	}
}

/// Checks that a file is within bounds.
pub(super) fn check(bytes: &[u8]) -> Result<(), ImportError> {
	if bytes.len() > MAX_BYTES {
		return Err(ImportError::TooMuch { what: "bytes", count: bytes.len(), limit: MAX_BYTES });
	}
	// Messages yet to be read, with the number of graphs around each.
	let mut open = vec![(Kind::Model, bytes, 0_usize)];
	let mut records = 0_usize;
	while let Some((kind, mut rest, depth)) = open.pop() {
		while !rest.is_empty() {
			let Some((field, content)) = next(&mut rest) else {
				// Names of values may look like anything: only known messages must parse.
				if kind == Kind::Value {
					break;
				}
				return Err(ImportError::Malformed("broken record".into()));
			};
			let Some(content) = content else { continue };
			records = records.saturating_add(1);
			if records > MAX_RECORDS {
				return Err(ImportError::TooMuch {
					what: "records",
					count: records,
					limit: MAX_RECORDS,
				});
			}
			let inner = kind_of(kind, field);
			let depth =
				depth.saturating_add(usize::from(matches!(inner, Kind::Graph | Kind::Value)));
			if inner == Kind::Graph && depth > MAX_DEPTH {
				return Err(ImportError::TooMuch {
					what: "graphs within graphs",
					count: depth,
					limit: MAX_DEPTH,
				});
			}
			let value_too_deep = inner == Kind::Value && depth > MAX_DEPTH.saturating_mul(2);
			if inner != Kind::Leaf && !value_too_deep {
				open.push((inner, content, depth));
			}
		}
	}
	Ok(())
}

/// The next field and, if it is length-delimited, its content.
fn next<'a>(rest: &mut &'a [u8]) -> Option<(u64, Option<&'a [u8]>)> {
	let key = varint(rest)?;
	let content = match key & 7 {
		0 => {
			varint(rest)?;
			None
		},
		1 => take(rest, 8).map(|_| None)?,
		2 => {
			let length = usize::try_from(varint(rest)?).ok()?;
			Some(take(rest, length)?)
		},
		5 => take(rest, 4).map(|_| None)?,
		_ => return None,
	};
	Some((key >> 3, content))
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
	let (content, after) = rest.split_at_checked(length)?;
	*rest = after;
	Some(content)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
	let mut value = 0_u64;
	for shift in (0..64).step_by(7) {
		let (byte, after) = rest.split_first()?;
		*rest = after;
		value |= u64::from(byte & 0x7f).checked_shl(shift)?;
		if byte & 0x80 == 0 {
			return Some(value);
		}
	}
	None
}
