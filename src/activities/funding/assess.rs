//! Judging a request or a claim by the rules of its programme.

use std::collections::BTreeSet;

use async_trait::async_trait;
use entente_core::{
    context::funding::{ASSESS, Assessment, ClaimPaper, FundPaper, Paper, RequestPaper},
    event::{Failure, FailureClass},
    ids::PersonId,
    mdf::{
        self, CHANGES, Decision, LaterDay, Outcome, candidates, claim_by, judge,
        model::{ClaimKind, EarlierClaim, Evidence, PartnerStatus},
    },
    scope::Scope,
};
use entente_store::Store;
use jiff::{Timestamp, civil::Time};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Books, failed, read, records, rejected, settled, unread};
use crate::{
    activities::{Activity, Attempt, Call},
    funding::{
        CALENDAR_OF, apart,
        beside::audits,
        case::{self, Gathered},
        evidence::{self, NotRead, Room},
        frozen,
        joint::{self, no_fund, open_to},
        programmes, record,
        stored::{self, Stored, typed},
    },
    offers::DeskError,
};

/// `mdf.assess`.
pub struct Assess {
    books: Option<Books>,
}

#[derive(Deserialize)]
struct Request {
    chart: String,
    hash: String,
}

impl Assess {
    /// Judges by these records.
    pub fn new(books: Option<Books>) -> Assess {
        Assess { books }
    }

    async fn assess(&self, call: &Call) -> Result<Value, Box<Attempt>> {
        let request: Request = read(&call.request)?;
        let books = records(self.books.as_ref())?;
        let store = books.store.as_ref();
        let row = store.run(&Scope::vendor(), call.run).await.map_err(|error| unread(error.into()))?;
        let row = row.ok_or_else(|| failed("its run is not there", None))?;
        let (mut claim, mut later, mut agreed) = (None, None, Vec::new());
        let (gathered, field, concerned) = match request.chart.as_str() {
            RequestPaper::NAME => {
                let asked = typed::<RequestPaper>(row).map_err(unread)?;
                let named = &asked.sheet.paper.fund;
                let fund = stored::fund(store, named).await.map_err(|error| absent(error, &no_fund(named), "/fund"))?;
                if takes_more(&asked) {
                    open_to(&fund, &asked.sheet.paper).map_err(|wrong| failed(wrong.message, Some(&wrong.field)))?;
                    still_goes_on(store, &fund).await?;
                }
                let gathered = case::of_amendment(store, &asked, call.now).await.map_err(unread)?;
                let concerned = partners_share(store, &asked).await?;
                later = later_day(&asked, &gathered)?;
                knows_its_claims(&asked, &gathered)?;
                (gathered, "/amount", concerned)
            }
            ClaimPaper::NAME => {
                let claimed = typed::<ClaimPaper>(row).map_err(unread)?;
                let paper = &claimed.sheet.paper;
                let asked = stored::request(store, &paper.request).await;
                let asked = asked.map_err(|error| absent(error, &no_request(&paper.request), "/request"))?;
                claimable(&asked, &claimed)?;
                joint::is_split_as_agreed(&asked, paper).map_err(|wrong| failed(wrong.message, Some(&wrong.field)))?;
                payees_are_agreed(&asked, paper)?;
                let mut concerned = payees_are_known(store, paper).await?;
                stands_still(store, &claimed).await?;
                let files = proof(store, paper).await?;
                claim = Some(paper.clone());
                concerned.extend(audits::auditors(store, claimed.label()).await.map_err(unread)?);
                agreed = apart::agreed(&claimed.row.snapshot);
                let gathered = case::of_claim(store, &claimed, files, call.now).await.map_err(unread)?;
                (gathered, "/amount", concerned)
            }
            other => return Err(failed(format!("`{other}` is not judged by rules"), None)),
        };
        let prove_by = match &claim {
            Some(claim) => proven_by(claim, &gathered)?,
            None => None,
        };
        let (mut assessment, mut also) = self.judged(books, call, &request, gathered).await?;
        // Whoever audits a claim does not vote on it, nor does anybody of a partner who is paid.
        if let Some(barred) = also["partners_people"].as_array_mut() {
            barred.extend(concerned.into_iter().map(|person| json!(person)));
        }
        also["prove_by"] = json!(prove_by);
        also["agreed"] = json!(agreed);
        if let Some(later) = later {
            also["claim_by"] = json!(later.claim_by);
            let asked = later.role.filter(|role| !assessment.approvers.contains(role));
            assessment.approvers.extend(asked);
        }
        let evidence = json!({ "assessment": assessment });
        if assessment.goes_on() && assessment.payable.is_some_and(|payable| payable.minor > 0) {
            if let Some(claim) = &claim {
                read_back(&books.evidence, claim).await?;
            }
            let mut output = evidence;
            if let (Some(output), Some(also)) = (output.as_object_mut(), also.as_object()) {
                output.extend(also.clone());
            }
            return Ok(output);
        }
        Err(Box::new(Attempt::Failed(refusal(&assessment, evidence, field))))
    }

