//! The one activity that the step performs itself: a round of approvals.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    StepError, VOTE,
    outcome::{error_branch, unhandled},
    walk::{Halt, Walk},
};
use crate::{
    chart::lint::APPROVALS,
    event::{Body, Event, Failure, FailureClass, Outcome, TimerKey},
    ids::InvokeId,
    policy::{
        Ballot, RoundOutcome,
        approvals::{Requirement, Round, Subject, Verdict, Vote},
    },
    run::{Command, Snapshot, TaskSpec},
};

/// The owner of a round's tasks: no state can be called so.
const ROUND: &str = "approval/";
/// The notice that asks people for an approval.
const ASKED: &str = "approval.asked";
/// The notice that reminds people of an open approval.
const REMINDER: &str = "approval.reminder";
/// The notice that tells people of an escalated one.
const ESCALATED: &str = "approval.escalated";

/// The data of a vote.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VoteData {
    #[serde(default)]
    row: Option<String>,
    verdict: Verdict,
    #[serde(default)]
    reason: String,
    revision: String,
}

/// The invocation whose round is under way.
pub(in crate::chart) fn open_invoke(snapshot: &Snapshot) -> Option<InvokeId> {
    snapshot.invokes.iter().find(|(_, open)| open.activity == APPROVALS && !open.orphaned).map(|(id, _)| *id)
}

/// Whether a timer reminds people of a round, or escalates it.
pub(in crate::chart) fn is_round_timer(key: &TimerKey) -> bool {
    key.0.strip_prefix(ROUND).is_some_and(|rest| rest.ends_with("/remind") || rest.ends_with("/escalate"))
}

fn task_key(row: &str) -> String {
    format!("approval/{row}")
}

fn escalated_key(row: &str) -> String {
    format!("approval/{row}/escalated")
}

fn timer_key(row: &str, what: &str) -> TimerKey {
    TimerKey(format!("approval/{row}/{what}"))
}

