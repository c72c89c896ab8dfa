//! Shares in income: a ledger of holders and what they can claim.

#![cfg_attr(not(feature = "std"), no_std)]
