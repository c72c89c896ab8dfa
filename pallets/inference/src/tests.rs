//! One file a call, and the attacks.

mod cancel;
mod contest;
mod expire;
mod group;
mod hostile;
mod queries;
mod request;
mod settle;
mod stay;
mod submit_result;
mod sweep;
