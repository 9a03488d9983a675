//! A fund with nothing free still pays every approved claim: its money was reserved when the requests were approved.

use entente_core::{
    ledger::{Account, Book, Journal, Posting, PostingAction, verify},
    mdf::{Decision, Judgement, Pack},
    money::Money,
};
use serde_json::{Value, json};

use super::{case, judged, line, read, usd};

const FUND: &str = "emea-2027";

struct Ledger {
    book: Book,
    journals: Vec<Journal>,
}

impl Ledger {
    fn book(&mut self, key: &str, action: PostingAction, amount: Money) {
        let posting = Posting::new(action, FUND, key, amount);
        let journal = self.book.book(&posting).unwrap_or_else(|refusal| panic!("{refusal}"));
        self.journals.push(journal);
    }

    fn total(&self, account: Account) -> i64 {
        self.book.total(FUND, usd("0").currency, account)
    }

    /// The sound case on this fund as the ledger has it.
    fn judge(&self, pack: &Pack, changes: Value) -> Judgement {
        let money = |minor: i64| json!(Money { minor, ..usd("0") });
        let mut all = json!({
            "/fund/allocated": money(-self.total(Account::Allocated)),
            "/fund/reserved": money(self.total(Account::Reserved)),
            "/fund/spent": money(self.total(Account::Posted)), "/fund/requested": "USD 15000.00",
        });
        let object = all.as_object_mut().unwrap();
        object.extend(changes.as_object().cloned().unwrap());
        judged(&case(&all), pack)
    }
}

#[test]
fn a_fully_reserved_fund_pays_every_approved_claim() {
    let pack = Pack::from_yaml("classic", &read("../../programmes/classic-50-50-45d.yaml")).unwrap();
    let mut ledger = Ledger { book: Book::default(), journals: Vec::new() };
    ledger.book("", PostingAction::Allocate, usd("20000.00"));
    let requests = ["REQ-2027-1", "REQ-2027-2", "REQ-2027-3", "REQ-2027-4"];
    for request in requests {
        ledger.book(request, PostingAction::Reserve, usd("5000.00"));
    }
    assert_eq!(ledger.total(Account::Free), 0);

    // Claimed, cost of the hall, and what is paid: in full, twice less than reserved, and once as much as was approved.
    let claims = [
        ("5000.00", "6000.00", "5000.00"),
        ("4999.99", "6000.00", "4999.99"),
        ("5000.00", "5000.01", "4500.00"),
        ("5000.00", "9000.00", "5000.00"),
    ];
    let mut paid = usd("0");
    for (request, (claimed, hall, expected)) in requests.into_iter().zip(claims) {
        let judgement = ledger.judge(
            &pack,
            json!({
                "/request/id": request, "/claim/amount": format!("USD {claimed}"),
                "/claim/lines/0/amount": format!("USD {hall}"),
                "/claim/invoices/0/total": format!("USD {hall}"), "/claim/invoices/0/claimed": format!("USD {hall}"),
            }),
        );
        let heard: Vec<String> =
            judgement.verdicts.iter().map(|one| format!("{} {}", one.rule, line(&one.outcome))).collect();
        assert_eq!(judgement.decision, Decision::Clear, "{heard:?}");
        assert_eq!(judgement.payable, Some(usd(expected)), "{request}");
        ledger.book(request, PostingAction::Post, usd(expected));
        if expected != "5000.00" {
            ledger.book(request, PostingAction::Void, usd("5000.00").minus(usd(expected)).unwrap());
        }
        paid = paid.plus(usd(expected)).unwrap();
    }

    let stands = [Account::Reserved, Account::Posted, Account::Free].map(|account| ledger.total(account));
    assert_eq!(stands, [0, paid.minor, 2_000_000 - paid.minor]);
    assert_eq!(verify(&ledger.journals), vec![]);
}

#[test]
fn a_new_request_on_a_fully_reserved_fund_waits() {
    let pack = Pack::from_yaml("classic", &read("../../programmes/classic-50-50-45d.yaml")).unwrap();
    let mut ledger = Ledger { book: Book::default(), journals: Vec::new() };
    ledger.book("", PostingAction::Allocate, usd("20000.00"));
    ledger.book("REQ-2027-0", PostingAction::Reserve, usd("20000.00"));
    let new = json!({
        "/request/history": [{ "at": "2027-02-01T09:00:00Z", "to": "submitted" }], "/request/approval": null,
        "/request/reserved": "USD 0.00", "/claim": null, "/payout": null, "/now": "2027-02-02T09:00:00Z",
    });
    let judgement = ledger.judge(&pack, new);
    let waits = judgement.verdict("G6".parse().unwrap()).unwrap();
    assert_eq!(line(&waits.outcome), "hold");
    assert_eq!(judgement.decision, Decision::Held);
}
