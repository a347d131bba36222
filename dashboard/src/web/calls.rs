//! The calls of the API, each with whom it is for and what it takes and answers: the router,
//! the description and the page for reading are made of this one list.

mod metrika;
mod reports;

use std::collections::BTreeMap;

use axum::routing::MethodFilter;
use serde_json::Value;

use super::{
    account, accounts, annotations,
    api::{Api, For},
    api_tokens, audit, exports, file, goals, parameters, password_links, people, plausible, segments, share,
    site_check, sites, statistics,
};
use crate::{
    control::{annotations::Annotation, segments::Segment},
    stats::{overview::Overview, panels::Panel},
};

/// All of them.
pub(super) fn all() -> Api {
    use MethodFilter as On;
    let mut api = Api::new();
    api.call(On::GET, "/api/v1/session", For::Anybody, "Who is signed in.", accounts::show)
        .in_group("Account")
        .answers::<accounts::Session>();
    api.call(On::POST, "/api/v1/session", For::Anybody, "Signs in.", accounts::sign_in)
        .in_group("Account")
        .takes::<accounts::Credentials>()
        .answers::<accounts::Session>()
        .status(201);
    api.call(On::DELETE, "/api/v1/session", For::Anybody, "Signs out.", accounts::sign_out)
        .in_group("Account")
        .status(204);
    api.call(On::POST, "/api/v1/setup", For::Anybody, "Makes the first account.", accounts::set_up)
        .in_group("Account")
        .takes::<accounts::FirstOwner>()
        .refuses(&[410])
        .answers::<accounts::Session>()
        .status(201);
    api.call(On::GET, "/api/v1/tokens", For::Account, "The account's tokens.", api_tokens::list)
        .in_group("Account")
        .answers::<api_tokens::Tokens>();
    api.call(On::POST, "/api/v1/tokens", For::Account, "Makes a token, shown once.", api_tokens::make)
        .in_group("Account")
        .takes::<api_tokens::NewToken>()
        .answers::<api_tokens::Made>()
        .status(201);
    api.call(On::DELETE, "/api/v1/tokens/{token}", For::Account, "Ends a token.", api_tokens::end)
        .in_group("Account")
        .status(204);
    account_calls(&mut api);
    sites_calls(&mut api);
    people_calls(&mut api);
    goal_calls(&mut api);
    remark_calls(&mut api);
    report_calls(&mut api);
    reports::add(&mut api);
    share_calls(&mut api);
    export_calls(&mut api);
    metrika::add(&mut api);
    api
}

fn account_calls(api: &mut Api) {
    use MethodFilter as On;
    let group = "Account";
    api.call(On::GET, "/api/v1/account", For::Account, "The account.", account::show)
        .in_group(group)
        .answers::<account::Account>();
    api.call(
        On::PUT,
        "/api/v1/account/password",
        For::Account,
        "Changes the password.",
        account::change_password,
    )
    .in_group(group)
    .takes::<account::NewPassword>()
    .status(204);
    let two_step = "/api/v1/account/two-step";
    api.call(
        On::POST,
        two_step,
        For::Account,
        "Offers a secret for one-time codes.",
        account::offer_two_step,
    )
    .in_group(group)
    .answers::<account::Offer>();
    api.call(On::PUT, two_step, For::Account, "Switches the second step on.", account::begin_two_step)
        .in_group(group)
        .takes::<account::Proof>()
        .answers::<account::RecoveryCodes>();
    api.call(On::DELETE, two_step, For::Account, "Switches it off.", account::end_two_step)
        .in_group(group)
        .takes::<account::PasswordAndCode>()
        .status(204);
    api.call(On::GET, "/api/v1/account/sessions", For::Account, "Open sessions.", account::sessions)
        .in_group(group)
        .answers::<account::Sessions>();
    api.call(
        On::DELETE,
        "/api/v1/account/sessions/{session}",
        For::Account,
        "Ends one.",
        account::end_session,
    )
    .in_group(group)
    .status(204);
    let group = "Audit log";
    api.call(On::GET, "/api/v1/audit", For::Admin, "The newest lines.", audit::list)
        .in_group(group)
        .query(parameters::audit())
        .answers::<audit::Page>();
    api.call(On::GET, "/api/v1/audit/check", For::Admin, "Follows the chain of seals.", audit::check)
        .in_group(group)
        .answers::<audit::Check>();
    api.call(
        On::GET,
        "/api/v1/audit/export",
        For::Admin,
        "Every line, for keeping elsewhere.",
        audit::export,
    )
    .in_group(group)
    .answers_file("application/x-ndjson");
}

