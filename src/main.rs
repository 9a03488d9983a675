//! The `entente` program.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    entente::cli::main().await
}
