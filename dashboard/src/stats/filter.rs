//! Filters as the API writes them: `dimension:op:value|value`.

use super::dimension::{Dimension, Reach};

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
        Ok(Filter { dimension, operator, values })
    }

    /// Whether it picks exactly one value, which a flag can count exactly.
    pub fn is_one_value(&self) -> bool {
        self.operator == Operator::Is && self.values.len() == 1
    }
}

/// Filters that may be asked together.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Filters(Vec<Filter>);

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
        Ok(Filters(filters))
    }

    /// All but one, by its place.
    pub fn without(&self, at: usize) -> Filters {
        let rest = self.0.iter().enumerate().filter(|&(place, _)| place != at);
        Filters(rest.map(|(_, filter)| filter.clone()).collect())
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Filter> {
        self.0.iter()
    }
}

/// The entry row of a visit is not its exit row, nor that of a page seen between, nor
/// that of a goal reached later.
fn conflict(one: Reach, other: Reach) -> bool {
    let is_end = |reach| matches!(reach, Reach::Entry | Reach::Exit);
    let is_event = |reach| matches!(reach, Reach::Page | Reach::Goal);
    one != other && (is_end(one) && (is_end(other) || is_event(other)) || is_event(one) && is_end(other))
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
        for (one, other) in
            [("entry", "exit"), ("page", "entry"), ("exit", "page"), ("goal", "entry"), ("goal", "exit")]
        {
            assert!(!ask(one, other) && !ask(other, one), "{one} {other}");
        }
        for (one, other) in
            [("goal", "page"), ("entry", "entry"), ("page", "country"), ("source", "exit"), ("host", "goal")]
        {
            assert!(ask(one, other), "{one} {other}");
        }
    }
}
