//! How a sandbox is set up.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The settings of one sandbox.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes a free one (read it from [`crate::Running::addr`]).
    pub listen: SocketAddr,
    /// The file that holds the whole world. With it the sandbox survives being killed; without it
    /// the world lives in memory only.
    pub state: Option<PathBuf>,
    /// What the virtual clock shows at the very first start; the real time when absent. A world
    /// loaded from [`Config::state`] keeps its own clock.
    pub start_at: Option<Timestamp>,
    /// Virtual seconds per real second.
    pub rate: Rate,
    /// How long change sets take, on the virtual clock.
    pub processing: Processing,
    /// Whether the documented request rates are enforced.
    pub throttling: Throttling,
    /// How many change sets an account may have running before `StartChangeSet` answers 402.
    /// AWS publishes no number for this quota, so it is a setting.
    pub open_change_sets_max: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            state: None,
            start_at: None,
            rate: Rate::default(),
            processing: Processing::default(),
            throttling: Throttling::default(),
            open_change_sets_max: 50,
        }
    }
}

/// How long a change set stays in each of its two running states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Processing {
    /// Virtual time in `PREPARING`; the checks run when it ends.
    pub preparing: SignedDuration,
    /// Virtual time in `APPLYING`; the changes become visible when it ends.
    pub applying: SignedDuration,
}

impl Default for Processing {
    fn default() -> Self {
        Self { preparing: SignedDuration::from_millis(50), applying: SignedDuration::from_millis(50) }
    }
}

/// Whether calls beyond the published requests per second are refused with 429.
///
/// Rates: AWS Marketplace Catalog API and Agreement API service quotas. The buckets run on real
/// time, as a client's patience does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Throttling {
    /// No limit.
    Off,
    /// The published rate times this factor.
    Times(u32),
}

impl Default for Throttling {
    fn default() -> Self {
        Self::Times(1)
    }
}

/// Virtual seconds per real second: an exact, non-negative decimal such as `0`, `1`, `0.5`, `3600`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rate(Decimal);

impl Rate {
    /// How much virtual time passes in `real` time.
    pub(crate) fn of(self, real: SignedDuration) -> SignedDuration {
        let micros = Decimal::from(i64::try_from(real.as_micros()).unwrap_or(i64::MAX));
        let scaled = micros.checked_mul(self.0).unwrap_or(Decimal::MAX).trunc();
        SignedDuration::from_micros(i64::try_from(scaled).unwrap_or(i64::MAX / 4))
    }
}

impl Default for Rate {
    fn default() -> Self {
        Self(Decimal::ONE)
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match Decimal::from_str_exact(text) {
            Ok(rate) if (Decimal::ZERO..=Decimal::from(1_000_000)).contains(&rate) => Ok(Self(rate)),
            _ => Err(format!("clock rate `{text}` must be a decimal between `0` and `1000000`")),
        }
    }
}

impl TryFrom<String> for Rate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> Self {
        rate.0.normalize().to_string()
    }
}
