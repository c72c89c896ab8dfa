//! Batches: many inputs as one job.

use super::{
	data_use::DataUse, endpoint, ensure_active, file_name, items::Items, job, market, result,
	terms, Uses, MOST_SHOWN, TRIES,
};
use crate::{
	cli::{InferArgs, Until},
	context::Context,
	failure::Failure,
	gateway,
	manifest::bounded,
	npy,
	output::Report,
	tensors, views,
};
use assay_client::{
	batch::{BatchError, BatchInputs, BatchOutputs},
	Call, Client, Receipt,
};
use assay_primitives::{
	api::Estimate,
	batch::{ItemOutput, ItemView},
	job::{Input, JobState, JobView, Output, MAX_JOB_ARTIFACT},
	model::{ModelView, VersionView},
	tensor::{decode_tensors, DType, Tensor, TensorSpec},
	AccountId, BlockNumber, JobId,
};
use serde_json::{json, Value};
use std::{fs, path::Path};

/// The longest that a requester can wait: a day.
const MOST_BLOCKS: BlockNumber = 43_200;

/// Request a batch, wait for its result and fetch it.
pub async fn run(context: &Context, mut arguments: InferArgs) -> Result<Report, Failure> {
	let (model, version) = context.version(&arguments.model).await?;
	ensure_active(&version, &arguments.model)?;
	let specs = &version.spec.inputs;
	let items = match &arguments.batch_dir {
		Some(folder) => Items::of_folder(specs, folder)?,
		None => Items::of_values(specs, &arguments.inputs)?,
	};
	let client = context.client().await?;
	let choice = market::choice(&arguments.terms.choice)?;
	let shapes = items.shapes();
	let estimate = client.estimate_batch(version.id, &shapes, items.count, &choice).await?;
	if arguments.terms.deliver_within.is_none() {
		arguments.terms.deliver_within = Some(time_for(client, &estimate).await?);
	}
	let uses = Uses::read(context, &arguments.terms, items.count).await?;
	if let Some(warning) = uses.used.as_ref().and_then(DataUse::warning) {
		context.output.note(&warning);
	}
	let terms = terms(context, &arguments.terms, &estimate, choice, uses).await?;
	let needed = terms.max_fee.saturating_add(estimate.deposit);
	context.require(needed, "the request (its largest fee and its deposit)").await?;

	let input = Box::new(upload(context, &items, arguments.gateway.as_deref()).await?);
	let call = Call::Request { version: version.id, input, terms };
	let receipt = context.submit(call).await?;
	let unseen = || Failure::new("decode", "the block has no event of the request");
	let id = receipt.created.job.ok_or_else(unseen)?;
	let text = format!("job {id}, a batch of {}, requested", items.count);
	if arguments.wait == Until::None {
		let text = format!("{text} in block {}", receipt.block);
		let json = json!({
			"job": { "id": id },
			"items": items.count,
			"receipt": views::receipt(&receipt),
		});
		return Ok(Report::new(json, text));
	}
	context.output.note(&format!("{text} in block {}", receipt.block.number));
	let job = job::follow(context, id, arguments.wait, |_, _| {}).await?;
	let outputs = outputs(context, &version, &job, items.count).await?;
	let corrected = corrected(context, id).await?;
	let answered = Answered { model, version, job, items, corrected, receipt };
	answered.report(&outputs, arguments.output.as_deref())
}

/// The items of a batch whose results were outside of the tolerance.
async fn corrected(context: &Context, batch: JobId) -> Result<Vec<ItemView>, Failure> {
	let (client, mut corrected) = (context.client().await?, Vec::new());
	for item in job::opened(context, batch).await? {
		let view = client.job(item.job).await?;
		if view.is_some_and(|view| matches!(view.state, JobState::Corrected { .. })) {
			corrected.push(item);
		}
	}
	Ok(corrected)
}

/// The blocks within which three providers could answer, one after the other. The estimate has the
/// time that a reference machine takes for all items.
async fn time_for(client: &Client, estimate: &Estimate) -> Result<BlockNumber, Failure> {
	let numbers = client.numbers().await?;
	let each = numbers.assignment_delay.saturating_add(numbers.response_window);
	let each = each.max(estimate.blocks_to_provisional);
	Ok(each.saturating_mul(TRIES).min(MOST_BLOCKS))
}

