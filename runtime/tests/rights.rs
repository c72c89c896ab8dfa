//! Data, licences and income joined with the market: everybody who contributed is paid, to the unit.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

mod support;

use assay_primitives::{
	job::{Choice, Input, JobState, Output, Terms},
	licence::{Licence, Parent, Relation, Source},
	money::Role,
	provider::{Ask, Profile},
	revenue::{IncomeInspect, ShareSpec, Subject, UsageInspect, UsageTotal},
	rights::{
		Algorithms, AssetKind, AssetSpec, Consent, Currency, DataRef, Manifest, OfferKind,
		OfferTerms, Purpose, Usage,
	},
	tensor::{encode_tensors, DType, Tensor},
	AccountId, AssetId, Balance, GrantId, JobId, ModelId, RightsOfferId, Root, VersionId, ASY,
};
use assay_runtime::{Balances, DataRights, Inference, Models, Providers, Revenue, Runtime, System};
use codec::{Decode, Encode};
use frame_support::{
	assert_noop, assert_ok,
	traits::fungible::{Inspect, InspectHold},
	view_functions::ViewFunction,
};
use sp_keyring::Sr25519Keyring::{
	self, Alice as REQUESTER, AliceStash as OTHER, Bob as TUNER, Charlie as PROVIDER,
	Dave as BASE_OWNER, Eve as DATA_OWNER, Ferdie as HOLDER,
};
use sp_runtime::{traits::Dispatchable, Permill};
use support::{dev_chain, next_block, origin, spec};

const BASE: VersionId = VersionId { model: ModelId(0), number: 1 };
const TUNED: VersionId = VersionId { model: ModelId(1), number: 1 };
const DATA: AssetId = AssetId(0);
const GRANT: GrantId = GrantId(0);
/// What each use of the data costs.
const USE: Balance = ASY / 50;
/// The price of the version, and what the provider asks.
const PRICE: Balance = ASY / 100;
const ASK: Balance = ASY / 10;

fn tensor() -> Vec<u8> {
	encode_tensors(&[Tensor::new(DType::Float32, vec![2], vec![0; 8]).unwrap()])
}

fn free(who: Sr25519Keyring) -> Balance {
	Balances::total_balance(&who.to_account_id())
}

/// Publish a version of a new model that asks this part of what is made from it.
fn publish(owner: Sr25519Keyring, name: &str, royalty: u32) {
	let model = pallet_models::NextModel::<Runtime>::get();
	let name = name.as_bytes().to_vec().try_into().unwrap();
	assert_ok!(Models::register_model(origin(owner), name, Default::default()));
	let permissions = Licence { royalty: Permill::from_percent(royalty), ..Default::default() };
	let spec = Box::new(assay_primitives::model::VersionSpec { permissions, ..spec() });
	assert_ok!(Models::publish_version(origin(owner), model, spec));
}

/// A dataset that models may be trained on, and that may be used for pay a use.
fn register_data() {
	let spec = AssetSpec {
		kind: AssetKind::Dataset,
		manifest: Manifest {
			root: Root([3; 32]),
			files: 2,
			bytes: 99,
			locator: Default::default(),
		},
		schema: Default::default(),
		licence: Default::default(),
		consent: Consent { training: true, inference: true, derivatives: true },
		algorithms: Algorithms::Only(vec![TUNED].try_into().unwrap()),
		key: None,
	};
	assert_ok!(DataRights::register_asset(origin(DATA_OWNER), Box::new(spec)));
	let terms = OfferTerms {
		kind: OfferKind::PerUse,
		uses: Some(2),
		price: USE,
		currency: Currency::Native,
		purpose: Purpose::Any,
		transferable: false,
		revocable: false,
		commercial: false,
	};
	assert_ok!(DataRights::post_offer(origin(DATA_OWNER), DATA, Box::new(terms)));
}

/// A base model, one that was tuned from it on the data, a buyer with a grant of two uses, and half of
/// the base model's income with another holder.
fn everybody() {
	next_block();
	publish(BASE_OWNER, "base", 20);
	publish(TUNER, "tuned", 0);
	register_data();
	let parent = |source, relation, percent| {
		let share = Permill::from_percent(percent);
		Parent { source, relation, share }
	};
	let parents = vec![
		parent(Source::Version(BASE), Relation::FineTuned, 20),
		parent(Source::Asset(DATA), Relation::TrainedOn, 10),
	];
	assert_ok!(Models::declare_lineage(origin(TUNER), TUNED, parents.try_into().unwrap()));
	let shares = ShareSpec {
		supply: 1_000,
		name: b"Base".to_vec().try_into().unwrap(),
		symbol: b"BASE".to_vec().try_into().unwrap(),
		decimals: 0,
		retained: Permill::zero(),
	};
	let subject = Subject::Model(BASE.model);
	assert_ok!(Revenue::tokenize(origin(BASE_OWNER), subject, shares));
	let holder = HOLDER.to_account_id();
	assert_ok!(Revenue::transfer(origin(BASE_OWNER), subject, holder, 500));
	assert_ok!(DataRights::buy(origin(REQUESTER), RightsOfferId(0), 1, USE, None));
	assert_ok!(Providers::register(origin(PROVIDER), Profile::default(), 1_000 * ASY));
	assert_ok!(Providers::set_online(origin(PROVIDER), true));
	for version in [TUNED, BASE] {
		let ask = Ask { price: ASK, capacity: 100, until: None };
		assert_ok!(Providers::set_ask(origin(PROVIDER), version, ask));
	}
}

