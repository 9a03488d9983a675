-- A FOCUS file as Parquet, with its types. Replaced before it runs: {file}.
CREATE OR REPLACE TEMP VIEW focus AS
SELECT *,
    "ChargePeriodStart" AS started, "ChargePeriodEnd" AS ended, "BillingPeriodStart" AS billed_from,
    "BillingPeriodEnd" AS billed_to, "BilledCost" AS cost
FROM read_parquet('{file}');
