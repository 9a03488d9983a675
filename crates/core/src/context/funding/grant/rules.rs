//! What speaks against a grant before anybody is asked: days, files, amounts, and the form of its benefit.

use jiff::{
    Span, Timestamp,
    civil::{Date, time},
    tz::TimeZone,
};
use serde_json::Value;

use super::{Amendment, GrantPaper};
use crate::{
    form,
    money::{Currency, Money},
};

/// What a marketplace asks of applications for funding, whatever their benefit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FundingRules {
    /// How many days lie at least between the day of an application and the first day of its activity.
    pub lead_days: i64,
    /// How many files may go with it.
    pub files_most: usize,
    /// How many days after the last day of the activity it is to be claimed.
    pub claim_days: i64,
}

/// Why a grant would not be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// The field of the paper, as a JSON pointer.
    pub field: String,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl Objection {
    fn new(field: &str, message: String) -> Objection {
        Objection { field: field.to_owned(), message }
    }
}

impl GrantPaper {
    /// The first thing that speaks against it on `today`, by the marketplace's rules and by the form of its benefit. Without a day
    /// its time is not judged: that of an application which the marketplace reviews was judged when it was handed in.
    pub fn objection(&self, rules: &FundingRules, form: Option<&Value>, today: Option<Date>) -> Option<Objection> {
        let untimely = today.and_then(|today| self.untimely(rules, today));
        untimely
            .or_else(|| self.other_days())
            .or_else(|| self.too_many_files(rules))
            .or_else(|| self.formless(form))
            .or_else(|| self.other_amount())
    }

    /// Until when what is granted is to be claimed: the end of the last day, in the marketplace's zone. A claim claims nothing more.
    pub fn claim_by(&self, rules: &FundingRules, zone: &TimeZone) -> Option<Timestamp> {
        let last = self.last_claim(rules).filter(|_| self.claims.is_none())?;
        let end = last.to_datetime(time(23, 59, 59, 0));
        end.to_zoned(zone.clone()).ok().map(|end| end.timestamp())
    }

    fn last_claim(&self, rules: &FundingRules) -> Option<Date> {
        self.end.checked_add(Span::new().try_days(rules.claim_days).ok()?).ok()
    }

    /// A day that the details do not name, although they name some.
    fn other_days(&self) -> Option<Objection> {
        let said = days(&self.details);
        let days = [("/start", self.start), ("/end", self.end)];
        let (field, day) = days.into_iter().find(|(_, day)| !said.is_empty() && !said.contains(day))?;
        let message = format!("is {day}, and the details do not say so; write the same day in both");
        Some(Objection::new(field, message))
    }

    /// The most that it may come to: its amount, or a larger one that its details name.
    pub(super) fn most(&self) -> Money {
        let said = amounts(&self.details).into_iter().filter(|said| said.currency == self.amount.currency);
        said.fold(self.amount, |most, said| if said.minor > most.minor { said } else { most })
    }

    /// An amount that the details do not name, although they name some; or one in another currency, which nobody could compare.
    fn other_amount(&self) -> Option<Objection> {
        let said = amounts(&self.details);
        let foreign = said.iter().find(|said| said.currency != self.amount.currency);
        if let Some(foreign) = foreign.filter(|_| said.contains(&self.amount)) {
            let message = format!("is {}, and the details name {foreign}; write all in one currency", self.amount);
            return Some(Objection::new("/amount", message));
        }
        if said.is_empty() || said.contains(&self.amount) {
            return None;
        }
        let said: Vec<String> = said.iter().map(ToString::to_string).collect();
        let message = format!("is {}, and the details say {}; write the same", self.amount, said.join(", "));
        Some(Objection::new("/amount", message))
    }

    fn untimely(&self, rules: &FundingRules, today: Date) -> Option<Objection> {
        if self.claims.is_none() {
            let first = today.checked_add(Span::new().try_days(rules.lead_days).ok()?).ok()?;
            let message =
                || format!("is {}; an activity begins at least {} days ahead, on {first}", self.start, rules.lead_days);
            return (self.start < first).then(|| Objection::new("/start", message()));
        }
        if today <= self.end {
            let message = format!("is {}; what an activity has cost is claimed once it is over", self.end);
            return Some(Objection::new("/end", message));
        }
        let last = self.last_claim(rules)?;
        let message = || format!("was {}; its claim was due {} days later, on {last}", self.end, rules.claim_days);
        (today > last).then(|| Objection::new("/end", message()))
    }