/// Commit to the items, and put their file where the provider finds it.
async fn upload(context: &Context, items: &Items, gateway: Option<&str>) -> Result<Input, Failure> {
	let gateway = gateway.ok_or_else(|| {
		Failure::new("input", "the inputs of a batch lie at a gateway")
			.help("name an artifact gateway with --gateway URL")
	})?;
	let bar = context.output.steps("hashing", items.count.into());
	let batch = BatchInputs::new(items.iter().inspect(|_| bar.inc(1)));
	bar.finish_and_clear();
	let batch = batch.map_err(|error| Failure::new("input", error.to_string()))?;
	let artifact = batch.artifact();
	let url = gateway::artifact_url(gateway, &artifact.hash);
	let input = batch.input(bounded(url.into_bytes(), "the gateway's URL")?);
	gateway::put_bytes(gateway, &artifact, batch.into_file(), &context.output).await?;
	Ok(input)
}

/// The outputs of a batch that has a result, fetched from its provider and checked against their
/// root.
pub(in crate::commands) async fn outputs(
	context: &Context,
	version: &VersionView,
	job: &JobView<AccountId>,
	items: u32,
) -> Result<BatchOutputs, Failure> {
	let root = result(job)?.root;
	let artifact = match context.client().await?.job_output(job.id).await? {
		Some(Output::Artifact { artifact, .. }) => artifact,
		_ => return Err(Failure::new("no-output", format!("job {} has no output", job.id))),
	};
	let endpoint = endpoint(context, job).await?;
	let bytes = gateway::get_bytes(&endpoint, &artifact, &context.output).await?;
	BatchOutputs::check(&bytes, &version.spec.outputs, root, items)
		.map_err(|error| unfit(job, &error))
}

/// Why a file is not what the provider of a batch committed to.
pub(in crate::commands) fn unfit(job: &JobView<AccountId>, error: &BatchError) -> Failure {
	let message = format!("the outputs of job {}: {error}", job.id);
	Failure::new("output", message).help(format!(
		"while the result is provisional, `assay demand make {} output` has the provider show it",
		job.id
	))
}

/// An item whose run ends early.
struct Fault {
	item: u32,
	slot: u32,
	element: u64,
}

/// One declared output of all items, one after the other.
#[derive(Debug, PartialEq, Eq)]
struct Row {
	dtype: DType,
	/// The number of items, then the shape of one.
	shape: Vec<u32>,
	data: Vec<u8>,
}

/// The outputs under one axis of items, and the items that have none, whose rows are zero. Without
/// an item that has outputs there are no rows.
fn stacked(specs: &[TensorSpec], items: &[ItemOutput]) -> Result<(Vec<Row>, Vec<Fault>), Failure> {
	let (mut faults, mut rows) = (Vec::new(), Vec::<Row>::new());
	let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
	for (item, output) in (0..).zip(items) {
		let bytes = match output {
			ItemOutput::Tensors(bytes) => bytes,
			ItemOutput::Fault { slot, element } => {
				faults.push(Fault { item, slot: *slot, element: *element });
				rows.iter_mut().for_each(Row::push_zeros);
				continue;
			},
		};
		let tensors = decode_tensors(bytes, specs).map_err(|error| {
			Failure::new("output", format!("the output of item {item}: {error}"))
		})?;
		if rows.is_empty() {
			ensure_room(bytes.len(), count)?;
			rows = tensors.iter().map(|tensor| Row::begin(tensor, count, item)).collect();
		}
		for ((spec, row), tensor) in specs.iter().zip(&mut rows).zip(tensors) {
			row.push(tensor).map_err(|shape| uneven(spec, row, item, &shape))?;
		}
	}
	Ok((rows, faults))
}

/// Fail if so many rows as large as one are more than a file can have: the rows of items without
/// outputs take room that the file did not.
fn ensure_room(bytes: usize, count: u32) -> Result<(), Failure> {
	if bytes as u64 * u64::from(count) <= MAX_JOB_ARTIFACT {
		return Ok(());
	}
	let message = format!("the outputs of all items have more than {MAX_JOB_ARTIFACT} bytes");
	Err(Failure::new("output", message))
}

impl Row {
	/// The rows of outputs like this one, after so many that are zero.
	fn begin(like: &Tensor, count: u32, after: u32) -> Self {
		let shape = [&[count][..], like.shape.as_slice()].concat();
		let data = vec![0; like.data.len() * after as usize];
		Row { dtype: like.dtype, shape, data }
	}

