//! `assay infer` and `assay estimate`.

pub(super) mod batch;
mod data_use;
mod items;
mod supplied;

use data_use::DataUse;
use supplied::Supplied;

use super::{demand, job, market};
use crate::{
	amount::{asy, Amount},
	cli::{EstimateArgs, InferArgs, TermsArgs, Until},
	context::Context,
	failure::Failure,
	gateway,
	manifest::bounded,
	npy,
	output::{lines, Report},
	tensors::{self, describe},
	views,
};
use assay_client::Call;
use assay_primitives::{
	api::Estimate,
	commitment::{tensor_root, tensors_root},
	job::{
		Choice, Input, JobState, JobView, Output, OutputRecord, Redundancy, TensorHeader, Terms,
		MAX_INLINE_INPUT,
	},
	model::{ModelView, VersionStatus, VersionView},
	money::Fee,
	rights::{Usage, MAX_TAG},
	tensor::{decode_tensors, encode_tensors, Dimension, Tensor, TensorSpec},
	AccountId, Balance, JobId, Root,
};
use serde_json::{json, Value};
use std::{
	fs,
	path::{Path, PathBuf},
};

/// The most elements of an output that are printed; `--output` keeps them all.
const MOST_SHOWN: usize = 16;
/// The providers that may be tried one after another within the default time.
const TRIES: u32 = 3;

/// Request a job, wait for its result and fetch it.
pub async fn run(context: &Context, arguments: InferArgs) -> Result<Report, Failure> {
	if arguments.batch || arguments.batch_dir.is_some() {
		return batch::run(context, arguments).await;
	}
	let (model, version) = context.version(&arguments.model).await?;
	ensure_active(&version, &arguments.model)?;
	let supplied = Supplied::parse(&version, &arguments)?;
	let client = context.client().await?;
	let shapes = supplied.shapes(&version)?;
	let answered = Answered { context, model: &model, version: &version };
	if let (true, Supplied::Open(inputs)) = (arguments.reuse, &supplied) {
		if let Some(report) = answered.again(inputs, &arguments).await? {
			return Ok(report);
		}
		context.output.note("no final result for this input is kept: it is run");
	}
	let used = DataUse::read(context, arguments.terms.data).await?;
	supplied.ensure_readable(used.as_ref(), &context.output)?;
	let choice = market::choice(&arguments.terms.choice)?;
	let estimate = client.estimate(version.id, &shapes, &choice).await?;
	let terms =
		terms(context, &arguments.terms, &estimate, choice, Uses { used, items: 1 }).await?;
	let redundancy = redundancy(&arguments)?;
	let jobs = redundancy.map_or(1, |redundancy| u32::from(redundancy.replicas));
	let needed = terms.max_fee.saturating_add(estimate.deposit).saturating_mul(jobs.into());
	context.require(needed, "the request (its largest fee and its deposit)").await?;

	let input = Box::new(supplied.input(context, &arguments).await?);
	let call = match redundancy {
		Some(redundancy) => {
			Call::RequestRedundant { version: version.id, input, terms, redundancy }
		},
		None => Call::Request { version: version.id, input, terms },
	};
	let receipt = context.submit(call).await?;
	let unseen = || Failure::new("decode", "the block has no event of the request");
	let id = receipt.created.job.ok_or_else(unseen)?;
	let ids = replicas(id, jobs);
	let named = match (redundancy, ids.last()) {
		(Some(_), Some(last)) => format!("jobs {id} to {last}, the group {id},"),
		_ => format!("job {id}"),
	};
	if arguments.wait == Until::None {
		let text = format!("{named} requested in block {}", receipt.block);
		let mut json = json!({ "job": { "id": id }, "receipt": views::receipt(&receipt) });
		if redundancy.is_some() {
			json["group"] = json!(id);
			json["replicas"] = ids.iter().map(|id| json!({ "job": { "id": id } })).collect();
		}
		return Ok(Report::new(json, text));
	}
	context.output.note(&format!("{named} requested in block {}", receipt.block.number));
	let followed = follow(context, &ids, arguments.wait);
	let followed = if let Some(inputs) = supplied.to_show() {
		// Whoever cannot fetch the input demands it, and without an answer the fee is lost.
		tokio::select! {
			followed = followed => followed?,
			never = demand::keep_showing(context, &ids, inputs) => match never {},
		}
	} else {
		followed.await?
	};
	let mut report = match followed.as_slice() {
		[job] => answered.report(job, arguments.output.as_deref()).await?,
		replicas => answered.group(id, replicas, arguments.output.as_deref()).await?,
	};
	report.json["receipt"] = views::receipt(&receipt);
	Ok(report)
}

