//! Benchmarks: each call at its worst case.

use crate::{
	Call, Config, Descendants, Event, Lineages, Models, NextModel, Offers, Pallet, Versions,
};
use alloc::{boxed::Box, vec::Vec};
use assay_primitives::{
	canonical::{
		Commitments, Constant, InputAxis, MAX_CONSTANTS, MAX_CONSTANT_BYTES, MAX_COST, MAX_SYMBOLS,
		MAX_SYMBOL_AXES,
	},
	licence::{
		Derivatives, Licence, Parent, Permill, Relation, Source, MAX_ANCESTORS, MAX_PARENTS,
		MAX_PURPOSES,
	},
	model::{
		Artifact, Class, Name, PriceUnit, SpecVersion, Tolerance, VersionSpec, VersionStatus,
		MAX_LICENCE, MAX_LOCATOR, MAX_LOCATORS, MAX_METADATA, MAX_NAME,
	},
	rights::MAX_TAG,
	tensor::{DType, Dimension, TensorSpec, MAX_RANK, MAX_TENSORS, MAX_TENSOR_NAME},
	ArtifactHash, Balance, ModelId, Root, VersionId,
};
use core::iter::repeat_n;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Inspect, Unbalanced},
		tokens::Precision,
		ConstU32, Get,
	},
	BoundedVec,
};
use frame_system::RawOrigin;

/// Enough for any deposit.
const FUNDS: Balance = 1 << 64;

/// The longest declaration with one float32 input of up to 16,000 elements and one float32
/// output of up to 4,000, for whatever purpose: a version that benchmarks of other pallets request
/// jobs of.
pub fn scene_spec() -> VersionSpec {
	let mut spec = worst_spec();
	spec.inputs = one(scene_tensor(16_000));
	spec.outputs = one(scene_tensor(4_000));
	spec.commitments.symbols = one(one(InputAxis { input: 0, axis: 0 }));
	spec.permissions = Licence::default();
	spec
}

/// A list of one item.
fn one<Item, Most: Get<u32>>(item: Item) -> BoundedVec<Item, Most> {
	bounded([item])
}

/// A list that is known to be within its bound.
fn bounded<Item, Most: Get<u32>>(items: impl IntoIterator<Item = Item>) -> BoundedVec<Item, Most> {
	items.into_iter().collect::<Vec<_>>().try_into().ok().expect("within the bound; qed")
}

/// As many equal bytes as a bound admits.
fn bytes<Most: Get<u32>>(byte: u8, count: u32) -> BoundedVec<u8, Most> {
	bounded(repeat_n(byte, count as usize))
}

fn scene_tensor(most: u32) -> TensorSpec {
	TensorSpec {
		name: bytes(b'x', MAX_TENSOR_NAME),
		dtype: DType::Float32,
		shape: one(Dimension::UpTo(most)),
	}
}

/// Names of the greatest length that differ only in their last byte.
fn long_name<Most: Get<u32>>(index: u32) -> BoundedVec<u8, Most> {
	long_word(MAX_TENSOR_NAME, index)
}

/// Words of this length that differ only in their last byte.
fn long_word<Most: Get<u32>>(length: u32, index: u32) -> BoundedVec<u8, Most> {
	let last = b'a' + index as u8;
	bounded(repeat_n(b'x', length as usize - 1).chain([last]))
}

/// The longest licence that lets versions be made from it, whose owner is asked.
fn worst_licence() -> Licence {
	Licence {
		commercial: false,
		derivatives: Derivatives::OnConsent,
		attribution: true,
		royalty: Permill::from_parts(1),
		least_price: 0,
		purposes: bounded((0..MAX_PURPOSES).map(|index| long_word(MAX_TAG, index))),
	}
}

