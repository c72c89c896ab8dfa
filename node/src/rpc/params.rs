//! The parameters of the `assay_*` methods: lenient in form, strict in range.

use super::error::Error;
use assay_primitives::{
	api::{JobFilter, MAX_PAGE},
	availability::DemandFilter,
	lease::{key_path, KeyPath, LeaseFilter, LeaseStatus, OfferFilter},
	model::{is_name, Name},
	revenue::Subject,
	tensor::{Shape, MAX_RANK, MAX_TENSORS},
	AccountId, AssetId, JobId, ModelId, VersionId,
};
use serde::{de, Deserialize, Deserializer, Serialize, Serializer};

/// The items of a page when no limit is given.
const DEFAULT_PAGE: u32 = 20;

/// A version: read as `"MODEL@NUMBER"` or `{"model": …, "number": …}`, written as the former.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VersionText(pub VersionId);

impl Serialize for VersionText {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(&self.0)
	}
}

impl<'de> Deserialize<'de> for VersionText {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		#[derive(Deserialize)]
		#[serde(untagged, expecting = "expected \"MODEL@NUMBER\" or {\"model\", \"number\"}")]
		enum Form {
			Text(String),
			Object(VersionId),
		}
		match Form::deserialize(deserializer)? {
			Form::Text(text) => parse_version(&text).map(Self).ok_or_else(|| {
				de::Error::custom(format!("{text:?} is not a version like \"0@1\""))
			}),
			Form::Object(id) => Ok(Self(id)),
		}
	}
}

fn parse_version(text: &str) -> Option<VersionId> {
	let (model, number) = text.split_once('@')?;
	Some(VersionId { model: ModelId(parse_digits(model)?), number: parse_digits(number)? })
}

/// What earns: read as `"model:3"` or `{"model": 3}`, written as the former.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SubjectText(pub Subject);

impl Serialize for SubjectText {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(&self.0)
	}
}

impl<'de> Deserialize<'de> for SubjectText {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		#[derive(Deserialize)]
		#[serde(untagged, expecting = "expected \"model:3\" or {\"model\": 3}")]
		enum Form {
			Text(String),
			Object(Subject),
		}
		match Form::deserialize(deserializer)? {
			Form::Text(text) => text.parse().map(Self).map_err(de::Error::custom),
			Form::Object(subject) => Ok(Self(subject)),
		}
	}
}

/// Which grants to list: those of an asset, or those that an account holds.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GrantsOf {
	/// Those of this asset.
	Asset(AssetId),
	/// Those that this account holds.
	Holder(AccountId),
}

/// A number in digits alone: `u32::from_str` would also take a sign.
fn parse_digits(text: &str) -> Option<u32> {
	text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// A model: by its id (a number) or its name (a string).
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged, expecting = "expected a model's id (a number) or its name (a string)")]
pub enum ModelKey {
	/// By its id.
	Id(ModelId),
	/// By its name.
	Name(String),
}

/// A model's name as the chain has it.
pub fn name(text: &str) -> Result<Name, Error> {
	Name::try_from(text.as_bytes().to_vec())
		.ok()
		.filter(|name| is_name(name))
		.ok_or_else(|| Error::Parameter(format!("{text:?} is not a model's name")))
}

/// Which jobs to list: see [`JobFilter`].
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct JobFilterParam {
	requester: Option<AccountId>,
	provider: Option<AccountId>,
	version: Option<VersionText>,
	open: bool,
}

impl From<JobFilterParam> for JobFilter {
	fn from(param: JobFilterParam) -> Self {
		JobFilter {
			requester: param.requester,
			provider: param.provider,
			version: param.version.map(|version| version.0),
			open: param.open,
		}
	}
}

/// Which demands to list: see [`DemandFilter`].
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DemandFilterParam {
	job: Option<JobId>,
	party: Option<AccountId>,
}

impl From<DemandFilterParam> for DemandFilter<AccountId> {
	fn from(DemandFilterParam { job, party }: DemandFilterParam) -> Self {
		DemandFilter { job, party }
	}
}

