//! Jobs over encrypted data: the key is asked for, used and forgotten, and nobody is shown anything.

use crate::support::{custody::*, rig::*};
use assay_client::content::ContentKey;
use assay_primitives::{
	availability::{DemandView, Place, Side},
	commitment::{tensor_root, tensors_root},
	custody::{Ask, KeyRequestView},
	job::{Input, JobState, Output, OutputRecord, TensorHeader},
	model::Artifact,
	rights::{DataRef, PoolItem},
	tensor::encode_tensors,
	AccountId, AssetId, DemandId, GrantId, JobId, KeyRequestId, PoolId,
};
use assay_worker::{
	artifact::artifact_of, config::GatewayConfig, gateway::Gateway, store::FileStore,
};
use std::{
	io::Write,
	path::Path,
	sync::{atomic::Ordering, Arc, Mutex, OnceLock},
};

const ASSET: AssetId = AssetId(7);
const GRANT: GrantId = GrantId(5);
const CUSTODIAN: AccountId = AccountId::new([3; 32]);
const OTHER: AccountId = AccountId::new([4; 32]);

/// What nobody else is to see: bytes without a pattern.
fn values() -> Vec<u8> {
	let mut state = 0x1234_5678_u32;
	let mut next = || {
		state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
		(state >> 24) as u8
	};
	// The engine has no result for what begins with 255.
	std::iter::once(1).chain((0..2_999).map(|_| next())).collect()
}

/// A provider, and a job of it over an asset.
struct Secret {
	rig: Rig,
	key: ContentKey,
}

impl Secret {
	/// The key of the asset is with these custodians.
	async fn new(keepers: &[AccountId]) -> Self {
		let (rig, key) = (Rig::new().await, ContentKey::generate());
		{
			let mut state = rig.chain.state();
			let commitment = Some(key.commitment());
			state.data.assets.insert(ASSET, commitment);
			state.data.grants.insert(GRANT, ASSET);
			let bench = keepers.iter().map(|keeper| (keeper.clone(), commitment));
			state.data.bench.insert(ASSET, bench.collect());
		}
		Secret { rig, key }
	}

	/// The encrypted file of the input.
	fn file(&self) -> Vec<u8> {
		let mut file = Vec::new();
		self.key.encrypt(&encode_tensors(&[tensor(&values())])[..], &mut file).unwrap();
		file
	}

	/// A job with this file, by a grant to the asset.
	async fn job(&self, file: Vec<u8>) -> JobId {
		let artifact = self.rig.models().await.publish(file).await.unwrap();
		self.job_of(artifact, Some(DataRef::Grant(GRANT)), 400)
	}

	fn job_of(&self, artifact: Artifact, data: Option<DataRef>, blocks: u32) -> JobId {
		let tensor = tensor(&values());
		let root = tensor_root(tensor.dtype, &tensor.shape, &tensor.data);
		let tensors = vec![TensorHeader { shape: tensor.shape.clone(), root }];
		let locator = b"http://127.0.0.1:1/x".to_vec().try_into().unwrap();
		let input = Input::Artifact { artifact, locator, tensors: tensors.try_into().unwrap() };
		let chain = &self.rig.chain;
		let job = chain.assign(1, input, tensors_root(&[tensor]), chain.now() + blocks);
		chain.state().jobs.get_mut(&job).unwrap().0.terms.data = data;
		job
	}

	/// The open request, as soon as there is one that nothing was delivered for.
	async fn asked(&self) -> KeyRequestView<AccountId> {
		let open = |state: &State| {
			let mut requests = state.data.requests.values();
			requests.find(|request| request.sealed.is_none()).cloned()
		};
		self.rig.until("a request", |state| open(state).is_some()).await;
		let request = open(&self.rig.chain.state());
		request.unwrap()
	}

	/// Have whoever was asked deliver a key.
	async fn deliver(&self, key: &ContentKey) -> KeyRequestView<AccountId> {
		let (request, now) = (self.asked().await, self.rig.chain.now());
		let sealed = key.seal_to(&request.recipient).unwrap();
		self.rig.chain.state().data.deliver(request.id, sealed, now);
		request
	}

