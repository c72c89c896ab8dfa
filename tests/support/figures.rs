//! Figures: what stands for many, and how they are printed.

use serde_json::Value;

/// The least of some values that so many of a hundred of them do not exceed; `None` of nothing.
pub fn percentile(mut values: Vec<f64>, percent: usize) -> Option<f64> {
	values.sort_unstable_by(f64::total_cmp);
	let rank = (values.len() * percent).div_ceil(100).max(1);
	values.get(rank - 1).copied()
}

/// Print each figure on a line, under the names that lead to it.
pub fn print(figures: &Value) {
	print_below("", figures);
}

fn print_below(name: &str, figures: &Value) {
	let below = |step: &str| if name.is_empty() { step.into() } else { format!("{name}.{step}") };
	match figures {
		Value::Object(fields) => {
			fields.iter().for_each(|(field, figure)| print_below(&below(field), figure))
		},
		figure => println!("{name:<48} {figure}"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_percentile_is_one_of_the_values() {
		let hundred = || (1..=100).rev().map(f64::from).collect();
		assert_eq!(percentile(hundred(), 50), Some(50.0));
		assert_eq!(percentile(hundred(), 99), Some(99.0));
		assert_eq!(percentile(hundred(), 100), Some(100.0));
		assert_eq!(percentile(vec![3.0, 1.0, 2.0], 50), Some(2.0));
		assert_eq!(percentile(vec![3.0, 1.0, 2.0], 99), Some(3.0));
		assert_eq!(percentile(vec![7.0], 0), Some(7.0));
		assert_eq!(percentile(Vec::new(), 50), None);
	}
}
