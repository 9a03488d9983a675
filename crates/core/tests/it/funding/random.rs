//! Whatever happens to a claim or a request, in whatever order: it stays within its chart, and its money in the books.

use entente_core::{
    calendar::Calendars,
    chart::{
        bound::BoundChart,
        scenario::{Scenario, run_scenario},
        step::{self, VOTE, World},
    },
    context::funding::{ClaimPaper, Payable, PayableStatus, Sheet},
    event::{Actor, Body, Event, Outcome, TimerKey},
    ids::PartyId,
    ledger::{Account, Book, Posting, PostingAction},
    money::{Currency, Money},
    policy::Policy,
    run::{Command, Snapshot},
};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{bound, file, policy, values};

const FUND: &str = "emea-2027-h1";

/// A run, its books, and everything that a step needs.
pub(super) struct Life {
    bound: BoundChart,
    policy: Policy,
    pub(super) snapshot: Snapshot,
    book: Book,
    now: Timestamp,
    count: usize,
}

fn eur() -> Currency {
    "EUR".parse().unwrap()
}

fn money(minor: i64) -> Money {
    Money { minor, currency: eur() }
}

impl Life {
    /// A run as a story has it before the first line with `until`, in a fund of 9,000.00 EUR.
    pub(super) fn of(workflow: &str, story: &str, until: &str, reserve: Option<&str>) -> Life {
        let text = file(workflow, &format!("scenarios/{story}"));
        let text: String =
            text.lines().take_while(|line| !line.contains(until)).map(|line| format!("{line}\n")).collect();
        let scenario = Scenario::from_yaml(story, &text, &values(workflow)).unwrap();
        let (bound, policy, calendars) = (bound(workflow), policy(workflow), Calendars::default());
        let told = run_scenario(&bound, &World { policy: &policy, calendars: &calendars }, &scenario).unwrap();
        let mut book = Book::default();
        book.book(&Posting::new(PostingAction::Allocate, FUND, "fund", money(900_000))).unwrap();
        if let Some(key) = reserve {
            book.book(&Posting::new(PostingAction::Reserve, FUND, key, money(200_000))).unwrap();
        }
        let mut life = Life { bound, policy, snapshot: told.snapshot, book, now: told.now, count: 0 };
        for record in &told.records {
            life.book(&record.commands).unwrap();
        }
        life
    }

    fn book(&mut self, commands: &[Command]) -> Result<(), String> {
        let mut book = self.book.clone();
        for command in commands {
            if let Command::Post { posting } = command {
                book.book(posting).map_err(|refusal| refusal.to_string())?;
            }
        }
        self.book = book;
        Ok(())
    }

    /// One event, with what the ledger makes of it; says whether it was taken.
    pub(super) fn happens(&mut self, actor: Option<(&str, &[&str])>, body: Body) -> bool {
        self.count += 1;
        let actor = actor.map(|(person, roles)| Actor {
            person: person.parse().unwrap(),
            roles: roles.iter().map(|role| role.parse().unwrap()).collect(),
            on_behalf_of: None,
        });
        if let Body::Named { name, data } = &body
            && name != VOTE
            && self.bound.context.check(name, data).is_err()
        {
            return false;
        }
        let event = Event { source: "test".into(), id: self.count.to_string(), actor, body };
        let calendars = Calendars::default();
        let policy = self.policy.clone();
        let world = World { policy: &policy, calendars: &calendars };
        let Ok(decision) = step::step(&self.bound, &world, &self.snapshot, &event, self.now) else { return false };
        match self.book(&decision.record.commands) {
            Ok(()) => self.snapshot = decision.snapshot,
            Err(reason) => {
                let known = [
                    "clawback_approvals",
                    "proving",
                    "granted",
                    "last_claims",
                    "expiring",
                    "releasing",
                    "amending",
                    "amendment_approvals",
                ];
                assert!(known.contains(&self.snapshot.state.as_str()), "in `{}`: {reason}", self.snapshot.state);
                let body = Body::LedgerRefused { reason, cause: event.id.clone() };
                let refused = Event { source: "ledger".into(), id: event.id, actor: None, body };
                let decision = step::step(&self.bound, &world, &self.snapshot, &refused, self.now).unwrap();
                self.book(&decision.record.commands).unwrap();
                self.snapshot = decision.snapshot;
            }
        }
        assert!(self.snapshot.incident.is_none(), "{:?}", self.snapshot.incident);
        assert!(self.bound.chart.state(&self.snapshot.state).is_some());
        true
    }

