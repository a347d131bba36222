//! Counting without the script: a site's server speaks for its visitors, and an image
//! carries an event.

use e2e::{
    Instance,
    http::{CHROME, pageview},
    instance::metric,
};

/// Tells of a page view as a server does; gives status and reason.
async fn tell(mostik: &Instance, token: &str, address: Option<&str>) -> (u16, String) {
    let mut request = mostik
        .client
        .post(format!("http://{}/api/event", mostik.ready.public))
        .header("User-Agent", "example-server/1.0")
        .header("X-Visitor-Agent", CHROME)
        .header("X-Visitor-Language", "ru-RU,ru;q=0.9")
        .json(&pageview("/served"));
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    if let Some(address) = address {
        request = request.header("X-Visitor-Address", address);
    }
    let answer = request.send().await.expect("the collector answers");
    let reason = answer.headers().get("x-dropped").map_or(String::new(), |v| v.to_str().unwrap().to_owned());
    (answer.status().as_u16(), reason)
}

/// Page views and visitors in ClickHouse.
async fn counted(mostik: &Instance) -> (u64, u64) {
    mostik.until_shipped().await;
    let sql = "SELECT count(), uniqExact(visitor) FROM mostik.events_hot";
    mostik.store().reader().query(sql).fetch_one().await.unwrap()
}

#[tokio::test]
async fn a_server_with_the_token_counts_its_visitors_and_nobody_else_does() {
    let mostik = Instance::start().await;
    let token = std::fs::read_to_string(mostik.data.path().join("secrets/server.token")).unwrap();
    let token = token.trim_end();
    for address in ["203.0.113.7", "203.0.113.7", "198.51.100.9"] {
        assert_eq!(tell(&mostik, token, Some(address)).await, (202, String::new()));
    }
    let refused = [
        tell(&mostik, &token.replace(&token[..1], "x"), Some("203.0.113.8")).await,
        tell(&mostik, token, None).await,
        tell(&mostik, token, Some("localhost")).await,
        // Without a token the peer itself is asked, and it is a program.
        tell(&mostik, "", Some("203.0.113.8")).await,
    ];
    let expected =
        [(401, "wrong_token"), (400, "no_visitor_address"), (400, "no_visitor_address"), (202, "bot")];
    assert_eq!(refused, expected.map(|(status, reason)| (status, reason.to_owned())));
    assert_eq!(counted(&mostik).await, (3, 2), "page views and visitors");
    let metrics = mostik.metrics().await.unwrap();
    assert_eq!(metric(&metrics, "collector_events_refused_total{reason=\"wrong_token\"}"), Some(1));
}

#[tokio::test]
async fn an_image_carries_an_event_past_the_same_checks() {
    let mostik = Instance::start().await;
    let ask = async |event: String| {
        let mut url = reqwest::Url::parse(&format!("http://{}/api/event", mostik.ready.public)).unwrap();
        url.query_pairs_mut().append_pair("j", &event);
        // A form writes a space as `+`; `encodeURIComponent` does not.
        let url = url.as_str().replace('+', "%20");
        let request =
            mostik.client.get(url).header("User-Agent", CHROME).header("X-Forwarded-For", "203.0.113.7");
        let answer = request.send().await.expect("the collector answers");
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (answer.status().as_u16(), kind, answer.bytes().await.unwrap().starts_with(b"GIF89a"))
    };
    let gif = |status: u16| (status, "image/gif".to_owned(), true);
    assert_eq!(ask(pageview("/pictured page").to_string()).await, gif(202));
    assert_eq!(ask("{}".to_owned()).await, gif(400));
    // 10 KB when encoded: more than a query may have, less than a head.
    assert_eq!(ask(pageview(&"/x".repeat(2500)).to_string()).await, gif(413));
    assert_eq!(counted(&mostik).await, (1, 1), "page views and visitors");
}
