//! Finds what an ONNX file would have the engine read from elsewhere.
//!
//! A tensor of an ONNX file may name another file, or an address in memory, that holds its value.
//! ONNX Runtime follows names relative to the working folder, so that a published model could
//! give away files of the machine that runs it. Only the bytes that were verified may be read:
//! such files are refused before the engine sees them.

/// How deep messages may lie in one another, which is what protobuf itself admits.
const MOST_DEPTH: usize = 100;

/// Why a file was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Refusal {
	/// The bytes are no protobuf message.
	#[error("the file is no whole ONNX model")]
	Malformed,
	/// A tensor lies elsewhere.
	#[error("a tensor of the model lies outside its file")]
	External,
}

/// The messages of ONNX that can hold a tensor.
#[derive(Clone, Copy)]
enum Kind {
	Model,
	Graph,
	Training,
	Function,
	Node,
	Attribute,
	Sparse,
	Tensor,
}

impl Kind {
	/// What a field holds, if it can hold a tensor.
	const fn child(self, field: u64) -> Option<Kind> {
		Some(match (self, field) {
			(Kind::Model, 7) | (Kind::Training, 1 | 2) | (Kind::Attribute, 6 | 11) => Kind::Graph,
			(Kind::Model, 20) => Kind::Training,
			(Kind::Model, 25) => Kind::Function,
			(Kind::Graph, 1) | (Kind::Function, 7) => Kind::Node,
			(Kind::Node, 5) | (Kind::Function, 11) => Kind::Attribute,
			(Kind::Graph, 15) | (Kind::Attribute, 22 | 23) => Kind::Sparse,
			(Kind::Graph, 5) | (Kind::Attribute, 5 | 10) | (Kind::Sparse, 1 | 2) => Kind::Tensor,
			_ => return None,
		})
	}
}

/// The value of a field.
enum Value<'a> {
	Number(u64),
	Bytes(&'a [u8]),
	Fixed,
}

/// What is left of a message.
struct Message<'a> {
	kind: Kind,
	rest: &'a [u8],
}

impl<'a> Message<'a> {
	fn take(&mut self, length: usize) -> Result<&'a [u8], Refusal> {
		let (taken, rest) = self.rest.split_at_checked(length).ok_or(Refusal::Malformed)?;
		self.rest = rest;
		Ok(taken)
	}

	fn number(&mut self) -> Result<u64, Refusal> {
		let mut number = 0;
		for shift in (0..64).step_by(7) {
			let &[byte] = self.take(1)? else { return Err(Refusal::Malformed) };
			number |= u64::from(byte & 0x7f) << shift;
			if byte & 0x80 == 0 {
				return Ok(number);
			}
		}
		Err(Refusal::Malformed)
	}

	/// The next field with its number.
	fn next(&mut self) -> Result<Option<(u64, Value<'a>)>, Refusal> {
		if self.rest.is_empty() {
			return Ok(None);
		}
		let tag = self.number()?;
		if u32::try_from(tag).is_err() {
			return Err(Refusal::Malformed);
		}
		let value = match tag & 7 {
			0 => Value::Number(self.number()?),
			1 => self.take(8).map(|_| Value::Fixed)?,
			2 => {
				let length = usize::try_from(self.number()?).map_err(|_| Refusal::Malformed)?;
				Value::Bytes(self.take(length)?)
			},
			5 => self.take(4).map(|_| Value::Fixed)?,
			// Groups, which ONNX never had.
			_ => return Err(Refusal::Malformed),
		};
		Ok(Some((tag >> 3, value)))
	}
}

/// Refuse a model of which any tensor lies outside its file.
pub(super) fn refuse(model: &[u8]) -> Result<(), Refusal> {
	let mut open = vec![Message { kind: Kind::Model, rest: model }];
	while let Some(message) = open.last_mut() {
		let Some((field, value)) = message.next()? else {
			open.pop();
			continue;
		};
		match (message.kind, field, value) {
			// `external_data`, and a `data_location` other than the default.
			(Kind::Tensor, 13, _) | (Kind::Tensor, 14, Value::Number(1..)) => {
				return Err(Refusal::External);
			},
			(kind, _, Value::Bytes(rest)) => {
				let Some(kind) = kind.child(field) else { continue };
				if open.len() >= MOST_DEPTH {
					return Err(Refusal::Malformed);
				}
				open.push(Message { kind, rest });
			},
			_ => {},
		}
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	fn nested(fields: &[u8], inner: &[u8]) -> Vec<u8> {
		fields.iter().rev().fold(inner.to_vec(), |bytes, field| {
			let mut message = vec![field << 3 | 2, u8::try_from(bytes.len()).unwrap()];
			message.extend(bytes);
			message
		})
	}

	#[test]
	fn tensors_elsewhere_are_found_wherever_they_are() {
		let location = [14 << 3, 1];
		let data = [13 << 3 | 2, 0];
		// An initializer, an attribute of a node, and an initializer of a graph in a node.
		for path in [&[7, 5][..], &[7, 1, 5, 5], &[7, 1, 5, 6, 5], &[7, 15, 1]] {
			assert_eq!(refuse(&nested(path, &location)), Err(Refusal::External), "{path:?}");
			assert_eq!(refuse(&nested(path, &data)), Err(Refusal::External), "{path:?}");
			assert_eq!(refuse(&nested(path, &[14 << 3, 0])), Ok(()), "{path:?}");
		}
		assert_eq!(refuse(&nested(&[8], &location)), Ok(()), "an operator set is no tensor");
	}

	#[test]
	fn messages_without_end_are_refused() {
		for bytes in [&[0x3a][..], &[0x3a, 5, 1], &[0x80; 11], &[0x3b], &[0x3d, 0]] {
			assert_eq!(refuse(bytes), Err(Refusal::Malformed), "{bytes:?}");
		}
	}

	#[test]
	fn depth_is_bounded() {
		let path: Vec<u8> = [7].into_iter().chain([1, 5, 6].into_iter().cycle().take(39)).collect();
		assert_eq!(refuse(&nested(&path, &[])), Ok(()));
		let mut bytes = Vec::new();
		for field in [6u8, 5, 1].into_iter().cycle().take(150) {
			let mut message = vec![field << 3 | 2];
			let mut length = bytes.len();
			while length >= 0x80 {
				message.push((length & 0x7f) as u8 | 0x80);
				length >>= 7;
			}
			message.push(length as u8);
			message.extend(bytes);
			bytes = message;
		}
		assert_eq!(refuse(&wrap(bytes)), Err(Refusal::Malformed));
	}

	/// A model with this graph, which is shorter than 16 KiB.
	fn wrap(graph: Vec<u8>) -> Vec<u8> {
		let length = graph.len();
		let mut model = vec![0x3a, (length & 0x7f) as u8 | 0x80, (length >> 7) as u8];
		model.extend(graph);
		model
	}
}
