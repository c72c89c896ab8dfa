//! Einstein sums: operands are joined from the left, each pair one product of matrices.

use assay_canon::symbol::Dim;

use super::{
	linear,
	reduce::{reduce, Kind},
	shape::product,
	Call,
};
use crate::onnx::{
	emit::{Emitter, Value},
	error::Refusal,
	shorthand::Made,
};

type Lowered = Result<Option<Vec<Value>>, Refusal>;

/// A letter of the equation, or an axis of its ellipsis, counted from the right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Label {
	/// An axis of the ellipsis.
	Open(usize),
	/// A letter.
	Letter(char),
}

/// A value, its axes labeled.
#[derive(Clone)]
struct Labeled {
	value: Value,
	labels: Vec<Label>,
}

/// See [`super::lower`].
pub(in crate::onnx) fn lower(e: &mut Emitter, call: &Call) -> Lowered {
	if call.operator != "Einsum" {
		return Ok(None);
	}
	let equation: String =
		call.attributes.string("equation", "")?.chars().filter(|each| *each != ' ').collect();
	let (left, right) = match equation.split_once("->") {
		Some((left, right)) => (left, Some(right)),
		None => (equation.as_str(), None),
	};
	let mut operands = Vec::new();
	let terms: Vec<&str> = left.split(',').collect();
	let values = call.all()?;
	if terms.len() != values.len() {
		return Err(Refusal::Bad("equation"));
	}
	let mut open = 0;
	for (term, value) in terms.iter().zip(values) {
		let labels = labels_of(term, e.rank(value)?)?;
		open = open.max(labels.iter().filter(|label| matches!(label, Label::Open(_))).count());
		operands.push(Labeled { value, labels });
	}
	let output = match right {
		Some(right) => {
			let letters = right.replace("...", "").chars().count();
			let rank = letters + if right.contains("...") { open } else { 0 };
			labels_of(right, rank)?
		},
		None => implied(&operands, open),
	};
	let mut operands = operands.into_iter();
	let mut joined = operands.next().ok_or(Refusal::Bad("equation"))?;
	let rest: Vec<Labeled> = operands.collect();
	for (number, operand) in rest.iter().enumerate() {
		let later = rest.iter().skip(number.saturating_add(1)).flat_map(|each| each.labels.iter());
		let needed: Vec<Label> = output.iter().chain(later).copied().collect();
		joined = join(e, joined, operand.clone(), &needed)?;
	}
	let summed = sum_out(e, joined, &output)?;
	Ok(Some(vec![ordered(e, &summed, &output)?]))
}

fn labels_of(term: &str, rank: usize) -> Result<Vec<Label>, Refusal> {
	let mut labels = Vec::new();
	let (before, after) = match term.split_once("...") {
		Some((before, after)) => (before, Some(after)),
		None => (term, None),
	};
	labels.extend(before.chars().map(Label::Letter));
	if let Some(after) = after {
		let open = rank.checked_sub(before.chars().count() + after.chars().count());
		labels.extend((0..open.ok_or(Refusal::Bad("equation"))?).rev().map(Label::Open));
		labels.extend(after.chars().map(Label::Letter));
	}
	let letters = labels.iter().all(|label| match label {
		Label::Letter(letter) => letter.is_ascii_alphabetic(),
		Label::Open(_) => true,
	});
	let mut distinct = labels.clone();
	distinct.sort_unstable();
	distinct.dedup();
	if !letters || labels.len() != rank {
		return Err(Refusal::Bad("equation"));
	}
	if distinct.len() != labels.len() {
		return Err(Refusal::Unsupported("a diagonal"));
	}
	Ok(labels)
}

/// Without an arrow: the ellipsis, then the letters that occur once, in order.
fn implied(operands: &[Labeled], open: usize) -> Vec<Label> {
	let letters: Vec<Label> = operands
		.iter()
		.flat_map(|operand| operand.labels.iter().copied())
		.filter(|label| matches!(label, Label::Letter(_)))
		.collect();
	let mut once: Vec<Label> = letters
		.iter()
		.copied()
		.filter(|label| letters.iter().filter(|other| *other == label).count() == 1)
		.collect();
	once.sort_unstable();
	(0..open).rev().map(Label::Open).chain(once).collect()
}

