//! The shell around history's proofs: sealing, exporting, verifying, and the witness that tells a restored database.

pub mod export;
pub mod key;
pub mod last;
pub mod seal;
pub mod sound;
mod stored;
pub mod verify;
pub mod witness;
