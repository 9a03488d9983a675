//! Who may depend on whom, as the manifests say it.

use super::tree::{Finding, Tree};

/// Crates that only some manifests may name, with the folders that may.
const CONFINED: [(&str, &[&str]); 7] = [
    ("sqlx", &["crates/store-sqlite", "crates/store-postgres", "xtask"]),
    // The jobs of the simulation answer as jobs do.
    ("anyhow", &["", "sim", "xtask"]),
    ("lettre", &["crates/mail"]),
    ("object_store", &["crates/documents"]),
    ("axum", &["", "connectors/sandbox"]),
    ("clap", &["", "xtask"]),
    ("aws-config", &["connectors/aws"]),
];

/// What the pure core may never reach.
const IMPURE: [&str; 7] = ["tokio", "sqlx", "reqwest", "axum", "tracing", "async-trait", "futures"];

/// Crates of this workspace that the crate in `folder` may depend on; `None`: any.
fn allowed(folder: &str) -> Option<Vec<&'static str>> {
    Some(match folder {
        "" | "sim" => return None,
        "xtask" | "crates/core" | "crates/claim-corpus" | "connectors/sandbox" => vec![],
        "connectors/port" | "crates/store" => vec!["entente-core"],
        _ if folder.starts_with("crates/store-") => vec!["entente-core", "entente-store"],
        _ if folder.starts_with("crates/") => vec!["entente-core"],
        _ => vec!["entente-core", "entente-port"],
    })
}

fn wrong_way(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files() {
        let Some(folder) = path.strip_suffix("Cargo.toml").map(|folder| folder.trim_end_matches('/')) else { continue };
        for (line, name) in dependencies(text) {
            let own = name.starts_with("entente-");
            let strays = own && allowed(folder).is_some_and(|allowed| !allowed.contains(&name));
            let confined = CONFINED.iter().find(|(confined, _)| *confined == name);
            let outside = confined.is_some_and(|(_, homes)| !homes.contains(&folder));
            let impure = folder == "crates/core" && IMPURE.contains(&name);
            if strays || outside || impure {
                let message = format!("`{folder}` may not depend on `{name}`: see the direction in CONTRIBUTING.md");
                findings.push(Finding { path: path.into(), line, message });
            }
        }
    }
    findings
}

/// The names under `[dependencies]` and `[build-dependencies]`, of any target, with their lines.
fn dependencies(manifest: &str) -> Vec<(usize, &str)> {
    let mut inside = false;
    let mut names = Vec::new();
    for (at, line) in manifest.lines().enumerate() {
        if let Some(section) = line.trim().strip_prefix('[') {
            let section = section.trim_end_matches(']');
            let table = section.rsplit("')].").next().unwrap_or(section).rsplit("').").next().unwrap_or(section);
            inside = table == "dependencies" || table == "build-dependencies" || section.ends_with(".dependencies");
            inside &= section != "workspace.dependencies";
        } else if inside && let Some((name, _)) = line.split_once(['.', '=']) {
            names.push((at + 1, name.trim()));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tree::{assert_found, assert_tidy};

    #[test]
    fn manifests_point_towards_the_core() {
        assert_tidy(&wrong_way(Tree::project()));
    }

    #[test]
    fn each_wrong_direction_is_found() {
        for (path, line) in [
            ("crates/core/Cargo.toml", "tokio.workspace = true"),
            ("crates/core/Cargo.toml", "entente-store = { path = \"../store\" }"),
            ("crates/store/Cargo.toml", "entente-port.workspace = true"),
            ("crates/store/Cargo.toml", "sqlx.workspace = true"),
            ("connectors/aws/Cargo.toml", "entente-fake.workspace = true"),
            ("connectors/fake/Cargo.toml", "entente-store.workspace = true"),
            ("connectors/sandbox/Cargo.toml", "entente-aws.workspace = true"),
            ("connectors/port/Cargo.toml", "anyhow = \"1\""),
            ("crates/claim-corpus/Cargo.toml", "entente-core.workspace = true"),
        ] {
            let manifest = format!("[package]\nname = \"x\"\n[dependencies]\n{line}\n");
            assert_found(&wrong_way(&Tree::of(&[(path, &manifest)])), path, 4, "may not depend on");
        }
    }

    #[test]
    fn tests_may_depend_on_more() {
        let manifest =
            "[dependencies]\nentente-port.workspace = true\n[dev-dependencies]\nentente-sandbox.workspace = true\n";
        assert_tidy(&wrong_way(&Tree::of(&[("connectors/aws/Cargo.toml", manifest)])));
    }
}
