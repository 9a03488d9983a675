//! Who may do what: one function, and a table in which whatever is not listed is denied.

mod acting;
mod buyers;

use entente_core::{
    event::Actor,
    ids::{LegalEntityId, PersonId},
};

pub use acting::{Acting, Refused};
pub use buyers::{is_open_to_buyers, open_to_buyers};

/// The roles that the table knows. Policies may name others: holders of those may vote, and nothing else.
pub const ROLES: [&str; 16] = [
    "viewer",
    "alliance_manager",
    "deal_desk",
    "finance_approver",
    "legal",
    "operator",
    "auditor",
    "admin",
    "partner_manager",
    "partner_user",
    "buyer_user",
    "fund_manager",
    "claim_validator",
    "accounts_payable",
    "tax",
    "finops",
];

/// Something a person may want to do that changes something, or shows what not everybody may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Create an offer.
    CreateOffer,
    /// Submit, revise, extend, withdraw or reissue an offer.
    ChangeOffer,
    /// Add a note, or what is known about the buyer's readiness.
    AnnotateOffer,
    /// Ask for a refund, or change or withdraw one that was asked for.
    RequestRefund,
    /// Ask for the early end of an agreement, or change or withdraw such a request.
    RequestCancellation,
    /// Ask a buyer for a payment, or change or withdraw such a request.
    RequestPayment,
    /// Vote on an approval. Whether the vote counts is decided by the round it is for.
    Vote,
    /// Park a run, or settle its incident.
    SettleIncident,
    /// Import a price book or a template.
    ImportPrices,
    /// Put a licence text on the approved list, or take it off.
    ApproveLicence,
    /// Keep a simulation of a policy.
    SimulatePolicy,
    /// Put a policy in force.
    ActivatePolicy,
    /// Release a chart, so that new runs may be pinned to it.
    ReleaseChart,
    /// Move runs to another version of their chart.
    MigrateRuns,
    /// Raise or lower a connection's mode and caps.
    GrantConnection,
    /// Stop all writes of a connection.
    StopConnection,
    /// Pause, resume or run a scheduled job.
    OperateSchedule,
    /// Write a backup, restore one, or move history to archives.
    OperateBackup,
    /// Take the history of everything out of the installation.
    ExportAudit,
    /// See what stands on the accounts of funds, or verify them.
    ReadLedger,
    /// Enter partners, change their papers, suspend them.
    ManagePartners,
    /// Enter a partner's bank details.
    EnterBankDetails,
    /// Confirm bank details that somebody else has entered.
    ConfirmBankDetails,
    /// Import packs of rules.
    ImportRules,
    /// Bring in plays.
    WritePlays,
    /// Approve plays that somebody else has brought in.
    ApprovePlays,
    /// Enter, change and close funds.
    ManageFunds,
    /// Ask for funds and claim them.
    AskForFunds,
    /// Ask for exceptions from rules.
    AskForExceptions,
    /// Approve exceptions that somebody else has asked for.
    ApproveExceptions,
    /// Apply for what marketplaces pay towards marketing, and change such applications.
    ApplyForGrants,
    /// See what marketplaces pay towards marketing.
    ReadGrants,
    /// Settle disputes, claim money back, note what has come back.
    AnswerForClaims,
    /// Order from suppliers for a partner's activity, change, close and cancel such orders.
    OrderFromSuppliers,
    /// Say what suppliers have delivered, or was given back.
    ConfirmDeliveries,
    /// Enter what suppliers charge, and what they credit.
    EnterSupplierInvoices,
    /// Decide about suppliers' invoices that differ, or ask to have one accepted.
    SettleSupplierInvoices,
    /// Audit claims before they are paid.
    AuditClaims,
    /// Check logo, brand and claims of what was done.
    CheckBrand,
    /// Say that a claim is false, or decide on it.
    JudgeFalsity,
    /// Import tax packs.
    ImportTaxPack,
    /// Sign tax packs off, as whoever answers for taxes.
    SignTaxPack,
    /// Put what is owed into payout runs, and read what banks answer.
    PreparePayouts,
    /// Bring in lists of what was granted and paid before.
    ImportFunds,
    /// Agree to a list that somebody else has brought.
    AgreeToImports,
    /// See partners, funds, requests, claims and payout runs.
    ReadFunds,
    /// Look again at approvals that came very soon.
    ReviewVotes,
    /// Keep proof longer than the rules say, or no longer.
    HoldEvidence,
    /// Have proof scanned, or remove proof whose time is over.
    RemoveEvidence,
    /// Import posting rules, propose estimates, prepare months, export and acknowledge them.
    PrepareClose,
    /// Approve estimates and lock months.
    LockMonths,
    /// See posting rules, estimates and months, and compare them with the general ledger.
    ReadClose,
    /// Take in spend, have it judged again, and keep rules of eligibility.
    ImportSpend,
    /// See spend that was taken in, and what counts of it.
    ReadSpend,
    /// Enter and revise commitments, type in statements of clouds, keep plans, say how a commitment ended.
    ManageCommitments,
    /// See commitments, where they will end, and what would close a gap.
    ReadCommitments,
    /// See a buyer's own commitments as they are shared with it.
    ReadOwnCommitments,
    /// Keep and see what the seller knows about buyers' commitments.
    KeepCards,
    /// Keep and see a buyer's own cards of its commitments.
    KeepBuyersCards,
    /// List, make and revoke tokens of others.
    ManageTokens,
}

