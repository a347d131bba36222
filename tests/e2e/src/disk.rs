//! What lies on ClickHouse's disk, without the wait that it takes by default.

use store::Store;

/// Old parts of the table leave the disk at once: by default they stay 480 s, and an idle
/// table is looked after every 300 s. A pause that has begun goes by the old settings, and
/// grows from 30 s on: ask for this as soon as the table is there.
pub async fn let_old_parts_go(store: &Store, table: &str) {
    let settings = "old_parts_lifetime = 1, cleanup_delay_period = 1, max_cleanup_delay_period = 1";
    let sql = format!("ALTER TABLE mostik.{table} MODIFY SETTING {settings}");
    store.execute("let old parts go", &sql).await.expect("the table takes its settings");
}
