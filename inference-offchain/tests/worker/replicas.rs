//! Results of replicas are sealed, and revealed when their group does, whatever happens meanwhile.

use super::*;
use assay_primitives::{commitment::result_seal, Root};

/// The seal of what a job of these values comes to.
fn seal_of(job: JobId, values: &[u8], salt: &Root) -> Root {
	let values: Vec<u8> = values.iter().map(|value| value.wrapping_mul(2)).collect();
	result_seal(job, &PROVIDER, &tensors_root(&[tensor(&values)]), salt)
}

#[tokio::test]
async fn a_replica_is_sealed_and_revealed_when_its_group_does() {
	let rig = Rig::new().await;
	let running = rig.start().await;
	let job = rig.request_replica(1, &[1, 2]);
	rig.until("a seal", |state| !state.seals.is_empty()).await;
	rig.some_blocks(10).await;
	assert!(rig.chain.state().revealed.is_empty(), "it is not shown before the others are sealed");
	rig.open_seal(job, 100);
	rig.until("a result", |state| !state.revealed.is_empty()).await;
	rig.some_blocks(10).await;
	rig.stopped(running, job).await;
	{
		let state = rig.chain.state();
		let [(revealed, output, salt)] = state.revealed.as_slice() else { panic!("one result") };
		assert_eq!((*revealed, output), (job, &doubled(&[1, 2])));
		assert_eq!(state.seals, [(job, seal_of(job, &[1, 2], salt))]);
		assert_eq!((state.signatures, state.answers.len()), (2, 0));
	}
	assert_eq!(rig.journal().await.replica(job).unwrap(), None, "it is over");
}

#[tokio::test]
async fn a_worker_that_crashed_after_its_seal_reveals_the_same() {
	let rig = Rig::new().await;
	rig.chain.state().fates.push_back(Fate::IncludedUnanswered);
	let running = rig.start().await;
	let job = rig.request_replica(1, &[5]);
	rig.until("a seal", |state| !state.seals.is_empty()).await;
	crash(running).await;
	rig.open_seal(job, 400);

	let running = rig.start().await;
	rig.until("a result", |state| !state.revealed.is_empty()).await;
	rig.stopped(running, job).await;
	let state = rig.chain.state();
	let (_, _, salt) = &state.revealed[0];
	assert_eq!(state.seals, [(job, seal_of(job, &[5], salt))]);
	assert_eq!(rig.runs.load(Ordering::SeqCst), 1, "it is not computed again");
}

#[tokio::test]
async fn a_crash_before_the_seal_is_handed_in_leads_to_the_same_seal() {
	let rig = Rig::new().await;
	rig.chain.state().fates.push_back(Fate::Unanswered);
	let running = rig.start().await;
	let job = rig.request_replica(1, &[5]);
	rig.until("a hand-in", |state| state.handed_in.len() == 1).await;
	crash(running).await;
	let before = rig.journal().await.replica(job).unwrap().expect("it is noted before");

	let running = rig.start().await;
	rig.until("a seal", |state| !state.seals.is_empty()).await;
	crash(running).await;
	assert_eq!(rig.chain.state().seals, [(job, seal_of(job, &[5], &before.salt))]);
	assert_eq!(rig.journal().await.replica(job).unwrap(), Some(before));
}

#[tokio::test]
async fn a_reveal_that_gets_lost_is_sent_again() {
	let rig = Rig::new().await;
	let running = rig.start().await;
	let job = rig.request_replica(1, &[5]);
	rig.until("a seal", |state| !state.seals.is_empty()).await;
	rig.some_blocks(5).await;
	rig.chain.state().fates.extend([Fate::Unanswered, Fate::Lost]);
	rig.open_seal(job, 400);
	rig.until("a result", |state| !state.revealed.is_empty()).await;
	rig.stopped(running, job).await;
}
