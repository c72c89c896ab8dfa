//! Tensors as people pass and read them: JSON and `.npy` files.

use crate::{failure::Failure, file, npy};
use assay_primitives::tensor::{DType, Dimension, Tensor, TensorError, TensorSpec, MAX_RANK};
use half::f16;
use serde_json::{json, Value};
use std::path::Path;

/// The largest file that is read as a tensor: the largest job artifact.
pub const MOST_FILE: u64 = assay_primitives::job::MAX_JOB_ARTIFACT;

/// Read the value of one input: `@file.npy`, `@file.json` or JSON itself.
pub fn parse(text: &str, spec: &TensorSpec) -> Result<Tensor, Failure> {
	let tensor = read(text, spec)?;
	match spec.check(tensor.dtype, &tensor.shape) {
		Ok(()) => Ok(tensor),
		Err(error) => Err(refused(spec, &unlike(error, &tensor))),
	}
}

/// Read a value of the declared type, whatever its shape.
pub fn read(text: &str, spec: &TensorSpec) -> Result<Tensor, Failure> {
	let tensor = match text.strip_prefix('@') {
		Some(path) => read_file(Path::new(path), spec.dtype),
		None => from_json_text(text.as_bytes(), spec.dtype),
	};
	tensor.map_err(|message| refused(spec, &message))
}

/// Why a tensor is not what was declared.
pub fn unlike(error: TensorError, tensor: &Tensor) -> String {
	let shape: &[u32] = &tensor.shape;
	format!("{error} (got {} {shape:?})", tensor.dtype)
}

/// A value that an input cannot have.
pub fn refused(spec: &TensorSpec, message: &str) -> Failure {
	let name = String::from_utf8_lossy(&spec.name);
	Failure::new("input", format!("input `{name}`: {message}"))
		.help(format!("`{name}` is declared as {}", describe(spec)))
}

/// Read a file, whose ending says what it is.
pub fn read_file(path: &Path, dtype: DType) -> Result<Tensor, String> {
	let bytes = file::read(path, MOST_FILE)?;
	match path.extension().and_then(|extension| extension.to_str()) {
		Some("npy") => npy::read(&bytes).map_err(|error| format!("{}: {error}", path.display())),
		Some("json") => {
			from_json_text(&bytes, dtype).map_err(|error| format!("{}: {error}", path.display()))
		},
		_ => Err(format!("{} ends in neither .npy nor .json", path.display())),
	}
}

fn from_json_text(text: &[u8], dtype: DType) -> Result<Tensor, String> {
	let value: Value =
		serde_json::from_slice(text).map_err(|error| format!("not JSON: {error}"))?;
	from_json(&value, dtype)
}

/// A tensor of nested JSON arrays. A lone value is a scalar.
pub fn from_json(value: &Value, dtype: DType) -> Result<Tensor, String> {
	let mut shape = Vec::new();
	let mut level = value;
	while let Value::Array(items) = level {
		shape.push(u32::try_from(items.len()).map_err(|_| "an array is too long")?);
		let Some(first) = items.first() else { break };
		level = first;
	}
	if shape.len() > MAX_RANK as usize {
		return Err(format!("more than {MAX_RANK} dimensions"));
	}
	let mut data = Vec::new();
	append(value, &shape, dtype, &mut data)?;
	Tensor::new(dtype, shape, data).map_err(|error| error.to_string())
}

fn append(value: &Value, shape: &[u32], dtype: DType, data: &mut Vec<u8>) -> Result<(), String> {
	match (value, shape.split_first()) {
		(Value::Array(items), Some((length, inner))) => {
			if u32::try_from(items.len()) != Ok(*length) {
				return Err("the arrays of one level differ in length".into());
			}
			items.iter().try_for_each(|item| append(item, inner, dtype, data))
		},
		(Value::Array(_), None) | (_, Some(_)) => {
			Err("the arrays are not equally deep everywhere".into())
		},
		(value, None) => {
			append_element(value, dtype, data).ok_or_else(|| format!("{value} is no {dtype}"))
		},
	}
}

