//! The second road: a file of late goals to Metrika's management API, and the question what
//! became of it. As silent and as honest as the first ([`super::sender`]).
//!
//! Answers are read for a number, two counts and a word; nothing of their text is kept.

use reqwest::{Client, header::HeaderValue};
use serde::Deserialize;
use store::snapshot::sealed::Opened;
use url::Url;

use super::{
    answer::{Class, Seen, classify},
    cid,
    outbox::late::{Delivery, Finding},
    sender,
};
use crate::clock::Clock;

/// As much of an answer is read, in bytes: the description of one file.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

pub struct Uploader {
    client: Client,
    base: Url,
    clock: Clock,
}

#[derive(Deserialize)]
struct Answer {
    uploading: Uploading,
}

#[derive(Deserialize)]
struct Uploading {
    id: u64,
    /// Lines that were read, and of these what was taken. Not told in every answer.
    source_quantity: Option<u64>,
    line_quantity: Option<u64>,
    status: String,
}

impl Uploader {
    /// `base` is such as `https://api-metrika.yandex.net`.
    pub fn new(base: &Url, clock: Clock) -> Result<Uploader, reqwest::Error> {
        Ok(Uploader { client: sender::plain_client()?, base: base.clone(), clock })
    }

    /// Sends a file to a counter.
    pub async fn upload(&self, counter: u32, token: &Opened, file: &str) -> Seen {
        let boundary = format!("mostik-{}", cid::random_below(u64::MAX));
        let request = self
            .client
            .post(self.address(counter, "upload?client_id_type=CLIENT_ID"))
            .header("Authorization", authorization(token))
            .header("Content-Type", format!("multipart/form-data; boundary={boundary}"))
            .body(multipart(file, &boundary));
        sender::send(request, ANSWER_BYTES_MAX, &self.clock).await
    }

    /// Asks what became of a file.
    pub async fn ask(&self, counter: u32, token: &Opened, number: u64) -> Seen {
        let request = self
            .client
            .get(self.address(counter, &format!("uploading/{number}")))
            .header("Authorization", authorization(token));
        sender::send(request, ANSWER_BYTES_MAX, &self.clock).await
    }

    fn address(&self, counter: u32, what: &str) -> Url {
        let path = format!("/management/v1/counter/{counter}/offline_conversions/{what}");
        self.base.join(&path).expect("a path joins any base")
    }
}

/// What a file's answer means. Whatever is not clearly an acceptance or a refusal is sent
/// again: a line that comes twice counts once.
pub fn of_file(seen: &Seen) -> (Class, Delivery) {
    let class = match (classify(seen), uploading(seen)) {
        (Class::Unverified, Some(_)) => Class::Accepted,
        (class, _) => class,
    };
    let delivery = match (class, uploading(seen)) {
        (Class::Accepted, Some(Uploading { id, source_quantity, line_quantity, status: _ })) => {
            let lost = source_quantity.zip(line_quantity).map(|(sent, taken)| sent.saturating_sub(taken));
            Delivery::Taken { number: id, lost: lost.unwrap_or(0) }
        }
        (Class::Rejected(reason), _) => Delivery::Rejected { reason },
        (Class::Safe | Class::Denied | Class::Busy(_), _) => Delivery::Failed { is_ambiguous: false },
        (Class::Accepted | Class::Ambiguous | Class::Unverified | Class::Broken(_), _) => {
            Delivery::Failed { is_ambiguous: true }
        }
    };
    (class, delivery)
}

/// What an answer about a file means.
pub fn of_question(seen: &Seen) -> (Class, Finding) {
    let class = classify(seen);
    match (class, uploading(seen)) {
        (Class::Unverified, Some(uploading)) => {
            let finding = match uploading.status.as_str() {
                "PROCESSED" => Finding::Processed,
                "LINKAGE_FAILURE" => Finding::NotLinked,
                _ => Finding::Working,
            };
            (Class::Accepted, finding)
        }
        (Class::Rejected(_), _) => (class, Finding::Unknown),
        (_, _) => (class, Finding::Working),
    }
}

