//! Keeps the provider available: online from the start, and a heartbeat before half of its
//! period has passed.

use super::Context;
use crate::Error;
use assay_client::{Call, Wait};
use assay_primitives::{provider::ProviderView, AccountId, BlockNumber};
use std::sync::Arc;

/// Beat until the worker stops.
pub async fn run(context: Arc<Context>) -> Result<(), Error> {
	let mut best = context.best.clone();
	let mut brought_online = false;
	while context.next_block(&mut best).await {
		let beaten = tokio::select! {
			beaten = beat(&context, &mut brought_online) => beaten,
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

async fn beat(context: &Context, brought_online: &mut bool) -> Result<(), Error> {
	let chain = &context.chain;
	let Some(provider) = chain.provider(chain.account()).await? else { return Ok(()) };
	let period = chain.numbers().await?.heartbeat_period;
	let Some(call) = due_call(&provider, context.now(), period, *brought_online) else {
		*brought_online = true;
		return Ok(());
	};
	tracing::debug!(target: "worker::heartbeat", ?call, "sending");
	context.submit(call, Wait::InBlock, |_| Ok(())).await?;
	*brought_online = true;
	context.metrics.heartbeats.inc();
	Ok(())
}

/// What is to be sent now. A provider that its operator takes offline while the worker runs
/// stays offline.
fn due_call(
	provider: &ProviderView<AccountId>,
	now: BlockNumber,
	period: BlockNumber,
	brought_online: bool,
) -> Option<Call> {
	let age = now.saturating_sub(provider.heartbeat);
	match provider.online {
		false => (!brought_online).then_some(Call::SetOnline { online: true }),
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
		assert_eq!(due_call(&provider(true, 100), 147, 100, true), None);
		assert_eq!(due_call(&provider(true, 100), 148, 100, true), Some(Call::Heartbeat));
	}

	#[test]
	fn a_provider_is_brought_online_once() {
		let online = Some(Call::SetOnline { online: true });
		assert_eq!(due_call(&provider(false, 0), 5, 100, false), online);
		assert_eq!(due_call(&provider(false, 0), 5, 100, true), None);
	}
}
