//! The main job: a real model, paid for, answered and settled, on files of many kinds.

use anyhow::{ensure, Context, Result};
use assay_client::{keys, Client};
use assay_primitives::{job::Choice, money::FeeShare, AccountId, Balance, VersionId};
use assay_tests::{
	chain::{account, key, Node},
	magika::{Answer, Magika, Question, NAME},
	market,
	process::{binary, cache, workspace},
};
use futures::future::try_join_all;
use serde::de::DeserializeOwned;
use std::{
	collections::{BTreeMap, BTreeSet},
	fs,
	path::{Path, PathBuf},
	process::Command,
};

/// A picture of one pixel.
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";
/// An archive of one stored file, `a.txt` with `hello`.
const ARCHIVE: &[u8] = b"PK\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00!\x00\x86\xa6\x106\x05\x00\x00\x00\x05\x00\x00\x00\x05\x00\x00\x00a.txthelloPK\x01\x02\x14\x03\x14\x00\x00\x00\x00\x00\x00\x00!\x00\x86\xa6\x106\x05\x00\x00\x00\x05\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x00\x00\x00\x00a.txtPK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x003\x00\x00\x00(\x00\x00\x00\x00\x00";

/// Files that a person wrote or a tool made, and files at the edges of the model's rules.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
	let written: [(&str, &[u8]); 13] = [
		("empty", b""),
		("short.txt", b"hello"),
		("short.bin", b"\xff\xfe\x00"),
		("spaces.txt", &[b' '; 300]),
		("page.html", b"<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>Assay</title></head>\n<body>\n<h1>Jobs</h1>\n<p>One job is <em>settled</em>.</p>\n</body>\n</html>\n"),
		("style.css", b"body {\n\tfont: 16px/1.5 sans-serif;\n\tmargin: 0 auto;\n}\n\nh1 > a:hover {\n\tcolor: #336699;\n}\n"),
		("main.c", b"#include <stdio.h>\n#include <stdlib.h>\n\nint main(int argc, char **argv)\n{\n\tfor (int i = 1; i < argc; i++)\n\t\tprintf(\"%d\\n\", atoi(argv[i]) * 2);\n\treturn 0;\n}\n"),
		("query.sql", b"CREATE TABLE jobs (id INTEGER PRIMARY KEY, fee NUMERIC NOT NULL);\nINSERT INTO jobs VALUES (1, 0.5);\nSELECT id, SUM(fee) FROM jobs WHERE fee > 0 GROUP BY id ORDER BY id;\n"),
		("data.json", b"{\"jobs\": [{\"id\": 1, \"fee\": \"0.5\"}, {\"id\": 2, \"fee\": \"0.25\"}], \"next\": null}\n"),
		("table.csv", b"id,name,fee\n1,magika,0.001\n2,silero,0.002\n3,minilm,0.003\n4,rapid,0.004\n5,tiny,0.005\n"),
		("pixel.gif", PIXEL),
		("one.zip", ARCHIVE),
		("note.xml", b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<jobs xmlns=\"urn:assay\">\n  <job id=\"1\"><fee>0.5</fee></job>\n</jobs>\n"),
	];
	let mut files = Vec::new();
	for (name, bytes) in written {
		let path = folder.join(name);
		fs::write(&path, bytes)?;
		files.push(path);
	}
	let real = [
		"examples-data/hello.py",
		"examples-data/square.png",
		"examples-data/page.pdf",
		"Cargo.toml",
		"LICENSE",
		"docs/rpc.md",
		"scripts/setup.sh",
		"tests/inference.rs",
	];
	files.extend(real.map(|name| workspace().join(name)));
	// A large file, read at its two ends only: this project's own command line, an ELF program.
	files.push(binary("assay")?);
	Ok(files)
}

/// What a program in Python that uses magika's own package prints about files.
fn python<T: DeserializeOwned>(program: &str, files: &[PathBuf]) -> Result<T> {
	let python = match std::env::var_os("ASSAY_PYTHON") {
		Some(python) => python.into(),
		None => cache()?.join("venv/bin/python"),
	};
	let done = Command::new(&python).args(["-c", program]).args(files).output();
	let done = done.with_context(|| format!("no {}: run scripts/setup.sh", python.display()))?;
	ensure!(done.status.success(), "python: {}", String::from_utf8_lossy(&done.stderr));
	Ok(serde_json::from_slice(&done.stdout)?)
}

/// What the package says of files.
fn expected_answers(files: &[PathBuf]) -> Result<Vec<Answer>> {
	const PROGRAM: &str = "\
import json, sys
from magika import Magika
results = [Magika().identify_path(path) for path in sys.argv[1:]]
print(json.dumps([[str(result.output.label), result.score] for result in results]))";
	let answers: Vec<(String, f64)> = python(PROGRAM, files)?;
	Ok(answers.into_iter().map(|(label, score)| Answer { label, score }).collect())
}

/// What the package would ask its model; nothing for a file that needs no model.
fn expected_tokens(files: &[PathBuf]) -> Result<Vec<Option<Vec<i32>>>> {
	const PROGRAM: &str = "\
import json, sys
from pathlib import Path
from magika import Magika
def tokens(path):
    _, features = Magika()._get_result_or_features_from_path(Path(path))
    return features and features.beg + features.end
print(json.dumps([tokens(path) for path in sys.argv[1:]]))";
	python(PROGRAM, files)
}

fn tokens(question: Question) -> Option<Vec<i32>> {
	let Question::Model(tensor) = question else { return None };
	let token = |bytes: &[u8]| i32::from_le_bytes(bytes.try_into().expect("four bytes"));
	Some(tensor.data.chunks_exact(4).map(token).collect())
}

