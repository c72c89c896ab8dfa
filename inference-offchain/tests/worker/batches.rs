//! Batches are answered item by item, whatever happens meanwhile, and what was answered is shown.

use super::*;
use assay_primitives::{
	availability::{Committed, DemandView, Place, Shown, Side},
	batch::{committed, decode_outputs, ItemOutput, ItemRoots},
	commitment::faulted_root,
	job::{JobKind, JobState, OutputRecord},
	model::Artifact,
	AccountId, ArtifactHash, DemandId, Root,
};

/// Items of two bytes each, more than whose roots fit into a chunk.
fn items() -> Vec<[u8; 2]> {
	(0..40).map(|at| [at, 9]).collect()
}

fn roots(items: &[[u8; 2]]) -> Vec<Root> {
	items.iter().map(|item| tensors_root(&[tensor(item)])).collect()
}

fn file(items: &[[u8; 2]]) -> Vec<u8> {
	items.iter().flat_map(|item| encode_tensors(&[tensor(item)])).collect()
}

fn input(artifact: Artifact, items: &[[u8; 2]]) -> (Input, Root) {
	let root = ItemRoots::new(&roots(items)).unwrap().root();
	let shapes = vec![vec![2].try_into().unwrap()].try_into().unwrap();
	let locator = b"http://127.0.0.1:1/x".to_vec().try_into().unwrap();
	(Input::Batch { artifact, locator, root, items: items.len() as u32, shapes }, root)
}

/// A batch of a file of the store.
fn assign(rig: &Rig, job: u64, artifact: Artifact, items: &[[u8; 2]], due: u32) -> JobId {
	let (input, root) = input(artifact, items);
	rig.chain.assign(job, input, root, due)
}

/// A batch of these items, whose file says something else.
async fn request_with(rig: &Rig, job: u64, bytes: Vec<u8>, items: &[[u8; 2]]) -> JobId {
	let artifact = rig.models().await.publish(bytes).await.unwrap();
	assign(rig, job, artifact, items, rig.chain.now() + 400)
}

async fn request(rig: &Rig, job: u64, items: &[[u8; 2]]) -> JobId {
	request_with(rig, job, file(items), items).await
}

/// What the items come to one by one.
fn results(items: &[[u8; 2]]) -> (Vec<ItemOutput>, Root) {
	let result = |item: &[u8; 2]| match item {
		[255, _] => (ItemOutput::Fault { slot: 3, element: 0 }, faulted_root(3, 0)),
		_ => {
			let tensors = [tensor(&item.map(|value| value.wrapping_mul(2)))];
			(ItemOutput::Tensors(encode_tensors(&tensors)), tensors_root(&tensors))
		},
	};
	let (outputs, roots): (Vec<_>, Vec<_>) = items.iter().map(result).unzip();
	(outputs, ItemRoots::new(&roots).unwrap().root())
}

async fn assert_answered(rig: &Rig, items: &[[u8; 2]]) {
	let answers = rig.chain.state().answers.clone();
	let [(_, Output::Artifact { root, artifact })] = answers[..] else { panic!("{answers:?}") };
	let bytes = rig.models().await.fetch(artifact, &[]).await.unwrap();
	let (outputs, right) = results(items);
	assert_eq!((decode_outputs(&bytes), root), (Some(outputs), right));
}

#[tokio::test]
async fn a_batch_is_answered_with_what_its_items_come_to_one_by_one() {
	let rig = Rig::new().await;
	let running = rig.start().await;
	let job = request(&rig, 1, &items()).await;
	rig.until("an answer", |state| !state.answers.is_empty()).await;
	assert_answered(&rig, &items()).await;
	assert_eq!(rig.runs.load(Ordering::SeqCst), 40);
	// Until its transaction is final.
	rig.some_blocks(10).await;
	let entry = rig.stopped(running, job).await.unwrap();
	assert_eq!(entry.progress, Progress::Done);
}

