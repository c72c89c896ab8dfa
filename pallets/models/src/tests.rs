//! One file a call; queries and attacks in files of their own.

mod accept_model;
mod deprecate_version;
mod freeze;
mod hostile;
mod offer_model;
mod publish_version;
mod queries;
mod register_model;
mod set_price;
