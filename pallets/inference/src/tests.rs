//! One file a call, and the attacks.

mod batch;
mod cancel;
mod choice;
mod contest;
mod expire;
mod extend;
mod group;
mod hostile;
mod keys;
mod queries;
mod request;
mod requests;
mod reuse;
mod rights;
mod settle;
mod stay;
mod submit_result;
mod sweep;
mod top_up;
