//! Suites that run the product, and the programs that tests need beside it.

use std::path::PathBuf;

use super::Setting;
use crate::{command, python, report::Outcome, spend, sql_data, workspace::EVERYTHING};

const FIDELITY: &str = "connectors/sandbox/tests/fidelity";
const FIDELITY_DATA: &str = "ENTENTE_FIDELITY_DATA";

/// What the compiler knows of each SQL statement is what the migrations say.
pub fn prepared_sql(setting: &Setting) -> anyhow::Result<Outcome> {
    sql_data::prepare_with(&setting.workspace, setting.cluster()?, true)?;
    Ok(Outcome::Passed(String::new()))
}

/// The shipped charts are proved sound.
pub fn charts(setting: &Setting) -> anyhow::Result<Outcome> {
    let binary = setting.workspace.binary("entente")?;
    command::run(setting.workspace.command(binary).args(["chart", "check", "workflows"]))?;
    Ok(Outcome::Passed(String::new()))
}

/// Mail through a real SMTP server: the mailer alone, and notices on their way to it.
pub fn mail(setting: &Setting) -> anyhow::Result<Outcome> {
    let python = python::with(&setting.workspace, &["crates/mail/tests/requirements.txt"])?;
    for tests in [["--test", "smtp", "--", "--nocapture"], ["--test", "ops", "--", "notices"]] {
        let mut cargo = setting.workspace.cargo("test");
        cargo.args(EVERYTHING).args(tests);
        command::run(cargo.env("ENTENTE_PYTHON", &python))?;
    }
    Ok(Outcome::Passed(String::new()))
}

/// Payment files against the published schemas, which a Python package carries.
pub fn payments(setting: &Setting) -> anyhow::Result<Outcome> {
    let python = python::with(&setting.workspace, &["crates/payments/tests/requirements.txt"])?;
    let mut cargo = setting.workspace.cargo("test");
    cargo.args(EVERYTHING).args(["--test", "it", "--", "--nocapture", "xsd::"]);
    command::run(cargo.env("ENTENTE_PAYMENTS_PYTHON", &python))?;
    Ok(Outcome::Passed(String::new()))
}

/// The vault of proof on a real S3 server, and spend that is imported from one.
pub fn evidence(setting: &Setting) -> anyhow::Result<Outcome> {
    let python = python::with(&setting.workspace, &["crates/documents/tests/requirements.txt"])?;
    for tests in [&["--test", "evidence"][..], &["--test", "commitments", "--", "from_a_bucket::"]] {
        let mut cargo = setting.workspace.cargo("test");
        cargo.args(EVERYTHING).args(tests);
        command::run(cargo.env("ENTENTE_PYTHON", &python))?;
    }
    Ok(Outcome::Passed(String::new()))
}

/// Commitments as FOCUS against the public validator, and the warehouse's SQL against our own judgement.
pub fn focus(setting: &Setting) -> anyhow::Result<Outcome> {
    let python = python::apart(&setting.workspace, "python-focus", "crates/core/tests/focus/requirements.txt")?;
    let mut cargo = setting.workspace.cargo("test");
    cargo.args(EVERYTHING).args(["--test", "commitment", "--", "--nocapture", "public_validator::", "warehouse::"]);
    command::run(cargo.env("ENTENTE_FOCUS_PYTHON", &python))?;
    Ok(Outcome::Passed("rules of FOCUS 1.2: the validator fetches those of 1.3 from GitHub".into()))
}

/// The vendors' Python SDK against the sandbox.
pub fn fidelity(setting: &Setting) -> anyhow::Result<Outcome> {
    let requirements = format!("{FIDELITY}/requirements.txt");
    let python = python::with(&setting.workspace, &[&requirements])?;
    let binary = setting.workspace.binary("entente")?;
    let data = std::env::var_os(FIDELITY_DATA).map(PathBuf::from);
    // The data may hold a folder per marketplace; this suite is about one of them.
    let data = data.map(|all| Some(all.join("aws")).filter(|part| part.is_dir()).unwrap_or(all));
    let note = match &data {
        Some(data) => format!("with the requests in `{}`", data.display()),
        None => format!("own requests only: {FIDELITY_DATA} names no folder of vendor requests"),
    };
    println!("{note}");
    let mut pytest = setting.workspace.command(python);
    pytest.args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", FIDELITY]);
    pytest.env("ENTENTE_BIN", binary).env("PYTHONDONTWRITEBYTECODE", "1").envs(data.map(|data| (FIDELITY_DATA, data)));
    command::run(&mut pytest)?;
    Ok(Outcome::Passed(note))
}

/// Spend files come to the same daily sums here and by the SQL that warehouses run.
pub fn spend(setting: &Setting) -> anyhow::Result<Outcome> {
    spend::agree(&setting.workspace)?;
    Ok(Outcome::Passed(String::new()))
}

/// The demo tells its story and verifies every promise.
pub fn demo(setting: &Setting) -> anyhow::Result<Outcome> {
    let binary = setting.workspace.binary("entente")?;
    command::run(setting.workspace.command(binary).args(["demo", "--once"]))?;
    Ok(Outcome::Passed(String::new()))
}
