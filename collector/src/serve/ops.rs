//! The local side: is it alive, is it ready, how is it doing.

use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    header::{CONTENT_TYPE, HeaderValue},
};
use store::Store;

use super::{Answer, not_allowed, text};
use crate::{
    balance::Imbalance,
    erase::Erasures,
    metrics::{Gauges, Metrics},
    privacy::KeyRing,
    site::Sites,
    spool::State,
    visit::Visits,
};

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the local side looks at.
pub struct Ops {
    pub metrics: Arc<Metrics>,
    pub sites: Arc<ArcSwap<Sites>>,
    pub visits: Arc<Visits>,
    pub keys: Arc<KeyRing>,
    pub spool: Arc<State>,
    pub store: Store,
    pub erasures: Arc<Erasures>,
    pub imbalance: Arc<Imbalance>,
}

impl Ops {
    pub async fn answer<B>(&self, request: &Request<B>) -> Answer {
        match (request.method(), request.uri().path()) {
            (&Method::GET, "/live") => text(StatusCode::OK, "live\n"),
            (&Method::GET, "/ready") => self.ready().await,
            (&Method::GET, "/metrics") => self.metrics(),
            (&Method::GET, _) => text(StatusCode::NOT_FOUND, "not found\n"),
            _ => not_allowed("GET"),
        }
    }

    /// Ready to accept: settings have come. ClickHouse may be away, which the body
    /// says; the spool bridges that.
    async fn ready(&self) -> Answer {
        let settings = self.sites.load().version > 0;
        let clickhouse = self.store.ping().await.is_ok();
        let status = if settings { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        let body = serde_json::json!({
            "settings": settings,
            "clickhouse": clickhouse,
            "segments_pending": self.spool.pending(),
        });
        typed(status, "application/json", format!("{body}\n"))
    }

    fn metrics(&self) -> Answer {
        let gauges = Gauges {
            visits_live: self.visits.live(),
            keys_alive: self.keys.alive(),
            spool_bytes: self.spool.bytes(),
            spool_segments_pending: self.spool.pending(),
            settings_version: self.sites.load().version,
            erasures_unfinished: self.erasures.unfinished(),
            ledger_unbalanced: self.imbalance.events(),
        };
        typed(StatusCode::OK, OPEN_METRICS, self.metrics.render(&gauges))
    }
}

fn typed(status: StatusCode, content_type: &'static str, body: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}