fn people_calls(api: &mut Api) {
    use MethodFilter as On;
    let group = "People";
    api.call(On::GET, "/api/v1/sites/{id}/people", For::Owner, "Members and invitations.", people::list)
        .in_group(group)
        .answers::<people::People>();
    api.call(
        On::PATCH,
        "/api/v1/sites/{id}/people/{user}",
        For::Owner,
        "Gives another role.",
        people::set_role,
    )
    .in_group(group)
    .takes::<people::NewRole>()
    .status(204);
    api.call(
        On::DELETE,
        "/api/v1/sites/{id}/people/{user}",
        For::Owner,
        "Takes the role away.",
        people::remove,
    )
    .in_group(group)
    .status(204);
    api.call(
        On::POST,
        "/api/v1/sites/{id}/invitations",
        For::Owner,
        "Invites; the link is shown once.",
        people::invite,
    )
    .in_group(group)
    .takes::<people::NewInvitation>()
    .answers::<people::MadeInvitation>()
    .status(201);
    api.call(
        On::DELETE,
        "/api/v1/sites/{id}/invitations/{invitation}",
        For::Owner,
        "Ends an invitation.",
        people::end_invitation,
    )
    .in_group(group)
    .status(204);
    api.call(On::POST, "/api/v1/invitations/open", For::Anybody, "What an invitation is to.", people::open)
        .in_group(group)
        .takes::<people::Presented>()
        .refuses(&[404])
        .answers::<people::Opened>();
    api.call(On::POST, "/api/v1/invitations/accept", For::Anybody, "Accepts an invitation.", people::accept)
        .in_group(group)
        .takes::<people::Acceptance>()
        .refuses(&[404])
        .status(204);
    let about = "Whose password a link sets that `mostik password-link` made.";
    api.call(On::POST, "/api/v1/password/open", For::Anybody, about, password_links::open)
        .in_group(group)
        .takes::<people::Presented>()
        .refuses(&[404])
        .answers::<password_links::Opened>();
    let about = "Sets a forgotten password; every session of the account ends.";
    api.call(On::POST, "/api/v1/password", For::Anybody, about, password_links::redeem)
        .in_group(group)
        .takes::<password_links::Redemption>()
        .refuses(&[404])
        .status(204);
}

fn sites_calls(api: &mut Api) {
    use MethodFilter as On;
    api.call(On::GET, "/api/v1/sites", For::Viewer, "The sites, and the role on each.", sites::list)
        .answers::<sites::Sites>();
    api.call(On::POST, "/api/v1/sites", For::Admin, "Adds a site.", sites::add)
        .takes::<sites::NewSite>()
        .answers::<sites::SiteAnswer>()
        .status(201);
    api.call(On::PATCH, "/api/v1/sites/{id}", For::Editor, "Changes a site.", sites::change)
        .takes::<sites::SiteChange>()
        .answers::<sites::SiteAnswer>();
    api.call(
        On::DELETE,
        "/api/v1/sites/{id}",
        For::Owner,
        "Removes a site and all of its rows.",
        sites::remove,
    )
    .takes::<sites::RemovalOf>()
    .status(204);
    api.call(
        On::GET,
        "/api/v1/sites/{id}/status",
        For::Viewer,
        "Whether anything has come.",
        statistics::status,
    )
    .answers::<statistics::Status>();
    api.call(
        On::POST,
        "/api/v1/sites/{id}/check",
        For::Editor,
        "Looks at a page of the site for what would keep its events from coming.",
        site_check::check,
    )
    .takes::<site_check::Asked>()
    .answers::<site_check::Checked>()
    .refuses(&[503]);
}

