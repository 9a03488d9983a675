//! A round of approvals: votes, what they bind to, and how the round stands.

use jiff::Timestamp;

use super::{Policy, VoteRefused};
use crate::{
    ids::{PersonId, RoleId},
    policy::approvals::{Projection, Requirement, Round, Subject, Verdict, Vote},
};

/// A person's say, before it is known whether it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ballot {
    /// Who votes.
    pub person: PersonId,
    /// The roles that the person holds himself at this moment. A delegation lends no role.
    pub roles: Vec<RoleId>,
    /// Whom the person stands in for.
    pub on_behalf_of: Option<PersonId>,
    /// The requirement meant; needed only where the person could vote on several.
    pub row: Option<String>,
    /// What the person says.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// The revision that the person saw.
    pub revision: String,
    /// When.
    pub at: Timestamp,
}

/// What a vote brought about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The row it counted for.
    pub row: String,
    /// Whether the row now has the votes it needs.
    pub row_settled: bool,
    /// How the round stands.
    pub outcome: RoundOutcome,
}

/// How a round stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoundOutcome {
    /// Somebody has yet to vote.
    Pending,
    /// Everybody asked has agreed.
    Approved,
    /// Somebody refused for good.
    Declined {
        /// The row.
        row: String,
        /// Who refused.
        person: PersonId,
        /// Why.
        reason: String,
    },
    /// Somebody returned it for changes.
    SentBack {
        /// The row.
        row: String,
        /// Who returned it.
        person: PersonId,
        /// Why.
        reason: String,
    },
}

/// What a changed subject did to a round.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rebased {
    /// Rows that people must look at: new ones, and those that lost a vote.
    pub reopened: Vec<String>,
    /// Rows that the policy no longer asks for.
    pub dropped: Vec<String>,
}

impl Round {
    /// Opens a round.
    pub fn open(policy: &Policy, subject: Subject, requirements: Vec<Requirement>, now: Timestamp) -> Round {
        Round { policy: policy.sha256.clone(), subject, requirements, votes: Vec::new(), opened: now }
    }

    /// Counts a vote, or says why it does not count.
    pub fn vote(&mut self, policy: &Policy, ballot: Ballot) -> Result<Progress, VoteRefused> {
        if self.outcome() != RoundOutcome::Pending {
            return Err(VoteRefused::RoundOver);
        }
        self.check_person(&ballot)?;
        let requirement = self.requirement_for(policy, &ballot)?;
        let row = requirement.row.clone();
        let bound_to = binding(&self.subject, requirement.projection).to_owned();
        self.votes.push(Vote {
            row: row.clone(),
            person: ballot.person,
            on_behalf_of: ballot.on_behalf_of,
            verdict: ballot.verdict,
            reason: ballot.reason,
            revision: ballot.revision,
            bound_to,
            at: ballot.at,
            void: false,
        });
        let row_settled = self.requirements.iter().any(|r| r.row == row && self.settled(r));
        Ok(Progress { row, row_settled, outcome: self.outcome() })
    }

    /// How the round stands.
    pub fn outcome(&self) -> RoundOutcome {
        for vote in self.votes.iter().filter(|vote| !vote.void) {
            let (row, person, reason) = (vote.row.clone(), vote.person.clone(), vote.reason.clone());
            match vote.verdict {
                Verdict::Approve => {}
                Verdict::Reject => return RoundOutcome::Declined { row, person, reason },
                Verdict::SendBack => return RoundOutcome::SentBack { row, person, reason },
            }
        }
        if self.requirements.iter().all(|requirement| self.settled(requirement)) {
            return RoundOutcome::Approved;
        }
        RoundOutcome::Pending
    }

    /// The requirements that still lack votes.
    pub fn waiting(&self) -> impl Iterator<Item = &Requirement> {
        self.requirements.iter().filter(|requirement| !self.settled(requirement))
    }

