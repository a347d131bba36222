//! Links by which others see a site's figures without an account. A link has a name in its
//! address, and, unless it is open to everybody, a secret behind the `#`, which browsers do
//! not send; only the secret's hash is kept. It may have a password and a last day, and says
//! which sites may show it in a frame.

use rusqlite::{Connection, OptionalExtension, Row, params};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use subtle::ConstantTimeEq;
use url::Url;

use super::{
    Control, ControlError,
    audit::{self, Action, Entry},
    sites::{self, Site},
    terms::{Terms, Unfit},
    users::User,
};
use crate::token::{self, Token, TokenHash};

/// Links of one site, at most: a list is still a list.
pub const LINKS_MAX: u32 = 50;

/// Sites that may show one link in a frame, at most: they all travel in a header.
const FRAMES_MAX: usize = 10;

/// Bytes of a link's name in its address.
const ID_BYTES: usize = 8;

/// A link as the site's owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ShareLink {
    /// Its name in the address, `/share/{id}`.
    pub id: String,
    pub name: String,
    /// Open to everybody who knows the address; else the secret stands behind its `#`.
    pub is_public: bool,
    pub has_password: bool,
    /// Origins that may show `/embed/{id}` in a frame.
    pub frames: Vec<String>,
    /// Seconds since 1970.
    pub created_at: i64,
    pub expires_at: Option<i64>,
}

/// A link as it is checked. No `Debug`: it holds hashes of secrets.
pub(crate) struct Kept {
    pub(crate) link: ShareLink,
    pub(crate) site: Site,
    secret_hash: Option<TokenHash>,
    pub(crate) password: Option<String>,
}

impl Kept {
    /// Whether that is the secret; a public link has none to know.
    pub(crate) fn is_opened_by(&self, secret: Option<&str>) -> bool {
        match self.secret_hash {
            None => true,
            Some(kept) => secret.is_some_and(|secret| kept.ct_eq(&token::hash(secret)).into()),
        }
    }

    /// A number for limits; two links hardly ever share one.
    pub(crate) fn number(&self) -> i64 {
        i64::from_str_radix(&self.link.id[..8], 16).expect("a link's name is hexadecimal")
    }

    /// What a view of the link rests on: another secret or password is another ground.
    pub(crate) fn ground(&self) -> TokenHash {
        let mut hasher = blake3::Hasher::new_derive_key("mostik shared view ground v1");
        hasher.update(self.link.id.as_bytes());
        hasher.update(self.secret_hash.as_ref().map_or(&[][..], |hash| hash));
        hasher.update(self.password.as_deref().unwrap_or_default().as_bytes());
        *hasher.finalize().as_bytes()
    }
}

/// What is wrong with a new link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mistake {
    Name,
    Life,
    Frames,
    /// Open to everybody, and yet with a password.
    Password,
    TooMany,
}

/// A link to be made, checked.
pub(crate) struct Draft {
    terms: Terms,
    is_public: bool,
    frames: Vec<String>,
}

impl From<Unfit> for Mistake {
    fn from(unfit: Unfit) -> Mistake {
        match unfit {
            Unfit::Name => Mistake::Name,
            Unfit::Life => Mistake::Life,
        }
    }
}

impl Draft {
    pub(crate) fn new(
        name: &str,
        is_public: bool,
        frames: &[String],
        life_days: Option<u32>,
    ) -> Result<Draft, Mistake> {
        let terms = Terms::new(name, life_days)?;
        if frames.len() > FRAMES_MAX {
            return Err(Mistake::Frames);
        }
        let frames =
            frames.iter().map(|text| origin(text)).collect::<Option<Vec<_>>>().ok_or(Mistake::Frames)?;
        Ok(Draft { terms, is_public, frames })
    }
}

/// `https://example.ru` of an address or a bare host: it goes into a header, so nothing but
/// an origin may come through.
fn origin(text: &str) -> Option<String> {
    let text = text.trim();
    let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("https://{text}")) };
    let url = url.ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.username().is_empty())?;
    let origin = url.origin().ascii_serialization();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-.:/[]".contains(letter);
    origin.chars().all(is_plain).then_some(origin)
}

impl Control {
    pub(crate) async fn share_links(&self, site_id: u32) -> Result<Vec<ShareLink>, ControlError> {
        self.read("list the links", move |connection| {
            connection
                .prepare(&format!("{COLUMNS} WHERE site_id = ?1 ORDER BY created_at, id"))?
                .query_map([site_id], from_row)?
                .collect()
        })
        .await
    }

