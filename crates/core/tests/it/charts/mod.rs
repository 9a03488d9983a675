//! Charts: what is read, what is refused and why, what is proved.

mod bad;
mod cel;
mod diagram;
mod good;
mod library;
mod migration;
mod paths;
