//! A fake with one counter, and requests to it as they go over the wire.

use std::net::SocketAddr;

use fake_metrika::{Clock, Counter, Fake, Goal, Ledger, Profile};
use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

pub const NOW: i64 = 1_800_000_000;

/// What every hit of one visit carries, as a form.
pub const VISIT: &str = "tid=7&ms=secret&cid=1768350268232845118&dl=https%3A%2F%2Fexample.ru%2F";

/// A counter that knows the goal `srv_order` as number 1.
pub async fn fake(profile: Profile) -> Fake {
    let mut counter = Counter::new(7, "secret");
    counter.goals = vec![Goal::exact(1, "srv_order")];
    Fake::start(Ledger::new([counter], profile, Clock::Still(NOW))).await.unwrap()
}

/// Visits of all ClientIDs.
pub fn visits(fake: &Fake) -> usize {
    fake.ledger().sessions().map(|(_, sessions)| sessions.0.len()).sum()
}

/// Sends a form on a connection of its own and gives status and body.
pub async fn send(fake: &Fake, method: &str, target: &str, body: String) -> (u16, String) {
    let answer = exchange(fake.address, method, target, &[], body).await.unwrap();
    (answer.status, String::from_utf8(answer.body).unwrap())
}

pub async fn send_as(fake: &Fake, content_type: &str, target: &str, body: &str) -> u16 {
    let headers = [("content-type", content_type)];
    exchange(fake.address, "POST", target, &headers, body.to_owned()).await.unwrap().status
}

/// What a sender hears.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// One request on a connection of its own; an error where there is no answer.
pub async fn exchange(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: String,
) -> Result<Answer, hyper::Error> {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut request = Request::builder().method(method).uri(target).header("host", "mc.yandex.ru");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = sender.send_request(request.body(Full::new(Bytes::from(body))).unwrap()).await?;
    let (head, body) = answer.into_parts();
    let body = body.collect().await?.to_bytes().to_vec();
    Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
}