fn request(version: VersionId, usage: Usage) -> Result<JobId, sp_runtime::DispatchError> {
	let job = pallet_inference::NextJob::<Runtime>::get();
	let terms = Terms {
		max_fee: ASY,
		value: 0,
		deliver_within: 50,
		max_relative: None,
		reassign: false,
		choice: Choice::Any,
		usage,
		data: Some(DataRef::Grant(GRANT)),
	};
	let input = Box::new(Input::Inline(tensor().try_into().unwrap()));
	let call = pallet_inference::Call::<Runtime>::request { version, input, terms };
	let call = assay_runtime::RuntimeCall::from(call);
	// As a transaction does it: what is refused has changed nothing.
	call.dispatch(origin(REQUESTER)).map(|_| job).map_err(|error| error.error)
}

fn settle(job: JobId) {
	while !matches!(Inference::job(job).unwrap().state, JobState::Assigned { .. }) {
		assert!(System::block_number() < 60, "the job is drawn");
		next_block();
	}
	let output = Box::new(Output::Inline(tensor().try_into().unwrap()));
	assert_ok!(Inference::submit_result(origin(PROVIDER), job, output));
	while !matches!(Inference::job(job).unwrap().state, JobState::Settled { .. }) {
		assert!(System::block_number() < 80, "the job settles");
		next_block();
	}
}

/// Read a view function as wallets and contracts do.
fn view<View: ViewFunction + Encode>(view: View) -> View::ReturnType
where
	View::ReturnType: Decode,
{
	let read = Runtime::execute_view_function(View::id(), view.encode()).expect("it is there");
	Decode::decode(&mut &read[..]).expect("it is what it says")
}

#[test]
fn what_is_earned_owed_and_allowed_can_be_read_by_view_functions() {
	use pallet_data_rights::PriceOfUsesViewFunction as PriceOfUses;
	use pallet_models::RoyaltiesViewFunction as Royalties;
	use pallet_revenue::ClaimableViewFunction as Claimable;
	dev_chain().execute_with(|| {
		everybody();
		let price = |who: Sr25519Keyring, uses| {
			let (who, usage) = (who.to_account_id(), Usage::default());
			view(PriceOfUses::<Runtime>::new(who, GRANT, TUNED, usage, uses))
		};
		assert_eq!(price(REQUESTER, 2), Ok(2 * USE));
		assert_eq!(
			price(REQUESTER, 3),
			Err(pallet_data_rights::Error::<Runtime>::Exhausted.into())
		);
		assert_eq!(price(OTHER, 1), Err(pallet_data_rights::Error::<Runtime>::NotHolder.into()));
		let royalties = view(Royalties::<Runtime>::new(TUNED));
		let shares: Vec<_> =
			royalties.iter().map(|royalty| (royalty.source, royalty.share)).collect();
		let percent = Permill::from_percent;
		assert_eq!(
			shares,
			[(Source::Version(BASE), percent(20)), (Source::Asset(DATA), percent(10))]
		);
		assert!(view(Royalties::<Runtime>::new(BASE)).is_empty());
		settle(request(TUNED, Usage::default()).unwrap());
		let claimable = |who: Sr25519Keyring| {
			view(Claimable::<Runtime>::new(Subject::Model(BASE.model), who.to_account_id()))
		};
		assert_eq!(claimable(HOLDER), PRICE * 93 / 100 / 10);
		assert_eq!(claimable(REQUESTER), 0);
		// Looking has used nothing.
		assert_eq!(price(REQUESTER, 1), Ok(USE));
	});
}

