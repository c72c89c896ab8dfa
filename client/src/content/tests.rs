//! What is encrypted is decrypted, and nothing else.

use super::*;
use proptest::prelude::*;

/// The key of the known answers: the bytes 64 to 95.
fn known_key() -> ContentKey {
	ContentKey::from_bytes(std::array::from_fn(|index| index as u8 + 64))
}

/// Content of so many bytes.
fn content(bytes: usize) -> Vec<u8> {
	(0..bytes).map(|index| (index * 7 + index / 251) as u8).collect()
}

fn encrypted(key: &ContentKey, content: &[u8]) -> Vec<u8> {
	let mut file = Vec::new();
	key.encrypt(content, &mut file).unwrap();
	file
}

/// The content of a file, or what was written of it and why not more.
fn decrypted(key: &ContentKey, file: &[u8]) -> Result<Vec<u8>, (Vec<u8>, ContentError)> {
	let mut content = Vec::new();
	match key.decrypt(file, &mut content) {
		Ok(()) => Ok(content),
		Err(error) => Err((content, error)),
	}
}

/// Decrypt a file that was tampered with: what is written before the fault is content.
fn refused(key: &ContentKey, file: &[u8], whole: &[u8]) -> ContentError {
	let (written, error) = decrypted(key, file).unwrap_err();
	assert!(
		whole.starts_with(&written) && written.len().is_multiple_of(CHUNK),
		"no plaintext of a fault"
	);
	error
}

/// A file with these parts of another, by chunks of the whole size.
fn chunk_of(file: &[u8], number: usize) -> &[u8] {
	let start = HEADER + number * (CHUNK + TAG);
	&file[start..file.len().min(start + CHUNK + TAG)]
}

#[test]
fn every_length_around_a_chunk_round_trips() {
	let key = ContentKey::generate();
	for chunks in 0..3 {
		for over in [0, 1, 2, TAG - 1, TAG, TAG + 1, CHUNK - TAG, CHUNK - 1] {
			let content = content(chunks * CHUNK + over);
			let file = encrypted(&key, &content);
			let pieces = content.len().div_ceil(CHUNK).max(1);
			assert_eq!(file.len(), HEADER + content.len() + pieces * TAG);
			assert!(decrypted(&key, &file).unwrap() == content);
		}
	}
}

/// Computed with libsodium, by PyNaCl, chunk for chunk.
#[test]
fn files_are_what_libsodium_makes_of_the_format() {
	let file = "4153534159454e4301000001000102030405060708090a0b0c0d0e0f10111213\
		da7934001390a04c3e72946f25af83ec577cb55e9651d9cd78587686a67e9a6a\
		458342b327549a10a8e236b74516503c8f6b0ce77453ba9e3ab30dce2d605f18f9606ae0e9f5";
	let file = hex::decode(file).unwrap();
	assert_eq!(decrypted(&known_key(), &file).unwrap(), b"a reading of the meter");
	// And the same the other way, of three chunks under that nonce.
	let header: [u8; HEADER] = file[..HEADER].try_into().unwrap();
	let stream = known_key().stream(&header);
	let mut long = header.to_vec();
	for (number, part) in content(2 * CHUNK + 5).chunks(CHUNK).enumerate() {
		let mut chunk = part.to_vec();
		stream.encrypt_in_place(number as u32, part.len() < CHUNK, &header, &mut chunk).unwrap();
		long.extend(chunk);
	}
	let expected = "12f0ca79ab2f099771cdf5964cf710afddc19aa7b982b973e8fd60a3b50a39ba";
	assert_eq!(hex::encode(sp_io::hashing::blake2_256(&long)), expected);
	assert!(decrypted(&known_key(), &long).unwrap() == content(2 * CHUNK + 5));
}

