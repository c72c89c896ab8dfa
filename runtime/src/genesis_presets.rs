//! What chains start with: the single source of `chain-spec/*.json`.

use crate::{
	configs::{
		audit_pot_account, data_rights_account, dispute_pot_account, treasury_account,
		ExistentialDeposit,
	},
	genesis_parameters::{GenesisConfig as GenesisParametersConfig, GenesisNumbers},
	AccountId, Balance, BalancesConfig, RuntimeGenesisConfig, SessionConfig, SessionKeys,
	SudoConfig, ASY,
};
use alloc::{vec, vec::Vec};
use frame_support::build_struct_json_patch;
use serde_json::Value;
use sp_consensus_babe::AuthorityId as BabeId;
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use sp_genesis_builder::PresetId;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

/// One validator, Alice; short windows.
pub const DEV: &str = sp_genesis_builder::DEV_RUNTIME_PRESET;
/// Four validators, Alice to Dave; short windows.
pub const LOCAL: &str = sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET;

/// What each well-known account of a test chain starts with.
const ENDOWMENT: Balance = 1_000_000 * ASY;

/// BABE's numbers at genesis. Secondary slots carry VRF outputs, because draws need one of every
/// block.
pub const BABE_GENESIS_CONFIGURATION: sp_consensus_babe::BabeEpochConfiguration =
	sp_consensus_babe::BabeEpochConfiguration {
		c: (1, 4),
		allowed_slots: sp_consensus_babe::AllowedSlots::PrimaryAndSecondaryVRFSlots,
	};

/// Windows that let a demonstration settle within a minute.
const SHORT: GenesisNumbers = GenesisNumbers {
	response_window: Some(15),
	challenge_window: Some(8),
	reference_terms: Some(1 << 40),
	reference_trace: Some(1 << 40),
	retention: Some(1_800),
	heartbeat_period: Some(30),
	unbonding_period: Some(30),
	dispute_step: Some(5),
	dispute_retention: Some(1_800),
	audit_step: Some(10),
	availability_step: Some(5),
	min_reclaim: Some(10),
	deliver_within: Some(60),
	breach_grace: Some(10),
	complaint_window: Some(15),
};

/// A validator with the well-known development keys of one name.
fn validator(babe: Sr25519Keyring, grandpa: Ed25519Keyring) -> (AccountId, AccountId, SessionKeys) {
	let account = babe.to_account_id();
	let keys = SessionKeys {
		babe: BabeId::from(babe.public()),
		grandpa: GrandpaId::from(grandpa.public()),
	};
	(account.clone(), account, keys)
}

fn test_chain(validators: &[(Sr25519Keyring, Ed25519Keyring)]) -> Value {
	build_struct_json_patch!(RuntimeGenesisConfig {
		balances: BalancesConfig {
			balances: Sr25519Keyring::well_known()
				.map(|who| (who.to_account_id(), ENDOWMENT))
				// An account that exists takes shares of any size.
				.chain([treasury_account(), dispute_pot_account()].map(|pot| (pot, ASY)))
				.chain([(audit_pot_account(), ExistentialDeposit::get()), data_rights_account()])
				.collect::<Vec<_>>(),
		},
		babe: pallet_babe::GenesisConfig { epoch_config: BABE_GENESIS_CONFIGURATION },
		session: SessionConfig {
			keys: validators
				.iter()
				.map(|(babe, grandpa)| validator(*babe, *grandpa))
				.collect::<Vec<_>>(),
		},
		sudo: SudoConfig { key: Some(Sr25519Keyring::Alice.to_account_id()) },
		genesis_parameters: GenesisParametersConfig { numbers: SHORT },
	})
}

/// The preset of a name, as a patch of the default genesis in JSON.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	const VALIDATORS: [(Sr25519Keyring, Ed25519Keyring); 4] = [
		(Sr25519Keyring::Alice, Ed25519Keyring::Alice),
		(Sr25519Keyring::Bob, Ed25519Keyring::Bob),
		(Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
		(Sr25519Keyring::Dave, Ed25519Keyring::Dave),
	];
	let patch = match id.as_ref() {
		DEV => test_chain(VALIDATORS.get(..1)?),
		LOCAL => test_chain(&VALIDATORS),
		_ => return None,
	};
	serde_json::to_vec(&patch).ok()
}

/// The names of the presets.
pub fn preset_names() -> Vec<PresetId> {
	vec![PresetId::from(DEV), PresetId::from(LOCAL)]
}
