//! Reads and writes NumPy's `.npy` files, format versions 1 to 3.
//!
//! Little-endian and in row-major order only, which is how tensors travel.

use assay_primitives::tensor::{byte_length, DType, Tensor, TensorError, MAX_RANK};

const MAGIC: &[u8] = b"\x93NUMPY";
/// The longest header that is read. NumPy writes about a hundred bytes.
const MOST_HEADER: usize = 4096;
/// The data starts at a multiple of this.
const ALIGNMENT: usize = 64;

/// Why a file was refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NpyError {
	/// The file does not begin as an `.npy` file does.
	#[error("not an .npy file")]
	NoNpy,
	/// The header is cut off, too long, or no dictionary of the three known keys.
	#[error("the header is malformed")]
	Header,
	/// An element type that no model takes.
	#[error("element type {0:?} is not supported (little-endian numbers and bool are)")]
	Type(String),
	/// Column-major order.
	#[error("the array is in Fortran order: save numpy.ascontiguousarray(x)")]
	FortranOrder,
	/// A shape with too many or too long dimensions.
	#[error("the shape has more than {MAX_RANK} dimensions, or one beyond 2^32")]
	Shape,
	/// The data is not what the header says.
	#[error(transparent)]
	Tensor(#[from] TensorError),
}

/// The name that NumPy has for a type.
const fn descriptor(dtype: DType) -> &'static str {
	match dtype {
		DType::Float32 => "<f4",
		DType::Float64 => "<f8",
		DType::Float16 => "<f2",
		DType::Int8 => "|i1",
		DType::Int16 => "<i2",
		DType::Int32 => "<i4",
		DType::Int64 => "<i8",
		DType::Uint8 => "|u1",
		DType::Uint16 => "<u2",
		DType::Uint32 => "<u4",
		DType::Uint64 => "<u8",
		DType::Bool => "|b1",
	}
}

/// Read a file's bytes.
pub fn read(bytes: &[u8]) -> Result<Tensor, NpyError> {
	let rest = bytes.strip_prefix(MAGIC).ok_or(NpyError::NoNpy)?;
	let (length, rest) = match rest {
		[1, _, low, high, rest @ ..] => (usize::from(u16::from_le_bytes([*low, *high])), rest),
		[2 | 3, _, a, b, c, d, rest @ ..] => {
			let length = u32::from_le_bytes([*a, *b, *c, *d]);
			(usize::try_from(length).map_err(|_| NpyError::Header)?, rest)
		},
		_ => return Err(NpyError::NoNpy),
	};
	if length > MOST_HEADER || length > rest.len() {
		return Err(NpyError::Header);
	}
	let (header, data) = rest.split_at(length);
	let header = std::str::from_utf8(header).map_err(|_| NpyError::Header)?;
	let (dtype, shape) = parse_header(header)?;
	// Checked before the copy, so that no more is allocated than the file holds.
	let expected = byte_length(dtype, &shape).ok_or(TensorError::TooLarge)?;
	if u64::try_from(data.len()) != Ok(expected) {
		return Err(TensorError::WrongLength.into());
	}
	Ok(Tensor::new(dtype, shape, data.to_vec())?)
}

/// Write a tensor as NumPy would.
pub fn write(tensor: &Tensor) -> Vec<u8> {
	write_elements(tensor.dtype, &tensor.shape, &tensor.data)
}

/// Write elements in row-major order, of a shape that may have an axis more than a tensor.
pub fn write_elements(dtype: DType, shape: &[u32], data: &[u8]) -> Vec<u8> {
	let lengths: String = shape.iter().map(|length| format!("{length},")).collect();
	let mut header = format!(
		"{{'descr': '{}', 'fortran_order': False, 'shape': ({lengths}), }}",
		descriptor(dtype)
	);
	let unpadded = MAGIC.len() + 4 + header.len() + 1;
	header.extend(std::iter::repeat_n(' ', unpadded.next_multiple_of(ALIGNMENT) - unpadded));
	header.push('\n');
	let mut bytes = MAGIC.to_vec();
	bytes.extend([1, 0]);
	// At most nine lengths of ten digits: far below 2¹⁶.
	bytes.extend(u16::try_from(header.len()).unwrap_or(u16::MAX).to_le_bytes());
	bytes.extend(header.as_bytes());
	bytes.extend(data);
	bytes
}