    fn too_many_files(&self, rules: &FundingRules) -> Option<Objection> {
        let count = self.files.len();
        let message = || format!("has {count} files; at most {} go with an application", rules.files_most);
        (count > rules.files_most).then(|| Objection::new("/files", message()))
    }

    fn formless(&self, form: Option<&Value>) -> Option<Objection> {
        let first = form::problems(form?, &self.details).into_iter().next()?;
        Some(Objection { field: format!("/details{}", first.field), message: first.message })
    }
}

impl Amendment {
    /// The first field that the details do not have, or that has not become what was wished.
    pub fn objection(&self, details: &Value) -> Option<Objection> {
        let missing = self.fields.iter().find(|change| match details.pointer(&change.field) {
            Some(Value::String(text)) => *text != change.value,
            Some(Value::Number(number)) => number.to_string() != change.value,
            _ => true,
        })?;
        let message = format!("is no field of the application that can be changed to `{}`", missing.value);
        Some(Objection { field: format!("/details{}", missing.field), message })
    }
}

/// Every day that stands in a form.
fn days(value: &Value) -> Vec<Date> {
    match value {
        Value::String(text) => text.parse().into_iter().collect(),
        Value::Array(items) => items.iter().flat_map(days).collect(),
        Value::Object(fields) => fields.values().flat_map(days).collect(),
        _ => Vec::new(),
    }
}