    pub(super) fn named(&mut self, name: &str, data: Value) -> bool {
        self.happens(Some(("pia", &[])), Body::Named { name: name.into(), data })
    }

    /// A deadline of the present state, should it be armed.
    pub(super) fn comes_due(&mut self, deadline: &str) -> bool {
        let key = TimerKey(format!("{}/{deadline}", self.snapshot.state));
        let Some(due) = self.snapshot.timers.get(&key).copied() else { return false };
        self.now = self.now.max(due);
        self.happens(None, Body::Timer { key, due })
    }

    /// The open invocation of an activity is done, should there be one.
    pub(super) fn done(&mut self, activity: &str, output: Value) -> bool {
        let open = self.snapshot.invokes.iter().find(|(_, open)| open.activity == activity).map(|(id, _)| *id);
        let Some(invoke) = open else { return false };
        self.happens(None, Body::Result { invoke, outcome: Outcome::Done { output } })
    }

    pub(super) fn stands(&self, account: Account, key: &str) -> i64 {
        self.book.balance(FUND, eur(), (account, key))
    }

    /// Nothing is below zero, and everything sums to zero.
    pub(super) fn sums(&self) {
        let all: i64 = self.book.balances().map(|(.., minor)| minor).sum();
        assert_eq!(all, 0);
        assert!(self.book.balances().all(|(_, _, account, _, minor)| account.may_stand_at(i128::from(minor))));
    }
}

/// What may happen to a claim: for one of two payees, by one of three payout runs, about one of some amounts.
#[derive(Debug, Clone)]
enum Act {
    Schedule,
    Unschedule,
    Settle,
    Rejected,
    Returned,
    Dispute,
    Resolve,
    ClawBack,
    Waive,
    Recovered,
    Agree,
    SendBack,
    Overdue,
}

fn act() -> impl Strategy<Value = (Act, usize, usize, usize)> {
    use Act::*;
    let acts = vec![
        Schedule, Schedule, Unschedule, Settle, Settle, Rejected, Returned, Dispute, Resolve, ClawBack, Waive,
        Recovered, Agree, Agree, SendBack, Overdue,
    ];
    (prop::sample::select(acts), 0_usize..3, 0_usize..4, 0_usize..7)
}

const AMOUNTS: [i64; 7] = [1, 10_000, 20_000, 30_000, 50_000, 100_000, 150_000];

