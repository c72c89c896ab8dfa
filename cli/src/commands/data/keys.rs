//! `assay data key`: content keys, and asking custodians for them.

mod complain;

use super::{find, find_grant};
use crate::{
	amount::asy,
	cli::{KeyCommand, KeyRequestArgs},
	context::Context,
	failure::Failure,
	file,
	output::Report,
	views,
};
use assay_client::{
	content::{ContentKey, RequestSecret},
	keys::{parse_account, to_ss58},
	Call, CustodyCall, Heads,
};
use assay_primitives::{
	custody::{Ask, CustodyNumbers, KeyRequestView, SealedKey},
	AccountId, KeyRequestId, Root,
};
use futures::StreamExt;
use serde_json::json;
use std::{
	fs,
	path::{Path, PathBuf},
};

type Request = KeyRequestView<AccountId>;

/// The ending of the file with the secret of a request.
const REQUEST: &str = ".request";

/// Run a command on keys.
pub async fn run(context: &Context, command: KeyCommand) -> Result<Report, Failure> {
	match command {
		KeyCommand::New { file } => make(&file),
		KeyCommand::Show { file } => Ok(shown(&ContentKey::from_file(&file)?, "")),
		KeyCommand::Request(arguments) => request(context, &arguments).await,
		KeyCommand::Complain { request, secret } => complain::run(context, request, &secret).await,
	}
}

fn make(path: &Path) -> Result<Report, Failure> {
	let key = ContentKey::generate();
	key.create_file(path)?;
	let text = format!(
		"key written to {}; keep a copy of it: what it encrypts is lost without it",
		path.display()
	);
	Ok(shown(&key, &text))
}

/// What may be shown of a key.
fn shown(key: &ContentKey, text: &str) -> Report {
	let commitment = key.commitment();
	Report::new(json!({ "commitment": commitment }), format!("commitment: {commitment}\n{text}"))
}

/// Ask for the key of an asset, or go on with what was asked, and write it to a file.
async fn request(context: &Context, arguments: &KeyRequestArgs) -> Result<Report, Failure> {
	file::ensure_new(&arguments.out)?;
	let grant = find_grant(context, arguments.grant).await?;
	let commitment = find(context, grant.asset).await?.spec.key.ok_or_else(|| {
		let message = format!("asset {} is not encrypted: there is no key to ask for", grant.asset);
		Failure::new("no-key", message)
	})?;
	let asker = Asker {
		context,
		ask: Ask::Grant(grant.id),
		account: context.account_or_own(None)?,
		file: file::beside(&arguments.out, REQUEST),
	};
	let custodian = arguments.custodian.as_deref().map(parse_account).transpose()?;
	let (secret, id) =
		if asker.file.exists() { asker.resume().await? } else { asker.begin(custodian).await? };
	let (request, sealed) = asker.follow(id).await?;
	let key = opened(&secret, &request, &sealed, commitment, &asker.file)?;
	key.create_file(&arguments.out)?;
	if let Err(error) = fs::remove_file(&asker.file) {
		let file = asker.file.display();
		context.output.note(&format!("{file} is of no use any more, and stays: {error}"));
	}
	let (path, by) = (arguments.out.display().to_string(), to_ss58(&request.custodian));
	let text = format!("key written to {path}, delivered by {by}\ncommitment: {commitment}");
	let json = json!({
		"file": path,
		"commitment": commitment,
		"custodian": by,
		"request": views::custody::request(&request),
	});
	Ok(Report::new(json, text))
}

/// The key in a box that was delivered.
fn opened(
	secret: &RequestSecret,
	request: &Request,
	sealed: &SealedKey,
	commitment: Root,
	file: &Path,
) -> Result<ContentKey, Failure> {
	secret.open(sealed, commitment).map_err(|error| {
		let (id, due, file) = (request.id, request.due, file.display());
		let custodian = to_ss58(&request.custodian);
		Failure::new("wrong-key", format!("what {custodian} has delivered is not the key: {error}"))
			.help(format!(
				"`assay data key complain {id} --secret {file}` shows it to the chain before block \
				 {due}: the fee comes back, and the custodian is slashed"
			))
	})
}

