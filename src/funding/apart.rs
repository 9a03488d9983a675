//! Different people ask, check, agree and pay (rule Y1): who has a hand in what a payout run pays.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    context::funding::{Agreed, BankReference, ClaimPaper, PAYABLE_KEY, PartnerPaper, PayoutPaper, Sheet},
    ids::PersonId,
    mdf::{Pack, Separation, model::Duties},
    policy::approvals,
    run::Snapshot,
};
use entente_store::Store;
use jiff::Timestamp;

use super::{
    beside::audits,
    debt::Debt,
    month_review,
    stored::{self, Stored},
};
use crate::offers::DeskError;

/// The roles by which the two duties over a claim are known, where a policy asks for them.
const CHECKS: &str = "claim_validator";
const AGREES: &str = "finance_approver";

/// What people did for what a run pays: who did what first, and in how many payments besides.
#[derive(Debug, Default)]
pub struct Hands(BTreeMap<PersonId, (String, BTreeSet<String>)>);

impl Hands {
    fn add(&mut self, person: &PersonId, claim: &str, did: impl Into<String>) {
        let known = self.0.entry(person.clone()).or_insert_with(|| (did.into(), BTreeSet::new()));
        known.1.insert(claim.to_owned());
    }

    /// Takes in what was found of another payment.
    pub fn extend(&mut self, others: &Hands) {
        for (person, (did, claims)) in &others.0 {
            let known = self.0.entry(person.clone()).or_insert_with(|| (did.clone(), BTreeSet::new()));
            known.1.extend(claims.iter().cloned());
        }
    }

    /// In words that follow each person's name.
    pub fn in_words(self) -> BTreeMap<PersonId, String> {
        let words = |(did, claims): (String, BTreeSet<String>)| match claims.len() {
            0 | 1 => did,
            several => format!("{did}, and has a hand in {} more of it,", several - 1),
        };
        self.0.into_iter().map(|(person, known)| (person, words(known))).collect()
    }
}

/// Who agreed in the round of a run that was decided last, and as what.
pub fn agreed(snapshot: &Snapshot) -> Vec<Agreed> {
    let Some(round) = &snapshot.approvals else { return Vec::new() };
    let as_what = |(asked, vote): (&approvals::Requirement, &approvals::Vote)| {
        let (person, on_behalf_of) = (vote.person.clone(), vote.on_behalf_of.clone());
        Agreed { role: asked.role.clone(), person, on_behalf_of }
    };
    round.agreed().map(as_what).collect()
}

/// Who agreed to what a claim owes. An older program did not note it: then whoever the last round asked, where that was about the claim
/// as it was committed.
fn agreed_to(claim: &Stored<ClaimPaper>) -> Vec<Agreed> {
    let course = &claim.sheet.course;
    if !course.agreed.is_empty() {
        return course.agreed.clone();
    }
    let round = claim.row.snapshot.approvals.as_ref();
    match round.is_some_and(|round| Some(&round.subject.revision) == course.approved_revision.as_ref()) {
        true => agreed(&claim.row.snapshot),
        false => Vec::new(),
    }
}

/// Who agreed to how a dispute of a claim was settled, in their own name or for somebody.
fn settled_by(claim: &Stored<ClaimPaper>) -> BTreeSet<PersonId> {
    let agreed = claim.sheet.course.disputes.iter().flat_map(|dispute| &dispute.agreed);
    agreed.flat_map(|one| std::iter::once(&one.person).chain(&one.on_behalf_of)).cloned().collect()
}

/// Everybody with a hand in the payment of what a claim or an order owes to a payee.
///
/// # Errors
/// With the reason, where rule Y1 lets nobody pay it; the outer error when the records cannot be read.
pub async fn hands(
    store: &dyn Store,
    debt: &Debt,
    (payee, bank): (&Sheet<PartnerPaper>, &BankReference),
    pack: &Pack,
    now: Timestamp,
) -> Result<Result<Hands, String>, DeskError> {
    let (mut hands, label) = (Hands::default(), debt.label());
    if let Debt::Claim(claim) = debt
        && let Err(why) = of_claim(store, &mut hands, claim, pack, now).await?
    {
        return Ok(Err(why));
    }
    for person in debt.people() {
        hands.add(&person, label, format!("has a hand in `{label}`"));
    }
    let name = &payee.paper.partner;
    for person in &payee.paper.requesters {
        hands.add(person, label, format!("may ask for the money of partner `{name}`"));
    }
    hands.add(&bank.by, label, format!("entered the bank details of partner `{name}`"));
    if let Some(person) = &bank.confirmed_by {
        hands.add(person, label, format!("confirmed the bank details of partner `{name}`"));
    }
    Ok(Ok(hands))
}

