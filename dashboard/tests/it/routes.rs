//! Access is limited: every route of the API asks who is there, or is named here as one that
//! must not.

use hyper::Method;
use serde_json::json;

use crate::harness::Owner;

/// Where the routes stand.
const ROUTES: &str = include_str!("../../src/web.rs");

/// Open to whoever is not signed in, and why that tells them nothing: signing in, the first
/// set-up (which needs the link's token), and the state of the door.
const OPEN: [&str; 2] = ["/api/v1/session", "/api/v1/setup"];

fn routes() -> Vec<String> {
    let quoted = ROUTES.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next());
    quoted.map(|route| route.replace("{id}", "1")).collect()
}

#[tokio::test]
async fn every_route_wants_a_session_or_the_shared_secret_or_is_named_as_open() {
    let mut owner = Owner::signed_in().await;
    owner.add_site("example.ru").await;
    owner.cookie = None;
    let all = routes();
    assert!(all.len() > 10, "{all:?}");
    for route in all.iter().filter(|route| !OPEN.contains(&route.as_str())) {
        let mut asked = 0;
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let body = json!({});
            let body = (method != Method::GET).then_some(&body);
            let answer = owner.send(method.clone(), route, &[], body).await;
            match answer.status.as_u16() {
                405 => {}
                401 => asked += 1,
                other => panic!("{method} {route} answers a stranger with {other}: {:?}", answer.body),
            }
        }
        assert!(asked > 0, "{route} takes no method at all");
    }
}
