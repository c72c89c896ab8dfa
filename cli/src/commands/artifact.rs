//! `assay artifact`.

use crate::{cli::ArtifactCommand, context::Context, failure::Failure, gateway, output::Report};
use serde_json::json;

/// Run a command on artifacts.
pub async fn run(context: &Context, command: ArtifactCommand) -> Result<Report, Failure> {
	match command {
		ArtifactCommand::Put { file, gateway } => {
			let artifact = gateway::hash_file(&file, &context.output)?;
			let created = gateway::put_file(&gateway, &artifact, &file, &context.output).await?;
			let url = gateway::artifact_url(&gateway, &artifact.hash);
			let known = if created { "" } else { " (was there already)" };
			let text = format!("{}\n{url}{known}", artifact.hash);
			let json = json!({ "artifact": artifact, "locator": url, "created": created });
			Ok(Report::new(json, text))
		},
		ArtifactCommand::Get { hash, gateway, output, max_size } => {
			let path = output.unwrap_or_else(|| hash.to_string().into());
			let artifact =
				gateway::get_file(&gateway, &hash, &path, max_size, &context.output).await?;
			let text = format!("{} ({} bytes, hash verified)", path.display(), artifact.size);
			Ok(Report::new(json!({ "artifact": artifact, "path": path }), text))
		},
	}
}
