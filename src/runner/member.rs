//! From a decision of the core to one member of a commit.

use entente_core::{
    audit,
    event::{Event, Failure, FailureClass},
    ids::{Fence, InvokeId},
    run::{Command, Decision, Snapshot},
};
use entente_store::{Consumed, Intent, Member, Message, RecoveryClass, RunKey, Start, Verdict};
use jiff::Timestamp;
use serde_json::Value;

use super::performing::{Performance, Performing};
use crate::activities::{Activities, Route};

/// A member of a commit, and what must happen in memory once it is durable.
pub struct Prepared {
    /// For the store.
    pub member: Member,
    /// Invocations that failed before anything could be sent.
    pub stillborn: Vec<(InvokeId, Failure)>,
    /// Its local intents, taken on before anybody can read them in the database.
    pub performances: Vec<Performance>,
    /// Runs that the run has started, those of this step as far as they are prepared.
    started: usize,
}

/// Where a step builds on: the fence of its shard and the head of its chain.
#[derive(Debug, Clone, Copy)]
pub struct Base {
    /// The shard's fencing token.
    pub fence: Fence,
    /// Hash of the run's previous history row.
    pub head: [u8; 32],
    /// Business time of the step.
    pub at: Timestamp,
}

/// Turns a decision into a member.
pub fn prepare(
    decision: &Decision,
    base: Base,
    activities: &Activities,
    keys: Option<Vec<RunKey>>,
    consumed: Option<(Consumed, Verdict)>,
    closed: Option<InvokeId>,
) -> Result<Prepared, serde_json::Error> {
    let record = serde_json::to_string(&decision.record)?;
    let run = decision.snapshot.run;
    let hash = audit::row_hash(&audit::Fingerprint(base.head), run, decision.record.seq, record.as_bytes()).0;
    let mut prepared = Prepared {
        member: Member {
            snapshot: decision.snapshot.clone(),
            fence: base.fence,
            record,
            at: base.at,
            prev_hash: base.head,
            hash,
            consumed,
            closed,
            intents: Vec::new(),
            voids: Vec::new(),
            retries: Vec::new(),
            arm: Vec::new(),
            disarm: Vec::new(),
            sends: Vec::new(),
            tasks: Vec::new(),
            closed_tasks: Vec::new(),
            notices: Vec::new(),
            postings: Vec::new(),
            keys,
        },
        stillborn: Vec::new(),
        performances: Vec::new(),
        started: decision.snapshot.children.len() - starts(decision),
    };
    for (n, command) in decision.record.commands.iter().enumerate() {
        prepared.add(u32::try_from(n).unwrap_or(u32::MAX), command, decision, base.at, activities)?;
    }
    Ok(prepared)
}

/// A notice says which run it is about, and whose: only people of that legal entity are told.
fn addressed(data: &Value, snapshot: &Snapshot) -> Value {
    let mut fields = data.as_object().cloned().unwrap_or_default();
    fields.entry("label").or_insert_with(|| snapshot.label.clone().into());
    fields.entry("legal_entity").or_insert_with(|| snapshot.home.legal_entity.as_str().into());
    Value::Object(fields)
}

fn starts(decision: &Decision) -> usize {
    decision.record.commands.iter().filter(|command| matches!(command, Command::Start { .. })).count()
}

impl Prepared {
    /// Takes its local intents on.
    pub fn take_on(&mut self, performing: &Performing) {
        let run = self.member.snapshot.run;
        let local = self.member.intents.iter().filter(|intent| intent.account.is_none());
        self.performances.extend(local.filter_map(|intent| performing.take_on(run, intent.invoke)));
    }

    fn add(
        &mut self,
        n: u32,
        command: &Command,
        decision: &Decision,
        at: Timestamp,
        activities: &Activities,
    ) -> Result<(), serde_json::Error> {
        let member = &mut self.member;
        match command {
            Command::Invoke { invoke, activity, request } => {
                self.invoke(*invoke, activity, request, decision, activities);
            }
            Command::Void { invoke } => member.voids.push(*invoke),
            Command::Retry { invoke } => member.retries.push(*invoke),
            Command::Arm { key, due } => member.arm.push((key.clone(), *due)),
            Command::Disarm { key } => member.disarm.push(key.clone()),
            Command::Start { child, chart, input } => {
                self.started += 1;
                let snapshot = &decision.snapshot;
                let start = Start {
                    chart: chart.clone(),
                    version: None,
                    label: format!("{}.{}", snapshot.label, self.started),
                    home: snapshot.home.clone(),
                    parent: Some(snapshot.run),
                };
                let body = entente_core::event::Body::Started { input: input.clone() };
                member.sends.push(Message { start: Some(start), ..message(decision, n, *child, body, at) });
            }
            Command::Send { to, body } => member.sends.push(message(decision, n, *to, body.clone(), at)),
            Command::Notify { notice, data } => {
                member.notices.push((n, notice.clone(), addressed(data, &decision.snapshot)))
            }
            Command::Post { posting } => member.postings.push(posting.clone()),
            Command::Ask { task } => member.tasks.push(task.clone()),
            Command::Close { tasks } => member.closed_tasks.extend(tasks.iter().cloned()),
        }
        Ok(())
    }

    fn invoke(
        &mut self,
        invoke: InvokeId,
        activity: &str,
        request: &Value,
        decision: &Decision,
        activities: &Activities,
    ) {
        let unknown = || Failure {
            class: FailureClass::Unsupported,
            message: format!("this binary has no activity `{activity}`"),
            field: None,
            code: None,
            evidence: Value::Null,
        };
        let route = activities
            .get(activity)
            .ok_or_else(unknown)
            .and_then(|known| known.route(&decision.snapshot.home, request));
        let (account, entity, class) = match route {
            Ok(Route::Local) => (None, None, RecoveryClass::Local),
            Ok(Route::Account { account, entity, class }) => (Some(account), entity, class),
            Err(failure) => {
                self.stillborn.push((invoke, failure));
                (None, None, RecoveryClass::Local)
            }
        };
        let intent = Intent {
            invoke,
            activity: activity.into(),
            account,
            entity,
            class,
            request: request.clone(),
            request_hash: Intent::hash(request),
        };
        self.member.intents.push(intent);
    }
}

fn message(
    decision: &Decision,
    n: u32,
    to: entente_core::ids::RunId,
    body: entente_core::event::Body,
    at: Timestamp,
) -> Message {
    let from = decision.snapshot.run;
    let event = Event { source: format!("run/{from}"), id: format!("{}.{n}", decision.record.seq), actor: None, body };
    Message { run: to, event, start: None, expect_seq: None, expect_revision: None, at }
}
