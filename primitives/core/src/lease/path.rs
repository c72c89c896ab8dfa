//! Key paths: what a machine is, or has to be, from the general to the particular.

use core::fmt;
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// The longest key path in bytes.
pub const MAX_KEY_PATH: u32 = 64;
/// The most segments of a key path.
pub const MAX_SEGMENTS: usize = 6;

/// A key path, for example `gpu/nvidia/h100`: see [`check_path`].
pub type KeyPath = BoundedVec<u8, ConstU32<MAX_KEY_PATH>>;

/// Why bytes are no key path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PathError {
	/// Longer than [`MAX_KEY_PATH`].
	TooLong,
	/// More segments than [`MAX_SEGMENTS`].
	TooManySegments,
	/// A segment of nothing.
	EmptySegment,
	/// A byte that no segment has.
	BadByte(u8),
}

impl fmt::Display for PathError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			PathError::TooLong => write!(f, "a key path has at most {MAX_KEY_PATH} bytes"),
			PathError::TooManySegments => {
				write!(f, "a key path has at most {MAX_SEGMENTS} segments")
			},
			PathError::EmptySegment => f.write_str("a key path has no empty segment"),
			PathError::BadByte(byte) => write!(
				f,
				"a key path has lower-case letters, digits, `.`, `-` and `/`, not `{}`",
				byte.escape_ascii()
			),
		}
	}
}

impl core::error::Error for PathError {}

/// Check that bytes are a key path: one to [`MAX_SEGMENTS`] segments of `a-z`, `0-9`, `.` and `-`,
/// with a `/` between them.
pub fn check_path(path: &[u8]) -> Result<(), PathError> {
	if path.len() > MAX_KEY_PATH as usize {
		return Err(PathError::TooLong);
	}
	for (index, segment) in path.split(|byte| *byte == b'/').enumerate() {
		if index >= MAX_SEGMENTS {
			return Err(PathError::TooManySegments);
		}
		if segment.is_empty() {
			return Err(PathError::EmptySegment);
		}
		let is_bad = |byte: &&u8| !matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-');
		if let Some(byte) = segment.iter().find(is_bad) {
			return Err(PathError::BadByte(*byte));
		}
	}
	Ok(())
}

/// The key path of a text.
pub fn key_path(text: &str) -> Result<KeyPath, PathError> {
	check_path(text.as_bytes())?;
	KeyPath::try_from(text.as_bytes().to_vec()).map_err(|_| PathError::TooLong)
}

/// Whether an attribute meets what is required: it is equal, or continues it segment by segment.
pub fn meets(attribute: &[u8], required: &[u8]) -> bool {
	let rest = attribute.strip_prefix(required);
	rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'/')))
}

/// Whether attributes meet all that is required.
pub fn meet_all(attributes: &[KeyPath], required: &[KeyPath]) -> bool {
	required.iter().all(|path| attributes.iter().any(|attribute| meets(attribute, path)))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn a_path_has_one_to_six_segments() {
		for text in ["gpu", "gpu/nvidia/h100", "gpu/memory/80", "region/eu-west.1/a", "1/2/3/4/5/6"]
		{
			assert_eq!(check_path(text.as_bytes()), Ok(()), "{text}");
		}
		let fault = |text: &str| check_path(text.as_bytes()).unwrap_err();
		for text in ["", "/", "/gpu", "gpu/", "gpu//h100"] {
			assert_eq!(fault(text), PathError::EmptySegment, "{text:?}");
		}
		assert_eq!(fault("1/2/3/4/5/6/7"), PathError::TooManySegments);
		assert_eq!(fault(&"a".repeat(65)), PathError::TooLong);
		assert_eq!(fault("GPU"), PathError::BadByte(b'G'));
		assert_eq!(fault("gpu/nvidia h100"), PathError::BadByte(b' '));
		assert_eq!(fault("gpu_0"), PathError::BadByte(b'_'));
	}

	#[test]
	fn an_attribute_meets_what_it_continues_segment_by_segment() {
		assert!(meets(b"gpu/nvidia/h100", b"gpu/nvidia"));
		assert!(meets(b"gpu/nvidia", b"gpu/nvidia"));
		assert!(!meets(b"gpu/nvidiax", b"gpu/nvidia"));
		assert!(!meets(b"gpu", b"gpu/nvidia"));
		assert!(!meets(b"cpu/gpu/nvidia", b"gpu/nvidia"));
	}

	#[test]
	fn everything_that_is_required_is_met_by_something() {
		let paths = |texts: &[&str]| -> alloc::vec::Vec<KeyPath> {
			texts.iter().map(|text| key_path(text).unwrap()).collect()
		};
		let machine = paths(&["gpu/nvidia/h100", "region/eu/de"]);
		assert!(meet_all(&machine, &[]));
		assert!(meet_all(&machine, &paths(&["gpu", "region/eu"])));
		assert!(!meet_all(&machine, &paths(&["gpu", "region/us"])));
	}

	proptest! {
		#[test]
		fn every_prefix_of_whole_segments_is_met(
			segments in prop::collection::vec("[a-z0-9.-]{1,8}", 1..=6),
			length in 1_usize..=6,
		) {
			let path = segments.join("/");
			prop_assert_eq!(check_path(path.as_bytes()), Ok(()));
			let prefix = segments[..length.min(segments.len())].join("/");
			prop_assert!(meets(path.as_bytes(), prefix.as_bytes()));
			let longer = format!("{path}x");
			prop_assert!(!meets(longer.as_bytes(), path.as_bytes()));
		}

		#[test]
		fn any_bytes_are_a_path_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
			let allowed = |byte: &u8| b"abcdefghijklmnopqrstuvwxyz0123456789.-/".contains(byte);
			if check_path(&bytes).is_ok() {
				prop_assert!(bytes.len() <= 64 && bytes.iter().all(allowed));
			}
		}
	}
}
