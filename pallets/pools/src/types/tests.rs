use super::*;
use assay_primitives::{pool::ScoreRule, rights::Purpose};
use proptest::prelude::*;
use sp_runtime::Permill;

fn pool(percent: u32) -> Pool<u64> {
	let spec = PoolSpec {
		name: Default::default(),
		schema: Default::default(),
		rule: ScoreRule::Scored,
		price: 1,
		purpose: Purpose::Any,
		commercial: true,
		cut: Permill::from_percent(percent),
	};
	Pool::new(1, (10, 5), spec)
}

fn scored(pool: &mut Pool<u64>, score: u64) -> Contributor {
	let mut contributor = Contributor::default();
	pool.add_item(&mut contributor).unwrap();
	pool.rescore(&mut contributor, 0, score).unwrap();
	contributor
}

#[test]
fn income_without_scores_is_the_curators_and_nobody_can_wait_for_it() {
	let mut pool = pool(10);
	pool.sync(5);
	assert_eq!(pool.cut, 0);
	pool.sync(105);
	assert_eq!((pool.cut, pool.income.accounted), (100, 0));
	let mut late = scored(&mut pool, 1);
	pool.sync(105);
	pool.income.settle(&mut late.position);
	assert_eq!((pool.cut, late.position.owed), (100, 0));
}

#[test]
fn income_is_divided_by_score_after_the_cut() {
	let mut pool = pool(10);
	let (mut one, mut two) = (scored(&mut pool, 1), scored(&mut pool, 2));
	pool.sync(105);
	for who in [&mut one, &mut two] {
		pool.income.settle(&mut who.position);
	}
	assert_eq!((pool.cut, one.position.owed, two.position.owed), (10, 30, 60));
	// Nothing new, nothing more.
	pool.sync(105);
	assert_eq!((pool.cut, pool.income.accounted), (10, 90));
}

#[test]
fn a_score_that_changes_keeps_what_was_earned_before() {
	let mut pool = pool(0);
	let (mut one, mut two) = (scored(&mut pool, 1), scored(&mut pool, 1));
	pool.sync(105);
	pool.rescore(&mut one, 1, 0).unwrap();
	pool.sync(205);
	for who in [&mut one, &mut two] {
		pool.income.settle(&mut who.position);
	}
	assert_eq!((one.position.owed, two.position.owed, pool.score), (50, 150, 1));
}

#[test]
fn scores_that_cannot_be_counted_are_refused() {
	let mut pool = pool(0);
	let mut one = scored(&mut pool, 7);
	assert_eq!(pool.rescore(&mut one, 8, 0), Err(Fault::Overflow));
	pool.score = Balance::MAX;
	assert_eq!(pool.rescore(&mut one, 0, 1), Err(Fault::Overflow));
	pool.items = u32::MAX;
	assert_eq!(pool.add_item(&mut one), Err(Fault::Overflow));
}

#[test]
fn a_closed_pool_changes_no_more() {
	let closed = pool(0).close(7).unwrap();
	assert_eq!(closed.closed, Some(7));
	assert_eq!(closed.ensure_open(), Err(Fault::Closed));
	assert_eq!(closed.clone().close(8), Err(Fault::Closed));
	assert_eq!(closed.at_price(2), Err(Fault::Closed));
	assert_eq!(pool(0).at_price(2).unwrap().spec.price, 2);
}

#[test]
fn a_pool_is_over_when_it_is_closed_for_long_enough_and_empty() {
	assert_eq!(pool(0).ensure_over(u32::MAX, 0), Err(Fault::NotClosed));
	let mut closed = pool(0).close(7).unwrap();
	assert_eq!(closed.ensure_over(16, 10), Err(Fault::NotClosed));
	assert_eq!(closed.ensure_over(6, 0), Err(Fault::NotClosed));
	assert_eq!(closed.ensure_over(17, 10), Ok(()));
	let mut contributor = Contributor::default();
	closed.add_item(&mut contributor).unwrap();
	assert_eq!(closed.ensure_over(17, 10), Err(Fault::NotEmpty));
	closed.remove_item(&mut contributor);
	closed.contributors = 1;
	assert_eq!(closed.ensure_over(17, 10), Err(Fault::NotEmpty));
}

#[test]
fn a_contributor_is_kept_while_it_has_items_or_something_to_claim() {
	assert!(Contributor::default().is_empty());
	assert!(!Contributor { items: 1, ..Default::default() }.is_empty());
	let owed = Position { owed: 1, ..Default::default() };
	assert!(!Contributor { items: 0, position: owed }.is_empty());
}

proptest! {
	/// Whatever comes and however scores change, every unit is somebody's.
	#[test]
	fn no_income_is_lost_or_made(
		percent in 0u32..=100,
		steps in prop::collection::vec((0usize..4, 0u64..5, 0u128..1_000), 1..60),
	) {
		let mut pool = pool(percent);
		let mut contributors = [Contributor::default(); 4];
		let (mut scores, mut balance) = ([0u64; 4], 5u128);
		for (who, score, income) in steps {
			balance += income;
			pool.sync(balance);
			pool.rescore(&mut contributors[who], scores[who], score).unwrap();
			scores[who] = score;
			let positions = contributors.map(|contributor| contributor.position);
			prop_assert!(pool.income.is_exact(positions));
			prop_assert_eq!(pool.score, scores.map(Balance::from).iter().sum::<Balance>());
		}
		for (contributor, score) in contributors.iter_mut().zip(scores) {
			pool.sync(balance);
			pool.rescore(contributor, score, 0).unwrap();
			balance -= pool.income.pay(&mut contributor.position);
		}
		pool.sync(balance);
		prop_assert_eq!(balance, 5 + pool.cut);
	}
}