/// The operand with the axes added up that nothing needs.
fn sum_out(e: &mut Emitter, operand: Labeled, needed: &[Label]) -> Result<Labeled, Refusal> {
	let labels = operand.labels.iter().enumerate();
	let gone: Vec<usize> =
		labels.filter(|(_, label)| !needed.contains(label)).map(|(axis, _)| axis).collect();
	if gone.is_empty() {
		return Ok(operand);
	}
	let value = reduce(e, operand.value, Kind::Sum, &gone, false)?;
	let labels = operand.labels.into_iter().filter(|label| needed.contains(label)).collect();
	Ok(Labeled { value, labels })
}

/// The value with its axes in the order of these labels, which are its own.
fn ordered(e: &mut Emitter, operand: &Labeled, labels: &[Label]) -> Made {
	let place = |label: &Label| operand.labels.iter().position(|own| own == label);
	let order: Option<Vec<usize>> = labels.iter().map(place).collect();
	e.transpose(operand.value, &order.ok_or(Refusal::Bad("equation"))?)
}

/// The products of two operands, added over the labels of both that nothing else needs.
fn join(e: &mut Emitter, a: Labeled, b: Labeled, needed: &[Label]) -> Result<Labeled, Refusal> {
	let (for_a, for_b): (Vec<Label>, Vec<Label>) = (
		b.labels.iter().chain(needed).copied().collect(),
		a.labels.iter().chain(needed).copied().collect(),
	);
	let (a, b) = (sum_out(e, a, &for_a)?, sum_out(e, b, &for_b)?);
	let pick = |labels: &[Label], in_other: bool, kept: bool, other: &[Label]| -> Vec<Label> {
		let fits =
			|label: &&Label| other.contains(label) == in_other && needed.contains(label) == kept;
		labels.iter().filter(fits).copied().collect()
	};
	let batch = pick(&a.labels, true, true, &b.labels);
	let inner = pick(&a.labels, true, false, &b.labels);
	let rows = pick(&a.labels, false, true, &b.labels);
	let columns = pick(&b.labels, false, true, &a.labels);
	let left = matrix(e, &a, [&batch, &rows, &inner])?;
	let right = matrix(e, &b, [&batch, &inner, &columns])?;
	let product = linear::mat_mul(e, left, right)?;
	let mut dims = Vec::new();
	for label in batch.iter().chain(&rows) {
		dims.push(extent(e, &a, label)?);
	}
	for label in &columns {
		dims.push(extent(e, &b, label)?);
	}
	let value = e.reshape(product, &dims)?;
	let labels = batch.into_iter().chain(rows).chain(columns).collect();
	Ok(Labeled { value, labels })
}

fn extent(e: &Emitter, operand: &Labeled, label: &Label) -> Result<Dim, Refusal> {
	let axis = operand.labels.iter().position(|own| own == label);
	e.dim(operand.value, axis.ok_or(Refusal::Bad("equation"))?)
}

/// The operand as matrices: the batch axes, then the others in two groups made one axis each.
fn matrix(e: &mut Emitter, operand: &Labeled, groups: [&[Label]; 3]) -> Made {
	let [batch, first, second] = groups;
	let labels: Vec<Label> = batch.iter().chain(first).chain(second).copied().collect();
	let moved = ordered(e, operand, &labels)?;
	let mut dims = Vec::new();
	for label in batch {
		dims.push(extent(e, operand, label)?);
	}
	for group in [first, second] {
		let extents: Result<Vec<Dim>, Refusal> =
			group.iter().map(|label| extent(e, operand, label)).collect();
		dims.push(product(&extents?)?);
	}
	e.reshape(moved, &dims)
}
