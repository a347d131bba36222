-- Declared goals and funnels, decided when a day is closed. A goal is named by the number of
-- its rule (store/src/goal.rs), so a changed rule is another goal. `goals` stands on the row
-- that reached them; what is known of the whole visit stands on its entry row alone: on every
-- row of a visit it would tie the rows together again.
ALTER TABLE {db}.events ADD COLUMN IF NOT EXISTS
    goals Array(UInt64) CODEC(ZSTD(1)) AFTER currency;            -- what this row reached

ALTER TABLE {db}.events ADD COLUMN IF NOT EXISTS
    visit_goals Array(UInt64) CODEC(ZSTD(1)) AFTER visit_engaged_ms; -- on the entry row: what the visit reached

ALTER TABLE {db}.events ADD COLUMN IF NOT EXISTS
    visitor_goals Array(UInt64) CODEC(ZSTD(1)) AFTER visit_goals; -- of these, what no earlier visit of the visitor's day had reached

ALTER TABLE {db}.events ADD COLUMN IF NOT EXISTS
    funnels Map(UInt64, UInt8) CODEC(ZSTD(1)) AFTER visitor_goals; -- on the entry row: steps reached, of each funnel

-- Which goals and funnels were known at the closing, and so are decided in its rows.
ALTER TABLE {db}.closed_days ADD COLUMN IF NOT EXISTS goals Array(UInt64) AFTER rows;

ALTER TABLE {db}.closed_days ADD COLUMN IF NOT EXISTS funnels Array(UInt64) AFTER goals;