/// Fail for a version that takes no new jobs.
pub(super) fn ensure_active(version: &VersionView, name: &str) -> Result<(), Failure> {
	let kind = match version.status {
		VersionStatus::Active => return Ok(()),
		VersionStatus::Deprecated => "deprecated",
		VersionStatus::Frozen => "frozen",
	};
	Err(Failure::new(kind, format!("{name} takes no new jobs"))
		.help("`assay model show` lists the other versions"))
}

/// The jobs of a request: so many, from the first on.
fn replicas(first: JobId, count: u32) -> Vec<JobId> {
	(0..u64::from(count)).map(|index| JobId(first.0.saturating_add(index))).collect()
}

/// Follow jobs until each has a result, as far as is waited for, or has ended without one.
async fn follow(
	context: &Context,
	jobs: &[JobId],
	until: Until,
) -> Result<Vec<JobView<AccountId>>, Failure> {
	let mut followed = Vec::with_capacity(jobs.len());
	for job in jobs {
		followed.push(job::follow(context, *job, until, |_, _| {}).await?);
	}
	Ok(followed)
}

/// How many providers were asked for; `None` for one.
fn redundancy(arguments: &InferArgs) -> Result<Option<Redundancy>, Failure> {
	let Some(replicas) = arguments.providers else { return Ok(None) };
	let redundancy = Redundancy { replicas, answers: arguments.answers.unwrap_or(replicas) };
	if redundancy.is_valid() {
		return Ok(Some(redundancy));
	}
	let Redundancy { answers, .. } = redundancy;
	let message = format!("{answers} answers are waited for, of {replicas} providers");
	Err(Failure::new("input", message).help("--answers is at most --providers"))
}

/// Shows what came of jobs of one version.
pub(super) struct Answered<'a> {
	/// How it is shown.
	pub context: &'a Context,
	/// The model.
	pub model: &'a ModelView<AccountId>,
	/// The version.
	pub version: &'a VersionView,
}

impl Answered<'_> {
	/// The result of a job, kept in a folder if there is one.
	pub(super) async fn report(
		&self,
		job: &JobView<AccountId>,
		folder: Option<&Path>,
	) -> Result<Report, Failure> {
		let outputs = outputs(self.context, self.version, job).await?;
		if let Some(folder) = folder {
			save(folder, &self.version.spec.outputs, &outputs)?;
		}
		Ok(shown(self.model, self.version, job, &outputs))
	}

	/// The final result that is kept for these inputs, if there is one, paid for.
	async fn again(
		&self,
		inputs: &[Tensor],
		arguments: &InferArgs,
	) -> Result<Option<Report>, Failure> {
		// Nobody says what a result is read again for.
		if self.version.spec.permissions.admit(&Usage::default()).is_err() {
			return Ok(None);
		}
		let (client, input) = (self.context.client().await?, tensors_root(inputs));
		let version = self.version.id;
		let Some(job) = client.answered_by(version, input).await? else { return Ok(None) };
		let max_fee = arguments.terms.max_fee.map_or(Balance::MAX, |Amount(most)| most);
		let receipt = self.context.submit(Call::Reuse { version, input, max_fee }).await?;
		let Some(job) = client.job(job).await? else { return Ok(None) };
		let mut report = self.report(&job, arguments.output.as_deref()).await?;
		report.json["receipt"] = views::receipt(&receipt);
		report.json["reused"] = json!(true);
		Ok(Some(report))
	}

	/// The results of the replicas of a group, or why they have none. It fails if no replica has.
	async fn group(
		&self,
		group: JobId,
		replicas: &[JobView<AccountId>],
		folder: Option<&Path>,
	) -> Result<Report, Failure> {
		let (mut texts, mut values) = (vec![format!("group {group}")], Vec::new());
		let (mut roots, mut last) = (Vec::new(), None);
		for job in replicas {
			let folder = folder.map(|folder| folder.join(job.id.to_string()));
			match self.report(job, folder.as_deref()).await {
				Ok(report) => {
					roots.extend(job.state.output().map(|output| output.root));
					texts.push(report.text);
					values.push(report.json);
				},
				Err(failure) => {
					texts.push(failure.to_text());
					let mut value = failure.to_json();
					value["job"] = views::job(job);
					values.push(value);
					last = Some(failure);
				},
			}
		}
		let agree = roots.windows(2).all(|pair| pair.first() == pair.last());
		match (last, roots.len()) {
			(Some(failure), 0) => return Err(failure),
			(_, 0 | 1) => {},
			(_, count) if agree => texts.push(format!("{count} results, all the same")),
			(_, count) => texts.push(format!("{count} results that are not all the same")),
		}
		let agree = (roots.len() > 1).then_some(agree);
		let json = json!({ "group": group, "agree": agree, "replicas": values });
		Ok(Report::new(json, texts.join("\n\n")))
	}
}

