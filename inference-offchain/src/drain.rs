//! How a worker that is told to stop finishes what it has accepted.
//!
//! It goes offline on chain, so that it is drawn for nothing more, passes on no new job, and waits for
//! the jobs that it has taken, their transactions, and what it has sealed. Going offline leaves alone
//! what the operator has announced, and the next start takes it back by itself; the blocks of a
//! maintenance would have to be guessed. Disputes and demands are not waited for: they go on from the
//! chain and the journal at the next start, as does all that is left when the time has run out.

use crate::{tasks::Context, Error};
use assay_client::{Call, Wait};
use assay_primitives::{audit::Answer, job::JobState};
use std::{future::Future, time::Duration};
use tokio::{
	sync::oneshot,
	time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// How long the chain may take to answer. One that takes longer takes no answers of jobs either.
const REACH: Duration = Duration::from_secs(2);
/// How often it is looked whether something is open.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What is waited for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Open {
	queued: u64,
	running: u64,
	submitting: u64,
	sealed: usize,
}

/// Take nothing new, and wait until nothing is open, but no longer than `patience` and no longer than
/// the chain answers. `answered` is cancelled once every job that was taken is answered.
pub async fn drain(context: &Context, patience: Duration, answered: &CancellationToken) {
	if patience.is_zero() {
		return;
	}
	context.drain.cancel();
	tracing::info!(target: "worker::drain", ?patience, "draining");
	let drained = async {
		reached(go_offline(context)).await?;
		wait(context, answered).await
	};
	match timeout(patience, drained).await {
		Ok(Ok(())) => tracing::info!(target: "worker::drain", "nothing is open"),
		Ok(Err(error)) => {
			tracing::warn!(target: "worker::drain", %error, "what is open is left to the next start");
		},
		Err(_) => tracing::warn!(target: "worker::drain", "no more time: the next start goes on"),
	}
}

/// Be drawn for nothing more. It is enough that the pool has the transaction.
async fn go_offline(context: &Context) -> Result<(), Error> {
	let chain = &context.chain;
	let provider = chain.provider(chain.account()).await?;
	if !provider.is_some_and(|provider| provider.available) {
		return Ok(());
	}
	let turn = context.turn.clone().lock_owned().await;
	let signed = chain.sign(Call::SetOnline { online: false }).await?;
	let (sender, entered) = oneshot::channel();
	let enter = Box::new(move || {
		drop(turn);
		let _ = sender.send(());
	});
	tokio::select! {
		biased;
		sent = chain.send(&signed, Wait::InBlock, enter) => drop(sent?),
		Ok(()) = entered => {},
	}
	tracing::info!(target: "worker::drain", "going offline");
	Ok(())
}

/// Wait until nothing is open, and say what is.
async fn wait(context: &Context, answered: &CancellationToken) -> Result<(), Error> {
	// Where no job is open, the tasks end as soon as they are told.
	let _ = timeout(LOOK_EVERY, answered.cancelled()).await;
	let mut before = None;
	loop {
		let sealed = reached(sealed(context)).await?;
		if answered.is_cancelled() && sealed == 0 {
			return Ok(());
		}
		let metrics = &context.metrics;
		let open = Open {
			queued: metrics.queued.get(),
			running: metrics.running.get(),
			submitting: metrics.submitting.get(),
			sealed,
		};
		if before.replace(open) != Some(open) {
			let Open { queued, running, submitting, sealed } = open;
			tracing::info!(target: "worker::drain", queued, running, submitting, sealed, "waiting");
		}
		// Whoever cannot reach the chain waits in vain.
		reached(async { Ok(context.chain.best().await?) }).await?;
		sleep(LOOK_EVERY).await;
	}
}

/// How many seals of this worker wait to be revealed.
async fn sealed(context: &Context) -> Result<usize, Error> {
	let (chain, account) = (&context.chain, context.chain.account());
	let mut sealed = 0;
	for job in context.journal.replicas()? {
		let state = chain.job(job).await?.map(|view| view.state);
		let is_own =
			matches!(&state, Some(JobState::Sealed { provider, .. }) if provider == account);
		sealed += usize::from(is_own);
	}
	for job in context.journal.audits()? {
		let seats = chain.audit(job).await?.map(|view| view.seats).unwrap_or_default();
		let own = seats.into_iter().find(|seat| seat.auditor == *account);
		sealed += usize::from(own.is_some_and(|seat| matches!(seat.answer, Answer::Sealed(_))));
	}
	Ok(sealed)
}

/// What the chain answers, if it does so soon.
async fn reached<T>(answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
	timeout(REACH, answer).await.unwrap_or_else(|_| Err(Error::Unreached))
}