fn share_calls(api: &mut Api) {
    use MethodFilter as On;
    let group = "Sharing";
    api.call(On::GET, "/api/v1/sites/{id}/links", For::Owner, "The site's links.", share::list)
        .in_group(group)
        .answers::<share::Links>();
    api.call(
        On::POST,
        "/api/v1/sites/{id}/links",
        For::Owner,
        "Makes a link; its secret is shown once.",
        share::make,
    )
    .in_group(group)
    .takes::<share::NewLink>()
    .answers::<share::MadeLink>()
    .status(201);
    api.call(On::DELETE, "/api/v1/sites/{id}/links/{link}", For::Owner, "Ends a link.", share::end)
        .in_group(group)
        .status(204);
    api.call(On::POST, "/api/v1/share/{link}", For::Anybody, "Opens a link.", share::open)
        .in_group(group)
        .takes::<share::Key>()
        .answers::<share::View>();
}

fn export_calls(api: &mut Api) {
    use MethodFilter as On;
    let group = "Exports";
    let path = "/api/v1/sites/{id}/exports";
    api.call(On::GET, path, For::Owner, "Exports and how far they are.", exports::list)
        .in_group(group)
        .answers::<exports::ExportList>();
    api.call(On::POST, path, For::Owner, "Begins one, of everything that is kept.", exports::begin)
        .in_group(group)
        .takes::<exports::NewExport>()
        .answers::<crate::exports::Export>()
        .status(202);
    api.call(
        On::DELETE,
        "/api/v1/sites/{id}/exports/{export}",
        For::Owner,
        "Cancels or removes one.",
        exports::end,
    )
    .in_group(group)
    .status(204);
    api.call(
        On::GET,
        "/api/v1/sites/{id}/exports/{export}/file",
        For::Owner,
        "The file, a tar.",
        exports::file,
    )
    .in_group(group)
    .answers_file("application/x-tar");
}

fn goal_calls(api: &mut Api) {
    use MethodFilter as On;
    let group = "Goals and funnels";
    let (goals, goal) = ("/api/v1/sites/{id}/goals", "/api/v1/sites/{id}/goals/{goal}");
    let (funnels, funnel) = ("/api/v1/sites/{id}/funnels", "/api/v1/sites/{id}/funnels/{funnel}");
    api.call(On::GET, goals, For::Viewer, "What is declared.", goals::list)
        .in_group(group)
        .answers::<Value>();
    api.call(On::POST, goals, For::Editor, "Declares a goal.", goals::add)
        .in_group(group)
        .takes::<goals::NewGoal>()
        .answers::<Value>()
        .status(201);
    api.call(
        On::POST,
        "/api/v1/sites/{id}/goals/preview",
        For::Editor,
        "What a rule would match.",
        goals::preview,
    )
    .in_group(group)
    .takes::<goals::Previewed>()
    .answers::<Value>();
    api.call(On::PUT, goal, For::Editor, "Changes a goal.", goals::change)
        .in_group(group)
        .takes::<goals::NewGoal>()
        .answers::<Value>();
    api.call(On::DELETE, goal, For::Editor, "Removes a goal.", goals::remove).in_group(group).status(204);
    api.call(On::POST, funnels, For::Editor, "Declares a funnel.", goals::add_funnel)
        .in_group(group)
        .takes::<goals::NewFunnel>()
        .answers::<Value>()
        .status(201);
    api.call(On::PUT, funnel, For::Editor, "Changes a funnel.", goals::change_funnel)
        .in_group(group)
        .takes::<goals::NewFunnel>()
        .answers::<Value>();
    api.call(On::DELETE, funnel, For::Editor, "Removes a funnel.", goals::remove_funnel)
        .in_group(group)
        .status(204);
}

