//! The demo's pages and how one leads to another: a tea shop with a blog.

use super::random::Random;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Home,
    Category,
    Product,
    Blog,
    Article,
    Contacts,
    Service,
    Cart,
    Checkout,
    Thanks,
    Missing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) path: &'static str,
    pub(super) kind: Kind,
    pub(super) english: bool,
}

const fn page(kind: Kind, path: &'static str) -> Page {
    Page {
        path,
        kind,
        english: path.len() > 3
            && path.as_bytes()[1] == b'e'
            && path.as_bytes()[2] == b'n'
            && path.as_bytes()[3] == b'/',
    }
}

/// Each list in the order of popularity.
#[rustfmt::skip]
pub(super) const CATEGORIES: &[Page] = &[
    page(Kind::Category, "/catalog/puer/"), page(Kind::Category, "/catalog/oolong/"), page(Kind::Category, "/catalog/green/"),
    page(Kind::Category, "/catalog/teaware/"), page(Kind::Category, "/catalog/black/"), page(Kind::Category, "/catalog/gifts/"),
    page(Kind::Category, "/catalog/herbal/"), page(Kind::Category, "/catalog/matcha/"),
];

#[rustfmt::skip]
pub(super) const PRODUCTS: &[Page] = &[
    page(Kind::Product, "/catalog/puer/shu-menghai-2019"), page(Kind::Product, "/catalog/oolong/da-hong-pao"),
    page(Kind::Product, "/catalog/green/long-jing"), page(Kind::Product, "/catalog/teaware/gaiwan-120-ml"),
    page(Kind::Product, "/catalog/oolong/te-guan-yin"), page(Kind::Product, "/catalog/gifts/nabor-dlya-novichka"),
    page(Kind::Product, "/catalog/puer/shen-lao-ban-zhang"), page(Kind::Product, "/catalog/black/keemun-mao-feng"),
    page(Kind::Product, "/catalog/matcha/ceremonial-30g"), page(Kind::Product, "/catalog/herbal/ivan-chay"),
    page(Kind::Product, "/catalog/teaware/chaynik-isinskaya-glina"), page(Kind::Product, "/catalog/black/dian-hong"),
    page(Kind::Product, "/catalog/green/bi-luo-chun"), page(Kind::Product, "/catalog/oolong/gaba-alishan"),
    page(Kind::Product, "/catalog/puer/shu-mini-tocha"), page(Kind::Product, "/catalog/gifts/nabor-8-marta"),
    page(Kind::Product, "/catalog/teaware/chahai-250-ml"), page(Kind::Product, "/catalog/black/assam-second-flush"),
    page(Kind::Product, "/catalog/herbal/rooibos-vanil"), page(Kind::Product, "/catalog/green/sencha-yabukita"),
    page(Kind::Product, "/catalog/matcha/venchik-chasen"), page(Kind::Product, "/catalog/oolong/dong-ding"),
    page(Kind::Product, "/catalog/puer/bely-bay-hao"), page(Kind::Product, "/catalog/teaware/termos-500-ml"),
    page(Kind::Product, "/catalog/black/earl-grey-kalmyk"), page(Kind::Product, "/catalog/gifts/sertifikat"),
    page(Kind::Product, "/catalog/herbal/sagan-dayla"), page(Kind::Product, "/catalog/green/genmaicha"),
    page(Kind::Product, "/catalog/teaware/piala-50-ml"), page(Kind::Product, "/catalog/matcha/culinary-100g"),
    page(Kind::Product, "/catalog/oolong/rou-gui"), page(Kind::Product, "/catalog/black/nepal-ilam"),
];

#[rustfmt::skip]
pub(super) const ARTICLES: &[Page] = &[
    page(Kind::Article, "/blog/kak-zavarivat-puer"), page(Kind::Article, "/blog/чем-отличается-шу-от-шэна"),
    page(Kind::Article, "/blog/temperatura-vody-dlya-chaya"), page(Kind::Article, "/blog/kak-vybrat-gaivan"),
    page(Kind::Article, "/blog/skolko-kofeina-v-chae"), page(Kind::Article, "/blog/как-хранить-чай-дома"),
    page(Kind::Article, "/blog/matcha-dlya-nachinayushchih"), page(Kind::Article, "/blog/chto-takoe-oolong"),
    page(Kind::Article, "/blog/iz-chego-delayut-glinu-isin"), page(Kind::Article, "/blog/gongfu-cha-za-10-minut"),
    page(Kind::Article, "/blog/10-oshibok-pri-zavarivanii"), page(Kind::Article, "/blog/ivan-chay-polza-i-mify"),
    page(Kind::Article, "/blog/novyy-urozhay-2026"), page(Kind::Article, "/blog/kak-my-ezdili-v-yunnan"),
    page(Kind::Article, "/blog/chto-podarit-lyubitelyu-chaya"), page(Kind::Article, "/blog/pochemu-chay-gorchit"),
    page(Kind::Article, "/blog/chay-vmesto-kofe-mesyats-spustya"), page(Kind::Article, "/blog/holodnoe-zavarivanie-letom"),
    page(Kind::Article, "/blog/voda-dlya-chaya-zhestkost"), page(Kind::Article, "/blog/otkuda-vzyalsya-earl-grey"),
];

