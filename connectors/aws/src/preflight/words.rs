//! Names, descriptions and licence texts.

use entente_core::offer::document::Eula;

use super::{Breach, PRIVATE_OFFERS, Rule, Subject, breach, rule};

const NAME_MAX: usize = 150;
const DESCRIPTION_MAX: usize = 255;
const STANDARD_EULA: &str = "2022-07-14";

pub(super) const RULES: &[Rule] = &[
    rule("AWS-001", "the name has 1 to 150 characters, without backslash and angle brackets", PRIVATE_OFFERS, name),
    rule("AWS-002", "the description has 1 to 255 characters", PRIVATE_OFFERS, description),
    rule("AWS-003", "the standard licence is the version 2022-07-14", PRIVATE_OFFERS, standard_eula),
    rule("AWS-004", "a custom licence lies in S3, where AWS can fetch it", PRIVATE_OFFERS, custom_eula),
];

fn name(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let name = &subject.offer.name;
    let length = name.chars().count();
    if length == 0 || length > NAME_MAX {
        breach(
            breaches,
            "/name",
            format!("the name has {length} characters"),
            format!("write 1 to {NAME_MAX} characters"),
        );
    }
    if let Some(bad) = name.chars().find(|c| r"\<>".contains(*c)) {
        breach(breaches, "/name", format!("the name holds `{bad}`"), r"leave out `\`, `<` and `>`");
    }
}

fn description(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let length = subject.offer.description.chars().count();
    if length == 0 || length > DESCRIPTION_MAX {
        let message = format!("the description has {length} characters");
        breach(breaches, "/description", message, format!("write 1 to {DESCRIPTION_MAX} characters"));
    }
}

fn standard_eula(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    if let Eula::Standard(eula) = &subject.offer.eula
        && eula.version != STANDARD_EULA
    {
        let message = format!("the standard contract `{}` is not accepted for new offers", eula.version);
        breach(breaches, "/eula/standard/version", message, format!("write `{STANDARD_EULA}`"));
    }
}

fn custom_eula(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let Eula::Custom(eula) = &subject.offer.eula else { return };
    let host = eula.url.strip_prefix("https://").and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
    if !host.ends_with(".amazonaws.com") {
        let message = format!("AWS cannot fetch the licence from `{}`", eula.url.chars().take(200).collect::<String>());
        breach(
            breaches,
            "/eula/custom/url",
            message,
            "put it into S3, readable by all or by a presigned address, and write its https address",
        );
    }
}
