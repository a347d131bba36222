//! What leaves for Metrika: the allow-list of metrika.md section 11, in its narrowest form.
//! Every byte of a request is the owner's own word, a random number, a rounded time or a
//! rounded value. Nothing that a page, a browser or a visitor wrote is copied into it: not
//! the path (it selects one of the owner's templates), not the currency (it must be the
//! rule's), not the event's name (it selects the goal), not a campaign's tag or a property
//! (its value must be on the owner's list).
//!
//! Pure: no clock, no I/O.

pub mod labels;
pub mod late;
pub mod template;
pub mod value;

use url::form_urlencoded::Serializer;

/// Stands for the token wherever a request is shown or hashed.
pub const TOKEN_HIDDEN: &str = "***";

/// A request as it will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    pub counter: u32,
    pub cid: u64,
    pub et: i64,
    /// The page: scheme, host and template.
    pub dl: String,
    pub hit: Hit,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hit {
    /// Opens the visit: without it Metrika records no goal.
    Page {
        /// The site's name, never the page's title.
        title: String,
    },
    Goal {
        goal: String,
        value: Option<Value>,
        /// Session parameters, as JSON.
        params: Option<String>,
    },
}

/// Already rounded and written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    pub amount: String,
    pub currency: String,
}

impl Payload {
    /// The form, with the token that goes with it, or [`TOKEN_HIDDEN`].
    pub fn body(&self, token: &str) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("tid", &self.counter.to_string()).append_pair("cid", &self.cid.to_string());
        match &self.hit {
            Hit::Page { title } => {
                // Documented as required; an empty referrer says nothing.
                form.append_pair("t", "pageview")
                    .append_pair("dl", &self.dl)
                    .append_pair("dr", "")
                    .append_pair("dt", title);
            }
            Hit::Goal { goal, .. } => {
                form.append_pair("t", "event").append_pair("ea", goal).append_pair("dl", &self.dl);
            }
        }
        form.append_pair("et", &self.et.to_string());
        if let Hit::Goal { value, params, .. } = &self.hit {
            if let Some(value) = value {
                form.append_pair("ev", &value.amount).append_pair("cu", &value.currency);
            }
            if let Some(params) = params {
                form.append_pair("params", params);
            }
        }
        form.append_pair("ms", token);
        form.finish()
    }

    /// Names the request in the audit log. The random cid within keeps it from being guessed.
    pub fn hash(&self) -> [u8; 32] {
        *blake3::hash(self.body(TOKEN_HIDDEN).as_bytes()).as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(hit: Hit) -> Payload {
        Payload {
            counter: 12_345_678,
            cid: 1_768_350_268_232_845_118,
            et: 1_768_470_000,
            dl: "https://example.ru/checkout".into(),
            hit,
        }
    }

    #[test]
    fn a_goal_is_these_parameters_and_no_other() {
        let value = Some(Value { amount: "1990".into(), currency: "RUB".into() });
        assert_eq!(
            payload(Hit::Goal { goal: "order_paid".into(), value, params: None }).body(TOKEN_HIDDEN),
            "tid=12345678&cid=1768350268232845118&t=event&ea=order_paid\
             &dl=https%3A%2F%2Fexample.ru%2Fcheckout&et=1768470000&ev=1990&cu=RUB&ms=***"
        );
        let params = Some(r#"{"plan":"pro"}"#.to_owned());
        let with_params = payload(Hit::Goal { goal: "g".into(), value: None, params }).body(TOKEN_HIDDEN);
        assert!(
            with_params.ends_with("&et=1768470000&params=%7B%22plan%22%3A%22pro%22%7D&ms=***"),
            "{with_params}"
        );
    }

    #[test]
    fn an_opening_page_is_these_parameters_and_no_other() {
        assert_eq!(
            payload(Hit::Page { title: "example.ru".into() }).body(TOKEN_HIDDEN),
            "tid=12345678&cid=1768350268232845118&t=pageview&dl=https%3A%2F%2Fexample.ru%2Fcheckout\
             &dr=&dt=example.ru&et=1768470000&ms=***"
        );
    }
}
