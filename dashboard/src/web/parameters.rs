//! What the query of a report may hold, as the API's description says it. Names that are a
//! closed list come from that list.

use serde_json::{Value, json};

use super::api::Parameter;
use crate::stats::{dimension::Dimension, vitals::By};

/// Named periods, as `stats::period` reads them.
pub(super) const PERIODS: [&str; 10] =
    ["today", "yesterday", "7d", "30d", "91d", "month", "last_month", "12mo", "year", "custom"];

fn one(name: &'static str, why: &'static str, schema: Value) -> Parameter {
    Parameter { name, why, schema, is_required: false }
}

fn day() -> Value {
    json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"})
}

fn dimensions() -> Value {
    json!({"type": "string", "enum": Dimension::ALL.map(Dimension::name)})
}

/// Of every report.
pub(super) fn report() -> Vec<Parameter> {
    vec![
        one(
            "period",
            "Which days, in the site's zone; 30d when absent.",
            json!({"type": "string", "enum": PERIODS}),
        ),
        one("from", "First day of period=custom, included.", day()),
        one("to", "Last day of period=custom, included.", day()),
        one(
            "compare",
            "What the figures are compared with.",
            json!({"type": "string", "enum": ["previous", "year", "custom", "none"]}),
        ),
        one("compare_from", "First day of compare=custom.", day()),
        one(
            "grain",
            "What a point of the chart stands for; one day is always drawn by the hour.",
            json!({"type": "string", "enum": ["hour", "day", "week", "month"]}),
        ),
        one(
            "filter",
            "dimension:op:value|value with op is, is_not, contains, matches; may stand several times.",
            json!({"type": "array", "items": {"type": "string"}}),
        ),
    ]
}

/// Of one dimension's rows.
pub(super) fn slice() -> Vec<Parameter> {
    let mut parameters = report();
    parameters.extend([
        Parameter {
            name: "dimension",
            why: "What the rows are of.",
            schema: dimensions(),
            is_required: true,
        },
        one(
            "property",
            "With dimension=property: only the values of that property.",
            json!({"type": "string", "minLength": 1, "maxLength": 200}),
        ),
        one("search", "Only values that hold this text.", json!({"type": "string", "maxLength": 200})),
        one("limit", "Rows, 100 when absent.", json!({"type": "integer", "minimum": 1, "maximum": 1000})),
        one(
            "offset",
            "Rows left out before them.",
            json!({"type": "integer", "minimum": 0, "maximum": 1_000_000}),
        ),
        format(),
    ]);
    parameters
}

fn format() -> Parameter {
    one(
        "format",
        "csv and xlsx answer a file of up to 100,000 rows.",
        json!({"type": "string", "enum": ["json", "csv", "xlsx"]}),
    )
}

/// Of web vitals.
pub(super) fn vitals() -> Vec<Parameter> {
    let mut parameters = report();
    parameters.extend([
        one(
            "by",
            "What the rows are of, page when absent.",
            json!({"type": "string", "enum": [By::Page.name(), By::Device.name()]}),
        ),
        one("search", "Only values that hold this text.", json!({"type": "string", "maxLength": 200})),
        format(),
    ]);
    parameters
}

/// Of the paths to a goal.
pub(super) fn paths() -> Vec<Parameter> {
    let mut parameters = report();
    parameters.push(Parameter {
        name: "goal",
        why: "The title of a declared goal.",
        schema: json!({"type": "string"}),
        is_required: true,
    });
    parameters.push(format());
    parameters
}

pub(super) fn audit() -> Vec<Parameter> {
    vec![one("before", "Only lines older than that one.", json!({"type": "integer", "minimum": 1}))]
}

/// Of the calls that follow Plausible's Stats API.
pub(super) fn plausible() -> Vec<Parameter> {
    vec![
        Parameter {
            name: "site_id",
            why: "The site's domain.",
            schema: json!({"type": "string"}),
            is_required: true,
        },
        one(
            "period",
            "30d when absent.",
            json!({"type": "string", "enum": ["day", "7d", "30d", "month", "6mo", "12mo", "custom"]}),
        ),
        one(
            "date",
            "The last day of the period; two days joined by a comma for custom.",
            json!({"type": "string"}),
        ),
        one(
            "metrics",
            "Joined by commas: visitors, visits, pageviews, views_per_visit, bounce_rate, visit_duration.",
            json!({"type": "string"}),
        ),
        one(
            "filters",
            "event:page==/blog/**;visit:source!=Google, joined by semicolons.",
            json!({"type": "string"}),
        ),
        one(
            "with_imported",
            "Taken and without effect.",
            json!({"type": "string", "enum": ["true", "false"]}),
        ),
    ]
}

pub(super) fn plausible_compare() -> Parameter {
    one("compare", "Adds the change in per cent.", json!({"type": "string", "enum": ["previous_period"]}))
}

pub(super) fn plausible_interval() -> Parameter {
    one(
        "interval",
        "What a point stands for; month for 6mo and 12mo when absent, else date.",
        json!({"type": "string", "enum": ["date", "month"]}),
    )
}

pub(super) fn plausible_rows() -> Vec<Parameter> {
    vec![
        Parameter {
            name: "property",
            why: "event:page, event:name, event:hostname, visit:source, visit:channel, visit:referrer, visit:utm_*, \
                  visit:device, visit:browser, visit:os, visit:country, visit:entry_page, visit:exit_page.",
            schema: json!({"type": "string"}),
            is_required: true,
        },
        one(
            "limit",
            "Rows of a page, 100 when absent.",
            json!({"type": "integer", "minimum": 1, "maximum": 1000}),
        ),
        one("page", "Which page, from 1.", json!({"type": "integer", "minimum": 1, "maximum": 1000})),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{period::Named, query};

    #[test]
    fn every_period_that_is_described_is_understood() {
        for name in PERIODS.into_iter().filter(|name| *name != "custom") {
            assert!(Named::parse(name).is_some(), "{name}");
        }
        assert!(query::report("period=custom&from=2026-01-01&to=2026-01-02", &[]).is_ok());
    }

    #[test]
    fn every_parameter_that_is_described_is_one_of_the_call() {
        for parameter in slice() {
            let written = format!("dimension=property&{}=", parameter.name);
            let refusal = query::breakdown(&written, &[]).err();
            assert!(!matches!(refusal, Some(query::QueryError::Unknown(_))), "{}", parameter.name);
        }
    }
}