    /// Judges, and keeps the case and the judgement under their hash.
    async fn judged(
        &self,
        books: &Books,
        call: &Call,
        request: &Request,
        gathered: Gathered,
    ) -> Result<(Assessment, Value), Box<Attempt>> {
        let Gathered { case, pack, fund, owner, requested_by, .. } = gathered;
        let partners_people = &case.partner.requesters;
        let world = books.world.borrow().clone();
        let role = CALENDAR_OF.parse().map_err(|_| failed("there is no such role", None))?;
        let calendar = world.calendars.of_role(&role, &call.home.legal_entity);
        let judgement = judge(&case, &pack, calendar).map_err(|wrong| failed(wrong.to_string(), None))?;
        let by = claim_by(&case, &pack, calendar);
        let kept = record::put(books.store.as_ref(), &case, &judgement, &call.label, call.now).await.map_err(unread)?;
        let assessment = Assessment::of(&judgement, &request.hash, &kept, call.now);
        let likeness: Vec<String> = EarlierClaim::of(&case).iter().flat_map(kept_under).collect();
        let mut also = json!({
            "fund": fund,
            "owner": owner,
            "requested_by": requested_by,
            "partners_people": partners_people,
            "claim_by": by,
            "claimable": mdf::claimable(&case, &pack, calendar),
            "likeness": likeness,
        });
        if let Some(asked) = case.request.as_ref().filter(|_| case.claim.is_none()) {
            let unchanged = judgement.verdict(CHANGES).is_some_and(|verdict| verdict.outcome == Outcome::Satisfied);
            also["material"] = json!(!unchanged);
            also["votes"] = json!(asked.votes);
        }
        Ok((assessment, also))
    }
}

/// The keys under which later claims find one.
fn kept_under(claim: &EarlierClaim) -> Vec<String> {
    candidates::kept(claim).into_iter().map(|key| key.to_string()).collect()
}

/// What is said of a request that is not there, or not that of whoever claims.
fn no_request(label: &str) -> String {
    format!("there is no request `{label}`; correct the label")
}

/// What is not there is told in the words for what is not there for this partner, and at the same field.
fn absent(error: DeskError, words: &str, field: &str) -> Box<Attempt> {
    match error {
        DeskError::Store(entente_store::Error::NotFound { .. }) => failed(words, Some(field)),
        error => unread(error),
    }
}

/// Refuses to grant anything of a programme that was closed as a whole.
async fn still_goes_on(store: &dyn Store, fund: &Stored<FundPaper>) -> Result<(), Box<Attempt>> {
    let programme = &fund.sheet.paper.programme;
    let closed = programmes::closed(store, programme).await.map_err(unread)?;
    closed.map_or(Ok(()), |closed| Err(failed(closed.told(programme), Some("/fund"))))
}

/// Whether every claim that the ledger has committed is known to a request that is to be amended: what is held and what claims have
/// taken are all that was granted.
fn knows_its_claims(asked: &Stored<RequestPaper>, gathered: &Gathered) -> Result<(), Box<Attempt>> {
    let (Some(_), Some(granted)) = (asked.sheet.open_amendment(), asked.sheet.course.granted) else { return Ok(()) };
    let Some(request) = &gathered.case.request else { return Ok(()) };
    match request.reserved.plus(request.consumed) {
        Ok(all) if all.minor < granted.minor => {
            let message = "a claim on it is being booked at this moment; propose the change again once it is";
            Err(failed(message, Some("/amount")))
        }
        _ => Ok(()),
    }
}

/// Whether it is to take money out of its fund: what is granted may be amended in a fund that is over, as long as it takes no more.
fn takes_more(asked: &Stored<RequestPaper>) -> bool {
    let granted = asked.sheet.paper.amount.minor;
    asked.sheet.open_amendment().is_none_or(|amendment| amendment.paper.amount.minor > granted)
}