/// The seller would keep the income of what it has sold.
#[test]
fn a_sale_fails_in_the_block_in_which_the_seller_divides_the_income() {
	dev_chain().execute_with(|| {
		everybody();
		let subject = Subject::Model(TUNED.model);
		let sale = || {
			let calls: Vec<assay_runtime::RuntimeCall> = vec![
				pallet_models::Call::accept_model { model: TUNED.model }.into(),
				pallet_balances::Call::transfer_keep_alive {
					dest: TUNER.to_account_id().into(),
					value: ASY,
				}
				.into(),
				pallet_revenue::Call::ensure_undivided { subject }.into(),
			];
			let batch = pallet_utility::Call::<Runtime>::batch_all { calls };
			assay_runtime::RuntimeCall::from(batch).dispatch(origin(OTHER))
		};
		assert_ok!(Models::offer_model(origin(TUNER), TUNED.model, OTHER.to_account_id()));
		let shares = ShareSpec {
			supply: 100,
			name: b"Tuned".to_vec().try_into().unwrap(),
			symbol: b"TUNED".to_vec().try_into().unwrap(),
			decimals: 0,
			retained: Permill::zero(),
		};
		assert_ok!(Revenue::tokenize(origin(TUNER), subject, shares));
		let before = [TUNER, OTHER].map(free);
		let divided = pallet_revenue::Error::<Runtime>::SharesExist;
		assert_eq!(sale().map_err(|error| error.error), Err(divided.into()));
		assert_eq!(([TUNER, OTHER].map(free)), before);
		assert_ok!(Revenue::redeem(origin(TUNER), subject, 100));
		assert!(sale().is_ok());
		assert_eq!(Models::model(TUNED.model).unwrap().owner, OTHER.to_account_id());
	});
}

#[test]
fn everybody_who_contributed_is_paid_to_the_unit() {
	dev_chain().execute_with(|| {
		everybody();
		let before = [REQUESTER, TUNER, PROVIDER, BASE_OWNER, DATA_OWNER, HOLDER].map(free);
		let issuance = Balances::total_issuance();
		let job = request(TUNED, Usage::default()).unwrap();
		settle(job);

		// Of each part 5 % go to the treasury and 2 % to the audits; of the 93 % of the price that are
		// left, 20 % to the base model and 10 % to the data.
		let view = Inference::job(job).unwrap();
		let fee = ASK + PRICE + USE;
		assert_eq!(view.fee, fee);
		let left = PRICE * 93 / 100;
		let pot: AccountId =
			Revenue::payee(Subject::Model(BASE.model), &BASE_OWNER.to_account_id());
		let paid = |payee: AccountId, role| -> Balance {
			let of = |share: &&assay_primitives::money::FeeShare<AccountId>| {
				share.payee == payee && share.role == role
			};
			view.shares.iter().filter(of).map(|share| share.amount).sum()
		};
		assert_eq!(paid(PROVIDER.to_account_id(), Role::Provider), ASK * 93 / 100);
		assert_eq!(paid(TUNER.to_account_id(), Role::Owner), left * 70 / 100);
		assert_eq!(paid(pot, Role::Ancestor), left * 20 / 100);
		assert_eq!(paid(DATA_OWNER.to_account_id(), Role::Ancestor), left * 10 / 100);
		assert_eq!(paid(DATA_OWNER.to_account_id(), Role::Data), USE * 93 / 100);
		assert_eq!(view.shares.iter().map(|share| share.amount).sum::<Balance>(), fee);

		// The holders claim what the base model has earned, half each.
		let subject = Subject::Model(BASE.model);
		for who in [BASE_OWNER, HOLDER] {
			assert_ok!(Revenue::claim(origin(who), subject));
			assert_noop!(
				Revenue::claim(origin(who), subject),
				pallet_revenue::Error::<Runtime>::NothingToClaim
			);
		}
		let after = [REQUESTER, TUNER, PROVIDER, BASE_OWNER, DATA_OWNER, HOLDER].map(free);
		assert_eq!(before[0] - after[0], fee);
		assert_eq!(after[1] - before[1], left * 70 / 100);
		assert_eq!(after[2] - before[2], ASK * 93 / 100);
		assert_eq!(after[3] - before[3], left * 10 / 100);
		assert_eq!(after[4] - before[4], left * 10 / 100 + USE * 93 / 100);
		assert_eq!(after[5] - before[5], left * 10 / 100);
		assert_eq!(Balances::total_issuance(), issuance);
		let used = UsageTotal { jobs: 1, paid: PRICE };
		assert_eq!(Models::used(Subject::Model(TUNED.model)), used);
	});
}

#[test]
fn a_grant_of_two_uses_serves_exactly_two_jobs_for_what_it_allows() {
	dev_chain().execute_with(|| {
		everybody();
		let held = || Balances::total_balance_on_hold(&REQUESTER.to_account_id());
		let none = held();
		// Another algorithm, and another use.
		let other = pallet_data_rights::Error::<Runtime>::AlgorithmForbidden;
		assert_eq!(request(BASE, Usage::default()), Err(other.into()));
		let commercial = Usage { commercial: true, ..Default::default() };
		let forbidden = pallet_data_rights::Error::<Runtime>::PurposeForbidden;
		assert_eq!(request(TUNED, commercial), Err(forbidden.into()));
		assert_eq!(held(), none);
		for _ in 0..2 {
			assert_ok!(request(TUNED, Usage::default()));
		}
		let twice = held();
		let exhausted = pallet_data_rights::Error::<Runtime>::Exhausted;
		assert_eq!(request(TUNED, Usage::default()), Err(exhausted.into()));
		assert_eq!(held(), twice);
	});
}
