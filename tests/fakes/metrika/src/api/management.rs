//! Counters, their goals and their measurement tokens, as their owner sees and sets them.

use hyper::Method;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Answer, Call, Kind, Refusal, Scope, conversions, logs, refused};
use crate::{
    counter::{Condition, Counter, Goal, TOKENS_MAX},
    ledger::Ledger,
};

/// Goals of a counter, at most. Ours: a number is often quoted and nowhere documented.
pub const GOALS_MAX: usize = 200;

/// Longest name of a goal, in characters (documented).
const NAME_CHARS_MAX: usize = 255;

/// What `visit_threshold` may be, in seconds (documented).
const THRESHOLD_SECONDS: std::ops::RangeInclusive<i64> = 1_800..=21_600;

#[derive(Deserialize)]
struct CounterBody {
    counter: CounterChange,
}

#[derive(Deserialize)]
struct CounterChange {
    counter_flags: Option<Flags>,
    visit_threshold: Option<i64>,
}

#[derive(Deserialize)]
struct Flags {
    measurement_enabled: bool,
}

#[derive(Deserialize)]
struct GoalBody {
    goal: GoalChange,
}

#[derive(Deserialize)]
struct GoalChange {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    default_price: f64,
    conditions: Vec<Condition>,
}

/// `path` is what stands behind `/management/v1/`.
pub fn answer(ledger: &mut Ledger, call: &Call<'_>, method: &Method, path: &[&str]) -> Answer {
    match (method, path) {
        (&Method::GET, ["counters"]) => list(ledger, call),
        (&Method::GET, ["counter", id]) => {
            let id = call.counter(ledger, id, Scope::Read)?;
            Ok(json!({ "counter": shown(&ledger.counters[&id], call) }))
        }
        (&Method::PUT, ["counter", id]) => edit(ledger, call, id),
        (&Method::GET, ["counter", id, "goals"]) => {
            let id = call.counter(ledger, id, Scope::Read)?;
            let is_deleted_shown = call.query.get("useDeleted").is_some_and(|value| value == "true");
            let goals = ledger.counters[&id].goals.iter();
            let goals = goals.filter(|goal| goal.is_active || is_deleted_shown).map(shown_goal);
            Ok(json!({ "goals": goals.collect::<Vec<_>>() }))
        }
        (&Method::POST, ["counter", id, "goals"]) => create_goal(ledger, call, id),
        (method, ["counter", id, "goal", goal]) => one_goal(ledger, call, method, id, goal),
        // A GET with a side effect: so it is documented.
        (&Method::GET, ["counter", id, "measurement", "generate"]) => generate(ledger, call, id),
        (&Method::POST, ["counter", id, "measurement", "delete"]) => {
            let id = call.counter(ledger, id, Scope::Write)?;
            let token = call.parameter("token")?;
            let tokens = &mut counter(ledger, id)?.tokens;
            let at = tokens.iter().position(|known| known == token);
            tokens.remove(at.ok_or_else(|| refused(Kind::InvalidParameter, "no such token"))?);
            Ok(json!({ "success": true }))
        }
        (method, ["counter", id, rest @ ..]) if matches!(rest, ["logrequests" | "logrequest", ..]) => {
            logs::answer(ledger, call, method, id, rest)
        }
        (method, ["counter", id, "offline_conversions", rest @ ..]) => {
            conversions::answer(ledger, call, method, id, rest)
        }
        _ => Err(refused(Kind::NotFound, "Not found")),
    }
}

fn list(ledger: &Ledger, call: &Call<'_>) -> Answer {
    if call.grant.scopes.is_empty() {
        return Err(refused(Kind::AccessDenied, "Access is denied"));
    }
    let counters = ledger.counters.values().filter(|counter| call.grant.counters.contains(&counter.id));
    let counters: Vec<Value> = counters.map(|counter| shown(counter, call)).collect();
    Ok(json!({ "rows": counters.len(), "counters": counters }))
}

fn edit(ledger: &mut Ledger, call: &Call<'_>, id: &str) -> Answer {
    let id = call.counter(ledger, id, Scope::Write)?;
    let change = parsed::<CounterBody>(call.body)?.counter;
    if change.visit_threshold.is_some_and(|seconds| !THRESHOLD_SECONDS.contains(&seconds)) {
        return Err(refused(Kind::InvalidParameter, "visit_threshold"));
    }
    let counter = counter(ledger, id)?;
    if let Some(flags) = change.counter_flags {
        counter.measurement_enabled = flags.measurement_enabled;
    }
    counter.visit_threshold = change.visit_threshold.unwrap_or(counter.visit_threshold);
    Ok(json!({ "counter": shown(counter, call) }))
}