#[test]
fn inputs_of_the_model_equal_those_of_the_python_package() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let files = files(folder.path())?;
	let magika = Magika::load()?;
	for (file, expected) in files.iter().zip(expected_tokens(&files)?) {
		let found = tokens(magika.question(fs::File::open(file)?)?);
		assert_eq!(found, expected, "{}", file.display());
	}
	Ok(())
}

struct Bench {
	client: Client,
	magika: Magika,
	version: VersionId,
}

/// What is paid to whom for one file.
type Payments = BTreeMap<(AccountId, &'static str), Balance>;

impl Bench {
	async fn set_up(node: &Node) -> Result<Self> {
		let (client, magika) = (node.client().await?, Magika::load()?);
		let gateway = market::gateway(&client, &account("Charlie")).await?;
		let artifact = market::upload(&gateway, &magika.onnx()?).await?;
		let locator = market::locator(&market::address(&gateway, artifact.hash))?;
		let spec = magika.spec(artifact, vec![locator])?;
		// The owner does nothing afterwards, so that its balance changes by what it earns alone.
		let model = market::register(&client, &key("Dave"), NAME, "magika").await?;
		let version = market::publish(&client, &key("Dave"), model, spec).await?;
		market::served(&client, version).await?;
		Ok(Bench { client, magika, version })
	}

	async fn ask(&self, file: &Path) -> Result<(Answer, Payments)> {
		let tensor = match self.magika.question(fs::File::open(file)?)? {
			Question::Answered(answer) => return Ok((answer, Payments::new())),
			Question::Model(tensor) => tensor,
		};
		let job = market::request(&self.client, &key("Bob"), self.version, &[tensor]).await?;
		let view = market::settled(&self.client, job).await?;
		let total: Balance = view.shares.iter().map(|share| share.amount).sum();
		ensure!(total == view.fee, "the shares of job {job} do not add up to its fee");
		ensure!(view.fee <= view.terms.max_fee, "job {job} cost more than was agreed");
		let output = market::output(&self.client, job).await?;
		let answer = self.magika.answer(output.first().context("no output")?)?;
		let named = |share: FeeShare<AccountId>| ((share.payee, share.role.name()), share.amount);
		let payments = view.shares.into_iter().map(named);
		Ok((answer, payments.collect()))
	}
}

async fn the_command_line_runs_the_model_to_a_settled_result(bench: &Bench) -> Result<()> {
	let file = fs::File::open(workspace().join("examples-data/hello.py"))?;
	let tokens = tokens(bench.magika.question(file)?).context("long enough for the model")?;
	let folder = tempfile::tempdir()?;
	let input = folder.path().join("bytes.json");
	fs::write(&input, serde_json::to_vec(&[tokens])?)?;
	let done = Command::new(binary("assay")?)
		.args([
			"--url",
			bench.client.url(),
			"--json",
			"--dev-key",
			"//Eve",
			"infer",
			"--model",
			NAME,
		])
		.args(["--input", &format!("bytes=@{}", input.display()), "--wait", "final"])
		.output()?;
	let text = String::from_utf8_lossy(&done.stdout);
	assert!(done.status.success(), "{text}{}", String::from_utf8_lossy(&done.stderr));
	assert!(text.contains("settled"), "{text}");
	assert!(text.contains(&keys::to_ss58(&account("Charlie"))), "{text}");
	Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_of_many_files_equal_those_of_the_python_package() -> Result<()> {
	let node = Node::with_provider()?;
	let bench = Bench::set_up(&node).await?;
	let folder = tempfile::tempdir()?;
	let files = files(folder.path())?;
	let expected = expected_answers(&files)?;
	let (owner, requester) = (account("Dave"), account("Bob"));
	let earned_before = bench.client.balance(&owner).await?;
	let held_before = bench.client.balance(&requester).await?.held;

	let found = try_join_all(files.iter().map(|file| bench.ask(file))).await?;

	let mut labels = BTreeSet::new();
	for ((file, (answer, _)), expected) in files.iter().zip(&found).zip(&expected) {
		assert_eq!(answer.label, expected.label, "{}", file.display());
		let distance = (answer.score - expected.score).abs();
		assert!(distance < 1e-3, "{}: {answer:?}, not {expected:?}", file.display());
		labels.insert(answer.label.clone());
	}
	assert!(labels.len() >= 10, "only {labels:?}");

	let earned_after = bench.client.balance(&owner).await?;
	let royalties: Balance = found
		.iter()
		.flat_map(|(_, payments)| payments)
		.filter(|((_, role), _)| *role == "owner")
		.map(|(_, amount)| amount)
		.sum();
	assert!(royalties > 0);
	assert_eq!(earned_after.free - earned_before.free, royalties);
	// Of a settled job only the deposit for its records is held, until they are pruned.
	let jobs = found.iter().filter(|(_, payments)| !payments.is_empty()).count();
	let shape = bench.client.version(bench.version).await?.context("the version")?.spec.inputs;
	let width = shape[0].shape[1].most();
	let estimate = bench.client.estimate(bench.version, &[vec![1, width]], &Choice::Any).await?;
	let held_after = bench.client.balance(&requester).await?.held;
	assert!(held_after - held_before <= estimate.deposit * u128::try_from(jobs)?);
	let provider = bench.client.provider(&account("Charlie")).await?.context("no provider")?;
	assert_eq!(provider.statistics.missed, 0);
	assert_eq!(provider.locked, 0, "settled jobs lock no bond");
	the_command_line_runs_the_model_to_a_settled_result(&bench).await
}