impl Walk<'_> {
    /// Opens a round for the context's present revision.
    pub fn open_round(&mut self) -> Result<(), Halt> {
        let subject = self.context().subject(&self.run.context)?;
        let (policy, calendars) = (self.world.policy, self.world.calendars);
        let requirements = policy.evaluate(&subject, calendars, &self.run.home, self.now)?;
        let round = Round::open(policy, subject, requirements, self.now);
        for requirement in &round.requirements {
            self.ask_for(requirement, &round);
            self.arm_requirement(requirement);
        }
        self.run.approvals = Some(round);
        Ok(())
    }

    /// Counts a vote.
    pub fn vote(&mut self, event: &Event, data: &Value) -> Result<(), Halt> {
        let actor = event.actor.as_ref().ok_or_else(|| StepError::NoActor { event: VOTE.into() })?;
        let vote = VoteData::deserialize(data).map_err(|error| StepError::BadVote { why: error.to_string() })?;
        let ballot = Ballot {
            person: actor.person.clone(),
            roles: actor.roles.clone(),
            on_behalf_of: actor.on_behalf_of.clone(),
            row: vote.row,
            verdict: vote.verdict,
            reason: vote.reason,
            revision: vote.revision,
            at: self.now,
        };
        let Some(round) = &mut self.run.approvals else { return Ok(()) };
        let progress = round.vote(self.world.policy, ballot).map_err(StepError::from)?;
        self.via.push(VOTE.into());
        if progress.row_settled {
            self.close_row(&progress.row);
        }
        Ok(())
    }

    /// Lets an open round follow the context's revision: votes whose projection changed are void, and people are asked anew.
    pub fn rebase_approvals(&mut self) -> Result<(), Halt> {
        if open_invoke(&self.run).is_none() {
            return Ok(());
        }
        let subject = self.context().subject(&self.run.context)?;
        let (policy, calendars) = (self.world.policy, self.world.calendars);
        let Some(round) = &mut self.run.approvals else { return Ok(()) };
        // Somebody may have got a hand in it without changing it.
        let people = |subject: &Subject| (subject.requester.clone(), subject.authors.clone());
        if round.subject.revision == subject.revision && people(&round.subject) == people(&subject) {
            return Ok(());
        }
        let requirements = policy.evaluate(&subject, calendars, &self.run.home, self.now)?;
        let rebased = round.rebase(policy, subject, requirements);
        let round = round.clone();
        self.close_tasks(|owner| owner == ROUND);
        for row in rebased.dropped.iter().chain(&rebased.reopened) {
            self.disarm_row(row);
        }
        for requirement in round.waiting() {
            self.ask_for(requirement, &round);
            if rebased.reopened.contains(&requirement.row) {
                self.arm_requirement(requirement);
            }
        }
        self.via.push("approval.rebase".into());
        Ok(())
    }

    /// A reminder or an escalation; says whether the timer was one.
    pub fn approval_timer(&mut self, key: &TimerKey) -> Result<bool, Halt> {
        let Some((row, what)) = key.0.strip_prefix("approval/").and_then(|rest| rest.rsplit_once('/')) else {
            return Ok(false);
        };
        let Some(mut round) = self.run.approvals.clone().filter(|_| open_invoke(&self.run).is_some()) else {
            return Ok(false);
        };
        let requirement = match what {
            "escalate" => round.escalate(row),
            _ => round.requirements.iter().find(|requirement| requirement.row == row),
        };
        let Some(requirement) = requirement.cloned() else { return Ok(true) };
        let notice = if what == "escalate" { ESCALATED } else { REMINDER };
        self.via.push(notice.into());
        self.commands.push(Command::Notify { notice: notice.into(), data: told(&requirement, &round) });
        if let Some(role) = requirement.escalate_to.as_ref().filter(|_| what == "escalate") {
            let task =
                TaskSpec { key: escalated_key(row), role: role.clone(), due: None, ..task(&requirement, &round) };
            self.run.tasks.insert(task.key.clone(), ROUND.into());
            self.commands.push(Command::Ask { task });
        }
        self.run.approvals = Some(round);
        Ok(true)
    }

    /// Ends the invocation of a round that has been decided; says whether there was one.
    pub fn close_decided_round(&mut self, event: &Event) -> Result<bool, Halt> {
        let Some(id) = open_invoke(&self.run) else { return Ok(false) };
        let outcome = match self.run.approvals.as_ref().map(|round| (round, round.outcome())) {
            None | Some((_, RoundOutcome::Pending)) => return Ok(false),
            Some((round, RoundOutcome::Approved)) => Outcome::Done { output: approved(round) },
            Some((round, RoundOutcome::Declined { row, person, reason })) => {
                refused(round, FailureClass::Declined, &row, person.as_str(), &reason)
            }
            Some((round, RoundOutcome::SentBack { row, person, reason })) => {
                refused(round, FailureClass::SentBack, &row, person.as_str(), &reason)
            }
        };
        let Some(open) = self.run.invokes.remove(&id) else { return Ok(false) };
        self.close_approvals();
        let result = Event {
            source: APPROVALS.into(),
            id: id.to_string(),
            actor: event.actor.clone(),
            body: Body::Result { invoke: id, outcome: outcome.clone() },
        };
        let Some(invoke) = &self.state_at(&open.state)?.invoke else { return Ok(false) };
        let (label, list) = match &outcome {
            Outcome::Done { .. } => ("onDone".to_owned(), &invoke.on_done),
            Outcome::Failed(failure) => {
                error_branch(invoke, failure.class).ok_or_else(|| unhandled(None, APPROVALS, failure))?
            }
        };
        let before = std::mem::take(&mut self.run.context);
        self.absorb(&before, &result, Some(APPROVALS))?;
        self.fire(&label, list, &result)?;
        Ok(true)
    }

    /// Takes back what a round has asked of people: its tasks and timers. The round itself stays as evidence.
    pub fn close_approvals(&mut self) {
        let rows: Vec<String> =
            self.run.approvals.iter().flat_map(|round| &round.requirements).map(|r| r.row.clone()).collect();
        for row in &rows {
            self.disarm_row(row);
        }
        self.close_tasks(|owner| owner == ROUND);
    }

    fn close_row(&mut self, row: &str) {
        self.disarm_row(row);
        let keys = [task_key(row), escalated_key(row)];
        let tasks: Vec<String> = keys.into_iter().filter(|key| self.run.tasks.remove(key).is_some()).collect();
        if !tasks.is_empty() {
            self.commands.push(Command::Close { tasks });
        }
    }

    fn disarm_row(&mut self, row: &str) {
        self.run.timers.remove(&timer_key(row, "remind"));
        self.run.timers.remove(&timer_key(row, "escalate"));
    }

    fn arm_requirement(&mut self, requirement: &Requirement) {
        let deadlines = [("remind", requirement.remind_at), ("escalate", requirement.escalate_at)];
        for (what, due) in deadlines {
            if let Some(due) = due {
                self.run.timers.insert(timer_key(&requirement.row, what), due);
            }
        }
    }

    fn ask_for(&mut self, requirement: &Requirement, round: &Round) {
        let escalation = requirement.escalate_to.as_ref().filter(|_| requirement.escalated);
        let mut tasks = vec![task(requirement, round)];
        if let Some(role) = escalation {
            tasks.push(TaskSpec {
                key: escalated_key(&requirement.row),
                role: role.clone(),
                due: None,
                ..task(requirement, round)
            });
        }
        self.commands.push(Command::Notify { notice: ASKED.into(), data: told(requirement, round) });
        for task in tasks {
            self.run.tasks.insert(task.key.clone(), ROUND.into());
            self.commands.push(Command::Ask { task });
        }
    }
}