#[test]
fn a_file_is_for_one_key() {
	let (key, other) = (ContentKey::generate(), ContentKey::generate());
	let file = encrypted(&key, b"content");
	let error = refused(&other, &file, b"");
	assert!(matches!(error, ContentError::WrongKey { expected } if expected == key.commitment()));
	// One that says that it is for the other key is not.
	let mut forged = file.clone();
	forged[32..HEADER].copy_from_slice(&other.commitment().0);
	assert!(matches!(refused(&other, &forged, b""), ContentError::Altered { chunk: 0 }));
}

#[test]
fn the_header_says_which_key_a_file_is_for() {
	let key = ContentKey::generate();
	let file = encrypted(&key, b"content");
	assert_eq!(commitment_of(&file[..]).unwrap(), key.commitment());
	assert_eq!(commitment_of(&file[..HEADER]).unwrap(), key.commitment());
	for plain in [&b"content"[..], b"", &[0x41; 100]] {
		assert!(matches!(commitment_of(plain), Err(ContentError::NotEncrypted)));
	}
	let cut = commitment_of(&file[..HEADER - 1]);
	assert!(matches!(cut, Err(ContentError::Truncated { chunks: 0 })));
}

#[test]
fn equal_content_is_encrypted_differently_each_time() {
	let key = ContentKey::generate();
	assert_ne!(encrypted(&key, b"content"), encrypted(&key, b"content"));
}

#[test]
fn a_file_that_is_cut_between_chunks_is_refused() {
	let (key, content) = (ContentKey::generate(), content(3 * CHUNK));
	let file = encrypted(&key, &content);
	for chunks in 0..3 {
		let cut = &file[..HEADER + chunks * (CHUNK + TAG)];
		let error = refused(&key, cut, &content);
		assert!(
			matches!(error, ContentError::Truncated { chunks: found } if found == chunks as u32)
		);
	}
	// The last chunk that is left is known to be followed by others, and is not written.
	let two = &file[..HEADER + 2 * (CHUNK + TAG)];
	assert_eq!(decrypted(&key, two).unwrap_err().0.len(), CHUNK);
}

#[test]
fn a_file_that_is_cut_within_its_header_is_refused() {
	let key = ContentKey::generate();
	let file = encrypted(&key, b"content");
	for bytes in 0..HEADER {
		let error = refused(&key, &file[..bytes], b"");
		match bytes {
			0..8 => assert!(matches!(error, ContentError::NotEncrypted)),
			_ => assert!(matches!(error, ContentError::Truncated { chunks: 0 })),
		}
	}
}

#[test]
fn chunks_in_another_order_are_refused() {
	let (key, content) = (ContentKey::generate(), content(3 * CHUNK + 9));
	let file = encrypted(&key, &content);
	for order in [[1, 0, 2, 3], [0, 2, 1, 3], [0, 0, 2, 3], [0, 1, 1, 3]] {
		let chunks = order.map(|number| chunk_of(&file, number)).concat();
		let moved = [&file[..HEADER], &chunks].concat();
		assert!(matches!(refused(&key, &moved, &content), ContentError::Altered { .. }));
	}
	// Without one in the middle, or with another file's.
	let missing = [&file[..HEADER], chunk_of(&file, 0), chunk_of(&file, 2)].concat();
	assert!(matches!(refused(&key, &missing, &content), ContentError::Altered { chunk: 1 }));
	let other = encrypted(&key, &content);
	let mixed = [&file[..HEADER], chunk_of(&other, 0), chunk_of(&file, 1)].concat();
	assert!(matches!(refused(&key, &mixed, &content), ContentError::Altered { chunk: 0 }));
}

#[test]
fn what_is_appended_is_refused() {
	let key = ContentKey::generate();
	for bytes in [5, CHUNK] {
		let content = content(bytes);
		let file = encrypted(&key, &content);
		for more in [1, TAG, CHUNK, CHUNK + TAG, 2 * CHUNK] {
			let longer = [&file[..], &vec![7; more]].concat();
			let error = refused(&key, &longer, &content);
			match bytes {
				CHUNK => assert!(matches!(error, ContentError::Appended { last: 0 })),
				_ => assert!(matches!(error, ContentError::Altered { chunk: 0 })),
			}
		}
	}
}