    /// Whether a requirement has the votes it needs.
    pub fn settled(&self, requirement: &Requirement) -> bool {
        let agreed = self.counting(&requirement.row).filter(|vote| vote.verdict == Verdict::Approve).count();
        u32::try_from(agreed).unwrap_or(u32::MAX) >= requirement.quorum
    }

    /// From now on the escalation role of `row` may vote as well. Nothing is approved by it.
    pub fn escalate(&mut self, row: &str) -> Option<&Requirement> {
        let requirement = self.requirements.iter_mut().find(|requirement| requirement.row == row)?;
        requirement.escalated = requirement.escalate_to.is_some();
        Some(requirement)
    }

    /// Moves the round to a new revision: voids exactly the votes whose projection changed, and those of whoever asks now
    /// or has a hand in it by now. Rows that stay keep their deadlines.
    pub fn rebase(&mut self, policy: &Policy, subject: Subject, requirements: Vec<Requirement>) -> Rebased {
        let mut rebased = Rebased::default();
        for vote in self.votes.iter_mut().filter(|vote| !vote.void) {
            let asked = self.requirements.iter().find(|requirement| requirement.row == vote.row);
            let changed = asked.is_none_or(|requirement| binding(&subject, requirement.projection) != vote.bound_to);
            let barred =
                subject.is_from(&vote.person) || vote.on_behalf_of.as_ref().is_some_and(|who| subject.is_from(who));
            if changed || barred {
                vote.void = true;
                rebased.reopened.push(vote.row.clone());
            }
        }
        let old = std::mem::take(&mut self.requirements);
        self.requirements = requirements.into_iter().map(|new| kept(&old, new)).collect();
        let asked = |row: &str, rows: &[Requirement]| rows.iter().any(|requirement| requirement.row == row);
        rebased.dropped = old.iter().map(|r| r.row.clone()).filter(|row| !asked(row, &self.requirements)).collect();
        rebased.reopened.retain(|row| asked(row, &self.requirements));
        rebased.reopened.extend(self.requirements.iter().map(|r| r.row.clone()).filter(|row| !asked(row, &old)));
        rebased.reopened.sort();
        rebased.reopened.dedup();
        self.policy.clone_from(&policy.sha256);
        self.subject = subject;
        rebased
    }

    /// The votes that agreed and still count, each with what it was asked as.
    pub fn agreed(&self) -> impl Iterator<Item = (&Requirement, &Vote)> {
        let votes = self.votes.iter().filter(|vote| !vote.void && vote.verdict == Verdict::Approve);
        votes.filter_map(|vote| Some((self.requirements.iter().find(|asked| asked.row == vote.row)?, vote)))
    }

    fn counting<'a>(&'a self, row: &'a str) -> impl Iterator<Item = &'a Vote> {
        self.votes.iter().filter(move |vote| !vote.void && vote.row == row)
    }

    fn check_person(&self, ballot: &Ballot) -> Result<(), VoteRefused> {
        if ballot.revision != self.subject.revision {
            let (seen, current) = (ballot.revision.clone(), self.subject.revision.clone());
            return Err(VoteRefused::StaleRevision { seen, current });
        }
        let voices = [Some(&ballot.person), ballot.on_behalf_of.as_ref()];
        match voices.into_iter().flatten().find(|person| self.subject.is_from(person)).cloned() {
            None => Ok(()),
            Some(person) if person == self.subject.requester => Err(VoteRefused::Requester { person }),
            Some(person) => Err(match self.subject.hands.get(&person).cloned() {
                Some(did) => VoteRefused::Concerned { person, did },
                None => VoteRefused::Author { person },
            }),
        }
    }

