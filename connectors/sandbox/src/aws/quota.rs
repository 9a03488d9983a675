//! Token buckets per account and operation, on real time.
//!
//! Rates per second: AWS Marketplace Catalog API quotas and Agreement API quotas, as published.

use std::collections::HashMap;
use std::time::Instant;

use crate::config::Throttling;

/// Published requests per second of an operation; 5 where its page names none.
fn rate_per_second(operation: &str) -> u32 {
    match operation {
        "DescribeEntity" => 20,
        "ListAgreementCharges" => 15,
        "ListEntities"
        | "DescribeChangeSet"
        | "GetAgreementTerms"
        | "GetAgreementEntitlements"
        | "ListAgreementInvoiceLineItems" => 10,
        "CreateAgreementRequest" => 4,
        "AcceptAgreementRequest" | "CancelAgreement" | "UpdatePurchaseOrders" => 3,
        "SendAgreementCancellationRequest"
        | "AcceptAgreementCancellationRequest"
        | "RejectAgreementCancellationRequest"
        | "CancelAgreementCancellationRequest"
        | "BatchCreateBillingAdjustmentRequest" => 2,
        _ => 5,
    }
}

#[derive(Debug)]
struct Bucket {
    /// Thousandths of a request.
    level: u64,
    filled_at: Instant,
}

/// All buckets. They are not persisted: a restart is longer than any of them needs to fill.
#[derive(Debug)]
pub(crate) struct Buckets {
    throttling: Throttling,
    buckets: HashMap<(String, String), Bucket>,
}

impl Buckets {
    pub(crate) fn new(throttling: Throttling) -> Self {
        Self { throttling, buckets: HashMap::new() }
    }

    /// Takes one request out of the bucket; false when it is empty. A full bucket holds one second.
    pub(crate) fn admit(&mut self, account: &str, operation: &str, at: Instant) -> bool {
        let Throttling::Times(factor) = self.throttling else { return true };
        let rate = u64::from(rate_per_second(operation)) * u64::from(factor);
        let capacity = rate * 1000;
        let key = (account.to_owned(), operation.to_owned());
        let bucket = self.buckets.entry(key).or_insert(Bucket { level: capacity, filled_at: at });
        let elapsed_ms = u64::try_from(at.saturating_duration_since(bucket.filled_at).as_millis()).unwrap_or(u64::MAX);
        bucket.level = bucket.level.saturating_add(elapsed_ms.saturating_mul(rate)).min(capacity);
        bucket.filled_at = at;
        if bucket.level < 1000 {
            return false;
        }
        bucket.level -= 1000;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_holds_one_second_and_fills_again() {
        let start = Instant::now();
        let mut buckets = Buckets::new(Throttling::Times(1));
        let mut admit = |at| buckets.admit("510000000001", "StartChangeSet", at);
        assert!((0..5).all(|_| admit(start)), "five requests fit");
        assert!(!admit(start), "the sixth does not");
        assert!(!admit(start + Duration::from_millis(199)));
        assert!(admit(start + Duration::from_millis(400)));
    }

    #[test]
    fn accounts_and_operations_have_their_own_buckets() {
        let start = Instant::now();
        let mut buckets = Buckets::new(Throttling::Times(1));
        while buckets.admit("510000000001", "StartChangeSet", start) {}
        assert!(buckets.admit("520000000001", "StartChangeSet", start));
        assert!(buckets.admit("510000000001", "ListChangeSets", start));
    }
}