fn append_element(value: &Value, dtype: DType, data: &mut Vec<u8>) -> Option<()> {
	macro_rules! whole {
		($type:ty, $number:expr) => {
			data.extend(<$type>::try_from($number?).ok()?.to_le_bytes())
		};
	}
	match dtype {
		DType::Float16 => data.extend(f16::from_f64(float(value)?).to_le_bytes()),
		// Rounded once, from float64, as every JSON reader does.
		DType::Float32 => data.extend((float(value)? as f32).to_le_bytes()),
		DType::Float64 => data.extend(float(value)?.to_le_bytes()),
		DType::Int8 => whole!(i8, value.as_i64()),
		DType::Int16 => whole!(i16, value.as_i64()),
		DType::Int32 => whole!(i32, value.as_i64()),
		DType::Int64 => whole!(i64, value.as_i64()),
		DType::Uint8 => whole!(u8, value.as_u64()),
		DType::Uint16 => whole!(u16, value.as_u64()),
		DType::Uint32 => whole!(u32, value.as_u64()),
		DType::Uint64 => whole!(u64, value.as_u64()),
		DType::Bool => data.push(match (value.as_bool(), value.as_u64()) {
			(Some(bit), _) => u8::from(bit),
			(None, Some(bit @ 0..=1)) => u8::try_from(bit).ok()?,
			_ => return None,
		}),
	}
	Some(())
}

/// A float: a number, or one of the three values that JSON has no number for.
fn float(value: &Value) -> Option<f64> {
	match value {
		Value::String(text) => match text.as_str() {
			"NaN" => Some(f64::NAN),
			"Infinity" => Some(f64::INFINITY),
			"-Infinity" => Some(f64::NEG_INFINITY),
			_ => None,
		},
		value => value.as_f64(),
	}
}

/// The first elements of a tensor, at most `most`.
pub fn elements(tensor: &Tensor, most: usize) -> Vec<Value> {
	elements_of(tensor.dtype, &tensor.data, most)
}

/// The first elements of a type in these bytes, at most `most`.
pub fn elements_of(dtype: DType, data: &[u8], most: usize) -> Vec<Value> {
	let size = usize::try_from(dtype.size()).unwrap_or(1);
	data.chunks_exact(size).take(most).filter_map(|bytes| element(dtype, bytes)).collect()
}

fn element(dtype: DType, bytes: &[u8]) -> Option<Value> {
	macro_rules! number {
		($type:ty) => {
			<$type>::from_le_bytes(bytes.try_into().ok()?)
		};
	}
	Some(match dtype {
		DType::Float16 => json_float(number!(f16).to_f32()),
		DType::Float32 => json_float(number!(f32)),
		DType::Float64 => json_double(number!(f64)),
		DType::Int8 => json!(number!(i8)),
		DType::Int16 => json!(number!(i16)),
		DType::Int32 => json!(number!(i32)),
		DType::Int64 => json!(number!(i64)),
		DType::Uint8 => json!(number!(u8)),
		DType::Uint16 => json!(number!(u16)),
		DType::Uint32 => json!(number!(u32)),
		DType::Uint64 => json!(number!(u64)),
		DType::Bool => json!(bytes.first().copied()? != 0),
	})
}

/// A float32 with the digits that tell it apart, not those of its float64.
/// A float32 in as few digits as tell it from all others.
pub fn json_float(value: f32) -> Value {
	match value.to_string().parse() {
		Ok(shortest) => json_double(shortest),
		Err(_) => json_double(f64::from(value)),
	}
}

fn json_double(value: f64) -> Value {
	match serde_json::Number::from_f64(value) {
		Some(number) => Value::Number(number),
		None if value.is_nan() => json!("NaN"),
		None if value > 0.0 => json!("Infinity"),
		None => json!("-Infinity"),
	}
}

