-- How many rows of `focus` charges.sql cannot take, by the first reason, and how many it takes: together they are all rows.
SELECT
  CASE
    WHEN focus.BillingCurrency IS NULL OR focus.BillingCurrency <> contract.currency THEN 'other currency'
    WHEN BilledCost IS NULL THEN 'no cost'
    WHEN ChargePeriodStart IS NULL THEN 'no date'
    WHEN COALESCE(PublisherName, ServiceProviderName) IS NULL THEN 'no seller'
    WHEN BillingAccountId IS NULL THEN 'no account'
    WHEN ServiceName IS NULL THEN 'no service'
    WHEN LOWER(COALESCE(ChargeCategory, '')) NOT IN ('usage', 'purchase', 'tax', 'credit', 'adjustment')
      THEN 'unknown category'
    ELSE 'taken'
  END AS reason,
  COUNT(*) AS number_of_rows
FROM focus CROSS JOIN contract
GROUP BY 1
ORDER BY 1
