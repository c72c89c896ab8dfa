use super::*;
use proptest::prelude::*;

/// A pot with an accumulator, as a pallet would keep it.
#[derive(Default)]
struct Pot {
	received: Balance,
	accumulator: Accumulator,
	positions: Vec<Position>,
}

impl Pot {
	fn with(weights: &[Balance]) -> Pot {
		let position = |weight: &Balance| Position { weight: *weight, ..Default::default() };
		Pot { positions: weights.iter().map(position).collect(), ..Default::default() }
	}

	fn total(&self) -> Balance {
		self.positions.iter().map(|position| position.weight).sum()
	}

	fn earn(&mut self, income: Balance) {
		self.received += income;
		self.sync();
	}

	fn sync(&mut self) {
		self.accumulator.sync(self.received, self.total());
	}

	/// Settle a position and give it another weight.
	fn weigh(&mut self, index: usize, weight: Balance) {
		self.sync();
		self.accumulator.settle(&mut self.positions[index]);
		self.positions[index].weight = weight;
	}

	fn claim(&mut self, index: usize) -> Balance {
		self.sync();
		self.accumulator.settle(&mut self.positions[index]);
		let paid = self.accumulator.pay(&mut self.positions[index]);
		self.received -= paid;
		paid
	}

	fn is_exact(&self) -> bool {
		self.accumulator.is_exact(self.positions.clone())
	}
}

#[test]
fn income_is_divided_by_weight() {
	let mut pot = Pot::with(&[1, 2, 7]);
	pot.earn(1_000);
	assert_eq!([0, 1, 2].map(|index| pot.claim(index)), [100, 200, 700]);
	assert_eq!((pot.received, pot.claim(0)), (0, 0));
}

#[test]
fn a_position_earns_only_from_what_comes_after_it() {
	let mut pot = Pot::with(&[10, 0]);
	pot.earn(50);
	pot.weigh(0, 5);
	pot.weigh(1, 5);
	pot.earn(30);
	assert_eq!((pot.claim(0), pot.claim(1)), (65, 15));
}

#[test]
fn income_without_any_weight_waits_for_some() {
	let mut pot = Pot::with(&[0]);
	pot.earn(77);
	assert_eq!((pot.accumulator, pot.claim(0)), (Accumulator::default(), 0));
	pot.weigh(0, 3);
	assert_eq!(pot.claim(0), 77);
}

#[test]
fn what_cannot_be_divided_is_carried_on_and_paid_in_the_end() {
	let mut pot = Pot::with(&[1, 1, 1]);
	for _ in 0..3 {
		pot.earn(1);
		assert!(pot.is_exact());
	}
	// The three thirds that each has, and what each division left over, are a unit.
	assert_eq!([0, 1, 2].map(|index| pot.claim(index)), [1, 1, 1]);
	assert_eq!((pot.received, pot.accumulator.accounted), (0, 0));
}

#[test]
fn fractions_that_claims_leave_are_divided_again() {
	let mut pot = Pot::with(&[1, 1, 1]);
	let mut paid = 0;
	for _ in 0..30 {
		pot.earn(1);
		paid += (0..3).map(|index| pot.claim(index)).sum::<Balance>();
		assert!(pot.is_exact());
	}
	assert_eq!(paid + pot.received, 30);
	assert!(pot.received <= 2);
}

#[test]
fn one_unit_among_very_many_is_nobodys_until_there_are_more() {
	let many = 10u128.pow(18);
	let mut pot = Pot::with(&[many - 1, 1]);
	pot.earn(1);
	assert_eq!((pot.claim(0), pot.claim(1)), (0, 0));
	pot.earn(many - 1);
	let (most, least) = (pot.claim(0), pot.claim(1));
	assert!(most >= many - 2 && least <= 1 && pot.received <= 2, "{most} {least}");
	assert!(pot.is_exact());
}

#[test]
fn the_largest_numbers_neither_panic_nor_pay_too_much() {
	let mut pot = Pot::with(&[u128::MAX]);
	pot.earn(u128::MAX);
	assert_eq!(pot.claim(0), u128::MAX);
	let mut pot = Pot::with(&[1]);
	// The index goes round as often as it likes.
	for _ in 0..5 {
		pot.earn(u128::MAX);
		assert_eq!(pot.claim(0), u128::MAX);
	}
	assert!(pot.is_exact());
}

#[test]
fn weights_that_do_not_add_up_are_paid_nothing_rather_than_too_much() {
	let mut accumulator = Accumulator::default();
	accumulator.sync(u128::MAX, 1);
	let mut position = Position { weight: u128::MAX, ..Default::default() };
	accumulator.settle(&mut position);
	assert_eq!((position.owed, accumulator.accounted), (0, u128::MAX));
}

#[test]
fn less_than_what_is_accounted_for_is_no_income() {
	let mut accumulator = Accumulator::default();
	accumulator.sync(100, 10);
	let before = accumulator;
	accumulator.sync(60, 10);
	assert_eq!((accumulator, accumulator.fresh(60)), (before, 0));
}