	async fn until_answered(&self) -> Output {
		self.rig.until("an answer", |state| !state.answers.is_empty()).await;
		let (_, output) = self.rig.chain.state().answers[0].clone();
		output
	}

	/// How often a key was asked for.
	fn requests(&self) -> usize {
		self.rig.chain.state().data.recipients().len()
	}

	fn complaints(&self) -> Vec<KeyRequestId> {
		let id = |call: &Custody| match call {
			Custody::Complain(id, _) => Some(*id),
			_ => None,
		};
		self.rig.chain.state().data.made.iter().filter_map(id).collect()
	}

	fn runs(&self) -> u32 {
		self.rig.runs.load(Ordering::SeqCst)
	}
}

/// All that is logged in this process, whatever the level.
fn logs() -> &'static Mutex<Vec<u8>> {
	static LOGS: OnceLock<Mutex<Vec<u8>>> = OnceLock::new();

	struct Writer;

	impl Write for Writer {
		fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
			logs().lock().unwrap().write(bytes)
		}

		fn flush(&mut self) -> std::io::Result<()> {
			Ok(())
		}
	}

	if LOGS.set(Mutex::default()).is_ok() {
		let logs = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
		logs.with_writer(|| Writer).init();
	}
	LOGS.get().unwrap()
}

/// Every file below a folder, one after the other.
fn files(folder: &Path) -> Vec<u8> {
	let mut all = Vec::new();
	for entry in std::fs::read_dir(folder).unwrap() {
		let path = entry.unwrap().path();
		all.extend(if path.is_dir() { files(&path) } else { std::fs::read(path).unwrap() });
	}
	all
}

fn contains(all: &[u8], part: &[u8]) -> bool {
	all.windows(part.len()).any(|window| window == part)
}

/// A secret in the ways in which it could be written.
fn writings(secret: &[u8]) -> Vec<Vec<u8>> {
	let list = format!("{secret:?}");
	let digits = hex::encode(secret);
	let list = list.trim_matches(['[', ']']).as_bytes().to_vec();
	vec![secret.to_vec(), digits.to_uppercase().into_bytes(), digits.into_bytes(), list]
}

#[tokio::test]
async fn an_encrypted_job_is_answered_and_shows_neither_the_key_nor_the_content() {
	logs();
	let secret = Secret::new(&[CUSTODIAN]).await;
	let file = secret.file();
	let (running, job) = (secret.rig.start().await, secret.job(file.clone()).await);
	let request = secret.deliver(&secret.key).await;
	assert_eq!((request.ask, request.asset), (Ask::Job(job), ASSET));
	assert_eq!(secret.until_answered().await, doubled(&values()));
	secret.rig.stopped(running, job).await;

	let (values, folder) = (values(), secret.rig.folder.path());
	let content: Vec<&[u8]> = values.chunks_exact(24).step_by(10).collect();
	let secrets = content.into_iter().chain([&secret.key.expose()[..]]).flat_map(writings);
	let (kept, logged) = (files(folder), logs().lock().unwrap().clone());
	assert!(
		contains(&kept, &file) && contains(&logged, b"the key was delivered"),
		"all was looked at"
	);
	for (at, written) in secrets.enumerate() {
		assert!(!contains(&kept, &written), "secret {at} is in a file");
		assert!(!contains(&logged, &written), "secret {at} is in the log");
	}
	// The gateway serves the file, as it was, and not what was in it.
	let store = Arc::new(FileStore::open(folder.join("artifacts"), 1 << 30, false).unwrap());
	let gateway = Gateway::start(&GatewayConfig::default(), store).await.unwrap();
	let url = gateway.url().to_owned();
	let status = |bytes: Vec<u8>| {
		let url = format!("{url}/v1/artifacts/{}", artifact_of(&bytes).hash);
		async move { reqwest::get(url).await.unwrap().status().as_u16() }
	};
	assert_eq!(status(file).await, 200);
	assert_eq!(status(encode_tensors(&[tensor(&values)])).await, 404);
	gateway.stop().await;
}