#[rustfmt::skip]
pub(super) const ENGLISH: &[Page] = &[
    page(Kind::Article, "/en/blog/how-to-brew-puer"), page(Kind::Article, "/en/blog/gongfu-in-ten-minutes"),
    page(Kind::Home, "/en/"), page(Kind::Article, "/en/blog/caffeine-in-tea"),
    page(Kind::Category, "/en/catalog/puer/"), page(Kind::Product, "/en/catalog/oolong/da-hong-pao"),
    page(Kind::Article, "/en/blog/a-month-of-tea-instead-of-coffee"), page(Kind::Service, "/en/delivery/"),
    page(Kind::Product, "/en/catalog/puer/shu-menghai-2019"), page(Kind::Article, "/en/blog/choosing-a-gaiwan"),
];

pub(super) const HOME: Page = page(Kind::Home, "/");
pub(super) const BLOG: Page = page(Kind::Blog, "/blog/");
pub(super) const CATALOG: Page = page(Kind::Category, "/catalog/");
pub(super) const CONTACTS: Page = page(Kind::Contacts, "/contacts/");
const SERVICES: &[Page] = &[
    page(Kind::Service, "/delivery/"),
    page(Kind::Service, "/about/"),
    page(Kind::Service, "/wholesale/"),
    page(Kind::Service, "/reviews/"),
];
const CART: Page = page(Kind::Cart, "/cart/");
const CHECKOUT: Page = page(Kind::Checkout, "/checkout/");
pub(super) const THANKS: Page = page(Kind::Thanks, "/thanks/");
pub(super) const MISSING: &[Page] = &[
    page(Kind::Missing, "/catalog/puer/shen-2012"),
    page(Kind::Missing, "/shop"),
    page(Kind::Missing, "/blog/chay-i-davlenie"),
];

/// Where a visit goes on after `from`.
pub(super) fn next(from: Page, random: &mut Random) -> Page {
    if from.english {
        return *random.zipf(ENGLISH);
    }
    let product = |random: &mut Random| *random.zipf(PRODUCTS);
    let at = random.share();
    match from.kind {
        Kind::Home if at < 0.45 => *random.zipf(CATEGORIES),
        Kind::Home if at < 0.60 => CATALOG,
        Kind::Home if at < 0.75 => product(random),
        Kind::Home if at < 0.87 => BLOG,
        Kind::Category if at < 0.72 => product(random),
        Kind::Category if at < 0.90 => *random.zipf(CATEGORIES),
        Kind::Product if at < 0.19 => CART,
        Kind::Product if at < 0.55 => product(random),
        Kind::Product if at < 0.80 => *random.zipf(CATEGORIES),
        Kind::Product if at < 0.90 => *random.zipf(ARTICLES),
        Kind::Blog if at < 0.85 => *random.zipf(ARTICLES),
        Kind::Article if at < 0.38 => *random.zipf(ARTICLES),
        Kind::Article if at < 0.60 => product(random),
        Kind::Article if at < 0.78 => BLOG,
        Kind::Article if at < 0.90 => *random.zipf(CATEGORIES),
        Kind::Cart if at < 0.56 => CHECKOUT,
        Kind::Cart if at < 0.80 => product(random),
        Kind::Checkout if at < 0.62 => THANKS,
        Kind::Checkout if at < 0.80 => CART,
        _ if at < 0.93 => *random.zipf(SERVICES),
        _ if at < 0.97 => CONTACTS,
        _ => HOME,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::scrub;

    #[test]
    fn every_page_is_one_the_scrubber_leaves_alone() {
        let single = [HOME, BLOG, CATALOG, CONTACTS, CART, CHECKOUT, THANKS];
        let lists = [CATEGORIES, PRODUCTS, ARTICLES, ENGLISH, SERVICES, MISSING];
        for page in single.iter().chain(lists.iter().copied().flatten()) {
            assert_eq!(scrub::path(page.path), page.path);
        }
    }

    #[test]
    fn english_pages_are_known_by_their_path() {
        assert!(ENGLISH.iter().all(|page| page.english));
        assert!(PRODUCTS.iter().chain(ARTICLES).all(|page| !page.english));
    }
}
