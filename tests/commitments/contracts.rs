//! The contracts of the stories: what they have in common is written once.

/// A contract of a buyer with AWS, with all of its first terms' periods, one a line.
pub struct Contract<'a> {
    /// Its id.
    pub id: &'a str,
    /// The buyer.
    pub party: &'a str,
    /// The line of its succession; empty where there is none.
    pub succession: &'a str,
    /// The day from which its terms are valid, and the one since which they are known.
    pub valid: (&'a str, &'a str),
    /// Its periods.
    pub periods: &'a [&'a str],
}

impl Contract<'_> {
    /// The document.
    pub fn document(&self) -> String {
        let Contract { id, party, succession, valid: (from, known), periods } = self;
        let periods: String = periods.iter().map(|period| format!("      - {{ {period} }}\n")).collect();
        format!(
            r#"
commitment: {id}
contract: EDP-77
party: {party}
legal_entity: acme-us
cloud: aws
currency: USD
accounts: ["111122223333"]
basis: {{ cost: billed, discounts: after, dated_by: charge, support: excluded, tax: excluded, credits: reduce, savings_plan_fees: counts, reservation_fees: counts, refunds: original_period, zone: UTC }}
{succession}
versions:
  - valid_from: {from}
    known_from: {known}
    note: the agreement
    glide: ramp
    marketplace: {{ counts: "100", cap: "25" }}
    periods:
{periods}"#
        )
    }
}

/// The commitment of US-11.
pub const US11: &str = "globex-2025";

/// Five million over three years, ramped.
pub fn us11() -> String {
    let periods = [
        r#"from: 2025-03-01, through: 2026-02-28, amount: "1200000.00", true_up: { due: 2026-03-31, buys: nothing }"#,
        r#"from: 2026-03-01, through: 2027-02-28, amount: "1700000.00", carry_over: excess, true_up: { due: 2027-03-31, buys: nothing }"#,
        r#"from: 2027-03-01, through: 2028-02-29, amount: "2100000.00", true_up: { due: 2028-03-31, buys: nothing }"#,
    ];
    let valid = ("2025-03-01", "2025-02-01");
    Contract { id: US11, party: "globex", succession: "", valid, periods: &periods }.document()
}
