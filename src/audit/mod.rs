//! The shell around history's proofs: sealing, exporting, verifying, and the witness that tells a restored database.

pub mod export;
pub mod key;
pub mod seal;
pub mod verify;
pub mod witness;