/// Every amount of money that stands in a form: a currency and numbers beside it.
fn amounts(value: &Value) -> Vec<Money> {
    match value {
        Value::Array(items) => items.iter().flat_map(amounts).collect(),
        Value::Object(fields) => {
            let currency = fields.values().filter_map(Value::as_str).find_map(|text| text.parse::<Currency>().ok());
            let own = currency.into_iter().flat_map(|currency| {
                fields.values().filter_map(move |value| match value {
                    Value::String(text) => Money::parse(text, currency).ok(),
                    Value::Number(number) => Money::parse(&number.to_string(), currency).ok(),
                    _ => None,
                })
            });
            own.chain(fields.values().flat_map(amounts)).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;
    use crate::context::funding::GrantFile;

    const RULES: FundingRules = FundingRules { lead_days: 14, files_most: 10, claim_days: 30 };

    fn paper() -> GrantPaper {
        serde_json::from_value(json!({
            "marketplace": "fake", "legal_entity": "acme-us", "benefit": "ben-1", "kind": "cash", "name": "Breakfast",
            "amount": { "minor": 150_000, "currency": "USD" }, "start": "2027-03-20", "end": "2027-03-21",
            "details": {
                "StartDate": "2027-03-20", "EndDate": "2027-03-21",
                "RequestedAmount": { "Amount": "1500.00", "CurrencyCode": "USD" },
                "TotalCost": { "Amount": "4000.00", "CurrencyCode": "USD" },
            },
        }))
        .unwrap()
    }

    fn field(paper: &GrantPaper, today: Date) -> Option<String> {
        paper.objection(&RULES, None, Some(today)).map(|objection| objection.field)
    }

    #[test]
    fn an_activity_begins_two_weeks_ahead_and_not_a_day_earlier() {
        let paper = paper();
        assert_eq!(field(&paper, date(2027, 3, 6)), None);
        assert_eq!(field(&paper, date(2027, 3, 7)).as_deref(), Some("/start"));
        assert_eq!(paper.objection(&RULES, None, None), None, "its time is judged when it is handed in");
    }

    #[test]
    fn a_claim_comes_after_the_activity_and_within_its_time() {
        let claim = GrantPaper { claims: Some("FUN-2027-00001".into()), ..paper() };
        assert_eq!(field(&claim, date(2027, 3, 21)).as_deref(), Some("/end"));
        assert_eq!(field(&claim, date(2027, 3, 22)), None);
        assert_eq!(field(&claim, date(2027, 4, 20)), None);
        assert_eq!(field(&claim, date(2027, 4, 21)).as_deref(), Some("/end"));
        assert_eq!(claim.claim_by(&RULES, &TimeZone::UTC), None);
        let by = paper().claim_by(&RULES, &TimeZone::UTC).map(|by| by.to_string());
        assert_eq!(by.as_deref(), Some("2027-04-20T23:59:59Z"));
    }

    #[test]
    fn the_paper_and_its_details_say_the_same() {
        let today = date(2027, 3, 1);
        let money = |minor| Money { minor, currency: "USD".parse().unwrap() };
        let cases = [
            (GrantPaper { amount: money(150_001), ..paper() }, Some("/amount")),
            (GrantPaper { amount: money(400_000), ..paper() }, None),
            (GrantPaper { start: date(2027, 3, 19), ..paper() }, Some("/start")),
            (GrantPaper { end: date(2027, 3, 22), ..paper() }, Some("/end")),
            (GrantPaper { details: json!({}), ..paper() }, None),
        ];
        for (paper, expected) in cases {
            assert_eq!(field(&paper, today).as_deref(), expected, "{paper:?}");
        }
    }

    #[test]
    fn it_is_worth_the_largest_amount_that_its_form_names() {
        let money = |minor| Money { minor, currency: "USD".parse().unwrap() };
        let with =
            |asked: Value, share: Value| GrantPaper { details: json!({ "Asked": asked, "Share": share }), ..paper() };
        let usd = |amount: Value| json!({ "Amount": amount, "CurrencyCode": "USD" });
        let cases = [
            (with(usd(json!("1500.00")), usd(json!("700.00"))), 150_000),
            (with(usd(json!("90000.00")), usd(json!("1500.00"))), 9_000_000),
            (with(usd(json!(90_000)), usd(json!("1500.00"))), 9_000_000),
            (with(json!({ "Amount": "1.00", "Fee": "90000.00", "CurrencyCode": "USD" }), json!(null)), 9_000_000),
            (with(json!(null), json!(null)), 150_000),
        ];
        for (paper, most) in cases {
            assert_eq!(paper.most(), money(most), "{:#}", paper.details);
        }
    }

    #[test]
    fn amounts_that_are_numbers_or_in_another_currency_are_seen() {
        let today = date(2027, 3, 1);
        let asked = |amount: Value, currency: &str| GrantPaper {
            details: json!({
                "Asked": { "Amount": amount, "CurrencyCode": currency },
                "Share": { "Amount": "1500.00", "CurrencyCode": "USD" },
            }),
            ..paper()
        };
        assert_eq!(field(&asked(json!(90_000), "USD"), today), None);
        assert_eq!(field(&asked(json!("90000.00"), "EUR"), today).as_deref(), Some("/amount"));
        let alone = json!({ "Asked": { "Amount": 90_000, "CurrencyCode": "USD" } });
        assert_eq!(field(&GrantPaper { details: alone, ..paper() }, today).as_deref(), Some("/amount"));
    }

    #[test]
    fn ten_files_go_with_an_application_and_the_form_is_kept_to() {
        let today = date(2027, 3, 1);
        let file = |at: usize| GrantFile { uri: format!("s3://proof/{at}.pdf"), purpose: None };
        let with = |count: usize| GrantPaper { files: (0..count).map(file).collect(), ..paper() };
        assert_eq!(field(&with(10), today), None);
        assert_eq!(field(&with(11), today).as_deref(), Some("/files"));
        let form = json!({ "type": "object", "properties": { "Leads": { "type": "integer" } }, "required": ["Leads"] });
        let objection = paper().objection(&RULES, Some(&form), Some(today)).unwrap();
        assert_eq!(objection.field, "/details/Leads");
    }

    #[test]
    fn an_amendment_changes_fields_that_are_there() {
        let change = |field: &str, value: &str| Amendment {
            reason: "typing error".into(),
            fields: vec![super::super::AmendedField { field: field.into(), value: value.into() }],
        };
        let details = json!({ "Leads": 40, "Name": "Breakfast" });
        assert_eq!(change("/Leads", "40").objection(&details), None);
        assert_eq!(change("/Name", "Breakfast").objection(&details), None);
        for wrong in [change("/Leads", "many"), change("/Nothing", "1"), change("", "1")] {
            assert!(wrong.objection(&details).is_some(), "{wrong:?}");
        }
    }
}
