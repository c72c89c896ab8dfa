//! What the worker shows when it is demanded, and what it demands itself.

use crate::support::rig::*;
use assay_primitives::{
	availability::{Committed, DemandView, Place, Shown, Side},
	commitment::{tensor_root, tensors_root},
	job::{Input, JobState, Output, OutputRecord, TensorHeader},
	model::Artifact,
	tensor::{encode_tensors, Tensor},
	AccountId, ArtifactHash, DemandId, JobId,
};

/// A value of five chunks.
fn large() -> Vec<Tensor> {
	vec![tensor(&(0..5_000).map(|at| (at % 251) as u8).collect::<Vec<_>>())]
}

fn header(tensors: &[Tensor]) -> TensorHeader {
	let [tensor] = tensors else { panic!("one tensor") };
	let root = tensor_root(tensor.dtype, &tensor.shape, &tensor.data);
	TensorHeader { shape: tensor.shape.clone(), root }
}

fn demanded(id: u64, job: JobId, side: Side, chunk: u32, due: u32) -> DemandView<AccountId> {
	DemandView {
		id: DemandId(id),
		job,
		demander: REQUESTER,
		respondent: PROVIDER,
		place: Place { side, tensor: 0, chunk },
		price: 1,
		due,
	}
}

/// A job whose input is here, or only said to be somewhere.
async fn by_artifact(rig: &Rig, job: u64, here: bool) -> JobId {
	let bytes = encode_tensors(&large());
	let artifact = match here {
		true => rig.models().await.publish(bytes).await.unwrap(),
		false => Artifact { hash: ArtifactHash([9; 32]), size: bytes.len() as u64 },
	};
	let tensors = vec![header(&large())].try_into().unwrap();
	let locator = b"http://127.0.0.1:1/x".to_vec().try_into().unwrap();
	let input = Input::Artifact { artifact, locator, tensors };
	rig.chain.assign(job, input, tensors_root(&large()), rig.chain.now() + 40)
}

/// A job that this worker has answered, with a file that it still has.
async fn answered(rig: &Rig, job: u64) -> JobId {
	let id = by_artifact(rig, job, true).await;
	let artifact = rig.models().await.publish(encode_tensors(&large())).await.unwrap();
	let root = tensors_root(&large());
	let mut state = rig.chain.state();
	state.outputs.insert(id, Output::Artifact { root, artifact });
	let (view, _) = state.jobs.get_mut(&id).unwrap();
	let output = OutputRecord { root, artifact: Some(artifact) };
	view.state = JobState::Submitted { provider: PROVIDER, output, at: 1, until: u32::MAX };
	id
}

#[tokio::test]
async fn chunks_of_inputs_and_outputs_are_shown_once_each() {
	let rig = Rig::new().await;
	let job = answered(&rig, 1).await;
	let due = rig.chain.now() + 400;
	let sides = [Side::Output, Side::Input];
	let wanted = |id: u64| demanded(id, job, sides[id as usize % 2], id as u32 % 5, due);
	rig.chain.state().demands = (0..10).map(wanted).collect();
	let running = rig.start().await;
	rig.until("ten answers", |state| state.served.len() == 10).await;
	rig.some_blocks(10).await;
	let served = rig.chain.state().served.clone();
	assert_eq!(served.len(), 10);
	let committed = Committed { root: tensors_root(&large()), count: 1, kind: None };
	for (id, answer) in served {
		let view = wanted(id.0);
		let from = view.place.chunk as usize * 1_024;
		let chunk = large()[0].data[from..].iter().take(1_024).copied().collect();
		assert_eq!(committed.check(&view.place, &answer), Ok(Shown::Chunk(chunk)));
	}
	rig.stopped(running, job).await;
}

#[tokio::test]
async fn what_is_not_here_or_too_late_is_not_shown_and_what_is_demanded_by_oneself_neither() {
	let rig = Rig::new().await;
	let (lost, here) = (by_artifact(&rig, 1, false).await, answered(&rig, 2).await);
	let now = rig.chain.now();
	let mut own = demanded(1, here, Side::Input, 0, now + 400);
	own.demander = PROVIDER;
	let late = demanded(2, here, Side::Output, 0, now);
	let elsewhere = demanded(3, lost, Side::Output, 0, now + 400);
	let unknown = demanded(4, JobId(99), Side::Output, 0, now + 400);
	let good = demanded(5, here, Side::Output, 4, now + 400);
	rig.chain.state().demands = vec![own, late, elsewhere, unknown, good];
	let running = rig.start().await;
	rig.until("an answer", |state| !state.served.is_empty()).await;
	rig.some_blocks(10).await;
	let ids: Vec<u64> = rig.chain.state().served.iter().map(|(id, _)| id.0).collect();
	assert_eq!(ids, [5]);
	rig.stopped(running, here).await;
}

#[tokio::test]
async fn an_input_that_cannot_be_fetched_is_demanded_once_whatever_happens() {
	let rig = Rig::new().await;
	let job = by_artifact(&rig, 1, false).await;
	let running = rig.start().await;
	rig.until("a demand", |state| !state.demanded.is_empty()).await;
	crash(running).await;
	// The clock runs again, and the file is still not there.
	{
		let mut state = rig.chain.state();
		let (view, _) = state.jobs.get_mut(&job).unwrap();
		view.stays = 0;
		view.state = JobState::Assigned { provider: PROVIDER, due: rig.chain.now() + 20 };
	}
	let running = rig.start().await;
	rig.some_blocks(40).await;
	let place = Place { side: Side::Input, tensor: 0, chunk: 0 };
	assert_eq!(rig.chain.state().demanded, [(job, place)]);
	assert!(rig.chain.state().answers.is_empty());
	rig.stopped(running, job).await;
}

#[tokio::test]
async fn an_input_that_appears_after_the_demand_is_run() {
	let rig = Rig::new().await;
	let bytes = encode_tensors(&large());
	let hash = assay_worker::artifact::artifact_of(&bytes);
	let job = by_artifact(&rig, 1, false).await;
	if let Some((_, Input::Artifact { artifact, .. })) = rig.chain.state().jobs.get_mut(&job) {
		*artifact = hash;
	}
	let running = rig.start().await;
	rig.until("a demand", |state| !state.demanded.is_empty()).await;
	rig.models().await.publish(bytes).await.unwrap();
	let fetched = rig.runs.clone();
	rig.until("a run", |_| fetched.load(std::sync::atomic::Ordering::SeqCst) == 1).await;
	crash(running).await;
}