#[tokio::test]
async fn secrets_are_kept_until_the_job_is_over() {
	let secret = Secret::new(&[CUSTODIAN]).await;
	let (running, job) = (secret.rig.start().await, secret.job(secret.file()).await);
	secret.rig.chain.state().stalled = true;
	secret.deliver(&secret.key).await;
	secret.until_answered().await;
	// The request has ended, but nothing is final.
	secret.rig.chain.state().data.requests.clear();
	secret.rig.some_blocks(10).await;
	crash(running).await;
	let kept = secret.rig.journal().await.content_key(job, secret.key.commitment()).unwrap();
	assert_eq!(kept.unwrap().expose(), secret.key.expose());

	let running = secret.rig.start().await;
	secret.rig.chain.state().stalled = false;
	secret.rig.some_blocks(20).await;
	crash(running).await;
	assert!(secret.rig.journal().await.jobs_with_secrets().unwrap().is_empty());
}

/// In another history the custodian may have delivered the right key, which the complaint would open
/// to everybody.
#[tokio::test]
async fn a_wrong_key_is_complained_about_when_it_is_final_and_somebody_else_is_asked() {
	let secret = Secret::new(&[CUSTODIAN, OTHER]).await;
	let (running, job) = (secret.rig.start().await, secret.job(secret.file()).await);
	secret.rig.chain.state().stalled = true;
	let wrong = secret.deliver(&ContentKey::generate()).await;
	secret.rig.some_blocks(12).await;
	assert!(secret.complaints().is_empty() && secret.requests() == 1);
	secret.rig.chain.state().stalled = false;
	let right = secret.deliver(&secret.key).await;
	assert_eq!(secret.complaints(), [wrong.id]);
	assert_eq!(secret.rig.chain.state().data.slashed, [CUSTODIAN]);
	assert_eq!(right.custodian, OTHER);
	assert_ne!(right.recipient, wrong.recipient, "the secret of the first is public");
	assert_eq!(secret.until_answered().await, doubled(&values()));
	secret.rig.stopped(running, job).await;
}

#[tokio::test]
async fn a_box_that_nobody_can_open_is_complained_about_after_a_restart() {
	let secret = Secret::new(&[CUSTODIAN]).await;
	let (running, job) = (secret.rig.start().await, secret.job(secret.file()).await);
	let request = secret.asked().await;
	crash(running).await;
	{
		let now = secret.rig.chain.now();
		let mut state = secret.rig.chain.state();
		let sealed = assay_primitives::custody::SealedKey([7; 80]);
		state.data.deliver(request.id, sealed, now);
		// By now the job is with somebody else.
		state.jobs.get_mut(&job).unwrap().0.state =
			JobState::Assigned { provider: OTHER, due: now + 400 };
	}
	let running = secret.rig.start().await;
	secret.rig.until("a complaint", |state| !state.data.slashed.is_empty()).await;
	assert_eq!(secret.complaints(), [request.id]);
	secret.rig.some_blocks(10).await;
	crash(running).await;
	assert!(secret.rig.journal().await.jobs_with_secrets().unwrap().is_empty());
}

#[tokio::test]
async fn a_right_key_is_never_complained_about() {
	let secret = Secret::new(&[CUSTODIAN]).await;
	let (running, job) = (secret.rig.start().await, secret.job(secret.file()).await);
	secret.deliver(&secret.key).await;
	secret.until_answered().await;
	secret.rig.some_blocks(15).await;
	assert!(secret.complaints().is_empty());
	secret.rig.stopped(running, job).await;
}

#[tokio::test]
async fn a_silent_custodian_is_followed_by_another() {
	let secret = Secret::new(&[CUSTODIAN, OTHER]).await;
	let (running, job) = (secret.rig.start().await, secret.job(secret.file()).await);
	let silent = secret.asked().await;
	assert_eq!(silent.custodian, CUSTODIAN);
	secret.rig.until("silence", |state| state.data.slashed == [CUSTODIAN]).await;
	let right = secret.deliver(&secret.key).await;
	assert_eq!(right.custodian, OTHER);
	assert_ne!(right.recipient, silent.recipient);
	assert_eq!(secret.until_answered().await, doubled(&values()));
	assert_eq!(secret.runs(), 1);
	secret.rig.stopped(running, job).await;
}