fn claim(life: &mut Life, act: &Act, who: usize, run: usize, amount: usize) {
    let payee = ["hafenhaus", "nordlicht", "stranger"][who];
    let (payout, minor) = (["PAY-1", "PAY-2", "PAY-3", "PAY-4"][run], AMOUNTS[amount]);
    let sheet: Sheet<ClaimPaper> = serde_json::from_value(life.snapshot.context.clone()).unwrap();
    let owed = sheet.payable_of(&payee.parse().unwrap()).map(|payable| payable.amount.minor);
    // Mostly the bank pays what was owed.
    let whole = owed.filter(|_| amount.is_multiple_of(2)).unwrap_or(minor);
    let at = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    let part = json!({ "payee": payee, "amount": at(minor), "reason": "x" });
    let back = |outcome: &str| json!({ "payout": payout, "payee": payee, "outcome": outcome, "amount": at(whole), "why": "x" });
    let vote = |row: &str, verdict: &str, life: &Life| {
        let revision = life.snapshot.approvals.as_ref().map(|round| round.subject.revision.clone());
        json!({ "verdict": verdict, "row": row, "reason": "x", "revision": revision })
    };
    match act {
        Act::Schedule => life.named("schedule", json!({ "payout": payout, "payee": payee })),
        Act::Unschedule => life.named("unschedule", json!({ "payout": payout, "payee": payee })),
        Act::Settle => {
            life.named("settle", json!({ "payout": payout, "payee": payee, "amount": at(whole), "on": "2027-05-05" }))
        }
        Act::Rejected => life.named("came_back", back("rejected")),
        Act::Returned => life.named("came_back", back("returned")),
        Act::Dispute => life.named("dispute", part),
        Act::Resolve => life.named("settle_dispute", json!({ "payee": payee, "granted": at(minor), "reason": "x" })),
        Act::ClawBack => life.named("claw_back", part),
        Act::Waive => life.named("waive", part),
        Act::Recovered => life.named("recovered", json!({ "amount": at(minor), "how": "paid", "payee": payee })),
        Act::Agree => {
            let data = vote("proof", "approve", life);
            life.happens(Some(("vera", &["claim_validator"])), Body::Named { name: VOTE.into(), data });
            let data = vote("money", "approve", life);
            life.happens(Some(("flo", &["finance_approver"])), Body::Named { name: VOTE.into(), data })
        }
        Act::SendBack => {
            let data = vote("proof", "send_back", life);
            life.happens(Some(("vera", &["claim_validator"])), Body::Named { name: VOTE.into(), data })
        }
        Act::Overdue => life.comes_due("P30D"),
    };
}

