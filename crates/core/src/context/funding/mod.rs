//! Papers of market development funds: partners, funds, requests, claims and payout runs.
//!
//! Each is a run whose context is a [`Sheet`]: the [`Paper`] that people wrote and approve, what the rules said about it,
//! and what became of it.

mod accrual;
mod apply;
mod assessment;
mod bank;
mod claim;
mod data;
mod face;
mod fund;
mod grant;
mod joint;
mod load;
mod names;
mod order;
mod outside;
mod paper;
mod partner;
mod payout;
mod request;
mod sheet;
mod subject;
mod tax_document;

pub use accrual::{
    ACCRUAL_FUND_KEY, ACCRUAL_PARTNER_KEY, AccrualCourse, AccrualPaper, CHECK_ACCRUAL, Decided, Doubt, LOOK_AT_ACCRUAL,
    Settlement,
};
pub use assessment::{Assessment, Reason};
pub use bank::{BankReference, PartnerCourse};
pub use claim::{
    Advance, Agreed, CLAIM_FILE_KEY, CLAIM_LIKENESS_KEY, CLAIM_PARTNER_KEY, CLAIM_PAYEE_KEY, CLAIM_REQUEST_KEY,
    ClaimCourse, ClaimPaper, Clawback, Declined, Dispute, Payable, PayableStatus, Payee, Payment, Proof, Proposal,
    PutOff, SentBack, TELL_REQUEST, Waiver, WithPartner,
};
pub use data::Revise;
pub use face::SheetContext;
pub use fund::{BUDGET_KEY, BudgetPart, CHECK_FUND, Change, FUND_KEY, FundCourse, FundPaper, LOOK_AT_FUND, Treatment};
pub use grant::{
    AWAIT_GRANT, AmendedField, Amendment, CHECK_GRANT, FundingRules, GRANT_APPLICATION_KEY, GRANT_FUND_KEY,
    GRANT_SOURCE_KEY, GrantCourse, GrantFile, GrantPaper, GrantStanding, GrantStatus, Objection,
};
pub use joint::{
    CLAIM_JOINT_KEY, ClaimedPart, Funding, JointClaim, JointRequest, MOST_FUNDS, REQUEST_JOINT_KEY, RequestDocument,
    WholeRequest, split_claim,
};
pub use load::{load, load_document, load_with};
pub use names::Names;
pub use order::{
    Asked, CHECK_ORDER, Counted, Credit, CreditLine, CreditNote, Delivery, Exact, Finding, InvoiceLine, InvoiceStatus,
    Issued, MATCH_ORDER, MatchRule, NotExact, ORDER_FILE_KEY, ORDER_INVOICE_KEY, ORDER_REQUEST_KEY, OrderCourse,
    OrderLine, OrderPaper, OrderTerms, OrderedFrom, Receipt, Stands, SupplierInvoice, WrittenInvoice, order_schema,
};
use outside::without_person;
pub use outside::{is_told_in_full, refusal_for_partner};
pub use paper::{ASSESS, Paper, Task};
pub(crate) use paper::{check_at, entity_key};
pub use partner::{PARTNER_KEY, PartnerPaper};
pub use payout::{
    Debtor, FileFormat, GATHER, GatheredItem, Item, ItemOutcome, LeftOut, Netted, PAYABLE_KEY, PayoutCourse,
    PayoutPaper, RELEASE, Settled, TELL, WRITE_FILE, WrittenFile,
};
pub use request::{
    Amended, Amendment as RequestAmendment, AmendmentOutcome, Changed, Extended, LOOK_AT_REQUEST, MOST_AMENDMENTS,
    Percent, REQUEST_FUND_KEY, REQUEST_PARTNER_KEY, REQUEST_PLAY_KEY, RequestCourse, RequestPaper, Share, Shares,
};
pub use sheet::Sheet;
pub use tax_document::{TaxDocument, TaxDocumentKind, TaxNumber};
