//! `assay model`.

mod lineage;

use crate::{
	cli::{CalibrateArgs, ClassName, ModelCommand, RegisterArgs, UnitName},
	commands::{
		check_tolerance, measure, probe_reach, propose,
		source::{artifact_of, read_model, Source},
		Measured,
	},
	context::Context,
	failure::Failure,
	gateway,
	manifest::{bounded, Distance, Manifest},
	output::{lines, table, Report},
	views,
};
use assay_client::{keys, Call, LineageCall, Parents};
use assay_primitives::{
	model::{
		is_name, Artifact, Class, ModelView, Name, PriceUnit, Tolerance, VersionSpec, VersionView,
	},
	AccountId, ModelId, VersionId,
};
use serde_json::json;
use std::path::Path;

/// The most versions that are shown of a model.
const MOST_VERSIONS: u32 = 100;

/// Run a command on models.
pub async fn run(context: &Context, command: ModelCommand) -> Result<Report, Failure> {
	match command {
		ModelCommand::Register(arguments) => register(context, *arguments).await,
		ModelCommand::Calibrate(arguments) => {
			tokio::task::block_in_place(|| calibrate(context, &arguments))
		},
		ModelCommand::List { owner, limit } => list(context, owner.as_deref(), limit).await,
		ModelCommand::Show { model } => show(context, &model).await,
		ModelCommand::Deprecate { version } => {
			let id = context.version(&version).await?.1.id;
			super::submit(context, Call::DeprecateVersion { version: id }, "deprecated").await
		},
		ModelCommand::SetPrice { version, price } => {
			let id = context.version(&version).await?.1.id;
			let call = Call::SetPrice { version: id, price: price.0 };
			super::submit(context, call, "price set").await
		},
		ModelCommand::Transfer { model, to } => {
			let (model, to) = (context.model(&model).await?.id, keys::parse_account(&to)?);
			super::submit(context, Call::OfferModel { model, to }, "offered").await
		},
		ModelCommand::Accept { model } => {
			let model = context.model(&model).await?.id;
			super::submit(context, Call::AcceptModel { model }, "accepted").await
		},
		ModelCommand::Parents { version } => lineage::show(context, &version).await,
		ModelCommand::Declare { version, parents } => {
			lineage::declare(context, &version, &parents).await
		},
		ModelCommand::Consent { version, parent } => {
			lineage::consent(context, &version, &parent).await
		},
		ModelCommand::WithdrawLineage { version } => lineage::withdraw(context, &version).await,
	}
}

/// The manifest with the flags in place of what they name.
fn merge(arguments: &RegisterArgs) -> Result<Manifest, Failure> {
	let mut manifest = match &arguments.manifest {
		Some(path) => Manifest::read(path)?,
		None => Manifest::default(),
	};
	let replace = |slot: &mut Option<String>, flag: &Option<String>| {
		if flag.is_some() {
			slot.clone_from(flag);
		}
	};
	replace(&mut manifest.name, &arguments.name);
	replace(&mut manifest.metadata, &arguments.metadata);
	replace(&mut manifest.licence, &arguments.licence);
	replace(&mut manifest.price, &arguments.price.map(|price| price.to_string()));
	manifest.artifact = arguments.onnx.clone().or(manifest.artifact);
	if !arguments.inputs.is_empty() {
		manifest.inputs.clone_from(&arguments.inputs);
	}
	if !arguments.outputs.is_empty() {
		manifest.outputs.clone_from(&arguments.outputs);
	}
	manifest.class = arguments.class.map(class_of).or(manifest.class);
	manifest.unit = arguments.unit.map(unit_of).or(manifest.unit);
	manifest.locators.extend(arguments.locators.iter().cloned());
	manifest.parents.extend(arguments.parents.iter().cloned());
	if arguments.absolute.or(arguments.relative).is_some() {
		let given = manifest.tolerance.unwrap_or_default();
		manifest.tolerance = Some(Distance {
			absolute: arguments.absolute.unwrap_or(given.absolute),
			relative: arguments.relative.unwrap_or(given.relative),
			row_axis: arguments.runs.row_axis.or(given.row_axis),
		});
	}
	manifest.dimensions.extend(arguments.dimensions.iter().cloned());
	for constant in &arguments.constants {
		let value = serde_json::Value::String(constant.value.clone());
		manifest.constants.insert(constant.name.clone(), value);
	}
	Ok(manifest)
}

