//! The magika model that `scripts/setup.sh` fetches.

use assay_primitives::tensor::{DType, Dimension, Tensor, TensorSpec};
use std::path::PathBuf;

/// The bytes of the ONNX file.
pub fn file() -> Vec<u8> {
	let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache"));
	let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home).unwrap();
	let usual = cache.join("assay/models/magika");
	let folder = std::env::var_os("ASSAY_MAGIKA").map_or(usual, PathBuf::from);
	let path = folder.join("model.onnx");
	std::fs::read(&path).unwrap_or_else(|_| panic!("no {}: run scripts/setup.sh", path.display()))
}

/// What the model takes and gives, for up to this many files.
pub fn declared(files: u32) -> [TensorSpec; 2] {
	let tensor = |name: &[u8], dtype, width| TensorSpec {
		name: name.to_vec().try_into().unwrap(),
		dtype,
		shape: vec![Dimension::UpTo(files), Dimension::Fixed(width)].try_into().unwrap(),
	};
	[tensor(b"bytes", DType::Int32, 2048), tensor(b"target_label", DType::Float32, 214)]
}

/// An input: as many files, each of nothing but its letter.
pub fn letters(letters: &[u8]) -> Tensor {
	let file = |letter: &u8| vec![i32::from(*letter); 2048];
	let data = letters.iter().flat_map(file).flat_map(i32::to_le_bytes).collect();
	Tensor::new(DType::Int32, vec![letters.len() as u32, 2048], data).unwrap()
}
