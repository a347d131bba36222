//! What the owner declares of a property: its name alone, the values it may have, or the
//! bounds of its buckets. What is not among them is counted as `other`.
//!
//! ```text
//! plan                     any short value, scrubbed
//! plan=free|team|pro       one of these
//! price=0..100..1000       <0, 0-100, 100-1000, >=1000
//! ```

/// What stands for a value that was not declared.
pub const OTHER: &str = "other";

/// Declared values or bounds of one property, at most: a report has so many rows.
const VALUES_MAX: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    pub name: String,
    values: Values,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Values {
    Any,
    OneOf(Vec<String>),
    /// Ascending.
    Bounds(Vec<i64>),
}

impl Declared {
    /// Reads a declaration; one that cannot be read declares nothing but its name's end:
    /// every value of it is `other`.
    pub fn read(text: &str) -> Declared {
        let Some((name, values)) = text.split_once('=') else {
            return Declared { name: text.trim().to_owned(), values: Values::Any };
        };
        let values = match bounds(values) {
            Some(bounds) => Values::Bounds(bounds),
            None => {
                let one_of = values.split('|').map(|value| value.trim().to_owned());
                Values::OneOf(one_of.filter(|value| !value.is_empty()).take(VALUES_MAX).collect())
            }
        };
        Declared { name: name.trim().to_owned(), values }
    }

    /// What is kept of a scrubbed value.
    pub fn kept(&self, value: String) -> String {
        match &self.values {
            Values::Any => value,
            Values::OneOf(values) => {
                if values.contains(&value) {
                    value
                } else {
                    OTHER.to_owned()
                }
            }
            Values::Bounds(bounds) => bucket(bounds, &value),
        }
    }
}

/// `0..100..1000`: at least two numbers, ascending.
fn bounds(text: &str) -> Option<Vec<i64>> {
    let bounds: Vec<i64> = text.split("..").map(|bound| bound.trim().parse().ok()).collect::<Option<_>>()?;
    let ascending = bounds.windows(2).all(|pair| pair[0] < pair[1]);
    ((2..=VALUES_MAX).contains(&bounds.len()) && ascending).then_some(bounds)
}

fn bucket(bounds: &[i64], value: &str) -> String {
    let Ok(number) = value.trim().parse::<f64>() else { return OTHER.to_owned() };
    if !number.is_finite() {
        return OTHER.to_owned();
    }
    match bounds.iter().position(|&bound| number < bound as f64) {
        Some(0) => format!("<{}", bounds[0]),
        Some(at) => format!("{}-{}", bounds[at - 1], bounds[at]),
        None => format!(">={}", bounds[bounds.len() - 1]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(declaration: &str, value: &str, expected: &str) {
        assert_eq!(Declared::read(declaration).kept(value.to_owned()), expected, "{declaration} {value}");
    }

    #[test]
    fn a_name_alone_keeps_any_value() {
        assert_eq!(Declared::read(" plan ").name, "plan");
        check("plan", "whatever", "whatever");
    }

    #[test]
    fn a_value_that_was_not_declared_is_other() {
        check("plan=free|team|pro", "team", "team");
        check("plan=free|team|pro", "Ivan Petrov", "other");
        check("plan=", "x", "other");
    }

    #[test]
    fn numbers_fall_into_their_buckets() {
        for (value, bucket) in [
            ("-1", "<0"),
            ("0", "0-100"),
            ("99.99", "0-100"),
            ("100", "100-1000"),
            ("1000", ">=1000"),
            ("1e300", ">=1000"),
            ("NaN", "other"),
            ("ten", "other"),
        ] {
            check("price=0..100..1000", value, bucket);
        }
    }

    #[test]
    fn bounds_that_do_not_ascend_are_taken_for_values() {
        check("x=5..1", "3", "other");
        check("x=5..1", "5..1", "5..1");
    }
}
