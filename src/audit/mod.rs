//! The shell around history's proofs: sealing, exporting, archiving, verifying, and the witness that tells a restored database.

pub mod agreed;
pub mod archive;
mod carried;
pub mod export;
pub mod folded;
pub mod key;
pub mod last;
pub mod seal;
pub mod sends;
pub mod sound;
mod stored;
pub mod verify;
pub mod witness;
