-- Daily sums of a commitment out of charges that lie in a warehouse: docs/warehouse.md says how to make the tables.
-- One text for DuckDB, Athena (Trino) and BigQuery. It decides as the program does: scope, the contract's basis, then the highest
-- precedence that surely concerns the charge; what may concern it, and what contradicts, widens the band.
WITH classes AS (
  -- Charges that differ in their amount alone are judged once.
  SELECT
    ROW_NUMBER() OVER (ORDER BY account, product, charge_day) AS class,
    account, product, channel, kind, frequency, pricing,
    charge_day, purchase_day, activation_day, invoice_day, original_day,
    runs_on_cloud, software_as_service, offer_enrolled, bought_under_agreement,
    vendor_opted_in, owned_by_buyer, professional_services, published_exclusion,
    SUM(amount) AS amount
  FROM charges
  GROUP BY
    account, product, channel, kind, frequency, pricing,
    charge_day, purchase_day, activation_day, invoice_day, original_day,
    runs_on_cloud, software_as_service, offer_enrolled, bought_under_agreement,
    vendor_opted_in, owned_by_buyer, professional_services, published_exclusion
),
named AS (
  SELECT
    classes.*, contract.currency, contract.starts,
    CASE contract.dated_by
      WHEN 'purchase' THEN purchase_day
      WHEN 'activation' THEN activation_day
      WHEN 'invoice' THEN invoice_day
      ELSE charge_day
    END AS named_day,
    CASE WHEN kind IN ('refund', 'credit', 'adjustment') THEN original_day END AS gives_back,
    contract.dated_by, contract.credits, contract.refunds,
    CASE
      WHEN contract.accounts IS NOT NULL AND STRPOS(contract.accounts, CONCAT('|', account, '|')) = 0 THEN 'scope'
      WHEN kind = 'tax' AND contract.tax = 'excluded' THEN 'K7'
      WHEN kind = 'support' AND contract.support = 'excluded' THEN 'support'
      WHEN kind = 'savings_plan_fee' AND contract.savings_plan_fees = 'excluded' THEN 'savings-plan'
      WHEN kind = 'reservation_fee' AND contract.reservation_fees = 'excluded' THEN 'reservation'
      WHEN kind = 'credit' AND contract.credits = 'ignored' THEN 'K9'
      WHEN kind = 'refund' AND contract.refunds = 'ignored' THEN 'K9'
    END AS left_out
  FROM classes CROSS JOIN contract
),
dated AS (
  SELECT
    named.*,
    COALESCE(
      CASE
        WHEN kind = 'refund' AND refunds = 'original_period' THEN COALESCE(original_day, named_day)
        WHEN kind = 'credit' AND credits = 'original_period' THEN COALESCE(original_day, named_day)
        WHEN kind = 'refund' AND refunds = 'refund_period' AND dated_by <> 'invoice' THEN charge_day
        ELSE named_day
      END,
      charge_day
    ) AS counted_on
  FROM named
),
-- What counts unless a rule says otherwise: the cloud's own services wholly, purchases as the terms of their day say.
base AS (
  SELECT
    dated.*,
    CASE WHEN channel = 'cloud' THEN 100 ELSE COALESCE(terms.counts_least, 0) END AS full_least,
    CASE WHEN channel = 'cloud' THEN 100 ELSE COALESCE(terms.counts_most, 100) END AS full_most,
    CASE WHEN channel = 'cloud' THEN 'cloud' ELSE 'K1' END AS full_reason
  FROM dated
  LEFT JOIN terms
    ON COALESCE(dated.gives_back, dated.counted_on) BETWEEN terms.from_day AND terms.through_day
),
tested AS (
  SELECT
    base.class, base.full_least, base.full_most, rules.place, rules.rule, rules.precedence, rules.effect, rules.share,
    rules.valid_from, rules.valid_through, rules.before_commitment, base.starts,
    CASE
      WHEN rules.tests IN ('charge', 'invoice') AND base.gives_back IS NOT NULL THEN base.gives_back
      WHEN rules.tests = 'purchase' THEN base.purchase_day
      WHEN rules.tests = 'activation' THEN base.activation_day
      WHEN rules.tests = 'invoice' THEN base.invoice_day
      ELSE base.charge_day
    END AS tested_day,
    (rules.channels IS NULL OR STRPOS(rules.channels, CONCAT('|', base.channel, '|')) > 0)
    AND (rules.kinds IS NULL OR STRPOS(rules.kinds, CONCAT('|', base.kind, '|')) > 0)
    AND (rules.frequencies IS NULL OR STRPOS(rules.frequencies, CONCAT('|', base.frequency, '|')) > 0)
    AND (rules.pricing IS NULL OR STRPOS(rules.pricing, CONCAT('|', base.pricing, '|')) > 0)
    AND (rules.products IS NULL OR STRPOS(rules.products, CONCAT('|', base.product, '|')) > 0)
    AND (rules.accounts IS NULL OR STRPOS(rules.accounts, CONCAT('|', base.account, '|')) > 0)
    -- A mark that is unknown leaves it open, unless something else settles it.
    AND (rules.runs_on_cloud IS NULL OR rules.runs_on_cloud = base.runs_on_cloud)
    AND (rules.software_as_service IS NULL OR rules.software_as_service = base.software_as_service)
    AND (rules.offer_enrolled IS NULL OR rules.offer_enrolled = base.offer_enrolled)
    AND (rules.bought_under_agreement IS NULL OR rules.bought_under_agreement = base.bought_under_agreement)
    AND (rules.vendor_opted_in IS NULL OR rules.vendor_opted_in = base.vendor_opted_in)
    AND (rules.owned_by_buyer IS NULL OR rules.owned_by_buyer = base.owned_by_buyer)
    AND (rules.professional_services IS NULL OR rules.professional_services = base.professional_services)
    AND (rules.published_exclusion IS NULL OR rules.published_exclusion = base.published_exclusion) AS fits
  FROM base CROSS JOIN rules
  WHERE base.left_out IS NULL
),
answered AS (
  SELECT
    tested.*,
    fits
    AND (valid_from IS NULL OR valid_from <= tested_day)
    AND (valid_through IS NULL OR tested_day <= valid_through)
    AND (NOT before_commitment OR tested_day < starts) AS concerned
  FROM tested
),
heard AS (
  SELECT
    class, place, rule, precedence, COALESCE(concerned, FALSE) AS surely,
    CASE effect WHEN 'counts' THEN full_least WHEN 'counts_at' THEN share ELSE 0 END AS least,
    CASE effect WHEN 'counts' THEN full_most WHEN 'counts_at' THEN share WHEN 'unknown' THEN full_most ELSE 0 END AS most
  FROM answered
  WHERE COALESCE(concerned, TRUE)
),
floors AS (
  SELECT class, MAX(precedence) AS lowest FROM heard WHERE surely GROUP BY class
),
-- Everything from the highest precedence that surely concerns the charge upwards; the default where none does.
considered AS (
  SELECT heard.class, heard.place, heard.rule, heard.precedence, heard.surely, heard.least, heard.most
  FROM heard LEFT JOIN floors ON heard.class = floors.class
  WHERE floors.lowest IS NULL OR heard.precedence >= floors.lowest
  UNION ALL
  SELECT base.class, -1, COALESCE(base.left_out, base.full_reason), -1, TRUE,
    CASE WHEN base.left_out IS NULL THEN base.full_least ELSE 0 END,
    CASE WHEN base.left_out IS NULL THEN base.full_most ELSE 0 END
  FROM base LEFT JOIN floors ON base.class = floors.class
  WHERE floors.lowest IS NULL
),
widened AS (
  SELECT
    considered.*,
    MIN(least) OVER (PARTITION BY class ORDER BY precedence) AS so_far_least,
    MAX(most) OVER (PARTITION BY class ORDER BY precedence) AS so_far_most,
    MIN(least) OVER (PARTITION BY class) AS weight_least,
    MAX(most) OVER (PARTITION BY class) AS weight_most
  FROM considered
),
-- The reason is the lowest precedence from which on nothing changes: what concerns the charge and changes nothing is none.
ranked AS (
  SELECT
    class, rule, weight_least, weight_most,
    ROW_NUMBER() OVER (PARTITION BY class ORDER BY precedence, CASE WHEN surely THEN 0 ELSE 1 END, place) AS rank_of
  FROM widened
  WHERE so_far_least = weight_least AND so_far_most = weight_most
)
SELECT
  base.counted_on AS day,
  base.account,
  base.product,
  CASE WHEN base.channel = 'cloud' THEN 'cloud' ELSE 'marketplace' END AS part,
  ranked.rule AS reason,
  ranked.weight_least,
  ranked.weight_most,
  base.currency,
  SUM(base.amount) AS amount
FROM base JOIN ranked ON base.class = ranked.class AND ranked.rank_of = 1
GROUP BY
  base.counted_on, base.account, base.product, CASE WHEN base.channel = 'cloud' THEN 'cloud' ELSE 'marketplace' END,
  ranked.rule, ranked.weight_least, ranked.weight_most, base.currency
ORDER BY 1, 2, 3, 4, 5, 6, 7
