//! What versions were made from: the bodies of its calls, and who owns and earns by it.

use crate::{
	types::{Lineage, Parents},
	Config, Descendants, Error, Event, Lineages, Models, Pallet, Versions,
};
use alloc::vec::Vec;
use assay_primitives::{
	licence::{
		waterfall, Consent, DeclaredParent, Derivatives, Forbidden, Parent, Relation, Royalty,
		Source, Waterfall, WaterfallError, MAX_PARENTS,
	},
	model::{VersionSpec, VersionStatus},
	money::{Beneficiary, Earners},
	revenue::{IncomeInspect, Subject, SubjectInspect},
	rights::ConsentInspect,
	VersionId,
};
use frame_support::ensure;
use sp_runtime::{traits::ConstU32, BoundedVec, DispatchResult};

impl<T: Config> From<Forbidden> for Error<T> {
	fn from(forbidden: Forbidden) -> Self {
		match forbidden {
			Forbidden::Derivative => Error::DerivativesForbidden,
			// The other two are about jobs.
			Forbidden::Incompatible | Forbidden::Commercial | Forbidden::Purpose => {
				Error::IncompatibleLicence
			},
		}
	}
}

impl<T: Config> From<WaterfallError> for Error<T> {
	fn from(error: WaterfallError) -> Self {
		match error {
			WaterfallError::StackTooHigh => Error::StackTooHigh,
			WaterfallError::TooManyAncestors => Error::TooManyAncestors,
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_declare_lineage(
		caller: T::AccountId,
		version: VersionId,
		parents: BoundedVec<Parent, ConstU32<MAX_PARENTS>>,
	) -> DispatchResult {
		let model = Self::owned_model(&caller, version.model)?;
		let record = Versions::<T>::get(version).ok_or(Error::<T>::UnknownVersion)?;
		ensure!(!Lineages::<T>::contains_key(version), Error::<T>::LineageDeclared);
		ensure!(!Descendants::<T>::contains_key(version), Error::<T>::HasDescendants);
		Self::check_sources(version, &parents)?;
		let lineage = Self::lineage_of(&caller, version, &record.spec, parents)?;

		Self::hold(&caller, lineage.deposit)?;
		for parent in lineage.versions() {
			// Saturates where it cannot be reached: there are not so many versions.
			Descendants::<T>::mutate(parent, |count| *count = count.saturating_add(1));
		}
		Models::<T>::insert(version.model, model.add_deposit(lineage.deposit));
		let awaits = lineage.awaits();
		Lineages::<T>::insert(version, lineage);
		Self::deposit_event(Event::LineageDeclared { version, awaits });
		Ok(())
	}

	pub(crate) fn do_consent(
		caller: T::AccountId,
		version: VersionId,
		parent: Parent,
	) -> DispatchResult {
		let lineage = Lineages::<T>::get(version).ok_or(Error::<T>::NoLineage)?;
		let owner = Self::owner_of_usable(parent.source).ok_or(Error::<T>::UnknownParent)?;
		ensure!(owner == caller, Error::<T>::NotOwner);
		let lineage = lineage.consent(&parent).ok_or(Error::<T>::NotAwaited)?;

		let awaits = lineage.awaits();
		Lineages::<T>::insert(version, lineage);
		let source = parent.source;
		Self::deposit_event(Event::LineageConsented { version, source, awaits });
		Ok(())
	}

	pub(crate) fn do_withdraw_lineage(caller: T::AccountId, version: VersionId) -> DispatchResult {
		let model = Self::owned_model(&caller, version.model)?;
		let lineage = Lineages::<T>::get(version).ok_or(Error::<T>::NoLineage)?;
		ensure!(!lineage.holds(), Error::<T>::LineageHolds);

		Self::release(&caller, lineage.deposit)?;
		for parent in lineage.versions() {
			Descendants::<T>::mutate_exists(parent, |count| {
				*count = count.and_then(|count| count.checked_sub(1)).filter(|count| *count > 0);
			});
		}
		Models::<T>::insert(version.model, model.remove_deposit(lineage.deposit));
		Lineages::<T>::remove(version);
		Self::deposit_event(Event::LineageWithdrawn { version });
		Ok(())
	}

	/// Check what can be known of parents without reading them.
	fn check_sources(version: VersionId, parents: &[Parent]) -> Result<(), Error<T>> {
		ensure!(!parents.is_empty(), Error::<T>::NoParents);
		for (index, parent) in parents.iter().enumerate() {
			ensure!(parent.source != Source::Version(version), Error::<T>::CyclicLineage);
			let is_asset = matches!(parent.source, Source::Asset(_));
			ensure!(
				is_asset == (parent.relation == Relation::TrainedOn),
				Error::<T>::WrongRelation
			);
			let is_new = parents.iter().take(index).all(|other| other.source != parent.source);
			ensure!(is_new, Error::<T>::RepeatedParent);
		}
		Ok(())
	}

	/// The lineage of a version of the caller, if every parent admits it.
	fn lineage_of(
		caller: &T::AccountId,
		version: VersionId,
		spec: &VersionSpec,
		parents: BoundedVec<Parent, ConstU32<MAX_PARENTS>>,
	) -> Result<Lineage, Error<T>> {
		let (mut declared, mut lines) = (Vec::new(), Vec::new());
		for parent in parents {
			let (consent, line) = Self::admit_parent(caller, spec, &parent)?;
			declared.push(DeclaredParent { parent, consent });
			lines.push((Royalty { source: parent.source, share: parent.share }, line));
		}
		// Cuts nothing off: there are as many as were named, within the same bound.
		let parents = Parents::truncate_from(declared);
		let lines = lines.iter().map(|(parent, line)| (*parent, line.as_slice()));
		let waterfall = waterfall(lines).map_err(Error::<T>::from)?;
		// A cycle of more than one version would have to close here. It cannot: a version that is in
		// the waterfall of another has a descendant, and with one it declares nothing any more. A
		// lineage that is withdrawn has no descendants, so none is left of it in a waterfall.
		let is_cyclic = waterfall.iter().any(|royalty| royalty.source == Source::Version(version));
		ensure!(!is_cyclic, Error::<T>::CyclicLineage);
		let deposit = Self::deposit_for(&(&parents, &waterfall));
		Ok(Lineage { parents, waterfall, deposit })
	}

	/// Whether the owner of a parent has to be asked, and what those it was made from earn by it.
	fn admit_parent(
		caller: &T::AccountId,
		spec: &VersionSpec,
		parent: &Parent,
	) -> Result<(Consent, Waterfall), Error<T>> {
		let owner = Self::owner_of_usable(parent.source).ok_or(Error::<T>::UnknownParent)?;
		let (is_asked, waterfall) = match parent.source {
			Source::Version(version) => Self::admit_version(version, spec, parent)?,
			Source::Asset(asset) => (!T::Data::may_train(asset), Waterfall::default()),
		};
		let is_asked = is_asked && owner != *caller;
		Ok((if is_asked { Consent::Awaited } else { Consent::NotNeeded }, waterfall))
	}

	/// The same for the owner of any other version.
	fn admit_version(
		version: VersionId,
		spec: &VersionSpec,
		parent: &Parent,
	) -> Result<(bool, Waterfall), Error<T>> {
		let record = Versions::<T>::get(version).ok_or(Error::<T>::UnknownParent)?;
		ensure!(record.status != VersionStatus::Frozen, Error::<T>::UnknownParent);
		let theirs = record.spec.permissions;
		theirs.admit_child(&spec.permissions).map_err(Error::<T>::from)?;
		// A price is a price of something.
		let comparable = theirs.least_price == 0 || record.spec.unit == spec.unit;
		ensure!(comparable, Error::<T>::IncompatibleLicence);
		ensure!(parent.share >= theirs.royalty, Error::<T>::ShareTooLow);
		let waterfall = match Lineages::<T>::get(version) {
			Some(lineage) => {
				ensure!(lineage.holds(), Error::<T>::ParentPending);
				lineage.waterfall
			},
			None => Waterfall::default(),
		};
		Ok((theirs.derivatives == Derivatives::OnConsent, waterfall))
	}

	/// The present owner of something that a version can be made from: of an asset, while it is
	/// active.
	fn owner_of_usable(source: Source) -> Option<T::AccountId> {
		match source {
			Source::Version(version) => Models::<T>::get(version.model).map(|model| model.owner),
			Source::Asset(asset) => <T::Data as ConsentInspect<_>>::owner(asset),
		}
	}

	/// The present owner of something that earns: of an asset, even after it was revoked.
	fn owner_of(subject: Subject) -> Option<T::AccountId> {
		match subject {
			Subject::Model(model) => Models::<T>::get(model).map(|record| record.owner),
			Subject::Asset(_) | Subject::Pool(_) => <T::Data as SubjectInspect<_>>::owner(subject),
		}
	}

	/// Who earns by a version of an owner; `None` while a consent is awaited.
	pub(crate) fn earners_of(
		version: VersionId,
		owner: &T::AccountId,
	) -> Option<Earners<T::AccountId>> {
		let owner = T::Income::payee(Subject::Model(version.model), owner);
		let Some(lineage) = Lineages::<T>::get(version) else {
			return Some(Earners::only(owner));
		};
		if !lineage.holds() {
			return None;
		}
		let ancestors: Vec<_> = lineage.waterfall.iter().filter_map(Self::beneficiary).collect();
		// Cuts nothing off: there are no more than in the waterfall, whose bound is the same.
		let ancestors = BoundedVec::truncate_from(ancestors);
		Some(Earners { owner, ancestors, data: None })
	}

	/// Who is paid what an ancestor earns: those who have shares in its income, whoever owns it. The
	/// share of one that nobody has and owns stays with the owner of the version.
	fn beneficiary(royalty: &Royalty) -> Option<Beneficiary<T::AccountId>> {
		let subject = royalty.source.subject();
		let payee = T::Income::pot(subject).or_else(|| Self::owner_of(subject))?;
		Some(Beneficiary { payee, share: royalty.share })
	}
}
