//! The query pool has the size that the configuration gives it, wherever it is shown, and a row for each worker when asked for.

use crate::support::silent::Silent;
use anylog_master::{
    boot, command,
    config::Config,
    node::{Origin, Session},
    render,
    runtime::shutdown::Shutdown,
};
use std::sync::Arc;

#[tokio::test]
async fn the_query_pool_is_as_large_as_the_configuration_says() {
    let mut config = Config::default();
    config.network.query_pool = 5;
    let node = boot::node(config, Arc::new(Silent), Shutdown::new()).unwrap();
    let mut session = Session::local(Origin::Prompt, Arc::new(Silent), "test");
    for (line, part) in [
        ("get processes", "Threads Pool: 5"),
        ("get query pool", "Query Pool with 5 threads:"),
        ("get query pool where details = true", "     4|     0|"),
        ("get system threads where pool = query", "Query Pool with 5 threads:"),
    ] {
        let text = render::text(&command::run(&node, &mut session, line).await.unwrap());
        assert!(text.contains(part), "{line}: {text}");
    }
}
