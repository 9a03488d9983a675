//! Commitments over HTTP: the same uses as on the command line, and the same JSON.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    Json,
    extract::Path,
    http::{
        HeaderValue, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LINK, LOCATION, RETRY_AFTER,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
};
use entente_core::{
    commitment::{
        Amount, Statement,
        eligibility::{Channel, Mark, RuleName},
    },
    context::commitment::Plan,
    event::Actor,
    ids::RunId,
};
use entente_store::{Message, RunFilter};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    input::{Asked, BODY, Body, Key, Text},
    login::Caller,
    problem::Problem,
};
use crate::{
    commitments::{
        CommitmentError,
        ahead::Until,
        buyers_view::Shared,
        closing::{Besides, closing},
        days,
        entered::{Entered, Revised, may_be_said},
        explained::Why,
        export as exported,
        family::Family,
        footing::Footing,
        listed,
        outlook::Looked,
        picture::drawn,
        sight::sight,
    },
    offers::{launch::Sender, timeline},
    spend,
    submit::{self, Done, NotDone, said},
};

/// How long a write waits for its verdict.
const WAIT: Duration = Duration::from_secs(10);

/// Rows of a page where none is said, and at most.
const PAGE: (u32, u32) = (100, 1000);

type Answered = Result<Response, Problem>;

/// Which commitments are listed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    #[serde(default)]
    ended: bool,
    tag: Option<String>,
    limit: Option<u32>,
    after: Option<Uuid>,
}

/// The days that are asked about.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Days {
    as_of: Option<Date>,
    known_on: Option<Date>,
}

impl Days {
    fn asked(self) -> days::Days {
        days::Days { as_of: self.as_of, known_on: self.known_on }
    }
}

/// `GET /v1/commitments`
pub async fn list(caller: Caller, Asked(wanted): Asked<Wanted>) -> Answered {
    let limit = wanted.limit.unwrap_or(PAGE.0);
    if !(1..=PAGE.1).contains(&limit) {
        return Err(Problem::input(format!("field `limit`: {limit} is not between 1 and {}", PAGE.1)).about("limit"));
    }
    let ended = (!wanted.ended).then_some(false);
    let filter = RunFilter { tag: wanted.tag.clone(), ended, limit, ..RunFilter::default() };
    let visitor = caller.visitor();
    let (all, next) = listed::page(&visitor, filter, wanted.after.map(RunId)).await?;
    let mut response = data(&listed::rows(&visitor, &all).await?);
    if let Some(RunId(next)) = next {
        let ended = if wanted.ended { "&ended=true" } else { "" };
        let link =
            format!("</v1/commitments?limit={limit}&after={next}{ended}{}>; rel=\"next\"", tag(wanted.tag.as_deref()));
        let link = HeaderValue::from_str(&link).map_err(Problem::internal)?;
        response.headers_mut().insert(LINK, link);
    }
    Ok(response)
}

/// A tag that states may have, as a parameter; any other one has found nothing, and has no next page.
fn tag(tag: Option<&str>) -> String {
    let plain = |tag: &&str| tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    tag.filter(plain).map(|tag| format!("&tag={tag}")).unwrap_or_default()
}

/// `POST /v1/commitments`
pub async fn create(caller: Caller, Key(key): Key, Text(text): Text) -> Answered {
    let visitor = caller.visitor();
    let entered = Entered::read(&visitor, BODY, &text)?;
    let sender = sender(&caller, &key, entered.actor.clone());
    let (label, messages) = entered.start(&visitor, &sender).await?;
    write(&caller, &label, &key, messages, StatusCode::CREATED).await
}

/// `GET /v1/commitments/{commitment}`
pub async fn show(caller: Caller, Path(name): Path<String>, Asked(days): Asked<Days>) -> Answered {
    let visitor = caller.visitor();
    let stored = visitor.find(&name).await?;
    let (as_of, known_on) = days.asked().of(&stored, visitor.now())?;
    let (sight, _) = sight(visitor.store(), &stored, as_of, known_on, visitor.now()).await?;
    Ok(match visitor.is_of_a_buyer() {
        true => data(&Shared::from(sight)),
        false => data(&sight),
    })
}

/// Why a document is brought.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    reason: String,
}