#[test]
fn a_header_of_another_format_is_refused() {
	let key = ContentKey::generate();
	let file = encrypted(&key, b"content");
	let with = |place: usize, byte: u8| {
		let mut file = file.clone();
		file[place] = byte;
		refused(&key, &file, b"")
	};
	assert!(matches!(with(0, b'a'), ContentError::NotEncrypted));
	assert!(matches!(with(8, 2), ContentError::UnknownFormat { found: 2 }));
	assert!(matches!(with(11, 0xff), ContentError::ChunkSize { .. }));
	assert!(matches!(with(20, !file[20]), ContentError::Altered { chunk: 0 }));
	assert!(matches!(with(40, !file[40]), ContentError::WrongKey { .. }));
	assert!(matches!(refused(&key, b"plain content", b""), ContentError::NotEncrypted));
}

/// Gives a few bytes at a time, and is interrupted.
struct Slow<'a>(&'a [u8], bool);

impl Read for Slow<'_> {
	fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
		self.1 = !self.1;
		if self.1 {
			return Err(ErrorKind::Interrupted.into());
		}
		let count = buffer.len().min(self.0.len()).min(997);
		let (now, later) = self.0.split_at(count);
		buffer[..count].copy_from_slice(now);
		self.0 = later;
		Ok(count)
	}
}

/// Fails after so many bytes.
struct Full(usize);

impl Write for Full {
	fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
		self.0 = self.0.checked_sub(buffer.len()).ok_or(ErrorKind::StorageFull)?;
		Ok(buffer.len())
	}

	fn flush(&mut self) -> io::Result<()> {
		Ok(())
	}
}

#[test]
fn how_bytes_come_makes_no_difference() {
	let (key, content) = (ContentKey::generate(), content(CHUNK + 100));
	let (mut file, mut found) = (Vec::new(), Vec::new());
	key.encrypt(Slow(&content, false), &mut file).unwrap();
	key.decrypt(Slow(&file, false), &mut found).unwrap();
	assert!(found == content);
}

#[test]
fn a_disk_that_is_full_is_told() {
	let (key, content) = (ContentKey::generate(), content(CHUNK + 100));
	let file = encrypted(&key, &content);
	for room in [0, HEADER, CHUNK] {
		let error = key.encrypt(&content[..], Full(room)).unwrap_err();
		assert!(matches!(error, ContentError::Write(_)));
		let error = key.decrypt(&file[..], Full(room)).unwrap_err();
		assert!(matches!(error, ContentError::Write(_)));
	}
	struct Broken;
	impl Read for Broken {
		fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
			Err(ErrorKind::BrokenPipe.into())
		}
	}
	assert!(matches!(key.encrypt(Broken, io::sink()), Err(ContentError::Read(_))));
	assert!(matches!(key.decrypt(Broken, io::sink()), Err(ContentError::Read(_))));
}

#[test]
fn a_key_is_sealed_to_a_secret_and_opened_with_it() {
	let (key, secret) = (ContentKey::generate(), RequestSecret::generate());
	let sealed = key.seal_to(&secret.public()).unwrap();
	assert_eq!(secret.open(&sealed, key.commitment()).unwrap().expose(), key.expose());
	// Twice the same is sealed differently.
	assert_ne!(key.seal_to(&secret.public()).unwrap(), sealed);
}

