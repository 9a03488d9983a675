//! The tour in the README: the examples, sold through the sandbox.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::{installation::Installation, sandbox::Sandbox};

/// The examples in a folder of their own, on this sandbox.
fn examples(sandbox: &Sandbox) -> Installation {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let config = fs::read_to_string(folder.join("entente.yaml")).unwrap();
    let address = sandbox.ready["listen"].as_str().unwrap();
    let config = config.replace("127.0.0.1:7421", address).replace("127.0.0.1:7420", "127.0.0.1:0");
    let installation = Installation::with_config(&config);
    fs::create_dir(installation.folder().join("commitment")).unwrap();
    for below in ["", "commitment"] {
        let files = fs::read_dir(folder.join(below)).unwrap().map(|entry| entry.unwrap().path());
        for file in files.filter(|path| path.is_file() && !path.ends_with("entente.yaml")) {
            let name = Path::new(below).join(file.file_name().unwrap());
            installation.write(name.to_str().unwrap(), fs::read(&file).unwrap());
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
    // The buyer's commitment: what its cloud's bill comes to, and what the open offer would do for it.
    installation.act("ada", &["commitment", "create", "commitment/contract.yaml"]).ok();
    let import = ["spend", "import", "commitment/focus.csv", "--commitment", "globex-2025", "--json"];
    let taken = installation.act_at_once("ada", &import).ok().json();
    assert_eq!((&taken[0]["rows"], &taken[0]["quarantined"]), (&json!(57), &json!([])));
    let shown = installation.act_at_once("ada", &["commitment", "show", "globex-2025", "--json"]).ok().json();
    let exactly = |amount: &str| json!({ "least": amount, "most": amount });
    // 12 × 101,000 in the first period, which is 12,000 beyond its amount, and 7 × 128,000 in the second.
    assert_eq!(shown["figures"]["eligible"], exactly("2108000"));
    assert_eq!(shown["figures"]["remaining"], exactly("2892000"), "1,700,000 - 12,000 - 896,000 + 2,100,000");
    let what = ["commitment", "offers", "globex-2025", "--mark", "runs_on_cloud=true", "--json"];
    let offers = installation.act_at_once("ada", &what).ok().json();
    // Five months more of 128,000 leave 152,000.
    assert_eq!(offers["gap"], exactly("152000"));
    let first = &offers["offers"][0];
    assert_eq!((&first["offer"], &first["standing"]), (&json!(label), &json!("open")));
    assert_eq!((&first["counts"], &first["covers"]), (&exactly("180000"), &json!(["100", "100"])));
}
