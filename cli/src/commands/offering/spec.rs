//! What is offered, as people write it: options, a TOML file, or both.

use crate::{
	amount::Amount,
	cli::OpenArgs,
	decimal,
	failure::Failure,
	file,
	manifest::bounded,
	percent::Percent,
	shares::{Shares, Unit},
};
use assay_primitives::{
	licence::Permill,
	offering::{Milestone, OfferingSpec, OfferingSpecError},
	revenue::Subject,
	Balance, BlockNumber,
};
use serde::{de, Deserialize, Deserializer};
use std::{fmt::Display, path::Path, str::FromStr};

/// The most bytes of a file.
const MOST_SPEC: u64 = 64 * 1024;

/// A block: its number, or how far ahead it is, as `+BLOCKS`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
	/// This block.
	Block(BlockNumber),
	/// So many blocks from now.
	In(BlockNumber),
}

/// Text that names no block.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("expected the number of a block, or +BLOCKS from now")]
pub struct WhenError;

impl FromStr for When {
	type Err = WhenError;

	fn from_str(text: &str) -> Result<Self, WhenError> {
		let ahead = text.strip_prefix('+');
		let digits = ahead.unwrap_or(text);
		// A number may not have a sign of its own.
		let number = digits.parse().ok().filter(|_| !digits.starts_with('+')).ok_or(WhenError)?;
		Ok(if ahead.is_some() { When::In(number) } else { When::Block(number) })
	}
}

impl When {
	/// The block, at this one.
	fn at(self, now: BlockNumber) -> Result<BlockNumber, Failure> {
		match self {
			When::Block(block) => Ok(block),
			When::In(blocks) => now
				.checked_add(blocks)
				.ok_or_else(|| usage(format!("+{blocks} is later than blocks are counted"))),
		}
	}
}

impl<'de> Deserialize<'de> for When {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		#[derive(Deserialize)]
		#[serde(untagged, expecting = "expected the number of a block, or \"+BLOCKS\" from now")]
		enum Form {
			Number(BlockNumber),
			Text(String),
		}
		match Form::deserialize(deserializer)? {
			Form::Number(block) => Ok(When::Block(block)),
			Form::Text(text) => text.parse().map_err(de::Error::custom),
		}
	}
}

/// A milestone, as `jobs=100,paid=5,by=+86400,part=60%`; what jobs have paid may be left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MilestoneDraft {
	jobs: u64,
	#[serde(default, deserialize_with = "from_some_text")]
	paid: Option<Amount>,
	by: When,
	#[serde(deserialize_with = "from_text")]
	part: Percent,
}

impl FromStr for MilestoneDraft {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		const FORM: &str = "write jobs=100,paid=5,by=+86400,part=60%, or leave out paid";
		let (mut jobs, mut paid, mut by, mut part) = (None, None, None, None);
		for field in text.split(',') {
			let (name, value) = field.split_once('=').ok_or(FORM)?;
			let is_new = match name.trim() {
				"jobs" => jobs.replace(parsed(name, value)?).is_none(),
				"paid" => paid.replace(parsed(name, value)?).is_none(),
				"by" => by.replace(parsed(name, value)?).is_none(),
				"part" => part.replace(parsed(name, value)?).is_none(),
				_ => return Err(FORM.into()),
			};
			if !is_new {
				return Err(format!("`{name}` is given twice: {FORM}"));
			}
		}
		match (jobs, by, part) {
			(Some(jobs), Some(by), Some(part)) => Ok(MilestoneDraft { jobs, paid, by, part }),
			_ => Err(FORM.into()),
		}
	}
}

/// The value of a field of a milestone.
fn parsed<T: FromStr<Err: Display>>(name: &str, value: &str) -> Result<T, String> {
	value.trim().parse().map_err(|error| format!("{name}: {error}"))
}

impl MilestoneDraft {
	fn milestone(self, now: BlockNumber) -> Result<Milestone, Failure> {
		let MilestoneDraft { jobs, paid, by, part: Percent(part) } = self;
		Ok(Milestone { jobs, paid: paid.map_or(0, |Amount(paid)| paid), by: by.at(now)?, part })
	}
}

