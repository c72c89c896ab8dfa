//! Requests that other pallets make.

use crate::{mock::*, Error, HoldReason, Jobs};
use assay_primitives::{job::Terms, traits::JobRequests, Balance, VersionId};
use frame_support::{assert_noop, traits::fungible::InspectHold};

fn held() -> Balance {
	let of = |reason: HoldReason| Balances::balance_on_hold(&reason.into(), &REQUESTER);
	of(HoldReason::Fee) + of(HoldReason::Deposit)
}

#[test]
fn a_job_holds_what_was_said_before() {
	build_and_execute(|| {
		for input in [*input(), artifact_input()] {
			let (before, said) = (held(), Inference::cost(&input, &terms()));
			let (job, cost) =
				<Inference as JobRequests<u64>>::request(REQUESTER, VERSION, input, terms())
					.unwrap();
			assert_eq!((Ok(cost), held() - before), (said, cost));
			assert_eq!(Jobs::<Test>::get(job).unwrap().requester, REQUESTER);
		}
	});
}

#[test]
fn a_request_is_refused_as_the_call_is() {
	build_and_execute(|| {
		let other = VersionId { number: 9, ..VERSION };
		let refused = <Inference as JobRequests<u64>>::request(REQUESTER, other, *input(), terms());
		assert_noop!(refused, Error::<Test>::UnknownVersion);
		let endless = Terms { max_fee: Balance::MAX, ..terms() };
		assert_noop!(Inference::cost(&input(), &endless), Error::<Test>::PriceOverflow);
	});
}