/// Those of a claim: whoever asked, wrote, submitted or audited it, and, as far as the rule keeps them apart, whoever agreed.
async fn of_claim(
    store: &dyn Store,
    hands: &mut Hands,
    claim: &Stored<ClaimPaper>,
    pack: &Pack,
    now: Timestamp,
) -> Result<Result<(), String>, DeskError> {
    let label = claim.label();
    let asked = stored::request(store, &claim.sheet.paper.request).await?;
    if let Some(person) = &asked.sheet.course.requested_by {
        hands.add(person, label, format!("asked for the money of `{label}`"));
    }
    for person in &claim.sheet.authors {
        hands.add(person, label, format!("wrote `{label}`"));
    }
    for person in audits::auditors(store, label).await? {
        hands.add(&person, label, format!("audited `{label}`"));
    }
    if let Err(why) = keep_apart(store, hands, claim, pack, now).await? {
        return Ok(Err(why));
    }
    let partner = stored::partner(store, &claim.sheet.paper.partner).await?.sheet.paper;
    for person in claim.sheet.course.submitted_by.intersection(&partner.requesters) {
        hands.add(person, label, format!("may ask for the money of partner `{}`", partner.partner));
    }
    Ok(Ok(()))
}

/// Adds whoever agreed to a claim, or to how a dispute of it was settled, and may not pay it by rule Y1 of its pack.
async fn keep_apart(
    store: &dyn Store,
    hands: &mut Hands,
    claim: &Stored<ClaimPaper>,
    pack: &Pack,
    now: Timestamp,
) -> Result<Result<(), String>, DeskError> {
    let (label, approved) = (claim.label(), claim.sheet.course.approved);
    let Some(separation) = approved.and_then(|approved| pack.separation(approved)) else { return Ok(Ok(())) };
    let agreed = agreed_to(claim);
    let people: BTreeSet<&PersonId> = agreed.iter().map(|one| &one.person).collect();
    let alone = people.first().filter(|_| agreed.len() > 1 && people.len() == 1);
    let reviewed = match separation.small_team {
        true => {
            let last = month_review::last(store, &claim.sheet.paper.legal_entity).await?;
            Separation::is_reviewed(last, pack.zone.to_datetime(now).date())
        }
        false => false,
    };
    if let Some(person) = alone.filter(|_| !separation.small_team) {
        return Ok(Err(format!("`{person}` alone has checked it and agreed to it, and rule Y1 asks for two people")));
    }
    if separation.small_team && reviewed && alone.is_none() {
        return Ok(Ok(()));
    }
    let unless = match separation.small_team && !reviewed {
        true => ", and nobody has reviewed what its small team decided (`entente review month`),",
        false => "",
    };
    for one in &agreed {
        let did = if one.role.as_str() == CHECKS { "checked the proof of" } else { "agreed to the money of" };
        for person in std::iter::once(&one.person).chain(&one.on_behalf_of) {
            hands.add(person, label, format!("{did} `{label}`{unless}"));
        }
    }
    for person in settled_by(claim) {
        let did =
            format!("agreed to how a dispute of `{label}` was settled, which rule Y1 keeps apart from its payout");
        hands.add(&person, label, format!("{did}{}", if unless.is_empty() { "," } else { unless }));
    }
    Ok(Ok(()))
}

/// Who did what so far: for the claim, for the bank details of its payees, and in the runs that pay it.
///
/// # Errors
/// When the records cannot be read.
pub(super) async fn duties(
    store: &dyn Store,
    claim: &Stored<ClaimPaper>,
    requester: &PersonId,
) -> Result<Duties, DeskError> {
    let agreed = agreed_to(claim);
    let by_role = |role: &str| agreed.iter().find(|one| one.role.as_str() == role);
    let validator = by_role(CHECKS).or_else(|| agreed.first().filter(|one| one.role.as_str() != AGREES));
    let finance = by_role(AGREES).or_else(|| agreed.iter().rfind(|one| Some(*one) != validator));
    let (mut beneficiaries, mut bank) = (BTreeSet::new(), None);
    let mut payers = BTreeSet::new();
    for payable in &claim.sheet.course.payables {
        let payee = stored::partner(store, &payable.payee).await?;
        beneficiaries.extend(payee.sheet.paper.requesters.iter().cloned());
        bank = payee.sheet.course.bank.clone().or(bank);
        let key = format!("{}/{}", claim.label(), payable.payee);
        for run in stored::by_key::<PayoutPaper>(store, PAYABLE_KEY, &key).await? {
            payers.extend(self::agreed(&run.row.snapshot).into_iter().map(|one| one.person));
        }
    }
    Ok(Duties {
        requester: requester.clone(),
        validator: validator.map(|one| one.person.clone()),
        finance: finance.map(|one| one.person.clone()),
        settled_by: settled_by(claim),
        payer: payers.pop_first(),
        payers_besides: payers,
        bank_editor: bank.as_ref().map(|bank| bank.by.clone()),
        bank_confirmer: bank.and_then(|bank| bank.confirmed_by),
        beneficiaries,
        reviewed_month: month_review::last(store, &claim.sheet.paper.legal_entity).await?,
    })
}