/// A declaration as people read it: `float32 [1, <=4096]`.
pub fn describe(spec: &TensorSpec) -> String {
	let dimensions: Vec<String> = spec
		.shape
		.iter()
		.map(|dimension| match dimension {
			Dimension::Fixed(length) => length.to_string(),
			Dimension::UpTo(most) => format!("<={most}"),
		})
		.collect();
	format!("{} [{}]", spec.dtype, dimensions.join(", "))
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::fs;

	fn spec(dtype: DType, shape: &[Dimension]) -> TensorSpec {
		TensorSpec {
			name: b"x".to_vec().try_into().unwrap(),
			dtype,
			shape: shape.to_vec().try_into().unwrap(),
		}
	}

	#[test]
	fn json_round_trips_in_every_type() {
		for dtype in DType::ALL {
			let value = match dtype {
				DType::Bool => json!([[true, false], [false, true]]),
				DType::Float16 | DType::Float32 | DType::Float64 => {
					json!([[0.5, -2.0], [3.0, 0.0]])
				},
				_ => json!([[1, 2], [3, 127]]),
			};
			let tensor = from_json(&value, dtype).unwrap();
			assert_eq!(tensor.shape.to_vec(), [2, 2]);
			let flat: Vec<Value> = value
				.as_array()
				.unwrap()
				.iter()
				.flat_map(|row| row.as_array().unwrap().clone())
				.collect();
			assert_eq!(elements(&tensor, 9), flat, "{dtype}");
		}
	}

	#[test]
	fn the_extremes_of_whole_numbers_are_exact() {
		let most = from_json(&json!([u64::MAX]), DType::Uint64).unwrap();
		assert_eq!(elements(&most, 1), [json!(u64::MAX)]);
		let least = from_json(&json!(i64::MIN), DType::Int64).unwrap();
		assert_eq!((least.shape.len(), elements(&least, 1)), (0, vec![json!(i64::MIN)]));
	}

	#[test]
	fn values_that_are_no_such_type_are_refused() {
		let bad = [
			(json!([256]), DType::Uint8),
			(json!([-1]), DType::Uint64),
			(json!([1.5]), DType::Int32),
			(json!(["x"]), DType::Float32),
			(json!([2]), DType::Bool),
			(json!([null]), DType::Float64),
			(json!([[1], [1, 2]]), DType::Int8),
			(json!([[1], 2]), DType::Int8),
			(json!([1, [2]]), DType::Int8),
			(json!([[[[[[[[[1]]]]]]]]]), DType::Int8),
		];
		for (value, dtype) in bad {
			assert!(from_json(&value, dtype).is_err(), "{value} as {dtype}");
		}
	}

	#[test]
	fn floats_beyond_numbers_are_written_as_text() {
		let value = json!(["NaN", "Infinity", "-Infinity"]);
		let tensor = from_json(&value, DType::Float32).unwrap();
		assert_eq!(Value::Array(elements(&tensor, 3)), value);
	}

	#[test]
	fn a_wrong_shape_says_what_is_declared() {
		let spec = spec(DType::Int32, &[Dimension::Fixed(1), Dimension::UpTo(4)]);
		assert!(parse("[[1,2]]", &spec).is_ok());
		let text = parse("[1,2]", &spec).unwrap_err().to_text();
		assert!(text.contains("int32 [1, <=4]"), "{text}");
	}

	#[test]
	fn files_are_read_by_their_ending() {
		let folder = tempfile::tempdir().unwrap();
		let spec = spec(DType::Int16, &[Dimension::UpTo(9)]);
		let tensor = from_json(&json!([5, 6]), DType::Int16).unwrap();
		fs::write(folder.path().join("x.npy"), npy::write(&tensor)).unwrap();
		fs::write(folder.path().join("x.json"), "[5, 6]").unwrap();
		fs::write(folder.path().join("x.txt"), "[5, 6]").unwrap();
		let read = |name| parse(&format!("@{}", folder.path().join(name).display()), &spec);
		assert_eq!(read("x.npy").unwrap(), tensor);
		assert_eq!(read("x.json").unwrap(), tensor);
		assert!(read("x.txt").is_err() && read("absent.npy").is_err());
	}
}
