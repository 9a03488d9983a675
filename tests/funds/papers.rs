//! The papers of the examples, with changes.

/// Changes of an example: what stands there, and what is to stand there instead.
pub type Changes<'a> = &'a [(&'a str, &'a str)];

/// Everybody: each duty has two people, so that one can be refused and the other asked.
pub const PEOPLE: &str = "
persons:
  - { id: mia, name: Mia, email: mia@acme.example, roles: [alliance_manager], zone: UTC }
  - { id: sue, name: Sue, email: sue@acme.example, roles: [sales_director], zone: UTC }
  - { id: fay, name: Fay, email: fay@acme.example, roles: [fund_manager], zone: UTC }
  - { id: finn, name: Finn, email: finn@acme.example, roles: [finance_approver, operator], zone: UTC }
  - { id: flo, name: Flo, email: flo@acme.example, roles: [finance_approver, claim_validator, treasurer], zone: UTC }
  - { id: vera, name: Vera, email: vera@acme.example, roles: [claim_validator], zone: UTC }
  - { id: paula, name: Paula, email: paula@acme.example, roles: [accounts_payable], zone: UTC }
  - { id: tess, name: Tess, email: tess@acme.example, roles: [treasurer], zone: UTC }
  - { id: ann, name: Ann, email: ann@acme.example, roles: [admin], zone: UTC }
  - { id: dora, name: Dora, email: dora@acme.example, roles: [programme_director], zone: UTC }
  - { id: tina, name: Tina, email: tina@acme.example, roles: [tax], zone: UTC }
  - { id: otto, name: Otto, email: otto@acme.example, roles: [tax], zone: UTC }
  - { id: pia, name: Pia, email: pia@nordlicht.example, roles: [partner_user], party: nordlicht, zone: UTC }
  - { id: pete, name: Pete, email: pete@nordlicht.example, roles: [partner_user], party: nordlicht, zone: UTC }
  - { id: ben, name: Ben, email: ben@bluepeak.example, roles: [partner_user], party: bluepeak, zone: UTC }
  - { id: bea, name: Bea, email: bea@globex.example, roles: [buyer_user], party: globex, zone: UTC }
  - { id: bob, name: Bob, email: bob@globex.example, roles: [buyer_user], party: globex, zone: UTC }
  - { id: ivo, name: Ivo, email: ivo@initech.example, roles: [buyer_user], party: initech, zone: UTC }
  - { id: nox, name: Nox, email: nox@acme.example, roles: [buyer_user], zone: UTC }
";

/// The rules of every fund here.
pub const PACK: &str = include_str!("../../programmes/starter.yaml");

/// The same rules under the name `open`, but for the one that adds up what is asked for: the ledger alone says what is left.
pub fn without_sums() -> String {
    changed(PACK, &[("pack: starter", "pack: open"), ("  G1: {}\n", "")])
}

/// The rules of `open`, and whoever waits for money is served in turn.
pub fn in_turn() -> String {
    changed(&without_sums(), &[("pack: open", "pack: in-turn"), ("  Q1: {}\n", "  G6: {}\n  Q1: {}\n")])
}

/// The same rules under the name `hasty`: new bank details wait two days, and half of a payment may be taken off.
pub fn hasty() -> String {
    changed(
        PACK,
        &[
            ("pack: starter", "pack: hasty"),
            ("  Y1: {}\n", "  F11: { days: 2 }\n  Y1: {}\n  Y9: { of_statement: 50 }\n"),
        ],
    )
}

/// The rules of `open` under the name `agile`: small changes of what is granted need nobody, and its last day is put off once.
pub fn agile() -> String {
    let rules = "  Q7: { cost_change: 10, role: finance_approver }\n  C3:";
    let later = "  C9: { most: 1, role: finance_approver }\n  D1:\n";
    changed(&without_sums(), &[("pack: open", "pack: agile"), ("  C3:", rules), ("  D1:\n", later)])
}

/// The same rules under the name `earned`: what partners earn in six months is divided, 60 % for a rebate.
pub fn earned() -> String {
    let rules = "  E1: {}\n  E6: { threshold: { EUR: \"1500.00\" } }\n  E7: { rebate_share: 60 }\n";
    changed(PACK, &[("pack: starter", "pack: earned"), ("  E1: {}\n", rules)])
}

/// The same rules under the name `passes`, and the one by which small requests need nobody.
pub fn with_passing() -> String {
    changed(PACK, &[("pack: starter", "pack: passes"), ("  C3:", "  Q12: {}\n  C3:")])
}

/// The same rules under the name `reports`, and the one by which returns are reported when they are due.
pub fn with_reports() -> String {
    changed(PACK, &[("pack: starter", "pack: reports"), ("  Y1: {}", "  Y1: {}\n  Y13: {}")])
}

/// The same rules under the name `capped`, with these changes.
pub fn capped(changes: Changes<'_>) -> String {
    changed(&changed(PACK, &[("pack: starter", "pack: capped")]), changes)
}