/// Which leases to list: see [`LeaseFilter`].
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LeaseFilterParam {
	state: Option<LeaseStatus>,
	tenant: Option<AccountId>,
	provider: Option<AccountId>,
	attribute: Option<String>,
}

impl TryFrom<LeaseFilterParam> for LeaseFilter<AccountId> {
	type Error = Error;

	fn try_from(param: LeaseFilterParam) -> Result<Self, Error> {
		let LeaseFilterParam { state, tenant, provider, attribute } = param;
		let attribute = path(attribute.as_deref())?;
		Ok(LeaseFilter { state, tenant, provider, attribute })
	}
}

/// Which offers to list: see [`OfferFilter`].
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OfferFilterParam {
	provider: Option<AccountId>,
	attribute: Option<String>,
}

impl TryFrom<OfferFilterParam> for OfferFilter<AccountId> {
	type Error = Error;

	fn try_from(param: OfferFilterParam) -> Result<Self, Error> {
		let attribute = path(param.attribute.as_deref())?;
		Ok(OfferFilter { provider: param.provider, attribute })
	}
}

/// The key path of a text, if there is one.
fn path(text: Option<&str>) -> Result<Option<KeyPath>, Error> {
	let path = text.map(key_path).transpose();
	path.map_err(|error| Error::Parameter(error.to_string()))
}

/// The number of items of a page: at least one, at most [`MAX_PAGE`].
pub fn page_size(limit: Option<u32>) -> Result<u32, Error> {
	match limit {
		None => Ok(DEFAULT_PAGE),
		Some(0) => Err(Error::Parameter("a limit of zero gives no page".into())),
		Some(limit) => Ok(limit.min(MAX_PAGE)),
	}
}

