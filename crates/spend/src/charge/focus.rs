//! What a FOCUS row says about a charge.

use std::collections::BTreeMap;

use entente_core::commitment::eligibility::{Channel, ChargeKind, Frequency, Mark};

use super::{Bad, Charge, Row, Understanding, bad};
use crate::{clouds::Whose, columns::Role, quarantine::Reason};

/// `ChargeCategory`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Category {
    Usage,
    Purchase,
    Tax,
    Credit,
    Adjustment,
}

impl Understanding {
    /// A FOCUS row.
    pub(super) fn focus(&self, row: &Row<'_>) -> Result<Charge, Bad> {
        let account = self.account(row)?;
        let channel = self.focus_channel(row)?;
        let service = row.needed(Role::Service)?;
        let category = category(row)?;
        let kind = self.focus_kind(row, category, channel, service)?;
        let frequency = frequency(row, category)?;
        let marketplace = channel.is_marketplace();
        let offer = row.text(Role::Offer)?.filter(|_| marketplace);
        let (charge, original) = row.days(kind);
        Ok(Charge {
            account,
            product: offer.unwrap_or(service).to_owned(),
            channel,
            untold: channel == Channel::Cloud && kind != ChargeKind::Support && self.seller_is_untold(row)?,
            kind,
            frequency,
            charge,
            purchase: (kind == ChargeKind::Purchase && frequency == Frequency::OneTime).then_some(charge),
            invoice: row.named.billing_last,
            original,
            marks: if marketplace { self.marks(row)? } else { BTreeMap::new() },
        })
    }

    /// Whether it was bought on the marketplace. What neither the wanted cloud provides nor it invoices is another cloud's.
    fn focus_channel(&self, row: &Row<'_>) -> Result<Channel, Bad> {
        let provider = self.whose(row.text(Role::Provider)?);
        let service_provider = self.whose(row.text(Role::ServiceProvider)?);
        let issuer = self.whose(row.text(Role::Issuer)?);
        let publisher = self.whose(row.text(Role::Publisher)?);
        if provider.or(service_provider).is_none() {
            return Err(bad(Reason::Missing, self.provider));
        }
        let ours = [provider, service_provider, issuer].contains(&Some(Whose::Wanted));
        if !ours {
            return Err(bad(Reason::OtherCloud, self.provider));
        }
        if let Some(told) = row.text(Role::PublisherKind)?.and_then(|kind| self.clouds.told(kind)) {
            return Ok(told);
        }
        let elses = |whose: Option<Whose>| whose.is_some_and(|whose| whose != Whose::Wanted);
        let sold = match (publisher, service_provider) {
            (None, None) => elses(provider),
            _ => elses(publisher) || elses(service_provider),
        };
        Ok(if sold { Channel::Marketplace } else { Channel::Cloud })
    }

    /// Whether the wanted cloud's format may leave out who sold something, and does of this row.
    fn seller_is_untold(&self, row: &Row<'_>) -> Result<bool, Bad> {
        let told = [Role::Publisher, Role::ServiceProvider, Role::PublisherKind];
        let said = told.iter().map(|role| row.text(*role)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.clouds.leaves_seller_out() && said.iter().all(Option::is_none))
    }

    fn focus_kind(
        &self,
        row: &Row<'_>,
        category: Category,
        channel: Channel,
        service: &str,
    ) -> Result<ChargeKind, Bad> {
        let correction = row.text(Role::Class)?.is_some_and(|class| class.eq_ignore_ascii_case("correction"));
        let given_back = if row.negative { ChargeKind::Refund } else { ChargeKind::Adjustment };
        match category {
            Category::Tax => return Ok(ChargeKind::Tax),
            Category::Credit => return Ok(ChargeKind::Credit),
            Category::Adjustment => return Ok(given_back),
            Category::Usage | Category::Purchase => {}
        }
        // What is corrected of a fee or of support is treated as they are.
        if channel == Channel::Cloud && self.clouds.is_support(service) {
            return Ok(ChargeKind::Support);
        }
        let unused = row.text(Role::DiscountStatus)?.is_some_and(|status| status.eq_ignore_ascii_case("unused"));
        if (category == Category::Purchase || unused)
            && let Some(fee) = fee(row)?
        {
            return Ok(fee);
        }
        Ok(match category {
            _ if correction => given_back,
            Category::Purchase if row.negative => ChargeKind::Refund,
            Category::Purchase => ChargeKind::Purchase,
            _ => ChargeKind::Usage,
        })
    }

    fn marks(&self, row: &Row<'_>) -> Result<BTreeMap<Mark, bool>, Bad> {
        let mut marks = BTreeMap::new();
        if let Some(host) = self.whose(row.text(Role::Host)?) {
            marks.insert(Mark::RunsOnCloud, host == Whose::Wanted);
        }
        // That it is not named says nothing: providers should name programmes that were negotiated, and need not.
        if self.could_cover(row) {
            marks.insert(Mark::OfferEnrolled, true);
        }
        if let Some(model) = row.text(Role::ServiceModel)? {
            marks.insert(Mark::SoftwareAsService, model.eq_ignore_ascii_case("saas"));
        }
        Ok(marks)
    }
}

fn category(row: &Row<'_>) -> Result<Category, Bad> {
    Ok(match row.needed(Role::Category)?.to_ascii_lowercase().as_str() {
        "usage" => Category::Usage,
        "purchase" => Category::Purchase,
        "tax" => Category::Tax,
        "credit" => Category::Credit,
        "adjustment" => Category::Adjustment,
        _ => return Err(bad(Reason::UnknownWord, Role::Category)),
    })
}

fn frequency(row: &Row<'_>, category: Category) -> Result<Frequency, Bad> {
    let Some(word) = row.text(Role::Frequency)? else {
        return Ok(if category == Category::Purchase { Frequency::OneTime } else { Frequency::UsageBased });
    };
    match word.to_ascii_lowercase().as_str() {
        "one-time" => Ok(Frequency::OneTime),
        "recurring" => Ok(Frequency::Recurring),
        "usage-based" => Ok(Frequency::UsageBased),
        _ => Err(bad(Reason::UnknownWord, Role::Frequency)),
    }
}

/// A commitment discount on spend is a savings plan, one on usage a reservation.
fn fee(row: &Row<'_>) -> Result<Option<ChargeKind>, Bad> {
    match row.text(Role::DiscountKind)?.map(str::to_ascii_lowercase).as_deref() {
        None => Ok(None),
        Some("spend") => Ok(Some(ChargeKind::SavingsPlanFee)),
        Some("usage") => Ok(Some(ChargeKind::ReservationFee)),
        Some(_) => Err(bad(Reason::UnknownWord, Role::DiscountKind)),
    }
}
