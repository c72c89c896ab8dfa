//! What may be wrong with a graph.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// What is wrong with one node.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Invalid {
	/// The bytes in the node's place, or in that of an operand, encode no such entry.
	Undecodable,
	/// An operand is the output of this node or a later one.
	ForwardReference,
	/// An operand does not exist.
	UnknownOperand,
	/// The primitive does not have that many operands.
	OperandCount,
	/// An operand has a type that the primitive does not take.
	OperandType,
	/// The operands' shapes do not fit one another or the attributes.
	OperandShape,
	/// An attribute is outside its range.
	BadAttribute,
	/// The stated output is not what the primitive makes of its operands.
	WrongOutput,
	/// The layout is not an order of the output's axes, or not its one encoding.
	BadLayout,
	/// The output or a declaration exceeds a limit of shapes.
	TooLarge,
	/// One element has more terms than its kind allows.
	TooManyTerms,
	/// What one element reads may not fit an opening.
	OpeningTooLarge,
}

/// What is wrong with a graph.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum InvalidGraph {
	/// The arithmetic is not the one of this crate.
	UnknownSpec,
	/// Too many symbols, or a symbol whose bounds hold nothing.
	BadSymbol,
	/// The bound values are not one within bounds for each symbol.
	BadBindings,
	/// There are more entries of a kind than a graph may have, or no output.
	BadEntryCount,
	/// An input's dimensions make no shape.
	BadInput(u32),
	/// An initializer's layout does not fit its shape.
	BadInitializer(u32),
	/// An output does not exist or is not row-major.
	BadOutput(u32),
	/// A node is invalid.
	Node {
		/// Number of the node.
		node: u32,
		/// What is wrong.
		reason: Invalid,
	},
}
