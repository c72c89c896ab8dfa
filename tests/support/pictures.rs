//! The convolutional model on the market.

use crate::{market, onnx};
use anyhow::Result;
use assay_primitives::{
	model::VersionSpec,
	tensor::{DType, Tensor},
};

/// The declaration under which it is published: uploaded to a gateway, and its results compared
/// bit by bit.
pub async fn spec(gateway: &str) -> Result<VersionSpec> {
	let bytes = onnx::convolutional();
	let artifact = market::upload(gateway, &bytes).await?;
	let url = market::address(gateway, artifact.hash);
	let spec = market::declaration(&bytes, &url, onnx::picture(), onnx::classes())?;
	Ok(market::canonical(spec))
}

/// A picture that it classifies: a slope from dark to bright.
pub fn slope() -> Result<Tensor> {
	let pixels = (0u8..=255).flat_map(|pixel| (f32::from(pixel) / 256.0).to_le_bytes());
	Ok(Tensor::new(DType::Float32, vec![1, 1, 16, 16], pixels.collect())?)
}