impl Action {
    /// Every action.
    pub const ALL: [Action; 60] = [
        Action::CreateOffer,
        Action::ChangeOffer,
        Action::AnnotateOffer,
        Action::RequestRefund,
        Action::RequestCancellation,
        Action::RequestPayment,
        Action::Vote,
        Action::SettleIncident,
        Action::ImportPrices,
        Action::ApproveLicence,
        Action::SimulatePolicy,
        Action::ActivatePolicy,
        Action::ReleaseChart,
        Action::MigrateRuns,
        Action::GrantConnection,
        Action::StopConnection,
        Action::OperateSchedule,
        Action::OperateBackup,
        Action::ExportAudit,
        Action::ReadLedger,
        Action::ManagePartners,
        Action::EnterBankDetails,
        Action::ConfirmBankDetails,
        Action::ImportRules,
        Action::WritePlays,
        Action::ApprovePlays,
        Action::ManageFunds,
        Action::AskForFunds,
        Action::AskForExceptions,
        Action::ApproveExceptions,
        Action::ApplyForGrants,
        Action::ReadGrants,
        Action::AnswerForClaims,
        Action::OrderFromSuppliers,
        Action::ConfirmDeliveries,
        Action::EnterSupplierInvoices,
        Action::SettleSupplierInvoices,
        Action::AuditClaims,
        Action::CheckBrand,
        Action::JudgeFalsity,
        Action::ImportTaxPack,
        Action::SignTaxPack,
        Action::PreparePayouts,
        Action::ImportFunds,
        Action::AgreeToImports,
        Action::ReadFunds,
        Action::ReviewVotes,
        Action::HoldEvidence,
        Action::RemoveEvidence,
        Action::PrepareClose,
        Action::LockMonths,
        Action::ReadClose,
        Action::ImportSpend,
        Action::ReadSpend,
        Action::ManageCommitments,
        Action::ReadCommitments,
        Action::ReadOwnCommitments,
        Action::KeepCards,
        Action::KeepBuyersCards,
        Action::ManageTokens,
    ];

