//! Shared between collector and dashboard.