fn create_goal(ledger: &mut Ledger, call: &Call<'_>, id: &str) -> Answer {
    let id = call.counter(ledger, id, Scope::Write)?;
    let goals = ledger.counters.values().flat_map(|counter| &counter.goals);
    let next = goals.map(|goal| goal.id).max().unwrap_or_default() + 1;
    let goal = changed(next, call.body)?;
    let counter = counter(ledger, id)?;
    if counter.goals.iter().filter(|goal| goal.is_active).count() >= GOALS_MAX {
        return Err(refused(Kind::LimitExceeded, "too many goals"));
    }
    counter.goals.push(goal.clone());
    Ok(json!({ "goal": shown_goal(&goal) }))
}

fn one_goal(ledger: &mut Ledger, call: &Call<'_>, method: &Method, id: &str, goal: &str) -> Answer {
    let scope = if method == Method::GET { Scope::Read } else { Scope::Write };
    let id = call.counter(ledger, id, scope)?;
    let counter = counter(ledger, id)?;
    let goals = &mut counter.goals;
    let known = goals.iter_mut().find(|known| known.is_active && known.id.to_string() == goal);
    let known = known.ok_or_else(|| refused(Kind::NotFound, "Entity not found"))?;
    match *method {
        Method::GET => Ok(json!({ "goal": shown_goal(known) })),
        Method::PUT => {
            *known = changed(known.id, call.body)?;
            Ok(json!({ "goal": shown_goal(known) }))
        }
        Method::DELETE => {
            known.is_active = false;
            Ok(json!({ "success": true }))
        }
        _ => Err(refused(Kind::NotFound, "Not found")),
    }
}

fn generate(ledger: &mut Ledger, call: &Call<'_>, id: &str) -> Answer {
    let id = call.counter(ledger, id, Scope::Write)?;
    let made = ledger.tokens_made + 1;
    let tokens = &mut counter(ledger, id)?.tokens;
    if tokens.len() >= TOKENS_MAX {
        let message =
            format!("the limit of active tokens for the following counters has been reached: [{id}]");
        return Err(refused(Kind::InvalidParameter, message));
    }
    let token = format!("00000000-0000-4000-8000-{made:012}");
    tokens.push(token.clone());
    ledger.tokens_made = made;
    Ok(json!({ "response": token }))
}

fn counter(ledger: &mut Ledger, id: u64) -> Result<&mut Counter, Refusal> {
    ledger.counters.get_mut(&id).ok_or_else(|| refused(Kind::NotFound, "Entity not found"))
}

fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| refused(Kind::InvalidJson, error))
}

fn changed(id: u64, body: &[u8]) -> Result<Goal, Refusal> {
    let GoalChange { name, kind, default_price, conditions } = parsed::<GoalBody>(body)?.goal;
    // The other types of goals are none that the protocol can reach.
    if kind != "action" || name.chars().count() > NAME_CHARS_MAX {
        return Err(refused(Kind::InvalidParameter, "type or name"));
    }
    let Ok([condition]) = <[Condition; 1]>::try_from(conditions) else {
        return Err(refused(Kind::InvalidParameter, "conditions"));
    };
    Ok(Goal { id, name, condition, default_price, is_active: true })
}

/// A counter as it is shown: some parts only when `field` names them.
fn shown(counter: &Counter, call: &Call<'_>) -> Value {
    let site = counter.only_mirrors.first().map_or("example.ru", String::as_str);
    let mut shown = json!({
        "id": counter.id,
        "status": "Active",
        "owner_login": "owner",
        "name": site,
        "type": "simple",
        "permission": if call.grant.scopes.contains(&Scope::Write) { "own" } else { "view" },
        "site2": { "site": site },
        "time_zone_name": counter.time_zone_name,
        "visit_threshold": counter.visit_threshold,
        "filter_robots": 1,
    });
    for field in call.query.get("field").map(String::as_str).unwrap_or_default().split(',') {
        match field {
            "goals" => {
                let goals = counter.goals.iter().filter(|goal| goal.is_active).map(shown_goal);
                shown["goals"] = goals.collect();
            }
            "mirrors" => {
                let mirrors = counter.only_mirrors.iter().skip(1).map(|site| json!({ "site": site }));
                shown["mirrors2"] = mirrors.collect();
            }
            "filters" => {
                let only = json!({
                    "attr": "url", "type": "only_mirrors", "action": "include", "status": "active"
                });
                shown["filters"] = (!counter.only_mirrors.is_empty()).then_some(only).into_iter().collect();
            }
            "counter_flags" => {
                shown["counter_flags"] = json!({ "measurement_enabled": counter.measurement_enabled });
            }
            "measurement_tokens" => shown["measurement_tokens"] = json!(counter.tokens),
            _ => {}
        }
    }
    shown
}

fn shown_goal(goal: &Goal) -> Value {
    json!({
        "id": goal.id,
        "name": goal.name,
        "type": "action",
        "default_price": goal.default_price,
        "goal_source": "user",
        "status": if goal.is_active { "Active" } else { "Deleted" },
        "conditions": [goal.condition],
    })
}
