//! Complaints: showing the chain that what was delivered is not the key.

use super::Request;
use crate::{commands::submit, context::Context, failure::Failure, output::Report};
use assay_client::{content::RequestSecret, keys::to_ss58, Call, CustodyCall, Heads, ShownSecret};
use assay_primitives::{
	custody::{CustodyNumbers, SealedKey},
	AccountId, BlockNumber, KeyRequestId,
};
use futures::StreamExt;
use std::{fs, path::Path};

/// Complain about what was delivered, once the delivery is final. Before that, a custodian could
/// take it back with the block, and deliver the right key to a secret that is public.
pub async fn run(context: &Context, id: KeyRequestId, file: &Path) -> Result<Report, Failure> {
	let secret = RequestSecret::from_file(file)?;
	let account = context.account_or_own(None)?;
	let request = find(context, id).await?;
	ensure_wrong(&request, &secret, &account)?;
	let request = once_final(context, &request).await?;
	// What became final may be another delivery than the one that was seen before.
	ensure_wrong(&request, &secret, &account)?;
	let call = CustodyCall::Complain { request: id, secret: ShownSecret::from(&secret) };
	let report = submit(context, Call::Custody(call), "the custodian was slashed").await?;
	// It is public now, and the request has ended.
	let _ = fs::remove_file(file);
	Ok(report)
}

async fn find(context: &Context, id: KeyRequestId) -> Result<Request, Failure> {
	let ended = || {
		Failure::new("unknown-request", format!("the chain has no open request {id} for a key"))
			.help("it has ended: what is delivered can be complained about for a while only")
	};
	context.client().await?.key_request(id).await?.ok_or_else(ended)
}

/// What was delivered for a request of this account, if it is not the key.
fn ensure_wrong(
	request: &Request,
	secret: &RequestSecret,
	account: &AccountId,
) -> Result<SealedKey, Failure> {
	let id = request.id;
	if request.asker != *account {
		let message = format!("request {id} is one of {}", to_ss58(&request.asker));
		return Err(Failure::new("not-asker", message).help("sign with the key that asked"));
	}
	if request.recipient != secret.public() {
		return Err(Failure::new("wrong-secret", format!("request {id} has another secret")));
	}
	let Some(sealed) = request.sealed else {
		let message = format!("nothing was delivered for request {id} yet");
		return Err(Failure::new("not-delivered", message)
			.help(format!("a custodian that is silent is slashed in block {}", request.due)));
	};
	// The chain would find the same, but everybody would have the key then.
	if secret.open(&sealed, request.commitment).is_ok() {
		return Err(Failure::new(
			"right-key",
			format!("the right key was delivered for request {id}"),
		)
		.help("a complaint would give it away; `assay data key request` writes it to a file"));
	}
	Ok(sealed)
}

/// The block in which something was delivered.
const fn delivered_at(request: &Request, numbers: &CustodyNumbers) -> BlockNumber {
	request.due.saturating_sub(numbers.complaint_window)
}

/// The request when its delivery is final.
async fn once_final(context: &Context, request: &Request) -> Result<Request, Failure> {
	let client = context.client().await?;
	let numbers = client.custody_numbers().await?;
	let mut heads = client.blocks(Heads::Finalized).await?;
	let spinner = context.output.spinner("waiting until the delivery is final");
	loop {
		// Read in this order, the request is one of a chain that goes on from the final block.
		let last = client.finalized().await?.number;
		let present = find(context, request.id).await?;
		if present.sealed.is_some() && delivered_at(&present, &numbers) <= last {
			spinner.finish_and_clear();
			return Ok(present);
		}
		if heads.next().await.is_none() {
			return Err(Failure::new("disconnected", "the stream of blocks ended"));
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_client::content::ContentKey;
	use assay_primitives::{custody::Ask, AssetId, GrantId};

	const ASKER: AccountId = AccountId::new([1; 32]);

	fn request(secret: &RequestSecret, key: &ContentKey, delivered: &ContentKey) -> Request {
		Request {
			id: KeyRequestId(9),
			asker: ASKER,
			ask: Ask::Grant(GrantId(7)),
			stands: true,
			asset: AssetId(3),
			custodian: AccountId::new([2; 32]),
			commitment: key.commitment(),
			recipient: secret.public(),
			fee: 1,
			deposit: 1,
			exposure: 1,
			sealed: Some(delivered.seal_to(&secret.public()).unwrap()),
			due: 77,
		}
	}

	#[test]
	fn only_a_wrong_key_is_complained_about_and_by_whoever_asked() {
		let (secret, key, other) =
			(RequestSecret::generate(), ContentKey::generate(), ContentKey::generate());
		let wrong = request(&secret, &key, &other);
		assert_eq!(ensure_wrong(&wrong, &secret, &ASKER).ok(), wrong.sealed);
		let kind = |request: &Request, secret: &RequestSecret, account: [u8; 32]| {
			ensure_wrong(request, secret, &AccountId::new(account)).unwrap_err().kind()
		};
		let right = request(&secret, &key, &key);
		assert_eq!(kind(&right, &secret, [1; 32]), "right-key");
		assert_eq!(kind(&wrong, &secret, [5; 32]), "not-asker");
		assert_eq!(kind(&wrong, &RequestSecret::generate(), [1; 32]), "wrong-secret");
		let silent = Request { sealed: None, ..wrong };
		assert_eq!(kind(&silent, &secret, [1; 32]), "not-delivered");
	}

	#[test]
	fn the_block_of_a_delivery_is_the_window_before_its_end() {
		let (secret, key) = (RequestSecret::generate(), ContentKey::generate());
		let numbers = CustodyNumbers { complaint_window: 70, ..Default::default() };
		assert_eq!(delivered_at(&request(&secret, &key, &key), &numbers), 7);
	}
}