/// What a notice about a requirement says.
fn told(requirement: &Requirement, round: &Round) -> Value {
    json!({
        "row": requirement.row, "role": requirement.role, "escalate_to": requirement.escalate_to,
        "because": requirement.because, "revision": round.subject.revision,
        "requester": round.subject.requester, "authors": round.subject.authors,
    })
}

fn task(requirement: &Requirement, round: &Round) -> TaskSpec {
    TaskSpec {
        key: task_key(&requirement.row),
        kind: "approval".into(),
        title: format!("approve, reject or send back: {}", requirement.because),
        role: requirement.role.clone(),
        assignee: None,
        revision: Some(round.subject.revision.clone()),
        due: requirement.escalate_at.or(requirement.remind_at),
        detail: json!({
            "row": requirement.row,
            "projection": requirement.projection,
            "quorum": requirement.quorum,
            "requester": round.subject.requester,
            "authors": round.subject.authors,
            "facts": round.subject.facts,
        }),
    }
}

fn approved(round: &Round) -> Value {
    let agreed: Vec<Value> = round.agreed().map(|(asked, vote)| said(asked, vote)).collect();
    let (revision, rows) = (&round.subject.revision, round.requirements.len());
    json!({ "revision": revision, "policy": round.policy, "rows": rows, "agreed": agreed })
}

/// Who agreed, and as what.
fn said(asked: &Requirement, vote: &Vote) -> Value {
    json!({ "role": asked.role, "person": vote.person, "on_behalf_of": vote.on_behalf_of })
}

fn refused(round: &Round, class: FailureClass, row: &str, person: &str, reason: &str) -> Outcome {
    let verb = if class == FailureClass::Declined { "refused" } else { "sent back" };
    let why = if reason.is_empty() { "no reason given" } else { reason };
    Outcome::Failed(Failure {
        class,
        message: format!("`{person}` {verb} it on `{row}`: {why}"),
        field: None,
        code: None,
        evidence: json!({ "row": row, "person": person, "reason": reason, "revision": round.subject.revision }),
    })
}
