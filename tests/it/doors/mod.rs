//! Who may do what at the doors of the node, and how much of it: attacks that must fail, each as it would come, and what they
//! must not touch.

/// Tests that run on a SQLite file and on a PostgreSQL server.
macro_rules! on_both_stores {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name(crate::doors::house::House::sqlite()).await; })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name(crate::doors::house::House::postgres()).await; })*
        }
    };
}

mod access;
mod admission;
mod blast_radius;
mod browsers;
mod completion;
mod full_size;
mod house;
mod queries;
mod quotas;
mod recipe;
mod rest_admission;
mod rest_auth;
mod return_addresses;
mod rights;
mod sql;
mod stored;
mod undo;

pub use house::{House, Inhabitant, device};
use std::net::SocketAddr;
use tokio::net::{TcpSocket, TcpStream};

/// Connects from an address of loopback.
async fn connect(from: &str, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
    socket.connect(to).await.unwrap()
}
