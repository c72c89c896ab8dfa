//! `assay canon vectors`: ONNX's own test vectors in the canonical engine and before the arbiter.
//!
//! The layout is that of `onnx.backend.test.data`: one folder a model with `model.onnx` and
//! `test_data_set_*`, of `input_*.pb` and `output_*.pb`. An input whose value decides the graph's
//! shape is set from the data, as a version would set it.

use crate::{cli::VectorsArgs, context::Context, failure::Failure, file, output::Report};
use assay_canon::{
	arbiter::{self, arbitrate, judge, Claim, Malformed, Ruling, Verdict},
	commitment::Blake2b256,
	exact::Run,
	fast,
	graph::Graph,
	symbol::Bindings,
	tensor::{DType, Element, Tensor},
};
use assay_worker::{
	canonical::{Options, Request, Shown},
	onnx::{self, proto::TensorProto, tensor, Declaration, File, ImportError, Imported, Refusal},
};
use prost::Message;
use serde_json::json;
use std::{
	collections::BTreeMap,
	fs,
	path::{Path, PathBuf},
	sync::atomic::{AtomicUsize, Ordering},
	thread,
};

/// The largest file of a data set.
const MOST_FILE: u64 = 256 * 1024 * 1024;
/// The distance that ONNX's own runner allows: |y − c| ≤ 10⁻⁷ + 10⁻³·|c|.
const ABSOLUTE: f64 = 1e-7;
const RELATIVE: f64 = 1e-3;
/// The most elements that are proven at once.
const AT_ONCE: usize = 4096;

/// What is counted.
#[derive(Default)]
struct Counts {
	passed: u64,
	failed: u64,
	unsupported: u64,
	arbitrated: u64,
	flips_rejected: u64,
}

/// The name of a model, and what is said of it.
type Note = (String, String);

/// How one model fared.
enum Outcome {
	Passed { arbitrated: u64, flips_rejected: u64 },
	Failed(String),
	Unsupported(String),
}

/// Run every model of a folder.
pub fn run(context: &Context, arguments: &VectorsArgs) -> Result<Report, Failure> {
	let folders = folders(&arguments.folder, &arguments.only)?;
	let bar = context.output.steps("vectors", folders.len() as u64);
	let outcomes = on_all_threads(&folders, |folder| {
		let outcome = model(folder, arguments.arbitrate);
		bar.inc(1);
		outcome
	})?;
	bar.finish_and_clear();
	let mut counts = Counts::default();
	let (mut failures, mut unsupported) = (Vec::new(), Vec::new());
	for (folder, outcome) in folders.iter().zip(outcomes) {
		let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
		match outcome {
			Outcome::Passed { arbitrated, flips_rejected } => {
				counts.passed += 1;
				counts.arbitrated += arbitrated;
				counts.flips_rejected += flips_rejected;
			},
			Outcome::Failed(reason) => {
				counts.failed += 1;
				failures.push((name, reason));
			},
			Outcome::Unsupported(reason) => {
				counts.unsupported += 1;
				unsupported.push((name, reason));
			},
		}
	}
	Ok(report(&counts, &failures, &unsupported))
}

/// Do something for each folder, on all processors, and return what came of it in their order.
fn on_all_threads<T: Send>(
	folders: &[PathBuf],
	work: impl Fn(&Path) -> T + Sync,
) -> Result<Vec<T>, Failure> {
	let next = AtomicUsize::new(0);
	let worker = || {
		let mut done = Vec::new();
		while let Some((at, folder)) = taken(&next, folders) {
			done.push((at, work(folder)));
		}
		done
	};
	let threads = thread::available_parallelism().map_or(1, usize::from);
	let done: Result<Vec<_>, _> = thread::scope(|scope| {
		let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
		workers.into_iter().map(thread::ScopedJoinHandle::join).collect()
	});
	let stopped = |_| Failure::new("engine", "a thread stopped before it was done");
	let mut done: Vec<(usize, T)> = done.map_err(stopped)?.into_iter().flatten().collect();
	done.sort_by_key(|(at, _)| *at);
	Ok(done.into_iter().map(|(_, outcome)| outcome).collect())
}

/// The next of the folders that nobody has taken.
fn taken<'a>(next: &AtomicUsize, folders: &'a [PathBuf]) -> Option<(usize, &'a Path)> {
	let at = next.fetch_add(1, Ordering::Relaxed);
	Some((at, folders.get(at)?.as_path()))
}

