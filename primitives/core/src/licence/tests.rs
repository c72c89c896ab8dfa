use super::*;
use crate::ids::ModelId;
use proptest::prelude::*;

fn word(text: &str) -> Tag {
	text.as_bytes().to_vec().try_into().unwrap()
}

fn purposes(words: &[&str]) -> BoundedVec<Tag, ConstU32<MAX_PURPOSES>> {
	words.iter().copied().map(word).collect::<Vec<_>>().try_into().unwrap()
}

fn source(model: u32) -> Source {
	Source::Version(VersionId { model: ModelId(model), number: 1 })
}

fn royalty(source: Source, parts: u32) -> Royalty {
	Royalty { source, share: Permill::from_parts(parts) }
}

/// A licence out of few enough that many pairs are compatible.
fn licence() -> impl Strategy<Value = Licence> {
	let derivatives = prop_oneof![
		Just(Derivatives::Free),
		Just(Derivatives::OnConsent),
		Just(Derivatives::Forbidden)
	];
	let purposes = proptest::sample::subsequence(vec!["a", "b", "c"], 0..=3);
	(any::<bool>(), derivatives, any::<bool>(), 0u128..3, purposes).prop_map(
		|(commercial, derivatives, attribution, least_price, words)| Licence {
			commercial,
			derivatives,
			attribution,
			royalty: Permill::zero(),
			least_price,
			purposes: self::purposes(&words),
		},
	)
}

fn usage() -> impl Strategy<Value = Usage> {
	(any::<bool>(), prop_oneof![Just(""), Just("a"), Just("b"), Just("c")])
		.prop_map(|(commercial, purpose)| Usage { commercial, purpose: word(purpose) })
}

/// Parents and what those they were made from earn.
fn parents() -> impl Strategy<Value = Vec<(Royalty, Vec<Royalty>)>> {
	let one = || {
		let source = prop_oneof![
			(0u32..6).prop_map(source),
			(0u32..6).prop_map(|asset| Source::Asset(AssetId(asset)))
		];
		(source, 0u32..=200_000).prop_map(|(source, parts)| royalty(source, parts))
	};
	proptest::collection::vec((one(), proptest::collection::vec(one(), 0..4)), 1..=4)
}

fn waterfall_of(parents: &[(Royalty, Vec<Royalty>)]) -> Result<Waterfall, WaterfallError> {
	waterfall(parents.iter().map(|(parent, theirs)| (*parent, theirs.as_slice())))
}

proptest! {
	#[test]
	fn every_ancestor_is_there_once_with_its_greatest_share(parents in parents()) {
		let Ok(waterfall) = waterfall_of(&parents) else { return Ok(()) };
		let mut all: Vec<Royalty> = Vec::new();
		for (parent, theirs) in &parents {
			all.push(*parent);
			all.extend(theirs);
		}
		for entry in &waterfall {
			let greatest =
				all.iter().filter(|one| one.source == entry.source).map(|one| one.share).max();
			prop_assert_eq!(Some(entry.share), greatest);
		}
		for one in &all {
			let times = waterfall.iter().filter(|entry| entry.source == one.source).count();
			prop_assert_eq!(times, 1);
		}
	}

	#[test]
	fn a_waterfall_is_bounded_and_at_most_everything(parents in parents()) {
		let mut sources: Vec<_> = parents
			.iter()
			.flat_map(|(parent, theirs)| once(parent).chain(theirs))
			.map(|one| one.source)
			.collect();
		sources.sort();
		sources.dedup();
		match waterfall_of(&parents) {
			Ok(waterfall) => {
				let sum: u32 = waterfall.iter().map(|one| one.share.deconstruct()).sum();
				prop_assert!(sum <= 1_000_000);
				prop_assert_eq!(waterfall.len(), sources.len());
			},
			Err(WaterfallError::TooManyAncestors) => {
				prop_assert!(sources.len() > MAX_ANCESTORS as usize);
			},
			Err(WaterfallError::StackTooHigh) => {},
		}
	}

	#[test]
	fn the_order_of_parents_does_not_matter(parents in parents(), turn in 0usize..4) {
		let mut turned = parents.clone();
		turned.rotate_left(turn % parents.len());
		for (_, theirs) in &mut turned {
			theirs.reverse();
		}
		prop_assert_eq!(waterfall_of(&turned), waterfall_of(&parents));
	}

	/// So that nobody allows more by putting a version in between.
	#[test]
	fn compatible_licences_form_chains(
		first in licence(), second in licence(), third in licence(),
	) {
		if first.admit_child(&second).is_ok() && second.admit_child(&third).is_ok() {
			prop_assert_eq!(first.admit_child(&third), Ok(()));
		}
	}

	#[test]
	fn a_child_admits_nothing_that_its_parent_does_not(
		parent in licence(), child in licence(), usage in usage(),
	) {
		if parent.admit_child(&child).is_ok() && child.admit(&usage).is_ok() {
			prop_assert_eq!(parent.admit(&usage), Ok(()));
		}
	}
}

