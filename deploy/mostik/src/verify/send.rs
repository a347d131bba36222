//! The marked visits: through every entry there is, whole, wrong and too large.

use std::fs;

use anyhow::Context;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::{Verify, canary::Canary};

/// A client that goes where it is sent, and no further.
pub fn client() -> anyhow::Result<Client> {
    // The one TLS stack, which is not used here: only this machine is asked.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .context("a client for this machine could not be made")
}

/// Sends them all; how many.
pub async fn all(verify: &Verify<'_>, canary: &Canary) -> anyhow::Result<usize> {
    let client = client()?;
    let token = token(verify)?;
    let base = format!("http://{}", verify.ready.public);
    let event = format!("{base}/api/event");
    let view = view(canary);
    let mut custom = view.clone();
    custom["n"] = json!(format!("Order {}", canary.email));
    custom["c"] = json!(canary.property_mark);
    let mut goal = view.clone();
    goal["n"] = json!("Order");
    goal["c"] = json!(1);
    let mut stranger = view.clone();
    stranger["d"] = json!(format!("{}.example", canary.query_mark));
    let text = view.to_string();
    let bodies = [
        text.clone(),
        custom.to_string(),
        goal.to_string(),
        stranger.to_string(),
        format!("[{text},{text}]"),
        text[..text.len() / 2].to_owned(),
        format!("{{\"n\": {}}}", canary.query_mark),
        format!("{text}{}", canary.query_mark.repeat(4_000)),
    ];
    let mut requests: Vec<RequestBuilder> = Vec::new();
    for address in [canary.v4_text(), canary.v6_text()] {
        let from = |request: RequestBuilder| marked(request, canary, &token, &address);
        for body in &bodies {
            for kind in ["text/plain", "application/json", "application/x-www-form-urlencoded"] {
                requests.push(from(client.post(&event).header("Content-Type", kind).body(body.clone())));
            }
        }
        requests.push(from(client.get(asking(&event, "j", &text))));
        requests.push(from(client.get(asking(&event, "j", &canary.query_mark))));
        for path in ["/privacy", "/privacy/me", "/privacy/me.json", "/i.js"] {
            requests.push(from(client.get(asking(&format!("{base}{path}"), "q", &canary.query_mark))));
        }
        requests.push(from(client.get(format!("{base}/{}/{}", canary.query_mark, canary.email))));
        requests.push(from(client.post(format!("{base}/privacy/me/delete?site={}", canary.query_mark))));
        requests.push(from(client.put(format!("{base}/{}", canary.header_mark)).body(text.clone())));
    }
    let sent = requests.len();
    for request in requests {
        // Refusals are as good: nothing of a refused visit may stay either.
        request.send().await.context("the collector did not answer a marked visit")?;
    }
    Ok(sent)
}

/// Asks for the deletion of the marked group, as its page would.
pub async fn delete(verify: &Verify<'_>, canary: &Canary) -> anyhow::Result<()> {
    let client = client()?;
    let token = token(verify)?;
    for address in [canary.v4_text(), canary.v6_text()] {
        let url = format!("http://{}/privacy/me/delete?site={}", verify.ready.public, canary.domain);
        let request =
            marked(client.post(url), canary, &token, &address).header("Sec-Fetch-Site", "same-origin");
        let status = request.send().await?.status();
        anyhow::ensure!(status == 303, "the marked visits could not be deleted: {status}");
    }
    Ok(())
}

fn asking(url: &str, name: &str, value: &str) -> String {
    format!("{url}?{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
}

/// A page view with a mark in every field.
fn view(canary: &Canary) -> Value {
    let Canary { domain, control, email, phone, jwt, query_mark, fragment_mark, .. } = canary;
    json!({
        "n": "pageview",
        "d": domain,
        "u": format!(
            "https://{query_mark}:{query_mark}@{domain}:8443/{control}/{email}/{phone}/{jwt}?token={query_mark}\
             &email={email}&utm_source={email}&utm_term={jwt}&utm_content={phone}&gclid={query_mark}#{fragment_mark}"
        ),
        "r": format!("https://referrer.example/{query_mark}?q={query_mark}#{fragment_mark}"),
        "p": {"email": email, (canary.property_mark.as_str()): canary.property_mark, "plan": phone},
        "title": canary.title_mark,
        "v": 1,
    })
}

/// With the marks that travel in headers, and in the name of `address`.
fn marked(request: RequestBuilder, canary: &Canary, token: &str, address: &str) -> RequestBuilder {
    let agent = canary.agent();
    request
        .header("Authorization", format!("Bearer {token}"))
        .header("X-Visitor-Address", address)
        .header("X-Visitor-Agent", &agent)
        .header("X-Visitor-Language", format!("ru,{};q=0.5", canary.header_mark))
        .header("User-Agent", &agent)
        .header("X-Forwarded-For", address)
        .header("Forwarded", format!("for={address}"))
        .header("Referer", format!("https://{}/?q={}", canary.domain, canary.query_mark))
        .header("Cookie", format!("id={}", canary.header_mark))
        .header("Sec-CH-UA-Model", &canary.header_mark)
        .header("X-Request-Id", &canary.header_mark)
}

/// Only with it may anybody but the visitor name an address.
fn token(verify: &Verify<'_>) -> anyhow::Result<String> {
    let path = verify.settings.server_token.clone();
    let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(text.trim().to_owned())
}
