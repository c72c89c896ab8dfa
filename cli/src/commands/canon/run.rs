//! `assay canon run` and `assay canon trace`.

use super::source::{refusal, Source};
use crate::{
	cli::{RunArgs, TraceArgs},
	commands::infer::save,
	context::Context,
	failure::Failure,
	output::{lines, Report},
	tensors::elements,
};
use assay_primitives::commitment::tensor_root;
use assay_worker::canonical::{Fault, Options, Progress};
use serde_json::json;

/// How many elements of an output are shown.
const MOST_SHOWN: usize = 8;

/// Run a model and write its outputs.
pub fn run(context: &Context, arguments: &RunArgs) -> Result<Report, Failure> {
	let source = Source::open(&arguments.model, &arguments.inputs)?;
	let inputs = source.inputs(&arguments.inputs)?;
	let bar = context.output.steps("running", node_count(&source));
	let progress = |progress: Progress| bar.set_position(progress.done.into());
	let options = Options { threads: arguments.model.threads, progress: Some(&progress) };
	let run = source.model.run(&inputs, &options).map_err(|error| refusal(&error))?;
	bar.finish_and_clear();
	let outputs = run.outputs.map_err(fault)?;
	let specs = source.model.outputs().map_err(|error| refusal(&error))?;
	if let Some(folder) = &arguments.out {
		save(folder, &specs, &outputs)?;
	}
	let mut pairs = Vec::new();
	for (spec, output) in specs.iter().zip(&outputs) {
		let name = String::from_utf8_lossy(&spec.name).into_owned();
		let shape: &[u32] = &output.shape;
		let shown: Vec<String> =
			elements(output, MOST_SHOWN).iter().map(ToString::to_string).collect();
		let more = if output.elements() > Some(MOST_SHOWN as u64) { ", …" } else { "" };
		pairs.push((name, format!("{} {shape:?}  {}{more}", output.dtype, shown.join(", "))));
	}
	let text: Vec<(&str, String)> =
		pairs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
	let outputs: Vec<_> = specs
		.iter()
		.zip(&outputs)
		.map(|(spec, output)| {
			json!({
				"name": String::from_utf8_lossy(&spec.name),
				"dtype": output.dtype,
				"shape": output.shape,
				"root": tensor_root(output.dtype, &output.shape, &output.data),
			})
		})
		.collect();
	let statistics = run.statistics;
	let json = json!({
		"outputs": outputs,
		"elements": statistics.elements,
		"undecided": statistics.undecided,
		"exact": statistics.exact,
	});
	Ok(Report::new(json, lines(&text)))
}

/// Run a model and print what commits to the run.
pub fn trace(context: &Context, arguments: &TraceArgs) -> Result<Report, Failure> {
	let source = Source::open(&arguments.model, &arguments.inputs)?;
	let inputs = source.inputs(&arguments.inputs)?;
	let bar = context.output.steps("tracing", node_count(&source));
	let progress = |progress: Progress| bar.set_position(progress.done.into());
	let options = Options { threads: arguments.model.threads, progress: Some(&progress) };
	let fail = |error| refusal(&error);
	let trace = source.model.trace(&inputs, &options).map_err(fail)?;
	bar.finish_and_clear();
	let bindings = source.model.bindings(&inputs).map_err(fail)?;
	let graph = &source.model.imported().graph;
	let cost = graph
		.cost(&bindings)
		.map_err(|error| Failure::new("model", format!("the graph is invalid: {error:?}")))?;
	let input_roots: Vec<_> =
		inputs.iter().map(|input| tensor_root(input.dtype, &input.shape, &input.data)).collect();
	let output_roots: Vec<_> = match &trace.run.outputs {
		Ok(outputs) => outputs
			.iter()
			.map(|output| tensor_root(output.dtype, &output.shape, &output.data))
			.collect(),
		Err(_) => Vec::new(),
	};
	let fault = trace.run.outputs.as_ref().err();
	let mut pairs = vec![
		("graph", source.model.graph_root().to_string()),
		("class", format!("{:?}", source.model.strictest()).to_lowercase()),
		("slots", graph.nodes.len().to_string()),
		("terms", cost.terms.to_string()),
		("trace bytes", cost.trace_bytes.to_string()),
	];
	pairs.extend(input_roots.iter().map(|root| ("input", root.to_string())));
	pairs.push(("trace", trace.root.to_string()));
	pairs.extend(output_roots.iter().map(|root| ("output", root.to_string())));
	if let Some(fault) = fault {
		pairs.push(("fault", format!("slot {} element {}", fault.slot, fault.element)));
	}
	let json = json!({
		"graph": source.model.graph_root(),
		"class": source.model.strictest(),
		"slots": graph.nodes.len(),
		"terms": cost.terms,
		"trace_bytes": cost.trace_bytes,
		"symbols": bindings.0,
		"inputs": input_roots,
		"trace": trace.root,
		"outputs": output_roots,
		"fault": fault.map(|fault| json!({ "slot": fault.slot, "element": fault.element })),
	});
	Ok(Report::new(json, lines(&pairs)))
}

fn node_count(source: &Source) -> u64 {
	source.model.imported().graph.nodes.len() as u64
}

fn fault(fault: Fault) -> Failure {
	let message =
		format!("the run ends in a fault in slot {} at element {}", fault.slot, fault.element);
	Failure::new("fault", message)
		.help("an index is out of range, or an integer is divided by zero: it is the result")
}