/// What is read from text.
fn from_text<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(
	deserializer: D,
) -> Result<T, D::Error> {
	String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
}

/// The same of what may be left out.
fn from_some_text<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(
	deserializer: D,
) -> Result<Option<T>, D::Error> {
	from_text(deserializer).map(Some)
}

/// What is said of an offering, before anything is known of the shares.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Draft {
	#[serde(deserialize_with = "from_some_text")]
	subject: Option<Subject>,
	#[serde(deserialize_with = "from_some_text")]
	shares: Option<Shares>,
	#[serde(deserialize_with = "from_some_text")]
	price: Option<Amount>,
	#[serde(deserialize_with = "from_some_text")]
	target: Option<Amount>,
	deadline: Option<When>,
	#[serde(deserialize_with = "from_some_text")]
	upfront: Option<Percent>,
	milestones: Vec<MilestoneDraft>,
	vesting: Option<BlockNumber>,
}

impl Draft {
	/// What the options say, and what the file says that they name.
	pub fn of(arguments: OpenArgs) -> Result<Self, Failure> {
		let file = arguments.spec.as_deref().map(Self::read).transpose()?.unwrap_or_default();
		let given = arguments.milestones;
		Ok(Draft {
			subject: arguments.subject.or(file.subject),
			shares: arguments.shares.or(file.shares),
			price: arguments.price.or(file.price),
			target: arguments.target.or(file.target),
			deadline: arguments.deadline.or(file.deadline),
			upfront: arguments.upfront.or(file.upfront),
			milestones: if given.is_empty() { file.milestones } else { given },
			vesting: arguments.vesting.or(file.vesting),
		})
	}

	fn read(path: &Path) -> Result<Self, Failure> {
		let bytes = file::read(path, MOST_SPEC).map_err(|reason| Failure::new("file", reason))?;
		toml::from_slice(&bytes).map_err(|error| usage(format!("{}: {error}", path.display())))
	}

	/// In whose income the shares are.
	pub fn subject(&self) -> Result<Subject, Failure> {
		said(self.subject, "SUBJECT")
	}

	/// What is offered of shares that are counted so, at this block.
	pub fn spec(self, unit: &Unit, now: BlockNumber) -> Result<OfferingSpec, Failure> {
		let subject = self.subject()?;
		let milestones: Vec<Milestone> = self
			.milestones
			.into_iter()
			.map(|draft| draft.milestone(now))
			.collect::<Result<_, _>>()?;
		let upfront = self.upfront.map_or_else(|| rest(&milestones), |Percent(part)| part);
		let spec = OfferingSpec {
			subject,
			shares: unit.count(&said(self.shares, "--shares")?)?,
			price: unit.price(said(self.price, "--price")?)?,
			target: self.target.map_or(0, |Amount(target)| target),
			deadline: said(self.deadline, "--deadline")?.at(now)?,
			upfront,
			milestones: bounded(milestones, "the list of milestones")?,
			vesting: self.vesting.unwrap_or(0),
		};
		spec.validate().map_err(|error| explain(error, &spec))?;
		if spec.deadline <= now {
			return Err(usage(format!("the deadline has passed: it is block {now}")));
		}
		Ok(spec)
	}
}

/// What milestones leave of the money.
fn rest(milestones: &[Milestone]) -> Permill {
	let whole = Permill::one().deconstruct();
	let rest = |rest: u32, milestone: &Milestone| rest.saturating_sub(milestone.part.deconstruct());
	Permill::from_parts(milestones.iter().fold(whole, rest))
}

fn said<T>(value: Option<T>, name: &str) -> Result<T, Failure> {
	let missing = || {
		usage(format!("{name} is missing"))
			.help("say it on the command line or in the file that --spec names")
	};
	value.ok_or_else(missing)
}

fn usage(message: String) -> Failure {
	Failure::new("usage", message)
}