/// Nobody could run it, so nobody has missed it: the requester is refunded.
#[tokio::test]
async fn a_job_whose_only_custodian_is_silent_is_declined() {
	let secret = Secret::new(&[CUSTODIAN]).await;
	let (running, job) = (secret.rig.start().await, secret.job(secret.file()).await);
	secret.asked().await;
	assert_eq!(secret.until_answered().await, Output::InputMismatch);
	assert_eq!(secret.rig.declined(), [(Some(1), "key")]);
	assert_eq!(secret.rig.chain.state().data.slashed, [CUSTODIAN]);
	assert_eq!((secret.requests(), secret.runs()), (1, 0));
	secret.rig.stopped(running, job).await;
}

#[tokio::test]
async fn a_job_whose_key_nobody_keeps_is_declined_without_being_asked_for() {
	let secret = Secret::new(&[]).await;
	// Who was appointed and has not accepted keeps nothing.
	secret.rig.chain.state().data.bench.insert(ASSET, vec![(CUSTODIAN, None)]);
	let (running, job) = (secret.rig.start().await, secret.job(secret.file()).await);
	assert_eq!(secret.until_answered().await, Output::InputMismatch);
	assert_eq!(secret.rig.declined(), [(Some(1), "key")]);
	assert_eq!((secret.requests(), secret.runs()), (0, 0));
	secret.rig.stopped(running, job).await;
}

#[tokio::test]
async fn a_job_whose_data_nobody_knows_any_more_is_declined() {
	let secret = Secret::new(&[CUSTODIAN]).await;
	secret.rig.chain.state().data.grants.clear();
	let (running, job) = (secret.rig.start().await, secret.job(secret.file()).await);
	assert_eq!(secret.until_answered().await, Output::InputMismatch);
	assert_eq!(secret.rig.declined(), [(Some(1), "key")]);
	secret.rig.stopped(running, job).await;
}

/// The box may lie among the transactions already, and the chain would refuse to end the job.
#[tokio::test]
async fn a_job_is_not_declined_while_its_key_is_on_its_way() {
	let secret = Secret::new(&[CUSTODIAN]).await;
	let job = secret.job(secret.file()).await;
	{
		let (now, mut state) = (secret.rig.chain.now(), secret.rig.chain.state());
		// An earlier run has asked; this one finds that nobody knows the data any more.
		state.data.grants.clear();
		state.data.ask(PROVIDER, Ask::Job(job), ASSET, ([9; 32], CUSTODIAN), now);
	}
	let running = secret.rig.start().await;
	secret.rig.until("a refusal", |_| !secret.rig.declined().is_empty()).await;
	secret.rig.some_blocks(10).await;
	assert!(secret.rig.chain.state().answers.is_empty());
	assert_eq!(secret.until_answered().await, Output::InputMismatch);
	assert_eq!(secret.rig.chain.state().data.slashed, [CUSTODIAN]);
	secret.rig.stopped(running, job).await;
}

#[tokio::test]
async fn a_job_that_has_gone_to_another_is_not_answered() {
	let secret = Secret::new(&[CUSTODIAN]).await;
	let (running, job) = (secret.rig.start().await, secret.job(secret.file()).await);
	let request = secret.asked().await;
	{
		let mut state = secret.rig.chain.state();
		let due = secret.rig.chain.now() + 400;
		state.jobs.get_mut(&job).unwrap().0.state = JobState::Assigned { provider: OTHER, due };
		state.data.requests.remove(&request.id);
	}
	let declines = secret.rig.declines.clone();
	secret.rig.until("a decline", |_| !declines.newest_first().is_empty()).await;
	assert_eq!(secret.rig.declined(), [(Some(1), "key")]);
	assert!(secret.rig.chain.state().answers.is_empty());
	assert_eq!((secret.requests(), secret.runs()), (1, 0));
	crash(running).await;
}

#[tokio::test]
async fn a_restart_goes_on_with_the_same_secret() {
	let secret = Secret::new(&[CUSTODIAN]).await;
	let running = secret.rig.start().await;
	let job = secret.job(secret.file()).await;
	secret.asked().await;
	crash(running).await;
	let running = secret.rig.start().await;
	secret.rig.some_blocks(6).await;
	secret.deliver(&secret.key).await;
	assert_eq!(secret.until_answered().await, doubled(&values()));
	assert_eq!(secret.requests(), 1);
	secret.rig.stopped(running, job).await;
}

