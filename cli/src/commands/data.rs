//! `assay data`.

mod files;
mod grants;
mod keys;
mod list;
mod offers;
mod permits;
mod scope;
mod sealed;

pub use list::{FileList, MediaTypes};
pub use scope::purpose;
pub use sealed::SealedInput;

use crate::{
	cli::{ConsentArgs, DataCommand},
	context::Context,
	failure::Failure,
	manifest::{bounded, AlgorithmNames, AssetManifest},
	output::{table, Report},
	views::{self, data as shown},
};
use assay_client::{
	keys::{parse_account, to_ss58},
	Call, DataCall,
};
use assay_primitives::{
	rights::{Algorithms, AssetView, Consent, GrantView, RightsOfferView},
	AccountId, AssetId, GrantId, RightsOfferId, VersionId,
};
use serde_json::json;
use std::path::Path;

type Asset = AssetView<AccountId>;
type Offer = RightsOfferView<AccountId>;
type Grant = GrantView<AccountId>;

/// Run a command on data.
pub async fn run(context: &Context, command: DataCommand) -> Result<Report, Failure> {
	use DataCommand as Command;
	let (call, done) = match command {
		Command::Key(command) => return keys::run(context, command).await,
		Command::Encrypt(arguments) => return files::encrypt(&arguments),
		Command::Decrypt(arguments) => return files::decrypt(&arguments),
		Command::Manifest(arguments) => return files::manifest(context, &arguments),
		Command::Verify { asset, list, folder } => {
			return files::verify(context, asset, &list, folder.as_deref()).await
		},
		Command::Register { manifest } => return register(context, &manifest).await,
		Command::Show { asset } => return Ok(report(&find(context, asset).await?)),
		Command::List { owner, limit } => return list_all(context, owner.as_deref(), limit).await,
		Command::Offer(command) => return offers::run(context, command).await,
		Command::Buy(arguments) => return offers::buy(context, &arguments).await,
		Command::Tokens(command) => return offers::tokens(context, command).await,
		Command::Permit(command) => return permits::run(context, command).await,
		Command::Grant(command) => return grants::run(context, command).await,
		Command::SealInput(arguments) => return sealed::seal(context, &arguments).await,
		Command::Terms(arguments) => (set_terms(context, arguments).await?, "terms set"),
		Command::Algorithms { asset, models, any: _ } => {
			let algorithms = algorithms(context, &models).await?;
			(DataCall::SetAlgorithms { asset, algorithms }, "models named")
		},
		Command::Retire { asset } => (DataCall::Retire { asset }, "retired"),
		Command::Revoke { asset } => (DataCall::RevokeAsset { asset }, "revoked"),
		Command::Remove { asset } => (DataCall::RemoveAsset { asset }, "removed"),
		Command::Transfer { asset, to } => (transfer(context, asset, &to).await?, "transferred"),
	};
	super::submit(context, Call::Data(call), done).await
}

fn report(asset: &Asset) -> Report {
	Report::new(shown::asset(asset), shown::asset_text(asset))
}

/// An asset.
pub async fn find(context: &Context, id: AssetId) -> Result<Asset, Failure> {
	let unknown = || {
		Failure::new("unknown-asset", format!("the chain has no asset {id}"))
			.help("`assay data list` shows those that there are")
	};
	context.client().await?.asset(id).await?.ok_or_else(unknown)
}

async fn find_offer(context: &Context, id: RightsOfferId) -> Result<Offer, Failure> {
	let unknown = || {
		Failure::new("unknown-offer", format!("the chain has no offer {id} of rights to data"))
			.help("one that was withdrawn is gone; `assay data offer list ASSET` shows the others")
	};
	context.client().await?.rights_offer(id).await?.ok_or_else(unknown)
}

/// A grant.
pub async fn find_grant(context: &Context, id: GrantId) -> Result<Grant, Failure> {
	let unknown = || {
		Failure::new("unknown-grant", format!("the chain has no grant {id}"))
			.help("`assay data grant list` shows those that one holds")
	};
	context.client().await?.grant(id).await?.ok_or_else(unknown)
}

/// How many of a list are still to be read.
const fn rest(limit: u32, have: usize) -> u32 {
	limit.saturating_sub(have as u32)
}