/// How many models each reason keeps out, the most first. Names of nodes and values are left out,
/// so that equal reasons meet.
fn by_reason(unsupported: &[Note]) -> Vec<(String, usize)> {
	let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
	for (_, reason) in unsupported {
		*reasons.entry(unquoted(reason)).or_default() += 1;
	}
	let mut reasons: Vec<_> = reasons.into_iter().collect();
	reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
	reasons
}

/// A text with `…` for all that is quoted in it.
fn unquoted(text: &str) -> String {
	let parts: Vec<&str> = text.split('"').step_by(2).collect();
	parts.join("…")
}

fn report(counts: &Counts, failures: &[Note], unsupported: &[Note]) -> Report {
	let Counts { passed, failed, unsupported: refused, arbitrated, flips_rejected } = counts;
	let mut lines: Vec<String> =
		unsupported.iter().map(|(name, reason)| format!("unsupported {name}: {reason}")).collect();
	let reasons = by_reason(unsupported);
	lines.extend(reasons.iter().map(|(reason, count)| format!("{count:5} times: {reason}")));
	lines.extend(failures.iter().map(|(name, reason)| format!("FAILED {name}: {reason}")));
	lines.push(format!(
		"passed={passed} failed={failed} unsupported={refused} arbitrated={arbitrated} \
		 flips_rejected={flips_rejected}"
	));
	let list = |models: &[Note]| -> Vec<_> {
		models.iter().map(|(name, reason)| json!({ "name": name, "reason": reason })).collect()
	};
	let json = json!({
		"passed": passed,
		"failed": failed,
		"unsupported": refused,
		"arbitrated": arbitrated,
		"flips_rejected": flips_rejected,
		"failures": list(failures),
		"refusals": list(unsupported),
		"reasons": reasons
			.iter()
			.map(|(reason, count)| json!({ "reason": reason, "count": count }))
			.collect::<Vec<_>>(),
	});
	Report { success: *failed == 0, ..Report::new(json, lines.join("\n")) }
}

/// The folders that hold a model and have `only` in their name, in the order of their names.
fn folders(root: &Path, only: &str) -> Result<Vec<PathBuf>, Failure> {
	let fail = |error| Failure::new("file", format!("cannot read {}: {error}", root.display()));
	let mut folders = Vec::new();
	for entry in fs::read_dir(root).map_err(fail)? {
		let path = entry.map_err(fail)?.path();
		let name = path.file_name().unwrap_or_default().to_string_lossy();
		if name.contains(only) && path.join("model.onnx").is_file() {
			folders.push(path);
		}
	}
	folders.sort();
	if folders.is_empty() {
		let message = format!("no folder *{only}* in {} holds a model.onnx", root.display());
		return Err(Failure::new("file", message)
			.help("name a folder like onnx/backend/test/data/node of the onnx package"));
	}
	Ok(folders)
}

/// A tensor of a data set; `Ok(None)` if it is none that has an arithmetic here.
fn read_tensor(path: &Path) -> Result<Option<Tensor>, String> {
	let bytes = file::read(path, MOST_FILE)?;
	let Ok(proto) = TensorProto::decode(&bytes[..]) else { return Ok(None) };
	Ok(tensor::read(&proto, "a tensor").ok())
}

/// The data sets of a model, in the order of their names.
fn data_sets(folder: &Path) -> Result<Vec<PathBuf>, String> {
	let fail = |error| format!("cannot read {}: {error}", folder.display());
	let mut sets = Vec::new();
	for entry in fs::read_dir(folder).map_err(fail)? {
		let entry = entry.map_err(fail)?;
		if entry.file_name().to_string_lossy().starts_with("test_data_set_") {
			sets.push(entry.path());
		}
	}
	sets.sort();
	if sets.is_empty() {
		return Err(format!("{} holds no test_data_set", folder.display()));
	}
	Ok(sets)
}

