//! The list of calls: each is written down once, with its handler, and from the same line
//! the router, the OpenAPI document and the page for reading are made. A call that is not
//! described cannot be reached.

use axum::{Router, handler::Handler, routing::MethodFilter};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

use crate::app::Dashboard;

/// Who may make a call; what the handler's extractor then enforces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    Anybody,
    /// With a session: one's own account is no program's business.
    Account,
    /// Whoever may see the site: `stats:read`.
    Viewer,
    /// The site's editors: `manage`.
    Editor,
    /// The site's owners: `manage`.
    Owner,
    /// The server's administrators: `manage`, of no single site.
    Admin,
}

/// A parameter of a query.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) why: &'static str,
    /// As JSON Schema.
    pub(super) schema: Value,
    pub(super) is_required: bool,
}

/// What a call answers when it goes well.
pub(super) enum Answer {
    Nothing,
    Json(Value),
    File(&'static str),
}

/// One call, described.
pub(super) struct Call {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) to: For,
    pub(super) group: &'static str,
    pub(super) says: &'static str,
    pub(super) query: Vec<Parameter>,
    pub(super) body: Option<Value>,
    pub(super) status: u16,
    pub(super) answer: Answer,
    /// What it answers instead when that is asked for, by content type.
    pub(super) or_files: &'static [&'static str],
    /// Refusals that its shape does not tell.
    pub(super) refuses: &'static [u16],
    /// Errors as Plausible words them, for clients that were written for it.
    pub(super) is_plausible: bool,
}

/// All calls so far.
pub(super) struct Api {
    router: Router<Dashboard>,
    calls: Vec<Call>,
    schemas: SchemaGenerator,
}

/// A call that is being described.
pub(super) struct Described<'a> {
    call: &'a mut Call,
    schemas: &'a mut SchemaGenerator,
}

impl Api {
    pub(super) fn new() -> Api {
        let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
        });
        Api { router: Router::new(), calls: Vec::new(), schemas: settings.into_generator() }
    }

    /// Adds a call and returns it to be described further.
    pub(super) fn call<H, T>(
        &mut self,
        method: MethodFilter,
        path: &'static str,
        to: For,
        says: &'static str,
        handler: H,
    ) -> Described<'_>
    where
        H: Handler<T, Dashboard>,
        T: 'static,
    {
        let router = std::mem::take(&mut self.router);
        self.router = router.route(path, axum::routing::on(method, handler));
        let method = match method {
            MethodFilter::POST => "post",
            MethodFilter::PUT => "put",
            MethodFilter::PATCH => "patch",
            MethodFilter::DELETE => "delete",
            _ => "get",
        };
        self.calls.push(Call {
            method,
            path,
            to,
            group: "Sites",
            says,
            query: Vec::new(),
            body: None,
            status: 200,
            answer: Answer::Nothing,
            or_files: &[],
            refuses: &[],
            is_plausible: false,
        });
        let call = self.calls.last_mut().expect("pushed just now");
        Described { call, schemas: &mut self.schemas }
    }

    pub(super) fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// The schemas that answers refer to.
    pub(super) fn schemas(&self) -> Value {
        Value::Object(self.schemas.definitions().clone())
    }

    pub(super) fn into_router(self) -> Router<Dashboard> {
        self.router
    }
}

impl Described<'_> {
    pub(super) fn in_group(self, group: &'static str) -> Self {
        self.call.group = group;
        self
    }

    pub(super) fn query(self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        self.call.query.extend(parameters);
        self
    }

    pub(super) fn takes<B: JsonSchema>(self) -> Self {
        // What a client writes: a field with a default may be left out.
        let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
        let mut schema = settings.into_generator().into_root_schema_for::<B>().to_value();
        if let Some(fields) = schema.as_object_mut() {
            fields.remove("$schema");
        }
        self.call.body = Some(schema);
        self
    }

    pub(super) fn answers<A: JsonSchema>(self) -> Self {
        self.call.answer = Answer::Json(self.schemas.subschema_for::<A>().to_value());
        self
    }

    pub(super) fn answers_file(self, content_type: &'static str) -> Self {
        self.call.answer = Answer::File(content_type);
        self
    }

    pub(super) fn or_files(self, content_types: &'static [&'static str]) -> Self {
        self.call.or_files = content_types;
        self
    }

    pub(super) fn status(self, status: u16) -> Self {
        self.call.status = status;
        self
    }

    pub(super) fn refuses(self, statuses: &'static [u16]) -> Self {
        self.call.refuses = statuses;
        self
    }

    pub(super) fn like_plausible(self) -> Self {
        self.call.is_plausible = true;
        // The site is named in the query.
        self.call.refuses = &[404];
        self
    }
}
