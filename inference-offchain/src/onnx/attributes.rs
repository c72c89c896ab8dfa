//! The attributes of a node, and which of them were read.

use std::{cell::RefCell, collections::BTreeMap};

use super::{
	error::Refusal,
	proto::{AttributeProto, GraphProto, NodeProto, TensorProto},
};

/// The attributes of a node. An attribute that no lowering asks for makes the node be refused.
pub(super) struct Attributes<'a> {
	/// Each attribute, and whether it was asked for.
	all: RefCell<BTreeMap<&'a str, (&'a AttributeProto, bool)>>,
}

/// The numbers by which a file says what an attribute holds.
mod kind {
	pub const FLOAT: i32 = 1;
	pub const INT: i32 = 2;
	pub const STRING: i32 = 3;
	pub const TENSOR: i32 = 4;
	pub const GRAPH: i32 = 5;
	pub const FLOATS: i32 = 6;
	pub const INTS: i32 = 7;
	pub const STRINGS: i32 = 8;
}

impl<'a> Attributes<'a> {
	/// The attributes of a node.
	pub fn new(node: &'a NodeProto) -> Result<Self, Refusal> {
		let mut all = BTreeMap::new();
		for attribute in &node.attribute {
			if !attribute.ref_attr_name.is_empty() {
				return Err(Refusal::Unsupported("a reference to a function's attribute"));
			}
			if all.insert(attribute.name.as_str(), (attribute, false)).is_some() {
				return Err(Refusal::Bad("attribute, given twice"));
			}
		}
		Ok(Self { all: RefCell::new(all) })
	}

	fn get(&self, name: &'static str, kind: i32) -> Result<Option<&'a AttributeProto>, Refusal> {
		let mut all = self.all.borrow_mut();
		let Some((attribute, read)) = all.get_mut(name) else { return Ok(None) };
		*read = true;
		// Files of the first versions of the format do not state the kind.
		if attribute.r#type != kind && attribute.r#type != 0 {
			return Err(Refusal::Bad(name));
		}
		Ok(Some(attribute))
	}

	/// Reads an attribute that changes nothing here.
	pub fn ignore(&self, name: &str) {
		if let Some((_, read)) = self.all.borrow_mut().get_mut(name) {
			*read = true;
		}
	}

	/// An integer, or `default`.
	pub fn int(&self, name: &'static str, default: i64) -> Result<i64, Refusal> {
		Ok(self.get(name, kind::INT)?.map_or(default, |attribute| attribute.i))
	}

	/// An integer that says yes or no.
	pub fn flag(&self, name: &'static str, default: bool) -> Result<bool, Refusal> {
		Ok(self.int(name, default.into())? != 0)
	}

	/// An integer, if given.
	pub fn maybe_int(&self, name: &'static str) -> Result<Option<i64>, Refusal> {
		Ok(self.get(name, kind::INT)?.map(|attribute| attribute.i))
	}

	/// A float32, or `default`.
	pub fn float(&self, name: &'static str, default: f32) -> Result<f32, Refusal> {
		Ok(self.get(name, kind::FLOAT)?.map_or(default, |attribute| attribute.f))
	}

	/// A float32, if given.
	pub fn maybe_float(&self, name: &'static str) -> Result<Option<f32>, Refusal> {
		Ok(self.get(name, kind::FLOAT)?.map(|attribute| attribute.f))
	}

	/// Integers, if given.
	pub fn ints(&self, name: &'static str) -> Result<Option<&'a [i64]>, Refusal> {
		Ok(self.get(name, kind::INTS)?.map(|attribute| attribute.ints.as_slice()))
	}

	/// Float32s, if given.
	pub fn floats(&self, name: &'static str) -> Result<Option<&'a [f32]>, Refusal> {
		Ok(self.get(name, kind::FLOATS)?.map(|attribute| attribute.floats.as_slice()))
	}

	/// A text, or `default`.
	pub fn string(&self, name: &'static str, default: &'a str) -> Result<&'a str, Refusal> {
		let Some(attribute) = self.get(name, kind::STRING)? else { return Ok(default) };
		std::str::from_utf8(&attribute.s).map_err(|_| Refusal::Bad(name))
	}

	/// Texts, if given.
	pub fn strings(&self, name: &'static str) -> Result<Option<Vec<&'a str>>, Refusal> {
		let Some(attribute) = self.get(name, kind::STRINGS)? else { return Ok(None) };
		let texts: Result<Vec<&str>, _> =
			attribute.strings.iter().map(|text| std::str::from_utf8(text)).collect();
		texts.map(Some).map_err(|_| Refusal::Bad(name))
	}

	/// A tensor, if given.
	pub fn tensor(&self, name: &'static str) -> Result<Option<&'a TensorProto>, Refusal> {
		Ok(self.get(name, kind::TENSOR)?.and_then(|attribute| attribute.t.as_ref()))
	}

	/// A graph, if given.
	pub fn graph(&self, name: &'static str) -> Result<Option<&'a GraphProto>, Refusal> {
		Ok(self.get(name, kind::GRAPH)?.and_then(|attribute| attribute.g.as_ref()))
	}

	/// Fails if an attribute was not asked for.
	pub fn finish(&self) -> Result<(), Refusal> {
		match self.all.borrow().iter().find(|(_, (_, read))| !read) {
			Some((name, _)) => Err(Refusal::UnknownAttribute((*name).into())),
			None => Ok(()),
		}
	}
}