/// Run one model on each of its data sets.
fn model(folder: &Path, arbitrated: bool) -> Outcome {
	let bytes = file::read(&folder.join("model.onnx"), MOST_FILE);
	let (bytes, sets) = match bytes.and_then(|bytes| Ok((bytes, data_sets(folder)?))) {
		Ok(read) => read,
		Err(error) => return Outcome::Failed(error),
	};
	let mut total = Outcome::Passed { arbitrated: 0, flips_rejected: 0 };
	for set in sets {
		match (data_set(&bytes, &set, arbitrated), &mut total) {
			(
				Outcome::Passed { arbitrated, flips_rejected },
				Outcome::Passed { arbitrated: all, flips_rejected: flips },
			) => {
				*all += arbitrated;
				*flips += flips_rejected;
			},
			(other, _) => return other,
		}
	}
	total
}

fn data_set(bytes: &[u8], set: &Path, arbitrated: bool) -> Outcome {
	let file = match File::decode(bytes) {
		Ok(file) => file,
		Err(error) => return Outcome::Unsupported(error.to_string()),
	};
	let (imported, given) = match import(&file, set) {
		Ok(imported) => imported,
		Err(Unread::Refused(error)) => return Outcome::Unsupported(error.to_string()),
		Err(Unread::Data(error)) => return Outcome::Failed(error),
	};
	let mut inputs = Vec::new();
	for port in &imported.inputs {
		let Some(Some(tensor)) = given.get(&port.name) else {
			let set = set.display();
			return Outcome::Failed(format!("{set} has no tensor for input {:?}", port.name));
		};
		inputs.push(tensor.clone());
	}
	let Imported { graph, initializers, outputs, .. } = &imported;
	// Each model has a thread of its own.
	let options = Options { threads: 1, ..Default::default() };
	let run = fast::slots(graph, &Bindings::default(), &inputs, initializers, &options);
	let run = match run {
		Ok((run, _)) => run,
		Err(error) => return Outcome::Failed(format!("the run failed: {error:?}")),
	};
	if let Some(fault) = run.fault {
		return Outcome::Failed(format!("a fault in slot {}", fault.slot));
	}
	for (number, (slot, port)) in graph.outputs.iter().zip(outputs).enumerate() {
		let path = set.join(format!("output_{number}.pb"));
		let expected = match read_tensor(&path) {
			Ok(Some(expected)) => expected,
			Ok(None) => return Outcome::Failed(format!("{} is no such tensor", path.display())),
			Err(error) => return Outcome::Failed(error),
		};
		let Some(found) = run.slots.get(slot.node as usize) else {
			return Outcome::Failed(format!("output {} was not computed", port.name));
		};
		if let Err(error) = compare(found, &expected) {
			return Outcome::Failed(format!("output {}: {error}", port.name));
		}
	}
	if !arbitrated {
		return Outcome::Passed { arbitrated: 0, flips_rejected: 0 };
	}
	match prove(graph, &inputs, initializers, &run) {
		Ok((arbitrated, flips_rejected)) => Outcome::Passed { arbitrated, flips_rejected },
		Err(error) => Outcome::Failed(error),
	}
}

/// Why a model is not run.
enum Unread {
	Refused(ImportError),
	Data(String),
}

type Given = BTreeMap<String, Option<Tensor>>;

/// Import a file with the lengths of its data set, and with those of its inputs fixed that have to
/// be known.
fn import(file: &File, set: &Path) -> Result<(Imported, Given), Unread> {
	let refused = Unread::Refused;
	let mut given = Given::new();
	for (number, (name, _)) in file.inputs().map_err(refused)?.into_iter().enumerate() {
		let path = set.join(format!("input_{number}.pb"));
		given.insert(name, read_tensor(&path).map_err(Unread::Data)?);
	}
	let mut declaration = Declaration::default();
	for axis in file.free_axes().map_err(refused)? {
		let tensor = given.get(&axis.input).and_then(Option::as_ref);
		let length = tensor.and_then(|tensor| tensor.shape().extents().get(axis.axis));
		if let Some(length) = length {
			declaration.dimensions.insert(axis.dimension, onnx::Dimension::Fixed(*length));
		}
	}
	loop {
		let error = match file.import(&declaration) {
			Ok(imported) => return Ok((imported, given)),
			Err(error) => error,
		};
		let ImportError::Node { refusal: Refusal::NotFixed { input: Some(name), .. }, .. } = &error
		else {
			return Err(Unread::Refused(error));
		};
		match given.get(name).cloned().flatten() {
			Some(tensor) if !declaration.fixed.contains_key(name) => {
				declaration.fixed.insert(name.clone(), tensor);
			},
			_ => return Err(Unread::Refused(error)),
		}
	}
}