/// `POST /v1/commitments/{commitment}/revise`
pub async fn revise(
    caller: Caller,
    Path(name): Path<String>,
    Asked(Reason { reason }): Asked<Reason>,
    Key(key): Key,
    Text(text): Text,
) -> Answered {
    let visitor = caller.visitor();
    let stored = visitor.find(&name).await?;
    let reason = filled("reason", &reason)?;
    let sender = sender(&caller, &key, visitor.manages(&stored)?);
    let revised = Revised::read(BODY, &text)?;
    let message = revised.message(&visitor, &sender, &stored, reason).await?;
    write(&caller, stored.label(), &key, vec![message], StatusCode::OK).await
}

/// `GET /v1/commitments/{commitment}/history`
pub async fn history(caller: Caller, Path(name): Path<String>) -> Answered {
    let visitor = caller.visitor();
    let stored = visitor.find(&name).await?;
    let told = timeline::told(visitor.store(), stored.row.snapshot.run).await;
    Ok(data(&told.map_err(CommitmentError::from)?))
}

/// Until when a forecast runs, and from which days.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ahead {
    as_of: Option<Date>,
    known_on: Option<Date>,
    #[serde(default)]
    until: End,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum End {
    #[default]
    PeriodEnd,
    NextDue,
}

/// `GET /v1/commitments/{commitment}/forecast`
pub async fn forecast(caller: Caller, Path(name): Path<String>, Asked(ahead): Asked<Ahead>) -> Answered {
    let visitor = caller.visitor();
    let stored = visitor.find(&name).await?;
    let days = days::Days { as_of: ahead.as_of, known_on: ahead.known_on };
    let until = match ahead.until {
        End::PeriodEnd => Until::PeriodEnd,
        End::NextDue => Until::NextDue,
    };
    Ok(data(&Looked::at(&visitor, &stored, days).await?.told(&visitor, until)?))
}

/// What would be added.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Added {
    amount: Amount,
    from: Date,
    #[serde(default = "once")]
    times: u32,
    #[serde(default = "what_if_name")]
    product: String,
    #[serde(default = "marketplace")]
    channel: Channel,
    account: Option<String>,
    #[serde(default)]
    marks: BTreeMap<Mark, bool>,
}

fn once() -> u32 {
    1
}

fn what_if_name() -> String {
    "what-if".to_owned()
}

fn marketplace() -> Channel {
    Channel::Marketplace
}

/// `POST /v1/commitments/{commitment}/what-if`
pub async fn what_if(
    caller: Caller,
    Path(name): Path<String>,
    Asked(days): Asked<Days>,
    Body(added): Body<Added>,
) -> Answered {
    let visitor = caller.visitor();
    let stored = visitor.find(&name).await?;
    if !(1..=120).contains(&added.times) {
        return Err(Problem::input("field `times`: is not between 1 and 120").about("times"));
    }
    let Added { amount, from, times, product, channel, account, marks } = added;
    let plan = Plan { name: what_if_name(), product, channel, account, amount, from, times, marks, by: None, at: None };
    let compared = Looked::at(&visitor, &stored, days.asked()).await?.compared(&visitor, &plan).await?;
    Ok(compared.map_or_else(|| data(&Value::Null), |compared| data(&compared)))
}

/// What is known of offers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    as_of: Option<Date>,
    known_on: Option<Date>,
    #[serde(default)]
    marks: String,
}

/// `GET /v1/commitments/{commitment}/offers`
pub async fn offers(caller: Caller, Path(name): Path<String>, Asked(open): Asked<Open>) -> Answered {
    let visitor = caller.visitor();
    let stored = visitor.find(&name).await?;
    let days = days::Days { as_of: open.as_of, known_on: open.known_on };
    let besides = Besides { marks: marks(&open.marks)?, ..Besides::default() };
    let looked = Looked::at(&visitor, &stored, days).await?;
    Ok(data(&closing(&visitor, &stored, &looked, besides).await?))
}

/// `runs_on_cloud=true,subscription=false`
fn marks(text: &str) -> Result<BTreeMap<Mark, bool>, Problem> {
    let wrong = |pair: &str| {
        Problem::input(format!("field `marks`: `{pair}` is none; write such as runs_on_cloud=true")).about("marks")
    };
    let read = |pair: &str| {
        let (name, is) = pair.split_once('=')?;
        Some((serde_json::from_value(json!(name)).ok()?, is.parse().ok()?))
    };
    text.split(',').filter(|pair| !pair.is_empty()).map(|pair| read(pair).ok_or_else(|| wrong(pair))).collect()
}

