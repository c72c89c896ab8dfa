//! One file a call; queries and attacks in files of their own.

mod accept_model;
mod consent;
mod declare_lineage;
mod deprecate_version;
mod earners;
mod freeze;
mod hostile;
mod hostile_lineage;
mod offer_model;
mod publish_version;
mod queries;
mod register_model;
mod set_price;
mod withdraw_lineage;
