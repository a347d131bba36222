//! The demo site, which `--demo` asks for: the collector serves its pages, the seed
//! fills its past.

use store::goal::{Funnel, Rule, What};

use super::{
    Control, ControlError,
    audit::SYSTEM,
    goals::draft::{FunnelDraft, GoalDraft},
    sites::{
        Added,
        draft::{Change, Draft},
    },
    users::User,
};

/// What the demo's pages send as `d`. `.localhost` is reserved (RFC 6761): it can
/// never be somebody's site.
pub const DOMAIN: &str = "demo.localhost";

/// Where the demo's made-up shop stands.
const TIME_ZONE: &str = "Europe/Moscow";

/// The hosts by which the collector is reached on one machine.
const HOSTS: [&str; 2] = ["127.0.0.1", "localhost"];

/// Properties the demo's events carry.
const PROPS: [&str; 3] = ["product", "method", "url"];

const FUNNEL: &str = "Каталог → заказ";

fn goals() -> [(&'static str, What); 4] {
    [
        ("Заказ", order()),
        ("Звонок или Telegram", What::Event("Call".to_owned())),
        ("Корзина", cart()),
        ("Читают блог", What::Page("/blog/*".to_owned())),
    ]
}

/// Why they are never refused: nobody is served yet who could remove the site again.
const NEW_SITE_TAKES_THEM: &str = "a new site takes a few goals and a funnel of different titles";

fn order() -> What {
    What::Event("Order".to_owned())
}

fn catalog() -> What {
    What::Page("/catalog/*".to_owned())
}

fn cart() -> What {
    What::Page("/cart/".to_owned())
}

fn rule(what: What) -> Rule {
    Rule { what, props: Vec::new() }
}

impl Control {
    /// Adds the demo site unless it is there.
    pub async fn ensure_demo_site(&self) -> Result<(), ControlError> {
        let actor = || User { id: 0, email: SYSTEM.to_owned(), is_admin: true };
        let draft = Draft {
            domain: DOMAIN.to_owned(),
            time_zone: TIME_ZONE.to_owned(),
            hosts: HOSTS.map(str::to_owned).to_vec(),
        };
        if let Added::Site(site) = self.add_site(draft, actor()).await? {
            let props = Some(PROPS.map(str::to_owned).to_vec());
            self.change_site(site.id, Change { props, ..Change::default() }, actor()).await?;
            for (title, what) in goals() {
                let draft = GoalDraft { title: title.to_owned(), rule: rule(what), value: None };
                self.set_goal(site.id, None, draft, actor()).await?.expect(NEW_SITE_TAKES_THEM);
            }
            let steps = Funnel([catalog(), cart(), order()].map(rule).to_vec());
            let draft = FunnelDraft { title: FUNNEL.to_owned(), steps };
            self.set_funnel(site.id, None, draft, actor()).await?.expect(NEW_SITE_TAKES_THEM);
        }
        Ok(())
    }
}
