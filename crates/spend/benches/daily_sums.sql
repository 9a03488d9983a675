-- From a FOCUS file to the daily sums of a commitment to AWS, as Entente makes them: quarantine, channel, kind, eligibility.
-- A warehouse runs the same and shares the sums (docs/spend.md). It reads the view `charges` (charges_*.sql), the names of
-- clouds (`clouds`, from data/clouds.csv), and the commitment's accounts (`accounts`). The basis that is written into it:
-- billed cost after discounts, dated by the charge, in UTC; support, tax and fees of reservations are left out; refunds count
-- in the period of what they give back.

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
FROM charges
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

CREATE OR REPLACE TEMP TABLE judged AS
WITH looked_up AS (
    SELECT classes.*,
        provider.cloud AS provider, publisher.cloud AS publisher, issuer.cloud AS issuer,
        coalesce(services.support, false) AS support, accounts.account IS NOT NULL AS in_scope
    FROM classes
    LEFT JOIN names AS provider ON provider.name = trim(classes."ProviderName")
    LEFT JOIN names AS publisher ON publisher.name = trim(classes."PublisherName")
    LEFT JOIN names AS issuer ON issuer.name = trim(classes."InvoiceIssuerName")
    LEFT JOIN services ON services.service = trim(classes."ServiceName")
    LEFT JOIN accounts ON accounts.account = classes."BillingAccountId"
), told AS (
    SELECT *,
        CASE
            WHEN date_fault IS NOT NULL THEN date_fault
            WHEN "BillingCurrency" IS NULL THEN 'missing'
            WHEN upper("BillingCurrency") <> 'USD' THEN 'other_currency'
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
        if(kind = 'refund' OR NOT (kind IN ('credit', 'adjustment') AND started < billed_from),
            started, billed_from) AS day
    FROM kinds
)
SELECT quarantine, day, "BillingAccountId" AS account, "ServiceName" AS product,
    if(sold, 'marketplace', 'cloud') AS part,
    CASE
        WHEN NOT in_scope THEN 'scope'
        WHEN kind = 'tax' THEN 'K7'
        WHEN kind = 'support' THEN 'support'
        WHEN kind = 'reservation_fee' THEN 'reservation'
        WHEN NOT sold THEN 'cloud'
        -- K10 holds from its day on, by the invoice or, of what gives back a charge, by that one's day. Whether the product runs
        -- on the cloud is not told by FOCUS before 1.3: all or nothing of it counts.
        WHEN if(earlier, started, billed_to - 1) >= DATE '2025-05-01' THEN 'K10'
        WHEN billed_to IS NULL AND NOT earlier THEN 'K10'
        ELSE 'K1'
    END AS reason,
    cost, rows
FROM days;

CREATE OR REPLACE TEMP TABLE daily AS
SELECT day, account, product, part, reason, sum(cost) AS amount, sum(rows) AS rows
FROM judged WHERE quarantine IS NULL
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE quarantined AS
SELECT quarantine AS reason, sum(rows) AS rows FROM judged WHERE quarantine IS NOT NULL GROUP BY ALL;
