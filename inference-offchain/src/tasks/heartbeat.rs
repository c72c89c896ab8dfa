//! Keeps the provider available: online from the start, and a heartbeat before half of its
//! period has passed.

use super::Context;
use crate::Error;
use assay_client::{Call, Wait};
use assay_primitives::{provider::ProviderView, AccountId, BlockNumber};
use std::sync::Arc;

/// The blocks after the first one online in which a provider that is offline is brought online again:
/// the transaction by which the worker went offline before may be in a block only now.
const SETTLING: BlockNumber = 16;

/// Beat until the worker stops.
pub async fn run(context: Arc<Context>) -> Result<(), Error> {
	let mut best = context.best.clone();
	let mut online_since = None;
	while context.next_block(&mut best).await {
		let beaten = tokio::select! {
			beaten = beat(&context, &mut online_since) => beaten,
			() = context.stop.cancelled() => return Ok(()),
		};
		match beaten {
			Ok(()) => {},
			Err(error) if error.is_fatal() => return Err(error),
			// The next block brings the next attempt.
			Err(error) => {
				tracing::warn!(target: "worker::heartbeat", %error, "no heartbeat");
			},
		}
	}
	Ok(())
}

async fn beat(context: &Context, online_since: &mut Option<BlockNumber>) -> Result<(), Error> {
	let chain = &context.chain;
	let Some(provider) = chain.provider(chain.account()).await? else { return Ok(()) };
	let period = chain.numbers().await?.heartbeat_period;
	let now = context.now();
	let starting = online_since.is_none_or(|since| now <= since.saturating_add(SETTLING));
	let Some(call) = due_call(&provider, now, period, starting) else {
		online_since.get_or_insert(now);
		return Ok(());
	};
	if context.drain.is_cancelled() && !provider.online {
		return Ok(());
	}
	tracing::debug!(target: "worker::heartbeat", ?call, "sending");
	context.submit(call, Wait::InBlock, |_| Ok(())).await?;
	online_since.get_or_insert(now);
	context.metrics.heartbeats.inc();
	Ok(())
}

/// What is to be sent now. A provider that its operator takes offline while the worker runs
/// stays offline.
fn due_call(
	provider: &ProviderView<AccountId>,
	now: BlockNumber,
	period: BlockNumber,
	starting: bool,
) -> Option<Call> {
	let age = now.saturating_sub(provider.heartbeat);
	match provider.online {
		false => starting.then_some(Call::SetOnline { online: true }),
		// The transaction takes a block or two itself.
		true => (age.saturating_add(2) >= period / 2).then_some(Call::Heartbeat),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn provider(online: bool, heartbeat: BlockNumber) -> ProviderView<AccountId> {
		ProviderView {
			account: AccountId::new([1; 32]),
			profile: Default::default(),
			bond: 0,
			locked: 0,
			unbonding: None,
			online,
			available: online,
			heartbeat,
			maintenance: None,
			statistics: Default::default(),
			tier: Default::default(),
			asks: Vec::new(),
		}
	}

	#[test]
	fn a_heartbeat_comes_before_half_of_the_period() {
		assert_eq!(due_call(&provider(true, 100), 147, 100, false), None);
		assert_eq!(due_call(&provider(true, 100), 148, 100, false), Some(Call::Heartbeat));
	}

	#[test]
	fn a_provider_is_brought_online_while_the_worker_starts_and_not_later() {
		let online = Some(Call::SetOnline { online: true });
		assert_eq!(due_call(&provider(false, 0), 5, 100, true), online);
		assert_eq!(due_call(&provider(false, 0), 5, 100, false), None);
	}
}