/// The declared inputs, each from its `NAME=VALUE`.
pub(super) fn parse_inputs(
	specs: &[TensorSpec],
	arguments: &[String],
) -> Result<Vec<Tensor>, Failure> {
	let values = given(specs, arguments)?;
	specs.iter().zip(values).map(|(spec, value)| tensors::parse(value, spec)).collect()
}

/// What is given for each of the declared inputs.
fn given<'a>(specs: &[TensorSpec], arguments: &'a [String]) -> Result<Vec<&'a str>, Failure> {
	let values = by_name(specs, arguments, "--input NAME=VALUE")?;
	let missing =
		|spec: &TensorSpec| usage(specs, format!("input `{}` is missing", views::text(&spec.name)));
	let values = specs.iter().zip(values);
	values.map(|(spec, value)| value.ok_or_else(|| missing(spec))).collect()
}

/// The values of `NAME=VALUE` arguments in the order of the declarations.
fn by_name<'a>(
	specs: &[TensorSpec],
	arguments: &'a [String],
	form: &str,
) -> Result<Vec<Option<&'a str>>, Failure> {
	let mut values = vec![None; specs.len()];
	for argument in arguments {
		let (name, value) = argument
			.split_once('=')
			.ok_or_else(|| usage(specs, format!("`{argument}` is not of the form {form}")))?;
		let slot = specs.iter().position(|spec| spec.name.as_slice() == name.as_bytes());
		match slot.and_then(|index| values.get_mut(index)) {
			Some(slot @ None) => *slot = Some(value),
			Some(Some(_)) => return Err(usage(specs, format!("input `{name}` is given twice"))),
			None => return Err(usage(specs, format!("the version has no input `{name}`"))),
		}
	}
	Ok(values)
}

fn usage(specs: &[TensorSpec], message: String) -> Failure {
	let declared: Vec<String> = specs
		.iter()
		.map(|spec| format!("{} {}", views::text(&spec.name), describe(spec)))
		.collect();
	Failure::new("input", message).help(format!("its inputs are: {}", declared.join("; ")))
}

/// What a job uses of others' data.
pub(super) struct Uses {
	/// The data; `None` of nobody's.
	pub used: Option<DataUse>,
	/// The items of the job, each of which is a use.
	pub items: u32,
}

impl Uses {
	/// The uses by a job of so many items, by the right that the arguments name.
	pub(super) async fn read(
		context: &Context,
		arguments: &TermsArgs,
		items: u32,
	) -> Result<Self, Failure> {
		Ok(Uses { used: DataUse::read(context, arguments.data).await?, items })
	}

	/// A fee with what they cost.
	fn added_to(&self, fee: Fee, context: &Context) -> Result<Balance, Failure> {
		let Some(used) = &self.used else { return Ok(fee.total()) };
		let fee = fee.with_data(used.cost(self.items)?, used.key_fee);
		let too_much = || Failure::new("usage", "the fee is more than can be counted");
		let fee = fee.ok_or_else(too_much)?;
		if let Some(text) = used.note(self.items) {
			context.output.note(&text);
		}
		Ok(fee.total())
	}
}

