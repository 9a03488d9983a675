//! Comparing a fund with its budget and its programme, and looking at what it still holds.

use async_trait::async_trait;
use entente_core::{
    context::funding::{BUDGET_KEY, CHECK_FUND, Change, FundPaper, LOOK_AT_FUND},
    ledger::Account,
    money::Money,
};
use jiff::civil::Time;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Books, failed, read, records, settled, sweep, unread};
use crate::{
    activities::{Activity, Attempt, Call},
    funding::{case, packs, stored},
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
        let own = match allocated {
            Some(_) => Some(case::stands(store, &paper).await.map_err(unread)?),
            None => None,
        };
        let has_been_given = own.as_ref().map(|stands| case::given(stands, paper.amount.currency));
        let paper = match (has_been_given, change.as_ref().and_then(|change| change.amount)) {
            (Some(given), None) => FundPaper { amount: given, ..paper },
            _ => paper,
        };
        if let Some(change) = &change {
            sweep::check(store, &paper, change, own.as_ref(), call.now).await?;
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
        let others = given.minus(has_been_given.unwrap_or(Money::zero(given.currency)));
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
            Some(at) if at > call.now => Ok(json!({ "ends_at": at, "given": has_been_given })),
            _ => refuse("/until", format!("{} is over already; write a later day", paper.until)),
        }
    }
}

#[async_trait]
impl Activity for CheckFund {
    fn name(&self) -> &'static str {
        CHECK_FUND
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
        Ok(json!({ "free": free, "settled": settled }))
    }
}

#[async_trait]
impl Activity for LookAtFund {
    fn name(&self) -> &'static str {
        LOOK_AT_FUND
    }

    async fn perform(&self, call: &Call) -> Attempt {
        settled(self.look(call).await)
    }
}