#[tokio::test]
async fn that_an_item_ends_early_is_the_result_of_that_item_alone() {
	let rig = Rig::new().await;
	let running = rig.start().await;
	let mut items = items();
	(items[0], items[33]) = ([255, 1], [255, 2]);
	let job = request(&rig, 1, &items).await;
	rig.until("an answer", |state| !state.answers.is_empty()).await;
	assert_answered(&rig, &items).await;
	rig.stopped(running, job).await;
}

#[tokio::test]
async fn a_file_that_is_not_what_was_requested_is_answered_with_a_mismatch() {
	let rig = Rig::new().await;
	let items = items();
	let whole = file(&items);
	let mut other = items.clone();
	other[39] = [0, 0];
	// The eighth item is no encoding, of an unknown type.
	let mut garbled = whole.clone();
	garbled[7 * whole.len() / 40 + 1] = 0xee;
	let long: Vec<u8> = (0..40).flat_map(|at| encode_tensors(&[tensor(&[at, 9, 9])])).collect();
	let wrong = [
		[&whole[..], &[0]].concat(),
		whole[..whole.len() - whole.len() / 40].to_vec(),
		file(&other),
		garbled,
		long,
		Vec::new(),
	];
	for (job, bytes) in (1..).zip(wrong.clone()) {
		request_with(&rig, job, bytes, &items).await;
	}
	let running = rig.start().await;
	rig.until("all answers", |state| state.answers.len() == wrong.len()).await;
	for (_, output) in &rig.chain.state().answers {
		assert_eq!(*output, Output::InputMismatch);
	}
	assert_eq!(rig.runs.load(Ordering::SeqCst), 0);
	rig.stopped(running, JobId(1)).await;
}

/// Nobody can be made to show it, and whoever waits for it would miss the job.
#[tokio::test]
async fn a_file_that_cannot_be_had_is_answered_with_a_mismatch_in_time() {
	let rig = Rig::new().await;
	let nowhere = Artifact { hash: ArtifactHash([9; 32]), size: file(&items()).len() as u64 };
	let due = rig.chain.now() + 60;
	let job = assign(&rig, 1, nowhere, &items(), due);
	let running = rig.start().await;
	rig.until("an answer", |state| !state.answers.is_empty()).await;
	assert!(rig.chain.now() < due);
	assert_eq!(rig.chain.state().answers, [(job, Output::InputMismatch)]);
	assert!(rig.chain.state().demanded.is_empty());
	rig.stopped(running, job).await;
}

#[tokio::test]
async fn no_job_waits_for_a_batch_to_end() {
	let mut rig = Rig::new().await;
	rig.pause = Duration::from_millis(50);
	for batch in [1, 2, 3] {
		request(&rig, batch, &items()).await;
	}
	let running = rig.start().await;
	let runs = rig.runs.clone();
	rig.until("a run", |_| runs.load(Ordering::SeqCst) > 2).await;
	let jobs = [rig.request(11, &[1]), rig.request(12, &[2]), rig.request(13, &[3])];
	rig.until("three answers", |state| state.answers.len() == 3).await;
	let answered: Vec<JobId> = rig.chain.state().answers.iter().map(|(job, _)| *job).collect();
	assert!(jobs.iter().all(|job| answered.contains(job)), "{answered:?}");
	crash(running).await;
}

#[tokio::test]
async fn a_crash_in_the_middle_of_a_batch_leads_to_one_answer() {
	let mut rig = Rig::new().await;
	rig.pause = Duration::from_millis(20);
	let job = request(&rig, 1, &items()).await;
	let running = rig.start().await;
	let runs = rig.runs.clone();
	rig.until("some runs", |_| runs.load(Ordering::SeqCst) > 5).await;
	crash(running).await;
	assert!(rig.chain.state().answers.is_empty());

	let running = rig.start().await;
	rig.until("an answer", |state| !state.answers.is_empty()).await;
	rig.some_blocks(10).await;
	assert_answered(&rig, &items()).await;
	rig.stopped(running, job).await;
	assert_eq!(rig.chain.state().signatures, 1);
}

