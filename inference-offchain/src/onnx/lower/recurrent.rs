//! Recurrent networks, unrolled over a fixed number of steps.
//!
//! Where operands allow it a gate is one exact dot product over the step's input and the state
//! before it, with the bias: `Gemm([x, h], [W, R]ᵀ, Wb + Rb)`, rounded once.

use assay_canon::{
	op::Op,
	symbol::Dim,
	tensor::{DType, Element},
};

use super::{
	activation::{elu, hard_sigmoid, sigmoid, softplus, softsign, thresholded_relu},
	Call,
};
use crate::onnx::{
	emit::{Emitter, Value},
	error::Refusal,
	shorthand::Made,
};

type Lowered = Result<Option<Vec<Value>>, Refusal>;

/// The most steps that are unrolled.
const MAX_STEPS: i64 = 4096;

/// The kind of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
	/// One gate.
	Simple,
	/// Update, reset and hidden gates.
	Gru,
	/// Input, output, forget and cell gates.
	Lstm,
}

/// See [`super::lower`].
pub(in crate::onnx) fn lower(e: &mut Emitter, call: &Call) -> Lowered {
	let cell = match call.operator {
		"RNN" => Cell::Simple,
		"GRU" => Cell::Gru,
		"LSTM" => Cell::Lstm,
		_ => return Ok(None),
	};
	network(e, call, cell).map(Some)
}

/// What happens to a sum on its way out of a gate.
#[derive(Clone, Copy, Debug)]
struct Activation {
	name: Function,
	alpha: f32,
	beta: f32,
}

#[derive(Clone, Copy, Debug)]
enum Function {
	Sigmoid,
	Tanh,
	Relu,
	Softsign,
	Softplus,
	Affine,
	LeakyRelu,
	ThresholdedRelu,
	ScaledTanh,
	HardSigmoid,
	Elu,
}

impl Activation {
	/// The activation of a name, with its defaults, and how many parameters it takes.
	fn named(name: &str) -> Result<(Self, usize), Refusal> {
		let (function, alpha, beta, count) = match name.to_ascii_lowercase().as_str() {
			"sigmoid" => (Function::Sigmoid, 0.0, 0.0, 0),
			"tanh" => (Function::Tanh, 0.0, 0.0, 0),
			"relu" => (Function::Relu, 0.0, 0.0, 0),
			"softsign" => (Function::Softsign, 0.0, 0.0, 0),
			"softplus" => (Function::Softplus, 0.0, 0.0, 0),
			"affine" => (Function::Affine, 1.0, 0.0, 2),
			"leakyrelu" => (Function::LeakyRelu, 0.01, 0.0, 1),
			"thresholdedrelu" => (Function::ThresholdedRelu, 1.0, 0.0, 1),
			"scaledtanh" => (Function::ScaledTanh, 1.0, 1.0, 2),
			"hardsigmoid" => (Function::HardSigmoid, 0.2, 0.5, 2),
			"elu" => (Function::Elu, 1.0, 0.0, 1),
			_ => return Err(Refusal::Bad("activations")),
		};
		Ok((Self { name: function, alpha, beta }, count))
	}

	fn apply(self, e: &mut Emitter, x: Value) -> Made {
		match self.name {
			Function::Sigmoid => sigmoid(e, x),
			Function::Tanh => e.tanh(x),
			Function::Relu => e.relu(x),
			Function::Softsign => softsign(e, x),
			Function::Softplus => softplus(e, x),
			Function::Affine => {
				let scaled = e.mul_float(x, self.alpha)?;
				e.add_float(scaled, self.beta)
			},
			Function::LeakyRelu => e.push(Op::LeakyRelu { alpha: self.alpha.to_bits() }, &[x]),
			Function::ThresholdedRelu => thresholded_relu(e, x, self.alpha),
			Function::ScaledTanh => {
				let scaled = e.mul_float(x, self.beta)?;
				let tangent = e.tanh(scaled)?;
				e.mul_float(tangent, self.alpha)
			},
			Function::HardSigmoid => hard_sigmoid(e, x, self.alpha, self.beta),
			Function::Elu => elu(e, x, self.alpha, 1.0),
		}
	}
}

