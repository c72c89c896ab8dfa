//! Walking the elements that one output element is made of.

use super::Stop;

/// One nested loop: how often, and how far two offsets move each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loop {
	/// How often.
	pub count: u64,
	/// What is added to each offset after each time.
	pub steps: [u64; 2],
}

/// Visits the pairs of offsets of nested loops, the last loop innermost.
///
/// Loops of which one is empty visit nothing, and take no time, however long the others are: limits
/// of terms do not see them.
pub fn walk(
	loops: &[Loop],
	start: [u64; 2],
	visit: &mut impl FnMut(u64, u64) -> Result<(), Stop>,
) -> Result<(), Stop> {
	if loops.iter().any(|each| each.count == 0) {
		return Ok(());
	}
	walk_nested(loops, start, visit)
}

fn walk_nested(
	loops: &[Loop],
	start: [u64; 2],
	visit: &mut impl FnMut(u64, u64) -> Result<(), Stop>,
) -> Result<(), Stop> {
	let [mut left, mut right] = start;
	let Some((outer, inner)) = loops.split_first() else { return visit(left, right) };
	let [left_step, right_step] = outer.steps;
	if inner.is_empty() {
		return walk_line(outer, start, visit);
	}
	for _ in 0..outer.count {
		walk_nested(inner, [left, right], visit)?;
		// Offsets inside a tensor are below 2^32; those beyond its end are not read.
		left = left.wrapping_add(left_step);
		right = right.wrapping_add(right_step);
	}
	Ok(())
}

/// Visits the pairs of offsets of one loop: the part that everything else waits for.
#[inline]
fn walk_line(
	line: &Loop,
	[mut left, mut right]: [u64; 2],
	visit: &mut impl FnMut(u64, u64) -> Result<(), Stop>,
) -> Result<(), Stop> {
	let [left_step, right_step] = line.steps;
	for _ in 0..line.count {
		visit(left, right)?;
		left = left.wrapping_add(left_step);
		right = right.wrapping_add(right_step);
	}
	Ok(())
}
