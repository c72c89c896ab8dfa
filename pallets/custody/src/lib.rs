//! Custodians of content keys: bonded, asked on chain, slashed for silence and for wrong keys.

#![cfg_attr(not(feature = "std"), no_std)]
