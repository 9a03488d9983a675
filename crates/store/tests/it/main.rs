//! The in-memory model passes the conformance suite.
