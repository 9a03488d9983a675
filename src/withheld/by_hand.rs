//! What people did at a marketplace while a connection only recorded what it would send.
//!
//! Offers show once a buyer has accepted them: what marketplaces list to a connection is agreements.

use std::collections::BTreeSet;

use entente_core::{
    offer::{Offer, revision},
    policy::approvals::Projection,
};
use entente_port::{AgreementStatus, ChangeState, Difference, InvoiceKind, Observation, Write};
use entente_store::Store;
use jiff::Timestamp;
use serde::Serialize;

use super::Held;
use crate::{connectors::Connection, observe};

/// Pages of agreements read for one comparison, at most.
const PAGES_MAX: u32 = 200;

/// What became of a withheld write at the marketplace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "meanwhile", rename_all = "snake_case")]
pub enum Meanwhile {
    /// People did the same.
    DoneByHand {
        /// What they made, or changed.
        object: String,
    },
    /// People did something like it.
    Differs {
        /// What they made.
        object: String,
        /// In what it differs from the write.
        differences: Vec<Difference>,
    },
    /// Nothing of the kind is there.
    NotThere,
    /// What can be read does not tell.
    Unknown {
        /// Why not.
        reason: String,
    },
}

impl Meanwhile {
    /// One line about it.
    pub fn words(&self) -> String {
        match self {
            Meanwhile::DoneByHand { object } => format!("done by hand: {object}"),
            Meanwhile::Differs { object, differences } => {
                let fields: Vec<&str> = differences.iter().map(|difference| difference.field.as_str()).collect();
                format!("differs in {}: {object}", fields.join(", "))
            }
            Meanwhile::NotThere => "not there".to_owned(),
            Meanwhile::Unknown { reason } => format!("not known: {reason}"),
        }
    }
}

/// An offer that somebody made without us, with the agreement by which it was seen.
struct Foreign {
    agreement: String,
    offer: String,
    product: Option<String>,
    buyer: String,
    accepted_at: Timestamp,
}

/// Compares the withheld writes of one connection, the longest held first, with what stands at the marketplace. Only reads.
///
/// # Errors
/// When the database cannot be read. What the marketplace does not answer is said in its place.
pub async fn compare(
    store: &dyn Store,
    connection: &Connection,
    held: &[&Held],
    now: Timestamp,
) -> entente_store::Result<Vec<Meanwhile>> {
    let mut comparison = Comparison { connection, now, foreign: None, taken: BTreeSet::new() };
    let since = held.iter().map(|held| held.since).min().unwrap_or(now);
    let mut all = Vec::new();
    for held in held {
        let unknown = || Meanwhile::Unknown { reason: "this binary cannot read the write".to_owned() };
        all.push(match held.write(store).await? {
            None => unknown(),
            Some(Write::CreateOffer { offer }) => {
                if comparison.foreign.is_none() {
                    comparison.foreign = Some(foreign(store, connection, since).await?);
                }
                comparison.offer(&offer, held.since).await
            }
            Some(write) => comparison.other(&write, held.since).await,
        });
    }
    Ok(all)
}

struct Comparison<'a> {
    connection: &'a Connection,
    now: Timestamp,
    foreign: Option<Result<Vec<Foreign>, String>>,
    /// Agreements that stand for one of our writes already.
    taken: BTreeSet<String>,
}

