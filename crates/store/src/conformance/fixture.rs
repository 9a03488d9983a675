//! What the laws are told with: runs, steps, messages and intents that differ in one thing at a time.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use entente_core::{
    audit::{Fingerprint, row_hash},
    event::{Body, Event},
    ids::{ConnectorAccount, Fence, InvokeId, ProcessId, RunId, Shard, derived},
    ledger::{Posting, PostingAction},
    money::Money,
    run::{Incident, IncidentCode, Snapshot, TaskSpec},
    scope::Home,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    Batch, BatchOutcome, Intent, Lease, LeaseKey, Member, MemberOutcome, Message, RecoveryClass, RunKey, Start, Store,
    Verdict,
};

/// A store, and a process that owns all of its shards.
pub struct World {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The owner of every shard.
    pub owner: ProcessId,
    fences: BTreeMap<LeaseKey, Fence>,
}

/// Long enough to outlast any test.
pub const LONG: Duration = Duration::from_secs(3600);

impl World {
    /// Takes every shard's lease.
    pub async fn new(store: Arc<dyn Store>) -> World {
        let owner = process("owner-1");
        let keys: Vec<LeaseKey> = shards().into_iter().map(LeaseKey::shard).collect();
        let held = store.acquire(&owner, &keys, LONG).await.expect("leases are free in a new store");
        assert_eq!(held.len(), 256);
        let fences = held.into_iter().map(|Lease { key, fence, .. }| (key, fence)).collect();
        World { store, owner, fences }
    }

    /// The fence of a run's shard.
    pub fn fence(&self, run: RunId) -> Fence {
        self.fences.get(&LeaseKey::shard(run.shard())).copied().unwrap_or(Fence(0))
    }

    /// The first step of a new run of the vendor's.
    pub fn first(&self, name: &str) -> Member {
        self.first_at_home(name, home("acme-us", "vendor"))
    }

    /// The first step of a new run.
    pub fn first_at_home(&self, name: &str, home: Home) -> Member {
        let snapshot = json!({
            "run": run(name), "label": name, "home": home, "seq": 1, "state": "s1", "tags": ["open"],
            "chart": { "name": "demo", "version": 1, "sha256": "00".repeat(32) },
            "context_version": 1, "context": { "name": name, "amount": "12.50" },
        });
        let snapshot: Snapshot = serde_json::from_value(snapshot).expect("a snapshot");
        self.member(snapshot, [0; 32])
    }

    /// The step after `previous`, with nothing in it but the move.
    pub fn next(&self, previous: &Member) -> Member {
        let mut snapshot = previous.snapshot.clone();
        snapshot.seq += 1;
        snapshot.state = format!("s{}", snapshot.seq);
        self.member(snapshot, previous.hash)
    }

    fn member(&self, snapshot: Snapshot, prev_hash: [u8; 32]) -> Member {
        let record = format!(r#"{{"seq":{},"note":"of {} – ünïcode, \"quoted\""}}"#, snapshot.seq, snapshot.label);
        let hash = row_hash(&Fingerprint(prev_hash), snapshot.run, snapshot.seq, record.as_bytes()).0;
        let at = at(snapshot.seq as i64);
        let fence = self.fence(snapshot.run);
        Member {
            snapshot,
            fence,
            record,
            at,
            prev_hash,
            hash,
            consumed: None,
            closed: None,
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
            keys: None,
        }
    }

    /// Commits steps and returns what became of each.
    pub async fn commit(&self, members: Vec<Member>) -> Vec<MemberOutcome> {
        self.batch(Batch { appends: Vec::new(), members }).await.members
    }

    /// Commits a batch that the database itself accepts.
    pub async fn batch(&self, batch: Batch) -> BatchOutcome {
        self.store.commit(Arc::new(batch)).await.expect("the database takes the batch")
    }

    /// Commits one step that must hold.
    pub async fn hold(&self, member: &Member) {
        let outcomes = self.commit(vec![member.clone()]).await;
        assert!(matches!(outcomes.as_slice(), [MemberOutcome::Committed { .. }]), "{outcomes:?}");
    }

    /// Takes an account's lease and returns it with its fence.
    pub async fn account_lease(&self, account: &ConnectorAccount) -> (LeaseKey, Fence) {
        let key = LeaseKey::account(account);
        let held = self.store.acquire(&self.owner, std::slice::from_ref(&key), LONG).await.expect("a lease");
        let fence = held.first().map(|lease| lease.fence).expect("the lease is free");
        (key, fence)
    }
}

/// All 256 shards.
pub fn shards() -> Vec<Shard> {
    (0..=255).map(Shard).collect()
}

/// The run of this name, the same every time.
pub fn run(name: &str) -> RunId {
    RunId(derived(&["conformance", name]))
}

/// A process.
pub fn process(name: &str) -> ProcessId {
    name.parse().expect("a process id")
}

/// A connector account.
pub fn account(name: &str) -> ConnectorAccount {
    name.parse().expect("a connector account")
}

/// Where a run belongs.
pub fn home(legal_entity: &str, party: &str) -> Home {
    Home { legal_entity: legal_entity.parse().expect("a legal entity"), party: party.parse().expect("a party") }
}

/// A business instant, `minutes` after the start of 2027.
pub fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_798_761_600 + minutes * 60).expect("an instant")
}

