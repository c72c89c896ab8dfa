//! Chain specifications: the two built in, and those read from files.
//!
//! The presets in the runtime are the single source of a chain's genesis. A specification file
//! without runtime code gets the code that this binary was built with, so that
//! `chain-spec/*.json` stay small and readable.

use assay_runtime::genesis_presets::{DEV, LOCAL};
use sc_service::{ChainType, Properties};
use serde_json::Value;
use std::{fs, path::Path};

/// The chain specification of this node: no extensions.
pub type ChainSpec = sc_service::GenericChainSpec;

/// The name of the native token.
const TOKEN_SYMBOL: &str = "ASY";
/// The decimals of the native token.
const TOKEN_DECIMALS: u32 = 12;
/// The SS58 prefix of addresses: the generic one.
const SS58_FORMAT: u32 = 42;

/// One validator, Alice, and funded development accounts.
pub fn dev() -> Result<ChainSpec, String> {
	built_in("Assay Development", "assay_dev", ChainType::Development, DEV)
}

/// Four validators, Alice, Bob, Charlie and Dave, and funded development accounts.
pub fn local() -> Result<ChainSpec, String> {
	built_in("Assay Local Testnet", "assay_local", ChainType::Local, LOCAL)
}

/// The specification that `--chain ID` names: `dev`, `local`, or the path of a JSON file.
pub fn load(id: &str) -> Result<ChainSpec, String> {
	match id {
		"dev" => dev(),
		"" | "local" => local(),
		path => from_file(Path::new(path)),
	}
}

fn built_in(
	name: &str,
	id: &str,
	chain_type: ChainType,
	preset: &str,
) -> Result<ChainSpec, String> {
	Ok(ChainSpec::builder(runtime_code()?, None)
		.with_name(name)
		.with_id(id)
		.with_chain_type(chain_type)
		.with_protocol_id("assay")
		.with_properties(properties())
		.with_genesis_config_preset_name(preset)
		.build())
}

fn properties() -> Properties {
	let mut properties = Properties::new();
	properties.insert("tokenSymbol".into(), TOKEN_SYMBOL.into());
	properties.insert("tokenDecimals".into(), TOKEN_DECIMALS.into());
	properties.insert("ss58Format".into(), SS58_FORMAT.into());
	properties
}

fn runtime_code() -> Result<&'static [u8], String> {
	assay_runtime::WASM_BINARY.ok_or_else(|| {
		"this binary was built with SKIP_WASM_BUILD and carries no runtime: pass a \
		 specification file that has the code"
			.into()
	})
}

fn from_file(path: &Path) -> Result<ChainSpec, String> {
	let text = fs::read(path).map_err(|error| {
		format!("no built-in chain (dev, local) and no readable file: {}: {error}", path.display())
	})?;
	let mut spec: Value = serde_json::from_slice(&text)
		.map_err(|error| format!("{} is not JSON: {error}", path.display()))?;
	if !lacks_code(&spec) {
		return ChainSpec::from_json_bytes(text);
	}
	spec["genesis"]["runtimeGenesis"]["code"] = hex(runtime_code()?).into();
	let bytes = serde_json::to_vec(&spec).map_err(|error| error.to_string())?;
	ChainSpec::from_json_bytes(bytes)
}

/// Whether a specification describes its genesis for a runtime, but carries no runtime.
fn lacks_code(spec: &Value) -> bool {
	spec.pointer("/genesis/runtimeGenesis").is_some_and(|genesis| {
		matches!(genesis.get("code").and_then(Value::as_str), None | Some("" | "0x"))
	})
}

fn hex(bytes: &[u8]) -> String {
	sp_core::bytes::to_hex(bytes, false)
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_runtime::BuildStorage;
	use std::path::PathBuf;

	/// The committed form of a built-in specification: without the runtime's code.
	fn committed_form(spec: &ChainSpec) -> String {
		let mut json: Value = serde_json::from_str(&spec.as_json(false).unwrap()).unwrap();
		let genesis = json.pointer_mut("/genesis/runtimeGenesis").unwrap();
		genesis.as_object_mut().unwrap().remove("code");
		format!("{}\n", serde_json::to_string_pretty(&json).unwrap())
	}

	fn committed_file(name: &str) -> PathBuf {
		// Of this run, not of the compilation: clones share compiled tests.
		let package = std::env::var("CARGO_MANIFEST_DIR").unwrap();
		Path::new(&package).join("../chain-spec").join(name)
	}

	fn check_or_regenerate(name: &str, spec: &ChainSpec) {
		let (path, expected) = (committed_file(name), committed_form(spec));
		if std::env::var_os("ASSAY_REGENERATE").is_some() {
			fs::write(&path, &expected).unwrap();
		}
		let found = fs::read_to_string(&path).unwrap_or_default();
		assert!(
			found == expected,
			"chain-spec/{name} is not what the runtime's preset gives: run this test with \
			 ASSAY_REGENERATE=1 and commit the file"
		);
	}

	#[test]
	fn chain_spec_files_match_presets() {
		check_or_regenerate("dev.json", &dev().unwrap());
		check_or_regenerate("local.json", &local().unwrap());
	}

	#[test]
	fn a_committed_file_gives_the_genesis_of_the_built_in_chain() {
		let directory = tempfile::tempdir().unwrap();
		let path = directory.path().join("local.json");
		fs::write(&path, committed_form(&local().unwrap())).unwrap();
		let loaded = load(path.to_str().unwrap()).unwrap();
		assert_eq!(loaded.id(), "assay_local");
		assert_eq!(loaded.properties(), properties());
		let storage = |spec: &ChainSpec| spec.build_storage().unwrap().top;
		assert_eq!(storage(&loaded), storage(&local().unwrap()));
	}

	#[test]
	fn a_file_with_code_is_taken_as_it_is() {
		let spec = serde_json::json!({ "genesis": { "runtimeGenesis": { "code": "0x00" } } });
		assert!(!lacks_code(&spec));
		let raw = serde_json::json!({ "genesis": { "raw": {} } });
		assert!(!lacks_code(&raw));
	}

	#[test]
	fn a_missing_or_malformed_file_is_an_error_that_names_it() {
		let error = load("no/such/file.json").err().unwrap();
		assert!(error.contains("no/such/file.json"), "{error}");
		let directory = tempfile::tempdir().unwrap();
		let path = directory.path().join("broken.json");
		fs::write(&path, "{").unwrap();
		let error = load(path.to_str().unwrap()).err().unwrap();
		assert!(error.contains("is not JSON"), "{error}");
	}
}
