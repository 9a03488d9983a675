//! What a line of an AWS Cost and Usage Report 2.0 says about a charge.

use std::collections::BTreeMap;

use entente_core::commitment::eligibility::{Channel, ChargeKind, Frequency};

use super::{Bad, Charge, Row, Understanding, bad};
use crate::{clouds::Whose, columns::Role, quarantine::Reason};

impl Understanding {
    /// A line of the report.
    pub(super) fn cur(&self, row: &Row<'_>) -> Result<Charge, Bad> {
        let account = self.account(row)?;
        let channel = self.cur_channel(row)?;
        let code = row.needed(Role::Service)?;
        let product = row.text(Role::Offer)?.unwrap_or(code);
        let (kind, frequency) = self.cur_kind(row, product, channel)?;
        let (charge, original) = row.days(kind);
        Ok(Charge {
            account,
            product: product.to_owned(),
            channel,
            untold: false,
            kind,
            frequency,
            charge,
            purchase: (kind == ChargeKind::Purchase).then_some(charge),
            invoice: row.named.billing_last,
            original,
            marks: BTreeMap::new(),
        })
    }

    fn cur_channel(&self, row: &Row<'_>) -> Result<Channel, Bad> {
        let entity = row.needed(Role::Provider)?;
        if entity.eq_ignore_ascii_case("AWS Marketplace") {
            return if self.clouds.whose("AWS") == Whose::Wanted {
                Ok(Channel::Marketplace)
            } else {
                Err(bad(Reason::OtherCloud, Role::Provider))
            };
        }
        match self.clouds.whose(entity) {
            Whose::Wanted => Ok(Channel::Cloud),
            _ => Err(bad(Reason::OtherCloud, Role::Provider)),
        }
    }

    fn cur_kind(&self, row: &Row<'_>, product: &str, channel: Channel) -> Result<(ChargeKind, Frequency), Bad> {
        use Frequency::{OneTime, Recurring, UsageBased};
        let support = channel == Channel::Cloud && self.clouds.is_support(product);
        Ok(match row.needed(Role::Category)? {
            "Usage" | "Fee" if support => (ChargeKind::Support, UsageBased),
            // The negation takes back what the covered usage lists at its full price.
            "Usage" | "DiscountedUsage" | "SavingsPlanCoveredUsage" | "SavingsPlanNegation" => {
                (ChargeKind::Usage, UsageBased)
            }
            "Fee" => (ChargeKind::Purchase, OneTime),
            "SavingsPlanUpfrontFee" => (ChargeKind::SavingsPlanFee, OneTime),
            "SavingsPlanRecurringFee" => (ChargeKind::SavingsPlanFee, Recurring),
            "RIFee" => (ChargeKind::ReservationFee, Recurring),
            "Tax" => (ChargeKind::Tax, UsageBased),
            "Credit" => (ChargeKind::Credit, UsageBased),
            "Refund" => (ChargeKind::Refund, UsageBased),
            "EdpDiscount" | "PrivateRateDiscount" | "BundledDiscount" | "Discount" => {
                if self.before_discounts {
                    return Err(bad(Reason::Discount, Role::Category));
                }
                (ChargeKind::Usage, UsageBased)
            }
            _ => return Err(bad(Reason::UnknownWord, Role::Category)),
        })
    }
}
