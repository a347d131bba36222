//! A visitor at the collector's own pages.

use serde_json::Value;

use crate::{Instance, http::CHROME};

/// A page of the public side, as this visitor's browser gets it.
pub async fn page(mostik: &Instance, address: &str, path: &str) -> String {
    ask(mostik, mostik.client.get(format!("http://{}{path}", mostik.ready.public)), address).await
}

/// Presses a button of `/privacy/me`; the page that follows.
pub async fn press(mostik: &Instance, address: &str, button: &str) -> String {
    let url = format!("http://{}/privacy/me/{button}?site=example.test&lang=en", mostik.ready.public);
    ask(mostik, mostik.client.post(url), address).await
}

/// What the visitor's page says, as JSON.
pub async fn mine(mostik: &Instance, address: &str) -> Value {
    let text = page(mostik, address, "/privacy/me.json?site=example.test").await;
    serde_json::from_str(&text).expect("the page's JSON")
}

async fn ask(mostik: &Instance, request: reqwest::RequestBuilder, address: &str) -> String {
    let answer = request
        .header("User-Agent", CHROME)
        .header("Accept-Language", "ru-RU,ru;q=0.9")
        .header("X-Forwarded-For", address)
        .header("Origin", format!("http://{}", mostik.ready.public))
        .send()
        .await
        .expect("the collector answers");
    assert_eq!(answer.status(), 200);
    answer.text().await.expect("a page")
}
