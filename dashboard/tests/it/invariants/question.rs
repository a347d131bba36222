//! The questions asked of random traffic, and what docs/api.md says they count.

/// What a filter, or the finest of several, chooses. In the order of fineness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    Visitor,
    Source,
    Goal,
    Page,
    Exit,
    Entry,
    Event,
}

/// Filters of every kind and operator. A host chooses visits by their first event, or
/// events beside a page or event.
pub const FILTERS: [(Scope, &str); 17] = [
    (Scope::Visitor, "country:is:RU"),
    (Scope::Visitor, "device:is_not:mobile"),
    (Scope::Visitor, "browser:contains:FIRE"),
    (Scope::Visitor, "host:is:shop.example.ru"),
    (Scope::Source, "source:is:Google"),
    (Scope::Source, "source:is_not:Yandex"),
    (Scope::Source, "channel:is:search"),
    (Scope::Source, "utm_campaign:matches:aut*"),
    (Scope::Goal, "goal:is:Buy"),
    // Visits that did not reach it, counted as by source.
    (Scope::Goal, "goal:is_not:Tea"),
    (Scope::Page, "page:is:/tea"),
    (Scope::Page, "page:is:/|/cups"),
    (Scope::Page, "page:matches:/*s*"),
    (Scope::Exit, "exit:is_not:/"),
    (Scope::Entry, "entry:is:/|/about"),
    (Scope::Event, "event:is:buy"),
    (Scope::Event, "event:contains:B"),
];

#[derive(Debug, Clone)]
pub struct Question(Vec<(Scope, &'static str)>);

impl Question {
    /// None of the filters, each of them, and every two that can be asked together.
    pub fn all(filters: &[(Scope, &'static str)]) -> Vec<Question> {
        let mut questions = vec![Question(Vec::new())];
        for (at, one) in filters.iter().enumerate() {
            questions.push(Question(vec![*one]));
            let pairs = filters[at + 1..].iter().map(|other| Question(vec![*one, *other]));
            questions.extend(pairs.filter(Question::can_be_asked));
        }
        questions
    }

    /// As in docs/api.md: what stands on a visit's first row goes with nothing that stands on
    /// another, nor an exit with a page or an event.
    fn can_be_asked(&self) -> bool {
        let has = |scope| self.0.iter().any(|&(of, _)| of == scope);
        let on_entry = has(Scope::Entry) || self.0.iter().any(|(_, text)| text.starts_with("goal:"));
        let within = has(Scope::Page) || has(Scope::Event);
        !(on_entry && (within || has(Scope::Exit)) || has(Scope::Exit) && within)
    }

    pub fn scope(&self) -> Scope {
        self.0.iter().map(|&(scope, _)| scope).max().unwrap_or(Scope::Visitor)
    }

    pub fn is_everything(&self) -> bool {
        self.0.is_empty()
    }

    pub fn has_host(&self) -> bool {
        self.0.iter().any(|(_, text)| text.starts_with("host:"))
    }

    /// Whether all it finds is found by `wide`: it has all its filters, and a host
    /// means the same in both.
    pub fn narrows(&self, wide: &Question) -> bool {
        let has_all = wide.0.iter().all(|filter| self.0.contains(filter));
        has_all && (!wide.has_host() || self.scope() <= Scope::Goal || self.scope() == wide.scope())
    }

    pub fn query(&self) -> String {
        self.0.iter().map(|(_, text)| format!("&filter={text}")).collect()
    }
}