fn number(element: Element) -> f64 {
	match element.dtype() {
		DType::Float32 => f32::from_bits(element.to_f32().to_bits()).into(),
		_ => element.to_i64() as f64,
	}
}

/// Compare an output with what is expected: floats at ONNX's distance, all else exactly.
fn compare(found: &Tensor, expected: &Tensor) -> Result<(), String> {
	if found.kind() != expected.kind() {
		return Err(format!("{:?}, expected {:?}", found.kind(), expected.kind()));
	}
	for index in 0..found.shape().count() {
		let (Some(found), Some(expected)) = (found.at(index), expected.at(index)) else {
			return Err(format!("element {index} is missing"));
		};
		let (c, y) = (number(found), number(expected));
		// An infinity is near nothing but itself.
		let float = found.dtype() == DType::Float32 && c.is_finite() && y.is_finite();
		let near = float && (c - y).abs() <= ABSOLUTE + RELATIVE * y.abs();
		if found != expected && c != y && !near {
			return Err(format!("element {index} is {c}, expected {y}"));
		}
	}
	Ok(())
}

/// Have the arbiter recompute every element of every node, and refuse a flipped bit of each.
/// Returns how many of either.
fn prove(
	graph: &Graph,
	inputs: &[Tensor],
	initializers: &[Tensor],
	run: &Run,
) -> Result<(u64, u64), String> {
	let bindings = Bindings::default();
	let prover = arbiter::Prover::<Blake2b256>::new(graph, &bindings, inputs, initializers, run)
		.map_err(|error| format!("no proofs: {error:?}"))?;
	let roots = prover.input_roots();
	let context = arbiter::Context {
		graph_root: prover.graph_root(),
		bindings: &bindings,
		inputs: &roots,
		trace_root: prover.trace_root(),
		probe: None,
	};
	let mut proven = 0;
	for (node, tensor) in (0_u32..).zip(&run.slots) {
		let elements: Vec<u64> = (0..tensor.shape().count()).collect();
		for elements in elements.chunks(AT_ONCE) {
			let requests = requests(tensor, node, elements)?;
			let shown =
				prover.show(&requests, None).map_err(|error| format!("no proof: {error:?}"))?;
			let shown: Vec<(&Request, &Shown)> = requests.iter().zip(&shown).collect();
			check_all(&context, &shown)?;
			proven += shown.len() as u64;
		}
	}
	// Each was accepted as it is and refused with a bit flipped, or an error was returned.
	Ok((proven, proven))
}

/// Check elements on all processors.
fn check_all(context: &arbiter::Context, shown: &[(&Request, &Shown)]) -> Result<(), String> {
	let check_part = |part: &[(&Request, &Shown)]| {
		part.iter().try_for_each(|(request, shown)| {
			let place = format!("node {} element {}", request.number, request.element);
			let [truth, lie] = request.claims[..] else { return Err(place) };
			check(context, request.element, truth, lie, &shown.proof)
				.map_err(|error| format!("{place}: {error}"))
		})
	};
	let threads = thread::available_parallelism().map_or(1, usize::from);
	thread::scope(|scope| {
		let parts = shown.chunks(shown.len().div_ceil(threads).max(1));
		let workers: Vec<_> = parts.map(|part| scope.spawn(move || check_part(part))).collect();
		let stopped = |_| Err("a thread stopped before it was done".into());
		workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(stopped))
	})
}

/// The elements with what they are and with one bit of it flipped.
fn requests(tensor: &Tensor, node: u32, elements: &[u64]) -> Result<Vec<Request>, String> {
	let request = |element: &u64| {
		let truth = tensor.at(*element).ok_or("an element is missing")?;
		let bits = 8 * truth.dtype().size() as u64;
		let bit = if truth.dtype() == DType::Bool { 0 } else { element % bits };
		let mut lie = Element::from_bits(truth.dtype(), truth.bits() ^ (1 << bit));
		if lie == truth {
			// Every NaN is one NaN: the flipped bit has to leave it.
			lie = Element::from_bits(truth.dtype(), truth.bits() ^ (1 << 30));
		}
		let claims = vec![Claim::Value(truth), Claim::Value(lie)];
		Ok(Request { number: node, element: *element, claims })
	};
	elements.iter().map(request).collect()
}

