//! Leaves that every room may use and that use none of ours: clock, limits, shutdown, network and disk facts, sockets, mounts and
//! the user of the process, the HTTP client and the certificate that it shows, files of limited size and such that are brought to the disk as they are written,
//! threads for work that computes long and for deliveries, lines of the log that are told rarely.

pub mod address;
pub mod background;
pub mod byte_share;
pub mod client_identity;
pub mod clock;
pub mod disk;
pub mod fetch;
pub mod file_system;
pub mod files;
pub mod http_client;
pub mod limits;
pub mod listen;
pub mod memory;
pub mod mounts;
pub mod net;
pub mod random;
pub mod rare;
pub mod shutdown;
pub mod small_file;
pub mod steady_file;
pub mod user;
pub mod workers;
