//! What of a connection's caps a write uses, and whether that is too much.

use std::collections::BTreeMap;

use entente_core::{
    money::{Currency, Money},
    offer::totals,
};
use serde_json::json;

use crate::{Caps, HeldBy, Hold, Use, Used, Write};

/// What a write uses of a day's caps: nothing, for one that moves no money and makes no offer. An error says why it cannot be
/// counted, and what cannot be counted is not sent.
pub(crate) fn used_by(write: &Write) -> Result<Option<Use>, String> {
    let used = match write {
        Write::CreateOffer { offer } => {
            let totals = totals::totals(offer)
                .map_err(|reason| format!("the offer's value cannot be counted against the caps ({reason})"))?;
            // A document whose instalments disagree with its total is stopped elsewhere; until then the larger counts.
            Use::Offer(Money { minor: totals.total.minor.max(totals.scheduled.minor), currency: offer.currency })
        }
        Write::AdjustBilling { amount, .. } => Use::Refund(*amount),
        Write::RequestPayment { amount, .. } => Use::Charge(*amount),
        Write::WithdrawOffer { .. }
        | Write::ExtendOffer { .. }
        | Write::AmendOffer { .. }
        | Write::CancelAgreement { .. }
        | Write::WithdrawPayment { .. }
        | Write::ApplyForFunding { .. }
        | Write::ChangeFunding { .. } => return Ok(None),
    };
    Ok(Some(used))
}

/// An amount that is not more than zero would make room under a cap instead of using it up.
pub(crate) fn not_positive(write: &Write) -> Option<String> {
    let amount = write.moves().filter(|amount| amount.minor <= 0)?;
    Some(format!("an amount of {amount} moves no money; write more than zero"))
}

/// The accounts that a write itself names; those of an agreement are the marketplace's to tell.
pub(crate) fn named_buyers(write: &Write) -> &[String] {
    match write {
        Write::CreateOffer { offer } | Write::ExtendOffer { offer, .. } => &offer.buyer.accounts,
        _ => &[],
    }
}

/// Whether an account is outside the cap on buyers.
pub(crate) fn stranger(caps: &Caps, account: &str) -> Option<String> {
    let outside = !caps.buyers.is_empty() && !caps.buyers.contains(account);
    outside.then(|| format!("buyer account `{account}` is not in the connection's cap `buyers`"))
}

/// The cap that one more use would exceed.
pub(crate) fn exceeded(caps: &Caps, used: &Used, asked: Use) -> Option<Hold> {
    let count = matches!(asked, Use::Offer(_)).then(|| over_count(caps, used)).flatten();
    let value = || {
        let over = over("value_per_day", &caps.value_per_day, &used.value, asked.value())?;
        Some(Hold::new(HeldBy::ValuePerDay, json!(caps.value_per_day), over))
    };
    let refunds = || match asked {
        Use::Refund(value) => {
            let over = over("refunds_per_day", &caps.refunds_per_day, &used.refunded, value)?;
            Some(Hold::new(HeldBy::RefundsPerDay, json!(caps.refunds_per_day), over))
        }
        Use::Offer(_) | Use::Charge(_) => None,
    };
    count.or_else(value).or_else(refunds)
}

/// Whether one more offer exceeds the day's number.
fn over_count(caps: &Caps, used: &Used) -> Option<Hold> {
    let most = caps.offers_per_day.filter(|most| used.offers >= *most)?;
    let reason = format!("the cap `offers_per_day` of {most} is used up ({} sent today)", used.offers);
    Some(Hold::new(HeldBy::OffersPerDay, most, reason))
}

/// Whether a value exceeds the day's amount of its currency.
fn over(cap: &str, most: &BTreeMap<Currency, i64>, sent: &BTreeMap<Currency, i64>, value: Money) -> Option<String> {
    if most.is_empty() {
        return None;
    }
    let currency = value.currency;
    let Some(most) = most.get(&currency) else {
        return Some(format!("the cap `{cap}` names no amount for {currency}"));
    };
    let sent = sent.get(&currency).copied().unwrap_or(0);
    match sent.checked_add(value.minor) {
        Some(sum) if sum <= *most => None,
        _ => {
            let [sent, most] = [sent, *most].map(|minor| Money { minor, currency });
            Some(format!("the cap `{cap}` of {most} would be exceeded: {sent} sent today, {value} asked"))
        }
    }
}
