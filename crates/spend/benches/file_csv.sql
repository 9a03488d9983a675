-- A FOCUS file as CSV: everything is a text until it is understood. Replaced before it runs: {file}.
CREATE OR REPLACE TEMP VIEW focus AS
SELECT *,
    TRY_CAST("ChargePeriodStart" AS TIMESTAMP) AS started, TRY_CAST("ChargePeriodEnd" AS TIMESTAMP) AS ended,
    TRY_CAST("BillingPeriodStart" AS TIMESTAMP) AS billed_from, TRY_CAST("BillingPeriodEnd" AS TIMESTAMP) AS billed_to,
    TRY_CAST("BilledCost" AS DECIMAL(38, 12)) AS cost
FROM read_csv('{file}', header = true, all_varchar = true, nullstr = ['', 'NULL'], quote = '"', escape = '"', delim = ',');
