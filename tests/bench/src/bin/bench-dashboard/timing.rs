//! Times of one question, asked again and again.

use std::{
    fmt,
    time::{Duration, Instant},
};

#[derive(Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Waits for an answer and notes how long it took.
    pub async fn take<T>(&mut self, answer: impl Future<Output = T>) {
        let started = Instant::now();
        answer.await;
        self.0.push(started.elapsed());
    }

    /// The nearest rank: a time that was measured, never one between two.
    fn percentile(&self, percent: usize) -> Option<Duration> {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100);
        sorted.get(rank.saturating_sub(1)).copied()
    }
}

impl fmt::Display for Times {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(half), Some(most)) = (self.percentile(50), self.percentile(95)) else {
            return out.write_str("not asked");
        };
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        write!(out, "p50 {:.1} p95 {:.1} ms", ms(half), ms(most))
    }
}