/// Whether the arbiter finds the truth, and for it against the lie.
fn check(
	context: &arbiter::Context,
	element: u64,
	truth: Claim,
	lie: Claim,
	proof: &[u8],
) -> Result<(), String> {
	let found = arbitrate::<Blake2b256>(context, element, proof);
	let right = match found {
		Verdict::Value(value) => Claim::Value(value) == truth,
		// The element of greatest value is shown by comparing claims.
		Verdict::Malformed(Malformed::NeedsClaims) => true,
		_ => false,
	};
	if !right {
		return Err(format!("{truth:?} is refused: {found:?}"));
	}
	for (first, second, expected) in [(truth, lie, Ruling::First), (lie, truth, Ruling::Second)] {
		let ruling = judge::<Blake2b256>(context, element, first, second, proof);
		if ruling != expected {
			return Err(format!("{first:?} against {second:?} gives {ruling:?}"));
		}
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_canon::shape::Shape;

	fn floats(values: &[f32]) -> Tensor {
		let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
		let shape = Shape::new(&[values.len() as u32]).unwrap();
		Tensor::new(DType::Float32, shape, data).unwrap()
	}

	#[test]
	fn floats_are_compared_at_the_distance_of_onnx_and_nan_with_nan() {
		let same = floats(&[1.0, f32::NAN, f32::INFINITY, 0.0]);
		assert_eq!(compared(&same, &floats(&[1.0009, f32::NAN, f32::INFINITY, 5e-8])), Ok(()));
		assert!(compared(&same, &floats(&[1.002, f32::NAN, f32::INFINITY, 0.0])).is_err());
		assert!(compared(&same, &floats(&[1.0, 1.0, f32::INFINITY, 0.0])).is_err());
		assert!(compared(&same, &floats(&[1.0, f32::NAN, -f32::INFINITY, 0.0])).is_err());
		assert!(compared(&same, &floats(&[1.0])).is_err());
	}

	fn compared(found: &Tensor, expected: &Tensor) -> Result<(), ()> {
		compare(found, expected).map_err(drop)
	}

	#[test]
	fn a_flipped_bit_is_another_value() {
		let tensor = floats(&[f32::NAN; 32]);
		let elements: Vec<u64> = (0..32).collect();
		for request in requests(&tensor, 0, &elements).unwrap() {
			assert_ne!(request.claims[0], request.claims[1]);
		}
	}

	#[test]
	fn the_closing_line_counts_everything() {
		let counts =
			Counts { passed: 2, failed: 1, unsupported: 3, arbitrated: 40, flips_rejected: 40 };
		let report = report(&counts, &[("a".into(), "wrong".into())], &[]);
		let last = report.text.lines().last().unwrap();
		assert_eq!(last, "passed=2 failed=1 unsupported=3 arbitrated=40 flips_rejected=40");
		assert!(report.text.starts_with("FAILED a: wrong"));
		assert!(!report.success);
	}

	#[test]
	fn unsupported_models_are_named_and_their_reasons_counted() {
		let reason = |node: &str| format!("node {node:?} (Scan): unknown operator");
		let unsupported = [("a".into(), reason("x")), ("b".into(), reason("y"))];
		let text = report(&Counts::default(), &[], &unsupported).text;
		assert!(text.contains("unsupported b: node \"y\" (Scan): unknown operator"), "{text}");
		assert!(text.contains("2 times: node … (Scan): unknown operator"), "{text}");
	}

	#[test]
	fn what_is_done_on_all_threads_keeps_its_order() {
		let folders: Vec<PathBuf> = (0..100).map(|number| number.to_string().into()).collect();
		let done = on_all_threads(&folders, Path::to_path_buf).unwrap();
		assert_eq!(done, folders);
	}

	#[test]
	fn a_folder_without_data_fails_by_its_name() {
		let folder = tempfile::tempdir().unwrap();
		fs::write(folder.path().join("model.onnx"), [0xa5; 64]).unwrap();
		assert!(
			matches!(model(folder.path(), false), Outcome::Failed(why) if why.contains("no test_data_set"))
		);
		fs::create_dir(folder.path().join("test_data_set_0")).unwrap();
		assert!(
			matches!(model(folder.path(), false), Outcome::Unsupported(why) if why.contains("malformed"))
		);
	}
}
