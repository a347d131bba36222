//! The fake over TLS: what a sender sees of a certificate, right and wrong, and of a server
//! that takes its time.

use std::sync::Arc;

use fake_metrika::{Clock, Counter, Fake, Ledger, Profile, fault::Order, tls};
use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::wire::{NOW, VISIT, visits};

/// A fake whose certificate says `name`, and a client that trusts its authority.
async fn with_name(name: &str) -> (Fake, TlsConnector) {
    let certified = tls::certified(name).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(certified.authority_pem.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let ledger = Ledger::new([Counter::new(7, "secret")], Profile::Mixed, Clock::Still(NOW));
    let fake = Fake::start_tls(ledger, certified).await.unwrap();
    (fake, TlsConnector::from(Arc::new(config)))
}

async fn pageview(fake: &Fake, connector: &TlsConnector) -> std::io::Result<String> {
    let stream = TcpStream::connect(fake.address).await?;
    let stream = connector.connect(ServerName::try_from("mc.yandex.ru").unwrap(), stream).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let body = Full::new(Bytes::from(format!("{VISIT}&t=pageview")));
    let request = Request::builder().method("POST").uri("/collect").header("host", "mc.yandex.ru").body(body);
    let answer = sender.send_request(request.unwrap()).await.unwrap();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_right_name_is_served_and_a_wrong_one_ends_the_handshake_unrecorded() {
    let (fake, connector) = with_name("mc.yandex.ru").await;
    assert_eq!(pageview(&fake, &connector).await.unwrap(), "<!-- OK -->");
    assert_eq!(visits(&fake), 1);
    let (fake, connector) = with_name("mc.other.example").await;
    let error = pageview(&fake, &connector).await.unwrap_err();
    assert!(error.to_string().contains("name"), "{error}");
    assert_eq!((fake.connections(), visits(&fake)), (1, 0));
}

#[tokio::test]
async fn the_script_plays_over_tls_too() {
    let (fake, connector) = with_name("mc.yandex.ru").await;
    let order = r#"{"steps": [{"fault": "slow_accept", "for_ms": 20}, {"fault": "drip", "every_ms": 1}]}"#;
    let order: Order = serde_json::from_str(order).unwrap();
    fake.ledger().script.append(order).unwrap();
    let begun = tokio::time::Instant::now();
    assert_eq!(pageview(&fake, &connector).await.unwrap(), "<!-- OK -->");
    assert!(begun.elapsed() >= std::time::Duration::from_millis(20 + 10), "{:?}", begun.elapsed());
}
