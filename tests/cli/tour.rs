//! The tour in the README: the examples, sold through the sandbox.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{installation::Installation, sandbox::Sandbox};

/// The examples in a folder of their own, on this sandbox.
fn examples(sandbox: &Sandbox) -> Installation {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let config = fs::read_to_string(folder.join("entente.yaml")).unwrap();
    let address = sandbox.ready["listen"].as_str().unwrap();
    let config = config.replace("127.0.0.1:7421", address).replace("127.0.0.1:7420", "127.0.0.1:0");
    let installation = Installation::with_config(&config);
    for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        if name != "entente.yaml" {
            installation.write(&name, fs::read(&file).unwrap());
        }
    }
    installation
}

#[test]
fn the_examples_can_be_followed_from_the_plan_to_the_published_offer() {
    let sandbox = Sandbox::start("2027-02-01T14:00:00Z");
    let mut installation = examples(&sandbox);
    let product: Value =
        serde_json::from_slice(&fs::read(installation.folder().join("product.json")).unwrap()).unwrap();
    sandbox.post("/aws/products", &product);
    installation.run(&["--actor", "dora", "pricebook", "import", "acme@2027.1", "price-book.csv"]).ok();
    for person in ["ruth", "theo"] {
        installation.run(&["--actor", person, "connector", "mode", "aws/acme-us", "live"]).ok();
    }
    installation.run(&["connector", "check"]).ok();
    for offer in ["offer-contract.yaml", "offer-contract-usage.yaml", "offer-instalments.yaml", "offer-usage.yaml"] {
        let planned = installation.run(&["offer", "plan", offer]).ok();
        assert!(planned.data.contains("StartChangeSet"), "{offer}: {planned:?}");
    }
    installation.serve();
    let label = installation.act("ada", &["offer", "create", "offer-contract.yaml", "--submit"]).ok().data;
    let label = label.trim();
    installation.until(label, "approvals");
    let waiting = installation.run(&["--actor", "dora", "inbox", "--json"]).ok().json();
    let revision: String = waiting[0]["revision"].as_str().unwrap().chars().take(6).collect();
    installation.act("dora", &["approve", label, "--revision", &revision]).ok();
    crate::sandbox::pass(&sandbox, &installation, label, "published");
}