/// The transaction got into a block, but the worker was killed before it knew.
#[tokio::test]
async fn a_request_that_was_made_unseen_is_not_made_again() {
	let secret = Secret::new(&[CUSTODIAN]).await;
	secret.rig.chain.state().fates.push_back(Fate::IncludedUnanswered);
	let running = secret.rig.start().await;
	let job = secret.job(secret.file()).await;
	secret.asked().await;
	crash(running).await;
	let running = secret.rig.start().await;
	secret.deliver(&secret.key).await;
	assert_eq!(secret.until_answered().await, doubled(&values()));
	assert_eq!(secret.requests(), 1);
	secret.rig.stopped(running, job).await;
}

#[tokio::test]
async fn a_file_that_was_altered_is_answered_with_a_mismatch() {
	let secret = Secret::new(&[CUSTODIAN]).await;
	let mut file = secret.file();
	*file.last_mut().unwrap() ^= 1;
	let (running, job) = (secret.rig.start().await, secret.job(file).await);
	secret.deliver(&secret.key).await;
	assert_eq!(secret.until_answered().await, Output::InputMismatch);
	assert_eq!(secret.rig.declined(), [(Some(1), "input_mismatch")]);
	assert_eq!(secret.runs(), 0);
	secret.rig.stopped(running, job).await;
}

/// A requester has something else run than the tensors that it has committed to.
#[tokio::test]
async fn content_that_is_not_what_was_committed_to_is_answered_with_a_mismatch() {
	let secret = Secret::new(&[CUSTODIAN]).await;
	let mut file = Vec::new();
	let other = encode_tensors(&[tensor(&[9; 3_000])]);
	secret.key.encrypt(&other[..], &mut file).unwrap();
	let (running, job) = (secret.rig.start().await, secret.job(file).await);
	secret.deliver(&secret.key).await;
	assert_eq!(secret.until_answered().await, Output::InputMismatch);
	assert_eq!(secret.runs(), 0);
	secret.rig.stopped(running, job).await;
}

#[tokio::test]
async fn no_key_is_paid_for_where_none_can_help() {
	let secret = Secret::new(&[CUSTODIAN]).await;
	let mut file = Vec::new();
	ContentKey::generate().encrypt(&b"for another key"[..], &mut file).unwrap();
	let (running, job) = (secret.rig.start().await, secret.job(file).await);
	assert_eq!(secret.until_answered().await, Output::InputMismatch);
	assert_eq!(secret.rig.declined(), [(Some(1), "input_mismatch")]);
	assert_eq!(secret.requests(), 0);
	secret.rig.stopped(running, job).await;
}

#[tokio::test]
async fn what_looks_encrypted_is_malformed_where_no_such_data_is_named() {
	let open = AssetId(8);
	let pool = DataRef::Pool(PoolItem { pool: PoolId(0), asset: open });
	for data in [None, Some(pool)] {
		let secret = Secret::new(&[CUSTODIAN]).await;
		secret.rig.chain.state().data.assets.insert(open, None);
		let artifact = secret.rig.models().await.publish(secret.file()).await.unwrap();
		let (running, job) = (secret.rig.start().await, secret.job_of(artifact, data, 400));
		assert_eq!(secret.until_answered().await, Output::InputMismatch);
		assert_eq!(secret.rig.declined(), [(Some(1), "input_mismatch")]);
		assert_eq!(secret.requests(), 0);
		secret.rig.stopped(running, job).await;
	}
}

#[tokio::test]
async fn content_in_the_clear_is_run_without_a_key() {
	let secret = Secret::new(&[CUSTODIAN]).await;
	let (running, job) =
		(secret.rig.start().await, secret.job(encode_tensors(&[tensor(&values())])).await);
	assert_eq!(secret.until_answered().await, doubled(&values()));
	assert_eq!(secret.requests(), 0);
	secret.rig.stopped(running, job).await;
}

