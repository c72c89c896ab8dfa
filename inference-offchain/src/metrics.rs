//! What operators see of the worker. Every name starts with `inference_`, but for those of declines
//! and of items.

use crate::Error;
use substrate_prometheus_endpoint::{
	exponential_buckets, register, Counter, CounterVec, Gauge, Histogram, HistogramOpts, Opts,
	PrometheusError, Registry, U64,
};

/// The worker's metrics.
#[derive(Clone)]
pub struct Metrics {
	/// The best block seen.
	pub best: Gauge<U64>,
	/// Jobs that were assigned to this worker.
	pub assigned: Counter<U64>,
	/// Jobs that wait to be run.
	pub queued: Gauge<U64>,
	/// Jobs that run now.
	pub running: Gauge<U64>,
	/// Answers whose transactions are under way.
	pub submitting: Gauge<U64>,
	/// How many jobs each engine call answers.
	pub jobs_per_call: Histogram,
	/// Items of batches that were run.
	pub items: Counter<U64>,
	/// How long models run, in seconds.
	pub run_seconds: Histogram,
	/// Jobs that ended here, by outcome.
	pub finished: CounterVec<U64>,
	/// Jobs, and versions, that were left, by why.
	pub declined: CounterVec<U64>,
	/// Jobs that could not be computed, by what failed.
	pub failed: CounterVec<U64>,
	/// Attempts that are made again, by what was attempted.
	pub retries: CounterVec<U64>,
	/// Heartbeats on the chain.
	pub heartbeats: Counter<U64>,
	/// Versions that are served.
	pub served: Gauge<U64>,
	/// Results that were checked, by verdict.
	pub checked: CounterVec<U64>,
	/// Items of batches that were checked.
	pub items_checked: Counter<U64>,
	/// Results that could not be checked, by why.
	pub unchecked: CounterVec<U64>,
	/// Disputes that are followed and go on.
	pub disputes: Gauge<U64>,
	/// What was done in disputes, by kind.
	pub moves: CounterVec<U64>,
	/// What was done in audits, by kind.
	pub audits: CounterVec<U64>,
	/// Chunks that were shown on chain, by side.
	pub shown: CounterVec<U64>,
	/// What could not be shown on chain, by what failed.
	pub unshown: CounterVec<U64>,
	/// Chunks that were demanded on chain, by side.
	pub demanded: CounterVec<U64>,
	/// What was done about the keys of inputs, by what.
	pub keys: CounterVec<U64>,
	/// What was done about the keys of others, by what.
	pub custody: CounterVec<U64>,
	/// What failed in checks and disputes and may be tried again, by what failed.
	pub dispute_failures: CounterVec<U64>,
}

impl Metrics {
	/// Register the metrics.
	pub fn register(registry: &Registry) -> Result<Self, Error> {
		Self::try_register(registry).map_err(|error| Error::Metrics { reason: error.to_string() })
	}

	fn try_register(registry: &Registry) -> Result<Self, PrometheusError> {
		let counter = |name, help| register(Counter::new(name, help)?, registry);
		let gauge = |name, help| register(Gauge::new(name, help)?, registry);
		let by = |name, help, label| {
			register(CounterVec::new(Opts::new(name, help), &[label])?, registry)
		};
		let buckets = exponential_buckets(0.001, 4.0, 9)?;
		let run_seconds =
			HistogramOpts::new("inference_run_seconds", "How long models run").buckets(buckets);
		let jobs_per_call =
			HistogramOpts::new("inference_jobs_per_call", "How many jobs each engine call answers")
				.buckets(exponential_buckets(1.0, 2.0, 8)?);
		Ok(Metrics {
			best: gauge("inference_best_block", "The best block seen")?,
			assigned: counter("inference_jobs_assigned_total", "Jobs assigned to this worker")?,
			queued: gauge("inference_jobs_queued", "Jobs that wait to be run")?,
			running: gauge("inference_jobs_running", "Jobs that run now")?,
			submitting: gauge("inference_answers_under_way", "Answers that are being submitted")?,
			jobs_per_call: register(Histogram::with_opts(jobs_per_call)?, registry)?,
			items: counter("assay_worker_items_total", "Items of batches that were run")?,
			run_seconds: register(Histogram::with_opts(run_seconds)?, registry)?,
			finished: by("inference_jobs_finished_total", "Jobs that ended here", "outcome")?,
			declined: by(
				"assay_worker_declined_total",
				"Jobs and versions that were left",
				"reason",
			)?,
			failed: by("inference_jobs_failed_total", "Jobs that could not be computed", "reason")?,
			retries: by("inference_retries_total", "Attempts that are made again", "of")?,
			heartbeats: counter("inference_heartbeats_total", "Heartbeats on the chain")?,
			served: gauge("inference_versions_served", "Versions that are served")?,
			checked: by("inference_results_checked_total", "Results that were checked", "verdict")?,
			items_checked: counter("assay_worker_items_checked_total", "Items that were checked")?,
			unchecked: by(
				"inference_results_unchecked_total",
				"Results that could not be checked",
				"reason",
			)?,
			disputes: gauge("inference_disputes_open", "Disputes that are followed and go on")?,
			moves: by("inference_dispute_moves_total", "What was done in disputes", "move")?,
			audits: by("inference_audit_moves_total", "What was done in audits", "move")?,
			shown: by("inference_chunks_shown_total", "Chunks shown on chain", "side")?,
			unshown: by("inference_chunks_unshown_total", "What could not be shown", "reason")?,
			demanded: by("inference_chunks_demanded_total", "Chunks demanded on chain", "side")?,
			keys: by("inference_keys_total", "What was done about the keys of inputs", "what")?,
			custody: by("inference_custody_total", "What was done about keys of others", "what")?,
			dispute_failures: by(
				"inference_dispute_failures_total",
				"What failed in checks and disputes and may be tried again",
				"of",
			)?,
		})
	}

	/// Count a job that ended here.
	pub fn finish(&self, outcome: &str) {
		self.finished.with_label_values(&[outcome]).inc();
	}
}