/// A message to a run, from the command line.
pub fn message(to: &str, id: &str) -> Message {
    let body = Body::Named { name: "submit".into(), data: json!({ "by": "a person" }) };
    let event = Event { source: "cli".into(), id: id.into(), actor: None, body };
    Message { run: run(to), event, start: None, expect_seq: None, expect_revision: None, at: at(0) }
}

/// The message that starts a run.
pub fn start(name: &str, id: &str, home: Home) -> Message {
    let event =
        Event { source: "cli".into(), id: id.into(), actor: None, body: Body::Started { input: json!({ "n": 1 }) } };
    let start = Start { chart: "demo".into(), version: Some(1), label: name.into(), home, parent: None };
    Message { run: run(name), event, start: Some(start), expect_seq: None, expect_revision: None, at: at(0) }
}

/// A verdict that says which step a message became.
pub fn accepted(seq: u64) -> Verdict {
    Verdict::Accepted { seq, state: format!("s{seq}") }
}

/// An intent of the process's own.
pub fn local(seq: u64, n: u32) -> Intent {
    Intent {
        invoke: InvokeId { seq, n },
        activity: "compute".into(),
        account: None,
        entity: None,
        class: RecoveryClass::Local,
        request: json!({ "of": [seq, n], "text": "a \"quoted\" – text" }),
        request_hash: "ab".repeat(32),
    }
}

/// An intent for a connector account.
pub fn remote(seq: u64, n: u32, account: &ConnectorAccount) -> Intent {
    Intent {
        activity: "create_offer".into(),
        account: Some(account.clone()),
        class: RecoveryClass::TokenDedup,
        ..local(seq, n)
    }
}

/// A task for the deal desk.
pub fn task(key: &str) -> TaskSpec {
    TaskSpec {
        key: key.into(),
        kind: "approval".into(),
        title: "Approve the offer".into(),
        role: "deal_desk".parse().expect("a role"),
        assignee: None,
        revision: Some("cd".repeat(32)),
        due: Some(at(60)),
        detail: json!({ "discount": "0.15" }),
    }
}

/// A search key.
pub fn key(kind: &str, value: &str, unique: bool) -> RunKey {
    RunKey { kind: kind.into(), value: value.into(), unique }
}

/// A posting in US cents.
pub fn posting(action: PostingAction, fund: &str, key: &str, minor: i64) -> Posting {
    let amount = Money { minor, currency: "USD".parse().expect("a currency") };
    Posting::new(action, fund, key, amount)
}

/// An incident about an invocation.
pub fn incident(invoke: InvokeId) -> Incident {
    Incident {
        code: IncidentCode::AttemptsExhausted,
        message: "it failed eight times".into(),
        invoke: Some(invoke),
        evidence: Value::Null,
        since: at(0),
        event: None,
    }
}

/// Whether everything in a list of outcomes was committed.
pub fn all_committed(outcomes: &[MemberOutcome]) -> bool {
    outcomes.iter().all(|outcome| matches!(outcome, MemberOutcome::Committed { .. }))
}
