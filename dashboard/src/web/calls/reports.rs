//! Reports that stand beside the overview, each asked for when it is looked at.

use axum::routing::MethodFilter;

use crate::{
    stats::{paths::GoalPaths, realtime::Realtime, vitals::Vitals},
    web::{
        api::{Api, For},
        file, parameters, paths, realtime, vitals,
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
    api.call(
        On::GET,
        "/api/v1/sites/{id}/vitals",
        For::Viewer,
        "How fast pages load and answer.",
        vitals::vitals,
    )
    .in_group("Reports")
    .query(parameters::vitals())
    .answers::<Vitals>()
    .or_files(&["text/csv", file::XLSX]);
    api.call(On::GET, "/api/v1/sites/{id}/paths", For::Viewer, "Which pages led to a goal.", paths::paths)
        .in_group("Reports")
        .query(parameters::paths())
        .answers::<GoalPaths>()
        .or_files(&["text/csv", file::XLSX]);
}
