//! Jobs that share engine calls: how they meet, and that none can fail another.

use super::*;
use assay_primitives::{job::JobKind, tensor::Tensor};
use assay_worker::{
	batch::{Batches, Joint},
	engine::{Engine, EngineError, Runnable, VerifiedModel},
	models::Models,
	store::FileStore,
	tasks::{executor, Assignment},
	Error,
};
use std::{path::Path, sync::Mutex};

/// A byte that brings every call down that it is in.
const HOSTILE: u8 = 66;

/// Doubles every byte, slowly, and notes how many entries each call has.
#[derive(Clone, Default)]
struct Slow(Arc<Mutex<Vec<u32>>>);

impl Engine for Slow {
	fn name(&self) -> String {
		"slow".into()
	}

	fn prepare(&self, _: &VerifiedModel) -> Result<Box<dyn Runnable>, EngineError> {
		Ok(Box::new(self.clone()))
	}
}

impl Runnable for Slow {
	fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		self.0.lock().unwrap().push(inputs[0].shape[0]);
		std::thread::sleep(Duration::from_millis(200));
		if inputs[0].data.contains(&HOSTILE) {
			return Err(EngineError::Run("hostile".into()));
		}
		let data = inputs[0].data.iter().map(|byte| byte.wrapping_mul(2)).collect();
		Ok(vec![Tensor { data, ..inputs[0].clone() }])
	}

	fn memory(&self) -> u64 {
		1
	}
}

/// Models of an engine in the folder of a rig.
fn models(engine: Slow, folder: &Path) -> Models {
	let store = FileStore::open(folder.join("artifacts"), 1 << 30, false).unwrap();
	Models::new(Arc::new(engine), Arc::new(store), 1 << 30)
}

fn shared(joint: Joint) -> Batches {
	let batches = Batches::new(8);
	batches.share(VERSION, joint);
	batches
}

/// Run jobs at once, and tell of how many each call was.
async fn run_all(values: &[&[u8]]) -> (Vec<Result<Vec<Tensor>, Error>>, Vec<u32>, Vec<usize>) {
	let slow = Slow::default();
	let folder = tempfile::tempdir().unwrap();
	let models = models(slow.clone(), folder.path());
	let spec = spec(models.publish(b"a model".to_vec()).await.unwrap());
	let line = shared(Joint { jobs: 8, entries: 64 }).line(VERSION).unwrap();
	let calls = Mutex::new(Vec::new());
	let run = |values: &&[u8]| {
		let inputs: Arc<[Tensor]> = vec![tensor(values)].into();
		let (line, models, spec, calls) = (&line, &models, &spec, &calls);
		async move { line.run(models, spec, &inputs, |jobs| calls.lock().unwrap().push(jobs)).await }
	};
	let outputs = futures::future::join_all(values.iter().map(run)).await;
	let entries = slow.0.lock().unwrap().clone();
	(outputs, entries, calls.into_inner().unwrap())
}

#[tokio::test]
async fn jobs_that_wait_share_the_next_call() {
	let (outputs, entries, calls) = run_all(&[&[1], &[2, 3], &[4], &[5]]).await;
	let outputs: Vec<Vec<Tensor>> = outputs.into_iter().map(Result::unwrap).collect();
	let expected: [&[u8]; 4] = [&[2], &[4, 6], &[8], &[10]];
	assert_eq!(outputs, expected.map(|values| vec![tensor(values)]));
	// Who comes first does not wait for others.
	assert_eq!((entries, calls), (vec![1, 4], vec![1, 3]));
}

#[tokio::test]
async fn a_hostile_job_cannot_fail_its_neighbors() {
	let (outputs, entries, _) = run_all(&[&[1], &[2], &[HOSTILE], &[4]]).await;
	let ended: Vec<bool> = outputs.iter().map(Result::is_ok).collect();
	assert_eq!(ended, [true, true, false, true]);
	assert!(matches!(outputs[2], Err(Error::Engine(EngineError::Run(_)))));
	assert_eq!(outputs[3].as_ref().unwrap(), &[tensor(&[8])]);
	// All but the first in vain, and then each alone.
	assert_eq!(entries, [1, 3, 1, 1, 1]);
}

/// Each job that was taken with others has its own entry, answer and failure.
#[tokio::test]
async fn jobs_that_share_a_call_are_answered_each_by_itself() {
	let rig = Rig::new().await;
	let slow = Slow::default();
	let stop = CancellationToken::new();
	let (_blocks, best) = watch::channel(1);
	let context = Arc::new(Context {
		chain: rig.chain.clone(),
		data: Default::default(),
		journal: Arc::new(rig.journal().await),
		models: Arc::new(models(slow.clone(), rig.folder.path())),
		batches: shared(Joint { jobs: 8, entries: 64 }),
		items: Semaphore::new(1),
		metrics: Metrics::register(&Registry::default()).unwrap(),
		declines: rig.declines.clone(),
		best,
		demand: false,
		drain: stop.child_token(),
		stop,
		turn: Default::default(),
	});
	let values: [&[u8]; 4] = [&[1], &[2], &[HOSTILE], &[4]];
	let mut jobs = Vec::new();
	for (number, values) in (1..).zip(values) {
		let job = rig.request(number, values);
		context.journal.accept(job, 500).unwrap();
		let input_root = tensors_root(&[tensor(values)]);
		jobs.push(Assignment {
			job,
			kind: JobKind::Single,
			version: VERSION,
			input_root,
			data: None,
			due: 500,
		});
	}
	let (ready, assigned) = mpsc::channel(1);
	let (answers, mut answered) = mpsc::channel(8);
	ready.send(jobs).await.unwrap();
	drop(ready);
	executor::run(context.clone(), 1, assigned, answers).await.unwrap();
	let mut found: Vec<(JobId, Output)> = Vec::new();
	while let Some(answer) = answered.recv().await {
		found.push((answer.job, answer.output));
	}
	found.sort_by_key(|(job, _)| *job);
	assert_eq!(found, [1, 2, 4].map(|job| (JobId(job), doubled(&[job as u8]))));
	assert_eq!(rig.declined(), [(Some(3), "engine")]);
	for (job, has_output) in [(1, true), (2, true), (3, false), (4, true)] {
		let entry = context.journal.entry(JobId(job)).unwrap().unwrap();
		assert_eq!(entry.output.is_some(), has_output);
	}
	assert!(slow.0.lock().unwrap().iter().any(|entries| *entries > 1), "some share a call");
	assert_eq!(context.metrics.running.get(), 0);
}
