-- Charges out of a FOCUS table of version 1.3 named `focus`, for daily_sums.sql: docs/warehouse.md. A table of version 1.2 becomes one
-- by a view that adds the columns ServiceProviderName and HostProviderName, both null.
-- For DuckDB and Athena. Yours to set: the contract's zone (here America/Los_Angeles), the names by which the cloud sells its
-- own services (here those of AWS), and the cost that the contract's basis names (here BilledCost).
WITH named AS (
  SELECT
    focus.*,
    CAST(BilledCost AS DECIMAL(38, 12)) AS cost,
    -- A period that begins and ends at midnight, as it is written, is one of whole days, and is not moved into the zone.
    CASE
      WHEN DATE_TRUNC('day', ChargePeriodStart AT TIME ZONE 'UTC') = ChargePeriodStart AT TIME ZONE 'UTC'
        AND DATE_TRUNC('day', ChargePeriodEnd AT TIME ZONE 'UTC') = ChargePeriodEnd AT TIME ZONE 'UTC'
        THEN CAST(ChargePeriodStart AT TIME ZONE 'UTC' AS DATE)
      ELSE CAST(ChargePeriodStart AT TIME ZONE 'America/Los_Angeles' AS DATE)
    END AS started,
    -- Neither are billing periods; one ends with the instant after its last day.
    CAST(BillingPeriodStart AT TIME ZONE 'UTC' AS DATE) AS billed_from,
    CAST((BillingPeriodEnd - INTERVAL '1' SECOND) AT TIME ZONE 'UTC' AS DATE) AS billed_through,
    LOWER(ChargeCategory) AS category,
    LOWER(COALESCE(ChargeClass, '')) = 'correction' AS corrects,
    LOWER(COALESCE(PublisherName, ServiceProviderName)) AS seller,
    LOWER(HostProviderName) AS host
  FROM focus
),
sold AS (
  SELECT
    named.*,
    CASE
      WHEN seller IN ('aws', 'amazon') OR seller LIKE 'amazon web services%' OR seller LIKE 'amazon.com%'
        OR seller LIKE 'amazon internet services%' THEN 'cloud'
      ELSE 'marketplace'
    END AS channel
  FROM named
),
kinds AS (
  SELECT
    sold.*,
    CASE
      WHEN category = 'tax' THEN 'tax'
      WHEN category = 'credit' THEN 'credit'
      WHEN category = 'adjustment' THEN CASE WHEN cost < 0 THEN 'refund' ELSE 'adjustment' END
      WHEN channel = 'cloud' AND (LOWER(ServiceName) LIKE 'aws support%' OR LOWER(ServiceName) LIKE 'aws premium support%'
        OR LOWER(ServiceName) LIKE 'aws enterprise support%' OR LOWER(ServiceName) LIKE 'aws business support%'
        OR LOWER(ServiceName) LIKE 'aws developer support%') THEN 'support'
      WHEN (category = 'purchase' OR LOWER(CommitmentDiscountStatus) = 'unused')
        AND LOWER(CommitmentDiscountCategory) = 'spend' THEN 'savings_plan_fee'
      WHEN (category = 'purchase' OR LOWER(CommitmentDiscountStatus) = 'unused')
        AND LOWER(CommitmentDiscountCategory) = 'usage' THEN 'reservation_fee'
      WHEN corrects THEN CASE WHEN cost < 0 THEN 'refund' ELSE 'adjustment' END
      WHEN category = 'purchase' AND cost < 0 THEN 'refund'
      WHEN category = 'purchase' THEN 'purchase'
      ELSE 'usage'
    END AS kind,
    CASE LOWER(COALESCE(ChargeFrequency, CASE WHEN category = 'purchase' THEN 'one-time' ELSE 'usage-based' END))
      WHEN 'one-time' THEN 'one_time'
      WHEN 'recurring' THEN 'recurring'
      ELSE 'usage_based'
    END AS frequency
  FROM sold
),
dated AS (
  -- What is given back for an earlier month is billed in this one.
  SELECT
    kinds.*,
    kind IN ('refund', 'credit', 'adjustment') AND started < billed_from AS gives_back
  FROM kinds
)
SELECT
  CASE
    WHEN STRPOS(COALESCE(contract.accounts, ''), CONCAT('|', SubAccountId, '|')) > 0 THEN SubAccountId
    ELSE BillingAccountId
  END AS account,
  ServiceName AS product,
  channel,
  kind,
  frequency,
  'paid' AS pricing,
  CASE WHEN gives_back THEN billed_from ELSE started END AS charge_day,
  CASE WHEN kind = 'purchase' AND frequency = 'one_time' THEN started END AS purchase_day,
  CAST(NULL AS DATE) AS activation_day,
  billed_through AS invoice_day,
  CASE WHEN gives_back THEN started END AS original_day,
  CASE
    WHEN channel = 'marketplace' AND host IS NOT NULL
      THEN host IN ('aws', 'amazon') OR host LIKE 'amazon web services%' OR host LIKE 'amazon.com%'
        OR host LIKE 'amazon internet services%'
  END AS runs_on_cloud,
  -- What no bill tells is unknown. Join your own table of products here.
  CAST(NULL AS BOOLEAN) AS software_as_service,
  CAST(NULL AS BOOLEAN) AS offer_enrolled,
  CAST(NULL AS BOOLEAN) AS bought_under_agreement,
  CAST(NULL AS BOOLEAN) AS vendor_opted_in,
  CAST(NULL AS BOOLEAN) AS owned_by_buyer,
  CAST(NULL AS BOOLEAN) AS professional_services,
  CAST(NULL AS BOOLEAN) AS published_exclusion,
  cost AS amount
FROM dated CROSS JOIN contract
WHERE dated.BillingCurrency = contract.currency
  AND cost IS NOT NULL
  AND started IS NOT NULL
  AND seller IS NOT NULL
  AND BillingAccountId IS NOT NULL
  AND ServiceName IS NOT NULL
  AND category IN ('usage', 'purchase', 'tax', 'credit', 'adjustment')