impl Comparison<'_> {
    /// The offer by hand that is most like ours.
    async fn offer(&mut self, ours: &Offer, since: Timestamp) -> Meanwhile {
        let foreign = match &self.foreign {
            Some(Ok(foreign)) => foreign,
            Some(Err(reason)) => return Meanwhile::Unknown { reason: reason.clone() },
            None => return Meanwhile::NotThere,
        };
        let mut best: Option<(&Foreign, Vec<Difference>)> = None;
        for theirs in
            foreign.iter().filter(|theirs| theirs.could_be(ours, since) && !self.taken.contains(&theirs.agreement))
        {
            let remote = match self.connection.marketplace.offer(&theirs.offer).await {
                Ok(remote) => remote,
                Err(error) => return unread(&error),
            };
            let differences = self.connection.marketplace.differences(ours, &remote);
            let differences: Vec<Difference> = differences.into_iter().filter(binds).collect();
            if best.as_ref().is_none_or(|(_, least)| differences.len() < least.len()) {
                best = Some((theirs, differences));
            }
        }
        let Some((theirs, differences)) = best else { return Meanwhile::NotThere };
        let object = format!("offer {}, agreement {}", theirs.offer, theirs.agreement);
        if !differences.is_empty() {
            return Meanwhile::Differs { object, differences };
        }
        self.taken.insert(theirs.agreement.clone());
        Meanwhile::DoneByHand { object }
    }

    /// A write about something that stands at the marketplace already.
    async fn other(&self, write: &Write, since: Timestamp) -> Meanwhile {
        let marketplace = &self.connection.marketplace;
        match write {
            Write::WithdrawOffer { offer_id }
            | Write::ExtendOffer { offer_id, .. }
            | Write::AmendOffer { offer_id, .. } => match marketplace.offer(offer_id).await {
                Ok(remote) => match marketplace.holds(write, &remote, self.now) {
                    Some(true) => Meanwhile::DoneByHand { object: format!("offer {offer_id}") },
                    Some(false) => Meanwhile::NotThere,
                    None => Meanwhile::Unknown { reason: "the offer does not tell".to_owned() },
                },
                Err(error) => unread(&error),
            },
            Write::ChangeFunding { application_id, change } => match marketplace.funding(application_id).await {
                Ok(remote) => match marketplace.funding_holds(change, &remote) {
                    Some(true) => Meanwhile::DoneByHand { object: format!("application {application_id}") },
                    Some(false) => Meanwhile::NotThere,
                    None => Meanwhile::Unknown { reason: "the application does not tell".to_owned() },
                },
                Err(error) => unread(&error),
            },
            Write::ApplyForFunding { .. } => {
                Meanwhile::Unknown { reason: "an application without our key tells nothing".to_owned() }
            }
            Write::CancelAgreement { agreement_id, .. } => match marketplace.agreement(agreement_id).await {
                Ok(agreement) if agreement.status == AgreementStatus::Active => Meanwhile::NotThere,
                Ok(_) => Meanwhile::DoneByHand { object: format!("agreement {agreement_id}") },
                Err(error) => unread(&error),
            },
            Write::AdjustBilling { agreement_id, amount, .. } => match marketplace.invoices_of(agreement_id).await {
                Ok(page) => {
                    let back = |kind: InvoiceKind| kind == InvoiceKind::CreditMemo;
                    let mut papers = page.invoices.iter().filter(|paper| back(paper.kind) && paper.issued_at >= since);
                    let first = papers.clone().next();
                    match papers.find(|paper| paper.amount == *amount).or(first) {
                        None => Meanwhile::NotThere,
                        Some(paper) if paper.amount == *amount => {
                            Meanwhile::DoneByHand { object: format!("credit memo {}", paper.id) }
                        }
                        Some(paper) => Meanwhile::Differs {
                            object: format!("credit memo {}", paper.id),
                            differences: vec![Difference {
                                field: "/amount".to_owned(),
                                ours: amount.to_string(),
                                theirs: paper.amount.to_string(),
                            }],
                        },
                    }
                }
                Err(error) => unread(&error),
            },
            Write::WithdrawPayment { request, .. } => match marketplace.change(request).await {
                Ok(ChangeState::Pending | ChangeState::AwaitingBuyer { .. }) => Meanwhile::NotThere,
                Ok(_) => Meanwhile::DoneByHand { object: format!("payment request {}", request.0) },
                Err(error) => unread(&error),
            },
            Write::CreateOffer { .. } | Write::RequestPayment { .. } => {
                Meanwhile::Unknown { reason: "it cannot be compared".to_owned() }
            }
        }
    }
}

impl Foreign {
    /// The same product for the same buyer, accepted since ours was held back.
    fn could_be(&self, ours: &Offer, since: Timestamp) -> bool {
        let product = self.product.as_ref().is_none_or(|product| *product == ours.product.id);
        product && ours.buyer.accounts.contains(&self.buyer) && self.accepted_at >= since
    }
}

/// Whether a difference is about the deal: what an offer is called may differ.
fn binds(difference: &Difference) -> bool {
    revision::classes(&difference.field).iter().any(|class| *class != Projection::Administrative)
}

fn unread(error: &entente_port::Error) -> Meanwhile {
    Meanwhile::Unknown { reason: format!("the marketplace could not be read: {error}") }
}

/// Agreements accepted since then on offers that no run of ours made; what the marketplace does not answer is an inner error.
async fn foreign(
    store: &dyn Store,
    connection: &Connection,
    since: Timestamp,
) -> entente_store::Result<Result<Vec<Foreign>, String>> {
    let (mut found, mut from) = (Vec::new(), since);
    for _ in 0..PAGES_MAX {
        let page = match connection.marketplace.agreements_since(from).await {
            Ok(page) => page,
            Err(error) => return Ok(Err(format!("the agreements could not be read: {error}"))),
        };
        for observation in page.observations {
            let Observation::Agreement(agreement) = observation else { continue };
            let Some(offer) = agreement.offer_id.clone() else { continue };
            if !observe::concerned(store, connection, &agreement).await?.is_empty() {
                continue;
            }
            found.push(Foreign {
                agreement: agreement.id,
                offer,
                product: agreement.product_id,
                buyer: agreement.buyer_account,
                accepted_at: agreement.accepted_at,
            });
        }
        from = from.max(page.read_to);
        if !page.more {
            break;
        }
    }
    found.sort_by(|a, b| (a.accepted_at, &a.agreement).cmp(&(b.accepted_at, &b.agreement)));
    found.dedup_by(|a, b| a.agreement == b.agreement);
    Ok(Ok(found))
}