/// Who asks, by what right, and where the secret lies.
struct Asker<'a> {
	context: &'a Context,
	ask: Ask,
	account: AccountId,
	file: PathBuf,
}

impl Asker<'_> {
	async fn present(&self) -> Result<Option<Request>, Failure> {
		let client = self.context.client().await?;
		Ok(client.key_request_by(&self.account, self.ask).await?)
	}

	/// Make a request. Its secret is written before anything is signed, so that what is delivered
	/// can be opened whatever happens to this process.
	async fn begin(
		&self,
		custodian: Option<AccountId>,
	) -> Result<(RequestSecret, KeyRequestId), Failure> {
		let client = self.context.client().await?;
		if let Some(open) = self.present().await? {
			return Err(elsewhere(&open, &self.file));
		}
		let numbers = client.custody_numbers().await?;
		let CustodyNumbers { fee, request_deposit, deliver_within, .. } = numbers;
		self.context.output.note(&format!(
			"the key costs {}, and {} are held until the request ends; it is due within \
			 {deliver_within} blocks",
			asy(fee),
			asy(request_deposit)
		));
		self.context.require(fee.saturating_add(request_deposit), "the request").await?;

		let secret = RequestSecret::generate();
		secret.create_file(&self.file)?;
		let recipient = secret.public();
		let call = CustodyCall::RequestKey { ask: self.ask, recipient, custodian };
		let receipt = match self.context.submit(Call::Custody(call)).await {
			Ok(receipt) => receipt,
			Err(failure) => {
				// Nothing was asked with it, unless the transaction is still under way.
				if is_certain(&failure) {
					let _ = fs::remove_file(&self.file);
				}
				return Err(failure);
			},
		};
		let unseen = || Failure::new("decode", "the block has no event of the request");
		let id = receipt.created.key_request.ok_or_else(unseen)?;
		self.context.output.note(&format!("request {id} made in block {}", receipt.block.number));
		Ok((secret, id))
	}

	/// Go on with a request whose secret is there.
	async fn resume(&self) -> Result<(RequestSecret, KeyRequestId), Failure> {
		let secret = RequestSecret::from_file(&self.file)?;
		let file = self.file.display();
		match self.present().await? {
			Some(open) if open.recipient == secret.public() => {
				self.context.output.note(&format!("going on with request {}", open.id));
				Ok((secret, open.id))
			},
			Some(open) => Err(elsewhere(&open, &self.file)),
			None => Err(Failure::new("no-request", "the request has ended, or was never made")
				.help(format!("remove {file}, its secret, and ask again"))),
		}
	}

	/// Follow a request until something is delivered.
	async fn follow(&self, id: KeyRequestId) -> Result<(Request, SealedKey), Failure> {
		let client = self.context.client().await?;
		let mut heads = client.blocks(Heads::Best).await?;
		let spinner = self.context.output.spinner(&format!("request {id}"));
		let mut seen = false;
		loop {
			match client.key_request(id).await? {
				Some(request) => {
					if let Some(sealed) = request.sealed {
						spinner.finish_and_clear();
						return Ok((request, sealed));
					}
					let (due, custodian) = (request.due, to_ss58(&request.custodian));
					spinner.set_message(format!("request {id}: {custodian} has until block {due}"));
					seen = true;
				},
				None if seen => {
					spinner.finish_and_clear();
					return Err(ended(id, &self.file));
				},
				// A block that has the request may be retracted for one that does not have it yet.
				None => {},
			}
			match heads.next().await {
				Some(Ok(_)) => {},
				// The stream subscribes again by itself.
				Some(Err(error)) => spinner.set_message(format!("request {id}: {error}")),
				None => return Err(Failure::new("disconnected", "the stream of blocks ended")),
			}
		}
	}
}

