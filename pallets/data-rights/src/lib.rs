//! Rights to data: assets, offers, and grants that are counted at every use.

#![cfg_attr(not(feature = "std"), no_std)]
