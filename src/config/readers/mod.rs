//! How others read the lines of an env file, as pure functions: the rules of compose 1.29 (python-dotenv), compose v2 (its
//! dotenv in Go), `docker --env-file`, a POSIX shell and dotenv libraries, and this node's own.
//!
//! The readers differ in quotes, escapes, comments and `$`. Compose reads the file of the node too and gives PostgreSQL the
//! password from it, so a difference is a login that fails.

mod compose1;
mod compose2;
mod docker;
mod dotenv;
mod node;
mod quoting;
mod reader;
mod reading;
mod shell;
mod spelling;

pub use node::{Dollars, WrongText, closes, comment_of, value_of};
pub use reader::EnvReader;
pub use reading::Reading;
pub use spelling::Spelling;
