//! Checks assay-canon's elementary functions against CORE-MATH, input by input.
//!
//! `README.md` says how it is run and what it found.

use std::{
	process::ExitCode,
	sync::atomic::{AtomicU64, Ordering},
	thread,
	time::{Duration, Instant},
};

use assay_canon::arith::{
	elementary::{Function, Value},
	F32,
};

mod arguments;
mod hardness;
mod reference;

use arguments::Arguments;
use hardness::Hardest;

/// The number of float32 bit patterns.
const INPUTS: u64 = 1 << 32;
/// Inputs that a thread takes at a time.
const BATCH: u64 = 1 << 22;

/// What a run over some inputs found.
#[derive(Default)]
struct Findings {
	checked: u64,
	wrong: u64,
	undecided: u64,
	hardest: Hardest,
	/// The bits of the least magnitude, other than zero, of a result for an argument above 1/2: for
	/// sin and cos the nearest approach to a multiple of π/2.
	least: Option<u32>,
}

impl Findings {
	/// Checks one input.
	fn check(&mut self, function: Function, bits: u32) {
		let value = function.value(F32::from_bits(bits));
		let result = value.round().to_bits();
		let expected = F32::from_bits(reference::evaluate(function, bits)).to_bits();
		self.checked += 1;
		if result != expected {
			self.wrong += 1;
			println!(
				"wrong: {} {bits:#010x} gives {result:#010x}, not {expected:#010x}",
				function.name()
			);
		}
		if !value.is_decided() {
			self.undecided += 1;
			println!("undecided: {} {bits:#010x}", function.name());
		}
		if let Value::Within(enclosure) = value {
			self.hardest.offer(enclosure, bits);
			let magnitude = result & 0x7fff_ffff;
			if magnitude != 0 && bits & 0x7fff_ffff > 0x3f00_0000 {
				self.least = Some(self.least.map_or(magnitude, |least| least.min(magnitude)));
			}
		}
	}

	/// Adds what another thread found.
	fn merge(&mut self, other: Self) {
		self.checked += other.checked;
		self.wrong += other.wrong;
		self.undecided += other.undecided;
		self.hardest.merge(other.hardest);
		self.least = self.least.into_iter().chain(other.least).min();
	}
}

fn main() -> ExitCode {
	let arguments = match Arguments::parse(std::env::args().skip(1)) {
		Ok(arguments) => arguments,
		Err(message) => {
			eprintln!("{message}");
			return ExitCode::from(2);
		},
	};
	let mut clean = true;
	for function in &arguments.functions {
		let findings = run(*function, &arguments);
		clean &= findings.wrong == 0 && findings.undecided == 0;
	}
	if clean {
		ExitCode::SUCCESS
	} else {
		ExitCode::FAILURE
	}
}

/// Checks one function and prints the closing lines.
fn run(function: Function, arguments: &Arguments) -> Findings {
	let name = function.name();
	let started = Instant::now();
	let next = AtomicU64::new(arguments.first);
	let mut findings = Findings::default();
	thread::scope(|scope| {
		let workers: Vec<_> = (0..arguments.threads)
			.map(|_| scope.spawn(|| work(function, arguments, &next)))
			.collect();
		while workers.iter().any(|worker| !worker.is_finished()) {
			thread::sleep(Duration::from_millis(200));
			report(function, arguments, &next, started);
		}
		for worker in workers {
			findings.merge(worker.join().expect("a worker has no reason to panic"));
		}
	});
	for (bits, margin) in findings.hardest.entries() {
		println!("hard: {name} {bits:#010x} margin=2^-{margin:.1}");
	}
	if let Some(least) = findings.least {
		println!("least: {name} {:e} for an argument above 1/2", f32::from_bits(least));
	}
	let Findings { checked, wrong, undecided, .. } = findings;
	println!(
		"function={name} checked={checked} wrong={wrong} undecided={undecided} seconds={:.0}",
		started.elapsed().as_secs_f64()
	);
	findings
}

/// Takes batches until none is left.
fn work(function: Function, arguments: &Arguments, next: &AtomicU64) -> Findings {
	let mut findings = Findings::default();
	// A batch starts on the stride, whatever the batches' size.
	let span = BATCH.next_multiple_of(arguments.stride);
	loop {
		let start = next.fetch_add(span, Ordering::Relaxed);
		if start > arguments.last {
			return findings;
		}
		let end = (start + span - 1).min(arguments.last);
		for input in (start..=end).step_by(arguments.stride as usize) {
			findings.check(function, input as u32);
		}
	}
}

/// Prints progress about every ten seconds.
fn report(function: Function, arguments: &Arguments, next: &AtomicU64, started: Instant) {
	let fifths = started.elapsed().as_millis() / 200;
	if fifths.is_multiple_of(50) {
		let done = next.load(Ordering::Relaxed).min(arguments.last) - arguments.first;
		let share = 100.0 * done as f64 / (arguments.last - arguments.first).max(1) as f64;
		eprintln!(
			"{}: {share:.1} % after {:.0} s",
			function.name(),
			started.elapsed().as_secs_f64()
		);
	}
}