    /// What the person wants to do, in words that follow `may not`.
    pub fn words(self) -> &'static str {
        match self {
            Action::CreateOffer => "create an offer",
            Action::ChangeOffer => "change an offer",
            Action::AnnotateOffer => "annotate an offer",
            Action::RequestRefund => "ask for refunds",
            Action::RequestCancellation => "ask for the early end of agreements",
            Action::RequestPayment => "ask for payments",
            Action::Vote => "vote on approvals",
            Action::SettleIncident => "settle incidents",
            Action::ImportPrices => "import price books and templates",
            Action::ApproveLicence => "approve licence texts",
            Action::SimulatePolicy => "simulate policies",
            Action::ActivatePolicy => "activate a policy",
            Action::ReleaseChart => "release a chart",
            Action::MigrateRuns => "move runs to another version of their chart",
            Action::GrantConnection => "change what a connection may do",
            Action::StopConnection => "stop a connection",
            Action::OperateSchedule => "operate scheduled jobs",
            Action::OperateBackup => "write or restore backups, or archive history",
            Action::ExportAudit => "export history",
            Action::ReadLedger => "read the ledger",
            Action::ManagePartners => "manage partners",
            Action::EnterBankDetails => "enter bank details",
            Action::ConfirmBankDetails => "confirm bank details",
            Action::ImportRules => "import packs of rules",
            Action::WritePlays => "import plays",
            Action::ApprovePlays => "approve plays",
            Action::ManageFunds => "manage funds",
            Action::AskForFunds => "ask for funds or claim them",
            Action::AskForExceptions => "ask for exceptions from rules",
            Action::ApproveExceptions => "approve exceptions from rules",
            Action::ApplyForGrants => "apply for funding by marketplaces",
            Action::ReadGrants => "see funding by marketplaces",
            Action::AnswerForClaims => "settle disputes or claim money back",
            Action::OrderFromSuppliers => "order from suppliers",
            Action::ConfirmDeliveries => "confirm deliveries",
            Action::EnterSupplierInvoices => "enter suppliers' invoices",
            Action::SettleSupplierInvoices => "decide about suppliers' invoices",
            Action::AuditClaims => "audit claims",
            Action::CheckBrand => "check logo, brand and claims",
            Action::JudgeFalsity => "say that claims are false",
            Action::ImportTaxPack => "import tax packs",
            Action::SignTaxPack => "sign tax packs off",
            Action::PreparePayouts => "prepare payout runs",
            Action::ImportFunds => "bring in lists of funds",
            Action::AgreeToImports => "agree to lists of funds that were brought in",
            Action::ReadFunds => "see market development funds",
            Action::ReviewVotes => "look at approvals again",
            Action::HoldEvidence => "hold proof or release it",
            Action::RemoveEvidence => "scan or remove proof",
            Action::PrepareClose => "prepare month ends",
            Action::LockMonths => "approve estimates or lock months",
            Action::ReadClose => "see month ends",
            Action::ImportSpend => "take in spend, rules of eligibility or exchange rates",
            Action::ReadSpend => "see spend towards commitments",
            Action::ManageCommitments => "manage commitments",
            Action::ReadCommitments => "see commitments",
            Action::ReadOwnCommitments => "see a buyer's own commitments",
            Action::KeepCards => "keep commitment cards",
            Action::KeepBuyersCards => "keep a buyer's own commitment cards",
            Action::ManageTokens => "see, make or revoke tokens of others",
        }
    }

    /// The roles that may. For a vote, only those that may not: every other role may be one that a policy asks.
    fn allowed(self) -> Allowed {
        use Allowed::{Except, Only};
        match self {
            Action::CreateOffer
            | Action::ChangeOffer
            | Action::RequestRefund
            | Action::RequestCancellation
            | Action::RequestPayment => Only(&["alliance_manager", "deal_desk"]),
            Action::AnnotateOffer => Except(&["viewer", "auditor", "buyer_user"]),
            Action::Vote => Except(&["viewer", "auditor", "operator", "admin", "buyer_user"]),
            Action::SettleIncident | Action::MigrateRuns => Only(&["operator"]),
            Action::ImportPrices => Only(&["deal_desk", "admin"]),
            Action::ApproveLicence => Only(&["legal"]),
            Action::SimulatePolicy => Only(&["deal_desk", "finance_approver", "legal", "auditor", "admin"]),
            Action::ActivatePolicy | Action::ReleaseChart | Action::GrantConnection | Action::ManageTokens => {
                Only(&["admin"])
            }
            Action::StopConnection => Only(&["alliance_manager", "deal_desk", "operator", "admin"]),
            Action::OperateSchedule | Action::OperateBackup => Only(&["operator", "admin"]),
            Action::ExportAudit => Only(&["auditor", "operator"]),
            Action::ReadLedger => Only(&["alliance_manager", "finance_approver", "auditor", "operator"]),
            Action::ManagePartners => Only(&["alliance_manager", "partner_manager"]),
            Action::EnterBankDetails => Only(&["alliance_manager", "partner_manager", "partner_user"]),
            Action::ConfirmBankDetails => Only(&["accounts_payable"]),
            Action::ImportRules => Only(&["fund_manager", "admin"]),
            Action::WritePlays | Action::ManageFunds => Only(&["alliance_manager", "fund_manager"]),
            Action::ApprovePlays => Only(&["fund_manager", "finance_approver"]),
            Action::AskForFunds => Only(&["alliance_manager", "partner_user"]),
            Action::AskForExceptions => Only(&["alliance_manager", "fund_manager", "claim_validator"]),
            Action::ApproveExceptions => Only(&["finance_approver"]),
            Action::ApplyForGrants => Only(&["alliance_manager"]),
            Action::ReadGrants => {
                Only(&["alliance_manager", "finance_approver", "fund_manager", "auditor", "operator"])
            }
            Action::AnswerForClaims => Only(&["finance_approver", "claim_validator"]),
            Action::OrderFromSuppliers => Only(&["alliance_manager"]),
            Action::ConfirmDeliveries => Only(&["alliance_manager", "partner_user"]),
            Action::EnterSupplierInvoices => Only(&["accounts_payable"]),
            Action::SettleSupplierInvoices => Only(&["accounts_payable", "finance_approver"]),
            Action::AuditClaims => Only(&["finance_approver", "fraud_review"]),
            Action::CheckBrand => Only(&["brand", "claim_validator"]),
            Action::JudgeFalsity => Only(&["finance_approver", "legal"]),
            Action::ImportTaxPack => Only(&["fund_manager", "accounts_payable", "tax", "admin"]),
            Action::SignTaxPack => Only(&["tax"]),
            Action::PreparePayouts => Only(&["accounts_payable"]),
            Action::ImportFunds => Only(&["alliance_manager", "fund_manager"]),
            Action::AgreeToImports => Only(&["finance_approver"]),
            Action::ReadFunds => Except(&["viewer", "deal_desk", "finops", "buyer_user"]),
            Action::ReviewVotes => Only(&["finance_approver", "cfo"]),
            Action::HoldEvidence => Only(&["finance_approver", "legal"]),
            Action::RemoveEvidence => Only(&["operator", "admin"]),
            Action::PrepareClose => Only(&["finance_approver", "accounts_payable"]),
            Action::LockMonths => Only(&["finance_approver"]),
            Action::ReadClose => Only(&["finance_approver", "accounts_payable", "auditor"]),
            Action::ImportSpend => Only(&["alliance_manager", "finops"]),
            Action::ReadSpend => Only(&["alliance_manager", "finops", "finance_approver", "auditor"]),
            Action::ManageCommitments => Only(&["alliance_manager"]),
            Action::ReadCommitments => {
                Only(&["alliance_manager", "deal_desk", "finops", "finance_approver", "auditor", "operator"])
            }
            Action::KeepCards => Only(&["alliance_manager"]),
            Action::ReadOwnCommitments | Action::KeepBuyersCards => Only(&["buyer_user"]),
        }
    }
}