#[tokio::test]
async fn who_keeps_the_key_itself_asks_nobody() {
	let (mut secret, keys) = (Secret::new(&[CUSTODIAN]).await, tempfile::tempdir().unwrap());
	secret.key.create_file(&keys.path().join("7")).unwrap();
	secret.rig.keys = Some(keys.path().into());
	let (running, job) = (secret.rig.start().await, secret.job(secret.file()).await);
	assert_eq!(secret.until_answered().await, doubled(&values()));
	assert_eq!(secret.requests(), 0);
	secret.rig.stopped(running, job).await;
}

/// Somebody has the content of another's asset run by a model that gives it away: the file and the
/// roots are those of an earlier job, and the asset that is named is its own, under the same
/// commitment.
#[tokio::test]
async fn a_key_is_not_used_for_a_job_that_names_a_copied_commitment() {
	let (mut secret, keys) = (Secret::new(&[CUSTODIAN]).await, tempfile::tempdir().unwrap());
	secret.key.create_file(&keys.path().join("7")).unwrap();
	secret.rig.keys = Some(keys.path().into());
	let copy = AssetId(8);
	secret.rig.chain.state().data.assets.insert(copy, Some(secret.key.commitment()));
	let artifact = secret.rig.models().await.publish(secret.file()).await.unwrap();
	let pool = DataRef::Pool(PoolItem { pool: PoolId(0), asset: copy });
	let (running, job) = (secret.rig.start().await, secret.job_of(artifact, Some(pool), 400));
	assert_eq!(secret.until_answered().await, Output::InputMismatch);
	assert_eq!(secret.rig.declined(), [(Some(1), "key")]);
	assert_eq!((secret.requests(), secret.runs()), (0, 0));
	secret.rig.stopped(running, job).await;
}

/// A demand would have the content shown to everybody.
#[tokio::test]
async fn an_encrypted_file_that_does_not_come_is_not_demanded() {
	let secret = Secret::new(&[CUSTODIAN]).await;
	let artifact = artifact_of(&secret.file());
	let running = secret.rig.start().await;
	let job = secret.job_of(artifact, Some(DataRef::Grant(GRANT)), 40);
	assert_eq!(secret.until_answered().await, Output::InputMismatch);
	assert!(secret.rig.chain.state().demanded.is_empty());
	assert_eq!(secret.requests(), 0);
	secret.rig.stopped(running, job).await;
}

/// Anybody may demand a chunk of an input, to read it.
#[tokio::test]
async fn the_content_of_an_encrypted_input_is_not_shown_when_it_is_demanded() {
	let secret = Secret::new(&[CUSTODIAN]).await;
	let job = secret.job(secret.file()).await;
	{
		let mut state = secret.rig.chain.state();
		let output = OutputRecord { root: Default::default(), artifact: None };
		let (view, _) = state.jobs.get_mut(&job).unwrap();
		view.state = JobState::Submitted { provider: PROVIDER, output, at: 1, until: u32::MAX };
		state.demands.push(DemandView {
			id: DemandId(1),
			job,
			demander: REQUESTER,
			respondent: PROVIDER,
			place: Place { side: Side::Input, tensor: 0, chunk: 0 },
			price: 1,
			due: u32::MAX,
		});
	}
	let running = secret.rig.start().await;
	secret.rig.some_blocks(12).await;
	assert!(secret.rig.chain.state().served.is_empty());
	assert_eq!(secret.requests(), 0);
	crash(running).await;
}

/// Whoever names data that nobody delivers the key to keeps no other job from being run.
#[tokio::test]
async fn a_job_that_waits_for_its_key_holds_up_no_other() {
	let secret = Secret::new(&[CUSTODIAN]).await;
	let running = secret.rig.start().await;
	for job in 10..20 {
		let waiting = secret.job(secret.file()).await;
		let mut state = secret.rig.chain.state();
		let (mut view, input) = state.jobs.remove(&waiting).unwrap();
		view.id = JobId(job);
		state.jobs.insert(view.id, (view, input));
	}
	let others: Vec<JobId> = (30..40).map(|job| secret.rig.request(job, &[job as u8])).collect();
	secret.rig.until("ten answers", |state| state.answers.len() >= 10).await;
	let answered: Vec<JobId> =
		secret.rig.chain.state().answers.iter().map(|(job, _)| *job).collect();
	assert!(others.iter().all(|job| answered.contains(job)), "{answered:?}");
	crash(running).await;
}
