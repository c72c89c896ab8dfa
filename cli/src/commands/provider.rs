//! `assay provider`.

use crate::{
	amount::Amount,
	cli::{ProfileArgs, ProviderCommand},
	context::Context,
	failure::Failure,
	manifest::bounded,
	output::{table, Report},
	views,
};
use assay_client::{keys, Call};
use assay_primitives::{
	provider::{Ask, Maintenance, Profile, ProviderView},
	AccountId, BlockNumber,
};
use serde_json::json;

/// Run a command on providers.
pub async fn run(context: &Context, command: ProviderCommand) -> Result<Report, Failure> {
	let (call, done) = match command {
		ProviderCommand::Register { profile, bond } => {
			return register(context, &profile, bond).await
		},
		ProviderCommand::List { model, limit } => {
			return list(context, model.as_deref(), limit).await
		},
		ProviderCommand::Show { account } => return show(context, account.as_deref()).await,
		ProviderCommand::Update { profile } => {
			let present = find(context, &context.account_or_own(None)?).await?.profile;
			let profile = merge(present, &profile)?;
			(Call::UpdateProfile { profile }, "profile updated")
		},
		ProviderCommand::Online => (Call::SetOnline { online: true }, "online"),
		ProviderCommand::Offline => (Call::SetOnline { online: false }, "offline"),
		ProviderCommand::Ask { version, price, capacity, lasting } => {
			let version = context.version(&version).await?.1.id;
			let until = match lasting {
				Some(blocks) => Some(ahead(context, blocks).await?),
				None => None,
			};
			(Call::SetAsk { version, ask: Ask { price: price.0, capacity, until } }, "ask set")
		},
		ProviderCommand::Maintenance { begin, lasting, none: false } => {
			let from = ahead(context, begin).await?;
			let until = from.saturating_add(lasting.unwrap_or_default());
			let maintenance = Some(Maintenance { from, until });
			(Call::SetMaintenance { maintenance }, "maintenance announced")
		},
		ProviderCommand::Maintenance { .. } => {
			(Call::SetMaintenance { maintenance: None }, "maintenance taken back")
		},
		ProviderCommand::Evict { account, version } => {
			let provider = keys::parse_account(&account)?;
			let version = context.version(&version).await?.1.id;
			(Call::Evict { provider, version }, "ask removed")
		},
		ProviderCommand::Unask { version } => {
			let version = context.version(&version).await?.1.id;
			(Call::RemoveAsk { version }, "ask removed")
		},
		ProviderCommand::Bond { amount: Amount(amount) } => {
			context.require(amount, "the bond").await?;
			(Call::BondExtra { amount }, "bonded")
		},
		ProviderCommand::Unbond { amount: Amount(amount) } => {
			(Call::Unbond { amount }, "unbonding begun")
		},
		ProviderCommand::Withdraw => (Call::WithdrawUnbonded, "withdrawn"),
	};
	super::submit(context, call, done).await
}

/// The block so many blocks ahead of the best.
async fn ahead(context: &Context, blocks: BlockNumber) -> Result<BlockNumber, Failure> {
	Ok(context.client().await?.best().await?.number.saturating_add(blocks))
}

async fn register(
	context: &Context,
	profile: &ProfileArgs,
	bond: Option<Amount>,
) -> Result<Report, Failure> {
	let profile = merge(Profile::default(), profile)?;
	let bond = match bond {
		Some(Amount(bond)) => bond,
		None => context.client().await?.numbers().await?.min_bond,
	};
	context.require(bond, "the bond").await?;
	super::submit(context, Call::RegisterProvider { profile, bond }, "registered").await
}

/// A profile with what the flags change.
fn merge(mut profile: Profile, flags: &ProfileArgs) -> Result<Profile, Failure> {
	if let Some(endpoint) = &flags.endpoint {
		profile.endpoint = bounded(endpoint.as_bytes().to_vec(), "the endpoint")?;
	}
	if let Some(runtime) = &flags.runtime {
		profile.runtime = bounded(runtime.as_bytes().to_vec(), "the runtime")?;
	}
	if !flags.devices.is_empty() {
		let devices = flags
			.devices
			.iter()
			.map(|device| bounded(device.as_bytes().to_vec(), "a device"))
			.collect::<Result<Vec<_>, _>>()?;
		profile.devices = bounded(devices, "the list of devices")?;
	}
	if profile.is_valid() {
		Ok(profile)
	} else {
		Err(Failure::new("usage", "the endpoint is no http or https URL"))
	}
}

async fn find(context: &Context, account: &AccountId) -> Result<ProviderView<AccountId>, Failure> {
	let unknown = || {
		Failure::new("unknown-provider", format!("{} is no provider", keys::to_ss58(account)))
			.help("`assay provider register` makes the account of the key one")
	};
	context.client().await?.provider(account).await?.ok_or_else(unknown)
}

async fn show(context: &Context, account: Option<&str>) -> Result<Report, Failure> {
	let provider = find(context, &context.account_or_own(account)?).await?;
	Ok(Report::new(views::provider(&provider), views::provider_text(&provider)))
}

async fn list(context: &Context, model: Option<&str>, limit: u32) -> Result<Report, Failure> {
	let version = match model {
		Some(model) => Some(context.version(model).await?.1.id),
		None => None,
	};
	let client = context.client().await?;
	let (mut providers, mut start) = (Vec::new(), None);
	while providers.len() < limit as usize {
		let rest = limit - u32::try_from(providers.len()).unwrap_or(limit);
		let page = client.providers(version, start.as_ref(), rest).await?;
		providers.extend(page.items);
		start = page.next;
		if start.is_none() {
			break;
		}
	}
	let row = |provider: &ProviderView<AccountId>| {
		[
			keys::to_ss58(&provider.account),
			if provider.available { "available" } else { "away" }.into(),
			Amount(provider.bond).to_string(),
			provider.statistics.delivered.to_string(),
			provider.statistics.missed.to_string(),
			provider.tier.to_string(),
			views::text(&provider.profile.runtime),
		]
	};
	let header = ["ACCOUNT", "STATE", "BOND", "DELIVERED", "MISSED", "TIER", "RUNTIME"];
	let text = table(header, providers.iter().map(row).collect());
	let providers: Vec<_> = providers.iter().map(views::provider).collect();
	Ok(Report::new(json!({ "providers": providers }), text))
}
