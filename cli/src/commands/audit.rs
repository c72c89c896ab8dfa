//! `assay audit`.

use crate::{
	cli::AuditCommand,
	context::Context,
	failure::Failure,
	output::{table, Report},
	views::audit as views,
};
use assay_primitives::JobId;
use serde_json::{json, Value};

/// Run a command on audits.
pub async fn run(context: &Context, command: AuditCommand) -> Result<Report, Failure> {
	match command {
		AuditCommand::List { limit } => list(context, limit).await,
		AuditCommand::Show { job } => {
			let view = context.client().await?.audit(job).await?.ok_or_else(|| unknown(job))?;
			Ok(Report::new(views::audit(&view), views::audit_text(&view)))
		},
	}
}

fn unknown(job: JobId) -> Failure {
	Failure::new("unknown-audit", format!("job {job} is not audited now")).help(
		"`assay audit list` shows all that are; few results are drawn, and an audit is gone when \
		 it ends",
	)
}

async fn list(context: &Context, limit: u32) -> Result<Report, Failure> {
	let client = context.client().await?;
	let (mut audits, mut start) = (Vec::new(), Some(JobId::default()));
	while let Some(from) = start.filter(|_| audits.len() < limit as usize) {
		let rest = limit - u32::try_from(audits.len()).unwrap_or(limit);
		let page = client.audits(from, rest).await?;
		audits.extend(page.items);
		start = page.next;
	}
	let header = ["JOB", "PROVIDER", "PHASE", "UNTIL", "SEALED", "REVEALED"];
	let text = table(header, audits.iter().map(views::row).collect());
	let audits: Vec<Value> = audits.iter().map(views::audit).collect();
	Ok(Report::new(json!({ "audits": audits }), text))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_unknown_audit_says_where_to_look() {
		assert!(unknown(JobId(4)).to_text().contains("assay audit list"));
	}
}