const fn class_of(name: ClassName) -> Class {
	match name {
		ClassName::Exact => Class::Exact,
		ClassName::Canonical => Class::Canonical,
		ClassName::Tolerant => Class::Tolerant,
	}
}

const fn unit_of(name: UnitName) -> PriceUnit {
	match name {
		UnitName::Call => PriceUnit::Call,
		UnitName::Element => PriceUnit::Element,
		UnitName::Token => PriceUnit::Token,
		UnitName::Mac => PriceUnit::Mac,
	}
}

async fn register(context: &Context, arguments: RegisterArgs) -> Result<Report, Failure> {
	let mut manifest = merge(&arguments)?;
	let name = manifest.name.clone().ok_or_else(|| missing("a name", "--name"))?;
	if !is_name(name.as_bytes()) {
		return Err(Failure::new("manifest", format!("`{name}` is no name of a model"))
			.help("lower-case letters, digits and -_./, starting with a letter or digit"));
	}
	let path = manifest.artifact.clone().ok_or_else(|| missing("an ONNX file", "--onnx"))?;
	let artifact = gateway::hash_file(&path, &context.output)?;
	if let Some(gateway) = &arguments.gateway {
		manifest.locators.push(gateway::artifact_url(gateway, &artifact.hash));
	}
	// Everything is checked before anything is uploaded or paid for.
	let spec = tokio::task::block_in_place(|| declare(context, &arguments, &manifest, &path))?;
	if spec.artifact != artifact {
		return Err(Failure::new("file", format!("{} changed while it was read", path.display())));
	}
	let model = own_model(context, &name).await?;
	let parents = lineage::resolve(context, &manifest.parents).await?;
	upload(context, &arguments, &path, &artifact).await?;
	let (model, latest) = match model {
		Some(model) => (model.id, model.latest),
		None => (register_name(context, &name, manifest.metadata.as_deref()).await?, 0),
	};
	let next = VersionId { model, number: latest.saturating_add(1) };
	let receipt = context.submit(publication(next, spec, parents)).await?;
	let version = receipt.created.version;
	let number = version.map_or(0, |version| version.number);
	if !manifest.parents.is_empty() && version != Some(next) {
		let message = format!(
			"{name}@{number} is published, but another version came first, and its lineage was \
			 declared of {name}@{}",
			next.number
		);
		return Err(Failure::new("lineage", message).help("declare it with `assay model declare`"));
	}
	let text = format!("{name}@{number} published in block {}", receipt.block);
	let json = json!({
		"name": name,
		"model": model,
		"version": version,
		"artifact": artifact,
		"receipt": views::receipt(&receipt),
	});
	Ok(Report::new(json, text))
}

/// The call that publishes a version, with what it was made from. The two are one transaction: a
/// version without its lineage would take jobs that its parents earn nothing by.
fn publication(next: VersionId, spec: VersionSpec, parents: Parents) -> Call {
	let publish = Call::PublishVersion { model: next.model, spec: Box::new(spec) };
	if parents.is_empty() {
		return publish;
	}
	let declare = Call::Lineage(LineageCall::Declare { version: next, parents });
	Call::BatchAll(vec![publish, declare])
}

/// The declaration of a version of a file: what it commits to is computed, and its tolerance found
/// or checked.
fn declare(
	context: &Context,
	arguments: &RegisterArgs,
	manifest: &Manifest,
	path: &Path,
) -> Result<VersionSpec, Failure> {
	let bytes = read_model(path)?;
	let artifact = artifact_of(&bytes);
	let source = manifest.source(bytes)?;
	let tolerance = match manifest.class_of(&source.model)? {
		Class::Tolerant => {
			let mut runs = arguments.runs.runs();
			let given = manifest.tolerance;
			runs.row_axis = runs.row_axis.or(given.and_then(|given| given.row_axis));
			let measured = measure(&source, None, &runs, &context.output)?;
			Some(tolerance(&measured, given)?)
		},
		_ => manifest.tolerance.map(|_| Tolerance { absolute: 0, relative: 0, row_axis: 0 }),
	};
	manifest.version_spec(artifact, &source, tolerance)
}

