//! Filters as the API writes them: `dimension:op:value|value`.

use super::{
    dimension::{Dimension, Reach},
    threshold::Few,
};
use crate::control::goals::Goal;

/// Filters of one report, at most.
const FILTERS_MAX: usize = 16;

/// Values of one filter, at most; ClickHouse's multi-search takes 255.
const VALUES_MAX: usize = 100;

/// Longest value, in bytes: the longest path a collector keeps.
const VALUE_BYTES_MAX: usize = 2_048;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    Is,
    IsNot,
    /// Any of the values, anywhere, letters' case ignored.
    Contains,
    /// The whole value, by any of the patterns: `*` stands for any run of characters.
    Matches,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Filter {
    pub dimension: Dimension,
    pub operator: Operator,
    pub values: Vec<String>,
    /// The numbers of the goals it names; of a filter on goals only.
    pub goals: Vec<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    #[error("A filter is written dimension:op:value.")]
    Shape,
    #[error("`{0}` is not a dimension.")]
    Dimension(String),
    #[error("`{0}` is not one of is, is_not, contains, matches.")]
    Operator(String),
    #[error("A value is empty, longer than 2048 bytes, or not percent-encoded UTF-8.")]
    Value,
    #[error("There is no goal called `{0}`.")]
    NoGoal(String),
    #[error("There are more than 16 filters, or more than 100 values in one.")]
    TooMany,
    /// The rows hold no visit number, so only what stands on one row can be asked together.
    #[error("`{}` and `{}` cannot be asked together: closed days keep no link between a visit's rows.", .0.name(), .1.name())]
    Conflict(Dimension, Dimension),
}

impl Filter {
    /// Reads one filter; the query string has been decoded already.
    pub fn parse(text: &str) -> Result<Filter, FilterError> {
        let mut parts = text.splitn(3, ':');
        let (Some(dimension), Some(operator), Some(values)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(FilterError::Shape);
        };
        let dimension =
            Dimension::named(dimension).ok_or_else(|| FilterError::Dimension(dimension.to_owned()))?;
        let operator = match operator {
            "is" => Operator::Is,
            "is_not" => Operator::IsNot,
            "contains" => Operator::Contains,
            "matches" => Operator::Matches,
            other => return Err(FilterError::Operator(other.to_owned())),
        };
        let values: Vec<String> =
            values.split('|').map(decoded).collect::<Option<_>>().ok_or(FilterError::Value)?;
        if values.len() > VALUES_MAX {
            return Err(FilterError::TooMany);
        }
        // Everything contains nothing, and no pattern is a slip of the pen.
        let needs_text = matches!(operator, Operator::Contains | Operator::Matches);
        let empty = needs_text && values.iter().any(String::is_empty);
        if empty || values.iter().any(|value| value.len() > VALUE_BYTES_MAX) {
            return Err(FilterError::Value);
        }
        Ok(Filter { dimension, operator, values, goals: Vec::new() })
    }

    /// Finds the goals it names among those of a site.
    fn resolved(self, goals: &[Goal]) -> Result<Filter, FilterError> {
        if self.dimension != Dimension::Goal {
            return Ok(self);
        }
        let mut numbers = Vec::new();
        for value in &self.values {
            let found = goals.iter().filter(|goal| self.operator.finds(value, &goal.title));
            let before = numbers.len();
            numbers.extend(found.map(|goal| goal.rule.number()));
            if numbers.len() == before && matches!(self.operator, Operator::Is | Operator::IsNot) {
                return Err(FilterError::NoGoal(value.clone()));
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        Ok(Filter { goals: numbers, ..self })
    }

    /// Whether it keeps what has a value, rather than what has not.
    pub fn is_positive(&self) -> bool {
        self.operator != Operator::IsNot
    }

    /// Whether it picks exactly one value, which a flag can count exactly.
    pub fn is_one_value(&self) -> bool {
        self.operator == Operator::Is && self.values.len() == 1
    }
}

impl Operator {
    /// Whether a text is among those a value stands for. ClickHouse does this for every
    /// dimension that is a column; goals are few and known here.
    fn finds(self, value: &str, text: &str) -> bool {
        match self {
            Operator::Is | Operator::IsNot => text == value,
            Operator::Contains => text.to_lowercase().contains(&value.to_lowercase()),
            Operator::Matches => {
                let mut parts = value.split('*');
                let first = parts.next().unwrap_or_default();
                let Some(mut rest) = text.strip_prefix(first) else { return false };
                let Some(last) = parts.next_back() else { return rest.is_empty() };
                for part in parts {
                    let Some(at) = rest.find(part) else { return false };
                    rest = &rest[at + part.len()..];
                }
                rest.ends_with(last)
            }
        }
    }
}

/// Filters that may be asked together, and how few people their answers may tell of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Filters {
    all: Vec<Filter>,
    few: Few,
}

impl Filters {
    pub fn new(filters: Vec<Filter>) -> Result<Filters, FilterError> {
        if filters.len() > FILTERS_MAX {
            return Err(FilterError::TooMany);
        }
        for (at, one) in filters.iter().enumerate() {
            for other in &filters[at + 1..] {
                if conflict(one.dimension.reach(), other.dimension.reach()) {
                    return Err(FilterError::Conflict(one.dimension, other.dimension));
                }
            }
        }
        Ok(Filters { all: filters, few: Few::default() })
    }

    /// The same, with the goals they name among those of a site.
    pub fn resolved(self, goals: &[Goal]) -> Result<Filters, FilterError> {
        let all = self.all.into_iter().map(|filter| filter.resolved(goals)).collect::<Result<_, _>>()?;
        Ok(Filters { all, few: self.few })
    }