/// The commands that people of partners may give, each for what is their partner's own. Every other one, and every new one, is for
/// the vendor's own people: what it shows was not made with others in mind.
const PARTNERS: [&str; 52] = [
    "accrual dispute",
    "accrual list",
    "accrual sales",
    "accrual show",
    "approve",
    "claim create",
    "claim dispute",
    "claim list",
    "claim prove",
    "claim revise",
    "claim shares",
    "claim show",
    "claim submit",
    "claim withdraw",
    "evidence add",
    "evidence get",
    "exception list",
    "exception show",
    "explain",
    "inbox",
    "order list",
    "order receive",
    "order return-goods",
    "order show",
    "partner change-bank",
    "partner create",
    "partner list",
    "partner revise",
    "partner show",
    "partner submit",
    "play list",
    "play show",
    "reject",
    "request amend",
    "request cancel",
    "request create",
    "request extend",
    "request keep",
    "request list",
    "request outcome",
    "request results",
    "request revise",
    "request show",
    "request submit",
    "request try-again",
    "request withdraw",
    "send-back",
    "statement create",
    "statement list",
    "token create",
    "token list",
    "token revoke",
];

/// Whether people of partners may give a command, by its words.
pub fn is_open_to_partners(command: &str) -> bool {
    PARTNERS.contains(&command)
}

