//! What is shipped makes no mistake on purpose.

use std::{fs, path::Path};

/// The manifests that may name the feature: those that define it and hand it on.
const KNOWN: [&str; 3] = ["Cargo.toml", "crates/store/Cargo.toml", "sim/Cargo.toml"];

#[test]
fn deliberate_bugs_are_in_no_default_and_in_no_other_crate() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut manifests = vec!["Cargo.toml".to_owned(), "sim/Cargo.toml".to_owned(), "xtask/Cargo.toml".to_owned()];
    for folder in ["crates", "connectors"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            manifests.push(format!("{folder}/{}/Cargo.toml", entry.unwrap().file_name().to_string_lossy()));
        }
    }
    for name in manifests {
        let Ok(text) = fs::read_to_string(root.join(&name)) else { continue };
        let named: Vec<&str> = text
            .lines()
            .filter(|line| line.contains("deliberate-bugs") && !line.trim_start().starts_with('#'))
            .collect();
        assert!(named.is_empty() || KNOWN.contains(&name.as_str()), "{name}: {named:?}");
        // It is defined, and nothing but its own definition names it: no default, no dependency.
        assert!(named.iter().all(|line| line.starts_with("deliberate-bugs = [")), "{name}: {named:?}");
    }
}