/// The given tolerance, once all runs are found within it, or a proposal.
fn tolerance(measured: &Measured, given: Option<Distance>) -> Result<Tolerance, Failure> {
	let Some(Distance { absolute, relative, .. }) = given else { return propose(measured) };
	let tolerance = Tolerance {
		absolute: absolute.to_bits(),
		relative: relative.to_bits(),
		// The runs were measured along the given axis, if one is given.
		row_axis: measured.row_axis,
	};
	if !tolerance.is_valid() {
		return Err(Failure::new("tolerance", "no such tolerance").help(
			"its terms are finite and not negative, the relative one at most 2^-10 (9.765625e-4)",
		));
	}
	check_tolerance(measured, &tolerance).map(|()| tolerance)
}

/// Propose a tolerance, or check one.
fn calibrate(context: &Context, arguments: &CalibrateArgs) -> Result<Report, Failure> {
	let source = Source::open(&arguments.model, &[])?;
	let class = source.model.strictest();
	if class != Class::Tolerant {
		let message = format!("a version of this model is {}", views::class_name(class));
		return Err(Failure::new("class", message)
			.help("its results are compared bit by bit, so that it has no tolerance"));
	}
	let measured = measure(&source, None, &arguments.runs.runs(), &context.output)?;
	let given = arguments.absolute.or(arguments.relative).map(|_| Distance {
		absolute: arguments.absolute.unwrap_or(0.0),
		relative: arguments.relative.unwrap_or(0.0),
		row_axis: arguments.runs.row_axis,
	});
	let tolerance = tolerance(&measured, given)?;
	let reach = probe_reach(&source, &arguments.runs.runs(), &tolerance)?;
	let Tolerance { absolute, relative, row_axis } = tolerance;
	let (absolute, relative) = (f32::from_bits(absolute), f32::from_bits(relative));
	let (max_abs, max_rel) = measured.largest();
	let json = json!({
		"absolute": absolute,
		"relative": relative,
		"row_axis": row_axis,
		"max_abs": max_abs,
		"max_rel": max_rel,
		"probe_reach": reach.is_finite().then_some(reach),
	});
	let lies = match reach <= 1.0 {
		true => "slashed",
		false => "void, not slashed: a looser tolerance or class canonical would change that",
	};
	let text = format!(
		"largest distance seen: {max_abs:e}, or {max_rel:e} of its row\n\
		 the probe moves outputs by {reach:.2} times the tolerance: lies about such inputs are \
		 {lies}\n\
		 tolerance = {{ absolute = {absolute:e}, relative = {relative:e}, row_axis = {row_axis} }}"
	);
	Ok(Report::new(json, text))
}

fn missing(what: &str, flag: &str) -> Failure {
	Failure::new("usage", format!("{what} is missing"))
		.help(format!("give {flag}, or a manifest with --manifest"))
}

/// The model of a name, if it is registered already, by the account of the key.
async fn own_model(context: &Context, name: &str) -> Result<Option<ModelView<AccountId>>, Failure> {
	let Some(model) = context.client().await?.model_by_name(name).await? else { return Ok(None) };
	if model.owner == keys::account(&context.key()?) {
		return Ok(Some(model));
	}
	let owner = keys::to_ss58(&model.owner);
	Err(Failure::new("name-taken", format!("the model `{name}` belongs to {owner}"))
		.help("choose another name, or sign with the owner's key"))
}

async fn upload(
	context: &Context,
	arguments: &RegisterArgs,
	path: &Path,
	artifact: &Artifact,
) -> Result<(), Failure> {
	match &arguments.gateway {
		Some(gateway) => {
			gateway::put_file(gateway, artifact, path, &context.output).await?;
		},
		None if arguments.locators.is_empty() && arguments.manifest.is_none() => {
			context
				.output
				.note("note: no --locator and no --gateway: workers must have the file already");
		},
		None => {},
	}
	Ok(())
}