/// What is agreed to, the rest from what is estimated and what the data costs.
pub(super) async fn terms(
	context: &Context,
	arguments: &TermsArgs,
	estimate: &Estimate,
	choice: Choice<AccountId>,
	uses: Uses,
) -> Result<Terms<AccountId>, Failure> {
	let max_fee = match (arguments.max_fee, &estimate.highest) {
		(Some(Amount(max_fee)), _) => max_fee,
		(None, Some(fee)) => uses.added_to(*fee, context)?,
		(None, None) => {
			return Err(Failure::new("no-provider", "no provider could take the job now")
				.help("`assay market book …` shows who serves it; --max-fee asks anyway"));
		},
	};
	let deliver_within = match arguments.deliver_within {
		Some(blocks) => blocks,
		None => {
			let numbers = context.client().await?.numbers().await?;
			let each = numbers.assignment_delay.saturating_add(numbers.response_window);
			each.saturating_mul(TRIES)
		},
	};
	Ok(Terms {
		max_fee,
		value: arguments.value.0,
		deliver_within,
		max_relative: None,
		reassign: arguments.reassign,
		choice,
		usage: purpose(arguments)?,
		data: arguments.data,
	})
}

/// What a job is for.
fn purpose(arguments: &TermsArgs) -> Result<Usage, Failure> {
	let purpose = arguments.purpose.clone().unwrap_or_default().into_bytes();
	let purpose = purpose
		.try_into()
		.map_err(|_| Failure::new("input", format!("a purpose has at most {MAX_TAG} bytes")))?;
	Ok(Usage { commercial: arguments.commercial, purpose })
}

/// Whether tensors are too large to travel on chain.
fn by_artifact(inputs: &[Tensor]) -> bool {
	let most = MAX_INLINE_INPUT as usize;
	let data = inputs.iter().map(|tensor| tensor.data.len()).fold(0, usize::saturating_add);
	// What is too large by its data alone is not encoded to find that out.
	data > most || encode_tensors(inputs).len() > most
}

/// The input as it travels: on chain if it is small, by a gateway if it is not.
pub(super) async fn input(
	context: &Context,
	inputs: &[Tensor],
	gateway: Option<&str>,
) -> Result<Input, Failure> {
	let bytes = encode_tensors(inputs);
	let size = bytes.len();
	let bytes = match bytes.try_into() {
		Ok(inline) => return Ok(Input::Inline(inline)),
		Err(bytes) => bytes,
	};
	let gateway = gateway.ok_or_else(|| {
		let message =
			format!("the input has {size} bytes, more than the {MAX_INLINE_INPUT} inline");
		Failure::new("input", message).help("name an artifact gateway with --gateway URL")
	})?;
	let artifact = gateway::hash_bytes(&bytes);
	gateway::put_bytes(gateway, &artifact, bytes, &context.output).await?;
	let header = |tensor: &Tensor| TensorHeader {
		shape: tensor.shape.clone(),
		root: tensor_root(tensor.dtype, &tensor.shape, &tensor.data),
	};
	let url = gateway::artifact_url(gateway, &artifact.hash);
	Ok(Input::Artifact {
		artifact,
		locator: bounded(url.into_bytes(), "the gateway's URL")?,
		tensors: bounded(inputs.iter().map(header).collect(), "the list of inputs")?,
	})
}

/// The outputs of a job that has a result, checked against their root.
async fn outputs(
	context: &Context,
	version: &VersionView,
	job: &JobView<AccountId>,
) -> Result<Vec<Tensor>, Failure> {
	let record = result(job)?;
	let bytes = match context.client().await?.job_output(job.id).await? {
		Some(Output::Inline(bytes)) => bytes.into_inner(),
		Some(Output::Artifact { artifact, .. }) => {
			let endpoint = endpoint(context, job).await?;
			gateway::get_bytes(&endpoint, &artifact, &context.output).await?
		},
		Some(Output::Fault { slot, element }) => {
			let message =
				format!("the run ends in slot {slot}: its element {element} has no value");
			return Err(Failure::new("fault", message).help(
				"an index of the input is out of range, or the like; the job is paid like any other",
			));
		},
		Some(Output::InputMismatch) | None => {
			return Err(Failure::new("no-output", format!("job {} has no output", job.id)));
		},
	};
	check(&bytes, &version.spec.outputs, record.root, job.id)
}

