//! What only one marketplace knows stays in its connector and in the sandbox, comments included.

use super::tree::{Finding, Tree};

/// Words of one marketplace's interfaces.
const WIRE: [&str; 22] = [
    "ChangeSet",
    "change_set",
    "change set",
    "ClientRequestToken",
    "client_request_token",
    "DescribeEntity",
    "ListEntities",
    "DescribeAgreement",
    "SearchAgreements",
    "ResourceInUse",
    "ThrottlingException",
    "EventBridge",
    "eventbridge",
    "AWSMPCommerceService",
    "AWSMarketplace@",
    "SaaSProduct@",
    "Offer@",
    "offer-",
    "agmt-",
    "prod-",
    "marketplaceapi.microsoft",
    "cloudcommerceprocurement",
];

/// Rooms without any marketplace. Tests among them may use ids that look real, and so may the suite that every
/// connector passes: the strictest marketplace refuses others as malformed.
const NEUTRAL: [&str; 6] = ["src/", "crates/", "connectors/port/", "connectors/fake/", "workflows/", "schemas/"];

fn leaked(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files() {
        let neutral = NEUTRAL.iter().any(|room| path.starts_with(room));
        let looked_at = [".rs", ".yaml", ".json"].iter().any(|kind| path.ends_with(kind));
        let testing = path.contains("/tests/") || path.contains("/conformance/");
        if !neutral || !looked_at || testing {
            continue;
        }
        for (at, line) in text.lines().enumerate() {
            if let Some(word) = WIRE.iter().find(|word| stands_in(line, word)) {
                let message = format!("`{word}` is a marketplace's own word: it belongs into its connector");
                findings.push(Finding { path: path.into(), line: at + 1, message });
            }
        }
    }
    findings
}

/// `offer-` and the like count as the beginning of an identifier, as in `"offer-abc123"`, not inside a longer word
/// or a file name.
fn stands_in(line: &str, word: &str) -> bool {
    if !word.ends_with('-') {
        return line.contains(word);
    }
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let rest: String = line[at + word.len()..].chars().take_while(char::is_ascii_alphanumeric).collect();
        let is_id = rest.len() >= 6 && rest.chars().any(|c| c.is_ascii_digit());
        matches!(before, Some('"' | '`')) && is_id
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tree::{assert_found, assert_tidy};

    #[test]
    fn marketplaces_stay_in_their_connectors() {
        assert_tidy(&leaked(Tree::project()));
    }

    #[test]
    fn a_marketplace_word_elsewhere_is_found() {
        for (path, line) in [
            ("src/activities/create.rs", "// polls DescribeChangeSet"),
            ("crates/core/src/offer.rs", "let id = \"offer-abc123def\";"),
            ("connectors/port/src/lib.rs", "pub client_request_token: String,"),
            ("workflows/private_offer/v1.yaml", "# waits for the change set"),
        ] {
            assert_found(&leaked(&Tree::of(&[(path, line)])), path, 1, "own word");
        }
    }

    #[test]
    fn in_its_connector_and_in_plain_english_it_is_not() {
        let tree = Tree::of(&[
            ("connectors/aws/src/offers.rs", "struct ChangeSet;"),
            ("connectors/sandbox/src/aws/mod.rs", "\"offer-abc123def\""),
            ("src/cli/offer.rs", "\"offer-contract.yaml\" // an offer-wide change"),
        ]);
        assert_tidy(&leaked(&tree));
    }
}
