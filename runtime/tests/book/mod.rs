//! An order book of any size, and what it takes to draw a provider from it.

use crate::{
	market::{begin_block, publish, request, serve},
	support::dev_chain,
};
use assay_primitives::{job::JobState, JobId, ASY};
use assay_runtime::Inference;
use codec::Encode;
use frame_support::storage::storage_prefix;
use sp_core::Blake2Hasher;
use sp_state_machine::{create_proof_check_backend, read_proof_check_on_proving_backend};
use std::iter::successors;

/// A chain on which many serve one version, and whose next block draws one of them for a job. The
/// state is in a trie, as that of a node is.
pub struct Book {
	chain: sp_io::TestExternalities,
	job: JobId,
	keys: Vec<Vec<u8>>,
}

/// What a draw reads, from the block hook to the assignment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reads {
	/// The asks.
	pub asks: usize,
	/// All values, the asks among them.
	pub values: usize,
	/// The bytes of the nodes of the trie on the way to them: what a block without state would
	/// have to carry.
	pub proof: usize,
}

impl Book {
	/// A book of so many asks, at ten prices.
	pub fn of(asks: u32) -> Self {
		let mut chain = dev_chain();
		let job = chain.execute_with(|| {
			publish();
			for number in 0..asks {
				serve(number, 100 * ASY, ASY / 100 * u128::from(1 + number % 10));
			}
			let job = request();
			begin_block([1; 32]);
			begin_block([2; 32]);
			job
		});
		chain.commit_all().expect("no transaction is open");
		let keys = chain.execute_with(all_keys);
		Book { chain, job, keys }
	}

	/// Draw by a seed. An earlier draw is undone.
	pub fn draw(&mut self, seed: u32) {
		self.chain.reset_overlay();
		self.chain.execute_with(|| begin_block(random(seed)));
	}

	/// Draw by a seed and tell what that reads. An earlier draw is undone.
	pub fn reads(&mut self, seed: u32) -> Reads {
		self.chain.reset_overlay();
		let root = *self.chain.backend.root();
		let ((), proof) = self.chain.execute_and_prove(|| begin_block(random(seed)));
		let size = proof.encoded_size();
		let proven = create_proof_check_backend::<Blake2Hasher>(root, proof).expect("a proof");
		let is_read = |key: &&Vec<u8>| {
			let value = read_proof_check_on_proving_backend(&proven, key);
			value.is_ok_and(|value| value.is_some())
		};
		let asks = storage_prefix(b"Providers", b"Asks");
		let values: Vec<&Vec<u8>> = self.keys.iter().filter(is_read).collect();
		let asks = values.iter().filter(|key| key.starts_with(&asks)).count();
		Reads { asks, values: values.len(), proof: size }
	}

	/// Whether the last draw has assigned the job.
	pub fn is_assigned(&mut self) -> bool {
		let job = self.job;
		let state = self.chain.execute_with(|| Inference::job(job).expect("it is open").state);
		matches!(state, JobState::Assigned { .. })
	}
}

fn random(seed: u32) -> [u8; 32] {
	sp_io::hashing::blake2_256(&seed.encode())
}

fn all_keys() -> Vec<Vec<u8>> {
	let next = |key: &Vec<u8>| sp_io::storage::next_key(key);
	successors(next(&Vec::new()), next).collect()
}
