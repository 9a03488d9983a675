//! The `entente` program.

use std::process::ExitCode;

/// The runner allocates on one thread and frees on another all day long, which the system's allocator does slowly.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    entente::cli::main().await
}