	/// The bytes of one item.
	fn length(&self) -> usize {
		let elements: u64 = self.shape.iter().skip(1).map(|length| u64::from(*length)).product();
		usize::try_from(elements * self.dtype.size()).unwrap_or_default()
	}

	fn push_zeros(&mut self) {
		self.data.resize(self.data.len() + self.length(), 0);
	}

	/// Add the row of an item; its shape, if it is another one.
	fn push(&mut self, tensor: Tensor) -> Result<(), Vec<u32>> {
		if self.shape.iter().skip(1).ne(tensor.shape.iter()) {
			return Err(tensor.shape.into_inner());
		}
		self.data.extend(tensor.data);
		Ok(())
	}
}

/// Inputs of one shape have outputs of one shape: only a wrong result has others.
fn uneven(spec: &TensorSpec, row: &Row, item: u32, shape: &[u32]) -> Failure {
	let (name, others) = (views::text(&spec.name), row.shape.get(1..).unwrap_or_default());
	let message = format!("output `{name}` of item {item} has the shape {shape:?}, not {others:?}");
	Failure::new("output", message)
		.help("the result is wrong: `assay job open-item` opens the item, and it can be disputed")
}

/// Shows what came of a batch.
struct Answered {
	model: ModelView<AccountId>,
	version: VersionView,
	job: JobView<AccountId>,
	items: Items,
	corrected: Vec<ItemView>,
	receipt: Receipt,
}

impl Answered {
	/// The outputs, kept in a folder if there is one. It is no success if an item ends in a fault, or
	/// if its result was corrected.
	fn report(&self, outputs: &BatchOutputs, folder: Option<&Path>) -> Result<Report, Failure> {
		let (rows, faults) = stacked(&self.version.spec.outputs, outputs.items())?;
		let mut texts = vec![format!(
			"{}@{}, {} items",
			views::text(&self.model.name),
			self.version.id.number,
			self.items.count
		)];
		let mut values = Vec::new();
		for (index, (spec, row)) in self.version.spec.outputs.iter().zip(&rows).enumerate() {
			let (text, value) = shown(index, spec, row, folder)?;
			texts.push(text);
			values.push(value);
		}
		texts.extend(self.faults_text(&faults));
		texts.extend(self.corrected.iter().map(|ItemView { index, job }| {
			format!("the result of item {index} is another one: `assay job show {job}` says why")
		}));
		texts.push(views::job_text(&self.job));
		let json = json!({
			"job": views::job(&self.job),
			"items": self.items.count,
			"files": self.items.files,
			"outputs": values,
			"faults": faults.iter().map(|fault| self.fault(fault)).collect::<Vec<_>>(),
			"corrected": self.corrected,
			"receipt": views::receipt(&self.receipt),
		});
		let success = faults.is_empty() && self.corrected.is_empty();
		Ok(Report { success, ..Report::new(json, texts.join("\n")) })
	}

	/// The file that an item came from, if it has one of its own.
	fn file(&self, item: u32) -> Option<&String> {
		self.items.files.get(usize::try_from(item).ok()?)
	}

	fn fault(&self, fault: &Fault) -> Value {
		let Fault { item, slot, element } = fault;
		json!({ "item": item, "file": self.file(*item), "slot": slot, "element": element })
	}

	/// The first faults, and how many more there are.
	fn faults_text(&self, faults: &[Fault]) -> Vec<String> {
		let one = |Fault { item, slot, element }: &Fault| {
			let file = self.file(*item).map(|file| format!(" ({file})")).unwrap_or_default();
			format!("  item {item}{file}: slot {slot}, element {element}")
		};
		if faults.is_empty() {
			return Vec::new();
		}
		let mut texts = vec![format!("{} items end without a value, in a fault", faults.len())];
		texts.extend(faults.iter().take(MOST_SHOWN).map(one));
		if faults.len() > MOST_SHOWN {
			texts.push(format!("  and {} more: --json lists all", faults.len() - MOST_SHOWN));
		}
		texts
	}
}

