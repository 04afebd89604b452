//! Names and members that try to become protocol claims.