#[test]
fn the_default_licence_allows_everything() {
	let licence = Licence::default();
	assert!(licence.is_valid());
	let usage = Usage { commercial: true, purpose: word("anything") };
	assert_eq!(licence.admit(&usage), Ok(()));
	assert_eq!(licence.admit_child(&licence), Ok(()));
}

#[test]
fn a_job_is_refused_for_what_the_licence_does_not_allow() {
	let licence = Licence {
		commercial: false,
		purposes: purposes(&["research", "medicine"]),
		..Licence::default()
	};
	let usage = |commercial, purpose| Usage { commercial, purpose: word(purpose) };
	assert_eq!(licence.admit(&usage(false, "medicine")), Ok(()));
	assert_eq!(licence.admit(&usage(true, "medicine")), Err(Forbidden::Commercial));
	for purpose in ["", "Medicine", "medicin", "war"] {
		assert_eq!(licence.admit(&usage(false, purpose)), Err(Forbidden::Purpose));
	}
}

#[test]
fn a_child_that_allows_more_is_incompatible() {
	let parent = Licence {
		commercial: false,
		derivatives: Derivatives::OnConsent,
		attribution: true,
		royalty: Permill::zero(),
		least_price: 5,
		purposes: purposes(&["research", "medicine"]),
	};
	assert_eq!(parent.admit_child(&parent), Ok(()));
	let less = Licence {
		least_price: 6,
		derivatives: Derivatives::Forbidden,
		purposes: purposes(&["medicine"]),
		..parent.clone()
	};
	assert_eq!(parent.admit_child(&less), Ok(()));
	for more in [
		Licence { commercial: true, ..parent.clone() },
		Licence { derivatives: Derivatives::Free, ..parent.clone() },
		Licence { attribution: false, ..parent.clone() },
		Licence { least_price: 4, ..parent.clone() },
		Licence { purposes: purposes(&[]), ..parent.clone() },
		Licence { purposes: purposes(&["research", "war"]), ..parent.clone() },
	] {
		assert_eq!(parent.admit_child(&more), Err(Forbidden::Incompatible));
	}
	assert_eq!(less.admit_child(&less), Err(Forbidden::Derivative));
}

#[test]
fn purposes_are_words_named_once() {
	let with = |words: &[&str]| Licence { purposes: purposes(words), ..Licence::default() };
	assert!(with(&["research", "médecine", "Research"]).is_valid());
	for words in [&["research", ""][..], &["a", "b", "a"], &["a b"], &["a\n"], &["\u{a0}"]] {
		assert!(!with(words).is_valid(), "{words:?}");
	}
	let bytes = Licence {
		purposes: vec![vec![0xff].try_into().unwrap()].try_into().unwrap(),
		..Licence::default()
	};
	assert!(!bytes.is_valid());
}

#[test]
fn the_stack_ends_at_everything() {
	let parents = |last| {
		let theirs = [royalty(source(0), 600_000), royalty(source(1), 300_000)];
		waterfall([(royalty(source(2), last), theirs.as_slice())])
	};
	assert_eq!(parents(100_000).map(|waterfall| waterfall.len()), Ok(3));
	assert_eq!(parents(100_001), Err(WaterfallError::StackTooHigh));
}

#[test]
fn an_ancestor_reached_twice_counts_once() {
	let theirs = [royalty(source(0), 400_000)];
	let parents = [
		(royalty(source(1), 100_000), theirs.as_slice()),
		(royalty(source(2), 100_000), theirs.as_slice()),
		(royalty(source(0), 300_000), &[]),
	];
	assert_eq!(
		waterfall(parents).map(Waterfall::into_inner),
		Ok(vec![
			royalty(source(0), 400_000),
			royalty(source(1), 100_000),
			royalty(source(2), 100_000)
		])
	);
}

#[test]
fn ancestors_are_counted() {
	let theirs: Vec<_> = (0..MAX_ANCESTORS).map(|model| royalty(source(model), 1)).collect();
	let parent = royalty(source(99), 1);
	assert!(waterfall([(parent, &theirs[1..])]).is_ok());
	assert_eq!(waterfall([(parent, &theirs[..])]), Err(WaterfallError::TooManyAncestors));
	assert!(waterfall([]).is_ok_and(|waterfall| waterfall.is_empty()));
}