/// The same rules under another name, with these besides.
pub fn with_rules(name: &str, rules: &str) -> String {
    changed_pack(name, rules, &[])
}

/// As [`with_rules`], with changes.
pub fn changed_pack(name: &str, rules: &str, changes: Changes<'_>) -> String {
    let (named, with) = (format!("pack: {name}"), format!("{rules}  Y1: {{}}"));
    changed(&changed(PACK, &[("pack: starter", named.as_str()), ("  Y1: {}", with.as_str())]), changes)
}

/// A play for events and webinars from January to December; requests below 1,500.00 EUR need nobody.
pub fn play(changes: Changes<'_>) -> String {
    changed(PLAY, changes)
}

/// Where the partners' money goes.
pub const BANK: &str = include_str!("../../examples/funding/bank.yaml");

/// Where it goes after a change.
pub const BANK_ELSEWHERE: &str =
    "holder: Nordlicht Cloud GmbH\naccount: DE75512108001245126199\nbic: SOGEDEFFXXX\ncountry: DE\n";

const PARTNER: &str = include_str!("../../examples/funding/partner.yaml");
const FUND: &str = include_str!("../../examples/funding/fund.yaml");
const REQUEST: &str = include_str!("../../examples/funding/request.yaml");
const CLAIM: &str = include_str!("../../examples/funding/claim.yaml");
const PLAY: &str = include_str!("../../examples/funding/play.yaml");
const PAYOUT: &str = include_str!("../../examples/funding/payout.yaml");

#[track_caller]
fn changed(text: &str, changes: Changes<'_>) -> String {
    changes.iter().fold(text.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "there is no `{old}`");
        text.replace(old, new)
    })
}

/// A partner's application.
pub fn partner(id: &str, changes: Changes<'_>) -> String {
    changed(&changed(PARTNER, &[("partner: nordlicht", &format!("partner: {id}"))]), changes)
}

/// A fund of 20,000.00 EUR.
pub fn fund(changes: Changes<'_>) -> String {
    changed(FUND, changes)
}

/// A partner that is paid in a currency; its id is `nord-` and the currency.
pub fn partner_in(currency: &str) -> (String, [(&'static str, String); 1]) {
    (format!("nord-{}", currency.to_lowercase()), [("payment_currency: EUR", format!("payment_currency: {currency}"))])
}

/// A fund of 50,000 in a currency, out of a budget of its own; its id is `emea-` and the currency.
pub fn fund_in(currency: &str) -> String {
    let id = format!("emea-{}", currency.to_lowercase());
    let text = fund(&[
        ("emea-2027-h1", &id),
        ("name: emea-2027,", &format!("name: budget-{id},")),
        ("\"20000.00 EUR\"", "\"50000.00 EUR\""),
    ]);
    in_currency(&text, currency)
}

/// A request of 2,000.00 EUR for half of what an event costs.
pub fn request(changes: Changes<'_>) -> String {
    changed(REQUEST, changes)
}

/// The same of the partner and the fund of another currency, for an activity of its own.
pub fn request_in(currency: &str, number: usize) -> String {
    let id = currency.to_lowercase();
    let text = request(&[
        ("emea-2027-h1", &format!("emea-{id}")),
        ("hamburg-breakfast", &format!("event-{currency}-{number}")),
        ("partner: nordlicht", &format!("partner: nord-{id}")),
    ]);
    in_currency(&text, currency)
}

/// A claim of 2,000.00 EUR on a request; files and invoice have this number.
pub fn claim(request: &str, number: usize, changes: Changes<'_>) -> String {
    let text = changed(
        CLAIM,
        &[
            ("REQ-2027-00001", request),
            ("R-2027-0311", &format!("R-{number:05}")),
            ("invoice.pdf", &format!("invoice-{number:05}.pdf")),
            ("room.png", &format!("room-{number:05}.png")),
            ("attendees.csv", &format!("attendees-{number:05}.csv")),
        ],
    );
    changed(&text, changes)
}

/// The same of the partner of another currency.
pub fn claim_in(currency: &str, request: &str, number: usize) -> String {
    let partner = format!("partner: nord-{}", currency.to_lowercase());
    in_currency(&claim(request, number, &[("partner: nordlicht", &partner)]), currency)
}

/// The yen has no smaller unit.
fn in_currency(text: &str, currency: &str) -> String {
    let text = text.replace("EUR", currency);
    if currency == "JPY" { text.replace(".00 JPY", " JPY") } else { text }
}

/// What a payout run is made of, besides what is owed.
pub fn payout(changes: Changes<'_>) -> String {
    changed(PAYOUT, changes)
}

/// The same with an account for each of these currencies.
pub fn payout_in(currencies: &[&str]) -> String {
    let (start, account) = PAYOUT.split_once("  EUR:").unwrap();
    currencies.iter().fold(start.to_owned(), |text, currency| format!("{text}  {currency}:{account}"))
}