fn uploading(seen: &Seen) -> Option<Uploading> {
    let Seen::Answer { body, .. } = seen else { return None };
    serde_json::from_slice(body).ok().map(|Answer { uploading }| uploading)
}

fn authorization(token: &Opened) -> HeaderValue {
    let text = format!("OAuth {}", token.expose());
    let mut value = HeaderValue::try_from(text).expect("a token is letters, digits and hyphens");
    value.set_sensitive(true);
    value
}

/// One part, named as it must be. The boundary is no part of any file: those hold no hyphens
/// at a line's beginning.
fn multipart(file: &str, boundary: &str) -> String {
    format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"goals.csv\"\r\n\
         Content-Type: text/csv\r\n\r\n{file}\r\n--{boundary}--\r\n"
    )
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;

    use super::*;

    fn seen(status: u16, body: &str) -> Seen {
        let status = StatusCode::from_u16(status).unwrap();
        Seen::Answer { status, body: body.into(), retry_after: None }
    }

    fn described(source: u64, lines: u64, status: &str) -> String {
        format!(
            r#"{{"uploading": {{"id": 7, "create_time": "2026-11-25T00:00:00Z", "source_quantity": {source},
                "line_quantity": {lines}, "comment": "", "client_id_type": "CLIENT_ID", "status": "{status}"}}}}"#
        )
    }

    #[test]
    fn a_file_is_taken_only_by_an_answer_that_names_it() {
        let taken = |lost| Delivery::Taken { number: 7, lost };
        assert_eq!(of_file(&seen(200, &described(3, 3, "UPLOADED"))), (Class::Accepted, taken(0)));
        assert_eq!(of_file(&seen(200, &described(3, 1, "UPLOADED"))).1, taken(2));
        let again = |is_ambiguous| Delivery::Failed { is_ambiguous };
        for body in ["", "<html>", "{}", "<!-- OK -->"] {
            assert_eq!(of_file(&seen(200, body)).1, again(true), "{body:?}");
        }
        for status in [500, 502, 504] {
            assert_eq!(of_file(&seen(status, "")).1, again(true), "{status}");
        }
        for status in [401, 403, 420, 429, 503] {
            assert_eq!(of_file(&seen(status, "")).1, again(false), "{status}");
        }
        assert_eq!(of_file(&Seen::NoAnswer).1, again(true));
        assert_eq!(of_file(&Seen::NotSent).1, again(false));
        assert_eq!(of_file(&seen(400, "")).1, Delivery::Rejected { reason: "refused" });
        assert_eq!(of_file(&seen(302, "")).1, Delivery::Rejected { reason: "redirected" });
    }

    #[test]
    fn every_word_about_a_file_has_its_meaning() {
        for (word, finding) in [
            ("PREPARED", Finding::Working),
            ("UPLOADED", Finding::Working),
            ("EXPORTED", Finding::Working),
            ("MATCHED", Finding::Working),
            ("PROCESSED", Finding::Processed),
            ("LINKAGE_FAILURE", Finding::NotLinked),
        ] {
            assert_eq!(of_question(&seen(200, &described(1, 1, word))).1, finding, "{word}");
        }
        assert_eq!(of_question(&seen(404, "")).1, Finding::Unknown);
        for status in [403, 429, 500, 503] {
            assert_eq!(of_question(&seen(status, "")).1, Finding::Working, "{status}");
        }
        assert_eq!(of_question(&Seen::NoAnswer).1, Finding::Working);
    }

    #[test]
    fn the_token_is_marked_as_a_secret() {
        let value = authorization(&Opened::new("token-canary".into()));
        assert!(value.is_sensitive() && !format!("{value:?}").contains("canary"));
    }
}
