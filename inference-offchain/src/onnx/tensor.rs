//! Constant tensors of a file.

use assay_canon::{
	shape::Shape,
	tensor::{DType, Element, Tensor},
};

use super::{proto::TensorProto, ImportError};

/// The element type that ONNX numbers so, or its name if it is refused.
pub(super) fn dtype_of(number: i32) -> Result<DType, &'static str> {
	Ok(match number {
		1 => DType::Float32,
		2 => DType::Uint8,
		3 => DType::Int8,
		6 => DType::Int32,
		7 => DType::Int64,
		9 => DType::Bool,
		4 => return Err("uint16"),
		5 => return Err("int16"),
		8 => return Err("string"),
		10 => return Err("float16"),
		11 => return Err("float64"),
		12 => return Err("uint32"),
		13 => return Err("uint64"),
		14 => return Err("complex64"),
		15 => return Err("complex128"),
		16 => return Err("bfloat16"),
		17 => return Err("float8e4m3fn"),
		18 => return Err("float8e4m3fnuz"),
		19 => return Err("float8e5m2"),
		20 => return Err("float8e5m2fnuz"),
		21 => return Err("uint4"),
		22 => return Err("int4"),
		23 => return Err("float4e2m1"),
		24 => return Err("float8e8m0"),
		25 => return Err("uint2"),
		26 => return Err("int2"),
		_ => return Err("unknown"),
	})
}

/// The tensor that a file states, checked and made canonical.
pub fn read(proto: &TensorProto, name: &str) -> Result<Tensor, ImportError> {
	let broken = |what: &str| ImportError::Malformed(format!("tensor {name:?}: {what}"));
	if proto.data_location != 0 || !proto.external_data.is_empty() {
		return Err(ImportError::Unsupported { what: "external data", name: name.into() });
	}
	let dtype = dtype_of(proto.data_type)
		.map_err(|dtype| ImportError::ElementType { value: name.into(), dtype })?;
	let extents: Option<Vec<u32>> =
		proto.dims.iter().map(|extent| u32::try_from(*extent).ok()).collect();
	let shape = extents.and_then(|extents| Shape::new(&extents)).ok_or_else(|| broken("shape"))?;
	let elements = elements_of(proto, dtype).ok_or_else(|| broken("elements"))?;
	Tensor::from_elements(dtype, shape, &elements).ok_or_else(|| broken("number of elements"))
}

/// The elements, from whichever field holds them; `None` if more than one does.
fn elements_of(proto: &TensorProto, dtype: DType) -> Option<Vec<Element>> {
	let fields = [
		!proto.raw_data.is_empty(),
		!proto.float_data.is_empty(),
		!proto.int32_data.is_empty(),
		!proto.int64_data.is_empty(),
	];
	if fields.iter().filter(|used| **used).count() > 1 {
		return None;
	}
	if !proto.raw_data.is_empty() {
		let chunks = proto.raw_data.chunks(dtype.size());
		return chunks.map(|bytes| Element::from_bytes(dtype, bytes)).collect();
	}
	Some(match dtype {
		DType::Float32 => {
			let bits = proto.float_data.iter().map(|value| u64::from(value.to_bits()));
			bits.map(|bits| Element::from_bits(dtype, bits)).collect()
		},
		DType::Int64 => proto.int64_data.iter().map(|value| Element::int64(*value)).collect(),
		_ => {
			let values = proto.int32_data.iter().map(|value| i64::from(*value));
			values.map(|value| Element::integer(dtype, value)).collect()
		},
	})
}
