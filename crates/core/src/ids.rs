//! Newtypes for every identifier, so that a run's id can never be passed where a person's is meant.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is not a well-formed identifier of the named kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not a valid {kind}: use 1 to {max} characters out of letters, digits and `_ - . : / @ +`")]
pub struct InvalidId {
    /// What the identifier was meant to name.
    pub kind: &'static str,
    /// The refused text, shortened to 80 characters.
    pub value: String,
    /// The longest text this kind accepts.
    pub max: usize,
}

const MAX_LEN: usize = 128;

fn check(kind: &'static str, value: &str) -> Result<(), InvalidId> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.:/@+".contains(c);
    if (1..=MAX_LEN).contains(&value.len()) && value.chars().all(allowed) {
        return Ok(());
    }
    Err(InvalidId { kind, value: value.chars().take(80).collect(), max: MAX_LEN })
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(value: String) -> Result<Self, InvalidId> {
                check($kind, &value).map(|()| Self(value))
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(value: &str) -> Result<Self, InvalidId> {
                Self::try_from(value.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9_.:/@+-]{1,128}$" })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// A legal entity of the vendor organisation, such as `acme-us`.
    LegalEntityId, "legal entity id"
);
text_id!(
    /// A party to the business: the vendor itself, a reseller, distributor, buyer or partner.
    PartyId, "party id"
);
text_id!(
    /// A person who acts: opens, approves, withdraws.
    PersonId, "person id"
);
text_id!(
    /// A role that a person may hold, such as `deal_desk`.
    RoleId, "role id"
);
text_id!(
    /// A funding programme, such as `emea-co-op-2027`.
    ProgrammeId, "programme id"
);
text_id!(
    /// A fund out of which requests are paid, such as `emea-2027-h1`.
    FundId, "fund id"
);
text_id!(
    /// A go-to-market play that requests belong to, such as `cloud-migration`.
    PlayId, "play id"
);
text_id!(
    /// A deal that activities help along, such as `OPP-4711`.
    DealId, "deal id"
);
text_id!(
    /// A partner's request for funds, such as `REQ-2027-00012`.
    RequestId, "request id"
);
text_id!(
    /// A claim on an approved request, such as `CLM-2027-00012`.
    ClaimId, "claim id"
);
text_id!(
    /// An activity that funds are asked for, such as `ACT-2027-00012`.
    ActivityId, "activity id"
);
text_id!(
    /// A buyer's commitment to spend, such as `globex-2026`.
    CommitmentId, "commitment id"
);
text_id!(
    /// A marketplace connector, such as `aws`.
    ConnectorId, "connector id"
);
text_id!(
    /// The account of one legal entity at one marketplace; its calls share queues, quotas and a breaker.
    ConnectorAccount, "connector account"
);
text_id!(
    /// A running `entente` process, unique over restarts.
    ProcessId, "process id"
);

/// A run of a chart: one offer, one claim, one payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub Uuid);

/// The namespace of ids that are derived, never drawn: `entente` under the URL namespace of RFC 9562.
const NAMESPACE: Uuid = Uuid::from_u128(0x7d1f_4a55_0c3e_5c57_9c43_6a1d_5b52_e0a1);

impl RunId {
    /// The id of the `n`-th run that `self` starts in its step `seq`; the same step always names the same child.
    pub fn child(self, seq: u64, n: u32) -> RunId {
        RunId(derived(&["child", &self.to_string(), &seq.to_string(), &n.to_string()]))
    }

    /// The shard whose owner drives this run.
    pub fn shard(self) -> Shard {
        let bytes = self.0.as_bytes();
        Shard(bytes.iter().fold(0u8, |acc, byte| acc.wrapping_mul(31).wrapping_add(*byte)))
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for RunId {
    type Err = InvalidId;
    fn from_str(value: &str) -> Result<Self, InvalidId> {
        Uuid::parse_str(value).map(RunId).map_err(|_| InvalidId {
            kind: "run id (a UUID)",
            value: value.chars().take(80).collect(),
            max: 36,
        })
    }
}

/// A UUIDv5 over `parts`, unambiguous because every part is length-prefixed.
pub fn derived(parts: &[&str]) -> Uuid {
    let mut name = Vec::new();
    for part in parts {
        name.extend_from_slice(&(part.len() as u64).to_be_bytes());
        name.extend_from_slice(part.as_bytes());
    }
    Uuid::new_v5(&NAMESPACE, &name)
}

/// One of the 256 slices of all runs; a lease makes one process its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shard(pub u8);

/// A fencing token: grows with every change of a lease's owner, and is compared inside each write's transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fence(pub i64);

/// An invocation within a run: the `n`-th of the step `seq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InvokeId {
    /// The step whose commit holds the intent.
    pub seq: u64,
    /// Its place among that step's invocations, from 0.
    pub n: u32,
}

impl fmt::Display for InvokeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.seq, self.n)
    }
}

impl FromStr for InvokeId {
    type Err = InvalidId;
    fn from_str(value: &str) -> Result<Self, InvalidId> {
        let parsed =
            value.split_once('.').and_then(|(seq, n)| Some(InvokeId { seq: seq.parse().ok()?, n: n.parse().ok()? }));
        parsed.ok_or_else(|| InvalidId {
            kind: "invoke id (`seq.n`)",
            value: value.chars().take(80).collect(),
            max: 31,
        })
    }
}

impl Serialize for InvokeId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for InvokeId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The idempotency token of an intent: the same step, operation and request always give the same token.
pub fn effect_token(run: RunId, invoke: InvokeId, operation: &str, request_hash: &str) -> Uuid {
    derived(&["effect", &run.to_string(), &invoke.to_string(), operation, request_hash])
}
