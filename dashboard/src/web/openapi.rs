//! The description of the API for programs (OpenAPI 3.1) and for people, both made of the
//! list of calls when the server starts.

use axum::{
    Json,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::api::{Answer, Api, Call, For};

/// Both, finished.
#[derive(Clone)]
pub(super) struct Description {
    document: Value,
    page: String,
}

impl Description {
    pub(super) fn of(api: &Api) -> Description {
        let document = document(api);
        Description { page: page(api.calls()), document }
    }

    pub(super) fn document(&self) -> Response {
        Json(&self.document).into_response()
    }

    pub(super) fn page(&self) -> Response {
        let kind = HeaderValue::from_static("text/html; charset=utf-8");
        ([(header::CONTENT_TYPE, kind)], self.page.clone()).into_response()
    }
}

/// The page's style: a file of its own, since nothing inline runs under our policy.
pub(super) async fn style() -> Response {
    let kind = HeaderValue::from_static("text/css; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], include_str!("openapi/page.css")).into_response()
}

/// Refusals that any call may give, beside those of what it takes.
const REFUSALS: [(u16, &str); 14] = [
    (400, "The body or the query was not understood."),
    (401, "No session, or no token that is good."),
    (403, "Another origin, or not allowed to this account or token."),
    (404, "There is no such thing, or it is not theirs."),
    (408, "The body did not arrive in time."),
    (409, "Something of that name is there already, or is not ready."),
    (410, "Done already, and for good."),
    (413, "The body is larger than 64 KiB."),
    (415, "The body is not application/json."),
    (422, "A value was refused; the code says which."),
    (429, "Too many requests; Retry-After says when to come back."),
    (500, "Something failed; the server's log says what."),
    (502, "Metrika's API does not answer, or refuses; the code says which."),
    (503, "ClickHouse does not answer, or too many reports at once."),
];

fn document(api: &Api) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for call in api.calls() {
        let path = paths.entry(call.path).or_insert_with(|| json!({}));
        path[call.method] = operation(call);
    }
    let mut schemas = api.schemas();
    schemas["Error"] = json!({
        "type": "object",
        "required": ["error"],
        "properties": {"error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        }},
    });
    schemas["PlausibleError"] = json!({
        "type": "object", "required": ["error"], "properties": {"error": {"type": "string"}},
    });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Mostik",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Figures and settings of the sites of this server. Dates are days of the site's own zone, ratios lie between 0 and 1, durations are seconds.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A token made under Account → API tokens."},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-mostik", "description": "The browser's session; mostik over plain http."},
            },
        },
    })
}

fn operation(call: &Call) -> Value {
    let mut responses = Map::new();
    let mut answer = match &call.answer {
        Answer::Nothing => json!({"description": "Done."}),
        Answer::Json(schema) => {
            json!({"description": "The answer.", "content": {"application/json": {"schema": schema}}})
        }
        Answer::File(kind) => {
            json!({"description": "A file.", "content": {*kind: {"schema": {"type": "string"}}}})
        }
    };
    for kind in call.or_files {
        answer["content"][*kind] = json!({"schema": {"type": "string"}});
    }
    responses.insert(call.status.to_string(), answer);
    let error = if call.is_plausible { "PlausibleError" } else { "Error" };
    let error = json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/{error}")}}});
    for (status, why) in REFUSALS.into_iter().filter(|(status, _)| is_possible(call, *status)) {
        responses.insert(status.to_string(), json!({"description": why, "content": error}));
    }
    let in_path = call.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).map(|name| {
        let schema = match name {
            "link" | "session" | "export" => json!({"type": "string", "pattern": "^[0-9a-f]{16}$"}),
            _ => json!({"type": "integer", "minimum": 1, "maximum": u32::MAX}),
        };
        json!({"name": name, "in": "path", "required": true, "schema": schema})
    });
    let in_query = call.query.iter().map(|parameter| {
        json!({
            "name": parameter.name, "in": "query", "required": parameter.is_required,
            "description": parameter.why, "schema": parameter.schema,
        })
    });
    let parameters: Vec<Value> = in_path.chain(in_query).collect();
    let mut operation = json!({
        "operationId": name(call),
        "tags": [call.group],
        "summary": call.says,
        "parameters": parameters,
        "responses": responses,
        "security": match call.to {
            For::Anybody => json!([]),
            For::Account => json!([{"session": []}]),
            For::Viewer | For::Editor | For::Owner | For::Admin => json!([{"token": []}, {"session": []}]),
        },
    });
    if let Some(schema) = &call.body {
        operation["requestBody"] =
            json!({"required": true, "content": {"application/json": {"schema": schema}}});
    }
    operation
}

fn is_possible(call: &Call, status: u16) -> bool {
    match status {
        _ if call.refuses.contains(&status) => true,
        410 | 502 => false,
        408 | 409 | 413 | 415 => call.body.is_some(),
        404 => call.path.contains('{'),
        403 => call.to != For::Anybody || call.method != "get",
        400 => call.body.is_some() || call.is_plausible,
        422 => call.body.is_some() || !call.query.is_empty(),
        _ => true,
    }
}

/// `get_sites_id_overview`.
fn name(call: &Call) -> String {
    let path = call.path.trim_start_matches("/api/v1/").replace(['{', '}'], "").replace(['/', '-', '.'], "_");
    format!("{}_{path}", call.method)
}

fn page(calls: &[Call]) -> String {
    let mut groups: Vec<&str> = Vec::new();
    for call in calls {
        if !groups.contains(&call.group) {
            groups.push(call.group);
        }
    }
    let mut html = String::from(include_str!("openapi/head.html"));
    for group in groups {
        html.push_str(&format!("<section><h2>{group}</h2>\n"));
        for call in calls.iter().filter(|call| call.group == group) {
            html.push_str(&described(call));
        }
        html.push_str("</section>\n");
    }
    html.push_str("</main></body></html>\n");
    html
}

fn described(call: &Call) -> String {
    let to = match call.to {
        For::Anybody => "anybody",
        For::Account => "session only",
        For::Viewer => "viewer · stats:read",
        For::Editor => "editor · manage",
        For::Owner => "owner · manage",
        For::Admin => "administrator · manage",
    };
    let mut html = format!(
        "<article id=\"{}\"><h3><code><b>{}</b> {}</code><span>{to}</span></h3><p>{}</p>\n",
        name(call),
        call.method.to_uppercase(),
        escaped(call.path),
        escaped(call.says)
    );
    if !call.query.is_empty() {
        html.push_str("<dl>");
        for parameter in &call.query {
            let must = if parameter.is_required { " (required)" } else { "" };
            html.push_str(&format!(
                "<dt><code>{}</code>{must}</dt><dd>{}</dd>",
                parameter.name,
                escaped(parameter.why)
            ));
        }
        html.push_str("</dl>");
    }
    if let Some(body) = &call.body {
        html.push_str(&format!("<details><summary>Body</summary><pre>{}</pre></details>", pretty(body)));
    }
    if let Answer::Json(schema) = &call.answer {
        html.push_str(&format!(
            "<details><summary>Answer, {}</summary><pre>{}</pre></details>",
            call.status,
            pretty(schema)
        ));
    }
    html.push_str("</article>\n");
    html
}

fn pretty(schema: &Value) -> String {
    escaped(&format!("{schema:#}"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
