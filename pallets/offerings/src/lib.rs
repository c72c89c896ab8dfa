//! Offerings of shares in income: sold, vested, released by milestones, aborted by their holders.

#![cfg_attr(not(feature = "std"), no_std)]
