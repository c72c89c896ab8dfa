//! The runtime's blob in the executor that nodes run it in, and what is asked of it.

use assay_canon::{
	arbiter::{Prover, Verdict},
	commitment::{tensor_root, Blake2b256, Hash},
	exact::{self, Run},
	graph::Graph,
	symbol::Bindings,
	tensor::Tensor,
};
use assay_primitives::{canonical::Question, Root};
use codec::{Decode, Encode};
use sc_executor::WasmExecutor;
use sp_core::traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode};

/// The runtime of this build, compiled to native code once.
pub struct Blob {
	executor: WasmExecutor,
	code: WrappedRuntimeCode<'static>,
}

impl Blob {
	/// The blob that was built with this crate.
	pub fn new() -> Self {
		let code = assay_runtime::WASM_BINARY.expect("the blob is built with the crate");
		let executor = WasmExecutor::builder().build();
		Blob { executor, code: WrappedRuntimeCode(code.into()) }
	}

	/// What the runtime answers to `AssayApi_arbitrate`.
	pub fn arbitrate(&self, question: &Question, proof: &Vec<u8>) -> Verdict {
		let code = RuntimeCode { code_fetcher: &self.code, hash: vec![1], heap_pages: None };
		let mut state = sp_io::TestExternalities::default();
		let asked = (question, proof).encode();
		let context = CallContext::Offchain;
		let (answer, _) =
			self.executor.call(&mut state.ext(), &code, "AssayApi_arbitrate", &asked, context);
		Verdict::decode(&mut &answer.expect("the call returns")[..]).expect("a verdict")
	}
}

/// A graph with its tensors, run by the exact definition on this machine.
pub struct Scene {
	/// The graph.
	pub graph: Graph,
	/// The job's inputs.
	pub inputs: Vec<Tensor>,
	/// The model's tensors.
	pub initializers: Vec<Tensor>,
	/// What it computes.
	pub run: Run,
}

impl Scene {
	/// Run a graph without symbols.
	pub fn new(graph: Graph, inputs: Vec<Tensor>, initializers: Vec<Tensor>) -> Self {
		let run = exact::run(&graph, &Bindings::default(), &inputs, &initializers);
		Scene { run: run.expect("the graph runs"), graph, inputs, initializers }
	}

	/// Builds proofs of elements.
	pub fn prover<'a>(&'a self, bindings: &'a Bindings) -> Prover<'a, Blake2b256> {
		Prover::new(&self.graph, bindings, &self.inputs, &self.initializers, &self.run)
			.expect("the graph is valid")
	}

	/// The question about an element, for the proof that the prover makes of it.
	pub fn question(&self, prover: &Prover<'_, Blake2b256>, element: u64) -> Question {
		let root = |tensor: &Tensor| -> Hash { tensor_root::<Blake2b256>(tensor) };
		Question {
			graph: Root(prover.graph_root()),
			symbols: Vec::new(),
			inputs: self.inputs.iter().map(|input| Root(root(input))).collect(),
			trace: Root(prover.trace_root()),
			element,
		}
	}
}