/// The type and shape that a header, a Python dictionary, declares.
fn parse_header(header: &str) -> Result<(DType, Vec<u32>), NpyError> {
	let quoted = after_key(header, "descr")?;
	let quote = quoted.chars().next().filter(|c| "'\"".contains(*c)).ok_or(NpyError::Header)?;
	let (name, _) = quoted[1..].split_once(quote).ok_or(NpyError::Header)?;
	let dtype = parse_type(name)?;

	let order = after_key(header, "fortran_order")?;
	if !order.starts_with("False") {
		let is_fortran = order.starts_with("True");
		return Err(if is_fortran { NpyError::FortranOrder } else { NpyError::Header });
	}

	let tuple = after_key(header, "shape")?.strip_prefix('(').ok_or(NpyError::Header)?;
	let (lengths, _) = tuple.split_once(')').ok_or(NpyError::Header)?;
	let lengths = lengths.trim().trim_end_matches(',');
	if lengths.is_empty() {
		return Ok((dtype, Vec::new()));
	}
	let shape: Result<Vec<u32>, _> = lengths
		.split(',')
		.map(|length| length.trim().parse().map_err(|_| NpyError::Shape))
		.collect();
	shape.map(|shape| (dtype, shape))
}

fn parse_type(name: &str) -> Result<DType, NpyError> {
	// One-byte types have no byte order, whatever is written.
	let plain = match name.strip_prefix(['<', '|', '=']) {
		Some(kind) if kind.ends_with('1') => format!("|{kind}"),
		_ => name.to_owned(),
	};
	DType::ALL
		.into_iter()
		.find(|dtype| descriptor(*dtype) == plain)
		.ok_or_else(|| NpyError::Type(name.into()))
}

/// What stands after a key of the dictionary.
fn after_key<'a>(header: &'a str, key: &str) -> Result<&'a str, NpyError> {
	let found = ['\'', '"']
		.iter()
		.find_map(|quote| header.split_once(&format!("{quote}{key}{quote}")).map(|(_, rest)| rest));
	let rest = found.ok_or(NpyError::Header)?.trim_start();
	rest.strip_prefix(':').map(str::trim_start).ok_or(NpyError::Header)
}

#[cfg(test)]
mod tests {
	use super::*;

	/// `numpy.save` of `numpy.array([[1, 2]], dtype="<f4")`.
	fn from_numpy() -> Vec<u8> {
		let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
		let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }";
		bytes.extend(format!("{header:<117}\n").bytes());
		bytes.extend([0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]);
		bytes
	}

	fn with_header(header: &str, data: &[u8]) -> Vec<u8> {
		let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
		bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
		bytes.extend(header.bytes());
		bytes.extend(data);
		bytes
	}

	#[test]
	fn a_file_of_numpy_is_read_and_written_alike() {
		let tensor = read(&from_numpy()).unwrap();
		assert_eq!((tensor.dtype, tensor.shape.to_vec()), (DType::Float32, vec![1, 2]));
		assert_eq!(read(&write(&tensor)).unwrap(), tensor);
	}

	#[test]
	fn every_type_and_rank_round_trips() {
		for dtype in DType::ALL {
			for shape in [vec![], vec![0], vec![3], vec![2, 3], vec![1; 8]] {
				let length = byte_length(dtype, &shape).unwrap();
				let data = vec![1; usize::try_from(length).unwrap()];
				let tensor = Tensor::new(dtype, shape, data).unwrap();
				let bytes = write(&tensor);
				assert_eq!(read(&bytes), Ok(tensor));
			}
		}
	}

	#[test]
	fn the_data_starts_aligned() {
		let tensor = Tensor::new(DType::Uint8, vec![1], vec![9]).unwrap();
		assert_eq!((write(&tensor).len() - 1) % ALIGNMENT, 0);
	}

	#[test]
	fn each_kind_of_bad_file_has_its_error() {
		let good = "{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }";
		assert!(read(&with_header(good, &[0; 8])).is_ok());
		let error = |header: &str| read(&with_header(header, &[0; 8])).unwrap_err();
		assert_eq!(read(b"PK\x03\x04"), Err(NpyError::NoNpy));
		assert_eq!(error(&good.replace("<i8", ">i8")), NpyError::Type(">i8".into()));
		assert_eq!(error(&good.replace("<i8", "<c16")), NpyError::Type("<c16".into()));
		assert_eq!(error(&good.replace("False", "True")), NpyError::FortranOrder);
		assert_eq!(error(&good.replace("(1,)", "(-1,)")), NpyError::Shape);
		assert_eq!(error(&good.replace("(1,)", "(99999999999,)")), NpyError::Shape);
		assert_eq!(error(&good.replace("(1,)", "(2,)")), TensorError::WrongLength.into());
		let huge = format!("({})", ["4294967295"; 8].join(","));
		assert_eq!(error(&good.replace("(1,)", &huge)), TensorError::TooLarge.into());
		assert_eq!(error("{}"), NpyError::Header);
		assert_eq!(error("{'descr': 'é"), NpyError::Header);
	}

	#[test]
	fn no_prefix_of_a_file_and_no_changed_byte_makes_the_reader_panic() {
		let bytes = from_numpy();
		for length in 0..bytes.len() {
			assert!(read(&bytes[..length]).is_err());
			for flip in [1, 0x80, 0xff] {
				let mut changed = bytes.clone();
				changed[length] ^= flip;
				let _ = read(&changed);
			}
		}
	}
}
