//! The check of a counter's set-up, the making of missing goals, and the comparison with the
//! reports. Each asks Metrika's API once, when the owner presses a button.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::snapshot::{metrika::Destination, sealed::Opened};

use super::{access::MayEdit, body::JsonBody, error::ApiError, statistics};
use crate::{
    app::Dashboard,
    control::{
        metrika::{Stored, Unready, draft},
        sites::Site,
    },
    finding::Finding,
    metrika::{
        api::Trouble,
        compare::{self, CompareError},
        doctor::{self, Ours, Proposal},
        reconcile::Judged,
        tag::{self, Tag, TagError},
    },
};

/// Days compared: 99 % of visits are closed three days after they began.
const DAYS: [i32; 3] = [1, 2, 3];

/// A token that comes with the request is used once and kept nowhere.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MetrikaAsked")]
pub(super) struct Asked {
    /// An OAuth token for this call alone, in place of the one that is kept.
    oauth: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MetrikaAskedOfTag")]
pub(super) struct AskedOfTag {
    /// The counter whose tag is on the site; absent: the one that is forwarded to.
    counter: Option<u64>,
    /// As elsewhere: for this call alone.
    oauth: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MetrikaChecked")]
pub(super) struct Checked {
    findings: Vec<Finding>,
    /// The counter's own goals.
    proposals: Vec<Proposal>,
    time_zone: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MetrikaCreated")]
pub(super) struct Created {
    /// Identifiers of the goals that were made.
    created: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MetrikaCompared")]
pub(super) struct Compared {
    days: Vec<Judged>,
}

pub(super) async fn check(
    MayEdit(site, ..): MayEdit,
    State(dashboard): State<Dashboard>,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<Json<Checked>, ApiError> {
    let Subject { site, stored, oauth: _, counter } = subject(&dashboard, site, asked).await?;
    let place = Destination::place(stored.site_id, stored.counter);
    let measuring = stored.token.as_deref().and_then(|sealed| dashboard.secret.open(&place, sealed).ok());
    let ours = Ours {
        domain: &site.domain,
        hosts: &site.hosts,
        token: measuring.as_ref().map(Opened::expose),
        rules: &stored.rules,
    };
    Ok(Json(Checked {
        findings: doctor::look(&counter, &ours),
        proposals: doctor::proposals(&counter),
        time_zone: counter["time_zone_name"].as_str().map(str::to_owned),
    }))
}

/// Makes the goals that the rules name and the counter lacks. Needs the right to write.
pub(super) async fn create_goals(
    MayEdit(site, ..): MayEdit,
    State(dashboard): State<Dashboard>,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<Json<Created>, ApiError> {
    let Subject { site: _, stored, oauth, counter } = subject(&dashboard, site, asked).await?;
    let missing = doctor::missing_goals(&counter, &stored.rules);
    for goal in &missing {
        let body = json!({"goal": {
            "name": format!("{goal} (mostik)"), "type": "action", "conditions": [{"type": "exact", "url": goal}],
        }});
        let path = format!("management/v1/counter/{}/goals", stored.counter);
        dashboard.clients.metrika_api.post(&oauth, &path, &body).await.map_err(ApiError::MetrikaApi)?;
    }
    Ok(Json(Created { created: missing }))
}

pub(super) async fn reconcile(
    MayEdit(site, ..): MayEdit,
    State(dashboard): State<Dashboard>,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<Json<Compared>, ApiError> {
    let Subject { site: _, stored, oauth, counter } = subject(&dashboard, site, asked).await?;
    let judged = compare::days(&dashboard, &stored, &oauth, &counter, &DAYS).await;
    Ok(Json(Compared { days: judged.map_err(told)? }))
}

/// What the counter's own tag saw beside what we saw.
pub(super) async fn tag(
    MayEdit(site, ..): MayEdit,
    State(dashboard): State<Dashboard>,
    JsonBody(asked): JsonBody<AskedOfTag>,
) -> Result<Json<Tag>, ApiError> {
    let stored = dashboard.control.metrika(site.id).await?;
    let counter = match (asked.counter, &stored) {
        (Some(number), _) => draft::counter(number).map_err(ApiError::MetrikaInvalid)?,
        (None, Some(stored)) => stored.counter,
        (None, None) => return Err(ApiError::MetrikaUnready(Unready::NoSettings)),
    };
    let oauth = token(&dashboard, stored.as_ref(), Asked { oauth: asked.oauth })?;
    let counter = compare::counter(&dashboard, counter, &oauth).await.map_err(ApiError::MetrikaApi)?;
    let zone = statistics::zone(&site)?;
    let _turn = statistics::turn(&dashboard).await?;
    tag::compare(&dashboard, &site, &zone, &oauth, &counter).await.map(Json).map_err(|error| match error {
        TagError::Api(trouble) => ApiError::MetrikaApi(trouble),
        TagError::Store(error) => error.into(),
        TagError::Days => ApiError::Internal,
    })
}

fn told(error: CompareError) -> ApiError {
    match error {
        CompareError::Api(trouble) => ApiError::MetrikaApi(trouble),
        CompareError::Control(error) => error.into(),
    }
}

/// What each of these works on.
struct Subject {
    site: Site,
    stored: Stored,
    oauth: Opened,
    /// As Metrika's API describes it.
    counter: Value,
}

async fn subject(dashboard: &Dashboard, site: Site, asked: Asked) -> Result<Subject, ApiError> {
    let stored = dashboard.control.metrika(site.id).await?;
    let stored = stored.ok_or(ApiError::MetrikaUnready(Unready::NoSettings))?;
    let oauth = token(dashboard, Some(&stored), asked)?;
    let counter = compare::counter(dashboard, stored.counter, &oauth).await.map_err(ApiError::MetrikaApi)?;
    Ok(Subject { site, stored, oauth, counter })
}

/// The token of the request, or the one that is kept.
fn token(dashboard: &Dashboard, stored: Option<&Stored>, asked: Asked) -> Result<Opened, ApiError> {
    if let Some(given) =
        draft::token(asked.oauth.as_deref().unwrap_or_default()).map_err(ApiError::MetrikaInvalid)?
    {
        return Ok(Opened::new(given.to_owned()));
    }
    let kept = stored.and_then(|stored| compare::kept_token(dashboard, stored));
    kept.ok_or(ApiError::MetrikaApi(Trouble::NoToken))
}