/// A request by the same right, whose secret is not in the file.
fn elsewhere(open: &Request, file: &Path) -> Failure {
	let (id, due) = (open.id, open.due);
	let message = format!("request {id} by this grant is open, with another secret than here");
	Failure::new("already-asked", message).help(format!(
		"go on with --out beside its {REQUEST} file rather than {}, or wait until it ends, in block \
		 {due} or when what is delivered can be complained about no more",
		file.display()
	))
}

/// Whether a call that failed can be in no block.
fn is_certain(failure: &Failure) -> bool {
	matches!(failure.kind(), "dispatch" | "invalid-transaction" | "build" | "unreachable")
}

fn ended(id: KeyRequestId, file: &Path) -> Failure {
	let message = format!(
		"request {id} has ended without a delivery: the custodian was silent, and is slashed for \
		 it, or the grant is not good any more; the fee came back"
	);
	let file = file.display();
	Failure::new("no-delivery", message)
		.help(format!("remove {file}, its secret, and ask again; --custodian asks another one"))
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{custody::KEY_BYTES, AssetId, GrantId};

	fn request_of(secret: &RequestSecret) -> Request {
		Request {
			id: KeyRequestId(9),
			asker: AccountId::new([1; 32]),
			ask: Ask::Grant(GrantId(7)),
			stands: true,
			asset: AssetId(3),
			custodian: AccountId::new([2; 32]),
			commitment: Root([4; 32]),
			recipient: secret.public(),
			fee: 1,
			deposit: 1,
			exposure: 1,
			sealed: None,
			due: 77,
		}
	}

	fn digits(bytes: &[u8; KEY_BYTES]) -> String {
		bytes.iter().map(|byte| format!("{byte:02x}")).collect()
	}

	#[test]
	fn a_new_key_is_its_owners_alone_and_shown_by_its_commitment() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("key");
		let report = make(&path).unwrap();
		let key = ContentKey::from_file(&path).unwrap();
		assert_eq!(report.json["commitment"], json!(key.commitment()));
		let said = format!("{} {}", report.text, report.json);
		assert!(!said.contains(&digits(key.expose())), "{said}");
		assert!(make(&path).is_err(), "no key is overwritten");
		#[cfg(unix)]
		{
			use std::os::unix::fs::PermissionsExt;
			assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
		}
	}

	#[test]
	fn the_right_key_is_taken_out_of_its_box() {
		let (secret, key) = (RequestSecret::generate(), ContentKey::generate());
		let sealed = key.seal_to(&secret.public()).unwrap();
		let request = request_of(&secret);
		let found = opened(&secret, &request, &sealed, key.commitment(), Path::new("f")).unwrap();
		assert_eq!(found.expose(), key.expose());
	}

	#[test]
	fn a_wrong_key_is_explained_without_being_shown() {
		let (secret, other) = (RequestSecret::generate(), ContentKey::generate());
		let sealed = other.seal_to(&secret.public()).unwrap();
		let request = request_of(&secret);
		let failure = opened(&secret, &request, &sealed, Root([4; 32]), Path::new("k.request"));
		let failure = failure.unwrap_err();
		let text = failure.to_text();
		assert!(text.contains("data key complain 9 --secret k.request"), "{text}");
		assert!(text.contains("before block 77"), "{text}");
		let said = format!("{text} {} {failure:?}", failure.to_json());
		for hidden in [secret.expose(), other.expose()] {
			assert!(!said.contains(&digits(hidden)), "{said}");
		}
	}

	#[test]
	fn a_secret_is_given_up_only_where_nothing_can_have_been_asked_with_it() {
		let kind = |kind| is_certain(&Failure::new(kind, "x"));
		assert!(kind("dispatch") && kind("invalid-transaction") && kind("unreachable"));
		for uncertain in ["disconnected", "timeout", "pending", "transaction-died", "nonce-taken"] {
			assert!(!kind(uncertain), "{uncertain}");
		}
	}
}
