//! A reader's leave to look through a link: a token that says which link and until when,
//! sealed with the server's secret and what the link rests on. Nothing is stored for a reader;
//! ending the link, or restarting with another secret, ends every view.

use subtle::ConstantTimeEq;

use crate::{app::Dashboard, control::share_links::Kept, token};

/// What such a token begins with.
pub(super) const PREFIX: &str = "msv_";

/// How long a view lasts, in seconds; the page then asks anew, and a password is typed anew.
pub(super) const LIFE_SECONDS: i64 = 12 * 60 * 60;

/// Gives leave until then.
pub(super) fn grant(dashboard: &Dashboard, link: &Kept, until: i64) -> String {
    format!("{PREFIX}{}.{until}.{}", link.link.id, token::hex(&mark(dashboard, link, until)))
}

/// The link that `presented` gives leave to look through, if it does so now.
pub(super) async fn opened(
    dashboard: &Dashboard,
    presented: &str,
) -> Result<Option<Kept>, crate::control::ControlError> {
    let mut parts = presented.strip_prefix(PREFIX).unwrap_or_default().split('.');
    let (Some(id), Some(until), Some(seal), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Ok(None);
    };
    let Some(until) = until.parse::<i64>().ok().filter(|until| *until > dashboard.control.now()) else {
        return Ok(None);
    };
    let link = dashboard.control.share_link(id.to_owned()).await?;
    Ok(link.filter(|link| {
        let wanted = token::hex(&mark(dashboard, link, until));
        bool::from(wanted.as_bytes().ct_eq(seal.as_bytes()))
    }))
}

fn mark(dashboard: &Dashboard, link: &Kept, until: i64) -> [u8; 32] {
    let key = dashboard.secret.key_for("mostik shared view v1");
    let mut hasher = blake3::Hasher::new_keyed(&key);
    hasher.update(&link.ground());
    hasher.update(&until.to_le_bytes());
    *hasher.finalize().as_bytes()
}