async fn register(context: &Context, path: &Path) -> Result<Report, Failure> {
	let manifest = AssetManifest::read(path)?;
	// Refused before files are hashed.
	context.key()?;
	let algorithms = match &manifest.algorithms {
		AlgorithmNames::Any(_) => Algorithms::Any,
		AlgorithmNames::Only(names) if names.is_empty() => {
			return Err(Failure::new("manifest", "no model may be run over the asset")
				.help("algorithms = \"any\", or a list of versions"));
		},
		AlgorithmNames::Only(names) => algorithms(context, names).await?,
	};
	let spec = manifest.spec(algorithms, &context.output)?;
	let files = spec.manifest.clone();
	let call = Call::Data(DataCall::RegisterAsset { spec: Box::new(spec) });
	let receipt = context.submit(call).await?;
	let unseen = || Failure::new("decode", "the block has no event of the registration");
	let asset = receipt.created.asset.ok_or_else(unseen)?;
	let text = format!(
		"asset {asset} registered in block {}\nroot {}, files: {}, bytes: {}",
		receipt.block, files.root, files.files, files.bytes
	);
	let json = json!({
		"asset": asset,
		"root": files.root,
		"files": files.files,
		"bytes": files.bytes,
		"receipt": views::receipt(&receipt),
	});
	Ok(Report::new(json, text))
}

/// These versions; any of no names.
async fn algorithms(context: &Context, names: &[String]) -> Result<Algorithms, Failure> {
	if names.is_empty() {
		return Ok(Algorithms::Any);
	}
	let versions = versions(context, names).await?;
	Ok(Algorithms::Only(bounded(versions, "the list of models")?))
}

/// The versions of these names.
async fn versions(context: &Context, names: &[String]) -> Result<Vec<VersionId>, Failure> {
	let mut versions = Vec::with_capacity(names.len());
	for name in names {
		versions.push(context.version(name).await?.1.id);
	}
	Ok(versions)
}

async fn set_terms(context: &Context, arguments: ConsentArgs) -> Result<DataCall, Failure> {
	let ConsentArgs { asset, training, inference, derivatives, licence } = arguments;
	let present = find(context, asset).await?.spec;
	let consent = Consent {
		training: training.unwrap_or(present.consent.training),
		inference: inference.unwrap_or(present.consent.inference),
		derivatives: derivatives.unwrap_or(present.consent.derivatives),
	};
	let licence = match licence {
		Some(licence) => bounded(licence.into_bytes(), "the licence")?,
		None => present.licence,
	};
	Ok(DataCall::SetTerms { asset, consent, licence })
}

async fn transfer(context: &Context, asset: AssetId, to: &str) -> Result<DataCall, Failure> {
	let to = parse_account(to)?;
	let burned = || {
		let message = format!("asset {asset} is nobody's: the item that it was owned as is burned");
		Failure::new("no-owner", message)
	};
	let item = find(context, asset).await?.item.ok_or_else(burned)?;
	Ok(DataCall::TransferItem { item, to })
}

async fn list_all(context: &Context, owner: Option<&str>, limit: u32) -> Result<Report, Failure> {
	let owner = owner.map(parse_account).transpose()?;
	let client = context.client().await?;
	let (mut assets, mut start) = (Vec::new(), Some(AssetId(0)));
	while let Some(from) = start.filter(|_| assets.len() < limit as usize) {
		let page = client.assets(owner.as_ref(), from, rest(limit, assets.len())).await?;
		assets.extend(page.items);
		start = page.next;
	}
	let row = |asset: &Asset| {
		[
			asset.id.to_string(),
			asset.spec.kind.to_string(),
			asset.status.to_string(),
			asset.spec.manifest.files.to_string(),
			asset.spec.manifest.bytes.to_string(),
			views::text(&asset.spec.licence),
			asset.owner.as_ref().map_or_else(|| "nobody".into(), to_ss58),
		]
	};
	let header = ["ID", "KIND", "STATUS", "FILES", "BYTES", "LICENCE", "OWNER"];
	let text = table(header, assets.iter().map(row).collect());
	let assets: Vec<_> = assets.iter().map(shown::asset).collect();
	Ok(Report::new(json!({ "assets": assets }), text))
}
