//! Waiting for a condition, never for a time.

use std::time::{Duration, Instant};

/// Asks `probe` until it answers `Some`, or panics with what was waited for.
pub async fn until<T>(what: &str, limit: Duration, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + limit;
    loop {
        if let Some(answer) = probe().await {
            return answer;
        }
        assert!(Instant::now() < end, "waited {limit:?} in vain for {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until somebody listens at `address`. Apart from [`until`], whose future a task
/// cannot carry to another thread.
pub async fn for_listener(address: &str, limit: Duration) {
    let end = Instant::now() + limit;
    while tokio::net::TcpStream::connect(address).await.is_err() {
        assert!(Instant::now() < end, "waited {limit:?} in vain for somebody to listen at {address}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
