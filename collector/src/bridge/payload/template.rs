//! Pages by the owner's templates: `/catalog/*` names every page directly below the
//! catalogue, as `/catalog/:id`. A page that fits none is named `/`.

/// What stands for a segment that the owner left open.
const OPEN: &str = ":id";

/// The first template that `path` fits, as it is named to Metrika.
pub fn name(templates: &[String], path: &str) -> String {
    templates
        .iter()
        .find(|template| fits(template, path))
        .map_or_else(|| "/".to_owned(), |template| template.replace('*', OPEN))
}

fn fits(template: &str, path: &str) -> bool {
    let segments = |text| str::split(text, '/').filter(|segment| !segment.is_empty());
    let (mut wanted, mut given) = (segments(template), segments(path));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(wanted), Some(given)) if wanted == given => {}
            (Some(_) | None, Some(_)) | (Some(_), None) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn templates() -> Vec<String> {
        ["/cart", "/catalog/*", "/catalog/*/reviews"].map(str::to_owned).to_vec()
    }

    #[test]
    fn a_page_is_named_by_the_template_it_fits() {
        for (path, named) in [
            ("/cart", "/cart"),
            ("/cart/", "/cart"),
            ("/catalog/red-boots", "/catalog/:id"),
            ("/catalog/a/reviews", "/catalog/:id/reviews"),
            ("/catalog", "/"),
            ("/catalog/a/b", "/"),
            ("/Cart", "/"),
            ("/", "/"),
        ] {
            assert_eq!(name(&templates(), path), named, "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_path_adds_a_word_of_its_own(path in "(/[a-z*:]{0,8}){0,4}") {
            let named = ["/", "/cart", "/catalog/:id", "/catalog/:id/reviews"];
            prop_assert!(named.contains(&name(&templates(), &path).as_str()));
        }
    }
}
