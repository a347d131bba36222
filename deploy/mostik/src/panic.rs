//! What a panic may say: where it happened. Its message is never printed, for it may
//! quote what was being worked on, such as a path, a header or an address.

use std::panic::{PanicHookInfo, set_hook};

use tracing::error;

/// Replaces the standard hook, which prints the message.
pub fn report_place_only() {
    set_hook(Box::new(report));
}

fn report(info: &PanicHookInfo<'_>) {
    // std has always known the place so far; its type leaves it open.
    let place = info.location().map_or_else(|| "unknown".to_owned(), ToString::to_string);
    error!(place, "a bug: something panicked; please report the place");
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        panic,
        sync::{Arc, Mutex},
    };

    use tracing::subscriber::with_default;

    use super::*;

    /// Where the log goes.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_at_trace_level_names_its_place_and_nothing_else() {
        let written = Written::default();
        let out = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || out.clone())
            .finish();
        report_place_only();
        with_default(subscriber, || {
            panic::catch_unwind(|| panic!("203.0.113.77 asked for /secret/path with Chrome/138"))
                .expect_err("it panicked");
        });
        let log = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert!(log.contains("panic.rs:"), "{log}");
        for said in ["203.0.113.77", "secret", "Chrome"] {
            assert!(!log.contains(said), "{log}");
        }
    }
}
