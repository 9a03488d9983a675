//! The partners, their bank details, and the fund that they draw on.

use entente_core::context::funding::{FundPaper, PartnerPaper};
use jiff::ToSpan as _;
use serde_json::json;

use super::{ENTITY, FUND, Funding, papers::paper};
use crate::{
    decision,
    demo::teller::run_under,
    funding::bank::{self, BankDetails},
};

/// The key that opens the fund.
pub const FUND_KEY: &str = "funds/fund";

/// A partner.
#[derive(Debug)]
pub struct Partner {
    /// Its id.
    pub id: &'static str,
    /// Its person who asks and claims.
    pub person: &'static str,
    name: &'static str,
    kind: &'static str,
    tier: &'static str,
    country: &'static str,
    address: &'static str,
    account: &'static str,
}

/// A partner of the highest tier.
pub const NORDLICHT: Partner = Partner {
    id: "nordlicht",
    person: "pia",
    name: "Nordlicht Cloud GmbH",
    kind: "reseller",
    tier: "gold",
    country: "DE",
    address: "Hafenstr. 4, 20457 Hamburg",
    account: "DE89370400440532013000",
};

/// One of the middle tier.
pub const BLUEPEAK: Partner = Partner {
    id: "bluepeak",
    person: "bea",
    name: "Bluepeak B.V.",
    kind: "integrator",
    tier: "silver",
    country: "NL",
    address: "Keizersgracht 12, 1015 Amsterdam",
    account: "NL91ABNA0417164300",
};

/// One of the lowest tier.
pub const CASTELL: Partner = Partner {
    id: "castell",
    person: "cora",
    name: "Castell Datos S.L.",
    kind: "reseller",
    tier: "bronze",
    country: "ES",
    address: "Carrer de Mallorca 8, 08008 Barcelona",
    account: "ES9121000418450200051332",
};

/// All three.
pub const PARTNERS: [Partner; 3] = [NORDLICHT, BLUEPEAK, CASTELL];

impl Partner {
    /// The key that starts its application.
    pub fn key(&self) -> String {
        format!("funds/partner/{}", self.id)
    }
}

impl Funding {
    /// The partner manager enters a partner, with the papers that finance has checked.
    pub(super) async fn apply(&self, partner: &'static Partner) -> anyhow::Result<()> {
        let write = async || {
            let today = self.today().await?;
            let (signed, checked) = (today.checked_sub(90.days())?, today.checked_sub(10.days())?);
            paper::<PartnerPaper>(json!({
                "partner": partner.id, "legal_entity": ENTITY, "name": partner.name, "kind": partner.kind,
                "region": "emea", "country": partner.country, "address": partner.address,
                "tiers": [{ "tier": partner.tier, "from": signed }],
                "agreement_signed_on": signed,
                "tax_documents": [{ "kind": "vat_id", "from": signed, "checked_by": "finn" }],
                "payment_currency": "EUR",
                "requesters": [partner.person],
                "screening": { "on": checked, "outcome": "clear" },
                "good_standing": true,
            }))
        };
        self.start(&partner.key(), "pam", decision::PARTNERS, write).await.map(drop)
    }

    /// Two people agree to it, one enters its bank details, and another confirms them.
    pub(super) async fn take_on(&self, partner: &Partner) -> anyhow::Result<()> {
        let (key, run) = (partner.key(), run_under(&partner.key()));
        self.submit(&key, "pam").await?;
        self.agreed(&key).await?;
        let (teller, id) = (&self.teller, partner.id.parse()?);
        let details = BankDetails {
            holder: partner.name.into(),
            account: partner.account.into(),
            bic: None,
            country: partner.country.into(),
        };
        let (store, now) = (teller.app().store.as_ref(), teller.app().clock.now());
        let sha256 = bank::put(store, &id, &details, "pam", now).await?;
        let entered = json!({ "sha256": sha256, "shown": details.shown() });
        teller.once(&format!("{key}/bank"), "pam", run, "change_bank", entered).await?;
        teller.once(&format!("{key}/confirm"), "paula", run, "confirm_bank", json!({ "sha256": sha256 })).await
    }

    /// The fund manager opens a fund out of a budget.
    pub(super) async fn open_fund(&self) -> anyhow::Result<()> {
        let write = async || {
            let today = self.today().await?;
            let (half, year) = (today.checked_add(180.days())?, today.checked_add(365.days())?);
            paper::<FundPaper>(json!({
                "fund": FUND, "title": "Demand generation, EMEA", "legal_entity": ENTITY, "programme": "emea-mdf",
                "pack": "starter@1", "kind": "discretionary",
                "budget": { "name": "emea-marketing", "amount": "100000.00 EUR", "from": today, "until": year },
                "amount": "20000.00 EUR", "from": today, "until": half, "owner": "fred",
                "treatment": "expense", "gl_account": "6610", "cost_centre": "marketing-emea",
            }))
        };
        self.start(FUND_KEY, "fred", decision::FUNDS, write).await?;
        self.submit(FUND_KEY, "fred").await?;
        self.agreed(FUND_KEY).await
    }
}
