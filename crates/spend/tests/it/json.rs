//! Microsoft's lots and events.

use entente_spend::SpendError;

use crate::files::{read_all, wanted};

const LOTS: &str = r#"{"value":[
 {"id":"/providers/Microsoft.Billing/billingAccounts/1234:5678/lots/a","type":"Microsoft.Consumption/lots","properties":{"source":"ConsumptionCommitment","status":"Active","originalAmount":{"currency":"USD","value":5000.0},"closedBalance":{"currency":"USD","value":60.9},"startDate":"2026-01-01T00:00:00Z","expirationDate":"2026-12-31T23:59:59Z"}},
 {"id":"b","type":"Microsoft.Consumption/lots","properties":{"source":"PromotionalCredit","originalAmount":{"currency":"USD","value":1}}}]}"#;

const EVENTS: &str = r#"{"status":200,"body":{"value":[
 {"id":"/providers/Microsoft.Billing/billingAccounts/1234:5678/events/1","type":"Microsoft.Consumption/events","properties":{"transactionDate":"2026-03-09T00:00:00Z","eventType":"SettledCharges","charges":{"currency":"USD","value":-120.35},"lotSource":"ConsumptionCommitment"}},
 {"id":"2","type":"Microsoft.Consumption/events","properties":{"transactionDate":"2026-04-09T00:00:00Z","eventType":"PendingCharges","charges":{"currency":"USD","value":-1}}},
 {"id":"3","type":"Microsoft.Consumption/events","properties":{"transactionDate":"2026-04-09T00:00:00Z","eventType":"NewCredit","charges":{"currency":"USD","value":0.0}}}]}}"#;

#[test]
fn lots_say_what_remains_and_those_of_credits_are_quarantined() {
    let whole = read_all(LOTS.as_bytes(), &wanted("microsoft")).unwrap();
    let lot = &whole.summary.lots[0];
    assert_eq!(
        (lot.original.to_string(), lot.closed.to_string(), lot.status.as_str()),
        ("5000".into(), "60.9".into(), "Active")
    );
    assert_eq!(
        (lot.starts.unwrap().to_string(), lot.expires.unwrap().to_string()),
        ("2026-01-01".into(), "2026-12-31".into())
    );
    assert_eq!(whole.quarantined(), ["not_spend source 1 2 PromotionalCredit"]);
    assert_eq!(whole.summary.sniffed.to_string(), "macc lots json");
}

#[test]
fn an_answer_that_a_shell_has_written_in_utf_16_is_the_same() {
    let expected = read_all(LOTS.as_bytes(), &wanted("microsoft")).unwrap();
    let text = format!("\u{feff}{LOTS}");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [text.as_bytes(), &wide] {
        let whole = read_all(bytes, &wanted("microsoft")).unwrap();
        assert_eq!((whole.summary.lots, whole.portions), (expected.summary.lots.clone(), expected.portions.clone()));
    }
}

#[test]
fn a_page_of_a_list_is_not_taken_for_the_whole() {
    let page = EVENTS.replace("]}}", r#"],"nextLink":"https://management.azure.com/next"}}"#);
    assert!(page.contains("nextLink"));
    let refused = read_all(page.as_bytes(), &wanted("microsoft")).err().unwrap();
    assert!(matches!(refused, SpendError::GoesOn), "{refused}");
    let last = EVENTS.replace("]}}", r#"],"nextLink":null}}"#);
    assert_eq!(read_all(last.as_bytes(), &wanted("microsoft")).unwrap().classes().len(), 1);
}

#[test]
fn what_credits_paid_is_no_refund_of_a_commitment() {
    let event = |charges: &str, source: &str| {
        format!(
            r#"{{"value":[{{"id":"/providers/Microsoft.Billing/billingAccounts/1:2/events/1","type":"Microsoft.Consumption/events","properties":{{"transactionDate":"2026-03-09T00:00:00Z","eventType":"SettledCharges","charges":{{"currency":"USD","value":{charges}}}{source}}}}}]}}"#
        )
    };
    let read = |text: String| read_all(text.as_bytes(), &wanted("microsoft")).unwrap();
    let credit = read(event("500.0", ""));
    assert_eq!((credit.classes(), credit.quarantined()), (vec![], vec!["not_spend lotSource 1 1 ".to_owned()]));
    let refund = read(event("500.0", r#","lotSource":"ConsumptionCommitment""#));
    assert_eq!(refund.classes(), ["2026-03-09 1:2 Microsoft Azure Consumption Commitment Cloud Refund -500 x1"]);
    let drawn = read(event("-5.0", ""));
    assert_eq!(drawn.classes(), ["2026-03-09 1:2 Microsoft Azure Consumption Commitment Cloud Usage 5 x1"]);
}

#[test]
fn settled_events_are_spend_with_the_sign_turned() {
    let whole = read_all(EVENTS.as_bytes(), &wanted("microsoft")).unwrap();
    assert_eq!(whole.classes(), ["2026-03-09 1234:5678 Microsoft Azure Consumption Commitment Cloud Usage 120.35 x1"]);
    assert_eq!(whole.quarantined(), ["not_settled eventType 1 2 PendingCharges", "not_spend eventType 1 3 NewCredit"]);
    assert_eq!(whole.summary.sniffed.to_string(), "macc events json");
}

#[test]
fn what_microsoft_says_is_of_no_other_cloud() {
    for (text, rows) in [(LOTS, 2), (EVENTS, 3)] {
        let whole = read_all(text.as_bytes(), &wanted("aws")).unwrap();
        assert!(whole.summary.lots.is_empty() && whole.classes().is_empty());
        let aside = whole.quarantined();
        assert!(aside.iter().all(|rows| rows.starts_with("other_cloud type")), "{aside:?}");
        assert_eq!(whole.summary.quarantined, rows);
    }
}
