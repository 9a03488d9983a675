//! The migrations are compiled in, and cargo does not see files that a macro reads.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations/sqlite");
}