/// The result of a job, unless it has none or one that was proven wrong.
fn result(job: &JobView<AccountId>) -> Result<&OutputRecord, Failure> {
	let refuted = matches!(job.state, JobState::Slashed { .. });
	job.state.output().filter(|_| !refuted).ok_or_else(|| {
		let text = views::state_text(&job.state);
		let failure = Failure::new(job.state.name(), format!("job {}: {text}", job.id));
		failure.help(match job.state {
			JobState::Corrected { .. } => "`assay canon run` computes the result from the model",
			JobState::Withheld { .. } => "keep the input's artifact served until its job has ended",
			_ => "the fee is back in the account; request again",
		})
	})
}

/// The URL of the gateway of the provider that answered.
async fn endpoint(context: &Context, job: &JobView<AccountId>) -> Result<String, Failure> {
	let none = || {
		Failure::new("no-endpoint", "the provider names no endpoint to fetch the output from")
			.help("ask its operator; `assay provider show` names the account")
	};
	let account = job.state.provider().ok_or_else(none)?;
	let provider = context.client().await?.provider(account).await?.ok_or_else(none)?;
	match String::from_utf8(provider.profile.endpoint.into_inner()) {
		Ok(endpoint) if !endpoint.is_empty() => Ok(endpoint),
		_ => Err(none()),
	}
}

fn check(
	bytes: &[u8],
	specs: &[TensorSpec],
	root: Root,
	job: JobId,
) -> Result<Vec<Tensor>, Failure> {
	let outputs = decode_tensors(bytes, specs)
		.map_err(|error| Failure::new("output", format!("the output of job {job}: {error}")))?;
	if tensors_root(&outputs) == root {
		Ok(outputs)
	} else {
		Err(Failure::new("output", format!("the output of job {job} is not the one committed to")))
	}
}

/// Write outputs as `.npy` files named as the tensors are, and return their paths.
pub(super) fn save(
	folder: &Path,
	specs: &[TensorSpec],
	outputs: &[Tensor],
) -> Result<Vec<PathBuf>, Failure> {
	let fail = |error| Failure::new("file", format!("{}: {error}", folder.display()));
	fs::create_dir_all(folder).map_err(fail)?;
	let write = |(index, (spec, tensor)): (usize, (&TensorSpec, &Tensor))| {
		let path = folder.join(file_name(index, &spec.name));
		fs::write(&path, npy::write(tensor)).map_err(fail).map(|()| path)
	};
	specs.iter().zip(outputs).enumerate().map(write).collect()
}

/// A file name for a tensor. Publishers choose the names of tensors, so that none may lead out
/// of the folder; a changed name gets the tensor's index, so that two stay apart.
fn file_name(index: usize, name: &[u8]) -> String {
	let is_plain = |c: &char| c.is_ascii_alphanumeric() || "-_.".contains(*c);
	let text = String::from_utf8_lossy(name);
	let plain: String = text.chars().map(|c| if is_plain(&c) { c } else { '_' }).collect();
	if plain == text && !plain.starts_with('.') {
		format!("{plain}.npy")
	} else {
		format!("{index}-{}.npy", plain.trim_start_matches('.'))
	}
}

fn shown(
	model: &ModelView<AccountId>,
	version: &VersionView,
	job: &JobView<AccountId>,
	outputs: &[Tensor],
) -> Report {
	let mut texts = Vec::new();
	let mut values = Vec::new();
	for (spec, tensor) in version.spec.outputs.iter().zip(outputs) {
		let (name, shape) = (views::text(&spec.name), tensor.shape.to_vec());
		let elements = tensors::elements(tensor, MOST_SHOWN);
		let written: Vec<String> = elements.iter().map(Value::to_string).collect();
		let all = tensor.elements().and_then(|count| usize::try_from(count).ok());
		let is_cut = all != Some(elements.len());
		let more = if is_cut { ", …" } else { "" };
		texts.push(format!("{name} {} {shape:?}\n  {}{more}", tensor.dtype, written.join(", ")));
		values.push(json!({
			"name": name,
			"dtype": tensor.dtype,
			"shape": shape,
			"values": tensors::elements(tensor, usize::MAX),
		}));
	}
	let text = format!(
		"{}@{}\n{}\n{}",
		views::text(&model.name),
		version.id.number,
		texts.join("\n"),
		views::job_text(job)
	);
	Report::new(json!({ "job": views::job(job), "outputs": values }), text)
}