async fn register_name(
	context: &Context,
	name: &str,
	metadata: Option<&str>,
) -> Result<ModelId, Failure> {
	let name: Name = bounded(name.as_bytes().to_vec(), "the name")?;
	let metadata = bounded(metadata.unwrap_or("").as_bytes().to_vec(), "the metadata")?;
	let receipt = context.submit(Call::RegisterModel { name, metadata }).await?;
	let unseen = || Failure::new("decode", "the block has no event of the registration");
	receipt.created.model.ok_or_else(unseen)
}

async fn list(context: &Context, owner: Option<&str>, limit: u32) -> Result<Report, Failure> {
	let owner = owner.map(keys::parse_account).transpose()?;
	let client = context.client().await?;
	let (mut models, mut start) = (Vec::new(), ModelId(0));
	while models.len() < limit as usize {
		let rest = limit - u32::try_from(models.len()).unwrap_or(limit);
		let page = client.models(owner.as_ref(), start, rest).await?;
		models.extend(page.items);
		let Some(next) = page.next else { break };
		start = next;
	}
	let row = |model: &ModelView<AccountId>| {
		let owner = keys::to_ss58(&model.owner);
		[model.id.to_string(), views::text(&model.name), model.latest.to_string(), owner]
	};
	let text = table(["ID", "NAME", "VERSIONS", "OWNER"], models.iter().map(row).collect());
	let models: Vec<_> = models.iter().map(views::model).collect();
	Ok(Report::new(json!({ "models": models }), text))
}

async fn show(context: &Context, name: &str) -> Result<Report, Failure> {
	let (model, versions) = if name.contains('@') {
		let (model, version) = context.version(name).await?;
		(model, vec![version])
	} else {
		let model = context.model(name).await?;
		let page = context.client().await?.versions(model.id, 1, MOST_VERSIONS).await?;
		(model, page.items)
	};
	Ok(shown(&model, &versions))
}

fn shown(model: &ModelView<AccountId>, versions: &[VersionView]) -> Report {
	let head = lines(&[
		("model", format!("{} (id {})", views::text(&model.name), model.id)),
		("owner", keys::to_ss58(&model.owner)),
		("metadata", views::text(&model.metadata)),
		("latest", model.latest.to_string()),
	]);
	let texts: Vec<String> =
		std::iter::once(head).chain(versions.iter().map(views::version_text)).collect();
	let mut json = views::model(model);
	json["versions"] = versions.iter().map(views::version).collect();
	Report::new(json, texts.join("\n\n"))
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{
		canonical::{Commitments, Cost},
		licence::{Parent, Permill, Relation, Source},
		model::SpecVersion,
		ArtifactHash, AssetId, Root,
	};

	fn spec() -> VersionSpec {
		VersionSpec {
			artifact: Artifact { hash: ArtifactHash([7; 32]), size: 1 },
			locators: Default::default(),
			inputs: Default::default(),
			outputs: Default::default(),
			class: Class::Canonical,
			tolerance: None,
			price: 4,
			unit: PriceUnit::Call,
			spec: SpecVersion(1),
			commitments: Commitments {
				graph: Root([9; 32]),
				lowering: 1,
				symbols: Default::default(),
				cost: Cost { terms: 6, trace_bytes: 7 },
			},
			constants: Default::default(),
			licence: Default::default(),
			permissions: Default::default(),
		}
	}

	#[test]
	fn a_version_is_published_with_its_lineage_or_not_at_all() {
		let next = VersionId { model: ModelId(3), number: 5 };
		let publish = Call::PublishVersion { model: ModelId(3), spec: Box::new(spec()) };
		assert_eq!(publication(next, spec(), Parents::default()), publish);
		let parent = Parent {
			source: Source::Asset(AssetId(7)),
			relation: Relation::TrainedOn,
			share: Permill::from_percent(10),
		};
		let parents: Parents = vec![parent].try_into().unwrap();
		let declare =
			Call::Lineage(LineageCall::Declare { version: next, parents: parents.clone() });
		let both = Call::BatchAll(vec![publish, declare]);
		assert_eq!(publication(next, spec(), parents), both);
	}
}
