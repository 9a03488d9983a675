//! What any marketplace can be asked, in the words of the business, and what it can answer.
//!
//! A connector implements [`Marketplace`] and knows nothing of runs, stores or the other connectors. Everything that
//! only one marketplace knows stays in its connector. [`Guarded`] holds back what a connection may not write, [`Paced`]
//! keeps it from calling too often or too stubbornly, and the suite `conformance` (a feature, for tests) tells whether a
//! connector keeps the promises that the runner builds on.

mod breaker;
mod bucket;
mod capability;
mod caps;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod funding;
mod guarded;
mod hold;
mod invoice;
mod marketplace;
mod mode;
mod observation;
mod pace;
mod paced;
mod reason;

pub use breaker::BreakerSettings;
pub use bucket::{Part, Rate, Share, TokenBucket};
pub use capability::{Capability, Profile, RecoveryClass};
pub use error::{Error, Result};
pub use funding::{
    Allocation, AllocationStatus, ApplicationFile, ApplicationStatus, Benefit, FieldChange, FundingApplication,
    FundingChange, FundingRules, RemoteApplication,
};
pub use guarded::Guarded;
pub use hold::{HeldBy, Hold};
pub use invoice::{BillingPeriod, Invoice, InvoiceKind, InvoicePage, PaymentTerm, Unanswered, UnrecognisedInvoice};
pub use marketplace::{
    CallContext, ChangeId, ChangeState, CheckItem, Difference, Effect, Finding, Marketplace, OwnWrite, PlannedCall,
    ProductFacts, RemoteOffer, RemoteOfferState, Severity, StepKey, Submitted, Write,
};
pub use mode::{Allowance, Caps, Grants, Mode, Use, Used};
pub use observation::{Agreement, AgreementStatus, Hint, Observation, ObservationPage};
pub use pace::{CallClass, Condition, Limits, Pace};
pub use paced::Paced;
pub use reason::{AdjustmentReason, CancellationReason};
