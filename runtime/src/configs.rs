//! How the pallets are configured and joined.

mod consensus;
mod market;
mod parameters;
mod rights;
mod system;

pub use market::{
	audit_pot_account, dispute_pot_account, treasury_account, AssignmentDelay, Treasury,
};
pub use parameters::{dynamic_params, RuntimeParameters, RuntimeParametersKey};
pub use rights::data_rights_account;
pub use system::{BlockLength, BlockWeights, ExistentialDeposit, ProxyType};
