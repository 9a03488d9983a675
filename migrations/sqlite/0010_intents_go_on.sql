-- On PostgreSQL the row of a local intent goes on with the run's next one, which writes less to its log. Here both lie
-- side by side on one page, which is logged as a whole: there is nothing to change.

SELECT 1;
