//! NumPy files of float32, as the command line reads and writes them.

use anyhow::{ensure, Context, Result};

const MAGIC: &[u8] = b"\x93NUMPY\x01\x00";
/// The length of the header that is written: with the ten bytes before it, a multiple of 64.
const HEADER: usize = 118;

/// The file of an array.
pub fn write(shape: &[usize], values: &[f32]) -> Vec<u8> {
	let lengths: String = shape.iter().map(|length| format!("{length},")).collect();
	let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({lengths}), }}");
	let mut bytes = MAGIC.to_vec();
	bytes.extend((HEADER as u16).to_le_bytes());
	bytes.extend(format!("{header:<width$}\n", width = HEADER - 1).bytes());
	bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
	bytes
}

/// The shape and the values of an array.
pub fn read(bytes: &[u8]) -> Result<(Vec<usize>, Vec<f32>)> {
	let rest = bytes.strip_prefix(MAGIC).context("no file of NumPy")?;
	let (length, rest) = rest.split_first_chunk().context("no header")?;
	let (header, data) =
		rest.split_at_checked(u16::from_le_bytes(*length).into()).context("a short header")?;
	let header = std::str::from_utf8(header)?;
	ensure!(header.contains("'<f4'") && header.contains("False"), "other values: {header}");
	let lengths = header.split(['(', ')']).nth(1).context("no shape")?;
	let lengths = lengths.split(',').map(str::trim).filter(|length| !length.is_empty());
	let shape = lengths.map(str::parse).collect::<Result<_, _>>()?;
	let (values, rest) = data.as_chunks();
	ensure!(rest.is_empty(), "a part of a value");
	Ok((shape, values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()))
}