#[tokio::test]
async fn a_batch_whose_time_is_over_is_given_up() {
	let mut rig = Rig::new().await;
	rig.pause = Duration::from_millis(100);
	let artifact = rig.models().await.publish(file(&items())).await.unwrap();
	let job = assign(&rig, 1, artifact, &items(), rig.chain.now() + 20);
	let running = rig.start().await;
	rig.some_blocks(60).await;
	assert!(rig.chain.state().answers.is_empty());
	assert!(rig.runs.load(Ordering::SeqCst) < 40);
	rig.stopped(running, job).await;
}

/// A batch that this worker has answered, with a file that it still has.
async fn answered(rig: &Rig, job: u64) -> JobId {
	let id = request(rig, job, &items()).await;
	let (outputs, root) = results(&items());
	let artifact = rig.models().await.publish(codec::Encode::encode(&outputs)).await.unwrap();
	let mut state = rig.chain.state();
	state.outputs.insert(id, Output::Artifact { root, artifact });
	let (view, _) = state.jobs.get_mut(&id).unwrap();
	let output = OutputRecord { root, artifact: Some(artifact) };
	view.state = JobState::Submitted { provider: PROVIDER, output, at: 1, until: u32::MAX };
	id
}

/// An item of it that somebody has opened, with a file that nobody has.
fn opened(rig: &Rig, job: u64, batch: JobId, index: u32) -> (JobId, Root) {
	let item = items()[index as usize];
	let tensors = encode_tensors(&[tensor(&item)]);
	let input = Input::Inline(tensors.try_into().unwrap());
	let id = rig.chain.assign(job, input, roots(&items())[index as usize], u32::MAX);
	let root = tensors_root(&[tensor(&item.map(|value| value * 2))]);
	let artifact = Artifact { hash: ArtifactHash([7; 32]), size: 9 };
	let mut state = rig.chain.state();
	state.outputs.insert(id, Output::Artifact { root, artifact });
	let (view, _) = state.jobs.get_mut(&id).unwrap();
	view.kind = JobKind::Item { batch, index };
	let output = OutputRecord { root, artifact: Some(artifact) };
	view.state = JobState::Submitted { provider: PROVIDER, output, at: 1, until: u32::MAX };
	(id, root)
}

fn demanded(id: u64, job: JobId, chunk: u32, due: u32) -> DemandView<AccountId> {
	DemandView {
		id: DemandId(id),
		job,
		demander: REQUESTER,
		respondent: PROVIDER,
		place: Place { side: Side::Output, tensor: 0, chunk },
		price: 1,
		due,
	}
}

#[tokio::test]
async fn the_roots_of_a_batch_and_the_outputs_of_an_item_are_shown() {
	let rig = Rig::new().await;
	let batch = answered(&rig, 1).await;
	let (item, item_root) = opened(&rig, 2, batch, 35);
	let due = rig.chain.now() + 400;
	rig.chain.state().demands =
		vec![demanded(1, batch, 0, due), demanded(2, batch, 1, due), demanded(3, item, 0, due)];
	let running = rig.start().await;
	rig.until("three answers", |state| state.served.len() == 3).await;
	let served = rig.chain.state().served.clone();
	let (_, root) = results(&items());
	let item_committed = Committed { root: item_root, count: 1, kind: None };
	let all: Vec<u8> = items()
		.iter()
		.flat_map(|item| tensors_root(&[tensor(&item.map(|value| value * 2))]).0)
		.collect();
	for (id, answer) in served {
		let (committed, chunk, shown) = match id.0 {
			1 => (committed(root, 40), 0, all[..1_024].to_vec()),
			2 => (committed(root, 40), 1, all[1_024..].to_vec()),
			_ => (item_committed.clone(), 0, vec![70, 18]),
		};
		let place = Place { side: Side::Output, tensor: 0, chunk };
		assert_eq!(committed.check(&place, &answer), Ok(Shown::Chunk(shown)));
	}
	rig.stopped(running, batch).await;
}
