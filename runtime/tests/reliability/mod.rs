//! Equal providers, one of which does not answer three of ten jobs that it is assigned.

use crate::{
	market::{begin_block, publish, request, serve, VERSION},
	support::{dev_chain, next_block},
};
use assay_primitives::{job::Output, provider::Candidate, traits::ProviderMarket, Balance, ASY};
use assay_runtime::{
	configs::{dynamic_params::inference, RuntimeParameters},
	AccountId, Audits, Inference, Parameters, Providers, RuntimeEvent, RuntimeOrigin, System,
};
use codec::Encode;
use frame_support::{assert_ok, traits::Hooks};
use pallet_inference::Event::JobAssigned;

/// The providers.
pub const PROVIDERS: u32 = 10;
/// The one that misses.
pub const UNRELIABLE: usize = 0;

/// What each has bonded, of which its open jobs take little: what is seen is the record's effect.
const BOND: Balance = 10_000 * ASY;
const PRICE: Balance = ASY / 10;
/// The jobs that are requested in each block.
const REQUESTS: u32 = 10;
/// The blocks after which the last job has ended.
const LAST: u32 = 50;

/// A job for which all of the providers could be drawn.
pub struct Draw {
	/// Who was.
	pub provider: usize,
	/// The chance of the one that misses: its part of the weights.
	pub chance: f64,
}

/// What became of the jobs.
pub struct Outcome {
	/// The first draw of each job.
	pub draws: Vec<Draw>,
	/// The jobs that each provider has delivered.
	pub delivered: Vec<u64>,
}

struct Market {
	seed: u32,
	providers: Vec<AccountId>,
	draws: Vec<Draw>,
	/// The jobs that the one that misses was assigned.
	assigned: u32,
}

/// Have so many jobs drawn, answered and settled, with the randomness of a seed.
pub fn simulate(seed: u32, jobs: u32) -> Outcome {
	dev_chain().execute_with(|| {
		publish();
		let retention = inference::Parameters::Retention(inference::Retention, Some(20));
		let retention = RuntimeParameters::Inference(retention);
		assert_ok!(Parameters::set_parameter(RuntimeOrigin::root(), retention));
		let providers = (0..PROVIDERS).map(|number| serve(number, BOND, PRICE)).collect();
		let mut market = Market { seed, providers, draws: Vec::new(), assigned: 0 };
		for _ in 0..jobs.div_ceil(REQUESTS) {
			for _ in 0..REQUESTS {
				request();
			}
			market.block();
		}
		(0..LAST).for_each(|_| market.block());
		// The invariants hold after all of this.
		next_block();
		let delivered = |account: &AccountId| {
			Providers::provider(account.clone()).expect("it is registered").statistics.delivered
		};
		let delivered = market.providers.iter().map(delivered).collect();
		Outcome { draws: market.draws, delivered }
	})
}

impl Market {
	/// The next block, in which jobs are drawn, and answered by all who answer.
	fn block(&mut self) {
		let chance = self.chance();
		let number = System::block_number() + 1;
		begin_block(sp_io::hashing::blake2_256(&(self.seed, number).encode()));
		Audits::on_initialize(number);
		for record in System::events() {
			let RuntimeEvent::Inference(JobAssigned { job, provider, .. }) = record.event else {
				continue;
			};
			let drawn = self.providers.iter().position(|account| *account == provider);
			let drawn = drawn.expect("nobody else serves the version");
			if Inference::job(job).expect("it is open").attempts == 1 {
				self.draws.push(Draw { provider: drawn, chance });
			}
			if drawn != UNRELIABLE || self.answers() {
				let origin = RuntimeOrigin::signed(provider);
				let output = Box::new(Output::Fault { slot: 0, element: 0 });
				assert_ok!(Inference::submit_result(origin, job, output));
			}
		}
		if number.is_multiple_of(20) {
			for account in &self.providers {
				assert_ok!(Providers::heartbeat(RuntimeOrigin::signed(account.clone())));
			}
		}
	}

	/// The part that the one that misses has of all weights.
	fn chance(&self) -> f64 {
		let candidates = Providers::cheapest(VERSION);
		let all: Balance = candidates.iter().map(Candidate::weight).sum();
		let own = candidates.iter().find(|it| it.provider == self.providers[UNRELIABLE]);
		own.map_or(0.0, |own| own.weight() as f64 / all as f64)
	}

	/// Whether the one that misses answers this time.
	fn answers(&mut self) -> bool {
		self.assigned += 1;
		![1, 4, 7].contains(&(self.assigned % 10))
	}
}
