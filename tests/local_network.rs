//! Four validators with different keys make one chain.

use anyhow::{Context, Result};
use assay_tests::process::{binary, workspace, Process};
use std::{net::TcpStream, process::Command, time::Duration};

#[test]
fn four_validators_finalize_one_chain() -> Result<()> {
	let node = binary("assay-node")?;
	let target = node.ancestors().nth(2).expect("target/release/assay-node");
	let mut command = Command::new(workspace().join("scripts/local-network.sh"));
	command.args(["--free-ports", "--blocks", "3"]).env("ASSAY_TARGET_DIR", target);
	let mut network = Process::spawn("local-network.sh", command)?;
	let status = network.wait(Duration::from_secs(180))?;
	assert!(status.success(), "the network ended with {status}");
	for name in ["alice", "bob", "charlie", "dave"] {
		let line = network.line(&format!("validator {name} ws://"))?;
		let address = line.split("ws://").nth(1).context("an address")?;
		assert!(TcpStream::connect(address).is_err(), "{name} outlives the script");
	}
	Ok(())
}