fn remark_calls(api: &mut Api) {
    use MethodFilter as On;
    let group = "Segments and annotations";
    let segments = "/api/v1/sites/{id}/segments";
    api.call(On::GET, segments, For::Viewer, "Saved filters.", segments::list)
        .in_group(group)
        .answers::<segments::Segments>();
    api.call(On::POST, segments, For::Editor, "Saves filters under a title.", segments::add)
        .in_group(group)
        .takes::<segments::NewSegment>()
        .refuses(&[409])
        .status(201)
        .answers::<Segment>();
    let segment = "/api/v1/sites/{id}/segments/{segment}";
    api.call(On::DELETE, segment, For::Editor, "Removes a segment.", segments::remove)
        .in_group(group)
        .status(204);
    let annotations = "/api/v1/sites/{id}/annotations";
    api.call(On::GET, annotations, For::Viewer, "What happened on which day.", annotations::list)
        .in_group(group)
        .answers::<annotations::Annotations>();
    api.call(On::POST, annotations, For::Editor, "Notes what happened on a day.", annotations::add)
        .in_group(group)
        .takes::<annotations::NewAnnotation>()
        .status(201)
        .answers::<Annotation>();
    let annotation = "/api/v1/sites/{id}/annotations/{annotation}";
    api.call(On::DELETE, annotation, For::Editor, "Removes an annotation.", annotations::remove)
        .in_group(group)
        .status(204);
}

fn report_calls(api: &mut Api) {
    use MethodFilter as On;
    api.call(
        On::GET,
        "/api/v1/sites/{id}/overview",
        For::Viewer,
        "The first page, whole.",
        statistics::overview,
    )
    .in_group("Reports")
    .query(parameters::report())
    .answers::<Overview>();
    api.call(
        On::GET,
        "/api/v1/sites/{id}/breakdown",
        For::Viewer,
        "One dimension, row by row.",
        statistics::breakdown,
    )
    .in_group("Reports")
    .query(parameters::slice())
    .answers::<Panel>()
    .or_files(&["text/csv", file::XLSX]);
    api.call(On::GET, "/api/v1/sites/{id}/live", For::Viewer, "Who is there now.", statistics::live)
        .in_group("Reports")
        .answers::<statistics::Live>();
    api.call(On::GET, "/api/v1/stats/aggregate", For::Viewer, "Totals.", plausible::aggregate)
        .in_group("As Plausible")
        .query(parameters::plausible().into_iter().chain([parameters::plausible_compare()]))
        .answers::<plausible::Results<BTreeMap<String, plausible::Total>>>()
        .like_plausible();
    api.call(On::GET, "/api/v1/stats/timeseries", For::Viewer, "Point by point.", plausible::timeseries)
        .in_group("As Plausible")
        .query(parameters::plausible().into_iter().chain([parameters::plausible_interval()]))
        .answers::<plausible::Results<Vec<plausible::Row>>>()
        .like_plausible();
    api.call(On::GET, "/api/v1/stats/breakdown", For::Viewer, "A property's values.", plausible::breakdown)
        .in_group("As Plausible")
        .query(parameters::plausible().into_iter().chain(parameters::plausible_rows()))
        .answers::<plausible::Results<Vec<plausible::Row>>>()
        .like_plausible();
    api.call(
        On::GET,
        "/api/v1/stats/realtime/visitors",
        For::Viewer,
        "Who is there now.",
        plausible::realtime,
    )
    .in_group("As Plausible")
    .query(parameters::plausible().into_iter().take(1))
    .answers::<u64>()
    .like_plausible();
}