/// The declaration that takes longest to store and to check: everything as long as it may be.
fn worst_spec() -> VersionSpec {
	// As many inputs have axes that jobs choose as symbols can name.
	let free = MAX_SYMBOLS * MAX_SYMBOL_AXES / MAX_RANK;
	let tensor = |index: u32, dimension| TensorSpec {
		name: long_name(index),
		dtype: DType::Float32,
		shape: bounded(repeat_n(dimension, MAX_RANK as usize)),
	};
	let input = |index: u32| {
		let dimension =
			if index < free { Dimension::UpTo(u32::MAX) } else { Dimension::Fixed(u32::MAX) };
		tensor(index, dimension)
	};
	// Their rows have to fit an opening.
	let output = |index: u32| tensor(index, Dimension::Fixed(2));
	let axes = |symbol: u32| {
		let axis =
			|at: u32| InputAxis { input: (at / MAX_RANK) as u8, axis: (at % MAX_RANK) as u8 };
		bounded((symbol * MAX_SYMBOL_AXES..(symbol + 1) * MAX_SYMBOL_AXES).map(axis))
	};
	let constant = |index: u32| Constant {
		name: long_name(MAX_TENSORS + index),
		dtype: DType::Uint8,
		shape: one(MAX_CONSTANT_BYTES),
		data: bytes(1, MAX_CONSTANT_BYTES),
	};
	let locator =
		|| bounded(b"https://".iter().copied().chain(repeat_n(b'x', MAX_LOCATOR as usize - 8)));
	VersionSpec {
		artifact: Artifact { hash: ArtifactHash([1; 32]), size: 1 },
		locators: bounded((0..MAX_LOCATORS).map(|_| locator())),
		inputs: bounded((0..MAX_TENSORS).map(input)),
		outputs: bounded((0..MAX_TENSORS).map(output)),
		class: Class::Tolerant,
		tolerance: Some(Tolerance { absolute: 0, relative: 0, row_axis: 0 }),
		price: 1,
		unit: PriceUnit::Element,
		spec: SpecVersion(1),
		commitments: Commitments {
			graph: Root([1; 32]),
			lowering: 1,
			symbols: bounded((0..MAX_SYMBOLS).map(axes)),
			cost: MAX_COST,
		},
		constants: bounded((0..MAX_CONSTANTS).map(constant)),
		licence: bytes(b'x', MAX_LICENCE),
		permissions: worst_licence(),
	}
}

fn fund<T: Config>(account: &T::AccountId) {
	let added = T::Currency::increase_balance(account, FUNDS, Precision::BestEffort)
		.expect("an account can be funded; qed");
	T::Currency::set_total_issuance(T::Currency::total_issuance().saturating_add(added));
}

fn funded<T: Config>(name: &'static str) -> T::AccountId {
	let account = account(name, 0, 0);
	fund::<T>(&account);
	account
}

/// The longest name, different for each model.
fn next_name<T: Config>() -> Name {
	let digits =
		NextModel::<T>::get().0.to_be_bytes().map(|byte| [b'a' + byte / 16, b'a' + byte % 16]);
	let padding = repeat_n(b'x', MAX_NAME as usize - 8);
	bounded(digits.into_iter().flatten().chain(padding))
}

fn register<T: Config>(owner: &T::AccountId) -> ModelId {
	let model = NextModel::<T>::get();
	let origin = RawOrigin::Signed(owner.clone()).into();
	Pallet::<T>::register_model(origin, next_name::<T>(), bytes(b'x', MAX_METADATA))
		.expect("the name is new and the owner has funds; qed");
	model
}

/// Parents with a tenth each.
fn parents(versions: &[VersionId]) -> BoundedVec<Parent, ConstU32<MAX_PARENTS>> {
	bounded(versions.iter().map(|version| Parent {
		source: Source::Version(*version),
		relation: Relation::FineTuned,
		share: Permill::from_percent(10),
	}))
}

/// As many parents as can be, with as many ancestors as can be: a line of versions of one owner, of
/// models of their own, each made from those before it.
fn line<T: Config>(owner: &T::AccountId) -> Vec<VersionId> {
	let mut line: Vec<VersionId> = Vec::new();
	for _ in 0..MAX_ANCESTORS {
		let version = Pallet::<T>::benchmark_publish(owner, worst_spec());
		let last = line.len().saturating_sub(MAX_PARENTS as usize);
		if !line.is_empty() {
			let origin = RawOrigin::Signed(owner.clone()).into();
			Pallet::<T>::declare_lineage(origin, version, parents(&line[last..]))
				.expect("the owner of all of them is not asked; qed");
		}
		line.push(version);
	}
	line.split_off((MAX_ANCESTORS - MAX_PARENTS) as usize)
}

/// A version of another owner that is made from the line, and whose parents are all asked.
fn declared<T: Config>(
	owner: &T::AccountId,
	author: &T::AccountId,
) -> Result<(VersionId, Vec<VersionId>), BenchmarkError> {
	let line = line::<T>(author);
	let version = Pallet::<T>::benchmark_publish(owner, worst_spec());
	let origin = RawOrigin::Signed(owner.clone()).into();
	Pallet::<T>::declare_lineage(origin, version, parents(&line))?;
	Ok((version, line))
}