/// What the cloud says remains.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remains {
    as_of: Date,
    remaining: Amount,
    source: String,
    read: Option<Date>,
}

/// `POST /v1/commitments/{commitment}/statements`
pub async fn statement(
    caller: Caller,
    Path(name): Path<String>,
    Key(key): Key,
    Body(remains): Body<Remains>,
) -> Answered {
    let visitor = caller.visitor();
    let stored = visitor.find(&name).await?;
    let today = stored.commitment.day_of(visitor.now());
    let Remains { as_of, remaining, source, read } = remains;
    let source = filled("source", &source)?;
    let sender = sender(&caller, &key, visitor.manages(&stored)?);
    let earlier = sender.earlier(visitor.store()).await.map_err(CommitmentError::from)?;
    // A day that was not said is the one on which the request was made first.
    let first = earlier.as_ref().map_or(today, |earlier| stored.commitment.day_of(earlier.at));
    let statement = Statement { as_of, remaining, original: None, source, file: None, read: read.unwrap_or(first) };
    if earlier.is_none() {
        may_be_said(&statement, &stored.commitment, today)?;
    }
    let message = sender.named(stored.row.snapshot.run, "statement", json!(statement));
    write(&caller, stored.label(), &key, vec![message], StatusCode::OK).await
}

/// What is to be explained.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    day: Option<Date>,
    month: Option<String>,
    product: Option<String>,
    account: Option<String>,
    reason: Option<RuleName>,
}

/// `GET /v1/commitments/{commitment}/explain`
pub async fn explain(caller: Caller, Path(name): Path<String>, Asked(which): Asked<Which>) -> Answered {
    let visitor = caller.visitor();
    Why::may_ask(&visitor, &name)?;
    let stored = visitor.find(&name).await?;
    let month = which.month.as_deref().map(month).transpose()?;
    if which.day.is_some() && month.is_some() {
        return Err(Problem::input("field `month`: a day is asked about already; name one of the two").about("month"));
    }
    let days = which.day.map(|day| (day, day)).or(month.map(|first| (first, first.last_of_month())));
    let asked = spend::Asked { days, product: which.product, account: which.account, reason: which.reason };
    Ok(data(&Why::of(&visitor, &stored, &asked).await?.data()))
}

fn month(text: &str) -> Result<Date, Problem> {
    let first = (text.len() == 7).then(|| format!("{text}-01").parse().ok()).flatten();
    first.ok_or_else(|| {
        Problem::input(format!("field `month`: `{text}` is no month; write one such as 2027-03")).about("month")
    })
}

/// `GET /v1/commitments/{commitment}/burn-down.svg`
pub async fn burn_down(caller: Caller, Path(name): Path<String>, Asked(days): Asked<Days>) -> Answered {
    let visitor = caller.visitor();
    let stored = visitor.find(&name).await?;
    let (as_of, known_on) = days.asked().of(&stored, visitor.now())?;
    let (sight, family) = sight(visitor.store(), &stored, as_of, known_on, visitor.now()).await?;
    let footing = Footing::of(&stored, &family, &sight.figures)?;
    let burn_down = drawn(&sight, &family, &footing)?.into_iter().find(|(name, _)| name.ends_with("burn-down.svg"));
    let (_, picture) = burn_down.ok_or_else(|| Problem::internal("no burn-down was drawn"))?;
    let mut response = file("image/svg+xml", picture);
    // A picture does nothing, wherever it is opened.
    let nothing = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, nothing);
    Ok(response)
}

/// As what it is exported.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct As {
    as_of: Option<Date>,
    known_on: Option<Date>,
    #[serde(default)]
    format: exported::Format,
}

