//! Who may import whom among the crates of the workspace. Everything not allowed here is closed.

use assay_tests::process::workspace;
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use std::collections::BTreeMap;

/// A part of the workspace, by the first folder of its crates' paths.
type Part = &'static str;

/// What each part may import. Pallets never import pallets: they meet in the runtime.
const ALLOWED: [(Part, &[Part]); 8] = [
	("primitives", &["primitives"]),
	("pallets", &["primitives"]),
	("runtime", &["pallets", "primitives"]),
	("node", &["runtime", "inference-offchain", "primitives"]),
	("client", &["primitives"]),
	("inference-offchain", &["client", "primitives"]),
	("cli", &["client", "inference-offchain", "primitives"]),
	("tests", &["client", "inference-offchain", "primitives"]),
];

/// A crate of the workspace: its part, and the crates of the workspace that it imports.
#[derive(Clone, Debug)]
struct Crate {
	part: String,
	imports: Vec<String>,
}

/// The crates by name.
type Graph = BTreeMap<String, Crate>;

fn metadata() -> Metadata {
	let manifest = workspace().join("Cargo.toml");
	MetadataCommand::new().manifest_path(manifest).no_deps().exec().expect("cargo metadata works")
}

/// The crates with what they import to build and to run; their tests may import what they like.
fn graph(metadata: &Metadata) -> Graph {
	let members = metadata.workspace_packages();
	let is_member = |name: &str| members.iter().any(|member| member.name.as_str() == name);
	let read = |member: &&cargo_metadata::Package| {
		let folder = member.manifest_path.strip_prefix(&metadata.workspace_root);
		let folder = folder.expect("members lie in the workspace");
		let part = folder.components().next().expect("a path has a beginning").to_string();
		let imports = member
			.dependencies
			.iter()
			.filter(|import| import.kind != DependencyKind::Development && is_member(&import.name))
			.map(|import| import.name.clone())
			.collect();
		(member.name.to_string(), Crate { part, imports })
	};
	members.iter().map(read).collect()
}

/// Every import that is not allowed, and every crate that no rule covers.
fn violations(graph: &Graph) -> Vec<String> {
	let mut found = Vec::new();
	for (name, member) in graph {
		let Some((_, allowed)) = ALLOWED.iter().find(|(part, _)| *part == member.part) else {
			found.push(format!("no rule covers {name} in {}/", member.part));
			continue;
		};
		for import in &member.imports {
			let part = graph.get(import).map_or("?", |import| import.part.as_str());
			if !allowed.contains(&part) {
				found.push(format!("{name} ({}) imports {import} ({part})", member.part));
			}
		}
	}
	found
}

#[test]
fn crates_import_only_what_the_architecture_allows() {
	let graph = graph(&metadata());
	assert!(graph.len() >= 10, "only {} crates are seen", graph.len());
	assert_eq!(violations(&graph), Vec::<String>::new());
}

#[test]
fn every_part_has_its_crates() {
	let graph = graph(&metadata());
	for (part, _) in ALLOWED {
		assert!(graph.values().any(|member| member.part == part), "nothing lies in {part}/");
	}
}

#[test]
fn forged_imports_are_found() {
	let graph = graph(&metadata());
	for (from, to) in [
		("pallet-inference", "pallet-models"),
		("pallet-models", "assay-runtime"),
		("assay-primitives", "pallet-models"),
		("assay-runtime", "assay-client"),
		("assay-client", "assay-worker"),
		("assay-worker", "assay-runtime"),
		("assay-cli", "pallet-models"),
		("assay-canon", "assay-worker"),
		("assay-node", "assay-cli"),
		("assay-tests", "assay-node"),
	] {
		let mut forged = graph.clone();
		assert!(forged.contains_key(to), "there is no crate {to}");
		let member = forged.get_mut(from).unwrap_or_else(|| panic!("there is no crate {from}"));
		member.imports.push(to.into());
		let found = violations(&forged);
		assert_eq!(found.len(), 1, "{from} imports {to}: {found:?}");
		assert!(found[0].starts_with(from) && found[0].contains(to), "{found:?}");
	}
}

#[test]
fn a_crate_that_no_rule_covers_is_found() {
	let mut forged = graph(&metadata());
	forged.insert("stray".into(), Crate { part: "misc".into(), imports: Vec::new() });
	assert_eq!(violations(&forged), ["no rule covers stray in misc/"]);
}
