//! What an owner may write about a goal or a funnel.

use store::goal::{self, PropertyRule, Rule, STEPS_MAX, STEPS_MIN, What};

use super::Money;

/// Longest title, in bytes: one line of a panel.
const TITLE_BYTES_MAX: usize = 100;

/// Longest path, name or value of a rule, in bytes: the longest path a collector keeps.
const TEXT_BYTES_MAX: usize = 2_048;

/// Conditions on properties of one rule, at most.
const PROPS_MAX: usize = 5;

/// Values of one condition, at most.
const VALUES_MAX: usize = 20;

/// What reaching a goal once may be worth, at most, in ten-thousandths: a billion.
const AMOUNT_E4_MAX: i64 = 1_000_000_000 * 10_000;

/// A goal about to be kept.
#[derive(Debug, PartialEq, Eq)]
pub struct GoalDraft {
    pub title: String,
    pub rule: Rule,
    pub value: Option<Money>,
}

/// A funnel about to be kept.
#[derive(Debug, PartialEq, Eq)]
pub struct FunnelDraft {
    pub title: String,
    pub steps: goal::Funnel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    Title,
    Rule,
    Value,
    Steps,
}

impl GoalDraft {
    pub fn new(title: &str, rule: Rule, value: Option<Money>) -> Result<GoalDraft, Mistake> {
        let value = value.map(money).transpose()?;
        Ok(GoalDraft { title: self::title(title)?, rule: self::rule(rule)?, value })
    }
}

impl FunnelDraft {
    pub fn new(title: &str, steps: Vec<Rule>) -> Result<FunnelDraft, Mistake> {
        if !(STEPS_MIN..=STEPS_MAX).contains(&steps.len()) {
            return Err(Mistake::Steps);
        }
        let steps = steps.into_iter().map(rule).collect::<Result<_, _>>()?;
        Ok(FunnelDraft { title: self::title(title)?, steps: goal::Funnel(steps) })
    }
}

fn title(text: &str) -> Result<String, Mistake> {
    let text = text.trim();
    let fits = (1..=TITLE_BYTES_MAX).contains(&text.len()) && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned()).ok_or(Mistake::Title)
}

/// The rule as it is numbered: what means the same is written the same.
pub fn rule(rule: Rule) -> Result<Rule, Mistake> {
    let what = match rule.what {
        What::Page(path) => What::Page(text(&path)?),
        What::Event(name) => What::Event(text(&name)?),
    };
    let is_page = matches!(&what, What::Page(path) if path.starts_with('/') || path.starts_with('*'));
    if rule.props.len() > PROPS_MAX || !is_page && matches!(what, What::Page(_)) {
        return Err(Mistake::Rule);
    }
    let props = rule.props.into_iter().map(property).collect::<Result<_, _>>()?;
    Ok(Rule { what, props })
}

fn property(rule: PropertyRule) -> Result<PropertyRule, Mistake> {
    let mut values: Vec<String> = rule.values.iter().map(|value| text(value)).collect::<Result<_, _>>()?;
    values.sort_unstable();
    values.dedup();
    if values.is_empty() || values.len() > VALUES_MAX {
        return Err(Mistake::Rule);
    }
    Ok(PropertyRule { name: text(&rule.name)?, op: rule.op, values })
}

fn text(text: &str) -> Result<String, Mistake> {
    let text = text.trim();
    let fits = (1..=TEXT_BYTES_MAX).contains(&text.len()) && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned()).ok_or(Mistake::Rule)
}

fn money(money: Money) -> Result<Money, Mistake> {
    let currency = money.currency.trim().to_ascii_uppercase();
    let is_code = currency.len() == 3 && currency.chars().all(|letter| letter.is_ascii_uppercase());
    if !is_code || !(0..=AMOUNT_E4_MAX).contains(&money.amount_e4) {
        return Err(Mistake::Value);
    }
    Ok(Money { amount_e4: money.amount_e4, currency })
}

#[cfg(test)]
mod tests {
    use store::goal::PropertyTest;

    use super::*;

    fn page(path: &str) -> Rule {
        Rule { what: What::Page(path.to_owned()), props: Vec::new() }
    }

    #[test]
    fn what_means_the_same_is_written_the_same() {
        let with = |values: &[&str]| Rule {
            props: vec![PropertyRule {
                name: " plan".to_owned(),
                op: PropertyTest::Is,
                values: values.iter().map(|&value| value.to_owned()).collect(),
            }],
            ..page(" /a ")
        };
        assert_eq!(rule(with(&["b", "a", "b"])), rule(with(&["a", "b"])));
        assert_eq!(rule(with(&["a"])).unwrap().what, What::Page("/a".to_owned()));
    }

    #[test]
    fn what_no_row_can_be_is_refused() {
        for wrong in [page(""), page("thanks"), page("/a\nb"), page(&"/".repeat(TEXT_BYTES_MAX + 1))] {
            assert_eq!(rule(wrong.clone()), Err(Mistake::Rule), "{wrong:?}");
        }
        let valueless = PropertyRule { name: "plan".into(), op: PropertyTest::Is, values: Vec::new() };
        assert_eq!(rule(Rule { props: vec![valueless.clone()], ..page("/a") }), Err(Mistake::Rule));
        let many = vec![PropertyRule { values: vec!["x".into()], ..valueless }; PROPS_MAX + 1];
        assert_eq!(rule(Rule { props: many, ..page("/a") }), Err(Mistake::Rule));
    }

    #[test]
    fn titles_values_and_steps_have_their_limits() {
        let value = |amount_e4, currency: &str| Some(Money { amount_e4, currency: currency.to_owned() });
        assert_eq!(GoalDraft::new("", page("/a"), None), Err(Mistake::Title));
        assert_eq!(GoalDraft::new(&"x".repeat(101), page("/a"), None), Err(Mistake::Title));
        assert_eq!(GoalDraft::new("a", page("/a"), value(-1, "RUB")), Err(Mistake::Value));
        assert_eq!(GoalDraft::new("a", page("/a"), value(1, "рубль")), Err(Mistake::Value));
        assert_eq!(GoalDraft::new(" a ", page("/a"), value(1, "rub")).unwrap().value, value(1, "RUB"));
        for steps in [STEPS_MIN - 1, STEPS_MAX + 1] {
            assert_eq!(FunnelDraft::new("a", vec![page("/a"); steps]), Err(Mistake::Steps), "{steps}");
        }
        assert!(FunnelDraft::new("a", vec![page("/a"); STEPS_MAX]).is_ok());
    }
}
