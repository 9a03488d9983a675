-- From a FOCUS file to charges, as Entente understands it: quarantine, channel, kind, days. What counts of them is decided by
-- eligibility/warehouse/daily_sums.sql, the statement of docs/warehouse.md, with the tables that Entente exports for it.
-- It reads the view `focus` (file_*.sql), the names of clouds (`clouds`, from data/clouds.csv) and the table `contract`. Written
-- into it are the cloud, AWS, and the contract's zone, UTC.

-- Rows that differ in nothing but their amount and hour, added up: the one pass over the file.
CREATE OR REPLACE TEMP TABLE classes AS
SELECT "BillingAccountId", "BillingCurrency", "ChargeCategory", "ChargeClass", "ChargeFrequency", "ProviderName",
    "PublisherName", "InvoiceIssuerName", "ServiceName", "CommitmentDiscountCategory", "CommitmentDiscountStatus",
    CASE
        WHEN "ChargePeriodStart" IS NULL THEN 'missing'
        WHEN started IS NULL THEN 'not_a_date'
        WHEN ended IS NULL AND "ChargePeriodEnd" IS NOT NULL THEN 'not_a_date'
        WHEN ended <= started THEN 'period_backwards'
        WHEN billed_from IS NULL AND "BillingPeriodStart" IS NOT NULL THEN 'not_a_date'
        WHEN billed_to IS NULL AND "BillingPeriodEnd" IS NOT NULL THEN 'not_a_date'
    END AS date_fault,
    CASE
        WHEN "BilledCost" IS NULL THEN 'missing'
        WHEN cost IS NULL THEN 'not_a_number'
        WHEN abs(cost) > 1000000000000 THEN 'too_large'
    END AS cost_fault,
    started::DATE AS started, billed_from::DATE AS billed_from, billed_to::DATE AS billed_to, cost < 0 AS negative,
    sum(cost) AS cost, count(*) AS rows
FROM focus
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE names AS
WITH seen AS (
    SELECT DISTINCT unnest([trim("ProviderName"), trim("PublisherName"), trim("InvoiceIssuerName")]) AS name FROM classes
)
SELECT name, (
    SELECT arg_min(cloud, clouds.at) FROM clouds
    WHERE what = 'name' AND CASE how WHEN 'is' THEN lower(name) = lower(text) ELSE starts_with(lower(name), lower(text)) END
) AS cloud
FROM seen WHERE name IS NOT NULL;

CREATE OR REPLACE TEMP TABLE services AS
WITH seen AS (SELECT DISTINCT trim("ServiceName") AS service FROM classes)
SELECT service, EXISTS (
    SELECT 1 FROM clouds
    WHERE cloud = 'aws' AND what = 'support'
        AND CASE how WHEN 'is' THEN lower(service) = lower(text) ELSE starts_with(lower(service), lower(text)) END
) AS support
FROM seen WHERE service IS NOT NULL;

CREATE OR REPLACE TEMP TABLE understood AS
WITH looked_up AS (
    SELECT classes.*,
        provider.cloud AS provider, publisher.cloud AS publisher, issuer.cloud AS issuer,
        coalesce(services.support, false) AS support, contract.currency
    FROM classes CROSS JOIN contract
    LEFT JOIN names AS provider ON provider.name = trim(classes."ProviderName")
    LEFT JOIN names AS publisher ON publisher.name = trim(classes."PublisherName")
    LEFT JOIN names AS issuer ON issuer.name = trim(classes."InvoiceIssuerName")
    LEFT JOIN services ON services.service = trim(classes."ServiceName")
), told AS (
    SELECT *,
        CASE
            WHEN date_fault IS NOT NULL THEN date_fault
            WHEN "BillingCurrency" IS NULL THEN 'missing'
            WHEN upper("BillingCurrency") <> currency THEN 'other_currency'
            WHEN "BillingAccountId" IS NULL OR "ProviderName" IS NULL THEN 'missing'
            WHEN provider IS DISTINCT FROM 'aws' AND issuer IS DISTINCT FROM 'aws' THEN 'other_cloud'
            WHEN "ServiceName" IS NULL OR "ChargeCategory" IS NULL THEN 'missing'
            WHEN lower("ChargeCategory") NOT IN ('usage', 'purchase', 'tax', 'credit', 'adjustment') THEN 'unknown_word'
            WHEN lower("ChargeFrequency") NOT IN ('one-time', 'recurring', 'usage-based') THEN 'unknown_word'
            WHEN cost_fault IS NOT NULL THEN cost_fault
        END AS quarantine,
        ("PublisherName" IS NOT NULL AND publisher IS DISTINCT FROM 'aws')
            OR ("PublisherName" IS NULL AND provider IS DISTINCT FROM 'aws') AS sold,
        lower("ChargeCategory") AS category,
        lower("ChargeClass") IS NOT DISTINCT FROM 'correction' AS correction,
        CASE WHEN lower("ChargeCategory") = 'purchase' OR lower("CommitmentDiscountStatus") = 'unused'
            THEN lower("CommitmentDiscountCategory") END AS fee
    FROM looked_up
), kinds AS (
    SELECT *,
        CASE
            WHEN category IN ('tax', 'credit') THEN category
            WHEN category = 'adjustment' THEN if(negative, 'refund', 'adjustment')
            WHEN support AND NOT sold THEN 'support'
            WHEN fee = 'spend' THEN 'savings_plan_fee'
            WHEN fee = 'usage' THEN 'reservation_fee'
            WHEN correction THEN if(negative, 'refund', 'adjustment')
            WHEN category = 'purchase' AND negative THEN 'refund'
            ELSE category
        END AS kind
    FROM told
), days AS (
    SELECT *,
        kind IN ('refund', 'credit', 'adjustment') AND started < billed_from AS earlier,
        CASE lower(coalesce("ChargeFrequency", if(category = 'purchase', 'one-time', 'usage-based')))
            WHEN 'one-time' THEN 'one_time' WHEN 'recurring' THEN 'recurring' ELSE 'usage_based' END AS frequency
    FROM kinds
)
SELECT quarantine, "BillingAccountId" AS account, "ServiceName" AS product,
    if(sold, 'marketplace', 'cloud') AS channel, kind, frequency, 'paid' AS pricing,
    if(earlier, billed_from, started) AS charge_day,
    if(kind = 'purchase' AND frequency = 'one_time', started, NULL) AS purchase_day,
    NULL::DATE AS activation_day,
    -- A period ends with the instant after its last day.
    billed_to - 1 AS invoice_day,
    if(earlier, started, NULL) AS original_day,
    -- FOCUS before 1.3 tells none of them.
    NULL::BOOLEAN AS runs_on_cloud, NULL::BOOLEAN AS software_as_service, NULL::BOOLEAN AS offer_enrolled,
    NULL::BOOLEAN AS bought_under_agreement, NULL::BOOLEAN AS vendor_opted_in, NULL::BOOLEAN AS owned_by_buyer,
    NULL::BOOLEAN AS professional_services, NULL::BOOLEAN AS published_exclusion,
    cost AS amount, rows
FROM days;

CREATE OR REPLACE TEMP TABLE charges AS SELECT * EXCLUDE (quarantine) FROM understood WHERE quarantine IS NULL;

CREATE OR REPLACE TEMP TABLE quarantined AS
SELECT quarantine AS reason, sum(rows) AS rows FROM understood WHERE quarantine IS NOT NULL GROUP BY ALL;