fn assert_last_event<T: Config>(event: Event<T>) {
	let event = <T as frame_system::Config>::RuntimeEvent::from(event);
	frame_system::Pallet::<T>::assert_last_event(event);
}

impl<T: Config> Pallet<T> {
	/// Give `owner` funds, register a model for it and publish a version: the scene for
	/// benchmarks of other pallets.
	pub fn benchmark_publish(owner: &T::AccountId, spec: VersionSpec) -> VersionId {
		fund::<T>(owner);
		let model = register::<T>(owner);
		Self::publish_version(RawOrigin::Signed(owner.clone()).into(), model, Box::new(spec))
			.expect("the declaration is sound; qed");
		VersionId { model, number: 1 }
	}
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register_model() {
		let owner = funded::<T>("owner");
		let model = NextModel::<T>::get();
		let name = next_name::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), name.clone(), bytes(b'x', MAX_METADATA));

		assert_last_event::<T>(Event::ModelRegistered { model, owner, name });
	}

	#[benchmark]
	fn publish_version() {
		let owner = funded::<T>("owner");
		let model = register::<T>(&owner);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), model, Box::new(worst_spec()));

		assert_last_event::<T>(Event::VersionPublished { version: VersionId { model, number: 1 } });
	}

	#[benchmark]
	fn deprecate_version() {
		let owner = account("owner", 0, 0);
		let version = Pallet::<T>::benchmark_publish(&owner, worst_spec());

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), version);

		let status = Versions::<T>::get(version).map(|record| record.status);
		assert_eq!(status, Some(VersionStatus::Deprecated));
	}

	#[benchmark]
	fn offer_model() {
		let owner = funded::<T>("owner");
		let model = register::<T>(&owner);
		let to: T::AccountId = account("to", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), model, to.clone());

		assert_eq!(Offers::<T>::get(model), Some(to));
	}

	#[benchmark]
	fn accept_model() -> Result<(), BenchmarkError> {
		let owner = account("owner", 0, 0);
		let to = funded::<T>("to");
		let model = Pallet::<T>::benchmark_publish(&owner, worst_spec()).model;
		Pallet::<T>::offer_model(RawOrigin::Signed(owner).into(), model, to.clone())?;

		#[extrinsic_call]
		_(RawOrigin::Signed(to.clone()), model);

		assert_eq!(Models::<T>::get(model).map(|record| record.owner), Some(to));
		Ok(())
	}

	#[benchmark]
	fn set_price() {
		let owner = account("owner", 0, 0);
		let version = Pallet::<T>::benchmark_publish(&owner, worst_spec());

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), version, Balance::MAX);

		assert_last_event::<T>(Event::PriceSet { version, price: Balance::MAX });
	}

	#[benchmark]
	fn declare_lineage() {
		let (owner, author) = (account("owner", 0, 0), account("author", 0, 0));
		let line = line::<T>(&author);
		let version = Pallet::<T>::benchmark_publish(&owner, worst_spec());

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), version, parents(&line));

		let ancestors = Lineages::<T>::get(version).map(|lineage| lineage.waterfall.len());
		assert_eq!(ancestors, Some(MAX_ANCESTORS as usize));
		assert_last_event::<T>(Event::LineageDeclared { version, awaits: MAX_PARENTS as u8 });
	}

	#[benchmark]
	fn consent() -> Result<(), BenchmarkError> {
		let (owner, author) = (account("owner", 0, 0), account("author", 0, 0));
		let (version, line) = declared::<T>(&owner, &author)?;
		let parents = parents(&line);
		let last = parents.len() - 1;
		for parent in &parents[..last] {
			let origin = RawOrigin::Signed(author.clone()).into();
			Pallet::<T>::consent(origin, version, *parent)?;
		}

		#[extrinsic_call]
		_(RawOrigin::Signed(author), version, parents[last]);

		assert_eq!(Lineages::<T>::get(version).map(|lineage| lineage.holds()), Some(true));
		Ok(())
	}

	#[benchmark]
	fn withdraw_lineage() -> Result<(), BenchmarkError> {
		let (owner, author) = (account("owner", 0, 0), account("author", 0, 0));
		let (version, line) = declared::<T>(&owner, &author)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), version);

		assert!(!Lineages::<T>::contains_key(version));
		let newest = line.last().map(Descendants::<T>::contains_key);
		assert_eq!(newest, Some(false));
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
