//! What a closing decides of declared goals and funnels: the expressions that stand in
//! `sql/open_day_rows.sql` for them.
//!
//! Each rule is a bit of a mask. Two windows over masks decide all goals of a site at once,
//! where a window for each goal would sort the day once a goal.

use crate::goal::{ANY_GOAL, Declared, Funnel, Rule};

/// Rows of a visit that are looked at for steps of funnels, at most. A person's visit has a
/// few dozen; what comes after so many is no step.
pub(super) const STEP_ROWS_MAX: u32 = 1_000;

/// No goals.
const NONE: &str = "CAST([], 'Array(UInt64)')";

/// The expressions by the name of their place.
pub(super) struct Decisions {
    pub goal_mask: String,
    pub step_mask: String,
    pub goals: String,
    pub visit_goals: String,
    pub visitor_goals: String,
    pub funnels: String,
}

impl Decisions {
    pub fn of(declared: &Declared) -> Decisions {
        let numbers = declared.goal_numbers();
        let on_entry =
            |known: &str, what: String| format!("if({known} AND nth_of_visit = 1, {what}, {NONE})");
        let of_visit = "groupBitOr(new_goal_mask) OVER (PARTITION BY day, visitor, visit)";
        // Which goals are new to the visitor does not tell whether it is their first of all.
        let any = format!(
            "if(max(goal_mask != 0 AND earlier_goal_mask = 0) OVER (PARTITION BY day, visitor, visit), \
             CAST([{ANY_GOAL}], 'Array(UInt64)'), {NONE})"
        );
        let mut steps: Vec<&Rule> = Vec::new();
        for rule in declared.funnels.iter().flat_map(|funnel| &funnel.0) {
            if !steps.contains(&rule) {
                steps.push(rule);
            }
        }
        Decisions {
            goal_mask: goal_mask(declared),
            step_mask: mask(steps.iter().copied()),
            goals: chosen(&numbers, "goal_mask"),
            visit_goals: on_entry("visit != 0", chosen(&numbers, "visit_goal_mask")),
            visitor_goals: on_entry(
                "visit != 0 AND visitor != 0",
                format!("arrayConcat({}, {any})", chosen(&numbers, of_visit)),
            ),
            funnels: funnels(&declared.funnels, &steps),
        }
    }
}

/// Which goals a row meets, the first declared in the lowest bit.
pub(crate) fn goal_mask(declared: &Declared) -> String {
    mask(declared.goals.iter())
}

fn bit(nth: usize) -> u64 {
    debug_assert!(nth < 64, "store::goal bounds goals and steps by the bits there are");
    1 << nth
}

/// Which rules a row meets.
fn mask<'a>(rules: impl Iterator<Item = &'a Rule>) -> String {
    let bits: Vec<String> = rules
        .enumerate()
        .map(|(nth, rule)| format!("if({}, toUInt64({}), 0)", rule.sql(), bit(nth)))
        .collect();
    if bits.is_empty() { "toUInt64(0)".to_owned() } else { format!("toUInt64({})", bits.join(" + ")) }
}

/// The numbers whose bits are set.
fn chosen(numbers: &[u64], mask: &str) -> String {
    if numbers.is_empty() {
        return NONE.to_owned();
    }
    let list = |values: Vec<String>| format!("CAST([{}], 'Array(UInt64)')", values.join(", "));
    let bits = list((0..numbers.len()).map(|nth| bit(nth).to_string()).collect());
    let numbers = list(numbers.iter().map(u64::to_string).collect());
    format!("arrayFilter((number, place) -> bitAnd({mask}, place) != 0, {numbers}, {bits})")
}

/// On the entry row, how many steps of each funnel the visit went through; none is left out.
/// Each step is the first row after the step before that fits: no row is two steps.
fn funnels(funnels: &[Funnel], steps: &[&Rule]) -> String {
    if funnels.is_empty() {
        return "CAST(map(), 'Map(UInt64, UInt8)')".to_owned();
    }
    let reached = |funnel: &Funnel| {
        let bits: Vec<String> = funnel
            .0
            .iter()
            .map(|rule| {
                let nth = steps.iter().position(|step| *step == rule).expect("all steps are in the list");
                bit(nth).to_string()
            })
            .collect();
        // Beyond the last step the array has no bit, so the count stays.
        format!(
            "{}, arrayFold((reached, met) -> if(bitAnd(met, arrayElement(CAST([{}], 'Array(UInt64)'), reached + 1)) != 0, \
             toUInt8(reached + 1), reached), visit_steps, toUInt8(0))",
            funnel.number(),
            bits.join(", ")
        )
    };
    let all: Vec<String> = funnels.iter().map(reached).collect();
    format!(
        "CAST(if(visit != 0 AND nth_of_visit = 1, mapFilter((number, steps) -> steps > 0, \
         CAST(map({}), 'Map(UInt64, UInt8)')), map()), 'Map(UInt64, UInt8)')",
        all.join(", ")
    )
}