/// An output of all items: where it is kept, otherwise what it is.
fn shown(
	index: usize,
	spec: &TensorSpec,
	row: &Row,
	folder: Option<&Path>,
) -> Result<(String, Value), Failure> {
	let (name, shape) = (views::text(&spec.name), &row.shape);
	let text = format!("{name} {} {shape:?}", row.dtype);
	let mut value = json!({ "name": name, "dtype": row.dtype, "shape": shape });
	let Some(folder) = folder else {
		let elements = tensors::elements_of(row.dtype, &row.data, MOST_SHOWN);
		let written: Vec<String> = elements.iter().map(Value::to_string).collect();
		let all = tensors::elements_of(row.dtype, &row.data, usize::MAX);
		let more = if all.len() > elements.len() { ", …" } else { "" };
		value["values"] = Value::Array(all);
		return Ok((format!("{text}\n  {}{more}", written.join(", ")), value));
	};
	let path = folder.join(file_name(index, &spec.name));
	let fail = |error| Failure::new("file", format!("{}: {error}", path.display()));
	fs::create_dir_all(folder).map_err(fail)?;
	fs::write(&path, npy::write_elements(row.dtype, shape, &row.data)).map_err(fail)?;
	value["file"] = json!(path);
	Ok((format!("{text} in {}", path.display()), value))
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::tensor::{encode_tensors, Dimension};

	fn specs() -> Vec<TensorSpec> {
		vec![TensorSpec {
			name: b"y".to_vec().try_into().unwrap(),
			dtype: DType::Int16,
			shape: vec![Dimension::UpTo(4)].try_into().unwrap(),
		}]
	}

	fn output(data: &[u8]) -> ItemOutput {
		let shape = vec![data.len() as u32 / 2];
		let tensor = Tensor::new(DType::Int16, shape, data.to_vec()).unwrap();
		ItemOutput::Tensors(encode_tensors(&[tensor]))
	}

	const FAULT: ItemOutput = ItemOutput::Fault { slot: 3, element: 4 };

	#[test]
	fn the_outputs_of_items_are_rows_under_one_axis() {
		let items = [output(&[1, 0, 2, 0]), output(&[3, 0, 4, 0]), output(&[5, 0, 6, 0])];
		let (rows, faults) = stacked(&specs(), &items).unwrap();
		let data = vec![1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0];
		assert_eq!(rows, [Row { dtype: DType::Int16, shape: vec![3, 2], data }]);
		assert!(faults.is_empty());
	}

	#[test]
	fn the_row_of_an_item_that_ends_in_a_fault_is_zero() {
		let items = [FAULT, output(&[1, 0]), FAULT, output(&[2, 0]), FAULT];
		let (rows, faults) = stacked(&specs(), &items).unwrap();
		let data = vec![0, 0, 1, 0, 0, 0, 2, 0, 0, 0];
		assert_eq!(rows, [Row { dtype: DType::Int16, shape: vec![5, 1], data }]);
		let faults: Vec<_> = faults.iter().map(|fault| fault.item).collect();
		assert_eq!(faults, [0, 2, 4]);
	}

	#[test]
	fn without_an_item_that_has_outputs_there_is_nothing_to_keep() {
		let (rows, faults) = stacked(&specs(), &[FAULT, FAULT]).unwrap();
		assert_eq!((rows.len(), faults.len()), (0, 2));
	}

	#[test]
	fn an_output_of_another_shape_is_no_row_of_the_same_array() {
		let items = [output(&[1, 0]), output(&[1, 0, 2, 0])];
		let text = stacked(&specs(), &items).err().unwrap().to_text();
		assert!(text.contains("of item 1 has the shape [2], not [1]"), "{text}");
		assert!(text.contains("open-item"), "{text}");
	}

	#[test]
	fn an_output_is_kept_as_a_file_or_shown() {
		let row = Row { dtype: DType::Int16, shape: vec![2, 1], data: vec![1, 0, 2, 0] };
		let (text, value) = shown(0, &specs()[0], &row, None).unwrap();
		assert_eq!((text.as_str(), &value["values"]), ("y int16 [2, 1]\n  1, 2", &json!([1, 2])));
		let folder = tempfile::tempdir().unwrap();
		let (_, value) = shown(0, &specs()[0], &row, Some(folder.path())).unwrap();
		assert_eq!(value["file"], json!(folder.path().join("y.npy")));
		let tensor = npy::read(&fs::read(folder.path().join("y.npy")).unwrap()).unwrap();
		assert_eq!((tensor.shape.to_vec(), tensor.data), (row.shape, row.data));
	}
}
