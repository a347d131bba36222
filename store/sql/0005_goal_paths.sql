-- Which pages led to a goal: of each closed day, how many visitors reached it behind which last
-- pages. Nothing else stands beside them: no hour, no source, no place, no browser. A path of
-- too few visitors is shortened, or is not there, before it is written (store/src/paths.rs).
CREATE TABLE IF NOT EXISTS {db}.goal_paths
(
    site_id  UInt32,
    day      Date,
    gen      UInt16,                        -- which closing of that day wrote the row
    goal     UInt64,                        -- the number of its rule
    path     Array(String) CODEC(ZSTD(1)),  -- the last pages before it, the latest last, [''] for none, [] for all others
    visitors UInt64                         -- by their first visit of the day that reached it
)
ENGINE = {engine}
PARTITION BY toYYYYMM(day)
ORDER BY (site_id, day, goal)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_compressed_bytes_to_fsync_after_merge = 1,
         old_parts_lifetime = 480, auto_statistics_types = '', non_replicated_deduplication_window = 0