/// What a job would cost.
pub async fn estimate(context: &Context, arguments: EstimateArgs) -> Result<Report, Failure> {
	let (_, version) = context.version(&arguments.model).await?;
	let shapes = parse_shapes(&version.spec.inputs, &arguments.shapes)?;
	let choice = market::choice(&arguments.choice)?;
	let client = context.client().await?;
	let items = arguments.items;
	let estimate = client.estimate_batch(version.id, &shapes, items, &choice).await?;
	let fee = |fee: &Option<Fee>| fee.map(|fee| Amount(fee.total()).to_string());
	let (lowest, highest) = (fee(&estimate.lowest), fee(&estimate.highest));
	let or_none = |fee: &Option<String>| match fee {
		Some(fee) => format!("{fee} ASY"),
		None => "no provider".into(),
	};
	let pairs = [
		("units", estimate.units.to_string()),
		("lowest fee", or_none(&lowest)),
		("highest fee", or_none(&highest)),
		("deposit", asy(estimate.deposit)),
		(
			"providers",
			format!("{} of {} asks could take it now", estimate.providers, estimate.asks),
		),
		("to a provisional result", format!("{} blocks", estimate.blocks_to_provisional)),
		("to a settled result", format!("{} blocks", estimate.blocks_to_settled)),
	];
	let json = json!({
		"version": version.id,
		"shapes": shapes,
		"items": items,
		"units": estimate.units,
		"lowest": lowest,
		"highest": highest,
		"deposit": Amount(estimate.deposit).to_string(),
		"providers": estimate.providers,
		"asks": estimate.asks,
		"blocks_to_provisional": estimate.blocks_to_provisional,
		"blocks_to_settled": estimate.blocks_to_settled,
	});
	Ok(Report::new(json, lines(&pairs)))
}

