//! Versions that are the same and versions that are not.
