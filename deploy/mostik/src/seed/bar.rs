//! A progress bar on standard error: redrawn on a terminal, a line every tenth
//! elsewhere. Whether anybody can see it changes nothing, so write errors are let be.

use std::io::{self, IsTerminal, Write};

/// Cells of the bar.
const CELLS: u32 = 30;

pub struct Bar {
    label: &'static str,
    total: u32,
    on_terminal: bool,
    /// Tenths already told, where lines are written.
    tenths: u32,
}

impl Bar {
    pub fn new(label: &'static str, total: u32) -> Bar {
        Bar { label, total: total.max(1), on_terminal: io::stderr().is_terminal(), tenths: 0 }
    }

    pub fn show(&mut self, done: u32) {
        let percent = done * 100 / self.total;
        if self.on_terminal {
            let filled = (done * CELLS / self.total) as usize;
            let bar = format!("{}{}", "█".repeat(filled), "░".repeat(CELLS as usize - filled));
            write!(io::stderr(), "\r{} {bar} {percent:3} %  day {done} of {}", self.label, self.total).ok();
        } else if done * 10 / self.total > self.tenths {
            self.tenths = done * 10 / self.total;
            writeln!(io::stderr(), "{}: {percent} %", self.label).ok();
        }
    }

    pub fn end(&self) {
        if self.on_terminal {
            writeln!(io::stderr()).ok();
        }
    }
}
