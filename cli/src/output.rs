//! What a command prints: one document on stdout, progress on stderr.

use crate::failure::Failure;
use comfy_table::{presets, Table};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use std::{
	io::{IsTerminal, Write},
	time::Duration,
};

/// The result of a command, in both forms.
pub struct Report {
	/// For scripts.
	pub json: Value,
	/// For people.
	pub text: String,
	/// Whether what was asked for holds.
	pub success: bool,
}

impl Report {
	/// A result.
	pub fn new(json: Value, text: impl Into<String>) -> Self {
		Report { json, text: text.into(), success: true }
	}
}

/// How a command prints.
#[derive(Clone, Copy, Debug)]
pub struct Output {
	/// Print one JSON document.
	pub json: bool,
	/// Show no progress.
	pub quiet: bool,
}

impl Output {
	/// Print the result. A reader that went away is no failure of the command.
	pub fn report(&self, report: &Report) {
		let text = if self.json { format!("{:#}", report.json) } else { report.text.clone() };
		let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
	}

	/// Print a failure: JSON to stdout for scripts, text to stderr for people.
	pub fn failure(&self, failure: &Failure) {
		let _ = if self.json {
			writeln!(std::io::stdout(), "{:#}", failure.to_json())
		} else {
			writeln!(std::io::stderr(), "{}", failure.to_text())
		};
	}

	/// Say something by the way.
	pub fn note(&self, text: &str) {
		if !self.quiet {
			let _ = writeln!(std::io::stderr(), "{text}");
		}
	}

	fn shows_progress(&self) -> bool {
		!self.quiet && std::io::stderr().is_terminal()
	}

	/// A sign that something is waited for.
	pub fn spinner(&self, message: &str) -> ProgressBar {
		if !self.shows_progress() {
			return ProgressBar::hidden();
		}
		let bar = ProgressBar::new_spinner().with_message(message.to_owned());
		bar.enable_steady_tick(Duration::from_millis(120));
		bar
	}

	/// The progress of steps.
	pub fn steps(&self, message: &str, total: u64) -> ProgressBar {
		if !self.shows_progress() {
			return ProgressBar::hidden();
		}
		let style = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} {eta}");
		ProgressBar::new(total)
			.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
			.with_message(message.to_owned())
	}

	/// The progress of bytes.
	pub fn transfer(&self, message: &str, total: Option<u64>) -> ProgressBar {
		const TEMPLATE: &str = "{msg} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {eta}";

		if !self.shows_progress() {
			return ProgressBar::hidden();
		}
		let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
		if total.is_some() {
			let style = ProgressStyle::with_template(TEMPLATE);
			bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
		}
		bar.with_message(message.to_owned())
	}
}

/// A table of texts.
pub fn table<const N: usize>(header: [&str; N], rows: Vec<[String; N]>) -> String {
	if rows.is_empty() {
		return "none".into();
	}
	let mut table = Table::new();
	table.load_preset(presets::NOTHING).set_header(header);
	for row in rows {
		table.add_row(row);
	}
	table.to_string()
}

/// Lines of a name and a value each.
pub fn lines(pairs: &[(&str, String)]) -> String {
	let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
	let lines: Vec<String> =
		pairs.iter().map(|(name, value)| format!("{name:width$}  {value}")).collect();
	lines.join("\n")
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn lines_are_aligned() {
		let text = lines(&[("a", "1".into()), ("long", "2".into())]);
		assert_eq!(text, "a     1\nlong  2");
	}

	#[test]
	fn an_empty_table_says_so() {
		assert_eq!(table(["id"], Vec::new()), "none");
	}
}
