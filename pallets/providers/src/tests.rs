//! One file a call; the market, queries and attacks in files of their own.

mod bond_extra;
mod evict;
mod heartbeat;
mod hostile;
mod market;
mod queries;
mod register;
mod remove_ask;
mod set_ask;
mod set_maintenance;
mod set_online;
mod unbond;
mod update_profile;
mod withdraw_unbonded;
