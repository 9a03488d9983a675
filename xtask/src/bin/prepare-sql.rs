//! Checks every SQL statement against the migrations and writes what the compiler needs to know of each into `.sqlx`;
//! with `--check`, fails when that differs from what is committed. Started by `cargo xtask prepare-sql`.

#[path = "../prepare_sql.rs"]
mod prepare_sql;

use std::process::ExitCode;

fn main() -> ExitCode {
    match prepare_sql::run(std::env::args().any(|argument| argument == "--check")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