    /// Makes a link; the only time that its secret can be read. A public one has none.
    pub(crate) async fn make_share_link(
        &self,
        site: Site,
        draft: Draft,
        password: Option<String>,
        user: User,
    ) -> Result<Result<(ShareLink, Option<Token>), Mistake>, ControlError> {
        let now = self.now();
        self.write("make a link", move |transaction| {
            let count: u32 = transaction.query_row(
                "SELECT count(*) FROM share_links WHERE site_id = ?1",
                [site.id],
                |row| row.get(0),
            )?;
            if count >= LINKS_MAX {
                return Ok(Err(Mistake::TooMany));
            }
            let mut bytes = [0; ID_BYTES];
            token::fill_random(&mut bytes);
            let id = token::hex(&bytes);
            let secret = (!draft.is_public).then(Token::random);
            transaction.execute(
                "INSERT INTO share_links (id, site_id, name, secret_hash, password, frames, created_at, expires_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    id,
                    site.id,
                    draft.terms.name,
                    secret.as_ref().map(Token::hash),
                    password,
                    json!(draft.frames).to_string(),
                    now,
                    draft.terms.expires_at(now),
                ],
            )?;
            let made = transaction.query_row(&format!("{COLUMNS} WHERE id = ?1"), [&id], from_row)?;
            note(transaction, &user, Action::LinkMade, &site.domain, &made, now)?;
            Ok(Ok((made, secret)))
        })
        .await
    }

    /// Ends a link: whoever looks through it is sent away at their next request.
    pub(crate) async fn end_share_link(
        &self,
        site: Site,
        id: String,
        user: User,
    ) -> Result<bool, ControlError> {
        let now = self.now();
        self.write("end a link", move |transaction| {
            let found = transaction
                .query_row(
                    &format!("{COLUMNS} WHERE id = ?1 AND site_id = ?2"),
                    params![id, site.id],
                    from_row,
                )
                .optional()?;
            let Some(link) = found else { return Ok(false) };
            transaction.execute("DELETE FROM share_links WHERE id = ?1", [&id])?;
            note(transaction, &user, Action::LinkEnded, &site.domain, &link, now)?;
            Ok(true)
        })
        .await
    }

    /// A link that has not ended.
    pub(crate) async fn share_link(&self, id: String) -> Result<Option<Kept>, ControlError> {
        let now = self.now();
        self.read("look a link up", move |connection| find(connection, &id, now)).await
    }
}

const COLUMNS: &str = "SELECT id, name, secret_hash IS NULL, password IS NOT NULL, frames, created_at, expires_at, \
    site_id, secret_hash, password FROM share_links";

fn from_row(row: &Row<'_>) -> rusqlite::Result<ShareLink> {
    Ok(ShareLink {
        id: row.get(0)?,
        name: row.get(1)?,
        is_public: row.get(2)?,
        has_password: row.get(3)?,
        frames: sites::list(row, 4)?,
        created_at: row.get(5)?,
        expires_at: row.get(6)?,
    })
}

fn find(connection: &Connection, id: &str, now: i64) -> rusqlite::Result<Option<Kept>> {
    let found = connection
        .query_row(
            &format!("{COLUMNS} WHERE id = ?1 AND (expires_at IS NULL OR expires_at > ?2)"),
            params![id, now],
            |row| Ok((from_row(row)?, row.get::<_, u32>(7)?, row.get(8)?, row.get(9)?)),
        )
        .optional()?;
    let Some((link, site_id, secret_hash, password)) = found else { return Ok(None) };
    let site = sites::by_id(connection, site_id)?.expect("a link goes when its site goes");
    Ok(Some(Kept { link, site, secret_hash, password }))
}

fn note(
    connection: &Connection,
    user: &User,
    action: Action,
    subject: &str,
    link: &ShareLink,
    now: i64,
) -> rusqlite::Result<()> {
    let detail = json!({
        "id": link.id, "name": link.name, "public": link.is_public, "password": link.has_password,
        "frames": link.frames, "expires_at": link.expires_at,
    });
    audit::append(connection, &Entry { at: now, actor: &user.email, action, subject, detail })
}

#[cfg(test)]
mod tests {
    use super::{
        super::terms::{LIFE_DAYS_MAX, NAME_CHARS_MAX},
        *,
    };

    #[test]
    fn only_an_origin_comes_into_the_header() {
        assert_eq!(origin(" Example.ru ").as_deref(), Some("https://example.ru"));
        assert_eq!(origin("http://127.0.0.1:8080/a?b").as_deref(), Some("http://127.0.0.1:8080"));
        assert_eq!(origin("пример.рф").as_deref(), Some("https://xn--e1afmkfd.xn--p1ai"));
        for wrong in ["", "*", "ftp://a.ru", "https://a.ru; script-src *", "https://u@a.ru", "'self'"] {
            assert_eq!(origin(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn limits_of_a_link() {
        let check = |name: &str, frames: usize, days| {
            Draft::new(name, false, &vec!["a.ru".to_owned(); frames], days).map(|_| ())
        };
        assert_eq!(check("press", FRAMES_MAX, Some(LIFE_DAYS_MAX)), Ok(()));
        assert_eq!(check("press", FRAMES_MAX + 1, None), Err(Mistake::Frames));
        assert_eq!(check("press", 0, Some(LIFE_DAYS_MAX + 1)), Err(Mistake::Life));
        assert_eq!(check("press", 0, Some(0)), Err(Mistake::Life));
        assert_eq!(check(" ", 0, None), Err(Mistake::Name));
        assert_eq!(check(&"x".repeat(NAME_CHARS_MAX + 1), 0, None), Err(Mistake::Name));
    }
}
