use crate::mock::*;
use assay_primitives::provider::{AskView, ProviderView};
use frame_support::assert_ok;

fn accounts(items: &[ProviderView<u64>]) -> Vec<u64> {
	items.iter().map(|item| item.account).collect()
}

#[test]
fn a_provider_is_shown_with_its_profile_and_its_asks_in_order() {
	build_and_execute(|| {
		assert_eq!(Providers::provider(PROVIDER), None);
		serving(PROVIDER, 7);
		assert_ok!(Providers::update_profile(signed(PROVIDER), profile("https://p.example")));
		assert_ok!(Providers::remove_ask(signed(PROVIDER), VERSION));
		assert_ok!(Providers::set_ask(signed(PROVIDER), THIRD_VERSION, ask(8)));
		assert_ok!(Providers::set_ask(signed(PROVIDER), VERSION, ask(9)));

		let view = Providers::provider(PROVIDER).unwrap();
		assert_eq!(view.profile, profile("https://p.example"));
		assert_eq!((view.bond, view.locked, view.unbonding), (2 * MIN_BOND, 0, None));
		assert!(view.online && view.available);
		assert_eq!(
			view.asks,
			[(VERSION, 9), (THIRD_VERSION, 8)].map(|(version, price)| AskView {
				version,
				ask: ask(price),
				open: 0
			})
		);
	});
}

#[test]
fn pages_go_through_all_providers_once() {
	build_and_execute(|| {
		for account in [PROVIDER, RIVAL, THIRD] {
			bonded(account, MIN_BOND);
		}
		let first = Providers::providers(None, None, 2);
		assert_eq!(first.items.len(), 2);
		assert_eq!(first.next, Some(first.items[1].account));
		let second = Providers::providers(None, first.next, 2);
		assert_eq!((second.items.len(), second.next), (1, None));
		let mut all = [accounts(&first.items), accounts(&second.items)].concat();
		all.sort();
		assert_eq!(all, [PROVIDER, RIVAL, THIRD]);
	});
}

#[test]
fn pages_of_a_version_hold_only_those_that_serve_it() {
	build_and_execute(|| {
		serving(PROVIDER, 7);
		serving(RIVAL, 7);
		bonded(THIRD, MIN_BOND);
		let first = Providers::providers(Some(VERSION), None, 1);
		let second = Providers::providers(Some(VERSION), first.next, 1);
		let mut all = [accounts(&first.items), accounts(&second.items)].concat();
		all.sort();
		assert_eq!((all, second.next), (vec![PROVIDER, RIVAL], None));
		assert!(Providers::providers(Some(OTHER_VERSION), None, 9).items.is_empty());
	});
}

#[test]
fn a_book_lists_the_cheap_before_the_dear() {
	build_and_execute(|| {
		MaxAsks::set(3);
		serving(PROVIDER, 70);
		serving(RIVAL, 7);
		serving(THIRD, 300);
		assert_ok!(Providers::set_online(signed(THIRD), false));
		let first = Providers::book(VERSION, 0, 2);
		let offers: Vec<_> =
			first.items.iter().map(|order| (order.provider, order.ask.price, order.able)).collect();
		assert_eq!((offers, first.next), (vec![(RIVAL, 7, true), (PROVIDER, 70, true)], Some(2)));
		let second = Providers::book(VERSION, 2, 2);
		assert_eq!((second.items[0].provider, second.items[0].able), (THIRD, false));
		assert_eq!(second.next, None);
		assert!(Providers::book(OTHER_VERSION, 0, 9).items.is_empty());
	});
}

#[test]
fn a_page_goes_on_behind_an_account_that_is_gone() {
	build_and_execute(|| {
		for account in [PROVIDER, RIVAL, THIRD] {
			bonded(account, MIN_BOND);
		}
		let first = Providers::providers(None, None, 1);
		let (gone, rest) = (first.next.unwrap(), Providers::providers(None, first.next, 9));
		assert_ok!(Providers::unbond(signed(gone), MIN_BOND));
		pass(UNBONDING);
		assert_ok!(Providers::withdraw_unbonded(signed(gone)));
		let after = Providers::providers(None, Some(gone), 9);
		assert_eq!(accounts(&after.items), accounts(&rest.items));
	});
}

#[test]
fn a_page_has_at_least_one_item_and_at_most_a_hundred() {
	build_and_execute(|| {
		use frame_support::traits::fungible::Mutate;
		for account in 1_000..1_101 {
			Balances::set_balance(&account, ENDOWMENT);
			bonded(account, MIN_BOND);
		}
		let page = Providers::providers(None, None, u32::MAX);
		assert_eq!((page.items.len(), page.next.is_some()), (100, true));
		assert_eq!(Providers::providers(None, page.next, u32::MAX).items.len(), 1);
		assert_eq!(Providers::providers(None, None, 0).items.len(), 1);
	});
}
