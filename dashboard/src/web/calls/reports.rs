//! Reports that stand beside the overview, each asked for when it is looked at.

use axum::routing::MethodFilter;

use crate::{
    stats::realtime::Realtime,
    web::{
        api::{Api, For},
        realtime,
    },
};

pub(super) fn add(api: &mut Api) {
    use MethodFilter as On;
    api.call(
        On::GET,
        "/api/v1/sites/{id}/realtime",
        For::Viewer,
        "The last 30 minutes, minute by minute.",
        realtime::realtime,
    )
    .in_group("Reports")
    .answers::<Realtime>();
}