/// What the run believes is what the books say.
fn claim_adds_up(life: &Life) {
    life.sums();
    let sheet: Sheet<ClaimPaper> = serde_json::from_value(life.snapshot.context.clone()).unwrap();
    let course = &sheet.course;
    for (payee, part) in [("hafenhaus", 150_000), ("nordlicht", 50_000)] {
        let payee: PartyId = payee.parse().unwrap();
        let payable = sheet.payable_of(&payee).unwrap();
        let key = Payable::ledger_key(&sheet.label, &payee);
        let owed = if payable.status == PayableStatus::Paid { 0 } else { payable.amount.minor };
        // What came twice is owed beside what was approved, and comes out of no fund.
        let twice = payable.twice.map_or(0, |twice| twice.minor);
        assert_eq!(life.stands(Account::Surplus, &key), -twice, "came twice from {payee}");
        assert!(twice <= owed, "what came twice is owed");
        assert_eq!(life.stands(Account::Payable, &key), owed, "owed to {payee}");
        assert_eq!(life.stands(Account::Clawback, &key), course.open_back(&payee), "claimed back from {payee}");
        let theirs = course.clawbacks.iter().filter(|back| back.payee == payee);
        let back: i64 = theirs.map(|back| back.amount.minor - back.waived.map_or(0, |waived| waived.minor)).sum();
        assert_eq!(life.stands(Account::Paid, &key), payable.paid_in_all() - back, "paid to {payee}");
        let disputed: i64 = course
            .disputes
            .iter()
            .filter(|one| one.payee == payee && one.granted.is_none())
            .map(|one| one.amount.minor)
            .sum();
        assert!(
            payable.paid_in_all() + owed - twice + disputed <= part,
            "{payee} is paid at most what was approved for it"
        );
        let with_bank = |payment: &entente_core::context::funding::Payment| {
            payment.amount.minor - payment.came_back.map_or(0, |back| back.minor)
        };
        assert!(payable.payments.iter().map(with_bank).sum::<i64>() <= part, "so much left the bank for {payee}");
    }
    let disputed: i64 = course.disputes.iter().filter(|one| one.granted.is_none()).map(|one| one.amount.minor).sum();
    assert_eq!(life.stands(Account::Posted, &ClaimPaper::ledger_key(&sheet.label)), disputed, "disputed");
    let owed = course.payables.iter().any(|payable| !payable.is_settled()) || disputed > 0;
    let back = course.is_anything_open();
    match life.snapshot.state.as_str() {
        "payable" => assert!(owed),
        "recovering" => assert!(back && !owed),
        "paid" => assert!(!back && !owed),
        "dispute_approvals" => assert!(disputed > 0 && course.settlement_asked.is_some()),
        other => assert_eq!(other, "clawback_approvals"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn row_77_no_order_of_events_takes_a_claim_out_of_its_chart_or_its_money_out_of_the_books(
        acts in proptest::collection::vec(act(), 1..40),
    ) {
        let mut life = Life::of("mdf_claim", "two_payees.yaml", "event: schedule", Some("request/REQ-2027-00001"));
        claim_adds_up(&life);
        for (act, who, run, amount) in &acts {
            claim(&mut life, act, *who, *run, *amount);
            claim_adds_up(&life);
        }
    }

    #[test]
    fn row_62_what_is_held_for_a_request_is_claimed_or_free_again_and_never_both(
        acts in proptest::collection::vec((0_usize..12, 0_usize..4, 0_usize..7, any::<bool>()), 1..40),
    ) {
        let mut life = Life::of("mdf_request", "completed.yaml", "event: claimed", None);
        let key = format!("request/{}", life.snapshot.label);
        let (mut committed, mut posted) = ([None; 4], 0);
        let adds_up = |life: &Life, posted: i64| {
            life.sums();
            let held = life.stands(Account::Reserved, &key);
            let free = life.book.total(FUND, eur(), Account::Free) - 700_000;
            assert_eq!(held + posted + free, 200_000, "in `{}`", life.snapshot.state);
            assert!(!life.snapshot.ended || held == 0, "`{}` holds {held}", life.snapshot.state);
            let granted = life.snapshot.context["course"]["granted"]["minor"].as_i64().unwrap();
            assert!(held == 0 || held + posted <= granted, "{held} held and {posted} claimed of {granted}");
        };
        adds_up(&life, posted);
        for (act, claim, amount, flag) in &acts {
            match act {
                // A claim commits, out of what is held, as long as the request says that it holds anything.
                0 | 1 if committed[*claim].is_none() && life.snapshot.tags.iter().any(|tag| tag == "money_reserved") => {
                    let take = Posting::new(PostingAction::Post, FUND, key.clone(), money(AMOUNTS[*amount]));
                    if life.book.book(&take.to(format!("claim/{claim}"))).is_ok() {
                        committed[*claim] = Some((AMOUNTS[*amount], *flag));
                        posted += AMOUNTS[*amount];
                    }
                }
                2..=4 => {
                    if let Some((minor, closing)) = committed[*claim] {
                        let amount = json!({ "minor": minor, "currency": "EUR" });
                        life.named("claimed", json!({ "claim": format!("CLM-{claim}"), "amount": amount, "closing": closing }));
                    }
                }
                5 if *amount == 0 => { life.named("cancel", json!({ "reason": "x" })); }
                6 => { life.comes_due("request.claim_by"); }
                7 => { life.comes_due("P1D"); }
                8 => { life.done("request.look", json!({ "under_way": flag })); }
                9 => {
                    let paper = values("mdf_request")[["smaller", "moved", "larger", "later"][*claim]].clone();
                    life.named("amend", json!({ "paper": paper, "reason": "x" }));
                }
                10 => {
                    let told = life.snapshot.context["course"]["claimed"]["minor"].as_i64().unwrap_or(0);
                    let wanted = life.snapshot.context["course"]["amendment"]["paper"]["amount"]["minor"].as_i64();
                    // More is judged only once every claim that was committed is known; less is right either way.
                    let good = match wanted {
                        Some(150_000) => "smaller_immaterial",
                        Some(300_000) if told == posted => "larger_good",
                        Some(200_000) if *flag && told == posted => "moved_good",
                        Some(200_000) if told == posted => "later_good",
                        _ => continue,
                    };
                    life.done("mdf.assess", values("mdf_request")[good].clone());
                }
                11 => {
                    let revision = life.snapshot.approvals.as_ref().map(|round| round.subject.revision.clone());
                    let verdict = if *flag { "approve" } else { "reject" };
                    let data = json!({ "verdict": verdict, "reason": "x", "revision": revision });
                    life.happens(Some(("fay", &["fund_manager"])), Body::Named { name: VOTE.into(), data });
                }
                _ => {}
            }
            adds_up(&life, posted);
        }
    }
}
