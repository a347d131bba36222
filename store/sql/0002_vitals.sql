-- Web vitals: how a page loaded and answered, as its browser measured it. A figure that
-- was not measured has no key. Milliseconds under lcp, fcp, ttfb and inp; cls times 10,000.
ALTER TABLE {db}.events_hot ADD COLUMN IF NOT EXISTS
    vitals Map(LowCardinality(String), UInt32) CODEC(ZSTD(1)) AFTER scroll; -- engagement rows: so far

ALTER TABLE {db}.events ADD COLUMN IF NOT EXISTS
    vitals Map(LowCardinality(String), UInt32) CODEC(ZSTD(1)) AFTER scroll; -- of this page view
