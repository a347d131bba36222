//! Goals and funnels as an owner declares them, and the SQL that finds them.
//!
//! A rule looks at one row: a page or an event, and its properties. It is named by a number
//! made of its content, so the same rule has the same number everywhere and always, and a
//! changed rule is another goal. What was decided of it at a closing stays true.
//!
//! No letter an owner wrote is ever SQL: texts enter a statement as hexadecimal digits.

use serde::{Deserialize, Serialize};

use crate::{paths::PATHS_DECIDED, pattern};

/// Goals of one site, at most: each is a bit of a 64-bit mask while a day is closed.
pub const GOALS_MAX: usize = 64;

/// Funnels of one site, at most, so that all their steps are bits of one mask.
pub const FUNNELS_MAX: usize = 8;

/// Steps of one funnel, at least and at most.
pub const STEPS_MIN: usize = 2;
pub const STEPS_MAX: usize = 8;

/// Stands beside the goals' numbers for any of those that are declared: on the first visit of
/// a visitor's day that reached one, and among what a closing decided.
pub const ANY_GOAL: u64 = u64::from_le_bytes(*b"any goal");

/// What reaches a goal, or is a step of a funnel.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub what: What,
    /// All of them must hold.
    #[serde(default)]
    pub props: Vec<PropertyRule>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A view of a path; `*` stands for any run of characters.
    Page(String),
    /// A custom event of this name.
    Event(String),
}

/// A condition on a property. A property that is absent is an empty text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PropertyRule {
    pub name: String,
    pub op: PropertyTest,
    pub values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PropertyTest {
    Is,
    IsNot,
    /// Any of the values, anywhere, letters' case ignored.
    Contains,
}

/// Steps in their order, each a rule; a visit goes through them with anything between.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Funnel(pub Vec<Rule>);

/// What a site's owner has declared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    #[serde(default)]
    pub goals: Vec<Rule>,
    #[serde(default)]
    pub funnels: Vec<Funnel>,
}

impl Rule {
    /// The rule's name in the tables.
    pub fn number(&self) -> u64 {
        number("mostik goal rule v1", self)
    }

    /// The condition on a row of `events_hot` or `events`.
    pub fn sql(&self) -> String {
        let mut parts = match &self.what {
            What::Page(pattern) if pattern.contains('*') => {
                let expression = pattern::expression(std::slice::from_ref(pattern));
                vec!["kind = 'pageview'".to_owned(), format!("match(path, {})", literal(&expression))]
            }
            What::Page(path) => vec!["kind = 'pageview'".to_owned(), format!("path = {}", literal(path))],
            What::Event(name) => vec!["kind = 'custom'".to_owned(), format!("name = {}", literal(name))],
        };
        parts.extend(self.props.iter().map(PropertyRule::sql));
        format!("({})", parts.join(" AND "))
    }

    /// The flag of a closed row that counts its visitors, where the rule was not yet known at
    /// the closing. Exact for one page or one event name without conditions: the flag was
    /// decided for just that. Otherwise the second is false.
    pub fn flag(&self) -> (&'static str, bool) {
        match &self.what {
            What::Page(pattern) => ("is_page_visitor", self.props.is_empty() && !pattern.contains('*')),
            What::Event(_) => ("is_goal_visitor", self.props.is_empty()),
        }
    }
}

impl PropertyRule {
    fn sql(&self) -> String {
        let value = format!("props[{}]", literal(&self.name));
        let values: Vec<String> = self.values.iter().map(|value| literal(value)).collect();
        let values = values.join(", ");
        match self.op {
            PropertyTest::Is => format!("has([{values}], {value})"),
            PropertyTest::IsNot => format!("NOT has([{values}], {value})"),
            PropertyTest::Contains => format!("multiSearchAnyCaseInsensitiveUTF8({value}, [{values}])"),
        }
    }
}

impl Funnel {
    pub fn number(&self) -> u64 {
        number("mostik funnel v1", self)
    }
}

impl Declared {
    pub fn is_empty(&self) -> bool {
        self.goals.is_empty() && self.funnels.is_empty()
    }

    pub fn goal_numbers(&self) -> Vec<u64> {
        self.goals.iter().map(Rule::number).collect()
    }

    /// What a closing decides of goals: each of them and, where there are some, [`ANY_GOAL`] and
    /// the paths to them.
    pub fn decided_numbers(&self) -> Vec<u64> {
        let mut numbers = self.goal_numbers();
        if !numbers.is_empty() {
            numbers.extend([ANY_GOAL, PATHS_DECIDED]);
        }
        numbers
    }

    pub fn funnel_numbers(&self) -> Vec<u64> {
        self.funnels.iter().map(Funnel::number).collect()
    }
}

/// The first eight bytes of a keyed hash over the JSON, whose fields stand in the order of
/// the types above. Frozen: closed days name rules by it.
fn number(context: &str, of: &impl Serialize) -> u64 {
    let json = serde_json::to_vec(of).expect("texts and lists are JSON");
    let hash = blake3::derive_key(context, &json);
    u64::from_le_bytes(hash[..8].try_into().expect("a hash has eight bytes and more"))
}

/// A text as an SQL expression in which only digits are the owner's.
fn literal(text: &str) -> String {
    let digits: String = text.bytes().map(|byte| format!("{byte:02X}")).collect();
    format!("unhex('{digits}')")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: u64 = 8_481_014_448_269_455_456;
    const EVENT: u64 = 5_340_796_640_316_902_810;
    const FUNNEL: u64 = 15_888_814_411_667_131_053;

    fn page(pattern: &str) -> Rule {
        Rule { what: What::Page(pattern.to_owned()), props: Vec::new() }
    }

    fn event(name: &str, props: Vec<PropertyRule>) -> Rule {
        Rule { what: What::Event(name.to_owned()), props }
    }

    fn prop(op: PropertyTest, values: &[&str]) -> PropertyRule {
        let values = values.iter().map(|&value| value.to_owned()).collect();
        PropertyRule { name: "plan".to_owned(), op, values }
    }

    #[test]
    fn a_number_is_made_of_the_rule_and_never_changes() {
        assert_eq!(page("/thanks").number(), PAGE);
        assert_eq!(event("buy", vec![prop(PropertyTest::Is, &["pro"])]).number(), EVENT);
        assert_eq!(Funnel(vec![page("/"), page("/thanks")]).number(), FUNNEL);
        assert_ne!(page("/thank").number(), PAGE);
    }

    #[test]
    fn a_rule_survives_its_json() {
        let rule = event("buy", vec![prop(PropertyTest::IsNot, &["free"])]);
        let json = serde_json::to_string(&rule).unwrap();
        assert_eq!(
            json,
            r#"{"what":{"event":"buy"},"props":[{"name":"plan","op":"is_not","values":["free"]}]}"#
        );
        assert_eq!(serde_json::from_str::<Rule>(&json).unwrap(), rule);
    }

    #[test]
    fn no_letter_of_an_owner_is_sql() {
        for text in ["'); DROP TABLE events --", "\\'", "{db}", "?"] {
            let sql = event(text, vec![prop(PropertyTest::Contains, &[text])]).sql();
            assert!(!sql.contains(text), "{sql}");
        }
        assert_eq!(page("/a").sql(), "(kind = 'pageview' AND path = unhex('2F61'))");
    }

    #[test]
    fn a_flag_is_exact_for_one_page_and_one_name() {
        assert!(page("/thanks").flag().1 && event("buy", Vec::new()).flag().1);
        assert!(!page("/blog/*").flag().1);
        assert!(!event("buy", vec![prop(PropertyTest::Is, &["pro"])]).flag().1);
    }
}