fn explain(error: OfferingSpecError, spec: &OfferingSpec) -> Failure {
	let parts = Balance::from(spec.parts(spec.milestones.len()));
	usage(match error {
		OfferingSpecError::Shares => "no shares are offered".into(),
		OfferingSpecError::Price => "the shares cost nothing".into(),
		OfferingSpecError::Overflow => "the shares cost more than can be counted".into(),
		OfferingSpecError::Target => {
			"all shares cost less than the target: nobody could reach it".into()
		},
		OfferingSpecError::Parts => format!(
			"what is released at the close and for the milestones is {}% of the money, not 100%",
			decimal::text(parts, 4)
		),
		OfferingSpecError::Milestones => {
			"each milestone needs more jobs, not less pay and a later block than the one before, and a \
			 block after the deadline"
				.into()
		},
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use assay_primitives::{ModelId, ASY};
	use std::fs;

	const TEXT: &str = r#"
		subject = "model:3"
		shares = "1000"
		price = "0.5"
		target = "400"
		deadline = "+100"
		upfront = "40%"
		vesting = 5000
		[[milestones]]
		jobs = 100
		by = "+200"
		part = "20%"
		[[milestones]]
		jobs = 200
		paid = "2.5"
		by = 1300
		part = "40%"
	"#;

	fn draft(text: &str) -> Draft {
		toml::from_str(text).unwrap()
	}

	fn unit(decimals: u8) -> Unit {
		Unit { symbol: "MGK".into(), decimals }
	}

	fn milestone(jobs: u64, by: BlockNumber, percent: u32) -> Milestone {
		Milestone { jobs, paid: 0, by, part: Permill::from_percent(percent) }
	}

	/// What is wrong with a file in which one text stands in the place of another.
	fn refusal(before: &str, after: &str) -> String {
		let text = TEXT.replace(before, after);
		assert_ne!(text, TEXT, "{before}");
		draft(&text).spec(&unit(0), 1_000).unwrap_err().to_text()
	}

	#[test]
	fn a_file_becomes_an_offering() {
		let spec = draft(TEXT).spec(&unit(2), 1_000).unwrap();
		assert_eq!((spec.subject, spec.shares), (Subject::Model(ModelId(3)), 100_000));
		assert_eq!((spec.price, spec.target), (ASY / 200, 400 * ASY));
		assert_eq!((spec.deadline, spec.vesting), (1_100, 5_000));
		assert_eq!(spec.upfront, Permill::from_percent(40));
		assert_eq!(
			spec.milestones.to_vec(),
			[
				milestone(100, 1_200, 20),
				Milestone { paid: 5 * ASY / 2, ..milestone(200, 1_300, 40) }
			]
		);
	}

	#[test]
	fn options_take_the_place_of_what_the_file_says() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("offering.toml");
		fs::write(&path, TEXT).unwrap();
		let arguments = OpenArgs {
			spec: Some(path),
			price: Some(Amount(2 * ASY)),
			upfront: Some("50%".parse().unwrap()),
			milestones: vec!["jobs=7,by=+300,part=50%".parse().unwrap()],
			..OpenArgs::default()
		};
		let spec = Draft::of(arguments).unwrap().spec(&unit(0), 1_000).unwrap();
		assert_eq!((spec.shares, spec.price), (1_000, 2 * ASY));
		assert_eq!(spec.milestones.to_vec(), [milestone(7, 1_300, 50)]);
	}

	#[test]
	fn what_is_not_said_is_the_plainest_sale() {
		let text = "subject = \"asset:1\"\nshares = \"5\"\nprice = \"1\"\ndeadline = 1001";
		let spec = draft(text).spec(&unit(0), 1_000).unwrap();
		assert_eq!((spec.target, spec.vesting, spec.upfront), (0, 0, Permill::one()));
		let text = format!("{text}\n[[milestones]]\njobs = 1\nby = 1002\npart = \"30%\"");
		let spec = draft(&text).spec(&unit(0), 1_000).unwrap();
		assert_eq!(spec.upfront, Permill::from_percent(70));
	}

	#[test]
	fn what_is_missing_is_named() {
		for (line, name) in [
			("subject = \"model:3\"", "SUBJECT"),
			("shares = \"1000\"", "--shares"),
			("price = \"0.5\"", "--price"),
			("deadline = \"+100\"", "--deadline"),
		] {
			let text = refusal(line, "");
			assert!(text.contains(&format!("{name} is missing")), "{text}");
		}
	}

	#[test]
	fn an_offering_that_the_chain_would_refuse_is_refused_before_it_is_signed() {
		assert!(refusal("\"1000\"", "\"0\"").contains("no shares"));
		assert!(refusal("\"0.5\"", "\"0\"").contains("cost nothing"));
		assert!(refusal("\"400\"", "\"501\"").contains("the target"));
		assert!(refusal("\"1000\"", &format!("\"{}\"", u128::MAX)).contains("can be counted"));
		assert!(refusal("upfront = \"40%\"", "upfront = \"39.9999%\"").contains("99.9999%"));
		assert!(refusal("jobs = 200", "jobs = 100").contains("more jobs"));
		assert!(refusal("by = 1300", "by = 1200").contains("a later block"));
		assert!(refusal("\"+200\"", "\"+100\"").contains("after the deadline"));
		assert!(refusal("\"+100\"", "\"1000\"").contains("it is block 1000"));
		assert!(refusal("\"+200\"", "\"+4294967295\"").contains("later than blocks"));
		assert!(refusal("\"1000\"", "\"1.5\"").contains("no decimals"));
		let many = "\n[[milestones]]\njobs = 1\nby = 2\npart = \"0%\"".repeat(7);
		assert!(refusal("part = \"40%\"\n", &format!("part = \"40%\"{many}\n")).contains("list"));
	}

	#[test]
	fn a_file_with_words_that_nobody_knows_is_refused() {
		for text in [
			"prize = \"0.5\"",
			"price = 0.5",
			"subject = 3",
			"deadline = \"soon\"",
			"deadline = -1",
			"upfront = 40",
			"[[milestones]]\njobs = 1\nby = 2",
			"[[milestones]]\njobs = 1\nby = 2\npart = \"1%\"\nname = \"x\"",
		] {
			assert!(toml::from_str::<Draft>(text).is_err(), "{text}");
		}
	}

	#[test]
	fn a_block_is_a_number_or_so_many_from_now() {
		assert_eq!(("7".parse(), "+7".parse()), (Ok(When::Block(7)), Ok(When::In(7))));
		for text in ["", "+", "-7", "++7", "7.5", "+4294967296", "now"] {
			assert_eq!(text.parse::<When>(), Err(WhenError), "{text:?}");
		}
	}

	#[test]
	fn a_milestone_has_each_field_once() {
		let read: MilestoneDraft = "part=20%, by=+5000, jobs=100".parse().unwrap();
		assert_eq!((read.jobs, read.paid, read.by), (100, None, When::In(5_000)));
		let read: MilestoneDraft = "part=20%,by=7,jobs=1,paid=0.5".parse().unwrap();
		assert_eq!(read.paid, Some(Amount(ASY / 2)));
		assert_eq!(read.part.to_string(), "20%");
		for (text, reason) in [
			("", "write jobs"),
			("jobs=100,by=+5000", "write jobs"),
			("jobs=1,jobs=2,by=+5,part=1%", "twice"),
			("jobs=1,by=+5,part=1%,x=2", "write jobs"),
			("jobs=-1,by=+5,part=1%", "jobs: "),
			("jobs=1,paid=x,by=+5,part=1%", "paid: "),
			("jobs=1,by=x,part=1%", "by: "),
			("jobs=1,by=+5,part=101%", "part: "),
		] {
			let error = text.parse::<MilestoneDraft>().unwrap_err();
			assert!(error.contains(reason), "{text:?}: {error}");
		}
	}
}