    fn requirement_for(&self, policy: &Policy, ballot: &Ballot) -> Result<&Requirement, VoteRefused> {
        if let Some(row) = &ballot.row {
            let found = self.requirements.iter().find(|requirement| requirement.row == *row);
            let requirement =
                found.ok_or_else(|| VoteRefused::NoSuchRow { row: row.clone(), open: self.open_rows() })?;
            return self.may_vote(policy, requirement, ballot).map(|()| requirement);
        }
        let may = |requirement: &&Requirement| self.may_vote(policy, requirement, ballot).is_ok();
        let candidates: Vec<&Requirement> = self.requirements.iter().filter(may).collect();
        match candidates.as_slice() {
            [only] => Ok(only),
            [] => Err(self.why_none(policy, ballot)),
            several => {
                let rows = several.iter().map(|requirement| requirement.row.clone()).collect();
                Err(VoteRefused::WhichRow { person: ballot.person.clone(), rows })
            }
        }
    }

    /// The most telling refusal for somebody who may vote on no row.
    fn why_none(&self, policy: &Policy, ballot: &Ballot) -> VoteRefused {
        let mut refusals: Vec<VoteRefused> = self
            .requirements
            .iter()
            .filter_map(|requirement| self.may_vote(policy, requirement, ballot).err())
            .collect();
        let telling =
            refusals.iter().position(|refusal| !matches!(refusal, VoteRefused::NotInRole { .. })).unwrap_or(0);
        if refusals.is_empty() { VoteRefused::RoundOver } else { refusals.swap_remove(telling) }
    }

    fn may_vote(&self, policy: &Policy, requirement: &Requirement, ballot: &Ballot) -> Result<(), VoteRefused> {
        let row = requirement.row.clone();
        let escalation = requirement.escalate_to.iter().filter(|_| requirement.escalated);
        let roles: Vec<&RoleId> = std::iter::once(&requirement.role).chain(escalation).collect();
        let held: Vec<&RoleId> = roles.iter().copied().filter(|role| ballot.roles.contains(role)).collect();
        let Some(first) = held.first() else {
            let roles = roles.iter().map(ToString::to_string).collect();
            return Err(VoteRefused::NotInRole { person: ballot.person.clone(), row, roles });
        };
        if held.iter().all(|role| policy.beyond(role, &self.subject).is_some()) {
            let why = policy.beyond(first, &self.subject).unwrap_or_default();
            return Err(VoteRefused::BeyondAuthority { role: (*first).clone(), row, why });
        }
        let says = |vote: &&Vote| {
            let theirs = [Some(&vote.person), vote.on_behalf_of.as_ref()];
            let ours = [Some(&ballot.person), ballot.on_behalf_of.as_ref()];
            theirs.iter().flatten().any(|person| ours.iter().flatten().any(|own| own == person))
        };
        if let Some(vote) = self.counting(&requirement.row).find(says) {
            return Err(VoteRefused::AlreadyVoted { person: vote.person.clone(), row });
        }
        if self.settled(requirement) {
            return Err(VoteRefused::RowSettled { row });
        }
        let elsewhere = self.votes.iter().filter(|vote| policy.distinct_people && !vote.void);
        if let Some(vote) = elsewhere.filter(|vote| vote.row != row).find(says) {
            return Err(VoteRefused::OtherDuty { person: vote.person.clone(), other: vote.row.clone(), row });
        }
        Ok(())
    }

    fn open_rows(&self) -> Vec<String> {
        self.waiting().map(|requirement| requirement.row.clone()).collect()
    }
}

/// What a vote binds to: the projection's hash, or the full revision's where the subject classifies nothing under it.
fn binding(subject: &Subject, projection: Projection) -> &str {
    subject.projections.get(&projection).unwrap_or(&subject.revision)
}

fn kept(old: &[Requirement], new: Requirement) -> Requirement {
    match old.iter().find(|requirement| requirement.row == new.row && requirement.role == new.role) {
        Some(before) => Requirement {
            remind_at: before.remind_at,
            escalate_at: before.escalate_at,
            escalated: before.escalated && new.escalate_to == before.escalate_to,
            ..new
        },
        None => new,
    }
}
