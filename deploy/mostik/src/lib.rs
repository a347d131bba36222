//! The part of `mostik` that other programs may link: the embedded engine.
//! Everything else belongs to the program itself, `main.rs`.

pub mod engine;
