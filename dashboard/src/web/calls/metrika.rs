//! Calls about forwarding goals to Yandex Metrika.

use axum::routing::MethodFilter;

use crate::{
    metrika::tag::Tag,
    web::{
        api::{Api, For},
        metrika, metrika_check,
    },
};

pub(super) fn add(api: &mut Api) {
    use MethodFilter as On;
    let group = "Forwarding to Metrika";
    api.call(On::GET, "/api/v1/sites/{id}/metrika", For::Editor, "How forwarding stands.", metrika::show)
        .in_group(group)
        .answers::<metrika::Page>();
    api.call(
        On::PUT,
        "/api/v1/sites/{id}/metrika",
        For::Editor,
        "Settles counter, token and rules.",
        metrika::change,
    )
    .in_group(group)
    .takes::<metrika::Settings>()
    .answers::<metrika::Shown>();
    api.call(
        On::POST,
        "/api/v1/sites/{id}/metrika/mode",
        For::Editor,
        "Off, preview or live.",
        metrika::switch,
    )
    .in_group(group)
    .takes::<metrika::Switch>()
    .answers::<metrika::Shown>();
    api.call(On::POST, "/api/v1/sites/{id}/metrika/test", For::Editor, "Orders a test goal.", metrika::test)
        .in_group(group)
        .refuses(&[409])
        .answers::<metrika::Shown>();
    api.call(On::GET, "/api/v1/sites/{id}/metrika/forwards.csv", For::Editor, "What left.", metrika::export)
        .in_group(group)
        .answers_file("text/csv");
    api.call(
        On::POST,
        "/api/v1/sites/{id}/metrika/check",
        For::Editor,
        "Checks the counter.",
        metrika_check::check,
    )
    .in_group(group)
    .takes::<metrika_check::Asked>()
    .refuses(&[502])
    .answers::<metrika_check::Checked>();
    api.call(
        On::POST,
        "/api/v1/sites/{id}/metrika/goals",
        For::Editor,
        "Makes the goals that are missing.",
        metrika_check::create_goals,
    )
    .in_group(group)
    .takes::<metrika_check::Asked>()
    .refuses(&[502])
    .answers::<metrika_check::Created>();
    api.call(
        On::POST,
        "/api/v1/sites/{id}/metrika/reconcile",
        For::Editor,
        "Compares with the reports.",
        metrika_check::reconcile,
    )
    .in_group(group)
    .takes::<metrika_check::Asked>()
    .refuses(&[502])
    .answers::<metrika_check::Compared>();
    api.call(
        On::POST,
        "/api/v1/sites/{id}/metrika/tag",
        For::Editor,
        "Sets what the counter's tag saw beside what was counted here.",
        metrika_check::tag,
    )
    .in_group(group)
    .takes::<metrika_check::AskedOfTag>()
    .refuses(&[502])
    .answers::<Tag>();
    api.call(On::POST, "/api/v1/metrika/stop", For::Admin, "Stops all forwarding at once.", metrika::stop)
        .in_group(group)
        .answers::<metrika::Stopped>();
}