/// The later last day that an amendment asks for, as far as the pack allows it.
fn later_day(asked: &Stored<RequestPaper>, gathered: &Gathered) -> Result<Option<LaterDay>, Box<Attempt>> {
    let Some(until) = asked.sheet.open_amendment().and_then(|amendment| amendment.until) else { return Ok(None) };
    let course = &asked.sheet.course;
    let later = mdf::later_day(&gathered.pack, until, course.claim_by, course.extensions.len());
    later.map(Some).map_err(|why| failed(why.to_string(), Some("/until")))
}

/// Whether a request can be claimed on like this at all.
fn claimable(asked: &Stored<RequestPaper>, claimed: &Stored<ClaimPaper>) -> Result<(), Box<Attempt>> {
    let refuse = |message: String, field: &str| Err(failed(message, Some(field)));
    let claim = &claimed.sheet.paper;
    let (label, paper) = (asked.label(), &asked.sheet.paper);
    if paper.partner != claim.partner || paper.legal_entity != claim.legal_entity {
        // Whose request it is, is nobody else's business.
        return refuse(no_request(label), "/request");
    }
    let Some(granted) = asked.sheet.course.granted else {
        return refuse(format!("request `{label}` is not granted; what was not approved is never paid"), "/request");
    };
    // An advance may have taken all of it: its proof is looked at all the same.
    if !asked.has("money_reserved") && !claimed.sheet.is_proving() {
        return refuse(format!("nothing is held for request `{label}` any longer; it is over"), "/request");
    }
    if claim.currency != granted.currency {
        let currency = granted.currency;
        return refuse(format!("request `{label}` was granted in {currency}; claim in {currency}"), "/currency");
    }
    Ok(())
}

/// The people of everybody who is to bear a share of the cost; all have to be in business.
async fn partners_share(store: &dyn Store, asked: &Stored<RequestPaper>) -> Result<BTreeSet<PersonId>, Box<Attempt>> {
    let mut people = BTreeSet::new();
    let shares = RequestPaper::at_hand(&asked.sheet).shares.iter().flat_map(|shares| &shares.partners);
    for (at, share) in shares.enumerate() {
        let field = format!("/shares/partners/{at}/partner");
        let words = format!("`{}` is no partner in business; correct the name, or share without it", share.partner);
        let known = stored::partner(store, &share.partner).await.map_err(|error| absent(error, &words, &field))?;
        if case::status(&known) != PartnerStatus::Active {
            return Err(failed(words, Some(&field)));
        }
        people.extend(known.sheet.paper.requesters);
    }
    Ok(people)
}

/// Whether a claim pays whom its request was granted for, each the part that was agreed.
fn payees_are_agreed(asked: &Stored<RequestPaper>, claim: &ClaimPaper) -> Result<(), Box<Attempt>> {
    let (label, paper) = (asked.label(), &asked.sheet.paper);
    let Some(shares) = &paper.shares else { return Ok(()) };
    if shares.are_of(&claim.payees) {
        return Ok(());
    }
    if [ClaimKind::Advance, ClaimKind::InKind].contains(&claim.kind) {
        let message =
            format!("request `{label}` is shared, and pays neither in advance nor in kind; claim what it has cost");
        return Err(failed(message, Some("/kind")));
    }
    let agreed = shares.payees().into_iter().map(|one| format!("`{}` with weight {}", one.payee, one.weight));
    let agreed = agreed.collect::<Vec<_>>().join(", ");
    let message = format!("request `{label}` was granted for other payees: {agreed}; write these, or none");
    Err(failed(message, Some("/payees")))
}

/// The people of everybody whom a claim names as a payee; all have to be there: what is owed to nobody could never be paid.
async fn payees_are_known(store: &dyn Store, claim: &ClaimPaper) -> Result<BTreeSet<PersonId>, Box<Attempt>> {
    let mut people = BTreeSet::new();
    for (at, share) in claim.payees.iter().enumerate() {
        let words = format!("there is no payee `{}`; correct the name", share.payee);
        let known = stored::partner(store, &share.payee).await;
        let known = known.map_err(|error| absent(error, &words, &format!("/payees/{at}/payee")))?;
        people.extend(known.sheet.paper.requesters);
    }
    Ok(people)
}