    /// The same, for somebody who may see groups of so many.
    #[must_use]
    pub fn shown_to(self, few: Few) -> Filters {
        Filters { few, ..self }
    }

    pub fn few(&self) -> Few {
        self.few
    }

    /// The numbers of goals that visits must have reached.
    pub fn goals_reached(&self) -> Vec<u64> {
        let positive = self.all.iter().filter(|filter| filter.is_positive());
        positive.flat_map(|filter| filter.goals.iter().copied()).collect()
    }

    /// All but one, by its place.
    pub fn without(&self, at: usize) -> Filters {
        let rest = self.all.iter().enumerate().filter(|&(place, _)| place != at);
        Filters { all: rest.map(|(_, filter)| filter.clone()).collect(), few: self.few }
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Filter> {
        self.all.iter()
    }
}

/// The entry row of a visit, on which also stands what the visit reached, is not its exit
/// row, nor that of a page seen between, nor that of an event.
fn conflict(one: Reach, other: Reach) -> bool {
    let on_entry = |reach| matches!(reach, Reach::Entry | Reach::Goal);
    let on_another = |reach| matches!(reach, Reach::Exit | Reach::Page | Reach::Event);
    let is_exit = |reach| reach == Reach::Exit;
    on_entry(one) && on_another(other)
        || on_another(one) && on_entry(other)
        || one != other && (is_exit(one) && on_another(other) || on_another(one) && is_exit(other))
}

/// Undoes `%25` and `%7C`, and any other percent-encoding.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let [high, low, tail @ ..] = tail else { return None };
            let digit = |letter: u8| char::from(letter).to_digit(16);
            bytes.push((digit(*high)? * 16 + digit(*low)?) as u8);
            rest = tail;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values_of(text: &str) -> Result<Vec<String>, FilterError> {
        Filter::parse(text).map(|filter| filter.values)
    }

    #[test]
    fn values_are_split_first_and_decoded_then() {
        assert_eq!(values_of("page:is:/a%7Cb|/100%25|/:c").unwrap(), ["/a|b", "/100%", "/:c"]);
        assert_eq!(values_of("source:is:").unwrap(), [""]);
    }

    #[test]
    fn what_is_not_in_the_contract_is_refused() {
        assert_eq!(values_of("page"), Err(FilterError::Shape));
        assert_eq!(values_of("visitor:is:1"), Err(FilterError::Dimension("visitor".into())));
        assert_eq!(values_of("page:like:1"), Err(FilterError::Operator("like".into())));
        for text in
            ["page:is:%", "page:is:%4", "page:is:%zz", "page:is:%ff", "page:contains:a|", "page:matches:"]
        {
            assert_eq!(values_of(text), Err(FilterError::Value), "{text}");
        }
        assert_eq!(
            values_of(&format!("page:is:{}", "a".repeat(VALUE_BYTES_MAX + 1))),
            Err(FilterError::Value)
        );
        assert_eq!(values_of(&format!("page:is:{}", "a|".repeat(VALUES_MAX))), Err(FilterError::TooMany));
    }

    #[test]
    fn only_what_stands_on_one_row_can_be_asked_together() {
        let ask = |one: &str, other: &str| {
            Filters::new(vec![
                Filter::parse(&format!("{one}:is:x")).unwrap(),
                Filter::parse(&format!("{other}:is:x")).unwrap(),
            ])
            .is_ok()
        };
        for (one, other) in [
            ("entry", "exit"),
            ("page", "entry"),
            ("exit", "page"),
            ("event", "entry"),
            ("event", "exit"),
            ("goal", "page"),
            ("goal", "exit"),
            ("goal", "event"),
        ] {
            assert!(!ask(one, other) && !ask(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("event", "page"),
            ("entry", "entry"),
            ("page", "country"),
            ("source", "exit"),
            ("host", "event"),
            ("goal", "entry"),
            ("goal", "source"),
        ] {
            assert!(ask(one, other), "{one} {other}");
        }
    }

    #[test]
    fn goals_are_found_by_their_titles() {
        let goal = |id, title: &str, path: &str| Goal {
            id,
            title: title.to_owned(),
            rule: store::goal::Rule { what: store::goal::What::Page(path.to_owned()), props: Vec::new() },
            value: None,
        };
        let goals = [goal(1, "Заказ", "/thanks"), goal(2, "Новый заказ", "/new"), goal(3, "Tea*", "/tea")];
        let found = |text: &str| {
            let filters = Filters::new(vec![Filter::parse(text).unwrap()]).unwrap().resolved(&goals)?;
            let numbers = filters.iter().next().unwrap().goals.clone();
            Ok(goals
                .iter()
                .filter(|goal| numbers.contains(&goal.rule.number()))
                .map(|goal| goal.id)
                .collect())
        };
        for (text, ids) in [
            ("goal:is:Заказ", vec![1]),
            ("goal:is_not:Tea*|Заказ", vec![1, 3]),
            ("goal:contains:ЗАКАЗ", vec![1, 2]),
            ("goal:matches:*заказ", vec![2]),
            ("goal:matches:Н*й*з", vec![2]),
            ("goal:matches:заказ", vec![]),
            ("goal:contains:coffee", vec![]),
        ] {
            assert_eq!(found(text), Ok(ids), "{text}");
        }
        assert_eq!(found("goal:is:coffee"), Err(FilterError::NoGoal("coffee".to_owned())));
    }
}