/// The commands that people of partners may give, by their words.
pub fn open_to_partners() -> impl Iterator<Item = &'static str> {
    PARTNERS.into_iter()
}

/// What somebody wants to act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// What it is: `offer`, `policy`, `connector account`, …
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The legal entity it belongs to; the actor's roles were resolved for it.
    pub legal_entity: Option<LegalEntityId>,
}

/// Whether an action may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It may.
    Allowed,
    /// It may not, and nothing was changed.
    Denied(Box<Denied>),
}

/// Why an action may not go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{person}` may not {what} ({kind} `{name}`{}): it takes {roles}", entity.as_ref().map(|entity| format!(" of `{entity}`")).unwrap_or_default())]
pub struct Denied {
    /// Who.
    pub person: PersonId,
    /// What they wanted, in words.
    pub what: &'static str,
    /// On what kind of thing.
    pub kind: &'static str,
    /// Which one.
    pub name: String,
    /// Of which legal entity.
    pub entity: Option<LegalEntityId>,
    /// The roles that could.
    pub roles: String,
}

impl Decision {
    /// The refusal as an error.
    ///
    /// # Errors
    /// When the action is denied.
    pub fn into_result(self) -> Result<(), Box<Denied>> {
        match self {
            Decision::Allowed => Ok(()),
            Decision::Denied(denied) => Err(denied),
        }
    }
}

/// Whether an actor, with the roles that were resolved for the resource's legal entity just now, may act on it.
pub fn authorize(actor: &Actor, action: Action, resource: &Resource) -> Decision {
    let held = || actor.roles.iter().map(entente_core::ids::RoleId::as_str);
    let may = match action.allowed() {
        Allowed::Only(roles) => held().any(|role| roles.contains(&role)),
        Allowed::Except(roles) => held().any(|role| !roles.contains(&role)),
    };
    if may {
        return Decision::Allowed;
    }
    Decision::Denied(Box::new(Denied {
        person: actor.person.clone(),
        what: action.words(),
        kind: resource.kind,
        name: resource.name.clone(),
        entity: resource.legal_entity.clone(),
        roles: action.allowed().words(),
    }))
}

/// A row of the table.
enum Allowed {
    /// Holders of one of these roles.
    Only(&'static [&'static str]),
    /// Holders of a role that is none of these.
    Except(&'static [&'static str]),
}

impl Allowed {
    fn words(&self) -> String {
        let quoted = |roles: &[&str]| roles.iter().map(|role| format!("`{role}`")).collect::<Vec<_>>().join(", ");
        match self {
            Allowed::Only([role]) => format!("the role `{role}`"),
            Allowed::Only(roles) => format!("one of the roles {}", quoted(roles)),
            Allowed::Except(roles) => format!("a role other than {}", quoted(roles)),
        }
    }
}

#[cfg(test)]
mod tests;
