//! Programme packs: which rules a programme follows and with which figures, as data.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    cell::BasisPoints,
    model::PayoutKind,
    parameter::Terms,
    rule::{Rule, RuleId},
    rules::{
        clawback::NETTED,
        deadline::{C10, CUT_OFF, run_month},
        fraud::COOL_DOWN,
        payment::{KINDS, Separation, Y1, Y6},
        reservation::{EXTENDS, G5},
    },
};
use crate::{
    ids::RoleId,
    money::Money,
    offer::{DocumentError, outline::Outline, source},
};

/// A pack. Every rule that it does not name is inactive.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Its name, such as `classic-50-50-45d`.
    pub name: String,
    /// Its version, rising by one.
    pub version: u32,
    /// What it is for, in a line.
    pub title: String,
    /// The zone in which the programme's days begin and end.
    pub zone: TimeZone,
    /// The enabled rules with their parameters.
    pub terms: Terms,
    /// SHA-256 of its text, in hexadecimal.
    pub sha256: String,
}

/// The pack that a claim is judged by, for its whole life.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackPin {
    /// The name.
    pub name: String,
    /// The version.
    pub version: u32,
    /// SHA-256 of the text, in hexadecimal.
    pub sha256: String,
}

impl std::fmt::Display for PackPin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let short: String = self.sha256.chars().take(12).collect();
        write!(f, "{} version {} ({short})", self.name, self.version)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    pack: String,
    version: u32,
    title: String,
    zone: String,
    rules: BTreeMap<String, BTreeMap<String, Value>>,
}

/// The fields of a pack outside of `rules`.
const FIELDS: [&str; 6] = ["", "/pack", "/version", "/title", "/zone", "/rules"];

impl Pack {
    /// Reads a pack. The first defect is returned with file, line, column and field, and with what to write instead.
    ///
    /// # Errors
    /// When it is no YAML within the budgets, names an unknown rule or parameter, or a value is of the wrong type or
    /// out of bounds.
    pub fn from_yaml(file: &str, text: &str) -> Result<Pack, DocumentError> {
        let (document, outline) = source::read::<Document>(file, text, &|field| FIELDS.contains(&field))?;
        let refuse = Refuse { file, outline };
        source::plain_name("/pack", &document.pack).map_err(|defect| refuse.at(&defect.field, defect.message))?;
        if document.version == 0 {
            return Err(refuse.at("/version", "begins at 1; write a whole number from 1"));
        }
        if document.title.trim().is_empty() {
            return Err(refuse.at("/title", "is empty; say in a line what the programme is for"));
        }
        let zone = TimeZone::get(&document.zone).map_err(|_| {
            let message = format!("`{}` is not an IANA zone; write a name such as `Europe/Berlin`", document.zone);
            refuse.at("/zone", message)
        })?;
        if document.rules.is_empty() {
            return Err(refuse.at("/rules", "enables no rule; name at least one, such as `E1: {}`"));
        }
        let mut terms = Terms::default();
        for (id, written) in document.rules {
            let rule = rule_named(&id).map_err(|message| refuse.at(&format!("/rules/{}", escaped(&id)), message))?;
            for (name, value) in &written {
                checked(rule, name, value).map_err(|(at, message)| refuse.at(&format!("/rules/{id}{at}"), message))?;
            }
            terms.0.insert(rule.id, written);
        }
        Ok(Pack {
            name: document.pack,
            version: document.version,
            title: document.title,
            zone,
            terms,
            sha256: hex::encode(Sha256::digest(text.as_bytes())),
        })
    }

    /// What a claim pins of it.
    pub fn pin(&self) -> PackPin {
        PackPin { name: self.name.clone(), version: self.version, sha256: self.sha256.clone() }
    }

    /// How long new bank details wait, in days of 24 hours, before money goes there: rule F11's parameter, and its default where
    /// the pack does not enable the rule. Payout runs keep to it in any case.
    pub fn cool_down_days(&self) -> u32 {
        COOL_DOWN.of(&self.terms)
    }

    /// The most that is taken off a payment for what is claimed back: rule Y9's parameter, and its default where the pack does
    /// not enable the rule.
    pub fn netted_at_most(&self) -> BasisPoints {
        NETTED.of(&self.terms)
    }

    /// How rule Y1 keeps apart who decides on an amount; `None` where the pack does not enable it.
    pub fn separation(&self, amount: Money) -> Option<Separation> {
        self.terms.enables(Y1).then(|| Separation::of(&self.terms, amount))
    }

    /// Whether money may go out in this way by rule Y6; in any, where the pack does not enable it.
    pub fn pays_by(&self, kind: PayoutKind) -> bool {
        !self.terms.enables(Y6) || KINDS.of(&self.terms).contains(kind.word())
    }

    /// The first day of the month whose payout run something joins by rule C10 that was approved at an instant; `None` where the pack
    /// does not enable it.
    pub fn joins_run_of(&self, approved: Timestamp) -> Option<Date> {
        let day = self.terms.enables(C10).then(|| self.zone.to_datetime(approved).date())?;
        run_month(day, CUT_OFF.of(&self.terms)).ok()
    }

    /// Who agrees besides to a longer period of a fund that is not over, by rule G5; nobody, where the pack does not enable it.
    pub fn extended_by(&self) -> Option<RoleId> {
        self.terms.enables(G5).then(|| EXTENDS.of(&self.terms)).flatten()
    }

    /// The rules that it enables, by id.
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> + '_ {
        super::rules().filter(|rule| self.terms.enables(rule.id))
    }
}

struct Refuse<'a> {
    file: &'a str,
    outline: Outline,
}

impl Refuse<'_> {
    fn at(&self, field: &str, message: impl Into<String>) -> DocumentError {
        DocumentError {
            file: self.file.to_owned(),
            place: self.outline.place_of(field),
            field: field.to_owned(),
            message: message.into(),
        }
    }
}

fn escaped(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

fn rule_named(id: &str) -> Result<&'static Rule, String> {
    let known = id.parse::<RuleId>().map_err(|error| error.to_string())?;
    super::rule(known).ok_or_else(|| format!("`{id}` is not a rule"))
}

/// Whether a rule has the parameter and may be given the value; else where and why not.
fn checked(rule: &Rule, name: &str, value: &Value) -> Result<(), (String, String)> {
    let at = format!("/{}", escaped(name));
    let Some(parameter) = rule.parameters.iter().find(|parameter| parameter.name() == name) else {
        let known: Vec<String> = rule.parameters.iter().map(|parameter| format!("`{}`", parameter.name())).collect();
        let known = if known.is_empty() { "has none".to_owned() } else { format!("has {}", known.join(", ")) };
        return Err((at, format!("is no parameter of rule {}, which {known}", rule.id)));
    };
    parameter.check(value).map_err(|wrong| (format!("{at}{}", wrong.at), wrong.message))
}