/// The shapes of a job's inputs.
pub fn shapes(shapes: Vec<Vec<u32>>) -> Result<Vec<Shape>, Error> {
	if u32::try_from(shapes.len()).map_or(true, |count| count > MAX_TENSORS) {
		return Err(Error::Parameter(format!("at most {MAX_TENSORS} shapes")));
	}
	let bounded = |shape| {
		Shape::try_from(shape)
			.map_err(|_| Error::Parameter(format!("at most {MAX_RANK} dimensions in a shape")))
	};
	shapes.into_iter().map(bounded).collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::{from_value, json};

	const VERSION: VersionText = VersionText(VersionId { model: ModelId(3), number: 2 });

	#[test]
	fn a_version_is_read_in_both_forms_and_written_as_text() {
		for form in [json!("3@2"), json!({ "model": 3, "number": 2 })] {
			assert_eq!(from_value::<VersionText>(form).unwrap(), VERSION);
		}
		assert_eq!(serde_json::to_value(VERSION).unwrap(), json!("3@2"));
	}

	#[test]
	fn what_is_no_version_is_refused() {
		for form in [
			json!("3"),
			json!("@"),
			json!("3@"),
			json!("+3@2"),
			json!("3@2@1"),
			json!("99999999999@1"),
			json!(3),
			json!({ "model": 3 }),
			json!(null),
		] {
			assert!(from_value::<VersionText>(form.clone()).is_err(), "{form}");
		}
	}

	#[test]
	fn what_earns_is_read_in_both_forms_and_written_as_text() {
		let subject = SubjectText(Subject::Asset(AssetId(3)));
		for form in [json!("asset:3"), json!({ "asset": 3 })] {
			assert_eq!(from_value::<SubjectText>(form).unwrap(), subject);
		}
		assert_eq!(serde_json::to_value(subject).unwrap(), json!("asset:3"));
		for form in [
			json!("3"),
			json!("asset:"),
			json!("asset:+3"),
			json!("grant:3"),
			json!("pool:3/1"),
			json!(3),
			json!({ "asset": "3" }),
			json!({ "asset": 3, "model": 3 }),
			json!({}),
			json!(null),
		] {
			assert!(from_value::<SubjectText>(form.clone()).is_err(), "{form}");
		}
	}

	#[test]
	fn grants_are_those_of_an_asset_or_of_a_holder_and_not_all() {
		let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
		let of = from_value::<GrantsOf>(json!({ "asset": 3 })).unwrap();
		assert_eq!(of, GrantsOf::Asset(AssetId(3)));
		let of = from_value::<GrantsOf>(json!({ "holder": alice })).unwrap();
		assert_eq!(of, GrantsOf::Holder(alice.parse().unwrap()));
		for form in [
			json!({}),
			json!(null),
			json!(3),
			json!({ "holder": "5Gr" }),
			json!({ "asset": 3, "holder": alice }),
			json!({ "owner": alice }),
		] {
			assert!(from_value::<GrantsOf>(form.clone()).is_err(), "{form}");
		}
	}

	#[test]
	fn a_model_is_named_by_number_or_text_and_digits_in_text_are_a_name() {
		assert_eq!(from_value::<ModelKey>(json!(7)).unwrap(), ModelKey::Id(ModelId(7)));
		assert_eq!(from_value::<ModelKey>(json!("7")).unwrap(), ModelKey::Name("7".into()));
		assert!(from_value::<ModelKey>(json!(-1)).is_err());
	}

	#[test]
	fn names_that_the_chain_cannot_have_are_refused() {
		assert!(name("google/magika").is_ok());
		for text in ["", "Magika", "-x", "a b", &"a".repeat(49)] {
			assert!(name(text).is_err(), "{text:?}");
		}
	}

	#[test]
	fn a_page_has_from_one_to_the_most_items() {
		assert_eq!(page_size(None).unwrap(), DEFAULT_PAGE);
		assert_eq!(page_size(Some(1)).unwrap(), 1);
		assert_eq!(page_size(Some(u32::MAX)).unwrap(), MAX_PAGE);
		assert!(page_size(Some(0)).is_err());
	}

	#[test]
	fn too_many_shapes_or_dimensions_are_refused() {
		assert_eq!(shapes(vec![vec![1, 2], vec![]]).unwrap().len(), 2);
		assert!(shapes(vec![vec![1]; 17]).is_err());
		assert!(shapes(vec![vec![1; 9]]).is_err());
	}

	#[test]
	fn a_filter_of_leases_takes_a_state_and_a_key_path() {
		let form = json!({ "state": "active", "attribute": "gpu/nvidia" });
		let filter = from_value::<LeaseFilterParam>(form).unwrap();
		let filter = LeaseFilter::try_from(filter).unwrap();
		assert_eq!(filter.state, Some(LeaseStatus::Active));
		assert_eq!(filter.attribute, key_path("gpu/nvidia").ok());
		let bad = from_value::<LeaseFilterParam>(json!({ "attribute": "GPU" })).unwrap();
		assert!(LeaseFilter::try_from(bad).is_err());
		assert!(from_value::<LeaseFilterParam>(json!({ "state": "closed" })).is_err());
		let offers = from_value::<OfferFilterParam>(json!({ "attribute": "gpu/nvidia" })).unwrap();
		let offers = OfferFilter::try_from(offers).unwrap();
		assert_eq!(offers.attribute, key_path("gpu/nvidia").ok());
		let bad = from_value::<OfferFilterParam>(json!({ "attribute": "gpu/" })).unwrap();
		assert!(OfferFilter::try_from(bad).is_err());
	}

	#[test]
	fn a_filter_takes_any_of_its_fields_and_no_other() {
		let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
		let form = json!({ "requester": alice, "version": "3@2", "open": true });
		let filter = JobFilter::from(from_value::<JobFilterParam>(form).unwrap());
		assert_eq!(filter.requester, alice.parse().ok());
		assert_eq!(filter.version, Some(VERSION.0));
		assert!(filter.open && filter.provider.is_none());
		assert!(from_value::<JobFilterParam>(json!({ "requestor": alice })).is_err());
		assert!(from_value::<JobFilterParam>(json!({ "requester": "5Gr" })).is_err());
	}
}