/// The activations of one direction: `count` of them, those of all directions in one list.
fn activations(
	call: &Call,
	defaults: &[&'static str],
	directions: usize,
) -> Result<Vec<Activation>, Refusal> {
	let total = defaults.len().saturating_mul(directions);
	let given = call.attributes.strings("activations")?;
	let names = given.unwrap_or_else(|| defaults.iter().copied().cycle().take(total).collect());
	if names.len() != total {
		return Err(Refusal::Bad("activations"));
	}
	let mut alphas = call.attributes.floats("activation_alpha")?.unwrap_or_default().iter();
	let mut betas = call.attributes.floats("activation_beta")?.unwrap_or_default().iter();
	let mut found = Vec::new();
	for name in names {
		let (mut activation, count) = Activation::named(name)?;
		if count >= 1 {
			activation.alpha = alphas.next().copied().unwrap_or(activation.alpha);
		}
		if count >= 2 {
			activation.beta = betas.next().copied().unwrap_or(activation.beta);
		}
		found.push(activation);
	}
	Ok(found)
}

/// One direction of a network.
struct Direction {
	cell: Cell,
	hidden: i64,
	activations: Vec<Activation>,
	clip: Option<f32>,
	input_forget: bool,
	linear_before_reset: bool,
	/// `[gates · hidden, input]`.
	w: Value,
	/// `[gates · hidden, hidden]`.
	r: Value,
	/// Both biases, each `[gates · hidden]`.
	bias: Option<[Value; 2]>,
	/// The peephole weights of input, output and forget gate, each `[hidden]`.
	peepholes: Option<[Value; 3]>,
}

/// What a step hands to the next one, each `[batch, hidden]`.
#[derive(Clone, Copy)]
struct State {
	h: Value,
	c: Option<Value>,
}

fn network(e: &mut Emitter, call: &Call, cell: Cell) -> Result<Vec<Value>, Refusal> {
	let direction = call.attributes.string("direction", "forward")?;
	let reversed: &[bool] = match direction {
		"forward" => &[false],
		"reverse" => &[true],
		"bidirectional" => &[false, true],
		_ => return Err(Refusal::Bad("direction")),
	};
	let batch_first = call.attributes.flag("layout", false)?;
	let mut x = call.input(0)?;
	if e.rank(x)? != 3 || e.dtype(x)? != DType::Float32 {
		return Err(Refusal::Bad("operand"));
	}
	if batch_first {
		x = e.transpose(x, &[1, 0, 2])?;
	}
	let steps = e.extent(x, 0)?;
	if !(1..=MAX_STEPS).contains(&steps) {
		return Err(Refusal::Unsupported("such a number of steps"));
	}
	let lengths = sequence_lengths(e, call, steps)?;
	let (mut all, mut last_h, mut last_c) = (Vec::new(), Vec::new(), Vec::new());
	for (number, reversed) in reversed.iter().enumerate() {
		let network = read(e, call, cell, number, direction == "bidirectional")?;
		let start = initial(e, call, x, &network, number, batch_first)?;
		let source = if *reversed { reverse(e, x, lengths)? } else { x };
		let (outputs, end) = unroll(e, &network, source, steps, start, lengths)?;
		let mut stacked = e.concat(&outputs, 0)?;
		if *reversed {
			stacked = reverse(e, stacked, lengths)?;
		}
		all.push(e.unsqueeze(stacked, &[1])?);
		last_h.push(e.unsqueeze(end.h, &[0])?);
		if let Some(c) = end.c {
			last_c.push(e.unsqueeze(c, &[0])?);
		}
	}
	let mut y = e.concat(&all, 1)?;
	let mut finals = vec![e.concat(&last_h, 0)?];
	if cell == Cell::Lstm {
		finals.push(e.concat(&last_c, 0)?);
	}
	if batch_first {
		y = e.transpose(y, &[2, 0, 1, 3])?;
		for state in &mut finals {
			*state = e.transpose(*state, &[1, 0, 2])?;
		}
	}
	finals.insert(0, y);
	Ok(finals)
}

/// The lengths of the sequences, int64, unless all are whole.
fn sequence_lengths(e: &mut Emitter, call: &Call, steps: i64) -> Result<Option<Value>, Refusal> {
	let Some(lengths) = call.maybe(4) else { return Ok(None) };
	let whole = |known: &crate::onnx::fold::Known| {
		known.elements.iter().all(|length| *length == Dim::constant(steps))
	};
	if e.known(lengths).as_ref().is_some_and(whole) {
		return Ok(None);
	}
	e.cast(lengths, DType::Int64).map(Some)
}

/// `[steps, batch, …]` from the last step to the first, each sequence within its length.
fn reverse(e: &mut Emitter, x: Value, lengths: Option<Value>) -> Made {
	match lengths {
		Some(lengths) => e.push(Op::ReverseSequence { time: 0, batch: 1 }, &[x, lengths]),
		None => super::shape::reverse(e, x, &[0]),
	}
}

/// Part `number` of a parameter's first axis, without that axis.
fn part(e: &mut Emitter, value: Value, number: usize) -> Made {
	let number = number as i64;
	let slice = e.slice_at(value, 0, number, number + 1)?;
	e.squeeze(slice, &[0])
}

/// `count` parts of a vector.
fn parts<const N: usize>(e: &mut Emitter, vector: Value, size: i64) -> Result<[Value; N], Refusal> {
	if e.dim(vector, 0)? != Dim::constant(size.saturating_mul(N as i64)) {
		return Err(Refusal::Bad("operand shape"));
	}
	let mut found = [vector; N];
	for (number, to) in (0_i64..).zip(found.iter_mut()) {
		*to = e.slice_at(vector, 0, number * size, (number + 1) * size)?;
	}
	Ok(found)
}

fn read(
	e: &mut Emitter,
	call: &Call,
	cell: Cell,
	number: usize,
	both: bool,
) -> Result<Direction, Refusal> {
	let (w, r) = (part(e, call.input(1)?, number)?, part(e, call.input(2)?, number)?);
	let hidden = e.extent(r, 1)?;
	let gates = match cell {
		Cell::Simple => 1,
		Cell::Gru => 3,
		Cell::Lstm => 4,
	};
	let stated = call.attributes.int("hidden_size", hidden)?;
	if stated != hidden || e.extent(r, 0)? != gates * hidden || e.extent(w, 0)? != gates * hidden {
		return Err(Refusal::Bad("hidden_size"));
	}
	let bias = match call.maybe(3) {
		Some(bias) => {
			let bias = part(e, bias, number)?;
			Some(parts::<2>(e, bias, gates * hidden)?)
		},
		None => None,
	};
	let peepholes = match call.maybe(7).filter(|_| cell == Cell::Lstm) {
		Some(weights) => {
			let weights = part(e, weights, number)?;
			Some(parts::<3>(e, weights, hidden)?)
		},
		None => None,
	};
	let defaults: &[&str] = match cell {
		Cell::Simple => &["Tanh"],
		Cell::Gru => &["Sigmoid", "Tanh"],
		Cell::Lstm => &["Sigmoid", "Tanh", "Tanh"],
	};
	let all = activations(call, defaults, if both { 2 } else { 1 })?;
	let own = all.chunks(defaults.len()).nth(number).ok_or(Refusal::Bad("activations"))?;
	Ok(Direction {
		cell,
		hidden,
		activations: own.to_vec(),
		clip: call.attributes.maybe_float("clip")?,
		input_forget: call.attributes.flag("input_forget", false)?,
		linear_before_reset: call.attributes.flag("linear_before_reset", false)?,
		w,
		r,
		bias,
		peepholes,
	})
}

/// The state before the first step: given, or zero.
fn initial(
	e: &mut Emitter,
	call: &Call,
	x: Value,
	network: &Direction,
	number: usize,
	batch_first: bool,
) -> Result<State, Refusal> {
	let dims = [e.dim(x, 1)?, Dim::constant(network.hidden)];
	let mut state = |given: Option<Value>| match given {
		Some(given) => {
			let given = if batch_first { e.transpose(given, &[1, 0, 2])? } else { given };
			part(e, given, number)
		},
		None => {
			let zero = e.float(0.0)?;
			e.expand(zero, &dims)
		},
	};
	let h = state(call.maybe(5))?;
	let c = match network.cell {
		Cell::Lstm => Some(state(call.maybe(6))?),
		_ => None,
	};
	Ok(State { h, c })
}

/// The hidden state after each step, each `[1, batch, hidden]`, and the state after the last.
fn unroll(
	e: &mut Emitter,
	network: &Direction,
	x: Value,
	steps: i64,
	start: State,
	lengths: Option<Value>,
) -> Result<(Vec<Value>, State), Refusal> {
	let mut state = start;
	let mut outputs = Vec::new();
	for step in 0..steps {
		let slice = e.slice_at(x, 0, step, step + 1)?;
		let slice = e.squeeze(slice, &[0])?;
		let mut next = match network.cell {
			Cell::Simple => network.simple(e, slice, state)?,
			Cell::Gru => network.gru(e, slice, state)?,
			Cell::Lstm => network.lstm(e, slice, state)?,
		};
		let mut output = next.h;
		if let Some(lengths) = lengths {
			// A sequence that has ended keeps its state and puts out 0.
			let number = e.scalar(Element::int64(step))?;
			let running = e.greater(lengths, number)?;
			let running = e.unsqueeze(running, &[1])?;
			let zero = e.float(0.0)?;
			output = e.choose(running, next.h, zero)?;
			next.h = e.choose(running, next.h, state.h)?;
			if let (Some(new), Some(old)) = (next.c, state.c) {
				next.c = Some(e.choose(running, new, old)?);
			}
		}
		outputs.push(e.unsqueeze(output, &[0])?);
		state = next;
	}
	Ok((outputs, state))
}

impl Direction {
	fn activate(&self, e: &mut Emitter, number: usize, x: Value) -> Made {
		let activation = self.activations.get(number).ok_or(Refusal::Bad("activations"))?;
		let x = match self.clip {
			Some(clip) => {
				let (low, high) = (e.float(-clip)?, e.float(clip)?);
				e.push(Op::Clip, &[x, low, high])?
			},
			None => x,
		};
		activation.apply(e, x)
	}

	/// `a · wᵀ + bias`, the rows of `w` and `bias` being those of gates `from` to `to`.
	fn gates(
		&self,
		e: &mut Emitter,
		a: Value,
		w: Value,
		bias: Option<Value>,
		[from, to]: [i64; 2],
	) -> Made {
		let (from, to) = (from * self.hidden, to * self.hidden);
		let rows = e.slice_at(w, 0, from, to)?;
		let mut operands = vec![a, rows];
		if let Some(bias) = bias {
			operands.push(e.slice_at(bias, 0, from, to)?);
		}
		e.push(Op::Gemm { transpose_a: false, transpose_b: true }, &operands)
	}

	/// Both weights beside one another, and both biases added.
	fn joined(&self, e: &mut Emitter) -> Result<(Value, Option<Value>), Refusal> {
		let weights = e.concat(&[self.w, self.r], 1)?;
		let bias = match self.bias {
			Some([input, recurrent]) => Some(e.add(input, recurrent)?),
			None => None,
		};
		Ok((weights, bias))
	}

	/// Columns `number` of gates that were computed together.
	fn gate(&self, e: &mut Emitter, gates: Value, number: i64) -> Made {
		e.slice_at(gates, 1, number * self.hidden, (number + 1) * self.hidden)
	}

	/// h' = f([x, h] · [W, R]ᵀ + b).
	fn simple(&self, e: &mut Emitter, x: Value, state: State) -> Result<State, Refusal> {
		let (weights, bias) = self.joined(e)?;
		let both = e.concat(&[x, state.h], 1)?;
		let sum = self.gates(e, both, weights, bias, [0, 1])?;
		Ok(State { h: self.activate(e, 0, sum)?, c: None })
	}

	/// h' = n + z · (h − n), of the update gate z, the reset gate r, and n of x and r · h.
	fn gru(&self, e: &mut Emitter, x: Value, state: State) -> Result<State, Refusal> {
		let (weights, bias) = self.joined(e)?;
		let both = e.concat(&[x, state.h], 1)?;
		let gates = self.gates(e, both, weights, bias, [0, 2])?;
		let gates = self.activate(e, 0, gates)?;
		let (update, reset) = (self.gate(e, gates, 0)?, self.gate(e, gates, 1)?);
		let sum = if self.linear_before_reset {
			let [input, recurrent] = match self.bias {
				Some([input, recurrent]) => [Some(input), Some(recurrent)],
				None => [None, None],
			};
			let hidden = self.gates(e, state.h, self.r, recurrent, [2, 3])?;
			let hidden = e.mul(reset, hidden)?;
			let entering = self.gates(e, x, self.w, input, [2, 3])?;
			e.add(entering, hidden)?
		} else {
			let hidden = e.mul(reset, state.h)?;
			let both = e.concat(&[x, hidden], 1)?;
			self.gates(e, both, weights, bias, [2, 3])?
		};
		let new = self.activate(e, 1, sum)?;
		let difference = e.sub(state.h, new)?;
		let kept = e.mul(update, difference)?;
		Ok(State { h: e.add(new, kept)?, c: None })
	}

	/// c' = f · c + i · g and h' = o · tanh c', of gates i, o, f and g.
	fn lstm(&self, e: &mut Emitter, x: Value, state: State) -> Result<State, Refusal> {
		let c = state.c.ok_or(Refusal::Bad("state"))?;
		let (weights, bias) = self.joined(e)?;
		let both = e.concat(&[x, state.h], 1)?;
		let gates = self.gates(e, both, weights, bias, [0, 4])?;
		let mut input = self.gate(e, gates, 0)?;
		let mut output = self.gate(e, gates, 1)?;
		let mut forget = self.gate(e, gates, 2)?;
		let cell = self.gate(e, gates, 3)?;
		if let Some([of_input, _, of_forget]) = self.peepholes {
			input = self.peep(e, input, of_input, c)?;
			forget = self.peep(e, forget, of_forget, c)?;
		}
		let input = self.activate(e, 0, input)?;
		let forget = if self.input_forget {
			let one = e.float(1.0)?;
			e.sub(one, input)?
		} else {
			self.activate(e, 0, forget)?
		};
		let cell = self.activate(e, 1, cell)?;
		let kept = e.mul(forget, c)?;
		let added = e.mul(input, cell)?;
		let next = e.add(kept, added)?;
		if let Some([_, of_output, _]) = self.peepholes {
			output = self.peep(e, output, of_output, next)?;
		}
		let output = self.activate(e, 0, output)?;
		let shown = match self.activations.get(2) {
			Some(activation) => activation.apply(e, next)?,
			None => return Err(Refusal::Bad("activations")),
		};
		Ok(State { h: e.mul(output, shown)?, c: Some(next) })
	}

	fn peep(&self, e: &mut Emitter, gate: Value, weights: Value, c: Value) -> Made {
		let seen = e.mul(weights, c)?;
		e.add(gate, seen)
	}
}
