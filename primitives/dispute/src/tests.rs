//! Games of players who lie, are silent, late or many, against one who is honest.

mod games;
mod rules;
mod table;