#[test]
fn a_box_that_is_not_ours_or_holds_another_key_is_told() {
	let (key, secret) = (ContentKey::generate(), RequestSecret::generate());
	let sealed = key.seal_to(&RequestSecret::generate().public()).unwrap();
	let error = secret.open(&sealed, key.commitment()).unwrap_err();
	assert!(matches!(error, ContentError::NotForUs));
	let other = ContentKey::generate();
	let sealed = other.seal_to(&secret.public()).unwrap();
	let error = secret.open(&sealed, key.commitment()).unwrap_err();
	let (right, wrong) = (key.commitment(), other.commitment());
	let ContentError::OtherKey { expected, found } = error else { panic!("{error}") };
	assert_eq!((expected, found), (right, wrong));
}

/// Computed with libsodium's `crypto_box_seal`, by PyNaCl.
#[test]
fn boxes_of_libsodium_are_opened() {
	let secret = RequestSecret::from_bytes(std::array::from_fn(|index| index as u8 + 1));
	let public = "07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c";
	assert_eq!(hex::encode(secret.public()), public);
	let sealed = "8905ddaaa46f8b989e43a8995acb3d1bc317a8963a08457cf114cf52b9ebf422\
		9e43aed579bcdcfe9bca027752ef0e8196f43f5ff4b305ef66b37ff99e011402\
		585bec67e9c43a6fc5bc8d5c567cae49";
	let opened = secret.open(&sealed.parse().unwrap(), known_key().commitment()).unwrap();
	assert_eq!(opened.expose(), known_key().expose());
}

#[test]
fn a_key_is_sealed_to_nobody_by_mistake() {
	let key = ContentKey::generate();
	let mut one = [0; KEY_BYTES];
	one[0] = 1;
	for recipient in [[0; KEY_BYTES], one] {
		assert!(matches!(key.seal_to(&recipient), Err(ContentError::InvalidRecipient)));
	}
}

#[test]
fn nothing_prints_a_secret() {
	let (key, secret) = (known_key(), RequestSecret::from_bytes([0xab; KEY_BYTES]));
	let printed = format!("{key:?} {secret:?}");
	let bytes = hex::encode(key.expose());
	assert!(!printed.contains(&bytes) && !printed.contains("64, 65") && !printed.contains("171"));
	assert!(printed.contains(&key.commitment().to_string()));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(40))]

	#[test]
	fn every_length_round_trips(chunks in 0usize..3, over in -20isize..20, far: bool) {
		let near = (chunks * CHUNK).saturating_add_signed(over);
		let bytes = if far { near + CHUNK / 3 } else { near };
		let (key, content) = (ContentKey::generate(), content(bytes));
		prop_assert!(decrypted(&key, &encrypted(&key, &content)).unwrap() == content);
	}

	#[test]
	fn a_bit_that_flips_is_found(
		bytes in 0usize..2 * CHUNK + 50,
		place: prop::sample::Index,
		bit in 0u8..8,
	) {
		let (key, content) = (ContentKey::generate(), content(bytes));
		let mut file = encrypted(&key, &content);
		let place = place.index(file.len());
		file[place] ^= 1 << bit;
		let error = refused(&key, &file, &content);
		if place >= HEADER {
			let chunk = ((place - HEADER) / (CHUNK + TAG)) as u32;
			let told = matches!(error, ContentError::Altered { chunk: found } if found == chunk);
			prop_assert!(told);
		}
	}

	#[test]
	fn a_file_that_is_cut_anywhere_is_refused(
		bytes in 0usize..2 * CHUNK + 50,
		place: prop::sample::Index,
	) {
		let (key, content) = (ContentKey::generate(), content(bytes));
		let file = encrypted(&key, &content);
		let cut = &file[..place.index(file.len())];
		let error = refused(&key, cut, &content);
		let told = matches!(
			error,
			ContentError::NotEncrypted
				| ContentError::Truncated { .. }
				| ContentError::Altered { .. }
		);
		prop_assert!(told);
	}

	#[test]
	fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), header: bool) {
		let key = known_key();
		let file = match header {
			true => [&encrypted(&key, b"")[..HEADER], &bytes].concat(),
			false => bytes,
		};
		prop_assert!(decrypted(&key, &file).is_err());
	}
}
