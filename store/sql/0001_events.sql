-- Open days: one row an event, with the day's visitor and visit numbers.
-- Append-only. One INSERT is one spool segment's rows of one day, so it is one
-- block in one partition and therefore atomic. The partition is dropped when
-- every site's day in it has been closed.
CREATE TABLE IF NOT EXISTS {db}.events_hot
(
    site_id      UInt32,
    day          Date,                      -- site-local date, fixed when the event was accepted
    visitor      UInt64,                    -- keyed hash of that day; 0: not known, counted as nobody's
    visit        UInt64,                    -- random, lives in the collector's memory; 0: not known, counted as no visit
    ts           DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    kind         Enum8('pageview' = 1, 'custom' = 2, 'engagement' = 3),
    name         LowCardinality(String),    -- '' for a page view
    host         LowCardinality(String),
    path         String CODEC(ZSTD(1)),     -- scrubbed, no query, no fragment
    source       LowCardinality(String),    -- from here to `device`: of the visit's first event
    channel      LowCardinality(String),
    referrer     String CODEC(ZSTD(1)),     -- host only
    utm_source   LowCardinality(String),
    utm_medium   LowCardinality(String),
    utm_campaign LowCardinality(String),
    utm_content  String CODEC(ZSTD(1)),
    utm_term     String CODEC(ZSTD(1)),
    country      LowCardinality(FixedString(2)), -- ISO 3166-1 alpha-2; 'ZZ' unknown
    browser      LowCardinality(String),
    os           LowCardinality(String),
    device       Enum8('unknown' = 0, 'desktop' = 1, 'mobile' = 2, 'tablet' = 3, 'tv' = 4),
    interactive  UInt8,                     -- 0 only for a custom event sent with i:false
    props        Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    revenue      Decimal64(4),
    currency     LowCardinality(String),
    engaged_ms   UInt32 CODEC(T64, ZSTD(1)), -- engagement rows: cumulative for `page_view`
    scroll       UInt8,                     -- percent, 0-100, maximum so far
    page_view    UInt64,                    -- random number of the page view, from the page
    event_id     UInt64,                    -- random number of the event, from the page or from us
    seq          UInt32 CODEC(T64, ZSTD(1)), -- position in the batch; (batch, seq) names a row
    batch        UInt64 CODEC(Delta(8), ZSTD(1)),
    INDEX ix_batch batch TYPE minmax GRANULARITY 1
)
ENGINE = {engine}
PARTITION BY day
PRIMARY KEY (site_id, day, visitor)
ORDER BY (site_id, day, visitor, ts, seq)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_compressed_bytes_to_fsync_after_merge = 1,
         old_parts_lifetime = 480, auto_statistics_types = '', non_replicated_deduplication_window = 0,
         min_free_disk_bytes_to_perform_insert = 1073741824;

-- Closed days: no visitor, no visit number, the hour instead of the second, in
-- random order. What had to be distinct was decided when the day was closed and
-- stands here as a flag, so that every distinct count is a sum.
CREATE TABLE IF NOT EXISTS {db}.events
(
    site_id      UInt32,
    day          Date,
    gen          UInt16,                    -- which closing of that day wrote the row
    hour         UInt8,                     -- site-local, 0-23
    kind         Enum8('pageview' = 1, 'custom' = 2),
    name         LowCardinality(String),
    host         LowCardinality(String),
    path         String CODEC(ZSTD(1)),
    source       LowCardinality(String),
    channel      LowCardinality(String),
    referrer     String CODEC(ZSTD(1)),
    utm_source   LowCardinality(String),
    utm_medium   LowCardinality(String),
    utm_campaign LowCardinality(String),
    utm_content  String CODEC(ZSTD(1)),
    utm_term     String CODEC(ZSTD(1)),
    country      LowCardinality(FixedString(2)),
    browser      LowCardinality(String),
    os           LowCardinality(String),
    device       Enum8('unknown' = 0, 'desktop' = 1, 'mobile' = 2, 'tablet' = 3, 'tv' = 4),
    props        Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    revenue      Decimal64(4),
    currency     LowCardinality(String),
    engaged_ms   UInt32 CODEC(T64, ZSTD(1)), -- of this page view
    scroll       UInt8,                      -- of this page view, percent
    is_visitor        UInt8,                -- first event of this visitor that day
    is_visit          UInt8,                -- entry: first event of this visit
    is_source_visitor UInt8,                -- first event of this visitor that day from this source
    is_page_visitor   UInt8,                -- first view of this path by this visitor that day
    is_page_visit     UInt8,                -- first view of this path in this visit
    is_goal_visitor   UInt8,                -- first custom event of this name by this visitor that day
    is_exit           UInt8,                -- last page view of the visit
    is_bounce         UInt8,                -- on the entry row: one page view and nothing interactive
    visit_seconds     UInt32 CODEC(T64, ZSTD(1)), -- on the entry row, else 0
    visit_views       UInt16 CODEC(T64, ZSTD(1)), -- on the entry row, else 0
    visit_engaged_ms  UInt32 CODEC(T64, ZSTD(1))  -- on the entry row, else 0
)
ENGINE = {engine}
PARTITION BY toYYYYMM(day)
ORDER BY (site_id, day, kind, path)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_compressed_bytes_to_fsync_after_merge = 1,
         old_parts_lifetime = 480, auto_statistics_types = '', non_replicated_deduplication_window = 0;

-- The commit of a closing: a day is closed when its row stands here, and its
-- greatest `gen` says which rows of `events` count.
CREATE TABLE IF NOT EXISTS {db}.closed_days
(
    site_id   UInt32,
    day       Date,
    gen       UInt16,
    hot_rows  UInt64,                       -- rows of events_hot it was made from, beside an earlier closing
    rows      UInt64,                       -- rows it wrote to events
    closed_at DateTime('UTC'),
    dropped   UInt8                         -- its hot rows: 0 still there, 1 being dropped, 2 gone
)
ENGINE = {engine}
ORDER BY (site_id, day, gen)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = '', non_replicated_deduplication_window = 0;

-- What became of every event received: stored, or refused and why.
CREATE TABLE IF NOT EXISTS {db}.ledger
(
    site_id UInt32,                         -- 0: no site of ours was named
    minute  DateTime('UTC'),
    outcome Enum8('stored' = 1, 'refused' = 2),
    reason  LowCardinality(String),         -- '' for stored
    n       UInt64,
    batch   UInt64,
    INDEX ix_batch batch TYPE minmax GRANULARITY 1
)
ENGINE = {engine}
PARTITION BY toYYYYMM(minute)
ORDER BY (site_id, minute, outcome, reason)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = '', non_replicated_deduplication_window = 0;
