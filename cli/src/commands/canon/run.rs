//! `assay canon run` and `assay canon trace`.

use super::source::{refusal, Source};
use crate::{
	cli::{RunArgs, TraceArgs},
	commands::infer::save,
	context::Context,
	failure::Failure,
	output::{lines, Report},
	tensors::elements,
	views::{class_name, text},
};
use assay_primitives::{
	commitment::tensor_root,
	tensor::{Tensor, TensorSpec},
	Root,
};
use assay_worker::canonical::{Fault, Options, Progress};
use serde_json::json;

/// How many elements of an output are shown.
const MOST_SHOWN: usize = 8;
/// The most elements of an output that JSON lists; the file of `--out` has more.
const MOST_LISTED: usize = 4096;

/// Run a model and write its outputs.
pub fn run(context: &Context, arguments: &RunArgs) -> Result<Report, Failure> {
	let source = Source::open(&arguments.model, &arguments.inputs)?;
	let inputs = source.inputs(&arguments.inputs)?;
	let bar = context.output.steps("running", node_count(&source));
	let progress = |progress: Progress| bar.set_position(progress.done.into());
	let options = Options {
		threads: arguments.model.threads,
		progress: Some(&progress),
		..Default::default()
	};
	let run = source.model.run(&inputs, &options).map_err(|error| refusal(&error))?;
	bar.finish_and_clear();
	let outputs = run.outputs.map_err(fault)?;
	let specs = source.model.outputs().map_err(|error| refusal(&error))?;
	let files = match &arguments.out {
		Some(folder) => save(folder, &specs, &outputs)?,
		None => Vec::new(),
	};
	let mut pairs = Vec::new();
	for (spec, output) in specs.iter().zip(&outputs) {
		let name = text(&spec.name);
		let shape: &[u32] = &output.shape;
		let shown: Vec<String> =
			elements(output, MOST_SHOWN).iter().map(ToString::to_string).collect();
		let more = if output.elements() > Some(MOST_SHOWN as u64) { ", …" } else { "" };
		pairs.push((name, format!("{} {shape:?}  {}{more}", output.dtype, shown.join(", "))));
	}
	pairs.extend(files.iter().map(|file| ("written".into(), file.display().to_string())));
	let outputs: Vec<_> = specs
		.iter()
		.zip(&outputs)
		.enumerate()
		.map(|(number, (spec, output))| {
			let all = output.elements().is_some_and(|count| count <= MOST_LISTED as u64);
			json!({
				"name": text(&spec.name),
				"dtype": output.dtype,
				"shape": output.shape,
				"root": tensor_root(output.dtype, &output.shape, &output.data),
				"elements": all.then(|| elements(output, MOST_LISTED)),
				"file": files.get(number).map(|file| file.display().to_string()),
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
	Ok(Report::new(json, named_lines(&pairs)))
}

fn named_lines(pairs: &[(String, String)]) -> String {
	let pairs: Vec<(&str, String)> =
		pairs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
	lines(&pairs)
}

/// Run a model and print what commits to the run.
pub fn trace(context: &Context, arguments: &TraceArgs) -> Result<Report, Failure> {
	let source = Source::open(&arguments.model, &arguments.inputs)?;
	let inputs = source.inputs(&arguments.inputs)?;
	let bar = context.output.steps("tracing", node_count(&source));
	let progress = |progress: Progress| bar.set_position(progress.done.into());
	let options = Options {
		threads: arguments.model.threads,
		progress: Some(&progress),
		..Default::default()
	};
	let fail = |error| refusal(&error);
	let trace = source.model.trace(&inputs, &options).map_err(fail)?;
	bar.finish_and_clear();
	let bindings = source.model.bindings(&inputs).map_err(fail)?;
	let graph = &source.model.imported().graph;
	let cost = graph
		.cost(&bindings)
		.map_err(|error| Failure::new("model", format!("the graph is invalid: {error:?}")))?;
	let specs = source.model.inputs().map_err(fail)?;
	let input_roots = roots(&specs, &inputs);
	let output_roots = match &trace.run.outputs {
		Ok(outputs) => roots(&source.model.outputs().map_err(fail)?, outputs),
		Err(_) => Vec::new(),
	};
	let fault = trace.run.outputs.as_ref().err();
	let mut pairs = vec![
		("graph".into(), source.model.graph_root().to_string()),
		("class".into(), class_name(source.model.strictest()).into()),
		("slots".into(), graph.nodes.len().to_string()),
		("cost".into(), format!("{} terms, {} bytes of trace", cost.terms, cost.trace_bytes)),
	];
	let line =
		|what: &str, (name, root): &(String, Root)| (format!("{what} {name}"), root.to_string());
	pairs.extend(input_roots.iter().map(|root| line("input", root)));
	pairs.push(("trace".into(), trace.root.to_string()));
	pairs.extend(output_roots.iter().map(|root| line("output", root)));
	if let Some(fault) = fault {
		let place = format!("slot {} element {}", fault.slot, fault.element);
		pairs.push(("fault".into(), place));
	}
	let list = |roots: &[(String, Root)]| -> Vec<_> {
		roots.iter().map(|(name, root)| json!({ "name": name, "root": root })).collect()
	};
	let json = json!({
		"graph": source.model.graph_root(),
		"class": source.model.strictest(),
		"slots": graph.nodes.len(),
		"terms": cost.terms,
		"trace_bytes": cost.trace_bytes,
		"symbols": bindings.0,
		"inputs": list(&input_roots),
		"trace": trace.root,
		"outputs": list(&output_roots),
		"fault": fault.map(|fault| json!({ "slot": fault.slot, "element": fault.element })),
	});
	Ok(Report::new(json, named_lines(&pairs)))
}

/// The name of each tensor with what commits to it.
fn roots(specs: &[TensorSpec], tensors: &[Tensor]) -> Vec<(String, Root)> {
	let root = |tensor: &Tensor| tensor_root(tensor.dtype, &tensor.shape, &tensor.data);
	specs.iter().zip(tensors).map(|(spec, tensor)| (text(&spec.name), root(tensor))).collect()
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
