//! The Cloud API, locally.
