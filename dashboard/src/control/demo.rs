//! The demo site, which `--demo` asks for: the collector serves its pages, the seed
//! fills its past.

use super::{
    Control, ControlError,
    audit::SYSTEM,
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
        }
        Ok(())
    }
}