#[test]
fn portions_are_rounded_down_and_do_not_overflow() {
	assert_eq!(portion(10, 1, 3), Some(3));
	assert_eq!(portion(u128::MAX, u128::MAX, u128::MAX), Some(u128::MAX));
	assert_eq!(portion(u128::MAX, 2, 1), None);
	assert_eq!(portion(1, 1, 0), None);
	assert_eq!(stretch(1, (u128::MAX, 1), 1), None);
}

/// What may happen to a pot.
#[derive(Clone, Debug)]
enum Act {
	Earn(Balance),
	Transfer(usize, usize, Balance),
	Mint(usize, Balance),
	Burn(usize, Balance),
	Claim(usize),
	Settle(usize),
}

const HOLDERS: usize = 5;

fn act() -> impl Strategy<Value = Act> {
	let who = || 0..HOLDERS;
	let amount = || prop_oneof![0u128..4, 0u128..1_000_000, 0..1u128 << 100];
	prop_oneof![
		3 => amount().prop_map(Act::Earn),
		3 => (who(), who(), amount()).prop_map(|(from, to, amount)| Act::Transfer(from, to, amount)),
		1 => (who(), amount()).prop_map(|(to, amount)| Act::Mint(to, amount)),
		1 => (who(), amount()).prop_map(|(from, amount)| Act::Burn(from, amount)),
		2 => who().prop_map(Act::Claim),
		1 => who().prop_map(Act::Settle),
	]
}

/// The same, counted one by one: what each has earned, in parts of 2⁻¹²⁰.
#[derive(Default)]
struct Ledger {
	waiting: Balance,
	earned: [U256; HOLDERS],
}

impl Ledger {
	fn earn(&mut self, income: Balance, weights: &[Position]) {
		self.waiting += income;
		let total: Balance = weights.iter().map(|position| position.weight).sum();
		if total == 0 {
			return;
		}
		let income = U256::from(core::mem::take(&mut self.waiting)) << 28;
		for (earned, position) in self.earned.iter_mut().zip(weights) {
			*earned += income * U256::from(position.weight) / U256::from(total);
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(400))]

	#[test]
	fn no_course_pays_more_than_came_in_or_loses_a_part(
		weights in prop::array::uniform5(0u128..1_000),
		acts in prop::collection::vec(act(), 1..80),
	) {
		let mut pot = Pot::with(&weights);
		let (mut ledger, mut income, mut touched) = (Ledger::default(), 0u128, 0u128);
		let mut paid = [0u128; HOLDERS];
		for act in acts {
			let weight = |pot: &Pot, index: usize| pot.positions[index].weight;
			touched += 2;
			match act {
				Act::Earn(amount) => {
					pot.earn(amount);
					income += amount;
					ledger.earn(amount, &pot.positions);
				},
				Act::Transfer(from, to, amount) => {
					let amount = amount.min(weight(&pot, from));
					let left = weight(&pot, from) - amount;
					pot.weigh(from, left);
					// The total is as it was again before anything is divided.
					pot.accumulator.settle(&mut pot.positions[to]);
					pot.positions[to].weight += amount;
				},
				Act::Mint(to, amount) => {
					let more = weight(&pot, to) + amount;
					pot.weigh(to, more);
					ledger.earn(0, &pot.positions);
				},
				Act::Burn(from, amount) => {
					let less = weight(&pot, from).saturating_sub(amount);
					pot.weigh(from, less);
				},
				Act::Claim(who) => paid[who] += pot.claim(who),
				Act::Settle(who) => {
					let same = weight(&pot, who);
					pot.weigh(who, same);
				},
			}
			prop_assert!(pot.is_exact());
			let owed: Balance = pot.positions.iter().map(|position| position.owed).sum();
			prop_assert!(owed <= pot.received);
			prop_assert_eq!(paid.iter().sum::<Balance>() + pot.received, income);
		}
		// Twice, for what the fractions of the first round come to.
		for who in (0..HOLDERS).chain(0..HOLDERS) {
			paid[who] += pot.claim(who);
			touched += 1;
		}
		for (paid, earned) in paid.iter().zip(ledger.earned) {
			let exact: Balance = (earned >> 28).try_into().unwrap();
			prop_assert!(paid.abs_diff(exact) <= touched + 1, "{paid} instead of {exact}");
		}
	}

	#[test]
	fn stretches_of_a_line_add_up_to_the_amount(
		amount: Balance,
		lengths in prop::collection::vec(0..u128::MAX / 64, 1..40),
	) {
		let whole: Balance = lengths.iter().sum();
		prop_assume!(whole > 0);
		let (mut start, mut sum) = (0, 0u128);
		for length in lengths {
			let part = stretch(amount, (start, length), whole).unwrap();
			// Within a unit of the exact share.
			prop_assert!(part.abs_diff(portion(amount, length, whole).unwrap()) <= 1);
			start += length;
			sum += part;
		}
		prop_assert_eq!(sum, amount);
	}
}
