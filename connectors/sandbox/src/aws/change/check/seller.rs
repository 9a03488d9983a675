//! What AWS Marketplace must have on file about a seller before money can flow.

use super::add;
use crate::aws::Aws;
use crate::aws::change::ErrorDetail;

/// The currency that needs no verification.
const HOME_CURRENCY: &str = "USD";

/// The seller's banks must take the currencies, and other currencies than USD need a verified seller.
pub(super) fn check<'a>(
    aws: &Aws,
    account: &str,
    currencies: impl Iterator<Item = &'a str>,
    errors: &mut Vec<ErrorDetail>,
) {
    let standing = aws.standing_of(account);
    let mut currencies: Vec<&str> = currencies.collect();
    currencies.sort_unstable();
    currencies.dedup();
    if let Some(currency) = currencies.iter().find(|used| !standing.payment_currencies.iter().any(|it| it == *used)) {
        let message = format!("The account `{account}` has no bank account that takes {currency}.");
        add(errors, "INCOMPATIBLE_PAYMENT_SETTINGS", message);
    }
    if let Some(currency) = currencies.iter().find(|used| **used != HOME_CURRENCY && !standing.verified) {
        let message = format!("The account `{account}` must be verified to be paid in {currency}.");
        add(errors, "INCOMPATIBLE_SELLER_VERIFICATION", message);
    }
}

/// Offers are released by sellers whose tax information is known.
pub(super) fn check_tax(aws: &Aws, account: &str, errors: &mut Vec<ErrorDetail>) {
    if !aws.standing_of(account).tax_information {
        add(errors, "INVALID_TAX_INFORMATION", format!("The account `{account}` has given no tax information."));
    }
}
