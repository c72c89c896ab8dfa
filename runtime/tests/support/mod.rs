//! A chain in memory, and what jobs need on it.

use assay_canon::{
	commitment::{GraphHeader, List},
	graph::SPEC,
	symbol::Symbol,
};
use assay_primitives::{
	canonical::{Commitments, Cost, InputAxis},
	commitment::HostBlake2b256,
	model::{Artifact, Class, PriceUnit, SpecVersion, Tolerance, VersionSpec},
	tensor::{DType, Dimension, TensorSpec},
	ArtifactHash, Root, ASY,
};
use assay_runtime::{
	genesis_presets, AllPalletsWithSystem, Audits, Availability, Custody, Disputes, Inference,
	Leases, RuntimeGenesisConfig, RuntimeOrigin, Subscriptions, System,
};
use codec::Encode;
use frame_support::traits::{Hooks, TryState, TryStateSelect};
use sp_runtime::BuildStorage;

/// Lay a JSON patch over a value, as genesis patches are applied.
fn merge(base: &mut serde_json::Value, patch: serde_json::Value) {
	match (base, patch) {
		(serde_json::Value::Object(base), serde_json::Value::Object(patch)) => {
			for (key, value) in patch {
				merge(base.entry(key).or_insert(serde_json::Value::Null), value);
			}
		},
		(base, patch) => *base = patch,
	}
}

/// The chain of the development preset, before its first block.
pub fn dev_chain() -> sp_io::TestExternalities {
	let preset = genesis_presets::get_preset(&genesis_presets::DEV.into()).unwrap();
	let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).unwrap();
	merge(&mut config, serde_json::from_slice(&preset).unwrap());
	let config: RuntimeGenesisConfig = serde_json::from_value(config).unwrap();
	config.build_storage().unwrap().into()
}

/// Go to the next block: the author of the one before left its VRF output behind.
pub fn next_block() {
	let number = System::block_number() + 1;
	System::set_block_number(number);
	let key = [sp_io::hashing::twox_128(b"Babe"), sp_io::hashing::twox_128(b"AuthorVrfRandomness")];
	sp_io::storage::set(&key.concat(), &Some([number as u8; 32]).encode());
	Leases::on_initialize(number);
	Inference::on_initialize(number);
	Disputes::on_initialize(number);
	Availability::on_initialize(number);
	Audits::on_initialize(number);
	Subscriptions::on_initialize(number);
	Custody::on_initialize(number);
	AllPalletsWithSystem::try_state(number, TryStateSelect::All).unwrap();
}

/// The origin of a well-known account.
pub fn origin(who: sp_keyring::Sr25519Keyring) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.to_account_id())
}

/// The header of the version's graph.
pub fn header() -> GraphHeader {
	let one = List { count: 1, root: [0; 32] };
	let symbols = vec![Symbol { minimum: 0, maximum: 4 }];
	GraphHeader { spec: SPEC, symbols, nodes: one, inputs: one, outputs: one, ..Default::default() }
}

/// A version with one input and one output of up to four floats.
pub fn spec() -> VersionSpec {
	let tensor = |name: &str| TensorSpec {
		name: name.as_bytes().to_vec().try_into().unwrap(),
		dtype: DType::Float32,
		shape: vec![Dimension::UpTo(4)].try_into().unwrap(),
	};
	VersionSpec {
		artifact: Artifact { hash: ArtifactHash([7; 32]), size: 100 },
		locators: Default::default(),
		inputs: vec![tensor("x")].try_into().unwrap(),
		outputs: vec![tensor("y")].try_into().unwrap(),
		class: Class::Tolerant,
		tolerance: Some(Tolerance { absolute: 0, relative: 0, row_axis: 0 }),
		price: ASY / 100,
		unit: PriceUnit::Call,
		spec: SpecVersion(1),
		commitments: Commitments {
			graph: Root(header().root::<HostBlake2b256>()),
			lowering: 1,
			symbols: vec![vec![InputAxis { input: 0, axis: 0 }].try_into().unwrap()]
				.try_into()
				.unwrap(),
			cost: Cost { terms: 4, trace_bytes: 16 },
		},
		constants: Default::default(),
		licence: b"Apache-2.0".to_vec().try_into().unwrap(),
		permissions: Default::default(),
	}
}