/// `GET /v1/commitments/{commitment}/export`
pub async fn export(caller: Caller, Path(name): Path<String>, Asked(asked): Asked<As>) -> Answered {
    let visitor = caller.visitor();
    let stored = visitor.find(&name).await?;
    let days = days::Days { as_of: asked.as_of, known_on: asked.known_on };
    let (as_of, known_on) = days.of(&stored, visitor.now())?;
    let family = Family::of(visitor.store(), &stored, known_on, visitor.now()).await?;
    let made = exported::made(&family, as_of, asked.format)?.into_iter().next();
    let (name, text) = made.ok_or_else(|| Problem::internal("nothing was exported"))?;
    let mut response = file("text/csv; charset=utf-8", text);
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '-' }).collect();
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{plain}\"")).map_err(Problem::internal)?;
    response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
    Ok(response)
}

/// Something that histories keep.
fn filled(field: &'static str, text: &str) -> Result<String, Problem> {
    said(text).map_err(|why| Problem::input(format!("field `{field}`: {why}")).about(field))
}

/// Whoever writes. Keys of different people are different keys.
fn sender(caller: &Caller, key: &str, actor: Actor) -> Sender {
    let key = format!("{}/{key}", caller.person());
    Sender { source: "api", key, actor, at: caller.visitor().now() }
}

/// What became of a write, as the command line tells it.
#[derive(Debug, Serialize)]
struct Written<'a> {
    label: &'a str,
    key: &'a str,
    verdict: Value,
}

/// Sends messages of one request, and says what became of it.
async fn write(caller: &Caller, label: &str, key: &str, messages: Vec<Message>, status: StatusCode) -> Answered {
    let shared = &caller.api().shared;
    let done = submit::send(shared.store.as_ref(), messages, WAIT, |pending| shared.pending(pending)).await;
    let (status, started, verdict) = match done {
        Ok(Some(Done { started, verdict, .. })) => (status, started, json!(verdict)),
        Ok(None) => (StatusCode::ACCEPTED, None, Value::Null),
        Err(NotDone::Undecided { started, .. }) => (StatusCode::ACCEPTED, started, Value::Null),
        Err(NotDone::Store(error)) => return Err(error.into()),
        Err(NotDone::Refused { code, reason }) => return Err(refused(label, code, &reason)),
        Err(why @ NotDone::WithoutEffect(_)) => return Err(Problem::conflict(format!("`{label}`: {why}"))),
    };
    let label = started.as_deref().unwrap_or(label);
    let mut response = (status, data(&Written { label, key, verdict })).into_response();
    let headers = response.headers_mut();
    if status == StatusCode::ACCEPTED {
        headers.insert(RETRY_AFTER, HeaderValue::from(super::problem::AGAIN));
    }
    let location = HeaderValue::from_str(&format!("/v1/commitments/{label}")).map_err(Problem::internal)?;
    headers.insert(LOCATION, location);
    Ok(response)
}

/// A refusal by the run, with its own code.
fn refused(label: &str, code: String, reason: &str) -> Problem {
    let status = match code.as_str() {
        "not_found" => StatusCode::NOT_FOUND,
        "no_actor" => StatusCode::FORBIDDEN,
        "input_refused" => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::CONFLICT,
    };
    Problem { code, ..Problem::of(status, format!("`{label}`: {reason}")) }
}

/// JSON that nobody between keeps.
fn data(value: &impl Serialize) -> Response {
    private(Json(value).into_response())
}

/// A file that nobody between keeps.
fn file(kind: &'static str, text: String) -> Response {
    private(([(CONTENT_TYPE, kind)], text).into_response())
}

fn private(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_or_refused_with_the_pair_that_is_wrong() {
        let read = marks("runs_on_cloud=true,professional_services=false").unwrap();
        assert_eq!(read, BTreeMap::from([(Mark::RunsOnCloud, true), (Mark::ProfessionalServices, false)]));
        assert!(marks("").unwrap().is_empty());
        for text in ["runs_on_cloud", "no_such=true", "runs_on_cloud=yes"] {
            let problem = marks(text).unwrap_err();
            assert!(problem.detail.contains(text) && problem.field.as_deref() == Some("marks"), "{problem:?}");
        }
    }

    #[test]
    fn a_month_is_a_month() {
        assert_eq!(month("2027-03").unwrap(), "2027-03-01".parse::<Date>().unwrap());
        for text in ["2027", "2027-13", "2027-03-01"] {
            assert_eq!(month(text).unwrap_err().field.as_deref(), Some("month"), "{text}");
        }
    }
}