/// The shapes of the declared inputs; the largest of those that are not given.
pub(super) fn parse_shapes(
	specs: &[TensorSpec],
	arguments: &[String],
) -> Result<Vec<Vec<u32>>, Failure> {
	let values = by_name(specs, arguments, "--input-shape NAME=LENGTHS")?;
	let mut shapes = Vec::with_capacity(specs.len());
	for (spec, value) in specs.iter().zip(values) {
		let Some(value) = value else {
			shapes.push(spec.shape.iter().copied().map(Dimension::most).collect());
			continue;
		};
		let lengths = value.split(',').map(str::trim).filter(|length| !length.is_empty());
		let shape: Vec<u32> = lengths
			.map(str::parse)
			.collect::<Result<_, _>>()
			.map_err(|_| usage(specs, format!("`{value}` is no list of lengths")))?;
		spec.check(spec.dtype, &shape)
			.map_err(|error| usage(specs, format!("`{value}`: {error}")))?;
		shapes.push(shape);
	}
	Ok(shapes)
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{job::JobKind, tensor::DType, ModelId, VersionId};

	fn specs() -> Vec<TensorSpec> {
		let spec = |name: &[u8], shape: Vec<Dimension>| TensorSpec {
			name: name.to_vec().try_into().unwrap(),
			dtype: DType::Int32,
			shape: shape.try_into().unwrap(),
		};
		vec![spec(b"a", vec![Dimension::UpTo(4)]), spec(b"b", vec![])]
	}

	fn texts(arguments: &[&str]) -> Vec<String> {
		arguments.iter().map(|text| (*text).to_owned()).collect()
	}

	#[test]
	fn inputs_are_taken_in_declared_order() {
		let inputs = parse_inputs(&specs(), &texts(&["b=7", "a=[1,2]"])).unwrap();
		assert_eq!((inputs[0].shape.to_vec(), inputs[1].shape.to_vec()), (vec![2], vec![]));
	}

	#[test]
	fn inputs_that_are_missing_repeated_or_unknown_are_refused_with_the_declarations() {
		for arguments in [&["a=[1]"][..], &["a=[1]", "a=[1]", "b=1"], &["c=1"], &["a"]] {
			let text = parse_inputs(&specs(), &texts(arguments)).unwrap_err().to_text();
			assert!(text.contains("a int32 [<=4]; b int32 []"), "{text}");
		}
	}

	#[test]
	fn a_group_waits_for_all_its_providers_unless_it_is_told_otherwise() {
		use crate::cli::{Cli, Command};
		use clap::Parser;
		let asked = |more: &[&str]| {
			let arguments = [&["assay", "infer", "--model", "a"], more].concat();
			match Cli::try_parse_from(arguments).ok()?.command {
				Command::Infer(arguments) => Some(redundancy(&arguments).map_err(drop)),
				_ => None,
			}
		};
		let of = |replicas, answers| Some(Ok(Some(Redundancy { replicas, answers })));
		assert_eq!(asked(&[]), Some(Ok(None)));
		assert_eq!(asked(&["--providers", "3"]), of(3, 3));
		assert_eq!(asked(&["--providers", "3", "--answers", "2"]), of(3, 2));
		assert_eq!(asked(&["--providers", "3", "--answers", "4"]), Some(Err(())));
		for refused in [&["--answers", "1"][..], &["--providers", "1"], &["--providers", "9"]] {
			assert_eq!(asked(refused), None);
		}
		assert_eq!(replicas(JobId(7), 3), [JobId(7), JobId(8), JobId(9)]);
	}

	#[test]
	fn shapes_default_to_the_largest() {
		assert_eq!(parse_shapes(&specs(), &[]).unwrap(), [vec![4], vec![]]);
		assert_eq!(parse_shapes(&specs(), &texts(&["a=2"])).unwrap(), [vec![2], vec![]]);
		assert!(parse_shapes(&specs(), &texts(&["a=5"])).is_err());
		assert!(parse_shapes(&specs(), &texts(&["a=x"])).is_err());
	}

	#[test]
	fn outputs_that_are_not_committed_to_are_refused() {
		let tensor = Tensor::new(DType::Int32, vec![], vec![1, 0, 0, 0]).unwrap();
		let specs = &specs()[1..];
		let bytes = encode_tensors(std::slice::from_ref(&tensor));
		let root = tensors_root(std::slice::from_ref(&tensor));
		assert_eq!(check(&bytes, specs, root, JobId(0)).unwrap(), [tensor]);
		assert!(check(&bytes, specs, Root([0; 32]), JobId(0)).is_err());
		assert!(check(&bytes[1..], specs, root, JobId(0)).is_err());
	}

	#[test]
	fn a_result_that_was_proven_wrong_is_no_result() {
		let provider = AccountId::new([1; 32]);
		let output = OutputRecord { root: Root([2; 32]), artifact: None };
		let job = |state| JobView {
			id: JobId(7),
			requester: AccountId::new([3; 32]),
			version: VersionId { model: ModelId(0), number: 1 },
			group: None,
			kind: JobKind::Single,
			input_root: Root([4; 32]),
			terms: Terms {
				max_fee: 1,
				value: 0,
				deliver_within: 9,
				max_relative: None,
				reassign: false,
				choice: Choice::Any,
				usage: Default::default(),
				data: None,
			},
			requested: 1,
			deadline: 10,
			attempts: 1,
			state,
			refuted: vec![],
			disputes: 0,
			stays: 0,
			shares: vec![],
			fee: 1,
		};
		let settled = job(JobState::Settled { provider: provider.clone(), output, at: 5 });
		assert_eq!(result(&settled).unwrap(), &output);
		let history = Root([5; 32]);
		let corrected = JobState::Corrected { provider: provider.clone(), history, at: 5 };
		let corrected = result(&job(corrected)).unwrap_err().to_text();
		assert!(corrected.contains("assay canon run") && !corrected.contains("fee"), "{corrected}");
		let slashed = result(&job(JobState::Slashed { provider, output, at: 5 })).unwrap_err();
		assert_eq!(slashed.to_json()["error"]["kind"], "slashed");
		let text = slashed.to_text();
		assert!(text.contains("proven wrong") && text.contains("fee is back"), "{text}");
	}

	#[test]
	fn names_of_tensors_cannot_lead_out_of_the_folder() {
		assert_eq!(file_name(0, b"target_label"), "target_label.npy");
		assert_eq!(file_name(1, b"../../x:0"), "1-_.._x_0.npy");
		assert_eq!(file_name(2, b".hidden"), "2-hidden.npy");
	}
}