/// Holds a claim that was under way when its partner left; one that was never judged before is new, and refused by the rules. A proof
/// of what was paid in advance is looked at all the same.
async fn stands_still(store: &dyn Store, claimed: &Stored<ClaimPaper>) -> Result<(), Box<Attempt>> {
    if claimed.sheet.is_proving() || claimed.sheet.assessment.is_none() {
        return Ok(());
    }
    let why = frozen::by_partner(store, &claimed.sheet.paper.partner).await.map_err(unread)?;
    why.map_or(Ok(()), |why| {
        Err(Box::new(Attempt::Failed(Failure { class: FailureClass::Conflict, ..rejected(why, Some("/partner")) })))
    })
}

/// The last instant at which an advance may be proven, in the zone of its programme: after the activity, while it may be claimed.
fn proven_by(claim: &ClaimPaper, gathered: &Gathered) -> Result<Option<Timestamp>, Box<Attempt>> {
    let Some(day) = claim.prove_by else { return Ok(None) };
    let refuse = |message: String| Err(failed(message, Some("/prove_by")));
    let ends = gathered.case.request.as_ref().map(|request| request.activity.end);
    if let Some(ends) = ends.filter(|ends| day <= *ends) {
        return refuse(format!("the activity ends on {ends}, and is proven after it; write a later day than {day}"));
    }
    let after = day.tomorrow().ok().map(|day| day.to_datetime(Time::midnight()));
    let Some(by) = after.and_then(|after| gathered.pack.zone.to_timestamp(after).ok()) else {
        return refuse(format!("{day} is beyond the calendar; write an earlier day"));
    };
    match gathered.claim_by.filter(|last| by > *last) {
        Some(last) => refuse(format!("its request may be claimed until {last}; write an earlier day than {day}")),
        None => Ok(Some(by)),
    }
}

/// The files of a claim as the rules see them, where it can stand on them at all.
async fn proof(store: &dyn Store, claim: &ClaimPaper) -> Result<Vec<Evidence>, Box<Attempt>> {
    let records = evidence::recorded(store, claim).await.map_err(unread)?;
    let Some((at, why)) = evidence::unfit(claim, &records) else { return Ok(evidence::model(claim, &records)) };
    let class = if why.may_pass() { FailureClass::Conflict } else { FailureClass::Rejected };
    let field = format!("/evidence/{at}/file");
    Err(Box::new(Attempt::Failed(Failure { class, ..rejected(why.to_string(), Some(&field)) })))
}

/// What is approved is what was handed in: where a file is not there any more as it was, the run is parked and nothing is owed.
async fn read_back(room: &Room, claim: &ClaimPaper) -> Result<(), Box<Attempt>> {
    let Err(wrong) = evidence::read_back(room, claim).await else { return Ok(()) };
    let (code, passes) = match &wrong {
        NotRead::Vault(error) => (Some(error.code().to_owned()), error.is_transient()),
        NotRead::Name(_) => (None, false),
    };
    let why = Failure { class: FailureClass::Transient, code, ..rejected(wrong.to_string(), Some("/evidence")) };
    Err(Box::new(match passes {
        true => Attempt::Retry { after: None, why },
        false => Attempt::Failed(why),
    }))
}

/// Why it cannot go on: the gravest finding, in the rule's own words.
fn refusal(assessment: &Assessment, evidence: Value, field: &str) -> Failure {
    let class = match assessment.decision {
        Decision::Held => FailureClass::Conflict,
        _ => FailureClass::Rejected,
    };
    match assessment.obstacle() {
        Some(reason) => {
            let remedy = if reason.remedy.is_empty() { String::new() } else { format!("; {}", reason.remedy) };
            Failure {
                class,
                message: format!("{}: {}{remedy}", reason.rule, reason.because),
                field: Some(reason.field.clone()).filter(|field| !field.is_empty()),
                code: Some(reason.rule.to_string()),
                evidence,
            }
        }
        None => {
            let bound = assessment.bound_by.map(|rule| format!(" by rule {rule}")).unwrap_or_default();
            let message = format!("nothing of it can be paid{bound}");
            Failure { evidence, ..rejected(message, Some(field)) }
        }
    }
}

#[async_trait]
impl Activity for Assess {
    fn name(&self) -> &'static str {
        ASSESS
    }

    async fn perform(&self, call: &Call) -> Attempt {
        settled(self.assess(call).await)
    }
}
