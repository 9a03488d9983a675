//! Comparing a fund with its budget and its programme, and looking at what it still holds.

use async_trait::async_trait;
use entente_core::{
    context::funding::{BUDGET_KEY, CHECK_FUND, Change, FundPaper, LOOK_AT_FUND},
    ledger::Account,
    mdf::model::FundKind,
    money::Money,
};
use jiff::civil::Time;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Books, failed, read, records, settled, sweep, unread};
use crate::{
    activities::{Activity, Attempt, Call},
    funding::{case, packs, programmes, stored, sweep::passes_on_to},
};

#[derive(Deserialize)]
struct Request {
    paper: FundPaper,
    /// What it has been given already.
    #[serde(default)]
    allocated: Option<Money>,
    /// The change that is asked for, of a fund that is in use.
    #[serde(default)]
    change: Option<Change>,
}

/// `fund.check`.
pub struct CheckFund {
    books: Option<Books>,
}

impl CheckFund {
    /// Checks by these records.
    pub fn new(books: Option<Books>) -> CheckFund {
        CheckFund { books }
    }

    async fn check(&self, call: &Call) -> Result<Value, Box<Attempt>> {
        let Request { paper, allocated, change } = read(&call.request)?;
        let store = records(self.books.as_ref())?.store.as_ref();
        // Asked before the accounts are looked at: what is passed on to it in between is not overlooked.
        let coming = passes_on_to(store, &paper.fund, Some(&call.label)).await.map_err(unread)?;
        let own = match allocated {
            Some(_) => Some(case::stands(store, &paper).await.map_err(unread)?),
            None => None,
        };
        let in_ledger = own.as_ref().map(|stands| case::given(stands, paper.amount.currency));
        // What was earned so far says nothing of how much may be.
        let has_been_given = in_ledger.filter(|_| paper.kind == FundKind::Discretionary);
        let paper = match (has_been_given, change.as_ref().and_then(|change| change.amount)) {
            (Some(given), None) => FundPaper { amount: given, ..paper },
            _ => paper,
        };
        let receiver_has = match (&change, own.as_ref()) {
            (Some(change), Some(own)) => {
                let call = (call.label.as_str(), call.now);
                sweep::check(store, &paper, change, (own, coming.as_deref()), call).await?
            }
            _ => None,
        };
        if allocated.is_none()
            && let Some(closed) = programmes::closed(store, &paper.programme).await.map_err(unread)?
        {
            return Err(failed(closed.told(&paper.programme), Some("/programme")));
        }
        let pack = packs::find(store, &paper.pack).await.map_err(unread)?;
        let refuse = |field: &str, message: String| Err(failed(message, Some(field)));
        for other in stored::by_key::<FundPaper>(store, BUDGET_KEY, &paper.budget.name).await.map_err(unread)? {
            let theirs = &other.sheet.paper;
            if theirs.fund != paper.fund && other.sheet.course.allocated.is_some() && theirs.budget != paper.budget {
                let message = format!(
                    "budget `{}` is {} from {} to {} in fund `{}`; write it the same way in all its funds",
                    theirs.budget.name, theirs.budget.amount, theirs.budget.from, theirs.budget.until, theirs.fund
                );
                return refuse("/budget", message);
            }
        }
        let given = case::given_out_of(store, &paper).await.map_err(unread)?;
        let takes = allocated.zip(in_ledger).map(|(limit, given)| case::taken(paper.kind, limit, given));
        let others = given.minus(takes.unwrap_or(Money::zero(given.currency)));
        let whole = others.and_then(|others| others.plus(paper.amount));
        let whole = whole.map_err(|error| failed(error.to_string(), Some("/amount")))?;
        if whole.minor > paper.budget.amount.minor {
            let message = format!(
                "with {} its funds would have {whole} of budget `{}`, which is {}; ask for less",
                paper.amount, paper.budget.name, paper.budget.amount
            );
            return refuse("/amount", message);
        }
        let after = paper.until.tomorrow().ok().map(|day| day.to_datetime(Time::midnight()));
        let ends_at = after.and_then(|after| pack.zone.to_timestamp(after).ok());
        match ends_at {
            Some(at) if at > call.now => {
                let mut looked = json!({ "ends_at": at, "given": has_been_given, "receiver_has": receiver_has });
                if let (Some(role), Some(fields)) = (pack.extended_by(), looked.as_object_mut()) {
                    fields.insert("extended_by".into(), json!(role));
                }
                Ok(looked)
            }
            _ => refuse("/until", format!("{} is over already; write a later day", paper.until)),
        }
    }
}

#[async_trait]
impl Activity for CheckFund {
    fn name(&self) -> &'static str {
        CHECK_FUND
    }

    fn only_looks(&self) -> bool {
        true
    }

    async fn perform(&self, call: &Call) -> Attempt {
        settled(self.check(call).await)
    }
}

/// `fund.look`.
pub struct LookAtFund {
    books: Option<Books>,
}

impl LookAtFund {
    /// Looks at these books.
    pub fn new(books: Option<Books>) -> LookAtFund {
        LookAtFund { books }
    }

    async fn look(&self, call: &Call) -> Result<Value, Box<Attempt>> {
        let Request { paper, .. } = read(&call.request)?;
        let store = records(self.books.as_ref())?.store.as_ref();
        let stands = case::stands(store, &paper).await.map_err(unread)?;
        let free = stands.get(&Account::Free).copied().unwrap_or(Money::zero(paper.amount.currency));
        let under_way = [
            Account::Earned,
            Account::Reserved,
            Account::Posted,
            Account::Payable,
            Account::Prepaid,
            Account::Clawback,
        ];
        let settled = under_way.iter().all(|account| stands.get(account).is_none_or(|there| there.minor == 0));
        // What another fund is about to pass on to it would come too late.
        let coming = passes_on_to(store, &paper.fund, None).await.map_err(unread)?;
        Ok(json!({ "free": free, "settled": settled && coming.is_none() }))
    }
}

#[async_trait]
impl Activity for LookAtFund {
    fn name(&self) -> &'static str {
        LOOK_AT_FUND
    }

    fn only_looks(&self) -> bool {
        true
    }

    async fn perform(&self, call: &Call) -> Attempt {
        settled(self.look(call).await)
    }
}
