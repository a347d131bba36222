//! A SELECT with its parameters. What an owner wrote is a parameter of the server's
//! (`{f0:Array(String)}`), never a part of the text.

use clickhouse::{RowOwned, RowRead, query::Query};
use store::{Store, StoreError, pattern};

use super::{
    dimension::{Dimension, PROPERTIES},
    filter::{Filter, Filters, Operator},
};

/// A condition in SQL over the columns of `events`, and the values it refers to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    parts: Vec<String>,
    lists: Vec<(String, Vec<String>)>,
    texts: Vec<(String, String)>,
    numbers: Vec<(String, Vec<u64>)>,
}

impl Condition {
    /// All filters at once.
    pub fn of(filters: &Filters) -> Condition {
        let mut condition = Condition::default();
        for (nth, filter) in filters.iter().enumerate() {
            if filter.dimension == Dimension::Goal {
                condition.add_goals(nth, filter);
            } else {
                condition.add(nth, filter);
            }
        }
        let reached = filters.goals_reached();
        if !reached.is_empty() {
            // For the flag of visitors who reached them (`flag::Scope::Goal`).
            condition.numbers.push(("goals".to_owned(), reached));
        }
        condition
    }

    fn add_goals(&mut self, nth: usize, filter: &Filter) {
        let name = format!("f{nth}");
        self.parts.extend(filter.dimension.rows().map(str::to_owned));
        let not = if filter.is_positive() { "" } else { "NOT " };
        self.parts.push(format!("{not}hasAny(visit_goals, {{{name}:Array(UInt64)}})"));
        self.numbers.push((name, filter.goals.clone()));
    }

    fn add(&mut self, nth: usize, filter: &Filter) {
        let name = format!("f{nth}");
        // As text: an Enum and a FixedString refuse a value that is not one of theirs.
        let text = filter.dimension.text();
        let test = match filter.operator {
            _ if filter.dimension == Dimension::Property => property_test(filter.operator, &name),
            Operator::Is => format!("{text} IN {{{name}:Array(String)}}"),
            Operator::IsNot => format!("{text} NOT IN {{{name}:Array(String)}}"),
            Operator::Contains => {
                format!("multiSearchAnyCaseInsensitiveUTF8({text}, {{{name}:Array(String)}})")
            }
            Operator::Matches => format!("match({text}, {{{name}:String}})"),
        };
        self.parts.extend(filter.dimension.rows().map(str::to_owned));
        self.parts.push(test);
        match filter.operator {
            Operator::Matches => self.texts.push((name, pattern::expression(&filter.values))),
            Operator::Is | Operator::IsNot | Operator::Contains => {
                self.lists.push((name, filter.values.clone()));
            }
        }
    }

    /// The same and only these rows, in SQL of ours.
    pub fn and(mut self, rows: Option<&str>) -> Condition {
        self.parts.extend(rows.map(str::to_owned));
        self
    }

    /// The same, with a text that the statement refers to as `{name:String}`.
    pub fn with_text(mut self, name: &str, text: &str) -> Condition {
        self.texts.push((name.to_owned(), text.to_owned()));
        self
    }

    /// `WHERE …`, or nothing.
    pub fn where_clause(&self) -> String {
        if self.parts.is_empty() { String::new() } else { format!("WHERE {}", self.parts.join(" AND ")) }
    }

    /// Runs `sql` with the values.
    pub async fn fetch<R>(&self, store: &Store, step: &'static str, sql: &str) -> Result<Vec<R>, StoreError>
    where
        R: RowOwned + RowRead,
    {
        let mut query: Query = store.reader().query_raw(sql);
        for (name, values) in &self.lists {
            query = query.param(name, values);
        }
        for (name, text) in &self.texts {
            query = query.param(name, text);
        }
        for (name, numbers) in &self.numbers {
            query = query.param(name, numbers);
        }
        query.fetch_all().await.map_err(StoreError::at(step))
    }
}

/// Whether any of a row's properties is, or is like, one of those asked about.
fn property_test(operator: Operator, name: &str) -> String {
    match operator {
        Operator::Is => format!("hasAny({PROPERTIES}, {{{name}:Array(String)}})"),
        Operator::IsNot => format!("NOT hasAny({PROPERTIES}, {{{name}:Array(String)}})"),
        Operator::Contains => format!(
            "arrayExists(one -> multiSearchAnyCaseInsensitiveUTF8(one, {{{name}:Array(String)}}), {PROPERTIES})"
        ),
        Operator::Matches => format!("arrayExists(one -> match(one, {{{name}:String}}), {PROPERTIES})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_one_parameter() {
        insta::assert_snapshot!(check(&["page:matches:/a*|/b"]), @"WHERE match(path, {f0:String})");
    }

    fn check(filters: &[&str]) -> String {
        let filters =
            Filters::new(filters.iter().map(|text| Filter::parse(text).unwrap()).collect()).unwrap();
        Condition::of(&filters).where_clause()
    }

    #[test]
    fn a_value_is_never_part_of_the_text() {
        let text = check(&["page:is:/a' OR 1=1 --", "source:contains:x\\'{f0:String}"]);
        insta::assert_snapshot!(text, @"WHERE path IN {f0:Array(String)} AND multiSearchAnyCaseInsensitiveUTF8(source, {f1:Array(String)})");
    }

    #[test]
    fn each_dimension_names_its_rows() {
        insta::assert_snapshot!(check(&["event:is_not:buy", "device:is:mobile", "country:is:RU|KZ"]), @"WHERE kind = 'custom' AND name NOT IN {f0:Array(String)} AND toString(device) IN {f1:Array(String)} AND toString(country) IN {f2:Array(String)}");
        insta::assert_snapshot!(check(&["entry:is:/", "country:contains:r"]), @"WHERE is_visit = 1 AND path IN {f0:Array(String)} AND multiSearchAnyCaseInsensitiveUTF8(toString(country), {f1:Array(String)})");
        insta::assert_snapshot!(check(&["exit:is_not:/"]), @"WHERE is_exit = 1 AND path NOT IN {f0:Array(String)}");
        assert_eq!(check(&[]), "");
    }
}
