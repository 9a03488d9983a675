-- Rows of a month, made from their number alone: the same for everybody. Replaced before it runs: {rows}.
CREATE OR REPLACE TEMP VIEW made AS
WITH drawn AS (
    SELECT i,
        hash(i * 7 + 1) % 1000000 AS a, hash(i * 7 + 2) % 1000000 AS b, hash(i * 7 + 3) % 1000000 AS c,
        hash(i * 7 + 4) % 1000000 AS d, hash(i * 7 + 5) % 1000000 AS e
    FROM range({rows}) numbers(i)
), said AS (
    SELECT *,
        a % 40 AS service,
        CASE WHEN b % 1000 < 970 THEN 'Usage' WHEN b % 1000 < 980 THEN 'Purchase' WHEN b % 1000 < 988 THEN 'Tax'
             WHEN b % 1000 < 993 THEN 'Credit' WHEN b % 1000 < 999 THEN 'Adjustment' ELSE 'Gift' END AS category,
        TIMESTAMP '2025-05-01' + to_hours((c % 744)::BIGINT) AS started
    FROM drawn
)
SELECT
    CASE WHEN d % 5000 = 0 THEN NULL ELSE format('payer-{:02d}', a // 40 % 10) END AS "BillingAccountId",
    format('linked-{:04d}', b % 300) AS "SubAccountId",
    CASE WHEN d % 2000 = 1 THEN 'POINTS' ELSE 'USD' END AS "BillingCurrency",
    TIMESTAMP '2025-05-01' AS "BillingPeriodStart",
    TIMESTAMP '2025-06-01' AS "BillingPeriodEnd",
    category AS "ChargeCategory",
    CASE WHEN e % 400 = 0 THEN 'Correction' END AS "ChargeClass",
    CASE WHEN category = 'Purchase' THEN 'One-Time' ELSE 'Usage-Based' END AS "ChargeFrequency",
    format('Charge of kind {} in region {}, at the usual price, per hour or part of it', service, b % 20) AS "ChargeDescription",
    CASE WHEN e % 400 = 0 THEN started - INTERVAL 40 DAY ELSE started END AS "ChargePeriodStart",
    CASE WHEN d % 9000 = 2 THEN started - INTERVAL 41 DAY WHEN e % 400 = 0 THEN started - INTERVAL 40 DAY + INTERVAL 1 HOUR
         ELSE started + INTERVAL 1 HOUR END AS "ChargePeriodEnd",
    CASE WHEN d % 3000 = 3 THEN 'Oracle' ELSE 'AWS' END AS "ProviderName",
    CASE WHEN service >= 36 THEN format('Vendor {} Inc.', service) WHEN service % 3 = 0 THEN 'Amazon Web Services EMEA SARL'
         ELSE 'Amazon Web Services, Inc.' END AS "PublisherName",
    CASE WHEN d % 3000 = 3 THEN 'Oracle' ELSE 'Amazon Web Services, Inc.' END AS "InvoiceIssuerName",
    CASE WHEN service = 5 THEN 'AWS Support (Business)' ELSE format('Service number {:02d}', service) END AS "ServiceName",
    CASE WHEN service = 7 THEN 'Spend' WHEN service = 8 THEN 'Usage' END AS "CommitmentDiscountCategory",
    CASE WHEN service IN (7, 8) THEN CASE WHEN b % 9 = 0 THEN 'Unused' ELSE 'Used' END END AS "CommitmentDiscountStatus",
    format('arn:aws:thing:region-{}:account:thing/{:08x}', b % 20, c * 31 + d % 1000) AS "ResourceId",
    format('sku-{:05d}', a % 3000) AS "SkuId",
    (CASE WHEN category = 'Credit' OR (category = 'Adjustment' AND e % 2 = 0) THEN -1 ELSE 1 END
        * (e * 1000003 + d * 17) / 100000000::DECIMAL(20, 8))::DECIMAL(20, 8) AS "BilledCost"
FROM said;
